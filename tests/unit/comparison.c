/* Runs beside each other: series over one axis, a fork that is one line with its parent until its point, values as of a cursor, knobs that
 * differ and when they changed, classes by name, and what is said before a number is believed. */
#include "config.h"
#include "compared.h"

#include <math.h>
#include <string.h>
#include <time.h>

#include "session/knob_trail.h"

/* `a` of 20 epochs, its rho changed at epoch 10; `b`, a fork of it at epoch 15 with another rho; `c`, a fork of b at 18. */
static struct written a = { .name = "a", .classes = 4 }, b = { .name = "b", .classes = 4 }, c3 = { .name = "c", .classes = 4 };

static void record_family(void)
{
    begin_config(&a, "0.05", 1, NULL, 0);
    write_data(&a, "aa", 0);
    for (uint64_t ep = 1; ep <= 20; ep++) {
        if (ep == 11)
            write_set(&a, 100, "rho", "0.1", "0.05");
        write_epoch(&a, ep, 40 + (double)ep, 2 - 0.05 * (double)ep);
        if (ep % 5 == 0)
            write_eig(&a, ep * SPE, 3, -10 + (double)ep / 2);
    }
    end_run(&a);
    begin_config(&b, "0.5", 1, &a, 150);
    write_data(&b, "aa", 0);
    for (uint64_t ep = 16; ep <= 25; ep++)
        write_epoch(&b, ep, 60 + 10 * sin((double)ep), 1);
    write_eig(&b, 250, 3, -1);
    end_run(&b);
    begin_config(&c3, "0.5", 1, &b, 180);
    write_data(&c3, "aa", 0);
    write_set(&c3, 180, "rho", "0.8", "0.5");
    write_epoch(&c3, 19, 70, 0.9);
    end_run(&c3);
}

static struct comparison *family(void)
{
    struct err err = { 0 };
    struct comparison *c = open_runs((const char *const[]){ "a", "b", "c" }, 3, &err);
    assert_string_equal(err.text, "");
    assert_non_null(c);
    return c;
}

static void a_fork_is_one_line_with_its_parent(void **state)
{
    (void)state;
    struct comparison *c = family();
    struct err err;
    const int acc = comparison_add_metric(c, "acc", &err), steps = comparison_add_metric(c, "step_loss", &err);
    const struct comparison_series one = comparison_series(c, 0, acc), two = comparison_series(c, 1, acc), three = comparison_series(c, 2, acc);
    assert_int_equal(one.n, 20);
    assert_int_equal(one.own, 0);
    assert_int_equal(two.n, 25);
    assert_int_equal(two.own, 15);
    assert_memory_equal(one.at, two.at, 15 * sizeof *one.at);
    assert_true(two.at[15].step == 160 && two.at[15].value != one.at[15].value);
    assert_int_equal(three.n, 19);
    assert_int_equal(three.own, 18);
    assert_memory_equal(three.at, two.at, 18 * sizeof *two.at);
    assert_true(comparison_shared(c, 0, 1) == 15 && comparison_shared(c, 2, 1) == 18);
    char from[64];
    comparison_lineage(c, 1, from, sizeof from);
    assert_string_equal(from, "a@15");
    comparison_lineage(c, 2, from, sizeof from);
    assert_string_equal(from, "b@18");
    comparison_lineage(c, 0, from, sizeof from);
    assert_string_equal(from, "");
    assert_true(comparison_begin(c, 2) == 0 && comparison_birth(c, 2) == 18 && comparison_end(c, 2) == 19);
    assert_int_equal(comparison_series(c, 2, steps).n, 190);
    comparison_close(c);
}

