/* `set rho auto`: what is decided of made-up series, and in runs that are unbroken, cut at any step, or killed before a decision was recorded. */
#include "config.h"

#include "engine/rho_auto.h"
#include "engine/schedule.h"
#include "tests/unit/running.h"

/* --- made-up series ------------------------------------------------------------------------------------------------ */

struct series {
    struct rho_auto s;
    double rho;
    bool reweight;
};

/* One look; returns the radius after it. */
static double look(struct series *x, double amp, double head)
{
    const struct rho_look l = { .rho = x->rho, .amp = amp, .head = head, .images = 3000, .reweight = x->reweight };
    const double to = rho_auto_next(&x->s, &l);
    rho_auto_looked(&x->s, &l, to);
    x->rho = to;
    return to;
}

static struct series begin(double rho)
{
    return (struct series){ .s = rho_auto_new, .rho = rho };
}

static void a_saddle_that_stays_raises_to_the_bound(void **state)
{
    (void)state;
    struct series x = begin(0.05);
    assert_true(look(&x, -0.5, 90) == 0.0707);
    assert_true(look(&x, -0.5, 90) == 0.0707); /* it rests */
    assert_true(look(&x, -0.5, 90) == 0.1);
    for (int i = 0; i < 40; i++)
        look(&x, -0.5, 90);
    assert_true(x.rho == RHO_AUTO_HIGH);
}

static void the_dead_band_holds(void **state)
{
    (void)state;
    struct series x = begin(0.3);
    const double amps[] = { 0.4, 0, -0.1, -2, -7, NAN };
    for (size_t i = 0; i < sizeof amps / sizeof *amps; i++)
        assert_true(look(&x, amps[i], 90) == 0.3);
    assert_true(look(&x, -1.6, 90) == 0.375); /* no further than to -2 */
}

static void noise_of_the_head_lowers_nothing(void **state)
{
    (void)state;
    struct series x = begin(0.2);
    const double heads[] = { 90, 89.2, 91, 40, 90, 91, 89, 90.5 }; /* one bad look is none */
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        assert_true(look(&x, 0, heads[i]) == 0.2);
    const struct rho_look few = { .rho = 0.2, .head = 90, .images = 30 };
    assert_true(rho_auto_band(&few) > 10); /* of 30 images */
}

static void a_head_that_falls_lowers_and_rests(void **state)
{
    (void)state;
    struct series x = begin(0.4);
    look(&x, -3, 90);
    assert_true(look(&x, -0.5, 85) == 0.4); /* nor is it raised then */
    assert_true(look(&x, -0.5, 84) == 0.2);
    assert_true(look(&x, -0.5, 70) == 0.2 && look(&x, -0.5, 70) == 0.2);
    for (int i = 0; i < 60; i++)
        look(&x, 0, 69 - i);
    assert_true(x.rho == RHO_AUTO_LOW);
}

static void class_weights_are_no_fall(void **state)
{
    (void)state;
    struct series x = begin(0.2);
    for (int i = 0; i < 3; i++)
        look(&x, 0, 95);
    x.reweight = true;
    for (int i = 0; i < 3; i++)
        assert_true(look(&x, 0, 60) == 0.2);
    assert_true(look(&x, 0, 50) == 0.2 && look(&x, 0, 49) == 0.1); /* with them the head falls as without */
}

static void it_lies_in_a_snapshot(void **state)
{
    (void)state;
    const struct rho_auto s = { .head = 100.0 / 3, .reweight = true, .fell = true, .rest = 2 };
    struct rho_auto back = rho_auto_new;
    char text[96];
    rho_auto_format(&s, text, sizeof text);
    assert_true(rho_auto_parse(text, &back) && back.head == s.head && back.reweight && back.fell && back.rest == 2);
    const char *const bad[] = { "", "90", "90 1 0", "90 1 0 -1", "90 2 0 0", "90 1 0 1 x", "inf 1 0 0", "x 1 0 0", "90 1 0 1001" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(rho_auto_parse(bad[i], &back));
    assert_true(back.head == s.head);
}

static void it_is_a_schedule_of_rho(void **state)
{
    (void)state;
    struct knobs k;
    char text[KNOB_TEXT_MAX];
    knobs_init(&k);
    knob(&k, "rho", "auto");
    assert_true(schedule_at(knob_schedule(&k, KNOB_RHO), 3, 10) == RHO_AUTO_FIRST);
    knob_format(KNOB_RHO, &k.v[KNOB_RHO], text, sizeof text);
    assert_string_equal(text, "auto");
    knob(&k, "rho", "auto:0.2");
    assert_int_equal(knob_scale(KNOB_RHO, &k.v[KNOB_RHO], 2, &k.v[KNOB_RHO], &last), 0);
    knob_format(KNOB_RHO, &k.v[KNOB_RHO], text, sizeof text);
    assert_string_equal(text, "auto:0.4");
    const char *const refused[][3] = { { "lr", "auto", "lr: 'auto' is for rho only" },
                                       { "rho_drw", "auto:0.1", "rho_drw: 'auto' is for rho only" },
                                       { "rho", "auto:3", "rho: auto begins at 0.01..1, and not at 3" },
                                       { "rho", "auto:", "rho: '' is not a number" } };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        assert_int_equal(knobs_set(&k, refused[i][0], refused[i][1], &last), -1);
        assert_string_equal(last.text, refused[i][2]);
    }
}

