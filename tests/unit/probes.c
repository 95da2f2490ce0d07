/* hessian, cnc, slice and watch on a run of a handful of images: what they measure, that training does not notice, and how
 * each of them ends when it cannot go on. */
#include "config.h"

#include "tests/unit/running.h"

static void start_paused(struct run *r)
{
    run_init(r);
    knob(&r->knobs, "hessian_iters", "60");
    knob(&r->knobs, "hessian_tol", "0.01");
    r->setup.start_paused = true;
    run_start(r);
}

static const struct event *last_event(struct run *r, int kind)
{
    for (int i = r->log->n - 1; i >= 0; i--)
        if ((int)r->log->event[i]->kind == kind)
            return r->log->event[i];
    fail_msg("no event of kind %s", event_table[kind].kind);
    return NULL;
}

static void must(struct run *r, const struct command *c)
{
    if (!post(r, c))
        fail_msg("%s", answer_text);
}

static void test_hessian_options(void **state)
{
    (void)state;
    struct run r;
    start_paused(&r);
    steps(&r, 2);
    struct command c = { .op = COMMAND_HESSIAN, .n_classes = 1, .classes = (const int[]){ 1 }, .probe = { .vectors = 3, .top = 2 } };
    must(&r, &c);
    const struct event *plain = last_event(&r, EVENT_EIG);
    assert_int_equal(plain->f[EV_EIG_RUNS].u, 3);
    assert_string_equal(plain->f[EV_EIG_WHY].s, "bound");
    assert_null(plain->f[EV_EIG_HOW].s);
    assert_true(isnan(plain->f[EV_EIG_AMP].f)); /* plain SGD */
    assert_true(plain->f[EV_EIG_TRACE_SE].f > 0);
    assert_true(plain->f[EV_EIG_NODES].n == 3 * plain->f[EV_EIG_ITERS].u);
    assert_non_null(strstr(answer_text, " reached in "));
    assert_non_null(strstr(answer_text, "; lowest "));
    c.probe = (struct probe_options){ .test = true, .augment = true, .train_mode = true, .weighted = true };
    must(&r, &c);
    const struct event *other = last_event(&r, EVENT_EIG);
    assert_string_equal(other->f[EV_EIG_HOW].s, "test images, train-mode batch norm, augmented, weighted");
    assert_int_equal(other->f[EV_EIG_IMAGES].u, 6);
    assert_true(isnan(other->f[EV_EIG_TRACE].f));
    c.probe = (struct probe_options){ .weighted = true }; /* nothing in force, and it would cancel: the same bits */
    must(&r, &c);
    const struct event *weighted = last_event(&r, EVENT_EIG);
    c.probe = (struct probe_options){ 0 };
    must(&r, &c);
    assert_true(last_event(&r, EVENT_EIG)->f[EV_EIG_LMAX].f == weighted->f[EV_EIG_LMAX].f);
    c.probe = (struct probe_options){ .vectors = 1000 };
    assert_false(post(&r, &c));
    run_free(&r);
}

static void test_like_pyhessian(void **state)
{
    (void)state;
    struct run r;
    start_paused(&r);
    steps(&r, 2);
    struct command c = { .op = COMMAND_HESSIAN, .n_classes = 1, .classes = (const int[]){ 0 }, .probe = { .images = 20 } };
    must(&r, &c);
    double top = last_event(&r, EVENT_EIG)->f[EV_EIG_LMAX].f;
    assert_true(isnan(last_event(&r, EVENT_EIG)->f[EV_EIG_POWER].f));
    c = (struct command){ .op = COMMAND_HESSIAN, .n_classes = 1, .classes = (const int[]){ 0 }, .count = 30, .probe = { .pyhessian = true } };
    must(&r, &c);
    const struct event *e = last_event(&r, EVENT_EIG);
    assert_string_equal(e->f[EV_EIG_HOW].s, "pyhessian");
    assert_true(e->f[EV_EIG_IMAGES].u == 20 && e->f[EV_EIG_ITERS].u == 30 && e->f[EV_EIG_RUNS].u == 1); /* every image of the class */
    assert_true(fabs(e->f[EV_EIG_LMAX].f - top) < 1e-2 * top);
    double largest = fmax(fabs(e->f[EV_EIG_LMIN].f), e->f[EV_EIG_LMAX].f);
    assert_true(fabs(fabs(e->f[EV_EIG_POWER].f) - largest) < 0.05 * largest);
    c.probe.train_mode = true;
    assert_false(post(&r, &c));
    run_free(&r);
}

