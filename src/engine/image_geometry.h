/* engine/image_geometry.h - how large the images of a data set are: all of them alike, in every split. */
#ifndef ENGINE_IMAGE_GEOMETRY_H
#define ENGINE_IMAGE_GEOMETRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { IMAGE_MIN_SIDE = 8, IMAGE_MAX_SIDE = 256, IMAGE_MAX_CHANNELS = 3 };

struct image_geometry {
    int height, width; /* pixels, IMAGE_MIN_SIDE..IMAGE_MAX_SIDE */
    int channels;      /* 1 or 3 */
};

struct image_box { /* of an image, pixels */
    int left, top, width, height;
};

/* CIFAR's, the demo's, and of recordings that do not say it. */
enum { CIFAR_SIDE = 32, CIFAR_CHANNELS = 3, CIFAR_VALUES = CIFAR_SIDE * CIFAR_SIDE * CIFAR_CHANNELS };
#define IMAGE_CIFAR ((struct image_geometry){ CIFAR_SIDE, CIFAR_SIDE, CIFAR_CHANNELS })

static inline size_t image_values(struct image_geometry g)
{
    return (size_t)g.height * (size_t)g.width * (size_t)g.channels;
}

static inline bool image_same_geometry(struct image_geometry a, struct image_geometry b)
{
    return a.height == b.height && a.width == b.width && a.channels == b.channels;
}

/* The number of images to take at once: `most` of up to 64x64 pixels, of larger ones as many as have the pixels of those, at least 1. */
static inline uint32_t image_chunk(struct image_geometry g, uint32_t most)
{
    const uint32_t pixels = (uint32_t)g.height * (uint32_t)g.width, chunk = most * 64 * 64 / pixels;
    return chunk > most ? most : chunk > 0 ? chunk : 1;
}

#endif
