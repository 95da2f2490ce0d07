/* engine/image_geometry.h - how large the images of a data set are: all of them alike, in every split. */
#ifndef ENGINE_IMAGE_GEOMETRY_H
#define ENGINE_IMAGE_GEOMETRY_H

#include <stdbool.h>
#include <stddef.h>

enum { IMAGE_MIN_SIDE = 8, IMAGE_MAX_SIDE = 256, IMAGE_MAX_CHANNELS = 3 };

struct image_geometry {
    int height, width; /* pixels */
    int channels;      /* 1 or 3 */
};

#define IMAGE_CIFAR ((struct image_geometry){ 32, 32, 3 }) /* CIFAR's, the demo's, and of recordings that do not say it */

static inline size_t image_values(struct image_geometry g)
{
    return (size_t)g.height * (size_t)g.width * (size_t)g.channels;
}

static inline bool image_geometry_same(struct image_geometry a, struct image_geometry b)
{
    return a.height == b.height && a.width == b.width && a.channels == b.channels;
}

#endif
