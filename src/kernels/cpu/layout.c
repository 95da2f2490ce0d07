#include "config.h"
#include "kernels/cpu/cpu.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/err.h"
#include "kernels/cpu/general.h"
#include "kernels/cpu/layout.h"

/* One mapping holds everything. It is laid out twice by the same function: first without memory, to learn the size.
 * The parts stand in the order of first use (a plain pass, hvp, hvp with batch statistics): pages that no pass has
 * touched cost nothing. */

enum { HUGE_PAGE = 2 << 20 };

static void at_least(size_t *n, size_t least)
{
    *n = *n > least ? *n : least;
}

/* --- shapes ------------------------------------------------------------------------------------------------------- */

/* Several small images, or some rows of a large one, are transformed together. */
static void set_form(const struct layer *l, const struct wino_form *form, int most, int least, struct wino *w)
{
    const struct unit *u = l->u;
    const int channels = l->ics > l->ocs ? l->ics : l->ocs, in_row = u->in_width * l->ics, tile = form->tile;
    const bool on = u->in != NET_IMAGE && u->stride == 1 && u->height % tile == 0 && u->width % tile == 0;
    if (!on)
        return;
    w->form = form;
    w->wgrad = l->ics >= least && l->ocs >= least;
    w->tiles = l->px / (tile * tile);
    w->rows = u->height;
    w->group = w->tiles * channels < most ? most / (w->tiles * channels) : 1;
    while (w->group == 1 && w->rows > tile && w->rows / tile * (u->width / tile) * channels > most)
        w->rows -= tile;
    w->plane = (ptrdiff_t)w->group * (w->rows / tile) * (u->width / tile) * channels + CHANNEL_PAD; /* not on the same cache sets */
    w->in = (struct wino_image){ u->in_height, u->in_width, l->ics, in_row, l->ics };
    w->out = (struct wino_image){ u->height, u->width, l->ocs, u->width * l->ocs, l->ocs };
    w->draw = (struct wino_image){ u->height, u->width, l->ocs, (u->width + 2) * l->ocs, l->ocs };
}

/* least: with fewer channels the transforms of a weight gradient cost more than they save. */
static void set_wino(const struct model *m, struct layer *l)
{
    if (m->math == MATH_WINOGRAD)
        set_form(l, &m->k->wino4, WINO4_FLOATS, 16, &l->wino);
    if (!l->wino.form)
        set_form(l, &m->k->wino2, WINO2_FLOATS, 32, &l->wino);
    l->group = l->wino.form ? l->wino.group : l->draw_images;
    if (m->math == MATH_WINOGRAD)
        l->training = l->wino;
}

static void set_bf16(struct layer *l)
{
    const struct unit *u = l->u;
    struct bf16_layer *h = &l->bf16;
    const int pairs = (u->width + 1) / 2;
    h->in_copies = u->stride == 1 ? 1 : 3;
    h->wgrad = (struct bf16_wgrad){ u->in_height, l->ics, u->height, l->ocs, u->stride, pairs, (ptrdiff_t)pairs * l->ics, 0,
                                    (ptrdiff_t)(pairs + 1) * l->ocs, 0 };
    h->in_pairs = (size_t)u->in_height * h->wgrad.in_row;
    h->wgrad.in_image = (ptrdiff_t)h->in_pairs;
    h->wgrad.g_image = (ptrdiff_t)u->height * h->wgrad.g_row;
}

static void set_shapes(const struct model *m, struct layer *l)
{
    const struct unit *u = l->u;
    l->ics = u->in == NET_IMAGE ? m->image_cs : padded(u->in_channels, CHANNEL_PAD);
    l->ocs = padded(u->channels, CHANNEL_PAD);
    l->px = u->height * u->width;
    l->size = (size_t)l->px * l->ocs;
    l->option_a = u->option_a;
    const int draw_row = (u->width + 2) * l->ocs, in_row = u->in_width * l->ics;
    l->draw_size = (size_t)u->height * draw_row;
    l->draw_images = l->draw_size < DRAW_FLOATS ? (int)(DRAW_FLOATS / l->draw_size) : 1;
    l->forward = (struct conv_shape){ u->in_height, u->in_width, u->in_channels, u->height, u->width, l->ocs, u->stride,
                                      1, in_row, l->ics, u->width * l->ocs, l->ocs };
    l->backward = (struct conv_shape){ u->height, u->width, u->channels, u->in_height, u->in_width, l->ics, 1, u->stride,
                                       draw_row, l->ocs, in_row, l->ics };
    set_wino(m, l);
    set_bf16(l);
    l->wgrad = (struct wgrad_shape){ u->in_height, u->in_width, l->ics, u->height, u->width, l->ocs, u->stride,
                                     in_row, l->ics, (ptrdiff_t)u->in_height * in_row, draw_row, l->ocs,
                                     (ptrdiff_t)l->draw_size };
}

