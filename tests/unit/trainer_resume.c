/* The training thread from a recorded state on: the same bits as if nothing had ended, and recorded steps made again. */
#include "config.h"

#include "engine/criteria/loss.h"
#include "tests/unit/running.h"
#include "tests/unit/trainer_resume.h"

/* Unbroken against cut at step 4, in the middle of an epoch, with SAM, momentum, augmentation and re-weighting. */
static void resume_knobs(struct run *r)
{
    knob(&r->knobs, "opt", "sam");
    knob(&r->knobs, "weights", "effective");
    knob(&r->knobs, "drw", "2");
}

static void assert_same_class_losses(const struct event *a, const struct event *b, int field)
{
    assert_int_equal(a->f[field].n, CLASSES);
    assert_int_equal(b->f[field].n, CLASSES);
    assert_memory_equal(a->f[field].f32s, b->f[field].f32s, sizeof(float) * CLASSES);
}

/* A snapshot in the middle of an epoch that does not tell of its classes, as earlier programs wrote them. */
static void test_class_losses_of_an_older_snapshot(void **state)
{
    (void)state;
    struct run first, rest;
    run_init(&first);
    resume_knobs(&first);
    first.setup.max_steps = 4;
    run_start(&first);
    assert_over(&first, "finished");
    struct train_state *cut = first.log->state[first.log->n_states - 1];
    assert_non_null(cut->class_losses);
    for (char **line = cut->class_losses; *line; line++) {
        free(*line);
        *line = NULL; /* a list that ends early is none */
    }
    run_init(&rest);
    resume_knobs(&rest);
    rest.setup.state = cut;
    rest.setup.announce = false;
    run_start(&rest);
    assert_over(&rest, "finished");
    const int one = find_event(rest.log, EVENT_EPOCH, 0, NULL, 0, false), two = find_event(rest.log, EVENT_EPOCH, 0, NULL, one + 1, false);
    assert_int_equal(rest.log->event[one]->f[EV_EPOCH_TRAIN_CLS_LOSS].n, 0);
    assert_int_equal(rest.log->event[one]->f[EV_EPOCH_CLS_LOSS].n, CLASSES);
    assert_int_equal(rest.log->event[two]->f[EV_EPOCH_TRAIN_CLS_LOSS].n, CLASSES);
    run_free(&first);
    run_free(&rest);
}

static void test_resume(void **state)
{
    (void)state;
    struct run whole, first, rest;
    char a[65], b[65];
    run_init(&whole);
    resume_knobs(&whole);
    run_start(&whole);
    assert_over(&whole, "finished");
    final_hash(&whole, a);

    run_init(&first);
    resume_knobs(&first);
    first.setup.max_steps = 4;
    run_start(&first);
    assert_over(&first, "finished");
    struct train_state *cut = first.log->state[first.log->n_states - 1];
    assert_true(cut->step == 4 && cut->epoch_images == 16);

    run_init(&rest);
    resume_knobs(&rest);
    rest.setup.state = cut;
    rest.setup.announce = false;
    run_start(&rest);
    assert_over(&rest, "finished");
    final_hash(&rest, b);
    assert_string_equal(a, b);
    const struct event *x = whole.log->event[find_event(whole.log, EVENT_STATE, EV_STATE_STATE, "finished", 0, false)];
    assert_non_null(x);
    int one = find_event(whole.log, EVENT_EPOCH, 0, NULL, find_event(whole.log, EVENT_EPOCH, 0, NULL, 0, false) + 1, false);
    int two = find_event(rest.log, EVENT_EPOCH, 0, NULL, find_event(rest.log, EVENT_STEP, 0, NULL, 0, false), false);
    const struct event *e = whole.log->event[one], *f = rest.log->event[two];
    assert_true(e->step == 6 && f->step == 6);
    assert_true(e->f[EV_EPOCH_TRAIN_LOSS].f == f->f[EV_EPOCH_TRAIN_LOSS].f && e->f[EV_EPOCH_ACC].f == f->f[EV_EPOCH_ACC].f);
    assert_true(e->f[EV_EPOCH_BEST].f == f->f[EV_EPOCH_BEST].f && e->f[EV_EPOCH_BEST_EP].f == f->f[EV_EPOCH_BEST_EP].f);
    assert_same_class_losses(e, f, EV_EPOCH_CLS_LOSS);
    assert_same_class_losses(e, f, EV_EPOCH_TRAIN_CLS_LOSS);
    run_free(&whole);
    run_free(&first);
    run_free(&rest);
}

