#include "config.h"
#include "kernels/cpu/cpu.h"

#include <string.h>

/* The steps of forward.c, backward.c and head.c over planes of bf16 (bf16.h): what a training pass of math bf16 is made of. Rounded to bf16
 * are weights, images, each convolution's output, each unit's output, the gradient of either, each once and when it is stored (methods 11.4);
 * sums, statistics and everything per channel are as in fp32, taken of the rounded numbers. */

static bf16 *half_at(const struct bf16_images *i, int place)
{
    return i->data + (size_t)place * i->stride;
}

static bf16 *half_grad_at(const struct model *m, const struct layer *l, int place)
{
    return half_at(&l->bf16.grad, place - m->base);
}

static void half_ahead(struct ahead *a, const bf16 *at, size_t numbers)
{
    ahead_add_at(a, (const float *)(const void *)at, numbers / 2);
}

/* --- forward ------------------------------------------------------------------------------------------------------- */

static const bf16 *half_input(struct model *m, const struct span *s, const struct layer *l, int i)
{
    const size_t pixels = (size_t)m->net->height * m->net->width;
    bf16 *image = m->scratch[s->worker].bf16.image;
    if (l->u->in != NET_IMAGE)
        return half_at(&m->layers[l->u->in].bf16.act, s->at + i);
    m->half->round(pixels * m->image_cs, m->images + (size_t)(s->first + i) * pixels * m->image_cs, image);
    return image;
}

/* What is added to unit l before its ReLU, or NULL. */
static const bf16 *half_shortcut(struct model *m, const struct span *s, const struct layer *l, int place)
{
    const struct layer *from = l->u->add == NET_NO_ADD ? NULL : &m->layers[l->u->add];
    const bf16 *add = from ? half_at(&from->bf16.act, place) : NULL;
    if (from && l->option_a) {
        expand_shortcut(l, from, add, m->scratch[s->worker].bf16.shortcut, sizeof *add);
        add = m->scratch[s->worker].bf16.shortcut;
    }
    return add;
}

/* A convolution of one image; without `shift` in its end, the sum alone. */
struct half_conv {
    const struct conv_shape *shape;
    const bf16 *in;
    const bf16_pair *w;
    bf16 *out;
    struct bf16_end end;
    struct ahead *ahead;
};

static void half_convolve(const struct model *m, const struct span *s, const struct layer *l, const struct half_conv *c)
{
    if (half_on_tiles(m, l)) {
        bf16 *spread = m->scratch[s->worker].bf16.spread;
        m->half->tiles->spread(c->shape, c->in, spread);
        m->half->tiles->conv(c->shape, spread, c->w, c->out, &c->end, c->ahead);
    } else if (c->end.shift) {
        m->half->conv_unit(c->shape, c->in, c->w, c->end.shift, c->end.add, c->out);
    } else {
        m->half->conv(c->shape, c->in, c->w, c->out, c->end.load, c->ahead);
    }
}

static void half_finish(struct model *m, const struct span *s, const struct layer *l, int place)
{
    const bf16 *add = half_shortcut(m, s, l, place);
    m->half->finish(l->px, l->ocs, half_at(&l->bf16.raw, place), add, l->bn.mean, l->bn.scale, l->bn.beta, half_at(&l->bf16.act, place));
}

static void half_moments(const struct model *m, const struct span *s, const struct layer *l, const bf16 *raw)
{
    float *sums = m->scratch[s->worker].sums, *shift = sums + (size_t)2 * l->ocs;
    for (int p = 0; p < l->px; p += SUM_CHUNK) {
        const int px = l->px - p < SUM_CHUNK ? l->px - p : SUM_CHUNK;
        const bf16 *chunk = raw + (size_t)p * l->ocs;
        m->half->widen((size_t)l->ocs, chunk + (size_t)(px / 2) * l->ocs, shift);
        m->half->shifted_sums(px, l->ocs, chunk, shift, sums, sums + l->ocs);
        bn_add_chunk(l, s->shard, px, shift, sums, sums + l->ocs);
    }
}

