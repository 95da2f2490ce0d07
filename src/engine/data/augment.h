/* engine/data/augment.h - from stored images to a batch: crop, mirror, normalise (spec 1.4).
 *
 * What happens to a sample is a pure function of (seed, epoch, its position in the set): one Philox draw
 * w = rng_draw(seed, RNG_AUGMENT, epoch, position, 0); row offset = w0 * 9 >> 32, column offset = w1 * 9 >> 32, mirrored
 * when w2 is odd. So the order of samples, the batch size and the number of threads do not matter. */
#ifndef ENGINE_AUGMENT_H
#define ENGINE_AUGMENT_H

#include "engine/data/dataset.h"

enum { AUGMENT_PAD = 4 };

extern const double image_mean[IMAGE_CHANNELS], image_std[IMAGE_CHANNELS]; /* CIFAR-10's, used for every data set */

struct augment {
    bool on; /* false: the images as they are (test, probe, `augment off`) */
    uint64_t seed;
    uint32_t epoch; /* from 0 */
};

struct crop {
    int row, column; /* 0..8: where the 32x32 window starts in the image padded by 4; 4 4 = in place */
    bool mirrored;   /* left-right, after the crop */
};
struct crop augment_crop(const struct augment *augment, uint32_t position);

/* What a byte becomes: (value/255 - mean)/std, in float and in this order, as the reference does it. */
struct pixel_table {
    float value[IMAGE_CHANNELS][256];
};
void pixel_table_make(struct pixel_table *t);

struct image_list {
    const struct image_set *set;
    const uint32_t *position; /* [n] */
    uint32_t n;
};

/* out[n][32][32][3] = the images of the list, each (value/255 - mean) / std, padding black before that;
 * label[n] their classes, may be NULL. A set of floats is copied as it is: augmentation is refused for it.
 * Never allocates; slices of one batch may be filled by several threads. */
int batch_fill(float *out, int32_t *label, const struct image_list *list, const struct augment *augment, struct err *err);

#endif
