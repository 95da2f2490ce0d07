/* Base room: Philox and twister against published vectors, buffers, error texts, digests. */
#include "config.h"
#include "check.h"

#include "base/buf.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "base/rng.h"
#include "base/spread.h"
#include "base/text.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* Random123's kat_vectors, philox4x32-10. */
static void test_philox_known_answers(void **state)
{
    (void)state;
    static const struct {
        uint32_t counter[4], key[2], out[4];
    } known[] = {
        { { 0, 0, 0, 0 }, { 0, 0 }, { 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8 } },
        { { ~0u, ~0u, ~0u, ~0u }, { ~0u, ~0u }, { 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd } },
        { { 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344 }, { 0xa4093822, 0x299f31d0 },
          { 0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1 } },
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        struct rng_words r = rng_philox(known[i].counter, known[i].key);
        assert_memory_equal(r.w, known[i].out, sizeof r.w);
    }
}

static void test_draw_is_philox_of_its_arguments(void **state)
{
    (void)state;
    const uint32_t counter[4] = { 5, 4, 3, RNG_AUGMENT }, key[2] = { 0x89abcdef, 0x01234567 };
    struct rng_words a = rng_draw(0x0123456789abcdefu, RNG_AUGMENT, 3, 4, 5), b = rng_philox(counter, key);
    assert_memory_equal(a.w, b.w, sizeof a.w);
}

static void test_stream_takes_words_in_order(void **state)
{
    (void)state;
    struct rng r;
    rng_init(&r, 7, RNG_DEMO, 1, 2);
    for (uint32_t block = 0; block < 3; block++) {
        struct rng_words words = rng_draw(7, RNG_DEMO, 1, 2, block);
        for (int i = 0; i < 4; i++)
            assert_int_equal(rng_u32(&r), words.w[i]);
    }
}

static void test_words_filled_are_the_words_one_by_one(void **state)
{
    (void)state;
    struct rng one, many;
    rng_init(&one, 7, RNG_DEMO, 1, 2);
    rng_init(&many, 7, RNG_DEMO, 1, 2);
    for (size_t n = 0; n < 110; n++) { /* from every place in a block, and through several blocks side by side */
        uint32_t words[110];
        rng_fill(&many, words, n);
        for (size_t i = 0; i < n; i++)
            assert_int_equal(words[i], rng_u32(&one));
    }
}

static void test_below_stays_below_and_reaches_all(void **state)
{
    (void)state;
    struct rng r;
    int seen[7] = { 0 };
    rng_init(&r, 1, RNG_DEMO, 0, 0);
    for (int i = 0; i < 7000; i++) {
        uint32_t v = rng_below(&r, 7);
        assert_true(v < 7);
        seen[v]++;
    }
    for (int v = 0; v < 7; v++)
        assert_in_range(seen[v], 850, 1150); /* five standard deviations */
}

static void test_normal_has_its_moments(void **state)
{
    (void)state;
    struct rng r;
    double sum = 0, squares = 0;
    enum { N = 20000 };
    rng_init(&r, 1, RNG_PROBE, 0, 0);
    for (int i = 0; i < N; i++) {
        double v = rng_normal(&r);
        sum += v;
        squares += v * v;
    }
    assert_true(fabs(sum / N) < 0.04);
    assert_true(fabs(squares / N - 1) < 0.05);
}

static void test_permutation_holds_each_once(void **state)
{
    (void)state;
    enum { N = 1000 };
    uint32_t a[N], b[N], again[N];
    char seen[N] = { 0 };
    rng_permutation(a, N, 3, 0);
    rng_permutation(b, N, 3, 1);
    rng_permutation(again, N, 3, 0);
    for (int i = 0; i < N; i++) {
        assert_true(a[i] < N);
        assert_false(seen[a[i]]);
        seen[a[i]] = 1;
    }
    assert_memory_equal(a, again, sizeof a);
    assert_memory_not_equal(a, b, sizeof a);
}

