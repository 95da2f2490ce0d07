/* engine/data/augment.h - from stored images to a batch: crop, mirror, normalise (methods 1.4).
 *
 * The augmentation of a sample is a pure function of (seed, epoch, its position in the set): one Philox draw
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
    bool resized;   /* a box of the picture on disk, resized, in place of a window of the padded image: augment_box() */
    float jitter;   /* brightness, contrast and saturation change by up to this share: augment_colours(); 0: they do not */
};

/* The augmentation that the knobs augment, crop, jitter and seed ask for. -1 with *err where the set cannot be augmented so. */
struct knobs;
int augment_of(const struct knobs *knobs, const struct image_set *set, struct augment *out, struct err *err);
/* More than the crops that a back end knows (struct image_choice). */
static inline bool augment_is_rich(const struct augment *augment)
{
    return augment->on && (augment->resized || augment->jitter > 0);
}

/* The box of a picture of width x height that an image is made of (methods 1.9): 8 to 100 % of its area, 3:4 to 4:3. */
struct image_box augment_box(const struct augment *augment, uint32_t position, int width, int height);

/* Changes an image's colours, rgb[pixels][3], in place. */
void augment_colours(const struct augment *augment, uint32_t position, uint8_t *rgb, size_t pixels);

struct crop {
    int row, column; /* 0..2 pad: where the window of the image's size starts in the padded image; pad pad = in place */
    bool mirrored;   /* left-right, after the crop */
};
struct crop augment_crop(const struct augment *augment, int pad, uint32_t position);

/* The number that a byte becomes: (value/255 - mean)/std, in float and in this order, as the reference does it. */
struct pixel_table {
    float value[IMAGE_MAX_CHANNELS][256];
};
void pixel_table_make(struct pixel_table *t, const struct image_norm *norm);

struct image_list {
    const struct image_set *set;
    const uint32_t *position; /* [n] */
    uint32_t n;
};

/* Filling batches of the set takes time: pictures on disk are read. */
static inline bool batch_takes_time(const struct image_set *set, const struct augment *augment)
{
    return !image_set_resident(set) || (augment->on && augment->resized);
}

/* out[n][height][width][channels] = the images of the list, each (value/255 - mean) / std, padding black before that;
 * label[n] their classes, may be NULL. A set of floats is copied as it is: augmentation is refused for it.
 * -1 with *err also when the set's reader cannot read one. Where that takes time (pictures on disk) all processors help; it
 * allocates then, and for colours. Slices of one batch may be filled by several threads. */
int batch_fill(float *out, int32_t *label, const struct image_list *list, const struct augment *augment, struct err *err);

#endif
