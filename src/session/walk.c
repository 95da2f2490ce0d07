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
    const uint64_t size = w->part.end && w->part.end < (uint64_t)st.st_size ? w->part.end : (uint64_t)st.st_size;
    if (w->size != size)
        buf_clear(&w->window);
    w->size = size;
    return 0;
}

static int begin_walk(struct walk *w, const uint8_t *id, struct err *err)
{
    if (id)
        memcpy(w->id, id, sizeof w->id);
    w->have_id = id != NULL;
    w->offset = w->part.begin;
    w->seq = w->part.seq;
    w->chain = w->part.chain;
    w->coder = record_coder_new(0);
    if (!w->coder)
        err_set(err, ERR_MEMORY, "no memory to read a session file");
    if (w->coder && walk_refresh(w, err) == 0)
        return 0;
    walk_release(w);
    return -1;
}

int walk_open(struct walk *w, int dir_fd, const char *name, const uint8_t *id, struct err *err)
{
    *w = (struct walk){ .fd = -1 };
    w->fd = io_open(dir_fd, name, O_RDONLY, 0);
    return w->fd < 0 ? err_io(err, "cannot open %s", name) : begin_walk(w, id, err);
}

int walk_part_open(struct walk *w, int fd, const struct walk_part *part, const uint8_t *id, struct err *err)
{
    *w = (struct walk){ .fd = fd, .part = *part, .borrowed = true };
    return begin_walk(w, id, err);
}

void walk_release(struct walk *w)
{
    if (w->fd >= 0 && !w->borrowed)
        io->close(w->fd);
    w->fd = -1;
    record_coder_free(w->coder);
    w->coder = NULL;
    buf_release(&w->head);
    buf_release(&w->out);
    buf_release(&w->window);
}

/* The n bytes at offset + skip, valid until the next call. 1, 0 when the file ends before, -1 with *err. Records are small and follow each
 * other, so more is read at once. */
static int fetch_record(struct walk *w, uint64_t skip, size_t n, const char **out, struct err *err)
{
    enum { WINDOW = 32 << 10 };
    const uint64_t at = w->offset + skip;
    if (w->size - w->offset < skip || w->size - w->offset - skip < n)
        return 0;
    if (at < w->window_at || at - w->window_at > w->window.len || w->window.len - (at - w->window_at) < n) {
        const size_t more = n > WINDOW ? n : w->size - at < WINDOW ? (size_t)(w->size - at) : WINDOW;
        buf_clear(&w->window);
        char *to = buf_reserve(&w->window, more);
        if (!to)
            return err_set(err, ERR_MEMORY, "no memory for a record of %zu bytes", n);
        ssize_t got = io_read_at(w->fd, to, more, at);
        if (got < 0)
            return err_io(err, "cannot read a session file at byte %" PRIu64, at);
        w->window.len = (size_t)got;
        w->window_at = at;
    }
    *out = w->window.data + (at - w->window_at);
    return w->window.len - (at - w->window_at) >= n;
}

/* A valid record of this session after `from` makes what lies between damage. */
static enum walk_stop look_ahead(struct walk *w, uint64_t from)
{
    enum { WINDOW = 1 << 20, OVERLAP = RECORD_HEADER_BYTES + RECORD_EXT_MAX };
    while (from < w->size) {
        buf_clear(&w->window);
        char *to = buf_reserve(&w->window, WINDOW);
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

/* The header at `offset` into w->r, with its ext into head. 1, or -1 stopped. */
static int next_header(struct walk *w, struct err *err)
{
    enum { SUMMED = RECORD_HEADER_BYTES - 4 };
    const char *head;
    size_t n = 0;
    int got = fetch_record(w, 0, RECORD_HEADER_BYTES, &head, err);
    if (got > 0) {
        n = record_header_bytes((const uint8_t *)head, RECORD_HEADER_BYTES);
        got = n ? fetch_record(w, 0, n, &head, err) : 0;
    }
    if (got < 0)
        return stop(w, WALK_IO);
    if (got == 0) {
        err_set(err, ERR_DATA, "no whole record");
        return stop(w, WALK_TORN);
    }
    struct record r;
    buf_clear(&w->head);
    buf_add(&w->head, head, n);
    if (w->head.failed) {
        err_set(err, ERR_MEMORY, "no memory for a record's header");
        return stop(w, WALK_IO);
    }
    if (record_parse((const uint8_t *)head, n, &r, err) < 0) { /* a good checksum over a bad header is not a torn write */
        uint32_t sum = crc32c(crc32c(0, head, SUMMED), head + RECORD_HEADER_BYTES, n - RECORD_HEADER_BYTES);
        return stop(w, sum == load_u32((const uint8_t *)head + SUMMED) ? WALK_DAMAGED : WALK_TORN);
    }
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
    if (r->flags & RECORD_EMBED && !w->part.packed)
        return err_set(err, ERR_DATA, "an embedded record outside a packed file");
    if (w->part.packed && !(r->flags & RECORD_EMBED) == (r->type == RECORD_SLICE))
        return err_set(err, ERR_DATA, "a record of type %u that is %sembedded", r->type, r->type == RECORD_SLICE ? "not " : "");
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
    const char *frame;
    int got = fetch_record(w, (uint64_t)RECORD_HEADER_BYTES + r->ext_bytes, r->clen, &frame, err);
    if (got < 0)
        return stop(w, WALK_IO);
    if (got == 0) {
        err_set(err, ERR_DATA, "record %" PRIu64 " is cut off", r->seq);
        return stop(w, WALK_TORN);
    }
    buf_clear(&w->out);
    char *to = buf_reserve(&w->out, (size_t)r->ulen + 1);
    if (!to) {
        err_set(err, ERR_MEMORY, "no memory for a record of %u bytes", r->ulen);
        return stop(w, WALK_IO);
    }
    if (record_decode(w->coder, r, frame, r->type <= RECORD_DELTA ? to : NULL, err) < 0)
        return stop(w, WALK_TORN);
    w->data = w->out.data;
    w->frame = frame;
    w->out.data[r->ulen] = '\0';
    return 1;
}

static bool is_left_out(const struct walk *w)
{
    return w->only && w->r.type == RECORD_EVENTS && w->r.count < UINT16_MAX && !(record_holds(&w->r, w->ext) & w->only);
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
    w->ext = (const uint8_t *)w->head.data + RECORD_HEADER_BYTES;
    decode = decode && !is_left_out(w);
    bool counted = decode && w->budget && w->r.type <= RECORD_DELTA;
    if (decode) {
        if (counted && check_budget(w, err) < 0)
            return stop(w, WALK_DAMAGED);
        if (payload(w, err) < 0)
            return -1;
    } else if (w->size - w->offset < record_bytes(&w->r)) {
        err_set(err, ERR_DATA, "record %" PRIu64 " is cut off", w->r.seq);
        return stop(w, WALK_TORN);
    } else
        w->data = NULL;
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
