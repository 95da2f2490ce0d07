#include "config.h"
#include "repl/bench.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"

enum { MAX_ENTERED = 5000 };

/* --- life ---------------------------------------------------------------------------------------------------------- */

struct workbench *workbench_new(const struct workbench_options *options, const struct workbench_face *face, struct err *err)
{
    struct workbench *w = calloc(1, sizeof *w);
    if (!w) {
        err_set(err, ERR_MEMORY, "no memory for the workbench");
        return NULL;
    }
    if (queue_init(&w->queue, err) < 0) {
        free(w);
        return NULL;
    }
    w->options = *options;
    w->face = *face;
    if (options->sessions)
        w->sessions_option = strdup(options->sessions);
    w->options.sessions = w->sessions_option;
    w->dry = options->dry;
    lines_init(&w->lines);
    setup_init(&w->setup);
    stream_init(&w->live);
    replay_init(&w->replay);
    char threads[16];
    snprintf(threads, sizeof threads, "%d", options->threads);
    if ((options->device && setup_set(w, KNOB_DEVICE, options->device, err) < 0)
        || (options->threads > 0 && setup_set(w, KNOB_THREADS, threads, err) < 0)) {
        workbench_free(w);
        return NULL;
    }
    w->setup.any = false;
    w->n_undo = 0;
    return w;
}

void workbench_free(struct workbench *w)
{
    if (!w)
        return;
    run_end(w, "quit", NULL);
    sweep_leave(w);
    moment_drop(w);
    data_release(w);
    compare_show(w, NULL);
    replay_release(&w->replay);
    stream_release(&w->live);
    setup_release(&w->setup);
    queue_release(&w->queue);
    lines_release(&w->lines);
    for (int i = 0; i < w->n_alias; i++) {
        free(w->alias[i].name);
        free(w->alias[i].text);
    }
    for (int i = 0; i < w->n_entered; i++)
        free(w->entered[i]);
    free(w->alias);
    free(w->entered);
    free(w->sessions_option);
    free(w);
}

/* --- speaking ------------------------------------------------------------------------------------------------------ */

static void say_now(struct workbench *w, enum say_level level, const char *line, int caret)
{
    if (w->outside.now)
        outside_said(w->outside.now, line);
    else if (w->face.say)
        w->face.say(w->face.ctx, level, line, caret);
}

void bench_raise(struct workbench *w, enum say_level level, const char *text)
{
    char line[400];
    snprintf(line, sizeof line, "%s%s", level == SAY_ERROR ? "error: " : level == SAY_WARNING ? "warning: " : "", text);
    say_now(w, level, line, -1);
}

static void say_and_release(struct workbench *w, enum say_level level, struct buf *line)
{
    say_now(w, level, line->data ? line->data : "", -1);
    buf_release(line);
}

void bench_say(struct workbench *w, const char *format, ...)
{
    struct buf line = { 0 };
    va_list args;
    va_start(args, format);
    buf_addv(&line, format, args);
    va_end(args);
    say_and_release(w, SAY_TEXT, &line);
}

static int say_filled(struct workbench *w, file_fill *fill, void *ctx, struct err *err)
{
    char *text = NULL, *end;
    size_t size = 0;
    if (w->face.sort)
        return err_set(err, ERR_INVALID, "'-': a screen is no place for it; the name of a file");
    FILE *out = open_memstream(&text, &size);
    int result = out ? fill(ctx, out, err) : err_set(err, ERR_MEMORY, "no memory for its text");
    if (out && fclose(out) != 0 && result == 0)
        result = err_set(err, ERR_MEMORY, "no memory for its text");
    for (const char *line = text; result == 0 && (end = strchr(line, '\n')); line = end + 1) {
        *end = '\0';
        bench_say(w, "%s", line);
    }
    free(text);
    return result;
}

int bench_write(struct workbench *w, const char *path, bool force, file_fill *fill, void *ctx, struct err *err)
{
    if (strcmp(path, "-") == 0)
        return say_filled(w, fill, ctx, err);
    if (file_publish(path, force, fill, ctx, err) < 0)
        return -1;
    bench_say(w, "wrote %s", path);
    return 0;
}

