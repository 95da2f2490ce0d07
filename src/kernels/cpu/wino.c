#include "config.h"
#include "kernels/cpu/cpu.h"

#include <string.h>

/* Convolutions with stride 1 in Winograd's form: transformed, multiplied and turned back in pieces that stay in L2. Hessian products (rop.c)
 * take F(2x2, 3x3), training passes the direct loop; in math winograd both take F(4x4, 3x3) where sides are multiples of 4. */

bool wino_next_piece(const struct wino *w, int n, struct wino_piece *p)
{
    const int h = w->out.h, tile = w->form->tile;
    if (p->n == 0) {
        *p = (struct wino_piece){ .n = n, .end = w->rows };
    } else {
        p->first = p->end;
        p->end += w->rows;
    }
    p->end = p->end < h ? p->end : h;
    p->tiles = (p->end - p->first) / tile * (w->out.w / tile);
    return p->first < h;
}

struct wino_size wino_size(const struct wino *w, const struct wino_piece *p, int k, int n)
{
    return (struct wino_size){ w->form->planes, p->n * p->tiles, k, n, w->plane };
}

void wino_input(const struct wino *w, const struct wino_image *shape, const struct wino_piece *p, const float *in, size_t stride, float *to)
{
    for (int j = 0; j < p->n; j++)
        w->form->input(shape, p->first, p->end, in + (size_t)j * stride, to + (ptrdiff_t)j * p->tiles * shape->cs, w->plane);
}

void wino_grad(const struct wino *w, const struct wino_piece *p, const float *draw, size_t stride, float *to)
{
    for (int j = 0; j < p->n; j++)
        w->form->grad(&w->draw, p->first, p->end, draw + (size_t)j * stride, to + (ptrdiff_t)j * p->tiles * w->draw.cs, w->plane);
}

void wino_output(const struct wino *w, const struct wino_image *shape, const struct wino_piece *p, const float *from, float *to, size_t stride,
                 bool accumulate)
{
    for (int j = 0; j < p->n; j++)
        w->form->output(shape, p->first, p->end, from + (ptrdiff_t)j * p->tiles * shape->cs, w->plane, to + (size_t)j * stride, accumulate);
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
    const struct wino *f = &l->training;
    const struct scratch *w = &m->scratch[s->worker];
    const struct images *act = &m->layers[l->u->in].act;
    const struct wino_term term = { w->tiles[0], f->uf };
    for (struct wino_piece p = { .n = 0 }; wino_next_piece(f, n, &p);) {
        const struct wino_size size = wino_size(f, &p, l->ics, l->ocs);
        wino_input(f, &f->in, &p, image_at(act, s->at + i), act->stride, w->tiles[0]);
        m->k->wino_multiply(&size, &term, 1, w->tiles[1], ahead);
        wino_output(f, &f->out, &p, w->tiles[1], image_at(&l->raw, s->at + i), l->raw.stride, false);
    }
}

void wino_forward_step(struct model *m, const struct span *s, int unit)
{
    const struct layer *l = &m->layers[unit];
    float *sums = m->scratch[s->worker].sums;
    if (s->fresh)
        memset(bn_sums(l, s->shard, 0), 0, 3 * (size_t)l->ocs * sizeof(double));
    for (int i = 0; i < s->n; i += l->training.group) {
        const int n = s->n - i < l->training.group ? s->n - i : l->training.group;
        struct ahead ahead = wino_next_finish(s, l - 1, i + n, n);
        for (int j = i; j < i + n; j++)
            finish_image(m, s, l - 1, s->at + j);
        wino_convolve(m, s, l, i, n, &ahead);
        for (int j = i; j < i + n; j++)
            bn_add_moments(m, l, s->shard, image_at(&l->raw, s->at + j), sums, sums + l->ocs);
    }
}

/* --- backward ------------------------------------------------------------------------------------------------------ */

/* The gradient of the inputs of images i .. i + n - 1. */
static void wino_input_gradient(struct model *m, const struct span *s, const struct layer *l, const struct wino_piece *p, int i,
                                struct ahead *ahead)
{
    const struct wino *f = &l->training;
    const struct scratch *w = &m->scratch[s->worker];
    const struct images *to = &m->layers[l->u->in].grad;
    const struct wino_term term = { w->tiles[0], f->ub };
    const struct wino_size size = wino_size(f, p, l->ocs, l->ics);
    wino_input(f, &f->draw, p, w->draw + l->ocs, l->draw_size, w->tiles[0]);
    m->k->wino_multiply(&size, &term, 1, w->tiles[1], ahead);
    wino_output(f, &f->in, p, w->tiles[1], image_at(to, s->at + i - m->base), to->stride, !l->writes_in);
}

/* And, where it pays, their part of the weight gradient. */
static void wino_gradients(struct model *m, const struct span *s, const struct layer *l, int i, int n, struct ahead *ahead)
{
    const struct wino *f = &l->training;
    const struct scratch *w = &m->scratch[s->worker];
    const struct images *act = &m->layers[l->u->in].act;
    const struct wino_term term = { w->tiles[0], w->tiles[1] };
    for (struct wino_piece p = { .n = 0 }; wino_next_piece(f, n, &p);) {
        const struct wino_size size = wino_size(f, &p, l->ics, l->ocs);
        wino_input_gradient(m, s, l, &p, i, ahead);
        if (!f->wgrad)
            continue;
        wino_input(f, &f->in, &p, image_at(act, s->at + i), act->stride, w->tiles[0]);
        wino_grad(f, &p, w->draw + l->ocs, l->draw_size, w->tiles[1]);
        f->form->wgrad(&size, &term, 1, w->wino_sums, partial_of(m, m->partials, l, s->shard), !(s->fresh && i == 0 && p.first == 0));
    }
}

void wino_backward_step(struct model *m, const struct span *s, int unit)
{
    const struct layer *l = &m->layers[unit];
    const struct scratch *w = &m->scratch[s->worker];
    for (int i = 0; i < s->n; i += l->training.group) {
        const int n = s->n - i < l->training.group ? s->n - i : l->training.group;
        struct ahead ahead = { .n = 0 };
        for (int j = 0; j < n; j++)
            raw_gradient(m, l, s->at + i + j, w->draw + (size_t)j * l->draw_size);
        ahead_add_at(&ahead, image_at(&(l - 1)->act, s->at + i), (l - 1)->size * (size_t)n);
        ahead_add_at(&ahead, image_at(&(l - 1)->raw, s->at + i), (l - 1)->size * (size_t)n);
        wino_gradients(m, s, l, i, n, &ahead);
        for (int j = i; j < i + n; j++)
            backward_close(m, s, unit - 1, j);
        if (!l->training.wgrad)
            m->k->wgrad(&l->wgrad, unit_input(m, l, s->first + i, s->at + i), w->draw + l->ocs, n, partial_of(m, m->partials, l, s->shard),
                        !(s->fresh && i == 0), NULL);
    }
}
