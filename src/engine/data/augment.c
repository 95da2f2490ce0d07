#include "config.h"
#include "engine/data/augment.h"

#include "base/rng.h"

#include <string.h>

const double image_mean[IMAGE_CHANNELS] = { 0.4914, 0.4822, 0.4465 };
const double image_std[IMAGE_CHANNELS] = { 0.2023, 0.1994, 0.2010 };

void pixel_table_make(struct pixel_table *t)
{
    for (int ch = 0; ch < IMAGE_CHANNELS; ch++)
        for (int v = 0; v < 256; v++)
            t->value[ch][v] = ((float)v / 255.0f - (float)image_mean[ch]) / (float)image_std[ch];
}

struct crop augment_crop(const struct augment *augment, uint32_t position)
{
    if (!augment->on)
        return (struct crop){ AUGMENT_PAD, AUGMENT_PAD, false };
    struct rng_words r = rng_draw(augment->seed, RNG_AUGMENT, augment->epoch, position, 0);
    const uint64_t choices = 2 * AUGMENT_PAD + 1; /* a product's high half: uneven by less than 1e-8, and one draw is enough */
    return (struct crop){ (int)(r.w[0] * choices >> 32), (int)(r.w[1] * choices >> 32), (r.w[2] & 1) != 0 };
}

static void put_pixel(float *to, const struct pixel_table *t, const uint8_t *from)
{
    to[0] = t->value[0][from[0]];
    to[1] = t->value[1][from[1]];
    to[2] = t->value[2][from[2]];
}

/* One row of the crop: source row `from` (NULL: all padding), columns from `first` on. */
static void put_row(float *to, const struct pixel_table *t, const uint8_t *from, int first, bool mirrored)
{
    static const uint8_t black[IMAGE_CHANNELS];
    for (int x = 0; x < IMAGE_SIDE; x++) {
        int column = first + (mirrored ? IMAGE_SIDE - 1 - x : x);
        bool padding = !from || column < 0 || column >= IMAGE_SIDE;
        put_pixel(to + x * IMAGE_CHANNELS, t, padding ? black : from + column * IMAGE_CHANNELS);
    }
}

static void put_image(float *to, const struct pixel_table *t, const uint8_t *image, struct crop crop)
{
    for (int y = 0; y < IMAGE_SIDE; y++) {
        int row = y + crop.row - AUGMENT_PAD;
        const uint8_t *from = row < 0 || row >= IMAGE_SIDE ? NULL : image + row * IMAGE_SIDE * IMAGE_CHANNELS;
        put_row(to + y * IMAGE_SIDE * IMAGE_CHANNELS, t, from, crop.column - AUGMENT_PAD, crop.mirrored);
    }
}

int batch_fill(float *out, int32_t *label, const struct image_list *list, const struct augment *augment, struct err *err)
{
    const struct image_set *set = list->set;
    struct pixel_table table;
    if (set->pixels && augment->on)
        return err_set(err, ERR_INVALID, "augment on is not accepted for tensors, which are already normalised; "
                       "expected augment off");
    pixel_table_make(&table);
    for (uint32_t i = 0; i < list->n; i++) {
        const uint32_t position = list->position[i];
        float *to = out + (size_t)i * IMAGE_VALUES;
        size_t from = (size_t)position * IMAGE_VALUES;
        if (set->pixels)
            memcpy(to, set->pixels + from, IMAGE_VALUES * sizeof *to);
        else
            put_image(to, &table, set->images + from, augment_crop(augment, position));
        if (label)
            label[i] = set->labels[position];
    }
    return 0;
}
