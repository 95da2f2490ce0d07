#include "config.h"
#include "kernels/reference/reference.h"

static void widen_grid(struct model *m, const struct unit *u)
{
    struct grid *g = u->in == NET_IMAGE ? &m->grid : &m->unit[u->in].grid;
    if (g->border < u->pad)
        g->border = u->pad;
}

void ref_set_grids(struct model *m)
{
    const struct net *net = m->net;
    m->grid = (struct grid){ net->height, net->width, net->image_channels, 0 };
    for (int i = 0; i < net->n_units; i++)
        m->unit[i].grid = (struct grid){ net->units[i].height, net->units[i].width, net->units[i].channels, 0 };
    for (int i = 0; i < net->n_units; i++)
        widen_grid(m, &net->units[i]);
}

const struct grid *ref_in_grid(const struct model *m, const struct unit *u)
{
    return u->in == NET_IMAGE ? &m->grid : &m->unit[u->in].grid;
}

const double *ref_input(const struct model *m, const struct unit *u)
{
    return u->in == NET_IMAGE ? m->image : m->unit[u->in].out;
}

/* Channel c of what is added goes to channel c + shift (option A: the rest is zeros on both sides), from every step-th pixel. */
struct shortcut {
    int step, shift;
};

static struct shortcut shortcut_of(const struct unit *u, const struct grid *from)
{
    return (struct shortcut){ from->height == u->height && from->width == u->width ? 1 : 2, (u->channels - from->channels) / 2 };
}

void ref_add(const struct model *m, const struct unit *u, const double *out, double *y)
{
    const struct grid *from = &m->unit[u->add].grid;
    const struct shortcut s = shortcut_of(u, from);
    for (int row = 0; row < u->height; row++)
        for (int x = 0; x < u->width; x++) {
            const double *in = out + ref_at(from, row * s.step, x * s.step);
            double *to = y + (size_t)(row * u->width + x) * (size_t)u->channels + s.shift;
            for (int c = 0; c < from->channels; c++)
                to[c] += in[c];
        }
}

void ref_add_backward(const struct model *m, const struct unit *u, const double *gy, double *to)
{
    const struct grid *from = &m->unit[u->add].grid;
    const struct shortcut s = shortcut_of(u, from);
    for (int row = 0; row < u->height; row++)
        for (int x = 0; x < u->width; x++) {
            const double *g = gy + (size_t)(row * u->width + x) * (size_t)u->channels + s.shift;
            double *in = to + (size_t)(row * s.step * from->width + x * s.step) * (size_t)from->channels;
            for (int c = 0; c < from->channels; c++)
                in[c] += g[c];
        }
}
