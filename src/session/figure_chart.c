/* Pens, text, axes, curves and legends of a figure. Colours are those of Okabe and Ito, which can be told apart by everybody, and each
 * curve has a dash of its own. */
#include "config.h"
#include "session/history.h" /* a build without cairo has nothing else here */

#ifdef HAVE_CAIRO

#include "session/figure_chart.h"

#include <cairo-svg.h>
#include <math.h>
#include <string.h>

#include "base/err.h"

/* --- pens and text --------------------------------------------------------------------------------------------------- */

void chart_pen(cairo_t *cr, int i, double alpha)
{
    static const double colour[][3] = { { 0, 0.447, 0.698 }, { 0.835, 0.369, 0 }, { 0, 0.62, 0.451 }, { 0.8, 0.475, 0.655 },
                                        { 0.9, 0.624, 0 },   { 0.337, 0.706, 0.914 }, { 0.2, 0.2, 0.2 } };
    static const double dash[][4] = { { 0 }, { 5, 2 }, { 1.5, 1.5 }, { 6, 2, 1.5, 2 } };
    static const int parts[] = { 0, 2, 2, 4 };
    const double *c = colour[i % 7];
    cairo_set_source_rgba(cr, c[0], c[1], c[2], alpha);
    cairo_set_line_width(cr, 1.1);
    cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
    cairo_set_dash(cr, dash[i % 4], parts[i % 4], 0);
}

void chart_grey(cairo_t *cr, double shade, double width)
{
    cairo_set_source_rgb(cr, shade, shade, shade);
    cairo_set_line_width(cr, width);
    cairo_set_dash(cr, NULL, 0, 0);
}

/* share: how much of the text lies left of x (0, 0.5, 1). */
void chart_text_at(cairo_t *cr, double x, double y, double share, double size, const char *text)
{
    cairo_text_extents_t e;
    cairo_set_font_size(cr, size);
    cairo_text_extents(cr, text, &e);
    cairo_move_to(cr, x - share * e.x_advance, y);
    cairo_show_text(cr, text);
}

void chart_minus(char *out, size_t size, const char *format, double value)
{
    char text[40];
    snprintf(text, sizeof text, format, value);
    snprintf(out, size, "%s%s", text[0] == '-' ? "−" : "", text + (text[0] == '-'));
}

/* --- axes ------------------------------------------------------------------------------------------------------------ */

double chart_at_x(const struct chart *c, double x)
{
    return c->left + (x - c->x0) / (c->x1 - c->x0) * c->width;
}

double chart_at_y(const struct chart *c, double y)
{
    return c->top + (c->y1 - y) / (c->y1 - c->y0) * c->height;
}

static double round_step(double range)
{
    double step = pow(10, floor(log10(range / 6)));
    for (int i = 0; i < 3 && range / step > 9; i++)
        step *= i == 1 ? 2.5 : 2;
    return step;
}

static void tick(const struct chart *c, double value, bool vertical, const char *label)
{
    double x = vertical ? c->left : chart_at_x(c, value), y = vertical ? chart_at_y(c, value) : c->top + c->height;
    chart_grey(c->cr, 0.1, 0.6);
    cairo_move_to(c->cr, x, y);
    cairo_line_to(c->cr, vertical ? x - 3 : x, vertical ? y : y + 3);
    cairo_stroke(c->cr);
    if (vertical)
        chart_text_at(c->cr, x - 5, y + 3, 1, 8, label);
    else
        chart_text_at(c->cr, x, y + 12, 0.5, 8, label);
}

static void linear_ticks(const struct chart *c, bool vertical)
{
    double low = vertical ? c->y0 : c->x0, high = vertical ? c->y1 : c->x1, step = round_step(high - low);
    for (int k = 0; k < 20; k++) { /* counted: a step may be lost beside a large number */
        double at = (ceil(low / step) + k) * step + 0.0; /* never -0 */
        char label[48];
        if (!(at <= high + 1e-9 * (high - low)))
            break;
        chart_minus(label, sizeof label, "%.6g", at);
        tick(c, at, vertical, label);
    }
}

static void decade_ticks(const struct chart *c)
{
    cairo_text_extents_t e;
    for (int k = (int)ceil(c->y0); k <= (int)floor(c->y1); k++) {
        char power[16];
        chart_minus(power, sizeof power, "%.0f", k);
        tick(c, k, true, "");
        cairo_set_font_size(c->cr, 6);
        cairo_text_extents(c->cr, power, &e);
        chart_text_at(c->cr, c->left - 5 - e.x_advance, chart_at_y(c, k) + 3, 1, 8, "10");
        chart_text_at(c->cr, c->left - 5, chart_at_y(c, k) - 0.5, 1, 6, power);
    }
}

