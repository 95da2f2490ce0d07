/* Sessions at their edges: many snapshots, long events, segments that cannot begin, files that grow byte by byte or lie under another's name. */
#include "config.h"
#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "session/pack.h"
#include "session/stream.h"
#include "session/writer.h"
#include "session_root.h"
#include "sessions.h"
#include "written.h"

static struct buf told;

static int begin_telling(void **state)
{
    (void)state;
    buf_clear(&told);
    clock_set(0);
    random_restart();
    calls_forget();
    io = &told_calls;
    return 0;
}

static int end_telling(void **state)
{
    (void)state;
    calls_let();
    calls_fail(TOLD_CALLER, 0, 0);
    io = &io_system;
    return 0;
}

static void sync_now(struct session *s)
{
    struct err err = { 0 };
    const struct event_sink sink = session_sink(s);
    if (sink.sync(sink.ctx, &err) < 0)
        fail_msg("%s", err.text);
}

static void save(struct session *s, uint64_t step, bool pinned)
{
    const struct event_sink sink = session_sink(s);
    struct session_status status;
    sink.snapshot(sink.ctx, make_state(step, 5, 2), NULL, pinned);
    do {
        usleep(200);
        session_status(s, &status);
    } while (status.snapshot_busy);
}

static bool comes(const char *call, int n)
{
    for (int i = 0; i < 100000 && calls_count(call) < n; i++)
        usleep(200);
    return calls_count(call) == n;
}

static void recording_tell(const char *dir)
{
    int n;
    struct err err = { 0 };
    struct recording *r = recording_open(dir, &err);
    const struct snapshot_info *info = r ? recording_snapshots(r, &n) : NULL;
    for (size_t i = 0; r && i < recording_count(r); i++) {
        const struct event *e = recording_event(r, i);
        buf_addf(&told, " %d %s %d", (int)e->q, event_table[e->kind].kind, (int)e->step);
        if (e->kind == EVENT_FAULT)
            buf_addf(&told, " '%s'", event_text(e, EV_FAULT_TEXT));
        if (e->kind == EVENT_BRANCH)
            buf_addf(&told, " timeline %d", (int)e->f[EV_BRANCH_TIMELINE].u);
        if (e->kind == EVENT_OPEN)
            buf_addf(&told, " segment %d after %s", (int)e->f[EV_OPEN_SEGMENT].u, event_text(e, EV_OPEN_AFTER));
        buf_addc(&told, '\n');
    }
    for (int i = 0; info && i < n; i++)
        buf_addf(&told, " snapshot %s '%s'\n", info[i].file, info[i].name);
    buf_addf(&told, " %s\n", r && recording_damage(r, NULL) ? recording_damage(r, NULL) : err.text);
    recording_close(r);
}

/* 40 pinned ones on two timelines, the second of which begins in the middle; packed and unpacked all of the second are there. */
static void many_snapshots_are_kept_and_packed(void **state)
{
    (void)state;
    char dir[1024], path[1100];
    struct err err = { 0 };
    struct pack_summary sum;
    struct session *s = create("many");
    struct event_sink sink = session_sink(s);
    send_event(&sink, data_event(10));
    for (uint64_t step = 40; step > 5; step--)
        save(s, step, true); /* the largest first: each goes to the front */
    send_event(&sink, event_new(EVENT_BRANCH, 20));
    sync_now(s);
    for (uint64_t step = 22; step <= 26; step += 2)
        save(s, step, true);
    buf_addf(&told, "kept %d: %d to %d\n", s->n_kept, (int)s->kept[0].step, (int)s->kept[s->n_kept - 1].step);
    for (int i = 1; i < s->n_kept; i++)
        assert_true(s->kept[i].timeline > s->kept[i - 1].timeline || s->kept[i].step > s->kept[i - 1].step);
    close_session(s);
    at("many", dir);
    recording_tell(dir);
    snprintf(path, sizeof path, "%s/many" PACK_SUFFIX, root);
    FILE *f = fopen(path, "wb");
    assert_int_equal(pack_write(f, dir, PACK_ALL, &sum, &err), 0);
    fclose(f);
    buf_addf(&told, "packed: %d kept, %d left out\n", sum.kept, sum.left_out);
    assert_int_equal(pack_unpack(path, root, "unpacked", &err), 0);
    at("unpacked", dir);
    recording_tell(dir);
    s = session_reopen(dir, &err);
    buf_addf(&told, "kept %d, timeline %u\n", s->n_kept, s->timeline);
    session_close(s, "done", NULL);
    expect_told("many", &told, root);
}

