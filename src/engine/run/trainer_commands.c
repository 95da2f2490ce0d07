#include "config.h"
#include "engine/run/trainer_private.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

/* --- handlers: check, journal, act; `text` is the answer ------------------------------------------------------------ */

int trainer_do_set(struct trainer *t, const struct act *a, struct err *err)
{
    return trainer_set_knob(t, a->c, a->id, a->text, err);
}

static void tell_pause(struct trainer *t, const char *why)
{
    char text[96];
    snprintf(text, sizeof text, "%s; device and memory are given back", why);
    trainer_set_state(t, "paused", trainer_is_released(t) ? text : why);
}

int trainer_do_pause(struct trainer *t, const struct act *a, struct err *err)
{
    const bool release = a->c->count, now = release && t->begun;
    if (t->paused && (!release || trainer_is_released(t)))
        return err_set(err, ERR_INVALID, "paused already at step %" PRIu64 "%s; 'resume' goes on", t->learner.step,
                       trainer_is_released(t) ? ", device and memory given back" : "");
    trainer_journal(t, a->c, &(struct entry){ .id = a->id });
    t->paused = true;
    t->steps_left = -1;
    t->release = release && !now;
    const int result = now ? trainer_release(t, err) : 0;
    buf_addf(a->text, "paused at step %" PRIu64 " (ep %.1f)%s", t->learner.step, trainer_epoch(t),
             !release ? "" : now ? "; device and memory are given back" : "; device and memory are given back as soon as the run has begun");
    tell_pause(t, a->id ? "a pending 'pause' was due" : "asked for");
    return result;
}

int trainer_do_resume(struct trainer *t, const struct act *a, struct err *err)
{
    if (!t->paused)
        return err_set(err, ERR_INVALID, "training is not paused");
    if (trainer_take_back(t, err) < 0)
        return -1;
    trainer_journal(t, a->c, &(struct entry){ .id = a->id });
    t->paused = false;
    buf_addf(a->text, t->diverged ? "tries step %" PRIu64 " again" : "goes on from step %" PRIu64, t->learner.step + 1);
    trainer_set_state(t, "training", NULL);
    return 0;
}

int trainer_do_step(struct trainer *t, const struct act *a, struct err *err)
{
    if (a->c->count < 1)
        return err_set(err, ERR_RANGE, "%ld steps; 1 or more are accepted", a->c->count);
    if (trainer_take_back(t, err) < 0)
        return -1;
    char count[24];
    snprintf(count, sizeof count, "%ld", a->c->count);
    trainer_journal(t, a->c, &(struct entry){ .value = count, .id = a->id });
    t->steps_left = a->c->count;
    if (t->paused) {
        t->paused = false;
        trainer_set_state(t, "training", "for some steps");
    }
    return 0;
}

int trainer_do_stop(struct trainer *t, const struct act *a, struct err *err)
{
    (void)err;
    trainer_journal(t, a->c, &(struct entry){ .key = t->cut_off, .id = a->id });
    t->over = RUN_STOPPED;
    snprintf(t->why, sizeof t->why, "%s", a->c->text[0] ? a->c->text : "asked for");
    buf_addf(a->text, "stopped at step %" PRIu64 " (ep %.1f)", t->learner.step, trainer_epoch(t));
    return 0;
}

int trainer_do_snapshot(struct trainer *t, const struct act *a, struct err *err)
{
    char name[64];
    if (!trainer_records_snapshots(t))
        return err_set(err, ERR_INVALID, "nothing records this run");
    trainer_snapshot_name(t, name, sizeof name);
    if (a->c->text[0])
        snprintf(name, sizeof name, "%.63s", a->c->text);
    trainer_journal(t, a->c, &(struct entry){ .key = name, .id = a->id });
    if (t->roll.over)
        return 0;
    if (!trainer_snapshot(t, a->c->text[0] ? name : NULL, true))
        return backend_check_device(t->learner.backend, t->learner.model, err) < 0 ? -1
                                                                                   : err_set(err, ERR_MEMORY, "no memory for a snapshot");
    buf_addf(a->text, "snapshot %s of step %" PRIu64 " (ep %.1f) is being written", name, t->learner.step, trainer_epoch(t));
    return 0;
}

