/* kernels/cuda/device.h - the one place that says which CUDA runtime this is: NVIDIA's, or the emulator of the tests
 * (tests/kernels/cuda_shim), against which the same sources compile as host C and C++ with SADDLE_CUDA_SHIM. */
#ifndef KERNELS_CUDA_DEVICE_H
#define KERNELS_CUDA_DEVICE_H

#ifdef SADDLE_CUDA_SHIM
#include "cuda_shim.h"
#else
#include <cuda_runtime_api.h>

/* Bytes of the arena that belong to nobody: the emulator traps whoever touches them. */
#define CUDA_GUARD(address, bytes) ((void)(address), (void)(bytes))

/* Parentheses round the kernel keep the commas of template arguments together. */
#define LAUNCH(kernel, grid, block, stream, ...) kernel<<<(grid), (block), 0, (stream)>>>(__VA_ARGS__)
#endif

#endif
