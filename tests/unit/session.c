/* Sessions: what is written is read back, one writer at most, follow, reopen, retention, names. */
#include "config.h"
#include "check.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zstd.h>

#include "base/buf.h"
#include "base/err.h"
#include "session/io.h"
#include "session/session.h"
#include "session_root.h"
#include "session_snapshots.h"
#include "sessions.h"

/* --- journal --------------------------------------------------------------------------------------------------------- */

static void events_are_read_back_as_emitted(void **state)
{
    (void)state;
    struct session *s = create("plain");
    struct event_sink sink = session_sink(s);
    struct err err = { 0 };
    send_event(&sink, data_event(10));
    for (uint64_t step = 1; step <= 1000; step++)
        send_event(&sink, step_event(step, 1.0 / (double)step));
    send_event(&sink, event_new(EVENT_PROGRESS, 1000)); /* not stored */
    send_event(&sink, note_event(1000, "\xce\xbb_min \"quoted\" \x1b[2J"));
    assert_int_equal(sink.sync(sink.ctx, &err), 0);
    close_session(s);

    struct recording *r = open_recording("plain");
    bool loud = true;
    assert_null(recording_damage(r, &loud));
    assert_false(loud);
    assert_int_equal(recording_count(r), 1 + 1 + 1000 + 1 + 1); /* open data step note seal */
    assert_int_equal(recording_event(r, 0)->kind, EVENT_OPEN);
    for (size_t i = 0; i < recording_count(r); i++)
        assert_int_equal(recording_event(r, i)->q, i);
    for (uint64_t step = 1; step <= 1000; step++) {
        const struct event *e = recording_event(r, 1 + step);
        assert_int_equal(e->kind, EVENT_STEP);
        assert_int_equal(e->step, step);
        assert_true(e->f[EV_STEP_LOSS].f == (double)(float)(1.0 / (double)step));
    }
    assert_string_equal(recording_event(r, 1002)->f[EV_NOTE_TEXT].s, "\xce\xbb_min \"quoted\" \x1b[2J");
    assert_int_equal(recording_event(r, 1003)->kind, EVENT_SEAL);
    const struct event *held = recording_event(r, 3);
    for (size_t i = 5; i < 5 + 15; i++) /* fifteen others, one of them 16 places away */
        assert_int_equal(recording_event(r, i)->q, i);
    assert_int_equal(held->q, 3);
    assert_int_equal(recording_at_step(r, 500), 2 + 500);
    assert_int_equal(recording_at_step(r, 0), 2);
    assert_int_equal(recording_at_step(r, 5000), recording_count(r));
    recording_close(r);
}

/* The whole journal is text for any zstd reader: 7-bit, one JSON object a line, no escape bytes. */
static void stock_zstd_prints_the_journal(void **state)
{
    (void)state;
    struct session *s = create("stock");
    struct event_sink sink = session_sink(s);
    send_event(&sink, note_event(0, "\x1b]0;title\x07 \xf0\x9f\x98\x80"));
    for (uint64_t step = 1; step <= 50; step++)
        send_event(&sink, step_event(step, 0.5));
    close_session(s);
    char path[1100], *text = calloc(1, 1 << 20), *raw = calloc(1, 1 << 20);
    snprintf(path, sizeof path, "%s/stock.saddle/journal-000001.zst", root);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    size_t n = fread(raw, 1, 1 << 20, f), lines = 0;
    fclose(f);
    n = ZSTD_decompress(text, 1 << 20, raw, n);
    assert_false(ZSTD_isError(n));
    for (size_t i = 0; i < n; i++) {
        assert_true(text[i] == '\n' || (text[i] >= 0x20 && text[i] <= 0x7e));
        lines += text[i] == '\n';
    }
    assert_int_equal(lines, 1 + 1 + 50 + 1);
    assert_int_equal(strncmp(text, "{\"k\":\"open\",\"q\":0,\"s\":0,\"m\":", 28), 0);
    free(text);
    free(raw);
}