static void test_amplification(void **state)
{
    (void)state;
    struct run r;
    run_init(&r);
    knob(&r.knobs, "opt", "sam");
    knob(&r.knobs, "rho", "0.3");
    r.setup.start_paused = true;
    run_start(&r);
    steps(&r, 2);
    struct command c = { .op = COMMAND_HESSIAN, .n_classes = 1, .classes = (const int[]){ 2 } };
    must(&r, &c);
    const struct event *e = last_event(&r, EVENT_EIG);
    double expected = 0.3 / step_event(r.log, 2)->f[EV_STEP_GN].f * e->f[EV_EIG_LMIN].f;
    assert_true(fabs(e->f[EV_EIG_AMP].f - expected) < 1e-5 * fabs(expected));
    run_free(&r);
}

/* One batch of the whole class: H_z is H. The linear step must follow the theorem. The other two need not, however small the
 * radius: between w and w + rho g some of a hundred thousand ReLUs change sides, and those jumps of the gradient are in no
 * Hessian. But both take the same step when rho and rho |g| are exchanged. */
static void test_cnc_of_the_whole_class(void **state)
{
    (void)state;
    struct run r;
    start_paused(&r);
    steps(&r, 1);
    struct command c = { .op = COMMAND_CNC, .n_classes = 1, .classes = (const int[]){ 1 }, .rho = 1e-5, .batch = 100 };
    must(&r, &c);
    const struct event *e = last_event(&r, EVENT_CNC);
    assert_true(e->f[EV_CNC_BATCHES].u == 1 && e->f[EV_CNC_BATCH].u == 10 && e->f[EV_CNC_IMAGES].u == 10);
    double lmin = e->f[EV_CNC_LMIN].f, gn = e->f[EV_CNC_GN].f, factor = 1 + 1e-5 * lmin, plain = e->f[EV_CNC_RATIO].f64s[1];
    assert_true(lmin < 0 && e->f[EV_CNC_RESIDUAL].f < 1e-2 * fabs(lmin) && e->f[EV_CNC_A2].f > 0);
    assert_true(fabs(e->f[EV_CNC_PREDICTED].f64s[0] - factor * factor) < 1e-12);
    assert_true(fabs(e->f[EV_CNC_RATIO].f64s[0] - factor * factor) < 0.1 * (1 - factor * factor));
    assert_true(fabs(plain - 1) < 0.1 && plain != 1);
    c.rho = 1e-5 * gn;
    must(&r, &c);
    e = last_event(&r, EVENT_CNC);
    assert_true(fabs(e->f[EV_CNC_PREDICTED].f64s[2] - factor * factor) < 1e-6);
    assert_true(fabs(e->f[EV_CNC_RATIO].f64s[2] - plain) < 1e-3 * fabs(plain - 1) + 1e-5);
    run_free(&r);
}

static void test_cnc_intervals(void **state)
{
    (void)state;
    struct run r;
    start_paused(&r);
    steps(&r, 1);
    struct command c = { .op = COMMAND_CNC, .n_classes = 1, .classes = (const int[]){ 0 }, .rho = 0.01, .batch = 4, .batches = 30 };
    must(&r, &c);
    const struct event *a = last_event(&r, EVENT_CNC);
    double factor = a->f[EV_CNC_PREDICTED].f64s[0];
    assert_true(a->f[EV_CNC_A2_SE].f > 0);
    assert_true(fabs(a->f[EV_CNC_RATIO].f64s[0] - factor) < 0.05 * factor); /* linear: a test of v_min */
    for (int i = 0; i < 3; i++)
        assert_true(a->f[EV_CNC_LOW].f64s[i] <= a->f[EV_CNC_RATIO].f64s[i] && a->f[EV_CNC_RATIO].f64s[i] <= a->f[EV_CNC_HIGH].f64s[i]);
    assert_true(a->f[EV_CNC_LOW].f64s[2] < a->f[EV_CNC_HIGH].f64s[2]);
    assert_non_null(strstr(answer_text, "30 batches of 4"));
    must(&r, &c);
    const struct event *b = last_event(&r, EVENT_CNC);
    assert_true(a != b && memcmp(a->f[EV_CNC_RATIO].f64s, b->f[EV_CNC_RATIO].f64s, 3 * sizeof(double)) == 0);
    c.count = 2; /* five times two steps are not enough */
    assert_false(post(&r, &c));
    assert_non_null(strstr(answer_text, "v_min of class 0 was not reached"));
    run_free(&r);
}