/* A best that nothing after the cut reaches is still the best, and of its own epoch. */
static void test_best_before_the_cut(void **state)
{
    (void)state;
    struct run first, rest;
    int n = 0;
    run_init(&first);
    first.setup.max_steps = 4;
    run_start(&first);
    assert_over(&first, "finished");
    struct train_state *cut = first.log->state[first.log->n_states - 1];
    assert_true(cut->best >= 0 && cut->step == 4);
    cut->best = 100.5;
    cut->best_epoch = 0.5;
    run_init(&rest);
    rest.setup.state = cut;
    rest.setup.announce = false;
    run_start(&rest);
    assert_over(&rest, "finished");
    for (int i = 0; (i = find_event(rest.log, EVENT_EPOCH, 0, NULL, i, false)) >= 0; i++, n++)
        assert_true(rest.log->event[i]->f[EV_EPOCH_BEST].f == 100.5 && rest.log->event[i]->f[EV_EPOCH_BEST_EP].f == 0.5);
    const struct train_state *end = rest.log->state[rest.log->n_states - 1];
    assert_true(n == 2 && end->step == 9 && end->best == 100.5 && end->best_epoch == 0.5);
    run_free(&first);
    run_free(&rest);
}

/* A crash after step 7; the last snapshot is of step 2 (asked for), and lr was changed by hand after step 4. */
struct crashed {
    struct run r;
    struct train_state *snapshot;
    float loss[5];
    char hash[65];
};

static void crash(struct crashed *c)
{
    run_init(&c->r);
    c->r.setup.start_paused = true;
    run_start(&c->r);
    steps(&c->r, 2);
    assert_true(do_op(&c->r, COMMAND_SNAPSHOT, 0));
    c->snapshot = c->r.log->state[c->r.log->n_states - 1];
    assert_true(c->snapshot->step == 2);
    steps(&c->r, 2);
    assert_true(set(&c->r, "lr", "0.01"));
    steps(&c->r, 3);
    for (int i = 0; i < 5; i++)
        c->loss[i] = (float)step_event(c->r.log, (uint64_t)i + 3)->f[EV_STEP_LOSS].f;
    assert_true(do_op(&c->r, COMMAND_RESUME, 0));
    assert_over(&c->r, "finished");
    final_hash(&c->r, c->hash);
}

static void roll_run(struct run *r, const struct crashed *c, const struct trainer_roll *roll)
{
    run_init(r);
    r->setup.state = c->snapshot;
    r->setup.roll = roll;
    r->setup.announce = false;
    run_start(r);
    assert_over(r, "finished");
}

static void test_roll_forward(void **state)
{
    (void)state;
    struct crashed c;
    struct run r;
    char hash[65];
    crash(&c);
    struct command command = set_command("lr", "0.01");
    const struct command *const commands[] = { &command };
    const uint64_t at = 4;
    struct trainer_roll roll = { .until = 7, .until_eval = 6, .n_commands = 1, .at = &at, .commands = commands, .loss = c.loss };
    roll_run(&r, &c, &roll);
    final_hash(&r, hash);
    assert_string_equal(hash, c.hash);
    assert_int_equal(count_events(r.log, EVENT_STEP), 2); /* 8 and 9 */
    assert_int_equal(count_events(r.log, EVENT_EPOCH), 1);
    assert_int_equal(count_events(r.log, EVENT_CMD), 0);
    assert_int_equal(count_events(r.log, EVENT_BRANCH), 0);
    int last_epoch = find_event(r.log, EVENT_EPOCH, 0, NULL, 0, false), of_crashed = -1;
    for (int i = 0; (i = find_event(c.r.log, EVENT_EPOCH, 0, NULL, i, false)) >= 0; i++)
        of_crashed = i;
    assert_true(r.log->event[last_epoch]->f[EV_EPOCH_BEST].f == c.r.log->event[of_crashed]->f[EV_EPOCH_BEST].f);
    run_free(&r);

    c.loss[2] = nextafterf(c.loss[2], 2); /* step 5: one bit */
    roll_run(&r, &c, &roll);
    int branch = find_event(r.log, EVENT_BRANCH, EV_BRANCH_WHY, "step 5: loss", 0, false);
    assert_true(branch >= 0);
    assert_true(r.log->event[branch]->step == 4);
    assert_true(find_event(r.log, EVENT_SAY, EV_SAY_LEVEL, "warning", 0, false) >= 0);
    assert_int_equal(count_events(r.log, EVENT_STEP), 5); /* 5 to 9 on the new timeline */
    assert_int_equal(count_events(r.log, EVENT_EPOCH), 2);
    run_free(&r);
    run_free(&c.r);
}

