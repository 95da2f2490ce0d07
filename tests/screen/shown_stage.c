/* The stage of shown.c: a terminal that only remembers what is put on it, and a workbench that does what the scene says. Both tell what they
 * are asked for. */
#include "config.h"

#include "shown.h"

#include "base/clock.h"
#include "tui/term.h"

#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

struct workbench stage;
static bool open_now, front = true, opens = true, asks;

/* --- the terminal ------------------------------------------------------------------------------------------------------ */

int term_open(const struct term_options *options, struct err *err)
{
    if (!opens)
        return err_set(err, ERR_USAGE, "it does not open");
    told("terminal: open, color %s, theme %s, mouse %s", options->color, options->theme, options->mouse ? "on" : "off");
    open_now = true;
    return 0;
}

void term_close(void)
{
    open_now = false;
}

void term_lost(void)
{
    told("terminal: lost");
    open_now = false;
}

void term_suspend(void)
{
    told("terminal: suspend");
    open_now = false;
}

void term_resume(void)
{
    told("terminal: resume");
    open_now = true;
}

bool term_is_open(void)
{
    return open_now;
}

bool term_foreground(void)
{
    return front;
}

bool term_known(struct err *err)
{
    (void)err;
    return true;
}

int term_colors(void)
{
    return 256;
}

void term_away(void)
{
    told("terminal: away");
    open_now = false;
}

void term_repair(void)
{
    told("terminal: repair");
}

void term_size(int *rows, int *cols)
{
    *rows = stage.rows;
    *cols = stage.cols;
}

void term_resize(int rows, int cols)
{
    told("terminal: resize to %dx%d", cols, rows);
}

void term_redraw(void)
{
    told("terminal: redraw");
}

void term_set_color(const char *color)
{
    told("terminal: color %s", color);
}

void term_set_theme(const char *theme)
{
    told("terminal: theme %s", theme);
}

bool term_ask_background(void)
{
    return asks;
}

void term_set_background(int red, int green, int blue)
{
    told("terminal: background %d %d %d", red, green, blue);
}

void term_set_mouse(bool on)
{
    told("terminal: mouse %s", on ? "on" : "off");
}

void term_show(const struct canvas *c, int row, int col)
{
    stage.shown = c;
    stage.cursor_row = row;
    stage.cursor_col = col;
}

/* A process that stops itself would be seen by nobody. */
int raise(int number)
{
    told("raise: signal %d", number);
    return 0;
}

/* Of the loop. Its descriptor of the workbench is always ready, so that nobody waits as long. */
int poll(struct pollfd *fds, nfds_t n, int timeout)
{
    if (stage.tells_wait && n == 3)
        told("waits: %d ms", timeout);
    stage.tells_wait = false;
    const struct timespec most = { .tv_sec = timeout / 1000, .tv_nsec = timeout % 1000 * 1000000L };
    return (int)syscall(SYS_ppoll, fds, n, timeout < 0 ? NULL : &most, NULL, 0);
}

/* --- the workbench ------------------------------------------------------------------------------------------------------ */

static void say_reply(enum say_level level, char *words)
{
    char *end;
    const long caret = strtol(words, &end, 10);
    stage.face.say(stage.face.ctx, level, *end ? end + 1 : "", (int)caret);
}

/* Into a file of the scene, and told. The second time it is there already. */
static int print_screen(struct err *err)
{
    char path[300], line[600];
    snprintf(path, sizeof path, "%s/screen.txt", getenv("XDG_STATE_HOME"));
    int result = stage.face.print(stage.face.ctx, path, false, err);
    FILE *f = fopen(path, "r");
    while (f && fgets(line, sizeof line, f))
        told("file: %.*s", (int)strcspn(line, "\n"), line);
    if (f)
        fclose(f);
    if (result == 0)
        told("again: %d, by force %d", stage.face.print(stage.face.ctx, path, false, err), stage.face.print(stage.face.ctx, path, true, err));
    return result;
}

