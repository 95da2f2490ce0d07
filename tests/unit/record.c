/* The record: CRC-32C by its published vectors, encode and decode, every limit, ext fields, safe text. */
#include "config.h"
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <zstd.h>

#include "base/crc32c.h"
#include "base/err.h"
#include "base/text.h"
#include "session/record.h"

/* --- CRC-32C: RFC 3720 B.4 ------------------------------------------------------------------------------------------- */

static void crc32c_gives_the_published_values(void **state)
{
    (void)state;
    uint8_t bytes[32] = { 0 };
    assert_int_equal(crc32c(0, "123456789", 9), 0xe3069283u);
    assert_int_equal(crc32c(0, bytes, 32), 0x8a9136aau);
    memset(bytes, 0xff, 32);
    assert_int_equal(crc32c(0, bytes, 32), 0x62a8ab43u);
    for (int i = 0; i < 32; i++)
        bytes[i] = (uint8_t)i;
    assert_int_equal(crc32c(0, bytes, 32), 0x46dd794eu);
    for (int i = 0; i < 32; i++)
        bytes[i] = (uint8_t)(31 - i);
    assert_int_equal(crc32c(0, bytes, 32), 0x113fdb5cu);
}

static void crc32c_is_the_same_by_table_and_in_pieces(void **state)
{
    (void)state;
    uint8_t bytes[4097];
    uint32_t seed = 1;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)((seed = seed * 1664525u + 1013904223u) >> 24);
    for (size_t n = 0; n < 70; n++)
        for (size_t at = 0; at < 9; at++) {
            assert_int_equal(crc32c(7, bytes + at, n), crc32c_portable(7, bytes + at, n));
            assert_int_equal(crc32c(crc32c(0, bytes, at), bytes + at, n), crc32c(0, bytes, at + n));
        }
    assert_int_equal(crc32c(0, bytes, sizeof bytes), crc32c_portable(0, bytes, sizeof bytes));
}

/* --- records --------------------------------------------------------------------------------------------------------- */

struct fixture {
    struct record_coder *coder;
    struct buf out;
    struct record r;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    f->coder = record_coder_new(1);
    f->r = (struct record){ .type = RECORD_EVENTS, .flags = RECORD_SYNCED, .seq = 3, .first_step = 17, .last_step = 40, .chain = 0xabcdef01,
                            .timeline = 2, .count = 1 };
    memcpy(f->r.session, "0123456789abcdef", 16);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    record_coder_free(f->coder);
    buf_release(&f->out);
    free(f);
    return 0;
}

static const char text[] = "{\"k\":\"note\",\"q\":0,\"s\":17,\"m\":5,\"text\":\"hello hello hello hello\"}\n";
static const struct record_body plain = { .data = text, .n = sizeof text - 1 },
                                extended = { .ext = "\1\0\4\0abcd", .ext_bytes = 8, .data = text, .n = sizeof text - 1 };

static void a_record_reads_back_as_written(void **state)
{
    struct fixture *f = *state;
    struct err err;
    struct record back;
    char decoded[sizeof text] = "";
    assert_int_equal(record_encode(f->coder, &f->r, &extended, &f->out, &err), 0);
    const uint8_t *p = (const uint8_t *)f->out.data;
    assert_int_equal(record_header_bytes(p, f->out.len), RECORD_HEADER_BYTES + 8);
    assert_int_equal(record_parse(p, f->out.len, &back, &err), 0);
    assert_memory_equal(&back, &f->r, sizeof back);
    assert_int_equal(record_bytes(&back), f->out.len);
    assert_int_equal(record_decode(f->coder, &back, p + RECORD_HEADER_BYTES + 8, decoded, &err), 0);
    assert_string_equal(decoded, text);
    size_t n;
    assert_memory_equal(record_ext_find(p + RECORD_HEADER_BYTES, back.ext_bytes, 1, &n), "abcd", 4);
    assert_int_equal(n, 4);
    assert_null(record_ext_find(p + RECORD_HEADER_BYTES, back.ext_bytes, 2, &n));
}

/* Any zstd reader prints the text: the header hides in a skippable frame. */
static void stock_zstd_decodes_records_in_a_row(void **state)
{
    struct fixture *f = *state;
    char decoded[4 * sizeof text] = "", twice[4 * sizeof text] = "";
    for (int i = 0; i < 3; i++)
        assert_int_equal(record_encode(f->coder, &f->r, &plain, &f->out, NULL), 0);
    size_t n = ZSTD_decompress(decoded, sizeof decoded, f->out.data, f->out.len);
    assert_false(ZSTD_isError(n));
    decoded[n] = '\0'; /* the decoder may use the room behind as scratch */
    snprintf(twice, sizeof twice, "%s%s%s", text, text, text);
    assert_string_equal(decoded, twice);
}

