/* A device's back end against the reference: networks, batch-norm modes, losses, batch sizes; captured passes; vectors;
 * three steps of SAM; refusals. Runs on a device, and on the emulator where there is none:
 *
 *   device [BACKEND [TESTS]]     BACKEND: cuda; exit 77 when its probe fails. TESTS: a pattern of names (*, ?) */
#include "config.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "engine/model/families.h"
#include "kernels/backend.h"
#include "tests/kernels/problem.h"
#include "tests/kernels/steps.h"

static const struct backend *dev;

static bool compare(const struct net_spec *spec, int n, enum pass_mode mode, int row)
{
    struct problem p;
    struct answer truth = { 0 };
    char label[128];
    problem_init(&p, spec, n, mode, row);
    solve(&backend_reference, &p, (uint32_t)n, &truth);
    snprintf(label, sizeof label, "%s, batch %d, %s, %s", spec->name, n, mode == PASS_TRAIN ? "train" : "eval",
             criterion_cases[row].name);
    bool ok = answers_agree(dev, &p, &truth, label);
    answer_release(&truth);
    problem_release(&p);
    return ok;
}

static void parity(void **state)
{
    bool ok = true;
    (void)state;
    for (int i = 0; i < n_net_specs; i++)
        for (int mode = 0; mode < 2; mode++)
            ok &= !has_its_turn(i + mode) || compare(&net_specs[i], FEW ? 2 : 3 + i % 5, mode ? PASS_TRAIN : PASS_EVAL, (i + mode) % N_CASES_OF_GRIDS);
    assert_true(ok);
}

static void parity_of_batches(void **state)
{
    static const int sizes[] = { 1, 7, 33 };
    bool ok = true;
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int row = 0; row < N_CASES_OF_GRIDS && !(FEW && sizes[i] > 7); row++)
            ok &= compare(&net_specs[2], sizes[i], row == CASE_FOCAL ? PASS_EVAL : PASS_TRAIN, row);
    assert_true(ok);
}

/* Every row on one open model: what was captured for one criterion is not replayed for another. */
static bool compare_criteria(const struct net_spec *spec, enum pass_mode mode)
{
    struct problem p;
    bool ok = true;
    problem_init(&p, spec, 4, mode, 0);
    struct model *m = dev->open(&p.net, &(struct model_options){ .max_batch = 4, .threads = 1, .device = problem_device }, NULL);
    assert_non_null(m);
    for (int row = 0; row < n_criterion_cases; row++) {
        struct answer truth = { 0 }, a = { 0 };
        if (!criterion_case_fits(&criterion_cases[row], &p.net) || !has_its_turn(row + mode))
            continue;
        problem_set_loss(&p, row);
        solve(&backend_reference, &p, 4, &truth);
        solve_with(dev, m, &p, &a);
        ok &= close_answers(&p, &a, &truth, criterion_cases[row].name);
        answer_release(&truth);
        answer_release(&a);
    }
    dev->close(m);
    problem_release(&p);
    return ok;
}

static void parity_of_criteria(void **state)
{
    bool ok = true;
    (void)state;
    for (int k = 0; k < 4; k += FEW ? 3 : 1)
        ok &= compare_criteria(&net_specs[k % 2 ? 5 : 2], k < 2 ? PASS_EVAL : PASS_TRAIN);
    assert_true(ok);
}

static bool is_chain(const struct net_spec *spec)
{
    for (int i = 0; spec->units[i].channels; i++)
        if (spec->units[i].in != i - 1)
            return false;
    return true;
}

static bool compare_maths(const struct net_spec *spec, int n, int row)
{
    struct problem p;
    struct answer truth = { 0 };
    bool ok = true;
    problem_init(&p, spec, n, PASS_TRAIN, row);
    problem_keep_off_the_edge(&p);
    solve(&backend_reference, &p, (uint32_t)n, &truth);
    for (int math = MATH_TF32; math <= MATH_BF16; math++) {
        char label[128];
        p.math = (enum math)math;
        snprintf(label, sizeof label, "%s, batch %d, %s, math %s", spec->name, n, criterion_cases[row].name, math_name[p.math]);
        ok &= answers_agree(dev, &p, &truth, label);
    }
    answer_release(&truth);
    problem_release(&p);
    return ok;
}

