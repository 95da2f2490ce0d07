#include "config.h"
#include "kernels/cuda/model.h"

#include <string.h>

/* The work of a pass: which kernels, in which order, over which memory. The same functions run while a graph is captured
 * and when graphs are switched off (SADDLE_CUDA_GRAPHS=off). */

struct scene { /* one unit of one pass */
    const struct flow *f;
    struct model *m;
    int index;
    const struct unit *u;
    const struct cuda_unit *d;
    struct unit_memory *memory;
    double share; /* of a sum over the batch in its mean; 0 in evaluation mode: nothing depends on the batch */
};

static struct scene scene_of(const struct flow *f, int index)
{
    struct model *m = f->m;
    const struct unit *u = &m->net->units[index];
    const double count = (double)f->n * u->height * u->width;
    return (struct scene){ f, m, index, u, &m->units[index], &m->unit[index], f->mode == PASS_TRAIN ? 1 / count : 0 };
}

/* A unit's part of an array over all channels. */
static float *channel_part(const struct scene *s, float *array)
{
    return array + s->d->channel_base;
}

static const float *input_of(const struct scene *s)
{
    return s->u->in == NET_IMAGE ? s->m->images : s->m->unit[s->u->in].out;
}

struct cuda_plane cuda_plane_of(const struct unit *from, const struct unit *into, const struct unit *side, const void *data)
{
    const bool same = from->height == into->height && from->width == into->width;
    return (struct cuda_plane){ data, side->height, side->width, side->channels, same ? 1 : 2,
                                (into->channels - from->channels) / 2 };
}

static struct cuda_norm cuda_norm_of(const struct scene *s)
{
    struct model *m = s->m;
    const struct unit *u = s->u;
    struct cuda_norm k = {
        .n = s->f->n, .height = u->height, .width = u->width, .channels = u->channels,
        .gamma = u->gamma, .beta = u->beta, .control = s->f->control,
        .mean = channel_part(s, m->channel.mean), .inv_s = channel_part(s, m->channel.inv_s),
        .a = s->memory->a, .out = s->memory->out, .gy = s->memory->gy,
        .mean_gy = channel_part(s, m->channel.mean_gy), .mean_gyxh = channel_part(s, m->channel.mean_gyxh),
        .partial = s->f->moments, .ga = s->f->ga,
    };
    if (u->add != NET_NO_ADD) {
        const struct unit *from = &m->net->units[u->add];
        k.add = cuda_plane_of(from, u, from, m->unit[u->add].out);
        if (s->f->d)
            k.r_add = cuda_plane_of(from, u, from, s->f->d->unit[u->add].out);
    }
    const struct direction *d = s->f->d;
    if (!d)
        return k;
    k.r_a = d->unit[s->index].a;
    k.r_out = d->unit[s->index].out;
    k.r_gy = d->unit[s->index].gy;
    k.r_mean = channel_part(s, d->channel.mean);
    k.rs_over_s = channel_part(s, d->channel.rs_over_s);
    k.r_mean_gy = channel_part(s, d->channel.mean_gy);
    k.r_mean_gyxh = channel_part(s, d->channel.mean_gyxh);
    k.r_ga = d->r_ga;
    return k;
}

static struct cuda_head head_of(const struct flow *f)
{
    const struct model *m = f->m;
    const struct net *net = m->net;
    const struct unit *last = &net->units[net->head_in];
    struct cuda_head h = m->head;
    h.n = f->n;
    h.pixels = last->height * last->width;
    h.features = net->features;
    h.classes = net->classes;
    h.norm = net->head == HEAD_NORM;
    h.criterion = f->criterion;
    h.weight = net->head_weight;
    h.bias = net->head_bias;
    h.control = f->control;
    h.label = m->labels;
    h.out = f->of_features ? NULL : m->unit[net->head_in].out;
    h.result = f->result;
    h.value = f->value;
    if (f->d) {
        h.r_out = f->d->unit[net->head_in].out;
        h.r_feature = f->d->head.feature;
        h.r_g_feature = f->d->head.g_feature;
        h.growth = f->d->head.growth;
        h.r_column = f->d->head.column;
        h.r_logit = f->d->head.logit;
        h.r_g_logit = f->d->head.g_logit;
    }
    return h;
}

/* --- forward --- */

