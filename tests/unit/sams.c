/* What all later SAMs have in common (methods 4.12): rules C1 to C13 of how SAM goes together with the rest of a step. */
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
#include "engine/optim/optim.h"
#include "tests/reference/tiny.h"

enum { PARAMS_MAX = 4096, STATS_MAX = 256, NOTES_MAX = 32 };

/* A back end (the reference, but for one test), and what was asked of it. */
static struct notes {
    int loads, agains, passes;
    bool update[NOTES_MAX], train[NOTES_MAX];
    struct criterion criterion[NOTES_MAX];
    float at[NOTES_MAX][PARAMS_MAX]; /* the weights of each pass */
} notes;
static struct backend watched;
static const struct backend *base = &backend_reference;
static enum math place_math;
static size_t model_params;

static int note_load(struct model *m, const struct batch *batch, struct err *err)
{
    notes.loads++;
    return base->load(m, batch, err);
}

static int note_gradient(struct model *m, const struct pass *pass, float *grad, struct pass_result *result, struct err *err)
{
    assert_true(notes.passes < NOTES_MAX);
    notes.update[notes.passes] = pass->update_stats;
    notes.criterion[notes.passes] = *pass->criterion;
    memcpy(notes.at[notes.passes], pass->params, model_params * sizeof(float));
    notes.train[notes.passes++] = pass->mode == PASS_TRAIN;
    return base->gradient(m, pass, grad, result, err);
}

static int note_again(struct model *m, const struct criterion *criterion, float *grad, struct pass_result *result, struct err *err)
{
    notes.agains++;
    return base->again(m, criterion, grad, result, err);
}

/* --- a step somewhere ---------------------------------------------------------------------------------------------- */

struct place {
    struct net net;
    struct model *model;
    struct optim optim;
    struct loss loss;
    float w[PARAMS_MAX], stats[STATS_MAX];
    float images[TINY_BATCH * TINY_SIDE * TINY_SIDE * TINY_CHANNELS];
    int32_t labels[TINY_BATCH];
};

static struct place *open_place(void)
{
    static const uint32_t counts[TINY_CLASSES] = { 50, 20, 10, 5 };
    struct place *p = calloc(1, sizeof *p);
    assert_non_null(p);
    watched = *base;
    watched.load = note_load;
    watched.gradient = note_gradient;
    watched.again = note_again;
    tiny_net(&p->net, HEAD_LINEAR);
    assert_true(p->net.params.total <= PARAMS_MAX && p->net.stats.total <= STATS_MAX);
    model_params = p->net.params.total;
    p->model = watched.open(&p->net, &(struct model_options){ .max_batch = TINY_BATCH, .threads = 1, .math = place_math }, NULL);
    assert_non_null(p->model);
    assert_int_equal(optim_init(&p->optim, &watched, p->model, &p->net, NULL), 0);
    assert_int_equal(loss_init(&p->loss, TINY_CLASSES, counts, NULL), 0);
    tiny_weights(&p->net, p->w, p->stats);
    tiny_batch(p->images, p->labels);
    return p;
}

static void close_place(struct place *p)
{
    optim_release(&p->optim);
    loss_release(&p->loss);
    watched.close(p->model);
    net_release(&p->net);
    free(p);
}

static const float part[TINY_CLASSES] = { 0, 0.25f, 1, 1 }, rest[TINY_CLASSES] = { 1, 0.75f, 0, 0 }, ones[TINY_CLASSES] = { 1, 1, 1, 1 },
                   zeros[TINY_CLASSES];

static struct optim_knobs knobs_for(enum optimiser kind)
{
    return (struct optim_knobs){ .kind = kind, .lr = 0.1f, .momentum = 0.9f, .weight_decay = 2e-4f, .rho = 0.05, .freeze_second_pass = true,
                                 .part = part, .rest = rest, .part_gain = 1, .rho_head = kind == OPTIMISER_SSESAM ? 0.03 : 0, .gsam_alpha = 0.4,
                                 .wsam_gamma = 0.9, .fsam_sigma = 1, .fsam_lambda = 0.6, .looksam_k = 2, .looksam_alpha = 0.7, .msam_m = 2, .esam_beta = 0.6, .esam_gamma = 0.5,
                                 .batch_size = TINY_BATCH };
}

