/* kernels/cuda/numbers.h - arithmetic on vectors, number by number: in double, each operation rounded once, as the reference does
 * it. The vector functions and the optimiser step share it, and must give the same bits. So operations are spelled out: of `*` and
 * `+` a compiler makes fused multiply-adds in one kernel and not in the other (tests/ptx/exact.sh). Only .cu files include it. */
#ifndef KERNELS_CUDA_NUMBERS_H
#define KERNELS_CUDA_NUMBERS_H

#include "kernels/cuda/lanes.h"

enum { THREADS = 256 };

static inline unsigned blocks_of(size_t n)
{
    size_t blocks = (n + THREADS - 1) / THREADS;
    return blocks < 4096 ? (unsigned)blocks : 4096;
}

static inline unsigned dot_blocks(size_t n)
{
    return blocks_of(n) < CUDA_DOT_BLOCKS ? blocks_of(n) : (unsigned)CUDA_DOT_BLOCKS;
}

#define EACH(i, n) \
    for (size_t i = (size_t)blockIdx.x * THREADS + threadIdx.x; i < (n); i += (size_t)gridDim.x * THREADS)

static __device__ inline void descend_one(float *w, float *buf, float g, float lr, float momentum, float weight_decay,
                                          bool nesterov)
{
    const double d = __dadd_rn(g, __dmul_rn(weight_decay, *w));
    const double b = __dadd_rn(__dmul_rn(momentum, *buf), d);
    *buf = (float)b;
    *w = (float)__dsub_rn(*w, __dmul_rn(lr, nesterov ? __dadd_rn(d, __dmul_rn(momentum, b)) : b));
}

static __device__ inline float perturbed_one(float w, float g, float scale, bool adaptive)
{
    const double e = __dmul_rn(scale, g);
    return (float)__dadd_rn(w, adaptive ? __dmul_rn(__dmul_rn(w, w), e) : e);
}

/* y + a x */
static __device__ inline float added_one(float y, float a, float x)
{
    return (float)__dadd_rn(y, __dmul_rn(a, x));
}

/* partial[block] = the block's share of a sum over n, as many blocks as dot_blocks(n); room: [256] shared. */
static __device__ inline void dot_part(const float *x, const float *y, size_t n, enum cuda_dot kind, double *partial, double *room)
{
    double sum = 0;
    EACH(i, n) {
        const double product = __dmul_rn(x[i], y[i]);
        sum = __dadd_rn(sum, kind == DOT_PLAIN ? product : __dmul_rn(product, product));
    }
    sum = lanes_block_sum(sum, room);
    if (threadIdx.x == 0)
        partial[blockIdx.x] = sum;
}

/* The shares together, by one block. */
static __device__ inline void dot_whole(const double *partial, int n, double *out, double *room)
{
    double sum = lanes_block_sum((int)threadIdx.x < n ? partial[threadIdx.x] : 0, room);
    if (threadIdx.x == 0)
        *out = sum;
}

#endif
