/* kernels/cpu/unroll.h - how the inner loops are written: functions with constant arguments, inlined and unrolled, so that sums live in
 * registers. */
#ifndef KERNELS_CPU_UNROLL_H
#define KERNELS_CPU_UNROLL_H

#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("GCC unroll 64")

#endif
