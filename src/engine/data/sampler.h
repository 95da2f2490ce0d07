/* engine/data/sampler.h - how often an epoch visits each class. One table of rules; a rule's name is a choice of the knob
 * `sampler`. With n_c images in class c of K and N in all, the chance that a visit is to class c:
 *   instance n_c/N; class-aware 1/K; square-root ~ sqrt(n_c); progressive (1 - t) n_c/N + t/K with t = e/(T - 1) in epoch e of T
 *   (Kang et al. 2020, "Decoupling representation and classifier", and its code); weighted ~ any numbers.
 * Pure functions of their arguments; any thread. */
#ifndef ENGINE_SAMPLER_H
#define ENGINE_SAMPLER_H

#include <stdint.h>

struct err;

enum sampler_kind {
    SAMPLER_INSTANCE,    /* a fresh uniform permutation each epoch (rng_permutation) */
    SAMPLER_CLASS_AWARE,
    SAMPLER_SQUARE_ROOT,
    SAMPLER_PROGRESSIVE,
    SAMPLER_WEIGHTED,
    SAMPLER_EFFECTIVE,   /* the knob `resample`: draws with replacement, each image in proportion to (1 - b)/(1 - b^n_c) */
    SAMPLER_NATURAL,     /* the set's own order: `shuffle off` */
    SAMPLER_COUNT
};

enum { SAMPLER_PER_VISIT = 4 }; /* as in Kang et al.'s code */

struct sampler { /* zero-filled: instance */
    enum sampler_kind kind;
    uint32_t visits;       /* images of an epoch; 0 = as many as the set has. INSTANCE, NATURAL: 0 only */
    uint32_t per_visit;    /* CLASS_AWARE: images taken of a class in one visit; 0 = SAMPLER_PER_VISIT */
    uint32_t first_epoch;  /* PROGRESSIVE: the epoch that is all instance; before it is as in it */
    uint32_t epochs;       /* PROGRESSIVE: T; the last of them, and any later one, has all classes alike. One: instance */
    const double *weight;  /* WEIGHTED: [classes], 0 or more, any sum; of a class, not of its images. Read by order_init() only */
    double beta_en;        /* EFFECTIVE: b, 0..1 without 1 */
};

struct sampler_info {
    const char *name, *help;
    /* share[c] in proportion to how often class c is visited; t in 0..1: PROGRESSIVE's */
    void (*shares)(const struct sampler *s, const uint32_t *count, int classes, double t, double *share);
};
extern const struct sampler_info sampler_table[SAMPLER_COUNT];

/* share[0..classes), in proportion to how often an epoch visits each class; count: training images of each class. -1 with *err
 * when a share is out of range, all are 0, or a class without images would be visited. */
int sampler_shares(const struct sampler *s, const uint32_t *count, int classes, uint32_t epoch, double *share, struct err *err);

#endif
