/* session/writer.h - the inside of a session that is being written: shared by writer.c (journal), publish.c (snapshots),
 * reserve.c (room for the end) and session.c (life). Threads: emitters push into the queue; the writer owns everything marked "writer"; the publisher owns
 * snapshots. `mutex` guards what is marked "shared". */
#ifndef SESSION_WRITER_H
#define SESSION_WRITER_H

#include <pthread.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"
#include "session/folder.h"
#include "session/session.h"
#include "session/snapshot.h"

enum {
    WRITER_QUEUE_BYTES = 8 << 20,    /* events in memory: queued, or written and not synced; emitters wait beyond */
    WRITER_SYNC_BYTES = 4 << 20,     /* synced early when this much is held */
    WRITER_RECORD_BYTES = 64 << 10,  /* a record is closed at this size */
    WRITER_WAKE_EVENTS = 256,
    WRITER_WRITE_MS = 1000,          /* class A: written within 1 s ... */
    WRITER_SYNC_MS = 1900,           /* ... and synced within 2 s of being emitted */
    WRITER_LOCK_CHECK_MS = 500,      /* is the folder still where it was? */
    WRITER_RESERVE_MS = 60000,       /* how often a used reserve is tried to be made again */
    RESERVE_LEAST_BYTES = 4 << 20,
    RESERVE_MOST_BYTES = 256 << 20,
    RESERVE_JOURNAL_BYTES = 1 << 20, /* of it, at least: the journal's */
    SESSION_JOBS_MAX = 2             /* snapshots waiting; the trainer waits beyond */
};
extern uint64_t writer_segment_bytes; /* a segment is closed at this size: 256 MiB; tests make these smaller, */
extern uint64_t writer_retry_ms;      /* before any session is open */
extern uint64_t writer_slow_ms;       /* a disk that has not answered for this long is told of: 5 s */

struct writer_marker { /* where in the stream a snapshot was taken */
    uint64_t q;        /* of the last event before it; final once synced */
    bool synced;       /* shared */
};
struct writer_item {
    struct event *event;          /* one reference, or NULL for a marker */
    struct writer_marker *marker;
    uint64_t ticket;              /* position in the stream; 0 = made by the writer for a new segment */
    uint64_t since_ns;            /* when it was pushed */
    uint32_t weight;              /* bytes it counts for */
    uint16_t timeline;
    bool own;                     /* made by the session: the listener hears of it */
};
struct writer_items {
    struct writer_item *item;
    size_t n, cap;
};
struct snapshot_job {
    struct snapshot_job *next;
    struct train_state *state;
    char name[SNAPSHOT_NAME_MAX];
    bool pinned;
    uint16_t timeline;
    double epoch;
    struct writer_marker marker;
};
struct kept_snapshot {
    uint64_t step;
    uint16_t timeline;
    double epoch;
    bool pinned;
    char name[SNAPSHOT_NAME_MAX];
};

struct reserve { /* the file `reserve` */
    pthread_mutex_t mutex;
    int fd;            /* -1: there is none */
    uint64_t bytes;    /* set aside now */
    uint64_t snapshot; /* what a snapshot takes at most; 0: not known yet */
};

struct session {
    char dir[1024], name[128], id_text[33], parent[160];
    uint8_t id[16];
    double keep_every;
    bool paranoid;
    int dir_fd, lock_fd;
    dev_t lock_dev;
    ino_t lock_ino;
    bool lost;         /* another process holds the lock */
    pthread_t writer_thread, publisher_thread;
    bool threads_started;

    pthread_mutex_t mutex;
    pthread_cond_t wake;           /* writer: something to do */
    pthread_cond_t changed;        /* everybody else: room, synced, stalled, jobs */
    /* shared */
    struct writer_items queue;
    uint64_t held_bytes;           /* of queue and hold */
    uint64_t ticket, ticket_synced;
    uint64_t events, lost_events, last_step;
    uint64_t lost_before;          /* events_lost() when it was opened */
    uint64_t work_ns;              /* since when the writer writes and syncs; 0: it waits for events */
    bool urgent, stop, stalled, abandoned, no_memory, publisher_stop;
    uint16_t timeline;
    double steps_per_epoch, best_step;
    struct snapshot_job *first_job, **last_job;
    int n_jobs;
    struct session_status status;
    void (*hear)(void *ctx, struct event *e);
    void *hear_ctx;
    void (*lines)(void *ctx, const char *text, size_t n); /* set before the first event comes */
    void *lines_ctx;
    struct event *open_event;      /* of this process, for the listener */

