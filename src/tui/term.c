#define _GNU_SOURCE 1
#include "config.h"
#include "tui/term.h"

#include "tui/guard.h"
#include "tui/palette.h"

#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

static struct {
    SCREEN *screen;
    bool open, colors, started, mouse, redraw;
    char color[16], theme[16];
    enum theme answered;   /* what the terminal said its background is */
    int cursor_row, cursor_col;
    struct canvas shown;
    struct termios modes;  /* before */
    char reset[256];
    size_t n_reset;
    char enter[64];        /* what begins the alternate screen */
    char *alternate_stack;
    timer_t watch;         /* fires while output blocks */
    bool watched;
    volatile sig_atomic_t leaving, blocked; /* blocked: given up, standard output leads nowhere */
    int nowhere;
} term;

/* --- the way back ------------------------------------------------------------------------------------------------------ */

static void build_reset(void)
{
    static const char always[] = "\033[?2004l\033[?1006l\033[?1000l\033[?1004l";
    term.reset[0] = '\0';
    const char *parts[] = { always, tigetstr("sgr0"), tigetstr("cnorm"), tigetstr("rmcup"), "\r\n" };
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        const char *p = parts[i];
        if (!p || p == (const char *)-1 || strlen(term.reset) + strlen(p) >= sizeof term.reset - 1)
            continue;
        strcat(term.reset, p); /* delays ($<..>) do not occur in these on terminals of this century; strip one anyway */
        char *delay = strstr(term.reset, "$<");
        if (delay)
            *delay = '\0';
    }
    term.n_reset = strlen(term.reset);
    const char *begin = tigetstr("smcup");
    snprintf(term.enter, sizeof term.enter, "%s", begin && begin != (const char *)-1 ? begin : "");
    term.enter[strcspn(term.enter, "$")] = '\0';
}

/* Async-signal-safe: only write() and tcsetattr(). */
static void restore_by_hand(void)
{
    if (!term.open)
        return;
    term.open = false;
    ssize_t written = write(STDOUT_FILENO, term.reset, term.n_reset);
    (void)written;
    tcsetattr(STDIN_FILENO, TCSANOW, &term.modes);
}

static const int fatal[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };
enum { N_FATAL = sizeof fatal / sizeof fatal[0] };
static struct sigaction before[N_FATAL];

/* Gives the terminal back, then lets the signal do what it did before (a core, a sanitizer's report). */
static void on_fatal(int number)
{
    restore_by_hand();
    for (int i = 0; i < N_FATAL; i++)
        if (fatal[i] == number)
            sigaction(number, &before[i], NULL);
    raise(number);
}

static void catch_fatal(void)
{
    static bool done;
    if (done)
        return;
    done = true;
    size_t size = 64 * 1024;
    term.alternate_stack = malloc(size);
    stack_t stack = { .ss_sp = term.alternate_stack, .ss_size = size };
    if (stack.ss_sp)
        sigaltstack(&stack, NULL);
    struct sigaction action = { .sa_handler = on_fatal, .sa_flags = SA_ONSTACK };
    sigemptyset(&action.sa_mask);
    for (int i = 0; i < N_FATAL; i++)
        sigaction(fatal[i], &action, &before[i]);
    atexit(restore_by_hand); /* readline's allocator exits when there is no memory */
}

/* --- output that blocks ------------------------------------------------------------------------------------------------ */

enum { BLOCKED_MS = 300 };

/* Interrupts the write that blocks. curses tries again, and gets rid of the rest at once when nobody waits for it any more. */
static void on_blocked(int number)
{
    sigset_t waiting;
    (void)number;
    int saved = errno;
    sigpending(&waiting);
    if (term.leaving || sigismember(&waiting, SIGTERM) == 1 || sigismember(&waiting, SIGUSR1) == 1 || sigismember(&waiting, SIGHUP) == 1) {
        dup2(term.nowhere, STDOUT_FILENO);
        term.blocked = 1;
    }
    errno = saved;
}

/* A timer that signals this thread alone. Without one output may block for as long as it wants. */
static void make_watch(void)
{
    struct sigaction action = { .sa_handler = on_blocked }; /* no SA_RESTART */
    struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGRTMIN };
    if (term.watched)
        return;
    event.sigev_notify_thread_id = gettid();
    sigemptyset(&action.sa_mask);
    term.nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    term.watched = term.nowhere >= 0 && sigaction(SIGRTMIN, &action, NULL) == 0 && timer_create(CLOCK_MONOTONIC, &event, &term.watch) == 0;
}

static void watch_output(bool on)
{
    struct itimerspec each = { { 0, BLOCKED_MS * 1000000L }, { 0, BLOCKED_MS * 1000000L } }, none = { { 0, 0 }, { 0, 0 } };
    if (term.watched)
        timer_settime(term.watch, 0, on ? &each : &none, NULL);
}

static void send_text(const char *text)
{
    ssize_t written = write(STDOUT_FILENO, text, strlen(text));
    (void)written; /* a terminal that is gone is noticed by read() */
}

