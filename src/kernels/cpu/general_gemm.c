#include "config.h"
#include "kernels/cpu/general.h"

#include <string.h>

/* --- weights ------------------------------------------------------------------------------------------------------- */

/* [blocks][columns/PANEL][segments][depth][PANEL] of PyTorch's [channels][in_channels/groups][kernel][kernel]. Forward: columns are output
 * channels, depth a run of input. Back: columns are input channels, depth the output's channels. */
struct packing {
    const struct layer *l;
    const float *w;
    float *to;
    bool back;
};

static int panels_of(const struct layer *l, bool back)
{
    return padded(back ? l->general.k : l->general.n, PANEL) / PANEL;
}

static size_t panel_floats(const struct layer *l, bool back)
{
    const struct general_layer *g = &l->general;
    return (size_t)PANEL * (back ? (size_t)l->u->kernel * l->u->kernel * g->n : (size_t)g->segments * g->run);
}

/* A matrix [n][k], rows `next` floats apart, to [k][PANEL]: a square at a time, as rows a power of two apart share cache sets. */
static void transpose(const float *w, size_t next, int n, int k, float *to)
{
    for (int i = 0; i < k; i += PANEL) {
        const int end = i + PANEL < k ? i + PANEL : k;
        for (int j = 0; j < n; j++)
            for (int c = i; c < end; c++)
                to[(size_t)c * PANEL + j] = w[(size_t)j * next + c];
    }
}

/* Output channels `first` on, n of them, of one group: their weights begin at w. */
static void pack_columns(const struct layer *l, const float *w, int n, int first_k, float *to)
{
    const struct general_layer *g = &l->general;
    const int taps = l->u->kernel * l->u->kernel, per_row = g->rows ? l->u->kernel : 1;
    const size_t next = (size_t)g->per_k * taps;
    if (taps == 1) {
        transpose(w, next, n, g->per_k, to + (size_t)first_k * PANEL);
        return;
    }
    for (int i = 0; i < g->per_k; i++)
        for (int t = 0; t < taps; t++) {
            const size_t row = (size_t)(t / per_row) * g->run + (t % per_row) * g->k + first_k + i;
            const float *from = w + (size_t)i * taps + t;
            for (int j = 0; j < n; j++)
                to[row * PANEL + j] = from[j * next];
        }
}

/* Input channels of one group, n of them, of its output channels first..end-1; first_n: of the group's first. */
static void pack_rows(const struct layer *l, const float *w, int n, int first, int end, int first_n, float *to)
{
    const struct general_layer *g = &l->general;
    const int taps = l->u->kernel * l->u->kernel;
    for (int o = first; o < end; o++)
        for (int t = 0; t < taps; t++) {
            const float *from = w + (size_t)o * g->per_k * taps + t;
            float *row = to + ((size_t)t * g->n + first_n + o) * PANEL;
            for (int j = 0; j < n; j++)
                row[j] = from[(size_t)j * taps];
        }
}

/* The columns of each group of a panel; back: of the groups' output channels o..o_end-1. */
static void pack_panel(const struct packing *p, int block, int panel, int o, int o_end)
{
    const struct layer *l = p->l;
    const struct general_layer *g = &l->general;
    const int width = p->back ? g->k : g->n, per = p->back ? g->per_k : g->per_n, taps = l->u->kernel * l->u->kernel;
    const int first = panel * PANEL, end = first + PANEL < width ? first + PANEL : width, groups = g->n / g->per_n;
    float *to = p->to + (size_t)(block * panels_of(l, p->back) + panel) * panel_floats(l, p->back);
    if (o == 0 && (groups > 1 || end - first < PANEL))
        memset(to, 0, panel_floats(l, p->back) * sizeof *to);
    for (int c = first; c < end;) {
        const int group = c / per, n = (group + 1) * per < end ? (group + 1) * per - c : end - c, in = c - group * per;
        const float *w = p->w + (size_t)(block * groups + group) * g->per_n * g->per_k * taps;
        if (p->back)
            pack_rows(l, w + (size_t)in * taps, n, o, o_end, group * g->per_n, to + (c - first));
        else
            pack_columns(l, w + (size_t)in * g->per_k * taps, n, group * g->per_k, to + (c - first));
        c += n;
    }
}

/* Some panels of a block. Back they read the same rows of weights: some of those at a time. */
static void pack_task(void *context, int task, int worker)
{
    const struct packing *p = context;
    const int panels = panels_of(p->l, p->back), tasks = (panels + PACK_PANELS - 1) / PACK_PANELS, block = task / tasks;
    const int first = task % tasks * PACK_PANELS, end = first + PACK_PANELS < panels ? first + PACK_PANELS : panels;
    const int rows = p->l->general.per_n, step = p->back ? PACK_ROWS : rows;
    (void)worker;
    for (int o = 0; o < rows; o += step)
        for (int panel = first; panel < end; panel++)
            pack_panel(p, block, panel, o, o + step < rows ? o + step : rows);
}

