/* engine/run/trainer.h - the thread that trains. It owns the model and the vectors; everybody else posts commands and
 * receives events. Commands are applied between optimiser steps, in the order posted, and are journalled (emitted and
 * synced) before they take effect.
 *
 * Life: trainer_new() allocates everything a step needs; trainer_start() starts the thread (TRAINING at once);
 * trainer_free() asks it to stop, joins and frees. All functions may be called from any thread except free. */
#ifndef ENGINE_TRAINER_H
#define ENGINE_TRAINER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/err.h"
#include "engine/event.h"
#include "engine/knobs.h"
#include "engine/operations.h"
#include "engine/probe/options.h"
#include "engine/train_state.h"
#include "kernels/backend.h"

struct err;
struct dataset;

enum command_when { WHEN_NOW, WHEN_EPOCH, WHEN_STEP, WHEN_IF };
enum { COMMAND_TEXT_MAX = 1024, COMMAND_MAX_CLASSES = 1024 };

/* The arguments of an operation of engine/operations.def; a number that is 0 and a text that is empty are left out.
 *   SET            knob, value; or factor, not 0: of its value in force when it acts; force
 *   PAUSE          count 1: gives device and memory back until it goes on
 *   STEP           count steps, then pause
 *   STOP           ends the run after this step: no further evaluation, a snapshot, state "stopped". text: why
 *   EVAL           text: test, val or train; in a roll, count 1: the journal has no result of it
 *   HESSIAN        classes, count = iterations (the knob), probe; text: path of the eigenvectors
 *   CNC            classes, count, probe, rho (the run's), batches (1000) of batch (32) images
 *   SLICE          one class, count, probe; text: v_min, v_max or random:N; span (1), points (41)
 *   READING        text: kind; direction: split; tau: NaN = the best
 *   WATCH UNWATCH  classes; with WATCH every (epochs), count (iterations) and probe.images become knobs
 *   SNAPSHOT       text: name
 *   NOTE           text
 *   CANCEL         count: number of a pending command; text: in a roll, its words, which count instead
 *   SAVE_WEIGHTS   text: path of a safetensors file (PyTorch names)
 *   SAVE_GRADIENT  text: path; of the mean loss over the training batch `count` (0-based), no augmentation, mode evaluation unless `train_mode`
 *   SAVE_HVP       the same of a product; direction: path of the direction, same names as weights
 *   FOUND          in a roll only: when_metric was when_value then; conditions wait for it */
/* A plain value: texts and classes belong to whoever made it, and are copied by whoever keeps it. */
struct command {
    enum command_op op;
    enum command_when when;
    double when_value;         /* epoch or step (WHEN_STEP counts done steps); WHEN_IF: threshold */
    char when_metric[32];      /* WHEN_IF: loss acc head mid tail lmin:CLASS */
    bool when_above;
    bool force;                /* overwrite files; set what can never act */
    int n_classes;
    const int *classes;        /* [n_classes] */
    const char *text, *direction; /* NULL as "" */
    const char *typed;         /* the whole line, for the journal; NULL or "": its own words */
    const char *by;            /* "user", "script", "ctl", "alarm": static string */
    long count;
    union {
        struct { /* SET */
            int knob;          /* enum knob_id */
            struct knob_value value;
            double factor;
        };
        struct { /* what measures, and WATCH */
            struct probe_options probe;
            double rho, span, tau;
            long batches, batch, points, every;
            bool train_mode;   /* SAVE_GRADIENT, SAVE_HVP: batch statistics instead of running ones */
        };
    };
};
/* *to as *from, with texts and classes of its own in `extra`, which has command_extra() bytes; texts that are missing are "". */
size_t command_extra(const struct command *c);
void command_pack(struct command *to, const struct command *from, void *extra);
struct command *command_copy(const struct command *c); /* both in one block, for free(). NULL: no memory */

/* A journalled operation that was carried out because its moment had come. */
struct roll_known {
    uint64_t step;
    char op[12], key[64]; /* as journalled; a longer key is cut */
    bool over;            /* it came to its end; else it was under way when the recording ended: what it has not told yet is told now */
};
/* A result that the journal has: it is not computed again. */
struct roll_result {
    enum command_op op;   /* HESSIAN, CNC, SLICE or READING */
    uint64_t of;          /* step of the weights */
    int class_index;
    bool open;            /* of the command that is not over */
    bool round;           /* of a round of watched classes */
};

/* Re-execution after a crash: go from `state`, or from the weights of the beginning, to step `until` without
 * emitting what the journal already has, applying `*commands[i]` before step at[i]+1, checking each step's loss against loss[step - 1 - the step it began at] bit for bit
 * (NULL: not recorded). A mismatch emits a warning and a BRANCH event, and training goes on from there. */
struct trainer_roll {
    uint64_t until;       /* last step in the journal */
    uint64_t until_eval;  /* step of the last journalled evaluation */
    uint64_t until_stage; /* and of the last journalled beginning of a stage */
    int n_commands;
    const uint64_t *at;
    const struct command *const *commands; /* [n_commands] */
    const float *loss;    /* [until - first step] or NULL */
    int n_known, n_results;
    const struct roll_known *known;    /* in the order they were carried out */
    const struct roll_result *results;
    bool rewind;          /* the journal goes on after `until`: that is left behind by a BRANCH event */
    bool look;            /* only the weights are wanted: what was left undone stays so, and a mismatch ends it all as "failed" */
};

