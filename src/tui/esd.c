/* Spectral densities in the curvature pane: the latest spectrum of a class of each group, or of one class, in log10 over six
 * decades, on one axis so that they can be compared. */
#include "config.h"
#include "tui/curves.h"

#include "session/density.h"
#include "tui/widgets.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { DECADES = CURVES_DECADES, LABELS = CURVES_DECADE_LABELS, LEAST_FRAME = 18 };

/* --- which spectra --------------------------------------------------------------------------------------------------- */

/* The newest spectrum of a class: of the probe under way, else the last recorded one. */
static const struct history_eig *spectrum_of(const struct history *h, uint32_t class)
{
    if (h->has_live && h->live.class == class && h->live.n_nodes)
        return &h->live;
    const struct history_eig *e = history_last_eig(h, class);
    return e && e->n_nodes ? e : NULL;
}

static const struct history_eig *class_source(const struct screen *s)
{
    const struct history *h = s->view.h;
    const struct history_eig *e = s->selected >= 0 ? spectrum_of(h, (uint32_t)s->selected) : NULL;
    if (e)
        return e;
    if (h->has_live && h->live.n_nodes)
        return &h->live;
    for (size_t i = h->n_eig; i > 0; i--)
        if (h->eig[i - 1].n_nodes)
            return &h->eig[i - 1];
    return NULL;
}

/* One spectrum for each group: of the selected class, else of a watched one, else of any. Of more groups than there are curves:
 * the first, the last, and one between. */
static int group_sources(const struct screen *s, const struct history_eig *out[ESD_CURVES])
{
    const struct history *h = s->view.h;
    const struct history_eig *of[HISTORY_MAX_GROUPS] = { NULL };
    int rank[HISTORY_MAX_GROUPS] = { 0 }, n = 0;
    for (size_t i = h->n_eig + 1; i > 0; i--) { /* newest first; the live one before all */
        const struct history_eig *e = i > h->n_eig ? h->has_live ? &h->live : NULL : &h->eig[i - 1];
        if (!e || e->class >= (uint32_t)h->n_classes || (e->how[0] && (int)e->class != s->selected))
            continue;
        int g = h->cls[e->class].group, better = (int)e->class == s->selected ? 3 : h->cls[e->class].watched ? 2 : 1;
        if (g < 0 || g >= h->n_groups || rank[g] >= better || !e->n_nodes)
            continue;
        of[g] = e;
        rank[g] = better;
    }
    for (int g = 0; g < h->n_groups; g++) {
        if (!of[g])
            continue;
        if (n < ESD_CURVES)
            out[n++] = of[g];
        else
            out[n - 1] = of[g];
    }
    return n;
}

static bool has_groups(const struct screen *s)
{
    const struct history_eig *e[ESD_CURVES];
    return group_sources(s, e) > 1;
}

/* --- the densities --------------------------------------------------------------------------------------------------- */

static bool same_curve(const struct esd_curve *c, const struct history_eig *e)
{
    return c->class == e->class && c->iters == e->iters && c->of == e->of && c->n_nodes == e->n_nodes && c->step == e->step &&
           c->lmin == e->lmin && c->lmax == e->lmax;
}

static bool up_to_date(const struct esd *d, const struct history_eig *const *e, int n, int points)
{
    bool good = d->n == n && d->points == points;
    for (int i = 0; good && i < n; i++)
        good = same_curve(&d->curve[i], e[i]);
    return good;
}

static void recalc_curves(struct screen *s, int cols, bool groups)
{
    struct esd *d = &s->esd;
    const struct history_eig *e[ESD_CURVES];
    struct density_nodes nodes[ESD_CURVES];
    int n = groups ? group_sources(s, e) : 0;
    if (!groups && (e[0] = class_source(s)))
        n = 1;
    bool side = n > 1 && (cols - LABELS) / n >= LEAST_FRAME;
    int width = (side ? (cols - LABELS) / n - 1 : cols - LABELS) * (s->glyphs == GLYPHS_BRAILLE ? 2 : 1);
    int points = width < 1 ? 1 : width > ESD_POINTS ? ESD_POINTS : width;
    if (up_to_date(d, e, n, points))
        return;
    d->n = n;
    d->points = points;
    d->side_by_side = side;
    d->top = -99;
    for (int i = 0; i < n; i++)
        nodes[i] = density_of(e[i]);
    if (!density_range(nodes, n, 0.05, &d->low, &d->high))
        d->n = 0;
    for (int i = 0; i < d->n; i++) {
        struct esd_curve *c = &d->curve[i];
        c->class = e[i]->class, c->iters = e[i]->iters, c->of = e[i]->of, c->n_nodes = e[i]->n_nodes;
        c->step = e[i]->step, c->epoch = e[i]->epoch, c->lmin = e[i]->lmin, c->lmax = e[i]->lmax;
        density_resolved(&nodes[i], d->low, d->high, points, c->value);
        for (int k = 0; k < points; k++) {
            c->value[k] = c->value[k] > 0 ? log10(c->value[k]) : -99;
            d->top = fmax(d->top, c->value[k]);
        }
    }
}

