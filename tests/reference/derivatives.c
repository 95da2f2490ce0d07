/* The reference back end against central differences: gradient against differences of the loss, Hessian products
 * against differences of the gradient, for every layer kind, criterion (tests/kernels/criterion_cases.h), head and batch-norm mode. */
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
#include "kernels/backend.h"
#include "tests/kernels/criterion_cases.h"
#include "tests/kernels/differences.h"
#include "tests/reference/tiny.h"

static const struct backend *const back_end = &backend_reference;

struct bench {
    struct net net;
    struct model *model;
    float *w, *stats, *g, *g2, *v, *out;
    float images[TINY_BATCH * TINY_SIDE * TINY_SIDE * TINY_CHANNELS];
    int32_t labels[TINY_BATCH];
    struct batch batch;
    struct pass pass;
    struct criterion criterion; /* of the pass */
    float coef[4 * TINY_CLASSES], targets[TINY_BATCH * (TINY_CLASSES + 1)];
};

static float *vec(struct bench *b, size_t n)
{
    float *v = back_end->vec_new(b->model, n, NULL);
    assert_non_null(v);
    return v;
}

typedef void builder(struct net *net, enum head_kind head);

static void bench_build(struct bench *b, builder *build, enum head_kind head, enum pass_mode mode, int threads)
{
    struct err err = { 0 };
    memset(b, 0, sizeof *b);
    build(&b->net, head);
    b->model = back_end->open(&b->net, &(struct model_options){ .max_batch = TINY_BATCH, .threads = threads }, &err);
    assert_non_null(b->model);
    size_t n = b->net.params.total;
    b->w = vec(b, n), b->g = vec(b, n), b->g2 = vec(b, n), b->v = vec(b, n), b->out = vec(b, n);
    b->stats = vec(b, b->net.stats.total);
    tiny_weights(&b->net, b->w, b->stats);
    tiny_batch(b->images, b->labels);
    b->batch = (struct batch){ .n = TINY_BATCH, .images = b->images, .labels = b->labels };
    assert_int_equal(back_end->load(b->model, &b->batch, &err), 0);
    b->pass = (struct pass){ b->w, b->stats, mode, false, &b->criterion, false };
    criterion_case_make(&criterion_cases[CASE_WEIGHTED], TINY_CLASSES, b->coef, &b->criterion);
}

static void bench_open(struct bench *b, enum head_kind head, enum pass_mode mode, int threads)
{
    bench_build(b, tiny_net, head, mode, threads);
}

static void bench_close(struct bench *b)
{
    float *all[] = { b->w, b->g, b->g2, b->v, b->out, b->stats };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        back_end->vec_free(b->model, all[i]);
    back_end->close(b->model);
    net_release(&b->net);
}

static double gradient_at(struct bench *b, const float *w, float *g)
{
    struct pass pass = b->pass;
    struct pass_result result;
    pass.params = w;
    assert_int_equal(back_end->gradient(b->model, &pass, g, &result, NULL), 0);
    return result.loss;
}

static double norm(const float *x, size_t n)
{
    return sqrt(back_end->vec_dot(NULL, x, x, n));
}

static void set_loss(struct bench *b, const struct criterion_case *row)
{
    struct err err = { 0 };
    criterion_case_make(row, TINY_CLASSES, b->coef, &b->criterion);
    criterion_case_batch(row, TINY_CLASSES, b->targets, &b->batch);
    if (back_end->load(b->model, &b->batch, &err) < 0)
        fail_msg("%s: %s", row->name, err.text);
}

typedef bool comparison(const struct function *f, const struct tensor_info *t, const char *label);

static void check_all(builder *build, enum head_kind head, enum pass_mode mode, comparison *fits)
{
    struct bench b;
    bool ok = true;
    bench_build(&b, build, head, mode, 1);
    for (int k = 0; k < n_criterion_cases; k++) {
        if (!criterion_case_fits(&criterion_cases[k], &b.net) || criterion_cases[k].criterion.ib.detached) /* that: below */
            continue;
        set_loss(&b, &criterion_cases[k]);
        const struct function f = { back_end, b.model, &b.net, b.pass, TINY_BATCH, false };
        for (int i = 0; i < b.net.params.n; i++)
            ok &= fits(&f, &b.net.params.tensor[i], criterion_cases[k].name);
    }
    bench_close(&b);
    assert_true(ok);
}

static void gradients(void **state)
{
    (void)state;
    for (int mode = PASS_EVAL; mode <= PASS_TRAIN; mode++) {
        check_all(tiny_net, HEAD_LINEAR, (enum pass_mode)mode, gradient_is_slope);
        check_all(tiny_net, HEAD_NORM, (enum pass_mode)mode, gradient_is_slope);
        check_all(tiny_bottleneck, HEAD_LINEAR, (enum pass_mode)mode, gradient_is_slope);
    }
}

