/* kernels/backend.h - the operation table. A back end computes; it knows no loss by its paper name, no epoch, no user.
 *
 *   reference   plain C, everything in double between layers: the definition the others are checked against
 *   cpu         threads and SIMD, fused passes, no allocation after open; training also bf16 where the processor multiplies it
 *   cuda        an NVIDIA GPU, exact float (training also tf32, bf16); vectors are device memory, so the engine never looks into one
 *
 * Life cycle: open() a model for a network and a largest batch; load() a batch; run passes on vectors; close().
 * A model owns activations and scratch memory only: parameters, statistics and all other vectors are the caller's,
 * made by vec_new() of the same back end. A model is used by one thread at a time; different models by different
 * threads. Every function is deterministic: same build, instruction set and inputs give the same bits; `reference`
 * and `cpu` also for any thread count.
 *
 * Results: 0, or -1 with *err. Non-finite numbers are not errors here: the caller looks at pass_result. */
#ifndef KERNELS_BACKEND_H
#define KERNELS_BACKEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernels/criterion.h"
#include "kernels/net.h"

struct buf;
struct err;
struct model; /* a back end's own */

/* Ways in which training passes (PASS_TRAIN gradients and steps) multiply. fp32: exact float. tf32, bf16: products of numbers rounded to
 * tf32 or bf16, summed in float; bf16 also keeps the activations of its passes in bf16 (methods 11.4). winograd: float, with the
 * products that Winograd's form needs where a convolution has one, in Hessian products too. Optimiser arithmetic and everything else are fp32
 * in any of them; so are evaluations, unless a pass asks for PASS_EVAL_BF16, and Hessian products but in winograd. */
enum math { MATH_FP32, MATH_TF32, MATH_BF16, MATH_WINOGRAD };
enum { N_MATHS = MATH_WINOGRAD + 1 };
extern const char *const math_name[N_MATHS]; /* the choices of the knob `math` */

enum pass_mode {
    PASS_EVAL,     /* batch norm by running statistics */
    PASS_TRAIN,    /* by batch statistics */
    PASS_EVAL_BF16 /* PASS_EVAL in bf16: images and no gradient, of a model that was opened for it (model_options.eval_math) */
};

struct pass {
    const float *params;  /* vector [net.params.total] */
    float *stats;         /* vector [net.stats.total]; written only when update_stats */
    enum pass_mode mode;
    bool update_stats;    /* with PASS_TRAIN: move the running statistics once */
    const struct criterion *criterion;
    bool head_only;       /* the units before the classifier stand still: gradients and products are formed in its tensors alone, with the
                             bits of the whole, and nothing is written elsewhere; no convolution has a way back. In PASS_EVAL the
                             features count as the floats that features() gives, also where a back end has more digits of them */
};

struct pass_result {
    double loss;       /* L above */
    double weight_sum; /* sum_i weight[y_i]; of soft labels and weighted images sum_i s_i sum_k t_ik weight[k] */
    uint32_t n, correct; /* images; argmax x_i = y_i (ties: lowest index; NaN never) */
};

/* Images of bytes of the network's shape, to be kept where the back end computes; all host memory, read during the call. */
struct image_source {
    uint32_t n;
    const uint8_t *images; /* [n][height][width][image_channels] */
    const int32_t *labels; /* [n] 0..classes-1 (checked) */
    const float *table;    /* [image_channels][256]: what a byte becomes */
};
struct image_store; /* a back end's own */

/* Some of them as a batch. With crop, an image is the window of its own size in the image padded with `pad` black pixels on
 * each side that starts in row w0 (2 pad + 1) >> 32 and column w1 (2 pad + 1) >> 32, mirrored left-right when w2 is odd;
 * w = rng_draw(seed, RNG_AUGMENT, epoch, position, 0). */
struct image_choice {
    const struct image_store *store;
    const uint32_t *position; /* host [n], below the store's n */
    bool crop;
    int pad;
    uint64_t seed;
    uint32_t epoch;
};

