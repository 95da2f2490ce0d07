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

static void release(struct trainer *t, struct vectors *v)
{
    free(v->host);
    free(v->stats);
    t->backend->vec_free(t->model, v->direction);
    t->backend->vec_free(t->model, v->result);
}

static int take(struct trainer *t, struct vectors *v, struct err *err)
{
    size_t n = t->net.params.total;
    v->host = malloc(n * sizeof *v->host);
    v->stats = malloc(t->net.stats.total * sizeof *v->stats);
    if (!v->host || !v->stats)
        return err_set(err, ERR_MEMORY, "no memory for %zu numbers", n);
    v->direction = t->backend->vec_new(t->model, n, err);
    v->result = v->direction ? t->backend->vec_new(t->model, n, err) : NULL;
    return v->result ? 0 : -1;
}

static int write_file(const struct trainer *t, const struct command *c, const float *params, const float *stats, struct err *err)
{
    char step[24], epoch[40];
    snprintf(step, sizeof step, "%" PRIu64, t->step);
    snprintf(epoch, sizeof epoch, "%.10g", trainer_epoch(t));
    const char *const metadata[] = { "step", step, "epoch", epoch, "model", t->net.name, NULL };
    return params_save(&t->net, c->text, c->force, params, stats, (int64_t)t->step, metadata, err);
}

static int save_weights(struct trainer *t, const struct command *c, struct vectors *v, struct err *err)
{
    t->backend->vec_read(t->model, v->host, t->params, t->net.params.total);
    t->backend->vec_read(t->model, v->stats, t->stats, t->net.stats.total);
    if (backend_check_device(t->backend, t->model, err) < 0)
        return -1;
    return write_file(t, c, v->host, v->stats, err);
}

/* Training batch `count` of this epoch's order, as stored. */
static int load_batch(struct trainer *t, const struct command *c, struct err *err)
{
    struct batch batch;
    if (c->count < 0 || (uint64_t)c->count >= t->spe)
        return err_set(err, ERR_RANGE, "batch %ld; an epoch has 0..%" PRIu64, c->count, t->spe - 1);
    if (!t->drw_known && trainer_use_loss(t, err) < 0)
        return -1;
    if (batches_get(&t->batches, (long)(t->step / t->spe), (uint32_t)c->count, true, &batch, err) < 0)
        return -1;
    return t->backend->load(t->model, &batch, err);
}

static int save_derivative(struct trainer *t, const struct command *c, struct vectors *v, struct err *err)
{
    struct pass pass = { .params = t->params, .stats = t->stats, .mode = c->train_mode ? PASS_TRAIN : PASS_EVAL, .criterion = &t->loss.criterion };
    struct pass_result result;
    size_t n = t->net.params.total;
    if (load_batch(t, c, err) < 0)
        return -1;
    if (c->op == COMMAND_SAVE_GRADIENT) {
        if (t->backend->gradient(t->model, &pass, v->result, &result, err) < 0)
            return -1;
    } else {
        if (params_load(&t->net, c->direction, v->host, NULL, err) < 0)
            return -1;
        t->backend->vec_write(t->model, v->direction, v->host, n);
        const float *direction = v->direction;
        if (t->backend->hvp_prepare(t->model, &pass, &result, err) < 0 || t->backend->hvp(t->model, 1, &direction, &v->result, err) < 0)
            return -1;
    }
    t->backend->vec_read(t->model, v->host, v->result, n);
    if (backend_check_device(t->backend, t->model, err) < 0)
        return -1;
    return write_file(t, c, v->host, NULL, err);
}

int trainer_save(struct trainer *t, const struct command *c, char *text, size_t size, struct err *err)
{
    struct vectors v = { 0 };
    int result = take(t, &v, err);
    if (result == 0)
        result = c->op == COMMAND_SAVE_WEIGHTS ? save_weights(t, c, &v, err) : save_derivative(t, c, &v, err);
    release(t, &v);
    if (result == 0)
        snprintf(text, size, "%.300s written, step %" PRIu64 " (ep %.1f)", c->text, t->step, trainer_epoch(t));
    return result;
}
