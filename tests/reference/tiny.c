#include "config.h"
#include "tests/reference/tiny.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"

static void unit(struct net *net, struct unit_plan plan)
{
    char conv[16], norm[16];
    snprintf(conv, sizeof conv, "conv%d", net->n_units);
    snprintf(norm, sizeof norm, "bn%d", net->n_units);
    net_add(net, &plan, conv, norm, NULL);
}

static void finish(struct net *net, enum head_kind head)
{
    if (net_classifier(net, net->n_units - 1, TINY_CLASSES, head, "linear", NULL) < 0)
        abort();
}

#define NORM .norm = true, .relu = true
#define BASIC .kernel = 3, .pad = 1, NORM

void tiny_net(struct net *net, enum head_kind head)
{
    net_begin(net, "tiny", TINY_SIDE, TINY_SIDE, TINY_CHANNELS, NULL);
    unit(net, (struct unit_plan){ UNIT_CONV, NET_IMAGE, NET_NO_ADD, .channels = 3, BASIC });
    unit(net, (struct unit_plan){ UNIT_CONV, 0, 0, .channels = 3, BASIC });
    unit(net, (struct unit_plan){ UNIT_CONV, 1, NET_NO_ADD, .channels = 7, .stride = 2, BASIC });
    unit(net, (struct unit_plan){ UNIT_CONV, 2, 1, .channels = 7, .option_a = true, BASIC });
    finish(net, head);
}

void tiny_bottleneck(struct net *net, enum head_kind head)
{
    net_begin(net, "tiny bottleneck", TINY_SIDE, TINY_SIDE, TINY_CHANNELS, NULL);
    unit(net, (struct unit_plan){ UNIT_CONV, NET_IMAGE, NET_NO_ADD, .channels = 4, BASIC });
    unit(net, (struct unit_plan){ UNIT_MAX_POOL, 0, NET_NO_ADD, .kernel = 3, .stride = 2, .pad = 1 });
    unit(net, (struct unit_plan){ UNIT_CONV, 1, NET_NO_ADD, .channels = 6, .kernel = 1, .norm = true });
    unit(net, (struct unit_plan){ UNIT_CONV, 1, NET_NO_ADD, .channels = 4, .kernel = 1, NORM });
    unit(net, (struct unit_plan){ UNIT_CONV, 3, NET_NO_ADD, .channels = 4, .groups = 2, BASIC });
    unit(net, (struct unit_plan){ UNIT_CONV, 4, 2, .channels = 6, .kernel = 1, NORM });
    finish(net, head);
}

void tiny_fill(float *v, size_t n, float scale, uint32_t seed)
{
    struct rng r;
    rng_init(&r, seed, RNG_INIT, 0, 0);
    for (size_t i = 0; i < n; i++)
        v[i] = scale * (2 * rng_unit(&r) - 1);
}

void tiny_weights(const struct net *net, float *params, float *stats)
{
    tiny_fill(params, net->params.total, 0.6f, 7);
    tiny_fill(stats, net->stats.total, 0.3f, 8);
    for (int i = 0; i < net->n_units; i++)
        for (int c = 0; net->units[i].norm && c < net->units[i].channels; c++) {
            params[net->units[i].gamma + (size_t)c] += 1.0f;
            stats[net->units[i].variance + (size_t)c] += 1.0f;
        }
}

void tiny_batch(float *images, int32_t *labels)
{
    static const int32_t all[TINY_BATCH] = { 0, 1, 2, 3, 1 };
    memcpy(labels, all, sizeof all);
    tiny_fill(images, (size_t)TINY_BATCH * TINY_SIDE * TINY_SIDE * TINY_CHANNELS, 1.7f, 12);
}
