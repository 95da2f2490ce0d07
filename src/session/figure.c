/* Figures for a paper: densities with the paper's axes (methods 7.7), eigenvalues over epochs, slices. Drawn by cairo; a build
 * without it says so. One page of 6.4 x 4.4 inches, 300 dots to the inch as PNG. */
#include "config.h"
#include "session/export_curves.h"

#include "base/err.h"

#ifdef HAVE_CAIRO

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "session/density.h"
#include "session/figure_chart.h"

enum { CELLS = 900 };
static const double density_floor = 1e-7;

/* --- densities ------------------------------------------------------------------------------------------------------- */

struct density_curve {
    double low, high;
    bool reference;
    int n;
    double *value;
};

static double density_x(const void *ctx, int k)
{
    const struct density_curve *d = ctx;
    return d->reference ? d->low + k * (d->high - d->low) / (d->n - 1) : d->low + (k + 0.5) * (d->high - d->low) / d->n;
}

static double density_y(const void *ctx, int k)
{
    const struct density_curve *d = ctx;
    return log10(d->value[k] + density_floor);
}

static void value_text(char *out, size_t size, double value, double bound)
{
    char number[48], width[48] = "";
    chart_minus(number, sizeof number, "%.4g", value);
    if (bound > 0 && isfinite(bound))
        snprintf(width, sizeof width, " ± %.1g", bound);
    char *e = strstr(width, "e-0"); /* 1e-06 */
    if (e)
        memmove(e + 2, e + 3, strlen(e + 3) + 1);
    snprintf(out, size, "%s%s", number, width);
}

static void end_mark(const struct chart *c, int i, double value)
{
    double x = chart_at_x(c, value), y = c->top + c->height;
    chart_pen(c->cr, i, 1);
    cairo_set_dash(c->cr, NULL, 0, 0);
    cairo_move_to(c->cr, x, y - 7);
    cairo_line_to(c->cr, x - 3, y - 0.5);
    cairo_line_to(c->cr, x + 3, y - 0.5);
    cairo_close_path(c->cr);
    cairo_fill(c->cr);
}

static void spectra_title(cairo_t *cr, const struct history *h, const struct history_eig *const *e, int n)
{
    char rest[200];
    bool same = true;
    for (int i = 1; i < n; i++)
        same = same && e[i]->step == e[0]->step;
    if (same)
        snprintf(rest, sizeof rest, "epoch %.4g, step %llu%s%s", e[0]->epoch, (unsigned long long)e[0]->step, e[0]->how[0] ? ", " : "", e[0]->how);
    else
        snprintf(rest, sizeof rest, "latest spectra");
    chart_title(cr, h, rest);
}

static void spectra_legend(const struct chart *c, const struct history *h, const struct history_eig *const *e, int n)
{
    char low[80], high[80], text[320], when[40];
    for (int i = 0; i < n; i++) {
        value_text(low, sizeof low, e[i]->lmin, e[i]->rmin);
        value_text(high, sizeof high, e[i]->lmax, e[i]->rmax);
        when[0] = '\0';
        if (e[i]->step != e[0]->step || e[n - 1]->step != e[0]->step)
            snprintf(when, sizeof when, ", epoch %.4g", e[i]->epoch);
        snprintf(text, sizeof text, "%u %s, %u images%s: λmin %s, λmax %s", e[i]->class, h->cls[e[i]->class].name, e[i]->images, when, low, high);
        chart_legend(c, i, i, text);
    }
}

static int draw_spectra(cairo_t *cr, const struct history *h, const struct curves_request *q, struct err *err)
{
    const struct history_eig *e[CURVES_MOST];
    struct density_nodes nodes[CURVES_MOST];
    int n = curves_spectra(h, q, e), points = q->reference ? DENSITY_REFERENCE_POINTS : CELLS;
    double low, high, top = -7, *value = malloc(CURVES_MOST * sizeof *value * (size_t)points);
    struct density_curve d[CURVES_MOST];
    for (int i = 0; i < n; i++)
        nodes[i] = density_of(e[i]);
    if (!value || !density_range(nodes, n, 0, &low, &high)) {
        free(value);
        return value ? curves_nothing(q, err) : err_set(err, ERR_MEMORY, "no memory for a figure");
    }
    double margin = q->reference ? 1 : fmax(0.04 * (high - low), 1e-9); /* methods 7.7: one unit on either side */
    low -= margin;
    high += margin;
    for (int i = 0; i < n; i++) {
        d[i] = (struct density_curve){ low, high, q->reference, points, value + (size_t)i * (size_t)points };
        if (q->reference)
            density_reference(&nodes[i], points, &d[i].low, &d[i].high, d[i].value);
        else
            density_resolved(&nodes[i], low, high, points, d[i].value);
        for (int k = 0; k < points; k++)
            top = fmax(top, density_y(&d[i], k));
    }
    /* above the highest decade: room for the legend */
    struct chart c = { cr, 52, 28, WIDTH - 52 - 12, HEIGHT - 28 - 38, low, high, -7, ceil(top) + 0.25 * n + 0.2, true };
    chart_axes(&c, "Eigenvalue", "Density (Log Scale)");
    for (int i = 0; i < n; i++) {
        chart_curve(&c, i, 1, &(const struct chart_line){ points, density_x, density_y, &d[i] });
        end_mark(&c, i, e[i]->lmin);
        end_mark(&c, i, e[i]->lmax);
    }
    spectra_title(cr, h, e, n);
    spectra_legend(&c, h, e, n);
    free(value);
    return 0;
}

