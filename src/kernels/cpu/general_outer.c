#include "config.h"
#include "kernels/cpu/general.h"

#include <string.h>

/* Weight gradients. The sums of a unit lie as [pieces][blocks][ranges of output channels][segments][run][channels of the range]. */

struct outer_job {
    struct model *m;
    const struct layer *l;
    struct plane_view in;
    const float *draw;
    bool first;
    int pieces, k_ranges, n_ranges;
    float *out; /* of general_store() */
};

static int ranges(int channels)
{
    return (channels + OUTER_CHANNELS - 1) / OUTER_CHANNELS;
}

static int range_end(int first, int channels)
{
    const int end = first + OUTER_CHANNELS, all = padded(channels, CHANNEL_PAD);
    return end < all ? end : all;
}

/* The part that a task treats. */
struct outer_part {
    int piece, block, k, k_end, n, n_end; /* k: of the run; n: of the block's output channels */
    float *sums;                          /* [segments][padded run][n_end - n] */
};

static struct outer_part outer_part_of(const struct outer_job *j, int task)
{
    const struct general_layer *g = &j->l->general;
    struct outer_part p = { .n = task % j->n_ranges * OUTER_CHANNELS, .k = task / j->n_ranges % j->k_ranges * OUTER_CHANNELS };
    const int rest = task / j->n_ranges / j->k_ranges;
    const size_t depth = (size_t)g->segments * padded(g->run, CHANNEL_PAD);
    p.block = rest % g->blocks;
    p.piece = rest / g->blocks;
    p.k_end = range_end(p.k, g->run);
    p.n_end = range_end(p.n, g->n);
    p.sums = j->m->general.sums + p.piece * general_sums(j->l) + ((size_t)p.block * padded(g->n, CHANNEL_PAD) + p.n) * depth;
    return p;
}

/* --- sums over pixels ---------------------------------------------------------------------------------------------- */

struct pixels { /* images, and rows of the output */
    int image, images, y, rows;
    size_t n;    /* of the output */
    size_t in_n; /* of the input, as packed */
};

static void pack_pixels(const float *from, ptrdiff_t pix, int pixels, int channels, float *to, size_t panel)
{
    for (int c = 0; c < channels; c += PANEL)
        for (int p = 0; p < pixels; p++)
            memcpy(to + (size_t)(c / PANEL) * panel + (size_t)p * PANEL, from + p * pix + c, PANEL * sizeof *to);
}

static void pack_gradients(const struct outer_job *j, const struct outer_part *p, const struct pixels *b, float *to)
{
    const struct layer *l = j->l;
    const float *from = j->draw + (size_t)b->image * (l->size + CHANNEL_PAD) + (size_t)b->y * l->u->width * l->ocs + p->block * l->general.n + p->n;
    for (int i = 0; i < b->images; i++)
        pack_pixels(from + (size_t)i * (l->size + CHANNEL_PAD), l->ocs, b->rows * l->u->width, p->n_end - p->n,
                    to + (size_t)i * b->rows * l->u->width * PANEL, b->n * PANEL);
}

/* Rows of the input above and below its edges are left as they are: no pixel asks for them. */
static void pack_inputs(const struct outer_job *j, const struct outer_part *p, const struct pixels *b, float *to)
{
    const struct unit *u = j->l->u;
    const int first = b->y * u->stride - (u->kernel == 1 ? 0 : u->pad), step = u->kernel == 1 ? u->stride : 1;
    const int rows = u->kernel == 1 ? b->rows : (b->rows - 1) * u->stride + u->kernel, width = u->kernel == 1 ? u->width : u->in_width;
    const float *from = j->in.data + b->image * j->in.image + p->block * j->l->general.k + p->k;
    for (int i = 0; i < b->images; i++)
        for (int r = 0; r < rows; r++) {
            const int y = first + r * step;
            if (y >= 0 && y < u->in_height)
                pack_pixels(from + i * j->in.image + y * j->in.row, step * j->in.pix, width, p->k_end - p->k,
                            to + (size_t)(i * rows + r) * width * PANEL, b->in_n * PANEL);
        }
}

