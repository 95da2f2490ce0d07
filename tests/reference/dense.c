/* Networks small enough for their whole Hessian, one of plain units and a bottleneck with projection, max pooling and groups: built column
 * by column, it must be symmetric, its eigenvalues (Householder, then QL, in double) must be what Lanczos finds at both ends, its moments
 * what the density has; and where only a linear head varies, no class may have a negative eigenvalue, because cross-entropy is convex
 * there. */
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
#include "engine/criteria/loss.h"
#include "engine/probe/lanczos.h"
#include "engine/probe/spectrum.h"
#include "tests/reference/tiny.h"

struct problem {
    const struct backend *backend;
    struct net net;
    struct model *model;
    struct loss loss;
    float *w, *stats;
    bool head_only;
    size_t first, n; /* the parameters that vary; vectors of these back ends are host memory */
    float *full[2];  /* [params.total] a direction and its product */
    float images[TINY_BATCH * TINY_SIDE * TINY_SIDE * TINY_CHANNELS];
    int32_t labels[TINY_BATCH];
};

static struct err last;

typedef void builder(struct net *net, enum head_kind head);

static void open_problem(struct problem *p, const struct backend *backend, builder *build)
{
    static const uint32_t counts[TINY_CLASSES] = { 1, 1, 1, 1 }; /* plain ce does not look at them */
    *p = (struct problem){ .backend = backend };
    build(&p->net, HEAD_LINEAR);
    p->model = backend->open(&p->net, &(struct model_options){ .max_batch = TINY_BATCH, .threads = 1 }, &last);
    if (!p->model)
        fail_msg("%s", last.text);
    assert_int_equal(loss_init(&p->loss, TINY_CLASSES, counts, &last), 0);
    size_t n = p->n = p->net.params.total;
    p->w = backend->vec_new(p->model, n, &last);
    p->stats = backend->vec_new(p->model, p->net.stats.total, &last);
    p->full[0] = backend->vec_new(p->model, n, &last);
    p->full[1] = backend->vec_new(p->model, n, &last);
    assert_true(p->w && p->stats && p->full[0] && p->full[1]);
    tiny_weights(&p->net, p->w, p->stats);
    tiny_batch(p->images, p->labels);
}

static void prepare(struct problem *p)
{
    const struct batch batch = { .n = TINY_BATCH, .images = p->images, .labels = p->labels };
    const struct pass pass = { p->w, p->stats, PASS_EVAL, false, &p->loss.criterion, p->head_only };
    struct pass_result r;
    assert_int_equal(p->backend->load(p->model, &batch, &last), 0);
    assert_int_equal(p->backend->hvp_prepare(p->model, &pass, &r, &last), 0);
}

static void close_problem(struct problem *p)
{
    float *vectors[] = { p->w, p->stats, p->full[0], p->full[1] };
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++)
        p->backend->vec_free(p->model, vectors[i]);
    p->backend->close(p->model);
    loss_release(&p->loss);
    net_release(&p->net);
}

/* The Hessian of the parameters first .. first + n - 1. */
static int apply(void *ctx, int count, const float *const *v, float *const *out, struct err *err)
{
    struct problem *p = ctx;
    const float *direction = p->full[0];
    for (int k = 0; k < count; k++) {
        memset(p->full[0], 0, p->net.params.total * sizeof(float));
        memcpy(p->full[0] + p->first, v[k], p->n * sizeof(float));
        memset(p->full[1], 0, p->net.params.total * sizeof(float)); /* the classifier's block leaves the rest as it is */
        if (p->backend->hvp(p->model, 1, &direction, &p->full[1], err) < 0)
            return -1;
        memcpy(out[k], p->full[1] + p->first, p->n * sizeof(float));
    }
    return 0;
}

/* --- the whole matrix ---------------------------------------------------------------------------------------------- */

static double *dense(struct problem *p)
{
    size_t n = p->n;
    double *h = malloc(n * n * sizeof *h);
    float *column = p->backend->vec_new(p->model, n, &last), *unit = p->backend->vec_new(p->model, n, &last);
    assert_true(h && column && unit);
    const float *v = unit;
    for (size_t j = 0; j < n; j++) {
        unit[j] = 1;
        assert_int_equal(apply(p, 1, &v, &column, &last), 0);
        unit[j] = 0;
        for (size_t i = 0; i < n; i++)
            h[i * n + j] = (double)column[i];
    }
    p->backend->vec_free(p->model, column);
    p->backend->vec_free(p->model, unit);
    return h;
}

