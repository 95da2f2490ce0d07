/* Spectra of operators that are known: eigenvalues, density and trace from several start vectors. */
#include "config.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/rng.h"
#include "engine/probe/lanczos.h"
#include "engine/probe/pyhessian.h"
#include "engine/probe/spectrum.h"

enum { N = 600 };

/* Q D Q with a Householder reflection Q: dense, so that a vector of signs does not give traces exactly. */
struct dense {
    double value[N], u[N];
    int products, fail_at, calls;
};

static void reflect(const struct dense *d, double *x)
{
    double c = 0;
    for (int i = 0; i < N; i++)
        c += d->u[i] * x[i];
    for (int i = 0; i < N; i++)
        x[i] -= 2 * c * d->u[i];
}

static int apply(void *ctx, int n, const float *const *v, float *const *out, struct err *err)
{
    struct dense *d = ctx;
    d->calls++;
    for (int k = 0; k < n; k++) {
        double x[N];
        if (++d->products == d->fail_at)
            return err_set(err, ERR_CANCELLED, "stopped");
        for (int i = 0; i < N; i++)
            x[i] = (double)v[k][i];
        reflect(d, x);
        for (int i = 0; i < N; i++)
            x[i] *= d->value[i];
        reflect(d, x);
        for (int i = 0; i < N; i++)
            out[k][i] = (float)x[i];
    }
    return 0;
}

/* A bulk around zero and a few outliers on both sides, as a network's Hessian has. */
static void make(struct dense *d)
{
    struct rng r;
    double norm = 0;
    rng_init(&r, 9, RNG_PROBE, 0, 0);
    *d = (struct dense){ .products = 0 };
    for (int i = 0; i < N; i++) {
        d->value[i] = 0.2 * (2 * (double)rng_unit(&r) - 1);
        d->u[i] = (double)rng_normal(&r);
        norm += d->u[i] * d->u[i];
    }
    for (int i = 0; i < N; i++)
        d->u[i] /= sqrt(norm);
    const double outliers[] = { -9, -4, 30, 70, 20, 12, -2 };
    for (size_t i = 0; i < sizeof outliers / sizeof outliers[0]; i++)
        d->value[11 * i + 3] = outliers[i];
}

static double moment(const struct dense *d, int power)
{
    double sum = 0;
    for (int i = 0; i < N; i++)
        sum += pow(d->value[i], power);
    return sum / N;
}

static struct spectrum_result run(struct spectrum *s, const struct spectrum_plan *plan, struct dense *d)
{
    struct spectrum_result r;
    struct err err = { 0 };
    if (spectrum_start(s, plan, &err) < 0)
        fail_msg("%s", err.text);
    while (!spectrum_done(s)) {
        if (spectrum_step(s, apply, d, &err) < 0)
            fail_msg("%s", err.text);
        spectrum_status(s, &r);
        assert_true(r.products <= r.of);
    }
    return r;
}

static struct spectrum *open_one(void)
{
    struct spectrum *s = spectrum_new(&backend_reference, NULL, N, NULL);
    assert_non_null(s);
    return s;
}

static void ends_and_vectors(void **state)
{
    (void)state;
    struct dense d;
    make(&d);
    struct spectrum *s = open_one();
    const struct spectrum_plan plan = { .iters = 100, .runs = 1, .ends = 3, .keep = 3, .tol = 1e-5 };
    struct spectrum_result r = run(s, &plan, &d);
    const double low[] = { -9, -4, -2 }, high[] = { 70, 30, 20 };
    assert_int_equal(r.why, SPECTRUM_BOUND);
    assert_true(r.iters < 60 && r.products == r.iters && r.runs == 1 && isnan(r.trace));
    assert_int_equal(d.products, r.products);
    for (int i = 0; i < 3; i++) {
        double bound;
        float hv[N];
        assert_true(fabs(spectrum_eigenvalue(s, false, i, &bound) - low[i]) < 1e-4 && bound < 1e-4);
        assert_true(fabs(spectrum_eigenvalue(s, true, i, &bound) - high[i]) < 1e-4 && bound < 1e-3);
        const float *v = spectrum_vector(s, true, i);
        float *to = hv;
        assert_int_equal(apply(&d, 1, &v, &to, NULL), 0);
        for (int j = 0; j < N; j++)
            assert_true(fabs((double)hv[j] - high[i] * (double)v[j]) < 1e-3);
    }
    assert_null(spectrum_vector(s, true, 3));
    assert_true(r.min == spectrum_eigenvalue(s, false, 0, NULL) && r.max == spectrum_eigenvalue(s, true, 0, NULL));
    assert_true(r.max_bound > 1e-7 * 70 && r.max_bound < 1e-6 * 70); /* the largest has long converged: rounding is left */
    assert_true(fabs(r.max - 70) < 4 * r.max_bound);
    spectrum_free(s);
}

