/* What is said of files that no session writes, or that were cut: journals, snapshots and packed files whose checksums hold and whose words do not.
 * Offsets are told by record, for the sizes of frames are libzstd's. */
#include "config.h"
#include "tests/unit/check.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/err.h"
#include "session/io.h"
#include "session/pack.h"
#include "session/recording.h"
#include "session/snapshot.h"
#include "session_root.h"
#include "sessions.h"
#include "tests/unit/held.h"

/* --- files ------------------------------------------------------------------------------------------------------------- */

enum { RECORDS = 64 };
static struct {
    char dir[300];
    struct record next;
    struct record_coder *coder;
    struct buf out;
    size_t start[RECORDS + 1];
    int n;
    struct { /* sizes that are told by a word */
        size_t bytes;
        char word[16];
    } known[8];
    int n_known;
} made;

static void begin_folder(const char *name)
{
    if (!made.coder)
        made.coder = record_coder_new(3);
    snprintf(made.dir, sizeof made.dir, "%s/%s.saddle", root, name);
    assert_int_equal(mkdir(made.dir, 0700), 0);
    made.n_known = 0;
}

static void know(size_t bytes, const char *word)
{
    made.known[made.n_known].bytes = bytes;
    snprintf(made.known[made.n_known++].word, sizeof made.known->word, "%s", word);
}

static void begin_file(void)
{
    buf_clear(&made.out);
    made.next = (struct record){ .type = RECORD_EVENTS };
    memset(made.next.session, 0x11, 16);
    made.n = 0;
    made.start[0] = 0;
}

/* The next record, as `made.next` says; what follows continues it. */
static void put(const struct buf *ext, const char *text, size_t n)
{
    const struct record_body body = { .ext = ext ? ext->data : NULL, .ext_bytes = ext ? ext->len : 0, .data = text, .n = n };
    assert_int_equal(record_encode(made.coder, &made.next, &body, &made.out, NULL), 0);
    made.next.seq++;
    made.next.chain = made.next.crc;
    made.start[++made.n] = made.out.len;
}

static uint16_t lines_of(const char *text)
{
    unsigned lines = 0;
    for (const char *c = text; *c; c++)
        lines += *c == '\n';
    return (uint16_t)lines;
}

static void put_lines(const char *text)
{
    made.next.first_step = made.next.last_step = 5;
    made.next.count = lines_of(text);
    put(NULL, text, strlen(text));
}

static void end_file(const char *name, size_t left_out)
{
    char path[400];
    snprintf(path, sizeof path, "%s/%s", made.dir, name);
    FILE *f = fopen(path, "wb");
    assert_true(f && fwrite(made.out.data, 1, made.out.len - left_out, f) == made.out.len - left_out && fclose(f) == 0);
}

/* Replaces where records begin, and the path. */
static void hold_said(const char *text)
{
    for (const char *at = text; *at;) {
        const size_t digits = strspn(at, "0123456789");
        const size_t value = digits ? (size_t)strtoull(at, NULL, 10) : 0;
        int record = -1;
        for (int i = 1; digits && value >= 80 && i <= made.n; i++)
            record = made.start[i] == value ? i : record;
        const char *word = NULL;
        for (int i = 0; digits && i < made.n_known; i++)
            word = made.known[i].bytes == value ? made.known[i].word : word;
        if (word)
            fputs(word, held);
        else if (record >= 0)
            fprintf(held, "[%d]", record);
        else if (strncmp(at, root, strlen(root)) == 0) {
            fputs("ROOT", held);
            at += strlen(root);
            continue;
        } else
            fwrite(at, 1, digits ? digits : 1, held);
        at += digits ? digits : 1;
    }
}

static void hold_line(void *ctx, const char *text)
{
    (void)ctx;
    const bool sum = strncmp(text, "session: sha256", 15) == 0; /* of checksums of frames */
    fputs("    ", held);
    hold_said(sum ? "session: sha256" : text);
    fputc('\n', held);
}

