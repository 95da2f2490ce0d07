/* Steps in a queue and what comes at any moment: commands, ends, probes on demand, failures, snapshots by the clock. */
#include "config.h"

#include "base/clock.h"
#include "tests/unit/ahead.h"

/* Whatever the steps they land on: the journal says which, and a run that repeats it step by step comes to the same bits. */
static void post_while_training(struct run *r)
{
    static const char *const rates[] = { "0.02", "0.04", "0.01", "0.03" };
    for (int i = 0; i < 4; i++) {
        assert_int_equal(trainer_wait(r->t, (uint64_t)(2 + 5 * i), WAIT_MS), 1);
        assert_true(set(r, "lr", rates[i]));
        if (i == 1)
            assert_true(do_op(r, COMMAND_PAUSE, 0) && set(r, "rho", "0.3") && do_op(r, COMMAND_RESUME, 0));
    }
}

enum { COMMANDS_MAX = 16 };
struct journal {
    struct trainer_roll roll;
    uint64_t at[COMMANDS_MAX];
    struct command command[COMMANDS_MAX];
    const struct command *commands[COMMANDS_MAX];
    float loss[4 * STEPS];
};

/* The recorded events, as session/ would read them. */
static void read_journal(const struct log *log, struct journal *j)
{
    int n = 0;
    for (int i = 0; i < log->n; i++) {
        const struct event *e = log->event[i];
        if (e->kind == EVENT_STEP)
            j->loss[e->step - 1] = (float)e->f[EV_STEP_LOSS].f;
        if (e->kind == EVENT_STEP)
            j->roll.until = e->step;
        if (e->kind == EVENT_EPOCH)
            j->roll.until_eval = e->step;
        if (e->kind != EVENT_CMD || strcmp(e->f[EV_CMD_OP].s, "set") != 0)
            continue;
        assert_true(n < COMMANDS_MAX);
        j->at[n] = e->step;
        j->command[n] = set_command(e->f[EV_CMD_KEY].s, e->f[EV_CMD_VALUE].s);
        j->commands[n] = &j->command[n];
        n++;
    }
    j->roll.n_commands = n;
    j->roll.at = j->at;
    j->roll.commands = j->commands;
    j->roll.loss = j->loss;
}

/* No later command changed the same before the next step. */
static bool holds_for_a_step(const struct journal *j, int i)
{
    for (int k = i + 1; k < j->roll.n_commands; k++)
        if (j->command[k].knob == j->command[i].knob && j->at[k] == j->at[i])
            return false;
    return true;
}

static void test_commands_while_training(void **state)
{
    (void)state;
    struct run r, again;
    struct journal *j = calloc(1, sizeof *j);
    char first[65], second[65];
    prepare(&r, true);
    knob(&r.knobs, "epochs", "4");
    run_start(&r);
    post_while_training(&r);
    assert_over(&r, "finished");
    end(&r, true);
    final_hash(&r, first);
    read_journal(r.log, j);
    assert_int_equal(j->roll.n_commands, 5);
    for (int i = 0; i < j->roll.n_commands; i++) /* the step after it is the first with its value */
        if (j->command[i].knob == KNOB_LR && holds_for_a_step(j, i) && j->at[i] < 4 * STEPS)
            assert_true(step_event(r.log, j->at[i] + 1)->f[EV_STEP_LR].f == (double)(float)j->command[i].value.schedule->base);
    for (int ahead = 0; ahead < 2; ahead++) {
        prepare(&again, ahead == 1);
        knob(&again.knobs, "epochs", "4");
        again.setup.state = r.log->state[0];
        again.setup.roll = &j->roll;
        again.setup.announce = false;
        run_start(&again);
        assert_over(&again, "finished");
        end(&again, ahead == 1);
        assert_int_equal(count_events(again.log, EVENT_BRANCH), 0);
        assert_int_equal(count_events(again.log, EVENT_STEP), 0);
        final_hash(&again, second);
        assert_string_equal(first, second);
        run_free(&again);
    }
    j->loss[5] += 1; /* in the middle of what is queued: a new timeline from there, with the same steps */
    prepare(&again, true);
    knob(&again.knobs, "epochs", "4");
    again.setup.state = r.log->state[0];
    again.setup.roll = &j->roll;
    again.setup.announce = false;
    run_start(&again);
    assert_over(&again, "finished");
    end(&again, true);
    assert_int_equal(again.log->event[find_event(again.log, EVENT_BRANCH, 0, NULL, 0, false)]->step, 5);
    assert_int_equal(count_events(again.log, EVENT_STEP), 4 * STEPS - 5);
    for (uint64_t s = 6; s <= 4 * STEPS; s++)
        assert_same_event(step_event(r.log, s), step_event(again.log, s));
    final_hash(&again, second);
    assert_string_equal(first, second);
    run_free(&again);
    run_free(&r);
    free(j);
}

