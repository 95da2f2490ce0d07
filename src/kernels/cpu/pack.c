#include "config.h"
#include "kernels/cpu/cpu.h"

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

static void pack_weights_task(void *context, int task, int worker)
{
    const struct model *m = context;
    const struct layer *l = &m->layers[task];
    (void)worker;
    pack_forward(m, l, m->pass.params + l->u->weight, l->wf);
    if (m->backward && l->wb)
        pack_backward(m, l, m->pass.params + l->u->weight, l->wb);
}

static void pack_direction_task(void *context, int task, int worker)
{
    const struct model *m = context;
    const struct layer *l = &m->layers[task];
    (void)worker;
    pack_forward(m, l, m->direction + l->u->weight, l->vf);
    if (l->vb)
        pack_backward(m, l, m->direction + l->u->weight, l->vb);
}

void pack_weights(struct model *m)
{
    pool_run(m->pool, pack_weights_task, m, m->net->n_units);
    bn_load(m);
    head_load(m);
}

void pack_direction(struct model *m)
{
    pool_run(m->pool, pack_direction_task, m, m->net->n_units);
    bn_load_direction(m);
    head_load_direction(m);
}

/* One kernel row of one unit: adds the shards in order, partial [kh][in][kw][out], and puts the sum in its place. */
static void unpack_row(const struct model *m, const struct layer *l, int kh, float *out)
{
    const int n_in = l->u->in_channels, n_out = l->u->channels;
    for (int i = 0; i < n_in; i++)
        for (int kw = 0; kw < 3; kw++) {
            const float *row = m->partials + l->partial + ((size_t)(kh * l->ics + i) * 3 + kw) * l->ocs;
            for (int o0 = 0; o0 < n_out; o0 += CHANNEL_PAD) {
                float sum[CHANNEL_PAD] = { 0 };
                for (int shard = 0; shard < m->n_shards; shard++)
                    m->k->add(CHANNEL_PAD, sum, row + o0 + (size_t)shard * m->partial_size);
                for (int o = o0; o < n_out && o < o0 + CHANNEL_PAD; o++)
                    out[l->u->weight + ((size_t)o * n_in + i) * 9 + kh * 3 + kw] = sum[o - o0];
            }
        }
}

static void unpack_task(void *context, int task, int worker)
{
    const struct model *m = context;
    (void)worker;
    unpack_row(m, &m->layers[task / 3], task % 3, m->gradient);
}

void unpack_gradient(struct model *m, float *out)
{
    m->gradient = out;
    pool_run(m->pool, unpack_task, m, 3 * m->net->n_units);
}
