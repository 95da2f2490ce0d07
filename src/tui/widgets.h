/* tui/widgets.h - bars, sparklines and line plots on a canvas. Pure painters: no allocation, no sampling. */
#ifndef TUI_WIDGETS_H
#define TUI_WIDGETS_H

#include <stdbool.h>
#include <stddef.h>

#include "tui/canvas.h"
#include "tui/glyphs.h"

/* share 0..1 of `cols` cells, in eighths; the rest is dots. NaN: blank. */
void widget_bar(struct area a, int row, int col, int cols, double share, unsigned ink);

struct spark { /* a row of cells: the lowest block at low, a full one at high */
    struct area area;
    int row, col, cols;
    double low, high;
    unsigned ink;
};

/* NaN: blank. */
void widget_spark_cell(const struct spark *s, int cell, double value);

/* n values left-aligned in the cells; when n > cols each cell is the mean of `stride` values, stride the smallest that
 * fits, so that cells already drawn hold still until it grows. get(ctx, i) may return NaN (skipped). */
void widget_sparkline(const struct spark *s, int n, double (*get)(const void *ctx, int i), const void *ctx);
int widget_spark_stride(int n, int cols);

/* The cell for the letter of a mark in a row of `width` cells: its own, or when another letter has it the nearest free one, right before
 * left, at most four away; -1 = none. `taken` begins as zeros. */
enum { MARK_ROW_MAX = 1024 };
int mark_place(uint32_t taken[MARK_ROW_MAX / 32], int width, int col);

/* A plot: a raster of dots, 2x4 in a cell with braille, 1x2 with blocks, 1x1 in ASCII. */

enum plot_style { PLOT_SOLID, PLOT_DASHED, PLOT_DOTTED, PLOT_STYLES, PLOT_STRONG = PLOT_STYLES };
struct plot {
    struct area area;
    enum glyph_mode mode;
    int width, height;        /* dots */
    int last_x, last_y0, last_y1; /* for joining columns */
    unsigned ink;
    char letter;              /* of a dot in ASCII; '*' unless set after plot_begin() */
    enum plot_style style;
    int run;                  /* dots along the line so far, for dashes */
};
void plot_begin(struct plot *p, struct area a, enum glyph_mode mode, unsigned ink);
/* Lines that are told apart without colour: by dashes, in ASCII by their letters o + . and # of the strong one, which is twice as thick
 * elsewhere. */
void plot_set_style(struct plot *p, enum plot_style style);
/* Column x (dots from the left) from share low to share high of the height (0 bottom .. 1 top), joined to the column before. */
void plot_column(struct plot *p, int x, double low, double high);
void plot_gap(struct plot *p); /* the next column is not joined */
struct plot_scale { /* what the left, right, lower and upper edge are */
    double x0, x1, y0, y1;
};
struct plot_point {
    double x, y, low, high; /* what the point stands for reaches from low to high */
};
struct plot_data {
    size_t n;
    bool (*get)(const void *ctx, size_t i, struct plot_point *out); /* ascending x; false: it is passed over */
    const void *ctx;
};
/* Points joined by straight lines; where several fall into a column, from the lowest to the highest. Nothing is drawn outside of x0..x1. */
void plot_points(struct plot *p, const struct plot_scale *k, const struct plot_data *d);
/* Lowest and highest of the values between x0 and x1; false: there is none. */
bool plot_range(const struct plot_data *d, struct plot_scale *k);
int plot_row(const struct plot *p, double share); /* the cell's row of a share of the height */

/* Numbers in few columns: "0.41", "245.5", "1e-3", "4.1k". `out` holds at least 16 bytes; width >= 4. */
void format_short(char *out, double value, int width);
/* Numbers as the header and the panes show them. */
void format_eig(char *out, double value); /* -0.04, 245.5, -3e-5 */
void format_signed(char *out, double value, int width, int decimals);
void format_duration(char *out, double seconds); /* 02:14, 1:02:14, 3d04h; "--:--" for NaN */
void format_grouped(char *out, unsigned long long value); /* 15 830 */

#endif
