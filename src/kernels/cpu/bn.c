#include "config.h"
#include "kernels/cpu/cpu.h"

#include <math.h>
#include <string.h>

/* Everything here is per channel and tiny: double, serial. Notation: s = inverse, xhat = s (raw - mean), N = images x
 * pixels; with running statistics the means over the batch below are 0. */

double *bn_sums(const struct layer *l, int shard, int which)
{
    return l->partial_sums + ((size_t)shard * SHARD_SUMS + which) * l->ocs;
}

double *bn_r_sums(const struct layer *l, const struct r_layer *r, int shard, int which)
{
    return r->partial_sums + ((size_t)shard * SHARD_SUMS + which) * l->ocs;
}

static double sum_of_shards(const struct model *m, const struct layer *l, int which, int c)
{
    double sum = 0;
    for (int shard = 0; shard < m->n_shards; shard++)
        sum += bn_sums(l, shard, which)[c];
    return sum;
}

static double r_total(const struct model *m, const struct layer *l, const struct r_layer *r, int which, int c)
{
    double sum = 0;
    for (int shard = 0; shard < m->n_shards; shard++)
        sum += bn_r_sums(l, r, shard, which)[c];
    return sum;
}

/* A bias before the norm: it moves the mean that is subtracted; raw is without it. */
static double bias_of(const struct layer *l, const float *params, int c)
{
    return l->u->has_bias ? (double)params[l->u->bias + c] : 0;
}

static void set_affine(struct layer *l, int c, double mean, double variance)
{
    struct bn *b = &l->bn;
    b->mean[c] = (float)mean;
    b->inverse[c] = (float)(1 / sqrt(variance + NET_BN_EPS));
    b->scale[c] = b->gamma[c] * b->inverse[c];
    b->cg[c] = b->scale[c];
    b->cx[c] = b->c1[c] = 0;
}

/* A unit without a norm gives raw + bias. */
static void set_plain(struct layer *l, const float *params)
{
    struct bn *b = &l->bn;
    for (int c = 0; c < l->u->channels; c++) {
        b->gamma[c] = b->inverse[c] = b->scale[c] = b->cg[c] = 1;
        b->mean[c] = b->cx[c] = b->c1[c] = 0;
        b->beta[c] = (float)bias_of(l, params, c);
    }
}

void bn_load(struct model *m)
{
    for (int i = 0; i < m->net->n_units; i++) {
        struct layer *l = &m->layers[i];
        const struct unit *u = l->u;
        if (!u->norm) {
            set_plain(l, m->pass.params);
            continue;
        }
        memcpy(l->bn.gamma, m->pass.params + u->gamma, (size_t)u->channels * sizeof(float));
        memcpy(l->bn.beta, m->pass.params + u->beta, (size_t)u->channels * sizeof(float));
        for (int c = 0; !m->train && c < u->channels; c++)
            set_affine(l, c, (double)m->pass.stats[u->mean + c] - bias_of(l, m->pass.params, c), (double)m->pass.stats[u->variance + c]);
    }
}

static void update_running(struct model *m, const struct layer *l, int c, double mean, double square, double count)
{
    float *run_mean = m->pass.stats + l->u->mean + c, *run_variance = m->pass.stats + l->u->variance + c;
    double unbiased = square / (count > 1 ? count - 1 : 1);
    *run_mean = (float)((1 - NET_BN_MOMENTUM) * (double)*run_mean + NET_BN_MOMENTUM * mean);
    *run_variance = (float)((1 - NET_BN_MOMENTUM) * (double)*run_variance + NET_BN_MOMENTUM * unbiased);
}

void bn_reduce_forward(struct model *m, int unit)
{
    struct layer *l = &m->layers[unit];
    if (!m->train || !l->u->norm)
        return;
    for (int c = 0; c < l->u->channels; c++) {
        double count = 0, mean = 0, square = 0;
        for (int shard = 0; shard < m->n_shards; shard++) {
            double n = bn_sums(l, shard, 2)[c], gap = bn_sums(l, shard, 0)[c] - mean, sum = count + n;
            mean += gap * n / sum;
            square += bn_sums(l, shard, 1)[c] + gap * gap * count * n / sum;
            count = sum;
        }
        set_affine(l, c, mean, square / count);
        if (m->pass.update_stats)
            update_running(m, l, c, mean + bias_of(l, m->pass.params, c), square, count);
    }
}

/* g: gradient of the batch norm's output. d raw = gamma s (g - mean(g) - xhat mean(g xhat)). */
void bn_reduce_backward(struct model *m, int unit)
{
    struct layer *l = &m->layers[unit];
    struct bn *b = &l->bn;
    const double count = (double)m->n * l->px;
    const bool batch = m->train && l->u->norm;
    for (int c = 0; c < l->u->channels; c++) {
        double s = (double)b->inverse[c];
        b->sum_g[c] = sum_of_shards(m, l, 0, c);
        b->sum_gx[c] = sum_of_shards(m, l, 1, c) * s;
        b->mean_g[c] = batch ? b->sum_g[c] / count : 0;
        b->mean_gx[c] = batch ? b->sum_gx[c] / count : 0;
        b->cx[c] = (float)(-(double)b->scale[c] * b->mean_gx[c] * s);
        b->c1[c] = (float)(-(double)b->scale[c] * b->mean_g[c]);
    }
}

void bn_reduce_closed(struct model *m, int unit)
{
    bn_reduce_backward(m, unit - 1);
}

/* A bias before batch statistics has no gradient: they take it away again. */
static void bias_gradient(const struct model *m, const struct layer *l, float *out)
{
    for (int c = 0; c < l->u->channels; c++)
        out[l->u->bias + c] = m->train && l->u->norm ? 0 : (float)((double)l->bn.scale[c] * l->bn.sum_g[c]);
}