static void a_reader_follows_a_live_session(void **state)
{
    (void)state;
    struct session *s = create("live");
    struct event_sink sink = session_sink(s);
    struct err err = { 0 };
    struct recording *r = open_recording("live");
    size_t before = recording_count(r);
    assert_int_equal(before, 1);
    for (int round = 0; round < 20; round++) {
        for (int i = 0; i < 10; i++)
            send_event(&sink, step_event((uint64_t)(round * 10 + i + 1), 0.5));
        assert_int_equal(sink.sync(sink.ctx, &err), 0);
        assert_int_equal(recording_follow(r, &err), 10);
        assert_int_equal(recording_follow(r, &err), 0);
    }
    assert_int_equal(recording_generation(r), 0);
    close_session(s);
    assert_int_equal(recording_follow(r, &err), 1);
    char dir[1024];
    at("live", dir);
    s = session_reopen(dir, &err); /* a new segment is found, too */
    assert_non_null(s);
    assert_int_equal(recording_follow(r, &err), 1);
    assert_int_equal(recording_event(r, recording_count(r) - 1)->f[EV_OPEN_SEGMENT].u, 2);
    close_session(s);
    recording_close(r);
}

static void a_session_goes_on_in_a_new_segment(void **state)
{
    (void)state;
    struct err err = { 0 };
    char dir[1024];
    at("again", dir);
    struct session *s = create("again");
    struct event_sink sink = session_sink(s);
    char id[33];
    snprintf(id, sizeof id, "%s", session_id(s));
    send_event(&sink, step_event(1, 0.5));
    close_session(s);
    for (uint64_t round = 2; round <= 4; round++) {
        s = session_reopen(dir, &err);
        assert_non_null(s);
        assert_string_equal(session_id(s), id);
        assert_string_equal(session_name(s), "again");
        sink = session_sink(s);
        send_event(&sink, step_event(round, 0.5));
        close_session(s);
    }
    struct recording *r = open_recording("again");
    assert_int_equal(recording_count(r), 4 * 3);
    for (size_t i = 0; i < recording_count(r); i++)
        assert_int_equal(recording_event(r, i)->q, i);
    recording_close(r);
    assert_int_equal(session_verify(dir, NULL, NULL, &err), 0);
}

/* 128 classes, more test images than there are: 144 KB of numbers. */
static void an_event_too_long_for_a_line_is_recorded_whole(void **state)
{
    (void)state;
    struct session *s = create("wide");
    struct event_sink sink = session_sink(s);
    uint32_t *conf = calloc(128 * 128, sizeof *conf);
    for (int i = 0; i < 128 * 128; i++)
        conf[i] = 1000000u + (uint32_t)i;
    struct event *e = event_new(EVENT_EPOCH, 5);
    event_set_u32s(e, EV_EPOCH_CONF, conf, 128 * 128);
    send_event(&sink, e);
    close_session(s);
    struct recording *r = open_recording("wide");
    assert_null(recording_damage(r, NULL));
    assert_int_equal(recording_count(r), 3); /* open, epoch, seal */
    assert_int_equal(recording_event(r, 1)->f[EV_EPOCH_CONF].n, 128 * 128);
    assert_memory_equal(recording_event(r, 1)->f[EV_EPOCH_CONF].u32s, conf, 128 * 128 * sizeof *conf);
    recording_close(r);
    free(conf);
}

/* A new timeline takes the place of what the old one did after its step. */
static void a_branch_replaces_later_steps(void **state)
{
    (void)state;
    struct session *s = create("branch");
    struct event_sink sink = session_sink(s);
    for (uint64_t step = 1; step <= 10; step++)
        send_event(&sink, step_event(step, 1));
    send_event(&sink, event_new(EVENT_BRANCH, 6));
    for (uint64_t step = 7; step <= 8; step++)
        send_event(&sink, step_event(step, 2));
    close_session(s);
    struct recording *r = open_recording("branch");
    assert_int_equal(recording_count(r), 1 + 6 + 1 + 2 + 1);
    assert_int_equal(recording_event(r, 7)->kind, EVENT_BRANCH);
    assert_int_equal(recording_event(r, 7)->f[EV_BRANCH_TIMELINE].u, 1);
    assert_true(recording_event(r, 8)->f[EV_STEP_LOSS].f == 2.0);
    recording_close(r);
}

