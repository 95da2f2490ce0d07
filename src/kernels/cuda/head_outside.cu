#include "kernels/cuda/criterion.h"

/* The classifier's kernels with the derivatives of its outputs given from outside, in place of a criterion's: they are in h.g_logit and
 * h.r_g_logit. */

struct from_outside {
    static const bool looks_at_features = false;
};

template <>
__device__ inline double apply_criterion<from_outside>(const struct cuda_head &, bool, double *)
{
    return 0;
}

template <>
__device__ inline void r_apply<from_outside>(const struct cuda_head &, double *)
{
}

CUDA_CRITERION_LAUNCHERS(from_outside, from_outside)
