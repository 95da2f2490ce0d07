/* kernels/cuda/cuda.h - inside of the cuda back end; no file outside this folder includes it.
 *
 * Host code is C (cuda.c, pass.c, mixed.c ...); kernels and their launchers are the .cu files. Unless said otherwise
 * everything is float and NHWC; sums over a batch meet in double, in an order that depends on the shapes alone, so the
 * same device and build give the same bits. Names follow methods 7.2 and kernels/reference/reference.h:
 *   a = conv(x), xh = (a - mean)/s, y = gamma xh + beta [+ shortcut], out = max(y, 0)
 *   gy = dL/dy, ga = dL/da, r_... = derivative of ... along the direction v.
 *
 * A pass is a fixed sequence of kernels for (kind, mode, batch size). It is captured once as a graph and replayed;
 * what may change between two passes (vectors, loss, statistics on or off) lies in `struct cuda_control` in device
 * memory, copied there from pinned memory before each launch. Results come back through pinned memory; one wait a pass.
 * A whole optimiser step is one such sequence too: its passes and what lies between and after them (rules.c, step.cu).
 * Launchers report nothing: the runtime keeps the first launch failure, and the pass asks for it once at its end. */
#ifndef KERNELS_CUDA_CUDA_H
#define KERNELS_CUDA_CUDA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernels/backend.h"
#include "kernels/cuda/device.h"
#include "kernels/net.h"

#ifdef __CUDACC__
#define CUDA_BOTH __host__ __device__ /* index arithmetic that host and kernels must agree on */
#else
#define CUDA_BOTH
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* --- what a pass reads besides its activations; followed in memory by the criterion's coefficients, [classes] floats of
 *     each of these, which its own pointers do not show --- */
enum cuda_coef { CUDA_SCALE, CUDA_SHIFT, CUDA_MARGIN, CUDA_WEIGHT, CUDA_PART, N_CUDA_COEFS };

struct cuda_control {
    const float *params, *v; /* v: direction of a product */
    float *stats;            /* running statistics, or read-only in evaluation mode */
    float *grad;             /* the gradient, or the product */
    struct criterion criterion;
    int32_t update_stats;
    int32_t soft, weighted;  /* the batch has soft labels; weights of its images */
    int32_t parted;          /* the criterion has a part */
};

struct cuda_result {
    double loss, weight_sum;
    uint32_t correct, unused;
};

/* --- what a step reads besides its two controls --- */

struct cuda_record { /* how a step went; in pinned host memory; as in struct optimiser_result */
    struct cuda_result pass[2];
    double norm, reach, norm_up, norm_w, cosine, bad_loss, bad_norm;
    int32_t updated, skipped, bad, unused;
};

/* Vectors of a step by name: their addresses may change between two steps. */
enum step_vector { VECTOR_ZEROS, VECTOR_PARAMS, VECTOR_GRAD, VECTOR_MOVED, VECTOR_PIECE, VECTOR_KEPT, N_CUDA_VECTORS };

struct cuda_orders {
    float *vector[N_CUDA_VECTORS], *stats, *momentum;
    double rho, rho_rest, share, factor[STEP_FACTORS];
    float lr, momentum_factor, weight_decay;
    int32_t nesterov;
    int32_t fresh; /* nothing is queued before this step: whatever went wrong is known */
    struct cuda_record *record;
    double *losses; /* [n] in pinned host memory: of the first pass's images */
};

/* Sums over all parameters: |g|^2 at w, |w g|^2, |g|^2 at w + e; of a direction that is not g; of what stays; of w; of g g_s; of kept. */
enum cuda_number { NUMBER_G, NUMBER_SCALED, NUMBER_UP, NUMBER_LENGTH, NUMBER_REST, NUMBER_W, NUMBER_ACROSS, NUMBER_KEPT, N_CUDA_NUMBERS };

struct cuda_tally { /* of a step of several parts or pieces: what is told of it so far, as in struct optimiser_result */
    struct cuda_result pass[2];
    double norm, reach, norm_up, bad_loss, bad_norm;
    double part, rest; /* losses */
    int32_t bad;       /* enum step_place */
    int32_t climbed;   /* there was a second pass */
};

struct cuda_progress { /* between the kernels of steps */
    double number[N_CUDA_NUMBERS];
    int32_t halted; /* a step was not updated: those behind it do nothing */
    int32_t skip;   /* this step is one of them */
    struct cuda_tally tally;
};

