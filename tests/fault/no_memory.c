/* Reading a recording while each request for memory in turn fails: whoever asks is told, or what he gets is whole. The requests of this program's
 * own code are counted at the linker's --wrap. TAP by cmocka. */
#include "config.h"
#include "../unit/check.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "session/history.h"
#include "session/record.h"
#include "session/recording.h"

/* --- requests that fail ---------------------------------------------------------------------------------------------- */

static long left = -1; /* requests until one fails; -1: none does */
static bool lasts;     /* and all after it */
static long asked;

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);

static bool refused(void)
{
    asked++;
    if (left < 0)
        return false;
    if (left > 0) {
        left--;
        return false;
    }
    left = lasts ? 0 : -1;
    return true;
}

void *__wrap_malloc(size_t n)
{
    return refused() ? NULL : __real_malloc(n);
}

void *__wrap_calloc(size_t n, size_t size)
{
    return refused() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t n)
{
    return refused() ? NULL : __real_realloc(p, n);
}

/* --- a recording ----------------------------------------------------------------------------------------------------- */

static const char *const places[] = { "tests/golden/probes.saddle", "tests/golden/twice.saddle", "tests/fuzz/corpus/fuzz_pack/whole" }; /* two folders, a packed file */
enum { PLACES = sizeof places / sizeof *places };
static char dir[1024];

static void choose(int i)
{
    const char *src = getenv("top_srcdir");
    snprintf(dir, sizeof dir, "%s/%s", src ? src : ".", places[i]);
}

struct whole { /* what there is with memory */
    size_t events;
    char *table;
    size_t n;
};

static char *table_of(const struct history *h, size_t *n)
{
    char *text = NULL;
    FILE *out = open_memstream(&text, n);
    assert_non_null(out);
    history_put_csv(out, h);
    fclose(out);
    return text;
}

static void fold(const struct recording *r, struct history *h)
{
    history_init(h);
    for (size_t i = 0; i < recording_count(r); i++)
        history_fold(h, recording_event(r, i));
}

static void read_whole(struct whole *out)
{
    struct err err = { 0 };
    struct history h;
    struct recording *r = recording_open(dir, &err);
    assert_non_null(r);
    fold(r, &h);
    out->events = recording_count(r);
    out->table = table_of(&h, &out->n);
    history_release(&h);
    recording_close(r);
}

/* Says nothing wrong: it is not opened, or says that something is missing, or the table has every number. */
static void read_with_a_refusal(const struct whole *whole, long at, bool for_good)
{
    struct err err = { 0 };
    struct history h;
    bool loud = false;
    left = at;
    lasts = for_good;
    struct recording *r = recording_open(dir, &err);
    if (!r) {
        left = -1;
        assert_true(err.text[0]);
        return;
    }
    fold(r, &h);
    left = -1;
    recording_damage(r, &loud);
    if (!loud && !h.failed && recording_follow(r, &err) >= 0) {
        size_t n;
        char *table = table_of(&h, &n);
        assert_int_equal(recording_count(r), whole->events);
        assert_string_equal(table, whole->table);
        free(table);
    }
    history_release(&h);
    recording_close(r);
}

static void try_every_refusal(void)
{
    struct whole whole;
    read_whole(&whole);
    asked = 0;
    read_with_a_refusal(&whole, -1, false);
    const long requests = asked;
    assert_true(requests > 100);
    for (long i = 0; i < requests; i++) {
        read_with_a_refusal(&whole, i, false);
        read_with_a_refusal(&whole, i, true);
    }
    print_message("%ld requests, each refused once, and it and all after it\n", requests);
    free(whole.table);
}

static void every_refusal_is_told(void **state)
{
    (void)state;
    for (int i = 0; i < PLACES; i++) {
        choose(i);
        try_every_refusal();
    }
}

static int verify(FILE *out, struct err *err)
{
    (void)out;
    return session_verify(dir, NULL, NULL, err);
}

static int print(FILE *out, struct err *err)
{
    return session_cat(dir, out, err);
}

/* All that it asks for is needed: the first request that fails, and all after it, make it fail. */
static void fails_without_memory(int (*what)(FILE *out, struct err *err))
{
    FILE *out = fopen("/dev/null", "w");
    assert_non_null(out);
    asked = 0;
    assert_int_equal(what(out, NULL), 0);
    const long requests = asked;
    assert_true(requests > 20);
    for (long i = 0; i < requests; i++) {
        struct err err = { 0 };
        left = i;
        lasts = true;
        const int result = what(out, &err);
        left = -1;
        assert_true(result < 0 && err.text[0]);
    }
    fclose(out);
}

static void verify_and_cat_fail_without_memory(void **state)
{
    (void)state;
    for (int i = 0; i < PLACES; i++) {
        choose(i);
        fails_without_memory(verify);
        fails_without_memory(print);
    }
}

static void cat_says_that_its_output_is_full(void **state)
{
    struct err err = { 0 };
    FILE *full = fopen("/dev/full", "w");
    (void)state;
    if (!full)
        skip();
    choose(0);
    assert_int_equal(session_cat(dir, full, &err), -1);
    assert_says(err, "cannot print");
    fclose(full);
}

/* --- records --------------------------------------------------------------------------------------------------------- */

static void a_record_needs_memory(void **state)
{
    (void)state;
    lasts = false;
    for (long i = 0; i < 3; i++) {
        left = i;
        struct record_coder *c = record_coder_new(3);
        const bool was_refused = left == -1;
        left = -1;
        assert_true(!c == was_refused);
        record_coder_free(c);
    }
    struct record_coder *c = record_coder_new(3);
    struct record r = { .type = RECORD_EVENTS };
    struct buf out = { 0 };
    struct err err = { 0 };
    const struct record_body body = { .data = "text", .n = 4 };
    left = 0;
    assert_int_equal(record_encode(c, &r, &body, &out, &err), -1);
    assert_int_equal(err.code, ERR_MEMORY);
    buf_release(&out);
    left = 0;
    assert_int_equal(record_wrap(&r, &body, "frame", &out, &err), -1);
    assert_int_equal(err.code, ERR_MEMORY);
    assert_int_equal(out.len, 0);
    left = -1;
    buf_release(&out);
    record_coder_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_refusal_is_told),
        cmocka_unit_test(verify_and_cat_fail_without_memory),
        cmocka_unit_test(cat_says_that_its_output_is_full),
        cmocka_unit_test(a_record_needs_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
