/* The curvature pane: smallest and largest eigenvalue of the watched classes over time, with their bounds and the effective
 * amplification; below them one of the views of curves.h. */
#include "config.h"
#include "tui/screen.h"

#include "tui/curves.h"
#include "tui/widgets.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_SHOWN = 16, LEAST_CURVES = 5 };

/* --- what is shown below --------------------------------------------------------------------------------------------- */

static_assert(MEASURE_EIG == 0 && (int)CURVES_CLASS + 1 == (int)CURVES_MEASURED, "views of spectra, then of each other measurement");

/* The views in the order of the key v; where a measurement has no view of its own, a table is shown. */
static const struct curves *const own[CURVES_COUNT] = {
    [CURVES_GROUPS] = &view_spectra, [CURVES_CLASS] = &view_spectrum, [CURVES_OF(MEASURE_SLICE)] = &view_slice,
    [CURVES_OF(MEASURE_CNC)] = &view_cnc, [CURVES_OF(MEASURE_READING)] = &view_reading,
};

static enum measure measure_shown(int view)
{
    return view < CURVES_MEASURED ? MEASURE_EIG : (enum measure)(view - CURVES_MEASURED + 1);
}

const char *curves_name(int view)
{
    return own[view] && own[view]->name ? own[view]->name : measure_table[measure_shown(view)].verb;
}

static bool available(const struct screen *s, int view)
{
    return own[view] && own[view]->has ? own[view]->has(s) : s->view.h->result[measure_shown(view)].n > 0;
}

static int next_curves(const struct screen *s, int from)
{
    for (int k = 1; k < CURVES_COUNT; k++)
        if (available(s, (from + k) % CURVES_COUNT))
            return (from + k) % CURVES_COUNT;
    return from;
}

int curves_shown(const struct screen *s)
{
    return available(s, s->curves) ? s->curves : next_curves(s, s->curves);
}

const char *curves_next_name(const struct screen *s)
{
    const int now = curves_shown(s), next = next_curves(s, now);
    return next == now ? "" : curves_name(next);
}

void screen_next_curves(struct screen *s)
{
    s->curves = next_curves(s, curves_shown(s));
}

void curves_detail(const struct history *h, int class, struct buf *out)
{
    for (int view = CURVES_MEASURED; view < CURVES_COUNT; view++)
        if (own[view] && own[view]->detail)
            own[view]->detail(h, class, out);
        else if (!own[view])
            results_detail(h, class, &measure_table[measure_shown(view)], out);
}

/* A measurement that the user has just made is shown; moving through a replay changes nothing. */
static void follow_news(struct screen *s)
{
    const struct history *h = s->view.h;
    for (int m = 0; m < MEASURES; m++) {
        if (s->curves_seen && !s->view.replaying && h->result[m].n > s->seen[m])
            s->curves = CURVES_OF(m);
        s->seen[m] = h->result[m].n;
    }
    s->curves_seen = true;
}

static void recalc(struct screen *s, int rows, int cols)
{
    (void)rows;
    follow_news(s);
    const int view = curves_shown(s);
    if (own[view] && own[view]->recalc)
        own[view]->recalc(s, cols);
}

/* --- eigenvalues over time ------------------------------------------------------------------------------------------- */

/* Classes with a row: the watched ones, then the one under way, then any that was ever probed. */
static int shown_classes(const struct screen *s, int max, int out[MAX_SHOWN])
{
    const struct history *h = s->view.h;
    int n = 0;
    max = max > MAX_SHOWN ? MAX_SHOWN : max;
    for (int i = 0; i < h->n_classes && n < max; i++)
        if (h->cls[i].watched)
            out[n++] = i;
    for (size_t e = h->n_eig + 1; e > 0 && n < max; e--) {
        if (e > h->n_eig && !h->has_live)
            continue;
        int class = (int)(e > h->n_eig ? h->live.class : h->eig[e - 1].class), known = class >= h->n_classes;
        for (int i = 0; i < n; i++)
            known |= out[i] == class;
        if (!known)
            out[n++] = class;
    }
    return n;
}

enum { MAX_PROBES = 4096 };

struct series { /* the newest probes of a class, oldest first, all measured alike; then the one under way */
    const struct history *h;
    const struct history_eig *live;
    size_t at[MAX_PROBES];
    int n;
    bool largest;
};

static double series_value(const void *ctx, int i)
{
    const struct series *x = ctx;
    const struct history_eig *e = i < x->n ? &x->h->eig[x->at[i]] : x->live;
    return x->largest ? e->lmax : e->lmin;
}

