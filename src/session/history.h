/* session/history.h - the fold: everything a screen shows, built from events and nothing else. Live, replay and `view` of
 * another process feed the same fold. Owned and used by one thread (the terminal's). */
#ifndef SESSION_HISTORY_H
#define SESSION_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "engine/event.h"
#include "engine/knobs.h"
#include "engine/measure.h"

enum { HISTORY_MAX_GROUPS = 16 };

enum eval_loss { EVAL_LOSS, EVAL_TRAIN_LOSS, EVAL_LOSSES }; /* on the images of the evaluation; in the epoch's steps */
struct history_eval { /* of the test set, or of the held-out images; evaluations of the training set only make a line */
    uint64_t step, wall_ns; /* wall_ns: as in history_line */
    double epoch, loss, acc, train_loss, train_acc, lr, rho;
    double best, best_epoch; /* of the run until then */
    double group[HISTORY_MAX_GROUPS];
    float *cls;       /* [n_classes] %, NaN = no images; NULL: not measured */
    float *cls_loss[EVAL_LOSSES]; /* [n_classes] without class weights, NaN = no images; NULL: not recorded */
    uint32_t *conf;   /* [n_classes * n_classes] or NULL; older ones are given up when they take too much memory */
    bool drw;
};
struct history_eig {
    uint64_t step; /* of the weights */
    uint64_t wall_ns;
    double epoch, loss, lmin, lmax, rmin, rmax, seconds;
    double trace, trace_se; /* NaN when not estimated */
    double amp;             /* effective amplification (rho / |g|) lmin; NaN without SAM */
    uint32_t class, iters, of, images, runs, n_nodes; /* of: products planned, of a probe under way; else 0 */
    char subset[20], how[80], why[12];                /* how: what differs from the default, "" = nothing */
    double *nodes, *wts;    /* [n_nodes] finite, ascending; weights >= 0 */
};
/* A measurement, as its event tells it (engine/measure.h). */
struct history_result {
    uint64_t step, wall_ns;      /* of the weights; wall_ns: as in history_line */
    double epoch;
    uint32_t class, n;           /* a class that there is, 0 for the whole network; rows of its table: numbers on its axis, places, or 1 */
    const struct event_field *f; /* its fields, EV_CNC_LMIN ...: texts fit for a terminal and never NULL, the axis finite and ascending,
                                    lists among its columns as long as the axis; in one block that is the history's */
};
struct history_results {
    size_t n;
    struct history_result *at;
};
enum { CNC_LINEAR, CNC_UNNORMALISED, CNC_SAM, CNC_WAYS };                           /* places of the lists of a cnc */
enum { READING_ALL, READING_HEAD, READING_MID, READING_TAIL, READING_PARTS };       /* EV_READING_ACC + part: % over tau */
/* The status of run and machine at a moment; older recordings have none. NaN: not known. */
struct history_status {
    uint64_t step, wall_ns, total_steps; /* total_steps: length of the run as planned then; wall_ns: as in history_line */
    double epoch, eta_s, images_per_s;
    double cores, busy;                  /* processors in use by the run; load of the machine, 0..1 */
    double rss_bytes, free_bytes, memory_bytes;
    uint32_t processors, n_pending;      /* commands that wait */
};
/* A moment at which something changed: R rho, D drw, L lr, S snapshot (while it is on disk), F fork, N note, B a second stage begins,
 * W other knob. */
struct history_mark {
    uint64_t step;
    double epoch;
    char letter;
    bool by_hand;
    char text[96];
};
struct history_set { /* a knob changed while the run trained */
    uint64_t step; /* it acts from the step after this one; what it became is what the next change of it found, or the knob as it is now */
    enum knob_id knob;
    struct knob_value before;
};
struct history_line { /* the event log: what a person reads */
    uint64_t step, ns;   /* ns: of the event */
    uint64_t wall_ns;    /* wall clock, ns since 1970, from the open event of the segment; 0 = unknown */
    double epoch;
    char level;     /* ' ' event, '!' warning, 'E' error */
    char text[240];
};
struct history_class {
    char name[32];
    uint32_t n, n_test;
    int group;
    bool watched;
    bool listed; /* in the list of those that were watched */
};
/* min, max and last of a run of steps, so that a long trace is drawn by column */
struct history_bin {
    float min, max, last;
};
enum { GAUGES = EV_GAUGE_COS + 1 }; /* of SAM (methods 4.14): the fields of EVENT_GAUGE, in their order */

struct history_trace {  /* one number per step, kept as bins of `width` steps; width doubles when full */
    struct history_bin *bin; /* bin i: steps first_step + i * width and the width - 1 after it; NaN where nothing is known */
    uint32_t n, cap, width, filled; /* filled: steps in the last bin */
    uint64_t first_step;
};

