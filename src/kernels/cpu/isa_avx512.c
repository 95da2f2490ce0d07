#include "config.h"
#include "kernels/cpu/isa.h"

#if defined(__x86_64__)
#include <immintrin.h>

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,avx2,fma"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx512f,avx512dq,avx512bw,avx512vl,avx2,fma,prefer-vector-width=512")
#endif

typedef __m512 vf;
#define VL 16
#define SET_NAME "avx512"
#define NAME(x) avx512_##x
#define KERNELS kernels_avx512

#define vload(p) _mm512_loadu_ps(p)
#define vstore(p, v) _mm512_storeu_ps((p), (v))
#define vset(x) _mm512_set1_ps(x)
#define vadd(a, b) _mm512_add_ps((a), (b))
#define vsub(a, b) _mm512_sub_ps((a), (b))
#define vmul(a, b) _mm512_mul_ps((a), (b))
#define vfma(a, b, c) _mm512_fmadd_ps((a), (b), (c))
/* The operand order matters: a NaN in the second operand survives, so a diverged run shows. */
#define vrelu(a) _mm512_max_ps(_mm512_setzero_ps(), (a))
#define vwhere_positive(a, v) _mm512_maskz_mov_ps(_mm512_cmp_ps_mask((a), _mm512_setzero_ps(), _CMP_GT_OQ), (v))

/* 32 registers: 16 sums + 3 or 6 weights + 1 input for conv; 24 sums + 3 gradients + 1 input for wgrad. */
#define NARROW_TILE 16
#define WIDE_VECTORS 2
#define WIDE_TILE 8
#define WGRAD_IN 8
#define WINO_ROWS 8
#define WINO_NARROW 16
#define GEMM_ROWS 8
#define GEMM_VECTORS 2
#define OUTER_ROWS 16

#include "kernels/cpu/kernels.inc"

#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#endif
