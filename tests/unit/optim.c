/* optim_step() against its definition (methods 4), put together here from the back end's own operations. */
#include "config.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "engine/criteria/loss.h"
#include "engine/knobs.h"
#include "engine/optim/optim.h"
#include "tests/reference/tiny.h"

enum { PARAMS_MAX = 4096, STATS_MAX = 256 };
static const struct backend *const back_end = &backend_reference;

struct bench {
    struct net net;
    struct model *model;
    struct optim optim;
    struct loss loss;
    struct optim_knobs knobs;
    float w[PARAMS_MAX], stats[STATS_MAX];
    float images[TINY_BATCH * TINY_SIDE * TINY_SIDE * TINY_CHANNELS];
    int32_t labels[TINY_BATCH];
    struct batch batch;
};

static int bench_open(void **state)
{
    static const uint32_t counts[TINY_CLASSES] = { 50, 20, 10, 5 };
    static const double class_images[TINY_CLASSES] = { 40, 20, 5, 1 };
    static const float part[TINY_CLASSES] = { 0, 0.25f, 1, 1 }, rest[TINY_CLASSES] = { 1, 0.75f, 0, 0 };
    struct bench *b = calloc(1, sizeof *b);
    assert_non_null(b);
    tiny_net(&b->net, HEAD_LINEAR);
    assert_true(b->net.params.total <= PARAMS_MAX && b->net.stats.total <= STATS_MAX);
    b->model = back_end->open(&b->net, &(struct model_options){ .max_batch = TINY_BATCH, .threads = 1 }, NULL);
    assert_non_null(b->model);
    assert_int_equal(optim_init(&b->optim, back_end, b->model, &b->net, NULL), 0);
    assert_int_equal(loss_init(&b->loss, TINY_CLASSES, counts, NULL), 0);
    tiny_weights(&b->net, b->w, b->stats);
    tiny_batch(b->images, b->labels);
    b->batch = (struct batch){ .n = TINY_BATCH, .images = b->images, .labels = b->labels };
    b->knobs = (struct optim_knobs){ .kind = OPTIMISER_SGD, .lr = 0.1f, .momentum = 0.9f, .weight_decay = 2e-4f,
                                     .rho = 0.05, .pgd_sigma = 0.01f, .lpf_m = 2, .lpf_gamma = 0.01,
                                     .batch_size = TINY_BATCH, .seed = 4, .step = 9, .part = part, .rest = rest, .part_gain = 1,
                                     .gsam_alpha = 0.4, .wsam_gamma = 0.9, .fsam_sigma = 1, .fsam_lambda = 0.6, .looksam_k = 2,
                                     .looksam_alpha = 0.7, .msam_m = 2, .esam_beta = 0.6, .esam_gamma = 0.5, .ccsam_a = 1, .ccsam_phi = 0.3, .class_images = class_images };
    *state = b;
    return 0;
}

static int bench_close(void **state)
{
    struct bench *b = *state;
    optim_release(&b->optim);
    loss_release(&b->loss);
    back_end->close(b->model);
    net_release(&b->net);
    free(b);
    return 0;
}

static int step(struct bench *b, struct optimiser_result *r, struct err *err)
{
    const struct optim_task task = { .batch = &b->batch, .criterion = &b->loss.criterion, .w = b->w, .stats = b->stats };
    return optim_step(&b->optim, &b->knobs, &task, r, err);
}

/* One pass at `at`; statistics move when `update`. */
static struct pass_result pass(struct bench *b, const float *at, float *stats, bool update, float *g)
{
    struct pass p = { at, stats, PASS_TRAIN, update, &b->loss.criterion, false };
    struct pass_result r;
    assert_int_equal(back_end->load(b->model, &b->batch, NULL), 0);
    assert_int_equal(back_end->gradient(b->model, &p, g, &r, NULL), 0);
    return r;
}

static void close_to(const float *a, const float *b, size_t n, double tolerance)
{
    for (size_t i = 0; i < n; i++)
        if (!(fabs((double)a[i] - b[i]) <= tolerance * (1 + fabs((double)b[i]))))
            fail_msg("number %zu: %.9g, expected %.9g", i, (double)a[i], (double)b[i]);
}

