/* session/comparison.h - up to eight recorded runs beside each other on one axis of epochs: what the verb `compare` prints, draws and
 * shows. A run that is still recorded, by this process or another, is followed through its journal.
 *
 * Each run is a stream: its recording, the fold of all of it, and a cursor, an epoch up to which it is looked at. Moving a cursor folds
 * nothing: whatever is asked is answered from the whole fold as it stood at the cursor. A run that began with another run's state is one
 * line with it until then: what it has before its first step is its ancestors', as long as those are there.
 *
 * Runs are 0..comparison_runs()-1 in the order they were named; run 0 is the one that the others are compared with. Classes are numbered
 * as in run 0 and found by name in the others. Pointers and texts are the comparison's, good until it is followed or closed. One thread. */
#ifndef SESSION_COMPARISON_H
#define SESSION_COMPARISON_H

#include <stdio.h>

#include "session/history.h"
#include "session/metric.h"

struct err;
struct comparison;

enum { COMPARISON_RUNS = 8, COMPARISON_METRICS = 16 };

/* Folders of 2 to 8 sessions. Ancestors are looked for beside them, and in `root`, which may be NULL. NULL with *err: too few or too many, the same one twice, one that cannot be read or in which nothing is
 * recorded yet. What is odd, but can be compared, is a note. */
struct comparison *comparison_open(const char *const *dirs, int n, const char *root, struct err *err);
void comparison_close(struct comparison *c); /* NULL allowed */

/* Reads what was recorded since. How many runs have more now, 0: nothing is to be painted anew. Of one that cannot be read *err says
 * why, else it is cleared; that one stays as it was, and the others are followed. Call it now and then (500 ms). */
int comparison_follow(struct comparison *c, struct err *err);

/* --- the runs --- */
int comparison_runs(const struct comparison *c);
const char *comparison_name(const struct comparison *c, int run); /* no two alike */
const char *comparison_dir(const struct comparison *c, int run);
bool comparison_is_live(const struct comparison *c, int run);     /* somebody writes it */
const struct history *comparison_history(const struct comparison *c, int run); /* of its own recording, all of it */
double comparison_begin(const struct comparison *c, int run); /* epoch at which what is known begins: 0, or where an ancestor is missing */
double comparison_birth(const struct comparison *c, int run); /* epoch of its own first step; more than the beginning: a fork */
double comparison_end(const struct comparison *c, int run);   /* its last */
double comparison_latest_end(const struct comparison *c);     /* of all runs */
/* Where a run goes on from, "NAME@POINT": the nearest compared run of its line by its name of today, or else its parent by the name it had;
 * POINT as `fork` recorded it, which leads to the very step. "" for one that began anew. */
void comparison_lineage(const struct comparison *c, int run, char *out, size_t size);
/* The epoch until which two runs are one line: both went on from the same one, or one from the other; NaN: never. */
double comparison_shared(const struct comparison *c, int run, int other);
/* Warnings that a user must know before believing a number: damage, other data, ancestors that are gone. One line each; NULL: no more. */
const char *comparison_note(const struct comparison *c, int i);

/* --- cursors --- */
void comparison_seek(struct comparison *c, double epoch); /* all; INFINITY: each at its end, and it stays there when it grows */
void comparison_seek_run(struct comparison *c, int run, double epoch); /* the nearest of its steps, as a point of `fork` is */
double comparison_cursor(const struct comparison *c, int run); /* never past its end */
double comparison_latest_cursor(const struct comparison *c);
bool comparison_is_past(const struct comparison *c, int run);  /* it ended before the epoch that was asked for */

/* --- metrics: each a series of every run --- */
/* NAME or NAME:CLASS (session/metric.h). Its number, the old one when it is there already; -1 with *err. */
int comparison_add_metric(struct comparison *c, const char *text, struct err *err);
void comparison_drop_metrics(struct comparison *c);
int comparison_metrics(const struct comparison *c);
const struct metric *comparison_metric(const struct comparison *c, int metric);