/* Snapshots of steps that a new timeline replaced are not gone on from, and do not push out those of the new one. */
static void snapshots_of_an_abandoned_timeline_do_not_count(void **state)
{
    (void)state;
    struct session *s = create("timelines");
    struct event_sink sink = session_sink(s);
    send_event(&sink, data_event(1000));
    for (uint64_t step = 10; step <= 50; step += 10)
        sink.snapshot(sink.ctx, make_state(step, 8, 2), NULL, true);
    send_event(&sink, event_new(EVENT_BRANCH, 20)); /* while some are still being written */
    for (uint64_t step = 25; step <= 45; step += 5)
        sink.snapshot(sink.ctx, make_state(step, 8, 2), NULL, false);
    close_session(s);
    static const uint64_t want[] = { 10, 20, 35, 40, 45 };
    struct recording *r = open_recording("timelines");
    int n;
    const struct snapshot_info *info = recording_snapshots(r, &n);
    assert_int_equal(n, 5);
    for (int i = 0; i < n; i++)
        assert_int_equal(info[i].step, want[i]);
    assert_non_null(strstr(info[3].file, "-t1."));
    recording_close(r);
}

struct heard {
    int kinds[EVENT_KINDS];
};

static void hear(void *ctx, struct event *e)
{
    struct heard *h = ctx;
    h->kinds[e->kind]++;
}

static void the_listener_hears_the_sessions_own_events(void **state)
{
    (void)state;
    struct heard heard = { { 0 } };
    struct session *s = create("heard");
    struct event_sink sink = session_sink(s);
    session_listen(s, hear, &heard);
    assert_int_equal(heard.kinds[EVENT_OPEN], 1);
    send_event(&sink, note_event(1, "mine"));
    sink.snapshot(sink.ctx, make_state(1, 10, 2), NULL, false);
    close_session(s);
    assert_int_equal(heard.kinds[EVENT_SNAP], 1);
    assert_int_equal(heard.kinds[EVENT_SEAL], 1);
    assert_int_equal(heard.kinds[EVENT_NOTE], 0);
}

static void paranoid_syncs_end_on_whole_blocks(void **state)
{
    (void)state;
    struct err err = { 0 };
    struct session *s = session_create(root, "blocks", &(struct session_options){ .paranoid = true }, &err);
    assert_non_null(s);
    struct event_sink sink = session_sink(s);
    for (uint64_t step = 1; step <= 30; step++) {
        send_event(&sink, note_event(step, "block"));
        assert_int_equal(sink.sync(sink.ctx, &err), 0);
        char path[1100];
        struct stat st;
        snprintf(path, sizeof path, "%s/journal-000001.zst", session_dir(s));
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_size % 4096, 0);
    }
    close_session(s);
    struct recording *r = open_recording("blocks");
    assert_null(recording_damage(r, NULL));
    assert_int_equal(recording_count(r), 32);
    recording_close(r);
}

/* --- one writer ------------------------------------------------------------------------------------------------------ */

static struct event *state_event(uint64_t step, const char *word)
{
    struct event *e = event_new(EVENT_STATE, step);
    event_set_str(e, EV_STATE_STATE, word);
    return e;
}

static bool is_complete(const char *name)
{
    struct recording *r = open_recording(name);
    bool complete = recording_is_complete(r);
    recording_close(r);
    return complete;
}

