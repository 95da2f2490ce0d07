/* kernels/reference/reference.h - inside of the reference back end; no file outside this folder includes it.
 *
 * Activations are double, NHWC. Outputs of units (and the images) lie on a grid with a border of zero pixels, as wide as the widest
 * padding of the units that read them, so that a row of a window is one run of kernel*channels contiguous numbers (with groups:
 * kernel runs). A linear unit is a 1x1 convolution of one pixel. Names follow methods 7.2:
 *   a = conv(x) [+ bias], xh = (a - mean)/s, y = gamma xh + beta [+ shortcut], out = max(y, 0)
 *   gy = dL/dy, ga = dL/da, r_... = derivative of ... along the direction v.
 * Without batch norm y = a [+ shortcut] and ga = gy; without ReLU out = y. While a pass goes forward, a is in xh, or without batch
 * norm in gy.
 * Work is split over images or over weights, never over the terms of a sum, and sums over images are taken in
 * image order: results do not depend on the number of threads. */
#ifndef KERNELS_REFERENCE_REFERENCE_H
#define KERNELS_REFERENCE_REFERENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernels/backend.h"
#include "kernels/share.h"

/* The layout of the numbers of an image. */
struct grid {
    int height, width, channels, border;
};

/* z[i][c] = <x_i/max(|x_i|,1e-12), W_c/max(|W_c|,1e-12)>: of a unit and of the normalised classifier. */
struct ref_cosine {
    int n, in, out;
    const float *w;
    size_t step_in, step_out;     /* W_c's number f is w[f step_in + c step_out] */
    const double *x, *r_x;        /* image i's [in] is at i x_step; r_x NULL: zeros */
    size_t x_step;
    double *z, *r_z;              /* [n][out] */
    double *norm;                 /* [n] max(|x|, 1e-12) */
    double *column_norm, *r_column; /* [out] max(|W_c|, 1e-12); <W_c/|W_c|, V_c> */
};

struct unit_state {
    struct grid grid;          /* of out and r_out */
    double *out, *r_out;       /* [n] grids */
    double *gy, *r_gy;         /* [n][height][width][channels] */
    double *xh, *r_xh;         /* the same; these and what follows with batch norm only */
    double *mean, *var, *inv_s; /* [channels]: of a (biased); 1/s */
    double *mean_gy, *mean_gyxh;     /* [channels]: train mode's terms of ga, 0 in eval mode */
    double *rs_over_s;               /* [channels]: R{s}/s, 0 in eval mode */
    double *r_mean_gy, *r_mean_gyxh; /* [channels] */
    int32_t *winner;                 /* max pooling: [n][height][width][channels], which pixel of the input is the greatest */
    struct ref_cosine cosine;        /* of cosine units: what is theirs, see ref_unit_cosine() */
};

struct head_state {
    double *feature, *r_feature;   /* [n][features]: pooled */
    double *logit, *r_logit;       /* [n][classes] */
    double *g_logit, *r_g_logit;   /* [n][classes] */
    double *loss;                  /* [n]: undivided */
    double *p;                     /* [classes]: room of a criterion */
    double *g_feature, *r_g_feature; /* [n][features]: first what the criterion gives directly, then with what the outputs bring */
    double *column_norm, *r_column; /* HEAD_NORM: [classes] max(|W_c|, 1e-12); [classes] <uW_c, V_c> */
    double *norm;                   /* HEAD_NORM: [n] max(|f|, 1e-12) */
    double *g_weight;               /* [features * classes] in the layout of the parameter */
};

struct model {
    const struct net *net;
    uint32_t max_batch, n;
    int threads;
    int32_t *label;            /* [max_batch] */
    float *target, *weight;    /* [max_batch][classes]; [max_batch] */
    struct labelled labelled;  /* of the loaded batch, in these */
    struct grid grid;          /* of the images */
    double *image;             /* [n] grids */
    struct unit_state *unit;   /* [n_units] */
    struct head_state head;
    double *w, *v;             /* weights and direction of the unit at work, in the order of the loops (ref_pack) */
    double *ga, *r_ga;         /* [n][height][width][channels] of the unit at work */
    double *g_weight;          /* of the unit at work: [kernel][kernel][in_channels/groups][channels], or of a cosine unit as the parameter */
    double *partial;           /* [n][2][channels]: sums of one image */
    double **spread, **r_spread; /* per worker: one image of ga as ref_spread() makes it */
    bool has_products;         /* the r_ arrays exist */
    bool prepared, computed;   /* hvp_prepare() / any pass is valid for the loaded batch */
    bool repeatable;           /* the last pass was a gradient(), which again() may go back through */
    bool forward, backward;    /* of a pass in pieces */
    const float *along;        /* the direction of its r_forward(), or NULL */
    bool of_features;          /* it is in head.feature already */
    struct pass pass;          /* of the last pass */
    struct criterion criterion; /* of the last pass: the caller's struct may be gone, its arrays are not */
    size_t bytes;
    void **block;              /* everything allocated, to free */
    size_t n_blocks, cap_blocks;
};