/* "FILE:LINE: " of the script being run, or nothing. */
static void where(const struct workbench *w, char *out, size_t size)
{
    out[0] = '\0';
    if (w->file)
        snprintf(out, size, "%s:%d: ", w->file, w->file_line);
}

void bench_warn(struct workbench *w, const char *verb, const char *format, ...)
{
    struct buf line = { 0 };
    char place[300];
    where(w, place, sizeof place);
    buf_addf(&line, "warning: %s%s: ", place, verb);
    va_list args;
    va_start(args, format);
    buf_addv(&line, format, args);
    va_end(args);
    say_and_release(w, SAY_WARNING, &line);
}

void bench_error(struct workbench *w, const char *verb, const struct err *e, int caret)
{
    char line[1200], place[300];
    const size_t n = verb ? strlen(verb) : 0;
    if (n > 0 && strncmp(e->text, verb, n) == 0 && e->text[n] == ':')
        verb = NULL; /* `model`, `seed`: the knob of its name said it */
    if (w->outside.now) { /* the line that was sent is at fault, not this process or its script */
        snprintf(line, sizeof line, "%s%s%s", verb ? verb : "", verb ? ": " : "", e->text);
        outside_refused(w->outside.now, line);
        return;
    }
    where(w, place, sizeof place);
    snprintf(line, sizeof line, "saddle: %s%s%s%s", place, verb ? verb : "", verb ? ": " : "", e->text);
    say_now(w, SAY_ERROR, line, w->file ? -1 : caret);
    if (!w->first_error && w->options.script) /* a slip at the prompt is no failure of the program */
        w->first_error = e->code ? e->code : ERR_INVALID;
}

bool bench_waits(const struct workbench *w)
{
    return !w->outside.now && (w->options.script || (w->depth > 0 && w->face.idle));
}

bool bench_idle(struct workbench *w, int timeout_ms)
{
    if (w->face.idle)
        return w->face.idle(w->face.ctx, timeout_ms);
    struct pollfd p = { .fd = w->queue.fd, .events = POLLIN };
    return poll(&p, 1, timeout_ms) >= 0 || errno == EINTR;
}

int bench_confirm(struct workbench *w, const struct call *c, const char *question, struct err *err)
{
    if ((w->options.yes && !w->outside.now) || call_has(c, "yes"))
        return 0;
    if (!w->face.confirm || w->outside.now)
        return err_set(err, ERR_USAGE, "nobody here to say yes; give --yes");
    if (w->face.confirm(w->face.ctx, question))
        return 0;
    return err_set(err, ERR_CANCELLED, "not done");
}

/* --- running commands ---------------------------------------------------------------------------------------------- */

/* A run that was just stopped is waited for: its end only has to be written. */
static bool still_training(struct workbench *w)
{
    struct trainer_status s;
    return run_active(w) && !(workbench_status(w, &s) && s.ending && run_wait(w, UINT64_MAX, NULL, NULL) == 0) && run_active(w);
}

int bench_no_training(struct workbench *w, struct err *err)
{
    return still_training(w) ? err_set(err, ERR_INVALID, "%s is training; 'stop' it first", run_name(w)) : 0;
}

static int check_allowed(struct workbench *w, const struct command_info *info, bool bare, struct err *err)
{
    const bool tells = bare && info->group == GROUP_SETUP; /* what there is */
    if (w->rc && !(info->flags & F_RC))
        return err_set(err, ERR_USAGE, "only set and alias may stand in saddlerc");
    if (w->outside.now && !(info->flags & F_OUTSIDE))
        return err_set(err, ERR_INVALID, "cannot be sent to a run: only what steers it, or asks it something");
    if (w->options.readonly && info->flags & F_CHANGES && !tells)
        return err_set(err, ERR_INVALID, "not with --readonly");
    const bool begins = info->flags & F_STARTS && run_awaits_train(w);
    if (info->flags & F_SETUP && !tells && !begins && bench_no_training(w, err) < 0)
        return -1;
    if (info->flags & F_SCREEN && !w->face.sort)
        return err_set(err, ERR_INVALID, "needs the screen");
    return 0;
}

