/* pen.so - stands before cairo (LD_PRELOAD) and writes what is drawn as text, where the drawing would have gone: each stroke with its pen and path,
 * each text with its place. So a figure can be held whole, whatever the fonts and version of cairo: a letter is half as wide as it is high here.
 *
 *   page 461 x 317
 *   stroke 0,0.447,0.698,1 w1.1 dash 5 2: M 52.00 28.00 L 60.00 30.00 ...
 *   text 8 at 12.00 40.00 0,0,0,1: Epoch
 *
 * Of a path of more than PLENTY points the first, the last, the lowest, the highest and some between are told. */
#if __has_include(<cairo-svg.h>)
#include <cairo-svg.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { PLENTY = 24, POINTS_MOST = 20000 };

struct pen {
    cairo_write_func_t put;
    void *to;
    double r, g, b, a, width, size, dash[4];
    int dashes, join;
    struct point {
        char op; /* M, L, A: the next two are radius and angles */
        double x, y, p, q, s;
    } at[POINTS_MOST];
    int n;
};
static struct pen pen;

__attribute__((format(printf, 1, 2))) static void put(const char *format, ...)
{
    char text[2000];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (pen.put)
        pen.put(pen.to, (const unsigned char *)text, (unsigned)strlen(text));
}

static void put_colour(void)
{
    put("%.3g,%.3g,%.3g,%.3g", pen.r, pen.g, pen.b, pen.a);
}

static void put_point(const struct point *p)
{
    if (p->op == 'Z')
        put(" Z");
    else if (p->op == 'A')
        put(" A %.2f %.2f r%.2f %.2f..%.2f", p->x, p->y, p->p, p->q, p->s);
    else if (p->op == 'R')
        put(" R %.2f %.2f %.2f x %.2f", p->x, p->y, p->p, p->q);
    else
        put(" %c %.2f %.2f", p->op, p->x, p->y);
}

static void put_path(void)
{
    int low = 0, high = 0;
    for (int i = 1; i < pen.n; i++) { /* y grows downwards */
        low = pen.at[i].y > pen.at[low].y ? i : low;
        high = pen.at[i].y < pen.at[high].y ? i : high;
    }
    if (pen.n > PLENTY)
        put(" (%d points)", pen.n);
    for (int i = 0; i < pen.n; i++)
        if (pen.n <= PLENTY || i == 0 || i + 1 == pen.n || i == low || i == high || i % (pen.n / 6) == 0)
            put_point(&pen.at[i]);
    put("\n");
}

static void add(char op, double x, double y, double p, double q, double s)
{
    if (pen.n < POINTS_MOST)
        pen.at[pen.n++] = (struct point){ op, x, y, p, q, s };
}

/* --- what is drawn --------------------------------------------------------------------------------------------------------- */

void cairo_move_to(cairo_t *cr, double x, double y)
{
    (void)cr;
    add('M', x, y, 0, 0, 0);
}

void cairo_line_to(cairo_t *cr, double x, double y)
{
    (void)cr;
    add('L', x, y, 0, 0, 0);
}

void cairo_arc(cairo_t *cr, double x, double y, double radius, double from, double to)
{
    (void)cr;
    add('A', x, y, radius, from, to);
}

void cairo_rectangle(cairo_t *cr, double x, double y, double width, double height)
{
    (void)cr;
    add('R', x, y, width, height, 0);
}

void cairo_close_path(cairo_t *cr)
{
    (void)cr;
    add('Z', pen.n ? pen.at[pen.n - 1].x : 0, pen.n ? pen.at[pen.n - 1].y : 0, 0, 0, 0);
}

void cairo_new_path(cairo_t *cr)
{
    (void)cr;
    pen.n = 0;
}

void cairo_new_sub_path(cairo_t *cr)
{
    (void)cr;
}

void cairo_stroke(cairo_t *cr)
{
    (void)cr;
    put("stroke ");
    put_colour();
    put(" w%.3g", pen.width);
    for (int i = 0; i < pen.dashes; i++)
        put("%s %.3g", i ? "" : " dash", pen.dash[i]);
    put(":");
    put_path();
    pen.n = 0;
}

void cairo_fill_preserve(cairo_t *cr)
{
    (void)cr;
    put("fill ");
    put_colour();
    put(":");
    put_path();
}

void cairo_fill(cairo_t *cr)
{
    cairo_fill_preserve(cr);
    pen.n = 0;
}