/* --- frames ---------------------------------------------------------------------------------------------------------- */

void curves_rule(const struct screen *s, struct area a, const char *title)
{
    const char *next = curves_next_name(s);
    char right[48];
    for (int k = 0; k < a.cols; k++)
        area_char(a, 0, k, INK_DIM, 0x2500);
    snprintf(right, sizeof right, " v %s ", next);
    int room = a.cols - 2, wants = text_width(a.canvas, right);
    if (next[0] && text_width(a.canvas, title) + wants + 2 <= room) {
        area_put_right(a, 0, a.cols - 1, INK_DIM, right);
        room -= wants + 1;
    }
    area_putn(a, 0, 1, INK_TEXT, title, room);
}

/* The least 1, 2 or 5 times a power of ten that gives at most `most` steps. */
static double tick_step(double range, double most)
{
    double step = pow(10, floor(log10(range / most)));
    for (int i = 0; i < 4 && range / step > most; i++)
        step *= i == 1 ? 2.5 : 2;
    return step;
}

static void tick_text(char out[16], double value, double step)
{
    int decimals = step >= 1 ? 0 : (int)ceil(-log10(step) - 1e-9);
    if (fabs(value) < step / 2)
        snprintf(out, 16, "0");
    else if (decimals > 3 || fabs(value) >= 1e5)
        snprintf(out, 16, "%.1g", value);
    else
        snprintf(out, 16, "%.*f", decimals, value);
}

void curves_axis(struct area a, int left, int row, double low, double high)
{
    int width = a.cols - left, free_from = left - 2;
    if (width < 6 || !(high > low))
        return;
    area_char(a, row, left - 1, INK_DIM, 0x2514);
    for (int k = 0; k < width; k++)
        area_char(a, row, left + k, INK_DIM, 0x2500);
    double step = tick_step(high - low, width / 9.0 < 2 ? 2 : width / 9.0);
    for (int k = 0; k < width; k++) { /* counted: a step may be lost beside a large number */
        double at = ceil(low / step) * step + k * step;
        char text[16];
        if (!(at <= high))
            break;
        int col = (int)((at - low) / (high - low) * width), len, start;
        tick_text(text, at, step);
        len = (int)strlen(text);
        col = col < width ? col : width - 1; /* the end is the last column */
        start = left + col - (at < 0 ? len / 2 + (len > 2) : len / 2);
        start = start < left - 1 ? left - 1 : start;
        start = start + len > a.cols ? a.cols - len : start;
        if (start < free_from)
            continue;
        area_char(a, row, left + col, INK_DIM, 0x252c);
        area_put(a, row + 1, start, INK_DIM, text);
        free_from = start + len + 1;
    }
}

static unsigned curve_ink(const struct history *h, const struct esd_curve *c)
{
    return c->of ? INK_DIM : group_ink(h, c->class < (uint32_t)h->n_classes ? h->cls[c->class].group : -1);
}

static char curve_letter(const struct history *h, const struct esd_curve *c)
{
    char letter = group_letter(h, c->class < (uint32_t)h->n_classes ? h->cls[c->class].group : -1);
    return letter >= 'A' && letter <= 'Z' ? letter : '^';
}

static int mark_col(const struct esd *d, int width, double value)
{
    int col = (int)((value - d->low) / (d->high - d->low) * width);
    return value >= d->low && value <= d->high && col < width ? col : -1;
}

/* Ends of a spectrum: dotted lines through a frame of its own, letters on the axis in any. */
static void paint_ends(const struct screen *s, struct area a, int left, int rows, const struct esd_curve *c, bool lines)
{
    const double ends[2] = { c->lmin, c->lmax };
    for (int i = 0; i < 2; i++) {
        int col = mark_col(&s->esd, a.cols - left, ends[i]);
        if (col < 0)
            continue;
        for (int r = 0; r < rows && lines; r++)
            area_char(a, r, left + col, INK_DIM, 0x250a);
        area_char(a, rows, left + col, curve_ink(s->view.h, c) | INK_BOLD, (uint32_t)curve_letter(s->view.h, c));
    }
}

static void paint_curve(const struct screen *s, struct area a, const struct esd_curve *c)
{
    const struct esd *d = &s->esd;
    struct plot p;
    plot_begin(&p, a, s->glyphs, curve_ink(s->view.h, c));
    if (d->n > 1)
        p.letter = curve_letter(s->view.h, c);
    for (int x = 0; x < p.width; x++) {
        double share = (c->value[(long)x * d->points / p.width] - d->top + DECADES) / DECADES;
        if (share < 0)
            plot_gap(&p);
        else
            plot_column(&p, x, share, share);
    }
}