/* --- who writes a unit's gradient first, and where it lives ------------------------------------------------------- */

bool first_contribution(struct shelves *s, int unit)
{
    if (unit < 0 || s->of[unit] >= 0)
        return false;
    int shelf = 0;
    while (s->users[shelf])
        shelf++;
    s->users[shelf] = 1;
    s->of[unit] = shelf;
    s->n = shelf + 1 > s->n ? shelf + 1 : s->n;
    return true;
}

bool residual_contribution(struct shelves *s, const struct layer *l, int unit)
{
    const int add = l->u->add;
    if (add < 0 || s->of[add] >= 0 || l->option_a)
        return first_contribution(s, add);
    s->of[add] = s->of[unit];
    s->users[s->of[unit]]++;
    return true;
}

/* Walks the backward pass as backward_step() does. */
static void plan_gradients(struct model *m, struct shelves *s)
{
    const int n = m->net->n_units;
    memset(s->of, -1, sizeof s->of);
    first_contribution(s, n - 1);
    for (int i = n; i > 0; i--) {
        if (i < n)
            m->layers[i].writes_in = first_contribution(s, m->layers[i].u->in);
        struct layer *closed = &m->layers[i - 1];
        closed->unused = first_contribution(s, i - 1);
        closed->writes_add = residual_contribution(s, closed, i - 1);
        if (i < n)
            s->users[s->of[i]]--;
    }
}

/* r: of that direction, for so many images; NULL: the pass's own. */
static void place_gradients(struct model *m, struct cursor *c, struct r_layer *r, int places)
{
    struct shelves s = { .n = 0 };
    struct images shelf[NET_MAX_UNITS];
    size_t widest = 0;
    plan_gradients(m, &s);
    for (int i = 0; i < m->net->n_units; i++)
        at_least(&widest, m->layers[i].size);
    for (int i = 0; i < s.n; i++)
        shelf[i] = images(c, places, widest);
    for (int i = 0; i < m->net->n_units; i++)
        *(r ? &r[i].grad : &m->layers[i].grad) = shelf[s.of[i]];
}

/* Planes of math bf16. */
static struct bf16_images half_images(struct cursor *c, int places, size_t stride)
{
    return (struct bf16_images){ take(c, (size_t)places * stride * sizeof(bf16)), stride };
}

static void place_half_planes(struct model *m, struct cursor *c)
{
    struct shelves s = { .n = 0 };
    struct bf16_images shelf[NET_MAX_UNITS];
    size_t widest = 0;
    plan_gradients(m, &s);
    for (int i = 0; i < m->net->n_units; i++)
        at_least(&widest, m->layers[i].size);
    for (int i = 0; i < s.n; i++)
        shelf[i] = half_images(c, m->max_batch, widest);
    for (int i = 0; i < m->net->n_units; i++) {
        struct bf16_layer *h = &m->layers[i].bf16;
        h->grad = shelf[s.of[i]];
        h->raw = half_images(c, m->places, m->layers[i].size);
        h->act = half_images(c, m->places, m->layers[i].size);
    }
}

static bf16_pair *half_pairs(struct cursor *c, size_t n)
{
    return take(c, n * sizeof(bf16_pair));
}

static void more_for_tiles(const struct model *m, const struct layer *l, size_t *spread, size_t *in, size_t *out)
{
    const struct bf16_tiles *t = m->half->tiles;
    size_t work, inputs, gradients;
    at_least(spread, t->spread_size(&l->forward));
    if (m->math != MATH_BF16)
        return;
    t->gathering_size(&l->forward, l->draw_images, &work, &inputs, &gradients);
    at_least(spread, t->spread_size(&l->backward));
    at_least(spread, work);
    at_least(in, (inputs + 1) / 2);
    at_least(out, gradients);
}

