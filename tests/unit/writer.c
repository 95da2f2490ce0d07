/* When the writer writes, how much at once, what it does with what is too long, and what it keeps room for: each limit from both sides. */
#include "config.h"
#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
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

static void wake(struct session *s)
{
    pthread_mutex_lock(&s->mutex);
    pthread_cond_signal(&s->wake);
    pthread_mutex_unlock(&s->mutex);
}

static void sync_now(struct session *s)
{
    struct err err = { 0 };
    const struct event_sink sink = session_sink(s);
    if (sink.sync(sink.ctx, &err) < 0)
        fail_msg("%s", err.text);
}

/* Patience for what must come; a moment for what must not. */
static bool comes(const char *call, int n)
{
    for (int i = 0; i < 100000 && calls_count(call) < n; i++)
        usleep(200);
    return calls_count(call) == n;
}

static bool stays_at(const char *call, int n)
{
    usleep(20000);
    return calls_count(call) == n;
}

/* The records of a segment, their text aside. */
static void records_tell(const char *name, const char *segment)
{
    char path[1200];
    struct buf all = { 0 };
    snprintf(path, sizeof path, "%s/%s.saddle/%s", root, name, segment);
    file_tell(&all, path);
    for (char *line = strtok(all.data, "\n"); line; line = strtok(NULL, "\n"))
        if (strncmp(line, "  record", 8) == 0 || strncmp(line, "    ext", 7) == 0)
            buf_addf(&told, "%s\n", line);
    buf_release(&all);
}

/* --- times ------------------------------------------------------------------------------------------------------------- */

/* Looks at the clock; what is due is done. */
static void look_after(struct session *s, uint64_t ms)
{
    const int looks = calls_count("fstatat ./lock");
    clock_pass(ms);
    wake(s);
    assert_true(comes("fstatat ./lock", looks + 1));
}

/* The folder is looked at every half second, and what waits is written then. It is synced before two seconds are over: 1.9 s after it came, or a
 * little before when there is a look anyway. */
static void a_step_is_synced_within_two_seconds(void **state)
{
    (void)state;
    char name[20];
    for (uint64_t early = 0; early < 2; early++) {
        clock_set(0);
        snprintf(name, sizeof name, "times-%d", (int)early);
        struct session *s = create(name);
        const struct event_sink sink = session_sink(s);
        calls_forget();
        send_event(&sink, step_event(1, 0.5));
        clock_pass(499);
        wake(s);
        assert_true(stays_at("fstatat", 0) && calls_count("write") == 0);
        look_after(s, 391 - early);
        assert_true(comes("write journal-000001.zst", 1));
        look_after(s, 500);
        look_after(s, 500);
        if (early) {
            assert_true(stays_at("fdatasync", 0));
            clock_pass(10);
            wake(s);
            assert_true(stays_at("fdatasync", 0));
            clock_pass(1);
            wake(s);
        }
        assert_true(comes("fdatasync journal-000001.zst", 1));
        calls_tell(&told);
        session_close(s, "done", NULL);
        records_tell(name, "journal-000001.zst");
    }
    expect_told("times", &told, root);
}

/* 255 steps wait; the next one has all of them written and synced. */
static void many_steps_are_not_waited_for(void **state)
{
    (void)state;
    struct session *s = create("many");
    const struct event_sink sink = session_sink(s);
    struct session_status status;
    calls_forget();
    for (uint64_t step = 1; step <= 255; step++)
        send_event(&sink, step_event(step, 0.5));
    assert_true(stays_at("write", 0));
    session_status(s, &status);
    assert_int_equal(status.queued_bytes, 255 * (sizeof(struct event) + 512));
    send_event(&sink, step_event(256, 0.5));
    assert_true(comes("write journal-000001.zst", 1) && comes("fdatasync journal-000001.zst", 1));
    session_close(s, "done", NULL);
}

/* --- sizes ------------------------------------------------------------------------------------------------------------- */

static struct event *list_event(uint64_t step, uint32_t n)
{
    uint32_t *zeros = calloc(n + 1, sizeof *zeros);
    struct event *e = event_new(EVENT_EPOCH, step);
    event_set_u32s(e, EV_EPOCH_CONF, zeros, n);
    free(zeros);
    return e;
}

static void counts_for(struct session *s, struct event *e, uint64_t bytes)
{
    struct session_status status;
    const struct event_sink sink = session_sink(s);
    sync_now(s);
    sync_now(s); /* and what the writer had to say of the one before */
    calls_shut("write journal");
    send_event(&sink, e);
    session_status(s, &status);
    assert_int_equal(status.queued_bytes, bytes);
    calls_let();
}

