#include "config.h"
#include "engine/data/demo_shapes.h"

#include <math.h>
#include <string.h>

/* --- outlines ---------------------------------------------------------------------------------------------------- */

static void add_point(struct outline *o, double x, double y)
{
    o->x[o->n] = (float)x;
    o->y[o->n++] = (float)y;
}

static void add_polar(struct outline *o, double angle, double radius)
{
    add_point(o, radius * sin(angle), -radius * cos(angle)); /* from twelve o'clock, clockwise */
}

static void regular(struct outline *o, int corners)
{
    for (int i = 0; i < corners; i++)
        add_polar(o, 2 * M_PI * i / corners, 1);
}

static void star(struct outline *o)
{
    for (int i = 0; i < 10; i++)
        add_polar(o, M_PI * i / 5, i % 2 ? 0.45 : 1);
}

static void flower(struct outline *o)
{
    for (int i = 0; i < 50; i++) {
        double angle = 2 * M_PI * i / 50;
        add_polar(o, angle, 0.55 + 0.45 * fabs(cos(2.5 * angle)));
    }
}

static void moon(struct outline *o)
{
    for (int i = 0; i <= 20; i++) /* outer arc, then back along the inner one */
        add_point(o, -sin(M_PI * (0.1 + 0.8 * i / 20)) , -cos(M_PI * (0.1 + 0.8 * i / 20)));
    for (int i = 19; i > 0; i--)
        add_point(o, -0.31 - 0.25 * sin(M_PI * i / 20), -0.951 * cos(M_PI * i / 20));
}

static void heart(struct outline *o)
{
    for (int i = 0; i < 32; i++) {
        double t = 2 * M_PI * i / 32, s = sin(t);
        add_point(o, 16 * s * s * s, -(13 * cos(t) - 5 * cos(2 * t) - 2 * cos(3 * t) - cos(4 * t)));
    }
}

static void from_table(struct outline *o, const double (*point)[2], int n)
{
    for (int i = 0; i < n; i++)
        add_point(o, point[i][0], point[i][1]);
}

static void cross(struct outline *o)
{
    static const double point[12][2] = { { -0.4, -1 }, { 0.4, -1 },  { 0.4, -0.4 },  { 1, -0.4 },
                                         { 1, 0.4 },   { 0.4, 0.4 }, { 0.4, 1 },     { -0.4, 1 },
                                         { -0.4, 0.4 }, { -1, 0.4 }, { -1, -0.4 },   { -0.4, -0.4 } };
    from_table(o, point, 12);
}

static void house(struct outline *o)
{
    static const double point[5][2] = { { 0, -1.3 }, { 1, -0.35 }, { 1, 1 }, { -1, 1 }, { -1, -0.35 } };
    from_table(o, point, 5);
}

/* Moves the centroid to the origin and scales to area pi, so that neither place nor size betrays the class. */
static void normalise(struct outline *o)
{
    double area = 0, mx = 0, my = 0;
    for (int i = 0; i < o->n; i++) {
        int k = i + 1 < o->n ? i + 1 : 0;
        double cross_product = (double)o->x[i] * o->y[k] - (double)o->x[k] * o->y[i];
        area += cross_product / 2;
        mx += (o->x[i] + o->x[k]) * cross_product / 6;
        my += (o->y[i] + o->y[k]) * cross_product / 6;
    }
    float cx = (float)(mx / area), cy = (float)(my / area), scale = (float)sqrt(M_PI / fabs(area));
    for (int i = 0; i < o->n; i++) {
        o->x[i] = (o->x[i] - cx) * scale;
        o->y[i] = (o->y[i] - cy) * scale;
    }
}

void outline_of_class(struct outline *o, int class_index)
{
    o->n = 0;
    switch (class_index) { /* the order of demo_class_name[] */
    case 0: regular(o, 40); break;
    case 1: regular(o, 4); break;
    case 2: star(o); break;
    case 3: regular(o, 3); break;
    case 4: cross(o); break;
    case 5: moon(o); break;
    case 6: heart(o); break;
    case 7: regular(o, 6); break;
    case 8: house(o); break;
    default: flower(o); break;
    }
    normalise(o);
}