static void values_are_as_of_the_cursor(void **state)
{
    (void)state;
    struct comparison *c = family();
    struct err err;
    const int tail = comparison_add_metric(c, "tail_acc", &err), class = comparison_add_metric(c, "loss:c2", &err),
              lmin = comparison_add_metric(c, "lmin:3", &err);
    assert_int_equal(comparison_add_metric(c, "tail", &err), tail);
    assert_true(comparison_at(c, 0, tail).value == 50 && comparison_at(c, 0, tail).epoch == 20);
    assert_true(comparison_at(c, 2, tail).value == 60 && comparison_delta(c, 2, tail) == 10);
    struct comparison_value best = comparison_best(c, 1, tail);
    assert_true(best.epoch == 20 && best.of == 25 && fabs(best.value - (50 + 10 * sin(20))) < 1e-9);
    assert_true(fabs(comparison_at(c, 0, class).value - 1.02) < 1e-6 && comparison_best(c, 0, class).epoch == 20);
    assert_true(comparison_at(c, 1, lmin).value == -1 && comparison_at(c, 2, lmin).value == -2.5); /* its grandparent's, of epoch 15 */
    comparison_seek(c, 16);
    assert_true(comparison_at(c, 0, tail).value == 46 && comparison_best(c, 0, tail).epoch == 16 && comparison_best(c, 0, tail).of == 16);
    assert_true(comparison_at(c, 1, lmin).value == -2.5);
    comparison_seek(c, 22);
    assert_true(comparison_is_past(c, 0) && comparison_cursor(c, 0) == 20 && !comparison_is_past(c, 1));
    comparison_seek_run(c, 1, 3);
    assert_true(comparison_at(c, 1, tail).value == 33);
    comparison_seek(c, 2.96); /* of ten steps in an epoch the nearest one, as the point of a fork is */
    assert_true(comparison_cursor(c, 0) == 3 && comparison_at(c, 0, tail).value == 33);
    comparison_seek(c, 0.5);
    assert_true(isnan(comparison_at(c, 0, tail).value) && isnan(comparison_delta(c, 1, tail)) && isnan(comparison_best(c, 0, tail).value));
    comparison_close(c);
}

/* A value that is reached again is no better one. */
static void of_equal_bests_the_first_counts(void **state)
{
    (void)state;
    struct written d = { .name = "level", .classes = 4 };
    struct err err = { 0 };
    begin_config(&d, "0.05", 7, NULL, 0);
    write_data(&d, "aa", 0);
    for (uint64_t ep = 1; ep <= 5; ep++)
        write_epoch(&d, ep, ep == 1 ? 40 : ep == 4 ? 60 : 70, ep == 3 ? 1 : 1.5);
    end_run(&d);
    struct comparison *c = open_runs((const char *const[]){ "a", "level" }, 2, &err);
    assert_non_null(c);
    assert_true(comparison_best(c, 1, comparison_add_metric(c, "acc", &err)).epoch == 2);
    assert_true(comparison_best(c, 1, comparison_add_metric(c, "loss", &err)).epoch == 3);
    comparison_seek(c, 2);
    assert_true(comparison_best(c, 1, comparison_add_metric(c, "loss", &err)).epoch == 1);
    comparison_close(c);
}

static void knobs_that_differ_tell_when(void **state)
{
    (void)state;
    struct comparison *c = family();
    enum knob_id knob[KNOB_COUNT];
    char text[KNOB_TEXT_MAX];
    assert_int_equal(comparison_knobs(c, knob), 1);
    assert_int_equal(knob[0], KNOB_RHO);
    static const char *const wanted[] = { "0.05 > 0.1@10", "0.05 > 0.1@10 > 0.5@15", "0.05 > 0.1@10 > 0.5@15 > 0.8@18" };
    for (int i = 0; i < 3; i++) {
        comparison_knob_text(c, i, KNOB_RHO, text, sizeof text);
        assert_string_equal(text, wanted[i]);
    }
    comparison_knob_text(c, 2, KNOB_EPOCHS, text, sizeof text);
    assert_string_equal(text, "30");
    comparison_seek(c, 12);
    assert_int_equal(comparison_knobs(c, knob), 0);
    comparison_seek(c, 16);
    comparison_knob_text(c, 2, KNOB_RHO, text, sizeof text);
    assert_string_equal(text, wanted[1]);
    comparison_close(c);
}

