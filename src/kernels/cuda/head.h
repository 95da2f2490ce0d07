/* kernels/cuda/head.h - what the kernels about the classifier share: where its numbers lie, D, the normalised classifier's terms.
 * Only .cu files include it. Formulas as in kernels/reference/head.c. */
#ifndef KERNELS_CUDA_HEAD_H
#define KERNELS_CUDA_HEAD_H

#include "kernels/cuda/cuda.h"
#include "kernels/cuda/lanes.h"
#include "kernels/share.h"

enum { THREADS = 128, WARPS = THREADS / 32 };
#define TINY 1e-12f

static __device__ inline const float *coefficients(const struct cuda_head &h, enum cuda_coef which)
{
    return (const float *)(h.control + 1) + (size_t)which * h.classes;
}

static __device__ inline size_t weight_at(const struct cuda_head &h, int f, int c)
{
    return h.norm ? (size_t)f * h.classes + c : (size_t)c * h.features + f;
}

static __device__ inline struct labelled labelled_of(const struct cuda_head &h)
{
    struct labelled b = { h.classes, h.label, h.control->soft ? h.target : NULL, h.control->weighted ? h.image_weight : NULL,
                          h.control->parted ? coefficients(h, CUDA_PART) : NULL };
    return b;
}

static __device__ inline double weight_sum(const struct cuda_head &h, double *room)
{
    const struct labelled b = labelled_of(h);
    double sum = 0;
    for (int i = threadIdx.x; i < h.n; i += THREADS)
        sum += share_weight(&b, i, coefficients(h, CUDA_WEIGHT));
    return lanes_block_sum(sum, room);
}

static __device__ inline double divisor_of(const struct cuda_head &h, double weights)
{
    const struct loss_coef &coef = h.control->criterion.coef;
    return coef.divisor > 0 ? coef.divisor : coef.reduction == REDUCE_WEIGHTED_MEAN ? weights : (double)h.n;
}

struct cosine { /* everything about one (image, class) of the normalised classifier, see norm_product_backward() */
    float g, rg, z, rz, nf, nw, grow, r_column;
};

static __device__ inline struct cosine cosine_of(const struct cuda_head &h, size_t i, int c)
{
    const size_t k = i * h.classes + c;
    return { h.g_logit[k], h.r_g_logit[k], h.logit[k],  h.r_logit[k],
             h.norm_of[i], h.column[c],    h.growth[i], h.r_column[c] };
}

#endif
