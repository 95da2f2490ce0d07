/* kernels/cuda/mixed_join.h - the last block of a 3x3 convolution's kernel: what all blocks have left becomes batch norm's numbers.
 * Only .cu files include it; all threads of a block of CUDA_MIXED_THREADS call what stands here. Two numbers of each channel
 * of a block lie in k.partial. Names as in cuda.h. */
#ifndef KERNELS_CUDA_MIXED_JOIN_H
#define KERNELS_CUDA_MIXED_JOIN_H

#include "kernels/cuda/lanes.h"

/* Is this the kernel's last block? Then what the others have left can be read, past this processor's own cache. One thread fences, for all of the
 * block: what they wrote before the first barrier it hands on, and what they read after the second comes after its fence. */
static __device__ inline bool mixed_last_to_arrive(unsigned *arrived)
{
    __shared__ bool last;
    __syncthreads();
    if (threadIdx.x == 0) {
        const unsigned blocks = gridDim.x * gridDim.y;
        __threadfence();
        last = atomicInc(arrived, blocks - 1) == blocks - 1;
        __threadfence();
    }
    __syncthreads();
    return last;
}

/* Every thread takes two channels of each so many-th block, eight blocks at a time: eight reads are under way, their numbers meet in float, the
 * eights in double. Then the threads of a channel meet in the order of their blocks, in the room of the staged tiles. */
enum { EIGHT = 8, MIXED_JOIN_BYTES = 512 * 2 * (int)sizeof(double) };

struct joined {
    double first[2], second[2]; /* of two channels */
};

struct eight_blocks {
    float4 left[EIGHT];  /* first and second of a channel, and of the next; what does not exist is zero */
    float pixels[EIGHT]; /* the same */
};

/* First: a block's mean; second: the squares' distances from it. Kept of them are the sum, and the squares' distances from zero as if each block had
 * its mean everywhere, for double holds that (Chan's formula within an eight, whose distances from its own mean never cancel). each: 1 / pixels of all
 * eight. */
static __device__ inline void join_moments(struct joined &to, const struct eight_blocks &e, double each)
{
#pragma unroll
    for (int j = 0; j < 2; j++) {
        float sum = 0, square = 0;
#pragma unroll
        for (int i = 0; i < EIGHT; i++)
            sum += e.pixels[i] * (j ? e.left[i].z : e.left[i].x);
        const float mean = sum * (float)each;
#pragma unroll
        for (int i = 0; i < EIGHT; i++) {
            const float d = (j ? e.left[i].z : e.left[i].x) - mean;
            square += (j ? e.left[i].w : e.left[i].y) + e.pixels[i] * d * d;
        }
        to.first[j] += sum;
        to.second[j] += square + (double)sum * sum * each;
    }
}

static __device__ inline void join_sums(struct joined &to, const struct eight_blocks &e)
{
    float sum[4] = { 0 };
#pragma unroll
    for (int i = 0; i < EIGHT; i++) {
        sum[0] += e.left[i].x;
        sum[1] += e.left[i].y;
        sum[2] += e.left[i].z;
        sum[3] += e.left[i].w;
    }
    for (int j = 0; j < 2; j++) {
        to.first[j] += sum[2 * j];
        to.second[j] += sum[2 * j + 1];
    }
}

/* Of the thread's blocks b, b + step ... the next eight, of which some may not exist or be cut off by the image's edge. */
template <bool MOMENTS>
static __device__ inline void join_few(struct joined &to, const float4 *from, int apart, const struct cuda_grid &g, int columns, int b, int step)
{
    const int blocks = cuda_grid_blocks(&g);
    struct eight_blocks e;
    float count = 0;
    for (int i = 0; i < EIGHT; i++) {
        const bool exists = b + i * step < blocks;
        e.left[i] = exists ? __ldcg(from + (size_t)(b + i * step) * apart) : make_float4(0, 0, 0, 0);
        e.pixels[i] = MOMENTS && exists ? (float)cuda_grid_pixels(&g, columns, b + i * step) : 0;
        count += e.pixels[i];
    }
    if (MOMENTS)
        join_moments(to, e, 1.0 / (double)count);
    else
        join_sums(to, e);
}

/* The threads of a channel, `rows` of them, in the order of rows: quarter by quarter. */
template <int CO, int ROWS>
static __device__ inline void join_rows(double2 *room, double &first, double &second)
{
    const int channel = threadIdx.x % CO, quarter = threadIdx.x / CO;
    double2 sum = make_double2(0, 0);
    __syncthreads();
    for (int r = 0; r < ROWS / 4 && quarter < 4; r++) {
        const double2 row = room[(quarter * (ROWS / 4) + r) * CO + channel];
        sum.x += row.x;
        sum.y += row.y;
    }
    __syncthreads();
    if (quarter < 4)
        room[threadIdx.x] = sum;
    __syncthreads();
    first = second = 0;
    for (int q = 0; q < 4; q++) {
        first += room[q * CO + channel].x;
        second += room[q * CO + channel].y;
    }
    __syncthreads();
}

