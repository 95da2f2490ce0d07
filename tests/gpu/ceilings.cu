/* ceilings.cu - what this device can do at most, and how long the shortest things take: what measured steps stand beside.
 * Prints one line each; exits 77 without a device. Built by nvcc alone (make gpu-programs). */
#include <cuda_runtime.h>
#include <stdio.h>
#include <stdlib.h>

static void must(cudaError_t status, const char *what)
{
    if (status == cudaSuccess)
        return;
    fprintf(stderr, "ceilings: %s: %s\n", what, cudaGetErrorString(status));
    exit(1);
}

/* --- kernels --- */

static __global__ void copy_kernel(float4 *to, const float4 *from, size_t n)
{
    for (size_t i = (size_t)blockIdx.x * blockDim.x + threadIdx.x; i < n; i += (size_t)gridDim.x * blockDim.x)
        to[i] = from[i];
}

/* The whole buffer, again and again, past the first-level cache. */
static __global__ void read_kernel(const float4 *from, size_t n, int rounds, float *out)
{
    float sum = 0;
    for (int r = 0; r < rounds; r++)
        for (size_t i = (size_t)blockIdx.x * blockDim.x + threadIdx.x; i < n; i += (size_t)gridDim.x * blockDim.x) {
            const float4 v = __ldcg(from + i);
            sum += v.x + v.y + v.z + v.w;
        }
    if (sum == 1234567)
        *out = sum;
}

static __global__ void multiply_kernel(int rounds, float *out)
{
    float a[8];
    const float x = 1 + threadIdx.x * 1e-7f, y = blockIdx.x * 1e-9f;
    for (int k = 0; k < 8; k++)
        a[k] = k;
    for (int r = 0; r < rounds; r++)
#pragma unroll
        for (int k = 0; k < 8; k++)
            a[k] = fmaf(a[k], x, y);
    float sum = 0;
    for (int k = 0; k < 8; k++)
        sum += a[k];
    if (sum == 1234567)
        *out = sum;
}

static __global__ void nothing_kernel(void)
{
}

/* All blocks meet `rounds` times; they are on the device together (cooperative launch). */
static __global__ void barrier_kernel(unsigned *arrived, int rounds)
{
    for (int r = 1; r <= rounds; r++) {
        __syncthreads();
        if (threadIdx.x == 0) {
            __threadfence();
            atomicAdd(arrived, 1);
            while (*(volatile unsigned *)arrived < gridDim.x * (unsigned)r)
                ;
            __threadfence();
        }
        __syncthreads();
    }
}

/* --- timing --- */

static cudaStream_t stream;
static cudaEvent_t from, to;

static void start(void)
{
    must(cudaEventRecord(from, stream), "event");
}

static double stop_ms(void)
{
    float ms;
    must(cudaEventRecord(to, stream), "event");
    must(cudaEventSynchronize(to), "a ceiling");
    must(cudaEventElapsedTime(&ms, from, to), "event");
    return ms;
}

/* The best of five after one to warm up. */
template <typename F>
static double best_ms(F run)
{
    double best = 1e9;
    for (int i = 0; i < 6; i++) {
        start();
        run();
        must(cudaGetLastError(), "launch");
        const double ms = stop_ms();
        if (i > 0 && ms < best)
            best = ms;
    }
    return best;
}

/* Launched early (src/kernels/cuda/early.h): waits for what stands before it, and lets the next one go. Elsewhere nothing. */
static __global__ void waiting_kernel(void)
{
#if __CUDA_ARCH__ >= 900
    cudaGridDependencySynchronize();
    cudaTriggerProgrammaticLaunchCompletion();
#endif
}

static void launch_early(void)
{
    cudaLaunchAttribute may = {};
    cudaLaunchConfig_t how = {};
    may.id = cudaLaunchAttributeProgrammaticStreamSerialization;
    may.val.programmaticStreamSerializationAllowed = 1;
    how.gridDim = dim3(1);
    how.blockDim = dim3(32);
    how.stream = stream;
    how.attrs = &may;
    how.numAttrs = 1;
    must(cudaLaunchKernelEx(&how, waiting_kernel), "launch");
}