/* Three steps written out from methods 4.1 and 4.2 in double. */
static void check_three_steps(struct bench *b, enum optimiser kind, bool freeze)
{
    size_t n = b->net.params.total;
    static float w[PARAMS_MAX], moved[PARAMS_MAX], g[PARAMS_MAX], stats[STATS_MAX];
    static double buf[PARAMS_MAX];
    bool sam = kind != OPTIMISER_SGD, adaptive = kind == OPTIMISER_ASAM, plain_step = kind == OPTIMISER_USAM;
    memcpy(w, b->w, sizeof w);
    memcpy(stats, b->stats, sizeof stats);
    memset(buf, 0, sizeof buf);
    b->knobs.kind = kind;
    b->knobs.freeze_second_pass = freeze;
    for (int k = 0; k < 3; k++) {
        struct pass_result first = pass(b, w, stats, true, g), second = { 0 };
        double norm = 0, plain = 0;
        for (size_t i = 0; i < n; i++) {
            norm += pow(adaptive ? (double)w[i] * g[i] : g[i], 2);
            plain += pow(g[i], 2);
        }
        if (sam) {
            for (size_t i = 0; i < n; i++)
                moved[i] = (float)(w[i] + b->knobs.rho / (plain_step ? 1 : sqrt(norm) + 1e-12) * (adaptive ? (double)w[i] * w[i] : 1) * g[i]);
            second = pass(b, moved, stats, !freeze, g);
        }
        for (size_t i = 0; i < n; i++) {
            double wd = (double)b->knobs.weight_decay, momentum = (double)b->knobs.momentum;
            buf[i] = momentum * buf[i] + g[i] + wd * w[i];
            w[i] = (float)(w[i] - (double)b->knobs.lr * (b->knobs.nesterov ? g[i] + wd * w[i] + momentum * buf[i] : buf[i]));
        }
        struct optimiser_result r;
        assert_int_equal(step(b, &r, NULL), 0);
        assert_true(fabs(r.first.loss - first.loss) < 1e-5);
        assert_true(fabs(r.norm - sqrt(plain)) < 1e-5);
        assert_int_equal(r.first.correct, first.correct);
        assert_true(sam ? fabs(r.second.loss - second.loss) < 1e-5 && r.second.loss > r.first.loss : isnan(r.second.loss));
        close_to(b->w, w, n, 1e-5);
        close_to(b->stats, stats, b->net.stats.total, 1e-5);
    }
}

static void sgd_is_its_definition(void **state)
{
    check_three_steps(*state, OPTIMISER_SGD, false);
}

static void nesterov_is_its_definition(void **state)
{
    struct bench *b = *state;
    b->knobs.nesterov = true;
    check_three_steps(b, OPTIMISER_SGD, false);
}

static void sam_is_its_definition(void **state)
{
    check_three_steps(*state, OPTIMISER_SAM, false);
}

static void asam_is_its_definition(void **state)
{
    check_three_steps(*state, OPTIMISER_ASAM, false);
}

static void usam_is_its_definition(void **state)
{
    check_three_steps(*state, OPTIMISER_USAM, false);
}

static void sam_with_frozen_statistics(void **state)
{
    check_three_steps(*state, OPTIMISER_SAM, true);
}