/* A unit as the kernels see it; an array of them lies in device memory. */
struct cuda_unit {
    size_t weight, mean, variance; /* offsets as in struct unit */
    size_t forward, backward;      /* offsets into the packed weights */
    int in_channels, channels;
    int channel_base;              /* first of this unit's in the per-channel arrays */
};

/* --- a batch out of a store: gather.cu --- */

struct cuda_gather { /* what may change; in device memory */
    const uint8_t *images;
    const int32_t *labels;
    const float *table; /* [channels][256] */
    uint64_t seed;
    uint32_t epoch;
    int32_t crop, pad;
};
struct cuda_gather_run {
    int n, height, width, channels;
    const struct cuda_gather *gather;
    const uint32_t *position; /* [n] */
    float *images;
    int32_t *labels;
};
void cuda_gather_run(const struct cuda_gather_run *r, cudaStream_t stream);

/* --- convolutions: conv.cu --- */

/* Blocks compute CONV_ROWS x conv_columns(channels) pixels of one image for conv_tile(channels) channels. */
enum { CONV_ROWS = 8 };
static inline CUDA_BOTH int cuda_conv_tile(int channels)
{
    return channels <= 16 ? 16 : channels <= 32 ? 32 : 64;
}
static inline CUDA_BOTH int cuda_conv_columns(int channels)
{
    return 512 / cuda_conv_tile(channels);
}
static inline CUDA_BOTH int cuda_ceil(int a, int b)
{
    return (a + b - 1) / b;
}
/* Output channels in packed weights: whole tiles, the rest is zero. */
static inline CUDA_BOTH int cuda_packed_channels(int channels)
{
    return cuda_ceil(channels, cuda_conv_tile(channels)) * cuda_conv_tile(channels);
}

struct cuda_grid { /* of tiles over the images of a batch */
    int height, width, tiles_y, tiles_x, n;
};
static inline CUDA_BOTH struct cuda_grid cuda_grid_of(int n, int height, int width, int channels)
{
    struct cuda_grid g = { height, width, cuda_ceil(height, CONV_ROWS), cuda_ceil(width, cuda_conv_columns(channels)), n };
    return g;
}
static inline CUDA_BOTH int cuda_grid_blocks(const struct cuda_grid *g)
{
    return g->n * g->tiles_y * g->tiles_x;
}

static inline CUDA_BOTH int cuda_smaller(int a, int b)
{
    return a < b ? a : b;
}
/* Pixels of a block that exist; columns: of a tile. */
static inline CUDA_BOTH double cuda_grid_pixels(const struct cuda_grid *g, int columns, int block)
{
    const int top = block / g->tiles_x % g->tiles_y * CONV_ROWS, left = block % g->tiles_x * columns;
    return (double)(cuda_smaller(CONV_ROWS, g->height - top) * cuda_smaller(columns, g->width - left));
}

enum cuda_moments {
    MOMENTS_NONE,
    MOMENTS_BATCH,  /* of each block: sum, and sum of squared distances from the block's own mean */
    MOMENTS_PRODUCT /* sum of R{a}, sum of xh R{a} */
};

struct cuda_conv_source {
    const float *in;      /* [n][in_height][in_width][in_channels]; with spread 2 [n][spread_height][spread_width]... */
    const float *weights; /* packed [9][in_channels][cuda_packed_channels(channels)] */
};

struct cuda_plane { /* a shortcut's other end; data NULL: none */
    const void *data; /* float [n][height][width][channels], or as in struct cuda_mixed_side */
    int height, width, channels;
    int step, shift;   /* rows and columns 0, step ...; channel c meets c + shift of the unit with more channels */
};

struct cuda_finish { /* out = max(gamma (conv - mean)/s + beta [+ add], 0) in place of the convolution; the bits of cuda_norm_forward() */
    const struct cuda_control *control; /* NULL: the convolution alone */
    size_t gamma, beta;
    struct cuda_plane add;
};

struct cuda_conv { /* out = or += the sum over sources of conv(in) */
    struct cuda_conv_source source[2];
    int n_sources;
    int spread; /* 2: `in` holds the even rows and columns of the grid convolved, zeros lie between */
    int spread_height, spread_width;
    int n, in_height, in_width, in_channels;
    int height, width, channels, stride;
    float *out;
    bool add;
    enum cuda_moments moments;
    float *partial;                     /* [2][channels][blocks] */
    const float *a, *mean, *inv_s;      /* MOMENTS_PRODUCT; the latter two of `finish` too */
    struct cuda_finish finish;          /* without add and moments */
};
void cuda_conv_run(const struct cuda_conv *c, cudaStream_t stream);

