/* engine/data/resample.h - a part of a picture, resized as Pillow does it: a triangle filter that widens with the reduction, weights in
 * 22 binary digits, across and then down, each rounded to bytes (methods 1.9). The very bytes of Image.crop().resize(BILINEAR). Pure
 * functions; any thread. */
#ifndef ENGINE_RESAMPLE_H
#define ENGINE_RESAMPLE_H

#include "engine/data/picture.h"
#include "engine/image_geometry.h"

/* The visible part of a picture: a box of it, resized whole to width x height, and of that the square at (left, top). */
struct picture_view {
    struct image_box box;
    int width, height; /* that the box becomes */
    int left, top, side_x, side_y; /* the part that is kept: side_x columns from `left` on, side_y rows from `top` on */
};

/* The whole picture so that its shorter side has `shorter` pixels, and the centre [side x side] of that: side <= shorter. */
struct picture_view picture_view_centre(int width, int height, int shorter, int side);

/* The view into rgb[side_y][side_x][3]; the picture was not read yet. Allocates rows and no more. -1 with *err. */
int picture_see(struct picture *p, const struct picture_view *view, uint8_t *rgb, struct err *err);

#endif
