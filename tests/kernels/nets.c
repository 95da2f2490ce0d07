#include "config.h"
#include "tests/kernels/nets.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/rng.h"

/* The name of each says what it is there for. I: the image, N: adds nothing. */
enum { I = NET_IMAGE, N = NET_NO_ADD };

#define MAX_POOL(from, k, step, p) { .in = from, .add = N, .stride = step, .kind = UNIT_MAX_POOL, .kernel = k, .pad = p }
#define AVG_POOL(from, k, step, p) { .in = from, .add = N, .stride = step, .kind = UNIT_AVG_POOL, .kernel = k, .pad = p }
#define GLOBAL_POOL(from) { .in = from, .add = N, .kind = UNIT_GLOBAL_POOL, .kernel = 1 }
#define CONV(from, plus, outs, k, step, p, parts, but) \
    { .in = from, .add = plus, .channels = outs, .stride = step, .kernel = k, .pad = p, .groups = parts, .flags = but }
#define LINEAR(from, plus, outs, but) { .in = from, .add = plus, .channels = outs, .kind = UNIT_LINEAR, .kernel = 1, .flags = but }
#define COSINE(from, plus, outs, but) { .in = from, .add = plus, .channels = outs, .kind = UNIT_COSINE, .kernel = 1, .flags = but }

const struct net_spec net_specs[] = {
    { .name = "resnet8", 32, 32, 3, 10, HEAD_LINEAR,
      { PLAIN(I, N, 16, 1), PLAIN(0, N, 16, 1), PLAIN(1, 0, 16, 1), PLAIN(2, N, 32, 2), PLAIN(3, 2, 32, 1), PLAIN(4, N, 64, 2),
        PLAIN(5, 4, 64, 1) } },
    { .name = "resnet8 normalised head", 32, 32, 3, 10, HEAD_NORM,
      { PLAIN(I, N, 16, 1), PLAIN(0, N, 16, 1), PLAIN(1, 0, 16, 1), PLAIN(2, N, 32, 2), PLAIN(3, 2, 32, 1), PLAIN(4, N, 64, 2),
        PLAIN(5, 4, 64, 1) } },
    { .name = "odd sides and channels", 11, 7, 2, 4, HEAD_LINEAR,
      { PLAIN(I, N, 5, 1), PLAIN(0, 0, 5, 1), PLAIN(1, N, 17, 2), PLAIN(2, 1, 17, 1), PLAIN(3, N, 33, 2), PLAIN(4, 3, 33, 1) } },
    { .name = "every tile width", 3, 31, 5, 3, HEAD_NORM,
      { PLAIN(I, N, 16, 1), PLAIN(0, N, 32, 1), PLAIN(1, N, 48, 1), PLAIN(2, N, 32, 2), PLAIN(3, 1, 32, 1), PLAIN(4, N, 16, 2) } },
    { .name = "one pixel", 1, 1, 1, 2, HEAD_LINEAR, { PLAIN(I, N, 3, 1), PLAIN(0, 0, 3, 1) } },
    { .name = "two pixels wide", 2, 2, 3, 5, HEAD_NORM, { PLAIN(I, N, 8, 1), PLAIN(0, N, 8, 2), PLAIN(1, N, 8, 1), PLAIN(2, 1, 8, 1) } },
    { .name = "branches", 12, 16, 3, 6, HEAD_LINEAR,
      { PLAIN(I, N, 16, 1), PLAIN(0, N, 16, 1), PLAIN(0, 1, 16, 1), PLAIN(1, N, 16, 1), PLAIN(2, 0, 16, 1), PLAIN(2, 4, 16, 1),
        PLAIN(I, N, 16, 1), PLAIN(6, 5, 16, 1) } },
    { .name = "stride 2 stem", 17, 24, 4, 6, HEAD_LINEAR, { PLAIN(I, N, 32, 2), PLAIN(0, 0, 32, 1), PLAIN(1, N, 64, 2), PLAIN(2, 1, 64, 1) } },
    { .name = "large sides", 40, 72, 3, 4, HEAD_LINEAR, { PLAIN(I, N, 16, 1), PLAIN(0, 0, 16, 1), PLAIN(1, N, 20, 2) } },
    { .name = "many classes", 6, 8, 3, 10000, HEAD_NORM, { PLAIN(I, N, 16, 1), PLAIN(0, 0, 16, 1) } },
    { .name = "many classes, plain", 6, 8, 3, 10000, HEAD_LINEAR, { PLAIN(I, N, 16, 1), PLAIN(0, 0, 16, 1) } },
    { .name = "fewer channels, same sides", 9, 8, 3, 4, HEAD_LINEAR, { PLAIN(I, N, 32, 1), PLAIN(0, N, 16, 1) } },
};
const int n_net_specs = sizeof net_specs / sizeof *net_specs;

