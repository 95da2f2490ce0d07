/* What a run that repeats its recording makes of it: which results, commands and moments are meant, at both sides of each limit. By hand-made
 * recordings, where runs would hide a step too many. */
#include "config.h"
#include "check.h"

#include <stdlib.h>

#include "engine/run/trainer_private.h"

enum { SPE = 4, CLASS = 1, UNTIL = 20 };

static int enter(void **state)
{
    struct trainer *t = calloc(1, sizeof *t);
    assert_non_null(t);
    knobs_init(&t->learner.knobs);
    t->learner.spe = SPE;
    t->learner.step = 8;
    t->rolling = true;
    t->roll.doing = ROLL_DUE;
    t->roll.told.until = UNTIL;
    *state = t;
    return 0;
}

static int leave(void **state)
{
    free(*state);
    return 0;
}

static struct roll_result result;

static void tell(struct trainer *t, struct roll_result r)
{
    result = r;
    t->roll.told.results = &result;
    t->roll.told.n_results = 1;
}

static bool of_round(struct trainer *t, uint64_t of, const char *every)
{
    const struct roll_result r = { .op = COMMAND_HESSIAN, .of = of, .class_index = CLASS, .round = true };
    assert_int_equal(knobs_set(&t->learner.knobs, "hessian_every", every, NULL), 0);
    tell(t, r);
    assert_int_equal(trainer_roll_round_has(t, CLASS), trainer_roll_round_began(t));
    assert_false(trainer_roll_round_has(t, CLASS + 1));
    return trainer_roll_round_has(t, CLASS);
}

/* From its step on up to the next round, which is not in it. */
static void rounds(void **state)
{
    struct trainer *t = *state;
    assert_false(of_round(t, 7, "2"));
    assert_true(of_round(t, 8, "2"));
    assert_true(of_round(t, 15, "2"));
    assert_false(of_round(t, 16, "2"));
    assert_true(of_round(t, 11, "1"));
    assert_false(of_round(t, 12, "1"));
    assert_true(of_round(t, 11, "0"));
    assert_false(of_round(t, 12, "0"));
    t->roll.branched = true;
    assert_false(of_round(t, 8, "2"));
    t->roll.branched = false;
    tell(t, (struct roll_result){ .op = COMMAND_HESSIAN, .of = 8, .class_index = CLASS });
    assert_false(trainer_roll_round_has(t, CLASS) || trainer_roll_round_began(t)); /* asked for by hand */
}

static void spectra(void **state)
{
    struct trainer *t = *state;
    tell(t, (struct roll_result){ .op = COMMAND_HESSIAN, .of = 8, .class_index = CLASS });
    assert_true(trainer_roll_measured(t, CLASS));
    assert_false(trainer_roll_measured(t, CLASS + 1));
    t->learner.step = 9;
    assert_false(trainer_roll_measured(t, CLASS));
    t->learner.step = 8;
    t->roll.branched = true;
    assert_false(trainer_roll_measured(t, CLASS));
    t->roll.branched = false;
    t->rolling = false;
    assert_false(trainer_roll_measured(t, CLASS));
    t->rolling = true;
    tell(t, (struct roll_result){ .op = COMMAND_CNC, .of = 8, .class_index = CLASS });
    assert_false(trainer_roll_measured(t, CLASS));
}

/* Of a command that was under way: what it has told is not computed again. */
static void open_results(void **state)
{
    struct trainer *t = *state;
    tell(t, (struct roll_result){ .op = COMMAND_SLICE, .of = 8, .class_index = CLASS, .open = true });
    assert_true(trainer_roll_has(t, COMMAND_SLICE, CLASS));
    assert_false(trainer_roll_has(t, COMMAND_SLICE, CLASS + 1));
    assert_false(trainer_roll_has(t, COMMAND_CNC, CLASS));
    t->roll.doing = ROLL_QUIET;
    assert_false(trainer_roll_has(t, COMMAND_SLICE, CLASS));
    t->roll.doing = ROLL_REDO;
    assert_true(trainer_roll_has(t, COMMAND_SLICE, CLASS));
    t->roll.branched = true;
    assert_false(trainer_roll_has(t, COMMAND_SLICE, CLASS));
    t->roll.branched = false;
    result.open = false;
    assert_false(trainer_roll_has(t, COMMAND_SLICE, CLASS));
    result.open = true;
    t->learner.step = 7;
    assert_false(trainer_roll_has(t, COMMAND_SLICE, CLASS));
}

/* Each word of the journal stands for one command: the second of its kind is told. */
static void known_once(void **state)
{
    struct trainer *t = *state;
    const struct roll_known known[] = { { 8, "set", "lr", true }, { 8, "eval", "test", false }, { 9, "set", "rho", true } };
    bool met[3] = { false };
    t->roll.told.known = known;
    t->roll.told.n_known = 3;
    t->roll.met = met;
    assert_true(trainer_roll_knows(t, "set", "lr"));
    assert_false(trainer_roll_knows(t, "set", "rho") || trainer_roll_knows(t, "eval", "lr"));
    t->quiet = true;
    assert_true(trainer_roll_journals(t, "set", "rho"));
    assert_false(t->quiet || t->roll.over);
    assert_false(trainer_roll_journals(t, "set", "lr"));
    assert_true(t->quiet && t->roll.over && met[0] && !met[1]);
    assert_true(trainer_roll_journals(t, "set", "lr"));
    assert_false(t->quiet || t->roll.over);
    assert_false(trainer_roll_journals(t, "eval", "test")); /* it stands there, and what came of it does not */
    assert_false(t->quiet || t->roll.over);
    t->roll.doing = ROLL_QUIET;
    t->quiet = true;
    assert_false(trainer_roll_journals(t, "set", "rho"));
    t->quiet = false;
    assert_true(trainer_roll_journals(t, "set", "rho"));
}

