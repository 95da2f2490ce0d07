#include "config.h"
#include "session/pack.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "session/recording.h"
#include "session/snapshot.h"

/* Lines that are compressed together: enough for a good ratio, few to read for a moment in the middle. */
enum { GROUP_BYTES = 256 << 10, GROUP_LEVEL = 19 };

struct packer {
    FILE *out;
    const struct recording *from;
    struct record_coder *coder;
    struct record next;     /* id, seq and chain of the next record */
    struct buf text;        /* of the group */
    struct record group;    /* its steps, timeline and count */
    unsigned holds;
    unsigned segment;       /* of which the group is the beginning; 0: a later part */
    struct buf coded, table;
    uint64_t records, bytes;
};

/* --- records --------------------------------------------------------------------------------------------------------- */

/* The record that was appended to `coded`; its entry of the table says what zstd sees of it. */
static int put_packed(struct packer *p, const struct record *r, uint32_t visible, struct err *err)
{
    uint8_t entry[PACK_ENTRY_BYTES];
    store_u32(entry, (uint32_t)p->coded.len);
    store_u32(entry + 4, visible);
    buf_add(&p->table, entry, sizeof entry);
    p->bytes += p->coded.len;
    p->records++;
    p->next.seq++;
    p->next.chain = r->crc;
    if (p->table.failed || p->records == UINT32_MAX)
        return err_set(err, ERR_MEMORY, "no memory for the table of a packed file");
    if (fwrite(p->coded.data, 1, p->coded.len, p->out) != p->coded.len)
        return err_io(err, "cannot write the packed file");
    buf_clear(&p->coded);
    return 0;
}

static int flush_group(struct packer *p, struct err *err)
{
    uint8_t holds[RECORD_HOLDS_BYTES];
    struct buf ext = { 0 };
    struct record *r = &p->group;
    if (!p->text.len)
        return 0;
    record_put_holds(holds, p->holds);
    buf_add(&ext, holds, sizeof holds);
    if (p->segment)
        record_ext_add_u64(&ext, RECORD_TLV_SEGMENT, p->segment);
    r->type = RECORD_EVENTS;
    r->seq = p->next.seq;
    r->chain = p->next.chain;
    memcpy(r->session, p->next.session, sizeof r->session);
    const struct record_body body = { ext.data, ext.len, p->text.data, p->text.len };
    int result = ext.failed ? err_set(err, ERR_MEMORY, "no memory for a record") : record_encode(p->coder, r, &body, &p->coded, err);
    buf_release(&ext);
    if (result < 0 || put_packed(p, r, r->ulen, err) < 0)
        return -1;
    buf_clear(&p->text);
    p->holds = p->segment = 0;
    return 0;
}

static uint16_t add_count(uint16_t a, uint16_t b)
{
    return a + b < UINT16_MAX ? (uint16_t)(a + b) : UINT16_MAX;
}

static int add_lines_of(struct packer *p, const struct record *r, const char *text, unsigned holds, struct err *err)
{
    if (p->text.len && (p->text.len + r->ulen > GROUP_BYTES || p->group.timeline != r->timeline) && flush_group(p, err) < 0)
        return -1;
    if (!p->text.len)
        p->group = (struct record){ .first_step = r->first_step, .last_step = r->last_step, .timeline = r->timeline };
    p->group.first_step = r->first_step < p->group.first_step ? r->first_step : p->group.first_step;
    p->group.last_step = r->last_step > p->group.last_step ? r->last_step : p->group.last_step;
    p->group.count = add_count(p->group.count, r->count);
    p->holds |= holds;
    buf_add(&p->text, text, r->ulen);
    return p->text.failed ? err_set(err, ERR_MEMORY, "no memory for the events of a session") : 0;
}

/* --- events ---------------------------------------------------------------------------------------------------------- */

static int refuse_unknown(uint8_t type, struct err *err)
{
    return err_set(err, ERR_DATA, "a record of type %u in it, which this program does not know", type);
}

