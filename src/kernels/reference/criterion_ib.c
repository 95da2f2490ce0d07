#include "config.h"
#include "kernels/reference/reference.h"

#include <math.h>

/* Influence-balanced loss (struct ib_coef in kernels/criterion.h): v = phi(l), l = w CE; L = a v.
 * With F = |f|_1 and d = |p - e|_1:
 *   dL/dx_j = scale_j kappa (p_j - e_j),  kappa = a phi' w - 2 v a^2 F p_y / alpha
 *   dL/df_k = -tau sign f_k,              tau = v a^2 d / alpha
 * and detached kappa = a phi' w, tau = 0. */

struct factor {
    double p, d, f; /* p_y, |p - e|_1, |f|_1 */
    double a;
};

static double sign(double x)
{
    return (x > 0) - (x < 0);
}

/* |p - e|_1 is twice what the other classes have: 1 - p_y would lose its digits near p_y = 1. */
static struct factor factor_of(const struct ref_row *r)
{
    struct factor k = { .p = r->p[r->label] };
    for (int j = 0; j < r->classes; j++)
        k.d += j == r->label ? 0 : 2 * r->p[j];
    for (int i = 0; i < r->features; i++)
        k.f += fabs(r->feature[i]);
    k.a = (double)r->criterion->ib.alpha / (k.d * k.f + (double)r->criterion->ib.floor);
    return k;
}

static double row(const struct ref_row *r, bool want_gradient, double *g, double *g_feature)
{
    const double alpha = r->criterion->ib.alpha;
    const bool through = !r->criterion->ib.detached;
    const struct ref_sample s = ref_softmax_sample(r);
    const struct factor k = factor_of(r);
    if (!want_gradient)
        return k.a * s.value;
    double kappa = k.a * s.slope * r->coef->weight[r->label];
    if (through)
        kappa -= 2 * s.value * k.a * k.a * k.f * k.p / alpha;
    for (int j = 0; j < r->classes; j++)
        g[j] += kappa / r->divisor * r->coef->scale[j] * (r->p[j] - (j == r->label));
    for (int i = 0; through && i < r->features; i++)
        g_feature[i] -= sign(r->feature[i]) * s.value * k.a * k.a * k.d / alpha / r->divisor;
    return k.a * s.value;
}

/* The derivatives of everything that moves along the direction. */
struct moving {
    double mean, loss;      /* sum_j p_j R{a_j}; R{l} */
    double value;           /* R{v} */
    double p, d, f, a;      /* of struct factor */
};

static struct moving moving_of(const struct ref_row *r, const struct factor *k, const struct ref_sample *s,
                               const double *r_logit, const double *r_feature)
{
    struct moving m = { .mean = 0 };
    for (int j = 0; j < r->classes; j++)
        m.mean += r->p[j] * r->coef->scale[j] * r_logit[j];
    const double r_cross = m.mean - (double)r->coef->scale[r->label] * r_logit[r->label]; /* R{CE} = -R{log p_y} */
    m.loss = r->coef->weight[r->label] * r_cross;
    m.value = s->slope * m.loss;
    m.p = -k->p * r_cross;
    m.d = -2 * m.p;
    for (int i = 0; i < r->features; i++)
        m.f += sign(r->feature[i]) * r_feature[i];
    m.a = -k->a * k->a / (double)r->criterion->ib.alpha * (m.d * k->f + k->d * m.f);
    return m;
}

static void product(const struct ref_row *r, const double *r_logit, const double *r_feature, double *r_g, double *r_g_feature)
{
    const double alpha = r->criterion->ib.alpha, w = r->coef->weight[r->label];
    const bool through = !r->criterion->ib.detached;
    const struct ref_sample s = ref_softmax_sample(r);
    const struct factor k = factor_of(r);
    const struct moving m = moving_of(r, &k, &s, r_logit, r_feature);
    const double square = k.a * k.a, r_square = 2 * k.a * m.a;
    double kappa = k.a * s.slope * w, r_kappa = k.a * s.bend * m.loss * w, r_tau = 0;
    if (through) {
        kappa -= 2 * s.value * square * k.f * k.p / alpha;
        r_kappa += m.a * s.slope * w - 2 / alpha * (m.value * square * k.f * k.p + s.value * r_square * k.f * k.p +
                                                    s.value * square * m.f * k.p + s.value * square * k.f * m.p);
        r_tau = (m.value * square * k.d + s.value * r_square * k.d + s.value * square * m.d) / alpha;
    }
    for (int j = 0; j < r->classes; j++) {
        const double p = r->p[j], rp = p * ((double)r->coef->scale[j] * r_logit[j] - m.mean);
        r_g[j] += r->coef->scale[j] / r->divisor * (rp * kappa + (p - (j == r->label)) * r_kappa);
    }
    for (int i = 0; i < r->features; i++)
        r_g_feature[i] -= sign(r->feature[i]) * r_tau / r->divisor;
}

const struct ref_criterion ref_ib = { row, product };
