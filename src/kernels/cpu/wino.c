#include "config.h"
#include "kernels/cpu/cpu.h"

#include <string.h>

/* Convolutions with stride 1 and even sides in Winograd's form F(2x2, 3x3): transformed, multiplied and turned back in pieces that stay in
 * L2. Hessian products always take it (rop.c), training passes in math winograd. */

bool wino_next_piece(const struct layer *l, int n, struct wino_piece *p)
{
    const int h = l->u->height;
    if (p->n == 0) {
        *p = (struct wino_piece){ .n = n, .end = l->wino.rows };
    } else {
        p->first = p->end;
        p->end += l->wino.rows;
    }
    p->end = p->end < h ? p->end : h;
    p->tiles = (p->end - p->first) / 2 * (l->u->width / 2);
    return p->first < h;
}

void wino_transform(wino_transform_fn *f, const struct layer *l, const struct wino_image *shape, const struct wino_piece *p, const float *in,
                    size_t stride, float *to)
{
    for (int j = 0; j < p->n; j++)
        f(shape, p->first, p->end, in + (size_t)j * stride, to + (ptrdiff_t)j * p->tiles * shape->cs, l->wino.plane);
}

void wino_put(const struct model *m, const struct layer *l, const struct wino_image *shape, const struct wino_piece *p, const float *from,
              const struct images *to, int place, bool accumulate)
{
    for (int j = 0; j < p->n; j++)
        m->k->wino_output(shape, p->first, p->end, from + (ptrdiff_t)j * p->tiles * shape->cs, l->wino.plane,
                          image_at(to, place + j), accumulate);
}

/* --- forward ------------------------------------------------------------------------------------------------------- */

/* The memory that finishing the unit before will read of the next n images. */
static struct ahead wino_next_finish(const struct span *s, const struct layer *finished, int next, int n)
{
    struct ahead a = { .n = 0 };
    if (next + n > s->n)
        return a;
    ahead_add_at(&a, image_at(&finished->raw, s->at + next), finished->raw.stride * (size_t)n);
    ahead_add_at(&a, image_at(&finished->act, s->at + next), finished->act.stride * (size_t)n);
    return a;
}

static void wino_convolve(struct model *m, const struct span *s, const struct layer *l, int i, int n, struct ahead *ahead)
{
    const struct scratch *w = &m->scratch[s->worker];
    const struct images *act = &m->layers[l->u->in].act;
    const struct wino_term term = { w->tiles[0], l->wino.uf };
    for (struct wino_piece p = { .n = 0 }; wino_next_piece(l, n, &p);) {
        wino_transform(m->k->wino_input, l, &l->wino.in, &p, image_at(act, s->at + i), act->stride, w->tiles[0]);
        m->k->wino_multiply(p.n * p.tiles, l->ics, l->ocs, &term, 1, l->wino.plane, w->tiles[1], ahead);
        wino_put(m, l, &l->wino.out, &p, w->tiles[1], &l->raw, s->at + i, false);
    }
}

void wino_forward_step(struct model *m, const struct span *s, int unit)
{
    const struct layer *l = &m->layers[unit];
    float *sums = m->scratch[s->worker].sums;
    if (s->fresh)
        memset(bn_sums(l, s->shard, 0), 0, 3 * (size_t)l->ocs * sizeof(double));
    for (int i = 0; i < s->n; i += l->group) {
        const int n = s->n - i < l->group ? s->n - i : l->group;
        struct ahead ahead = wino_next_finish(s, l - 1, i + n, n);
        for (int j = i; j < i + n; j++)
            finish_image(m, s, l - 1, s->at + j);
        wino_convolve(m, s, l, i, n, &ahead);
        for (int j = i; j < i + n; j++)
            bn_add_moments(m, l, s->shard, image_at(&l->raw, s->at + j), sums, sums + l->ocs);
    }
}

/* --- backward ------------------------------------------------------------------------------------------------------ */

/* Input gradient and, where it pays, the sums of the weight gradient, of images i .. i + n - 1. */
static void wino_gradients(struct model *m, const struct span *s, const struct layer *l, int i, int n, struct ahead *ahead)
{
    const struct scratch *w = &m->scratch[s->worker];
    const struct images *act = &m->layers[l->u->in].act;
    const float *draw = w->draw + l->ocs;
    const struct wino_term back = { w->tiles[0], l->wino.ub }, weights = { w->tiles[2], w->tiles[3] };
    for (struct wino_piece p = { .n = 0 }; wino_next_piece(l, n, &p);) {
        wino_transform(m->k->wino_input, l, &l->wino.draw, &p, draw, l->draw_size, w->tiles[0]);
        m->k->wino_multiply(p.n * p.tiles, l->ocs, l->ics, &back, 1, l->wino.plane, w->tiles[1], ahead);
        wino_put(m, l, &l->wino.in, &p, w->tiles[1], &m->layers[l->u->in].grad, s->at + i - m->base, !l->writes_in);
        if (!l->wino.wgrad)
            continue;
        wino_transform(m->k->wino_grad, l, &l->wino.draw, &p, draw, l->draw_size, w->tiles[3]);
        wino_transform(m->k->wino_input, l, &l->wino.in, &p, image_at(act, s->at + i), act->stride, w->tiles[2]);
        m->k->wino_wgrad(p.n * p.tiles, l->ics, l->ocs, &weights, 1, l->wino.plane, w->wino_sums, i > 0 || p.first > 0, NULL);
    }
}

void wino_backward_step(struct model *m, const struct span *s, int unit)
{
    const struct layer *l = &m->layers[unit];
    const struct scratch *w = &m->scratch[s->worker];
    for (int i = 0; i < s->n; i += l->group) {
        const int n = s->n - i < l->group ? s->n - i : l->group;
        struct ahead ahead = { .n = 0 };
        for (int j = 0; j < n; j++)
            raw_gradient(m, l, s->at + i + j, w->draw + (size_t)j * l->draw_size);
        ahead_add_at(&ahead, image_at(&(l - 1)->act, s->at + i), (l - 1)->size * (size_t)n);
        ahead_add_at(&ahead, image_at(&(l - 1)->raw, s->at + i), (l - 1)->size * (size_t)n);
        wino_gradients(m, s, l, i, n, &ahead);
        for (int j = i; j < i + n; j++)
            backward_close(m, s, unit - 1, j);
        if (!l->wino.wgrad)
            m->k->wgrad(&l->wgrad, unit_input(m, l, s->first + i, s->at + i), w->draw + l->ocs, n, partial_of(m, m->partials, l, s->shard),
                        !(s->fresh && i == 0), NULL);
    }
    if (l->wino.wgrad)
        m->k->wino_fold(l->ics, l->ocs, w->wino_sums, partial_of(m, m->partials, l, s->shard), !s->fresh);
}
