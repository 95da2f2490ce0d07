/* Target: what a terminal sends, in pieces that the input itself chooses. It ends, and a silence decides everything that waits. */
#include "config.h"
#include "fuzz.h"

#include "tui/input.h"

size_t fuzz_repair(uint8_t *data, size_t size, size_t room)
{
    (void)data, (void)room;
    return size;
}

static void take(struct input *in, uint64_t now)
{
    struct input_event e;
    for (int n = 0; input_next(in, now, &e); n++) {
        FUZZ_CHECK(n < 1 << 17);
        FUZZ_CHECK(e.kind != INPUT_KEY || (e.n_raw > 0 && e.n_raw <= INPUT_RAW_MAX));
        if (e.kind == INPUT_PASTE)
            for (const char *p = e.text; *p; p++)
                FUZZ_CHECK((unsigned char)*p >= 0x20 || *p == '\n' || *p == '\t');
    }
}

/* The first byte: how long a piece is, and how much time passes before the next one; every 16th asks the terminal something. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in;
    uint64_t now = 1;
    if (size < 2)
        return 0;
    const int piece = 1 + data[0] % 61, wait = data[0] / 61 * 40;
    input_init(&in, 25);
    for (size_t at = 1; at < size;) {
        const int n = size - at < (size_t)piece ? (int)(size - at) : piece;
        if (data[at] % 16 == 7)
            input_asked(&in, now);
        if (input_is_block(data + at, n))
            input_begin_block(&in, now);
        const int taken = input_feed(&in, data + at, n, now);
        FUZZ_CHECK(taken >= 0 && taken <= n);
        take(&in, now);
        at += (size_t)taken;
        now += (uint64_t)wait + (taken == 0) * INPUT_PASTE_MS; /* full: something waits for its end */
    }
    for (int i = 0; i < 100 && (in.n > 0 || in.in_paste); i++)
        take(&in, now += 2 * INPUT_PASTE_MS);
    FUZZ_CHECK(in.n == 0 && !in.in_paste && input_timeout(&in, now) < 0);
    input_release(&in);
    return 0;
}