/* Six values are told one by one; of more how many, and the last. */
static void many_values_are_counted(void **state)
{
    static const char *const wanted[] = { "0.1 > 0.2@1 > 0.3@2 > 0.4@3 > 0.5@4 > 0.6@5", "0.1 > 0.2@1 > 0.3@2 > 0.4@3 > 0.5@4 > 0.6@5 > ... 2 more, the last 0.8@7" };
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct knob_trail t = { .n = 0 };
        struct knob_value v = { 0 };
        struct err err = { 0 };
        char text[KNOB_TEXT_MAX] = "", value[16];
        for (int k = 1; k <= 6 + 2 * i; k++) {
            snprintf(value, sizeof value, "0.%d", k);
            assert_int_equal(knob_parse(KNOB_RHO, value, &v, &err), 0);
            assert_true(knob_trail_add(&t, KNOB_RHO, &v, k - 1));
            knob_trail_put(&t, text, sizeof text);
        }
        knob_trail_end(&t, text, sizeof text);
        assert_string_equal(text, wanted[i]);
    }
}

static void marks_are_those_of_the_line(void **state)
{
    (void)state;
    struct comparison *c = family();
    char letters[16] = "";
    for (const struct history_mark *m = NULL; (m = comparison_next_mark(c, 2, m));)
        strncat(letters, &m->letter, 1);
    assert_string_equal(letters, "RFFR");
    comparison_seek(c, 15);
    letters[0] = '\0';
    for (const struct history_mark *m = NULL; (m = comparison_next_mark(c, 2, m));)
        strncat(letters, &m->letter, 1);
    assert_string_equal(letters, "RF");
    comparison_close(c);
}

/* What was done at the step of a fork was done in the parent's next step: it is none of the child's way. */
static void what_was_done_at_the_fork_is_the_parents(void **state)
{
    (void)state;
    struct written p = { .name = "elder", .classes = 4 }, q = { .name = "younger", .classes = 4 };
    struct err err = { 0 };
    begin_config(&p, "0.05", 1, NULL, 0);
    write_data(&p, "aa", 0);
    for (uint64_t ep = 1; ep <= 3; ep++) {
        if (ep > 1)
            write_set(&p, (ep - 1) * SPE, ep == 2 ? "rho" : "lr", "0.1", "0.05");
        write_epoch(&p, ep, 50, 1);
    }
    end_run(&p);
    begin_config(&q, "0.1", 1, &p, 2 * SPE);
    write_data(&q, "aa", 0);
    write_epoch(&q, 3, 55, 1);
    end_run(&q);
    struct comparison *c = open_runs((const char *const[]){ "elder", "younger" }, 2, &err);
    static const char *const wanted[] = { "RL", "RF" };
    assert_non_null(c);
    for (int i = 0; i < 2; i++) {
        char letters[16] = "";
        for (const struct history_mark *m = NULL; (m = comparison_next_mark(c, i, m));)
            strncat(letters, &m->letter, 1);
        assert_string_equal(letters, wanted[i]);
    }
    comparison_close(c);
}

static void classes_are_sorted_by_gain(void **state)
{
    (void)state;
    static struct written other = { .name = "other", .classes = 5 };
    struct err err = { 0 };
    begin_config(&other, "0.05", 1, NULL, 0);
    write_data(&other, "bb", 2); /* c2 ... c6 */
    write_epoch(&other, 1, 70, 1);
    end_run(&other);
    struct comparison *c = open_runs((const char *const[]){ "a", "other" }, 2, &err);
    assert_non_null(c);
    assert_string_equal(comparison_note(c, 0), "other is trained on other images than a (demo, demo); classes are matched by name");
    struct comparison_gain gain[4];
    assert_int_equal(comparison_class(c, 1, 1), -1);
    assert_int_equal(comparison_gains(c, 1, gain), 2);
    assert_true(gain[0].class == 2 && gain[0].before == 61 && gain[0].after == 70 && gain[0].gain == 9);
    assert_true(gain[1].class == 3 && gain[1].gain == 70.5 - 61.5);
    const int acc = comparison_add_metric(c, "acc:c2", &err), none = comparison_add_metric(c, "acc:1", &err);
    assert_true(comparison_at(c, 1, acc).value == 70 && comparison_at(c, 0, acc).value == 61);
    assert_true(isnan(comparison_at(c, 1, none).value) && comparison_at(c, 0, none).value == 60.5);
    comparison_close(c);
}

