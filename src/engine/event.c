#include "config.h"
#include "engine/event.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "engine/event_private.h"
#include "engine/train_state.h"

/* --- the table ----------------------------------------------------------------------------------------------------- */

/* Rows of events and fields alternate in events.def: each EVENT closes the array of the one before and opens its own. */
#define EVENT(id, ...) \
    } \
    ; \
    static const struct event_field_info fields_##id[] = {
#define FIELD(ev, id, key_, type_, unit_, help_) { .key = key_, .unit = unit_, .help = help_, .type = EVENT_##type_ },
__attribute__((unused)) static const struct event_field_info fields_none[] = {
    { .key = "" }
#include "engine/events.def"
};

#define EVENT(id, kind_, class_, help_) \
    [EVENT_##id] = { .kind = kind_, .help = help_, .class = EVENT_CLASS_##class_, \
                     .n_fields = (int)(sizeof fields_##id / sizeof fields_##id[0]), .field = fields_##id },
const struct event_info event_table[EVENT_KINDS] = {
#include "engine/events.def"
};

int event_kind_of(const char *kind)
{
    for (int i = 0; i < EVENT_KINDS; i++)
        if (strcmp(kind, event_table[i].kind) == 0)
            return i;
    return -1;
}

/* --- memory -------------------------------------------------------------------------------------------------------- */

struct event_chunk {
    struct event_chunk *next;
    size_t used, size;
    max_align_t data[];
};

void *event_memory(struct event *e, size_t bytes)
{
    enum { LEAST = 480 };
    size_t need = (bytes + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);
    struct event_chunk *c = e->memory;
    if (need < bytes)
        return NULL;
    if (!c || c->size - c->used < need) {
        size_t size = need > LEAST ? need : LEAST;
        c = malloc(sizeof *c + size);
        if (!c)
            return NULL;
        *c = (struct event_chunk){ .next = e->memory, .size = size };
        e->memory = c;
    }
    void *at = (char *)c->data + c->used;
    c->used += need;
    return at;
}

void event_blank(struct event *e, enum event_kind kind)
{
    const struct event_info *info = &event_table[kind];
    e->kind = kind;
    e->q = e->step = e->ns = 0;
    for (int i = 0; i < info->n_fields; i++) { /* an event has no others */
        enum event_type type = info->field[i].type;
        e->f[i] = (struct event_field){ 0 };
        if (type == EVENT_F32 || type == EVENT_F64)
            e->f[i].f = NAN;
    }
    for (struct event_chunk *c = e->memory, *next; c; c = next) { /* the newest chunk, the largest of most events, is kept */
        next = c->next;
        if (c == e->memory) {
            c->next = NULL;
            c->used = 0;
        } else
            free(c);
    }
}

/* --- what is lost -------------------------------------------------------------------------------------------------- */

static atomic_uint_fast64_t n_lost;

void event_lose(enum event_kind kind)
{
    if (event_table[kind].class != EVENT_CLASS_N)
        atomic_fetch_add_explicit(&n_lost, 1, memory_order_relaxed);
}

uint64_t events_lost(void)
{
    return atomic_load_explicit(&n_lost, memory_order_relaxed);
}

struct event *event_new(enum event_kind kind, uint64_t step)
{
    struct event *e = malloc(sizeof *e);
    if (!e) {
        event_lose(kind);
        return NULL;
    }
    e->memory = NULL;
    event_blank(e, kind);
    e->step = step;
    e->ns = clock_now_ns();
    atomic_init(&e->refs, 1);
    return e;
}

struct event *event_ref(struct event *e)
{
    atomic_fetch_add_explicit(&e->refs, 1, memory_order_relaxed);
    return e;
}

void event_unref(struct event *e)
{
    if (!e || atomic_fetch_sub_explicit(&e->refs, 1, memory_order_acq_rel) != 1)
        return;
    for (struct event_chunk *c = e->memory, *next; c; c = next) {
        next = c->next;
        free(c);
    }
    free(e);
}

/* --- setters ------------------------------------------------------------------------------------------------------- */

static enum event_type type_of(const struct event *e, int field)
{
    return event_table[e->kind].field[field].type;
}

void event_set_u64(struct event *e, int field, uint64_t value)
{
    e->f[field].u = value;
}

void event_set_f64(struct event *e, int field, double value)
{
    e->f[field].f = type_of(e, field) == EVENT_F32 ? (double)(float)value : value;
}

/* NULL also for no bytes. */
static void *room_in(struct event *e, size_t bytes)
{
    void *at = bytes ? event_memory(e, bytes) : NULL;
    if (bytes && !at)
        event_lose(e->kind); /* without this field */
    return at;
}

static const char *keep_text(struct event *e, const char *text)
{
    size_t bytes = text ? strlen(text) + 1 : 0;
    char *copy = room_in(e, bytes);
    return copy ? memcpy(copy, text, bytes) : NULL;
}

void event_set_str(struct event *e, int field, const char *text)
{
    e->f[field].s = keep_text(e, text);
}

/* Copies n values into the event; returns them or NULL, and fills the field's count. */
static const void *copy_array(struct event *e, int field, const void *values, uint32_t n, size_t size)
{
    void *copy = room_in(e, n * size);
    e->f[field].n = copy ? n : 0;
    return copy ? memcpy(copy, values, n * size) : NULL;
}

void event_set_f32s(struct event *e, int field, const float *values, uint32_t n)
{
    e->f[field].f32s = copy_array(e, field, values, n, sizeof *values);
}

void event_set_f64s(struct event *e, int field, const double *values, uint32_t n)
{
    e->f[field].f64s = copy_array(e, field, values, n, sizeof *values);
}

void event_set_u32s(struct event *e, int field, const uint32_t *values, uint32_t n)
{
    e->f[field].u32s = copy_array(e, field, values, n, sizeof *values);
}

void event_set_strs(struct event *e, int field, const char *const *texts, uint32_t n)
{
    const char **copies = room_in(e, n * sizeof *copies);
    e->f[field].strs = copies;
    e->f[field].n = copies ? n : 0;
    for (uint32_t i = 0; copies && i < n; i++)
        copies[i] = keep_text(e, texts[i]);
}

/* --- the hub ------------------------------------------------------------------------------------------------------- */

void event_hub_emit(struct event_hub *hub, struct event *e)
{
    if (!e)
        return;
    bool durable_first = event_table[e->kind].class == EVENT_CLASS_B;
    for (int i = 0; i < hub->n; i++) {
        struct event_sink *sink = &hub->sink[i];
        sink->emit(sink->ctx, e);
        if (durable_first && i + 1 < hub->n && sink->sync)
            (void)sink->sync(sink->ctx, NULL); /* a sink that cannot sync says so itself */
    }
    event_unref(e);
}

int event_hub_sync(struct event_hub *hub, struct err *err)
{
    int result = 0;
    struct err ignored;
    for (int i = 0; i < hub->n; i++)
        if (hub->sink[i].sync && hub->sink[i].sync(hub->sink[i].ctx, result == 0 ? err : &ignored) < 0)
            result = -1;
    return result;
}

void event_hub_snapshot(struct event_hub *hub, struct train_state *state, const char *name, bool pinned)
{
    for (int i = 0; i < hub->n; i++)
        if (hub->sink[i].snapshot) {
            hub->sink[i].snapshot(hub->sink[i].ctx, state, name, pinned);
            return;
        }
    train_state_free(state);
}

int event_hub_saved(struct event_hub *hub, struct err *err)
{
    for (int i = 0; i < hub->n; i++)
        if (hub->sink[i].saved && hub->sink[i].saved(hub->sink[i].ctx, err) < 0)
            return -1;
    return 0;
}
