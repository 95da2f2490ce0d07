/* engine/model/initial.h - the weights that a network begins with. Any thread. */
#ifndef ENGINE_INITIAL_H
#define ENGINE_INITIAL_H

#include <stdint.h>

#include "kernels/net.h"

struct rng;

/* Initial values, a pure function of (net, seed): tensor number i draws from rng(seed, RNG_INIT, 0, i).
 * Convolutions: N(0, 2/fan_in), or with INIT_FAN_OUT N(0, 2/fan_out), fan_out = channels x kernel^2 whatever the groups (He et al. 2015;
 * torchvision). The plain classifier's weight: N(0, 2/features), or with INIT_FAN_OUT uniform in +-1/sqrt(features); the normalised
 * classifier: uniform in (-1, 1), columns then scaled to unit length. Weights of other linear and cosine units, and every bias:
 * uniform in +-1/sqrt(fan_in), as PyTorch's layers begin. gamma 1, beta 0; running mean 0, variance 1.
 * params_host: [net->params.total], stats_host: [net->stats.total]; either may be NULL. */
void net_init_params(const struct net *net, uint64_t seed, float *params_host, float *stats_host);

/* One tensor of the parameters from a stream; w: host [t->count]. */
void net_init_tensor(const struct net *net, const struct tensor_info *t, struct rng *r, float *w);

#endif