int trainer_do_note(struct trainer *t, const struct act *a, struct err *err)
{
    if (!a->c->text[0])
        return err_set(err, ERR_USAGE, "a note needs words");
    struct event *e = event_new(EVENT_NOTE, t->learner.step);
    if (!e)
        return err_set(err, ERR_MEMORY, "no memory for a note");
    event_set_str(e, EV_NOTE_TEXT, a->c->text);
    event_set_f64(e, EV_NOTE_EP, trainer_epoch(t));
    trainer_emit(t, e);
    return event_hub_sync(&t->hub, err);
}

/* A resumed run numbers anew: a recorded `cancel` names what it took back by its text. */
static bool is_meant(const struct queued *q, const struct command *cancel, char *text, size_t size)
{
    trainer_command_text(&q->c, true, text, size);
    return cancel->text[0] ? strcmp(text, cancel->text) == 0 : q->id == cancel->count;
}

int trainer_do_cancel(struct trainer *t, const struct act *a, struct err *err)
{
    char text[COMMAND_TEXT_MAX * 2];
    struct queued **at = &t->pending;
    while (*at && !is_meant(*at, a->c, text, sizeof text))
        at = &(*at)->next;
    if (!*at)
        return err_set(err, ERR_INVALID, "no pending command %ld; 'show pending' lists them", a->c->count);
    struct queued *q = *at;
    buf_addf(a->text, "cancelled %ld: %s", q->id, text);
    trainer_hide_folder(&q->c, text);
    trainer_journal(t, a->c, &(struct entry){ .key = operation_table[q->c.op].word, .value = text, .id = (uint64_t)q->id });
    *at = q->next;
    queued_free(q);
    trainer_publish_pending(t);
    return 0;
}

int trainer_do_found(struct trainer *t, const struct act *a, struct err *err)
{
    (void)err;
    trainer_metric(t, a->c->when_metric, a->c->when_value);
    return 0;
}

static int (*const handlers[COMMAND_OPS])(struct trainer *t, const struct act *a, struct err *err) = {
#define OPERATION(id, word, handler, ...) [COMMAND_##id] = trainer_do_##handler,
#include "engine/operations.def"
#undef OPERATION
};

/* --- pending ------------------------------------------------------------------------------------------------------- */

void trainer_publish_pending(struct trainer *t)
{
    int n = 0, filled = 0;
    for (const struct queued *q = t->pending; q; q = q->next)
        n++;
    char **list = calloc((size_t)n + 1, sizeof *list), text[COMMAND_TEXT_MAX * 2], line[COMMAND_TEXT_MAX * 2 + 32];
    for (const struct queued *q = t->pending; list && q; q = q->next) {
        trainer_command_text(&q->c, true, text, sizeof text);
        snprintf(line, sizeof line, "%ld: %s", q->id, text);
        if ((list[filled] = strdup(line)))
            filled++;
    }
    pthread_mutex_lock(&t->lock);
    char **old = t->pending_text;
    int n_old = t->n_pending_text;
    t->pending_text = list;
    t->n_pending_text = filled;
    pthread_mutex_unlock(&t->lock);
    for (int i = 0; i < n_old; i++)
        free(old[i]);
    free(old);
    trainer_publish(t);
}

/* First step count at which a dated command acts. */
static double due_step(const struct trainer *t, const struct command *c)
{
    return c->when == WHEN_STEP ? c->when_value : ceil(c->when_value * (double)t->learner.spe - 1e-9);
}

static int check_when(const struct trainer *t, const struct command *c, struct err *err)
{
    const char *unit = c->when == WHEN_STEP ? "step" : "epoch";
    double total = (double)learner_total(&t->learner), now = c->when == WHEN_STEP ? (double)t->learner.step : trainer_epoch(t);
    if (operation_is(c->op, OP_AT_ONCE))
        return err_set(err, ERR_USAGE, "'%s' acts at once only", operation_table[c->op].word);
    if (operation_is(c->op, OP_SETS) && knob_table[c->knob].when != KNOB_LIVE)
        return 0; /* refused by its own check, with the reason */
    if (c->when == WHEN_IF)
        return 0;
    if (due_step(t, c) < (double)t->learner.step) /* due right now is still in time: a resumed run may wait for this very step */
        return err_set(err, ERR_RANGE, "%s %.15g is past (now %.*f)", unit, c->when_value, c->when == WHEN_STEP ? 0 : 1, now);
    if (due_step(t, c) >= total && !c->force && !t->rolling) /* what is repeated was accepted once */
        return err_set(err, ERR_RANGE, "%s %.15g is not before the end of training (%.15g), it would never fire; not kept (use --force)",
                       unit, c->when_value, c->when == WHEN_STEP ? total : total / (double)t->learner.spe);
    return 0;
}

