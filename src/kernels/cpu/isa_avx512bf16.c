#include "config.h"
#include "kernels/cpu/bf16.h"

#if defined(__x86_64__)
#include <immintrin.h>

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx512bf16,avx512f,avx512dq,avx512bw,avx512vl,avx2,fma"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx512bf16,avx512f,avx512dq,avx512bw,avx512vl,avx2,fma,prefer-vector-width=512")
#endif

#define SET_NAME "avx512bf16"
#define NAME(x) avx512bf16_##x
#define BF16_KERNELS bf16_avx512
#include "kernels/cpu/avx512.inc"

typedef __m512i vpair;
#define pair_set(p) _mm512_set1_epi32((int)*(p))
#define pair_load(p) _mm512_loadu_si512(p)
#define pair_store(p, v) _mm512_storeu_si512((p), (v))
#define pair_dot(b, k, acc) _mm512_dpbf16_ps((acc), (__m512bh)(b), (__m512bh)(k))

static inline __m512i avx512bf16_wide(const bf16 *p)
{
    return p ? _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)(const void *)p)) : _mm512_setzero_si512();
}

#define pair_of(p, q) _mm512_or_si512(avx512bf16_wide(p), _mm512_slli_epi32(avx512bf16_wide(q), 16))

#define half_load(p) \
    _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)(const void *)(p))), 16))
#define half_store(p, v) _mm256_storeu_si256((__m256i *)(void *)(p), (__m256i)_mm512_cvtneps_pbh(v))

/* 24 sums + 3 gradients + 1 input. */
#define WGRAD_IN 8

#include "kernels/cpu/bf16.inc"

#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#endif
