#include "config.h"
#include "kernels/reference/reference.h"

#include <string.h>

/* The mean over the pixels of unit head_in and the two classifiers (methods 2.1, 2.2), each with its derivative along a direction; the
 * criterion behind them is criterion.c. Small beside the convolutions, so in one thread. */

struct sizes {
    int n, classes, features;
    const struct grid *grid; /* of head_in */
};

static struct sizes sizes_of(const struct model *m)
{
    return (struct sizes){ (int)m->n, m->net->classes, m->net->features, &m->unit[m->net->head_in].grid };
}

static struct ref_cosine cosine_of(const struct model *m, const struct sizes *z)
{
    const struct head_state *h = &m->head;
    return (struct ref_cosine){ .n = z->n, .in = z->features, .out = z->classes, .w = m->pass.params + m->net->head_weight,
                                .step_in = (size_t)z->classes, .step_out = 1, .x = h->feature, .r_x = h->r_feature,
                                .x_step = (size_t)z->features, .z = h->logit, .r_z = h->r_logit, .norm = h->norm,
                                .column_norm = h->column_norm, .r_column = h->r_column };
}

static void pool(const struct sizes *z, const double *out, double *feature)
{
    const struct grid *g = z->grid;
    memset(feature, 0, sizeof(double) * (size_t)(z->n * z->features));
    for (int i = 0; i < z->n; i++)
        for (int row = 0; row < g->height; row++)
            for (int x = 0; x < g->width; x++)
                for (int f = 0; f < z->features; f++)
                    feature[i * z->features + f] += out[(size_t)i * ref_padded(g) + ref_at(g, row, x) + (size_t)f];
    for (int k = 0; k < z->n * z->features; k++)
        feature[k] /= (double)(g->height * g->width);
}

/* The features are what head_in gave, pooled, unless the batch brought them. */
static void take_features(struct model *m, const struct sizes *z)
{
    double *feature = m->head.feature;
    if (m->of_features)
        return;
    pool(z, m->unit[m->net->head_in].out, feature);
    for (int k = 0; m->pass.head_only && m->pass.mode == PASS_EVAL && k < z->n * z->features; k++)
        feature[k] = (float)feature[k];
}

/* Spreads a feature's gradient evenly over its pixels. */
static void unpool(const struct sizes *z, const double *g_feature, double *gy)
{
    size_t pixels = (size_t)(z->grid->height * z->grid->width), features = (size_t)z->features;
    for (size_t i = 0; i < (size_t)z->n; i++)
        for (size_t p = 0; p < pixels; p++)
            for (size_t f = 0; f < features; f++)
                gy[(i * pixels + p) * features + f] += g_feature[i * features + f] / (double)pixels;
}

/* The linear classifier's weight of (feature, class). */
static size_t weight_at(const struct model *m, int f, int c)
{
    return (size_t)(c * m->net->features + f);
}

static void linear_forward(struct model *m, const struct sizes *z, const float *w, const float *bias)
{
    struct head_state *h = &m->head;
    for (int i = 0; i < z->n; i++)
        for (int c = 0; c < z->classes; c++) {
            double sum = 0;
            for (int f = 0; f < z->features; f++)
                sum += h->feature[i * z->features + f] * w[weight_at(m, f, c)];
            h->logit[i * z->classes + c] = sum + bias[c];
        }
}

void ref_head_forward(struct model *m)
{
    const struct sizes z = sizes_of(m);
    take_features(m, &z);
    if (m->net->head == HEAD_NORM) {
        const struct ref_cosine s = cosine_of(m, &z);
        ref_cosine_forward(&s);
    } else {
        linear_forward(m, &z, m->pass.params + m->net->head_weight, m->pass.params + m->net->head_bias);
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

static void store_head(const struct model *m, const struct sizes *z, float *to)
{
    for (int k = 0; to && k < z->classes * z->features; k++)
        to[m->net->head_weight + (size_t)k] = (float)m->head.g_weight[k];
}

void ref_head_backward(struct model *m, float *grad)
{
    const struct sizes z = sizes_of(m);
    struct head_state *h = &m->head;
    memset(h->g_weight, 0, sizeof(double) * (size_t)(z.classes * z.features));
    if (m->net->head == HEAD_NORM) {
        const struct ref_cosine s = cosine_of(m, &z);
        ref_cosine_backward(&s, h->g_logit, h->g_feature, s.x_step, h->g_weight);
    } else {
        linear_backward(m, &z, m->pass.params + m->net->head_weight, grad);
    }
    store_head(m, &z, grad);
    if (!m->pass.head_only)
        unpool(&z, h->g_feature, m->unit[m->net->head_in].gy);
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

void ref_head_r_forward(struct model *m, const float *v)
{
    const struct sizes z = sizes_of(m);
    struct head_state *h = &m->head;
    const float *w = m->pass.params + m->net->head_weight, *vw = v + m->net->head_weight;
    if (m->pass.head_only) /* the features do not move along v */
        memset(h->r_feature, 0, sizeof(double) * (size_t)(z.n * z.features));
    else
        pool(&z, m->unit[m->net->head_in].r_out, h->r_feature);
    if (m->net->head == HEAD_NORM) {
        const struct ref_cosine s = cosine_of(m, &z);
        ref_cosine_product(&s, vw);
    } else {
        linear_product(m, &z, w, vw, v + m->net->head_bias);
    }
}

void ref_head_r_backward(struct model *m, const float *v, float *out)
{
    const struct sizes z = sizes_of(m);
    struct head_state *h = &m->head;
    const float *w = m->pass.params + m->net->head_weight, *vw = v + m->net->head_weight;
    memset(h->g_weight, 0, sizeof(double) * (size_t)(z.classes * z.features));
    if (m->net->head == HEAD_NORM) {
        const struct ref_cosine s = cosine_of(m, &z);
        ref_cosine_product_backward(&s, vw, h->g_logit, h->r_g_logit, h->r_g_feature, s.x_step, h->g_weight);
    } else {
        linear_product_backward(m, &z, w, vw, out);
    }
    store_head(m, &z, out);
    if (!m->pass.head_only)
        unpool(&z, h->r_g_feature, m->unit[m->net->head_in].r_gy);
}
