#include "config.h"
#include "kernels/cpu/cpu.h"

#include <string.h>

const float *unit_input(const struct model *m, const struct layer *l, int image, int place)
{
    if (l->u->in == NET_IMAGE)
        return m->images + (size_t)image * m->net->height * m->net->width * m->image_cs;
    return image_at(&m->layers[l->u->in].act, place);
}

void expand_shortcut(const struct layer *l, const struct layer *from, const void *x, void *out, size_t number)
{
    const struct unit *u = l->u;
    const size_t before = (size_t)(u->channels - from->u->channels) / 2;
    memset(out, 0, l->size * number);
    for (int y = 0; y < u->height; y++)
        for (int column = 0; column < u->width; column++)
            memcpy((char *)out + (((size_t)y * u->width + column) * l->ocs + before) * number,
                   (const char *)x + ((size_t)2 * y * from->u->width + 2 * column) * from->ocs * number, (size_t)from->u->channels * number);
}

/* The numbers added to unit l before its ReLU, in its shape: one image of `from` (act or ract of the unit added), or NULL. */
const float *shortcut_input(struct model *m, const struct span *s, const struct layer *l, const struct images *from,
                            int place)
{
    if (l->u->add == NET_NO_ADD)
        return NULL;
    const float *x = image_at(from, place);
    if (!l->option_a)
        return x;
    expand_shortcut(l, &m->layers[l->u->add], x, m->scratch[s->worker].shortcut, sizeof *x);
    return m->scratch[s->worker].shortcut;
}

void finish_image(struct model *m, const struct span *s, const struct layer *l, int place)
{
    const struct images *from = l->u->add == NET_NO_ADD ? NULL : &m->layers[l->u->add].act;
    const float *add = shortcut_input(m, s, l, from, place);
    (l->u->relu ? m->k->finish : m->k->affine)(l->px, l->ocs, image_at(&l->raw, place), add, l->bn.mean, l->bn.scale, l->bn.beta,
                                               image_at(&l->act, place));
}

void forward_finish(struct model *m, const struct span *s, int unit)
{
    for (int i = 0; i < s->n; i++)
        finish_image(m, s, &m->layers[unit], s->at + i);
}

void bn_add_chunk(const struct layer *l, int shard, int px, const float *shift, const float *s, const float *q)
{
    double *mean = bn_sums(l, shard, 0), *square = bn_sums(l, shard, 1), *count = bn_sums(l, shard, 2);
    for (int c = 0; c < l->ocs; c++) {
        double mean_here = (double)s[c] / px, gap = (double)shift[c] + mean_here - mean[c];
        double square_here = (double)q[c] - (double)s[c] * mean_here, total = count[c] + px;
        mean[c] += gap * px / total;
        square[c] += square_here + gap * gap * count[c] * px / total;
        count[c] = total;
    }
}

/* Adds the moments of one image to the shard's (count, mean, sum of squared deviations), chunk by chunk. Sums are
 * taken about a pixel of the chunk, so a mean far from zero costs no digits (Chan, Golub, LeVeque 1983). */
void bn_add_moments(const struct model *m, const struct layer *l, int shard, const float *raw, float *s, float *q)
{
    for (int p = 0; p < l->px; p += SUM_CHUNK) {
        int px = l->px - p < SUM_CHUNK ? l->px - p : SUM_CHUNK;
        const float *chunk = raw + (size_t)p * l->ocs, *shift = chunk + (size_t)(px / 2) * l->ocs;
        m->k->shifted_sums(px, l->ocs, chunk, shift, s, q);
        bn_add_chunk(l, shard, px, shift, s, q);
    }
}

/* The memory that finishing the same unit of the next image will read. */
static struct ahead next_to_finish(const struct model *m, const struct span *s, const struct layer *finished, int i)
{
    struct ahead a = { .n = 0 };
    if (i + 1 == s->n)
        return a;
    ahead_add(&a, &finished->raw, s->at + i + 1);
    ahead_add(&a, &finished->act, s->at + i + 1);
    if (finished->u->add != NET_NO_ADD && !finished->option_a)
        ahead_add(&a, &m->layers[finished->u->add].act, s->at + i + 1);
    return a;
}

void forward_step(struct model *m, const struct span *s, int unit)
{
    const struct layer *l = &m->layers[unit];
    float *sums = m->scratch[s->worker].sums;
    if (m->train && s->fresh)
        memset(bn_sums(l, s->shard, 0), 0, 3 * (size_t)l->ocs * sizeof(double));
    for (int i = 0; i < s->n; i++) {
        struct ahead ahead = { .n = 0 };
        if (unit > 0) {
            finish_image(m, s, l - 1, s->at + i);
            ahead = next_to_finish(m, s, l - 1, i);
        }
        float *raw = image_at(&l->raw, s->at + i);
        m->k->conv(&l->forward, unit_input(m, l, s->first + i, s->at + i), l->wf, raw, false, &ahead);
        if (m->train)
            bn_add_moments(m, l, s->shard, raw, sums, sums + l->ocs);
    }
}
