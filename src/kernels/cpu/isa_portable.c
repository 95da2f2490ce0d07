#include "config.h"
#include "kernels/cpu/isa.h"

#include <string.h>

/* The compiler's generic vectors: 128 bits exist on every machine worth training on, and become plain loops
 * elsewhere. No fused multiply-add: a machine without the instruction would call a library function for each. */
typedef float vf __attribute__((vector_size(16)));
typedef int vi __attribute__((vector_size(16)));
#define VL 4
#define SET_NAME "portable"
#define NAME(x) portable_##x
#define KERNELS kernels_portable

static inline vf vload(const float *p)
{
    vf v;
    memcpy(&v, p, sizeof v);
    return v;
}

static inline void vstore(float *p, vf v)
{
    memcpy(p, &v, sizeof v);
}

static inline vf vset(float x)
{
    return (vf){ x, x, x, x };
}

static inline vf vwhere_positive(vf a, vf v)
{
    return (vf)((vi)v & (vi)(a > vset(0)));
}

static inline vf vrelu(vf a) /* keeps NaN */
{
    return (vf)((vi)a & ~(vi)(a < vset(0)));
}

#define vadd(a, b) ((a) + (b))
#define vsub(a, b) ((a) - (b))
#define vmul(a, b) ((a) * (b))
#define vfma(a, b, c) ((a) * (b) + (c))

#define NARROW_TILE 8
#define WIDE_VECTORS 2
#define WIDE_TILE 4
#define WGRAD_IN 4
#define WINO_ROWS 4
#define WINO_NARROW 8
#define GEMM_ROWS 6
#define GEMM_VECTORS 2
#define OUTER_ROWS 2

#include "kernels/cpu/kernels.inc"
