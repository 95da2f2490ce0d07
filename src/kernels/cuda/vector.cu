#include "kernels/cuda/cuda.h"
#include "kernels/cuda/lanes.h"
#include "kernels/cuda/numbers.h"

/* Vectors, see numbers.h. These kernels wait for memory. */

static __global__ void __launch_bounds__(THREADS) scale_kernel(float *v, float a, size_t n)
{
    EACH(i, n)
        v[i] *= a;
}

static __global__ void __launch_bounds__(THREADS) axpy_kernel(float *y, float a, const float *x, size_t n)
{
    EACH(i, n)
        y[i] = added_one(y[i], a, x[i]);
}

static __global__ void __launch_bounds__(THREADS)
    sgd_kernel(float *w, float *buf, const float *g, size_t n, float lr, float momentum, float weight_decay, bool nesterov)
{
    EACH(i, n)
        descend_one(w + i, buf + i, g[i], lr, momentum, weight_decay, nesterov);
}

static __global__ void __launch_bounds__(THREADS)
    perturb_kernel(float *out, const float *w, const float *g, float scale, size_t n, bool adaptive)
{
    EACH(i, n)
        out[i] = perturbed_one(w[i], g[i], scale, adaptive);
}

static __global__ void __launch_bounds__(THREADS)
    dot_kernel(const float *x, const float *y, size_t n, enum cuda_dot kind, double *partial)
{
    __shared__ double room[256];
    dot_part(x, y, n, kind, partial, room);
}

static __global__ void __launch_bounds__(THREADS) dot_end_kernel(const double *partial, int n, double *out)
{
    __shared__ double room[256];
    dot_whole(partial, n, out, room);
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
    unsigned blocks = dot_blocks(n);
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
