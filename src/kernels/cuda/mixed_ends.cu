#include "kernels/cuda/cuda.h"
#include "kernels/cuda/mixed.h"

/* The work of a mixed-precision pass before its first convolution and after its last: packed weights, the mean over the
 * pixels, dL/da of the first unit. */

enum { THREADS = 256 };

/* --- packing: a pair of neighbours per thread --- */

/* The weight at [tap][out][in] of a piece that the kernels read in this order; what does not exist is zero. */
template <class E>
static __device__ inline float forward_weight(const struct cuda_mixed_unit &u, const float *w, int tap, int o, int i)
{
    return o < u.channels && i < u.in_channels ? E::round(w[((size_t)o * u.in_channels + i) * 9 + tap]) : 0;
}

template <class E>
static __global__ void mixed_pack_kernel(const struct cuda_mixed_unit *units, const struct cuda_control *control, void *packed)
{
    typedef typename E::stored stored;
    const struct cuda_mixed_unit u = units[blockIdx.y];
    early_wait();
    early_let_go();
    const float *w = control->params + u.weight;
    const int in = cuda_mixed_wide(u.in_channels), out = cuda_mixed_wide(u.channels);
    const int packed_out = cuda_mixed_packed(u.channels, u.stride), packed_in = cuda_mixed_packed(u.in_channels, 1);
    const int step = gridDim.x * THREADS, start = blockIdx.x * THREADS + threadIdx.x;
    for (int p = start; p < 9 * packed_out * in / 2; p += step) {
        const int i = p * 2 % in, o = p * 2 / in % packed_out, tap = p * 2 / in / packed_out;
        const float v[2] = { forward_weight<E>(u, w, tap, o, i), forward_weight<E>(u, w, tap, o, i + 1) };
        E::put2((stored *)packed + u.forward + (size_t)p * 2, v);
    }
    for (int p = start; p < 9 * packed_in * out / 2; p += step) {
        const int o = p * 2 % out, i = p * 2 / out % packed_in, tap = 8 - p * 2 / out / packed_in;
        const float v[2] = { forward_weight<E>(u, w, tap, o, i), forward_weight<E>(u, w, tap, o + 1, i) };
        E::put2((stored *)packed + u.backward + (size_t)p * 2, v);
    }
}

extern "C" void cuda_mixed_pack(enum math math, const struct cuda_mixed_unit *units, int n_units, size_t largest,
                                const struct cuda_control *control, void *packed, bool early, cudaStream_t stream)
{
    const size_t blocks = (largest / 2 + THREADS - 1) / THREADS;
    const dim3 grid(blocks < 64 ? (unsigned)blocks : 64, n_units);
    if (math == MATH_BF16)
        LAUNCH_EARLY(early, mixed_pack_kernel<tensor_bf16>, grid, THREADS, stream, units, control, packed);
    else
        LAUNCH_EARLY(early, mixed_pack_kernel<tensor_tf32>, grid, THREADS, stream, units, control, packed);
}

/* --- the last unit's output, and its mean over the pixels; a block per image and 64 channels --- */

enum { POOL_CHANNELS = 64, POOL_LANES = POOL_CHANNELS / 8, POOL_PIXELS = THREADS / POOL_LANES };

template <class E>
static __global__ void __launch_bounds__(THREADS) mixed_pool_kernel(const __grid_constant__ struct cuda_mixed k)
{
    __shared__ float room[POOL_PIXELS][POOL_CHANNELS];
    const int image = blockIdx.x, first = blockIdx.y * POOL_CHANNELS, lane = threadIdx.x % POOL_LANES;
    const int c = first + lane * 8, pixel = threadIdx.x / POOL_LANES, pixels = k.from.height * k.from.width;
    float sum[8] = { 0 };
    early_wait();
    early_let_go();
    if (c < cuda_mixed_wide(k.from.channels)) {
        struct mixed_forward_numbers b;
        mixed_numbers(b, k.from, c);
        for (int p = pixel; p < pixels; p += POOL_PIXELS) {
            const int y = p / k.from.width, x = p % k.from.width;
            float v[8];
            mixed_out<E>(v, k, b, image, y, x, c);
            E::put8((typename E::stored *)k.from.out + mixed_at(k.from, image, y, x, c), v);
            for (int j = 0; j < 8; j++)
                sum[j] += v[j];
        }
    }
    for (int j = 0; j < 8; j++)
        room[pixel][lane * 8 + j] = sum[j];
    __syncthreads();
    const int mine = first + (int)threadIdx.x;
    if (threadIdx.x >= POOL_CHANNELS || mine >= k.from.channels)
        return;
    float total = 0;
    for (int p = 0; p < POOL_PIXELS; p++)
        total += room[p][threadIdx.x];
    k.feature[(size_t)image * k.from.channels + mine] = total / (float)pixels;
}

extern "C" void cuda_mixed_pool(const struct cuda_mixed *k, cudaStream_t stream)
{
    const dim3 grid(k->n, cuda_ceil(k->from.channels, POOL_CHANNELS));
    if (k->math == MATH_BF16)
        LAUNCH_EARLY(k->early, mixed_pool_kernel<tensor_bf16>, grid, THREADS, stream, *k);
    else
        LAUNCH_EARLY(k->early, mixed_pool_kernel<tensor_tf32>, grid, THREADS, stream, *k);
}

/* --- dL/da of the first unit, which goes through no convolution; eight channels per thread --- */

template <class E>
static __global__ void __launch_bounds__(THREADS) mixed_stem_kernel(const __grid_constant__ struct cuda_mixed k)
{
    const int groups = cuda_mixed_wide(k.into.channels) / 8;
    const size_t i = (size_t)blockIdx.x * THREADS + threadIdx.x, pixel = i / groups;
    const int c = (int)(i % groups) * 8, x = (int)(pixel % k.into.width), y = (int)(pixel / k.into.width % k.into.height);
    const int image = (int)(pixel / k.into.width / k.into.height);
    early_wait();
    early_let_go();
    if (image >= k.n)
        return;
    struct mixed_backward_numbers b;
    float v[8];
    mixed_numbers(b, k.into, c);
    mixed_ga<E>(v, k, b, image, y, x, c);
    E::put8((typename E::stored *)k.into.ga + mixed_at(k.into, image, y, x, c), v);
}

extern "C" void cuda_mixed_stem(const struct cuda_mixed *k, cudaStream_t stream)
{
    const size_t threads = (size_t)k->n * k->into.height * k->into.width * (cuda_mixed_wide(k->into.channels) / 8);
    const unsigned blocks = (unsigned)((threads + THREADS - 1) / THREADS);
    if (k->math == MATH_BF16)
        LAUNCH_EARLY(k->early, mixed_stem_kernel<tensor_bf16>, blocks, THREADS, stream, *k);
    else
        LAUNCH_EARLY(k->early, mixed_stem_kernel<tensor_tf32>, blocks, THREADS, stream, *k);
}
