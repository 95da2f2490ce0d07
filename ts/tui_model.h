/* A made-up history for the screen's tests: the long-tailed CIFAR-10 run of 200 epochs, 163.2 of them done. */
#ifndef TESTS_TUI_MODEL_H
#define TESTS_TUI_MODEL_H

#include "tui/screen.h"

struct model {
    struct history h;
    struct knobs knobs;
    struct host host;
    struct screen s;
    struct canvas c;
};

/* classes: 10 gives the run with curvature and confusions; more gives a long tail of that many. 0: nothing yet. */
void model_init(struct model *m, int n_classes);
void model_probe(struct model *m, int class); /* a probe of it is under way */
void model_release(struct model *m);
/* Paints at a size and returns the text (free()). */
char *model_paint(struct model *m, int rows, int cols, bool utf8, enum glyph_mode glyphs);

#endif
