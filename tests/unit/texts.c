/* Base room: numbers and texts as people and files have them, each limit from both sides; names of files; draws, number by number. */
#include "config.h"
#include "check.h"

#include "base/buf.h"
#include "base/choice.h"
#include "base/crc32c.h"
#include "base/err.h"
#include "base/foreign.h"
#include "base/host.h"
#include "base/intern.h"
#include "base/number.h"
#include "base/path.h"
#include "base/rng.h"
#include "base/state.h"
#include "base/text.h"
#include "repl/words.h"

#include <errno.h>
#include <math.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* --- numbers ------------------------------------------------------------------------------------------------------- */

static void numbers_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double value;
    } good[] = { { "0.5", 0.5 }, { ".5", 0.5 }, { "5.", 5 }, { "1e-3", 0.001 }, { "50%", 0.5 }, { "1e3%", 10 }, { "-3", -3 }, { "+3", 3 }, { "0", 0 },
                 { "1E2", 100 }, { "1e308", 1e308 }, { "007", 7 } };
    static const char *const bad[] = { "", "%", "e", ".", "-", "nan", "inf", "0x10", " 1", "1 ", "1%%", "%1", "1%2", "1e999", "-1e999", "1e", "1.2.3", "--1", "1,5", "1k" };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        double v = NAN;
        assert_true(number_parse(good[i].text, &v));
        assert_true(v == good[i].value);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        double v = 77;
        if (number_parse(bad[i], &v) || v != 77)
            fail_msg("'%s' is taken for %g", bad[i], v);
    }
}

static void numbers_are_written(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *text;
    } told[] = { { 0.1, "0.1" }, { 200, "200" }, { 0, "0" }, { -3, "-3" }, { 1e-5, "1e-05" }, { 1.0 / 3, "0.3333333333333333" }, { 0.1 + 0.2, "0.30000000000000004" },
                 { 999999999999999, "999999999999999" }, { -999999999999999, "-999999999999999" }, { 1e15, "1e+15" }, { 1234567.5, "1234567.5" },
                 { 1e22, "1e+22" }, { NAN, "nan" }, { INFINITY, "inf" }, { -INFINITY, "-inf" }, { 5e-324, "5e-324" } };
    char text[NUMBER_TEXT_MAX];
    for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
        number_format(told[i].value, text, sizeof text);
        assert_string_equal(text, told[i].text);
    }
    assert_string_equal(number_told(text, "%.2f", 1.005), "1.00");
    assert_string_equal(number_told(text, "%.2f%%", NAN), "-");
    assert_true(number_scaled(0.05, 3) == 0.15 && number_scaled(0.1, 3) == 0.3 && number_scaled(1, 1.0 / 3) == 0.333333333333 && number_scaled(-2, 0.5) == -1);
}

/* --- texts --------------------------------------------------------------------------------------------------------- */

static void the_middle_is_left_out(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t most;
        const char *short_name;
    } rows[] = { { "abcdefghij", 10, "abcdefghij" }, { "abcdefghijk", 10, "ab..fghijk" }, { "abcdefghijklmnop", 10, "ab..klmnop" }, { "abcdefghijklmnop", 11, "abc..klmnop" },
                 { "abcdefgh", 5, "a..gh" }, { "abcdefgh", 3, "..h" }, { "a\xc3\xa4" "cdefghijk", 10, "a..fghijk" }, { "abcdef\xc3\xa4ghijk", 10, "ab..ghijk" } };
    char out[64];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(text_middle(rows[i].name, rows[i].most, out, sizeof out), rows[i].short_name);
}

static void what_a_terminal_must_not_have_is_replaced(void **state)
{
    (void)state;
    static const struct {
        const char *given, *safe;
    } rows[] = { { "plain ~ text", "plain ~ text" }, { "a\033[31mb", "a\uFFFD[31mb" }, { "a\tb\n", "a\uFFFDb\uFFFD" }, { "\x7f", "\uFFFD" }, { "\x80x", "\uFFFDx" },
                 { "\u00e4\u03bb\u2580", "\u00e4\u03bb\u2580" }, { "\u202e" "abc", "\uFFFD" "abc" }, { "a\u0301\u0301\u0301\u0301", "a\u0301\u0301\u0301\u0301" },
                 { "a\u0301\u0301\u0301\u0301\u0301b\u0301", "a\u0301\u0301\u0301\u0301\uFFFDb\u0301" }, { "", "" } };
    char out[64];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(text_safe(rows[i].given, out, sizeof out), strlen(rows[i].safe));
        assert_string_equal(out, rows[i].safe);
        char *copy = text_safe_copy(rows[i].given);
        assert_string_equal(copy, rows[i].safe);
        free(copy);
    }
    assert_int_equal(text_safe("abc", out, 4), 3);
    assert_int_equal(text_safe("abcd", out, 4), 3);
    assert_string_equal(out, "abc");
    assert_int_equal(text_safe("ab\u00e4", out, 4), 2); /* never half a character */
    assert_int_equal(text_safe(NULL, out, 4), 0);
    assert_string_equal(out, "");
}