static struct ahead half_next_finish(const struct model *m, const struct span *s, const struct layer *l, int i)
{
    struct ahead a = { .n = 0 };
    if (i + 1 == s->n)
        return a;
    half_ahead(&a, half_at(&l->bf16.raw, s->at + i + 1), l->size);
    half_ahead(&a, half_at(&l->bf16.act, s->at + i + 1), l->size);
    if (l->u->add != NET_NO_ADD && !l->option_a)
        half_ahead(&a, half_at(&m->layers[l->u->add].bf16.act, s->at + i + 1), l->size);
    return a;
}

void bf16_forward_step(struct model *m, const struct span *s, int unit)
{
    const struct layer *l = &m->layers[unit];
    if (s->fresh)
        memset(bn_sums(l, s->shard, 0), 0, 3 * (size_t)l->ocs * sizeof(double));
    for (int i = 0; i < s->n; i++) {
        struct ahead ahead = { .n = 0 };
        bf16 *raw = half_at(&l->bf16.raw, s->at + i);
        if (unit > 0) {
            half_finish(m, s, l - 1, s->at + i);
            ahead = half_next_finish(m, s, l - 1, i);
        }
        half_convolve(m, s, l, &(struct half_conv){ &l->forward, half_input(m, s, l, i), l->bf16.wf, raw, { .load = false }, &ahead });
        half_moments(m, s, l, raw);
    }
}

/* --- evaluation: a convolution goes through the rest of its unit before it is stored ----------------------------------- */

void bf16_eval_step(struct model *m, const struct span *s, int unit)
{
    const struct layer *l = &m->layers[unit];
    for (int i = 0; i < s->n; i++)
        half_convolve(m, s, l, &(struct half_conv){ &l->forward, half_input(m, s, l, i), l->bf16.wf, half_at(&l->bf16.act, s->at + i),
                                                    { false, l->bf16.shift, half_shortcut(m, s, l, s->at + i) }, NULL });
}

/* --- backward ------------------------------------------------------------------------------------------------------ */

static void half_shortcut_gradient(const struct model *m, const struct layer *l, const bf16 *g, bf16 *to)
{
    const struct layer *from = &m->layers[l->u->add];
    const int before = (l->u->channels - from->u->channels) / 2;
    if (g == to) /* they share memory, see layout.c */
        return;
    if (!l->option_a && l->writes_add)
        memcpy(to, g, l->size * sizeof *to);
    if (!l->option_a && !l->writes_add)
        m->half->add(l->size, to, g);
    if (!l->option_a)
        return;
    if (l->writes_add)
        memset(to, 0, from->size * sizeof *to);
    for (int y = 0; y < l->u->height; y++)
        for (int x = 0; x < l->u->width; x++) {
            const bf16 *gp = g + ((size_t)y * l->u->width + x) * l->ocs + before;
            bf16 *tp = to + ((size_t)2 * y * from->u->width + 2 * x) * from->ocs;
            for (int c = 0; c < from->u->channels; c++)
                tp[c] = bf16_round(bf16_float(tp[c]) + bf16_float(gp[c]));
        }
}

/* The same as backward_close(), in bf16. */
static void half_close(struct model *m, const struct span *s, int unit, int i)
{
    const struct layer *l = &m->layers[unit];
    bf16 *g = half_grad_at(m, l, s->at + i);
    const bf16 *act = half_at(&l->bf16.act, s->at + i), *raw = half_at(&l->bf16.raw, s->at + i);
    float *sums = m->scratch[s->worker].sums;
    double *sum_g = bn_sums(l, s->shard, 0), *sum_gx = bn_sums(l, s->shard, 1);
    if (s->fresh && i == 0)
        memset(sum_g, 0, 2 * (size_t)l->ocs * sizeof(double));
    if (l->unused)
        memset(g, 0, l->size * sizeof *g);
    for (int p = 0; p < l->px; p += SUM_CHUNK) {
        const int px = l->px - p < SUM_CHUNK ? l->px - p : SUM_CHUNK;
        const size_t at = (size_t)p * l->ocs;
        m->half->mask_sums(px, l->ocs, g + at, act + at, raw + at, l->bn.mean, sums, sums + l->ocs);
        add_sums(sum_g, sums, l->ocs);
        add_sums(sum_gx, sums + l->ocs, l->ocs);
    }
    if (l->u->add != NET_NO_ADD)
        half_shortcut_gradient(m, l, g, half_grad_at(m, &m->layers[l->u->add], s->at + i));
}

