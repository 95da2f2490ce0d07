/* kernels/cuda/model.h - the host's side of a model: where everything lies on the device, and the captured passes. */
#ifndef KERNELS_CUDA_MODEL_H
#define KERNELS_CUDA_MODEL_H

#include "base/err.h"
#include "kernels/backend.h"
#include "kernels/cuda/cuda.h"
#include "kernels/cuda/general.h"

enum pass_kind {
    KIND_FORWARD,
    KIND_GRADIENT,
    KIND_AGAIN, /* of the forward pass that is there */
    KIND_PREPARE,
    KIND_PRODUCT,
    KIND_PIECE_FORWARD,
    KIND_PIECE_BACKWARD,
    KIND_PIECE_PREPARE, /* backward() without a gradient */
    KIND_PIECE_R_FORWARD,
    KIND_PIECE_R_BACKWARD,
    KIND_STEP
};

/* What makes two steps different sequences of kernels, besides what makes two passes so; whole words, to be compared as such. */
struct cuda_shape {
    uint32_t ascent, rule, gauges, by_tensor;
    uint32_t rest_up, one_share; /* PARTS: the rest climbs too; there is no pass of the part at w */
    uint32_t pieces;
};

struct cuda_key { /* what makes two passes different sequences of kernels */
    enum pass_kind kind;
    enum pass_mode mode;
    enum criterion_kind criterion;
    uint32_t n;
    bool gather;          /* it begins by making its batch out of a store */
    int n_directions;     /* of a product */
    bool head_only;
    bool of_features;     /* the batch brought the features */
    int slot;             /* whose memory it works in */
    struct cuda_shape shape; /* of a step; else zeros */
};

struct cuda_graph {
    struct cuda_key key;
    cudaGraphExec_t exec; /* NULL: free */
    uint64_t used;        /* the model's clock at the last use */
};

struct cuda_hats { /* of a cosine unit: rows of length one, their lengths, the gradient by the rows; along a direction R of each */
    float *hat, *length, *g;
};

struct unit_memory {
    float *a, *out, *gy;         /* [n][height][width][channels]; of a unit without norm a is out */
    uint8_t *winner;             /* the same, of max pooling */
    struct cuda_hats x, w;       /* [n][in_channels], [channels][in_channels] */
};

struct channel_memory { /* [channels of all units]; a unit's part begins at channel_base */
    float *mean, *inv_s, *mean_gy, *mean_gyxh;
};

/* Each direction's own stream and memory in a product: several run side by side, as branches of one graph. */
struct direction {
    cudaStream_t stream;         /* of the first direction: the model's */
    cudaEvent_t done;            /* of the others */
    struct unit_memory unit[NET_MAX_UNITS]; /* R{a} ... */
    struct {
        float *mean, *rs_over_s, *mean_gy, *mean_gyxh;
    } channel;
    struct {
        float *feature, *g_feature, *growth, *column, *logit, *g_logit;
    } head;
    float *packed, *hats;        /* weights: the direction */
    float *upstream[NET_MAX_OUTPUTS];
    float *ga, *r_ga, *moments, *weights_partial;
};

/* The memory of training passes with math tf32 or bf16, beside the rest, which is for everything else. */
struct mixed_memory {
    struct cuda_mixed_unit units[NET_MAX_UNITS], *device_units;
    size_t packed_count, largest_packed; /* numbers */
    int n_channels;                      /* of all units, each rounded up to whole sixteens */
    int n_fragments;                     /* of all units' weights */
    size_t weights_count;                /* floats of the pieces of all units' gradients */
    int channel_base[NET_MAX_UNITS];
    void *packed, *images;
    struct {
        void *a, *out, *gy, *ga;
    } unit[NET_MAX_UNITS];
    struct {
        float *mean, *inv_s, *scale, *shift, *k_gy, *k_a, *k_0;
    } channel;
    float *partial, *weights_partial;
    unsigned *arrived;
};

/* The memory of networks that are not plain, beside the rest (general.h). */
struct general_memory {
    bool on;
    struct cuda_general_unit units[NET_MAX_UNITS], *device_units;
    size_t hats_count;
    float *hats;                         /* cosine units' weights in rows of length one */
    float *sum_gy;                       /* [channels of all units] */
};

enum pieces { PIECES_NONE, PIECES_FORWARD, PIECES_BACKWARD }; /* how far a pass in pieces has come */

enum { CUDA_MAX_GRAPHS = 64, CUDA_DIRECTIONS = 4, CUDA_SLOTS = 16, CUDA_MAX_BLOCKS = CUDA_DIRECTIONS + CUDA_SLOTS };