void outline_rectangle(struct outline *o, float width, float height)
{
    *o = (struct outline){ 4, { -width / 2, width / 2, width / 2, -width / 2 },
                           { -height / 2, -height / 2, height / 2, height / 2 } };
}

void outline_place(struct outline *o, const float matrix[4], float x, float y)
{
    for (int i = 0; i < o->n; i++) {
        float px = o->x[i], py = o->y[i];
        o->x[i] = matrix[0] * px + matrix[1] * py + x;
        o->y[i] = matrix[2] * px + matrix[3] * py + y;
    }
}

/* --- painting ---------------------------------------------------------------------------------------------------- */

/* As v - floorf(v), for small v and without a call per pixel. */
static float fraction(float v)
{
    float whole = (float)(int)v;
    return v - (whole > v ? whole - 1 : whole);
}

static float triangle_wave(float v)
{
    return fabsf(2 * fraction(v) - 1);
}

static float blob_mix(const struct paint *p, int row, int column)
{
    int r = row / 6, c = column / 6;
    float v = (float)(row % 6) / 6, u = (float)(column % 6) / 6;
    float upper = p->blob[r][c] * (1 - u) + p->blob[r][c + 1] * u;
    float lower = p->blob[r + 1][c] * (1 - u) + p->blob[r + 1][c + 1] * u;
    return upper * (1 - v) + lower * v;
}

/* Share of paint b at a pixel, 0..1. */
static float pattern_mix(const struct paint *p, int row, int column)
{
    float along = p->dx * (float)column + p->dy * (float)row + p->phase;
    float across = p->dx * (float)row - p->dy * (float)column + p->phase;
    switch (p->pattern) {
    case PATTERN_GRADIENT:
        return triangle_wave(along / 8); /* period longer than the image */
    case PATTERN_STRIPES:
        return clamp(3 * triangle_wave(along) - 1, 0, 1);
    case PATTERN_CHECKS:
        return (fraction(along) < 0.5f) == (fraction(across) < 0.5f) ? 1 : 0;
    case PATTERN_BLOBS:
        return blob_mix(p, row, column);
    default:
        return 0;
    }
}

static void paint_pixel(struct shape_canvas *canvas, const struct paint *p, int row, int column, float cover)
{
    float *to = canvas->at[row][column].c;
    if (p->pattern == PATTERN_PLAIN) {
        for (int ch = 0; ch < IMAGE_CHANNELS; ch++)
            to[ch] = to[ch] * (1 - cover) + p->a.c[ch] * cover;
        return;
    }
    float mix = pattern_mix(p, row, column);
    for (int ch = 0; ch < IMAGE_CHANNELS; ch++) {
        float wanted = p->a.c[ch] * (1 - mix) + p->b.c[ch] * mix;
        to[ch] = to[ch] * (1 - cover) + wanted * cover;
    }
}

struct edges {
    int n;
    float x[OUTLINE_POINTS], y[OUTLINE_POINTS], dx[OUTLINE_POINTS], dy[OUTLINE_POINTS], over_length2[OUTLINE_POINTS];
};

static void make_edges(struct edges *e, const struct outline *o)
{
    e->n = o->n;
    for (int i = 0; i < o->n; i++) {
        int k = i + 1 < o->n ? i + 1 : 0;
        float dx = o->x[k] - o->x[i], dy = o->y[k] - o->y[i];
        e->x[i] = o->x[i];
        e->y[i] = o->y[i];
        e->dx[i] = dx;
        e->dy[i] = dy;
        e->over_length2[i] = 1 / fmaxf(dx * dx + dy * dy, 1e-12f);
    }
}

/* Four pixels of a row side by side, in the arithmetic of one: the demo is drawn whenever a program begins with it. */
enum { LANES = 4 };
typedef float lanes __attribute__((vector_size(16)));
typedef int32_t lane_masks __attribute__((vector_size(16)));

static lanes choose(lane_masks which, lanes a, lanes b)
{
    return (lanes)((which & (lane_masks)a) | (~which & (lane_masks)b));
}