struct history {
    char name[128], id[40] /* no event carries it: its owner may fill it in */, parent[128] /* NAME@EPOCH, or "" */, parent_id[40] /* or "" */, data_name[96], data_sha256[72], data_known_by[16] /* what data_sha256 knows images by; "": not said */, backend[32], isa[32], build[96];
    struct knobs knobs;       /* in force */
    int n_classes, n_groups;
    struct history_class *cls;
    char group_name[HISTORY_MAX_GROUPS][16];
    uint64_t n_train, n_test, steps_per_epoch, threads;

    uint64_t step, first_step; /* first_step: at which it begins; not 0 when it began with the state of `parent` */
    double epoch;             /* step / steps_per_epoch */
    char state[16], why[96];  /* training paused finished stopped diverged failed; "" before */
    float loss, loss_up, gn, lr, rho, step_ms; /* of the last step; NaN before */
    uint64_t n_steps, n_climbed; /* steps; those that looked at w + e */
    double images_per_s;      /* from step durations, smoothed; NaN before */
    double best, best_epoch;  /* on val, else on test */
    bool drw_on;

    size_t n_eval, n_eig, n_mark, n_set, n_line, n_status;
    struct history_eval *eval;
    struct history_eig *eig;
    struct history_mark *mark;
    struct history_set *set;
    struct history_line *line;
    struct history_status *status;
    struct history_results result[MEASURES]; /* in the order in which they were told; spectra are in `eig` instead */
    struct history_trace loss_trace, lr_trace, rho_trace, gn_trace;
    struct history_trace gauge[GAUGES]; /* of steps that told them */

    char progress_what[16];   /* "" when nothing long is under way */
    uint64_t progress_done, progress_of, progress_class;
    double progress_lmin, progress_lmax;
    /* The probe under way as far as it has come, not recorded: iters of `of` products done. It ends with the recorded value of its
     * class, with another probe, or with a refused (cancelled) command. */
    bool has_live;
    struct history_eig live;

    /* what the fold keeps for itself */
    uint64_t reach;           /* largest step of any event */
    uint64_t searched;        /* marks that were looked at to find a snapshot's */
    size_t conf_bytes, conf_from; /* of all confusion matrices; the first evaluation that may have one */
    size_t lines_left_out;
    uint32_t *watched;        /* [n_watched] classes that were watched since the list was emptied */
    uint32_t n_watched;
    bool conf_left_out, marks_left_out, search_left_out; /* said already */

    uint64_t changes;         /* +1 for every event folded: nothing changed = nothing to paint */
    bool failed;              /* out of memory: the fold is incomplete */
    uint64_t opened_wall_ns;  /* when the process that records it began; 0 = unknown */
    int64_t wall_offset;      /* wall clock minus event.ns, from the last open event; 0 = none seen */
};

void history_init(struct history *h);
void history_release(struct history *h);
void history_clear(struct history *h);
/* Text from events is made fit for a terminal (text_safe()); numbers out of range are dropped, never used as indices. */
void history_fold(struct history *h, const struct event *e);

/* Latest value of a class, or NULL: measured in the default way if there is one, else in another (`how`). */
const struct history_eig *history_last_eig(const struct history *h, uint32_t class);
const struct history_result *history_last(const struct history *h, enum measure measure, int class); /* the newest; class -1: of any */
const struct history_result *history_last_reading(const struct history *h, bool with_tau); /* the newest, with_tau: that is a curve */
/* Its tau was chosen on the images that it is told of, and those are test images. */
bool history_reading_is_biased(const struct history_result *r);
/* The text of a STAGE event, "crt: head trains for 30 epochs of 98 steps, sampler ..."; not yet fit for a terminal. */
void history_stage_text(const struct event *e, char *out, size_t size);
/* The length of the run by its knobs: optimiser steps; 0 before there is a data set. */
uint64_t history_total_steps(const struct history *h);
const struct history_status *history_last_status(const struct history *h); /* NULL: none was told */
/* Seconds to its end as its last status tells, or else at the pace of its last epoch or of its last steps; NaN when it does not train, or
 * nothing is known. */
double history_eta(const struct history *h);
/* True when the best evaluation, a choice, was made on the test images: without validation images. Whoever shows it says so. */
bool history_best_on_test(const struct history *h);
/* The mark where class weights came into force last; NULL: nowhere. */
const struct history_mark *history_reweighted(const struct history *h);
/* Accuracy of a class at evaluation i (NaN when missing), and its change against 10 evaluations before. */
double history_class_acc(const struct history *h, size_t eval, int class);
double history_class_delta(const struct history *h, int class, int evals_back);
double history_class_loss(const struct history *h, size_t eval, int class, enum eval_loss which); /* NaN when missing */

/* The same numbers as a tidy table: run,step,epoch,time,metric,class,value,text. `value` is a number, or empty in the row of a
 * mark, whose words are in `text`. */
void history_put_csv(FILE *out, const struct history *h);

#endif
