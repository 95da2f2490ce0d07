/* kernels/cuda/lanes.h - what the kernels share: reads with an edge, sums over a block. Only .cu files include it. */
#ifndef KERNELS_CUDA_LANES_H
#define KERNELS_CUDA_LANES_H

#include "kernels/cuda/cuda.h"
#include "kernels/cuda/early.h"

static __device__ inline float4 lanes_zero(void)
{
    return make_float4(0, 0, 0, 0);
}

/* Channels c .. c+3 of a pixel in NHWC data; what does not exist is zero. */
static __device__ inline float4 lanes_pixel(const float *data, int image, int height, int width, int channels, int y, int x,
                                            int c)
{
    if (y < 0 || x < 0 || y >= height || x >= width || c >= channels)
        return lanes_zero();
    const float *p = data + (((size_t)image * height + y) * width + x) * channels + c;
    if (channels % 4 == 0)
        return *(const float4 *)p;
    const int left = channels - c;
    return make_float4(p[0], left > 1 ? p[1] : 0, left > 2 ? p[2] : 0, left > 3 ? p[3] : 0);
}

/* Channels from .. from + 3 of a pixel of a shortcut's other end, likewise. */
static __device__ inline float4 lanes_plane(const struct cuda_plane &p, int image, int y, int x, int from)
{
    if (from % 4 == 0)
        return from < 0 ? lanes_zero() : lanes_pixel((const float *)p.data, image, p.height, p.width, p.channels, y, x, from);
    const float *at = (const float *)p.data + (((size_t)image * p.height + y) * p.width + x) * p.channels;
    float v[4];
    for (int j = 0; j < 4; j++)
        v[j] = from + j >= 0 && from + j < p.channels ? at[from + j] : 0;
    return make_float4(v[0], v[1], v[2], v[3]);
}

/* Batch norm: the same bits wherever it is. */
static __device__ inline float lanes_norm(float a, float mean, float inv_s, float gamma, float beta)
{
    return gamma * ((a - mean) * inv_s) + beta;
}

/* Sum over a block of up to 256 threads (a power of two) as a fixed tree; every thread gets it. room: [256]. */
static __device__ inline double lanes_block_sum(double v, double *room)
{
    __syncthreads(); /* room may still be read from the sum before */
    room[threadIdx.x] = v;
    for (unsigned half = blockDim.x / 2; half > 0; half /= 2) {
        __syncthreads();
        if (threadIdx.x < half)
            room[threadIdx.x] += room[threadIdx.x + half];
    }
    __syncthreads();
    return room[0];
}

/* Two sums of n floats in double by a block of `threads`, as lanes_block_sum(). */
static __device__ inline void lanes_two_sums(const float *p0, const float *p1, int n, int threads, double *room, double *first, double *second)
{
    double sum0 = 0, sum1 = 0;
    for (int b = threadIdx.x; b < n; b += threads) {
        sum0 += p0[b];
        sum1 += p1[b];
    }
    *first = lanes_block_sum(sum0, room);
    *second = lanes_block_sum(sum1, room);
}

/* sum += a b', of four numbers each. */
static __device__ inline void lanes_outer(const float4 &a, const float4 &b, float (&sum)[4][4])
{
    const float as[4] = { a.x, a.y, a.z, a.w }, bs[4] = { b.x, b.y, b.z, b.w };
#pragma unroll
    for (int i = 0; i < 4; i++)
#pragma unroll
        for (int j = 0; j < 4; j++)
            sum[i][j] = fmaf(as[i], bs[j], sum[i][j]);
}

/* Sum over the 32 lanes of a warp, the same in every lane: each step adds the same two numbers on both sides. */
template <typename T>
static __device__ inline T lanes_warp_sum(T v)
{
    for (int step = 16; step > 0; step /= 2)
        v += __shfl_xor_sync(0xffffffffu, v, step);
    return v;
}

/* A channel's running statistics, at these places, after a batch; if the pass is to move them (methods 2.1). unbiased: count/(count - 1) of its
 * count values. */
static __device__ inline void lanes_move_statistics(const struct cuda_control *control, size_t mean_at, size_t variance_at,
                                                    double mean, double variance, double unbiased)
{
    float *m = control->stats + mean_at, *v = control->stats + variance_at;
    if (!control->update_stats)
        return;
    *m = (float)((1 - NET_BN_MOMENTUM) * *m + NET_BN_MOMENTUM * mean);
    *v = (float)((1 - NET_BN_MOMENTUM) * *v + NET_BN_MOMENTUM * variance * unbiased);
}

#endif