static lanes clamp_lanes(lanes v)
{
    const lanes zero = { 0 }, one = { 1, 1, 1, 1 };
    v = choose(v < zero, zero, v);
    return choose(v > one, one, v);
}

/* How much of the pixels centred on (px, py) is inside, taking the nearest edge for a straight line: half a pixel of signed distance
 * either way. */
static void cover_at(float cover[LANES], const struct edges *e, lanes px, float py)
{
    lanes nearest2 = { 1e9f, 1e9f, 1e9f, 1e9f };
    lane_masks inside = { 0 };
    for (int i = 0; i < e->n; i++) {
        const float vy = py - e->y[i], dx = e->dx[i], dy = e->dy[i];
        lanes vx = px - e->x[i];
        lanes t = clamp_lanes((vx * dx + vy * dy) * e->over_length2[i]);
        lanes ux = vx - t * dx, uy = vy - t * dy;
        lanes distance2 = ux * ux + uy * uy;
        nearest2 = choose(distance2 < nearest2, distance2, nearest2);
        if ((vy < 0) != (vy - dy < 0)) /* the edge crosses this row; to the right of which pixels? */
            inside ^= vx < vy * dx / dy;
    }
    for (int k = 0; k < LANES; k++) {
        float distance = sqrtf(nearest2[k]);
        cover[k] = clamp(0.5f + (inside[k] ? distance : -distance), 0, 1);
    }
}

static void cover_row(float cover[IMAGE_SIDE], const struct edges *e, int row, const int columns[2])
{
    const lanes centres = { 0.5f, 1.5f, 2.5f, 3.5f };
    for (int column = columns[0] / LANES * LANES; column < columns[1]; column += LANES)
        cover_at(cover + column, e, centres + (float)column, (float)row + 0.5f);
}

/* First and one past the last pixel that [low - 1, high + 1] touches. */
static void pixel_span(const float *v, int n, int span[2])
{
    float low = v[0], high = v[0];
    for (int i = 1; i < n; i++) {
        low = v[i] < low ? v[i] : low;
        high = v[i] > high ? v[i] : high;
    }
    span[0] = (int)clamp(floorf(low) - 1, 0, IMAGE_SIDE);
    span[1] = (int)clamp(floorf(high) + 2, 0, IMAGE_SIDE);
}

void shape_fill(struct shape_canvas *canvas, const struct outline *o, const struct paint *paint)
{
    struct edges edges;
    float cover[IMAGE_SIDE];
    int rows[2], columns[2];
    make_edges(&edges, o);
    pixel_span(o->y, o->n, rows);
    pixel_span(o->x, o->n, columns);
    for (int row = rows[0]; row < rows[1]; row++) {
        cover_row(cover, &edges, row, columns);
        for (int column = columns[0]; column < columns[1]; column++)
            if (cover[column] > 0)
                paint_pixel(canvas, paint, row, column, cover[column]);
    }
}

void shape_clear(struct shape_canvas *canvas, const struct paint *paint)
{
    memset(canvas, 0, sizeof *canvas);
    for (int row = 0; row < IMAGE_SIDE; row++)
        for (int column = 0; column < IMAGE_SIDE; column++)
            paint_pixel(canvas, paint, row, column, 1);
}

/* One direction of the filter; stride is the distance of neighbours, in pixels. */
static void blur_line(struct colour *line, int stride)
{
    struct colour before = line[0];
    for (int i = 0; i < IMAGE_SIDE; i++) {
        struct colour *here = line + i * stride, kept = *here;
        const struct colour *after = i + 1 < IMAGE_SIDE ? here + stride : here;
        for (int ch = 0; ch < IMAGE_CHANNELS; ch++)
            here->c[ch] = 0.25f * before.c[ch] + 0.5f * kept.c[ch] + 0.25f * after->c[ch];
        before = kept;
    }
}

void shape_blur(struct shape_canvas *canvas)
{
    for (int i = 0; i < IMAGE_SIDE; i++)
        blur_line(canvas->at[i], 1);
    for (int i = 0; i < IMAGE_SIDE; i++)
        blur_line(&canvas->at[0][i], IMAGE_SIDE);
}
