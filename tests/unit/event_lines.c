/* The line of every event as it stands in a journal, what a reader says of a line that he refuses, and how a long list is cut into parts. */
#include "config.h"
#include "tests/unit/check.h"

#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "engine/event.h"
#include "engine/event_pack.h"
#include "engine/event_parts.h"
#include "tests/unit/held.h"

/* --- lines ------------------------------------------------------------------------------------------------------------- */

/* At the edges of what a text can say: 2^53 and beyond it, the smallest and the largest, signs of nothing, whole numbers that are doubles. */
static const double doubles[] = { 1.0 / 3, -0.0, 5e-324, 1.7976931348623157e308, 9007199254740991.0, 9007199254740992.0, -1e16, INFINITY, -INFINITY, NAN,
                                  1e15, 0, -2.5, 1e-7 };
static const float floats[] = { 1.0f / 3, -0.0f, 1e-45f, 3.4028235e38f, 16777217.0f, -1e10f, INFINITY, -INFINITY, NAN, 0, 7 };
static const uint32_t words[] = { 0, 9, 4294967295u };
static const uint64_t counts[] = { 0, 9007199254740992u, 9007199254740993u, UINT64_MAX, 10 };
static const char *const texts[] = { "", "q\"b\\s/", "\xce\xbb\xf0\x9f\x98\x80", "\b\t\n\f\r\x01\x1b\x7f", NULL };

/* Neighbouring fields get different values, so that two that change places show. */
static void fill(struct event *e, int turn)
{
    const struct event_info *info = &event_table[e->kind];
    for (int i = 0; i < info->n_fields; i++) {
        const size_t k = (size_t)(i + turn);
        switch (info->field[i].type) {
        case EVENT_U64: event_set_u64(e, i, counts[k % 5]); break;
        case EVENT_F32:
        case EVENT_F64: event_set_f64(e, i, doubles[k % 14]); break;
        case EVENT_STR: event_set_str(e, i, texts[k % 5]); break;
        case EVENT_F32S: event_set_f32s(e, i, floats + k % 4, 7); break;
        case EVENT_F64S: event_set_f64s(e, i, doubles + k % 4, 10); break;
        case EVENT_U32S: event_set_u32s(e, i, words, 1 + (uint32_t)k % 3); break;
        case EVENT_STRS: event_set_strs(e, i, texts, 1 + (uint32_t)k % 5); break;
        }
    }
}

static void hold_line(struct event *e)
{
    struct buf line = { 0 };
    event_to_json(e, &line);
    fprintf(held, "%s\n", line.data);
    buf_release(&line);
}

static void every_event_has_its_line(void **state)
{
    (void)state;
    held_begin();
    for (int kind = 0; kind < EVENT_KINDS; kind++) {
        struct event *e = event_new((enum event_kind)kind, UINT64_C(1) << 53);
        fprintf(held, "%s, class %d\n", event_table[kind].kind, event_table[kind].class);
        e->q = (UINT64_C(1) << 53) + 1;
        e->ns = UINT64_MAX;
        hold_line(e);
        e->q = (uint64_t)kind;
        e->step = e->ns = 0;
        for (int turn = 0; turn < 2; turn++) {
            fill(e, 3 * turn);
            hold_line(e);
        }
        event_unref(e);
    }
    held_end("event_lines");
}

/* --- refusals ---------------------------------------------------------------------------------------------------------- */

static void hold_reading(const char *name, const char *line, size_t n)
{
    struct err err = { 0 };
    struct event *e = NULL;
    const int result = event_from_json(line, n, &e, &err);
    fprintf(held, "%s\n  %s%s%s\n", name, result < 0 ? "refused: " : e ? "read: " : "skipped", result < 0 ? err.text : e ? event_table[e->kind].kind : "",
            result < 0 && err.code != ERR_DATA ? " (not as data)" : "");
    if (e)
        hold_line(e);
    event_unref(e);
}