static void every_flipped_bit_of_a_record_is_noticed(void **state)
{
    struct fixture *f = *state;
    char decoded[RECORD_EVENTS_MAX > 4096 ? 4096 : RECORD_EVENTS_MAX];
    assert_int_equal(record_encode(f->coder, &f->r, &extended, &f->out, NULL), 0);
    uint8_t *p = (uint8_t *)f->out.data;
    for (size_t bit = 0; bit < 8 * f->out.len; bit++) {
        struct record back;
        p[bit / 8] ^= (uint8_t)(1u << bit % 8);
        int good = record_parse(p, f->out.len, &back, NULL);
        if (good == 0)
            good = record_decode(f->coder, &back, p + RECORD_HEADER_BYTES + 8, decoded, NULL);
        assert_int_equal(good, -1);
        p[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

/* Rewrites a header field and both checksums: only the limits can object. */
static void forge(uint8_t *p, size_t at, const void *bytes, size_t n)
{
    memcpy(p + at, bytes, n);
    store_u32(p + 76, crc32c(0, p, 76));
}

static void limits_hold_against_a_forger(void **state)
{
    struct fixture *f = *state;
    static const struct {
        size_t at;
        uint8_t bytes[8];
        size_t n;
        const char *says;
    } cases[] = {
        { 12, { 2 }, 1, "version 2" },
        { 14, { 0 }, 1, "type 0" },
        { 15, { 0x80 }, 1, "flags 0x80" },
        { 60, { 1, 0, 0x10, 0 }, 4, "at most 1048576" },
        { 56, { 0, 0, 0x40, 0 }, 4, "at most 1048576" },
        { 56, { 0, 0, 0, 0 }, 4, "0 coded bytes" },
        { 14, { RECORD_SEAL }, 1, "at most 0" },
        { 40, { 41 }, 1, "backwards" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct err err = { 0 };
        struct record back;
        buf_clear(&f->out);
        assert_int_equal(record_encode(f->coder, &f->r, &plain, &f->out, NULL), 0);
        forge((uint8_t *)f->out.data, cases[i].at, cases[i].bytes, cases[i].n);
        assert_int_equal(record_parse((uint8_t *)f->out.data, f->out.len, &back, &err), -1);
        assert_says(err, cases[i].says);
    }
}

static void a_forged_frame_is_refused(void **state)
{
    struct fixture *f = *state;
    struct record back;
    struct err err = { 0 };
    char decoded[256];
    assert_int_equal(record_encode(f->coder, &f->r, &plain, &f->out, NULL), 0);
    uint8_t *frame = (uint8_t *)f->out.data + RECORD_HEADER_BYTES;
    assert_int_equal(record_parse((uint8_t *)f->out.data, f->out.len, &back, NULL), 0);
    frame[4] &= (uint8_t)~0x04u; /* no checksum */
    back.frame_crc = crc32c(0, frame, back.clen);
    assert_int_equal(record_decode(f->coder, &back, frame, decoded, &err), -1);
    assert_says(err, "checksum");
    frame[4] |= 0x04;
    back.ulen--;
    back.frame_crc = crc32c(0, frame, back.clen);
    assert_int_equal(record_decode(f->coder, &back, frame, decoded, &err), -1);
    assert_says(err, "announce");
}

static void search_finds_the_next_record_of_this_session(void **state)
{
    struct fixture *f = *state;
    buf_adds(&f->out, "garbage SDLB S*M\030 garbage");
    size_t first = f->out.len;
    assert_int_equal(record_encode(f->coder, &f->r, &plain, &f->out, NULL), 0);
    size_t second = f->out.len;
    memcpy(f->r.session, "another session!", 16);
    assert_int_equal(record_encode(f->coder, &f->r, &plain, &f->out, NULL), 0);
    const uint8_t *p = (const uint8_t *)f->out.data;
    assert_int_equal(record_search(p, f->out.len, NULL), first);
    assert_int_equal(record_search(p, f->out.len, f->r.session), second);
    assert_int_equal(record_search(p + second + 1, f->out.len - second - 1, f->r.session), f->out.len - second - 1);
}

/* --- text ------------------------------------------------------------------------------------------------------------ */

#define FFFD "\xef\xbf\xbd"

static void text_for_the_terminal_is_harmless(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        { "plain \xc3\xa9 \xce\xbb \xe2\x96\x88 \xf0\x9f\x98\x80", "plain \xc3\xa9 \xce\xbb \xe2\x96\x88 \xf0\x9f\x98\x80" },
        { "a\033[2Jb\r\n\t\x7f", "a" FFFD "[2Jb" FFFD FFFD FFFD FFFD },
        { "\xc2\x9b" "0m", FFFD "0m" },                       /* C1 CSI */
        { "x\xe2\x80\xaey", "x" FFFD "y" },                   /* right-to-left override */
        { "x\xe2\x80\x8by\xef\xbb\xbf", "x" FFFD "y" FFFD },  /* zero-width space, byte order mark */
        { "\xe2\x81\xa6\xd8\x9c", FFFD FFFD },                /* isolates, Arabic letter mark */
        { "\xed\xa0\x80", FFFD FFFD FFFD },                   /* a surrogate is not UTF-8 */
        { "\xee\x80\x80", FFFD },                             /* private use */
        { "\xef\xbf\xbf\xf3\xb0\x80\x80", FFFD FFFD },        /* non-character, private plane */
        { "\xff\xc0\xaf\xe2\x82", FFFD FFFD FFFD FFFD FFFD },
        { "e\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81", "e\xcc\x81\xcc\x81\xcc\x81\xcc\x81" FFFD },
        { "", "" },
    };
    char out[128];
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        size_t n = text_safe(pairs[i][0], out, sizeof out);
        assert_string_equal(out, pairs[i][1]);
        assert_int_equal(n, strlen(out));
    }
    assert_int_equal(text_safe(NULL, out, sizeof out), 0);
    assert_int_equal(text_safe("ab\xc3\xa9" "cd", out, 4), 2); /* never half a character */
    assert_string_equal(out, "ab");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crc32c_gives_the_published_values),
        cmocka_unit_test(crc32c_is_the_same_by_table_and_in_pieces),
        cmocka_unit_test_setup_teardown(a_record_reads_back_as_written, set_up, tear_down),
        cmocka_unit_test_setup_teardown(stock_zstd_decodes_records_in_a_row, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_flipped_bit_of_a_record_is_noticed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(limits_hold_against_a_forger, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_forged_frame_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(search_finds_the_next_record_of_this_session, set_up, tear_down),
        cmocka_unit_test(text_for_the_terminal_is_harmless),
    };
    return cmocka_run_group_tests_name("unit/record", tests, NULL, NULL);
}
