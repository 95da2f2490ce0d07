/* Events whose lists are too long for a line: their parts, what of them is refused, and sessions that hold them. */
#include "config.h"
#include "check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "engine/data/dataset.h"
#include "engine/event_parts.h"
#include "session/session.h"
#include "session_root.h"
#include "sessions.h"

enum { CLASSES = 8142 };
static struct err last;

/* Numbers of nine digits, and a name of `bytes` bytes for each class. */
static struct event *evaluation(uint64_t step, uint32_t n)
{
    float *x = malloc(3 * n * sizeof *x);
    assert_non_null(x);
    for (uint32_t i = 0; i < 3 * n; i++)
        x[i] = i % 97 == 5 ? NAN : -(float)(i + step) / 8142 * 1e-7f;
    struct event *e = event_new(EVENT_EPOCH, step);
    event_set_f64(e, EV_EPOCH_ACC, 12.5);
    event_set_f32s(e, EV_EPOCH_CLS, x, n);
    event_set_f32s(e, EV_EPOCH_CLS_LOSS, x + n, n);
    event_set_f32s(e, EV_EPOCH_TRAIN_CLS_LOSS, x + 2 * n, n);
    free(x);
    return e;
}

static struct event *data_of(uint32_t n, const char *name)
{
    char (*text)[2 * CLASS_NAME_SIZE] = calloc(n, sizeof *text);
    const char **names = calloc(n, sizeof *names);
    uint32_t *counts = calloc(n, sizeof *counts);
    assert_true(text && names && counts);
    for (uint32_t i = 0; i < n; i++) {
        snprintf(text[i], sizeof text[i], name, i);
        names[i] = text[i];
        counts[i] = UINT32_MAX - i;
    }
    struct event *e = event_new(EVENT_DATA, 0);
    event_set_u64(e, EV_DATA_STEPS_PER_EPOCH, 10);
    event_set_strs(e, EV_DATA_CLASSES, names, n);
    event_set_u32s(e, EV_DATA_COUNTS, counts, n);
    event_set_u32s(e, EV_DATA_TEST_COUNTS, counts, n);
    event_set_u32s(e, EV_DATA_GROUP_OF, counts, n);
    free(text);
    free(names);
    free(counts);
    return e;
}

static void assert_same_event(const struct event *a, const struct event *b)
{
    struct buf one = { 0 }, two = { 0 };
    struct event x = { .kind = a->kind }, y = { .kind = b->kind };
    memcpy(x.f, a->f, sizeof x.f);
    memcpy(y.f, b->f, sizeof y.f);
    event_to_json(&x, &one);
    event_to_json(&y, &two);
    assert_int_equal(one.len, two.len);
    assert_memory_equal(one.data, two.data, one.len);
    buf_release(&one);
    buf_release(&two);
}

/* Reads lines as a journal's reader does. The last event that came whole, or NULL; -1 in *result: what was refused stands in `last`. */
static struct event *take_lines(struct event_parts *p, const char *text, int *result)
{
    struct event *whole = NULL;
    *result = 0;
    for (const char *end; *text && *result >= 0; text = end + 1) {
        struct event *e = NULL;
        end = strchr(text, '\n');
        assert_non_null(end);
        assert_true(end - text <= EVENT_LINE_MAX);
        if (event_from_json(text, (size_t)(end - text), &e, &last) < 0)
            fail_msg("%s: %.100s", last.text, text);
        *result = e ? event_parts_take(p, e, &last) : 0;
        if (*result == 0) {
            event_unref(whole);
            whole = e;
        } else
            event_unref(e);
    }
    return whole;
}

static unsigned count_lines(const struct buf *text)
{
    unsigned n = 0;
    for (size_t i = 0; i < text->len; i++)
        n += text->data[i] == '\n';
    return n;
}

/* --- lines ----------------------------------------------------------------------------------------------------------- */

static void comes_back(struct event *e, unsigned lines)
{
    struct event_parts parts = { 0 };
    struct buf text = { 0 };
    uint64_t q = 7;
    int result;
    assert_int_equal(event_lines(e, &q, &text), 0);
    assert_int_equal(q, 7 + count_lines(&text));
    if (lines)
        assert_int_equal(count_lines(&text), lines);
    struct event *back = take_lines(&parts, text.data, &result);
    assert_int_equal(result, 0);
    assert_non_null(back);
    assert_int_equal(back->q, q - 1);
    assert_same_event(e, back);
    assert_int_equal(parts.next_q, 0);
    event_unref(back);
    event_unref(e);
    buf_release(&text);
}