/* A run that begins with another one's state. Its own recording has all that it needs: nothing is looked up in the parent's. */
struct trainer_parent {
    char run[160];          /* NAME@EPOCH, of which a fraction may be done */
    char id[40];            /* of the session; 32 hex digits */
    uint64_t step;
    char state[DIGEST_HEX]; /* train_state_hash() of that state */
    bool fork;              /* it goes on as that run did; else its second stage begins here */
};

struct trainer_setup {
    const struct backend *backend; /* static */
    int device;                    /* its number there */
    const struct dataset *data;    /* outlives the trainer */
    const struct knobs *knobs;     /* copied */
    const float *params, *stats;   /* initial weights (copied), or NULL: initialised from the seed */
    const char *weights;           /* their SHA-256, for the config event (copied); or NULL */
    const struct train_state *state; /* resume from here (copied), or NULL */
    const struct trainer_roll *roll; /* or NULL; copied */
    struct event_hub hub;
    uint64_t max_steps;            /* the knob steps instead of what `knobs` says; 0 = as it says */
    const char *name;              /* for the config event */
    /* A new run that begins with `state`, whose first snapshot, "base", is on disk before anything else happens; NULL: it has none.
     * Copied. */
    const struct trainer_parent *parent;
    const char *isa;               /* the instruction set that the run was recorded with: with a math other than fp32 another one is refused,
                                      for its sums would differ; NULL or "" = any */
    const char *remark;            /* a note at the start: what whoever set this up wants recorded; NULL = none; copied */
    bool announce;                 /* emit config, data and env first (a new run) */
    bool start_paused;
};

struct trainer;
struct trainer *trainer_new(const struct trainer_setup *setup, struct err *err);
/* Before trainer_start(): where events go, and under which name, instead of what the set-up said. For who makes a recording only
 * once the set-up was accepted. */
void trainer_record(struct trainer *t, const struct event_hub *hub, const char *name);
int trainer_start(struct trainer *t, struct err *err);
void trainer_free(struct trainer *t); /* stops after the running step if needed; NULL allowed */

/* The machine that decides how numbers round: the device's name, and the instruction set where there is one ("cpu avx512"). Before the start. */
void trainer_machine(const struct trainer *t, char *out, size_t size);

/* Copies the command into the queue; returns its number (> 0), or -1 with *err (queue full, run is over). The answer is an
 * ANSWER event with that number. */
long trainer_post(struct trainer *t, const struct command *c, struct err *err);

/* Stops evaluations and probes at their next batch (C-c), those too that were posted and have not begun; training goes on.
 * Async-signal-unsafe, any thread. */
void trainer_cancel(struct trainer *t);
/* The run is about to end by a `stop` that is posted next: an evaluation or probe under way is cut off, none begins any more, and what
 * was recorded as begun waits in the last snapshot. Any thread. */
void trainer_cut_off(struct trainer *t);

/* The way in which a run came to its end; unsaved: all steps are done, but the last weights are not on disk yet. */
enum run_end { RUN_GOES_ON, RUN_FINISHED, RUN_UNSAVED, RUN_STOPPED, RUN_DIVERGED, RUN_FAILED };
extern const char *const run_end_name[]; /* "finished", "unsaved", "stopped" ...: as the state event says; "" for the first */
enum run_end run_end_of(const char *state); /* by that word; RUN_GOES_ON: it is none of an end */

enum trainer_phase { TRAINER_READY, TRAINER_ROLLING, TRAINER_TRAINING, TRAINER_PAUSED, TRAINER_OVER };
struct trainer_status { /* a consistent copy */
    enum trainer_phase phase;
    enum run_end over;      /* RUN_GOES_ON unless the phase is TRAINER_OVER */
    enum err_code cause;    /* why a step could not be taken, which ended it; ERR_NONE: nothing of that kind */
    bool ending;            /* its end is decided: it is over as soon as that is written */
    uint64_t step, steps_per_epoch, total_steps;
    double epoch;           /* step / steps_per_epoch */
    double images_per_s;    /* smoothed over the last seconds of stepping; NaN before */
    double data_share;      /* of those seconds: the share that steps waited for pictures to be read, 0..1 */
    double eta_s;           /* from steps done in this process, split by phase (plain, SAM, evaluation, probes); NaN before */
    int n_pending;
    bool drw_on;
    bool rolled_only;       /* over while recorded steps were repeated: this process added nothing that must be saved */
    bool diverged;          /* the last step was not taken: its loss or gradient was not finite */
    size_t memory_bytes;
};
void trainer_status(struct trainer *t, struct trainer_status *out);

/* Texts of pending commands, "3: set rho 0.8 at epoch 170"; returns how many; free() each and the array. */
int trainer_pending(struct trainer *t, char ***out);

/* The knobs in force. */
void trainer_knobs(struct trainer *t, struct knobs *out);

/* Waits until the run is over or `step` is reached (0 = over only) or the timeout passes. Returns 1 reached, 0 timeout. */
int trainer_wait(struct trainer *t, uint64_t step, int timeout_ms);

#endif
