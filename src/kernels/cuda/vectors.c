#include "config.h"
#include "kernels/cuda/model.h"

#include <math.h>
#include <stdlib.h>

/* Giving memory back to the device waits for all that it has to do. So vectors that are freed stay with the model, for the next one of their size; what
 * is queued on the model's stream by then comes before it. They go when the device has no room for something else, or with the model. */

void cuda_spare_vectors_free(struct model *m)
{
    int kept = 0;
    for (int i = 0; i < m->n_vectors; i++)
        if (m->vectors[i].spare)
            cuda_check(m, cudaFree(m->vectors[i].v), "releasing a vector");
        else
            m->vectors[kept++] = m->vectors[i];
    m->n_vectors = kept;
}

cudaError_t cuda_reserve(struct model *m, void **out, size_t bytes)
{
    const cudaError_t status = cudaMalloc(out, bytes);
    if (status != cudaErrorMemoryAllocation)
        return status;
    const int before = m->n_vectors;
    cuda_spare_vectors_free(m);
    if (m->n_vectors == before)
        return status;
    cudaGetLastError();
    return cudaMalloc(out, bytes);
}

static float *spare_vector(struct model *m, size_t bytes)
{
    for (int i = 0; i < m->n_vectors; i++)
        if (m->vectors[i].spare && m->vectors[i].bytes == bytes) {
            m->vectors[i].spare = false;
            return m->vectors[i].v;
        }
    return NULL;
}

static bool note_vector(struct model *m, float *v, size_t bytes)
{
    if (m->n_vectors == m->vector_room) {
        const int room = m->vector_room ? 2 * m->vector_room : 32;
        struct cuda_vector *more = realloc(m->vectors, (size_t)room * sizeof *more);
        if (!more)
            return false;
        m->vectors = more;
        m->vector_room = room;
    }
    m->vectors[m->n_vectors++] = (struct cuda_vector){ v, bytes, false };
    return true;
}

static cudaError_t new_vector(struct model *m, size_t n, size_t bytes, void **v)
{
    *v = spare_vector(m, bytes);
    if (*v)
        return cudaSuccess;
    const cudaError_t status = n > SIZE_MAX / sizeof(float) ? cudaErrorMemoryAllocation : cuda_reserve(m, v, bytes);
    if (status == cudaSuccess && !note_vector(m, *v, bytes)) {
        cudaFree(*v);
        return cudaErrorMemoryAllocation;
    }
    return status;
}

float *cuda_vec_new(struct model *m, size_t n, struct err *err)
{
    void *v = NULL;
    if (cuda_enter(m) < 0) {
        cuda_healthy(m, err);
        return NULL;
    }
    const size_t bytes = (n ? n : 1) * sizeof(float);
    const cudaError_t status = new_vector(m, n, bytes, &v);
    if (status == cudaErrorMemoryAllocation) {
        cudaGetLastError(); /* said here; must not be found again by the next pass */
        err_set(err, ERR_MEMORY, "no device memory for a vector of %zu numbers", n);
        return NULL;
    }
    if (cuda_check(m, status, "reserving a vector") == 0)
        cuda_check(m, cudaMemsetAsync(v, 0, bytes, m->stream), "clearing a vector");
    if (cuda_healthy(m, err) < 0) {
        cuda_vec_free(m, v);
        return NULL;
    }
    return v;
}

void cuda_vec_free(struct model *m, float *v)
{
    for (int i = 0; v && i < m->n_vectors; i++)
        if (m->vectors[i].v == v)
            m->vectors[i].spare = true;
}

static int copy(struct model *m, void *to, const void *from, size_t bytes, enum cudaMemcpyKind kind, const char *what)
{
    if (cuda_enter(m) < 0)
        return -1;
    return cuda_check(m, cudaMemcpyAsync(to, from, bytes, kind, m->stream), what);
}

int cuda_give(struct model *m, void *to, const void *from, size_t bytes, const char *what)
{
    if (copy(m, to, from, bytes, cudaMemcpyHostToDevice, what) < 0)
        return -1;
    return cuda_check(m, cudaStreamSynchronize(m->stream), what);
}

void cuda_vec_write(struct model *m, float *v, const float *host, size_t n)
{
    cuda_give(m, v, host, n * sizeof *v, "writing a vector");
}

void cuda_vec_read(struct model *m, float *host, const float *v, size_t n)
{
    if (copy(m, host, v, n * sizeof *v, cudaMemcpyDeviceToHost, "reading a vector") == 0)
        cuda_check(m, cudaStreamSynchronize(m->stream), "reading a vector");
    for (size_t i = 0; m->fault.code && i < n; i++)
        host[i] = NAN;
}

void cuda_vec_zero(struct model *m, float *v, size_t n)
{
    if (cuda_enter(m) == 0)
        cuda_check(m, cudaMemsetAsync(v, 0, n * sizeof *v, m->stream), "clearing a vector");
}

void cuda_vec_copy(struct model *m, float *to, const float *from, size_t n)
{
    copy(m, to, from, n * sizeof *to, cudaMemcpyDeviceToDevice, "copying a vector");
}

static void launched(struct model *m, const char *what)
{
    cuda_check(m, cudaGetLastError(), what);
}

void cuda_vec_scale(struct model *m, float *v, float a, size_t n)
{
    if (n == 0 || cuda_enter(m) < 0)
        return;
    cuda_vector_scale(v, a, n, m->stream);
    launched(m, "scaling a vector");
}

void cuda_vec_axpy(struct model *m, float *y, float a, const float *x, size_t n)
{
    if (n == 0 || cuda_enter(m) < 0)
        return;
    cuda_vector_axpy(y, a, x, n, m->stream);
    launched(m, "adding vectors");
}

static double dot(struct model *m, const float *x, const float *y, size_t n, enum cuda_dot kind, const char *what)
{
    if (n == 0)
        return 0;
    if (cuda_enter(m) < 0)
        return (double)NAN;
    cuda_vector_dot(x, y, n, kind, m->dot_partial, m->dot_result, m->stream);
    launched(m, what);
    cuda_check(m, cudaMemcpyAsync(m->host_dot, m->dot_result, sizeof(double), cudaMemcpyDeviceToHost, m->stream), what);
    cuda_check(m, cudaStreamSynchronize(m->stream), what);
    return m->fault.code ? (double)NAN : *m->host_dot;
}

double cuda_vec_dot(struct model *m, const float *x, const float *y, size_t n)
{
    return dot(m, x, y, n, DOT_PLAIN, "a dot product");
}

double cuda_sam_norm(struct model *m, const float *w, const float *g, size_t n, bool adaptive)
{
    return sqrt(adaptive ? dot(m, w, g, n, DOT_SQUARES_OF_PRODUCTS, "a norm") : dot(m, g, g, n, DOT_PLAIN, "a norm"));
}

void cuda_sgd(struct model *m, float *w, float *buf, const float *g, size_t n, const struct sgd_step *step)
{
    if (n == 0 || cuda_enter(m) < 0)
        return;
    cuda_vector_sgd(w, buf, g, n, step->lr, step->momentum, step->weight_decay, step->nesterov, m->stream);
    launched(m, "the optimiser step");
}

void cuda_sam_perturb(struct model *m, float *out, const float *w, const float *g, float scale, size_t n, bool adaptive)
{
    if (n == 0 || cuda_enter(m) < 0)
        return;
    cuda_vector_perturb(out, w, g, scale, n, adaptive, m->stream);
    launched(m, "the perturbation");
}
