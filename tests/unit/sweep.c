/* The grammar of a sweep, its file, and the rules that decide. */
#include "config.h"
#include "check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "repl/sweep.h"

static void plan_init(struct sweep_plan *p)
{
    memset(p, 0, sizeof *p);
    knobs_init(&p->base);
    p->automatic = -1;
    p->seeds = 1;
    snprintf(p->name, sizeof p->name, "s");
}

static void refused(struct sweep_plan *p, const char *word, const char *text)
{
    struct err err = { 0 };
    assert_int_equal(sweep_axis_add(p, word, &err), -1);
    assert_string_equal(err.text, text);
}

static void points_are_a_product(void **state)
{
    struct sweep_plan p;
    char name[512];
    struct knobs k;
    (void)state;
    plan_init(&p);
    assert_int_equal(sweep_axis_add(&p, "rho=.05,.1,.2", NULL), 0);
    assert_int_equal(sweep_axis_add(&p, "drw=140,160", NULL), 0);
    assert_int_equal(sweep_axis_add(&p, "loss=ce,ldam", NULL), 0);
    assert_int_equal(sweep_check(&p, NULL), 0);
    assert_int_equal(sweep_points(&p), 12);
    for (int point = 0; point < 12; point++)
        assert_int_equal((sweep_place(&p, point, 0) * 2 + sweep_place(&p, point, 1)) * 2 + sweep_place(&p, point, 2), point);
    sweep_run_name(&p, 11, 2, name, sizeof name);
    assert_string_equal(name, "s-rho0.2-drw160-lossldam-s2");
    sweep_knobs(&p, 11, 2, &k);
    assert_int_equal(knob_int(&k, KNOB_SEED), 2);
    assert_int_equal(knob_int(&k, KNOB_DRW), 160);
    assert_true(knob_is(&k, KNOB_LOSS, "ldam"));
    sweep_release(&p);
}

/* Alone a ladder, in a list the controller. */
static void auto_is_two_things(void **state)
{
    struct sweep_plan p;
    struct buf line = { 0 };
    (void)state;
    plan_init(&p);
    assert_int_equal(sweep_axis_add(&p, "rho=.05,auto", NULL), 0);
    assert_int_equal(p.automatic, -1);
    assert_int_equal(p.axis[0].n, 2);
    sweep_command(&p, &line);
    assert_string_equal(line.data, "sweep rho=0.05,auto --seeds 1 --name s");
    buf_release(&line);
    sweep_release(&p);
}

static void names_are_those_of_sessions(void **state)
{
    struct sweep_plan p;
    char name[512];
    (void)state;
    plan_init(&p);
    assert_int_equal(sweep_axis_add(&p, "lr=cosine:0.2", NULL), 0);
    sweep_run_name(&p, 0, 0, name, sizeof name);
    assert_string_equal(name, "s-lrcosine_0.2-s0");
    sweep_release(&p);
}

static void bad_axes_are_refused(void **state)
{
    struct sweep_plan p;
    (void)state;
    plan_init(&p);
    refused(&p, "rho", "'rho' is no list of values; expected KNOB=V,V,... such as rho=.05,.1,.2");
    refused(&p, "=1", "'=1' is no list of values; expected KNOB=V,V,... such as rho=.05,.1,.2");
    refused(&p, "rho=", "rho: a value is empty; expected rho=V,V,...");
    refused(&p, "rho=.1,", "rho: a value is empty; expected rho=V,V,...");
    refused(&p, "drw=auto", "drw: 'auto' is not a whole number in 0..100000");
    refused(&p, "fps=1,2", "fps is no part of a run's method; a knob with values is accepted, such as rho, drw, lr or loss");
    refused(&p, "threads=1,2", "threads is no part of a run's method; a knob with values is accepted, such as rho, drw, lr or loss");
    assert_int_equal(p.n_axes, 0);
    assert_int_equal(sweep_check(&p, NULL), -1);
    sweep_release(&p);
}

static void too_many_are_refused(void **state)
{
    struct sweep_plan p;
    struct err err = { 0 };
    char word[1024] = "drw=0";
    (void)state;
    plan_init(&p);
    for (int i = 1; i < SWEEP_VALUES; i++)
        snprintf(word + strlen(word), sizeof word - strlen(word), ",%d", i);
    assert_int_equal(sweep_axis_add(&p, word, NULL), 0);
    assert_int_equal(sweep_axis_add(&p, "rho=.1,.2,.3,.4,.5,.6,.7,.8,.9,1,1.1,1.2,1.3,1.4,1.5,1.6", NULL), 0);
    assert_int_equal(sweep_check(&p, &err), -1);
    assert_string_equal(err.text, "1024 combinations; at most 1000 are accepted");
    strcat(word, ",99");
    plan_init(&p);
    refused(&p, word, "drw: more than 64 values");
}