/* Lists count by their entries, and no event for more than half of the queue. */
static void an_event_counts_for_what_it_holds(void **state)
{
    (void)state;
    enum { HALF = WRITER_QUEUE_BYTES / 2, PLAIN = sizeof(struct event) + 512, MOST = (HALF - PLAIN) / 8 };
    const double numbers[] = { 1, 2, 3, 4, 5 };
    const float floats[] = { 1, 2 };
    const char *const texts[] = { "a", "b", "c" };
    struct session *s = create("weights");
    struct event *e = event_new(EVENT_CONFIG, 0);
    event_set_strs(e, EV_CONFIG_KNOBS, texts, 3);
    counts_for(s, e, PLAIN + 3 * 48);
    e = event_new(EVENT_EPOCH, 1);
    for (int i = 0; i < event_table[EVENT_EPOCH].n_fields; i++)
        if (event_table[EVENT_EPOCH].field[i].type == EVENT_F64S) {
            event_set_f64s(e, i, numbers, 5);
            break;
        }
    counts_for(s, e, PLAIN + 5 * 8);
    e = event_new(EVENT_SLICE, 1);
    for (int i = 0; i < event_table[EVENT_SLICE].n_fields; i++)
        if (event_table[EVENT_SLICE].field[i].type == EVENT_F32S || event_table[EVENT_SLICE].field[i].type == EVENT_F64S) {
            event_table[EVENT_SLICE].field[i].type == EVENT_F32S ? event_set_f32s(e, i, floats, 2) : event_set_f64s(e, i, numbers, 2);
            break;
        }
    counts_for(s, e, PLAIN + 2 * 8);
    counts_for(s, list_event(2, 3), PLAIN + 3 * 8);
    counts_for(s, list_event(2, MOST), PLAIN + 8 * (uint64_t)MOST);
    counts_for(s, list_event(2, MOST + 1), HALF);
    counts_for(s, note_event(2, "a text counts for nothing"), PLAIN);
    session_close(s, "done", NULL);
}

static void *emit_one_more(void *sink)
{
    send_event(sink, step_event(3, 0.5));
    return NULL;
}

/* Eight MiB fit; who brings more waits until they are on the disk. */
static void a_full_queue_makes_wait(void **state)
{
    (void)state;
    struct session *s = create("queue");
    struct event_sink sink = session_sink(s);
    struct session_status status;
    pthread_t more;
    bool waits = false;
    calls_shut("write journal");
    for (uint64_t step = 1; step <= 2; step++)
        send_event(&sink, list_event(step, WRITER_QUEUE_BYTES / 2));
    session_status(s, &status);
    assert_int_equal(status.queued_bytes, WRITER_QUEUE_BYTES);
    assert_int_equal(status.wait_ns, 0);
    pthread_mutex_lock(&s->mutex);
    s->urgent = false; /* who waits sets it */
    pthread_mutex_unlock(&s->mutex);
    assert_int_equal(pthread_create(&more, NULL, emit_one_more, &sink), 0);
    while (!waits) {
        usleep(200);
        pthread_mutex_lock(&s->mutex);
        waits = s->urgent;
        pthread_mutex_unlock(&s->mutex);
    }
    session_status(s, &status);
    assert_int_equal(status.events, 2);
    clock_pass(70);
    calls_let();
    pthread_join(more, NULL);
    session_status(s, &status);
    assert_true(status.events == 3 && status.wait_ns == 70000000);
    session_close(s, "done", NULL);
}

/* What came while the disk was busy, in one go: a record is closed behind the event that fills it, or where a timeline begins. */
static void records_are_closed_when_they_are_full(void **state)
{
    (void)state;
    char *text = calloc(1, 8001);
    struct session *s = create("full");
    const struct event_sink sink = session_sink(s);
    memset(text, 'x', 8000);
    calls_shut("fdatasync journal");
    send_event(&sink, note_event(1, "busy"));
    while (calls_count("write journal") < 2)
        usleep(200);
    for (uint64_t step = 2; step <= 21; step++)
        send_event(&sink, note_event(step == 9 ? 1 : step, text));
    struct event *e = event_new(EVENT_BRANCH, 15);
    send_event(&sink, e);
    send_event(&sink, step_event(16, 1));
    send_event(&sink, event_new(EVENT_BRANCH, 12));
    calls_let();
    sync_now(s);
    session_close(s, "done", NULL);
    records_tell("full", "journal-000001.zst");
    expect_told("full", &told, root);
    free(text);
}