/* It takes both the word and the weights. */
static void a_finished_run_is_complete_with_its_last_snapshot(void **state)
{
    (void)state;
    char file[1200], dir[1024];
    at("whole", dir);
    struct session *s = create("whole");
    struct event_sink sink = session_sink(s);
    send_event(&sink, step_event(5, 0.5));
    sink.snapshot(sink.ctx, make_state(5, 30, 4), NULL, false);
    close_session(s);
    assert_false(is_complete("whole"));
    s = session_reopen(dir, &(struct err){ 0 });
    sink = session_sink(s);
    send_event(&sink, state_event(5, "finished"));
    close_session(s);
    assert_true(is_complete("whole"));
    s = session_reopen(dir, &(struct err){ 0 });
    sink = session_sink(s);
    send_event(&sink, state_event(5, "training")); /* it was extended */
    send_event(&sink, step_event(6, 0.5));
    send_event(&sink, state_event(6, "finished"));
    close_session(s);
    assert_false(is_complete("whole"));
    snprintf(file, sizeof file, "%s/snap-000000000005-t0.safetensors.zst", dir);
    assert_int_equal(remove(file), 0);
    assert_false(is_complete("whole"));
}

static void the_second_writer_is_refused(void **state)
{
    (void)state;
    char dir[1024];
    struct err err = { 0 };
    struct session_info info;
    at("one", dir);
    struct session *s = create("one");
    assert_null(session_reopen(dir, &err)); /* the lock belongs to the open file, not to the process */
    assert_int_equal(err.code, ERR_LOCKED);
    assert_says(err, "being written by another process, pid ");
    assert_int_equal(session_info(dir, &info, &err), 0);
    assert_true(info.locked);
    assert_null(session_create(root, "one", NULL, &err));
    assert_says(err, "is there already");
    close_session(s);
    assert_int_equal(session_info(dir, &info, &err), 0);
    assert_false(info.locked);
}

