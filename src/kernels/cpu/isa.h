/* kernels/cpu/isa.h - the inner loops, one table per instruction set. Every table is compiled from kernels.inc.
 *
 * Layout of everything between units: NHWC floats, channels padded with zeros to a multiple of CHANNEL_PAD, so that no
 * kernel has ragged channels. `cs` below is such a padded count, `px` a number of pixels lying one after another.
 * All tables give close but not equal bits: wider sets use fused multiply-add everywhere, `portable` nowhere.
 * Pure functions on the caller's memory; any thread. Training passes of math bf16 have tables of their own (bf16.h). */
#ifndef KERNELS_CPU_ISA_H
#define KERNELS_CPU_ISA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

enum {
    CHANNEL_PAD = 16, /* of activations */
    IMAGE_PAD = 4,    /* of the network's input image */
    IN_BLOCK = 16,    /* input channels whose packed weights stay in L1 together */
    MOST_GEMM_ROWS = 16
};

#define PANEL 16 /* columns of a packed matrix that lie together; the kernels' preprocessor asks */

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

/* An image whose tiles are transformed; rows and pixels may lie apart (strides in floats). */
struct wino_image {
    int h, w, cs;
    ptrdiff_t row, pix;
};

/* One term of a sum of matrix products, see wino_multiply and struct wino_form. */
struct wino_term {
    const float *a, *b;
};

/* What is multiplied in Winograd's form: `planes` matrices [tiles][k] and [tiles][n], which begin `plane` floats apart. k, n: multiples of
 * CHANNEL_PAD. */
struct wino_size {
    int planes, tiles, k, n;
    ptrdiff_t plane;
};

/* 3x3 convolutions of stride 1 as F(tile x tile, 3x3), for sides that are multiples of tile: each tile of rows first..end-1 (multiples of
 * tile) becomes `planes` numbers per channel, in as many planes [tiles][cs]. */
struct wino_form {
    int tile, planes;
    void (*input)(const struct wino_image *s, int first, int end, const float *in, float *to, ptrdiff_t plane);
    void (*grad)(const struct wino_image *s, int first, int end, const float *g, float *to, ptrdiff_t plane);
    void (*output)(const struct wino_image *s, int first, int end, const float *from, ptrdiff_t plane, float *out, bool accumulate);
    /* acc, as of wgrad(), = or += what the sums over terms and tiles of a (input, k channels) x b (grad, n channels) mean for the weights.
     * sums: planes (k out_block(n) + CHANNEL_PAD) floats to work in. */
    void (*wgrad)(const struct wino_size *s, const struct wino_term *terms, int n_terms, float *sums, float *acc, bool accumulate);
    /* G w G' of CHANNEL_PAD kernels w[3 kh][3 kw][CHANNEL_PAD]: u[planes][CHANNEL_PAD]. */
    void (*weights)(const float *w, float *u);
};

/* Memory that the passes after a convolution will read: fetched bit by bit while the convolution computes, so that
 * neither waits for the other. All arrays have the same length. */
struct ahead {
    const float *from[6];
    int n, lines, line; /* arrays; cache lines in each, and asked for so far (starts at 0) */
};

/* A tile of a matrix product whose left rows, and rows of the result, lie anywhere:
 *   c[r][c_at + j] = or += sum over s < segments, i < k of a[s a_step + r][at + i] b[s][i][j]      r < gemm_rows, j < PANEL
 * Segments with used[s used_step] = 0 count as zeros. */
struct gemm_tile {
    int segments, k;
    const float *const *a;
    ptrdiff_t a_step, at;
    const uint8_t *used;
    ptrdiff_t used_step;
    const float *b;      /* [segments][k][PANEL] */
    ptrdiff_t panel;     /* from there to the next panel */
    float *const *c;
    ptrdiff_t c_at;
    bool load;           /* add to what is in c */
};

/* Offsets of a pixel's input and gradient, in floats. */
struct outer_at {
    int32_t a, g;
};

struct kernels {
    const char *name;          /* what SADDLE_ISA accepts */
    const char *winograd_name; /* with the form that training passes and products of math winograd take: where that changes, so do their bits */

