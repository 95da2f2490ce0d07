/* What a session writes, whole: each call to the operating system and each byte, for a life that is told step by step. */
#include "config.h"
#include "check.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "session/pack.h"
#include "session/writer.h"
#include "session_root.h"
#include "sessions.h"
#include "written.h"

/* --- helpers ---------------------------------------------------------------------------------------------------------- */

static struct buf told, heard, lines;
static atomic_int snaps; /* heard of, by the publisher's thread */
static atomic_int gone_told, gone_written; /* `unsnap` events; the line comes before whoever waits for it goes on, the event after */

static int begin_telling(void **state)
{
    (void)state;
    buf_clear(&told);
    buf_clear(&heard);
    buf_clear(&lines);
    gone_told = gone_written = 0;
    clock_set(0);
    random_restart();
    calls_forget();
    io = &told_calls;
    return 0;
}

static int end_telling(void **state)
{
    (void)state;
    io = &io_system;
    return 0;
}

static void chapter(const char *name)
{
    buf_addf(&told, "== %s\n", name);
    calls_tell(&told);
    if (heard.len)
        buf_addf(&told, " heard\n%s", heard.data);
    buf_clear(&heard);
}

static void hear(void *ctx, struct event *e)
{
    (void)ctx;
    buf_addf(&heard, "  %s at step %d\n", event_table[e->kind].kind, (int)e->step);
    if (e->kind == EVENT_SNAP)
        atomic_fetch_add(&snaps, 1);
    if (e->kind == EVENT_UNSNAP)
        atomic_fetch_add(&gone_told, 1);
}

static void count_gone(void *ctx, const char *text, size_t n)
{
    const char *gone = "\"k\":\"unsnap\"", *end = text + n;
    (void)ctx;
    while ((text = memmem(text, (size_t)(end - text), gone, strlen(gone))) != NULL) {
        atomic_fetch_add(&gone_written, 1);
        text++;
    }
}

static void hear_lines(void *ctx, const char *text, size_t n)
{
    buf_add(&lines, text, n);
    count_gone(ctx, text, n);
}

static void sync_now(const struct event_sink *sink)
{
    struct err err = { 0 };
    if (sink->sync(sink->ctx, &err) < 0)
        fail_msg("%s", err.text);
}

/* Saved, and told: the word comes after it, and that an older one is gone after that. */
static void wait_until_saved(struct session *s, int told_before)
{
    struct session_status status;
    do {
        usleep(200);
        session_status(s, &status);
    } while (status.snapshot_busy || atomic_load(&snaps) == told_before || atomic_load(&gone_told) < atomic_load(&gone_written));
}

static void save(struct session *s, uint64_t step, const char *name, bool pinned)
{
    struct event_sink sink = session_sink(s);
    const int before = atomic_load(&snaps);
    sink.snapshot(sink.ctx, make_state(step, 5, 2), name, pinned);
    wait_until_saved(s, before);
}

static void send_best(const struct event_sink *sink, uint64_t step, double ep, double best)
{
    struct event *e = event_new(EVENT_EPOCH, step);
    event_set_f64(e, EV_EPOCH_EP, ep);
    event_set_f64(e, EV_EPOCH_BEST_EP, best);
    send_event(sink, e);
    sync_now(sink);
}

static void status_tell(struct session *s)
{
    struct session_status t;
    session_status(s, &t);
    buf_addf(&told, " status: stalled %d '%s', queued %d, synced_q %d, events %d, synced_events %d, waited %d, last '%s' of %d, busy %d, slow %g\n",
             t.stalled, t.why, (int)t.queued_bytes, (int)t.synced_q, (int)t.events, (int)t.synced_events, (int)t.wait_ns, t.last_snapshot,
             (int)t.last_snapshot_step, t.snapshot_busy, t.slow_s);
}

static void kept_tell(struct session *s)
{
    buf_adds(&told, " kept:");
    for (int i = 0; i < s->n_kept; i++)
        buf_addf(&told, " %d-t%u%s'%s'", (int)s->kept[i].step, s->kept[i].timeline, s->kept[i].pinned ? "*" : " ", s->kept[i].name);
    buf_addc(&told, '\n');
}

/* --- a life ------------------------------------------------------------------------------------------------------------ */

static void first_days(struct session *s, const struct event_sink *sink)
{
    send_event(sink, data_event(10)); /* ten steps an epoch */
    sync_now(sink);
    clock_pass(3);
    send_event(sink, step_event(1, 1.0 / 3));
    clock_pass(4);
    send_event(sink, step_event(2, 0.25));
    status_tell(s);
    send_event(sink, event_new(EVENT_PROGRESS, 2)); /* not stored */
    send_event(sink, note_event(2, "\xce\xbb \"min\"\n\x1b[2J"));
    sync_now(sink);
    status_tell(s);
    chapter("events");
    save(s, 0, NULL, false);
    status_tell(s);
    chapter("a snapshot");
}

