/* tui/curves.h - what the lower half of the curvature pane can show: views of one kind. Spectral densities (esd.c), slices and Theorem 2
 * (slices.c), readings (readings.c), and for every other measurement of events.def a table (results.c). */
#ifndef TUI_CURVES_H
#define TUI_CURVES_H

#include "tui/screen.h"

struct curves {
    const char *name;      /* NULL: the measurement's */
    enum measure measure;  /* whose news bring it to the front, spectra aside */
    bool (*has)(const struct screen *s);           /* something to show; NULL: when there is a result of the measurement */
    void (*recalc)(struct screen *s, int cols);    /* may be NULL */
    void (*paint)(const struct screen *s, struct area a);
    void (*detail)(const struct history *h, int class, struct buf *out); /* lines of a class's own page; may be NULL */
};
extern const struct curves view_spectra, view_spectrum, view_slice, view_cnc, view_reading;

/* --- curvature.c --- */
const char *curves_name(int view);                       /* 0..CURVES_COUNT-1 */
int curves_shown(const struct screen *s);                /* the chosen one, or the next that has something to show */
const char *curves_next_name(const struct screen *s);    /* what v would show, or "" */
void curves_detail(const struct history *h, int class, struct buf *out); /* of all views */

/* --- for views --- */
/* A rule with a title over the first row, and the name of what v would show. */
void curves_rule(const struct screen *s, struct area a, const char *title);
/* An axis in `row` from column `left` on, with ticks at round numbers and their labels in the row below. */
void curves_axis(struct area a, int left, int row, double low, double high);
enum { CURVES_LABELS = 9 };
/* Values from high in the first of `rows` to low in the last, and a rule right of them, in the first CURVES_LABELS columns. */
void curves_values(struct area a, double low, double high, int rows);
enum { CURVES_DECADES = 6, CURVES_DECADE_LABELS = 7 };
/* Whole powers of ten below 10^top, each where it lies and every so many that a row is free between two, and a rule right of them, in the
 * first CURVES_DECADE_LABELS columns. */
void curves_decades(struct area a, double top, int rows);
const struct history_result *curves_source(const struct screen *s, enum measure measure); /* of the selected class, else the newest */
/* A table of the newest result of each class, or of the network. */
void results_paint(const struct screen *s, struct area a, const struct measure_info *m);
void results_detail(const struct history *h, int class, const struct measure_info *m, struct buf *out);

#endif