/* A text of 8191 bytes is kept, a longer one is cut at a whole character; of lists of more than half a MiB the widest goes, and that is said. */
static void what_is_too_long_is_cut_or_told(void **state)
{
    (void)state;
    static const char *const ends[] = { "", "1", "12", "1\xc3\xa9", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80" };
    char *text = calloc(1, 8300), *number = calloc(1, 600000 * sizeof(float));
    struct session *s = create("long");
    const struct event_sink sink = session_sink(s);
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        memset(text, 'x', 8190);
        strcpy(text + 8190, ends[i]);
        send_event(&sink, note_event(i + 1, text));
        sync_now(s);
    }
    send_event(&sink, list_event(20, 140000));
    sync_now(s); /* the writer says of it what he has to say */
    send_event(&sink, step_event(21, 0.5));
    sync_now(s);
    session_close(s, "done", NULL);
    struct recording *r = open_recording("long");
    for (size_t i = 1; i < recording_count(r); i++) {
        const struct event *e = recording_event(r, i);
        buf_addf(&told, "%s of step %d", event_table[e->kind].kind, (int)e->step);
        if (e->kind == EVENT_NOTE)
            buf_addf(&told, ": %zu bytes, at the end", strlen(e->f[EV_NOTE_TEXT].s));
        for (const char *at = e->kind == EVENT_NOTE ? e->f[EV_NOTE_TEXT].s + 8186 : ""; *at; at++)
            buf_addf(&told, " %02x", (unsigned char)*at);
        buf_addf(&told, "%s%s\n", e->kind == EVENT_FAULT ? ": " : "", e->kind == EVENT_FAULT ? event_text(e, EV_FAULT_TEXT) : "");
    }
    recording_close(r);
    expect_told("long", &told, root);
    free(text);
    free(number);
}

/* A segment of exactly that size is closed, at the next look; one byte less is not. */
static void a_segment_is_closed_at_its_size(void **state)
{
    (void)state;
    const uint64_t usual = writer_segment_bytes;
    struct session *s = create("rotate");
    const struct event_sink sink = session_sink(s);
    send_event(&sink, step_event(1, 0.5));
    sync_now(s);
    writer_segment_bytes = s->segment_bytes + 1;
    calls_forget();
    clock_pass(500);
    wake(s);
    assert_true(comes("fstatat ./lock", 1) && stays_at("open rotate.saddle/journal-000002.zst", 0));
    writer_segment_bytes--;
    clock_pass(500);
    wake(s);
    assert_true(comes("open rotate.saddle/journal-000002.zst w create new append safe 0600", 1) && comes("close journal-000001.zst", 1));
    writer_segment_bytes = usual;
    calls_tell(&told);
    send_event(&sink, step_event(2, 0.5));
    sync_now(s);
    session_close(s, "done", NULL);
    records_tell("rotate", "journal-000001.zst");
    records_tell("rotate", "journal-000002.zst");
    expect_told("rotate", &told, root);
}

/* With --sync=paranoid each sync ends on a block of 4 KiB, by a record that says nothing. */
static void blocks_are_filled(void **state)
{
    (void)state;
    struct err err = { 0 };
    char path[1200];
    struct session *s = session_create(root, "blocks", &(struct session_options){ .paranoid = true }, &err);
    const struct event_sink sink = session_sink(s);
    const uint64_t usual = writer_segment_bytes;
    send_event(&sink, step_event(7, 0.5));
    sync_now(s);
    writer_segment_bytes = 8193; /* the next block fills it */
    send_event(&sink, step_event(8, 0.5));
    sync_now(s);
    assert_true(comes("open blocks.saddle/journal-000002.zst", 1));
    writer_segment_bytes = usual;
    session_close(s, "done", NULL);
    for (int i = 1; i <= 2; i++) {
        snprintf(path, sizeof path, "%s/blocks.saddle/journal-%06d.zst", root, i);
        buf_addf(&told, "segment %d\n", i);
        file_tell(&told, path);
    }
    expect_told("blocks", &told, root);
}

/* --- the reserve ------------------------------------------------------------------------------------------------------- */

static struct session bare;

static void reserve_says(const char *what, int result, const struct err *err)
{
    struct stat st = { 0 };
    char path[1200];
    snprintf(path, sizeof path, "%s/bare/reserve", root);
    const int there = stat(path, &st);
    buf_addf(&told, "== %s: %d%s%s; it has %llu bytes, the file %lld\n", what, result, result < 0 ? ", " : "", result < 0 ? err->text : "",
             (unsigned long long)bare.reserve.bytes, there == 0 ? (long long)st.st_size : -1LL);
    calls_tell(&told);
}

