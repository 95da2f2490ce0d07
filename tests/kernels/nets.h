/* tests/kernels/nets.h - small networks of many shapes for the kernel tests. */
#ifndef TESTS_KERNELS_NETS_H
#define TESTS_KERNELS_NETS_H

#include "kernels/net.h"

struct unit_spec {
    int in, add, channels, stride;
};

struct net_spec {
    const char *name;
    int height, width, image_channels, classes;
    enum head_kind head;
    struct unit_spec units[12]; /* ends at channels 0 */
};

extern const struct net_spec net_specs[];
extern const int n_net_specs;

/* Release with net_spec_release(). Aborts without memory. */
void net_spec_build(const struct net_spec *spec, struct net *net);
void net_spec_release(struct net *net);

/* Repeatable numbers: uniform in (-scale, scale) about `centre`. */
void fill(float *v, size_t n, float centre, float scale, uint64_t seed);

/* Weights of the size of a sensible initialisation, gamma about 1, variances about 1. */
void fill_weights(const struct net *net, float *params, float *stats, uint64_t seed);

#endif
