/* session/session.h - a session on disk: NAME.saddle/ with journal segments and snapshots (shared format document: sections
 * 2.1-2.5, 2.8; our copy of the rules is saddle-session(5)).
 *
 * Writing: session_create() or session_reopen() takes the writer lock and starts the one writer thread. Events and
 * snapshots arrive through session_sink(), from the trainer thread. session_close() seals.
 * Reading: recording_open() needs no lock and writes nothing. */
#ifndef SESSION_SESSION_H
#define SESSION_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/event.h"
#include "engine/run/trainer.h"

struct err;
struct session;

/* --- where sessions live --- */

/* --sessions > $SADDLE_SESSIONS > $XDG_DATA_HOME/saddle/sessions > ~/.local/share/saddle/sessions; `option` may be NULL.
 * Makes the folder (0700). */
int session_root(const char *option, char *out, size_t size, struct err *err);

/* The names that a user may give for a run: NAME, rHEX (4+ digits of the session id), NAME.saddle, NAME.saddle.zst in the
 * folder where one works, or a path containing '/'.
 * Fills `out` with the directory, or a packed session's file: readers take both. -1 with *err naming close matches. */
int session_find(const char *root, const char *run, char *out, size_t size, struct err *err);

/* What a name is made of; may this be one of at most so many? */
extern const char session_letters[];
bool session_may_be_called(const char *name, size_t most);

bool session_is_packed(const char *path); /* what session_find() gave is a file, which is never written */

/* The name of a session's folder or file: its last component without ".saddle" or ".saddle.zst". */
void session_name_of(const char *dir, char *out, size_t size);

/* RUN@EPOCH: cuts `run` before the @ and returns what is behind it; NULL when there is no moment in it. Names hold no @, and one
 * in a folder of a path is none. */
const char *session_cut_at(char *run);

struct session_info { /* cheap: headers and the first and last records only */
    char dir[1024], name[128], id[33];
    char parent[128];         /* NAME@EPOCH of the state it began with; "": it began anew */
    char parent_id[33];       /* of that run; "": none, or not recorded */
    uint64_t parent_step;     /* of that state */
    bool unborn;              /* it was ended, or is being made, before it had that state: no run. A list leaves it out */
    char data[64], state[16]; /* last known */
    uint64_t step;
    double epoch, acc, tail, best; /* tail: of the last group; NaN = unknown */
    bool has_val;             /* acc and best are of validation images; else of test images, and then best is a choice made on them */
    int64_t mtime;            /* seconds, of the newest file */
    bool locked;              /* somebody is writing it */
    bool damaged;
};
/* Newest first. *out is heap (free()); unreadable folders are listed with damaged = true. */
int session_list(const char *root, struct session_info **out, int *n, struct err *err);
/* The same without a look into them: dir, name and mtime (of the folder), newest first by that; those that are no run yet too. */
int session_names(const char *root, struct session_info **out, int *n, struct err *err);
int session_info(const char *dir, struct session_info *out, struct err *err);

/* --- writing --- */

struct session_options {
    const char *parent;  /* "rID@STEP HASH" of the state it begins with, or NULL; recorded in the open event */
    double snapshot_keep_every; /* keep every so many epochs for good; 0 = 10 */
    bool paranoid;       /* pad every sync to 4 KiB */
};

/* Makes ROOT/NAME.saddle, locks it, starts the writer. `name`: 1..100 of A-Z a-z 0-9 . _ + -; one ending in '-' gets the
 * first free number ("cifar10-lt-" makes cifar10-lt-1, cifar10-lt-2 ...); NULL counts as "run-". A session of that name which is
 * empty (recording_is_empty()) and which nobody writes gives its place up. `options` may be NULL.
 * The state that a run begins with, when it is another run's, goes into the new session as its first snapshot: sink.snapshot(copy of the
 * state, "base", true). */
int session_name_check(const char *root, const char *name, struct err *err); /* 0: it would be taken for a new one, as things are now */
struct session *session_create(const char *root, const char *name, const struct session_options *options, struct err *err);

/* Opens an existing one for writing: a new segment after the last good event. ERR_LOCKED when another process has it. */
struct session *session_reopen(const char *dir, struct err *err);

const char *session_dir(const struct session *s);
const char *session_name(const struct session *s);
const char *session_id(const struct session *s); /* 32 hex digits; users see r + the first 5 */
uint64_t session_opened(const struct session *s); /* wall clock of the `open` event of this process, ns */
struct event_sink session_sink(struct session *s);

/* The session's own events (open snap unsnap fault seal) are made by its threads, not by the trainer. `hear` gets each of
 * them once it is on disk, on a thread of the session; it takes its own reference if it keeps the event, and must not call
 * the session. Set once, before the sink is used; the open event of this process is handed over at once. */
void session_listen(struct session *s, void (*hear)(void *ctx, struct event *e), void *ctx);

/* Every event as the line that the journal has of it, in order: `lines` gets the text of whole lines once they are on disk, on a
 * thread of the session; it must not call the session. Set once, before the sink is used; the opening line of this process is handed
 * over at once. */
