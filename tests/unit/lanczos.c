/* Lanczos on operators whose spectrum is known. */
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

enum { N = 400 };

struct diagonal {
    int n, calls, fail_at;
    double value[N];
};

static int apply_diagonal(void *ctx, const float *v, float *out, struct err *err)
{
    struct diagonal *d = ctx;
    if (++d->calls == d->fail_at)
        return err_set(err, ERR_CANCELLED, "stopped");
    for (int i = 0; i < d->n; i++)
        out[i] = (float)(d->value[i] * v[i]);
    return 0;
}

/* Second differences: unlike a diagonal, not blind to the signs of the start vector. */
static int apply_differences(void *ctx, const float *v, float *out, struct err *err)
{
    (void)ctx;
    (void)err;
    for (int i = 0; i < N; i++)
        out[i] = 2 * v[i] - (i ? v[i - 1] : 0) - (i < N - 1 ? v[i + 1] : 0);
    return 0;
}

static struct lanczos *open_for(int n, int iters)
{
    struct lanczos *l = lanczos_new(&backend_reference, NULL, (size_t)n, iters, NULL);
    assert_non_null(l);
    assert_int_equal(lanczos_start(l, 1, 0, NULL, NULL), 0);
    return l;
}

static struct lanczos_status run(struct lanczos *l, struct diagonal *d, double tol)
{
    struct lanczos_status s;
    struct err err = { 0 };
    while (!lanczos_done(l, tol))
        assert_int_equal(lanczos_step(l, apply_diagonal, d, &err), 0);
    lanczos_status(l, &s);
    return s;
}

/* A bulk in [-1, 1] and outliers, like the Hessian of a network. */
static void outliers(struct diagonal *d)
{
    struct rng r;
    rng_init(&r, 3, RNG_PROBE, 0, 0);
    *d = (struct diagonal){ .n = N };
    for (int i = 0; i < N; i++)
        d->value[i] = 2 * rng_unit(&r) - 1;
    d->value[17] = -7.25;
    d->value[200] = 40;
    d->value[201] = 38.5;
    d->value[5] = -6.5;
}

static void extremes_and_bounds(void **state)
{
    (void)state;
    struct diagonal d;
    outliers(&d);
    struct lanczos *l = open_for(N, 100);
    struct lanczos_status s = run(l, &d, 1e-6);
    assert_true(s.iters < 40); /* it stopped because the bounds said so */
    assert_true(fabs(s.min + 7.25) < 1e-5 && fabs(s.max - 40) < 1e-4);
    assert_true(s.min_bound <= 1e-6 * 7.25 && s.max_bound <= 1e-6 * 40);
    lanczos_free(l);
}

/* At every step: some eigenvalue lies within the bound of each Ritz value (and the rounding of float vectors). */
static void bounds_hold_at_every_step(void **state)
{
    (void)state;
    struct diagonal d;
    outliers(&d);
    struct lanczos *l = open_for(N, 60);
    while (!lanczos_done(l, 0)) {
        assert_int_equal(lanczos_step(l, apply_diagonal, &d, NULL), 0);
        struct lanczos_status s;
        lanczos_status(l, &s);
        for (int j = 0; j < s.iters; j++) {
            double bound, ritz = lanczos_ritz(l, j, &bound), nearest = INFINITY;
            for (int i = 0; i < N; i++)
                nearest = fmin(nearest, fabs(ritz - d.value[i]));
            assert_true(nearest <= bound + 40 * 1e-6);
        }
        assert_true(s.max <= 40.0001 && s.min >= -7.2501);
    }
    lanczos_free(l);
}

static void no_copies_of_an_eigenvalue(void **state)
{
    (void)state;
    struct diagonal d;
    outliers(&d);
    struct lanczos *l = open_for(N, 120);
    run(l, &d, 0);
    int near_top = 0;
    for (int j = 0; j < 120; j++)
        near_top += lanczos_ritz(l, j, NULL) > 30; /* 38.5 and 40; without orthogonality there would be more */
    assert_int_equal(near_top, 2);
    lanczos_free(l);
}

