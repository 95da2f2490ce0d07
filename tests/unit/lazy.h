/* tests/unit/lazy.h - the cpu back end with a queue of optimiser steps and a store of images, in which a queued step happens
 * when somebody waits for it and not before: whoever looks at its vectors too early is counted. For one model that queues at a
 * time; another thread's models are plain cpu ones. */
#ifndef TESTS_UNIT_LAZY_H
#define TESTS_UNIT_LAZY_H

#include "kernels/backend.h"

extern struct backend backend_lazy; /* lazy_reset() first */

extern struct lazy {
    int deepest;      /* steps under way at once, at most */
    int steps;        /* that happened */
    int looks;        /* at the model that queues, by other functions, while steps were under way */
    int products;     /* Hessian products of other models, while steps were under way */
    /* what the test asks for */
    int bad_step;     /* the step with this number, from 1, has a loss that is not finite; once */
    int broken_step;  /* waiting for this step and all that follow fails */
    int broken_queue; /* queueing this step and all that follow fails */
    int delay_us;     /* a step takes that much longer */
} lazy;
void lazy_reset(void);

#endif
