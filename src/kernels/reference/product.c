#include "config.h"
#include "kernels/reference/reference.h"

#include "base/parallel.h"

#include <string.h>

/* The R-operator (spec 7.7): the forward and the backward pass of pass.c, differentiated along v. In train mode the
 * batch statistics depend on the weights too:
 *   R{mean} = mean R{a},  R{s}/s = mean(xh R{a})/s,  R{xh} = (R{a} - mean R{a} - xh mean(xh R{a}))/s
 *   ga = gamma/s t, t = gy - mean gy - xh mean(gy xh)
 *   R{ga} = (v_gamma/s - gamma/s R{s}/s) t + gamma/s (R{gy} - mean R{gy} - R{xh} mean(gy xh) - xh R{mean(gy xh)}) */

struct job {
    struct model *m;
    int unit;
    const float *v;
};

/* --- forward --- */

static void conv_image(void *context, int i, int worker)
{
    struct job *job = context;
    struct model *m = job->m;
    const struct unit *u = &m->net->units[job->unit];
    const struct unit_state *s = &m->unit[job->unit];
    struct conv_size size = { u->in_channels, u->channels, u->stride, u->in_width, u->height, u->width };
    size_t in = (size_t)i * ref_padded(u->in_height, u->in_width, u->in_channels), channels = (size_t)u->channels;
    double *ra = s->r_xh + (size_t)i * ref_plain(u), *sum = m->partial + (size_t)i * 2 * channels;
    const double *xh = s->xh + (size_t)i * ref_plain(u);
    (void)worker;
    ref_conv(&size, ref_input(m, u) + in, m->v.forward, ra, false);
    if (u->in != NET_IMAGE)
        ref_conv(&size, m->unit[u->in].r_out + in, m->w.forward, ra, true);
    memset(sum, 0, sizeof(double) * 2 * channels);
    for (size_t p = 0; p < ref_plain(u); p += channels)
        for (size_t c = 0; c < channels; c++) {
            sum[c] += ra[p + c];
            sum[channels + c] += ra[p + c] * xh[p + c];
        }
}

static void add_shortcut(const struct model *m, const struct unit *u, int i, double *ry)
{
    const struct unit *from = &m->net->units[u->add];
    const double *in = m->unit[u->add].r_out + (size_t)i * ref_padded(from->height, from->width, from->channels);
    int step = from->height == u->height && from->width == u->width ? 1 : 2, shift = ref_shift(u, from);
    for (int row = 0; row < u->height; row++)
        for (int x = 0; x < u->width; x++)
            for (int c = 0; c < from->channels; c++)
                ry[(row * u->width + x) * u->channels + c + shift] +=
                    in[((row * step + 1) * (from->width + 2) + x * step + 1) * from->channels + c];
}

/* R{a} -> R{xh}, R{out}; r_gy is free during the forward pass and holds R{y} before the ReLU. */
static void normalise_image(void *context, int i, int worker)
{
    struct job *job = context;
    struct model *m = job->m;
    const struct unit *u = &m->net->units[job->unit];
    const struct unit_state *s = &m->unit[job->unit];
    const float *gamma = m->pass.params + u->gamma, *v_gamma = job->v + u->gamma, *v_beta = job->v + u->beta;
    size_t channels = (size_t)u->channels, offset = (size_t)i * ref_plain(u);
    const double *xh = s->xh + offset;
    double *rxh = s->r_xh + offset, *ry = s->r_gy + offset;
    (void)worker;
    for (size_t p = 0; p < ref_plain(u); p += channels)
        for (size_t c = 0; c < channels; c++) {
            rxh[p + c] = (rxh[p + c] - s->r_mean_gy[c]) * s->inv_s[c] - xh[p + c] * s->rs_over_s[c];
            ry[p + c] = (double)v_gamma[c] * xh[p + c] + (double)gamma[c] * rxh[p + c] + v_beta[c];
        }
    if (u->add != NET_NO_ADD)
        add_shortcut(m, u, i, ry);
    size_t padded = (size_t)i * ref_padded(u->height, u->width, u->channels);
    for (int row = 0; row < u->height; row++) {
        size_t at = padded + (size_t)((row + 1) * (u->width + 2) + 1) * channels;
        const double *from = ry + (size_t)(row * u->width) * channels;
        for (size_t k = 0; k < (size_t)u->width * channels; k++)
            s->r_out[at + k] = s->out[at + k] > 0 ? from[k] : 0;
    }
}

static void forward_unit(struct job *job)
{
    struct model *m = job->m;
    const struct unit *u = &m->net->units[job->unit];
    struct unit_state *s = &m->unit[job->unit];
    double count = (double)m->n * u->height * u->width, share = m->pass.mode == PASS_TRAIN ? 1.0 / count : 0.0;
    ref_pack(u, m->pass.params, &m->w);
    ref_pack(u, job->v, &m->v);
    parallel_each(m->threads, (int)m->n, conv_image, job);
    ref_sum_images(m, u->channels, s->r_mean_gy, s->rs_over_s); /* r_mean_gy: mean R{a} until the backward pass */
    for (int c = 0; c < u->channels; c++) {
        s->r_mean_gy[c] *= share;
        s->rs_over_s[c] *= share * s->inv_s[c];
    }
    parallel_each(m->threads, (int)m->n, normalise_image, job);
}

/* --- backward --- */

