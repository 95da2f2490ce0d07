/* What src/tui/term.c asks of curses and writes to the terminal, call by call: this file stands in the place of curses, of the terminal's modes and
 * of the guard, so that the table is the same whatever curses makes of it. SADDLE_GOLDEN=write rewrites tests/screen/golden/table-term.txt. */
#define _GNU_SOURCE 1
#include "config.h"

#define NCURSES_NOMACROS 1
#include <curses.h>

#include <locale.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/text.h"
#include "tui/guard.h"
#include "tui/term.h"

int setupterm(const char *name, int fd, int *result); /* of term.h, whose macros stand for half of the alphabet */

static struct buf log_;
static int terminals = 3, colors = 256, group_of_terminal; /* terminals: bit 0 of input, bit 1 of output */
static bool answers, opens = true, knows = true, starts = true;
static struct winsize window = { .ws_row = 10, .ws_col = 30 };
static const char *smcup = "<smcup$<5>>";

WINDOW *stdscr = (WINDOW *)"s", *curscr = (WINDOW *)"c";
int LINES = 10, COLS = 30, COLORS;

static int __attribute__((format(printf, 1, 2))) call(const char *format, ...)
{
    char text[1000];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    buf_addf(&log_, "  %s\n", text);
    return OK;
}

/* --- curses --------------------------------------------------------------------------------------------------------------- */

SCREEN *newterm(const char *type, FILE *out, FILE *in)
{
    call("newterm %s %d %d", type ? type : "-", fileno(out), fileno(in));
    return opens ? (SCREEN *)"screen" : NULL;
}

SCREEN *set_term(SCREEN *s)
{
    call("set_term");
    return s;
}

int setupterm(const char *name, int fd, int *result)
{
    call("setupterm %s %d", name, fd);
    *result = knows;
    return knows ? OK : ERR;
}

char *tigetstr(const char *name)
{
    return strcmp(name, "smcup") == 0 ? (char *)smcup : strcmp(name, "sgr0") == 0 ? (char *)"<sgr0$<1>>" : strcmp(name, "cnorm") == 0 ? NULL
         : strcmp(name, "rmcup") == 0 ? (char *)"<rmcup>" : (char *)-1;
}

int tigetnum(const char *name)
{
    return strcmp(name, "colors") == 0 ? colors : -2;
}

bool has_colors(void)
{
    return colors > 0;
}

int start_color(void)
{
    COLORS = colors;
    return call("start_color") == OK && starts ? OK : ERR;
}

int use_default_colors(void) { return call("use_default_colors"); }
int init_extended_pair(int pair, int fore, int back) { return call("pair %d: %d on %d", pair, fore, back); }
int raw(void) { return call("raw"); }
int noecho(void) { return call("noecho"); }
int nonl(void) { return call("nonl"); }
int leaveok(WINDOW *w, bool on) { return call("leaveok %s %d", (const char *)w, on); }
int intrflush(WINDOW *w, bool on) { return call("intrflush %s %d", (const char *)w, on); }
int clearok(WINDOW *w, bool on) { return call("clearok %s %d", (const char *)w, on); }
int werase(WINDOW *w) { return call("erase %s", (const char *)w); }
int wmove(WINDOW *w, int row, int col) { return call("move %s %d %d", (const char *)w, row, col); }
int wnoutrefresh(WINDOW *w) { return call("wnoutrefresh %s", (const char *)w); }
int wrefresh(WINDOW *w) { return call("refresh %s", (const char *)w); }
int doupdate(void) { return call("doupdate"); }
int endwin(void) { return call("endwin"); }
int def_shell_mode(void) { return call("def_shell_mode"); }
int reset_prog_mode(void) { return call("reset_prog_mode"); }
void delscreen(SCREEN *s) { call("delscreen %s", (const char *)s); }

int resizeterm(int rows, int cols)
{
    LINES = rows;
    COLS = cols;
    return call("resizeterm %d %d", rows, cols);
}

int wattr_set(WINDOW *w, attr_t a, short pair, void *opts)
{
    (void)w, (void)opts;
    return call("attributes%s%s%s%s, pair %d", a & A_BOLD ? " bold" : "", a & A_UNDERLINE ? " underlined" : "", a & A_REVERSE ? " reversed" : "",
                a & (attr_t)~(A_BOLD | A_UNDERLINE | A_REVERSE) ? " and others" : "", pair);
}