/* Noise on the gradient reaches the weights through the update: lr times it; noise on the weights arrives whole. */
static void pgd_adds_noise(void **state)
{
    struct bench *b = *state;
    struct optimiser_result r;
    size_t n = b->net.params.total;
    static float w0[PARAMS_MAX], stats0[STATS_MAX], plain[PARAMS_MAX];
    memcpy(w0, b->w, sizeof w0);
    memcpy(stats0, b->stats, sizeof stats0);
    assert_int_equal(step(b, &r, NULL), 0);
    memcpy(plain, b->w, sizeof plain);
    double expected[] = { (double)(b->knobs.lr * b->knobs.pgd_sigma), (double)b->knobs.pgd_sigma };
    for (int where = 0; where < 2; where++) {
        memcpy(b->w, w0, sizeof w0);
        memcpy(b->stats, stats0, sizeof stats0);
        back_end->vec_zero(b->model, b->optim.momentum, n);
        b->knobs.kind = OPTIMISER_PGD;
        b->knobs.pgd_on_weights = where == 1;
        assert_int_equal(step(b, &r, NULL), 0);
        double mean = 0, square = 0;
        for (size_t i = 0; i < n; i++) {
            mean += ((double)b->w[i] - plain[i]) / (double)n;
            square += pow((double)b->w[i] - plain[i], 2) / (double)n;
        }
        assert_true(fabs(sqrt(square) / expected[where] - 1) < 0.1);
        assert_true(fabs(mean) < 4 * expected[where] / sqrt((double)n));
    }
}

/* Without noise and with one piece LPF is SGD; with more pieces each has its own statistics. */
static void lpf_without_noise_is_sgd(void **state)
{
    struct bench *b = *state;
    struct optimiser_result sgd, lpf;
    static float w0[PARAMS_MAX], stats0[STATS_MAX], plain[PARAMS_MAX];
    memcpy(w0, b->w, sizeof w0);
    memcpy(stats0, b->stats, sizeof stats0);
    assert_int_equal(step(b, &sgd, NULL), 0);
    memcpy(plain, b->w, sizeof plain);
    memcpy(b->w, w0, sizeof w0);
    memcpy(b->stats, stats0, sizeof stats0);
    back_end->vec_zero(b->model, b->optim.momentum, b->net.params.total);
    b->knobs.kind = OPTIMISER_LPF;
    b->knobs.lpf_gamma = 0;
    b->knobs.lpf_m = 1;
    assert_int_equal(step(b, &lpf, NULL), 0);
    assert_memory_equal(b->w, plain, b->net.params.total * sizeof *plain);
    assert_true(lpf.first.loss == sgd.first.loss && lpf.first.correct == sgd.first.correct);
}

/* Gradients of the pieces, each divided by M, the divisor staying M. `size`: of a piece, by what a whole batch has. */
static void check_lpf_pieces(struct bench *b, uint32_t whole, uint32_t size)
{
    struct optimiser_result r;
    size_t n = b->net.params.total, image = TINY_SIDE * TINY_SIDE * TINY_CHANNELS;
    static float g[PARAMS_MAX], sum[PARAMS_MAX], stats[STATS_MAX];
    double loss = 0;
    memset(sum, 0, sizeof sum);
    memcpy(stats, b->stats, sizeof stats);
    for (uint32_t from = 0; from < TINY_BATCH; from += size) {
        struct batch part = { .n = from + size <= TINY_BATCH ? size : TINY_BATCH - from, .images = b->images + from * image, .labels = b->labels + from };
        struct pass p = { b->w, stats, PASS_TRAIN, true, &b->loss.criterion, false };
        struct pass_result one;
        assert_int_equal(back_end->load(b->model, &part, NULL), 0);
        assert_int_equal(back_end->gradient(b->model, &p, g, &one, NULL), 0);
        for (size_t i = 0; i < n; i++)
            sum[i] += g[i] / 2;
        loss += one.loss / 2;
    }
    b->knobs.kind = OPTIMISER_LPF;
    b->knobs.lpf_gamma = 0;
    b->knobs.batch_size = whole;
    static float expected[PARAMS_MAX];
    for (size_t i = 0; i < n; i++)
        expected[i] = (float)(b->w[i] - (double)b->knobs.lr * (sum[i] + (double)b->knobs.weight_decay * b->w[i]));
    assert_int_equal(step(b, &r, NULL), 0);
    assert_true(fabs(r.first.loss - loss) < 1e-9);
    close_to(b->w, expected, n, 1e-6);
    close_to(b->stats, stats, b->net.stats.total, 1e-6);
}

/* Two pieces of 2 and a rest of 1 (batch 5, M 2). */
static void lpf_pieces(void **state)
{
    check_lpf_pieces(*state, TINY_BATCH, 2);
}

