#include "config.h"
#include "kernels/cuda/model.h"

/* A pass over a network that is not plain, unit by unit: its operation, then what lies between two operations (general.h). Every number of
 * a unit waits in device memory for the way back. Products go the same way with R of each number beside it. */

struct general_scene { /* one unit of one pass */
    const struct flow *f;
    struct model *m;
    int index;
    const struct unit *u;
    const struct cuda_general_unit *d;
    const struct unit_memory *memory, *along; /* along: R of it, in products; else NULL */
};

static struct general_scene general_scene_of(const struct flow *f, int index)
{
    struct model *m = f->m;
    return (struct general_scene){ f, m, index, &m->net->units[index], &m->general.units[index], &m->unit[index], f->d ? &f->d->unit[index] : NULL };
}

static const float *general_input_of(const struct general_scene *s)
{
    return s->u->in == NET_IMAGE ? s->m->images : s->m->unit[s->u->in].out;
}

/* NULL: zeros, for the images do not move. */
static const float *r_input_of(const struct general_scene *s)
{
    return s->u->in == NET_IMAGE ? NULL : s->f->d->unit[s->u->in].out;
}

static bool is_pool_unit(const struct unit *u)
{
    return u->kind == UNIT_MAX_POOL || u->kind == UNIT_AVG_POOL || u->kind == UNIT_GLOBAL_POOL;
}

/* --- convolutions --- */

/* All convolutions, data gradients and weight gradients come by here: the place for a library that provides them. */
static void convolve(const struct cuda_convolution *c, cudaStream_t stream)
{
    if (c->what == CONVOLVE_WEIGHTS)
        cuda_general_weights(c, stream);
    else
        cuda_general_conv(c, stream);
}

struct cuda_convolution cuda_general_shape(const struct unit *u, int n)
{
    return (struct cuda_convolution){ .n = n, .in_height = u->in_height, .in_width = u->in_width, .in_channels = u->in_channels,
                                      .height = u->height, .width = u->width, .channels = u->channels, .kernel = u->kernel,
                                      .stride = u->stride, .pad = u->pad, .groups = u->groups, .bias = CUDA_NO_OFFSET };
}

static struct cuda_convolution convolution_of(const struct general_scene *s, enum cuda_convolve what)
{
    struct cuda_convolution c = cuda_general_shape(s->u, s->f->n);
    c.what = what;
    c.control = s->f->control;
    c.partial = s->f->weights_partial;
    return c;
}

static void add_source(struct cuda_convolution *c, const float *plane, const float *factor)
{
    if (plane)
        c->source[c->n_sources++] = (struct cuda_convolution_source){ plane, factor };
}

/* --- rows of a cosine unit: those of its input, and those of its weights --- */

static struct cuda_rows input_rows(const struct general_scene *s)
{
    struct cuda_rows r = { .n = s->f->n, .width = s->u->in_channels, .control = s->f->control, .x = general_input_of(s),
                           .hat = s->memory->x.hat, .length = s->memory->x.length, .g = s->memory->x.g };
    if (s->along) {
        r.r_x = r_input_of(s);
        r.r_hat = s->along->x.hat;
        r.growth = s->along->x.length;
        r.r_g = s->along->x.g;
    }
    return r;
}

static struct cuda_rows weight_rows(const struct general_scene *s)
{
    struct cuda_rows r = { .n = s->u->channels, .width = s->u->in_channels, .control = s->f->control, .x_of = ROWS_PARAMS,
                           .r_x_of = ROWS_DIRECTION, .to_of = ROWS_GRAD, .at = s->u->weight, .hat = s->memory->w.hat,
                           .length = s->memory->w.length, .g = s->memory->w.g };
    if (s->along) {
        r.r_hat = s->along->w.hat;
        r.growth = s->along->w.length;
        r.r_g = s->along->w.g;
    }
    return r;
}