/* --- grid.c --- */
static inline size_t ref_padded(const struct grid *g)
{
    return (size_t)(g->height + 2 * g->border) * (size_t)(g->width + 2 * g->border) * (size_t)g->channels;
}
static inline size_t ref_plain(const struct unit *u)
{
    return (size_t)u->height * (size_t)u->width * (size_t)u->channels;
}
/* The numbers of a pixel; row -border and column -border are there too. */
static inline size_t ref_at(const struct grid *g, int row, int x)
{
    return ((size_t)(row + g->border) * (size_t)(g->width + 2 * g->border) + (size_t)(x + g->border)) * (size_t)g->channels;
}
void ref_set_grids(struct model *m); /* all of them, borders too */
const struct grid *ref_in_grid(const struct model *m, const struct unit *u);
const double *ref_input(const struct model *m, const struct unit *u); /* grids of a unit's input */
/* y [height][width][channels] of an image += what unit u adds, from `out`, an image of that unit's grid; and back: the gradient gy goes
 * to `to`, an image [height][width][channels] of that unit. */
void ref_add(const struct model *m, const struct unit *u, const double *out, double *y);
void ref_add_backward(const struct model *m, const struct unit *u, const double *gy, double *to);

/* --- conv.c --- */
struct conv_size {
    int kernel, stride, groups;
    int in_channels, channels;
    int row_step;      /* numbers from a row of the input to the next */
    int height, width; /* of the output */
};
enum way { FORWARD, BACKWARD };
size_t ref_packed_count(const struct unit *u); /* doubles, for either direction */
void ref_pack(const struct unit *u, enum way direction, const float *params, double *out);
/* out [height][width][channels] = or += conv(in); in: the first number of the first window. */
void ref_conv(const struct conv_size *size, const double *in, const double *packed, double *out, bool add);
struct conv_size ref_forward_size(const struct unit *u, const struct grid *in);
/* The data gradient is a convolution of what ref_spread() makes of ga with stride 1 and turned weights. */
struct conv_size ref_backward_size(const struct unit *u);
size_t ref_spread_count(const struct unit *u);
void ref_spread(const struct unit *u, const double *ga, double *out);
/* m->g_weight (+)= sum over n images of window (x) ga; in: n grids of the unit's input, ga: n images. */
void ref_conv_weights(struct model *m, const struct unit *u, const double *in, const double *ga, bool add);
/* m->g_weight into the parameter layout of out. */
void ref_store_weights(const struct model *m, const struct unit *u, float *out);

/* --- pool.c: one image, also of the derivative along v --- */
/* in: a grid; a [height][width][channels]. Max pooling notes its winners, or with `again` takes those noted. */
void ref_pool(const struct model *m, int unit, int image, const double *in, double *a, bool again);
/* ga -> += g_in [in_height][in_width][channels] */
void ref_pool_backward(const struct model *m, int unit, int image, const double *ga, double *g_in);

/* --- cosine.c --- */
struct ref_cosine ref_unit_cosine(const struct model *m, int unit); /* with the pass's weights */
void ref_cosine_forward(const struct ref_cosine *s);
/* g [n][out] gives g_x [n][in], and is added to g_w; image i of g_x is at i g_step; g_x may be NULL. */
void ref_cosine_backward(const struct ref_cosine *s, const double *g, double *g_x, size_t g_step, double *g_w);
void ref_cosine_product(const struct ref_cosine *s, const float *v); /* r_z */
void ref_cosine_product_backward(const struct ref_cosine *s, const float *v, const double *g, const double *r_g, double *r_g_x,
                                 size_t g_step, double *g_w);

/* --- head.c --- */
void ref_head_forward(struct model *m);                              /* head_in's out -> logit */
void ref_head_backward(struct model *m, float *grad);                /* g_logit -> += head_in's gy; grad may be NULL */
void ref_head_r_forward(struct model *m, const float *v);            /* head_in's r_out -> r_logit */
void ref_head_r_backward(struct model *m, const float *v, float *out); /* r_g_logit -> += head_in's r_gy, and out */

