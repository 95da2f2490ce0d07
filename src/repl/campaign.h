/* repl/campaign.h - a campaign: named runs that are made one after the other, or so many at a time, each by a child process of this very
 * program, as if somebody had typed its lines into `saddle` and later `saddle resume NAME`.
 *
 * There is no file of its own and no daemon: how far each run is says its recording alone. So whoever makes the same campaign again, after a
 * kill -9 too, goes on where it was, and J at a time give the bits of each alone.
 *
 *   struct campaign *c = campaign_new(&options, &err);
 *   int row = campaign_add(c, "t1-ce-s1", "preset paper/cifar10-lt/ce\nset seed 1\n", &err);   // for each run; more may follow at any time
 *   while (campaign_poll(c) > 0)                       // begins and ends children; never waits
 *       if (!bench_idle(w, 200)) { cancelled: break; } // so it may be called from a prompt's pump as well
 *   campaign_state(c, row)                             // ROW_THERE, or ROW_FAILED with campaign_why()
 *   recording_open(campaign_dir(c, row), &err)         // the numbers: of the run's own recording, as of any other
 *   campaign_free(c);                                  // children that run end with a snapshot
 *
 * A run is a session NAME.saddle in the sessions folder, listed, replayed, forked like any other. A campaign of 0 jobs is
 * only looked at (a table, a dry run): it begins nothing, and each poll finds what is there; campaign_look() says how far a run is.
 *
 * Used by one thread. Children die at once with the thread that began them, so that nobody takes their runs up beside them; a recording is made for
 * that. */
#ifndef REPL_CAMPAIGN_H
#define REPL_CAMPAIGN_H

#include <stdbool.h>
#include <stddef.h>

struct err;
struct campaign;

struct campaign_options {
    const char *root;   /* sessions folder, as session_root() gives it; copied */
    const char *device; /* for --device; NULL or "": as the lines say. Copied */
    int jobs;           /* children at a time; 0: none, it is only looked at */
    int threads;        /* of each child; 0: the processors of this machine shared among `jobs` */
    void (*changed)(void *ctx, int row); /* a row's state is another one; within campaign_poll(), which it must not call
                                            * again, nor add a row; or NULL */
    void *ctx;
};

enum campaign_row_state {
    ROW_WAITS,  /* to be begun, or gone on with */
    ROW_RUNS,   /* a child trains it */
    ROW_LOCKED, /* another process records it: it is waited for */
    ROW_THERE,  /* its recording is at the end, or at its aim */
    ROW_FAILED  /* three children failed without coming further, or it diverged: campaign_why(). Tried again by the next campaign */
};

struct campaign *campaign_new(const struct campaign_options *options, struct err *err); /* NULL: no memory */
/* Children that run are ended, with a snapshot, and waited for. NULL allowed. */
void campaign_free(struct campaign *c);

/* A run more: its name, as for `train --name`, and the lines of the language that set it up, each with its newline, up to `train`, which is
 * not among them. Copied. Lines are used once, when the run is begun; a recorded one is resumed. Returns its row, 0.., or -1 with *err: the name is
 * no name or is there twice, or no memory. */
int campaign_add(struct campaign *c, const char *name, const char *lines, struct err *err);

/* The run goes on until so many epochs are done and evaluated (INFINITY, as after campaign_add(): its end) and stops some steps later.
 * Its steps have the same bits whether it stops on the way or not. */
void campaign_aim(struct campaign *c, int row, double epochs);

/* Looks after children and begins as many as may run. Returns how many rows are not where they are to be; 0: all is done or failed. */
int campaign_poll(struct campaign *c);

const char *campaign_name(const struct campaign *c, int row);
const char *campaign_dir(const struct campaign *c, int row); /* of its session, which may not be there yet */
enum campaign_row_state campaign_state(const struct campaign *c, int row);
const char *campaign_why(const struct campaign *c, int row); /* the last words of the last child that failed; "" */

struct campaign_look {
    bool begun, finished, locked;
    double epoch; /* of its last evaluation; NaN: none */
};
/* How far the recording of a row is, read now. */
struct campaign_look campaign_look(const struct campaign *c, int row);

#endif
