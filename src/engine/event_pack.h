/* engine/event_pack.h - events kept by the hundred thousand: a few bytes for the head, nothing for what is missing, four bytes for a
 * float. A step takes about 40 bytes instead of 430. In memory only, never on disk: the form may change at any time. */
#ifndef ENGINE_EVENT_PACK_H
#define ENGINE_EVENT_PACK_H

#include "engine/event.h"

/* The fields of an event that are looked up often, readable without the rest. */
struct event_head {
    enum event_kind kind;
    uint64_t q, step, ns;
};

/* Appends e to out, its head as the difference from `base`. out->failed when there is no memory. */
void event_pack(const struct event *e, const struct event_head *base, struct buf *out);

/* Reads what event_pack() wrote with the same base. */
void event_peek(const void *packed, const struct event_head *base, struct event_head *out);

/* The whole event; what e held before is given up (e has one reference: the caller's). -1: no memory, fields are missing. */
int event_unpack(const void *packed, const struct event_head *base, struct event *e);

#endif
