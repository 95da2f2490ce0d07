/* session/figure_chart.h - a page's parts: pens, text, axes, curves, legends. Drawn by cairo; for the files figure*.c. Lengths are points
 * of 1/72 inch. */
#ifndef SESSION_FIGURE_CHART_H
#define SESSION_FIGURE_CHART_H

#include <cairo.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct history;
struct err;

enum { WIDTH = 461, HEIGHT = 317 }; /* of the usual page */

struct chart { /* a rectangle with axes; drawing is clipped to it */
    cairo_t *cr;
    double left, top, width, height; /* points */
    double x0, x1, y0, y1;
    bool log_y;                      /* y0, y1 are log10 */
};

/* The i-th colour and dash, as strong as alpha says; a grey, 0 black. */
void chart_pen(cairo_t *cr, int i, double alpha);
void chart_grey(cairo_t *cr, double shade, double width);
/* `share` of the text lies left of x. */
void chart_text_at(cairo_t *cr, double x, double y, double share, double size, const char *text);
/* A number with a true minus sign. */
void chart_minus(char *out, size_t size, const char *format, double value);
/* Places on the page. */
double chart_at_x(const struct chart *c, double x);
double chart_at_y(const struct chart *c, double y);
/* Frame, round ticks and labels; x_label NULL: no x axis. */
void chart_axes(const struct chart *c, const char *x_label, const char *y_label);
struct chart_line {
    int n; /* points */
    double (*x)(const void *ctx, int k), (*y)(const void *ctx, int k);
    const void *ctx;
};
/* Broken where y is not finite, with the i-th pen. */
void chart_curve(const struct chart *c, int i, double alpha, const struct chart_line *line);
void chart_legend(const struct chart *c, int i, int row, const char *text);
/* Changes of rho, the learning rate or re-weighting, forks and second stages: dotted lines, with the marks' letters above. */
void chart_marks(const struct chart *c, const struct history *h, bool letters);
void chart_dotted(const struct chart *c, double x);
void chart_title(cairo_t *cr, const struct history *h, const char *rest);

struct chart_page {
    double height; /* points */
    bool png;      /* 300 dots to the inch; else SVG */
    int (*draw)(cairo_t *cr, const void *ctx, struct err *err);
    const void *ctx;
};
/* Draws on a white page and writes it. */
int chart_put(FILE *out, const struct chart_page *page, struct err *err);

#endif
