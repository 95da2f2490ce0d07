/* The cost of a list of recordings: files opened, bytes read and text decoded are counted, for times are noisy. `make bench-lists` takes those. */
#include "config.h"
#include "check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/err.h"
#include "session/io.h"
#include "session/recording.h"
#include "session/session.h"
#include "session_root.h"
#include "sessions.h"

enum { RUNS = 12, EPOCHS = 40, STEPS = 30 };
static struct {
    int opened;
    uint64_t reads, bytes;
} counted;
static struct io counting;

static int count_open(int dir_fd, const char *name, int flags, mode_t mode)
{
    counted.opened++;
    return io_system.openat(dir_fd, name, flags, mode);
}

static ssize_t count_read(int fd, void *bytes, size_t n, off_t offset)
{
    ssize_t got = io_system.pread(fd, bytes, n, offset);
    counted.reads++;
    counted.bytes += got > 0 ? (uint64_t)got : 0;
    return got;
}

static void emit(const struct event_sink *sink, struct event *e)
{
    struct err err;
    send_event(sink, e);
    assert_int_equal(sink->sync(sink->ctx, &err), 0);
}

static void make_run(const char *name)
{
    static const char *const knobs[] = { "opt=sam", "rho=0.1", "val=500" };
    struct session *s = create(name);
    struct event_sink sink = session_sink(s);
    struct event *e = event_new(EVENT_CONFIG, 0);
    event_set_strs(e, EV_CONFIG_KNOBS, knobs, 3);
    emit(&sink, e);
    emit(&sink, data_event(STEPS));
    for (uint64_t epoch = 1; epoch <= EPOCHS; epoch++) {
        for (uint64_t step = (epoch - 1) * STEPS + 1; step <= epoch * STEPS; step++)
            send_event(&sink, step_event(step, 1.0 / (double)step));
        e = event_new(EVENT_EPOCH, epoch * STEPS);
        event_set_f64(e, EV_EPOCH_EP, (double)epoch);
        event_set_f64(e, EV_EPOCH_ACC, 50 + (double)epoch / 8);
        emit(&sink, e);
        if (epoch == EPOCHS / 2) {
            e = event_new(EVENT_CMD, epoch * STEPS);
            event_set_str(e, EV_CMD_OP, "set");
            event_set_str(e, EV_CMD_KEY, "rho");
            event_set_str(e, EV_CMD_VALUE, "0.3");
            emit(&sink, e);
        }
    }
    e = event_new(EVENT_STATE, EPOCHS * STEPS);
    event_set_str(e, EV_STATE_STATE, "finished");
    emit(&sink, e);
    close_session(s);
}

static int make_runs(void **state)
{
    char name[16];
    make_root(state);
    for (int i = 0; i < RUNS; i++) {
        snprintf(name, sizeof name, "run-%d", i);
        make_run(name);
    }
    counting = io_system;
    counting.openat = count_open;
    counting.pread = count_read;
    io = &counting;
    return 0;
}

static int remove_runs(void **state)
{
    io = &io_system;
    return remove_root(state);
}

static uint64_t journal_bytes(const char *name)
{
    char path[1100];
    struct stat st;
    snprintf(path, sizeof path, "%s/%s.saddle/journal-000001.zst", root, name);
    assert_int_equal(stat(path, &st), 0);
    return (uint64_t)st.st_size;
}

static void names_take_no_look_into_recordings(void **state)
{
    (void)state;
    struct session_info *list;
    struct err err;
    int n;
    memset(&counted, 0, sizeof counted);
    assert_int_equal(session_names(root, &list, &n, &err), 0);
    assert_int_equal(n, RUNS);
    assert_int_equal(counted.opened, 0);
    assert_int_equal(counted.reads, 0);
    for (int i = 0; i < n; i++)
        assert_int_equal(strncmp(list[i].name, "run-", 4), 0);
    free(list);
}

/* The folder, its journal and its lock; each byte once and a few kilobytes again, in few calls. */
static void a_list_opens_three_files_of_each_and_reads_each_once(void **state)
{
    (void)state;
    struct session_info *list;
    struct err err;
    int n;
    const uint64_t bytes = journal_bytes("run-0");
    memset(&counted, 0, sizeof counted);
    assert_int_equal(session_list(root, &list, &n, &err), 0);
    assert_int_equal(n, RUNS);
    print_message("%d opened, %llu reads, %llu bytes of %llu\n", counted.opened, (unsigned long long)counted.reads, (unsigned long long)counted.bytes,
                  (unsigned long long)(RUNS * bytes));
    assert_true(counted.opened <= 3 * RUNS);
    assert_true(counted.reads <= RUNS * (6 + bytes / (16 << 10)));
    assert_true(counted.bytes <= RUNS * (bytes + (100 << 10)));
    for (int i = 0; i < n; i++) {
        assert_string_equal(list[i].state, "finished");
        assert_true(list[i].acc == 50 + EPOCHS / 8.0 && list[i].epoch == EPOCHS && list[i].step == EPOCHS * STEPS && list[i].has_val);
        assert_false(list[i].damaged);
    }
    free(list);
}

/* Of forty epochs the two records that have the configuration and the command are decoded. */
static void a_question_about_commands_decodes_little(void **state)
{
    (void)state;
    char dir[1024];
    struct err err;
    at("run-3", dir);
    struct recording *whole = recording_open(dir, &err), *r = recording_open_only(dir, UINT64_C(1) << EVENT_CONFIG | UINT64_C(1) << EVENT_CMD, &err);
    assert_true(whole && r);
    const uint64_t all = recording_journal(whole)->budget.decoded, some = recording_journal(r)->budget.decoded;
    print_message("%llu bytes of text decoded of %llu\n", (unsigned long long)some, (unsigned long long)all);
    assert_true(all > 100000 && some > 100 && some < all / 20);
    assert_null(recording_damage(r, NULL));
    assert_int_equal(recording_count(r), 2);
    assert_string_equal(recording_event(r, 1)->f[EV_CMD_VALUE].s, "0.3");
    assert_int_equal(recording_event(r, 1)->q, 2 + EPOCHS / 2 * (STEPS + 1) + 1);
    recording_close(r);
    recording_close(whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_take_no_look_into_recordings),
        cmocka_unit_test(a_list_opens_three_files_of_each_and_reads_each_once),
        cmocka_unit_test(a_question_about_commands_decodes_little),
    };
    return cmocka_run_group_tests_name("unit/catalog", tests, make_runs, remove_runs);
}
