/* The fold: what a screen shows of each event, in the words of the design, and nothing a stranger's file could abuse. */
#include "config.h"
#include "check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "engine/stages.h"
#include "history_fold.h"
#include "session/csv.h"
#include "session/history.h"
#include "session/metric.h"
#include "session/rows.h"
#include "sessions.h"

static void fold_eval(uint64_t step, double ep, double acc, double tail, float truck)
{
    const double groups[] = { 93.1, 80, tail };
    const float cls[] = { 93.1f, 80, truck }, loss[] = { 0.25f, 0.5f, 2.5f }, trained[] = { 0.125f, NAN, 0.0625f };
    const uint32_t conf[] = { 90, 5, 5, 10, 80, 10, 20, 10, 70 };
    struct event *e = event_new(EVENT_EPOCH, step);
    event_set_f64(e, EV_EPOCH_EP, ep);
    event_set_str(e, EV_EPOCH_SPLIT, "test");
    event_set_f64(e, EV_EPOCH_ACC, acc);
    event_set_f64s(e, EV_EPOCH_GROUPS, groups, 3);
    event_set_f32s(e, EV_EPOCH_CLS, cls, 3);
    event_set_f32s(e, EV_EPOCH_CLS_LOSS, loss, 3);
    event_set_f32s(e, EV_EPOCH_TRAIN_CLS_LOSS, trained, 3);
    event_set_u32s(e, EV_EPOCH_CONF, conf, 9);
    event_set_f64(e, EV_EPOCH_BEST, 81);
    event_set_f64(e, EV_EPOCH_BEST_EP, 161);
    fold(e);
}

static struct event *command(uint64_t step, double ep, const char *op, const char *key, const char *value, const char *old)
{
    struct event *e = event_new(EVENT_CMD, step);
    event_set_str(e, EV_CMD_OP, op);
    event_set_str(e, EV_CMD_KEY, key);
    event_set_str(e, EV_CMD_VALUE, value);
    event_set_str(e, EV_CMD_OLD, old);
    event_set_str(e, EV_CMD_BY, "user");
    event_set_str(e, EV_CMD_TXT, "as typed");
    event_set_f64(e, EV_CMD_EP, ep);
    return e;
}

static void the_run_is_described(void **state)
{
    (void)state;
    assert_string_equal(h.name, "run");
    assert_int_equal(h.n_classes, 3);
    assert_string_equal(h.cls[2].name, "truck");
    assert_int_equal(h.cls[0].group, 0);
    assert_int_equal(h.cls[2].group, 2);
    assert_true(h.cls[0].n == 500 && h.cls[0].n_test == 100 && h.cls[2].n == 20 && h.cls[2].n_test == 100);
    assert_string_equal(h.group_name[2], "tail");
    assert_true(knob_num(&h.knobs, KNOB_BATCH) == 128);
    assert_int_equal(h.steps_per_epoch, 97);
}

static void a_knob_change_makes_a_line_and_a_mark(void **state)
{
    (void)state;
    fold(command(15820, 163.1, "set", "rho", "0.5", "0.1"));
    assert_last_line("set rho 0.5 (was 0.1) from step 15821, ep 163.1");
    assert_int_equal(h.n_mark, 1);
    assert_int_equal(h.mark[0].letter, 'R');
    assert_true(h.mark[0].by_hand && h.knobs.by_hand[KNOB_RHO]);
    assert_true(knobs_rho(&h.knobs, 0) == 0.5);
    static const struct {
        const char *knob, *value;
        char letter;
    } others[] = { { "lr", "0.01", 'L' }, { "drw", "150", 'D' }, { "rho_drw", "0.8", 'R' }, { "momentum", "0.8", 'W' },
                   { "stage_lr", "0.03", 'L' }, { "stage_rho", "0.2", 'R' } };
    for (int i = 0; i < 6; i++) {
        fold(command(15820, 163.1, "set", others[i].knob, others[i].value, "x"));
        assert_int_equal(h.mark[h.n_mark - 1].letter, others[i].letter);
    }
    fold(command(15820, 163.1, "set", "rho", "-5", "0.5"));
    assert_int_equal(h.line[h.n_line - 1].level, '!');
    assert_true(knobs_rho(&h.knobs, 0) == 0.5);
}

