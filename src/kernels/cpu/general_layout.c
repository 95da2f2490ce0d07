#include "config.h"
#include "kernels/cpu/general.h"

#include <string.h>

/* --- shapes ------------------------------------------------------------------------------------------------------- */

static bool multiplies(const struct unit *u)
{
    return u->kind == UNIT_CONV || u->kind == UNIT_LINEAR || u->kind == UNIT_COSINE;
}

/* Number of groups that go together: as few as make whole vectors of channels on both sides; all of them when no number does, and of the images. */
static int groups_together(const struct unit *u)
{
    if (u->in == NET_IMAGE)
        return u->groups;
    const int k = u->in_channels / u->groups, n = u->channels / u->groups;
    for (int together = 1; together < u->groups; together++)
        if (u->groups % together == 0 && together * k % CHANNEL_PAD == 0 && together * n % CHANNEL_PAD == 0)
            return together;
    return u->groups;
}

static void set_blocks(struct layer *l)
{
    const struct unit *u = l->u;
    struct general_layer *g = &l->general;
    const int together = groups_together(u);
    g->blocks = u->groups / together;
    g->per_k = u->in_channels / u->groups;
    g->per_n = u->channels / u->groups;
    g->k = together * g->per_k;
    g->n = together * g->per_n;
    g->rows = u->in == NET_IMAGE;
    g->segments = g->rows ? u->kernel : u->kernel * u->kernel;
    g->run = g->rows ? u->kernel * u->in_channels : g->k;
}

static void general_set_shapes(const struct model *m, struct layer *l)
{
    const struct unit *u = l->u;
    l->ics = u->in == NET_IMAGE ? m->net->image_channels : padded(u->in_channels, CHANNEL_PAD);
    l->ocs = padded(u->channels, CHANNEL_PAD);
    l->px = u->height * u->width;
    l->size = (size_t)l->px * l->ocs;
    l->option_a = u->option_a;
    set_blocks(l);
}

static void set_images(struct model *m)
{
    const struct net *net = m->net;
    m->general.pad = 0;
    for (int i = 0; i < net->n_units; i++)
        if (net->units[i].in == NET_IMAGE && net->units[i].pad > m->general.pad)
            m->general.pad = net->units[i].pad;
    m->general.image_row = (size_t)(net->width + 2 * m->general.pad) * net->image_channels;
}

struct plane_view general_view(const struct layer *l, const struct images *images, int place)
{
    return (struct plane_view){ image_at(images, place), (ptrdiff_t)images->stride, (ptrdiff_t)l->u->width * l->ocs, l->ocs };
}

struct plane_view general_input(const struct model *m, const struct layer *l)
{
    if (l->u->in != NET_IMAGE)
        return general_view(&m->layers[l->u->in], &m->layers[l->u->in].act, m->base);
    const ptrdiff_t row = (ptrdiff_t)m->general.image_row, image = m->net->height * row;
    return (struct plane_view){ m->images + m->base * image + m->general.pad * m->net->image_channels, image, row, m->net->image_channels };
}

size_t general_sums(const struct layer *l)
{
    const struct general_layer *g = &l->general;
    return (size_t)g->blocks * g->segments * padded(g->run, CHANNEL_PAD) * padded(g->n, CHANNEL_PAD);
}

size_t general_pieces(const struct layer *l, int n)
{
    const struct general_layer *g = &l->general;
    const int tasks = g->blocks * ((g->run + OUTER_CHANNELS - 1) / OUTER_CHANNELS) * ((g->n + OUTER_CHANNELS - 1) / OUTER_CHANNELS);
    const int pieces = (OUTER_TASKS + tasks - 1) / tasks;
    return (size_t)(pieces < n ? pieces : n);
}

void general_turn(struct model *m)
{
    for (int i = 0; m->general.on && i < m->net->n_units; i++)
        m->layers[i].bn.sum_g = m->layers[i].general.slot_sum_g + (size_t)m->slot * m->layers[i].ocs;
}

/* --- who writes a unit's gradient first, and where it lives ------------------------------------------------------- */

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* Walks backward as general_run() does. The heads' contributions, which are written before, come first. */
static void general_plan_gradients(struct model *m, struct shelves *s)
{
    const struct net *net = m->net;
    memset(s->of, -1, sizeof s->of);
    first_contribution(s, net->head_in);
    for (int i = 0; i < net->n_outputs; i++)
        first_contribution(s, net->outputs[i].unit);
    for (int i = net->n_units - 1; i >= 0; i--) {
        struct layer *l = &m->layers[i];
        l->unused = first_contribution(s, i);
        l->writes_add = residual_contribution(s, l, i);
        l->writes_in = first_contribution(s, l->u->in);
        s->users[s->of[i]]--;
    }
}

