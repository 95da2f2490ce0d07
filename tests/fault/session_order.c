/* The order of the writer's calls to the operating system: what a power cut would find. */
#include "config.h"
#include "../unit/check.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../unit/sessions.h"
#include "base/err.h"
#include "session/io.h"
#include "session_order.h"

/* One letter a call: w d f write, fdatasync, fsync of the journal; W D F of a snapshot's file; r rename, s fsync of the folder, p reading back,
 * S the snapshot was announced, u an old one was removed, ! a sync was acknowledged. */
static struct {
    pthread_mutex_t lock;
    char text[4096];
    size_t n;
    int journal, tmp;
} order = { .lock = PTHREAD_MUTEX_INITIALIZER, .journal = -1, .tmp = -1 };

static void note_call(char c)
{
    pthread_mutex_lock(&order.lock);
    if (order.n + 1 < sizeof order.text && !(c == 'p' && order.n && order.text[order.n - 1] == 'p'))
        order.text[order.n++] = c;
    pthread_mutex_unlock(&order.lock);
}

static int o_openat(int d, const char *n, int f, mode_t m)
{
    int fd = io_system.openat(d, n, f, m);
    if (strncmp(n, "journal-", 8) == 0 && f & O_CREAT)
        order.journal = fd;
    if (strncmp(n, "tmp-", 4) == 0)
        order.tmp = fd;
    return fd;
}
static ssize_t o_write(int fd, const void *b, size_t n)
{
    note_call(fd == order.journal ? 'w' : fd == order.tmp ? 'W' : '-');
    return io_system.write(fd, b, n);
}
static ssize_t o_pread(int fd, void *b, size_t n, off_t o)
{
    note_call('p');
    return io_system.pread(fd, b, n, o);
}
static int o_fsync(int fd)
{
    int result = io_system.fsync(fd);
    note_call(fd == order.journal ? 'f' : fd == order.tmp ? 'F' : 's');
    return result;
}
static int o_fdatasync(int fd)
{
    int result = io_system.fdatasync(fd);
    note_call(fd == order.journal ? 'd' : 'D');
    return result;
}
static int o_renameat(int d, const char *a, const char *b)
{
    note_call('r');
    return io_system.renameat(d, a, b);
}

static int o_unlinkat(int d, const char *n, int f)
{
    if (strncmp(n, "snap-", 5) == 0)
        note_call('u');
    return io_system.unlinkat(d, n, f);
}

static void note_heard(void *ctx, struct event *e)
{
    (void)ctx;
    if (e->kind == EVENT_SNAP)
        note_call('S');
}

/* Each of the letters in turn, others between them allowed. */
static bool in_order(const char *text, const char *letters)
{
    for (; *letters; letters++, text++)
        if (!(text = strchr(text, *letters)))
            return false;
    return true;
}

static struct io logged_calls(void)
{
    struct io logged = io_system;
    logged.openat = o_openat;
    logged.write = o_write;
    logged.pread = o_pread;
    logged.fsync = o_fsync;
    logged.fdatasync = o_fdatasync;
    logged.renameat = o_renameat;
    logged.unlinkat = o_unlinkat;
    return logged;
}

static void nothing_is_acknowledged_before_the_disk_has_it(void **state)
{
    (void)state;
    struct io logged = logged_calls();
    char root[256];
    struct err err = { 0 };
    scratch_make(root);
    io = &logged;
    struct session *s = session_create(root, "x", NULL, &err);
    assert_non_null(s);
    assert_true(in_order(order.text, "wfss")); /* the segment, its folder, the folder above */
    struct event_sink sink = session_sink(s);
    session_listen(s, note_heard, NULL);
    for (uint64_t step = 1; step <= 5; step++) {
        order.n = 0;
        memset(order.text, 0, sizeof order.text);
        send_event(&sink, step_event(step, 0.5));
        assert_int_equal(sink.sync(sink.ctx, &err), 0);
        note_call('!');
        assert_string_equal(order.text, "wd!");
    }
    order.n = 0;
    memset(order.text, 0, sizeof order.text);
    send_event(&sink, step_event(6, 0.5));
    sink.snapshot(sink.ctx, make_state(6, 300, 20), NULL, false);
    assert_int_equal(session_close(s, "done", &err), 0);
    io = &io_system;
    if (!in_order(order.text, "WWFprswdS") || !in_order(order.text, "wdWFprswdS"))
        fail_msg("a snapshot was announced by the calls %s", order.text);
    scratch_remove(root);
}

/* The journal says that a snapshot is removed, on the disk, before it is: a power cut between them leaves one too many, never one too few. */
static void an_old_snapshot_goes_after_the_word_about_it(void **state)
{
    (void)state;
    struct io logged = logged_calls();
    char root[256];
    struct err err = { 0 };
    int removed = 0;
    scratch_make(root);
    io = &logged;
    struct session *s = session_create(root, "x", NULL, &err);
    assert_non_null(s);
    struct event_sink sink = session_sink(s);
    session_listen(s, note_heard, NULL);
    order.n = 0;
    memset(order.text, 0, sizeof order.text);
    send_event(&sink, data_event(10));
    for (uint64_t epoch = 1; epoch <= 6; epoch++)
        sink.snapshot(sink.ctx, make_state(10 * epoch, 300, 20), NULL, false);
    assert_int_equal(session_close(s, "done", &err), 0);
    io = &io_system;
    for (const char *from = strchr(order.text, 'S'), *u; from && (u = strchr(from, 'u')); from = u + 1, removed++) {
        char between[sizeof order.text];
        for (const char *next = strchr(from, 'S'); next && next < u; next = strchr(from, 'S'))
            from = next + 1; /* behind the last announcement */
        snprintf(between, sizeof between, "%.*s", (int)(u - from), from);
        if (!in_order(between, "wd"))
            fail_msg("a snapshot was removed by the calls %s of %s", between, order.text);
    }
    assert_int_equal(removed, 3);
    scratch_remove(root);
}

int session_order_tests(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(nothing_is_acknowledged_before_the_disk_has_it),
                                        cmocka_unit_test(an_old_snapshot_goes_after_the_word_about_it) };
    return cmocka_run_group_tests_name("fault/session_io, order", tests, NULL, NULL);
}
