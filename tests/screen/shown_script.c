/* The script of a scene: commands, and what is shown after them.
 *
 *   size COLSxROWS            of the terminal; later: it is resized
 *   locale utf8|c             before `open`; so are
 *   inputrc TEXT              a line of readline's file; term NAME
 *   option color|glyphs WORD, option keys, option size COLSxROWS, option fps N
 *   open                      the screen opens; what came before made up what it finds
 *   key NAME...               keys, each by itself: a letter, Up, Esc, C-c, M-1, F5, Space, ... Click@ROW,COL Wheel-Up@ROW,COL
 *   type TEXT                 letters, each by itself
 *   paste TEXT                a marked paste; \n, \t, \e, \\ are written so
 *   bytes TEXT                as they are, in one piece
 *   flood N TEXT              N times TEXT, in a marked paste; times N TEXT: without marks
 *   reply WHAT ...            what the next line that is run does (one_reply() of shown_stage.c)
 *   frame                     the whole frame again; `see`: what changed since, after what is no key
 *   input                     how long what is read may be under way
 *   waits                     how long the loop waits at most, when nothing is to be done
 *   plain                     from here on frames without inks
 *   and those of shown_model.c, shown_compare.c and stage_command() */
#define _GNU_SOURCE 1
#include "config.h"

#include "shown.h"

#include "base/text.h"

#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { MAX_ROWS = 210, ROW_BYTES = 4096 };

static struct {
    FILE *out;
    char *rest;                       /* commands still to come */
    bool opened, look, plain;         /* look: what is shown now is still to be told */
    bool whole;
    char keys[1024];                  /* names of keys to press */
    char *next_key;
    char *letters;                    /* to type */
    char text[MAX_ROWS][ROW_BYTES], inks[MAX_ROWS][ROW_BYTES]; /* told last */
    int rows, cursor_row, cursor_col;
    struct tui_options options;
    char option[4][32];
} script;

void told(const char *format, ...)
{
    char text[2048];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    fputs("> ", script.out);
    for (const char *p = text; *p; p++)
        *p == '\n' ? fputs("\\n", script.out) : fputc(*p, script.out);
    fputc('\n', script.out);
    fflush(script.out);
}

/* --- what is shown ------------------------------------------------------------------------------------------------------ */

static void row_text(const struct canvas *c, int row, char *out)
{
    size_t n = 0, end = 0;
    for (int col = 0; col < c->cols; col++) {
        const struct cell *cell = &c->cell[(long)row * c->cols + col];
        if (cell->ch)
            n += text_encode(cell->ch, out + n);
        end = cell->ch != ' ' ? n : end;
    }
    out[end] = '\0';
}

/* "3-9T 12d": columns 3 to 9 in the tail's ink, bold, 12 dim. t text h head m mid l tail d dim k mark w warning, 0..4 shades; bold in large
 * letters, # reversed, _ underlined. Plain text has none, nor have blanks that show no ink. */
static void row_inks(const struct canvas *c, int row, char *out)
{
    static const char letter[] = "thmldkw01234";
    size_t n = 0;
    out[0] = '\0';
    for (int col = 0; col < c->cols;) {
        const struct cell *cell = &c->cell[(long)row * c->cols + col];
        const uint32_t ink = cell->ink;
        int end = col + 1, last = col;
        if (cell->ch == ' ' && !(ink & (INK_REVERSE | INK_UNDERLINE))) {
            col++;
            continue;
        }
        for (; end < c->cols && (cell[end - col].ink == ink || (cell[end - col].ch == ' ' && !((cell[end - col].ink | ink) & (INK_REVERSE | INK_UNDERLINE)))); end++)
            last = cell[end - col].ch == ' ' && !(ink & (INK_REVERSE | INK_UNDERLINE)) ? last : end;
        if (ink != INK_TEXT && n + 32 < ROW_BYTES) {
            char name = letter[(ink & INK_MASK) < INK_COUNT ? ink & INK_MASK : 0];
            if (ink & INK_BOLD && name >= 'a')
                name = (char)(name - 'a' + 'A');
            n += (size_t)(last > col ? sprintf(out + n, " %d-%d%c", col, last, name) : sprintf(out + n, " %d%c", col, name));
            n += (size_t)sprintf(out + n, "%s%s%s", ink & INK_BOLD && name < 'A' ? "!" : "", ink & INK_REVERSE ? "#" : "", ink & INK_UNDERLINE ? "_" : "");
        }
        col = end;
    }
}

