/* engine/data/augment.h - from stored images to a batch: crop, mirror, normalise (methods 1.4).
 *
 * What happens to a sample is a pure function of (seed, epoch, its position in the set): one Philox draw
 * w = rng_draw(seed, RNG_AUGMENT, epoch, position, 0); row offset = w0 * (2 pad + 1) >> 32, column offset of w1 alike, mirrored
 * when w2 is odd; pad is an eighth of the shorter side (4 at 32x32). So the order of samples, the batch size and the number of threads do not matter. */
#ifndef ENGINE_AUGMENT_H
#define ENGINE_AUGMENT_H

#include "engine/data/dataset.h"

int augment_pad(struct image_geometry g); /* pixels on each side */

struct augment {
    bool on; /* false: the images as they are (test, probe, `augment off`) */
    uint64_t seed;
    uint32_t epoch; /* from 0 */
};

struct crop {
    int row, column; /* 0..2 pad: where the window of the image's size starts in the padded image; pad pad = in place */
    bool mirrored;   /* left-right, after the crop */
};
struct crop augment_crop(const struct augment *augment, int pad, uint32_t position);

/* What a byte becomes: (value/255 - mean)/std, in float and in this order, as the reference does it. */
struct pixel_table {
    float value[IMAGE_MAX_CHANNELS][256];
};
void pixel_table_make(struct pixel_table *t, const struct image_norm *norm);

struct image_list {
    const struct image_set *set;
    const uint32_t *position; /* [n] */
    uint32_t n;
};

/* out[n][height][width][channels] = the images of the list, each (value/255 - mean) / std, padding black before that;
 * label[n] their classes, may be NULL. A set of floats is copied as it is: augmentation is refused for it.
 * -1 with *err also when the set's reader cannot read one. Allocates only for a set that is not in memory; slices of one batch may be
 * filled by several threads. */
int batch_fill(float *out, int32_t *label, const struct image_list *list, const struct augment *augment, struct err *err);

#endif