static void half_raw_gradient(struct model *m, const struct layer *l, int place, bf16 *draw)
{
    const ptrdiff_t row = l->wgrad.out_row;
    clear_margins(l, draw, sizeof *draw);
    m->half->bn_back(l->u->height, l->u->width, l->ocs, half_grad_at(m, l, place), half_at(&l->bf16.raw, place), l->bn.mean, l->bn.cg,
                     l->bn.cx, l->bn.c1, draw + l->ocs, row);
}

static struct ahead half_to_close(const struct model *m, const struct layer *l, int place)
{
    struct ahead a = { .n = 0 };
    half_ahead(&a, half_at(&l->bf16.act, place), l->size);
    half_ahead(&a, half_at(&l->bf16.raw, place), l->size);
    if (l->u->add != NET_NO_ADD && !l->option_a && !l->writes_add)
        half_ahead(&a, half_grad_at(m, &m->layers[l->u->add], place), l->size);
    return a;
}

static struct ahead half_next_raw(const struct model *m, const struct span *s, const struct layer *l, int i)
{
    struct ahead a = { .n = 0 };
    if (i + 1 == s->n)
        return a;
    half_ahead(&a, half_at(&l->bf16.raw, s->at + i + 1), l->size);
    half_ahead(&a, half_grad_at(m, l, s->at + i + 1), l->size);
    return a;
}

/* Pairs of pixels of image i: its input, and the gradient of its convolution's output, as number `slot` of a call. */
static void half_pair_up(struct model *m, const struct span *s, const struct layer *l, int i, int slot)
{
    const struct bf16_layer *h = &l->bf16;
    const struct bf16_scratch *w = &m->scratch[s->worker].bf16;
    const struct unit *u = l->u;
    const bf16 *in = half_input(m, s, l, i), *draw = w->draw + (size_t)slot * l->draw_size + l->ocs;
    struct bf16_pairing p = { u->in_height, u->in_width, l->ics, (ptrdiff_t)u->in_width * l->ics, 0, u->stride, h->wgrad.pairs, h->wgrad.in_row };
    for (int copy = 0; copy < h->in_copies; copy++) {
        p.first = h->in_copies == 1 ? 0 : copy - 1;
        m->half->pair_pixels(&p, in, w->in + ((size_t)copy * l->draw_images + slot) * h->in_pairs);
    }
    struct bf16_pairing g = { u->height, u->width, l->ocs, l->wgrad.out_row, 0, 1, h->wgrad.pairs, h->wgrad.g_row };
    m->half->pair_pixels(&g, draw, w->even + (size_t)slot * h->wgrad.g_image);
    g.first = -1;
    g.n++;
    if (u->stride == 1)
        m->half->pair_pixels(&g, draw, w->odd + (size_t)slot * h->wgrad.g_image);
}

static float *half_partial(const struct model *m, const struct span *s, const struct layer *l)
{
    return m->unit_partials[(l - m->layers) % 2] + (size_t)s->shard * partial_floats(l);
}

