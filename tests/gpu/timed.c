#include "config.h"
#include "tests/gpu/timed.h"

#include <cuda_runtime_api.h>
#include <time.h>

enum { MOST = 8192, PAIRS = 32 };

static struct {
    cudaEvent_t before, behind;
    const void *kernel;
} launch[MOST];
static int n, lost;
static bool on, wait_first;
static cudaError_t failed;

static void check(cudaError_t status)
{
    if (failed == cudaSuccess)
        failed = status;
}

static void CUDART_CB pause_device(void *unused)
{
    const struct timespec time = { 0, 20 * 1000 * 1000 };
    (void)unused;
    nanosleep(&time, NULL);
}

void timed_start(void)
{
    n = lost = 0;
    failed = cudaSuccess;
    for (int i = 0; i < MOST; i++) { /* now: it takes as long as a launch */
        check(cudaEventCreate(&launch[i].before));
        check(cudaEventCreate(&launch[i].behind));
    }
    on = true;
}

void timed_pause(void)
{
    wait_first = true;
}

/* The runtime's own, whichever of the two this version's nvcc calls; the other may not be there. */
typedef cudaError_t launch_fn(const void *kernel, dim3 grid, dim3 block, void **arguments, size_t shared, cudaStream_t stream);
launch_fn __real_cudaLaunchKernel __attribute__((weak)), __real___cudaLaunchKernel __attribute__((weak));
launch_fn __wrap_cudaLaunchKernel, __wrap___cudaLaunchKernel;

static cudaError_t timed(launch_fn *real, const void *kernel, dim3 grid, dim3 block, void **arguments, size_t shared, cudaStream_t stream)
{
    if (!on || n == MOST) {
        lost += on;
        return real(kernel, grid, block, arguments, shared, stream);
    }
    if (wait_first)
        check(cudaLaunchHostFunc(stream, pause_device, NULL));
    wait_first = false;
    check(cudaEventRecord(launch[n].before, stream));
    const cudaError_t status = real(kernel, grid, block, arguments, shared, stream);
    check(cudaEventRecord(launch[n].behind, stream));
    launch[n++].kernel = kernel;
    return status;
}

cudaError_t __wrap_cudaLaunchKernel(const void *kernel, dim3 grid, dim3 block, void **arguments, size_t shared, cudaStream_t stream)
{
    return timed(__real_cudaLaunchKernel, kernel, grid, block, arguments, shared, stream);
}

cudaError_t __wrap___cudaLaunchKernel(const void *kernel, dim3 grid, dim3 block, void **arguments, size_t shared, cudaStream_t stream)
{
    return timed(__real___cudaLaunchKernel, kernel, grid, block, arguments, shared, stream);
}

static void print_pair(FILE *out, const char *math)
{
    float ms = 0;
    check(cudaLaunchHostFunc(NULL, pause_device, NULL));
    for (int i = 0; i < PAIRS; i++)
        check(cudaEventRecord(launch[i].before, NULL));
    check(cudaDeviceSynchronize());
    check(cudaEventElapsedTime(&ms, launch[0].before, launch[PAIRS - 1].before));
    fprintf(out, "%s pair %.2f %d\n", math, (double)ms * 1e3 / (PAIRS - 1), PAIRS - 1);
}

/* All launches of the kernel of launch `first`, unless an earlier one was of it. */
static void print_kernel(FILE *out, const char *math, int first)
{
    const char *name = NULL;
    double us = 0;
    int count = 0;
    for (int i = 0; i < first; i++)
        if (launch[i].kernel == launch[first].kernel)
            return;
    for (int i = first; i < n; i++)
        if (launch[i].kernel == launch[first].kernel) {
            float ms = 0;
            check(cudaEventElapsedTime(&ms, launch[i].before, launch[i].behind));
            us += (double)ms * 1e3;
            count++;
        }
    check(cudaFuncGetName(&name, launch[first].kernel));
    if (name)
        fprintf(out, "%s %s %.2f %d\n", math, name, us / count, count);
}

bool timed_print(FILE *out, const char *math)
{
    on = false;
    check(cudaDeviceSynchronize());
    for (int i = 0; i < n && failed == cudaSuccess; i++)
        print_kernel(out, math, i);
    print_pair(out, math);
    for (int i = 0; i < MOST; i++) {
        check(cudaEventDestroy(launch[i].before));
        check(cudaEventDestroy(launch[i].behind));
    }
    if (failed != cudaSuccess)
        fprintf(stderr, "timed: %s\n", cudaGetErrorString(failed));
    if (lost)
        fprintf(stderr, "timed: %d launches more than %d\n", lost, MOST);
    return failed == cudaSuccess && lost == 0;
}
