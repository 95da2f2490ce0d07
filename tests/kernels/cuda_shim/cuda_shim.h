/* tests/kernels/cuda_shim/cuda_shim.h - as much of the CUDA runtime as src/kernels/cuda uses, on the host, so that the
 * back end's own sources run where there is no GPU, under the sanitizers.
 *
 * Device memory is the heap, filled with NaN. Streams do nothing until somebody waits for them: results read too early
 * and host memory reused too early show. A stream in capture records, with what each kernel must wait for; a graph's
 * launch runs what was recorded in an order that this allows, another one with shim_reverse.
 * What cudaMemcpy() brings from host memory that is not pinned lands late: it goes by the legacy stream, which those of cudaStreamNonBlocking
 * do not wait for, and lands when a copy back to the host or cudaFree() waits for that.
 * A kernel launched early (LAUNCH_EARLY) is held to the rules of early.h. Its first block runs until all its threads wait, while memory
 * holds NaN wherever the kernel before wrote: what it reads there too soon shows. Ends the program: a thread that writes device memory before it
 * waits, returns without, or lets the next kernel go before; an early launch behind anything but a kernel.
 * Blocks run one after the other; the threads of a block are fibres that change at barriers and shuffles only, in
 * either order (shim_reverse). A barrier or shuffle that not all threads reach ends the program with a message; so does
 * a tensor core's load or multiplication that not all lanes of a warp reach.
 * There may be several devices, and each thread has a current one, device 0 at first. A stream, event or graph of another device
 * than the current ends the program with a message, and so does memory of another device in a copy; in a kernel it is out of
 * reach (SIGSEGV): on real ones some of this works and some does not, and the back end shall not depend on it.
 * SADDLE_EMULATOR=ptx hands every launch to tests/ptx instead, which runs what nvcc made of the kernels, and watches it; =both runs each
 * launch twice and compares (compiled.h).
 * The shim's own functions are for one thread at a time. What the sources alone cannot show: races inside a warp between barriers in both
 * orders alike, memory-model effects, alignment of 16-byte accesses (the sanitizer sees that), speed. */
#ifndef CUDA_SHIM_H
#define CUDA_SHIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum cudaError {
    cudaSuccess = 0,
    cudaErrorInvalidValue = 1,
    cudaErrorMemoryAllocation = 2,
    cudaErrorInsufficientDriver = 35,
    cudaErrorNoDevice = 100,
    cudaErrorInvalidDevice = 101,
    cudaErrorStreamCaptureInvalidated = 901,
    cudaErrorStreamCaptureUnjoined = 904,
    cudaErrorUnknown = 999
} cudaError_t;

enum cudaMemcpyKind { cudaMemcpyHostToDevice = 1, cudaMemcpyDeviceToHost = 2, cudaMemcpyDeviceToDevice = 3 };
enum cudaStreamCaptureMode { cudaStreamCaptureModeThreadLocal = 1 };
enum { cudaGraphInstantiateFlagUseNodePriority = 8 };
enum { cudaStreamNonBlocking = 1, cudaEventDisableTiming = 2 };

typedef struct shim_stream *cudaStream_t;
typedef struct shim_event *cudaEvent_t;
typedef struct shim_graph *cudaGraph_t;
typedef struct shim_graph *cudaGraphExec_t;

struct cudaFuncAttributes {
    int ptxVersion;
};
struct cudaDeviceProp {
    char name[256];
    size_t totalGlobalMem;
    int major, minor, multiProcessorCount;
};