static void general_place_gradients(struct model *m, struct cursor *c, struct r_layer *r)
{
    struct shelves s = { .n = 0 };
    size_t size[NET_MAX_UNITS] = { 0 };
    float *shelf[NET_MAX_UNITS];
    general_plan_gradients(m, &s);
    for (int i = 0; i < m->net->n_units; i++)
        size[s.of[i]] = larger(size[s.of[i]], m->layers[i].size);
    for (int i = 0; i < s.n; i++)
        shelf[i] = floats(c, (size_t)m->max_batch * size[i]);
    for (int i = 0; i < m->net->n_units; i++)
        *(r ? &r[i].grad : &m->layers[i].grad) = (struct images){ shelf[s.of[i]], m->layers[i].size };
}

/* --- the arena ---------------------------------------------------------------------------------------------------- */

struct widest {
    size_t size, packed, sums, shortcut; /* floats */
    size_t in_panels, panels;            /* pixels */
    int segments, channels, in_channels;
};

struct outer_block general_outer_block(const struct unit *u)
{
    const int px = u->height * u->width, rows = u->width < OUTER_PIXELS ? OUTER_PIXELS / u->width : 1;
    struct outer_block b = { .images = px <= OUTER_PIXELS ? OUTER_PIXELS / px : 1, .rows = px <= OUTER_PIXELS ? u->height : rows };
    b.pixels = (size_t)b.images * b.rows * u->width;
    b.in_rows = (b.rows - 1) * u->stride + u->kernel;
    b.in_pixels = u->kernel == 1 ? b.pixels : (size_t)b.images * b.in_rows * u->in_width;
    return b;
}

static void widest_with(struct widest *w, const struct layer *l, int n)
{
    const struct unit *u = l->u;
    const struct general_layer *g = &l->general;
    const size_t forward = (size_t)g->blocks * g->segments * g->run * padded(g->n, PANEL);
    const size_t back = (size_t)g->blocks * u->kernel * u->kernel * g->n * padded(g->k, PANEL);
    w->size = larger(w->size, l->size);
    w->channels = (int)larger((size_t)w->channels, (size_t)(l->ocs > l->ics ? l->ocs : l->ics));
    if (l->option_a)
        w->shortcut = larger(w->shortcut, l->size);
    if (!multiplies(u))
        return;
    w->packed = larger(w->packed, larger(forward, back));
    w->sums = larger(w->sums, general_pieces(l, n) * general_sums(l));
    w->segments = (int)larger((size_t)w->segments, (size_t)u->kernel * u->kernel);
    w->in_panels = larger(w->in_panels, g->rows ? 0 : general_outer_block(u).in_pixels);
    w->panels = larger(w->panels, general_outer_block(u).pixels);
    if (u->kind == UNIT_COSINE)
        w->in_channels = (int)larger((size_t)w->in_channels, (size_t)u->in_channels);
}

static void general_place_scratch(struct model *m, struct scratch *w, const struct widest *most, struct cursor *c)
{
    const size_t rows = (size_t)CHUNK_TILES * MOST_GEMM_ROWS, features = larger((size_t)m->head.features, (size_t)most->in_channels);
    double **const f[] = { &w->u, &w->g, &w->r, &w->rg };
    w->sums = floats(c, 3 * (size_t)most->channels);
    w->shortcut = floats(c, most->shortcut);
    w->prob = doubles(c, (size_t)m->head.classes);
    w->r_logit = doubles(c, (size_t)m->head.classes);
    for (size_t i = 0; i < sizeof f / sizeof *f; i++)
        *f[i] = doubles(c, features);
    w->rows = take(c, rows * (size_t)most->segments * sizeof *w->rows);
    w->used = take(c, (size_t)CHUNK_TILES * (size_t)most->segments);
    w->to = take(c, rows * sizeof *w->to);
    w->nowhere = floats(c, (size_t)most->channels + 2 * PANEL);
    w->inputs = floats(c, most->in_panels * OUTER_CHANNELS);
    w->gradients = floats(c, most->panels * OUTER_CHANNELS);
    w->at = take(c, most->panels * sizeof *w->at);
}