int waddnwstr(WINDOW *w, const wchar_t *text, int n)
{
    char bytes[4 * 600 + 1];
    size_t k = 0;
    (void)w;
    for (int i = 0; i < n && i < 600; i++)
        k += text_encode((uint32_t)text[i], bytes + k);
    bytes[k] = '\0';
    return call("add '%s' of %d", bytes, n);
}

/* --- signals and time ------------------------------------------------------------------------------------------------------ */

static struct sigaction handler[65];
static int waiting_signal; /* for the terminal's thread */

/* A real-time signal has another number on another machine: it is R. */
static const char *signal_name(int number)
{
    static char text[16];
    snprintf(text, sizeof text, number == SIGRTMIN ? "R" : "%d", number);
    return text;
}

int sigaction(int number, const struct sigaction *restrict new, struct sigaction *restrict old)
{
    if (old)
        *old = handler[number];
    if (new)
        handler[number] = *new;
    return call("signal %s %s%s", signal_name(number), new->sa_handler ? "handled" : "as before", new->sa_flags & SA_ONSTACK ? ", on a stack of its own" : "");
}

int sigpending(sigset_t *set)
{
    sigemptyset(set);
    return waiting_signal ? sigaddset(set, waiting_signal) : 0;
}

int raise(int number) { return call("raise %d", number); }
int timer_create(clockid_t clock, struct sigevent *restrict event, timer_t *restrict timer)
{
    *timer = NULL;
    return call("timer of clock %d, signal %s, %s", (int)clock, signal_name(event->sigev_signo), event->sigev_notify == SIGEV_THREAD_ID ? "to this thread" : "to any");
}

int timer_settime(timer_t timer, int flags, const struct itimerspec *restrict new, struct itimerspec *restrict old)
{
    (void)timer, (void)flags, (void)old;
    if (new->it_value.tv_nsec + new->it_value.tv_sec + new->it_interval.tv_sec + new->it_interval.tv_nsec == 0)
        return call("watch off");
    return call("watch: %ld.%03ld s, then each %ld.%03ld", (long)new->it_value.tv_sec, new->it_value.tv_nsec / 1000000, (long)new->it_interval.tv_sec, new->it_interval.tv_nsec / 1000000);
}

int dup2(int from, int to) { return call("%s becomes %d", from > 2 ? "nowhere" : "something", to); }

/* --- the terminal and the guard ------------------------------------------------------------------------------------------- */

ssize_t write(int fd, const void *bytes, size_t n)
{
    if (fd != STDOUT_FILENO)
        return syscall(SYS_write, fd, bytes, n);
    char text[400];
    size_t k = 0;
    for (size_t i = 0; i < n && k + 5 < sizeof text; i++)
        k += (size_t)sprintf(text + k, ((const char *)bytes)[i] < ' ' ? "\\%03o" : "%c", ((const char *)bytes)[i]);
    call("write %s", text);
    return (ssize_t)n;
}

int isatty(int fd) { return terminals >> fd & 1; }
int tcgetattr(int fd, struct termios *t) { *t = (struct termios){ 0 }; return call("tcgetattr %d", fd); }
int tcsetattr(int fd, int when, const struct termios *t) { (void)t; return call("tcsetattr %d %d", fd, when); }
pid_t tcgetpgrp(int fd) { (void)fd; return group_of_terminal; }

int ioctl(int fd, unsigned long request, ...)
{
    va_list args;
    va_start(args, request);
    if (request == TIOCGWINSZ)
        *va_arg(args, struct winsize *) = window;
    va_end(args);
    return fd == STDOUT_FILENO && answers ? 0 : -1;
}

void guard_screen(const char *reset, const struct termios *modes)
{
    char text[300];
    size_t k = 0;
    for (const char *p = reset; p && *p && k + 5 < sizeof text; p++)
        k += (size_t)sprintf(text + k, *p < ' ' ? "\\%03o" : "%c", *p);
    text[k] = '\0';
    call("guard %s %s", reset ? text : "nothing", modes ? "with modes" : "");
}

void guard_stderr_begin(void) { call("stderr aside"); }
void guard_stderr_end(void) { call("stderr back"); }

/* --- the table ------------------------------------------------------------------------------------------------------------- */

static void say(const char *text)
{
    buf_addf(&log_, "%s\n", text);
}

static void open_it(const char *color, const char *theme, bool mouse)
{
    struct err err = { 0 };
    const struct term_options o = { .color = color, .theme = theme, .mouse = mouse };
    buf_addf(&log_, "open: color %s, theme %s, mouse %d\n", color, theme, mouse);
    const int result = term_open(&o, &err);
    buf_addf(&log_, "= %d %s\n", result, err.text);
}