static void test_slice(void **state)
{
    (void)state;
    struct run r;
    start_paused(&r);
    steps(&r, 2);
    struct command c = { .op = COMMAND_SLICE, .n_classes = 1, .classes = (const int[]){ 0 }, .span = 0.01, .points = 5, .text = "v_min" };
    must(&r, &c);
    const struct event *e = last_event(&r, EVENT_SLICE);
    const double *at = e->f[EV_SLICE_AT].f64s, *loss = e->f[EV_SLICE_LOSS].f64s, lambda = e->f[EV_SLICE_LAMBDA].f;
    assert_true(e->f[EV_SLICE_AT].n == 5 && at[0] == -0.01 && at[2] == 0 && at[4] == 0.01);
    assert_string_equal(e->f[EV_SLICE_ALONG].s, "v_min");
    double curved = (loss[0] - 2 * loss[2] + loss[4]) / (0.01 * 0.01);
    assert_true(lambda < 0 && fabs(curved - lambda) < 0.1 * fabs(lambda));
    c.text = "random:7";
    must(&r, &c);
    const struct event *first = last_event(&r, EVENT_SLICE);
    assert_string_equal(first->f[EV_SLICE_ALONG].s, "random:7");
    must(&r, &c);
    const struct event *again = last_event(&r, EVENT_SLICE);
    assert_true(first != again && memcmp(first->f[EV_SLICE_LOSS].f64s, again->f[EV_SLICE_LOSS].f64s, 5 * sizeof(double)) == 0);
    c.text = "sideways";
    assert_false(post(&r, &c));
    assert_string_equal(answer_text, "direction 'sideways'; v_min, v_max or random:N with N in 0..999999");
    run_free(&r);
}

/* Many classes: a line of each, whole. */
static void test_answer_of_many_classes(void **state)
{
    (void)state;
    struct run r;
    start_paused(&r);
    struct command c = { .op = COMMAND_HESSIAN, .n_classes = 8, .classes = (const int[]){ 0, 1, 2, 0, 1, 2, 0, 1 }, .count = 2 };
    must(&r, &c);
    assert_int_equal(count_events(r.log, EVENT_EIG), 8);
    assert_non_null(strstr(answer_text, "0 sky: "));
    int lines = 0;
    for (const char *at = answer_text; (at = strstr(at, ": \xce\xbbmin ")); at++)
        lines++;
    assert_int_equal(lines, 8);
    assert_true(strlen(answer_text) > 600);
    const char tail[] = " at step 0 (ep 0.0)";
    if (!strstr(answer_text + strlen(answer_text) - 80, tail))
        fail_msg("its end: %s", answer_text + strlen(answer_text) - 80);
    run_free(&r);
}

/* --- how they end -------------------------------------------------------------------------------------------------- */

static struct command long_probe(enum command_op op)
{
    static const int first = 0;
    struct command c = { .op = op, .n_classes = 1, .classes = &first, .count = 30, .points = 1001, .batches = 100000, .batch = 2 };
    if (op == COMMAND_HESSIAN)
        c.count = 1000;
    return c;
}

static void cancel_one(struct run *r, enum command_op op, const char *what)
{
    struct command c = long_probe(op);
    int seen = r->log->n;
    long id = trainer_post(r->t, &c, &last);
    assert_true(id > 0);
    assert_true(find_event(r->log, EVENT_PROGRESS, EV_PROGRESS_WHAT, what, seen, true) >= 0);
    trainer_cancel(r->t);
    for (int i = seen;; i++) {
        i = find_event(r->log, EVENT_ANSWER, 0, NULL, i, true);
        assert_true(i >= 0);
        const struct event *e = r->log->event[i];
        if ((long)e->f[EV_ANSWER_ID].u != id)
            continue;
        assert_true(e->f[EV_ANSWER_OK].u == 0);
        assert_int_equal(strncmp(e->f[EV_ANSWER_TEXT].s, "cancelled", 9), 0);
        return;
    }
}