/* The weight gradient by tiles. */
static void half_gathered_gradient(struct model *m, const struct span *s, const struct layer *l, int i)
{
    const struct bf16_scratch *w = &m->scratch[s->worker].bf16;
    const struct bf16_gathering all = { &l->forward, l->draw_images, w->spread, (bf16 *)(void *)w->in, w->even };
    const int slot = i % l->draw_images, gathered = slot + 1;
    const bf16 *draw = w->draw + (size_t)slot * l->draw_size + l->ocs;
    m->half->tiles->gather(&all, slot, half_input(m, s, l, i), draw, l->wgrad.out_row);
    if (gathered != l->draw_images && i != s->n - 1)
        return;
    struct ahead ahead = half_next_raw(m, s, l, i);
    m->half->tiles->wgrad(&all, gathered, half_partial(m, s, l), !(s->fresh && i + 1 == gathered), &ahead);
}

/* A unit's sums are added up while the next one's are formed (the barrier between lies behind them), so that two units' are kept and not those
 * of all. */
static void half_weight_gradient(struct model *m, const struct span *s, const struct layer *l, int i)
{
    if (half_on_tiles(m, l)) {
        half_gathered_gradient(m, s, l, i);
        return;
    }
    const struct bf16_layer *h = &l->bf16;
    const struct bf16_scratch *w = &m->scratch[s->worker].bf16;
    const int step = l->draw_images, gathered = i % step + 1;
    const size_t copy = h->in_copies == 1 ? 0 : (size_t)step * h->in_pairs;
    const bf16_pair *const in[3] = { w->in, w->in + copy, w->in + 2 * copy };
    const bool one = l->u->stride == 1;
    const bf16_pair *const g[3] = { one ? w->odd + l->ocs : w->even, w->even, one ? w->odd : w->even };
    half_pair_up(m, s, l, i, i % step);
    if (gathered != step && i != s->n - 1)
        return;
    struct ahead ahead = half_next_raw(m, s, l, i);
    m->half->wgrad(&h->wgrad, in, g, gathered, half_partial(m, s, l), !(s->fresh && i + 1 == gathered), &ahead);
}

void bf16_backward_step(struct model *m, const struct span *s, int unit)
{
    const struct layer *l = &m->layers[unit];
    if (unit + 1 < m->net->n_units && s->fresh)
        unpack_part(m, l + 1, m->unit_partials[(unit + 1) % 2], partial_floats(l + 1), s->shard, m->n_shards, m->gradient);
    for (int i = 0; i < s->n; i++) {
        bf16 *draw = m->scratch[s->worker].bf16.draw + (size_t)(i % l->draw_images) * l->draw_size;
        half_raw_gradient(m, l, s->at + i, draw);
        if (l->u->in != NET_IMAGE) {
            struct ahead ahead = half_to_close(m, l - 1, s->at + i);
            half_convolve(m, s, l, &(struct half_conv){ &l->backward, draw + l->ocs, l->bf16.wb, half_grad_at(m, &m->layers[l->u->in], s->at + i),
                                                        { .load = !l->writes_in }, &ahead });
        }
        if (unit > 0)
            half_close(m, s, unit - 1, i);
        half_weight_gradient(m, s, l, i);
    }
}

void bf16_last_gradient(const struct model *m)
{
    unpack_part(m, m->layers, m->unit_partials[0], partial_floats(m->layers), 0, 1, m->gradient);
}

/* --- the classifier: floats ---------------------------------------------------------------------------------------- */

void bf16_head_step(struct model *m, const struct span *s, int unit)
{
    const struct layer *l = &m->layers[unit];
    float *last = m->scratch[s->worker].bf16.last;
    for (int i = 0; i < s->n; i++) {
        const int image = s->first + i;
        if (m->bf16)
            half_finish(m, s, l, s->at + i);
        m->half->widen(l->size, half_at(&l->bf16.act, s->at + i), last);
        head_classify(m, image, last, s->worker);
        head_value(m, image, s->worker);
        if (!m->backward)
            continue;
        head_back(m, image, s->worker);
        head_spread(l, m->scratch[s->worker].g, m->head.features, last);
        m->half->round(l->size, last, half_grad_at(m, l, s->at + i));
        half_close(m, s, unit, i);
    }
}
