#include "config.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/buf.h"
#include "base/err.h"
#include "engine/event.h"
#include "engine/event_pack.h"
#include "engine/run/trainer.h"

static struct err last;

static const double doubles[] = { 0.1, -0.0, 1e-300, 9007199254740993.0, -1e20, INFINITY, -INFINITY, 3 };
static const float floats[] = { 0.1f, -0.0f, 1e-40f, 3e38f, INFINITY, 7 };
static const uint32_t words[] = { 0, 1, 4294967295u };
static const char *const texts[] = { "plain", "q\"b\\s", "\xce\xbb min \xf0\x9f\x98\x80", "tab\tbell\a esc\x1b[31m" };

static void fill(struct event *e)
{
    const struct event_info *info = &event_table[e->kind];
    for (int i = 0; i < info->n_fields; i++)
        switch (info->field[i].type) {
        case EVENT_U64: event_set_u64(e, i, i % 2 ? UINT64_MAX - (uint64_t)i : (uint64_t)i); break;
        case EVENT_F32:
        case EVENT_F64: event_set_f64(e, i, doubles[(size_t)i % 8]); break;
        case EVENT_STR: event_set_str(e, i, texts[i % 4]); break;
        case EVENT_F32S: event_set_f32s(e, i, floats, 6); break;
        case EVENT_F64S: event_set_f64s(e, i, doubles, 8); break;
        case EVENT_U32S: event_set_u32s(e, i, words, 3); break;
        case EVENT_STRS: event_set_strs(e, i, texts, 4); break;
        }
}

static void assert_same_float(double a, double b)
{
    if (isnan(a) && isnan(b))
        return;
    assert_memory_equal(&a, &b, sizeof a);
}

static void assert_same(const struct event *a, const struct event *b)
{
    const struct event_info *info = &event_table[a->kind];
    assert_int_equal(a->kind, b->kind);
    assert_true(a->q == b->q && a->step == b->step && a->ns == b->ns);
    for (int i = 0; i < info->n_fields; i++) {
        const struct event_field *x = &a->f[i], *y = &b->f[i];
        assert_int_equal(x->n, y->n);
        switch (info->field[i].type) {
        case EVENT_U64: assert_true(x->u == y->u); break;
        case EVENT_F32:
        case EVENT_F64: assert_same_float(x->f, y->f); break;
        case EVENT_STR:
            assert_true(!x->s == !y->s);
            if (x->s)
                assert_string_equal(x->s, y->s);
            break;
        case EVENT_F32S: assert_memory_equal(x->f32s, y->f32s, x->n * sizeof(float)); break;
        case EVENT_F64S: assert_memory_equal(x->f64s, y->f64s, x->n * sizeof(double)); break;
        case EVENT_U32S: assert_memory_equal(x->u32s, y->u32s, x->n * sizeof(uint32_t)); break;
        case EVENT_STRS:
            for (uint32_t j = 0; j < x->n; j++)
                assert_string_equal(x->strs[j], y->strs[j]);
            break;
        }
    }
}

static void round_trip(struct event *e)
{
    struct buf line = { 0 }, again = { 0 };
    struct event *back = NULL;
    event_to_json(e, &line);
    for (size_t i = 0; i < line.len; i++)
        assert_true(line.data[i] >= 0x20 && line.data[i] <= 0x7e);
    if (event_from_json(line.data, line.len, &back, &last) < 0)
        fail_msg("%s: %s", last.text, line.data);
    assert_non_null(back);
    event_to_json(back, &again);
    assert_string_equal(line.data, again.data);
    assert_same(e, back);
    event_unref(back);
    buf_release(&line);
    buf_release(&again);
}

