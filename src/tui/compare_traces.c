/* Curves of the compared runs over each other: one metric in a small pane, all of them in a large one. Lines are told apart by dashes and
 * by the labels at their ends; the highlighted one is the strongest. */
#include "config.h"
#include "tui/compare.h"

#include "tui/curves.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LABELS = 8, END = 9 }; /* columns of the values, and of the labels at the ends */

struct line { /* of one run, from its series' point `from` on */
    struct comparison_series series;
    size_t from;
};

static bool line_point(const void *ctx, size_t i, struct plot_point *out)
{
    const struct line *l = ctx;
    const struct metric_point *p = &l->series.at[l->from + i];
    *out = (struct plot_point){ p->epoch, p->value, p->low, p->high };
    return true;
}

/* Two runs are one line as long as they are one: of the later one only what is its own is drawn, joined to the last value before; all of
 * the highlighted one. */
static struct line line_of(const struct screen *s, int run, int metric)
{
    struct comparison *c = s->view.comparison;
    struct line l = { .series = comparison_curve(c, run, metric) };
    double shared = -INFINITY;
    for (int r = 0; r < run; r++)
        shared = fmax(shared, comparison_shared(c, run, r));
    while (run != s->compare.run && l.from + 1 < l.series.n && l.series.at[l.from + 1].epoch <= shared)
        l.from++;
    return l;
}

static struct plot_data data_of(const struct line *l)
{
    return (struct plot_data){ l->series.n - l->from, line_point, l };
}

/* --- the axes -------------------------------------------------------------------------------------------------------- */

/* A little before the first point at which a run left another one's line; `begin` without one. */
static double first_fork(const struct comparison *c, double begin, double last)
{
    double fork = INFINITY;
    for (int r = 0; r < comparison_runs(c); r++)
        if (comparison_birth(c, r) > comparison_begin(c, r))
            fork = fmin(fork, comparison_birth(c, r));
    return fork < last ? fmax(begin, fork - (last - fork) / 10) : begin;
}

/* From the first of the runs' epochs, or from the first fork, to the last; while one of them grows, by a tenth at a time, so that columns already drawn mostly hold
 * still. */
static void epochs(const struct screen *s, struct plot_scale *k)
{
    const struct comparison *c = s->view.comparison;
    const double last = comparison_latest_end(c);
    double across = 1;
    bool live = false;
    k->x0 = INFINITY;
    for (int r = 0; r < comparison_runs(c); r++) {
        k->x0 = fmin(k->x0, comparison_begin(c, r));
        live |= comparison_is_live(c, r);
    }
    if (s->compare.late)
        k->x0 = first_fork(c, k->x0, last);
    while (live && across < last - k->x0)
        across *= 1.1;
    k->x1 = live ? k->x0 + across : fmax(last, k->x0 + 1e-3);
}

static bool values(const struct screen *s, int metric, struct plot_scale *k)
{
    struct plot_scale all = { k->x0, k->x1, INFINITY, -INFINITY };
    for (int r = 0; r < comparison_runs(s->view.comparison); r++) {
        const struct line l = line_of(s, r, metric);
        const struct plot_data d = data_of(&l);
        plot_range(&d, k);
        all.y0 = fmin(all.y0, k->y0);
        all.y1 = fmax(all.y1, k->y1);
    }
    *k = all;
    if (!(k->y0 <= k->y1))
        return false;
    if (comparison_metric(s->view.comparison, metric)->percent) {
        k->y0 = fmax(0, floor(k->y0));
        k->y1 = fmin(100, fmax(k->y0 + 1, ceil(k->y1)));
    } else if (k->y1 - k->y0 <= 1e-9 * (fabs(k->y1) + 1e-9)) {
        const double around = fabs(k->y1) > 0 ? fabs(k->y1) * 0.1 : 1;
        k->y0 -= around;
        k->y1 += around;
    }
    return true;
}

static int column_of(const struct plot_scale *k, double epoch, int cols)
{
    const double at = (epoch - k->x0) / (k->x1 - k->x0);
    return !(at >= 0) || at > 1 ? -1 : at < 1 ? (int)(at * cols) : cols - 1;
}