/* --- eigenvalues over epochs ----------------------------------------------------------------------------------------- */

struct lambda_curve {
    const struct history *h;
    const struct curves_request *q;
    uint32_t class;
    bool largest;
};

static double lambda_x(const void *ctx, int k)
{
    const struct lambda_curve *l = ctx;
    return l->h->eig[k].epoch;
}

/* Other classes and other ways of measuring are passed over; a line goes from point to point. */
static bool lambda_shown(const struct lambda_curve *l, int k)
{
    const struct history_eig *e = &l->h->eig[k];
    return e->class == l->class && !e->how[0] && curves_wanted(l->h, l->q, e->class, e->epoch) && isfinite(e->epoch);
}

static void lambda_curve(const struct chart *c, int i, const struct lambda_curve *l)
{
    bool down = false;
    chart_pen(c->cr, i, 1);
    for (int k = 0; k < (int)l->h->n_eig; k++) {
        const struct history_eig *e = &l->h->eig[k];
        double value = l->largest ? e->lmax : e->lmin;
        if (!lambda_shown(l, k) || !isfinite(value))
            continue;
        (down ? cairo_line_to : cairo_move_to)(c->cr, chart_at_x(c, lambda_x(l, k)), chart_at_y(c, value));
        down = true;
    }
    cairo_stroke(c->cr);
    cairo_set_dash(c->cr, NULL, 0, 0);
    for (int k = 0; k < (int)l->h->n_eig; k++) {
        const struct history_eig *e = &l->h->eig[k];
        double value = l->largest ? e->lmax : e->lmin, bound = l->largest ? e->rmax : e->rmin, x = chart_at_x(c, e->epoch);
        if (!lambda_shown(l, k) || !isfinite(value))
            continue;
        cairo_new_sub_path(c->cr);
        cairo_arc(c->cr, x, chart_at_y(c, value), 1.6, 0, 2 * M_PI);
        cairo_fill(c->cr);
        if (bound > 0 && isfinite(bound)) {
            cairo_move_to(c->cr, x, chart_at_y(c, value - bound));
            cairo_line_to(c->cr, x, chart_at_y(c, value + bound));
            cairo_stroke(c->cr);
        }
    }
}

static int lambda_classes(const struct history *h, const struct curves_request *q, uint32_t out[CURVES_MOST])
{
    int n = 0;
    for (uint32_t class = 0; class < (uint32_t)h->n_classes && n < CURVES_MOST; class++) {
        struct lambda_curve l = { h, q, class, false };
        for (int k = 0; k < (int)h->n_eig; k++)
            if (lambda_shown(&l, k)) {
                out[n++] = class;
                break;
            }
    }
    return n;
}

static void lambda_range(struct chart *c, const struct history *h, const struct curves_request *q, const uint32_t *class, int n, bool largest)
{
    c->x0 = INFINITY, c->x1 = -INFINITY, c->y0 = c->y1 = 0;
    for (int i = 0; i < n; i++) {
        struct lambda_curve l = { h, q, class[i], largest };
        for (int k = 0; k < (int)h->n_eig; k++) {
            double value = largest ? h->eig[k].lmax : h->eig[k].lmin;
            if (!lambda_shown(&l, k) || !isfinite(value))
                continue;
            c->x0 = fmin(c->x0, h->eig[k].epoch);
            c->x1 = fmax(c->x1, h->eig[k].epoch);
            c->y0 = fmin(c->y0, value);
            c->y1 = fmax(c->y1, value);
        }
    }
    double x = fmax(0.02 * (c->x1 - c->x0), 0.05), y = fmax(0.06 * (c->y1 - c->y0), 1e-9);
    c->x0 -= x, c->x1 += x, c->y0 -= largest ? 0 : y, c->y1 += y;
}