static void lists_of_any_length_come_back_bit_for_bit(void **state)
{
    (void)state;
    comes_back(note_event(3, "short"), 1);
    comes_back(evaluation(5, 100), 1);
    comes_back(evaluation(5, CLASSES), 0);
    comes_back(data_of(CLASSES, "class %u of so many of them"), 0);
    comes_back(evaluation(5, DATASET_MAX_CLASSES), 0);
    comes_back(data_of(DATASET_MAX_CLASSES, "\"\x01\x02\x03\x04\x05\x06\x07\x08\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b%05u"), 0);
}

/* One entry more than a line has room for, and one less. */
static void the_longest_line_is_one_line(void **state)
{
    (void)state;
    struct event *e = event_new(EVENT_SLICE, 3);
    static double at[EVENT_LINE_MAX];
    struct buf line = { 0 };
    uint32_t n = 0;
    event_to_json(e, &line);
    n = (uint32_t)(EVENT_LINE_MAX - line.len + 1) / 2; /* "0," each; the last without its comma */
    event_set_f64s(e, EV_SLICE_AT, at, n);
    event_ref(e);
    comes_back(e, 1);
    event_set_f64s(e, EV_SLICE_AT, at, n + 1);
    event_set_f64s(e, EV_SLICE_LOSS, at, 3);
    buf_release(&line);
    uint64_t q = 0;
    assert_int_equal(event_lines(e, &q, &line), 0);
    assert_true(count_lines(&line) > 1);
    buf_release(&line);
    event_unref(e);
}

/* Whoever skips unknown kinds reads the event, whose own line stands alone. */
static void a_reader_that_knows_no_parts_sees_the_event_without_the_list(void **state)
{
    (void)state;
    struct event *e = evaluation(5, CLASSES), *own = NULL;
    struct buf text = { 0 };
    uint64_t q = 0;
    event_lines(e, &q, &text);
    text.data[text.len - 1] = '\0';
    const char *line = strrchr(text.data, '\n') + 1;
    assert_int_equal(event_from_json(line, strlen(line), &own, &last), 0);
    assert_int_equal(own->kind, EVENT_EPOCH);
    assert_true(own->f[EV_EPOCH_ACC].f == 12.5);
    assert_int_equal(own->f[EV_EPOCH_CLS].n, 0);
    event_unref(own);
    event_unref(e);
    buf_release(&text);
}

static void what_is_too_long_even_in_parts_is_left_out_and_said(void **state)
{
    (void)state;
    enum { MANY = EVENT_PARTS_MAX / sizeof(double) + 1 };
    static double at[MANY];
    struct event *e = event_new(EVENT_SLICE, 3);
    struct buf text = { 0 };
    uint64_t q = 0;
    event_set_f64s(e, EV_SLICE_AT, at, MANY);
    event_set_f64s(e, EV_SLICE_LOSS, at, MANY / 2);
    assert_int_equal(event_lines(e, &q, &text), UINT64_C(1) << EV_SLICE_AT);
    struct event_parts parts = { 0 };
    int result;
    struct event *back = take_lines(&parts, text.data, &result);
    assert_true(back && result == 0);
    assert_int_equal(back->f[EV_SLICE_AT].n, 0);
    assert_int_equal(back->f[EV_SLICE_LOSS].n, MANY / 2);
    event_unref(back);
    event_unref(e);
    buf_release(&text);
}

/* --- what no writer makes -------------------------------------------------------------------------------------------- */

static const char epoch_line[] = "{\"k\":\"epoch\",\"q\":2,\"s\":1,\"m\":1,\"cls\":[]}\n", open_line[] = "{\"k\":\"open\",\"q\":2,\"s\":1,\"m\":1}\n";

static void refused(const char *first, const char *second, const char *then, const char *why)
{
    struct event_parts parts = { 0 };
    struct buf text = { 0 };
    int result;
    buf_addf(&text, "{\"k\":\"part\",\"q\":0,\"s\":1,\"m\":1,%s}\n{\"k\":\"part\",\"q\":1,\"s\":1,\"m\":1,%s}\n%s", first, second, then);
    last = (struct err){ 0 };
    struct event *e = take_lines(&parts, text.data, &result);
    assert_int_equal(result, -1);
    assert_says(last, why);
    event_unref(e);
    event_parts_drop(&parts);
    buf_release(&text);
}

