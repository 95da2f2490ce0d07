/* Between two steps of a run: commands for this very moment, a pause in the middle of `step N`, a class that is taken off a round under way, and
 * what a step told of itself. */
#include "config.h"

#include "tests/unit/running.h"

static void begin_paused(struct run *r, const char *epochs)
{
    run_init(r);
    knob(&r->knobs, "epochs", epochs);
    r->setup.start_paused = true;
    run_start(r);
}

/* Once it trains no more. */
static enum trainer_phase comes_to(struct run *r)
{
    struct trainer_status s;
    for (int i = 0; i < WAIT_MS; i++, usleep(1000)) {
        trainer_status(r->t, &s);
        if (s.phase != TRAINER_TRAINING)
            break;
    }
    return s.phase;
}

static bool set_at(struct run *r, enum command_when when, double value)
{
    struct command c = set_command("momentum", value < 1.5 ? "0.5" : "0.25");
    c.when = when;
    c.when_value = value;
    return post(r, &c);
}

/* What is due is done soon after the answer that it waits. */
static void momentum_comes_to(struct run *r, double value)
{
    struct knobs k;
    for (int i = 0; i < WAIT_MS; i++, usleep(1000)) {
        trainer_knobs(r->t, &k);
        if (knob_num(&k, KNOB_MOMENTUM) == value)
            return;
    }
    fail_msg("momentum is %g", knob_num(&k, KNOB_MOMENTUM));
}

/* What is for this step, or for the epoch that begins with it, is in time; a step later it is past. */
static void now_is_in_time(void **state)
{
    (void)state;
    struct run r;
    begin_paused(&r, "3");
    steps(&r, SPE);
    assert_true(set_at(&r, WHEN_STEP, SPE));
    momentum_comes_to(&r, 0.25);
    assert_false(set_at(&r, WHEN_STEP, SPE - 1));
    assert_string_equal(answer_text, "step 2 is past (now 3)");
    assert_true(set_at(&r, WHEN_EPOCH, 1));
    momentum_comes_to(&r, 0.5);
    assert_false(set_at(&r, WHEN_EPOCH, 0.5));
    run_free(&r);
}

/* A pause in the middle of `step 5` is the end of it: what goes on then goes on to the end. */
static void a_pause_ends_the_steps_that_were_asked_for(void **state)
{
    (void)state;
    struct run r;
    struct command pause = { .op = COMMAND_PAUSE, .when = WHEN_STEP, .when_value = 2, .by = "user" };
    begin_paused(&r, "3");
    assert_true(post(&r, &pause));
    assert_true(do_op(&r, COMMAND_STEP, 5));
    assert_int_equal(trainer_wait(r.t, 2, WAIT_MS), 1);
    assert_int_equal(comes_to(&r), TRAINER_PAUSED);
    assert_true(step_event(r.log, 2) && do_op(&r, COMMAND_RESUME, 0));
    assert_int_equal(comes_to(&r), TRAINER_OVER);
    assert_over(&r, "finished");
    assert_true(find_event(r.log, EVENT_STATE, EV_STATE_WHY, "the steps asked for are done", 0, false) < 0);
    run_free(&r);
}

/* The round of epoch 1 has begun with class 0 when the next one is taken off. */
static void what_is_not_watched_any_more_is_not_measured(void **state)
{
    (void)state;
    static const int all[] = { 0, 1, 2 }, second[] = { 1 };
    const struct command watch = { .op = COMMAND_WATCH, .n_classes = 3, .classes = all, .by = "user" };
    const struct command unwatch = { .op = COMMAND_UNWATCH, .n_classes = 1, .classes = second, .by = "user" };
    struct run r;
    run_init(&r);
    knob(&r.knobs, "budget", "1");
    knob(&r.knobs, "hessian_every", "1");
    r.setup.start_paused = true;
    run_start(&r);
    assert_true(post(&r, &watch));
    steps(&r, SPE);
    assert_int_equal(count_events(r.log, EVENT_EIG), 0);
    assert_true(post(&r, &unwatch) && do_op(&r, COMMAND_RESUME, 0));
    assert_over(&r, "finished");
    assert_true(count_events(r.log, EVENT_EIG) > 1);
    for (int i = 0; i < r.log->n; i++)
        assert_true(r.log->event[i]->kind != EVENT_EIG || r.log->event[i]->f[EV_EIG_CLASS].u != 1);
    run_free(&r);
}

/* The gauges of a step against what it began with: the weights of a snapshot, and its own numbers. */
static void gauges_are_of_the_weights_before_the_step(void **state)
{
    (void)state;
    struct run r;
    double square = 0;
    run_init(&r);
    knob(&r.knobs, "opt", "sam");
    knob(&r.knobs, "rho", "0.2");
    knob(&r.knobs, "gauge_every", "1");
    r.setup.start_paused = true;
    run_start(&r);
    assert_true(do_op(&r, COMMAND_SNAPSHOT, 0));
    steps(&r, 1);
    const struct state_vector *v = &r.log->state[r.log->n_states - 1]->vector[STATE_PARAMS];
    const float *w = v->data;
    for (size_t i = 0; i < v->n; i++)
        square += (double)w[i] * (double)w[i];
    const int at = find_event(r.log, EVENT_GAUGE, 0, NULL, 0, false);
    assert_true(at >= 0);
    const struct event_field *gauge = r.log->event[at]->f, *step = step_event(r.log, 1)->f;
    assert_true(fabs(gauge[EV_GAUGE_RHO_WN].f * sqrt(square) / 0.2 - 1) < 1e-5);
    assert_true(fabs(gauge[EV_GAUGE_RHO_GN].f * step[EV_STEP_GN].f / 0.2 - 1) < 1e-5);
    assert_true(fabs(gauge[EV_GAUGE_RISE].f - (step[EV_STEP_LOSS_UP].f - step[EV_STEP_LOSS].f)) < 1e-6);
    assert_true(fabs(sqrt(square) / step[EV_STEP_GN].f - 1) > 0.01);
    run_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(now_is_in_time),
        cmocka_unit_test(a_pause_ends_the_steps_that_were_asked_for),
        cmocka_unit_test(what_is_not_watched_any_more_is_not_measured),
        cmocka_unit_test(gauges_are_of_the_weights_before_the_step),
    };
    return cmocka_run_group_tests_name("unit/between", tests, NULL, NULL);
}