/* Kept in few bytes and taken out again, far from the base or near it. */
static void pack_trip(const struct event *e)
{
    const struct event_head bases[] = { { .q = 0 }, { .q = e->q, .step = e->step, .ns = e->ns }, { .q = UINT64_MAX, .step = 7, .ns = UINT64_MAX } };
    struct event *back = event_new(EVENT_NOTE, 5);
    for (size_t i = 0; i < sizeof bases / sizeof bases[0]; i++) {
        struct buf packed = { 0 };
        struct event_head head;
        event_pack(e, &bases[i], &packed);
        assert_int_equal(event_unpack(packed.data, &bases[i], back), 0);
        assert_same(e, back);
        event_peek(packed.data, &bases[i], &head);
        assert_true(head.kind == e->kind && head.q == e->q && head.step == e->step && head.ns == e->ns);
        buf_release(&packed);
    }
    event_unref(back);
}

static void test_every_kind(void **state)
{
    (void)state;
    for (int kind = 0; kind < EVENT_KINDS; kind++) {
        assert_int_equal(event_kind_of(event_table[kind].kind), kind);
        assert_in_range(event_table[kind].n_fields, 1, EVENT_MAX_FIELDS);
        struct event *e = event_new((enum event_kind)kind, 15821);
        e->q = UINT64_C(1) << 60;
        round_trip(e); /* everything missing */
        pack_trip(e);
        fill(e);
        round_trip(e);
        pack_trip(e);
        event_unref(e);
    }
    assert_int_equal(event_kind_of("nothing"), -1);
}

static void test_text(void **state)
{
    (void)state;
    struct event *e = event_new(EVENT_STEP, 7);
    struct buf line = { 0 };
    e->q = 3, e->ns = 5;
    event_set_f64(e, EV_STEP_LOSS, 0.1);
    event_set_f64(e, EV_STEP_ACC, 0.5);
    event_set_f64(e, EV_STEP_GN, INFINITY);
    event_to_json(e, &line);
    assert_string_equal(line.data, "{\"k\":\"step\",\"q\":3,\"s\":7,\"m\":5,\"loss\":0.100000001,\"loss_up\":\"nan\",\"acc\":0.5,"
                                   "\"gn\":\"inf\",\"lr\":\"nan\",\"rho\":\"nan\",\"ms\":\"nan\"}");
    assert_true(e->f[EV_STEP_LOSS].f == (double)0.1f);
    event_unref(e);
    buf_clear(&line);
    e = event_new(EVENT_NOTE, 0);
    e->ns = 0;
    event_set_str(e, EV_NOTE_TEXT, "\xce\xbb\x01\xff\xed\xa0\x80\xc0\xaf\xf0\x9f\x98\x80\xe2\x82");
    event_to_json(e, &line);
    assert_string_equal(line.data, "{\"k\":\"note\",\"q\":0,\"s\":0,\"m\":0,\"text\":\"\\u03bb\\u0001\\ufffd\\ufffd\\ufffd\\ufffd\\ufffd\\ufffd"
                                   "\\ud83d\\ude00\\ufffd\\ufffd\",\"ep\":\"nan\"}");
    event_unref(e);
    buf_release(&line);
}

static int decode(const char *line)
{
    struct event *e = NULL;
    int result = event_from_json(line, strlen(line), &e, &last);
    int known = e != NULL;
    event_unref(e);
    return result < 0 ? -1 : known;
}

