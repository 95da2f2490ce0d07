/* All that the fold keeps of a run, told field by field: as it grows, as a new timeline cuts each of its lists, as it goes on from there. And
 * the traces, whose bins widen and are cut within. */
#include "config.h"
#include "held.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "session/fold.h"
#include "session/history.h"
#include "sessions.h"

static struct history h;

static void fold(struct event *e)
{
    e->ns = 1000000000 + e->step * 50000000;
    history_fold(&h, e);
    event_unref(e);
}

/* --- telling ---------------------------------------------------------------------------------------------------------- */

static void tell_number(const char *name, double value)
{
    if (isnan(value))
        fprintf(held, " %s=-", name);
    else
        fprintf(held, " %s=%.9g", name, value);
}

static void tell_trace(const char *name, const struct history_trace *t)
{
    fprintf(held, "  %s: from %" PRIu64 ", %" PRIu32 " of %" PRIu32 ", %" PRIu32 " wide, %" PRIu32 " in the last:", name, t->first_step, t->n, t->cap, t->width, t->filled);
    for (uint32_t i = 0; i < t->n; i++)
        if (isnan(t->bin[i].last))
            fprintf(held, " -");
        else
            fprintf(held, " %.6g", (double)t->bin[i].last);
    fprintf(held, "\n");
}

static void tell_eig(const struct history_eig *e)
{
    fprintf(held, "  eig %" PRIu32 " of step %" PRIu64 " at %.4g:", e->class, e->step, e->epoch);
    tell_number("lmin", e->lmin);
    tell_number("lmax", e->lmax);
    fprintf(held, " %" PRIu32 "/%" PRIu32 " products, %" PRIu32 " nodes, how '%s'", e->iters, e->of, e->n_nodes, e->how);
    for (uint32_t i = 0; i < e->n_nodes; i++)
        fprintf(held, " %g:%g", e->nodes[i], e->wts[i]);
    fprintf(held, "\n");
}

static void tell_evals(void)
{
    for (size_t i = 0; i < h.n_eval; i++) {
        const struct history_eval *e = &h.eval[i];
        fprintf(held, "  eval %" PRIu64 " at %.4g, wall %" PRIu64 ":", e->step, e->epoch, e->wall_ns);
        tell_number("acc", e->acc);
        tell_number("loss", e->loss);
        for (int g = 0; g < 4; g++)
            tell_number("", e->group[g]);
        for (int k = 0; k < h.n_classes; k++)
            fprintf(held, " %.4g|%.4g", history_class_acc(&h, i, k), (double)(e->conf ? e->conf[k * h.n_classes + k] : 0));
        fprintf(held, "\n");
    }
    for (int k = 0; k < h.n_classes; k++) {
        fprintf(held, "  class %d:", k);
        tell_number("change", history_class_delta(&h, k, 1));
        tell_number("over two", history_class_delta(&h, k, 2));
        fprintf(held, "\n");
    }
}

static void tell_lists(void)
{
    for (size_t i = 0; i < h.n_eig; i++)
        tell_eig(&h.eig[i]);
    if (h.has_live)
        tell_eig(&h.live);
    for (int m = 0; m < MEASURES; m++)
        for (size_t i = 0; i < h.result[m].n; i++)
            fprintf(held, "  result %d: class %" PRIu32 " of step %" PRIu64 " at %.4g, %" PRIu32 " rows\n", m, h.result[m].at[i].class, h.result[m].at[i].step,
                    h.result[m].at[i].epoch, h.result[m].at[i].n);
    for (size_t i = 0; i < h.n_mark; i++)
        fprintf(held, "  mark %c%s of step %" PRIu64 " at %.4g: %s\n", h.mark[i].letter, h.mark[i].by_hand ? "" : " by itself", h.mark[i].step, h.mark[i].epoch, h.mark[i].text);
    for (size_t i = 0; i < h.n_set; i++) {
        char text[KNOB_TEXT_MAX];
        knob_format(h.set[i].knob, &h.set[i].before, text, sizeof text);
        fprintf(held, "  set %s of step %" PRIu64 ", before it %s\n", knob_table[h.set[i].knob].name, h.set[i].step, text);
    }
    for (size_t i = 0; i < h.n_status; i++)
        fprintf(held, "  status of step %" PRIu64 ": %g s of %" PRIu64 " steps\n", h.status[i].step, h.status[i].eta_s, h.status[i].total_steps);
}

