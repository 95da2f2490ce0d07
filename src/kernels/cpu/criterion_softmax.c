#include "config.h"
#include "kernels/cpu/criterion.h"

#include <math.h>

/* Softmax cross-entropy over adjusted outputs, plain or focal (struct loss_coef in kernels/criterion.h). */

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

struct loss_point softmax_at(const struct row *r)
{
    const struct loss_coef *c = &r->criterion->coef;
    const int y = r->label;
    double *p = r->p, top = -INFINITY, sum = 0;
    for (int j = 0; j < r->classes; j++) {
        p[j] = (double)c->scale[j] * (double)r->x[j] + (double)c->shift[j] - (j == y ? (double)c->margin[j] : 0);
        if (!(p[j] <= top)) /* lets a NaN through */
            top = p[j];
    }
    double at_y = p[y] - top;
    for (int j = 0; j < r->classes; j++) {
        p[j] = exp(p[j] - top);
        sum += p[j];
    }
    for (int j = 0; j < r->classes; j++)
        p[j] /= sum;
    double weight = c->weight[y], l = weight * (log(sum) - at_y);
    struct loss_point at = { .value = l, .d1 = weight, .d2 = 0 };
    if (c->focal && !isnan(l))
        focal(&at, l, c->gamma, weight);
    return at;
}

static double value(const struct row *r, float *g, double *g_feature)
{
    const struct loss_point at = softmax_at(r);
    (void)g_feature;
    for (int j = 0; g && j < r->classes; j++)
        g[j] += (float)((double)r->criterion->coef.scale[j] * r->factor * at.d1 * (r->p[j] - (j == r->label)));
    return at.value;
}

static void product(const struct row *r, const float *rx, const double *r_feature, double *ra, float *rg, double *rg_feature)
{
    const float *scale = r->criterion->coef.scale;
    const struct loss_point at = softmax_at(r);
    double mean = 0;
    (void)r_feature;
    (void)rg_feature;
    for (int j = 0; j < r->classes; j++) {
        ra[j] = (double)scale[j] * (double)rx[j];
        mean += r->p[j] * ra[j];
    }
    double rl = mean - ra[r->label];
    for (int j = 0; j < r->classes; j++) {
        double d = at.d2 * rl * (r->p[j] - (j == r->label)) + at.d1 * r->p[j] * (ra[j] - mean);
        rg[j] += (float)((double)scale[j] * r->factor * d);
    }
}

const struct cpu_criterion cpu_softmax = { value, product };
