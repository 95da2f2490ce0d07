#include "config.h"
#include "kernels/reference/reference.h"

#include "base/parallel.h"

#include <string.h>

/* The R-operator (methods 7.2): the forward and the backward pass of pass.c, differentiated along v. In train mode the
 * batch statistics depend on the weights too:
 *   R{mean} = mean R{a},  R{s}/s = mean(xh R{a})/s,  R{xh} = (R{a} - mean R{a} - xh mean(xh R{a}))/s
 *   ga = gamma/s t, t = gy - mean gy - xh mean(gy xh)
 *   R{ga} = (v_gamma/s - gamma/s R{s}/s) t + gamma/s (R{gy} - mean R{gy} - R{xh} mean(gy xh) - xh R{mean(gy xh)}) */

struct r_job {
    struct model *m;
    int unit;
    const float *v;
};

/* --- forward: R{a} is in r_xh, or without batch norm in r_gy --- */

static void pool_image(const struct r_job *job, int i, double *ra)
{
    const struct model *m = job->m;
    const struct unit *u = &m->net->units[job->unit];
    if (u->in == NET_IMAGE)
        memset(ra, 0, sizeof *ra * ref_plain(u));
    else
        ref_pool(m, job->unit, i, m->unit[u->in].r_out + (size_t)i * ref_padded(&m->unit[u->in].grid), ra, true);
}

static void r_operate_image(void *context, int i, int worker)
{
    struct r_job *job = context;
    struct model *m = job->m;
    const struct unit *u = &m->net->units[job->unit];
    const struct grid *g = ref_in_grid(m, u);
    const size_t in = (size_t)i * ref_padded(g) + ref_at(g, -u->pad, -u->pad);
    double *ra = ref_a_of(m, job->unit, true) + (size_t)i * ref_plain(u);
    (void)worker;
    if (!ref_is_conv(u)) {
        pool_image(job, i, ra);
        return;
    }
    const struct conv_size size = ref_forward_size(u, g);
    ref_conv(&size, ref_input(m, u) + in, m->v, ra, false);
    if (u->in != NET_IMAGE)
        ref_conv(&size, m->unit[u->in].r_out + in, m->w, ra, true);
    const float *v_bias = job->v + u->bias;
    for (size_t p = 0; u->has_bias && p < ref_plain(u); p += (size_t)u->channels)
        for (size_t c = 0; c < (size_t)u->channels; c++)
            ra[p + c] += v_bias[c];
}

static void r_operate(struct r_job *job)
{
    struct model *m = job->m;
    const struct unit *u = &m->net->units[job->unit];
    if (u->kind == UNIT_COSINE) {
        const struct ref_cosine s = ref_unit_cosine(m, job->unit);
        ref_cosine_product(&s, job->v + u->weight);
        memcpy(ref_a_of(m, job->unit, true), s.r_z, sizeof(double) * m->n * (size_t)u->channels);
        return;
    }
    if (ref_is_conv(u)) {
        ref_pack(u, FORWARD, m->pass.params, m->w);
        ref_pack(u, FORWARD, job->v, m->v);
    }
    parallel_each(m->threads, (int)m->n, r_operate_image, job);
}

static void r_moments_image(void *context, int i, int worker)
{
    struct r_job *job = context;
    struct model *m = job->m;
    const struct unit *u = &m->net->units[job->unit];
    const struct unit_state *s = &m->unit[job->unit];
    size_t channels = (size_t)u->channels, offset = (size_t)i * ref_plain(u);
    const double *ra = s->r_xh + offset, *xh = s->xh + offset;
    double *sum = m->partial + (size_t)i * 2 * channels;
    (void)worker;
    memset(sum, 0, sizeof(double) * 2 * channels);
    for (size_t p = 0; p < ref_plain(u); p += channels)
        for (size_t c = 0; c < channels; c++) {
            sum[c] += ra[p + c];
            sum[channels + c] += ra[p + c] * xh[p + c];
        }
}

static void take_moments(struct r_job *job)
{
    struct model *m = job->m;
    const struct unit *u = &m->net->units[job->unit];
    struct unit_state *s = &m->unit[job->unit];
    double count = (double)m->n * u->height * u->width, share = m->pass.mode == PASS_TRAIN ? 1.0 / count : 0.0;
    parallel_each(m->threads, (int)m->n, r_moments_image, job);
    ref_sum_images(m, u->channels, s->r_mean_gy, s->rs_over_s); /* r_mean_gy: mean R{a} until the backward pass */
    for (int c = 0; c < u->channels; c++) {
        s->r_mean_gy[c] *= share;
        s->rs_over_s[c] *= share * s->inv_s[c];
    }
}

