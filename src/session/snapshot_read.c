#include "config.h"
#include "session/snapshot.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/safetensors.h"
#include "base/text.h"
#include "engine/train_state.h"
#include "session/folder.h"
#include "session/io.h"
#include "session/recording.h"
#include "session/walk.h"

/* --- the seal -------------------------------------------------------------------------------------------------------- */

static int read_record_text(const struct walk *w, uint16_t type, char *out, size_t size)
{
    size_t n = 0;
    const uint8_t *data = record_ext_find(w->ext, w->r.ext_bytes, type, &n);
    if (!data || n >= size)
        return -1;
    memcpy(out, data, n);
    out[n] = '\0';
    return strlen(out) == n ? 0 : -1;
}

static int parse_seal(const struct walk *w, struct snapshot_seal *out, struct err *err)
{
    uint64_t flags = 0, epoch = 0;
    const uint8_t *ext = w->ext;
    size_t n = w->r.ext_bytes;
    *out = (struct snapshot_seal){ .step = w->r.first_step, .timeline = w->r.timeline };
    bool good = record_ext_u64(ext, n, SNAPSHOT_TLV_BYTES, &out->bytes) && record_ext_u64(ext, n, SNAPSHOT_TLV_SLICES, &out->slices) &&
                record_ext_u64(ext, n, SNAPSHOT_TLV_Q, &out->q) && record_ext_u64(ext, n, SNAPSHOT_TLV_FLAGS, &flags) &&
                record_ext_u64(ext, n, SNAPSHOT_TLV_EPOCH, &epoch) &&
                read_record_text(w, SNAPSHOT_TLV_SHA256, out->sha256, sizeof out->sha256) == 0 &&
                read_record_text(w, SNAPSHOT_TLV_STATE, out->state, sizeof out->state) == 0 &&
                read_record_text(w, SNAPSHOT_TLV_NAME, out->name, sizeof out->name) == 0;
    memcpy(&out->epoch, &epoch, sizeof out->epoch);
    out->finite = flags & SNAPSHOT_FINITE;
    out->pinned = flags & SNAPSHOT_PINNED;
    return good ? 0 : err_set(err, ERR_DATA, "the seal lacks something");
}

/* --- the stream ------------------------------------------------------------------------------------------------------ */

/* Takes the decoded stream piece by piece: the header is collected and parsed, tensor bytes go straight to their arrays. */
struct tensor_stream {
    struct train_state *state;    /* NULL: only the header is looked at */
    struct buf header;            /* length and JSON */
    struct safetensors *tensors;  /* NULL: not parsed yet */
    char **to;                    /* [tensors]: where each goes, in the state */
    uint64_t at;                  /* bytes of tensors seen */
};
enum { HEADER_MAX = 1 << 20, HEADER_PARTS_MAX = 16384 };

/* About ten parts a tensor, of 1,028 in the largest network, and a few texts: brackets and commas by the thousand cost a hundred times their size when they are parsed. */
static bool is_plain_json(const char *json, size_t n)
{
    size_t parts = 0;
    bool text = false;
    for (size_t i = 0; i < n; i++) {
        if (json[i] == '\\' && text)
            i++;
        else if (json[i] == '"')
            text = !text;
        else
            parts += !text && (json[i] == ',' || json[i] == '[' || json[i] == '{');
    }
    return parts <= HEADER_PARTS_MAX;
}

/* The tensor that the file must have there: one of the network's, or all of vector v in a file of before (rank 1). */
struct wanted_tensor {
    const char *name;
    enum safetensors_dtype dtype;
    int rank;
    uint64_t dims[SAFETENSORS_MAX_RANK];
    char *to;
};

static struct wanted_tensor wanted_tensor(const struct state_vector *v, int i)
{
    const struct state_tensor *t = &v->tensor[i];
    struct wanted_tensor w = { .name = t->name, .rank = t->rank, .to = (char *)v->data + 4 * t->first };
    memcpy(w.dims, t->dims, sizeof t->dims);
    return w;
}

