#include "config.h"
#include "kernels/net.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

const char *const unit_kind_name[N_UNIT_KINDS] = {
    [UNIT_CONV] = "convolution",       [UNIT_MAX_POOL] = "max pooling", [UNIT_AVG_POOL] = "average pooling",
    [UNIT_GLOBAL_POOL] = "global pooling", [UNIT_LINEAR] = "a linear unit", [UNIT_COSINE] = "a cosine unit",
};

/* --- tensors ------------------------------------------------------------------------------------------------------- */

static int grow_table(struct tensor_table *table, struct err *err)
{
    if (table->n & (table->n - 1)) /* the room is the next power of two */
        return 0;
    struct tensor_info *more = realloc(table->tensor, (table->n ? 2 * (size_t)table->n : 1) * sizeof *more);
    if (!more)
        return err_set(err, ERR_MEMORY, "no memory for the table of tensors");
    table->tensor = more;
    return 0;
}

struct shape {
    int dims[4]; /* 0 ends it */
};

static bool has_tensor(const struct tensor_table *table, const char *name)
{
    for (int i = 0; i < table->n; i++)
        if (strcmp(table->tensor[i].name, name) == 0)
            return true;
    return false;
}

/* Appends "name.kind" and tells where it lies. */
static int add_tensor(struct tensor_table *table, struct shape shape, const char *name, const char *kind, size_t *offset, struct err *err)
{
    struct tensor_info t = { .offset = table->total, .count = 1 };
    if (strlen(name) + 1 + strlen(kind) >= sizeof t.name)
        return err_set(err, ERR_RANGE, "the name %s.%s is too long; accepted are %zu characters", name, kind, sizeof t.name - 1);
    snprintf(t.name, sizeof t.name, "%s.%s", name, kind);
    if (has_tensor(table, t.name))
        return err_set(err, ERR_INVALID, "there are two tensors %s; accepted are names that differ", t.name);
    if (grow_table(table, err) < 0)
        return -1;
    for (; t.rank < 4 && shape.dims[t.rank]; t.rank++) {
        t.dims[t.rank] = shape.dims[t.rank];
        t.count *= (size_t)shape.dims[t.rank];
    }
    table->tensor[table->n++] = t;
    table->total += t.count;
    *offset = t.offset;
    return 0;
}

static bool pools(enum unit_kind kind)
{
    return kind == UNIT_MAX_POOL || kind == UNIT_AVG_POOL || kind == UNIT_GLOBAL_POOL;
}

static int add_tensors(struct net *net, struct unit *u, const char *tensor, const char *norm, struct err *err)
{
    const struct shape linear = { { u->channels, u->in_channels } };
    const struct shape conv = { { u->channels, u->in_channels / u->groups, u->kernel, u->kernel } };
    const struct shape channels = { { u->channels } };
    if (!pools(u->kind) && add_tensor(&net->params, u->kind == UNIT_CONV ? conv : linear, tensor, "weight", &u->weight, err) < 0)
        return -1;
    if (u->has_bias && add_tensor(&net->params, channels, tensor, "bias", &u->bias, err) < 0)
        return -1;
    if (u->norm && (add_tensor(&net->params, channels, norm, "weight", &u->gamma, err) < 0 ||
                    add_tensor(&net->params, channels, norm, "bias", &u->beta, err) < 0 ||
                    add_tensor(&net->stats, channels, norm, "running_mean", &u->mean, err) < 0 ||
                    add_tensor(&net->stats, channels, norm, "running_var", &u->variance, err) < 0))
        return -1;
    return 0;
}

/* --- units --------------------------------------------------------------------------------------------------------- */

static int net_fail(struct net *net)
{
    net->failed = true;
    return -1;
}

static void take_input(const struct net *net, struct unit *u)
{
    const struct unit *before = u->in == NET_IMAGE ? NULL : &net->units[u->in];
    u->in_channels = before ? before->channels : net->image_channels;
    u->in_height = before ? before->height : net->height;
    u->in_width = before ? before->width : net->width;
}

static int check_unit(const struct net *net, const struct unit *u, struct err *err)
{
    const int i = net->n_units;
    if (u->in >= i || u->in < NET_IMAGE || u->add >= i || u->add == NET_IMAGE || u->add < NET_NO_ADD)
        return err_set(err, ERR_INVALID, "unit %d: reads unit %d and adds %d, accepted are earlier ones", i, u->in, u->add);
    if (u->kernel < 1 || u->kernel > NET_MAX_KERNEL || u->stride < 1 || u->stride > NET_MAX_KERNEL || u->pad < 0 || 2 * u->pad > u->kernel)
        return err_set(err, ERR_RANGE, "unit %d: kernel %d, stride %d, pad %d; accepted are kernels and strides of 1 to %d, and a pad of at "
                       "most half the kernel", i, u->kernel, u->stride, u->pad, NET_MAX_KERNEL);
    if (u->channels < 1 || u->channels > NET_MAX_CHANNELS)
        return err_set(err, ERR_RANGE, "unit %d: %d channels; accepted are 1 to %d", i, u->channels, NET_MAX_CHANNELS);
    if (pools(u->kind) && (u->norm || u->relu || u->has_bias || u->add != NET_NO_ADD))
        return err_set(err, ERR_INVALID, "unit %d: %s takes no batch norm, ReLU, bias or addition", i, unit_kind_name[u->kind]);
    if (u->kind == UNIT_COSINE && u->has_bias)
        return err_set(err, ERR_INVALID, "unit %d: %s has no bias", i, unit_kind_name[u->kind]);
    return 0;
}

