#include "config.h"
#include "session/record.h"

#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "base/crc32c.h"
#include "base/err.h"

enum { SKIPPABLE_MAGIC = 0x184d2a53, CONTENT_BASE = 72, TLV_HEADER = 4 };
static const char tag[4] = { 'S', 'D', 'L', 'B' };

struct record_coder {
    ZSTD_CCtx *in;
    ZSTD_DCtx *out;
};

uint16_t load_u16(const uint8_t *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}

uint32_t load_u32(const uint8_t *p)
{
    return (uint32_t)load_u16(p) | (uint32_t)load_u16(p + 2) << 16;
}

uint64_t load_u64(const uint8_t *p)
{
    return (uint64_t)load_u32(p) | (uint64_t)load_u32(p + 4) << 32;
}

void store_u16(uint8_t *p, uint16_t v)
{
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
}

void store_u32(uint8_t *p, uint32_t v)
{
    store_u16(p, (uint16_t)v);
    store_u16(p + 2, (uint16_t)(v >> 16));
}

void store_u64(uint8_t *p, uint64_t v)
{
    store_u32(p, (uint32_t)v);
    store_u32(p + 4, (uint32_t)(v >> 32));
}

/* --- coder ----------------------------------------------------------------------------------------------------------- */

struct record_coder *record_coder_new(int level)
{
    struct record_coder *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->in = level > 0 ? ZSTD_createCCtx() : NULL;
    c->out = ZSTD_createDCtx();
    if ((level > 0 && !c->in) || !c->out) {
        record_coder_free(c);
        return NULL;
    }
    ZSTD_DCtx_setParameter(c->out, ZSTD_d_windowLogMax, RECORD_WINDOW_LOG_MAX);
    if (level == 0)
        return c;
    ZSTD_CCtx_setParameter(c->in, ZSTD_c_compressionLevel, level);
    ZSTD_CCtx_setParameter(c->in, ZSTD_c_checksumFlag, 1);
    ZSTD_CCtx_setParameter(c->in, ZSTD_c_contentSizeFlag, 1);
    ZSTD_CCtx_setParameter(c->in, ZSTD_c_dictIDFlag, 0);
    return c;
}

void record_coder_free(struct record_coder *c)
{
    if (!c)
        return;
    ZSTD_freeCCtx(c->in);
    ZSTD_freeDCtx(c->out);
    free(c);
}

/* --- writing --------------------------------------------------------------------------------------------------------- */

static void store_header(const struct record *r, uint8_t *h)
{
    store_u32(h, SKIPPABLE_MAGIC);
    store_u32(h + 4, CONTENT_BASE + r->ext_bytes + (r->flags & RECORD_EMBED ? r->clen : 0));
    memcpy(h + 8, tag, sizeof tag);
    h[12] = r->major;
    h[13] = r->minor;
    h[14] = r->type;
    h[15] = r->flags;
    memcpy(h + 16, r->session, sizeof r->session);
    store_u64(h + 32, r->seq);
    store_u64(h + 40, r->first_step);
    store_u64(h + 48, r->last_step);
    store_u32(h + 56, r->clen);
    store_u32(h + 60, r->ulen);
    store_u32(h + 64, r->frame_crc);
    store_u32(h + 68, r->chain);
    store_u16(h + 72, r->timeline);
    store_u16(h + 74, r->count);
}

/* The header before a frame that lies in its place behind `out`. */
static void finish_record(struct record *r, const struct record_body *body, struct buf *out)
{
    uint8_t *h = (uint8_t *)out->data + out->len;
    store_header(r, h);
    if (body->ext_bytes)
        memcpy(h + RECORD_HEADER_BYTES, body->ext, body->ext_bytes);
    r->crc = crc32c(crc32c(0, h, RECORD_HEADER_BYTES - 4), h + RECORD_HEADER_BYTES, body->ext_bytes);
    store_u32(h + RECORD_HEADER_BYTES - 4, r->crc);
    out->len += RECORD_HEADER_BYTES + body->ext_bytes + r->clen;
    out->data[out->len] = '\0';
}

int record_encode(struct record_coder *c, struct record *r, const struct record_body *body, struct buf *out, struct err *err)
{
    const size_t ext_bytes = body->ext_bytes, bound = body->data ? ZSTD_compressBound(body->n) : 0;
    const size_t start = out->len, frame = start + RECORD_HEADER_BYTES + ext_bytes;
    r->major = RECORD_MAJOR;
    r->minor = RECORD_MINOR;
    r->ext_bytes = (uint32_t)ext_bytes;
    r->ulen = body->data ? (uint32_t)body->n : 0;
    r->clen = 0;
    if (!buf_reserve(out, RECORD_HEADER_BYTES + ext_bytes + bound))
        return err_set(err, ERR_MEMORY, "no memory for a record of %zu bytes", body->n);
    if (body->data) {
        size_t got = ZSTD_compress2(c->in, out->data + frame, bound, body->data, body->n);
        if (ZSTD_isError(got))
            return err_set(err, ERR_MEMORY, "cannot compress a record: %s", ZSTD_getErrorName(got));
        r->clen = (uint32_t)got;
    }
    r->frame_crc = crc32c(0, out->data + frame, r->clen);
    finish_record(r, body, out);
    return 0;
}