/* The order that NumPy gives (methods 10.3). */
static void test_twister_matches_the_reference(void **state)
{
    (void)state;
    struct rng_twister t;
    rng_twister_init(&t, 0);
    double high = rng_twister_u32(&t) >> 5, low = rng_twister_u32(&t) >> 6;
    assert_true((high * 67108864 + low) / 9007199254740992 == 0.5488135039273248);
    static const uint32_t shuffled[2][10] = { { 2, 8, 4, 9, 1, 6, 7, 3, 0, 5 }, { 8, 1, 5, 0, 7, 2, 9, 4, 3, 6 } };
    for (int k = 0; k < 2; k++) {
        uint32_t items[10] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 };
        rng_twister_init(&t, k ? 42 : 0);
        rng_twister_shuffle(&t, items, 10);
        assert_memory_equal(items, shuffled[k], sizeof items);
    }
}

static void test_buf_grows_and_stays_text(void **state)
{
    (void)state;
    struct buf b = { 0 };
    for (int i = 0; i < 1000; i++)
        buf_addf(&b, "%d,", i);
    buf_addc(&b, 'x');
    buf_add(&b, "\0y", 2);
    assert_int_equal(b.len, 10 * 2 + 90 * 3 + 900 * 4 + 3);
    assert_memory_equal(b.data, "0,1,2,", 6);
    assert_memory_equal(b.data + b.len - 7, "999,x\0y", 8); /* and the NUL that is not counted */
    assert_false(b.failed);
    buf_clear(&b);
    assert_int_equal(b.len, 0);
    assert_string_equal(b.data, "");
    memcpy(buf_reserve(&b, 3), "abc", 4);
    b.len += 3;
    buf_adds(&b, "d");
    assert_string_equal(b.data, "abcd");
    buf_release(&b);
    assert_null(b.data);
}

/* Each character comes back as it went; each byte that is part of none counts alone. */
static void test_utf8(void **state)
{
    (void)state;
    static const char *const bad[] = { "\x80", "\xc0\x80", "\xc3", "\xe2\x96", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xf0\x80\x80\x80", "\xff" };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const char *at = bad[i];
        assert_int_equal(text_next(&at), 0xfffd);
        assert_int_equal(at - bad[i], 1);
    }
    for (uint32_t c = 1; c < 0x110000; c += c < 0x3000 ? 1 : 97) {
        char bytes[5] = { 0 };
        const char *at = bytes;
        if (c >= 0xd800 && c < 0xe000)
            continue;
        const size_t n = text_encode(c, bytes);
        assert_int_equal(text_next(&at), c);
        assert_int_equal(at - bytes, n);
    }
}

static void test_lines_of_a_text(void **state)
{
    (void)state;
    const char *text = "one\n\nthree", *line;
    size_t n;
    assert_non_null(line = text_next_line(&text, &n));
    assert_true(n == 3 && strncmp(line, "one", 3) == 0);
    assert_non_null(text_next_line(&text, &n));
    assert_int_equal(n, 0);
    assert_non_null(line = text_next_line(&text, &n));
    assert_true(n == 5 && strcmp(line, "three") == 0);
    assert_null(text_next_line(&text, &n));
    text = "last\n";
    assert_non_null(text_next_line(&text, &n));
    assert_null(text_next_line(&text, &n));
    text = NULL;
    assert_null(text_next_line(&text, &n));
}

static void test_ends_of_a_text(void **state)
{
    (void)state;
    assert_true(text_ends("a.png", ".png") && text_ends("a.png.png", ".png"));
    assert_false(text_ends("a.png.svg", ".png") || text_ends(".png", ".png") || text_ends("g", ".png"));
}

static void test_err_texts(void **state)
{
    (void)state;
    struct err e;
    assert_int_equal(err_set(&e, ERR_RANGE, "rho %d is not accepted", 12), -1);
    assert_int_equal(e.code, ERR_RANGE);
    assert_int_equal(err_prefix(&e, "set"), -1);
    assert_string_equal(e.text, "set: rho 12 is not accepted");
    assert_int_equal(e.code, ERR_RANGE);
    errno = ENOENT;
    assert_int_equal(err_io(&e, "cannot open %s", "x"), -1);
    assert_string_equal(e.text, "cannot open x: No such file or directory");
    assert_int_equal(e.code, ERR_IO);
    assert_int_equal(err_set(NULL, ERR_RANGE, "nobody listens"), -1);
}

