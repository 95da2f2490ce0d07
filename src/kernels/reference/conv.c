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

static int groups(int channels)
{
    return (channels + LANES - 1) / LANES;
}

size_t ref_packed_count(int in_channels, int channels)
{
    size_t forward = (size_t)groups(channels) * (size_t)in_channels;
    size_t backward = (size_t)groups(in_channels) * (size_t)channels;
    return 9 * LANES * (forward > backward ? forward : backward);
}

/* packed[group][row][column * in + i][lane]: the channel o = 4 group + lane of the output. */
static double *packed_at(double *packed, int in_channels, int o, int row, int column, int i)
{
    size_t run = (size_t)(o / LANES * 3 + row) * (size_t)(3 * in_channels) + (size_t)(column * in_channels + i);
    return &packed[run * LANES + (size_t)(o % LANES)];
}

void ref_pack(const struct unit *u, const float *weight, struct packed *out)
{
    int in = u->in_channels, channels = u->channels;
    memset(out->forward, 0, sizeof(double) * ref_packed_count(in, channels));
    memset(out->backward, 0, sizeof(double) * ref_packed_count(in, channels));
    for (int o = 0; o < channels; o++)
        for (int i = 0; i < in; i++)
            for (int row = 0; row < 3; row++)
                for (int column = 0; column < 3; column++) {
                    double w = weight[u->weight + (size_t)(((o * in + i) * 3 + row) * 3 + column)];
                    *packed_at(out->forward, in, o, row, column, i) = w;
                    *packed_at(out->backward, channels, i, 2 - row, 2 - column, o) = w;
                }
}

static void put(double *out, const lane4 *sum, int n, bool add)
{
    for (int j = 0; j < n; j++)
        out[j] = add ? out[j] + (*sum)[j] : (*sum)[j];
}

WIDE_COPY void ref_conv(const struct conv_size *size, const double *in, const double *weights, double *out, bool add)
{
    const int run = 3 * size->in_channels, row_step = (size->in_width + 2) * size->in_channels;
    for (int y = 0; y < size->height; y++)
        for (int x = 0; x < size->width; x += PIXELS)
            for (int group = 0; group < groups(size->channels); group++) {
                const double *pixel[PIXELS];
                for (int p = 0; p < PIXELS; p++) { /* a short last group computes its last pixel again */
                    int column = x + p < size->width ? x + p : size->width - 1;
                    pixel[p] = in + (size_t)(y * size->stride) * (size_t)row_step +
                               (size_t)(column * size->stride * size->in_channels);
                }
                lane4 s0 = { 0 }, s1 = { 0 }, s2 = { 0 }, s3 = { 0 };
                for (int row = 0; row < 3; row++) {
                    const lane4 *w = (const lane4 *)weights + (size_t)(group * 3 + row) * (size_t)run;
                    const double *p0 = pixel[0] + row * row_step, *p1 = pixel[1] + row * row_step;
                    const double *p2 = pixel[2] + row * row_step, *p3 = pixel[3] + row * row_step;
                    for (int k = 0; k < run; k++) {
                        s0 += p0[k] * w[k];
                        s1 += p1[k] * w[k];
                        s2 += p2[k] * w[k];
                        s3 += p3[k] * w[k];
                    }
                }
                const lane4 *sum[PIXELS] = { &s0, &s1, &s2, &s3 };
                int left = size->channels - group * LANES, n = left < LANES ? left : LANES;
                for (int p = 0; p < PIXELS && x + p < size->width; p++)
                    put(out + (size_t)((y * size->width + x + p) * size->channels + group * LANES), sum[p], n, add);
            }
}

void ref_spread(const struct unit *u, const double *ga, double *out)
{
    size_t run = (size_t)u->channels, row_step = (size_t)(u->in_width + 2) * run;
    memset(out, 0, sizeof(double) * ref_padded(u->in_height, u->in_width, u->channels));
    for (int y = 0; y < u->height; y++)
        for (int x = 0; x < u->width; x++)
            memcpy(out + (size_t)(y * u->stride + 1) * row_step + (size_t)(x * u->stride + 1) * run,
                   ga + (size_t)(y * u->width + x) * run, sizeof(double) * run);
}

struct weights_job {
    struct model *m;
    const struct unit *u;
    const double *in, *ga;
    bool add;
};

enum { CHUNK = 16, BAND = 64 }; /* weights of one work item; pixels whose inputs stay in the first cache */

/* Four weights k .. k+3 of a window's row and four channels, over the pixels of rows y0 .. y1-1 of one image. */
WIDE_COPY static void correlate(const struct unit *u, const double *in, const double *ga, int y0, int y1, int k, int c,
                                double *out)
{
    const int run = 3 * u->in_channels, row_step = (u->in_width + 2) * u->in_channels;
    const int lanes = u->channels - c < LANES ? u->channels - c : LANES;
    int at[4];
    for (int j = 0; j < 4; j++)
        at[j] = k + j < run ? k + j : run - 1; /* beyond the end: computed and not stored */
    lane4 s0 = { 0 }, s1 = { 0 }, s2 = { 0 }, s3 = { 0 };
    for (int y = y0; y < y1; y++) {
        const double *window = in + (size_t)(y * u->stride) * (size_t)row_step;
        const double *gradient = ga + (size_t)(y * u->width * u->channels + c);
        for (int x = 0; x < u->width; x++) {
            lane4 g;
            memcpy(&g, gradient, sizeof g); /* ga has room for a last group that is not full */
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
        put(out + (size_t)((k + j) * u->channels + c), sum[j], lanes, true);
}

static void weights_item(void *context, int index, int worker)
{
    const struct weights_job *job = context;
    const struct unit *u = job->u;
    const int run = 3 * u->in_channels, chunks = (run + CHUNK - 1) / CHUNK;
    const int row = index / chunks, from = index % chunks * CHUNK, to = from + CHUNK < run ? from + CHUNK : run;
    const int band = BAND / u->width > 1 ? BAND / u->width : 1;
    double *out = job->m->g_weight + (size_t)(row * run * u->channels);
    (void)worker;
    if (!job->add)
        memset(out + (size_t)(from * u->channels), 0, sizeof(double) * (size_t)((to - from) * u->channels));
    for (uint32_t i = 0; i < job->m->n; i++) {
        const double *in = job->in + i * ref_padded(u->in_height, u->in_width, u->in_channels) +
                           (size_t)row * (size_t)(u->in_width + 2) * (size_t)u->in_channels;
        const double *ga = job->ga + i * ref_plain(u);
        for (int y = 0; y < u->height; y += band) {
            int end = y + band < u->height ? y + band : u->height;
            for (int c = 0; c < u->channels; c += LANES)
                for (int k = from; k < to; k += 4)
                    correlate(u, in, ga, y, end, k, c, out);
        }
    }
}

void ref_conv_weights(struct model *m, const struct unit *u, const double *in, const double *ga, bool add)
{
    struct weights_job job = { .m = m, .u = u, .in = in, .ga = ga, .add = add };
    int chunks = (3 * u->in_channels + CHUNK - 1) / CHUNK;
    parallel_each(m->threads, 3 * chunks, weights_item, &job);
}
