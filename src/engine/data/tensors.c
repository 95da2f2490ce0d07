#include "config.h"
#include "engine/data/tensors.h"

#include "base/safetensors.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOST_IMAGES = 1 << 24 };

struct source {
    const struct safetensors *file;
    const char *path;
    int classes; /* 0 = not known yet */
};

struct tensor_pair { /* one split in the file */
    const struct safetensors_tensor *images, *labels;
    struct image_geometry size;
    int64_t *label; /* [n] */
    uint32_t n;
};

static int check_images(const struct tensor_pair *p, const char *shape, struct err *err)
{
    const uint64_t *d = p->images->dims;
    if (p->images->rank != 4 || d[0] < 1 || d[0] > MOST_IMAGES)
        return err_set(err, ERR_DATA, "shape %s, expected [N, channels, height, width] with N of 1..%d", shape, MOST_IMAGES);
    if (d[1] != 1 && d[1] != 3)
        return err_set(err, ERR_DATA, "shape %s: %" PRIu64 " channels; 1 and 3 are accepted, before height and width", shape, d[1]);
    for (int i = 2; i < 4; i++)
        if (d[i] < IMAGE_MIN_SIDE || d[i] > IMAGE_MAX_SIDE)
            return err_set(err, ERR_DATA, "shape %s: images %" PRIu64 " pixels %s; %d to %d are accepted", shape, d[i],
                           i == 2 ? "high" : "wide", IMAGE_MIN_SIDE, IMAGE_MAX_SIDE);
    return 0;
}

static int check_shapes(const struct tensor_pair *p, const char *path, struct err *err)
{
    char images[128], labels[128];
    const uint64_t *d = p->images->dims;
    safetensors_shape_text(p->images->rank, d, images, sizeof images);
    safetensors_shape_text(p->labels->rank, p->labels->dims, labels, sizeof labels);
    if (check_images(p, images, err) < 0)
        return err_prefix(err, "%s: '%s'", path, p->images->name);
    if (p->labels->rank != 1 || p->labels->dims[0] != d[0])
        return err_set(err, ERR_DATA, "%s: '%s' has shape %s, expected [%" PRIu64 "] as '%s' has shape %s", path,
                       p->labels->name, labels, d[0], p->images->name, images);
    return 0;
}

static int check_labels(const struct tensor_pair *p, const char *path, int classes, struct err *err)
{
    for (uint32_t i = 0; i < p->n; i++)
        if (p->label[i] < 0 || p->label[i] >= classes)
            return err_set(err, ERR_DATA, "%s: '%s': number %" PRIu32 " is %" PRId64 ", expected 0..%d", path,
                           p->labels->name, i, p->label[i], classes - 1);
    return 0;
}

static int find_pair(struct tensor_pair *p, const struct source *s, const char *images, const char *labels, struct err *err)
{
    const char *path = s->path;
    p->images = safetensors_find(s->file, images);
    p->labels = safetensors_find(s->file, labels);
    if (!p->images || !p->labels)
        return err_set(err, ERR_DATA, "%s: no tensor '%s'; expected '%s' [N, channels, height, width] and '%s' [N]", path,
                       p->images ? labels : images, images, labels);
    if (check_shapes(p, path, err) < 0)
        return -1;
    p->n = (uint32_t)p->images->dims[0];
    p->size = (struct image_geometry){ (int)p->images->dims[2], (int)p->images->dims[3], (int)p->images->dims[1] };
    p->label = malloc(p->n * sizeof *p->label);
    if (!p->label)
        return err_set(err, ERR_MEMORY, "%s: no memory for %" PRIu32 " labels", path, p->n);
    if (safetensors_to_int64(p->labels, p->label, err) < 0)
        return err_prefix(err, "%s", path);
    return check_labels(p, path, s->classes ? s->classes : DATASET_MAX_CLASSES, err);
}

static bool is_bytes(const struct tensor_pair *p)
{
    return p->images->dtype == SAFETENSORS_U8;
}

/* Both splits alike: a network takes images of one kind. */
static int check_alike(const struct tensor_pair *train, const struct tensor_pair *test, const char *path, struct err *err)
{
    const struct image_geometry a = train->size, b = test->size;
    if (!image_same_geometry(a, b))
        return err_set(err, ERR_DATA, "%s: 'test_images' are of %dx%d pixels with %d channel%s, 'images' of %dx%d with %d: the same are "
                       "accepted", path, b.height, b.width, b.channels, b.channels == 1 ? "" : "s", a.height, a.width, a.channels);
    if (is_bytes(train) != is_bytes(test))
        return err_set(err, ERR_DATA, "%s: '%s' are bytes (U8) and '%s' are not: both or neither are accepted", path,
                       is_bytes(train) ? "images" : "test_images", is_bytes(train) ? "test_images" : "images");
    return 0;
}

