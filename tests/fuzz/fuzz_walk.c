/* Target: walking the records of a journal segment, its lines and their events. */
#include "config.h"
#include "fuzz.h"

#include <string.h>

#include "base/err.h"
#include "engine/event_parts.h"
#include "memory_io.h"
#include "repair.h"
#include "session/history.h"
#include "session/journal.h"

size_t fuzz_repair(uint8_t *data, size_t size, size_t room)
{
    (void)room;
    return repair_records(data, size);
}

static void read_lines(const struct walk *w, struct event_parts *parts, struct history *h)
{
    const char *text = w->data, *end = text + w->r.ulen, *newline;
    while (text < end && (newline = memchr(text, '\n', (size_t)(end - text)))) {
        struct journal_line line;
        struct event *e = NULL;
        if (journal_line_read(text, (size_t)(newline - text), &line, NULL) == 0 &&
            event_from_json(text, (size_t)(newline - text), &e, NULL) == 0 && e && event_parts_take(parts, e, NULL) == 0)
            history_fold(h, e);
        for (int i = 0; i < EVENT_MAX_FIELDS; i++)
            FUZZ_CHECK(parts->list[i].cap <= 2 * EVENT_PARTS_MAX);
        event_unref(e);
        text = newline + 1;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct walk w;
    struct history h;
    struct event_parts parts = { 0 };
    struct err err = { 0 };
    uint64_t last = 0, records = 0;
    memory_io_use(data, size);
    history_init(&h);
    FUZZ_CHECK(walk_open(&w, 0, "fuzz", NULL, &err) == 0);
    int got;
    while ((got = walk_next(&w, true, &err)) > 0) {
        FUZZ_CHECK(w.offset > last && w.offset <= size && w.r.ulen <= RECORD_SLICE_MAX);
        last = w.offset;
        FUZZ_CHECK(w.seq == ++records);
        if (w.r.type == RECORD_EVENTS)
            read_lines(&w, &parts, &h);
    }
    FUZZ_CHECK(got < 0 ? err.text[0] && w.stop != WALK_NOT && w.stop != WALK_IO : w.offset == size);
    walk_release(&w);
    event_parts_drop(&parts);
    history_release(&h);
    return 0;
}