void bn_gradient(const struct model *m, float *out)
{
    for (int i = 0; i < m->net->n_units; i++) {
        const struct layer *l = &m->layers[i];
        for (int c = 0; l->u->norm && c < l->u->channels; c++) {
            out[l->u->gamma + c] = (float)l->bn.sum_gx[c];
            out[l->u->beta + c] = (float)l->bn.sum_g[c];
        }
        if (l->u->has_bias)
            bias_gradient(m, l, out);
    }
}

/* --- the derivative along a direction ------------------------------------------------------------------------------
 * m1 = mean(rraw), m2 = mean(xhat rraw): R{xhat} = s (rraw - m1 - xhat m2), R{s} = - s^2 m2,
 * R{out} = v_gamma xhat + gamma R{xhat} + v_beta. */
static void set_r_forward(const struct layer *l, const struct r_bn *r, int c)
{
    double k = (double)l->bn.scale[c], s = (double)l->bn.inverse[c];
    r->cr[c] = (float)k;
    r->cx[c] = (float)(s * ((double)r->gamma[c] - k * r->m2[c]));
    r->c1[c] = (float)((double)r->beta[c] - k * r->m1[c]);
}

/* A = mean(g), B = mean(g xhat):
 * R{d raw} = (v_gamma s + gamma R{s}) (g - A - xhat B) + gamma s (rg - R{A} - R{xhat} B - xhat R{B}),
 * sorted by what varies from pixel to pixel. */
static void set_r_backward(const struct layer *l, const struct r_bn *r, int c, double r_a, double r_b)
{
    const struct bn *b = &l->bn;
    double k = (double)b->scale[c], s = (double)b->inverse[c];
    double k_g = (double)r->gamma[c] * s - k * s * r->m2[c];
    r->c[0][c] = (float)k;
    r->c[1][c] = (float)k_g;
    r->c[2][c] = (float)(s * (-k_g * b->mean_gx[c] - k * r_b + k * s * b->mean_gx[c] * r->m2[c]));
    r->c[3][c] = (float)(-k * s * b->mean_gx[c]);
    r->c[4][c] = (float)(-k_g * b->mean_g[c] - k * r_a + k * s * b->mean_gx[c] * r->m1[c]);
}

/* A bias along a direction moves R{raw}; as that is without it, the mean m1 that is subtracted moves the other way. */
void bn_load_direction(struct model *m, struct direction *d)
{
    for (int i = 0; i < m->net->n_units; i++) {
        const struct layer *l = &m->layers[i];
        const struct r_bn *r = &d->layers[i].bn;
        const struct unit *u = l->u;
        if (u->norm) {
            memcpy(r->gamma, d->v + u->gamma, (size_t)u->channels * sizeof(float));
            memcpy(r->beta, d->v + u->beta, (size_t)u->channels * sizeof(float));
        }
        for (int c = 0; c < u->channels; c++) {
            r->m1[c] = u->has_bias ? -bias_of(l, d->v, c) : 0;
            r->m2[c] = 0;
            set_r_forward(l, r, c);
            set_r_backward(l, r, c, 0, 0);
        }
    }
}

void bn_reduce_r_forward(struct model *m, int unit)
{
    const struct layer *l = &m->layers[unit];
    const double count = (double)m->n * l->px;
    for (int k = 0; m->train && l->u->norm && k < m->n_directions; k++) {
        const struct r_layer *r = &m->directions[k].layers[unit];
        for (int c = 0; c < l->u->channels; c++) {
            r->bn.m1[c] = r_total(m, l, r, 0, c) / count;
            r->bn.m2[c] = r_total(m, l, r, 1, c) / count * (double)l->bn.inverse[c];
            set_r_forward(l, &r->bn, c);
        }
    }
}

static void reduce_r_backward(const struct model *m, const struct layer *l, const struct r_layer *r)
{
    const struct bn *b = &l->bn;
    const double count = (double)m->n * l->px;
    for (int c = 0; c < l->u->channels; c++) {
        double along = r_total(m, l, r, 2, c) - r->bn.m1[c] * b->sum_g[c] - r->bn.m2[c] * b->sum_gx[c];
        r->bn.sum_g[c] = r_total(m, l, r, 0, c);
        r->bn.sum_gx[c] = (double)b->inverse[c] * (r_total(m, l, r, 1, c) + along);
        if (m->train && l->u->norm)
            set_r_backward(l, &r->bn, c, r->bn.sum_g[c] / count, r->bn.sum_gx[c] / count);
    }
}

void bn_reduce_r_backward(struct model *m, int unit)
{
    for (int k = 0; k < m->n_directions; k++)
        reduce_r_backward(m, &m->layers[unit], &m->directions[k].layers[unit]);
}

void bn_reduce_r_closed(struct model *m, int unit)
{
    bn_reduce_r_backward(m, unit - 1);
}

void bn_r_gradient(const struct model *m, const struct direction *d)
{
    for (int i = 0; i < m->net->n_units; i++) {
        const struct layer *l = &m->layers[i];
        const struct unit *u = l->u;
        const struct r_bn *r = &d->layers[i].bn;
        for (int c = 0; u->norm && c < u->channels; c++) {
            d->out[u->gamma + c] = (float)r->sum_gx[c];
            d->out[u->beta + c] = (float)r->sum_g[c];
        }
        for (int c = 0; u->has_bias && c < u->channels; c++) /* of scale sum_g; R{scale} = v_gamma / s with running statistics */
            d->out[u->bias + c] = m->train && u->norm ? 0 : (float)((double)l->bn.scale[c] * r->sum_g[c] +
                                                                    (double)r->gamma[c] * (double)l->bn.inverse[c] * l->bn.sum_g[c]);
    }
}
