/* engine/run/trainer_private.h - what the files of the trainer share; nobody else includes it.
 *
 *   inbox.c             commands on their way here (it knows no trainer)
 *   trainer.c           the thread and its loop, the end
 *   trainer_make.c      made and freed
 *   learner.c           what learns, a step at a time (it knows no trainer)
 *   trainer_step.c      a step and what comes after it: epoch ends, snapshots, divergence
 *   trainer_boundary.c  what a boundary between two steps brings, and how far steps are queued ahead of it
 *   trainer_commands.c  commands: check, journal, apply, answer
 *   trainer_measure.c   those that measure: evaluations and probes, and which classes are watched
 *   trainer_release.c   `pause --release`: device and memory given back, and taken again
 *   trainer_set.c       `set`: what is refused, what is warned about
 *   trainer_auto.c      `set rho auto`
 *   trainer_plan.c      what the run as it stands can never do
 *   trainer_roll.c      re-execution after a crash
 *   trainer_guest.c     what evaluations and probes see and tell
 *   trainer_capture.c   what a snapshot holds */
#ifndef ENGINE_TRAINER_PRIVATE_H
#define ENGINE_TRAINER_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/host.h"
#include "base/buf.h"
#include "base/err.h"
#include "engine/probe/evaluate.h"
#include "engine/probe/probe.h"
#include "engine/probe/round.h"
#include "engine/rho_auto.h"
#include "engine/run/learner.h"
#include "engine/run/inbox.h"
#include "engine/run/trainer.h"

/* Means over the last seconds: each sum decays with the time that passes. */
struct pace {
    double seconds, images, steps;
    double beside;               /* of the seconds: spent on probes while steps were under way */
    double data;                 /* of the seconds: waited for pictures */
    double waited;               /* batches_waited() when last asked */
};

struct boundary { /* between two steps: what was decided about it */
    bool commands;          /* some were posted */
    bool snapshot;          /* of the weights after the step just done; due by its epoch or the clock */
    enum round_wish probe;  /* what the scheduled round may do */
    bool stop;              /* no step follows: the run is over, or is to end */
    bool ending;            /* nothing begins any more: a `stop` is about to be posted */
};

struct roll_state { /* re-execution */
    struct trainer_roll told;    /* arrays are ours */
    bool has;                    /* there is one */
    int next;                    /* recorded commands repeated so far */
    bool *met;                   /* [told.n_known]: met again */
    enum { ROLL_QUIET, ROLL_DUE, ROLL_REDO } doing; /* what is repeated, what is due now, what is brought to its end */
    bool over;                   /* the command under way came to its end then: nothing to compute */
    bool branched;               /* it left the journal */
    struct event *step;          /* that of the step just done: shown only if it leaves the journal */
};

struct auto_look { /* the last end of an epoch at which rho might have been moved */
    bool under_way;              /* its spectra are being measured */
    uint64_t step;               /* 0: none in this process */
    double amp, lmin;            /* the lowest (rho/|g|) lambda_min, and its eigenvalue */
    int class_index;             /* of that */
};

struct act { /* a command that is carried out */
    const struct command *c;
    uint64_t id; /* of the pending command this was, or 0 */
    struct buf *text; /* its answer; of a cancelled one what came before that */
};

struct trainer {
    /* fixed once made */
    struct event_hub hub;
    bool announce, start_paused;
    char name[128], remark[256], weights[DIGEST_HEX];
    struct trainer_parent parent; /* "" as its run: none */
    int most_ahead;              /* steps under way at once, 1..BACKEND_STEPS */

    /* the trainer thread's (the caller's before trainer_start()) */
    struct learner learner;
    struct boundary at;          /* the last decision */
    struct guest guest;          /* what those two see */
    struct evaluation evaluation;
    struct probe probe;
    bool *watched;               /* [classes] */
    struct queued *pending;
    long next_pending;
    const char *stage;           /* name of the stage of the last step; a literal */
    double best, best_epoch;     /* accuracy of the split that counts */
    struct rho_auto rho_auto;    /* what is known from the looks before */
    struct auto_look look;
    uint64_t evaluated_step;     /* UINT64_MAX: none in this process */
    struct roll_state roll;
    bool rolling, quiet;         /* quiet: the journal has it already */
    bool paused, diverged;
    bool begun, release;         /* the loop may begin; `pause --release` came before that, and is done then */
    long prepared;               /* number of the last command posted before the start: the set-up was asked about those */
    bool preparing;              /* one of them is carried out */
    long doing;                  /* number of the command that is carried out as soon as it was posted; 0: none */
    long steps_left;             /* of `step N`; -1 = no count */
    uint64_t snapshot_step;      /* UINT64_MAX: none */
    uint64_t work_ns, snapshot_work_ns; /* spent on steps; then */
    uint64_t progress_ns;
    uint64_t told_ns;            /* when a status was; 0: not yet */
    struct host machine;         /* since then */
    struct pace pace;
    double eval_seconds;
    enum run_end over;           /* anything but RUN_GOES_ON: the loop ends */
    bool ended;                  /* and all that belongs to the end is done: others may see that it is over */
    char why[200];               /* of the state event that follows */
    enum err_code cause;         /* of RUN_FAILED */
    const char *cut_off;         /* the verb of the command that the end cut off, or NULL */