/* Largest difference across the diagonal, relative to the largest entry; leaves the mean of both. */
static double symmetrise(double *h, size_t n)
{
    double worst = 0, largest = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j <= i; j++) {
            double a = h[i * n + j], b = h[j * n + i];
            worst = fmax(worst, fabs(a - b));
            largest = fmax(largest, fabs(a));
            h[i * n + j] = h[j * n + i] = (a + b) / 2;
        }
    return worst / largest;
}

/* Householder: a becomes tridiagonal, diag and off[i] between i and i + 1 (Golub and Van Loan 8.3.1). */
static void tridiagonalise(double *a, size_t n, double *diag, double *off, double *v, double *q)
{
    for (size_t k = 0; k + 2 < n; k++) {
        double norm = 0;
        for (size_t i = k + 1; i < n; i++) {
            v[i] = a[i * n + k];
            norm += v[i] * v[i];
        }
        norm = sqrt(norm);
        off[k] = v[k + 1] > 0 ? -norm : norm;
        v[k + 1] -= off[k];
        double square = 0, along = 0;
        for (size_t i = k + 1; i < n; i++)
            square += v[i] * v[i];
        if (square == 0)
            continue;
        for (size_t i = k + 1; i < n; i++) {
            q[i] = 0;
            for (size_t j = k + 1; j < n; j++)
                q[i] += a[i * n + j] * v[j];
            q[i] *= 2 / square;
            along += q[i] * v[i];
        }
        for (size_t i = k + 1; i < n; i++)
            q[i] -= along / square * v[i];
        for (size_t i = k + 1; i < n; i++)
            for (size_t j = k + 1; j < n; j++)
                a[i * n + j] -= v[i] * q[j] + q[i] * v[j];
    }
    for (size_t i = 0; i < n; i++)
        diag[i] = a[i * n + i];
    off[n - 2] = a[(n - 1) * n + n - 2];
}

static double *eigenvalues(double *h, size_t n)
{
    double *diag = malloc(n * sizeof *diag), *rest = malloc(5 * n * sizeof *rest);
    assert_true(diag && rest);
    tridiagonalise(h, n, diag, rest, rest + n, rest + 2 * n);
    assert_int_equal(lanczos_tridiagonal((int)n, diag, rest, rest + 3 * n, NULL), 0);
    free(rest);
    return diag;
}

/* --- tests --------------------------------------------------------------------------------------------------------- */

static void near(double value, double expected, double tolerance)
{
    if (!(fabs(value - expected) <= tolerance))
        fail_msg("%.9g, expected %.9g within %.3g", value, expected, tolerance);
}

static void compare_ends(struct problem *p, struct spectrum *s, const double *eigen)
{
    const struct spectrum_plan plan = { .iters = 150, .runs = 1, .ends = 2, .tol = 1e-6 };
    size_t n = p->n;
    assert_int_equal(spectrum_start(s, &plan, &last), 0);
    while (!spectrum_done(s))
        assert_int_equal(spectrum_step(s, apply, p, &last), 0);
    for (int i = 0; i < 2; i++) {
        near(spectrum_eigenvalue(s, false, i, NULL), eigen[i], 1e-5 * fabs(eigen[i]));
        near(spectrum_eigenvalue(s, true, i, NULL), eigen[n - 1 - (size_t)i], 1e-5 * eigen[n - 1 - (size_t)i]);
    }
}

/* First and second moment of the density from many starts: within 4 standard errors (a wrong weight would be off by dozens). */
static void compare_moments(struct problem *p, struct spectrum *s, const double *eigen)
{
    enum { STARTS = 60 };
    double truth[2] = { 0, 0 }, sum[2] = { 0, 0 }, square[2] = { 0, 0 };
    for (size_t i = 0; i < p->n; i++) {
        truth[0] += eigen[i] / (double)p->n;
        truth[1] += eigen[i] * eigen[i] / (double)p->n;
    }
    for (uint32_t start = 0; start < STARTS; start++) {
        const struct spectrum_plan plan = { .iters = 8, .runs = 1, .ends = 1, .seed = 100 + start };
        const double *nodes, *weights;
        double moment[2] = { 0, 0 };
        assert_int_equal(spectrum_start(s, &plan, &last), 0);
        while (!spectrum_done(s))
            assert_int_equal(spectrum_step(s, apply, p, &last), 0);
        int n = spectrum_density(s, &nodes, &weights);
        for (int j = 0; j < n; j++) {
            moment[0] += weights[j] * nodes[j];
            moment[1] += weights[j] * nodes[j] * nodes[j];
        }
        for (int m = 0; m < 2; m++) {
            sum[m] += moment[m] / STARTS;
            square[m] += moment[m] * moment[m] / STARTS;
        }
    }
    for (int m = 0; m < 2; m++) {
        double se = sqrt((square[m] - sum[m] * sum[m]) / (STARTS - 1));
        assert_true(se > 0 && se < 0.3 * fabs(truth[1]));
        near(sum[m], truth[m], 4 * se);
    }
}

