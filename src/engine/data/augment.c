#include "config.h"
#include "engine/data/augment.h"

#include "base/parallel.h"
#include "base/rng.h"
#include "engine/knobs.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { FILL_WORKERS = 16, BOX_TRIES = 10, COLOUR_BLOCK = BOX_TRIES, ORDER_BLOCK };

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

/* --- boxes and colours of pictures --- */

int augment_of(const struct knobs *knobs, const struct image_set *set, struct augment *out, struct err *err)
{
    *out = (struct augment){ .on = knob_on(knobs, KNOB_AUGMENT), .seed = (uint64_t)knob_num(knobs, KNOB_SEED),
                             .resized = knob_is(knobs, KNOB_CROP, "resized"), .jitter = (float)knob_num(knobs, KNOB_JITTER) };
    if (out->on && out->resized && !set->reader->crop)
        return err_set(err, ERR_INVALID, "crop resized is for pictures on disk (data folder, data list); crop pad is accepted");
    if (out->on && out->jitter > 0 && set->kind.size.channels != 3)
        return err_set(err, ERR_INVALID, "jitter %g changes colours, and the images are grey; jitter 0 is accepted", (double)out->jitter);
    return 0;
}

static double unit(uint32_t word)
{
    return word / 4294967296.0;
}

static struct image_box centred_box(int width, int height, int w, int h)
{
    return (struct image_box){ (width - w) / 2, (height - h) / 2, w, h };
}

struct image_box augment_box(const struct augment *augment, uint32_t position, int width, int height)
{
    const double area = (double)width * height, ratio = (double)width / height, least = 3.0 / 4, most = 4.0 / 3;
    for (uint32_t i = 0; i < BOX_TRIES; i++) {
        const struct rng_words r = rng_draw(augment->seed, RNG_PICTURE, augment->epoch, position, i);
        const double part = area * (0.08 + 0.92 * unit(r.w[0])), aspect = exp(log(least) + (log(most) - log(least)) * unit(r.w[1]));
        const int w = (int)rint(sqrt(part * aspect)), h = (int)rint(sqrt(part / aspect));
        if (w > 0 && w <= width && h > 0 && h <= height)
            return (struct image_box){ (int)((uint64_t)r.w[3] * (uint64_t)(width - w + 1) >> 32), (int)((uint64_t)r.w[2] * (uint64_t)(height - h + 1) >> 32),
                                       w, h };
    }
    const int narrow = (int)rint(width / least), flat = (int)rint(height * most);
    return ratio < least ? centred_box(width, height, width, narrow < height ? narrow : height)
           : ratio > most ? centred_box(width, height, flat < width ? flat : width, height)
                          : (struct image_box){ 0, 0, width, height };
}

static int luma(const uint8_t *rgb)
{
    return (rgb[0] * 19595 + rgb[1] * 38470 + rgb[2] * 7471 + 0x8000) >> 16;
}

/* A byte moved from `from` towards a value and past it, in float and cut to a byte as Pillow does. */
static uint8_t blend(int from, int value, float factor)
{
    const float v = (float)from + factor * (float)(value - from);
    return v <= 0 ? 0 : v >= 255 ? 255 : (uint8_t)v;
}

static void change_contrast(uint8_t *rgb, size_t pixels, float factor)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < pixels; i++)
        sum += (uint64_t)luma(rgb + 3 * i);
    const int mean = (int)((double)sum / (double)pixels + 0.5);
    for (size_t i = 0; i < 3 * pixels; i++)
        rgb[i] = blend(mean, rgb[i], factor);
}

static void change_saturation(uint8_t *rgb, size_t pixels, float factor)
{
    for (size_t i = 0; i < pixels; i++, rgb += 3) {
        const int grey = luma(rgb);
        for (int ch = 0; ch < 3; ch++)
            rgb[ch] = blend(grey, rgb[ch], factor);
    }
}