/* All that reads it: a recording, verify, cat, a packed file, the next writer. */
static void hold_reading(const char *path)
{
    struct err err = { 0 };
    bool loud = false;
    struct recording *r = recording_open(path, &err);
    fprintf(held, "  recording: ");
    if (!r)
        hold_said(err.text);
    else {
        int n;
        recording_snapshots(r, &n);
        fprintf(held, "%zu events to step %d, %d snapshots, empty %d, ", recording_count(r), (int)recording_last_step(r), n, recording_is_empty(r));
        const char *damage = recording_damage(r, &loud);
        hold_said(damage ? damage : "clean");
        fputs(loud ? " (loud)" : "", held);
    }
    fprintf(held, "\n  verify\n");
    recording_close(r);
    err.text[0] = '\0';
    int result = session_verify(path, hold_line, NULL, &err);
    fprintf(held, "  %d ", result);
    hold_said(err.text);
    char *text = NULL;
    size_t n = 0, lines = 0;
    FILE *f = open_memstream(&text, &n);
    err.text[0] = '\0';
    result = session_cat(path, f, &err);
    fclose(f);
    for (size_t i = 0; i < n; i++)
        lines += text[i] == '\n';
    fprintf(held, "\n  cat: %zu lines, %d ", lines, result);
    hold_said(err.text);
    free(text);
    struct pack_summary sum;
    err.text[0] = '\0';
    f = tmpfile();
    result = pack_write(f, path, PACK_ALL, &sum, &err);
    fclose(f);
    fprintf(held, "\n  packed: %d ", result);
    hold_said(err.text);
    fputc('\n', held);
}

static void hold_next_writer(void)
{
    struct err err = { 0 };
    struct session *s = session_reopen(made.dir, &err);
    fprintf(held, "  goes on: ");
    hold_said(s ? "yes" : err.text);
    session_close(s, "done", NULL);
    struct recording *r = recording_open(made.dir, &err);
    if (s && r) {
        const struct event *open = recording_event(r, recording_count(r) - 2);
        fprintf(held, ", segment %d after %s at step %d", (int)open->f[EV_OPEN_SEGMENT].u, event_text(open, EV_OPEN_AFTER), (int)open->step);
    }
    fputc('\n', held);
    recording_close(r);
}

/* --- journals ---------------------------------------------------------------------------------------------------------- */

#define OPEN "{\"k\":\"open\",\"q\":0,\"s\":0,\"m\":0,\"w\":0,\"seg\":1,\"tl\":0,\"after\":null}\n"
#define OPEN_AS(q, seg, after) "{\"k\":\"open\",\"q\":" q ",\"s\":5,\"m\":0,\"w\":0,\"seg\":" seg ",\"tl\":0,\"after\":" after "}\n"
#define NOTE(q, s) "{\"k\":\"note\",\"q\":" q ",\"s\":" s ",\"m\":1,\"text\":\"x\"}\n"

