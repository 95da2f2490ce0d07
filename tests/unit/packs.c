/* A packed session byte by byte, what becomes of it in a folder, and what is said of packed files that nobody packs. */
#include "config.h"
#include "check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "session/pack.h"
#include "session/place.h"
#include "session/snapshot.h"
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
    calls_fail(TOLD_CALLER, 0, 0);
    io = &io_system;
    return 0;
}

static void save(struct session *s, uint64_t step, const char *name, bool pinned)
{
    const struct event_sink sink = session_sink(s);
    struct session_status status;
    sink.snapshot(sink.ctx, make_state(step, 5, 2), name, pinned);
    do {
        usleep(200);
        session_status(s, &status);
    } while (status.snapshot_busy);
}

static void sync_now(struct session *s)
{
    struct err err = { 0 };
    const struct event_sink sink = session_sink(s);
    assert_int_equal(sink.sync(sink.ctx, &err), 0);
}

/* Two processes, two timelines, a snapshot that was replaced and one that is not finite. */
static void make_run(void)
{
    char dir[1024];
    struct err err = { 0 };
    struct session *s = create("run");
    struct event_sink sink = session_sink(s);
    send_event(&sink, data_event(10));
    send_event(&sink, step_event(1, 0.5));
    sync_now(s);
    save(s, 10, NULL, false);
    save(s, 20, "kept", true);
    save(s, 30, NULL, false);
    send_event(&sink, event_new(EVENT_BRANCH, 20));
    sync_now(s);
    send_event(&sink, step_event(21, 0.25));
    save(s, 20, "kept again", true);
    close_session(s);
    at("run", dir);
    clock_pass(1000);
    s = session_reopen(dir, &err);
    sink = session_sink(s);
    clock_pass(7);
    send_event(&sink, step_event(25, 0.125));
    struct train_state *odd = make_state(25, 5, 2);
    odd->finite = false;
    sink.snapshot(sink.ctx, odd, NULL, false);
    close_session(s);
}

static void pack_to(const char *dir, const char *path, enum pack_weights weights)
{
    struct pack_summary sum;
    struct err err = { 0 };
    struct stat st;
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    const int result = pack_write(f, dir, weights, &sum, &err);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(stat(path, &st), 0);
    if (result == 0)
        assert_int_equal(st.st_size, sum.bytes);
    buf_addf(&told, "packed %d: %d %s; %d kept, %d left out", (int)weights, result, err.text, sum.kept, sum.left_out);
    if (session_is_packed(dir)) /* there they have libzstd's size */
        assert_true(sum.left_bytes > 500u * (unsigned)sum.left_out && sum.left_bytes < 2000u * (unsigned)sum.left_out);
    else
        buf_addf(&told, " of %d bytes", (int)sum.left_bytes);
    buf_addc(&told, '\n');
}

static void packed_path(char path[1100], const char *name)
{
    snprintf(path, 1100, "%s/%s" PACK_SUFFIX, root, name);
}

static void verify_line(void *ctx, const char *text)
{
    (void)ctx;
    const char *bytes = strstr(text, "events, ");
    buf_addf(&told, "  %.*s\n", bytes ? (int)(bytes + 6 - text) : strncmp(text, "session: ", 9) == 0 ? 16 : (int)strlen(text), text);
}

static void a_run_is_packed(void **state)
{
    (void)state;
    char dir[1024], path[1100];
    struct err err = { 0 };
    make_run();
    at("run", dir);
    for (int weights = PACK_NONE; weights <= PACK_ALL; weights++) {
        char name[20];
        snprintf(name, sizeof name, "pack-%d", weights);
        packed_path(path, name);
        pack_to(dir, path, (enum pack_weights)weights);
        file_tell(&told, path);
        assert_int_equal(session_verify(path, verify_line, NULL, &err), 0);
    }
    packed_path(path, "pack-2"); /* a packed one is packed once more: its snapshots go */
    char again[1100];
    packed_path(again, "again");
    pack_to(path, again, PACK_NONE);
    file_tell(&told, again);
    expect_told("packed", &told, root);
}

static void root_tell(void)
{
    struct dirent **names;
    const int n = scandir(root, &names, NULL, alphasort);
    buf_adds(&told, " there is");
    for (int i = 0; i < n; i++) {
        if (strncmp(names[i]->d_name, "pack-", 5) != 0 && strcmp(names[i]->d_name, "..") != 0 && strcmp(names[i]->d_name, ".") != 0)
            buf_addf(&told, " %s", names[i]->d_name);
        free(names[i]);
    }
    free(names);
    buf_addc(&told, '\n');
}

