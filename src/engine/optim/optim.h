/* engine/optim/optim.h - one training step on a back end (methods 4).
 * optim_init() allocates every vector a step needs; the steps allocate nothing. One thread at a time.
 *
 * Parameter groups (engine/model/groups.h) say what trains: gradients, norms, perturbations, noise and descent are those of the
 * trainable ranges, so that SAM's e has length rho over them alone; the others, and their momentum, keep their bits. */
#ifndef ENGINE_OPTIM_H
#define ENGINE_OPTIM_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/model/groups.h"
#include "engine/optim/scales.h"
#include "engine/optimisers.h"
#include "kernels/backend.h"

struct err;

struct optim_knobs { /* in force for one step */
    enum optimiser kind;
    float lr, momentum, weight_decay;
    bool nesterov;
    double rho;                  /* SAM, ASAM; >= 0 */
    bool freeze_second_pass;     /* running statistics move in the first pass only (methods 4.2) */
    float pgd_sigma;
    bool pgd_on_weights;         /* after the update; else on the gradient before it */
    uint32_t lpf_m;              /* pieces of a full batch; >= 1 */
    double lpf_gamma;
    const float *part, *rest;    /* ImbSAM, Focal-SAM, blend, SSE-SAM: [classes] c, the share of each class's loss that climbs, and 1 - c; outlive
                                    the step */
    bool one_share;              /* all c are the same: one way back is enough */
    double part_gain;            /* times the part that climbs */
    double asam_eta;             /* ASAM: above 0 as its authors' code scales; 0: by |w| alone, all tensors */
    double rho_head;             /* SSE-SAM: radius of the rest, about a place of its own; 0: it stays at w */
    double gsam_alpha, wsam_gamma; /* below 1 */
    bool wsam_coupled;
    double fsam_sigma, fsam_lambda;
    bool fsam_paper;
    uint32_t looksam_k;          /* >= 1 */
    double looksam_alpha;
    bool looksam_by_tensor;
    uint32_t msam_m;             /* pieces of a batch, each with its own e; >= 1 */
    double esam_beta, esam_gamma; /* above 0, to 1 */
    bool esam_by_element;
    const uint8_t *climbs;       /* ESAM: [params.total], 0 for a weight that stays; outlives the step. NULL: all climb */
    double ccsam_a, ccsam_phi;   /* >= 0; 0 to 1 */
    bool ccsam_shifts;           /* CC-SAM: classes shift the features of their images in place of the classifier, and ccsam_a is not looked at */
    const double *class_images;  /* CC-SAM: [classes] training images; outlives the step */
    bool gauges;                 /* the result tells |w| and the cosine, where there is a second pass */
    uint32_t batch_size;         /* of a full batch; LPF's pieces are batch_size / lpf_m images (at least 1) */
    uint64_t seed, step;         /* for the noise: rng(seed, RNG_PGD or RNG_LPF, step, piece) */
};

/* Batch norm in the passes of a step. */
enum norm_policy {
    NORM_MOVING, /* by the batch's statistics; the running ones move */
    NORM_BATCH,  /* by the batch's statistics; nothing moves */
    NORM_RUNNING /* by the running statistics, which stay */
};

struct optim {
    const struct backend *backend;
    const struct net *net;
    struct model *model;
    struct param_groups groups;  /* its own; optim_use_groups() */
    enum norm_policy norm;
    bool head_only;              /* of these groups: passes form the classifier's gradient alone */
    bool scaling;                /* only the scales of the classifier's rows train */
    struct scales scales;        /* then */
    float *momentum;             /* vector [params.total]: part of a snapshot; zero at the start */
    float *g, *moved;            /* gradient; w + e, w + noise, or a piece's gradient */
    float *piece;                /* gradient of one piece, or of one part; g_s */
    float *kept;                 /* vector [params.total] that lives from step to step: part of a snapshot; NULL before optim_keep() */
    enum optimiser kept_by;      /* whose it is: F-SAM's m, LookSAM's g_v */
    bool remembers;              /* LookSAM: a climb has left it, or is queued that will */
    float *stats_before;         /* [stats.total] */
    float *host, *noise;         /* host memory [params.total] */
    void *rows;                  /* host memory for images that a step takes of a batch (ESAM), what lies behind the features (CC-SAM), IB's factors */
    size_t rows_bytes;
    double *losses;              /* the caller's, room for a batch: what L sums for each image, undivided, in the first pass (LPF: its
                                    piece's) of the step that was made or collected last; NULL: nobody asks */
};

