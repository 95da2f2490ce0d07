/* kernels/cpu/amx.h - whether the processor's AMX tiles are to be trusted with math bf16. Any thread. */
#ifndef KERNELS_CPU_AMX_H
#define KERNELS_CPU_AMX_H

#include "kernels/cpu/bf16.h"

/* A small convolution, data gradient and weight gradient of each form by these loops, beside their definition: NULL, or which is off. One
 * call at a time in a process. About a millisecond. */
const char *tiles_try(const struct bf16_tiles *k);

/* The same in a child process, which an instruction that faults ends in place of this one. False with why[64] filled. */
bool tiles_try_apart(const struct bf16_tiles *k, char *why);

/* NULL: bf16_amx can be used by all threads. Else why not; `there`: the processor has tiles all the same, so this is worth telling. The first call
 * asks the kernel for tiles and tries them; the answer stays. */
const char *amx_refusal(bool *there);

#endif