/* Thread t gets both of channel c0 + t % CO. room: MIXED_JOIN_BYTES. */
template <int CO, bool MOMENTS>
static __device__ inline void join_blocks(const float *partial, int wide, int c0, const struct cuda_grid &g, double2 *room, double &first, double &second)
{
    constexpr int pairs = CO / 2, rows = CUDA_MIXED_THREADS / pairs, columns = 512 / CO, full = CONV_ROWS * columns;
    const int pair = threadIdx.x % pairs, row = threadIdx.x / pairs, apart = wide / 2;
    const int blocks = c0 + 2 * pair < wide ? cuda_grid_blocks(&g) : 0;
    const bool whole = !MOMENTS || (g.height % CONV_ROWS == 0 && g.width % columns == 0);
    const float4 *from = (const float4 *)(partial + 2 * ((size_t)c0 + 2 * pair));
    struct joined sum = { { 0 }, { 0 } };
    int b = row;
    for (; whole && b + (EIGHT - 1) * rows < blocks; b += EIGHT * rows) {
        struct eight_blocks e;
#pragma unroll
        for (int i = 0; i < EIGHT; i++) {
            e.left[i] = __ldcg(from + (b + i * rows) * apart);
            e.pixels[i] = full;
        }
        if (MOMENTS)
            join_moments(sum, e, 1.0 / (EIGHT * full));
        else
            join_sums(sum, e);
    }
    for (; b < blocks; b += EIGHT * rows)
        join_few<MOMENTS>(sum, from, apart, g, columns, b, rows);
    for (int j = 0; j < 2; j++)
        room[row * CO + 2 * pair + j] = make_double2(sum.first[j], sum.second[j]);
    join_rows<CO, rows>(room, first, second);
}

/* Each block has left its mean and the squares' distances from it. room: MIXED_JOIN_BYTES, here and below */
template <int CO>
static __device__ inline void mixed_finish_forward(const struct cuda_mixed &k, const struct cuda_grid &g, void *room)
{
    const struct cuda_mixed_side &u = k.into;
    const int wide = cuda_mixed_wide(u.channels);
    for (int c0 = 0; c0 < wide; c0 += CO) {
        const int c = c0 + (int)threadIdx.x;
        const bool mine = threadIdx.x < CO && c < wide, real = mine && c < u.channels;
        const float gamma = real ? k.control->params[u.gamma + c] : 0, beta = real ? k.control->params[u.beta + c] : 0; /* on their way meanwhile */
        double sum, square;
        join_blocks<CO, true>(k.partial, wide, c0, g, (double2 *)room, sum, square);
        if (!mine)
            continue;
        const double mean = sum * k.share, spread = square - sum * mean, variance = spread < 0 ? 0 : spread * k.share; /* NaN stays */
        const float inv_s = real ? 1 / sqrtf((float)(variance + NET_BN_EPS)) : 0;
        u.mean[c] = real ? (float)mean : 0;
        u.inv_s[c] = inv_s;
        u.scale[c] = gamma * inv_s;
        u.shift[c] = beta;
        if (real)
            lanes_move_statistics(k.control, u.mean_offset + c, u.variance_offset + c, mean, variance, k.unbiased);
    }
}

/* Each block has left its sums of gy and of gy xh: ga = gamma/s (gy - mean(gy) - xh mean(gy xh)) as one line in gy and a - mean. */
template <int CI>
static __device__ inline void mixed_finish_backward(const struct cuda_mixed &k, const struct cuda_grid &g, void *room)
{
    const struct cuda_mixed_side &u = k.from;
    const int wide = cuda_mixed_wide(u.channels);
    for (int c0 = 0; c0 < wide; c0 += CI) {
        const int c = c0 + (int)threadIdx.x;
        const bool mine = threadIdx.x < CI && c < wide, real = mine && c < u.channels;
        const double scale = real ? (double)u.scale[c] : 0, inv_s = real ? (double)u.inv_s[c] : 0;
        double first, second;
        join_blocks<CI, false>(k.partial, wide, c0, g, (double2 *)room, first, second);
        if (!mine)
            continue;
        u.k_gy[c] = (float)scale;
        u.k_a[c] = (float)(-scale * inv_s * (second * k.share));
        u.k_0[c] = (float)(-scale * (first * k.share));
        if (real) {
            k.control->grad[u.beta + c] = (float)first;
            k.control->grad[u.gamma + c] = (float)second;
        }
    }
}

#endif
