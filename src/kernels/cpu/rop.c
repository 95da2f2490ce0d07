#include "config.h"
#include "kernels/cpu/cpu.h"

#include <string.h>

/* The R-operator: every quantity's derivative along the direction, from the values that hvp_prepare() kept
 * (spec 7.7; with batch statistics also through mean and variance, see bn.c). The kept gradients `kept` are those of
 * the units' masked outputs. */

static void finish_image(struct model *m, const struct span *s, const struct layer *l, int i)
{
    const struct images *from = l->u->add == NET_NO_ADD ? NULL : &m->layers[l->u->add].ract;
    const float *add = shortcut_input(m, s, l, from, s->r_at + i);
    m->k->r_finish(l->px, l->ocs, image_at(&l->rraw, s->r_at + i), image_at(&l->raw, s->at + i), add,
                   image_at(&l->act, s->at + i), l->bn.mean, l->bn.r_cr, l->bn.r_cx, l->bn.r_c1,
                   image_at(&l->ract, s->r_at + i));
}

void r_forward_finish(struct model *m, const struct span *s, int unit)
{
    for (int i = 0; i < s->n; i++)
        finish_image(m, s, &m->layers[unit], i);
}

static void add_sums(double *to, const float *from, int n)
{
    for (int c = 0; c < n; c++)
        to[c] += (double)from[c];
}

static void add_r_sums(const struct model *m, const struct layer *l, const struct span *s, int i, float *sums)
{
    const float *rraw = image_at(&l->rraw, s->r_at + i), *raw = image_at(&l->raw, s->at + i);
    for (int p = 0; p < l->px; p += SUM_CHUNK) {
        int px = l->px - p < SUM_CHUNK ? l->px - p : SUM_CHUNK;
        size_t at = (size_t)p * l->ocs;
        m->k->r_sums(px, l->ocs, rraw + at, raw + at, l->bn.mean, sums, sums + l->ocs);
        add_sums(bn_sums(l, s->shard, 0), sums, l->ocs);
        add_sums(bn_sums(l, s->shard, 1), sums + l->ocs, l->ocs);
    }
}

/* What the next finish_image() will read: the same unit's for the next image, or this unit's for the first. */
static struct ahead to_finish(const struct model *m, const struct span *s, const struct layer *l, bool first, int i)
{
    struct ahead a = { .n = 0 };
    if (i + 1 == s->n) {
        ahead_add(&a, &l->raw, s->at);
        ahead_add(&a, &l->act, s->at);
    } else if (!first) {
        const struct layer *before = l - 1;
        ahead_add(&a, &before->raw, s->at + i + 1);
        ahead_add(&a, &before->act, s->at + i + 1);
        ahead_add(&a, &before->rraw, s->r_at + i + 1);
        if (before->u->add != NET_NO_ADD && !before->option_a)
            ahead_add(&a, &m->layers[before->u->add].ract, s->r_at + i + 1);
    }
    return a;
}

void r_forward_step(struct model *m, const struct span *s, int unit)
{
    const struct layer *l = &m->layers[unit];
    const bool image = l->u->in == NET_IMAGE;
    if (m->train && s->fresh)
        memset(bn_sums(l, s->shard, 0), 0, 2 * (size_t)l->ocs * sizeof(double));
    for (int i = 0; i < s->n; i++) {
        if (unit > 0)
            finish_image(m, s, l - 1, i);
        float *rraw = image_at(&l->rraw, s->r_at + i);
        struct ahead ahead = to_finish(m, s, l, unit == 0, i);
        m->k->conv(&l->forward, unit_input(m, l, s->first + i, s->at + i), l->vf, rraw, false, &ahead);
        if (!image) /* an input image has no derivative */
            m->k->conv(&l->forward, image_at(&m->layers[l->u->in].ract, s->r_at + i), l->wf, rraw, true, NULL);
        if (m->train)
            add_r_sums(m, l, s, i, m->scratch[s->worker].sums);
    }
}

void r_backward_close(struct model *m, const struct span *s, int unit, int i)
{
    const struct layer *l = &m->layers[unit];
    float *rg = image_at(&l->rgrad, s->r_at + i), *scratch = m->scratch[s->worker].sums;
    float *const sums[3] = { scratch, scratch + l->ocs, scratch + 2 * l->ocs };
    if (s->fresh && i == 0)
        memset(bn_sums(l, s->shard, 0), 0, 3 * (size_t)l->ocs * sizeof(double));
    if (l->unused)
        memset(rg, 0, l->size * sizeof *rg);
    for (int p = 0; p < l->px; p += SUM_CHUNK) {
        int px = l->px - p < SUM_CHUNK ? l->px - p : SUM_CHUNK;
        size_t at = (size_t)p * l->ocs;
        m->k->r_mask_sums(px, l->ocs, rg + at, image_at(&l->act, s->at + i) + at, image_at(&l->kept, s->at + i) + at,
                          image_at(&l->raw, s->at + i) + at, image_at(&l->rraw, s->r_at + i) + at, l->bn.mean, sums);
        for (int k = 0; k < 3; k++)
            add_sums(bn_sums(l, s->shard, k), sums[k], l->ocs);
    }
    if (l->u->add != NET_NO_ADD)
        shortcut_gradient(m, l, rg, image_at(&m->layers[l->u->add].rgrad, s->r_at + i));
}