static void products(void **state)
{
    (void)state;
    for (int mode = PASS_EVAL; mode <= PASS_TRAIN; mode++) {
        check_all(tiny_net, HEAD_LINEAR, (enum pass_mode)mode, product_is_slope);
        check_all(tiny_net, HEAD_NORM, (enum pass_mode)mode, product_is_slope);
        check_all(tiny_bottleneck, HEAD_LINEAR, (enum pass_mode)mode, product_is_slope);
    }
}

/* --- a factor that is a number to the gradient: differences of the loss cannot see that --- */

struct sums {
    float *g, *hv;
    double loss;
};

/* Adds gradient and product along b->v of the loaded batch. */
static void add_up(struct bench *b, const struct criterion *c, struct sums *to)
{
    const size_t n = b->net.params.total;
    const float *v[] = { b->v };
    float *out[] = { b->out };
    struct pass_result result;
    b->pass.criterion = c;
    to->loss += gradient_at(b, b->w, b->g);
    assert_int_equal(back_end->hvp_prepare(b->model, &b->pass, &result, NULL), 0);
    assert_int_equal(back_end->hvp(b->model, 1, v, out, NULL), 0);
    back_end->vec_axpy(b->model, to->g, 1, b->g, n);
    back_end->vec_axpy(b->model, to->hv, 1, b->out, n);
}

/* Detached, the loss of an image is the cross-entropy inside times a number a: so with D/a as the divisor that criterion has the
 * same gradient and the same product. */
static void check_detached(struct bench *b, const struct criterion_case *row)
{
    const size_t n = b->net.params.total, image = TINY_SIDE * TINY_SIDE * TINY_CHANNELS;
    struct sums whole = { vec(b, n), vec(b, n), 0 }, parts = { vec(b, n), vec(b, n), 0 };
    criterion_case_make(row, TINY_CLASSES, b->coef, &b->criterion);
    b->criterion.coef.divisor = 2;
    tiny_fill(b->v, n, 1, 53);
    assert_int_equal(back_end->load(b->model, &b->batch, NULL), 0);
    add_up(b, &b->criterion, &whole);
    for (int i = 0; i < TINY_BATCH; i++) {
        const struct batch one = { .n = 1, .images = b->images + (size_t)i * image, .labels = b->labels + i };
        struct criterion inside = b->criterion;
        inside.kind = CRITERION_SOFTMAX;
        assert_int_equal(back_end->load(b->model, &one, NULL), 0);
        b->pass.criterion = &b->criterion;
        const double with = gradient_at(b, b->w, NULL);
        b->pass.criterion = &inside;
        inside.coef.divisor *= gradient_at(b, b->w, NULL) / with;
        add_up(b, &inside, &parts);
    }
    assert_true(fabs(whole.loss - parts.loss) < 1e-6 * fabs(whole.loss));
    back_end->vec_axpy(b->model, parts.g, -1, whole.g, n);
    back_end->vec_axpy(b->model, parts.hv, -1, whole.hv, n);
    if (!(norm(parts.g, n) < 1e-6 * norm(whole.g, n) && norm(parts.hv, n) < 1e-6 * norm(whole.hv, n)))
        fail_msg("%s: gradient off by %.3g of %.3g, product by %.3g of %.3g", row->name, norm(parts.g, n), norm(whole.g, n),
                 norm(parts.hv, n), norm(whole.hv, n));
    float *all[] = { whole.g, whole.hv, parts.g, parts.hv };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        back_end->vec_free(b->model, all[i]);
}

static void detached_factors(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b, HEAD_LINEAR, PASS_EVAL, 1);
    for (int k = 0; k < n_criterion_cases; k++)
        if (criterion_cases[k].criterion.ib.detached)
            check_detached(&b, &criterion_cases[k]);
    bench_close(&b);
}

/* The loss of images with soft labels and weights, from their losses with each label for itself. */
static double counted(struct bench *b, const struct batch *batch, double *mass)
{
    double sum = 0;
    *mass = 0;
    for (int32_t k = 0; k < TINY_CLASSES; k++) {
        double losses[TINY_BATCH];
        int32_t labels[TINY_BATCH];
        for (int i = 0; i < TINY_BATCH; i++)
            labels[i] = k;
        assert_int_equal(back_end->load(b->model, &(struct batch){ .n = TINY_BATCH, .images = b->images, .labels = labels }, NULL), 0);
        gradient_at(b, b->w, NULL);
        back_end->losses(b->model, losses);
        for (int i = 0; i < TINY_BATCH; i++) {
            const double hard = batch->labels[i] == k, t = batch->targets ? (double)batch->targets[i * TINY_CLASSES + k] : hard;
            const double part = t * (batch->weights ? (double)batch->weights[i] : 1);
            sum += part * losses[i];
            *mass += part * (double)b->criterion.coef.weight[k];
        }
    }
    return sum;
}

