#include "config.h"
#include "kernels/reference/reference.h"

#include "base/parallel.h"

#include <math.h>
#include <string.h>

struct job {
    struct model *m;
    int unit;
};

void ref_sum_images(const struct model *m, int channels, double *sum0, double *sum1)
{
    for (int c = 0; c < channels; c++) {
        sum0[c] = 0;
        if (sum1)
            sum1[c] = 0;
    }
    for (uint32_t i = 0; i < m->n; i++)
        for (int c = 0; c < channels; c++) {
            sum0[c] += m->partial[(size_t)i * 2 * (size_t)channels + (size_t)c];
            if (sum1)
                sum1[c] += m->partial[((size_t)i * 2 + 1) * (size_t)channels + (size_t)c];
        }
}

/* --- forward --- */

static void operate_image(void *context, int i, int worker)
{
    struct job *job = context;
    struct model *m = job->m;
    const struct unit *u = &m->net->units[job->unit];
    const struct grid *g = ref_in_grid(m, u);
    const double *in = ref_input(m, u) + (size_t)i * ref_padded(g);
    double *a = ref_a_of(m, job->unit, false) + (size_t)i * ref_plain(u);
    (void)worker;
    if (!ref_is_conv(u)) {
        ref_pool(m, job->unit, i, in, a, false);
        return;
    }
    const struct conv_size size = ref_forward_size(u, g);
    ref_conv(&size, in + ref_at(g, -u->pad, -u->pad), m->w, a, false);
    const float *bias = m->pass.params + u->bias;
    for (size_t p = 0; u->has_bias && p < ref_plain(u); p += (size_t)u->channels)
        for (size_t c = 0; c < (size_t)u->channels; c++)
            a[p + c] += bias[c];
}

/* The output of the unit's operation. */
static void operate(struct job *job)
{
    struct model *m = job->m;
    const struct unit *u = &m->net->units[job->unit];
    if (u->kind == UNIT_COSINE) {
        const struct ref_cosine s = ref_unit_cosine(m, job->unit);
        ref_cosine_forward(&s);
        memcpy(ref_a_of(m, job->unit, false), s.z, sizeof(double) * m->n * (size_t)u->channels);
        return;
    }
    if (ref_is_conv(u))
        ref_pack(u, FORWARD, m->pass.params, m->w);
    parallel_each(m->threads, (int)m->n, operate_image, job);
}

/* Sums of a, and with a mean given of (a - mean)^2: two sweeps, because one loses digits to cancellation. */
static void moments_image(void *context, int i, int worker)
{
    struct job *job = context;
    struct model *m = job->m;
    const struct unit *u = &m->net->units[job->unit];
    const struct unit_state *s = &m->unit[job->unit];
    size_t channels = (size_t)u->channels;
    const double *a = s->xh + (size_t)i * ref_plain(u);
    double *sum = m->partial + (size_t)i * 2 * channels;
    (void)worker;
    memset(sum, 0, sizeof(double) * 2 * channels);
    for (size_t p = 0; p < ref_plain(u); p += channels)
        for (size_t c = 0; c < channels; c++) {
            double d = a[p + c] - s->mean[c];
            sum[c] += a[p + c];
            sum[channels + c] += d * d;
        }
}

static void batch_statistics(struct job *job)
{
    struct model *m = job->m;
    const struct unit *u = &m->net->units[job->unit];
    struct unit_state *s = &m->unit[job->unit];
    double count = (double)m->n * u->height * u->width;
    memset(s->mean, 0, sizeof(double) * (size_t)u->channels);
    parallel_each(m->threads, (int)m->n, moments_image, job);
    ref_sum_images(m, u->channels, s->mean, NULL);
    for (int c = 0; c < u->channels; c++)
        s->mean[c] /= count;
    parallel_each(m->threads, (int)m->n, moments_image, job);
    ref_sum_images(m, u->channels, s->inv_s, s->var); /* inv_s: room for a sum that is not needed again */
    for (int c = 0; c < u->channels; c++)
        s->var[c] /= count;
}

static void take_statistics(struct job *job)
{
    struct model *m = job->m;
    const struct unit *u = &m->net->units[job->unit];
    struct unit_state *s = &m->unit[job->unit];
    if (m->pass.mode == PASS_TRAIN)
        batch_statistics(job);
    else
        for (int c = 0; c < u->channels; c++) {
            s->mean[c] = m->pass.stats[u->mean + (size_t)c];
            s->var[c] = m->pass.stats[u->variance + (size_t)c];
        }
    for (int c = 0; c < u->channels; c++)
        s->inv_s[c] = 1.0 / sqrt(s->var[c] + NET_BN_EPS);
}

/* a in xh -> xh, y */
static void normalise(const struct model *m, int unit, double *xh, double *y)
{
    const struct unit *u = &m->net->units[unit];
    const struct unit_state *s = &m->unit[unit];
    const float *gamma = m->pass.params + u->gamma, *beta = m->pass.params + u->beta;
    size_t channels = (size_t)u->channels;
    for (size_t p = 0; p < ref_plain(u); p += channels)
        for (size_t c = 0; c < channels; c++) {
            xh[p + c] = (xh[p + c] - s->mean[c]) * s->inv_s[c];
            y[p + c] = gamma[c] * xh[p + c] + beta[c];
        }
}

