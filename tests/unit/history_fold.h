/* tests/unit/history_fold.h - a history of three classes and what is folded into it. Included once by each test file; everything is static. */
#ifndef UNIT_HISTORY_FOLD_H
#define UNIT_HISTORY_FOLD_H

#include "check.h"

#include "session/history.h"
#include "sessions.h"

static struct history h;

static inline void fold(struct event *e)
{
    history_fold(&h, e);
    event_unref(e);
}

static inline void fold_config(const char *const *knobs, uint32_t n)
{
    struct event *e = event_new(EVENT_CONFIG, 0);
    event_set_strs(e, EV_CONFIG_KNOBS, knobs, n);
    event_set_str(e, EV_CONFIG_NAME, "run");
    fold(e);
}

static inline void fold_three_classes(void)
{
    static const char *const classes[] = { "airplane", "cat", "truck" }, *const groups[] = { "head", "mid", "tail" };
    static const uint32_t counts[] = { 500, 100, 20 }, tests[] = { 100, 100, 100 }, group_of[] = { 0, 1, 2 };
    struct event *e = data_event(97);
    event_set_strs(e, EV_DATA_CLASSES, classes, 3);
    event_set_strs(e, EV_DATA_GROUPS, groups, 3);
    event_set_u32s(e, EV_DATA_COUNTS, counts, 3);
    event_set_u32s(e, EV_DATA_TEST_COUNTS, tests, 3);
    event_set_u32s(e, EV_DATA_GROUP_OF, group_of, 3);
    fold(e);
}

static inline int set_up(void **state)
{
    static const char *const knobs[] = { "rho=0.1", "drw=160", "weights=effective", "opt=sam", "batch=128", "of_tomorrow=7" };
    (void)state;
    history_init(&h);
    fold_config(knobs, 6);
    fold_three_classes();
    return 0;
}

static inline int tear_down(void **state)
{
    (void)state;
    history_release(&h);
    return 0;
}

static inline void assert_last_line(const char *text)
{
    assert_true(h.n_line > 0);
    assert_string_equal(h.line[h.n_line - 1].text, text);
}

static inline void fold_eig(uint64_t class, double lmin)
{
    const double nodes[] = { lmin, 246 }, wts[] = { 0.5, 0.5 };
    struct event *e = event_new(EVENT_EIG, 15870);
    event_set_u64(e, EV_EIG_OF, 15870);
    event_set_f64(e, EV_EIG_EP, 163.6);
    event_set_u64(e, EV_EIG_CLASS, class);
    event_set_f64(e, EV_EIG_LMIN, lmin);
    event_set_f64(e, EV_EIG_LMAX, 245.5);
    event_set_u64(e, EV_EIG_ITERS, 80);
    event_set_f64(e, EV_EIG_SECONDS, 2.91);
    event_set_str(e, EV_EIG_SUBSET, "0123456789abcdef");
    event_set_f64s(e, EV_EIG_NODES, nodes, 2);
    event_set_f64s(e, EV_EIG_WTS, wts, 2);
    fold(e);
}

/* The tests of curvature, eigenvalues and slices, history_curvature.c: how many failed. */
int history_curvature_tests(void);

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