/* Training passes of rounded products; the Hessian products of the same model are exact. */
static void parity_of_maths(void **state)
{
    bool ok = true;
    (void)state;
    for (int i = 0; i < n_net_specs; i++)
        if (is_chain(&net_specs[i]) && (i == 2 || !FEW) && i != 1) /* as number 0 but for the classifier, the same for all */
            ok &= compare_maths(&net_specs[i], FEW || net_specs[i].height * net_specs[i].width > 500 ? 2 : 5, i % N_CASES_OF_GRIDS);
    for (int row = 0; row < n_criterion_cases; row++)
        if (criterion_cases[row].criterion.kind != CRITERION_SOFTMAX && has_its_turn(row))
            ok &= compare_maths(&net_specs[2], 4, row);
    assert_true(ok);
}

/* Each unit convolves the one before it, or the network is refused by name. */
static void maths_refuse_branches(void **state)
{
    (void)state;
    for (int i = 0; i < n_net_specs; i++) {
        struct net net;
        struct err err = { 0 };
        net_spec_build(&net_specs[i], &net);
        struct model *m = dev->open(&net, &(struct model_options){ .max_batch = 2, .threads = 1, .math = MATH_BF16 }, &err);
        assert_int_equal(m != NULL, is_chain(&net_specs[i]));
        if (!m)
            assert_non_null(strstr(err.text, "follow each other"));
        dev->close(m);
        net_spec_release(&net);
    }
}

static const struct net_spec small = { .name = "small", 9, 10, 3, 5, HEAD_NORM,
                                       { PLAIN(NET_IMAGE, NET_NO_ADD, 16, 1), PLAIN(0, 0, 16, 1), PLAIN(1, NET_NO_ADD, 32, 2),
                                         PLAIN(2, 1, 32, 1) } };

static void small_maths(void **state)
{
    (void)state;
    assert_true(compare_maths(&small, 3, 0));
}

static struct model *open_small(const struct problem *p, uint32_t max_batch)
{
    struct err err = { 0 };
    const struct model_options options = { .max_batch = max_batch, .threads = 1, .device = problem_device, .math = p->math };
    struct model *m = dev->open(&p->net, &options, &err);
    if (!m)
        fail_msg("%s", err.text);
    return m;
}

/* A captured pass is replayed with other weights, losses and batches, and in between passes of other sizes push it out
 * of the store: never a bit differs from a model that is opened for this one pass, nor from passes without capture. */
static void replay_with(enum math math)
{
    enum { SIZES = 7 };
    struct problem p[SIZES];
    struct answer alone[SIZES] = { 0 }, plain = { 0 }, again = { 0 };
    for (int i = 0; i < SIZES; i++) {
        problem_init(&p[i], &small, i % 5 + 2, i % 2 ? PASS_TRAIN : PASS_EVAL, i % 3);
        p[i].math = math;
        fill_weights(&p[i].net, p[i].params, p[i].stats, 900 + (uint64_t)i);
        solve(dev, &p[i], 6, &alone[i]);
    }
    setenv("SADDLE_CUDA_GRAPHS", "12", 1);
    struct model *m = open_small(&p[0], 6);
    unsetenv("SADDLE_CUDA_GRAPHS");
    for (int round = 0; round < (FEW ? 2 : 3); round++)
        for (int i = 0; i < SIZES; i++) {
            solve_with(dev, m, &p[i], &again);
            assert_true(same_bits(&p[i], &again, &alone[i]));
            answer_release(&again);
        }
    dev->close(m);
    static const char *const without[] = { "SADDLE_CUDA_GRAPHS", "SADDLE_CUDA_EARLY" };
    for (int i = 0; i < 2; i++) {
        setenv(without[i], "off", 1);
        solve(dev, &p[3], 6, &plain);
        unsetenv(without[i]);
        assert_true(same_bits(&p[3], &plain, &alone[3]));
        answer_release(&plain);
    }
    for (int i = 0; i < SIZES; i++) {
        answer_release(&alone[i]);
        problem_release(&p[i]);
    }
}

static void replays_change_nothing(void **state)
{
    (void)state;
    replay_with(MATH_FP32);
    if (!FEW)
        replay_with(MATH_BF16);
}

/* A pass without a gradient gives the same loss and outputs, and moves the statistics all the same; by running statistics its convolutions do what lies
 * behind them too. */