/* Which go: not the last three, those of every fourth epoch, the one nearest to the best, and pinned ones. */
static void snapshots_come_and_go(struct session *s, const struct event_sink *sink)
{
    static const struct {
        uint64_t step;
        const char *name;
        bool pinned;
        double best; /* > 0: an evaluation of that step, and the best is of that epoch */
    } day[] = { { 10, NULL, false, 0 }, { 15, "mine", true, 0 },  { 15, "again", false, 0 }, { 20, NULL, false, 2.2 }, { 24, NULL, false, 0 },
                { 25, NULL, false, 0 }, { 30, NULL, false, 2.2 }, { 35, NULL, false, 0 },    { 40, NULL, false, 0 },   { 45, NULL, false, 0 },
                { 46, NULL, false, 0 }, { 47, NULL, false, 4.9 }, { 48, NULL, false, 2.2 },  { 80, NULL, false, 0 },   { 81, NULL, false, 0 },
                { 82, NULL, false, 0 } };
    for (size_t i = 0; i < sizeof day / sizeof day[0]; i++) {
        if (day[i].best > 0)
            send_best(sink, day[i].step + 2, (double)(day[i].step + 2) / 10, day[i].best);
        save(s, day[i].step, day[i].name, day[i].pinned);
        kept_tell(s);
    }
    calls_forget();
    buf_clear(&heard);
    save(s, 83, NULL, false);
    kept_tell(s);
    chapter("one comes and one goes");
}

static void another_timeline(struct session *s, const struct event_sink *sink)
{
    send_event(sink, event_new(EVENT_BRANCH, 82));
    sync_now(sink);
    send_event(sink, step_event(83, 2));
    save(s, 83, NULL, false);
    kept_tell(s);
    struct event *e = event_new(EVENT_BRANCH, 80);
    event_set_u64(e, EV_BRANCH_TIMELINE, 7);
    send_event(sink, e);
    sync_now(sink);
    send_event(sink, step_event(81, 3));
    save(s, 81, "seventh", true);
    kept_tell(s);
    calls_forget();
    buf_clear(&heard);
}

static void verify_line(void *ctx, const char *text)
{
    (void)ctx;
    const char *bytes = strstr(text, "events, "); /* the sizes are libzstd's */
    buf_addf(&told, "  %.*s\n", bytes ? (int)(bytes + 6 - text) : strncmp(text, "session: ", 9) == 0 ? 16 : (int)strlen(text), text);
}

static void words(const char *dir)
{
    struct err err = { 0 };
    char *text = NULL;
    size_t n = 0;
    buf_adds(&told, " verify\n");
    if (session_verify(dir, verify_line, NULL, &err) < 0)
        buf_addf(&told, "  -1: %s\n", err.text);
    FILE *f = open_memstream(&text, &n);
    assert_int_equal(session_cat(dir, f, &err), 0);
    fclose(f);
    if (lines.len && (lines.len != n || memcmp(lines.data, text, n) != 0))
        fail_msg("heard:\n%s\nrecorded:\n%s", lines.data, text);
    free(text);
}

static void a_life(void **state)
{
    (void)state;
    struct err err = { 0 };
    const struct session_options options = { .parent = "rabc@12 0123", .snapshot_keep_every = 4 };
    char dir[1024];
    at("life", dir);
    calls_forget();
    struct session *s = session_create(root, "life", &options, &err);
    assert_non_null(s);
    session_listen(s, hear, NULL);
    session_listen_lines(s, hear_lines, NULL);
    chapter("birth");
    struct event_sink sink = session_sink(s);
    first_days(s, &sink);
    snapshots_come_and_go(s, &sink);
    another_timeline(s, &sink);
    status_tell(s);
    calls_forget();
    assert_int_equal(session_close(s, "finished", &err), 0);
    chapter("death");
    io = &io_system;
    folder_tell(&told, dir);
    words(dir);
    expect_told("life", &told, root);
}

/* The next process goes on where the last one ended, with what it knows from the files alone. */
static void a_second_life(void **state)
{
    (void)state;
    struct err err = { 0 };
    char dir[1024];
    at("life", dir);
    clock_set(5000);
    buf_clear(&lines);
    struct session *s = session_reopen(dir, &err);
    assert_non_null(s);
    session_listen(s, hear, NULL);
    session_listen_lines(s, count_gone, NULL);
    kept_tell(s);
    chapter("again");
    status_tell(s);
    buf_addf(&told, " opened %llu, id %s, name %s, timeline %u, %g steps an epoch, best %g\n", (unsigned long long)session_opened(s), session_id(s),
             session_name(s), s->timeline, s->steps_per_epoch, s->best_step);
    struct event_sink sink = session_sink(s);
    clock_pass(1);
    send_event(&sink, step_event(84, 4));
    sync_now(&sink);
    save(s, 90, NULL, false);
    kept_tell(s);
    chapter("a day");
    assert_int_equal(session_close(s, "stopped", &err), 0);
    chapter("death");
    io = &io_system;
    char path[1100];
    snprintf(path, sizeof path, "%s/journal-000002.zst", dir);
    file_tell(&told, path);
    words(dir);
    expect_told("again", &told, root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_life, begin_telling, end_telling),
        cmocka_unit_test_setup_teardown(a_second_life, begin_telling, end_telling),
    };
    return cmocka_run_group_tests_name("unit/written", tests, make_root, remove_root);
}