static const struct alias *find_alias(const struct workbench *w, const struct word *word)
{
    for (int i = 0; !word->quoted && i < w->n_alias; i++)
        if (strcmp(w->alias[i].name, word->text) == 0)
            return &w->alias[i];
    return NULL;
}

/* A recipe's lines up to `train` are set-up; the rest is for `saddle run`. */
static bool recipe_skips(struct workbench *w, const struct command_info *info)
{
    if (!w->recipe || info->flags & F_RECIPE || info->group == GROUP_SETUP)
        return false;
    if (info->flags & F_STARTS)
        w->recipe_done = true;
    return true;
}

/* A dry run takes the set-up and plans; what would compute, or touch a run or a file, is named. `train` and commands for
 * later plan themselves. */
static bool only_named(const struct workbench *w, const struct call *c)
{
    const struct command_info *info = c->info;
    if (!w->dry || info->flags & F_STARTS || c->when.kind != AT_ONCE)
        return false;
    if (info->group == GROUP_LOOK)
        return !(info->flags & F_RECIPE) && info->flags & (F_WHEN | F_CHANGES);
    return info->group == GROUP_RUN || info->group == GROUP_SESSIONS || info->group == GROUP_OUT;
}

/* Whoever asked for data and did not get them must not be given others: until one of these succeeds nothing is trained. */
static bool chooses_data(const struct command_info *info, const struct lexed_command *lc, const struct word *words)
{
    return info && lc->n > 1 && info->flags & F_DATA && strcmp(words[1].text, "check") != 0;
}

struct typed { /* one command of a line */
    const char *line;
    const struct lexed_command *command;
    const struct word *words;
    bool interactive;
};

static int knob_as_verb(const struct typed *t, struct err *err)
{
    const struct lexed_command *lc = t->command;
    return t->words[0].quoted ? -1 : knob_meant(t->words[0].text, lc->n > 1, t->line + lc->start, lc->end - lc->start, err);
}

static int run_words(struct workbench *w, const struct typed *typed, const struct command_info **found, struct call *c, struct err *err)
{
    const struct lexed_command *lc = typed->command;
    const struct word *words = typed->words;
    c->bad_start = words[0].start;
    c->bad_end = words[0].end;
    const struct command_info *info = command_find(words[0].text, typed->interactive, err);
    if (!info)
        return knob_as_verb(typed, err);
    *found = info;
    if (recipe_skips(w, info) || w->recipe_done)
        return 0;
    if (check_allowed(w, info, lc->n == 1, err) < 0)
        return -1;
    if (call_parse(c, info, words, lc->n, err) < 0)
        return -1;
    if (w->outside.now && outside_allowed(w, c, err) < 0)
        return -1;
    snprintf(c->typed, sizeof c->typed, "%.*s", lc->end - lc->start, typed->line + lc->start);
    c->interactive = typed->interactive;
    if (attach_sends(w, info))
        return attach_send(w, c, typed->line + words[0].end, lc->end - words[0].end, err);
    if (only_named(w, c)) {
        bench_say(w, "not run: %s", c->typed);
        return 0;
    }
    if (chooses_data(info, lc, words))
        w->setup.refused[0] = '\0';
    return info->run(w, c, err);
}

/* An alias becomes its text followed by the rest of the command. */
static int run_alias(struct workbench *w, const struct alias *a, const char *line, const struct lexed_command *lc,
                     const struct word *first, bool interactive)
{
    struct buf text = { 0 };
    buf_adds(&text, a->text);
    buf_addf(&text, "%.*s", lc->end - first->end, line + first->end);
    struct err err = { 0 };
    int result = -1;
    if (w->depth >= BENCH_MAX_DEPTH)
        bench_error(w, a->name, (err_set(&err, ERR_INVALID, "alias calls itself"), &err), -1);
    else if (!text.failed) {
        w->depth++;
        result = workbench_line(w, text.data, interactive);
        w->depth--;
    }
    buf_release(&text);
    return result;
}