static struct cuda_conv conv_of(const struct scene *s)
{
    const struct unit *u = s->u;
    return (struct cuda_conv){ .source = { { input_of(s), s->m->packed_w + s->d->forward } }, .n_sources = 1, .spread = 1,
                               .n = s->f->n, .in_height = u->in_height, .in_width = u->in_width,
                               .in_channels = u->in_channels, .height = u->height, .width = u->width,
                               .channels = u->channels, .stride = u->stride, .out = s->memory->a,
                               .partial = s->f->moments };
}

static void forward_unit(const struct scene *s)
{
    struct model *m = s->m;
    struct cuda_conv conv = conv_of(s);
    struct cuda_norm norm = cuda_norm_of(s);
    const struct cuda_grid grid = cuda_grid_of(conv.n, conv.height, conv.width, conv.channels);
    if (s->f->mode == PASS_EVAL && s->f->kind == KIND_FORWARD && !s->f->from_outside) { /* nobody goes back through it: `a` is not kept */
        conv.out = s->memory->out;
        conv.mean = norm.mean;
        conv.inv_s = norm.inv_s;
        conv.finish = (struct cuda_finish){ s->f->control, s->u->gamma, s->u->beta, norm.add };
        cuda_conv_run(&conv, s->f->stream);
        return;
    }
    conv.moments = s->f->mode == PASS_TRAIN ? MOMENTS_BATCH : MOMENTS_NONE;
    cuda_conv_run(&conv, s->f->stream);
    if (s->f->mode == PASS_TRAIN)
        cuda_norm_batch(&grid, conv.channels, s->f->moments, channel_part(s, m->channel.mean), channel_part(s, m->channel.inv_s), s->f->control,
                        s->u->mean, s->u->variance, s->f->stream);
    cuda_norm_forward(&norm, s->f->stream);
}

static void forward_units(const struct flow *f)
{
    struct model *m = f->m;
    const int n_units = m->net->n_units;
    if (m->general.on) {
        cuda_general_forward(f);
        return;
    }
    cuda_pack(m->device_units, n_units, m->largest_packed, f->control, false, m->packed_w, f->stream);
    if (f->mode == PASS_EVAL)
        cuda_norm_running(m->device_units, n_units, m->most_channels, f->control, m->channel.mean, m->channel.inv_s,
                          f->stream);
    for (int i = 0; i < n_units; i++) {
        const struct scene s = scene_of(f, i);
        forward_unit(&s);
    }
}

static void forward(const struct flow *f)
{
    const struct cuda_head h = head_of(f);
    if (!f->of_features)
        forward_units(f);
    cuda_head_forward(&h, f->kind != KIND_FORWARD, f->stream);
}

/* --- backward; with a product also the derivative of everything along v --- */

/* The sources of the gradient of a unit's output: convolutions that were treated before (in gy already), units that
 * add it, the classifier. */
static void gather_gradient(const struct scene *s, bool fresh, struct cuda_norm *k)
{
    const struct model *m = s->m;
    k->fresh = fresh;
    for (int i = s->index + 1; i < m->net->n_units; i++)
        if (m->net->units[i].add == s->index) {
            const struct unit *into = &m->net->units[i];
            if (s->f->d)
                k->r_pull[k->n_pulls] = cuda_plane_of(s->u, into, into, s->f->d->unit[i].gy);
            k->pull[k->n_pulls++] = cuda_plane_of(s->u, into, into, m->unit[i].gy);
        }
    if (s->index == m->net->n_units - 1) {
        k->g_feature = m->head.g_feature;
        k->r_g_feature = s->f->d ? s->f->d->head.g_feature : NULL;
    }
}

/* No gradient is wanted in prepare: control->grad is NULL, and the sums kernel sees it. */
static void sum_gradient(const struct scene *s, bool product)
{
    const struct model *m = s->m;
    const struct unit *u = s->u;
    const struct cuda_sums sums = {
        .partial = s->f->moments, .channels = u->channels,
        .blocks = cuda_mask_blocks(s->f->n, u->height, u->width, u->channels), .share = s->share,
        .first = channel_part(s, product ? s->f->d->channel.mean_gy : m->channel.mean_gy),
        .second = channel_part(s, product ? s->f->d->channel.mean_gyxh : m->channel.mean_gyxh),
        .first_offset = (ptrdiff_t)u->beta, .second_offset = (ptrdiff_t)u->gamma, .control = s->f->control,
    };
    cuda_sums_run(&sums, s->f->stream);
}

