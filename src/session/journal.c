#include "config.h"
#include "session/journal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "engine/event.h"
#include "session/io.h"

/* --- lines ----------------------------------------------------------------------------------------------------------- */

/* `literal`, then a decimal number up to 2^53; returns what follows it or NULL. */
static const char *read_key(const char *at, const char *end, const char *literal, uint64_t *out)
{
    size_t n = strlen(literal);
    if ((size_t)(end - at) < n || memcmp(at, literal, n) != 0)
        return NULL;
    const char *digit = at + n;
    uint64_t value = 0;
    while (digit < end && *digit >= '0' && *digit <= '9' && value <= UINT64_C(1) << 53)
        value = value * 10 + (uint64_t)(*digit++ - '0');
    if (digit == at + n || value > UINT64_C(1) << 53)
        return NULL;
    *out = value;
    return digit;
}

int journal_line_read(const char *text, size_t n, struct journal_line *out, struct err *err)
{
    static const char start[] = "{\"k\":\"";
    const char *at = text + sizeof start - 1, *end = text + n;
    *out = (struct journal_line){ .text = text, .n = n };
    size_t kind = 0;
    if (n > sizeof start && memcmp(text, start, sizeof start - 1) == 0)
        while (at + kind < end && kind + 1 < sizeof out->kind && ((at[kind] >= 'a' && at[kind] <= 'z') || at[kind] == '_'))
            kind++;
    if (kind) {
        memcpy(out->kind, at, kind);
        at = read_key(at + kind, end, "\",\"q\":", &out->q);
        at = at ? read_key(at, end, ",\"s\":", &out->step) : NULL;
        at = at ? read_key(at, end, ",\"m\":", &out->ns) : NULL;
        out->rest = at;
        if (at && at < end && (*at == ',' || *at == '}'))
            return 0;
    }
    return err_set(err, ERR_DATA, "an event line must start with k, q, s and m");
}

/* --- segments -------------------------------------------------------------------------------------------------------- */

void journal_init(struct journal *j, const struct place *place, const struct journal_reader *reader)
{
    *j = (struct journal){ .place = *place, .last_q = -1, .walk.fd = -1, .budget = WALK_JOURNAL };
    if (reader)
        j->reader = *reader;
}

unsigned journal_holds(enum event_kind kind)
{
    static const unsigned holds[EVENT_KINDS] = { [EVENT_CONFIG] = HOLDS_CONFIG, [EVENT_DATA] = HOLDS_DATA,   [EVENT_CMD] = HOLDS_CMD,
                                                 [EVENT_EPOCH] = HOLDS_EPOCH,   [EVENT_STATE] = HOLDS_STATE, [EVENT_BRANCH] = HOLDS_BRANCH,
                                                 [EVENT_NOTE] = HOLDS_NOTE };
    return holds[kind];
}

void journal_only(struct journal *j, uint64_t kinds)
{
    j->only = 0;
    for (int k = 0; k < EVENT_KINDS; k++)
        if (kinds >> k & 1) {
            if (!journal_holds((enum event_kind)k)) {
                j->only = 0;
                return;
            }
            j->only |= journal_holds((enum event_kind)k);
        }
}

void journal_release(struct journal *j)
{
    walk_release(&j->walk);
}

static void broken(struct journal *j, const char *what)
{
    j->broken = true;
    snprintf(j->note, sizeof j->note, "damaged: segment %u after event %" PRId64 " (step %" PRIu64 "): %s", j->segment,
             j->last_q, j->last_step, what);
}

/* `after` of an open event: null, or a decimal number in a string. */
static int read_after(const struct event *open, int64_t *out)
{
    const char *text = open->f[EV_OPEN_AFTER].s;
    *out = -1;
    if (!text)
        return 0;
    size_t n = strlen(text);
    if (n == 0 || n > 16 || strspn(text, "0123456789") != n)
        return -1;
    *out = strtoll(text, NULL, 10);
    return 0;
}

/* The first event of a segment says what of the segments before still counts. */
static int take_open(struct journal *j, const struct journal_line *line, struct err *err)
{
    struct event *e = NULL;
    int64_t after;
    if (strcmp(line->kind, "open") != 0)
        return err_set(err, ERR_DATA, "a segment must start with an open event, not '%s'", line->kind);
    if (event_from_json(line->text, line->n, &e, err) < 0)
        return -1;
    if (!e)
        return err_set(err, ERR_DATA, "an open event that cannot be read");
    bool good = e->f[EV_OPEN_SEGMENT].u == j->segment && read_after(e, &after) == 0;
    j->timeline = (uint16_t)e->f[EV_OPEN_TIMELINE].u;
    event_unref(e);
    if (!good)
        return err_set(err, ERR_DATA, "the open event belongs to another segment");
    j->open_seen = true;
    if (after > j->last_q) {
        char what[96];
        snprintf(what, sizeof what, "events %" PRId64 " to %" PRId64 " are missing", j->last_q + 1, after);
        j->taking = false;
        broken(j, what);
        return 0;
    }
    j->taking = true;
    j->broken = j->unread = false; /* whatever was lost before is not counted on any more */
    if (j->reader.cut)
        j->reader.cut(j->reader.ctx, j->segment, after);
    j->last_q = after;
    return 0;
}