static int no_fallocate(int fd, off_t n)
{
    (void)fd;
    (void)n;
    errno = EOPNOTSUPP;
    return -1;
}

static void open_bare(void)
{
    char path[1200];
    snprintf(path, sizeof path, "%s/bare", root);
    mkdir(path, 0700);
    bare = (struct session){ .dir_fd = io->openat(AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0), .reserve.fd = -1 };
    pthread_mutex_init(&bare.reserve.mutex, NULL);
    calls_forget();
}

/* 4 MiB, or a snapshot and 1 MiB for the journal beside it, and never more than 256. */
static void the_reserve_grows_and_is_given(void **state)
{
    (void)state;
    enum { MIB = 1 << 20 };
    struct err err = { 0 };
    open_bare();
    reserve_says("no snapshot yet", reserve_make(&bare, &err), &err);
    reserve_says("once more", reserve_make(&bare, &err), &err);
    reserve_says("a snapshot of 3 MiB", reserve_for_snapshot(&bare, 3 * MIB, &err), &err);
    reserve_says("one byte more", reserve_for_snapshot(&bare, 3 * MIB + 1, &err), &err);
    reserve_says("a smaller one", reserve_for_snapshot(&bare, MIB, &err), &err);
    reserve_says("the journal's part", reserve_give_journal(&bare), &err);
    reserve_says("the journal's part again", reserve_give_journal(&bare), &err);
    reserve_says("made again", reserve_make(&bare, &err), &err);
    reserve_says("all", reserve_give_all(&bare), &err);
    reserve_says("all again", reserve_give_all(&bare), &err);
    reserve_says("the journal's part of nothing", reserve_give_journal(&bare), &err);
    calls_fail(TOLD_CALLER, 3, ENOSPC);
    bare.reserve.snapshot = 0;
    reserve_says("what is there is removed first, and then there is no name for it", reserve_make(&bare, &err), &err);
    calls_fail(TOLD_CALLER, 4, ENOSPC);
    reserve_says("no room", reserve_make(&bare, &err), &err);
    reserve_says("room again", reserve_make(&bare, &err), &err);
    calls_fail(TOLD_CALLER, 1, EDQUOT);
    reserve_says("no room for more: what there is stays", reserve_for_snapshot(&bare, 5 * MIB, &err), &err);
    reserve_says("room for more", reserve_make(&bare, &err), &err);
    calls_fail(TOLD_CALLER, 1, EIO);
    reserve_says("nothing is given where the file cannot be cut", reserve_give_journal(&bare), &err);
    reserve_give_all(&bare);
    bare.reserve.snapshot = 255 * (uint64_t)MIB + 1;
    struct io sparse = told_calls;
    sparse.fallocate = io_system.ftruncate; /* not 256 MiB of a real disk */
    io = &sparse;
    reserve_says("at most", reserve_make(&bare, &err), &err);
    reserve_give_all(&bare);
    bare.reserve.snapshot = 0;
    struct io zeros = told_calls;
    zeros.fallocate = no_fallocate;
    io = &zeros;
    calls_forget();
    reserve_says("a file system that sets nothing aside", reserve_make(&bare, &err), &err);
    bare.reserve.snapshot = 3 * MIB + 100;
    calls_forget();
    reserve_says("100 bytes more", reserve_make(&bare, &err), &err);
    reserve_give_all(&bare);
    io->close(bare.dir_fd);
    pthread_mutex_destroy(&bare.reserve.mutex);
    expect_told("reserve", &told, root);
}

/* --- what fails -------------------------------------------------------------------------------------------------------- */

/* Each call of making a session and of taking it up fails once, and what is said then. */
static void each_call_of_a_beginning_fails(void **state)
{
    (void)state;
    char dir[1024], second[1100];
    at("birth", dir);
    for (int again = 0; again < 2; again++)
        for (int n = 1, over = 0; !over; n++) {
            struct err err = { 0 };
            struct buf calls = { 0 };
            random_restart();
            calls_forget();
            calls_fail(TOLD_CALLER, n, EIO);
            struct session *s = again ? session_reopen(dir, &err) : session_create(root, "birth", NULL, &err);
            over = !calls_failed();
            calls_fail(TOLD_CALLER, 0, 0);
            calls_tell(&calls);
            const char *failed = strstr(calls.data, ": told to fail");
            while (failed && failed[-1] != '\n')
                failed--;
            buf_addf(&told, "%s\n    %s\n", over ? "  all well" : strtok((char *)(uintptr_t)failed, ":"), s ? "it goes on" : err.text);
            session_close(s, "done", NULL);
            snprintf(second, sizeof second, "%s/journal-000002.zst", dir);
            unlink(second);
            if (s && !again)
                scratch_remove(dir);
            buf_release(&calls);
            if (!again && over && s)
                close_session(create("birth"));
        }
    expect_told("beginnings", &told, root);
}