static int place_tensor(struct tensor_stream *st, const struct wanted_tensor *w, struct err *err)
{
    const struct safetensors_tensor *t = safetensors_find(st->tensors, w->name);
    char is[120], should[120];
    safetensors_shape_text(w->rank, w->dims, should, sizeof should);
    if (!t)
        return err_set(err, ERR_DATA, "no tensor %s in it; this run needs one of shape %s", w->name, should);
    if (t->dtype != w->dtype)
        return err_set(err, ERR_DATA, "tensor %s is not of type %s", w->name, w->dtype == SAFETENSORS_F32 ? "float32" : "int32");
    safetensors_shape_text(t->rank, t->dims, is, sizeof is);
    if (t->rank != w->rank || memcmp(t->dims, w->dims, sizeof *w->dims * (size_t)w->rank) != 0)
        return err_set(err, ERR_DATA, "tensor %s is %s; this network needs %s", w->name, is, should);
    for (int i = 0; i < safetensors_count(st->tensors); i++)
        if (safetensors_at(st->tensors, i) == t)
            st->to[i] = w->to;
    return 0;
}

static int place_vector(struct tensor_stream *st, const struct state_vector *v, bool flat, struct err *err)
{
    const enum safetensors_dtype dtype = v->dtype == STATE_I32 ? SAFETENSORS_I32 : SAFETENSORS_F32;
    if (flat && !v->flat)
        return err_set(err, ERR_DATA, "it is older than %s, which this run keeps", v->n_tensors ? v->tensor[0].name : "a vector");
    if (flat)
        return place_tensor(st, &(struct wanted_tensor){ .name = v->flat, .dtype = dtype, .rank = 1, .dims = { v->n }, .to = v->data }, err);
    for (int i = 0; i < v->n_tensors; i++) {
        struct wanted_tensor w = wanted_tensor(v, i);
        w.dtype = dtype;
        if (place_tensor(st, &w, err) < 0)
            return -1;
    }
    return 0;
}

/* Is anything in it of that owner? Then all of it must be. */
static bool holds_any_of(const struct tensor_stream *st, enum state_owner of)
{
    bool any = false;
    for (int v = 0; v < st->state->n_vectors; v++)
        for (int i = 0; st->state->vector[v].of == of && i < st->state->vector[v].n_tensors; i++)
            any |= safetensors_find(st->tensors, st->state->vector[v].tensor[i].name) != NULL;
    return any;
}

/* The place of each tensor: what the state needs must be there, and nothing else, for what a run does not keep it would lose. */
static int place_tensors_all(struct tensor_stream *st, struct err *err)
{
    const int n = safetensors_count(st->tensors);
    const char *format = safetensors_metadata(st->tensors, "format");
    const bool flat = format && strcmp(format, "saddle-1") == 0;
    if (!st->state)
        return 0;
    if (!flat && (!format || strcmp(format, SNAPSHOT_FORMAT) != 0))
        return err_set(err, ERR_DATA, "its format is not saddle-1 or " SNAPSHOT_FORMAT);
    st->to = calloc((size_t)n + 1, sizeof *st->to);
    if (!st->to)
        return err_set(err, ERR_MEMORY, "no memory for a snapshot's header");
    for (int of = STATE_OF_STAGE; of <= STATE_OF_OPTIMISER; of++)
        if (!holds_any_of(st, (enum state_owner)of))
            train_state_drop(st->state, (enum state_owner)of);
    for (int v = 0; v < st->state->n_vectors; v++)
        if (place_vector(st, &st->state->vector[v], flat, err) < 0)
            return -1;
    for (int i = 0; i < n; i++)
        if (!st->to[i])
            return err_set(err, ERR_DATA, "tensor %s in it belongs to no vector that this run keeps; expected parameters, momentum/ and statistics",
                           safetensors_at(st->tensors, i)->name);
    return 0;
}

/* Bytes of the header still wanted, and what to do once they are there. Returns how many of `n` were taken, -1 with *err. */
static ssize_t take_header(struct tensor_stream *st, const char *p, size_t n, struct err *err)
{
    size_t taken = 0;
    while (taken < n && !st->tensors) {
        uint64_t want = 8;
        if (st->header.len >= 8) {
            uint64_t json = load_u64((const uint8_t *)st->header.data);
            if (json > HEADER_MAX)
                return err_set(err, ERR_DATA, "safetensors: header of %" PRIu64 " bytes; at most %d are accepted", json, HEADER_MAX);
            want += json;
        }
        size_t part = want - st->header.len < n - taken ? (size_t)(want - st->header.len) : n - taken;
        buf_add(&st->header, p + taken, part);
        if (st->header.failed)
            return err_set(err, ERR_MEMORY, "no memory for a snapshot's header");
        taken += part;
        if (st->header.len < 8 || st->header.len < 8 + load_u64((const uint8_t *)st->header.data))
            continue;
        if (!is_plain_json(st->header.data + 8, st->header.len - 8))
            return err_set(err, ERR_DATA, "safetensors: a header of more than %d parts", HEADER_PARTS_MAX);
        st->tensors = safetensors_from_header(st->header.data + 8, st->header.len - 8, err);
        if (!st->tensors || place_tensors_all(st, err) < 0)
            return -1;
    }
    return (ssize_t)taken;
}