static void place_half_scratch(const struct model *m, struct bf16_scratch *w, struct cursor *c)
{
    size_t draw = 0, shortcut = 0, in = 0, out = 0, spread = 0;
    const struct layer *last = &m->layers[m->net->head_in];
    for (int i = 0; i < m->net->n_units; i++) {
        const struct layer *l = &m->layers[i];
        const size_t many = (size_t)l->draw_images;
        at_least(&draw, many * l->draw_size);
        at_least(&in, many * l->bf16.in_copies * l->bf16.in_pairs);
        at_least(&out, many * (size_t)l->bf16.wgrad.g_image);
        at_least(&shortcut, l->option_a ? l->size : 0);
        if (half_on_tiles(m, l))
            more_for_tiles(m, l, &spread, &in, &out);
    }
    w->image = take(c, (size_t)m->net->height * m->net->width * m->image_cs * sizeof(bf16));
    w->shortcut = take(c, shortcut * sizeof(bf16));
    w->last = floats(c, last->size);
    w->spread = take(c, spread * sizeof(bf16));
    if (m->math != MATH_BF16)
        return;
    w->draw = take(c, draw * sizeof(bf16));
    w->in = half_pairs(c, in);
    w->even = half_pairs(c, out);
    w->odd = half_pairs(c, out);
}

/* Float planes for a pass without gradients, in the memory of those of bf16: no pass reads what another one left there. */
static void place_few_planes(struct model *m, struct cursor *c)
{
    for (int i = 0; i < m->net->n_units; i++) {
        struct layer *l = &m->layers[i];
        l->bf16.few.raw = images(c, m->threads * EVAL_SPAN, l->size);
        l->bf16.few.act = images(c, m->threads * EVAL_SPAN, l->size);
    }
}

static void place_half(struct model *m, struct cursor *c)
{
    size_t widest = 0;
    for (int i = 0; i < m->net->n_units; i++) {
        struct layer *l = &m->layers[i];
        const size_t weights = (size_t)9 * padded(l->u->in_channels, CHANNEL_PAD) * l->ocs / 2;
        at_least(&widest, partial_floats(l));
        l->bf16.wf = half_pairs(c, weights);
        l->bf16.wb = l->u->in == NET_IMAGE || m->math != MATH_BF16 ? NULL : half_pairs(c, weights);
        l->bf16.shift = floats(c, (size_t)l->ocs);
    }
    for (int t = 0; t < m->threads; t++)
        place_half_scratch(m, c->base ? &m->scratch[t].bf16 : &(struct bf16_scratch){ 0 }, c);
    if (m->math != MATH_BF16) { /* evaluations alone */
        for (int i = 0; i < m->net->n_units; i++)
            m->layers[i].bf16.act = half_images(c, m->threads * EVAL_SPAN, m->layers[i].size);
        return;
    }
    for (int i = 0; i < 2; i++)
        m->unit_partials[i] = floats(c, MAX_SHARDS * widest);
    struct cursor again = *c;
    place_half_planes(m, c);
    place_few_planes(m, &again);
    c->used = again.used > c->used ? again.used : c->used;
}

/* --- the arena ---------------------------------------------------------------------------------------------------- */

void place_bn(struct layer *l, struct cursor *c)
{
    struct bn *b = &l->bn;
    float **const f[] = { &b->gamma, &b->beta, &b->mean, &b->inverse, &b->scale, &b->cg, &b->cx, &b->c1 };
    double **const d[] = { &b->mean_g, &b->mean_gx, &b->sum_g, &b->sum_gx };
    for (size_t i = 0; i < sizeof f / sizeof *f; i++)
        *f[i] = floats(c, (size_t)l->ocs);
    for (size_t i = 0; i < sizeof d / sizeof *d; i++)
        *d[i] = doubles(c, (size_t)l->ocs);
    l->partial_sums = doubles(c, (size_t)MAX_SHARDS * SHARD_SUMS * l->ocs);
}

