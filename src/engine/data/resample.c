#include "config.h"
#include "engine/data/resample.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

enum { WEIGHT_BITS = 22 };

/* The pixels from..from+n-1 of a resized axis, made from those of the box: count[i] of them, from first[i] on. */
struct axis {
    int n, taps; /* taps: of one pixel, at most */
    int *first, *count;
    int32_t *weight; /* [n][taps], sum 2^22; NULL: each pixel as it is, shifted by first[0] */
    double *share;   /* [taps] of one pixel, while weights are made */
};

static void axis_release(struct axis *a)
{
    free(a->first);
    free(a->weight);
    free(a->share);
    *a = (struct axis){ 0 };
}

/* One pixel's weights, in double and in Pillow's order of operations, then in whole numbers. */
static void weigh_pixels(struct axis *a, int i, double centre, double scale, int in)
{
    const double narrow = 1.0 / scale;
    double *share = a->share, sum = 0;
    int first = (int)(centre - scale + 0.5), end = (int)(centre + scale + 0.5);
    first = first < 0 ? 0 : first;
    end = end > in ? in : end;
    for (int x = 0; x < end - first; x++) {
        const double at = fabs((x + first - centre + 0.5) * narrow);
        share[x] = at < 1 ? 1 - at : 0;
        sum += share[x];
    }
    a->first[i] = first;
    a->count[i] = end - first;
    for (int x = 0; x < end - first; x++)
        a->weight[i * a->taps + x] = (int32_t)(0.5 + (sum != 0 ? share[x] / sum : share[x]) * (1 << WEIGHT_BITS));
}

static int axis_init(struct axis *a, int in, int out, int from, int n, struct err *err)
{
    const double ratio = (double)in / out, scale = ratio < 1 ? 1 : ratio;
    *a = (struct axis){ .n = n, .taps = in == out ? 1 : (int)ceil(scale) * 2 + 1 };
    a->first = malloc(sizeof *a->first * (size_t)n * 2);
    if (in != out) {
        a->weight = calloc((size_t)n * (size_t)a->taps, sizeof *a->weight);
        a->share = malloc(sizeof *a->share * (size_t)a->taps);
    }
    if (!a->first || (in != out && (!a->weight || !a->share))) {
        axis_release(a);
        return err_set(err, ERR_MEMORY, "no memory to resize a picture");
    }
    a->count = a->first + n;
    for (int i = 0; i < n; i++) {
        a->first[i] = from + i;
        a->count[i] = 1;
        if (a->weight)
            weigh_pixels(a, i, (from + i + 0.5) * ratio, scale, in);
    }
    return 0;
}

static inline uint8_t rounded(int32_t sum)
{
    const int32_t v = sum >> WEIGHT_BITS; /* weights are not negative and add up to 2^22 or a little more */
    return (uint8_t)(v > 255 ? 255 : v);
}

/* A row of the picture, in which the box begins at `left` (below 0: before it, where nothing is looked at), becomes one of the view. */
static void across(uint8_t *restrict to, const uint8_t *restrict line, int left, const struct axis *a)
{
    if (!a->weight) {
        memcpy(to, line + 3 * (left + a->first[0]), 3 * (size_t)a->n);
        return;
    }
    for (int i = 0; i < a->n; i++, to += 3) {
        const uint8_t *from = line + 3 * (left + a->first[i]);
        const int32_t *weight = a->weight + i * a->taps;
        int32_t r = 1 << (WEIGHT_BITS - 1), g = r, b = r;
        for (int x = 0; x < a->count[i]; x++, from += 3) {
            r += weight[x] * from[0];
            g += weight[x] * from[1];
            b += weight[x] * from[2];
        }
        to[0] = rounded(r);
        to[1] = rounded(g);
        to[2] = rounded(b);
    }
}

enum { BLOCK = 16 };

struct column { /* of one row of the view: what it is made of */
    const uint8_t *from; /* the first row that it takes from */
    const int32_t *weight;
    int n;
    size_t values; /* of a row */
};