static void densities_share_an_axis(void **state)
{
    (void)state;
    struct comparison *c = family();
    double low, high, density[3 * 50], mass = 0;
    assert_int_equal(comparison_densities(c, 3, 50, &low, &high, density), 3);
    assert_true(low < -2.5 && high > 40);
    for (int k = 0; k < 50; k++)
        mass += density[50 + k] * (high - low) / 50;
    assert_true(mass > 0.4 && mass < 1.001); /* three nodes are wide; some of it lies outside */
    assert_true(comparison_spectrum(c, 2, 3)->lmin == -2.5);
    assert_int_equal(comparison_densities(c, 0, 50, &low, &high, density), 0);
    comparison_close(c);
}

/* In the table a cell stands at its middle. */
static void a_density_is_told_cell_by_cell(void **state)
{
    (void)state;
    enum { CELLS = 1000 };
    struct comparison *c = family();
    struct err err = { 0 };
    bool classes[] = { false, false, false, true };
    const struct comparison_view view = { .density = true, .classes = classes };
    double low, high, first = NAN, last_one = NAN, *density = malloc(3 * CELLS * sizeof *density);
    char *text = NULL;
    size_t n = 0;
    int rows = -1;
    FILE *out = open_memstream(&text, &n);
    assert_non_null(density);
    assert_non_null(out);
    assert_int_equal(comparison_densities(c, 3, CELLS, &low, &high, density), 3);
    assert_int_equal(comparison_put_csv(out, c, &view, &err), 0);
    fclose(out);
    for (char *line = text, *end; (end = strchr(line, '\n')); line = end + 1, rows++) {
        double at, value;
        if (rows < 0 || rows >= CELLS)
            continue;
        assert_int_equal(sscanf(line, "a,c3,20,200,%lf,%lf", &at, &value), 2);
        assert_true(fabs(value - density[rows]) <= 1e-8 * fabs(density[rows]) + 1e-300);
        first = rows == 0 ? at : first;
        last_one = at;
    }
    assert_int_equal(rows, 3 * CELLS);
    assert_true(fabs(first - (low + (high - low) / CELLS / 2)) < 1e-6 && fabs(last_one - (high - (high - low) / CELLS / 2)) < 1e-6);
    free(text);
    free(density);
    comparison_close(c);
}

static void what_is_measured_otherwise_is_another_number(void **state)
{
    (void)state;
    static struct written m = { .name = "margins", .classes = 4 };
    struct err err = { 0 };
    begin_config(&m, "0.05", 1, NULL, 0);
    write_data(&m, "aa", 0);
    write_epoch(&m, 1, 50, 1);
    write_margin(&m, 10, 2, "train", 3);
    write_epoch(&m, 2, 51, 1);
    write_margin(&m, 20, 2, "test", 1);
    write_margin(&m, 20, 2, "train", 4);
    end_run(&m);
    struct comparison *c = open_runs((const char *const[]){ "margins", "a" }, 2, &err);
    const int mean = comparison_add_metric(c, "margins_mean:c2", &err);
    const struct comparison_series s = comparison_series(c, 0, mean);
    assert_int_equal(s.n, 2);
    assert_true(s.at[0].value == 3 && s.at[1].value == 4);
    comparison_close(c);
}