struct batch {
    uint32_t n;            /* 1..max_batch */
    const float *images;   /* host, NHWC [n][height][width][image_channels], normalised */
    const int32_t *labels; /* host, 0..classes-1 (checked) */
    const struct image_choice *choice; /* not NULL: the images and labels are these, of a store of this back end */
    const float *targets;  /* (optional) host [n][classes], finite and >= 0 (checked): soft labels t_ik of kernels/criterion.h, in place of
                              `labels` in the loss; those say still which answer counts as correct */
    const float *weights;  /* (optional) host [n], finite and >= 0 (checked): s_i, in the loss alone */
    const float *features; /* host, [n][net.features]; not NULL: what the classifier reads, in place of images. Passes over such a batch are
                              those of head_only in PASS_EVAL; with what features() gave of such a pass they have its bits */
};

struct model_options {
    uint32_t max_batch;
    int threads; /* workers including the caller; >= 1 */
    bool background; /* where models share a device: the others' work goes first */
    bool products;   /* Hessian products are what it is for: in this machine's memory memory_bytes() counts theirs from the beginning */
    enum math math;  /* one that the back end has; open() refuses others */
    enum math eval_math; /* the same for evaluations: MATH_BF16 allows PASS_EVAL_BF16 */
    int device;      /* of a back end with several: its number, 0 to devices() - 1 */
};

struct sgd_step { /* methods 4.1: d = g + wd w; buf = momentum buf + d; w -= lr (nesterov ? d + momentum buf : buf) */
    float lr, momentum, weight_decay;
    bool nesterov;
};

/* The point of a step's second pass: w + e, g the gradient at w. */
enum ascent {
    ASCENT_NONE,    /* there is none */
    ASCENT_SAM,     /* e = rho g / (|g| + 1e-12)         (Foret et al. 2021; methods 4.2) */
    ASCENT_ADAPTIVE, /* e = rho w^2 g / (|w g| + 1e-12)  (Kwon et al. 2021; methods 4.2) */
    ASCENT_PLAIN    /* e = rho g                         (Andriushchenko and Flammarion 2022) */
};

/* What is descended along, g the gradient at w and g_s that at w + e (methods 4.2, 4.8 to 4.11; engine/optim/variants.c). */
enum descent_rule {
    RULE_LAST,         /* the last gradient */
    RULE_PARTS,        /* part of each class's loss climbs, the rest stays at w or climbs by itself: factor[0] times the one's gradient, and the other's */
    RULE_GSAM,         /* g_s - factor[0] (g - <g, u> u), u = g_s/|g_s| */
    RULE_WSAM,         /* g; then w -= lr factor[0] (g_s - g) */
    RULE_WSAM_COUPLED, /* g + factor[0] (g_s - g) */
    RULE_FSAM,         /* g_s, e along factor[0] g + factor[1] kept; then kept = factor[2] kept + factor[3] g */
    RULE_FSAM_BEGINS,  /* the same; but where kept is 0, factor[1] is 0 and factor[3] is 1 */
    RULE_LOOK,         /* g_s; kept = what of it is across g */
    RULE_REMEMBERED,   /* g + factor[0] |g|/|kept| kept */
    RULE_MICRO         /* the mean of g_s of so many pieces of the batch, each with its own e */
};
enum { STEP_FACTORS = 4 };

/* One step on the loaded batch, as one piece of work: its passes, then the descent. */
struct optimiser_step {
    enum ascent ascent;               /* ASCENT_NONE: there is no second pass */
    enum descent_rule rule;
    float *params, *stats, *momentum; /* what moves */
    float *grad, *moved, *piece;      /* vectors [params.total], overwritten */
    float *kept;                      /* the same, which a step leaves to the next one; of the rules that name it */
    const struct criterion *criterion;
    struct sgd_step descent;
    double rho;                       /* of the ascent */
    bool freeze_second_pass;          /* the statistics move in the first pass only */
    bool gauges;                      /* |w| and the cosine are wanted */
    bool by_tensor;                   /* LOOK, REMEMBERED: lengths and products are each tensor's own */
    uint32_t pieces;                  /* MICRO: 1 to n */
    const float *part, *rest;         /* PARTS: [classes] shares that climb, and the others; part NULL: `share` of every class */
    double share, rho_rest;           /* rho_rest 0: the rest stays */
    double factor[STEP_FACTORS];
};