static void an_evaluation_is_compared_with_the_one_before(void **state)
{
    (void)state;
    fold_eval(15714, 162, 79.7, 70.9, 67);
    assert_last_line("eval 162: acc 79.7 tail 70.9 worst 2 truck 67.0");
    fold_eval(15811, 163, 80.6, 73.1, 69.3f);
    assert_last_line("eval 163: acc 80.6 (+0.9) tail 73.1 (+2.2) worst 2 truck 69.3");
    assert_int_equal(h.n_eval, 2);
    assert_true(fabs(history_class_acc(&h, 1, 2) - 69.3) < 1e-5);
    assert_true(fabs(history_class_delta(&h, 2, 10) - 2.3) < 1e-5);
    assert_true(isnan(history_class_acc(&h, 2, 2)) && isnan(history_class_acc(&h, 0, 3)));
    assert_true(history_class_loss(&h, 1, 2, EVAL_LOSS) == 2.5 && history_class_loss(&h, 1, 2, EVAL_TRAIN_LOSS) == 0.0625);
    assert_true(isnan(history_class_loss(&h, 1, 1, EVAL_TRAIN_LOSS)) && isnan(history_class_loss(&h, 2, 2, EVAL_LOSS)));
    assert_true(h.best == 81 && h.best_epoch == 161);
    assert_int_equal(h.eval[1].conf[8], 70);
    fold_eval(15811, 163, 80.7, 73.1, 69.3f); /* again at the same step: replaces */
    assert_int_equal(h.n_eval, 2);
    assert_last_line("eval 163: acc 80.7 (+1.0) tail 73.1 (+2.2) worst 2 truck 69.3");
}

static void notes_warnings_and_states_are_lines(void **state)
{
    (void)state;
    fold(note_event(7, "rho .5 looks stable"));
    assert_last_line("note \"rho .5 looks stable\"");
    assert_int_equal(h.mark[h.n_mark - 1].letter, 'N');
    struct event *e = event_new(EVENT_SAY, 7);
    event_set_str(e, EV_SAY_LEVEL, "warning");
    event_set_str(e, EV_SAY_TEXT, "3 classes at 0%");
    fold(e);
    assert_last_line("warning: 3 classes at 0%");
    assert_int_equal(h.line[h.n_line - 1].level, '!');
    e = event_new(EVENT_STATE, 8);
    event_set_str(e, EV_STATE_STATE, "diverged");
    event_set_str(e, EV_STATE_WHY, "the loss is nan");
    fold(e);
    assert_last_line("diverged: the loss is nan");
    assert_int_equal(h.line[h.n_line - 1].level, 'E');
    assert_string_equal(h.state, "diverged");
}

static void re_weighting_shows_when_its_epoch_comes(void **state)
{
    (void)state;
    for (uint64_t step = 160 * 97 - 2; step <= 160 * 97 + 2; step++)
        fold(step_event(step, 1));
    assert_true(h.drw_on);
    assert_int_equal(h.n_mark, 1);
    assert_int_equal(h.mark[0].letter, 'D');
    assert_int_equal(h.mark[0].step, 160 * 97 + 1);
    assert_last_line("drw ON at ep 160: weights effective");
    assert_true(fabs(h.epoch - (160 + 2.0 / 97)) < 1e-12);
}

static struct event *stage_event(uint64_t step, const char *name, uint64_t first)
{
    struct event *e = event_new(EVENT_STAGE, step);
    event_set_str(e, EV_STAGE_NAME, name);
    event_set_u64(e, EV_STAGE_FIRST, first);
    event_set_u64(e, EV_STAGE_EPOCHS, 30);
    event_set_u64(e, EV_STAGE_STEPS_PER_EPOCH, 97);
    event_set_str(e, EV_STAGE_TRAINS, "head");
    return e;
}

