/* engine/run/feature_bank.h - what a backbone that stands still makes of a set of images, taken once: by running statistics and without
 * augmentation. While only the classifier trains, steps from the bank have the bits of steps over the images.
 *
 *   struct feature_bank f;
 *   feature_bank_init(&f, set, net.features, room, &err);
 *   feature_bank_take(&f, backend, model, &batches, &pass, &err);
 *   feature_bank_batch(&f, position, n, &batch);                      as often as wanted
 *   feature_bank_release(&f);
 *
 * Host memory; one thread. */
#ifndef ENGINE_FEATURE_BANK_H
#define ENGINE_FEATURE_BANK_H

#include "engine/data/batches.h"

struct err;

struct feature_bank {
    const struct image_set *set; /* outlives it */
    size_t features;
    float *feature;              /* [set->n][features] */
    uint32_t room;               /* images of a batch, at most */
    float *rows;                 /* [room][features] of the last batch */
    int32_t *labels;             /* [room] */
};

/* -1 with *err: no memory, *f empty. */
int feature_bank_init(struct feature_bank *f, const struct image_set *set, int features, uint32_t room, struct err *err);
void feature_bank_release(struct feature_bank *f); /* a zeroed struct is allowed */
size_t feature_bank_memory(const struct feature_bank *f);

/* Every image of the set through the model. pass: weights, statistics and a criterion that the back end has; nothing of them moves. The
 * batches are those of the set's data: their buffers are used. */
int feature_bank_take(struct feature_bank *f, const struct backend *backend, struct model *model, struct batches *batches,
                      const struct pass *pass, struct err *err);

/* The images at position[0..n), n <= room, until the next call. */
void feature_bank_batch(struct feature_bank *f, const uint32_t *position, uint32_t n, struct batch *out);

#endif