/* The convolution output's gradient and its derivative, both with zero pixels beside each row. */
static void raw_gradients(struct model *m, const struct layer *l, const struct span *s, int i, float *draw, float *rdraw)
{
    const ptrdiff_t row = l->wgrad.out_row;
    const struct bn *b = &l->bn;
    const float *g = image_at(&l->kept, s->at + i), *raw = image_at(&l->raw, s->at + i);
    for (int y = 0; y < l->u->height; y++) {
        size_t edge = (size_t)l->ocs * sizeof *draw;
        memset(draw + y * row, 0, edge);
        memset(draw + (y + 1) * row - l->ocs, 0, edge);
        memset(rdraw + y * row, 0, edge);
        memset(rdraw + (y + 1) * row - l->ocs, 0, edge);
    }
    m->k->bn_back(l->u->height, l->u->width, l->ocs, g, raw, b->mean, b->cg, b->cx, b->c1, draw + l->ocs, row);
    m->k->r_bn_back(l->u->height, l->u->width, l->ocs, image_at(&l->rgrad, s->r_at + i), g, raw,
                    image_at(&l->rraw, s->r_at + i), b->mean, (const float *const *)b->r_c, rdraw + l->ocs, row);
}

/* What closing unit - 1 will read for this image, apart from the gradient just computed. */
static struct ahead to_close(const struct layer *closed, const struct span *s, int i)
{
    struct ahead a = { .n = 0 };
    ahead_add(&a, &closed->act, s->at + i);
    ahead_add(&a, &closed->kept, s->at + i);
    ahead_add(&a, &closed->raw, s->at + i);
    ahead_add(&a, &closed->rraw, s->r_at + i);
    return a;
}

/* What the raw gradients of the next image will read. */
static struct ahead next_image(const struct layer *l, const struct span *s, int i)
{
    struct ahead a = { .n = 0 };
    if (i + 1 == s->n)
        return a;
    ahead_add(&a, &l->kept, s->at + i + 1);
    ahead_add(&a, &l->raw, s->at + i + 1);
    ahead_add(&a, &l->rraw, s->r_at + i + 1);
    ahead_add(&a, &l->rgrad, s->r_at + i + 1);
    return a;
}

void r_backward_step(struct model *m, const struct span *s, int unit)
{
    const struct layer *l = &m->layers[unit];
    const bool image = l->u->in == NET_IMAGE;
    struct scratch *w = &m->scratch[s->worker];
    const int step = l->draw_images;
    float *partial = m->partials + (size_t)s->shard * m->partial_size + l->partial;
    for (int i = 0; i < s->n; i++) {
        float *draw = w->draw + (size_t)(i % step) * l->draw_size, *rdraw = w->rdraw + (size_t)(i % step) * l->draw_size;
        raw_gradients(m, l, s, i, draw, rdraw);
        if (!image) {
            float *to = image_at(&m->layers[l->u->in].rgrad, s->r_at + i);
            struct ahead close = to_close(l - 1, s, i), input = { .n = 0 };
            ahead_add(&input, &m->layers[l->u->in].ract, s->r_at + i);
            m->k->conv(&l->backward, rdraw + l->ocs, l->wb, to, !l->writes_in, &close);
            m->k->conv(&l->backward, draw + l->ocs, l->vb, to, true, &input);
        }
        int gathered = i % step + 1;
        if (gathered == step || i == s->n - 1) {
            int first = i + 1 - gathered;
            struct ahead ahead = next_image(l, s, i);
            m->k->wgrad(&l->wgrad, unit_input(m, l, s->first + first, s->at + first), w->rdraw + l->ocs, gathered,
                        partial, !(s->fresh && first == 0), &ahead);
            if (!image)
                m->k->wgrad(&l->wgrad, image_at(&m->layers[l->u->in].ract, s->r_at + first), w->draw + l->ocs, gathered,
                            partial, true, NULL);
        }
        if (unit > 0)
            r_backward_close(m, s, unit - 1, i);
    }
}
