#include "config.h"
#include "kernels/reference/reference.h"

#include <math.h>
#include <string.h>

/* Global average pooling and the two classifiers (spec 2.1, 2.2), each with its derivative along a direction; the criterion
 * behind them is criterion.c. Small beside the convolutions, so in one thread. */

static const double TINY = 1e-12;

struct sizes {
    int n, classes, features;
    size_t padded;
    const struct unit *last;
};

static struct sizes sizes_of(const struct model *m)
{
    const struct unit *last = &m->net->units[m->net->n_units - 1];
    return (struct sizes){ (int)m->n, m->net->classes, m->net->features,
                           ref_padded(last->height, last->width, last->channels), last };
}

static void pool(const struct sizes *z, const double *out, double *feature)
{
    const struct unit *u = z->last;
    memset(feature, 0, sizeof(double) * (size_t)(z->n * z->features));
    for (int i = 0; i < z->n; i++)
        for (int row = 0; row < u->height; row++)
            for (int x = 0; x < u->width; x++)
                for (int f = 0; f < z->features; f++)
                    feature[i * z->features + f] +=
                        out[(size_t)i * z->padded + (size_t)(((row + 1) * (u->width + 2) + x + 1) * u->channels + f)];
    for (int k = 0; k < z->n * z->features; k++)
        feature[k] /= (double)(u->height * u->width);
}

/* The last unit's out, pooled, unless the batch brought the features. */
static void take_features(struct model *m, const struct sizes *z)
{
    double *feature = m->head.feature;
    if (m->of_features)
        return;
    pool(z, m->unit[m->net->n_units - 1].out, feature);
    for (int k = 0; m->pass.head_only && m->pass.mode == PASS_EVAL && k < z->n * z->features; k++)
        feature[k] = (float)feature[k];
}

/* Spreads a feature's gradient evenly over its pixels. */
static void unpool(const struct sizes *z, const double *g_feature, double *gy)
{
    size_t pixels = (size_t)(z->last->height * z->last->width), features = (size_t)z->features;
    for (size_t i = 0; i < (size_t)z->n; i++)
        for (size_t p = 0; p < pixels; p++)
            for (size_t f = 0; f < features; f++)
                gy[(i * pixels + p) * features + f] = g_feature[i * features + f] / (double)pixels;
}

/* The classifier's weight of (feature, class) whatever its layout. */
static size_t weight_at(const struct model *m, int f, int c)
{
    return m->net->head == HEAD_NORM ? (size_t)(f * m->net->classes + c) : (size_t)(c * m->net->features + f);
}

static double length(double square)
{
    double norm = sqrt(square);
    return norm > TINY ? norm : TINY;
}

static void norms(struct model *m, const struct sizes *z, const float *w)
{
    struct head_state *h = &m->head;
    for (int c = 0; c < z->classes; c++) {
        double square = 0;
        for (int f = 0; f < z->features; f++)
            square += (double)w[weight_at(m, f, c)] * w[weight_at(m, f, c)];
        h->column_norm[c] = length(square);
    }
    for (int i = 0; i < z->n; i++) {
        double square = 0;
        for (int f = 0; f < z->features; f++)
            square += h->feature[i * z->features + f] * h->feature[i * z->features + f];
        h->norm[i] = length(square);
    }
}

void ref_head_forward(struct model *m)
{
    struct sizes z = sizes_of(m);
    struct head_state *h = &m->head;
    const float *w = m->pass.params + m->net->head_weight, *bias = m->pass.params + m->net->head_bias;
    bool norm = m->net->head == HEAD_NORM;
    take_features(m, &z);
    if (norm)
        norms(m, &z, w);
    for (int i = 0; i < z.n; i++)
        for (int c = 0; c < z.classes; c++) {
            double sum = 0;
            for (int f = 0; f < z.features; f++)
                sum += h->feature[i * z.features + f] * w[weight_at(m, f, c)];
            h->logit[i * z.classes + c] = norm ? sum / (h->norm[i] * h->column_norm[c]) : sum + bias[c];
        }
}