/* What a command does is said by the scene: its words, a question, a wait, what only a screen can do. */
static int one_reply(char *words)
{
    static const char *const levels[] = { "text", "note", "warning", "error" };
    const struct workbench_face *f = &stage.face;
    struct err err = { 0 };
    int result = 0;
    char *verb = strsep(&words, " "), *rest = words ? words : "";
    for (int i = 0; i < 4; i++)
        if (strcmp(verb, levels[i]) == 0)
            say_reply((enum say_level)i, rest);
    if (strcmp(verb, "many") == 0) {
        for (int i = 1; i <= atoi(rest); i++) {
            char line[64];
            snprintf(line, sizeof line, "line %d of %s", i, rest);
            f->say(f->ctx, SAY_TEXT, line, -1);
        }
    } else if (strcmp(verb, "fail") == 0) {
        result = -1;
    } else if (strcmp(verb, "ask") == 0) {
        const bool yes = f->confirm(f->ctx, rest);
        told("confirm: %s", yes ? "yes" : "no");
    } else if (strcmp(verb, "wait") == 0) {
        while (f->idle(f->ctx, 500))
            continue;
        told("idle: given up");
    } else if (strcmp(verb, "columns") == 0) {
        told("columns: %d", f->columns(f->ctx));
    } else if (strcmp(verb, "quit") == 0) {
        stage.quit = true;
    } else if (strcmp(verb, "sort") == 0) {
        result = f->sort(f->ctx, rest, &err);
    } else if (strcmp(verb, "find") == 0) {
        result = f->find(f->ctx, rest, &err);
    } else if (strcmp(verb, "zoom") == 0) {
        result = f->zoom(f->ctx, rest, &err);
    } else if (strcmp(verb, "print") == 0) {
        result = print_screen(&err);
    } else if (strcmp(verb, "knob") == 0) {
        f->screen_knob(f->ctx, (enum knob_id)knob_find(rest, &err));
    }
    if (result != 0 && err.text[0])
        told("error: %s", err.text);
    return result;
}

int workbench_line(struct workbench *w, const char *line, bool interactive)
{
    int result = 0, n = w->n_replies;
    told("line%s: %s", interactive ? "" : ", of a script", line);
    w->n_replies = 0; /* they are this line's */
    char *reply[MAX_REPLIES];
    memcpy(reply, w->reply, sizeof reply);
    for (int i = 0; i < n; i++) {
        if (result == 0)
            result = one_reply(reply[i]);
        free(reply[i]);
    }
    w->m.h.changes++;
    return result;
}

/* All that was sent has been read, decided, run and painted. */
static bool at_rest(void)
{
    int waits = 0;
    if (ioctl(STDIN_FILENO, FIONREAD, &waits) != 0 || waits > 0 || app.input.n > 0 || app.input.in_paste)
        return false;
    if (input_timeout(&app.input, clock_now_ns() / 1000000) >= 0 || (app.n_queued > 0 && !app.depth))
        return false;
    return !open_now || !(app.urgent || (app.dirty && !app.screen.frozen));
}

int workbench_fd(const struct workbench *w)
{
    return w->fd;
}

/* The loop calls it again and again: when it is at rest, the scene goes on. */
int workbench_pump(struct workbench *w)
{
    app.second_ns = w->second ? 0 : clock_now_ns(); /* a second passes when the scene says so: the machine's load is nobody's */
    w->second = false;
    app.next_frame_ns = 0;
    if (memcmp(&app.host, &w->m.host, sizeof app.host) != 0) { /* made up as well */
        app.host = w->m.host;
        app_dirty(true);
    }
    static int since_closed;
    if (!at_rest() || app.end_signal || (app.hung_up && since_closed++ < 2)) /* the loop itself does something about it first */
        return 0;
    if (!play_on()) {
        compare_forget();
        fflush(NULL);
        _exit(0);
    }
    return 0;
}

const struct history *workbench_history(const struct workbench *w)
{
    return &w->m.h;
}

bool workbench_status(const struct workbench *w, struct trainer_status *out)
{
    *out = w->m.s.view.run;
    return w->m.s.view.has_run;
}

bool workbench_session_status(const struct workbench *w, struct session_status *out)
{
    *out = w->session;
    return w->recorded;
}

void workbench_knobs(const struct workbench *w, struct knobs *out)
{
    *out = w->m.knobs;
}

bool workbench_training(const struct workbench *w)
{
    return w->training;
}

bool workbench_quit_asked(const struct workbench *w)
{
    return w->quit;
}

int workbench_exit_code(const struct workbench *w)
{
    return w->exit_code;
}

int workbench_end(struct workbench *w, const char *why, struct err *err)
{
    (void)err;
    told("end: %s", why);
    w->training = false;
    return 0;
}

bool workbench_measures(const struct workbench *w)
{
    return w->measures;
}

void workbench_cancel(struct workbench *w)
{
    (void)w;
    told("cancel");
}

void workbench_snapshot(struct workbench *w)
{
    (void)w;
    told("snapshot");
}

int workbench_caret_end(const struct workbench *w)
{
    return w->caret_end;
}

bool workbench_replay_status(const struct workbench *w, struct replay_status *out)
{
    if (w->replays)
        *out = w->replay;
    return w->replays;
}

