#include "config.h"
#include "session/session.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "engine/event_parts.h"
#include "session/journal.h"
#include "session/snapshot.h"

/* --- verify ---------------------------------------------------------------------------------------------------------- */

struct report {
    void (*line)(void *ctx, const char *text);
    void *ctx;
    bool damaged, refused; /* refused: a line of the journal cannot be read */
    struct walk_budget journal, snapshots;
    struct event_parts parts;
    struct snapshot_seal *seal; /* of the files that are whole */
    int n_seals;
    struct retired { /* a snapshot of which the journal says that it was removed, on whichever timeline that was said */
        uint64_t step;
        uint64_t q; /* of the event that says so */
    } *retired;
    size_t n_retired, cap_retired;
};

__attribute__((format(printf, 2, 3))) static void report_line(struct report *r, const char *format, ...)
{
    char text[600];
    va_list args;
    if (!r->line)
        return;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    r->line(r->ctx, text);
}

static int check_line(const char *text, size_t n, struct err *err)
{
    struct journal_line line;
    struct event *e = NULL;
    int result = journal_line_read(text, n, &line, err);
    if (result == 0)
        result = event_from_json(text, n, &e, err);
    event_unref(e);
    return result;
}

static int check_text(const struct walk *w, struct err *err)
{
    const char *text = w->data, *end = text + w->r.ulen;
    while (text < end) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        if (!newline)
            return err_set(err, ERR_DATA, "the last line of a record is not whole");
        if (check_line(text, (size_t)(newline - text), err) < 0)
            return -1;
        text = newline + 1;
    }
    return 0;
}

/* Adds every good byte of the file to the digest of the session. */
static void verify_segment(struct report *r, const struct place *place, const char *name, uint8_t id[16], bool *have_id, struct digest *whole)
{
    struct walk w;
    struct err err = { 0 };
    if (place_walk(place, &w, name, *have_id ? id : NULL, &err) < 0) {
        r->damaged = true;
        report_line(r, "%s: %s", name, err.text);
        return;
    }
    w.budget = &r->journal;
    uint64_t records = 0, events = 0, step = 0, good = w.offset;
    int got;
    while ((got = walk_next(&w, true, &err)) > 0) {
        if (w.r.type == RECORD_EVENTS && check_text(&w, &err) < 0) {
            w.stop = WALK_DAMAGED;
            r->refused = true;
            got = -1;
            break;
        }
        uint8_t crcs[8];
        store_u32(crcs, w.r.crc);
        store_u32(crcs + 4, w.r.frame_crc);
        digest_add(whole, crcs, sizeof crcs);
        digest_add(whole, w.data, w.r.type <= RECORD_DELTA ? w.r.ulen : 0);
        records++;
        events += w.r.count;
        step = w.r.last_step;
        good = w.offset;
    }
    memcpy(id, w.id, sizeof w.id);
    *have_id = w.have_id;
    report_line(r, "%s: %" PRIu64 " records, %" PRIu64 " events, %" PRIu64 " bytes", name, records, events, good - w.part.begin);
    if (got < 0 && w.stop == WALK_TORN)
        report_line(r, "%s: torn tail of %" PRIu64 " bytes at %" PRIu64 ", ignored", name, w.size - good, good);
    else if (got < 0) {
        r->damaged = true;
        char after[40] = "";
        if (records)
            snprintf(after, sizeof after, ", after step %" PRIu64, step);
        report_line(r, "%s: damaged at byte %" PRIu64 "%s: %s", name, good, after, err.text);
    }
    walk_release(&w);
}

static void verify_snapshot(struct report *r, const struct place *place, const struct folder_snapshot *f, const uint8_t *id, struct digest *whole)
{
    char name[FOLDER_NAME_MAX];
    struct snapshot_seal seal;
    struct err err = { 0 };
    folder_snapshot_name(f->step, f->timeline, name);
    if (snapshot_check(place, name, id, &r->snapshots, &seal, &err) < 0) {
        r->damaged = true;
        report_line(r, "%s", err.text);
        return;
    }
    if (seal.step != f->step || seal.timeline != f->timeline) {
        r->damaged = true;
        report_line(r, "%s: is the snapshot of step %" PRIu64 ", timeline %u", name, seal.step, seal.timeline);
        return;
    }
    digest_add(whole, seal.sha256, DIGEST_HEX - 1);
    r->seal[r->n_seals++] = seal;
    report_line(r, "%s: '%s', %" PRIu64 " bytes decoded, sha256 %s", name, seal.name, seal.bytes, seal.sha256);
}

