#include "config.h"
#include "kernels/cpu/bf16.h"

#include <string.h>

#define NAME(x) portable_bf16_##x
#include "kernels/cpu/portable.inc"

typedef uint32_t vpair __attribute__((vector_size(16)));

static inline vpair pair_set(const bf16_pair *p)
{
    return (vpair){ *p, *p, *p, *p };
}

static inline vpair pair_load(const bf16_pair *p)
{
    vpair v;
    memcpy(&v, p, sizeof v);
    return v;
}

static inline void pair_store(bf16_pair *p, vpair v)
{
    memcpy(p, &v, sizeof v);
}

static inline vpair half_wide(const bf16 *p)
{
    return p ? (vpair){ p[0], p[1], p[2], p[3] } : (vpair){ 0 };
}

static inline vpair pair_of(const bf16 *p, const bf16 *q)
{
    return half_wide(p) | half_wide(q) << 16;
}

static inline vf pair_dot(vpair b, vpair k, vf acc)
{
    const vpair high = { 0xffff0000, 0xffff0000, 0xffff0000, 0xffff0000 };
    acc = acc + (vf)(b << 16) * (vf)(k << 16);
    return acc + (vf)(b & high) * (vf)(k & high);
}

static inline vf half_load(const bf16 *p)
{
    return (vf)(half_wide(p) << 16);
}

/* bf16_round() of each. */
static inline void half_store(bf16 *p, vf v)
{
    const vpair bits = (vpair)v, one = { 1, 1, 1, 1 }, half = one * 0x7fff;
    const vpair nan = (vpair)(v != v), rounded = (bits + half + (bits >> 16 & one)) >> 16;
    const vpair to = (nan & (bits >> 16 | one * 0x40)) | (~nan & rounded);
    for (int j = 0; j < VL; j++)
        p[j] = (bf16)to[j];
}

#define WGRAD_IN 4

#include "kernels/cpu/bf16.inc"

const struct bf16_kernels bf16_portable = BF16_TABLE("portable-bf16", NULL);

/* The loops on tiles, for tests on every machine. */
static inline void portable_bf16_turn_pixels(const bf16 *p, ptrdiff_t step, bf16 *to, ptrdiff_t row)
{
    for (int i = 0; i < 32; i++)
        for (int c = 0; c < 16; c++)
            to[c * row + i] = p[i * step + c];
}

#define TILES_EMULATED 1
#include "kernels/cpu/amx.inc"

const struct bf16_kernels bf16_amx_emulated = BF16_TABLE("amx-emulated", &NAME(tile_table));
