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

#define SET_NAME "avx512"
#define NAME(x) avx512_##x
#define KERNELS kernels_avx512
#include "kernels/cpu/avx512.inc"

/* 32 registers: 24 sums + 3 gradients + 1 input. */
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