/* ga through the convolution, onto gy (or r_gy, with both terms) of the unit before. */
static void input_gradient(const struct scene *s, bool add, bool product)
{
    struct model *m = s->m;
    const struct unit *u = s->u;
    const float *w = m->packed_w + s->d->backward;
    struct cuda_conv conv = {
        .source = { { s->f->ga, w } }, .n_sources = 1,
        .spread = u->stride, .spread_height = u->height, .spread_width = u->width,
        .n = s->f->n, .in_height = u->in_height, .in_width = u->in_width, .in_channels = u->channels,
        .height = u->in_height, .width = u->in_width, .channels = u->in_channels, .stride = 1,
        .out = m->unit[u->in].gy, .add = add,
    };
    if (product) {
        conv.source[0].weights = s->f->d->packed + s->d->backward;
        conv.source[1] = (struct cuda_conv_source){ s->f->d->r_ga, w };
        conv.n_sources = 2;
        conv.out = s->f->d->unit[u->in].gy;
    }
    cuda_conv_run(&conv, s->f->stream);
}

static void weight_gradient(const struct scene *s, bool product)
{
    const struct unit *u = s->u;
    struct cuda_weights w = {
        .source = { { input_of(s), product ? s->f->d->r_ga : s->f->ga } }, .n_sources = 1, .n = s->f->n,
        .in_height = u->in_height, .in_width = u->in_width, .in_channels = u->in_channels,
        .height = u->height, .width = u->width, .channels = u->channels, .stride = u->stride,
        .partial = s->f->weights_partial, .weight = u->weight, .control = s->f->control,
    };
    if (product && u->in != NET_IMAGE)
        w.source[w.n_sources++] = (struct cuda_weights_source){ s->f->d->unit[u->in].out, s->f->ga };
    cuda_weights_run(&w, s->f->stream);
}

static void backward_unit(const struct scene *s, bool *touched)
{
    const bool product = s->f->kind == KIND_PRODUCT;
    const int before = s->u->in;
    struct cuda_norm norm = cuda_norm_of(s);
    gather_gradient(s, !touched[s->index], &norm);
    cuda_norm_mask(&norm, product, s->f->stream);
    sum_gradient(s, product);
    cuda_norm_backward(&norm, product, s->f->stream);
    if (before != NET_IMAGE) {
        input_gradient(s, touched[before], product);
        touched[before] = true;
    }
    if (s->f->kind != KIND_PREPARE)
        weight_gradient(s, product);
}

static void backward(const struct flow *f)
{
    bool touched[NET_MAX_UNITS] = { false };
    if (f->m->general.on) {
        cuda_general_backward(f);
        return;
    }
    for (int i = f->m->net->n_units - 1; i >= 0; i--) {
        const struct scene s = scene_of(f, i);
        backward_unit(&s, touched);
    }
}

/* --- product with the Hessian: the forward half (methods 7.2) --- */

static void product_unit(const struct scene *s)
{
    struct model *m = s->m;
    const struct unit *u = s->u;
    struct cuda_conv conv = conv_of(s);
    struct cuda_norm norm = cuda_norm_of(s);
    conv.source[0].weights = s->f->d->packed + s->d->forward;
    if (u->in != NET_IMAGE)
        conv.source[conv.n_sources++] =
            (struct cuda_conv_source){ s->f->d->unit[u->in].out, m->packed_w + s->d->forward };
    conv.out = s->f->d->unit[s->index].a;
    if (s->f->mode == PASS_TRAIN) {
        conv.moments = MOMENTS_PRODUCT;
        conv.a = s->memory->a;
        conv.mean = norm.mean;
        conv.inv_s = norm.inv_s;
    }
    cuda_conv_run(&conv, s->f->stream);
    if (s->f->mode == PASS_TRAIN) {
        const struct cuda_grid grid = cuda_grid_of(conv.n, conv.height, conv.width, conv.channels);
        const struct cuda_sums sums = {
            .partial = s->f->moments, .channels = u->channels, .blocks = cuda_grid_blocks(&grid), .share = s->share,
            .scale = norm.inv_s, .first = channel_part(s, s->f->d->channel.mean), .second = channel_part(s, s->f->d->channel.rs_over_s),
            .first_offset = CUDA_NO_OFFSET, .second_offset = CUDA_NO_OFFSET, .control = s->f->control,
        };
        cuda_sums_run(&sums, s->f->stream);
    }
    cuda_norm_product(&norm, s->f->stream);
}