/* Steps are queued up to the next command, or to the end of what is repeated. */
static void boundary(void **state)
{
    struct trainer *t = *state;
    uint64_t at[] = { 8, 19, 20, 21 };
    t->roll.told.at = at;
    t->roll.told.n_commands = 4;
    for (t->roll.next = 0; t->roll.next < 4; t->roll.next++)
        assert_int_equal(trainer_roll_boundary(t), at[t->roll.next] < UNTIL ? at[t->roll.next] : UNTIL);
    assert_int_equal(trainer_roll_boundary(t), UNTIL);
}

/* What moved rho is repeated before the last step, and decided at it unless it stands there. */
static void rho_moves(void **state)
{
    struct trainer *t = *state;
    uint64_t at[] = { 20, 20 };
    struct command other = { .op = COMMAND_EVAL }, set = { .op = COMMAND_SET, .knob = KNOB_RHO };
    const struct command *commands[] = { &other, &set };
    assert_int_equal(knob_parse(KNOB_RHO, "auto:0.2", &set.value, NULL), 0);
    t->roll.told.at = at;
    t->roll.told.commands = commands;
    t->learner.step = 19;
    assert_true(trainer_roll_decided(t));
    t->learner.step = UNTIL;
    assert_false(trainer_roll_decided(t));
    t->roll.told.look = true;
    assert_true(trainer_roll_decided(t));
    t->roll.told.look = false;
    t->roll.told.n_commands = 2;
    assert_true(trainer_roll_decided(t));
    assert_ptr_equal(trainer_roll_rho(t), set.value.schedule);
    set.knob = KNOB_LR;
    assert_null(trainer_roll_rho(t));
    set.knob = KNOB_RHO;
    t->roll.next = 2;
    assert_null(trainer_roll_rho(t));
    t->roll.next = 0;
    t->learner.step = 21;
    assert_null(trainer_roll_rho(t));
    t->rolling = false;
    t->learner.step = 19;
    assert_false(trainer_roll_decided(t));
}

static uint64_t due(struct trainer *t, enum command_when when, double value)
{
    struct queued q = { .c = { .op = COMMAND_NOTE, .when = when, .when_value = value } };
    t->pending = &q;
    const uint64_t steps = trainer_steps_to_due(t);
    t->pending = NULL;
    return steps;
}

static void steps_to_what_waits(void **state)
{
    struct trainer *t = *state;
    assert_int_equal(due(t, WHEN_STEP, 7), 0);
    assert_int_equal(due(t, WHEN_STEP, 8), 0);
    assert_int_equal(due(t, WHEN_STEP, 9), 1);
    assert_int_equal(due(t, WHEN_EPOCH, 2), 0);
    assert_int_equal(due(t, WHEN_EPOCH, 2.01), 1);
    assert_int_equal(due(t, WHEN_EPOCH, 2.25), 1);
    assert_int_equal(due(t, WHEN_EPOCH, 2.26), 2);
    assert_true(due(t, WHEN_STEP, 8 + BACKEND_STEPS) == UINT64_MAX);
    assert_true(due(t, WHEN_STEP, 8 + BACKEND_STEPS - 1) == BACKEND_STEPS - 1);
    assert_true(due(t, WHEN_IF, 0) == UINT64_MAX);
    struct queued far = { .c = { .op = COMMAND_NOTE, .when = WHEN_STEP, .when_value = 10 } };
    struct queued near = { .c = { .op = COMMAND_NOTE, .when = WHEN_STEP, .when_value = 9 }, .next = &far };
    t->pending = &near;
    assert_int_equal(trainer_steps_to_due(t), 1);
    near.c.when_value = 11;
    assert_int_equal(trainer_steps_to_due(t), 2);
    t->pending = NULL;
}

/* Above and below are strict, and a condition is of its own metric. */
static void conditions(void **state)
{
    struct trainer *t = *state;
    struct queued above = { .c = { .when = WHEN_IF, .when_value = 50, .when_metric = "acc", .when_above = true } };
    struct queued below = { .c = { .when = WHEN_IF, .when_value = 50, .when_metric = "acc" }, .next = &above };
    t->pending = &below;
    trainer_metric(t, "acc", 50);
    trainer_metric(t, "tail", 60);
    trainer_metric(t, "tail", 40);
    assert_false(above.due || below.due);
    trainer_metric(t, "acc", 50.1);
    assert_true(above.due && !below.due);
    above.due = false;
    trainer_metric(t, "acc", 49.9);
    assert_true(!above.due && below.due);
    trainer_metric(t, "acc", 50); /* met once is met */
    assert_true(below.due);
    t->pending = NULL;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rounds, enter, leave),       cmocka_unit_test_setup_teardown(spectra, enter, leave),
        cmocka_unit_test_setup_teardown(open_results, enter, leave), cmocka_unit_test_setup_teardown(known_once, enter, leave),
        cmocka_unit_test_setup_teardown(boundary, enter, leave),     cmocka_unit_test_setup_teardown(rho_moves, enter, leave),
        cmocka_unit_test_setup_teardown(steps_to_what_waits, enter, leave), cmocka_unit_test_setup_teardown(conditions, enter, leave),
    };
    return cmocka_run_group_tests_name("unit/roll", tests, NULL, NULL);
}
