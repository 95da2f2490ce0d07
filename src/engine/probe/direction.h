/* engine/probe/direction.h - eigenvectors at the ends of a class's spectrum, found until they are eigenvectors indeed (methods 7.8).
 * For the files that probe. */
#ifndef ENGINE_DIRECTION_H
#define ENGINE_DIRECTION_H

#include <stdbool.h>

struct err;
struct probe;

struct probe_direction {
    float *v, *hv;   /* the caller's vectors [params.total] of the subject's model: the direction, and H v; 0 where nothing trains */
    double lambda;   /* v'Hv */
    double residual; /* |H v - lambda v| */
    int products;
    bool reached;    /* residual < 1e-2 |lambda| */
};

/* Unit eigenvector of the smallest (high: largest) eigenvalue of the chosen subject into d->v, its product into d->hv, and the
 * rest of *d. Lanczos of `iters` steps, started again from its own result, at most five times. Not reached is no error here:
 * `reached` says it. -1 with *err, ERR_CANCELLED included. */
int direction_find(struct probe *p, bool high, int iters, struct probe_direction *d, struct err *err);

/* v and hv from the floats that train alone (as the operator has them) to all parameters. -1 with *err: no memory. */
int direction_expand(struct probe *p, struct probe_direction *d, struct err *err);

#endif