static void test_damage(void **state)
{
    (void)state;
    assert_int_equal(decode("{\"k\":\"note\",\"q\":1,\"s\":2,\"m\":3,\"text\":\"x\",\"ep\":1.5}"), 1);
    assert_int_equal(decode("{\"k\":\"note\",\"q\":1,\"s\":2,\"m\":3,\"text\":null,\"later\":[[1]],\"ep\":null}"), 1);
    assert_int_equal(decode("{\"k\":\"later\",\"q\":1,\"s\":2,\"m\":3,\"text\":7}"), 0);
    const char *const bad[] = {
        "", "{", "[]", "7", "{}", "{\"k\":7,\"q\":1,\"s\":2,\"m\":3}",
        "{\"k\":\"note\",\"s\":2,\"m\":3}", "{\"k\":\"note\",\"q\":-1,\"s\":2,\"m\":3}", "{\"k\":\"note\",\"q\":1.5,\"s\":2,\"m\":3}",
        "{\"k\":\"note\",\"q\":1,\"s\":2,\"m\":3,\"text\":7}", "{\"k\":\"note\",\"q\":1,\"s\":2,\"m\":3,\"ep\":\"x\"}",
        "{\"k\":\"note\",\"q\":1,\"q\":1,\"s\":2,\"m\":3}", "{\"k\":\"note\",\"q\":1,\"s\":2,\"m\":3} ,",
        "{\"k\":\"note\",\"q\":9007199254740993,\"s\":2,\"m\":3}", "{\"k\":\"note\",\"q\":1,\"s\":2,\"m\":3,\"z\":[{\"a\":9007199254740993}]}",
        "{\"k\":\"note\",\"q\":\"99999999999999999999\",\"s\":2,\"m\":3}", "{\"k\":\"note\",\"q\":\"0x1\",\"s\":2,\"m\":3}",
        "{\"k\":\"note\",\"q\":1,\"s\":2,\"m\":3,\"text\":\"\xce\xbb\"}", "{\"k\":\"note\",\"q\":1,\"s\":2,\"m\":3,\"text\":\"a\tb\"}",
        "{\"k\":\"note\",\"q\":1,\"s\":2,\"m\":3,\"text\":\"a\\u0000b\"}", "{\"k\":\"note\",\"q\":1,\"s\":2,\"m\":3,\"text\":\"\\ud800\"}",
        "{\"k\":\"note\",\"q\":1,\"s\":2,\"m\":3,\"z\":[[[[[[[[1]]]]]]]]}", "{\"k\":\"note\",\"q\":1,\"s\":2,\"m\":3}\n",
        "{\"k\":\"epoch\",\"q\":1,\"s\":2,\"m\":3,\"conf\":[1,-1]}", "{\"k\":\"epoch\",\"q\":1,\"s\":2,\"m\":3,\"conf\":[4294967296]}",
        "{\"k\":\"epoch\",\"q\":1,\"s\":2,\"m\":3,\"cls\":7}", "{\"k\":\"epoch\",\"q\":1,\"s\":2,\"m\":3,\"cls\":[null,\"x\"]}",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (decode(bad[i]) != -1)
            fail_msg("accepted: %s", bad[i]);
    static char line[EVENT_LINE_MAX + 100];
    memset(line, ' ', sizeof line - 1);
    static const char head[] = "{\"k\":\"note\",\"q\":1,\"s\":2,\"m\":3}";
    memcpy(line, head, sizeof head - 1);
    assert_int_equal(decode(line), -1);
    line[EVENT_LINE_MAX] = '\0';
    assert_int_equal(decode(line), 1);
}

/* Cut and altered lines are refused or read, never worse; with sanitizers this looks for overruns. */
static void test_mutations(void **state)
{
    (void)state;
    struct event *e = event_new(EVENT_EPOCH, 9);
    struct buf line = { 0 };
    fill(e);
    event_to_json(e, &line);
    event_unref(e);
    for (size_t n = 0; n < line.len; n++) {
        assert_int_equal(event_from_json(line.data, n, &e, &last), -1);
        assert_null(e);
    }
    uint32_t x = 1;
    for (int i = 0; i < 20000; i++) {
        x = x * 1664525u + 1013904223u;
        size_t at = (x >> 8) % line.len;
        char kept = line.data[at];
        line.data[at] = (char)(x >> 3);
        if (event_from_json(line.data, line.len, &e, &last) == 0)
            event_unref(e);
        line.data[at] = kept;
    }
    buf_release(&line);
}

/* A step of a long run takes a tenth of what its event takes. */
static void test_packed_size(void **state)
{
    (void)state;
    struct event *e = event_new(EVENT_STEP, 1000000);
    const struct event_head base = { .q = 999000, .step = 990000, .ns = e->ns - 3600000000000 };
    struct buf packed = { 0 };
    for (int i = 0; i < event_table[EVENT_STEP].n_fields; i++)
        event_set_f64(e, i, 0.1);
    e->q = 1010000;
    event_pack(e, &base, &packed);
    assert_in_range(packed.len, 28, 48);
    buf_release(&packed);
    event_unref(e);
}

/* jansson's verdict on a line, and what this reader forbids beyond it is not in it. */
static bool jansson_takes(const char *line, size_t n)
{
    json_error_t fault;
    json_t *root = json_loadb(line, n, JSON_REJECT_DUPLICATES, &fault);
    bool takes = json_is_object(root);
    json_decref(root);
    return takes;
}

/* Lines of the grammar and next to it: both readers accept the same ones. */
static void test_agrees_with_jansson(void **state)
{
    (void)state;
    static const char *const pieces[] = { "1", "-0", "0.5", "01", "1.", ".5", "1e5", "1E+2", "1e", "-", "--1", "9007199254740992", "1e308", "1e309",
                                          "-1e-400", "123456789012345678901.5", "0.1e-5", "null", "nul", "true", "false", "\"\"", "\"a\"",
                                          "\"\\u00e9\"", "\"\\ud83d\\ude00\"", "\"\\ud83d\"", "\"\\udc00\"", "\"\\x\"", "\"\\/\\b\"",
                                          "\"", "[]", "[1,]", "[,1]", "[1 2]", "[1,[2,{}]]", "{}", "{\"a\":1}", "{\"a\":1,\"a\":2}", "{\"a\"}",
                                          "{\"a\":}", "{a:1}", "{\"b\":{\"b\":[{\"b\":1}]}}", "]", "}", "", " 1 ", "1,\"z\":2", "1,\"y\":2" };
    int taken = 0;
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++)
        for (size_t k = 0; k < sizeof pieces / sizeof pieces[0]; k++) {
            char line[256];
            struct event *e = NULL;
            int n = snprintf(line, sizeof line, "{\"k\":\"later\",\"z\":%s,\"w\":[%s]}", pieces[i], pieces[k]);
            bool here = event_from_json(line, (size_t)n, &e, &last) == 0;
            if (here != jansson_takes(line, (size_t)n))
                fail_msg("%s here: %s", here ? "accepted" : "refused", line);
            taken += here;
        }
    assert_in_range(taken, 400, 1500);
}

