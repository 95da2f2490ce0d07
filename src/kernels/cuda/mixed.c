#include "config.h"
#include "kernels/cuda/model.h"

#include <stdio.h>

/* The training pass of math tf32 and bf16: which kernels, over which memory (cuda.h says what each does). The gradients
 * of the weights leave the way back to the input (side.c) and join it at the end. */

int cuda_mixed_check(const struct net *net, enum math math, struct err *err)
{
    char who[32];
    snprintf(who, sizeof who, "math %s", math_name[math]);
    if (net_require_plain(net, who, err) < 0)
        return -1;
    for (int i = 0; i < net->n_units; i++)
        if (net->units[i].in != i - 1)
            return err_set(err, ERR_INVALID, "cuda: math tf32 and bf16 are for networks whose units follow each other; unit %d of %s "
                           "convolves unit %d; math fp32 can do it", i, net->name, net->units[i].in);
    return 0;
}

int cuda_mixed_open(struct model *m)
{
    struct mixed_memory *x = &m->mixed;
    const size_t bytes = sizeof *x->units * (size_t)m->net->n_units;
    if (cuda_give(m, x->device_units, x->units, bytes, "describing the network") < 0)
        return -1;
    return cuda_check(m, cudaMemsetAsync(x->arrived, 0, sizeof *x->arrived, m->stream), "preparing the device");
}

/* --- what the kernels get --- */

static struct cuda_mixed_side side_of(const struct model *m, int index)
{
    const struct mixed_memory *x = &m->mixed;
    const struct net *net = m->net;
    if (index == NET_IMAGE)
        return (struct cuda_mixed_side){ .height = net->height, .width = net->width, .channels = net->image_channels,
                                         .out = x->images };
    const struct unit *u = &net->units[index];
    const int base = x->channel_base[index];
    return (struct cuda_mixed_side){
        .height = u->height, .width = u->width, .channels = u->channels,
        .a = x->unit[index].a, .out = x->unit[index].out, .gy = x->unit[index].gy, .ga = x->unit[index].ga,
        .mean = x->channel.mean + base, .inv_s = x->channel.inv_s + base, .scale = x->channel.scale + base,
        .shift = x->channel.shift + base, .k_gy = x->channel.k_gy + base, .k_a = x->channel.k_a + base,
        .k_0 = x->channel.k_0 + base, .gamma = u->gamma, .beta = u->beta, .mean_offset = u->mean,
        .variance_offset = u->variance,
    };
}

/* The kernel between unit `before` (or the images) and the one after it; after the last unit there is none. */
static struct cuda_mixed mixed_between(struct model *m, int n, const struct cuda_head *head, int before)
{
    const struct net *net = m->net;
    struct cuda_mixed k = {
        .math = m->math, .n = n, .stride = 1, .from = side_of(m, before), .images = before == NET_IMAGE ? m->images : NULL,
        .g_feature = head->g_feature, .feature = head->feature, .partial = m->mixed.partial, .arrived = m->mixed.arrived,
        .control = head->control, .early = m->early, .packed_just_now = before == NET_IMAGE,
    };
    if (before + 1 < net->n_units) {
        k.into = side_of(m, before + 1);
        k.stride = net->units[before + 1].stride;
    }
    if (before == NET_IMAGE)
        return k;
    const struct unit *u = &net->units[before];
    if (u->add != NET_NO_ADD)
        k.add = cuda_plane_of(&net->units[u->add], u, &net->units[u->add], m->mixed.unit[u->add].out);
    for (int i = before + 1; i < net->n_units; i++)
        if (net->units[i].add == before)
            k.pull[k.n_pulls++] = cuda_plane_of(u, &net->units[i], &net->units[i], m->mixed.unit[i].gy);
    return k;
}

/* Batch norm's numbers that the kernel ends with are means over the pixels of this unit. */
static void take_means_over(struct cuda_mixed *k, const struct cuda_mixed_side *u)
{
    const double count = (double)k->n * u->height * u->width;
    k->share = 1 / count;
    k->unbiased = count / (count - 1);
}

static const void *packed(const struct model *m, size_t offset)
{
    return (const char *)m->mixed.packed + offset * (m->math == MATH_BF16 ? 2 : 4);
}

/* --- the pass --- */

static void mixed_forward(struct model *m, int n, const struct cuda_head *head, bool follows)
{
    const int n_units = m->net->n_units;
    cuda_mixed_pack(m->math, m->mixed.device_units, n_units, m->mixed.largest_packed, head->control, m->mixed.packed,
                    m->early && follows, m->stream);
    for (int i = 0; i < n_units; i++) {
        struct cuda_mixed k = mixed_between(m, n, head, i - 1);
        k.weights = packed(m, m->mixed.units[i].forward);
        take_means_over(&k, &k.into);
        cuda_mixed_forward(&k, m->stream);
    }
    const struct cuda_mixed last = mixed_between(m, n, head, n_units - 1);
    cuda_mixed_pool(&last, m->stream);
}

static cudaError_t mixed_backward_unit(struct model *m, int n, const struct cuda_head *head, int index)
{
    struct cuda_mixed k = mixed_between(m, n, head, index - 1);
    k.weights = packed(m, m->mixed.units[index].backward);
    take_means_over(&k, &k.from);
    if (index > 0)
        cuda_mixed_backward(&k, m->stream);
    else
        cuda_mixed_stem(&k, m->stream);
    const cudaError_t status = cuda_side_waits(m);
    if (status == cudaSuccess)
        cuda_mixed_weights(&k, m->mixed.weights_partial + m->mixed.units[index].partial, m->side.stream);
    return status;
}

static cudaError_t mixed_backward(struct model *m, int n, const struct cuda_head *head)
{
    struct cuda_mixed last = mixed_between(m, n, head, m->net->n_units - 1);
    take_means_over(&last, &last.from);
    cudaError_t status = cuda_side_waits(m);
    if (status == cudaSuccess)
        cuda_head_weights(head, m->side.stream);
    cuda_mixed_head(&last, m->stream);
    for (int i = m->net->n_units - 1; i >= 0 && status == cudaSuccess; i--)
        status = mixed_backward_unit(m, n, head, i);
    if (status == cudaSuccess) {
        cuda_mixed_add_up(m->mixed.device_units, m->net->n_units, m->mixed.n_fragments, n, m->mixed.weights_partial, head->control, m->early,
                          m->side.stream);
        status = cuda_side_joins(m);
    }
    return status;
}

cudaError_t cuda_mixed_run(struct model *m, const struct cuda_head *head, struct mixed_way way)
{
    struct cuda_head h = *head;
    h.out = NULL;
    h.early = m->early && !way.again; /* else the host's message stands before it */
    if (!way.again)
        mixed_forward(m, h.n, &h, way.follows);
    cuda_head_forward(&h, way.want_gradient, m->stream);
    if (way.want_gradient && !way.head_only)
        return mixed_backward(m, h.n, &h);
    if (way.want_gradient)
        cuda_head_weights(&h, m->stream);
    return cudaSuccess;
}
