/* repl/workbench.h - the program without a screen: what is set up, what runs, what is recorded, and the language that drives it.
 * The terminal (tui/) and the headless runner (repl/headless.c) are two faces of this one thing.
 *
 * Used by one thread (the terminal's or main). The trainer and the writer run beside it; their events are queued and folded
 * by workbench_pump(). */
#ifndef REPL_WORKBENCH_H
#define REPL_WORKBENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "engine/knobs.h"
#include "engine/run/trainer.h"
#include "session/history.h"
#include "session/session.h"

struct workbench;

enum say_level { SAY_TEXT, SAY_NOTE, SAY_WARNING, SAY_ERROR };

/* The functions that a face provides. Any slot may be NULL. */
struct workbench_face {
    void *ctx;
    /* One line of output of a command (no newline). caret: byte of the typed line to point at, -1 = none. */
    void (*say)(void *ctx, enum say_level level, const char *line, int caret);
    /* Commands for a screen only; all of them or none. word: what stands behind the verb, or "". 0, or -1 with *err. */
    int (*sort)(void *ctx, const char *word, struct err *err);
    int (*find)(void *ctx, const char *word, struct err *err);
    int (*zoom)(void *ctx, const char *word, struct err *err);
    int (*print)(void *ctx, const char *path, bool force, struct err *err); /* the screen, to a file */
    /* A knob of this screen changed. */
    void (*screen_knob)(void *ctx, enum knob_id id);
    /* Asks for a typed y; false = no. NULL slot: refused unless --yes. */
    bool (*confirm)(void *ctx, const char *question);
    /* Every event, after it was folded (headless log). */
    void (*event)(void *ctx, const struct event *e);
    /* Every event that is recorded, as the line the journal has of it, once it is on disk; where nothing records, numbered alike
     * from 0. */
    void (*record)(void *ctx, const struct event *e, const char *line);
    /* A command waits (`wait`, a script's answers): sleep until workbench_fd() is readable, something else happened or
     * timeout_ms passed; a screen paints meanwhile. false: stop waiting (a signal, C-c). NULL: the workbench polls alone. */
    bool (*idle)(void *ctx, int timeout_ms);
    /* Columns a paragraph may take. NULL slot: 78. */
    int (*columns)(void *ctx);
    /* Columns of the terminal that lines are printed on, 0: no terminal. NULL slot: 0. A table leaves out what has no room. */
    int (*table_columns)(void *ctx);
};

/* The lines of an event, of which the last has its number, one after the other, as face.record gets them. The first has number q; returns
 * the number after the last. */
uint64_t lines_of_event(const struct event *e, uint64_t q, void (*record)(void *ctx, const struct event *e, const char *line), void *ctx);

struct workbench_options {
    const char *sessions; /* --sessions or NULL */
    const char *device;   /* --device or NULL */
    int threads;          /* --threads or 0 */
    bool yes, readonly, script; /* script: commands come from a file: full verbs needed */
    bool no_record;       /* train without a session (tests, `train --no-record`) */
    bool dry;             /* set up and plan, train nothing */
};

struct workbench *workbench_new(const struct workbench_options *options, const struct workbench_face *face, struct err *err);
void workbench_free(struct workbench *w); /* stops training (snapshot, seal) */
/* Ends the run after the running step: snapshot, seal. 0 also without a run; -1 when the snapshot is not safe on disk. */
int workbench_end(struct workbench *w, const char *why, struct err *err);
/* Adds one line (no newline) about the recorded run that is shown: its name, where it is, and the shell's command that goes on with it or
 * shows it, with `program` as saddle was called. Nothing without one. For after workbench_end(). */
struct buf;
void workbench_parting(struct workbench *w, const char *program, struct buf *out);

/* Runs one line of the language (commands separated by ';'). Returns 0, or -1: the error was said. `interactive` allows verb prefixes. */
int workbench_line(struct workbench *w, const char *line, bool interactive);
/* Runs a script file; stops at the first error ("FILE:LINE: ..."). dry: parse and check only. */
int workbench_script(struct workbench *w, const char *path, bool dry);

/* The same as workbench_script() for a saddlerc: set and alias only; what it sets is a preference, not a set-up. */
int workbench_rc(struct workbench *w, const char *path);
/* Opens RUN for replay; live: and follows what another process writes. -1: the error was said. */
int workbench_open_replay(struct workbench *w, const char *run, bool live);

/* The same, live, and what is typed and steers or asks a run goes to it. -1: the error was said. */
int workbench_attach(struct workbench *w, const char *run);

/* The run that is viewed ended, or the process that recorded it did. */
bool workbench_view_over(struct workbench *w);

/* Byte after the word that the last error's caret points at (>= caret): how long to underline. */
int workbench_caret_end(const struct workbench *w);