/* a -> xh, out. gy is free during the forward pass and holds y before the ReLU. */
static void output_image(void *context, int i, int worker)
{
    struct job *job = context;
    struct model *m = job->m;
    const struct unit *u = &m->net->units[job->unit];
    const struct unit_state *s = &m->unit[job->unit];
    double *y = s->gy + (size_t)i * ref_plain(u), *out = s->out + (size_t)i * ref_padded(&s->grid);
    (void)worker;
    if (u->norm)
        normalise(m, job->unit, s->xh + (size_t)i * ref_plain(u), y);
    if (u->add != NET_NO_ADD)
        ref_add(m, u, m->unit[u->add].out + (size_t)i * ref_padded(&m->unit[u->add].grid), y);
    for (int row = 0; row < u->height; row++) {
        double *to = out + ref_at(&s->grid, row, 0);
        const double *from = y + (size_t)(row * u->width) * (size_t)u->channels;
        for (size_t k = 0; k < (size_t)u->width * (size_t)u->channels; k++)
            to[k] = u->relu && from[k] <= 0 ? 0 : from[k]; /* a NaN passes, so that the loss shows it */
    }
}

static void forward_unit(struct model *m, int unit)
{
    struct job job = { .m = m, .unit = unit };
    operate(&job);
    if (m->net->units[unit].norm)
        take_statistics(&job);
    parallel_each(m->threads, (int)m->n, output_image, &job);
}

void ref_forward(struct model *m)
{
    for (int unit = 0; !m->of_features && unit < m->net->n_units; unit++)
        forward_unit(m, unit);
    ref_head_forward(m);
}

void ref_update_stats(struct model *m, float *stats)
{
    const double keep = 1.0 - NET_BN_MOMENTUM;
    for (int unit = 0; unit < m->net->n_units; unit++) {
        const struct unit *u = &m->net->units[unit];
        const struct unit_state *s = &m->unit[unit];
        double count = (double)m->n * u->height * u->width, unbiased = count / (count - 1);
        float *mean = stats + u->mean, *variance = stats + u->variance;
        for (int c = 0; u->norm && c < u->channels; c++) {
            mean[c] = (float)(keep * mean[c] + NET_BN_MOMENTUM * s->mean[c]);
            variance[c] = (float)(keep * variance[c] + NET_BN_MOMENTUM * unbiased * s->var[c]);
        }
    }
}

/* --- backward --- */

struct mask_job {
    const struct model *m;
    int unit;
    bool r;
};

static void mask_image(void *context, int i, int worker)
{
    const struct mask_job *job = context;
    const struct unit *u = &job->m->net->units[job->unit];
    const struct unit_state *s = &job->m->unit[job->unit];
    const size_t run = (size_t)u->width * (size_t)u->channels;
    (void)worker;
    for (int row = 0; row < u->height; row++) {
        const double *out = s->out + (size_t)i * ref_padded(&s->grid) + ref_at(&s->grid, row, 0);
        double *gy = (job->r ? s->r_gy : s->gy) + (size_t)i * ref_plain(u) + (size_t)row * run;
        for (size_t k = 0; k < run; k++)
            gy[k] = out[k] > 0 ? gy[k] : 0;
    }
}

void ref_mask(const struct model *m, int unit, bool r)
{
    struct mask_job job = { m, unit, r };
    if (m->net->units[unit].relu)
        parallel_each(m->threads, (int)m->n, mask_image, &job);
}

static void sums_image(void *context, int i, int worker)
{
    struct job *job = context;
    struct model *m = job->m;
    const struct unit *u = &m->net->units[job->unit];
    const struct unit_state *s = &m->unit[job->unit];
    size_t channels = (size_t)u->channels, offset = (size_t)i * ref_plain(u);
    const double *gy = s->gy + offset, *xh = s->xh + offset;
    double *sum = m->partial + (size_t)i * 2 * channels;
    (void)worker;
    memset(sum, 0, sizeof(double) * 2 * channels);
    for (size_t p = 0; p < ref_plain(u); p += channels)
        for (size_t c = 0; c < channels; c++) {
            sum[c] += gy[p + c];
            sum[channels + c] += gy[p + c] * xh[p + c];
        }
}

/* The means that batch norm takes off gy, and its own gradients. */
static void norm_backward(struct job *job, float *grad)
{
    struct model *m = job->m;
    const struct unit *u = &m->net->units[job->unit];
    struct unit_state *s = &m->unit[job->unit];
    double count = (double)m->n * u->height * u->width, share = m->pass.mode == PASS_TRAIN ? 1.0 / count : 0.0;
    parallel_each(m->threads, (int)m->n, sums_image, job);
    ref_sum_images(m, u->channels, s->mean_gy, s->mean_gyxh);
    for (int c = 0; c < u->channels; c++) {
        if (grad) {
            grad[u->beta + (size_t)c] = (float)s->mean_gy[c];
            grad[u->gamma + (size_t)c] = (float)s->mean_gyxh[c];
        }
        s->mean_gy[c] *= share;
        s->mean_gyxh[c] *= share;
    }
}