/* A journal of one segment: records, and then what is cut from its end or changed in it. */
static const struct journal_case {
    const char *name;
    const char *text[4];
    struct {
        int record; /* which of them is */
        uint8_t type, flags, minor;
        int seq, chain, count, session, first, last; /* by so much other than it should be */
    } odd;
    int cut;  /* bytes from the end */
    int flip;            /* record whose last byte is flipped; 0: none */
} journals[] = {
    { "good", { OPEN NOTE("1", "5"), NOTE("2", "7") }, { 0 }, 0, 0 },
    { "only opened", { OPEN }, { 0 }, 0, 0 },
    { "nothing", { NULL }, { 0 }, 0, 0 },
    { "a byte is missing", { OPEN NOTE("1", "5"), NOTE("2", "7") }, { 0 }, 1, 0 },
    { "the first is torn", { OPEN NOTE("1", "5") }, { 0 }, 1, 0 },
    { "the last byte is another", { OPEN NOTE("1", "5"), NOTE("2", "7") }, { 0 }, 0, 2 },
    { "a byte in the middle is another", { OPEN NOTE("1", "5"), NOTE("2", "7"), NOTE("3", "9") }, { 0 }, 0, 2 },
    { "no open event", { NOTE("0", "5") }, { 0 }, 0, 0 },
    { "of another segment", { OPEN_AS("0", "2", "null"), NOTE("1", "7") }, { 0 }, 0, 0 },
    { "after is no number", { OPEN_AS("0", "1", "\"x\""), NOTE("1", "7") }, { 0 }, 0, 0 },
    { "after is nothing", { OPEN_AS("0", "1", "\"\""), NOTE("1", "7") }, { 0 }, 0, 0 },
    { "after of 16 digits", { OPEN_AS("0", "1", "\"0000000000000003\""), NOTE("1", "7") }, { 0 }, 0, 0 },
    { "after of 17 digits", { OPEN_AS("0", "1", "\"00000000000000003\""), NOTE("1", "7") }, { 0 }, 0, 0 },
    { "events are missing", { OPEN_AS("4", "1", "\"3\""), NOTE("5", "7") }, { 0 }, 0, 0 },
    { "a number is left out", { OPEN NOTE("1", "5"), NOTE("3", "7") }, { 0 }, 0, 0 },
    { "a number comes twice", { OPEN NOTE("1", "5"), NOTE("1", "7") }, { 0 }, 0, 0 },
    { "a line without end", { OPEN NOTE("1", "5"), "{\"k\":\"note\",\"q\":2,\"s\":7,\"m\":1}" }, { 0 }, 0, 0 },
    { "a line of another order", { OPEN NOTE("1", "5"), "{\"q\":2,\"k\":\"note\",\"s\":7,\"m\":1}\n" }, { 0 }, 0, 0 },
    { "a line that is no object", { OPEN NOTE("1", "5"), "{\"k\":\"note\",\"q\":2,\"s\":7,\"m\":1,\n" }, { 0 }, 0, 0 },
    { "a kind with a capital letter", { OPEN NOTE("1", "5"), "{\"k\":\"Note\",\"q\":2,\"s\":7,\"m\":1}\n" }, { 0 }, 0, 0 },
    { "a number beyond 2^53", { OPEN NOTE("1", "5"), NOTE("2", "9007199254740993") }, { 0 }, 0, 0 },
    { "a number of 2^53", { OPEN NOTE("1", "5"), NOTE("2", "9007199254740992") }, { 0 }, 0, 0 },
    { "a step that is no number", { OPEN NOTE("1", "5"), NOTE("2", "\"7\"") }, { 0 }, 0, 0 },
    { "a kind of tomorrow", { OPEN NOTE("1", "5"), "{\"k\":\"later\",\"q\":2,\"s\":7,\"m\":1}\n{\"k\":\"later\",\"q\":3,\"s\":7,\"m\":1}\n" }, { 0 }, 0, 0 },
    { "a count too small", { OPEN NOTE("1", "5"), NOTE("2", "7") }, { .record = 2, .count = -1 }, 0, 0 },
    { "a count too large", { OPEN NOTE("1", "5"), NOTE("2", "7") }, { .record = 2, .count = 1 }, 0, 0 },
    { "of another session", { OPEN NOTE("1", "5"), NOTE("2", "7") }, { .record = 2, .session = 1 }, 0, 0 },
    { "another number", { OPEN NOTE("1", "5"), NOTE("2", "7") }, { .record = 2, .seq = 1 }, 0, 0 },
    { "another chain", { OPEN NOTE("1", "5"), NOTE("2", "7") }, { .record = 2, .chain = 1 }, 0, 0 },
    { "embedded", { OPEN NOTE("1", "5"), NOTE("2", "7") }, { .record = 2, .flags = RECORD_EMBED }, 0, 0 },
    { "a flag of tomorrow", { OPEN NOTE("1", "5"), NOTE("2", "7") }, { .record = 2, .flags = 4 }, 0, 0 },
    { "a slice", { OPEN NOTE("1", "5"), NOTE("2", "7"), NOTE("3", "9") }, { .record = 2, .type = RECORD_SLICE }, 0, 0 },
    { "a difference", { OPEN NOTE("1", "5"), NOTE("2", "7"), NOTE("3", "9") }, { .record = 2, .type = RECORD_DELTA }, 0, 0 },
    { "a type of tomorrow", { OPEN NOTE("1", "5"), NOTE("2", "7"), NOTE("3", "9") }, { .record = 2, .type = 5 }, 0, 0 },
    { "the last type that counts", { OPEN NOTE("1", "5"), NOTE("2", "7"), NOTE("3", "9") }, { .record = 2, .type = 127 }, 0, 0 },
    { "a record beside the matter", { OPEN NOTE("1", "5"), "anything\n", NOTE("2", "9") }, { .record = 2, .type = 129 }, 0, 0 },
    { "a block is filled", { OPEN NOTE("1", "5"), "anything\n", NOTE("2", "9") }, { .record = 2, .type = RECORD_PAD }, 0, 0 },
    { "type 0", { OPEN NOTE("1", "5"), NOTE("2", "7"), NOTE("3", "9") }, { .record = 2, .type = 255 }, 0, 0 },
    { "steps run backwards", { OPEN NOTE("1", "5"), NOTE("2", "7") }, { .record = 2, .first = 8, .last = 7 }, 0, 0 },
    { "a fork of another stage", { OPEN "{\"k\":\"config\",\"q\":1,\"s\":8,\"m\":0,\"parent_state\":\"aa\"}\n{\"k\":\"env\",\"q\":2,\"s\":8,\"m\":0}\n" }, { 0 }, 0, 0 },
    { "a beginning that acts", { OPEN "{\"k\":\"config\",\"q\":1,\"s\":8,\"m\":0}\n{\"k\":\"env\",\"q\":2,\"s\":8,\"m\":0}\n" }, { 0 }, 0, 0 },
    { "a beginning", { OPEN "{\"k\":\"config\",\"q\":1,\"s\":8,\"m\":0}\n{\"k\":\"data\",\"q\":2,\"s\":8,\"m\":0}\n" }, { 0 }, 0, 0 },
    { "announced and never there", { OPEN "{\"k\":\"snap\",\"q\":1,\"s\":8,\"m\":0,\"name\":\"a\"}\n" NOTE("2", "9") }, { 0 }, 0, 0 },
    { "announced and removed", { OPEN "{\"k\":\"snap\",\"q\":1,\"s\":8,\"m\":0}\n{\"k\":\"unsnap\",\"q\":2,\"s\":8,\"m\":0,\"of\":8}\n" }, { 0 }, 0, 0 },
    { "removed and announced", { OPEN "{\"k\":\"unsnap\",\"q\":1,\"s\":8,\"m\":0,\"of\":8}\n{\"k\":\"snap\",\"q\":2,\"s\":8,\"m\":0}\n" }, { 0 }, 0, 0 },
    { "parts of nothing", { OPEN "{\"k\":\"part\",\"q\":1,\"s\":8,\"m\":0,\"of\":\"epoch\",\"key\":\"conf\",\"at\":0,\"u32\":[1]}\n", NOTE("2", "9") }, { 0 }, 0, 0 },
    { "parts to the end", { OPEN "{\"k\":\"part\",\"q\":1,\"s\":8,\"m\":0,\"of\":\"epoch\",\"key\":\"conf\",\"at\":0,\"u32\":[1]}\n" }, { 0 }, 0, 0 },
};

