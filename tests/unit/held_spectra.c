/* Spectra of small matrices: of three by three against what is known by hand; of others each step's answer, held as a whole. */
#include "config.h"
#include "tests/unit/held.h"

#include <math.h>

#include "base/err.h"
#include "base/rng.h"
#include "engine/probe/lanczos.h"
#include "engine/probe/pyhessian.h"
#include "engine/probe/spectrum.h"

enum { MOST = 40 };

struct matrix {
    int n, products, calls, fail_at, nan_at;
    double a[MOST][MOST];
};

static int times(void *ctx, int n, const float *const *v, float *const *out, struct err *err)
{
    struct matrix *m = ctx;
    m->calls++;
    for (int k = 0; k < n; k++) {
        if (++m->products == m->fail_at)
            return err_set(err, ERR_CANCELLED, "stopped");
        for (int i = 0; i < m->n; i++) {
            double sum = m->products == m->nan_at ? NAN : 0;
            for (int j = 0; j < m->n; j++)
                sum += m->a[i][j] * (double)v[k][j];
            out[k][i] = (float)sum;
        }
    }
    return 0;
}

/* 2 on the diagonal and 1 beside it: eigenvalues 2 - sqrt 2, 2, 2 + sqrt 2. */
static void three(struct matrix *m)
{
    *m = (struct matrix){ .n = 3 };
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            m->a[i][j] = i == j ? 2 : abs(i - j) == 1;
}

/* A bulk around zero and outliers, turned by a reflection. */
static void turned(struct matrix *m, int n)
{
    struct rng r;
    double u[MOST], value[MOST], square = 0;
    rng_init(&r, 11, RNG_PROBE, 0, 0);
    *m = (struct matrix){ .n = n };
    for (int i = 0; i < n; i++) {
        value[i] = i % 7 == 3 ? (i % 2 ? 5 : -4) * (1 + i / 7) : 0.25 * (double)(rng_unit(&r) - 0.5f);
        u[i] = (double)rng_unit(&r) - 0.5;
        square += u[i] * u[i];
    }
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            for (int k = 0; k < n; k++)
                m->a[i][j] += ((i == k) - 2 * u[i] * u[k] / square) * value[k] * ((k == j) - 2 * u[k] * u[j] / square);
}

static double clean(double x) /* rounding's last digits are no promise */
{
    return fabs(x) < 1e-9 ? 0 : x;
}

static void tell_status(const struct spectrum *s)
{
    struct spectrum_result r;
    spectrum_status(s, &r);
    fprintf(held, "  %d of %d, %d iters, %d runs: %.5g ~%.2g .. %.5g ~%.2g trace %.5g ~%.3g%s%s\n", r.products, r.of, r.iters, r.runs, clean(r.min), clean(r.min_bound),
            clean(r.max), clean(r.max_bound), clean(r.trace), clean(r.trace_se), spectrum_done(s) ? " " : "", spectrum_done(s) ? spectrum_why_names[r.why] : "");
}

static void tell_density(const struct spectrum *s)
{
    const double *nodes, *weights;
    const int n = spectrum_density(s, &nodes, &weights);
    double moment[3] = { 0 };
    for (int i = 0; i < n; i++)
        for (int k = 0; k < 3; k++)
            moment[k] += weights[i] * pow(nodes[i], k);
    fprintf(held, "  density of %d, moments %.5g %.5g %.5g:", n, moment[0], clean(moment[1]), moment[2]);
    for (int i = 0; i < n && i < 8; i++)
        fprintf(held, " %.4g:%.4g", clean(nodes[i]), clean(weights[i]));
    fprintf(held, "\n");
}

