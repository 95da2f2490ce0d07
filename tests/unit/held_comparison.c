/* All that a comparison of six runs tells, at several cursors: a run, its fork and the fork's fork, a repeat of it with another seed, one of other
 * classes whose numbers are not all finite, one that is recorded meanwhile. */
#include "config.h"
#include "compared.h"
#include "held.h"

#include <math.h>
#include <string.h>

enum { RUNS = 6, CELLS = 6 };

static struct written one = { .name = "one", .classes = 4 }, fork_of_one = { .name = "two", .classes = 4 }, third = { .name = "three", .classes = 4 },
                      again = { .name = "one", .classes = 4 }, others = { .name = "others", .classes = 5 }, live = { .name = "live", .classes = 4 };

/* As write_eig(), measured in another way, or told later than the weights were there. */
static void odd_eig(struct written *w, uint64_t step, uint64_t of, uint64_t class, double lmin, const char *how, bool nodes)
{
    const double node[] = { lmin, 1, 30 }, wts[] = { 0.25, 0.5, 0.25 };
    struct event *e = event_new(EVENT_EIG, step);
    event_set_u64(e, EV_EIG_OF, of);
    event_set_f64(e, EV_EIG_EP, (double)of / SPE);
    event_set_u64(e, EV_EIG_CLASS, class);
    event_set_f64(e, EV_EIG_LMIN, lmin);
    event_set_f64(e, EV_EIG_LMAX, 30);
    event_set_str(e, EV_EIG_HOW, how);
    if (nodes) {
        event_set_f64s(e, EV_EIG_NODES, node, 3);
        event_set_f64s(e, EV_EIG_WTS, wts, 3);
    }
    send_event(&w->sink, e);
}

static void watch(struct written *w, uint64_t step, const char *classes)
{
    struct event *e = event_new(EVENT_CMD, step);
    event_set_str(e, EV_CMD_OP, "watch");
    event_set_str(e, EV_CMD_KEY, classes);
    event_set_str(e, EV_CMD_BY, "user");
    event_set_str(e, EV_CMD_TXT, "watch");
    event_set_f64(e, EV_CMD_EP, (double)step / SPE);
    send_event(&w->sink, e);
}

static void record_all(char first[1100])
{
    char dir[1024];
    struct err err;
    begin_config(&one, "0.05", 1, NULL, 0);
    write_data(&one, "aa", 0);
    watch(&one, 0, "1 3");
    for (uint64_t ep = 1; ep <= 6; ep++) {
        if (ep == 3)
            write_set(&one, 20, "rho", "0.1", "0.05");
        write_epoch(&one, ep, 40 + 3 * (double)(ep % 4), 2 - 0.125 * (double)ep);
        odd_eig(&one, ep * SPE, ep * SPE, 3, -10 + (double)ep, "", ep != 5);
        if (ep == 4) {
            odd_eig(&one, 40, 40, 3, -77, "test images", true);
            odd_eig(&one, 40, 35, 2, -4, "", true);
            odd_eig(&one, 40, 33, 2, -5, "", true);
        }
    }
    end_run(&one);
    at("one", dir);
    snprintf(first, 1100, "%s-first.saddle", dir);
    assert_int_equal(rename(dir, first), 0);
    begin_config(&fork_of_one, "0.1", 1, &one, 40);
    write_data(&fork_of_one, "aa", 0);
    write_set(&fork_of_one, 40, "lr", "0.025", "0.1");
    for (uint64_t ep = 5; ep <= 8; ep++)
        write_epoch(&fork_of_one, ep, 60 - (double)ep, 1);
    odd_eig(&fork_of_one, 60, 60, 3, -2, "", true);
    end_run(&fork_of_one);
    begin_config(&third, "0.1", 1, &fork_of_one, 60);
    write_data(&third, "aa", 0);
    write_epoch(&third, 7, 70, 0.5);
    write_set(&third, 70, "rho", "0.8", "0.1");
    write_epoch(&third, 8, 69, 0.5);
    end_run(&third);
    begin_config(&again, "0.05", 2, NULL, 0);
    write_data(&again, "aa", 0);
    for (uint64_t ep = 1; ep <= 5; ep++) {
        if (ep == 3)
            write_set(&again, 20, "rho", "0.1", "0.05");
        write_epoch(&again, ep, 41 + (double)ep, 2);
    }
    end_run(&again);
    begin_config(&others, "0.05", 1, NULL, 0);
    write_data(&others, "bb", 2);
    for (uint64_t ep = 1; ep <= 4; ep++)
        write_epoch(&others, ep, ep == 2 || ep == 4 ? NAN : 30 + (double)ep, ep == 3 ? INFINITY : 1);
    odd_eig(&others, 30, 30, 1, -20, "", true); /* c3 */
    end_run(&others);
    begin_config(&live, "0.05", 3, NULL, 0);
    write_data(&live, "aa", 0);
    write_epoch(&live, 1, 50, 1);
    assert_int_equal(live.sink.sync(live.sink.ctx, &err), 0);
}