/* --- criterion.c: logit and feature -> loss, g_logit and the direct part of g_feature; and R of both --- */
void ref_criterion(struct model *m, bool want_gradient, struct pass_result *result);
void ref_criterion_product(struct model *m);
bool ref_supports(enum criterion_kind kind, enum criterion_use use);

/* A rowwise kind is a file criterion_NAME.c with a struct ref_criterion ref_NAME. */
struct ref_row { /* one image */
    const struct criterion *criterion;
    const struct loss_coef *coef; /* its own */
    int classes, features, label;
    double divisor;
    const double *logit, *feature;
    double *p; /* room [classes] */
};
struct ref_criterion {
    /* Returns the value, undivided. With want_gradient adds dL/dlogit to g [classes] and dL/dfeature at fixed logits to g_feature
     * [features]. */
    double (*row)(const struct ref_row *r, bool want_gradient, double *g, double *g_feature);
    /* Adds R of both; NULL: it has none. */
    void (*product)(const struct ref_row *r, const double *r_logit, const double *r_feature, double *r_g, double *r_g_feature);
};
#define REF_CRITERION(id, name, ...) extern const struct ref_criterion ref_##name;
CRITERION_TABLE(REF_CRITERION)
#undef REF_CRITERION

/* Softmax cross-entropy of an image, which other criteria are made of too. */
struct ref_sample {
    double loss;         /* l_i, before the focal factor */
    double value;        /* what is summed */
    double slope, bend;  /* first and second derivative of value by loss */
};
/* r->p becomes the softmax of the adjusted outputs. */
struct ref_sample ref_softmax_sample(const struct ref_row *r);

/* --- pass.c --- */
static inline bool ref_is_conv(const struct unit *u)
{
    return u->kind == UNIT_CONV || u->kind == UNIT_LINEAR;
}
/* The arrays of `a` while a pass goes forward, and of `ga` while it goes back, of all images; with r: their derivatives. */
static inline double *ref_a_of(const struct model *m, int unit, bool r)
{
    const struct unit_state *s = &m->unit[unit];
    return m->net->units[unit].norm ? (r ? s->r_xh : s->xh) : (r ? s->r_gy : s->gy);
}
static inline double *ref_ga_of(const struct model *m, int unit, bool r)
{
    const struct unit_state *s = &m->unit[unit];
    return m->net->units[unit].norm ? (r ? m->r_ga : m->ga) : (r ? s->r_gy : s->gy);
}
void ref_forward(struct model *m);
/* g_logit and g_feature, and upstream[k] [n][channels] into the network's output k (NULL: zeros; as a whole: to none of them). grad may be
 * NULL: only what a product needs. */
void ref_backward(struct model *m, const float *const *upstream, float *grad);
void ref_update_stats(struct model *m, float *stats);
/* Shared by several passes. */
void ref_sum_images(const struct model *m, int channels, double *sum0, double *sum1); /* partial -> sums; sum1 or NULL */
/* gy (r_gy with r) arrives as dL/dout; the ReLU's mask turns it into dL/dy. */
void ref_mask(const struct model *m, int unit, bool r);
/* ga of one image of a unit with batch norm, from gy, xh and the means. */
void ref_ga(const struct model *m, int unit, int image, double *ga);
/* gy of every unit (r_gy with r) = 0, of outputs upstream. */
void ref_start_backward(struct model *m, const float *const *upstream, bool r);
/* The gradient of the bias of a unit: the sum of ga, n images. */
void ref_store_bias(struct model *m, const struct unit *u, const double *ga, float *out);

/* --- reference.c --- */
/* Checks and keeps what every pass is given; with a criterion NULL it is one in pieces. Ends what was valid before. */
int ref_begin_pass(struct model *m, const struct pass *pass, const struct criterion *criterion, enum criterion_use use, struct err *err);
int ref_need_products(struct model *m, struct err *err); /* the r_ arrays; -1 without memory */

/* --- product.c --- */
void ref_r_forward(struct model *m, const float *v);
void ref_r_backward(struct model *m, const float *v, const float *const *r_upstream, float *out); /* upstream as in ref_backward() */
void ref_product(struct model *m, const float *v, float *out); /* out = H v */

/* --- pieces.c: of the operation table --- */
int ref_piece_forward(struct model *m, const struct pass *pass, struct err *err);
void ref_piece_output(struct model *m, int which, float *host);
int ref_piece_backward(struct model *m, const float *const *upstream, const float *features, float *grad, struct err *err);
int ref_piece_r_forward(struct model *m, const float *v, struct err *err);
void ref_piece_r_output(struct model *m, int which, float *host);
int ref_piece_r_backward(struct model *m, const float *const *r_upstream, float *out, struct err *err);

#endif