#define NOTE "{\"k\":\"note\",\"q\":1,\"s\":2,\"m\":3,"
#define EPOCH "{\"k\":\"epoch\",\"q\":1,\"s\":2,\"m\":3,"
#define STEP "{\"k\":\"step\",\"q\":1,\"s\":2,\"m\":3,"
static const char *const lines[] = {
    "", " ", "{", "[]", "7", "{}", "{ }", " { } ", "{} x", "{\"k\":7}", "{\"k\":null}", "{\"k\":\"note\"}", "{\"k\":\"note\",\"q\":1,\"s\":2}",
    "{\"k\":\"note\",\"s\":2,\"m\":3}", "{\"k\":\"note\",\"q\":-1,\"s\":2,\"m\":3}", "{\"k\":\"note\",\"q\":\"1\",\"s\":\"2\",\"m\":\"3\"}",
    "{\"k\":\"note\",\"q\":\"\",\"s\":2,\"m\":3}", "{\"k\":\"note\",\"q\":\"18446744073709551615\",\"s\":\"9007199254740993\",\"m\":3}",
    "{\"k\":\"note\",\"q\":\"18446744073709551616\",\"s\":2,\"m\":3}", "{\"k\":\"note\",\"q\":\"000000000000000000000000000001\",\"s\":2,\"m\":3}",
    "{\"k\":\"note\",\"q\":\"0000000000000000000000000000001\",\"s\":2,\"m\":3}", "{\"k\":\"note\",\"q\":1.0,\"s\":2,\"m\":3}",
    "{\"k\":\"note\",\"q\":9007199254740992,\"s\":2,\"m\":3}", "{\"k\":\"note\",\"q\":9007199254740993,\"s\":2,\"m\":3}",
    "{\"k\":\"note\",\"q\":null,\"s\":2,\"m\":3}", "{\"m\":3,\"s\":2,\"q\":1,\"k\":\"note\"}",
    "{\"k\":\"a_kind_of_a_name_that_is_so_long\",\"q\":1}", "{\"k\":\"a_kind_of_a_name_that_is_too_long_\",\"q\":1}", "{\"k\":\"progress\",\"q\":1,\"s\":2,\"m\":3}",
    NOTE "\"text\":\"\"}", NOTE "\"text\":\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D\\uDE00\"}", NOTE "\"text\":\"\\u0000\"}", NOTE "\"text\":\"\\ud83d\"}",
    NOTE "\"text\":\"\\ud83dx\"}", NOTE "\"text\":\"\\ud83d\\u0041\"}", NOTE "\"text\":\"\\ud83d\\ue000\"}", NOTE "\"text\":\"\\udbff\\udfff\\ud800\\udc00\"}",
    NOTE "\"text\":\"\\udc00\"}", NOTE "\"text\":\"\\udfff\"}", NOTE "\"text\":\"\\ue000\\ud7ff\"}", NOTE "\"text\":\"\\u12g4\"}", NOTE "\"text\":\"\\u12\"}",
    NOTE "\"text\":\"\\x\"}", NOTE "\"text\":\"\\", NOTE "\"text\":\"a", NOTE "\"text\":\"\x7e \x20\"}", NOTE "\"text\":\"\x7f\"}", NOTE "\"text\":\"\x1f\"}",
    NOTE "\"text\":true}", NOTE "\"text\":null}", NOTE "\"text\":[\"a\"]}", NOTE "\"text\":7}", NOTE "\"text\":nul}", NOTE "\"text\":nulls}", NOTE "\"text\":+1}",
    NOTE "\"ep\":1e5}", NOTE "\"ep\":-0}", NOTE "\"ep\":-0.0}", NOTE "\"ep\":0.1e1}", NOTE "\"ep\":00}", NOTE "\"ep\":1.}", NOTE "\"ep\":.5}", NOTE "\"ep\":1e}",
    NOTE "\"ep\":1e+}", NOTE "\"ep\":1E-3}", NOTE "\"ep\":1e308}", NOTE "\"ep\":1.8e308}", NOTE "\"ep\":-1.8e308}", NOTE "\"ep\":1e-400}",
    NOTE "\"ep\":123456789012345678.5}", NOTE "\"ep\":9007199254740993.0}", NOTE "\"ep\":100000000000000000000.0}", NOTE "\"ep\":0.10000000000000000555}",
    NOTE "\"ep\":1e22}", NOTE "\"ep\":1e23}", NOTE "\"ep\":9007199254740993e0}", NOTE "\"ep\":3e-22}", NOTE "\"ep\":3e-23}", NOTE "\"ep\":1e99999999999999999999}",
    NOTE "\"ep\":0e99999999999999999999}", NOTE "\"ep\":1e-99999999999999999999}", NOTE "\"ep\":12345678901}", NOTE "\"ep\":-9007199254740992}",
    NOTE "\"ep\":-9007199254740993}", NOTE "\"ep\":\"nan\"}", NOTE "\"ep\":\"inf\"}", NOTE "\"ep\":\"-inf\"}", NOTE "\"ep\":\"NaN\"}", NOTE "\"ep\":\"nan \"}",
    NOTE "\"ep\":\"\"}", NOTE "\"ep\":null}", NOTE "\"ep\":true}", NOTE "\"ep\":[1]}", NOTE "\"z\":1e309}", NOTE "\"z\":1e280}",
    NOTE "\"ep\":0.00000000000000000000000000000000000000000000000000000000000001}", NOTE "\"ep\":0.000000000000000000000000000000000000000000000000000000000000001}",
    NOTE "\"later\":[[[[[[1]]]]]]}", NOTE "\"later\":[[[[[[[1]]]]]]]}", NOTE "\"later\":[[[[[[[[1]]]]]]]]}", NOTE "\"later\":{\"a\":{\"a\":[{\"a\":1}]}}}",
    NOTE "\"later\":{\"a\":1,\"a\":2}}", NOTE "\"ep\":1,\"ep\":1}", NOTE "\"q\":1}", NOTE "\"later\":{\"text\":\"inner\"}}", NOTE "\"\":1,\"text\":\"x\"}",
    NOTE "\"a\\u0062\":1}", NOTE "\"text\" : \"x\" , \"ep\" : 1 }", NOTE "\"text\"}", NOTE "\"text\":}", NOTE "text:1}", NOTE "}", NOTE "\"ep\":1,}",
    NOTE "\"ep\":1 \"z\":2}", NOTE "\"ep\":1", NOTE "\"later\":[1,]}", NOTE "\"later\":[,1]}", NOTE "\"later\":[1 2]}", NOTE "\"later\":[}", NOTE "\"later\":[",
    EPOCH "\"conf\":[0,1,4294967295]}", EPOCH "\"conf\":[4294967296]}", EPOCH "\"conf\":[\"4294967295\"]}", EPOCH "\"conf\":[\"4294967296\"]}",
    EPOCH "\"conf\":[-1]}", EPOCH "\"conf\":[1.5]}", EPOCH "\"conf\":[null]}", EPOCH "\"conf\":[[1]]}", EPOCH "\"conf\":[]}", EPOCH "\"conf\":[ ]}",
    EPOCH "\"conf\":[ 1 , 2 ]}", EPOCH "\"conf\":null}", EPOCH "\"conf\":7}", EPOCH "\"conf\":\"x\"}", EPOCH "\"cls\":[1,null,\"nan\",\"inf\",\"-inf\",2.5]}",
    EPOCH "\"cls\":[\"x\"]}", EPOCH "\"cls\":[true]}", EPOCH "\"cls\":[{}]}", EPOCH "\"cls\":[1,2,3,4]}", EPOCH "\"cls\":[12345678901,1,0]}",
    "{\"k\":\"config\",\"q\":1,\"s\":2,\"m\":3,\"knobs\":[\"a,b\",\"c\\\"]d\",null,\"\"]}", "{\"k\":\"config\",\"q\":1,\"s\":2,\"m\":3,\"knobs\":[1]}",
    STEP "\"loss\":0.1,\"acc\":16777217,\"gn\":1e39,\"lr\":1e-46}",
};