static void tell_value(const char *name, struct comparison_value v)
{
    if (isnan(v.epoch))
        fprintf(held, " %s - of %zu", name, v.of);
    else
        fprintf(held, " %s %.6g@%.4g (step %" PRIu64 ", of %zu)", name, isnan(v.value) ? fabs(v.value) : v.value, v.epoch, v.step, v.of);
}

static void tell_number(const char *name, double value)
{
    if (isnan(value))
        fprintf(held, " %s -", name);
    else
        fprintf(held, " %s %.6g", name, value);
}

static void tell_points(const struct metric_point *at, size_t n)
{
    for (size_t i = 0; i < n && i < 12; i++)
        fprintf(held, " %.4g:%.6g", at[i].epoch, isnan(at[i].value) ? fabs(at[i].value) : at[i].value);
}

static void tell_metrics(struct comparison *c, int run, bool series)
{
    for (int m = 0; m < comparison_metrics(c); m++) {
        const struct comparison_series s = comparison_series(c, run, m), curve = comparison_curve(c, run, m);
        fprintf(held, "  %s:", comparison_metric(c, m)->label);
        tell_value("last", comparison_at(c, run, m));
        tell_value("best", comparison_best(c, run, m));
        tell_number("change", comparison_delta(c, run, m));
        fprintf(held, ", %zu and %zu of %zu and %zu\n", comparison_reached(c, run, &s), comparison_reached(c, run, &curve), s.n, curve.n);
        if (!series)
            continue;
        fprintf(held, "    own from %zu:", s.own);
        tell_points(s.at, s.n);
        fprintf(held, "; lost");
        tell_points(s.lost, s.n_lost);
        fprintf(held, "\n");
    }
}

static void tell_run(struct comparison *c, int run, const enum knob_id *knob, int knobs)
{
    char from[64], text[KNOB_TEXT_MAX];
    struct comparison_gain gain[8];
    comparison_lineage(c, run, from, sizeof from);
    fprintf(held, " %.5s: %.6g to %.6g, own from %.6g, goes on from '%s', cursor %.6g%s, repeats %x, one with", comparison_name(c, run), comparison_begin(c, run),
            comparison_end(c, run), comparison_birth(c, run), from, comparison_cursor(c, run), comparison_is_past(c, run) ? " past" : "", comparison_repeats(c, run));
    for (int i = 0; i < RUNS; i++)
        tell_number("", comparison_shared(c, run, i));
    fprintf(held, "\n");
    for (int k = 0; k < knobs; k++) {
        comparison_knob_text(c, run, knob[k], text, sizeof text);
        fprintf(held, "  %s %s\n", knob_table[knob[k]].name, text);
    }
    for (const struct history_mark *m = NULL; (m = comparison_next_mark(c, run, m));)
        fprintf(held, "  mark %c@%.4g\n", m->letter, m->epoch);
    const int n = comparison_gains(c, run, gain);
    for (int i = 0; i < n; i++)
        fprintf(held, "  class %d here %d: %.6g, %.6g, %+.6g\n", gain[i].class, comparison_class(c, run, gain[i].class), gain[i].before, gain[i].after, gain[i].gain);
    for (int k = 0; k < 4; k++) {
        const struct history_eig *e = comparison_spectrum(c, run, k);
        if (e)
            fprintf(held, "  spectrum of %d: lmin %g of step %" PRIu64 ", %" PRIu32 " nodes\n", k, e->lmin, e->step, e->n_nodes);
    }
}

static void tell_densities(struct comparison *c)
{
    bool all[] = { true, true, true, true };
    const struct comparison_view view[] = { { .classes = NULL }, { .classes = all } };
    double low, high, density[RUNS * CELLS];
    int class[4];
    for (int v = 0; v < 2; v++) {
        const int n = comparison_density_classes(c, &view[v], class, 4);
        fprintf(held, " densities of");
        for (int i = 0; i < n; i++)
            fprintf(held, " %d", class[i]);
        fprintf(held, ", at most one: %d\n", comparison_density_classes(c, &view[v], class, 1));
    }
    for (int k = 0; k < 4; k++) {
        const int n = comparison_densities(c, k, CELLS, &low, &high, density);
        fprintf(held, " class %d: %d runs have one", k, n);
        for (int i = 0; n && i < RUNS * CELLS; i++)
            fprintf(held, "%s%.4f", i % CELLS ? " " : "; ", density[i] < 5e-5 ? 0 : density[i]);
        if (n)
            fprintf(held, ", %.6g to %.6g", low, high);
        fprintf(held, "\n");
    }
}

