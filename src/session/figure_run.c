/* Figures of a run as its panes show it: accuracy and loss over epochs, traces with marks, confusion. Drawn by cairo; a build without it says so. */
#include "config.h"
#include "session/figure_run.h"

#include <string.h>

#include "base/err.h"

static const char *const figure_names[FIGURE_RUNS] = { "acc", "loss", "traces", "confusion" };

const char *figure_run_name(int i)
{
    return figure_names[i];
}

#ifdef HAVE_CAIRO

#include <math.h>

#include "session/figure_chart.h"
#include "session/metric.h"

enum { CURVES = 4, PANELS = 5, SERIES_MOST = HISTORY_MAX_GROUPS + CURVES, GAP = 12 };

struct run_figure {
    const struct history *h;
    int what;
    double epoch, page; /* page: its height */
};

static const struct run_panel {
    const char *label, *metric[CURVES], *told[CURVES]; /* told: in the legend */
    bool groups;                                        /* those of the run, too */
} acc_panels[] = { { "Accuracy (%)", { "acc" }, { "all" }, true } },
  loss_panels[] = { { "Loss", { "train_loss", "loss" }, { "training", "evaluated" }, false } },
  trace_panels[PANELS] = { { "Loss", { "step_loss" }, { "of each step" }, false },
                           { "Accuracy (%)", { "acc", "tail" }, { "all", "tail" }, false },
                           { "Learning rate", { "step_lr" }, { "lr" }, false },
                           { "ρ", { "step_rho" }, { "rho" }, false },
                           { "Gradient", { "step_gn" }, { "norm" }, false } };

/* --- curves ----------------------------------------------------------------------------------------------------------- */

struct run_series {
    const struct run_figure *f;
    struct metric m;
    const char *told;
};

static bool series_point(const struct run_series *s, int k, struct metric_point *out)
{
    return metric_point(&s->m, s->f->h, (size_t)k, out) && isfinite(out->value) && out->epoch <= s->f->epoch;
}

static double series_x(const void *ctx, int k)
{
    struct metric_point p = { .epoch = 0 };
    return series_point(ctx, k, &p) ? p.epoch : 0;
}

static double series_y(const void *ctx, int k)
{
    struct metric_point p;
    return series_point(ctx, k, &p) ? p.value : NAN;
}

/* The curves of a panel that have a point; how many. */
static int panel_series(const struct run_figure *f, const struct run_panel *panel, struct run_series out[SERIES_MOST])
{
    int n = 0;
    for (int i = 0; i < CURVES + (panel->groups ? f->h->n_groups : 0); i++) {
        const char *name = i < CURVES ? panel->metric[i] : f->h->group_name[i - CURVES];
        struct metric_point p;
        if (!name || metric_parse(name, f->h, &out[n].m, NULL) < 0)
            continue;
        out[n].f = f;
        out[n].told = i < CURVES ? panel->told[i] : name;
        for (size_t k = metric_count(&out[n].m, f->h); k-- > 0;)
            if (series_point(&out[n], (int)k, &p)) {
                n++;
                break;
            }
    }
    return n;
}

static void widen(struct chart *c, const struct run_series *s)
{
    struct metric_point p;
    for (size_t k = 0; k < metric_count(&s->m, s->f->h); k++)
        if (series_point(s, (int)k, &p)) {
            c->x0 = fmin(c->x0, p.epoch), c->x1 = fmax(c->x1, p.epoch);
            c->y0 = fmin(c->y0, p.value), c->y1 = fmax(c->y1, p.value);
        }
}

static void told_value(const struct run_series *s, char *out, size_t size)
{
    struct metric_point p = { .value = NAN };
    for (size_t k = metric_count(&s->m, s->f->h); k-- > 0 && !series_point(s, (int)k, &p);)
        ;
    snprintf(out, size, s->m.percent ? "%s, %.2f" : "%s, %.4g", s->told, p.value);
}

static void draw_panel(struct chart *c, const struct run_series *s, int n, bool first, bool last, const char *label)
{
    const double range = c->y1 - c->y0 > 1e-9 * fabs(c->y1) ? c->y1 - c->y0 : fmax(fabs(c->y1), 1e-9);
    const double legend = (n * 11 + 4) / c->height; /* its share of the panel */
    c->y1 += range * (0.03 + legend / (1 - fmin(legend, 0.7)));
    c->y0 -= 0.06 * range;
    chart_axes(c, last ? "Epoch" : NULL, label);
    chart_marks(c, s->f->h, first);
    for (int i = 0; i < n; i++) {
        char text[80];
        chart_curve(c, i, 1, &(const struct chart_line){ (int)metric_count(&s[i].m, s[i].f->h), series_x, series_y, &s[i] });
        told_value(&s[i], text, sizeof text);
        chart_legend(c, i, i, text);
    }
}

static int nothing_recorded(const struct run_figure *f, struct err *err)
{
    return err_set(err, ERR_INVALID, "nothing to draw of '%s': none of it was recorded%s", figure_names[f->what], isfinite(f->epoch) ? " up to that epoch" : "");
}