void place_r_bn(const struct layer *l, struct r_bn *r, struct cursor *c)
{
    float **const f[] = { &r->gamma, &r->beta, &r->cr, &r->cx, &r->c1, &r->c[0], &r->c[1], &r->c[2], &r->c[3], &r->c[4] };
    double **const d[] = { &r->m1, &r->m2, &r->sum_g, &r->sum_gx };
    for (size_t i = 0; i < sizeof f / sizeof *f; i++)
        *f[i] = floats(c, (size_t)l->ocs);
    for (size_t i = 0; i < sizeof d / sizeof *d; i++)
        *d[i] = doubles(c, (size_t)l->ocs);
}

/* A unit's weights are 9 numbers per pair of channels, or one for each plane in Winograd's form. */
static size_t weight_floats(const struct layer *l, const struct wino *w)
{
    return (size_t)(w && w->form ? w->form->planes : 9) * padded(l->u->in_channels, CHANNEL_PAD) * l->ocs;
}

static void place_transformed(const struct layer *l, struct wino *w, struct cursor *c)
{
    w->uf = floats(c, weight_floats(l, w));
    w->ub = floats(c, weight_floats(l, w));
}

static void place_layer(struct model *m, struct layer *l, struct cursor *c)
{
    const size_t weights = weight_floats(l, NULL);
    const bool image = l->u->in == NET_IMAGE;
    place_bn(l, c);
    l->wf = floats(c, weights);
    l->wb = image ? NULL : floats(c, weights);
    if (l->training.form)
        place_transformed(l, &l->training, c);
    l->partial = m->partial_size;
    m->partial_size += partial_floats(l);
}

void place_head(struct model *m, struct cursor *c)
{
    struct head *h = &m->head;
    const size_t n = (size_t)m->places, classes = (size_t)h->classes, features = (size_t)h->features;
    float **const row[] = { &h->norm, &h->bias };
    float **const logits[] = { &h->logits, &h->gz };
    h->weight = floats(c, features * classes);
    for (int k = 0; k < m->n_slots; k++)
        m->slots[k].head_grad = floats(c, features * classes);
    h->grad = m->slots[0].head_grad;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        *row[i] = floats(c, classes);
    for (size_t i = 0; i < sizeof logits / sizeof *logits; i++)
        *logits[i] = floats(c, n * classes);
    h->feature = floats(c, n * features);
    h->pooled = m->net->head == HEAD_NORM ? floats(c, n * features) : h->feature;
    h->feature_norm = floats(c, n);
    h->loss = doubles(c, n);
    h->correct = take(c, n * sizeof *h->correct);
    m->labels = take(c, n * sizeof *m->labels);
    m->targets = floats(c, n * classes);
    m->weights = floats(c, n);
}

void place_r_head(const struct model *m, struct r_head *h, struct cursor *c)
{
    const size_t n = (size_t)m->places, classes = (size_t)m->head.classes, features = (size_t)m->head.features;
    float **const matrix[] = { &h->weight, &h->grad, &h->v };
    for (size_t i = 0; i < sizeof matrix / sizeof *matrix; i++)
        *matrix[i] = floats(c, features * classes);
    h->bias = floats(c, classes);
    h->logits = floats(c, n * classes);
    h->gz = floats(c, n * classes);
    h->feature = floats(c, n * features);
}

/* Floats of a thread's scratch: raw gradients; an option-A shortcut; per-channel sums; transformed tiles, and sums over them. */
struct scratch_floats {
    size_t draw, shortcut, sums, tiles, wino_sums;
};

static void more_for_form(const struct model *m, const struct layer *l, const struct wino *w, struct scratch_floats *need)
{
    if (!w->form)
        return;
    at_least(&need->draw, l->draw_size * (size_t)w->group);
    at_least(&need->tiles, (size_t)w->form->planes * (size_t)w->plane);
    if (w->wgrad)
        at_least(&need->wino_sums, (size_t)w->form->planes * ((size_t)l->ics * m->k->out_block(l->ocs) + CHANNEL_PAD));
}

static struct scratch_floats scratch_floats(const struct model *m)
{
    struct scratch_floats need = { 0 };
    for (int i = 0; i < m->net->n_units; i++) {
        const struct layer *l = &m->layers[i];
        at_least(&need.draw, l->draw_size * (size_t)l->draw_images);
        at_least(&need.sums, (size_t)3 * l->ocs);
        at_least(&need.shortcut, l->option_a ? l->size : 0);
        more_for_form(m, l, &l->wino, &need);
        more_for_form(m, l, &l->training, &need);
    }
    return need;
}

