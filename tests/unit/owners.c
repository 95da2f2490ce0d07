/* Whose a session is: names that are taken or free, the lock, what a killed writer left, and what is lost when recording is given up. */
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

/* Numbers of processes differ. */
static void create_tell(const char *what, const char *name)
{
    struct err err = { 0 }, check = { 0 };
    char pid[40];
    const int free_name = session_name_check(root, name, &check);
    struct session *s = session_create(root, name, NULL, &err);
    snprintf(pid, sizeof pid, "pid %ld", (long)getpid());
    char *at = strstr(err.text, pid);
    buf_addf(&told, "%s\n  check %d %s\n  create %s, %d %.*s%s\n", what, free_name, check.text, s ? session_name(s) : "-", err.code,
             at ? (int)(at - err.text) : (int)strlen(err.text), err.text, at ? "PID" : "");
    session_close(s, "done", NULL);
}

static void put_in(const char *name, const char *file, const char *text)
{
    char path[1300];
    snprintf(path, sizeof path, "%s/%s.saddle", root, name);
    mkdir(path, 0700);
    snprintf(path, sizeof path, "%s/%s.saddle/%s", root, name, file);
    FILE *f = fopen(path, "w");
    assert_true(f && fputs(text, f) >= 0 && fclose(f) == 0);
}

static void there_tell(const char *name)
{
    char command[1400];
    char line[300];
    snprintf(command, sizeof command, "cd %s/%s.saddle && LC_ALL=C ls -A", root, name);
    FILE *p = popen(command, "r");
    while (fgets(line, sizeof line, p))
        buf_addf(&told, "    %s", line);
    pclose(p);
}

static void names_are_free_or_taken(void **state)
{
    (void)state;
    char long_name[140];
    static const char *const names[] = { "a", "Z9._+-x", "", ".a", "-a", "a.", "a/b", "a b", "a\xc3\xa9", "a:", "many-", "many-", "many-2", "+", "_", "a" };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        create_tell(names[i], names[i]);
    for (int n = 100; n <= 101; n++) {
        memset(long_name, 'n', sizeof long_name);
        long_name[n] = '\0';
        create_tell(n == 100 ? "100 letters" : "101 letters", long_name);
        long_name[n - 1] = '-';
        create_tell(n == 100 ? "100 letters and a number" : "101 letters and a number", long_name);
    }
    struct err err = { 0 };
    struct session *s = session_create(root, NULL, NULL, &err);
    buf_addf(&told, "no name: %s\n", session_name(s));
    session_close(s, "done", NULL);
    expect_told("names", &told, root);
}

static void nothing_gives_its_place_up(void **state)
{
    (void)state;
    struct err err = { 0 };
    put_in("only-lock", "lock", "1\n");
    create_tell("a lock", "only-lock");
    put_in("empty", "journal-000001.zst", "");
    put_in("empty", "journal-000003.zst", "");
    put_in("empty", "tmp-0123456789abcdef", "x");
    put_in("empty", "tmp-0123456789abcdeg", "x");
    put_in("empty", "tmp-0123456789abcde", "x");
    create_tell("empty segments", "empty");
    there_tell("empty");
    put_in("torn", "journal-000001.zst", "x");
    create_tell("a torn segment", "torn");
    put_in("weights", "snap-000000000005-t0.safetensors.zst", "");
    create_tell("a snapshot", "weights");
    there_tell("weights");
    struct session *s = create("begun");
    session_close(s, "done", NULL);
    create_tell("a session that did nothing", "begun");
    s = create("stepped");
    const struct event_sink sink = session_sink(s);
    send_event(&sink, step_event(1, 1));
    session_close(s, "done", NULL);
    create_tell("a session with a step", "stepped");
    s = create("held");
    create_tell("one that somebody writes", "held");
    session_close(s, "done", NULL);
    char path[1200];
    snprintf(path, sizeof path, "%s/file.saddle", root);
    fclose(fopen(path, "w"));
    create_tell("a file", "file");
    (void)err;
    expect_told("places", &told, root);
}

static void reopen_tell(const char *what, const char *name)
{
    char dir[1024], pid[40];
    struct err err = { 0 };
    at(name, dir);
    snprintf(pid, sizeof pid, "pid %ld", (long)getpid());
    struct session *s = session_reopen(dir, &err);
    char *found = strstr(err.text, pid);
    buf_addf(&told, "%s: %s, %d %.*s%s%s\n", what, s ? session_name(s) : "-", err.code, found ? (int)(found - err.text) : (int)strlen(err.text), err.text,
             found ? "PID" : "", found ? found + strlen(pid) : "");
    session_close(s, "done", NULL);
}