static void find_series(struct series *x, const struct history *h, int class)
{
    const struct history_eig *last = history_last_eig(h, (uint32_t)class);
    x->h = h;
    x->n = 0;
    x->live = h->has_live && (int)h->live.class == class ? &h->live : NULL;
    for (size_t i = h->n_eig; i > 0 && last && x->n < MAX_PROBES; i--)
        if ((int)h->eig[i - 1].class == class && strcmp(h->eig[i - 1].how, last->how) == 0)
            x->at[x->n++] = i - 1;
    for (int i = 0; i < x->n / 2; i++) {
        size_t other = x->at[i];
        x->at[i] = x->at[x->n - 1 - i];
        x->at[x->n - 1 - i] = other;
    }
}

/* "±2e-3" in at most five columns, "" when it would say nothing. */
static void bound_text(char out[16], double bound)
{
    out[0] = '\0';
    if (!(bound > 0) || bound >= 1000)
        return;
    char text[16];
    snprintf(text, sizeof text, bound >= 0.095 ? bound >= 9.5 ? "%.0f" : "%.1f" : "%.0e", bound);
    char *e = strchr(text, 'e'); /* 2e-03 */
    if (e && e[2] == '0')
        memmove(e + 2, e + 3, strlen(e + 3) + 1);
    snprintf(out, 16, "±%s", text);
}

struct spark_plan { /* columns of a sparkline and what follows it */
    int label, spark, width, value_end;
    bool bound;
};

/* After the sparkline: the last value with its bound; of a probe under way "…9/40" instead, dim. */
static void paint_value(struct area a, int row, const struct spark_plan *p, const struct series *x)
{
    const struct history_eig *e = x->live ? x->live : &x->h->eig[x->at[x->n - 1]];
    char number[16], bound[32];
    format_eig(number, x->largest ? e->lmax : e->lmin);
    area_put_right(a, row, p->value_end, x->live ? INK_DIM : INK_TEXT, number);
    if (!p->bound)
        return;
    if (x->live)
        snprintf(bound, sizeof bound, x->largest ? "" : "…%u/%u", e->iters, e->of);
    else
        bound_text(bound, x->largest ? e->rmax : e->rmin);
    area_put(a, row, p->value_end, INK_DIM, bound);
}

static void paint_spark(struct area a, int row, const struct spark_plan *p, const struct series *x, double scale, unsigned ink)
{
    int all = x->n + (x->live != NULL), stride = widget_spark_stride(all, p->width);
    const bool largest = x->largest;
    struct spark spark = { .area = a, .row = row, .col = p->spark, .cols = p->width, .low = largest ? 0 : scale,
                           .high = largest ? scale : 0, .ink = ink };
    area_put(a, row, p->label, INK_DIM, largest ? "λmax" : "λmin");
    if (all == 0) {
        area_put(a, row, p->spark, INK_DIM, largest ? "" : "no probe yet");
        return;
    }
    widget_sparkline(&spark, all, series_value, x);
    spark.ink = INK_DIM;
    if (x->live && p->width > 0)
        widget_spark_cell(&spark, x->n / stride, series_value(x, x->n));
    paint_value(a, row, p, x);
}

/* (rho / |g|) lmin: below -2 SAM's step makes the component along v_min grow (methods 8.3). */
static void paint_amplification(struct area a, int row, int col, const struct series *x)
{
    double amp = x->n ? x->h->eig[x->at[x->n - 1]].amp : NAN;
    if (!isfinite(amp))
        return;
    char text[16];
    format_short(text, amp, 6);
    bool grows = amp < -2;
    col += area_put(a, row, col, INK_DIM, "amp ");
    area_putf(a, row, col, grows ? INK_MARK | INK_BOLD : INK_TEXT, "%s%s", text, grows ? "!" : "");
}

/* Of what the sparklines show: probes measured in another way would stretch the scale unseen. */
static double scale_end(const struct history *h, const int *shown, int n, bool largest)
{
    static struct series x; /* the terminal thread is the only painter */
    double end = 0;
    x.largest = largest;
    for (int k = 0; k < n; k++) {
        find_series(&x, h, shown[k]);
        for (int i = 0; i < x.n + (x.live != NULL); i++)
            end = largest ? fmax(end, series_value(&x, i)) : fmin(end, series_value(&x, i));
    }
    return end;
}