static int set_shape(const struct net *net, struct unit *u, struct err *err)
{
    const int i = net->n_units;
    if (u->groups < 1 || u->in_channels % u->groups || u->channels % u->groups)
        return err_set(err, ERR_INVALID, "unit %d: %d groups do not divide %d channels into %d; accepted is what divides both", i, u->groups,
                       u->in_channels, u->channels);
    const int rows = u->in_height + 2 * u->pad - u->kernel, columns = u->in_width + 2 * u->pad - u->kernel;
    if (rows < 0 || columns < 0)
        return err_set(err, ERR_INVALID, "%s: images of %dx%d pixels leave none at unit %d, %s of %dx%d on %dx%d; larger images are accepted",
                       net->name, net->height, net->width, i, unit_kind_name[u->kind], u->kernel, u->kernel, u->in_height, u->in_width);
    u->height = u->kind == UNIT_GLOBAL_POOL ? 1 : rows / u->stride + 1;
    u->width = u->kind == UNIT_GLOBAL_POOL ? 1 : columns / u->stride + 1;
    if ((u->kind == UNIT_LINEAR || u->kind == UNIT_COSINE) && (u->in_height != 1 || u->in_width != 1))
        return err_set(err, ERR_INVALID, "unit %d: %s reads one pixel, and unit %d has %dx%d; global pooling before it is accepted", i,
                       unit_kind_name[u->kind], u->in, u->in_height, u->in_width);
    return 0;
}

static int check_addition(const struct net *net, const struct unit *u, struct err *err)
{
    if (u->add == NET_NO_ADD)
        return u->option_a ? err_set(err, ERR_INVALID, "unit %d: option A adds no unit", net->n_units) : 0;
    const struct unit *a = &net->units[u->add];
    const bool same = u->height == a->height && u->width == a->width && u->channels == a->channels;
    const bool half = u->height == (a->height + 1) / 2 && u->width == (a->width + 1) / 2 && u->channels >= a->channels;
    if (u->option_a ? half : same)
        return 0;
    return err_set(err, ERR_INVALID, "unit %d: cannot add unit %d%s: %dx%dx%d to %dx%dx%d", net->n_units, u->add,
                   u->option_a ? " by option A" : "", a->height, a->width, a->channels, u->height, u->width, u->channels);
}

int net_begin(struct net *net, const char *name, int height, int width, int channels, struct err *err)
{
    *net = (struct net){ .height = height, .width = width, .image_channels = channels, .head_in = NET_IMAGE };
    snprintf(net->name, sizeof net->name, "%s", name);
    if (strlen(name) >= sizeof net->name) {
        err_set(err, ERR_RANGE, "the name %s of a network is too long; accepted are %zu characters", name, sizeof net->name - 1);
        return net_fail(net);
    }
    if (height >= 1 && height <= NET_MAX_SIDE && width >= 1 && width <= NET_MAX_SIDE && channels >= 1 && channels <= NET_MAX_CHANNELS)
        return 0;
    err_set(err, ERR_RANGE, "%s: images of %dx%d pixels with %d channels; accepted are sides of 1 to %d and 1 to %d channels", name, height,
            width, channels, NET_MAX_SIDE, NET_MAX_CHANNELS);
    return net_fail(net);
}

int net_add(struct net *net, const struct unit_plan *plan, const char *tensor, const char *norm, struct err *err)
{
    struct unit u = { .kind = plan->kind, .in = plan->in, .add = plan->add, .option_a = plan->option_a, .has_bias = plan->has_bias,
                      .norm = plan->norm, .relu = plan->relu, .kernel = 1, .stride = 1, .groups = plan->groups ? plan->groups : 1 };
    if (net->failed)
        return -1;
    if (net->n_units == NET_MAX_UNITS) {
        err_set(err, ERR_RANGE, "%s has more than %d units", net->name, NET_MAX_UNITS);
        return net_fail(net);
    }
    if (u.kind == UNIT_CONV || u.kind == UNIT_MAX_POOL || u.kind == UNIT_AVG_POOL) {
        u.kernel = plan->kernel;
        u.stride = plan->stride ? plan->stride : 1;
        u.pad = plan->pad;
    }
    u.channels = pools(u.kind) ? 1 : plan->channels;
    if (check_unit(net, &u, err) < 0)
        return net_fail(net);
    take_input(net, &u);
    u.channels = pools(u.kind) ? u.in_channels : plan->channels;
    if (set_shape(net, &u, err) < 0 || check_addition(net, &u, err) < 0 || add_tensors(net, &u, tensor, norm, err) < 0)
        return net_fail(net);
    net->units[net->n_units] = u;
    return net->n_units++;
}

