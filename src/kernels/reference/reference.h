/* kernels/reference/reference.h - inside of the reference back end; no file outside this folder includes it.
 *
 * Activations are double, NHWC. Outputs of units (and the images) carry a border of one zero pixel, so that a 3x3
 * window is three runs of 3*channels contiguous numbers. Names follow spec 7.7:
 *   a = conv(x), xh = (a - mean)/s, y = gamma xh + beta [+ shortcut], out = max(y, 0)
 *   gy = dL/dy, ga = dL/da, r_... = derivative of ... along the direction v.
 * Work is split over images or over weights, never over the terms of a sum, and sums over images are taken in
 * image order: results do not depend on the number of threads. */
#ifndef KERNELS_REFERENCE_REFERENCE_H
#define KERNELS_REFERENCE_REFERENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernels/backend.h"

struct unit_state {
    double *out, *r_out;       /* [n][height + 2][width + 2][channels] */
    double *xh, *gy;           /* [n][height][width][channels] */
    double *r_xh, *r_gy;
    double *mean, *var, *inv_s; /* [channels]: of a (biased); 1/s */
    double *mean_gy, *mean_gyxh;     /* [channels]: train mode's terms of ga, 0 in eval mode */
    double *rs_over_s;               /* [channels]: R{s}/s, 0 in eval mode */
    double *r_mean_gy, *r_mean_gyxh; /* [channels] */
};

struct head_state {
    double *feature, *r_feature;   /* [n][features]: pooled */
    double *logit, *r_logit;       /* [n][classes] */
    double *g_logit, *r_g_logit;   /* [n][classes] */
    double *loss;                  /* [n]: undivided */
    double *g_feature, *r_g_feature; /* [n][features]: first what the criterion gives directly, then with what the outputs bring */
    double *column_norm, *r_column; /* HEAD_NORM: [classes] max(|W_c|, 1e-12); [classes] <uW_c, V_c> */
    double *norm;                   /* HEAD_NORM: [n] max(|f|, 1e-12) */
    double *g_weight;               /* [features * classes] in the layout of the parameter */
};

struct packed { /* a unit's weights as double, in the order of the loops; see conv.c */
    double *forward, *backward;
};

struct model {
    const struct net *net;
    uint32_t max_batch, n;
    int threads;
    int32_t *label;
    double *image;             /* [n][height + 2][width + 2][image_channels] */
    struct unit_state *unit;   /* [n_units] */
    struct head_state head;
    struct packed w, v;        /* weights and direction of the unit at work */
    double *ga, *r_ga;         /* [n][height][width][channels] of the unit at work */
    double *g_weight;          /* [9 * in_channels * channels] of the unit at work */
    double *partial;           /* [n][2][channels]: sums of one image */
    double **spread, **r_spread; /* per worker: one image of ga, with border, zeros between when stride 2 */
    bool has_products;         /* the r_ arrays exist */
    bool prepared, computed;   /* hvp_prepare() / any pass is valid for the loaded batch */
    bool of_features;          /* it is in head.feature already */
    struct pass pass;          /* of the last pass */
    struct criterion criterion; /* of the last pass: the caller's struct may be gone, its arrays are not */
    size_t bytes;
    void **block;              /* everything allocated, to free */
    size_t n_blocks, cap_blocks;
};

/* --- conv.c --- */
struct conv_size {
    int in_channels, channels, stride;
    int in_width;      /* without the border */
    int height, width; /* of the output */
};
size_t ref_packed_count(int in_channels, int channels); /* doubles */
void ref_pack(const struct unit *u, const float *weight, struct packed *out);
/* out [height][width][channels] = or += conv(in); in has a border; weights: packed.forward or packed.backward. */
void ref_conv(const struct conv_size *size, const double *in, const double *weights, double *out, bool add);
/* Spreads ga [height][width][channels] onto the (bordered) grid of the unit's input, zeros between when stride 2. */
void ref_spread(const struct unit *u, const double *ga, double *out);
/* g_weight [3][3*in_channels][channels] (+)= sum over n images of window (x) ga; in and ga hold n images. */
void ref_conv_weights(struct model *m, const struct unit *u, const double *in, const double *ga, bool add);

/* --- head.c --- */
void ref_head_forward(struct model *m);                              /* last unit's out -> logit */
void ref_head_backward(struct model *m, float *grad);                /* g_logit -> last unit's gy; grad may be NULL */
void ref_head_product(struct model *m, const float *v, float *out);  /* last r_out -> last r_gy and out */

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
};
struct ref_criterion {
    /* Returns the value, undivided. g: room for [classes], with want_gradient dL/dlogit; g_feature [features] is zero, and
     * gets dL/dfeature at fixed logits. */
    double (*row)(const struct ref_row *r, bool want_gradient, double *g, double *g_feature);
    /* R of both; NULL: it has none. r_g_feature is zero. */
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
/* p[classes]: softmax of the adjusted outputs. */
struct ref_sample ref_softmax_sample(const struct ref_row *r, double *p);

/* --- pass.c --- */
void ref_forward(struct model *m);
void ref_backward(struct model *m, float *grad); /* grad may be NULL: only what hvp() needs */
void ref_update_stats(struct model *m, float *stats);
/* What several passes share. */
const double *ref_input(const struct model *m, const struct unit *u); /* padded input of a unit */
void ref_sum_images(const struct model *m, int channels, double *sum0, double *sum1); /* partial -> sums; sum1 or NULL */
/* ga of one image, from gy, xh and the means. */
void ref_ga(const struct model *m, int unit, int image, double *ga);
/* g_weight into the parameter layout of out. */
void ref_store_weights(const struct model *m, const struct unit *u, float *out);
static inline size_t ref_padded(int height, int width, int channels)
{
    return (size_t)(height + 2) * (size_t)(width + 2) * (size_t)channels;
}
static inline size_t ref_plain(const struct unit *u)
{
    return (size_t)u->height * (size_t)u->width * (size_t)u->channels;
}
/* Channel j of a unit's output takes the shortcut from channel j - ref_shift(); out of range: zero padding. */
static inline int ref_shift(const struct unit *u, const struct unit *from)
{
    return (u->channels - from->channels) / 2;
}

/* --- product.c --- */
void ref_product(struct model *m, const float *v, float *out); /* out = H v */

#endif
