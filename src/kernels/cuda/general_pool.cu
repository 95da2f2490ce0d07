#include "kernels/cuda/general.h"
#include "kernels/cuda/lanes.h"

/* Pools: a thread writes one number, neighbours in a warp are channels of one pixel. */

enum { THREADS = 256 };

struct pool_spot {
    size_t image;
    int y, x, c;
};

/* The place of number i of a plane. */
static __device__ inline struct pool_spot pool_spot_of(size_t i, int height, int width, int channels)
{
    const size_t pixel = i / channels;
    struct pool_spot s = { pixel / width / height, (int)(pixel / width % height), (int)(pixel % width), (int)(i % channels) };
    return s;
}

static __device__ inline size_t pool_input_at(const struct cuda_pool &p, const struct pool_spot &s, int y, int x)
{
    return ((s.image * p.in_height + y) * p.in_width + x) * p.channels + s.c;
}

/* A NaN wins, so that the loss shows it; of equals the first. */
static __global__ void __launch_bounds__(THREADS) pool_forward_kernel(const __grid_constant__ struct cuda_pool p)
{
    const size_t i = (size_t)blockIdx.x * THREADS + threadIdx.x;
    const struct pool_spot s = pool_spot_of(i, p.height, p.width, p.channels);
    if (s.image >= (size_t)p.n)
        return;
    float sum = 0, greatest = -INFINITY;
    int winner = -1;
    for (int v = 0; v < p.window_height; v++)
        for (int h = 0; h < p.window_width; h++) {
            const int y = s.y * p.stride - p.pad + v, x = s.x * p.stride - p.pad + h;
            if (y < 0 || x < 0 || y >= p.in_height || x >= p.in_width)
                continue;
            const float value = p.from[pool_input_at(p, s, y, x)];
            sum += value;
            if (p.greatest && (winner < 0 || value > greatest || isnan(value))) {
                greatest = value;
                winner = v * p.window_width + h;
            }
        }
    p.to[i] = p.greatest ? greatest : sum * p.factor;
    if (p.greatest)
        p.winner[i] = (uint8_t)winner;
}

static __global__ void __launch_bounds__(THREADS) pool_product_kernel(const __grid_constant__ struct cuda_pool p)
{
    const size_t i = (size_t)blockIdx.x * THREADS + threadIdx.x;
    const struct pool_spot s = pool_spot_of(i, p.height, p.width, p.channels);
    if (s.image >= (size_t)p.n)
        return;
    const int winner = p.winner[i];
    p.to[i] = p.from[pool_input_at(p, s, s.y * p.stride - p.pad + winner / p.window_width, s.x * p.stride - p.pad + winner % p.window_width)];
}

/* First window, by its row or column, that reaches place `at`; and the one behind the last. */
static __device__ inline int first_window(int at, int window, int stride)
{
    return at < window ? 0 : (at - window) / stride + 1;
}

static __device__ inline int last_window(int at, int stride, int windows)
{
    return min(at / stride + 1, windows);
}

/* A pixel of the input asks the windows that it lies in. */
static __global__ void __launch_bounds__(THREADS) pool_backward_kernel(const __grid_constant__ struct cuda_pool p)
{
    const size_t i = (size_t)blockIdx.x * THREADS + threadIdx.x;
    const struct pool_spot s = pool_spot_of(i, p.in_height, p.in_width, p.channels);
    if (s.image >= (size_t)p.n)
        return;
    const int row = s.y + p.pad, column = s.x + p.pad;
    float sum = 0;
    for (int y = first_window(row, p.window_height, p.stride); y < last_window(row, p.stride, p.height); y++)
        for (int x = first_window(column, p.window_width, p.stride); x < last_window(column, p.stride, p.width); x++) {
            const size_t at = ((s.image * p.height + y) * p.width + x) * p.channels + s.c;
            const int place = (row - y * p.stride) * p.window_width + column - x * p.stride;
            if (!p.greatest)
                sum += p.from[at] * p.factor;
            else if (p.winner[at] == place)
                sum += p.from[at];
        }
    p.to[i] = p.add ? p.to[i] + sum : sum;
}

static unsigned pool_blocks(const struct cuda_pool *p, int height, int width)
{
    return (unsigned)(((size_t)p->n * height * width * p->channels + THREADS - 1) / THREADS);
}

extern "C" void cuda_pool_forward(const struct cuda_pool *p, cudaStream_t stream)
{
    LAUNCH(pool_forward_kernel, pool_blocks(p, p->height, p->width), THREADS, stream, *p);
}

extern "C" void cuda_pool_product(const struct cuda_pool *p, cudaStream_t stream)
{
    if (p->greatest)
        LAUNCH(pool_product_kernel, pool_blocks(p, p->height, p->width), THREADS, stream, *p);
    else
        cuda_pool_forward(p, stream); /* it is linear */
}

extern "C" void cuda_pool_backward(const struct cuda_pool *p, cudaStream_t stream)
{
    LAUNCH(pool_backward_kernel, pool_blocks(p, p->in_height, p->in_width), THREADS, stream, *p);
}