/* Packed weights of every unit, forward and backward (channels swapped, kernel turned round). */
void cuda_pack(const struct cuda_unit *units, int n_units, size_t largest, const struct cuda_control *control, bool direction,
               float *packed, cudaStream_t stream);

/* --- gradient of the weights: weights.cu --- */

struct cuda_weights_source {
    const float *in, *ga;
};
struct cuda_weights { /* grad[weight ...] = sum over sources of window(in) (x) ga */
    struct cuda_weights_source source[2];
    int n_sources;
    int n, in_height, in_width, in_channels, height, width, channels, stride;
    float *partial;  /* cuda_weights_partial() floats */
    size_t weight;   /* offset into control->grad */
    const struct cuda_control *control;
};
size_t cuda_weights_partial(const struct cuda_weights *w);
void cuda_weights_run(const struct cuda_weights *w, cudaStream_t stream);

/* --- batch norm, ReLU and shortcuts: norm.cu --- */

/* mean and 1/s of every unit from the running statistics. */
void cuda_norm_running(const struct cuda_unit *units, int n_units, int most_channels, const struct cuda_control *control,
                       float *mean, float *inv_s, cudaStream_t stream);
/* mean and 1/s from MOMENTS_BATCH partials; moves the running statistics when control says so. */
void cuda_norm_batch(const struct cuda_grid *grid, int channels, const float *partial, float *mean, float *inv_s,
                     const struct cuda_control *control, size_t mean_offset, size_t variance_offset, cudaStream_t stream);

/* Sums of two kinds over `blocks` partials; first = share * sum 0 [* scale], second = share * sum 1 [* scale]; with
 * grad offsets the bare sums also go to control->grad. */
enum { CUDA_NO_OFFSET = -1 };
struct cuda_sums {
    const float *partial; /* [2][channels][blocks] */
    int channels, blocks;
    double share;
    const float *scale;   /* [channels] times the second, or NULL */
    float *first, *second;
    ptrdiff_t first_offset, second_offset; /* into control->grad, or CUDA_NO_OFFSET */
    const struct cuda_control *control;
};
void cuda_sums_run(const struct cuda_sums *s, cudaStream_t stream);

enum { CUDA_MAX_PULLS = 4 }; /* units that may add the output of one unit */

struct cuda_norm { /* everything elementwise between two convolutions of a unit */
    int n, height, width, channels;
    size_t gamma, beta; /* offsets into control->params and ->v */
    const struct cuda_control *control;
    const float *mean, *inv_s;
    const float *a, *r_a;
    float *out, *r_out;
    const float *r_mean, *rs_over_s;              /* of the forward product; zeros in evaluation mode */
    struct cuda_plane add, r_add;                 /* shortcut into this unit */
    /* backward */
    bool fresh;                                   /* nobody has written gy (r_gy) yet */
    float *gy, *r_gy;
    struct cuda_plane pull[CUDA_MAX_PULLS], r_pull[CUDA_MAX_PULLS]; /* gy of units that add this one's output */
    int n_pulls;
    const float *g_feature, *r_g_feature;         /* last unit: [n][channels], spread over the pixels; or NULL */
    float *partial;                               /* [2][channels][cuda_mask_blocks()] */
    const float *mean_gy, *mean_gyxh, *r_mean_gy, *r_mean_gyxh;
    float *ga, *r_ga;
};
void cuda_norm_forward(const struct cuda_norm *k, cudaStream_t stream);         /* a -> out */
void cuda_norm_product(const struct cuda_norm *k, cudaStream_t stream);         /* R{a} -> R{out} */
int cuda_mask_blocks(int n, int height, int width, int channels);
void cuda_norm_mask(const struct cuda_norm *k, bool product, cudaStream_t stream); /* dL/dout -> gy and its sums; or R */
void cuda_norm_backward(const struct cuda_norm *k, bool product, cudaStream_t stream); /* gy -> ga; with product also R{ga} */

/* --- pooling, classifier, criterion: head.cu, criterion_NAME.cu --- */

