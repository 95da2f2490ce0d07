#include "config.h"
#include "session/shelf.h"

#include <stdlib.h>
#include <string.h>

#include "engine/measure.h"

enum { CHUNK_BITS = 20, CHUNK_BYTES = 1 << CHUNK_BITS, CHUNKS_MAX = 1 << (32 - CHUNK_BITS), BLOCK = 64 };

struct shelf_chunk { /* a packed event lies in one chunk; the longest line gives a quarter of one, EVENT_PARTS_MAX half of it */
    struct event_head base;
    uint32_t used;
    uint8_t data[CHUNK_BYTES];
};
struct shelf_slots {
    struct shelf_slot {
        struct event *event;
        size_t i; /* SIZE_MAX: none yet */
        uint64_t asked; /* when it was asked for last: that one has it which waited longest */
    } slot[SHELF_SLOTS];
    uint64_t n_asked;
    bool failed;
};

int shelf_init(struct shelf *s)
{
    *s = (struct shelf){ .slots = calloc(1, sizeof *s->slots) };
    for (int i = 0; s->slots && i < SHELF_SLOTS; i++) {
        s->slots->slot[i] = (struct shelf_slot){ .event = event_new(EVENT_STEP, 0), .i = SIZE_MAX };
        if (!s->slots->slot[i].event)
            return -1;
    }
    return s->slots ? 0 : -1;
}

void shelf_release(struct shelf *s)
{
    for (int i = 0; s->slots && i < SHELF_SLOTS; i++)
        event_unref(s->slots->slot[i].event);
    for (size_t i = 0; i < s->n_chunks; i++)
        free(s->chunk[i]);
    free(s->slots);
    free(s->chunk);
    free(s->at);
    free(s->reach);
    buf_release(&s->packed);
    *s = (struct shelf){ 0 };
}

/* --- adding -------------------------------------------------------------------------------------------------------- */

static bool room_for_one(struct shelf *s)
{
    if (s->n < s->cap)
        return true;
    size_t cap = s->cap ? 2 * s->cap : 256;
    uint32_t *at = realloc(s->at, cap * sizeof *at);
    if (at)
        s->at = at;
    uint64_t *reach = at ? realloc(s->reach, cap / BLOCK * sizeof *reach) : NULL;
    if (!reach)
        return false;
    s->reach = reach;
    s->cap = cap;
    return true;
}

/* The last chunk when `n` bytes fit, else a new one whose base is `e`. */
static struct shelf_chunk *chunk_for(struct shelf *s, size_t n, const struct event *e)
{
    struct shelf_chunk *last = s->n_chunks ? s->chunk[s->n_chunks - 1] : NULL;
    if (last && CHUNK_BYTES - last->used >= n)
        return last;
    if (s->n_chunks == CHUNKS_MAX || n > CHUNK_BYTES)
        return NULL;
    bool full = (s->n_chunks & (s->n_chunks - 1)) == 0;
    struct shelf_chunk **more = full ? realloc(s->chunk, (s->n_chunks ? 2 * s->n_chunks : 1) * sizeof *more) : s->chunk;
    if (!more)
        return NULL;
    s->chunk = more;
    struct shelf_chunk *fresh = malloc(sizeof *fresh);
    if (!fresh)
        return NULL;
    fresh->base = (struct event_head){ .kind = e->kind, .q = e->q, .step = e->step, .ns = e->ns };
    fresh->used = 0;
    s->chunk[s->n_chunks++] = fresh;
    return fresh;
}

static void reach_to(struct shelf *s, size_t i, uint64_t step)
{
    uint64_t before = i >= BLOCK ? s->reach[i / BLOCK - 1] : 0;
    if (i % BLOCK == 0 || s->reach[i / BLOCK] < before)
        s->reach[i / BLOCK] = before;
    if (s->reach[i / BLOCK] < step)
        s->reach[i / BLOCK] = step;
}

/* The bytes that the fold makes of an event of this kind, lists aside; generous, because they bound the time as well. */
static uint64_t cost_of_kind(enum event_kind kind)
{
    if (kind == EVENT_STEP)
        return 0;
    return kind == EVENT_EPOCH || measure_of_event(kind) ? 512 : 128;
}

