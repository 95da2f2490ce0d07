#include "config.h"
#include "kernels/cpu/bf16.h"

#include <string.h>

#define SET_NAME "portable-bf16"
#define NAME(x) portable_bf16_##x
#define BF16_KERNELS bf16_portable
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
