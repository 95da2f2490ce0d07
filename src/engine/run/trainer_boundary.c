/* Between two steps, and how far steps may be queued ahead of that. What a boundary brings is decided here and nowhere else, once for each
 * step, from all that changes behind the loop's back: posted commands, the clock, others' wish to end. What follows from the
 * state of the run alone (an epoch's end, the end, a pending command whose step has come) needs no decision.
 *
 * Nothing may depend on how many steps are under way, so steps are queued only as far as nothing happens between them:
 * `learner.step` counts the steps that are done and told about, and whatever looks at weights, knobs or the journal does so
 * while no step is under way. */
#include "config.h"
#include "engine/run/trainer_private.h"

#include <stdlib.h>

/* The environment is for measuring and testing: 1 works step by step. */
void trainer_ahead_init(struct trainer *t)
{
    const char *text = getenv("SADDLE_STEPS_AHEAD");
    const long wanted = text ? strtol(text, NULL, 10) : 0;
    t->most_ahead = wanted > 0 && wanted < BACKEND_STEPS ? (int)wanted : BACKEND_STEPS;
}

/* --- the decision -------------------------------------------------------------------------------------------------- */

static bool snapshot_due(const struct trainer *t, bool stepped)
{
    const struct learner *l = &t->learner;
    const long every = knob_int(&l->knobs, KNOB_SNAPSHOT_EVERY), seconds = knob_int(&l->knobs, KNOB_SNAPSHOT_SECONDS);
    if (t->snapshot_step == l->step || !trainer_records_snapshots(t))
        return false;
    if (stepped && l->step % l->spe == 0 && every > 0 && l->step / l->spe % (uint64_t)every == 0)
        return true;
    return seconds > 0 && t->work_ns - t->snapshot_work_ns > (uint64_t)seconds * 1000000000u;
}

void trainer_decide(struct trainer *t, bool stepped)
{
    const bool over = atomic_load(&t->quit) || t->over, cut_off = trainer_is_ending(t);
    if (t->rolling) /* `stop` must not wait for the end of a long re-execution; one for later waits for its moment, like any command */
        t->at = (struct boundary){ .stop = over || cut_off || inbox_has(&t->inbox, COMMAND_STOP) };
    else
        t->at = (struct boundary){ .stop = over, .commands = !inbox_is_empty(&t->inbox), .ending = cut_off,
                                   .snapshot = snapshot_due(t, stepped),
                                   .probe = t->over ? ROUND_NOTHING : round_wish(&t->probe) };
}

/* --- queueing ------------------------------------------------------------------------------------------------------ */

static uint64_t until(const struct learner *l, uint64_t step)
{
    return step > l->step ? step - l->step : 0;
}

static uint64_t sooner(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* The number of steps that may follow the last one done before something is due between two of them: the end of an epoch (its
 * evaluation, snapshot, order of images and schedules), of the run, of `step N`; a pending command; what a roll repeats. */
static uint64_t steps_to_boundary(const struct trainer *t)
{
    const struct learner *l = &t->learner;
    uint64_t steps = l->spe - l->step % l->spe;
    steps = sooner(steps, until(l, learner_total(l)));
    steps = sooner(steps, trainer_steps_to_due(t));
    if (t->rolling)
        return sooner(steps, until(l, trainer_roll_boundary(t)));
    return t->steps_left >= 0 ? sooner(steps, (uint64_t)t->steps_left) : steps;
}

/* Something wants the next boundary, as soon as possible. */
static bool boundary_wanted(const struct boundary *b)
{
    return b->stop || b->ending || b->commands || b->snapshot || b->probe == ROUND_WEIGHTS;
}

/* A step that cannot be queued is tried again, and told about, when it is its turn. */
void trainer_queue_ahead(struct trainer *t)
{
    struct learner *l = &t->learner;
    struct err why;
    if (t->most_ahead == 1 || !learner_queues_many(l) || t->paused || boundary_wanted(&t->at))
        return;
    const uint64_t room = sooner(steps_to_boundary(t), (uint64_t)t->most_ahead);
    while ((uint64_t)learner_under_way(l) < room)
        if (learner_queue(l, &why) < 0)
            return;
}