cudaError_t cudaGetDeviceCount(int *n);
cudaError_t cudaGetDeviceProperties(struct cudaDeviceProp *out, int device);
cudaError_t cudaDriverGetVersion(int *version);
cudaError_t cudaRuntimeGetVersion(int *version);
cudaError_t shim_func_attributes(struct cudaFuncAttributes *out);
cudaError_t cudaGetLastError(void);
const char *cudaGetErrorString(cudaError_t status);
cudaError_t cudaMalloc(void **out, size_t bytes);
cudaError_t cudaMemGetInfo(size_t *left, size_t *all); /* all of it is free */
cudaError_t cudaFree(void *p);
cudaError_t cudaMallocHost(void **out, size_t bytes);
cudaError_t cudaFreeHost(void *p);
cudaError_t cudaMemcpy(void *to, const void *from, size_t bytes, enum cudaMemcpyKind kind);
cudaError_t cudaMemcpyAsync(void *to, const void *from, size_t bytes, enum cudaMemcpyKind kind, cudaStream_t stream);
cudaError_t cudaMemsetAsync(void *to, int value, size_t bytes, cudaStream_t stream);
cudaError_t cudaSetDevice(int device);
cudaError_t cudaDeviceGetStreamPriorityRange(int *least, int *greatest);
cudaError_t cudaStreamCreateWithPriority(cudaStream_t *out, unsigned flags, int priority);
cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned flags);
cudaError_t cudaEventCreateWithFlags(cudaEvent_t *out, unsigned flags);
cudaError_t cudaEventDestroy(cudaEvent_t event);
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream);
cudaError_t cudaEventSynchronize(cudaEvent_t event);
cudaError_t cudaStreamDestroy(cudaStream_t stream);
cudaError_t cudaStreamSynchronize(cudaStream_t stream);
cudaError_t cudaStreamBeginCapture(cudaStream_t stream, enum cudaStreamCaptureMode mode);
cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t *out);
cudaError_t cudaGraphInstantiate(cudaGraphExec_t *out, cudaGraph_t graph, unsigned long long flags);
cudaError_t cudaGraphLaunch(cudaGraphExec_t exec, cudaStream_t stream);
cudaError_t cudaGraphDestroy(cudaGraph_t graph);
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t exec);

/* --- for the tests --- */
extern int shim_devices;      /* $SHIM_DEVICES, or 1; 0: cudaErrorNoDevice */
extern int shim_old_devices;  /* $SHIM_OLD_DEVICES, or 0; so many, from the first on, are too old for the kernels */
extern int shim_driver;       /* 13000; 0: no driver at all */
extern int shim_runtime;      /* 13000 */
extern int shim_major;        /* of the devices' compute capability: 9 */
extern int shim_code;         /* 90: what the kernels are compiled for; on PTX SADDLE_PTX_ARCH */
extern bool shim_reverse;     /* run blocks and threads from the last to the first */
extern long shim_calls;       /* runtime calls and launches so far that can fail; at the end written to the file $SHIM_CALLS */
extern long shim_fail_at;     /* $SHIM_FAIL_AT; the call with this number fails with shim_fail_with; 0: none */
extern cudaError_t shim_fail_with;
extern long shim_launches;    /* kernels run so far */
extern long shim_early;       /* of them, launched early */
extern long shim_waits;       /* of the host for a stream or an event, so far */
extern long shim_alive;       /* allocations, streams and graphs not yet released */

/* Traps accesses to memory between pieces of an arena (AddressSanitizer; nothing without it). */
void shim_guard(void *address, size_t bytes);
#define CUDA_GUARD(address, bytes) shim_guard((address), (bytes))

#ifdef __cplusplus
}

/* --- kernels --- */
#include <math.h>
#include <string.h>

#include <utility>

#define __global__
#define __device__
#define __host__
#define __shared__ static
#define __grid_constant__
#define __launch_bounds__(...)
#define __align__(n) __attribute__((aligned(n)))

