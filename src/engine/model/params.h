/* engine/model/params.h - a network's weights (or a gradient, or a direction) as a safetensors file with PyTorch's names. */
#ifndef ENGINE_PARAMS_H
#define ENGINE_PARAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernels/net.h"

struct err;

/* Reads every tensor of the network, names and shapes exactly PyTorch's, any float type. The file must hold nothing else
 * but `num_batches_tracked`, which is ignored. params: [net->params.total]; stats: [net->stats.total], or NULL for a
 * gradient or direction (running statistics in the file are then ignored). Host memory. -1 with *err naming the file and what
 * is missing, left over, mis-shaped, not finite or a negative variance; the arrays are then partly overwritten. */
int params_load(const struct net *net, const char *path, float *params, float *stats, struct err *err);

/* The same for weights that others wrote: each name may have the prefix of a wrapper or checkpoint before it (module. model. net.
 * network. backbone. state_dict. model_state_dict. _orig_mod., also several), one for the whole file; fc may stand for linear and linear for
 * fc; a file without any running statistics means 0 and 1; what a decoded snapshot holds beside the weights is left out. When names or
 * shapes do not fit, *err says of which network (engine/networks.h) and how many classes the weights are, or are most like. */
struct params_note {
    char text[200]; /* what was taken so; empty = names are exact and all is there */
};
int params_load_weights(const struct net *net, const char *path, float *params, float *stats, struct params_note *note, struct err *err);

struct params_file { /* to be written; as in safetensors_save() */
    const char *path;
    bool force;
    const char *const *metadata; /* may be NULL */
};

/* Writes what params_load() reads. With stats also `num_batches_tracked` (= batches) of every batch norm, so that
 * PyTorch's strict load_state_dict() takes the file. */
int params_save(const struct net *net, const struct params_file *to, const float *params, const float *stats, int64_t batches, struct err *err);

/* Several vectors [net->params.total] in one file: tensor T of vector k is "NAME[k].T". */
int params_save_named(const struct net *net, const struct params_file *to, const char *const *name, const float *const *vector, int n,
                      struct err *err);

#endif
