/* kernels/cuda/numbers.h - arithmetic on vectors, number by number: in double with one rounding each, as the reference does
 * it. The vector functions and the optimiser step share it, so that both give the same bits. Only .cu files include it. */
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
    double d = g + (double)weight_decay * *w;
    double b = (double)momentum * *buf + d;
    *buf = (float)b;
    *w = (float)(*w - (double)lr * (nesterov ? d + (double)momentum * b : b));
}

static __device__ inline float perturbed_one(float w, float g, float scale, bool adaptive)
{
    double e = (double)scale * g;
    return (float)(w + (adaptive ? (double)w * w * e : e));
}

/* partial[block] = the block's share of a sum over n, as many blocks as dot_blocks(n); room: [256] shared. */
static __device__ inline void dot_part(const float *x, const float *y, size_t n, enum cuda_dot kind, double *partial, double *room)
{
    double sum = 0;
    EACH(i, n) {
        double product = (double)x[i] * y[i];
        sum += kind == DOT_PLAIN ? product : product * product;
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
