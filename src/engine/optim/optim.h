/* engine/optim/optim.h - one training step on a back end (spec 4): SGD, SAM, adaptive SAM, PGD, LPF-SGD.
 * optim_init() allocates every vector a step needs; the steps allocate nothing. One thread at a time. */
#ifndef ENGINE_OPTIM_H
#define ENGINE_OPTIM_H

#include <stdbool.h>
#include <stdint.h>

#include "kernels/backend.h"

struct err;

/* OPTIMIZER(ID, name, help) */
#define OPTIMIZER_TABLE(OPTIMIZER)                                                                             \
    OPTIMIZER(SGD, "sgd", "stochastic gradient descent with momentum")                                         \
    OPTIMIZER(SAM, "sam", "sharpness-aware: the gradient at w + rho g/|g|; two passes")                         \
    OPTIMIZER(ASAM, "asam", "adaptive SAM: the perturbation is scaled by w^2; two passes")                      \
    OPTIMIZER(PGD, "pgd", "SGD with Gaussian noise on the gradient or the weights")                            \
    OPTIMIZER(LPF, "lpf", "low-pass filter: each piece of a batch with its own noise on the weights")

enum optimizer {
#define OPTIMIZER_ENUM(id, ...) OPTIMIZER_##id,
    OPTIMIZER_TABLE(OPTIMIZER_ENUM)
#undef OPTIMIZER_ENUM
    OPTIMIZER_COUNT
};
struct optimizer_info {
    const char *name, *help;
};
extern const struct optimizer_info optimizer_table[OPTIMIZER_COUNT];
int optimizer_find(const char *name, struct err *err); /* -1 with *err naming what exists */

struct optim_knobs { /* in force for one step */
    enum optimizer kind;
    float lr, momentum, weight_decay;
    bool nesterov;
    double rho;                  /* SAM, ASAM; >= 0 */
    bool freeze_second_pass;     /* running statistics move in the first pass only (D-20) */
    float pgd_sigma;
    bool pgd_on_weights;         /* after the update; else on the gradient before it */
    uint32_t lpf_m;              /* pieces of a full batch; >= 1 */
    double lpf_gamma;
    uint32_t batch_size;         /* of a full batch; LPF's pieces are batch_size / lpf_m images (at least 1) */
    uint64_t seed, step;         /* for the noise: rng(seed, RNG_PGD or RNG_LPF, step, piece) */
};

struct optim_result {
    double loss, loss_up;        /* at w and, with SAM, at w + e (else NaN); LPF: sum over pieces of loss/M (spec 4.4) */
    double grad_norm;            /* |g| at w; LPF: of the accumulated gradient */
    double grad_norm_up;         /* |g| at w + e; NaN without SAM */
    uint32_t n, correct, correct_up; /* correct at w; at w + e (0 without SAM) */
};

struct optim {
    const struct backend *backend;
    const struct net *net;
    struct model *model;
    float *momentum;             /* vector [params.total]: part of a snapshot; zero at the start */
    float *g, *moved;            /* gradient; w + e, w + noise, or a piece's gradient */
    float *piece;                /* LPF: gradient of one piece */
    float *stats_before;         /* [stats.total] */
    float *host, *noise;         /* host memory [params.total] */
    int n_queued, first_queued;  /* steps under way, a ring */
    struct {
        enum optimizer kind;
        uint32_t n;
    } queued[BACKEND_STEPS];
};

/* The model, backend and net outlive the optim. 0, or -1 with *err and *o empty. */
int optim_init(struct optim *o, const struct backend *backend, struct model *model, const struct net *net,
               struct err *err);
void optim_release(struct optim *o); /* a zeroed struct is allowed; before closing the model */

/* One step on `batch` (loaded here): moves w, o->momentum and stats (vectors of the back end).
 * A loss or gradient that is not finite: -1 with ERR_DIVERGED and w, momentum and stats as before; *result is filled up
 * to where it went wrong. The same for any other error. */
int optim_step(struct optim *o, const struct optim_knobs *k, const struct batch *batch, const struct criterion *criterion,
               float *w, float *stats, struct optim_result *result, struct err *err);

/* The same in two parts, where the back end runs such a step as one piece of work: up to BACKEND_STEPS may be under way, each
 * with its own knobs, batch and loss; w, stats and momentum are those after all of them. optim_collect() waits for the oldest.
 * Behind a step that was not updated the others do nothing, and say so with ERR_DIVERGED when they are collected; the next
 * one counts again once no step is under way. optim_step() is for an empty queue. */
bool optim_queues(const struct optim *o, enum optimizer kind);
int optim_queue(struct optim *o, const struct optim_knobs *k, const struct batch *batch, const struct criterion *criterion,
                float *w, float *stats, struct err *err);
int optim_collect(struct optim *o, struct optim_result *result, struct err *err);
void optim_discard(struct optim *o); /* waits for all of them, whatever they came to */

#endif