static void soft_labels_and_weights(void **state)
{
    (void)state;
    struct bench b;
    int found = 0;
    bench_open(&b, HEAD_LINEAR, PASS_EVAL, 1);
    for (int k = 0; k < n_criterion_cases; k++) {
        struct pass_result result;
        double mass;
        if (!criterion_cases[k].soft && !criterion_cases[k].weighted)
            continue;
        set_loss(&b, &criterion_cases[k]);
        assert_int_equal(back_end->gradient(b.model, &b.pass, NULL, &result, NULL), 0);
        const double sum = counted(&b, &b.batch, &mass);
        const double divisor = b.criterion.coef.reduction == REDUCE_WEIGHTED_MEAN ? mass : TINY_BATCH;
        if (!(fabs(result.weight_sum - mass) < 1e-12 * mass) || !(fabs(result.loss - sum / divisor) < 1e-12 * result.loss))
            fail_msg("%s: loss %.15g, weight sum %.15g; one label at a time %.15g, %.15g", criterion_cases[k].name, result.loss,
                     result.weight_sum, sum / divisor, mass);
        found++;
    }
    assert_true(found >= 3);
    bench_close(&b);
}

/* A target of 1 at the label, and weights of 1, are what a batch without them has. */
static void one_hot_targets_have_the_same_bits(void **state)
{
    (void)state;
    struct bench b;
    float one[TINY_BATCH * TINY_CLASSES] = { 0 }, weights[TINY_BATCH];
    bench_open(&b, HEAD_LINEAR, PASS_TRAIN, 1);
    for (int i = 0; i < TINY_BATCH; i++) {
        one[i * TINY_CLASSES + b.labels[i]] = 1;
        weights[i] = 1;
    }
    const double loss = gradient_at(&b, b.w, b.g);
    b.batch.targets = one;
    b.batch.weights = weights;
    assert_int_equal(back_end->load(b.model, &b.batch, NULL), 0);
    assert_true(gradient_at(&b, b.w, b.g2) == loss);
    assert_memory_equal(b.g, b.g2, sizeof *b.g * b.net.params.total);
    bench_close(&b);
}

static void refused_targets(void **state)
{
    (void)state;
    struct bench b;
    struct err err = { 0 };
    float targets[TINY_BATCH * TINY_CLASSES] = { 0 }, weights[TINY_BATCH] = { 0 };
    bench_open(&b, HEAD_LINEAR, PASS_EVAL, 1);
    targets[TINY_CLASSES + 2] = -0.5f;
    b.batch.targets = targets;
    assert_int_equal(back_end->load(b.model, &b.batch, &err), -1);
    assert_string_equal(err.text, "soft label -0.5 of image 1 and class 2 in the batch; accepted are 0 and more");
    targets[TINY_CLASSES + 2] = 0.5f;
    weights[1] = NAN;
    b.batch.weights = weights;
    assert_int_equal(back_end->load(b.model, &b.batch, &err), -1);
    assert_string_equal(err.text, "weight nan of image 1 in the batch; accepted are 0 and more");
    bench_close(&b);
}

/* u'Hv = v'Hu, over two vectors in one call. */
static void product_is_symmetric(void **state)
{
    (void)state;
    for (int mode = PASS_EVAL; mode <= PASS_TRAIN; mode++) {
        struct bench b;
        struct pass_result result;
        bench_open(&b, HEAD_LINEAR, (enum pass_mode)mode, 2);
        criterion_case_make(&criterion_cases[CASE_FOCAL], TINY_CLASSES, b.coef, &b.criterion);
        size_t n = b.net.params.total;
        tiny_fill(b.v, n, 1, 51);
        tiny_fill(b.g, n, 1, 52);
        assert_int_equal(back_end->hvp_prepare(b.model, &b.pass, &result, NULL), 0);
        const float *v[] = { b.v, b.g };
        float *out[] = { b.out, b.g2 };
        assert_int_equal(back_end->hvp(b.model, 2, v, out, NULL), 0);
        double a = back_end->vec_dot(b.model, b.g, b.out, n), c = back_end->vec_dot(b.model, b.v, b.g2, n);
        assert_true(fabs(a) > 1e-3);
        assert_true(fabs(a - c) < 1e-5 * norm(b.g, n) * norm(b.out, n));
        bench_close(&b);
    }
}