static void what_is_refused_is_told(void **state)
{
    (void)state;
    struct buf long_one = { 0 };
    held_begin();
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        hold_reading(lines[i], lines[i], strlen(lines[i]));
    for (int longer = 0; longer < 2; longer++) {
        buf_clear(&long_one);
        buf_adds(&long_one, NOTE "\"text\":\"");
        for (int i = 0; i < EVENT_STRING_MAX + longer; i++)
            buf_addc(&long_one, 'x');
        buf_adds(&long_one, "\"}");
        struct event *e = NULL;
        struct err err = { 0 };
        const int result = event_from_json(long_one.data, long_one.len, &e, &err);
        fprintf(held, "a text of %d bytes: %s\n", EVENT_STRING_MAX + longer, result < 0 ? err.text : strlen(e->f[EV_NOTE_TEXT].s) == EVENT_STRING_MAX ? "read" : "cut");
        event_unref(e);
        buf_clear(&long_one);
        buf_adds(&long_one, "{\"k\":\"later\"}");
        while (long_one.len < EVENT_LINE_MAX + (size_t)longer)
            buf_addc(&long_one, ' ');
        hold_reading("a long line", long_one.data, long_one.len);
        buf_clear(&long_one);
        buf_adds(&long_one, "{\"k\":\"later\",\"z\":{\"0\":0");
        for (int i = 1; i < EVENT_KEYS_MAX - 2 + longer; i++)
            buf_addf(&long_one, ",\"%d\":0", i);
        buf_adds(&long_one, "}}");
        hold_reading("many keys", long_one.data, long_one.len);
    }
    buf_release(&long_one);
    held_end("event_refused");
}