/* Re-weighting is told of already, with the event and without it. */
static void a_second_stage_shows_where_it_begins(void **state)
{
    (void)state;
    fold(step_event(160 * 97 + 1, 1));
    const size_t marks = h.n_mark, lines = h.n_line;
    fold(stage_event(160 * 97 + 1, "drw", 160));
    assert_true(h.n_mark == marks && h.n_line == lines);
    fold(step_event(200 * 97 + 1, 1));
    fold(stage_event(200 * 97 + 1, "crt", 200));
    assert_last_line("stage crt: head trains for 30 epochs of 97 steps, sampler ?, norm ?, loss ?, weights ?");
    assert_int_equal(h.n_mark, marks + 1);
    assert_true(h.mark[marks].letter == 'B' && h.mark[marks].epoch == 200 && h.mark[marks].step == 200 * 97 + 1);
    struct event *e = event_new(EVENT_BRANCH, 200 * 97);
    fold(e);
    assert_int_equal(h.n_mark, marks); /* it begins again */
}

static void speed_is_smoothed(void **state)
{
    (void)state;
    for (uint64_t step = 1; step <= 1000; step++)
        fold(step_event(step, 1)); /* 12.5 ms for 128 images */
    assert_true(fabs(h.images_per_s - 10240) < 1);
    struct event *slow = step_event(1001, 1);
    event_set_f64(slow, EV_STEP_MS, 125);
    fold(slow);
    assert_true(h.images_per_s < 10240 && h.images_per_s > 9000);
}

static void traces_keep_extremes_while_they_widen(void **state)
{
    (void)state;
    enum { STEPS = 100000 };
    for (uint64_t step = 1; step <= STEPS; step++)
        fold(step_event(step, step == 50000 ? 99 : step == 70000 ? -3 : 1));
    const struct history_trace *t = &h.loss_trace;
    assert_int_equal(t->first_step, 1);
    assert_true(t->n <= t->cap && t->width == 32);
    assert_int_equal((uint64_t)(t->n - 1) * t->width + t->filled, STEPS);
    assert_true(t->bin[(50000 - 1) / 32].max == 99 && t->bin[(70000 - 1) / 32].min == -3);
    assert_true(t->bin[0].min == 1 && t->bin[0].max == 1);
    struct metric_point p;
    metric_bin(&h, t, 0, &p);
    assert_int_equal(p.step, 32); /* of the last of its steps */
    metric_bin(&h, t, t->n - 1, &p);
    assert_int_equal(p.step, STEPS); /* which are not as many in the last bin */
    for (uint64_t step = STEPS + 1; step <= STEPS + 5; step++)
        fold(step_event(step, 1));
    metric_bin(&h, t, t->n - 1, &p);
    assert_int_equal(p.step, STEPS + 5);
    fold(step_event(200000, 5)); /* steps left out are unknown, not invented */
    assert_true(isnan(t->bin[150000 / t->width].last));
    assert_true(t->bin[t->n - 1].last == 5);
    fold(step_event(UINT64_MAX, 5));
    assert_true(t->n <= t->cap);
}

static void a_branch_forgets_what_it_replaces(void **state)
{
    (void)state;
    for (uint64_t step = 1; step <= 200; step++)
        fold(step_event(step, 1));
    fold_eval(97, 1, 50, 10, 5);
    fold_eval(194, 2, 60, 20, 15);
    fold(note_event(150, "later"));
    struct event *e = event_new(EVENT_BRANCH, 120);
    event_set_u64(e, EV_BRANCH_TIMELINE, 1);
    fold(e);
    assert_int_equal(h.n_eval, 1);
    assert_int_equal(h.n_mark, 0);
    assert_int_equal(h.step, 120);
    assert_int_equal(h.loss_trace.n, 120);
    fold(step_event(121, 7));
    assert_int_equal(h.loss_trace.n, 121);
    assert_true(h.loss_trace.bin[120].last == 7);
}

static void tell_status(uint64_t step, double eta, uint64_t total, uint64_t pending)
{
    struct event *e = event_new(EVENT_STATUS, step);
    event_set_f64(e, EV_STATUS_ETA, eta);
    event_set_u64(e, EV_STATUS_TOTAL, total);
    event_set_u64(e, EV_STATUS_N_PENDING, pending);
    event_set_f64(e, EV_STATUS_CORES, 1.5);
    fold(e);
}