/* Mean and deviation of each channel's bytes/255, in whole numbers: the same on every machine. */
static struct image_norm measure_norm(const struct tensor_pair *p)
{
    struct image_norm norm = { 0 };
    const uint8_t *bytes = p->images->data;
    const size_t plane = (size_t)p->size.height * (size_t)p->size.width, channels = (size_t)p->size.channels;
    for (size_t ch = 0; ch < IMAGE_MAX_CHANNELS; ch++) {
        uint64_t sum = 0, square = 0;
        for (size_t i = ch; ch < channels && i < p->n * channels; i += channels)
            for (const uint8_t *v = bytes + i * plane; v < bytes + (i + 1) * plane; v++) {
                sum += *v;
                square += (uint64_t)*v * *v;
            }
        const double n = (double)p->n * (double)plane, mean = (double)sum / n, variance = (double)square / n - mean * mean;
        norm.mean[ch] = mean / 255;
        norm.std[ch] = variance > 1e-6 ? sqrt(variance) / 255 : 1; /* a channel of one value becomes 0 */
    }
    return norm;
}

static void bytes_to_hwc(uint8_t *restrict hwc, const uint8_t *restrict planar, struct image_geometry size)
{
    const int plane = size.height * size.width;
    for (int i = 0; i < plane; i++)
        for (int ch = 0; ch < size.channels; ch++)
            hwc[size.channels * i + ch] = planar[ch * plane + i];
}

static void floats_to_hwc(float *restrict hwc, const float *restrict planar, struct image_geometry size)
{
    const int plane = size.height * size.width;
    for (int i = 0; i < plane; i++)
        for (int ch = 0; ch < size.channels; ch++)
            hwc[size.channels * i + ch] = planar[ch * plane + i];
}

static int check_pixels(const float *values, const struct tensor_pair *p, const char *path, struct err *err)
{
    const size_t image = image_values(p->size);
    for (size_t i = 0; i < p->n * image; i++)
        if (!isfinite(values[i]))
            return err_set(err, ERR_DATA, "%s: '%s': image %zu holds %g, expected finite numbers", path, p->images->name,
                           i / image, (double)values[i]);
    return 0;
}

static int fill_floats(struct image_set *set, const struct tensor_pair *p, const char *path, struct err *err)
{
    const size_t image = image_values(p->size);
    float *planar = malloc(p->n * image * sizeof *planar);
    if (!planar)
        return err_set(err, ERR_MEMORY, "%s: no memory for %" PRIu32 " images", path, p->n);
    int result = safetensors_to_float(p->images, planar, err);
    if (result < 0)
        err_prefix(err, "%s", path);
    else
        result = check_pixels(planar, p, path, err);
    for (uint32_t i = 0; result == 0 && i < p->n; i++)
        floats_to_hwc(set->pixels + i * image, planar + i * image, p->size);
    free(planar);
    return result;
}

static int fill_set(struct image_set *set, const struct image_kind *kind, const struct tensor_pair *p, int classes, const char *path,
                    struct err *err)
{
    const size_t image = image_values(kind->size);
    if (image_set_init(set, kind, p->n, classes, err) < 0)
        return -1;
    for (uint32_t i = 0; i < p->n; i++) {
        set->labels[i] = (int32_t)p->label[i];
        if (!kind->floats)
            bytes_to_hwc(set->images + i * image, (const uint8_t *)p->images->data + i * image, kind->size);
    }
    image_set_recount(set, classes);
    return kind->floats && p->n > 0 ? fill_floats(set, p, path, err) : 0;
}

static int largest_label(const struct tensor_pair *p)
{
    int64_t largest = 0;
    for (uint32_t i = 0; i < p->n; i++)
        largest = p->label[i] > largest ? p->label[i] : largest;
    return (int)largest;
}

static int load_splits(struct dataset *d, const struct source *s, struct tensor_pair *train, struct tensor_pair *test, struct err *err)
{
    if (find_pair(train, s, "images", "labels", err) < 0)
        return -1;
    if ((safetensors_find(s->file, "test_images") || safetensors_find(s->file, "test_labels")) &&
        (find_pair(test, s, "test_images", "test_labels", err) < 0 || check_alike(train, test, s->path, err) < 0))
        return -1;
    struct image_kind kind = { .size = train->size, .floats = !is_bytes(train) };
    if (!kind.floats)
        kind.norm = measure_norm(train);
    int a = largest_label(train), b = largest_label(test);
    if (dataset_init(d, s->classes ? s->classes : (a > b ? a : b) + 1, err) < 0 ||
        fill_set(&d->train, &kind, train, d->classes, s->path, err) < 0)
        return -1;
    for (int c = 0; c < d->classes; c++)
        snprintf(d->class_name[c], CLASS_NAME_SIZE, "%d", c);
    return fill_set(&d->test, &kind, test, d->classes, s->path, err);
}

int tensors_load(struct dataset *d, const char *path, int classes, struct err *err)
{
    struct tensor_pair train = { 0 }, test = { 0 };
    if (!path || !*path)
        return err_set(err, ERR_DATA, "tensors: no file given, expected a safetensors file with images and labels");
    if (classes < 0 || classes > DATASET_MAX_CLASSES)
        return err_set(err, ERR_RANGE, "tensors: %d classes, expected 0 (from the labels) or 1..%d", classes,
                       DATASET_MAX_CLASSES);
    struct safetensors *file = safetensors_open(path, err);
    if (!file)
        return -1;
    int result = load_splits(d, &(const struct source){ file, path, classes }, &train, &test, err);
    free(train.label);
    free(test.label);
    safetensors_close(file);
    return result;
}
