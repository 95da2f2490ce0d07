/* Making a trainer and freeing it: model, vectors, weights, what is gone on from. */
#include "config.h"
#include "engine/run/trainer_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/stages.h"

static int make_buffers(struct trainer *t, struct err *err)
{
    size_t classes = (size_t)t->learner.net.classes;
    t->watched = calloc(classes, sizeof *t->watched);
    if (!t->watched)
        return err_set(err, ERR_MEMORY, "no memory for %zu classes", classes);
    return trainer_open_guests(t, err);
}

static int take_state(struct trainer *t, const struct train_state *s, struct err *err)
{
    if (learner_restore(&t->learner, s, err) < 0)
        return -1;
    t->snapshot_step = s->step;
    t->best = s->best;
    t->best_epoch = s->best_epoch;
    t->rho_auto = s->rho_auto;
    for (char **w = s->watched; w && *w; w++) {
        long c = strtol(*w, NULL, 10);
        if (c >= 0 && c < t->learner.net.classes)
            t->watched[c] = true;
    }
    return 0;
}

static int check_setup(const struct trainer *t, struct err *err)
{
    const struct learner *l = &t->learner;
    const double most = knob_num(&l->knobs, KNOB_STEPS);
    if (l->data->train.n == 0)
        return err_set(err, ERR_DATA, "%s has no training images", l->data->name);
    if (most > 0 && most < (double)l->step)
        return err_set(err, ERR_RANGE, "the run is at step %llu already, past %.0f", (unsigned long long)l->step, most);
    return 0;
}

/* A run of fp32 goes on as well on another instruction set; of other maths the record would hold numbers of two kinds. */
static int check_isa(const struct learner *l, const char *recorded, struct err *err)
{
    const char *here = l->backend->isa ? l->backend->isa(l->model) : "";
    const enum math math = (enum math)knob_int(&l->knobs, KNOB_MATH);
    if (!recorded || !recorded[0] || math == MATH_FP32 || strcmp(recorded, here) == 0)
        return 0;
    return err_set(err, ERR_DEVICE, "math %s with %s: the run was recorded with %s, and goes on with that only", math_name[math], here, recorded);
}

static int prepare_trainer(struct trainer *t, const struct trainer_setup *setup, struct err *err)
{
    struct learner *l = &t->learner;
    struct knobs knobs = *setup->knobs;
    if (setup->max_steps > 0)
        knobs.v[KNOB_STEPS].num = (double)setup->max_steps;
    if (learner_open(l, setup->backend, setup->device, setup->data, &knobs, err) < 0 ||
        check_isa(l, setup->isa, err) < 0 || learner_set_weights(l, setup->params, setup->stats, err) < 0 || make_buffers(t, err) < 0)
        return -1;
    if ((setup->state && take_state(t, setup->state, err) < 0) || trainer_copy_roll(t, setup, err) < 0 || check_setup(t, err) < 0)
        return -1;
    if (learner_check_loss(l, &l->knobs, err) < 0) /* what no class counts allow is refused now, not at the DRW epoch */
        return -1;
    t->stage = stage_at(&l->knobs, l->step > 0 ? (long)((l->step - 1) / l->spe) : 0).name;
    trainer_tell_guests(t);
    t->shown_knobs = l->knobs;
    trainer_publish(t);
    return 0;
}

struct trainer *trainer_new(const struct trainer_setup *setup, struct err *err)
{
    struct trainer *t = calloc(1, sizeof *t);
    if (!t) {
        err_set(err, ERR_MEMORY, "no memory for a run");
        return NULL;
    }
    *t = (struct trainer){ .hub = setup->hub, .announce = setup->announce, .start_paused = setup->start_paused, .best = -1, .rho_auto = rho_auto_new,
                           .steps_left = -1, .evaluated_step = UINT64_MAX, .snapshot_step = UINT64_MAX };
    snprintf(t->name, sizeof t->name, "%s", setup->name ? setup->name : "");
    snprintf(t->remark, sizeof t->remark, "%s", setup->remark ? setup->remark : "");
    snprintf(t->weights, sizeof t->weights, "%s", setup->weights ? setup->weights : "");
    if (setup->parent)
        t->parent = *setup->parent;
    inbox_init(&t->inbox);
    trainer_ahead_init(t);
    atomic_init(&t->cancel, false);
    atomic_init(&t->cancelled, 0);
    atomic_init(&t->ending, false);
    atomic_init(&t->quit, false);
    pthread_mutex_init(&t->lock, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&t->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if (prepare_trainer(t, setup, err) == 0)
        return t;
    trainer_free(t);
    return NULL;
}

static void join_thread(struct trainer *t)
{
    if (!t->started)
        return;
    atomic_store(&t->quit, true);
    inbox_close(&t->inbox);
    pthread_join(t->thread, NULL);
}

void trainer_free(struct trainer *t)
{
    if (!t)
        return;
    join_thread(t);
    inbox_release(&t->inbox);
    inbox_free(t->pending);
    for (int i = 0; i < t->n_pending_text; i++)
        free(t->pending_text[i]);
    free(t->pending_text);
    trainer_close_guests(t);
    learner_close(&t->learner);
    free((void *)t->roll.told.at);
    free((void *)t->roll.told.commands);
    free((void *)t->roll.told.loss);
    free((void *)t->roll.told.known);
    free((void *)t->roll.told.results);
    free(t->roll.met);
    free(t->watched);
    pthread_cond_destroy(&t->changed);
    pthread_mutex_destroy(&t->lock);
    free(t);
}
