#include "config.h"
#include "session/density.h"

#include <math.h>

#include "session/history.h"

struct density_nodes density_of(const struct history_eig *e)
{
    return (struct density_nodes){ e->nodes, e->wts, e->n_nodes, e->runs };
}

static double total_weight(const struct density_nodes *d)
{
    double sum = 0;
    for (uint32_t i = 0; i < d->n; i++)
        sum += d->wt[i];
    return sum > 0 ? sum : 1;
}

int density_range(const struct density_nodes *source, int n, double share, double *low, double *high)
{
    double first = INFINITY, last = -INFINITY;
    for (int i = 0; i < n; i++)
        if (source[i].n) {
            first = fmin(first, source[i].node[0]);
            last = fmax(last, source[i].node[source[i].n - 1]);
        }
    if (!(last >= first) || !isfinite(last - first))
        return 0;
    double margin = (last - first) * share;
    if (!(last - first > 1e-9 * fmax(fabs(first), fabs(last)))) /* a single value */
        margin = fmax(1e-9, 0.05 * fabs(last));
    *low = first - margin;
    *high = last + margin;
    return 1;
}

double density_sigma(const struct density_nodes *d, uint32_t i, double cell)
{
    uint32_t runs = d->runs ? d->runs : 1, last = d->n - 1, steps = d->n / runs;
    uint32_t a = i > runs ? i - runs : 0, b = last - i > runs ? i + runs : last;
    double range = d->node[last] - d->node[0];
    /* runs are mixed: the neighbour of the same run is, on average, `runs` places away */
    double mean = range / (steps > 1 ? steps : 1), gap = b > a ? (d->node[b] - d->node[a]) * runs / (b - a) : mean;
    return fmax(0.5 * fmin(gap, mean), 0.6 * cell);
}

void density_resolved(const struct density_nodes *d, double low, double high, int cells, double *out)
{
    double cell = (high - low) / cells, sum = total_weight(d);
    for (int k = 0; k < cells; k++)
        out[k] = 0;
    for (uint32_t i = 0; i < d->n; i++) {
        double sigma = density_sigma(d, i, cell), reach = 8 * sigma, scale = d->wt[i] / (sum * cell);
        double from = fmax(0, floor((d->node[i] - reach - low) / cell)), to = fmin(cells, ceil((d->node[i] + reach - low) / cell));
        double below = 0.5 * erfc(-(low + from * cell - d->node[i]) / (sigma * M_SQRT2));
        for (int k = (int)from; k < (int)to; k++) {
            double above = 0.5 * erfc(-(low + (k + 1) * cell - d->node[i]) / (sigma * M_SQRT2));
            out[k] += scale * (above - below);
            below = above;
        }
    }
}

void density_reference(const struct density_nodes *d, int points, double *low, double *high, double *out)
{
    for (int k = 0; k < points; k++)
        out[k] = 0;
    *low = *high = 0;
    if (d->n == 0)
        return;
    *low = d->node[0] - 0.01;
    *high = d->node[d->n - 1] + 0.01;
    double step = (*high - *low) / (points - 1), var = 1e-5 * fmax(1, *high - *low), sum = 0;
    for (uint32_t i = 0; i < d->n; i++) {
        double reach = sqrt(2 * var * 60), scale = d->wt[i] / sqrt(2 * M_PI * var); /* e^-60: nothing beside the plot's 1e-7 */
        double from = fmax(0, ceil((d->node[i] - reach - *low) / step)), to = fmin(points - 1, floor((d->node[i] + reach - *low) / step));
        for (int k = (int)from; k <= (int)to; k++) {
            double z = *low + k * step - d->node[i];
            out[k] += scale * exp(-z * z / (2 * var));
        }
    }
    for (int k = 0; k < points; k++)
        sum += out[k];
    for (int k = 0; k < points && sum > 0; k++)
        out[k] /= sum * step;
}
