#include "config.h"
#include "tui/line.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <readline/history.h>
#include <readline/readline.h>

#include "base/file.h"
#include "base/state.h"

enum { RING = 1 << 12, HISTORY_LINES = 5000 };

static struct {
    struct line_options options;
    char history_path[1024];
    unsigned char ring[RING];
    int head, n;
    FILE *nowhere;
    char *accepted;
    bool eof, starved, open;
    char trouble[600];        /* why history is not kept, until somebody asks */
    struct completion completion;
    char **candidate; /* shown list: pointers into completion.show */
    int n_candidates, page;
    char listed[256];         /* the line that the list was shown for */
} line;

/* --- bytes ------------------------------------------------------------------------------------------------------------- */

/* Readline is only called while the ring holds a byte; a command that wants a second one at once gets EOF, which must not
 * be taken for C-d. */
static int next_byte(FILE *stream)
{
    (void)stream;
    if (line.n == 0) {
        line.starved = true;
        return EOF;
    }
    int c = line.ring[line.head];
    line.head = (line.head + 1) % RING;
    line.n--;
    return c;
}

static int bytes_wait(void)
{
    return line.n > 0;
}

static void forget_candidates(void)
{
    free(line.candidate);
    line.candidate = NULL;
    line.n_candidates = 0;
}

static void on_line(char *text)
{
    if (!text) {
        line.eof = !line.starved;
        return;
    }
    free(line.accepted);
    line.accepted = text;
}

static void no_redisplay(void)
{
}

/* --- completion -------------------------------------------------------------------------------------------------------- */

/* Readline replaces from its own word start; ours may lie elsewhere ("watch 0,air", "replay run@4"). */
static char *fit_candidate(const char *word, size_t ours, size_t theirs)
{
    char *out = NULL;
    if (ours >= theirs) {
        if (asprintf(&out, "%.*s%s", (int)(ours - theirs), rl_line_buffer + theirs, word) < 0)
            return NULL;
        return out;
    }
    size_t skip = theirs - ours;
    return strdup(strlen(word) > skip ? word + skip : "");
}

static size_t common_prefix(char *const *list, int n)
{
    size_t len = strlen(list[0]);
    for (int i = 1; i < n; i++) {
        size_t k = 0;
        while (k < len && list[i][k] == list[0][k])
            k++;
        len = k;
    }
    while (len > 0 && ((unsigned char)list[0][len] & 0xc0) == 0x80)
        len--; /* never half a character */
    return len;
}

static char **attempt_completion(const char *text, int start, int end)
{
    (void)text;
    rl_attempted_completion_over = 1;
    completion_release(&line.completion);
    line.completion = (struct completion){ 0 };
    if (!line.options.complete)
        return NULL;
    line.options.complete(line.options.ctx, rl_line_buffer, (size_t)end, &line.completion);
    int n = line.completion.n;
    if (n == 0)
        return NULL;
    char **matches = calloc((size_t)n + 2, sizeof *matches);
    for (int i = 0; matches && i < n; i++)
        matches[i + 1] = fit_candidate(line.completion.word[i], line.completion.start, (size_t)start);
    if (!matches)
        return NULL;
    matches[0] = strndup(matches[1], common_prefix(matches + 1, n));
    if (n == 1) {
        free(matches[1]);
        matches[1] = NULL;
    }
    size_t len = strlen(matches[0]);
    char last = len ? matches[0][len - 1] : '\0';
    rl_completion_append_character = last == '=' || last == '/' || last == '@' || last == ',' ? '\0' : ' ';
    rl_completion_suppress_append = rl_completion_append_character == '\0';
    return matches;
}

static void show_candidates(char **matches, int n, int longest)
{
    (void)matches;
    (void)n;
    (void)longest;
    forget_candidates();
    line.page = strncmp(line.listed, rl_line_buffer, sizeof line.listed - 1) == 0 ? line.page + 1 : 0; /* Tab again */
    snprintf(line.listed, sizeof line.listed, "%s", rl_line_buffer);
    line.candidate = calloc((size_t)line.completion.n + 1, sizeof *line.candidate);
    for (int i = 0; line.candidate && i < line.completion.n; i++)
        line.candidate[line.n_candidates++] = line.completion.show[i] ? line.completion.show[i] : line.completion.word[i];
}

char **line_candidates(int *n, int *page)
{
    *n = line.n_candidates;
    *page = line.page;
    return line.candidate;
}

/* --- history ----------------------------------------------------------------------------------------------------------- */

bool line_history_path(char *out, size_t size)
{
    return state_path("history", out, size) && state_make_folders(out) == 0;
}

/* An older copy of the line goes, so that each is there once, where it was used last. */
static void add_once(const char *text)
{
    for (int i = history_length - 1; i >= 0; i--) {
        HIST_ENTRY *e = history_get(history_base + i);
        if (e && strcmp(e->line, text) == 0) {
            HIST_ENTRY *gone = remove_history(i);
            if (gone)
                free_history_entry(gone);
        }
    }
    add_history(text);
}

