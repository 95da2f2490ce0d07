#include "kernels/cuda/cuda.h"
#include "kernels/cuda/lanes.h"

/* Vectors: arithmetic in double with one rounding per number, as the reference does it. These kernels wait for memory. */

enum { THREADS = 256 };

static unsigned blocks_of(size_t n)
{
    size_t blocks = (n + THREADS - 1) / THREADS;
    return blocks < 4096 ? (unsigned)blocks : 4096;
}

#define EACH(i, n) \
    for (size_t i = (size_t)blockIdx.x * THREADS + threadIdx.x; i < (n); i += (size_t)gridDim.x * THREADS)

static __global__ void __launch_bounds__(THREADS) scale_kernel(float *v, float a, size_t n)
{
    EACH(i, n)
        v[i] *= a;
}

static __global__ void __launch_bounds__(THREADS) axpy_kernel(float *y, float a, const float *x, size_t n)
{
    EACH(i, n)
        y[i] = (float)(y[i] + (double)a * x[i]);
}

static __global__ void __launch_bounds__(THREADS)
    sgd_kernel(float *w, float *buf, const float *g, size_t n, float lr, float momentum, float weight_decay, bool nesterov)
{
    EACH(i, n) {
        double d = g[i] + (double)weight_decay * w[i];
        double b = (double)momentum * buf[i] + d;
        buf[i] = (float)b;
        w[i] = (float)(w[i] - (double)lr * (nesterov ? d + (double)momentum * b : b));
    }
}

static __global__ void __launch_bounds__(THREADS)
    perturb_kernel(float *out, const float *w, const float *g, float scale, size_t n, bool adaptive)
{
    EACH(i, n) {
        double e = (double)scale * g[i];
        out[i] = (float)(w[i] + (adaptive ? (double)w[i] * w[i] * e : e));
    }
}

static __global__ void __launch_bounds__(THREADS)
    dot_kernel(const float *x, const float *y, size_t n, enum cuda_dot kind, double *partial)
{
    __shared__ double room[256];
    double sum = 0;
    EACH(i, n) {
        double product = (double)x[i] * y[i];
        sum += kind == DOT_PLAIN ? product : product * product;
    }
    sum = lanes_block_sum(sum, room);
    if (threadIdx.x == 0)
        partial[blockIdx.x] = sum;
}

static __global__ void __launch_bounds__(THREADS) dot_end_kernel(const double *partial, int n, double *out)
{
    __shared__ double room[256];
    double sum = lanes_block_sum((int)threadIdx.x < n ? partial[threadIdx.x] : 0, room);
    if (threadIdx.x == 0)
        *out = sum;
}

extern "C" void cuda_vector_scale(float *v, float a, size_t n, cudaStream_t stream)
{
    LAUNCH(scale_kernel, blocks_of(n), THREADS, stream, v, a, n);
}

extern "C" void cuda_vector_axpy(float *y, float a, const float *x, size_t n, cudaStream_t stream)
{
    LAUNCH(axpy_kernel, blocks_of(n), THREADS, stream, y, a, x, n);
}

extern "C" void cuda_vector_dot(const float *x, const float *y, size_t n, enum cuda_dot kind, double *partial, double *out,
                                cudaStream_t stream)
{
    unsigned blocks = blocks_of(n) < CUDA_DOT_BLOCKS ? blocks_of(n) : (unsigned)CUDA_DOT_BLOCKS;
    LAUNCH(dot_kernel, blocks, THREADS, stream, x, y, n, kind, partial);
    LAUNCH(dot_end_kernel, 1, THREADS, stream, partial, (int)blocks, out);
}

extern "C" void cuda_vector_sgd(float *w, float *buf, const float *g, size_t n, float lr, float momentum, float weight_decay,
                                bool nesterov, cudaStream_t stream)
{
    LAUNCH(sgd_kernel, blocks_of(n), THREADS, stream, w, buf, g, n, lr, momentum, weight_decay, nesterov);
}

extern "C" void cuda_vector_perturb(float *out, const float *w, const float *g, float scale, size_t n, bool adaptive,
                                    cudaStream_t stream)
{
    LAUNCH(perturb_kernel, blocks_of(n), THREADS, stream, out, w, g, scale, n, adaptive);
}