static int step_of(struct place *p, const struct optim_knobs *k, struct optimiser_result *r, struct err *err)
{
    const struct batch batch = { .n = TINY_BATCH, .images = p->images, .labels = p->labels };
    const struct optim_task task = { .batch = &batch, .criterion = &p->loss.criterion, .w = p->w, .stats = p->stats };
    notes = (struct notes){ 0 };
    return optim_step(&p->optim, k, &task, r, err);
}

static void take(struct place *p, struct optim_knobs k, int steps)
{
    for (int i = 0; i < steps; i++) {
        struct optimiser_result r;
        k.step = (uint64_t)i;
        assert_int_equal(step_of(p, &k, &r, NULL), 0);
    }
}

static void same_bits(const struct place *a, const struct place *b, const char *what)
{
    const size_t n = a->net.params.total;
    if (memcmp(a->w, b->w, sizeof a->w) != 0 || memcmp(a->stats, b->stats, sizeof a->stats) != 0 ||
        memcmp(a->optim.momentum, b->optim.momentum, n * sizeof(float)) != 0)
        fail_msg("%s: other bits", what);
}

/* Three steps with either come to the same bits. */
static void check_same(struct optim_knobs a, struct optim_knobs b)
{
    struct place *p = open_place(), *q = open_place();
    take(p, a, 3);
    take(q, b, 3);
    same_bits(p, q, optimiser_table[a.kind].name);
    close_place(p);
    close_place(q);
}

static bool is_later(int kind)
{
    return optimiser_table[kind].way > WAY_LPF && optimiser_table[kind].way != WAY_CLASSES;
}

/* --- the rules ----------------------------------------------------------------------------------------------------- */

/* m-SAM of several pieces is none: each has batch statistics of its own. */
static void rho_of_0_is_sgd(void **state)
{
    (void)state;
    for (int i = 0; i < OPTIMISER_COUNT; i++) {
        struct optim_knobs k = knobs_for((enum optimiser)i);
        k.rho = k.rho_head = 0;
        k.msam_m = 1;
        if (optimiser_table[i].ascent != ASCENT_NONE)
            check_same(k, knobs_for(OPTIMISER_SGD));
    }
}

static void limits_are_sam(void **state)
{
    struct optim_knobs k;
    (void)state;
    k = knobs_for(OPTIMISER_BLEND);
    k.part = ones;
    k.rest = zeros;
    k.one_share = true;
    check_same(k, knobs_for(OPTIMISER_SAM));
    k = knobs_for(OPTIMISER_GSAM);
    k.gsam_alpha = 0;
    check_same(k, knobs_for(OPTIMISER_SAM));
    k = knobs_for(OPTIMISER_FSAM);
    k.fsam_sigma = 0;
    check_same(k, knobs_for(OPTIMISER_SAM));
    k = knobs_for(OPTIMISER_LOOKSAM);
    k.looksam_k = 1;
    check_same(k, knobs_for(OPTIMISER_SAM));
    k = knobs_for(OPTIMISER_MSAM);
    k.msam_m = 1;
    check_same(k, knobs_for(OPTIMISER_SAM));
}

/* No image of a class that climbs: SGD, also with a gain; shares of 0 climb no more. */
static void nothing_climbs(void **state)
{
    static const float third[TINY_CLASSES] = { 0, 0, 1, 0 }, others[TINY_CLASSES] = { 1, 1, 0, 1 };
    struct place *p = open_place(), *q = open_place();
    struct optim_knobs k = knobs_for(OPTIMISER_IMBSAM);
    (void)state;
    for (int i = 0; i < TINY_BATCH; i++)
        p->labels[i] = q->labels[i] = i % 2;
    k.part = third;
    k.rest = others;
    k.part_gain = 2;
    take(p, k, 3);
    assert_int_equal(notes.passes, 1);
    take(q, knobs_for(OPTIMISER_SGD), 3);
    same_bits(p, q, "no image of the tail");
    close_place(p);
    close_place(q);
    k = knobs_for(OPTIMISER_BLEND);
    k.part = zeros;
    k.rest = ones;
    k.one_share = true;
    check_same(k, knobs_for(OPTIMISER_SGD));
}