static int run_command(struct workbench *w, const char *line, const struct lexed *l, int i, bool interactive)
{
    const struct lexed_command *lc = &l->command[i];
    const struct word *first = &l->word[lc->first];
    const struct alias *a = w->outside.now ? NULL : find_alias(w, first);
    if (a)
        return run_alias(w, a, line, lc, first, interactive);
    struct call *c = calloc(1, sizeof *c);
    struct err err = { 0 };
    const struct command_info *info = NULL;
    const struct typed typed = { line, lc, first, interactive };
    int result = c ? run_words(w, &typed, &info, c, &err)
                   : err_set(&err, ERR_MEMORY, "no memory for a command");
    if (result < 0 && chooses_data(info, lc, first) && !workbench_training(w)) /* a run's own data stay */
        snprintf(w->setup.refused, sizeof w->setup.refused, "%.*s", lc->end - lc->start, line + lc->start);
    if (result < 0 && err.text[0]) {
        w->caret_end = c ? c->bad_end : -1;
        bench_error(w, info ? info->verb : NULL, &err, c ? c->bad_start : -1);
    }
    free(c);
    return result;
}

static void remember_line(struct workbench *w, const char *line)
{
    if (line[0] == ' ' || !line[strspn(line, " \t")])
        return;
    if (w->n_entered && strcmp(w->entered[w->n_entered - 1], line) == 0)
        return;
    if (w->n_entered == w->cap_entered && w->cap_entered < MAX_ENTERED) {
        int cap = w->cap_entered ? 2 * w->cap_entered : 64;
        char **more = realloc(w->entered, (size_t)cap * sizeof *more);
        if (!more)
            return;
        w->entered = more;
        w->cap_entered = cap;
    }
    if (w->n_entered == w->cap_entered) {
        free(w->entered[0]);
        memmove(w->entered, w->entered + 1, (size_t)(--w->n_entered) * sizeof *w->entered);
    }
    char *copy = strdup(line);
    if (copy)
        w->entered[w->n_entered++] = copy;
}

int workbench_line(struct workbench *w, const char *line, bool interactive)
{
    struct lexed l;
    struct err err = { 0 };
    int at, result = 0;
    if (interactive && w->depth == 0)
        remember_line(w, line);
    if (lex_line(line, &l, &at, &err) < 0) {
        w->caret_end = at + 1;
        bench_error(w, NULL, &err, at);
        return -1;
    }
    for (int i = 0; i < l.n_commands && result == 0 && !w->quit; i++)
        result = run_command(w, line, &l, i, interactive);
    lex_release(&l);
    return result;
}

/* --- events -------------------------------------------------------------------------------------------------------- */

int workbench_fd(const struct workbench *w)
{
    return w->queue.fd;
}

/* Takes over the reference. */
static void hand_out(struct workbench *w, const struct queued_event *q)
{
    struct event *e = q->event;
    if (q->moment)
        moment_event(w, e);
    else {
        lines_number(w, e);
        history_fold(&w->live.history, e);
        run_event(w, e);
        alerts_event(w, e);
        if (w->face.event)
            w->face.event(w->face.ctx, e);
    }
    event_unref(e);
}

int workbench_pump(struct workbench *w)
{
    struct queued_event answer[QUEUE_ANSWERS];
    size_t n, more;
    struct queued_event *list = queue_take(&w->queue, &n);
    struct outside_job *now = w->outside.now;
    w->outside.now = NULL; /* what events say is not of its line */
    lines_tell(w);
    for (size_t i = 0; i < n; i++)
        hand_out(w, &list[i]);
    free(list);
    more = queue_take_answers(&w->queue, answer);
    for (size_t i = 0; i < more; i++)
        hand_out(w, &answer[i]);
    data_pump(w);
    sweep_pump(w);
    w->outside.now = now;
    return (int)(n + more);
}

static bool answers_missing(const struct workbench *w)
{
    for (int i = 0; i < MAX_ANSWERS; i++)
        if (w->answer[i].id && !w->answer[i].come && !w->answer[i].refusal_only)
            return true;
    return false;
}

