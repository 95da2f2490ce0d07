/* engine/data/feed.h - the next batch of pictures, made on a thread while the step before it is computed: one batch ahead and no more,
 * whatever the number of files. What it gives is what batch_fill() gives. Owned and called by one thread. */
#ifndef ENGINE_FEED_H
#define ENGINE_FEED_H

#include "engine/data/augment.h"

struct feed;

struct feed_order { /* which batch */
    long epoch;
    uint32_t index;
    struct augment augment;
};

struct feed *feed_new(uint32_t room, size_t values); /* images at most, floats of each; NULL: no memory */
void feed_free(struct feed *f); /* waits for what is under way; NULL is allowed */

/* Begins to make a batch; the list's positions are copied. Without a thread nothing happens: feed_take() then makes it. */
void feed_ahead(struct feed *f, const struct feed_order *order, const struct image_list *list);

/* The batch of this order: the one that was begun, whose buffers *images and *labels are exchanged for, or made now. -1 with *err. */
int feed_take(struct feed *f, const struct feed_order *order, const struct image_list *list, float **images, int32_t **labels, struct err *err);

double feed_waited(const struct feed *f); /* seconds that feed_take() took, in all */

#endif
