#include "config.h"
#include "kernels/reference/reference.h"

#include <math.h>
#include <string.h>

/* Pooling of one image. All three are linear once it is known who wins, so a derivative along a direction takes the same way. */

/* A window without its padding: rows row .. end_row - 1 of the input, and columns. */
struct window {
    int row, end_row, x, end_x;
};

static struct window window_of(const struct unit *u, int row, int x)
{
    if (u->kind == UNIT_GLOBAL_POOL)
        return (struct window){ 0, u->in_height, 0, u->in_width };
    const int top = row * u->stride - u->pad, left = x * u->stride - u->pad, bottom = top + u->kernel, right = left + u->kernel;
    return (struct window){ top > 0 ? top : 0, bottom < u->in_height ? bottom : u->in_height, left > 0 ? left : 0,
                            right < u->in_width ? right : u->in_width };
}

/* The share of one pixel in a mean: the padding counts. */
static double mean_share(const struct unit *u)
{
    return u->kind == UNIT_GLOBAL_POOL ? 1.0 / (u->in_height * u->in_width) : 1.0 / (u->kernel * u->kernel);
}

/* A NaN wins, so that the loss shows it. */
static void find_winners(const struct unit *u, const struct grid *g, const struct window *w, const double *in, int32_t *winner)
{
    for (int c = 0; c < u->channels; c++) {
        double best = -INFINITY;
        winner[c] = w->row * u->in_width + w->x;
        for (int row = w->row; row < w->end_row; row++)
            for (int x = w->x; x < w->end_x; x++) {
                const double value = in[ref_at(g, row, x) + (size_t)c];
                if (!(value > best) && !isnan(value))
                    continue;
                best = value;
                winner[c] = row * u->in_width + x;
            }
    }
}

static void mean_window(const struct unit *u, const struct grid *g, const struct window *w, const double *in, double *a)
{
    memset(a, 0, sizeof *a * (size_t)u->channels);
    for (int row = w->row; row < w->end_row; row++)
        for (int x = w->x; x < w->end_x; x++) {
            const double *pixel = in + ref_at(g, row, x);
            for (int c = 0; c < u->channels; c++)
                a[c] += pixel[c];
        }
    for (int c = 0; c < u->channels; c++)
        a[c] *= mean_share(u);
}

void ref_pool(const struct model *m, int unit, int image, const double *in, double *a, bool again)
{
    const struct unit *u = &m->net->units[unit];
    const struct grid *g = ref_in_grid(m, u);
    int32_t *winner = u->kind == UNIT_MAX_POOL ? m->unit[unit].winner + (size_t)image * ref_plain(u) : NULL;
    for (int row = 0; row < u->height; row++)
        for (int x = 0; x < u->width; x++) {
            const struct window w = window_of(u, row, x);
            const size_t at = (size_t)(row * u->width + x) * (size_t)u->channels;
            if (winner && !again)
                find_winners(u, g, &w, in, winner + at);
            if (!winner)
                mean_window(u, g, &w, in, a + at);
            for (int c = 0; winner && c < u->channels; c++) {
                const int pixel = winner[at + (size_t)c];
                a[at + (size_t)c] = in[ref_at(g, pixel / u->in_width, pixel % u->in_width) + (size_t)c];
            }
        }
}

void ref_pool_backward(const struct model *m, int unit, int image, const double *ga, double *g_in)
{
    const struct unit *u = &m->net->units[unit];
    const size_t channels = (size_t)u->channels;
    const int32_t *winner = u->kind == UNIT_MAX_POOL ? m->unit[unit].winner + (size_t)image * ref_plain(u) : NULL;
    for (size_t k = 0; winner && k < ref_plain(u); k++)
        g_in[(size_t)winner[k] * channels + k % channels] += ga[k];
    for (int row = 0; !winner && row < u->height; row++)
        for (int x = 0; x < u->width; x++) {
            const struct window w = window_of(u, row, x);
            const double *g = ga + (size_t)(row * u->width + x) * channels;
            for (int r = w.row; r < w.end_row; r++)
                for (int column = w.x; column < w.end_x; column++)
                    for (size_t c = 0; c < channels; c++)
                        g_in[(size_t)(r * u->in_width + column) * channels + c] += g[c] * mean_share(u);
        }
}
