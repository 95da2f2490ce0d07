/* tests/reference/tiny.h - two small networks, for tests by finite differences and by a whole Hessian. */
#ifndef TESTS_REFERENCE_TINY_H
#define TESTS_REFERENCE_TINY_H

#include "kernels/backend.h"

enum { TINY_CLASSES = 4, TINY_BATCH = 5, TINY_SIDE = 6, TINY_CHANNELS = 2 };

/* Four units: stem, identity block (stride 1), half of an option-A block (stride 2, 3 -> 7 channels). Channel counts
 * are no multiples of a vector width on purpose. Release with net_release(). */
void tiny_net(struct net *net, enum head_kind head);

/* Stem, max pooling, and a bottleneck of 1x1, grouped 3x3 and 1x1 convolutions with a projection beside it. */
void tiny_bottleneck(struct net *net, enum head_kind head);

/* Smooth pseudo-random fill in (-scale, scale), a function of (seed, i). */
void tiny_fill(float *v, size_t n, float scale, uint32_t seed);

/* Weights near a sensible initialisation (gamma about 1), statistics with variances about 1. */
void tiny_weights(const struct net *net, float *params, float *stats);

/* The images are chosen so that no pre-activation changes sign within a difference step of 5e-5 (a ReLU's kink would
 * spoil the difference, not the derivative). images: [TINY_BATCH][TINY_SIDE][TINY_SIDE][TINY_CHANNELS] */
void tiny_batch(float *images, int32_t *labels);

#endif
