/* The fold of what probes measure: curvature by class, eigenvalues, densities, the SAM/SGD ratio, slices. */
#include "config.h"
#include "check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "history_fold.h"
#include "session/history.h"
#include "sessions.h"

static void curvature_is_kept_by_class(void **state)
{
    (void)state;
    fold_eig(2, -5);
    fold_eig(2, -4.1);
    fold_eig(0, -0.04);
    fold_eig(3, -1); /* there is no such class */
    assert_int_equal(h.n_eig, 3);
    assert_true(history_last_eig(&h, 2)->lmin == -4.1);
    assert_int_equal(history_last_eig(&h, 2)->n_nodes, 2);
    assert_null(history_last_eig(&h, 1));
    assert_string_equal(h.line[h.n_line - 2].text, "hessian 2 truck: lmin -4.1 lmax 246, 80 it, 2.9 s");
}

static struct event *progress(const char *what, uint64_t class, uint64_t done, double lmin)
{
    struct event *e = event_new(EVENT_PROGRESS, 15870);
    event_set_str(e, EV_PROGRESS_WHAT, what);
    event_set_u64(e, EV_PROGRESS_CLASS, class);
    event_set_u64(e, EV_PROGRESS_DONE, done);
    event_set_u64(e, EV_PROGRESS_OF, 40);
    event_set_f64(e, EV_PROGRESS_LMIN, lmin);
    event_set_f64(e, EV_PROGRESS_LMAX, 200);
    event_set_f64(e, EV_PROGRESS_RMIN, 0.5);
    return e;
}

static void a_probe_shows_before_it_is_recorded(void **state)
{
    static const double nodes[] = { -3, 200 }, wts[] = { 0.9, 0.1 };
    (void)state;
    fold(progress("eval", 2, 3, -3));
    assert_false(h.has_live);
    struct event *e = progress("hessian", 2, 3, -3);
    event_set_f64s(e, EV_PROGRESS_NODES, nodes, 2);
    event_set_f64s(e, EV_PROGRESS_WTS, wts, 2);
    fold(e);
    assert_true(h.has_live && h.live.class == 2 && h.live.iters == 3 && h.live.of == 40 && h.live.n_nodes == 2);
    assert_true(h.live.lmin == -3 && h.live.rmin == 0.5 && isnan(h.live.rmax));
    fold(progress("hessian", 2, 9, -3.5)); /* without nodes: those of before stay */
    assert_true(h.live.iters == 9 && h.live.lmin == -3.5 && h.live.n_nodes == 2);
    fold(step_event(15871, 1)); /* probes within a budget go on between steps */
    assert_true(h.has_live);
    fold_eig(0, -1); /* another class */
    assert_true(h.has_live);
    fold_eig(2, -4.1);
    assert_false(h.has_live);
    assert_true(history_last_eig(&h, 2)->lmin == -4.1);
}

static void a_probe_that_ends_without_a_value_is_forgotten(void **state)
{
    (void)state;
    fold(progress("hessian", 2, 3, -3));
    fold(progress("hessian", 1, 1, -2)); /* taken over by another */
    assert_true(h.has_live && h.live.class == 1);
    fold(progress("hessian", 1, 40, -2));
    assert_false(h.has_live);
    fold(progress("cnc", 1, 5, -2));
    assert_true(h.has_live);
    struct event *e = event_new(EVENT_ANSWER, 0);
    event_set_u64(e, EV_ANSWER_OK, 1);
    fold(e);
    assert_true(h.has_live);
    fold(event_new(EVENT_ANSWER, 0)); /* refused: cancelled */
    assert_false(h.has_live);
    fold(progress("hessian", 7, 5, -2)); /* no such class */
    assert_false(h.has_live);
}

static void an_eigenvalue_tells_all_it_knows(void **state)
{
    (void)state;
    struct event *e = event_new(EVENT_EIG, 10);
    event_set_u64(e, EV_EIG_CLASS, 2);
    event_set_f64(e, EV_EIG_LMIN, -4.1);
    event_set_f64(e, EV_EIG_LMAX, 245.5);
    event_set_f64(e, EV_EIG_RMIN, 0.002);
    event_set_f64(e, EV_EIG_RMAX, 12);
    event_set_u64(e, EV_EIG_ITERS, 23);
    event_set_f64(e, EV_EIG_SECONDS, 2.91);
    event_set_f64(e, EV_EIG_TRACE, 812.4);
    event_set_f64(e, EV_EIG_TRACE_SE, 30);
    event_set_f64(e, EV_EIG_AMP, -2.3);
    event_set_str(e, EV_EIG_HOW, "test images");
    event_set_str(e, EV_EIG_WHY, "bound");
    fold(e);
    const struct history_eig *eig = history_last_eig(&h, 2);
    assert_true(eig->trace == 812.4 && eig->trace_se == 30 && eig->amp == -2.3);
    assert_string_equal(eig->why, "bound");
    assert_last_line("hessian 2 truck: lmin -4.1±2e-3 lmax 246±12 trace 812±30, 23 it bound, 2.9 s [test images]");
    fold_eig(2, -5);
    assert_true(history_last_eig(&h, 2)->lmin == -5);
    assert_string_equal(history_last_eig(&h, 2)->subset, "0123456789abcdef");
    e = event_new(EVENT_EIG, 11); /* measured otherwise: not what the class shows */
    event_set_u64(e, EV_EIG_CLASS, 2);
    event_set_str(e, EV_EIG_HOW, "pyhessian");
    fold(e);
    assert_true(history_last_eig(&h, 2)->lmin == -5);
}

