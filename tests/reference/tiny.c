#include "config.h"
#include "tests/reference/tiny.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"

static size_t add(struct tensor_table *t, int rank, int d0, int d1, const char *name, int number)
{
    struct tensor_info *info = &t->tensor[t->n++];
    *info = (struct tensor_info){ .rank = rank, .offset = t->total };
    const int dims[4] = { d0, d1, 3, 3 };
    info->count = 1;
    for (int i = 0; i < rank; i++) {
        info->dims[i] = dims[i];
        info->count *= (size_t)dims[i];
    }
    snprintf(info->name, sizeof info->name, name, number);
    t->total += info->count;
    return info->offset;
}

static void unit(struct net *net, int in, int shortcut, int channels, int stride)
{
    struct unit *u = &net->units[net->n_units];
    const struct unit *before = in == NET_IMAGE ? NULL : &net->units[in];
    int number = net->n_units++;
    u->in = in;
    u->add = shortcut;
    u->channels = channels;
    u->stride = stride;
    u->in_channels = before ? before->channels : net->image_channels;
    u->in_height = before ? before->height : net->height;
    u->in_width = before ? before->width : net->width;
    u->height = u->in_height / stride;
    u->width = u->in_width / stride;
    u->weight = add(&net->params, 4, channels, u->in_channels, "conv%d.weight", number);
    u->gamma = add(&net->params, 1, channels, 0, "bn%d.weight", number);
    u->beta = add(&net->params, 1, channels, 0, "bn%d.bias", number);
    u->mean = add(&net->stats, 1, channels, 0, "bn%d.running_mean", number);
    u->variance = add(&net->stats, 1, channels, 0, "bn%d.running_var", number);
}

void tiny_net(struct net *net, enum head_kind head)
{
    *net = (struct net){ .name = "tiny", .height = TINY_SIDE, .width = TINY_SIDE, .image_channels = TINY_CHANNELS,
                         .classes = TINY_CLASSES, .head = head };
    net->params.tensor = calloc(32, sizeof *net->params.tensor);
    net->stats.tensor = calloc(32, sizeof *net->stats.tensor);
    if (!net->params.tensor || !net->stats.tensor)
        abort();
    unit(net, NET_IMAGE, NET_NO_ADD, 3, 1);
    unit(net, 0, 0, 3, 1);
    unit(net, 1, NET_NO_ADD, 7, 2);
    unit(net, 2, 1, 7, 1);
    net->features = 7;
    if (head == HEAD_NORM) {
        net->head_weight = add(&net->params, 2, net->features, net->classes, "linear.weight", 0);
    } else {
        net->head_weight = add(&net->params, 2, net->classes, net->features, "linear.weight", 0);
        net->head_bias = add(&net->params, 1, net->classes, 0, "linear.bias", 0);
    }
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
