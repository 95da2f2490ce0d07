/* session/figure_panels.h - figures of several runs for a paper, in the style of the others (session/export_curves.h): densities of classes in
 * panels A, B ... on shared axes; and accuracies, published ones beside ours. */
#ifndef SESSION_FIGURE_PANELS_H
#define SESSION_FIGURE_PANELS_H

#include "session/export_curves.h"

enum { FIGURE_PANELS_ACROSS = 4, FIGURE_PANELS_DOWN = 4 };

struct figure_panels { /* borrows */
    const char *title;
    int n_runs, n_classes;
    const struct history *run[FIGURE_PANELS_DOWN]; /* NULL: it is not there, its panels are empty */
    const char *label[FIGURE_PANELS_DOWN];
    int class[FIGURE_PANELS_ACROSS];
};
/* A panel for each class of each run: its latest spectrum, with loss, both ends and the share of the density below 0. ERR_INVALID when there is none,
 * or when the program was built without cairo. */
int figure_panels_put(FILE *out, const struct figure_panels *p, enum figure_format format, struct err *err);

struct figure_points_row {
    const char *label, *panel; /* panel: of a figure over rho, the one that it is in; a literal or borrowed */
    double rho;                /* of a figure over rho: NaN is a level across */
    double published[2], ours[2], deviation[2]; /* all classes, tail; %; NaN: not known */
};
struct figure_points {
    const char *title;
    int n;
    const struct figure_points_row *row;
};
/* A line for each row: open marks are published, filled ones ours with their deviation. */
int figure_points_put(FILE *out, const struct figure_points *p, enum figure_format format, struct err *err);

/* The same over rho, in a panel for each set of images (2 at most): open marks are published, filled ones on curves ours. */
int figure_radii_put(FILE *out, const struct figure_points *p, enum figure_format format, struct err *err);

/* The share of a spectrum's density below 0, without the bulk at 0 (methods 7.4). */
double figure_share_below(const struct history_eig *e);

#endif