void session_listen_lines(struct session *s, void (*lines)(void *ctx, const char *text, size_t n), void *ctx);

/* Stops waiting: emitters and syncs that wait for a disk that cannot be written return, and what they emit is lost (session_close()
 * then fails and says how much). Call it before stopping the trainer when the user quits while `stalled`. */
void session_abandon(struct session *s);

struct session_status { /* a consistent copy */
    bool stalled;             /* cannot write; training waits; retried every 5 s */
    char why[160];
    uint64_t queued_bytes, written_bytes;
    uint64_t synced_q;        /* last event number on stable storage; event numbers exist in the journal only (event.q of a live
                               * event stays 0) */
    uint64_t events, synced_events; /* taken from sinks, and of those on stable storage */
    uint64_t writer_cpu_ns;   /* CPU time of the writer thread */
    uint64_t wait_ns;         /* how long emitters waited for the queue */
    char last_snapshot[64];
    uint64_t last_snapshot_step;
    bool snapshot_busy; /* one was handed over and is not on disk yet */
    double slow_s;      /* the disk has not answered for so many seconds; 0 = it does within the usual */
};
void session_status(struct session *s, struct session_status *out);
/* The reason why recording waits, and training with it, in words; false: it does not. */
bool session_waits(const struct session_status *s, char *out, size_t size);

/* Finishes pending snapshots, writes the seal event, syncs, stops the writer, frees. Returns -1 when something could not be
 * written (reported in *err); the session is freed in any case. NULL allowed. */
int session_close(struct session *s, const char *why, struct err *err);

/* --- reading --- */

struct snapshot_info {
    char file[64], name[64];
    uint64_t step;
    double epoch;
    uint64_t bytes;
    uint64_t q; /* the last event before it was taken: commands at its step with a larger number are not in it */
    bool sealed, finite, pinned;
};

struct recording; /* every event of a session in order */
struct recording *recording_open(const char *dir, struct err *err);
/* The same, but only events of these kinds (bit k: kind k) and no snapshots: what else there is is not looked at. For a question about many
 * runs. EVENT_BRANCH comes with them. */
struct recording *recording_open_only(const char *dir, uint64_t kinds, struct err *err);
void recording_close(struct recording *r);
/* Reads what was appended since (a live session of this or another process). Returns how many new events; -1 with *err. */
int recording_follow(struct recording *r, struct err *err);
/* Changes when events that were there before do not count any more (a fault segment or a new timeline replaced them): what was
 * folded from them must be folded again from event 0. */
unsigned recording_generation(const struct recording *r);
size_t recording_count(const struct recording *r);
/* Borrowed, until fifteen others were asked for; event_ref() keeps it. */
struct event *recording_event(const struct recording *r, size_t i);
enum event_kind recording_kind(const struct recording *r, size_t i); /* of that event, at once */
const struct event *recording_first(const struct recording *r, enum event_kind kind); /* of that kind; NULL: there is none */
uint64_t recording_last_step(const struct recording *r); /* largest step of its events, those of snapshots aside */
uint64_t recording_first_step(const struct recording *r); /* at which it begins: not 0 when it began with the state of another run */
/* Events at its end that were left out because those before take the memory a file of its size may have: it can be looked at, not
 * gone on with. */
uint64_t recording_left_out(const struct recording *r);
/* First event index whose step is > `step` (so [0, i) is the run up to that step; a snap event carries the step of its
 * weights but stands where it was written). */
size_t recording_at_step(const struct recording *r, uint64_t step);
const struct snapshot_info *recording_snapshots(const struct recording *r, int *n); /* ascending steps, sealed only */
/* Ended while it was being set up: no run in it, no state. One that begins with another run's state is none before it has that. */
bool recording_is_empty(const struct recording *r);
/* One line about damage or a torn tail ("torn tail of 312 bytes after step 8121: ignored"), or NULL when clean. */
const char *recording_damage(const struct recording *r, bool *loud);

/* The run came to its end, and the snapshot of that step is there and whole: nothing is left to do. Older recordings may say
 * "finished" without it. */
bool recording_is_complete(const struct recording *r);

/* Every checksum of journal and snapshots; report lines go to `line`. 0 clean (a torn tail is clean), -1 damaged. */
int session_verify(const char *dir, void (*line)(void *ctx, const char *text), void *ctx, struct err *err);

/* Verified JSON lines of the whole session to a stdio stream (`saddle cat`). */
int session_cat(const char *dir, void *file, struct err *err);

/* Loads snapshot i into a new state (checks every checksum, and that it holds these n vectors and no others); NULL with *err. */
struct train_state *snapshot_load(const struct recording *r, int i, const struct state_row *rows, int n, struct err *err);
/* Newest sealed, finite snapshot with step <= `step` (UINT64_MAX: the newest); -1 when there is none. */
int snapshot_at(const struct recording *r, uint64_t step);

#endif
