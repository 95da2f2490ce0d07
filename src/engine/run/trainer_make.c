/* Making a trainer and freeing it: model, vectors, weights, what is gone on from. */
#include "config.h"
#include "engine/run/trainer_private.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/criteria/loss_knobs.h"
#include "engine/model/resnet.h"

static int depth_of(const struct knobs *knobs)
{
    char model[32];
    return atoi(knob_choice(knobs, KNOB_MODEL, model, sizeof model) + strlen("resnet"));
}

static enum head_kind head_of(const struct knobs *knobs)
{
    if (knob_is(knobs, KNOB_HEAD, "auto"))
        return loss_table[knob_int(knobs, KNOB_LOSS)].head;
    return knob_is(knobs, KNOB_HEAD, "norm") ? HEAD_NORM : HEAD_LINEAR;
}

static int open_model(struct trainer *t, struct err *err)
{
    uint32_t room = (uint32_t)knob_int(&t->knobs, KNOB_BATCH);
    struct model_options options = { .max_batch = room > EVAL_BATCH ? room : EVAL_BATCH, .threads = t->threads,
                                     .math = (enum math)knob_int(&t->knobs, KNOB_MATH), .device = t->device };
    if (net_resnet_cifar(&t->net, depth_of(&t->knobs), t->data->classes, head_of(&t->knobs), err) < 0)
        return -1;
    sigset_t all, before; /* a back end's workers inherit the mask: signals belong to one thread of main's */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    t->model = t->backend->open(&t->net, &options, err);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (!t->model)
        return -1;
    t->params = t->backend->vec_new(t->model, t->net.params.total, err);
    t->stats = t->params ? t->backend->vec_new(t->model, t->net.stats.total, err) : NULL;
    return t->stats ? optim_init(&t->optim, t->backend, t->model, &t->net, err) : -1;
}

static int make_buffers(struct trainer *t, struct err *err)
{
    size_t classes = (size_t)t->net.classes;
    t->watched = calloc(classes, sizeof *t->watched);
    if (!t->watched)
        return err_set(err, ERR_MEMORY, "no memory for %zu classes", classes);
    if (trainer_open_guests(t, err) < 0)
        return -1;
    return batches_init(&t->batches, t->data, &t->knobs, EVAL_BATCH, err);
}

/* Without room on the device the batches come from this memory, step by step. */
static void keep_images(struct trainer *t)
{
    struct err why;
    if (t->backend->store_new && batches_keep(&t->batches, t->backend, t->model, t->data, &why) < 0)
        snprintf(t->images_where, sizeof t->images_where, "%s", why.text);
}

/* Given weights, else drawn from the seed. */
static int fill_weights(struct trainer *t, const struct trainer_setup *setup, struct err *err)
{
    const struct net *net = &t->net;
    float *params = malloc(net->params.total * sizeof *params), *stats = malloc(net->stats.total * sizeof *stats);
    if (params && stats) {
        net_init_params(net, (uint64_t)knob_num(&t->knobs, KNOB_SEED), params, stats);
        t->backend->vec_write(t->model, t->params, setup->params ? setup->params : params, net->params.total);
        t->backend->vec_write(t->model, t->stats, setup->stats ? setup->stats : stats, net->stats.total);
    }
    bool enough = params && stats;
    free(params);
    free(stats);
    return enough ? 0 : err_set(err, ERR_MEMORY, "no memory for %zu weights", net->params.total);
}

static int take_state(struct trainer *t, const struct train_state *s, struct err *err)
{
    if (s->n_params != t->net.params.total || s->n_stats != t->net.stats.total)
        return err_set(err, ERR_DATA, "the snapshot holds %zu weights and %zu statistics; %s with %d classes needs %zu and %zu",
                       s->n_params, s->n_stats, t->net.name, t->net.classes, t->net.params.total, t->net.stats.total);
    if (!s->finite)
        return err_set(err, ERR_DIVERGED, "the snapshot of step %llu holds weights that are not finite; choose an earlier one",
                       (unsigned long long)s->step);
    t->backend->vec_write(t->model, t->params, s->params, s->n_params);
    t->backend->vec_write(t->model, t->optim.momentum, s->momentum, s->n_params);
    t->backend->vec_write(t->model, t->stats, s->stats, s->n_stats);
    t->step = t->snapshot_step = s->step;
    t->best = s->best;
    t->best_epoch = s->best_epoch;
    t->epoch_loss = s->epoch_loss;
    t->epoch_correct = s->epoch_correct;
    t->epoch_images = s->epoch_images;
    t->last_gn = s->grad_norm;
    t->last_rho = s->rho;
    for (char **w = s->watched; w && *w; w++) {
        long c = strtol(*w, NULL, 10);
        if (c >= 0 && c < t->net.classes)
            t->watched[c] = true;
    }
    return 0;
}

