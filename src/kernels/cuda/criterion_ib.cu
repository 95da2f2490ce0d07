#include "kernels/cuda/criterion.h"

/* Influence-balanced loss (struct ib_coef in kernels/criterion.h; names as in kernels/reference/criterion_ib.c). */

struct influence_balanced {
    static const bool looks_at_features = true;

    struct row {
        struct softmax s;
        double weight, p, d, f, a; /* class weight, p_y, |p - e|_1, |f|_1, the factor */
        double kappa, tau;         /* dL/dadjusted_j = kappa (p_j - e_j) / D; dL/df = -tau sign f / D */
    };

    static __device__ inline double sign(float x)
    {
        return (x > 0) - (x < 0);
    }

    static __device__ inline const struct ib_coef &numbers(const struct cuda_head &h)
    {
        return h.control->criterion.ib;
    }

    static __device__ inline row of(const struct cuda_head &h, int label, double divisor, double *room)
    {
        const size_t i = blockIdx.x;
        const float *x = h.logit + i * h.classes;
        const double alpha = numbers(h).alpha;
        row r;
        double others = 0, size = 0;
        r.s = softmax_of(h, label, divisor, room);
        for (int j = threadIdx.x; j < h.classes; j += THREADS)
            others += j == r.s.label ? 0 : probability(h, r.s, x, j);
        for (int f = threadIdx.x; f < h.features; f += THREADS)
            size += fabs((double)h.feature[i * h.features + f]);
        r.weight = coefficients(h, CUDA_WEIGHT)[r.s.label];
        r.p = probability(h, r.s, x, r.s.label);
        r.d = 2 * lanes_block_sum(others, room);
        r.f = lanes_block_sum(size, room);
        r.a = alpha / (r.d * r.f + numbers(h).floor);
        r.kappa = r.a * r.s.sample.slope * r.weight;
        r.tau = 0;
        if (!numbers(h).detached) {
            r.kappa -= 2 * r.s.sample.value * r.a * r.a * r.f * r.p / alpha;
            r.tau = r.s.sample.value * r.a * r.a * r.d / alpha;
        }
        return r;
    }

    static __device__ inline double value(const row &r)
    {
        return r.a * r.s.sample.value;
    }

    static __device__ inline double away(const struct cuda_head &h, const row &r, int j) /* p_j - e_j */
    {
        return probability(h, r.s, h.logit + (size_t)blockIdx.x * h.classes, j) - (j == r.s.label);
    }

    static __device__ inline float gradient(const struct cuda_head &h, const row &r, int j)
    {
        return (float)(r.kappa / r.s.divisor * coefficients(h, CUDA_SCALE)[j] * away(h, r, j));
    }

    static __device__ inline float feature_gradient(const struct cuda_head &h, const row &r, int f)
    {
        return (float)(-sign(h.feature[(size_t)blockIdx.x * h.features + f]) * r.tau / r.s.divisor);
    }

    struct along {
        double mean, r_kappa, r_tau;
    };

    static __device__ inline along move(const struct cuda_head &h, const row &r, double *room)
    {
        const size_t i = blockIdx.x;
        const struct softmax_along m = softmax_move(h, r.s, room);
        const struct sample &s = r.s.sample;
        const double alpha = numbers(h).alpha, square = r.a * r.a;
        double r_f = 0;
        for (int f = threadIdx.x; f < h.features; f += THREADS)
            r_f += sign(h.feature[i * h.features + f]) * h.r_feature[i * h.features + f];
        r_f = lanes_block_sum(r_f, room);
        const double r_cross = m.mean - (double)coefficients(h, CUDA_SCALE)[r.s.label] * h.r_logit[i * h.classes + r.s.label];
        const double r_p = -r.p * r_cross, r_d = -2 * r_p, r_value = s.slope * m.r_loss;
        const double r_a = -square / alpha * (r_d * r.f + r.d * r_f), r_square = 2 * r.a * r_a;
        along a = { m.mean, r.a * s.bend * m.r_loss * r.weight, 0 };
        if (!numbers(h).detached) {
            a.r_kappa += r_a * s.slope * r.weight - 2 / alpha * (r_value * square * r.f * r.p + s.value * r_square * r.f * r.p +
                                                                 s.value * square * r_f * r.p + s.value * square * r.f * r_p);
            a.r_tau = (r_value * square * r.d + s.value * r_square * r.d + s.value * square * r_d) / alpha;
        }
        return a;
    }

    static __device__ inline float r_gradient(const struct cuda_head &h, const row &r, const along &a, int j)
    {
        const size_t i = blockIdx.x;
        const double scale = coefficients(h, CUDA_SCALE)[j], p = probability(h, r.s, h.logit + i * h.classes, j);
        const double rp = p * (scale * h.r_logit[i * h.classes + j] - a.mean);
        return (float)(scale / r.s.divisor * (rp * r.kappa + away(h, r, j) * a.r_kappa));
    }

    static __device__ inline float r_feature_gradient(const struct cuda_head &h, const row &r, const along &a, int f)
    {
        return (float)(-sign(h.feature[(size_t)blockIdx.x * h.features + f]) * a.r_tau / r.s.divisor);
    }
};

CUDA_CRITERION_LAUNCHERS(ib, influence_balanced)
