/* kernels/cpu/cpu.h - the model of the cpu back end and what its files share. Internal to src/kernels/cpu.
 *
 * A pass is a list of steps. A step treats a span of images and a unit; steps of one image are ordered, images are
 * independent except where batch statistics are formed:
 *   forward of unit u    finish unit u-1 (BN, add, ReLU of its raw convolution output), convolve, sum for the BN of u
 *   head                 finish the last unit, pool, classify, loss and its gradient
 *   backward of unit u   BN backward into scratch, data and weight gradients, then close unit u-1: ReLU mask,
 *                        residual gradient, the two sums that its BN backward needs
 * so every image is touched while it lies in L2. With batch statistics each step is one parallel region over all
 * images, closed by a small serial reduction; with running statistics a whole pass is one region.
 *
 * The batch is cut into shards, their number a function of the batch size alone. Shards have their own partial sums,
 * added in shard order: results do not depend on the number of threads or on who worked where.
 * The R-operator steps (hvp) mirror the same three with derivatives along a direction. */
#ifndef KERNELS_CPU_CPU_H
#define KERNELS_CPU_CPU_H

#include "kernels/backend.h"
#include "kernels/share.h"
#include "kernels/cpu/bf16.h"
#include "kernels/cpu/isa.h"
#include "kernels/cpu/pool.h"

enum {
    MAX_SHARDS = 32,
    MAX_SLOTS = 64,
    SHARD_SUMS = 3,           /* of a channel that a shard keeps: at most mean, squares and count, or three of a product */
    SUM_CHUNK = 256,          /* pixels summed in float before the sum goes on in double */
    DRAW_FLOATS = 16 * 1024,  /* raw gradients gathered before a weight-gradient call: they stay in L2 */
    WINO2_FLOATS = 2048,      /* of one plane of transformed tiles: what passes between its steps stays in L2 */
    WINO4_FLOATS = 1024,
    HVP_BLOCK = 4,            /* directions that go through a pass together */
    EVAL_SPAN = 2,            /* images carried through the whole network together: forward only, */
    GRAD_SPAN = 4             /* or with gradients */
};

/* Images of one shard that go through a step together. */
struct span {
    int shard, worker;
    int first, n; /* image numbers, counted over all slots */
    int at;       /* place of the first in act and raw */
    int r_at;     /* place of the first in the derivatives */
    bool fresh;   /* first span of its shard: sums start at zero */
};

/* [places][stride] floats, one place per image. */
struct images {
    float *data;
    size_t stride;
};

/* The same in bf16. */
struct bf16_images {
    bf16 *data;
    size_t stride;
};

struct float_planes {
    struct images raw, act;
};

/* A unit's data for training passes and evaluations in bf16 (bf16_pass.c). */
struct bf16_layer {
    struct bf16_images raw, act, grad;
    struct float_planes few, whole; /* what the layer's raw and act are: in passes without gradients, and in others that are not in bf16 */
    bf16_pair *wf, *wb;  /* packed weights, forward (in an evaluation times batch norm's scale) and backward */
    float *shift;        /* [ocs] what an evaluation adds */
    struct bf16_wgrad wgrad;
    int in_copies;       /* arrays of pairs that the weight gradient reads of the input: 3 with stride 2, else 1 */
    size_t in_pairs;     /* of one of them; of the output's gradient either array has [height] rows of wgrad.g_row */
};

/* The per-channel numbers of a unit's batch norm; [ocs] each, padding channels zero. */
struct bn {
    float *gamma, *beta, *mean, *inverse; /* inverse = 1/sqrt(variance + eps) */
    float *scale;                         /* gamma inverse */
    float *cg, *cx, *c1;                  /* backward: d raw = cg g + cx (raw - mean) + c1 */
    double *mean_g, *mean_gx;             /* means of g and g xhat over the batch, 0 with running statistics */
    double *sum_g, *sum_gx;               /* sums of g and g xhat */
};

