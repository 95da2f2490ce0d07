/* engine/probe/guest.h - all that a measurement sees of a run, and all that it may do there. Whoever trains, or only holds weights, is
 * the host and fills one; probes and evaluations are guests. They look at weights and images, tell what they found and stop when
 * they are asked to; nothing that trains is touched. What the pointers lead to is the host's and outlives the guest's calls. One
 * thread: the host's functions are called on it and call no guest. */
#ifndef ENGINE_GUEST_H
#define ENGINE_GUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/data/batches.h"
#include "engine/data/dataset.h"
#include "engine/event.h"
#include "engine/knobs.h"
#include "engine/model/groups.h"
#include "engine/stages.h"
#include "kernels/backend.h"

struct spectrum;

struct run_moment { /* of a run */
    uint64_t step, steps_per_epoch; /* optimiser steps done */
    double grad_norm, rho;          /* |g| and rho of the step that led here; NaN: not known, or without SAM */
    bool second;                    /* the second stage has begun */
};
static inline double moment_epoch(const struct run_moment *m)
{
    return (double)m->step / (double)m->steps_per_epoch;
}

/* The epoch whose settings hold there. */
static inline long moment_stage_epoch(const struct run_moment *m, const struct knobs *k)
{
    return stage_epoch(k, (long)(m->step / m->steps_per_epoch), m->second);
}

struct guest_host {
    struct run_moment (*moment)(void *ctx);             /* of the weights as they are now */
    void (*emit)(void *ctx, struct event *e);       /* takes the reference */
    void (*say)(void *ctx, const char *level, const char *text);
    /* `done` of `of` parts of `what` are done, about a class or -1; with what a spectrum knows so far, or NULL. */
    void (*progress)(void *ctx, const char *what, uint64_t done, uint64_t of, int class_index, const struct spectrum *s);
    /* The program is about to end; or, when somebody waits for the measurement, they do not want it any more. */
    bool (*stopped)(void *ctx, bool waited_for);
    void (*found)(void *ctx, const char *metric, double value); /* for commands that wait for it: "lmin:3" */

    /* Of scheduled rounds (round.h) alone: */
    bool (*wants)(void *ctx, int class_index);      /* the round that begins now is to probe it */
    uint64_t (*fill)(void *ctx);                    /* queues as many steps as may be under way; how many will be done after them */
    void (*spent)(void *ctx, uint64_t ns);          /* just now, beside those */
};

struct guest {
    const struct backend *backend;
    int device, threads;           /* the device's number; workers of a model */
    const struct net *net;
    const struct dataset *data;
    const struct knobs *knobs;     /* in force; they may change between two calls */
    /* The weights, vectors of `model`; `batches` loads images into it, `criterion` is the loss in force. */
    struct model *model;
    const float *params;
    float *stats;                  /* never moved */
    const struct param_groups *groups; /* curvature is that of what trains; NULL: everything */
    const float *scaled;           /* host: the classifier whose rows' scales train in its place (engine/optim/scales.h); NULL: none */
    struct batches *batches;
    const struct criterion *criterion;
    const struct guest_host *host;
    void *ctx;                     /* of the host's functions */
};

#endif
