/* engine/data/demo.h - `data demo`: ten kinds of shapes, rendered by saddle itself, so that a newcomer can train without any
 * download. Each image is a pure function of (seed, image number): position, size, turn, colours, texture, clutter,
 * occlusion, blur and noise are drawn anew; every class has the same area and the same colours (a shape is only brighter
 * than what is behind it). Each rare class has a frequent one that looks like it (hexagon and circle, house and square,
 * flower and cross or star), so re-weighting matters. */
#ifndef ENGINE_DEMO_H
#define ENGINE_DEMO_H

#include "engine/data/dataset.h"

enum { DEMO_CLASSES = 10, DEMO_LARGEST = 1000, DEMO_TEST = 100 };

extern const char *const demo_class_name[DEMO_CLASSES];

/* Renders one image, [32][32][3]. Image numbers: training image i of class c is c << 20 | i, test image i of class c is
 * 1 << 31 | c << 20 | i; so a class's images do not depend on how many there are. */
void demo_render(uint8_t *image, int class_index, uint64_t seed, uint32_t number);

/* Fills classes, names, train (count[c] images of class c, class-major) and test (test_each per class); not groups, name
 * or digest. Each count is at most 2^20. On failure *d may be partly filled: dataset_free() it. */
int demo_render_set(struct dataset *d, const uint32_t *count, uint32_t test_each, uint64_t seed, struct err *err);

#endif
