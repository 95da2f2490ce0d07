/* kernels/cpu/bf16.h - the inner loops of training passes in math bf16, one table per instruction set. Every table is compiled from
 * bf16.inc.
 *
 * Planes (activations and their gradients) are NHWC as in isa.h, in bf16: a number takes the upper half of a float's bits and is rounded to
 * nearest even when it is stored. Products are of pairs of them and summed in float:
 *   forward and data gradient   two neighbouring channels of a pixel, which lie together in a plane anyway
 *   weight gradient             two neighbouring pixels of a channel, brought together by pair_pixels()
 * All tables round the same numbers to bf16, but sum in an order of their own: close, not equal bits. Pure functions on the caller's memory;
 * any thread. */
#ifndef KERNELS_CPU_BF16_H
#define KERNELS_CPU_BF16_H

#include <string.h>

#include "kernels/cpu/isa.h"

/* The compiler knows the instructions of AMX tiles (gcc 11, clang 11). */
#define HAVE_AMX 0
#if defined(__x86_64__) && defined(__has_include)
#if __has_include(<amxbf16intrin.h>) || (defined(__clang__) && __has_include(<amxintrin.h>))
#undef HAVE_AMX
#define HAVE_AMX 1
#endif
#endif

typedef uint16_t bf16;
typedef uint32_t bf16_pair __attribute__((may_alias)); /* the first in the low half; two numbers of a plane may be read as one */

static inline float bf16_float(bf16 x)
{
    const uint32_t bits = (uint32_t)x << 16;
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

static inline bf16 bf16_round(float f)
{
    uint32_t bits;
    memcpy(&bits, &f, sizeof bits);
    if ((bits & 0x7fffffff) > 0x7f800000) /* a NaN stays one */
        return (bf16)(bits >> 16 | 0x40);
    return (bf16)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

/* Pixels first + 2 k step and first + (2 k + 1) step of each row, channel by channel: [h][n][cs], rows to_row apart. What lies outside
 * 0..w-1 is zero. */
struct bf16_pairing {
    int h, w, cs;
    ptrdiff_t row;    /* of the plane */
    int first, step, n;
    ptrdiff_t to_row; /* in pairs */
};

/* The weight gradient of a convolution over n images, from pairs of pixels. Kernel column kw multiplies in[kw] by g[kw]: with stride 1 in[]
 * are all the same, with stride 2 g[] are. Distances in pairs. */
struct bf16_wgrad {
    int in_h, in_c, out_h, out_c; /* in_c: multiple of IMAGE_PAD; out_c: of CHANNEL_PAD */
    int stride, pairs;            /* of a row of g */
    ptrdiff_t in_row, in_image, g_row, g_image;
};

/* How the tiles of a convolution end: added to what is in out; or as a whole unit of an evaluation, see conv_unit() below. */
struct bf16_end {
    bool load;
    const float *shift; /* NULL: no more than the sum */
    const bf16 *add;
};

/* Where the images of one weight-gradient call of tiles come together. */
struct bf16_gathering {
    const struct conv_shape *s; /* of the forward convolution */
    int images;                 /* that there is room for */
    bf16 *work, *in;            /* an image spread out; inputs, [column and row parities][in_pix channels][positions] */
    bf16_pair *g;               /* gradients: pairs of positions, [pairs][out_c] */
};

/* The same loops on AMX tiles (amx.inc), for planes whose pixels, in and out, have a multiple of CHANNEL_PAD channels. Weights are packed in blocks
 * of CHANNEL_PAD output channels. `work` and `in` must be finite, if it is only zeros, where nothing was ever written. */
struct bf16_tiles {
    size_t (*spread_size)(const struct conv_shape *s); /* numbers of an image spread out: with the padding around it */
    void (*spread)(const struct conv_shape *s, const bf16 *in, bf16 *to);
    void (*conv)(const struct conv_shape *s, const bf16 *spread, const bf16_pair *packed, bf16 *out, const struct bf16_end *end,
                 struct ahead *ahead);
    void (*gathering_size)(const struct conv_shape *s, int images, size_t *work, size_t *in, size_t *g); /* numbers, numbers, pairs */
    void (*gather)(const struct bf16_gathering *to, int slot, const bf16 *in, const bf16 *g, ptrdiff_t g_row);
    /* acc as in wgrad() below, of the first n slots */
    void (*wgrad)(const struct bf16_gathering *from, int n, float *acc, bool accumulate, struct ahead *ahead);
};

struct bf16_kernels {
    const char *name; /* the isa of a recording */
    const struct bf16_tiles *tiles; /* NULL: none, and all planes go the way of vectors */

    /* The same as in struct kernels.
     * Packed weights: [out/block][3 kh][in_c/2][3 kw][block] pairs of input channels; an odd last one has a zero beside it. */
    int (*out_block)(int out_c);
    void (*conv)(const struct conv_shape *s, const bf16 *in, const bf16_pair *packed, bf16 *out, bool accumulate, struct ahead *ahead);
    /* A whole unit of an evaluation, rounded once: out = max(0, conv(in) + shift + add); the weights have batch norm's scale in them. shift [out_c];
     * add: a plane as out's, or NULL. */
    void (*conv_unit)(const struct conv_shape *s, const bf16 *in, const bf16_pair *packed, const float *shift, const bf16 *add, bf16 *out);
    void (*pair_pixels)(const struct bf16_pairing *p, const bf16 *from, bf16_pair *to);
    /* acc[3 kh][in_c][3 kw][out_c] = or += */
    void (*wgrad)(const struct bf16_wgrad *s, const bf16_pair *const in[3], const bf16_pair *const g[3], int n, float *acc, bool accumulate,
                  struct ahead *ahead);

    void (*finish)(int px, int cs, const bf16 *raw, const bf16 *add, const float *mean, const float *scale, const float *shift, bf16 *act);
    void (*shifted_sums)(int px, int cs, const bf16 *x, const float *k, float *s, float *q);
    void (*mask_sums)(int px, int cs, bf16 *g, const bf16 *act, const bf16 *raw, const float *mean, float *sum_g, float *sum_gx);
    void (*bn_back)(int h, int w, int cs, const bf16 *g, const bf16 *raw, const float *mean, const float *cg, const float *cx,
                    const float *c1, bf16 *out, ptrdiff_t out_row);
    void (*add)(size_t n, bf16 *y, const bf16 *x);
    void (*round)(size_t n, const float *from, bf16 *to); /* n a multiple of CHANNEL_PAD, as for the next */
    void (*widen)(size_t n, const bf16 *from, float *to);
};

extern const struct bf16_kernels bf16_portable, bf16_amx_emulated;
#if defined(__x86_64__)
extern const struct bf16_kernels bf16_avx512;
#if HAVE_AMX
extern const struct bf16_kernels bf16_amx;
#endif
#endif

/* The table that goes with the set that kernels_choose() gives; NULL when this processor, or SADDLE_ISA's choice, has none. */
const struct bf16_kernels *bf16_choose(void);

#endif
