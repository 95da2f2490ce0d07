#include "config.h"
#include "kernels/cpu/cpu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "kernels/cpu/general.h"
#include "kernels/cpu/pieces.h"
#include "kernels/cpu/vector.h"

/* --- life ---------------------------------------------------------------------------------------------------------- */

static bool cpu_has_math(enum math math)
{
    return math == MATH_WINOGRAD || (math == MATH_BF16 && bf16_choose());
}

static bool cpu_has_eval_math(enum math math)
{
    return math == MATH_BF16 && bf16_choose();
}

static int cpu_probe(int device, struct err *err)
{
    (void)device;
    return kernels_choose(err) ? 0 : -1;
}

static void cpu_close(struct model *m)
{
    if (!m)
        return;
    layout_release(m);
    pool_put(m->pool);
    free(m);
}

static int check_maths(const struct net *net, const struct model_options *options, struct err *err)
{
    char who[32];
    if (backend_check_math(&backend_cpu, options->math, err) < 0 || backend_check_eval_math(&backend_cpu, options->eval_math, err) < 0)
        return -1;
    snprintf(who, sizeof who, "math %s", math_name[options->math]);
    if (options->math != MATH_FP32 && net_require_plain(net, who, err) < 0)
        return -1;
    snprintf(who, sizeof who, "eval_math %s", math_name[options->eval_math]);
    return options->eval_math == MATH_FP32 ? 0 : net_require_plain(net, who, err);
}

static struct model *cpu_open(const struct net *net, const struct model_options *options, struct err *err)
{
    if (options->max_batch < 1 || options->max_batch > 1u << 24) {
        err_set(err, ERR_RANGE, "batch %u: accepted are 1 to %u", options->max_batch, 1u << 24);
        return NULL;
    }
    if (check_maths(net, options, err) < 0)
        return NULL;
    struct model *m = calloc(1, sizeof *m);
    if (!m) {
        err_set(err, ERR_MEMORY, "no memory for a model");
        return NULL;
    }
    m->net = net;
    m->threads = options->threads;
    m->max_batch = (int)options->max_batch;
    m->k = kernels_choose(err);
    m->math = options->math;
    m->eval_math = options->eval_math;
    m->half = m->math == MATH_BF16 || m->eval_math == MATH_BF16 ? bf16_choose() : NULL;
    m->pool = m->k ? pool_get(options->threads, err) : NULL;
    if (!m->pool || layout_build(m, 1, err) < 0) {
        cpu_close(m);
        return NULL;
    }
    m->used = options->products;
    return m;
}

static size_t cpu_memory_bytes(const struct model *m)
{
    return sizeof *m + m->pass_bytes + (m->exact_used ? m->exact_bytes : 0) + (m->used > 0 ? m->hvp_bytes : 0) + (m->used > 1 ? m->hvp_train_bytes : 0) +
           (size_t)m->slots_used * m->slot_bytes + (size_t)m->most_directions * m->direction_bytes;
}

static void cpu_turn(struct model *m, int slot)
{
    m->slots[m->slot].n = m->n;
    m->slots[m->slot].n_shards = m->n_shards;
    m->slots[m->slot].divisor = m->divisor;
    m->slots[m->slot].of_features = m->of_features;
    m->slots[m->slot].labelled = m->labelled;
    m->slot = slot;
    m->base = slot * m->max_batch;
    m->n = m->slots[slot].n;
    m->n_shards = m->slots[slot].n_shards;
    m->divisor = m->slots[slot].divisor;
    m->of_features = m->slots[slot].of_features;
    m->labelled = m->slots[slot].labelled;
    m->head.grad = m->slots[slot].head_grad;
    m->repeatable = false;
    general_turn(m);
}

/* Slots that no batch was loaded into cost address space only. */
static int cpu_slots(struct model *m, size_t bytes, int most, struct err *err)
{
    const size_t pass = m->pass_bytes, hvp = m->hvp_bytes, train = m->hvp_train_bytes, direction = m->direction_bytes;
    layout_release(m);
    m->slot_bytes = layout_slot_bytes(m, err);
    if (!m->slot_bytes)
        return -1;
    const size_t more = bytes / m->slot_bytes, room = MAX_SLOTS - 1;
    const int n = 1 + (int)(more < room ? more : room);
    if (layout_build(m, n < most ? n : most > 1 ? most : 1, err) < 0)
        return -1;
    m->pass_bytes = pass;
    m->hvp_bytes = hvp;
    m->hvp_train_bytes = train;
    m->direction_bytes = direction;
    return m->n_slots;
}