/* --- runs ---------------------------------------------------------------------------------------------------------- */

enum { EPOCHS = 6, KEPT = 2 }; /* a snapshot of step 2 is asked for */

static void auto_run(struct run *r)
{
    run_init(r);
    knob(&r->knobs, "opt", "sam");
    knob(&r->knobs, "rho", "auto");
    knob(&r->knobs, "epochs", "6");
}

static void watch_and_go(struct run *r)
{
    static const int tail[] = { 2 };
    const struct command watch = { .op = COMMAND_WATCH, .n_classes = 1, .classes = tail, .by = "user" };
    r->setup.start_paused = true;
    run_start(r);
    assert_true(post(r, &watch));
    steps(r, KEPT);
    assert_true(do_op(r, COMMAND_SNAPSHOT, 0) && do_op(r, COMMAND_RESUME, 0));
    assert_over(r, "finished");
}

/* Its i-th move, or NULL. */
static const struct event *move_of(struct log *log, int i)
{
    int at = -1;
    do
        at = find_event(log, EVENT_CMD, EV_CMD_BY, "auto", at + 1, false);
    while (at >= 0 && i-- > 0);
    return at < 0 ? NULL : log->event[at];
}

static const struct train_state *state_of(struct log *log, uint64_t step)
{
    for (int i = 0; i < log->n_states; i++)
        if (log->state[i]->step == step)
            return log->state[i];
    return NULL;
}

static void moves_are_recorded_with_their_numbers(void **state)
{
    (void)state;
    struct run r;
    auto_run(&r);
    watch_and_go(&r);
    const struct event *e = move_of(r.log, 0);
    assert_non_null(e);
    assert_true(e->step % SPE == 0);
    assert_string_equal(e->f[EV_CMD_KEY].s, "rho");
    assert_non_null(strstr(e->f[EV_CMD_WHY].s, "of 2 sand"));
    assert_non_null(strstr(e->f[EV_CMD_WHY].s, "head "));
    const struct event *after = step_event(r.log, e->step + 1);
    assert_true((float)strtod(e->f[EV_CMD_VALUE].s + strlen("auto:"), NULL) == (float)after->f[EV_STEP_RHO].f);
    assert_true(count_events(r.log, EVENT_EIG) == EPOCHS); /* the round does not measure them once more */
    run_free(&r);
}

/* Where no accuracy is known rho is not moved, and the tail is measured by the round as any watched class. */
static void without_an_evaluation_the_round_measures_the_tail(void **state)
{
    (void)state;
    struct run r;
    auto_run(&r);
    knob(&r.knobs, "eval_every", "0");
    knob(&r.knobs, "budget", "1");
    watch_and_go(&r);
    assert_null(move_of(r.log, 0));
    assert_true(count_events(r.log, EVENT_EIG) > 0);
    run_free(&r);
}

/* From the snapshot on; the journal's moves up to `last_known` steps are told. */
static void taken_up(const struct run *whole, uint64_t until, bool last_known)
{
    struct run r;
    struct command command[EPOCHS];
    const struct command *commands[EPOCHS];
    uint64_t at[EPOCHS];
    float loss[EPOCHS * SPE];
    char a[65], b[65];
    int n = 0;
    const struct event *e;
    for (int i = 0; (e = move_of(whole->log, i)) && e->step <= until - !last_known; i++, n++) {
        command[n] = set_command("rho", e->f[EV_CMD_VALUE].s);
        commands[n] = &command[n];
        at[n] = e->step;
    }
    for (uint64_t s = KEPT; s < until; s++)
        loss[s - KEPT] = (float)step_event(whole->log, s + 1)->f[EV_STEP_LOSS].f;
    struct trainer_roll roll = { .until = until, .until_eval = until - 1, .n_commands = n, .at = at, .commands = commands, .loss = loss };
    auto_run(&r);
    r.setup.state = state_of(whole->log, KEPT);
    r.setup.roll = &roll;
    r.setup.announce = false;
    run_start(&r);
    assert_over(&r, "finished");
    const struct event *first = move_of(r.log, 0), *wanted = move_of(whole->log, n);
    assert_true(!first == !wanted && (!first || (first->step == wanted->step && strcmp(first->f[EV_CMD_WHY].s, wanted->f[EV_CMD_WHY].s) == 0)));
    train_state_hash(whole->log->state[whole->log->n_states - 1], a);
    final_hash(&r, b);
    assert_string_equal(a, b);
    run_free(&r);
}