/* Its derivative along a direction. */
struct r_bn {
    float *gamma, *beta;                  /* the direction's */
    float *cr, *cx, *c1;                  /* see r_finish */
    double *m1, *m2;                      /* means of rraw and xhat rraw, 0 with running statistics */
    float *c[5];                          /* see r_bn_back */
    double *sum_g, *sum_gx;               /* derivatives of sum_g and sum_gx */
};

/* A unit's data for one direction. */
struct r_layer {
    float *vf, *vb;                       /* packed direction, as the layer's product weights */
    struct images raw, act, grad;         /* derivatives of the outputs before and after the unit's end, and of the gradient */
    double *partial_sums;                 /* [MAX_SHARDS][SHARD_SUMS][ocs] */
    struct r_bn bn;
};

struct r_head {
    float *weight, *grad, *v;             /* [features][classes]; v: the direction itself */
    float *bias;                          /* [classes] */
    float *feature;                       /* [places][features] */
    float *logits, *gz;                   /* [places][classes] */
};

struct direction {
    const float *v;
    float *out;
    struct r_layer *layers;
    struct r_head head;
    float *partials;                      /* [MAX_SHARDS][partial_size] */
};

/* A unit's convolution in Winograd's form (see isa.h): stride 1, not of the images. */
struct wino {
    const struct wino_form *form;         /* NULL: not used */
    bool wgrad;                           /* for weight gradients too */
    int tiles;                            /* of an image */
    int rows;                             /* image rows that go through together; all of them when several images do */
    int group;                            /* images that do */
    ptrdiff_t plane;
    struct wino_image in, out, draw;      /* input; output; the output's gradient in scratch */
    float *uf, *ub;                       /* transformed weights, forward and backward */
};

/* A unit's data for the general path (general.h). A unit that multiplies (convolution, linear, cosine) is cut into `blocks` of its
 * groups, as many groups together as make whole vectors of channels; within a block the weights between different groups are zeros. */
struct general_layer {
    int blocks, k, n;      /* input and output channels of a block */
    int per_k, per_n;      /* of one of the unit's groups */
    bool rows;             /* reads the images, whose rows have zeros on both sides: a kernel row is one run of numbers */
    int segments, run;     /* runs of numbers that an output pixel multiplies: the kernel's pixels, or rows; and their length */
    double *slot_sum_g;    /* [n_slots][ocs]: bn.sum_g of each; a bias before a norm asks for it in products */
    uint8_t *winner;       /* [places][px][ocs] of max pooling: which pixel of the window */
    struct images unit_in; /* cosine: x/|x| of each place */
    double *in_norm;       /* [places] |x| */
    float *unit_weight;    /* [channels][in_channels] */
    double *weight_norm;   /* [channels] */
    float *r_unit_in, *r_unit_weight, *unit_grad, *r_unit_grad; /* cosine, of a direction: [max_batch][ics] and [channels][in_channels] */
    double *along_in, *along_weight;                            /* <u, R{x}>: [max_batch]; [channels] */
    float *weight_grad, *r_weight_grad;                         /* [channels][in_channels] */
};

struct layer {
    const struct unit *u;
    int ics, ocs, px;  /* stored channels, pixels of the output */
    size_t size;       /* floats per image of the output: px ocs */
    bool option_a;     /* u->add has another shape */
    bool writes_in;    /* backward: the data gradient is the first contribution to the input's gradient */
    bool writes_add;   /* backward: the residual gradient is the first contribution */
    bool unused;       /* nobody reads the output */
    struct conv_shape forward, backward;
    struct wgrad_shape wgrad;
    int draw_images;   /* images per weight-gradient call */
    size_t draw_size;  /* floats per image of the raw gradient in scratch */
    struct images raw, act, grad, kept; /* kept: grad of hvp_prepare() */
    float *wf, *wb;                    /* packed weights, forward and backward */
    struct wino wino, training; /* of products; of training passes in math winograd */
    int group;         /* images that go through a step of a product together */
    size_t partial;                    /* offset into a shard's partial weight gradient */
    double *partial_sums;              /* [MAX_SHARDS][SHARD_SUMS][ocs] */
    struct bn bn;
    struct bf16_layer bf16;
    struct general_layer general;
};

