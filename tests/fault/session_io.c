/* The Nth call to the operating system fails: every N until a run has no failure, over create, events, snapshot, close;
 * each with several errors, once or until space returns. Nothing that was acknowledged may be lost or changed, a message
 * must say what happened, and recording must go on once the disk works again. */
#include "config.h"
#include "../unit/check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../unit/sessions.h"
#include "base/err.h"
#include "session/io.h"
#include "session/writer.h"
#include "session_order.h"

/* --- the table that fails -------------------------------------------------------------------------------------------- */

enum mode { ONCE, UNTIL_REPAIRED, SHORT };
static struct {
    atomic_long calls, fail_at; /* fail_at: 0 = never */
    enum mode mode;
    int reason;
    atomic_bool failed, repaired, done;
} fault;

/* Should this call fail? Reads keep working when a disk is full, so for UNTIL_REPAIRED only writing calls count on. */
static bool fails(bool writes)
{
    long call = atomic_fetch_add(&fault.calls, 1) + 1, at = atomic_load(&fault.fail_at);
    bool now = at && (call == at || (call > at && fault.mode == UNTIL_REPAIRED && writes && fault.failed && !fault.repaired));
    if (now) {
        fault.failed = true;
        errno = fault.reason;
    }
    return now;
}

static int f_openat(int d, const char *n, int f, mode_t m)
{
    return fails(f & O_CREAT) ? -1 : io_system.openat(d, n, f, m);
}
static int f_close(int fd)
{
    bool fail = fails(false);
    int result = io_system.close(fd);
    return fail ? -1 : result;
}
static ssize_t f_write(int fd, const void *b, size_t n)
{
    if (!fails(true))
        return io_system.write(fd, b, n);
    if (fault.mode == SHORT && n > 1)
        return io_system.write(fd, b, n / 2);
    if (n > 1 && fault.reason != EINTR) /* a full disk takes a part first */
        return io_system.write(fd, b, n / 3) < 0 ? -1 : (errno = fault.reason, -1);
    return -1;
}
static ssize_t f_pread(int fd, void *b, size_t n, off_t o)
{
    return fails(false) ? fault.mode == SHORT && n > 1 ? io_system.pread(fd, b, n / 2, o) : -1 : io_system.pread(fd, b, n, o);
}
#define FAILING(type, name, params, args, writes) \
    static type f_##name params \
    { \
        return fails(writes) ? -1 : io_system.name args; \
    }
FAILING(int, fsync, (int fd), (fd), true)
FAILING(int, fdatasync, (int fd), (fd), true)
FAILING(int, fallocate, (int fd, off_t n), (fd, n), true)
FAILING(int, fstat, (int fd, struct stat *s), (fd, s), false)
FAILING(int, fstatat, (int d, const char *n, struct stat *s), (d, n, s), false)
FAILING(int, mkdirat, (int d, const char *n, mode_t m), (d, n, m), true)
FAILING(int, renameat, (int d, const char *a, const char *b), (d, a, b), true)
FAILING(int, linkat, (int d, const char *a, const char *b), (d, a, b), true)
FAILING(int, lock, (int fd), (fd), false)
FAILING(int, ftruncate, (int fd, off_t n), (fd, n), true)
static int f_unlinkat(int d, const char *n, int f) /* removing works on a full disk */
{
    return fails(false) ? -1 : io_system.unlinkat(d, n, f);
}

static const struct io io_failing = {
    .openat = f_openat, .close = f_close, .write = f_write, .pread = f_pread, .fsync = f_fsync, .fdatasync = f_fdatasync,
    .fallocate = f_fallocate, .fstat = f_fstat, .fstatat = f_fstatat, .mkdirat = f_mkdirat, .renameat = f_renameat,
    .linkat = f_linkat, .unlinkat = f_unlinkat, .lock = f_lock, .ftruncate = f_ftruncate,
};

/* --- one run --------------------------------------------------------------------------------------------------------- */

struct outcome {
    bool created, closed;
    uint64_t acknowledged;       /* steps up to here are on disk */
    bool snapshot_acknowledged;
    int faults_heard;
    char create_error[480], close_error[480];
    struct buf lines;            /* what was heard of the journal's text */
};

static void hear_lines(void *ctx, const char *text, size_t n)
{
    struct outcome *o = ctx;
    buf_add(&o->lines, text, n);
}

static void hear(void *ctx, struct event *e)
{
    struct outcome *o = ctx;
    o->snapshot_acknowledged |= e->kind == EVENT_SNAP;
    o->faults_heard += e->kind == EVENT_FAULT;
}