/* Weights of all units as the kernels read them; of products the direction. */
static void pack(const struct flow *f)
{
    const struct model *m = f->m;
    for (int i = 0; i < m->net->n_units; i++)
        if (m->net->units[i].kind == UNIT_COSINE) {
            const struct general_scene s = general_scene_of(f, i);
            const struct cuda_rows r = weight_rows(&s);
            if (f->d)
                cuda_rows_product(&r, f->stream);
            else
                cuda_rows_forward(&r, f->stream);
        }
    if (m->largest_packed > 0)
        cuda_general_pack(m->general.device_units, m->net->n_units, m->largest_packed, f->control, f->d != NULL, f->d ? f->d->hats : m->general.hats,
                          f->d ? f->d->packed : m->packed_w, f->stream);
}

/* --- what lies between two operations --- */

static void general_gather_gradient(const struct general_scene *s, struct cuda_between *k)
{
    const struct model *m = s->m;
    const struct net *net = m->net;
    const struct direction *d = s->f->d;
    for (int i = s->index + 1; i < net->n_units; i++)
        if (net->units[i].add == s->index) {
            k->pull[k->n_pulls] = cuda_plane_of(s->u, &net->units[i], &net->units[i], m->unit[i].gy);
            k->r_pull[k->n_pulls++] = cuda_plane_of(s->u, &net->units[i], &net->units[i], d ? d->unit[i].gy : NULL);
        }
    for (int i = 0; s->f->from_outside && i < net->n_outputs; i++)
        if (net->outputs[i].unit == s->index) {
            k->pull[k->n_pulls] = cuda_plane_of(s->u, s->u, s->u, m->upstream[i]);
            k->r_pull[k->n_pulls++] = cuda_plane_of(s->u, s->u, s->u, d ? d->upstream[i] : NULL);
        }
    if (s->index == net->head_in) {
        k->g_feature = m->head.g_feature;
        k->r_g_feature = d ? d->head.g_feature : NULL;
    }
}

static void set_products(const struct general_scene *s, struct cuda_between *k)
{
    const struct direction *d = s->f->d;
    const int base = s->m->units[s->index].channel_base;
    k->r_a = s->along->a;
    k->r_out = s->along->out;
    k->r_gy = s->along->gy;
    k->r_mean = d->channel.mean + base;
    k->rs_over_s = d->channel.rs_over_s + base;
    k->r_mean_gy = d->channel.mean_gy + base;
    k->r_mean_gyxh = d->channel.mean_gyxh + base;
    k->r_ga = s->u->norm ? d->r_ga : s->along->gy;
    if (s->u->add != NET_NO_ADD)
        k->r_add = cuda_plane_of(&s->m->net->units[s->u->add], s->u, &s->m->net->units[s->u->add], d->unit[s->u->add].out);
}

static struct cuda_between between_of(const struct general_scene *s)
{
    struct model *m = s->m;
    const struct unit *u = s->u;
    const int base = m->units[s->index].channel_base;
    struct cuda_between k = {
        .n = s->f->n, .height = u->height, .width = u->width, .channels = u->channels, .norm = u->norm, .relu = u->relu, .has_bias = u->has_bias,
        .gamma = u->gamma, .beta = u->beta, .bias = u->bias, .mean_at = u->mean, .variance_at = u->variance, .control = s->f->control,
        .share = s->f->mode == PASS_TRAIN ? 1 / ((double)s->f->n * u->height * u->width) : 0,
        .a = s->memory->a, .out = s->memory->out, .gy = s->memory->gy, .mean = m->channel.mean + base, .inv_s = m->channel.inv_s + base,
        .partial = s->f->moments, .sum_gy = m->general.sum_gy + base, .mean_gy = m->channel.mean_gy + base,
        .mean_gyxh = m->channel.mean_gyxh + base, .ga = u->norm ? s->f->ga : s->memory->gy,
    };
    if (u->add != NET_NO_ADD)
        k.add = cuda_plane_of(&m->net->units[u->add], u, &m->net->units[u->add], m->unit[u->add].out);
    if (s->f->d)
        set_products(s, &k);
    return k;
}

