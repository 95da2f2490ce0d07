/* The end of a run: it is finished when its last weights are on disk. Killed at every call that writes, from the last snapshot on; and on a disk
 * that is full then. Whatever happens, what the recording says is true, and taking it up again comes to the same weights. */
#include "config.h"
#include "../unit/check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../unit/small_data.h"
#include "dying.h"
#include "session/writer.h"

static char last_weights[80]; /* state hash of the run that nothing happened to */

/* --- a run of five steps, stopped after four ------------------------------------------------------------------------ */

static void again(void)
{
    char command[900];
    snprintf(command, sizeof command, "rm -rf %s && cp -r %s/.base %s", dir, root, dir);
    assert_int_equal(system(command), 0);
}

struct recorded { /* what is on disk */
    bool finished, complete, sealed;
    char state[16], weights[80]; /* the last word; state hash of the snapshot of step 5, or "" */
};

static void look(struct recorded *out)
{
    struct err err = { 0 };
    struct recording *r = recording_open(dir, &err);
    if (!r)
        fail_msg("%s", err.text);
    *out = (struct recorded){ .complete = recording_is_complete(r) };
    for (size_t i = 0; i < recording_count(r); i++) {
        const struct event *e = recording_event(r, i);
        if (e->kind == EVENT_STATE)
            snprintf(out->state, sizeof out->state, "%s", e->f[EV_STATE_STATE].s);
        if (e->kind == EVENT_SNAP && e->step == 5)
            snprintf(out->weights, sizeof out->weights, "%s", e->f[EV_SNAP_STATE].s);
    }
    out->finished = strcmp(out->state, "finished") == 0;
    out->sealed = recording_event(r, recording_count(r) - 1)->kind == EVENT_SEAL;
    recording_close(r);
}

/* Resumed on a good disk it comes to the same end. */
static void comes_to_the_same_end(const char *what)
{
    struct recorded now;
    struct err err = { 0 };
    look(&now);
    if (now.finished && !now.complete)
        fail_msg("%s: the recording says finished, and the last weights are not there", what);
    if (!now.finished)
        if (end_bench(open_bench("resume r")) != 0)
            fail_msg("%s: resumed, then: %s", what, said.data);
    look(&now);
    if (!now.complete || strcmp(now.weights, last_weights) != 0)
        fail_msg("%s: resumed, it is %s with weights %.12s; %.12s were expected", what, now.state, now.weights, last_weights);
    if (session_verify(dir, NULL, NULL, &err) < 0)
        fail_msg("%s: %s", what, err.text);
}

/* --- killed --------------------------------------------------------------------------------------------------------- */

static struct buf lines;

static void add_line(void *ctx, const char *text)
{
    (void)ctx;
    buf_addf(&lines, "%s\n", text);
}

static void verify_names_a_snapshot_that_is_missing(void **state)
{
    (void)state;
    char command[700];
    struct err err = { 0 };
    again();
    assert_int_equal(session_verify(dir, NULL, NULL, &err), 0);
    snprintf(command, sizeof command, "rm %s/snap-000000000004-t0.safetensors.zst", dir);
    assert_int_equal(system(command), 0);
    assert_int_equal(session_verify(dir, add_line, NULL, &err), -1);
    assert_int_equal(err.code, ERR_DATA);
    assert_non_null(strstr(lines.data, "snapshot of step 4: it was announced, and its file is missing"));
    buf_release(&lines);
}

static bool at_the_last_snapshot(const char *opened, const struct event *heard)
{
    (void)heard;
    return opened && strncmp(opened, "tmp-", 4) == 0;
}

/* The stages of a run's end, by what was not done yet when it was killed. */
enum { UNNAMED, UNANNOUNCED, UNFINISHED, UNSEALED, UNLOCKED, STAGES };

static int stage(void)
{
    struct recorded now;
    struct stat st;
    char path[400];
    look(&now);
    snprintf(path, sizeof path, "%s/snap-000000000005-t0.safetensors.zst", dir);
    if (stat(path, &st) != 0)
        return UNNAMED;
    return !now.weights[0] ? UNANNOUNCED : !now.finished ? UNFINISHED : !now.sealed ? UNSEALED : UNLOCKED;
}

/* Each call of a kind in turn, until a run has no more of them. How many there are may vary: what comes late has a record of its own. */
static int kill_at_each(const char *call, unsigned *stages)
{
    for (int at = 1;; at++) {
        char what[60];
        again();
        if (die_in(call, "resume r", at_the_last_snapshot, at) >= 0)
            return at - 1;
        *stages |= 1u << stage();
        snprintf(what, sizeof what, "killed at %s %d", call, at);
        comes_to_the_same_end(what);
    }
}

