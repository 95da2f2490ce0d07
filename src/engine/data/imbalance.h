/* engine/data/imbalance.h - how many images of each class are kept, which ones, and how classes are grouped.
 * Source: methods 1.1, 1.2, 1.3. Pure functions of their arguments; any thread. */
#ifndef ENGINE_IMBALANCE_H
#define ENGINE_IMBALANCE_H

#include "engine/data/dataset.h"

struct imbalance_profile {
    enum imbalance kind;
    int classes;
    double full; /* images per class before: 5000 for CIFAR-10 */
    double beta; /* largest class / smallest class */
    char (*class_name)[CLASS_NAME_SIZE]; /* for messages; may be NULL */
};

/* count[0..classes), truncated as in the reference:
 * exp: full * (1/beta)^(c/(classes-1)); step: full for the first half of the classes, full/beta for the rest; none: full.
 * Refuses beta < 1 or not finite, and a profile that leaves a class without any image, with the largest beta that would do. */
int imbalance_counts(uint32_t *count, const struct imbalance_profile *p, struct err *err);

struct imbalance_choice {
    const uint32_t *count; /* [classes] to keep */
    int classes;
    uint32_t seed;
};

/* Positions of the kept images, class-major, the very choice of the reference: one Mersenne Twister through all
 * classes, each class's whole list shuffled, the first count[c] taken. label[0..n) is the full training order;
 * position has room for the sum of count[]. Refuses a class that has fewer images than count[c]. */
int imbalance_choose(uint32_t *position, const int32_t *label, uint32_t n, const struct imbalance_choice *choice, struct err *err);

/* Fills d->group and d->group_classes from count[], the training images of each class. `groups` is one of
 *   "paper" or NULL  methods 1.3: step halves the classes; 10 or 100 classes in order of frequency (most first, equal counts
 *                    allowed) get the paper's index ranges; any others are ranked by training images (most first, equal
 *                    counts in index order), the first third, rounded down but at least one, is head, the last third tail
 *   "shots"          head more than 100 training images, mid 20 to 100, tail fewer than 20
 *   ranges           head/mid/tail or head/tail, every class exactly once: "0-2/3-6/7-9", "0-4/5-9", "0,2,4-9/1/3" */
int imbalance_groups(struct dataset *d, const uint32_t *count, enum imbalance profile, const char *groups, struct err *err);

#endif