static void a_lock_is_of_one(void **state)
{
    (void)state;
    char path[1200], other[1200];
    struct session *s = create("locked");
    const struct event_sink sink = session_sink(s);
    send_event(&sink, step_event(1, 1));
    reopen_tell("somebody writes it", "locked");
    snprintf(path, sizeof path, "%s/locked.saddle/lock", root);
    FILE *f = fopen(path, "w");
    fputs("12ab", f);
    fclose(f);
    reopen_tell("his number is no number", "locked");
    f = fopen(path, "w");
    fclose(f);
    reopen_tell("he left no number", "locked");
    session_close(s, "done", NULL);
    snprintf(other, sizeof other, "%s/other", root);
    assert_int_equal(link(path, other), 0);
    reopen_tell("the lock has another name", "locked");
    unlink(other);
    unlink(path);
    assert_int_equal(symlink("other", path), 0);
    reopen_tell("the lock is a link", "locked");
    unlink(path);
    assert_int_equal(mkfifo(path, 0600), 0);
    reopen_tell("the lock is a pipe", "locked");
    unlink(path);
    reopen_tell("no lock", "locked");
    reopen_tell("no session", "nowhere");
    put_in("text", "journal-000001.zst", "no record");
    reopen_tell("no record", "text");
    expect_told("locks", &told, root);
}

/* --- what a killed writer left ----------------------------------------------------------------------------------------- */

static void copy_head(const char *from, const char *to, size_t left_out)
{
    char name[2][1300], bytes[1 << 16];
    snprintf(name[0], sizeof name[0], "%s/%s", root, from);
    snprintf(name[1], sizeof name[1], "%s/%s", root, to);
    FILE *in = fopen(name[0], "rb"), *out = fopen(name[1], "wb");
    const size_t n = fread(bytes, 1, sizeof bytes, in);
    assert_true(n > left_out && fwrite(bytes, 1, n - left_out, out) == n - left_out);
    fclose(in);
    fclose(out);
}

static struct buf heard; /* of the session's threads: told when they have ended */

static void hear(void *ctx, struct event *e)
{
    (void)ctx;
    buf_addf(&heard, "  heard %s of step %d: %s\n", event_table[e->kind].kind, (int)e->step,
             e->kind == EVENT_SNAP ? event_text(e, EV_SNAP_NAME) : e->kind == EVENT_FAULT ? event_text(e, EV_FAULT_TEXT) : "");
}

/* Its file has its name, and the journal no word of it: the next writer says it. Not of one that was taken after events which the journal does not
 * have; and a damaged one is nobody's promise. */
static void a_snapshot_that_was_not_announced_is(void **state)
{
    (void)state;
    char path[1300];
    struct err err = { 0 };
    for (int damaged = 0; damaged < 2; damaged++) {
        const char *const name = damaged ? "unsaid-2" : "unsaid-1";
        struct session *s = create(name);
        const struct event_sink sink = session_sink(s);
        struct session_status status;
        send_event(&sink, data_event(10));
        assert_int_equal(sink.sync(sink.ctx, &err), 0);
        snprintf(path, sizeof path, "%s.saddle/journal-000001.zst", name);
        copy_head(path, "kept", 0);
        for (uint64_t step = 10; step <= 20; step += 10) {
            sink.snapshot(sink.ctx, make_state(step, 5, 2), NULL, step == 20);
            do {
                usleep(200);
                session_status(s, &status);
            } while (status.snapshot_busy);
        }
        session_close(s, "done", NULL);
        copy_head("kept", path, 0);
        snprintf(path, sizeof path, "%s/%s.saddle/tmp-00000000000000ff", root, name);
        fclose(fopen(path, "w"));
        if (damaged) {
            snprintf(path, sizeof path, "%s/%s.saddle/snap-000000000010-t0.safetensors.zst", root, name);
            const int fd = open(path, O_RDWR);
            assert_int_equal(pwrite(fd, "xxxx", 4, 85), 4);
            close(fd);
        }
        char dir[1024];
        at(name, dir);
        calls_forget();
        s = session_reopen(dir, &err);
        buf_addf(&told, "%s\n", damaged ? "damaged" : "whole");
        session_listen(s, hear, NULL);
        session_close(s, "done", NULL);
        buf_addf(&told, "%s", heard.data);
        buf_clear(&heard);
        there_tell(name);
    }
    expect_told("unannounced", &told, root);
}