/* The host's message to the device before a pass or step: one piece of memory, copied as a whole. The passes of a step
 * (enum step_pass) and the products of a block have controls of their own; anything else uses the first. */
enum step_pass { PASS_AT_W, PASS_UP, PASS_OF_PART, PASS_OF_REST };
struct cuda_brief {
    struct cuda_control *control[CUDA_DIRECTIONS]; /* each with its coefficients */
    struct cuda_orders *orders;
    struct cuda_gather *gather;
    uint32_t *positions;             /* [max_batch] */
};

struct cuda_slot { /* a queued step */
    struct cuda_brief brief; /* pinned */
    struct cuda_record *record; /* pinned; written by the step's last kernel */
    double *losses;             /* [max_batch] the same */
    cudaEvent_t done;
    uint32_t n;
};

struct cuda_shelf { /* of a slot that is not at work: fields of struct model */
    struct unit_memory unit[NET_MAX_UNITS];
    struct cuda_head head;
    struct cuda_gather gather;
    float *images, *sum_gy;
    int32_t *labels;
    uint32_t *positions, n;
    enum pass_mode prepared_mode;
    bool stored, computed, prepared, head_only, of_features, soft, weighted;
};

struct model {
    const struct net *net;
    uint32_t max_batch, n;
    int device;                            /* its number */
    cudaStream_t stream;
    int priority;                          /* of its streams */
    const char *isa;
    enum math math;
    struct {
        cudaStream_t stream;
        cudaEvent_t fork, join;
    } side;                                /* side.c */
    bool use_graphs;
    bool early;                            /* kernels of a captured pass may begin while the one before them ends (early.h) */
    bool prepared, computed;
    bool repeatable;                       /* the last pass was a gradient, of `kept`: again() may go back through it */
    struct pass kept;
    bool head_only;                        /* the pass in progress, or the one that hvp_prepare() kept */
    enum pass_mode prepared_mode;          /* of a pass in pieces too */
    enum pieces pieces;
    bool along;                            /* and r_forward() has been there */
    bool of_features;                      /* the loaded batch brought the features: they are in head.feature */
    bool soft, weighted;                   /* it has soft labels; weights of its images */

    struct cuda_unit units[NET_MAX_UNITS];
    int n_channels, most_channels;         /* over all units; of the largest */
    size_t packed_count, largest_packed;   /* floats of all packed weights; of the largest unit's */

    /* device memory */
    struct cuda_unit *device_units;
    float *images;
    int32_t *labels;
    float *packed_w;
    struct unit_memory unit[NET_MAX_UNITS];
    struct channel_memory channel;
    size_t channel_bytes;                  /* of one of the per-channel arrays */
    float *ga;                             /* of the unit at work */
    float *moments;                        /* partial sums of batch norm */
    float *weights_partial;
    float *stats_before;                   /* a step's */
    struct mixed_memory mixed;             /* unless math is fp32 */
    struct general_memory general;         /* unless the network is plain */
    float *upstream[NET_MAX_OUTPUTS];      /* of a pass in pieces: dL/doutput [n][channels] */
    struct cuda_head head;                 /* n and control are filled in per pass */
    struct cuda_brief brief;
    size_t brief_bytes;
    struct cuda_result *result;            /* [CUDA_DIRECTIONS]: a step's passes have controls and results of their own */
    struct cuda_progress *progress;
    struct cuda_range *ranges;             /* [1 + tensors]: the whole, then each tensor */
    int whole_blocks, tensor_blocks;       /* that sum over the whole; over all tensors */
    double *range_partial, *range_sum;     /* of a step by tensor */
    double *dot_partial, *dot_result;

    /* pinned host memory */
    float *host_images, *host_features;
    int32_t *host_labels;
    float *host_targets, *host_weights;
    struct cuda_brief host_brief;          /* of a pass */
    struct cuda_result *host_result;
    float *host_logits;                    /* [max_batch][classes] of a pass without a gradient; NULL: too many to copy unasked */
    bool has_logits;                       /* they are those of the last pass */
    double *host_losses;                   /* [max_batch] of a pass */
    const double *losses;                  /* those of the last pass, or of the step that was waited for: [n_losses]; or NULL */
    uint32_t n_losses;
    double *host_dot;

    /* the batch that load() chose out of a store and no pass has made yet */
    bool stored;
    struct cuda_gather gather;
    uint32_t *positions;                   /* [max_batch] host */

    struct cuda_shelf *shelf;              /* [CUDA_SLOTS] of the slots; NULL: there is one */
    int n_slots, turn;