/* Copies what of tensor i lies in p[0..n), which starts at byte st->at of the tensor data. Little-endian machines only. */
static void copy_part(struct tensor_stream *st, int i, const char *p, size_t n)
{
    const struct safetensors_tensor *t = safetensors_at(st->tensors, i);
    const uint64_t begin = safetensors_offset(t), end = begin + t->bytes;
    const uint64_t from = begin > st->at ? begin : st->at, until = end < st->at + n ? end : st->at + n;
    if (from < until)
        memcpy(st->to[i] + (from - begin), p + (from - st->at), (size_t)(until - from));
}

static int take_stream(struct tensor_stream *st, const char *p, size_t n, struct err *err)
{
    ssize_t head = take_header(st, p, n, err);
    if (head < 0)
        return -1;
    p += head;
    n -= (size_t)head;
    if (n > 0 && n > safetensors_data_bytes(st->tensors) - st->at)
        return err_set(err, ERR_DATA, "safetensors: bytes after the last tensor");
    for (int i = 0; st->state && n && i < safetensors_count(st->tensors); i++)
        copy_part(st, i, p, n);
    st->at += n;
    return 0;
}

/* --- metadata -------------------------------------------------------------------------------------------------------- */

static int meta_double(const struct safetensors *t, const char *key, double *out, struct err *err)
{
    const char *text = safetensors_metadata(t, key);
    char *end = NULL;
    if (text && *text)
        *out = strtod(text, &end);
    return end && !*end ? 0 : err_set(err, ERR_DATA, "metadata %s is missing or not a number", key);
}

/* Older snapshots do not have it. */
static double meta_or_nan(const struct safetensors *t, const char *key)
{
    double value;
    return meta_double(t, key, &value, NULL) < 0 ? NAN : value;
}

static int meta_u64(const struct safetensors *t, const char *key, uint64_t *out, struct err *err)
{
    const char *text = safetensors_metadata(t, key);
    if (!text || !*text || strlen(text) > 19 || strspn(text, "0123456789") != strlen(text))
        return err_set(err, ERR_DATA, "metadata %s is missing or not a whole number", key);
    *out = strtoull(text, NULL, 10);
    return 0;
}

/* Lines into a NULL-terminated list. */
static int meta_list(const struct safetensors *t, const char *key, char ***out, struct err *err)
{
    const char *text = safetensors_metadata(t, key);
    size_t n = 0, lines = 1;
    if (!text)
        return err_set(err, ERR_DATA, "metadata %s is missing", key);
    for (const char *c = text; *c; c++)
        lines += *c == '\n';
    char **list = calloc(lines + 1, sizeof *list);
    *out = list;
    size_t length;
    for (const char *line; list && (line = text_next_line(&text, &length));) {
        list[n] = strndup(line, length);
        if (!list[n++])
            return err_set(err, ERR_MEMORY, "no memory for a snapshot's metadata");
    }
    return list ? 0 : err_set(err, ERR_MEMORY, "no memory for a snapshot's metadata");
}

