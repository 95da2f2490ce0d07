/* kernels/cpu/layout.h - how one mapping is shared out, in layout.c and general_layout.c. */
#ifndef KERNELS_CPU_LAYOUT_H
#define KERNELS_CPU_LAYOUT_H

#include "kernels/cpu/cpu.h"

/* Everything is laid out twice by the same functions: first without memory, to learn the size. */
struct cursor {
    char *base; /* NULL while measuring */
    size_t used;
};

enum { ALIGNMENT = 64 };

static inline void *take(struct cursor *c, size_t bytes)
{
    void *p = c->base ? c->base + c->used : NULL;
    c->used += (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return p;
}

static inline float *floats(struct cursor *c, size_t n)
{
    return take(c, n * sizeof(float));
}

static inline double *doubles(struct cursor *c, size_t n)
{
    return take(c, n * sizeof(double));
}

static inline struct images images(struct cursor *c, int places, size_t stride)
{
    return (struct images){ floats(c, (size_t)places * stride), stride };
}

static inline int padded(int n, int to)
{
    return (n + to - 1) / to * to;
}

/* The places of gradients. They are needed from their first contribution to their unit's own backward: a few shelves serve all units. The residual
 * gradient is a copy of the unit's own; when it comes first the added unit takes over the shelf instead: its owner has read each image there by
 * then, before anything is added to it. */
struct shelves {
    int users[NET_MAX_UNITS]; /* of each shelf */
    int of[NET_MAX_UNITS];    /* shelf of a unit's gradient, -1 before its first contribution */
    int n;
};
/* layout.c. True: nothing has contributed to the gradient of `unit` before (never of the images, -1), it has a shelf now. The same for what the
 * unit of layer l adds. */
bool first_contribution(struct shelves *s, int unit);
bool residual_contribution(struct shelves *s, const struct layer *l, int unit);

/* layout.c: what every network has. */
void place_bn(struct layer *l, struct cursor *c);
void place_r_bn(const struct layer *l, struct r_bn *r, struct cursor *c);
void place_head(struct model *m, struct cursor *c); /* with what a batch says beside its images */
void place_r_head(const struct model *m, struct r_head *h, struct cursor *c);

#endif
