#include "config.h"
#include "engine/model/resnet.h"

#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/rng.h"

enum { CLASSES_MAX = 100000, IMAGE_SIDE = 32 };

struct shape {
    int dims[4]; /* 0 ends it */
};

/* Appends a tensor with a formatted name. Returns its offset. */
__attribute__((format(printf, 3, 4))) static size_t
add_tensor(struct tensor_table *table, struct shape shape, const char *format, ...)
{
    struct tensor_info *t = &table->tensor[table->n++];
    *t = (struct tensor_info){ .offset = table->total, .count = 1 };
    va_list args;
    va_start(args, format);
    vsnprintf(t->name, sizeof t->name, format, args);
    va_end(args);
    for (; t->rank < 4 && shape.dims[t->rank]; t->rank++) {
        t->dims[t->rank] = shape.dims[t->rank];
        t->count *= (size_t)shape.dims[t->rank];
    }
    table->total += t->count;
    return t->offset;
}

/* conv<which> and bn<which> under a prefix such as "layer1.0."; the shape of the input comes from unit `in`. */
static int add_unit(struct net *net, int in, int channels, int stride, const char *prefix, int which)
{
    struct unit *u = &net->units[net->n_units];
    const struct unit *before = in == NET_IMAGE ? NULL : &net->units[in];
    *u = (struct unit){ .in = in, .add = NET_NO_ADD, .channels = channels, .stride = stride };
    u->in_channels = before ? before->channels : net->image_channels;
    u->in_height = before ? before->height : net->height;
    u->in_width = before ? before->width : net->width;
    u->height = u->in_height / stride;
    u->width = u->in_width / stride;
    u->weight = add_tensor(&net->params, (struct shape){ { channels, u->in_channels, 3, 3 } }, "%sconv%d.weight", prefix, which);
    u->gamma = add_tensor(&net->params, (struct shape){ { channels } }, "%sbn%d.weight", prefix, which);
    u->beta = add_tensor(&net->params, (struct shape){ { channels } }, "%sbn%d.bias", prefix, which);
    u->mean = add_tensor(&net->stats, (struct shape){ { channels } }, "%sbn%d.running_mean", prefix, which);
    u->variance = add_tensor(&net->stats, (struct shape){ { channels } }, "%sbn%d.running_var", prefix, which);
    return net->n_units++;
}

static void add_head(struct net *net)
{
    const struct unit *last = &net->units[net->n_units - 1];
    net->features = last->channels;
    if (net->head == HEAD_NORM) {
        net->head_weight = add_tensor(&net->params, (struct shape){ { net->features, net->classes } }, "linear.weight");
        return;
    }
    net->head_weight = add_tensor(&net->params, (struct shape){ { net->classes, net->features } }, "linear.weight");
    net->head_bias = add_tensor(&net->params, (struct shape){ { net->classes } }, "linear.bias");
}

static void build(struct net *net, int blocks)
{
    int last = add_unit(net, NET_IMAGE, 16, 1, "", 1);
    for (int stage = 0; stage < 3; stage++)
        for (int block = 0; block < blocks; block++) {
            char prefix[32];
            snprintf(prefix, sizeof prefix, "layer%d.%d.", stage + 1, block);
            int stride = stage > 0 && block == 0 ? 2 : 1;
            int first = add_unit(net, last, 16 << stage, stride, prefix, 1);
            int second = add_unit(net, first, 16 << stage, 1, prefix, 2);
            net->units[second].add = last;
            last = second;
        }
    add_head(net);
}

static bool depth_is_known(int depth)
{
    static const int known[] = { 8, 20, 32, 44, 56, 110 };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (known[i] == depth)
            return true;
    return false;
}