static void place_tiles(struct scratch *w, const struct scratch_floats *need, struct cursor *c)
{
    for (size_t i = 0; i < sizeof w->tiles / sizeof *w->tiles; i++)
        w->tiles[i] = floats(c, need->tiles);
    w->wino_sums = floats(c, need->wino_sums);
}

/* What products need beside it; behind what passes touch, for huge pages would make it resident with them. */
static void place_product_scratch(struct model *m, struct cursor *c)
{
    const struct scratch_floats need = scratch_floats(m);
    for (int t = 0; t < m->threads; t++) {
        struct scratch *w = c->base ? &m->scratch[t] : &(struct scratch){ 0 };
        for (int k = 0; k < HVP_BLOCK; k++)
            w->rdraw[k] = floats(c, need.draw);
        if (m->math != MATH_WINOGRAD)
            place_tiles(w, &need, c);
    }
}

static void place_scratch(struct model *m, struct cursor *c)
{
    const size_t classes = (size_t)m->head.classes, features = (size_t)m->head.features;
    const struct scratch_floats need = scratch_floats(m);
    for (int t = 0; t < m->threads; t++) {
        struct scratch *w = c->base ? &m->scratch[t] : &(struct scratch){ 0 };
        double **const f[] = { &w->u, &w->g, &w->r, &w->rg };
        w->draw = floats(c, need.draw);
        if (m->math == MATH_WINOGRAD)
            place_tiles(w, &need, c);
        w->shortcut = floats(c, need.shortcut);
        w->sums = floats(c, need.sums);
        w->prob = doubles(c, classes);
        w->r_logit = doubles(c, classes);
        for (size_t i = 0; i < sizeof f / sizeof *f; i++)
            *f[i] = doubles(c, features);
    }
}

/* Everything of a direction but its images. */
static void place_direction(struct model *m, struct direction *d, struct cursor *c)
{
    for (int i = 0; i < m->net->n_units; i++) {
        const struct layer *l = &m->layers[i];
        struct r_layer *r = &d->layers[i];
        place_r_bn(l, &r->bn, c);
        r->partial_sums = doubles(c, (size_t)MAX_SHARDS * SHARD_SUMS * l->ocs);
        r->vf = floats(c, weight_floats(l, &l->wino));
        r->vb = l->u->in == NET_IMAGE ? NULL : floats(c, weight_floats(l, &l->wino));
    }
    place_r_head(m, &d->head, c);
}

static void place_r_images(struct model *m, struct direction *d, struct cursor *c, int places)
{
    for (int i = 0; i < m->net->n_units; i++) {
        d->layers[i].raw = images(c, places, m->layers[i].size);
        d->layers[i].act = images(c, places, m->layers[i].size);
    }
    place_gradients(m, c, d->layers, places);
}

/* passes: bytes that a pass without products has. The first direction can have batch statistics, which need all images at once; a block cannot. */
static void place_directions(struct model *m, struct cursor *c, size_t passes)
{
    place_product_scratch(m, c);
    place_direction(m, &m->directions[0], c);
    m->directions[0].partials = m->partials;
    for (int i = 0; i < m->net->n_units; i++) {
        struct layer *l = &m->layers[i];
        if (l->wino.form)
            place_transformed(l, &l->wino, c);
    }
    m->hvp_bytes = c->used - passes;
    place_r_images(m, &m->directions[0], c, m->r_places);
    m->hvp_train_bytes = c->used - passes - m->hvp_bytes;
    for (int k = 1; k < HVP_BLOCK; k++) {
        place_direction(m, &m->directions[k], c);
        m->directions[k].partials = floats(c, MAX_SHARDS * m->partial_size);
        place_r_images(m, &m->directions[k], c, m->threads * GRAD_SPAN);
    }
    m->direction_bytes = (c->used - passes - m->hvp_bytes - m->hvp_train_bytes) / (HVP_BLOCK - 1);
}

