#include "config.h"
#include "kernels/cpu/cpu.h"

#include <string.h>

/* The R-operator: every quantity's derivative along a direction, from the values that hvp_prepare() kept (methods 7.2; with batch
 * statistics also through mean and variance, see bn.c). The kept gradients `kept` are those of the units' masked outputs.
 * Several directions take each step together: what does not depend on the direction is read and transformed once. */

static const struct r_layer *r_of_direction(const struct direction *d, const struct model *m, const struct layer *l)
{
    return &d->layers[l - m->layers];
}

/* --- batch norm, addition, ReLU ------------------------------------------------------------------------------------ */

static void r_finish_image(struct model *m, const struct span *s, const struct direction *d, const struct layer *l, int i)
{
    const struct r_layer *r = r_of_direction(d, m, l);
    const struct images *from = l->u->add == NET_NO_ADD ? NULL : &d->layers[l->u->add].act;
    const float *add = shortcut_input(m, s, l, from, s->r_at + i);
    const float *rraw = image_at(&r->raw, s->r_at + i), *raw = image_at(&l->raw, s->at + i);
    float *ract = image_at(&r->act, s->r_at + i);
    if (l->u->relu)
        m->k->r_finish(l->px, l->ocs, rraw, raw, add, image_at(&l->act, s->at + i), l->bn.mean, r->bn.cr, r->bn.cx, r->bn.c1, ract);
    else
        m->k->r_affine(l->px, l->ocs, rraw, raw, add, l->bn.mean, r->bn.cr, r->bn.cx, r->bn.c1, ract);
}

void r_forward_finish(struct model *m, const struct span *s, int unit, int first, int n)
{
    for (int i = first; i < first + n; i++)
        for (int k = 0; k < m->n_directions; k++)
            r_finish_image(m, s, &m->directions[k], &m->layers[unit], i);
}

void bn_add_r_sums(const struct model *m, const struct layer *l, const struct r_layer *r, const struct span *s, int i)
{
    const float *rraw = image_at(&r->raw, s->r_at + i), *raw = image_at(&l->raw, s->at + i);
    float *sums = m->scratch[s->worker].sums;
    for (int p = 0; p < l->px; p += SUM_CHUNK) {
        int px = l->px - p < SUM_CHUNK ? l->px - p : SUM_CHUNK;
        size_t at = (size_t)p * l->ocs;
        m->k->r_sums(px, l->ocs, rraw + at, raw + at, l->bn.mean, sums, sums + l->ocs);
        add_sums(bn_r_sums(l, r, s->shard, 0), sums, l->ocs);
        add_sums(bn_r_sums(l, r, s->shard, 1), sums + l->ocs, l->ocs);
    }
}

/* The sums that r_mask_sums() gives, of a unit without ReLU. of: rg, g, raw, rraw. */
static void sums_without_mask(const struct model *m, const struct layer *l, int px, const float *const of[4], float *const sums[3])
{
    m->k->r_sums(px, l->ocs, of[1], of[3], m->general.zeros, sums[0], sums[2]);
    m->k->r_sums(px, l->ocs, of[0], of[2], l->bn.mean, sums[0], sums[1]);
}

void r_backward_close(struct model *m, const struct span *s, const struct direction *d, int unit, int i)
{
    const struct layer *l = &m->layers[unit];
    const struct r_layer *r = &d->layers[unit];
    float *rg = image_at(&r->grad, s->r_at + i), *scratch = m->scratch[s->worker].sums;
    float *const sums[3] = { scratch, scratch + l->ocs, scratch + 2 * l->ocs };
    if (s->fresh && i == 0)
        memset(bn_r_sums(l, r, s->shard, 0), 0, 3 * (size_t)l->ocs * sizeof(double));
    if (l->unused)
        memset(rg, 0, l->size * sizeof *rg);
    for (int p = 0; p < l->px; p += SUM_CHUNK) {
        int px = l->px - p < SUM_CHUNK ? l->px - p : SUM_CHUNK;
        size_t at = (size_t)p * l->ocs;
        const float *raw = image_at(&l->raw, s->at + i) + at, *rraw = image_at(&r->raw, s->r_at + i) + at;
        const float *kept = image_at(&l->kept, s->at + i) + at;
        if (l->u->relu)
            m->k->r_mask_sums(px, l->ocs, rg + at, image_at(&l->act, s->at + i) + at, kept, raw, rraw, l->bn.mean, sums);
        else
            sums_without_mask(m, l, px, (const float *[]){ rg + at, kept, raw, rraw }, sums);
        for (int j = 0; j < 3; j++)
            add_sums(bn_r_sums(l, r, s->shard, j), sums[j], l->ocs);
    }
    if (l->u->add != NET_NO_ADD)
        shortcut_gradient(m, l, rg, image_at(&d->layers[l->u->add].grad, s->r_at + i));
}

