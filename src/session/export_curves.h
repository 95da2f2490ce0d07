/* session/export_curves.h - what was measured of curvature, as tables and figures. Works on a fold; writes to a stream; no
 * thread of its own. */
#ifndef SESSION_EXPORT_CURVES_H
#define SESSION_EXPORT_CURVES_H

#include <stdbool.h>
#include <stdio.h>

#include "session/history.h"

struct err;

/* The choices of `--what`: three of spectra, then each other measurement of events.def by its verb. */
enum { CURVES_OF_SPECTRA, CURVES_OF_DENSITY, CURVES_OF_LAMBDA, CURVES_OWN };
enum { CURVES_WHATS = CURVES_OWN + MEASURES - 1 };
static inline int curves_of(enum measure m)
{
    return CURVES_OWN - 1 + (int)m; /* spectra are the first measurement */
}
static inline const struct measure_info *curves_measure(int what)
{
    return &measure_table[what < CURVES_OWN ? 0 : what - CURVES_OWN + 1];
}
const char *curves_what_name(int what);

struct curves_request {
    int what;            /* 0..CURVES_WHATS-1 */
    bool reference;      /* densities as the reference smooths them (methods 7.7) */
    double epoch;        /* nothing of weights after it; INFINITY = all */
    const bool *classes; /* [n_classes]; NULL = the watched ones that were probed, else every one that was */
};

/* A comma-separated table with a header line. Each row carries step, epoch, class, images, subset hash, products and bounds of
 * what it was taken from. ERR_INVALID when nothing of the kind was recorded. */
int curves_put_csv(FILE *out, const struct history *h, const struct curves_request *q, struct err *err);

/* A figure with the paper's axes: spectra or density, lambda, slices, readings. ERR_INVALID when there is nothing to draw, or when the
 * program was built without cairo. */
enum figure_format { FIGURE_SVG, FIGURE_PNG };
int figure_put(FILE *out, const struct history *h, const struct curves_request *q, enum figure_format format, struct err *err);

int figure_missing(struct err *err); /* a build without cairo says so */

/* --- shared by tables and figures --- */
enum { CURVES_MOST = 10 };
/* The class counts only where the measurement has one. */
bool curves_wanted(const struct history *h, const struct curves_request *q, uint32_t class, double epoch);
/* The latest spectrum of each wanted class, in the order of classes; how many. */
int curves_spectra(const struct history *h, const struct curves_request *q, const struct history_eig *out[CURVES_MOST]);
/* The latest slice of each wanted class and direction. */
int curves_slices(const struct history *h, const struct curves_request *q, const struct history_result *out[CURVES_MOST]);
int curves_nothing(const struct curves_request *q, struct err *err); /* the error that says so */

#endif
