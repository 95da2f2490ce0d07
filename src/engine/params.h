/* engine/params.h - a network's weights (or a gradient, or a direction) as a safetensors file with PyTorch's names. */
#ifndef ENGINE_PARAMS_H
#define ENGINE_PARAMS_H

#include <stdbool.h>
#include <stdint.h>

#include "kernels/net.h"

struct err;

/* Reads every tensor of the network, names and shapes exactly PyTorch's, any float type. The file must hold nothing else
 * but `num_batches_tracked`, which is ignored. params: [net->params.total]; stats: [net->stats.total], or NULL for a
 * gradient or direction (running statistics in the file are then ignored). Host memory. -1 with *err naming file and the
 * first missing, extra or mis-shaped tensor; the arrays are then partly overwritten. */
int params_load(const struct net *net, const char *path, float *params, float *stats, struct err *err);

/* Writes what params_load() reads. With stats also `num_batches_tracked` (= batches) of every batch norm, so that
 * PyTorch's strict load_state_dict() takes the file. metadata as in safetensors_save(); may be NULL. */
int params_save(const struct net *net, const char *path, bool force, const float *params, const float *stats,
                int64_t batches, const char *const *metadata, struct err *err);

/* Several vectors [net->params.total] in one file: tensor T of vector k is "NAME[k].T". */
int params_save_named(const struct net *net, const char *path, bool force, const char *const *name, const float *const *vector, int n,
                      const char *const *metadata, struct err *err);

#endif
