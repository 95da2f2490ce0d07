#include "config.h"
#include "kernels/cpu/cpu.h"

#include <string.h>

/* Hands the gradient g of unit l's sum on to the unit that was added (`to`: that unit's gradient of this image). */
void shortcut_gradient(const struct model *m, const struct layer *l, const float *g, float *to)
{
    const struct layer *from = &m->layers[l->u->add];
    if (g == to) /* they share memory, see layout.c */
        return;
    if (!l->option_a) {
        if (l->writes_add)
            memcpy(to, g, l->size * sizeof *to);
        else
            m->k->add(l->size, to, g);
        return;
    }
    const int before = (l->u->channels - from->u->channels) / 2;
    if (l->writes_add)
        memset(to, 0, from->size * sizeof *to);
    for (int y = 0; y < l->u->height; y++)
        for (int x = 0; x < l->u->width; x++) {
            const float *gp = g + ((size_t)y * l->u->width + x) * l->ocs + before;
            float *tp = to + ((size_t)2 * y * from->u->width + 2 * x) * from->ocs;
            for (int c = 0; c < from->u->channels; c++)
                tp[c] += gp[c];
        }
}

/* The gradient of unit's output for image i of the span is complete: mask it by the ReLU, hand the residual part on,
 * and add to the sums that the batch norm's backward needs. */
void backward_close(struct model *m, const struct span *s, int unit, int i)
{
    const struct layer *l = &m->layers[unit];
    float *g = grad_at(m, l, s->at + i), *sums = m->scratch[s->worker].sums;
    const float *act = image_at(&l->act, s->at + i), *raw = image_at(&l->raw, s->at + i);
    double *sum_g = bn_sums(l, s->shard, 0), *sum_gx = bn_sums(l, s->shard, 1);
    if (s->fresh && i == 0)
        memset(sum_g, 0, 2 * (size_t)l->ocs * sizeof(double));
    if (l->unused)
        memset(g, 0, l->size * sizeof *g);
    for (int p = 0; p < l->px; p += SUM_CHUNK) {
        int px = l->px - p < SUM_CHUNK ? l->px - p : SUM_CHUNK;
        size_t at = (size_t)p * l->ocs;
        if (l->u->relu)
            m->k->mask_sums(px, l->ocs, g + at, act + at, raw + at, l->bn.mean, sums, sums + l->ocs);
        else
            m->k->r_sums(px, l->ocs, g + at, raw + at, l->bn.mean, sums, sums + l->ocs);
        add_sums(sum_g, sums, l->ocs);
        add_sums(sum_gx, sums + l->ocs, l->ocs);
    }
    if (l->u->add != NET_NO_ADD)
        shortcut_gradient(m, l, g, grad_at(m, &m->layers[l->u->add], s->at + i));
}

void clear_margins(const struct layer *l, void *draw, size_t number)
{
    const size_t row = (size_t)l->wgrad.out_row * number, pixel = (size_t)l->ocs * number;
    char *at = draw;
    for (int y = 0; y < l->u->height; y++, at += row) {
        memset(at, 0, pixel);
        memset(at + row - pixel, 0, pixel);
    }
}

/* Gradient of the convolution's output of one image, into scratch with zero pixels beside each row. */
void raw_gradient(struct model *m, const struct layer *l, int place, float *draw)
{
    const ptrdiff_t row = l->wgrad.out_row;
    clear_margins(l, draw, sizeof *draw);
    m->k->bn_back(l->u->height, l->u->width, l->ocs, grad_at(m, l, place), image_at(&l->raw, place),
                  l->bn.mean, l->bn.cg, l->bn.cx, l->bn.c1, draw + l->ocs, row);
}

/* The memory that closing unit - 1 will read for this image. */
static struct ahead to_close(const struct model *m, const struct layer *closed, int place)
{
    struct ahead a = { .n = 0 };
    ahead_add(&a, &closed->act, place);
    ahead_add(&a, &closed->raw, place);
    if (closed->u->add != NET_NO_ADD && !closed->option_a && !closed->writes_add)
        a.from[a.n++] = grad_at(m, &m->layers[closed->u->add], place);
    return a;
}

/* The memory that the raw gradient of the next image will read. */
static struct ahead next_raw_gradient(const struct model *m, const struct span *s, const struct layer *l, int i)
{
    struct ahead a = { .n = 0 };
    if (i + 1 == s->n)
        return a;
    ahead_add(&a, &l->raw, s->at + i + 1);
    ahead_add_at(&a, grad_at(m, l, s->at + i + 1), l->size);
    return a;
}

static void weight_gradient(struct model *m, const struct span *s, const struct layer *l, int i)
{
    const int step = l->draw_images, gathered = i % step + 1, first = i + 1 - gathered;
    if (gathered != step && i != s->n - 1)
        return;
    struct ahead ahead = next_raw_gradient(m, s, l, i);
    m->k->wgrad(&l->wgrad, unit_input(m, l, s->first + first, s->at + first), m->scratch[s->worker].draw + l->ocs,
                gathered, partial_of(m, m->partials, l, s->shard), !(s->fresh && first == 0), &ahead);
}

void backward_step(struct model *m, const struct span *s, int unit)
{
    const struct layer *l = &m->layers[unit];
    float *draw = m->scratch[s->worker].draw;
    for (int i = 0; i < s->n; i++) {
        float *d = draw + (size_t)(i % l->draw_images) * l->draw_size;
        raw_gradient(m, l, s->at + i, d);
        if (l->u->in != NET_IMAGE) {
            struct ahead ahead = to_close(m, l - 1, s->at + i);
            m->k->conv(&l->backward, d + l->ocs, l->wb, grad_at(m, &m->layers[l->u->in], s->at + i),
                       !l->writes_in, &ahead);
        }
        if (unit > 0)
            backward_close(m, s, unit - 1, i);
        if (m->want_grad)
            weight_gradient(m, s, l, i);
    }
}