static void make_journal(const struct journal_case *c)
{
    begin_file();
    for (int i = 0; i < 4 && c->text[i]; i++) {
        const bool odd = c->odd.record == i + 1;
        const struct record before = made.next;
        made.next.type = odd && c->odd.type ? c->odd.type == 255 ? 0 : c->odd.type : RECORD_EVENTS;
        made.next.flags = odd ? c->odd.flags : 0;
        made.next.first_step = odd && c->odd.first ? (uint64_t)c->odd.first : 3 + (uint64_t)i;
        made.next.last_step = odd && c->odd.last ? (uint64_t)c->odd.last : 5 + 2 * (uint64_t)i;
        made.next.seq += odd ? (uint64_t)c->odd.seq : 0;
        made.next.chain += odd ? (uint32_t)c->odd.chain : 0;
        made.next.session[15] = (uint8_t)(before.session[15] + (odd ? c->odd.session : 0));
        made.next.count = (uint16_t)(lines_of(c->text[i]) + (odd ? c->odd.count : 0));
        put(NULL, c->text[i], strlen(c->text[i]));
        made.next.seq = before.seq + 1;
        made.next.session[15] = before.session[15];
    }
    if (c->flip)
        made.out.data[made.start[c->flip] - 1] ^= 1;
}

static void journals_tell_what_is_wrong(void **state)
{
    (void)state;
    held_begin();
    for (size_t i = 0; i < sizeof journals / sizeof journals[0]; i++) {
        char name[40];
        snprintf(name, sizeof name, "j%02d", (int)i);
        begin_folder(name);
        make_journal(&journals[i]);
        end_file("journal-000001.zst", (size_t)journals[i].cut);
        if (journals[i].cut || (made.n && journals[i].flip == made.n))
            know(made.out.len - made.start[made.n - 1] - (size_t)journals[i].cut, "[what is left]");
        fprintf(held, "%s\n", journals[i].name);
        hold_reading(made.dir);
        hold_next_writer();
    }
    held_end("refused_journals");
}