void general_pack(struct model *m, const struct layer *l, const float *w, bool back, float *to)
{
    struct packing p = { l, w, to, back };
    pool_run(m->pool, pack_task, &p, l->general.blocks * ((panels_of(l, back) + PACK_PANELS - 1) / PACK_PANELS));
}

/* --- rows ---------------------------------------------------------------------------------------------------------- */

struct gemm_job {
    const struct model *m;
    const struct layer *l;
    bool back, accumulate;
    struct plane_view from;
    float *to;
    size_t to_image;       /* floats between images of the result */
    int to_cs, width, height; /* of the result */
    const float *packed;
    int n, segments, depth, panels;
    bool by_position;      /* rows of a tile: one pixel of several images */
    int tiles, chunks, splits; /* tiles of all rows; chunks of them, and parts of the columns, are tasks */
};

/* A row: the pixel of the result that it makes. */
struct pixel {
    int image, y, x, member; /* member: of the images that go together, the image is group + member */
};

static int tile_rows(const struct gemm_job *j)
{
    return j->m->k->gemm_rows;
}

static struct pixel pixel_at(const struct gemm_job *j, int row)
{
    const int px = j->width * j->height, rows = tile_rows(j);
    const int step = j->back ? j->l->u->stride : 1;
    struct pixel p = { 0 };
    if (j->by_position) {
        const int group = row / (rows * px), rest = row % (rows * px);
        p = (struct pixel){ group * rows, rest / rows / j->width, rest / rows % j->width, rest % rows };
        return p;
    }
    p.image = row / px;
    p.y = row % px / j->width;
    int q = row % px % j->width, first = 0;
    while (q >= (j->width - first + step - 1) / step) {
        q -= (j->width - first + step - 1) / step;
        first++;
    }
    p.x = first + q * step;
    return p;
}

/* Pixels of one remainder by the stride follow each other in a row of the result: they meet the same part of the kernel. */
static void next_pixel(const struct gemm_job *j, struct pixel *p)
{
    const int step = j->back && !j->by_position ? j->l->u->stride : 1;
    if (j->by_position && ++p->member < tile_rows(j))
        return;
    p->member = 0;
    p->x += step;
    if (p->x >= j->width) {
        p->x = p->x % step + 1;
        if (p->x < step && p->x < j->width)
            return;
        p->x = 0;
        p->y++;
    }
    if (p->y < j->height)
        return;
    p->y = 0;
    p->image += j->by_position ? tile_rows(j) : 1;
}

/* Forward: where the segments of a window begin. */
static void find_window(const struct gemm_job *j, const struct pixel *p, const float **at, size_t step)
{
    const struct unit *u = j->l->u;
    const float *image = j->from.data + (p->image + p->member) * j->from.image;
    const int top = p->y * u->stride - u->pad, left = p->x * u->stride - u->pad;
    const bool whole_rows = j->l->general.rows;
    for (int kh = 0; kh < u->kernel; kh++) {
        const int y = top + kh;
        const bool in = y >= 0 && y < u->in_height;
        const float *row = image + y * j->from.row + left * j->from.pix;
        if (whole_rows) {
            *at = in ? row : NULL;
            at += step;
            continue;
        }
        for (int kw = 0; kw < u->kernel; kw++, at += step)
            *at = in && left + kw >= 0 && left + kw < u->in_width ? row + kw * j->from.pix : NULL;
    }
}

/* Back: the gradients of the outputs that an input pixel went into, by pixel of the kernel. */
static void find_outputs(const struct gemm_job *j, const struct pixel *p, const float **at, size_t step)
{
    const struct unit *u = j->l->u;
    const float *image = j->from.data + (p->image + p->member) * j->from.image;
    for (int kh = 0; kh < u->kernel; kh++) {
        const int y = p->y + u->pad - kh;
        const bool in = y >= 0 && y % u->stride == 0 && y / u->stride < u->height;
        const float *row = image + y / u->stride * j->from.row;
        for (int kw = 0; kw < u->kernel; kw++, at += step) {
            const int x = p->x + u->pad - kw;
            *at = in && x >= 0 && x % u->stride == 0 && x / u->stride < u->width ? row + x / u->stride * j->from.pix : NULL;
        }
    }
}

/* Pointers for the tiles of a chunk; what is not there is zeros, and a segment that no row of a tile has is not used. */
static void gather_tiles(const struct gemm_job *j, struct scratch *w, int first_tile, int tiles)
{
    const int rows = tile_rows(j), n = tiles * rows;
    struct pixel p = pixel_at(j, first_tile * rows);
    for (int r = 0; r < n; r++, next_pixel(j, &p)) {
        if (p.image + p.member < j->n) {
            (j->back ? find_outputs : find_window)(j, &p, w->rows + r, (size_t)n);
            w->to[r] = j->to + (size_t)(p.image + p.member) * j->to_image + ((size_t)p.y * j->width + p.x) * j->to_cs;
            continue;
        }
        w->to[r] = w->nowhere;
        for (int s = 0; s < j->segments; s++)
            w->rows[s * n + r] = NULL;
    }
    for (int s = 0; s < j->segments; s++)
        for (int t = 0; t < tiles; t++) {
            const float **at = w->rows + s * n + t * rows;
            bool used = false;
            for (int r = 0; r < rows; r++) {
                used |= at[r] != NULL;
                at[r] = at[r] ? at[r] : j->m->general.zeros;
            }
            w->used[s * tiles + t] = used;
        }
}

