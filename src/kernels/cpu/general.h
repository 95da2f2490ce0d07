/* kernels/cpu/general.h - the general path of the cpu back end: every network that is not plain (kernels/net.h). Internal to src/kernels/cpu.
 *
 * It goes unit by unit over all images of the batch, with barriers between; layouts are those of isa.h. What multiplies goes through two
 * kernels on matrices whose rows are found by pointers, so that no image is ever unfolded:
 *   gemm    outputs [pixels][channels] = windows [pixels][kernel x channels] times weights: forward, and with the kernel turned the data
 *           gradient. Rows are output pixels: of one image after another, or, in small images, of the same pixel of several images, which then
 *           all leave out the same part of the kernel at the edges.
 *   outer   weight gradient [kernel x channels][channels]: sums over pixels, in a fixed order within a piece; the number of pieces, which are
 *           added in their order, is a function of the unit and the batch size alone.
 * No sum depends on the number of threads or on who worked where. */
#ifndef KERNELS_CPU_GENERAL_H
#define KERNELS_CPU_GENERAL_H

#include "kernels/cpu/cpu.h"
#include "kernels/cpu/layout.h"

enum {
    CHUNK_TILES = 24,     /* tiles of rows whose pointers a worker gathers together */
    GEMM_DEPTH = 5120,    /* floats of packed weights that a tile reads at most: they stay in L1 */
    PACK_PANELS = 4,      /* of weights that a worker packs together, */
    PACK_ROWS = 64,       /* so many rows of them at a time */
    OUTER_PIXELS = 128,   /* whose panels a worker packs together, about */
    OUTER_CHANNELS = 64,  /* of input and of output that go through a task of the weight gradient */
    OUTER_TASKS = 16,     /* below this many tasks the images are cut into pieces */
    BY_POSITION_PX = 256  /* images of more pixels go one after another */
};

/* Images as a product reads them: first pixel of the first image of the slot; strides in floats. */
struct plane_view {
    const float *data;
    ptrdiff_t image, row, pix;
};

/* layout, in general_layout.c */
void general_place(struct model *m, struct cursor *c);
void general_turn(struct model *m); /* after m->slot has changed */
size_t general_pieces(const struct layer *l, int n);
size_t general_sums(const struct layer *l); /* floats of one piece */
struct plane_view general_input(const struct model *m, const struct layer *l); /* of the loaded batch */
struct plane_view general_view(const struct layer *l, const struct images *images, int place);

/* The piece that a worker packs together for the weight gradient: so many images, or some rows of one. */
struct outer_block {
    int images, rows, in_rows;
    size_t pixels, in_pixels; /* of the output; of the input, or of the output's own where the kernel is one pixel */
};
struct outer_block general_outer_block(const struct unit *u);

/* general_gemm.c. A unit's product over n images; accumulate: add to what is there. */
void general_pack(struct model *m, const struct layer *l, const float *w, bool back, float *to);
void general_forward(struct model *m, const struct layer *l, struct plane_view in, const float *packed, float *out, size_t stride, bool accumulate);
void general_back(struct model *m, const struct layer *l, const float *draw, const float *packed, float *in, size_t stride, int cs,
                  bool accumulate);

/* general_outer.c. Adds a term of the weight gradient to the unit's sums (the first of several: begins them); then puts them into out. */
void general_outer(struct model *m, const struct layer *l, struct plane_view in, const float *draw, bool first);
void general_store(struct model *m, const struct layer *l, float *out);

/* general_units.c: one image through a pool. in: strides of the input, which begins at from. winner: of max pooling, else NULL; written, or,
 * with `along`, read. back: to (like in) += the gradient of the input. */
void general_pool(const struct layer *l, const struct plane_view *in, const float *from, float *out, uint8_t *winner, bool along);
void general_pool_back(const struct layer *l, const struct plane_view *in, const float *g, float *to, const uint8_t *winner);
/* The same file, of cosine units: x -> x/|x| of a place, W_c -> W_c/|W_c|; the same along directions[0]; and back: from the gradients of these
 * (general_layer's unit_grad and r_unit_grad; out, or r_grad with weight_grad) to those of x and W. */
void general_cosine_weights(const struct model *m, const struct layer *l);
void general_cosine_r_weights(const struct model *m, const struct layer *l);
void general_cosine_weights_back(const struct model *m, const struct layer *l, const float *r_grad, float *out);
void general_cosine_in(const struct layer *l, const float *x, int place);
void general_cosine_r_in(const struct scratch *w, const struct layer *l, const float *rx, int place, int r_place);
void general_cosine_in_back(const struct scratch *w, const struct layer *l, int place, int r_place, bool along, float *to, bool add);

/* general_pass.c: a pass in its two halves, gradient into m->gradient with m->want_grad; and parts of them. */
void general_run_forward(struct model *m);
void general_run_back(struct model *m); /* from the classifier on */
void general_run_backward(struct model *m);
void general_begin_gradients(const struct model *m, const float *const *upstream, bool along);
/* general_product.c: the same along directions[0]. */
void general_product(struct model *m);
void general_r_forward(struct model *m);
void general_r_backward(struct model *m);

/* Shared by both. general_each: fn for all images, shard by shard. general_draw: fills general.draw from the gradient of unit's output. */
typedef void image_fn(struct model *m, const struct span *s, int unit);
void general_each(struct model *m, image_fn *fn, int unit);
void general_draw(struct model *m, const struct span *s, int unit);
/* The gradient g of a pooling layer's output at a place, spread into `to`, that of its input; both begin here if nothing else began them. */
void general_pool_gradient(const struct model *m, const struct layer *l, int place, float *g, float *to);
bool general_is_pool(const struct unit *u);
uint8_t *general_winner(const struct layer *l, int place);
struct plane_view general_unit_in(const struct model *m, const struct layer *l);

#endif