int record_wrap(struct record *r, const struct record_body *body, const void *frame, struct buf *out, struct err *err)
{
    r->major = RECORD_MAJOR;
    r->minor = RECORD_MINOR;
    r->ext_bytes = (uint32_t)body->ext_bytes;
    if (!buf_reserve(out, RECORD_HEADER_BYTES + body->ext_bytes + r->clen))
        return err_set(err, ERR_MEMORY, "no memory for a record of %u bytes", r->clen);
    if (r->clen)
        memcpy(out->data + out->len + RECORD_HEADER_BYTES + body->ext_bytes, frame, r->clen);
    finish_record(r, body, out);
    return 0;
}

/* --- reading --------------------------------------------------------------------------------------------------------- */

/* A frame with EMBED lies inside the skippable content, so the length alone does not give the ext; clen is needed too. */
size_t record_header_bytes(const uint8_t *p, size_t n)
{
    if (n < 12 || load_u32(p) != SKIPPABLE_MAGIC || memcmp(p + 8, tag, sizeof tag) != 0)
        return 0;
    uint64_t content = load_u32(p + 4);
    if (n >= RECORD_HEADER_BYTES && p[15] & RECORD_EMBED)
        content -= content >= load_u32(p + 56) ? load_u32(p + 56) : content;
    if (content < CONTENT_BASE || content > CONTENT_BASE + RECORD_EXT_MAX)
        return 0;
    return (size_t)content + 8;
}

static uint32_t ulen_limit(uint8_t type)
{
    return type == RECORD_SEAL ? 0 : type == RECORD_EVENTS ? RECORD_EVENTS_MAX : RECORD_SLICE_MAX;
}

static int check_limits(const struct record *r, struct err *err)
{
    uint32_t limit = ulen_limit(r->type);
    if (r->major != RECORD_MAJOR)
        return err_set(err, ERR_DATA, "record of format version %u; this program reads version %d", r->major, RECORD_MAJOR);
    if (r->type == 0)
        return err_set(err, ERR_DATA, "record type 0 does not exist");
    if (r->minor <= RECORD_MINOR && r->flags & ~(RECORD_EMBED | RECORD_SYNCED))
        return err_set(err, ERR_DATA, "record flags 0x%02x are not known", r->flags);
    if (r->ulen > limit || r->clen > ZSTD_compressBound(limit))
        return err_set(err, ERR_DATA, "record of %u bytes (%u coded); type %u holds at most %u", r->ulen, r->clen, r->type, limit);
    if (r->type == RECORD_SEAL ? r->clen != 0 : r->clen == 0 && r->type < RECORD_ANCILLARY)
        return err_set(err, ERR_DATA, "record type %u with %u coded bytes", r->type, r->clen);
    if (r->first_step > r->last_step)
        return err_set(err, ERR_DATA, "record whose steps run backwards");
    return 0;
}

int record_parse(const uint8_t *p, size_t n, struct record *out, struct err *err)
{
    size_t bytes = record_header_bytes(p, n);
    if (!bytes)
        return err_set(err, ERR_DATA, "no record here");
    if (n < bytes || n < RECORD_HEADER_BYTES)
        return err_set(err, ERR_DATA, "record header is cut off");
    uint32_t crc = crc32c(crc32c(0, p, RECORD_HEADER_BYTES - 4), p + RECORD_HEADER_BYTES, bytes - RECORD_HEADER_BYTES);
    if (crc != load_u32(p + RECORD_HEADER_BYTES - 4))
        return err_set(err, ERR_DATA, "record header has a wrong checksum");
    *out = (struct record){ .major = p[12], .minor = p[13], .type = p[14], .flags = p[15] };
    memcpy(out->session, p + 16, sizeof out->session);
    out->seq = load_u64(p + 32);
    out->first_step = load_u64(p + 40);
    out->last_step = load_u64(p + 48);
    out->ext_bytes = (uint32_t)(bytes - RECORD_HEADER_BYTES);
    out->clen = load_u32(p + 56);
    out->ulen = load_u32(p + 60);
    out->frame_crc = load_u32(p + 64);
    out->chain = load_u32(p + 68);
    out->timeline = load_u16(p + 72);
    out->count = load_u16(p + 74);
    out->crc = crc;
    return check_limits(out, err);
}

uint64_t record_bytes(const struct record *r)
{
    return (uint64_t)RECORD_HEADER_BYTES + r->ext_bytes + r->clen;
}

