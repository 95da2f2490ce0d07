/* engine/probe/subject.h - what a probe looks at: the mean loss of one class at the weights of one moment (methods 7.1), as an operator.
 *
 * The operator works on its own model and on copies of weights and statistics, so nothing that trains is touched: a run has
 * the same bits with and without probes. The loss is the run's own; class weights are left out unless asked for (for a single
 * class a weighted mean cancels them, methods 3.1). */
#ifndef ENGINE_SUBJECT_H
#define ENGINE_SUBJECT_H

#include "engine/criteria/loss.h"
#include "engine/probe/curvature_op.h"
#include "engine/probe/guest.h"
#include "engine/probe/options.h"

struct subject {
    const struct guest *guest;   /* NULL with op */
    struct curvature_op *op;     /* NULL until first needed */
    struct loss loss;
    const struct image_set *set; /* the split */
    uint32_t *index;             /* images of the class */
    uint32_t n_images;
    struct augment augment;      /* one frozen draw, or off */
    enum pass_mode mode;
    int class_index;
    uint64_t of;                 /* step of the weights */
    bool second;                 /* they are of the second stage, and so is the loss */
    double epoch, mean_loss;
    double rho_z;                /* rho / |g| of the step that led to the weights; NaN without SAM or before a step */
    char subset[17];             /* first 16 hex digits of the SHA-256 of the indices */
    char how[96];                /* what differs from the default; "" = nothing */
    bool may_cancel;             /* somebody waits for it and can say C-c */
};
enum { SUBJECT_IMAGES = 128 }; /* of a shard: image_chunk() of it */
/* Passes kept between the products of a probe: this share of the memory that is available when the first probe starts, but at
 * most so many bytes (about 1,200 images of ResNet-32). What does not fit is prepared again in every product, with the same
 * bits. */
#define SUBJECT_KEEP_SHARE 0.5
#define SUBJECT_KEEP_BYTES (UINT64_C(4) << 30)

/* The operator and its memory, once. */
int subject_open(struct subject *s, const struct guest *guest, struct err *err);
void subject_release(struct subject *s);
size_t subject_memory(const struct subject *s);

/* The guest's weights and statistics of this moment. ERR_DIVERGED when they are not finite. */
int subject_take_weights(struct subject *s, struct err *err);

/* Images and loss of a class; the forward and backward pass is kept. The message of an empty class names it. */
int subject_choose(struct subject *s, int class_index, const struct probe_options *o, struct err *err);

/* After a failure: where a number is not finite because the device failed, *err becomes the device's reason. -1. */
int subject_blame(const struct subject *s, struct err *err);

/* The type of spectrum_apply; ctx is the subject. */
int subject_apply(void *ctx, int n, const float *const *v, float *const *out, struct err *err);

#endif
