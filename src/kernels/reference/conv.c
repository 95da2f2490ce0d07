#include "config.h"
#include "kernels/reference/reference.h"

#include "base/parallel.h"

#include <string.h>

/* Four output channels at a time. Every lane is one output number and adds its terms in the same order, so the
 * result is the same with or without wide registers; only the vector copies differ in speed. */
typedef double lane4 __attribute__((vector_size(32)));
enum { LANES = 4, PIXELS = 4 };

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
#define WIDE_COPY __attribute__((target_clones("avx2", "default")))
#else
#define WIDE_COPY
#endif

static int blocks(int channels)
{
    return (channels + LANES - 1) / LANES;
}

size_t ref_packed_count(const struct unit *u)
{
    const int in = u->in_channels / u->groups, out = u->channels / u->groups;
    const int forward = blocks(out) * in, backward = blocks(in) * out;
    return (size_t)(u->kernel * u->kernel * u->groups * LANES) * (size_t)(forward > backward ? forward : backward);
}

/* The loops take a window in pieces that lie one after another: its rows, or with groups its pixels. */
struct conv_pieces {
    int n, run;                                    /* run: numbers of a piece */
    int offset[NET_MAX_KERNEL * NET_MAX_KERNEL]; /* from the window's first number */
};

static struct conv_pieces pieces_of(int kernel, int groups, int in_channels, int row_step)
{
    const int columns = groups == 1 ? 1 : kernel;
    struct conv_pieces p = { kernel * columns, (groups == 1 ? kernel : 1) * (in_channels / groups), { 0 } };
    for (int i = 0; i < p.n; i++)
        p.offset[i] = i / columns * row_step + i % columns * in_channels;
    return p;
}

/* packed[group][block][row][column][i][lane]: channel o = 4 block + lane of the group's `out`, its channel i of `in`. */
struct packed_place {
    int kernel, in, out; /* of a group */
};

static double *packed_at(double *packed, const struct packed_place *z, int group, int o, int row, int column, int i)
{
    size_t at = (size_t)(group * blocks(z->out) + o / LANES);
    at = (at * (size_t)z->kernel + (size_t)row) * (size_t)z->kernel + (size_t)column;
    return &packed[(at * (size_t)z->in + (size_t)i) * LANES + (size_t)(o % LANES)];
}

void ref_pack(const struct unit *u, enum way direction, const float *params, double *out)
{
    const int in = u->in_channels / u->groups, channels = u->channels / u->groups, k = u->kernel;
    const struct packed_place forward = { k, in, channels }, backward = { k, channels, in };
    const float *w = params + u->weight;
    memset(out, 0, sizeof *out * ref_packed_count(u));
    for (int o = 0; o < u->channels; o++)
        for (int i = 0; i < in; i++)
            for (int row = 0; row < k; row++)
                for (int column = 0; column < k; column++, w++) {
                    const int group = o / channels, c = o % channels;
                    if (direction == FORWARD)
                        *packed_at(out, &forward, group, c, row, column, i) = *w;
                    else
                        *packed_at(out, &backward, group, i, k - 1 - row, k - 1 - column, c) = *w;
                }
}

struct conv_size ref_forward_size(const struct unit *u, const struct grid *in)
{
    return (struct conv_size){ u->kernel, u->stride, u->groups, u->in_channels, u->channels, (in->width + 2 * in->border) * in->channels,
                               u->height, u->width };
}

struct conv_size ref_backward_size(const struct unit *u)
{
    return (struct conv_size){ u->kernel, 1, u->groups, u->channels, u->in_channels, (u->in_width + u->kernel - 1) * u->channels,
                               u->in_height, u->in_width };
}

static void put_lanes(double *out, const lane4 *sum, int n, bool add)
{
    for (int j = 0; j < n; j++)
        out[j] = add ? out[j] + (*sum)[j] : (*sum)[j];
}