static void evaluation_of(const struct net_spec *spec, enum math math, enum pass_mode mode)
{
    struct problem p;
    struct answer a = { 0 };
    struct pass_result result;
    problem_init(&p, spec, 5, mode, 0);
    p.math = math;
    solve(dev, &p, 5, &a);
    struct model *m = open_small(&p, 9);
    const size_t outputs = 5 * (size_t)p.net.classes;
    float *w = vec_from(dev, m, p.params, p.net.params.total), *stats = vec_from(dev, m, p.stats, p.net.stats.total);
    float *logits = host_floats(outputs), *host_stats = host_floats(p.net.stats.total);
    struct pass pass = { w, stats, p.mode, true, &p.criterion, false };
    assert_int_equal(dev->load(m, &p.batch, NULL), 0);
    assert_int_equal(dev->gradient(m, &pass, NULL, &result, NULL), 0);
    dev->logits(m, logits);
    dev->vec_read(m, host_stats, stats, p.net.stats.total);
    assert_true(result.loss == a.result.loss);
    assert_memory_equal(logits, a.logits, outputs * sizeof *logits);
    assert_memory_equal(host_stats, a.stats, p.net.stats.total * sizeof *host_stats);
    dev->vec_free(m, w);
    dev->vec_free(m, stats);
    dev->close(m);
    free(logits);
    free(host_stats);
    answer_release(&a);
    problem_release(&p);
}

static void evaluation_is_the_same(void **state)
{
    (void)state;
    for (int k = 0; k <= 2 * MATH_BF16 + 1; k++)
        evaluation_of(&small, (enum math)(k / 2), k % 2 ? PASS_TRAIN : PASS_EVAL);
    for (int i = 2; i < n_net_specs; i++) /* odd sides, shortcuts to more and fewer channels, branches, outputs too many to bring unasked */
        if (net_specs[i].height * net_specs[i].width <= 500 && (net_specs[i].classes < 100 || !FEW))
            evaluation_of(&net_specs[i], MATH_FP32, PASS_EVAL);
}

/* Batch statistics of channels whose mean is hundreds of times their spread. Of tf32 the factors are numbers that it holds: what is left is how
 * the sums of more blocks than threads look at meet. */
static void far_means_with(enum math math, int n)
{
    const struct net_spec spec = { .name = "far", 8, 32, 3, 4, HEAD_LINEAR, { PLAIN(NET_IMAGE, NET_NO_ADD, 16, 1) } };
    struct problem p;
    struct answer truth = { 0 }, a = { 0 };
    problem_init(&p, &spec, n, PASS_TRAIN, 0);
    fill(p.images, (size_t)n * 8 * 32 * 3, 1000, math == MATH_FP32 ? 1 : 4, 5);
    for (int i = 0; math != MATH_FP32 && i < n * 8 * 32 * 3; i++)
        p.images[i] = rintf(p.images[i]);
    for (int t = 0; t < 16 * 3; t++) /* only the centre of each kernel: padding would make the spread large */
        for (int k = 0; k < 9; k++) {
            float *w = p.params + p.net.units[0].weight + (size_t)(t * 9 + k);
            *w = k == 4 ? (math == MATH_FP32 ? *w : rintf(*w * 512) / 512) : 0;
        }
    solve(&backend_reference, &p, (uint32_t)n, &truth);
    p.math = math;
    solve(dev, &p, (uint32_t)n, &a);
    const size_t at = p.net.units[0].variance;
    assert_true(distance(a.stats + at, truth.stats + at, 16) < 2e-4);
    assert_true(distance(a.stats, truth.stats, 16) < 1e-6);
    answer_release(&truth);
    answer_release(&a);
    problem_release(&p);
}

static void far_means(void **state)
{
    (void)state;
    far_means_with(MATH_FP32, 6);
    far_means_with(MATH_TF32, 267);
}

/* --- vectors --- */

struct vectors {
    struct model *m;
    const struct backend *b;
    float *w, *g, *buf, *out; /* of the back end */
    size_t n;
};

