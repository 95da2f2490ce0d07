/* engine/batches.h - which training images make up step k, and their pixels. A pure function of (seed, epoch, position),
 * so a run can be taken up at any step. One thread; nothing is allocated after batches_init(). */
#ifndef ENGINE_BATCHES_H
#define ENGINE_BATCHES_H

#include "engine/augment.h"
#include "engine/knobs.h"
#include "engine/order.h"
#include "kernels/backend.h"

struct batches {
    const struct image_set *set;
    struct order order;
    struct augment augment;
    uint32_t batch;      /* images in a full step */
    uint32_t per_epoch;  /* steps */
    uint32_t room;       /* images in the buffers, >= batch */
    long epoch;          /* whose order is in position[]; -1 = none */
    uint32_t *position;  /* [set->n] */
    float *images;       /* [room][IMAGE_VALUES] */
    int32_t *labels;     /* [room] */
};

/* Reads batch, seed, shuffle, resample and augment. room: least images that the buffers must hold. */
int batches_init(struct batches *b, const struct dataset *data, const struct knobs *knobs, uint32_t room, struct err *err);
void batches_release(struct batches *b); /* a zeroed struct is allowed */

/* Batch `index` of `epoch` into the buffers; *out points there. plain: without augmentation. */
int batches_get(struct batches *b, long epoch, uint32_t index, bool plain, struct batch *out, struct err *err);

/* n images of another set, in its order from `first`, not augmented, into the same buffers; n <= room. */
int batches_plain(struct batches *b, const struct image_set *set, uint32_t first, uint32_t n, struct batch *out, struct err *err);

/* The images at position[0..n) of a set, not augmented; n <= room. */
int batches_chosen(struct batches *b, const struct image_set *set, const uint32_t *position, uint32_t n, struct batch *out,
                   struct err *err);

#endif