int workbench_settle(struct workbench *w, int timeout_ms)
{
    const uint64_t start = clock_now_ns();
    int n = workbench_pump(w);
    while (answers_missing(w) && (w->run.trainer || w->moment.trainer)) {
        const long passed = (long)((clock_now_ns() - start) / 1000000);
        if (passed >= timeout_ms || !bench_idle(w, (int)(timeout_ms - passed)))
            break;
        n += workbench_pump(w);
    }
    return n;
}

bool workbench_measures(const struct workbench *w)
{
    for (int i = 0; i < MAX_ANSWERS; i++)
        if (w->answer[i].id && !w->answer[i].come && w->answer[i].measures)
            return true;
    return false;
}

void workbench_cancel(struct workbench *w)
{
    if (w->run.trainer)
        trainer_cancel(w->run.trainer);
    moment_drop(w);
}

void workbench_snapshot(struct workbench *w)
{
    const struct command snapshot = { .op = COMMAND_SNAPSHOT, .by = "user" };
    if (run_active(w))
        trainer_post(w->run.trainer, &snapshot, NULL);
}

void workbench_place(struct workbench *w, const char *file, int line)
{
    w->file = file;
    w->file_line = line;
}

/* --- asking -------------------------------------------------------------------------------------------------------- */

const struct history *workbench_history(const struct workbench *w)
{
    return bench_shown(w);
}

bool workbench_status(const struct workbench *w, struct trainer_status *out)
{
    if (!w->run.trainer || w->run.idle)
        return false;
    trainer_status(w->run.trainer, out);
    return true;
}

bool workbench_session_status(const struct workbench *w, struct session_status *out)
{
    if (!w->run.session)
        return false;
    session_status(w->run.session, out);
    return true;
}

void workbench_knobs(const struct workbench *w, struct knobs *out)
{
    if (!w->run.trainer || w->run.idle) {
        *out = w->setup.knobs;
        return;
    }
    trainer_knobs(w->run.trainer, out);
    for (int i = 0; i < KNOB_COUNT; i++) {
        out->by_hand[i] |= w->live.history.knobs.by_hand[i]; /* before this process resumed it */
        if (knob_table[i].when == KNOB_SCREEN)
            out->v[i] = w->setup.knobs.v[i];
    }
}

bool workbench_training(const struct workbench *w)
{
    return run_active(w);
}

bool workbench_diverged(const struct workbench *w)
{
    struct trainer_status s;
    return workbench_status(w, &s) && s.phase == TRAINER_PAUSED && s.diverged;
}

bool workbench_quit_asked(const struct workbench *w)
{
    return w->quit;
}

int workbench_caret_end(const struct workbench *w)
{
    return w->caret_end;
}

int exit_code_of(enum err_code code)
{
    switch (code) {
    case ERR_NONE:
        return 0;
    case ERR_DATA:
        return 3;
    case ERR_MEMORY:
    case ERR_DEVICE:
        return 4;
    case ERR_DIVERGED:
        return EXIT_DIVERGED;
    case ERR_LOCKED:
        return EXIT_LOCKED;
    default:
        return 1;
    }
}

/* What ended the run; messages that came of it say less. */
static enum err_code cause_of_failure(const struct workbench *w)
{
    struct trainer_status run = { .cause = w->run.cause };
    if (w->run.trainer)
        trainer_status(w->run.trainer, &run);
    return run.cause ? run.cause : ERR_DEVICE;
}

int workbench_exit_code(const struct workbench *w)
{
    const enum run_end end = run_end_of(w->live.history.state);
    if (end == RUN_FAILED)
        return exit_code_of(cause_of_failure(w));
    if (w->first_error)
        return exit_code_of(w->first_error);
    if (end == RUN_DIVERGED)
        return EXIT_DIVERGED;
    if (end == RUN_UNSAVED)
        return exit_code_of(ERR_IO);
    if (w->alerts.failed && w->options.script)
        return EXIT_ALERT;
    return 0;
}

int bench_find_run(struct workbench *w, const char *run, char *dir, size_t size, struct err *err)
{
    char root[1024];
    if (session_root(w->options.sessions, root, sizeof root, err) < 0)
        return -1;
    if (session_find(root, run, dir, size, err) == 0)
        return 0;
    err->code = ERR_DATA; /* a session that is not there */
    return -1;
}