/* A run that goes on from the snapshot with this command posted before it starts; over when it returns. */
static void stop_while_rolling(struct run *r, const struct crashed *c, const struct trainer_roll *roll, const struct command *stop)
{
    run_init(r);
    r->setup.state = c->snapshot;
    r->setup.roll = roll;
    r->setup.announce = false;
    r->t = trainer_new(&r->setup, &last);
    assert_non_null(r->t);
    assert_true(trainer_post(r->t, stop, &last) > 0);
    assert_int_equal(trainer_start(r->t, &last), 0);
    assert_over(r, "stopped");
}

/* `stop` while recorded steps are repeated: at once, and it leaves nothing to save. For a later step: at that step. */
static void test_stop_while_rolling(void **state)
{
    (void)state;
    struct crashed c;
    struct run r;
    struct trainer_status s;
    crash(&c);
    struct trainer_roll roll = { .until = 7, .until_eval = 6, .loss = c.loss };
    struct command stop = { .op = COMMAND_STOP, .by = "script", .typed = "stop" };
    stop_while_rolling(&r, &c, &roll, &stop);
    trainer_status(r.t, &s);
    assert_true(s.rolled_only && s.step == 2);
    int i = find_event(r.log, EVENT_ANSWER, 0, NULL, 0, true);
    assert_true(i >= 0 && r.log->event[i]->f[EV_ANSWER_OK].u == 1);
    assert_int_equal(r.log->n_states, 0);
    run_free(&r);

    stop.when = WHEN_STEP;
    stop.when_value = 8;
    stop_while_rolling(&r, &c, &roll, &stop);
    trainer_status(r.t, &s);
    assert_true(!s.rolled_only && s.step == 8);
    assert_true(r.log->n_states > 0 && r.log->state[r.log->n_states - 1]->step == 8);
    run_free(&r);
    run_free(&c.r);
}

static double amplification(struct run *r)
{
    static const int class[] = { 2 };
    const struct command hessian = { .op = COMMAND_HESSIAN, .n_classes = 1, .classes = class, .by = "user", .text = "" };
    assert_true(post(r, &hessian));
    const int at = find_event(r->log, EVENT_EIG, 0, NULL, 0, true);
    assert_true(at >= 0);
    return r->log->event[at]->f[EV_EIG_AMP].f;
}

/* What is measured of a state before it made another step knows radius and gradient of the step before. */
static void test_amplification_after_the_cut(void **state)
{
    (void)state;
    struct run whole, cut;
    run_init(&whole);
    knob(&whole.knobs, "opt", "sam");
    whole.setup.start_paused = true;
    run_start(&whole);
    steps(&whole, 2);
    assert_true(do_op(&whole, COMMAND_SNAPSHOT, 0));
    const double amp = amplification(&whole);
    run_init(&cut);
    knob(&cut.knobs, "opt", "sam");
    cut.setup.start_paused = true;
    cut.setup.announce = false;
    cut.setup.state = whole.log->state[whole.log->n_states - 1];
    run_start(&cut);
    assert_true(isfinite(amp) && amplification(&cut) == amp);
    run_free(&cut);
    run_free(&whole);
}

/* `snapshot_seconds`: so many of work lie between two snapshots, also after the first of them. A step that takes longer has one each. */
static void test_snapshots_by_time(void **state)
{
    (void)state;
    struct run r;
    struct trainer_status s;
    double seconds = 0;
    int more = 0;
    run_init(&r);
    knob(&r.knobs, "epochs", "2000");
    knob(&r.knobs, "eval_every", "0");
    knob(&r.knobs, "snapshot_every", "0");
    knob(&r.knobs, "snapshot_seconds", "1");
    r.setup.start_paused = true;
    run_start(&r);
    do {
        steps(&r, 1);
        trainer_status(r.t, &s);
        more += seconds > 1.1;
        seconds += step_event(r.log, s.step)->f[EV_STEP_MS].f / 1000;
    } while (more < 8);
    const int n = r.log->n_states - 1; /* but that of the beginning */
    assert_true(n >= 1 && n <= seconds);
    run_free(&r);
}

int trainer_resume_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_class_losses_of_an_older_snapshot),
        cmocka_unit_test(test_resume),
        cmocka_unit_test(test_best_before_the_cut),
        cmocka_unit_test(test_roll_forward),
        cmocka_unit_test(test_stop_while_rolling),
        cmocka_unit_test(test_snapshots_by_time),
        cmocka_unit_test(test_amplification_after_the_cut),
    };
    return cmocka_run_group_tests_name("unit/trainer, resume", tests, NULL, NULL);
}
