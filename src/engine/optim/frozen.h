/* engine/optim/frozen.h - a step whose second pass keeps IB's factors of the first. */
#ifndef ENGINE_OPTIM_FROZEN_H
#define ENGINE_OPTIM_FROZEN_H

#include "engine/optim/optim_private.h"

struct frozen { /* stays where it is while `step` is used */
    struct step step; /* the second pass's: its task has the frozen criterion and batch */
    struct optim_task task;
    struct batch batch;
    struct criterion criterion;
};

/* After the first pass: loads the batch again, each image weighed by its factor there. The weights are in o->rows. -1 with *err. */
int optim_freeze(const struct step *s, struct frozen *out);

#endif