/* --- a batch ------------------------------------------------------------------------------------------------------- */

static void load_pixels(struct model *m, const struct batch *batch)
{
    const size_t px = (size_t)batch->n * m->net->height * m->net->width;
    const size_t channels = (size_t)m->net->image_channels, cs = (size_t)m->image_cs;
    float *to = m->images + (size_t)m->base * m->net->height * m->net->width * cs;
    for (size_t p = 0; p < px; p++)
        memcpy(to + p * cs, batch->images + p * channels, channels * sizeof(float));
}

static void load_rows(struct model *m, const struct batch *batch)
{
    const size_t rows = (size_t)batch->n * m->net->height, row = m->general.image_row;
    const size_t channels = (size_t)m->net->image_channels, used = (size_t)m->net->width * channels;
    float *to = m->images + (size_t)m->base * m->net->height * row + m->general.pad * channels;
    for (size_t r = 0; r < rows; r++)
        memcpy(to + r * row, batch->images + r * used, used * sizeof *to);
}

static void load_labels(struct model *m, const struct batch *batch)
{
    const size_t n = batch->n, classes = (size_t)m->head.classes, base = (size_t)m->base;
    memcpy(m->labels + base, batch->labels, n * sizeof *m->labels);
    if (batch->targets)
        memcpy(m->targets + base * classes, batch->targets, n * classes * sizeof *m->targets);
    if (batch->weights)
        memcpy(m->weights + base, batch->weights, n * sizeof *m->weights);
    m->labelled = (struct labelled){ m->head.classes, m->labels, batch->targets ? m->targets : NULL, batch->weights ? m->weights : NULL, NULL };
}

static int cpu_load(struct model *m, const struct batch *batch, struct err *err)
{
    const struct net *net = m->net;
    if (backend_check_batch(net, batch, (uint32_t)m->max_batch, err) < 0)
        return -1;
    m->n = (int)batch->n;
    m->n_shards = m->n < MAX_SHARDS ? m->n : MAX_SHARDS;
    m->slots[m->slot].prepared = m->slots[m->slot].forward = m->repeatable = false;
    m->slots_used = m->slot > m->slots_used ? m->slot : m->slots_used;
    load_labels(m, batch);
    m->of_features = batch->features != NULL;
    if (m->of_features) {
        head_take_features(m, batch->features);
        return 0;
    }
    (m->general.on ? load_rows : load_pixels)(m, batch);
    return 0;
}

static void cpu_logits(struct model *m, float *host)
{
    memcpy(host, m->head.logits + (size_t)m->base * m->head.classes, (size_t)m->n * m->head.classes * sizeof *host);
}

static void cpu_features(struct model *m, float *host)
{
    const size_t features = (size_t)m->head.features;
    memcpy(host, m->head.pooled + (size_t)m->base * features, (size_t)m->n * features * sizeof *host);
}

static void cpu_losses(struct model *m, double *host)
{
    memcpy(host, m->head.loss + m->base, (size_t)m->n * sizeof *host);
}

/* --- a pass -------------------------------------------------------------------------------------------------------- */

static double divisor_of(const struct model *m, double weight_sum)
{
    if (m->pass.criterion->coef.divisor > 0)
        return m->pass.criterion->coef.divisor;
    return m->pass.criterion->coef.reduction == REDUCE_WEIGHTED_MEAN ? weight_sum : m->n;
}

/* The classifier is gone through in any case; `forward`: the units before it too. */
static void run_pass(struct model *m, bool forward)
{
    if (m->general.on) {
        if (forward)
            general_run_forward(m);
        general_run_back(m);
        return;
    }
    struct unit_step steps[2 * NET_MAX_UNITS + 1];
    int used = m->of_features || !forward ? 0 : steps_forward(m, steps);
    steps[used++] = (struct unit_step){ m->bf16 || m->bf16_eval ? bf16_head_step : head_step, m->backward ? bn_reduce_backward : NULL, m->net->n_units - 1 };
    if (m->backward)
        used += steps_backward(m, steps + used);
    steps_run(m, steps, used, m->train);
}

/* Of a model of math bf16. */
static void use_float_planes(struct model *m, bool few)
{
    for (int i = 0; i < m->net->n_units; i++) {
        struct layer *l = &m->layers[i];
        const struct float_planes *p = few ? &l->bf16.few : &l->bf16.whole;
        l->raw = p->raw;
        l->act = p->act;
    }
}