/* The last batch of an epoch, of 5 images where a whole one has 8, is cut as that one is: 4 and 1. */
static void lpf_pieces_of_the_last_batch(void **state)
{
    check_lpf_pieces(*state, 8, 4);
}

/* --- what is made of g and g_s (methods 4.9), written out in double --- */

static double product(const float *a, const float *b, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (double)a[i] * b[i];
    return sum;
}

/* One step from no momentum: what is in the momentum then is the step's gradient and decay. A large rho, so that no two norms are alike. */
static void check_surrogate(struct bench *b, enum optimiser kind, double of_g, double of_g_s)
{
    const size_t n = b->net.params.total;
    static float g[PARAMS_MAX], g_s[PARAMS_MAX], moved[PARAMS_MAX], w[PARAMS_MAX], stats[STATS_MAX], expected[PARAMS_MAX];
    struct optimiser_result r;
    b->knobs.kind = kind;
    b->knobs.rho = 0.5;
    memcpy(w, b->w, sizeof w);
    memcpy(stats, b->stats, sizeof stats);
    pass(b, w, stats, false, g);
    const double norm = sqrt(product(g, g, n));
    for (size_t i = 0; i < n; i++)
        moved[i] = (float)(w[i] + b->knobs.rho / norm * g[i]);
    pass(b, moved, stats, false, g_s);
    const double along = product(g, g_s, n) / product(g_s, g_s, n), alpha = b->knobs.gsam_alpha;
    if (kind == OPTIMISER_GSAM)
        of_g = -alpha, of_g_s = 1 + alpha * along;
    for (size_t i = 0; i < n; i++)
        expected[i] = (float)(of_g * g[i] + of_g_s * g_s[i] + (double)b->knobs.weight_decay * w[i]);
    assert_true(fabs(norm / sqrt(product(g_s, g_s, n)) - 1) > 0.05);
    assert_int_equal(step(b, &r, NULL), 0);
    close_to(b->optim.momentum, expected, n, 2e-5);
}

static void gsam_is_its_definition(void **state)
{
    check_surrogate(*state, OPTIMISER_GSAM, 0, 0);
}

static void wsam_is_its_definition(void **state)
{
    struct bench *b = *state;
    const double beyond = b->knobs.wsam_gamma / (1 - b->knobs.wsam_gamma);
    b->knobs.wsam_coupled = true;
    check_surrogate(b, OPTIMISER_WSAM, 1 - beyond, beyond);
}

static void wsam_goes_beyond_outside_momentum(void **state)
{
    check_surrogate(*state, OPTIMISER_WSAM, 1, 0);
}

/* Its first step climbs along g and keeps it. */
static void fsam_begins_as_sam(void **state)
{
    struct bench *b = *state;
    static float g[PARAMS_MAX], stats[STATS_MAX];
    memcpy(stats, b->stats, sizeof stats);
    pass(b, b->w, stats, false, g);
    check_surrogate(b, OPTIMISER_FSAM, 0, 1);
    for (size_t i = 0; i < b->net.params.total; i++) /* 0.6 m + (1 - 0.6) g, were it not the first */
        assert_true(fabs((double)b->optim.kept[i] - (double)g[i]) <= 1e-6);
}

/* The noise in o->noise - host is gamma |W_r| per filter: measured over a tensor's filters. */
static void lpf_noise_follows_the_filters(void **state)
{
    struct bench *b = *state;
    struct optimiser_result r;
    b->knobs.kind = OPTIMISER_LPF;
    b->knobs.lpf_m = 1;
    for (int i = 0; i < b->net.units[2].channels; i++) /* one filter ten times as long */
        for (size_t k = 0; k < 27 && i == 3; k++)
            b->w[b->net.units[2].weight + (size_t)i * 27 + k] *= 10;
    assert_int_equal(step(b, &r, NULL), 0);
    double ratio[7];
    for (int i = 0; i < 7; i++) {
        double noise = 0, weight = 0;
        for (size_t k = 0; k < 27; k++) {
            size_t at = b->net.units[2].weight + (size_t)i * 27 + k;
            noise += pow((double)b->optim.noise[at] - b->optim.host[at], 2) / 27;
            weight += pow(b->optim.host[at], 2);
        }
        ratio[i] = sqrt(noise / weight) / b->knobs.lpf_gamma;
        assert_true(ratio[i] > 0.5 && ratio[i] < 1.6);
    }
}