static void texts_grow_until_they_are_full(void **state)
{
    (void)state;
    char out[8] = "ab";
    text_append(out, sizeof out, "%d", 345);
    assert_string_equal(out, "ab345");
    text_append(out, sizeof out, "%s", "6789");
    assert_string_equal(out, "ab34567");
    text_append(out, sizeof out, "x");
    assert_string_equal(out, "ab34567");
}

static void json_texts(void **state)
{
    (void)state;
    struct buf b = { 0 };
    text_json(&b, NULL);
    text_json(&b, "");
    text_json(&b, "a\"b\\c\n\x1f ~\x7f\u00e4\uFFFF\U00010000\U0010FFFF");
    assert_string_equal(b.data, "null\"\"\"a\\\"b\\\\c\\u000a\\u001f ~\\u007f\\u00e4\\uffff\\ud800\\udc00\\udbff\\udfff\"");
    buf_release(&b);
}

static void lines_are_wrapped(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int cols;
        const char *indent, *wrapped;
    } rows[] = { { "one two", 7, "", "one two\n" }, { "one two", 6, "", "one\ntwo\n" }, { "one  two three", 9, "  ", "  one two\n  three\n" },
                 { "one two three", 8, "  ", "  one\n  two\n  three\n" }, { "", 5, "  ", "" }, { "longerthanthat is", 5, "", "longerthanthat\nis\n" },
                 { "\u00e4\u00e4\u00e4 \u00e4\u00e4", 6, "", "\u00e4\u00e4\u00e4 \u00e4\u00e4\n" }, { "\u00e4\u00e4\u00e4 \u00e4\u00e4", 5, "", "\u00e4\u00e4\u00e4\n\u00e4\u00e4\n" } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf b = { 0 };
        wrap_text(&b, rows[i].text, rows[i].cols, rows[i].indent);
        assert_string_equal(b.data ? b.data : "", rows[i].wrapped);
        buf_release(&b);
    }
}

static void words_are_found_by_any_of_their_names(void **state)
{
    (void)state;
    static const struct {
        const char *word, *first; /* of its entry; NULL: none */
    } rows[] = { { "T", "H/M/T" }, { "tail", "H/M/T" }, { "TAIL", "H/M/T" }, { "t", NULL }, { "esd", "ESD" }, { "ESD", "ESD" }, { "es", NULL }, { "ES", NULL }, { "", NULL },
                 { "amp!", "amp" }, { "Panes", "panes" }, { "pane", "panes" }, { "tail tail", NULL } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct word_info *w = word_find(rows[i].word);
        assert_int_equal(w == NULL, rows[i].first == NULL);
        if (w)
            assert_memory_equal(w->names, rows[i].first, strlen(rows[i].first));
    }
    struct buf b = { 0 };
    words_of_pane("host", 60, &b);
    assert_memory_equal(b.data, "host\n  What the run costs this machine: processors used by saddle\n  and all, ", 30);
    buf_release(&b);
}

static void choices_are_rows_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int more;
    } rows[] = { { "ant", 1 }, { "bee", 2 }, { "cat", 3 } };
    struct err err;
    assert_int_equal(choice_find("ant", "animal", rows, sizeof *rows, 3, &err), 0);
    assert_int_equal(choice_find("cat", "animal", rows, sizeof *rows, 3, &err), 2);
    assert_int_equal(choice_find("cat", "animal", rows, sizeof *rows, 2, &err), -1);
    assert_string_equal(err.text, "unknown animal 'cat'; known: ant, bee");
    assert_int_equal(err.code, ERR_INVALID);
    assert_int_equal(choice_find("be", "animal", rows, sizeof *rows, 3, NULL), -1);
}