static void close_it(void)
{
    say("close");
    term_close();
}

static void put_text(struct canvas *c, int row, int col, unsigned ink, const char *text)
{
    area_put(area_whole(c), row, col, ink, text);
}

static void show(const struct canvas *c, int row, int col)
{
    buf_addf(&log_, "show, cursor %d %d\n", row, col);
    term_show(c, row, col);
}

static void canvases(void)
{
    static const unsigned bits[] = { 0, INK_BOLD, INK_UNDERLINE, INK_REVERSE, INK_BOLD | INK_REVERSE };
    struct canvas c = { .utf8 = true };
    canvas_resize(&c, 4, 16);
    open_it("auto", "dark", false);
    show(&c, 0, 0);
    show(&c, 0, 0);
    show(&c, 1, 0);
    show(&c, 1, 5);
    put_text(&c, 0, 2, INK_TEXT, "abc");
    show(&c, 1, 0);
    put_text(&c, 0, 2, INK_TEXT, "aXc");
    put_text(&c, 1, 0, INK_HEAD, "head");
    put_text(&c, 1, 4, INK_HEAD | INK_BOLD, "bold");
    show(&c, 1, 1);
    area_ink(area_whole(&c), 0, 3, 2, INK_REVERSE);
    show(&c, 1, 1);
    put_text(&c, 2, 0, INK_TEXT, "漢字");
    show(&c, 1, 1);
    put_text(&c, 2, 3, INK_TEXT, "x");
    show(&c, 1, 1);
    put_text(&c, 2, 0, INK_TEXT, "漢字");
    put_text(&c, 3, 14, INK_MARK, "zz");
    show(&c, 3, 15);
    canvas_clear(&c);
    for (unsigned i = 0; i < INK_COUNT; i++)
        area_char(area_whole(&c), 0, (int)i, i, 'a' + i);
    for (unsigned i = 0; i < 5; i++)
        area_char(area_whole(&c), 1, 2 * (int)i, INK_MARK | bits[i], 'a' + i);
    show(&c, 3, 15);
    say("color never");
    term_set_color("never");
    show(&c, 3, 15);
    say("a smaller terminal");
    term_resize(2, 10);
    show(&c, 3, 15);
    say("redraw");
    term_redraw();
    show(&c, 0, 3);
    term_resize(10, 30);
    close_it();
    show(&c, 0, 3);
    canvas_release(&c);
}

static void themes(void)
{
    static const char *const names[] = { "xterm-256color", "linux", "linux-16color" }, *const said[] = { NULL, "15;0", "0;15", "0;7", "0;default;8", "15;", "7" };
    static const int depths[] = { 256, 8, 16777216, 0, -1 };
    for (size_t i = 0; i < sizeof said / sizeof *said; i++)
        for (size_t n = 0; n < 2 + (i == 0); n++) {
            setenv("TERM", names[n], 1);
            said[i] ? setenv("COLORFGBG", said[i], 1) : unsetenv("COLORFGBG");
            buf_addf(&log_, "TERM=%s COLORFGBG=%s\n", names[n], said[i] ? said[i] : "-");
            open_it("auto", "auto", n == 1);
            buf_addf(&log_, "asks for the background: %d\n", term_ask_background());
            close_it();
        }
    unsetenv("COLORFGBG");
    setenv("TERM", "xterm", 1);
    for (size_t i = 0; i < sizeof depths / sizeof *depths; i++) {
        colors = depths[i];
        buf_addf(&log_, "%d colors, %d told\n", colors, term_colors());
        open_it("auto", "light", false);
        term_set_color("8");
        term_set_color("256");
        term_set_color("always");
        close_it();
    }
    colors = 256;
    setenv("NO_COLOR", "", 1);
    say("NO_COLOR empty");
    open_it("auto", "mono", false);
    term_set_theme("dark");
    setenv("NO_COLOR", "1", 1);
    say("NO_COLOR set");
    term_set_theme("light");
    buf_addf(&log_, "asks: %d\n", term_ask_background());
    term_set_color("always");
    term_set_theme("auto");
    buf_addf(&log_, "asks: %d\n", term_ask_background());
    say("it is white");
    term_set_background(255, 255, 240);
    buf_addf(&log_, "asks: %d\n", term_ask_background());
    say("it is black");
    term_set_background(10, 0, 20);
    close_it();
    buf_addf(&log_, "asks: %d\n", term_ask_background());
    unsetenv("NO_COLOR");
    starts = false;
    say("no colors to start");
    open_it("always", "dark", false);
    close_it();
    starts = true;
}

