#include "config.h"
#include "engine/probe/pyhessian.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/rng.h"
#include "engine/probe/lanczos.h"

enum { MOST = 100 };                                   /* power iterations, and trace probes */
enum { DRAW_POWER = 5 << 28, DRAW_TRACE = 11 << 27, DRAW_RUN = 3 << 28, DRAW_AFRESH = 13 << 27 };
static const double TOLERANCE = 1e-3, LITTLE = 1e-6;

struct lanczos_work {
    const struct backend *backend;
    struct model *model;
    size_t n;
    const struct pyhessian_plan *plan;
    struct pyhessian_result *out;
    float **v, *w, *u, *host; /* [iters + 1] Lanczos vectors; a product; scratch; host memory */
    int iters;
    double *diag, *off, *rows;
};

/* --- vectors -------------------------------------------------------------------------------------------- */

static double inner_product(const struct lanczos_work *k, const float *x, const float *y)
{
    return k->backend->vec_dot(k->model, x, y, k->n);
}

static void normalise_vector(const struct lanczos_work *k, float *v)
{
    k->backend->vec_scale(k->model, v, (float)(1 / (sqrt(inner_product(k, v, v)) + LITTLE)), k->n);
}

static void orthonormalise(const struct lanczos_work *k, float *w, int count)
{
    for (int j = 0; j < count; j++)
        k->backend->vec_axpy(k->model, w, (float)-inner_product(k, w, k->v[j]), k->v[j], k->n);
    normalise_vector(k, w);
}

static void draw_vector(const struct lanczos_work *k, float *to, uint32_t purpose, uint32_t number, bool normal)
{
    struct rng r;
    rng_init(&r, k->plan->seed, RNG_PROBE, k->plan->which | purpose, number);
    for (size_t i = 0; i < k->n; i++)
        k->host[i] = normal ? rng_normal(&r) : rng_u32(&r) >> 31 ? 1.0f : -1.0f;
    k->backend->vec_write(k->model, to, k->host, k->n);
}

static int hessian_product(const struct lanczos_work *k, const float *v, float *out, struct err *err)
{
    int of = 2 * MOST + k->iters * k->plan->runs;
    if (k->plan->apply(k->plan->ctx, 1, &v, &out, err) < 0)
        return -1;
    if (!isfinite(inner_product(k, out, out)))
        return err_set(err, ERR_DIVERGED, "a Hessian product is not finite");
    if (k->plan->progress)
        k->plan->progress(k->plan->ctx, k->out->products, of);
    k->out->products++;
    return 0;
}

/* --- power iteration ------------------------------------------------------------------------------------ */

static int power(const struct lanczos_work *k, struct err *err)
{
    float *v = k->v[0];
    double before = NAN;
    draw_vector(k, v, DRAW_POWER, 0, true);
    normalise_vector(k, v);
    for (int i = 0; i < MOST; i++) {
        normalise_vector(k, v); /* the reference's orthonormalisation against no vectors */
        if (hessian_product(k, v, k->w, err) < 0)
            return -1;
        double value = inner_product(k, k->w, v);
        k->out->power_products = i + 1;
        k->backend->vec_copy(k->model, v, k->w, k->n);
        normalise_vector(k, v);
        k->out->power = before;
        if (i > 0 && fabs(before - value) / (fabs(before) + LITTLE) < TOLERANCE)
            return 0; /* the value before, as the reference returns */
        k->out->power = before = value;
    }
    return 0;
}

/* --- trace ---------------------------------------------------------------------------------------------- */

static int trace(const struct lanczos_work *k, struct err *err)
{
    double sum = 0, square = 0, before = 0;
    int n = 0;
    for (bool sharp = false; n < MOST && !sharp;) {
        draw_vector(k, k->v[0], DRAW_TRACE, (uint32_t)n, false);
        if (hessian_product(k, k->v[0], k->w, err) < 0)
            return -1;
        double sample = inner_product(k, k->w, k->v[0]);
        n++;
        sum += sample;
        square += sample * sample;
        sharp = fabs(sum / n - before) / (fabs(before) + LITTLE) < TOLERANCE;
        before = sum / n;
    }
    k->out->trace = sum / n;
    k->out->trace_se = n > 1 ? sqrt(fmax(square / n - k->out->trace * k->out->trace, 0) / (n - 1)) : NAN;
    k->out->trace_products = n;
    return 0;
}

/* --- density -------------------------------------------------------------------------------------------- */

/* v[0] is set. Diagonals into diag and off, the last off the norm that is left over. */
static int tridiagonalise(const struct lanczos_work *k, int run, struct err *err)
{
    for (int j = 0; j < k->iters; j++) {
        float *v = k->v[j];
        if (j > 0) {
            k->backend->vec_copy(k->model, v, k->u, k->n);
            if (k->off[j - 1] == 0)
                draw_vector(k, v, DRAW_AFRESH | (uint32_t)run << 16, (uint32_t)j, true);
            orthonormalise(k, v, j);
        }
        if (hessian_product(k, v, k->w, err) < 0)
            return -1;
        k->diag[j] = inner_product(k, k->w, v);
        k->backend->vec_copy(k->model, k->u, k->w, k->n);
        k->backend->vec_axpy(k->model, k->u, (float)-k->diag[j], v, k->n);
        if (j > 0)
            k->backend->vec_axpy(k->model, k->u, (float)-k->off[j - 1], k->v[j - 1], k->n);
        k->off[j] = sqrt(inner_product(k, k->u, k->u));
    }
    return 0;
}

