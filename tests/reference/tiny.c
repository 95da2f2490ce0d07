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
    plan.kernel = 3;
    plan.pad = 1;
    plan.norm = plan.relu = true;
    net_add(net, &plan, conv, norm, NULL);
}

void tiny_net(struct net *net, enum head_kind head)
{
    net_begin(net, "tiny", TINY_SIDE, TINY_SIDE, TINY_CHANNELS, NULL);
    unit(net, (struct unit_plan){ .in = NET_IMAGE, .add = NET_NO_ADD, .channels = 3 });
    unit(net, (struct unit_plan){ .in = 0, .add = 0, .channels = 3 });
    unit(net, (struct unit_plan){ .in = 1, .add = NET_NO_ADD, .channels = 7, .stride = 2 });
    unit(net, (struct unit_plan){ .in = 2, .add = 1, .channels = 7, .option_a = true });
    if (net_classifier(net, 3, TINY_CLASSES, head, "linear", NULL) < 0)
        abort();
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
        for (int c = 0; c < net->units[i].channels; c++) {
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
