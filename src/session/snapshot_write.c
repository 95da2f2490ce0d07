#include "config.h"
#include "session/snapshot.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/safetensors.h"
#include "base/text.h"
#include "engine/train_state.h"
#include "session/io.h"

enum { META_MAX = 19 };

/* Pairs of key and text, as safetensors_header() wants them; the texts live in one buffer. */
struct meta {
    struct buf text;
    const char *key[META_MAX];
    size_t at[META_MAX]; /* where in text */
    int n;
};

/* JSON holds UTF-8 only; a path may hold anything. */
static void add_utf8(struct buf *out, const char *text)
{
    while (*text) {
        char bytes[4];
        buf_add(out, bytes, text_encode(text_next(&text), bytes));
    }
}

static void add_meta(struct meta *m, const char *key, const char *value)
{
    m->key[m->n] = key;
    m->at[m->n++] = m->text.len;
    add_utf8(&m->text, value);
    buf_addc(&m->text, '\0');
}

static void add_meta_number(struct meta *m, const char *key, double value)
{
    char text[40];
    snprintf(text, sizeof text, "%.17g", value); /* reads back to the same bits */
    add_meta(m, key, text);
}

static void add_meta_u64(struct meta *m, const char *key, uint64_t value)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, value);
    add_meta(m, key, text);
}

/* A NULL-terminated list, one entry a line; entries hold no newlines. */
static void add_meta_list(struct meta *m, const char *key, char *const *list)
{
    m->key[m->n] = key;
    m->at[m->n++] = m->text.len;
    for (char *const *item = list; item && *item; item++) {
        buf_adds(&m->text, item == list ? "" : "\n");
        add_utf8(&m->text, *item);
    }
    buf_addc(&m->text, '\0');
}

static void add_all(struct meta *m, const struct train_state *s, const struct snapshot_seal *seal)
{
    char looks[96];
    rho_auto_format(&s->rho_auto, looks, sizeof looks);
    add_meta(m, "format", SNAPSHOT_FORMAT);
    add_meta_u64(m, "step", s->step);
    add_meta_u64(m, "timeline", seal->timeline);
    add_meta(m, "name", seal->name);
    add_meta_number(m, "epoch", seal->epoch);
    add_meta_number(m, "best", s->best);
    add_meta_number(m, "best_epoch", s->best_epoch);
    add_meta_number(m, "epoch_loss", s->epoch_loss);
    add_meta_number(m, "epoch_correct", s->epoch_correct);
    add_meta_u64(m, "epoch_images", s->epoch_images);
    if (s->class_losses)
        add_meta_list(m, "class_losses", s->class_losses);
    add_meta_number(m, "grad_norm", s->grad_norm);
    add_meta_number(m, "rho", s->rho);
    if (rho_auto_knows(&s->rho_auto))
        add_meta(m, "rho_auto", looks);
    add_meta_u64(m, "finite", s->finite);
    add_meta(m, "state", seal->state);
    add_meta_list(m, "knobs", s->knobs);
    add_meta_list(m, "pending", s->pending);
    add_meta_list(m, "watched", s->watched);
}

/* One item for each tensor of each vector, in the order of the data. Heap; NULL: no memory. */
static struct safetensors_item *list_tensors(const struct train_state *s, int *n)
{
    int most = 0;
    for (int v = 0; v < s->n_vectors; v++)
        most += s->vector[v].n_tensors;
    struct safetensors_item *items = calloc((size_t)most + 1, sizeof *items);
    *n = 0;
    for (int v = 0; items && v < s->n_vectors; v++)
        for (int i = 0; i < s->vector[v].n_tensors; i++) {
            const struct state_tensor *t = &s->vector[v].tensor[i];
            struct safetensors_item *to = &items[(*n)++];
            *to = (struct safetensors_item){ .name = t->name, .rank = t->rank };
            to->dtype = s->vector[v].dtype == STATE_I32 ? SAFETENSORS_I32 : SAFETENSORS_F32;
            memcpy(to->dims, t->dims, sizeof t->dims);
        }
    return items;
}

/* u64 length and JSON, padded so that the tensors start at a multiple of 64 bytes. */
static int build_header(const struct train_state *s, const struct snapshot_seal *seal, struct buf *out, struct err *err)
{
    int n;
    struct safetensors_item *items = list_tensors(s, &n);
    const char *pairs[2 * META_MAX + 1] = { NULL };
    struct meta m = { .n = 0 };
    int result = -1;
    add_all(&m, s, seal);
    for (int i = 0; i < m.n && !m.text.failed; i++) {
        pairs[2 * i] = m.key[i];
        pairs[2 * i + 1] = m.text.data + m.at[i];
    }
    if (m.text.failed || !items)
        err_set(err, ERR_MEMORY, "no memory for a snapshot");
    else
        result = safetensors_header(out, items, n, pairs, err);
    buf_release(&m.text);
    free(items);
    return result;
}

static int put_snapshot_record(struct snapshot_writer *w, const struct buf *ext, const void *data, size_t n, struct err *err)
{
    buf_clear(&w->out);
    w->next.type = data ? RECORD_SLICE : RECORD_SEAL;
    w->next.first_step = w->next.last_step = w->seal.step;
    w->next.timeline = w->seal.timeline;
    const struct record_body body = { .ext = ext ? ext->data : NULL, .ext_bytes = ext ? ext->len : 0, .data = data, .n = n };
    if (record_encode(w->coder, &w->next, &body, &w->out, err) < 0)
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
    int result = put_snapshot_record(w, NULL, w->slice.data, w->slice.len, err);
    buf_clear(&w->slice);
    return result;
}

/* Numbers of 4 bytes as little-endian bytes, through slices of 4 MiB. */
static int put_numbers(struct snapshot_writer *w, const struct state_vector *vector, struct err *err)
{
    const char *v = vector->data;
    for (size_t n = vector->n; n;) {
        size_t room = (RECORD_SLICE_MAX - w->slice.len) / 4, part = n < room ? n : room;
        uint8_t *to = (uint8_t *)w->slice.data + w->slice.len;
        for (size_t i = 0; i < part; i++) {
            uint32_t bits;
            memcpy(&bits, v + 4 * i, sizeof bits);
            store_u32(to + 4 * i, bits);
        }
        w->slice.len += 4 * part;
        v += 4 * part;
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
    for (int i = 0; result == 0 && i < s->n_vectors; i++)
        result = put_numbers(w, &s->vector[i], err);
    if (result < 0 || flush_slice(w, err) < 0)
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
    int result = ext.failed ? err_set(err, ERR_MEMORY, "no memory for a snapshot") : put_snapshot_record(w, &ext, NULL, 0, err);
    buf_release(&ext);
    return result;
}

void snapshot_writer_release(struct snapshot_writer *w)
{
    buf_release(&w->slice);
    buf_release(&w->out);
}