bool workbench_replay_tick(struct workbench *w, uint64_t now_ns)
{
    (void)w, (void)now_ns;
    return false;
}

int workbench_replay_seek(struct workbench *w, uint64_t step)
{
    (void)w;
    told("replay: step %llu", (unsigned long long)step);
    return 0;
}

void workbench_replay_play(struct workbench *w, bool playing)
{
    told("replay: %s", playing ? "play" : "stop");
    w->replay.playing = playing;
}

void workbench_replay_speed(struct workbench *w, double speed)
{
    told("replay: speed %g", speed);
    w->replay.speed = speed;
}

int workbench_replay_move(struct workbench *w, char unit, int direction)
{
    (void)w;
    told("replay: move '%c' by %d", unit, direction);
    return 0;
}

struct comparison *workbench_comparison(const struct workbench *w)
{
    return w->compared;
}

void workbench_compare_leave(struct workbench *w)
{
    told("comparison: left");
    w->compared = NULL;
}

bool workbench_compare_tick(struct workbench *w, uint64_t now_ns)
{
    (void)w, (void)now_ns;
    return false;
}

void workbench_moment_word(const struct workbench *w, const char *dir, double epoch, struct buf *out)
{
    const char *base = strrchr(dir, '/');
    (void)w;
    buf_addf(out, "%s@%g", base ? base + 1 : dir, epoch);
}

bool workbench_point(const struct workbench *w, char *out, size_t size)
{
    snprintf(out, size, "%s", w->point);
    return w->point[0] != '\0';
}

void workbench_look_outside(struct workbench *w)
{
    (void)w;
}

bool workbench_sweeps(const struct workbench *w)
{
    return w->sweeps;
}

void workbench_sweep_table(const struct workbench *w, struct buf *out)
{
    for (int i = 0; i < w->n_rows; i++)
        buf_addf(out, "%s\n", w->row[i]);
}

bool workbench_steered(const struct workbench *w)
{
    return w->steered;
}

/* Words that begin with what is typed; after "many " more than a screen shows, after "long " some that are longer than most, after "ends " one behind
 * which no blank belongs. */
void workbench_complete(struct workbench *w, const char *line, size_t cursor, struct completion *out)
{
    static const char *const words[][2] = { { "pause", "pause" }, { "preset", "preset  a recipe" }, { "quit", "quit" }, { "resume", "resume" },
                                            { "set", "set  a knob" }, { "sessions", "sessions" }, { "show", "show" } };
    enum { MANY = 120 };
    const bool many = strncmp(line, "many ", 5) == 0, lengthy = strncmp(line, "long ", 5) == 0;
    char word[80];
    (void)w;
    out->word = calloc(MANY, sizeof *out->word);
    out->show = calloc(MANY, sizeof *out->show);
    const bool open_ended = strncmp(line, "ends ", 5) == 0;
    out->start = many || lengthy || open_ended ? 5 : 0;
    if (open_ended) {
        out->word[0] = strdup("knob=");
        out->show[out->n++] = strdup("knob=");
    }
    for (int i = 0; i < (many ? MANY : lengthy ? 7 : 0); i++) {
        snprintf(word, sizeof word, "word-%03d%s", i, lengthy && i == 3 ? "-and-more-of-it-than-there-is-room-for" : "");
        out->word[out->n] = strdup(word);
        out->show[out->n++] = strdup(word);
    }
    for (size_t i = 0; i < sizeof words / sizeof *words && !many && !lengthy && !open_ended; i++)
        if (strncmp(words[i][0], line, cursor) == 0) {
            out->word[out->n] = strdup(words[i][0]);
            out->show[out->n++] = strdup(words[i][1]);
        }
}

void completion_release(struct completion *c)
{
    for (int i = 0; i < c->n; i++) {
        free(c->word[i]);
        free(c->show[i]);
    }
    free(c->word);
    free(c->show);
    *c = (struct completion){ 0 };
}

/* --- for the scene ------------------------------------------------------------------------------------------------------ */

bool stage_command(const char *verb, char *words)
{
    if (strcmp(verb, "foreground") == 0)
        front = strcmp(words, "on") == 0;
    else if (strcmp(verb, "signal") == 0)
        kill(getpid(), atoi(words));
    else if (strcmp(verb, "opens") == 0)
        opens = strcmp(words, "on") == 0;
    else if (strcmp(verb, "asks") == 0)
        asks = strcmp(words, "on") == 0;
    else if (strcmp(verb, "second") == 0)
        stage.second = true;
    else if (strcmp(verb, "row") == 0 && stage.n_rows < MAX_REPLIES)
        stage.row[stage.n_rows++] = strdup(words);
    else
        return false;
    return true;
}
