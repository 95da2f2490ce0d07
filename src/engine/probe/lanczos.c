#include "config.h"
#include "engine/probe/lanczos.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/rng.h"

struct lanczos {
    const struct backend *backend;
    struct model *model;
    size_t n;
    int max_iters, iters;
    float **v;            /* [max_iters + 1] orthonormal vectors; v[iters] is the next one */
    float *host;          /* [n] */
    double *diag, *off;   /* [max_iters] the tridiagonal matrix; off[k] couples k and k + 1 */
    double *work_diag, *work_off, *rows, *all;
    double *ritz, *bound, *weight; /* [max_iters] of the matrix so far, ascending */
    double last_off;      /* |w| of the last step, even where off was set to 0 */
    double size;          /* largest |A v| so far: the scale of rounding */
    uint64_t seed;
    uint32_t which, draws;
    bool needs_new;       /* broke down: v[iters] has to be drawn afresh */
    bool exhausted;
    size_t bytes;
};

/* A remainder this small beside |A v| is what float32 vectors leave of zero. */
static const double BREAKDOWN = 1e-6;

/* --- symmetric tridiagonal QL with implicit shifts (Bowdler, Martin, Reinsch, Wilkinson 1968) --- */

static void rotate_pair(double *z, int i, int stride, double c, double s)
{
    double f = z[(i + 1) * stride], g = z[i * stride];
    z[(i + 1) * stride] = s * g + c * f;
    z[i * stride] = c * g - s * f;
}

struct tridiagonal {
    int n;
    double *d, *e;      /* [n] diagonal, beside it */
    double *rows, *all; /* [2][n], [n][n] or NULL: first and last, or all, rows of the eigenvectors */
};

static void rotate_all(const struct tridiagonal *t, int i, double c, double s)
{
    rotate_pair(t->rows, i, 1, c, s);
    rotate_pair(t->rows + t->n, i, 1, c, s);
    for (int k = 0; t->all && k < t->n; k++)
        rotate_pair(t->all + (size_t)k * (size_t)t->n, i, 1, c, s);
}

/* One QL sweep over l..m. */
static void ql_sweep(const struct tridiagonal *t, int l, int m)
{
    double *d = t->d, *e = t->e;
    double g = (d[l + 1] - d[l]) / (2 * e[l]), r = hypot(g, 1), s = 1, c = 1, p = 0;
    g = d[m] - d[l] + e[l] / (g + copysign(r, g));
    for (int i = m - 1; i >= l; i--) {
        double f = s * e[i], b = c * e[i];
        e[i + 1] = r = hypot(f, g);
        if (r == 0) { /* the matrix splits here */
            d[i + 1] -= p;
            e[m] = 0;
            return;
        }
        s = f / r;
        c = g / r;
        g = d[i + 1] - p;
        r = (d[i] - g) * s + 2 * c * b;
        p = s * r;
        d[i + 1] = g + p;
        g = c * r - b;
        rotate_all(t, i, c, s);
    }
    d[l] -= p;
    e[l] = g;
    e[m] = 0;
}

static void swap(double *a, double *b)
{
    double kept = *a;
    *a = *b;
    *b = kept;
}

static void sort_eigenpairs(int n, double *d, double *rows, double *all)
{
    for (int i = 0; i < n; i++) {
        int least = i;
        for (int j = i + 1; j < n; j++)
            least = d[j] < d[least] ? j : least;
        if (least == i)
            continue;
        swap(&d[i], &d[least]);
        swap(&rows[i], &rows[least]);
        swap(&rows[n + i], &rows[n + least]);
        for (int k = 0; all && k < n; k++)
            swap(&all[(size_t)k * (size_t)n + (size_t)i], &all[(size_t)k * (size_t)n + (size_t)least]);
    }
}

int lanczos_tridiagonal(int n, double *diag, double *off, double *rows, double *all)
{
    enum { SWEEPS = 80 };
    const struct tridiagonal t = { n, diag, off, rows, all };
    memset(rows, 0, sizeof *rows * 2 * (size_t)n);
    rows[0] = rows[2 * n - 1] = 1;
    for (int i = 0; all && i < n * n; i++)
        all[i] = i / n == i % n;
    off[n - 1] = 0;
    for (int l = 0; l < n; l++)
        for (int done = 0, sweeps = 0; !done; sweeps++) {
            int m = l;
            while (m < n - 1 && fabs(off[m]) > DBL_EPSILON * (fabs(diag[m]) + fabs(diag[m + 1])))
                m++;
            done = m == l;
            if (!done && sweeps == SWEEPS)
                return -1;
            if (!done)
                ql_sweep(&t, l, m);
        }
    sort_eigenpairs(n, diag, rows, all);
    return 0;
}

/* --- life cycle --- */

static double *room_for(struct lanczos *l, size_t n)
{
    l->bytes += n * sizeof(double);
    return calloc(n, sizeof(double));
}

