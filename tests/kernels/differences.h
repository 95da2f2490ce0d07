/* tests/kernels/differences.h - a back end against central differences: its gradient against differences of the loss, its Hessian products
 * against differences of its gradient, one tensor of a network at a time. Vectors of the back end must be host memory. Needs cmocka. */
#ifndef TESTS_KERNELS_DIFFERENCES_H
#define TESTS_KERNELS_DIFFERENCES_H

#include "kernels/backend.h"

/* The function that is differentiated: the loss of a pass over the loaded batch, or in pieces a sum over all outputs of the network,
 *   L = sum_k c_k x_k + x_k^2/8 + sum_k d_k f_k      c_k between -1 and 1, of the output's number k; f: the features, d_k between -1/4 and 1/4
 * which the test adds up itself, from what output() and features() give. */
struct function {
    const struct backend *backend;
    struct model *model;
    const struct net *net;
    struct pass pass; /* params: w */
    uint32_t n;       /* images loaded */
    bool pieces;
};

/* Each moves w a little along a direction in tensor t, and back. False with a message that begins with `label`. */
bool gradient_is_slope(const struct function *f, const struct tensor_info *t, const char *label);
bool product_is_slope(const struct function *f, const struct tensor_info *t, const char *label);

/* Per output: up[k] = dL/dx = c + x/4, or with r, along the direction of the last r_forward(), R{x}/4; to be freed. Returns L (without r). */
double function_upstream(const struct function *f, bool r, float *up[1 + NET_MAX_OUTPUTS]);
/* *past = dL/df = d of the features of the last forward(); to be freed. Returns the sum of d_k f_k. */
double function_features(const struct function *f, float **past);
size_t function_output_size(const struct function *f, int which); /* n x channels */

/* L and, when g is not NULL, its gradient at w; out = H v at pass.params. */
double function_gradient(const struct function *f, const float *w, float *g);
void function_product(const struct function *f, const float *v, float *out);

#endif