/* --- forward ------------------------------------------------------------------------------------------------------- */

static void ahead_images(struct ahead *a, const struct images *i, int place, int n)
{
    ahead_add_at(a, image_at(i, place), i->stride * (size_t)n);
}

/* The memory that finishing images will read next: the same unit's for the next group, or this unit's for the first. */
static struct ahead to_finish(const struct span *s, const struct layer *l, bool first, int next)
{
    struct ahead a = { .n = 0 };
    const int at = next < s->n ? next : 0, left = s->n - at, n = left < l->group ? left : l->group;
    const struct layer *of = next < s->n ? l - 1 : l;
    if (next < s->n && first)
        return a;
    ahead_images(&a, &of->raw, s->at + at, n);
    ahead_images(&a, &of->act, s->at + at, n);
    return a;
}

/* Images i .. i + n - 1. An input image has no derivative. */
static void r_convolve(struct model *m, const struct span *s, const struct layer *l, int i, int n, struct ahead *ahead)
{
    const bool image = l->u->in == NET_IMAGE;
    for (int k = 0; k < m->n_directions; k++)
        for (int j = i; j < i + n; j++) {
            const struct direction *d = &m->directions[k];
            const struct r_layer *r = r_of_direction(d, m, l);
            float *rraw = image_at(&r->raw, s->r_at + j);
            m->k->conv(&l->forward, unit_input(m, l, s->first + j, s->at + j), r->vf, rraw, false, ahead);
            if (!image)
                m->k->conv(&l->forward, image_at(&d->layers[l->u->in].act, s->r_at + j), l->wf, rraw, true, NULL);
        }
}

static void r_convolve_wino(struct model *m, const struct span *s, const struct layer *l, int i, int n, struct ahead *ahead)
{
    const struct scratch *w = &m->scratch[s->worker];
    const struct wino *f = &l->wino;
    const struct images *act = &m->layers[l->u->in].act;
    float *in = w->tiles[0], *r_in = w->tiles[1], *out = w->tiles[2];
    for (struct wino_piece p = { .n = 0 }; wino_next_piece(f, n, &p);) {
        const struct wino_size size = wino_size(f, &p, l->ics, l->ocs);
        wino_input(f, &f->in, &p, image_at(act, s->at + i), act->stride, in);
        for (int k = 0; k < m->n_directions; k++) {
            const struct direction *d = &m->directions[k];
            const struct r_layer *r = r_of_direction(d, m, l);
            const struct images *ract = &d->layers[l->u->in].act;
            const struct wino_term terms[] = { { in, r->vf }, { r_in, f->uf } };
            wino_input(f, &f->in, &p, image_at(ract, s->r_at + i), ract->stride, r_in);
            m->k->wino_multiply(&size, terms, 2, out, ahead);
            wino_output(f, &f->out, &p, out, image_at(&r->raw, s->r_at + i), r->raw.stride, false);
        }
    }
}

void r_forward_step(struct model *m, const struct span *s, int unit)
{
    const struct layer *l = &m->layers[unit];
    for (int k = 0; m->train && s->fresh && k < m->n_directions; k++)
        memset(bn_r_sums(l, &m->directions[k].layers[unit], s->shard, 0), 0, 2 * (size_t)l->ocs * sizeof(double));
    for (int i = 0; i < s->n; i += l->group) {
        const int n = s->n - i < l->group ? s->n - i : l->group;
        struct ahead ahead = to_finish(s, l, unit == 0, i + n);
        if (unit > 0)
            r_forward_finish(m, s, unit - 1, i, n);
        (l->wino.form ? r_convolve_wino : r_convolve)(m, s, l, i, n, &ahead);
        for (int k = 0; m->train && k < m->n_directions; k++)
            for (int j = i; j < i + n; j++)
                bn_add_r_sums(m, l, &m->directions[k].layers[unit], s, j);
    }
}

