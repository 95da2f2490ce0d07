/* engine/probe/direction.h - eigenvectors at the ends of a class's spectrum, found until they are eigenvectors indeed (spec 8, 2).
 * For the files of the trainer that probe. */
#ifndef ENGINE_DIRECTION_H
#define ENGINE_DIRECTION_H

#include <stdbool.h>

struct err;
struct trainer;

struct direction {
    double lambda;   /* v'Hv */
    double residual; /* |H v - lambda v| */
    int products;
    bool reached;    /* residual < 1e-2 |lambda| */
};

/* Unit eigenvector of the smallest (high: largest) eigenvalue of the chosen subject into v, its product into hv (vectors of
 * the subject's model). Lanczos of `iters` steps, started again from its own result, at most five times. Not reached is no
 * error here: `reached` says it. -1 with *err, ERR_CANCELLED included. */
int direction_find(struct trainer *t, bool high, int iters, float *v, float *hv, struct direction *out, struct err *err);

#endif