static double node_us(int branches, bool early)
{
    enum { NODES = 512 };
    cudaGraph_t graph;
    cudaGraphExec_t exec;
    cudaStream_t side[8];
    cudaEvent_t fork, join;
    must(cudaEventCreateWithFlags(&fork, cudaEventDisableTiming), "event");
    must(cudaEventCreateWithFlags(&join, cudaEventDisableTiming), "event");
    must(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal), "capture");
    must(cudaEventRecord(fork, stream), "event");
    for (int b = 0; b < branches; b++) {
        side[b] = stream;
        if (b > 0) {
            must(cudaStreamCreateWithFlags(&side[b], cudaStreamNonBlocking), "stream");
            must(cudaStreamWaitEvent(side[b], fork, 0), "event");
        }
        for (int i = 0; i < NODES; i++)
            if (early && i > 0)
                launch_early();
            else
                nothing_kernel<<<1, 32, 0, side[b]>>>();
        if (b > 0) {
            must(cudaEventRecord(join, side[b]), "event");
            must(cudaStreamWaitEvent(stream, join, 0), "event");
        }
    }
    must(cudaStreamEndCapture(stream, &graph), "capture");
    must(cudaGraphInstantiate(&exec, graph, 0), "graph");
    const double ms = best_ms([&] { must(cudaGraphLaunch(exec, stream), "graph"); });
    must(cudaGraphExecDestroy(exec), "graph");
    must(cudaGraphDestroy(graph), "graph");
    return ms * 1e3 / NODES;
}

static double barrier_us(int blocks)
{
    unsigned *arrived;
    int rounds = 1000;
    double best = 1e9;
    must(cudaMalloc((void **)&arrived, sizeof *arrived), "memory");
    void *arguments[] = { &arrived, &rounds };
    for (int i = 0; i < 6; i++) {
        must(cudaMemsetAsync(arrived, 0, sizeof *arrived, stream), "memory");
        start();
        must(cudaLaunchCooperativeKernel((const void *)barrier_kernel, dim3(blocks), dim3(256), arguments, 0, stream), "barrier");
        const double ms = stop_ms();
        best = i > 0 && ms < best ? ms : best;
    }
    must(cudaFree(arrived), "memory");
    return best * 1e3 / rounds;
}

int main(void)
{
    struct cudaDeviceProp d;
    const size_t big = (size_t)256 << 20, small = (size_t)16 << 20;
    float4 *a, *b;
    float *out;
    int devices = 0;
    if (cudaGetDeviceCount(&devices) != cudaSuccess || devices == 0) {
        printf("skipped: no CUDA device\n");
        return 77;
    }
    must(cudaGetDeviceProperties(&d, 0), "device");
    must(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), "stream");
    must(cudaEventCreate(&from), "event");
    must(cudaEventCreate(&to), "event");
    must(cudaMalloc((void **)&a, big), "memory");
    must(cudaMalloc((void **)&b, big), "memory");
    must(cudaMalloc((void **)&out, sizeof *out), "memory");
    must(cudaMemset(a, 0, big), "memory");
    const int blocks = d.multiProcessorCount * 8;
    printf("%s: %d multiprocessors, L2 %.0f MB\n", d.name, d.multiProcessorCount, d.l2CacheSize / 1e6);
    double ms = best_ms([&] { copy_kernel<<<blocks, 256, 0, stream>>>(b, a, big / sizeof *a); });
    printf("copy %.0f GB/s (read + write, 256 MiB)\n", 2 * big / ms * 1e-6);
    ms = best_ms([&] { read_kernel<<<blocks, 256, 0, stream>>>(a, small / sizeof *a, 50, out); });
    printf("L2 read %.0f GB/s (16 MiB, again and again)\n", 50.0 * small / ms * 1e-6);
    ms = best_ms([&] { multiply_kernel<<<blocks, 256, 0, stream>>>(20000, out); });
    printf("fp32 multiply-add %.1f TFLOP/s (no tensor cores)\n", 2.0 * 8 * 20000 * blocks * 256 / ms * 1e-9);
    printf("graph node %.2f us in a chain; %.2f us in each of 4 branches side by side", node_us(1, false), node_us(4, false));
    if (d.major >= 9)
        printf("; launched early %.2f us", node_us(1, true));
    printf("\n");
    printf("grid barrier %.2f us (%d blocks of 256 threads)\n", barrier_us(d.multiProcessorCount), d.multiProcessorCount);
    return 0;
}