/* --- backward ------------------------------------------------------------------------------------------------------ */

static void zero_edges(const struct layer *l, float *draw)
{
    const ptrdiff_t row = l->wgrad.out_row;
    for (int y = 0; y < l->u->height; y++) {
        memset(draw + y * row, 0, (size_t)l->ocs * sizeof *draw);
        memset(draw + (y + 1) * row - l->ocs, 0, (size_t)l->ocs * sizeof *draw);
    }
}

/* The convolution output's gradient and its derivatives, with zero pixels beside each row, of image i at place j of the
 * group. With running statistics they do not depend on the output itself. */
static void raw_gradients(struct model *m, const struct layer *l, const struct span *s, int i, int j)
{
    const ptrdiff_t row = l->wgrad.out_row;
    const struct bn *b = &l->bn;
    const struct scratch *w = &m->scratch[s->worker];
    const int height = l->u->height, width = l->u->width;
    const float *g = image_at(&l->kept, s->at + i), *raw = m->train ? image_at(&l->raw, s->at + i) : NULL;
    float *draw = w->draw + (size_t)j * l->draw_size;
    zero_edges(l, draw);
    m->k->bn_back(height, width, l->ocs, g, raw, b->mean, b->cg, b->cx, b->c1, draw + l->ocs, row);
    for (int k = 0; k < m->n_directions; k++) {
        const struct r_layer *r = r_of_direction(&m->directions[k], m, l);
        float *rdraw = w->rdraw[k] + (size_t)j * l->draw_size;
        zero_edges(l, rdraw);
        m->k->r_bn_back(height, width, l->ocs, image_at(&r->grad, s->r_at + i), g, raw, image_at(&r->raw, s->r_at + i), b->mean,
                        (const float *const *)r->bn.c, rdraw + l->ocs, row);
    }
}

/* The memory that closing unit - 1 will read for these images, apart from the gradient just computed. */
static struct ahead r_to_close(const struct layer *closed, const struct span *s, int i, int n)
{
    struct ahead a = { .n = 0 };
    ahead_images(&a, &closed->act, s->at + i, n);
    ahead_images(&a, &closed->kept, s->at + i, n);
    ahead_images(&a, &closed->raw, s->at + i, n);
    return a;
}

/* The memory that the raw gradients of the next group will read. */
static struct ahead next_raw_gradients(const struct layer *l, const struct span *s, int next)
{
    struct ahead a = { .n = 0 };
    const int left = s->n - next;
    if (left > 0)
        ahead_images(&a, &l->kept, s->at + next, left < l->group ? left : l->group);
    return a;
}

static void r_input_gradient(struct model *m, const struct span *s, const struct layer *l, int i, int n, struct ahead *ahead)
{
    const struct scratch *w = &m->scratch[s->worker];
    for (int k = 0; k < m->n_directions; k++)
        for (int j = 0; j < n; j++) {
            const struct direction *d = &m->directions[k];
            float *to = image_at(&d->layers[l->u->in].grad, s->r_at + i + j);
            m->k->conv(&l->backward, w->rdraw[k] + (size_t)j * l->draw_size + l->ocs, l->wb, to, !l->writes_in, ahead);
            m->k->conv(&l->backward, w->draw + (size_t)j * l->draw_size + l->ocs, r_of_direction(d, m, l)->vb, to, true, NULL);
        }
}

