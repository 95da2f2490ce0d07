#include "config.h"
#include "kernels/cpu/cpu.h"

#include <string.h>

/* Weights travel between PyTorch's order, w[out][in][kh][kw], and the order in which the kernels read them:
 * [out/block][in/IN_BLOCK][kh][in][kw][block]. The data gradient is the convolution with input and output channels
 * exchanged and the kernel turned by half a circle. */

static void pack_forward(const struct model *m, const struct layer *l, const float *w, float *to)
{
    const int n_in = l->u->in_channels, n_out = l->u->channels, block = m->k->out_block(l->ocs);
    for (int o = 0; o < l->ocs; o += block)
        for (int i0 = 0; i0 < n_in; i0 += IN_BLOCK) {
            const int end = i0 + IN_BLOCK < n_in ? i0 + IN_BLOCK : n_in;
            for (int kh = 0; kh < 3; kh++)
                for (int i = i0; i < end; i++)
                    for (int kw = 0; kw < 3; kw++)
                        for (int j = 0; j < block; j++)
                            *to++ = o + j < n_out ? w[((size_t)(o + j) * n_in + i) * 9 + kh * 3 + kw] : 0;
        }
}

static void pack_backward(const struct model *m, const struct layer *l, const float *w, float *to)
{
    const int n_in = l->u->in_channels, n_out = l->u->channels, block = m->k->out_block(l->ics);
    for (int o = 0; o < l->ics; o += block)
        for (int i0 = 0; i0 < n_out; i0 += IN_BLOCK) {
            const int end = i0 + IN_BLOCK < n_out ? i0 + IN_BLOCK : n_out;
            for (int kh = 0; kh < 3; kh++)
                for (int i = i0; i < end; i++)
                    for (int kw = 0; kw < 3; kw++)
                        for (int j = 0; j < block; j++)
                            *to++ = o + j < n_in ? w[((size_t)i * n_in + o + j) * 9 + 8 - kh * 3 - kw] : 0;
        }
}

/* The same in pairs of input channels, and not in pieces (bf16.h), times a factor of each output channel (NULL: 1). What is not there is zero. */
static void pack_pairs(const struct model *m, const struct layer *l, const float *w, bool back, const float *factor, bf16_pair *to)
{
    const int n_in = back ? l->u->channels : l->u->in_channels, n_out = back ? l->u->in_channels : l->u->channels;
    const int cs = back ? l->ics : l->ocs, block = half_on_tiles(m, l) ? CHANNEL_PAD : m->half->out_block(cs);
    const size_t in_step = back ? (size_t)l->u->in_channels * 9 : 9, out_step = back ? 9 : (size_t)l->u->in_channels * 9;
    for (int o0 = 0; o0 < cs; o0 += block)
        for (int kh = 0; kh < 3; kh++)
            for (int i = 0; i < n_in; i += 2)
                for (int kw = 0; kw < 3; kw++)
                    for (int o = o0; o < o0 + block; o++) {
                        const float *at = w + (size_t)o * out_step + (size_t)i * in_step + (back ? 8 - kh * 3 - kw : kh * 3 + kw);
                        const float f = factor && o < n_out ? factor[o] : 1;
                        const bf16 low = o < n_out ? bf16_round(f * *at) : 0, high = o < n_out && i + 1 < n_in ? bf16_round(f * at[in_step]) : 0;
                        *to++ = low | (bf16_pair)high << 16;
                    }
}

/* CHANNEL_PAD kernels of input channels `from` (back: of output channels), turned by half a circle if back; what is not there is zero. */
static void gather_kernels(const struct layer *l, const float *w, bool back, int from, int into, float *kernels)
{
    const int n_in = l->u->in_channels, most = back ? n_in : l->u->channels;
    for (int j = 0; j < CHANNEL_PAD; j++) {
        const float *kernel = w + (back ? (size_t)from * n_in + into + j : (size_t)(into + j) * n_in + from) * 9;
        for (int tap = 0; tap < 9; tap++)
            kernels[tap * CHANNEL_PAD + j] = into + j < most ? kernel[back ? 8 - tap : tap] : 0;
    }
}

/* Packs to [planes][n/block][k][block]; padding channels of k are zero from the beginning. */
static void pack_tiles(const struct model *m, const struct layer *l, const struct wino_form *form, const float *w, bool back, float *to)
{
    enum { MOST_PLANES = 36 };
    const int k = back ? l->ocs : l->ics, n = back ? l->ics : l->ocs, used = back ? l->u->channels : l->u->in_channels;
    const int block = m->k->out_block(n), piece = block < CHANNEL_PAD ? block : CHANNEL_PAD;
    for (int from = 0; from < used; from++)
        for (int into = 0; into < n; into += CHANNEL_PAD) {
            float kernels[9 * CHANNEL_PAD], u[MOST_PLANES * CHANNEL_PAD];
            gather_kernels(l, w, back, from, into, kernels);
            form->weights(kernels, u);
            for (int j = 0; j < CHANNEL_PAD; j += piece) {
                float *at = to + ((size_t)((into + j) / block) * k + from) * block + (into + j) % block;
                for (int xi = 0; xi < form->planes; xi++)
                    memcpy(at + (size_t)xi * k * n, u + xi * CHANNEL_PAD + j, (size_t)piece * sizeof *at);
            }
        }
}