static void mask_image(void *context, int i, int worker)
{
    struct job *job = context;
    struct model *m = job->m;
    const struct unit *u = &m->net->units[job->unit];
    const struct unit_state *s = &m->unit[job->unit];
    size_t channels = (size_t)u->channels, offset = (size_t)i * ref_plain(u);
    const double *out = s->out + (size_t)i * ref_padded(u->height, u->width, u->channels);
    const double *xh = s->xh + offset, *rxh = s->r_xh + offset, *gy = s->gy + offset;
    double *rgy = s->r_gy + offset, *sum = m->partial + (size_t)i * 2 * channels;
    (void)worker;
    memset(sum, 0, sizeof(double) * 2 * channels);
    for (int row = 0; row < u->height; row++)
        for (int x = 0; x < u->width; x++) {
            const double *o = out + (size_t)((row + 1) * (u->width + 2) + x + 1) * channels;
            size_t p = (size_t)(row * u->width + x) * channels;
            for (size_t c = 0; c < channels; c++) {
                rgy[p + c] = o[c] > 0 ? rgy[p + c] : 0;
                sum[c] += rgy[p + c];
                sum[channels + c] += rgy[p + c] * xh[p + c] + gy[p + c] * rxh[p + c];
            }
        }
}

static void shortcut_backward(const struct model *m, const struct unit *u, int i, const double *rgy)
{
    const struct unit *from = &m->net->units[u->add];
    double *to = m->unit[u->add].r_gy + (size_t)i * ref_plain(from);
    int step = from->height == u->height && from->width == u->width ? 1 : 2, shift = ref_shift(u, from);
    for (int row = 0; row < u->height; row++)
        for (int x = 0; x < u->width; x++)
            for (int c = 0; c < from->channels; c++)
                to[(row * step * from->width + x * step) * from->channels + c] +=
                    rgy[(row * u->width + x) * u->channels + c + shift];
}

static void r_ga(const struct job *job, int image, double *out)
{
    const struct model *m = job->m;
    const struct unit *u = &m->net->units[job->unit];
    const struct unit_state *s = &m->unit[job->unit];
    const float *gamma = m->pass.params + u->gamma, *v_gamma = job->v + u->gamma;
    size_t channels = (size_t)u->channels, offset = (size_t)image * ref_plain(u);
    const double *gy = s->gy + offset, *xh = s->xh + offset, *rgy = s->r_gy + offset, *rxh = s->r_xh + offset;
    for (size_t p = 0; p < ref_plain(u); p += channels)
        for (size_t c = 0; c < channels; c++) {
            double t = gy[p + c] - s->mean_gy[c] - xh[p + c] * s->mean_gyxh[c];
            double rt = rgy[p + c] - s->r_mean_gy[c] - rxh[p + c] * s->mean_gyxh[c] - xh[p + c] * s->r_mean_gyxh[c];
            double slope = (double)v_gamma[c] - (double)gamma[c] * s->rs_over_s[c];
            out[p + c] = s->inv_s[c] * (slope * t + (double)gamma[c] * rt);
        }
}

static void input_image(void *context, int i, int worker)
{
    struct job *job = context;
    struct model *m = job->m;
    const struct unit *u = &m->net->units[job->unit];
    double *ga = m->ga + (size_t)i * ref_plain(u), *rga = m->r_ga + (size_t)i * ref_plain(u);
    ref_ga(m, job->unit, i, ga);
    r_ga(job, i, rga);
    if (u->add != NET_NO_ADD)
        shortcut_backward(m, u, i, m->unit[job->unit].r_gy + (size_t)i * ref_plain(u));
    if (u->in == NET_IMAGE)
        return;
    double *to = m->unit[u->in].r_gy + (size_t)i * ref_plain(&m->net->units[u->in]);
    struct conv_size size = { u->channels, u->in_channels, 1, u->in_width, u->in_height, u->in_width };
    ref_spread(u, ga, m->spread[worker]);
    ref_spread(u, rga, m->r_spread[worker]);
    ref_conv(&size, m->spread[worker], m->v.backward, to, true);
    ref_conv(&size, m->r_spread[worker], m->w.backward, to, true);
}

static void backward_unit(struct job *job, float *out)
{
    struct model *m = job->m;
    const struct unit *u = &m->net->units[job->unit];
    struct unit_state *s = &m->unit[job->unit];
    double count = (double)m->n * u->height * u->width, share = m->pass.mode == PASS_TRAIN ? 1.0 / count : 0.0;
    parallel_each(m->threads, (int)m->n, mask_image, job);
    ref_sum_images(m, u->channels, s->r_mean_gy, s->r_mean_gyxh);
    for (int c = 0; c < u->channels; c++) {
        out[u->beta + (size_t)c] = (float)s->r_mean_gy[c];
        out[u->gamma + (size_t)c] = (float)s->r_mean_gyxh[c];
        s->r_mean_gy[c] *= share;
        s->r_mean_gyxh[c] *= share;
    }
    ref_pack(u, m->pass.params, &m->w);
    ref_pack(u, job->v, &m->v);
    parallel_each(m->threads, (int)m->n, input_image, job);
    ref_conv_weights(m, u, ref_input(m, u), m->r_ga, false);
    if (u->in != NET_IMAGE)
        ref_conv_weights(m, u, m->unit[u->in].r_out, m->ga, true);
    ref_store_weights(m, u, out);
}

void ref_product(struct model *m, const float *v, float *out)
{
    const int units = m->net->n_units;
    if (m->pass.head_only) {
        ref_head_product(m, v, out);
        return;
    }
    for (int unit = 0; unit < units; unit++)
        forward_unit(&(struct job){ .m = m, .unit = unit, .v = v });
    for (int unit = 0; unit < units; unit++)
        memset(m->unit[unit].r_gy, 0, sizeof(double) * m->n * ref_plain(&m->net->units[unit]));
    ref_head_product(m, v, out);
    for (int unit = units - 1; unit >= 0; unit--)
        backward_unit(&(struct job){ .m = m, .unit = unit, .v = v }, out);
}