/* Each call of packing fails; nothing is left out in silence. */
static void each_call_of_packing_fails(void **state)
{
    (void)state;
    char dir[1024], path[1100];
    struct session *s = create("packed");
    const struct event_sink sink = session_sink(s);
    send_event(&sink, data_event(10));
    sync_now(s);
    save(s, 10, true);
    save(s, 20, false);
    close_session(s);
    at("packed", dir);
    snprintf(path, sizeof path, "%s/out", root);
    for (int n = 1, over = 0; !over; n++) {
        struct err err = { 0 };
        struct pack_summary sum;
        struct buf calls = { 0 };
        FILE *f = fopen(path, "wb");
        calls_forget();
        calls_fail(TOLD_CALLER, n, EIO);
        const int result = pack_write(f, dir, PACK_ALL, &sum, &err);
        over = !calls_failed();
        calls_fail(TOLD_CALLER, 0, 0);
        fclose(f);
        calls_tell(&calls);
        const char *failed = strstr(calls.data, ": told to fail");
        while (failed && failed[-1] != '\n')
            failed--;
        buf_addf(&told, "%.*s\n    %d %s, %d kept\n", failed ? (int)strcspn(failed, "\n") : 10, failed ? failed : "  all well", result, err.text,
                 result < 0 ? -1 : sum.kept);
        buf_release(&calls);
    }
    expect_told("packing_failures", &told, root);
}

/* A new segment that cannot begin: recording goes on in the old one, and tries again. */
static void a_segment_that_cannot_begin_is_tried_again(void **state)
{
    (void)state;
    static const char *const journal[] = { "open", "fstat", "write", "fsync", "fsync" };
    const uint64_t usual = writer_segment_bytes;
    for (int n = 1; n <= 5; n++) {
        char dir[1024], name[40];
        snprintf(name, sizeof name, "again-%d", n);
        random_restart();
        struct session *s = create(name);
        const struct event_sink sink = session_sink(s);
        send_event(&sink, step_event(1, 0.5));
        sync_now(s);
        calls_forget();
        calls_fail(TOLD_WRITER, 2 + n, EIO); /* behind the write and the sync of the step */
        writer_segment_bytes = s->segment_bytes + 1;
        send_event(&sink, step_event(2, 0.5));
        sync_now(s);
        while (!calls_failed())
            usleep(200);
        send_event(&sink, step_event(3, 0.5));
        sync_now(s);
        assert_true(comes("close journal-000001.zst", 1));
        writer_segment_bytes = usual;
        send_event(&sink, step_event(4, 0.5));
        session_close(s, "done", NULL);
        buf_addf(&told, "%s fails\n", journal[n - 1]);
        at(name, dir);
        recording_tell(dir);
    }
    expect_told("segments", &told, root);
}

/* The room of the last snapshot and a MiB for the journal: all numbers of the state, 256 KiB of words, and the MiB. */
static void a_large_snapshot_sets_room_aside(void **state)
{
    (void)state;
    enum { PARAMS = 400000, STATS = 20, ROOM = 4 * (2 * PARAMS + STATS) + (256 << 10) + (1 << 20) };
    char call[60];
    struct session_status status;
    struct session *s = create("large");
    const struct event_sink sink = session_sink(s);
    for (int larger = 0; larger < 3; larger++) { /* the second one is as large, the third finds no room */
        calls_forget();
        if (larger == 2)
            calls_fail(TOLD_PUBLISHER, 1, ENOSPC);
        sink.snapshot(sink.ctx, make_state(1 + (uint64_t)larger, larger == 2 ? PARAMS + 1 : PARAMS, STATS), NULL, true);
        do {
            usleep(200);
            session_status(s, &status);
        } while (status.snapshot_busy);
        snprintf(call, sizeof call, "fallocate reserve %d\n", ROOM);
        assert_int_equal(calls_count(call), larger == 0);
        snprintf(call, sizeof call, "fallocate reserve %d: told to fail\n  ftruncate reserve %d\n", ROOM + 8, ROOM);
        assert_int_equal(calls_count(call), larger == 2);
        assert_int_equal(status.last_snapshot_step, 1 + larger);
    }
    session_close(s, "done", NULL);
    char dir[1024];
    at("large", dir);
    recording_tell(dir);
    expect_told("large", &told, root);
}