static size_t lines_told;

static void tell(const char *when)
{
    fprintf(held, "%s: step %" PRIu64 ", epoch %.6g, reach %" PRIu64 ", '%s' '%s', %" PRIu64 " steps, %" PRIu64 " climbed, %" PRIu64 " changes%s\n", when, h.step, h.epoch, h.reach,
            h.state, h.why, h.n_steps, h.n_climbed, h.changes, h.drw_on ? ", drw on" : "");
    tell_number("loss", (double)h.loss);
    tell_number("up", (double)h.loss_up);
    tell_number("speed", h.images_per_s);
    tell_number("best", h.best);
    tell_number("best_epoch", h.best_epoch);
    tell_number("eta", history_eta(&h));
    fprintf(held, ", progress '%s' %" PRIu64 "/%" PRIu64 "\n", h.progress_what, h.progress_done, h.progress_of);
    tell_trace("loss", &h.loss_trace);
    tell_trace("lr", &h.lr_trace);
    tell_trace("rho", &h.rho_trace);
    tell_trace("gn", &h.gn_trace);
    for (int i = 0; i < GAUGES; i++)
        tell_trace(event_table[EVENT_GAUGE].field[i].key, &h.gauge[i]);
    tell_evals();
    tell_lists();
    for (int k = 0; k < KNOB_COUNT; k++)
        if (h.knobs.by_hand[k])
            fprintf(held, "  %s by hand\n", knob_table[k].name);
    for (; lines_told < h.n_line; lines_told++)
        fprintf(held, "  line %c %.4g %" PRIu64 ": %s\n", h.line[lines_told].level, h.line[lines_told].epoch, h.line[lines_told].wall_ns, h.line[lines_told].text);
}

/* --- what happens ------------------------------------------------------------------------------------------------------ */

static void begins(void)
{
    static const char *const knobs[] = { "rho=0.1", "drw=2", "weights=effective", "opt=sam", "batch=10", "epochs=6" };
    static const char *const classes[] = { "ant", "bee", "cat" }, *const groups[] = { "head", "mid", "tail" };
    static const uint32_t counts[] = { 30, 10, 4 }, tests[] = { 5, 7, 9 }, group_of[] = { 0, 1, 2 };
    struct event *e = event_new(EVENT_OPEN, 0);
    event_set_u64(e, EV_OPEN_WALL, UINT64_C(1718000000000000000));
    event_set_u64(e, EV_OPEN_SEGMENT, 1);
    fold(e);
    e = event_new(EVENT_CONFIG, 0);
    event_set_strs(e, EV_CONFIG_KNOBS, knobs, 6);
    event_set_str(e, EV_CONFIG_NAME, "run");
    fold(e);
    e = data_event(4);
    event_set_strs(e, EV_DATA_CLASSES, classes, 3);
    event_set_strs(e, EV_DATA_GROUPS, groups, 3);
    event_set_u32s(e, EV_DATA_COUNTS, counts, 3);
    event_set_u32s(e, EV_DATA_TEST_COUNTS, tests, 3);
    event_set_u32s(e, EV_DATA_GROUP_OF, group_of, 3);
    fold(e);
}