/* --- outputs ------------------------------------------------------------------------------------------------------- */

static bool has_unit(const struct net *net, int unit)
{
    return unit >= 0 && unit < net->n_units;
}

int net_classifier(struct net *net, int in, int classes, enum head_kind head, const char *tensor, struct err *err)
{
    if (net->failed)
        return -1;
    if (!has_unit(net, in)) {
        err_set(err, ERR_INVALID, "the classifier of %s reads unit %d; accepted are 0 to %d", net->name, in, net->n_units - 1);
        return net_fail(net);
    }
    if (classes < 2 || classes > NET_MAX_CLASSES) {
        err_set(err, ERR_RANGE, "%d class%s; accepted are 2 to %d", classes, classes == 1 ? "" : "es", NET_MAX_CLASSES);
        return net_fail(net);
    }
    net->head_in = in;
    net->features = net->units[in].channels;
    net->classes = classes;
    net->head = head;
    const struct shape linear = { { classes, net->features } }, columns = { { net->features, classes } };
    if (add_tensor(&net->params, head == HEAD_NORM ? columns : linear, tensor, "weight", &net->head_weight, err) < 0 ||
        (head == HEAD_LINEAR && add_tensor(&net->params, (struct shape){ { classes } }, tensor, "bias", &net->head_bias, err) < 0))
        return net_fail(net);
    return 0;
}

static int check_net_output(const struct net *net, const char *name, struct err *err)
{
    const size_t most = sizeof net->outputs->name - 1;
    if (net->n_outputs == NET_MAX_OUTPUTS)
        return err_set(err, ERR_RANGE, "%s has more than %d outputs beside the classifier's", net->name, NET_MAX_OUTPUTS);
    if (!*name || strlen(name) > most)
        return err_set(err, ERR_RANGE, "the name '%s' of an output of %s has %zu characters; accepted are 1 to %zu", name, net->name,
                       strlen(name), most);
    for (int i = 0; i < net->n_outputs; i++)
        if (strcmp(net->outputs[i].name, name) == 0)
            return err_set(err, ERR_INVALID, "%s has two outputs %s; accepted are names that differ", net->name, name);
    return 0;
}

int net_add_output(struct net *net, const char *name, int unit, struct err *err)
{
    if (net->failed)
        return -1;
    if (!has_unit(net, unit) || net->units[unit].height != 1 || net->units[unit].width != 1) {
        err_set(err, ERR_INVALID, "output %s of %s is unit %d; accepted are units of one pixel", name, net->name, unit);
        return net_fail(net);
    }
    if (check_net_output(net, name, err) < 0)
        return net_fail(net);
    struct net_output *o = &net->outputs[net->n_outputs++];
    snprintf(o->name, sizeof o->name, "%s", name);
    o->unit = unit;
    return 0;
}

void net_release(struct net *net)
{
    free(net->params.tensor);
    free(net->stats.tensor);
    *net = (struct net){ 0 };
}

int net_least_images(const struct net *net)
{
    for (int i = 0; i < net->n_units; i++)
        if (net->units[i].norm && net->units[i].height * net->units[i].width == 1)
            return 2;
    return 1;
}

/* --- what plain back ends have ------------------------------------------------------------------------------------- */

static bool unit_is_plain(const struct unit *u)
{
    return u->kind == UNIT_CONV && u->kernel == 3 && u->pad == 1 && u->stride <= 2 && u->groups == 1 && !u->has_bias && u->norm && u->relu;
}

/* The first unit that is not plain; n_units when all are. */
static int odd_unit(const struct net *net)
{
    int i = 0;
    while (i < net->n_units && unit_is_plain(&net->units[i]))
        i++;
    return i;
}

bool net_is_plain(const struct net *net)
{
    return odd_unit(net) == net->n_units && net->head_in == net->n_units - 1 && net->n_outputs == 0;
}

int net_require_plain(const struct net *net, const char *who, struct err *err)
{
    if (net_is_plain(net))
        return 0;
    const int odd = odd_unit(net), knob = (int)strcspn(who, " ");
    if (odd == net->n_units)
        return err_set(err, ERR_INVALID, "%s has networks of one output, read from their last unit, and %s is another; accepted are the "
                       "resnets for CIFAR, or %.*s fp32", who, net->name, knob, who);
    const struct unit *u = &net->units[odd];
    return err_set(err, ERR_INVALID, "%s does not have unit %d of %s, %s of %dx%d, stride %d, %d group%s%s%s; accepted are the resnets for "
                   "CIFAR, or %.*s fp32", who, odd, net->name, unit_kind_name[u->kind], u->kernel, u->kernel, u->stride, u->groups,
                   u->groups == 1 ? "" : "s", u->norm ? "" : ", without batch norm", u->relu ? "" : ", without ReLU", knob, who);
}