static void density_is_a_quadrature(void **state)
{
    (void)state;
    struct diagonal d;
    double nodes[50], weights[50], sum = 0, mean = 0, square = 0, mean_true = 0, square_true = 0;
    outliers(&d);
    struct lanczos *l = open_for(N, 50);
    run(l, &d, 0);
    assert_int_equal(lanczos_density(l, nodes, weights), 50);
    for (int j = 0; j < 50; j++) {
        assert_true(j == 0 || nodes[j] >= nodes[j - 1]);
        sum += weights[j];
        mean += weights[j] * nodes[j];
        square += weights[j] * nodes[j] * nodes[j];
    }
    for (int i = 0; i < N; i++) { /* a start vector of +-1 weighs every coordinate alike */
        mean_true += d.value[i] / N;
        square_true += d.value[i] * d.value[i] / N;
    }
    assert_true(fabs(sum - 1) < 1e-9);
    assert_true(fabs(mean - mean_true) < 1e-5);
    assert_true(fabs(square - square_true) < 1e-4);
    lanczos_free(l);
}

static void vector_of_the_smallest(void **state)
{
    (void)state;
    struct diagonal d;
    float v[N];
    outliers(&d);
    struct lanczos *l = open_for(N, 80);
    run(l, &d, 1e-6);
    lanczos_vector(l, 0, v);
    double norm = 0;
    for (int i = 0; i < N; i++)
        norm += (double)v[i] * v[i];
    assert_true(fabs(norm - 1) < 1e-6);
    assert_true(fabs(fabs(v[17]) - 1) < 1e-5);
    /* Warm start: from the vector itself one step is enough for this end. */
    assert_int_equal(lanczos_start(l, 0, 0, v, NULL), 0);
    assert_int_equal(lanczos_step(l, apply_diagonal, &d, NULL), 0);
    assert_true(fabs(lanczos_ritz(l, 0, NULL) + 7.25) < 1e-5);
    lanczos_free(l);
}

/* Three distinct values, many times each: the Krylov space has dimension 3. */
static void repeated_eigenvalues_break_down(void **state)
{
    (void)state;
    struct diagonal d = { .n = 90 };
    for (int i = 0; i < 90; i++)
        d.value[i] = i % 3 == 0 ? -2 : i % 3 == 1 ? 0.5 : 5;
    struct lanczos *l = open_for(90, 60);
    struct lanczos_status s = run(l, &d, 1e-4);
    assert_int_equal(s.iters, 3);
    assert_true(fabs(s.min + 2) < 1e-5 && fabs(s.max - 5) < 1e-5);
    assert_true(s.min_bound < 1e-5 && s.max_bound < 1e-5);
    s = run(l, &d, 0); /* goes on with fresh vectors and stays sane */
    assert_int_equal(s.iters, 60);
    assert_true(fabs(s.min + 2) < 1e-5 && fabs(s.max - 5) < 1e-5);
    for (int j = 0; j < 60; j++) {
        double x = lanczos_ritz(l, j, NULL);
        assert_true(fmin(fabs(x + 2), fmin(fabs(x - 0.5), fabs(x - 5))) < 1e-4);
    }
    lanczos_free(l);
}