/* --- backward --- */

/* z = W f + b */
static void linear_backward(struct model *m, const struct sizes *z, const float *w, float *grad)
{
    struct head_state *h = &m->head;
    for (int c = 0; c < z->classes; c++) {
        double bias = 0;
        for (int i = 0; i < z->n; i++) {
            double g = h->g_logit[i * z->classes + c];
            bias += g;
            for (int f = 0; f < z->features; f++) {
                h->g_feature[i * z->features + f] += g * w[weight_at(m, f, c)];
                h->g_weight[weight_at(m, f, c)] += g * h->feature[i * z->features + f];
            }
        }
        if (grad)
            grad[m->net->head_bias + (size_t)c] = (float)bias;
    }
}

/* g_a = (g_u - u <u, g_u>)/|a| for a = f and a = W_c; <u, g_u> of an image is sum_c g z, since u_f . u_c = z. */
static void norm_backward(struct model *m, const struct sizes *z, const float *w)
{
    struct head_state *h = &m->head;
    for (int i = 0; i < z->n; i++)
        for (int c = 0; c < z->classes; c++) {
            double g = h->g_logit[i * z->classes + c], cosine = h->logit[i * z->classes + c];
            for (int f = 0; f < z->features; f++) {
                double uf = h->feature[i * z->features + f] / h->norm[i];
                double uw = w[weight_at(m, f, c)] / h->column_norm[c];
                h->g_feature[i * z->features + f] += g * (uw - cosine * uf) / h->norm[i];
                h->g_weight[weight_at(m, f, c)] += g * (uf - cosine * uw) / h->column_norm[c];
            }
        }
}

static void store_head(const struct model *m, const struct sizes *z, float *to)
{
    for (int k = 0; to && k < z->classes * z->features; k++)
        to[m->net->head_weight + (size_t)k] = (float)m->head.g_weight[k];
}

void ref_head_backward(struct model *m, float *grad)
{
    struct sizes z = sizes_of(m);
    struct head_state *h = &m->head;
    const float *w = m->pass.params + m->net->head_weight;
    memset(h->g_weight, 0, sizeof(double) * (size_t)(z.classes * z.features));
    if (m->net->head == HEAD_NORM)
        norm_backward(m, &z, w);
    else
        linear_backward(m, &z, w, grad);
    store_head(m, &z, grad);
    if (!m->pass.head_only)
        unpool(&z, h->g_feature, m->unit[m->net->n_units - 1].gy);
}

/* --- product with the Hessian --- */

static void linear_product(struct model *m, const struct sizes *z, const float *w, const float *v, const float *v_bias)
{
    struct head_state *h = &m->head;
    for (int i = 0; i < z->n; i++)
        for (int c = 0; c < z->classes; c++) {
            double sum = v_bias[c];
            for (int f = 0; f < z->features; f++)
                sum += h->r_feature[i * z->features + f] * w[weight_at(m, f, c)] +
                       h->feature[i * z->features + f] * v[weight_at(m, f, c)];
            h->r_logit[i * z->classes + c] = sum;
        }
}

static void linear_product_backward(struct model *m, const struct sizes *z, const float *w, const float *v, float *out)
{
    struct head_state *h = &m->head;
    for (int c = 0; c < z->classes; c++) {
        double bias = 0;
        for (int i = 0; i < z->n; i++) {
            double g = h->g_logit[i * z->classes + c], rg = h->r_g_logit[i * z->classes + c];
            bias += rg;
            for (int f = 0; f < z->features; f++) {
                h->r_g_feature[i * z->features + f] += rg * w[weight_at(m, f, c)] + g * v[weight_at(m, f, c)];
                h->g_weight[weight_at(m, f, c)] +=
                    rg * h->feature[i * z->features + f] + g * h->r_feature[i * z->features + f];
            }
        }
        out[m->net->head_bias + (size_t)c] = (float)bias;
    }
}

