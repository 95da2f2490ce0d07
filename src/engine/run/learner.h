/* engine/run/learner.h - what learns: a network's weights, the knobs in force, the loss, the optimiser and the images, a step at a time.
 * It knows no command, no event and no journal: whoever drives it looks at what a step came to and decides what comes next.
 *
 *   struct learner l = { 0 };
 *   learner_open(&l, backend, device, data, knobs, &err);
 *   learner_set_weights(&l, NULL, NULL, &err);           or learner_restore(&l, state, &err);
 *   while (l.step < learner_total(&l)) learner_step(&l, &done, &err);
 *   learner_close(&l);
 *
 * Several steps may be under way where the back end queues whole steps: learner_queue() adds one, learner_collect() waits for the oldest.
 * `step` counts those that were collected. Whoever looks at weights, or changes knobs, does so while none is under way. One thread. */
#ifndef ENGINE_LEARNER_H
#define ENGINE_LEARNER_H

#include "base/err.h"
#include "engine/criteria/loss_knobs.h"
#include "engine/data/batches.h"
#include "engine/data/dataset.h"
#include "engine/knobs.h"
#include "engine/optim/optim.h"
#include "engine/run/feature_bank.h"
#include "engine/train_state.h"

struct flight { /* a step under way */
    struct optim_knobs k;
    uint32_t n;                          /* images of its batch */
    uint64_t start_ns, beside_ns;        /* queued; its share of what the thread did meanwhile */
};

struct learner {
    /* fixed once opened */
    const struct backend *backend;
    int device, threads;                 /* the device's number; workers */
    const struct dataset *data;
    struct net net;
    uint64_t spe;                        /* steps per epoch */
    char images_where[ERR_TEXT_MAX];     /* why the images are not kept by the device; empty: they are, or nobody asked */

    struct knobs knobs;                  /* in force */
    struct model *model;
    float *params, *stats;               /* vectors of `model` */
    struct optim optim;                  /* holds the momentum */
    struct loss loss;
    bool phase_known;
    struct loss_phase phase;             /* what the loss in force was made for */
    bool drw_came_on, loss_came_on;      /* since somebody last set it to false */
    bool second;                         /* the second stage has begun: groups, norm, images are its own */
    struct batches batches;
    struct feature_bank bank;            /* taken with the first step here of a second stage in which nothing before the classifier moves */

    uint64_t step;                       /* done */
    double last_gn, last_rho;            /* |g| and optim_radius() of the last one; NaN: not known */
    float last_loss;                     /* its loss, as recorded */
    double epoch_loss, epoch_correct;    /* sums over the steps since the epoch began, or since somebody took them */
    uint64_t epoch_images;
    struct class_loss *class_loss;       /* [net.classes] the same of each class */
    double *image_loss;                  /* room for a batch: optim.losses */
    uint8_t *climbs;                     /* [net.params.total] which weights do in a step of ESAM; NULL before the first */
    float *share;                        /* [2][net.classes] of each class's loss: what climbs in the step at hand, and the rest (climb.h) */

    struct flight flight[BACKEND_STEPS]; /* a ring; the back end's own holds what its device writes to */
    int first_flight, n_flights;
    uint64_t done_ns;                    /* when the last one was collected */

    struct train_state *away;            /* all that it learned, while it has no model; else NULL */
    struct knobs away_knobs;             /* in force when it left */
};

struct class_loss { /* of the images of a class that steps saw, as they saw them: what L sums for each, over the class weight */
    double sum;
    uint64_t images;
};

struct learned { /* what a step came to */
    struct optim_knobs k;                /* with these */
    struct optimiser_result r;
    uint64_t ns, beside_ns;              /* its time; of that, what the thread did beside steps under way */
};

/* Network, model, vectors and batches for knobs (copied); weights are zero. Data and back end outlive it. On failure close it all
 * the same. threads: as the knob says, or one for each processor. */
int learner_open(struct learner *l, const struct backend *backend, int device, const struct dataset *data, const struct knobs *knobs,
                 struct err *err);