/* One batch for all passes of a step; statistics move in each or in the first; never by the running ones; one forward for two ways back. */
static void passes_are_of_one_batch(void **state)
{
    (void)state;
    for (int i = 0; i < OPTIMISER_COUNT; i++)
        for (int freeze = 0; freeze < 2 && is_later(i); freeze++) {
            struct place *p = open_place();
            struct optim_knobs k = knobs_for((enum optimiser)i);
            struct optimiser_result r;
            const bool micro = i == OPTIMISER_MSAM, chosen = i == OPTIMISER_ESAM;
            k.freeze_second_pass = freeze;
            assert_int_equal(step_of(p, &k, &r, NULL), 0);
            assert_int_equal(notes.loads, micro || chosen ? 2 : 1);
            assert_int_equal(notes.passes, micro ? 4 : i == OPTIMISER_SSESAM || chosen ? 3 : 2);
            assert_int_equal(notes.agains, optimiser_table[i].way == WAY_PARTS);
            for (int j = 0; j < notes.passes; j++) {
                assert_true(notes.train[j]);
                assert_int_equal(notes.update[j], j == 0 || (micro && j == 2) || !freeze);
            }
            close_place(p);
        }
}

/* Decay is no part of where a step climbs: all it measured is the same. */
static void decay_does_not_climb(void **state)
{
    (void)state;
    for (int i = 0; i < OPTIMISER_COUNT; i++) {
        struct place *p = open_place(), *q = open_place();
        struct optim_knobs k = knobs_for((enum optimiser)i);
        struct optimiser_result r, other;
        if (is_later(i)) {
            assert_int_equal(step_of(p, &k, &r, NULL), 0);
            k.weight_decay = 10;
            assert_int_equal(step_of(q, &k, &other, NULL), 0);
            assert_true(r.second.loss == other.second.loss && r.norm == other.norm && r.norm_up == other.norm_up && r.reach == other.reach);
        }
        close_place(p);
        close_place(q);
    }
}

/* What does not train keeps its bits, and counts in no norm. */
static void frozen_stays(void **state)
{
    (void)state;
    for (int i = 0; i < OPTIMISER_COUNT; i++) {
        struct place *p = open_place();
        float before[PARAMS_MAX];
        struct param_groups groups;
        const struct param_rule frozen = { .trainable = false };
        assert_int_equal(param_groups_init(&groups, &p->net, NULL), 0);
        assert_int_equal(param_groups_set(&groups, &p->net, p->net.params.tensor[0].name, &frozen, NULL), 0);
        assert_int_equal(optim_use_groups(&p->optim, &groups, NORM_MOVING, NULL), 0);
        memcpy(before, p->w, sizeof before);
        if (is_later(i))
            take(p, knobs_for((enum optimiser)i), 3);
        const size_t first = p->net.params.tensor[0].count;
        assert_memory_equal(p->w, before, first * sizeof *before);
        assert_true(!is_later(i) || memcmp(p->w + first, before + first, 100 * sizeof *before) != 0);
        param_groups_release(&groups);
        close_place(p);
    }
}

/* A step that meets a NaN leaves all as it was: weights, statistics, momentum and what the optimiser keeps. */
static void break_steps(void)
{
    for (int i = 0; i < OPTIMISER_COUNT; i++)
        for (int how = 0; how < 2 && is_later(i); how++) {
            struct place *p = open_place(), *q = open_place();
            struct optim_knobs k = knobs_for((enum optimiser)i);
            struct optimiser_result r;
            struct err err = { 0 };
            const size_t bytes = p->net.params.total * sizeof(float);
            take(p, k, 2);
            take(q, k, 2);
            if (how == 0)
                p->images[7] = NAN;
            else
                k.rho = 1e39;
            k.step = 2; /* one of LookSAM's that climb */
            assert_int_equal(step_of(p, &k, &r, &err), -1);
            assert_int_equal(err.code, ERR_DIVERGED);
            same_bits(p, q, optimiser_table[i].name);
            if (optimiser_table[i].keeps)
                assert_memory_equal(p->optim.kept, q->optim.kept, bytes);
            close_place(p);
            close_place(q);
        }
}

static void broken_steps_move_nothing(void **state)
{
    (void)state;
    break_steps();
}

/* C10: and so it is where passes multiply in bf16. */
static void broken_steps_in_bf16(void **state)
{
    (void)state;
    if (!backend_cpu.has_math(MATH_BF16))
        skip();
    base = &backend_cpu;
    place_math = MATH_BF16;
    break_steps();
    base = &backend_reference;
    place_math = MATH_FP32;
}

