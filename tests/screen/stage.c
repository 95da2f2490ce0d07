/* stage - the real screen in front of a made-up run: the terminal loop's tests and measurements drive this program, so that they
 * need no training. It stands in for the workbench with the same functions; the history is tui_model.c's.
 *
 *   stage [--rate EVENTS_PER_SECOND] [--empty] [--size COLSxROWS] [--no-guard] [--no-record] [--report FILE]
 *
 * At its prompt: train, pause, resume (states), rate N, watch N, say TEXT, long N (lines of output), bad WORD (an error with a
 * caret), ask (a question), wait (until C-c), crash, abort, quit. --report: at the end, CPU seconds of the terminal thread, wall seconds, frames' bytes. */
#include "config.h"

#include "tui_model.h"

#include "base/clock.h"
#include "tui/tui.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

struct workbench {
    struct workbench_face face;
    struct model m;
    int fd, rate, quits;
    bool training, quit, cancelled, recorded;
    uint64_t cancels;
};

static struct workbench stage;

static void set_rate(int rate)
{
    stage.rate = rate;
    long ns = rate ? 1000000000L / rate : 0;
    struct itimerspec each = { { ns / 1000000000, ns % 1000000000 }, { ns / 1000000000, ns % 1000000000 } };
    timerfd_settime(stage.fd, 0, &each, NULL);
}

/* One step of the made-up run. */
static void one_step(struct history *h)
{
    struct history_trace *t = &h->loss_trace;
    h->step++;
    h->epoch = (double)h->step / (double)h->steps_per_epoch;
    h->loss = 0.4f + 0.05f * (float)sin((double)h->step);
    if (t->n) {
        struct history_bin *b = &t->bin[t->n - 1];
        b->last = h->loss;
        b->max = fmaxf(b->max, h->loss);
        b->min = fminf(b->min, h->loss);
    }
    if (h->step % 40 == 0) { /* an evaluation every two seconds at 20 a second: the sparklines' last cells move */
        struct history_eval *e = &h->eval[h->n_eval - 1];
        for (int c = 0; c < h->n_classes; c++)
            e->cls[c] += (float)(h->step % 80 ? 0.3 : -0.3);
    }
    h->changes++;
    stage.m.s.view.run.step = h->step;
}

static void say(enum say_level level, const char *text, int caret)
{
    stage.face.say(stage.face.ctx, level, text, caret);
}

static int screen_verb(char *line)
{
    struct err err;
    const struct workbench_face *f = &stage.face;
    const char *verb = strsep(&line, " "), *word = line ? strsep(&line, " ") : "";
    int result = strcmp(verb, "sort") == 0 ? f->sort(f->ctx, word, &err) : strcmp(verb, "find") == 0 ? f->find(f->ctx, word, &err)
                 : strcmp(verb, "zoom") == 0 ? f->zoom(f->ctx, word, &err) : strcmp(verb, "export") == 0 ? f->print(f->ctx, word, line != NULL, &err)
                 : err_set(&err, ERR_INVALID, "the screen does not know '%.60s'", verb);
    if (result == 0)
        return 0;
    say(SAY_ERROR, err.text, -1);
    return -1;
}

int workbench_line(struct workbench *w, const char *line, bool interactive)
{
    char text[256], verb[64] = "";
    int number = 0;
    (void)interactive;
    snprintf(text, sizeof text, "%s", line);
    sscanf(text, "%63s %d", verb, &number);
    if (strcmp(verb, "train") == 0 || strcmp(verb, "resume") == 0) {
        w->training = true;
        w->m.s.view.run.phase = TRAINER_TRAINING;
        snprintf(w->m.h.state, sizeof w->m.h.state, "training");
    } else if (strcmp(verb, "pause") == 0) {
        snprintf(w->m.h.state, sizeof w->m.h.state, "paused");
        w->m.s.view.run.phase = TRAINER_PAUSED;
        say(SAY_TEXT, "paused", -1);
    } else if (strcmp(verb, "rate") == 0) {
        set_rate(number);
    } else if (strcmp(verb, "watch") == 0 || strcmp(verb, "unwatch") == 0) {
        w->m.h.cls[number].watched = verb[0] == 'w';
    } else if (strcmp(verb, "long") == 0) {
        for (int i = 1; i <= number; i++) {
            snprintf(text, sizeof text, "line %d of %d", i, number);
            say(SAY_TEXT, text, -1);
        }
    } else if (strcmp(verb, "bad") == 0) {
        say(SAY_ERROR, "saddle: bad: this word is wrong", 4);
        return -1;
    } else if (strcmp(verb, "ask") == 0) {
        say(SAY_TEXT, w->face.confirm(w->face.ctx, "really?") ? "answer: yes" : "answer: no", -1);
    } else if (strcmp(verb, "wait") == 0) {
        say(SAY_TEXT, "waiting", -1);
        while (w->face.idle(w->face.ctx, 500))
            continue;
        say(SAY_TEXT, "waited", -1);
    } else if (strcmp(verb, "crash") == 0) {
        fputs("last words on stderr\n", stderr);
        raise(SIGSEGV);
    } else if (strcmp(verb, "abort") == 0) {
        abort();
    } else if (strcmp(verb, "quit") == 0) {
        w->quit = !w->training || w->face.confirm(w->face.ctx, "training goes on; quit?");
    } else if (strcmp(verb, "sort") == 0 || strcmp(verb, "find") == 0 || strcmp(verb, "zoom") == 0) {
        return screen_verb(text);
    } else {
        say(SAY_TEXT, line, -1);
    }
    w->m.h.changes++;
    return 0;
}

int workbench_fd(const struct workbench *w)
{
    return w->fd;
}