static void tell_frame(void)
{
    static char text[ROW_BYTES], inks[ROW_BYTES];
    const struct canvas *c = stage.shown;
    if (!c)
        return;
    const bool whole = script.whole || c->rows != script.rows;
    for (int r = 0; r < c->rows; r++) {
        row_text(c, r, text);
        row_inks(c, r, inks);
        if (whole || strcmp(text, script.text[r]) != 0 || (!script.plain && strcmp(inks, script.inks[r]) != 0)) {
            fprintf(script.out, "|%02d%s%s\n", r, text[0] ? " " : "", text);
            if (inks[0] && !script.plain)
                fprintf(script.out, ":%02d%s\n", r, inks);
        }
        strcpy(script.text[r], text);
        strcpy(script.inks[r], inks);
    }
    if (whole || script.cursor_row != stage.cursor_row || script.cursor_col != stage.cursor_col)
        fprintf(script.out, "@ %d %d\n", stage.cursor_row, stage.cursor_col);
    script.rows = c->rows;
    script.cursor_row = stage.cursor_row;
    script.cursor_col = stage.cursor_col;
    script.whole = false;
}

/* --- keys --------------------------------------------------------------------------------------------------------------- */

static void send_bytes(const char *bytes, size_t n)
{
    if (write(stage.keys, bytes, n) != (ssize_t)n)
        told("! no key could be sent");
}

static bool send_mouse(const char *name)
{
    static const struct {
        const char *name;
        int button;
    } mouse[] = { { "Click", 0 }, { "Middle", 1 }, { "Right", 2 }, { "Wheel-Up", 64 }, { "Wheel-Down", 65 } };
    int row, col;
    char bytes[64];
    const char *at = strchr(name, '@');
    if (!at || sscanf(at, "@%d,%d", &row, &col) != 2)
        return false;
    for (size_t i = 0; i < sizeof mouse / sizeof *mouse; i++)
        if (strncmp(name, mouse[i].name, (size_t)(at - name)) == 0 && strlen(mouse[i].name) == (size_t)(at - name)) {
            snprintf(bytes, sizeof bytes, "\033[<%d;%d;%dM", mouse[i].button, col + 1, row + 1);
            send_bytes(bytes, strlen(bytes));
            return true;
        }
    return false;
}

static void send_key(const char *name)
{
    static const char *const named[][2] = {
        { "Esc", "\033" }, { "Enter", "\r" }, { "Tab", "\t" }, { "S-Tab", "\033[Z" }, { "Space", " " }, { "Back", "\177" }, { "Del", "\033[3~" },
        { "Up", "\033[A" }, { "Down", "\033[B" }, { "Right", "\033[C" }, { "Left", "\033[D" }, { "Home", "\033[H" }, { "End", "\033[F" },
        { "PgUp", "\033[5~" }, { "PgDn", "\033[6~" }, { "F1", "\033OP" }, { "F2", "\033OQ" }, { "F3", "\033OR" }, { "F4", "\033OS" },
        { "F5", "\033[15~" }, { "F6", "\033[17~" }, { "F7", "\033[18~" }, { "F8", "\033[19~" }, { "F9", "\033[20~" }, { "F10", "\033[21~" },
        { "F11", "\033[23~" }, { "S-Up", "\033[1;2A" }, { "C-Right", "\033[1;5C" },
    };
    char bytes[3];
    for (size_t i = 0; i < sizeof named / sizeof *named; i++)
        if (strcmp(name, named[i][0]) == 0) {
            send_bytes(named[i][1], strlen(named[i][1]));
            return;
        }
    if (strncmp(name, "C-", 2) == 0 && name[2] && !name[3]) {
        bytes[0] = (char)(name[2] & 0x1f);
        send_bytes(bytes, 1);
    } else if (strncmp(name, "M-", 2) == 0 && name[2] && !name[3]) {
        bytes[0] = '\033';
        bytes[1] = name[2];
        send_bytes(bytes, 2);
    } else if (!name[1] || (name[0] & 0x80)) {
        send_bytes(name, strlen(name));
    } else if (!send_mouse(name)) {
        told("! no key '%s'", name);
    }
}