static bool take_memory(struct lanczos *l, struct err *err)
{
    size_t k = (size_t)l->max_iters;
    l->diag = room_for(l, k);
    l->off = room_for(l, k);
    l->work_diag = room_for(l, k);
    l->work_off = room_for(l, k);
    l->rows = room_for(l, 2 * k);
    l->all = room_for(l, k * k);
    l->ritz = room_for(l, k);
    l->bound = room_for(l, k);
    l->weight = room_for(l, k);
    l->host = malloc(l->n * sizeof *l->host);
    l->v = calloc(k + 1, sizeof *l->v);
    l->bytes += l->n * sizeof *l->host;
    if (!l->diag || !l->off || !l->work_diag || !l->work_off || !l->rows || !l->all || !l->ritz || !l->bound || !l->weight ||
        !l->host || !l->v) {
        err_set(err, ERR_MEMORY, "no memory for %d Lanczos steps of %zu numbers", l->max_iters, l->n);
        return false;
    }
    for (size_t i = 0; i <= k; i++) {
        l->v[i] = l->backend->vec_new(l->model, l->n, err);
        if (!l->v[i])
            return false;
        l->bytes += l->n * sizeof(float);
    }
    return true;
}

struct lanczos *lanczos_new(const struct backend *backend, struct model *model, size_t n, int max_iters,
                            struct err *err)
{
    if (max_iters < 1 || n < 1) {
        err_set(err, ERR_RANGE, "%d Lanczos steps of %zu numbers; both must be at least 1", max_iters, n);
        return NULL;
    }
    struct lanczos *l = calloc(1, sizeof *l);
    if (!l) {
        err_set(err, ERR_MEMORY, "no memory for %d Lanczos steps", max_iters);
        return NULL;
    }
    l->backend = backend;
    l->model = model;
    l->n = n;
    l->max_iters = (size_t)max_iters > n ? (int)n : max_iters;
    l->bytes = sizeof *l;
    if (!take_memory(l, err)) {
        lanczos_free(l);
        return NULL;
    }
    return l;
}

void lanczos_free(struct lanczos *l)
{
    if (!l)
        return;
    for (int i = 0; l->v && i <= l->max_iters; i++)
        l->backend->vec_free(l->model, l->v[i]);
    double *all[] = { l->diag, l->off, l->work_diag, l->work_off, l->rows, l->all, l->ritz, l->bound, l->weight };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        free(all[i]);
    free(l->host);
    free(l->v);
    free(l);
}

size_t lanczos_memory_bytes(const struct lanczos *l)
{
    return l->bytes;
}

/* --- vectors --- */

static void draw_start(struct lanczos *l, float *to)
{
    struct rng r;
    rng_init(&r, l->seed, RNG_PROBE, l->which, l->draws++);
    uint32_t word = 0;
    for (size_t i = 0; i < l->n; i++) {
        if (i % 32 == 0)
            word = rng_u32(&r);
        l->host[i] = word >> i % 32 & 1 ? 1.0f : -1.0f;
    }
    l->backend->vec_write(l->model, to, l->host, l->n);
}

static double vector_norm(const struct lanczos *l, const float *v)
{
    return sqrt(l->backend->vec_dot(l->model, v, v, l->n));
}

/* Twice is enough (Kahan, Parlett): the second sweep removes what rounding left in the first. Returns what was taken
 * out along v[count - 1]. */
static double orthogonalise(const struct lanczos *l, float *w, int count)
{
    double last = 0;
    for (int again = 0; again < 2; again++)
        for (int j = 0; j < count; j++) {
            double c = l->backend->vec_dot(l->model, w, l->v[j], l->n);
            l->backend->vec_axpy(l->model, w, (float)-c, l->v[j], l->n);
            last += j == count - 1 ? c : 0;
        }
    return last;
}

int lanczos_start(struct lanczos *l, uint64_t seed, uint32_t which, const float *from, struct err *err)
{
    l->iters = 0;
    l->seed = seed;
    l->which = which;
    l->draws = 0;
    l->needs_new = l->exhausted = false;
    l->last_off = l->size = 0;
    if (from)
        l->backend->vec_copy(l->model, l->v[0], from, l->n);
    else
        draw_start(l, l->v[0]);
    double norm = vector_norm(l, l->v[0]);
    if (!(norm > 0) || !isfinite(norm))
        return err_set(err, isfinite(norm) ? ERR_INVALID : ERR_DIVERGED, "a Lanczos start vector of length %g", norm);
    l->backend->vec_scale(l->model, l->v[0], (float)(1 / norm), l->n);
    return 0;
}

/* --- steps --- */

static void diagonalise(struct lanczos *l)
{
    int k = l->iters;
    memcpy(l->work_diag, l->diag, sizeof(double) * (size_t)k);
    memcpy(l->work_off, l->off, sizeof(double) * (size_t)k);
    if (lanczos_tridiagonal(k, l->work_diag, l->work_off, l->rows, NULL) < 0)
        return; /* keep the values of the step before; their bounds still hold */
    for (int j = 0; j < k; j++) {
        l->ritz[j] = l->work_diag[j];
        l->weight[j] = l->rows[j] * l->rows[j];
        l->bound[j] = fabs(l->last_off * l->rows[k + j]);
    }
}