/* The channels of one group. */
WIDE_COPY static void conv_group(const struct conv_size *size, const struct conv_pieces *pieces, const double *in, const double *weights,
                                 double *out, bool add)
{
    const int channels = size->channels / size->groups, run = pieces->run;
    for (int y = 0; y < size->height; y++)
        for (int x = 0; x < size->width; x += PIXELS)
            for (int block = 0; block < blocks(channels); block++) {
                const double *pixel[PIXELS];
                for (int p = 0; p < PIXELS; p++) { /* a short last group of pixels computes its last one again */
                    int column = x + p < size->width ? x + p : size->width - 1;
                    pixel[p] = in + (size_t)(y * size->stride) * (size_t)size->row_step +
                               (size_t)(column * size->stride * size->in_channels);
                }
                lane4 s0 = { 0 }, s1 = { 0 }, s2 = { 0 }, s3 = { 0 };
                for (int piece = 0; piece < pieces->n; piece++) {
                    const lane4 *w = (const lane4 *)weights + (size_t)(block * pieces->n + piece) * (size_t)run;
                    const double *p0 = pixel[0] + pieces->offset[piece], *p1 = pixel[1] + pieces->offset[piece];
                    const double *p2 = pixel[2] + pieces->offset[piece], *p3 = pixel[3] + pieces->offset[piece];
                    for (int k = 0; k < run; k++) {
                        s0 += p0[k] * w[k];
                        s1 += p1[k] * w[k];
                        s2 += p2[k] * w[k];
                        s3 += p3[k] * w[k];
                    }
                }
                const lane4 *sum[PIXELS] = { &s0, &s1, &s2, &s3 };
                int left = channels - block * LANES, n = left < LANES ? left : LANES;
                for (int p = 0; p < PIXELS && x + p < size->width; p++)
                    put_lanes(out + (size_t)(y * size->width + x + p) * (size_t)size->channels + block * LANES, sum[p], n, add);
            }
}

void ref_conv(const struct conv_size *size, const double *in, const double *packed, double *out, bool add)
{
    const struct conv_pieces pieces = pieces_of(size->kernel, size->groups, size->in_channels, size->row_step);
    const int channels = size->channels / size->groups;
    const size_t weights = (size_t)(blocks(channels) * LANES) * (size_t)(pieces.n * pieces.run);
    for (int group = 0; group < size->groups; group++)
        conv_group(size, &pieces, in + group * (size->in_channels / size->groups), packed + (size_t)group * weights,
                   out + group * channels, add);
}

/* The count of numbers that ref_spread() writes, on the grid of the unit's input: stride - 1 zeros between, and about it
 * what windows with pixels there can reach. */
size_t ref_spread_count(const struct unit *u)
{
    return (size_t)(u->in_height + u->kernel - 1) * (size_t)(u->in_width + u->kernel - 1) * (size_t)u->channels;
}

void ref_spread(const struct unit *u, const double *ga, double *out)
{
    const size_t run = (size_t)u->channels, row_step = (size_t)(u->in_width + u->kernel - 1) * run;
    const int before = u->kernel - 1 - u->pad;
    memset(out, 0, sizeof(double) * ref_spread_count(u));
    for (int y = 0; y < u->height; y++)
        for (int x = 0; x < u->width; x++)
            memcpy(out + (size_t)(y * u->stride + before) * row_step + (size_t)(x * u->stride + before) * run,
                   ga + (size_t)(y * u->width + x) * run, sizeof(double) * run);
}

struct weights_job {
    struct model *m;
    const struct unit *u;
    const struct grid *grid;
    struct conv_pieces pieces;
    int chunks; /* of a piece */
    const double *in, *ga;
    bool add;
};

enum { CHUNK = 16, BAND = 64 }; /* weights of one work item; pixels whose inputs stay in the first cache */

/* Rows y0 .. y1-1 of one image. */
struct band {
    int y0, y1;
    const double *in, *ga; /* of the image: where the piece of the first window starts */
};

