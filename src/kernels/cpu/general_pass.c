#include "config.h"
#include "kernels/cpu/general.h"

#include <string.h>

void general_each(struct model *m, image_fn *fn, int unit)
{
    steps_run(m, &(struct unit_step){ fn, NULL, unit }, 1, true);
}

bool general_is_pool(const struct unit *u)
{
    return u->kind == UNIT_MAX_POOL || u->kind == UNIT_AVG_POOL || u->kind == UNIT_GLOBAL_POOL;
}

uint8_t *general_winner(const struct layer *l, int place)
{
    return l->general.winner ? l->general.winner + (size_t)place * l->size : NULL;
}

struct plane_view general_unit_in(const struct model *m, const struct layer *l)
{
    const struct images *in = &l->general.unit_in;
    return (struct plane_view){ image_at(in, m->base), (ptrdiff_t)in->stride, (ptrdiff_t)in->stride, (ptrdiff_t)in->stride };
}

/* --- forward ------------------------------------------------------------------------------------------------------- */

static void pool_images(struct model *m, const struct span *s, int unit)
{
    const struct layer *l = &m->layers[unit];
    const struct plane_view in = general_input(m, l);
    for (int i = 0; i < s->n; i++)
        general_pool(l, &in, in.data + (s->r_at + i) * in.image, image_at(&l->act, s->at + i), general_winner(l, s->at + i), false);
}

static void cosine_images(struct model *m, const struct span *s, int unit)
{
    const struct layer *l = &m->layers[unit];
    const struct plane_view in = general_input(m, l);
    for (int i = 0; i < s->n; i++)
        general_cosine_in(l, in.data + (s->r_at + i) * in.image, s->at + i);
}

static void moments(struct model *m, const struct span *s, int unit)
{
    const struct layer *l = &m->layers[unit];
    float *sums = m->scratch[s->worker].sums;
    memset(bn_sums(l, s->shard, 0), 0, 3 * (size_t)l->ocs * sizeof(double));
    for (int i = 0; i < s->n; i++)
        bn_add_moments(m, l, s->shard, image_at(&l->raw, s->at + i), sums, sums + l->ocs);
}

static void forward_unit(struct model *m, int unit)
{
    const struct layer *l = &m->layers[unit];
    const bool cosine = l->u->kind == UNIT_COSINE;
    if (general_is_pool(l->u)) {
        general_each(m, pool_images, unit);
        return;
    }
    if (cosine) {
        general_cosine_weights(m, l);
        general_each(m, cosine_images, unit);
    }
    general_pack(m, l, cosine ? l->general.unit_weight : m->pass.params + l->u->weight, false, m->general.packed);
    general_forward(m, l, cosine ? general_unit_in(m, l) : general_input(m, l), m->general.packed, image_at(&l->raw, m->base), l->raw.stride,
                    false);
    if (m->train && l->u->norm)
        general_each(m, moments, unit);
    bn_reduce_forward(m, unit);
    general_each(m, forward_finish, unit);
}

void general_run_forward(struct model *m)
{
    for (int i = 0; !m->of_features && i < m->net->n_units; i++)
        forward_unit(m, i);
}

/* --- the heads ----------------------------------------------------------------------------------------------------- */

static void heads(struct model *m, const struct span *s, int unit)
{
    const struct layer *l = &m->layers[unit];
    for (int i = 0; i < s->n; i++) {
        head_classify(m, s->first + i, image_at(&l->act, s->at + i), s->worker);
        head_value(m, s->first + i, s->worker);
        if (!m->backward)
            continue;
        head_back(m, s->first + i, s->worker);
        head_spread(l, m->scratch[s->worker].g, m->head.features, grad_at(m, l, s->at + i));
    }
}

/* --- backward ------------------------------------------------------------------------------------------------------ */

/* The gradient of a unit's output is complete; afterwards its sums are. */
static void close_images(struct model *m, const struct span *s, int unit)
{
    for (int i = 0; i < s->n; i++)
        backward_close(m, s, unit, i);
}

void general_draw(struct model *m, const struct span *s, int unit)
{
    const struct layer *l = &m->layers[unit];
    const struct bn *b = &l->bn;
    for (int i = 0; i < s->n; i++) {
        const float *raw = m->train && l->u->norm ? image_at(&l->raw, s->at + i) : NULL;
        m->k->bn_back(1, l->px, l->ocs, grad_at(m, l, s->at + i), raw, b->mean, b->cg, b->cx, b->c1,
                      m->general.draw + (size_t)(s->r_at + i) * (l->size + CHANNEL_PAD), 0);
    }
}