/* Every step; a plan's vectors at last. */
static void tell_plan(struct spectrum *s, struct matrix *m, const struct spectrum_plan *p)
{
    struct err e = { 0 };
    m->products = m->calls = 0;
    fprintf(held, "%d x %d, iters %d runs %d ends %d keep %d tol %g trace %d %g %d which %u%s\n", m->n, m->n, p->iters, p->runs, p->ends, p->keep, p->tol, p->trace,
            p->trace_tol, p->trace_products, p->which, p->warm ? " warm" : "");
    int failed = spectrum_start(s, p, &e);
    if (!failed)
        tell_status(s);
    if (!failed && p->keep > 0)
        assert_null(spectrum_vector(s, false, 0)); /* those of a spectrum before this one are gone */
    for (int step = 0; !failed && !spectrum_done(s); step++) {
        if ((failed = spectrum_step(s, times, m, &e)) == 0)
            tell_status(s);
        if (!failed && step % 8 == 1)
            tell_density(s);
    }
    if (failed) {
        fprintf(held, "  %s; done %d\n", e.text, spectrum_done(s));
        return;
    }
    tell_density(s);
    struct spectrum_result r;
    spectrum_status(s, &r);
    for (int high = 0; high < 2; high++)
        for (int i = 0; i < p->ends && i < r.iters; i++) {
            double bound, value = spectrum_eigenvalue(s, high, i, &bound);
            const float *v = spectrum_vector(s, high, i);
            fprintf(held, "  %s %.6g ~%.2g", high ? "high" : "low", clean(value), fmax(bound, 1e-7)); /* below that it is rounding's */
            for (int k = 0; v && k < 4 && k < m->n; k++)
                fprintf(held, " %.5f", (double)v[k]);
            fprintf(held, "\n");
        }
    fprintf(held, "  %d products in %d calls\n", m->products, m->calls);
}

static void test_three_by_three(void **state)
{
    (void)state;
    struct matrix m;
    struct err e;
    three(&m);
    struct spectrum *s = spectrum_new(&backend_reference, NULL, 3, &e);
    const struct spectrum_plan plan = { .iters = 9, .runs = 1, .ends = 2, .keep = 1, .trace = true, .trace_tol = 0.01, .trace_products = 5, .seed = 1 };
    struct spectrum_result r;
    double sum = 0, first = 0;
    const double *nodes, *weights;
    assert_int_equal(spectrum_start(s, &plan, &e), 0);
    while (!spectrum_done(s))
        assert_int_equal(spectrum_step(s, times, &m, &e), 0);
    spectrum_status(s, &r);
    assert_true(fabs(r.min - (2 - sqrt(2))) < 1e-6 && fabs(r.max - (2 + sqrt(2))) < 1e-6);
    assert_int_equal(r.why, SPECTRUM_EXHAUSTED);
    assert_int_equal(r.iters, 3);
    assert_int_equal(m.products, 3); /* the whole space is known: the trace needs no more */
    assert_true(fabs(r.trace - 6) < 1e-6 && r.trace_se == 0);
    assert_true(fabs(spectrum_eigenvalue(s, false, 1, NULL) - 2) < 1e-6 && fabs(spectrum_eigenvalue(s, true, 1, NULL) - 2) < 1e-6);
    const float *v = spectrum_vector(s, true, 0); /* (1, sqrt 2, 1) / 2 */
    assert_true(fabs(fabs((double)v[0]) - 0.5) < 1e-6 && fabs((double)v[1] - (double)v[0] * sqrt(2)) < 1e-6 && fabs((double)(v[2] - v[0])) < 1e-6);
    v = spectrum_vector(s, false, 0);
    assert_true(fabs((double)v[1] + (double)v[0] * sqrt(2)) < 1e-6);
    const int n = spectrum_density(s, &nodes, &weights);
    for (int i = 0; i < n; i++)
        sum += weights[i], first += weights[i] * nodes[i];
    /* The start is of signs: v'Av is 2 + 2/3 (s1 s2 + s2 s3), that is 2 and 4/3 more, less or the same. */
    assert_true(fabs(sum - 1) < 1e-9 && (fabs(first - 2) < 1e-6 || fabs(fabs(first - 2) - 4.0 / 3) < 1e-6));
    spectrum_free(s);
}