static void tell(struct comparison *c, const char *when, bool series)
{
    enum knob_id knob[KNOB_COUNT];
    const int knobs = comparison_knobs(c, knob);
    fprintf(held, "%s: ends %.6g, cursors to %.6g\n", when, comparison_latest_end(c), comparison_latest_cursor(c));
    for (int i = 0; i < RUNS; i++) {
        tell_run(c, i, knob, knobs);
        tell_metrics(c, i, series);
    }
    tell_densities(c);
}

static void what_is_told_of_six_runs(void **state)
{
    static const char *const metrics[] = { "acc", "loss", "tail", "acc:c2", "rho", "lmin:c3", "lmin:c2" };
    static const double cursors[] = { 1, 3.3, 4, 5, 6, 7, INFINITY };
    char dir[RUNS][1100];
    const char *dirs[RUNS];
    struct err err = { 0 };
    (void)state;
    record_all(dir[0]);
    at("two", dir[1]);
    at("one", dir[2]);
    at("others", dir[3]);
    at("three", dir[4]);
    at("live", dir[5]);
    for (int i = 0; i < RUNS; i++)
        dirs[i] = dir[i];
    struct comparison *c = comparison_open(dirs, RUNS, NULL, &err);
    assert_string_equal(err.text, "");
    held_begin();
    for (int i = 0; comparison_note(c, i); i++)
        fprintf(held, "note: %s\n", comparison_note(c, i));
    for (size_t m = 0; m < sizeof metrics / sizeof *metrics; m++)
        assert_int_equal(comparison_add_metric(c, metrics[m], &err), (int)m);
    tell(c, "as they are", true);
    for (size_t i = 0; i < sizeof cursors / sizeof *cursors; i++) {
        char when[32];
        comparison_seek(c, cursors[i]);
        snprintf(when, sizeof when, "at %g", cursors[i]);
        if (i < 6)
            tell(c, when, false);
    }
    write_epoch(&live, 2, 55, 0.75);
    write_eig(&live, 20, 3, -6);
    assert_int_equal(live.sink.sync(live.sink.ctx, &err), 0);
    assert_int_equal(comparison_follow(c, &err), 1);
    fprintf(held, "what is recorded has grown\n");
    tell_run(c, 5, NULL, 0);
    tell_metrics(c, 5, true);
    comparison_drop_metrics(c);
    assert_true(comparison_add_metric(c, "loss", &err) == 0 && comparison_add_metric(c, "step_loss", &err) == 1);
    fprintf(held, "other metrics in their places\n");
    for (int i = 0; i < RUNS; i++)
        tell_metrics(c, i, true);
    comparison_close(c);
    held_end("comparison");
    end_run(&live);
}

/* Which of three it is, the first, the second or the last, that has a name of its own. */
static void runs_of_one_name_are_told_by_their_ids(void **state)
{
    static struct written single = { .name = "single", .classes = 4 };
    static const int order[3][3] = { { 0, 1, 2 }, { 2, 0, 1 }, { 0, 2, 1 } };
    static struct written twin[2] = { { .name = "twin", .classes = 4 }, { .name = "twin", .classes = 4 } };
    const struct written *const run[] = { &twin[0], &twin[1], &single };
    char dir[3][1100], away[256], path[1024];
    struct err err = { 0 };
    (void)state;
    scratch_make(away);
    for (int i = 0; i < 3; i++) {
        struct written *w = i < 2 ? &twin[i] : &single;
        begin_config(w, "0.05", 1, NULL, 0);
        write_data(w, "aa", 0);
        write_epoch(w, 1, 50, 1);
        end_run(w);
        at(w->name, path);
        snprintf(dir[i], sizeof dir[i], "%s", path);
        if (i == 0) {
            snprintf(dir[0], sizeof dir[0], "%s/twin.saddle", away);
            assert_int_equal(rename(path, dir[0]), 0);
        }
    }
    for (int k = 0; k < 3; k++) {
        const char *dirs[3] = { dir[order[k][0]], dir[order[k][1]], dir[order[k][2]] };
        struct comparison *c = comparison_open(dirs, 3, NULL, &err);
        assert_non_null(c);
        for (int i = 0; i < 3; i++) {
            char name[64];
            const struct written *w = run[order[k][i]];
            if (w == &single)
                snprintf(name, sizeof name, "%s", w->name);
            else
                snprintf(name, sizeof name, "%s r%.5s", w->name, w->id);
            assert_string_equal(comparison_name(c, i), name);
        }
        comparison_close(c);
    }
    scratch_remove(away);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_told_of_six_runs),
        cmocka_unit_test(runs_of_one_name_are_told_by_their_ids),
    };
    return cmocka_run_group_tests_name("unit/held_comparison", tests, make_root, remove_root);
}
