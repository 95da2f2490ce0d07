/* Target: one event line; what is accepted must read back the same from what is written of it, and must fold. */
#include "config.h"
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "engine/event.h"
#include "session/history.h"

size_t fuzz_repair(uint8_t *data, size_t size, size_t room)
{
    (void)room;
    for (size_t i = 0; i < size; i++) /* other bytes are refused at once */
        if (data[i] < 0x20 || data[i] > 0x7e)
            data[i] = (uint8_t)(0x20 + data[i] % 95);
    return size;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct event *e = NULL, *again = NULL;
    struct err err = { 0 };
    struct buf one = { 0 }, two = { 0 };
    if (event_from_json((const char *)data, size, &e, &err) < 0) {
        FUZZ_CHECK(err.text[0] && !e);
        return 0;
    }
    if (!e)
        return 0;
    event_to_json(e, &one);
    for (size_t i = 0; i < one.len; i++)
        FUZZ_CHECK(one.data[i] >= 0x20 && one.data[i] <= 0x7e);
    if (one.len <= EVENT_LINE_MAX) { /* defaults written out may make a line longer than a reader takes */
        FUZZ_CHECK(event_from_json(one.data, one.len, &again, &err) == 0 && again);
        event_to_json(again, &two);
        FUZZ_CHECK(one.len == two.len && memcmp(one.data, two.data, one.len) == 0);
    }
    struct history h;
    history_init(&h);
    history_fold(&h, e);
    for (size_t i = 0; i < h.n_line; i++)
        FUZZ_CHECK(!strpbrk(h.line[i].text, "\033\r\n\007"));
    history_release(&h);
    event_unref(e);
    event_unref(again);
    buf_release(&one);
    buf_release(&two);
    return 0;
}
