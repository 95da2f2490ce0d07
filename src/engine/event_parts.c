#include "config.h"
#include "engine/event_parts.h"

#include <inttypes.h>
#include <string.h>

#include "base/err.h"

/* The field of a part that has lists of this type. */
static int part_field(enum event_type type)
{
    return type == EVENT_F32S ? EV_PART_F32 : type == EVENT_F64S ? EV_PART_F64 : type == EVENT_U32S ? EV_PART_U32 : EV_PART_TEXT;
}

/* --- writing ------------------------------------------------------------------------------------------------------- */

/* Bytes that an entry takes in a line at most, its comma included. */
static size_t line_bytes(const struct event_field *f, enum event_type type, uint32_t i)
{
    enum { F32 = 16, F64 = 26, U32 = 11, QUOTES = 4, ESCAPED = 6 };
    if (type != EVENT_STRS)
        return type == EVENT_F32S ? F32 : type == EVENT_F64S ? F64 : U32;
    return QUOTES + (f->strs[i] ? ESCAPED * strlen(f->strs[i]) : 0);
}

/* Entries from `at` on that surely fit into one line. */
static uint32_t entries_of_line(const struct event_field *f, enum event_type type, uint32_t at)
{
    enum { ROOM = EVENT_LINE_MAX - 512 };
    uint32_t i = at;
    for (size_t bytes = 0; i < f->n && (bytes += line_bytes(f, type, i)) <= ROOM;)
        i++;
    return i > at ? i - at : 1;
}

static uint32_t lines_of_list(const struct event_field *f, enum event_type type)
{
    uint32_t lines = 0;
    for (uint32_t at = 0; at < f->n; at += entries_of_line(f, type, at))
        lines++;
    return lines;
}

static void add_part(const struct event *e, int field, uint32_t at, uint32_t n, uint64_t q, struct buf *out)
{
    const struct event_info *info = &event_table[e->kind];
    const enum event_type type = info->field[field].type;
    struct event part = { .kind = EVENT_PART, .q = q, .step = e->step, .ns = e->ns };
    part.f[EV_PART_OF].s = info->kind;
    part.f[EV_PART_KEY].s = info->field[field].key;
    part.f[EV_PART_AT].u = at;
    struct event_field *list = &part.f[part_field(type)];
    *list = e->f[field];
    list->n = n;
    list->f32s = (const void *)((const char *)list->f32s + at * event_entry_size(type)); /* of whatever type */
    event_to_json(&part, out);
    buf_addc(out, '\n');
}

static size_t held_bytes(const struct event_field *f, enum event_type type)
{
    size_t bytes = f->n * event_entry_size(type);
    for (uint32_t i = 0; type == EVENT_STRS && i < f->n; i++)
        bytes += (f->strs[i] ? strlen(f->strs[i]) : 0) + 1;
    return bytes;
}

static int widest_list(const struct event *e)
{
    const struct event_info *info = &event_table[e->kind];
    int widest = -1;
    for (int i = 0; i < info->n_fields; i++)
        if (event_entry_size(info->field[i].type) && e->f[i].n && (widest < 0 || e->f[i].n > e->f[widest].n))
            widest = i;
    return widest;
}

uint64_t event_lines(const struct event *from, uint64_t *q, struct buf *out)
{
    const struct event_info *info = &event_table[from->kind];
    struct event e = { .kind = from->kind, .q = *q, .step = from->step, .ns = from->ns };
    const size_t start = out->len;
    uint64_t in_parts = 0, left_out = 0;
    size_t bytes = 0;
    memcpy(e.f, from->f, sizeof e.f);
    for (int widest; event_to_json(&e, out), out->len - start > EVENT_LINE_MAX && (widest = widest_list(&e)) >= 0;) {
        const enum event_type type = info->field[widest].type;
        const size_t more = held_bytes(&e.f[widest], type);
        const bool fits = bytes + more <= EVENT_PARTS_MAX;
        bytes += fits ? more : 0;
        e.q += fits ? lines_of_list(&e.f[widest], type) : 0;
        *(fits ? &in_parts : &left_out) |= UINT64_C(1) << widest;
        e.f[widest].n = 0;
        out->len = start;
    }
    if (in_parts) { /* they come first: the event's own line makes them count */
        out->len = start;
        for (int i = 0; i < info->n_fields; i++)
            for (uint32_t at = 0, n; in_parts >> i & 1 && at < from->f[i].n; at += n) {
                n = entries_of_line(&from->f[i], info->field[i].type, at);
                add_part(from, i, at, n, (*q)++, out);
            }
        event_to_json(&e, out);
    }
    buf_addc(out, '\n');
    *q = e.q + 1;
    return left_out;
}