/* The time that is left shrinks with the steps after a status; another length of the run is another time. */
static void a_status_tells_how_long_it_takes(void **state)
{
    (void)state;
    const uint64_t total = history_total_steps(&h);
    struct event *training = event_new(EVENT_STATE, 0);
    event_set_str(training, EV_STATE_STATE, "training");
    fold(training);
    assert_null(history_last_status(&h));
    assert_true(isnan(history_eta(&h)));
    tell_status(100, 600, total, 2);
    assert_true(history_eta(&h) == 600);
    assert_true(history_last_status(&h)->n_pending == 2 && history_last_status(&h)->cores == 1.5 && isnan(history_last_status(&h)->busy));
    fold(step_event(100 + (total - 100) / 2, 1));
    assert_true(fabs(history_eta(&h) - 300) < 1);
    tell_status(h.step, NAN, total, UINT64_MAX);
    assert_true(isnan(history_last_status(&h)->eta_s) && !(fabs(history_eta(&h) - 300) < 1)); /* by the pace of the steps again */
    assert_true(history_last_status(&h)->n_pending == UINT32_MAX);
    fold(event_new(EVENT_BRANCH, 120));
    assert_int_equal(h.n_status, 1);
    assert_true(history_eta(&h) > 590);
    tell_status(120, 50, total / 2, 0);
    assert_false(history_eta(&h) == 50); /* the run was made longer since: nothing is known but its pace */
}

static void snapshots_are_marked_while_they_exist(void **state)
{
    (void)state;
    for (uint64_t step = 97; step <= 5 * 97; step += 97) {
        struct event *e = event_new(EVENT_SNAP, step);
        event_set_str(e, EV_SNAP_NAME, "s");
        event_set_u64(e, EV_SNAP_PINNED, step == 97);
        fold(e);
    }
    assert_int_equal(h.n_mark, 5);
    struct event *e = event_new(EVENT_UNSNAP, 500);
    event_set_u64(e, EV_UNSNAP_OF, 2 * 97);
    fold(e);
    assert_int_equal(h.n_mark, 4);
    assert_int_equal(h.mark[1].step, 3 * 97);
}

static void watching_follows_the_commands(void **state)
{
    (void)state;
    fold(command(1, 0, "watch", "0 2", NULL, NULL));
    assert_true(h.cls[0].watched && !h.cls[1].watched && h.cls[2].watched);
    fold(command(1, 0, "unwatch", "2 999999 -1", NULL, NULL));
    assert_true(h.cls[0].watched && !h.cls[2].watched);
    fold(command(1, 0, "unwatch", "", NULL, NULL));
    assert_false(h.cls[0].watched);
    assert_int_equal(h.n_watched, 0);
    fold(command(1, 0, "watch", "2 0", NULL, NULL));
    assert_true(h.n_watched == 2 && h.watched[0] == 2 && h.watched[1] == 0);
}

static void the_wall_clock_comes_from_the_open_event(void **state)
{
    (void)state;
    struct event *e = event_new(EVENT_OPEN, 0);
    e->ns = 100;
    event_set_u64(e, EV_OPEN_WALL, UINT64_C(1718000000000000000));
    event_set_u64(e, EV_OPEN_SEGMENT, 1);
    fold(e);
    e = note_event(3, "x");
    e->ns = 5000000100;
    fold(e);
    assert_int_equal(h.line[h.n_line - 1].wall_ns, UINT64_C(1718000005000000000));
}