struct bf16_scratch {
    bf16 *image, *shortcut, *draw; /* a unit's input of one image from floats; option A; raw gradients, as scratch.draw */
    bf16 *spread;                  /* of tiles: an image with its padding */
    bf16_pair *in, *even, *odd;    /* pairs for a weight-gradient call: of its inputs; of its gradients, from pixel 0 and from -1 on. Of tiles: in, as numbers, and even are a gathering's */
    float *last;                   /* one image of the classifier's unit */
};

struct scratch { /* one per worker */
    float *draw, *rdraw[HVP_BLOCK]; /* raw gradients, rows padded by a zero pixel on both sides */
    float *tiles[5];     /* transformed tiles, all planes of a piece each */
    float *wino_sums;
    float *shortcut;     /* an option-A shortcut in its full shape */
    float *sums;         /* [3][widest ocs] */
    double *prob;        /* [classes] */
    double *r_logit;     /* [classes] */
    double *u, *g, *r, *rg; /* [features], or [in_channels] of a wider cosine unit */
    struct bf16_scratch bf16;
    /* Room of the general path: pointers to the rows of a chunk, per segment; which segments its tiles use; where its results go; what no
     * one reads; panels of inputs and gradients; their pixels. */
    const float **rows;
    uint8_t *used;
    float **to;
    float *nowhere, *inputs, *gradients;
    struct outer_at *at;
};

/* Further data of a network that is not plain (general.h). */
struct general {
    bool on;
    int pad;                  /* zero pixels on both sides of the images' rows */
    size_t image_row;         /* floats */
    float *packed, *r_packed; /* a unit's weights, and a direction's, as the products read them */
    float *sums;              /* a unit's weight gradient, in pieces */
    float *draw, *rdraw;      /* [max_batch][widest unit]: gradient before a unit's end, and its derivative */
    float *zeros;             /* [widest unit's channels] */
};

struct head {
    int classes, features;
    float *weight;                  /* [features][classes]; columns normalised with HEAD_NORM */
    float *norm;                    /* [classes], |W_c| clamped */
    float *bias;
    float *grad;                    /* [features][classes] of the slot */
    float *pooled;                  /* [places][features] */
    float *feature;                 /* the same, with HEAD_NORM normalised */
    float *feature_norm;            /* [places] */
    float *logits, *gz;             /* [places][classes] */
    const float *past;              /* [n][features] of a pass in pieces: what reaches the features past the classifier; NULL: nothing */
    double *loss;                   /* [places] per image, undivided */
    bool *correct;                  /* [places] */
};

/* A batch and what hvp_prepare() kept of it that does not lie in [places]. Slot k has the images from k max_batch on. */
struct slot {
    int n, n_shards; /* of the loaded batch */
    bool of_features, prepared;
    bool forward, backward, along; /* of a pass in pieces: what has been done */
    struct labelled labelled;
    double divisor;
    float *head_grad; /* what head.grad is while it is this slot's turn */
};

struct model {
    const struct net *net;
    const struct kernels *k;
    const struct bf16_kernels *half; /* of math or eval_math bf16; else NULL */
    struct pool *pool;
    enum math math, eval_math;
    int threads, max_batch, places, r_places; /* places: images of all slots */
    int n_slots, slot, slots_used;
    struct slot slots[MAX_SLOTS];
    int base;             /* first image of the slot */
    int n, n_shards;      /* of its batch */
    bool of_features;     /* it brought the features: they are in head.pooled */
    float *images;        /* [places][height][width][image_cs] */
    int image_cs;
    int32_t *labels;      /* [places] */
    float *targets, *weights; /* [places][classes]; [places] */
    struct labelled labelled; /* of the slot's batch, in these; counts places */
    struct layer *layers; /* [net->n_units] */
    struct head head;
    struct scratch *scratch; /* [threads] */
    struct general general;
    float *partials;      /* [MAX_SHARDS][partial_size] */
    size_t partial_size;
    float *unit_partials[2]; /* math bf16: those of a unit alone, [MAX_SHARDS][9 ics ocs]; units take turns (bf16_pass.c) */
    double *vector_sums;  /* for dot products */