/* The folder has what the packed file has, in the form of a folder; each call may fail, and leaves nothing. */
static void a_run_is_unpacked(void **state)
{
    (void)state;
    char path[1100], dir[1024];
    struct err err = { 0 };
    packed_path(path, "pack-1");
    calls_forget();
    assert_int_equal(pack_unpack(path, root, "here", &err), 0);
    calls_tell(&told);
    at("here", dir);
    folder_tell(&told, dir);
    assert_int_equal(session_verify(dir, verify_line, NULL, &err), 0);
    buf_addf(&told, "once more: %d %s\n", pack_unpack(path, root, "here", &err), err.text);
    at("run", dir);
    buf_addf(&told, "a folder: %d %s\n", pack_unpack(dir, root, "there", &err), err.text);
    buf_addf(&told, "no root: %d %s\n", pack_unpack(path, "/nowhere", "there", &err), err.text);
    root_tell();
    for (int n = 1, over = 0; !over; n++) {
        struct buf calls = { 0 };
        err.text[0] = '\0';
        random_restart();
        calls_forget();
        calls_fail(TOLD_CALLER, n, EIO);
        const int result = pack_unpack(path, root, "there", &err);
        over = !calls_failed();
        calls_fail(TOLD_CALLER, 0, 0);
        calls_tell(&calls);
        const char *failed = strstr(calls.data, ": told to fail");
        while (failed && failed[-1] != '\n')
            failed--;
        at("there", dir);
        if (!failed || strstr(failed, "pread") != failed + 2) { /* how many of these there are says the size of frames */
            buf_addf(&told, "%.*s\n    %d %s\n", failed ? (int)strcspn(failed, "\n") : 10, failed ? failed : "  all well", result, err.text);
            root_tell();
        }
        scratch_remove(dir);
        buf_release(&calls);
    }
    expect_told("unpacked", &told, root);
}

/* Two folders that others began: one whose owner is at work, one that he left. */
static void what_others_left_is_swept(void **state)
{
    (void)state;
    static const char *const names[] = { ".import-0123456789abcdef", ".import-0123456789abcdeF", ".import-0123456789abcde", ".import-00000000000000000" };
    char path[1100], dir[1200];
    struct err err = { 0 };
    io = &io_system;
    for (int locked = 1; locked >= 0; locked--) {
        int fd = -1;
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
            snprintf(dir, sizeof dir, "%s/%s", root, names[i]);
            mkdir(dir, 0700);
            snprintf(dir, sizeof dir, "%s/%s/journal-000001.zst", root, names[i]);
            fclose(fopen(dir, "w"));
        }
        if (locked) {
            snprintf(dir, sizeof dir, "%s/%s/lock", root, names[0]);
            fd = open(dir, O_RDWR | O_CREAT, 0600);
            assert_int_equal(io->lock(fd), 0);
        }
        packed_path(path, "pack-0");
        buf_addf(&told, "%s: %d %s\n", locked ? "somebody is at work" : "nobody is", pack_unpack(path, root, locked ? "one" : "two", &err), err.text);
        root_tell();
        close(fd);
    }
    expect_told("swept", &told, root);
}

/* --- forged ones ------------------------------------------------------------------------------------------------------- */

static struct {
    struct record next;
    struct record_coder *coder;
    struct buf out, table;
    uint32_t records;
} made;

static void begin_pack(void)
{
    if (!made.coder)
        made.coder = record_coder_new(1);
    buf_clear(&made.out);
    buf_clear(&made.table);
    made.records = 0;
    made.next = (struct record){ .type = RECORD_EVENTS };
}

static void entry(size_t bytes)
{
    uint8_t e[PACK_ENTRY_BYTES] = { 0 };
    store_u32(e, (uint32_t)bytes);
    buf_add(&made.table, e, sizeof e);
    made.records++;
    made.next.seq++;
    made.next.chain = made.next.crc;
}

static void put_events(uint64_t segment, const char *text)
{
    struct buf ext = { 0 };
    const size_t before = made.out.len;
    if (segment != UINT64_MAX)
        record_ext_add_u64(&ext, RECORD_TLV_SEGMENT, segment);
    made.next.type = RECORD_EVENTS;
    made.next.flags = 0;
    made.next.count = 1;
    made.next.first_step = made.next.last_step = 5;
    const struct record_body body = { .ext = ext.data, .ext_bytes = ext.len, .data = text, .n = strlen(text) };
    assert_int_equal(record_encode(made.coder, &made.next, &body, &made.out, NULL), 0);
    entry(made.out.len - before);
    buf_release(&ext);
}