    /* shared */
    pthread_t thread;
    bool started;
    atomic_bool cancel, ending, quit;
    atomic_long cancelled;       /* number of the last command posted before a cancel */
    struct inbox inbox;
    pthread_mutex_t lock;        /* of what follows */
    pthread_cond_t changed;      /* trainer_wait() waits on it */
    struct knobs shown_knobs;
    struct trainer_status status;
    char **pending_text;         /* "3: set rho 0.8 at epoch 170" */
    int n_pending_text;
};

static inline double trainer_epoch(const struct trainer *t)
{
    return learner_epoch(&t->learner);
}

/* It begins with the state of another run. */
static inline bool trainer_is_child(const struct trainer *t)
{
    return t->parent.run[0];
}

/* trainer.c */
void trainer_emit(struct trainer *t, struct event *e); /* unless quiet; gives the reference away */
void trainer_say(struct trainer *t, const char *level, const char *format, ...) __attribute__((format(printf, 3, 4)));
void trainer_set_state(struct trainer *t, const char *state, const char *why); /* phase and STATE event */
void trainer_publish(struct trainer *t);
void trainer_progress(struct trainer *t, const char *what, uint64_t done, uint64_t of, int class_index);
/* The same with what a spectrum knows so far, or NULL. */
void trainer_progress_of(struct trainer *t, const char *what, uint64_t done, uint64_t of, int class_index, const struct spectrum *s);
bool trainer_is_ending(struct trainer *t);       /* trainer_cut_off() or trainer_free() */
void trainer_drain(struct trainer *t);           /* applies what was posted and what is due; no step is under way */

/* trainer_step.c */
/* One more step is done; others may be under way. 0, or -1: diverged, paused or over, and none is under way. */
int trainer_step(struct trainer *t);
bool trainer_round_due(const struct trainer *t); /* the watched classes are probed at the end of this epoch */
/* After a step: a STAGE event when it was the first of another stage. quiet: the journal has it already. */
void trainer_tell_stage(struct trainer *t);
void trainer_end_epoch(struct trainer *t); /* when the step just done was its last: evaluation, and the next round of probes */
void trainer_after_step(struct trainer *t); /* as was decided: a snapshot, a product of the round */
int trainer_use_loss(struct trainer *t, struct err *err); /* class weights of this moment, and a word when they come on */
/* false: nobody records, no memory, or the device failed, and that was said. */
bool trainer_snapshot(struct trainer *t, const char *name, bool pinned);
void trainer_snapshot_name(const struct trainer *t, char *out, size_t size);
bool trainer_records_snapshots(const struct trainer *t);

/* trainer_status.c: a STATUS event when it is time for one; evaluated: right after an evaluation, which may bring it sooner */
void trainer_tell_status(struct trainer *t, bool evaluated);

/* trainer_boundary.c */
void trainer_ahead_init(struct trainer *t);
/* Fills t->at; nothing else asks for commands, the clock or the wish to end until the next boundary. stepped: right after a step. */
void trainer_decide(struct trainer *t, bool stepped);
void trainer_queue_ahead(struct trainer *t); /* as many as may be under way now; none for other back ends */

/* trainer_journal.c */
struct entry { /* of the journal, about a command; NULL: not said */
    bool waits;       /* it is to act later */
    const char *key, *value, *old;
    const char *why;  /* the numbers that it was decided by */
    const char *bits; /* of a number as it was set */
    uint64_t id;      /* of the pending command this was or is; else 0 */
};
void trainer_journal(struct trainer *t, const struct command *c, const struct entry *entry);
/* Drops the folder of a file that a command writes from a text that is to be recorded: the folder is of this machine. In place. */
void trainer_hide_folder(const struct command *c, char *text);

/* Handlers of engine/operations.def, in trainer_commands.c and trainer_measure.c: check, journal, act; the answer goes to a->text. */
#define OPERATION(id, word, handler, ...) int trainer_do_##handler(struct trainer *t, const struct act *a, struct err *err);
#include "engine/operations.def"
#undef OPERATION

