/* Steps in a queue: everything that can be seen of a run but its times is as without one, nothing looks at the weights while a
 * step is under way, and probes run beside. On the cpu back end with a queue (lazy.h) or, with SADDLE_CUDA_SHIM, on an emulated
 * CUDA device. */
#include "config.h"
#include "tests/unit/ahead.h"

static void to_the_end(struct run *r)
{
    assert_over(r, "finished");
}

/* Evaluations, snapshots, the best, re-weighting and a schedule by epoch. */
static void with_everything(struct run *r)
{
    knob(&r->knobs, "weights", "effective");
    knob(&r->knobs, "drw", "1");
    knob(&r->knobs, "lr", "0.05@0 0.02@1");
    r->setup.max_steps = 2 * STEPS - 2;
}

static void test_whole_run(void **state)
{
    (void)state;
    compare(with_everything, to_the_end, true);
}

/* From its beginning on steps go one by one: only the classifier trains. */
static void with_second_stage(struct run *r)
{
    knob(&r->knobs, "epochs", "1");
    knob(&r->knobs, "stage", "crt");
    knob(&r->knobs, "eval_every", "0");
    r->setup.max_steps = STEPS + 3;
}

static void test_second_stage(void **state)
{
    (void)state;
    compare(with_second_stage, to_the_end, true);
}

/* Commands for moments in the middle of what could be queued, and for a condition. */
static void post_for_later(struct run *r, const char *name, const char *value, enum command_when when, double at)
{
    struct command c = set_command(name, value);
    c.when = when;
    c.when_value = at;
    if (when == WHEN_IF) {
        c.when_above = true;
        snprintf(c.when_metric, sizeof c.when_metric, "acc");
    }
    assert_true(post(r, &c));
}

static void start_paused(struct run *r)
{
    r->setup.start_paused = true;
}

static void with_commands(struct run *r)
{
    assert_true(find_event(r->log, EVENT_STATE, EV_STATE_STATE, "paused", 0, true) >= 0);
    post_for_later(r, "lr", "0.01", WHEN_STEP, 3);
    post_for_later(r, "rho", "0.2", WHEN_STEP, 6);
    post_for_later(r, "momentum", "0.5", WHEN_IF, -1);
    post_for_later(r, "opt", "asam", WHEN_EPOCH, 1);
    post_for_later(r, "opt", "pgd", WHEN_STEP, 11);
    post_for_later(r, "opt", "sgd", WHEN_STEP, 12);
    steps(r, 2);
    steps(r, 5);
    assert_true(do_op(r, COMMAND_SNAPSHOT, 0));
    steps(r, 1);
    assert_true(set(r, "weight_decay", "0.01"));
    assert_true(do_op(r, COMMAND_RESUME, 0));
    assert_over(r, "finished");
    assert_true(step_event(r->log, 3)->f[EV_STEP_LR].f == (double)0.05f && step_event(r->log, 4)->f[EV_STEP_LR].f == (double)0.01f);
    assert_true(fabs(step_event(r->log, 6)->f[EV_STEP_RHO].f - 0.05) < 1e-6 && fabs(step_event(r->log, 7)->f[EV_STEP_RHO].f - 0.2) < 1e-6);
}

static void test_commands_at_steps(void **state)
{
    (void)state;
    compare(start_paused, with_commands, true);
}

/* --- probes -------------------------------------------------------------------------------------------------------- */

/* The step that the command acts at is the clock's choice; what a probe comes to is not. */
static void test_probes_beside(void **state)
{
    (void)state;
    struct run r[2];
    for (int i = 0; i < 2; i++) {
        prepare(&r[i], i == 1);
        with_probes(&r[i]);
        run_start(&r[i]);
        watch_all(&r[i]);
        end(&r[i], i == 1);
        const int cmd = find_event(r[i].log, EVENT_CMD, EV_CMD_BY, "schedule", 0, false);
        assert_true(cmd >= 0 && r[i].log->event[cmd]->step >= FIRST_ROUND);
        for (int k = cmd + 1; k < r[i].log->n; k++) /* journalled at the boundary at which it acts */
            assert_true(r[i].log->event[k]->step >= r[i].log->event[cmd]->step);
#ifndef SADDLE_CUDA_SHIM
        assert_true(i == 0 ? lazy.products == 0 : lazy.products > 4);
#endif
    }
    const struct event *eig[2][WATCHED] = { { NULL } };
    for (int i = 0; i < 2; i++)
        for (int at = 0, k = 0; k < WATCHED; k++) {
            eig[i][k] = next_event(r[i].log, &at, EVENT_EIG);
            assert_true(eig[i][k] && eig[i][k]->f[EV_EIG_OF].u == FIRST_ROUND);
        }
    assert_true(eig[1][0]->step >= FIRST_ROUND + BACKEND_STEPS); /* the steps beside one product come before the next */
    for (int k = 0; k < WATCHED; k++) {
        assert_true(same_field(EVENT_F64, &eig[0][k]->f[EV_EIG_LMIN], &eig[1][k]->f[EV_EIG_LMIN]));
        assert_true(same_field(EVENT_F64, &eig[0][k]->f[EV_EIG_LMAX], &eig[1][k]->f[EV_EIG_LMAX]));
        assert_true(same_field(EVENT_F64, &eig[0][k]->f[EV_EIG_LOSS], &eig[1][k]->f[EV_EIG_LOSS]));
        assert_true(same_field(EVENT_F64S, &eig[0][k]->f[EV_EIG_NODES], &eig[1][k]->f[EV_EIG_NODES]));
        assert_true(same_field(EVENT_F64S, &eig[0][k]->f[EV_EIG_WTS], &eig[1][k]->f[EV_EIG_WTS]));
    }
    run_free(&r[0]);
    run_free(&r[1]);
}

/* Weights that grow a thousandfold in each step: on the device the steps behind the one that overflows must do nothing. */
static void grow(struct run *r)
{
    knob(&r->knobs, "lr", "100");
    knob(&r->knobs, "weight_decay", "10");
}

static void until_it_diverges(struct run *r)
{
    const int paused = find_event(r->log, EVENT_STATE, EV_STATE_STATE, "paused", 0, true);
    assert_true(paused >= 0 && r->log->event[paused]->step > 0);
    assert_non_null(strstr(r->log->event[paused]->f[EV_STATE_WHY].s, "before the update"));
    assert_true(do_op(r, COMMAND_SNAPSHOT, 0));
    assert_true(do_op(r, COMMAND_STOP, 0));
    assert_over(r, "stopped");
}

static void test_overflow(void **state)
{
    (void)state;
    compare(grow, until_it_diverges, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole_run),         cmocka_unit_test(test_second_stage),      cmocka_unit_test(test_overflow),
        cmocka_unit_test(test_commands_at_steps), cmocka_unit_test(test_probes_beside),
    };
#ifdef SADDLE_CUDA_SHIM
    if (getenv("SADDLE_FEW_CASES")) {
        const struct CMUnitTest few[] = { tests[0] };
        return cmocka_run_group_tests_name("kernels/ahead_emulated", few, NULL, NULL);
    }
    return cmocka_run_group_tests_name("kernels/ahead_emulated", tests, NULL, NULL);
#else
    return cmocka_run_group_tests_name("unit/ahead", tests, NULL, NULL) + ahead_live_tests();
#endif
}