/* <uf, R{f}> of an image: how fast its length grows. */
static double growth(const struct head_state *h, const struct sizes *z, int i)
{
    double sum = 0;
    for (int f = 0; f < z->features; f++)
        sum += h->feature[i * z->features + f] * h->r_feature[i * z->features + f];
    return sum / h->norm[i];
}

/* R{z_c} = <R{uf}, uW> + <uf, R{uW}>, with R{u} = (R{a} - u <u, R{a}>)/|a|. */
static void norm_product(struct model *m, const struct sizes *z, const float *w, const float *v)
{
    struct head_state *h = &m->head;
    for (int c = 0; c < z->classes; c++) {
        double sum = 0;
        for (int f = 0; f < z->features; f++)
            sum += (double)w[weight_at(m, f, c)] * v[weight_at(m, f, c)];
        h->r_column[c] = sum / h->column_norm[c];
    }
    for (int i = 0; i < z->n; i++) {
        double grow = growth(h, z, i);
        for (int c = 0; c < z->classes; c++) {
            double cosine = h->logit[i * z->classes + c], sum = 0;
            for (int f = 0; f < z->features; f++)
                sum += h->r_feature[i * z->features + f] / h->norm[i] * w[weight_at(m, f, c)] / h->column_norm[c] +
                       h->feature[i * z->features + f] / h->norm[i] * v[weight_at(m, f, c)] / h->column_norm[c];
            h->r_logit[i * z->classes + c] = sum - cosine * (grow / h->norm[i] + h->r_column[c] / h->column_norm[c]);
        }
    }
}

/* The derivative of norm_backward(), term by term: g (uw - z uf)/|f| and g (uf - z uw)/|W_c|. */
static void norm_product_backward(struct model *m, const struct sizes *z, const float *w, const float *v)
{
    struct head_state *h = &m->head;
    for (int i = 0; i < z->n; i++) {
        double nf = h->norm[i], grow = growth(h, z, i);
        for (int c = 0; c < z->classes; c++) {
            size_t k = (size_t)(i * z->classes + c);
            double g = h->g_logit[k], rg = h->r_g_logit[k], cosine = h->logit[k], r_cosine = h->r_logit[k];
            double nw = h->column_norm[c];
            for (int f = 0; f < z->features; f++) {
                size_t at = weight_at(m, f, c);
                double uf = h->feature[i * z->features + f] / nf, uw = w[at] / nw;
                double ruf = (h->r_feature[i * z->features + f] - uf * grow) / nf;
                double ruw = (v[at] - uw * h->r_column[c]) / nw;
                double df = uw - cosine * uf, dw = uf - cosine * uw;
                h->r_g_feature[i * z->features + f] +=
                    (rg * df + g * (ruw - r_cosine * uf - cosine * ruf) - g * df * grow / nf) / nf;
                h->g_weight[at] +=
                    (rg * dw + g * (ruf - r_cosine * uw - cosine * ruw) - g * dw * h->r_column[c] / nw) / nw;
            }
        }
    }
}

void ref_head_product(struct model *m, const float *v, float *out)
{
    struct sizes z = sizes_of(m);
    struct head_state *h = &m->head;
    const float *w = m->pass.params + m->net->head_weight, *vw = v + m->net->head_weight;
    bool norm = m->net->head == HEAD_NORM;
    if (m->pass.head_only) /* the features do not move along v */
        memset(h->r_feature, 0, sizeof(double) * (size_t)(z.n * z.features));
    else
        pool(&z, m->unit[m->net->n_units - 1].r_out, h->r_feature);
    if (norm)
        norm_product(m, &z, w, vw);
    else
        linear_product(m, &z, w, vw, v + m->net->head_bias);
    ref_criterion_product(m);
    memset(h->g_weight, 0, sizeof(double) * (size_t)(z.classes * z.features));
    if (norm)
        norm_product_backward(m, &z, w, vw);
    else
        linear_product_backward(m, &z, w, vw, out);
    store_head(m, &z, out);
    if (!m->pass.head_only)
        unpool(&z, h->r_g_feature, m->unit[m->net->n_units - 1].r_gy);
}