/* A slice or a seal, of any flags. */
static void put_piece(uint8_t type, uint8_t flags, uint64_t step)
{
    const size_t before = made.out.len;
    struct buf frame = { 0 };
    struct record r = { .type = RECORD_SLICE };
    const struct record_body text = { .data = "abcdefgh", .n = 8 };
    assert_int_equal(record_encode(made.coder, &r, &text, &frame, NULL), 0);
    made.next.type = type;
    made.next.flags = flags;
    made.next.count = 0;
    made.next.first_step = made.next.last_step = step;
    made.next.clen = type == RECORD_SLICE || type == 5 ? r.clen : 0;
    made.next.ulen = made.next.clen ? 8 : 0;
    made.next.frame_crc = made.next.clen ? r.frame_crc : 0;
    const struct record_body body = { .n = 0 };
    assert_int_equal(record_wrap(&made.next, &body, frame.data + RECORD_HEADER_BYTES, &made.out, NULL), 0);
    entry(made.out.len - before);
    buf_release(&frame);
}

enum table_fault { FINE, NO_TABLE, HEAD, LENGTH, COUNT, DESCRIPTOR, FOOT, SUM, CUT, MORE };

static void put_table(enum table_fault fault)
{
    uint8_t head[8], foot[PACK_FOOT_BYTES] = { 0 };
    if (fault == NO_TABLE)
        return;
    if (fault == SUM)
        made.table.data[0] ^= 1;
    store_u32(head, fault == HEAD ? 0x184d2a5f : PACK_TABLE_MAGIC);
    store_u32(head + 4, (uint32_t)(made.table.len + sizeof foot) + (fault == LENGTH));
    store_u32(foot, made.records + (fault == COUNT));
    foot[4] = fault == DESCRIPTOR;
    store_u32(foot + 5, fault == FOOT ? 1 : PACK_FOOT_MAGIC);
    buf_add(&made.out, head, sizeof head);
    buf_add(&made.out, made.table.data, made.table.len);
    buf_add(&made.out, foot, sizeof foot - (fault == CUT));
    if (fault == MORE)
        buf_addc(&made.out, '\0');
}

#define OPEN "{\"k\":\"open\",\"q\":0,\"s\":0,\"m\":0,\"w\":0,\"seg\":1,\"tl\":0,\"after\":null}\n"
#define SECOND "{\"k\":\"open\",\"q\":1,\"s\":5,\"m\":0,\"w\":0,\"seg\":2,\"tl\":0,\"after\":\"0\"}\n"

/* The numbers of bytes are libzstd's: the first two of a message become words. */
static void text_tell(const char *text)
{
    for (const char *at = text; *at;) {
        const size_t digits = strspn(at, "0123456789");
        const bool large = digits >= 3 && digits < 7 && (at == text || at[-1] == ' ');
        if (large)
            buf_addc(&told, 'N');
        else
            buf_add(&told, at, digits ? digits : 1);
        at += digits ? digits : 1;
    }
}

static void forged_tell(const char *what)
{
    char path[1100];
    struct err err = { 0 };
    struct folder f;
    struct place place;
    packed_path(path, "forged");
    FILE *file = fopen(path, "wb");
    assert_true(fwrite(made.out.data, 1, made.out.len, file) == made.out.len && fclose(file) == 0);
    buf_addf(&told, "%s\n  ", what);
    if (place_open(&place, path, &err) < 0) {
        text_tell(err.text);
        buf_addc(&told, '\n');
        return;
    }
    text_tell(place_broken(&place) ? place_broken(&place) : "whole");
    assert_int_equal(place_list(&place, &f, &err), 0);
    buf_adds(&told, "\n ");
    for (int i = 0; i < f.n_segments; i++)
        buf_addf(&told, " segment %u", f.segment[i]);
    for (int i = 0; i < f.n_snapshots; i++)
        buf_addf(&told, " snapshot %lld-t%u", (long long)f.snapshot[i].step, f.snapshot[i].timeline);
    buf_addc(&told, '\n');
    folder_release(&f);
    struct walk w;
    if (place_walk(&place, &w, "journal-000007.zst", NULL, &err) < 0)
        buf_addf(&told, "  %s\n", err.text);
    struct recording *r = recording_open(path, &err);
    bool loud = false;
    const char *damage = r ? recording_damage(r, &loud) : err.text;
    buf_addf(&told, "  %d events, ", r ? (int)recording_count(r) : -1);
    text_tell(damage ? damage : "clean");
    buf_addf(&told, "%s\n", loud ? " (loud)" : "");
    recording_close(r);
    place_release(&place);
}

