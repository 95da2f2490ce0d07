#include "kernels/cuda/general.h"
#include "kernels/cuda/lanes.h"

/* Rows divided by their length, a block each: hat = x/|x|. With s = <hat, g>:
 *   dL/dx = (g - hat s)/|x|      R{hat} = (R{x} - hat R{|x|})/|x|,  R{|x|} = <hat, R{x}>
 *   R{dL/dx} = (R{g} - R{hat} s - hat R{s} - dL/dx R{|x|})/|x|,  R{s} = <R{hat}, g> + <hat, R{g}> */

enum { THREADS = 128 };
#define TINY 1e-12f

static __device__ inline const float *vector_of(const struct cuda_rows &r, enum cuda_rows_of of, const float *plane)
{
    const struct cuda_control *c = r.control;
    const float *all = of == ROWS_PARAMS ? c->params : of == ROWS_DIRECTION ? c->v : c->grad;
    return of == ROWS_PLANE ? plane : all ? all + r.at : NULL;
}

/* The inner product over this block's row. */
static __device__ inline double row_product(const struct cuda_rows &r, const float *a, const float *b, double *room)
{
    const size_t first = (size_t)blockIdx.x * r.width;
    double sum = 0;
    for (int i = threadIdx.x; i < r.width; i += THREADS)
        sum += (double)a[first + i] * b[first + i];
    return lanes_block_sum(sum, room);
}

static __global__ void __launch_bounds__(THREADS) rows_forward_kernel(const __grid_constant__ struct cuda_rows r)
{
    __shared__ double room[256];
    const size_t first = (size_t)blockIdx.x * r.width;
    const float *x = vector_of(r, r.x_of, r.x);
    const float length = fmaxf((float)sqrt(row_product(r, x, x, room)), TINY);
    for (int i = threadIdx.x; i < r.width; i += THREADS)
        r.hat[first + i] = x[first + i] / length;
    if (threadIdx.x == 0)
        r.length[blockIdx.x] = length;
}

static __global__ void __launch_bounds__(THREADS) rows_product_kernel(const __grid_constant__ struct cuda_rows r)
{
    __shared__ double room[256];
    const size_t first = (size_t)blockIdx.x * r.width;
    const float *rx = vector_of(r, r.r_x_of, r.r_x);
    const float length = r.length[blockIdx.x], growth = rx ? (float)row_product(r, r.hat, rx, room) : 0;
    for (int i = threadIdx.x; i < r.width; i += THREADS)
        r.r_hat[first + i] = ((rx ? rx[first + i] : 0) - r.hat[first + i] * growth) / length;
    if (threadIdx.x == 0)
        r.growth[blockIdx.x] = growth;
}

template <bool PRODUCT>
static __global__ void __launch_bounds__(THREADS) rows_backward_kernel(const __grid_constant__ struct cuda_rows r)
{
    __shared__ double room[256];
    const size_t first = (size_t)blockIdx.x * r.width;
    float *to = (float *)vector_of(r, r.to_of, r.to);
    if (!to) /* no gradient is wanted */
        return;
    const float length = r.length[blockIdx.x], s = (float)row_product(r, r.hat, r.g, room);
    const float growth = PRODUCT ? r.growth[blockIdx.x] : 0;
    const float rs = PRODUCT ? (float)(row_product(r, r.r_hat, r.g, room) + row_product(r, r.hat, r.r_g, room)) : 0;
    for (int i = threadIdx.x; i < r.width; i += THREADS) {
        const float hat = r.hat[first + i], gx = (r.g[first + i] - hat * s) / length;
        const float value = PRODUCT ? (r.r_g[first + i] - r.r_hat[first + i] * s - hat * rs - gx * growth) / length : gx;
        to[first + i] = r.add ? to[first + i] + value : value;
    }
}

extern "C" void cuda_rows_forward(const struct cuda_rows *r, cudaStream_t stream)
{
    LAUNCH(rows_forward_kernel, r->n, THREADS, stream, *r);
}

extern "C" void cuda_rows_product(const struct cuda_rows *r, cudaStream_t stream)
{
    LAUNCH(rows_product_kernel, r->n, THREADS, stream, *r);
}

extern "C" void cuda_rows_backward(const struct cuda_rows *r, bool product, cudaStream_t stream)
{
    if (product)
        LAUNCH(rows_backward_kernel<true>, r->n, THREADS, stream, *r);
    else
        LAUNCH(rows_backward_kernel<false>, r->n, THREADS, stream, *r);
}
