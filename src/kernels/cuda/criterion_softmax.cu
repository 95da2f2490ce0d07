#include "kernels/cuda/criterion.h"

/* Softmax cross-entropy over adjusted outputs, plain or focal (struct loss_coef in kernels/criterion.h). */

struct cross_entropy {
    static const bool looks_at_features = false;
    typedef struct softmax row;
    typedef struct softmax_along along;

    static __device__ inline row of(const struct cuda_head &h, int label, double divisor, double *room)
    {
        return softmax_of(h, label, divisor, room);
    }

    static __device__ inline double value(const row &s)
    {
        return s.sample.value;
    }

    static __device__ inline float gradient(const struct cuda_head &h, const row &s, int j)
    {
        const double k = s.sample.slope * coefficients(h, CUDA_WEIGHT)[s.label] / s.divisor;
        return (float)(k * coefficients(h, CUDA_SCALE)[j] *
                       (probability(h, s, h.logit + (size_t)blockIdx.x * h.classes, j) - (j == s.label)));
    }

    static __device__ inline float feature_gradient(const struct cuda_head &, const row &, int)
    {
        return 0;
    }

    static __device__ inline along move(const struct cuda_head &h, const row &s, double *room)
    {
        return softmax_move(h, s, room);
    }

    static __device__ inline float r_gradient(const struct cuda_head &h, const row &s, const along &a, int j)
    {
        const size_t i = blockIdx.x;
        const float *scale = coefficients(h, CUDA_SCALE);
        const double weight = coefficients(h, CUDA_WEIGHT)[s.label], p = probability(h, s, h.logit + i * h.classes, j);
        const double rp = p * ((double)scale[j] * h.r_logit[i * h.classes + j] - a.mean);
        return (float)(weight / s.divisor * scale[j] *
                       (s.sample.slope * rp + s.sample.bend * a.r_loss * (p - (j == s.label))));
    }

    static __device__ inline float r_feature_gradient(const struct cuda_head &, const row &, const along &, int)
    {
        return 0;
    }
};

CUDA_CRITERION_LAUNCHERS(softmax, cross_entropy)
