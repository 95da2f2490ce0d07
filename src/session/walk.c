#include "config.h"
#include "session/walk.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

#include "base/crc32c.h"
#include "base/err.h"
#include "session/io.h"

int walk_refresh(struct walk *w, struct err *err)
{
    struct stat st;
    if (io->fstat(w->fd, &st) < 0)
        return err_io(err, "cannot look at a session file");
    w->size = (uint64_t)st.st_size;
    return 0;
}

int walk_open(struct walk *w, int dir_fd, const char *name, const uint8_t *id, struct err *err)
{
    *w = (struct walk){ .fd = -1 };
    w->fd = io_open(dir_fd, name, O_RDONLY, 0);
    if (w->fd < 0)
        return err_io(err, "cannot open %s", name);
    if (id)
        memcpy(w->id, id, sizeof w->id);
    w->have_id = id != NULL;
    w->coder = record_coder_new(1);
    if (!w->coder)
        err_set(err, ERR_MEMORY, "no memory to read %s", name);
    if (w->coder && walk_refresh(w, err) == 0)
        return 0;
    walk_release(w);
    return -1;
}

void walk_release(struct walk *w)
{
    if (w->fd >= 0)
        io->close(w->fd);
    w->fd = -1;
    record_coder_free(w->coder);
    w->coder = NULL;
    buf_release(&w->raw);
    buf_release(&w->out);
}

/* Reads n bytes at offset + skip into raw; 1, 0 when the file ends before, -1 with *err. */
static int fetch_record(struct walk *w, uint64_t skip, size_t n, struct err *err)
{
    if (w->size - w->offset < skip || w->size - w->offset - skip < n)
        return 0;
    buf_clear(&w->raw);
    char *to = buf_reserve(&w->raw, n);
    if (!to)
        return err_set(err, ERR_MEMORY, "no memory for a record of %zu bytes", n);
    ssize_t got = io_read_at(w->fd, to, n, w->offset + skip);
    if (got < 0)
        return err_io(err, "cannot read a session file at byte %" PRIu64, w->offset + skip);
    w->raw.len = (size_t)got;
    return (size_t)got == n;
}

/* A valid record of this session after `from` makes what lies between damage. */
static enum walk_stop look_ahead(struct walk *w, uint64_t from)
{
    enum { WINDOW = 1 << 20, OVERLAP = RECORD_HEADER_BYTES + RECORD_EXT_MAX };
    while (from < w->size) {
        buf_clear(&w->raw);
        char *to = buf_reserve(&w->raw, WINDOW);
        ssize_t got = to ? io_read_at(w->fd, to, WINDOW, from) : -1;
        if (got < 0)
            return WALK_IO;
        size_t n = (size_t)got;
        if (record_search((const uint8_t *)to, n, w->have_id ? w->id : NULL) < n)
            return WALK_DAMAGED;
        if (n < WINDOW)
            break;
        from += WINDOW - OVERLAP;
    }
    return WALK_TORN;
}

static int stop(struct walk *w, enum walk_stop how)
{
    w->stop = how == WALK_TORN ? look_ahead(w, w->offset + 1) : how;
    w->stop_size = w->size;
    return -1;
}

/* The header at `offset` into w->r; ext stays in raw. 1, or -1 stopped. */
static int next_header(struct walk *w, struct err *err)
{
    uint8_t head[RECORD_HEADER_BYTES];
    int got = fetch_record(w, 0, sizeof head, err);
    if (got > 0) {
        memcpy(head, w->raw.data, sizeof head);
        size_t bytes = record_header_bytes(head, sizeof head);
        got = bytes ? fetch_record(w, 0, bytes, err) : 0;
    }
    if (got < 0)
        return stop(w, WALK_IO);
    if (got == 0) {
        err_set(err, ERR_DATA, "no whole record");
        return stop(w, WALK_TORN);
    }
    struct record r;
    uint32_t sum = crc32c(crc32c(0, w->raw.data, sizeof head - 4), w->raw.data + sizeof head, w->raw.len - sizeof head);
    if (record_parse((uint8_t *)w->raw.data, w->raw.len, &r, err) < 0) /* a good checksum over a bad header is not a torn write */
        return stop(w, sum == load_u32(head + sizeof head - 4) ? WALK_DAMAGED : WALK_TORN);
    w->r = r;
    return 1;
}