/* Each end has the bound that is its own, long before either is converged. */
static void each_end_has_its_bound(void **state)
{
    (void)state;
    struct dense d;
    double low, high;
    make(&d);
    struct spectrum *s = open_one();
    const struct spectrum_plan plan = { .iters = 7, .runs = 1, .ends = 1 };
    const struct spectrum_result r = run(s, &plan, &d);
    spectrum_eigenvalue(s, false, 0, &low);
    spectrum_eigenvalue(s, true, 0, &high);
    assert_true(r.min_bound == low && r.max_bound == high && fabs(low / high - 1) > 0.01);
    spectrum_free(s);
}

static void why_it_stopped(void **state)
{
    (void)state;
    struct dense d;
    make(&d);
    struct spectrum *s = open_one();
    struct spectrum_plan plan = { .iters = 5, .runs = 1, .ends = 1, .tol = 1e-9 };
    assert_int_equal(run(s, &plan, &d).why, SPECTRUM_ITERS);
    for (int i = 0; i < N; i++) /* a multiple of the identity: one product says all, but for its rounding */
        d.value[i] = 3;
    plan.iters = 50;
    plan.tol = 1e-4;
    struct spectrum_result r = run(s, &plan, &d);
    assert_int_equal(r.why, SPECTRUM_BOUND);
    assert_true(r.iters == 1 && fabs(r.min - 3) < 1e-5);
    spectrum_free(s);
}

/* Mean over many starts of the density's moments: within their standard errors of the true ones. */
static void moments_of_the_density(void **state)
{
    (void)state;
    struct dense d;
    make(&d);
    struct spectrum *s = open_one();
    const struct spectrum_plan plan = { .iters = 30, .runs = 40, .ends = 1 };
    struct spectrum_result r = run(s, &plan, &d);
    const double *nodes, *weights;
    double sum = 0, first = 0;
    int n = spectrum_density(s, &nodes, &weights);
    assert_int_equal(n, 40 * 30);
    assert_int_equal(r.runs, 40);
    for (int j = 0; j < n; j++) {
        assert_true(j == 0 || nodes[j] >= nodes[j - 1]);
        sum += weights[j];
        first += weights[j] * nodes[j];
    }
    assert_true(fabs(sum - 1) < 1e-9);
    assert_true(fabs(first - r.trace / N) < 1e-6); /* the starts are Hutchinson's samples */
    assert_true(r.trace_se > 0 && fabs(r.trace - N * moment(&d, 1)) < 3 * r.trace_se);
    spectrum_free(s);
}

