/* The lines of a record: events as text, cut to what a reader accepts. */
#include "config.h"
#include "session/writer.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "engine/event_parts.h"
#include "session/journal.h"

/* A string that readers would refuse is cut at a whole character. */
static const char *fit(const char *text, char *clipped, size_t size)
{
    if (!text || strlen(text) < size)
        return text;
    size_t n = size - 1;
    while (n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80)
        n--;
    memcpy(clipped, text, n);
    clipped[n] = '\0';
    return clipped;
}

static void say_one_left_out(struct session *s, const struct event *e, int field)
{
    struct event *fault = event_new(EVENT_FAULT, e->step);
    char text[160];
    snprintf(text, sizeof text, "%s event of step %" PRIu64 " is too long; its '%s' (%u entries) is not recorded", event_table[e->kind].kind,
             e->step, event_table[e->kind].field[field].key, e->f[field].n);
    if (fault) {
        event_set_str(fault, EV_FAULT_TEXT, text);
        writer_push(s, fault, true);
    }
}

/* Appends the lines of an event to s->text. A list that is too long even for lines of its own is left out, and its bit returned. */
static uint64_t add_lines(struct session *s, const struct writer_item *item)
{
    const struct event *from = item->event;
    const struct event_info *info = &event_table[from->kind];
    struct event e = { .kind = from->kind, .step = from->step, .ns = from->ns > s->open_ns ? from->ns - s->open_ns : 0 };
    char clipped[EVENT_STRING_MAX];
    memcpy(e.f, from->f, sizeof e.f);
    for (int i = 0; i < info->n_fields; i++)
        if (info->field[i].type == EVENT_STR && e.f[i].s && strlen(e.f[i].s) >= sizeof clipped)
            e.f[i].s = fit(e.f[i].s, clipped, sizeof clipped);
    if (e.kind == EVENT_BRANCH)
        e.f[EV_BRANCH_TIMELINE].u = item->timeline;
    return event_lines(&e, &s->q_next, &s->text);
}

static void say_left_out(struct session *s, const struct event *e, uint64_t fields)
{
    for (int i = 0; i < event_table[e->kind].n_fields; i++)
        if (fields >> i & 1)
            say_one_left_out(s, e, i);
}

size_t writer_text(struct session *s, struct record *r, unsigned *holds)
{
    size_t i = s->n_written;
    bool first = true;
    *holds = 0;
    buf_clear(&s->text);
    r->timeline = i < s->hold.n ? s->hold.item[i].timeline : 0;
    for (; i < s->hold.n && s->text.len < WRITER_RECORD_BYTES && s->hold.item[i].timeline == r->timeline; i++) {
        struct writer_item *item = &s->hold.item[i];
        if (item->marker) {
            item->marker->q = s->q_next - 1;
            continue;
        }
        const size_t before = s->text.len;
        const uint64_t q = s->q_next, left_out = add_lines(s, item), step = item->event->step;
        if (before && s->text.len > RECORD_EVENTS_MAX) { /* very long: it gets records of its own, which speak of its step alone */
            s->text.len = before;
            s->q_next = q;
            break;
        }
        say_left_out(s, item->event, left_out);
        *holds |= journal_holds(item->event->kind);
        r->first_step = first || step < r->first_step ? step : r->first_step;
        r->last_step = first || step > r->last_step ? step : r->last_step;
        first = false;
    }
    return i - s->n_written;
}

size_t writer_cut_text(const char *text, size_t n, struct record *r)
{
    uint64_t lines = 0;
    size_t at = 0;
    for (const char *end; at < n && (end = memchr(text + at, '\n', n - at)); lines++) {
        const size_t next = (size_t)(end + 1 - text);
        if (next > RECORD_EVENTS_MAX)
            break;
        at = next;
    }
    r->count = (uint16_t)(lines < UINT16_MAX ? lines : UINT16_MAX);
    return at;
}
