/* tests/kernels/criterion_cases.h - one table of criteria. Whatever is asked of a criterion is asked of every row:
 *   tests/reference/derivatives   reference: gradient and Hessian product against finite differences
 *   tests/kernels/parity          cpu, each instruction set, against reference: loss, outputs, gradient, products
 *   tests/kernels/device          cuda, emulated too, against reference: the same, and its training passes in each math
 * A new kind of criterion is a row here and nothing else. */
#ifndef TESTS_KERNELS_CRITERION_CASES_H
#define TESTS_KERNELS_CRITERION_CASES_H

#include "kernels/backend.h"

struct criterion_case {
    const char *name;
    struct criterion criterion; /* without its arrays */
    /* The distances of the arrays from "as if they were not there": scale 1 + spread, shift, margin from 0 on, weights 1 + spread. */
    float scale, scale_spread, shift, margin, weight;
    bool soft, weighted; /* the batch has soft labels; weights of its images */
};
extern const struct criterion_case criterion_cases[];
extern const int n_criterion_cases;

/* Rows that other tests take as examples. */
enum { CASE_WEIGHTED, CASE_FOCAL, CASE_EVERYTHING, N_CASES_OF_GRIDS };

/* The row for this many classes, its arrays in coef [4][classes]. */
void criterion_case_make(const struct criterion_case *row, int classes, float *coef, struct criterion *out);

/* The batch with the targets and weights that the row wants, in room [n][classes + 1], or without. Some of both are 0; the targets of an
 * image need not sum to 1. */
void criterion_case_batch(const struct criterion_case *row, int classes, float *room, struct batch *batch);

/* True when this network's head will do. */
bool criterion_case_fits(const struct criterion_case *row, const struct net *net);

#endif