const struct net_spec operation_cases[] = {
    { .name = "7x7 stem and max pooling", 13, 9, 3, 4, HEAD_LINEAR,
      { CONV(I, N, 6, 7, 2, 3, 1, 0), MAX_POOL(0, 3, 2, 1), PLAIN(1, 1, 6, 1) } },
    { .name = "projection", 9, 6, 2, 3, HEAD_LINEAR,
      { PLAIN(I, N, 6, 1), CONV(0, N, 10, 1, 2, 0, 1, NO_RELU), PLAIN(0, N, 10, 2), PLAIN(2, 1, 10, 1) } },
    { .name = "bottleneck", 7, 8, 3, 4, HEAD_NORM,
      { PLAIN(I, N, 8, 1), CONV(0, N, 4, 1, 1, 0, 1, 0), PLAIN(1, N, 4, 2), CONV(0, N, 12, 1, 2, 0, 1, NO_RELU), CONV(2, 3, 12, 1, 1, 0, 1, 0),
        CONV(4, N, 5, 1, 1, 0, 1, 0), PLAIN(5, N, 5, 1), CONV(6, 4, 12, 1, 1, 0, 1, 0) } },
    { .name = "groups", 8, 7, 3, 4, HEAD_LINEAR,
      { PLAIN(I, N, 8, 1), CONV(0, N, 12, 3, 2, 1, 4, 0), CONV(1, 1, 12, 1, 1, 0, 3, 0), CONV(2, N, 10, 3, 1, 1, 2, NO_RELU) } },
    { .name = "depthwise", 9, 5, 3, 4, HEAD_LINEAR,
      { CONV(I, N, 6, 3, 1, 1, 3, 0), CONV(0, N, 6, 3, 2, 1, 6, 0), CONV(1, N, 5, 1, 1, 0, 1, 0), CONV(2, N, 10, 5, 1, 2, 5, 0) } },
    { .name = "no padding", 15, 12, 2, 3, HEAD_LINEAR,
      { CONV(I, N, 5, 5, 1, 0, 1, 0), CONV(0, N, 6, 5, 3, 0, 1, 0), CONV(1, N, 4, 2, 1, 0, 1, 0) } },
    { .name = "even kernels", 9, 10, 2, 3, HEAD_LINEAR,
      { CONV(I, N, 5, 4, 2, 2, 1, 0), CONV(0, N, 6, 2, 1, 1, 1, 0), CONV(1, N, 4, 4, 3, 1, 2, 0) } },
    { .name = "no batch norm", 8, 9, 3, 4, HEAD_LINEAR,
      { CONV(I, N, 6, 3, 1, 1, 1, BIAS | NO_NORM), CONV(0, N, 6, 3, 1, 1, 1, BIAS | BARE), CONV(1, 0, 6, 3, 1, 1, 1, NO_NORM),
        CONV(2, 1, 6, 1, 1, 0, 1, BARE), CONV(3, N, 9, 3, 2, 1, 3, BIAS | NO_NORM) } },
    { .name = "bias before batch norm", 6, 6, 3, 4, HEAD_LINEAR,
      { CONV(I, N, 5, 3, 1, 1, 1, BIAS), CONV(0, 0, 5, 3, 1, 1, 1, BIAS | NO_RELU), CONV(1, N, 6, 1, 1, 0, 1, BIAS) } },
    { .name = "average pooling", 11, 8, 3, 4, HEAD_LINEAR,
      { PLAIN(I, N, 5, 1), AVG_POOL(0, 3, 2, 1), PLAIN(1, N, 6, 1), AVG_POOL(2, 2, 2, 0), PLAIN(3, 3, 6, 1), AVG_POOL(4, 3, 1, 1) } },
    { .name = "pooling of images", 9, 7, 3, 4, HEAD_LINEAR,
      { MAX_POOL(I, 2, 2, 1), AVG_POOL(I, 2, 2, 1), GLOBAL_POOL(I), PLAIN(0, 1, 3, 1), MAX_POOL(3, 3, 1, 1), PLAIN(4, N, 5, 1), LINEAR(2, N, 5, BIAS),
        PLAIN(5, N, 7, 1) } },
    { .name = "max pooling of equal numbers", 8, 8, 2, 3, HEAD_LINEAR,
      { CONV(I, N, 5, 3, 1, 1, 1, NO_RELU), MAX_POOL(0, 3, 2, 1), PLAIN(1, N, 6, 1) }, .ties = true },
    { .name = "head of two layers", 6, 5, 3, 4, HEAD_LINEAR,
      { PLAIN(I, N, 8, 1), GLOBAL_POOL(0), LINEAR(1, N, 9, BIAS), LINEAR(2, N, 5, BIAS | BARE) } },
    { .name = "linear units", 5, 5, 3, 4, HEAD_NORM,
      { PLAIN(I, N, 6, 1), GLOBAL_POOL(0), LINEAR(1, 1, 6, NO_NORM), LINEAR(2, N, 7, NO_RELU), LINEAR(3, 3, 7, BIAS | NO_NORM) } },
    { .name = "cosine units", 5, 6, 3, 4, HEAD_LINEAR,
      { PLAIN(I, N, 6, 1), GLOBAL_POOL(0), COSINE(1, N, 7, BARE), COSINE(2, N, 6, 0), COSINE(3, 1, 6, NO_NORM) } },
    { .name = "images of one pixel", 1, 1, 6, 3, HEAD_LINEAR, { LINEAR(I, N, 5, BIAS), COSINE(I, 0, 5, 0), LINEAR(1, N, 4, BARE) } },
    { .name = "several outputs", 8, 6, 3, 4, HEAD_LINEAR,
      { PLAIN(I, N, 6, 1), PLAIN(0, N, 8, 2), GLOBAL_POOL(1), LINEAR(2, N, 8, BIAS), LINEAR(3, N, 5, BIAS | BARE), COSINE(2, N, 4, BARE),
        LINEAR(4, N, 3, BIAS) }, .head_in = 1, .outputs = { 4, 5, 6 } },
    { .name = "outputs of one unit", 4, 4, 1, 3, HEAD_NORM,
      { PLAIN(I, N, 6, 2), GLOBAL_POOL(0), LINEAR(1, N, 6, 0), PLAIN(0, N, 5, 1) }, .head_in = 2, .outputs = { 1, 2 } },
    { .name = "one channel, not square", 12, 5, 1, 3, HEAD_LINEAR, { CONV(I, N, 6, 5, 2, 2, 1, 0), PLAIN(0, 0, 6, 1), MAX_POOL(1, 3, 2, 1) } },
    { .name = "one pixel at the end", 4, 3, 3, 3, HEAD_LINEAR, { PLAIN(I, N, 6, 2), PLAIN(0, N, 7, 2), PLAIN(1, 1, 7, 1), CONV(2, N, 6, 1, 1, 0, 1, 0) } },
    { .name = "readers of several widths", 8, 8, 3, 4, HEAD_LINEAR,
      { PLAIN(I, N, 6, 1), CONV(0, N, 8, 7, 2, 3, 2, 0), CONV(0, 1, 8, 5, 2, 2, 1, 0), CONV(0, 2, 8, 1, 2, 0, 1, 0), PLAIN(0, 3, 8, 2),
        CONV(4, 0, 10, 1, 1, 0, 2, NO_RELU), PLAIN(5, 5, 10, 1), AVG_POOL(6, 5, 2, 2) } },
    { .name = "addition of poolings", 8, 9, 3, 4, HEAD_LINEAR,
      { PLAIN(I, N, 6, 1), MAX_POOL(0, 3, 2, 1), AVG_POOL(0, 3, 2, 1), PLAIN(0, 1, 6, 2), PLAIN(3, 2, 6, 1) } },
    { .name = "large kernel", 12, 13, 1, 3, HEAD_LINEAR, { CONV(I, N, 4, 11, 1, 5, 1, 0), MAX_POOL(0, 4, 3, 2), PLAIN(1, N, 5, 1) } },
};
const int n_operation_cases = sizeof operation_cases / sizeof *operation_cases;