void cairo_clip(cairo_t *cr)
{
    (void)cr;
    put("clip:");
    put_path();
    pen.n = 0;
}

void cairo_paint(cairo_t *cr)
{
    (void)cr;
    put("paint ");
    put_colour();
    put("\n");
}

void cairo_show_text(cairo_t *cr, const char *text)
{
    (void)cr;
    const struct point at = pen.n ? pen.at[pen.n - 1] : (struct point){ 0 };
    put("text %.3g at %.2f %.2f ", pen.size, at.x, at.y);
    put_colour();
    put(": %s\n", text);
    pen.n = 0;
}

void cairo_text_extents(cairo_t *cr, const char *text, cairo_text_extents_t *out)
{
    (void)cr;
    int letters = 0;
    for (; *text; text++)
        letters += (*text & 0xc0) != 0x80;
    *out = (cairo_text_extents_t){ .width = letters * pen.size / 2, .height = pen.size, .x_advance = letters * pen.size / 2 };
}

/* --- how it is drawn ------------------------------------------------------------------------------------------------------- */

void cairo_set_source_rgba(cairo_t *cr, double r, double g, double b, double a)
{
    (void)cr;
    pen.r = r, pen.g = g, pen.b = b, pen.a = a;
}

void cairo_set_source_rgb(cairo_t *cr, double r, double g, double b)
{
    cairo_set_source_rgba(cr, r, g, b, 1);
}

void cairo_set_line_width(cairo_t *cr, double width)
{
    (void)cr;
    pen.width = width;
}

void cairo_set_line_join(cairo_t *cr, cairo_line_join_t join)
{
    (void)cr;
    pen.join = (int)join;
}

void cairo_set_dash(cairo_t *cr, const double *dash, int n, double offset)
{
    (void)cr;
    (void)offset;
    pen.dashes = n < 4 ? n : 4;
    for (int i = 0; i < pen.dashes; i++)
        pen.dash[i] = dash[i];
}

void cairo_set_font_size(cairo_t *cr, double size)
{
    (void)cr;
    pen.size = size;
}

void cairo_select_font_face(cairo_t *cr, const char *family, cairo_font_slant_t slant, cairo_font_weight_t weight)
{
    (void)cr;
    put("font %s %d %d\n", family, (int)slant, (int)weight);
}

void cairo_save(cairo_t *cr)
{
    (void)cr;
    put("save\n");
}

void cairo_restore(cairo_t *cr)
{
    (void)cr;
    put("restore\n");
}

void cairo_translate(cairo_t *cr, double x, double y)
{
    (void)cr;
    put("translate %.2f %.2f\n", x, y);
}

void cairo_rotate(cairo_t *cr, double angle)
{
    (void)cr;
    put("rotate %.4f\n", angle);
}

void cairo_scale(cairo_t *cr, double x, double y)
{
    (void)cr;
    put("scale %.4f %.4f\n", x, y);
}

/* --- pages ------------------------------------------------------------------------------------------------------------------ */

/* None of them is looked at: there is one page. */
cairo_t *cairo_create(cairo_surface_t *surface)
{
    (void)surface;
    return (cairo_t *)&pen;
}

cairo_surface_t *cairo_svg_surface_create_for_stream(cairo_write_func_t to, void *ctx, double width, double height)
{
    pen = (struct pen){ .put = to, .to = ctx };
    put("page %.6g x %.6g\n", width, height);
    return (cairo_surface_t *)&pen;
}

cairo_surface_t *cairo_image_surface_create(cairo_format_t format, int width, int height)
{
    pen = (struct pen){ .n = 0 };
    fprintf(stderr, "picture %d x %d, format %d\n", width, height, (int)format);
    return (cairo_surface_t *)&pen;
}

cairo_status_t cairo_surface_write_to_png_stream(cairo_surface_t *surface, cairo_write_func_t to, void *ctx)
{
    (void)surface;
    return to(ctx, (const unsigned char *)"PNG\n", 4);
}

cairo_status_t cairo_status(cairo_t *cr)
{
    (void)cr;
    return CAIRO_STATUS_SUCCESS;
}

cairo_status_t cairo_surface_status(cairo_surface_t *surface)
{
    (void)surface;
    return CAIRO_STATUS_SUCCESS;
}

void cairo_destroy(cairo_t *cr)
{
    (void)cr;
}

void cairo_surface_finish(cairo_surface_t *surface)
{
    (void)surface;
}

void cairo_surface_destroy(cairo_surface_t *surface)
{
    (void)surface;
}

#endif
