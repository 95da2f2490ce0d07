/* Weights, gradients and Hessian-vector products as files, for comparing with other programs. */
#include "config.h"
#include "engine/run/trainer_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/model/params.h"

/* Vectors of one export; all or none. */
struct vectors {
    float *host, *stats;          /* host memory */
    float *direction, *result;    /* of the back end */
};

static void release_vectors(const struct learner *l, struct vectors *v)
{
    free(v->host);
    free(v->stats);
    l->backend->vec_free(l->model, v->direction);
    l->backend->vec_free(l->model, v->result);
}

static int take_export_vectors(const struct learner *l, struct vectors *v, struct err *err)
{
    size_t n = l->net.params.total;
    v->host = malloc(n * sizeof *v->host);
    v->stats = malloc(l->net.stats.total * sizeof *v->stats);
    if (!v->host || !v->stats)
        return err_set(err, ERR_MEMORY, "no memory for %zu numbers", n);
    v->direction = l->backend->vec_new(l->model, n, err);
    v->result = v->direction ? l->backend->vec_new(l->model, n, err) : NULL;
    return v->result ? 0 : -1;
}

static int write_params(const struct learner *l, const struct command *c, const float *params, const float *stats, struct err *err)
{
    char step[24], epoch[40];
    snprintf(step, sizeof step, "%" PRIu64, l->step);
    snprintf(epoch, sizeof epoch, "%.10g", learner_epoch(l));
    const char *const metadata[] = { "step", step, "epoch", epoch, "model", l->net.name, NULL };
    const struct params_file file = { .path = c->text, .force = c->force, .metadata = metadata };
    return params_save(&l->net, &file, params, stats, (int64_t)l->step, err);
}

static int save_weights(const struct learner *l, const struct command *c, struct vectors *v, struct err *err)
{
    l->backend->vec_read(l->model, v->host, l->params, l->net.params.total);
    l->backend->vec_read(l->model, v->stats, l->stats, l->net.stats.total);
    if (backend_check_device(l->backend, l->model, err) < 0)
        return -1;
    return write_params(l, c, v->host, v->stats, err);
}

/* Training batch `count` of this epoch's order, as stored. */
static int load_batch(struct trainer *t, const struct command *c, struct err *err)
{
    struct learner *l = &t->learner;
    struct batch batch;
    if (c->count < 0 || (uint64_t)c->count >= l->spe)
        return err_set(err, ERR_RANGE, "batch %ld; an epoch has 0..%" PRIu64, c->count, l->spe - 1);
    if (!l->phase_known && trainer_use_loss(t, err) < 0)
        return -1;
    if (batches_get(&l->batches, (long)(l->step / l->spe), (uint32_t)c->count, true, &batch, err) < 0)
        return -1;
    return l->backend->load(l->model, &batch, err);
}

static int save_derivative(struct trainer *t, const struct command *c, struct vectors *v, struct err *err)
{
    const struct learner *l = &t->learner;
    struct pass pass = { .params = l->params, .stats = l->stats, .mode = c->train_mode ? PASS_TRAIN : PASS_EVAL,
                         .criterion = &l->loss.criterion };
    struct pass_result result;
    size_t n = l->net.params.total;
    if (load_batch(t, c, err) < 0)
        return -1;
    if (c->op == COMMAND_SAVE_GRADIENT) {
        if (l->backend->gradient(l->model, &pass, v->result, &result, err) < 0)
            return -1;
    } else {
        if (params_load(&l->net, c->direction, v->host, NULL, err) < 0)
            return -1;
        l->backend->vec_write(l->model, v->direction, v->host, n);
        const float *direction = v->direction;
        if (l->backend->hvp_prepare(l->model, &pass, &result, err) < 0 || l->backend->hvp(l->model, 1, &direction, &v->result, err) < 0)
            return -1;
    }
    l->backend->vec_read(l->model, v->host, v->result, n);
    if (backend_check_device(l->backend, l->model, err) < 0)
        return -1;
    return write_params(l, c, v->host, NULL, err);
}

int trainer_do_save(struct trainer *t, const struct act *a, struct err *err)
{
    const struct command *c = a->c;
    const struct learner *l = &t->learner;
    struct vectors v = { 0 };
    int result = take_export_vectors(l, &v, err);
    if (result == 0)
        result = c->op == COMMAND_SAVE_WEIGHTS ? save_weights(l, c, &v, err) : save_derivative(t, c, &v, err);
    release_vectors(l, &v);
    if (result == 0)
        buf_addf(a->text, "%s written, step %" PRIu64 " (ep %.1f)", c->text, l->step, learner_epoch(l));
    return result;
}
