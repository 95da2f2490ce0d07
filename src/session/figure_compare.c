/* Runs beside each other as a figure: metrics over epochs, or densities of a class. Each run has a colour and a dash of its own, and its name
 * at the end of its curve: it can be told without colours. */
#include "config.h"
#include "session/figure_compare.h"

#include "base/err.h"

#ifdef HAVE_CAIRO

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "session/figure_chart.h"

enum { PANELS_MOST = 6, COMPARE_CELLS = 900, COMPARE_FLOOR = -7 };

struct compare_figure {
    struct comparison *c;
    const struct comparison_view *view;
    int class[PANELS_MOST], n; /* classes of densities, or metrics: a panel each */
    double *density;           /* [COMPARISON_RUNS * COMPARE_CELLS] */
};

/* --- where panels lie ------------------------------------------------------------------------------------------------ */

static double panel_height(int n)
{
    return n == 1 ? HEIGHT - 28 - 38 : n == 2 ? 170 : 120;
}

enum { AXIS_BELOW = 24 }; /* of a panel with an axis of its own under it */

static double page_height(int n, bool own_axes)
{
    return 28 + 38 + n * panel_height(n) + (n - 1) * 14 - (own_axes && n > 1 ? AXIS_BELOW : 0);
}

static struct chart panel_at(cairo_t *cr, int i, int n, double right)
{
    return (struct chart){ .cr = cr, .left = 52, .top = 28 + i * (panel_height(n) + 14), .width = WIDTH - 52 - right, .height = panel_height(n) };
}

/* --- series ---------------------------------------------------------------------------------------------------------- */

struct run_curve { /* of one metric: what is drawn of a run */
    const struct metric_point *at;
    int n;
    bool held;     /* each value from the point before on: two places a point, but for the first */
    double shared; /* epoch until which it is one with a run drawn before; -INFINITY: never */
};

static int curve_places(const struct run_curve *one)
{
    return one->held && one->n ? 2 * one->n - 1 : one->n;
}

static double curve_x(const void *ctx, int k)
{
    const struct run_curve *one = ctx;
    return one->at[one->held ? k / 2 : k].epoch;
}

static double curve_y(const void *ctx, int k)
{
    const struct run_curve *one = ctx;
    return one->at[one->held ? (k + 1) / 2 : k].value;
}

/* Up to the cursor, from where the run has left every one that is drawn before it: the last point of both joins them. */
static struct run_curve curve_of(struct comparison *c, int run, int metric)
{
    const struct comparison_series s = comparison_curve(c, run, metric);
    const size_t n = comparison_reached(c, run, &s);
    size_t from = 0;
    double until = -INFINITY;
    for (int k = 0; k < run; k++) {
        const double shared = comparison_shared(c, run, k);
        const struct comparison_series it = comparison_curve(c, k, metric);
        const size_t other = comparison_reached(c, k, &it);
        for (size_t i = from; !isnan(shared) && i < n && i < other && s.at[i].epoch <= shared + 1e-9; i++)
            from = i;
        until = fmax(until, shared);
    }
    return (struct run_curve){ s.at + from, (int)(n - from), comparison_metric(c, metric)->held, until };
}

/* What joins a fork's first value of its own to the last one that it shares, measured before the fork, is nobody's: it is faint. */
static void draw_curve(const struct chart *p, int run, const struct run_curve *one)
{
    const bool joined = !one->held && one->n > 1 && one->at[0].epoch < one->shared - 1e-9 && one->at[1].epoch > one->shared + 1e-9;
    const struct run_curve own = { one->at + joined, one->n - joined, one->held, one->shared };
    if (joined)
        chart_curve(p, run, 0.35, &(const struct chart_line){ 2, curve_x, curve_y, one });
    chart_curve(p, run, 1, &(const struct chart_line){ curve_places(&own), curve_x, curve_y, &own });
}

static bool metric_range(struct chart *p, struct comparison *c, int metric)
{
    p->x0 = p->y0 = INFINITY, p->x1 = p->y1 = -INFINITY;
    for (int run = 0; run < comparison_runs(c); run++) {
        const struct run_curve one = curve_of(c, run, metric);
        for (int k = 0; k < one.n; k++) {
            p->y0 = fmin(p->y0, one.at[k].value), p->y1 = fmax(p->y1, one.at[k].value);
            p->x0 = fmin(p->x0, one.at[k].epoch), p->x1 = fmax(p->x1, one.at[k].epoch);
        }
    }
    if (!(p->x1 >= p->x0))
        return false;
    const bool flat = !(p->y1 - p->y0 > 1e-6 * fabs(p->y1));
    const double y = !flat ? 0.06 * (p->y1 - p->y0) : 0.1 * fabs(p->y1);
    if (y > 0)
        p->y0 -= y, p->y1 += y;
    else
        p->y0 = 0, p->y1 = 1;
    return true;
}