/* Methods 7.2: the loss does not see the length of a column of the normalised classifier. */
static void norm_head_ignores_column_length(void **state)
{
    (void)state;
    struct bench b;
    struct pass_result result;
    bench_open(&b, HEAD_NORM, PASS_EVAL, 1);
    criterion_case_make(&criterion_cases[CASE_EVERYTHING], TINY_CLASSES, b.coef, &b.criterion);
    const int c = 2;
    double along = 0, size = 0, error = 0;
    gradient_at(&b, b.w, b.g);
    for (int f = 0; f < b.net.features; f++) {
        size_t at = b.net.head_weight + (size_t)(f * TINY_CLASSES + c);
        b.v[at] = b.w[at];
        along += (double)b.g[at] * b.w[at];
        size += fabs((double)b.g[at] * b.w[at]);
    }
    assert_true(size > 1e-3);
    assert_true(fabs(along) < 1e-6 * size);
    const float *v[] = { b.v };
    float *out[] = { b.out };
    assert_int_equal(back_end->hvp_prepare(b.model, &b.pass, &result, NULL), 0);
    assert_int_equal(back_end->hvp(b.model, 1, v, out, NULL), 0);
    for (size_t i = 0; i < b.net.params.total; i++) {
        double expected = b.v[i] != 0 ? -(double)b.g[i] : 0;
        error = fmax(error, fabs(b.out[i] - expected));
    }
    assert_true(error < 1e-6 * norm(b.g, b.net.params.total));
    bench_close(&b);
}

/* Everything a pass writes, with 1 and with 3 threads: the same bits. */
static void threads_do_not_matter(void **state)
{
    (void)state;
    struct bench a, b;
    struct pass_result ra, rb;
    bench_open(&a, HEAD_NORM, PASS_TRAIN, 1);
    bench_open(&b, HEAD_NORM, PASS_TRAIN, 3);
    a.pass.update_stats = b.pass.update_stats = true;
    size_t bytes = a.net.params.total * sizeof *a.g;
    assert_int_equal(back_end->gradient(a.model, &a.pass, a.g, &ra, NULL), 0);
    assert_int_equal(back_end->gradient(b.model, &b.pass, b.g, &rb, NULL), 0);
    assert_memory_equal(a.g, b.g, bytes);
    assert_memory_equal(a.stats, b.stats, a.net.stats.total * sizeof *a.stats);
    assert_true(ra.loss == rb.loss);
    const float *va[] = { a.g }, *vb[] = { b.g };
    float *oa[] = { a.out }, *ob[] = { b.out };
    assert_int_equal(back_end->hvp_prepare(a.model, &a.pass, &ra, NULL), 0);
    assert_int_equal(back_end->hvp_prepare(b.model, &b.pass, &rb, NULL), 0);
    assert_int_equal(back_end->hvp(a.model, 1, va, oa, NULL), 0);
    assert_int_equal(back_end->hvp(b.model, 1, vb, ob, NULL), 0);
    assert_memory_equal(a.out, b.out, bytes);
    bench_close(&a);
    bench_close(&b);
}

/* Train mode moves the statistics to 0.9 old + 0.1 batch; with the batch's own as running ones, both modes agree up
 * to the factor count/(count - 1) of the running variance. */
static void running_statistics(void **state)
{
    (void)state;
    struct bench b;
    struct pass_result result;
    bench_open(&b, HEAD_LINEAR, PASS_TRAIN, 1);
    size_t n = b.net.stats.total;
    float *before = vec(&b, n), *batch = vec(&b, n);
    memcpy(before, b.stats, n * sizeof *before);
    double trained = gradient_at(&b, b.w, NULL);
    assert_memory_equal(b.stats, before, n * sizeof *before); /* update_stats is off */
    b.pass.update_stats = true;
    assert_int_equal(back_end->gradient(b.model, &b.pass, NULL, &result, NULL), 0);
    for (size_t i = 0; i < n; i++)
        batch[i] = (float)((b.stats[i] - 0.9 * before[i]) / 0.1);
    for (int i = 0; i < b.net.n_units; i++) {
        const struct unit *u = &b.net.units[i];
        double count = TINY_BATCH * u->height * u->width;
        for (int c = 0; c < u->channels; c++) {
            assert_true(batch[u->variance + (size_t)c] > 0);
            batch[u->variance + (size_t)c] = (float)(batch[u->variance + (size_t)c] * (count - 1) / count);
        }
    }
    memcpy(b.stats, batch, n * sizeof *batch);
    b.pass.mode = PASS_EVAL;
    double evaluated = gradient_at(&b, b.w, NULL);
    assert_true(fabs(evaluated - trained) < 1e-5 * trained);
    assert_memory_equal(b.stats, batch, n * sizeof *batch); /* evaluation never writes them */
    back_end->vec_free(b.model, before);
    back_end->vec_free(b.model, batch);
    bench_close(&b);
}

