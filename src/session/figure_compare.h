/* session/figure_compare.h - runs beside each other as a figure. Works on a comparison; writes to a stream; no thread of its own. */
#ifndef SESSION_FIGURE_COMPARE_H
#define SESSION_FIGURE_COMPARE_H

#include <stdio.h>

#include "session/comparison.h"
#include "session/export_curves.h"

/* Each metric in a panel of its own, at most six, every run with a colour, a dash and its name at the end of its curve, and a letter on it
 * where a knob was changed; what two runs share is one curve. Or the densities of at most six classes. ERR_INVALID when there is
 * nothing to draw or too much, or when the program was built without cairo. */
int comparison_draw(FILE *out, struct comparison *c, const struct comparison_view *view, enum figure_format format, struct err *err);

#endif
