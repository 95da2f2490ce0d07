/* A sweep over runs that are recorded already: which points are stopped and when, and what its table says of each. No run is begun. */
#include "config.h"
#include "check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "repl/sweep.h"
#include "session_root.h"

enum { SPE = 2, EPOCHS = 30, SEEDS = 2, POINTS = 3 };

static void write_eval(const struct event_sink *sink, uint64_t epoch, const char *split, double acc)
{
    const double groups[] = { acc + 20, acc, acc - 30 };
    struct event *e = event_new(EVENT_EPOCH, epoch * SPE);
    event_set_f64(e, EV_EPOCH_EP, (double)epoch);
    event_set_str(e, EV_EPOCH_SPLIT, split);
    event_set_f64(e, EV_EPOCH_ACC, acc);
    event_set_f64s(e, EV_EPOCH_GROUPS, groups, 3);
    send_event(sink, e);
}

/* Whole, with so much on validation images in every epoch; on test images at the end, with 5 less. */
static void record_run(const char *name, double val)
{
    struct session *s = create(name);
    const struct event_sink sink = session_sink(s);
    struct event *e = event_new(EVENT_CONFIG, 0);
    event_set_str(e, EV_CONFIG_NAME, name);
    send_event(&sink, e);
    send_event(&sink, data_event(SPE));
    for (uint64_t epoch = 1; epoch <= EPOCHS; epoch++) {
        for (uint64_t step = (epoch - 1) * SPE + 1; step <= epoch * SPE; step++)
            send_event(&sink, event_new(EVENT_STEP, step));
        write_eval(&sink, epoch, "val", val);
    }
    write_eval(&sink, EPOCHS, "test", val - 5);
    e = event_new(EVENT_STATE, EPOCHS * SPE);
    event_set_str(e, EV_STATE_STATE, "finished");
    send_event(&sink, e);
    close_session(s);
}

static void add_line(void *ctx, const char *line)
{
    buf_addf(ctx, "%s\n", line);
}

static struct sweep_plan plan_of(bool early)
{
    struct sweep_plan p = { .automatic = -1, .seeds = SEEDS, .early = early, .name = "s" };
    knobs_init(&p.base);
    knobs_set(&p.base, "weights", "effective", NULL);
    knobs_set(&p.base, "epochs", "30", NULL);
    assert_int_equal(sweep_axis_add(&p, "drw=2,6,8", NULL), 0);
    return p;
}

static int make_runs(void **state)
{
    static const double val[POINTS] = { 50, 40, 60 };
    if (make_root(state) < 0)
        return -1;
    struct sweep_plan p = plan_of(false);
    for (int point = 0; point < POINTS; point++)
        for (int seed = 0; seed < SEEDS; seed++) {
            char name[200];
            sweep_run_name(&p, point, seed, name, sizeof name);
            record_run(name, val[point] + (seed ? 1 : -1));
        }
    sweep_release(&p);
    return 0;
}

/* What was said until it was over, and its table. */
static void go(bool early, struct buf *said, struct buf *table)
{
    struct err err = { 0 };
    struct sweep_plan p = plan_of(early);
    const struct sweep_options options = { .root = root, .say = add_line, .ctx = said };
    assert_int_equal(sweep_check(&p, &err), 0);
    struct sweep *s = sweep_new(&p, &options, &err);
    assert_non_null(s);
    int result;
    while ((result = sweep_go(s, &err)) == SWEEP_DECIDED)
        continue;
    assert_int_equal(result, SWEEP_OVER);
    sweep_table(s, add_line, table);
    sweep_free(s);
}

/* Every number of a line is of its own: mean, deviation, tail and test. */
static void the_table_has_means_and_tails(void **state)
{
    (void)state;
    struct buf said = { 0 }, table = { 0 };
    go(false, &said, &table);
    assert_string_equal(table.data,
                        "s: 6 of 6 runs done, 2 seeds each; val and tail: on validation images\n"
                        "  #  drw     val    sd   tail   test  epoch  run\n"
                        "  1  8     60.00  1.41  30.00  55.00     30  s-drw8-s1\n"
                        "  2  2     50.00  1.41  20.00  45.00     30  s-drw2-s1\n"
                        "  3  6     40.00  1.41  10.00  35.00     30  s-drw6-s1\n"
                        "'fork s-drw8-s1' goes on from the best\n");
    buf_release(&said);
    buf_release(&table);
}

/* The point whose weights come at epoch 6 is below the median from the first rung on, 12, and has its grace until 16. */
static void a_point_is_stopped_after_its_own_grace(void **state)
{
    (void)state;
    struct buf said = { 0 }, table = { 0 };
    go(true, &said, &table);
    assert_string_equal(said.data, "epoch 17: drw 6 is stopped: val 40.00 is below 50.00, the median of 3\n");
    assert_non_null(strstr(table.data, "\n  -  6     40.00  1.41  10.00      .     17 stopped  s-drw6-s1\n"));
    assert_non_null(strstr(table.data, "\n  2  2     50.00"));
    buf_release(&said);
    buf_release(&table);
}

/* A value is that of the last evaluation up to the epoch; of the test images only that of the same epoch. */
static void a_value_is_as_of_an_epoch(void **state)
{
    (void)state;
    char dir[1024];
    at("s-drw8-s0", dir);
    const struct sweep_value end = sweep_value_read(dir, INFINITY), before = sweep_value_read(dir, 29), none = sweep_value_read(dir, 0.5);
    assert_true(end.val == 59 && end.tail == 29 && end.test == 54 && end.epoch == 30);
    assert_true(before.val == 59 && before.epoch == 29 && isnan(before.test));
    assert_true(isnan(none.val) && isnan(none.tail) && isnan(none.epoch));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_has_means_and_tails),
        cmocka_unit_test(a_point_is_stopped_after_its_own_grace),
        cmocka_unit_test(a_value_is_as_of_an_epoch),
    };
    return cmocka_run_group_tests_name("unit/sweep_run", tests, make_runs, remove_root);
}
