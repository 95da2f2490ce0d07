/* Figures of several runs. Drawn by cairo; a build without it says so. */
#include "config.h"
#include "session/figure_panels.h"

#include <math.h>

#include "base/err.h"

/* Nearer to 0 than that share of the range lies the bulk, of which one node stands for most, on either side of it. */
static const double BULK = 1e-3;

double figure_share_below(const struct history_eig *e)
{
    double below = 0, all = 0;
    const double least = e->n_nodes ? -BULK * (e->nodes[e->n_nodes - 1] - e->nodes[0]) : 0;
    for (uint32_t i = 0; i < e->n_nodes; i++) {
        all += e->wts[i];
        below += e->nodes[i] < least ? e->wts[i] : 0;
    }
    return all > 0 ? below / all : NAN;
}

#ifdef HAVE_CAIRO

#include <string.h>

#include "session/density.h"
#include "session/figure_chart.h"

enum { PANEL_CELLS = 400, PANEL_HEIGHT = 118, PANEL_ROW = 146, ROOM = 26 };
static const double panel_floor = 1e-7;

/* --- densities ------------------------------------------------------------------------------------------------------- */

struct panel_curve {
    double low, high, value[PANEL_CELLS];
};

static double panel_x(const void *ctx, int k)
{
    const struct panel_curve *d = ctx;
    return d->low + (k + 0.5) * (d->high - d->low) / PANEL_CELLS;
}

static double panel_y(const void *ctx, int k)
{
    const struct panel_curve *d = ctx;
    return log10(d->value[k] + panel_floor);
}

static const struct history_eig *panel_eig(const struct figure_panels *p, int run, int class)
{
    const struct history *h = p->run[run];
    const struct history_eig *e = h && p->class[class] < h->n_classes ? history_last_eig(h, (uint32_t)p->class[class]) : NULL;
    return e && e->n_nodes ? e : NULL;
}

static void panel_text(const struct chart *c, int line, const char *text)
{
    cairo_text_extents_t e;
    const double right = c->left + c->width - 3, y = c->top + 9 + line * 8;
    cairo_set_font_size(c->cr, 6.5);
    cairo_text_extents(c->cr, text, &e);
    cairo_set_source_rgba(c->cr, 1, 1, 1, 0.8);
    cairo_rectangle(c->cr, right - e.x_advance - 1, y - 6.5, e.x_advance + 2, 8);
    cairo_fill(c->cr);
    chart_grey(c->cr, 0, 0.6);
    chart_text_at(c->cr, right, y, 1, 6.5, text);
}

static void panel_numbers(const struct chart *c, const struct history_eig *e)
{
    const struct {
        const char *word, *format;
        double value;
    } rows[] = { { "loss", "%.3g", e->loss }, { "λmin", "%.3g", e->lmin }, { "λmax", "%.4g", e->lmax },
                 { "below 0:", "%.2g %%", 100 * figure_share_below(e) } };
    for (int i = 0; i < 4; i++) {
        char number[48], text[80];
        chart_minus(number, sizeof number, rows[i].format, rows[i].value);
        snprintf(text, sizeof text, "%s %s", rows[i].word, number);
        panel_text(c, i, text);
    }
}

static void draw_panel_density(struct chart *c, const struct figure_panels *p, int run, int class)
{
    const struct history_eig *e = panel_eig(p, run, class);
    const int letter = run * p->n_classes + class;
    char text[200];
    if (e) {
        const struct density_nodes d = density_of(e);
        /* each fourth pen is solid: a curve alone in its panel needs no dash, and peaks are narrow */
        struct panel_curve curve = { .low = c->x0, .high = c->x1 };
        density_resolved(&d, c->x0, c->x1, PANEL_CELLS, curve.value);
        chart_curve(c, 4 * run, 1, &(const struct chart_line){ PANEL_CELLS, panel_x, panel_y, &curve });
        panel_numbers(c, e);
        snprintf(text, sizeof text, "%.60s: %d %s, n %u", p->label[run], p->class[class], p->run[run]->cls[p->class[class]].name,
                 p->run[run]->cls[p->class[class]].n);
    } else
        snprintf(text, sizeof text, "%.60s: %d, no spectrum", p->label[run], p->class[class]);
    if (c->x0 < 0 && c->x1 > 0)
        chart_dotted(c, 0);
    chart_grey(c->cr, 0, 0.6);
    chart_text_at(c->cr, c->left + 10, c->top - 3, 0, 6.5, text);
    snprintf(text, sizeof text, "%c", 'A' + letter);
    chart_text_at(c->cr, c->left, c->top - 3, 0, 8, text);
}