/* --- colours ----------------------------------------------------------------------------------------------------------- */

static bool want_colors(const char *word)
{
    const char *no = getenv("NO_COLOR");
    if (strcmp(word, "never") == 0 || !has_colors())
        return false;
    return strcmp(word, "auto") != 0 || !no || !no[0];
}

/* Terminals of 2^24 colours take RGB where others take a number of their palette. */
static enum depth depth_named(const char *word)
{
    if (COLORS < 256 || strcmp(word, "8") == 0)
        return DEPTH_8;
    return COLORS > 256 ? DEPTH_DIRECT : DEPTH_256;
}

/* A console and some terminals say what they are; the others are asked. */
static enum theme theme_of(const char *word)
{
    const char *name = getenv("TERM"), *said = getenv("COLORFGBG"), *back = said ? strrchr(said, ';') : NULL;
    if (strcmp(word, "auto") != 0)
        return strcmp(word, "dark") == 0 ? THEME_DARK : strcmp(word, "light") == 0 ? THEME_LIGHT : THEME_MONO;
    if (term.answered != THEME_UNKNOWN)
        return term.answered;
    if (name && strncmp(name, "linux", 5) == 0)
        return THEME_DARK;
    return !back || !back[1] ? THEME_UNKNOWN : strcmp(back + 1, "7") == 0 || strcmp(back + 1, "15") == 0 ? THEME_LIGHT : THEME_DARK;
}

static void apply_colors(void)
{
    enum theme theme = theme_of(term.theme);
    term.colors = want_colors(term.color) && theme != THEME_MONO;
    if (term.colors && !term.started) { /* only when wanted: it sends colours even if none is used */
        term.started = true;
        term.colors = start_color() == OK && use_default_colors() == OK;
    }
    enum depth depth = depth_named(term.color); /* curses counts colours from then on */
    for (int i = 0; term.colors && i < INK_COUNT; i++)
        init_extended_pair(i + 1, palette_color(theme, depth, (enum ink)i), -1);
    term_redraw();
}

void term_set_color(const char *word)
{
    snprintf(term.color, sizeof term.color, "%s", word);
    if (term.open)
        apply_colors();
}

void term_set_theme(const char *word)
{
    snprintf(term.theme, sizeof term.theme, "%s", word);
    if (term.open)
        apply_colors();
}

void term_set_background(int red, int green, int blue)
{
    term.answered = palette_theme(red, green, blue);
    if (term.open)
        apply_colors();
}

bool term_ask_background(void)
{
    const char *name = getenv("TERM");
    if (!term.open || !want_colors(term.color) || theme_of(term.theme) != THEME_UNKNOWN || (name && strncmp(name, "linux", 5) == 0))
        return false;
    watch_output(true);
    send_text("\033]11;?\033\\\033[c");
    watch_output(false);
    return true;
}

static attr_t attributes(unsigned ink)
{
    attr_t a = A_NORMAL;
    if (ink & INK_BOLD)
        a |= A_BOLD;
    if (ink & INK_UNDERLINE)
        a |= A_UNDERLINE;
    if (ink & INK_REVERSE)
        a |= A_REVERSE;
    if (!term.colors && (ink & INK_MASK) == INK_MARK)
        a |= A_BOLD;
    return a;
}

/* --- opening and closing ----------------------------------------------------------------------------------------------- */

void term_set_mouse(bool on)
{
    term.mouse = on;
    if (term.open)
        send_text(on ? "\033[?1000h\033[?1006h" : "\033[?1006l\033[?1000l");
}

static void enter(void)
{
    term.open = true;
    watch_output(true);
    send_text("\033[?2004h"); /* readline cannot: its terminal preparation is switched off */
    if (term.mouse)
        term_set_mouse(true);
    watch_output(false);
    guard_screen(term.reset, &term.modes);
    guard_stderr_begin();
    term_redraw();
}

/* The guard tries to write what leaves the screen, once we are gone, where the output is blocked. */
static void leave_screen(void)
{
    term.leaving = 1;
    watch_output(true);
    send_text("\033[?2004l");
    if (term.mouse)
        send_text("\033[?1006l\033[?1000l");
    endwin();
    watch_output(false);
    term.leaving = 0;
    term.open = false;
    tcsetattr(STDIN_FILENO, TCSANOW, &term.modes); /* curses waits for the output to be taken before it does */
    if (!term.blocked)
        guard_screen(NULL, NULL);
    guard_stderr_end();
}

bool term_foreground(void)
{
    pid_t group = tcgetpgrp(STDIN_FILENO);
    return group < 0 || group == getpgrp();
}

static int unknown_setting(const char *name, struct err *err)
{
    return err_set(err, ERR_USAGE, "TERM=%.40s is not known here; 'TERM=xterm-256color saddle' fits most terminals (in tmux and screen "
                   "TERM=screen-256color), --no-screen does without", name);
}

int term_colors(void)
{
    int colors = tigetnum("colors");
    return colors < 0 ? 0 : colors;
}