/* \n, \e and so on. */
static size_t unescape(char *text)
{
    char *out = text;
    for (const char *p = text; *p; p++) {
        if (*p != '\\' || !p[1]) {
            *out++ = *p;
            continue;
        }
        p++;
        *out++ = *p == 'n' ? '\n' : *p == 't' ? '\t' : *p == 'e' ? '\033' : *p == 'r' ? '\r' : *p;
    }
    *out = '\0';
    return (size_t)(out - text);
}

static void send_paste(char *text)
{
    const size_t n = unescape(text);
    send_bytes("\033[200~", 6);
    send_bytes(text, n);
    send_bytes("\033[201~", 6);
}

static void send_often(char *words, bool marked)
{
    char *text;
    const long times = strtol(words, &text, 10);
    const size_t n = *text ? unescape(++text) : 0;
    if (marked)
        send_bytes("\033[200~", 6);
    for (long i = 0; i < times; i++)
        send_bytes(text, n);
    if (marked)
        send_bytes("\033[201~", 6);
}

/* --- commands ----------------------------------------------------------------------------------------------------------- */

static void set_size(const char *words)
{
    if (sscanf(words, "%dx%d", &stage.cols, &stage.rows) == 2 && script.opened)
        kill(getpid(), SIGWINCH);
}

static void set_option(char *words)
{
    struct err err;
    char *name = strsep(&words, " "), *value = words ? words : "";
    if (strcmp(name, "color") == 0)
        script.options.color = strcpy(script.option[0], value);
    else if (strcmp(name, "glyphs") == 0)
        script.options.glyphs = strcpy(script.option[1], value);
    else if (strcmp(name, "keys") == 0)
        script.options.keys = true;
    else if (strcmp(name, "fps") == 0)
        script.options.fps = atoi(value);
    else if (strcmp(name, "size") == 0 && tui_size_parse(value, &script.options.cols, &script.options.rows, &err) != 0)
        told("refused: %s", err.text);
}

static void add_inputrc(const char *words)
{
    FILE *f = fopen(getenv("INPUTRC"), "a");
    if (f && fprintf(f, "%s\n", words) > 0)
        fclose(f);
}

static void set_locale(const char *words)
{
    setenv("LC_ALL", strcmp(words, "c") == 0 ? "C" : strcmp(words, "utf8") == 0 ? "C.UTF-8" : words, 1);
}