/* Timelines count on from the last; what is given is taken when it is larger, and fits. */
static void timelines_count_on(void **state)
{
    (void)state;
    static const uint64_t given[] = { 0, 5, 3, 65535 }; /* and 65536, which has no place in a header */
    char dir[1024];
    struct session *s = create("timelines");
    const struct event_sink sink = session_sink(s);
    for (size_t i = 0; i < sizeof given / sizeof given[0]; i++) {
        struct event *e = event_new(EVENT_BRANCH, 10 + i);
        event_set_u64(e, EV_BRANCH_TIMELINE, given[i]);
        send_event(&sink, e);
        sync_now(s);
        if (i == 2) {
            e = event_new(EVENT_BRANCH, 13);
            event_set_u64(e, EV_BRANCH_TIMELINE, 65536);
            send_event(&sink, e);
            sync_now(s);
        }
    }
    session_close(s, "done", NULL);
    at("timelines", dir);
    recording_tell(dir);
    expect_told("timelines", &told, root);
}

/* An event of more than a record's room has records of its own; what came before it in the same moment has another. */
static void a_very_long_event_has_its_own_records(void **state)
{
    (void)state;
    char path[1200];
    uint32_t *conf = calloc(130000, sizeof *conf);
    struct buf all = { 0 };
    struct session *s = create("wide");
    const struct event_sink sink = session_sink(s);
    for (int i = 0; i < 130000; i++)
        conf[i] = 4000000000u + (uint32_t)i;
    calls_shut("fdatasync journal");
    send_event(&sink, note_event(1, "busy"));
    while (calls_count("write journal") < 2)
        usleep(200);
    send_event(&sink, note_event(2, "before"));
    struct event *e = event_new(EVENT_EPOCH, 3);
    event_set_u32s(e, EV_EPOCH_CONF, conf, 130000);
    send_event(&sink, e);
    send_event(&sink, note_event(4, "behind"));
    calls_let();
    sync_now(s);
    session_close(s, "done", NULL);
    snprintf(path, sizeof path, "%s/wide.saddle/journal-000001.zst", root);
    file_tell(&all, path);
    for (char *line = strtok(all.data, "\n"); line; line = strtok(NULL, "\n"))
        buf_addf(&told, "%.140s\n", line);
    expect_told("wide", &told, root);
    buf_release(&all);
    free(conf);
}

static void wait_tell(struct session *s, const char *what)
{
    char why[200] = "";
    struct session_status status;
    for (int i = 0; i < 100000; i++) {
        session_status(s, &status);
        if (session_waits(&status, why, sizeof why))
            break;
        usleep(200);
    }
    buf_addf(&told, "%s: %s\n", what, why);
}

/* The folder that cannot be looked at, or is another, is not written; the message is what the screen shows. */
static void a_folder_is_looked_at(void **state)
{
    (void)state;
    struct err err = { 0 };
    struct session *s = create("looked");
    const struct event_sink sink = session_sink(s);
    calls_forget();
    calls_fail(TOLD_WRITER, 1, EIO);
    clock_pass(600);
    send_event(&sink, note_event(1, "x"));
    wait_tell(s, "it cannot be looked at");
    clock_pass(6000);
    pthread_mutex_lock(&s->mutex);
    pthread_cond_signal(&s->wake);
    pthread_mutex_unlock(&s->mutex);
    sync_now(s);
    session_close(s, "done", &err);
    char dir[1024];
    at("looked", dir);
    recording_tell(dir);
    expect_told("looked", &told, root);
}

/* --- reading ----------------------------------------------------------------------------------------------------------- */

static uint8_t bytes[1 << 16];

static size_t read_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    const size_t n = fread(bytes, 1, sizeof bytes, f);
    fclose(f);
    return n;
}

