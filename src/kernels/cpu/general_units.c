#include "config.h"
#include "kernels/cpu/general.h"

#include <math.h>
#include <string.h>

/* --- pools --------------------------------------------------------------------------------------------------------- */

/* An output pixel's window, cut at the edges of the input. */
struct window {
    int top, left, y, y_end, x, x_end;
};

static struct window window_of(const struct unit *u, int y, int x)
{
    struct window w = { .top = y * u->stride - u->pad, .left = x * u->stride - u->pad };
    if (u->kind == UNIT_GLOBAL_POOL)
        return (struct window){ 0, 0, 0, u->in_height, 0, u->in_width };
    w.y = w.top < 0 ? 0 : w.top;
    w.x = w.left < 0 ? 0 : w.left;
    w.y_end = w.top + u->kernel < u->in_height ? w.top + u->kernel : u->in_height;
    w.x_end = w.left + u->kernel < u->in_width ? w.left + u->kernel : u->in_width;
    return w;
}

static double share_of(const struct unit *u)
{
    return u->kind == UNIT_GLOBAL_POOL ? 1.0 / (u->in_height * u->in_width) : 1.0 / (u->kernel * u->kernel);
}

/* The greatest of each channel, or the last NaN, and which pixel of the window it is. */
static void greatest(const struct unit *u, const struct window *w, const struct plane_view *in, const float *from, float *out, uint8_t *winner)
{
    for (int y = w->y; y < w->y_end; y++)
        for (int x = w->x; x < w->x_end; x++) {
            const float *at = from + y * in->row + x * in->pix;
            const uint8_t place = (uint8_t)((y - w->top) * u->kernel + x - w->left);
            const bool first = y == w->y && x == w->x;
            for (int c = 0; c < u->channels; c++) {
                const bool wins = first || at[c] > out[c] || isnan(at[c]);
                out[c] = wins ? at[c] : out[c];
                winner[c] = wins ? place : winner[c];
            }
        }
}

static void mean(const struct unit *u, const struct window *w, const struct plane_view *in, const float *from, float *out)
{
    const double share = share_of(u);
    for (int c = 0; c < u->channels; c += CHANNEL_PAD) {
        const int n = u->channels - c < CHANNEL_PAD ? u->channels - c : CHANNEL_PAD;
        double sum[CHANNEL_PAD] = { 0 };
        for (int y = w->y; y < w->y_end; y++)
            for (int x = w->x; x < w->x_end; x++)
                for (int k = 0; k < n; k++)
                    sum[k] += (double)from[y * in->row + x * in->pix + c + k];
        for (int k = 0; k < n; k++)
            out[c + k] = (float)(sum[k] * share);
    }
}

static const float *winner_of(const struct unit *u, const struct window *w, const struct plane_view *in, const float *from, uint8_t place)
{
    return from + (w->top + place / u->kernel) * in->row + (w->left + place % u->kernel) * in->pix;
}

void general_pool(const struct layer *l, const struct plane_view *in, const float *from, float *out, uint8_t *winner, bool along)
{
    const struct unit *u = l->u;
    for (int y = 0; y < u->height; y++)
        for (int x = 0; x < u->width; x++, out += l->ocs, winner += winner ? l->ocs : 0) {
            const struct window w = window_of(u, y, x);
            if (u->kind != UNIT_MAX_POOL)
                mean(u, &w, in, from, out);
            else if (!along)
                greatest(u, &w, in, from, out, winner);
            else
                for (int c = 0; c < u->channels; c++)
                    out[c] = winner_of(u, &w, in, from, winner[c])[c];
        }
}

void general_pool_back(const struct layer *l, const struct plane_view *in, const float *g, float *to, const uint8_t *winner)
{
    const struct unit *u = l->u;
    const float share = (float)share_of(u);
    for (int y = 0; y < u->height; y++)
        for (int x = 0; x < u->width; x++, g += l->ocs, winner += winner ? l->ocs : 0) {
            const struct window w = window_of(u, y, x);
            for (int c = 0; winner && c < u->channels; c++)
                to[winner_of(u, &w, in, to, winner[c]) - to + c] += g[c];
            for (int iy = w.y; !winner && iy < w.y_end; iy++)
                for (int ix = w.x; ix < w.x_end; ix++)
                    for (int c = 0; c < u->channels; c++)
                        to[iy * in->row + ix * in->pix + c] += g[c] * share;
        }
}

/* --- cosine units: a linear unit of x/|x| and W_c/|W_c| -------------------------------------------------------------- */

static double row_length(int n, const float *x)
{
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += (double)x[i] * (double)x[i];
    return fmax(sqrt(sum), NORM_EPS);
}