void learner_close(struct learner *l); /* a zeroed struct is allowed */

size_t learner_memory(const struct learner *l); /* bytes: the model's, vectors, batches */

/* Gives device and memory back, with no step under way: model, vectors, kept images, batches, features. The weights wait in host memory, and until
 * learner_return() nothing that computes, captures or restores may be called; knobs and loss may change. -1 with *err, and nothing
 * changed: no memory for the copy, weights that are not finite, a device that failed. */
int learner_leave(struct learner *l, struct err *err);
/* Takes them again: the next step has the bits that it would have had. -1 with *err: no memory; it is away still, and may try again. */
int learner_return(struct learner *l, struct err *err);
static inline bool learner_is_away(const struct learner *l)
{
    return l->away;
}

/* Host memory [params.total], [stats.total]; NULL: drawn from the seed. */
int learner_set_weights(struct learner *l, const float *params, const float *stats, struct err *err);
/* All that a snapshot says of learning, no step being under way. NULL: no memory. */
struct train_state *learner_capture(const struct learner *l);
/* Goes on from there; refused when it is of another network, or not finite. */
int learner_restore(struct learner *l, const struct train_state *s, struct err *err);

static inline double learner_epoch(const struct learner *l)
{
    return (double)l->step / (double)l->spe;
}
uint64_t learner_total_with(const struct learner *l, const struct knobs *k); /* steps of the whole run, were these its knobs */
uint64_t learner_total(const struct learner *l);
long learner_stage_epoch(const struct learner *l); /* whose settings hold now; stage_epoch() */

/* The second stage of these knobs can be made, and is prepared instead of the one before; in force are still the learner's knobs.
 * -1 with *err, and nothing changed: a class without images that its sampler visits, a classifier that has no scales to train. */
int learner_plan_stage(struct learner *l, const struct knobs *k, struct err *err);
/* The next step is the first of the second stage. A step takes it itself, with none under way: the classifier is drawn anew or its scales are
 * made, the momentum of everything is zero, and what trains is the stage's from here on. The same bits whenever it is done from
 * the same weights: a state of this moment is that of before. */
bool learner_stage_due(const struct learner *l);
int learner_begin_stage(struct learner *l, struct err *err);

/* The sums of the epoch begin anew. */
void learner_begin_epoch(struct learner *l);
/* Mean loss of each class's images over the epoch's steps, without class weights; NaN without images. false: not known, the epoch
 * was taken up from a snapshot that does not tell. */
bool learner_class_losses(const struct learner *l, float *out);

/* The loss and class weights of this moment: a step takes them itself where they are due, and none is under way then. Sets drw_came_on
 * when re-weighting begins, loss_came_on when a loss with a first epoch of its own takes over from plain cross-entropy. */
bool learner_loss_due(const struct learner *l);
int learner_use_loss(struct learner *l, struct err *err);
/* Can steps be made with these knobs' optimiser on this back end, and a loss, now and once all of it acts? The one in force stays. */
int learner_check_loss(struct learner *l, const struct knobs *k, struct err *err);

/* One step, with none under way. -1 with *err, ERR_DIVERGED for numbers that are not finite: the weights are as before. */
int learner_step(struct learner *l, struct learned *out, struct err *err);

bool learner_queues(const struct learner *l);     /* steps of this kind may be queued */
bool learner_queues_many(const struct learner *l); /* several of them: their images are where the back end is */
int learner_under_way(const struct learner *l);
/* The step after those under way. Its knobs and loss are those of now: no epoch may end, and nothing change, in between. */
int learner_queue(struct learner *l, struct err *err);
/* Waits for the oldest; fails as learner_step(). What was queued behind one that went wrong did nothing: learner_discard(). */
int learner_collect(struct learner *l, struct learned *out, struct err *err);
void learner_discard(struct learner *l);
/* The thread spent so long just now on something else than the steps under way. */
void learner_spent_beside(struct learner *l, uint64_t ns);

#endif