/* --- parts ------------------------------------------------------------------------------------------------------------- */

/* Each line's number, kind, place and length, of what event_lines() makes of the event. */
static void hold_parts(const char *what, struct event *e)
{
    struct buf out = { 0 };
    uint64_t q = 7;
    const uint64_t left_out = event_lines(e, &q, &out);
    fprintf(held, "%s: next %d, left out %llx\n", what, (int)q, (unsigned long long)left_out);
    for (char *line = out.data, *end; (end = strchr(line, '\n')); line = end + 1)
        fprintf(held, "  %zu bytes: %.90s ... %.8s\n", (size_t)(end - line), line, end - (end - line > 8 ? 8 : end - line));
    buf_release(&out);
    event_unref(e);
}

static struct event *epoch_of(uint32_t n_conf, uint32_t first, uint32_t word, uint32_t n_cls)
{
    struct event *e = event_new(EVENT_EPOCH, 5);
    uint32_t *conf = calloc(n_conf + 1, sizeof *conf);
    float *cls = calloc(n_cls + 1, sizeof *cls);
    for (uint32_t i = 0; i < n_conf; i++)
        conf[i] = i ? word : first;
    e->ns = 0;
    event_set_u32s(e, EV_EPOCH_CONF, conf, n_conf);
    event_set_f32s(e, EV_EPOCH_CLS, cls, n_cls);
    free(conf);
    free(cls);
    return e;
}

/* The longest line stays one; a byte more, and the widest list goes into parts before it, then the next widest. */
static void a_long_list_is_cut_into_parts(void **state)
{
    (void)state;
    struct buf empty = { 0 };
    struct event *e = epoch_of(0, 0, 0, 0);
    uint64_t q = 7;
    event_lines(e, &q, &empty);
    event_unref(e);
    const uint32_t ones = (uint32_t)(EVENT_LINE_MAX - (empty.len - 1) + 1) / 2; /* "1,1,...,1" between the brackets, with a byte left or none */
    const uint32_t filling = (EVENT_LINE_MAX - (empty.len - 1)) % 2 ? 1 : 10;
    buf_release(&empty);
    held_begin();
    hold_parts("as long as it may be", epoch_of(ones, filling, 1, 0));
    hold_parts("a byte more", epoch_of(ones, 10 * filling, 1, 0));
    hold_parts("two lists, one too wide", epoch_of(40000, 1, 1, 10));
    hold_parts("two lists, both in parts", epoch_of(20000, 1, 4294967295u, 33000));
    hold_parts("parts are filled", epoch_of(11822, 1, 4294967295u, 0));
    hold_parts("as much as parts may hold", epoch_of(EVENT_PARTS_MAX / 4, 0, 0, 0));
    hold_parts("a number more", epoch_of(EVENT_PARTS_MAX / 4 + 1, 0, 0, 12000));
    held_end("event_parts");
}