/* What a torn end of a segment lost does not count, so only whole records are taken. */
static int put_segment(struct packer *p, unsigned number, struct err *err)
{
    char name[FOLDER_NAME_MAX];
    struct walk w;
    struct err why = { 0 };
    int result = 0;
    folder_segment_name(number, name);
    if (flush_group(p, err) < 0 || place_walk(recording_place(p->from), &w, name, p->next.session, err) < 0)
        return -1;
    p->segment = number;
    const struct journal *j = recording_journal(p->from);
    const uint64_t end = number == j->segment ? j->walk.offset : UINT64_MAX; /* what was written since is of a later moment */
    while (result == 0 && w.offset < end && walk_next(&w, true, &why) > 0) {
        if (w.r.type == RECORD_EVENTS)
            result = add_lines_of(p, &w.r, w.data, record_holds(&w.r, w.ext), err);
        else if (w.r.type != RECORD_PAD)
            result = refuse_unknown(w.r.type, err);
    }
    if (result == 0 && w.stop == WALK_IO)
        result = err_set(err, ERR_IO, "%s cannot be read whole: %.300s", name, why.text);
    walk_release(&w);
    return result;
}

/* Says of a snapshot that is not taken along that it is gone, behind the last event. */
static int put_unsnap(struct packer *p, uint64_t step, uint64_t *q, struct err *err)
{
    const struct journal *j = recording_journal(p->from);
    struct event *e = event_new(EVENT_UNSNAP, j->last_step);
    struct buf line = { 0 };
    if (!e)
        return err_set(err, ERR_MEMORY, "no memory for an event");
    event_set_u64(e, EV_UNSNAP_OF, step);
    e->q = (*q)++;
    e->ns = recording_event(p->from, recording_count(p->from) - 1)->ns;
    event_to_json(e, &line);
    event_unref(e);
    buf_addc(&line, '\n');
    const struct record r = { .first_step = j->last_step, .last_step = j->last_step, .timeline = j->timeline, .count = 1, .ulen = (uint32_t)line.len };
    int result = line.failed ? err_set(err, ERR_MEMORY, "no memory for an event") : add_lines_of(p, &r, line.data, 0, err);
    buf_release(&line);
    return result;
}

/* --- snapshots ------------------------------------------------------------------------------------------------------- */

/* The frames are taken as they are: floats hardly shrink, whatever the effort. */
static int put_snapshot(struct packer *p, const char *file, struct err *err)
{
    struct walk w;
    int got = 0, result = 0;
    if (place_walk(recording_place(p->from), &w, file, p->next.session, err) < 0)
        return -1;
    while (result == 0 && (got = walk_next(&w, true, err)) > 0) {
        struct record r = w.r;
        if (r.type == RECORD_PAD)
            continue;
        r.seq = p->next.seq;
        r.chain = p->next.chain;
        r.flags = r.type == RECORD_SLICE ? RECORD_EMBED : 0;
        const struct record_body body = { .ext = w.ext, .ext_bytes = r.ext_bytes };
        result = r.type != RECORD_SLICE && r.type != RECORD_SEAL ? refuse_unknown(r.type, err) : record_wrap(&r, &body, w.frame, &p->coded, err);
        result = result == 0 ? put_packed(p, &r, 0, err) : -1;
    }
    walk_release(&w);
    return got < 0 ? -1 : result;
}

/* Which snapshot of the folder's list is taken along; `any`: one of its step is. Both lists ascend. */
struct pick {
    int at;
    bool kept, any;
};

static void pick_kept(struct pick *c, const struct recording *r, const struct folder_snapshot *f, enum pack_weights weights, const char *file)
{
    int n;
    const struct snapshot_info *s = recording_snapshots(r, &n);
    while (c->at < n && s[c->at].step < f->step)
        c->at++;
    c->any = c->at < n && s[c->at].step == f->step && (weights == PACK_ALL || (weights == PACK_LAST && c->at == snapshot_at(r, UINT64_MAX)));
    c->kept = c->any && strcmp(s[c->at].file, file) == 0;
}

/* With `keep` those that are taken along, else what is to be said of the others. */
static int each_snapshot(struct packer *p, const struct folder *f, enum pack_weights weights, bool keep, struct pack_summary *sum, struct err *err)
{
    uint64_t q = (uint64_t)(recording_journal(p->from)->last_q + 1);
    struct pick c = { 0 };
    for (int i = 0; i < f->n_snapshots; i++) {
        char file[FOLDER_NAME_MAX];
        struct stat st = { 0 };
        folder_snapshot_name(f->snapshot[i].step, f->snapshot[i].timeline, file);
        pick_kept(&c, p->from, &f->snapshot[i], weights, file);
        sum->kept += keep && c.kept;
        if (c.kept != keep)
            continue;
        if (keep && put_snapshot(p, file, err) < 0)
            return err_prefix(err, "%s", file);
        if (!keep && !c.any && put_unsnap(p, f->snapshot[i].step, &q, err) < 0)
            return -1;
        if (!keep && place_stat(recording_place(p->from), file, &st) == 0)
            sum->left_bytes += (uint64_t)st.st_size;
        sum->left_out += !keep;
    }
    return 0;
}