/* All panels share the axis of epochs; false: nothing was measured of any. */
static bool epoch_range(const struct compare_figure *f, double *x0, double *x1)
{
    *x0 = INFINITY, *x1 = -INFINITY;
    for (int m = 0; m < f->n; m++) {
        struct chart p;
        if (!metric_range(&p, f->c, m))
            continue;
        *x0 = fmin(*x0, p.x0), *x1 = fmax(*x1, p.x1);
    }
    const double margin = fmax(0.02 * (*x1 - *x0), 0.05);
    *x0 -= margin, *x1 += margin;
    return isfinite(*x0);
}

/* The height of the curve at an epoch, on the line between its neighbours, or what is held after it; NaN outside. */
static double height_at(const struct run_curve *one, double epoch)
{
    for (int k = 1; k < one->n && one->held; k++)
        if (one->at[k - 1].epoch <= epoch + 1e-9 && (one->at[k].epoch > epoch + 1e-9 || (k + 1 == one->n && one->at[k].epoch >= epoch)))
            return one->at[k].value;
    for (int k = 1; k < one->n; k++)
        if (one->at[k].epoch >= epoch && one->at[k - 1].epoch <= epoch) {
            const double wide = one->at[k].epoch - one->at[k - 1].epoch, share = wide > 0 ? (epoch - one->at[k - 1].epoch) / wide : 0;
            return one->at[k - 1].value + share * (one->at[k].value - one->at[k - 1].value);
        }
    return NAN;
}

/* Letters in a ring, wider for more of them. */
static void draw_letters(const struct chart *p, int run, double left, double top, const char *letters)
{
    enum { RADIUS_10TH = 42, LETTER = 5 };
    const double r = RADIUS_10TH / 10.0, half = LETTER / 2.0 * (double)(strlen(letters) - 1);
    cairo_new_path(p->cr);
    cairo_arc(p->cr, left + half, top, r, -M_PI / 2, M_PI / 2);
    cairo_arc(p->cr, left - half, top, r, M_PI / 2, 3 * M_PI / 2);
    cairo_close_path(p->cr);
    cairo_set_source_rgb(p->cr, 1, 1, 1);
    cairo_fill_preserve(p->cr);
    chart_pen(p->cr, run, 1);
    cairo_set_dash(p->cr, NULL, 0, 0);
    cairo_set_line_width(p->cr, 0.6);
    cairo_stroke(p->cr);
    chart_text_at(p->cr, left, top + 2.2, 0.5, 6, letters);
}

/* The letters of the marks that begin at `m` and stand where it stands, or so near that one would hide the other; the mark behind them. */
static const struct history_mark *letters_at(const struct chart *p, const struct comparison *c, int run, const struct history_mark *m, char out[8])
{
    enum { NEAR = 6 }; /* points */
    const double left = chart_at_x(p, m->epoch);
    size_t n = 0;
    for (; m && fabs(chart_at_x(p, m->epoch) - left) < NEAR; m = comparison_next_mark(c, run, m))
        if (strchr("RDLWFB", m->letter) && !memchr(out, m->letter, n) && n < 7)
            out[n++] = m->letter;
    out[n] = '\0';
    return m;
}

/* Changes of knobs, forks and second stages: the marks' letters on the curve. */
static void draw_marks(const struct chart *p, const struct comparison *c, int run, const struct run_curve *one)
{
    enum { MOST = 40 };
    int drawn = 0;
    for (const struct history_mark *m = comparison_next_mark(c, run, NULL), *next; drawn < MOST && m; m = next) {
        const double y = height_at(one, m->epoch);
        char letters[8];
        if (isnan(y)) {
            next = comparison_next_mark(c, run, m);
            continue;
        }
        next = letters_at(p, c, run, m, letters);
        if (!letters[0])
            continue;
        draw_letters(p, run, chart_at_x(p, m->epoch), chart_at_y(p, y), letters);
        drawn++;
    }
}

/* --- names at the ends ------------------------------------------------------------------------------------------------ */

/* The part of a run's name that there is room for beside a curve. */
static const char *end_name(const struct comparison *c, int run, char out[64])
{
    return text_middle(comparison_name(c, run), 26, out, 64);
}

struct end_label {
    int run;
    double y; /* of the curve's end, then of its name */
};

static int by_height(const void *a, const void *b)
{
    const struct end_label *x = a, *y = b;
    return x->y != y->y ? (x->y > y->y ? 1 : -1) : x->run - y->run;
}