static int read_state(const struct safetensors *t, struct train_state *s, struct err *err)
{
    uint64_t finite = 0;
    s->grad_norm = meta_or_nan(t, "grad_norm");
    s->rho = meta_or_nan(t, "rho");
    const char *looks = safetensors_metadata(t, "rho_auto");
    if (looks && !rho_auto_parse(looks, &s->rho_auto))
        return err_set(err, ERR_DATA, "its rho_auto '%.60s' is damaged", looks);
    if (safetensors_metadata(t, "class_losses") && meta_list(t, "class_losses", &s->class_losses, err) < 0)
        return -1;
    if (meta_u64(t, "step", &s->step, err) < 0 || meta_double(t, "best", &s->best, err) < 0 ||
        meta_double(t, "best_epoch", &s->best_epoch, err) < 0 || meta_double(t, "epoch_loss", &s->epoch_loss, err) < 0 ||
        meta_double(t, "epoch_correct", &s->epoch_correct, err) < 0 || meta_u64(t, "epoch_images", &s->epoch_images, err) < 0 ||
        meta_u64(t, "finite", &finite, err) < 0 || meta_list(t, "knobs", &s->knobs, err) < 0 ||
        meta_list(t, "pending", &s->pending, err) < 0 || meta_list(t, "watched", &s->watched, err) < 0)
        return -1;
    s->finite = finite == 1;
    return 0;
}

/* --- whole files ----------------------------------------------------------------------------------------------------- */

/* Walks to the SEAL, which must be the last record; with `st` the slices are decoded and handed on. */
static int walk_to_seal(struct walk *w, struct tensor_stream *st, struct snapshot_seal *out, struct digest *digest, struct err *err)
{
    uint64_t slices = 0, bytes = 0;
    int got;
    while ((got = walk_next(w, st != NULL, err)) > 0) {
        if (w->r.type == RECORD_SEAL)
            break;
        if (w->r.type >= RECORD_ANCILLARY)
            continue;
        if (w->r.type != RECORD_SLICE)
            return err_set(err, ERR_DATA, "a record of type %u; this program cannot use it", w->r.type);
        slices++;
        bytes += w->r.ulen;
        if (st && take_stream(st, w->data, w->r.ulen, err) < 0)
            return -1;
        if (st)
            digest_add(digest, w->data, w->r.ulen);
    }
    if (got < 0)
        return -1;
    if (got == 0)
        return err_set(err, ERR_DATA, "no seal");
    if (parse_seal(w, out, err) < 0)
        return -1;
    if (w->offset != w->size || out->slices != slices || out->bytes != bytes)
        return err_set(err, ERR_DATA, "the seal does not match what is before it");
    return 0;
}

int snapshot_read_seal(const struct place *place, const char *file, const uint8_t *id, struct snapshot_seal *out, struct err *err)
{
    struct walk w;
    if (place_walk(place, &w, file, id, err) < 0)
        return -1;
    int result = walk_to_seal(&w, NULL, out, NULL, err);
    walk_release(&w);
    return result;
}

static int check_stream(const struct tensor_stream *st, struct digest *digest, const struct snapshot_seal *seal, struct err *err)
{
    char sha256[DIGEST_HEX];
    digest_hex(digest, sha256);
    if (strcmp(sha256, seal->sha256) != 0)
        return err_set(err, ERR_DATA, "its SHA-256 is not the sealed one");
    if (!st->tensors || st->at != safetensors_data_bytes(st->tensors))
        return err_set(err, ERR_DATA, "its tensors are not complete");
    return 0;
}

/* Reads what was opened, and releases it. */
static int read_opened(struct walk *w, const char *file, struct train_state *state, struct snapshot_seal *out, struct err *err)
{
    struct tensor_stream st = { .state = state };
    struct digest digest;
    digest_init(&digest);
    int result = walk_to_seal(w, &st, out, &digest, err);
    walk_release(w);
    if (result == 0)
        result = check_stream(&st, &digest, out, err);
    if (result == 0 && state)
        result = read_state(st.tensors, state, err);
    safetensors_close(st.tensors);
    free(st.to);
    buf_release(&st.header);
    return result < 0 ? err_prefix(err, "snapshot %s", file) : 0;
}

int snapshot_check(const struct place *place, const char *file, const uint8_t *id, struct walk_budget *budget, struct snapshot_seal *out,
                   struct err *err)
{
    struct walk w;
    if (place_walk(place, &w, file, id, err) < 0)
        return -1;
    w.budget = budget;
    return read_opened(&w, file, NULL, out, err);
}

int snapshot_read(const struct place *place, const char *file, const uint8_t *id, struct train_state *state, struct snapshot_seal *out,
                  struct err *err)
{
    char hash[DIGEST_HEX];
    struct walk_budget exact = { 0 };
    struct walk w;
    if (place_walk(place, &w, file, id, err) < 0)
        return -1;
    if (state) {
        exact.free = 8 + HEADER_MAX + train_state_bytes(state);
        w.budget = &exact;
    }
    if (read_opened(&w, file, state, out, err) < 0)
        return -1;
    if (state)
        train_state_hash(state, hash);
    if (state && (state->step != out->step || strcmp(hash, out->state) != 0))
        return err_set(err, ERR_DATA, "snapshot %s: its state hash is not the sealed one", file);
    return 0;
}