/* The first loss is that at w; the second that of what is descended: with all of it climbing, at w + e. */
static void losses_are_of_their_place(void **state)
{
    struct optimiser_result sgd;
    struct place *p = open_place();
    const struct optim_knobs plain = knobs_for(OPTIMISER_SGD);
    (void)state;
    assert_int_equal(step_of(p, &plain, &sgd, NULL), 0);
    close_place(p);
    for (int i = 0; i < OPTIMISER_COUNT; i++) {
        struct optim_knobs k = knobs_for((enum optimiser)i);
        struct optimiser_result r;
        if (!is_later(i) || i == OPTIMISER_MSAM)
            continue;
        p = open_place();
        assert_int_equal(step_of(p, &k, &r, NULL), 0);
        assert_true(r.first.loss == sgd.first.loss && r.norm == sgd.norm && r.first.correct == sgd.first.correct);
        assert_true(r.second.loss > r.first.loss);
        close_place(p);
    }
}

/* C5: what does not follow from the weights (class weights, priors, margins) is formed before the step: all its passes read one and the same. */
static void one_criterion_for_all_passes(void **state)
{
    struct loss_config config;
    (void)state;
    loss_config_default(&config);
    config.id = LOSS_VS;
    config.weights = WEIGHTS_EFFECTIVE;
    config.reweight = true;
    for (int i = 0; i < OPTIMISER_COUNT; i++) {
        struct place *p = open_place();
        struct optim_knobs k = knobs_for((enum optimiser)i);
        assert_int_equal(loss_set(&p->loss, &config, NULL), 0);
        if (is_later(i))
            take(p, k, 1);
        for (int j = 0; j < notes.passes && is_later(i); j++) {
            const struct loss_coef *c = &notes.criterion[j].coef, *own = &p->loss.criterion.coef; /* the very arrays */
            assert_true(c->scale == own->scale && c->shift == own->shift && c->margin == own->margin && c->weight == own->weight);
            assert_true(c->divisor == own->divisor && c->reduction == own->reduction && notes.criterion[j].kind == p->loss.criterion.kind);
        }
        close_place(p);
    }
}

/* What a pass of its own says there, of the whole loss. */
static double loss_at(struct place *p, const float *w)
{
    const struct batch batch = { .n = TINY_BATCH, .images = p->images, .labels = p->labels };
    const struct pass pass = { w, p->stats, PASS_TRAIN, false, &p->loss.criterion, false };
    struct pass_result r;
    assert_int_equal(backend_reference.load(p->model, &batch, NULL), 0);
    assert_int_equal(backend_reference.gradient(p->model, &pass, NULL, &r, NULL), 0);
    return r.loss;
}

/* C6: the influence-balanced factor of each image is that of w + e in a pass there. */
static void factors_are_of_their_place(void **state)
{
    struct loss_config config;
    (void)state;
    loss_config_default(&config);
    config.id = LOSS_IB;
    config.ib_alpha = 1;
    for (int detached = 0; detached < 2; detached++)
        for (int i = OPTIMISER_SAM; i < OPTIMISER_COUNT; i++) {
            const enum step_way way = optimiser_table[i].way;
            if (optimiser_table[i].ascent == ASCENT_NONE || way == WAY_PARTS || way == WAY_MICRO)
                continue;
            struct place *p = open_place();
            const struct optim_knobs k = knobs_for((enum optimiser)i);
            struct optimiser_result r;
            config.ib_detached = detached;
            assert_int_equal(loss_set(&p->loss, &config, NULL), 0);
            const double below = loss_at(p, p->w);
            assert_int_equal(step_of(p, &k, &r, NULL), 0);
            assert_int_equal(notes.passes, way == WAY_CHOSEN ? 3 : 2);
            assert_true(r.first.loss == below && r.second.loss == loss_at(p, notes.at[1]) && r.second.loss != below);
            close_place(p);
        }
}

static double way_of(const float *a, const float *b, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += ((double)a[i] - (double)b[i]) * ((double)a[i] - (double)b[i]);
    return sqrt(sum);
}

/* C9: nothing is clipped. A loss of 2^20 times as much climbs to the same place, and descends by 2^20 times as much. */
static void nothing_is_clipped(void **state)
{
    static const float large[TINY_CLASSES] = { 0x1p20f, 0x1p20f, 0x1p20f, 0x1p20f };
    (void)state;
    for (int i = 0; i < OPTIMISER_COUNT; i++) {
        if (optimiser_table[i].ascent != ASCENT_SAM)
            continue;
        struct place *p = open_place(), *q = open_place();
        struct optim_knobs k = knobs_for((enum optimiser)i);
        static float above[PARAMS_MAX];
        const size_t n = p->net.params.total;
        k.weight_decay = 0;
        p->loss.criterion.coef.reduction = q->loss.criterion.coef.reduction = REDUCE_BATCH_MEAN;
        take(p, k, 1);
        memcpy(above, notes.at[notes.passes - 1], sizeof above);
        q->loss.criterion.coef.weight = large;
        take(q, k, 1);
        assert_true(way_of(notes.at[notes.passes - 1], above, n) < 1e-6 * k.rho);
        for (size_t j = 0; j < n; j++)
            p->optim.momentum[j] *= 0x1p20f;
        float zero[PARAMS_MAX] = { 0 };
        assert_true(way_of(p->optim.momentum, q->optim.momentum, n) < 2e-6 * way_of(p->optim.momentum, zero, n));
        close_place(p);
        close_place(q);
    }
}