#define PART "{\"k\":\"part\",\"q\":%d,\"s\":5,\"m\":0,\"of\":\"%s\",\"key\":\"%s\",\"at\":%d,%s}"

static void take_line(struct event_parts *p, const char *line)
{
    struct err err = { 0 };
    struct event *e = NULL;
    assert_int_equal(event_from_json(line, strlen(line), &e, &err), 0);
    const int result = event_parts_take(p, e, &err);
    fprintf(held, "  %s\n    %d %s", line, result, result < 0 ? err.text : "");
    if (result == 0 && e->kind == EVENT_EPOCH)
        fprintf(held, "conf %u, cls %u, %g", e->f[EV_EPOCH_CONF].n, e->f[EV_EPOCH_CLS].n, e->f[EV_EPOCH_CLS].n ? (double)e->f[EV_EPOCH_CLS].f32s[0] : 0);
    for (uint32_t i = 0; result == 0 && e->kind == EVENT_CONFIG && i < e->f[EV_CONFIG_KNOBS].n; i++)
        fprintf(held, " knob '%s'", e->f[EV_CONFIG_KNOBS].strs[i]);
    fprintf(held, "\n");
    event_unref(e);
}

static void parts_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    static const struct {
        int q;
        const char *of, *key;
        int at;
        const char *list, *then;
    } cases[] = {
        { 1, "epoch", "conf", 0, "\"u32\":[1,2]", "{\"k\":\"epoch\",\"q\":2,\"s\":5,\"m\":0}" },
        { 1, "epoch", "conf", 1, "\"u32\":[1,2]", "{\"k\":\"epoch\",\"q\":2,\"s\":5,\"m\":0}" },
        { 1, "epoch", "conf", 0, "\"f64\":[1,2]", "{\"k\":\"epoch\",\"q\":2,\"s\":5,\"m\":0}" },
        { 1, "epoch", "conf", 0, "\"u32\":[]", "{\"k\":\"epoch\",\"q\":2,\"s\":5,\"m\":0}" },
        { 1, "epoch", "acc", 0, "\"f64\":[1]", "{\"k\":\"epoch\",\"q\":2,\"s\":5,\"m\":0}" },
        { 1, "epoch", "later", 0, "\"u32\":[1]", "{\"k\":\"epoch\",\"q\":2,\"s\":5,\"m\":0}" },
        { 1, "later", "conf", 0, "\"u32\":[1]", "{\"k\":\"epoch\",\"q\":2,\"s\":5,\"m\":0}" },
        { 1, "epoch", "conf", 0, "\"u32\":[1]", "{\"k\":\"epoch\",\"q\":3,\"s\":5,\"m\":0}" },
        { 1, "epoch", "conf", 0, "\"u32\":[1]", "{\"k\":\"note\",\"q\":2,\"s\":5,\"m\":0}" },
        { 1, "epoch", "conf", 0, "\"u32\":[1]", "{\"k\":\"open\",\"q\":2,\"s\":5,\"m\":0}" },
        { 1, "epoch", "conf", 0, "\"u32\":[1]", "{\"k\":\"epoch\",\"q\":2,\"s\":5,\"m\":0,\"conf\":[1]}" },
        { 1, "epoch", "conf", 0, "\"u32\":[1]", "{\"k\":\"part\",\"q\":2,\"s\":5,\"m\":0,\"of\":\"epoch\",\"key\":\"conf\",\"at\":1,\"u32\":[2]}" },
        { 1, "epoch", "conf", 0, "\"u32\":[1]", "{\"k\":\"part\",\"q\":2,\"s\":5,\"m\":0,\"of\":\"epoch\",\"key\":\"conf\",\"at\":2,\"u32\":[2]}" },
        { 1, "epoch", "conf", 0, "\"u32\":[1]", "{\"k\":\"part\",\"q\":2,\"s\":5,\"m\":0,\"of\":\"epoch\",\"key\":\"cls\",\"at\":0,\"f32\":[2.5]}" },
        { 1, "epoch", "conf", 0, "\"u32\":[1]", "{\"k\":\"part\",\"q\":2,\"s\":5,\"m\":0,\"of\":\"config\",\"key\":\"knobs\",\"at\":0,\"text\":[\"a\"]}" },
        { 1, "config", "knobs", 0, "\"text\":[\"a=1\",\"b=2\",null]", "{\"k\":\"config\",\"q\":2,\"s\":5,\"m\":0}" },
        { 1, "epoch", "conf", 0, "\"u32\":[1]", "{\"k\":\"part\",\"q\":3,\"s\":5,\"m\":0,\"of\":\"epoch\",\"key\":\"conf\",\"at\":0,\"u32\":[2]}" },
    };
    held_begin();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct event_parts p = { 0 };
        char line[300];
        snprintf(line, sizeof line, PART, cases[i].q, cases[i].of, cases[i].key, cases[i].at, cases[i].list);
        fprintf(held, "case %zu\n", i);
        take_line(&p, line);
        take_line(&p, cases[i].then);
        take_line(&p, "{\"k\":\"epoch\",\"q\":3,\"s\":5,\"m\":0}");
        take_line(&p, "{\"k\":\"epoch\",\"q\":4,\"s\":5,\"m\":0}");
        event_parts_drop(&p);
    }
    held_end("event_part_cases");
}