/* Same number of products: sampling outside the Krylov space against plain Hutchinson. */
static int one_product(void *ctx, const float *v, float *out, struct err *err)
{
    return apply(ctx, 1, &v, &out, err);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Further starts share their products, four at a time, and give what each gives alone. */
static void starts_go_side_by_side(void **state)
{
    enum { RUNS = 6, STEPS = 20 };
    (void)state;
    struct dense d;
    make(&d);
    struct spectrum *s = open_one();
    struct lanczos *alone = lanczos_new(&backend_reference, NULL, N, STEPS, NULL);
    const struct spectrum_plan plan = { .iters = STEPS, .runs = RUNS, .ends = 1, .seed = 7, .which = 3 };
    struct spectrum_result r = run(s, &plan, &d);
    const double *nodes, *weights;
    double expected[RUNS * STEPS], unused[STEPS];
    assert_int_equal(d.calls, 3 * STEPS); /* the first, four, one */
    assert_int_equal(r.products, RUNS * STEPS);
    for (int k = 0; k < RUNS; k++) {
        assert_int_equal(lanczos_start(alone, 7, 3 | (uint32_t)k << 16, NULL, NULL), 0);
        for (int i = 0; i < STEPS; i++)
            assert_int_equal(lanczos_step(alone, one_product, &d, NULL), 0);
        lanczos_density(alone, expected + k * STEPS, unused);
    }
    qsort(expected, RUNS * STEPS, sizeof *expected, by_value);
    assert_int_equal(spectrum_density(s, &nodes, &weights), RUNS * STEPS);
    assert_memory_equal(nodes, expected, sizeof expected);
    lanczos_free(alone);
    spectrum_free(s);
}

static void sharper_trace(void **state)
{
    (void)state;
    struct dense d;
    make(&d);
    double truth = N * moment(&d, 1);
    struct spectrum *s = open_one();
    const struct spectrum_plan plain = { .iters = 1, .runs = 60, .ends = 1, .seed = 5 };
    const struct spectrum_plan sharp = { .iters = 30, .runs = 1, .ends = 1, .seed = 5, .trace = true, .trace_products = 30 };
    struct spectrum_result a = run(s, &plain, &d), b = run(s, &sharp, &d);
    assert_true(a.products == 60 && b.products == 60);
    assert_true(fabs(b.trace - truth) < 4 * b.trace_se);
    assert_true(b.trace_se < a.trace_se / 5);
    spectrum_free(s);
}

static void trace_stops_when_sharp(void **state)
{
    (void)state;
    struct dense d;
    make(&d);
    struct spectrum *s = open_one();
    const struct spectrum_plan plan = { .iters = 30, .runs = 1, .ends = 1, .trace = true, .trace_tol = 0.05, .trace_products = 100 };
    struct spectrum_result r = run(s, &plan, &d);
    assert_true(r.products < 130 && r.trace_se <= 0.05 * fabs(r.trace));
    spectrum_free(s);
}

/* From the eigenvectors of before: fewer products, and honestly no density. */
static void warm_start(void **state)
{
    (void)state;
    struct dense d;
    float from[N];
    make(&d);
    struct spectrum *s = open_one();
    struct spectrum_plan plan = { .iters = 60, .runs = 3, .ends = 1, .keep = 1, .tol = 1e-4 };
    struct spectrum_result cold = run(s, &plan, &d);
    for (int i = 0; i < N; i++)
        from[i] = spectrum_vector(s, false, 0)[i] + spectrum_vector(s, true, 0)[i];
    plan.warm = from;
    struct spectrum_result warm = run(s, &plan, &d);
    const double *nodes, *weights;
    assert_true(warm.iters < cold.iters / 2 && fabs(warm.min - cold.min) < 1e-3 && fabs(warm.max - cold.max) < 1e-2);
    assert_true(warm.runs == 0 && isnan(warm.trace) && spectrum_density(s, &nodes, &weights) == 0);
    spectrum_free(s);
}

/* The reference's protocol finds the same ends; its power iteration returns the value before the last. */
static void as_the_reference_does(void **state)
{
    (void)state;
    struct dense d;
    struct pyhessian_result r;
    struct err err = { 0 };
    make(&d);
    const struct pyhessian_plan plan = { .iters = 100, .runs = 1, .seed = 4, .apply = apply, .ctx = &d };
    assert_int_equal(pyhessian_run(&backend_reference, NULL, N, &plan, &r, &err), 0);
    assert_int_equal(r.products, d.products);
    assert_int_equal(r.products, r.power_products + r.trace_products + 100);
    assert_true(fabs(r.power - 70) < 0.5 && r.power_products < 30);
    assert_true(fabs(r.min + 9) < 1e-3 && fabs(r.max - 70) < 1e-2);
    assert_true(r.trace_products > 1 && r.trace_products <= 100 && r.trace_se > 0);
    assert_true(fabs(r.trace - N * moment(&d, 1)) < 4 * r.trace_se);
    double sum = 0;
    for (int j = 0; j < r.n_nodes; j++) {
        assert_true(j == 0 || r.nodes[j] >= r.nodes[j - 1]);
        sum += r.weights[j];
    }
    assert_true(r.n_nodes == 100 && fabs(sum - 1) < 1e-9);
    pyhessian_release(&r);
    d.value[36] = -90; /* the largest magnitude is negative now, and power iteration says so */
    assert_int_equal(pyhessian_run(&backend_reference, NULL, N, &plan, &r, &err), 0);
    assert_true(fabs(r.power + 90) < 1);
    pyhessian_release(&r);
    d.fail_at = d.products + 3;
    assert_int_equal(pyhessian_run(&backend_reference, NULL, N, &plan, &r, &err), -1);
    assert_int_equal(err.code, ERR_CANCELLED);
}

static void errors_end_it(void **state)
{
    (void)state;
    struct dense d;
    struct err err = { 0 };
    make(&d);
    struct spectrum *s = open_one();
    struct spectrum_plan plan = { .iters = 20, .runs = 1, .ends = 1 };
    d.fail_at = 4;
    assert_int_equal(spectrum_start(s, &plan, &err), 0);
    int failed = 0;
    while (!spectrum_done(s))
        failed += spectrum_step(s, apply, &d, &err) < 0;
    assert_true(failed == 1 && err.code == ERR_CANCELLED);
    plan.runs = 0;
    assert_int_equal(spectrum_start(s, &plan, &err), -1);
    plan = (struct spectrum_plan){ .iters = 20, .runs = 1, .ends = SPECTRUM_MAX_ENDS + 1 };
    assert_int_equal(spectrum_start(s, &plan, &err), -1);
    spectrum_free(s);
    spectrum_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_end_has_its_bound),
        cmocka_unit_test(ends_and_vectors),    cmocka_unit_test(why_it_stopped),         cmocka_unit_test(moments_of_the_density),
        cmocka_unit_test(starts_go_side_by_side),
        cmocka_unit_test(sharper_trace),       cmocka_unit_test(trace_stops_when_sharp), cmocka_unit_test(warm_start),
        cmocka_unit_test(errors_end_it),       cmocka_unit_test(as_the_reference_does),
    };
    return cmocka_run_group_tests_name("unit/spectrum", tests, NULL, NULL);
}