struct cuda_head {
    int n, pixels, features, classes;
    bool norm;                     /* HEAD_NORM */
    enum criterion_kind criterion;
    size_t weight, bias;           /* offsets */
    const struct cuda_control *control;
    const int32_t *label;
    float *target, *image_weight;  /* [n][classes], [n]; if control says so */
    const float *out, *r_out;      /* of the last unit; out NULL: `feature` is there already */
    float *feature, *r_feature;    /* [n][features] */
    float *norm_of, *growth;       /* HEAD_NORM: [n] max(|f|, 1e-12); [n] <f, R{f}>/|f| */
    float *column, *r_column;      /* HEAD_NORM: [classes] max(|W_c|, 1e-12); <uW_c, V_c> */
    float *logit, *r_logit, *g_logit, *r_g_logit; /* [n][classes] */
    float *g_feature, *r_g_feature;
    double *value;                 /* [n]: what L sums, undivided */
    int32_t *right;                /* [n] */
    struct cuda_result *result;
    bool early;                    /* the kernels of cuda_head_forward() begin while the one before them ends (early.h) */
};
void cuda_head_forward(const struct cuda_head *h, bool want_gradient, cudaStream_t stream);
void cuda_head_weights(const struct cuda_head *h, cudaStream_t stream);
/* r_out -> R{g_feature}; with want_weights the head's product too. */
void cuda_head_product(const struct cuda_head *h, bool want_weights, cudaStream_t stream);

/* Each criterion has the kernels that pool, classify and apply it, and their derivatives along a direction. */
#define CUDA_CRITERION(id, name, ...)                                                          \
    void cuda_##name##_forward(const struct cuda_head *h, bool want_gradient, cudaStream_t stream); \
    void cuda_##name##_product(const struct cuda_head *h, cudaStream_t stream);
CRITERION_TABLE(CUDA_CRITERION)
/* The kernels in place of a criterion's: the derivatives of the outputs are in g_logit and r_g_logit already (head_outside.cu); no result is written. */
CUDA_CRITERION(, from_outside)
#undef CUDA_CRITERION
#define CUDA_FROM_OUTSIDE N_CRITERIA /* as the `criterion` of struct cuda_head */

/* --- training passes on tensor cores: mixed_conv.cu, mixed_weights.cu, mixed_ends.cu ---
 *
 * A kernel per convolution: what lies between two of them is done while the second loads (batch norm, shortcut, ReLU;
 * on the way back batch norm's derivative) and while the first stores (sums over the batch, which its last block brings
 * together; on the way back also shortcut and mask). Planes hold bf16 or float (MATH_TF32) in NHWC, channels rounded up
 * to whole sixteens, the rest zero; products are of rounded numbers, all sums, weights and statistics float. */

enum { CUDA_MIXED_THREADS = 256, CUDA_WIDE = 16 };
static inline CUDA_BOTH int cuda_mixed_wide(int channels)
{
    return cuda_ceil(channels, CUDA_WIDE) * CUDA_WIDE;
}
/* Channels of a block; with stride 2 at least 32, for the input of more would not fit into shared memory. */
static inline CUDA_BOTH int cuda_mixed_tile(int channels, int stride)
{
    const int tile = cuda_conv_tile(channels);
    return stride == 2 && tile < 32 ? 32 : tile;
}
static inline CUDA_BOTH int cuda_mixed_packed(int channels, int stride) /* channels of packed weights: whole tiles */
{
    const int tile = cuda_mixed_tile(channels, stride);
    return cuda_ceil(channels, tile) * tile;
}

struct cuda_mixed_unit { /* for packing, and for adding up gradients; an array of them lies in device memory */
    size_t weight;            /* offset into the parameters */
    size_t forward, backward; /* offsets into the packed weights, in numbers */
    int in_channels, channels, stride;
    size_t partial;           /* where the pieces of its weights' gradient lie, in floats of all such */
    int first_fragment, fragments; /* of 128 weights each, numbered over the units */
    int tiles, most_shares;   /* of an image; blocks that share them: a piece each, or one a tile where those are fewer */
};
enum { CUDA_FRAGMENT = 128 };
/* Packed: [9][cuda_mixed_packed(channels, stride)][wide in_channels] forward, and backward with the kernel turned round
 * [9][cuda_mixed_packed(in_channels, 1)][wide channels]. largest: numbers of the largest of these pieces. */
void cuda_mixed_pack(enum math math, const struct cuda_mixed_unit *units, int n_units, size_t largest,
                     const struct cuda_control *control, void *packed, bool early, cudaStream_t stream);