static int take_journal_line(struct journal *j, const char *text, size_t n, struct err *err)
{
    struct journal_line line;
    if (n > EVENT_LINE_MAX)
        return err_set(err, ERR_DATA, "an event line of %zu bytes; at most %d are accepted", n, EVENT_LINE_MAX);
    if (journal_line_read(text, n, &line, err) < 0)
        return -1;
    if (!j->open_seen && take_open(j, &line, err) < 0)
        return -1;
    if (!j->taking)
        return 0;
    if ((int64_t)line.q != j->last_q + 1)
        return err_set(err, ERR_DATA, "event %" PRIu64 " where %" PRId64 " is expected", line.q, j->last_q + 1);
    line.segment = j->segment;
    line.timeline = j->walk.r.timeline;
    if (j->reader.line && j->reader.line(j->reader.ctx, &line, err) < 0)
        return -1;
    j->last_q = (int64_t)line.q;
    j->last_step = line.step;
    j->timeline = line.timeline;
    return 0;
}

static int take_record(struct journal *j, struct err *err)
{
    const struct record *r = &j->walk.r;
    if (r->type >= RECORD_ANCILLARY) {
        j->n_skipped += r->type != RECORD_PAD;
        return 0;
    }
    if (r->type != RECORD_EVENTS) {
        j->newer = r->type > RECORD_DELTA;
        return err_set(err, ERR_DATA, "a record of type %u in the journal%s", r->type,
                       j->newer ? "; it needs a newer program" : "");
    }
    if (!j->walk.data) { /* not asked for */
        j->last_q += j->taking ? r->count : 0;
        j->last_step = j->taking ? r->last_step : j->last_step;
        j->timeline = j->taking ? r->timeline : j->timeline;
        return 0;
    }
    const char *text = j->walk.data, *end = text + r->ulen;
    unsigned lines = 0;
    while (text < end) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        if (!newline)
            return err_set(err, ERR_DATA, "the last line of a record is not whole");
        if (take_journal_line(j, text, (size_t)(newline - text), err) < 0)
            return -1;
        text = newline + 1;
        lines++;
    }
    if (r->count != (lines < UINT16_MAX ? lines : UINT16_MAX))
        return err_set(err, ERR_DATA, "a record announces %u events and has %u", r->count, lines);
    return 0;
}

/* Everything the current segment has now. */
static void drain(struct journal *j)
{
    struct err err = { 0 };
    int got = 0;
    if (j->dead || j->walk.fd < 0)
        return;
    if (walk_refresh(&j->walk, &err) < 0) {
        j->unread = true;
        broken(j, err.text);
        return;
    }
    while (j->walk.only = j->open_seen ? j->only : 0, (got = walk_next(&j->walk, true, &err)) > 0) {
        memcpy(j->id, j->walk.id, sizeof j->id);
        j->have_id = true;
        if (take_record(j, &err) < 0) {
            j->dead = true;
            broken(j, err.text);
            return;
        }
    }
    uint64_t left = j->walk.size - j->walk.offset;
    if (got == 0)
        return;
    if (j->walk.stop == WALK_IO) {
        j->unread = j->dead = true;
        broken(j, err.text);
    } else if (j->walk.stop == WALK_TORN && !j->broken)
        snprintf(j->note, sizeof j->note, "torn tail of %" PRIu64 " bytes in segment %u after step %" PRIu64 ": ignored", left,
                 j->segment, j->last_step);
    else if (j->walk.stop != WALK_TORN && (j->taking || !j->open_seen)) {
        char what[200];
        snprintf(what, sizeof what, "bytes %" PRIu64 " to %" PRIu64 ": %.120s", j->walk.offset, j->walk.size, err.text);
        broken(j, what);
        j->dead = true;
    }
}

static int open_segment(struct journal *j, unsigned number, struct err *err)
{
    char name[FOLDER_NAME_MAX];
    folder_segment_name(number, name);
    walk_release(&j->walk);
    j->segment = number;
    j->open_seen = j->taking = j->dead = false;
    int result = place_walk(&j->place, &j->walk, name, j->have_id ? j->id : NULL, err);
    j->walk.budget = &j->budget;
    return result;
}

/* Opens the next segment and makes it the current one. */
static void go_to(struct journal *j, unsigned number, struct err *err)
{
    errno = 0;
    if (open_segment(j, number, err) == 0)
        return;
    if (errno != ENOENT) { /* else a failed attempt of a live writer, gone again */
        j->unread = true;
        broken(j, err ? err->text : "cannot be opened");
    }
    j->dead = true;
}

int journal_follow(struct journal *j, struct err *err)
{
    struct folder f;
    if (place_list(&j->place, &f, err) < 0) /* before draining: what was written before a segment appeared is then seen */
        return -1;
    for (int i = 0; i < f.n_segments; i++)
        if (f.segment[i] > j->segment) {
            drain(j);
            go_to(j, f.segment[i], err);
        }
    drain(j);
    if (place_broken(&j->place) && !j->broken)
        broken(j, place_broken(&j->place));
    folder_release(&f);
    return 0;
}
