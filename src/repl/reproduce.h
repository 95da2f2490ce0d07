/* repl/reproduce.h - what the files of `reproduce` share: a table of the paper, its numbers beside those of recorded runs. One thread. */
#ifndef REPL_REPRODUCE_H
#define REPL_REPRODUCE_H

#include <stdbool.h>
#include <stdio.h>

#include "repl/paper.h"
#include "session/figure_panels.h"

struct err;
struct workbench;
struct campaign;

enum { REPRODUCE_SEEDS = 20, REPRODUCE_ROWS = 24, REPRODUCE_CLASSES = FIGURE_PANELS_ACROSS };

struct reproduced_spectrum { /* of a class, at the end of the run of the first seed */
    bool there;
    char name[32];
    unsigned n, images;      /* training images; those that were probed */
    double epoch, loss, lmin, lmax, rmin, rmax;
    double below;            /* share of the density below 0, 0..1 */
};
struct reproduced_row {
    const struct paper_row *row;
    char why[320];           /* it is not run: this is why; "" */
    char folder[1024];       /* of its images */
    int n;                   /* runs at their end; numbers are of those */
    double mean[PAPER_CELLS], sd[PAPER_CELLS]; /* of the last evaluation, %; NaN: not known, sd of one run too */
    double best;             /* mean of the best accuracies over all evaluations */
    struct reproduced_spectrum spectrum[REPRODUCE_CLASSES];
    struct history *first;   /* that run, of a figure; NULL: none */
};
struct reproduction {
    enum paper_id of;
    struct paper_way way;
    int seeds, jobs;
    long seed;               /* the first */
    char classes[64];        /* of a figure: "2 5 7" */
    int n_classes, class[REPRODUCE_CLASSES];
    int n;
    struct reproduced_row row[REPRODUCE_ROWS];
};

/* --- reproduce_plan.c --- */

struct reproduce_attempt { /* of all rows */
    struct campaign *campaign;
    int at[REPRODUCE_ROWS][REPRODUCE_SEEDS]; /* rows of the campaign */
};
struct reproduce_pace { /* seconds of a step of plain SGD, measured once for each network */
    const char *model;
    double seconds;
};
enum { REPRODUCE_PLANNED = 2000 };
struct reproduce_plan { /* of `all`: runs that several tables want are made once */
    char *name[REPRODUCE_PLANNED];
    int n;
    double seconds;
    struct reproduce_pace known[2];
    int n_known;
};
int reproduce_runs_there(const struct campaign *campaign, const int at[REPRODUCE_SEEDS], int seeds);
/* A table, row by row; its runs are counted to *once, which is { 0 } before the first table. `a` was polled. */
void reproduce_say_plan(struct workbench *w, const struct reproduction *p, const struct reproduce_attempt *a, struct reproduce_plan *once);
void reproduce_say_all(struct workbench *w, const struct reproduce_plan *once); /* of all tables together */
void reproduce_plan_release(struct reproduce_plan *once);

/* --- reproduce_results.c --- */

/* The numbers of the runs in these folders, of which some may be missing (NULL), into *r. -1 with *err: no memory. */
int reproduce_read(struct reproduction *p, struct reproduced_row *r, const char *const *dir, int n, struct err *err);
void reproduce_release(struct reproduction *p);

typedef void reproduce_say(void *ctx, const char *line);
void reproduce_text(const struct reproduction *p, reproduce_say *say, void *ctx);
int reproduce_csv(FILE *out, const struct reproduction *p, struct err *err);
int reproduce_tex(FILE *out, const struct reproduction *p, struct err *err);
/* Densities of a figure, accuracies of a table. -1 with *err: nothing to draw, or no cairo. */
int reproduce_figure(FILE *out, const struct reproduction *p, bool png, struct err *err);

#endif
