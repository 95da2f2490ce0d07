/* The gains of classes over the first run, and the densities of one class of all runs over each other. */
#include "config.h"
#include "tui/compare.h"

#include "tui/curves.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DECADES = CURVES_DECADES, LABELS = CURVES_DECADE_LABELS };

/* --- the order of the classes ---------------------------------------------------------------------------------------- */

/* Row of the selected class; that of the largest gain when none is selected, or it has no accuracy in both runs. */
static int selected_row(const struct compare_view *v)
{
    for (int i = 0; i < v->n_gain; i++)
        if (v->gain[i].class == v->class)
            return i;
    return 0;
}

static void keep_in_sight(struct compare_view *v, int rows)
{
    const int row = selected_row(v), last = v->n_gain > rows ? v->n_gain - rows : 0;
    if (row < v->top)
        v->top = row;
    if (row >= v->top + rows)
        v->top = row - rows + 1;
    v->top = v->top > last ? last : v->top;
}

void compare_gains(struct screen *s)
{
    struct compare_view *v = &s->compare;
    const int n = comparison_history(s->view.comparison, 0)->n_classes;
    v->n_gain = 0;
    if (n > v->cap_gain) {
        struct comparison_gain *more = realloc(v->gain, sizeof *more * (size_t)n);
        if (!more)
            return;
        v->gain = more;
        v->cap_gain = n;
    }
    if (n)
        v->n_gain = comparison_gains(s->view.comparison, v->other, v->gain);
}

static int larger_first(const void *a, const void *b)
{
    const struct comparison_gain *x = a, *y = b;
    const double p = fabs(x->gain), q = fabs(y->gain);
    return p > q ? -1 : p < q ? 1 : (x->class > y->class) - (x->class < y->class);
}

/* From gains to losses where all have a row; else the largest changes of both signs are on top. */
static void gains_recalc(struct screen *s, int rows, int cols)
{
    struct compare_view *v = &s->compare;
    (void)cols;
    v->by_size = v->n_gain > rows;
    if (v->by_size)
        qsort(v->gain, (size_t)v->n_gain, sizeof *v->gain, larger_first);
    keep_in_sight(v, rows < 1 ? 1 : rows);
}

void compare_select(struct screen *s, int rows)
{
    struct compare_view *v = &s->compare;
    const int row = selected_row(v), last = v->n_gain - 1;
    if (v->n_gain)
        v->class = v->gain[rows < -row ? 0 : rows > last - row ? last : row + rows].class;
}

bool compare_find(struct screen *s, const char *text, int direction)
{
    struct compare_view *v = &s->compare;
    const struct history *h = comparison_history(s->view.comparison, 0);
    const int row = selected_row(v), n = v->n_gain;
    for (int i = 1; text[0] && i <= n; i++) {
        const int at = ((row + i * direction) % n + n) % n;
        if (text_contains(h->cls[v->gain[at].class].name, text)) {
            v->class = v->gain[at].class;
            return true;
        }
    }
    return false;
}

/* --- rows ------------------------------------------------------------------------------------------------------------ */

struct gain_plan { /* of a row: where each ends; bar: where it begins */
    int name, name_width, n, before, after, gain, bar, bar_width;
};

static struct gain_plan gain_columns(int cols)
{
    struct gain_plan k = { .name = 9, .name_width = cols >= 60 ? 14 : 10 };
    int at = k.name + k.name_width;
    if (cols >= 64)
        k.n = at += 6;
    k.before = at += 7;
    k.after = at += 7;
    k.gain = at += 7;
    k.bar = at + 2;
    k.bar_width = cols - k.bar - 1;
    return k;
}

/* A bar from the middle to the right for a gain, to the left for a loss. */
static void paint_difference(struct area a, int row, const struct gain_plan *k, double share, unsigned ink)
{
    const int half = (k->bar_width - 1) / 2, middle = k->bar + half, cells = (int)lround(fabs(share) * half);
    if (half < 3)
        return;
    area_char(a, row, middle, INK_DIM, 0x2502);
    for (int i = 1; i <= half; i++)
        area_char(a, row, share < 0 ? middle - i : middle + i, i <= cells ? ink : INK_DIM, i <= cells ? 0x2588 : ' ');
}

