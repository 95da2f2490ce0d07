#include "config.h"
#include "kernels/reference/reference.h"

#include "base/parallel.h"

#include <math.h>
#include <string.h>

struct job {
    struct model *m;
    int unit;
};

const double *ref_input(const struct model *m, const struct unit *u)
{
    return u->in == NET_IMAGE ? m->image : m->unit[u->in].out;
}

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

static void conv_image(void *context, int i, int worker)
{
    struct job *job = context;
    struct model *m = job->m;
    const struct unit *u = &m->net->units[job->unit];
    struct conv_size size = { u->in_channels, u->channels, u->stride, u->in_width, u->height, u->width };
    double *a = m->unit[job->unit].xh + (size_t)i * ref_plain(u);
    (void)worker;
    ref_conv(&size, ref_input(m, u) + (size_t)i * ref_padded(u->in_height, u->in_width, u->in_channels), m->w.forward, a,
             false);
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

static void add_shortcut(const struct model *m, const struct unit *u, int i, double *y)
{
    const struct unit *from = &m->net->units[u->add];
    const double *in = m->unit[u->add].out + (size_t)i * ref_padded(from->height, from->width, from->channels);
    int step = from->height == u->height && from->width == u->width ? 1 : 2, shift = ref_shift(u, from);
    for (int row = 0; row < u->height; row++)
        for (int x = 0; x < u->width; x++)
            for (int c = 0; c < from->channels; c++)
                y[(row * u->width + x) * u->channels + c + shift] +=
                    in[((row * step + 1) * (from->width + 2) + x * step + 1) * from->channels + c];
}

/* a -> xh, out. gy is free during the forward pass and holds y before the ReLU. */
static void normalise_image(void *context, int i, int worker)
{
    struct job *job = context;
    struct model *m = job->m;
    const struct unit *u = &m->net->units[job->unit];
    const struct unit_state *s = &m->unit[job->unit];
    const float *gamma = m->pass.params + u->gamma, *beta = m->pass.params + u->beta;
    size_t channels = (size_t)u->channels, offset = (size_t)i * ref_plain(u);
    double *xh = s->xh + offset, *y = s->gy + offset;
    (void)worker;
    for (size_t p = 0; p < ref_plain(u); p += channels)
        for (size_t c = 0; c < channels; c++) {
            xh[p + c] = (xh[p + c] - s->mean[c]) * s->inv_s[c];
            y[p + c] = gamma[c] * xh[p + c] + beta[c];
        }
    if (u->add != NET_NO_ADD)
        add_shortcut(m, u, i, y);
    double *out = s->out + (size_t)i * ref_padded(u->height, u->width, u->channels);
    for (int row = 0; row < u->height; row++) {
        double *to = out + (size_t)((row + 1) * (u->width + 2) + 1) * channels;
        const double *from = y + (size_t)(row * u->width) * channels;
        for (size_t k = 0; k < (size_t)u->width * channels; k++)
            to[k] = from[k] <= 0 ? 0 : from[k]; /* a NaN passes, so that the loss shows it */
    }
}

static void forward_unit(struct model *m, int unit)
{
    const struct unit *u = &m->net->units[unit];
    struct unit_state *s = &m->unit[unit];
    struct job job = { .m = m, .unit = unit };
    ref_pack(u, m->pass.params, &m->w);
    parallel_each(m->threads, (int)m->n, conv_image, &job);
    if (m->pass.mode == PASS_TRAIN)
        batch_statistics(&job);
    else
        for (int c = 0; c < u->channels; c++) {
            s->mean[c] = m->pass.stats[u->mean + (size_t)c];
            s->var[c] = m->pass.stats[u->variance + (size_t)c];
        }
    for (int c = 0; c < u->channels; c++)
        s->inv_s[c] = 1.0 / sqrt(s->var[c] + NET_BN_EPS);
    parallel_each(m->threads, (int)m->n, normalise_image, &job);
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
        for (int c = 0; c < u->channels; c++) {
            mean[c] = (float)(keep * mean[c] + NET_BN_MOMENTUM * s->mean[c]);
            variance[c] = (float)(keep * variance[c] + NET_BN_MOMENTUM * unbiased * s->var[c]);
        }
    }
}

/* --- backward --- */