/* The second segment says what of the first counts. */
static void segments_tell_what_is_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *name, *first, *second, *third;
        int cut;
    } cases[] = {
        { "goes on", OPEN NOTE("1", "5"), OPEN_AS("2", "2", "\"1\"") NOTE("3", "6"), NULL, 0 },
        { "takes one back", OPEN NOTE("1", "5") NOTE("2", "6"), OPEN_AS("2", "2", "\"1\"") NOTE("3", "6"), NULL, 0 },
        { "takes all back", OPEN NOTE("1", "5"), OPEN_AS("0", "2", "null") NOTE("1", "6"), NULL, 0 },
        { "knows more", OPEN NOTE("1", "5"), OPEN_AS("3", "2", "\"2\"") NOTE("4", "6"), NULL, 0 },
        { "a torn one before", OPEN NOTE("1", "5"), OPEN_AS("2", "2", "\"1\"") NOTE("3", "6"), NULL, 1 },
        { "a torn one before, taken back", OPEN NOTE("1", "5"), OPEN_AS("0", "2", "null") NOTE("1", "6"), NULL, 1 },
        { "the third makes up for the second", OPEN NOTE("1", "5"), OPEN_AS("3", "2", "\"2\"") NOTE("4", "6"), OPEN_AS("2", "3", "\"1\"") NOTE("3", "7"), 0 },
        { "the third is short", OPEN NOTE("1", "5"), OPEN_AS("2", "2", "\"1\"") NOTE("3", "6"), OPEN_AS("4", "4", "\"3\"") NOTE("5", "7"), 0 },
        { "an empty one between", OPEN NOTE("1", "5"), "", OPEN_AS("2", "3", "\"1\"") NOTE("3", "7"), 0 },
    };
    held_begin();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *const texts[] = { cases[i].first, cases[i].second, cases[i].third };
        char name[40];
        snprintf(name, sizeof name, "s%02d", (int)i);
        begin_folder(name);
        for (int k = 0; k < 3 && texts[k]; k++) {
            begin_file();
            if (texts[k][0])
                put_lines(texts[k]);
            snprintf(name, sizeof name, "journal-%06d.zst", k + 1);
            end_file(name, k == 0 ? (size_t)cases[i].cut : 0);
            if (made.out.len) {
                char word[16];
                snprintf(word, sizeof word, "[file %d]", k + 1);
                know(made.out.len - (k == 0 ? (size_t)cases[i].cut : 0), word);
            }
        }
        fprintf(held, "%s\n", cases[i].name);
        hold_reading(made.dir);
        hold_next_writer();
    }
    held_end("refused_segments");
}

/* --- snapshots --------------------------------------------------------------------------------------------------------- */

enum { PARAMS = 5, STATS = 2 };

/* A good snapshot's stream and seal, to be changed. */
static struct {
    struct buf stream;
    struct snapshot_seal seal;
    unsigned without; /* TLV that is left out */
    bool twice, behind;
    uint8_t type;
} snap;