    /* writer (and the creating thread, before it starts) */
    int fd;                        /* -1: no segment can be written */
    unsigned segment;              /* highest number tried */
    uint64_t segment_bytes, total_bytes, open_ns;
    struct record next;            /* session id, seq, chain */
    struct record_coder *coder;
    struct writer_items hold;      /* taken from the queue and not synced */
    size_t n_written;              /* of hold: written to fd */
    int64_t q_synced;
    uint64_t q_next, retry_ns, lock_check_ns, reserve_ns;
    struct buf text, record;
    struct buf written;            /* text of hold[0 .. n_written), for who listens to lines */
    struct buf opening;            /* text this process opened with */

    struct reserve reserve;        /* has its own mutex */

    /* publisher */
    char unannounced[64];          /* file of the newest snapshot that the journal does not know; "" = none */
    struct snapshot_job *failed;   /* shared: the newest that could not be written; tried again */
    uint64_t failed_ns;            /* when next */
    char failed_why[200];
    uint64_t settle_wanted, settle_done; /* shared: requests to try now, with the reserve, whatever is not on disk */
    struct kept_snapshot *kept;
    int n_kept, cap_kept;
    struct snapshot_job *dead_jobs; /* abandoned while their markers were in the queue */
    struct record_coder *snapshot_coder;
};

/* --- writer.c --- */

/* Events that speak of a step that may be done for long: of a snapshot, or of what could not be recorded. */
static inline bool writer_is_of_the_past(enum event_kind kind)
{
    return kind == EVENT_SNAP || kind == EVENT_UNSNAP || kind == EVENT_FAULT;
}

/* Queues an event; takes the caller's reference. `own`: does not wait, and the listener hears of it. Returns its ticket. */
uint64_t writer_push(struct session *s, struct event *e, bool own);
/* Queues a marker; the mutex is held. false: no memory. */
bool writer_push_marker(struct session *s, struct writer_marker *marker);
/* Waits until everything up to `ticket` is on disk. -1 with *err: the session was abandoned. */
int writer_wait(struct session *s, uint64_t ticket, struct err *err);
/* Opens segment `segment` + 1 whose events follow `after`, writes what is held and syncs. -1 with *err. */
int writer_new_segment(struct session *s, int64_t after, const char *fault, struct err *err);
void *writer_main(void *session);
void writer_release(struct session *s); /* after the thread ended */

/* --- writer_text.c --- */

/* The next record's text from hold[n_written..] into s->text, with its steps and what it holds (HOLDS_...); returns how many items it takes. All
 * lines of an event are in it, which may be more than one record has room for. */
size_t writer_text(struct session *s, struct record *r, unsigned *holds);
/* The number of these n bytes that the next record takes: whole lines, whose number goes into r->count. */
size_t writer_cut_text(const char *text, size_t n, struct record *r);

/* --- reserve.c: room set aside for a full disk. Any thread. --- */
/* Makes the reserve as large as it should be, when it is not. -1 with *err: no room; what there is of it stays. */
int reserve_make(struct session *s, struct err *err);
/* A snapshot takes so many bytes at most: the last one must find as many. */
int reserve_for_snapshot(struct session *s, uint64_t bytes, struct err *err);
/* Frees what is the journal's, or everything. false: there was nothing to free. */
bool reserve_give_journal(struct session *s);
bool reserve_give_all(struct session *s);

/* --- publish.c --- */
void publisher_add(struct session *s, struct train_state *state, const char *name, bool pinned);
/* Waits until the snapshots that were handed over are on disk, or one that is not was tried once more with the reserve. -1 with
 * *err: the newest is not, and why. */
int publisher_settle(struct session *s, struct err *err);
int publisher_remember(struct session *s, const struct kept_snapshot *k, struct err *err);
/* A file that got its name, and no event: its writer was killed just then. -1 with *err: it cannot be read. */
int publisher_announce(struct session *s, const char *file, struct err *err);
void *publisher_main(void *session);

#endif