/* Frees the disk once the session has said that it waits. */
static void *repair_when_stalled(void *session)
{
    struct session_status status = { 0 };
    for (int i = 0; i < 240000 && !(status.stalled && status.why[0]); i++) {
        usleep(500);
        session_status(session, &status);
        if (fault.done)
            break;
    }
    usleep(2000);
    fault.repaired = true;
    return NULL;
}

static void run(const char *root, struct outcome *o)
{
    struct err err = { 0 };
    pthread_t repairer;
    *o = (struct outcome){ 0 };
    io = &io_failing;
    struct session *s = session_create(root, "x", NULL, &err);
    memcpy(o->create_error, err.text, sizeof o->create_error);
    o->created = s != NULL;
    if (s) {
        bool repairing = fault.mode == UNTIL_REPAIRED && pthread_create(&repairer, NULL, repair_when_stalled, s) == 0;
        struct event_sink sink = session_sink(s);
        session_listen(s, hear, o);
        session_listen_lines(s, hear_lines, o);
        for (uint64_t step = 1; step <= 12; step++) {
            send_event(&sink, step_event(step, 0.5));
            if (step == 4)
                sink.snapshot(sink.ctx, make_state(step, 300, 20), "four", true);
            if (step % 3 == 0 && sink.sync(sink.ctx, &err) == 0)
                o->acknowledged = step;
        }
        fault.done = true;
        if (repairing)
            pthread_join(repairer, NULL);
        err.text[0] = '\0';
        o->closed = session_close(s, "done", &err) == 0;
        memcpy(o->close_error, err.text, sizeof o->close_error);
    }
    io = &io_system;
}

static int count_entries(const char *path)
{
    int n = 0;
    DIR *d = opendir(path);
    for (struct dirent *e; d && (e = readdir(d));)
        n += e->d_name[0] != '.';
    if (d)
        closedir(d);
    return n;
}

/* The lines that were heard are those of the journal, with the numbers they have there; closed in order: all of them. */
static void check_lines(const char *dir, const struct outcome *o, const char *what)
{
    char *text = NULL;
    size_t n = 0;
    struct err err = { 0 };
    FILE *memory = open_memstream(&text, &n);
    assert_non_null(memory);
    if (session_cat(dir, memory, &err) < 0)
        fail_msg("%s: %s", what, err.text);
    fclose(memory);
    if (o->lines.len > n || memcmp(text, o->lines.data, o->lines.len) != 0 || (o->closed && o->lines.len != n))
        fail_msg("%s: heard %zu bytes:\n%s\nrecorded %zu:\n%s", what, o->lines.len, o->lines.data, n, text);
    free(text);
}

/* Everything that was promised is there. */
static void check(const char *root, const struct outcome *o, const char *what)
{
    char dir[300];
    struct err err = { 0 };
    bool loud = false;
    if (!o->created) {
        if (!o->create_error[0])
            fail_msg("%s: not created, and no message", what);
        return;
    }
    snprintf(dir, sizeof dir, "%s/x.saddle", root);
    struct recording *r = recording_open(dir, &err);
    if (!r)
        fail_msg("%s: %s", what, err.text);
    recording_damage(r, &loud);
    if (loud)
        fail_msg("%s: %s", what, recording_damage(r, NULL));
    uint64_t step = 0;
    for (size_t i = 0; i < recording_count(r); i++)
        if (recording_event(r, i)->kind == EVENT_STEP)
            assert_int_equal(recording_event(r, i)->step, ++step);
    if (step < o->acknowledged)
        fail_msg("%s: steps up to %d were acknowledged, %d are there", what, (int)o->acknowledged, (int)step);
    if (o->closed && step != 12)
        fail_msg("%s: closed in order with %d of 12 steps", what, (int)step);
    if (!o->closed && !o->close_error[0])
        fail_msg("%s: not closed in order, and no message", what);
    int n;
    recording_snapshots(r, &n);
    if (o->snapshot_acknowledged) {
        struct train_state *state = n == 1 ? load_state(r, 0, 300, 20, &err) : NULL;
        if (!state)
            fail_msg("%s: the snapshot was acknowledged and is not there: %s", what, err.text);
        train_state_free(state);
    } else if (o->closed && o->faults_heard == 0)
        fail_msg("%s: no snapshot, and nothing was said", what);
    recording_close(r);
    check_lines(dir, o, what);
}

