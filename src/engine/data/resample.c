#include "config.h"
#include "engine/data/resample.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

enum { WEIGHT_BITS = 22 };

/* How the pixels from..from+n-1 of a resized axis come from those of the box: count[i] of them, from first[i] on. */
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
static void weigh(struct axis *a, int i, double centre, double scale, int in)
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
            weigh(a, i, (from + i + 0.5) * ratio, scale, in);
    }
    return 0;
}

static inline uint8_t rounded(int32_t sum)
{
    const int32_t v = sum >> WEIGHT_BITS; /* weights are not negative and add up to 2^22 or a little more */
    return (uint8_t)(v > 255 ? 255 : v);
}

/* A row of the box becomes one of the view. */
static void across(uint8_t *restrict to, const uint8_t *restrict box, const struct axis *a)
{
    if (!a->weight) {
        memcpy(to, box + 3 * a->first[0], 3 * (size_t)a->n);
        return;
    }
    for (int i = 0; i < a->n; i++, to += 3) {
        const uint8_t *from = box + 3 * a->first[i];
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

/* Row i of the view from rows of its width, of which rows[0] is the box's row `first`. */
static void down(uint8_t *restrict to, const uint8_t *restrict rows, const struct axis *a, int i, int first, size_t values, int32_t *restrict sum)
{
    const uint8_t *from = rows + (size_t)(a->first[i] - first) * values;
    if (!a->weight) {
        memcpy(to, from, values);
        return;
    }
    for (size_t v = 0; v < values; v++)
        sum[v] = 1 << (WEIGHT_BITS - 1);
    for (int y = 0; y < a->count[i]; y++, from += values) {
        const int32_t weight = a->weight[i * a->taps + y];
        for (size_t v = 0; v < values; v++)
            sum[v] += weight * from[v];
    }
    for (size_t v = 0; v < values; v++)
        to[v] = rounded(sum[v]);
}

struct seeing {
    const struct picture_view *view;
    struct axis x, y;
    int first, n;    /* rows of the box that are needed */
    uint8_t *line;   /* a row of the picture */
    uint8_t *rows;   /* [n][side_x][3] */
    int32_t *sum;    /* [side_x][3] */
};

static void seeing_release(struct seeing *s)
{
    axis_release(&s->x);
    axis_release(&s->y);
    free(s->line);
    free(s->rows);
    free(s->sum);
}

static int seeing_init(struct seeing *s, const struct picture_view *v, int width, struct err *err)
{
    *s = (struct seeing){ .view = v };
    if (axis_init(&s->x, v->box.width, v->width, v->left, v->side_x, err) < 0 ||
        axis_init(&s->y, v->box.height, v->height, v->top, v->side_y, err) < 0)
        return -1;
    const int last = v->side_y - 1;
    s->first = s->y.first[0];
    s->n = s->y.first[last] + s->y.count[last] - s->first;
    s->line = malloc((size_t)width * 3);
    s->rows = malloc((size_t)s->n * (size_t)v->side_x * 3);
    s->sum = malloc(sizeof *s->sum * (size_t)v->side_x * 3);
    return s->line && s->rows && s->sum ? 0 : err_set(err, ERR_MEMORY, "no memory to resize a picture");
}

static void finish(const struct seeing *s, uint8_t *rgb)
{
    const size_t values = (size_t)s->view->side_x * 3;
    for (int i = 0; i < s->view->side_y; i++)
        down(rgb + (size_t)i * values, s->rows, &s->y, i, s->first, values, s->sum);
}

static void keep_row(const struct seeing *s, int row, const uint8_t *line)
{
    across(s->rows + (size_t)row * (size_t)s->view->side_x * 3, line + 3 * s->view->box.left, &s->x);
}

int picture_see(struct picture *p, const struct picture_view *view, uint8_t *rgb, struct err *err)
{
    struct seeing s;
    int result = seeing_init(&s, view, picture_facts(p)->width, err);
    const int before = view->box.top + (result == 0 ? s.first : 0);
    for (int y = 0; result == 0 && y < before; y++)
        result = picture_row(p, s.line, err);
    for (int y = 0; result == 0 && y < s.n; y++) {
        result = picture_row(p, s.line, err);
        if (result == 0)
            keep_row(&s, y, s.line);
    }
    if (result == 0)
        finish(&s, rgb);
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
