#include "config.h"
#include "session/session.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "engine/event_parts.h"
#include "engine/event_private.h"
#include "session/journal.h"
#include "session/recording.h"
#include "session/snapshot.h"
#include "session/shelf.h"

#define RECORDING_KEEPS (UINT64_C(40) << 20) /* bytes */

/* The events that count, in order. What a later segment or timeline replaces is taken out when everything there is was read, all of it
 * in one pass: a recording may branch as often as it likes. */
struct recording {
    struct place place;
    struct journal journal;
    struct shelf shelf;
    struct event_parts parts;
    struct recording_cut { /* of events before number `at`, those with q > after do not count */
        size_t at;
        int64_t after;
    } *cut;
    size_t n_cuts, cap_cuts;
    uint64_t kinds;             /* bit k: events of kind k are kept whole */
    bool only;                  /* of the others nothing is kept */
    bool replaced;              /* a cut or a branch since the last pass */
    int64_t last_branch;        /* number of the last branch that was applied; -1: none */
    bool again;                 /* a branch that was applied does not count any more: what it took out may */
    uint64_t n_unknown;         /* events of kinds this program does not know */
    uint64_t n_left_out;        /* events that passed the bound of memory */
    uint64_t last_step;
    unsigned generation;
    struct snapshot_info *snapshot;
    int n_snapshots;
    bool no_memory, relist;     /* relist: snapshots came or went */
    char note[400];
};

static void cut(void *ctx, unsigned segment, int64_t after)
{
    struct recording *r = ctx;
    (void)segment;
    if (r->n_cuts == r->cap_cuts) {
        size_t cap = r->cap_cuts ? 2 * r->cap_cuts : 16;
        struct recording_cut *more = realloc(r->cut, cap * sizeof *more);
        if (!more) {
            r->no_memory = true;
            return;
        }
        r->cut = more;
        r->cap_cuts = cap;
    }
    r->again |= after < r->last_branch;
    r->cut[r->n_cuts++] = (struct recording_cut){ .at = r->shelf.n, .after = after };
    r->replaced = true;
}

/* Events are walked from the last to the first: what replaces is seen before what it replaces. A new timeline replaces what came before it and
 * after its step. */
static void find_dead(struct recording *r, bool *dead)
{
    int64_t after = INT64_MAX;
    uint64_t step = UINT64_MAX;
    size_t c = r->n_cuts;
    for (size_t i = r->shelf.n; i-- > 0;) {
        struct event_head e = shelf_head(&r->shelf, i);
        for (; c > 0 && r->cut[c - 1].at > i; c--)
            after = r->cut[c - 1].after < after ? r->cut[c - 1].after : after;
        dead[i] = (int64_t)e.q > after || e.step > step;
        if (dead[i] || e.kind != EVENT_BRANCH)
            continue;
        step = e.step;
        r->last_branch = (int64_t)e.q > r->last_branch ? (int64_t)e.q : r->last_branch;
    }
}

static void remove_dead(struct recording *r)
{
    size_t before = r->shelf.n;
    bool *dead = malloc(before + 1);
    if (!dead) {
        r->no_memory = true;
        return;
    }
    find_dead(r, dead);
    shelf_remove(&r->shelf, dead);
    free(dead);
    r->n_cuts = 0;
    r->replaced = false;
    if (r->shelf.n == before)
        return;
    r->generation++;
    r->last_step = 0;
    for (size_t i = 0; i < r->shelf.n; i++) {
        struct event_head e = shelf_head(&r->shelf, i);
        if (e.kind != EVENT_SNAP && e.step > r->last_step)
            r->last_step = e.step;
    }
}

/* A few bytes of a file decode to many: what is kept is bounded by the file, with room for any recording of usual length. */
static uint64_t most_kept(const struct recording *r)
{
    uint64_t by_size = 3 * r->journal.budget.coded;
    return by_size > RECORDING_KEEPS ? by_size : RECORDING_KEEPS;
}

/* The kind that a line is about; a part of a list is about that of its event. The writer puts it first; without it a part is read to see. */
static const char *told_kind(const struct journal_line *line, char of[sizeof line->kind])
{
    static const char first[] = ",\"of\":\"";
    const char *at = line->rest + sizeof first - 1, *end = line->text + line->n;
    size_t n = 0;
    if (strcmp(line->kind, event_table[EVENT_PART].kind) != 0 || at >= end || memcmp(line->rest, first, sizeof first - 1) != 0)
        return line->kind;
    for (; at < end && *at != '"' && n + 1 < sizeof line->kind; at++)
        of[n++] = *at;
    of[n] = '\0';
    return of;
}

static bool kind_is_wanted(const struct recording *r, const struct journal_line *line)
{
    char of[sizeof line->kind];
    const char *kind = told_kind(line, of);
    for (int k = 0; k < EVENT_KINDS; k++)
        if (r->kinds >> k & 1 && strcmp(kind, event_table[k].kind) == 0)
            return true;
    return !r->only;
}

