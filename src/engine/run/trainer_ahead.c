/* Steps that the back end works on while this thread does something else. Nothing may depend on how many there are, so steps
 * are queued only as far as nothing happens between them: `learner.step` counts the steps that are done and told about, and
 * whatever looks at weights, knobs or the journal does so while no step is under way. */
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

/* --- what ends the queue ------------------------------------------------------------------------------------------- */

static uint64_t until(const struct trainer *t, uint64_t step)
{
    return step > t->learner.step ? step - t->learner.step : 0;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* How many steps may follow the last one done before something is due between two of them: the end of an epoch (its
 * evaluation, snapshot, order of images and schedules), of the run, of `step N`; a pending command; what a roll repeats. */
static uint64_t steps_to_boundary(const struct trainer *t)
{
    uint64_t steps = t->learner.spe - t->learner.step % t->learner.spe;
    steps = least(steps, until(t, learner_total(&t->learner)));
    steps = least(steps, trainer_steps_to_due(t));
    if (t->rolling)
        return least(steps, until(t, trainer_roll_boundary(t)));
    return t->steps_left >= 0 ? least(steps, (uint64_t)t->steps_left) : steps;
}

/* Something wants the next boundary, as soon as possible. */
static bool boundary_wanted(struct trainer *t)
{
    if (atomic_load(&t->quit) || t->over)
        return true;
    if (t->rolling)
        return trainer_roll_stops(t);
    return t->paused || trainer_is_posted(t) || trainer_snapshot_due(t, false) || round_wish(&t->probe) == ROUND_WEIGHTS;
}

/* --- queueing ------------------------------------------------------------------------------------------------------ */

/* A step that cannot be queued is tried again, and told about, when it is its turn. */
void trainer_queue_ahead(struct trainer *t)
{
    struct learner *l = &t->learner;
    struct err why;
    if (t->most_ahead == 1 || !learner_queues_many(l) || boundary_wanted(t))
        return;
    const uint64_t room = least(steps_to_boundary(t), (uint64_t)t->most_ahead);
    while ((uint64_t)learner_under_way(l) < room)
        if (learner_queue(l, &why) < 0)
            return;
}