static void parts_that_do_not_fit_together_are_refused(void **state)
{
    (void)state;
    const char *a = "\"of\":\"epoch\",\"key\":\"cls\",\"at\":0,\"f32\":[1,2]";
    refused(a, "\"of\":\"epoch\",\"key\":\"cls\",\"at\":3,\"f32\":[1]", epoch_line, "does not continue");
    refused(a, "\"of\":\"epoch\",\"key\":\"cls\",\"at\":1,\"f32\":[1]", epoch_line, "does not continue");
    refused(a, "\"of\":\"epoch\",\"key\":\"cls\",\"at\":2,\"f32\":[]", epoch_line, "does not continue");
    refused(a, "\"of\":\"epoch\",\"key\":\"cls\",\"at\":2,\"f64\":[1]", epoch_line, "does not continue");
    refused(a, "\"of\":\"epoch\",\"key\":\"acc\",\"at\":0,\"f64\":[1]", epoch_line, "does not continue");
    refused(a, "\"of\":\"epoch\",\"key\":\"cls\",\"at\":2,\"f32\":[3]", "{\"k\":\"note\",\"q\":2,\"s\":1,\"m\":1}\n", "before an event note");
    refused(a, "\"of\":\"slice\",\"key\":\"at\",\"at\":0,\"f64\":[3]", epoch_line, "before parts of another");
    refused(a, "\"of\":\"epoch\",\"key\":\"cls\",\"at\":2,\"f32\":[3]", "{\"k\":\"epoch\",\"q\":2,\"s\":1,\"m\":1,\"cls\":[7]}\n", "twice");
}

/* However many there are, they take no more memory than the bound. */
static void endless_parts_are_refused(void **state)
{
    (void)state;
    struct event_parts parts = { 0 };
    static double numbers[2000];
    int result = 1;
    size_t most = 0;
    for (uint64_t q = 0; result == 1 && q < 1000; q++) {
        struct event *e = event_new(EVENT_PART, 0);
        e->q = q;
        event_set_str(e, EV_PART_OF, "slice");
        event_set_str(e, EV_PART_KEY, "at");
        event_set_u64(e, EV_PART_AT, 2000 * q);
        event_set_f64s(e, EV_PART_F64, numbers, 2000);
        result = event_parts_take(&parts, e, &last);
        most = parts.list[EV_SLICE_AT].cap > most ? parts.list[EV_SLICE_AT].cap : most;
        event_unref(e);
    }
    assert_int_equal(result, -1);
    assert_says(last, "take more than 524288 bytes");
    assert_true(most <= 2 * EVENT_PARTS_MAX);
    event_parts_drop(&parts);
}

static void what_a_newer_program_adds_is_skipped(void **state)
{
    (void)state;
    struct event_parts parts = { 0 };
    int result;
    struct event *e = take_lines(&parts, "{\"k\":\"part\",\"q\":0,\"s\":1,\"m\":1,\"of\":\"dream\",\"key\":\"cls\",\"at\":9}\n"
                                         "{\"k\":\"part\",\"q\":1,\"s\":1,\"m\":1,\"of\":\"epoch\",\"key\":\"dreams\",\"at\":0,\"i8\":[1]}\n"
                                         "{\"k\":\"epoch\",\"q\":2,\"s\":1,\"m\":1,\"acc\":5}\n", &result);
    assert_true(e && result == 0 && e->f[EV_EPOCH_ACC].f == 5);
    event_unref(e);
}

/* A writer died between two records of an event: the next segment begins with `open`. */
static void parts_without_their_event_are_forgotten(void **state)
{
    (void)state;
    struct event_parts parts = { 0 };
    struct buf text = { 0 };
    int result;
    buf_addf(&text, "{\"k\":\"part\",\"q\":1,\"s\":1,\"m\":1,\"of\":\"epoch\",\"key\":\"cls\",\"at\":0,\"f32\":[1,2]}\n%s", open_line);
    buf_adds(&text, "{\"k\":\"epoch\",\"q\":3,\"s\":1,\"m\":1,\"cls\":[]}\n");
    struct event *e = take_lines(&parts, text.data, &result);
    assert_true(e && result == 0 && e->kind == EVENT_EPOCH);
    assert_int_equal(e->f[EV_EPOCH_CLS].n, 0);
    event_unref(e);
    buf_release(&text);
}

/* --- sessions -------------------------------------------------------------------------------------------------------- */

/* Of control characters, which take most room in a line. */
static const char long_name[] = "\x01\x02\x03\x04\x05\x06\x07\x08\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c%05u";

