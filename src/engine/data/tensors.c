#include "config.h"
#include "engine/data/tensors.h"

#include "base/safetensors.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { PLANE = IMAGE_SIDE * IMAGE_SIDE, MOST_IMAGES = 1 << 24 };

struct source {
    const struct safetensors *file;
    const char *path;
    int classes; /* 0 = not known yet */
};

struct pair { /* one split in the file */
    const struct safetensors_tensor *images, *labels;
    int64_t *label; /* [n] */
    uint32_t n;
};

static int check_shapes(const struct pair *p, const char *path, struct err *err)
{
    char images[128], labels[128];
    const uint64_t *d = p->images->dims;
    safetensors_shape_text(p->images->rank, d, images, sizeof images);
    safetensors_shape_text(p->labels->rank, p->labels->dims, labels, sizeof labels);
    if (p->images->rank != 4 || d[0] < 1 || d[0] > MOST_IMAGES || d[1] != IMAGE_CHANNELS || d[2] != IMAGE_SIDE ||
        d[3] != IMAGE_SIDE)
        return err_set(err, ERR_DATA, "%s: '%s' has shape %s, expected [N, 3, 32, 32] with N of 1..%d", path,
                       p->images->name, images, MOST_IMAGES);
    if (p->labels->rank != 1 || p->labels->dims[0] != d[0])
        return err_set(err, ERR_DATA, "%s: '%s' has shape %s, expected [%" PRIu64 "] as '%s' has shape %s", path,
                       p->labels->name, labels, d[0], p->images->name, images);
    return 0;
}

static int check_labels(const struct pair *p, const char *path, int classes, struct err *err)
{
    for (uint32_t i = 0; i < p->n; i++)
        if (p->label[i] < 0 || p->label[i] >= classes)
            return err_set(err, ERR_DATA, "%s: '%s': number %" PRIu32 " is %" PRId64 ", expected 0..%d", path,
                           p->labels->name, i, p->label[i], classes - 1);
    return 0;
}

static int find_pair(struct pair *p, const struct source *s, const char *images, const char *labels, struct err *err)
{
    const char *path = s->path;
    p->images = safetensors_find(s->file, images);
    p->labels = safetensors_find(s->file, labels);
    if (!p->images || !p->labels)
        return err_set(err, ERR_DATA, "%s: no tensor '%s'; expected '%s' [N, 3, 32, 32] and '%s' [N]", path,
                       p->images ? labels : images, images, labels);
    if (check_shapes(p, path, err) < 0)
        return -1;
    p->n = (uint32_t)p->images->dims[0];
    p->label = malloc(p->n * sizeof *p->label);
    if (!p->label)
        return err_set(err, ERR_MEMORY, "%s: no memory for %" PRIu32 " labels", path, p->n);
    if (safetensors_to_int64(p->labels, p->label, err) < 0)
        return err_prefix(err, "%s", path);
    return check_labels(p, path, s->classes ? s->classes : DATASET_MAX_CLASSES, err);
}

static void planar_to_hwc(float *restrict hwc, const float *restrict planar)
{
    for (int i = 0; i < PLANE; i++)
        for (int ch = 0; ch < IMAGE_CHANNELS; ch++)
            hwc[IMAGE_CHANNELS * i + ch] = planar[ch * PLANE + i];
}

static int check_finite(const float *values, const struct pair *p, const char *path, struct err *err)
{
    for (size_t i = 0; i < (size_t)p->n * IMAGE_VALUES; i++)
        if (!isfinite(values[i]))
            return err_set(err, ERR_DATA, "%s: '%s': image %zu holds %g, expected finite numbers", path, p->images->name,
                           i / IMAGE_VALUES, (double)values[i]);
    return 0;
}

static int fill_set(struct image_set *set, const struct pair *p, int classes, const char *path, struct err *err)
{
    if (image_set_init(set, p->n, classes, true, err) < 0)
        return -1;
    float *planar = malloc((size_t)p->n * IMAGE_VALUES * sizeof *planar);
    if (!planar)
        return err_set(err, ERR_MEMORY, "%s: no memory for %" PRIu32 " images", path, p->n);
    int result = safetensors_to_float(p->images, planar, err);
    if (result < 0)
        err_prefix(err, "%s", path);
    else
        result = check_finite(planar, p, path, err);
    for (uint32_t i = 0; result == 0 && i < p->n; i++) {
        planar_to_hwc(set->pixels + (size_t)i * IMAGE_VALUES, planar + (size_t)i * IMAGE_VALUES);
        set->labels[i] = (int32_t)p->label[i];
    }
    free(planar);
    image_set_recount(set, classes);
    return result;
}

static int largest_label(const struct pair *p)
{
    int64_t largest = 0;
    for (uint32_t i = 0; i < p->n; i++)
        largest = p->label[i] > largest ? p->label[i] : largest;
    return (int)largest;
}

static int load(struct dataset *d, const struct source *s, struct pair *train, struct pair *test, struct err *err)
{
    if (find_pair(train, s, "images", "labels", err) < 0)
        return -1;
    if ((safetensors_find(s->file, "test_images") || safetensors_find(s->file, "test_labels")) &&
        find_pair(test, s, "test_images", "test_labels", err) < 0)
        return -1;
    int a = largest_label(train), b = largest_label(test);
    if (dataset_init(d, s->classes ? s->classes : (a > b ? a : b) + 1, err) < 0 ||
        fill_set(&d->train, train, d->classes, s->path, err) < 0)
        return -1;
    for (int c = 0; c < d->classes; c++)
        snprintf(d->class_name[c], CLASS_NAME_SIZE, "%d", c);
    return test->n ? fill_set(&d->test, test, d->classes, s->path, err)
                   : image_set_init(&d->test, 0, d->classes, true, err);
}

int tensors_load(struct dataset *d, const char *path, int classes, struct err *err)
{
    struct pair train = { 0 }, test = { 0 };
    if (!path || !*path)
        return err_set(err, ERR_DATA, "tensors: no file given, expected a safetensors file with images and labels");
    if (classes < 0 || classes > DATASET_MAX_CLASSES)
        return err_set(err, ERR_RANGE, "tensors: %d classes, expected 0 (from the labels) or 1..%d", classes,
                       DATASET_MAX_CLASSES);
    struct safetensors *file = safetensors_open(path, err);
    if (!file)
        return -1;
    int result = load(d, &(const struct source){ file, path, classes }, &train, &test, err);
    free(train.label);
    free(test.label);
    safetensors_close(file);
    return result;
}