    void *arena;
    size_t arena_bytes, pass_bytes, hvp_bytes, hvp_train_bytes; /* parts of the arena with one slot, in order of first use */
    size_t exact_bytes;   /* math bf16: float planes and partials, which only gradients and products touch that are not of training passes; else 0 */
    size_t slot_bytes;    /* what each further slot takes */
    size_t direction_bytes; /* what each further direction of a block takes */
    int most_directions;  /* of a block so far */
    int used;             /* 0 pass, 1 hvp, 2 hvp with batch statistics: how much of it has been touched */
    bool exact_used;      /* exact_bytes have been */

    /* The pass in progress, or the one hvp_prepare() kept. */
    struct pass pass;
    double divisor;
    bool train, slope, backward, want_grad, keep; /* slope: the criterion's gradient; backward: through the units too */
    bool repeatable;      /* it was a gradient(), which again() may go back through */
    bool winograd;        /* a training pass of math winograd */
    bool bf16;            /* a training pass of math bf16: planes of bf16 in place of floats */
    bool bf16_eval;       /* an evaluation in bf16 */
    float *gradient;      /* of want_grad, where the general path puts it */
    struct direction directions[HVP_BLOCK];
    int n_directions;     /* of the products in progress; 0 in other passes */
};

/* A step and the serial reduction after all spans have done it (NULL = none). */
typedef void unit_step_fn(struct model *m, const struct span *s, int unit);
struct unit_step {
    unit_step_fn *run;
    void (*reduce)(struct model *m, int unit);
    int unit;
};

static inline void add_sums(double *to, const float *from, int n)
{
    for (int c = 0; c < n; c++)
        to[c] += (double)from[c];
}

static inline float *image_at(const struct images *i, int place)
{
    return i->data + (size_t)place * i->stride;
}

/* Adds an image to what a convolution fetches ahead. Its length counts from the first one added. */
static inline void ahead_add_at(struct ahead *a, const float *at, size_t stride)
{
    if (a->n == 0)
        a->lines = (int)(stride / 16);
    if (a->n < (int)(sizeof a->from / sizeof *a->from))
        a->from[a->n++] = at;
}

static inline void ahead_add(struct ahead *a, const struct images *i, int place)
{
    ahead_add_at(a, image_at(i, place), i->stride);
}

/* The gradient, in the pass in progress, of unit l's output for the image at a place. */
static inline float *grad_at(const struct model *m, const struct layer *l, int place)
{
    return m->keep ? image_at(&l->kept, place) : image_at(&l->grad, place - m->base);
}

/* Floats of a shard's sums of unit l's weight gradient: [9][in][out] with padding channels. */
static inline size_t partial_floats(const struct layer *l)
{
    return (size_t)9 * l->ics * l->ocs;
}

/* The table of math bf16 takes this unit's convolutions on tiles. */
static inline bool half_on_tiles(const struct model *m, const struct layer *l)
{
    return m->half->tiles && l->ics % CHANNEL_PAD == 0;
}

/* A shard's sums of unit l's weight gradient; partials: the model's or a direction's. */
static inline float *partial_of(const struct model *m, float *partials, const struct layer *l, int shard)
{
    return partials + (size_t)shard * m->partial_size + l->partial;
}