static void every_call(enum mode mode, int reason, const char *name)
{
    char root[256], what[80];
    struct outcome o;
    long at = 0;
    int runs = 0, left = 0;
    fault.mode = mode;
    fault.reason = reason;
    do {
        scratch_make(root);
        fault.calls = 0;
        fault.fail_at = ++at;
        fault.failed = fault.repaired = fault.done = false;
        snprintf(what, sizeof what, "%s at call %ld", name, at);
        run(root, &o);
        fault.fail_at = 0;
        check(root, &o, what);
        buf_release(&o.lines);
        if (!o.created && mode == ONCE) /* a failure once must not even leave a folder; a lasting one may not be able to help it */
            left += count_entries(root);
        if (o.created && (mode != UNTIL_REPAIRED) && !o.closed)
            fail_msg("%s: one failure was not survived: %s", what, o.close_error);
        scratch_remove(root);
        runs++;
    } while (fault.failed && runs < 2000);
    assert_true(runs > 30 && runs < 2000);
    assert_int_equal(left, 0);
    print_message("%s: %d runs\n", name, runs);
}

static void no_space_once(void **state)
{
    (void)state;
    every_call(ONCE, ENOSPC, "ENOSPC once");
}

static void input_output_error_once(void **state)
{
    (void)state;
    every_call(ONCE, EIO, "EIO once");
}

static void interrupted_once(void **state)
{
    (void)state;
    every_call(ONCE, EINTR, "EINTR once");
}

static void short_counts(void **state)
{
    (void)state;
    every_call(SHORT, EINTR, "short count");
}

static void no_space_until_it_returns(void **state)
{
    (void)state;
    every_call(UNTIL_REPAIRED, ENOSPC, "ENOSPC until space returns");
}

static void errors_until_repaired(void **state)
{
    (void)state;
    every_call(UNTIL_REPAIRED, EIO, "EIO until repaired");
}

/* --- special cases --------------------------------------------------------------------------------------------------- */

static void who_gives_up_on_a_full_disk_is_told_what_is_lost(void **state)
{
    (void)state;
    char root[256];
    struct err err = { 0 };
    struct session_status status = { 0 };
    scratch_make(root);
    fault.fail_at = 0;
    io = &io_failing;
    struct session *s = session_create(root, "x", NULL, &err);
    assert_non_null(s);
    struct event_sink sink = session_sink(s);
    send_event(&sink, step_event(1, 0.5));
    assert_int_equal(sink.sync(sink.ctx, &err), 0);
    fault.mode = UNTIL_REPAIRED;
    fault.reason = ENOSPC;
    fault.failed = true;
    fault.repaired = false;
    fault.fail_at = 1;
    send_event(&sink, note_event(2, "lost"));
    for (int i = 0; i < 120000 && !status.stalled; i++) {
        usleep(1000);
        session_status(s, &status);
    }
    assert_true(status.stalled);
    assert_non_null(strstr(status.why, "No space left"));
    session_abandon(s);
    assert_int_equal(sink.sync(sink.ctx, &err), -1);
    assert_int_equal(session_close(s, "quit", &err), -1);
    assert_says(err, "could not be written: ");
    assert_says(err, "No space left");
    fault.fail_at = 0;
    io = &io_system;
    char dir[300];
    snprintf(dir, sizeof dir, "%s/x.saddle", root);
    struct recording *r = recording_open(dir, &err);
    assert_non_null(r);
    assert_int_equal(recording_count(r), 2);
    recording_close(r);
    scratch_remove(root);
}

static atomic_bool disk_hangs;

static int hanging_fdatasync(int fd)
{
    while (disk_hangs)
        usleep(1000);
    return io_system.fdatasync(fd);
}

/* Looks until recording waits, or does not, as wanted. */
static void until_waits(struct session *s, bool wanted, char *why, size_t size)
{
    struct session_status status;
    bool waits = !wanted;
    for (int i = 0; i < 120000 && waits != wanted; i++) {
        usleep(1000);
        session_status(s, &status);
        waits = session_waits(&status, why, size);
    }
    assert_int_equal(waits, wanted);
}

static int breaking_fdatasync(int fd) /* of the journal alone */
{
    (void)fd;
    while (disk_hangs)
        usleep(1000);
    errno = EIO;
    return -1;
}

static int no_new_segment(int dir, const char *name, int flags, mode_t mode)
{
    if (!(flags & O_CREAT) || strncmp(name, "journal", 7) != 0)
        return io_system.openat(dir, name, flags, mode);
    errno = EIO;
    return -1;
}