static bool answered_cancelled(struct run *r, long id)
{
    for (int i = 0; (i = find_event(r->log, EVENT_ANSWER, 0, NULL, i, true)) >= 0; i++) {
        const struct event *e = r->log->event[i];
        if ((long)e->f[EV_ANSWER_ID].u == id)
            return e->f[EV_ANSWER_OK].u == 0 && strncmp(e->f[EV_ANSWER_TEXT].s, "cancelled", 9) == 0;
    }
    return false;
}

/* C-c is about all that was asked before it, begun or not, and about nothing that is asked later. */
static void test_cancelled_before_it_begins(void **state)
{
    (void)state;
    struct run r;
    start_paused(&r);
    struct command first = long_probe(COMMAND_HESSIAN);
    struct command next = { .op = COMMAND_CNC, .n_classes = 1, .classes = (const int[]){ 1 }, .rho = 0.01, .batch = 3, .batches = 4 };
    const int seen = r.log->n;
    const long begun = trainer_post(r.t, &first, &last);
    assert_true(find_event(r.log, EVENT_PROGRESS, EV_PROGRESS_WHAT, "hessian", seen, true) >= 0);
    const long waits = trainer_post(r.t, &next, &last);
    trainer_cancel(r.t);
    assert_true(answered_cancelled(&r, begun));
    assert_true(answered_cancelled(&r, waits));
    must(&r, &next);
    run_free(&r);
}

/* Cancelled, twice measured, and the weights of the end are those of a run that was left alone. */
static void test_training_does_not_notice(void **state)
{
    (void)state;
    struct run r;
    char plain[65], probed[65];
    plain_hash(plain);

    start_paused(&r);
    steps(&r, 2);
    cancel_one(&r, COMMAND_HESSIAN, "hessian");
    cancel_one(&r, COMMAND_CNC, "cnc");
    cancel_one(&r, COMMAND_SLICE, "slice");
    assert_true(count_events(r.log, EVENT_EIG) + count_events(r.log, EVENT_CNC) + count_events(r.log, EVENT_SLICE) == 0);
    struct command c = { .op = COMMAND_CNC, .n_classes = 1, .classes = (const int[]){ 1 }, .rho = 0.01, .batch = 3, .batches = 4 };
    must(&r, &c);
    c = (struct command){ .op = COMMAND_SLICE, .n_classes = 1, .classes = (const int[]){ 2 }, .points = 3 };
    must(&r, &c);
    assert_true(do_op(&r, COMMAND_RESUME, 0));
    assert_over(&r, "finished");
    final_hash(&r, probed);
    assert_string_equal(plain, probed);
    run_free(&r);
}

static void test_ended_by_the_program(void **state)
{
    (void)state;
    const enum command_op ops[] = { COMMAND_CNC, COMMAND_SLICE };
    for (int i = 0; i < 2; i++) {
        struct run r;
        start_paused(&r);
        struct command c = long_probe(ops[i]);
        assert_true(trainer_post(r.t, &c, &last) > 0);
        assert_true(find_event(r.log, EVENT_PROGRESS, 0, NULL, 0, true) >= 0);
        run_free(&r); /* must not wait for a hundred thousand batches */
    }
}

static void test_one_image_and_none(void **state)
{
    (void)state;
    const uint32_t counts[CLASSES] = { 20, 1, 0 };
    const enum command_op ops[] = { COMMAND_HESSIAN, COMMAND_CNC, COMMAND_SLICE };
    struct run r;
    run_init(&r);
    dataset_free(&r.data);
    make_data(&r.data, counts, 0);
    knob(&r.knobs, "hessian_iters", "60");
    knob(&r.knobs, "hessian_tol", "0.01");
    r.setup.start_paused = true;
    run_start(&r);
    steps(&r, 1);
    for (int i = 0; i < 3; i++) {
        struct command c = { .op = ops[i], .n_classes = 1, .classes = (const int[]){ 1 }, .points = 3, .rho = 0.01 };
        must(&r, &c);
        c.classes = (const int[]){ 2 };
        assert_false(post(&r, &c));
        assert_string_equal(answer_text, "class 2 sand has no training images to probe");
    }
    steps(&r, 1);
    run_free(&r);
}

