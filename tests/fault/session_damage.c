/* Damage to files at rest: cut a journal and a snapshot at every length, flip every bit of both, mix up their records. What is read is always a
 * prefix of what was written, damage is always told, and reading changes no byte. SADDLE_FAULT_LONG=1 uses a larger session. */
#include "config.h"
#include "../unit/check.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../unit/sessions.h"
#include "base/buf.h"
#include "base/crc32c.h"
#include "base/digest.h"
#include "base/err.h"
#include "session/session.h"

static char root[256], dir[1024];
static const char journal[] = "journal-000001.zst", snapshot[] = "snap-000000000010-t0.safetensors.zst";
enum { PARAMS = 40, STATS = 6 };

/* The text of the undamaged session. */
static struct buf truth;
static size_t n_truth, *truth_end; /* truth_end[i]: bytes of truth up to and with event i */

static void tell(const struct recording *r, struct buf *out, size_t **end)
{
    buf_clear(out);
    buf_adds(out, "");
    if (end)
        *end = calloc(recording_count(r) + 1, sizeof **end);
    for (size_t i = 0; i < recording_count(r); i++) {
        event_to_json(recording_event(r, i), out);
        buf_addc(out, '\n');
        if (end)
            (*end)[i] = out->len;
    }
}

static struct recording *open_it(void)
{
    struct err err = { 0 };
    struct recording *r = recording_open(dir, &err);
    if (!r)
        fail_msg("%s", err.text);
    return r;
}

static int make_session(void **state)
{
    (void)state;
    scratch_make(root);
    struct err err = { 0 };
    struct session *s = session_create(root, "d", NULL, &err);
    if (!s)
        return -1;
    struct event_sink sink = session_sink(s);
    int groups = getenv("SADDLE_FAULT_LONG") ? 40 : 4;
    for (int group = 0; group < groups; group++) {
        for (int i = 0; i < 5; i++)
            send_event(&sink, step_event((uint64_t)(5 * group + i + 1), 0.25 * group + i));
        if (sink.sync(sink.ctx, &err) < 0)
            return -1;
        if (group == 1)
            sink.snapshot(sink.ctx, make_state(10, PARAMS, STATS), "ten", true);
    }
    if (session_close(s, "finished", &err) < 0)
        return -1;
    snprintf(dir, sizeof dir, "%s/d.saddle", root);
    struct recording *r = open_it();
    tell(r, &truth, &truth_end);
    n_truth = recording_count(r);
    recording_close(r);
    return 0;
}

static int remove_session(void **state)
{
    (void)state;
    scratch_remove(root);
    free(truth_end);
    buf_release(&truth);
    return 0;
}

/* --- files ----------------------------------------------------------------------------------------------------------- */

static uint8_t *load(const char *file, size_t *n)
{
    char path[1200];
    struct stat st;
    snprintf(path, sizeof path, "%s/%s", dir, file);
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0 && fstat(fd, &st) == 0);
    *n = (size_t)st.st_size;
    uint8_t *bytes = malloc(*n + 1);
    assert_int_equal(read(fd, bytes, *n), (ssize_t)*n);
    close(fd);
    return bytes;
}

static void store(const char *file, const uint8_t *bytes, size_t n)
{
    char path[1200];
    snprintf(path, sizeof path, "%s/%s", dir, file);
    int fd = open(path, O_WRONLY); /* not truncated to 0 first: some file systems then flush on close */
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, bytes, n, 0), (ssize_t)n);
    assert_int_equal(ftruncate(fd, (off_t)n), 0);
    close(fd);
}

/* Names, sizes and bytes of the folder. */
static void tree(char hex[DIGEST_HEX])
{
    struct digest d;
    struct dirent **list;
    digest_init(&d);
    int n = scandir(dir, &list, NULL, alphasort);
    assert_true(n > 0);
    for (int i = 0; i < n; i++) {
        if (list[i]->d_name[0] != '.') {
            size_t size;
            uint8_t *bytes = load(list[i]->d_name, &size);
            digest_add(&d, list[i]->d_name, strlen(list[i]->d_name) + 1);
            digest_add(&d, bytes, size);
            free(bytes);
        }
        free(list[i]);
    }
    free(list);
    digest_hex(&d, hex);
}

/* Reads the damaged session: a prefix of the truth and, when not all of it, a word about it. Returns how many events. */
static size_t read_damaged(bool *told)
{
    static struct buf now;
    struct recording *r = open_it();
    size_t n = recording_count(r);
    tell(r, &now, NULL);
    assert_true(n <= n_truth);
    assert_true(now.len == (n ? truth_end[n - 1] : 0));
    assert_memory_equal(now.data, truth.data, now.len);
    *told = recording_damage(r, NULL) != NULL;
    int snapshots;
    const struct snapshot_info *info = recording_snapshots(r, &snapshots);
    for (int i = 0; i < snapshots; i++) {
        struct train_state *s = load_state(r, i, PARAMS, STATS, NULL), *want = make_state(10, PARAMS, STATS);
        if (s) { /* never false content */
            assert_int_equal(info[i].step, 10);
            assert_memory_equal(s->vector[STATE_PARAMS].data, want->vector[STATE_PARAMS].data, PARAMS * sizeof(float));
            assert_memory_equal(s->vector[STATE_MOMENTUM].data, want->vector[STATE_MOMENTUM].data, PARAMS * sizeof(float));
            assert_memory_equal(s->vector[STATE_STATS].data, want->vector[STATE_STATS].data, STATS * sizeof(float));
            for (int k = 0; want->knobs[k]; k++)
                assert_string_equal(s->knobs[k], want->knobs[k]);
        }
        train_state_free(s);
        train_state_free(want);
    }
    buf_release(&now);
    recording_close(r);
    return n;
}