void ref_ga(const struct model *m, int unit, int image, double *ga)
{
    const struct unit *u = &m->net->units[unit];
    const struct unit_state *s = &m->unit[unit];
    const float *gamma = m->pass.params + u->gamma;
    size_t channels = (size_t)u->channels, offset = (size_t)image * ref_plain(u);
    const double *gy = s->gy + offset, *xh = s->xh + offset;
    for (size_t p = 0; p < ref_plain(u); p += channels)
        for (size_t c = 0; c < channels; c++)
            ga[p + c] = gamma[c] * s->inv_s[c] * (gy[p + c] - s->mean_gy[c] - xh[p + c] * s->mean_gyxh[c]);
}

/* gy goes along the addition, ga to the input. */
static void input_image(void *context, int i, int worker)
{
    struct job *job = context;
    struct model *m = job->m;
    const struct unit *u = &m->net->units[job->unit];
    double *ga = ref_ga_of(m, job->unit, false) + (size_t)i * ref_plain(u);
    if (u->norm)
        ref_ga(m, job->unit, i, ga);
    if (u->add != NET_NO_ADD)
        ref_add_backward(m, u, m->unit[job->unit].gy + (size_t)i * ref_plain(u),
                         m->unit[u->add].gy + (size_t)i * ref_plain(&m->net->units[u->add]));
    if (u->in == NET_IMAGE || u->kind == UNIT_COSINE)
        return;
    double *g_in = m->unit[u->in].gy + (size_t)i * ref_plain(&m->net->units[u->in]);
    if (!ref_is_conv(u)) {
        ref_pool_backward(m, job->unit, i, ga, g_in);
        return;
    }
    const struct conv_size size = ref_backward_size(u);
    ref_spread(u, ga, m->spread[worker]);
    ref_conv(&size, m->spread[worker], m->w, g_in, true);
}

void ref_store_bias(struct model *m, const struct unit *u, const double *ga, float *out)
{
    const size_t channels = (size_t)u->channels;
    double *sum = m->partial;
    memset(sum, 0, sizeof *sum * channels);
    for (size_t k = 0; k < m->n * ref_plain(u); k += channels)
        for (size_t c = 0; c < channels; c++)
            sum[c] += ga[k + c];
    for (size_t c = 0; c < channels; c++)
        out[u->bias + c] = (float)sum[c];
}

static void cosine_backward(struct model *m, int unit, float *grad)
{
    const struct unit *u = &m->net->units[unit];
    const struct ref_cosine s = ref_unit_cosine(m, unit);
    memset(m->g_weight, 0, sizeof(double) * (size_t)u->in_channels * (size_t)u->channels);
    ref_cosine_backward(&s, ref_ga_of(m, unit, false), u->in == NET_IMAGE ? NULL : m->unit[u->in].gy, (size_t)u->in_channels, m->g_weight);
    for (size_t k = 0; grad && k < (size_t)u->in_channels * (size_t)u->channels; k++)
        grad[u->weight + k] = (float)m->g_weight[k];
}

static void backward_unit(struct model *m, int unit, float *grad)
{
    const struct unit *u = &m->net->units[unit];
    struct job job = { .m = m, .unit = unit };
    ref_mask(m, unit, false);
    if (u->norm)
        norm_backward(&job, grad);
    if (ref_is_conv(u) && u->in != NET_IMAGE)
        ref_pack(u, BACKWARD, m->pass.params, m->w);
    parallel_each(m->threads, (int)m->n, input_image, &job);
    if (u->kind == UNIT_COSINE)
        cosine_backward(m, unit, grad);
    if (!grad || !ref_is_conv(u))
        return;
    ref_conv_weights(m, u, ref_input(m, u), ref_ga_of(m, unit, false), false);
    ref_store_weights(m, u, grad);
    if (u->has_bias)
        ref_store_bias(m, u, ref_ga_of(m, unit, false), grad);
}

void ref_start_backward(struct model *m, const float *const *upstream, bool r)
{
    for (int unit = 0; unit < m->net->n_units; unit++)
        memset(r ? m->unit[unit].r_gy : m->unit[unit].gy, 0, sizeof(double) * m->n * ref_plain(&m->net->units[unit]));
    for (int k = 0; upstream && k < m->net->n_outputs; k++) {
        const int unit = m->net->outputs[k].unit;
        double *to = r ? m->unit[unit].r_gy : m->unit[unit].gy;
        for (size_t at = 0; upstream[k] && at < m->n * ref_plain(&m->net->units[unit]); at++)
            to[at] += upstream[k][at];
    }
}

void ref_backward(struct model *m, const float *const *upstream, float *grad)
{
    if (m->pass.head_only) {
        ref_head_backward(m, grad);
        return;
    }
    ref_start_backward(m, upstream, false);
    ref_head_backward(m, grad);
    for (int unit = m->net->n_units - 1; unit >= 0; unit--)
        backward_unit(m, unit, grad);
}
