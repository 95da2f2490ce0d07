#include "config.h"
#include "engine/model/resnet.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/rng.h"

/* conv<which> and bn<which> under a prefix such as "layer1.0.". */
static int add_unit(struct net *net, struct unit_plan plan, const char *prefix, int which, struct err *err)
{
    char conv[48], norm[48];
    snprintf(conv, sizeof conv, "%sconv%d", prefix, which);
    snprintf(norm, sizeof norm, "%sbn%d", prefix, which);
    plan.kind = UNIT_CONV;
    plan.kernel = 3;
    plan.pad = 1;
    plan.norm = plan.relu = true;
    return net_add(net, &plan, conv, norm, err);
}

static int build(struct net *net, int blocks, int classes, enum head_kind head, struct err *err)
{
    int last = add_unit(net, (struct unit_plan){ .in = NET_IMAGE, .add = NET_NO_ADD, .channels = 16 }, "", 1, err);
    for (int stage = 0; stage < 3; stage++)
        for (int block = 0; block < blocks; block++) {
            char prefix[32];
            snprintf(prefix, sizeof prefix, "layer%d.%d.", stage + 1, block);
            const bool half = stage > 0 && block == 0;
            int first = add_unit(net, (struct unit_plan){ .in = last, .add = NET_NO_ADD, .channels = 16 << stage, .stride = half ? 2 : 1 },
                                 prefix, 1, err);
            last = add_unit(net, (struct unit_plan){ .in = first, .add = last, .channels = 16 << stage, .option_a = half }, prefix, 2, err);
        }
    return net_classifier(net, last, classes, head, "linear", err);
}

static bool depth_is_known(int depth)
{
    static const int known[] = { 8, 20, 32, 44, 56, 110 };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (known[i] == depth)
            return true;
    return false;
}

int net_resnet_cifar(struct net *out, int depth, struct image_geometry image, int classes, enum head_kind head, struct err *err)
{
    *out = (struct net){ 0 };
    if (!depth_is_known(depth))
        return err_set(err, ERR_INVALID, "no residual network of depth %d; known: " RESNET_DEPTHS, depth);
    char name[16];
    snprintf(name, sizeof name, "resnet%d", depth);
    if (net_begin(out, name, image.height, image.width, image.channels, err) == 0 && build(out, (depth - 2) / 6, classes, head, err) == 0)
        return 0;
    net_release(out);
    return -1;
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