static void test_weights_that_are_nan(void **state)
{
    (void)state;
    const enum command_op ops[] = { COMMAND_HESSIAN, COMMAND_CNC, COMMAND_SLICE };
    enum { ROOM = 100000 };
    static float params[ROOM], stats[ROOM];
    struct run r;
    run_init(&r);
    for (int i = 0; i < ROOM; i++) {
        params[i] = 0.01f;
        stats[i] = 1;
    }
    params[17] = NAN;
    r.setup.params = params;
    r.setup.stats = stats;
    r.setup.start_paused = true;
    run_start(&r);
    for (int i = 0; i < 3; i++) {
        struct command c = { .op = ops[i], .n_classes = 1, .classes = (const int[]){ 0 } };
        assert_false(post(&r, &c));
        assert_string_equal(answer_text, "the weights of step 0 are not finite");
    }
    run_free(&r);
}

/* --- watch --------------------------------------------------------------------------------------------------------- */

static void test_watch_schedule(void **state)
{
    (void)state;
    struct run r;
    struct knobs k;
    start_paused(&r);
    struct command c = { .op = COMMAND_WATCH, .n_classes = 2, .classes = (const int[]){ 1, 2 }, .every = 2, .count = 7, .probe.images = 5 };
    must(&r, &c);
    assert_string_equal(answer_text, "watching 2 classes, every 2 epochs, at most 7 products of 5 images, at most 0.1 of the time");
    trainer_knobs(r.t, &k);
    assert_true(knob_int(&k, KNOB_HESSIAN_EVERY) == 2 && knob_int(&k, KNOB_HESSIAN_ITERS) == 7 && knob_int(&k, KNOB_HESSIAN_IMAGES) == 5);
    int watch = find_event(r.log, EVENT_CMD, EV_CMD_OP, "watch", 0, false), set = find_event(r.log, EVENT_CMD, EV_CMD_OP, "set", watch, false);
    assert_true(watch >= 0 && set > watch);
    assert_string_equal(r.log->event[watch]->f[EV_CMD_TXT].s, "watch 1 2 every 2 iters 7 images 5");
    assert_string_equal(r.log->event[set]->f[EV_CMD_TXT].s, "set hessian_every 2");
    run_free(&r);
}

/* The weights of the end are probed in every watched class, though the round of an earlier epoch is under way then. */
static void test_last_round_is_whole(void **state)
{
    (void)state;
    struct run r;
    bool probed[CLASSES] = { false };
    run_init(&r);
    knob(&r.knobs, "epochs", "12");
    knob(&r.knobs, "budget", "1");
    r.setup.start_paused = true;
    run_start(&r);
    struct command c = { .op = COMMAND_WATCH, .n_classes = 3, .classes = (const int[]){ 0, 1, 2 }, .every = 1, .count = 2, .probe.images = 2 };
    must(&r, &c);
    assert_true(do_op(&r, COMMAND_RESUME, 0));
    assert_over(&r, "finished");
    for (int i = find_event(r.log, EVENT_EIG, 0, NULL, 0, false); i >= 0; i = find_event(r.log, EVENT_EIG, 0, NULL, i + 1, false))
        if (r.log->event[i]->f[EV_EIG_OF].u == 12 * SPE)
            probed[r.log->event[i]->f[EV_EIG_CLASS].u] = true;
    assert_true(probed[0] && probed[1] && probed[2]);
    run_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hessian_options),          cmocka_unit_test(test_amplification),
        cmocka_unit_test(test_like_pyhessian),           cmocka_unit_test(test_answer_of_many_classes),
        cmocka_unit_test(test_cnc_of_the_whole_class),  cmocka_unit_test(test_cnc_intervals),
        cmocka_unit_test(test_slice),                    cmocka_unit_test(test_training_does_not_notice),
        cmocka_unit_test(test_cancelled_before_it_begins),
        cmocka_unit_test(test_ended_by_the_program),     cmocka_unit_test(test_one_image_and_none),
        cmocka_unit_test(test_weights_that_are_nan),     cmocka_unit_test(test_watch_schedule),
        cmocka_unit_test(test_last_round_is_whole),
    };
    return cmocka_run_group_tests_name("unit/probes", tests, NULL, NULL);
}