/* trainer_commands.c */
void trainer_run(struct trainer *t, struct queued *q);          /* answers; keeps q when it became pending, else frees it */
/* The run is over: those that only look are still served. Both take q over. */
void trainer_run_late(struct trainer *t, struct queued *q);
void trainer_refuse(struct trainer *t, struct queued *q); /* posted just before the end; what wanted the end has it */
void trainer_run_due(struct trainer *t);
uint64_t trainer_steps_to_due(const struct trainer *t); /* until a pending command acts; UINT64_MAX: none will by its date */
void trainer_metric(struct trainer *t, const char *metric, double value); /* marks pending commands whose condition is met */
int trainer_apply_roll(struct trainer *t, const struct command *c, struct err *err);
void trainer_publish_pending(struct trainer *t);
void trainer_class_list(const struct command *c, char *out, size_t size); /* "3 9", appended */
void trainer_command_text(const struct command *c, bool with_when, char *out, size_t size);

/* trainer_release.c. No step is under way; while released nothing looks at weights, and none of the first kind is called. */
int trainer_release(struct trainer *t, struct err *err);   /* of a run that is paused; -1 with *err: everything is kept */
int trainer_take_back(struct trainer *t, struct err *err); /* nothing to do unless released; -1 with *err: it is still */
bool trainer_is_released(const struct trainer *t);
bool trainer_lacks_weights(const struct trainer *t, enum command_op op); /* released, and the operation needs them */
int trainer_refuse_released(const struct trainer *t, enum command_op op, struct err *err); /* why; -1 */

/* trainer_set.c */
int trainer_set_knob(struct trainer *t, const struct command *c, uint64_t id, struct buf *text, struct err *err);
/* A change that comes with something else, journalled as a `set` of its own by the same hand. why: NULL, or of `auto` its numbers. */
int trainer_set_besides(struct trainer *t, enum knob_id id, const char *value, const char *by, const char *why, struct err *err);

/* trainer_auto.c */
bool trainer_moves_rho(const struct trainer *t);
int trainer_auto(struct trainer *t); /* at the end of an epoch, after its evaluation. -1: cut off by the end of the run; it is done again */
bool trainer_auto_measured(const struct trainer *t, int class_index); /* its spectrum at this step is known by that */
void trainer_auto_heard(struct trainer *t, const struct event *e);    /* whatever is measured */

/* trainer_plan.c: warnings about what can never act */
void trainer_warn_set(struct trainer *t, const struct knobs *after, int knob); /* before the change */
void trainer_warn_watch(struct trainer *t);                                    /* after classes were added */
void trainer_warn_condition(struct trainer *t, const struct command *c);       /* of a command that waits */

/* trainer_roll.c */
void trainer_roll(struct trainer *t);
int trainer_copy_roll(struct trainer *t, const struct trainer_setup *setup, struct err *err);
/* While rolling: must this command be journalled? Afterwards t->quiet says whether its results are told. */
bool trainer_roll_journals(struct trainer *t, const char *op, const char *key);
/* Does the journal have such a command of this step, met again already or not? */
bool trainer_roll_knows(const struct trainer *t, const char *op, const char *key);
/* While rolling: does the journal have this result of the command under way, or of the round of this epoch? */
bool trainer_roll_has(const struct trainer *t, enum command_op op, int class_index);
bool trainer_roll_round_has(const struct trainer *t, int class_index);
bool trainer_roll_round_began(const struct trainer *t);
bool trainer_roll_measured(const struct trainer *t, int class_index); /* the journal has a spectrum of this step, by whomever */
bool trainer_roll_decided(const struct trainer *t); /* the journal says what `rho auto` did at the end of this epoch */
const struct schedule *trainer_roll_rho(const struct trainer *t); /* what rho is set to at this step by the journal; NULL: nothing */
uint64_t trainer_roll_boundary(const struct trainer *t); /* the next step count at which the roll has something to do */

/* trainer_guest.c */
int trainer_open_guests(struct trainer *t, struct err *err); /* on failure they are closed all the same */
void trainer_close_guests(struct trainer *t);
void trainer_tell_guests(struct trainer *t); /* what trains from here on, and where the weights are */
void trainer_expect_cancel(struct trainer *t); /* somebody waits from here on: what was cancelled before is over, unless it is
                                                  what begins now */
void trainer_schedule_round(struct trainer *t); /* at an epoch's end: the watched classes */
bool trainer_drain_round(struct trainer *t);    /* at the end of the run; false: it was cut off */
/* 0 and an EPOCH event; -1 with *err, ERR_CANCELLED too. */
int trainer_evaluate(struct trainer *t, const char *split, struct err *err);
/* The same of the split that counts, where the run may end: there test images come before those held out, so that both are of the weights of the
 * end, and what counts is the later of the two. */
int trainer_evaluate_main(struct trainer *t, const char *split, struct err *err);

/* trainer_capture.c */
struct train_state *train_state_capture(struct trainer *t);

#endif
