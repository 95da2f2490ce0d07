/* kernels/cpu/loss.h - one image's softmax cross-entropy over adjusted logits, its gradient and the gradient's
 * derivative, in double (struct loss_coef in kernels/criterion.h; spec 3.1-3.6). Pure; any thread. */
#ifndef KERNELS_CPU_LOSS_H
#define KERNELS_CPU_LOSS_H

#include "kernels/backend.h"

struct loss_point {
    double value; /* phi(l): what the batch loss sums */
    double d1;    /* phi'(l) weight: d value / d a_j = d1 (p_j - [j = y]) */
    double d2;    /* phi''(l) weight^2 */
};

/* x[classes] are the network's outputs; p[classes] becomes softmax(a). */
struct loss_point loss_at(const struct loss_coef *c, int classes, const float *x, int y, double *p);

/* g[j] = d value / d x_j * factor */
void loss_gradient(const struct loss_coef *c, int classes, int y, const double *p, const struct loss_point *at,
                   double factor, float *g);

/* rg = derivative of loss_gradient() along rx; ra[classes] is scratch. */
void loss_r_gradient(const struct loss_coef *c, int classes, int y, const double *p, const struct loss_point *at,
                     double factor, const float *rx, double *ra, float *rg);

/* x_y is the largest, ties going to the lowest index; never with a NaN among them. */
bool loss_is_correct(int classes, const float *x, int y);

#endif
