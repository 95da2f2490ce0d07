#include "config.h"
#include "engine/data/augment.h"

#include "base/rng.h"

#include <stdlib.h>
#include <string.h>

int augment_pad(struct image_geometry g)
{
    return ((g.height < g.width ? g.height : g.width) + 4) / 8;
}

void pixel_table_make(struct pixel_table *t, const struct image_norm *norm)
{
    for (int ch = 0; ch < IMAGE_MAX_CHANNELS; ch++)
        for (int v = 0; v < 256; v++)
            t->value[ch][v] = ((float)v / 255.0f - (float)norm->mean[ch]) / (float)norm->std[ch];
}

struct crop augment_crop(const struct augment *augment, int pad, uint32_t position)
{
    if (!augment->on)
        return (struct crop){ pad, pad, false };
    struct rng_words r = rng_draw(augment->seed, RNG_AUGMENT, augment->epoch, position, 0);
    const uint64_t choices = 2 * (uint64_t)pad + 1; /* a product's high half: uneven by less than 1e-7, and one draw is enough */
    return (struct crop){ (int)(r.w[0] * choices >> 32), (int)(r.w[1] * choices >> 32), (r.w[2] & 1) != 0 };
}

static inline void put_pixel(float *to, const struct pixel_table *t, const uint8_t *from, int channels)
{
    for (int ch = 0; ch < channels; ch++)
        to[ch] = t->value[ch][from[ch]];
}

struct pixel_row { /* of a crop */
    const uint8_t *from; /* NULL: all padding */
    int first, width;    /* its first column */
    bool mirrored;
};

/* Inlined for each number of channels: the innermost loop of every batch. */
static inline __attribute__((always_inline)) void put_pixel_row(float *to, const struct pixel_table *t, const struct pixel_row *row, int channels)
{
    static const uint8_t black[IMAGE_MAX_CHANNELS];
    for (int x = 0; x < row->width; x++) {
        const int column = row->first + (row->mirrored ? row->width - 1 - x : x);
        const bool padding = !row->from || column < 0 || column >= row->width;
        put_pixel(to + x * channels, t, padding ? black : row->from + column * channels, channels);
    }
}

static void put_image(float *to, const struct pixel_table *t, const uint8_t *image, struct image_geometry size, struct crop crop)
{
    const int pad = augment_pad(size), values = size.width * size.channels;
    for (int y = 0; y < size.height; y++) {
        const int at = y + crop.row - pad;
        const struct pixel_row row = { .from = at < 0 || at >= size.height ? NULL : image + at * values, .first = crop.column - pad,
                                       .width = size.width, .mirrored = crop.mirrored };
        if (size.channels == 3)
            put_pixel_row(to + y * values, t, &row, 3);
        else
            put_pixel_row(to + y * values, t, &row, size.channels);
    }
}

struct filling { /* a batch being made */
    const struct image_set *set;
    const struct augment *augment;
    uint8_t *room; /* for the bytes of an image that is not in memory */
    struct pixel_table table;
};

static int put_one(float *to, const struct filling *f, uint32_t position, struct err *err)
{
    const struct image_kind *kind = &f->set->kind;
    const void *image = f->set->reader->get(f->set, position, kind->floats ? (void *)to : f->room, err);
    if (!image)
        return -1;
    if (!kind->floats)
        put_image(to, &f->table, image, kind->size, augment_crop(f->augment, augment_pad(kind->size), position));
    else if (image != to)
        memcpy(to, image, image_bytes(kind));
    return 0;
}

int batch_fill(float *out, int32_t *label, const struct image_list *list, const struct augment *augment, struct err *err)
{
    const struct image_kind *kind = &list->set->kind;
    struct filling f = { .set = list->set, .augment = augment };
    int result = 0;
    if (kind->floats && augment->on)
        return err_set(err, ERR_INVALID, "augment on is not accepted for tensors, which are already normalised; "
                       "expected augment off");
    if (!kind->floats)
        pixel_table_make(&f.table, &kind->norm);
    if (!image_set_resident(f.set) && !(f.room = malloc(image_bytes(kind))))
        return err_set(err, ERR_MEMORY, "data: no memory for an image");
    for (uint32_t i = 0; i < list->n && result == 0; i++) {
        result = put_one(out + i * image_values(kind->size), &f, list->position[i], err);
        if (label)
            label[i] = f.set->labels[list->position[i]];
    }
    free(f.room);
    return result;
}