static void equal_values_are_one(void **state)
{
    (void)state;
    char abc[] = "abc", other[] = "abd";
    const char *kept = intern(abc, 4);
    assert_string_equal(kept, "abc");
    assert_ptr_not_equal(kept, abc);
    abc[0] = 'x'; /* a copy */
    assert_string_equal(kept, "abc");
    assert_ptr_equal(intern("abc", 4), kept);
    assert_ptr_not_equal(intern("abc", 3), kept);
    assert_ptr_not_equal(intern(other, 4), kept);
    assert_ptr_equal(intern("abd", 4), intern(other, 4));
    assert_int_equal((uintptr_t)kept % _Alignof(max_align_t), 0);
}

/* --- files --------------------------------------------------------------------------------------------------------- */

static void homes_are_put_in(void **state)
{
    (void)state;
    char out[64], name[80];
    struct err err;
    setenv("HOME", "/some/home", 1);
    static const struct {
        const char *typed, *path;
    } rows[] = { { "~", "/some/home" }, { "~/a b", "/some/home/a b" }, { "a/~", "a/~" }, { "", "" }, { "./~x", "./~x" }, { "~root", "/root" }, { "~root/x", "/root/x" } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(path_expand(rows[i].typed, out, sizeof out, &err), 0);
        assert_string_equal(out, rows[i].path);
    }
    const struct passwd *me = getpwuid(getuid());
    setenv("HOME", "", 1); /* is none */
    if (me && strlen(me->pw_dir) < sizeof out) {
        assert_int_equal(path_expand("~", out, sizeof out, &err), 0);
        assert_string_equal(out, me->pw_dir);
    }
    setenv("HOME", "/some/home", 1);
    assert_int_equal(path_expand("~nobody-here/x", out, sizeof out, &err), -1);
    assert_string_equal(err.text, "no home for '~nobody-here'; in quotes ~ is a character like others");
    assert_int_equal(path_expand("abc", out, 4, &err), 0);
    assert_int_equal(path_expand("abcd", out, 4, &err), -1);
    assert_string_equal(err.text, "path longer than 3 bytes");
    assert_int_equal(path_expand("~", out, 11, &err), 0);
    assert_int_equal(path_expand("~", out, 10, &err), -1);
    memset(name, 'u', sizeof name);
    name[0] = '~';
    name[64] = '\0';
    assert_int_equal(path_expand(name, out, sizeof out, &err), -1);
    assert_says(err, "no home for");
    name[64] = 'u';
    name[65] = '\0';
    assert_int_equal(path_expand(name, out, sizeof out, &err), -1);
    assert_says(err, "no user has a name as long as in");
}

static void a_place_for_what_is_noted(void **state)
{
    (void)state;
    char out[64], root[] = "/tmp/saddle-state-XXXXXX", path[128];
    struct stat st;
    setenv("HOME", "/some/home", 1);
    setenv("XDG_STATE_HOME", "/state", 1);
    assert_true(state_path("data", out, sizeof out));
    assert_string_equal(out, "/state/saddle/data");
    assert_true(state_path("data", out, 19));
    assert_false(state_path("data", out, 18));
    setenv("XDG_STATE_HOME", "relative", 1);
    assert_true(state_path("data", out, sizeof out));
    assert_string_equal(out, "/some/home/.local/state/saddle/data");
    unsetenv("XDG_STATE_HOME");
    setenv("HOME", "relative", 1);
    assert_false(state_path("data", out, sizeof out));
    unsetenv("HOME");
    assert_false(state_path("data", out, sizeof out));
    assert_non_null(mkdtemp(root));
    snprintf(path, sizeof path, "%s/a/b/file", root);
    errno = 0; /* of a mkdir() that succeeds it says nothing */
    assert_int_equal(state_make_folders(path), 0);
    assert_int_equal(state_make_folders(path), 0);
    assert_int_equal(state_make_folders("/proc/nowhere/at/all"), -1);
    snprintf(path, sizeof path, "%s/a/b", root);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode, S_IFDIR | 0700);
    snprintf(path, sizeof path, "%s/a/b/file", root);
    assert_int_equal(stat(path, &st), -1);
    snprintf(path, sizeof path, "rm -r %s", root);
    assert_int_equal(system(path), 0);
}

/* What was said of a file that begins with these bytes; "": nothing. */
static const char *foreign(const char *path, const char *bytes, size_t n)
{
    static struct err err;
    err = (struct err){ .code = ERR_NONE };
    const bool is = foreign_file(path, bytes, n, &err);
    assert_int_equal(is, err.text[0] != '\0');
    assert_int_equal(err.code, is ? ERR_DATA : ERR_NONE);
    return err.text;
}