static int density_run(const struct lanczos_work *k, int run, struct err *err)
{
    struct pyhessian_result *o = k->out;
    int m = k->iters;
    draw_vector(k, k->v[0], DRAW_RUN | (uint32_t)run << 16, 0, false);
    normalise_vector(k, k->v[0]);
    if (tridiagonalise(k, run, err) < 0)
        return -1;
    double left = k->off[m - 1];
    if (lanczos_tridiagonal(m, k->diag, k->off, k->rows, NULL) < 0)
        return err_set(err, ERR_DIVERGED, "the eigenvalues of %d Lanczos steps do not converge", m);
    for (int j = 0; j < m; j++) {
        o->nodes[o->n_nodes] = k->diag[j];
        o->weights[o->n_nodes++] = k->rows[j] * k->rows[j] / k->plan->runs;
    }
    if (run == 0 || k->diag[0] < o->min) {
        o->min = k->diag[0];
        o->min_bound = fabs(left * k->rows[m]);
    }
    if (run == 0 || k->diag[m - 1] > o->max) {
        o->max = k->diag[m - 1];
        o->max_bound = fabs(left * k->rows[2 * m - 1]);
    }
    return 0;
}

/* Runs are merged in ascending order: insertion, for a few hundred nodes. */
static void sort_nodes(struct pyhessian_result *o)
{
    for (int i = 1; i < o->n_nodes; i++) {
        double at = o->nodes[i], weight = o->weights[i];
        int j = i;
        for (; j > 0 && o->nodes[j - 1] > at; j--) {
            o->nodes[j] = o->nodes[j - 1];
            o->weights[j] = o->weights[j - 1];
        }
        o->nodes[j] = at;
        o->weights[j] = weight;
    }
}

/* --- all of it ----------------------------------------------------------------------------------------------------- */

static int take_bases(struct lanczos_work *k, struct err *err)
{
    size_t m = (size_t)k->iters, all = m * (size_t)k->plan->runs;
    k->v = calloc(m, sizeof *k->v);
    k->host = malloc(k->n * sizeof *k->host);
    k->diag = malloc(m * sizeof *k->diag);
    k->off = malloc(m * sizeof *k->off);
    k->rows = malloc(2 * m * sizeof *k->rows);
    k->out->nodes = malloc(all * sizeof(double));
    k->out->weights = malloc(all * sizeof(double));
    if (!k->v || !k->host || !k->diag || !k->off || !k->rows || !k->out->nodes || !k->out->weights)
        return err_set(err, ERR_MEMORY, "no memory for %d Lanczos steps of %zu numbers", k->iters, k->n);
    for (int j = 0; j < k->iters; j++)
        if (!(k->v[j] = k->backend->vec_new(k->model, k->n, err)))
            return -1;
    k->w = k->backend->vec_new(k->model, k->n, err);
    k->u = k->w ? k->backend->vec_new(k->model, k->n, err) : NULL;
    return k->u ? 0 : -1;
}

static void free_bases(struct lanczos_work *k)
{
    for (int j = 0; k->v && j < k->iters; j++)
        k->backend->vec_free(k->model, k->v[j]);
    k->backend->vec_free(k->model, k->w);
    k->backend->vec_free(k->model, k->u);
    free(k->v);
    free(k->host);
    free(k->diag);
    free(k->off);
    free(k->rows);
}

int pyhessian_run(const struct backend *backend, struct model *model, size_t n, const struct pyhessian_plan *plan,
                  struct pyhessian_result *out, struct err *err)
{
    struct lanczos_work k = { .backend = backend, .model = model, .n = n, .plan = plan, .out = out,
                              .iters = (size_t)plan->iters > n ? (int)n : plan->iters };
    *out = (struct pyhessian_result){ .products = 0 };
    int result = take_bases(&k, err) < 0 || power(&k, err) < 0 || trace(&k, err) < 0 ? -1 : 0;
    for (int run = 0; run < plan->runs && result == 0; run++)
        result = density_run(&k, run, err);
    out->min_bound = fmax(out->min_bound, spectrum_rounding(out->min, out->max));
    out->max_bound = fmax(out->max_bound, spectrum_rounding(out->min, out->max));
    free_bases(&k);
    sort_nodes(out);
    if (result < 0)
        pyhessian_release(out);
    return result;
}

void pyhessian_release(struct pyhessian_result *r)
{
    free(r->nodes);
    free(r->weights);
    r->nodes = r->weights = NULL;
    r->n_nodes = 0;
}