/* layout.c (general_layout.c for networks that are not plain): sizes, the arena, who writes which gradient first. */
int layout_build(struct model *m, int n_slots, struct err *err);
size_t layout_slot_bytes(struct model *m, struct err *err); /* what a further slot takes, before layout_build(); 0 with *err */
void layout_release(struct model *m);

/* pack.c */
void pack_weights(struct model *m);                  /* params -> wf, wb, gamma, beta, head */
void pack_directions(struct model *m);               /* directions -> vf, vb, gamma, beta, head */
void unpack_gradient(struct model *m, const float *partials, float *out); /* the convolutions' partials, summed */
/* Of one unit: part `part` of `parts` of its weights, from a shard's sums and those of the next shards, `apart` floats from each other. */
void unpack_part(const struct model *m, const struct layer *l, const float *partial, size_t apart, int part, int parts, float *out);

/* steps.c: runs a list of steps; barrier: all images finish a step before the next. */
void steps_run(struct model *m, const struct unit_step *steps, int n_steps, bool barrier);
/* The steps of the units, closed by those that follow: appended to a list, their number returned. */
int steps_forward(const struct model *m, struct unit_step *steps);
int steps_backward(const struct model *m, struct unit_step *steps);
int steps_r_forward(const struct model *m, struct unit_step *steps);
int steps_r_backward(const struct model *m, struct unit_step *steps);
/* pool_run() for the pass in progress; a batch of features may be so little work that the caller does it before another thread wakes up. */
void pass_run(struct model *m, pool_fn fn, void *context, int n_tasks);

/* bn.c: per-channel coefficients from sums. */
void bn_load(struct model *m);                       /* gamma, beta; running statistics in PASS_EVAL */
void bn_reduce_forward(struct model *m, int unit);   /* batch statistics */
void bn_reduce_backward(struct model *m, int unit);  /* sums of g; coefficients of the backward */
void bn_reduce_closed(struct model *m, int unit);    /* the same for unit - 1, closed by the backward of `unit` */
void bn_gradient(const struct model *m, float *out); /* gamma and beta */
void bn_load_direction(struct model *m, struct direction *d);
void bn_reduce_r_forward(struct model *m, int unit);
void bn_reduce_r_backward(struct model *m, int unit);
void bn_reduce_r_closed(struct model *m, int unit);
void bn_r_gradient(const struct model *m, const struct direction *d);
double *bn_sums(const struct layer *l, int shard, int which); /* [ocs] */
double *bn_r_sums(const struct layer *l, const struct r_layer *r, int shard, int which);

/* forward.c, backward.c, rop.c, head.c: the steps. */
void forward_step(struct model *m, const struct span *s, int unit);
void forward_finish(struct model *m, const struct span *s, int unit);
void finish_image(struct model *m, const struct span *s, const struct layer *l, int place);
/* Methods 2.1, option A, of numbers of so many bytes: every second row and column, zero channels on both sides. */
void expand_shortcut(const struct layer *l, const struct layer *from, const void *x, void *out, size_t number);
void clear_margins(const struct layer *l, void *draw, size_t number); /* zero pixels beside each row of a raw gradient */
void raw_gradient(struct model *m, const struct layer *l, int place, float *draw);
const float *shortcut_input(struct model *m, const struct span *s, const struct layer *l, const struct images *from,
                            int place);
const float *unit_input(const struct model *m, const struct layer *l, int image, int place);
void backward_step(struct model *m, const struct span *s, int unit);
void backward_close(struct model *m, const struct span *s, int unit, int image);
void shortcut_gradient(const struct model *m, const struct layer *l, const float *g, float *to);
void r_forward_step(struct model *m, const struct span *s, int unit);
void r_backward_step(struct model *m, const struct span *s, int unit);
void r_backward_close(struct model *m, const struct span *s, const struct direction *d, int unit, int image);
void r_forward_finish(struct model *m, const struct span *s, int unit, int first, int n);

