/* engine/probe/curvature_op.h - the Hessian of a mean loss over chosen images, as an operator: products with any number of
 * directions, and the mean loss and gradient beside it.
 *
 *   struct curvature_op *op = curvature_op_new(backend, &net, &options, &err);
 *   curvature_op_weights(op, params_host, stats_host, &err);           copies: nothing that trains is touched
 *   curvature_op_choose(op, &set, &err);                               images, loss, batch-norm mode
 *   curvature_op_prepare(op, &result, &err);                           mean loss; forward and backward pass are kept
 *   curvature_op_apply(op, n, v, out, &err);                           out[k] = H v[k]
 *
 * Vectors v, out, params and grad are vectors of the back end made with curvature_op_model(). The model is opened once for
 * `max_images`: sets are cut into shards of that size. As many shards as `keep_bytes` allows stay prepared, where the back
 * end has slots; the others are streamed, prepared again in every apply(): several directions per call share that work.
 * Shards are cut and added in the set's order and kept ones give the bits of streamed ones, so results depend on the set,
 * weights, max_images and (cpu, reference) on nothing else.
 *
 * Restricted to parameter groups it is the block of the Hessian that belongs to what trains: v and out then hold those floats alone, one
 * group after another, curvature_op_dimension() of them, so that spectra, traces and random starts are of that block and nothing else.
 *
 * One thread at a time. Nothing is allocated after curvature_op_new() but what curvature_op_choose() needs for a larger set.
 * Functions return 0, or -1 with *err; ERR_CANCELLED when `stop` said so between shards, ERR_DIVERGED for numbers that are
 * not finite. Formulas: methods 7.1, 7.2. */
#ifndef ENGINE_CURVATURE_OP_H
#define ENGINE_CURVATURE_OP_H

#include "engine/data/augment.h"
#include "engine/data/dataset.h"
#include "engine/model/groups.h"
#include "kernels/backend.h"

struct curvature_op;

struct curvature_options {
    uint32_t max_images; /* >= 1: of a shard; memory grows with it (curvature_op_memory_bytes()) */
    size_t keep_bytes;   /* memory for keeping more shards than one prepared; it is taken when a set has so many */
    uint32_t set_images; /* most that a chosen set has: no memory is kept for more; 0: not known */
    int max_vectors;     /* >= 1: directions that one pass takes together; apply() accepts any number */
    int threads;
    int device;          /* of the back end: its number */
    /* Asked between shards; true ends the call with ERR_CANCELLED. NULL = never. */
    bool (*stop)(void *ctx);
    void *stop_ctx;
};

/* Backend and net outlive it. NULL with *err. */
struct curvature_op *curvature_op_new(const struct backend *backend, const struct net *net,
                                      const struct curvature_options *options, struct err *err);
void curvature_op_free(struct curvature_op *op); /* after the vectors of its model; NULL allowed */
size_t curvature_op_memory_bytes(const struct curvature_op *op);
int curvature_op_kept(const struct curvature_op *op); /* shards that can stay prepared, >= 1 */
struct model *curvature_op_model(const struct curvature_op *op);

/* The operator is from now on that of what trains in these groups of its network (copied); NULL: of everything, as at first.
 * Anything prepared is forgotten. -1 with *err: no memory, and nothing has changed. */
int curvature_op_restrict(struct curvature_op *op, const struct param_groups *groups, struct err *err);
/* The operator is the K x K Hessian over scales of the classifier's rows, which train in its place (engine/optim/scales.h): v and out hold K floats.
 * classifier: what is scaled, weight then bias, host memory (copied); NULL: as restricted. Needs groups in which nothing before the
 * classifier trains. -1 with *err: no such groups, or no memory, and nothing has changed. */
int curvature_op_use_scales(struct curvature_op *op, const float *classifier, struct err *err);
size_t curvature_op_dimension(const struct curvature_op *op); /* floats of v and out */
/* A vector of the block as one of all parameters, 0 where nothing trains. */
void curvature_op_expand(struct curvature_op *op, const float *v, float *whole);

/* Copies of weights and statistics in host memory (net->params.total, net->stats.total). What was prepared is forgotten.
 * Weights that are not finite are refused and leave the operator without weights. */
int curvature_op_weights(struct curvature_op *op, const float *params_host, const float *stats_host, struct err *err);
/* The copy, as a vector: read-only, e.g. to build w + t v. NULL before curvature_op_weights(). */
const float *curvature_op_params(const struct curvature_op *op);

/* The function whose Hessian the operator is: L = sum_i weight[y_i] l_i / D over the set, D as in struct loss_coef but of the
 * whole set, so that shards add up to the mean loss. PASS_TRAIN needs n <= max_images: its statistics are those of one batch. */
struct curvature_set {
    const struct image_set *images;
    const uint32_t *index;          /* [n] positions in images: copied */
    uint32_t n;                     /* >= 1 */
    const struct augment *augment;  /* NULL = none; copied: one frozen draw */
    enum pass_mode mode;
    const struct criterion *criterion;   /* copied, but its arrays are not: unchanged until the next choice */
};
int curvature_op_choose(struct curvature_op *op, const struct curvature_set *set, struct err *err);

/* Forward and backward of the chosen images with the copied weights. result (NULL allowed): of the whole set. */
int curvature_op_prepare(struct curvature_op *op, struct pass_result *result, struct err *err);

/* out[k] = H v[k], k < n_vectors >= 1; no two of the vectors may be the same but v with v. Prepares what is not. Each out[k]
 * has the same bits whatever the other directions and their number. */
int curvature_op_apply(struct curvature_op *op, int n_vectors, const float *const *v, float *const *out, struct err *err);

/* Mean loss of the chosen images and its gradient at any weights: params NULL = the copied ones, grad NULL = only the loss. Both are
 * vectors of all parameters; what does not train has gradient 0.
 * Statistics are never moved. What was prepared is prepared again by the next apply(). A loss that is not finite is no
 * error here. */
int curvature_op_gradient(struct curvature_op *op, const float *params, float *grad, struct pass_result *result,
                          struct err *err);

#endif