static cudaError_t product_units(const struct flow *f)
{
    struct model *m = f->m;
    if (f->mode == PASS_EVAL) { /* the running statistics do not move along v */
        cudaError_t first = cudaMemsetAsync(f->d->channel.mean, 0, m->channel_bytes, f->stream);
        cudaError_t second = cudaMemsetAsync(f->d->channel.rs_over_s, 0, m->channel_bytes, f->stream);
        if (first || second)
            return first ? first : second;
    }
    if (m->general.on)
        return cuda_general_product(f);
    cuda_pack(m->device_units, m->net->n_units, m->largest_packed, f->control, true, f->d->packed, f->stream);
    for (int i = 0; i < m->net->n_units; i++) {
        const struct scene s = scene_of(f, i);
        product_unit(&s);
    }
    return cudaSuccess;
}

static cudaError_t product_forward(const struct flow *f)
{
    const cudaError_t status = product_units(f);
    const struct cuda_head h = head_of(f);
    if (status == cudaSuccess)
        cuda_head_product(&h, f->kind == KIND_PRODUCT, f->stream);
    return status;
}

/* The output that the classifier reads does not move along v. */
static cudaError_t product_of_head(const struct flow *f)
{
    const struct unit *last = &f->m->net->units[f->m->net->head_in];
    const size_t count = (size_t)f->n * (size_t)last->height * (size_t)last->width * (size_t)last->channels;
    const struct cuda_head h = head_of(f);
    const cudaError_t status = cudaMemsetAsync(f->d->unit[f->m->net->head_in].out, 0, count * sizeof(float), f->stream);
    if (status == cudaSuccess)
        cuda_head_product(&h, true, f->stream);
    return status;
}

/* --- a whole pass, a whole step --- */

struct flow cuda_flow_of(struct model *m, struct cuda_key key, enum pass_kind kind, int which)
{
    return (struct flow){ m, kind, key.mode, key.criterion, (int)key.n, m->brief.control[which], m->result + which,
                          m->head.value + (which > 0 ? m->max_batch : 0), m->stream, m->ga, m->moments, m->weights_partial, NULL,
                          key.head_only, key.of_features, key.criterion == CUDA_FROM_OUTSIDE, false };
}

static struct flow flow_along(struct model *m, struct cuda_key key, int k)
{
    const struct direction *d = &m->direction[k];
    return (struct flow){ m, KIND_PRODUCT, key.mode, key.criterion, (int)key.n, m->brief.control[k], NULL, NULL,
                          d->stream, d->ga, d->moments, d->weights_partial, d, key.head_only, key.of_features,
                          key.criterion == CUDA_FROM_OUTSIDE, false };
}

/* Side by side: the others branch off the model's stream and come back to it. */
static cudaError_t products(struct model *m, struct cuda_key key)
{
    cudaError_t status = key.n_directions > 1 ? cudaEventRecord(m->fork, m->stream) : cudaSuccess;
    for (int k = 0; k < key.n_directions && status == cudaSuccess; k++) {
        const struct flow f = flow_along(m, key, k);
        if (k > 0)
            status = cudaStreamWaitEvent(f.stream, m->fork, 0);
        if (status == cudaSuccess)
            status = f.head_only ? product_of_head(&f) : product_forward(&f);
        if (status == cudaSuccess && !f.head_only)
            backward(&f);
        if (status == cudaSuccess && k > 0)
            status = cudaEventRecord(f.d->done, f.stream);
    }
    for (int k = 1; k < key.n_directions && status == cudaSuccess; k++)
        status = cudaStreamWaitEvent(m->stream, m->direction[k].done, 0);
    return status;
}

