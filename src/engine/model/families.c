#include "config.h"
#include "engine/model/families.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/choice.h"
#include "base/err.h"
#include "engine/networks.h"

/* --- the rows ------------------------------------------------------------------------------------------------------ */

/* A design that several networks have in common. */
struct design {
    struct {
        int channels, kernel, stride;
        bool pool; /* behind it: the greatest of 3x3, stride 2 */
    } stem;
    int kernels[4];         /* of a block's convolutions, ended by 0; the stride is in the first of 3x3, groups in each */
    int channels;           /* that a block of the first stage gives; twice as many in each further stage */
    bool option_a;          /* a shortcut that changes the shape has no parameters; else it is a 1x1 convolution */
    const char *classifier;
    enum net_init init;
};

/* He et al. 2016: section 4.2 (methods 2.1), then table 1: 18 and 34 layers, 50 and more; strides and initial weights as in torchvision. */
static const struct design CIFAR = { { 16, 3, 1, false }, { 3, 3 }, 16, true, "linear", INIT_FAN_IN };
static const struct design BASIC = { { 64, 7, 2, true }, { 3, 3 }, 64, false, "fc", INIT_FAN_OUT };
static const struct design BOTTLENECK = { { 64, 7, 2, true }, { 1, 3, 1 }, 256, false, "fc", INIT_FAN_OUT };

struct network {
    const char *name;
    const struct design *design;
    int groups, width;
    int blocks[NETWORK_MAX_STAGES]; /* ends at 0 */
};

#define LIST(...) { __VA_ARGS__ }
#define NETWORK_ROW(name, design, groups, width, blocks) { name, &design, groups, width, LIST blocks },
static const struct network networks[] = { NETWORK_TABLE(NETWORK_ROW) };
enum { N_NETWORKS = sizeof networks / sizeof networks[0] };

const char *network_name(int i)
{
    return i >= 0 && i < N_NETWORKS ? networks[i].name : NULL;
}

/* --- building ------------------------------------------------------------------------------------------------------ */

/* The unit before, and how the names of what follows begin: "layer1.0." */
struct block_place {
    int last;
    char prefix[32];
};

/* A convolution with batch norm that keeps the side but for its stride (kernel: odd); `tensor` and `norm` go on from the prefix. */
static int add_conv(struct net *net, const struct block_place *at, struct unit_plan plan, const char *tensor, const char *norm, struct err *err)
{
    char conv_name[48], norm_name[48];
    snprintf(conv_name, sizeof conv_name, "%s%s", at->prefix, tensor);
    snprintf(norm_name, sizeof norm_name, "%s%s", at->prefix, norm);
    plan.kind = UNIT_CONV;
    plan.pad = plan.kernel / 2;
    plan.norm = true;
    return net_add(net, &plan, conv_name, norm_name, err);
}

static int add_stem(struct net *net, const struct design *d, struct block_place *at, struct err *err)
{
    at->last = add_conv(net, at, (struct unit_plan){ .in = NET_IMAGE, .add = NET_NO_ADD, .channels = d->stem.channels,
                                                     .kernel = d->stem.kernel, .stride = d->stem.stride, .relu = true }, "conv1", "bn1", err);
    if (at->last >= 0 && d->stem.pool)
        at->last = net_add(net, &(struct unit_plan){ UNIT_MAX_POOL, at->last, NET_NO_ADD, .kernel = 3, .stride = 2, .pad = 1 }, "", "", err);
    return at->last;
}

/* Its last convolution adds the block's input; where that has another shape and no option A, a projection of the input adds the last
 * convolution: it stands last in the state_dict too. */
static int add_block(struct net *net, const struct network *n, int stage, int stride, struct block_place *at, struct err *err)
{
    const struct design *d = n->design;
    const int from = at->last, given = d->channels << stage, inner = (n->groups * n->width) << stage;
    const bool changes = stride != 1 || net->units[from].channels != given, projects = changes && !d->option_a;
    int left = stride;
    for (int i = 0; at->last >= 0 && d->kernels[i]; i++) {
        const bool wide = d->kernels[i] == 3, ends = !d->kernels[i + 1];
        struct unit_plan plan = { .in = at->last, .add = NET_NO_ADD, .channels = ends ? given : inner, .kernel = d->kernels[i],
                                  .stride = wide ? left : 1, .groups = wide ? n->groups : 1, .relu = !(ends && projects) };
        char tensor[16], norm[16];
        if (ends && !projects)
            plan.add = from, plan.option_a = changes;
        snprintf(tensor, sizeof tensor, "conv%d", i + 1);
        snprintf(norm, sizeof norm, "bn%d", i + 1);
        left = wide ? 1 : left;
        at->last = add_conv(net, at, plan, tensor, norm, err);
    }
    if (at->last >= 0 && projects)
        at->last = add_conv(net, at, (struct unit_plan){ .in = from, .add = at->last, .channels = given, .kernel = 1, .stride = stride,
                                                         .relu = true }, "downsample.0", "downsample.1", err);
    return at->last;
}

static int build(struct net *net, const struct network *n, int classes, enum head_kind head, struct err *err)
{
    struct block_place at = { .prefix = "" };
    if (add_stem(net, n->design, &at, err) < 0)
        return -1;
    for (int stage = 0; stage < NETWORK_MAX_STAGES && n->blocks[stage]; stage++)
        for (int block = 0; block < n->blocks[stage]; block++) {
            snprintf(at.prefix, sizeof at.prefix, "layer%d.%d.", stage + 1, block);
            if (add_block(net, n, stage, stage > 0 && block == 0 ? 2 : 1, &at, err) < 0)
                return -1;
        }
    return net_classifier(net, at.last, classes, head, n->design->classifier, err);
}

int net_of_family(struct net *out, const char *name, struct image_geometry image, int classes, enum head_kind head, struct err *err)
{
    *out = (struct net){ 0 };
    const int row = choice_find(name, "network", networks, sizeof networks[0], N_NETWORKS, err);
    if (row < 0)
        return -1;
    if (net_begin(out, name, image.height, image.width, image.channels, err) == 0) {
        out->init = networks[row].design->init;
        if (build(out, &networks[row], classes, head, err) == 0)
            return 0;
    }
    net_release(out);
    return -1;
}
