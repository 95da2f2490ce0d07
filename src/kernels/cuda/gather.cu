#include "kernels/cuda/cuda.h"
#include "kernels/cuda/lanes.h"

#include "base/rng.h"

/* A batch out of a store of bytes: crop, mirror, normalise, with the draws of base/rng.h. A block per image. */

enum { THREADS = 256 };

struct words {
    uint32_t w[4];
};

/* rng_draw() of base/rng.c with block 0: Philox 4x32-10 of (0, index, epoch, purpose) under the seed. */
static __device__ inline struct words draw_words(uint64_t seed, uint32_t purpose, uint32_t epoch, uint32_t index)
{
    uint32_t c0 = 0, c1 = index, c2 = epoch, c3 = purpose, k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
    for (int round = 0; round < 10; round++) {
        const uint64_t p0 = (uint64_t)0xD2511F53u * c0, p1 = (uint64_t)0xCD9E8D57u * c2;
        c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)p1;
        c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)p0;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    return { { c0, c1, c2, c3 } };
}

static __global__ void __launch_bounds__(THREADS) gather_kernel(const __grid_constant__ struct cuda_gather_run r)
{
    const struct cuda_gather g = *r.gather;
    const uint32_t position = r.position[blockIdx.x];
    const int values = r.height * r.width * r.channels;
    const uint8_t *from = g.images + (size_t)position * values;
    int top = 0, left = 0;
    bool mirrored = false;
    if (g.crop) {
        const struct words draws = draw_words(g.seed, RNG_AUGMENT, g.epoch, position);
        const uint64_t choices = 2 * (uint64_t)g.pad + 1;
        top = (int)(draws.w[0] * choices >> 32) - g.pad;
        left = (int)(draws.w[1] * choices >> 32) - g.pad;
        mirrored = draws.w[2] & 1;
    }
    for (int i = threadIdx.x; i < values; i += THREADS) {
        const int c = i % r.channels, x = i / r.channels % r.width, y = i / r.channels / r.width;
        const int row = top + y, column = left + (mirrored ? r.width - 1 - x : x);
        const bool padding = row < 0 || column < 0 || row >= r.height || column >= r.width;
        const int value = padding ? 0 : from[(row * r.width + column) * r.channels + c];
        r.images[(size_t)blockIdx.x * values + i] = g.table[c * 256 + value];
    }
    if (threadIdx.x == 0)
        r.labels[blockIdx.x] = g.labels[position];
}

extern "C" void cuda_gather_run(const struct cuda_gather_run *r, cudaStream_t stream)
{
    LAUNCH(gather_kernel, r->n, THREADS, stream, *r);
}