/* All tridiagonal matrices of four by four with 0 and 1 on the diagonal, 0, 1 and -2 beside it: what rotations must keep. */
static void test_tridiagonal(void **state)
{
    (void)state;
    static const double beside[] = { 0, 1, -2 };
    for (int n = 1; n <= 4; n++)
        for (int which = 0; which < 16 * 27; which++) {
            double diag[4], off[4] = { 0 }, rows[8], all[16], a[4][4] = { { 0 } };
            for (int i = 0, code = which / 16; i < n; i++, code /= 3) {
                a[i][i] = diag[i] = which >> i & 1;
                if (i + 1 < n)
                    a[i][i + 1] = a[i + 1][i] = off[i] = beside[code % 3];
            }
            assert_int_equal(lanczos_tridiagonal(n, diag, off, rows, all), 0);
            for (int k = 0; k < n; k++) {
                double length = 0;
                assert_true(k == 0 || diag[k] >= diag[k - 1]);
                for (int i = 0; i < n; i++) {
                    double product = 0;
                    length += all[i * n + k] * all[i * n + k];
                    for (int j = 0; j < n; j++)
                        product += a[i][j] * all[j * n + k];
                    assert_true(fabs(product - diag[k] * all[i * n + k]) < 1e-12);
                }
                assert_true(fabs(length - 1) < 1e-12);
                assert_true(fabs(rows[k] - all[k]) < 1e-12 && fabs(rows[n + k] - all[(n - 1) * n + k]) < 1e-12);
            }
        }
}

static void test_plans(void **state)
{
    (void)state;
    float start[MOST];
    struct matrix m;
    struct err e;
    for (int i = 0; i < MOST; i++)
        start[i] = (float)(1 + i % 3);
    const struct spectrum_plan plans[] = {
        { .iters = 1, .runs = 1, .ends = 1 },
        { .iters = 6, .runs = 1, .ends = 2, .keep = 2, .seed = 3 },
        { .iters = 30, .runs = 1, .ends = 1, .keep = 3, .tol = 0.02, .which = 7 },
        { .iters = 30, .runs = 1, .ends = 3, .keep = 1, .tol = 0.02, .which = 7 },
        { .iters = 5, .runs = 2, .ends = 1, .seed = 4 },
        { .iters = 4, .runs = 6, .ends = 1, .tol = 0.9, .seed = 4, .which = 2 },
        { .iters = 100, .runs = 3, .ends = 1 },
        { .iters = 4, .runs = 1, .ends = 1, .trace = true, .trace_tol = 0.01, .trace_products = 3 },
        { .iters = 4, .runs = 1, .ends = 1, .trace = true, .trace_tol = 0.5, .trace_products = 100 },
        { .iters = 8, .runs = 3, .ends = 1, .trace = true, .trace_tol = 0.05, .trace_products = 14 },
        { .iters = 4, .runs = 2, .ends = 1, .trace = true, .trace_tol = 0.01 },
        { .iters = 5, .runs = 3, .ends = 1, .keep = 1, .trace = true, .trace_products = 9, .warm = start },
        { .iters = 0, .runs = 1, .ends = 1 }, { .iters = 2, .runs = 0, .ends = 1 }, { .iters = 2, .runs = 100, .ends = 20, .keep = 20 },
        { .iters = 2, .runs = 101, .ends = 1 }, { .iters = 2, .runs = 1 }, { .iters = 2, .runs = 1, .ends = 21 }, { .iters = 2, .runs = 1, .ends = 1, .keep = 21 },
        { .iters = 2, .runs = 1, .ends = 1, .keep = -1 },
    };
    held_begin();
    for (int n = 12; n <= MOST; n += 28) {
        turned(&m, n);
        struct spectrum *s = spectrum_new(&backend_reference, NULL, (size_t)n, &e);
        for (size_t i = 0; i < sizeof plans / sizeof *plans; i++)
            if (n == MOST || plans[i].iters > 2)
                tell_plan(s, &m, &plans[i]);
        spectrum_free(s);
    }
    held_end("spectra");
}

