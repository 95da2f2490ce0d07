#include "config.h"
#include "tests/kernels/definition.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* [n][height][width][channels] */
struct map {
    int height, width, channels;
    double *v;
};

static double *doubles(size_t n)
{
    double *v = calloc(n, sizeof *v);
    if (!v)
        abort();
    return v;
}

/* 0 outside. */
static double at(const struct map *m, int i, int y, int x, int c)
{
    if (y < 0 || y >= m->height || x < 0 || x >= m->width)
        return 0;
    return m->v[((i * m->height + y) * m->width + x) * m->channels + c];
}

static double convolve(const struct unit *u, const float *params, const struct map *in, int i, int y, int x, int o)
{
    const int inputs = u->in_channels / u->groups, first = o / (u->channels / u->groups) * inputs;
    double sum = u->has_bias ? (double)params[u->bias + (size_t)o] : 0;
    for (int c = 0; c < inputs; c++)
        for (int r = 0; r < u->kernel; r++)
            for (int s = 0; s < u->kernel; s++)
                sum += (double)params[u->weight + (size_t)(((o * inputs + c) * u->kernel + r) * u->kernel + s)] *
                       at(in, i, y * u->stride - u->pad + r, x * u->stride - u->pad + s, first + c);
    return sum;
}

static double greatest(const struct unit *u, const struct map *in, int i, int y, int x, int c)
{
    double best = -INFINITY;
    for (int r = y * u->stride - u->pad; r < y * u->stride - u->pad + u->kernel; r++)
        for (int s = x * u->stride - u->pad; s < x * u->stride - u->pad + u->kernel; s++)
            if (r >= 0 && r < in->height && s >= 0 && s < in->width)
                best = fmax(best, at(in, i, r, s, c));
    return best;
}

static double mean(const struct map *in, int i, int y0, int x0, int height, int width, int c)
{
    double sum = 0;
    for (int r = y0; r < y0 + height; r++)
        for (int s = x0; s < x0 + width; s++)
            sum += at(in, i, r, s, c);
    return sum / (height * width);
}

static double cosine(const double *x, const float *w, size_t step, int n)
{
    double xw = 0, xx = 0, ww = 0;
    for (int f = 0; f < n; f++) {
        const double k = (double)w[(size_t)f * step];
        xw += x[f] * k;
        xx += x[f] * x[f];
        ww += k * k;
    }
    return xw / fmax(sqrt(xx), 1e-12) / fmax(sqrt(ww), 1e-12);
}

static double operation(const struct unit *u, const float *params, const struct map *in, int i, int y, int x, int c)
{
    switch (u->kind) {
    case UNIT_MAX_POOL:
        return greatest(u, in, i, y, x, c);
    case UNIT_AVG_POOL:
        return mean(in, i, y * u->stride - u->pad, x * u->stride - u->pad, u->kernel, u->kernel, c);
    case UNIT_GLOBAL_POOL:
        return mean(in, i, 0, 0, in->height, in->width, c);
    case UNIT_COSINE:
        return cosine(in->v + (size_t)(i * u->in_channels), params + u->weight + (size_t)(c * u->in_channels), 1, u->in_channels);
    default:
        return convolve(u, params, in, i, y, x, c);
    }
}

/* Batch norm of one channel, whose numbers lie `step` apart. */
static void normalise(const struct problem *p, const struct unit *u, double *v, int count, int c)
{
    const int step = u->channels;
    double m = (double)p->stats[u->mean + (size_t)c], variance = (double)p->stats[u->variance + (size_t)c];
    if (p->mode == PASS_TRAIN) {
        m = variance = 0;
        for (int k = 0; k < count; k++)
            m += v[k * step] / count;
        for (int k = 0; k < count; k++)
            variance += (v[k * step] - m) * (v[k * step] - m) / count;
    }
    for (int k = 0; k < count; k++)
        v[k * step] = (double)p->params[u->gamma + (size_t)c] * (v[k * step] - m) / sqrt(variance + 1e-5) + (double)p->params[u->beta + (size_t)c];
}