static void comings_and_goings(void)
{
    struct err err;
    int rows, cols;
    open_it("never", "dark", true);
    say("suspend, twice");
    term_suspend();
    term_suspend();
    buf_addf(&log_, "open: %d\n", term_is_open());
    say("resume, twice");
    term_resume();
    term_resume();
    struct canvas c = { .utf8 = true };
    canvas_resize(&c, 1, 3);
    show(&c, 0, 0);
    show(&c, 0, 0);
    say("repair");
    term_repair();
    show(&c, 0, 0);
    canvas_release(&c);
    say("mouse off");
    term_set_mouse(false);
    say("away, and back");
    term_away();
    term_repair();
    term_resize(5, 5);
    term_resume();
    say("lost");
    term_lost();
    close_it();
    for (terminals = 0; terminals < 3; terminals++)
        open_it("auto", "dark", false);
    static const char *const names[] = { "dumb", "", NULL, "v", "unknown-terminal-of-a-name-that-is-longer-than-forty-characters" };
    for (size_t i = 0; i < 5; i++) {
        opens = knows = false;
        names[i] ? setenv("TERM", names[i], 1) : unsetenv("TERM");
        open_it("auto", "dark", false);
        buf_addf(&log_, "known: %d", term_known(&err));
        buf_addf(&log_, " %s\n", err.text);
    }
    opens = knows = true;
    setenv("TERM", "xterm", 1);
    buf_addf(&log_, "known: %d\n", term_known(&err));
    for (int g = -1; g < 2; g++) {
        group_of_terminal = g < 1 ? g : (int)getpgrp();
        buf_addf(&log_, "foreground of %s: %d\n", g < 0 ? "none" : g ? "its own" : "another", term_foreground());
    }
    for (int i = 0; i < 4; i++) {
        answers = i > 0;
        window.ws_row = i == 2 ? 0 : 51;
        window.ws_col = i == 3 ? 0 : 132;
        term_size(&rows, &cols);
        buf_addf(&log_, "size %dx%d\n", cols, rows);
    }
    static const int asks[] = { 0, SIGINT, SIGTERM, SIGUSR1, SIGHUP }, fatal[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };
    for (size_t i = 0; i < 5; i++) {
        waiting_signal = asks[i];
        buf_addf(&log_, "output blocks, signal %d waits\n", asks[i]);
        handler[SIGRTMIN].sa_handler(SIGRTMIN);
    }
    open_it("never", "dark", false);
    close_it(); /* it was given up: the guard is left the screen */
    for (size_t i = 0; i < 5; i++) {
        void (*const handled)(int) = handler[fatal[i]].sa_handler;
        open_it("never", "dark", false);
        buf_addf(&log_, "fatal %d, twice\n", fatal[i]);
        handled(fatal[i]);
        handled(fatal[i]);
    }
    smcup = NULL;
    say("without an alternate screen");
    open_it("never", "dark", false);
    term_repair();
    close_it();
}

int main(void)
{
    static char golden[1 << 17];
    char path[1024];
    const char *dir = getenv("srcdir"), *mode = getenv("SADDLE_GOLDEN");
    setlocale(LC_CTYPE, "C.UTF-8");
    setenv("TERM", "xterm-256color", 1);
    unsetenv("COLORFGBG");
    unsetenv("NO_COLOR");
    setenv("LINES", "77", 1);
    canvases();
    buf_addf(&log_, "LINES %s\n", getenv("LINES") ? "kept" : "taken away");
    themes();
    comings_and_goings();
    const bool rewrite = mode && strcmp(mode, "write") == 0;
    snprintf(path, sizeof path, "%s/tests/screen/golden/table-term.txt", dir ? dir : ".");
    FILE *f = fopen(path, rewrite ? "w" : "r");
    if (!f || !log_.data)
        return 99;
    if (rewrite)
        return fputs(log_.data, f) < 0 || fclose(f) != 0;
    golden[fread(golden, 1, sizeof golden - 1, f)] = '\0';
    const bool same = strcmp(golden, log_.data) == 0;
    size_t line = 1, at = 0;
    for (; !same && golden[at] && golden[at] == log_.data[at]; at++)
        line += golden[at] == '\n';
    if (!same)
        fprintf(stderr, "table-term.txt differs from line %zu on; expected\n%.300s\nand got\n%.300s\n", line, golden + at, log_.data + at);
    return !same;
}
