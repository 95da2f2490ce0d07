/* repl/sweep.h - a sweep: the product of some knobs' values and seeds, run as a campaign (repl/campaign.h) and ranked by validation images.
 *
 * What a sweep is stands in a file NAME.sweep in the sessions folder: lines of the language that set up what its runs share, and as the last one the
 * command itself. How far it is stands in the recordings of its runs alone. So its table, and each decision of --early and rho=auto, is a
 * function of these and comes out the same however often it was interrupted. One thread. */
#ifndef REPL_SWEEP_H
#define REPL_SWEEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/buf.h"
#include "engine/knobs.h"

struct err;
struct campaign;

enum { SWEEP_AXES = 6, SWEEP_VALUES = 64, SWEEP_POINTS = 1000, SWEEP_SEEDS = 20, SWEEP_ASKS = 100, SWEEP_NAME = 40, SWEEP_LABEL = 32 };

struct sweep_axis {
    enum knob_id knob;
    int n;
    struct knob_value value[SWEEP_VALUES];
};

struct sweep_plan { /* owns `more` alone */
    char name[SWEEP_NAME + 1];
    struct knobs base;     /* of each run, but for axes and seed */
    struct buf more;       /* lines beside knobs: weights, watched classes, changes for later */
    int n_axes;
    struct sweep_axis axis[SWEEP_AXES];
    int automatic;         /* the axis that is a ladder: its values are tried from the first on until one is worse; -1: none */
    int seeds;             /* the base's, the next one ... */
    bool early;            /* --early median */
};

/* --- sweep_plan.c: pure --- */

/* KNOB=V,V,... behind the axes that are there; rho=auto. -1 with *err: a knob that cannot be swept, is there already, or a value. */
int sweep_axis_add(struct sweep_plan *p, const char *word, struct err *err);
/* 0 when the axes go together, with seeds and --early; -1 with *err. */
int sweep_check(const struct sweep_plan *p, struct err *err);
bool sweep_takes(enum knob_id id); /* a knob whose values may be tried */
int sweep_points(const struct sweep_plan *p);  /* the product; at most SWEEP_POINTS after sweep_check() */
int sweep_place(const struct sweep_plan *p, int point, int axis); /* which value of an axis a point has; the last axis changes fastest */
void sweep_knobs(const struct sweep_plan *p, int point, int seed, struct knobs *out); /* seed 0, 1 ... */
void sweep_label(const struct sweep_plan *p, int point, int axis, char out[SWEEP_LABEL]); /* the value as short text */
void sweep_run_name(const struct sweep_plan *p, int point, int seed, char *out, size_t size); /* NAME-rho0.2-drw160-s1 */
/* The lines that set up a run, and those of the file. */
void sweep_lines(const struct sweep_plan *p, const struct knobs *k, struct buf *out);
void sweep_command(const struct sweep_plan *p, struct buf *out);  /* the command that is this sweep, in one line without newline */
/* The base's knobs from the lines of a file up to the command; the others go to `more`. *command: the last line, in `text`, which is cut
 * there. -1 with *err. */
int sweep_read(struct sweep_plan *p, char *text, const char **command, struct err *err);
void sweep_release(struct sweep_plan *p);

/* --- sweep_file.c: the file NAME.sweep in `root` --- */

extern const char sweep_suffix[]; /* ".sweep" */
bool sweep_file_there(const char *root, const char *name);
int sweep_file_make(const char *root, struct sweep_plan *p, struct err *err);
int sweep_file_lock(const char *root, const char *name, struct err *err); /* a descriptor, whose close() unlocks; -1 with *err */
/* A plan of zeros becomes what the file says, checked like typed lines. -1 with *err; sweep_release() in either case. */
int sweep_file_read(const char *root, const char *name, struct sweep_plan *p, struct err *err);
/* The command in its last line, for people to read; "": none that can be read. */
void sweep_file_command(const char *root, const char *name, char *out, size_t size);
int sweep_file_remove(const char *root, const char *name, struct err *err);
/* Names of all, sorted; NULL behind the last. How many, or -1 with *err. */
int sweep_names(const char *root, char ***out, struct err *err);
void sweep_names_free(char **name); /* NULL allowed */