/* A command waits for the steps under way, not for the end of an epoch. */
static void test_commands_come_soon(void **state)
{
    (void)state;
    struct run r;
    struct trainer_status s;
    prepare(&r, true);
    lazy.delay_us = 5000;
    knob(&r.knobs, "batch", "1"); /* 34 steps */
    run_start(&r);
    assert_int_equal(trainer_wait(r.t, 6, WAIT_MS), 1);
    struct command c = set_command("lr", "0.02");
    assert_true(trainer_post(r.t, &c, &last) > 0);
    trainer_status(r.t, &s); /* read after the command was there: no step is queued any more */
    const int cmd = find_event(r.log, EVENT_CMD, EV_CMD_KEY, NULL, 0, true);
    assert_true(r.log->event[cmd]->step <= s.step + BACKEND_STEPS + 1);
    assert_true(do_op(&r, COMMAND_STOP, 0));
    end(&r, true);
    run_free(&r);
}

/* So many steps of such a run without a queue come to this state. */
static void assert_without_queue(uint64_t steps_done, const char *state)
{
    struct run r;
    char hash[65];
    prepare(&r, false);
    knob(&r.knobs, "epochs", "1000");
    knob(&r.knobs, "eval_every", "0");
    r.setup.max_steps = steps_done;
    run_start(&r);
    assert_over(&r, "finished");
    end(&r, false);
    final_hash(&r, hash);
    assert_string_equal(state, hash);
    run_free(&r);
}

/* A stop, or the end of the program, at whatever step: the last snapshot is of the last step that was told about. */
static void test_end_at_once(void **state)
{
    (void)state;
    for (int quit = 0; quit < 2; quit++) {
        struct run r;
        char a[65];
        prepare(&r, true);
        knob(&r.knobs, "epochs", "1000");
        knob(&r.knobs, "eval_every", "0");
        run_start(&r);
        assert_int_equal(trainer_wait(r.t, STEPS + 2, WAIT_MS), 1);
        if (!quit) {
            assert_true(do_op(&r, COMMAND_STOP, 0));
            assert_over(&r, "stopped");
        }
        end(&r, true);
        const struct train_state *last_state = r.log->state[r.log->n_states - 1];
        const int steps_told = count_events(r.log, EVENT_STEP);
        assert_true(last_state->step == (uint64_t)steps_told && steps_told < 500 * STEPS);
        final_hash(&r, a);
        assert_without_queue((uint64_t)steps_told, a);
        run_free(&r);
    }
}

/* The times of steps that overlap add up to the clock's, probes beside them included. */
static void test_times(void **state)
{
    (void)state;
    struct run r;
    double sum = 0;
    prepare(&r, true);
    knob(&r.knobs, "budget", "1");
    knob(&r.knobs, "hessian_iters", "2");
    knob(&r.knobs, "eval_every", "0");
    r.setup.start_paused = true;
    run_start(&r);
    struct command c = { .op = COMMAND_WATCH, .n_classes = 2, .classes = (const int[]){ 0, 1 } };
    assert_true(post(&r, &c));
    const uint64_t start = clock_now_ns();
    steps(&r, STEPS + 6);
    const double wall = (double)(clock_now_ns() - start) * 1e-6;
    for (uint64_t s = 1; s <= STEPS + 6; s++) {
        const double ms = step_event(r.log, s)->f[EV_STEP_MS].f;
        assert_true(ms >= 0 && ms < wall);
        sum += ms;
    }
    assert_true(sum <= wall * 1.001);
    assert_true(sum > wall / 4); /* the rest: evaluations, snapshots, the probe before the queue is filled */
    assert_true(count_events(r.log, EVENT_EIG) > 0);
    end(&r, true);
    run_free(&r);
}