static void refuses_what_it_cannot_do(void **state)
{
    (void)state;
    struct bench b;
    struct err err = { 0 };
    struct pass_result result;
    bench_open(&b, HEAD_LINEAR, PASS_EVAL, 1);
    const float *v[] = { b.v };
    float *out[] = { b.out };
    assert_int_equal(back_end->hvp(b.model, 1, v, out, &err), -1); /* not prepared */
    assert_int_equal(back_end->hvp_prepare(b.model, &b.pass, &result, &err), 0);
    assert_int_equal(back_end->load(b.model, &b.batch, &err), 0);
    assert_int_equal(back_end->hvp(b.model, 1, v, out, &err), -1); /* load() ended the preparation */
    b.labels[3] = TINY_CLASSES;
    assert_int_equal(back_end->load(b.model, &b.batch, &err), -1);
    assert_non_null(strstr(err.text, "label 4 of image 3"));
    assert_int_equal(back_end->gradient(b.model, &b.pass, b.g, &result, &err), -1); /* nothing is loaded */
    b.labels[3] = 0;
    b.batch.n = TINY_BATCH + 1;
    assert_int_equal(back_end->load(b.model, &b.batch, &err), -1);
    bench_close(&b);
}

/* A NaN must reach the loss, and must not count as a correct answer. */
static void nan_is_passed_on(void **state)
{
    (void)state;
    struct bench b;
    struct pass_result result;
    bench_open(&b, HEAD_LINEAR, PASS_EVAL, 1);
    b.w[b.net.units[1].weight] = NAN;
    assert_int_equal(back_end->gradient(b.model, &b.pass, b.g, &result, NULL), 0);
    assert_true(isnan(result.loss));
    assert_int_equal(result.correct, 0);
    bench_close(&b);
}

static void optimiser_arithmetic(void **state)
{
    (void)state;
    float w[] = { 1, -2, 0.5f }, g[] = { 0.25f, 1, -4 }, buf[] = { 1, 0, -1 }, out[3];
    struct sgd_step step = { .lr = 0.5f, .momentum = 0.5f, .weight_decay = 0.125f, .nesterov = false };
    assert_true(fabs(back_end->sam_norm(NULL, w, g, 3, false) - sqrt(0.0625 + 1 + 16)) < 1e-12);
    assert_true(fabs(back_end->sam_norm(NULL, w, g, 3, true) - sqrt(0.0625 + 4 + 4)) < 1e-12);
    back_end->sam_perturb(NULL, out, w, g, 2, 3, false);
    assert_true(out[0] == 1.5f && out[1] == 0 && out[2] == -7.5f);
    back_end->sam_perturb(NULL, out, w, g, 2, 3, true);
    assert_true(out[0] == 1.5f && out[1] == 6 && out[2] == -1.5f);
    back_end->sgd(NULL, w, buf, g, 3, &step); /* d = .375 .75 -3.9375; buf = .875 .75 -4.4375 */
    assert_true(buf[0] == 0.875f && buf[1] == 0.75f && buf[2] == -4.4375f);
    assert_true(w[0] == 0.5625f && w[1] == -2.375f && w[2] == 2.71875f);
    float w2[] = { 1 }, buf2[] = { 1 };
    step.nesterov = true;
    back_end->sgd(NULL, w2, buf2, g, 1, &step); /* d + momentum buf = .375 + .4375 */
    assert_true(w2[0] == 0.59375f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients),
        cmocka_unit_test(products),
        cmocka_unit_test(detached_factors),
        cmocka_unit_test(soft_labels_and_weights),
        cmocka_unit_test(one_hot_targets_have_the_same_bits),
        cmocka_unit_test(refused_targets),
        cmocka_unit_test(product_is_symmetric),
        cmocka_unit_test(norm_head_ignores_column_length),
        cmocka_unit_test(threads_do_not_matter),
        cmocka_unit_test(running_statistics),
        cmocka_unit_test(refuses_what_it_cannot_do),
        cmocka_unit_test(nan_is_passed_on),
        cmocka_unit_test(optimiser_arithmetic),
    };
    return cmocka_run_group_tests_name("reference/derivatives", tests, NULL, NULL);
}