static int add_retired(struct report *r, const struct event *e, struct err *err)
{
    if (r->n_retired == r->cap_retired) {
        size_t cap = r->cap_retired ? 2 * r->cap_retired : 16;
        struct retired *more = realloc(r->retired, cap * sizeof *more);
        if (!more)
            return err_set(err, ERR_MEMORY, "no memory for %zu removed snapshots", cap);
        r->retired = more;
        r->cap_retired = cap;
    }
    r->retired[r->n_retired++] = (struct retired){ .step = e->f[EV_UNSNAP_OF].u, .q = e->q };
    return 0;
}

/* A line about other things is not read once more when every line could be read; but the parts of a list have to fit together. */
static int hear_line(void *ctx, const struct journal_line *line, struct err *err)
{
    struct report *r = ctx;
    struct event *e = NULL;
    const bool part = strcmp(line->kind, event_table[EVENT_PART].kind) == 0;
    if (!r->refused && !part && r->parts.next_q == 0 && strcmp(line->kind, event_table[EVENT_UNSNAP].kind) != 0)
        return 0;
    int result = event_from_json(line->text, line->n, &e, err);
    if (result == 0 && e && event_parts_take(&r->parts, e, err) < 0)
        result = -1;
    if (result == 0 && e && e->kind == EVENT_UNSNAP)
        result = add_retired(r, e, err);
    event_unref(e);
    return result;
}

/* Are the segments together a whole history? */
static void verify_order(struct report *r, const struct place *place)
{
    struct journal j;
    struct err err = { 0 };
    journal_init(&j, place, &(struct journal_reader){ .ctx = r, .line = hear_line });
    if (journal_follow(&j, &err) < 0 || j.broken || j.last_q < 0) {
        r->damaged = true;
        report_line(r, "journal: %s", err.text[0] ? err.text : j.note[0] ? j.note : "no event that counts");
    } else
        report_line(r, "journal: %" PRId64 " events count, last step %" PRIu64, j.last_q + 1, j.last_step);
    journal_release(&j);
    event_parts_drop(&r->parts);
}

/* A snapshot that was announced and not retired is there. The same weights written once more count as the same. */
static void verify_announced(struct report *r, const struct event *e)
{
    const char *sha = e->f[EV_SNAP_SHA256].s, *state = e->f[EV_SNAP_STATE].s;
    bool other = false;
    for (int i = 0; i < r->n_seals; i++) {
        if (r->seal[i].step != e->step)
            continue;
        if ((sha && strcmp(r->seal[i].sha256, sha) == 0) || (state && strcmp(r->seal[i].state, state) == 0))
            return;
        other = true;
    }
    r->damaged = true;
    report_line(r, "snapshot of step %" PRIu64 ": %s", e->step, other ? "the file is not the one that was announced" : "it was announced, and its file is missing or damaged");
}

/* A file that was removed stays so when the step at which that was said is left for a new timeline. */
static bool was_retired(const struct report *r, const struct event *e)
{
    for (size_t i = 0; i < r->n_retired; i++)
        if (r->retired[i].step == e->step && r->retired[i].q > e->q)
            return true;
    return false;
}

struct snapshot_word { /* of the journal about the snapshot of a step */
    uint64_t step;
    size_t i; /* number of the event */
};

static int words_by_step(const void *a, const void *b)
{
    const struct snapshot_word *x = a, *y = b;
    if (x->step != y->step)
        return x->step < y->step ? -1 : 1;
    return x->i < y->i ? -1 : 1;
}

/* The last of several announcements of a step counts. -1 with *err: they cannot be looked at. */
static int verify_all_announced(struct report *r, const char *dir, struct err *err)
{
    struct recording *rec = recording_open(dir, err);
    struct snapshot_word *word = rec ? malloc((recording_count(rec) + 1) * sizeof *word) : NULL;
    const int result = word ? 0 : rec ? err_set(err, ERR_MEMORY, "no memory for the snapshots that were announced") : -1;
    size_t n = 0;
    for (size_t i = 0; word && i < recording_count(rec); i++)
        if (recording_kind(rec, i) == EVENT_SNAP)
            word[n++] = (struct snapshot_word){ recording_event(rec, i)->step, i };
    if (n)
        qsort(word, n, sizeof *word, words_by_step);
    for (size_t i = 0; i < n; i++) {
        const struct event *e = recording_event(rec, word[i].i);
        if ((i + 1 == n || word[i + 1].step != word[i].step) && !was_retired(r, e))
            verify_announced(r, e);
    }
    free(word);
    recording_close(rec);
    return result;
}

