/* Which classes climb, in which steps, and that runs of later SAMs are taken up again with the same bits. */
#include "config.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/run/climb.h"
#include "engine/run/learner.h"
#include "engine/run/step_knobs.h"
#include "tests/unit/school.h"

static void shares_follow_from_sizes(void **state)
{
    struct school *s = *state;
    float c[CLASSES];
    knob(&s->knobs, "opt", "imbsam");
    assert_false(climb_shares(&s->knobs, climb_classes_of(&s->data), c));
    assert_true(c[0] == 0 && c[1] == 0 && c[2] == 1); /* the group tail */
    knob(&s->knobs, "tail_below", "20");
    assert_false(climb_shares(&s->knobs, climb_classes_of(&s->data), c));
    assert_true(c[0] == 0 && c[1] == 1 && c[2] == 1);
    knob(&s->knobs, "opt", "focalsam");
    assert_false(climb_shares(&s->knobs, climb_classes_of(&s->data), c));
    for (int i = 0; i < CLASSES; i++)
        assert_true(c[i] == (float)(0.5 * pow(1 - train_counts[i] / 34.0, 3)));
    knob(&s->knobs, "sam_focus", "0");
    assert_true(climb_shares(&s->knobs, climb_classes_of(&s->data), c) && c[0] == 0.5f);
    knob(&s->knobs, "opt", "blend");
    knob(&s->knobs, "sam_share", "0.8");
    assert_true(climb_shares(&s->knobs, climb_classes_of(&s->data), c) && c[2] == 0.8f);
    knob(&s->knobs, "opt", "sgd");
    assert_true(climb_shares(&s->knobs, climb_classes_of(&s->data), c) && c[0] == 0);
    knob(&s->knobs, "opt", "gsam");
    assert_true(climb_shares(&s->knobs, climb_classes_of(&s->data), c) && c[0] == 1);
}

static void refused(const struct school *s, const char *why)
{
    assert_int_equal(climb_check(&s->knobs, climb_classes_of(&s->data), &last), -1);
    assert_string_equal(last.text, why);
}

static void a_tail_is_neither_nothing_nor_all(void **state)
{
    struct school *s = *state;
    knob(&s->knobs, "tail_below", "4");
    assert_int_equal(climb_check(&s->knobs, climb_classes_of(&s->data), &last), 0); /* sgd has no tail */
    knob(&s->knobs, "opt", "imbsam");
    refused(s, "tail_below 4: no class has fewer images, so none would climb; accepted: 5 to 20, or 0 for the group tail");
    knob(&s->knobs, "tail_below", "21");
    refused(s, "tail_below 21: all classes have fewer images, so nothing is left at w; accepted: 5 to 20, or 0 for the group tail");
    knob(&s->knobs, "opt", "ssesam");
    knob(&s->knobs, "tail_below", "0");
    assert_int_equal(climb_check(&s->knobs, climb_classes_of(&s->data), &last), 0);
    s->data.group[2] = GROUP_MID;
    refused(s, "opt ssesam: no class is in the group tail of this data; accepted: set tail_below from 5 to 20");
    s->data.group[2] = GROUP_TAIL; /* the last third by number alone */
    for (int i = 0; i < CLASSES; i++)
        s->data.train.count[i] = 9;
    refused(s, "opt ssesam: every class has 9 images, so none is the tail; opt sam climbs for all of them");
    knob(&s->knobs, "tail_below", "10");
    refused(s, "opt ssesam: every class has 9 images, so none is the tail; opt sam climbs for all of them");
}

static void the_radius_of_the_rest_ends(void **state)
{
    struct school *s = *state;
    knob(&s->knobs, "rho_head", "0.2");
    assert_true(climb_rho_head(&s->knobs, 0) == 0);
    knob(&s->knobs, "opt", "ssesam");
    knob(&s->knobs, "head_until", "0.7");
    assert_true(climb_rho_head(&s->knobs, 2) == 0.2 && climb_rho_head(&s->knobs, 3) == 0); /* 2.8 of 4 epochs */
    knob(&s->knobs, "head_until", "0");
    assert_true(climb_rho_head(&s->knobs, 0) == 0);
}

static void late_and_every_kth(void **state)
{
    struct school *s = *state;
    struct learner l;
    knob(&s->knobs, "opt", "gsam");
    knob(&s->knobs, "sam_from", "2");
    knob(&s->knobs, "sam_every", "4");
    open_learner(&l, s, &backend_cpu);
    for (uint64_t step = 0; step < 12; step++) /* 3 in an epoch */
        assert_int_equal(learner_step_knobs(&l, step).kind, step >= 6 && step % 4 == 0 ? OPTIMISER_GSAM : OPTIMISER_SGD);
    learner_close(&l);
}

/* Two steps, a snapshot, four more; a second learner takes the snapshot up. */
static void is_taken_up(struct school *s, const char *opt)
{
    struct learner a, b;
    struct learned done;
    knob(&s->knobs, "opt", opt);
    knob(&s->knobs, "looksam_k", "5");
    open_learner(&a, s, &backend_cpu);
    for (int i = 0; i < 2; i++)
        assert_int_equal(learner_step(&a, &done, &last), 0);
    struct train_state *state = learner_capture(&a);
    assert_non_null(state);
    assert_int_equal(state->n_vectors, optimiser_table[knobs_optimiser(&s->knobs)].keeps ? 4 : 3);
    open_learner(&b, s, &backend_cpu);
    assert_int_equal(learner_restore(&b, state, &last), 0);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(learner_step(&a, &done, &last), 0);
        assert_int_equal(learner_step(&b, &done, &last), 0);
    }
    float *w = weights_of(&a), *v = weights_of(&b);
    if (memcmp(w, v, a.net.params.total * sizeof *w) != 0)
        fail_msg("%s: other bits", opt);
    free(w);
    free(v);
    train_state_free(state);
    learner_close(&a);
    learner_close(&b);
}

static void runs_are_taken_up(void **state)
{
    for (int i = 0; i < OPTIMISER_COUNT; i++)
        if (optimiser_table[i].way > WAY_LPF)
            is_taken_up(*state, optimiser_table[i].name);
}

/* What an optimiser keeps is another's no more, also before that one made a step. */
static void what_is_kept_has_an_owner(void **state)
{
    struct school *s = *state;
    struct learner l;
    struct learned done;
    knob(&s->knobs, "opt", "fsam");
    open_learner(&l, s, &backend_cpu);
    assert_int_equal(learner_step(&l, &done, &last), 0);
    knob(&l.knobs, "opt", "looksam");
    struct train_state *held = learner_capture(&l);
    assert_int_equal(held->n_vectors, 4);
    const float *kept = held->vector[3].data;
    for (size_t i = 0; i < held->vector[3].n; i++)
        assert_true(kept[i] == 0);
    train_state_free(held);
    knob(&l.knobs, "opt", "sam");
    held = learner_capture(&l);
    assert_int_equal(held->n_vectors, 3);
    train_state_free(held);
    learner_close(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(shares_follow_from_sizes, enter, leave),
        cmocka_unit_test_setup_teardown(a_tail_is_neither_nothing_nor_all, enter, leave),
        cmocka_unit_test_setup_teardown(the_radius_of_the_rest_ends, enter, leave),
        cmocka_unit_test_setup_teardown(late_and_every_kth, enter, leave),
        cmocka_unit_test_setup_teardown(runs_are_taken_up, enter, leave),
        cmocka_unit_test_setup_teardown(what_is_kept_has_an_owner, enter, leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
