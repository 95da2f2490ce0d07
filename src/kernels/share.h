/* kernels/share.h - as how many images of which labels an image of a batch counts (kernels/criterion.h): s_i of its label, or with soft
 * labels s_i t_ik of each label k. For any back end, on a device too. */
#ifndef KERNELS_SHARE_H
#define KERNELS_SHARE_H

#include <stddef.h>
#include <stdint.h>

#ifndef CUDA_BOTH /* kernels/cuda/cuda.h */
#define CUDA_BOTH
#endif

struct labelled { /* a batch's labels; pointers may be NULL as in struct batch, but for `labels` */
    int classes;
    const int32_t *labels;         /* [n] */
    const float *targets, *weights; /* [n][classes], [n] */
    const float *part;             /* [classes] of the criterion: times all of them, but not in D */
};

struct share {
    int label;   /* `classes`: there is no further one */
    double part; /* > 0 */
};

/* for (EACH_SHARE(s, &b, i)): s is a share of image i, by rising label. */
#define EACH_SHARE(s, b, i) struct share s = share_from(b, i, 0); (s).label < (b)->classes; s = share_from(b, i, (s).label + 1)

/* The first share of image i with that label or a higher one. */
static inline CUDA_BOTH struct share share_from(const struct labelled *b, size_t i, int label)
{
    const double weight = b->weights ? (double)b->weights[i] : 1.0;
    struct share s = { b->classes, 0 };
    if (!b->targets && weight > 0 && b->labels[i] >= label && (!b->part || b->part[b->labels[i]] > 0)) {
        s.label = b->labels[i];
        s.part = b->part ? weight * (double)b->part[s.label] : weight;
    }
    for (; b->targets && weight > 0 && label < b->classes; label++) {
        s.part = weight * (double)b->targets[i * (size_t)b->classes + (size_t)label] * (b->part ? (double)b->part[label] : 1.0);
        if (s.part > 0) {
            s.label = label;
            break;
        }
    }
    return s;
}

/* The part of image i in a weighted mean's D: sum over k of s_i t_ik weight[k]. */
static inline CUDA_BOTH double share_weight(const struct labelled *b, size_t i, const float *weight)
{
    struct labelled whole = *b;
    double sum = 0;
    whole.part = NULL;
    for (EACH_SHARE(s, &whole, i))
        sum += s.part * (double)weight[s.label];
    return sum;
}

#endif