/* Kind by kind, because two threads make them: which of two kinds comes first varies. */
static void killed_at_each_call_of_the_end(void **state)
{
    static const struct {
        const char *call;
        int least;
    } kinds[] = { { "openat", 1 },    { "write", 5 },   /* head and body of the file; snap, state, seal */
                  { "fsync", 2 },     { "renameat", 1 }, /* file, folder */
                  { "fdatasync", 3 }, { "unlinkat", 1 } };
    (void)state;
    unsigned stages = 0;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const int killed = kill_at_each(kinds[i].call, &stages);
        if (killed < kinds[i].least)
            fail_msg("killed at %d %s, expected at least %d", killed, kinds[i].call, kinds[i].least);
    }
    for (int tries = 0; tries < 8 && stages != (1u << STAGES) - 1; tries++) /* snap and state may share a record, but do not always */
        kill_at_each("fdatasync", &stages);
    assert_int_equal(stages, (1u << STAGES) - 1);
}

/* --- a full disk ------------------------------------------------------------------------------------------------------ */

static atomic_long disk; /* how large it is */
static const char *disk_dir;

static long used(void)
{
    long bytes = 0;
    struct stat st;
    DIR *list = opendir(disk_dir);
    for (struct dirent *e; list && (e = readdir(list));)
        if (e->d_name[0] != '.' && fstatat(dirfd(list), e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0)
            bytes += (long)st.st_size;
    if (list)
        closedir(list);
    return bytes;
}

static bool fits(long more)
{
    if (more <= 0 || used() + more <= disk)
        return true;
    errno = ENOSPC;
    return false;
}

static ssize_t d_write(int fd, const void *bytes, size_t n)
{
    return fits((long)n) ? io_system.write(fd, bytes, n) : -1;
}

static int d_fallocate(int fd, off_t n)
{
    struct stat st;
    return fstat(fd, &st) == 0 && fits((long)(n - st.st_size)) ? io_system.fallocate(fd, n) : -1;
}

static struct io small_disk(const char *where, long bytes)
{
    struct io small = io_system;
    small.write = d_write;
    small.fallocate = d_fallocate;
    disk_dir = where;
    disk = bytes;
    return small;
}

/* The size of a file of the session. */
static long of_session(const char *name)
{
    char path[400];
    struct stat st;
    snprintf(path, sizeof path, "%s/%s", dir, name);
    assert_int_equal(stat(path, &st), 0);
    return (long)st.st_size;
}

static void the_reserve_is_used_for_the_last_snapshot(void **state)
{
    (void)state;
    again();
    disk_dir = dir;
    const long before = used();
    struct io small = small_disk(dir, before + RESERVE_LEAST_BYTES + 20000); /* some room for the journal */
    io = &small;
    int code = end_bench(open_bench("resume r"));
    io = &io_system;
    if (code != 0)
        fail_msg("exit %d: %s", code, said.data);
    struct recorded now;
    look(&now);
    assert_true(now.complete);
    comes_to_the_same_end("with the reserve");
}

static void a_run_that_cannot_be_saved_is_not_finished(void **state)
{
    (void)state;
    again();
    disk_dir = dir;
    const long snapshot = of_session("snap-000000000004-t0.safetensors.zst");
    struct io small = small_disk(dir, used() + RESERVE_LEAST_BYTES + 20000);
    io = &small;
    struct workbench *w = open_bench("resume r --paused");
    disk = used() - RESERVE_LEAST_BYTES + snapshot / 2; /* somebody else took the rest */
    if (workbench_line(w, "resume; wait", false) < 0)
        fail_msg("%s", said.data);
    assert_string_equal(workbench_history(w)->state, "unsaved");
    int code = end_bench(w);
    io = &io_system;
    assert_int_equal(code, exit_code_of(ERR_IO));
    assert_non_null(strstr(said.data, "snapshot of step 5 is not saved: "));
    struct recorded now;
    look(&now);
    assert_false(now.finished);
    assert_string_equal(now.state, "unsaved");
    comes_to_the_same_end("unsaved");
}

static void it_is_finished_when_space_returns(void **state)
{
    (void)state;
    again();
    disk_dir = dir;
    struct io small = small_disk(dir, used() + RESERVE_LEAST_BYTES + 20000);
    io = &small;
    struct workbench *w = open_bench("resume r --paused");
    disk = used() - RESERVE_LEAST_BYTES + 20000;
    if (workbench_line(w, "resume; wait", false) < 0)
        fail_msg("%s", said.data);
    assert_string_equal(workbench_history(w)->state, "unsaved");
    disk = 1L << 40;
    assert_int_equal(end_bench(w), 0);
    io = &io_system;
    struct recorded now;
    look(&now);
    assert_true(now.complete);
    assert_string_equal(now.weights, last_weights);
}

/* --- the session alone ------------------------------------------------------------------------------------------------ */

static atomic_int snaps;

static void hear_snap(void *ctx, struct event *e)
{
    (void)ctx;
    snaps += e->kind == EVENT_SNAP;
}

static bool until(atomic_int *n, int wanted)
{
    for (int i = 0; i < 60000 && *n < wanted; i++)
        usleep(1000);
    return *n >= wanted;
}

/* Sizes that are told apart: a snapshot of 8 MB, more than the least reserve. */
enum { PARAMS = 1000000, STATS = 100 };

static void the_reserve_is_as_large_as_a_snapshot_and_the_journal_leaves_it(void **state)
{
    (void)state;
    struct err err = { 0 };
    struct stat st;
    char path[400], big[300];
    snprintf(big, sizeof big, "%s/big.saddle", root);
    snprintf(path, sizeof path, "%s/reserve", big);
    struct io small = small_disk(big, 1L << 40);
    io = &small;
    snaps = 0;
    struct session *s = session_create(root, "big", NULL, &err);
    assert_non_null(s);
    struct event_sink sink = session_sink(s);
    session_listen(s, hear_snap, NULL);
    sink.snapshot(sink.ctx, make_state(1, PARAMS, STATS), NULL, false);
    assert_true(until(&snaps, 1));
    assert_int_equal(stat(path, &st), 0);
    const long snapshot = (2 * PARAMS + STATS) * (long)sizeof(float);
    assert_true(st.st_size >= snapshot + RESERVE_JOURNAL_BYTES);
    disk = used(); /* full: the journal frees its part of the reserve, and no more */
    send_event(&sink, note_event(2, "still heard"));
    assert_int_equal(sink.sync(sink.ctx, &err), 0);
    assert_int_equal(stat(path, &st), 0);
    assert_true(st.st_size >= snapshot && st.st_size < snapshot + RESERVE_JOURNAL_BYTES);
    sink.snapshot(sink.ctx, make_state(3, PARAMS, STATS), NULL, false);
    if (sink.saved(sink.ctx, &err) < 0)
        fail_msg("%s", err.text);
    assert_true(until(&snaps, 2));
    assert_int_equal(session_close(s, "done", &err), 0);
    io = &io_system;
}

static void a_snapshot_that_failed_is_tried_again(void **state)
{
    (void)state;
    struct err err = { 0 };
    char name[300];
    snprintf(name, sizeof name, "%s/retry.saddle", root);
    struct io small = small_disk(name, 1L << 40);
    io = &small;
    snaps = 0;
    struct session *s = session_create(root, "retry", NULL, &err);
    assert_non_null(s);
    struct event_sink sink = session_sink(s);
    session_listen(s, hear_snap, NULL);
    disk = used() + 20000;
    sink.snapshot(sink.ctx, make_state(1, 30000, STATS), "first", false);
    sink.snapshot(sink.ctx, make_state(2, 30000, STATS), "second", false);
    struct session_status status;
    do
        session_status(s, &status);
    while (status.snapshot_busy && usleep(1000) == 0);
    usleep((useconds_t)writer_retry_ms * 3000); /* it is tried in vain */
    assert_int_equal(snaps, 0);
    disk = 1L << 40;
    assert_true(until(&snaps, 1));
    do /* the event is heard a moment before */
        session_status(s, &status);
    while (!status.last_snapshot[0] && usleep(1000) == 0);
    assert_string_equal(status.last_snapshot, "second");
    assert_int_equal(session_close(s, "done", &err), 0);
    io = &io_system;
}

/* --- */

static int make_base(void **state)
{
    char command[900];
    struct recorded whole;
    (void)state;
    scratch_make(root);
    snprintf(dir, sizeof dir, "%s/r.saddle", root);
    small_data(root);
    snprintf(command, sizeof command, "data tensors %s/data.safetensors; model resnet8; set eval_every 0; set hessian_every 0; set snapshot_seconds 0; "
             "set threads 1; set batch 8; unwatch; train --name r --steps 5 --paused; stop --yes at step 4; resume", root);
    if (end_bench(open_bench(command)) != 0)
        return -1;
    snprintf(command, sizeof command, "mv %s %s/.base", dir, root);
    if (system(command) != 0)
        return -1;
    again();
    if (end_bench(open_bench("resume r")) != 0)
        return -1;
    look(&whole);
    snprintf(last_weights, sizeof last_weights, "%s", whole.weights);
    return whole.complete && last_weights[0] ? 0 : -1;
}

static int remove_base(void **state)
{
    (void)state;
    buf_release(&said);
    scratch_remove(root);
    return 0;
}

int main(void)
{
    writer_retry_ms = 10;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verify_names_a_snapshot_that_is_missing),
        cmocka_unit_test(killed_at_each_call_of_the_end),
        cmocka_unit_test(the_reserve_is_used_for_the_last_snapshot),
        cmocka_unit_test(a_run_that_cannot_be_saved_is_not_finished),
        cmocka_unit_test(it_is_finished_when_space_returns),
        cmocka_unit_test(the_reserve_is_as_large_as_a_snapshot_and_the_journal_leaves_it),
        cmocka_unit_test(a_snapshot_that_failed_is_tried_again),
    };
    return cmocka_run_group_tests_name("fault/ending", tests, make_base, remove_base);
}
