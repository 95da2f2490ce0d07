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

static void range_of(const struct history_reading *r, double *low, double *high)
{
    *low = 100;
    *high = 0;
    for (int part = 0; part < READING_PARTS; part++)
        for (uint32_t i = 0; i < r->n; i++)
            if (isfinite(r->acc[part][i])) {
                *low = fmin(*low, r->acc[part][i]);
                *high = fmax(*high, r->acc[part][i]);
            }
    if (*high - *low < 1) {
        *low -= 0.5;
        *high += 0.5;
    }
}

static double value_at(const struct history_reading *r, const double *acc, double tau)
{
    uint32_t i = 1;
    while (i + 1 < r->n && r->tau[i] < tau)
        i++;
    if (r->tau[i] <= r->tau[i - 1])
        return acc[i];
    const double share = (tau - r->tau[i - 1]) / (r->tau[i] - r->tau[i - 1]);
    return acc[i - 1] + share * (acc[i] - acc[i - 1]);
}

static void paint_part(struct plot *p, const struct history_reading *r, int part, double low, double high)
{
    const double x0 = r->tau[0], x1 = r->tau[r->n - 1];
    for (int x = 0; x < p->width; x++) {
        const double share = (value_at(r, r->acc[part], x0 + (x1 - x0) * (x + 0.5) / p->width) - low) / (high - low);
        if (isfinite(share))
            plot_column(p, x, share, share);
        else
            plot_gap(p);
    }
}

static void put_row(const struct history *h, struct area a, int row, const char *what, const double parts[READING_PARTS])
{
    int col = 1 + area_put(a, row, 1, INK_DIM, what);
    for (int part = 0; part < READING_PARTS; part++)
        if (!isnan(parts[part]))
            col += area_putf(a, row, col, part_ink(h, part), "%s %.1f  ", part_name(h, part), parts[part]);
}

static void paint_curve(const struct screen *s, struct area a, const struct history_reading *r)
{
    const struct history *h = s->view.h;
    const int rows = a.rows - 2;
    double low, high;
    if (rows < 2)
        return;
    range_of(r, &low, &high);
    struct area frame = area_part(a, 0, LABELS, rows, a.cols - LABELS);
    curves_values(a, low, high, rows);
    curves_axis(a, LABELS, rows, r->tau[0], r->tau[r->n - 1]);
    const int at = (int)((r->at - r->tau[0]) / (r->tau[r->n - 1] - r->tau[0]) * frame.cols);
    for (int row = 0; row < rows && r->at >= r->tau[0] && at < frame.cols; row++)
        area_char(frame, row, at, INK_DIM, 0x250a);
    for (int part = READING_PARTS - 1; part >= 0; part--) { /* all classes on top */
        struct plot p;
        plot_begin(&p, frame, s->glyphs, part_ink(h, part));
        p.letter = letters[part];
        paint_part(&p, r, part, low, high);
    }
}

/* --- the pane ------------------------------------------------------------------------------------------------------ */

/* The newest of each kind without a curve, newest first. */
static int list_others(const struct history *h, const struct history_reading **out, int most)
{
    int n = 0;
    for (size_t i = h->n_reading; i > 0 && n < most; i--) {
        const struct history_reading *r = &h->reading[i - 1];
        bool known = r->n > 1;
        for (int k = 0; k < n; k++)
            known |= strcmp(out[k]->kind, r->kind) == 0 && strcmp(out[k]->split, r->split) == 0;
        if (!known)
            out[n++] = r;
    }
    return n;
}

static void paint_rows(const struct history *h, struct area a, const struct history_reading *const *list, int n)
{
    for (int i = 0; i < n && i < a.rows; i++) {
        char what[32];
        snprintf(what, sizeof what, "%-13s%-5s ", list[i]->kind, list[i]->split);
        put_row(h, a, i, what, list[i]->value);
    }
}

void reading_paint(const struct screen *s, struct area a)
{
    enum { MOST_OTHERS = 4 };
    const struct history *h = s->view.h;
    const struct history_reading *r = history_last_reading(h, true), *other[MOST_OTHERS];
    const struct history_reading *newest = r ? r : history_last_reading(h, false);
    char title[200];
    if (!newest || a.rows < 2)
        return;
    int n = list_others(h, other, a.rows > 12 || !r ? MOST_OTHERS : 0), row = 1;
    int used = snprintf(title, sizeof title, " %s on %s · ep %.1f", newest->kind, newest->split, newest->epoch);
    if (r)
        snprintf(title + used, sizeof title - (size_t)used, " · τ %.4g%s ", r->at, history_reading_is_biased(r) ? " chosen on test" : "");
    curves_rule(a, title, curves_next_name(s));
    if (a.rows > 4)
        put_row(h, a, row++, "own  ", newest->plain);
    if (r && a.rows > 5)
        put_row(h, a, row++, "here ", r->value);
    paint_rows(h, area_part(a, row, 0, n, a.cols), other, n);
    if (r)
        paint_curve(s, area_part(a, row + n, 0, a.rows - row - n, a.cols), r);
}