/* The axes of all. false: no spectrum. */
static bool shared_axes(const struct figure_panels *p, struct chart *c)
{
    struct density_nodes all[FIGURE_PANELS_DOWN * FIGURE_PANELS_ACROSS] = { 0 };
    int n = 0;
    for (int run = 0; run < p->n_runs; run++)
        for (int class = 0; class < p->n_classes; class++)
            if (panel_eig(p, run, class))
                all[n++] = density_of(panel_eig(p, run, class));
    if (!density_range(all, n, 0.04, &c->x0, &c->x1))
        return false;
    c->log_y = true;
    c->y0 = log10(panel_floor), c->y1 = 0;
    for (int i = 0; i < n; i++) {
        double value[PANEL_CELLS];
        density_resolved(&all[i], c->x0, c->x1, PANEL_CELLS, value);
        for (int k = 0; k < PANEL_CELLS; k++)
            c->y1 = fmax(c->y1, log10(value[k] + panel_floor) + 0.4);
    }
    return true;
}

static void page_title(cairo_t *cr, const char *text)
{
    chart_grey(cr, 0, 0.6);
    chart_text_at(cr, WIDTH / 2.0, 15, 0.5, 10, text);
}

static int draw_all_panels(cairo_t *cr, const void *ctx, struct err *err)
{
    const struct figure_panels *p = ctx;
    struct chart c = { .cr = cr };
    if (!shared_axes(p, &c))
        return err_set(err, ERR_INVALID, "nothing to draw: none of these runs has a spectrum of these classes");
    c.width = (WIDTH - 46 - 8 - (p->n_classes - 1) * ROOM) / (double)p->n_classes;
    c.height = PANEL_HEIGHT;
    for (int run = 0; run < p->n_runs; run++)
        for (int class = 0; class < p->n_classes; class++) {
            c.left = 46 + class * (c.width + ROOM);
            c.top = 36 + run * PANEL_ROW;
            chart_axes(&c, run + 1 == p->n_runs ? "Eigenvalue" : NULL, "");
            draw_panel_density(&c, p, run, class);
        }
    cairo_save(cr);
    cairo_translate(cr, 12, 36 + (p->n_runs * PANEL_ROW - ROOM) / 2.0);
    cairo_rotate(cr, -M_PI / 2);
    chart_text_at(cr, 0, 0, 0.5, 10, "Density (log scale)");
    cairo_restore(cr);
    page_title(cr, p->title);
    return 0;
}

int figure_panels_put(FILE *out, const struct figure_panels *p, enum figure_format format, struct err *err)
{
    const struct chart_page page = { 36 + p->n_runs * PANEL_ROW + 10, format == FIGURE_PNG, draw_all_panels, p };
    return chart_put(out, &page, err);
}

/* --- accuracies ------------------------------------------------------------------------------------------------------ */

enum { POINTS_LEFT = 150, POINTS_LINE = 15 };

static void draw_mark(const struct chart *c, int pen, double x, double y, bool filled)
{
    if (isnan(x))
        return;
    chart_pen(c->cr, pen, 1);
    cairo_set_dash(c->cr, NULL, 0, 0);
    cairo_new_sub_path(c->cr);
    cairo_arc(c->cr, chart_at_x(c, x), y, 2.4, 0, 2 * M_PI);
    if (filled)
        cairo_fill(c->cr);
    else
        cairo_stroke(c->cr);
}