/* R{a} in r_xh -> R{xh}, R{y} */
static void r_normalise(const struct r_job *job, int i, double *ry)
{
    const struct model *m = job->m;
    const struct unit *u = &m->net->units[job->unit];
    const struct unit_state *s = &m->unit[job->unit];
    const float *gamma = m->pass.params + u->gamma, *v_gamma = job->v + u->gamma, *v_beta = job->v + u->beta;
    size_t channels = (size_t)u->channels, offset = (size_t)i * ref_plain(u);
    const double *xh = s->xh + offset;
    double *rxh = s->r_xh + offset;
    for (size_t p = 0; p < ref_plain(u); p += channels)
        for (size_t c = 0; c < channels; c++) {
            rxh[p + c] = (rxh[p + c] - s->r_mean_gy[c]) * s->inv_s[c] - xh[p + c] * s->rs_over_s[c];
            ry[p + c] = (double)v_gamma[c] * xh[p + c] + (double)gamma[c] * rxh[p + c] + v_beta[c];
        }
}

/* R{a} -> R{xh}, R{out}; r_gy is free during the forward pass and holds R{y} before the ReLU. */
static void r_output_image(void *context, int i, int worker)
{
    struct r_job *job = context;
    struct model *m = job->m;
    const struct unit *u = &m->net->units[job->unit];
    const struct unit_state *s = &m->unit[job->unit];
    double *ry = s->r_gy + (size_t)i * ref_plain(u);
    (void)worker;
    if (u->norm)
        r_normalise(job, i, ry);
    if (u->add != NET_NO_ADD)
        ref_add(m, u, m->unit[u->add].r_out + (size_t)i * ref_padded(&m->unit[u->add].grid), ry);
    for (int row = 0; row < u->height; row++) {
        const size_t at = (size_t)i * ref_padded(&s->grid) + ref_at(&s->grid, row, 0);
        const double *from = ry + (size_t)(row * u->width) * (size_t)u->channels;
        for (size_t k = 0; k < (size_t)u->width * (size_t)u->channels; k++)
            s->r_out[at + k] = !u->relu || s->out[at + k] > 0 ? from[k] : 0;
    }
}

static void r_forward_unit(struct r_job *job)
{
    r_operate(job);
    if (job->m->net->units[job->unit].norm)
        take_moments(job);
    parallel_each(job->m->threads, (int)job->m->n, r_output_image, job);
}

void ref_r_forward(struct model *m, const float *v)
{
    for (int unit = 0; !m->pass.head_only && unit < m->net->n_units; unit++)
        r_forward_unit(&(struct r_job){ .m = m, .unit = unit, .v = v });
    ref_head_r_forward(m, v);
}

/* --- backward --- */

static void r_sums_image(void *context, int i, int worker)
{
    struct r_job *job = context;
    struct model *m = job->m;
    const struct unit *u = &m->net->units[job->unit];
    const struct unit_state *s = &m->unit[job->unit];
    size_t channels = (size_t)u->channels, offset = (size_t)i * ref_plain(u);
    const double *xh = s->xh + offset, *rxh = s->r_xh + offset, *gy = s->gy + offset, *rgy = s->r_gy + offset;
    double *sum = m->partial + (size_t)i * 2 * channels;
    (void)worker;
    memset(sum, 0, sizeof(double) * 2 * channels);
    for (size_t p = 0; p < ref_plain(u); p += channels)
        for (size_t c = 0; c < channels; c++) {
            sum[c] += rgy[p + c];
            sum[channels + c] += rgy[p + c] * xh[p + c] + gy[p + c] * rxh[p + c];
        }
}

static void r_norm_backward(struct r_job *job, float *out)
{
    struct model *m = job->m;
    const struct unit *u = &m->net->units[job->unit];
    struct unit_state *s = &m->unit[job->unit];
    double count = (double)m->n * u->height * u->width, share = m->pass.mode == PASS_TRAIN ? 1.0 / count : 0.0;
    parallel_each(m->threads, (int)m->n, r_sums_image, job);
    ref_sum_images(m, u->channels, s->r_mean_gy, s->r_mean_gyxh);
    for (int c = 0; c < u->channels; c++) {
        out[u->beta + (size_t)c] = (float)s->r_mean_gy[c];
        out[u->gamma + (size_t)c] = (float)s->r_mean_gyxh[c];
        s->r_mean_gy[c] *= share;
        s->r_mean_gyxh[c] *= share;
    }
}