/* C11: each piece climbs from w by its own gradient, and the descent is along the mean of what they found. */
static void pieces_climb_by_themselves(void **state)
{
    struct place *p = open_place();
    struct optim_knobs k = knobs_for(OPTIMISER_MSAM);
    static float w[PARAMS_MAX], mean[PARAMS_MAX], g[PARAMS_MAX], above[PARAMS_MAX];
    const size_t n = p->net.params.total, image = (size_t)TINY_SIDE * TINY_SIDE * TINY_CHANNELS;
    (void)state;
    k.weight_decay = 0;
    memcpy(w, p->w, sizeof w);
    memset(mean, 0, sizeof mean);
    take(p, k, 1);
    for (uint32_t from = 0, size = 2; from < TINY_BATCH; from += size, size = 3) { /* 2 and 3 of 5 */
        const struct batch piece = { .n = size, .images = p->images + from * image, .labels = p->labels + from };
        struct pass pass = { w, p->stats, PASS_TRAIN, false, &p->loss.criterion, false };
        struct pass_result r;
        assert_int_equal(backend_reference.load(p->model, &piece, NULL), 0);
        assert_int_equal(backend_reference.gradient(p->model, &pass, g, &r, NULL), 0);
        const double length = backend_reference.sam_norm(p->model, w, g, n, false);
        backend_reference.sam_perturb(p->model, above, w, g, (float)(k.rho / (length + 1e-12)), n, false);
        assert_memory_equal(above, notes.at[from == 0 ? 1 : 3], n * sizeof *above);
        pass.params = above;
        assert_int_equal(backend_reference.gradient(p->model, &pass, g, &r, NULL), 0);
        for (size_t i = 0; i < n; i++)
            mean[i] += (float)size / TINY_BATCH * g[i];
    }
    float zero[PARAMS_MAX] = { 0 };
    assert_true(way_of(mean, p->optim.momentum, n) < 1e-6 * way_of(mean, zero, n));
    close_place(p);
}

/* What a step tells of itself, against its own passes: |w|, and the cosine of the gradients at w and at w + e. */
static void gauges_are_of_the_passes(void **state)
{
    static float w[PARAMS_MAX], g[PARAMS_MAX], g_s[PARAMS_MAX];
    (void)state;
    for (int i = 0; i < OPTIMISER_COUNT; i++) {
        if (optimiser_table[i].way == WAY_LPF)
            continue;
        struct place *p = open_place();
        struct optim_knobs k = knobs_for((enum optimiser)i);
        struct optimiser_result r;
        const bool climbs = optimiser_table[i].ascent != ASCENT_NONE, whole = optimiser_table[i].way != WAY_PARTS && i != OPTIMISER_MSAM && i != OPTIMISER_ESAM;
        const size_t n = p->net.params.total;
        memcpy(w, p->w, sizeof w);
        k.gauges = true;
        assert_int_equal(step_of(p, &k, &r, NULL), 0);
        assert_true(climbs ? r.norm_w == backend_reference.sam_norm(p->model, w, w, n, false) : isnan(r.norm_w));
        assert_int_equal(isnan(r.cosine), !climbs || !whole);
        if (climbs && whole) {
            struct pass pass = { w, p->stats, PASS_TRAIN, false, &p->loss.criterion, false };
            struct pass_result at;
            assert_int_equal(backend_reference.gradient(p->model, &pass, g, &at, NULL), 0);
            pass.params = notes.at[1];
            assert_int_equal(backend_reference.gradient(p->model, &pass, g_s, &at, NULL), 0);
            assert_true(r.cosine == backend_reference.vec_dot(p->model, g, g_s, n) / (r.norm * r.norm_up) && fabs(r.cosine) <= 1 + 1e-9);
        }
        close_place(p);
    }
}