/* A segment that comes byte by byte, and a second one that takes back a part of it: who follows sees what who opens sees. */
static void a_file_that_grows_is_followed(void **state)
{
    (void)state;
    char dir[1024], path[1100];
    struct err err = { 0 };
    io = &io_system;
    struct session *s = create("grown");
    struct event_sink sink = session_sink(s);
    send_event(&sink, data_event(10));
    sync_now(s);
    for (uint64_t step = 1; step <= 3; step++) {
        send_event(&sink, step_event(step, 0.5));
        sync_now(s);
    }
    send_event(&sink, event_new(EVENT_BRANCH, 2));
    sync_now(s);
    send_event(&sink, step_event(3, 0.25));
    sync_now(s);
    close_session(s);
    at("grown", dir);
    snprintf(path, sizeof path, "%s/journal-000001.zst", dir);
    const size_t n = read_file(path);
    FILE *out = fopen(path, "wb");
    fclose(out);
    struct recording *r = recording_open(dir, &err);
    assert_non_null(r);
    size_t seen = 0;
    unsigned generation = 0;
    int fd = open(path, O_WRONLY | O_APPEND);
    for (size_t at_byte = 0; at_byte < n; at_byte++) {
        assert_int_equal(write(fd, bytes + at_byte, 1), 1);
        const int more = recording_follow(r, &err);
        assert_true(more >= 0);
        if (recording_generation(r) != generation)
            assert_int_equal(more, recording_count(r)); /* all anew */
        else
            assert_int_equal(more, recording_count(r) - seen);
        if (recording_count(r) != seen || recording_generation(r) != generation)
            buf_addf(&told, "%d events to step %d, generation %u, %.9s\n", (int)recording_count(r), (int)recording_last_step(r), recording_generation(r),
                     recording_damage(r, NULL) ? recording_damage(r, NULL) : "clean"); /* how long a tail is says libzstd */
        seen = recording_count(r);
        generation = recording_generation(r);
    }
    close(fd);
    recording_close(r);
    expect_told("grown", &told, root);
}

static void stream_tell(struct stream *s, const char *what, int result)
{
    buf_addf(&told, "%s: %d, at %d of %d, clock %llu, last step %d, epoch %g, history to step %d\n", what, result, (int)s->at, (int)s->n_times,
             (unsigned long long)stream_clock(s), (int)stream_last_step(s), stream_last_epoch(s), (int)s->history.step);
}

/* A screen that follows: its clock skips long pauses, and what a new timeline replaces is folded anew. */
static void a_stream_follows_its_source(void **state)
{
    (void)state;
    char dir[1024];
    struct err err = { 0 };
    struct stream st;
    struct session *s = create("stream");
    struct event_sink sink = session_sink(s);
    clock_pass(100);
    send_event(&sink, data_event(10));
    sync_now(s);
    clock_pass(4000);
    send_event(&sink, step_event(1, 0.5));
    sync_now(s);
    clock_pass(5001);
    send_event(&sink, step_event(2, 0.5));
    sync_now(s);
    at("stream", dir);
    stream_init(&st);
    assert_int_equal(stream_open(&st, dir, &err), 0);
    stream_tell(&st, "opened", 0);
    stream_tell(&st, "nothing new", stream_follow(&st, true));
    clock_pass(100);
    send_event(&sink, step_event(13, 0.5));
    sync_now(s);
    stream_tell(&st, "not along", stream_follow(&st, false));
    stream_tell(&st, "behind", stream_follow(&st, true));
    stream_fold_to(&st, st.n_times);
    send_event(&sink, step_event(14, 0.5));
    sync_now(s);
    stream_tell(&st, "along", stream_follow(&st, true));
    send_event(&sink, event_new(EVENT_BRANCH, 2));
    sync_now(s);
    stream_tell(&st, "a timeline", stream_follow(&st, true));
    for (const char *c = "-e+e-x-x+x"; *c; c += 2) {
        stream_move(&st, c[1], c[0] == '-' ? -1 : 1);
        stream_tell(&st, c, 0);
    }
    stream_tell(&st, "seek 1", stream_seek(&st, 1));
    stream_tell(&st, "seek 0", stream_seek(&st, 0));
    stream_tell(&st, "seek the end", stream_seek(&st, UINT64_MAX));
    stream_release(&st);
    session_close(s, "done", NULL);
    expect_told("stream", &told, root);
}