static void vectors_open(struct vectors *v, const struct backend *b, const struct net *net, size_t n)
{
    float *host = host_floats(n);
    const struct model_options options = { .max_batch = 2, .threads = 1, .device = problem_device };
    *v = (struct vectors){ .b = b, .n = n, .m = b->open(net, &options, NULL) };
    assert_non_null(v->m);
    float **all[] = { &v->w, &v->g, &v->buf, &v->out };
    for (size_t k = 0; k < 4; k++) {
        fill(host, n, 0.1f, 1, 5 + k);
        *all[k] = vec_from(b, v->m, host, n);
    }
    free(host);
}

static void vectors_close(struct vectors *v)
{
    float *all[] = { v->w, v->g, v->buf, v->out };
    for (size_t k = 0; k < 4; k++)
        v->b->vec_free(v->m, all[k]);
    v->b->close(v->m);
}

static void assert_near(double a, double b)
{
    if (!(fabs(a - b) <= 1e-12 * fmax(fabs(b), 1)))
        fail_msg("%.17g instead of %.17g", a, b);
}

static void assert_same_vector(const struct vectors *a, float *x, const struct vectors *b, float *y)
{
    float *p = host_floats(a->n), *q = host_floats(a->n);
    a->b->vec_read(a->m, p, x, a->n);
    b->b->vec_read(b->m, q, y, a->n);
    for (size_t i = 0; i < a->n; i++)
        if (!(fabsf(p[i] - q[i]) <= 2e-7f * fmaxf(fabsf(q[i]), 1e-3f)))
            fail_msg("number %zu of %zu: %.9g instead of %.9g", i, a->n, (double)p[i], (double)q[i]);
    free(p);
    free(q);
}

static void every_operation(struct vectors *a)
{
    const struct backend *b = a->b;
    const struct sgd_step steps[] = { { 0.1f, 0.9f, 2e-4f, false }, { 0.1f, 0.9f, 2e-4f, true } };
    b->sgd(a->m, a->w, a->buf, a->g, a->n, &steps[0]);
    b->sgd(a->m, a->w, a->buf, a->g, a->n, &steps[1]);
    b->sam_perturb(a->m, a->out, a->w, a->g, 0.3f, a->n, false);
    b->vec_axpy(a->m, a->g, -0.7f, a->out, a->n);
    b->sam_perturb(a->m, a->out, a->w, a->g, 0.3f, a->n, true);
    b->vec_scale(a->m, a->out, 0.37f, a->n);
    b->vec_copy(a->m, a->buf, a->out, a->n / 2);
}

static void vectors(void **state)
{
    static const size_t sizes[] = { 1, 31, 256, 8191, 70003 };
    struct net net;
    (void)state;
    net_spec_build(&small, &net);
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        struct vectors a, r;
        const size_t n = sizes[s];
        vectors_open(&a, dev, &net, n);
        vectors_open(&r, &backend_reference, &net, n);
        every_operation(&a);
        every_operation(&r);
        assert_same_vector(&a, a.w, &r, r.w);
        assert_same_vector(&a, a.buf, &r, r.buf);
        assert_same_vector(&a, a.out, &r, r.out);
        r.b->vec_copy(r.m, r.w, r.g, n); /* sums of the very same numbers */
        float *host = host_floats(n);
        r.b->vec_read(r.m, host, r.g, n);
        dev->vec_write(a.m, a.w, host, n);
        dev->vec_write(a.m, a.g, host, n);
        assert_near(dev->vec_dot(a.m, a.w, a.g, n), r.b->vec_dot(r.m, r.w, r.g, n));
        assert_near(dev->sam_norm(a.m, a.w, a.g, n, false), r.b->sam_norm(r.m, r.w, r.g, n, false));
        assert_near(dev->sam_norm(a.m, a.w, a.g, n, true), r.b->sam_norm(r.m, r.w, r.g, n, true));
        dev->vec_zero(a.m, a.w, n);
        assert_true(dev->vec_dot(a.m, a.w, a.w, n) == 0);
        free(host);
        vectors_close(&a);
        vectors_close(&r);
    }
    net_spec_release(&net);
}

/* --- steps of SAM on one batch --- */