/* rho becomes 0.3 at step 15 of 20, between two evaluations; a child goes on from step 13 with another one. */
static void a_held_metric_changes_where_it_was_changed(void **state)
{
    (void)state;
    static struct written held = { .name = "held", .classes = 4 }, child = { .name = "held-child", .classes = 4 };
    struct err err = { 0 };
    begin_config(&held, "0.1", 1, NULL, 0);
    write_data(&held, "aa", 0);
    for (uint64_t step = 1; step <= 20; step++) {
        struct event *e = step_event(step, 1);
        event_set_f64(e, EV_STEP_RHO, step > 15 ? 0.3 : 0.1);
        send_event(&held.sink, e);
        if (step % SPE == 0)
            write_rho(&held, step, step > 15 ? 0.3 : 0.1);
    }
    end_run(&held);
    begin_config(&child, "0.5", 1, &held, 13);
    write_data(&child, "aa", 0);
    for (uint64_t step = 14; step <= 20; step++) {
        struct event *e = step_event(step, 1);
        event_set_f64(e, EV_STEP_RHO, 0.5);
        send_event(&child.sink, e);
    }
    end_run(&child);
    struct comparison *c = open_runs((const char *const[]){ "held", "held-child" }, 2, &err);
    assert_non_null(c);
    const int rho = comparison_add_metric(c, "rho", &err), acc = comparison_add_metric(c, "acc", &err);
    assert_true(comparison_metric(c, rho)->held && !comparison_metric(c, acc)->held);
    assert_int_equal(comparison_series(c, 0, rho).n, 2);
    struct comparison_series s = comparison_curve(c, 0, rho);
    assert_int_equal(s.n, 20);
    assert_true(s.at[14].step == 15 && fabs(s.at[14].value - 0.1) < 1e-6 && s.at[15].step == 16 && fabs(s.at[15].value - 0.3) < 1e-6);
    s = comparison_curve(c, 1, rho);
    assert_true(s.n == 20 && s.own == 13 && fabs(s.at[12].value - 0.1) < 1e-6 && s.at[13].step == 14 && s.at[13].value == 0.5);
    comparison_seek(c, 1.2);
    s = comparison_curve(c, 0, rho);
    assert_true(s.n == 20 && comparison_reached(c, 0, &s) == 12);
    s = comparison_curve(c, 0, acc);
    assert_true(s.n == 2 && comparison_reached(c, 0, &s) == 1);
    comparison_close(c);
}

static void bad_metrics_are_told(void **state)
{
    (void)state;
    static const struct {
        const char *text, *why;
    } rows[] = { { "tial", "unknown metric 'tial'; did you mean 'tail'?" },
                 { "what", "unknown metric 'what'; acc, loss, train_loss, train_acc, lr, rho, drw, head, mid, tail, acc:CLASS, loss:CLASS, train_loss:CLASS, "
                           "step_loss, step_gn, step_lr, step_rho, step_rise, step_rho_gn, step_rho_wn, step_cos, lmin:CLASS, lmax:CLASS ..." },
                 { "foo", "unknown metric 'foo'; acc, loss, train_loss, train_acc, lr, rho, drw, head, mid, tail, acc:CLASS, loss:CLASS, train_loss:CLASS, "
                          "step_loss, step_gn, step_lr, step_rho, step_rise, step_rho_gn, step_rho_wn, step_cos, lmin:CLASS, lmax:CLASS ..." },
                 { "rh", "unknown metric 'rh'; did you mean 'rho'?" },
                 { "lmin", "'lmin' is of a class: lmin:CLASS" },
                 { "rho:3", "'rho' is not of a class; without ':3'" },
                 { "acc:9", "no class '9' in a: 0 to 3, or a name" },
                 { "acc:", "no class '' in a: 0 to 3, or a name" } };
    struct comparison *c = family();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct err err;
        assert_int_equal(comparison_add_metric(c, rows[i].text, &err), -1);
        assert_string_equal(err.text, rows[i].why);
    }
    comparison_close(c);
}

static void what_cannot_be_compared_is_told(void **state)
{
    (void)state;
    static const char *const many[] = { "a", "a", "a", "a", "a", "a", "a", "a", "a" };
    struct err err;
    assert_null(open_runs(many, 1, &err));
    assert_string_equal(err.text, "1 run; 2 to 8 can be compared");
    assert_null(open_runs(many, 9, &err));
    assert_string_equal(err.text, "9 runs; 2 to 8 can be compared");
    assert_null(open_runs(many, 2, &err));
    assert_string_equal(err.text, "a and a are the same run");
    assert_null(open_runs((const char *const[]){ "a", "gone" }, 2, &err));
    assert_non_null(strstr(err.text, "gone"));
    struct written empty = { .name = "empty", .classes = 4 };
    begin_config(&empty, "0.05", 1, NULL, 0);
    assert_null(open_runs((const char *const[]){ "a", "empty" }, 2, &err));
    assert_string_equal(err.text, "nothing is recorded in empty yet: there is nothing to compare");
    end_run(&empty);
}