static void formats_of_others_are_known(void **state)
{
    (void)state;
#define BYTES(text) text, sizeof text - 1
    static const struct {
        const char *bytes;
        size_t n;
        const char *said;
    } rows[] = {
        { BYTES("\x80\x02\x8a\x0al\xfc\x9c" "F\xf9 j\xa8P\x19x"), "f.x is a PyTorch file (pickle, of before version 1.6); " },
        { BYTES("\x80\x02\x8a\x0al\xfc\x9c" "F\xf9 j\xa8P\x18"), "f.x is a Python pickle, perhaps PyTorch's; " }, { BYTES("\x80\x02"), "f.x is a Python pickle, perhaps PyTorch's; " },
        { BYTES("\x80\x05"), "f.x is a Python pickle, perhaps PyTorch's; " }, { BYTES("\x80\x06"), "" }, { BYTES("\x80"), "" }, { BYTES("\x93NUMPY"), "f.x is one NumPy array without a name, not safetensors" },
        { BYTES("\x93NUMP"), "" }, { BYTES("GGUF"), "f.x is a GGUF file, not safetensors" }, { BYTES("\x89HDF\r\n\x1a\n"), "f.x is an HDF5 file, as Keras writes, not safetensors" },
        { BYTES("\x28\xb5\x2f\xfd"), "f.x is compressed (zstd); 'zstd -d' unpacks it, not safetensors" }, { BYTES("\x89PNG"), "f.x is a PNG picture, not safetensors" },
        { BYTES("\xff\xd8\xff"), "f.x is a JPEG picture, not safetensors" }, { BYTES("\x1f\x8b"), "f.x is compressed (gzip); 'gunzip' unpacks it, not safetensors" },
        { BYTES(""), "f.x is empty, not safetensors" }, { BYTES("PK\3\4"), "f.x is a zip archive, not safetensors" }, { BYTES("PK\3"), "" },
        { BYTES("PK\3\4 a/data.pkl"), "f.x is a PyTorch file (zip); " }, { BYTES("PK\3\4 a/version"), "f.x is a PyTorch file (zip); " },
        { BYTES("PK\3\4 a/.format_version"), "f.x is a PyTorch file (zip); " }, { BYTES("PK\3\4 x.npy"), "f.x is a NumPy archive (npz); " }, { BYTES("\x10\0\0\0\0\0\0\0{}"), "" },
    };
#undef BYTES
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *said = foreign("f.x", rows[i].bytes, rows[i].n);
        if (strncmp(said, rows[i].said, strlen(rows[i].said)) != 0 || !said[0] != !rows[i].said[0])
            fail_msg("row %zu: '%s'", i, said);
    }
    char far[400];
    memset(far, ' ', sizeof far);
    memcpy(far, "PK\3\4", 4);
    memcpy(far + 286 - 4, ".npy", 4); /* the last place of a first name */
    assert_non_null(strstr(foreign("f.x", far, sizeof far), "(npz)"));
    memset(far + 282, ' ', 4);
    memcpy(far + 283, ".npy", 4);
    assert_string_equal(foreign("f.x", far, sizeof far), "f.x is a zip archive, not safetensors");
}

static void the_line_that_converts_names_the_file(void **state)
{
    (void)state;
    static const char torch[] = "\x80\x02", numpy[] = "PK\3\4 x.npy";
    assert_string_equal(foreign("w/net.v1.pt", torch, 2),
                        "w/net.v1.pt is a Python pickle, perhaps PyTorch's; this makes safetensors of it: python3 -c \"import torch, safetensors.torch as s; d = torch.load('w/net.v1.pt', "
                        "map_location='cpu'); d = d.get('state_dict', d); s.save_file({k: v.clone().contiguous() for k, v in d.items() if torch.is_tensor(v)}, "
                        "'w/net.v1.safetensors')\"");
    assert_string_equal(foreign("a.npz", numpy, sizeof numpy),
                        "a.npz is a NumPy archive (npz); this makes safetensors of it: python3 -c \"import numpy, safetensors.numpy as s; s.save_file({k: numpy.ascontiguousarray(v) "
                        "for k, v in numpy.load('a.npz').items()}, 'a.safetensors')\"");
    static const struct {
        const char *path, *loads, *saves;
    } rows[] = { { "net", "load('net'", "'net.safetensors'" }, { "v1.2/net", "load('v1.2/net'", "'v1.2/net.safetensors'" }, { "w/.net", "load('w/.net'", "'w/.net.safetensors'" },
                 { "a b.pt", "load('FILE.pt'", "'FILE.safetensors'" }, { "it's.pt", "load('FILE.pt'", "'FILE.safetensors'" },
                 { "345678901234567890123456789012345678901234567.pt", "load('345678901234567890123456789012345678901234567.pt'", "4567.safetensors'" },
                 { "3456789012345678901234567890123456789012345678.pt", "load('FILE.pt'", "'FILE.safetensors'" } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *said = foreign(rows[i].path, torch, 2);
        if (!strstr(said, rows[i].loads) || !strstr(said, rows[i].saves))
            fail_msg("%s", said);
    }
    char long_name[64];
    memset(long_name, 'n', sizeof long_name);
    long_name[60] = '\0';
    assert_non_null(strstr(foreign(long_name, torch, 2), "nnn is a Python"));
    long_name[60] = 'n';
    long_name[61] = '\0';
    assert_non_null(strstr(foreign(long_name, torch, 2), "nnn... is a Python"));
}