struct uint3 {
    unsigned x, y, z;
};
struct dim3 {
    unsigned x, y, z;
    dim3(size_t x_ = 1, size_t y_ = 1, size_t z_ = 1) : x((unsigned)x_), y((unsigned)y_), z((unsigned)z_)
    {
    }
};
struct alignas(16) float4 {
    float x, y, z, w;
};
static inline float4 make_float4(float x, float y, float z, float w)
{
    return { x, y, z, w };
}
struct alignas(8) float2 {
    float x, y;
};
static inline float2 make_float2(float x, float y)
{
    return { x, y };
}
struct alignas(16) double2 {
    double x, y;
};
static inline double2 make_double2(double x, double y)
{
    return { x, y };
}
struct alignas(16) uint4 {
    unsigned x, y, z, w;
};
static inline uint4 make_uint4(unsigned x, unsigned y, unsigned z, unsigned w)
{
    return { x, y, z, w };
}
static inline float __uint_as_float(unsigned bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}
static inline unsigned __float_as_uint(float x)
{
    unsigned bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

/* Blocks run one after the other, so that what one has written the next one sees. */
static inline void __threadfence()
{
}
template <typename T>
static inline T __ldcg(const T *p)
{
    return *p;
}
static inline unsigned atomicInc(unsigned *p, unsigned last)
{
    const unsigned before = *p;
    *p = before >= last ? 0 : before + 1;
    return before;
}

/* Two roundings instead of one, and no call: the C library's fmaf() would be most of the time spent here. */
static inline float shim_multiply_add(float a, float b, float c)
{
    return a * b + c;
}
#define fmaf shim_multiply_add

/* One rounding each: these files are compiled without contraction. */
static inline double __dadd_rn(double a, double b)
{
    return a + b;
}
static inline double __dsub_rn(double a, double b)
{
    return a - b;
}
static inline double __dmul_rn(double a, double b)
{
    return a * b;
}

extern uint3 threadIdx, blockIdx;
extern dim3 blockDim, gridDim;

void __syncthreads();
void early_wait();
void early_let_go();
float __shfl_xor_sync(unsigned lanes, float v, int mask);
double __shfl_xor_sync(unsigned lanes, double v, int mask);

/* The tensor cores' instructions: src/kernels/cuda/tensor.h says what they do. */
uint32_t tensor_pack(float low, float high);
float tensor_round(float x);
void tensor_load(uint32_t (&to)[4], const void *row);
void tensor_load_turned(uint32_t (&to)[4], const void *row);
void tensor_multiply_bf16(float (&sum)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1);
void tensor_multiply_tf32(float (&sum)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1);

static inline int min(int a, int b)
{
    return a < b ? a : b;
}

/* A launch: what a thread calls here, and what somebody else needs to run it. */
struct shim_work {
    void (*call)(const void *const *argument);
    const char *name; /* with the kernel's template arguments, somewhere in it */
    int n_arguments;
    const void *const *argument; /* as what the kernel takes */
    const size_t *bytes;         /* of each */
};
void shim_launch(bool early, dim3 grid, dim3 block, cudaStream_t stream, const shim_work &work); /* copies the arguments, as the runtime does */

template <auto KERNEL>
const char *shim_kernel_name()
{
    return __PRETTY_FUNCTION__;
}

template <auto KERNEL, typename... P>
struct shim_launcher {
    template <size_t... I>
    static void call(const void *const *argument, std::index_sequence<I...>)
    {
        KERNEL(*(const P *)argument[I]...);
    }

    static void call_all(const void *const *argument)
    {
        call(argument, std::index_sequence_for<P...>());
    }

    static void launch(bool early, dim3 grid, dim3 block, cudaStream_t stream, P... arguments)
    {
        const void *const places[] = { &arguments... };
        static const size_t bytes[] = { sizeof(P)... };
        shim_launch(early, grid, block, stream, { call_all, shim_kernel_name<KERNEL>(), (int)sizeof...(P), places, bytes });
    }
};
template <auto KERNEL, typename... P>
shim_launcher<KERNEL, P...> shim_launcher_of(void (*)(P...));
#define LAUNCH_EARLY(early, kernel, grid, block, stream, ...) \
    decltype(shim_launcher_of<(kernel)>(kernel))::launch(early, grid, block, stream, __VA_ARGS__)
#define LAUNCH(kernel, ...) LAUNCH_EARLY(false, kernel, __VA_ARGS__)
template <typename T>
static inline cudaError_t cudaFuncGetAttributes(struct cudaFuncAttributes *out, T)
{
    return shim_func_attributes(out);
}
#endif

#endif