static void take_good_snapshot(void)
{
    char dir[1024], path[1100];
    struct session *s = create("source");
    const struct event_sink sink = session_sink(s);
    send_event(&sink, data_event(10));
    sink.snapshot(sink.ctx, make_state(20, PARAMS, STATS), "mine", true);
    close_session(s);
    at("source", dir);
    snprintf(path, sizeof path, "%s/snap-000000000020-t0.safetensors.zst", dir);
    struct place place;
    struct walk w;
    struct err err = { 0 };
    assert_int_equal(place_open(&place, dir, &err), 0);
    assert_int_equal(place_walk(&place, &w, "snap-000000000020-t0.safetensors.zst", NULL, &err), 0);
    assert_int_equal(walk_next(&w, true, &err), 1);
    buf_clear(&snap.stream);
    buf_add(&snap.stream, w.data, w.r.ulen);
    walk_release(&w);
    assert_int_equal(snapshot_read_seal(&place, "snap-000000000020-t0.safetensors.zst", NULL, &snap.seal, &err), 0);
    place_release(&place);
}

static void put_seal(void)
{
    struct buf ext = { 0 };
    const struct snapshot_seal *s = &snap.seal;
    uint64_t epoch;
    memcpy(&epoch, &s->epoch, sizeof epoch);
    const uint64_t numbers[] = { 0, s->bytes, s->slices, 0, 0, s->q, (s->finite ? 1u : 0) | (s->pinned ? 2u : 0), 0, epoch };
    const char *const texts[] = { [3] = s->sha256, [4] = s->state, [7] = s->name };
    for (unsigned t = 1; t <= 8; t++)
        if (t == snap.without)
            continue;
        else if (t == 3 || t == 4 || t == 7)
            record_ext_add(&ext, (uint16_t)t, texts[t], strlen(texts[t]));
        else
            record_ext_add_u64(&ext, (uint16_t)t, numbers[t]);
    made.next.type = RECORD_SEAL;
    put(&ext, NULL, 0);
    buf_release(&ext);
}

static void put_snapshot_file(void)
{
    begin_file();
    made.next.type = snap.type ? snap.type : RECORD_SLICE;
    made.next.first_step = made.next.last_step = snap.seal.step;
    const size_t half = snap.stream.len / 2 / 4 * 4;
    put(NULL, snap.stream.data, half);
    made.next.type = RECORD_SLICE;
    put(NULL, snap.stream.data + half, snap.stream.len - half);
    if (snap.without != 99)
        put_seal();
    if (snap.behind)
        put_seal();
    end_file("snap-000000000020-t0.safetensors.zst", 0);
}

/* Of the stream, one word in place of another of the same length; the sum is made right again. */
static void change(const char *from, const char *to)
{
    const size_t n = strlen(from);
    assert_int_equal(n, strlen(to));
    for (size_t at = 0; at + n <= snap.stream.len; at++)
        if (memcmp(snap.stream.data + at, from, n) == 0) {
            memcpy(snap.stream.data + at, to, n);
            return;
        }
    fail_msg("no '%s' in the stream", from);
}

static void sum_up(void)
{
    struct digest d;
    digest_init(&d);
    digest_add(&d, snap.stream.data, snap.stream.len);
    digest_hex(&d, snap.seal.sha256);
    snap.seal.bytes = snap.stream.len;
    snap.seal.slices = 2;
}

static void hold_snapshot(const char *name)
{
    struct place place;
    struct err err = { 0 };
    struct snapshot_seal seal;
    struct state_layout layout;
    struct walk_budget budget = SNAPSHOT_BUDGET;
    put_snapshot_file();
    assert_int_equal(place_open(&place, made.dir, &err), 0);
    fprintf(held, "%s\n  seal: ", name);
    const char *const file = "snap-000000000020-t0.safetensors.zst";
    hold_said(snapshot_read_seal(&place, file, made.next.session, &seal, &err) == 0 ? seal.name : err.text);
    fprintf(held, "\n  check: ");
    hold_said(snapshot_check(&place, file, made.next.session, &budget, &seal, &err) == 0 ? "good" : err.text);
    struct train_state *s = train_state_new(layout_rows(&layout, PARAMS, STATS), STATE_STATS + 1);
    fprintf(held, "\n  read: ");
    const int result = snapshot_read(&place, file, made.next.session, s, &seal, &err);
    hold_said(result == 0 ? "" : err.text);
    if (result == 0)
        fprintf(held, "step %d, best %g of %g, loss %g, correct %g, images %d, |g| %g, rho %g, finite %d", (int)s->step, s->best, s->best_epoch, s->epoch_loss,
                s->epoch_correct, (int)s->epoch_images, s->grad_norm, s->rho, s->finite);
    for (char **k = result == 0 ? s->knobs : NULL; k && *k; k++)
        fprintf(held, " '%s'", *k);
    fputc('\n', held);
    train_state_free(s);
    place_release(&place);
}