/* --- kept in memory ----------------------------------------------------------------------------------------------------- */

/* The packed bytes of numbers at both sides of each width. */
static void packed_events_are_as_short_as_they_can_be(void **state)
{
    (void)state;
    static const uint64_t values[] = { 0, 1, 127, 128, 16383, 16384, UINT64_MAX };
    static const uint32_t lists[][2] = { { 0, 255 }, { 0, 256 }, { 65535, 1 }, { 65536, 1 }, { UINT32_MAX, 0 } };
    const struct event_head base = { .q = 64, .step = 8192, .ns = 0 };
    struct buf out = { 0 };
    held_begin();
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        struct event *e = event_new(EVENT_UNSNAP, values[i]);
        e->q = values[i];
        e->ns = values[i];
        event_set_u64(e, EV_UNSNAP_OF, values[i]);
        event_pack(e, &base, &out);
        for (size_t at = 0; at < out.len; at++)
            fprintf(held, "%02x", (unsigned char)out.data[at]);
        fprintf(held, "\n");
        buf_clear(&out);
        event_unref(e);
    }
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        struct event *e = event_new(EVENT_EPOCH, 0);
        e->ns = 0;
        event_set_u32s(e, EV_EPOCH_CONF, lists[i], 2);
        event_set_f64(e, EV_EPOCH_ACC, 0);
        event_pack(e, &base, &out);
        for (size_t at = 0; at < out.len; at++)
            fprintf(held, "%02x", (unsigned char)out.data[at]);
        fprintf(held, "\n");
        buf_clear(&out);
        event_unref(e);
    }
    buf_release(&out);
    held_end("event_packed");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_event_has_its_line),
        cmocka_unit_test(what_is_refused_is_told),
        cmocka_unit_test(a_long_list_is_cut_into_parts),
        cmocka_unit_test(parts_that_do_not_fit_are_refused),
        cmocka_unit_test(packed_events_are_as_short_as_they_can_be),
    };
    return cmocka_run_group_tests_name("unit/event_lines", tests, NULL, NULL);
}