    /* Output channels computed together; packed weights are [out/block][in/IN_BLOCK][3 kh][in][3 kw][block]. */
    int (*out_block)(int out_c);
    /* out = conv(in), or out += conv(in). ahead may be NULL. */
    void (*conv)(const struct conv_shape *s, const float *in, const float *packed, float *out, bool accumulate,
                 struct ahead *ahead);
    /* acc[3 kh][in_c][3 kw][out_c] = or += sum over images and pixels of in x g. */
    void (*wgrad)(const struct wgrad_shape *s, const float *in, const float *g, int n, float *acc, bool accumulate,
                  struct ahead *ahead);

    struct wino_form wino2, wino4; /* F(2x2, 3x3), F(4x4, 3x3) */
    /* to = sum over terms of a (input of k channels) times b: the transformed weights k -> n, packed as
     * [planes][n/block][k][block] with out_block(n). */
    void (*wino_multiply)(const struct wino_size *s, const struct wino_term *terms, int n_terms, float *to, struct ahead *ahead);

    /* panels: 1, or up to gemm_panels that follow each other: c then has as many times PANEL columns. */
    int gemm_rows, gemm_panels;
    void (*gemm)(const struct gemm_tile *t, int panels);
    /* sum[i][j] = or += sum over p < n of a[at[p].a + i] g[at[p].g + j], i < outer_rows (2, 4, 8 or 16), j < PANEL. */
    int outer_rows;
    void (*outer)(int n, const struct outer_at *at, const float *a, const float *g, float *sum, ptrdiff_t row, bool load);

    /* act = max(0, scale (raw - mean) + shift + add); add NULL = none. Coefficients [cs]. */
    void (*finish)(int px, int cs, const float *raw, const float *add, const float *mean, const float *scale,
                   const float *shift, float *act);
    void (*affine)(int px, int cs, const float *raw, const float *add, const float *mean, const float *scale, const float *shift,
                   float *act); /* the same without the ReLU */
    /* s = sum (x - k), q = sum (x - k)^2 over px, per channel. */
    void (*shifted_sums)(int px, int cs, const float *x, const float *k, float *s, float *q);
    /* g = [act > 0] g; sum_g = sum g, sum_gx = sum g (raw - mean). */
    void (*mask_sums)(int px, int cs, float *g, const float *act, const float *raw, const float *mean, float *sum_g,
                      float *sum_gx);
    /* out = cg g + cx (raw - mean) + c1; out rows lie out_row floats apart. raw NULL: cx = c1 = 0. */
    void (*bn_back)(int h, int w, int cs, const float *g, const float *raw, const float *mean, const float *cg,
                    const float *cx, const float *c1, float *out, ptrdiff_t out_row);
    void (*add)(size_t n, float *y, const float *x); /* y += x; n a multiple of CHANNEL_PAD */

    /* The derivatives of the same along a direction; r... holds the derivative of ... */
    /* ract = [act > 0] (cr rraw + cx (raw - mean) + c1 + radd) */
    void (*r_finish)(int px, int cs, const float *rraw, const float *raw, const float *radd, const float *act,
                     const float *mean, const float *cr, const float *cx, const float *c1, float *ract);
    void (*r_affine)(int px, int cs, const float *rraw, const float *raw, const float *radd, const float *mean, const float *cr,
                     const float *cx, const float *c1, float *ract); /* the same without the ReLU's mask */
    /* s = sum rraw, q = sum rraw (raw - mean) */
    void (*r_sums)(int px, int cs, const float *rraw, const float *raw, const float *mean, float *s, float *q);
    /* rg = [act > 0] rg; sums[0] = sum rg, [1] = sum rg (raw - mean), [2] = sum g rraw; each [cs]. */
    void (*r_mask_sums)(int px, int cs, float *rg, const float *act, const float *g, const float *raw,
                        const float *rraw, const float *mean, float *const sums[3]);
    /* out = c[0] rg + c[1] g + c[2] (raw - mean) + c[3] rraw + c[4]. raw NULL: c[2] to c[4] are 0. */
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