/* Every decimal gives the bits that strtod gives. */
static void test_numbers_are_exact(void **state)
{
    (void)state;
    uint64_t x = 1;
    for (int i = 0; i < 100000; i++) {
        char text[64], line[160];
        struct event *e = NULL;
        x = x * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        double value;
        memcpy(&value, &x, sizeof value);
        if (i % 2)
            value = (double)(int64_t)(x >> 20) * 1e-6;
        if (!isfinite(value))
            continue;
        snprintf(text, sizeof text, i % 3 ? "%.17g" : "%.9g", value);
        int n = snprintf(line, sizeof line, "{\"k\":\"note\",\"q\":1,\"s\":2,\"m\":3,\"ep\":%s}", text);
        double whole = strcspn(text, ".e") == strlen(text) ? fabs(strtod(text, NULL)) : 0;
        int result = event_from_json(line, (size_t)n, &e, &last);
        assert_int_equal(result, whole > 9007199254740992.0 ? -1 : 0);
        double wanted = strtod(text, NULL);
        if (e && wanted != 0)
            assert_memory_equal(&e->f[EV_NOTE_EP].f, &wanted, sizeof wanted);
        event_unref(e);
    }
}

static void test_limits(void **state)
{
    (void)state;
    struct buf line = { 0 };
    buf_adds(&line, "{\"k\":\"later\"");
    for (int i = 1; i < EVENT_KEYS_MAX; i++)
        buf_addf(&line, ",\"%d\":0", i);
    buf_addc(&line, '}');
    assert_int_equal(decode(line.data), 0);
    line.data[line.len - 1] = ',';
    buf_adds(&line, "\"one\":1}");
    assert_int_equal(decode(line.data), -1);
    assert_non_null(strstr(last.text, "more than 256 keys"));
    assert_int_equal(decode("{\"k\":\"later\",\"\\u0061\":1}"), -1);
    assert_int_equal(decode("{\"k\":\"later\",\"z\":0.0000000000000000000000000000000000000000000000000000000000000000000001}"), -1);
    buf_release(&line);
}