static void strings_from_strangers_are_harmless(void **state)
{
    (void)state;
    static const char evil[] = "a\033]0;x\007\xe2\x80\xae";
    static const char *const classes[] = { evil };
    static const uint32_t group_of[] = { 0x80000001u };
    struct event *e = data_event(0);
    event_set_str(e, EV_DATA_NAME, evil);
    event_set_strs(e, EV_DATA_CLASSES, classes, 1);
    event_set_u32s(e, EV_DATA_GROUP_OF, group_of, 1);
    fold(e);
    fold(note_event(1, evil));
    e = event_new(EVENT_STATE, 1);
    event_set_str(e, EV_STATE_STATE, evil);
    fold(e);
    const char *const shown[] = { h.data_name, h.cls[0].name, h.line[h.n_line - 1].text, h.line[h.n_line - 2].text, h.mark[0].text, h.state };
    for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++) {
        assert_null(strpbrk(shown[i], "\033\007"));
        assert_null(strstr(shown[i], "\xe2\x80\xae"));
    }
    assert_int_equal(h.cls[0].group, -1);
}

static void no_event_makes_lines_without_end(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 200000; i++) {
        struct event *e = event_new(EVENT_SEAL, i);
        fold(e);
    }
    assert_true(h.n_line <= 65536);
    assert_int_equal(h.line[h.n_line - 1].step, 199999);
}

static void progress_comes_and_goes(void **state)
{
    (void)state;
    struct event *e = event_new(EVENT_PROGRESS, 1);
    event_set_str(e, EV_PROGRESS_WHAT, "hessian");
    event_set_u64(e, EV_PROGRESS_DONE, 3);
    event_set_u64(e, EV_PROGRESS_OF, 40);
    fold(e);
    assert_string_equal(h.progress_what, "hessian");
    fold_eig(0, -1);
    assert_string_equal(h.progress_what, "");
}

static int put_table(void *ctx, FILE *out, struct err *err)
{
    (void)err;
    history_put_csv(out, ctx);
    return 0;
}

static void the_table_has_a_row_for_every_number(void **state)
{
    (void)state;
    char dir[256], path[300], text[8192] = "";
    struct err err = { 0 };
    scratch_make(dir);
    snprintf(path, sizeof path, "%s/out.csv", dir);
    for (uint64_t step = 1; step <= 3; step++)
        fold(step_event(step, 0.5));
    fold_eval(97, 1, 50.5, 10, 5);
    fold_eig(2, -4.1);
    fold(note_event(99, "=1+1,\"x\""));
    assert_int_equal(file_publish(path, false, put_table, &h, &err), 0);
    assert_int_equal(file_publish(path, false, put_table, &h, &err), -1);
    assert_says(err, "exists; --force replaces it");
    assert_int_equal(file_publish(path, true, put_table, &h, &err), 0);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    assert_true(fread(text, 1, sizeof text - 1, f) > 0);
    fclose(f);
    static const char *const rows[] = { "run,step,epoch,time,metric,class,value,text\n", "\nrun,97,1,,acc,,50.5,\n",
                                        "\nrun,97,1,,group_acc,tail,10,\n",
                                        "\nrun,97,1,,class_acc,truck,5,\n", "\nrun,97,1,,class_loss,truck,2.5,\n", "\nrun,97,1,,class_train_loss,truck,0.0625,\n", "\nrun,15870,163.6,,lmin,truck,-4.1,\n",
                                        "\nrun,3,0.0309278,,step_loss,,0.5,\n", ",mark_N,,,\"'=1+1,\"\"x\"\"\"\n" };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (!strstr(text, rows[i]))
            fail_msg("no row '%s' in:\n%s", rows[i], text);
    assert_null(strstr(text, "nan"));
    scratch_remove(dir);
}

/* What a spreadsheet would take for a formula is told as text, whichever sign it begins with. */
static void texts_of_a_table_are_no_formulas(void **state)
{
    (void)state;
    static const char *const texts[][2] = { { "=1+1", "\"'=1+1\"" }, { "+1", "\"'+1\"" }, { "-1", "\"'-1\"" }, { "@SUM(A1)", "\"'@SUM(A1)\"" },
                                            { "\tx", "\"'\tx\"" }, { "a@b", "a@b" }, { "a,b", "\"a,b\"" }, { "a\"b", "\"a\"\"b\"" }, { "", "" } };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char *text = NULL;
        size_t n = 0;
        FILE *f = open_memstream(&text, &n);
        assert_non_null(f);
        csv_put_text(f, texts[i][0]);
        fclose(f);
        assert_string_equal(text, texts[i][1]);
        free(text);
    }
}