/* --- lists for session.h --------------------------------------------------------------------------------------------- */

enum { TIMELINES = UINT16_MAX + 1 };

/* [t] Least step at which a timeline after t began: snapshots of t that are later were left behind. Heap; NULL: no memory. */
static uint64_t *left_behind(const struct recording *r)
{
    uint64_t *least = malloc(TIMELINES * sizeof *least);
    if (!least)
        return NULL;
    memset(least, 0xff, TIMELINES * sizeof *least);
    for (size_t i = 0; i < recording_count(r); i++)
        if (recording_kind(r, i) == EVENT_BRANCH) {
            const struct event *e = recording_event(r, i);
            uint64_t before = e->f[EV_BRANCH_TIMELINE].u - 1;
            uint64_t *at = &least[before < TIMELINES ? before : TIMELINES - 1];
            if (e->f[EV_BRANCH_TIMELINE].u > 0 && e->step < *at)
                *at = e->step;
        }
    for (size_t t = TIMELINES - 1; t-- > 0;)
        least[t] = least[t + 1] < least[t] ? least[t + 1] : least[t];
    return least;
}

/* A file counts when it is sealed, everything before its capture is in the journal, and its timeline goes on after it. */
static bool fill_info(const struct place *place, const struct recording *r, const uint64_t *least, const struct folder_snapshot *f, struct snapshot_info *out)
{
    const struct journal *j = recording_journal(r);
    struct snapshot_seal seal;
    struct stat st;
    char file[FOLDER_NAME_MAX];
    folder_snapshot_name(f->step, f->timeline, file);
    if (snapshot_read_seal(place, file, j->have_id ? j->id : NULL, &seal, NULL) < 0 || place_stat(place, file, &st) < 0)
        return false;
    if (seal.step != f->step || seal.timeline != f->timeline || (int64_t)seal.q > j->last_q || seal.step > least[seal.timeline])
        return false;
    *out = (struct snapshot_info){ .step = seal.step, .epoch = seal.epoch, .bytes = (uint64_t)st.st_size, .q = seal.q,
                                   .sealed = true, .finite = seal.finite, .pinned = seal.pinned };
    snprintf(out->file, sizeof out->file, "%s", file);
    text_safe(seal.name, out->name, sizeof out->name);
    return true;
}

struct snapshot_info *snapshot_list(const struct place *place, const struct recording *r, int *n, struct err *err)
{
    struct folder f;
    *n = -1;
    if (place_list(place, &f, err) < 0)
        return NULL;
    struct snapshot_info *list = calloc((size_t)f.n_snapshots + 1, sizeof *list);
    uint64_t *least = f.n_snapshots ? left_behind(r) : NULL;
    int kept = 0;
    if (f.n_snapshots && !least) {
        free(list);
        list = NULL;
    }
    for (int i = 0; list && i < f.n_snapshots; i++)
        if (fill_info(place, r, least, &f.snapshot[i], &list[kept])) {
            if (kept && list[kept - 1].step == list[kept].step) /* a later timeline replaces an earlier one */
                list[kept - 1] = list[kept];
            else
                kept++;
        }
    free(least);
    folder_release(&f);
    if (!list)
        err_set(err, ERR_MEMORY, "no memory to list snapshots");
    else
        *n = kept;
    return list;
}

struct train_state *snapshot_load(const struct recording *r, int i, const struct state_row *rows, int n_rows, struct err *err)
{
    int n;
    const struct snapshot_info *info = recording_snapshots(r, &n);
    struct snapshot_seal seal;
    if (i < 0 || i >= n) {
        err_set(err, ERR_RANGE, "no snapshot number %d; there are %d", i, n);
        return NULL;
    }
    struct train_state *s = train_state_new(rows, n_rows);
    if (!s)
        err_set(err, ERR_MEMORY, "no memory for a snapshot");
    else if (snapshot_read(recording_place(r), info[i].file, recording_journal(r)->id, s, &seal, err) == 0)
        return s;
    train_state_free(s);
    return NULL;
}