/* --- giving up --------------------------------------------------------------------------------------------------------- */

static void saved_tell(struct session *s, const char *what)
{
    struct err err = { 0 };
    const struct event_sink sink = session_sink(s);
    const int result = sink.saved(sink.ctx, &err);
    buf_addf(&told, "%s: saved %d %s\n", what, result, err.text);
}

/* Who waits for a snapshot that failed has it tried once more, then with the room that was set aside; a later one makes up for it. */
static void who_waits_for_a_snapshot_is_told(void **state)
{
    (void)state;
    struct session *s = create("waits");
    const struct event_sink sink = session_sink(s);
    struct session_status status;
    struct err err = { 0 };
    session_listen(s, hear, NULL);
    saved_tell(s, "nothing to save");
    calls_forget();
    for (int n = 1; n <= 5; n++) { /* two in a row fail; of those the pinned one waits on when a later one is saved, the other does not */
        if (n != 3)
            calls_fail(TOLD_PUBLISHER, 1, n == 5 ? EIO : ENOSPC);
        sink.snapshot(sink.ctx, make_state((uint64_t)n, 5, 2), n == 2 ? "kept" : NULL, n == 2);
        do {
            usleep(200);
            session_status(s, &status);
        } while (status.snapshot_busy);
        buf_addf(&told, "after %d: last '%s' of %d, failed %d '%s'\n", n, status.last_snapshot, (int)status.last_snapshot_step,
                 s->failed ? (int)s->failed->state->step : 0, s->failed_why);
        if (n == 3)
            saved_tell(s, "one that was pinned");
    }
    calls_forget();
    calls_fail(TOLD_PUBLISHER, 1, ENOSPC); /* the first try; the second has the reserve */
    saved_tell(s, "the newest");
    struct buf calls = { 0 };
    calls_tell(&calls); /* when the writer is woken by whom is a matter of luck */
    buf_adds(&told, strstr(calls.data, " publisher\n"));
    buf_release(&calls);
    session_status(s, &status);
    buf_addf(&told, "last '%s' of %d\n", status.last_snapshot, (int)status.last_snapshot_step);
    const int closed = session_close(s, "done", &err);
    buf_addf(&told, "%sclosed %d %s\n", heard.data, closed, err.text);
    buf_clear(&heard);
    there_tell("waits");
    expect_told("saved", &told, root);
}

/* What came after the disk failed is counted as lost. */
static void what_is_lost_is_counted(void **state)
{
    (void)state;
    struct err err = { 0 };
    struct session *s = create("lost");
    const struct event_sink sink = session_sink(s);
    session_abandon(s);
    for (uint64_t step = 1; step <= 3; step++)
        send_event(&sink, step_event(step, 1));
    sink.snapshot(sink.ctx, make_state(3, 5, 2), NULL, false);
    buf_addf(&told, "sync %d ", sink.sync(sink.ctx, &err));
    buf_addf(&told, "%s\n", err.text);
    err.text[0] = '\0';
    buf_addf(&told, "closed %d ", session_close(s, "done", &err));
    buf_addf(&told, "%s\n", err.text);
    struct recording *r = open_recording("lost");
    buf_addf(&told, "%d events there\n", (int)recording_count(r));
    recording_close(r);
    expect_told("lost", &told, root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(names_are_free_or_taken, begin_telling, end_telling),
        cmocka_unit_test_setup_teardown(nothing_gives_its_place_up, begin_telling, end_telling),
        cmocka_unit_test_setup_teardown(a_lock_is_of_one, begin_telling, end_telling),
        cmocka_unit_test_setup_teardown(a_snapshot_that_was_not_announced_is, begin_telling, end_telling),
        cmocka_unit_test_setup_teardown(who_waits_for_a_snapshot_is_told, begin_telling, end_telling),
        cmocka_unit_test_setup_teardown(what_is_lost_is_counted, begin_telling, end_telling),
    };
    return cmocka_run_group_tests_name("unit/owners", tests, make_root, remove_root);
}