static void a_live_run_grows(void **state)
{
    (void)state;
    struct written live = { .name = "live", .classes = 4 };
    struct err err = { 0 };
    begin_config(&live, "0.05", 1, &a, 50);
    write_data(&live, "aa", 0);
    write_epoch(&live, 6, 50, 1);
    assert_int_equal(live.sink.sync(live.sink.ctx, &err), 0);
    struct comparison *c = open_runs((const char *const[]){ "a", "live" }, 2, &err);
    assert_non_null(c);
    const int acc = comparison_add_metric(c, "acc", &err);
    assert_true(comparison_is_live(c, 1) && !comparison_is_live(c, 0));
    assert_int_equal(comparison_series(c, 1, acc).n, 6);
    assert_int_equal(comparison_follow(c, &err), 0);
    write_epoch(&live, 7, 51, 1);
    assert_int_equal(live.sink.sync(live.sink.ctx, &err), 0);
    assert_int_equal(comparison_follow(c, &err), 1);
    assert_int_equal(comparison_series(c, 1, acc).n, 7);
    assert_true(comparison_at(c, 1, acc).value == 51 && comparison_cursor(c, 1) == 7);
    comparison_close(c);
    end_run(&live);
}

/* The parent leaves its line at epoch 4, after a child had gone on from its epoch 6. */
static void a_parent_that_was_taken_up_again_is_in_doubt(void **state)
{
    (void)state;
    static struct written parent = { .name = "parent", .classes = 4 }, child = { .name = "child", .classes = 4 };
    char dir[1024];
    struct err err = { 0 };
    begin_config(&parent, "0.05", 1, NULL, 0);
    write_data(&parent, "aa", 0);
    for (uint64_t ep = 1; ep <= 8; ep++)
        write_epoch(&parent, ep, 40 + (double)ep, 1);
    end_run(&parent);
    begin_config(&child, "0.5", 1, &parent, 60);
    write_data(&child, "aa", 0);
    write_epoch(&child, 7, 60, 1);
    end_run(&child);
    struct comparison *c = open_runs((const char *const[]){ "parent", "child" }, 2, &err);
    const int before = comparison_add_metric(c, "acc", &err);
    assert_int_equal(comparison_series(c, 1, before).n, 7);
    assert_null(comparison_note(c, 0));
    comparison_close(c);
    at("parent", dir);
    parent.session = session_reopen(dir, &err);
    assert_non_null(parent.session);
    parent.sink = session_sink(parent.session);
    send_event(&parent.sink, event_new(EVENT_BRANCH, 40));
    write_epoch(&parent, 5, 70, 1);
    end_run(&parent);
    c = open_runs((const char *const[]){ "parent", "child" }, 2, &err);
    assert_non_null(c);
    assert_string_equal(comparison_note(c, 0), "child: what it had before its fork may be another line: parent was taken up again at epoch 4, perhaps since");
    const int acc = comparison_add_metric(c, "acc", &err);
    assert_int_equal(comparison_series(c, 1, acc).n, 6); /* 1 to 5, and its own 7: epoch 6 is gone */
    assert_int_equal(comparison_series(c, 1, acc).own, 5);
    assert_int_equal(comparison_series(c, 0, acc).n, 5);
    comparison_close(c);
}

static double cpu_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* All that a screen asks for to paint a frame. */
static void look(struct comparison *c, struct comparison_gain *gain)
{
    enum knob_id knob[KNOB_COUNT];
    double low, high, density[2 * 200];
    for (int run = 0; run < 2; run++)
        for (int m = 0; m < comparison_metrics(c); m++)
            if (comparison_series(c, run, m).n < comparison_at(c, run, m).of || comparison_best(c, run, m).of == 0)
                fail_msg("no %s in run %d", comparison_metric(c, m)->label, run);
    assert_true(comparison_gains(c, 1, gain) > 0);
    assert_int_equal(comparison_knobs(c, knob), 2);
    assert_int_equal(comparison_densities(c, 3, 200, &low, &high, density), 2);
}

