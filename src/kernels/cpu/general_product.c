#include "config.h"
#include "kernels/cpu/general.h"

#include <string.h>

/* The R-operator over the pass that hvp_prepare() or backward() kept, as in rop.c, of one direction. */

static struct r_layer *r_layer_of(const struct model *m, int unit)
{
    return &m->directions[0].layers[unit];
}

/* --- forward ------------------------------------------------------------------------------------------------------- */

static void r_pool_images(struct model *m, const struct span *s, int unit)
{
    const struct layer *l = &m->layers[unit];
    for (int i = 0; i < s->n; i++) {
        float *to = image_at(&r_layer_of(m, unit)->act, s->r_at + i);
        if (l->u->in == NET_IMAGE) { /* it has no derivative */
            memset(to, 0, l->size * sizeof *to);
            continue;
        }
        const struct images *ract = &r_layer_of(m, l->u->in)->act;
        const struct plane_view in = general_view(&m->layers[l->u->in], ract, 0);
        general_pool(l, &in, image_at(ract, s->r_at + i), to, general_winner(l, s->at + i), true);
    }
}

static void r_cosine_images(struct model *m, const struct span *s, int unit)
{
    const struct layer *l = &m->layers[unit];
    for (int i = 0; i < s->n; i++) {
        const float *rx = l->u->in == NET_IMAGE ? m->general.zeros : image_at(&r_layer_of(m, l->u->in)->act, s->r_at + i);
        general_cosine_r_in(&m->scratch[s->worker], l, rx, s->at + i, s->r_at + i);
    }
}

/* The factors that a unit multiplies, and their derivatives. */
struct factors {
    struct plane_view in, r_in;
    const float *w, *v;
    bool moves; /* the input has a derivative */
};

static struct factors factors_of(const struct model *m, const struct layer *l)
{
    struct factors f = { .in = general_input(m, l), .w = m->pass.params + l->u->weight, .v = m->directions[0].v + l->u->weight,
                         .moves = l->u->in != NET_IMAGE };
    if (f.moves)
        f.r_in = general_view(&m->layers[l->u->in], &r_layer_of(m, l->u->in)->act, 0);
    if (l->u->kind == UNIT_COSINE) {
        f.in = f.r_in = general_unit_in(m, l);
        f.r_in.data = l->general.r_unit_in;
        f.w = l->general.unit_weight;
        f.v = l->general.r_unit_weight;
    }
    return f;
}

static void r_moments(struct model *m, const struct span *s, int unit)
{
    const struct layer *l = &m->layers[unit];
    memset(bn_r_sums(l, r_layer_of(m, unit), s->shard, 0), 0, 2 * (size_t)l->ocs * sizeof(double));
    for (int i = 0; i < s->n; i++)
        bn_add_r_sums(m, l, r_layer_of(m, unit), s, i);
}

static void finish_images(struct model *m, const struct span *s, int unit)
{
    r_forward_finish(m, s, unit, 0, s->n);
}

static void r_forward_unit(struct model *m, int unit)
{
    const struct layer *l = &m->layers[unit];
    const struct images *to = &r_layer_of(m, unit)->raw;
    if (general_is_pool(l->u)) {
        general_each(m, r_pool_images, unit);
        return;
    }
    if (l->u->kind == UNIT_COSINE) {
        general_cosine_r_weights(m, l);
        general_each(m, r_cosine_images, unit);
    }
    const struct factors f = factors_of(m, l);
    general_pack(m, l, f.v, false, m->general.r_packed);
    general_forward(m, l, f.in, m->general.r_packed, to->data, to->stride, false);
    if (f.moves) {
        general_pack(m, l, f.w, false, m->general.packed);
        general_forward(m, l, f.r_in, m->general.packed, to->data, to->stride, true);
    }
    if (m->train && l->u->norm)
        general_each(m, r_moments, unit);
    bn_reduce_r_forward(m, unit);
    general_each(m, finish_images, unit);
}

void general_r_forward(struct model *m)
{
    for (int i = 0; i < m->net->n_units; i++)
        r_forward_unit(m, i);
}

/* --- the heads ----------------------------------------------------------------------------------------------------- */

static void r_heads(struct model *m, const struct span *s, int unit)
{
    const struct r_head *h = &m->directions[0].head;
    const struct r_layer *r = r_layer_of(m, unit);
    for (int i = 0; i < s->n; i++) {
        const double along = r_head_classify(m, h, s->first + i, image_at(&r->act, s->r_at + i), s->worker);
        r_head_value(m, h, s->first + i, s->worker);
        if (m->pass.head_only)
            continue;
        r_head_back(m, h, s->first + i, along, s->worker);
        head_spread(&m->layers[unit], m->scratch[s->worker].rg, m->head.features, image_at(&r->grad, s->r_at + i));
    }
}

