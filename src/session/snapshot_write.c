#include "config.h"
#include "session/snapshot.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "engine/trainer.h"
#include "session/io.h"
#include "session/safetensors.h"

enum { PREFIX = 8 }; /* the u64 header length before the JSON */

static void add_meta(struct buf *json, const char *key, const char *value)
{
    buf_addf(json, ",\"%s\":", key);
    safetensors_add_string(json, value);
}

static void add_meta_number(struct buf *json, const char *key, double value)
{
    char text[40];
    snprintf(text, sizeof text, "%.17g", value); /* reads back to the same bits */
    add_meta(json, key, text);
}

/* A NULL-terminated list, one entry a line; entries hold no newlines. */
static void add_meta_list(struct buf *json, const char *key, char *const *list)
{
    struct buf joined = { 0 };
    buf_adds(&joined, "");
    for (char *const *item = list; item && *item; item++)
        buf_addf(&joined, "%s%s", item == list ? "" : "\n", *item);
    add_meta(json, key, joined.data ? joined.data : "");
    json->failed = json->failed || joined.failed;
    buf_release(&joined);
}

static void add_tensor(struct buf *json, const char *name, size_t n, uint64_t *offset)
{
    buf_addf(json, ",\"%s\":{\"dtype\":\"F32\",\"shape\":[%zu],\"data_offsets\":[%" PRIu64 ",%" PRIu64 "]}", name, n, *offset,
             *offset + 4 * n);
    *offset += 4 * n;
}

/* u64 length and JSON, padded so that the tensors start at a multiple of 64 bytes. */
static int build_header(const struct train_state *s, const struct snapshot_seal *seal, struct buf *out, struct err *err)
{
    uint64_t offset = 0;
    buf_add(out, "\0\0\0\0\0\0\0\0", PREFIX);
    buf_addf(out, "{\"__metadata__\":{\"format\":\"saddle-1\",\"step\":\"%" PRIu64 "\",\"timeline\":\"%u\"", s->step, seal->timeline);
    add_meta(out, "name", seal->name);
    add_meta_number(out, "epoch", seal->epoch);
    add_meta_number(out, "best", s->best);
    add_meta_number(out, "best_epoch", s->best_epoch);
    add_meta_number(out, "epoch_loss", s->epoch_loss);
    add_meta_number(out, "epoch_correct", s->epoch_correct);
    buf_addf(out, ",\"epoch_images\":\"%" PRIu64 "\",\"finite\":\"%d\",\"state\":\"%s\"", s->epoch_images, s->finite, seal->state);
    add_meta_list(out, "knobs", s->knobs);
    add_meta_list(out, "pending", s->pending);
    add_meta_list(out, "watched", s->watched);
    buf_addc(out, '}');
    add_tensor(out, "w/params", s->n_params, &offset);
    add_tensor(out, "opt/m/params", s->n_params, &offset);
    add_tensor(out, "bn/stats", s->n_stats, &offset);
    buf_addc(out, '}');
    while (!out->failed && out->len % SAFETENSORS_ALIGN)
        buf_addc(out, ' ');
    if (out->failed)
        return err_set(err, ERR_MEMORY, "no memory for a snapshot");
    if (out->len - PREFIX > SAFETENSORS_HEADER_MAX)
        return err_set(err, ERR_RANGE, "snapshot metadata of %zu bytes; at most %d fit", out->len, SAFETENSORS_HEADER_MAX);
    store_u64((uint8_t *)out->data, out->len - PREFIX);
    return 0;
}

static int put_record(struct snapshot_writer *w, const struct buf *ext, const void *data, size_t n, struct err *err)
{
    buf_clear(&w->out);
    w->next.type = data ? RECORD_SLICE : RECORD_SEAL;
    w->next.first_step = w->next.last_step = w->seal.step;
    w->next.timeline = w->seal.timeline;
    if (record_encode(w->coder, &w->next, ext ? ext->data : NULL, ext ? ext->len : 0, data, n, &w->out, err) < 0)
        return -1;
    w->next.seq++;
    w->next.chain = w->next.crc;
    return io_write_all(w->fd, w->out.data, w->out.len) == 0 ? 0 : err_io(err, "cannot write the snapshot");
}

