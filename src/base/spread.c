#include "config.h"
#include "base/spread.h"

#include <math.h>

/* Welford's way: numbers that lie close together, far from zero, keep their digits. */
void spread_add(struct spread *s, double value)
{
    if (!isfinite(value))
        return;
    const double off = value - s->mean;
    s->n++;
    s->mean += off / s->n;
    s->squares += off * (value - s->mean);
}

double spread_mean(const struct spread *s)
{
    return s->n ? s->mean : NAN;
}

double spread_deviation(const struct spread *s)
{
    return s->n > 1 ? sqrt(s->squares / (s->n - 1)) : NAN;
}