/* Epochs with round numbers, the letters of the highlighted run's marks, and the cursor. */
static void paint_epochs(const struct screen *s, struct area a, int row, int left, const struct plot_scale *k)
{
    const struct comparison *c = s->view.comparison;
    uint32_t taken[MARK_ROW_MAX / 32] = { 0 };
    const int cols = a.cols - left;
    curves_axis(a, left, row, k->x0, k->x1);
    for (const struct history_mark *m = NULL; (m = comparison_next_mark(c, s->compare.run, m));) {
        int col = column_of(k, m->epoch, cols);
        col = col < 0 ? -1 : mark_place(taken, cols, col);
        if (col >= 0)
            area_char(a, row, left + col, INK_MARK | (m->by_hand ? INK_BOLD : 0u), (uint32_t)m->letter);
    }
    const double cursor = compare_cursor(s);
    const int col = column_of(k, cursor, cols);
    if (isfinite(cursor) && col >= 0)
        area_char(a, row, left + col, INK_BOLD | INK_REVERSE, 0x25b2);
}

/* --- labels at the ends of the lines --------------------------------------------------------------------------------- */

struct label {
    int run, row;
    double value;
};

/* Sorted from above, then pushed apart, so that each run has a row as long as there are enough. */
static void spread_labels(struct label *label, int n, int rows)
{
    for (int i = 1; i < n; i++)
        for (int k = i; k > 0 && label[k - 1].row > label[k].row; k--) {
            struct label swap = label[k];
            label[k] = label[k - 1];
            label[k - 1] = swap;
        }
    for (int i = 1; i < n; i++)
        if (label[i].row <= label[i - 1].row)
            label[i].row = label[i - 1].row + 1;
    for (int i = n - 1, most = rows - 1; i >= 0; i--, most--)
        if (label[i].row > most)
            label[i].row = most;
}

static void paint_labels(const struct screen *s, struct area a, int metric, const struct plot *p, const struct plot_scale *k)
{
    struct comparison *c = s->view.comparison;
    const struct metric *m = comparison_metric(c, metric);
    struct label label[COMPARISON_RUNS];
    int n = 0;
    for (int r = 0; r < comparison_runs(c); r++) {
        const struct comparison_value v = comparison_at(c, r, metric);
        if (isfinite(v.value))
            label[n++] = (struct label){ r, plot_row(p, (v.value - k->y0) / (k->y1 - k->y0)), v.value };
    }
    spread_labels(label, n, a.rows);
    for (int i = 0; i < n; i++) {
        char text[16];
        if (label[i].row < 0)
            continue;
        if (m->percent)
            snprintf(text, sizeof text, "%.1f", label[i].value);
        else
            format_short(text, label[i].value, 6);
        area_putf(a, label[i].row, 0, compare_ink(s, label[i].run), "%c %s", compare_letter(label[i].run), text);
    }
}

/* Values at the upper and lower edge, and between them where there is room, and a rule right of them. */
static void paint_values(struct area a, const struct metric *m, const struct plot_scale *k)
{
    const int middle = a.rows >= 7 ? (a.rows - 1) / 2 : -1;
    for (int r = 0; r < a.rows; r++) {
        char text[16];
        const double value = a.rows > 1 ? k->y1 - (k->y1 - k->y0) * r / (a.rows - 1) : k->y1;
        area_char(a, r, LABELS - 1, INK_DIM, 0x2502);
        if (r != 0 && r != middle && r != a.rows - 1)
            continue;
        if (m->percent)
            snprintf(text, sizeof text, "%.0f", value);
        else
            format_short(text, value, 6);
        area_put_right(a, r, LABELS - 1, INK_DIM, text);
    }
}

/* --- one metric ------------------------------------------------------------------------------------------------------ */

static void paint_lines(const struct screen *s, struct plot *p, int metric, const struct plot_scale *k, int run)
{
    const struct line l = line_of(s, run, metric);
    const struct plot_data d = data_of(&l);
    p->ink = compare_ink(s, run);
    p->run = 0;
    plot_gap(p);
    plot_set_style(p, compare_style(s, run));
    if (l.series.n)
        plot_points(p, k, &d);
}

/* The line at an epoch, or its end before that. */
static double value_at(const struct comparison_series *l, double epoch)
{
    size_t i = 0;
    while (i < l->n && l->at[i].epoch <= epoch)
        i++;
    if (i == 0 || i == l->n)
        return l->n ? l->at[i ? i - 1 : 0].value : NAN;
    const struct metric_point *a = &l->at[i - 1], *b = &l->at[i];
    return a->value + (b->value - a->value) * (epoch - a->epoch) / (b->epoch - a->epoch);
}