static void whole_matrix(const struct backend *backend, builder *build, double rounding)
{
    struct problem p;
    open_problem(&p, backend, build);
    prepare(&p);
    assert_true(p.n <= 2000);
    double *h = dense(&p);
    near(symmetrise(h, p.n), 0, rounding);
    double *eigen = eigenvalues(h, p.n);
    assert_true(eigen[0] < 0 && eigen[p.n - 1] > 0);
    struct spectrum *s = spectrum_new(backend, p.model, p.n, &last);
    assert_non_null(s);
    compare_ends(&p, s, eigen);
    compare_moments(&p, s, eigen);
    spectrum_free(s);
    free(eigen);
    free(h);
    close_problem(&p);
}

/* Frozen features: for every class the smallest eigenvalue is nothing but rounding. */
static void convex(const struct backend *backend)
{
    struct problem p;
    open_problem(&p, backend, tiny_net);
    p.first = p.net.head_weight;
    p.n = p.net.params.total - p.first;
    assert_int_equal(p.n, TINY_CLASSES * (p.net.features + 1));
    for (int class = 0; class < TINY_CLASSES; class++) {
        for (int i = 0; i < TINY_BATCH; i++)
            p.labels[i] = class;
        prepare(&p);
        const struct spectrum_plan plan = { .iters = (int)p.n, .runs = 1, .ends = 1 };
        struct spectrum *s = spectrum_new(backend, p.model, p.n, &last);
        struct spectrum_result r;
        assert_int_equal(spectrum_start(s, &plan, &last), 0);
        while (!spectrum_done(s))
            assert_int_equal(spectrum_step(s, apply, &p, &last), 0);
        spectrum_status(s, &r);
        if (!(r.max > 1e-3) || !(r.min >= -1e-6 * r.max))
            fail_msg("class %d: eigenvalues %.9g to %.9g", class, r.min, r.max);
        spectrum_free(s);
    }
    close_problem(&p);
}

/* Passes of the classifier alone: the block of the whole matrix, whatever a direction says of the rest. */
static void block_of_the_head(const struct backend *backend, double rounding)
{
    struct problem p;
    open_problem(&p, backend, tiny_net);
    prepare(&p);
    const size_t n = p.n, first = p.net.head_weight;
    double *h = dense(&p), largest = 0;
    p.head_only = true;
    prepare(&p);
    double *block = dense(&p);
    for (size_t i = first * n; i < n * n; i++)
        largest = fmax(largest, i % n < first ? 0 : fabs(h[i]));
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            near(block[i * n + j], i >= first && j >= first ? h[i * n + j] : 0, rounding * largest);
    free(h);
    free(block);
    close_problem(&p);
}

static void block_reference(void **state)
{
    (void)state;
    block_of_the_head(&backend_reference, 1e-6);
}

static void block_cpu(void **state)
{
    (void)state;
    block_of_the_head(&backend_cpu, 1e-6);
}

static void whole_matrix_reference(void **state)
{
    (void)state;
    whole_matrix(&backend_reference, tiny_net, 1e-6);
}

static void whole_matrix_cpu(void **state)
{
    (void)state;
    whole_matrix(&backend_cpu, tiny_net, 1e-5);
}

static void bottleneck_reference(void **state)
{
    (void)state;
    whole_matrix(&backend_reference, tiny_bottleneck, 1e-6);
}

static void bottleneck_cpu(void **state)
{
    (void)state;
    whole_matrix(&backend_cpu, tiny_bottleneck, 1e-5);
}

static void convex_reference(void **state)
{
    (void)state;
    convex(&backend_reference);
}

static void convex_cpu(void **state)
{
    (void)state;
    convex(&backend_cpu);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_matrix_reference),
        cmocka_unit_test(whole_matrix_cpu),
        cmocka_unit_test(bottleneck_reference),
        cmocka_unit_test(bottleneck_cpu),
        cmocka_unit_test(convex_reference),
        cmocka_unit_test(convex_cpu),
        cmocka_unit_test(block_reference),
        cmocka_unit_test(block_cpu),
    };
    return cmocka_run_group_tests_name("reference/dense", tests, NULL, NULL);
}
