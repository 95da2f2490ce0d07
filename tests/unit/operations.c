/* The table of operations, and the one reader of what the journal says of them. */
#include "config.h"
#include "check.h"

#include <math.h>
#include <string.h>

#include "base/err.h"
#include "engine/recorded.h"

static struct err last;

static struct event *command(const char *op, const char *key, const char *value, const char *old)
{
    struct event *e = event_new(EVENT_CMD, 7);
    assert_non_null(e);
    event_set_str(e, EV_CMD_OP, op);
    event_set_str(e, EV_CMD_KEY, key);
    event_set_str(e, EV_CMD_VALUE, value);
    event_set_str(e, EV_CMD_OLD, old);
    event_set_str(e, EV_CMD_BY, "user");
    return e;
}

static void test_every_row(void **state)
{
    (void)state;
    for (int i = 0; i < COMMAND_OPS; i++) {
        const struct operation *o = &operation_table[i];
        assert_int_equal(operation_find(o->word), o->word[0] ? i : -1);
        if (o->result < 0)
            continue;
        assert_int_equal(operation_with_result(o->result), i);
        assert_string_equal(event_table[o->result].field[o->of].key, "of");
        assert_true(o->flags & OP_MEASURES); /* what has a result per class is looked for where it was cut off */
    }
    for (int i = 0; i < COMMAND_OPS; i++) /* served after the end, or repeated by who goes on: an evaluation alone is both */
        if (operation_table[i].flags & OP_LOOKS && operation_table[i].flags & OP_REPEATED)
            assert_int_equal(i, COMMAND_EVAL);
    assert_int_equal(operation_find("nothing"), -1);
    assert_int_equal(operation_find(""), -1);
    assert_int_equal(operation_with_result(EVENT_STEP), -1);
}

static void test_a_change_is_read(void **state)
{
    (void)state;
    struct event *e = command("set", "rho", "0.5", "0.05");
    struct recorded r;
    struct knob_value v;
    assert_true(recorded_read(e, &r));
    assert_int_equal(r.op, COMMAND_SET);
    assert_int_equal(r.knob, KNOB_RHO);
    assert_int_equal(r.step, 7);
    assert_false(r.waits || r.scheduled || r.repeated || r.undo);
    assert_int_equal(recorded_value(&r, &v, &last), 0);
    assert_true(v.schedule->base == 0.5);
    event_set_str(e, EV_CMD_TXT, "undo");
    event_set_str(e, EV_CMD_BY, "schedule");
    assert_true(recorded_read(e, &r) && r.undo && r.scheduled);
    event_unref(e);
    e = command("set", "roh", "0.5", NULL);
    assert_true(recorded_read(e, &r));
    assert_int_equal(r.knob, -1);
    assert_null(r.old);
    assert_int_equal(recorded_value(&r, &v, &last), -1);
    assert_non_null(strstr(last.text, "'roh'"));
    event_unref(e);
    e = command("set", "rho", NULL, NULL);
    assert_true(recorded_read(e, &r));
    assert_int_equal(recorded_value(&r, &v, &last), -1);
    assert_string_equal(last.text, "the value of rho is missing");
    event_unref(e);
}

static void test_what_waits_is_no_operation(void **state)
{
    (void)state;
    struct event *e = command("pending", "lr", "0.01", NULL), *other = event_new(EVENT_NOTE, 1), *bare = event_new(EVENT_CMD, 1);
    struct recorded r;
    assert_true(recorded_read(e, &r));
    assert_true(r.waits);
    assert_int_equal(r.op, -1);
    assert_int_equal(r.knob, KNOB_LR);
    assert_false(recorded_read(other, &r));
    assert_true(recorded_read(bare, &r));
    assert_true(r.op == -1 && !r.waits && !r.word[0] && !r.key[0] && !r.value);
    event_unref(e);
    event_unref(other);
    event_unref(bare);
}

static void test_a_list_of_classes(void **state)
{
    (void)state;
    struct event *e = command("watch", "0 9 12", NULL, NULL);
    struct recorded r;
    unsigned long class, sum = 0;
    assert_true(recorded_read(e, &r));
    assert_true(recorded_names_classes(&r));
    for (const char *at = r.key; recorded_class(&at, &class);)
        sum = 100 * sum + class;
    assert_int_equal(sum, 912);
    event_unref(e);
    e = command("watch", "tail", NULL, NULL);
    assert_true(recorded_read(e, &r));
    const char *at = r.key;
    assert_false(recorded_names_classes(&r) || recorded_class(&at, &class));
    event_unref(e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_row),
        cmocka_unit_test(test_a_change_is_read),
        cmocka_unit_test(test_what_waits_is_no_operation),
        cmocka_unit_test(test_a_list_of_classes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
