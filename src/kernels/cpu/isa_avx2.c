#include "config.h"
#include "kernels/cpu/isa.h"

#if defined(__x86_64__)
#include <immintrin.h>

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,fma")
#endif

typedef __m256 vf;
#define VL 8
#define SET_NAME "avx2"
#define NAME(x) avx2_##x
#define KERNELS kernels_avx2

#define vload(p) _mm256_loadu_ps(p)
#define vstore(p, v) _mm256_storeu_ps((p), (v))
#define vset(x) _mm256_set1_ps(x)
#define vadd(a, b) _mm256_add_ps((a), (b))
#define vsub(a, b) _mm256_sub_ps((a), (b))
#define vmul(a, b) _mm256_mul_ps((a), (b))
#define vfma(a, b, c) _mm256_fmadd_ps((a), (b), (c))
#define vrelu(a) _mm256_max_ps(_mm256_setzero_ps(), (a)) /* a NaN in the second operand survives */
#define vwhere_positive(a, v) _mm256_and_ps(_mm256_cmp_ps((a), _mm256_setzero_ps(), _CMP_GT_OQ), (v))

/* 16 registers: 8 sums + 6 weights + 1 input for conv; 12 sums + 3 gradients + 1 input for wgrad. */
#define NARROW_TILE 8
#define WIDE_VECTORS 2
#define WIDE_TILE 4
#define WGRAD_IN 4
#define WINO_ROWS 4
#define WINO_NARROW 8
#define GEMM_ROWS 6
#define GEMM_VECTORS 2
#define OUTER_ROWS 4

#include "kernels/cpu/kernels.inc"

#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#endif