/* The event of a line, with the lists that came before it in parts. NULL and 0: a part, or of a kind this program does not know. */
static int line_event(struct recording *r, const struct journal_line *line, struct event **out, struct err *err)
{
    if (event_from_json(line->text, line->n, out, err) < 0)
        return -1;
    r->n_unknown += !*out;
    const int got = *out ? event_parts_take(&r->parts, *out, err) : 0;
    if (got == 0)
        return 0;
    event_unref(*out);
    *out = NULL;
    return got < 0 ? -1 : 0;
}

static int keep_line(void *ctx, const struct journal_line *line, struct err *err)
{
    struct recording *r = ctx;
    struct event *e = NULL;
    if (!kind_is_wanted(r, line))
        return 0;
    if (r->n_left_out) { /* what is kept is the beginning, without holes */
        r->n_left_out += strcmp(line->kind, event_table[EVENT_PART].kind) != 0;
        return 0;
    }
    if (line_event(r, line, &e, err) < 0)
        return -1;
    if (!e)
        return 0;
    r->relist |= e->kind == EVENT_BRANCH || e->kind == EVENT_SNAP || e->kind == EVENT_UNSNAP || e->kind == EVENT_OPEN;
    r->replaced |= e->kind == EVENT_BRANCH;
    if (!(r->kinds >> e->kind & 1)) {
        struct event_head head = { .q = e->q, .step = e->step, .ns = e->ns };
        event_blank(e, e->kind);
        e->q = head.q;
        e->step = head.step;
        e->ns = head.ns;
    }
    int result = shelf_add(&r->shelf, e, most_kept(r));
    if (result == 0 && e->kind != EVENT_SNAP && e->step > r->last_step)
        r->last_step = e->step;
    event_unref(e);
    r->n_left_out += result > 0;
    if (result >= 0)
        return 0;
    r->no_memory = true;
    return err_set(err, ERR_MEMORY, "no memory for more events");
}

static void say_note(struct recording *r)
{
    int n = snprintf(r->note, sizeof r->note, "%s", r->journal.note);
    if (r->n_unknown || r->journal.n_skipped)
        snprintf(r->note + n, sizeof r->note - (size_t)n,
                 "%s%" PRIu64 " events and %" PRIu64 " records of kinds this program does not know: skipped", n ? "; " : "",
                 r->n_unknown, r->journal.n_skipped);
    n = (int)strlen(r->note);
    if (r->n_left_out)
        snprintf(r->note + n, sizeof r->note - (size_t)n, "%sthe last %" PRIu64 " events left out: those before take %d MiB of memory already",
                 n ? "; " : "", r->n_left_out, (int)(r->shelf.cost >> 20));
}

static void begin_journal(struct recording *r)
{
    journal_init(&r->journal, &r->place, &(struct journal_reader){ .ctx = r, .line = keep_line, .cut = cut });
    if (r->only)
        journal_only(&r->journal, r->kinds);
    r->last_branch = -1;
    r->again = false;
}

/* From its first byte on, since what was taken out is needed. */
static int read_again(struct recording *r, struct err *err)
{
    journal_release(&r->journal);
    shelf_release(&r->shelf);
    event_parts_drop(&r->parts);
    r->n_cuts = 0;
    r->n_unknown = r->n_left_out = r->last_step = 0;
    r->relist = true;
    r->generation++;
    begin_journal(r);
    if (shelf_init(&r->shelf) < 0)
        return err_set(err, ERR_MEMORY, "no memory for a recording");
    return journal_follow(&r->journal, err);
}

int recording_follow(struct recording *r, struct err *err)
{
    size_t before = r->shelf.n;
    unsigned generation = r->generation;
    if (journal_follow(&r->journal, err) < 0 || (r->again && read_again(r, err) < 0))
        return -1;
    if (r->replaced)
        remove_dead(r);
    if (r->no_memory || shelf_failed(&r->shelf))
        return err_set(err, ERR_MEMORY, "no memory for the events of the session");
    say_note(r);
    if (r->relist && !r->only) {
        r->relist = false;
        free(r->snapshot);
        r->snapshot = snapshot_list(&r->place, r, &r->n_snapshots, err);
        if (r->n_snapshots < 0) {
            r->n_snapshots = 0;
            return -1;
        }
    }
    return r->generation != generation ? (int)r->shelf.n : (int)(r->shelf.n - before);
}

struct recording *recording_open(const char *dir, struct err *err)
{
    return recording_open_heads(dir, UINT64_MAX, err);
}

