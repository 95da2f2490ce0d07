/* tests/kernels/nets.h - small networks of many shapes for the kernel tests. */
#ifndef TESTS_KERNELS_NETS_H
#define TESTS_KERNELS_NETS_H

#include "kernels/net.h"

enum unit_flags { BIAS = 1, NO_NORM = 2, NO_RELU = 4, BARE = NO_NORM | NO_RELU };

struct unit_spec {
    int in, add, channels, stride; /* as it stands a 3x3 convolution of pad 1 with batch norm and ReLU; channels: not of pools */
    enum unit_kind kind;
    int kernel, pad; /* kernel 0: 3 and 1 */
    int groups;      /* 0: 1 */
    unsigned flags;
};

#define PLAIN(from, plus, outs, step) { .in = from, .add = plus, .channels = outs, .stride = step }

struct net_spec {
    const char *name;
    int height, width, image_channels, classes;
    enum head_kind head;
    struct unit_spec units[16]; /* ends at a convolution with channels 0 */
    int head_in;                /* 0: the last unit */
    int outputs[3];             /* further ones, their units; 0 ends it */
    bool ties;                  /* images of few values and a first convolution that looks at the centre of its window: a max pooling behind
                                   it finds equal numbers, and stands at a kink */
};

extern const struct net_spec net_specs[];
extern const int n_net_specs;

/* One row for each thing that net.h can say and the plain networks above cannot. */
extern const struct net_spec operation_cases[];
extern const int n_operation_cases;

/* More pixels, channels and depth than the cpu back end's loops treat at once. */
extern const struct net_spec blocked_case;

/* Release with net_spec_release(). Aborts without memory. */
void net_spec_build(const struct net_spec *spec, struct net *net);
void net_spec_release(struct net *net);

/* Repeatable numbers: uniform in (-scale, scale) about `centre`. */
void fill(float *v, size_t n, float centre, float scale, uint64_t seed);

/* fill(), for cases with ties of few values. */
void fill_images(const struct net_spec *spec, float *v, size_t n, uint64_t seed);

/* Weights of the size of a sensible initialisation, gamma about 1, variances about 1. */
void fill_weights(const struct net *net, float *params, float *stats, uint64_t seed);
void fill_ties(const struct net_spec *spec, const struct net *net, float *params); /* after it */

#endif
