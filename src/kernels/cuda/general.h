/* kernels/cuda/general.h - kernels and launchers of networks that are not plain (net_is_plain()): any kernel, stride, padding and number
 * of groups, with or without bias, norm and ReLU, pools, linear and cosine units. One operation a launch, layer by layer; exact float.
 * Planes, names, `control` and launchers are as in cuda.h; a linear unit is a convolution of one pixel. general.c says which are launched
 * when. Sums over a batch or over input channels go in an order that the shapes alone decide. */
#ifndef KERNELS_CUDA_GENERAL_H
#define KERNELS_CUDA_GENERAL_H

#include "kernels/cuda/cuda.h"

#ifdef __cplusplus
extern "C" {
#endif

/* --- convolution, its data gradient, its weight gradient: general_conv.cu, general_weights.cu --- */

enum cuda_convolve { CONVOLVE_OUTPUT, CONVOLVE_INPUT, CONVOLVE_WEIGHTS };

struct cuda_convolution_source {
    const float *plane;  /* OUTPUT, WEIGHTS: of the input; INPUT: ga */
    const float *factor; /* OUTPUT: weights packed forward; INPUT: packed backward; WEIGHTS: ga */
};

struct cuda_convolution { /* the sum over sources */
    enum cuda_convolve what;
    struct cuda_convolution_source source[2];
    int n_sources;
    int n, in_height, in_width, in_channels, height, width, channels; /* of the convolution's input and output, whatever is computed */
    int kernel, stride, pad, groups;
    float *to;       /* OUTPUT, INPUT: the plane written. WEIGHTS: [channels][in_channels/groups][kernel][kernel], or NULL: that place in
                        control->grad */
    bool add;        /* to += (not of WEIGHTS) */
    const struct cuda_control *control;
    ptrdiff_t bias;  /* OUTPUT: added to each pixel, at this offset into control->params, with bias_along into ->v; or CUDA_NO_OFFSET */
    bool bias_along;
    size_t weight;   /* WEIGHTS: offset into control->grad */
    float *partial;  /* scratch: the floats that the function below says for OUTPUT and INPUT, or WEIGHTS */
};
/* Enough for one or two sources and any batch up to n. */
size_t cuda_general_conv_partial(const struct cuda_convolution *c);
size_t cuda_general_weights_partial(const struct cuda_convolution *c);
void cuda_general_conv(const struct cuda_convolution *c, cudaStream_t stream);    /* OUTPUT, INPUT */
void cuda_general_weights(const struct cuda_convolution *c, cudaStream_t stream); /* WEIGHTS */

/* A unit's weights as the kernels read them; an array of these lies in device memory.
 * forward [kernel kernel][in_channels/groups][channels], backward [kernel kernel][channels/groups][in_channels]. */
struct cuda_general_unit {
    size_t weight;            /* offset into the parameters, or of a cosine unit into `hats` */
    size_t forward, backward; /* offsets into the packed weights */
    int taps, in_channels, channels, groups; /* taps 0: it has no weights */
    int32_t of_hats;
};
void cuda_general_pack(const struct cuda_general_unit *units, int n_units, size_t largest, const struct cuda_control *control, bool direction,
                       const float *hats, float *packed, cudaStream_t stream);

/* --- between two operations: general_norm.cu --- */

enum { CUDA_GENERAL_PULLS = CUDA_MAX_PULLS + NET_MAX_OUTPUTS };

struct cuda_between { /* a unit's numbers one by one: a -> out, dL/dout -> gy -> ga, and R of it; see struct cuda_norm */
    int n, height, width, channels;
    bool norm, relu, has_bias;
    size_t gamma, beta, bias;      /* offsets */
    size_t mean_at, variance_at;   /* into the statistics */
    const struct cuda_control *control;
    double share;                  /* of a sum over the batch in its mean; 0 with running statistics */
    float *a, *r_a;                /* without norm: out, r_out */
    float *out, *r_out;
    float *mean, *inv_s;           /* with norm; */
    float *r_mean, *rs_over_s;     /* and a product */
    struct cuda_plane add, r_add;
    /* backward */
    bool fresh;
    float *gy, *r_gy;
    struct cuda_plane pull[CUDA_GENERAL_PULLS], r_pull[CUDA_GENERAL_PULLS];
    int n_pulls;
    const float *g_feature, *r_g_feature; /* of the unit that the classifier reads, spread over the pixels; or NULL */
    float *partial;                /* cuda_between_partial() floats */
    float *sum_gy, *mean_gy, *mean_gyxh, *r_mean_gy, *r_mean_gyxh; /* [channels] */
    float *ga, *r_ga;              /* with norm; without it they are gy, r_gy */
};
size_t cuda_between_partial(int n, int height, int width, int channels);
void cuda_between_statistics(const struct cuda_between *k, cudaStream_t stream); /* of a: mean, inv_s; moves the running ones */
void cuda_between_forward(const struct cuda_between *k, cudaStream_t stream);    /* a -> out */
void cuda_between_moves(const struct cuda_between *k, cudaStream_t stream);      /* R{a} -> r_mean, rs_over_s */
void cuda_between_product(const struct cuda_between *k, cudaStream_t stream);    /* R{a} -> R{out} */
/* dL/dout -> gy, its sums, and the gradient of gamma, beta and bias; or R of these. */
void cuda_between_mask(const struct cuda_between *k, bool product, cudaStream_t stream);
void cuda_between_backward(const struct cuda_between *k, bool product, cudaStream_t stream); /* gy -> ga; with product also R{ga} */

/* --- pools: general_pool.cu --- */

struct cuda_pool {
    bool greatest;                 /* else sums times `factor` */
    float factor;
    int n, in_height, in_width, height, width, channels;
    int window_height, window_width, stride, pad;
    const float *from;             /* forward, product: the input; backward: gy of the output */
    float *to;                     /* forward, product: the output; backward: gy of the input */
    uint8_t *winner;               /* [n][height][width][channels] place in the window: written forward, read otherwise */
    bool add;                      /* backward: to += */
};
void cuda_pool_forward(const struct cuda_pool *p, cudaStream_t stream);
void cuda_pool_product(const struct cuda_pool *p, cudaStream_t stream);
void cuda_pool_backward(const struct cuda_pool *p, cudaStream_t stream);

/* --- rows of length one, of cosine units: general_rows.cu --- */

enum cuda_rows_of { ROWS_PLANE, ROWS_PARAMS, ROWS_DIRECTION, ROWS_GRAD }; /* ROWS_PLANE: the pointer; else an offset into a control's vector */

struct cuda_rows { /* hat = x/length, length = max(|x|, 1e-12), row by row */
    int n, width;
    const struct cuda_control *control;
    enum cuda_rows_of x_of, r_x_of, to_of;
    const float *x, *r_x;          /* r_x NULL with ROWS_PLANE: zeros */
    size_t at;                     /* that offset */
    float *hat, *length;           /* [n][width], [n] */
    float *r_hat, *growth;         /* R{hat}; R{length} */
    const float *g, *r_g;          /* dL/dhat, and R of it */
    float *to;                     /* dL/dx; of the product R{dL/dx} */
    bool add;
};
void cuda_rows_forward(const struct cuda_rows *r, cudaStream_t stream);
void cuda_rows_product(const struct cuda_rows *r, cudaStream_t stream);
void cuda_rows_backward(const struct cuda_rows *r, bool product, cudaStream_t stream);

#ifdef __cplusplus
}
#endif

#endif
