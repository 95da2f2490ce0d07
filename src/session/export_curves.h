/* session/export_curves.h - what was measured of curvature, as tables and figures. Works on a fold; writes to a stream; no
 * thread of its own. */
#ifndef SESSION_EXPORT_CURVES_H
#define SESSION_EXPORT_CURVES_H

#include <stdbool.h>
#include <stdio.h>

#include "session/history.h"

struct err;

enum curves_what { CURVES_OF_SPECTRA, CURVES_OF_DENSITY, CURVES_OF_LAMBDA, CURVES_OF_SLICES, CURVES_OF_CNC, CURVES_OF_READINGS, CURVES_WHATS };
extern const char *const curves_what_names[CURVES_WHATS];

struct curves_request {
    enum curves_what what;
    bool reference;      /* densities as the reference smooths them (methods 7.7) */
    double epoch;        /* nothing of weights after it; INFINITY = all */
    const bool *classes; /* [n_classes]; NULL = the watched ones that were probed, else every one that was */
};

/* A comma-separated table with a header line. Each row carries step, epoch, class, images, subset hash, products and bounds of
 * what it was taken from. ERR_INVALID when nothing of the kind was recorded. */
int curves_put_csv(FILE *out, const struct history *h, const struct curves_request *q, struct err *err);

/* A figure with the paper's axes: spectra or density, lambda, slices. ERR_INVALID when there is nothing to draw, or when the
 * program was built without cairo. */
enum figure_format { FIGURE_SVG, FIGURE_PNG };
bool figure_possible(void);
int figure_put(FILE *out, const struct history *h, const struct curves_request *q, enum figure_format format, struct err *err);

/* --- shared by tables and figures --- */
enum { CURVES_MOST = 10 };
bool curves_wanted(const struct history *h, const struct curves_request *q, uint32_t class, double epoch);
/* The latest spectrum of each wanted class, in the order of classes; how many. */
int curves_spectra(const struct history *h, const struct curves_request *q, const struct history_eig *out[CURVES_MOST]);
/* The latest slice of each wanted class and direction. */
int curves_slices(const struct history *h, const struct curves_request *q, const struct history_slice *out[CURVES_MOST]);
bool curves_reading_wanted(const struct curves_request *q, const struct history_reading *r);
int curves_nothing(const struct curves_request *q, struct err *err); /* the error that says so */

#endif
