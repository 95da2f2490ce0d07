#include "config.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "tests/ptx/module.h"

#if defined(__x86_64__)
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,fma")
#endif
#define NAME(x) avx2_##x
#define SPELLINGS spellings_avx2
#include "tests/ptx/ops.inc"
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#else
const struct spelling spellings_avx2[] = { { NULL, NULL, NULL, NULL, 0 } };
#endif