int session_verify(const char *dir, void (*line)(void *ctx, const char *text), void *ctx, struct err *err)
{
    struct report r = { .line = line, .ctx = ctx, .journal = WALK_JOURNAL, .snapshots = SNAPSHOT_BUDGET };
    struct folder f;
    uint8_t id[16] = { 0 };
    bool have_id = false;
    struct digest whole;
    char hex[DIGEST_HEX];
    struct place place;
    struct err why = { 0 };
    if (place_open(&place, dir, err) < 0)
        return -1;
    if (place_list(&place, &f, err) < 0) {
        place_release(&place);
        return -1;
    }
    digest_init(&whole);
    r.seal = calloc((size_t)f.n_snapshots + 1, sizeof *r.seal);
    if (!r.seal) {
        folder_release(&f);
        place_release(&place);
        return err_set(err, ERR_MEMORY, "no memory for %d snapshots", f.n_snapshots);
    }
    for (int i = 0; i < f.n_segments; i++) {
        char name[FOLDER_NAME_MAX];
        folder_segment_name(f.segment[i], name);
        verify_segment(&r, &place, name, id, &have_id, &whole);
    }
    for (int i = 0; i < f.n_snapshots; i++)
        verify_snapshot(&r, &place, &f.snapshot[i], have_id ? id : NULL, &whole);
    verify_order(&r, &place);
    const int looked = verify_all_announced(&r, dir, &why);
    free(r.seal);
    free(r.retired);
    digest_hex(&whole, hex);
    report_line(&r, "session: sha256 %s", hex);
    folder_release(&f);
    place_release(&place);
    if (r.damaged)
        return err_set(err, ERR_DATA, "session '%s' is damaged", dir);
    return looked < 0 ? err_set(err, why.code, "%s", why.text) : 0;
}

/* --- cat ------------------------------------------------------------------------------------------------------------- */

/* First pass: what each segment takes back. Second: print what nobody takes back. */
struct cat {
    FILE *file;
    struct cat_cut {
        unsigned segment;
        int64_t after;
    } *cut;
    size_t n, cap, at;
    bool failed; /* no memory */
    int error;   /* errno of the first line that could not be printed */
};

static void cat_cut(void *ctx, unsigned segment, int64_t after)
{
    struct cat *c = ctx;
    if (c->n == c->cap) {
        size_t cap = c->cap ? 2 * c->cap : 16;
        struct cat_cut *more = realloc(c->cut, cap * sizeof *more);
        if (!more) {
            c->failed = true;
            return;
        }
        c->cut = more;
        c->cap = cap;
    }
    c->cut[c->n++] = (struct cat_cut){ segment, after };
}

/* After the first pass: each entry says what its own and all later segments leave. */
static void cat_cuts_add_up(struct cat *c)
{
    for (size_t i = c->n; i-- > 1;)
        if (c->cut[i].after < c->cut[i - 1].after)
            c->cut[i - 1].after = c->cut[i].after;
}

/* Taken back by a segment after its own? Segments come in order, so the place in the list only moves on. */
static bool cat_is_replaced(struct cat *c, const struct journal_line *line)
{
    while (c->at < c->n && c->cut[c->at].segment <= line->segment)
        c->at++;
    return c->at < c->n && (int64_t)line->q > c->cut[c->at].after;
}

static int cat_line(void *ctx, const struct journal_line *line, struct err *err)
{
    struct cat *c = ctx;
    struct event *e = NULL;
    if (cat_is_replaced(c, line))
        return 0;
    if (event_from_json(line->text, line->n, &e, err) < 0)
        return -1;
    event_unref(e);
    if (!c->error && (fwrite(line->text, 1, line->n, c->file) != line->n || putc('\n', c->file) == EOF))
        c->error = errno;
    return 0;
}

int session_cat(const char *dir, void *file, struct err *err)
{
    struct cat c = { .file = file };
    struct journal j;
    struct place place;
    if (place_open(&place, dir, err) < 0)
        return -1;
    journal_init(&j, &place, &(struct journal_reader){ .ctx = &c, .cut = cat_cut });
    int result = journal_follow(&j, err);
    journal_release(&j);
    if (result == 0 && c.failed)
        result = err_set(err, ERR_MEMORY, "no memory for the segments of '%s'", dir);
    cat_cuts_add_up(&c);
    if (result == 0) {
        journal_init(&j, &place, &(struct journal_reader){ .ctx = &c, .line = cat_line });
        result = journal_follow(&j, err);
        if (result == 0 && !c.error && fflush(file) != 0)
            c.error = errno;
        errno = c.error;
        if (result == 0 && c.error)
            result = err_io(err, "cannot print the session");
        else if (result == 0 && j.broken)
            result = err_set(err, ERR_DATA, "%s", j.note);
        else if (result == 0 && j.last_q < 0)
            result = err_set(err, ERR_DATA, "'%s' has no event that can be read", dir);
        journal_release(&j);
    }
    free(c.cut);
    place_release(&place);
    return result;
}
