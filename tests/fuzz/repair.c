#include "config.h"
#include "repair.h"

#include <stdbool.h>
#include <string.h>

#include "base/crc32c.h"
#include "fuzz.h"
#include "session/pack.h"
#include "session/record.h"

enum { SIZES = 4096 };
struct repaired {
    size_t bytes; /* of all records */
    int n;
    uint32_t size[SIZES], visible[SIZES];
};

/* Walks whatever looks like records, or to a table in a packed session, and puts length, place and both checksums right; the rest stays as the
 * mutation left it. */
static void repair(uint8_t *p, size_t n, bool packed, struct repaired *out)
{
    uint32_t chain = 0;
    uint64_t seq = 0;
    size_t at = 0;
    for (out->n = 0; at + RECORD_HEADER_BYTES <= n && out->n < SIZES;) {
        uint8_t *h = p + at;
        if (packed && at && load_u32(h) == PACK_TABLE_MAGIC)
            break;
        const bool embed = packed && h[14] == RECORD_SLICE;
        store_u32(h, 0x184d2a53);
        memcpy(h + 8, "SDLB", 4);
        size_t left = n - at - RECORD_HEADER_BYTES, inside = 72 + (embed ? load_u32(h + 56) : 0);
        size_t ext = load_u32(h + 4) >= inside ? load_u32(h + 4) - inside : 0;
        ext = ext <= left ? ext : 0;
        size_t clen = load_u32(h + 56) <= left - ext ? load_u32(h + 56) : left - ext;
        store_u32(h + 4, (uint32_t)(72 + ext + (embed ? clen : 0)));
        if (packed)
            h[15] = embed ? RECORD_EMBED : 0;
        memcpy(h + 16, p + 16, 16);
        store_u64(h + 32, seq++);
        store_u32(h + 56, (uint32_t)clen);
        store_u32(h + 64, crc32c(0, h + RECORD_HEADER_BYTES + ext, clen));
        store_u32(h + 68, chain);
        chain = crc32c(crc32c(0, h, 76), h + RECORD_HEADER_BYTES, ext);
        store_u32(h + 76, chain);
        at += RECORD_HEADER_BYTES + ext + clen;
        out->size[out->n] = (uint32_t)(RECORD_HEADER_BYTES + ext + clen);
        out->visible[out->n++] = embed ? 0 : load_u32(h + 60);
    }
    out->bytes = at;
}

size_t repair_records(uint8_t *p, size_t n)
{
    static struct repaired r;
    repair(p, n, false, &r);
    return n;
}

size_t repair_packed(uint8_t *p, size_t n, size_t room)
{
    static struct repaired r;
    repair(p, n, true, &r);
    const size_t table = 8 + (size_t)r.n * PACK_ENTRY_BYTES + PACK_FOOT_BYTES;
    if (r.bytes + table > room)
        return n;
    uint8_t *t = p + r.bytes;
    store_u32(t, PACK_TABLE_MAGIC);
    store_u32(t + 4, (uint32_t)table - 8);
    for (int i = 0; i < r.n; i++) {
        store_u32(t + 8 + i * PACK_ENTRY_BYTES, r.size[i]);
        store_u32(t + 12 + i * PACK_ENTRY_BYTES, r.visible[i]);
    }
    store_u32(t + table - PACK_FOOT_BYTES, (uint32_t)r.n);
    t[table - 5] = 0;
    store_u32(t + table - 4, PACK_FOOT_MAGIC);
    return r.bytes + table;
}