/* Rounded products are for training: whatever is evaluated or differentiated twice is exact. */
cudaError_t cuda_flow_run(const struct flow *f)
{
    const struct cuda_head h = head_of(f);
    const bool again = f->kind == KIND_AGAIN, wanted = again || f->kind == KIND_GRADIENT;
    if (f->m->math != MATH_FP32 && f->mode == PASS_TRAIN && f->kind != KIND_PREPARE)
        return cuda_mixed_run(f->m, &h, (struct mixed_way){ .again = again, .want_gradient = wanted, .head_only = f->head_only, .follows = f->follows });
    if (again)
        cuda_head_forward(&h, true, f->stream);
    else
        forward(f);
    if (f->kind == KIND_FORWARD)
        return cudaSuccess;
    const bool aside = wanted && !f->head_only; /* the way back needs it as little as that of the convolutions' weights */
    const cudaError_t status = aside ? cuda_side_waits(f->m) : cudaSuccess;
    if (status)
        return status;
    if (wanted)
        cuda_head_weights(&h, aside ? f->m->side.stream : f->stream);
    if (!f->head_only)
        backward(f);
    return aside ? cuda_side_joins(f->m) : cudaSuccess;
}

static cudaError_t pass(struct model *m, struct cuda_key key)
{
    struct flow f = cuda_flow_of(m, key, key.kind, 0);
    if (key.kind == KIND_PRODUCT)
        return products(m, key);
    f.follows = key.gather;
    cudaError_t status = cuda_flow_run(&f);
    if (status == cudaSuccess && key.kind == KIND_FORWARD && m->host_logits)
        status = cudaMemcpyAsync(m->host_logits, m->head.logit, key.n * (size_t)m->net->classes * sizeof *m->host_logits, cudaMemcpyDeviceToHost,
                                 m->stream);
    if (status == cudaSuccess)
        status = cudaMemcpyAsync(m->host_losses, f.value, key.n * sizeof *f.value, cudaMemcpyDeviceToHost, m->stream);
    if (status != cudaSuccess)
        return status;
    return cudaMemcpyAsync(m->host_result, m->result, sizeof *m->result, cudaMemcpyDeviceToHost, m->stream);
}

/* --- a pass in pieces --- */

/* The kernel that classifies along a direction goes back to the features too, each time: the derivatives of outputs that are not known yet
 * are zeros. */
static cudaError_t piece_forward(const struct flow *f)
{
    forward(f);
    return cudaMemsetAsync(f->m->head.g_logit, 0, sizeof(float) * (size_t)f->n * (size_t)f->m->net->classes, f->stream);
}

static cudaError_t piece_backward(const struct flow *f)
{
    const struct cuda_head h = head_of(f);
    cuda_head_forward(&h, true, f->stream);
    if (f->kind == KIND_GRADIENT)
        cuda_head_weights(&h, f->stream);
    backward(f);
    return cudaSuccess;
}

static cudaError_t piece_r_forward(const struct flow *f)
{
    const cudaError_t status = cudaMemsetAsync(f->d->head.g_logit, 0, sizeof(float) * (size_t)f->n * (size_t)f->m->net->classes, f->stream);
    return status ? status : product_forward(f);
}

static cudaError_t piece_r_backward(const struct flow *f)
{
    const struct cuda_head h = head_of(f);
    cuda_head_product(&h, true, f->stream);
    backward(f);
    return cudaSuccess;
}

static bool is_piece(enum pass_kind kind)
{
    return kind >= KIND_PIECE_FORWARD && kind < KIND_STEP;
}

static cudaError_t piece(struct model *m, struct cuda_key key)
{
    const bool along = key.kind == KIND_PIECE_R_FORWARD || key.kind == KIND_PIECE_R_BACKWARD;
    struct flow f = along ? flow_along(m, key, 0) : cuda_flow_of(m, key, KIND_FORWARD, 0);
    switch (key.kind) {
    case KIND_PIECE_FORWARD:
        return piece_forward(&f);
    case KIND_PIECE_R_FORWARD:
        f.kind = KIND_FORWARD;
        return piece_r_forward(&f);
    case KIND_PIECE_R_BACKWARD:
        return piece_r_backward(&f);
    default:
        f.kind = key.kind == KIND_PIECE_BACKWARD ? KIND_GRADIENT : KIND_PREPARE;
        return piece_backward(&f);
    }
}

static void gather(struct model *m, struct cuda_key key)
{
    const struct cuda_gather_run r = {
        .n = (int)key.n, .height = m->net->height, .width = m->net->width, .channels = m->net->image_channels,
        .gather = m->brief.gather, .position = m->brief.positions, .images = m->images, .labels = m->labels,
    };
    cuda_gather_run(&r, m->stream);
}