struct comparison_series {
    const struct metric_point *at; /* [n] ascending steps, all of the recording, finite values */
    size_t n, own;                 /* own: the first that is the run's own; those before are its ancestors' */
    const struct metric_point *lost; /* [n_lost] ascending steps: measured, and no finite number */
    size_t n_lost;
};
/* n = 0: nothing was measured, or no memory. */
struct comparison_series comparison_series(struct comparison *c, int run, int metric);

/* What a curve shows: the series, or that of each step of a held metric (lr, rho), which is changed between evaluations. A held metric has
 * the value of a point from the point before on. */
struct comparison_series comparison_curve(struct comparison *c, int run, int metric);
/* Points up to the cursor. */
size_t comparison_reached(const struct comparison *c, int run, const struct comparison_series *s);

struct comparison_value {
    double value, epoch; /* epoch NaN: none, and no value */
    uint64_t step;
    size_t of;           /* finite values up to the cursor */
};
/* The newest up to the cursor, which may be NaN or infinite, and the best of the finite ones, a choice made on test images where history_best_on_test() says so. Of a metric that is neither
 * better high nor low there is no best. */
struct comparison_value comparison_at(struct comparison *c, int run, int metric);
struct comparison_value comparison_best(struct comparison *c, int run, int metric);
double comparison_delta(struct comparison *c, int run, int metric); /* the newest minus that of run 0; NaN: not known */

/* --- knobs and marks --- */
/* Those that differ between the runs, now or on the way to their cursors, in the order of the table; how many. */
int comparison_knobs(struct comparison *c, enum knob_id out[KNOB_COUNT]);
/* The compared runs that have the same knobs as this one but for the seed, now and on the way to their cursors, itself too, as bits. */
unsigned comparison_repeats(struct comparison *c, int run);
/* "0.05", or with what it was changed to and when "0.05 > 0.5@163", from its first ancestor to the cursor. */
void comparison_knob_text(const struct comparison *c, int run, enum knob_id knob, char *out, size_t size);
/* The marks of its line up to the cursor, ancestors' first, without snapshots: the one behind `after`, which NULL begins. NULL: no more. */
const struct history_mark *comparison_next_mark(const struct comparison *c, int run, const struct history_mark *after);

/* --- classes --- */
int comparison_class(const struct comparison *c, int run, int class); /* its number in that run; -1: it has none of that name */
struct comparison_gain {
    int class;             /* of run 0 */
    double before, after;  /* accuracy in run 0 and in the other one, at their cursors */
    double gain;
};
/* Accuracies of all classes that both have measured, out[n_classes of run 0], largest gain first; how many. */
int comparison_gains(struct comparison *c, int run, struct comparison_gain *out);

/* The newest spectrum of a class up to the cursor, with nodes if one has; NULL: none. */
const struct history_eig *comparison_spectrum(const struct comparison *c, int run, int class);
/* Their densities (session/density.h) over one axis: *low..*high in `cells` cells, out[run * cells ...]; of a run without a spectrum zeros.
 * Returns how many runs have one. */
int comparison_densities(const struct comparison *c, int class, int cells, double *low, double *high, double *out);

/* --- files --- */
struct comparison_view { /* what is asked for */
    bool density;        /* of the classes, instead of the metrics */
    const bool *classes; /* [n_classes of run 0]; NULL: none were named */
};
/* Tidy tables up to the cursors, a header line first: run,metric,class,epoch,step,value; of densities run,class,epoch,step,eigenvalue,density.
 * ERR_INVALID when there is nothing to tell. */
int comparison_put_csv(FILE *out, struct comparison *c, const struct comparison_view *view, struct err *err);
/* -1 with *err: nothing of what is asked for was recorded. */
int comparison_nothing(const struct comparison_view *view, struct err *err);
/* The classes whose densities are meant: those named that any run has a spectrum of; if none were, the watched ones, or else any. At most
 * `most`, how many into out[]. */
int comparison_density_classes(const struct comparison *c, const struct comparison_view *view, int out[], int most);

#endif