/* The winner closes the session, or is killed while it holds it, in turn: the lock is free either way. SADDLE_RACES: how often (20). */
static void of_two_that_race_one_wins(void **state)
{
    (void)state;
    char dir[1024];
    const char *races = getenv("SADDLE_RACES");
    at("race", dir);
    close_session(create("race"));
    for (int round = 0; round < (races ? atoi(races) : 20); round++) {
        pid_t child[2];
        int go[2], done[2];
        assert_int_equal(pipe(go), 0);
        assert_int_equal(pipe(done), 0);
        for (int i = 0; i < 2; i++) {
            child[i] = fork();
            if (child[i] == 0) {
                char c;
                close(go[1]);
                close(done[1]);
                struct err err = { 0 };
                if (read(go[0], &c, 1) < 0)
                    _exit(9);
                struct session *s = session_reopen(dir, &err);
                if (!s)
                    _exit(err.code == ERR_LOCKED ? 6 : 9);
                if (read(done[0], &c, 1) < 0) /* holds it until both have tried */
                    _exit(9);
                _exit(session_close(s, "raced", NULL) == 0 ? 0 : 9);
            }
        }
        close(go[0]);
        close(go[1]);
        close(done[0]);
        int status = 0;
        pid_t first = waitpid(-1, &status, 0), winner = first == child[0] ? child[1] : child[0]; /* the loser; the winner waits for `done` to close */
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 6);
        if (round % 2)
            kill(winner, SIGKILL);
        close(done[1]);
        assert_true(waitpid(winner, &status, 0) == winner);
        assert_true(round % 2 ? WIFSIGNALED(status) : WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
}

static struct session *other; /* of who was quicker */
static int taken_between(int d, const char *n, mode_t m)
{
    const int result = mkdirat(d, n, m);
    io = &io_system;
    other = create("quick");
    return result;
}

/* Another process takes the folder between its making and its lock: it keeps it, and who made it is told. */
static void a_folder_is_of_who_locks_it(void **state)
{
    (void)state;
    struct io slow = io_system;
    struct err err;
    char dir[1024];
    struct session_info info;
    slow.mkdirat = taken_between;
    io = &slow;
    assert_null(session_create(root, "quick", NULL, &err));
    io = &io_system;
    assert_int_equal(err.code, ERR_LOCKED);
    close_session(other);
    at("quick", dir);
    assert_int_equal(session_info(dir, &info, &err), 0);
}

/* --- the manual ------------------------------------------------------------------------------------------------------ */

/* The page's list of events, made from the table that the program reads. */
static void list_events(struct buf *out)
{
    static const char *const types[] = { "u64", "f32", "f64", "text", "f32[]", "f64[]", "u32[]", "text[]" };
    for (int kind = 0; kind < EVENT_KINDS; kind++) {
        const struct event_info *info = &event_table[kind];
        if (info->class == EVENT_CLASS_N)
            continue;
        buf_addf(out, ".TP\n.BR %s \" (%c)\"\n%s\n", info->kind, info->class == EVENT_CLASS_A ? 'A' : 'B', info->help);
        for (int i = 0; i < info->n_fields; i++)
            buf_addf(out, ".br\n.BR %s \" %s%s%s%s%s\"\n", info->field[i].key, types[info->field[i].type],
                     info->field[i].unit[0] ? ", " : "", info->field[i].unit, info->field[i].help[0] ? ": " : "", info->field[i].help);
    }
}

static void the_manual_lists_every_event(void **state)
{
    (void)state;
    const char *top = getenv("top_srcdir");
    char path[1024];
    struct buf page = { 0 }, list = { 0 };
    snprintf(path, sizeof path, "%s/man/saddle-session.5", top ? top : ".");
    FILE *f = fopen(path, "r");
    if (!f)
        skip(); /* run by hand outside the tree */
    for (int c; (c = getc(f)) != EOF;)
        buf_addc(&page, (char)c);
    fclose(f);
    list_events(&list);
    const char *begin = strstr(page.data, ".\\\" events:"), *end = strstr(page.data, ".\\\" end\n");
    assert_true(begin && end);
    begin = strchr(begin, '\n') + 1;
    if (getenv("SADDLE_SHOW"))
        fputs(list.data, stderr);
    if ((size_t)(end - begin) != list.len || memcmp(begin, list.data, list.len) != 0)
        fail_msg("man/saddle-session.5 does not list the events of events.def; SADDLE_SHOW=1 %s prints the list", "tests/unit/session");
    buf_release(&page);
    buf_release(&list);
}

/* --- names ----------------------------------------------------------------------------------------------------------- */

static void sessions_are_found_by_what_users_call_them(void **state)
{
    (void)state;
    struct err err = { 0 };
    char out[1024], want[1024], id[40];
    struct session *s = create("findme");
    snprintf(id, sizeof id, "r%.6s", session_id(s));
    struct event_sink sink = session_sink(s);
    send_event(&sink, data_event(10));
    struct event *e = event_new(EVENT_EPOCH, 30);
    event_set_f64(e, EV_EPOCH_EP, 3);
    event_set_f64(e, EV_EPOCH_ACC, 71.5);
    event_set_f64(e, EV_EPOCH_BEST, 72.5);
    send_event(&sink, e);
    e = event_new(EVENT_STATE, 31);
    event_set_str(e, EV_STATE_STATE, "stopped");
    send_event(&sink, e);
    close_session(s);
    at("findme", want);
    const char *const calls[] = { "findme", "findme.saddle", id, want };
    for (int i = 0; i < 4; i++) {
        assert_int_equal(session_find(root, calls[i], out, sizeof out, &err), 0);
        assert_string_equal(out, want);
    }
    assert_int_equal(session_find(root, "findem", out, sizeof out, &err), -1);
    assert_says(err, "did you mean 'findme'?");
    assert_int_equal(session_find(root, "../etc", out, sizeof out, &err), -1);
    struct session_info *list;
    int n, seen = 0;
    assert_int_equal(session_list(root, &list, &n, &err), 0);
    for (int i = 0; i < n; i++)
        if (strcmp(list[i].name, "findme") == 0) {
            seen++;
            assert_string_equal(list[i].data, "demo");
            assert_string_equal(list[i].state, "stopped");
            assert_int_equal(list[i].step, 31);
            assert_true(list[i].epoch == 3 && list[i].acc == 71.5 && list[i].best == 72.5);
            assert_false(list[i].damaged);
        }
    assert_int_equal(seen, 1);
    free(list);
}

static void names_that_could_be_paths_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = { "", "..", "a/b", ".hidden", "-x", "a b", "a\n", "\xc3\xa9" };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct err err = { 0 };
        assert_null(session_create(root, bad[i], NULL, &err));
        assert_int_equal(err.code, ERR_INVALID);
    }
    struct session *a = create("cifar10-lt-"), *b = create("cifar10-lt-");
    assert_string_equal(session_name(a), "cifar10-lt-1");
    assert_string_equal(session_name(b), "cifar10-lt-2");
    close_session(a);
    close_session(b);
}