static void sam_steps(const struct backend *b, const struct problem *p, int steps, float *params, float *stats, double *losses)
{
    const size_t n = p->net.params.total;
    const struct sgd_step step = { 0.1f, 0.9f, 2e-4f, false };
    struct pass_result result;
    const struct model_options options = { .max_batch = p->batch.n, .threads = 2, .device = problem_device };
    struct model *m = b->open(&p->net, &options, NULL);
    assert_non_null(m);
    float *w = vec_from(b, m, p->params, n), *s = vec_from(b, m, p->stats, p->net.stats.total);
    float *moved = vec_from(b, m, NULL, n), *g = vec_from(b, m, NULL, n), *buf = vec_from(b, m, NULL, n);
    for (int i = 0; i < steps; i++) {
        struct pass pass = { w, s, PASS_TRAIN, true, &p->criterion, false };
        assert_int_equal(b->load(m, &p->batch, NULL), 0);
        assert_int_equal(b->gradient(m, &pass, g, &result, NULL), 0);
        losses[2 * i] = result.loss;
        b->sam_perturb(m, moved, w, g, (float)(0.5 / (b->sam_norm(m, w, g, n, false) + 1e-12)), n, false);
        pass.params = moved;
        assert_int_equal(b->gradient(m, &pass, g, &result, NULL), 0);
        losses[2 * i + 1] = result.loss;
        b->sgd(m, w, buf, g, n, &step);
    }
    b->vec_read(m, params, w, n);
    b->vec_read(m, stats, s, p->net.stats.total);
    float *all[] = { w, s, moved, g, buf };
    for (size_t k = 0; k < sizeof all / sizeof *all; k++)
        b->vec_free(m, all[k]);
    b->close(m);
}

static void compare_sam_steps(const struct problem *p, int steps)
{
    enum { MOST = 3 };
    double truth[2 * MOST], losses[2 * MOST];
    const size_t n = p->net.params.total, n_stats = p->net.stats.total;
    float *w = host_floats(n), *w0 = host_floats(n), *s = host_floats(n_stats), *s0 = host_floats(n_stats);
    sam_steps(&backend_reference, p, steps, w0, s0, truth);
    sam_steps(dev, p, steps, w, s, losses);
    for (int i = 0; i < 2 * steps; i++)
        if (!(fabs(losses[i] - truth[i]) <= 2e-4 * fabs(truth[i])))
            fail_msg("pass %d: loss %.9g instead of %.9g", i, losses[i], truth[i]);
    assert_true(distance(w0, p->params, n) > 1e-3 * steps); /* they did move */
    assert_true(distance(w, w0, n) < 1e-3);
    assert_true(distance(s, s0, n_stats) < 1e-3);
    free(w);
    free(w0);
    free(s);
    free(s0);
}

static void three_steps_of_sam(void **state)
{
    struct problem p;
    (void)state;
    problem_init(&p, &net_specs[0], FEW ? 2 : 4, PASS_TRAIN, 0);
    compare_sam_steps(&p, 3);
    problem_release(&p);
}

static void a_step_of_resnet32(void **state)
{
    struct problem p = { 0 };
    struct err err = { 0 };
    (void)state;
    if (FEW) /* seconds on the emulator */
        skip();
    if (net_of_family(&p.net, "resnet32", (struct image_geometry){ 32, 32, 3 }, 10, HEAD_LINEAR, &err) < 0)
        fail_msg("%s", err.text);
    problem_of_net(&p, 4, PASS_TRAIN, 0);
    compare_sam_steps(&p, 1);
    problem_release(&p);
}

/* --- what is refused, what is passed on --- */

static void refuses_what_it_cannot_do(void **state)
{
    struct problem p;
    struct err err = { 0 };
    struct pass_result result;
    (void)state;
    problem_init(&p, &small, 4, PASS_EVAL, 0);
    struct model *m = open_small(&p, 4);
    float *w = vec_from(dev, m, p.params, p.net.params.total), *stats = vec_from(dev, m, p.stats, p.net.stats.total);
    struct pass pass = { w, stats, PASS_EVAL, false, &p.criterion, false };
    const float *v[] = { w };
    float *out[] = { vec_from(dev, m, NULL, p.net.params.total) };
    assert_int_equal(dev->gradient(m, &pass, out[0], &result, &err), -1); /* nothing is loaded */
    assert_non_null(strstr(err.text, "no batch"));
    assert_int_equal(dev->load(m, &p.batch, &err), 0);
    assert_int_equal(dev->hvp(m, 1, v, out, &err), -1);
    assert_non_null(strstr(err.text, "hvp_prepare"));
    assert_int_equal(dev->hvp_prepare(m, &pass, &result, &err), 0);
    assert_int_equal(dev->load(m, &p.batch, &err), 0);
    assert_int_equal(dev->hvp(m, 1, v, out, &err), -1); /* load() ended the preparation */
    p.labels[3] = 5;
    assert_int_equal(dev->load(m, &p.batch, &err), -1);
    assert_non_null(strstr(err.text, "label 5 of image 3"));
    p.labels[3] = 0;
    p.batch.n = 5;
    assert_int_equal(dev->load(m, &p.batch, &err), -1);
    assert_int_equal(dev->gradient(m, &pass, out[0], &result, &err), -1);
    dev->vec_free(m, w);
    dev->vec_free(m, stats);
    dev->vec_free(m, out[0]);
    dev->vec_free(m, NULL);
    dev->close(m);
    dev->close(NULL);
    assert_null(dev->open(&p.net, &(struct model_options){ .max_batch = 0, .threads = 1 }, &err));
    problem_release(&p);
}