static int flush_slice(struct snapshot_writer *w, struct err *err)
{
    if (w->slice.len == 0)
        return 0;
    digest_add(&w->digest, w->slice.data, w->slice.len);
    w->seal.bytes += w->slice.len;
    w->seal.slices++;
    int result = put_record(w, NULL, w->slice.data, w->slice.len, err);
    buf_clear(&w->slice);
    return result;
}

/* Floats as little-endian bytes, through slices of 4 MiB. */
static int put_floats(struct snapshot_writer *w, const float *v, size_t n, struct err *err)
{
    while (n) {
        size_t room = (RECORD_SLICE_MAX - w->slice.len) / 4, part = n < room ? n : room;
        uint8_t *to = (uint8_t *)w->slice.data + w->slice.len;
        for (size_t i = 0; i < part; i++) {
            uint32_t bits;
            memcpy(&bits, &v[i], sizeof bits);
            store_u32(to + 4 * i, bits);
        }
        w->slice.len += 4 * part;
        v += part;
        n -= part;
        if (RECORD_SLICE_MAX - w->slice.len < 4 && flush_slice(w, err) < 0)
            return -1;
    }
    return 0;
}

int snapshot_write_slices(struct snapshot_writer *w, const struct train_state *s, struct err *err)
{
    struct buf header = { 0 };
    digest_init(&w->digest);
    train_state_hash(s, w->seal.state);
    int result = build_header(s, &w->seal, &header, err);
    if (result == 0 && !buf_reserve(&w->slice, RECORD_SLICE_MAX))
        result = err_set(err, ERR_MEMORY, "no memory for a snapshot");
    for (size_t at = 0; result == 0 && at < header.len;) {
        size_t room = RECORD_SLICE_MAX - w->slice.len, part = header.len - at < room ? header.len - at : room;
        buf_add(&w->slice, header.data + at, part);
        at += part;
        if (w->slice.len == RECORD_SLICE_MAX)
            result = flush_slice(w, err);
    }
    buf_release(&header);
    if (result < 0 || put_floats(w, s->params, s->n_params, err) < 0 || put_floats(w, s->momentum, s->n_params, err) < 0 ||
        put_floats(w, s->stats, s->n_stats, err) < 0 || flush_slice(w, err) < 0)
        return -1;
    digest_hex(&w->digest, w->seal.sha256);
    return 0;
}

int snapshot_write_seal(struct snapshot_writer *w, uint64_t q, struct err *err)
{
    struct snapshot_seal *s = &w->seal;
    struct buf ext = { 0 };
    uint64_t epoch;
    memcpy(&epoch, &s->epoch, sizeof epoch);
    s->q = q;
    record_ext_add_u64(&ext, SNAPSHOT_TLV_BYTES, s->bytes);
    record_ext_add_u64(&ext, SNAPSHOT_TLV_SLICES, s->slices);
    record_ext_add(&ext, SNAPSHOT_TLV_SHA256, s->sha256, DIGEST_HEX - 1);
    record_ext_add(&ext, SNAPSHOT_TLV_STATE, s->state, DIGEST_HEX - 1);
    record_ext_add_u64(&ext, SNAPSHOT_TLV_Q, q);
    record_ext_add_u64(&ext, SNAPSHOT_TLV_FLAGS, (s->finite ? SNAPSHOT_FINITE : 0) | (s->pinned ? SNAPSHOT_PINNED : 0));
    record_ext_add(&ext, SNAPSHOT_TLV_NAME, s->name, strlen(s->name));
    record_ext_add_u64(&ext, SNAPSHOT_TLV_EPOCH, epoch);
    int result = ext.failed ? err_set(err, ERR_MEMORY, "no memory for a snapshot") : put_record(w, &ext, NULL, 0, err);
    buf_release(&ext);
    return result;
}

void snapshot_writer_release(struct snapshot_writer *w)
{
    buf_release(&w->slice);
    buf_release(&w->out);
}