static void describe_pending(const struct trainer *t, const struct queued *q, struct buf *out)
{
    char text[COMMAND_TEXT_MAX * 2];
    double steps = due_step(t, &q->c) - (double)t->learner.step;
    trainer_command_text(&q->c, true, text, sizeof text);
    buf_addf(out, "pending %ld: %s", q->id, text);
    if (q->c.when == WHEN_IF)
        return;
    buf_addf(out, " (in %.1f epochs", steps / (double)t->learner.spe);
    if (t->pace.steps > 0)
        buf_addf(out, ", about %.0f s", steps * t->pace.seconds / t->pace.steps);
    buf_addf(out, ")");
}

/* Takes q over on success. */
static int keep_pending(struct trainer *t, struct queued *q, struct buf *text, struct err *err)
{
    char value[KNOB_TEXT_MAX] = "";
    const bool set = operation_is(q->c.op, OP_SETS);
    if (check_when(t, &q->c, err) < 0)
        return -1;
    if (set && knob_table[q->c.knob].when != KNOB_LIVE)
        return trainer_set_knob(t, &q->c, 0, text, err);
    if (set && q->c.factor == 0)
        knob_format((enum knob_id)q->c.knob, &q->c.value, value, sizeof value);
    q->id = ++t->next_pending;
    q->due = false;
    trainer_journal(t, &q->c, &(struct entry){ .waits = true, .key = set ? knob_table[q->c.knob].name : operation_table[q->c.op].word,
                                               .value = value[0] ? value : NULL, .id = (uint64_t)q->id });
    struct queued **end = &t->pending;
    while (*end)
        end = &(*end)->next;
    q->next = NULL;
    *end = q;
    describe_pending(t, q, text);
    trainer_warn_condition(t, &q->c);
    trainer_publish_pending(t);
    return 0;
}

void trainer_metric(struct trainer *t, const char *metric, double value)
{
    for (struct queued *q = t->pending; q; q = q->next)
        if (q->c.when == WHEN_IF && strcmp(q->c.when_metric, metric) == 0 &&
            (q->c.when_above ? value > q->c.when_value : value < q->c.when_value))
            q->due = true;
}

/* One that needs weights that are given back waits until they are here again: due, and not before its time. */
static bool is_due(const struct trainer *t, const struct queued *q)
{
    if (trainer_lacks_weights(t, q->c.op))
        return false;
    return q->c.when == WHEN_IF ? q->due : (double)t->learner.step >= due_step(t, &q->c);
}

/* A condition is met at an evaluation, with no step under way, or when a probe ends: whoever queues steps asks again then. */
uint64_t trainer_steps_to_due(const struct trainer *t)
{
    uint64_t steps = UINT64_MAX;
    for (const struct queued *q = t->pending; q; q = q->next) {
        if (trainer_lacks_weights(t, q->c.op))
            continue;
        const double left = is_due(t, q) ? 0 : q->c.when == WHEN_IF ? INFINITY : ceil(due_step(t, &q->c) - (double)t->learner.step);
        if (left < (double)BACKEND_STEPS)
            steps = left < (double)steps ? (uint64_t)left : steps;
    }
    return steps;
}

/* The end cut a command off that is recorded as begun: it waits at this very step, so that the last snapshot holds it and taking the
 * run up again does it; the journal's word about the stop names it. */
static bool keep_cut_off(struct trainer *t, const struct command *c, const struct err *why)
{
    struct queued *q = NULL;
    if (why->code == ERR_CANCELLED && operation_is(c->op, OP_MEASURES) && !t->ended && trainer_is_ending(t))
        q = queued_new(c);
    if (!q)
        return false;
    q->next = t->pending;
    q->id = ++t->next_pending;
    q->c.when = WHEN_STEP;
    q->c.when_value = (double)t->learner.step;
    q->c.typed = "";
    t->pending = q;
    t->cut_off = operation_table[c->op].word;
    return true;
}