/* Returns true when the loop must go round before what is shown can be told. */
static bool run_command(char *words)
{
    const char *verb = strsep(&words, " ");
    char *rest = words ? words : "";
    if (strcmp(verb, "size") == 0) {
        set_size(rest);
    } else if (strcmp(verb, "locale") == 0) {
        set_locale(rest);
    } else if (strcmp(verb, "inputrc") == 0) {
        add_inputrc(rest);
    } else if (strcmp(verb, "term") == 0) {
        setenv("TERM", rest, 1);
    } else if (strcmp(verb, "option") == 0) {
        set_option(rest);
    } else if (strcmp(verb, "open") == 0) {
        script.opened = script.look = script.whole = true;
    } else if (strcmp(verb, "key") == 0) {
        snprintf(script.keys, sizeof script.keys, "%s", rest);
        script.next_key = script.keys;
        script.look = true;
    } else if (strcmp(verb, "type") == 0) {
        script.letters = rest;
        script.look = true;
    } else if (strcmp(verb, "paste") == 0) {
        send_paste(rest);
        script.look = true;
    } else if (strcmp(verb, "flood") == 0 || strcmp(verb, "times") == 0) {
        send_often(rest, strcmp(verb, "flood") == 0);
        script.look = true;
    } else if (strcmp(verb, "bytes") == 0) {
        send_bytes(rest, unescape(rest));
        script.look = true;
    } else if (strcmp(verb, "reply") == 0 && stage.n_replies < MAX_REPLIES) {
        stage.reply[stage.n_replies++] = strdup(rest);
    } else if (strcmp(verb, "frame") == 0 || strcmp(verb, "see") == 0) {
        script.look = true;
        script.whole |= strcmp(verb, "frame") == 0;
        app.status_ns = 0;
        app_dirty(true);
    } else if (strcmp(verb, "input") == 0) {
        told("input: esc_ms %d, link_ms %d, %s", app.input.esc_ms, app.input.link_ms, app.input.asked_ms ? "the terminal was asked" : "nothing was asked");
    } else if (strcmp(verb, "waits") == 0) {
        script.look = stage.tells_wait = true;
    } else if (strcmp(verb, "plain") == 0) {
        script.plain = true;
    } else if (!model_command(verb, rest) && !compare_command(verb, rest) && !stage_command(verb, rest)) {
        told("! no command '%s'", verb);
    }
    return script.look;
}

/* One key, or one letter, when there is one to press. */
static bool press_next(void)
{
    while (script.next_key && *script.next_key) {
        const char *name = strsep(&script.next_key, " ");
        if (*name) {
            send_key(name);
            return true;
        }
    }
    if (script.letters && *script.letters) {
        const size_t n = (*script.letters & 0xe0) == 0xc0 ? 2 : (*script.letters & 0xf0) == 0xe0 ? 3 : 1;
        send_bytes(script.letters, n);
        script.letters += n;
        return true;
    }
    return false;
}

bool play_on(void)
{
    if (press_next())
        return true;
    if (script.look)
        tell_frame();
    script.look = false;
    for (char *line; (line = strsep(&script.rest, "\n"));) {
        if (!script.rest && !*line) /* behind the last newline */
            break;
        if (*line && strchr("|:@>!", *line))
            continue;
        fprintf(script.out, "%s\n", line);
        if (!*line || *line == '#' || *line == '=')
            continue;
        if (run_command(line)) {
            press_next();
            return true;
        }
    }
    return false;
}

void play_begin(char *text, FILE *out)
{
    int fd[2];
    script.out = out;
    script.rest = text;
    script.cursor_row = -1;
    set_locale("utf8");
    setenv("TERM", "xterm-256color", 1);
    if (pipe(fd) != 0 || fcntl(fd[1], F_SETPIPE_SZ, 1 << 20) < 0 || dup2(fd[0], STDIN_FILENO) < 0)
        _exit(99);
    stage.keys = fd[1];
    stage.rows = 24;
    stage.cols = 80;
    stage.fd = eventfd(1, EFD_CLOEXEC);
    tui_face(&stage.face);
    model_init(&stage.m, 0);
    knobs_set(&stage.m.knobs, "esc_ms", "1", NULL);
}

bool play_opened(struct tui_options *options)
{
    while (!script.opened && play_on())
        continue;
    *options = script.options;
    return script.opened;
}

void play_end(void)
{
    for (char *line; (line = strsep(&script.rest, "\n"));)
        if ((script.rest || *line) && !strchr("|:@>!", *line ? *line : '='))
            fprintf(script.out, "%s\n", line);
}