/* Nothing more is read from the file or written to it, and the reason is told once. */
static int no_history(const char *why)
{
    snprintf(line.trouble, sizeof line.trouble, "the prompt's history is not kept: '%.400s' %s", line.history_path, why);
    line.history_path[0] = '\0';
    return -1;
}

/* A link to it is the user's own arrangement and followed once, so that the file itself is locked, grows and is replaced. */
static void follow_link(void)
{
    char target[PATH_MAX];
    struct stat st;
    if (lstat(line.history_path, &st) != 0 || !S_ISLNK(st.st_mode))
        return;
    if (!realpath(line.history_path, target) || strlen(target) >= sizeof line.history_path)
        no_history("is a link that leads nowhere");
    else
        snprintf(line.history_path, sizeof line.history_path, "%s", target);
}

/* The history file under its lock; -1: none. Another saddle may have put a shorter one in its place while we waited, and holds the
 * lock for a moment only: the screen waits for nobody longer. */
static int open_history(int flags)
{
    enum { TRIES = 20, PAUSE_US = 10000 };
    struct stat here, there;
    for (int i = 0; line.history_path[0] && i < TRIES; i++) {
        int fd = open(line.history_path, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
        if (fd < 0 && errno == ENXIO)
            return no_history("is no file");
        if (fd < 0)
            return errno == ENOENT && !(flags & O_CREAT) ? -1 : no_history(strerror(errno));
        bool known = fstat(fd, &here) == 0, locked = known && flock(fd, LOCK_EX | LOCK_NB) == 0;
        if (known && !S_ISREG(here.st_mode)) {
            close(fd);
            return no_history("is no file");
        }
        if (locked && lstat(line.history_path, &there) == 0 && here.st_ino == there.st_ino && here.st_dev == there.st_dev)
            return fd;
        close(fd);
        usleep(locked ? 0 : PAUSE_US);
    }
    return line.history_path[0] ? no_history("is locked by another program") : -1;
}

/* A pasted block is one entry of several lines; in the file, where each line is an entry, its newlines are this character, which
 * cannot be pasted. */
enum { ENTRY_NEWLINE = 0x1e };

static void swap_char(char *text, char from, char to)
{
    for (; *text; text++)
        if (*text == from)
            *text = to;
}

static void put_entry(FILE *out, const char *text)
{
    for (; *text; text++)
        putc(*text == '\n' ? ENTRY_NEWLINE : *text, out);
    putc('\n', out);
}

static int put_history(void *ctx, FILE *out, struct err *err)
{
    (void)ctx;
    (void)err;
    for (int i = 0; i < history_length; i++) {
        HIST_ENTRY *e = history_get(history_base + i);
        if (e)
            put_entry(out, e->line);
    }
    return 0;
}

/* Only under the lock, and only when the file has grown long. */
static void shorten_file(int fd)
{
    if (history_length >= HISTORY_LINES && lseek(fd, 0, SEEK_END) >= 1 << 20)
        file_replace_private(line.history_path, put_history, NULL, NULL);
}

static void load_history(void)
{
    int fd = open_history(O_RDONLY);
    if (fd < 0)
        return;
    FILE *f = fdopen(dup(fd), "r");
    char *text = NULL;
    size_t cap = 0;
    for (ssize_t n; f && (n = getline(&text, &cap, f)) > 0;) {
        if (text[n - 1] == '\n')
            text[n - 1] = '\0';
        swap_char(text, ENTRY_NEWLINE, '\n');
        if (text[0])
            add_history(text);
    }
    free(text);
    if (f)
        fclose(f);
    shorten_file(fd);
    close(fd); /* unlocks */
}

bool line_trouble(char *out, size_t size)
{
    snprintf(out, size, "%s", line.trouble);
    line.trouble[0] = '\0';
    return out[0] != '\0';
}

void line_remember(const char *text)
{
    if (!text[0] || text[0] == ' ' || text[0] == '\t')
        return;
    char *one = strdup(text);
    if (!one)
        return;
    for (size_t n = strlen(one); n > 0 && one[n - 1] == '\n'; n--)
        one[n - 1] = '\0';
    HIST_ENTRY *last = history_length ? history_get(history_base + history_length - 1) : NULL;
    bool repeated = last && strcmp(last->line, one) == 0;
    add_once(one);
    using_history(); /* the next Up starts at this line */
    int fd = repeated ? -1 : open_history(O_WRONLY | O_APPEND | O_CREAT);
    if (fd >= 0) {
        swap_char(one, '\n', ENTRY_NEWLINE);
        dprintf(fd, "%s\n", one);
        close(fd);
    }
    free(one);
}

/* --- opening ----------------------------------------------------------------------------------------------------------- */

static void settings_before(void)
{
    rl_readline_name = "saddle";
    rl_catch_signals = 0;
    rl_catch_sigwinch = 0;
    rl_change_environment = 0; /* setenv() races with the engine's threads */
    rl_prep_term_function = NULL;
    rl_deprep_term_function = NULL;
    rl_getc_function = next_byte;
    rl_input_available_hook = bytes_wait;
    rl_redisplay_function = no_redisplay;
    rl_outstream = line.nowhere;
    rl_attempted_completion_function = attempt_completion;
    rl_completion_display_matches_hook = show_candidates;
    rl_completion_query_items = 0;
    rl_sort_completion_matches = 0;
    rl_completer_word_break_characters = " \t\n;";
    rl_completer_quote_characters = "\"'";
    rl_variable_bind("show-all-if-ambiguous", "on");
}

void line_open(const struct line_options *options)
{
    if (line.open)
        return;
    memset(&line, 0, sizeof line);
    line.options = *options;
    if (options->history_path)
        snprintf(line.history_path, sizeof line.history_path, "%s", options->history_path);
    line.nowhere = fopen("/dev/null", "r+");
    settings_before();
    using_history();
    stifle_history(HISTORY_LINES);
    if (line.history_path[0])
        follow_link();
    if (line.history_path[0])
        load_history();
    line.open = true;
    rl_callback_handler_install(options->prompt, on_line);
    /* after the user's inputrc: these would write to a terminal that is not readline's */
    rl_variable_bind("bell-style", "none");
    rl_variable_bind("page-completions", "off");
    rl_variable_bind("enable-bracketed-paste", "off");
    rl_variable_bind("horizontal-scroll-mode", "off");
}

void line_close(void)
{
    if (!line.open)
        return;
    rl_callback_handler_remove();
    forget_candidates();
    completion_release(&line.completion);
    free(line.accepted);
    clear_history();
    if (line.nowhere)
        fclose(line.nowhere);
    rl_outstream = NULL;
    memset(&line, 0, sizeof line);
}

/* --- the line ---------------------------------------------------------------------------------------------------------- */

/* An open search keeps its own state; without this it would go on with the next key. */
static void end_search(void)
{
    if (!RL_ISSTATE(RL_STATE_ISEARCH | RL_STATE_NSEARCH | RL_STATE_NUMERICARG | RL_STATE_MULTIKEY | RL_STATE_CHARSEARCH))
        return;
    rl_callback_sigcleanup();
    RL_UNSETSTATE(RL_STATE_ISEARCH | RL_STATE_NSEARCH | RL_STATE_NUMERICARG | RL_STATE_MULTIKEY | RL_STATE_CHARSEARCH);
    rl_restore_prompt();
    rl_set_prompt(line.options.prompt);
}

/* A key that begins a sequence of several (C-x) ends a search, as other commands do: readline 8.2 follows it into a keymap of
 * its own there and crashes at the key after it. */
static void prefix_ends_search(unsigned char c)
{
    Keymap map = rl_get_keymap();
    if (RL_ISSTATE(RL_STATE_ISEARCH) && c != 27 && map && map[c].type == ISKMAP)
        end_search();
}

void line_feed(const char *bytes, int n)
{
    if (!line.open)
        return;
    forget_candidates();
    if (n != 1 || bytes[0] != '\t')
        line.listed[0] = '\1'; /* no line begins so: the next list begins at its begin */
    for (int i = 0; i < n && line.n < RING; i++) {
        line.ring[(line.head + line.n) % RING] = (unsigned char)bytes[i];
        line.n++;
    }
    while (line.n > 0) {
        line.starved = false;
        prefix_ends_search(line.ring[line.head]);
        rl_callback_read_char();
    }
}

void line_interrupt(void)
{
    if (!line.open)
        return;
    line.n = 0;
    forget_candidates();
    end_search();
    rl_free_line_state();
    rl_replace_line("", 1);
    rl_point = 0;
    rl_mark = 0;
    using_history(); /* the next Up shows the last line again */
    if (line_vi_command())
        rl_vi_insertion_mode(1, 0); /* as after Enter */
}

void line_paste(const char *text)
{
    if (!line.open)
        return;
    forget_candidates();
    end_search();
    rl_begin_undo_group();
    rl_insert_text(text);
    rl_end_undo_group();
}

void line_fill(const char *text)
{
    line_interrupt();
    if (line.open)
        rl_insert_text(text);
}

bool line_is_empty(void)
{
    return !line.open || rl_end == 0;
}

char *line_accepted(bool *eof)
{
    char *text = line.accepted;
    line.accepted = NULL;
    *eof = line.eof;
    line.eof = false;
    return text;
}

const char *line_prompt(void)
{
    return line.open && rl_display_prompt ? rl_display_prompt : "";
}

const char *line_text(void)
{
    return line.open && rl_line_buffer ? rl_line_buffer : "";
}

int line_cursor(void)
{
    return line.open ? rl_point : 0;
}

bool line_vi(void)
{
    return line.open && rl_editing_mode == 0;
}

bool line_vi_command(void)
{
    return line_vi() && rl_get_keymap() == vi_movement_keymap;
}
