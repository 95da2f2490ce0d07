#include "config.h"
#include "engine/trainer_private.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* `stop` must not wait for the end of a long re-execution. One for later waits for its moment, like any command. */
bool trainer_roll_stops(struct trainer *t)
{
    bool found = false;
    pthread_mutex_lock(&t->lock);
    for (const struct queued *q = t->queue; q && !found; q = q->next)
        found = q->c.op == COMMAND_STOP && q->c.when == WHEN_NOW;
    pthread_mutex_unlock(&t->lock);
    return found || atomic_load(&t->quit);
}

/* Recorded commands that act before the next step. */
static void apply_recorded(struct trainer *t)
{
    const struct trainer_roll *r = &t->roll;
    struct err err;
    for (; t->roll_next < r->n_commands && r->at[t->roll_next] <= t->step; t->roll_next++)
        if (r->at[t->roll_next] == t->step && trainer_apply_roll(t, &r->commands[t->roll_next], &err) < 0) {
            t->quiet = false;
            trainer_say(t, "warning", "a recorded command of step %" PRIu64 " was not repeated: %s", t->step, err.text);
            t->quiet = !t->branched;
        }
}

uint64_t trainer_roll_boundary(const struct trainer *t)
{
    const struct trainer_roll *r = &t->roll;
    return t->roll_next < r->n_commands && r->at[t->roll_next] < r->until ? r->at[t->roll_next] : r->until;
}

/* Does the step just done agree with the journal? Losses that were not recorded agree. */
static bool agrees(const struct trainer *t, uint64_t from)
{
    float recorded = t->roll.loss ? t->roll.loss[t->step - from - 1] : NAN;
    return isnan(recorded) || memcmp(&recorded, &t->last_loss, sizeof recorded) == 0;
}

/* The machine, the build or the data differ from what was recorded: say so, and let a new timeline begin at this step. */
static void branch(struct trainer *t, uint64_t from)
{
    char why[200];
    double recorded = (double)t->roll.loss[t->step - from - 1];
    snprintf(why, sizeof why, "step %" PRIu64 ": loss %.9g was recorded, %.9g is computed now", t->step, recorded, (double)t->last_loss);
    t->quiet = false;
    t->branched = true;
    trainer_say(t, "warning", "%s; training goes on from here on a new timeline", why);
    struct event *e = event_new(EVENT_BRANCH, t->step - 1);
    if (e) {
        event_set_str(e, EV_BRANCH_WHY, why);
        trainer_emit(t, e);
    }
    if (t->roll_step)
        trainer_emit(t, event_ref(t->roll_step));
}

/* What was recorded after this step is left behind. */
static void rewind_here(struct trainer *t)
{
    char why[96];
    struct event *e = event_new(EVENT_BRANCH, t->step);
    snprintf(why, sizeof why, "taken up again at epoch %.4g; what was recorded after it is left behind", trainer_epoch(t));
    if (e) {
        event_set_str(e, EV_BRANCH_WHY, why);
        trainer_emit(t, e);
    }
}

static void emit_evaluation_of(struct trainer *t)
{
    t->quiet = !t->branched && t->step <= t->roll.until_eval;
    trainer_after_step(t);
    t->quiet = !t->branched;
}

void trainer_roll(struct trainer *t)
{
    uint64_t from = t->step, until = t->roll.until;
    t->rolling = t->quiet = true;
    trainer_publish(t);
    while (!t->over && (t->optim.n_queued > 0 || !trainer_roll_stops(t))) {
        if (t->optim.n_queued == 0) {
            apply_recorded(t);
            trainer_run_due(t);
            if (t->step >= until || t->over)
                break;
        }
        if (trainer_step(t) < 0) {
            t->quiet = false;
            trainer_say(t, "warning", "repeating the recorded steps ended at step %" PRIu64 ": %s", t->step + 1, t->why);
            break;
        }
        if (!t->branched && !agrees(t, from))
            branch(t, from);
        emit_evaluation_of(t);
        trainer_progress(t, "roll", t->step - from, until - from, -1);
        trainer_publish(t);
    }
    bool stopped = trainer_roll_stops(t) && t->step < until;
    t->quiet = false;
    event_unref(t->roll_step);
    t->roll_step = NULL;
    if (stopped) {
        t->over = "stopped"; /* the journal stays as it is; t->rolling tells the thread to add nothing */
        return;
    }
    t->rolling = false;
    if (t->roll.rewind && !t->branched && t->step == until)
        rewind_here(t);
    if (t->evaluated_step == UINT64_MAX && t->roll.until_eval == t->step)
        t->evaluated_step = t->step;
}
