/* engine/probe/lanczos.h - extreme eigenvalues and spectral density of a symmetric operator, one product at a time (methods 7.3).
 *
 *   struct lanczos *l = lanczos_new(backend, model, n, iters, &err);      all memory is taken here
 *   lanczos_start(l, seed, which, NULL, &err);                            or from a vector: a warm start
 *   while (!lanczos_done(l, tol)) { if (lanczos_step(l, apply, ctx, &err) < 0) ...; }
 *   lanczos_status(l, &s);  lanczos_density(l, nodes, weights);  lanczos_vector(l, v, &err);
 *
 * Every new vector is orthogonalised twice against all earlier ones, with dot products in double, so no copies of an
 * eigenvalue appear and the residual bounds hold. Vectors are float32 vectors of the back end: their rounding (about
 * 1e-7 of the largest |eigenvalue|) is the floor of what a bound means. When the Krylov space of the start vector turns out
 * to be invariant (breakdown) the bounds drop to that floor; further steps go on from a fresh vector orthogonal to all
 * earlier ones, which finds what the start vector could not see. One thread; deterministic. */
#ifndef ENGINE_LANCZOS_H
#define ENGINE_LANCZOS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernels/backend.h"

struct err;
struct lanczos;

/* out = A v. Both are vectors of the back end with n floats. -1 with *err stops the step. */
typedef int lanczos_apply(void *ctx, const float *v, float *out, struct err *err);

/* Takes (max_iters + 1) vectors of n floats and O(max_iters^2) doubles. 1 <= max_iters; more than n is cut to n.
 * Backend and model outlive it. NULL with *err. */
struct lanczos *lanczos_new(const struct backend *backend, struct model *model, size_t n, int max_iters,
                            struct err *err);
void lanczos_free(struct lanczos *l); /* before closing the model; NULL allowed */
size_t lanczos_memory_bytes(const struct lanczos *l);

/* Begins again. from: start vector (copied, any length but zero), or NULL: entries -1 or +1 with equal probability from
 * rng(seed, RNG_PROBE, which, 0); `which` tells probes of one run apart. -1 with *err on a zero or non-finite vector. */
int lanczos_start(struct lanczos *l, uint64_t seed, uint32_t which, const float *from, struct err *err);

/* One product. 0 done (or nothing left to do), -1 with *err: the callback's, or ERR_DIVERGED for a product that is not
 * finite; the state before the step is kept. */
int lanczos_step(struct lanczos *l, lanczos_apply *apply, void *ctx, struct err *err);

/* The same in two halves, so that several Lanczos runs can share one product of a block: lanczos_next() gives the vector v to
 * multiply and the place w for A v, false when nothing is left to do; after w has been filled lanczos_take() goes on. */
bool lanczos_next(struct lanczos *l, const float **v, float **w);
int lanczos_take(struct lanczos *l, struct err *err);

struct lanczos_status { /* after `iters` products; NaN while iters = 0 */
    int iters, max_iters;
    double min, max;             /* Ritz values */
    double min_bound, max_bound; /* |beta_k s_kj|: some eigenvalue lies within this distance of the Ritz value */
    bool exhausted;              /* the vectors span the whole space: nothing is left to find */
};
void lanczos_status(const struct lanczos *l, struct lanczos_status *out);

/* True when nothing is left to do: all iterations done, exhausted, or both bounds below tol |Ritz value| (tol > 0). */
bool lanczos_done(const struct lanczos *l, double tol);

/* Quadrature of the spectral density (methods 7.4): iters nodes (Ritz values, ascending) and weights (sum 1). Host memory. */
int lanczos_density(const struct lanczos *l, double *nodes, double *weights); /* returns iters */
/* Ritz value i of 0..iters-1 (ascending) with its bound. */
double lanczos_ritz(const struct lanczos *l, int i, double *bound);

/* w -= its part within the space spanned by the products so far, in two sweeps. */
void lanczos_project(const struct lanczos *l, float *w);
/* Trace of the operator within that space: the sum of the Ritz values; 0 while iters = 0. */
double lanczos_trace(const struct lanczos *l);

/* Unit Ritz vector of Ritz value i, 0 = smallest, iters - 1 = largest, into out (a vector of the back end). */
void lanczos_vector(const struct lanczos *l, int i, float *out);

/* Symmetric tridiagonal eigenproblem by implicit QL in double: diag[n] becomes the ascending eigenvalues, off[n] is
 * destroyed (off[i] couples i and i + 1; off[n-1] is scratch). rows: [2][n], on return the first and the last component of
 * each unit eigenvector. all: [n][n] or NULL; all[i * n + j] = component i of eigenvector j. -1: no convergence
 * (not seen for finite input). */
int lanczos_tridiagonal(int n, double *diag, double *off, double *rows, double *all);

#endif
