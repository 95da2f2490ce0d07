/* Steps that the back end works on while this thread does something else. Nothing may depend on how many there are, so steps
 * are queued only as far as nothing happens between them: `t->step` counts the steps that are done and told about, and
 * whatever looks at weights, knobs or the journal does so while no step is under way. */
#include "config.h"
#include "engine/run/trainer_private.h"

#include <stdlib.h>

#include "base/clock.h"

/* The environment is for measuring and testing: 1 works step by step. */
void trainer_ahead_init(struct trainer *t)
{
    const char *text = getenv("SADDLE_STEPS_AHEAD");
    const long wanted = text ? strtol(text, NULL, 10) : 0;
    t->ahead.most = wanted > 0 && wanted < BACKEND_STEPS ? (int)wanted : BACKEND_STEPS;
}

/* --- what ends the queue ------------------------------------------------------------------------------------------- */

static uint64_t until(const struct trainer *t, uint64_t step)
{
    return step > t->step ? step - t->step : 0;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* How many steps may follow the last one done before something is due between two of them: the end of an epoch (its
 * evaluation, snapshot, order of images and schedules), of the run, of `step N`; a pending command; what a roll repeats. */
static uint64_t steps_to_boundary(const struct trainer *t)
{
    uint64_t steps = t->spe - t->step % t->spe;
    steps = least(steps, until(t, trainer_total(t)));
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

/* The step after those under way. Its knobs and loss are those of now: epoch, schedule and commands do not change in between. */
int trainer_queue_step(struct trainer *t, const struct batch *batch, const struct optim_knobs *k, struct err *err)
{
    struct flight *f = &t->ahead.flight[(t->optim.first_queued + t->optim.n_queued) % BACKEND_STEPS];
    *f = (struct flight){ .k = *k, .start_ns = clock_now_ns() };
    return optim_queue(&t->optim, k, batch, &t->loss.criterion, t->params, t->stats, err);
}

/* A step that cannot be queued is tried again, and told about, when it is its turn. */
void trainer_queue_ahead(struct trainer *t)
{
    struct optim_knobs k;
    struct batch batch;
    struct err why;
    if (t->ahead.most == 1 || !optim_queues(&t->optim, (enum optimizer)knob_int(&t->knobs, KNOB_OPT)) ||
        !batches_kept(&t->batches) || boundary_wanted(t))
        return;
    const uint64_t room = least(steps_to_boundary(t), (uint64_t)t->ahead.most);
    while ((uint64_t)t->optim.n_queued < room)
        if (trainer_prepare_step(t, &k, &batch, &why) < 0 || trainer_queue_step(t, &batch, &k, &why) < 0)
            return;
}

/* --- collecting ---------------------------------------------------------------------------------------------------- */

/* A step's time is what passed since it was queued or, when that came later, since the one before it was done: the times of
 * steps that overlap add up to the clock's. What the thread spent beside several of them they share. */
int trainer_collect(struct trainer *t, struct flight *f, struct optim_result *r, uint64_t *ns, struct err *err)
{
    *f = t->ahead.flight[t->optim.first_queued];
    const int result = optim_collect(&t->optim, r, err);
    const uint64_t now = clock_now_ns();
    const uint64_t from = f->start_ns > t->ahead.done_ns ? f->start_ns : t->ahead.done_ns;
    t->ahead.done_ns = now;
    *ns = now - from + f->beside_ns;
    return result;
}

void trainer_spent_beside(struct trainer *t, uint64_t ns)
{
    const int n = t->optim.n_queued;
    for (int i = 0; i < n; i++) {
        struct flight *f = &t->ahead.flight[(t->optim.first_queued + i) % BACKEND_STEPS];
        f->start_ns += ns;
        f->beside_ns += ns / (uint64_t)n;
    }
    if (n > 0)
        t->ahead.done_ns += ns;
}