static struct recording *open_kinds(const char *dir, uint64_t kinds, bool only, struct err *err)
{
    struct recording *r = calloc(1, sizeof *r);
    if (!r || shelf_init(&r->shelf) < 0) {
        err_set(err, ERR_MEMORY, "no memory for a recording");
        if (r)
            shelf_release(&r->shelf);
        free(r);
        return NULL;
    }
    r->kinds = kinds;
    r->only = only;
    if (place_open(&r->place, dir, err) < 0) {
        shelf_release(&r->shelf);
        free(r);
        return NULL;
    }
    begin_journal(r);
    struct err why = { 0 };
    if (recording_follow(r, &why) < 0 || (r->journal.segment == 0 && err_set(&why, ERR_DATA, "no journal in it") < 0)) {
        err_set(err, why.code, "'%s' is not a session that can be read: %s", dir, why.text);
        recording_close(r);
        return NULL;
    }
    r->generation = 0;
    return r;
}

struct recording *recording_open_heads(const char *dir, uint64_t kinds, struct err *err)
{
    return open_kinds(dir, kinds, false, err);
}

struct recording *recording_open_only(const char *dir, uint64_t kinds, struct err *err)
{
    return open_kinds(dir, kinds | UINT64_C(1) << EVENT_BRANCH, true, err);
}

void recording_close(struct recording *r)
{
    if (!r)
        return;
    journal_release(&r->journal);
    place_release(&r->place);
    shelf_release(&r->shelf);
    event_parts_drop(&r->parts);
    free(r->cut);
    free(r->snapshot);
    free(r);
}

size_t recording_count(const struct recording *r)
{
    return r->shelf.n;
}

struct event *recording_event(const struct recording *r, size_t i)
{
    return i < r->shelf.n ? shelf_event(&r->shelf, i) : NULL;
}

enum event_kind recording_kind(const struct recording *r, size_t i)
{
    return shelf_head(&r->shelf, i).kind;
}

const struct event *recording_first(const struct recording *r, enum event_kind kind)
{
    for (size_t i = 0; i < recording_count(r); i++)
        if (recording_kind(r, i) == kind)
            return recording_event(r, i);
    return NULL;
}

uint64_t recording_last_step(const struct recording *r)
{
    return r->last_step;
}

uint64_t recording_first_step(const struct recording *r)
{
    const struct event *config = recording_first(r, EVENT_CONFIG);
    return config ? config->step : 0;
}

uint64_t recording_left_out(const struct recording *r)
{
    return r->n_left_out;
}

unsigned recording_generation(const struct recording *r)
{
    return r->generation;
}

size_t recording_at_step(const struct recording *r, uint64_t step)
{
    return shelf_after_step(&r->shelf, step);
}

const struct snapshot_info *recording_snapshots(const struct recording *r, int *n)
{
    *n = r->n_snapshots;
    return r->snapshot;
}

const char *recording_damage(const struct recording *r, bool *loud)
{
    if (loud)
        *loud = r->journal.broken || r->n_left_out;
    return r->note[0] ? r->note : NULL;
}

bool recording_is_complete(const struct recording *r)
{
    const struct event *end = NULL;
    for (size_t i = r->shelf.n; i-- > 0 && !end;)
        if (recording_kind(r, i) == EVENT_STATE)
            end = recording_event(r, i);
    if (!end || run_end_of(event_text(end, EV_STATE_STATE)) != RUN_FINISHED)
        return false;
    for (int i = 0; i < r->n_snapshots; i++) {
        struct snapshot_seal seal;
        if (r->snapshot[i].step == end->step && r->snapshot[i].finite)
            return snapshot_read(&r->place, r->snapshot[i].file, r->journal.id, NULL, &seal, NULL) == 0;
    }
    return false;
}

/* The device that computes is announced last, before anything acts. Snapshots of a journal that was lost are not nothing, nor is what was not
 * read. */
bool recording_is_empty(const struct recording *r)
{
    struct folder f;
    if (r->journal.broken || r->n_left_out || r->n_unknown || place_list(&r->place, &f, NULL) < 0)
        return false;
    bool weights = f.n_snapshots > 0;
    folder_release(&f);
    if (weights)
        return false;
    const struct event *config = recording_first(r, EVENT_CONFIG);
    const bool child = config && config->f[EV_CONFIG_PARENT_STATE].s;
    for (size_t i = 0; i < r->shelf.n; i++) {
        enum event_kind kind = recording_kind(r, i);
        if (kind == EVENT_STEP || kind == EVENT_SNAP || (!child && (kind == EVENT_CMD || kind == EVENT_ENV || kind == EVENT_STATE)))
            return false;
    }
    return true;
}

const struct place *recording_place(const struct recording *r)
{
    return &r->place;
}

const struct journal *recording_journal(const struct recording *r)
{
    return &r->journal;
}

int snapshot_at(const struct recording *r, uint64_t step)
{
    int best = -1;
    for (int i = 0; i < r->n_snapshots; i++)
        if (r->snapshot[i].finite && r->snapshot[i].step <= step)
            best = i;
    return best;
}
