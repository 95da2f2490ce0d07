/* engine/model/families.h - the networks of engine/networks.h as unit lists. Tensor names and shapes are
 * PyTorch's, so weights travel to and from the paper's code (conv1.weight, layer2.0.bn1.weight ..., linear.weight) and torchvision
 * (layer2.0.downsample.0.weight ..., fc.weight); the parameters stand in the order of its state_dict. Any thread. */
#ifndef ENGINE_FAMILIES_H
#define ENGINE_FAMILIES_H

#include "engine/image_geometry.h"
#include "kernels/net.h"

struct err;

/* name: of a row; classes: 2..100000. Fills *out, which then owns its tensor tables: net_release(). 0, or -1 with *err and *out
 * empty: no such row, and what net_begin() and net_add() refuse. */
int net_of_family(struct net *out, const char *name, struct image_geometry image, int classes, enum head_kind head, struct err *err);

/* The name of the i-th row, from 0; NULL behind the last. */
const char *network_name(int i);

#endif