void curves_decades(struct area a, double top, int rows)
{
    int each = 1;
    while (each < DECADES && (double)(rows - 1) * each / DECADES < 2)
        each++;
    for (int r = 0; r < rows; r++)
        area_char(a, r, CURVES_DECADE_LABELS - 1, INK_DIM, 0x2502);
    for (int power = (int)floor(top); rows > 1 && power >= top - DECADES; power -= each)
        area_putf(a, (int)lround((top - power) / DECADES * (rows - 1)), 1, INK_DIM, "1e%+d", power);
}

/* Curves from..to in one frame whose axis starts at column `left`. */
static void paint_axes(const struct screen *s, struct area a, int left, int from, int to)
{
    const struct esd *d = &s->esd;
    int rows = a.rows - 2;
    for (int r = 0; r < rows; r++)
        area_char(a, r, left - 1, INK_DIM, 0x2502);
    curves_axis(a, left, rows, d->low, d->high);
    for (int i = from; i <= to; i++)
        paint_ends(s, a, left, rows, &d->curve[i], from == to);
    for (int i = from; i <= to; i++)
        paint_curve(s, area_part(a, 0, left, rows, a.cols - left), &d->curve[i]);
}

static void curve_name(const struct history *h, const struct esd_curve *c, char *out, size_t size)
{
    snprintf(out, size, "%u %s", c->class, c->class < (uint32_t)h->n_classes ? h->cls[c->class].name : "");
}

static void paint_curve_title(const struct screen *s, struct area a)
{
    const struct esd *d = &s->esd;
    const struct history *h = s->view.h;
    char title[160], name[64], when[32];
    if (d->n == 1) {
        const struct esd_curve *c = &d->curve[0];
        curve_name(h, c, name, sizeof name);
        if (c->of)
            snprintf(when, sizeof when, "…%u/%u", c->iters, c->of);
        else
            snprintf(when, sizeof when, "ep %.1f", c->epoch);
        snprintf(title, sizeof title, " ESD %s · log density · %s ", name, when);
        curves_rule(s, a, title);
        return;
    }
    curves_rule(s, a, a.cols >= 60 ? " ESD · log density " : " ESD ");
    int col = a.cols >= 60 ? 20 : 6;
    for (int i = 0; i < d->n; i++) {
        const struct esd_curve *c = &d->curve[i];
        curve_name(h, c, name, sizeof name);
        int room = (a.cols - 10 - col) / (d->n - i) - 3;
        if (room < 3)
            break;
        col += area_putf(a, 0, col, curve_ink(h, c) | INK_BOLD, "%c ", curve_letter(h, c));
        col += area_putn(a, 0, col, curve_ink(h, c), name, room);
        col += area_put(a, 0, col, INK_TEXT, " ");
    }
}

static void paint(const struct screen *s, struct area a)
{
    const struct esd *d = &s->esd;
    if (d->n == 0 || a.rows < 4)
        return;
    paint_curve_title(s, a);
    struct area body = area_part(a, 1, 0, a.rows - 1, a.cols);
    curves_decades(body, d->top, body.rows - 2);
    if (!d->side_by_side) {
        paint_axes(s, body, LABELS, 0, d->n - 1);
        return;
    }
    int width = (a.cols - LABELS) / d->n;
    for (int i = 0; i < d->n; i++) { /* each has an axis of its own, and says whose */
        struct area part = area_part(body, 0, LABELS - 1 + i * width, body.rows, width);
        char name[64];
        curve_name(s->view.h, &d->curve[i], name, sizeof name);
        if (text_width(a.canvas, name) + 4 > width)
            snprintf(name, sizeof name, "%u", d->curve[i].class);
        paint_axes(s, part, 1, i, i);
        area_put_right(part, 0, width - 1, curve_ink(s->view.h, &d->curve[i]), name);
    }
}

/* --- the two views ----------------------------------------------------------------------------------------------------- */

static void recalc_groups(struct screen *s, int cols)
{
    recalc_curves(s, cols, true);
}

static bool has_class(const struct screen *s)
{
    return class_source(s) != NULL;
}

static void recalc_class(struct screen *s, int cols)
{
    recalc_curves(s, cols, false);
}

const struct curves view_spectra = { .name = "spectra", .measure = MEASURE_EIG, .has = has_groups, .recalc = recalc_groups, .paint = paint };
const struct curves view_spectrum = { .name = "spectrum", .measure = MEASURE_EIG, .has = has_class, .recalc = recalc_class, .paint = paint };
