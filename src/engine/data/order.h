/* engine/data/order.h - in which order an epoch visits the training images. A pure function of (seed, epoch): nothing to
 * save, nothing to restore. Which classes, and how often, is the sampler's rule (engine/data/sampler.h).
 *
 * Within a class, class-aware, square-root, progressive and weighted go through the class's images in a shuffled list, and
 * shuffle it again when it is used up; each epoch begins with new lists. EFFECTIVE draws each image with replacement. */
#ifndef ENGINE_ORDER_H
#define ENGINE_ORDER_H

#include "engine/data/dataset.h"
#include "engine/data/sampler.h"

/* Owns its arrays; made once for a run or a stage of it, used by one thread. */
struct order {
    struct sampler sampler;
    const struct image_set *set;
    uint32_t n; /* visits in an epoch */
    int classes;
    double *class_end;     /* [classes] cumulative chance of a class, the last is 1; PROGRESSIVE: of the epoch filled last */
    uint32_t *class_start; /* [classes + 1] into member */
    uint32_t *member;      /* [set->n] positions, class by class */
    uint32_t *shuffled;    /* [set->n] the same in this epoch's lists */
    uint32_t *used;        /* [classes] how many of a class's list are used up */
    int *cycle;            /* [classes] CLASS_AWARE: in which order classes are visited */
};

/* The sampler is copied; its weights are not needed afterwards. -1 with *err, as sampler_shares(), and when there is no memory. */
int order_init(struct order *o, const struct sampler *sampler, const struct image_set *set, int classes, struct err *err);
void order_release(struct order *o); /* a zeroed struct is allowed */

/* position[0..o->n) for one epoch (of the run, from 0). Never allocates. */
void order_fill(struct order *o, uint32_t *position, uint64_t seed, uint32_t epoch);

/* Batches in an epoch of n visits; the last one may be smaller (methods 1.8). */
static inline uint32_t order_batches(uint32_t n, uint32_t batch)
{
    return n / batch + (n % batch != 0);
}

#endif