/* --- truncation ------------------------------------------------------------------------------------------------------ */

static void a_journal_cut_anywhere_gives_its_longest_valid_part(void **state)
{
    (void)state;
    size_t n, last = 0;
    uint8_t *bytes = load(journal, &n);
    for (size_t length = 0; length <= n; length++) {
        char before[DIGEST_HEX], after[DIGEST_HEX];
        bool told;
        store(journal, bytes, length);
        if (length % 16 == 0)
            tree(before);
        size_t events = read_damaged(&told);
        assert_true(events >= last);       /* every record that is whole is there ... */
        assert_true(length < n || events == n_truth);
        if (events != last || length == 0 || length == n)
            assert_true(length == 0 || !told); /* ... and at its very end there is nothing to say */
        else
            assert_true(told);
        last = events;
        if (length % 16 == 0) {
            tree(after);
            assert_string_equal(before, after);
        }
    }
    assert_int_equal(last, n_truth);
    free(bytes);
}

static void a_snapshot_cut_anywhere_does_not_exist(void **state)
{
    (void)state;
    size_t n;
    uint8_t *bytes = load(snapshot, &n);
    for (size_t length = 0; length <= n; length++) {
        store(snapshot, bytes, length);
        struct recording *r = open_it();
        int snapshots;
        recording_snapshots(r, &snapshots);
        assert_int_equal(snapshots, length == n);
        recording_close(r);
        if (length % 64 == 0)
            assert_int_equal(session_verify(dir, NULL, NULL, NULL), length == n ? 0 : -1);
    }
    store(snapshot, bytes, n);
    free(bytes);
}

/* --- flips ----------------------------------------------------------------------------------------------------------- */

static void every_flipped_bit_of_a_journal_is_told_or_changes_nothing(void **state)
{
    (void)state;
    size_t n;
    uint8_t *bytes = load(journal, &n);
    char path[1200];
    snprintf(path, sizeof path, "%s/%s", dir, journal);
    int fd = open(path, O_WRONLY);
    for (size_t bit = 0; bit < 8 * n; bit++) {
        uint8_t flipped = bytes[bit / 8] ^ (uint8_t)(1u << bit % 8);
        bool told;
        assert_int_equal(pwrite(fd, &flipped, 1, (off_t)(bit / 8)), 1);
        size_t events = read_damaged(&told);
        assert_true(told || events == n_truth);
        assert_int_equal(pwrite(fd, &bytes[bit / 8], 1, (off_t)(bit / 8)), 1);
    }
    close(fd);
    free(bytes);
}

