/* base/spread.h - mean and sample deviation of numbers that come one by one, as of a run's seeds. Any thread. */
#ifndef BASE_SPREAD_H
#define BASE_SPREAD_H

struct spread { /* { 0 }: of none */
    int n;
    double mean, squares; /* squares: of the differences from the mean, summed */
};

/* One number more. NaN and infinities count for nothing. */
void spread_add(struct spread *s, double value);

double spread_mean(const struct spread *s);      /* NaN: of none */
double spread_deviation(const struct spread *s); /* by n - 1; NaN: of fewer than two */

#endif
