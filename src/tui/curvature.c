/* The curvature pane: smallest and largest eigenvalue of the watched classes over time, and the spectral density of one
 * class at its last probe. */
#include "config.h"
#include "tui/screen.h"

#include "tui/widgets.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MAX_SHOWN = 16 };

/* Classes with a row: watched ones, then the selected one, then any that was ever probed. */
static int shown_classes(const struct screen *s, int max, int out[MAX_SHOWN])
{
    const struct history *h = s->view.h;
    int n = 0;
    max = max > MAX_SHOWN ? MAX_SHOWN : max;
    for (int i = 0; i < h->n_classes && n < max; i++)
        if (h->cls[i].watched)
            out[n++] = i;
    for (size_t e = h->n_eig; e > 0 && n < max; e--) {
        int class = (int)h->eig[e - 1].class, known = class >= h->n_classes;
        for (int i = 0; i < n; i++)
            known |= out[i] == class;
        if (!known)
            out[n++] = class;
    }
    return n;
}

static const struct history_eig *density_source(const struct screen *s)
{
    const struct history *h = s->view.h;
    if (s->selected >= 0) {
        const struct history_eig *e = history_last_eig(h, (uint32_t)s->selected);
        if (e && e->n_nodes)
            return e;
    }
    for (size_t i = h->n_eig; i > 0; i--)
        if (h->eig[i - 1].n_nodes)
            return &h->eig[i - 1];
    return NULL;
}

/* Stochastic Lanczos quadrature gives nodes and weights; each node is drawn as a Gaussian so narrow that separate
 * eigenvalues stay apart on the screen (1.5 % of the range). */
static void recalc(struct screen *s, int rows, int cols)
{
    (void)rows;
    struct density *d = &s->density;
    const struct history_eig *e = density_source(s);
    int n = cols * 2 < ESD_POINTS ? cols * 2 : ESD_POINTS;
    size_t id = e ? (size_t)(e - s->view.h->eig) + 1 : 0;
    if (id == d->of_eig && n == d->n && (!e || e->step == d->of_step))
        return;
    *d = (struct density){ .of_eig = id, .of_step = e ? e->step : 0, .n = n };
    if (!e)
        return;
    double low = e->nodes[0], high = e->nodes[0], total = 0;
    for (uint32_t i = 0; i < e->n_nodes; i++) {
        low = fmin(low, e->nodes[i]);
        high = fmax(high, e->nodes[i]);
        total += e->wts[i];
    }
    double margin = (high - low) * 0.05 + 1e-12, sigma = (high - low) * 0.015 + 1e-12;
    d->low = low - margin;
    d->high = high + margin;
    for (int k = 0; k < n; k++) {
        double x = d->low + (d->high - d->low) * (k + 0.5) / n, sum = 0;
        for (uint32_t i = 0; i < e->n_nodes; i++) {
            double z = (x - e->nodes[i]) / sigma;
            if (fabs(z) < 8)
                sum += e->wts[i] * exp(-z * z / 2);
        }
        sum /= sigma * 2.5066282746310002 * (total > 0 ? total : 1);
        d->value[k] = sum > 0 ? log10(sum) : -99;
    }
}

struct eig_series {
    const struct history *h;
    const size_t *at;
    bool largest;
};

static double eig_value(const void *ctx, int i)
{
    const struct eig_series *e = ctx;
    return e->largest ? e->h->eig[e->at[i]].lmax : e->h->eig[e->at[i]].lmin;
}

enum { MAX_PROBES = 4096 };

static int probes_of(const struct history *h, int class, size_t out[MAX_PROBES])
{
    int n = 0;
    size_t first = h->n_eig;
    for (size_t i = h->n_eig; i > 0 && n < MAX_PROBES; i--)
        if ((int)h->eig[i - 1].class == class) {
            first = i - 1;
            n++;
        }
    n = 0;
    for (size_t i = first; i < h->n_eig && n < MAX_PROBES; i++)
        if ((int)h->eig[i].class == class)
            out[n++] = i;
    return n;
}

static void paint_sparks(const struct screen *s, struct area a, const int *shown, int n, bool two_rows)
{
    const struct history *h = s->view.h;
    double low = 0, high = 0;
    for (size_t i = 0; i < h->n_eig; i++)
        for (int k = 0; k < n; k++)
            if ((int)h->eig[i].class == shown[k]) {
                low = fmin(low, h->eig[i].lmin);
                high = fmax(high, h->eig[i].lmax);
            }
    static size_t at[MAX_PROBES]; /* the terminal thread is the only painter */
    for (int k = 0; k < n; k++) {
        const struct history_class *c = &h->cls[shown[k]];
        unsigned ink = group_ink(h, c->group);
        int probes = probes_of(h, shown[k], at), row = two_rows ? 2 * k : k;
        char name[48], number[16];
        snprintf(name, sizeof name, "%d %s", shown[k], c->name);
        area_putn(a, row, 1, ink, name, 11);
        int spark = 18, width = a.cols - spark - 9;
        width = width > 60 ? 60 : width;
        for (int which = 0; which < (two_rows ? 2 : 1); which++) {
            struct eig_series series = { h, at, which == 1 };
            area_put(a, row + which, 13, INK_DIM, which ? "λmax" : "λmin");
            if (width > 0)
                widget_sparkline(a, row + which, spark, width, probes, eig_value, &series, which ? 0 : low, which ? high : 0, ink);
            if (probes == 0) {
                area_put(a, row + which, spark, INK_DIM, which ? "" : "no probe yet");
                continue;
            }
            format_eig(number, eig_value(&series, probes - 1));
            area_put_right(a, row + which, spark + (width > 0 ? width : 0) + 8, INK_TEXT, number);
        }
    }
}

