/* tui/curves.h - the lower half of the curvature pane: spectral densities (esd.c), slices and Theorem 2 (slices.c), readings
 * (readings.c). */
#ifndef TUI_CURVES_H
#define TUI_CURVES_H

#include "tui/screen.h"

/* --- esd.c --- */
void esd_recalc(struct screen *s, int cols, bool groups); /* groups: one of each group, else the selected class */
void esd_paint(const struct screen *s, struct area a);
bool esd_has_groups(const struct screen *s);              /* spectra of at least two groups are known */
const struct history_eig *esd_class_source(const struct screen *s);
/* A rule with a title over the first row; returns the column after it. `next` names what v would show, "" = nothing. */
void curves_rule(struct area a, const char *title, const char *next);
/* An axis in `row` from column `left` on, with ticks at round numbers and their labels in the row below. */
void curves_axis(struct area a, int left, int row, double low, double high);

/* --- slices.c --- */
enum { CURVES_LABELS = 9 };
/* Values from high in the first of `rows` to low in the last, and a rule right of them, in the first CURVES_LABELS columns. */
void curves_values(struct area a, double low, double high, int rows);
void slice_paint(const struct screen *s, struct area a);
void cnc_paint(const struct screen *s, struct area a);
void cnc_text(const struct history *h, const struct history_cnc *c, struct buf *out); /* the table, a line for each row */
const struct history_slice *slice_source(const struct screen *s);
const struct history_cnc *cnc_source(const struct screen *s);

/* --- readings.c --- */
void reading_paint(const struct screen *s, struct area a);

/* --- curvature.c --- */
bool curves_available(const struct screen *s, enum curve_view view);
enum curve_view curves_shown(const struct screen *s);
const char *curves_next_name(const struct screen *s);    /* what v would show, or "" */

#endif
