/* engine/probe/pyhessian.h - the reference's own protocol (methods 7.6), for numbers that can be laid beside published ones: power
 * iteration and Hutchinson's trace with their stopping rules, and Lanczos quadrature with one sweep of re-orthogonalisation and
 * vectors divided by |v| + 1e-6. Everything better is in engine/probe/spectrum.h. */
#ifndef ENGINE_PYHESSIAN_H
#define ENGINE_PYHESSIAN_H

#include "engine/probe/spectrum.h"

struct pyhessian_plan {
    int iters, runs; /* Lanczos steps, cut to the dimension, and start vectors: 100 and 1 in the reference */
    uint64_t seed;
    uint32_t which;
    spectrum_apply *apply; /* may end everything with ERR_CANCELLED */
    void *ctx;
    void (*progress)(void *ctx, int done, int of);
};

struct pyhessian_result {
    double power;            /* eigenvalue of largest magnitude; may be negative (methods 7.6) */
    double trace, trace_se;  /* mean over the probes, and its standard error (not the reference's) */
    double min, max, min_bound, max_bound; /* Ritz values over all runs, with residual bounds (not the reference's) */
    int power_products, trace_products, products;
    int n_nodes;             /* iters * runs, ascending */
    double *nodes, *weights; /* pyhessian_release() */
};

/* Takes iters + 3 vectors of n floats while it runs. -1 with *err. */
int pyhessian_run(const struct backend *backend, struct model *model, size_t n, const struct pyhessian_plan *plan,
                  struct pyhessian_result *out, struct err *err);
void pyhessian_release(struct pyhessian_result *r);

#endif