void model_begin_pass(struct model *m, const struct pass *pass, bool slope, bool want_grad, bool keep)
{
    m->pass = *pass;
    m->train = pass->mode == PASS_TRAIN;
    m->slope = slope;
    m->backward = slope && !pass->head_only;
    m->want_grad = want_grad;
    m->keep = keep;
    m->winograd = m->math == MATH_WINOGRAD && m->train && !keep && !m->of_features;
    m->bf16 = m->math == MATH_BF16 && m->train && !keep && !m->of_features;
    m->bf16_eval = pass->mode == PASS_EVAL_BF16;
    m->exact_used |= !m->bf16 && (m->backward || keep);
    if (m->math == MATH_BF16)
        use_float_planes(m, !m->backward && !keep);
    m->labelled.part = pass->criterion ? pass->criterion->part : NULL;
    m->repeatable = false;
    m->slots[m->slot].prepared = false;
    for (int k = 0; k < m->n_slots; k++) /* packed weights and coefficients are common to all */
        m->slots[k].forward = m->slots[k].backward = m->slots[k].along = false;
    m->n_directions = 0;
}

void model_load_parameters(struct model *m)
{
    if (!m->of_features && !m->general.on) {
        pack_weights(m);
        return;
    }
    if (!m->of_features)
        bn_load(m);
    head_load(m);
}

static void run_and_sum(struct model *m, bool forward, struct pass_result *result)
{
    struct pass_result r = { .n = (uint32_t)m->n };
    for (int i = m->base; i < m->base + m->n; i++)
        r.weight_sum += share_weight(&m->labelled, (size_t)i, m->pass.criterion->coef.weight);
    m->divisor = divisor_of(m, r.weight_sum);
    if (forward)
        model_load_parameters(m);
    run_pass(m, forward);
    for (int i = m->base; i < m->base + m->n; i++) {
        r.loss += m->head.loss[i];
        r.correct += m->head.correct[i];
    }
    r.loss /= m->divisor;
    if (result)
        *result = r;
}

static int check_pass(const struct model *m, const struct pass *pass, enum criterion_use use, struct err *err)
{
    if (m->n <= 0)
        return err_set(err, ERR_USAGE, "no batch is loaded");
    if (backend_check_pass(m->net, (uint32_t)m->n, m->of_features, m->eval_math, pass, err) < 0)
        return -1;
    return backend_check_criterion(&backend_cpu, m->net, pass->criterion, use, err);
}

static int check_derivative(const struct pass *pass, struct err *err)
{
    return pass->mode == PASS_EVAL_BF16 ? err_set(err, ERR_USAGE, "an evaluation in bf16 has no derivatives") : 0;
}

void model_store_gradient(struct model *m, float *grad)
{
    if (m->bf16 && m->backward)
        bf16_last_gradient(m);
    else if (!m->pass.head_only && !m->general.on)
        unpack_gradient(m, m->partials, grad);
    if (!m->pass.head_only)
        bn_gradient(m, grad);
    head_gradient(m, grad);
}

static int cpu_gradient(struct model *m, const struct pass *pass, float *grad, struct pass_result *result,
                        struct err *err)
{
    if (check_pass(m, pass, CRITERION_GRADIENT, err) < 0 || (grad && check_derivative(pass, err) < 0))
        return -1;
    model_begin_pass(m, pass, grad, grad, false);
    m->gradient = grad;
    for (int k = 0; k < m->n_slots; k++) /* packed weights and coefficients are common to all */
        m->slots[k].prepared = false;
    run_and_sum(m, true, result);
    if (grad)
        model_store_gradient(m, grad);
    m->repeatable = grad != NULL;
    return 0;
}

/* Planes of forward stay as they are on the way back. By running statistics the classifier alone keeps its features, and no image's plane. */
static int cpu_again(struct model *m, const struct criterion *criterion, float *grad, struct pass_result *result, struct err *err)
{
    const bool of_features = m->of_features;
    if (!m->repeatable)
        return err_set(err, ERR_USAGE, "again() needs gradient() on the loaded batch");
    if (backend_check_criterion(&backend_cpu, m->net, criterion, CRITERION_GRADIENT, err) < 0)
        return -1;
    m->pass.criterion = criterion;
    m->labelled.part = criterion->part;
    m->gradient = grad;
    m->of_features |= !m->train && !m->backward;
    run_and_sum(m, false, result);
    model_store_gradient(m, grad);
    m->of_features = of_features;
    return 0;
}