static void snapshots_tell_what_is_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *name, *from, *to;
    } words[] = {
        { "good", "saddle-2", "saddle-2" },
        { "another format", "saddle-2", "saddle-3" },
        { "an older format", "saddle-2", "saddle-1" },
        { "another tensor", "head.weight", "feet.weight" },
        { "another shape", "\"shape\":[1,3]", "\"shape\":[3,1]" },
        { "another type", "F32", "I32" },
        { "no step", "\"step\":", "\"Step\":" },
        { "a step of another", "\"step\":\"20\"", "\"step\":\"21\"" },
        { "a step that is no number", "\"step\":\"20\"", "\"step\":\"-1\"" },
        { "no best", "\"best\":", "\"Best\":" },
        { "a best that is no number", "\"best\":\"80.63", "\"best\":\"80,63" },
        { "no loss", "\"epoch_loss\":", "\"Epoch_loss\":" },
        { "no images", "\"epoch_images\":", "\"Epoch_images\":" },
        { "no word of its numbers", "\"finite\":", "\"Finite\":" },
        { "another word of its numbers", "\"finite\":\"1\"", "\"finite\":\"2\"" },
        { "no knobs", "\"knobs\":", "\"Knobs\":" },
        { "no pending", "\"pending\":", "\"Pending\":" },
        { "no watched", "\"watched\":", "\"Watched\":" },
        { "no losses of classes", "\"class_losses\":", "\"Class_losses\":" },
        { "no norm", "\"grad_norm\":", "\"Grad_norm\":" },
        { "damaged JSON", "{\"__metadata__\":{", "{\"__metadata__\":[" },
    };
    held_begin();
    begin_folder("snaps");
    take_good_snapshot();
    const struct snapshot_seal good = snap.seal;
    struct buf kept = { 0 };
    buf_add(&kept, snap.stream.data, snap.stream.len);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        snap.seal = good;
        buf_clear(&snap.stream);
        buf_add(&snap.stream, kept.data, kept.len);
        change(words[i].from, words[i].to);
        sum_up();
        hold_snapshot(words[i].name);
    }
    for (unsigned what = 1; what <= 22; what++) {
        char name[40];
        snap.seal = good;
        buf_clear(&snap.stream);
        buf_add(&snap.stream, kept.data, kept.len);
        sum_up();
        snap.without = what <= 8 ? what : what == 9 ? 99 : 0;
        snap.type = what == 10 ? RECORD_DELTA : what == 11 ? RECORD_PAD : 0;
        snap.behind = what == 12;
        snap.seal.slices += what == 13;
        snap.seal.bytes -= what == 14;
        snap.seal.sha256[0] = what == 15 ? 'x' : snap.seal.sha256[0];
        snap.seal.state[0] = what == 16 ? 'x' : snap.seal.state[0];
        if (what == 17 || what == 18) { /* a number more, a number less */
            snap.stream.len -= what == 18 ? 4 : 0;
            if (what == 17)
                buf_add(&snap.stream, "\0\0\0\0", 4);
            sum_up();
        }
        if (what == 19 || what == 20) /* the length of the header */
            store_u64((uint8_t *)snap.stream.data, (1 << 20) + (what == 20));
        if (what == 21)
            memset(snap.seal.name, 'n', 63), snap.seal.name[63] = '\0';
        if (what == 22)
            snap.seal.finite = snap.seal.pinned = false;
        if (what >= 19)
            sum_up();
        snprintf(name, sizeof name, "seal %u", what);
        hold_snapshot(name);
    }
    buf_release(&kept);
    held_end("refused_snapshots");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(journals_tell_what_is_wrong),
        cmocka_unit_test(segments_tell_what_is_wrong),
        cmocka_unit_test(snapshots_tell_what_is_wrong),
    };
    return cmocka_run_group_tests_name("unit/refused", tests, make_root, remove_root);
}