void chart_axes(const struct chart *c, const char *x_label, const char *y_label)
{
    chart_grey(c->cr, 0.1, 0.6);
    cairo_rectangle(c->cr, c->left, c->top, c->width, c->height);
    cairo_stroke(c->cr);
    if (x_label)
        linear_ticks(c, false);
    if (c->log_y)
        decade_ticks(c);
    else
        linear_ticks(c, true);
    chart_grey(c->cr, 0, 0.6);
    if (x_label)
        chart_text_at(c->cr, c->left + c->width / 2, c->top + c->height + 27, 0.5, 10, x_label);
    cairo_save(c->cr);
    cairo_translate(c->cr, 13, c->top + c->height / 2);
    cairo_rotate(c->cr, -M_PI / 2);
    chart_text_at(c->cr, 0, 0, 0.5, 10, y_label);
    cairo_restore(c->cr);
}

void chart_curve(const struct chart *c, int i, double alpha, const struct chart_line *line)
{
    bool down = false;
    cairo_save(c->cr);
    cairo_rectangle(c->cr, c->left, c->top, c->width, c->height);
    cairo_clip(c->cr);
    chart_pen(c->cr, i, alpha);
    for (int k = 0; k < line->n; k++) {
        double value = line->y(line->ctx, k);
        if (!isfinite(value)) {
            down = false;
            continue;
        }
        (down ? cairo_line_to : cairo_move_to)(c->cr, chart_at_x(c, line->x(line->ctx, k)), chart_at_y(c, value));
        down = true;
    }
    cairo_stroke(c->cr);
    cairo_restore(c->cr);
}

void chart_legend(const struct chart *c, int i, int row, const char *text)
{
    cairo_text_extents_t e;
    double y = c->top + 11 + row * 11;
    cairo_set_font_size(c->cr, 8);
    cairo_text_extents(c->cr, text, &e);
    double right = c->left + c->width - 8, start = right - e.x_advance;
    cairo_set_source_rgba(c->cr, 1, 1, 1, 0.8);
    cairo_rectangle(c->cr, start - 26, y - 8, right - start + 28, 11);
    cairo_fill(c->cr);
    chart_pen(c->cr, i, 1);
    cairo_move_to(c->cr, start - 24, y - 3);
    cairo_line_to(c->cr, start - 5, y - 3);
    cairo_stroke(c->cr);
    chart_grey(c->cr, 0, 0.6);
    chart_text_at(c->cr, start, y, 0, 8, text);
}

void chart_title(cairo_t *cr, const struct history *h, const char *rest)
{
    char text[400];
    snprintf(text, sizeof text, "%s%s%s%s%s", h->name, h->data_name[0] && h->name[0] ? ", " : "", h->data_name, rest[0] ? ": " : "", rest);
    chart_grey(cr, 0, 0.6);
    chart_text_at(cr, WIDTH / 2.0, 17, 0.5, 10, text);
}

void chart_dotted(const struct chart *c, double x)
{
    static const double dots[] = { 1, 2 };
    chart_grey(c->cr, 0.5, 0.6);
    cairo_set_dash(c->cr, dots, 2, 0);
    cairo_move_to(c->cr, chart_at_x(c, x), c->top);
    cairo_line_to(c->cr, chart_at_x(c, x), c->top + c->height);
    cairo_stroke(c->cr);
}

void chart_marks(const struct chart *c, const struct history *h, bool letters)
{
    for (size_t i = 0; i < h->n_mark; i++) {
        const struct history_mark *m = &h->mark[i];
        char letter[2] = { m->letter, '\0' };
        if (!strchr("RDLFB", m->letter) || m->epoch < c->x0 || m->epoch > c->x1)
            continue;
        chart_dotted(c, m->epoch);
        if (letters)
            chart_text_at(c->cr, chart_at_x(c, m->epoch), c->top - 2, 0.5, 7, letter);
    }
}

/* --- pages ----------------------------------------------------------------------------------------------------------- */

static cairo_status_t write_bytes(void *ctx, const unsigned char *bytes, unsigned n)
{
    return fwrite(bytes, 1, n, ctx) == n ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

int chart_put(FILE *out, const struct chart_page *page, struct err *err)
{
    const double png_scale = 300.0 / 72;
    cairo_surface_t *surface = page->png ? cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)(WIDTH * png_scale), (int)(page->height * png_scale))
                                         : cairo_svg_surface_create_for_stream(write_bytes, out, WIDTH, page->height);
    cairo_t *cr = cairo_create(surface);
    if (page->png)
        cairo_scale(cr, png_scale, png_scale);
    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_paint(cr);
    cairo_select_font_face(cr, "sans-serif", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
    int result = page->draw(cr, page->ctx, err);
    cairo_status_t status = cairo_status(cr);
    cairo_destroy(cr);
    if (result == 0 && status == CAIRO_STATUS_SUCCESS && page->png)
        status = cairo_surface_write_to_png_stream(surface, write_bytes, out);
    cairo_surface_finish(surface);
    if (status == CAIRO_STATUS_SUCCESS)
        status = cairo_surface_status(surface);
    cairo_surface_destroy(surface);
    if (result == 0 && status != CAIRO_STATUS_SUCCESS)
        return err_set(err, ERR_IO, "the figure could not be drawn: %s", cairo_status_to_string(status));
    return result;
}

#endif