/* Each has draws of its own: the first of seed 4, step 9, in units of its sigma, as RNG_PGD and RNG_LPF give them. */
static void noise_is_drawn_for_its_purpose(void **state)
{
    struct bench *b = *state;
    struct optimiser_result r;
    static const double pgd[4] = { 0.0706077329, -1.2540128471, -1.6660609151, -1.2523240993 },
                        lpf[4] = { -0.4776383584, -0.5599253886, 0.0647632353, 0.1813437556 };
    const struct tensor_info *t = &b->net.params.tensor[0];
    const size_t filter = t->count / (size_t)t->dims[0];
    double length = 0;
    b->knobs.kind = OPTIMISER_PGD;
    assert_int_equal(step(b, &r, NULL), 0);
    for (int i = 0; i < 4; i++)
        assert_true(fabs((double)b->optim.noise[i] / (double)b->knobs.pgd_sigma - pgd[i]) < 1e-5);
    b->knobs.kind = OPTIMISER_LPF;
    b->knobs.lpf_m = 1;
    assert_true(t->offset == 0 && filter >= 4);
    for (size_t i = 0; i < filter; i++)
        length += pow((double)b->w[i], 2);
    assert_int_equal(step(b, &r, NULL), 0);
    for (int i = 0; i < 4; i++)
        assert_true(fabs(((double)b->optim.noise[i] - (double)b->optim.host[i]) / (b->knobs.lpf_gamma * sqrt(length)) - lpf[i]) < 1e-3);
}

/* LPF's noise is of its passes only: what does not descend stays where it was, bit for bit. */
static void lpf_noise_leaves_the_weights(void **state)
{
    struct bench *b = *state;
    struct optimiser_result r;
    static float w[PARAMS_MAX];
    memcpy(w, b->w, sizeof w);
    b->knobs.kind = OPTIMISER_LPF;
    b->knobs.lr = 0;
    for (int i = 0; i < 2; i++, b->knobs.step++)
        assert_int_equal(step(b, &r, NULL), 0);
    assert_true(r.norm > 0 && b->knobs.lpf_gamma > 0);
    assert_memory_equal(b->w, w, b->net.params.total * sizeof *w);
}

/* ASAM of its authors' code, written out: T = |w| + eta for what is called weight, 1 for biases. */
static void asam_by_eta(void **state)
{
    struct bench *b = *state;
    static float g[PARAMS_MAX], moved[PARAMS_MAX], stats[STATS_MAX];
    double norm = 0, size[PARAMS_MAX];
    memcpy(stats, b->stats, sizeof stats);
    b->knobs.kind = OPTIMISER_ASAM;
    b->knobs.asam_eta = 0.25;
    (void)pass(b, b->w, stats, false, g);
    for (int i = 0; i < b->net.params.n; i++) {
        const struct tensor_info *t = &b->net.params.tensor[i];
        for (size_t k = t->offset; k < t->offset + t->count; k++) {
            size[k] = strstr(t->name, "weight") ? fabs((double)b->w[k]) + 0.25 : 1;
            norm += pow(size[k] * (double)g[k], 2);
        }
    }
    norm = sqrt(norm);
    for (size_t k = 0; k < b->net.params.total; k++)
        moved[k] = (float)((double)b->w[k] + b->knobs.rho / norm * size[k] * size[k] * (double)g[k]);
    const struct pass_result above = pass(b, moved, stats, false, g);
    struct optimiser_result r;
    assert_int_equal(step(b, &r, NULL), 0);
    assert_true(fabs(r.reach - norm) < 1e-5 * norm && fabs(r.second.loss - above.loss) < 1e-5);
}

