/* Recordings that are long, often taken up, or damaged far from their end; and what other users and other programs leave in the way. */
#include "config.h"
#include "tests/unit/check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "session/io.h"
#include "session/mailbox.h"
#include "session/pack.h"
#include "session/recording.h"
#include "session_root.h"
#include "sessions.h"
#include "tests/fault/forge.h"

static void verify_line(void *ctx, const char *text)
{
    buf_addf(ctx, "%s\n", text);
}

/* The beginning is kept, without holes, until it takes 40 MiB; the rest is counted. */
static void a_very_long_recording_is_kept_in_part(void **state)
{
    (void)state;
    enum { EVENTS = 100000 };
    struct err err = { 0 };
    bool loud = false;
    struct forge f = forge_new(root, "vast");
    begin_segment(&f);
    for (int i = 1; i <= EVENTS; i++)
        say(&f, "epoch", (uint64_t)i, "\"ep\":1");
    say(&f, "part", EVENTS, "\"of\":\"epoch\",\"key\":\"conf\",\"at\":0,\"u32\":[1]");
    say(&f, "epoch", EVENTS + 1, "\"ep\":1");
    end_segment(&f);
    struct recording *r = recording_open(f.dir, &err);
    assert_non_null(r);
    const size_t kept = recording_count(r);
    const uint64_t left_out = recording_left_out(r);
    assert_int_equal(kept + left_out, 1 + EVENTS + 1); /* a part is no event of its own */
    assert_in_range(kept, 70000, 90000);
    assert_int_equal(recording_last_step(r), kept - 1);
    char wanted[200];
    snprintf(wanted, sizeof wanted, "the last %d events left out: those before take 39 MiB of memory already", (int)left_out);
    assert_string_equal(recording_damage(r, &loud), wanted);
    assert_true(loud);
    assert_false(recording_is_empty(r));
    recording_close(r);
    forge_release(&f);
}

/* 40 segments, each of which takes back the last event of the one before. */
static void what_is_taken_back_often_is_told_once(void **state)
{
    (void)state;
    enum { SEGMENTS = 40 };
    struct err err = { 0 };
    struct buf said = { 0 };
    struct forge f = forge_new(root, "often");
    for (int i = 0; i < SEGMENTS; i++) {
        if (i)
            f.q--;
        begin_segment(&f);
        say(&f, "note", (uint64_t)i, "\"text\":\"stays\"");
        say(&f, "note", (uint64_t)i, "\"text\":\"goes\"");
        end_segment(&f);
    }
    char *text = NULL;
    size_t n = 0, stays = 0, goes = 0;
    FILE *file = open_memstream(&text, &n);
    assert_int_equal(session_cat(f.dir, file, &err), 0);
    fclose(file);
    for (const char *at = text; (at = strstr(at, "stays")); at++)
        stays++;
    for (const char *at = text; (at = strstr(at, "goes")); at++)
        goes++;
    assert_int_equal(stays, SEGMENTS);
    assert_int_equal(goes, 1);
    free(text);
    struct recording *r = recording_open(f.dir, &err);
    assert_int_equal(recording_count(r), 2 * SEGMENTS + 1);
    for (size_t i = 0; i < recording_count(r); i++)
        assert_int_equal(recording_event(r, i)->q, i);
    recording_close(r);
    assert_int_equal(session_verify(f.dir, verify_line, &said, &err), 0);
    assert_non_null(strstr(said.data, "journal: 81 events count, last step 39"));
    buf_release(&said);
    forge_release(&f);
}

static void add_bytes(const struct forge *f, size_t garbage, bool record_behind)
{
    char path[400];
    snprintf(path, sizeof path, "%s/journal-000001.zst", f->dir);
    FILE *file = fopen(path, "ab");
    char *zeros = calloc(1, garbage);
    fwrite(zeros, 1, garbage, file);
    if (record_behind)
        fwrite(f->out.data, 1, f->out.len, file);
    fclose(file);
    free(zeros);
}

/* A record of this session behind megabytes of nothing makes them damage; nothing behind them makes them a torn end. */
static void damage_is_looked_for_far_ahead(void **state)
{
    (void)state;
    static const size_t gaps[] = { 1, 900000, 1048576, 1048576 + 60000, 3000000 };
    for (size_t i = 0; i < 2 * sizeof gaps / sizeof gaps[0]; i++) {
        struct err err = { 0 };
        bool loud = false;
        char name[20];
        snprintf(name, sizeof name, "gap-%d", (int)i);
        struct forge f = forge_new(root, name);
        begin_segment(&f);
        end_segment(&f);
        add_bytes(&f, gaps[i / 2], i % 2);
        struct recording *r = recording_open(f.dir, &err);
        const char *said = recording_damage(r, &loud);
        char torn[100];
        snprintf(torn, sizeof torn, "torn tail of %zu bytes in segment 1 after step 0: ignored", gaps[i / 2]);
        assert_int_equal(loud, i % 2);
        if (i % 2)
            assert_non_null(strstr(said, "damaged: segment 1 after event 0 (step 0): bytes "));
        else
            assert_string_equal(said, torn);
        recording_close(r);
        forge_release(&f);
    }
}