/* The zstd frame header by hand (RFC 8878 3.1.1.1): flags and window must be in order before libzstd may allocate. */
static int check_frame(const struct record *r, const uint8_t *frame, struct err *err)
{
    if (r->clen < 6 || load_u32(frame) != 0xfd2fb528)
        return err_set(err, ERR_DATA, "record payload is not a zstd frame");
    uint8_t d = frame[4];
    bool single = d & 0x20;
    if (d & 0x18 || d & 0x03 || !(d & 0x04))
        return err_set(err, ERR_DATA, "zstd frame flags 0x%02x: a checksum and no dictionary are required", d);
    if (!single) {
        uint64_t base = UINT64_C(1) << (10 + (frame[5] >> 3));
        if (base + base / 8 * (frame[5] & 7) > UINT64_C(1) << RECORD_WINDOW_LOG_MAX)
            return err_set(err, ERR_DATA, "zstd window of more than 8 MiB");
    }
    if (ZSTD_getFrameContentSize(frame, r->clen) != r->ulen)
        return err_set(err, ERR_DATA, "zstd frame does not announce %u bytes", r->ulen);
    if (ZSTD_findFrameCompressedSize(frame, r->clen) != r->clen)
        return err_set(err, ERR_DATA, "zstd frame does not fill its record");
    return 0;
}

int record_decode(struct record_coder *c, const struct record *r, const void *frame, void *out, struct err *err)
{
    if (crc32c(0, frame, r->clen) != r->frame_crc)
        return err_set(err, ERR_DATA, "record payload has a wrong checksum");
    if (r->clen == 0 || !out)
        return 0;
    if (check_frame(r, frame, err) < 0)
        return -1;
    size_t got = ZSTD_decompressDCtx(c->out, out, r->ulen, frame, r->clen);
    if (ZSTD_isError(got) || got != r->ulen)
        return err_set(err, ERR_DATA, "record payload cannot be decoded: %s", ZSTD_isError(got) ? ZSTD_getErrorName(got) : "size");
    return 0;
}

size_t record_search(const uint8_t *p, size_t n, const uint8_t *id)
{
    for (size_t at = 0; at + RECORD_HEADER_BYTES <= n; at++) {
        const uint8_t *hit = memchr(p + at, SKIPPABLE_MAGIC & 0xff, n - at - (RECORD_HEADER_BYTES - 1));
        if (!hit)
            break;
        at = (size_t)(hit - p);
        size_t bytes = record_header_bytes(hit, n - at);
        if (!bytes || bytes > n - at || (id && memcmp(hit + 16, id, 16) != 0)) /* what is cheap to tell comes first */
            continue;
        uint32_t crc = crc32c(crc32c(0, hit, RECORD_HEADER_BYTES - 4), hit + RECORD_HEADER_BYTES, bytes - RECORD_HEADER_BYTES);
        if (crc == load_u32(hit + RECORD_HEADER_BYTES - 4))
            return at;
    }
    return n;
}

/* --- ext ------------------------------------------------------------------------------------------------------------- */

void record_ext_add(struct buf *ext, uint16_t type, const void *data, size_t n)
{
    uint8_t head[TLV_HEADER];
    static const uint8_t zeros[3];
    store_u16(head, type);
    store_u16(head + 2, (uint16_t)n);
    buf_add(ext, head, sizeof head);
    buf_add(ext, data, n);
    buf_add(ext, zeros, (4 - n % 4) % 4);
}

void record_ext_add_u64(struct buf *ext, uint16_t type, uint64_t value)
{
    uint8_t bytes[8];
    store_u64(bytes, value);
    record_ext_add(ext, type, bytes, sizeof bytes);
}

const uint8_t *record_ext_find(const uint8_t *ext, size_t ext_bytes, uint16_t type, size_t *n)
{
    while (ext_bytes >= TLV_HEADER) {
        size_t length = load_u16(ext + 2), whole = TLV_HEADER + (length + 3) / 4 * 4;
        if (whole > ext_bytes)
            return NULL;
        if (load_u16(ext) == type) {
            *n = length;
            return ext + TLV_HEADER;
        }
        ext += whole;
        ext_bytes -= whole;
    }
    return NULL;
}

void record_put_holds(uint8_t ext[RECORD_HOLDS_BYTES], unsigned holds)
{
    store_u16(ext, RECORD_TLV_HOLDS);
    store_u16(ext + 2, sizeof(uint64_t));
    store_u64(ext + TLV_HEADER, holds);
}

unsigned record_holds(const struct record *r, const uint8_t *ext)
{
    uint64_t holds;
    if (r->type != RECORD_EVENTS)
        return 0;
    if (record_ext_u64(ext, r->ext_bytes, RECORD_TLV_HOLDS, &holds))
        return (unsigned)(holds & HOLDS_ALL);
    return r->flags & RECORD_SYNCED ? HOLDS_ALL : 0;
}

bool record_ext_u64(const uint8_t *ext, size_t ext_bytes, uint16_t type, uint64_t *out)
{
    size_t n = 0;
    const uint8_t *data = record_ext_find(ext, ext_bytes, type, &n);
    if (!data || n != 8)
        return false;
    *out = load_u64(data);
    return true;
}