/* A start vector blind to the extreme eigenvalue: found only after the breakdown. */
static void fresh_vector_sees_the_rest(void **state)
{
    (void)state;
    struct diagonal d = { .n = 4, .value = { 1, 2, 3, -9 } };
    const float blind[] = { 1, 1, 1, 0 };
    struct lanczos *l = open_for(4, 4);
    assert_int_equal(lanczos_start(l, 2, 0, blind, NULL), 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(lanczos_step(l, apply_diagonal, &d, NULL), 0);
    assert_true(fabs(lanczos_ritz(l, 0, NULL) - 1) < 1e-5);
    assert_int_equal(lanczos_step(l, apply_diagonal, &d, NULL), 0);
    assert_true(fabs(lanczos_ritz(l, 0, NULL) + 9) < 1e-4);
    assert_true(fabs(lanczos_ritz(l, 3, NULL) - 3) < 1e-4);
    assert_true(lanczos_done(l, 0));
    lanczos_free(l);
}

static void zero_operator(void **state)
{
    (void)state;
    struct diagonal d = { .n = 5 };
    struct lanczos *l = open_for(5, 20); /* cut to 5 */
    struct lanczos_status s = run(l, &d, 0);
    assert_int_equal(s.max_iters, 5);
    assert_true(s.min == 0 && s.max == 0 && s.min_bound == 0);
    lanczos_free(l);
}

static void errors_keep_the_state(void **state)
{
    (void)state;
    struct diagonal d;
    struct err err = { 0 };
    struct lanczos_status before, after;
    outliers(&d);
    struct lanczos *l = open_for(N, 10);
    for (int i = 0; i < 4; i++)
        assert_int_equal(lanczos_step(l, apply_diagonal, &d, &err), 0);
    lanczos_status(l, &before);
    d.fail_at = d.calls + 1;
    assert_int_equal(lanczos_step(l, apply_diagonal, &d, &err), -1);
    assert_int_equal(err.code, ERR_CANCELLED);
    d.value[3] = NAN;
    assert_int_equal(lanczos_step(l, apply_diagonal, &d, &err), -1);
    assert_int_equal(err.code, ERR_DIVERGED);
    lanczos_status(l, &after);
    assert_int_equal(before.iters, after.iters);
    assert_true(before.min == after.min && before.max == after.max && before.max_bound == after.max_bound);
    const float zero[N] = { 0 };
    assert_int_equal(lanczos_start(l, 0, 0, zero, &err), -1);
    assert_null(lanczos_new(&backend_reference, NULL, 0, 5, &err));
    lanczos_free(l);
}

static void run_differences(struct lanczos *l, uint32_t which, double nodes[20])
{
    double weights[20];
    assert_int_equal(lanczos_start(l, 1, which, NULL, NULL), 0);
    while (!lanczos_done(l, 0))
        assert_int_equal(lanczos_step(l, apply_differences, NULL, NULL), 0);
    assert_int_equal(lanczos_density(l, nodes, weights), 20);
}

static void same_seed_same_bits(void **state)
{
    (void)state;
    double a[20], b[20];
    struct lanczos *l = open_for(N, 20);
    run_differences(l, 0, a);
    run_differences(l, 0, b);
    assert_memory_equal(a, b, sizeof a);
    run_differences(l, 1, b); /* another probe */
    assert_true(memcmp(a, b, sizeof a) != 0);
    lanczos_free(l);
}

/* The second difference matrix: eigenvalues 2 - 2 cos(pi j/(n+1)), all and vectors. */
static void tridiagonal_solver(void **state)
{
    (void)state;
    enum { K = 25 };
    double d[K], e[K], rows[2 * K], all[K * K];
    for (int i = 0; i < K; i++) {
        d[i] = 2;
        e[i] = -1;
    }
    assert_int_equal(lanczos_tridiagonal(K, d, e, rows, all), 0);
    for (int j = 0; j < K; j++) {
        double angle = M_PI * (j + 1) / (K + 1), scale = sqrt(2.0 / (K + 1));
        assert_true(fabs(d[j] - (2 - 2 * cos(angle))) < 1e-13);
        assert_true(fabs(fabs(rows[j]) - fabs(scale * sin(angle))) < 1e-12);
        assert_true(fabs(fabs(rows[K + j]) - fabs(scale * sin(K * angle))) < 1e-12);
        for (int i = 0; i < K; i++)
            assert_true(fabs(fabs(all[i * K + j]) - fabs(scale * sin((i + 1) * angle))) < 1e-12);
    }
    double one[] = { -3 }, off[] = { 9 }, row[2];
    assert_int_equal(lanczos_tridiagonal(1, one, off, row, NULL), 0);
    assert_true(one[0] == -3 && row[0] == 1 && row[1] == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(extremes_and_bounds),
        cmocka_unit_test(bounds_hold_at_every_step),
        cmocka_unit_test(no_copies_of_an_eigenvalue),
        cmocka_unit_test(density_is_a_quadrature),
        cmocka_unit_test(vector_of_the_smallest),
        cmocka_unit_test(repeated_eigenvalues_break_down),
        cmocka_unit_test(fresh_vector_sees_the_rest),
        cmocka_unit_test(zero_operator),
        cmocka_unit_test(errors_keep_the_state),
        cmocka_unit_test(same_seed_same_bits),
        cmocka_unit_test(tridiagonal_solver),
    };
    return cmocka_run_group_tests_name("unit/lanczos", tests, NULL, NULL);
}