static void every_flipped_bit_of_a_snapshot_is_refused(void **state)
{
    (void)state;
    size_t n;
    uint8_t *bytes = load(snapshot, &n);
    for (size_t bit = 0; bit < 8 * n; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        store(snapshot, bytes, n);
        struct recording *r = open_it();
        int snapshots;
        recording_snapshots(r, &snapshots);
        struct train_state *s = snapshots ? load_state(r, 0, PARAMS, STATS, NULL) : NULL;
        assert_null(s);
        recording_close(r);
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    store(snapshot, bytes, n);
    free(bytes);
}

/* --- mixed up records ------------------------------------------------------------------------------------------------ */

static uint32_t word(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* The starts of the records; *n_out of them, and the end. */
static size_t *find_records(const uint8_t *bytes, size_t n, size_t *n_out)
{
    size_t *at = calloc(n / 80 + 2, sizeof *at);
    *n_out = 0;
    for (size_t offset = 0; offset < n; offset += 8 + word(bytes + offset + 4) + word(bytes + offset + 56))
        at[(*n_out)++] = offset;
    at[*n_out] = n;
    return at;
}

static void put_in_order(const uint8_t *bytes, const size_t *at, const size_t *order, size_t n)
{
    struct buf out = { 0 };
    for (size_t i = 0; i < n; i++)
        buf_add(&out, bytes + at[order[i]], at[order[i] + 1] - at[order[i]]);
    store(journal, (const uint8_t *)out.data, out.len);
    buf_release(&out);
}

static void dropped_doubled_and_swapped_records_are_damage(void **state)
{
    (void)state;
    size_t n, records, order[1000];
    uint8_t *bytes = load(journal, &n);
    size_t *at = find_records(bytes, n, &records);
    assert_true(records >= 5 && records < 900);
    for (size_t i = 0; i + 1 < records; i++)
        for (int what = 0; what < 3; what++) {
            size_t m = 0;
            bool told, loud = false;
            for (size_t k = 0; k < records; k++) {
                if (what == 0 && k == i)
                    continue;
                if (what == 2 && k == i) {
                    order[m++] = k + 1;
                    order[m++] = k++;
                    continue;
                }
                order[m++] = k;
                if (what == 1 && k == i)
                    order[m++] = k;
            }
            put_in_order(bytes, at, order, m);
            assert_true(read_damaged(&told) < n_truth);
            assert_true(told);
            struct recording *r = open_it();
            recording_damage(r, &loud);
            assert_true(loud);
            recording_close(r);
            assert_int_equal(session_verify(dir, NULL, NULL, NULL), -1);
        }
    store(journal, bytes, n);
    free(at);
    free(bytes);
}

static void put_word(uint8_t *p, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(value >> 8 * i);
}

/* A header as it might be in another history of the same session: its place, number and checksum are right. */
static void forge_header(uint8_t *record, size_t field)
{
    record[field] ^= 0x10;
    put_word(record + 76, crc32c(crc32c(0, record, 76), record + 80, word(record + 4) - 72));
}

/* A journal whose record at `offset` has another byte in this field is damaged. */
static void is_told(size_t offset, size_t field)
{
    bool told, loud = false;
    size_t n;
    uint8_t *whole = load(journal, &n), *changed = load(journal, &n);
    forge_header(changed + offset, field);
    store(journal, changed, n);
    assert_true(read_damaged(&told) < n_truth);
    struct recording *r = open_it();
    recording_damage(r, &loud);
    if (!told || !loud)
        fail_msg("byte %zu of the record at %zu: not told", field, offset);
    recording_close(r);
    store(journal, whole, n);
    free(changed);
    free(whole);
}

/* Each record says of which session it is and which one was before it, so that one of another history is not taken for its neighbour. */
static void records_of_another_history_are_damage(void **state)
{
    enum { MINOR = 13, SESSION = 16, CHAIN = 68 }; /* the first: a later version of the format, which is read like this one */
    (void)state;
    size_t n, records;
    uint8_t *bytes = load(journal, &n);
    size_t *at = find_records(bytes, n, &records);
    for (size_t k = 0; k + 1 < records; k++)
        is_told(at[k], MINOR); /* the next one's chain is not its sum any more */
    is_told(at[records - 1], CHAIN);
    is_told(at[records - 1], SESSION);
    free(at);
    free(bytes);
}

/* --- going on after damage --------------------------------------------------------------------------------------------- */

static void a_damaged_session_goes_on_after_its_last_good_event(void **state)
{
    (void)state;
    size_t n, records;
    struct err err = { 0 };
    uint8_t *bytes = load(journal, &n);
    size_t *at = find_records(bytes, n, &records);
    uint8_t saved = bytes[at[3] + 100];
    bytes[at[3] + 100] ^= 0x40;
    store(journal, bytes, n);
    bool told, loud = true;
    size_t good = read_damaged(&told);
    assert_true(good > 0 && good < n_truth);
    struct session *s = session_reopen(dir, &err);
    assert_non_null(s);
    struct event_sink sink = session_sink(s);
    send_event(&sink, note_event(99, "goes on"));
    assert_int_equal(session_close(s, "again", &err), 0);
    struct recording *r = open_it();
    size_t snaps = 0; /* one whose word was lost with the damage is announced again */
    for (size_t i = good; i < recording_count(r); i++)
        snaps += recording_kind(r, i) == EVENT_SNAP;
    assert_true(snaps <= 1);
    assert_int_equal(recording_count(r) - snaps, good + 3);
    assert_int_equal(recording_event(r, good)->kind, EVENT_OPEN);
    assert_int_equal(recording_event(r, good)->q, good);
    recording_damage(r, &loud);
    assert_false(loud); /* what is lost is not counted on any more */
    recording_close(r);
    bytes[at[3] + 100] = saved; /* and no byte of the first segment was touched */
    bytes[at[3] + 100] ^= 0x40;
    size_t again;
    uint8_t *now = load(journal, &again);
    assert_int_equal(again, n);
    assert_memory_equal(now, bytes, n);
    free(now);
    free(at);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_journal_cut_anywhere_gives_its_longest_valid_part),
        cmocka_unit_test(a_snapshot_cut_anywhere_does_not_exist),
        cmocka_unit_test(every_flipped_bit_of_a_journal_is_told_or_changes_nothing),
        cmocka_unit_test(every_flipped_bit_of_a_snapshot_is_refused),
        cmocka_unit_test(dropped_doubled_and_swapped_records_are_damage),
        cmocka_unit_test(records_of_another_history_are_damage),
        cmocka_unit_test(a_damaged_session_goes_on_after_its_last_good_event),
    };
    return cmocka_run_group_tests_name("fault/session_damage", tests, make_session, remove_session);
}