static void a_file_is_read_back(void **state)
{
    struct sweep_plan p, q;
    struct buf text = { 0 }, again = { 0 };
    const char *command;
    char *before;
    (void)state;
    plan_init(&p);
    knobs_set(&p.base, "lr", "0.05@0 0.5@60", NULL);
    knobs_set(&p.base, "data_path", "/a b/\"c\"", NULL);
    knobs_set(&p.base, "epochs", "40", NULL);
    buf_adds(&p.more, "watch 0 9\nset rho .5 at epoch 10\n");
    assert_int_equal(sweep_axis_add(&p, "rho=auto", NULL), 0);
    assert_int_equal(p.automatic, 0);
    assert_int_equal(p.axis[0].n, 11); /* 0.05 to 51.2 */
    p.seeds = 2;
    sweep_lines(&p, &p.base, &text);
    sweep_command(&p, &text);
    buf_addc(&text, '\n');
    before = strdup(text.data);
    plan_init(&q);
    assert_int_equal(sweep_read(&q, text.data, &command, NULL), 0);
    assert_string_equal(command, "sweep rho=auto --seeds 2 --name s");
    assert_string_equal(q.more.data, p.more.data);
    sweep_lines(&q, &q.base, &again);
    buf_addf(&again, "%s\n", command);
    assert_string_equal(again.data, before);
    free(before);
    buf_release(&again);
    for (int id = 0; id < KNOB_COUNT; id++) {
        char one[KNOB_TEXT_MAX], other[KNOB_TEXT_MAX];
        knob_format((enum knob_id)id, &p.base.v[id], one, sizeof one);
        knob_format((enum knob_id)id, &q.base.v[id], other, sizeof other);
        assert_string_equal(one, other);
    }
    buf_release(&text);
    sweep_release(&p);
    sweep_release(&q);
}

static void a_strange_file_is_refused(void **state)
{
    struct sweep_plan p;
    struct err err = { 0 };
    const char *command;
    char unknown[] = "set nonsense 3\nsweep rho=1\n", empty[] = "# nothing\n";
    (void)state;
    plan_init(&p);
    assert_int_equal(sweep_read(&p, unknown, &command, &err), -1);
    assert_int_equal(sweep_read(&p, empty, &command, &err), -1);
    assert_string_equal(err.text, "there is no command in it");
    sweep_release(&p);
}

static void medians_and_noise(void **state)
{
    double odd[] = { 3, NAN, 1, 2 }, even[] = { 4, 1, 2, 3 }, none[] = { NAN }, pairs[] = { 60, 62, 70, 70 };
    (void)state;
    assert_true(sweep_median(odd, 4) == 2);
    assert_true(sweep_median(even, 4) == 2.5);
    assert_true(isnan(sweep_median(none, 1)));
    /* deviation: sqrt((1 + 1) / 2) = 1; standard error of the difference of two means of two: 1 */
    assert_true(fabs(sweep_noise(pairs, 2, 2, 1000) - 2) < 1e-12);
    assert_true(fabs(sweep_noise(pairs + 2, 1, 2, 50) - 2) < 1e-12); /* equal seeds: one image of 50 */
}

static void rungs_begin_after_the_first_re_weighting(void **state)
{
    struct sweep_plan p;
    struct knobs k;
    (void)state;
    plan_init(&p);
    knobs_set(&p.base, "weights", "effective", NULL);
    assert_int_equal(sweep_axis_add(&p, "drw=150,160", NULL), 0);
    assert_true(sweep_rung(&p, 0) == 160);
    assert_true(sweep_rung(&p, 7) == 195);
    assert_true(isnan(sweep_rung(&p, 8))); /* 200 is the end */
    sweep_knobs(&p, 1, 0, &k);
    assert_true(sweep_grace(&k) == 170);
    sweep_release(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_are_a_product),
        cmocka_unit_test(auto_is_two_things),
        cmocka_unit_test(names_are_those_of_sessions),
        cmocka_unit_test(bad_axes_are_refused),
        cmocka_unit_test(too_many_are_refused),
        cmocka_unit_test(a_file_is_read_back),
        cmocka_unit_test(a_strange_file_is_refused),
        cmocka_unit_test(medians_and_noise),
        cmocka_unit_test(rungs_begin_after_the_first_re_weighting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