struct cuda_mixed_side { /* a unit, or the images: only `out` */
    int height, width, channels;
    void *a, *out, *gy, *ga;          /* [n][height][width][wide] */
    float *mean, *inv_s;              /* [wide] */
    float *scale, *shift;             /* [wide] y = scale (a - mean) + shift */
    float *k_gy, *k_a, *k_0;          /* [wide] ga = k_gy gy + k_a (a - mean) + k_0 */
    size_t gamma, beta;               /* offsets into the parameters and the gradient */
    size_t mean_offset, variance_offset; /* into the statistics */
};

struct cuda_mixed {
    enum math math;
    int n, stride;
    struct cuda_mixed_side into, from; /* a unit, and the one that it convolves */
    const float *images;               /* not NULL: `from` are these, [n][height][width][channels] */
    struct cuda_plane add;       /* shortcut into `from` */
    struct cuda_plane pull[CUDA_MAX_PULLS]; /* gy of units that add the output of `from` */
    int n_pulls;
    const float *g_feature;            /* [n][channels of from]; cuda_mixed_head() */
    float *feature;                    /* the same, forward */
    const void *weights;               /* packed */
    bool early;                        /* the kernel begins while the one before it ends (early.h) */
    bool packed_just_now;              /* by that one */
    float *partial;                    /* [blocks][wide][2]: cuda_mixed_moments() floats */
    double share, unbiased;            /* of the pixels of `into` (on the way back `from`): 1/count, count/(count - 1) */
    unsigned *arrived;                 /* blocks of the kernel at work that are done; 0 between two kernels */
    const struct cuda_control *control;
};
/* *code = 90 where the device runs code that was made for compute_90, of any file: all are compiled alike. */
cudaError_t cuda_mixed_compiled_for(int *code);
size_t cuda_mixed_moments(int n, int height, int width, int channels, int stride);
/* from.a -> from.out, convolved -> into.a, and batch norm's numbers of `into`; moves the statistics if control says so. */
void cuda_mixed_forward(const struct cuda_mixed *k, cudaStream_t stream);
/* from.a -> from.out and its mean over the pixels -> feature: `from` is the last unit. */
void cuda_mixed_pool(const struct cuda_mixed *k, cudaStream_t stream);
/* g_feature -> from.gy and batch norm's numbers of the way back, gradient of gamma and beta: `from` is the last unit. */
void cuda_mixed_head(const struct cuda_mixed *k, cudaStream_t stream);
/* into.gy -> into.ga, through the convolution -> from.gy and the same numbers of `from`. */
void cuda_mixed_backward(const struct cuda_mixed *k, cudaStream_t stream);
/* into.gy -> into.ga alone: the first unit. */
void cuda_mixed_stem(const struct cuda_mixed *k, cudaStream_t stream);
/* Sets fragments, tiles and most_shares; the latter for up to n images. */
void cuda_mixed_share_out(enum math math, int n, int height, int width, struct cuda_mixed_unit *u);
/* Pieces of the gradient of the convolution's weights, out of from.out and into.ga: most_shares * fragments * CUDA_FRAGMENT floats. */
void cuda_mixed_weights(const struct cuda_mixed *k, float *partial, cudaStream_t stream);
/* control->grad = the sum of the pieces, of all units of a batch of n; partial: where the first unit's lie. */
void cuda_mixed_add_up(const struct cuda_mixed_unit *units, int n_units, int n_fragments, int n, const float *partial,
                       const struct cuda_control *control, bool early, cudaStream_t stream);

/* --- the rest of a step: step.cu --- */

struct cuda_range { /* of the parameters: the whole, or a tensor; and the blocks that sum over it */
    size_t first, count;
    int block, blocks;
};

struct cuda_step { /* what is the same in every step of its shape */
    size_t n_params, n_stats;
    const struct cuda_orders *orders;
    int n;                            /* images */
    const struct cuda_result *result; /* [4]: of the controls of its passes */
    const double *value;              /* [n] of the first pass */
    struct cuda_progress *progress;
    struct cuda_control *second[2];   /* the controls of what climbs: the part, the rest */
    float *stats_before;
    double *partial;                  /* [2][CUDA_DOT_BLOCKS] */
    const struct cuda_range *ranges;  /* [n_ranges] of LOOK and REMEMBERED */
    double *range_partial, *range_sum; /* [2][blocks of all]; [n_ranges][2] */
    int n_ranges, range_blocks;
    enum ascent ascent;
    enum descent_rule rule;
    enum step_vector along;           /* what is descended along */
    bool one_share;                   /* PARTS: there is no pass of the part at w */
    bool tallied;                     /* the step tells what is in `tally` */
    bool gauges;
    bool early;                       /* kernels begin while the one before them ends (early.h) */
};

