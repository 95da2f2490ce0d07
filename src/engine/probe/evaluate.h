/* engine/probe/evaluate.h - accuracy, loss and confusion over a set of images, at the weights of a guest (methods 6.1). */
#ifndef ENGINE_EVALUATE_H
#define ENGINE_EVALUATE_H

#include "engine/probe/guest.h"

struct err;

enum {
    EVAL_BATCH = 100,       /* as the reference's test loader: weighted losses depend on it (methods 1.8, 6.1); image_chunk() of it is the
                               room of the host's batches */
    CONFUSION_MAX = 128     /* classes up to which the confusion matrix is recorded */
};

struct evaluation {
    int classes;
    double loss, acc;            /* mean; % */
    double group[N_GROUPS];      /* %, NaN without classes */
    float *cls, *cls_loss;       /* [classes] %; mean loss without class weights; NaN without images */
    uint32_t *confusion;         /* [classes][classes] or NULL */
    uint32_t *hits, *count;      /* [classes] */
    float *logits;               /* [EVAL_BATCH][classes] host */
    double *losses, *class_sum;  /* [EVAL_BATCH], [classes] */
    double seconds;
};
int evaluation_init(struct evaluation *e, int classes, struct err *err); /* on failure release it all the same */
void evaluation_release(struct evaluation *e); /* a zeroed struct is allowed */

/* Every image of a set through the guest's network, without augmentation, in PASS_EVAL or PASS_EVAL_BF16: after each batch `visit` may ask the
 * back end for outputs and features; `first` is its place in the set. `what` is shown as progress. -1 with *err, ERR_CANCELLED too. */
struct evaluation_walk {
    const char *what;
    enum pass_mode mode;
    void (*visit)(void *ctx, uint32_t first, const struct batch *batch, const struct pass_result *result);
    void *ctx;
};
int evaluation_walk(const struct guest *g, const struct image_set *set, const struct evaluation_walk *walk, struct err *err);

/* Accuracies in %, of hits[classes] and count[classes]: all images, the mean of the class accuracies of each group (NaN without classes), and each
 * class into cls unless that is NULL (NaN without images). */
struct accuracy {
    double acc, group[N_GROUPS];
};
void accuracy_of(const struct dataset *data, const uint32_t *hits, const uint32_t *count, struct accuracy *out, float *cls);

/* What the accuracies of evaluate() are computed in: that of the knob, or MATH_FP32 where a recorded run goes on with a back end that lacks it. */
enum math evaluation_math(const struct knobs *k, const struct backend *b);

/* "test", "val" or "train"; NULL with *err when there is no such split, or no image in it. */
const struct image_set *evaluation_split(const struct dataset *data, const char *name, struct err *err);
const char *evaluation_main_split(const struct dataset *data); /* val when there is one, else test; NULL: neither */

/* 0, or -1 with *err, ERR_CANCELLED too. */
int evaluate(struct evaluation *e, const struct guest *g, const struct image_set *set, struct err *err);
/* An EPOCH event with what was found; the host adds what it knows about training. NULL: no memory. */
struct event *evaluation_event(const struct evaluation *e, const struct guest *g, const char *split);
/* Commands may wait for its numbers. */
void evaluation_found(const struct evaluation *e, const struct guest *g);

#endif
