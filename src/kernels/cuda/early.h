/* kernels/cuda/early.h - a kernel that begins while the one before it in its stream still ends (NVIDIA: programmatic dependent launch; in a graph
 * a programmatic edge). Only .cu files include it.
 *
 * Such a kernel is launched by LAUNCH_EARLY() and obeys three rules, which the tests' emulator holds it to:
 *   1. Every thread calls early_wait(), in every block, before it returns. Behind it all that came before is done and can be read.
 *   2. Before it, a thread writes no device memory, and reads none that the kernel before it in the stream writes. That kernel itself has waited
 *      before it lets anybody go, so all that came before that one is done. (That it can be seen then is how the devices work: a kernel that is done
 *      has left nothing in the first-level caches, and another begins with empty ones. NVIDIA promises it behind the wait only.)
 *   3. early_let_go() stands behind early_wait(): from when the last block has called it (or is done) the next kernel may begin.
 * So nothing that a kernel writes needs a second place: whoever might overwrite it waits first. What stands before a launch in its stream is a
 * kernel: no copy, and no wait for another stream. In a kernel that was launched otherwise both calls do nothing. */
#ifndef KERNELS_CUDA_EARLY_H
#define KERNELS_CUDA_EARLY_H

#include "kernels/cuda/device.h"

#ifndef SADDLE_CUDA_SHIM
static __device__ inline void early_wait(void)
{
#if __CUDA_ARCH__ >= 900
    asm volatile("griddepcontrol.wait;" ::: "memory");
#endif
}

static __device__ inline void early_let_go(void)
{
#if __CUDA_ARCH__ >= 900
    asm volatile("griddepcontrol.launch_dependents;" ::: "memory");
#endif
}

template <typename... P, typename... A>
static inline void early_launch(void (*kernel)(P...), dim3 grid, dim3 block, cudaStream_t stream, const A &...arguments)
{
    cudaLaunchAttribute may = {};
    cudaLaunchConfig_t how = {};
    may.id = cudaLaunchAttributeProgrammaticStreamSerialization;
    may.val.programmaticStreamSerializationAllowed = 1;
    how.gridDim = grid;
    how.blockDim = block;
    how.stream = stream;
    how.attrs = &may;
    how.numAttrs = 1;
    cudaLaunchKernelEx(&how, kernel, arguments...); /* the runtime keeps a failure, as of LAUNCH() */
}

/* early: else as LAUNCH() */
#define LAUNCH_EARLY(early, kernel, grid, block, stream, ...)              \
    do {                                                                   \
        if (early)                                                         \
            early_launch((kernel), (grid), (block), (stream), __VA_ARGS__); \
        else                                                               \
            LAUNCH(kernel, grid, block, stream, __VA_ARGS__);              \
    } while (0)
#endif

#endif