/* The largest difference, up to a round number: the scale of the bars. */
static double bar_scale(const struct compare_view *v)
{
    static const double round_number[] = { 1, 2, 5, 10, 20, 50, 100 };
    double most = 0;
    for (int i = 0; i < v->n_gain; i++)
        most = fmax(most, fabs(v->gain[i].gain));
    for (size_t i = 0; i < sizeof round_number / sizeof *round_number; i++)
        if (most <= round_number[i])
            return round_number[i];
    return 100;
}

static void paint_gain(const struct screen *s, struct area a, int row, const struct comparison_gain *g, double scale)
{
    const struct history *h = comparison_history(s->view.comparison, 0);
    const struct history_class *cls = &h->cls[g->class];
    const struct gain_plan k = gain_columns(a.cols);
    const bool here = g == &s->compare.gain[selected_row(&s->compare)];
    const unsigned ink = group_ink(h, cls->group);
    char text[32];
    area_char(a, row, 1, ink, (uint32_t)group_letter(h, cls->group));
    snprintf(text, sizeof text, "%d", g->class);
    area_put_right(a, row, k.name - 1, INK_TEXT, text);
    area_putn(a, row, k.name, ink, cls->name, k.name_width);
    snprintf(text, sizeof text, "%u", cls->n);
    if (k.n)
        area_put_right(a, row, k.n, INK_DIM, text);
    snprintf(text, sizeof text, "%.1f", g->before);
    area_put_right(a, row, k.before, INK_TEXT, text);
    snprintf(text, sizeof text, "%.1f", g->after);
    area_put_right(a, row, k.after, INK_TEXT, text);
    format_signed(text, g->gain, 0, 1);
    area_put_right(a, row, k.gain, INK_BOLD, text);
    paint_difference(a, row, &k, g->gain / scale, g->gain < 0 ? INK_WARN : ink);
    if (here) {
        area_char(a, row, 0, INK_BOLD, '>');
        if (s->keys && s->focus == COMPARE_CLASSES)
            area_ink(a, row, 0, k.name + k.name_width, INK_REVERSE);
    }
}

static void gains_paint(const struct screen *s, struct area a)
{
    const struct compare_view *v = &s->compare;
    const double scale = bar_scale(v);
    if (v->n_gain == 0) {
        char text[64];
        snprintf(text, sizeof text, "no accuracy by class in both %c and a at this moment", compare_letter(v->other));
        area_putn(a, 0, 1, INK_DIM, text, a.cols - 1);
    }
    for (int row = 0; row < a.rows && v->top + row < v->n_gain; row++)
        paint_gain(s, a, row, &v->gain[v->top + row], scale);
}

static void gains_title(const struct screen *s, struct area a, int col)
{
    const struct compare_view *v = &s->compare;
    const struct gain_plan k = gain_columns(a.cols);
    const double scale = bar_scale(v);
    char text[48];
    int up = 0, down = 0;
    for (int i = 0; i < v->n_gain; i++) {
        up += v->gain[i].gain > 0;
        down += v->gain[i].gain < 0;
    }
    snprintf(text, sizeof text, "%c over a, by size ", compare_letter(v->other));
    if (!v->by_size || col + text_width(a.canvas, text) > k.before - 2)
        snprintf(text, sizeof text, "%c over a ", compare_letter(v->other));
    col += area_put(a, 0, col, INK_TEXT, text);
    if (k.before - 2 >= col) {
        snprintf(text, sizeof text, " a");
        area_put_right(a, 0, k.before, INK_TEXT, text);
        snprintf(text, sizeof text, " %c", compare_letter(v->other));
        area_put_right(a, 0, k.after, INK_TEXT, text);
        area_put_right(a, 0, k.gain, INK_BOLD, " gain");
    }
    snprintf(text, sizeof text, " %d up %d down, ±%g ", up, down, scale);
    if (k.bar_width > text_width(a.canvas, text))
        area_put_right(a, 0, a.cols - 1, INK_DIM, text);
}

const struct pane pane_compared_classes = { "classes", gains_recalc, gains_title, gains_paint };

/* --- densities ------------------------------------------------------------------------------------------------------- */