/* The place of a step's first number that is not finite: at w, of the part that climbs, of a piece; the perturbation's norm; at w + e. */
enum step_place { PLACE_NONE, PLACE_W, PLACE_PART, PLACE_PIECE, PLACE_REACH, PLACE_UP };

struct optimiser_result {
    struct pass_result first, second; /* at w; at w + e (only with an ascent) */
    double norm, reach, norm_up;      /* |g| at w; what rho is divided by: |g| or |w g| (PLAIN: |g|, by nothing); |g| at w + e */
    double norm_w, cosine;            /* |w|; that of g and the gradient at w + e, where a step has them: of steps whose gauges are told; NaN else */
    bool updated;                     /* false: one of these numbers is not finite, params, stats and momentum are as before */
    bool skipped;                     /* an earlier step of the queue was not updated: this one did nothing */
    enum step_place bad;              /* of step_wait(): where, and what was there; NaN above: nothing was computed, or behind the bad place */
    double bad_loss, bad_norm;
};
enum { BACKEND_STEPS = 4 }; /* that may be queued */

struct backend {
    const char *name; /* what `device` accepts */
    const char *help; /* one line */

    /* (optional) How many devices there are, 1 or more: NAME:0, NAME:1 ... for `device`. -1 with *err: none, and why. Without it
     * there is one, NAME. */
    int (*devices)(struct err *err);
    /* 0 when this machine can run it on the device with this number (0 without devices()); else -1 with the reason. */
    int (*probe)(int device, struct err *err);
    /* (optional) True for a math that it has beside fp32; without it none. */
    bool (*has_math)(enum math math);
    bool (*has_eval_math)(enum math math); /* (optional) the same for evaluations */
    /* True when it has the criterion for this use. */
    bool (*supports)(enum criterion_kind kind, enum criterion_use use);

    struct model *(*open)(const struct net *net, const struct model_options *options, struct err *err); /* net outlives it */
    void (*close)(struct model *m); /* NULL allowed */
    /* Bytes that its passes fill; right after open() those that training fills, most of it not touched yet where it is this machine's memory. */
    size_t (*memory_bytes)(const struct model *m);
    /* (optional, both or none) Slots: each holds a loaded batch and the pass that hvp_prepare() kept of it. slots(), right
     * after open(), makes as many as `bytes` of memory allow beside the first, at most `most`, and returns their number, or
     * -1 with *err. turn(): everything below is about slot i from now on; slot 0 at first. Prepared slots stay prepared until
     * the next gradient() in any slot, and may be used in turn as long as all were prepared in PASS_EVAL with the same head_only,
     * params, stats and loss. Results never depend on the slot. */
    int (*slots)(struct model *m, size_t bytes, int most, struct err *err);
    void (*turn)(struct model *m, int slot);
    /* (optional) Instruction set in use, for the record: static text. */
    const char *(*isa)(const struct model *m);

    /* --- vectors: n floats, 64-byte aligned, zero at birth --- */
    float *(*vec_new)(struct model *m, size_t n, struct err *err);
    void (*vec_free)(struct model *m, float *v); /* NULL allowed */
    void (*vec_write)(struct model *m, float *v, const float *host, size_t n);
    void (*vec_read)(struct model *m, float *host, const float *v, size_t n);
    void (*vec_zero)(struct model *m, float *v, size_t n);
    void (*vec_copy)(struct model *m, float *to, const float *from, size_t n);
    void (*vec_scale)(struct model *m, float *v, float a, size_t n);                   /* v *= a */
    void (*vec_axpy)(struct model *m, float *y, float a, const float *x, size_t n);    /* y += a x */
    double (*vec_dot)(struct model *m, const float *x, const float *y, size_t n);      /* accumulated in double */

