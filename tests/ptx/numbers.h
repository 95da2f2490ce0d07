/* tests/ptx/numbers.h - arithmetic that C does not have as PTX defines it; inside of tests/ptx. */
#ifndef PTX_NUMBERS_H
#define PTX_NUMBERS_H

#include <math.h>

#include "tests/ptx/module.h"

static inline float canonical(float x)
{
    return x == x ? x : __builtin_nanf("0x3fffff"); /* 0x7fffffff */
}

/* If one of two is NaN, the other; -0 lies below +0. */
#define LESSER_AND_GREATER(t, T, nan)                                                             \
    static inline T smaller_##t(T a, T b)                                                         \
    {                                                                                             \
        return a != a ? (b != b ? nan : b) : b != b || a < b || (a == b && signbit(a)) ? a : b;   \
    }                                                                                             \
    static inline T larger_##t(T a, T b)                                                          \
    {                                                                                             \
        return a != a ? (b != b ? nan : b) : b != b || a > b || (a == b && !signbit(a)) ? a : b;  \
    }
LESSER_AND_GREATER(f32, float, __builtin_nanf("0x3fffff"))
LESSER_AND_GREATER(f64, double, __builtin_nan("0x7ffffffffffff"))

/* Division by zero is whatever a machine does: told. */
#define DIVISION(t, T, lowest)                                                                    \
    static inline T divide_##t(struct warp *w, const struct insn *i, int lane, T a, T b)          \
    {                                                                                             \
        if (b == 0 && w->lane[lane])                                                              \
            fault(w, i, lane, PTX_ARITHMETIC, "division by zero");                                \
        return b == 0 ? (T)-1 : lowest(T, a, b) ? a : (T)(a / b);                                 \
    }                                                                                             \
    static inline T remain_##t(struct warp *w, const struct insn *i, int lane, T a, T b)          \
    {                                                                                             \
        if (b == 0 && w->lane[lane])                                                              \
            fault(w, i, lane, PTX_ARITHMETIC, "remainder of a division by zero");                 \
        return b == 0 ? a : lowest(T, a, b) ? 0 : (T)(a % b);                                     \
    }
#define OVERFLOWS(T, a, b) ((b) == (T)-1 && (a) == (T)((uint64_t)1 << (sizeof(T) * 8 - 1)))
#define NEVER(T, a, b) false
DIVISION(s32, int32_t, OVERFLOWS)
DIVISION(s64, int64_t, OVERFLOWS)
DIVISION(u32, uint32_t, NEVER)
DIVISION(u64, uint64_t, NEVER)

static inline uint32_t insert_bits(uint32_t a, uint32_t b, uint32_t at, uint32_t n)
{
    const uint64_t ones = n >= 32 ? 0xffffffffu : ((uint64_t)1 << n) - 1;
    const uint64_t mask = at >= 32 ? 0 : ones << at;
    return (uint32_t)((b & ~mask) | (at >= 32 ? 0 : (uint64_t)a << at & mask));
}

static inline uint32_t extract_bits(uint32_t a, uint32_t at, uint32_t n)
{
    const uint64_t ones = n >= 32 ? 0xffffffffu : ((uint64_t)1 << n) - 1;
    return at >= 32 ? 0 : (uint32_t)(a >> at & ones);
}

/* Towards zero; what is too large becomes the largest, NaN zero. */
static inline int32_t to_s32(double x)
{
    return x != x ? 0 : x >= 2147483647.0 ? INT32_MAX : x <= -2147483648.0 ? INT32_MIN : (int32_t)x;
}

static inline uint32_t to_u32(double x)
{
    return x != x || x <= 0 ? 0 : x >= 4294967295.0 ? UINT32_MAX : (uint32_t)x;
}

static inline int64_t to_s64(double x)
{
    return x != x ? 0 : x >= 0x1p63 ? INT64_MAX : x <= -0x1p63 ? INT64_MIN : (int64_t)x;
}

/* Nearest, ties to even; NaN becomes 0x7fff. */
static inline uint32_t to_bf16(uint32_t bits)
{
    return (bits & 0x7fffffff) > 0x7f800000 ? 0x7fff : (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
}

/* Nearest, ties away from zero, 10 bits behind the point. */
static inline uint32_t to_tf32(uint32_t bits)
{
    return (bits & 0x7fffffff) > 0x7f800000 ? 0x7fffffff : (bits & 0x7f800000) == 0x7f800000 ? bits : (bits + 0x1000) & ~0x1fffu;
}

/* rcp.approx.ftz.f64: of the upper half of a double, the upper half of its reciprocal; subnormal numbers are zero. */
static inline uint64_t rough_reciprocal(uint64_t bits)
{
    const uint64_t half = bits & ~(uint64_t)0xffffffff, sign = bits & (uint64_t)1 << 63;
    const uint64_t input = (half >> 52 & 0x7ff) == 0 ? sign : half;
    double x;
    uint64_t result;
    memcpy(&x, &input, sizeof x);
    x = 1 / x;
    memcpy(&result, &x, sizeof x);
    if (x != x)
        return (uint64_t)0x7fffffff << 32;
    result &= ~(uint64_t)0xffffffff;
    return (result >> 52 & 0x7ff) == 0 ? sign : result;
}

/* Number n of `each` in 32 bits of a matrix: a bf16, or the one tf32. */
static inline float factor(struct warp *w, const struct insn *i, int lane, uint32_t bits, int n, int each)
{
    float x;
    if (each == 1 && (bits & 0x1fff) && (bits & 0x7f800000) != 0x7f800000)
        fault(w, i, lane, PTX_ARITHMETIC, "%#x multiplied as tf32, to which it was not rounded", bits);
    bits = each == 1 ? bits & ~0x1fffu : n ? bits & 0xffff0000u : bits << 16;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static inline void need_all(struct warp *w, const struct insn *i)
{
    if (w->mask != UINT32_MAX)
        fault(w, i, __builtin_ctz(w->mask), PTX_LANES, "a product of matrices by lanes %08x", w->mask);
}

#endif