/* Each number of a step is another one, and changes from step to step; the gauges are not told at every step. */
static void steps(uint64_t from, uint64_t to, double more)
{
    for (uint64_t s = from; s <= to; s++) {
        struct event *e = step_event(s, more + 2 - (double)s / 16);
        event_set_f64(e, EV_STEP_LOSS_UP, s % 5 ? more + 3 + (double)s : NAN);
        event_set_f64(e, EV_STEP_GN, more + 100 + (double)s);
        event_set_f64(e, EV_STEP_LR, more + 200 + (double)s);
        event_set_f64(e, EV_STEP_RHO, more + 300 + (double)s);
        event_set_f64(e, EV_STEP_MS, 50);
        fold(e);
        e = event_new(EVENT_GAUGE, s);
        for (int i = 0; i < GAUGES; i++)
            event_set_f64(e, i, s % 4 == (uint64_t)i ? NAN : more + 1000 * (i + 1) + (double)s);
        fold(e);
    }
}

static void command(uint64_t step, const char *key, const char *value, const char *old, const char *by)
{
    struct event *e = event_new(EVENT_CMD, step);
    event_set_str(e, EV_CMD_OP, "set");
    event_set_str(e, EV_CMD_KEY, key);
    event_set_str(e, EV_CMD_VALUE, value);
    event_set_str(e, EV_CMD_OLD, old);
    event_set_str(e, EV_CMD_BY, by);
    event_set_str(e, EV_CMD_TXT, "as typed");
    event_set_f64(e, EV_CMD_EP, (double)step / 4);
    fold(e);
}

static void evaluation(uint64_t step, const char *split, double acc)
{
    const double groups[] = { acc + 10, acc, acc - 10 };
    const float cls[] = { (float)acc + 20, (float)acc + 1, (float)acc - 21 };
    const uint32_t conf[] = { (uint32_t)acc, 1, 2, 3, (uint32_t)acc + 1, 5, 6, 7, (uint32_t)acc + 2 };
    struct event *e = event_new(EVENT_EPOCH, step);
    event_set_f64(e, EV_EPOCH_EP, (double)step / 4);
    event_set_str(e, EV_EPOCH_SPLIT, split);
    event_set_f64(e, EV_EPOCH_ACC, acc);
    event_set_f64(e, EV_EPOCH_LOSS, acc / 64);
    event_set_f64s(e, EV_EPOCH_GROUPS, groups, 3);
    event_set_f32s(e, EV_EPOCH_CLS, cls, 3);
    event_set_u32s(e, EV_EPOCH_CONF, conf, 9);
    if (acc != 44) {
        event_set_f64(e, EV_EPOCH_BEST, acc + 1);
        event_set_f64(e, EV_EPOCH_BEST_EP, (double)step / 4 - 0.5);
    }
    fold(e);
}

/* Of the weights of step `of`, told at `step`. */
static void probe(uint64_t step, uint64_t of, uint64_t class, double lmin, const char *how)
{
    const double nodes[] = { lmin, 0, 40 }, wts[] = { 0.125, 0.625, 0.25 };
    struct event *e = event_new(EVENT_EIG, step);
    event_set_u64(e, EV_EIG_OF, of);
    event_set_f64(e, EV_EIG_EP, (double)of / 4);
    event_set_u64(e, EV_EIG_CLASS, class);
    event_set_f64(e, EV_EIG_LMIN, lmin);
    event_set_f64(e, EV_EIG_LMAX, 40);
    event_set_u64(e, EV_EIG_ITERS, 20 + class);
    event_set_str(e, EV_EIG_HOW, how);
    event_set_f64s(e, EV_EIG_NODES, nodes, 3);
    event_set_f64s(e, EV_EIG_WTS, wts, 3);
    fold(e);
}

static void progress(uint64_t step, uint64_t class, uint64_t done, double lmin)
{
    const double nodes[] = { lmin, 9 }, wts[] = { 0.25, 0.75 };
    struct event *e = event_new(EVENT_PROGRESS, step);
    event_set_str(e, EV_PROGRESS_WHAT, "hessian");
    event_set_u64(e, EV_PROGRESS_CLASS, class);
    event_set_u64(e, EV_PROGRESS_DONE, done);
    event_set_u64(e, EV_PROGRESS_OF, 20);
    event_set_f64(e, EV_PROGRESS_LMIN, lmin);
    event_set_f64(e, EV_PROGRESS_LMAX, 9);
    if (done != 6) {
        event_set_f64s(e, EV_PROGRESS_NODES, nodes, 2);
        event_set_f64s(e, EV_PROGRESS_WTS, wts, 2);
    }
    fold(e);
}