static void one_value_has_no_variance(void **state)
{
    const struct net_spec pixel = { .name = "pixel", 1, 1, 1, 2, HEAD_LINEAR, { PLAIN(NET_IMAGE, NET_NO_ADD, 3, 1) } };
    struct problem p;
    struct err err = { 0 };
    struct pass_result result;
    (void)state;
    problem_init(&p, &pixel, 1, PASS_TRAIN, 0);
    struct model *m = open_small(&p, 1);
    float *w = vec_from(dev, m, p.params, p.net.params.total), *stats = vec_from(dev, m, p.stats, p.net.stats.total);
    struct pass pass = { w, stats, PASS_TRAIN, true, &p.criterion, false };
    assert_int_equal(dev->load(m, &p.batch, &err), 0);
    assert_int_equal(dev->gradient(m, &pass, NULL, &result, &err), -1);
    assert_non_null(strstr(err.text, "single value"));
    dev->vec_free(m, w);
    dev->vec_free(m, stats);
    dev->close(m);
    problem_release(&p);
}

/* A NaN must reach the loss, and must not count as a correct answer. */
static void nan_is_passed_on(void **state)
{
    struct problem p;
    struct pass_result result;
    (void)state;
    problem_init(&p, &small, 4, PASS_EVAL, 0);
    p.params[p.net.units[1].weight] = NAN;
    struct model *m = open_small(&p, 4);
    float *w = vec_from(dev, m, p.params, p.net.params.total), *stats = vec_from(dev, m, p.stats, p.net.stats.total);
    struct pass pass = { w, stats, PASS_EVAL, false, &p.criterion, false };
    assert_int_equal(dev->load(m, &p.batch, NULL), 0);
    assert_int_equal(dev->gradient(m, &pass, NULL, &result, NULL), 0);
    assert_true(isnan(result.loss));
    assert_int_equal(result.correct, 0);
    dev->vec_free(m, w);
    dev->vec_free(m, stats);
    dev->close(m);
    problem_release(&p);
}

int main(int argc, char **argv)
{
    struct err err = { 0 };
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parity),
        cmocka_unit_test(parity_of_batches),
        cmocka_unit_test(parity_of_criteria),
        cmocka_unit_test(parity_of_maths),
        cmocka_unit_test(small_maths),
        cmocka_unit_test(maths_refuse_branches),
        cmocka_unit_test(replays_change_nothing),
        cmocka_unit_test(evaluation_is_the_same),
        cmocka_unit_test(far_means),
        cmocka_unit_test(vectors),
        cmocka_unit_test(three_steps_of_sam),
        cmocka_unit_test(a_step_of_resnet32),
        cmocka_unit_test(refuses_what_it_cannot_do),
        cmocka_unit_test(one_value_has_no_variance),
        cmocka_unit_test(nan_is_passed_on),
    };
    dev = backend_find(argc > 1 ? argv[1] : "cuda", &problem_device, &err);
    if (!dev) {
        printf("skipped: %s\n", err.text);
        return 77;
    }
    if (argc > 2)
        cmocka_set_test_filter(argv[2]);
    int failed = cmocka_run_group_tests_name("kernels/device", tests, NULL, NULL);
    failed += run_step_tests(dev) + run_rule_tests(dev) + run_general_tests(dev);
    print_worst_differences();
    return failed;
}
