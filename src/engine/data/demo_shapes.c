#include "config.h"
#include "engine/data/demo_shapes.h"

#include <math.h>
#include <string.h>

/* --- outlines ---------------------------------------------------------------------------------------------------- */

static void add_corner(struct outline *o, double x, double y)
{
    o->x[o->n] = (float)x;
    o->y[o->n++] = (float)y;
}

static void add_polar(struct outline *o, double angle, double radius)
{
    add_corner(o, radius * sin(angle), -radius * cos(angle)); /* from twelve o'clock, clockwise */
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
        add_corner(o, -sin(M_PI * (0.1 + 0.8 * i / 20)) , -cos(M_PI * (0.1 + 0.8 * i / 20)));
    for (int i = 19; i > 0; i--)
        add_corner(o, -0.31 - 0.25 * sin(M_PI * i / 20), -0.951 * cos(M_PI * i / 20));
}

static void heart(struct outline *o)
{
    for (int i = 0; i < 32; i++) {
        double t = 2 * M_PI * i / 32, s = sin(t);
        add_corner(o, 16 * s * s * s, -(13 * cos(t) - 5 * cos(2 * t) - 2 * cos(3 * t) - cos(4 * t)));
    }
}

static void from_table(struct outline *o, const double (*point)[2], int n)
{
    for (int i = 0; i < n; i++)
        add_corner(o, point[i][0], point[i][1]);
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
static void centre_and_scale(struct outline *o)
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
    centre_and_scale(o);
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

/* The columns of a row's group of pixels, moved to the right by `shift`: 0.5 makes centres of them. */
static lanes group_columns(int group, float shift)
{
    const lanes first = { 0, 1, 2, 3 };
    return first + ((float)(group * LANES) + shift);
}

/* v - floorf(v), for small v and without a call per pixel. */
static lanes fraction(lanes v)
{
    const lanes one = { 1, 1, 1, 1 };
    lanes whole = __builtin_convertvector(__builtin_convertvector(v, lane_masks), lanes);
    return v - (whole - (lanes)((whole > v) & (lane_masks)one));
}

static lanes triangle_wave(lanes v)
{
    return (lanes)((lane_masks)(2 * fraction(v) - 1) & 0x7fffffff); /* fabsf() */
}

static void blob_row(float mix[CIFAR_SIDE], const struct paint *p, int row)
{
    const float *above = p->blob[row / 6], *below = p->blob[row / 6 + 1], v = (float)(row % 6) / 6;
    for (int column = 0; column < CIFAR_SIDE; column++) {
        const int c = column / 6;
        const float u = (float)(column % 6) / 6;
        float upper = above[c] * (1 - u) + above[c + 1] * u;
        float lower = below[c] * (1 - u) + below[c + 1] * u;
        mix[column] = upper * (1 - v) + lower * v;
    }
}

static lanes pattern_mix(const struct paint *p, float row, lanes column)
{
    const lanes one = { 1, 1, 1, 1 };
    lanes along = p->dx * column + p->dy * row + p->phase;
    lanes across = p->dx * row - p->dy * column + p->phase;
    switch (p->pattern) {
    case PATTERN_GRADIENT:
        return triangle_wave(along / 8); /* period longer than the image */
    case PATTERN_STRIPES:
        return clamp_lanes(3 * triangle_wave(along) - 1);
    case PATTERN_CHECKS:
    default:
        return (lanes)(((fraction(along) < 0.5f) == (fraction(across) < 0.5f)) & (lane_masks)one);
    }
}

/* Shares of paint b in the pixels of a row, 0..1. */
static void pattern_row(lanes mix[ROW_LANES], const struct paint *p, int row)
{
    float blobs[CIFAR_SIDE];
    if (p->pattern == PATTERN_PLAIN) {
        memset(mix, 0, CIFAR_SIDE * sizeof(float));
    } else if (p->pattern == PATTERN_BLOBS) {
        blob_row(blobs, p, row);
        memcpy(mix, blobs, sizeof blobs);
    } else {
        for (int g = 0; g < ROW_LANES; g++)
            mix[g] = pattern_mix(p, (float)row, group_columns(g, 0));
    }
}

static lanes mixed_colour(const struct paint *p, int ch, lanes mix)
{
    return p->a.c[ch] * (1 - mix) + p->b.c[ch] * mix;
}

static void paint_shape_row(struct shape_canvas *canvas, const struct paint *p, int row, const lanes cover[ROW_LANES])
{
    lanes mix[ROW_LANES];
    pattern_row(mix, p, row);
    for (int ch = 0; ch < CIFAR_CHANNELS; ch++)
        for (int g = 0; g < ROW_LANES; g++) {
            lanes *to = &canvas->at[ch][row][g];
            *to = *to * (1 - cover[g]) + mixed_colour(p, ch, mix[g]) * cover[g];
        }
}

struct edges {
    int n;
    float x[OUTLINE_POINTS], y[OUTLINE_POINTS], dx[OUTLINE_POINTS], dy[OUTLINE_POINTS], over_length2[OUTLINE_POINTS];
    float top[OUTLINE_POINTS], bottom[OUTLINE_POINTS];    /* what is above or below is more than a pixel away ... */
    int first_group[OUTLINE_POINTS], end[OUTLINE_POINTS]; /* ... and so are the groups outside first_group..end - 1 */
};

/* First and one past the last group of pixels that [low - 1, high + 1] touches. */
static void group_span(float low, float high, int *first, int *end)
{
    *first = (int)clamp((low - 1) / LANES, 0, ROW_LANES);
    *end = (int)clamp((high + 1) / LANES + 1, 0, ROW_LANES);
}

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
        e->top[i] = (dy < 0 ? o->y[k] : o->y[i]) - 1;
        e->bottom[i] = (dy < 0 ? o->y[i] : o->y[k]) + 1;
        group_span(dx < 0 ? o->x[k] : o->x[i], dx < 0 ? o->x[i] : o->x[k], &e->first_group[i], &e->end[i]);
    }
}