static int draw_lambda(cairo_t *cr, const struct history *h, const struct curves_request *q, struct err *err)
{
    uint32_t class[CURVES_MOST];
    int n = lambda_classes(h, q, class);
    double height = (HEIGHT - 30 - 38 - 14) / 2.0;
    if (n == 0)
        return curves_nothing(q, err);
    for (int which = 0; which < 2; which++) {
        struct chart c = { .cr = cr, .left = 52, .top = 30 + which * (height + 14), .width = WIDTH - 52 - 12, .height = height };
        lambda_range(&c, h, q, class, n, which == 1);
        if (!isfinite(c.x0))
            return curves_nothing(q, err);
        chart_axes(&c, which ? "Epoch" : NULL, which ? "λmax" : "λmin");
        chart_marks(&c, h, which == 0);
        for (int i = 0; i < n; i++) {
            char text[120];
            struct lambda_curve l = { h, q, class[i], which == 1 };
            lambda_curve(&c, i, &l);
            snprintf(text, sizeof text, "%u %s (n = %u)", class[i], h->cls[class[i]].name, h->cls[class[i]].n);
            if (which)
                chart_legend(&c, i, i, text);
        }
    }
    chart_title(cr, h, "");
    return 0;
}

/* --- slices ---------------------------------------------------------------------------------------------------------- */

struct slice_curve {
    const struct history_result *r;
    const double *at, *ys; /* [r->n] */
    double loss, slope; /* at the weights, for the parabola */
};

static double slice_x(const void *ctx, int k)
{
    const struct slice_curve *c = ctx;
    return c->at[k];
}

static double slice_y(const void *ctx, int k)
{
    const struct slice_curve *c = ctx;
    return c->ys[k];
}

enum { PARABOLA = 101 };

static double parabola_x(const void *ctx, int k)
{
    const struct slice_curve *c = ctx;
    return c->at[0] + (c->at[c->r->n - 1] - c->at[0]) * k / (PARABOLA - 1);
}

static double parabola_y(const void *ctx, int k)
{
    const struct slice_curve *c = ctx;
    double t = parabola_x(ctx, k);
    return c->loss + c->slope * t + 0.5 * c->r->f[EV_SLICE_LAMBDA].f * t * t;
}

static bool find_centre(struct slice_curve *c)
{
    for (uint32_t i = 1; i + 1 < c->r->n; i++)
        if (c->at[i] == 0) {
            c->loss = c->ys[i];
            c->slope = (c->ys[i + 1] - c->ys[i - 1]) / (c->at[i + 1] - c->at[i - 1]);
            return isfinite(c->loss) && isfinite(c->slope);
        }
    return false;
}

static int draw_slices(cairo_t *cr, const struct history *h, const struct curves_request *q, struct err *err)
{
    const struct history_result *s[CURVES_MOST];
    int n = curves_slices(h, q, s);
    struct chart c = { cr, 52, 28, WIDTH - 52 - 12, HEIGHT - 28 - 38, INFINITY, -INFINITY, INFINITY, -INFINITY, false };
    for (int i = 0; i < n; i++)
        for (uint32_t k = 0; k < s[i]->n; k++) {
            const double at = s[i]->f[EV_SLICE_AT].f64s[k], loss = s[i]->f[EV_SLICE_LOSS].f64s[k];
            if (isfinite(loss)) {
                c.x0 = fmin(c.x0, at), c.x1 = fmax(c.x1, at);
                c.y0 = fmin(c.y0, loss), c.y1 = fmax(c.y1, loss);
            }
        }
    if (!(c.x1 > c.x0))
        return curves_nothing(q, err);
    double range = fmax(c.y1 - c.y0, 1e-9);
    c.y0 -= 0.05 * range, c.y1 += range * (0.05 + 0.05 * n);
    chart_axes(&c, "Distance from the weights", "Loss");
    if (c.x0 < 0 && c.x1 > 0)
        chart_dotted(&c, 0);
    for (int i = 0; i < n; i++) {
        const struct event_field *f = s[i]->f;
        struct slice_curve one = { s[i], f[EV_SLICE_AT].f64s, f[EV_SLICE_LOSS].f64s, NAN, NAN };
        char lambda[48], text[200];
        if (find_centre(&one))
            chart_curve(&c, i, 0.35, &(const struct chart_line){ PARABOLA, parabola_x, parabola_y, &one });
        chart_curve(&c, i, 1, &(const struct chart_line){ (int)s[i]->n, slice_x, slice_y, &one });
        chart_minus(lambda, sizeof lambda, "%.4g", f[EV_SLICE_LAMBDA].f);
        snprintf(text, sizeof text, "%u %s along %s, epoch %.4g, %" PRIu64 " images: curvature %s", s[i]->class, h->cls[s[i]->class].name,
                 f[EV_SLICE_ALONG].s, s[i]->epoch, f[EV_SLICE_IMAGES].u, lambda);
        chart_legend(&c, i, i, text);
    }
    chart_title(cr, h, "");
    return 0;
}

/* --- readings -------------------------------------------------------------------------------------------------------- */

struct reading_curve {
    const struct event_field *f;
    int part;
};