/* --- forward --- */

static struct cuda_pool pool_of(const struct unit *u, int n)
{
    const bool global = u->kind == UNIT_GLOBAL_POOL;
    const int height = global ? u->in_height : u->kernel, width = global ? u->in_width : u->kernel;
    return (struct cuda_pool){ .greatest = u->kind == UNIT_MAX_POOL, .factor = 1 / (float)(height * width), .n = n, .in_height = u->in_height,
                               .in_width = u->in_width, .height = u->height, .width = u->width, .channels = u->channels,
                               .window_height = height, .window_width = width, .stride = u->stride, .pad = u->pad };
}

static void pool_unit(const struct general_scene *s)
{
    struct cuda_pool p = pool_of(s->u, s->f->n);
    p.from = general_input_of(s);
    p.to = s->memory->a;
    p.winner = s->memory->winner;
    cuda_pool_forward(&p, s->f->stream);
}

static void multiply_unit(const struct general_scene *s)
{
    struct cuda_convolution c = convolution_of(s, CONVOLVE_OUTPUT);
    const float *in = general_input_of(s);
    if (s->u->kind == UNIT_COSINE) {
        const struct cuda_rows r = input_rows(s);
        cuda_rows_forward(&r, s->f->stream);
        in = r.hat;
    }
    add_source(&c, in, s->m->packed_w + s->d->forward);
    c.to = s->memory->a;
    c.bias = s->u->has_bias ? (ptrdiff_t)s->u->bias : CUDA_NO_OFFSET;
    convolve(&c, s->f->stream);
}

void cuda_general_forward(const struct flow *f)
{
    struct model *m = f->m;
    pack(f);
    if (f->mode == PASS_EVAL && m->most_channels > 0)
        cuda_norm_running(m->device_units, m->net->n_units, m->most_channels, f->control, m->channel.mean, m->channel.inv_s, f->stream);
    for (int i = 0; i < m->net->n_units; i++) {
        const struct general_scene s = general_scene_of(f, i);
        const struct cuda_between k = between_of(&s);
        if (is_pool_unit(s.u))
            pool_unit(&s);
        else
            multiply_unit(&s);
        if (s.u->norm && f->mode == PASS_TRAIN)
            cuda_between_statistics(&k, f->stream);
        cuda_between_forward(&k, f->stream);
    }
}

/* --- R of it --- */

static cudaError_t product_pool(const struct general_scene *s)
{
    struct cuda_pool p = pool_of(s->u, s->f->n);
    p.from = r_input_of(s);
    p.to = s->along->a;
    p.winner = s->memory->winner;
    if (!p.from)
        return cudaMemsetAsync(p.to, 0, sizeof(float) * (size_t)p.n * (size_t)p.height * (size_t)p.width * (size_t)p.channels, s->f->stream);
    cuda_pool_product(&p, s->f->stream);
    return cudaSuccess;
}

static void product_multiply(const struct general_scene *s)
{
    struct cuda_convolution c = convolution_of(s, CONVOLVE_OUTPUT);
    const float *in = general_input_of(s), *r_in = r_input_of(s);
    if (s->u->kind == UNIT_COSINE) {
        const struct cuda_rows r = input_rows(s);
        cuda_rows_product(&r, s->f->stream);
        in = r.hat;
        r_in = r.r_hat;
    }
    add_source(&c, in, s->f->d->packed + s->d->forward);
    add_source(&c, r_in, s->m->packed_w + s->d->forward);
    c.to = s->along->a;
    c.bias = s->u->has_bias ? (ptrdiff_t)s->u->bias : CUDA_NO_OFFSET;
    c.bias_along = true;
    convolve(&c, s->f->stream);
}