/* IB's factors of w act at w + e: there the loss is the sum of those times the cross-entropies of w + e. */
static void frozen_factors_are_of_w(void **state)
{
    struct bench *b = *state;
    struct loss_config config;
    static float g[PARAMS_MAX], moved[PARAMS_MAX], stats[STATS_MAX];
    double factor[TINY_BATCH], plain[TINY_BATCH], above[TINY_BATCH], norm = 0, expected = 0;
    memcpy(stats, b->stats, sizeof stats);
    loss_config_default(&config);
    config.id = LOSS_IB;
    config.ib_alpha = 1;
    config.ib_frozen = config.ib_detached = true;
    assert_int_equal(loss_set(&b->loss, &config, NULL), 0);
    (void)pass(b, b->w, stats, false, g);
    back_end->losses(b->model, factor);
    for (size_t k = 0; k < b->net.params.total; k++)
        norm += (double)g[k] * (double)g[k];
    for (size_t k = 0; k < b->net.params.total; k++)
        moved[k] = (float)((double)b->w[k] + b->knobs.rho / sqrt(norm) * (double)g[k]);
    b->loss.criterion.kind = CRITERION_SOFTMAX;
    (void)pass(b, b->w, stats, false, g);
    back_end->losses(b->model, plain);
    (void)pass(b, moved, stats, false, g);
    back_end->losses(b->model, above);
    b->loss.criterion.kind = CRITERION_IB;
    for (int i = 0; i < TINY_BATCH; i++)
        expected += factor[i] / plain[i] * above[i] / TINY_BATCH;
    struct optimiser_result r;
    b->knobs.kind = OPTIMISER_SAM;
    assert_int_equal(step(b, &r, NULL), 0);
    const double frozen = r.second.loss;
    assert_true(fabs(frozen - expected) < 1e-5 * expected && frozen > r.first.loss);
}

/* A NaN anywhere: an error, and nothing has moved. */
static void divergence_moves_nothing(void **state)
{
    struct bench *b = *state;
    const enum optimiser kinds[] = { OPTIMISER_SGD, OPTIMISER_SAM, OPTIMISER_ASAM, OPTIMISER_PGD, OPTIMISER_LPF, OPTIMISER_USAM };
    static float w[PARAMS_MAX], stats[STATS_MAX], momentum[PARAMS_MAX];
    for (size_t k = 0; k < 6; k++) {
        struct err err = { 0 };
        struct optimiser_result r;
        b->knobs.kind = kinds[k];
        b->images[7] = 0.5f;
        assert_int_equal(step(b, &r, &err), 0); /* momentum is not zero any more */
        memcpy(w, b->w, sizeof w);
        memcpy(stats, b->stats, sizeof stats);
        memcpy(momentum, b->optim.momentum, b->net.params.total * sizeof *momentum);
        b->images[7] = NAN;
        assert_int_equal(step(b, &r, &err), -1);
        assert_int_equal(err.code, ERR_DIVERGED);
        assert_non_null(strstr(err.text, "is nan"));
        assert_memory_equal(b->w, w, sizeof w);
        assert_memory_equal(b->stats, stats, sizeof stats);
        assert_memory_equal(b->optim.momentum, momentum, b->net.params.total * sizeof *momentum);
    }
    /* SAM's second pass: rho so large that w + e overflows. */
    struct err err = { 0 };
    struct optimiser_result r;
    b->images[7] = 0.5f;
    b->knobs.kind = OPTIMISER_SAM;
    b->knobs.rho = 1e39;
    assert_int_equal(step(b, &r, &err), -1);
    assert_int_equal(err.code, ERR_DIVERGED);
    assert_true(isfinite(r.first.loss));
    assert_memory_equal(b->w, w, sizeof w);
    assert_memory_equal(b->stats, stats, sizeof stats);
}

static void names(void **state)
{
    (void)state;
    assert_string_equal(knob_table[KNOB_OPT].choices, "sgd sam asam pgd lpf usam imbsam focalsam blend ssesam gsam wsam fsam looksam msam esam ccsam");
}

