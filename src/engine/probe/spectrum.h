/* engine/probe/spectrum.h - the spectrum of a symmetric operator: both ends with residual bounds, density and trace, one product
 * (or one block of products) at a time, so that whoever drives it can stop, share time or show what there is.
 *
 *   struct spectrum *s = spectrum_new(backend, model, n, &err);
 *   spectrum_start(s, &plan, &err);
 *   while (!spectrum_done(s)) if (spectrum_step(s, apply, ctx, &err) < 0) ...;
 *   spectrum_result(s, &r);
 *
 * Run 0 is Lanczos from a Rademacher vector until the bounds of `ends` eigenvalues at each end hold (methods 7.3). Further runs
 * take as many steps from other Rademacher vectors: stochastic Lanczos quadrature (methods 7.4) averages all of them. They go
 * SPECTRUM_BLOCK at a time, side by side, each with vectors of its own, so that their products share passes; where those do not
 * fit into memory fewer go together, with the same results.
 * Each start v of +-1 is also a sample of Hutchinson's trace for nothing, v'Hv = n alpha_1.
 *
 * Further products sharpen the trace with plan.trace: the part within run 0's Krylov space is known exactly (the sum of its
 * Ritz values), and only the rest is sampled, g'(I - VV')H(I - VV')g. Unbiased, because the g do not depend on V; this is
 * Hutch++ (Meyer et al. 2021) with a space that is there already and holds the outliers. tests/unit/spectrum.c compares the
 * standard errors.
 *
 * Vectors are the back end's. One thread; deterministic in (plan, operator). */
#ifndef ENGINE_SPECTRUM_H
#define ENGINE_SPECTRUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernels/backend.h"

struct err;
struct spectrum;

enum { SPECTRUM_BLOCK = 4, SPECTRUM_MAX_RUNS = 100, SPECTRUM_MAX_ENDS = 20 };

/* out[k] = A v[k], k < n; n <= SPECTRUM_BLOCK. -1 with *err stops the step. */
typedef int spectrum_apply(void *ctx, int n, const float *const *v, float *const *out, struct err *err);

struct spectrum_plan {
    int iters;           /* most steps of a run, >= 1 */
    int runs;            /* start vectors of the density, 1..SPECTRUM_MAX_RUNS */
    int ends;            /* eigenvalues at each end that must be bounded before run 0 stops early, >= 1 */
    int keep;            /* eigenvectors to keep at each end, <= SPECTRUM_MAX_ENDS */
    double tol;          /* bounds below this share of the eigenvalue are enough; 0 = all iterations */
    bool trace;          /* sharpen the trace by more products */
    double trace_tol;    /* until its standard error is below this share of it, */
    int trace_products;  /* but at most so many */
    uint64_t seed;
    uint32_t which;      /* tells probes of one run apart; below 65536 */
    const float *warm;   /* start of run 0 (copied), or NULL: Rademacher. A warm run gives no density and no trace */
};

/* Vectors are taken when first needed and kept. NULL with *err. */
struct spectrum *spectrum_new(const struct backend *backend, struct model *model, size_t n, struct err *err);
void spectrum_free(struct spectrum *s); /* before closing the model; NULL allowed */
size_t spectrum_dimension(const struct spectrum *s); /* n */
size_t spectrum_memory_bytes(const struct spectrum *s);

int spectrum_start(struct spectrum *s, const struct spectrum_plan *plan, struct err *err);
bool spectrum_done(const struct spectrum *s);
/* Some progress; -1 with *err: the spectrum has to be started again. */
int spectrum_step(struct spectrum *s, spectrum_apply *apply, void *ctx, struct err *err);

enum spectrum_why { SPECTRUM_BOUND, SPECTRUM_ITERS, SPECTRUM_EXHAUSTED };
extern const char *const spectrum_why_names[]; /* "bound", "iters", "exhausted" */

struct spectrum_result { /* so far; NaN where nothing is known yet */
    double min, max, min_bound, max_bound; /* extreme Ritz values of all runs, each with its own bound, at least rounding */
    int iters;                  /* steps of run 0: what reaching the bounds took */
    int products, of;           /* products done, and at most to come in all */
    int runs;                   /* complete runs in the density; 0 with a warm start */
    double trace, trace_se;     /* NaN with fewer than two samples */
    enum spectrum_why why;      /* of run 0's end */
};
void spectrum_status(const struct spectrum *s, struct spectrum_result *out);
/* Float32's share of the larger |eigenvalue|: no bound on an eigenvalue is smaller. */
double spectrum_rounding(double min, double max);

/* The density so far, of complete runs, or of run 0 while it is under way: nodes ascending, weights of sum 1. Valid until the
 * next step. Returns how many; 0 with a warm start. */
int spectrum_density(const struct spectrum *s, const double **nodes, const double **weights);

/* Eigenvalue i of run 0 from one end with its bound, i < iters. */
double spectrum_eigenvalue(const struct spectrum *s, bool high, int i, double *bound);
/* Its unit Ritz vector, i < plan.keep and i < iters; the spectrum's, until it is started again. NULL before run 0 is over. */
const float *spectrum_vector(const struct spectrum *s, bool high, int i);

#endif