/* The work that was done before a cancellation is told with that word. */
static const char *why_not(const struct buf *text, const struct err *err)
{
    return err->code == ERR_CANCELLED && text->len > 0 ? text->data : err->text;
}

static void run_one_due(struct trainer *t, struct queued *q)
{
    char own[COMMAND_TEXT_MAX * 2];
    struct buf text = { 0 };
    struct err err;
    struct act act = { .c = &q->c, .id = (uint64_t)q->id, .text = &text };
    const bool quiet = t->quiet;
    q->c.when = WHEN_NOW;
    q->c.by = "schedule";
    t->roll.doing = ROLL_DUE;
    const bool done = handlers[q->c.op](t, &act, &err) == 0;
    trainer_hide_folder(&q->c, text.data);
    if (done && text.len > 0)
        trainer_say(t, "note", "%s", text.data);
    else if (!done) {
        trainer_command_text(&q->c, false, own, sizeof own);
        trainer_hide_folder(&q->c, own);
        trainer_hide_folder(&q->c, err.text);
        t->quiet = t->roll.over;
        if (keep_cut_off(t, &q->c, &err))
            trainer_say(t, "warning", "pending %ld '%.200s': cut off; 'resume' does it", q->id, own);
        else
            trainer_say(t, "error", "pending %ld '%.200s': %s", q->id, own, why_not(&text, &err));
    }
    buf_release(&text);
    t->roll.doing = ROLL_QUIET;
    t->roll.over = false;
    t->quiet = quiet;
}

/* Measures or saves, and leaves the course of training as it is. */
static bool only_looks(enum command_op op)
{
    return operation_is(op, OP_REDONE) && !operation_is(op, OP_REPEATED);
}

void trainer_run_due(struct trainer *t)
{
    for (struct queued **at = &t->pending; *at && !t->over;) {
        struct queued *q = *at;
        if (!is_due(t, q)) {
            at = &q->next;
            continue;
        }
        if (trainer_is_ending(t)) { /* it waits on, in the last snapshot too; one that is repeated may be recorded as begun */
            t->cut_off = operation_is(q->c.op, OP_MEASURES) ? operation_table[q->c.op].word : t->cut_off;
            return;
        }
        *at = q->next;
        if (!t->roll.told.look || !only_looks(q->c.op))
            run_one_due(t, q);
        queued_free(q);
        trainer_publish_pending(t);
        at = &t->pending; /* the command may have changed the list */
    }
}

/* --- one posted command -------------------------------------------------------------------------------------------- */

/* The event of a posted command: told once, and it needs no memory but for its text. */
static struct event *answer_taken(struct queued *q)
{
    struct event *e = q->answer;
    q->answer = NULL;
    event_set_u64(e, EV_ANSWER_ID, (uint64_t)q->id);
    return e;
}

static void fill_answer(struct event *e, uint64_t step, bool ok, const char *text)
{
    e->step = step;
    e->ns = clock_now_ns();
    event_set_u64(e, EV_ANSWER_OK, ok);
    event_set_str(e, EV_ANSWER_TEXT, text && text[0] ? text : NULL);
    if (!ok && !e->f[EV_ANSWER_TEXT].s)
        e->f[EV_ANSWER_TEXT].s = "refused, and there is no memory to say why";
}