static void place_plain(struct model *m, struct cursor *c)
{
    const int n_units = m->net->n_units;
    const size_t image = (size_t)m->net->height * m->net->width * m->image_cs;
    struct layer *layers = m->layers;
    m->partial_size = 0;
    for (int i = 0; i < n_units; i++) {
        set_shapes(m, &layers[i]);
        place_layer(m, &layers[i], c);
    }
    place_head(m, c);
    place_scratch(m, c);
    m->vector_sums = doubles(c, MAX_SHARDS);
    m->images = floats(c, (size_t)m->places * image);
    if (m->half)
        place_half(m, c);
    m->pass_bytes = c->used;
    m->partials = floats(c, MAX_SHARDS * m->partial_size);
    place_gradients(m, c, NULL, m->max_batch);
    for (int i = 0; i < n_units; i++) {
        layers[i].raw = images(c, m->places, layers[i].size);
        layers[i].act = images(c, m->places, layers[i].size);
        layers[i].bf16.whole = (struct float_planes){ layers[i].raw, layers[i].act };
    }
    m->exact_bytes = m->math == MATH_BF16 ? c->used - m->pass_bytes : 0;
    m->pass_bytes = m->math == MATH_BF16 ? m->pass_bytes : c->used;
    const size_t passes = c->used;
    for (int i = 0; i < n_units; i++)
        layers[i].kept = images(c, m->places, layers[i].size);
    place_directions(m, c, passes);
}

static void place_all(struct model *m, struct cursor *c)
{
    const int n_units = m->net->n_units;
    m->layers = take(c, (size_t)n_units * sizeof *m->layers);
    m->scratch = take(c, (size_t)m->threads * sizeof *m->scratch);
    struct r_layer *r = take(c, (size_t)HVP_BLOCK * n_units * sizeof *r);
    struct layer *measured = NULL;
    struct r_layer *measured_r = NULL;
    if (!m->layers) {
        m->layers = measured = calloc((size_t)n_units, sizeof *measured);
        r = measured_r = calloc((size_t)HVP_BLOCK * n_units, sizeof *r);
    }
    if (!m->layers || !r) {
        m->layers = NULL;
        free(measured);
        free(measured_r);
        return;
    }
    for (int k = 0; k < HVP_BLOCK; k++)
        m->directions[k].layers = r + (size_t)k * n_units;
    for (int i = 0; i < n_units; i++)
        m->layers[i].u = &m->net->units[i];
    (m->general.on ? general_place : place_plain)(m, c);
    free(measured);
    free(measured_r);
}

static int map_arena(struct model *m, size_t bytes, struct err *err)
{
    bytes = (bytes + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE + HUGE_PAGE;
    void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED)
        return err_set(err, ERR_MEMORY, "no memory for a batch of %d: %zu MiB", m->max_batch, bytes >> 20);
#ifdef MADV_HUGEPAGE
    madvise(p, bytes, MADV_HUGEPAGE); /* only speed: fewer misses of the address cache */
#endif
    m->arena = p;
    m->arena_bytes = bytes;
    return 0;
}

/* Bytes of everything with this many slots; 0 with *err. */
static size_t bytes_with(struct model *m, int n_slots, struct err *err)
{
    const int least = m->threads * EVAL_SPAN;
    struct cursor c = { .base = NULL };
    m->n_slots = n_slots;
    m->places = n_slots * m->max_batch > least ? n_slots * m->max_batch : least;
    place_all(m, &c);
    if (!m->layers)
        err_set(err, ERR_MEMORY, "no memory for %d units", m->net->n_units);
    const bool measured = m->layers != NULL;
    m->layers = NULL;
    return measured ? c.used : 0;
}

size_t layout_slot_bytes(struct model *m, struct err *err)
{
    const size_t two = bytes_with(m, 2, err), one = two ? bytes_with(m, 1, err) : 0;
    return one ? two - one : 0;
}

int layout_build(struct model *m, int n_slots, struct err *err)
{
    m->image_cs = padded(m->net->image_channels, IMAGE_PAD);
    m->r_places = m->max_batch > m->threads * GRAD_SPAN ? m->max_batch : m->threads * GRAD_SPAN;
    m->head.classes = m->net->classes;
    m->head.features = m->net->features;
    m->general.on = !net_is_plain(m->net);
    const size_t bytes = bytes_with(m, n_slots, err);
    if (!bytes || map_arena(m, bytes, err) < 0)
        return -1;
    struct cursor c = { .base = (char *)(((uintptr_t)m->arena + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE) };
    place_all(m, &c);
    return 0;
}

void layout_release(struct model *m)
{
    if (m->arena)
        munmap(m->arena, m->arena_bytes);
    m->arena = NULL;
}