static struct buf heard;

static void hear_fault(void *ctx, struct event *e)
{
    (void)ctx;
    if (e->kind == EVENT_FAULT)
        buf_addf(&heard, "    fault: %s\n", event_text(e, EV_FAULT_TEXT));
}

/* Each call of the writer and of the publisher fails once, between a birth and a death. */
static void each_call_of_a_day_fails(enum told_thread thread, int reason)
{
    char name[40];
    for (int n = 1, over = 0; !over; n += thread == TOLD_PUBLISHER && n == 14 ? 29 : 1) { /* the first and the last of four are enough */
        struct err err = { 0 };
        struct session_status status;
        snprintf(name, sizeof name, "day-%d-%d-%d", (int)thread, reason, n);
        random_restart();
        struct session *s = create(name);
        const struct event_sink sink = session_sink(s);
        session_listen(s, hear_fault, NULL);
        buf_clear(&heard);
        calls_forget();
        calls_fail(thread, n, reason);
        send_event(&sink, data_event(10));
        sync_now(s);
        for (uint64_t step = 10; step <= 40; step += 10) {
            sink.snapshot(sink.ctx, make_state(step, 5, 2), NULL, false);
            do {
                usleep(100);
                session_status(s, &status);
            } while (status.snapshot_busy);
        }
        over = !calls_failed();
        calls_fail(TOLD_CALLER, 0, 0);
        struct buf calls = { 0 };
        calls_tell(&calls);
        const char *failed = calls.len ? strstr(calls.data, ": told to fail") : NULL;
        buf_addf(&told, "call %d%s\n", n, over || !failed ? ": all well" : ":");
        while (failed && failed[-1] != '\n')
            failed--;
        if (failed)
            buf_addf(&told, "%.*s\n", (int)strcspn(failed, "\n"), failed);
        const int result = session_close(s, "done", &err);
        buf_addf(&told, "%s    last '%s' of %d, closed %d %s\n", heard.len ? heard.data : "", status.last_snapshot, (int)status.last_snapshot_step,
                 result, err.text);
        buf_release(&calls);
    }
}

static void each_call_of_a_publisher_fails(void **state)
{
    (void)state;
    each_call_of_a_day_fails(TOLD_PUBLISHER, EIO);
    expect_told("publisher", &told, root);
}

static void each_call_of_a_writer_fails(void **state)
{
    (void)state;
    each_call_of_a_day_fails(TOLD_WRITER, ENOSPC);
    each_call_of_a_day_fails(TOLD_WRITER, EIO);
    expect_told("writer", &told, root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_step_is_synced_within_two_seconds, begin_telling, end_telling),
        cmocka_unit_test_setup_teardown(many_steps_are_not_waited_for, begin_telling, end_telling),
        cmocka_unit_test_setup_teardown(an_event_counts_for_what_it_holds, begin_telling, end_telling),
        cmocka_unit_test_setup_teardown(a_full_queue_makes_wait, begin_telling, end_telling),
        cmocka_unit_test_setup_teardown(records_are_closed_when_they_are_full, begin_telling, end_telling),
        cmocka_unit_test_setup_teardown(what_is_too_long_is_cut_or_told, begin_telling, end_telling),
        cmocka_unit_test_setup_teardown(a_segment_is_closed_at_its_size, begin_telling, end_telling),
        cmocka_unit_test_setup_teardown(blocks_are_filled, begin_telling, end_telling),
        cmocka_unit_test_setup_teardown(the_reserve_grows_and_is_given, begin_telling, end_telling),
        cmocka_unit_test_setup_teardown(each_call_of_a_beginning_fails, begin_telling, end_telling),
        cmocka_unit_test_setup_teardown(each_call_of_a_publisher_fails, begin_telling, end_telling),
        cmocka_unit_test_setup_teardown(each_call_of_a_writer_fails, begin_telling, end_telling),
    };
    return cmocka_run_group_tests_name("unit/writer", tests, make_root, remove_root);
}