static int check_setup(const struct trainer *t, struct err *err)
{
    if (t->data->train.n == 0)
        return err_set(err, ERR_DATA, "%s has no training images", t->data->name);
    if (knob_num(&t->knobs, KNOB_STEPS) > 0 && knob_num(&t->knobs, KNOB_STEPS) < (double)t->step)
        return err_set(err, ERR_RANGE, "the run is at step %llu already, past %.0f", (unsigned long long)t->step,
                       knob_num(&t->knobs, KNOB_STEPS));
    return 0;
}

static int prepare(struct trainer *t, const struct trainer_setup *setup, struct err *err)
{
    if (open_model(t, err) < 0 || make_buffers(t, err) < 0 || fill_weights(t, setup, err) < 0)
        return -1;
    keep_images(t);
    t->spe = t->batches.per_epoch;
    if (loss_init(&t->loss, t->net.classes, t->data->train.count, err) < 0)
        return -1;
    if ((setup->state && take_state(t, setup->state, err) < 0) || trainer_copy_roll(t, setup, err) < 0 || check_setup(t, err) < 0)
        return -1;
    struct loss_config c; /* knobs that no class counts allow are refused now, not at the DRW epoch */
    if (loss_config_of(&t->knobs, true, &c, err) < 0 || loss_set(&t->loss, &c, err) < 0)
        return -1;
    t->drw_on = knobs_drw_on(&t->knobs, (long)(t->step / t->spe));
    t->shown_knobs = t->knobs;
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
    *t = (struct trainer){ .backend = setup->backend, .device = setup->device, .data = setup->data, .knobs = *setup->knobs,
                           .hub = setup->hub, .announce = setup->announce, .start_paused = setup->start_paused,
                           .best = -1, .steps_left = -1, .last_gn = NAN, .last_rho = NAN, .evaluated_step = UINT64_MAX, .snapshot_step = UINT64_MAX };
    snprintf(t->name, sizeof t->name, "%s", setup->name ? setup->name : "");
    snprintf(t->remark, sizeof t->remark, "%s", setup->remark ? setup->remark : "");
    snprintf(t->weights, sizeof t->weights, "%s", setup->weights ? setup->weights : "");
    snprintf(t->parent, sizeof t->parent, "%s", setup->parent ? setup->parent : "");
    if (setup->max_steps > 0)
        t->knobs.v[KNOB_STEPS].num = (double)setup->max_steps;
    long threads = knob_int(&t->knobs, KNOB_THREADS);
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    t->threads = (int)(threads > 0 ? threads : processors > 0 ? processors : 1);
    t->queue_end = &t->queue;
    trainer_ahead_init(t);
    atomic_init(&t->cancel, false);
    atomic_init(&t->quit, false);
    pthread_mutex_init(&t->lock, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&t->wake, &monotonic);
    pthread_cond_init(&t->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if (prepare(t, setup, err) == 0)
        return t;
    trainer_free(t);
    return NULL;
}

static void join(struct trainer *t)
{
    if (!t->started)
        return;
    pthread_mutex_lock(&t->lock);
    atomic_store(&t->quit, true);
    pthread_cond_broadcast(&t->wake);
    pthread_mutex_unlock(&t->lock);
    pthread_join(t->thread, NULL);
}

static void free_model(struct trainer *t)
{
    trainer_close_guests(t);
    optim_release(&t->optim);
    if (t->model) {
        t->backend->vec_free(t->model, t->params);
        t->backend->vec_free(t->model, t->stats);
    }
    batches_let_go(&t->batches);
    t->backend->close(t->model);
    batches_release(&t->batches);
    loss_release(&t->loss);
    net_release(&t->net);
}

void trainer_free(struct trainer *t)
{
    if (!t)
        return;
    join(t);
    trainer_pending_free(t->queue);
    trainer_pending_free(t->pending);
    for (int i = 0; i < t->n_pending_text; i++)
        free(t->pending_text[i]);
    free(t->pending_text);
    free_model(t);
    free((void *)t->roll.at);
    free((void *)t->roll.commands);
    free((void *)t->roll.loss);
    free((void *)t->roll.known);
    free((void *)t->roll.results);
    free(t->known_met);
    free(t->watched);
    pthread_cond_destroy(&t->wake);
    pthread_cond_destroy(&t->changed);
    pthread_mutex_destroy(&t->lock);
    free(t);
}