/* A float that a vector is multiplied by: a constant, one of the orders, or made of the step's numbers. */
enum cuda_factor_kind {
    FACTOR_CONSTANT,
    FACTOR_ORDER,    /* factor[which] */
    FACTOR_SHARE,
    FACTOR_BEGINS_0, /* factor[which]; 0 where kept is 0 and the rule begins so */
    FACTOR_BEGINS_1, /* the same with 1 */
    FACTOR_ALONG     /* 1 + factor[which] <g, g_s>/|g_s|^2 */
};
struct cuda_factor {
    enum cuda_factor_kind kind;
    int which;
    float constant;
};
struct cuda_blend { /* to = a from + b x, each rounded to float; x VECTOR_ZEROS: nothing is added */
    enum step_vector to, from, x;
    struct cuda_factor a, b;
    bool lasts; /* `to` outlives the step: only of a step that is updated */
};
struct cuda_climb { /* moved = w + rho/|from| from, or as the ascent says; number: of |from| squared */
    enum step_vector from;
    enum cuda_number number;
    bool rest; /* by rho_rest */
};
enum cuda_telling { /* what has just been computed of a step of several parts or pieces, and goes into its tally */
    TELL_WHOLE,       /* the pass at w */
    TELL_SHARE,       /* `share` of every class is the part */
    TELL_PART,        /* the part's pass at w */
    TELL_REST_LENGTH, /* how long what stays is */
    TELL_REST,        /* its pass at w + e */
    TELL_UP,          /* the part's pass at w + e */
    TELL_SUM,         /* |g| of what is descended */
    TELL_PIECE,       /* a piece's pass at w */
    TELL_PIECE_UP,    /* at w + e */
    TELL_PIECES       /* |g| of their mean */
};

void cuda_step_begin(const struct cuda_step *s, cudaStream_t stream);          /* keeps the statistics */
void cuda_step_norm(const struct cuda_step *s, enum step_vector of, enum cuda_number number, cudaStream_t stream); /* of G: SCALED too, if adaptive */
void cuda_step_dot(const struct cuda_step *s, enum step_vector x, enum step_vector y, enum cuda_number number, cudaStream_t stream);
void cuda_step_perturb(const struct cuda_step *s, struct cuda_climb climb, cudaStream_t stream);
void cuda_step_blend(const struct cuda_step *s, const struct cuda_blend *blend, cudaStream_t stream);
void cuda_step_tell(const struct cuda_step *s, enum cuda_telling what, double share, cudaStream_t stream); /* share: of the batch, a piece's */
/* kept = piece - <piece, g>/|g|^2 g, of an updated step; grad += factor[0] |g|/|kept| kept: of the whole, or of each tensor. */
void cuda_step_keep_across(const struct cuda_step *s, cudaStream_t stream);
void cuda_step_add_across(const struct cuda_step *s, cudaStream_t stream);
void cuda_step_finish(const struct cuda_step *s, cudaStream_t stream);         /* update, or statistics back; record */

/* --- vectors: vector.cu --- */

enum { CUDA_DOT_BLOCKS = 256 };
void cuda_vector_scale(float *v, float a, size_t n, cudaStream_t stream);
void cuda_vector_axpy(float *y, float a, const float *x, size_t n, cudaStream_t stream);
enum cuda_dot { DOT_PLAIN, DOT_SQUARES_OF_PRODUCTS }; /* sum x y; sum (x y)^2 */
void cuda_vector_dot(const float *x, const float *y, size_t n, enum cuda_dot kind, double *partial, double *out,
                     cudaStream_t stream);
void cuda_vector_sgd(float *w, float *buf, const float *g, size_t n, float lr, float momentum, float weight_decay,
                     bool nesterov, cudaStream_t stream);
void cuda_vector_perturb(float *out, const float *w, const float *g, float scale, size_t n, bool adaptive,
                         cudaStream_t stream);

#ifdef __cplusplus
}
#endif

#endif