/* A row for each step; of what was measured twice at a step the later number stands. */
static void the_wide_table_has_a_row_for_every_step(void **state)
{
    (void)state;
    struct err err = { 0 };
    char *text = NULL;
    size_t n = 0;
    int rows = 0;
    FILE *f = open_memstream(&text, &n);
    assert_non_null(f);
    for (uint64_t step = 96; step <= 98; step++)
        fold(step_event(step, 0.5));
    fold_eval(97, 1, 50.5, 10, 5);
    fold_eig(2, -4.25);
    fold_eig(2, -2.125);
    assert_int_equal(history_put_wide(f, &h, &err), 0);
    fclose(f);
    for (const char *at = text; (at = strchr(at, '\n')); at++)
        rows++;
    assert_int_equal(rows, 1 + 4); /* titles; steps 96 to 98; the step of the spectra */
    assert_non_null(strstr(text, "\nrun,97,1,"));
    assert_non_null(strstr(text, ",50.5,"));
    assert_non_null(strstr(text, ",-2.125,"));
    assert_null(strstr(text, ",-4.25,"));
    free(text);
}

/* A year of steps must fold while the user waits; the design asks for a million events a second. */
static void folding_is_fast(void **state)
{
    (void)state;
    enum { EVENTS = 1000000 };
    struct event *e = step_event(1, 0.5);
    uint64_t from = clock_thread_ns(); /* a busy machine makes the wall's seconds more */
    for (uint64_t step = 1; step <= EVENTS; step++) {
        e->step = step;
        history_fold(&h, e);
    }
    double seconds = (double)(clock_thread_ns() - from) * 1e-9;
    event_unref(e);
    print_message("folding: %.1f M events/s\n", EVENTS / seconds * 1e-6);
    assert_int_equal(h.step, EVENTS);
    assert_true(seconds < 20); /* slow machines and sanitizers included: only a gross loss fails */
}

/* As many digits as a float has, and no more. */
static void numbers_of_a_table_read_back(void **state)
{
    static const struct {
        double value;
        const char *text;
    } known[] = { { 10, "10" }, { 0.1f, "0.1" }, { 1.2345679f, "1.2345679" }, { -3e-8f, "-3e-08" }, { 123456.789f, "123456.79" }, { 0, "0" } };
    (void)state;
    for (uint32_t i = 0; i < 400; i++) {
        char *text = NULL;
        size_t size;
        FILE *out = open_memstream(&text, &size);
        const size_t row = i % (sizeof known / sizeof *known);
        const float value = i < 300 ? (float)sin(1 + i) * powf(10, (float)(i % 20) - 10) : (float)known[row].value;
        csv_put_number(out, (double)value);
        fclose(out);
        assert_true(strtof(text, NULL) == value);
        if (i >= 300)
            assert_string_equal(text, known[row].text);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_of_a_table_read_back),
        TEST(the_run_is_described),
        TEST(a_knob_change_makes_a_line_and_a_mark),
        TEST(an_evaluation_is_compared_with_the_one_before),
        TEST(notes_warnings_and_states_are_lines),
        TEST(re_weighting_shows_when_its_epoch_comes),
        TEST(a_second_stage_shows_where_it_begins),
        TEST(speed_is_smoothed),
        TEST(traces_keep_extremes_while_they_widen),
        TEST(a_branch_forgets_what_it_replaces),
        TEST(a_status_tells_how_long_it_takes),
        TEST(snapshots_are_marked_while_they_exist),
        TEST(watching_follows_the_commands),
        TEST(the_wall_clock_comes_from_the_open_event),
        TEST(strings_from_strangers_are_harmless),
        TEST(no_event_makes_lines_without_end),
        TEST(progress_comes_and_goes),
        TEST(the_table_has_a_row_for_every_number),
        TEST(the_wide_table_has_a_row_for_every_step),
        TEST(texts_of_a_table_are_no_formulas),
        TEST(folding_is_fast),
    };
    return cmocka_run_group_tests_name("unit/history", tests, NULL, NULL) + history_curvature_tests();
}