int workbench_pump(struct workbench *w)
{
    uint64_t n = 0;
    if (read(w->fd, &n, sizeof n) != (ssize_t)sizeof n)
        return 0;
    for (uint64_t i = 0; i < n && w->training; i++)
        one_step(&w->m.h);
    return (int)n;
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
    *out = (struct session_status){ 0 };
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
    (void)w;
    return 0;
}

int workbench_end(struct workbench *w, const char *why, struct err *err)
{
    (void)why;
    (void)err;
    w->training = false;
    return 0;
}

bool workbench_measures(const struct workbench *w)
{
    (void)w;
    return false;
}

void workbench_cancel(struct workbench *w)
{
    w->cancels++;
}

void workbench_snapshot(struct workbench *w)
{
    (void)w;
    say(SAY_TEXT, "snapshot asked for", -1);
}

int workbench_caret_end(const struct workbench *w)
{
    (void)w;
    return 8;
}

bool workbench_replay_status(const struct workbench *w, struct replay_status *out)
{
    (void)w;
    (void)out;
    return false;
}

struct comparison *workbench_comparison(const struct workbench *w)
{
    (void)w;
    return NULL;
}

void workbench_moment_word(const struct workbench *bench, const char *dir, double epoch, struct buf *out)
{
    (void)bench, (void)dir, (void)epoch, (void)out;
}

void workbench_look_outside(struct workbench *w)
{
    (void)w;
}

bool workbench_sweeps(const struct workbench *w)
{
    (void)w;
    return false;
}

void workbench_sweep_table(const struct workbench *w, struct buf *out)
{
    (void)w;
    (void)out;
}

bool workbench_steered(const struct workbench *w)
{
    (void)w;
    return false;
}

void workbench_compare_leave(struct workbench *w)
{
    (void)w;
}

bool workbench_compare_tick(struct workbench *w, uint64_t now_ns)
{
    (void)w;
    (void)now_ns;
    return false;
}

bool workbench_replay_tick(struct workbench *w, uint64_t now_ns)
{
    (void)w;
    (void)now_ns;
    return false;
}

int workbench_replay_seek(struct workbench *w, uint64_t step)
{
    (void)w;
    (void)step;
    return -1;
}

void workbench_replay_play(struct workbench *w, bool playing)
{
    (void)w;
    (void)playing;
}

bool workbench_point(const struct workbench *w, char *out, size_t size)
{
    (void)w;
    snprintf(out, size, "@3.5");
    return true;
}

void workbench_replay_speed(struct workbench *w, double speed)
{
    (void)w;
    (void)speed;
}

int workbench_replay_move(struct workbench *w, char unit, int direction)
{
    (void)w;
    (void)unit;
    (void)direction;
    return -1;
}

static void candidate(struct completion *out, const char *word)
{
    out->word[out->n] = strdup(word);
    out->show[out->n++] = strdup(word);
}

void workbench_complete(struct workbench *w, const char *line, size_t cursor, struct completion *out)
{
    static const char *const verbs[] = { "pause", "quit", "resume", "train", "watch" };
    enum { MANY = 120 };
    (void)w;
    out->word = calloc(MANY, sizeof *out->word);
    out->show = calloc(MANY, sizeof *out->show);
    bool many = strncmp(line, "many ", 5) == 0;
    out->start = many ? 5 : 0;
    for (int i = 0; i < MANY && many; i++) {
        char word[16];
        snprintf(word, sizeof word, "word-%02d", i);
        candidate(out, word);
    }
    for (int i = 0; i < 5 && !many; i++)
        if (strncmp(verbs[i], line, cursor) == 0)
            candidate(out, verbs[i]);
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

static void report(const char *path, uint64_t start, uint64_t cpu)
{
    FILE *f = path ? fopen(path, "w") : NULL;
    if (!f)
        return;
    fprintf(f, "cpu_s %.6f wall_s %.6f\n", (double)(clock_thread_ns() - cpu) / 1e9, (double)(clock_now_ns() - start) / 1e9);
    fclose(f);
}

int main(int argc, char **argv)
{
    struct tui_options options = { 0 };
    struct err err = { 0 };
    const char *path = NULL;
    bool empty = false, guard = true;
    stage.recorded = true;
    int rate = 0;
    for (int i = 1; i < argc; i++) {
        bool more = i + 1 < argc;
        if (strcmp(argv[i], "--rate") == 0 && more)
            rate = atoi(argv[++i]);
        else if (strcmp(argv[i], "--fps") == 0 && more)
            options.fps = atoi(argv[++i]);
        else if (strcmp(argv[i], "--report") == 0 && more)
            path = argv[++i];
        else if (strcmp(argv[i], "--empty") == 0)
            empty = true;
        else if (strcmp(argv[i], "--no-guard") == 0)
            guard = false;
        else if (strcmp(argv[i], "--no-record") == 0)
            stage.recorded = false;
        else if (strcmp(argv[i], "--size") != 0 || !more || tui_size_parse(argv[++i], &options.cols, &options.rows, &err) != 0)
            return 2;
    }
    const char *why;
    if (tui_possible(&why) && guard)
        tui_begin();
    tui_face(&stage.face);
    model_init(&stage.m, empty ? 0 : 10);
    stage.fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    stage.training = rate > 0;
    set_rate(rate);
    uint64_t start = clock_now_ns(), cpu = clock_thread_ns();
    int code = tui_run(&stage, &options, &err);
    if (code < 0)
        fprintf(stderr, "stage: %s\n", err.text);
    report(path, start, cpu);
    model_release(&stage.m);
    return code < 0 ? 2 : code;
}