/* Waits until the run is over (0 also without one). -1: the error was said. */
int workbench_wait(struct workbench *w);
/* Stops evaluations and probes at their next batch (C-c), those too that have not begun; training goes on. */
void workbench_cancel(struct workbench *w);
bool workbench_measures(const struct workbench *w); /* an evaluation or probe was asked for, and is not done */
/* Asks for a snapshot without waiting (SIGUSR2); its event says when it is safe. Nothing without a run. */
void workbench_snapshot(struct workbench *w);
/* The source of lines, for messages ("stdin", 3); NULL: nowhere. `file` is borrowed. */
void workbench_place(struct workbench *w, const char *file, int line);

/* Takes commands from outside, when the last look is some time ago; whoever waits for anything calls it again and again. */
void workbench_look_outside(struct workbench *w);
/* Somebody outside pauses and resumes this run: standing still it waits for him. */
bool workbench_steered(const struct workbench *w);

/* fd that becomes readable when events wait; workbench_pump() drains, folds them into the history and returns how many. */
int workbench_fd(const struct workbench *w);
int workbench_pump(struct workbench *w);

/* Pumps until pending answers of the last line arrived or timeout (ms). The prompt does not need it; scripts do. */
int workbench_settle(struct workbench *w, int timeout_ms);

const struct history *workbench_history(const struct workbench *w); /* what to paint: live, or the replayed moment */
bool workbench_status(const struct workbench *w, struct trainer_status *out); /* false: no run in this process */
bool workbench_session_status(const struct workbench *w, struct session_status *out);
void workbench_knobs(const struct workbench *w, struct knobs *out); /* of the run, also when it is over; without one as set up */
bool workbench_training(const struct workbench *w);  /* a run exists and is not over */
bool workbench_diverged(const struct workbench *w);  /* training waits after a loss that was not finite */
bool workbench_quit_asked(const struct workbench *w);
int workbench_exit_code(const struct workbench *w);  /* of scripts and the run: 0 1 3 4 5 6 as saddle(1) lists them */
int exit_code_of(enum err_code code);
enum {
    EXIT_DIVERGED = 5,
    EXIT_LOCKED = 6, /* another process records the run */
    EXIT_ALERT = 7   /* all is done, and an alert of level error was raised */
};

/* --- replay: the same history, fed from a recording up to a cursor --- */
struct replay_status {
    bool on, playing, live;  /* live: following another process's session (`view`) */
    bool attached;           /* and steering it */
    double speed;            /* epochs per second of the wall clock x speed: 1 = as recorded */
    uint64_t step, last_step;
    double epoch, last_epoch;
};
bool workbench_replay_status(const struct workbench *w, struct replay_status *out);
/* Advances a playing replay by real time; returns true when something changed. Call every frame. */
bool workbench_replay_tick(struct workbench *w, uint64_t now_ns);
int workbench_replay_seek(struct workbench *w, uint64_t step);
void workbench_replay_play(struct workbench *w, bool playing);
void workbench_replay_speed(struct workbench *w, double speed);
/* Moves to the previous (-1) or next (+1) evaluation / mark / event. */
int workbench_replay_move(struct workbench *w, char unit, int direction); /* unit: 'e' 'm' '.' */

/* The moment that is shown, as `fork` takes it: "@149.5". false: none. */
bool workbench_point(const struct workbench *w, char *out, size_t size);

/* An epoch of the run in a folder as one word of a line, RUN@EPOCH: by its name where that is found, else by the folder. */
void workbench_moment_word(const struct workbench *w, const char *dir, double epoch, struct buf *out);

/* --- a sweep under way in this process --- */
bool workbench_sweeps(const struct workbench *w);
bool workbench_campaign_cut(const struct workbench *w); /* a signal ended one, or a reproduction: the same command goes on with its runs */
struct buf;
void workbench_sweep_table(const struct workbench *w, struct buf *out); /* its table as it is now, a line each; nothing without one */

/* --- a comparison of recorded runs (session/comparison.h), shown instead of the run or replay --- */
struct comparison;
struct comparison *workbench_comparison(const struct workbench *w); /* the workbench's, until its next line; NULL: none is shown */
void workbench_compare_leave(struct workbench *w);
/* Reads what its runs recorded since; true when there is something. Call every frame. */
bool workbench_compare_tick(struct workbench *w, uint64_t now_ns);

/* --- completion: candidates for the word ending at `cursor` bytes --- */
struct completion {
    int n, cap;
    char **word;      /* what would be inserted */
    char **show;      /* what the list shows: "rho  0.50*  0..10"; may equal word */
    size_t start;     /* byte where the word starts in the line */
};
void workbench_complete(struct workbench *w, const char *line, size_t cursor, struct completion *out);
void completion_release(struct completion *c);

/* --- help, generated from the tables --- */
int help_verb(const char *word, int cols, struct buf *out, struct err *err); /* verb or knob, its text wrapped; NULL: the overview */

#endif
