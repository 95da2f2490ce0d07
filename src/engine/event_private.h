/* engine/event_private.h - what the files that fill events share: event.c, event_read.c, event_pack.c. */
#ifndef ENGINE_EVENT_PRIVATE_H
#define ENGINE_EVENT_PRIVATE_H

#include "engine/event.h"

/* Bytes that live as long as the event, fit for any type; NULL when there is no memory. */
void *event_memory(struct event *e, size_t bytes);

/* All fields missing; q, step and ns 0. What the fields pointed to may be used again. */
void event_blank(struct event *e, enum event_kind kind);

#endif