/* A row of pixels against the edges. */
struct sight {
    lanes nearest2[ROW_LANES];    /* squared distance of the nearest edge; 1 for all that is farther */
    lane_masks inside[ROW_LANES]; /* all bits set: an odd number of edges to the right */
};

static void see_edge(struct sight *s, const struct edges *e, int i, float py)
{
    const float vy = py - e->y[i], dx = e->dx[i], dy = e->dy[i];
    for (int g = e->first_group[i]; g < e->end[i]; g++) {
        lanes vx = group_columns(g, 0.5f) - e->x[i];
        lanes t = clamp_lanes((vx * dx + vy * dy) * e->over_length2[i]);
        lanes ux = vx - t * dx, uy = vy - t * dy;
        lanes distance2 = ux * ux + uy * uy;
        s->nearest2[g] = choose(distance2 < s->nearest2[g], distance2, s->nearest2[g]);
    }
    if ((vy < 0) == (vy - dy < 0))
        return;
    const float crossing = vy * dx / dy; /* the edge crosses this row; to the right of which pixels? */
    for (int g = 0; g < ROW_LANES; g++)
        s->inside[g] ^= group_columns(g, 0.5f) - e->x[i] < crossing;
}

static lanes roots(lanes v)
{
    for (int k = 0; k < LANES; k++)
        v[k] = sqrtf(v[k]);
    return v;
}

/* The share of each pixel of a row that is inside, taking the nearest edge for a straight line: half a pixel of signed distance
 * either way. So edges more than a pixel away do not matter, and are not looked at. */
static void cover_row(lanes cover[ROW_LANES], const struct edges *e, int row, const int columns[2])
{
    struct sight s = { .inside = { { 0 } } };
    const float py = (float)row + 0.5f;
    for (int g = 0; g < ROW_LANES; g++)
        s.nearest2[g] = (lanes){ 1, 1, 1, 1 };
    for (int i = 0; i < e->n; i++)
        if (py > e->top[i] && py < e->bottom[i])
            see_edge(&s, e, i, py);
    for (int g = 0; g < ROW_LANES; g++) {
        lanes centre = group_columns(g, 0.5f), distance = roots(s.nearest2[g]);
        lanes part = clamp_lanes(0.5f + choose(s.inside[g], distance, -distance));
        cover[g] = (lanes)((lane_masks)part & (centre > (float)columns[0]) & (centre < (float)columns[1]));
    }
}

/* First and one past the last pixel that [low - 1, high + 1] touches. */
static void pixel_span(const float *v, int n, int span[2])
{
    float low = v[0], high = v[0];
    for (int i = 1; i < n; i++) {
        low = v[i] < low ? v[i] : low;
        high = v[i] > high ? v[i] : high;
    }
    span[0] = (int)clamp(floorf(low) - 1, 0, CIFAR_SIDE);
    span[1] = (int)clamp(floorf(high) + 2, 0, CIFAR_SIDE);
}

void shape_fill(struct shape_canvas *canvas, const struct outline *o, const struct paint *paint)
{
    struct edges edges;
    lanes cover[ROW_LANES];
    int rows[2], columns[2];
    make_edges(&edges, o);
    pixel_span(o->y, o->n, rows);
    pixel_span(o->x, o->n, columns);
    for (int row = rows[0]; row < rows[1]; row++) {
        cover_row(cover, &edges, row, columns);
        paint_shape_row(canvas, paint, row, cover);
    }
}

void shape_clear(struct shape_canvas *canvas, const struct paint *paint)
{
    lanes mix[ROW_LANES];
    for (int row = 0; row < CIFAR_SIDE; row++) {
        pattern_row(mix, paint, row);
        for (int ch = 0; ch < CIFAR_CHANNELS; ch++)
            for (int g = 0; g < ROW_LANES; g++)
                canvas->at[ch][row][g] = mixed_colour(paint, ch, mix[g]);
    }
}

static lanes binomial(lanes before, lanes here, lanes after)
{
    return 0.25f * before + 0.5f * here + 0.25f * after;
}

static void blur_along(lanes row[ROW_LANES])
{
    float line[CIFAR_SIDE + 2];
    memcpy(line + 1, row, CIFAR_SIDE * sizeof *line);
    line[0] = line[1];
    line[CIFAR_SIDE + 1] = line[CIFAR_SIDE];
    for (int g = 0; g < ROW_LANES; g++) {
        lanes before, after;
        memcpy(&before, line + g * LANES, sizeof before);
        memcpy(&after, line + g * LANES + 2, sizeof after);
        row[g] = binomial(before, row[g], after);
    }
}

static void blur_down(lanes plane[CIFAR_SIDE][ROW_LANES])
{
    for (int g = 0; g < ROW_LANES; g++) {
        lanes before = plane[0][g];
        for (int row = 0; row < CIFAR_SIDE; row++) {
            lanes here = plane[row][g], after = row + 1 < CIFAR_SIDE ? plane[row + 1][g] : here;
            plane[row][g] = binomial(before, here, after);
            before = here;
        }
    }
}

void shape_blur(struct shape_canvas *canvas)
{
    for (int ch = 0; ch < CIFAR_CHANNELS; ch++) {
        for (int row = 0; row < CIFAR_SIDE; row++)
            blur_along(canvas->at[ch][row]);
        blur_down(canvas->at[ch]);
    }
}