    /* --- optimiser arithmetic on parameter vectors --- */
    void (*sgd)(struct model *m, float *w, float *buf, const float *g, size_t n, const struct sgd_step *step);
    /* sqrt(sum g^2), or with adaptive sqrt(sum (w g)^2) */
    double (*sam_norm)(struct model *m, const float *w, const float *g, size_t n, bool adaptive);
    /* out = w + scale g, or with adaptive out = w + scale w^2 g */
    void (*sam_perturb)(struct model *m, float *out, const float *w, const float *g, float scale, size_t n, bool adaptive);

    /* (both optional: without them a step is made of the other functions, with the same results.) step() queues one step
     * on the batch that was loaded last and returns; the struct and what it points to are copied, the vectors must live on.
     * step_wait() waits for the oldest queued step and tells how it went. Up to BACKEND_STEPS may be queued, each with a
     * load() before it; other functions of the model see the weights after all of them. */
    int (*step)(struct model *m, const struct optimiser_step *step, struct err *err);
    int (*step_wait)(struct model *m, struct optimiser_result *result, struct err *err);

    /* (both optional) Copies images to where the model computes. Any model of the same back end and device may load() from the
     * store. NULL with *err, ERR_MEMORY when there is no room there. Free it before its model is closed. */
    struct image_store *(*store_new)(struct model *m, const struct image_source *source, struct err *err);
    void (*store_free)(struct model *m, struct image_store *store); /* NULL allowed */

    /* --- passes over the loaded batch --- */
    int (*load)(struct model *m, const struct batch *batch, struct err *err); /* copies; -1 on a label, target or weight out of range */
    /* Forward, loss and, when grad is not NULL, dL/dparams into grad (overwritten). */
    int (*gradient)(struct model *m, const struct pass *pass, float *grad, struct pass_result *result, struct err *err);
    /* The same of another criterion at the same weights, right after a gradient() with grad, or after one of these: the forward pass that
     * was made is gone back through once more, and no statistics move. Results are those of a gradient() with that criterion; logits(),
     * features() and losses() are then of this one. -1 with *err also when nothing was kept to go back through. */
    int (*again)(struct model *m, const struct criterion *criterion, float *grad, struct pass_result *result, struct err *err);
    /* Network outputs [n][classes] of the last gradient() or hvp_prepare(), into host memory. */
    void (*logits)(struct model *m, float *host);
    /* The same pass's penultimate features [n][net.features]: what the classifier reads. */
    void (*features)(struct model *m, float *host);
    /* The terms that L sums, undivided by D: [n], an image each. Of the last gradient() or hvp_prepare(); or, right after step_wait(), of the
     * first pass of its step. */
    void (*losses)(struct model *m, double *host);

    /* Exact Hessian-vector products by the R-operator (Pearlmutter 1994; methods 7.2). hvp_prepare() runs and keeps the
     * forward and backward pass of the loaded batch (update_stats is ignored); hvp() may then be called any number of
     * times, until the next load(), gradient() or hvp_prepare(). params, stats and criterion must stay unchanged.
     * out[k] = H v[k], k < n_vectors: every v[k], out[k] is a vector [net.params.total]; out is overwritten. With head_only it is the
     * classifier's block of H: v is read and out written there only. Each out[k] has
     * the bits that it would have alone; a back end may take several directions through one pass. */
    int (*hvp_prepare)(struct model *m, const struct pass *pass, struct pass_result *result, struct err *err);
    int (*hvp)(struct model *m, int n_vectors, const float *const *v, float *const *out, struct err *err);

