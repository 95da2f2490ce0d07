/* timed.c on a runtime of a few functions: a stream whose clock goes on by what each launch takes. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <cuda_runtime_api.h>

#include "tests/gpu/timed.h"

static float now;             /* ms */
static int events, pauses, launches;
static cudaError_t fails;     /* what a recorded event says */

struct CUevent_st {
    float at;
};

cudaError_t cudaEventCreate(cudaEvent_t *event)
{
    *event = calloc(1, sizeof **event);
    events++;
    return *event ? cudaSuccess : cudaErrorMemoryAllocation;
}

cudaError_t cudaEventDestroy(cudaEvent_t event)
{
    free(event);
    events--;
    return cudaSuccess;
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream)
{
    (void)stream;
    now += 0.001f;
    event->at = now;
    return fails;
}

cudaError_t cudaEventElapsedTime(float *ms, cudaEvent_t from, cudaEvent_t to)
{
    *ms = to->at - from->at;
    return cudaSuccess;
}

cudaError_t cudaDeviceSynchronize(void)
{
    return cudaSuccess;
}

cudaError_t cudaLaunchHostFunc(cudaStream_t stream, cudaHostFn_t fn, void *data)
{
    (void)stream;
    (void)data;
    assert_non_null(fn);
    pauses++;
    return cudaSuccess;
}

cudaError_t cudaFuncGetName(const char **name, const void *kernel)
{
    *name = kernel;
    return cudaSuccess;
}

const char *cudaGetErrorString(cudaError_t status)
{
    return status == cudaSuccess ? "none" : "a failure";
}

/* A kernel is its name, and takes as many tenths of a millisecond as its grid has blocks. */
typedef cudaError_t launch_fn(const void *kernel, dim3 grid, dim3 block, void **arguments, size_t shared, cudaStream_t stream);
launch_fn __real_cudaLaunchKernel, __real___cudaLaunchKernel, __wrap_cudaLaunchKernel, __wrap___cudaLaunchKernel;

cudaError_t __real_cudaLaunchKernel(const void *kernel, dim3 grid, dim3 block, void **arguments, size_t shared, cudaStream_t stream)
{
    (void)block;
    assert_true(kernel && !arguments && shared == 3 && !stream);
    launches++;
    now += 0.1f * (float)grid.x;
    return cudaSuccess;
}

cudaError_t __real___cudaLaunchKernel(const void *kernel, dim3 grid, dim3 block, void **arguments, size_t shared, cudaStream_t stream)
{
    return __real_cudaLaunchKernel(kernel, grid, block, arguments, shared, stream);
}

static void launch(const char *kernel, unsigned blocks)
{
    launch_fn *either = launches % 2 ? __wrap_cudaLaunchKernel : __wrap___cudaLaunchKernel;
    assert_int_equal(either(kernel, (dim3){ blocks, 1, 1 }, (dim3){ 32, 1, 1 }, NULL, 3, NULL), cudaSuccess);
}

static void means_of_launches(void **state)
{
    static const char one[] = "_Z3onev", two[] = "_Z3twov";
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    (void)state;
    launch(one, 50); /* before it is asked for */
    now = 0;
    timed_start();
    for (int i = 0; i < 2; i++) {
        timed_pause();
        launch(one, 1);
        launch(two, 3);
        launch(one, 2);
    }
    assert_int_equal(pauses, 2);
    assert_true(timed_print(out, "bf16"));
    fclose(out);
    assert_string_equal(text, "bf16 _Z3onev 151.00 4\nbf16 _Z3twov 301.00 2\nbf16 pair 1.00 31\n");
    assert_int_equal(events, 0);
    assert_int_equal(launches, 7);
    free(text);
}

static void failures_are_told(void **state)
{
    FILE *nowhere = fopen("/dev/null", "w");
    (void)state;
    assert_non_null(nowhere);
    timed_start();
    fails = cudaErrorUnknown;
    launch("_Z3onev", 1);
    assert_false(timed_print(nowhere, "fp32"));
    fails = cudaSuccess;
    timed_start();
    for (int i = 0; i < 8193; i++) /* one more than is kept */
        launch("_Z3onev", 1);
    assert_false(timed_print(nowhere, "fp32"));
    assert_int_equal(events, 0);
    fclose(nowhere);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(means_of_launches), cmocka_unit_test(failures_are_told) };
    return cmocka_run_group_tests_name("tests/gpu/timed", tests, NULL, NULL);
}