static void taken_up_it_comes_to_the_same_bits(void **state)
{
    (void)state;
    struct run whole;
    auto_run(&whole);
    watch_and_go(&whole);
    const struct event *second = move_of(whole.log, 1);
    assert_non_null(second);
    taken_up(&whole, second->step + 1, true);
    taken_up(&whole, second->step, true);
    taken_up(&whole, second->step, false); /* killed before it was recorded */
    run_free(&whole);
}

static void it_begins_where_rho_is(void **state)
{
    (void)state;
    struct run r;
    run_init(&r);
    knob(&r.knobs, "opt", "sam");
    knob(&r.knobs, "rho", "0.2");
    r.setup.start_paused = true;
    run_start(&r);
    steps(&r, 1);
    assert_true(set(&r, "rho", "auto"));
    assert_non_null(strstr(answer_text, "rho 0.2 -> auto:0.2"));
    assert_true(find_event(r.log, EVENT_SAY, EV_SAY_TEXT, "no class of the tail is watched", 0, false) >= 0);
    run_free(&r);
}

/* The state of now, by a snapshot that is asked for. */
static const struct rho_auto *remembered(struct run *r)
{
    assert_true(do_op(r, COMMAND_SNAPSHOT, 0));
    return &r->log->state[r->log->n_states - 1]->rho_auto;
}

static void watched_and_paused(struct run *r)
{
    static const int tail[] = { 2 };
    const struct command watch = { .op = COMMAND_WATCH, .n_classes = 1, .classes = tail, .by = "user" };
    r->setup.start_paused = true;
    run_start(r);
    assert_true(post(r, &watch));
}

/* The epoch that ends had rho, whatever the next one has. */
static void the_last_epoch_before_rho_drw_is_looked_at(void **state)
{
    (void)state;
    struct run r;
    auto_run(&r);
    knob(&r.knobs, "weights", "effective");
    knob(&r.knobs, "drw", "1");
    knob(&r.knobs, "rho_drw", "0.3");
    watched_and_paused(&r);
    steps(&r, SPE);
    const struct rho_auto first = *remembered(&r);
    assert_true(rho_auto_knows(&first));
    steps(&r, SPE);
    const struct rho_auto *second = remembered(&r);
    assert_true(second->head == first.head && second->rest == first.rest); /* and none that had rho_drw */
    run_free(&r);
}

static void set_anew_it_begins_anew(void **state)
{
    (void)state;
    struct run r;
    auto_run(&r);
    watched_and_paused(&r);
    steps(&r, SPE);
    assert_true(rho_auto_knows(remembered(&r)));
    assert_true(set(&r, "rho", "0.1") && set(&r, "rho", "auto"));
    assert_false(rho_auto_knows(remembered(&r)));
    run_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_saddle_that_stays_raises_to_the_bound), cmocka_unit_test(the_dead_band_holds),
        cmocka_unit_test(noise_of_the_head_lowers_nothing), cmocka_unit_test(a_head_that_falls_lowers_and_rests),
        cmocka_unit_test(class_weights_are_no_fall), cmocka_unit_test(it_lies_in_a_snapshot), cmocka_unit_test(it_is_a_schedule_of_rho),
        cmocka_unit_test(moves_are_recorded_with_their_numbers),
        cmocka_unit_test(without_an_evaluation_the_round_measures_the_tail), cmocka_unit_test(taken_up_it_comes_to_the_same_bits),
        cmocka_unit_test(it_begins_where_rho_is), cmocka_unit_test(the_last_epoch_before_rho_drw_is_looked_at),
        cmocka_unit_test(set_anew_it_begins_anew),
    };
    return cmocka_run_group_tests_name("unit/rho_auto", tests, NULL, NULL);
}
