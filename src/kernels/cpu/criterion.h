/* kernels/cpu/criterion.h - one image through a criterion, in double: its value, its gradient and the gradient's derivative
 * (kernels/criterion.h). A rowwise kind is a file criterion_NAME.c with a struct cpu_criterion cpu_NAME. Pure; any thread. */
#ifndef KERNELS_CPU_CRITERION_H
#define KERNELS_CPU_CRITERION_H

#include "kernels/backend.h"

struct row { /* one image */
    const struct criterion *criterion;
    int classes, features, label;
    double factor;         /* the part of the image that has this label, over D */
    const float *x;        /* [classes] the network's outputs */
    const double *feature; /* [features] */
    double *p;             /* [classes] room */
};

struct cpu_criterion {
    /* The value, undivided. Adds factor dvalue/dx to g [classes] and, of a kind that looks at features, the same at fixed x to
     * g_feature [features]. g NULL: only the value. */
    double (*value)(const struct row *r, float *g, double *g_feature);
    /* Adds R of both along (rx, r_feature). room: [classes]. NULL: it has none. */
    void (*product)(const struct row *r, const float *rx, const double *r_feature, double *room, float *rg, double *rg_feature);
};
#define CPU_CRITERION(id, name, ...) extern const struct cpu_criterion cpu_##name;
CRITERION_TABLE(CPU_CRITERION)
#undef CPU_CRITERION

/* Softmax cross-entropy of an image, which other criteria are made of too (struct loss_coef). */
struct loss_point {
    double value; /* phi(l): what the batch loss sums */
    double d1;    /* phi'(l) weight: d value / d a_j = d1 (p_j - [j = y]) */
    double d2;    /* phi''(l) weight^2 */
};
/* r->p becomes softmax(a). */
struct loss_point softmax_at(const struct row *r);

#endif
