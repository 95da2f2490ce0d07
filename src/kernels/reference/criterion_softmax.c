#include "config.h"
#include "kernels/reference/reference.h"

#include <math.h>

/* Softmax cross-entropy over adjusted outputs, plain or focal (struct loss_coef in kernels/criterion.h). */

/* p: softmax of the adjusted logits. */
static double softmax(const struct loss_coef *k, int classes, int label, const double *x, double *p)
{
    double top = -INFINITY, sum = 0, own = 0;
    for (int j = 0; j < classes; j++) {
        p[j] = (double)k->scale[j] * x[j] + k->shift[j] - (j == label ? (double)k->margin[j] : 0.0);
        own = j == label ? p[j] : own;
        top = p[j] > top ? p[j] : top;
    }
    for (int j = 0; j < classes; j++)
        sum += p[j] = exp(p[j] - top);
    for (int j = 0; j < classes; j++)
        p[j] /= sum;
    return log(sum) - (own - top);
}

/* phi(l) = u^g l with u = 1 - q, q = exp(-l): phi' = u^g (1 + g q l/u), phi'' = g u^(g-1) q (2 - l + (g-1) q l/u). */
static struct ref_sample focal(double l, double g)
{
    double q = exp(-l), u = -expm1(-l), ratio = u > 0 ? l / u : 1.0, power = pow(u, g);
    struct ref_sample s = { .loss = l, .value = power * l, .slope = power * (1 + g * q * ratio) };
    if (u > 0 || g >= 1) /* below 1 the bend at l = 0 is infinite, but there dl/dx = 0: the product's limit is 0 */
        s.bend = g == 0 ? 0 : g * pow(u, g - 1) * q * (2 - l + (g - 1) * q * ratio);
    else if (isnan(l))
        s.bend = l;
    return s;
}

struct ref_sample ref_softmax_sample(const struct ref_row *r)
{
    double l = (double)r->coef->weight[r->label] * softmax(r->coef, r->classes, r->label, r->logit, r->p);
    return r->coef->focal ? focal(l, (double)r->coef->gamma) : (struct ref_sample){ .loss = l, .value = l, .slope = 1 };
}

static double row(const struct ref_row *r, bool want_gradient, double *g, double *g_feature)
{
    const struct ref_sample s = ref_softmax_sample(r);
    (void)g_feature;
    for (int j = 0; want_gradient && j < r->classes; j++)
        g[j] += s.slope * r->coef->weight[r->label] / r->divisor * r->coef->scale[j] * (r->p[j] - (j == r->label));
    return s.value;
}

static void product(const struct ref_row *r, const double *r_logit, const double *r_feature, double *r_g, double *r_g_feature)
{
    const struct loss_coef *k = r->coef;
    const double weight = k->weight[r->label];
    const struct ref_sample s = ref_softmax_sample(r);
    double mean = 0;
    (void)r_feature;
    (void)r_g_feature;
    for (int j = 0; j < r->classes; j++)
        mean += r->p[j] * k->scale[j] * r_logit[j];
    const double r_loss = weight * (mean - (double)k->scale[r->label] * r_logit[r->label]);
    for (int j = 0; j < r->classes; j++) {
        double p = r->p[j], rp = p * ((double)k->scale[j] * r_logit[j] - mean);
        r_g[j] += weight / r->divisor * k->scale[j] * (s.slope * rp + s.bend * r_loss * (p - (j == r->label)));
    }
}

const struct ref_criterion ref_softmax = { row, product };