static void files_are_private(void **state)
{
    (void)state;
    char dir[1024];
    struct stat st;
    struct session *s = create("private");
    at("private", dir);
    assert_int_equal(stat(dir, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    DIR *d = opendir(dir);
    for (struct dirent *e; (e = readdir(d));)
        if (e->d_name[0] != '.') {
            assert_int_equal(fstatat(dirfd(d), e->d_name, &st, 0), 0);
            assert_int_equal(st.st_mode & 0777, 0600);
        }
    closedir(d);
    close_session(s);
}

/* The run stands still until its folder is back. */
static void waits_for_its_folder(struct session *s, const struct event_sink *sink, bool wanted)
{
    enum { PATIENCE_MS = 45000, AGAIN_MS = 4000 }; /* long after the last event was tried: who sends one to a run that waits, waits too */
    struct session_status status;
    char why[256] = "";
    bool waits = !wanted;
    for (int ms = 0; waits != wanted && ms < PATIENCE_MS; ms += 20, usleep(20000)) {
        if (wanted && ms % AGAIN_MS == 0)
            send_event(sink, note_event(2, "more")); /* the folder is looked at before something is written */
        session_status(s, &status);
        waits = session_waits(&status, why, sizeof why);
    }
    if (waits != wanted || (wanted && !strstr(why, "was moved or replaced")))
        fail_msg("the recording %s: %s", waits ? "waits" : "does not wait", why);
}

static void a_folder_that_moved_is_not_written(void **state)
{
    (void)state;
    char command[2200];
    struct session *s = create("away");
    struct event_sink sink = session_sink(s);
    send_event(&sink, step_event(1, 0.5));
    for (int replaced = 0; replaced < 2; replaced++) {
        snprintf(command, sizeof command, "cd %s && mv away.saddle elsewhere%s", root, replaced ? " && cp -r elsewhere away.saddle" : "");
        assert_int_equal(system(command), 0);
        waits_for_its_folder(s, &sink, true);
        snprintf(command, sizeof command, "cd %s && rm -rf away.saddle && mv elsewhere away.saddle", root);
        assert_int_equal(system(command), 0);
        waits_for_its_folder(s, &sink, false);
    }
    close_session(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_folder_that_moved_is_not_written),
        cmocka_unit_test(events_are_read_back_as_emitted),
        cmocka_unit_test(stock_zstd_prints_the_journal),
        cmocka_unit_test(a_reader_follows_a_live_session),
        cmocka_unit_test(a_session_goes_on_in_a_new_segment),
        cmocka_unit_test(an_event_too_long_for_a_line_is_recorded_whole),
        cmocka_unit_test(a_branch_replaces_later_steps),
        cmocka_unit_test(snapshots_of_an_abandoned_timeline_do_not_count),
        cmocka_unit_test(the_listener_hears_the_sessions_own_events),
        cmocka_unit_test(paranoid_syncs_end_on_whole_blocks),
        cmocka_unit_test(a_finished_run_is_complete_with_its_last_snapshot),
        cmocka_unit_test(the_second_writer_is_refused),
        cmocka_unit_test(of_two_that_race_one_wins),
        cmocka_unit_test(a_folder_is_of_who_locks_it),
        cmocka_unit_test(the_manual_lists_every_event),
        cmocka_unit_test(sessions_are_found_by_what_users_call_them),
        cmocka_unit_test(names_that_could_be_paths_are_refused),
        cmocka_unit_test(files_are_private),
    };
    return cmocka_run_group_tests_name("unit/session", tests, make_root, remove_root) + session_snapshot_tests();
}