/* What is asked for alone is what is there of it, and branches. */
static void some_kinds_are_read_alone(void **state)
{
    (void)state;
    static const struct {
        enum event_kind a, b;
        size_t n;
    } cases[] = { { EVENT_NOTE, EVENT_NOTE, 3 }, { EVENT_STEP, EVENT_STEP, 3 }, { EVENT_NOTE, EVENT_STEP, 5 }, { EVENT_CONFIG, EVENT_DATA, 2 }, { EVENT_OPEN, EVENT_OPEN, 2 } };
    struct err err = { 0 };
    struct session *s = create("kinds");
    const struct event_sink sink = session_sink(s);
    send_event(&sink, data_event(10));
    for (uint64_t step = 1; step <= 2; step++) {
        send_event(&sink, step_event(step, 1));
        send_event(&sink, note_event(step, "x"));
        assert_int_equal(sink.sync(sink.ctx, &err), 0);
    }
    send_event(&sink, event_new(EVENT_BRANCH, 2));
    close_session(s);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char dir[1024];
        at("kinds", dir);
        struct recording *r = recording_open_only(dir, UINT64_C(1) << cases[i].a | UINT64_C(1) << cases[i].b, &err);
        assert_non_null(r);
        assert_int_equal(recording_count(r), cases[i].n);
        for (size_t k = 0; k < recording_count(r); k++) {
            const enum event_kind kind = recording_kind(r, k);
            assert_true(kind == cases[i].a || kind == cases[i].b || kind == EVENT_BRANCH);
        }
        assert_null(recording_damage(r, NULL));
        recording_close(r);
    }
}

static int rename_error;

static int refused_rename(int d, const char *from, const char *to)
{
    (void)d;
    (void)from;
    (void)to;
    errno = rename_error;
    return -1;
}

/* Somebody takes the name while the packed file is unpacked. */
static void a_name_that_is_taken_meanwhile_is_told(void **state)
{
    (void)state;
    static const int errors[] = { EEXIST, ENOTEMPTY, EACCES };
    char dir[1024], path[1100];
    struct pack_summary sum;
    at("kinds", dir);
    snprintf(path, sizeof path, "%s/kinds" PACK_SUFFIX, root);
    FILE *f = fopen(path, "wb");
    assert_int_equal(pack_write(f, dir, PACK_ALL, &sum, NULL), 0);
    fclose(f);
    struct io refusing = io_system;
    refusing.renameat = refused_rename;
    for (size_t i = 0; i < 3; i++) {
        struct err err = { 0 };
        rename_error = errors[i];
        io = &refusing;
        assert_int_equal(pack_unpack(path, root, "meanwhile", &err), -1);
        io = &io_system;
        assert_string_equal(err.text, i < 2 ? "a session 'meanwhile' exists; 'import FILE NAME' gives another name" : "cannot name the session 'meanwhile': Permission denied");
        assert_int_equal(err.code, i < 2 ? ERR_INVALID : ERR_IO);
    }
}

/* Whose folder it is decides whose commands are taken. */
static void a_run_of_another_user_takes_no_commands(void **state)
{
    (void)state;
    enum { OTHER = 65534 };
    char dir[1024], inbox[1100], wanted[300];
    struct err err = { 0 };
    struct letter l;
    struct mail_refused refused;
    close_session(create("theirs"));
    at("theirs", dir);
    if (chown(dir, OTHER, OTHER) != 0)
        skip(); /* only root can give a folder away */
    assert_int_equal(mail_send(dir, "set rho .3", &l, &err), -1);
    snprintf(wanted, sizeof wanted, "'%.100s' is of user %d; a run takes commands from its own user only", dir, OTHER);
    assert_string_equal(err.text, wanted);
    snprintf(inbox, sizeof inbox, "%s/inbox", dir);
    assert_int_equal(mkdir(inbox, 0700), 0);
    assert_int_equal(chown(inbox, OTHER, OTHER), 0);
    assert_int_equal(mail_take(dir, &l, 1, &refused, &err), -1);
    snprintf(wanted, sizeof wanted, "folder inbox is of user %d, and this run of user %d", OTHER, (int)geteuid());
    assert_string_equal(err.text, wanted);
}

static int writes_left;

static ssize_t stuck_write(int fd, const void *data, size_t n)
{
    if (writes_left-- > 0)
        return io_system.write(fd, data, n > 3 ? 3 : n);
    return 0;
}

/* A write that takes a part is gone on with; one that takes nothing is an error, and not one for ever. */
static void a_write_of_nothing_is_an_error(void **state)
{
    (void)state;
    char path[1100], text[20] = "";
    snprintf(path, sizeof path, "%s/written", root);
    const int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    struct io stuck = io_system;
    stuck.write = stuck_write;
    io = &stuck;
    writes_left = 4;
    assert_int_equal(io_write_all(fd, "0123456789", 10), 0);
    writes_left = 1;
    errno = 0;
    assert_int_equal(io_write_all(fd, "abcdef", 6), -1);
    assert_int_equal(errno, EIO);
    io = &io_system;
    assert_int_equal(io_read_at(fd, text, sizeof text, 0), 13);
    assert_string_equal(text, "0123456789abc");
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_very_long_recording_is_kept_in_part),
        cmocka_unit_test(what_is_taken_back_often_is_told_once),
        cmocka_unit_test(damage_is_looked_for_far_ahead),
        cmocka_unit_test(some_kinds_are_read_alone),
        cmocka_unit_test(a_name_that_is_taken_meanwhile_is_told),
        cmocka_unit_test(a_run_of_another_user_takes_no_commands),
        cmocka_unit_test(a_write_of_nothing_is_an_error),
    };
    return cmocka_run_group_tests_name("unit/deep", tests, make_root, remove_root);
}