/* wino.c: convolutions in Winograd's form. Some rows of an image, or several whole images: what is transformed and multiplied together. */
struct wino_piece {
    int n;          /* images of the group, all of them; 0 before the first piece */
    int first, end; /* rows */
    int tiles;      /* of each image */
};
bool wino_next_piece(const struct wino *w, int n, struct wino_piece *p);
struct wino_size wino_size(const struct wino *w, const struct wino_piece *p, int k, int n);
/* Transforms images from `in` on, which lie `stride` floats apart, to `to`. */
void wino_input(const struct wino *w, const struct wino_image *shape, const struct wino_piece *p, const float *in, size_t stride, float *to);
void wino_grad(const struct wino *w, const struct wino_piece *p, const float *draw, size_t stride, float *to);
/* Turns planes back to an image's place, and those that follow it. */
void wino_output(const struct wino *w, const struct wino_image *shape, const struct wino_piece *p, const float *from, float *to, size_t stride,
                 bool accumulate);
/* Units that convolve so in a training pass of math winograd take these steps in place of forward_step() and backward_step(). */
void wino_forward_step(struct model *m, const struct span *s, int unit);
void wino_backward_step(struct model *m, const struct span *s, int unit);

/* bf16_pass.c: the same steps over planes of bf16. */
void bf16_forward_step(struct model *m, const struct span *s, int unit);
void bf16_eval_step(struct model *m, const struct span *s, int unit); /* of an evaluation in bf16 */
void bf16_head_step(struct model *m, const struct span *s, int unit);
void bf16_backward_step(struct model *m, const struct span *s, int unit);
void bf16_last_gradient(const struct model *m); /* of the weights, once all steps are done */

/* Moments of a chunk of px pixels (sums s and q about shift, see shifted_sums) into the shard's. */
void bn_add_chunk(const struct layer *l, int shard, int px, const float *shift, const float *s, const float *q);
void bn_add_moments(const struct model *m, const struct layer *l, int shard, const float *raw, float *s, float *q);
void bn_add_r_sums(const struct model *m, const struct layer *l, const struct r_layer *r, const struct span *s, int i);

void head_step(struct model *m, const struct span *s, int unit);
/* The same for one image (counted over all slots), piece by piece; what passes between them lies in the worker's scratch. act: what unit
 * head_in gave of it; value: loss and its gradient; back: from there to the features (g, rg), for head_spread(). */
void head_classify(struct model *m, int image, const float *act, int worker);
void head_value(struct model *m, int image, int worker);
void head_back(struct model *m, int image, int worker);
double r_head_classify(struct model *m, const struct r_head *r, int image, const float *ract, int worker);
void r_head_value(struct model *m, const struct r_head *r, int image, int worker);
void r_head_back(struct model *m, const struct r_head *r, int image, double along, int worker);
void head_average(const struct layer *l, const float *act, int features, double *out);
void head_spread(const struct layer *l, const double *g, int features, float *to);

/* The derivatives of u = a/|a|, |a| as clamped from NORM_EPS. unit_back: g_u -> g_a. unit_r: R{a} -> R{u}, returns `along` = <u, R{a}>. unit_r_back:
 * R{g_u} -> R{g_a}, with g = g_u, ru = R{u} (methods 7.2). The last argument is changed in place. */
#define NORM_EPS 1e-12
void unit_back(int n, const double *u, double norm, double *g);
double unit_r(int n, const double *u, double norm, double *r);
void unit_r_back(int n, const double *u, double norm, double along, const double *g, const double *ru, double *rg);

void head_gradient(struct model *m, float *out);
void r_head_step(struct model *m, const struct span *s, int unit);
void r_head_outer(struct model *m); /* after all images, before r_head_gradient() */
void r_head_gradient(struct model *m, struct direction *d);
bool head_supports(enum criterion_kind kind, enum criterion_use use);
void head_load(struct model *m);
void head_take_features(struct model *m, const float *features); /* of the batch being loaded */
void head_load_direction(struct model *m, struct direction *d);

#endif