/* Weights that stay are those of w in both passes above; a batch of which no image is left out, with all weights, is SAM's. */
static void some_weights_climb(void **state)
{
    static uint8_t climbs[PARAMS_MAX];
    struct place *p = open_place();
    struct optim_knobs k = knobs_for(OPTIMISER_ESAM);
    struct optimiser_result r;
    float before[PARAMS_MAX];
    double e = 0;
    const size_t n = p->net.params.total;
    (void)state;
    memcpy(before, p->w, sizeof before);
    k.esam_by_element = true;
    optim_draw_climbs(&p->net, &k, climbs);
    k.climbs = climbs;
    assert_int_equal(step_of(p, &k, &r, NULL), 0);
    for (size_t i = 0; i < n; i++) {
        e += pow((double)notes.at[1][i] - (double)before[i], 2);
        assert_true(climbs[i] || notes.at[1][i] == before[i]);
    }
    assert_true(fabs(sqrt(e) - k.rho / k.esam_beta) < 1e-4 && memcmp(notes.at[1], notes.at[2], n * sizeof *before) == 0);
    close_place(p);
    k.climbs = NULL;
    k.esam_beta = k.esam_gamma = 1;
    k.freeze_second_pass = true;
    check_same(k, knobs_for(OPTIMISER_SAM));
}

/* A share of the tensors or of the weights, another one in each step, the same of the same step; all tensors in the first. */
static void draws_are_of_the_step(void **state)
{
    static uint8_t climbs[PARAMS_MAX], again[PARAMS_MAX];
    struct place *p = open_place();
    struct optim_knobs k = knobs_for(OPTIMISER_ESAM);
    const size_t n = p->net.params.total;
    size_t tensors = 0, weights = 0;
    (void)state;
    optim_draw_climbs(&p->net, &k, climbs);
    assert_null(memchr(climbs, 0, n));
    for (k.step = 1; k.step <= 100; k.step++) {
        k.esam_by_element = false;
        optim_draw_climbs(&p->net, &k, climbs);
        for (int i = 0; i < p->net.params.n; i++) {
            const struct tensor_info *t = &p->net.params.tensor[i];
            tensors += climbs[t->offset];
            assert_true(memchr(climbs + t->offset, !climbs[t->offset], t->count) == NULL);
        }
        k.esam_by_element = true;
        optim_draw_climbs(&p->net, &k, again);
        for (size_t i = 0; i < n; i++)
            weights += again[i];
        optim_draw_climbs(&p->net, &k, climbs);
        assert_memory_equal(climbs, again, n);
    }
    assert_true(fabs((double)tensors / (100.0 * p->net.params.n) - k.esam_beta) < 0.06);
    assert_true(fabs((double)weights / (100.0 * (double)n) - k.esam_beta) < 0.01);
    close_place(p);
}

/* The next step of an optimiser that kept nothing yet climbs, whatever its number is. */
static void look_begins_anywhere(void **state)
{
    struct place *p = open_place();
    struct optim_knobs k = knobs_for(OPTIMISER_LOOKSAM);
    struct optimiser_result r;
    (void)state;
    k.looksam_k = 5;
    k.step = 3;
    assert_int_equal(step_of(p, &k, &r, NULL), 0);
    assert_true(notes.passes == 2 && !isnan(r.second.loss));
    k.step = 4;
    assert_int_equal(step_of(p, &k, &r, NULL), 0);
    assert_true(notes.passes == 1 && isnan(r.second.loss) && isnan(optim_radius(&k, &r)));
    close_place(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rho_of_0_is_sgd),           cmocka_unit_test(limits_are_sam),       cmocka_unit_test(nothing_climbs),
        cmocka_unit_test(passes_are_of_one_batch),   cmocka_unit_test(decay_does_not_climb), cmocka_unit_test(frozen_stays),
        cmocka_unit_test(broken_steps_move_nothing), cmocka_unit_test(broken_steps_in_bf16), cmocka_unit_test(losses_are_of_their_place), cmocka_unit_test(look_begins_anywhere),
        cmocka_unit_test(one_criterion_for_all_passes), cmocka_unit_test(factors_are_of_their_place), cmocka_unit_test(nothing_is_clipped),
        cmocka_unit_test(pieces_climb_by_themselves), cmocka_unit_test(gauges_are_of_the_passes),
        cmocka_unit_test(some_weights_climb), cmocka_unit_test(draws_are_of_the_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
