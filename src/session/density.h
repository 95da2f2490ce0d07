/* session/density.h - from quadrature nodes to a spectral density: the one place where its smoothing is decided, for screen and
 * exports alike. Pure; any thread.
 *
 * Stochastic Lanczos quadrature knows a spectrum as nodes and weights (methods 7.4). Two ways to draw it:
 *
 * resolved    The default: as wide as the knowledge, no wider. Each node becomes a normal distribution. Its standard deviation is
 *             half the distance to its neighbours of the same run, because equal distributions two deviations apart add up to a flat
 *             line (1.4 % ripple) and closer detail is not known; at most half the mean distance (range / steps), so that an
 *             eigenvalue far from the others stays a peak of its own; at least 0.6 of a cell of what it is drawn on. Values are
 *             means over cells, so their sum times the cell's width is the mass between the ends whatever the widths.
 * reference   Methods 7.7: 10000 points from the smallest node - 0.01 to the largest + 0.01, one variance 1e-5 * max(1, range) for
 *             every node, then divided by the Riemann sum. The recording holds the nodes of all runs together, so the ends are those
 *             of all runs, not the mean of each run's; with one run, and in the weights of a node, there is no difference. */
#ifndef SESSION_DENSITY_H
#define SESSION_DENSITY_H

#include <stdint.h>

enum { DENSITY_REFERENCE_POINTS = 10000 };

struct density_nodes {        /* borrowed */
    const double *node, *wt;  /* [n] ascending, finite; weights >= 0 of any sum */
    uint32_t n, runs;         /* start vectors; 0 counts as 1 */
};
struct history_eig;

/* Those of a measured spectrum, which lends them. */
struct density_nodes density_of(const struct history_eig *e);

/* Smallest and largest node of all sources with a margin of `share` of the range on either side; never an empty range. false
 * when no source has a node. */
int density_range(const struct density_nodes *source, int n, double share, double *low, double *high);

/* Standard deviation of node i in cells of width `cell`. */
double density_sigma(const struct density_nodes *d, uint32_t i, double cell);

/* out[cells]: mean density over each cell of low..high. */
void density_resolved(const struct density_nodes *d, double low, double high, int cells, double *out);

/* out[points] at low + i * (high - low) / (points - 1); fills *low and *high. Zeros when there is no node. */
void density_reference(const struct density_nodes *d, int points, double *low, double *high, double *out);

#endif
