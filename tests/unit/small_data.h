/* tests/unit/small_data.h - a data set of noise in a file, for tests that start a program many times: the demo takes a third of a second to
 * draw, under valgrind a quarter of a minute. Included once by each test; everything is static. */
#ifndef TESTS_UNIT_SMALL_DATA_H
#define TESTS_UNIT_SMALL_DATA_H

#include <stdio.h>
#include <stdlib.h>

#include "base/rng.h"
#include "base/safetensors.h"
#include "check.h"
#include "engine/data/dataset.h"

enum { SMALL_CLASSES = 10, SMALL_TRAIN = 30, SMALL_TEST = 10 };

/* FOLDER/data.safetensors, for `data tensors`. Where data lie is remembered in FOLDER/.state from now on. */
static inline void small_file(const char *folder, enum safetensors_dtype dtype, const void *images)
{
    static int64_t labels[SMALL_TRAIN];
    char path[400];
    struct err err = { 0 };
    for (int i = 0; i < SMALL_TRAIN; i++)
        labels[i] = i % SMALL_CLASSES;
    const struct safetensors_item items[] = { { "images", dtype, 4, { SMALL_TRAIN, 3, 32, 32 }, images },
                                              { "labels", SAFETENSORS_I64, 1, { SMALL_TRAIN }, labels },
                                              { "test_images", dtype, 4, { SMALL_TEST, 3, 32, 32 }, images },
                                              { "test_labels", SAFETENSORS_I64, 1, { SMALL_TEST }, labels } };
    snprintf(path, sizeof path, "%s/data.safetensors", folder);
    if (safetensors_save(path, false, items, sizeof items / sizeof *items, NULL, &err) < 0)
        fail_msg("%s", err.text);
    snprintf(path, sizeof path, "%s/.state", folder);
    setenv("XDG_STATE_HOME", path, 1);
}

static inline void small_data(const char *folder)
{
    static float images[SMALL_TRAIN * CIFAR_VALUES];
    struct rng r;
    rng_init(&r, 5, RNG_DEMO, 0, 0);
    for (size_t i = 0; i < sizeof images / sizeof *images; i++)
        images[i] = rng_normal(&r);
    small_file(folder, SAFETENSORS_F32, images);
}

/* The same of bytes: only those are augmented. */
static inline void small_bytes(const char *folder)
{
    static uint8_t images[SMALL_TRAIN * CIFAR_VALUES];
    struct rng r;
    rng_init(&r, 6, RNG_DEMO, 0, 0);
    for (size_t i = 0; i < sizeof images; i++)
        images[i] = (uint8_t)rng_below(&r, 256);
    small_file(folder, SAFETENSORS_U8, images);
}

#endif
