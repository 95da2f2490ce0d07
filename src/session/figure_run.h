/* session/figure_run.h - figures of a run as its panes show it, in the style of the others (session/export_curves.h). */
#ifndef SESSION_FIGURE_RUN_H
#define SESSION_FIGURE_RUN_H

#include "session/export_curves.h"

enum { FIGURE_ACC, FIGURE_LOSS, FIGURE_TRACES, FIGURE_CONFUSION, FIGURE_RUNS };
const char *figure_run_name(int i); /* the word behind --what */

/* Up to that epoch; INFINITY: all. Every curve has a line in the legend, changes of rho, lr, re-weighting and forks their letters. ERR_INVALID when there is
 * nothing to draw, or when the program was built without cairo. */
int figure_run_put(FILE *out, const struct history *h, int what, double epoch, enum figure_format format, struct err *err);

#endif