/* --- cmd_sweep.c --- */

/* The command in the last line of that file, checked like a typed one: its axes, behind the base that is there. */
int sweep_plan_of_line(const char *line, struct sweep_plan *p, struct err *err);

/* --- sweep_results.c: numbers and decisions; pure but for reading recordings --- */

struct sweep_value { /* of a run at an evaluation, or of a point: means over its seeds */
    double epoch, val, tail, test; /* epochs; %; NaN: not there (test: until the run's end) */
    double test_epoch;
};
/* The last evaluation on validation images up to an epoch (INFINITY: of all), and on test images if it is of the same epoch. */
struct sweep_value sweep_value_read(const char *dir, double epoch);

/* The first epoch at which a point may be stopped: ten after its re-weighting. */
double sweep_grace(const struct knobs *k);
double sweep_rung(const struct sweep_plan *p, int i); /* the i-th epoch at which points are compared; NaN: past the end */
double sweep_median(double *value, int n);            /* of those that are there (not NaN), sorts them; NaN: none */

/* Pooled deviation of the seeds of each point, and what two means of `seeds` runs must differ by to be told apart: twice the standard error of their
 * difference, never less than one of n_val images. value: [points][seeds]. */
double sweep_noise(const double *value, int points, int seeds, double n_val);

/* --- sweep_run.c: one that goes on, or is looked at --- */

struct sweep;
typedef void sweep_say(void *ctx, const char *line); /* without a newline */
struct sweep_options {
    const char *root, *device; /* as of a campaign */
    int jobs, threads;         /* likewise; jobs 0: it is only looked at */
    sweep_say *say;            /* what happens and why; NULL: nobody asks */
    void *ctx;
};
enum sweep_progress { SWEEP_OVER, SWEEP_WAITS, SWEEP_DECIDED };

/* The plan becomes the sweep's, whether it is made or not. NULL with *err. */
struct sweep *sweep_new(struct sweep_plan *plan, const struct sweep_options *options, struct err *err);
void sweep_free(struct sweep *s); /* its children end, with snapshots */
/* Never waits. SWEEP_DECIDED: there may be more to do at once. -1 with *err: no memory. */
int sweep_go(struct sweep *s, struct err *err);
int sweep_done(const struct sweep *s, int *of); /* runs that are at their end; of those that are known by now */
int sweep_failed(const struct sweep *s);        /* runs that failed */
/* The table as things are now, best point first, and how to go on from its best run. */
void sweep_table(struct sweep *s, sweep_say *say, void *ctx);
/* The same with a row for each run, those of the best point first: rank, the values, seed, val, tail, test, epoch, state, mean and deviation of val over the seeds, run.
 * Empty: not there (yet). -1 with *err: no memory. */
int sweep_csv(FILE *out, struct sweep *s, struct err *err);
const char *sweep_name(const struct sweep *s);

/* What run.c and table.c of it share. */
struct sweep {
    struct sweep_plan plan;
    struct sweep_options options;
    struct campaign *campaign;
    int points, n_rows;
    int *row;              /* [points][seeds] of the campaign, -1: not there (yet) */
    int *of_row;           /* [rows] point x seeds + seed */
    bool *ran;             /* [rows] a child of this process trained it */
    struct sweep_value *end; /* [rows] what a run that is at its end reached, read once; epoch NaN: not read yet */
    double *stopped;       /* [points] epoch at which --early ended it; NaN: not */
    int rung;              /* of --early; -1: all that are left go to their ends */
    int *place;            /* rho=auto: [ladders] how far each is; -1 - place: it ended there */
};
bool sweep_point_done(const struct sweep *s, int point);   /* all of its runs are where they are to be */
bool sweep_point_failed(const struct sweep *s, int point); /* one of its runs failed */
struct sweep_value sweep_row_value(struct sweep *s, int row, double epoch);  /* of one run, as sweep_value_read() */
struct sweep_value sweep_point_value(struct sweep *s, int point, double epoch, double *val); /* val: [seeds], or NULL */

#endif
