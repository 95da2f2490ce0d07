#include "config.h"
#include "kernels/cpu/vector.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "kernels/cpu/cpu.h"

enum { PIECES = MAX_SHARDS, SMALL = 8192 /* below this the caller is done before another thread wakes up */ };

/* One operation on vectors of n; piece k does [first, last). */
struct vector_job {
    struct model *m;
    void (*run)(const struct vector_job *j, size_t first, size_t last, double *sum);
    size_t n;
    float *y, *z;
    const float *x, *g;
    float a;
    bool adaptive;
    const struct sgd_step *step;
};

static void run_piece(void *context, int piece, int worker)
{
    const struct vector_job *j = context;
    const size_t length = (j->n / PIECES + 15) / 16 * 16, begin = length * (size_t)piece;
    const size_t first = begin < j->n ? begin : j->n;
    const size_t last = piece == PIECES - 1 || first + length > j->n ? j->n : first + length;
    (void)worker;
    j->m->vector_sums[piece] = 0;
    if (first < last)
        j->run(j, first, last, &j->m->vector_sums[piece]);
}

static double run_vector_job(struct vector_job *j)
{
    if (j->n < SMALL)
        for (int piece = 0; piece < PIECES; piece++)
            run_piece(j, piece, 0);
    else
        pool_run(j->m->pool, run_piece, j, PIECES);
    double sum = 0;
    for (int piece = 0; piece < PIECES; piece++)
        sum += j->m->vector_sums[piece];
    return sum;
}

float *vector_new(struct model *m, size_t n, struct err *err)
{
    size_t bytes = (n * sizeof(float) + 63) / 64 * 64;
    float *v = aligned_alloc(64, bytes ? bytes : 64);
    (void)m;
    if (v)
        memset(v, 0, bytes ? bytes : 64);
    else
        err_set(err, ERR_MEMORY, "no memory for a vector of %zu numbers", n);
    return v;
}

void vector_free(struct model *m, float *v)
{
    (void)m;
    free(v);
}

void vector_write(struct model *m, float *v, const float *host, size_t n)
{
    (void)m;
    memcpy(v, host, n * sizeof *v);
}

void vector_read(struct model *m, float *host, const float *v, size_t n)
{
    (void)m;
    memcpy(host, v, n * sizeof *v);
}

void vector_zero(struct model *m, float *v, size_t n)
{
    (void)m;
    memset(v, 0, n * sizeof *v);
}

void vector_copy(struct model *m, float *to, const float *from, size_t n)
{
    (void)m;
    memmove(to, from, n * sizeof *to);
}

static void scale_piece(const struct vector_job *j, size_t first, size_t last, double *sum)
{
    (void)sum;
    for (size_t i = first; i < last; i++)
        j->y[i] *= j->a;
}

void vector_scale(struct model *m, float *v, float a, size_t n)
{
    run_vector_job(&(struct vector_job){ .m = m, .run = scale_piece, .n = n, .y = v, .a = a });
}

static void axpy_piece(const struct vector_job *j, size_t first, size_t last, double *sum)
{
    (void)sum;
    j->m->k->axpy(last - first, j->y + first, j->a, j->x + first);
}

void vector_axpy(struct model *m, float *y, float a, const float *x, size_t n)
{
    run_vector_job(&(struct vector_job){ .m = m, .run = axpy_piece, .n = n, .y = y, .a = a, .x = x });
}

static void dot_piece(const struct vector_job *j, size_t first, size_t last, double *sum)
{
    *sum = j->m->k->dot(last - first, j->x + first, j->g + first);
}

double vector_dot(struct model *m, const float *x, const float *y, size_t n)
{
    return run_vector_job(&(struct vector_job){ .m = m, .run = dot_piece, .n = n, .x = x, .g = y });
}

static void sgd_piece(const struct vector_job *j, size_t first, size_t last, double *sum)
{
    const struct sgd_step s = *j->step;
    float *restrict w = j->y, *restrict buf = j->z;
    const float *restrict g = j->g;
    (void)sum;
    for (size_t i = first; i < last; i++) {
        float d = g[i] + s.weight_decay * w[i], b = s.momentum * buf[i] + d;
        buf[i] = b;
        w[i] -= s.lr * (s.nesterov ? d + s.momentum * b : b);
    }
}

void vector_sgd(struct model *m, float *w, float *buf, const float *g, size_t n, const struct sgd_step *step)
{
    run_vector_job(&(struct vector_job){ .m = m, .run = sgd_piece, .n = n, .y = w, .z = buf, .g = g, .step = step });
}

static void norm_piece(const struct vector_job *j, size_t first, size_t last, double *sum)
{
    if (!j->adaptive) {
        *sum = j->m->k->dot(last - first, j->g + first, j->g + first);
        return;
    }
    for (size_t i = first; i < last; i++) {
        double t = (double)j->x[i] * (double)j->g[i];
        *sum += t * t;
    }
}

double vector_sam_norm(struct model *m, const float *w, const float *g, size_t n, bool adaptive)
{
    return sqrt(run_vector_job(&(struct vector_job){ .m = m, .run = norm_piece, .n = n, .x = w, .g = g, .adaptive = adaptive }));
}

static void perturb_piece(const struct vector_job *j, size_t first, size_t last, double *sum)
{
    (void)sum;
    if (j->adaptive)
        for (size_t i = first; i < last; i++)
            j->y[i] = j->x[i] + j->a * (j->x[i] * j->x[i] * j->g[i]);
    else
        for (size_t i = first; i < last; i++)
            j->y[i] = j->x[i] + j->a * j->g[i];
}

void vector_sam_perturb(struct model *m, float *out, const float *w, const float *g, float scale, size_t n,
                        bool adaptive)
{
    run_vector_job(&(struct vector_job){ .m = m, .run = perturb_piece, .n = n, .y = out, .x = w, .g = g, .a = scale,
                                         .adaptive = adaptive });
}