/* A history copies lists of numbers; confusion matrices it bounds itself. Texts are looked up one by one. */
static uint64_t cost_of_lists(const struct event *e)
{
    const struct event_info *info = &event_table[e->kind];
    uint64_t cost = 0;
    for (int i = 0; i < info->n_fields; i++) {
        enum event_type type = info->field[i].type;
        cost += type == EVENT_F64S ? UINT64_C(8) * e->f[i].n : type == EVENT_F32S ? UINT64_C(4) * e->f[i].n : 0;
        cost += type == EVENT_STRS ? UINT64_C(64) * e->f[i].n : 0;
    }
    return cost;
}

int shelf_add(struct shelf *s, const struct event *e, uint64_t most)
{
    enum { PLACE_AND_TIME = 12 };
    struct event_head base = { .q = e->q, .step = e->step, .ns = e->ns };
    if (s->n_chunks)
        base = s->chunk[s->n_chunks - 1]->base;
    buf_clear(&s->packed);
    event_pack(e, &base, &s->packed);
    uint64_t cost = s->packed.len + PLACE_AND_TIME + cost_of_kind(e->kind) + cost_of_lists(e);
    if (!s->packed.failed && s->cost + cost > most)
        return 1;
    struct shelf_chunk *c = s->packed.failed || !room_for_one(s) ? NULL : chunk_for(s, s->packed.len, e);
    if (c && c->used == 0 && s->n_chunks > 1) { /* a new base, and nothing is shorter than the difference from it */
        buf_clear(&s->packed);
        event_pack(e, &c->base, &s->packed);
    }
    if (!c || s->packed.failed)
        return -1;
    memcpy(c->data + c->used, s->packed.data, s->packed.len);
    s->at[s->n] = (uint32_t)((s->n_chunks - 1) << CHUNK_BITS) | c->used;
    c->used += (uint32_t)s->packed.len;
    s->cost += cost;
    reach_to(s, s->n++, e->step);
    return 0;
}

/* --- asking -------------------------------------------------------------------------------------------------------- */

static const void *packed_event(const struct shelf *s, size_t i, const struct event_head **base)
{
    const struct shelf_chunk *c = s->chunk[s->at[i] >> CHUNK_BITS];
    *base = &c->base;
    return c->data + (s->at[i] & (CHUNK_BYTES - 1));
}

struct event_head shelf_head(const struct shelf *s, size_t i)
{
    const struct event_head *base;
    const void *packed = packed_event(s, i, &base);
    struct event_head head;
    event_peek(packed, base, &head);
    return head;
}

/* The slot that has the event, or else the one whose event was asked for longest ago. */
static struct shelf_slot *slot_for(struct shelf_slots *all, size_t i)
{
    struct shelf_slot *oldest = &all->slot[0];
    for (int k = 0; k < SHELF_SLOTS; k++) {
        struct shelf_slot *slot = &all->slot[k];
        if (slot->i == i)
            return slot;
        oldest = slot->asked < oldest->asked ? slot : oldest;
    }
    return oldest;
}

struct event *shelf_event(const struct shelf *s, size_t i)
{
    const struct event_head *base;
    struct shelf_slot *slot = slot_for(s->slots, i);
    slot->asked = ++s->slots->n_asked;
    if (slot->i == i)
        return slot->event;
    if (atomic_load_explicit(&slot->event->refs, memory_order_acquire) > 1) { /* somebody keeps it */
        struct event *other = event_new(EVENT_STEP, 0);
        if (!other)
            abort(); /* not even a few hundred bytes: there is no event to show */
        event_unref(slot->event);
        slot->event = other;
    }
    const void *packed = packed_event(s, i, &base);
    slot->i = i;
    s->slots->failed |= event_unpack(packed, base, slot->event) < 0;
    return slot->event;
}

bool shelf_failed(const struct shelf *s)
{
    return s->slots->failed;
}

void shelf_remove(struct shelf *s, const bool *dead)
{
    size_t kept = 0;
    for (size_t i = 0; i < s->n; i++)
        if (!dead[i]) {
            s->at[kept] = s->at[i];
            reach_to(s, kept, shelf_head(s, kept).step);
            kept++;
        }
    s->n = kept;
    for (int i = 0; i < SHELF_SLOTS; i++)
        s->slots->slot[i].i = SIZE_MAX;
}

size_t shelf_after_step(const struct shelf *s, uint64_t step)
{
    size_t low = 0, high = (s->n + BLOCK - 1) / BLOCK;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (s->reach[middle] > step)
            high = middle;
        else
            low = middle + 1;
    }
    size_t i = low * BLOCK;
    while (i < s->n && shelf_head(s, i).step <= step)
        i++;
    return i < s->n ? i : s->n;
}
