#include "config.h"
#include "kernels/cpu/criterion.h"

#include <math.h>

/* Influence-balanced loss (struct ib_coef in kernels/criterion.h). Written by logarithms of the factor: with
 *   u = d F + floor,  a = alpha/u,  L = a v:   dL = a dv - L du/u,   du = F dd + d dF,   dd/da_j = 2 p_y (p_j - e_j). */

static double sign(double x)
{
    return x > 0 ? 1 : x < 0 ? -1 : 0;
}

struct influence {
    double own, d, f, u, a;
};

static struct influence influence_of(const struct row *r)
{
    struct influence k = { .own = r->p[r->label] };
    double others = 0;
    for (int j = 0; j < r->classes; j++)
        if (j != r->label)
            others += r->p[j];
    for (int i = 0; i < r->features; i++)
        k.f += fabs(r->feature[i]);
    k.d = 2 * others;
    k.u = k.d * k.f + (double)r->criterion->ib.floor;
    k.a = (double)r->criterion->ib.alpha / k.u;
    return k;
}

static double value(const struct row *r, float *g, double *g_feature)
{
    const float *scale = r->criterion->coef.scale;
    const bool through = !r->criterion->ib.detached;
    const struct loss_point at = softmax_at(r);
    const struct influence k = influence_of(r);
    const double loss = k.a * at.value, share = through ? loss / k.u : 0;
    const double slope = k.a * at.d1 - share * k.f * 2 * k.own;
    for (int j = 0; g && j < r->classes; j++)
        g[j] += (float)((double)scale[j] * r->factor * slope * (r->p[j] - (j == r->label)));
    for (int i = 0; g && through && i < r->features; i++)
        g_feature[i] -= r->factor * share * k.d * sign(r->feature[i]);
    return loss;
}

static void product(const struct row *r, const float *rx, const double *r_feature, double *ra, float *rg, double *rg_feature)
{
    const float *scale = r->criterion->coef.scale;
    const bool through = !r->criterion->ib.detached;
    const struct loss_point at = softmax_at(r);
    const struct influence k = influence_of(r);
    double mean = 0, rf = 0;
    for (int j = 0; j < r->classes; j++) {
        ra[j] = (double)scale[j] * (double)rx[j];
        mean += r->p[j] * ra[j];
    }
    for (int i = 0; i < r->features; i++)
        rf += sign(r->feature[i]) * r_feature[i];
    const double rc = mean - ra[r->label], r_own = -k.own * rc, rd = -2 * r_own;
    double slope = k.a * at.d1, r_slope = k.a * at.d2 * rc, r_push = 0;
    if (through) {
        const double fall = (rd * k.f + k.d * rf) / k.u, share = k.a * at.value / k.u; /* R{u}/u; L/u */
        const double r_share = k.a * at.d1 * rc / k.u - 2 * share * fall;
        slope -= share * k.f * 2 * k.own;
        r_slope -= fall * k.a * at.d1 + 2 * (r_share * k.f * k.own + share * (rf * k.own + k.f * r_own));
        r_push = r_share * k.d + share * rd;
    }
    for (int j = 0; j < r->classes; j++) {
        const double away = r->p[j] - (j == r->label);
        rg[j] += (float)((double)scale[j] * r->factor * (slope * r->p[j] * (ra[j] - mean) + r_slope * away));
    }
    for (int i = 0; i < r->features; i++)
        rg_feature[i] -= r->factor * r_push * sign(r->feature[i]);
}

const struct cpu_criterion cpu_ib = { value, product };