/* --- backward ------------------------------------------------------------------------------------------------------ */

static void r_close_images(struct model *m, const struct span *s, int unit)
{
    for (int i = 0; i < s->n; i++)
        r_backward_close(m, s, &m->directions[0], unit, i);
}

static void draws(struct model *m, const struct span *s, int unit)
{
    const struct layer *l = &m->layers[unit];
    const struct r_layer *r = r_layer_of(m, unit);
    general_draw(m, s, unit);
    for (int i = 0; i < s->n; i++) {
        const float *raw = m->train && l->u->norm ? image_at(&l->raw, s->at + i) : NULL;
        m->k->r_bn_back(1, l->px, l->ocs, image_at(&r->grad, s->r_at + i), grad_at(m, l, s->at + i), raw, image_at(&r->raw, s->r_at + i),
                        l->bn.mean, (const float *const *)r->bn.c, m->general.rdraw + (size_t)(s->r_at + i) * (l->size + CHANNEL_PAD), 0);
    }
}

static void r_pool_back(struct model *m, const struct span *s, int unit)
{
    const struct layer *l = &m->layers[unit];
    for (int i = 0; i < s->n; i++)
        general_pool_gradient(m, l, s->at + i, image_at(&r_layer_of(m, unit)->grad, s->r_at + i), image_at(&r_layer_of(m, l->u->in)->grad, s->r_at + i));
}

static void r_cosine_back(struct model *m, const struct span *s, int unit)
{
    const struct layer *l = &m->layers[unit];
    for (int i = 0; i < s->n; i++)
        general_cosine_in_back(&m->scratch[s->worker], l, s->at + i, s->r_at + i, true, image_at(&r_layer_of(m, l->u->in)->grad, s->r_at + i),
                               !l->writes_in);
}

static void r_unit_input_gradient(struct model *m, const struct layer *l, int unit, const struct factors *f)
{
    const struct general *g = &m->general;
    const struct layer *in = &m->layers[l->u->in];
    const bool cosine = l->u->kind == UNIT_COSINE;
    const size_t stride = cosine ? l->general.unit_in.stride : in->size;
    const int cs = cosine ? (int)stride : in->ocs;
    float *to = cosine ? l->general.r_unit_grad : r_layer_of(m, l->u->in)->grad.data;
    general_pack(m, l, f->w, true, g->packed);
    general_pack(m, l, f->v, true, g->r_packed);
    general_back(m, l, g->rdraw, g->packed, to, stride, cs, !cosine && !l->writes_in);
    general_back(m, l, g->draw, g->r_packed, to, stride, cs, true);
    if (!cosine)
        return;
    general_back(m, l, g->draw, g->packed, l->general.unit_grad, stride, cs, false);
    general_each(m, r_cosine_back, unit);
}

static void r_unit_weight_gradient(struct model *m, const struct layer *l, const struct factors *f)
{
    const struct general_layer *g = &l->general;
    float *out = m->directions[0].out + l->u->weight;
    const bool cosine = l->u->kind == UNIT_COSINE;
    general_outer(m, l, f->in, m->general.rdraw, true);
    if (f->moves)
        general_outer(m, l, f->r_in, m->general.draw, false);
    general_store(m, l, cosine ? g->r_weight_grad : out);
    if (!cosine)
        return;
    general_outer(m, l, f->in, m->general.draw, true);
    general_store(m, l, g->weight_grad);
    general_cosine_weights_back(m, l, g->r_weight_grad, out);
}

static void r_backward_unit(struct model *m, int unit)
{
    const struct layer *l = &m->layers[unit];
    if (general_is_pool(l->u)) {
        if (l->u->in != NET_IMAGE)
            general_each(m, r_pool_back, unit);
        return;
    }
    const struct factors f = factors_of(m, l);
    general_each(m, r_close_images, unit);
    bn_reduce_r_backward(m, unit);
    general_each(m, draws, unit);
    if (f.moves)
        r_unit_input_gradient(m, l, unit, &f);
    r_unit_weight_gradient(m, l, &f);
}

void general_r_backward(struct model *m)
{
    for (int i = m->net->n_units - 1; i >= 0; i--)
        r_backward_unit(m, i);
}

void general_product(struct model *m)
{
    if (!m->pass.head_only)
        general_r_forward(m);
    general_each(m, r_heads, m->net->head_in);
    if (m->pass.head_only)
        return;
    general_begin_gradients(m, NULL, true);
    general_r_backward(m);
}