/* The selected class when a run has a spectrum of it, else the one that the first run measured last. */
static int class_with_spectrum(const struct screen *s)
{
    const struct comparison *c = s->view.comparison;
    const struct compare_view *v = &s->compare;
    const int class = v->class >= 0 ? v->class : v->n_gain ? v->gain[0].class : 0;
    for (int r = 0; r < comparison_runs(c); r++)
        if (comparison_spectrum(c, r, class))
            return class;
    const struct history *h = comparison_history(c, 0);
    for (size_t i = h->n_eig; i > 0; i--)
        if (comparison_spectrum(c, 0, (int)h->eig[i - 1].class))
            return (int)h->eig[i - 1].class;
    return -1;
}

static void density_recalc(struct screen *s, int rows, int cols)
{
    struct compare_view *v = &s->compare;
    const int width = (cols - LABELS) * (s->glyphs == GLYPHS_BRAILLE ? 2 : 1), runs = comparison_runs(s->view.comparison);
    (void)rows;
    v->cells = width < 1 ? 1 : width;
    v->n_density = 0;
    v->density_class = class_with_spectrum(s);
    if (v->density_class < 0)
        return;
    if (v->cap_value < v->cells * runs) {
        double *more = realloc(v->value, sizeof *more * (size_t)v->cells * (size_t)runs);
        if (!more)
            return;
        v->value = more;
        v->cap_value = v->cells * runs;
    }
    v->n_density = comparison_densities(s->view.comparison, v->density_class, v->cells, &v->low, &v->high, v->value);
    v->top_density = -99;
    for (int i = 0; i < v->cells * runs; i++) {
        v->value[i] = v->value[i] > 0 ? log10(v->value[i]) : -99;
        v->top_density = fmax(v->top_density, v->value[i]);
    }
}

static void paint_density(const struct screen *s, struct area a, int run)
{
    const struct compare_view *v = &s->compare;
    const double *value = v->value + (size_t)run * (size_t)v->cells;
    struct plot p;
    plot_begin(&p, a, s->glyphs, compare_ink(s, run));
    plot_set_style(&p, compare_style(s, run));
    for (int x = 0; x < p.width; x++) {
        double share = (value[(long)x * v->cells / p.width] - v->top_density + DECADES) / DECADES;
        if (share < 0)
            plot_gap(&p);
        else
            plot_column(&p, x, share, share);
    }
}

/* The epoch of each spectrum, which may lie before the cursor, and its ends as numbers. */
static void paint_reaches(const struct screen *s, struct area a)
{
    const struct comparison *c = s->view.comparison;
    for (int r = 0, row = 0; r < comparison_runs(c) && row < a.rows; r++) {
        const struct history_eig *e = comparison_spectrum(c, r, s->compare.density_class);
        char low[16], high[16], text[80];
        if (!e)
            continue;
        format_eig(low, e->lmin);
        format_eig(high, e->lmax);
        snprintf(text, sizeof text, "%c@%.4g λ %s..%s", compare_letter(r), e->epoch, low, high);
        area_put_right(a, row++, a.cols - 1, compare_ink(s, r), text);
    }
}

static void density_paint(const struct screen *s, struct area a)
{
    const struct compare_view *v = &s->compare;
    const int rows = a.rows - 2;
    if (v->n_density == 0) {
        area_put(a, 0, 1, INK_DIM, "no spectrum was recorded until this moment");
        return;
    }
    if (rows < 2)
        return;
    curves_decades(a, v->top_density, rows);
    curves_axis(a, LABELS, rows, v->low, v->high);
    struct area field = area_part(a, 0, LABELS, rows, a.cols - LABELS);
    for (int r = 0; r < comparison_runs(s->view.comparison); r++)
        if (r != v->run)
            paint_density(s, field, r);
    paint_density(s, field, v->run);
    paint_reaches(s, field);
}

static void density_title(const struct screen *s, struct area a, int col)
{
    const struct compare_view *v = &s->compare;
    const struct history *h = comparison_history(s->view.comparison, 0);
    if (v->n_density && v->density_class < h->n_classes)
        area_putf(a, 0, col, group_ink(h, h->cls[v->density_class].group), "%d %s · log density ", v->density_class, h->cls[v->density_class].name);
}

const struct pane pane_compared_density = { "density", density_recalc, density_title, density_paint };
