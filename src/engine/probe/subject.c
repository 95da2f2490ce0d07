#include "config.h"
#include "engine/probe/subject.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/err.h"
#include "base/memory.h"
#include "engine/criteria/loss_knobs.h"
#include "engine/probe/spectrum.h"

/* --- memory -------------------------------------------------------------------------------------------------------- */

static bool guest_stops(void *ctx)
{
    const struct subject *s = ctx;
    return s->guest->host->stopped(s->guest->ctx, s->may_cancel);
}

void subject_release(struct subject *s)
{
    curvature_op_free(s->op);
    loss_release(&s->loss);
    free(s->index);
    *s = (struct subject){ 0 };
}

size_t subject_memory(const struct subject *s)
{
    return s->op ? curvature_op_memory_bytes(s->op) : 0;
}

static size_t keep_bytes(void)
{
    const double share = SUBJECT_KEEP_SHARE * (double)memory_available_bytes(), most = (double)SUBJECT_KEEP_BYTES;
    return (size_t)(share < most ? share : most);
}

/* A probe takes images of one class. */
static uint32_t largest_class(const struct dataset *data)
{
    uint32_t most = 1;
    for (int c = 0; c < data->classes; c++) {
        const uint32_t train = data->train.count[c], test = data->test.count[c], larger = train > test ? train : test;
        most = larger > most ? larger : most;
    }
    return most;
}

int subject_open(struct subject *s, const struct guest *guest, struct err *err)
{
    const struct dataset *data = guest->data;
    const uint32_t chunk = image_chunk(data->train.kind.size, SUBJECT_IMAGES), largest = largest_class(data);
    struct curvature_options options = { .max_images = chunk < largest ? chunk : largest, .keep_bytes = keep_bytes(),
                                         .set_images = largest,
                                         .max_vectors = SPECTRUM_BLOCK, .threads = guest->threads, .device = guest->device,
                                         .stop = guest_stops, .stop_ctx = s };
    uint32_t most = data->train.n > data->test.n ? data->train.n : data->test.n;
    if (s->op)
        return 0;
    s->index = malloc((size_t)most * sizeof *s->index);
    if (!s->index)
        return err_set(err, ERR_MEMORY, "no memory for the images of a probe");
    s->guest = guest;
    if (loss_init(&s->loss, guest->net->classes, data->train.count, err) == 0 &&
        (s->op = curvature_op_new(guest->backend, guest->net, &options, err)))
        return 0;
    subject_release(s);
    return -1;
}

/* --- the moment ---------------------------------------------------------------------------------------------------- */

/* The weights go by way of host memory, for models do not share vectors. */
int subject_take_weights(struct subject *s, struct err *err)
{
    const struct guest *g = s->guest;
    const struct run_moment now = g->host->moment(g->ctx);
    size_t n = g->net->params.total, n_stats = g->net->stats.total;
    if (curvature_op_restrict(s->op, g->groups, err) < 0 || curvature_op_use_scales(s->op, g->scaled, err) < 0)
        return -1;
    float *host = malloc((n + n_stats) * sizeof *host);
    struct err why;
    if (!host)
        return err_set(err, ERR_MEMORY, "no memory for a copy of the weights");
    g->backend->vec_read(g->model, host, g->params, n);
    g->backend->vec_read(g->model, host + n, g->stats, n_stats);
    int result = curvature_op_weights(s->op, host, host + n, &why);
    free(host);
    s->of = now.step;
    s->second = now.second;
    s->epoch = moment_epoch(&now);
    s->rho_z = now.grad_norm > 0 ? now.rho / now.grad_norm : NAN;
    if (result < 0 && why.code == ERR_DIVERGED && backend_check_device(g->backend, g->model, err) < 0)
        return -1;
    if (result < 0 && why.code == ERR_DIVERGED)
        return err_set(err, ERR_DIVERGED, "the weights of step %llu are not finite", (unsigned long long)now.step);
    return result < 0 ? err_set(err, why.code, "%s", why.text) : 0;
}

/* --- the class ----------------------------------------------------------------------------------------------------- */

/* The indices as little-endian 32-bit numbers. */
static void name_subset(struct subject *s)
{
    struct digest digest;
    char hex[DIGEST_HEX];
    digest_init(&digest);
    for (uint32_t i = 0; i < s->n_images; i++) {
        uint32_t v = s->index[i];
        uint8_t bytes[4] = { (uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16), (uint8_t)(v >> 24) };
        digest_add(&digest, bytes, sizeof bytes);
    }
    digest_hex(&digest, hex);
    snprintf(s->subset, sizeof s->subset, "%.16s", hex);
}

static int choose_images(struct subject *s, int class_index, const struct probe_options *o, struct err *err)
{
    const struct dataset *data = s->guest->data;
    long most = o->images > 0 ? o->images : knob_int(s->guest->knobs, KNOB_HESSIAN_IMAGES);
    s->set = o->test ? &data->test : &data->train;
    if (o->pyhessian && o->images == 0)
        most = (long)s->set->n;
    s->class_index = class_index;
    s->n_images = s->set->n == 0 ? 0 : image_set_of_class(s->set, class_index, s->index, most < (long)s->set->n ? (uint32_t)most : s->set->n);
    if (s->n_images == 0)
        return err_set(err, ERR_DATA, "class %d %s has no %s images to probe", class_index, data->class_name[class_index],
                       o->test ? "test" : "training");
    name_subset(s);
    return 0;
}

static void describe_subject(struct subject *s, const struct probe_options *o)
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

static int set_loss(struct subject *s, const struct probe_options *o, long epoch, struct err *err)
{
    const struct knobs *k = s->guest->knobs;
    struct loss_config c;
    struct loss_phase phase = loss_phase_at(k, stage_epoch(k, epoch, s->second));
    phase.reweight = phase.reweight && o->weighted;
    if (loss_config_of(k, phase, &c, err) < 0)
        return -1;
    if (!o->weighted)
        c.weights = WEIGHTS_NONE;
    return loss_set(&s->loss, &c, err);
}

int subject_choose(struct subject *s, int class_index, const struct probe_options *o, struct err *err)
{
    const struct guest *g = s->guest;
    const struct run_moment now = g->host->moment(g->ctx);
    const long epoch = (long)(now.step / now.steps_per_epoch);
    struct pass_result result;
    if (choose_images(s, class_index, o, err) < 0 || set_loss(s, o, epoch, err) < 0)
        return -1;
    describe_subject(s, o);
    s->mode = o->train_mode ? PASS_TRAIN : PASS_EVAL;
    if (augment_of(g->knobs, s->set, &s->augment, err) < 0)
        return -1;
    s->augment.on = o->augment;
    s->augment.epoch = (uint32_t)epoch;
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

int subject_blame(const struct subject *s, struct err *err)
{
    if (err->code == ERR_DIVERGED && s->op)
        backend_check_device(s->guest->backend, curvature_op_model(s->op), err);
    return -1;
}

int subject_apply(void *ctx, int n, const float *const *v, float *const *out, struct err *err)
{
    const struct subject *s = ctx;
    return curvature_op_apply(s->op, n, v, out, err);
}