static void place_cosine(struct model *m, struct layer *l, struct cursor *c)
{
    struct general_layer *g = &l->general;
    const size_t weights = (size_t)l->u->channels * l->u->in_channels;
    g->unit_in = images(c, m->places, (size_t)padded(l->u->in_channels, CHANNEL_PAD));
    g->in_norm = doubles(c, (size_t)m->places);
    g->unit_weight = floats(c, weights);
    g->weight_norm = doubles(c, (size_t)l->u->channels);
    g->unit_grad = floats(c, (size_t)m->max_batch * g->unit_in.stride);
}

static void place_r_cosine(struct model *m, struct layer *l, struct cursor *c)
{
    struct general_layer *g = &l->general;
    const size_t weights = (size_t)l->u->channels * l->u->in_channels, inputs = (size_t)m->max_batch * g->unit_in.stride;
    g->r_unit_in = floats(c, inputs);
    g->r_unit_grad = floats(c, inputs);
    g->along_in = doubles(c, (size_t)m->max_batch);
    g->r_unit_weight = floats(c, weights);
    g->along_weight = doubles(c, (size_t)l->u->channels);
    g->weight_grad = floats(c, weights);
    g->r_weight_grad = floats(c, weights);
}

static void general_place_layer(struct model *m, struct layer *l, struct cursor *c)
{
    place_bn(l, c);
    l->bn.sum_g = l->general.slot_sum_g = doubles(c, (size_t)m->n_slots * l->ocs);
    l->act = images(c, m->places, l->size + CHANNEL_PAD); /* images must not fall on the same cache sets */
    l->raw = l->u->norm ? images(c, m->places, l->size + CHANNEL_PAD) : l->act;
    if (l->u->kind == UNIT_MAX_POOL)
        l->general.winner = take(c, (size_t)m->places * l->size);
    if (l->u->kind == UNIT_COSINE)
        place_cosine(m, l, c);
}

static void place_r_layer(struct model *m, struct layer *l, struct r_layer *r, struct cursor *c)
{
    place_r_bn(l, &r->bn, c);
    r->partial_sums = doubles(c, (size_t)MAX_SHARDS * SHARD_SUMS * l->ocs);
    r->act = images(c, m->max_batch, l->size + CHANNEL_PAD);
    r->raw = l->u->norm ? images(c, m->max_batch, l->size + CHANNEL_PAD) : r->act;
    if (l->u->kind == UNIT_COSINE)
        place_r_cosine(m, l, c);
}

static void general_place_direction(struct model *m, const struct widest *most, struct cursor *c)
{
    struct direction *d = &m->directions[0];
    for (int i = 0; i < m->net->n_units; i++)
        m->layers[i].kept = images(c, m->places, m->layers[i].size);
    for (int i = 0; i < m->net->n_units; i++)
        place_r_layer(m, &m->layers[i], &d->layers[i], c);
    general_place_gradients(m, c, d->layers);
    place_r_head(m, &d->head, c);
    m->general.r_packed = floats(c, most->packed);
    m->general.rdraw = floats(c, (size_t)m->max_batch * (most->size + CHANNEL_PAD));
}

void general_place(struct model *m, struct cursor *c)
{
    struct widest most = { .segments = 1 };
    set_images(m);
    for (int i = 0; i < m->net->n_units; i++) {
        general_set_shapes(m, &m->layers[i]);
        widest_with(&most, &m->layers[i], m->max_batch);
    }
    place_head(m, c);
    for (int t = 0; t < m->threads; t++)
        general_place_scratch(m, c->base ? &m->scratch[t] : &(struct scratch){ 0 }, &most, c);
    m->vector_sums = doubles(c, MAX_SHARDS);
    m->general.zeros = floats(c, (size_t)most.channels * NET_MAX_KERNEL);
    m->general.packed = floats(c, most.packed);
    m->general.sums = floats(c, most.sums);
    m->general.draw = floats(c, (size_t)m->max_batch * (most.size + CHANNEL_PAD));
    m->images = floats(c, (size_t)m->places * m->net->height * m->general.image_row + 2 * PANEL);
    general_place_gradients(m, c, NULL);
    for (int i = 0; i < m->net->n_units; i++)
        general_place_layer(m, &m->layers[i], c);
    m->pass_bytes = c->used;
    general_place_direction(m, &most, c);
    m->hvp_bytes = c->used - m->pass_bytes;
    m->hvp_train_bytes = 0;
    m->direction_bytes = 0;
}