/* Names keep off each other and inside the panel: pushed down from the top, then up from the bottom. */
static void spread_of_runs(struct end_label *label, int n, double top, double bottom)
{
    const double apart = fmin(9, (bottom - top) / (n > 1 ? n - 1 : 1));
    for (int i = 0; i < n; i++)
        label[i].y = fmax(label[i].y, i ? label[i - 1].y + apart : top);
    for (int i = n - 1; i >= 0; i--)
        label[i].y = fmin(label[i].y, i + 1 < n ? label[i + 1].y - apart : bottom);
}

/* The last point of a run's curve; NULL: it has none. */
static const struct metric_point *curve_end(struct comparison *c, int run, int metric)
{
    const struct run_curve one = curve_of(c, run, metric);
    return one.n ? &one.at[one.n - 1] : NULL;
}

static void draw_names(const struct chart *p, struct comparison *c, int metric)
{
    struct end_label label[COMPARISON_RUNS];
    int n = 0;
    for (int run = 0; run < comparison_runs(c); run++) {
        const struct metric_point *end = curve_end(c, run, metric);
        if (end)
            label[n++] = (struct end_label){ run, chart_at_y(p, end->value) };
    }
    qsort(label, (size_t)n, sizeof *label, by_height);
    spread_of_runs(label, n, p->top + 3, p->top + p->height - 3);
    for (int i = 0; i < n; i++) {
        const struct metric_point *end = curve_end(c, label[i].run, metric);
        const double right = p->left + p->width;
        char cut[64];
        chart_pen(p->cr, label[i].run, 0.6);
        cairo_set_line_width(p->cr, 0.5);
        cairo_set_dash(p->cr, NULL, 0, 0);
        cairo_move_to(p->cr, chart_at_x(p, end->epoch), chart_at_y(p, end->value));
        cairo_line_to(p->cr, right + 3, label[i].y);
        cairo_stroke(p->cr);
        chart_pen(p->cr, label[i].run, 1);
        cairo_move_to(p->cr, right + 4, label[i].y);
        cairo_line_to(p->cr, right + 20, label[i].y);
        cairo_stroke(p->cr);
        chart_pen(p->cr, label[i].run, 1);
        chart_text_at(p->cr, right + 23, label[i].y + 2.6, 0, 8, end_name(c, label[i].run, cut));
    }
}

static double names_width(cairo_t *cr, const struct comparison *c)
{
    double width = 0;
    cairo_set_font_size(cr, 8);
    for (int run = 0; run < comparison_runs(c); run++) {
        cairo_text_extents_t e;
        char cut[64];
        cairo_text_extents(cr, end_name(c, run, cut), &e);
        width = fmax(width, e.x_advance);
    }
    return width + 28;
}

static void draw_metric(const struct compare_figure *f, struct chart *p, int metric, double x0, double x1)
{
    const bool any = metric_range(p, f->c, metric);
    const struct metric *m = comparison_metric(f->c, metric);
    char label[96];
    if (!any)
        p->y0 = 0, p->y1 = 1;
    p->x0 = x0, p->x1 = x1;
    snprintf(label, sizeof label, "%s%s", m->label, m->percent ? " (%)" : "");
    chart_axes(p, metric + 1 == f->n ? "Epoch" : NULL, label);
    for (int run = comparison_runs(f->c) - 1; run >= 0 && any; run--) { /* the first on top */
        const struct run_curve one = curve_of(f->c, run, metric);
        draw_curve(p, run, &one);
    }
    for (int run = 0; run < comparison_runs(f->c) && any; run++) {
        const struct run_curve one = curve_of(f->c, run, metric);
        draw_marks(p, f->c, run, &one);
    }
    if (any)
        draw_names(p, f->c, metric);
}

static int draw_metrics(cairo_t *cr, const struct compare_figure *f, struct err *err)
{
    double x0, x1;
    const double right = names_width(cr, f->c);
    if (!epoch_range(f, &x0, &x1))
        return comparison_nothing(f->view, err);
    for (int i = 0; i < f->n; i++) {
        struct chart p = panel_at(cr, i, f->n, right);
        draw_metric(f, &p, i, x0, x1);
    }
    return 0;
}

/* --- densities ------------------------------------------------------------------------------------------------------- */

struct run_density {
    double low, high;
    const double *value;
};

static double run_density_x(const void *ctx, int k)
{
    const struct run_density *d = ctx;
    return d->low + (k + 0.5) * (d->high - d->low) / COMPARE_CELLS;
}