static void margin(uint64_t step, uint64_t class)
{
    struct event *e = event_new(EVENT_MARGIN, step);
    event_set_u64(e, EV_MARGIN_OF, step - 1);
    event_set_f64(e, EV_MARGIN_EP, (double)(step - 1) / 4);
    event_set_u64(e, EV_MARGIN_CLASS, class);
    event_set_str(e, EV_MARGIN_SPLIT, "test");
    event_set_f64(e, EV_MARGIN_MEAN, 0.5);
    fold(e);
}

static void status(uint64_t step, double eta, uint64_t total)
{
    struct event *e = event_new(EVENT_STATUS, step);
    event_set_f64(e, EV_STATUS_ETA, eta);
    event_set_u64(e, EV_STATUS_TOTAL, total);
    fold(e);
}

static void state(uint64_t step, const char *to, const char *why)
{
    struct event *e = event_new(EVENT_STATE, step);
    event_set_str(e, EV_STATE_STATE, to);
    event_set_str(e, EV_STATE_WHY, why);
    event_set_f64(e, EV_STATE_EP, (double)step / 4);
    fold(e);
}

static void snapshot(uint64_t step, const char *name, bool pinned)
{
    struct event *e = event_new(EVENT_SNAP, step);
    event_set_str(e, EV_SNAP_NAME, name);
    event_set_u64(e, EV_SNAP_PINNED, pinned);
    event_set_f64(e, EV_SNAP_EP, (double)step / 4);
    event_set_u64(e, EV_SNAP_BYTES, 2500000);
    fold(e);
}

static void branch(uint64_t step)
{
    struct event *e = event_new(EVENT_BRANCH, step);
    event_set_u64(e, EV_BRANCH_TIMELINE, 1);
    event_set_str(e, EV_BRANCH_WHY, "asked for");
    fold(e);
}

static void first_epochs(void)
{
    state(0, "training", "");
    steps(1, 4, 0);
    evaluation(4, "test", 40);
    evaluation(4, "train", 90);
    snapshot(4, "first", true);
    command(4, "lr", "0.2", "0.1", "user");
    steps(5, 6, 0);
    command(6, "rho", "0.3", "0.1", "schedule");
    status(6, 30, 24);
    steps(7, 8, 0);
    evaluation(8, "test", 44);
    probe(8, 8, 2, -3, "");
    probe(9, 8, 1, -5, "test images");
    margin(9, 0);
    snapshot(8, "second", false);
    steps(9, 9, 0);
    status(9, 25, 24);
    command(9, "momentum", "0.8", "0.9", "user");
    probe(9, 9, 0, -4, "");
    margin(10, 2);
    steps(10, 10, 0);
    status(10, 20, 24);
    command(10, "rho", "0.4", "0.3", "auto");
    progress(10, 1, 3, -2);
    progress(10, 1, 6, -2.5);
}

static void a_run_that_is_taken_up_in_its_middle(void **unused)
{
    (void)unused;
    held_begin();
    history_init(&h);
    begins();
    first_epochs();
    tell("ten steps");
    progress(10, 2, 8, -7);
    probe(10, 10, 1, -6, "");
    tell("another class is measured");
    probe(11, 10, 2, -8, "");
    steps(11, 13, 0);
    evaluation(12, "test", 50);
    evaluation(12, "test", 51);
    margin(12, 1);
    margin(13, 2);
    snapshot(12, "third", false);
    snapshot(8, "second", true);
    command(12, "drw", "1", "2", "user");
    fold(note_event(13, "later"));
    status(13, 11, 24);
    command(13, "lr", "0.05", "0.2", "user");
    progress(13, 0, 5, -1);
    state(13, "paused", "asked for");
    tell("thirteen steps");
    branch(9);
    tell("back at step 9");
    steps(10, 12, 0.5);
    evaluation(12, "val", 60);
    tell("on from there");
    steps(13, 14, 0.5);
    branch(12);
    tell("back at an evaluation");
    branch(12);
    tell("back to where it is");
    branch(2);
    tell("back at step 2");
    command(2, "drw", "9", "1", "user");
    steps(3, 5, 4);
    command(5, "drw", "1", "9", "user");
    steps(6, 6, 4);
    state(6, "diverged", "the loss is nan");
    tell("on from there");
    const uint64_t changes = h.changes;
    history_clear(&h);
    lines_told = 0;
    assert_true(h.changes == changes + 1);
    tell("emptied");
    history_release(&h);
    held_end("history");
}

