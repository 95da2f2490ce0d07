/* engine/data/order.h - in which order an epoch visits the training images. A pure function of (seed, epoch): nothing to
 * save, nothing to restore. */
#ifndef ENGINE_ORDER_H
#define ENGINE_ORDER_H

#include "engine/data/dataset.h"

enum order_rule {
    ORDER_SHUFFLE, /* a fresh uniform permutation each epoch (rng_permutation) */
    ORDER_NATURAL, /* the set's own order */
    ORDER_RESAMPLE /* n draws with replacement, each image in proportion to (1 - b)/(1 - b^n_class), b = beta_en: spec 1.9.
                    * (The paper's code accepts this rule and then ignores it, D-25; here it works.) */
};

/* Owns its arrays; made once per run, read-only afterwards, any thread. */
struct order {
    enum order_rule rule;
    uint32_t n; /* images in the set = visits in an epoch */
    int classes;
    double *class_end;     /* ORDER_RESAMPLE: [classes] cumulative chance of a class, the last is 1 */
    uint32_t *class_start; /* [classes + 1] into member */
    uint32_t *member;      /* [n] positions, class by class */
};

/* beta_en in 0..1, without 1: of ORDER_RESAMPLE only. */
int order_init(struct order *o, enum order_rule rule, double beta_en, const struct image_set *set, int classes, struct err *err);
void order_release(struct order *o);

/* position[0..o->n) for one epoch (from 0). Never allocates. */
void order_fill(const struct order *o, uint32_t *position, uint64_t seed, uint32_t epoch);

/* Batches in an epoch; the last one may be smaller (spec 1.8). */
static inline uint32_t order_batches(uint32_t n, uint32_t batch)
{
    return n / batch + (n % batch != 0);
}

#endif
