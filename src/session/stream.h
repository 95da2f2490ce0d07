/* session/stream.h - a run as it is looked at: where its events come from, how far they were folded, and what they add up to. The source
 * is a recording, of which any moment can be shown, or whoever folds the events of a run of this process as they come.
 * Backwards is forwards from the start: folding is quick (a million events in well under a second), and what is shown never depends on
 * the way that led there. One thread. */
#ifndef SESSION_STREAM_H
#define SESSION_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "session/history.h"

struct recording;

struct stream {
    struct recording *source; /* owned; NULL: events come from a run of this process, and there is only the newest moment */
    char dir[1024];           /* the source's folder */
    size_t at;                /* the cursor: events of the source that are folded */
    struct history history;
    uint64_t *time_ns;        /* of each event of the source on one time line, pauses cut short */
    size_t n_times;           /* events of the source */
};

void stream_init(struct stream *s);
void stream_release(struct stream *s);
/* The stream of a recorded run, with the cursor at its end. *s was initialised; it is as before when it fails. */
int stream_open(struct stream *s, const char *dir, struct err *err);

/* --- of a source --- */
void stream_fold_to(struct stream *s, size_t n);        /* the cursor behind event n - 1 */
int stream_seek(struct stream *s, uint64_t step);       /* the moment after a step; UINT64_MAX: the end; -1: no memory */
void stream_move(struct stream *s, char unit, int direction); /* to the evaluation 'e', mark 'm' or event '.' before (-1) or after (1) */
uint64_t stream_last_step(const struct stream *s);
double stream_last_epoch(const struct stream *s);
uint64_t stream_clock(const struct stream *s);          /* of the cursor on the time line, ns */
/* Events recorded since: 1 there is something, the cursor stays unless `along` is set and it stood at the end; 0 nothing; -1 it cannot
 * be read. A recording that was replaced is read anew. */
int stream_follow(struct stream *s, bool along);

#endif