static void draw_points_row(const struct chart *c, const struct figure_points_row *r, double y)
{
    chart_grey(c->cr, 0, 0.6);
    chart_text_at(c->cr, c->left - 6, y + 2.5, 1, 7, r->label);
    for (int i = 0; i < 2; i++) {
        const double half = isnan(r->deviation[i]) ? 0 : r->deviation[i];
        draw_mark(c, i, r->published[i], y - 1.5, false);
        draw_mark(c, i, r->ours[i], y + 1.5, true);
        if (isnan(r->ours[i]) || half == 0)
            continue;
        cairo_move_to(c->cr, chart_at_x(c, r->ours[i] - half), y + 1.5);
        cairo_line_to(c->cr, chart_at_x(c, r->ours[i] + half), y + 1.5);
        cairo_stroke(c->cr);
    }
}

static int draw_points(cairo_t *cr, const void *ctx, struct err *err)
{
    const struct figure_points *p = ctx;
    struct chart c = { .cr = cr, .left = POINTS_LEFT, .top = 26, .width = WIDTH - POINTS_LEFT - 12, .height = p->n * POINTS_LINE + 6, .x0 = INFINITY,
                       .x1 = -INFINITY, .y1 = 1 };
    for (int k = 0; k < p->n; k++)
        for (int i = 0; i < 2; i++) {
            c.x0 = fmin(c.x0, fmin(p->row[k].published[i], p->row[k].ours[i])); /* of a number and NaN the number */
            c.x1 = fmax(c.x1, fmax(p->row[k].published[i], p->row[k].ours[i]));
        }
    if (!(c.x1 >= c.x0))
        return err_set(err, ERR_INVALID, "nothing to draw: neither the paper nor a run has a number");
    c.x0 = fmax(0, c.x0 - 4), c.x1 = fmin(100, c.x1 + 4);
    struct chart frame = c; /* rows have names: between these powers of ten there is no tick */
    frame.log_y = true, frame.y0 = 0.2, frame.y1 = 0.8;
    chart_axes(&frame, "Accuracy (%): all blue, tail red; open: the paper, filled: ours", "");
    for (int k = 0; k < p->n; k++)
        draw_points_row(&c, &p->row[k], c.top + 3 + (k + 0.5) * POINTS_LINE);
    page_title(cr, p->title);
    return 0;
}

int figure_points_put(FILE *out, const struct figure_points *p, enum figure_format format, struct err *err)
{
    const struct chart_page page = { 26 + p->n * POINTS_LINE + 6 + 40, format == FIGURE_PNG, draw_points, p };
    return chart_put(out, &page, err);
}

/* --- accuracy over rho ----------------------------------------------------------------------------------------------- */

enum { RADII_PANELS = 2, RADII_HEIGHT = 210 };

/* The rows of a panel, one at a time from `from` on; NULL: no more. */
static const struct figure_points_row *next_in_panel(const struct figure_points *p, const char *panel, int *from)
{
    while (*from < p->n && strcmp(p->row[*from].panel, panel) != 0)
        ++*from;
    return *from < p->n ? &p->row[(*from)++] : NULL;
}

static void radii_range(const struct figure_points *p, const char *panel, struct chart *c)
{
    const struct figure_points_row *r;
    c->x0 = 0, c->x1 = 0.1, c->y0 = INFINITY, c->y1 = -INFINITY;
    for (int at = 0; (r = next_in_panel(p, panel, &at));)
        for (int i = 0; i < 2; i++) {
            c->x1 = fmax(c->x1, r->rho);
            c->y0 = fmin(c->y0, fmin(r->published[i], r->ours[i]));
            c->y1 = fmax(c->y1, fmax(r->published[i], r->ours[i]));
        }
    c->x1 *= 1.08;
    c->y0 = fmax(0, c->y0 - 3), c->y1 = fmin(100, c->y1 + 3);
}