/* SADDLE_COMPARED_CLASSES: as many as there are in a large data set. */
static void a_long_run_of_many_classes_is_looked_at_quickly(void **state)
{
    (void)state;
    const char *classes = getenv("SADDLE_COMPARED_CLASSES");
    static struct written long_run[2] = { { .name = "long-a" }, { .name = "long-b" } };
    struct err err = { 0 };
    for (int i = 0; i < 2; i++) {
        long_run[i].classes = classes ? atoi(classes) : 1000;
        begin_config(&long_run[i], i ? "0.5" : "0.05", (uint64_t)i, NULL, 0);
        write_data(&long_run[i], "aa", 0);
        for (uint64_t ep = 1; ep <= 300; ep++)
            write_epoch(&long_run[i], ep, 40 + (double)ep / 10 + i, 2 - 0.005 * (double)ep);
        write_eig(&long_run[i], 100, 3, -4);
        end_run(&long_run[i]);
    }
    const double begin = cpu_ms();
    struct comparison *c = open_runs((const char *const[]){ "long-a", "long-b" }, 2, &err);
    assert_non_null(c);
    const double opened = cpu_ms();
    struct comparison_gain *gain = malloc(sizeof *gain * (size_t)long_run[0].classes);
    static const char *const metrics[] = { "acc", "tail", "loss", "acc:c999", "step_loss", "lmin:c3" };
    for (int m = 0; m < 6; m++)
        assert_true(comparison_add_metric(c, metrics[m], &err) >= 0);
    look(c, gain);
    const double first = cpu_ms();
    comparison_seek(c, 150);
    look(c, gain);
    const double sought = cpu_ms();
    print_message("2 runs, 300 epochs, %d classes: open %.0f ms, first frame %.2f ms, seek and frame %.2f ms of CPU\n", long_run[0].classes, opened - begin,
                  first - opened, sought - first);
    assert_true(first - opened < 500 && sought - first < 500); /* ten times what it may take: this machine may be slow or watched over */
    assert_true(comparison_at(c, 1, 0).value == 56);
    free(gain);
    comparison_close(c);
}

/* Last: the parent goes. */
static void an_ancestor_that_is_gone_is_said(void **state)
{
    (void)state;
    char dir[1024];
    struct err err = { 0 };
    at("b", dir);
    scratch_remove(dir);
    struct comparison *c = open_runs((const char *const[]){ "a", "c" }, 2, &err);
    assert_non_null(c);
    assert_string_equal(comparison_note(c, 0), "c is known from epoch 18 on: it goes on from b@18, which is not here");
    assert_true(comparison_begin(c, 1) == 18);
    const int acc = comparison_add_metric(c, "acc", &err);
    assert_int_equal(comparison_series(c, 1, acc).n, 1);
    comparison_close(c);
}

static int make_family(void **state)
{
    make_root(state);
    record_family();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fork_is_one_line_with_its_parent),
        cmocka_unit_test(values_are_as_of_the_cursor),
        cmocka_unit_test(of_equal_bests_the_first_counts),
        cmocka_unit_test(knobs_that_differ_tell_when),
        cmocka_unit_test(many_values_are_counted),
        cmocka_unit_test(marks_are_those_of_the_line),
        cmocka_unit_test(what_was_done_at_the_fork_is_the_parents),
        cmocka_unit_test(classes_are_sorted_by_gain),
        cmocka_unit_test(densities_share_an_axis),
        cmocka_unit_test(a_density_is_told_cell_by_cell),
        cmocka_unit_test(what_is_measured_otherwise_is_another_number),
        cmocka_unit_test(a_held_metric_changes_where_it_was_changed),
        cmocka_unit_test(bad_metrics_are_told),
        cmocka_unit_test(what_cannot_be_compared_is_told),
        cmocka_unit_test(a_live_run_grows),
        cmocka_unit_test(a_parent_that_was_taken_up_again_is_in_doubt),
        cmocka_unit_test(a_long_run_of_many_classes_is_looked_at_quickly),
        cmocka_unit_test(an_ancestor_that_is_gone_is_said),
    };
    return cmocka_run_group_tests_name("unit/comparison", tests, make_family, remove_root);
}