/* gy arrives as dL/dout; the ReLU's mask turns it into dL/dy, which also goes along the shortcut. */
static void mask_image(void *context, int i, int worker)
{
    struct job *job = context;
    struct model *m = job->m;
    const struct unit *u = &m->net->units[job->unit];
    const struct unit_state *s = &m->unit[job->unit];
    size_t channels = (size_t)u->channels;
    const double *out = s->out + (size_t)i * ref_padded(u->height, u->width, u->channels);
    const double *xh = s->xh + (size_t)i * ref_plain(u);
    double *gy = s->gy + (size_t)i * ref_plain(u), *sum = m->partial + (size_t)i * 2 * channels;
    (void)worker;
    memset(sum, 0, sizeof(double) * 2 * channels);
    for (int row = 0; row < u->height; row++)
        for (int x = 0; x < u->width; x++) {
            const double *o = out + (size_t)((row + 1) * (u->width + 2) + x + 1) * channels;
            size_t p = (size_t)(row * u->width + x) * channels;
            for (size_t c = 0; c < channels; c++) {
                gy[p + c] = o[c] > 0 ? gy[p + c] : 0;
                sum[c] += gy[p + c];
                sum[channels + c] += gy[p + c] * xh[p + c];
            }
        }
}

static void shortcut_backward(const struct model *m, const struct unit *u, int i, const double *gy)
{
    const struct unit *from = &m->net->units[u->add];
    double *to = m->unit[u->add].gy + (size_t)i * ref_plain(from);
    int step = from->height == u->height && from->width == u->width ? 1 : 2, shift = ref_shift(u, from);
    for (int row = 0; row < u->height; row++)
        for (int x = 0; x < u->width; x++)
            for (int c = 0; c < from->channels; c++)
                to[(row * step * from->width + x * step) * from->channels + c] +=
                    gy[(row * u->width + x) * u->channels + c + shift];
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

static void input_image(void *context, int i, int worker)
{
    struct job *job = context;
    struct model *m = job->m;
    const struct unit *u = &m->net->units[job->unit];
    double *ga = m->ga + (size_t)i * ref_plain(u);
    ref_ga(m, job->unit, i, ga);
    if (u->add != NET_NO_ADD)
        shortcut_backward(m, u, i, m->unit[job->unit].gy + (size_t)i * ref_plain(u));
    if (u->in == NET_IMAGE)
        return;
    const struct unit *before = &m->net->units[u->in];
    struct conv_size size = { u->channels, u->in_channels, 1, u->in_width, u->in_height, u->in_width };
    ref_spread(u, ga, m->spread[worker]);
    ref_conv(&size, m->spread[worker], m->w.backward, m->unit[u->in].gy + (size_t)i * ref_plain(before), true);
}

/* g_weight [3][3 * in][channels] -> PyTorch's [channels][in][3][3]. */
void ref_store_weights(const struct model *m, const struct unit *u, float *grad)
{
    for (int o = 0; o < u->channels; o++)
        for (int i = 0; i < u->in_channels; i++)
            for (int k = 0; k < 9; k++)
                grad[u->weight + (size_t)((o * u->in_channels + i) * 9 + k)] =
                    (float)m->g_weight[(size_t)((k * u->in_channels + i) * u->channels + o)];
}

static void backward_unit(struct model *m, int unit, float *grad)
{
    const struct unit *u = &m->net->units[unit];
    struct unit_state *s = &m->unit[unit];
    struct job job = { .m = m, .unit = unit };
    double count = (double)m->n * u->height * u->width, share = m->pass.mode == PASS_TRAIN ? 1.0 / count : 0.0;
    parallel_each(m->threads, (int)m->n, mask_image, &job);
    ref_sum_images(m, u->channels, s->mean_gy, s->mean_gyxh);
    for (int c = 0; c < u->channels; c++) {
        if (grad) {
            grad[u->beta + (size_t)c] = (float)s->mean_gy[c];
            grad[u->gamma + (size_t)c] = (float)s->mean_gyxh[c];
        }
        s->mean_gy[c] *= share;
        s->mean_gyxh[c] *= share;
    }
    ref_pack(u, m->pass.params, &m->w);
    parallel_each(m->threads, (int)m->n, input_image, &job);
    if (grad) {
        ref_conv_weights(m, u, ref_input(m, u), m->ga, false);
        ref_store_weights(m, u, grad);
    }
}

void ref_backward(struct model *m, float *grad)
{
    if (m->pass.head_only) {
        ref_head_backward(m, grad);
        return;
    }
    for (int unit = 0; unit < m->net->n_units; unit++)
        memset(m->unit[unit].gy, 0, sizeof(double) * m->n * ref_plain(&m->net->units[unit]));
    ref_head_backward(m, grad);
    for (int unit = m->net->n_units - 1; unit >= 0; unit--)
        backward_unit(m, unit, grad);
}