static void draw_level(const struct chart *c, const struct figure_points_row *r, int i)
{
    if (isnan(r->ours[i]))
        return;
    const double y = chart_at_y(c, r->ours[i]);
    chart_pen(c->cr, i, 0.5);
    cairo_move_to(c->cr, c->left, y);
    cairo_line_to(c->cr, c->left + c->width, y);
    cairo_stroke(c->cr);
    chart_grey(c->cr, 0.3, 0.6);
    chart_text_at(c->cr, c->left + c->width - 2, y - 2, 1, 6, r->label);
}

static void draw_radii(const struct chart *c, const struct figure_points *p, const char *panel, int i)
{
    const struct figure_points_row *r;
    bool down = false;
    for (int at = 0; (r = next_in_panel(p, panel, &at));)
        if (isnan(r->rho))
            draw_level(c, r, i);
    for (int at = 0; (r = next_in_panel(p, panel, &at));) {
        if (isnan(r->rho) || isnan(r->ours[i]))
            continue;
        chart_pen(c->cr, i, 1);
        if (down)
            cairo_line_to(c->cr, chart_at_x(c, r->rho), chart_at_y(c, r->ours[i]));
        else
            cairo_move_to(c->cr, chart_at_x(c, r->rho), chart_at_y(c, r->ours[i]));
        down = true;
    }
    cairo_stroke(c->cr);
    for (int at = 0; (r = next_in_panel(p, panel, &at));) {
        if (isnan(r->rho))
            continue;
        if (!isnan(r->published[i]))
            draw_mark(c, i, r->rho, chart_at_y(c, r->published[i]), false);
        if (!isnan(r->ours[i]))
            draw_mark(c, i, r->rho, chart_at_y(c, r->ours[i]), true);
    }
}

static int draw_all_radii(cairo_t *cr, const void *ctx, struct err *err)
{
    const struct figure_points *p = ctx;
    const char *panel[RADII_PANELS];
    int n = 0, drawn = 0;
    for (int i = 0; i < p->n && n < RADII_PANELS; i++)
        if (n == 0 || strcmp(panel[n - 1], p->row[i].panel) != 0)
            panel[n++] = p->row[i].panel;
    struct chart c = { .cr = cr, .top = 34, .width = (WIDTH - 46 - 12 - (n - 1) * 40) / (double)(n ? n : 1), .height = RADII_HEIGHT };
    for (int k = 0; k < n; k++) {
        c.left = 46 + k * (c.width + 40);
        radii_range(p, panel[k], &c);
        if (!(c.y1 > c.y0))
            continue;
        chart_axes(&c, "ρ", k ? "" : "Accuracy (%)");
        for (int i = 0; i < 2; i++)
            draw_radii(&c, p, panel[k], i);
        chart_grey(cr, 0, 0.6);
        chart_text_at(cr, c.left, c.top - 4, 0, 8, panel[k]);
        drawn++;
    }
    if (!drawn)
        return err_set(err, ERR_INVALID, "nothing to draw: neither the paper nor a run has a number");
    page_title(cr, p->title);
    chart_text_at(cr, WIDTH / 2.0, 34 + RADII_HEIGHT + 44, 0.5, 7, "all blue, tail red; open: the paper, filled: ours; lines across: ours without SAM");
    return 0;
}

int figure_radii_put(FILE *out, const struct figure_points *p, enum figure_format format, struct err *err)
{
    const struct chart_page page = { 34 + RADII_HEIGHT + 54, format == FIGURE_PNG, draw_all_radii, p };
    return chart_put(out, &page, err);
}

#else

int figure_radii_put(FILE *out, const struct figure_points *p, enum figure_format format, struct err *err)
{
    (void)out;
    (void)p;
    (void)format;
    return figure_missing(err);
}

int figure_panels_put(FILE *out, const struct figure_panels *p, enum figure_format format, struct err *err)
{
    (void)out;
    (void)p;
    (void)format;
    return figure_missing(err);
}

int figure_points_put(FILE *out, const struct figure_points *p, enum figure_format format, struct err *err)
{
    (void)out;
    (void)p;
    (void)format;
    return figure_missing(err);
}

#endif