/* The axis: a tick where it is labelled, labels that do not touch. */
static void paint_axis(struct area a, int left, int row, double low, double high)
{
    int width = a.cols - left;
    if (width < 10)
        return;
    area_char(a, row, left - 1, INK_DIM, 0x2514);
    for (int k = 0; k < width; k++)
        area_char(a, row, left + k, INK_DIM, 0x2500);
    double marks[3] = { low, 0, high };
    int free_from = 0;
    for (int i = 0; i < 3; i++) {
        int col = (int)lround((marks[i] - low) / (high - low) * (width - 1));
        char text[16];
        if (marks[i] == 0)
            snprintf(text, sizeof text, "0");
        else
            format_short(text, fabs(marks[i]) >= 10 ? round(marks[i]) : marks[i], 5);
        char *dot = fabs(marks[i]) >= 10 ? strchr(text, '.') : NULL;
        if (dot)
            *dot = '\0';
        int len = (int)strlen(text), start = left + col - len / 2;
        start = start + len > a.cols ? a.cols - len : start;
        if (marks[i] < low || marks[i] > high || start < free_from)
            continue;
        area_char(a, row, left + col, INK_DIM, 0x252c);
        area_put(a, row + 1, start, INK_DIM, text);
        free_from = start + len + 2;
    }
}

static void paint_density(const struct screen *s, struct area a)
{
    const struct density *d = &s->density;
    const struct history *h = s->view.h;
    if (!d->of_eig || d->of_eig > h->n_eig || a.rows < 4)
        return;
    const struct history_eig *e = &h->eig[d->of_eig - 1];
    for (int k = 0; k < a.cols; k++)
        area_char(a, 0, k, INK_DIM, 0x2500);
    char title[128];
    snprintf(title, sizeof title, " ESD %u %s · log density · ep %.1f ", e->class,
             (int)e->class < h->n_classes ? h->cls[e->class].name : "", e->epoch);
    area_putn(a, 0, 1, INK_TEXT, title, a.cols - 2);
    double top = -99;
    for (int k = 0; k < d->n; k++)
        top = fmax(top, d->value[k]);
    double bottom = top - 6; /* six decades */
    int left = 7, rows = a.rows - 3;
    for (int r = 0; r < rows; r++) {
        area_char(a, 1 + r, left - 1, INK_DIM, 0x2502);
        if (r % 2 == 0 && rows > 1) {
            char text[24];
            snprintf(text, sizeof text, "1e%+d", (int)lround(top - 6.0 * r / (rows - 1)));
            area_put(a, 1 + r, 1, INK_DIM, text);
        }
    }
    struct plot p;
    plot_begin(&p, area_part(a, 1, left, rows, a.cols - left), s->glyphs, group_ink(h, h->cls[e->class].group));
    for (int x = 0; x < p.width; x++) {
        double value = d->value[(long)x * d->n / p.width];
        if (value < bottom) {
            plot_gap(&p);
            continue;
        }
        double share = (value - bottom) / 6;
        plot_column(&p, x, share, share);
    }
    paint_axis(a, left, 1 + rows, d->low, d->high);
}

static void paint_progress(const struct screen *s, struct area a, int row)
{
    const struct history *h = s->view.h;
    const char *name = h->progress_class < (uint64_t)h->n_classes ? h->cls[h->progress_class].name : "";
    double share = h->progress_of ? (double)h->progress_done / (double)h->progress_of : 0;
    int col = 1 + area_putf(a, row, 1, INK_BOLD, "probe %s %llu/%llu ", name, (unsigned long long)h->progress_done,
                            (unsigned long long)h->progress_of);
    int width = a.cols - col - 22;
    if (width >= 6) {
        widget_bar(a, row, col, width, share, INK_TEXT);
        col += width + 1;
    }
    char low[16], high[16];
    format_eig(low, h->progress_lmin);
    format_eig(high, h->progress_lmax);
    area_putf(a, row, col, INK_TEXT, "λ %s .. %s", low, high);
}

static void paint(const struct screen *s, struct area a)
{
    const struct history *h = s->view.h;
    bool probing = strcmp(h->progress_what, "hessian") == 0;
    int shown[MAX_SHOWN], n = shown_classes(s, a.rows - probing, shown);
    bool two_rows = n * 2 + probing <= (a.rows > 8 ? a.rows - 5 : a.rows);
    if (probing)
        paint_progress(s, a, 0);
    if (n == 0 && !probing) {
        area_putn(a, 0, 1, INK_DIM, "Space: watch the selected class,", a.cols - 2);
        area_putn(a, 1, 1, INK_DIM, "its curvature is probed while training", a.cols - 2);
        area_putn(a, 2, 1, INK_DIM, "H: probe it now", a.cols - 2);
        return;
    }
    struct area list = area_part(a, probing, 0, a.rows - probing, a.cols);
    paint_sparks(s, list, shown, n, two_rows);
    int used = n * (two_rows ? 2 : 1);
    paint_density(s, area_part(list, used, 0, list.rows - used, list.cols));
}

static void title(const struct screen *s, struct area a, int col)
{
    int watched = 0;
    for (int i = 0; i < s->view.h->n_classes; i++)
        watched += s->view.h->cls[i].watched;
    long every = knob_int(s->view.knobs, KNOB_HESSIAN_EVERY);
    if (watched)
        col += area_putf(a, 0, col, INK_TEXT, "● %d watched ", watched);
    if (watched && every)
        area_putf(a, 0, col, INK_DIM, "· every %ld ep ", every);
}

const struct pane pane_curvature = { "curvature", recalc, title, paint };