/* Values of a row at a fixed number of places, which the compiler keeps in registers. */
static inline __attribute__((always_inline)) void down_block(uint8_t *restrict to, const struct column *c, size_t at, const int places)
{
    int32_t sum[BLOCK];
    const uint8_t *from = c->from + at;
    for (int k = 0; k < places; k++)
        sum[k] = 1 << (WEIGHT_BITS - 1);
    for (int y = 0; y < c->n; y++, from += c->values)
        for (int k = 0; k < places; k++)
            sum[k] += c->weight[y] * from[k];
    for (int k = 0; k < places; k++)
        to[at + (size_t)k] = rounded(sum[k]);
}

/* Row i of the view from rows of its width, of which rows[0] is the box's row `first`. */
static void down(uint8_t *restrict to, const uint8_t *restrict rows, const struct axis *a, int i, int first, size_t values)
{
    const struct column c = { .from = rows + (size_t)(a->first[i] - first) * values, .weight = a->weight ? a->weight + i * a->taps : NULL,
                              .n = a->count[i], .values = values };
    size_t at = 0;
    if (!c.weight) {
        memcpy(to, c.from, values);
        return;
    }
    for (; at + BLOCK <= values; at += BLOCK)
        down_block(to, &c, at, BLOCK);
    for (; at < values; at++)
        down_block(to, &c, at, 1);
}

struct seeing {
    const struct picture_view *view;
    struct axis x, y;
    int first, n;    /* rows of the box that are needed */
    int left;        /* where the box begins in a row that is read */
    uint8_t *line;   /* a row of the picture */
    uint8_t *rows;   /* [n][side_x][3] */
};

static void seeing_release(struct seeing *s)
{
    axis_release(&s->x);
    axis_release(&s->y);
    free(s->line);
    free(s->rows);
}

static int seeing_init(struct seeing *s, const struct picture_view *v, struct picture *p, struct err *err)
{
    *s = (struct seeing){ .view = v };
    if (axis_init(&s->x, v->box.width, v->width, v->left, v->side_x, err) < 0 ||
        axis_init(&s->y, v->box.height, v->height, v->top, v->side_y, err) < 0)
        return -1;
    const int last = v->side_y - 1;
    s->first = s->y.first[0];
    s->n = s->y.first[last] + s->y.count[last] - s->first;
    const int from = s->x.first[0], end = s->x.first[v->side_x - 1] + s->x.count[v->side_x - 1];
    if (s->x.weight || picture_facts(p)->width > v->side_x)
        s->left = picture_narrow(p, v->box.left + from, end - from);
    s->left = v->box.left - s->left;
    s->line = malloc((size_t)picture_facts(p)->width * 3);
    s->rows = malloc((size_t)s->n * (size_t)v->side_x * 3);
    return s->line && s->rows ? 0 : err_set(err, ERR_MEMORY, "no memory to resize a picture");
}

static void finish_row(const struct seeing *s, uint8_t *rgb)
{
    const size_t values = (size_t)s->view->side_x * 3;
    for (int i = 0; i < s->view->side_y; i++)
        down(rgb + (size_t)i * values, s->rows, &s->y, i, s->first, values);
}


int picture_see(struct picture *p, const struct picture_view *view, uint8_t *rgb, struct err *err)
{
    struct seeing s;
    int result = seeing_init(&s, view, p, err);
    if (result == 0)
        result = picture_skip(p, view->box.top + s.first, err);
    for (int y = 0; result == 0 && y < s.n; y++) {
        result = picture_row(p, s.line, err);
        if (result == 0)
            across(s.rows + (size_t)y * (size_t)view->side_x * 3, s.line, s.left, &s.x);
    }
    if (result == 0)
        finish_row(&s, rgb);
    seeing_release(&s);
    return result;
}

struct picture_view picture_view_centre(int width, int height, int shorter, int side)
{
    const bool tall = height > width;
    const long longer = (long)shorter * (tall ? height : width) / (tall ? width : height);
    struct picture_view v = { .box = { 0, 0, width, height }, .width = tall ? shorter : (int)longer, .height = tall ? (int)longer : shorter,
                              .side_x = side, .side_y = side };
    v.left = (int)rint((v.width - side) / 2.0); /* half to even, as Python rounds */
    v.top = (int)rint((v.height - side) / 2.0);
    return v;
}
