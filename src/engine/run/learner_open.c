/* A learner opened, closed, and let go of in between: what it has on the device and for its passes is dropped and made again, what it learned
 * waits in host memory meanwhile. */
#include "config.h"
#include "engine/run/learner.h"

#include <limits.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/parallel.h"
#include "engine/probe/evaluate.h"
#include "engine/room.h"

static int threads_of(const struct knobs *knobs)
{
    const long threads = knob_int(knobs, KNOB_THREADS);
    return threads > 0 ? (int)threads : parallel_threads(INT_MAX);
}

static uint32_t eval_room(const struct dataset *data)
{
    return image_chunk(data->train.kind.size, EVAL_BATCH);
}

static size_t vector_bytes(const struct net *net)
{
    return (7 * net->params.total + 2 * net->stats.total) * sizeof(float); /* weights, the optimiser's, statistics */
}

/* --- what is dropped ----------------------------------------------------------------------------------------------- */

static int open_model(struct learner *l, struct err *err)
{
    struct room room = { .backend = l->backend, .net = &l->net, .batch = (uint32_t)knob_int(&l->knobs, KNOB_BATCH), .least = eval_room(l->data),
                         .options = { .threads = l->threads, .math = (enum math)knob_int(&l->knobs, KNOB_MATH),
                                      .eval_math = evaluation_math(&l->knobs, l->backend), .device = l->device } };
    room.beside = vector_bytes(&l->net) + 2 * (2 * l->net.params.total + l->net.stats.total) * sizeof(float); /* copies for snapshots */
    room.each = image_values(l->data->train.kind.size) * sizeof(float);
    sigset_t all, before; /* a back end's workers inherit the mask: signals belong to one thread of main's */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    l->model = room_open(&room, err);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (!l->model)
        return -1;
    l->params = l->backend->vec_new(l->model, l->net.params.total, err);
    l->stats = l->params ? l->backend->vec_new(l->model, l->net.stats.total, err) : NULL;
    return l->stats ? optim_init(&l->optim, l->backend, l->model, &l->net, err) : -1;
}

/* The batches come from this memory, step by step, where the device has no room. */
static void keep_images(struct learner *l)
{
    struct err why;
    l->images_where[0] = '\0';
    if (l->backend->store_new && batches_keep(&l->batches, l->backend, l->model, l->data, &why) < 0)
        snprintf(l->images_where, sizeof l->images_where, "%s", why.text);
}

static void close_model(struct learner *l)
{
    optim_release(&l->optim);
    if (l->model) {
        l->backend->vec_free(l->model, l->params);
        l->backend->vec_free(l->model, l->stats);
    }
    batches_let_go(&l->batches);
    if (l->backend)
        l->backend->close(l->model);
    l->model = NULL;
    l->params = l->stats = NULL;
    feature_bank_release(&l->bank);
}

/* --- opened and closed --------------------------------------------------------------------------------------------- */

int learner_open(struct learner *l, const struct backend *backend, int device, const struct dataset *data, const struct knobs *knobs,
                 struct err *err)
{
    *l = (struct learner){ .backend = backend, .device = device, .threads = threads_of(knobs), .data = data, .knobs = *knobs,
                           .last_gn = NAN, .last_rho = NAN };
    if (net_of_knobs(knobs, data->train.kind.size, data->classes, &l->net, err) < 0 || open_model(l, err) < 0 ||
        batches_init(&l->batches, data, knobs, eval_room(data), err) < 0)
        return -1;
    keep_images(l);
    l->spe = l->batches.per_epoch;
    l->phase = loss_phase_at(knobs, 0);
    l->class_loss = calloc((size_t)l->net.classes, sizeof *l->class_loss);
    l->image_loss = l->optim.losses = malloc(l->batches.batch * sizeof *l->image_loss);
    l->share = malloc(2 * (size_t)l->net.classes * sizeof *l->share);
    if (!l->class_loss || !l->image_loss || !l->share)
        return err_set(err, ERR_MEMORY, "no memory for the losses of %d classes", l->net.classes);
    if (learner_plan_stage(l, knobs, err) < 0)
        return -1;
    return loss_init(&l->loss, l->net.classes, data->train.count, err);
}

void learner_close(struct learner *l)
{
    close_model(l);
    batches_release(&l->batches);
    loss_release(&l->loss);
    train_state_free(l->away);
    free(l->class_loss);
    free(l->image_loss);
    free(l->share);
    free(l->climbs);
    net_release(&l->net);
    *l = (struct learner){ 0 };
}

size_t learner_memory(const struct learner *l)
{
    if (learner_is_away(l))
        return train_state_bytes(l->away);
    return l->backend->memory_bytes(l->model) + vector_bytes(&l->net) +
           l->batches.room * image_values(l->data->train.kind.size) * sizeof(float) +
           scales_memory(&l->optim.scales) + feature_bank_memory(&l->bank);
}

/* --- let go and taken back ----------------------------------------------------------------------------------------- */

static int refuse_to_leave(const struct learner *l, struct err *err)
{
    if (backend_check_device(l->backend, l->model, err) < 0)
        return -1;
    return err_set(err, ERR_DIVERGED, "the weights of step %llu are not finite", (unsigned long long)l->step);
}

int learner_leave(struct learner *l, struct err *err)
{
    struct train_state *s = learner_capture(l);
    if (!s)
        return err_set(err, ERR_MEMORY, "no memory for a copy of the weights");
    if (!s->finite) {
        train_state_free(s);
        return refuse_to_leave(l, err);
    }
    l->away = s;
    l->away_knobs = l->knobs;
    close_model(l);
    batches_close(&l->batches);
    return 0;
}

/* All that is made anew; by the knobs of when it left, which say what the state holds. */
static int make_again(struct learner *l, struct err *err)
{
    l->second = false; /* restoring begins the second stage again, if a step of it was done */
    batches_use_second(&l->batches, false);
    if (open_model(l, err) < 0 || batches_open(&l->batches, err) < 0)
        return -1;
    l->optim.losses = l->image_loss;
    keep_images(l);
    return learner_restore(l, l->away, err);
}

int learner_return(struct learner *l, struct err *err)
{
    const struct knobs now = l->knobs;
    const struct loss_phase phase = l->phase; /* the loss in force stayed: restoring takes another one for granted */
    const bool second = l->second;
    l->knobs = l->away_knobs;
    const int result = make_again(l, err);
    l->knobs = now;
    l->phase = phase;
    if (result < 0) {
        close_model(l);
        batches_close(&l->batches);
        l->second = second;
        return -1;
    }
    train_state_free(l->away);
    l->away = NULL;
    return 0;
}