/* The pixels that a segment multiplies: places in the panels, or of the images themselves in j->in from b->image on. */
static int find_pixels(const struct outer_job *j, const struct pixels *b, int segment, struct outer_at *at)
{
    const struct unit *u = j->l->u;
    const bool rows = j->l->general.rows, one = u->kernel == 1;
    const int kh = rows ? segment : segment / u->kernel, kw = rows ? 0 : segment % u->kernel;
    const int in_rows = one ? b->rows : (b->rows - 1) * u->stride + u->kernel, in_width = one ? u->width : u->in_width;
    int n = 0;
    for (int i = 0; i < b->images; i++)
        for (int r = 0; r < b->rows; r++) {
            const int y = (b->y + r) * u->stride - u->pad + kh, in_r = one ? r : r * u->stride + kh;
            if (y < 0 || y >= u->in_height)
                continue;
            for (int x = 0; x < u->width; x++) {
                const int in_x = x * u->stride - u->pad + kw, place = (i * in_rows + in_r) * in_width + (one ? x : in_x);
                const ptrdiff_t image = i * j->in.image + y * j->in.row + in_x * j->in.pix;
                if (rows || (in_x >= 0 && in_x < u->in_width))
                    at[n++] = (struct outer_at){ rows ? (int32_t)image : place * PANEL, ((i * b->rows + r) * u->width + x) * PANEL };
            }
        }
    return n;
}

static void add_pixels(const struct outer_job *j, const struct outer_part *p, const struct pixels *b, const struct scratch *w, bool load)
{
    const struct general_layer *g = &j->l->general;
    const int depth = padded(g->run, CHANNEL_PAD), width = p->n_end - p->n, rows = j->m->k->outer_rows;
    const float *images = j->in.data + b->image * j->in.image;
    for (int s = 0; s < g->segments; s++) {
        const int n = find_pixels(j, b, s, w->at);
        for (int o = 0; o < width; o += PANEL)
            for (int i = p->k; i < p->k_end; i += rows) {
                const int in = i - p->k;
                const float *from = g->rows ? images + i : w->inputs + (size_t)(in / PANEL) * b->in_n * PANEL + in % PANEL;
                j->m->k->outer(n, w->at, from, w->gradients + (size_t)(o / PANEL) * b->n * PANEL,
                               p->sums + ((size_t)s * depth + i) * width + o, width, load);
            }
    }
}

static void outer_part_task(void *context, int task, int worker)
{
    const struct outer_job *j = context;
    const struct unit *u = j->l->u;
    const struct scratch *w = &j->m->scratch[worker];
    const struct outer_part p = outer_part_of(j, task);
    const struct outer_block most = general_outer_block(u);
    const int first = (int)((long)j->m->n * p.piece / j->pieces), end = (int)((long)j->m->n * (p.piece + 1) / j->pieces);
    for (int image = first; image < end; image += most.images)
        for (int y = 0; y < u->height; y += most.rows) {
            const struct pixels b = { image, most.images < end - image ? most.images : end - image, y,
                                      most.rows < u->height - y ? most.rows : u->height - y, most.pixels, most.in_pixels };
            pack_gradients(j, &p, &b, w->gradients);
            if (!j->l->general.rows)
                pack_inputs(j, &p, &b, w->inputs);
            add_pixels(j, &p, &b, w, !j->first || image > first || y > 0);
        }
}

void general_outer(struct model *m, const struct layer *l, struct plane_view in, const float *draw, bool first)
{
    const struct general_layer *g = &l->general;
    struct outer_job j = { .m = m, .l = l, .in = in, .draw = draw, .first = first, .pieces = (int)general_pieces(l, m->n),
                           .k_ranges = ranges(g->run), .n_ranges = ranges(g->n) };
    pool_run(m->pool, outer_part_task, &j, j.pieces * g->blocks * j.k_ranges * j.n_ranges);
}

