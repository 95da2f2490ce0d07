#include "config.h"
#include "kernels/backend.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "kernels/cuda/device.h"
#include "kernels/cuda/model.h"

enum { LEAST_MAJOR = 8 }; /* oldest architecture the kernels are compiled for: 8.0 */
enum { EARLY_MAJOR = 9, EARLY_IN_GRAPHS = 12030 }; /* that has early.h's waits; the CUDA that captures them */

static const char *version_text(int version, char *room, size_t size)
{
    snprintf(room, size, "%d.%d", version / 1000, version % 1000 / 10);
    return room;
}

/* The runtime leaves its arguments alone when it fails, so everything starts from 0. */
static int count_devices(int *n, struct err *err)
{
    int driver = 0, runtime = 0;
    char have[32], need[32];
    *n = 0;
    cudaError_t status = cudaGetDeviceCount(n);
    if (status == cudaSuccess && *n > 0)
        return 0;
    *n = 0;
    cudaGetLastError();
    cudaDriverGetVersion(&driver);
    cudaRuntimeGetVersion(&runtime);
    if (driver == 0)
        return err_set(err, ERR_DEVICE, "no CUDA device: this machine has no NVIDIA driver (libcuda.so.1)");
    if (status == cudaErrorInsufficientDriver)
        return err_set(err, ERR_DEVICE, "no CUDA device: the NVIDIA driver supports CUDA %s; this saddle needs %s",
                       version_text(driver, have, sizeof have), version_text(runtime, need, sizeof need));
    if (status == cudaSuccess || status == cudaErrorNoDevice)
        return err_set(err, ERR_DEVICE, "no CUDA device: the NVIDIA driver lists none");
    return err_set(err, ERR_DEVICE, "no CUDA device: %s", cudaGetErrorString(status));
}

int cuda_devices(struct err *err)
{
    int n;
    return count_devices(&n, err) < 0 ? -1 : n;
}

static int not_there(int device, int n, struct err *err)
{
    if (n == 1)
        return err_set(err, ERR_DEVICE, "there is no cuda:%d: this machine has one CUDA device, cuda:0", device);
    return err_set(err, ERR_DEVICE, "there is no cuda:%d: this machine has %d CUDA devices, cuda:0 to cuda:%d", device, n, n - 1);
}

int cuda_probe(int device, struct err *err)
{
    struct cudaDeviceProp d;
    int n;
    if (count_devices(&n, err) < 0)
        return -1;
    if (device < 0 || device >= n)
        return not_there(device, n, err);
    cudaError_t status = cudaGetDeviceProperties(&d, device);
    if (status != cudaSuccess) {
        cudaGetLastError();
        return err_set(err, ERR_DEVICE, "cuda:%d does not answer: %s", device, cudaGetErrorString(status));
    }
    if (d.major < LEAST_MAJOR)
        return err_set(err, ERR_DEVICE, "cuda:%d, %s, has compute capability %d.%d; %d.0 or newer is needed", device, d.name, d.major,
                       d.minor, LEAST_MAJOR);
    return 0;
}

cudaError_t cuda_why_not_early(const struct cudaDeviceProp *device, const char **why)
{
    const char *early = getenv("SADDLE_CUDA_EARLY");
    int driver = 0, runtime = 0, code = 0;
    cudaDriverGetVersion(&driver);
    cudaRuntimeGetVersion(&runtime);
    const cudaError_t status = cuda_mixed_compiled_for(&code);
    *why = early && strcmp(early, "off") == 0                         ? "SADDLE_CUDA_EARLY is off"
           : device->major < EARLY_MAJOR                               ? "compute capability 9.0 or newer is needed"
           : driver < EARLY_IN_GRAPHS || runtime < EARLY_IN_GRAPHS     ? "driver and runtime of CUDA 12.3 or newer are needed"
           : status == cudaSuccess && code < 10 * EARLY_MAJOR          ? "the code for it is of an older architecture: CUDA_ARCHS"
                                                                       : NULL;
    return status;
}

static void describe_early(struct buf *out, const struct cudaDeviceProp *device, int index)
{
    const char *why;
    cudaError_t status = cudaSetDevice(index);
    if (status == cudaSuccess)
        status = cuda_why_not_early(device, &why);
    if (status != cudaSuccess) {
        cudaGetLastError();
        why = cudaGetErrorString(status);
    }
    buf_addf(out, "cuda:%d: kernels of math tf32 and bf16 begin %s%s%s\n", index, why ? "one after the other (" : "while the one before ends",
             why ? why : "", why ? ")" : "");
}

static void describe_device(struct buf *out, int index)
{
    struct cudaDeviceProp d;
    cudaError_t status = cudaGetDeviceProperties(&d, index);
    if (status != cudaSuccess) {
        cudaGetLastError();
        buf_addf(out, "cuda:%d: does not answer: %s\n", index, cudaGetErrorString(status));
        return;
    }
    buf_addf(out, "cuda:%d: %s, compute capability %d.%d, %d multiprocessors, %.1f GiB%s\n", index, d.name, d.major,
             d.minor, d.multiProcessorCount, (double)d.totalGlobalMem / (1024.0 * 1024 * 1024),
             d.major < LEAST_MAJOR ? " (too old for this saddle)" : "");
    if (d.major >= LEAST_MAJOR)
        describe_early(out, &d, index);
}

/* A symbol as a function: what POSIX wants and ISO C has no word for. */
static void *symbol(void *library, const char *name, void *function, size_t size)
{
    void *address = library ? dlsym(library, name) : NULL;
    memcpy(function, &address, size);
    return address;
}

static int cudnn_version(void *library)
{
    size_t (*version)(void);
    return symbol(library, "cudnnGetVersion", &version, sizeof version) ? (int)version() : 0;
}

static int nccl_version(void *library)
{
    int (*version)(int *), v = 0;
    return symbol(library, "ncclGetVersion", &version, sizeof version) && version(&v) == 0 ? v : 0;
}

/* Both libraries write 9.19.0 as 91900 and 2.28.9 as 22809. */
static void describe_library(struct buf *out, const char *name, int (*version_of)(void *), const char *use)
{
    void *library = dlopen(name, RTLD_LAZY | RTLD_LOCAL);
    const int v = library && version_of ? version_of(library) : 0;
    buf_addf(out, "library %s: %s", name, library ? "found" : "missing");
    if (v)
        buf_addf(out, ", version %d.%d.%d", v / 10000, v / 100 % 100, v % 100);
    buf_addf(out, " (%s)\n", use);
    if (library)
        dlclose(library);
}

int backend_cuda_describe(struct buf *out)
{
    struct err err = { 0 };
    int driver = 0, runtime = 0, n;
    char have[32], built[32];
    cudaDriverGetVersion(&driver);
    cudaRuntimeGetVersion(&runtime);
    buf_addf(out, "cuda: built with CUDA %s, ", version_text(runtime, built, sizeof built));
    if (driver)
        buf_addf(out, "driver for CUDA %s\n", version_text(driver, have, sizeof have));
    else
        buf_adds(out, "no driver\n");
    if (count_devices(&n, &err) < 0)
        buf_addf(out, "cuda: %s\n", err.text);
    for (int i = 0; i < n; i++)
        describe_device(out, i);
    describe_library(out, "libcuda.so.1", NULL, "NVIDIA's driver");
    describe_library(out, "libcudnn.so.9", cudnn_version, "cuDNN; not needed for these networks");
    describe_library(out, "libnccl.so.2", nccl_version, "NCCL; not needed for one GPU");
    return out->failed ? -1 : 0;
}