/* --- numbers of machines and draws ---------------------------------------------------------------------------------- */

static void samples_are_a_ring(void **state)
{
    (void)state;
    double ring[HOST_SAMPLES];
    for (int i = 0; i < HOST_SAMPLES; i++)
        ring[i] = i;
    assert_true(isnan(host_get(ring, 0, 0)) && isnan(host_get(ring, 5, -1)) && isnan(host_get(ring, 5, 5)));
    assert_true(host_get(ring, 5, 0) == 4 && host_get(ring, 5, 4) == 0);
    assert_true(host_get(ring, HOST_SAMPLES + 3, 0) == 2 && host_get(ring, HOST_SAMPLES + 3, 3) == HOST_SAMPLES - 1);
    assert_true(host_get(ring, 2 * HOST_SAMPLES, HOST_SAMPLES - 1) == 0 && isnan(host_get(ring, 2 * HOST_SAMPLES, HOST_SAMPLES)));
    struct host h;
    host_init(&h);
    assert_true(h.processors >= 1 && isnan(h.rss_bytes) && isnan(h.total_bytes) && isnan(h.free_bytes));
    assert_false(host_sample(&h, 1000)); /* the first has none before it */
    assert_false(host_sample(&h, 1000 + 999999999));
    for (const clock_t begin = clock(); clock() - begin < CLOCKS_PER_SEC / 50;) /* is seen, as a share of the second that went by */
        continue;
    assert_true(host_sample(&h, 1000 + 1000000000));
    assert_int_equal(h.n, 1);
    assert_true(h.cores[0] >= 0.015 && h.cores[0] < 64 && h.rss_bytes > 1e5 && h.rss_bytes < h.total_bytes && h.free_bytes > 0 && h.free_bytes <= h.total_bytes);
}

static double busy_of(struct host *h, const char *text)
{
    FILE *f = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
    const double share = host_busy(h, f);
    fclose(f);
    return share;
}

/* User, nice, system, idle, waiting for disks, interrupts of both kinds, stolen: all but the fourth and fifth are work. */
static void a_machine_is_busy(void **state)
{
    (void)state;
    struct host h;
    host_init(&h);
    assert_true(isnan(host_busy(&h, NULL)) && isnan(busy_of(&h, "cpu 1 2 3 4\n")) && isnan(busy_of(&h, "intr 1 2 3 4 5 6 7 8\n")));
    assert_true(isnan(busy_of(&h, "cpu  10 10 10 10 10 10 10 10 5 5\ncpu0 1 1 1 1 1 1 1 1\n")));
    assert_true(busy_of(&h, "cpu  11 12 14 18 26 42 74 138 5 5\n") == (1.0 + 2 + 4 + 32 + 64 + 128) / 255);
    assert_true(isnan(busy_of(&h, "cpu  11 12 14 18 26 42 74 138\n"))); /* no time went by */
    assert_true(busy_of(&h, "cpu  12 12 14 21 26 42 74 138\n") == 0.25);
    assert_true(busy_of(&h, "cpu  12 12 14 21 30 42 74 138\n") == 0);
    assert_true(isnan(busy_of(&h, "cpu 1 1 1 1 1\n"))); /* counted anew: less than before */
    assert_true(busy_of(&h, "cpu 2 1 1 1 1\n") == 1);
}

