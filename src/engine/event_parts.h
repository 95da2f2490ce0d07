/* engine/event_parts.h - events with lists that are too long for a line (saddle-session(5), Parts): such a list goes into lines of kind
 * `part` before its event, so that a line keeps its bound and a reader that knows no parts reads the event without the list. */
#ifndef ENGINE_EVENT_PARTS_H
#define ENGINE_EVENT_PARTS_H

#include "base/buf.h"
#include "engine/event.h"

/* Bytes in memory of the lists of one event that come in parts: numbers as they are, texts with their ends and a pointer. The names and numbers of as
 * many classes as a data set may have take less. */
enum { EVENT_PARTS_MAX = 512 << 10 };

/* Appends the lines of e, a newline after each. The first gets number *q; *q is then the number after the last, which is the event's own.
 * Returns the lists that are too long even so (bit k: field k): they are left out. out->failed when there is no memory. */
uint64_t event_lines(const struct event *e, uint64_t *q, struct buf *out);

/* Parts that were read and whose event was not yet. Zeros: none. Takes no more than twice EVENT_PARTS_MAX. */
struct event_parts {
    enum event_kind of;
    uint64_t next_q; /* number of what follows the last part; 0: there is none */
    size_t bytes;
    struct buf list[EVENT_MAX_FIELDS];
    uint32_t n[EVENT_MAX_FIELDS]; /* entries */
};

/* Takes every event of a journal in order, as read from its line. 1: a part, kept until its event comes. 0: the event has its lists now.
 * Parts whose event was never written, because the writer died, are forgotten with the first event of the next segment.
 * -1 with *err: parts that no writer makes, or no memory. */
int event_parts_take(struct event_parts *p, struct event *e, struct err *err);
void event_parts_drop(struct event_parts *p); /* frees what is kept */

#endif