const struct net_spec blocked_case = {
    .name = "several blocks of everything", 18, 17, 3, 5, HEAD_LINEAR,
    { PLAIN(I, N, 40, 1), PLAIN(0, N, 96, 2), CONV(1, N, 96, 3, 1, 1, 12, 0), CONV(2, 1, 96, 3, 1, 1, 4, 0), CONV(3, N, 80, 1, 1, 0, 1, NO_RELU),
      GLOBAL_POOL(4), LINEAR(5, N, 336, BIAS), LINEAR(6, N, 70, 0) }
};

static const struct unit_spec END = { 0 };

static void build_unit(struct net *net, const struct unit_spec *s, struct err *err)
{
    const bool pool = s->kind == UNIT_MAX_POOL || s->kind == UNIT_AVG_POOL || s->kind == UNIT_GLOBAL_POOL;
    struct unit_plan plan = { s->kind, s->in, s->add, .channels = s->channels, .kernel = s->kernel ? s->kernel : 3, .stride = s->stride,
                              .pad = s->kernel ? s->pad : 1, .groups = s->groups, .norm = !pool && !(s->flags & NO_NORM),
                              .relu = !pool && !(s->flags & NO_RELU), .has_bias = s->flags & BIAS };
    const struct unit *before = s->in == NET_IMAGE ? NULL : &net->units[s->in], *a = s->add == NET_NO_ADD ? NULL : &net->units[s->add];
    const int height = ((before ? before->height : net->height) + 2 * plan.pad - plan.kernel) / (s->stride ? s->stride : 1) + 1;
    plan.option_a = a && s->kind == UNIT_CONV && (a->channels != s->channels || a->height != height);
    char conv[16], norm[16];
    snprintf(conv, sizeof conv, "conv%d", net->n_units);
    snprintf(norm, sizeof norm, "bn%d", net->n_units);
    net_add(net, &plan, conv, norm, err);
}