/* Of Castagnoli's polynomial: RFC 3720, B.4. */
static void sums_of_known_bytes(void **state)
{
    (void)state;
    uint8_t bytes[32];
    for (int i = 0; i < 32; i++)
        bytes[i] = (uint8_t)i;
    assert_int_equal(crc32c(0, bytes, 32), 0x46dd794e);
    assert_int_equal(crc32c_portable(0, bytes, 32), 0x46dd794e);
    for (size_t n = 0; n <= 32; n++) { /* in two pieces, from every place */
        assert_int_equal(crc32c(crc32c(0, bytes, n), bytes + n, 32 - n), 0x46dd794e);
        assert_int_equal(crc32c_portable(crc32c_portable(0, bytes, n), bytes + n, 32 - n), 0x46dd794e);
    }
    assert_int_equal(crc32c(0, "123456789", 9), 0xe3069283);
    assert_int_equal(crc32c_portable(0, "123456789", 9), 0xe3069283);
}

/* By another Philox, of ten lines of Python; a seed that fills both words of the key. */
static void draws_are_these(void **state)
{
    (void)state;
    const uint64_t seed = (UINT64_C(5) << 32) | 7;
    static const float units[] = { 0.38212132453918457F, 0.06922823190689087F, 0.7873544096946716F, 0.8386856913566589F, 0.23984169960021973F };
    static const uint32_t tens[] = { 3, 0, 7, 8, 2, 1, 1, 2, 9, 7, 7, 8 };
    static const uint32_t large[] = { 1146364093, 207684759, 2362063362, 2516057203, 719525216, 593067175, 711185123, 2968115274 };
    static const double normals[] = { 0.31325920601139035, -2.599743372932359, 0.130924824331837, 0.8236766981211228, -0.4152376201852645 };
    static const uint32_t order[] = { 6, 7, 2, 1, 8, 9, 5, 0, 3, 4 };
    struct rng r;
    rng_init(&r, seed, RNG_DEMO, 1, 2);
    for (size_t i = 0; i < 5; i++)
        assert_true(rng_unit(&r) == units[i]);
    rng_init(&r, seed, RNG_DEMO, 1, 2);
    for (size_t i = 0; i < 12; i++)
        assert_int_equal(rng_below(&r, 10), tens[i]);
    rng_init(&r, seed, RNG_DEMO, 1, 2);
    for (size_t i = 0; i < 8; i++)
        assert_int_equal(rng_below(&r, 3000000000u), large[i]);
    assert_int_equal(r.block, 3); /* nine words: one was rejected */
    assert_int_equal(r.used, 1);
    rng_init(&r, seed, RNG_PROBE, 1, 2);
    for (size_t i = 0; i < 5; i++)
        assert_true(fabs((double)rng_normal(&r) - normals[i]) < 1e-6);
    uint32_t got[10];
    rng_permutation(got, 10, seed, 3);
    assert_memory_equal(got, order, sizeof order);
    rng_permutation(got, 2, 3, 0);
    assert_true(got[0] == 1 && got[1] == 0);
    rng_permutation(got, 2, 3, 1);
    assert_true(got[0] == 0 && got[1] == 1);
    struct rng_twister t;
    uint32_t one = 5;
    rng_twister_init(&t, 0);
    rng_twister_shuffle(&t, &one, 0);
    rng_twister_shuffle(&t, &one, 1);
    assert_true(one == 5 && t.next == 624);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_read), cmocka_unit_test(numbers_are_written), cmocka_unit_test(the_middle_is_left_out),
        cmocka_unit_test(what_a_terminal_must_not_have_is_replaced), cmocka_unit_test(texts_grow_until_they_are_full), cmocka_unit_test(json_texts),
        cmocka_unit_test(lines_are_wrapped), cmocka_unit_test(words_are_found_by_any_of_their_names), cmocka_unit_test(choices_are_rows_by_name),
        cmocka_unit_test(equal_values_are_one), cmocka_unit_test(homes_are_put_in), cmocka_unit_test(a_place_for_what_is_noted),
        cmocka_unit_test(formats_of_others_are_known), cmocka_unit_test(the_line_that_converts_names_the_file), cmocka_unit_test(samples_are_a_ring), cmocka_unit_test(a_machine_is_busy),
        cmocka_unit_test(sums_of_known_bytes), cmocka_unit_test(draws_are_these),
    };
    return cmocka_run_group_tests_name("unit/texts", tests, NULL, NULL);
}