static double run_density_y(const void *ctx, int k)
{
    return log10(((const struct run_density *)ctx)->value[k] + pow(10, COMPARE_FLOOR));
}

static void density_legend(const struct chart *p, const struct comparison *c, int class, int run, int row)
{
    const struct history_eig *e = comparison_spectrum(c, run, class);
    char text[256], low[48], high[48], cut[64];
    chart_minus(low, sizeof low, "%.4g", e->lmin);
    chart_minus(high, sizeof high, "%.4g", e->lmax);
    snprintf(text, sizeof text, "%s, epoch %.4g: λmin %s, λmax %s", end_name(c, run, cut), e->epoch, low, high);
    chart_legend(p, run, row, text);
}

static void draw_density(const struct compare_figure *f, struct chart *p, int panel)
{
    const struct history *h = comparison_history(f->c, 0);
    const int class = f->class[panel];
    char label[96];
    double low, high, top = COMPARE_FLOOR;
    const int n = comparison_densities(f->c, class, COMPARE_CELLS, &low, &high, f->density);
    for (int k = 0; n && k < comparison_runs(f->c) * COMPARE_CELLS; k++)
        top = fmax(top, log10(f->density[k] + pow(10, COMPARE_FLOOR)));
    p->x0 = n ? low : 0, p->x1 = n ? high : 1, p->y0 = COMPARE_FLOOR, p->y1 = ceil(top) + 0.2 + n * 11 * (ceil(top) - COMPARE_FLOOR) / p->height;
    p->log_y = true;
    snprintf(label, sizeof label, "%d %.40s, density", class, h->cls[class].name);
    chart_axes(p, "Eigenvalue", label);
    for (int run = 0, row = 0; run < comparison_runs(f->c); run++) {
        const struct history_eig *e = comparison_spectrum(f->c, run, class);
        const struct run_density d = { low, high, f->density + (size_t)run * COMPARE_CELLS };
        if (!e || !e->n_nodes)
            continue;
        chart_curve(p, run, 1, &(const struct chart_line){ COMPARE_CELLS, run_density_x, run_density_y, &d });
        density_legend(p, f->c, class, run, row++);
    }
}

/* Each has an axis of its own below it. */
static int draw_densities(cairo_t *cr, const struct compare_figure *f)
{
    for (int i = 0; i < f->n; i++) {
        struct chart p = panel_at(cr, i, f->n, 12);
        p.height -= f->n > 1 ? AXIS_BELOW : 0;
        draw_density(f, &p, i);
    }
    return 0;
}

/* --- the figure ------------------------------------------------------------------------------------------------------ */

static int draw_comparison(cairo_t *cr, const void *ctx, struct err *err)
{
    const struct compare_figure *f = ctx;
    const struct history *h = comparison_history(f->c, 0);
    char title[200] = "";
    if (f->view->density)
        snprintf(title, sizeof title, "%s: latest spectra", h->data_name);
    else
        snprintf(title, sizeof title, "%s", h->data_name);
    chart_grey(cr, 0, 0.6);
    chart_text_at(cr, WIDTH / 2.0, 17, 0.5, 10, title);
    return f->view->density ? draw_densities(cr, f) : draw_metrics(cr, f, err);
}

int comparison_draw(FILE *out, struct comparison *c, const struct comparison_view *view, enum figure_format format, struct err *err)
{
    struct compare_figure f = { .c = c, .view = view };
    int all[PANELS_MOST + 1];
    f.n = view->density ? comparison_density_classes(c, view, all, PANELS_MOST + 1) : comparison_metrics(c);
    if (f.n > PANELS_MOST)
        return err_set(err, ERR_INVALID, "more than %d %s do not fit on a figure; choose by --%s", PANELS_MOST, view->density ? "classes" : "metrics",
                       view->density ? "class" : "metric");
    if (f.n == 0)
        return comparison_nothing(view, err);
    for (int i = 0; i < f.n && view->density; i++)
        f.class[i] = all[i];
    if (!(f.density = malloc(sizeof *f.density * COMPARISON_RUNS * COMPARE_CELLS)))
        return err_set(err, ERR_MEMORY, "no memory for a figure");
    const struct chart_page page = { page_height(f.n, view->density), format == FIGURE_PNG, draw_comparison, &f };
    const int result = chart_put(out, &page, err);
    free(f.density);
    return result;
}

#else

int comparison_draw(FILE *out, struct comparison *c, const struct comparison_view *view, enum figure_format format, struct err *err)
{
    (void)out;
    (void)c;
    (void)view;
    (void)format;
    return err_set(err, ERR_INVALID, "this build draws no figures: it was configured without cairo (libcairo2-dev); --csv needs none");
}

#endif
