/* Alerts over made-up evaluations: when one is raised, how often, and what is told without being asked for. */
#include "config.h"
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "repl/bench.h"
#include "session_root.h"

static struct buf said;
static struct workbench *w;

static void hear(void *ctx, enum say_level level, const char *line, int caret)
{
    (void)ctx, (void)caret;
    if (level == SAY_WARNING || level == SAY_ERROR)
        buf_addf(&said, "%s\n", line);
}

/* As an event of the process's own run. */
static void happens(struct event *e)
{
    history_fold(&w->live.history, e);
    alerts_event(w, e);
    event_unref(e);
}

static int open_bench(void **state)
{
    static const char *const classes[] = { "sky", "sea", "sand" }, *const groups[] = { "head", "mid", "tail" };
    static const uint32_t counts[] = { 500, 100, 20 }, group_of[] = { 0, 1, 2 };
    const struct workbench_face face = { .say = hear };
    const struct workbench_options options = { .sessions = root, .script = true };
    struct err err = { 0 };
    (void)state;
    w = workbench_new(&options, &face, &err);
    if (!w)
        fail_msg("%s", err.text);
    struct event *e = data_event(10);
    event_set_strs(e, EV_DATA_CLASSES, classes, 3);
    event_set_strs(e, EV_DATA_GROUPS, groups, 3);
    event_set_u32s(e, EV_DATA_COUNTS, counts, 3);
    event_set_u32s(e, EV_DATA_TEST_COUNTS, counts, 3);
    event_set_u32s(e, EV_DATA_GROUP_OF, group_of, 3);
    happens(e);
    buf_clear(&said);
    return 0;
}

static int close_bench(void **state)
{
    (void)state;
    workbench_free(w);
    buf_release(&said);
    return 0;
}

/* sand: of the last class. */
static void evaluated(uint64_t epoch, double acc, float sand)
{
    const double groups[] = { acc, acc, (double)sand };
    const float cls[] = { (float)acc, (float)acc, sand };
    struct event *e = event_new(EVENT_EPOCH, epoch * 10);
    event_set_f64(e, EV_EPOCH_EP, (double)epoch);
    event_set_str(e, EV_EPOCH_SPLIT, "test");
    event_set_f64(e, EV_EPOCH_ACC, acc);
    event_set_f64s(e, EV_EPOCH_GROUPS, groups, 3);
    event_set_f32s(e, EV_EPOCH_CLS, cls, 3);
    happens(e);
}

static void was_said(const char *text)
{
    assert_string_equal(said.data ? said.data : "", text);
    buf_clear(&said);
}

static void alert(const char *line)
{
    assert_int_equal(workbench_line(w, line, false), 0);
}

/* Once while it holds, and again when it holds again. */
static void it_is_raised_each_time_that_it_comes_to_hold(void **state)
{
    (void)state;
    alert("alert if acc < 50");
    evaluated(1, 50, 10);
    was_said("");
    evaluated(2, 49, 10);
    was_said("warning: alert 1: acc < 50: it is 49 at epoch 2\n");
    evaluated(3, 48, 10);
    was_said("");
    evaluated(4, 51, 10);
    evaluated(5, 47, 10);
    was_said("warning: alert 1: acc < 50: it is 47 at epoch 5\n");
}

static void it_may_have_to_hold_for_some_epochs(void **state)
{
    (void)state;
    alert("alert if tail > 20 for 3 epochs");
    alert("alert if tail > 20 --level error");
    evaluated(1, 50, 21);
    was_said("error: alert 2: tail > 20: it is 21 at epoch 1\n");
    evaluated(2, 50, 22);
    evaluated(3, 50, 19); /* not three in a row */
    evaluated(4, 50, 23);
    was_said("error: alert 2: tail > 20: it is 23 at epoch 4\n");
    evaluated(6, 50, 24);
    was_said("");
    evaluated(7, 50, 25);
    was_said("warning: alert 1: tail > 20 for 3 epochs: it is 25 at epoch 7\n");
    evaluated(8, 50, 26);
    was_said("");
}

/* A run that was taken up again from before holds since then. */
static void going_back_begins_the_time_anew(void **state)
{
    (void)state;
    alert("alert if acc < 60 for 3 epochs");
    evaluated(10, 50, 10);
    evaluated(5, 50, 10);
    evaluated(7, 50, 10);
    was_said("");
    evaluated(8, 50, 10);
    was_said("warning: alert 1: acc < 60 for 3 epochs: it is 50 at epoch 8\n");
}

/* A class that was not right once in the last twenty epochs, told once. */
static void a_class_that_is_never_right_is_told(void **state)
{
    (void)state;
    evaluated(1, 50, 1);
    for (uint64_t epoch = 2; epoch < 22; epoch++)
        evaluated(epoch, 50, 0);
    was_said("");
    evaluated(22, 50, 0);
    was_said("warning: 1 class was never right for 20 epochs: sand\n");
    evaluated(23, 50, 0);
    was_said("");
}

/* Twenty times log(3): that of guessing among three. */
static void a_loss_that_explodes_is_told(void **state)
{
    (void)state;
    happens(step_event(1, 21.9));
    was_said("");
    happens(step_event(2, 22.0));
    assert_non_null(strstr(said.data, "warning: the loss is 22, 20 times that of guessing: lr "));
    buf_clear(&said);
    happens(step_event(3, 30));
    was_said("");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_is_raised_each_time_that_it_comes_to_hold, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(it_may_have_to_hold_for_some_epochs, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(going_back_begins_the_time_anew, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(a_class_that_is_never_right_is_told, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(a_loss_that_explodes_is_told, open_bench, close_bench),
    };
    return cmocka_run_group_tests_name("unit/alerts", tests, make_root, remove_root);
}
