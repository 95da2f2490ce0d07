/* engine/data/demo_shapes.h - outlines and painting for the demo images. Coordinates of outlines are free units, of
 * canvases pixels: x to the right, y down, pixel (row, column) covers column..column+1, row..row+1.
 * Pure functions; basic float arithmetic per pixel and double for sines, so every machine draws the same bytes. */
#ifndef ENGINE_DEMO_SHAPES_H
#define ENGINE_DEMO_SHAPES_H

#include "engine/data/dataset.h"

enum { OUTLINE_POINTS = 64 };

struct outline { /* one closed contour, even-odd filled; the last point joins the first */
    int n;
    float x[OUTLINE_POINTS], y[OUTLINE_POINTS];
};

struct colour {
    float c[CIFAR_CHANNELS]; /* 0..1 */
};

/* Four pixels of a row side by side, in the arithmetic of one: the demo is drawn whenever a program begins with it. */
enum { LANES = 4, ROW_LANES = CIFAR_SIDE / LANES };
typedef float lanes __attribute__((vector_size(16)));
typedef int32_t lane_masks __attribute__((vector_size(16)));

struct shape_canvas {
    lanes at[CIFAR_CHANNELS][CIFAR_SIDE][ROW_LANES];
};

/* A flat colour, or two mixed by a pattern. */
enum pattern { PATTERN_PLAIN, PATTERN_GRADIENT, PATTERN_STRIPES, PATTERN_CHECKS, PATTERN_BLOBS, N_PATTERNS };
struct paint {
    enum pattern pattern;
    struct colour a, b;
    float dx, dy, phase; /* direction of the pattern in periods per pixel, and its shift */
    float blob[7][7];    /* PATTERN_BLOBS: mixing values 0..1 on a grid six pixels wide */
};

/* fminf() and fmaxf() would cost a call per pixel. */
static inline float clamp(float v, float low, float high)
{
    return v < low ? low : v > high ? high : v;
}

static inline lanes choose(lane_masks which, lanes a, lanes b)
{
    return (lanes)((which & (lane_masks)a) | (~which & (lane_masks)b));
}

/* Each to 0..1. */
static inline lanes clamp_lanes(lanes v)
{
    const lanes zero = { 0 }, one = { 1, 1, 1, 1 };
    v = choose(v < zero, zero, v);
    return choose(v > one, one, v);
}

/* The outline of a demo class, centroid in the origin, area pi (as a disc of radius 1). */
void outline_of_class(struct outline *o, int class_index);

/* An axis-parallel rectangle around the origin. */
void outline_rectangle(struct outline *o, float width, float height);

/* Multiplies by the 2x2 matrix (xx xy; yx yy), then moves by (x, y). */
void outline_place(struct outline *o, const float matrix[4], float x, float y);

/* Paints the inside, edges anti-aliased over one pixel. */
void shape_fill(struct shape_canvas *canvas, const struct outline *o, const struct paint *paint);

/* Paints everything. */
void shape_clear(struct shape_canvas *canvas, const struct paint *paint);

/* One pass of the 3x3 binomial filter, edge pixels repeated outwards. */
void shape_blur(struct shape_canvas *canvas);

#endif
