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

#define NAME(x) avx512bf16_##x
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

const struct bf16_kernels bf16_avx512 = BF16_TABLE("avx512bf16", NULL);

/* ---- the same on AMX tiles ------------------------------------------------------------------------------------ */

/* Pairs of neighbouring pixels of a channel, then the transpose of 16 x 16 of them. */
static inline void avx512bf16_turn_pixels(const bf16 *p, ptrdiff_t step, bf16 *to, ptrdiff_t row)
{
    const __m512i pairs = _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7, 22, 6, 21, 5, 20, 4, 19, 3, 18, 2, 17,
                                           1, 16, 0);
    __m512i v[16], t[16];
    UNROLL
    for (int i = 0; i < 16; i++) {
        const __m256i even = _mm256_loadu_si256((const __m256i *)(const void *)(p + 2 * i * step));
        const __m256i odd = _mm256_loadu_si256((const __m256i *)(const void *)(p + (2 * i + 1) * step));
        v[i] = _mm512_permutexvar_epi16(pairs, _mm512_inserti64x4(_mm512_castsi256_si512(even), odd, 1));
    }
    UNROLL
    for (int i = 0; i < 8; i++) {
        t[2 * i] = _mm512_unpacklo_epi32(v[2 * i], v[2 * i + 1]);
        t[2 * i + 1] = _mm512_unpackhi_epi32(v[2 * i], v[2 * i + 1]);
    }
    UNROLL
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < 2; j++) {
            v[4 * i + 2 * j] = _mm512_unpacklo_epi64(t[4 * i + j], t[4 * i + 2 + j]);
            v[4 * i + 2 * j + 1] = _mm512_unpackhi_epi64(t[4 * i + j], t[4 * i + 2 + j]);
        }
    UNROLL
    for (int i = 0; i < 4; i++) { /* channels i and 8 + i; 4 + i and 12 + i: pixels 0 to 15, 16 to 31 */
        t[i] = _mm512_shuffle_i32x4(v[i], v[4 + i], 0x88);
        t[4 + i] = _mm512_shuffle_i32x4(v[i], v[4 + i], 0xdd);
        t[8 + i] = _mm512_shuffle_i32x4(v[8 + i], v[12 + i], 0x88);
        t[12 + i] = _mm512_shuffle_i32x4(v[8 + i], v[12 + i], 0xdd);
    }
    UNROLL
    for (int i = 0; i < 4; i++) {
        _mm512_storeu_si512(to + i * row, _mm512_shuffle_i32x4(t[i], t[8 + i], 0x88));
        _mm512_storeu_si512(to + (8 + i) * row, _mm512_shuffle_i32x4(t[i], t[8 + i], 0xdd));
        _mm512_storeu_si512(to + (4 + i) * row, _mm512_shuffle_i32x4(t[4 + i], t[12 + i], 0x88));
        _mm512_storeu_si512(to + (12 + i) * row, _mm512_shuffle_i32x4(t[4 + i], t[12 + i], 0xdd));
    }
}

#ifndef TILES_EMULATED /* a test has them emulated among these vectors */
#define TILES_EMULATED 0
#endif
#if HAVE_AMX || TILES_EMULATED
#if defined(__clang__) /* which takes one attribute a function, and not those of both pushes */
#pragma clang attribute pop
#pragma clang attribute push(__attribute__((target("amx-tile,amx-bf16,avx512bf16,avx512f,avx512dq,avx512bw,avx512vl,avx2,fma"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("amx-tile,amx-bf16")
#endif

#include "kernels/cpu/amx.inc"

#if !defined(__clang__)
#pragma GCC pop_options
#endif

const struct bf16_kernels bf16_amx = BF16_TABLE("amx", &NAME(tile_table));
#endif

#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#endif
