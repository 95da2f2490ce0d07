/* engine/model/resnet.h - the paper's CIFAR residual networks as unit lists (spec 2.1, 2.2) and their initial weights.
 * Tensor names and shapes are PyTorch's, so weights travel to and from the paper's code: conv1.weight, bn1.weight,
 * layer2.0.conv1.weight ..., linear.weight, linear.bias. Any thread. */
#ifndef ENGINE_RESNET_H
#define ENGINE_RESNET_H

#include <stdint.h>

#include "engine/image_geometry.h"
#include "kernels/net.h"

struct err;

#define RESNET_DEPTHS "8, 20, 32, 44, 56, 110"

/* depth: one of RESNET_DEPTHS; classes: 2..100000. Fills *out, which then owns its tensor tables:
 * net_release(). 0, or -1 with *err and *out empty. */
int net_resnet_cifar(struct net *out, int depth, struct image_geometry image, int classes, enum head_kind head, struct err *err);

/* Initial values, a pure function of (net, seed): tensor number i draws from rng(seed, RNG_INIT, 0, i).
 * Convolutions and the plain linear weight N(0, 2/fan_in); linear bias uniform in +-1/sqrt(features); normalised
 * classifier uniform in (-1, 1), columns then scaled to unit length; gamma 1, beta 0; running mean 0, variance 1.
 * params_host: [net->params.total], stats_host: [net->stats.total]; either may be NULL. */
void net_init_params(const struct net *net, uint64_t seed, float *params_host, float *stats_host);

/* One tensor of the parameters from a stream; w: host [t->count]. */
struct rng;
void net_init_tensor(const struct net *net, const struct tensor_info *t, struct rng *r, float *w);

#endif
