/* engine/event.h - one event: kind, step and the fields of its row in events.def.
 *
 * Events are reference counted and immutable once handed to a sink; event_ref()/event_unref() are safe from any thread.
 * While it is being filled an event belongs to the thread that made it. */
#ifndef ENGINE_EVENT_H
#define ENGINE_EVENT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct buf;

enum event_kind {
#define EVENT(id, ...) EVENT_##id,
#include "engine/events.def"
    EVENT_KINDS
};

/* EV_STEP_LOSS and so on: index of a field within its event. */
#define EVENT(id, ...) enum { EV_##id##_START = __COUNTER__ };
#define FIELD(ev, id, ...) enum { EV_##ev##_##id = __COUNTER__ - EV_##ev##_START - 1 };
#include "engine/events.def"
enum { EVENT_MAX_FIELDS = 24 };
enum { EVENT_LINE_MAX = 65536, EVENT_STRING_MAX = 8192 }; /* bytes a reader accepts (saddle-session(5), JOURNAL) */
enum { EVENT_KEYS_MAX = 256 };                             /* keys of a line, those of objects in it included */

enum event_class { EVENT_CLASS_A, EVENT_CLASS_B, EVENT_CLASS_N };
enum event_type { EVENT_U64, EVENT_F32, EVENT_F64, EVENT_STR, EVENT_F32S, EVENT_F64S, EVENT_U32S, EVENT_STRS };

/* Bytes in memory of an entry of a list; of any other type 0. */
static inline size_t event_entry_size(enum event_type type)
{
    static const size_t size[] = { [EVENT_F32S] = sizeof(float), [EVENT_F64S] = sizeof(double), [EVENT_U32S] = sizeof(uint32_t),
                                   [EVENT_STRS] = sizeof(char *) };
    return size[type];
}

struct event_field_info {
    const char *key, *unit, *help;
    enum event_type type;
};
struct event_info {
    const char *kind, *help;
    enum event_class class;
    int n_fields;
    const struct event_field_info *field;
};
extern const struct event_info event_table[EVENT_KINDS];

struct event_field {
    union {
        uint64_t u;               /* U64 */
        double f;                 /* F32, F64 */
        const char *s;            /* STR, UTF-8, may be NULL */
        const float *f32s;        /* arrays: n entries, owned by the event */
        const double *f64s;
        const uint32_t *u32s;
        const char *const *strs;
    };
    uint32_t n; /* entries of an array */
};

struct event {
    enum event_kind kind;
    uint64_t q;    /* number within the session; 0 until the session gives one */
    uint64_t step; /* optimiser steps done */
    uint64_t ns;   /* CLOCK_MONOTONIC when emitted; from a file: ns since the segment opened */
    struct event_field f[EVENT_MAX_FIELDS];
    atomic_int refs;
    struct event_chunk *memory; /* event.c's own */
};

/* Events of this process that there was no memory for, whole or with all their fields; not those that nobody records. Any thread. Who makes
 * what an event tells, and has no memory for that, says so by event_lose(). */
uint64_t events_lost(void);
void event_lose(enum event_kind kind);

/* All fields missing; one reference. NULL when there is no memory: it counts as lost. */
struct event *event_new(enum event_kind kind, uint64_t step);
struct event *event_ref(struct event *e); /* returns e */
void event_unref(struct event *e);        /* NULL allowed */

/* Setters copy. On no memory the field stays missing, and the event counts as lost. */
void event_set_u64(struct event *e, int field, uint64_t value);
void event_set_f64(struct event *e, int field, double value); /* F32 fields are rounded to float */
void event_set_str(struct event *e, int field, const char *text);
void event_set_f32s(struct event *e, int field, const float *values, uint32_t n);
void event_set_f64s(struct event *e, int field, const double *values, uint32_t n);
void event_set_u32s(struct event *e, int field, const uint32_t *values, uint32_t n);
void event_set_strs(struct event *e, int field, const char *const *texts, uint32_t n);

/* A text; "" for a missing one. */
static inline const char *event_text(const struct event *e, int field)
{
    return e->f[field].s ? e->f[field].s : "";
}

/* One JSON object in 7-bit ASCII without a newline, keys k q s m first, then the row's (saddle-session(5), JOURNAL):
 * F32 with 9 significant digits, F64 with 17, "nan" "inf" "-inf" as strings; U64 above 2^53 as strings. */
void event_to_json(const struct event *e, struct buf *out);

/* Strict: one object, 7-bit, depth <= 8, at most EVENT_KEYS_MAX keys, none twice in an object and none with an escape, numbers of at
 * most 64 characters. Unknown keys are ignored; an unknown kind gives *out = NULL and 0. Damaged text: -1. */
int event_from_json(const char *line, size_t len, struct event **out, struct err *err);

int event_kind_of(const char *kind); /* -1 when unknown */

/* --- where events go --- */
struct train_state;
struct event_sink {
    void *ctx;
    /* Called on the emitting thread, in order; takes its own reference if it keeps the event. May wait (back-pressure). */
    void (*emit)(void *ctx, struct event *e);
    /* (optional) Waits until everything emitted so far is on stable storage. */
    int (*sync)(void *ctx, struct err *err);
    /* (optional) Takes ownership of a copied state and publishes it as a snapshot in the background; `name` may be NULL. */
    void (*snapshot)(void *ctx, struct train_state *state, const char *name, bool pinned);
    /* (optional) Waits until those are on stable storage; -1 with *err: the newest is not, although it was tried once more. */
    int (*saved)(void *ctx, struct err *err);
};

enum { EVENT_HUB_MAX = 8 };
struct event_hub { /* fans out to sinks; filled before the trainer starts, then constant */
    int n;
    struct event_sink sink[EVENT_HUB_MAX];
};
/* Gives away the caller's reference. Sinks are served in order, and a class B event reaches a later sink only after the
 * earlier ones have synced it: with the session first, nothing is shown as done that a crash could still take back. */
void event_hub_emit(struct event_hub *hub, struct event *e);
int event_hub_sync(struct event_hub *hub, struct err *err);
void event_hub_snapshot(struct event_hub *hub, struct train_state *state, const char *name, bool pinned); /* frees it if nobody takes it */
int event_hub_saved(struct event_hub *hub, struct err *err);

#endif
