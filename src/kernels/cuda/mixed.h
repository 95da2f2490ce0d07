/* kernels/cuda/mixed.h - what lies between two convolutions of a mixed-precision pass, eight channels of a pixel at a time.
 * Only .cu files include it. Names as in cuda.h. */
#ifndef KERNELS_CUDA_MIXED_H
#define KERNELS_CUDA_MIXED_H

#include "kernels/cuda/tensor.h"

/* Where the image begins takes 64 bits, and is the same for all that a block does; the rest takes 32. */
static __device__ inline size_t mixed_at(const struct cuda_mixed_side &s, int image, int y, int x, int c)
{
    const int wide = cuda_mixed_wide(s.channels);
    return (size_t)image * (s.height * s.width * wide) + (unsigned)((y * s.width + x) * wide + c);
}

/* Batch norm's numbers of eight channels, kept in registers while pixel after pixel passes. */
struct mixed_forward_numbers {
    float mean[8], scale[8], shift[8];
};
struct mixed_backward_numbers {
    float mean[8], k_gy[8], k_a[8], k_0[8];
};

static __device__ inline void mixed_get8(float (&v)[8], const float *p)
{
    tensor_tf32::get8(v, p);
}

static __device__ inline void mixed_numbers(struct mixed_forward_numbers &b, const struct cuda_mixed_side &s, int c)
{
    mixed_get8(b.mean, s.mean + c);
    mixed_get8(b.scale, s.scale + c);
    mixed_get8(b.shift, s.shift + c);
}

static __device__ inline void mixed_numbers(struct mixed_backward_numbers &b, const struct cuda_mixed_side &s, int c)
{
    mixed_get8(b.mean, s.mean + c);
    mixed_get8(b.k_gy, s.k_gy + c);
    mixed_get8(b.k_a, s.k_a + c);
    mixed_get8(b.k_0, s.k_0 + c);
}

/* Channels from .. from + 7 of a pixel of a shortcut's other end; those that do not exist are zero. */
template <class E>
static __device__ inline void mixed_add_plane(float (&v)[8], const struct cuda_plane &plane, int image, int y, int x, int from)
{
    typedef typename E::stored stored;
    const int wide = cuda_mixed_wide(plane.channels);
    const stored *p = (const stored *)plane.data + (size_t)image * (plane.height * plane.width * wide) + (unsigned)((y * plane.width + x) * wide);
    if (from % 8 == 0) { /* eight whole channels: a plane is as wide as whole sixteens, with zeros at its end */
        float other[8];
        if (from < 0 || from >= plane.channels)
            return;
        E::get8(other, p + from);
        for (int j = 0; j < 8; j++)
            v[j] += other[j];
        return;
    }
    for (int j = 0; j < 8; j++)
        if (from + j >= 0 && from + j < plane.channels)
            v[j] += E::get(p[from + j]);
}

/* The output of k.from in channels c .. c+7 of a pixel that exists. A NaN passes the ReLU, so that the loss shows it. */
template <class E>
static __device__ inline void mixed_out(float (&v)[8], const struct cuda_mixed &k, const struct mixed_forward_numbers &b,
                                        int image, int y, int x, int c)
{
    E::get8(v, (const typename E::stored *)k.from.a + mixed_at(k.from, image, y, x, c));
#pragma unroll
    for (int j = 0; j < 8; j++)
        v[j] = b.scale[j] * (v[j] - b.mean[j]) + b.shift[j];
    if (k.add.data)
        mixed_add_plane<E>(v, k.add, image, y * k.add.step, x * k.add.step, c - k.add.shift);
#pragma unroll
    for (int j = 0; j < 8; j++)
        v[j] = v[j] <= 0 ? 0 : v[j];
}

/* dL/da of k.into, likewise. */
template <class E>
static __device__ inline void mixed_ga(float (&v)[8], const struct cuda_mixed &k, const struct mixed_backward_numbers &b,
                                       int image, int y, int x, int c)
{
    const size_t at = mixed_at(k.into, image, y, x, c);
    float a[8];
    E::get8(v, (const typename E::stored *)k.into.gy + at);
    E::get8(a, (const typename E::stored *)k.into.a + at);
#pragma unroll
    for (int j = 0; j < 8; j++)
        v[j] = b.k_gy[j] * v[j] + b.k_a[j] * (a[j] - b.mean[j]) + b.k_0[j];
}

#endif
