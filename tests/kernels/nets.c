#include "config.h"
#include "tests/kernels/nets.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/rng.h"

/* What each is there for: its name. I: the image, N: adds nothing. */
enum { I = NET_IMAGE, N = NET_NO_ADD };

const struct net_spec net_specs[] = {
    { "resnet8", 32, 32, 3, 10, HEAD_LINEAR,
      { { I, N, 16, 1 }, { 0, N, 16, 1 }, { 1, 0, 16, 1 }, { 2, N, 32, 2 }, { 3, 2, 32, 1 }, { 4, N, 64, 2 },
        { 5, 4, 64, 1 } } },
    { "resnet8 normalised head", 32, 32, 3, 10, HEAD_NORM,
      { { I, N, 16, 1 }, { 0, N, 16, 1 }, { 1, 0, 16, 1 }, { 2, N, 32, 2 }, { 3, 2, 32, 1 }, { 4, N, 64, 2 },
        { 5, 4, 64, 1 } } },
    { "odd sides and channels", 11, 7, 2, 4, HEAD_LINEAR,
      { { I, N, 5, 1 }, { 0, 0, 5, 1 }, { 1, N, 17, 2 }, { 2, 1, 17, 1 }, { 3, N, 33, 2 }, { 4, 3, 33, 1 } } },
    { "every tile width", 3, 31, 5, 3, HEAD_NORM,
      { { I, N, 16, 1 }, { 0, N, 32, 1 }, { 1, N, 48, 1 }, { 2, N, 32, 2 }, { 3, 1, 32, 1 }, { 4, N, 16, 2 } } },
    { "one pixel", 1, 1, 1, 2, HEAD_LINEAR, { { I, N, 3, 1 }, { 0, 0, 3, 1 } } },
    { "two pixels wide", 2, 2, 3, 5, HEAD_NORM, { { I, N, 8, 1 }, { 0, N, 8, 2 }, { 1, N, 8, 1 }, { 2, 1, 8, 1 } } },
    { "branches", 12, 16, 3, 6, HEAD_LINEAR,
      { { I, N, 16, 1 }, { 0, N, 16, 1 }, { 0, 1, 16, 1 }, { 1, N, 16, 1 }, { 2, 0, 16, 1 }, { 2, 4, 16, 1 },
        { I, N, 16, 1 }, { 6, 5, 16, 1 } } },
    { "stride 2 stem", 17, 24, 4, 6, HEAD_LINEAR, { { I, N, 32, 2 }, { 0, 0, 32, 1 }, { 1, N, 64, 2 }, { 2, 1, 64, 1 } } },
    { "large sides", 40, 72, 3, 4, HEAD_LINEAR, { { I, N, 16, 1 }, { 0, 0, 16, 1 }, { 1, N, 20, 2 } } },
    { "many classes", 6, 8, 3, 10000, HEAD_NORM, { { I, N, 16, 1 }, { 0, 0, 16, 1 } } },
    { "many classes, plain", 6, 8, 3, 10000, HEAD_LINEAR, { { I, N, 16, 1 }, { 0, 0, 16, 1 } } },
};
const int n_net_specs = sizeof net_specs / sizeof *net_specs;

static void build_unit(struct net *net, const struct unit_spec *s, struct err *err)
{
    struct unit_plan plan = { UNIT_CONV, s->in, s->add, .channels = s->channels, .kernel = 3, .stride = s->stride, .pad = 1, .norm = true,
                              .relu = true };
    const struct unit *before = s->in == NET_IMAGE ? NULL : &net->units[s->in], *a = s->add == NET_NO_ADD ? NULL : &net->units[s->add];
    const int height = ((before ? before->height : net->height) - 1) / s->stride + 1;
    plan.option_a = a && (a->channels != s->channels || a->height != height);
    char conv[16], norm[16];
    snprintf(conv, sizeof conv, "conv%d", net->n_units);
    snprintf(norm, sizeof norm, "bn%d", net->n_units);
    net_add(net, &plan, conv, norm, err);
}

void net_spec_build(const struct net_spec *spec, struct net *net)
{
    struct err err = { 0 };
    net_begin(net, spec->name, spec->height, spec->width, spec->image_channels, &err);
    for (const struct unit_spec *s = spec->units; s->channels > 0; s++)
        build_unit(net, s, &err);
    if (net_classifier(net, net->n_units - 1, spec->classes, spec->head, "linear", &err) == 0)
        return;
    fprintf(stderr, "%s\n", err.text);
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
        fill(params + u->weight, n * u->in_channels * 9, 0, sqrtf(0.7f / (float)u->in_channels), seed + 10 + (uint64_t)i);
        fill(params + u->gamma, n, 1, 0.4f, seed + 200 + (uint64_t)i);
        fill(stats + u->variance, n, 1, 0.5f, seed + 400 + (uint64_t)i);
    }
}
