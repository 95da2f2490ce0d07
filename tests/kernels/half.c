#include "config.h"
#include "tests/kernels/half.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/rng.h"

bf16 *half_numbers(size_t n, uint64_t seed)
{
    bf16 *v = calloc(n + 64, sizeof *v);
    struct rng r;
    assert_non_null(v);
    rng_init(&r, seed, RNG_DEMO, 0, 0);
    for (size_t i = 0; i < n; i++)
        v[i] = bf16_round(rng_normal(&r));
    return v;
}

const struct half_shape half_shapes[N_HALF_SHAPES] = {
    { 4, 16, 9, 10, 1 }, { 16, 16, 32, 32, 1 }, { 16, 32, 13, 21, 1 }, { 32, 48, 8, 33, 1 }, { 16, 32, 32, 32, 2 },
    { 32, 64, 9, 15, 2 }, { 64, 64, 8, 8, 1 }, { 4, 16, 7, 11, 2 }, { 96, 32, 3, 2, 1 }, { 16, 16, 1, 1, 1 },
};

int half_out_of(int in, int stride)
{
    return (in - 1) / stride + 1;
}

bf16_pair *half_pack(int block, const bf16 *w, int in_c, int out_c)
{
    bf16_pair *packed = calloc((size_t)9 * (size_t)((in_c + 1) * out_c), sizeof *packed), *to = packed;
    assert_non_null(packed);
    for (int o = 0; o < out_c; o += block)
        for (int kh = 0; kh < 3; kh++)
            for (int i = 0; i < in_c; i += 2)
                for (int kw = 0; kw < 3; kw++)
                    for (int j = 0; j < block; j++) {
                        const bf16 *at = w + ((size_t)((kh * 3 + kw) * in_c + i) * (size_t)out_c) + o + j;
                        *to++ = at[0] | (i + 1 < in_c ? (bf16_pair)at[out_c] << 16 : 0);
                    }
    return packed;
}

double half_convolved(const struct conv_shape *s, const bf16 *in, const bf16 *w, int y, int x, int o, double *size)
{
    double sum = 0;
    *size = 0;
    for (int t = 0; t < 9; t++) {
        const int r = y * s->stride + t / 3 - 1, q = x * s->stride + t % 3 - 1;
        if (r < 0 || q < 0 || r % s->dilate || q % s->dilate || r / s->dilate >= s->in_h || q / s->dilate >= s->in_w)
            continue;
        for (int i = 0; i < s->in_c; i++) {
            const double p = (double)bf16_float(in[r / s->dilate * s->in_row + q / s->dilate * s->in_pix + i]) *
                             (double)bf16_float(w[(size_t)(t * s->in_c + i) * (size_t)s->out_c + (size_t)o]);
            sum += p;
            *size += fabs(p);
        }
    }
    return sum;
}

void half_assert_rounded(bf16 got, double want, double size)
{
    const double gap = fabs((double)bf16_float(got) - want);
    if (!(gap <= fabs(want) / 256 + size * 1e-5))
        fail_msg("%g instead of %g", (double)bf16_float(got), want);
}

double half_correlated(const struct half_shape *a, const bf16 *in, const bf16 *g, int images, int tap, int i, int o)
{
    const int h = half_out_of(a->in_h, a->stride), w = half_out_of(a->in_w, a->stride);
    double sum = 0;
    for (int image = 0; image < images; image++)
        for (int y = 0; y < h; y++)
            for (int x = 0; x < w; x++) {
                const int r = y * a->stride + tap / 3 - 1, q = x * a->stride + tap % 3 - 1;
                if (r < 0 || q < 0 || r >= a->in_h || q >= a->in_w)
                    continue;
                sum += (double)bf16_float(in[((image * a->in_h + r) * a->in_w + q) * a->in_c + i]) *
                       (double)bf16_float(g[((image * h + y) * w + x) * a->out_c + o]);
            }
    return sum;
}