cudaError_t cuda_general_product(const struct flow *f)
{
    cudaError_t status = cudaSuccess;
    pack(f);
    for (int i = 0; i < f->m->net->n_units && status == cudaSuccess; i++) {
        const struct general_scene s = general_scene_of(f, i);
        const struct cuda_between k = between_of(&s);
        if (is_pool_unit(s.u))
            status = product_pool(&s);
        else
            product_multiply(&s);
        if (s.u->norm && f->mode == PASS_TRAIN)
            cuda_between_moves(&k, f->stream);
        cuda_between_product(&k, f->stream);
    }
    return status;
}

/* --- backward; with a product R of it --- */

/* The place of the gradient of the unit's input; NULL: nobody asks for that of the images. */
static float *target_of(const struct general_scene *s)
{
    if (s->u->in == NET_IMAGE)
        return NULL;
    return s->f->d ? s->f->d->unit[s->u->in].gy : s->m->unit[s->u->in].gy;
}

static void pool_gradient(const struct general_scene *s, const struct cuda_between *k, bool add)
{
    struct cuda_pool p = pool_of(s->u, s->f->n);
    p.from = s->f->d ? k->r_ga : k->ga;
    p.to = target_of(s);
    p.winner = s->memory->winner;
    p.add = add;
    cuda_pool_backward(&p, s->f->stream);
}

static void general_input_gradient(const struct general_scene *s, const struct cuda_between *k, bool add)
{
    struct cuda_convolution c = convolution_of(s, CONVOLVE_INPUT);
    const bool cosine = s->u->kind == UNIT_COSINE;
    const float *w = s->m->packed_w + s->d->backward;
    add_source(&c, k->ga, s->f->d ? s->f->d->packed + s->d->backward : w);
    if (s->f->d)
        add_source(&c, k->r_ga, w);
    c.to = !cosine ? target_of(s) : s->f->d ? s->along->x.g : s->memory->x.g;
    c.add = add && !cosine;
    convolve(&c, s->f->stream);
    if (!cosine)
        return;
    struct cuda_rows r = input_rows(s);
    r.to = target_of(s);
    r.add = add;
    cuda_rows_backward(&r, s->f->d != NULL, s->f->stream);
}

/* A cosine unit's are wanted by products even where the gradient itself is not. */
static void general_weight_gradient(const struct general_scene *s, const struct cuda_between *k)
{
    struct cuda_convolution c = convolution_of(s, CONVOLVE_WEIGHTS);
    const bool cosine = s->u->kind == UNIT_COSINE;
    const float *in = cosine ? s->memory->x.hat : general_input_of(s);
    add_source(&c, in, s->f->d ? k->r_ga : k->ga);
    if (s->f->d)
        add_source(&c, cosine ? s->along->x.hat : r_input_of(s), k->ga);
    c.weight = s->u->weight;
    c.to = !cosine ? NULL : s->f->d ? s->along->w.g : s->memory->w.g;
    convolve(&c, s->f->stream);
    const struct cuda_rows r = weight_rows(s);
    if (cosine)
        cuda_rows_backward(&r, s->f->d != NULL, s->f->stream);
}

static void general_backward_unit(const struct general_scene *s, bool *touched)
{
    const bool product = s->f->d != NULL;
    struct cuda_between k = between_of(s);
    k.fresh = !touched[s->index];
    general_gather_gradient(s, &k);
    cuda_between_mask(&k, product, s->f->stream);
    if (s->u->norm)
        cuda_between_backward(&k, product, s->f->stream);
    if (s->u->in != NET_IMAGE) {
        if (is_pool_unit(s->u))
            pool_gradient(s, &k, touched[s->u->in]);
        else
            general_input_gradient(s, &k, touched[s->u->in]);
        touched[s->u->in] = true;
    }
    if (!is_pool_unit(s->u) && (s->f->kind != KIND_PREPARE || s->u->kind == UNIT_COSINE))
        general_weight_gradient(s, &k);
}

void cuda_general_backward(const struct flow *f)
{
    bool touched[NET_MAX_UNITS] = { false };
    for (int i = f->m->net->n_units - 1; i >= 0; i--) {
        const struct general_scene s = general_scene_of(f, i);
        general_backward_unit(&s, touched);
    }
}
