#include "config.h"
#include "kernels/cuda/model.h"

#include <math.h>

float *cuda_vec_new(struct model *m, size_t n, struct err *err)
{
    void *v = NULL;
    if (cuda_enter(m) < 0) {
        cuda_healthy(m, err);
        return NULL;
    }
    const size_t bytes = (n ? n : 1) * sizeof(float);
    cudaError_t status = n > SIZE_MAX / sizeof(float) ? cudaErrorMemoryAllocation : cudaMalloc(&v, bytes);
    if (status == cudaErrorMemoryAllocation) {
        cudaGetLastError(); /* said here; must not be found again by the next pass */
        err_set(err, ERR_MEMORY, "no device memory for a vector of %zu numbers", n);
        return NULL;
    }
    if (cuda_check(m, status, "reserving a vector") == 0)
        cuda_check(m, cudaMemsetAsync(v, 0, bytes, m->stream), "clearing a vector");
    if (cuda_healthy(m, err) < 0) {
        cudaFree(v);
        return NULL;
    }
    return v;
}

void cuda_vec_free(struct model *m, float *v)
{
    if (!v)
        return;
    cuda_enter(m); /* a vector is given back after any failure */
    cuda_check(m, cudaFree(v), "releasing a vector"); /* waits for the kernels that use it */
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
