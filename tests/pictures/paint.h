/* tests/pictures/paint.h - small pictures that tests write themselves, by the libraries that saddle reads them with. */
#ifndef TESTS_PICTURES_PAINT_H
#define TESTS_PICTURES_PAINT_H

#include <stdint.h>

/* Smooth colours of a seed with stripes, [height][width][3]. */
void paint_scene(uint8_t *rgb, int width, int height, unsigned seed);

/* A scene as JPEG (quality 90), or as PNG when the path ends so. -1: cannot write it. */
int paint_file(const char *path, int width, int height, unsigned seed);

#endif