/* The facts of a row agree with each other and with what a step does. */
static void rows_are_true(void **state)
{
    struct bench *b = *state;
    struct knobs k;
    struct err err = { 0 };
    knobs_init(&k);
    for (int i = 0; i < OPTIMISER_COUNT; i++) {
        const struct optimiser_info *row = &optimiser_table[i];
        int end = 0;
        while (end < OPTIMISER_KNOBS && row->knobs[end] != KNOB_NONE)
            end++;
        assert_true(end < OPTIMISER_KNOBS);
        assert_int_equal(knobs_set(&k, "opt", row->name, &err), 0);
        assert_int_equal(knobs_optimiser(&k), i);
        struct optimiser_result r;
        b->knobs.kind = (enum optimiser)i;
        assert_int_equal(step(b, &r, NULL), 0);
        assert_true(r.updated && isfinite(r.first.loss));
        assert_int_equal(row->passes > 1 || row->way == WAY_CLASSES, !isnan(r.second.loss));
        assert_int_equal(optimiser_uses_rho((enum optimiser)i), row->ascent != ASCENT_NONE);
        const bool along_g = i == OPTIMISER_SAM || row->way == WAY_SURROGATE || row->way == WAY_LOOK;
        const double radius = along_g ? b->knobs.rho : i == OPTIMISER_USAM ? b->knobs.rho * r.norm : NAN;
        assert_true(isnan(radius) ? isnan(optim_radius(&b->knobs, &r)) : optim_radius(&b->knobs, &r) == radius);
    }
    assert_true(optimiser_reads(OPTIMISER_PGD, KNOB_PGD_WHERE) && !optimiser_reads(OPTIMISER_SGD, KNOB_PGD_WHERE));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(sgd_is_its_definition, bench_open, bench_close),
        cmocka_unit_test_setup_teardown(nesterov_is_its_definition, bench_open, bench_close),
        cmocka_unit_test_setup_teardown(sam_is_its_definition, bench_open, bench_close),
        cmocka_unit_test_setup_teardown(asam_is_its_definition, bench_open, bench_close),
        cmocka_unit_test_setup_teardown(usam_is_its_definition, bench_open, bench_close),
        cmocka_unit_test_setup_teardown(sam_with_frozen_statistics, bench_open, bench_close),
        cmocka_unit_test_setup_teardown(pgd_adds_noise, bench_open, bench_close),
        cmocka_unit_test_setup_teardown(lpf_without_noise_is_sgd, bench_open, bench_close),
        cmocka_unit_test_setup_teardown(lpf_pieces, bench_open, bench_close),
        cmocka_unit_test_setup_teardown(lpf_pieces_of_the_last_batch, bench_open, bench_close),
        cmocka_unit_test_setup_teardown(gsam_is_its_definition, bench_open, bench_close),
        cmocka_unit_test_setup_teardown(wsam_is_its_definition, bench_open, bench_close),
        cmocka_unit_test_setup_teardown(wsam_goes_beyond_outside_momentum, bench_open, bench_close),
        cmocka_unit_test_setup_teardown(fsam_begins_as_sam, bench_open, bench_close),
        cmocka_unit_test_setup_teardown(lpf_noise_follows_the_filters, bench_open, bench_close),
        cmocka_unit_test_setup_teardown(noise_is_drawn_for_its_purpose, bench_open, bench_close),
        cmocka_unit_test_setup_teardown(lpf_noise_leaves_the_weights, bench_open, bench_close),
        cmocka_unit_test_setup_teardown(asam_by_eta, bench_open, bench_close),
        cmocka_unit_test_setup_teardown(frozen_factors_are_of_w, bench_open, bench_close),
        cmocka_unit_test_setup_teardown(divergence_moves_nothing, bench_open, bench_close),
        cmocka_unit_test(names),
        cmocka_unit_test_setup_teardown(rows_are_true, bench_open, bench_close),
    };
    return cmocka_run_group_tests_name("unit/optim", tests, NULL, NULL);
}