static void test_err_long_text_is_cut(void **state)
{
    (void)state;
    struct err e;
    char text[1000];
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    err_set(&e, ERR_DATA, "%s", text);
    assert_int_equal(strlen(e.text), sizeof e.text - 1);
    err_prefix(&e, "b");
    assert_int_equal(strlen(e.text), sizeof e.text - 1);
    assert_memory_equal(e.text, "b: aaa", 6);
}

/* FIPS 180-2, appendix B. */
static void test_digest_known_answers(void **state)
{
    (void)state;
    struct digest d;
    char hex[DIGEST_HEX];
    digest_init(&d);
    digest_add(&d, "a", 1);
    digest_add(&d, "bc", 2);
    digest_hex(&d, hex);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    digest_add(&d, NULL, 0); /* digest_hex() has started anew */
    digest_hex(&d, hex);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

enum { TURNS = 100 };
struct turns {
    int made[TURNS], worker[TURNS];
    bool takes_signals[TURNS];
};

static void make_turn(void *context, int index, int worker)
{
    struct turns *turns = context;
    sigset_t blocked;
    pthread_sigmask(SIG_BLOCK, NULL, &blocked);
    turns->made[index]++;
    turns->worker[index] = worker;
    turns->takes_signals[index] = !sigismember(&blocked, SIGINT);
}

static void test_each_turn_is_made_once_and_only_the_caller_takes_signals(void **state)
{
    (void)state;
    static const struct { int threads, n, workers; } given[] = { { 3, TURNS, 3 }, { 8, 2, 2 }, { 99, TURNS, 64 }, { -1, 5, 1 }, { 4, 0, 1 } };
    for (size_t k = 0; k < sizeof given / sizeof given[0]; k++) {
        struct turns turns = { .made = { 0 } };
        parallel_each(given[k].threads, given[k].n, make_turn, &turns);
        for (int i = 0; i < TURNS; i++) {
            assert_int_equal(turns.made[i], i < given[k].n);
            assert_int_equal(turns.worker[i], i < given[k].n ? i % given[k].workers : 0);
            assert_int_equal(turns.takes_signals[i], i < given[k].n && turns.worker[i] == 0);
        }
    }
}

/* A file of text at root/name. */
static void put(const char *root, const char *name, const char *text)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", root, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    assert_int_equal(fclose(f), 0);
}

static uint64_t left_in(const char *root, const char *membership)
{
    char path[512];
    put(root, "membership", membership);
    snprintf(path, sizeof path, "%s/membership", root);
    return memory_group_bytes(path, root);
}

static void test_memory_that_a_group_leaves(void **state)
{
    (void)state;
    char root[] = "/tmp/saddle-groups-XXXXXX", command[64], folder[96];
    static const char *const folders[] = { "job", "job/step", "memory", "memory/job" };
    assert_non_null(mkdtemp(root));
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        snprintf(folder, sizeof folder, "%s/%s", root, folders[i]);
        assert_int_equal(mkdir(folder, 0700), 0);
    }
    assert_true(left_in(root, "0::/job/step\n") == UINT64_MAX);
    put(root, "job/step/memory.max", "max\n");
    assert_true(left_in(root, "0::/job/step\n") == UINT64_MAX);
    put(root, "job/memory.max", "5000000\n"); /* a parent's */
    put(root, "job/memory.current", "2000000\n");
    put(root, "job/memory.stat", "anon 7\ninactive_anon 300000\ninactive_file 500000\nactive_file 9\n");
    assert_int_equal(left_in(root, "3:pids:/\n0::/job/step\n"), 3500000);
    assert_int_equal(left_in(root, "0::/job"), 3500000);
    assert_true(left_in(root, "0::/\n") == UINT64_MAX);
    put(root, "job/memory.current", "9000000\n");
    assert_int_equal(left_in(root, "0::/job/step\n"), 0);
    put(root, "memory/memory.limit_in_bytes", "800000\n"); /* version 1, the group itself not to be seen */
    put(root, "memory/memory.usage_in_bytes", "300000\n");
    put(root, "memory/memory.stat", "inactive_file 1\ntotal_inactive_anon 50000\ntotal_inactive_file 100000\n");
    assert_int_equal(left_in(root, "4:memory:/elsewhere/of/another\n0::/\n"), 600000);
    put(root, "memory/job/memory.limit_in_bytes", "200000\n");
    assert_int_equal(left_in(root, "4:memory:/job\n"), 200000);
    assert_true(memory_group_bytes("/nonexistent", root) == UINT64_MAX);
    snprintf(command, sizeof command, "rm -r %s", root);
    assert_int_equal(system(command), 0);
}

