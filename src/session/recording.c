#include "config.h"
#include "session/session.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "session/io.h"
#include "session/journal.h"
#include "session/recording.h"

/* The events that count, in order. An event that stops counting (a later segment or timeline replaces it) moves to the
 * graveyard, because callers may still hold it. */
struct recording {
    int dir_fd;
    struct journal journal;
    struct event **event;
    uint64_t *reach;            /* largest step of events 0..i: never falls, so it can be searched */
    size_t n, cap;
    struct event **dead;
    size_t n_dead, cap_dead;
    uint64_t n_unknown;         /* events of kinds this program does not know */
    unsigned generation;
    struct snapshot_info *snapshot;
    int n_snapshots;
    bool no_memory, relist;     /* relist: snapshots came or went */
    char note[320];
};

static bool push(struct event ***list, size_t *n, size_t *cap, struct event *e)
{
    if (*n == *cap) {
        size_t more = *cap ? 2 * *cap : 256;
        struct event **grown = realloc(*list, more * sizeof **list);
        if (!grown)
            return false;
        *list = grown;
        *cap = more;
    }
    (*list)[(*n)++] = e;
    return true;
}

/* Event i does not count any more. */
static void bury(struct recording *r, size_t i)
{
    if (!push(&r->dead, &r->n_dead, &r->cap_dead, r->event[i]))
        r->no_memory = true; /* leaked rather than freed under somebody's feet */
    r->event[i] = NULL;
}

/* Drops the holes left by bury() and rebuilds `reach` from event `from` on. */
static void compact(struct recording *r, size_t from)
{
    size_t kept = from;
    for (size_t i = from; i < r->n; i++)
        if (r->event[i])
            r->event[kept++] = r->event[i];
    if (kept < r->n)
        r->generation++;
    r->n = kept;
    for (size_t i = from; i < r->n; i++)
        r->reach[i] = i && r->reach[i - 1] > r->event[i]->step ? r->reach[i - 1] : r->event[i]->step;
}

static void cut(void *ctx, unsigned segment, int64_t after)
{
    struct recording *r = ctx;
    (void)segment;
    size_t from = r->n;
    while (from > 0 && (int64_t)r->event[from - 1]->q > after)
        bury(r, --from);
    compact(r, from);
}

/* A new timeline replaces what the old one did after the branch's step. */
static void branch(struct recording *r, uint64_t step)
{
    size_t from = r->n;
    for (size_t i = 0; i < r->n; i++)
        if (r->event[i]->step > step) {
            from = i < from ? i : from;
            bury(r, i);
        }
    compact(r, from);
}

static int add(struct recording *r, struct event *e)
{
    if (r->n == r->cap || !r->reach) {
        size_t cap = r->cap ? 2 * r->cap : 256;
        uint64_t *reach = realloc(r->reach, cap * sizeof *reach);
        if (!reach)
            return -1;
        r->reach = reach;
    }
    if (!push(&r->event, &r->n, &r->cap, e))
        return -1;
    size_t i = r->n - 1;
    r->reach[i] = i && r->reach[i - 1] > e->step ? r->reach[i - 1] : e->step;
    return 0;
}

static int take(void *ctx, const struct journal_line *line, struct err *err)
{
    struct recording *r = ctx;
    struct event *e = NULL;
    if (event_from_json(line->text, line->n, &e, err) < 0)
        return -1;
    if (!e) {
        r->n_unknown++;
        return 0;
    }
    r->relist |= e->kind == EVENT_BRANCH || e->kind == EVENT_SNAP || e->kind == EVENT_UNSNAP || e->kind == EVENT_OPEN;
    if (e->kind == EVENT_BRANCH)
        branch(r, e->step);
    if (add(r, e) == 0)
        return 0;
    event_unref(e);
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
}

int recording_follow(struct recording *r, struct err *err)
{
    size_t before = r->n;
    unsigned generation = r->generation;
    if (journal_follow(&r->journal, err) < 0)
        return -1;
    if (r->no_memory)
        return err_set(err, ERR_MEMORY, "no memory for the events of the session");
    say_note(r);
    if (r->relist) {
        r->relist = false;
        free(r->snapshot);
        r->snapshot = snapshot_list(r->dir_fd, r, &r->n_snapshots, err);
        if (r->n_snapshots < 0) {
            r->n_snapshots = 0;
            return -1;
        }
    }
    return r->generation != generation || r->n < before ? (int)r->n : (int)(r->n - before);
}

struct recording *recording_open(const char *dir, struct err *err)
{
    struct recording *r = calloc(1, sizeof *r);
    if (!r) {
        err_set(err, ERR_MEMORY, "no memory for a recording");
        return NULL;
    }
    r->dir_fd = io_open_dir(dir, err);
    if (r->dir_fd < 0) {
        free(r);
        return NULL;
    }
    journal_init(&r->journal, r->dir_fd, &(struct journal_reader){ .ctx = r, .line = take, .cut = cut });
    struct err why = { 0 };
    if (recording_follow(r, &why) < 0 || (r->journal.segment == 0 && err_set(&why, ERR_DATA, "no journal in it") < 0)) {
        err_set(err, why.code, "'%s' is not a session that can be read: %s", dir, why.text);
        recording_close(r);
        return NULL;
    }
    r->generation = 0;
    return r;
}

void recording_close(struct recording *r)
{
    if (!r)
        return;
    journal_release(&r->journal);
    io->close(r->dir_fd);
    for (size_t i = 0; i < r->n; i++)
        event_unref(r->event[i]);
    for (size_t i = 0; i < r->n_dead; i++)
        event_unref(r->dead[i]);
    free(r->event);
    free(r->dead);
    free(r->reach);
    free(r->snapshot);
    free(r);
}

size_t recording_count(const struct recording *r)
{
    return r->n;
}

struct event *recording_event(const struct recording *r, size_t i)
{
    return i < r->n ? r->event[i] : NULL;
}

unsigned recording_generation(const struct recording *r)
{
    return r->generation;
}

size_t recording_at_step(const struct recording *r, uint64_t step)
{
    size_t low = 0, high = r->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (r->reach[middle] > step)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

const struct snapshot_info *recording_snapshots(const struct recording *r, int *n)
{
    *n = r->n_snapshots;
    return r->snapshot;
}

const char *recording_damage(const struct recording *r, bool *loud)
{
    if (loud)
        *loud = r->journal.broken;
    return r->note[0] ? r->note : NULL;
}

bool recording_is_complete(const struct recording *r)
{
    const struct event *end = NULL;
    for (size_t i = r->n; i-- > 0 && !end;)
        if (r->event[i]->kind == EVENT_STATE)
            end = r->event[i];
    if (!end || !end->f[EV_STATE_STATE].s || strcmp(end->f[EV_STATE_STATE].s, "finished") != 0)
        return false;
    for (int i = 0; i < r->n_snapshots; i++)
        if (r->snapshot[i].step == end->step && r->snapshot[i].finite)
            return true;
    return false;
}

int recording_dir(const struct recording *r)
{
    return r->dir_fd;
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
