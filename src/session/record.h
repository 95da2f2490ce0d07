/* session/record.h - the one building block of session files (saddle-session(5), RECORDS): an 80-byte header inside a zstd
 * skippable frame, followed by one independent zstd frame. Pure functions on memory; any thread.
 *
 * Every limit that saddle-session(5), RECORDS names is checked before memory is asked for. */
#ifndef SESSION_RECORD_H
#define SESSION_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct err;
struct record_coder;

enum {
    RECORD_HEADER_BYTES = 80,
    RECORD_EXT_MAX = 65536 - 72,      /* content length without payload <= 64 KiB */
    RECORD_EVENTS_MAX = 1 << 20,      /* decoded bytes of an EVENTS record */
    RECORD_SLICE_MAX = 4 << 20,       /* decoded bytes of a SLICE record, and of types we do not know */
    RECORD_WINDOW_LOG_MAX = 23,
    RECORD_MAJOR = 1,
    RECORD_MINOR = 0
};
enum record_type { RECORD_EVENTS = 1, RECORD_SLICE = 2, RECORD_SEAL = 3, RECORD_DELTA = 4, RECORD_ANCILLARY = 128, RECORD_PAD = 128 };
enum record_flags { RECORD_EMBED = 1, RECORD_SYNCED = 2 };

struct record {
    uint8_t major, minor, type, flags;
    uint8_t session[16];
    uint64_t seq;                    /* within its file, from 0, no gaps */
    uint64_t first_step, last_step;
    uint32_t ext_bytes;
    uint32_t clen, ulen;             /* bytes of the zstd frame, and decoded; 0 and 0: no frame */
    uint32_t frame_crc;              /* CRC-32C of the zstd frame */
    uint32_t chain;                  /* header CRC of the record before it in its file; 0 first */
    uint16_t timeline, count;        /* count: events, saturating */
    uint32_t crc;                    /* CRC-32C of bytes 0..75 and of ext; set by encode and parse */
};

/* Compression contexts, made once and used by one thread; level 0: it decodes only. NULL when there is no memory. */
struct record_coder *record_coder_new(int level);
void record_coder_free(struct record_coder *c); /* NULL allowed */

struct record_body {
    const void *ext;  /* after the header */
    size_t ext_bytes;
    const void *data; /* to be coded; NULL: no frame (SEAL) */
    size_t n;
};

/* Appends one whole record to `out`. Taken from r: type, flags, session, seq, steps, chain, timeline, count; the rest is
 * computed and left in *r. -1: ERR_MEMORY. */
int record_encode(struct record_coder *c, struct record *r, const struct record_body *body, struct buf *out, struct err *err);

/* The same around a frame of r->clen bytes that is coded already; of r also ulen and frame_crc are taken. With RECORD_EMBED among the flags it
 * lies inside the skippable content. */
int record_wrap(struct record *r, const struct record_body *body, const void *frame, struct buf *out, struct err *err);

/* Bytes of the whole header, ext included, announced by the first 12 bytes at `p`; 0 when magic, tag or length is wrong. */
size_t record_header_bytes(const uint8_t *p, size_t n);

/* Checks and reads the header at p[0 .. record_header_bytes()): magic, tag, CRC, version, flags, the limits of its type.
 * -1 with *err saying which. */
int record_parse(const uint8_t *p, size_t n, struct record *out, struct err *err);

/* Whole size of the record in its file. */
uint64_t record_bytes(const struct record *r);

/* Checks CRC, frame header and zstd's own checksum of the frame of r->clen bytes, and decodes r->ulen bytes into `out`
 * (at least r->ulen bytes; NULL: only the CRC is checked). -1 with *err. */
int record_decode(struct record_coder *c, const struct record *r, const void *frame, void *out, struct err *err);

/* The first record header with a valid CRC at or after p, of session `id` (NULL: any); its offset, or n when there is none. */
size_t record_search(const uint8_t *p, size_t n, const uint8_t *id);

/* Kinds that an EVENTS record may hold, so that who asks for little decodes little. The writer puts the bits into ext; a record without them holds
 * events of these kinds only where it is SYNCED, which they are at once. */
enum record_holds { HOLDS_CONFIG = 1, HOLDS_DATA = 2, HOLDS_CMD = 4, HOLDS_EPOCH = 8, HOLDS_STATE = 16, HOLDS_BRANCH = 32, HOLDS_NOTE = 64 };
enum { RECORD_TLV_HOLDS = 16, RECORD_TLV_SEGMENT = 17, HOLDS_ALL = 127, RECORD_HOLDS_BYTES = 12 };
/* RECORD_TLV_SEGMENT (u64): in a packed file, the number of the segment that this record begins. */
void record_put_holds(uint8_t ext[RECORD_HOLDS_BYTES], unsigned holds); /* the whole ext */
unsigned record_holds(const struct record *r, const uint8_t *ext);

/* --- ext: TLVs (u16 type, u16 length, data, padding to 4) --- */
void record_ext_add(struct buf *ext, uint16_t type, const void *data, size_t n);
void record_ext_add_u64(struct buf *ext, uint16_t type, uint64_t value);
/* The data of the first TLV of a type, or NULL. */
const uint8_t *record_ext_find(const uint8_t *ext, size_t ext_bytes, uint16_t type, size_t *n);
bool record_ext_u64(const uint8_t *ext, size_t ext_bytes, uint16_t type, uint64_t *out);

/* Little-endian, byte by byte. */
uint16_t load_u16(const uint8_t *p);
uint32_t load_u32(const uint8_t *p);
uint64_t load_u64(const uint8_t *p);
void store_u16(uint8_t *p, uint16_t v);
void store_u32(uint8_t *p, uint32_t v);
void store_u64(uint8_t *p, uint64_t v);

#endif