static void test_memory_that_a_limit_leaves(void **state)
{
    (void)state;
    enum { MORE = 64 << 20 };
    struct rlimit before, now;
    unsigned long pages = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    assert_non_null(f);
    assert_int_equal(fscanf(f, "%lu", &pages), 1);
    fclose(f);
    assert_int_equal(getrlimit(RLIMIT_AS, &before), 0);
    now = before;
    now.rlim_cur = pages * (rlim_t)sysconf(_SC_PAGESIZE) + MORE;
    assert_int_equal(setrlimit(RLIMIT_AS, &now), 0);
    const uint64_t left = memory_available_bytes();
    setrlimit(RLIMIT_AS, &before);
    assert_in_range(left, MORE / 2, MORE);
}

static void test_spread_of_a_few_numbers(void **state)
{
    (void)state;
    struct spread none = { 0 }, one = { 0 }, some = { 0 }, far = { 0 };
    assert_true(isnan(spread_mean(&none)) && isnan(spread_deviation(&none)));
    spread_add(&one, 3);
    assert_true(spread_mean(&one) == 3 && isnan(spread_deviation(&one)));
    const double value[] = { 2, NAN, 4, INFINITY, 4, 4, 5, 5, 7, 9 };
    for (size_t i = 0; i < sizeof value / sizeof *value; i++)
        spread_add(&some, value[i]);
    assert_int_equal(some.n, 8);
    assert_true(spread_mean(&some) == 5 && fabs(some.squares - 32) < 1e-12 && fabs(spread_deviation(&some) - sqrt(32.0 / 7)) < 1e-12);
    for (int i = 0; i < 4; i++)
        spread_add(&far, 1e9 + i); /* sums of squares have no digits left for them */
    assert_true(fabs(spread_deviation(&far) - sqrt(5.0 / 3)) < 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_philox_known_answers),
        cmocka_unit_test(test_draw_is_philox_of_its_arguments),
        cmocka_unit_test(test_stream_takes_words_in_order),
        cmocka_unit_test(test_words_filled_are_the_words_one_by_one),
        cmocka_unit_test(test_below_stays_below_and_reaches_all),
        cmocka_unit_test(test_normal_has_its_moments),
        cmocka_unit_test(test_permutation_holds_each_once),
        cmocka_unit_test(test_twister_matches_the_reference),
        cmocka_unit_test(test_buf_grows_and_stays_text),
        cmocka_unit_test(test_utf8),
        cmocka_unit_test(test_lines_of_a_text),
        cmocka_unit_test(test_ends_of_a_text),
        cmocka_unit_test(test_err_texts),
        cmocka_unit_test(test_err_long_text_is_cut),
        cmocka_unit_test(test_digest_known_answers),
        cmocka_unit_test(test_memory_that_a_group_leaves),
        cmocka_unit_test(test_memory_that_a_limit_leaves),
        cmocka_unit_test(test_spread_of_a_few_numbers),
        cmocka_unit_test(test_each_turn_is_made_once_and_only_the_caller_takes_signals),
    };
    return cmocka_run_group_tests_name("unit/base", tests, NULL, NULL);
}
