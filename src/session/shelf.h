/* session/shelf.h - the events of a recording as they are kept: packed, in order, each found by its number or its step. One thread. */
#ifndef SESSION_SHELF_H
#define SESSION_SHELF_H

#include "base/buf.h"
#include "engine/event_pack.h"

enum { SHELF_SLOTS = 16 };

struct shelf {
    struct shelf_chunk **chunk;
    uint32_t *at;               /* [n] chunk and place in it */
    uint64_t *reach;            /* of every 64 events: largest step up to and with the last of them */
    size_t n, cap, n_chunks;
    uint64_t cost;              /* bytes the events take here and in what is usually made of them (a history, a time line) */
    struct shelf_slots *slots;  /* the events that were asked for last */
    struct buf packed;          /* the one being added */
};

int shelf_init(struct shelf *s);     /* -1: no memory */
void shelf_release(struct shelf *s); /* of zeros: nothing to do */

/* Appends a copy. 0; 1: left out, `cost` would pass `most`; -1: no memory. */
int shelf_add(struct shelf *s, const struct event *e, uint64_t most);

/* Borrowed, until SHELF_SLOTS others were asked for; event_ref() keeps it for longer, beyond the shelf's end as well. */
struct event *shelf_event(const struct shelf *s, size_t i);
struct event_head shelf_head(const struct shelf *s, size_t i);
bool shelf_failed(const struct shelf *s); /* an event that was asked for is incomplete: no memory */

/* Takes out the events whose `dead` is set. */
void shelf_remove(struct shelf *s, const bool *dead);

/* First event whose step is > `step`, or n. */
size_t shelf_after_step(const struct shelf *s, uint64_t step);

#endif