/* --- traces ------------------------------------------------------------------------------------------------------------ */

static void put_trace(const char *when, const struct history_trace *t)
{
    static float number[3 * 4096];
    for (uint32_t i = 0; i < t->n; i++) {
        const float three[] = { t->bin[i].min, t->bin[i].max, t->bin[i].last };
        for (int k = 0; k < 3; k++)
            number[3 * i + (uint32_t)k] = isnan(three[k]) ? -12345 : three[k];
    }
    fprintf(held, "%s: from %" PRIu64 ", %" PRIu32 " bins of %" PRIu32 ", %" PRIu32 " in the last,", when, t->first_step, t->n, t->width, t->filled);
    held_bytes(number, 3 * t->n * sizeof *number);
    for (uint32_t i = t->n > 3 ? t->n - 3 : 0; i < t->n; i++)
        fprintf(held, " %g..%g>%g", (double)number[3 * i], (double)number[3 * i + 1], (double)number[3 * i + 2]);
    fprintf(held, "\n");
}

/* Of three steps one is not a number, in turns: each place of a bin. */
static float value_of(uint64_t step)
{
    return step % 7 == 3 || step % 11 == 4 || step % 64 < 5 ? NAN : (float)(step * 7919 % 1009);
}

static void add_steps(struct history_trace *t, uint64_t from, uint64_t to)
{
    for (uint64_t s = from; s <= to; s++)
        assert_true(trace_add(t, s, value_of(s)));
}

static void traces_that_widen_and_are_cut(void **unused)
{
    static const uint64_t cuts[] = { 20000, 19999, 19998, 19990, 19985, 19984, 19983, 12345, 5001, 105, 104, 103 };
    struct history_trace t = { 0 };
    (void)unused;
    held_begin();
    trace_cut(&t, 50);
    put_trace("nothing", &t);
    add_steps(&t, 101, 4196);
    put_trace("full", &t);
    add_steps(&t, 4197, 4197);
    put_trace("one more", &t);
    add_steps(&t, 4198, 4200);
    put_trace("four more", &t);
    add_steps(&t, 4190, 4201);
    put_trace("known already but the last", &t);
    assert_true(trace_add(&t, 4204, 5));
    put_trace("a gap within a bin and over one", &t);
    assert_true(trace_add(&t, 12000, 6) && trace_add(&t, 12003, 7));
    put_trace("a gap over many", &t);
    add_steps(&t, 12004, 20000);
    put_trace("twenty thousand", &t);
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        char when[32];
        trace_cut(&t, cuts[i]);
        snprintf(when, sizeof when, "cut at %" PRIu64, cuts[i]);
        put_trace(when, &t);
        if (i % 2)
            add_steps(&t, cuts[i] + 1, cuts[i] + 5);
        put_trace("on", &t);
    }
    trace_cut(&t, 40);
    put_trace("cut before its first", &t);
    add_steps(&t, 41, 46);
    put_trace("on", &t);
    trace_release(&t);
    put_trace("released", &t);
    held_end("traces");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_that_is_taken_up_in_its_middle),
        cmocka_unit_test(traces_that_widen_and_are_cut),
    };
    return cmocka_run_group_tests_name("unit/held_history", tests, NULL, NULL);
}