static void a_session_of_8142_classes_is_whole(void **state)
{
    (void)state;
    struct session *s = create("many");
    struct event_sink sink = session_sink(s);
    char dir[1024];
    send_event(&sink, data_of(DATASET_MAX_CLASSES, long_name));
    for (uint64_t step = 1; step <= 5; step++) {
        send_event(&sink, step_event(step, 0.5));
        send_event(&sink, evaluation(step, DATASET_MAX_CLASSES));
    }
    assert_int_equal(sink.sync(sink.ctx, &last), 0);
    close_session(s);
    at("many", dir);
    if (session_verify(dir, NULL, NULL, &last) < 0)
        fail_msg("%s", last.text);
    struct recording *r = open_recording("many");
    assert_null(recording_damage(r, NULL));
    assert_int_equal(recording_count(r), 1 + 1 + 10 + 1);
    struct event *data = data_of(DATASET_MAX_CLASSES, long_name);
    assert_same_event(recording_event(r, 1), data);
    event_unref(data);
    for (uint64_t step = 1; step <= 5; step++) {
        struct event *e = evaluation(step, DATASET_MAX_CLASSES);
        assert_same_event(recording_event(r, 1 + 2 * step), e);
        event_unref(e);
    }
    recording_close(r);
    struct session_info info;
    assert_int_equal(session_info(dir, &info, &last), 0);
    assert_true(info.acc == 12.5 && info.step == 5 && !info.damaged);
}

/* An event is there whole or not at all, wherever the file ends; and the session goes on from there. */
static void a_cut_file_has_no_half_event(void **state)
{
    (void)state;
    enum { CUTS = 24 };
    char dir[1024], path[1100];
    struct stat st;
    struct session *s = create("cut");
    struct event_sink sink = session_sink(s);
    send_event(&sink, data_of(DATASET_MAX_CLASSES, long_name));
    send_event(&sink, evaluation(1, DATASET_MAX_CLASSES));
    close_session(s);
    at("cut", dir);
    snprintf(path, sizeof path, "%s/journal-000001.zst", dir);
    assert_int_equal(stat(path, &st), 0);
    bool half_way = false;
    for (int i = 1; i <= CUTS; i++) {
        assert_int_equal(truncate(path, st.st_size - st.st_size * i / (CUTS + 2)), 0);
        struct recording *r = open_recording("cut");
        const size_t n = recording_count(r);
        for (size_t k = 0; k < n; k++) {
            const struct event *e = recording_event(r, k);
            assert_int_not_equal(e->kind, EVENT_PART);
            if (e->kind == EVENT_DATA)
                assert_int_equal(e->f[EV_DATA_CLASSES].n, DATASET_MAX_CLASSES);
            if (e->kind == EVENT_EPOCH)
                assert_int_equal(e->f[EV_EPOCH_CLS].n, DATASET_MAX_CLASSES);
        }
        half_way |= n == 1 && st.st_size - st.st_size * i / (CUTS + 2) > 4096;
        recording_close(r);
    }
    assert_true(half_way);
    s = session_reopen(dir, &last); /* after a data event that was cut between its records */
    if (!s)
        fail_msg("%s", last.text);
    sink = session_sink(s);
    send_event(&sink, evaluation(2, CLASSES));
    close_session(s);
    struct recording *r = open_recording("cut");
    bool loud;
    if (recording_damage(r, &loud) && loud)
        fail_msg("%s", recording_damage(r, NULL));
    const struct event *e = recording_event(r, recording_count(r) - 2);
    assert_int_equal(e->kind, EVENT_EPOCH);
    assert_int_equal(e->f[EV_EPOCH_CLS].n, CLASSES);
    recording_close(r);
    if (session_verify(dir, NULL, NULL, &last) < 0)
        fail_msg("%s", last.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_of_any_length_come_back_bit_for_bit),
        cmocka_unit_test(the_longest_line_is_one_line),
        cmocka_unit_test(a_reader_that_knows_no_parts_sees_the_event_without_the_list),
        cmocka_unit_test(what_is_too_long_even_in_parts_is_left_out_and_said),
        cmocka_unit_test(parts_that_do_not_fit_together_are_refused),
        cmocka_unit_test(endless_parts_are_refused),
        cmocka_unit_test(what_a_newer_program_adds_is_skipped),
        cmocka_unit_test(parts_without_their_event_are_forgotten),
        cmocka_unit_test(a_session_of_8142_classes_is_whole),
        cmocka_unit_test(a_cut_file_has_no_half_event),
    };
    return cmocka_run_group_tests_name("unit/many_classes", tests, make_root, remove_root);
}