    /* (optional, all or none: without them a network has no outputs beside its classifier's.) A pass in pieces, for criteria that look at
     * several outputs or couple the images of a batch. An output is `which`: 0 the classifier's [n][classes], 1 + k the network's outputs[k]
     * [n][channels]; all host memory.
     * forward(): the loaded batch through all units; the pass's criterion and head_only are not looked at. output(): what it gave;
     * features() also. backward(): dL/dparams into grad (overwritten; NULL: only what r_backward() needs) from upstream[which] = dL/d that
     * output, 1 + n_outputs of them, NULL for zeros, and from features [n][net.features] = dL/dfeatures at fixed outputs, NULL for zeros (a
     * back end without features_back refuses them: -1 with *err, ERR_DEVICE); it may be called again after one forward().
     * r_forward(), r_output(), r_backward(): the derivatives of all this along v, a vector that must stay until r_backward(): r_upstream is
     * the derivative of the upstream that backward() had last, out that of grad; what came from features stays the same along v. Any number of directions, one after another, until the
     * next load(), gradient(), hvp_prepare() or forward().
     * Out of turn backward(), r_forward() and r_backward() give -1 with *err, which names the piece that is missing; output() and r_output()
     * leave host as it is. */
    bool features_back; /* backward() takes features */
    int (*forward)(struct model *m, const struct pass *pass, struct err *err);
    void (*output)(struct model *m, int which, float *host);
    int (*backward)(struct model *m, const float *const *upstream, const float *features, float *grad, struct err *err);
    int (*r_forward)(struct model *m, const float *v, struct err *err);
    void (*r_output)(struct model *m, int which, float *host);
    int (*r_backward)(struct model *m, const float *const *r_upstream, float *out, struct err *err);
};

extern const struct backend backend_reference, backend_cpu;
extern const struct backend backend_cuda; /* only in builds with CUDA (HAVE_CUDA in config.h) */

/* All back ends of this binary, fastest first; NULL ends the list. */
extern const struct backend *const backend_list[];

/* Add lines to out: about everything that can compute here; about CUDA alone: what this binary was built with, driver,
 * devices and libraries, or why there are none. May take a second, starting the driver. -1: no memory. */
int backend_describe(struct buf *out);
int backend_cuda_describe(struct buf *out);

/* 0 when the back end has this math; else -1 with *err (ERR_DEVICE) naming those it has. Every open() asks. */
int backend_check_math(const struct backend *b, enum math math, struct err *err);
int backend_check_eval_math(const struct backend *b, enum math math, struct err *err);

/* 0 when load() may copy it: its size, labels, targets and weights; else -1 with *err. Of a choice the labels are the store's. */
int backend_check_batch(const struct net *net, const struct batch *batch, uint32_t max_batch, struct err *err);

/* 0 when such a pass may go over n loaded images; else -1 with *err: a batch of features is to go through more than the classifier, or batch
 * statistics are of a single value (PyTorch refuses it too). Every gradient(), step(), hvp_prepare() and forward() asks. */
int backend_check_pass(const struct net *net, uint32_t n, bool loaded_features, enum math eval_math, const struct pass *pass, struct err *err);

/* Reading a vector cannot fail, it gives NaN: -1 with the device's reason when that is why a number is not finite. */
int backend_check_device(const struct backend *b, struct model *m, struct err *err);

/* 0 when the back end can use the criterion on this network so; else -1 with *err naming what lacks it and who has it, or the head
 * that it needs. Every gradient(), step() and hvp_prepare() asks, and a run before its first step. */
int backend_check_criterion(const struct backend *b, const struct net *net, const struct criterion *c, enum criterion_use use,
                            struct err *err);

/* The back end of a name, and the number of its device: "cuda:1" is device 1, "cuda" the first of its devices whose probe() succeeds, "auto" the
 * first of all. NULL with *err: what exists, or why that one cannot compute. */
const struct backend *backend_find(const char *name, int *device, struct err *err);

/* The name of a device: "cpu"; "cuda" for device 0, "cuda:1" for another. */
enum { BACKEND_NAME_MAX = 32 };
void backend_device_name(const struct backend *b, int device, char out[BACKEND_NAME_MAX]);

#endif