/* Four weights k .. k+3 of a piece of the window and four channels from c of a group. */
WIDE_COPY static void correlate(const struct weights_job *job, const struct band *band, int k, int c, int lanes, double *out)
{
    const struct unit *u = job->u;
    const int run = job->pieces.run, row_step = (job->grid->width + 2 * job->grid->border) * u->in_channels;
    int at[4];
    for (int j = 0; j < 4; j++)
        at[j] = k + j < run ? k + j : run - 1; /* beyond the end: computed and not stored */
    lane4 s0 = { 0 }, s1 = { 0 }, s2 = { 0 }, s3 = { 0 };
    for (int y = band->y0; y < band->y1; y++) {
        const double *window = band->in + (size_t)(y * u->stride) * (size_t)row_step;
        const double *gradient = band->ga + (size_t)(y * u->width) * (size_t)u->channels + c;
        for (int x = 0; x < u->width; x++) {
            lane4 g;
            memcpy(&g, gradient, sizeof g); /* ga has room for a last group of channels that is not full */
            s0 += window[at[0]] * g;
            s1 += window[at[1]] * g;
            s2 += window[at[2]] * g;
            s3 += window[at[3]] * g;
            window += u->stride * u->in_channels;
            gradient += u->channels;
        }
    }
    const lane4 *sum[4] = { &s0, &s1, &s2, &s3 };
    for (int j = 0; j < 4 && k + j < run; j++)
        put_lanes(out + (size_t)(k + j) * (size_t)u->channels + c, sum[j], lanes, true);
}

/* Weights from .. to - 1 of a piece. */
static void correlate_band(const struct weights_job *job, const struct band *band, int from, int to, double *out)
{
    const struct unit *u = job->u;
    const int channels = u->channels / u->groups;
    for (int group = 0; group < u->groups; group++) {
        struct band part = *band;
        part.in += group * (u->in_channels / u->groups);
        for (int c = 0; c < channels; c += LANES)
            for (int k = from; k < to; k += 4)
                correlate(job, &part, k, group * channels + c, channels - c < LANES ? channels - c : LANES, out);
    }
}

static void weights_item(void *context, int index, int worker)
{
    const struct weights_job *job = context;
    const struct unit *u = job->u;
    const int run = job->pieces.run, piece = index / job->chunks;
    const int from = index % job->chunks * CHUNK, to = from + CHUNK < run ? from + CHUNK : run;
    const int rows = BAND / u->width > 1 ? BAND / u->width : 1;
    double *out = job->m->g_weight + (size_t)(piece * run) * (size_t)u->channels;
    (void)worker;
    if (!job->add)
        memset(out + (size_t)from * (size_t)u->channels, 0, sizeof(double) * (size_t)(to - from) * (size_t)u->channels);
    for (uint32_t i = 0; i < job->m->n; i++)
        for (int y = 0; y < u->height; y += rows) {
            const struct band band = { y, y + rows < u->height ? y + rows : u->height,
                                       job->in + i * ref_padded(job->grid) + ref_at(job->grid, -u->pad, -u->pad) + job->pieces.offset[piece],
                                       job->ga + i * ref_plain(u) };
            correlate_band(job, &band, from, to, out);
        }
}

void ref_conv_weights(struct model *m, const struct unit *u, const double *in, const double *ga, bool add)
{
    const struct grid *grid = ref_in_grid(m, u);
    struct weights_job job = { .m = m, .u = u, .grid = grid, .in = in, .ga = ga, .add = add };
    job.pieces = pieces_of(u->kernel, u->groups, u->in_channels, (grid->width + 2 * grid->border) * u->in_channels);
    job.chunks = (job.pieces.run + CHUNK - 1) / CHUNK;
    parallel_each(m->threads, job.pieces.n * job.chunks, weights_item, &job);
}

/* [kernel][kernel][in][channels] -> PyTorch's [channels][in][kernel][kernel]. */
void ref_store_weights(const struct model *m, const struct unit *u, float *grad)
{
    const int in = u->in_channels / u->groups, window = u->kernel * u->kernel;
    float *to = grad + u->weight;
    for (int o = 0; o < u->channels; o++)
        for (int i = 0; i < in; i++)
            for (int k = 0; k < window; k++)
                *to++ = (float)m->g_weight[(size_t)(k * in + i) * (size_t)u->channels + (size_t)o];
}