/* --- the file -------------------------------------------------------------------------------------------------------- */

static int put_table(struct packer *p, struct err *err)
{
    uint8_t head[8], foot[PACK_FOOT_BYTES] = { 0 };
    store_u32(head, PACK_TABLE_MAGIC);
    store_u32(head + 4, (uint32_t)(p->table.len + sizeof foot));
    store_u32(foot, (uint32_t)p->records);
    store_u32(foot + 5, PACK_FOOT_MAGIC);
    p->bytes += sizeof head + p->table.len + sizeof foot;
    if (fwrite(head, 1, sizeof head, p->out) != sizeof head || fwrite(p->table.data, 1, p->table.len, p->out) != p->table.len ||
        fwrite(foot, 1, sizeof foot, p->out) != sizeof foot)
        return err_io(err, "cannot write the packed file");
    return 0;
}

static int put_all(struct packer *p, const struct folder *f, enum pack_weights weights, struct pack_summary *sum, struct err *err)
{
    for (int i = 0; i < f->n_segments; i++)
        if (put_segment(p, f->segment[i], err) < 0)
            return -1;
    if (!p->text.len)
        p->segment = 0; /* the last segment is empty */
    if (each_snapshot(p, f, weights, false, sum, err) < 0 || flush_group(p, err) < 0 || each_snapshot(p, f, weights, true, sum, err) < 0)
        return -1;
    return put_table(p, err);
}

/* A snapshot that could not be read is missing in a list, and must not be missing in silence: listed once more there are as many, and a file that is
 * not listed is one that can be read, or is not whole. */
static int check_listed(const struct recording *r, const struct folder *f, struct err *err)
{
    int n, again;
    struct pick at = { 0 };
    recording_snapshots(r, &n);
    struct snapshot_info *list = snapshot_list(recording_place(r), r, &again, err);
    free(list);
    if (!list)
        return -1;
    if (again != n)
        return err_set(err, ERR_IO, "a snapshot could not be read; try again");
    for (int i = 0; i < f->n_snapshots; i++) {
        char file[FOLDER_NAME_MAX];
        struct snapshot_seal seal;
        struct err why = { 0 };
        folder_snapshot_name(f->snapshot[i].step, f->snapshot[i].timeline, file);
        pick_kept(&at, r, &f->snapshot[i], PACK_ALL, file);
        if (!at.kept && snapshot_read_seal(recording_place(r), file, NULL, &seal, &why) < 0 && why.code == ERR_IO)
            return err_set(err, ERR_IO, "%s: %.300s", file, why.text);
    }
    return 0;
}

static int pack_recording(FILE *out, const struct recording *r, enum pack_weights weights, struct pack_summary *sum, struct err *err)
{
    struct packer p = { .out = out, .from = r, .coder = record_coder_new(GROUP_LEVEL) };
    struct folder f;
    memcpy(p.next.session, recording_journal(r)->id, sizeof p.next.session);
    int result = p.coder ? place_list(recording_place(r), &f, err) : err_set(err, ERR_MEMORY, "no memory to pack a session");
    if (result == 0) {
        result = check_listed(r, &f, err) < 0 ? -1 : put_all(&p, &f, weights, sum, err);
        folder_release(&f);
    }
    sum->bytes = p.bytes;
    record_coder_free(p.coder);
    buf_release(&p.text);
    buf_release(&p.coded);
    buf_release(&p.table);
    return result;
}

int pack_write(FILE *out, const char *dir, enum pack_weights weights, struct pack_summary *sum, struct err *err)
{
    *sum = (struct pack_summary){ 0 };
    struct recording *r = recording_open(dir, err);
    int result = r ? 0 : -1;
    if (r && recording_journal(r)->broken)
        result = err_set(err, ERR_DATA, "%.500s; 'verify' tells more", recording_damage(r, NULL));
    else if (r && recording_journal(r)->last_q < 0)
        result = err_set(err, ERR_DATA, "'%s' has no event that can be read", dir);
    else if (r)
        result = pack_recording(out, r, weights, sum, err);
    recording_close(r);
    return result;
}