/* F where a run left its parent's line. */
static void paint_forks(const struct screen *s, struct area field, int metric, const struct plot *p, const struct plot_scale *k)
{
    for (int r = 0; r < comparison_runs(s->view.comparison); r++) {
        const struct comparison_series series = comparison_curve(s->view.comparison, r, metric);
        const double birth = comparison_birth(s->view.comparison, r), value = value_at(&series, birth);
        const int col = column_of(k, birth, field.cols);
        if (birth > comparison_begin(s->view.comparison, r) && series.own > 0 && col >= 0 && isfinite(value))
            area_char(field, plot_row(p, (value - k->y0) / (k->y1 - k->y0)), col, INK_MARK | INK_BOLD, 'F');
    }
}

static void paint_panel(const struct screen *s, struct area a, int metric, struct plot_scale k)
{
    struct area field = area_part(a, 0, LABELS, a.rows, a.cols - LABELS - END);
    struct plot p;
    if (!values(s, metric, &k)) {
        area_put(a, 0, LABELS, INK_DIM, "nothing of it was recorded");
        return;
    }
    paint_values(a, comparison_metric(s->view.comparison, metric), &k);
    const double cursor = compare_cursor(s);
    const int col = isfinite(cursor) ? column_of(&k, cursor, field.cols) : -1;
    for (int r = 0; r < a.rows && col >= 0; r++)
        area_char(field, r, col, INK_BOLD, 0x250a);
    plot_begin(&p, field, s->glyphs, INK_TEXT);
    for (int r = 0; r < comparison_runs(s->view.comparison); r++)
        if (r != s->compare.run)
            paint_lines(s, &p, metric, &k, r);
    paint_lines(s, &p, metric, &k, s->compare.run);
    paint_forks(s, field, metric, &p, &k);
    paint_labels(s, area_part(a, 0, a.cols - END + 1, a.rows, END - 1), metric, &p, &k);
}

/* --- the pane -------------------------------------------------------------------------------------------------------- */

enum { LEAST = 6 }; /* rows of a metric, its name included, when there are several */

/* The chosen one and those after it, as many as there is room for. */
static int panels(const struct screen *s, int rows)
{
    const int n = comparison_metrics(s->view.comparison), room = (rows - 2) / LEAST;
    return room < 2 ? n > 0 : room < n ? room : n;
}

static int metric_in_place(const struct screen *s, int i)
{
    const int n = comparison_metrics(s->view.comparison);
    return (s->compare.metric + i) % n;
}

static void traces_paint(const struct screen *s, struct area a)
{
    struct plot_scale k = { 0 };
    const int n = panels(s, a.rows), axis = a.rows >= 7 ? 2 : 1, rows = a.rows - axis;
    if (n == 0 || rows < 2)
        return;
    epochs(s, &k);
    for (int i = 0, row = 0; i < n; i++) {
        int here = (rows - row) / (n - i);
        if (i > 0) { /* the pane's title names the first */
            area_put(a, row, 1, INK_BOLD, comparison_metric(s->view.comparison, metric_in_place(s, i))->label);
            paint_panel(s, area_part(a, row + 1, 0, here - 1, a.cols), metric_in_place(s, i), k);
        } else {
            paint_panel(s, area_part(a, row, 0, here, a.cols), metric_in_place(s, i), k);
        }
        row += here;
    }
    paint_epochs(s, area_part(a, rows, 0, axis, a.cols - END), 0, LABELS, &k);
}

static void traces_title(const struct screen *s, struct area a, int col)
{
    struct comparison *c = s->view.comparison;
    if (comparison_metrics(c) == 0)
        return;
    const struct metric *m = comparison_metric(c, s->compare.metric);
    col += area_putf(a, 0, col, INK_BOLD, "%s ", m->label);
    if (comparison_metrics(c) > 1)
        col += area_putf(a, 0, col, INK_DIM, "· %d of %d, t the next ", s->compare.metric + 1, comparison_metrics(c));
    col += area_putf(a, 0, col, INK_DIM, "%s", m->better > 0 ? "· higher is better " : m->better < 0 ? "· lower is better " : "");
}

const struct pane pane_compared_traces = { "traces", NULL, traces_title, traces_paint };