/* --- reading ------------------------------------------------------------------------------------------------------- */

void event_parts_drop(struct event_parts *p)
{
    for (int i = 0; i < EVENT_MAX_FIELDS; i++)
        buf_release(&p->list[i]);
    *p = (struct event_parts){ 0 };
}

static int field_of(const struct event_info *info, const char *key)
{
    for (int i = 0; i < info->n_fields; i++)
        if (strcmp(info->field[i].key, key) == 0)
            return i;
    return -1;
}

/* Texts one after the other, each with its end; a missing one is empty. */
static void keep(struct buf *to, const struct event_field *list, enum event_type type)
{
    if (type != EVENT_STRS)
        buf_add(to, list->f32s, list->n * event_entry_size(type));
    for (uint32_t i = 0; type == EVENT_STRS && i < list->n; i++)
        buf_add(to, list->strs[i] ? list->strs[i] : "", (list->strs[i] ? strlen(list->strs[i]) : 0) + 1);
}

static int take_part(struct event_parts *p, const struct event *part, struct err *err)
{
    const int kind = event_kind_of(event_text(part, EV_PART_OF));
    const int field = kind < 0 ? -1 : field_of(&event_table[kind], event_text(part, EV_PART_KEY));
    if (p->next_q != part->q)
        event_parts_drop(p);
    if (p->next_q && (int)p->of != kind)
        return err_set(err, ERR_DATA, "parts of an event %s before parts of another", event_table[p->of].kind);
    if (field < 0)
        return 1; /* of a newer program: its event is skipped, or read without the list, as unknown keys are */
    const enum event_type type = event_table[kind].field[field].type;
    const struct event_field *list = event_entry_size(type) ? &part->f[part_field(type)] : NULL;
    if (!list || list->n == 0 || part->f[EV_PART_AT].u != p->n[field])
        return err_set(err, ERR_DATA, "a part of '%s' of an event %s that does not continue it", event_table[kind].field[field].key,
                       event_table[kind].kind);
    p->bytes += held_bytes(list, type);
    if (p->bytes > EVENT_PARTS_MAX)
        return err_set(err, ERR_DATA, "the parts of an event %s take more than %d bytes", event_table[kind].kind, EVENT_PARTS_MAX);
    keep(&p->list[field], list, type);
    p->n[field] += list->n;
    p->of = (enum event_kind)kind;
    p->next_q = part->q + 1;
    return p->list[field].failed ? err_set(err, ERR_MEMORY, "no memory for a long list") : 1;
}

static void set_texts(struct event *e, int field, const char *text, uint32_t n, const char **scratch)
{
    for (uint32_t i = 0; i < n; i++, text += strlen(text) + 1)
        scratch[i] = text;
    event_set_strs(e, field, scratch, n);
}

static void set_list(struct event *e, int field, const struct buf *kept, uint32_t n)
{
    const enum event_type type = event_table[e->kind].field[field].type;
    struct buf texts = { 0 };
    if (type == EVENT_F32S)
        event_set_f32s(e, field, (const void *)kept->data, n);
    else if (type == EVENT_F64S)
        event_set_f64s(e, field, (const void *)kept->data, n);
    else if (type == EVENT_U32S)
        event_set_u32s(e, field, (const void *)kept->data, n);
    else {
        const char **scratch = (void *)buf_reserve(&texts, n * sizeof *scratch);
        if (scratch)
            set_texts(e, field, kept->data, n, scratch);
    }
    buf_release(&texts);
}

int event_parts_take(struct event_parts *p, struct event *e, struct err *err)
{
    int result = 0;
    if (e->kind == EVENT_PART)
        return take_part(p, e, err);
    if (p->next_q == 0)
        return 0;
    const bool mine = e->q == p->next_q && e->kind == p->of;
    if (!mine && e->q == p->next_q && e->kind != EVENT_OPEN)
        result = err_set(err, ERR_DATA, "parts of an event %s before an event %s", event_table[p->of].kind, event_table[e->kind].kind);
    for (int i = 0; mine && result == 0 && i < EVENT_MAX_FIELDS; i++) {
        if (p->n[i] && e->f[i].n)
            result = err_set(err, ERR_DATA, "event %s: '%s' is there twice", event_table[e->kind].kind, event_table[e->kind].field[i].key);
        else if (p->n[i])
            set_list(e, i, &p->list[i], p->n[i]);
        if (result == 0 && p->n[i] && e->f[i].n != p->n[i])
            result = err_set(err, ERR_MEMORY, "no memory for a long list");
    }
    event_parts_drop(p);
    return result;
}