static int enqueue(struct model *m, struct cuda_key key)
{
    if (key.gather)
        gather(m, key);
    const cudaError_t status = key.kind == KIND_STEP ? cuda_rule_run(m, key) : is_piece(key.kind) ? piece(m, key) : pass(m, key);
    const cudaError_t launches = cudaGetLastError();
    return cuda_check(m, status ? status : launches, "starting a pass");
}

static bool same_key(struct cuda_key a, struct cuda_key b)
{
    return a.kind == b.kind && a.mode == b.mode && a.criterion == b.criterion && a.n == b.n && a.gather == b.gather &&
           a.n_directions == b.n_directions && a.head_only == b.head_only && a.of_features == b.of_features && a.slot == b.slot &&
           memcmp(&a.shape, &b.shape, sizeof a.shape) == 0;
}

/* The pass's graph if there is one, else the place for it: a free one, or the one not used for the longest time. */
static struct cuda_graph *graph_of(struct model *m, struct cuda_key key)
{
    struct cuda_graph *oldest = &m->graphs[0];
    for (int i = 0; i < m->most_graphs; i++) {
        struct cuda_graph *g = &m->graphs[i];
        if (g->exec && same_key(g->key, key))
            return g;
        if (g->used < oldest->used)
            oldest = g;
    }
    if (oldest->exec)
        cuda_check(m, cudaGraphExecDestroy(oldest->exec), "forgetting a captured pass");
    *oldest = (struct cuda_graph){ .key = key };
    return oldest;
}

static int capture(struct model *m, struct cuda_graph *g)
{
    cudaGraph_t graph = NULL;
    const char *preparing = m->early ? "preparing a captured pass (SADDLE_CUDA_EARLY=off does without early launches)" : "preparing a captured pass";
    if (cuda_check(m, cudaStreamBeginCapture(m->stream, cudaStreamCaptureModeThreadLocal), "capturing a pass") < 0)
        return -1;
    const int enqueued = enqueue(m, g->key);
    const int ended = cuda_check(m, cudaStreamEndCapture(m->stream, &graph), "capturing a pass"); /* also after a failure */
    if (enqueued == 0 && ended == 0)
        cuda_check(m, cudaGraphInstantiate(&g->exec, graph, cudaGraphInstantiateFlagUseNodePriority), preparing);
    if (graph)
        cuda_check(m, cudaGraphDestroy(graph), "capturing a pass");
    return m->fault.code ? -1 : 0;
}

static int run_pass(struct model *m, struct cuda_key key)
{
    if (!m->use_graphs)
        return enqueue(m, key);
    struct cuda_graph *g = graph_of(m, key);
    if (m->fault.code || (!g->exec && capture(m, g) < 0))
        return -1;
    g->used = ++m->clock;
    return cuda_check(m, cudaGraphLaunch(g->exec, m->stream), "starting a captured pass");
}

int cuda_pass_start(struct model *m, enum pass_kind kind, enum pass_mode mode, int n_directions, const struct cuda_brief *brief)
{
    const struct cuda_key key = { .kind = kind, .mode = mode, .criterion = brief->control[0]->criterion.kind, .n = m->n, .gather = m->stored,
                                  .n_directions = n_directions, .head_only = m->head_only, .of_features = m->of_features, .slot = m->turn,
                                  .shape = kind == KIND_STEP ? m->shape : (struct cuda_shape){ 0 } };
    if (m->stored) {
        *brief->gather = m->gather;
        memcpy(brief->positions, m->positions, m->n * sizeof *m->positions);
    }
    m->stored = false;
    if (cuda_check(m, cudaMemcpyAsync(m->brief.control[0], brief->control[0], m->brief_bytes, cudaMemcpyHostToDevice, m->stream),
                   "starting a pass") < 0)
        return -1;
    return run_pass(m, key);
}

int cuda_pass(struct model *m, enum pass_kind kind, enum pass_mode mode, int n_directions)
{
    if (cuda_pass_start(m, kind, mode, n_directions, &m->host_brief) < 0)
        return -1;
    return cuda_check(m, cudaStreamSynchronize(m->stream), "a pass");
}

void cuda_pass_forget(struct model *m)
{
    for (int i = 0; i < CUDA_MAX_GRAPHS; i++)
        if (m->graphs[i].exec)
            cudaGraphExecDestroy(m->graphs[i].exec);
}