/* Nothing, the same everywhere, two values: a Krylov space that ends early. A product that fails or is not finite, in each part. */
static void test_odd_matrices(void **state)
{
    (void)state;
    static const struct spectrum_plan plan = { .iters = 9, .runs = 3, .ends = 1, .trace = true, .trace_products = 6 }, plain = { .iters = 9, .runs = 2, .ends = 2, .tol = 0.5 };
    struct matrix m;
    struct err e;
    held_begin();
    struct spectrum *s = spectrum_new(&backend_reference, NULL, 6, &e);
    for (int kind = 0; kind < 4; kind++) {
        m = (struct matrix){ .n = 6 };
        for (int i = 0; i < 6; i++)
            m.a[i][i] = kind == 1 ? -3 : kind == 2 ? (i < 2 ? 4 : 1) : kind == 3 ? (i < 3 ? 4 : 1) + 5e-5 * i : 0;
        fprintf(held, "matrix %d\n", kind);
        tell_plan(s, &m, &plan);
        tell_plan(s, &m, &plain);
    }
    spectrum_free(s);
    turned(&m, 12);
    s = spectrum_new(&backend_reference, NULL, 12, &e);
    const struct spectrum_plan all = { .iters = 3, .runs = 3, .ends = 1, .trace = true, .trace_products = 6 };
    for (int at = 1; at <= 15; at += 2) {
        m.fail_at = at % 4 == 1 ? at : 0;
        m.nan_at = at % 4 == 3 ? at : 0;
        tell_plan(s, &m, &all);
    }
    spectrum_free(s);
    held_end("spectra_odd");
}

static int last_of;
static void note_progress(void *ctx, int done, int of)
{
    const struct matrix *m = ctx;
    assert_int_equal(done, m->products - 1);
    last_of = of;
}

static void tell_pyhessian(struct matrix *m, int iters, int runs)
{
    struct pyhessian_result h;
    struct err e = { 0 };
    const struct pyhessian_plan plan = { .iters = iters, .runs = runs, .seed = 2, .which = 3, .apply = times, .ctx = m, .progress = note_progress };
    m->products = 0;
    fprintf(held, "%d x %d, %d iters, %d runs:", m->n, m->n, iters, runs);
    if (pyhessian_run(&backend_reference, NULL, (size_t)m->n, &plan, &h, &e) < 0) {
        fprintf(held, " %s\n", e.text);
        return;
    }
    fprintf(held, " power %.5g in %d, trace %.5g ~%.3g in %d, %d products of %d; %.5g ~%.2g .. %.5g ~%.2g\n ", h.power, h.power_products, h.trace, h.trace_se,
            h.trace_products, h.products, last_of, h.min, h.min_bound, h.max, h.max_bound);
    for (int i = 0; i < h.n_nodes; i++)
        fprintf(held, " %.4g:%.4g", h.nodes[i], h.weights[i]);
    fprintf(held, "\n");
    pyhessian_release(&h);
}

static void test_pyhessian(void **state)
{
    (void)state;
    struct matrix m;
    held_begin();
    three(&m);
    tell_pyhessian(&m, 3, 1);
    tell_pyhessian(&m, 1, 2);
    tell_pyhessian(&m, 9, 1);
    turned(&m, 12);
    tell_pyhessian(&m, 5, 1);
    tell_pyhessian(&m, 5, 3);
    turned(&m, MOST);
    tell_pyhessian(&m, 8, 2);
    m.nan_at = 2;
    tell_pyhessian(&m, 8, 2);
    m.nan_at = 0;
    m.fail_at = 130;
    tell_pyhessian(&m, 8, 2);
    held_end("pyhessian");
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_three_by_three), cmocka_unit_test(test_tridiagonal), cmocka_unit_test(test_plans), cmocka_unit_test(test_odd_matrices),
                                        cmocka_unit_test(test_pyhessian) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