static int draw_panels(cairo_t *cr, const struct run_figure *f, const struct run_panel *panel, int n, struct err *err)
{
    struct run_series s[SERIES_MOST];
    struct chart all = { .x0 = INFINITY, .x1 = -INFINITY };
    int drawn = 0, of = 0;
    for (int i = 0; i < n; i++) {
        const int curves = panel_series(f, &panel[i], s);
        of += curves > 0;
        for (int k = 0; k < curves; k++)
            widen(&all, &s[k]);
    }
    if (of == 0)
        return nothing_recorded(f, err);
    const double margin = fmax(0.02 * (all.x1 - all.x0), 0.05), height = (f->page - 30 - 38 - (of - 1) * GAP) / (double)of;
    for (int i = 0; i < n; i++) {
        const int curves = panel_series(f, &panel[i], s);
        struct chart c = { .cr = cr, .left = 52, .top = 30 + drawn * (height + GAP), .width = WIDTH - 52 - 12, .height = height,
                           .x0 = INFINITY, .x1 = -INFINITY, .y0 = INFINITY, .y1 = -INFINITY };
        for (int k = 0; k < curves; k++)
            widen(&c, &s[k]);
        c.x0 = all.x0 - margin, c.x1 = all.x1 + margin;
        if (curves)
            draw_panel(&c, s, curves, drawn == 0, drawn + 1 == of, panel[i].label);
        drawn += curves > 0;
    }
    chart_title(cr, f->h, "");
    return 0;
}

/* --- confusion -------------------------------------------------------------------------------------------------------- */

static const struct history_eval *confused_eval(const struct run_figure *f)
{
    for (size_t i = f->h->n_eval; i-- > 0;)
        if (f->h->eval[i].conf && f->h->eval[i].epoch <= f->epoch)
            return &f->h->eval[i];
    return NULL;
}

static void fill_share(cairo_t *cr, double x, double y, double width, double height, double share)
{
    cairo_set_source_rgb(cr, 1 - share, 1 - 0.553 * share, 1 - 0.302 * share); /* white to the first pen's blue */
    cairo_rectangle(cr, x, y, width, height);
    cairo_fill(cr);
}

/* What the shades mean. */
static void draw_scale(cairo_t *cr, double x, double top, double height)
{
    for (int i = 0; i < 100; i++)
        fill_share(cr, x, top + height * (99 - i) / 100, 10, height / 100 + 0.5, (i + 0.5) / 100);
    chart_grey(cr, 0.1, 0.6);
    cairo_rectangle(cr, x, top, 10, height);
    cairo_stroke(cr);
    chart_grey(cr, 0, 0.6);
    chart_text_at(cr, x + 14, top + 6, 0, 8, "100 %");
    chart_text_at(cr, x + 14, top + height, 0, 8, "0 %");
}

static void draw_cell(const struct chart *c, double side, int row, int column, double share, bool number)
{
    const double x = c->left + column * side, y = c->top + row * side;
    char text[16];
    fill_share(c->cr, x, y, side, side, share);
    if (!number || share < 0.0005)
        return;
    chart_grey(c->cr, share > 0.55 ? 1 : 0.15, 0.6);
    snprintf(text, sizeof text, "%.0f", 100 * share);
    chart_text_at(c->cr, x + side / 2, y + side / 2 + 2.5, 0.5, 7, text);
}

/* Rows are classes, columns what they are taken for; names and numbers where there is room. */
static int draw_confusion(cairo_t *cr, const struct run_figure *f, struct err *err)
{
    enum { NAMES_MOST = 30, NUMBERS_MOST = 14 };
    const struct history_eval *e = confused_eval(f);
    const int n = f->h->n_classes;
    const double size = HEIGHT - 30 - 40, side = size / (n ? n : 1);
    const struct chart c = { .cr = cr, .left = 110, .top = 30, .width = size, .height = size };
    char title[80];
    if (!e || n == 0)
        return nothing_recorded(f, err);
    for (int row = 0; row < n; row++) {
        uint64_t all = 0;
        for (int column = 0; column < n; column++)
            all += e->conf[row * n + column];
        for (int column = 0; column < n; column++)
            draw_cell(&c, side, row, column, all ? (double)e->conf[row * n + column] / (double)all : 0, n <= NUMBERS_MOST);
        chart_grey(cr, 0, 0.6);
        if (n <= NAMES_MOST)
            chart_text_at(cr, c.left - 5, c.top + (row + 0.5) * side + 2.5, 1, fmin(8, side), f->h->cls[row].name);
    }
    chart_grey(cr, 0.1, 0.6);
    cairo_rectangle(cr, c.left, c.top, size, size);
    cairo_stroke(cr);
    chart_grey(cr, 0, 0.6);
    chart_text_at(cr, c.left + size / 2, c.top + size + 14, 0.5, 10, "taken for (same order)");
    draw_scale(cr, c.left + size + 14, c.top, size / 2);
    snprintf(title, sizeof title, "epoch %.4g", e->epoch);
    chart_title(cr, f->h, title);
    return 0;
}

/* --- the figure ------------------------------------------------------------------------------------------------------- */

static int draw_run(cairo_t *cr, const void *ctx, struct err *err)
{
    const struct run_figure *f = ctx;
    switch (f->what) {
    case FIGURE_ACC:
        return draw_panels(cr, f, acc_panels, 1, err);
    case FIGURE_LOSS:
        return draw_panels(cr, f, loss_panels, 1, err);
    case FIGURE_CONFUSION:
        return draw_confusion(cr, f, err);
    default:
        return draw_panels(cr, f, trace_panels, PANELS, err);
    }
}

int figure_run_put(FILE *out, const struct history *h, int what, double epoch, enum figure_format format, struct err *err)
{
    const struct run_figure f = { h, what, epoch, HEIGHT + (what == FIGURE_TRACES ? 220 : 0) };
    const struct chart_page page = { f.page, format == FIGURE_PNG, draw_run, &f };
    return chart_put(out, &page, err);
}

#else

int figure_run_put(FILE *out, const struct history *h, int what, double epoch, enum figure_format format, struct err *err)
{
    (void)out;
    (void)h;
    (void)what;
    (void)epoch;
    (void)format;
    return figure_missing(err);
}

#endif