/* --- products ------------------------------------------------------------------------------------------------------ */

/* Part of the sum: some segments whole, or some of the depth of one. */
struct gemm_part {
    int segment, segments, at, depth;
};

static void multiply_tiles(const struct gemm_job *j, const struct scratch *w, int tiles, int panel, int panels, const struct gemm_part *p)
{
    const int rows = tile_rows(j), block = panel / j->panels;
    struct gemm_tile t = { .segments = p->segments, .k = p->depth, .a_step = tiles * rows, .at = (ptrdiff_t)block * j->depth + p->at,
                           .used_step = tiles, .panel = (ptrdiff_t)j->segments * j->depth * PANEL,
                           .c_at = (ptrdiff_t)block * (j->back ? j->l->general.k : j->l->general.n) + (panel % j->panels) * PANEL,
                           .load = j->accumulate || p->segment || p->at };
    t.b = j->packed + panel * t.panel + ((ptrdiff_t)p->segment * j->depth + p->at) * PANEL;
    for (int tile = 0; tile < tiles; tile++) {
        t.a = w->rows + p->segment * t.a_step + tile * rows;
        t.used = w->used + p->segment * tiles + tile;
        t.c = w->to + tile * rows;
        j->m->k->gemm(&t, panels);
    }
}

/* The sum in parts whose weights stay in the first cache, columns within. */
static void multiply_chunk(const struct gemm_job *j, const struct scratch *w, int tiles, int first, int end)
{
    const int step = j->m->k->gemm_panels, deep = GEMM_DEPTH / PANEL / step, cuts = (j->depth + deep - 1) / deep;
    const int whole = deep / j->depth > 1 ? deep / j->depth : 1, depth = padded((j->depth + cuts - 1) / cuts, 8);
    for (int s = 0; s < j->segments; s += whole)
        for (int at = 0; at < j->depth; at += depth) {
            const struct gemm_part part = { s, s + whole < j->segments ? whole : j->segments - s, at,
                                            at + depth < j->depth ? depth : j->depth - at };
            for (int p = first; p < end;) {
                const int left = j->panels - p % j->panels, most = left < end - p ? left : end - p, n = most < step ? most : step;
                multiply_tiles(j, w, tiles, p, n, &part);
                p += n;
            }
        }
}

static void product_task(void *context, int task, int worker)
{
    const struct gemm_job *j = context;
    struct scratch *w = &j->m->scratch[worker];
    const int chunk = task / j->splits, split = task % j->splits, panels = j->panels * j->l->general.blocks;
    const int first = (int)((long)j->tiles * chunk / j->chunks), end = (int)((long)j->tiles * (chunk + 1) / j->chunks);
    gather_tiles(j, w, first, end - first);
    multiply_chunk(j, w, end - first, panels * split / j->splits, panels * (split + 1) / j->splits);
}

static void run_gemm(struct model *m, struct gemm_job *j)
{
    const int px = j->width * j->height, rows = m->k->gemm_rows, panels = j->panels * j->l->general.blocks;
    j->by_position = px <= BY_POSITION_PX && j->n >= rows;
    j->tiles = j->by_position ? (j->n + rows - 1) / rows * px : (j->n * px + rows - 1) / rows;
    j->chunks = (j->tiles + CHUNK_TILES - 1) / CHUNK_TILES;
    const int wanted = (4 * m->threads + j->chunks - 1) / j->chunks, most = (panels + m->k->gemm_panels - 1) / m->k->gemm_panels;
    j->splits = wanted < most ? wanted : most;
    pool_run(m->pool, product_task, j, j->chunks * j->splits);
}

void general_forward(struct model *m, const struct layer *l, struct plane_view in, const float *packed, float *out, size_t stride, bool accumulate)
{
    const struct unit *u = l->u;
    struct gemm_job j = { m, l, false, accumulate, in, out, stride, l->ocs, u->width, u->height, packed, m->n, l->general.segments,
                          l->general.run, panels_of(l, false), .tiles = 0 };
    run_gemm(m, &j);
}

void general_back(struct model *m, const struct layer *l, const float *draw, const float *packed, float *in, size_t stride, int cs,
                  bool accumulate)
{
    const struct unit *u = l->u;
    const struct plane_view from = { draw, (ptrdiff_t)l->size + CHANNEL_PAD, (ptrdiff_t)u->width * l->ocs, l->ocs };
    struct gemm_job j = { m, l, true, accumulate, from, in, stride, cs, u->in_width, u->in_height, packed, m->n, u->kernel * u->kernel,
                          l->general.n, panels_of(l, true), .tiles = 0 };
    run_gemm(m, &j);
}