void net_spec_build(const struct net_spec *spec, struct net *net)
{
    struct err err = { 0 };
    net_begin(net, spec->name, spec->height, spec->width, spec->image_channels, &err);
    for (const struct unit_spec *s = spec->units; memcmp(s, &END, sizeof END) != 0; s++)
        build_unit(net, s, &err);
    net_classifier(net, spec->head_in ? spec->head_in : net->n_units - 1, spec->classes, spec->head, "linear", &err);
    for (const int *unit = spec->outputs; *unit; unit++) {
        char name[16];
        snprintf(name, sizeof name, "of unit %d", *unit);
        net_add_output(net, name, *unit, &err);
    }
    if (!net->failed)
        return;
    fprintf(stderr, "%s: %s\n", spec->name, err.text);
    abort();
}

void net_spec_release(struct net *net)
{
    net_release(net);
}

void fill(float *v, size_t n, float centre, float scale, uint64_t seed)
{
    struct rng r;
    rng_init(&r, seed, RNG_INIT, 0, 0);
    for (size_t i = 0; i < n; i++)
        v[i] = centre + scale * (2 * rng_unit(&r) - 1);
}

void fill_weights(const struct net *net, float *params, float *stats, uint64_t seed)
{
    fill(params, net->params.total, 0, 0.5f, seed);
    fill(stats, net->stats.total, 0, 0.3f, seed + 1);
    for (int i = 0; i < net->n_units; i++) {
        const struct unit *u = &net->units[i];
        size_t n = (size_t)u->channels;
        const int taps = u->kernel * u->kernel, inputs = u->in_channels / u->groups;
        const bool pool = u->kind == UNIT_MAX_POOL || u->kind == UNIT_AVG_POOL || u->kind == UNIT_GLOBAL_POOL;
        if (!pool)
            fill(params + u->weight, n * (size_t)(inputs * taps), 0, sqrtf(6.3f / (float)(inputs * taps)), seed + 10 + (uint64_t)i);
        if (!u->norm)
            continue;
        fill(params + u->gamma, n, 1, 0.4f, seed + 200 + (uint64_t)i);
        fill(stats + u->variance, n, 1, 0.5f, seed + 400 + (uint64_t)i);
    }
}

void fill_images(const struct net_spec *spec, float *v, size_t n, uint64_t seed)
{
    fill(v, n, 0.1f, 1.7f, seed);
    for (size_t i = 0; spec->ties && i < n; i++)
        v[i] = v[i] > 0 ? 1 : -1;
}

void fill_ties(const struct net_spec *spec, const struct net *net, float *params)
{
    const struct unit *u = &net->units[0];
    const int taps = u->kernel * u->kernel;
    for (int k = 0; spec->ties && k < u->channels * u->in_channels * taps; k++)
        if (k % taps != taps / 2)
            params[u->weight + (size_t)k] = 0;
}
