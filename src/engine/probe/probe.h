/* engine/probe/probe.h - measurements of the curvature of one class at a time: its spectrum, Theorem 2, the loss along a line.
 *
 *   struct probe p;
 *   probe_init(&p, &guest, &err);
 *   probe_hessian(&p, &plan, class_index, text, sizeof text, &err);
 *   probe_release(&p);
 *
 * Each is asked for by somebody who waits: an event of its own (EIG, CNC, SLICE), and a line for people into `text`. They return 0, or
 * -1 with *err (ERR_CANCELLED too), and then nothing was told. Model, copies and vectors are made when first needed and kept. */
#ifndef ENGINE_PROBE_H
#define ENGINE_PROBE_H

#include "engine/probe/guest.h"
#include "engine/probe/options.h"
#include "engine/probe/spectrum.h"
#include "engine/probe/subject.h"

struct err;

struct probe {
    const struct guest *guest;
    struct subject subject;      /* what is looked at */
    struct spectrum *spectrum;   /* NULL until first needed */
    bool running;                /* the spectrum of a class is under way */
    bool trace;                  /* its trace was asked for */
    int class_index;
    uint64_t ns;                 /* time spent on it */
    struct {                     /* the scheduled probe of all watched classes: round.h */
        bool *todo;              /* [classes] still to probe */
        bool on, weights;        /* a round is under way; its weights are copied */
        bool late_said;          /* that rounds take longer than their interval */
        bool behind;             /* an epoch's round was left out for the one under way */
        uint64_t ns, start_ns;   /* spent on products since it began, and when it did */
        uint64_t rest_until;     /* no product before so many steps are done: those that were under way beside the last one */
    } round;
};

int probe_init(struct probe *p, const struct guest *guest, struct err *err);
void probe_release(struct probe *p); /* before the back end's models of the run are closed; a zeroed struct is allowed */
/* Frees model and memory; a scheduled round that is under way goes on, once it is asked to, with the weights of then. */
void probe_rest(struct probe *p);
size_t probe_memory(const struct probe *p);

/* probe_hessian(), probe_slice() ...: of each row PROBED_BY of events.def. A line for people is added to `text`. */
typedef int probe_measure(struct probe *p, const struct probe_plan *plan, int class_index, struct buf *text, struct err *err);
#define PROBED_BY(op, event, verb, ...) probe_measure probe_##verb;
#include "engine/events.def"

/* --- of the files that probe --- */

/* Operator and weights of this moment for something that is waited for; a scheduled class is done again later. */
int probe_take_over(struct probe *p, struct err *err);
int probe_open(struct probe *p, struct err *err); /* model and memory, once */
int probe_spectrum(struct probe *p, const struct spectrum_plan *plan, struct err *err); /* starts one of what trains */
/* A spectrum, a product at a time. */
int probe_begin(struct probe *p, const struct probe_plan *plan, int class_index, struct err *err);
int probe_product(struct probe *p, struct err *err);
void probe_finish(struct probe *p, long top, struct buf *text); /* NULL: nobody reads it */

/* Reports to the host, and a question to it. */
void probe_emit(const struct probe *p, struct event *e);
void probe_progress(const struct probe *p, const char *what, uint64_t done, uint64_t of);
bool probe_cancelled(const struct probe *p);

#endif