struct sink_log {
    int emitted, synced;
    struct event *kept;
    struct train_state *state;
    bool fail;
};

static void log_emit(void *ctx, struct event *e)
{
    struct sink_log *log = ctx;
    log->emitted++;
    event_unref(log->kept);
    log->kept = event_ref(e);
}

static int log_sync(void *ctx, struct err *err)
{
    struct sink_log *log = ctx;
    log->synced++;
    return log->fail ? err_set(err, ERR_IO, "disk is full") : 0;
}

static void log_snapshot(void *ctx, struct train_state *s, const char *name, bool pinned)
{
    struct sink_log *log = ctx;
    (void)name, (void)pinned;
    log->state = s;
}

static void test_hub(void **state)
{
    (void)state;
    struct sink_log a = { 0 }, b = { .fail = true };
    struct event_hub hub = { .n = 2, .sink = { { &a, log_emit, NULL, NULL, NULL }, { &b, log_emit, log_sync, log_snapshot, NULL } } };
    struct event *e = event_new(EVENT_NOTE, 1);
    event_hub_emit(&hub, e);
    assert_ptr_equal(a.kept, b.kept);
    assert_int_equal(atomic_load(&e->refs), 2);
    event_hub_emit(&hub, NULL); /* an event that found no memory */
    assert_int_equal(a.emitted, 1);
    assert_int_equal(event_hub_sync(&hub, &last), -1);
    assert_string_equal(last.text, "disk is full");
    assert_true(b.synced == 1);
    struct train_state *s = calloc(1, sizeof *s);
    event_hub_snapshot(&hub, s, NULL, false);
    assert_ptr_equal(b.state, s);
    train_state_free(s);
    hub.n = 1;
    event_hub_snapshot(&hub, calloc(1, sizeof *s), NULL, false); /* nobody takes it: freed */
    event_unref(a.kept);
    event_unref(b.kept);
}

static void test_state_hash(void **state)
{
    (void)state;
    float p[] = { 1, 2 }, m[] = { 0, 0 }, v[] = { 3 };
    int32_t queue[] = { 7 };
    struct train_state s = { .step = 5, .n_vectors = 3, .vector = { { .n = 2, .data = p }, { .n = 2, .data = m }, { .n = 1, .data = v } } };
    char first[65], other[65];
    train_state_hash(&s, first);
    assert_int_equal(strlen(first), 64);
    s.step = 6;
    train_state_hash(&s, other);
    assert_string_not_equal(first, other);
    s.step = 5;
    m[1] = -0.0f; /* another bit is another state */
    train_state_hash(&s, other);
    assert_string_not_equal(first, other);
    m[1] = 0;
    train_state_hash(&s, other);
    assert_string_equal(first, other);
    s.vector[s.n_vectors++] = (struct state_vector){ .dtype = STATE_I32, .n = 1, .data = queue };
    train_state_hash(&s, other);
    assert_string_not_equal(first, other); /* what else a run keeps is part of its state */
    /* sha256 of 0000803f 00000040 00000000 00000000 00004040 0500000000000000, by sha256sum */
    assert_string_equal(first, "ccd3f38f404d7f3a1e719615543f1267212962a5851cbd7603e0ee99202eecf8");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_kind), cmocka_unit_test(test_text), cmocka_unit_test(test_damage),
        cmocka_unit_test(test_mutations),  cmocka_unit_test(test_hub),  cmocka_unit_test(test_state_hash),
        cmocka_unit_test(test_packed_size), cmocka_unit_test(test_agrees_with_jansson), cmocka_unit_test(test_numbers_are_exact),
        cmocka_unit_test(test_limits),
    };
    return cmocka_run_group_tests_name("unit/event", tests, NULL, NULL);
}