bool term_known(struct err *err)
{
    const char *name = getenv("TERM");
    int result;
    if (name && name[0] && setupterm(name, STDOUT_FILENO, &result) == OK)
        return true;
    unknown_setting(name ? name : "", err);
    return false;
}

int term_open(const struct term_options *options, struct err *err)
{
    const char *name = getenv("TERM");
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
        return err_set(err, ERR_USAGE, "the screen needs a terminal on input and output; --no-screen does without");
    if (!name || !name[0] || strcmp(name, "dumb") == 0)
        return err_set(err, ERR_USAGE, "TERM=%s cannot show a screen; --no-screen does without", name ? name : "");
    tcgetattr(STDIN_FILENO, &term.modes);
    unsetenv("LINES"); /* the terminal's own size counts */
    unsetenv("COLUMNS");
    guard_screen("", &term.modes);
    term.screen = newterm(NULL, stdout, stdin);
    if (!term.screen) {
        guard_screen(NULL, NULL);
        return unknown_setting(name, err);
    }
    make_watch();
    set_term(term.screen);
    raw();
    noecho();
    nonl();
    leaveok(stdscr, FALSE);
    intrflush(stdscr, FALSE);
    build_reset();
    catch_fatal();
    term.mouse = options->mouse;
    enter();
    term.started = false;
    snprintf(term.theme, sizeof term.theme, "%s", options->theme);
    term_set_color(options->color);
    return 0;
}

void term_close(void)
{
    if (!term.open)
        return;
    leave_screen();
    delscreen(term.screen);
    term.screen = NULL;
    canvas_release(&term.shown);
}

void term_lost(void)
{
    term.open = false;
    guard_screen(NULL, NULL);
    guard_stderr_end();
}

void term_away(void)
{
    term_lost();
}

void term_suspend(void)
{
    if (term.open)
        leave_screen();
}

void term_resume(void)
{
    if (!term.screen || term.open)
        return;
    tcgetattr(STDIN_FILENO, &term.modes);
    def_shell_mode();
    reset_prog_mode();
    refresh();
    enter();
}

void term_repair(void)
{
    if (!term.open)
        return;
    watch_output(true);
    reset_prog_mode();
    send_text(term.enter);
    watch_output(false);
    enter();
}

bool term_is_open(void)
{
    return term.open;
}

void term_size(int *rows, int *cols)
{
    struct winsize size;
    *rows = 24;
    *cols = 80;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0) {
        *rows = size.ws_row;
        *cols = size.ws_col;
    }
}

void term_resize(int rows, int cols)
{
    if (!term.open)
        return;
    resizeterm(rows, cols);
    term_redraw();
}

void term_redraw(void)
{
    term.redraw = true;
}

/* --- showing ----------------------------------------------------------------------------------------------------------- */

static bool same_cell(struct cell a, struct cell b)
{
    return a.ch == b.ch && a.ink == b.ink;
}

enum { RUN_MAX = 512 };

/* Cells of one row that changed, in runs of equal ink. */
static bool show_row(const struct canvas *c, int row, int cols, bool all)
{
    const struct cell *cell = c->cell + (long)row * c->cols, *old = term.shown.cell + (long)row * c->cols;
    bool changed = false;
    for (int k = 0; k < cols;) {
        if (!all && same_cell(cell[k], old[k])) {
            k++;
            continue;
        }
        int from = k;
        while (from > 0 && cell[from].ch == 0)
            from--;
        wchar_t text[RUN_MAX + 1];
        int n = 0;
        unsigned ink = cell[from].ink;
        for (k = from; k < cols && n < RUN_MAX && cell[k].ink == ink && (all || k == from || cell[k].ch == 0 || !same_cell(cell[k], old[k])); k++)
            if (cell[k].ch)
                text[n++] = (wchar_t)cell[k].ch;
        attr_set(attributes(ink), (short)(term.colors ? (ink & INK_MASK) + 1 : 0), NULL);
        mvaddnwstr(row, from, text, n);
        changed = true;
        k = k > from ? k : from + 1;
    }
    return changed;
}

void term_show(const struct canvas *c, int row, int col)
{
    if (!term.open)
        return;
    bool all = term.redraw || term.shown.rows != c->rows || term.shown.cols != c->cols;
    if (all) {
        if (canvas_resize(&term.shown, c->rows, c->cols) != 0)
            return;
        erase();
        clearok(curscr, TRUE);
        term.redraw = false;
    }
    bool changed = all;
    int rows = c->rows < LINES ? c->rows : LINES, cols = c->cols < COLS ? c->cols : COLS;
    for (int r = 0; r < rows; r++)
        changed |= show_row(c, r, cols, all);
    if (!changed && row == term.cursor_row && col == term.cursor_col)
        return;
    memcpy(term.shown.cell, c->cell, (size_t)c->rows * (size_t)c->cols * sizeof *c->cell);
    term.cursor_row = row;
    term.cursor_col = col;
    move(row < LINES ? row : LINES - 1, col < COLS ? col : COLS - 1);
    wnoutrefresh(stdscr);
    watch_output(true);
    doupdate();
    watch_output(false);
}