/* The number added to channel c of a pixel. */
static double addition(const struct unit *u, const struct map *a, int i, int y, int x, int c)
{
    if (!u->option_a)
        return at(a, i, y, x, c);
    const int from = c - (u->channels - a->channels) / 2;
    return from < 0 || from >= a->channels ? 0 : at(a, i, 2 * y, 2 * x, from);
}

static void define_unit(const struct problem *p, const struct unit *u, const struct map *in, const struct map *add, struct map *out)
{
    const int n = (int)p->batch.n, pixels = u->height * u->width;
    *out = (struct map){ u->height, u->width, u->channels, doubles((size_t)(n * pixels * u->channels)) };
    double *v = out->v;
    for (int i = 0; i < n; i++)
        for (int y = 0; y < u->height; y++)
            for (int x = 0; x < u->width; x++)
                for (int c = 0; c < u->channels; c++)
                    *v++ = operation(u, p->params, in, i, y, x, c);
    for (int c = 0; u->norm && c < u->channels; c++)
        normalise(p, u, out->v + c, n * pixels, c);
    v = out->v;
    for (int i = 0; i < n; i++)
        for (int y = 0; y < u->height; y++)
            for (int x = 0; x < u->width; x++)
                for (int c = 0; c < u->channels; c++, v++) {
                    *v += add ? addition(u, add, i, y, x, c) : 0;
                    *v = u->relu ? fmax(*v, 0) : *v;
                }
}

static double classify(const struct problem *p, const double *feature, int c)
{
    const struct net *net = &p->net;
    if (net->head == HEAD_NORM)
        return cosine(feature, p->params + net->head_weight + (size_t)c, (size_t)net->classes, net->features);
    double sum = (double)p->params[net->head_bias + (size_t)c];
    for (int f = 0; f < net->features; f++)
        sum += feature[f] * (double)p->params[net->head_weight + (size_t)(c * net->features + f)];
    return sum;
}

static double *define_logits(const struct problem *p, const struct map *in)
{
    const struct net *net = &p->net;
    double *logit = doubles((size_t)p->batch.n * (size_t)net->classes), *feature = doubles((size_t)net->features);
    for (int i = 0; i < (int)p->batch.n; i++) {
        for (int f = 0; f < net->features; f++)
            feature[f] = mean(in, i, 0, 0, in->height, in->width, f);
        for (int c = 0; c < net->classes; c++)
            logit[i * net->classes + c] = classify(p, feature, c);
    }
    free(feature);
    return logit;
}

void define_outputs(const struct problem *p, double *which[1 + NET_MAX_OUTPUTS])
{
    const struct net *net = &p->net;
    const size_t numbers = (size_t)p->batch.n * (size_t)(net->height * net->width * net->image_channels);
    struct map image = { net->height, net->width, net->image_channels, doubles(numbers) }, unit[NET_MAX_UNITS];
    for (size_t k = 0; k < numbers; k++)
        image.v[k] = (double)p->images[k];
    for (int i = 0; i < net->n_units; i++) {
        const struct unit *u = &net->units[i];
        define_unit(p, u, u->in == NET_IMAGE ? &image : &unit[u->in], u->add == NET_NO_ADD ? NULL : &unit[u->add], &unit[i]);
    }
    which[0] = define_logits(p, &unit[net->head_in]);
    for (int k = 0; k < net->n_outputs; k++) {
        const struct map *m = &unit[net->outputs[k].unit];
        const size_t n = (size_t)p->batch.n * (size_t)m->channels;
        which[1 + k] = doubles(n);
        memcpy(which[1 + k], m->v, n * sizeof *m->v);
    }
    for (int i = 0; i < net->n_units; i++)
        free(unit[i].v);
    free(image.v);
}