/* Does the record belong here? */
static int check_place(struct walk *w, struct err *err)
{
    const struct record *r = &w->r;
    if (w->have_id && memcmp(r->session, w->id, sizeof w->id) != 0)
        return err_set(err, ERR_DATA, "a record of another session");
    if (r->seq != w->seq)
        return err_set(err, ERR_DATA, "record %" PRIu64 " where %" PRIu64 " is expected", r->seq, w->seq);
    if (r->chain != w->chain)
        return err_set(err, ERR_DATA, "record %" PRIu64 " does not continue the one before it", r->seq);
    if (r->flags & RECORD_EMBED)
        return err_set(err, ERR_DATA, "an embedded record outside a packed file");
    return 0;
}

/* A bomb is refused before it is decoded. */
static int check_budget(const struct walk *w, struct err *err)
{
    const struct walk_budget *b = w->budget;
    uint64_t coded = b->coded + record_bytes(&w->r), decoded = b->decoded + w->r.ulen, most = b->free + b->ratio * coded;
    return decoded <= most ? 0 : err_set(err, ERR_DATA, "%" PRIu64 " bytes of it decode to more than the %" PRIu64 " accepted", coded, most);
}

static int payload(struct walk *w, struct err *err)
{
    const struct record *r = &w->r;
    struct buf ext = w->raw; /* the frame must not overwrite the ext that is handed out */
    w->raw = w->out;
    w->out = ext;
    int got = fetch_record(w, (uint64_t)RECORD_HEADER_BYTES + r->ext_bytes, r->clen, err);
    if (got < 0)
        return stop(w, WALK_IO);
    if (got == 0) {
        err_set(err, ERR_DATA, "record %" PRIu64 " is cut off", r->seq);
        return stop(w, WALK_TORN);
    }
    size_t head = w->out.len; /* header and ext, then the decoded bytes */
    char *to = buf_reserve(&w->out, r->ulen);
    if (!to) {
        err_set(err, ERR_MEMORY, "no memory for a record of %u bytes", r->ulen);
        return stop(w, WALK_IO);
    }
    if (record_decode(w->coder, r, w->raw.data, r->type <= RECORD_DELTA ? to : NULL, err) < 0)
        return stop(w, WALK_TORN);
    w->ext = (const uint8_t *)w->out.data + RECORD_HEADER_BYTES;
    w->data = w->out.data + head;
    w->out.data[head + r->ulen] = '\0';
    return 1;
}

int walk_next(struct walk *w, bool decode, struct err *err)
{
    if (w->stop != WALK_NOT && w->stop_size == w->size) {
        err_set(err, ERR_DATA, "no whole record");
        return -1;
    }
    w->stop = WALK_NOT;
    if (w->offset >= w->size)
        return 0;
    if (next_header(w, err) < 0)
        return -1;
    if (check_place(w, err) < 0)
        return stop(w, WALK_DAMAGED);
    bool counted = decode && w->budget && w->r.type <= RECORD_DELTA;
    if (decode) {
        if (counted && check_budget(w, err) < 0)
            return stop(w, WALK_DAMAGED);
        if (payload(w, err) < 0)
            return -1;
    } else if (w->size - w->offset < record_bytes(&w->r)) {
        err_set(err, ERR_DATA, "record %" PRIu64 " is cut off", w->r.seq);
        return stop(w, WALK_TORN);
    } else {
        w->ext = (const uint8_t *)w->raw.data + RECORD_HEADER_BYTES;
        w->data = NULL;
    }
    if (!w->have_id)
        memcpy(w->id, w->r.session, sizeof w->id);
    w->have_id = true;
    if (w->budget)
        w->budget->coded += record_bytes(&w->r);
    if (counted)
        w->budget->decoded += w->r.ulen;
    w->offset += record_bytes(&w->r);
    w->seq++;
    w->chain = w->r.crc;
    return 1;
}
