/* tests/kernels/half.h - convolutions of bf16 by their definition, in double, for the tests of its loops. */
#ifndef TESTS_KERNELS_HALF_H
#define TESTS_KERNELS_HALF_H

#include "kernels/cpu/bf16.h"

/* Of the forward convolution; channels of the planes. */
struct half_shape {
    int in_c, out_c, in_h, in_w, stride;
};
enum { N_HALF_SHAPES = 10 };
extern const struct half_shape half_shapes[N_HALF_SHAPES];

/* n normal numbers, and some room behind them; the caller frees. */
bf16 *half_numbers(size_t n, uint64_t seed);
int half_out_of(int in, int stride);
/* w[kh][kw][i][o] -> a table's order; the caller frees. */
bf16_pair *half_pack(int block, const bf16 *w, int in_c, int out_c);
/* The sum at an output pixel and channel, and of its terms' sizes. */
double half_convolved(const struct conv_shape *s, const bf16 *in, const bf16 *w, int y, int x, int o, double *size);
/* Half a unit of bf16's last digit, and what summing in float adds. */
void half_assert_rounded(bf16 got, double want, double size);
/* The sum over images and pixels of in x g for kernel place `tap`, channels i and o. */
double half_correlated(const struct half_shape *a, const bf16 *in, const bf16 *g, int images, int tap, int i, int o);

#endif