static void nodes_that_make_no_density_are_dropped(void **state)
{
    static const double good[] = { 1, 2 }, wts[] = { 0.5, 0.5 }, bad[][2] = { { 2, 1 }, { NAN, 1 }, { 1, INFINITY }, { -1.7e308, 1.7e308 } },
                        bad_wts[] = { -0.5, 1.5 };
    (void)state;
    for (int i = 0; i < 6; i++) {
        struct event *e = event_new(EVENT_EIG, 10);
        event_set_u64(e, EV_EIG_CLASS, 2);
        event_set_f64s(e, EV_EIG_NODES, i < 4 ? bad[i] : good, i == 5 ? 1 : 2);
        event_set_f64s(e, EV_EIG_WTS, i == 4 ? bad_wts : wts, 2);
        fold(e);
        assert_int_equal(h.eig[h.n_eig - 1].n_nodes, 0);
    }
}

static void theorem_two_is_one_line(void **state)
{
    static const double ratio[] = { 1.1, 0.9, 1.43 }, low[] = { 1, 0.8, 1.2 }, high[] = { 1.2, 1, 1.7 }, predicted[] = { 1.1, 1.1, 1.5 };
    (void)state;
    struct event *e = event_new(EVENT_CNC, 20);
    event_set_u64(e, EV_CNC_OF, 20);
    event_set_u64(e, EV_CNC_CLASS, 2);
    event_set_f64(e, EV_CNC_LMIN, -4.1);
    event_set_f64(e, EV_CNC_RHO, 0.5);
    event_set_u64(e, EV_CNC_BATCHES, 64);
    event_set_f64(e, EV_CNC_SECONDS, 12);
    event_set_f64s(e, EV_CNC_RATIO, ratio, 3);
    event_set_f64s(e, EV_CNC_LOW, low, 3);
    event_set_f64s(e, EV_CNC_HIGH, high, 3);
    event_set_f64s(e, EV_CNC_PREDICTED, predicted, 3);
    fold(e);
    assert_last_line("cnc 2 truck: lmin -4.1 rho 0.5, SAM/SGD 1.43 (1.2..1.7; theorem 1.5), 64 batches, 12.0 s");
    assert_true(history_last(&h, MEASURE_CNC, 2)->f[EV_CNC_HIGH].f64s[CNC_UNNORMALISED] == 1);
    assert_null(history_last(&h, MEASURE_CNC, 1));
    e = event_new(EVENT_CNC, 21); /* short arrays leave the rest unknown */
    event_set_f64s(e, EV_CNC_RATIO, ratio, 1);
    fold(e);
    assert_true(event_number_at(&history_last(&h, MEASURE_CNC, 0)->f[EV_CNC_RATIO], 0) == 1.1 &&
                isnan(event_number_at(&history_last(&h, MEASURE_CNC, 0)->f[EV_CNC_RATIO], 1)));
    e = event_new(EVENT_BRANCH, 15);
    fold(e);
    assert_int_equal(h.result[MEASURE_CNC].n, 1); /* the one of step 0 is before the branch */
}

static void fold_one_slice(const double *at, const double *loss, uint32_t n)
{
    struct event *e = event_new(EVENT_SLICE, 20);
    event_set_u64(e, EV_SLICE_CLASS, 2);
    event_set_str(e, EV_SLICE_ALONG, "v_min");
    event_set_f64(e, EV_SLICE_LAMBDA, -4.1);
    event_set_f64s(e, EV_SLICE_AT, at, n);
    event_set_f64s(e, EV_SLICE_LOSS, loss, 3);
    event_set_f64(e, EV_SLICE_SECONDS, 1);
    fold(e);
}

static void a_slice_says_where_the_loss_is_lowest(void **state)
{
    static const double at[] = { -1, 0, 1 }, loss[] = { NAN, 0.8, 0.25 }, disorder[] = { 1, 0, 2 };
    (void)state;
    fold_one_slice(at, loss, 3);
    assert_last_line("slice 2 truck along v_min: curvature -4.1, loss 0.8 here, lowest 0.25 at 1, 1.0 s");
    assert_true(history_last(&h, MEASURE_SLICE, 2)->n == 3 && isnan(history_last(&h, MEASURE_SLICE, 2)->f[EV_SLICE_LOSS].f64s[0]));
    fold_one_slice(disorder, loss, 3);
    fold_one_slice(at, loss, 2); /* not one loss for each place */
    assert_int_equal(h.result[MEASURE_SLICE].n, 1);
}

int history_curvature_tests(void)
{
    const struct CMUnitTest tests[] = {
        TEST(curvature_is_kept_by_class),
        TEST(a_probe_shows_before_it_is_recorded),
        TEST(a_probe_that_ends_without_a_value_is_forgotten),
        TEST(an_eigenvalue_tells_all_it_knows),
        TEST(nodes_that_make_no_density_are_dropped),
        TEST(theorem_two_is_one_line),
        TEST(a_slice_says_where_the_loss_is_lowest),
    };
    return cmocka_run_group_tests_name("unit/history, curvature", tests, NULL, NULL);
}