static void line_to(void *file, const char *line)
{
    fprintf(file, "%s\n", line);
}

/* Under another step's name, or another timeline's: verify tells, and nobody takes it. */
static void a_snapshot_under_anothers_name_is_told(void **state)
{
    (void)state;
    static const char *const names[] = { "snap-000000000011-t0.safetensors.zst", "snap-000000000010-t1.safetensors.zst", "snap-00000000010-t0.safetensors.zst",
                                         "snap-000000000010-t0.safetensors.zst.gz", "snap-000000000010-t00.safetensors.zst" };
    char dir[1024], from[1200], to[1200];
    struct err err = { 0 };
    struct session *s = create("misnamed");
    const struct event_sink sink = session_sink(s);
    send_event(&sink, data_event(10));
    save(s, 10, true);
    close_session(s);
    at("misnamed", dir);
    snprintf(from, sizeof from, "%s/snap-000000000010-t0.safetensors.zst", dir);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(to, sizeof to, "%s/%s", dir, names[i]);
        assert_int_equal(rename(from, to), 0);
        buf_addf(&told, "%s\n", names[i]);
        struct recording *r = recording_open(dir, &err);
        int n;
        recording_snapshots(r, &n);
        recording_close(r);
        char *text = NULL;
        size_t size = 0;
        FILE *f = open_memstream(&text, &size);
        const int result = session_verify(dir, line_to, f, &err);
        fclose(f);
        for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
            if (strncmp(line, "snap", 4) == 0)
                buf_addf(&told, "  %s\n", line);
        buf_addf(&told, "  %d snapshots, verify %d\n", n, result);
        free(text);
        assert_int_equal(rename(to, from), 0);
    }
    expect_told("misnamed", &told, root);
}

/* An event that was asked for is somebody's for as long as he keeps it, whatever is asked for then. */
static void a_kept_event_stays_as_it_is(void **state)
{
    (void)state;
    struct session *s = create("kept");
    const struct event_sink sink = session_sink(s);
    for (uint64_t step = 1; step <= 40; step++)
        send_event(&sink, step_event(step, (double)step));
    close_session(s);
    struct recording *r = open_recording("kept");
    struct event *kept = event_ref(recording_event(r, 5));
    for (size_t i = 6; i < 36; i++)
        assert_int_equal(recording_event(r, i)->step, i);
    assert_true(kept->step == 5 && kept->f[EV_STEP_LOSS].f == 5);
    assert_true(recording_event(r, 5) != kept && recording_event(r, 5)->step == 5);
    recording_close(r);
    assert_true(kept->step == 5 && kept->f[EV_STEP_LOSS].f == 5);
    event_unref(kept);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(many_snapshots_are_kept_and_packed, begin_telling, end_telling),
        cmocka_unit_test_setup_teardown(each_call_of_packing_fails, begin_telling, end_telling),
        cmocka_unit_test_setup_teardown(a_segment_that_cannot_begin_is_tried_again, begin_telling, end_telling),
        cmocka_unit_test_setup_teardown(a_large_snapshot_sets_room_aside, begin_telling, end_telling),
        cmocka_unit_test_setup_teardown(timelines_count_on, begin_telling, end_telling),
        cmocka_unit_test_setup_teardown(a_very_long_event_has_its_own_records, begin_telling, end_telling),
        cmocka_unit_test_setup_teardown(a_folder_is_looked_at, begin_telling, end_telling),
        cmocka_unit_test_setup_teardown(a_file_that_grows_is_followed, begin_telling, end_telling),
        cmocka_unit_test_setup_teardown(a_stream_follows_its_source, begin_telling, end_telling),
        cmocka_unit_test_setup_teardown(a_snapshot_under_anothers_name_is_told, begin_telling, end_telling),
        cmocka_unit_test_setup_teardown(a_kept_event_stays_as_it_is, begin_telling, end_telling),
    };
    return cmocka_run_group_tests_name("unit/edges", tests, make_root, remove_root);
}
