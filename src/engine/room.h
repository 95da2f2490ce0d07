/* engine/room.h - whether a network's model fits into memory, and the batch that would. */
#ifndef ENGINE_ROOM_H
#define ENGINE_ROOM_H

#include "kernels/backend.h"

struct err;

struct room {
    const struct backend *backend;
    const struct net *net;
    struct model_options options; /* max_batch unused */
    uint32_t batch;               /* images of a step that the user chose; 0: nobody did, for a probe */
    uint32_t least;               /* images at once whatever the batch: a model has room for the larger number */
    uint64_t beside, each;        /* bytes that its user has beside the model: in all, and for each image at once */
};

/* A model for that many images at once; close() it. It is not kept when it needs more than is free where it computes. NULL with *err:
 * ERR_MEMORY when it does not fit, and then how much it needs, how much there is and which batch would fit. May take a second when it does
 * not fit, as other batches are tried. Writes into no memory of the models that it tries. */
struct model *room_open(const struct room *r, struct err *err);

#endif
