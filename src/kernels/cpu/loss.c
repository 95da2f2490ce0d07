#include "config.h"
#include "kernels/cpu/loss.h"

#include <math.h>

/* phi(l) = (1 - exp(-l))^gamma l and two derivatives, times the class weight where the chain rule wants it. */
static void focal(struct loss_point *at, double l, double gamma, double weight)
{
    /* At l = 0 powers of u = 1 - exp(-l) below zero meet factors that vanish; a tiny l gives the limits. */
    l = fmax(l, 1e-30);
    double u = -expm1(-l), q = exp(-l);
    double power = pow(u, gamma), first = gamma == 0 ? 0 : gamma * pow(u, gamma - 1) * q;
    double second = gamma == 0 || gamma == 1 ? 0 : gamma * (gamma - 1) * pow(u, gamma - 2) * q * q;
    at->value = power * l;
    at->d1 = (power + l * first) * weight;
    at->d2 = (first * (2 - l) + l * second) * weight * weight;
}

struct loss_point loss_at(const struct loss_coef *c, int classes, const float *x, int y, double *p)
{
    double top = -INFINITY, sum = 0;
    for (int j = 0; j < classes; j++) {
        p[j] = (double)c->scale[j] * (double)x[j] + (double)c->shift[j] - (j == y ? (double)c->margin[j] : 0);
        if (!(p[j] <= top)) /* lets a NaN through */
            top = p[j];
    }
    double at_y = p[y] - top;
    for (int j = 0; j < classes; j++) {
        p[j] = exp(p[j] - top);
        sum += p[j];
    }
    for (int j = 0; j < classes; j++)
        p[j] /= sum;
    double weight = c->weight[y], l = weight * (log(sum) - at_y);
    struct loss_point at = { .value = l, .d1 = weight, .d2 = 0 };
    if (c->focal && !isnan(l))
        focal(&at, l, c->gamma, weight);
    return at;
}

void loss_gradient(const struct loss_coef *c, int classes, int y, const double *p, const struct loss_point *at,
                   double factor, float *g)
{
    for (int j = 0; j < classes; j++)
        g[j] = (float)((double)c->scale[j] * factor * at->d1 * (p[j] - (j == y)));
}

void loss_r_gradient(const struct loss_coef *c, int classes, int y, const double *p, const struct loss_point *at,
                     double factor, const float *rx, double *ra, float *rg)
{
    double mean = 0;
    for (int j = 0; j < classes; j++) {
        ra[j] = (double)c->scale[j] * (double)rx[j];
        mean += p[j] * ra[j];
    }
    double rl = mean - ra[y];
    for (int j = 0; j < classes; j++) {
        double r = at->d2 * rl * (p[j] - (j == y)) + at->d1 * p[j] * (ra[j] - mean);
        rg[j] = (float)((double)c->scale[j] * factor * r);
    }
}

bool loss_is_correct(int classes, const float *x, int y)
{
    for (int j = 0; j < classes; j++)
        if (!(j < y ? x[y] > x[j] : x[y] >= x[j]))
            return false;
    return true;
}