static double to_unit(int n, const float *x, float *u)
{
    const double norm = row_length(n, x);
    for (int i = 0; i < n; i++)
        u[i] = (float)((double)x[i] / norm);
    return norm;
}

static void to_doubles(int n, const float *from, double *to)
{
    for (int i = 0; i < n; i++)
        to[i] = (double)from[i];
}

static void to_floats(int n, const double *from, float *to, bool add)
{
    for (int i = 0; i < n; i++)
        to[i] = (float)(from[i] + (add ? (double)to[i] : 0));
}

/* R{x} -> R{x/|x|}; <u, R{x}>. */
static double r_to_unit(const struct scratch *w, int n, const float *u, double norm, const float *rx, float *ru)
{
    to_doubles(n, u, w->u);
    to_doubles(n, rx, w->r);
    const double along = unit_r(n, w->u, norm, w->r);
    to_floats(n, w->r, ru, false);
    return along;
}

/* The numbers of which a vector's own gradient is made: of x/|x| = u, |x|, and, along a direction, its gradient g, R{u}, <u, R{x}>. */
struct unit_vector {
    int n;
    const float *u, *g, *ru;
    double norm, along;
};

/* to (+)= gradient of x from that of u; with v->ru R of it, from R of that of u. */
static void from_unit(const struct scratch *w, const struct unit_vector *v, const float *of_u, float *to, bool add)
{
    to_doubles(v->n, v->u, w->u);
    to_doubles(v->n, of_u, w->rg);
    if (v->ru) {
        to_doubles(v->n, v->g, w->g);
        to_doubles(v->n, v->ru, w->r);
        unit_r_back(v->n, w->u, v->norm, v->along, w->g, w->r, w->rg);
    } else {
        unit_back(v->n, w->u, v->norm, w->rg);
    }
    to_floats(v->n, w->rg, to, add);
}

void general_cosine_weights(const struct model *m, const struct layer *l)
{
    const struct general_layer *g = &l->general;
    const size_t n = (size_t)l->u->in_channels;
    for (int c = 0; c < l->u->channels; c++)
        g->weight_norm[c] = to_unit((int)n, m->pass.params + l->u->weight + c * n, g->unit_weight + c * n);
}

void general_cosine_r_weights(const struct model *m, const struct layer *l)
{
    const struct general_layer *g = &l->general;
    const size_t n = (size_t)l->u->in_channels;
    const float *v = m->directions[0].v + l->u->weight;
    for (int c = 0; c < l->u->channels; c++)
        g->along_weight[c] = r_to_unit(&m->scratch[0], (int)n, g->unit_weight + c * n, g->weight_norm[c], v + c * n, g->r_unit_weight + c * n);
}

void general_cosine_weights_back(const struct model *m, const struct layer *l, const float *r_grad, float *out)
{
    const struct general_layer *g = &l->general;
    const size_t n = (size_t)l->u->in_channels;
    for (int c = 0; c < l->u->channels; c++) {
        const size_t at = c * n;
        struct unit_vector v = { (int)n, g->unit_weight + at, NULL, NULL, g->weight_norm[c], 0 };
        if (r_grad) {
            v.g = g->weight_grad + at;
            v.ru = g->r_unit_weight + at;
            v.along = g->along_weight[c];
        }
        from_unit(&m->scratch[0], &v, r_grad ? r_grad + at : out + at, out + at, false);
    }
}

void general_cosine_in(const struct layer *l, const float *x, int place)
{
    l->general.in_norm[place] = to_unit(l->u->in_channels, x, image_at(&l->general.unit_in, place));
}

void general_cosine_r_in(const struct scratch *w, const struct layer *l, const float *rx, int place, int r_place)
{
    const struct general_layer *g = &l->general;
    g->along_in[r_place] = r_to_unit(w, l->u->in_channels, image_at(&g->unit_in, place), g->in_norm[place], rx,
                                     g->r_unit_in + (size_t)r_place * g->unit_in.stride);
}

void general_cosine_in_back(const struct scratch *w, const struct layer *l, int place, int r_place, bool along, float *to, bool add)
{
    const struct general_layer *g = &l->general;
    const size_t at = (size_t)r_place * g->unit_in.stride;
    struct unit_vector v = { l->u->in_channels, image_at(&g->unit_in, place), NULL, NULL, g->in_norm[place], 0 };
    if (along) {
        v.g = g->unit_grad + at;
        v.ru = g->r_unit_in + at;
        v.along = g->along_in[r_place];
    }
    from_unit(w, &v, (along ? g->r_unit_grad : g->unit_grad) + at, to, add);
}
