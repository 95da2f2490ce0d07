/* tests/unit/bands.h - a handful of synthetic images in three classes, and knobs: for tests that train or measure. Included once by
 * each, after cmocka; everything is static. */
#ifndef TESTS_UNIT_BANDS_H
#define TESTS_UNIT_BANDS_H

#include <string.h>

#include "base/err.h"
#include "base/rng.h"
#include "engine/data/dataset.h"
#include "engine/knobs.h"

enum { CLASSES = 3 };
static const uint32_t train_counts[CLASSES] = { 20, 10, 4 }; /* 34 images: batches of 16, 16, 2 */

static struct err last;

/* What trains or measures spends its time on convolutions, which tests/kernels compares: small images, smaller ones on the emulated device. */
#ifdef SADDLE_CUDA_SHIM
enum { SIDE = 8 };
#else
enum { SIDE = 16 };
#endif
#define BAND_SIZE ((struct image_geometry){ SIDE, SIDE, CIFAR_CHANNELS })
enum { IMAGE_VALUES = SIDE * SIDE * CIFAR_CHANNELS };

static inline void fill_set(struct image_set *set, const uint32_t *counts, uint32_t twin, uint32_t seed)
{
    struct image_kind kind = image_kind_cifar;
    uint32_t n = 0, at = 0;
    kind.size = BAND_SIZE;
    for (int c = 0; c < CLASSES; c++)
        n += counts[c];
    assert_int_equal(image_set_init(set, &kind, n, CLASSES, &last), 0);
    for (int c = 0; c < CLASSES; c++)
        for (uint32_t i = 0; i < counts[c]; i++, at++) {
            struct rng r;
            rng_init(&r, seed, RNG_DEMO, (uint32_t)c, twin ? i % twin : i);
            set->labels[at] = c;
            for (int p = 0; p < IMAGE_VALUES; p++) /* a brighter band at a height that tells the class, and noise */
                set->images[(size_t)at * IMAGE_VALUES + (size_t)p] =
                    (uint8_t)(rng_below(&r, 120) + (p / (SIDE * CIFAR_CHANNELS) / (SIDE / CLASSES + 1) == c ? 100u : 20u));
        }
    image_set_recount(set, CLASSES);
}

/* twin: image i of a class equals image i % twin; 0 = all differ */
static inline void make_data(struct dataset *d, const uint32_t *counts, uint32_t twin)
{
    static const uint32_t test_counts[CLASSES] = { 6, 6, 6 };
    static const char *const names[CLASSES] = { "sky", "sea", "sand" };
    memset(d, 0, sizeof *d);
    assert_int_equal(dataset_init(d, CLASSES, &last), 0);
    snprintf(d->name, sizeof d->name, "bands");
    fill_set(&d->train, counts, twin, 1);
    fill_set(&d->test, test_counts, 0, 2);
    for (int c = 0; c < CLASSES; c++) {
        snprintf(d->class_name[c], CLASS_NAME_SIZE, "%s", names[c]);
        d->group[c] = (uint8_t)c;
    }
    for (int g = 0; g < N_GROUPS; g++)
        d->group_classes[g] = 1;
    snprintf(d->digest, sizeof d->digest, "%064d", 7);
}

static inline void knob(struct knobs *k, const char *name, const char *text)
{
    if (knobs_set(k, name, text, &last) < 0)
        fail_msg("%s", last.text);
}

#endif