void general_pool_gradient(const struct model *m, const struct layer *l, int place, float *g, float *to)
{
    const struct layer *in = &m->layers[l->u->in];
    const struct plane_view view = general_view(in, &in->act, 0);
    if (l->unused)
        memset(g, 0, l->size * sizeof *g);
    if (l->writes_in)
        memset(to, 0, in->size * sizeof *to);
    general_pool_back(l, &view, g, to, general_winner(l, place));
}

static void pool_back(struct model *m, const struct span *s, int unit)
{
    const struct layer *l = &m->layers[unit];
    for (int i = 0; i < s->n; i++)
        general_pool_gradient(m, l, s->at + i, grad_at(m, l, s->at + i), grad_at(m, &m->layers[l->u->in], s->at + i));
}

static void cosine_back(struct model *m, const struct span *s, int unit)
{
    const struct layer *l = &m->layers[unit];
    for (int i = 0; i < s->n; i++)
        general_cosine_in_back(&m->scratch[s->worker], l, s->at + i, s->r_at + i, false, grad_at(m, &m->layers[l->u->in], s->at + i),
                               !l->writes_in);
}

static void unit_input_gradient(struct model *m, const struct layer *l, int unit)
{
    const struct layer *in = &m->layers[l->u->in];
    general_pack(m, l, l->u->kind == UNIT_COSINE ? l->general.unit_weight : m->pass.params + l->u->weight, true, m->general.packed);
    if (l->u->kind != UNIT_COSINE) {
        general_back(m, l, m->general.draw, m->general.packed, grad_at(m, in, m->base), in->size, in->ocs, !l->writes_in);
        return;
    }
    const size_t stride = l->general.unit_in.stride;
    general_back(m, l, m->general.draw, m->general.packed, l->general.unit_grad, stride, (int)stride, false);
    general_each(m, cosine_back, unit);
}

static void unit_weight_gradient(struct model *m, const struct layer *l)
{
    const bool cosine = l->u->kind == UNIT_COSINE;
    general_outer(m, l, cosine ? general_unit_in(m, l) : general_input(m, l), m->general.draw, true);
    general_store(m, l, m->gradient + l->u->weight);
    if (cosine)
        general_cosine_weights_back(m, l, NULL, m->gradient + l->u->weight);
}

static void backward_unit(struct model *m, int unit)
{
    const struct layer *l = &m->layers[unit];
    if (general_is_pool(l->u)) {
        if (l->u->in != NET_IMAGE)
            general_each(m, pool_back, unit);
        return;
    }
    general_each(m, close_images, unit);
    bn_reduce_backward(m, unit);
    general_each(m, general_draw, unit);
    if (l->u->in != NET_IMAGE)
        unit_input_gradient(m, l, unit);
    if (m->want_grad)
        unit_weight_gradient(m, l);
}

/* The outputs beside the classifier's: upstream[1 + k] is the gradient of output k, NULL for zeros. Their units' gradients begin with it,
 * unless another output, or the classifier, has begun them. */
void general_begin_gradients(const struct model *m, const float *const *upstream, bool along)
{
    const struct net *net = m->net;
    for (int k = 0; k < net->n_outputs; k++) {
        const int unit = net->outputs[k].unit, channels = net->units[unit].channels;
        const struct layer *l = &m->layers[unit];
        bool first = unit != net->head_in;
        for (int j = 0; j < k; j++)
            first &= net->outputs[j].unit != unit;
        for (int i = 0; i < m->n; i++) {
            float *g = along ? image_at(&m->directions[0].layers[unit].grad, i) : grad_at(m, l, m->base + i);
            if (first)
                memset(g, 0, l->size * sizeof *g);
            for (int c = 0; upstream && upstream[1 + k] && c < channels; c++)
                g[c] += upstream[1 + k][(size_t)i * channels + c];
        }
    }
}

void general_run_backward(struct model *m)
{
    for (int i = m->net->n_units - 1; i >= 0; i--)
        backward_unit(m, i);
}

void general_run_back(struct model *m)
{
    general_each(m, heads, m->net->head_in);
    if (!m->backward)
        return;
    general_begin_gradients(m, NULL, false);
    general_run_backward(m);
}
