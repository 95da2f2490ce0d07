#include "config.h"
#include "repair.h"

#include <string.h>

#include "base/crc32c.h"
#include "fuzz.h"
#include "session/record.h"

/* Walks whatever looks like records and puts length, place and both checksums right; the rest stays as the mutation left it. */
size_t repair_records(uint8_t *p, size_t n)
{
    uint32_t chain = 0;
    uint64_t seq = 0;
    for (size_t at = 0; at + RECORD_HEADER_BYTES <= n;) {
        uint8_t *h = p + at;
        store_u32(h, 0x184d2a53);
        memcpy(h + 8, "SDLB", 4);
        size_t left = n - at - RECORD_HEADER_BYTES, ext = load_u32(h + 4) >= 72 ? load_u32(h + 4) - 72 : 0;
        ext = ext <= left ? ext : 0;
        size_t clen = load_u32(h + 56) <= left - ext ? load_u32(h + 56) : left - ext;
        store_u32(h + 4, (uint32_t)(72 + ext));
        memcpy(h + 16, p + 16, 16);
        store_u64(h + 32, seq++);
        store_u32(h + 56, (uint32_t)clen);
        store_u32(h + 64, crc32c(0, h + RECORD_HEADER_BYTES + ext, clen));
        store_u32(h + 68, chain);
        chain = crc32c(crc32c(0, h, 76), h + RECORD_HEADER_BYTES, ext);
        store_u32(h + 76, chain);
        at += RECORD_HEADER_BYTES + ext + clen;
    }
    return n;
}
