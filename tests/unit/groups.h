/* tests/unit/groups.h - a tiny network on a back end with an optimiser, for the tests of what trains. Included once by each of them, after
 * cmocka; everything is static. */
#ifndef TESTS_UNIT_GROUPS_H
#define TESTS_UNIT_GROUPS_H

#include "base/err.h"
#include "engine/criteria/loss.h"
#include "engine/model/groups.h"
#include "engine/optim/optim.h"
#include "tests/reference/tiny.h"

enum { PARAMS_MAX = 4096, STATS_MAX = 256 };
static const struct backend *b; /* the one under test */
static const struct param_rule frozen = { .trainable = false };

struct bench {
    struct net net;
    struct model *model;
    struct optim optim;
    struct param_groups groups;
    struct loss loss;
    struct optim_knobs knobs;
    size_t n, n_stats;
    float *w, *stats; /* vectors */
    float images[TINY_BATCH * TINY_SIDE * TINY_SIDE * TINY_CHANNELS];
    int32_t labels[TINY_BATCH];
    struct batch batch;
};

static inline struct bench *open_math(enum head_kind head, enum math math)
{
    static const uint32_t counts[TINY_CLASSES] = { 50, 20, 10, 5 };
    static float w[PARAMS_MAX], stats[STATS_MAX];
    struct bench *k = calloc(1, sizeof *k);
    struct err err = { 0 };
    assert_non_null(k);
    tiny_net(&k->net, head);
    k->n = k->net.params.total;
    k->n_stats = k->net.stats.total;
    k->model = b->open(&k->net, &(struct model_options){ .max_batch = TINY_BATCH, .threads = 2, .math = math }, &err);
    if (!k->model || optim_init(&k->optim, b, k->model, &k->net, &err) < 0 || loss_init(&k->loss, TINY_CLASSES, counts, &err) < 0 ||
        param_groups_init(&k->groups, &k->net, &err) < 0)
        fail_msg("%s: %s", b->name, err.text);
    tiny_weights(&k->net, w, stats);
    tiny_batch(k->images, k->labels);
    k->w = b->vec_new(k->model, k->n, &err);
    k->stats = b->vec_new(k->model, k->n_stats, &err);
    b->vec_write(k->model, k->w, w, k->n);
    b->vec_write(k->model, k->stats, stats, k->n_stats);
    k->batch = (struct batch){ .n = TINY_BATCH, .images = k->images, .labels = k->labels };
    k->knobs = (struct optim_knobs){ .lr = 0.1f, .momentum = 0.9f, .weight_decay = 2e-4f, .rho = 0.05, .pgd_sigma = 0.01f, .lpf_m = 2,
                                     .lpf_gamma = 0.01, .gsam_alpha = 0.4, .wsam_gamma = 0.9, .fsam_sigma = 1, .fsam_lambda = 0.6,
                                     .looksam_k = 2, .looksam_alpha = 0.7, .msam_m = 2, .esam_beta = 0.6, .esam_gamma = 0.5, .batch_size = TINY_BATCH, .seed = 4, .step = 9 };
    return k;
}

static inline struct bench *open_head(enum head_kind head)
{
    return open_math(head, MATH_FP32);
}

static inline void close_bench(struct bench *k)
{
    b->vec_free(k->model, k->w);
    b->vec_free(k->model, k->stats);
    optim_release(&k->optim);
    param_groups_release(&k->groups);
    loss_release(&k->loss);
    b->close(k->model);
    net_release(&k->net);
    free(k);
}

static inline void set(struct bench *k, const char *which, const struct param_rule *rule)
{
    struct err err = { 0 };
    if (param_groups_set(&k->groups, &k->net, which, rule, &err) < 0)
        fail_msg("%s", err.text);
}

static inline void use(struct bench *k, enum norm_policy norm)
{
    assert_int_equal(optim_use_groups(&k->optim, &k->groups, norm, NULL), 0);
}

static inline struct optimiser_result step(struct bench *k)
{
    struct optimiser_result r;
    struct err err = { 0 };
    const struct optim_task task = { .batch = &k->batch, .criterion = &k->loss.criterion, .w = k->w, .stats = k->stats };
    if (optim_step(&k->optim, &k->knobs, &task, &r, &err) < 0)
        fail_msg("%s: %s", b->name, err.text);
    k->knobs.step++;
    return r;
}

/* Numbers of g that a pass leaves alone stay 7. */
static inline struct pass_result gradient_of(struct bench *k, const float *at, enum pass_mode mode, bool head_only, float *host)
{
    struct err err = { 0 };
    struct pass_result r;
    float *g = b->vec_new(k->model, k->n, &err);
    for (size_t i = 0; i < k->n; i++)
        host[i] = 7;
    b->vec_write(k->model, g, host, k->n);
    const struct pass pass = { .params = at, .stats = k->stats, .mode = mode, .criterion = &k->loss.criterion, .head_only = head_only };
    if (!g || b->load(k->model, &k->batch, &err) < 0 || b->gradient(k->model, &pass, g, &r, &err) < 0)
        fail_msg("%s: %s", b->name, err.text);
    b->vec_read(k->model, host, g, k->n);
    b->vec_free(k->model, g);
    return r;
}

static inline struct pass_result gradient(struct bench *k, const float *at, enum pass_mode mode, float *host)
{
    return gradient_of(k, at, mode, false, host);
}

static inline void read(struct bench *k, float *host, const float *v)
{
    b->vec_read(k->model, host, v, k->n);
}

static inline bool trains(const struct bench *k, size_t i)
{
    return param_groups_rule(&k->groups, i)->trainable;
}

int run_scales_tests(const struct backend *backend); /* scales.c */

#endif