static void r_weight_gradient(struct model *m, const struct span *s, const struct layer *l, int i, int n, struct ahead *ahead)
{
    const struct scratch *w = &m->scratch[s->worker];
    for (int k = 0; k < m->n_directions; k++) {
        const struct direction *d = &m->directions[k];
        float *partial = partial_of(m, d->partials, l, s->shard);
        m->k->wgrad(&l->wgrad, unit_input(m, l, s->first + i, s->at + i), w->rdraw[k] + l->ocs, n, partial,
                    !(s->fresh && i == 0), ahead);
        if (l->u->in != NET_IMAGE)
            m->k->wgrad(&l->wgrad, image_at(&d->layers[l->u->in].act, s->r_at + i), w->draw + l->ocs, n, partial, true, NULL);
    }
}

static void weight_piece(struct model *m, const struct span *s, const struct layer *l, const struct direction *d, int i,
                         const struct wino_piece *p, const float *rdraw, const struct wino_term *fixed, float *ract, float *r_out)
{
    const struct images *from = &d->layers[l->u->in].act;
    const struct wino_term terms[] = { { fixed->a, r_out }, { ract, fixed->b } };
    const struct wino_size size = wino_size(&l->wino, p, l->ics, l->ocs);
    wino_input(&l->wino, &l->wino.in, p, image_at(from, s->r_at + i), from->stride, ract);
    wino_grad(&l->wino, p, rdraw, l->draw_size, r_out);
    l->wino.form->wgrad(&size, terms, 2, m->scratch[s->worker].wino_sums, partial_of(m, d->partials, l, s->shard),
                        !(s->fresh && i == 0 && p->first == 0));
}

/* Input gradient and, where it pays, weight gradient. */
static void backward_wino(struct model *m, const struct span *s, const struct layer *l, int i, int n, struct ahead *ahead)
{
    const struct scratch *w = &m->scratch[s->worker];
    const struct wino *f = &l->wino;
    const struct images *act = &m->layers[l->u->in].act;
    const float *draw = w->draw + l->ocs;
    float *out = w->tiles[0], *r_out = w->tiles[1], *in = w->tiles[2], *g = w->tiles[3], *act_tiles = w->tiles[4];
    for (struct wino_piece p = { .n = 0 }; wino_next_piece(f, n, &p);) {
        const struct wino_size size = wino_size(f, &p, l->ocs, l->ics);
        wino_input(f, &f->draw, &p, draw, l->draw_size, out);
        if (f->wgrad) {
            wino_grad(f, &p, draw, l->draw_size, g);
            wino_input(f, &f->in, &p, image_at(act, s->at + i), act->stride, act_tiles);
        }
        for (int k = 0; k < m->n_directions; k++) {
            const struct direction *d = &m->directions[k];
            const float *rdraw = w->rdraw[k] + l->ocs;
            const struct images *to = &d->layers[l->u->in].grad;
            const struct wino_term terms[] = { { r_out, f->ub }, { out, r_of_direction(d, m, l)->vb } }, fixed = { act_tiles, g };
            wino_input(f, &f->draw, &p, rdraw, l->draw_size, r_out);
            m->k->wino_multiply(&size, terms, 2, in, ahead);
            wino_output(f, &f->in, &p, in, image_at(to, s->r_at + i), to->stride, !l->writes_in);
            if (f->wgrad)
                weight_piece(m, s, l, d, i, &p, rdraw, &fixed, in, r_out);
        }
    }
}

void r_backward_step(struct model *m, const struct span *s, int unit)
{
    const struct layer *l = &m->layers[unit];
    for (int i = 0; i < s->n; i += l->group) {
        const int n = s->n - i < l->group ? s->n - i : l->group;
        for (int j = 0; j < n; j++)
            raw_gradients(m, l, s, i + j, j);
        struct ahead close = { .n = 0 }, next = next_raw_gradients(l, s, i + n);
        if (unit > 0)
            close = r_to_close(l - 1, s, i, n);
        if (l->u->in != NET_IMAGE)
            (l->wino.form ? backward_wino : r_input_gradient)(m, s, l, i, n, &close);
        if (!l->wino.form || !l->wino.wgrad)
            r_weight_gradient(m, s, l, i, n, &next);
        for (int j = i; unit > 0 && j < i + n; j++)
            for (int k = 0; k < m->n_directions; k++)
                r_backward_close(m, s, &m->directions[k], unit - 1, j);
    }
}