static void r_ga(const struct r_job *job, int image, double *out)
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

static void conv_backward(const struct model *m, const struct unit *u, int worker, const double *ga, const double *rga, double *to)
{
    const struct conv_size size = ref_backward_size(u);
    ref_spread(u, ga, m->spread[worker]);
    ref_spread(u, rga, m->r_spread[worker]);
    ref_conv(&size, m->spread[worker], m->v, to, true);
    ref_conv(&size, m->r_spread[worker], m->w, to, true);
}

static void r_input_image(void *context, int i, int worker)
{
    struct r_job *job = context;
    struct model *m = job->m;
    const struct unit *u = &m->net->units[job->unit];
    const size_t offset = (size_t)i * ref_plain(u);
    double *ga = ref_ga_of(m, job->unit, false) + offset, *rga = ref_ga_of(m, job->unit, true) + offset;
    if (u->norm) {
        ref_ga(m, job->unit, i, ga);
        r_ga(job, i, rga);
    }
    if (u->add != NET_NO_ADD)
        ref_add_backward(m, u, m->unit[job->unit].r_gy + offset,
                         m->unit[u->add].r_gy + (size_t)i * ref_plain(&m->net->units[u->add]));
    if (u->in == NET_IMAGE || u->kind == UNIT_COSINE)
        return;
    double *to = m->unit[u->in].r_gy + (size_t)i * ref_plain(&m->net->units[u->in]);
    if (ref_is_conv(u))
        conv_backward(m, u, worker, ga, rga, to);
    else
        ref_pool_backward(m, job->unit, i, rga, to);
}

static void r_cosine_backward(const struct r_job *job, float *out)
{
    struct model *m = job->m;
    const struct unit *u = &m->net->units[job->unit];
    const struct ref_cosine s = ref_unit_cosine(m, job->unit);
    const size_t count = (size_t)u->in_channels * (size_t)u->channels;
    memset(m->g_weight, 0, sizeof(double) * count);
    ref_cosine_product_backward(&s, job->v + u->weight, ref_ga_of(m, job->unit, false), ref_ga_of(m, job->unit, true),
                                u->in == NET_IMAGE ? NULL : m->unit[u->in].r_gy, (size_t)u->in_channels, m->g_weight);
    for (size_t k = 0; k < count; k++)
        out[u->weight + k] = (float)m->g_weight[k];
}

static void r_backward_unit(struct r_job *job, float *out)
{
    struct model *m = job->m;
    const struct unit *u = &m->net->units[job->unit];
    ref_mask(m, job->unit, true);
    if (u->norm)
        r_norm_backward(job, out);
    if (ref_is_conv(u) && u->in != NET_IMAGE) {
        ref_pack(u, BACKWARD, m->pass.params, m->w);
        ref_pack(u, BACKWARD, job->v, m->v);
    }
    parallel_each(m->threads, (int)m->n, r_input_image, job);
    if (u->kind == UNIT_COSINE)
        r_cosine_backward(job, out);
    if (!ref_is_conv(u))
        return;
    ref_conv_weights(m, u, ref_input(m, u), ref_ga_of(m, job->unit, true), false);
    if (u->in != NET_IMAGE)
        ref_conv_weights(m, u, m->unit[u->in].r_out, ref_ga_of(m, job->unit, false), true);
    ref_store_weights(m, u, out);
    if (u->has_bias)
        ref_store_bias(m, u, ref_ga_of(m, job->unit, true), out);
}

void ref_r_backward(struct model *m, const float *v, const float *const *r_upstream, float *out)
{
    if (!m->pass.head_only)
        ref_start_backward(m, r_upstream, true);
    ref_head_r_backward(m, v, out);
    for (int unit = m->net->n_units - 1; !m->pass.head_only && unit >= 0; unit--)
        r_backward_unit(&(struct r_job){ .m = m, .unit = unit, .v = v }, out);
}

void ref_product(struct model *m, const float *v, float *out)
{
    ref_r_forward(m, v);
    ref_criterion_product(m);
    ref_r_backward(m, v, NULL, out);
}