/* On demand, in the middle of a scheduled round: at the weights of a step boundary, and the round goes on with those of another. */
static void test_probe_on_demand(void **state)
{
    (void)state;
    struct run r;
    prepare(&r, true);
    with_probes(&r);
    knob(&r.knobs, "hessian_every", "1");
    run_start(&r);
    struct command c = { .op = COMMAND_WATCH, .n_classes = CLASSES, .classes = (const int[]){ 0, 1, 2 } };
    assert_true(post(&r, &c));
    assert_true(do_op(&r, COMMAND_RESUME, 0));
    assert_int_equal(trainer_wait(r.t, STEPS, WAIT_MS), 1);
    c = (struct command){ .op = COMMAND_HESSIAN, .n_classes = 1, .classes = (const int[]){ 1 }, .count = 3, .by = "user" };
    assert_true(post(&r, &c));
    assert_over(&r, "finished");
    end(&r, true);
    const int cmd = find_event(r.log, EVENT_CMD, EV_CMD_OP, "hessian", 0, false), eig = find_event(r.log, EVENT_EIG, 0, NULL, cmd, false);
    assert_true(cmd >= 0 && eig >= 0);
    assert_true(r.log->event[eig]->f[EV_EIG_OF].u == r.log->event[cmd]->step && r.log->event[eig]->step == r.log->event[cmd]->step);
    for (int at = 0; (at = find_event(r.log, EVENT_EIG, 0, NULL, at, false)) >= 0; at++)
        assert_true(r.log->event[at]->f[EV_EIG_OF].u <= r.log->event[at]->step);
    run_free(&r);
}

/* --- failures ------------------------------------------------------------------------------------------------------ */

static void bad_sixth_step(struct run *r)
{
    (void)r;
    lazy.bad_step = 6;
}

static void resume_after_it(struct run *r)
{
    const int paused = find_event(r->log, EVENT_STATE, EV_STATE_STATE, "paused", 0, true);
    assert_true(paused >= 0);
    assert_string_equal(r->log->event[paused]->f[EV_STATE_WHY].s, "the loss is nan at step 6, before the update; last snapshot: step 0");
    assert_int_equal(r->log->event[paused]->step, 5);
    assert_true(do_op(r, COMMAND_SNAPSHOT, 0));
    assert_true(do_op(r, COMMAND_RESUME, 0));
    assert_over(r, "finished");
}

static void test_divergence(void **state)
{
    (void)state;
    compare(bad_sixth_step, resume_after_it, true);
}

static void stop_at_it(struct run *r)
{
    lazy.bad_step = 7;
    knob(&r->knobs, "on_nan", "stop");
}

static void diverged(struct run *r)
{
    assert_over(r, "diverged");
}

static void test_divergence_stops(void **state)
{
    (void)state;
    compare(stop_at_it, diverged, true);
}

static void break_sixth_step(struct run *r)
{
    (void)r;
    lazy.broken_step = 6;
}

static void failed(struct run *r)
{
    assert_over(r, "failed");
    assert_true(find_event(r->log, EVENT_SAY, EV_SAY_TEXT, "step 6: lazy: a step was lost", 0, false) >= 0);
}

static void test_device_failure(void **state)
{
    (void)state;
    compare(break_sixth_step, failed, true);
}

/* Steps that were under way when a later one could not be queued are lost: nobody can say what they came to. */
static void test_failure_to_queue(void **state)
{
    (void)state;
    struct run r;
    prepare(&r, true);
    lazy.broken_queue = 6;
    run_start(&r);
    assert_over(&r, "failed");
    assert_true(count_events(r.log, EVENT_STEP) < 6);
    assert_true(find_event(r.log, EVENT_SAY, EV_SAY_LEVEL, "error", 0, false) >= 0);
    end(&r, true);
    run_free(&r);
}

/* Snapshots by the clock are of a step at which the queue was empty. */
static void test_snapshots_by_the_clock(void **state)
{
    (void)state;
    struct run r;
    char a[65];
    prepare(&r, true);
    lazy.delay_us = 20000;
    knob(&r.knobs, "epochs", "1000");
    knob(&r.knobs, "eval_every", "0");
    knob(&r.knobs, "snapshot_every", "0");
    knob(&r.knobs, "snapshot_seconds", "1");
    run_start(&r);
    for (int i = 0, n = 0; i < 600000 && n < 2; i++, usleep(1000)) {
        pthread_mutex_lock(&r.log->lock);
        n = r.log->n_states;
        pthread_mutex_unlock(&r.log->lock);
    }
    end(&r, true);
    assert_true(r.log->n_states >= 2);
    const struct train_state *s = r.log->state[1];
    train_state_hash(s, a);
    assert_without_queue(s->step, a);
    run_free(&r);
}

int ahead_live_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_commands_while_training),
        cmocka_unit_test(test_commands_come_soon),
        cmocka_unit_test(test_end_at_once),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_probe_on_demand),
        cmocka_unit_test(test_divergence),
        cmocka_unit_test(test_divergence_stops),
        cmocka_unit_test(test_device_failure),
        cmocka_unit_test(test_failure_to_queue),
        cmocka_unit_test(test_snapshots_by_the_clock),
    };
    return cmocka_run_group_tests_name("unit/ahead, live", tests, NULL, NULL);
}