static int cpu_hvp_prepare(struct model *m, const struct pass *pass, struct pass_result *result, struct err *err)
{
    if (check_pass(m, pass, CRITERION_PRODUCT, err) < 0 || check_derivative(pass, err) < 0)
        return -1;
    model_begin_pass(m, pass, true, false, true);
    m->pass.update_stats = false;
    run_and_sum(m, true, result);
    head_gradient(m, NULL);
    m->slots[m->slot].prepared = true;
    int used = m->train ? 2 : 1;
    m->used = used > m->used ? used : m->used;
    return 0;
}

void model_store_product(struct model *m, struct direction *d)
{
    if (!m->pass.head_only && !m->general.on)
        unpack_gradient(m, d->partials, d->out);
    if (!m->pass.head_only)
        bn_r_gradient(m, d);
    r_head_gradient(m, d);
}

static void run_block(struct model *m)
{
    struct unit_step steps[2 * NET_MAX_UNITS + 1];
    const bool all = !m->pass.head_only;
    int used = all ? steps_r_forward(m, steps) : 0;
    steps[used++] = (struct unit_step){ r_head_step, all ? bn_reduce_r_backward : NULL, m->net->n_units - 1 };
    if (all)
        used += steps_r_backward(m, steps + used);
    steps_run(m, steps, used, m->train);
}

void model_load_directions(struct model *m)
{
    if (!m->general.on) {
        pack_directions(m);
        return;
    }
    if (!m->pass.head_only)
        bn_load_direction(m, &m->directions[0]);
    head_load_direction(m, &m->directions[0]);
}

/* n <= HVP_BLOCK directions share what they read of the kept pass; each goes through the same arithmetic as alone. */
static void hvp_block(struct model *m, int n, const float *const *v, float *const *out)
{
    m->n_directions = n;
    m->most_directions = n - 1 > m->most_directions ? n - 1 : m->most_directions;
    for (int k = 0; k < n; k++) {
        m->directions[k].v = v[k];
        m->directions[k].out = out[k];
    }
    model_load_directions(m);
    (m->general.on ? general_product : run_block)(m);
    r_head_outer(m);
    for (int k = 0; k < n; k++)
        model_store_product(m, &m->directions[k]);
}

static int cpu_hvp(struct model *m, int n_vectors, const float *const *v, float *const *out, struct err *err)
{
    /* The general path, and batch statistics (see layout.c), keep every image's derivatives. */
    const int most = m->train || m->general.on ? 1 : HVP_BLOCK;
    if (!m->slots[m->slot].prepared)
        return err_set(err, ERR_USAGE, "a Hessian-vector product needs hvp_prepare() on the loaded batch");
    for (int k = 0; k < n_vectors; k += most)
        hvp_block(m, n_vectors - k < most ? n_vectors - k : most, v + k, out + k);
    return 0;
}

static const char *cpu_isa(const struct model *m)
{
    return m->math == MATH_BF16 ? m->half->name : m->math == MATH_WINOGRAD ? m->k->winograd_name : m->k->name;
}

const struct backend backend_cpu = {
    .name = "cpu",
    .help = "this machine's processor cores, single precision",
    .probe = cpu_probe,
    .has_math = cpu_has_math,
    .has_eval_math = cpu_has_eval_math,
    .supports = head_supports,
    .open = cpu_open,
    .close = cpu_close,
    .memory_bytes = cpu_memory_bytes,
    .slots = cpu_slots,
    .turn = cpu_turn,
    .isa = cpu_isa,
    .vec_new = vector_new,
    .vec_free = vector_free,
    .vec_write = vector_write,
    .vec_read = vector_read,
    .vec_zero = vector_zero,
    .vec_copy = vector_copy,
    .vec_scale = vector_scale,
    .vec_axpy = vector_axpy,
    .vec_dot = vector_dot,
    .sgd = vector_sgd,
    .sam_norm = vector_sam_norm,
    .sam_perturb = vector_sam_perturb,
    .load = cpu_load,
    .gradient = cpu_gradient,
    .again = cpu_again,
    .logits = cpu_logits,
    .features = cpu_features,
    .losses = cpu_losses,
    .hvp_prepare = cpu_hvp_prepare,
    .hvp = cpu_hvp,
    .forward = piece_forward,
    .output = piece_output,
    .features_back = true,
    .backward = piece_backward,
    .r_forward = piece_r_forward,
    .r_output = piece_r_output,
    .r_backward = piece_r_backward,
};