static void *breaks_later(void *unused)
{
    (void)unused;
    usleep(200000);
    disk_hangs = false;
    return NULL;
}

/* The snapshot waits for the journal, and the journal for a disk that breaks once nobody is left to wait for it. */
static void a_disk_that_breaks_while_it_is_closed_holds_nobody_up(void **state)
{
    (void)state;
    char root[256];
    struct err err = { 0 };
    struct io breaking = io_system;
    pthread_t breaker;
    breaking.fdatasync = breaking_fdatasync;
    breaking.openat = no_new_segment;
    scratch_make(root);
    struct session *s = session_create(root, "x", NULL, &err);
    assert_non_null(s);
    struct event_sink sink = session_sink(s);
    disk_hangs = true;
    io = &breaking;
    send_event(&sink, note_event(1, "lost"));
    sink.snapshot(sink.ctx, make_state(1, 10, 2), NULL, false);
    assert_int_equal(pthread_create(&breaker, NULL, breaks_later, NULL), 0);
    alarm(600); /* patience: a test that has failed ends */
    assert_int_equal(session_close(s, "quit", &err), -1);
    alarm(0);
    assert_says(err, "could not be written: ");
    pthread_join(breaker, NULL);
    io = &io_system;
    scratch_remove(root);
}

static void a_disk_that_does_not_answer_is_told_of(void **state)
{
    (void)state;
    char root[256], why[200] = "";
    struct err err = { 0 };
    struct io hanging = io_system;
    uint64_t usual = writer_slow_ms;
    hanging.fdatasync = hanging_fdatasync;
    io = &hanging;
    writer_slow_ms = 50;
    scratch_make(root);
    struct session *s = session_create(root, "x", NULL, &err);
    assert_non_null(s);
    struct event_sink sink = session_sink(s);
    disk_hangs = true;
    send_event(&sink, note_event(1, "waits"));
    until_waits(s, true, why, sizeof why);
    assert_non_null(strstr(why, "recording waits: the disk has not answered for "));
    disk_hangs = false;
    until_waits(s, false, why, sizeof why);
    assert_int_equal(session_close(s, "done", &err), 0);
    writer_slow_ms = usual;
    io = &io_system;
    scratch_remove(root);
}

static void segments_rotate_and_join_without_a_seam(void **state)
{
    (void)state;
    char root[256], dir[300];
    struct err err = { 0 };
    uint64_t usual = writer_segment_bytes;
    scratch_make(root);
    writer_segment_bytes = 2000;
    struct session *s = session_create(root, "x", NULL, &err);
    assert_non_null(s);
    struct event_sink sink = session_sink(s);
    for (uint64_t step = 1; step <= 300; step++) {
        send_event(&sink, step_event(step, 0.5));
        if (step % 10 == 0)
            assert_int_equal(sink.sync(sink.ctx, &err), 0);
    }
    assert_int_equal(session_close(s, "done", &err), 0);
    writer_segment_bytes = usual;
    snprintf(dir, sizeof dir, "%s/x.saddle", root);
    assert_true(count_entries(dir) > 5);
    struct recording *r = recording_open(dir, &err);
    assert_non_null(r);
    assert_null(recording_damage(r, NULL));
    uint64_t step = 0;
    for (size_t i = 0; i < recording_count(r); i++) {
        assert_int_equal(recording_event(r, i)->q, i);
        if (recording_event(r, i)->kind == EVENT_STEP)
            assert_int_equal(recording_event(r, i)->step, ++step);
    }
    assert_int_equal(step, 300);
    recording_close(r);
    scratch_remove(root);
}

int main(void)
{
    writer_retry_ms = 3;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_space_once),
        cmocka_unit_test(input_output_error_once),
        cmocka_unit_test(interrupted_once),
        cmocka_unit_test(short_counts),
        cmocka_unit_test(no_space_until_it_returns),
        cmocka_unit_test(errors_until_repaired),
        cmocka_unit_test(a_disk_that_does_not_answer_is_told_of),
        cmocka_unit_test(a_disk_that_breaks_while_it_is_closed_holds_nobody_up),
        cmocka_unit_test(who_gives_up_on_a_full_disk_is_told_what_is_lost),
        cmocka_unit_test(segments_rotate_and_join_without_a_seam),
    };
    return cmocka_run_group_tests_name("fault/session_io", tests, NULL, NULL) + session_order_tests();
}