void trainer_run(struct trainer *t, struct queued *q)
{
    struct buf text = { 0 };
    struct err err = { 0 };
    struct act act = { .c = &q->c, .text = &text };
    struct event *e = answer_taken(q); /* a pending command gets another number */
    const long id = q->id;
    bool later = q->c.when != WHEN_NOW;
    int result;
    t->preparing = id <= t->prepared;
    t->doing = later ? 0 : id;
    if (later)
        result = keep_pending(t, q, &text, &err);
    else if (operation_is(q->c.op, OP_MEASURES) && !t->ended && trainer_is_ending(t))
        result = err_set(&err, ERR_CANCELLED, "not begun: the run is to stop");
    else if (trainer_lacks_weights(t, q->c.op))
        result = trainer_refuse_released(t, q->c.op, &err);
    else if ((result = handlers[q->c.op](t, &act, &err)) < 0 && keep_cut_off(t, &q->c, &err)) {
        buf_clear(&text);
        err_set(&err, ERR_CANCELLED, "cut off; 'resume' does it");
    }
    t->preparing = false;
    t->doing = 0;
    if (result < 0 || !later)
        queued_free(q);
    trainer_publish(t);
    fill_answer(e, t->learner.step, result == 0, result < 0 ? why_not(&text, &err) : text.failed ? "no memory for the answer" : text.data);
    trainer_emit(t, e);
    buf_release(&text);
}

/* A command that was acknowledged and cut off: what the journal does not have of it is told now. */
static int redo(struct trainer *t, const struct act *act, struct err *err)
{
    const bool quiet = t->quiet;
    if (t->roll.told.look)
        return 0;
    t->roll.doing = ROLL_REDO;
    int result = handlers[act->c->op](t, act, err);
    if (result < 0 && keep_cut_off(t, act->c, err))
        result = 0;
    else if (result == 0 && act->text->len > 0)
        trainer_say(t, "note", "%s", act->text->data);
    t->roll.doing = ROLL_QUIET;
    t->quiet = quiet;
    return result;
}

static int keep_rolled(struct trainer *t, const struct act *act, struct err *err)
{
    struct queued *q = queued_new(act->c);
    if (!q)
        return err_set(err, ERR_MEMORY, "no memory for a command");
    int result = keep_pending(t, q, act->text, err);
    if (result < 0)
        queued_free(q);
    return result;
}

static int roll_now(struct trainer *t, const struct act *act, struct err *err)
{
    const struct command *c = act->c;
    if (operation_is(c->op, OP_REDONE) && (only_looks(c->op) || c->count)) /* of an evaluation count says that its result is not there */
        return redo(t, act, err);
    return operation_is(c->op, OP_REPEATED) ? handlers[c->op](t, act, err) : 0;
}

/* Re-execution: only what changes the course of training or what is waited for; nothing is answered. */
int trainer_apply_roll(struct trainer *t, const struct command *c, struct err *err)
{
    struct buf text = { 0 };
    struct command copy = *c;
    struct act act = { .c = &copy, .text = &text };
    copy.by = "roll";
    const int result = c->when != WHEN_NOW ? keep_rolled(t, &act, err) : roll_now(t, &act, err);
    buf_release(&text);
    return result;
}

/* --- from whoever posts ---------------------------------------------------------------------------------------------- */

/* After the end there is still something to look at: the final weights. */
static bool served_after(enum run_end over, const struct command *c)
{
    return operation_table[c->op].flags & OP_LOOKS && c->when == WHEN_NOW && over != RUN_FAILED;
}

static int check_post(struct trainer *t, const struct command *c, struct err *err)
{
    struct trainer_status s;
    trainer_status(t, &s);
    if (s.phase == TRAINER_OVER && !served_after(s.over, c))
        return err_set(err, ERR_INVALID, "the run is over (%s)", run_end_name[s.over]);
    return 0;
}

long trainer_post(struct trainer *t, const struct command *c, struct err *err)
{
    return check_post(t, c, err) < 0 ? -1 : inbox_add(&t->inbox, c, err);
}

void trainer_drain(struct trainer *t)
{
    struct queued *q;
    while (!t->over && !atomic_load(&t->quit) && (q = inbox_take(&t->inbox)))
        trainer_run(t, q);
    if (!t->over)
        trainer_run_due(t);
}

void trainer_refuse(struct trainer *t, struct queued *q)
{
    struct event *e = answer_taken(q);
    fill_answer(e, t->learner.step, operation_is(q->c.op, OP_ENDS) && q->c.when == WHEN_NOW, t->over == RUN_FAILED ? t->why : "the run is over");
    event_hub_emit(&t->hub, e);
    queued_free(q);
}

void trainer_run_late(struct trainer *t, struct queued *q)
{
    if (served_after(t->over, &q->c))
        trainer_run(t, q);
    else
        trainer_refuse(t, q);
}
