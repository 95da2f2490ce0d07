/* kernels/cpu/isa.h - the inner loops, one table per instruction set. Every table is compiled from kernels.inc.
 *
 * Layout of everything between units: NHWC floats, channels padded with zeros to a multiple of CHANNEL_PAD, so that no
 * kernel has ragged channels. `cs` below is such a padded count, `px` a number of pixels lying one after another.
 * All tables give close but not equal bits: wider sets use fused multiply-add everywhere, `portable` nowhere.
 * Pure functions on the caller's memory; any thread.
 *
 * A bf16 set (AMX tiles) is one more table of this kind with its own packed formats. */
#ifndef KERNELS_CPU_ISA_H
#define KERNELS_CPU_ISA_H

#include <stdbool.h>
#include <stddef.h>

struct err;

enum {
    CHANNEL_PAD = 16, /* of activations */
    IMAGE_PAD = 4,    /* of the network's input image */
    IN_BLOCK = 16     /* input channels whose packed weights stay in L1 together */
};

/* A 3x3 convolution, pad 1, of one image.
 *   out[y][x][o] = sum over kh, kw, i of in[y stride + kh - 1][x stride + kw - 1][i] w[kh][kw][i][o]
 * dilate 2: `in` is seen with a zero row and column between its own (the data gradient of a stride-2 convolution).
 * Rows and pixels may lie apart (strides in floats). */
struct conv_shape {
    int in_h, in_w, in_c;    /* in_c: channels to sum over, need not be padded */
    int out_h, out_w, out_c; /* out_c: multiple of CHANNEL_PAD */
    int stride, dilate;
    ptrdiff_t in_row, in_pix, out_row, out_pix;
};

/* The weight gradient of such a convolution over n images. `g` rows have one zero pixel before and after. */
struct wgrad_shape {
    int in_h, in_w, in_c;    /* in_c: multiple of IMAGE_PAD */
    int out_h, out_w, out_c; /* out_c: multiple of CHANNEL_PAD */
    int stride;
    ptrdiff_t in_row, in_pix, in_image, out_row, out_pix, out_image;
};

/* Memory that the passes after a convolution will read: fetched bit by bit while the convolution computes, so that
 * neither waits for the other. All arrays have the same length. */
struct ahead {
    const float *from[6];
    int n, lines, line; /* arrays; cache lines in each, and asked for so far (starts at 0) */
};

struct kernels {
    const char *name; /* what SADDLE_ISA accepts */

    /* Output channels computed together; packed weights are [out/block][in/IN_BLOCK][3 kh][in][3 kw][block]. */
    int (*out_block)(int out_c);
    /* out = conv(in), or out += conv(in). ahead may be NULL. */
    void (*conv)(const struct conv_shape *s, const float *in, const float *packed, float *out, bool accumulate,
                 struct ahead *ahead);
    /* acc[3 kh][in_c][3 kw][out_c] = or += sum over images and pixels of in x g. */
    void (*wgrad)(const struct wgrad_shape *s, const float *in, const float *g, int n, float *acc, bool accumulate,
                  struct ahead *ahead);

    /* act = max(0, scale (raw - mean) + shift + add); add NULL = none. Coefficients [cs]. */
    void (*finish)(int px, int cs, const float *raw, const float *add, const float *mean, const float *scale,
                   const float *shift, float *act);
    /* s = sum (x - k), q = sum (x - k)^2 over px, per channel. */
    void (*shifted_sums)(int px, int cs, const float *x, const float *k, float *s, float *q);
    /* g = [act > 0] g; sum_g = sum g, sum_gx = sum g (raw - mean). */
    void (*mask_sums)(int px, int cs, float *g, const float *act, const float *raw, const float *mean, float *sum_g,
                      float *sum_gx);
    /* out = cg g + cx (raw - mean) + c1; out rows lie out_row floats apart. */
    void (*bn_back)(int h, int w, int cs, const float *g, const float *raw, const float *mean, const float *cg,
                    const float *cx, const float *c1, float *out, ptrdiff_t out_row);
    void (*add)(size_t n, float *y, const float *x); /* y += x; n a multiple of CHANNEL_PAD */

    /* The derivatives of the same along a direction; r... holds the derivative of ... */
    /* ract = [act > 0] (cr rraw + cx (raw - mean) + c1 + radd) */
    void (*r_finish)(int px, int cs, const float *rraw, const float *raw, const float *radd, const float *act,
                     const float *mean, const float *cr, const float *cx, const float *c1, float *ract);
    /* s = sum rraw, q = sum rraw (raw - mean) */
    void (*r_sums)(int px, int cs, const float *rraw, const float *raw, const float *mean, float *s, float *q);
    /* rg = [act > 0] rg; sums[0] = sum rg, [1] = sum rg (raw - mean), [2] = sum g rraw; each [cs]. */
    void (*r_mask_sums)(int px, int cs, float *rg, const float *act, const float *g, const float *raw,
                        const float *rraw, const float *mean, float *const sums[3]);
    /* out = c[0] rg + c[1] g + c[2] (raw - mean) + c[3] rraw + c[4] */
    void (*r_bn_back)(int h, int w, int cs, const float *rg, const float *g, const float *raw, const float *rraw,
                      const float *mean, const float *const c[5], float *out, ptrdiff_t out_row);

    /* Plain vectors, any n. */
    void (*axpy)(size_t n, float *y, float a, const float *x); /* y += a x */
    double (*dot)(size_t n, const float *x, const float *y);   /* accumulated in double */
};

extern const struct kernels kernels_portable;
#if defined(__x86_64__)
extern const struct kernels kernels_avx2, kernels_avx512;
#endif

/* The widest set of this machine, or the one that the environment variable SADDLE_ISA names (for tests and
 * comparisons). NULL with *err when that is unknown or not supported here. */
const struct kernels *kernels_choose(struct err *err);

#endif