    struct direction direction[CUDA_DIRECTIONS];
    int n_directions;                      /* that have memory */
    bool directions_end;                   /* there is no room for more */
    cudaEvent_t fork;

    struct cuda_slot slot[BACKEND_STEPS];
    int first_slot, n_queued;
    struct cuda_shape shape;               /* of the step that starts */

    struct cuda_graph graphs[CUDA_MAX_GRAPHS];
    int most_graphs;                       /* that are kept */
    uint64_t clock;

    struct cuda_vector {
        float *v;
        size_t bytes;
        bool spare;                        /* freed, and kept for the next of its size */
    } *vectors;                            /* that live, and spare ones */
    int n_vectors, vector_room;
    void *device_block[CUDA_MAX_BLOCKS];   /* what cudaFree() gets */
    void *pinned_block;
    int n_device_blocks;
    size_t bytes;

    /* Vector functions have no way to say that they failed: the first failure stays here, and the next function that
     * can speak says it. The numbers read after a failure are NaN. */
    struct err fault;
};

/* 0 when status is success; else notes the failure in the model, with what was tried, and returns -1. */
int cuda_check(struct model *m, cudaError_t status, const char *what);
/* Makes the model's device the one of this thread: every function of the table begins so, for a model may be opened by one
 * thread and used by another, and each thread has its own current device. 0, or -1: a fault, this one or an older one. */
int cuda_enter(struct model *m);
/* Copies host memory of any kind to the device and waits until it is there. Not with cudaMemcpy(): that one comes back before its bytes
 * have landed, and they land in a stream that the model's does not wait for. 0, or -1: a fault, this one or an older one. */
int cuda_give(struct model *m, void *to, const void *from, size_t bytes, const char *what);
/* -1 with *err when something failed before. */
int cuda_healthy(const struct model *m, struct err *err);
/* Enters. -1 with *err when no batch is loaded, when it is not one for such a pass, or when something failed before. */
int cuda_check_pass(struct model *m, const struct pass *pass, struct err *err);
/* Nothing that was prepared or is under way in pieces is valid any more. */
void cuda_end_passes(struct model *m);
/* The first control of host_brief; between two passes nothing reads it, for each ends with a wait. */
void cuda_fill_pass(struct model *m, const struct pass *pass, bool update_stats, float *grad);

/* A pass: alone, or as a part of a step. */
struct flow {
    struct model *m;
    enum pass_kind kind;
    enum pass_mode mode;
    enum criterion_kind criterion;
    int n;
    struct cuda_control *control;
    struct cuda_result *result;
    double *value;                         /* [n] of the criterion, per image */
    cudaStream_t stream;
    float *ga, *moments, *weights_partial; /* scratch */
    const struct direction *d;             /* of a product; else NULL */
    bool head_only, of_features;
    bool from_outside;                     /* in pieces: derivatives of outputs come from the host */
    bool follows;                          /* a kernel stands right before it in its stream */
};

/* --- general.c: what networks that are not plain do between the images and the classifier --- */
void cuda_general_forward(const struct flow *f);
cudaError_t cuda_general_product(const struct flow *f); /* R of it, up to R{out} of every unit */
void cuda_general_backward(const struct flow *f);       /* of products R of it */
struct cuda_convolution cuda_general_shape(const struct unit *u, int n); /* to ask for its scratch */

/* --- pieces.c: the slots of struct backend --- */
int cuda_forward(struct model *m, const struct pass *pass, struct err *err);
void cuda_output(struct model *m, int which, float *host);
int cuda_backward(struct model *m, const float *const *upstream, const float *features, float *grad, struct err *err);
int cuda_r_forward(struct model *m, const float *v, struct err *err);
void cuda_r_output(struct model *m, int which, float *host);
int cuda_r_backward(struct model *m, const float *const *r_upstream, float *out, struct err *err);

/* --- pass.c --- */
/* Runs the pass (from its graph, captured on first use) with host_brief as filled in, and waits for the result.
 * n_directions: of KIND_PRODUCT, else 0. */
int cuda_pass(struct model *m, enum pass_kind kind, enum pass_mode mode, int n_directions);
/* Starts a pass, or a step of the model's shape, with this pinned brief, which must rest until it is done. -1 noted as a fault. */
int cuda_pass_start(struct model *m, enum pass_kind kind, enum pass_mode mode, int n_directions, const struct cuda_brief *brief);
void cuda_pass_forget(struct model *m); /* destroys the graphs */
/* A pass of a gradient, as a part of a step with this key. */
struct flow cuda_flow_of(struct model *m, struct cuda_key key, enum pass_kind kind, int which);
cudaError_t cuda_flow_run(const struct flow *f);
/* The end at unit `side` of the shortcut that leads from `from` into `into` (option A when the shapes differ, kernels/net.h). */
struct cuda_plane cuda_plane_of(const struct unit *from, const struct unit *into, const struct unit *side, const void *data);

