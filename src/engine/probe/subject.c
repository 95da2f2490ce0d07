#include "config.h"
#include "engine/run/trainer_private.h"

#include <math.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "engine/probe/spectrum.h"

/* --- memory -------------------------------------------------------------------------------------------------------- */

static bool stop_asked(void *ctx)
{
    struct trainer *t = ctx;
    return atomic_load(&t->quit) || (t->subject.may_cancel && atomic_load(&t->cancel));
}

void subject_release(struct trainer *t)
{
    struct subject *s = &t->subject;
    curvature_op_free(s->op);
    loss_release(&s->loss);
    free(s->index);
    *s = (struct subject){ 0 };
}

size_t subject_memory(const struct trainer *t)
{
    return t->subject.op ? curvature_op_memory_bytes(t->subject.op) : 0;
}

static size_t keep_bytes(void)
{
    const double share = SUBJECT_KEEP_SHARE * (double)memory_available_bytes(), most = (double)SUBJECT_KEEP_BYTES;
    return (size_t)(share < most ? share : most);
}

int subject_open(struct trainer *t, struct err *err)
{
    struct subject *s = &t->subject;
    struct curvature_options options = { .max_images = SUBJECT_IMAGES, .keep_bytes = keep_bytes(),
                                         .max_vectors = SPECTRUM_BLOCK, .threads = t->threads, .device = t->device,
                                         .stop = stop_asked, .stop_ctx = t };
    uint32_t most = t->data->train.n > t->data->test.n ? t->data->train.n : t->data->test.n;
    if (s->op)
        return 0;
    s->index = malloc((size_t)most * sizeof *s->index);
    if (!s->index)
        return err_set(err, ERR_MEMORY, "no memory for the images of a probe");
    if (loss_init(&s->loss, t->net.classes, t->data->train.count, err) == 0 &&
        (s->op = curvature_op_new(t->backend, &t->net, &options, err)))
        return 0;
    subject_release(t);
    return -1;
}

/* --- the moment ---------------------------------------------------------------------------------------------------- */

/* By way of the host: models do not share vectors. */
int subject_take_weights(struct trainer *t, struct err *err)
{
    struct subject *s = &t->subject;
    size_t n = t->net.params.total, n_stats = t->net.stats.total;
    float *host = malloc((n + n_stats) * sizeof *host);
    struct err why;
    if (!host)
        return err_set(err, ERR_MEMORY, "no memory for a copy of the weights");
    t->backend->vec_read(t->model, host, t->params, n);
    t->backend->vec_read(t->model, host + n, t->stats, n_stats);
    int result = curvature_op_weights(s->op, host, host + n, &why);
    free(host);
    s->of = t->step;
    s->epoch = trainer_epoch(t);
    s->rho_z = t->last_gn > 0 ? t->last_rho / t->last_gn : NAN;
    if (result < 0 && why.code == ERR_DIVERGED && trainer_check_device(t, t->model, err) < 0)
        return -1;
    if (result < 0 && why.code == ERR_DIVERGED)
        return err_set(err, ERR_DIVERGED, "the weights of step %llu are not finite", (unsigned long long)t->step);
    return result < 0 ? err_set(err, why.code, "%s", why.text) : 0;
}

/* --- the class ----------------------------------------------------------------------------------------------------- */

/* The indices as little-endian 32-bit numbers. */
static void name_subset(struct subject *s)
{
    struct sha256_ctx sha;
    uint8_t digest[SHA256_DIGEST_SIZE];
    sha256_init(&sha);
    for (uint32_t i = 0; i < s->n_images; i++) {
        uint32_t v = s->index[i];
        uint8_t bytes[4] = { (uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16), (uint8_t)(v >> 24) };
        sha256_update(&sha, sizeof bytes, bytes);
    }
    sha256_digest(&sha, sizeof digest, digest);
    for (int i = 0; i < 8; i++)
        snprintf(s->subset + 2 * i, 3, "%02x", digest[i]);
}

static int choose_images(struct trainer *t, int class_index, const struct probe_options *o, struct err *err)
{
    struct subject *s = &t->subject;
    long most = o->images > 0 ? o->images : knob_int(&t->knobs, KNOB_HESSIAN_IMAGES);
    s->set = o->test ? &t->data->test : &t->data->train;
    if (o->pyhessian && o->images == 0)
        most = (long)s->set->n;
    s->class_index = class_index;
    s->n_images = s->set->n == 0 ? 0 : image_set_of_class(s->set, class_index, s->index, most < (long)s->set->n ? (uint32_t)most : s->set->n);
    if (s->n_images == 0)
        return err_set(err, ERR_DATA, "class %d %s has no %s images to probe", class_index, t->data->class_name[class_index],
                       o->test ? "test" : "training");
    name_subset(s);
    return 0;
}

static void describe(struct subject *s, const struct probe_options *o)
{
    const struct {
        bool on;
        const char *text;
    } parts[] = { { o->test, "test images" }, { o->train_mode, "train-mode batch norm" }, { o->augment, "augmented" },
                  { o->weighted, "weighted" }, { o->pyhessian, "pyhessian" } };
    s->how[0] = '\0';
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (parts[i].on)
            snprintf(s->how + strlen(s->how), sizeof s->how - strlen(s->how), "%s%s", s->how[0] ? ", " : "", parts[i].text);
}

static int set_loss(struct trainer *t, const struct probe_options *o, struct err *err)
{
    struct loss_config c;
    if (trainer_loss_config(t, &t->knobs, o->weighted && knobs_drw_on(&t->knobs, (long)(t->step / t->spe)), &c, err) < 0)
        return -1;
    if (!o->weighted)
        c.weights = WEIGHTS_NONE;
    return loss_set(&t->subject.loss, &c, err);
}

int subject_choose(struct trainer *t, int class_index, const struct probe_options *o, struct err *err)
{
    struct subject *s = &t->subject;
    struct pass_result result;
    if (choose_images(t, class_index, o, err) < 0 || set_loss(t, o, err) < 0)
        return -1;
    describe(s, o);
    s->mode = o->train_mode ? PASS_TRAIN : PASS_EVAL;
    s->augment = (struct augment){ .on = o->augment, .seed = t->batches.augment.seed, .epoch = (uint32_t)(t->step / t->spe) };
    const struct curvature_set set = { .images = s->set, .index = s->index, .n = s->n_images, .augment = &s->augment,
                                       .mode = s->mode, .criterion = &s->loss.criterion };
    if (curvature_op_choose(s->op, &set, err) < 0)
        return -1;
    struct err why;
    int failed = curvature_op_prepare(s->op, &result, &why);
    if (failed && why.code == ERR_DIVERGED)
        return err_set(err, ERR_DIVERGED, "the loss of class %d at step %llu is not finite", class_index, (unsigned long long)s->of);
    s->mean_loss = failed ? 0 : result.loss;
    return failed ? err_set(err, why.code, "%s", why.text) : 0;
}

int subject_blame(const struct trainer *t, struct err *err)
{
    if (err->code == ERR_DIVERGED && t->subject.op)
        trainer_check_device(t, curvature_op_model(t->subject.op), err);
    return -1;
}

int subject_apply(void *ctx, int n, const float *const *v, float *const *out, struct err *err)
{
    struct trainer *t = ctx;
    return curvature_op_apply(t->subject.op, n, v, out, err);
}