void augment_colours(const struct augment *augment, uint32_t position, uint8_t *rgb, size_t pixels)
{
    static const uint8_t order[6][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };
    const struct rng_words r = rng_draw(augment->seed, RNG_PICTURE, augment->epoch, position, COLOUR_BLOCK);
    const uint8_t *which = order[(uint64_t)rng_draw(augment->seed, RNG_PICTURE, augment->epoch, position, ORDER_BLOCK).w[0] * 6 >> 32];
    for (int i = 0; i < 3; i++) {
        const float factor = (float)(1 + augment->jitter * (2 * unit(r.w[which[i]]) - 1));
        if (which[i] == 0)
            for (size_t v = 0; v < 3 * pixels; v++)
                rgb[v] = blend(0, rgb[v], factor);
        else
            (which[i] == 1 ? change_contrast : change_saturation)(rgb, pixels, factor);
    }
}

/* --- batches --- */

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
    const struct image_list *list;
    const struct augment *augment;
    float *out;
    uint8_t *room; /* [workers][bytes of an image] for images that are not in memory or change; else NULL */
    struct pixel_table table;
    uint32_t bad;  /* the first that could not be read; list->n: none */
    struct err err;
    pthread_mutex_t lock; /* of bad and err */
};

static int put(float *to, const struct filling *f, uint32_t position, uint8_t *room, struct err *err)
{
    const struct image_set *set = f->list->set;
    const struct image_kind *kind = &set->kind;
    const int pad = augment_pad(kind->size);
    struct crop crop = augment_crop(f->augment, pad, position);
    const void *image = room;
    if (f->augment->on && f->augment->resized) {
        if (set->reader->crop(set, position, f->augment, room, err) < 0)
            return -1;
        crop.row = crop.column = pad;
    } else if (!(image = set->reader->get(set, position, kind->floats ? (void *)to : room, err))) {
        return -1;
    }
    if (kind->floats) {
        if (image != to)
            memcpy(to, image, image_bytes(kind));
        return 0;
    }
    if (f->augment->on && f->augment->jitter > 0) {
        if (image != room)
            memcpy(room, image, image_bytes(kind));
        augment_colours(f->augment, position, room, image_values(kind->size) / 3);
        image = room;
    }
    put_image(to, &f->table, image, kind->size, crop);
    return 0;
}

static void put_one(void *context, int index, int worker)
{
    struct filling *f = context;
    const struct image_kind *kind = &f->list->set->kind;
    struct err err = { 0 };
    uint8_t *room = f->room ? f->room + (size_t)worker * image_bytes(kind) : NULL;
    if (put(f->out + (size_t)index * image_values(kind->size), f, f->list->position[index], room, &err) == 0)
        return;
    pthread_mutex_lock(&f->lock);
    if ((uint32_t)index < f->bad) {
        f->bad = (uint32_t)index;
        f->err = err;
    }
    pthread_mutex_unlock(&f->lock);
}

static int fill(struct filling *f, int workers, struct err *err)
{
    if (workers > 1)
        parallel_each(workers, (int)f->list->n, put_one, f);
    else
        for (uint32_t i = 0; i < f->list->n && f->bad == f->list->n; i++)
            put_one(f, (int)i, 0);
    if (f->bad == f->list->n)
        return 0;
    if (err)
        *err = f->err;
    return -1;
}

int batch_fill(float *out, int32_t *label, const struct image_list *list, const struct augment *augment, struct err *err)
{
    const struct image_set *set = list->set;
    const bool slow = batch_takes_time(set, augment);
    const int workers = slow ? parallel_threads(FILL_WORKERS) : 1;
    if (set->kind.floats && augment->on)
        return err_set(err, ERR_INVALID, "augment on is not accepted for tensors, which are already normalised; "
                       "expected augment off");
    struct filling f = { .list = list, .augment = augment, .out = out, .bad = list->n, .lock = PTHREAD_MUTEX_INITIALIZER };
    if (!set->kind.floats)
        pixel_table_make(&f.table, &set->kind.norm);
    if ((slow || augment_is_rich(augment)) && !(f.room = malloc((size_t)workers * image_bytes(&set->kind))))
        return err_set(err, ERR_MEMORY, "data: no memory for an image");
    const int result = fill(&f, workers, err);
    for (uint32_t i = 0; label && i < list->n; i++)
        label[i] = set->labels[list->position[i]];
    free(f.room);
    return result;
}