static inline struct pass_result cuda_pass_result(const struct cuda_result *r, uint32_t n)
{
    return (struct pass_result){ .loss = r->loss, .weight_sum = r->weight_sum, .n = n, .correct = r->correct };
}

/* --- mixed.c --- */
/* 0 when tf32 and bf16 can train this network: it is plain, and each unit convolves the one before it. */
int cuda_mixed_check(const struct net *net, enum math math, struct err *err);
int cuda_mixed_open(struct model *m); /* after the memory; -1 noted as a fault */
struct mixed_way {
    bool again; /* the units' forward pass is there already */
    bool want_gradient, head_only;
    bool follows; /* as in struct flow */
};
/* Queues a pass by batch statistics over the head's n images. head: of this pass. */
cudaError_t cuda_mixed_run(struct model *m, const struct cuda_head *head, struct mixed_way way);

/* --- side.c --- */
int cuda_side_open(struct model *m); /* -1 noted as a fault */
void cuda_side_close(struct model *m);
/* What comes next on the side waits for all that is queued in the model's stream by now; what comes next in that one for all that is on the side. */
cudaError_t cuda_side_waits(struct model *m);
cudaError_t cuda_side_joins(struct model *m);

/* --- rules.c --- */
cudaError_t cuda_rule_run(struct model *m, struct cuda_key key); /* queues the step's kernels */

/* --- steps.c --- */
/* All but the vectors. criterion NULL: the derivatives of the outputs come from outside. */
void cuda_fill_control(const struct model *m, struct cuda_control *c, const struct criterion *criterion);
int cuda_step(struct model *m, const struct optimiser_step *step, struct err *err);
int cuda_step_wait(struct model *m, struct optimiser_result *result, struct err *err);

/* --- slots.c: the slots of struct backend --- */
int cuda_slots(struct model *m, size_t bytes, int most, struct err *err);
void cuda_turn(struct model *m, int slot);
void cuda_slots_unprepare(struct model *m); /* the others: what they kept is not valid any more */
void cuda_slots_close(struct model *m);

/* --- store.c --- */
struct image_store *cuda_store_new(struct model *m, const struct image_source *source, struct err *err);
void cuda_store_free(struct model *m, struct image_store *store);
int cuda_store_choose(struct model *m, const struct batch *batch, struct err *err); /* load() of a choice */

/* --- memory.c --- */
/* Lays out everything for max_batch images. -1 noted as a fault. */
int cuda_memory_open(struct model *m);
/* Memory for n directions side by side (at most CUDA_DIRECTIONS), or for as many as there is room; at least one. */
int cuda_memory_products(struct model *m, int n);
/* Memory for one more slot, on its shelf: 1; 0: there is no room; -1 noted as a fault. */
int cuda_memory_slot(struct model *m);
void cuda_memory_close(struct model *m);

/* --- vectors.c: the slots of struct backend, and memory --- */
/* cudaMalloc(), without spare vectors where there is no room beside them. */
cudaError_t cuda_reserve(struct model *m, void **out, size_t bytes);
void cuda_spare_vectors_free(struct model *m);
float *cuda_vec_new(struct model *m, size_t n, struct err *err);
void cuda_vec_free(struct model *m, float *v);
void cuda_vec_write(struct model *m, float *v, const float *host, size_t n);
void cuda_vec_read(struct model *m, float *host, const float *v, size_t n);
void cuda_vec_zero(struct model *m, float *v, size_t n);
void cuda_vec_copy(struct model *m, float *to, const float *from, size_t n);
void cuda_vec_scale(struct model *m, float *v, float a, size_t n);
void cuda_vec_axpy(struct model *m, float *y, float a, const float *x, size_t n);
double cuda_vec_dot(struct model *m, const float *x, const float *y, size_t n);
void cuda_sgd(struct model *m, float *w, float *buf, const float *g, size_t n, const struct sgd_step *step);
double cuda_sam_norm(struct model *m, const float *w, const float *g, size_t n, bool adaptive);
void cuda_sam_perturb(struct model *m, float *out, const float *w, const float *g, float scale, size_t n, bool adaptive);

/* --- describe.c --- */
/* *why = NULL: kernels may begin early (early.h) on the device, which is the current one; else why not, in static text. */
cudaError_t cuda_why_not_early(const struct cudaDeviceProp *device, const char **why);
int cuda_devices(struct err *err);
int cuda_probe(int device, struct err *err);

#endif
