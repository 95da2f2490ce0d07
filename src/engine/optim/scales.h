/* engine/optim/scales.h - learnable weight scaling (LWS; Kang et al. 2020): of a trained linear classifier W, b one number per class trains,
 *
 *   z'_j = s_j (w_j f + b_j)      dL/ds_j = <W_j, dL/dW'_j> + b_j dL/db'_j      W'_j = s_j W_j, b'_j = s_j b_j, s = 1 at the start
 *
 * The parameter vector holds W', b' at every pass and after every step, so that whatever evaluates, probes or exports it sees a plain
 * linear classifier. s moves as any parameter: momentum, decay towards 0, norms and perturbations are those of s alone.
 *
 * All of it is host memory and double arithmetic with one rounding per number. A pass of the classifier ends with a wait anyway; what
 * follows here is one read and one write of its K (features + 1) numbers, 26 KB for 100 classes of 64 features: a device waits no
 * oftener than in a step of the classifier itself, and every back end gives the same s for the same gradient. One thread. */
#ifndef ENGINE_SCALES_H
#define ENGINE_SCALES_H

#include <stdbool.h>
#include <stddef.h>

#include "kernels/backend.h"

struct err;

struct scales {
    const struct backend *backend;
    struct model *model;
    size_t first, count; /* the classifier in the parameter vector: its weight, then its bias */
    int classes, features;
    float *classifier;   /* [classes][features], then [classes]: W and b. With the next two part of a snapshot */
    float *s, *momentum; /* [classes] */
    double *gradient;    /* [classes] dL/ds of the last pass */
    float *moved;        /* [classes] s + e */
    float *host;         /* as classifier: on its way from or to the back end */
};

/* Room for them; s is 1, W and b are 0. Model, back end and net outlive it. -1 with *err, *c empty: no memory, or a normalised classifier,
 * which does not see the length of its rows. */
int scales_init(struct scales *c, const struct backend *backend, struct model *model, const struct net *net, struct err *err);
void scales_release(struct scales *c); /* a zeroed struct is allowed */
size_t scales_memory(const struct scales *c);

/* W and b are those of the vector w, s = 1, and there is no momentum. */
void scales_begin(struct scales *c, const float *w);
/* w's classifier becomes s W, s b. */
void scales_apply(const struct scales *c, const float *s, float *w);

/* dL/ds from the vector dL/dparams at a scaled classifier, into c->gradient; returns its length. */
double scales_take_gradient(struct scales *c, const float *gradient);
double scales_reach(const struct scales *c);                                             /* |s dL/ds| */
/* moved's classifier becomes that of s + scale dL/ds, or with adaptive of s + scale s^2 dL/ds. */
void scales_climb(struct scales *c, double scale, bool adaptive, float *moved);
void scales_descend(struct scales *c, const struct sgd_step *step, float *w);

/* The Jacobian J of s -> (W', b') for classifier [classes][features], [classes]; all host memory. out = J s; and s = J^T rows. The Hessian
 * over s is J^T H J, H that of the classifier at W', b', for these are linear in s. */
void scales_spread(int classes, int features, const float *classifier, const float *s, float *out);
void scales_gather(int classes, int features, const float *classifier, const float *rows, double *s);

#endif