int net_resnet_cifar(struct net *out, int depth, int classes, enum head_kind head, struct err *err)
{
    *out = (struct net){ 0 };
    if (!depth_is_known(depth))
        return err_set(err, ERR_INVALID, "no residual network of depth %d; known: " RESNET_DEPTHS, depth);
    if (classes < 2 || classes > CLASSES_MAX)
        return err_set(err, ERR_RANGE, "%d classes; accepted are 2 to %d", classes, CLASSES_MAX);
    int blocks = (depth - 2) / 6;
    size_t units = 1 + 6 * (size_t)blocks;
    out->params.tensor = calloc(3 * units + 2, sizeof *out->params.tensor);
    out->stats.tensor = calloc(2 * units, sizeof *out->stats.tensor);
    if (!out->params.tensor || !out->stats.tensor) {
        net_release(out);
        return err_set(err, ERR_MEMORY, "no memory for the tensor tables of resnet%d", depth);
    }
    snprintf(out->name, sizeof out->name, "resnet%d", depth);
    out->height = out->width = IMAGE_SIDE;
    out->image_channels = 3;
    out->classes = classes;
    out->head = head;
    build(out, blocks);
    return 0;
}

void net_release(struct net *net)
{
    free(net->params.tensor);
    free(net->stats.tensor);
    *net = (struct net){ 0 };
}

static void init_normal(struct rng *r, float *w, size_t n, int fan_in)
{
    double deviation = sqrt(2.0 / fan_in);
    for (size_t i = 0; i < n; i++)
        w[i] = (float)(deviation * rng_normal(r));
}

static void init_uniform(struct rng *r, float *w, size_t n, double bound)
{
    for (size_t i = 0; i < n; i++)
        w[i] = (float)(bound * (2.0 * rng_unit(r) - 1.0));
}

/* w: [features][classes]. 1e-7 in the denominator as in the reference's renorm (spec 2.2). */
static void unit_columns(float *w, int features, int classes)
{
    for (int c = 0; c < classes; c++) {
        double square = 0;
        for (int f = 0; f < features; f++)
            square += (double)w[f * classes + c] * w[f * classes + c];
        for (int f = 0; f < features; f++)
            w[f * classes + c] = (float)(w[f * classes + c] / (sqrt(square) + 1e-7));
    }
}

static void fill(float *w, size_t n, float value)
{
    for (size_t i = 0; i < n; i++)
        w[i] = value;
}

static bool name_ends(const struct tensor_info *t, const char *end)
{
    size_t n = strlen(t->name), k = strlen(end);
    return n >= k && strcmp(t->name + n - k, end) == 0;
}

void net_init_tensor(const struct net *net, const struct tensor_info *t, struct rng *r, float *w)
{
    if (t->rank == 4) {
        init_normal(r, w, t->count, t->dims[1] * t->dims[2] * t->dims[3]);
    } else if (t->rank == 2 && net->head == HEAD_NORM) {
        init_uniform(r, w, t->count, 1.0);
        unit_columns(w, net->features, net->classes);
    } else if (t->rank == 2) {
        init_normal(r, w, t->count, net->features);
    } else if (net->head == HEAD_LINEAR && t->offset == net->head_bias) {
        init_uniform(r, w, t->count, 1.0 / sqrt(net->features));
    } else {
        fill(w, t->count, name_ends(t, ".weight") ? 1.0f : 0.0f); /* gamma, beta */
    }
}

void net_init_params(const struct net *net, uint64_t seed, float *params_host, float *stats_host)
{
    for (int i = 0; params_host && i < net->params.n; i++) {
        const struct tensor_info *t = &net->params.tensor[i];
        struct rng r;
        rng_init(&r, seed, RNG_INIT, 0, (uint32_t)i);
        net_init_tensor(net, t, &r, params_host + t->offset);
    }
    for (int i = 0; stats_host && i < net->stats.n; i++) {
        const struct tensor_info *t = &net->stats.tensor[i];
        fill(stats_host + t->offset, t->count, name_ends(t, ".running_var") ? 1.0f : 0.0f);
    }
}