static double reading_x(const void *ctx, int k)
{
    const struct reading_curve *c = ctx;
    return c->f[EV_READING_TAU].f64s[k];
}

static double reading_y(const void *ctx, int k)
{
    const struct reading_curve *c = ctx;
    return c->f[EV_READING_ACC + c->part].f64s[k];
}

static const struct history_result *reading_of(const struct history *h, const struct curves_request *q)
{
    const struct history_results *list = &h->result[MEASURE_READING];
    for (size_t i = list->n; i > 0; i--)
        if (list->at[i - 1].n > 1 && curves_wanted(h, q, 0, list->at[i - 1].epoch))
            return &list->at[i - 1];
    return NULL;
}

static void reading_range(struct chart *c, const struct history_result *r)
{
    const double *tau = r->f[EV_READING_TAU].f64s;
    c->x0 = tau[0], c->x1 = tau[r->n - 1], c->y0 = 100, c->y1 = 0;
    for (int part = 0; part < READING_PARTS; part++)
        for (uint32_t k = 0; k < r->n; k++) {
            const double acc = r->f[EV_READING_ACC + part].f64s[k];
            if (isfinite(acc))
                c->y0 = fmin(c->y0, acc), c->y1 = fmax(c->y1, acc);
        }
    const double range = fmax(c->y1 - c->y0, 1);
    c->y0 -= 0.05 * range, c->y1 += 0.3 * range; /* room for the legend */
}

/* The newest curve over tau: all classes and the groups. */
static int draw_reading(cairo_t *cr, const struct history *h, const struct curves_request *q, struct err *err)
{
    const struct history_result *r = reading_of(h, q);
    const struct event_field *f = r ? r->f : NULL;
    struct chart c = { .cr = cr, .left = 52, .top = 28, .width = WIDTH - 52 - 12, .height = HEIGHT - 28 - 38 };
    char text[200];
    if (!r || !(f[EV_READING_TAU].f64s[r->n - 1] > f[EV_READING_TAU].f64s[0]))
        return curves_nothing(q, err);
    reading_range(&c, r);
    chart_axes(&c, "τ", "Accuracy (%)");
    const double at = f[EV_READING_AT].f;
    if (at >= c.x0 && at <= c.x1)
        chart_dotted(&c, at);
    for (int part = 0; part < READING_PARTS; part++) {
        const struct reading_curve one = { f, part };
        const double value = event_number_at(&f[EV_READING_VALUE], (uint32_t)part), plain = event_number_at(&f[EV_READING_PLAIN], (uint32_t)part);
        if (isnan(value))
            continue;
        chart_curve(&c, part, 1, &(const struct chart_line){ (int)r->n, reading_x, reading_y, &one });
        snprintf(text, sizeof text, "%s: %.2f at τ = %.4g, own classifier %.2f", part ? h->group_name[part - 1] : "all", value, at, plain);
        chart_legend(&c, part, part, text);
    }
    snprintf(text, sizeof text, "%s on %s images, epoch %.4g%s", f[EV_READING_KIND].s, f[EV_READING_SPLIT].s, r->epoch,
             history_reading_is_biased(r) ? " (τ chosen on test images)" : "");
    chart_title(cr, h, text);
    return 0;
}

/* --- the figure ------------------------------------------------------------------------------------------------------ */

struct curves_figure {
    const struct history *h;
    const struct curves_request *q;
};

static int draw_curves(cairo_t *cr, const void *ctx, struct err *err)
{
    const struct curves_figure *f = ctx;
    const struct history *h = f->h;
    const struct curves_request *q = f->q;
    if (q->what == CURVES_OF_LAMBDA)
        return draw_lambda(cr, h, q, err);
    if (q->what < CURVES_OWN)
        return draw_spectra(cr, h, q, err);
    if (q->what == curves_of(MEASURE_SLICE))
        return draw_slices(cr, h, q, err);
    if (q->what == curves_of(MEASURE_READING))
        return draw_reading(cr, h, q, err);
    return err_set(err, ERR_INVALID, "there is no figure of %s; csv and jsonl have its numbers", curves_what_name(q->what));
}

int figure_put(FILE *out, const struct history *h, const struct curves_request *q, enum figure_format format, struct err *err)
{
    const struct chart_page page = { HEIGHT, format == FIGURE_PNG, draw_curves, &(const struct curves_figure){ h, q } };
    return chart_put(out, &page, err);
}

#else

int figure_missing(struct err *err)
{
    return err_set(err, ERR_INVALID, "this build draws no figures: it was configured without cairo (libcairo2-dev); csv and jsonl need none");
}

int figure_put(FILE *out, const struct history *h, const struct curves_request *q, enum figure_format format, struct err *err)
{
    (void)out;
    (void)h;
    (void)q;
    (void)format;
    return figure_missing(err);
}

#endif
