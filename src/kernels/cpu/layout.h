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

/* layout.c: what every network has. */
void place_bn(struct layer *l, struct cursor *c);
void place_r_bn(const struct layer *l, struct r_bn *r, struct cursor *c);
void place_head(struct model *m, struct cursor *c); /* with what a batch says beside its images */
void place_r_head(const struct model *m, struct r_head *h, struct cursor *c);

#endif
