/* tui/compare.h - the screen of a comparison (session/comparison.h): several runs on one axis of epochs, in panes of the same kind as
 * those of one run. They are painted when screen.view.comparison is there. */
#ifndef TUI_COMPARE_H
#define TUI_COMPARE_H

#include "tui/screen.h"
#include "tui/widgets.h"

extern const struct pane *const compare_table[PANE_COUNT]; /* NULL: no pane stands in that place */
extern const struct pane pane_compared_runs, pane_compared_traces, pane_compared_classes, pane_compared_density;

/* --- compare.c --- */
void compare_begin(struct screen *s);      /* of a frame: choices that the comparison does not have are replaced */
void compare_header(const struct screen *s, struct area a);
void compare_hints(struct area a, int col);
double compare_cursor(const struct screen *s); /* the shown epoch; INFINITY: the end */
char compare_letter(int run);              /* a, b ... */
unsigned compare_ink(const struct screen *s, int run);
enum plot_style compare_style(const struct screen *s, int run); /* the highlighted one is drawn strongest */

/* --- what keys do --- */
void compare_move(struct screen *s, int rows);        /* the highlighted run, or the selected class, as the focus is */
void compare_next_run(struct screen *s, int direction);
void compare_next_metric(struct screen *s, int direction);
void compare_seek(struct screen *s, double epoch);    /* INFINITY: the end */
void compare_step(struct screen *s, int direction);   /* to the value of the shown metric before or after, of any run */
void compare_epoch(struct screen *s, int direction);  /* to a whole epoch */
void compare_mark(struct screen *s, int direction);   /* to a mark, of any run */
bool compare_find(struct screen *s, const char *text, int direction);

/* --- compare_classes.c --- */
void compare_gains(struct screen *s);                 /* of a frame: how the classes are ordered */
void compare_select(struct screen *s, int rows);      /* moves the selection */

#endif