static void packed_files_tell_what_is_wrong(void **state)
{
    (void)state;
    static const char *const faults[] = { "good", "no table", "another head", "another length", "another count", "another descriptor", "another foot",
                                          "another sum", "a byte is missing", "a byte more" };
    io = &io_system;
    for (int fault = FINE; fault <= MORE; fault++) {
        begin_pack();
        put_events(1, OPEN);
        put_events(2, SECOND);
        put_table((enum table_fault)fault);
        forged_tell(faults[fault]);
    }
    static const struct {
        const char *name;
        uint64_t segments[3]; /* UINT64_MAX: none; 0 of the second and third: no record */
        struct {
            uint8_t type, flags;
            uint64_t step;
        } piece[4];
        bool events_behind;
    } cases[] = {
        { "no segment", { UINT64_MAX }, { { 0 } }, false },
        { "segment 0", { 0 }, { { 0 } }, false },
        { "segment 999999", { 999999 }, { { 0 } }, false },
        { "segment 1000000", { 1000000 }, { { 0 } }, false },
        { "the second part of a segment", { 1, UINT64_MAX, 2 }, { { 0 } }, false },
        { "segments the other way round", { 2, 1 }, { { 0 } }, false },
        { "a segment twice", { 1, 1 }, { { 0 } }, false },
        { "a snapshot", { 1 }, { { RECORD_SLICE, RECORD_EMBED, 7 }, { RECORD_SEAL, 0, 7 } }, false },
        { "two snapshots", { 1 }, { { RECORD_SLICE, RECORD_EMBED, 7 }, { RECORD_SEAL, 0, 7 }, { RECORD_SLICE, RECORD_EMBED, 9 }, { RECORD_SEAL, 0, 9 } }, false },
        { "a snapshot twice", { 1 }, { { RECORD_SLICE, RECORD_EMBED, 7 }, { RECORD_SEAL, 0, 7 }, { RECORD_SLICE, RECORD_EMBED, 7 }, { RECORD_SEAL, 0, 7 } }, false },
        { "a snapshot without seal", { 1 }, { { RECORD_SLICE, RECORD_EMBED, 7 } }, false },
        { "a seal alone", { 1 }, { { RECORD_SEAL, 0, 7 } }, false },
        { "a slice that is not embedded", { 1 }, { { RECORD_SLICE, 0, 7 }, { RECORD_SEAL, 0, 7 } }, false },
        { "a seal that is embedded", { 1 }, { { RECORD_SLICE, RECORD_EMBED, 7 }, { RECORD_SEAL, RECORD_EMBED, 7 } }, false },
        { "the largest step", { 1 }, { { RECORD_SLICE, RECORD_EMBED, 999999999999 }, { RECORD_SEAL, 0, 999999999999 } }, false },
        { "a larger one", { 1 }, { { RECORD_SLICE, RECORD_EMBED, 1000000000000 }, { RECORD_SEAL, 0, 1000000000000 } }, false },
        { "a type of tomorrow", { 1 }, { { 5, 0, 7 } }, false },
        { "a filled block", { 1 }, { { RECORD_PAD, 0, 7 } }, false },
        { "events behind a snapshot", { 1 }, { { RECORD_SLICE, RECORD_EMBED, 7 }, { RECORD_SEAL, 0, 7 } }, true },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        begin_pack();
        for (int k = 0; k < 3; k++)
            if (k == 0 || cases[i].segments[k])
                put_events(cases[i].segments[k], k == 0 ? OPEN : SECOND);
        for (int k = 0; k < 4 && cases[i].piece[k].type; k++)
            put_piece(cases[i].piece[k].type, cases[i].piece[k].flags, cases[i].piece[k].step);
        if (cases[i].events_behind)
            put_events(3, SECOND);
        put_table(FINE);
        forged_tell(cases[i].name);
    }
    begin_pack();
    put_piece(RECORD_PAD, 0, 7);
    put_events(1, OPEN);
    put_table(FINE);
    forged_tell("it begins with nothing");
    begin_pack();
    put_table(FINE);
    forged_tell("nothing in it");
    buf_clear(&made.out);
    buf_adds(&made.out, "text");
    forged_tell("no packed file");
    expect_told("forged_packs", &told, root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_run_is_packed, begin_telling, end_telling),
        cmocka_unit_test_setup_teardown(a_run_is_unpacked, begin_telling, end_telling),
        cmocka_unit_test_setup_teardown(what_others_left_is_swept, begin_telling, end_telling),
        cmocka_unit_test_setup_teardown(packed_files_tell_what_is_wrong, begin_telling, end_telling),
    };
    return cmocka_run_group_tests_name("unit/packs", tests, make_root, remove_root);
}
