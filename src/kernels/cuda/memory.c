#include "config.h"
#include "kernels/cuda/model.h"

#include <stdlib.h>

/* One block of device memory holds everything; a layout function walks through it twice, first to measure it, then to
 * give out addresses. Pieces begin at multiples of 256 bytes and a gap that belongs to nobody follows each: the
 * emulator of the tests traps whoever reads or writes there. */

enum { ALIGN = 256, GAP = 256, LOGITS = 1 << 16 };

struct cursor {
    char *base; /* NULL: measuring */
    size_t used;
};

static void *take(struct cursor *c, size_t bytes)
{
    size_t whole = (bytes + ALIGN - 1) / ALIGN * ALIGN;
    char *p = c->base ? c->base + c->used : NULL;
    if (p)
        CUDA_GUARD(p + bytes, whole - bytes + GAP);
    c->used += whole + GAP;
    return p;
}

static float *take_floats(struct cursor *c, size_t count)
{
    return take(c, count * sizeof(float));
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static size_t plane(const struct model *m, const struct unit *u)
{
    return (size_t)m->max_batch * (size_t)u->height * (size_t)u->width * (size_t)u->channels;
}

static size_t control_bytes(const struct model *m)
{
    const size_t bytes = sizeof(struct cuda_control) + N_CUDA_COEFS * sizeof(float) * (size_t)m->net->classes;
    return (bytes + 15) / 16 * 16;
}

struct largest { /* over the units; floats */
    size_t plane, moments, weights;
};

/* Both kinds of a convolution's scratch are one piece. */
static struct largest largest_of_general(const struct model *m)
{
    struct largest l = { 0 };
    const int n = (int)m->max_batch;
    for (int i = 0; i < m->net->n_units; i++) {
        const struct unit *u = &m->net->units[i];
        struct cuda_convolution c = cuda_general_shape(u, n);
        l.plane = larger(l.plane, plane(m, u));
        l.moments = larger(l.moments, cuda_between_partial(n, u->height, u->width, u->channels));
        if (m->general.units[i].taps == 0)
            continue;
        for (int what = CONVOLVE_OUTPUT; what < CONVOLVE_WEIGHTS; what++) {
            c.what = (enum cuda_convolve)what;
            l.weights = larger(l.weights, cuda_general_conv_partial(&c));
        }
        l.weights = larger(l.weights, cuda_general_weights_partial(&c));
    }
    return l;
}

static struct largest largest_of(const struct model *m)
{
    if (m->general.on)
        return largest_of_general(m);
    struct largest l = { 0 };
    const int n = (int)m->max_batch;
    for (int i = 0; i < m->net->n_units; i++) {
        const struct unit *u = &m->net->units[i];
        const struct cuda_grid grid = cuda_grid_of(n, u->height, u->width, u->channels);
        const struct cuda_weights w = { .n = n, .in_channels = u->in_channels, .height = u->height, .width = u->width,
                                        .channels = u->channels, .stride = u->stride };
        const int mask = cuda_mask_blocks(n, u->height, u->width, u->channels), conv = cuda_grid_blocks(&grid);
        l.plane = larger(l.plane, plane(m, u));
        l.moments = larger(l.moments, 2 * (size_t)u->channels * (size_t)(mask > conv ? mask : conv));
        l.weights = larger(l.weights, cuda_weights_partial(&w));
    }
    return l;
}

/* A brief is one piece that is copied as a whole, so its parts follow each other without gaps. */
static struct cuda_brief take_brief(const struct model *m, struct cursor *c)
{
    const size_t control = control_bytes(m);
    char *p = take(c, m->brief_bytes);
    struct cuda_brief b = { .orders = NULL };
    if (!p)
        return b;
    for (int k = 0; k < CUDA_DIRECTIONS; k++)
        b.control[k] = (void *)(p + (size_t)k * control);
    b.orders = (void *)(p + CUDA_DIRECTIONS * control);
    b.gather = (void *)(b.orders + 1);
    b.positions = (void *)(b.gather + 1);
    return b;
}

static void lay_out_head(const struct model *m, struct cuda_head *h, struct cursor *c)
{
    const size_t n = m->max_batch, features = (size_t)m->net->features, classes = (size_t)m->net->classes;
    h->feature = take_floats(c, n * features);
    h->g_feature = take_floats(c, n * features);
    h->norm_of = take_floats(c, n);
    h->column = take_floats(c, classes);
    h->logit = take_floats(c, n * classes);
    h->g_logit = take_floats(c, n * classes);
    h->value = take(c, 2 * n * sizeof *h->value); /* a step's second pass has its own */
    h->right = take(c, n * sizeof *h->right);
    h->target = take_floats(c, n * classes);
    h->image_weight = take_floats(c, n);
}

/* Numbers of a mixed-precision plane. */
static size_t wide_plane(const struct model *m, int height, int width, int channels)
{
    return (size_t)m->max_batch * (size_t)height * (size_t)width * (size_t)cuda_mixed_wide(channels);
}

static void lay_out_mixed_scratch(struct model *m, struct cursor *c)
{
    size_t moments = 0;
    const int n = (int)m->max_batch;
    for (int i = 0; i < m->net->n_units; i++) {
        const struct unit *u = &m->net->units[i];
        moments = larger(moments, cuda_mixed_moments(n, u->height, u->width, u->channels, u->stride));
        moments = larger(moments, cuda_mixed_moments(n, u->height, u->width, u->channels, 1)); /* on the way back */
    }
    m->mixed.partial = take_floats(c, moments);
    m->mixed.weights_partial = take_floats(c, m->mixed.weights_count);
}

static void lay_out_mixed(struct model *m, struct cursor *c)
{
    struct mixed_memory *x = &m->mixed;
    const struct net *net = m->net;
    const size_t each = m->math == MATH_BF16 ? 2 : 4, channels = (size_t)x->n_channels;
    float **all[] = { &x->channel.mean, &x->channel.inv_s, &x->channel.scale, &x->channel.shift, &x->channel.k_gy,
                      &x->channel.k_a, &x->channel.k_0 };
    x->device_units = take(c, sizeof *x->units * (size_t)net->n_units);
    x->arrived = take(c, sizeof *x->arrived);
    x->packed = take(c, each * x->packed_count);
    x->images = take(c, each * wide_plane(m, net->height, net->width, net->image_channels));
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        *all[i] = take_floats(c, channels);
    lay_out_mixed_scratch(m, c);
    for (int i = 0; i < net->n_units; i++) {
        const size_t bytes = each * wide_plane(m, net->units[i].height, net->units[i].width, net->units[i].channels);
        x->unit[i].a = take(c, bytes);
        x->unit[i].out = take(c, bytes);
        x->unit[i].gy = take(c, bytes);
        x->unit[i].ga = take(c, bytes);
    }
}

/* A unit's planes; of a direction R of them. hats: the model's, or the direction's. */
static struct unit_memory take_unit(const struct model *m, int i, struct cursor *c, float *hats)
{
    const struct unit *u = &m->net->units[i];
    const size_t numbers = plane(m, u), n = m->max_batch, channels = (size_t)u->channels, width = (size_t)u->in_channels;
    struct unit_memory x = { .a = u->norm ? take_floats(c, numbers) : NULL, .out = take_floats(c, numbers), .gy = take_floats(c, numbers) };
    if (!u->norm)
        x.a = x.out;
    if (u->kind != UNIT_COSINE)
        return x;
    x.x = (struct cuda_hats){ take_floats(c, n * width), take_floats(c, n), take_floats(c, n * width) };
    x.w = (struct cuda_hats){ hats ? hats + m->general.units[i].weight : NULL, take_floats(c, channels), take_floats(c, channels * width) };
    return x;
}

static void place_upstream(const struct model *m, struct cursor *c, float *(*upstream)[NET_MAX_OUTPUTS])
{
    for (int i = 0; i < m->net->n_outputs; i++)
        (*upstream)[i] = take_floats(c, m->max_batch * (size_t)m->net->units[m->net->outputs[i].unit].channels);
}

static void lay_out_general(struct model *m, struct cursor *c)
{
    m->general.device_units = take(c, sizeof *m->general.units * (size_t)m->net->n_units);
    m->general.hats = take_floats(c, m->general.hats_count);
    m->general.sum_gy = take(c, m->channel_bytes);
    place_upstream(m, c, &m->upstream);
}

static void lay_out_units(const struct model *m, struct unit_memory *units, struct cursor *c)
{
    for (int i = 0; i < m->net->n_units; i++) {
        units[i] = take_unit(m, i, c, m->general.hats);
        if (m->net->units[i].kind == UNIT_MAX_POOL)
            units[i].winner = take(c, plane(m, &m->net->units[i]));
    }
}

/* Of the next slot; what all have in common is in the model's own memory. */
static void lay_out_slot(struct model *m, struct cursor *c)
{
    struct cuda_shelf *s = &m->shelf[m->n_slots];
    const size_t n = m->max_batch;
    s->images = take_floats(c, n * (size_t)m->net->height * (size_t)m->net->width * (size_t)m->net->image_channels);
    s->labels = take(c, n * sizeof *s->labels);
    s->sum_gy = m->general.on ? take(c, m->channel_bytes) : NULL;
    s->head = m->head;
    lay_out_head(m, &s->head, c);
    s->head.column = m->head.column;
    lay_out_units(m, s->unit, c);
}

/* The whole has the blocks of any sum over a vector, and so has each tensor: their sums have the bits of vec_dot(). */
static struct cuda_range range_at(size_t first, size_t count, int block)
{
    const size_t blocks = (count + 255) / 256;
    return (struct cuda_range){ first, count, block, blocks < CUDA_DOT_BLOCKS ? (int)blocks : CUDA_DOT_BLOCKS };
}

static void lay_out_ranges(struct model *m, struct cursor *c)
{
    const struct tensor_table *t = &m->net->params;
    m->whole_blocks = range_at(0, t->total, 0).blocks;
    m->tensor_blocks = 0;
    for (int i = 0; i < t->n; i++)
        m->tensor_blocks += range_at(0, t->tensor[i].count, 0).blocks;
    const size_t most = larger((size_t)m->tensor_blocks, CUDA_DOT_BLOCKS);
    m->ranges = take(c, sizeof *m->ranges * (size_t)(1 + t->n));
    m->range_partial = take(c, 2 * most * sizeof *m->range_partial);
    m->range_sum = take(c, 2 * (size_t)(1 + t->n) * sizeof *m->range_sum);
}

static void lay_out(struct model *m, struct cursor *c)
{
    const struct net *net = m->net;
    const struct largest l = largest_of(m);
    const size_t n = m->max_batch;
    m->device_units = take(c, sizeof *m->units * (size_t)net->n_units);
    m->brief = take_brief(m, c);
    m->result = take(c, CUDA_DIRECTIONS * sizeof *m->result);
    m->progress = take(c, sizeof *m->progress);
    lay_out_ranges(m, c);
    m->stats_before = take_floats(c, net->stats.total);
    m->dot_partial = take(c, 2 * CUDA_DOT_BLOCKS * sizeof *m->dot_partial);
    m->dot_result = take(c, sizeof *m->dot_result);
    m->images = take_floats(c, n * (size_t)net->height * (size_t)net->width * (size_t)net->image_channels);
    m->labels = take(c, n * sizeof *m->labels);
    m->packed_w = take_floats(c, m->packed_count);
    m->channel.mean = take(c, m->channel_bytes);
    m->channel.inv_s = take(c, m->channel_bytes);
    m->channel.mean_gy = take(c, m->channel_bytes);
    m->channel.mean_gyxh = take(c, m->channel_bytes);
    m->ga = take_floats(c, l.plane);
    m->moments = take_floats(c, l.moments);
    m->weights_partial = take_floats(c, l.weights);
    lay_out_head(m, &m->head, c);
    if (m->general.on)
        lay_out_general(m, c);
    lay_out_units(m, m->unit, c);
    if (m->math != MATH_FP32)
        lay_out_mixed(m, c);
}

/* The memory of the next direction. */
static void lay_out_direction(struct model *m, struct cursor *c)
{
    const struct net *net = m->net;
    const struct largest l = largest_of(m);
    struct direction *d = &m->direction[m->n_directions];
    const size_t n = m->max_batch, features = (size_t)net->features, classes = (size_t)net->classes;
    d->packed = take_floats(c, m->packed_count);
    d->channel.mean = take(c, m->channel_bytes);
    d->channel.rs_over_s = take(c, m->channel_bytes);
    d->channel.mean_gy = take(c, m->channel_bytes);
    d->channel.mean_gyxh = take(c, m->channel_bytes);
    d->ga = take_floats(c, l.plane);
    d->r_ga = take_floats(c, l.plane);
    d->moments = take_floats(c, l.moments);
    d->weights_partial = take_floats(c, l.weights);
    d->head.feature = take_floats(c, n * features);
    d->head.g_feature = take_floats(c, n * features);
    d->head.growth = take_floats(c, n);
    d->head.column = take_floats(c, classes);
    d->head.logit = take_floats(c, n * classes);
    d->head.g_logit = take_floats(c, n * classes);
    d->hats = take_floats(c, m->general.hats_count);
    place_upstream(m, c, &d->upstream);
    for (int i = 0; i < net->n_units; i++)
        d->unit[i] = take_unit(m, i, c, d->hats);
}

static void lay_out_pinned(struct model *m, struct cursor *c)
{
    const struct net *net = m->net;
    const size_t image = (size_t)net->height * (size_t)net->width * (size_t)net->image_channels;
    m->host_brief = take_brief(m, c);
    for (int i = 0; i < BACKEND_STEPS; i++) {
        m->slot[i].brief = take_brief(m, c);
        m->slot[i].record = take(c, sizeof *m->slot[i].record);
        m->slot[i].losses = take(c, m->max_batch * sizeof *m->slot[i].losses);
    }
    m->host_result = take(c, sizeof *m->host_result);
    m->host_logits = m->max_batch * (size_t)net->classes <= LOGITS ? take_floats(c, m->max_batch * (size_t)net->classes) : NULL;
    m->host_losses = take(c, m->max_batch * sizeof *m->host_losses);
    m->host_dot = take(c, sizeof *m->host_dot);
    m->host_labels = take(c, m->max_batch * sizeof *m->host_labels);
    m->host_targets = take_floats(c, m->max_batch * (size_t)net->classes);
    m->host_weights = take_floats(c, m->max_batch);
    m->host_images = take_floats(c, m->max_batch * image);
    m->host_features = take_floats(c, m->max_batch * (size_t)net->features);
}

static cudaError_t allocate(struct model *m, void (*layout)(struct model *, struct cursor *))
{
    struct cursor c = { NULL, 0 };
    void *block = NULL;
    layout(m, &c);
    cudaError_t status = cuda_reserve(m, &block, c.used);
    if (status != cudaSuccess)
        return status;
    m->device_block[m->n_device_blocks++] = block;
    m->bytes += c.used;
    c = (struct cursor){ block, 0 };
    layout(m, &c);
    return cudaSuccess;
}

static int allocate_pinned(struct model *m)
{
    struct cursor c = { NULL, 0 };
    lay_out_pinned(m, &c);
    if (cuda_check(m, cudaMallocHost(&m->pinned_block, c.used), "reserving pinned memory") < 0)
        return -1;
    m->bytes += c.used;
    c = (struct cursor){ m->pinned_block, 0 };
    lay_out_pinned(m, &c);
    return 0;
}

/* Pieces of packed weights begin at multiples of 16 bytes. */
static void number_general_unit(struct model *m, int i)
{
    const struct unit *u = &m->net->units[i];
    struct cuda_general_unit *g = &m->general.units[i];
    const bool pool = u->kind == UNIT_MAX_POOL || u->kind == UNIT_AVG_POOL || u->kind == UNIT_GLOBAL_POOL;
    *g = (struct cuda_general_unit){ .weight = u->weight, .taps = pool ? 0 : u->kernel * u->kernel, .in_channels = u->in_channels,
                                     .channels = u->channels, .groups = u->groups, .of_hats = u->kind == UNIT_COSINE };
    const size_t count = (size_t)g->taps * (size_t)(u->in_channels / u->groups) * (size_t)u->channels;
    if (g->of_hats) {
        g->weight = m->general.hats_count;
        m->general.hats_count += count;
    }
    g->forward = m->packed_count;
    g->backward = g->forward + (count + 3) / 4 * 4;
    m->packed_count = g->backward + (count + 3) / 4 * 4;
    m->largest_packed = larger(m->largest_packed, count);
    m->units[i] = (struct cuda_unit){ .mean = u->mean, .variance = u->variance, .channel_base = m->n_channels, .channels = u->norm ? u->channels : 0 };
    m->n_channels += m->units[i].channels;
    m->most_channels = m->units[i].channels > m->most_channels ? m->units[i].channels : m->most_channels;
}

/* Offsets of packed weights and channels: what the kernels know of each unit. */
static void number_units(struct model *m)
{
    for (int i = 0; m->general.on && i < m->net->n_units; i++)
        number_general_unit(m, i);
    if (m->general.on)
        return;
    for (int i = 0; i < m->net->n_units; i++) {
        const struct unit *u = &m->net->units[i];
        const size_t forward = 9 * (size_t)u->in_channels * (size_t)cuda_packed_channels(u->channels);
        const size_t backward = 9 * (size_t)u->channels * (size_t)cuda_packed_channels(u->in_channels);
        m->units[i] = (struct cuda_unit){ .weight = u->weight, .mean = u->mean, .variance = u->variance,
                                          .forward = m->packed_count, .backward = m->packed_count + forward,
                                          .in_channels = u->in_channels, .channels = u->channels,
                                          .channel_base = m->n_channels };
        m->packed_count += forward + backward;
        m->largest_packed = larger(m->largest_packed, larger(forward, backward));
        m->n_channels += u->channels;
        m->most_channels = u->channels > m->most_channels ? u->channels : m->most_channels;
    }
}

static void number_mixed_units(struct model *m)
{
    struct mixed_memory *x = &m->mixed;
    for (int i = 0; i < m->net->n_units; i++) {
        const struct unit *u = &m->net->units[i];
        const size_t in = (size_t)cuda_mixed_wide(u->in_channels), out = (size_t)cuda_mixed_wide(u->channels);
        const size_t forward = 9 * in * (size_t)cuda_mixed_packed(u->channels, u->stride);
        const size_t backward = 9 * out * (size_t)cuda_mixed_packed(u->in_channels, 1);
        x->units[i] = (struct cuda_mixed_unit){ .weight = u->weight, .forward = x->packed_count,
                                                .backward = x->packed_count + forward, .in_channels = u->in_channels,
                                                .channels = u->channels, .stride = u->stride };
        x->packed_count += forward + backward;
        x->largest_packed = larger(x->largest_packed, larger(forward, backward));
        x->channel_base[i] = x->n_channels;
        x->n_channels += cuda_mixed_wide(u->channels);
        cuda_mixed_share_out(m->math, (int)m->max_batch, u->height, u->width, &x->units[i]);
        x->units[i].partial = x->weights_count;
        x->units[i].first_fragment = x->n_fragments;
        x->weights_count += (size_t)x->units[i].most_shares * (size_t)x->units[i].fragments * CUDA_FRAGMENT;
        x->n_fragments += x->units[i].fragments;
    }
}

static int describe_ranges(struct model *m)
{
    const struct tensor_table *t = &m->net->params;
    const size_t bytes = sizeof *m->ranges * (size_t)(1 + t->n);
    struct cuda_range *r = malloc(bytes);
    if (!r)
        return err_set(&m->fault, ERR_MEMORY, "no memory for the tensors of %s", m->net->name);
    r[0] = range_at(0, t->total, 0);
    for (int i = 0, block = 0; i < t->n; block += r[++i].blocks)
        r[1 + i] = range_at(t->tensor[i].offset, t->tensor[i].count, block);
    const int result = cuda_give(m, m->ranges, r, bytes, "describing the network");
    free(r);
    return result;
}

int cuda_memory_open(struct model *m)
{
    number_units(m);
    if (m->math != MATH_FP32)
        number_mixed_units(m);
    m->channel_bytes = sizeof(float) * (size_t)m->n_channels;
    m->brief_bytes = CUDA_DIRECTIONS * control_bytes(m) + sizeof(struct cuda_orders) + sizeof(struct cuda_gather) +
                     m->max_batch * sizeof *m->positions;
    m->positions = malloc(m->max_batch * sizeof *m->positions);
    if (!m->positions)
        return err_set(&m->fault, ERR_MEMORY, "no memory for the numbers of %u images", m->max_batch);
    if (cuda_check(m, allocate(m, lay_out), "reserving device memory") < 0 || allocate_pinned(m) < 0)
        return -1;
    const size_t n = (size_t)m->net->n_units;
    if (cuda_give(m, m->device_units, m->units, n * sizeof *m->units, "describing the network") < 0 || describe_ranges(m) < 0)
        return -1;
    return m->general.on ? cuda_give(m, m->general.device_units, m->general.units, n * sizeof *m->general.units, "describing the network") : 0;
}

/* The first direction goes the model's own way; the others branch off it. */
static int make_branch(struct model *m, struct direction *d)
{
    if (m->n_directions == 0) {
        d->stream = m->stream;
        return cuda_check(m, cudaEventCreateWithFlags(&m->fork, cudaEventDisableTiming), "making an event");
    }
    if (cuda_check(m, cudaStreamCreateWithPriority(&d->stream, cudaStreamNonBlocking, m->priority), "making a stream") < 0)
        return -1;
    return cuda_check(m, cudaEventCreateWithFlags(&d->done, cudaEventDisableTiming), "making an event");
}

int cuda_memory_products(struct model *m, int n)
{
    while (m->n_directions < n && !m->directions_end) {
        const cudaError_t status = allocate(m, lay_out_direction);
        if (status == cudaErrorMemoryAllocation && m->n_directions > 0) {
            cudaGetLastError(); /* so many are side by side, and the others come after them */
            m->directions_end = true;
        } else if (cuda_check(m, status, "reserving device memory") < 0 || make_branch(m, &m->direction[m->n_directions]) < 0) {
            return -1;
        } else {
            m->n_directions++;
        }
    }
    return 0;
}

int cuda_memory_slot(struct model *m)
{
    struct cuda_shelf *s = &m->shelf[m->n_slots];
    s->positions = malloc(m->max_batch * sizeof *s->positions);
    const cudaError_t status = s->positions ? allocate(m, lay_out_slot) : cudaErrorMemoryAllocation;
    if (status == cudaSuccess) {
        m->n_slots++;
        return 1;
    }
    free(s->positions);
    s->positions = NULL;
    if (status != cudaErrorMemoryAllocation)
        return cuda_check(m, status, "reserving device memory");
    cudaGetLastError(); /* so many keep their passes, and the others are prepared again */
    return 0;
}

void cuda_memory_close(struct model *m)
{
    for (int i = 0; i < m->n_device_blocks; i++)
        cudaFree(m->device_block[i]);
    if (m->pinned_block)
        cudaFreeHost(m->pinned_block);
    cuda_spare_vectors_free(m);
    free(m->vectors);
    free(m->positions);
}