/* A vector orthogonal to all so far, after a breakdown; false when the whole space is used up. */
static bool draw_next(struct lanczos *l)
{
    float *w = l->v[l->iters];
    if ((size_t)l->iters >= l->n)
        return false;
    draw_start(l, w);
    l->backend->vec_scale(l->model, w, (float)(1 / sqrt((double)l->n)), l->n);
    orthogonalise(l, w, l->iters);
    double norm = vector_norm(l, w);
    if (norm < 1e-4)
        return false;
    l->backend->vec_scale(l->model, w, (float)(1 / norm), l->n);
    orthogonalise(l, w, l->iters); /* scaling up has scaled the errors up */
    l->needs_new = false;
    return true;
}

bool lanczos_next(struct lanczos *l, const float **v, float **w)
{
    if (l->iters == l->max_iters || l->exhausted)
        return false;
    l->exhausted = l->needs_new && !draw_next(l);
    *v = l->v[l->iters];
    *w = l->v[l->iters + 1];
    return !l->exhausted;
}

int lanczos_step(struct lanczos *l, lanczos_apply *apply, void *ctx, struct err *err)
{
    const float *v;
    float *w;
    if (!lanczos_next(l, &v, &w))
        return 0;
    return apply(ctx, v, w, err) < 0 ? -1 : lanczos_take(l, err);
}

int lanczos_take(struct lanczos *l, struct err *err)
{
    int k = l->iters;
    float *w = l->v[k + 1];
    double size = vector_norm(l, w);
    if (!isfinite(size))
        return err_set(err, ERR_DIVERGED, "a Hessian product is not finite");
    l->size = fmax(l->size, size);
    l->diag[k] = orthogonalise(l, w, k + 1);
    l->last_off = l->off[k] = vector_norm(l, w);
    if (!isfinite(l->diag[k]) || !isfinite(l->last_off)) /* a device that fails here must not leave the last values standing */
        return err_set(err, ERR_DIVERGED, "a Lanczos step is not finite");
    if (l->last_off <= BREAKDOWN * l->size) {
        l->off[k] = 0;
        l->needs_new = true;
    } else {
        l->backend->vec_scale(l->model, w, (float)(1 / l->last_off), l->n);
    }
    l->iters = k + 1;
    diagonalise(l);
    return 0;
}

void lanczos_status(const struct lanczos *l, struct lanczos_status *out)
{
    *out = (struct lanczos_status){ .iters = l->iters, .max_iters = l->max_iters, .min = NAN, .max = NAN,
                                    .min_bound = NAN, .max_bound = NAN, .exhausted = l->exhausted };
    if (l->iters == 0)
        return;
    out->min = lanczos_ritz(l, 0, &out->min_bound);
    out->max = lanczos_ritz(l, l->iters - 1, &out->max_bound);
}

bool lanczos_done(const struct lanczos *l, double tol)
{
    struct lanczos_status s;
    lanczos_status(l, &s);
    if (s.iters == s.max_iters || s.exhausted)
        return true;
    return tol > 0 && s.iters > 0 && s.min_bound <= tol * fabs(s.min) && s.max_bound <= tol * fabs(s.max);
}

int lanczos_density(const struct lanczos *l, double *nodes, double *weights)
{
    memcpy(nodes, l->ritz, sizeof(double) * (size_t)l->iters);
    memcpy(weights, l->weight, sizeof(double) * (size_t)l->iters);
    return l->iters;
}

double lanczos_ritz(const struct lanczos *l, int i, double *bound)
{
    if (bound)
        *bound = l->bound[i];
    return l->ritz[i];
}

void lanczos_project(const struct lanczos *l, float *w)
{
    orthogonalise(l, w, l->iters);
}

double lanczos_trace(const struct lanczos *l)
{
    double sum = 0;
    for (int j = 0; j < l->iters; j++)
        sum += l->diag[j];
    return sum;
}

void lanczos_vector(const struct lanczos *l, int i, float *out)
{
    int k = l->iters;
    memcpy(l->work_diag, l->diag, sizeof(double) * (size_t)k);
    memcpy(l->work_off, l->off, sizeof(double) * (size_t)k);
    lanczos_tridiagonal(k, l->work_diag, l->work_off, l->rows, l->all);
    l->backend->vec_zero(l->model, out, l->n);
    for (int j = 0; j < k; j++)
        l->backend->vec_axpy(l->model, out, (float)l->all[(size_t)j * (size_t)k + (size_t)i], l->v[j], l->n);
    double norm = vector_norm(l, out);
    if (norm > 0)
        l->backend->vec_scale(l->model, out, (float)(1 / norm), l->n);
}