/* The model, backend and net outlive the optim. 0, or -1 with *err and *o empty. */
int optim_init(struct optim *o, const struct backend *backend, struct model *model, const struct net *net,
               struct err *err);
void optim_release(struct optim *o); /* a zeroed struct is allowed; before closing the model */

/* The groups hold from the next step on, with none under way; until then everything trains as the step says, with NORM_MOVING. They are
 * copied, and are of the same network. -1 with *err: no memory, and nothing has changed. */
int optim_use_groups(struct optim *o, const struct param_groups *groups, enum norm_policy norm, struct err *err);

/* From the next step on a scale for each row of the classifier trains in its place (scales.h), by the rule that its group has: SGD and
 * the SAMs. w: the classifier that is scaled; NULL: whoever restores a state fills o->scales' classifier, s and momentum. Needs groups in
 * which nothing before the classifier trains; -1 with *err, and nothing has changed, without them, for a classifier that scales cannot
 * change, or without memory. Groups set later must freeze the rest too, until the scales are dropped. */
int optim_use_scales(struct optim *o, const float *w, struct err *err);
void optim_drop_scales(struct optim *o); /* none in use is allowed */

/* The optimiser in force is this one. If its row says so it has o->kept, zero when it was another's before. -1 with *err: no memory. */
int optim_keep(struct optim *o, enum optimiser kind, struct err *err);

struct optim_task { /* of one step: what it learns from, and what it moves */
    const struct batch *batch; /* loaded by the step */
    const struct criterion *criterion;
    float *w, *stats;          /* vectors of the back end [params.total], [stats.total] */
};

/* 0 when the back end can make a step of this kind; else -1 with *err naming what lacks it and who has it. */
int optim_check(const struct backend *backend, enum optimiser kind, struct err *err);

/* What CC-SAM's radius of a class with so many training images is in proportion to; one image counts as two. */
double optim_class_reach(double images);
/* How far CC-SAM's second stage shifts the features of a class with so many training images, and what its loss weighs; most: the largest class's. */
double optim_class_shift(double images, double most);

/* After `kept` was filled by somebody else. */
void optim_recall(struct optim *o);

/* One step: moves the task's w and stats, and o->momentum.
 * A loss or gradient that is not finite: -1 with ERR_DIVERGED and w, momentum and stats as before; *result is filled up
 * to where it went wrong (NaN: not known). The same for any other error. PGD: the numbers before the noise; LPF: `first` sums loss/M over
 * the pieces (methods 4.4), `norm` is that of the accumulated gradient. */
int optim_step(struct optim *o, const struct optim_knobs *k, const struct optim_task *task, struct optimiser_result *result, struct err *err);

/* Which weights climb in a step of ESAM, into out[net->params.total], for optim_knobs.climbs. */
void optim_draw_climbs(const struct net *net, const struct optim_knobs *k, uint8_t *out);

/* |e| of a step whose second pass was at w + e with e along g (SAM); NaN where e has another direction or there is none. */
double optim_radius(const struct optim_knobs *k, const struct optimiser_result *r);

/* The same in two parts, where the back end runs such a step as one piece of work: up to BACKEND_STEPS may be under way, each
 * with its own knobs, batch and loss, on the same w and stats; these, momentum and `kept` are those after all of them. optim_collect() waits for the
 * oldest; whoever queues remembers its knobs and its batch's n. optim_queues() looks at the kind, msam_m and asam_eta alone. Behind a step that was
 * not updated the others do nothing, and say so with ERR_DIVERGED
 * when they are collected; the next one counts again once no step is under way. optim_step() is for an empty queue. Such a step moves
 * everything alike: with groups of their own, or another norm policy, there is none, and a step is made of single calls. */
bool optim_queues(const struct optim *o, const struct optim_knobs *k);
int optim_queue(struct optim *o, const struct optim_knobs *k, const struct optim_task *task, struct err *err);
int optim_collect(struct optim *o, const struct optim_knobs *k, uint32_t n, struct optimiser_result *result, struct err *err);

#endif
