/* The lines of a record: events as text, cut to what a reader accepts. */
#include "config.h"
#include "session/writer.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

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

static int widest_array(const struct event *e)
{
    const struct event_info *info = &event_table[e->kind];
    int widest = -1;
    for (int i = 0; i < info->n_fields; i++)
        if (info->field[i].type >= EVENT_F32S && e->f[i].n && (widest < 0 || e->f[i].n > e->f[widest].n))
            widest = i;
    return widest;
}

/* Appends one line to s->text. An event that does not fit a line loses its widest array, and the journal says so. */
static void add_line(struct session *s, const struct writer_item *item, uint64_t q)
{
    const struct event *from = item->event;
    const struct event_info *info = &event_table[from->kind];
    struct event e = { .kind = from->kind, .q = q, .step = from->step, .ns = from->ns > s->open_ns ? from->ns - s->open_ns : 0 };
    char clipped[EVENT_STRING_MAX];
    size_t start = s->text.len;
    memcpy(e.f, from->f, sizeof e.f);
    for (int i = 0; i < info->n_fields; i++)
        if (info->field[i].type == EVENT_STR && e.f[i].s && strlen(e.f[i].s) >= sizeof clipped)
            e.f[i].s = fit(e.f[i].s, clipped, sizeof clipped);
    if (e.kind == EVENT_BRANCH)
        e.f[EV_BRANCH_TIMELINE].u = item->timeline;
    for (int widest = 0;;) {
        event_to_json(&e, &s->text);
        if (s->text.len - start <= EVENT_LINE_MAX || (widest = widest_array(&e)) < 0)
            break;
        struct event *fault = event_new(EVENT_FAULT, e.step);
        char text[160];
        snprintf(text, sizeof text, "%s event %" PRIu64 " is too long for a line; its '%s' (%u numbers) is not recorded", info->kind,
                 q, info->field[widest].key, e.f[widest].n);
        if (fault) {
            event_set_str(fault, EV_FAULT_TEXT, text);
            writer_push(s, fault, true);
        }
        e.f[widest].n = 0;
        s->text.len = start;
    }
    buf_addc(&s->text, '\n');
}

size_t writer_text(struct session *s, struct record *r)
{
    size_t i = s->n_written;
    bool first = true;
    uint64_t count = 0;
    buf_clear(&s->text);
    r->timeline = i < s->hold.n ? s->hold.item[i].timeline : 0;
    for (; i < s->hold.n && s->text.len < WRITER_RECORD_BYTES && s->hold.item[i].timeline == r->timeline; i++) {
        struct writer_item *item = &s->hold.item[i];
        if (item->marker) {
            item->marker->q = s->q_next - 1;
            continue;
        }
        uint64_t step = item->event->step;
        r->first_step = first || step < r->first_step ? step : r->first_step;
        r->last_step = first || step > r->last_step ? step : r->last_step;
        first = false;
        count++;
        add_line(s, item, s->q_next++);
    }
    r->count = (uint16_t)(count < UINT16_MAX ? count : UINT16_MAX);
    return i - s->n_written;
}
