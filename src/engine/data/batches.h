/* engine/data/batches.h - which training images make up step k, and their pixels. A pure function of (seed, epoch, position),
 * so a run can be taken up at any step. One thread, and where pictures are on disk one that makes the
 * next batch; else nothing is allocated after batches_init() and batches_plan(). */
#ifndef ENGINE_BATCHES_H
#define ENGINE_BATCHES_H

#include "engine/data/augment.h"
#include "engine/data/feed.h"
#include "engine/data/order.h"
#include "engine/knobs.h"
#include "kernels/backend.h"

enum { BATCHES_STORES = 3 };
struct batches {
    const struct image_set *set;
    struct order order, second_order; /* of the first stage; of the second that is planned: as many visits */
    bool second, second_plain;        /* the second is in force; it does not augment */
    struct augment augment;
    uint32_t batch;      /* images in a full step */
    uint32_t per_epoch;  /* steps */
    uint32_t room;       /* images in the buffers, >= batch */
    long epoch;          /* whose order is in position[]; -1 = none */
    uint32_t *position;  /* [order.n] */
    float *images;       /* [room][values of an image] */
    int32_t *labels;     /* [room] */
    struct feed *feed;   /* makes the next batch meanwhile, where that takes time: pictures on disk; else NULL */

    /* sets that the back end keeps: batches of these are choices, and the buffers stay unused */
    const struct backend *backend; /* NULL: none */
    struct model *model;
    struct {
        const struct image_set *set;
        struct image_store *store;
    } kept[BATCHES_STORES];
    int n_kept;
    uint32_t *in_order;  /* [room] positions of batches_plain() */
    struct image_choice choice;
};

/* Reads batch, seed, shuffle, sampler and its numbers, resample, beta_en and augment. room: least images that the buffers must hold. */
int batches_init(struct batches *b, const struct dataset *data, const struct knobs *knobs, uint32_t room, struct err *err);
void batches_release(struct batches *b); /* a zeroed struct is allowed */
/* Frees the buffers, and keeps the orders; no images are asked for until batches_open() has made them again. -1 with *err: no memory, and it is
 * closed still. */
void batches_close(struct batches *b);
int batches_open(struct batches *b, struct err *err);

/* The second stage of these knobs, if there is one, instead of the one that was planned. -1 with *err, and nothing changed: its sampler
 * visits a class without images, or there is no memory. */
int batches_plan(struct batches *b, const struct dataset *data, const struct knobs *knobs, struct err *err);
void batches_use_second(struct batches *b, bool second); /* from the next batch on; it was planned */
const struct sampler_info *batches_sampler(const struct batches *b); /* the one in force */

/* Gives the sets of bytes to the back end, if it keeps images: 0, or -1 with *err when it does not (it has no such function,
 * or no room, or the training images are augmented in ways that back ends do not know): everything works all the same, from this memory.
 * batches_let_go() comes before the model is closed. */
int batches_keep(struct batches *b, const struct backend *backend, struct model *model, const struct dataset *data, struct err *err);
void batches_let_go(struct batches *b);
bool batches_kept(const struct batches *b); /* batches_get() gives choices */

/* Positions in the set of the images of batch `index` of `epoch`, in its order; *n: how many. Valid until another epoch is asked for. */
const uint32_t *batches_positions(struct batches *b, long epoch, uint32_t index, uint32_t *n);
bool batches_augments(const struct batches *b); /* are the images of the batches in force cropped and mirrored? */

/* Batch `index` of `epoch` into the buffers; *out points there. plain: without augmentation. With a set that is kept, *out has a
 * choice instead of images; batches_get() gives no labels then. */
int batches_get(struct batches *b, long epoch, uint32_t index, bool plain, struct batch *out, struct err *err);

/* Seconds that batches_get() has waited for pictures, in all. */
double batches_waited(const struct batches *b);

/* The class of image i of batch `index` of the epoch that batches_get() was asked for last. */
int batches_label(const struct batches *b, uint32_t index, uint32_t i);

/* n images of another set, in its order from `first`, not augmented, into the same buffers; n <= room. */
int batches_plain(struct batches *b, const struct image_set *set, uint32_t first, uint32_t n, struct batch *out, struct err *err);

/* The images at position[0..n) of a set, not augmented; n <= room. */
int batches_chosen(struct batches *b, const struct image_set *set, const uint32_t *position, uint32_t n, struct batch *out,
                   struct err *err);

#endif