static void pack_form(const struct model *m, const struct layer *l, const struct wino *f, const float *w)
{
    pack_tiles(m, l, f->form, w, false, f->uf);
    pack_tiles(m, l, f->form, w, true, f->ub);
}

static void pack_weights_task(void *context, int task, int worker)
{
    const struct model *m = context;
    const struct layer *l = &m->layers[task];
    const float *w = m->pass.params + l->u->weight;
    (void)worker;
    if (m->bf16_eval) {
        pack_pairs(m, l, w, false, l->bn.scale, l->bf16.wf);
        for (int c = 0; c < l->ocs; c++)
            l->bf16.shift[c] = (float)((double)l->bn.beta[c] - (double)l->bn.mean[c] * (double)l->bn.scale[c]);
        return;
    }
    if (m->bf16) {
        pack_pairs(m, l, w, false, NULL, l->bf16.wf);
        if (m->backward && l->bf16.wb)
            pack_pairs(m, l, w, true, NULL, l->bf16.wb);
        return;
    }
    if (m->winograd && l->training.form) {
        pack_form(m, l, &l->training, w);
        return;
    }
    pack_forward(m, l, w, l->wf);
    if (m->backward && l->wb)
        pack_backward(m, l, w, l->wb);
    if (m->keep && l->wino.form)
        pack_form(m, l, &l->wino, w);
}

static void pack_direction_task(void *context, int task, int worker)
{
    const struct model *m = context;
    const struct layer *l = &m->layers[task % m->net->n_units];
    const struct direction *d = &m->directions[task / m->net->n_units];
    const struct r_layer *r = &d->layers[task % m->net->n_units];
    const float *v = d->v + l->u->weight;
    (void)worker;
    if (l->wino.form) {
        pack_tiles(m, l, l->wino.form, v, false, r->vf);
        pack_tiles(m, l, l->wino.form, v, true, r->vb);
        return;
    }
    pack_forward(m, l, v, r->vf);
    if (r->vb)
        pack_backward(m, l, v, r->vb);
}

void pack_weights(struct model *m)
{
    bn_load(m);
    pool_run(m->pool, pack_weights_task, m, m->net->n_units);
    head_load(m);
}

void pack_directions(struct model *m)
{
    const bool all = !m->pass.head_only;
    if (all)
        pool_run(m->pool, pack_direction_task, m, m->n_directions * m->net->n_units);
    for (int k = 0; k < m->n_directions; k++) {
        if (all)
            bn_load_direction(m, &m->directions[k]);
        head_load_direction(m, &m->directions[k]);
    }
}

/* Adds the shards in order, partial [kh][in][kw][out], and puts the sums in their places. */
void unpack_part(const struct model *m, const struct layer *l, const float *partial, size_t apart, int part, int parts, float *out)
{
    const int n_in = l->u->in_channels, n_out = l->u->channels, rows = 9 * n_in;
    for (int r = rows * part / parts; r < rows * (part + 1) / parts; r++) {
        const int kh = r / (3 * n_in), i = r / 3 % n_in, kw = r % 3;
        const float *row = partial + ((size_t)(kh * l->ics + i) * 3 + kw) * l->ocs;
        for (int o0 = 0; o0 < n_out; o0 += CHANNEL_PAD) {
            float sum[CHANNEL_PAD] = { 0 };
            for (int shard = 0; shard < m->n_shards; shard++)
                m->k->add(CHANNEL_PAD, sum, row + o0 + (size_t)shard * apart);
            for (int o = o0; o < n_out && o < o0 + CHANNEL_PAD; o++)
                out[l->u->weight + ((size_t)o * n_in + i) * 9 + kh * 3 + kw] = sum[o - o0];
        }
    }
}

struct unpacking {
    const struct model *m;
    const float *partials;
    float *out;
};

static void unpack_task(void *context, int task, int worker)
{
    const struct unpacking *u = context;
    const struct layer *l = &u->m->layers[task / 3];
    (void)worker;
    unpack_part(u->m, l, u->partials + l->partial, u->m->partial_size, task % 3, 3, u->out);
}

void unpack_gradient(struct model *m, const float *partials, float *out)
{
    struct unpacking u = { m, partials, out };
    pool_run(m->pool, unpack_task, &u, 3 * m->net->n_units);
}
