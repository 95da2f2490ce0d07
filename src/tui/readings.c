/* Readings in the curvature pane: accuracy of all classes and of the groups over tau, and what the other readings came to. */
#include "config.h"
#include "tui/curves.h"

#include "tui/widgets.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LABELS = CURVES_LABELS };
static const char letters[READING_PARTS] = { '*', 'h', 'm', 't' }; /* of the curves in ASCII */

static const char *part_name(const struct history *h, int part)
{
    return part == READING_ALL ? "all" : part <= h->n_groups ? h->group_name[part - 1] : "";
}

static unsigned part_ink(const struct history *h, int part)
{
    return part == READING_ALL ? INK_BOLD : group_ink(h, part - 1);
}

/* --- the curve ------------------------------------------------------------------------------------------------------- */

static const double *taus(const struct history_result *r)
{
    return r->f[EV_READING_TAU].f64s;
}

static const double *accuracies(const struct history_result *r, int part)
{
    return r->f[EV_READING_ACC + part].f64s;
}

static void range_of(const struct history_result *r, double *low, double *high)
{
    *low = 100;
    *high = 0;
    for (int part = 0; part < READING_PARTS; part++)
        for (uint32_t i = 0; i < r->n; i++)
            if (isfinite(accuracies(r, part)[i])) {
                *low = fmin(*low, accuracies(r, part)[i]);
                *high = fmax(*high, accuracies(r, part)[i]);
            }
    if (*high - *low < 1) {
        *low -= 0.5;
        *high += 0.5;
    }
}

static double accuracy_at(const struct history_result *r, const double *acc, double tau)
{
    const double *at = taus(r);
    uint32_t i = 1;
    while (i + 1 < r->n && at[i] < tau)
        i++;
    if (at[i] <= at[i - 1])
        return acc[i];
    const double share = (tau - at[i - 1]) / (at[i] - at[i - 1]);
    return acc[i - 1] + share * (acc[i] - acc[i - 1]);
}

static void paint_part(struct plot *p, const struct history_result *r, int part, double low, double high)
{
    const double x0 = taus(r)[0], x1 = taus(r)[r->n - 1];
    for (int x = 0; x < p->width; x++) {
        const double share = (accuracy_at(r, accuracies(r, part), x0 + (x1 - x0) * (x + 0.5) / p->width) - low) / (high - low);
        if (isfinite(share))
            plot_column(p, x, share, share);
        else
            plot_gap(p);
    }
}

static void put_parts(const struct history *h, struct area a, int row, const char *what, const struct event_field *parts)
{
    int col = 1 + area_put(a, row, 1, INK_DIM, what);
    for (int part = 0; part < READING_PARTS; part++)
        if (!isnan(event_number_at(parts, (uint32_t)part)))
            col += area_putf(a, row, col, part_ink(h, part), "%s %.1f  ", part_name(h, part), event_number_at(parts, (uint32_t)part));
}

static void paint_reading(const struct screen *s, struct area a, const struct history_result *r)
{
    const struct history *h = s->view.h;
    const int rows = a.rows - 2;
    double low, high;
    if (rows < 2)
        return;
    range_of(r, &low, &high);
    struct area frame = area_part(a, 0, LABELS, rows, a.cols - LABELS);
    curves_values(a, low, high, rows);
    const double first = taus(r)[0], last = taus(r)[r->n - 1], tau = r->f[EV_READING_AT].f;
    curves_axis(a, LABELS, rows, first, last);
    const int at = (int)((tau - first) / (last - first) * frame.cols);
    for (int row = 0; row < rows && tau >= first && at < frame.cols; row++)
        area_char(frame, row, at, INK_DIM, 0x250a);
    for (int part = READING_PARTS - 1; part >= 0; part--) { /* all classes on top */
        struct plot p;
        plot_begin(&p, frame, s->glyphs, part_ink(h, part));
        p.letter = letters[part];
        paint_part(&p, r, part, low, high);
    }
}

/* --- the pane ------------------------------------------------------------------------------------------------------ */

static const char *kind(const struct history_result *r)
{
    return r->f[EV_READING_KIND].s;
}

static const char *split(const struct history_result *r)
{
    return r->f[EV_READING_SPLIT].s;
}

/* The newest of each kind without a curve, newest first. */
static int list_others(const struct history *h, const struct history_result **out, int most)
{
    const struct history_results *list = &h->result[MEASURE_READING];
    int n = 0;
    for (size_t i = list->n; i > 0 && n < most; i--) {
        const struct history_result *r = &list->at[i - 1];
        bool known = r->n > 1;
        for (int k = 0; k < n; k++)
            known |= strcmp(kind(out[k]), kind(r)) == 0 && strcmp(split(out[k]), split(r)) == 0;
        if (!known)
            out[n++] = r;
    }
    return n;
}

static void paint_rows(const struct history *h, struct area a, const struct history_result *const *list, int n)
{
    for (int i = 0; i < n && i < a.rows; i++) {
        char what[32];
        snprintf(what, sizeof what, "%-13s%-5s ", kind(list[i]), split(list[i]));
        put_parts(h, a, i, what, &list[i]->f[EV_READING_VALUE]);
    }
}

static void reading_paint(const struct screen *s, struct area a)
{
    enum { MOST_OTHERS = 4 };
    const struct history *h = s->view.h;
    const struct history_result *r = history_last_reading(h, true), *other[MOST_OTHERS];
    const struct history_result *newest = r ? r : history_last_reading(h, false);
    char title[200];
    if (!newest || a.rows < 2)
        return;
    int n = list_others(h, other, a.rows > 12 || !r ? MOST_OTHERS : 0), row = 1;
    int used = snprintf(title, sizeof title, " %s on %s · ep %.1f", kind(newest), split(newest), newest->epoch);
    if (r)
        snprintf(title + used, sizeof title - (size_t)used, " · τ %.4g%s ", r->f[EV_READING_AT].f, history_reading_is_biased(r) ? " chosen on test" : "");
    curves_rule(s, a, title);
    if (a.rows > 4)
        put_parts(h, a, row++, "own  ", &newest->f[EV_READING_PLAIN]);
    if (r && a.rows > 5)
        put_parts(h, a, row++, "here ", &r->f[EV_READING_VALUE]);
    paint_rows(h, area_part(a, row, 0, n, a.cols), other, n);
    if (r)
        paint_reading(s, area_part(a, row + n, 0, a.rows - row - n, a.cols), r);
}

const struct curves view_reading = { .measure = MEASURE_READING, .paint = reading_paint };