/* --- into PyTorch's order ------------------------------------------------------------------------------------------ */

static void add_pieces(const struct outer_job *j, const struct outer_part *p)
{
    const struct general_layer *g = &j->l->general;
    const size_t width = (size_t)(p->n_end - p->n), depth = (size_t)padded(g->run, CHANNEL_PAD);
    for (int s = 0; s < g->segments; s++) {
        float *to = p->sums + ((size_t)s * depth + p->k) * width;
        for (int piece = 1; piece < j->pieces; piece++)
            j->m->k->add((size_t)(p->k_end - p->k) * width, to, to + piece * general_sums(j->l));
    }
}

/* Some output channels of the block, and of the run what their groups read of it; sums of one segment. */
struct square {
    int s, o, o_end, k, k_end;
};

static void store_square(const struct outer_job *j, const struct outer_part *p, const struct square *q)
{
    const struct general_layer *g = &j->l->general;
    const int taps = j->l->u->kernel * j->l->u->kernel, width = p->n_end - p->n;
    const float *sums = p->sums + (size_t)q->s * padded(g->run, CHANNEL_PAD) * width;
    for (int o = q->o; o < q->o_end; o++) {
        const int least = o / g->per_n * g->per_k, most = least + g->per_k;
        const int first = q->k > least ? q->k : least, end = q->k_end < most ? q->k_end : most;
        float *out = j->out + ((size_t)p->block * g->n + o) * g->per_k * taps + q->s;
        for (int r = first; r < end; r++)
            out[(size_t)(r - least) * taps] = sums[(size_t)r * width + (o - p->n)];
    }
}

/* The same where a segment is a row of the kernel. */
static void store_rows(const struct outer_job *j, const struct outer_part *p, const struct square *q)
{
    const struct general_layer *g = &j->l->general;
    const int kernel = j->l->u->kernel, width = p->n_end - p->n;
    const float *sums = p->sums + (size_t)q->s * padded(g->run, CHANNEL_PAD) * width;
    for (int o = q->o; o < q->o_end; o++) {
        const int least = o / g->per_n * g->per_k;
        float *out = j->out + (((size_t)p->block * g->n + o) * g->per_k * kernel + q->s) * kernel;
        for (int r = q->k; r < q->k_end; r++) {
            const int i = r % g->k - least;
            if (i >= 0 && i < g->per_k)
                out[(size_t)i * kernel * kernel + r / g->k] = sums[(size_t)r * width + (o - p->n)];
        }
    }
}

static void store_task(void *context, int task, int worker)
{
    const struct outer_job *j = context;
    const struct general_layer *g = &j->l->general;
    const struct outer_part p = outer_part_of(j, task);
    const int k_end = p.k_end < g->run ? p.k_end : g->run, n_end = p.n_end < g->n ? p.n_end : g->n;
    (void)worker;
    add_pieces(j, &p);
    for (int n = p.n; n < n_end; n += PANEL) /* a square at a time stays in cache */
        for (int k = p.k; k < k_end; k += PANEL)
            for (int s = 0; s < g->segments; s++) {
                const struct square q = { s, n, n + PANEL < n_end ? n + PANEL : n_end, k, k + PANEL < k_end ? k + PANEL : k_end };
                (g->rows ? store_rows : store_square)(j, &p, &q);
            }
}

void general_store(struct model *m, const struct layer *l, float *out)
{
    const struct general_layer *g = &l->general;
    struct outer_job j = { .m = m, .l = l, .pieces = (int)general_pieces(l, m->n), .k_ranges = ranges(g->run), .n_ranges = ranges(g->n), .out = out };
    pool_run(m->pool, store_task, &j, g->blocks * j.k_ranges * j.n_ranges);
}