static void paint_name(const struct history *h, struct area a, int row, int class, int width)
{
    char name[48];
    snprintf(name, sizeof name, "%d %s", class, h->cls[class].name);
    area_putn(a, row, 1, group_ink(h, h->cls[class].group), name, width);
}

/* Two rows for each class, or one: with both ends where there is room, else the smallest eigenvalue only. */
static void paint_sparks(const struct screen *s, struct area a, const int *shown, int n, bool two_rows)
{
    const struct history *h = s->view.h;
    static struct series x; /* the terminal thread is the only painter */
    double low = scale_end(h, shown, n, false), high = scale_end(h, shown, n, true);
    bool both = !two_rows && a.cols >= 62, bound = two_rows && a.cols >= 44;
    int amp = both ? 11 : 0, rest = a.cols - 18 - amp;
    int value = bound ? 13 : 8, width = both ? (rest - 8 - 5 - 8) / 2 : rest - value - !bound;
    width = width < 0 ? 0 : width > 60 ? 60 : width;
    struct spark_plan first = { 13, 18, width, 18 + width + (bound ? 7 : 8), bound };
    struct spark_plan second = both ? (struct spark_plan){ first.value_end + 1, first.value_end + 6, width, first.value_end + width + 14, false }
                                    : first;
    for (int k = 0; k < n; k++) {
        unsigned ink = group_ink(h, h->cls[shown[k]].group);
        int row = two_rows ? 2 * k : k;
        find_series(&x, h, shown[k]);
        paint_name(h, a, row, shown[k], 11);
        x.largest = false;
        paint_spark(a, row, &first, &x, low, ink);
        x.largest = true;
        if (two_rows || both)
            paint_spark(a, row + two_rows, &second, &x, high, ink);
        if (two_rows)
            paint_amplification(a, row + 1, 1, &x);
        else if (both)
            paint_amplification(a, row, second.value_end + 1, &x);
    }
}

/* --- the pane -------------------------------------------------------------------------------------------------------- */

static bool probing(const struct history *h)
{
    const struct measure_info *m = measure_of_verb(h->progress_what);
    return m && m->class_index >= 0;
}

static void paint_progress(const struct screen *s, struct area a, int row)
{
    const struct history *h = s->view.h;
    const char *name = h->progress_class < (uint64_t)h->n_classes ? h->cls[h->progress_class].name : "";
    double share = h->progress_of ? (double)h->progress_done / (double)h->progress_of : 0;
    bool values = isfinite(h->progress_lmin) && isfinite(h->progress_lmax);
    int col = 1 + area_putf(a, row, 1, INK_BOLD, "%s %s %llu/%llu ", h->progress_what, name, (unsigned long long)h->progress_done,
                            (unsigned long long)h->progress_of);
    int width = a.cols - col - (values ? 22 : 2);
    if (width >= 6) {
        widget_bar(a, row, col, width, share, INK_TEXT);
        col += width + 1;
    }
    if (!values)
        return;
    char low[16], high[16];
    format_eig(low, h->progress_lmin);
    format_eig(high, h->progress_lmax);
    area_putf(a, row, col, INK_TEXT, "λ %s .. %s", low, high);
}

static void paint_curves(const struct screen *s, struct area a)
{
    const int view = curves_shown(s);
    if (own[view])
        own[view]->paint(s, a);
    else
        results_paint(s, a, &measure_table[measure_shown(view)]);
}

static void paint(const struct screen *s, struct area a)
{
    const struct history *h = s->view.h;
    bool busy = probing(h), curves = available(s, curves_shown(s));
    int shown[MAX_SHOWN], n = shown_classes(s, a.rows - busy, shown);
    bool two_rows = n * 2 + busy <= (a.rows > 8 ? a.rows - LEAST_CURVES : a.rows);
    if (busy)
        paint_progress(s, a, 0);
    if (n == 0 && !busy && !curves) {
        area_putn(a, 0, 1, INK_DIM, "Space: watch the selected class,", a.cols - 2);
        area_putn(a, 1, 1, INK_DIM, "its curvature is probed while training", a.cols - 2);
        area_putn(a, 2, 1, INK_DIM, "H: probe it now", a.cols - 2);
        return;
    }
    struct area list = area_part(a, busy, 0, a.rows - busy, a.cols);
    paint_sparks(s, list, shown, n, two_rows);
    int used = n * (two_rows ? 2 : 1);
    if (curves)
        paint_curves(s, area_part(list, used, 0, list.rows - used, list.cols));
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
