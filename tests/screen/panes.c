/* Panes painted into a canvas from a made-up run: properties that must hold at any size. Their look: looks.c. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/classes.h"
#include "tui_model.h"
#include "tui/widgets.h"

static bool screen_has(struct model *m, int rows, int cols, const char *words)
{
    char *text = model_paint(m, rows, cols, false, GLYPHS_ASCII);
    const bool found = strstr(text, words) != NULL;
    free(text);
    return found;
}

/* A second stage: planned, and under way. */
static void test_second_stage(void **state)
{
    (void)state;
    static const struct {
        const char *epochs, *shown;
    } runs[] = { { "180", "crt 180 " }, { "160", "crt 4/40 " } };
    for (int i = 0; i < 2; i++) {
        struct model m;
        model_init(&m, 10);
        knobs_set(&m.knobs, "epochs", runs[i].epochs, NULL);
        knobs_set(&m.knobs, "stage", "crt", NULL);
        knobs_set(&m.knobs, "stage_epochs", "40", NULL);
        char *text = model_paint(&m, 40, 160, false, GLYPHS_ASCII);
        assert_non_null(strstr(text, "ce+drw+sam+crt"));
        assert_non_null(strstr(text, runs[i].shown));
        assert_true((strstr(text, "wd 5e-4") != NULL) == (i == 1));
        assert_true((strstr(text, "drw 160") != NULL) == (i == 0)); /* its loss has no class weights */
        free(text);
        model_release(&m);
    }
}

/* At the end of an epoch the knobs of the steps that were made, of a run that waits those of the next one. */
static void test_knobs_at_an_epochs_end(void **state)
{
    (void)state;
    static const char *const runs[][2] = { { "finished", "lr .10 " }, { "stopped", "lr .10 " }, { "paused", "lr .020 " } };
    for (int i = 0; i < 3; i++) {
        struct model m;
        model_init(&m, 10);
        knobs_set(&m.knobs, "lr", "0.1@0 0.02@160", NULL);
        m.h.step = 160 * m.h.steps_per_epoch;
        snprintf(m.h.state, sizeof m.h.state, "%s", runs[i][0]);
        char *text = model_paint(&m, 24, 100, false, GLYPHS_ASCII);
        if (!strstr(text, runs[i][1]))
            fail_msg("%s, no '%s':\n%s", runs[i][0], runs[i][1], text);
        free(text);
        model_release(&m);
    }
}

/* A replay beside a run of one's own tells of what it shows. */
static void test_a_replay_waits_for_nothing(void **state)
{
    (void)state;
    struct model m;
    model_init(&m, 10);
    m.s.view.has_run = true;
    m.s.view.run.n_pending = 3;
    assert_true(screen_has(&m, 40, 120, " 3 pending"));
    m.s.view.replaying = true;
    assert_true(screen_has(&m, 40, 120, " 0 pending"));
    model_release(&m);
}

/* A run that began with another one's state: what came before it is not drawn. */
static void test_child(void **state)
{
    (void)state;
    struct model m;
    model_init(&m, 10);
    m.h.first_step = 150 * m.h.steps_per_epoch;
    snprintf(m.h.parent, sizeof m.h.parent, "base@150");
    char *text = model_paint(&m, 40, 160, false, GLYPHS_ASCII);
    assert_non_null(strstr(text, "from base@150"));
    assert_non_null(strstr(text, " 150              155              "));
    free(text);
    model_release(&m);
}

/* Steps repeated for a fork are of no run that is under way: the finished one that is shown says how far they are. */
static void test_repeated_steps(void **state)
{
    (void)state;
    struct model m;
    model_init(&m, 10);
    snprintf(m.h.state, sizeof m.h.state, "finished");
    m.s.view.has_run = true;
    m.s.view.run.phase = TRAINER_OVER;
    snprintf(m.h.progress_what, sizeof m.h.progress_what, "roll");
    m.h.progress_done = 34;
    m.h.progress_of = 100;
    assert_true(screen_has(&m, 24, 80, " ROLL 34% "));
    m.h.progress_what[0] = '\0';
    assert_true(screen_has(&m, 24, 80, " DONE "));
    model_release(&m);
}

/* How long steps wait for pictures is told from one hundredth on. */
static void test_waits_for_data(void **state)
{
    (void)state;
    struct model m;
    model_init(&m, 10);
    m.s.view.has_run = true;
    m.s.view.run.phase = TRAINER_TRAINING;
    m.s.view.run.data_share = 0.123;
    assert_true(screen_has(&m, 40, 160, " data 12 % "));
    m.s.view.run.data_share = 0.009;
    assert_false(screen_has(&m, 40, 160, " data "));
    model_release(&m);
}

/* A box narrower than its lines wraps them at words; a table is cut at the edge, where its titles stand. */
static void test_a_box_wraps(void **state)
{
    (void)state;
    struct model m;
    model_init(&m, 10);
    screen_show_text(&m.s, "help", "stage [NAME] [--epochs N] [--sampler W] [--norm frozen]\n  set        changes a knob, now or later on");
    assert_true(screen_has(&m, 12, 40, "\n| stage [NAME] [--epochs N]            |\n|   [--sampler W] [--norm frozen]      |\n|   set        changes a knob, now or  |\n"
                                         "|     later on                         |\n+--"));
    screen_show_text(&m.s, "sessions", "NAME  STATE  EPOCH  ACC  TAIL  BEST  LOSS/OPT\none   done   40.0   78   54    78    ce+drw+sam\n");
    assert_true(screen_has(&m, 12, 40, "\n| NAME  STATE  EPOCH  ACC  TAIL  BEST. |\n| one   done   40.0   78   54    78  . |\n+--"));
    model_release(&m);
}

/* v goes round what there is; a new slice comes to the front, but not in a replay. */
static void test_next_curves(void **state)
{
    (void)state;
    struct model m;
    model_init(&m, 10);
    m.h.result[MEASURE_SLICE].n = 1;
    free(model_paint(&m, 40, 120, true, GLYPHS_BRAILLE));
    assert_int_equal(m.s.curves, CURVES_GROUPS);
    m.h.result[MEASURE_SLICE].n = 2;
    char *text = model_paint(&m, 40, 120, true, GLYPHS_BRAILLE);
    assert_non_null(strstr(text, "slice 9 truck along v_min"));
    free(text);
    static const int order[] = { CURVES_OF(MEASURE_CNC), CURVES_GROUPS, CURVES_CLASS, CURVES_OF(MEASURE_SLICE) };
    for (int i = 0; i < 4; i++) {
        screen_next_curves(&m.s);
        assert_int_equal(m.s.curves, order[i]);
    }
    m.s.curves = CURVES_GROUPS;
    m.s.view.replaying = true;
    m.s.seen[MEASURE_SLICE] = 0;
    free(model_paint(&m, 40, 120, true, GLYPHS_BRAILLE));
    assert_int_equal(m.s.curves, CURVES_GROUPS);
    model_release(&m);
}

/* A measurement without a view of its own is a table: the newest of each class, the newest first. */
static void test_results(void **state)
{
    static const struct {
        int class;
        double mean;
    } told[] = { { 0, 1 }, { 9, -2.5 }, { 0, 4.25 } };
    (void)state;
    struct model m;
    struct err err;
    model_init(&m, 10);
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++) {
        struct event *e = event_new(EVENT_MARGIN, 15830);
        event_set_u64(e, EV_MARGIN_CLASS, (uint64_t)told[i].class);
        event_set_f64(e, EV_MARGIN_EP, 163);
        event_set_f64(e, EV_MARGIN_MEAN, told[i].mean);
        history_fold(&m.h, e);
        event_unref(e);
    }
    assert_int_equal(screen_zoom_pane(&m.s, "margins", &err), 0);
    char *text = model_paint(&m, 40, 120, true, GLYPHS_BRAILLE);
    const char *title = strstr(text, " margins · ep 163.0 "), *first = title ? strstr(title, "0 airplane") : NULL;
    const char *second = first ? strstr(first, "9 truck") : NULL;
    assert_non_null(second);
    assert_true(strstr(first, "4.25") > first && strstr(first, "4.25") < second);
    assert_non_null(strstr(second, "-2.5"));
    free(text);
    struct buf page = { 0 };
    m.s.selected = 9;
    class_detail_text(&m.s, &page);
    assert_non_null(strstr(page.data, "margins     mean -2.5, epoch 163.0"));
    buf_release(&page);
    model_release(&m);
}

static void test_messages(void **state)
{
    (void)state;
    struct model m;
    model_init(&m, 10);
    snprintf(m.s.echo, sizeof m.s.echo, "set roh .5");
    screen_say(&m.s, SAY_ERROR, "saddle: set: unknown knob 'roh'; did you mean 'rho'?", 4);
    m.s.caret_end = 7;
    assert_true(screen_has(&m, 24, 80, "\nsaddle> set roh .5\n            ^~~\nsaddle: set: unknown knob"));
    screen_messages_clear(&m.s); /* an answer is said to its end, though it takes two rows */
    screen_say(&m.s, SAY_ERROR, "saddle: set: rho: 'banana' is not a schedule; accepted: 0.1, 0.05@0 0.1@5, linear:0.05,0.5,0,200", -1);
    assert_true(screen_has(&m, 24, 80, "accepted: 0.1, 0.05@0 0.1@5,\nlinear:0.05,0.5,0,200\n"));
    model_release(&m);
}

/* No character of 8 bits in the C locale, whatever is shown. */
static void test_seven_bits(void **state)
{
    (void)state;
    static const int sizes[][2] = { { 24, 80 }, { 40, 120 }, { 60, 200 } };
    for (int classes = 0; classes <= 1000; classes = classes ? classes * 10 : 10)
        for (size_t i = 0; i < 3; i++) {
            struct model m;
            model_init(&m, classes);
            snprintf(m.s.echo, sizeof m.s.echo, "é");
            screen_say(&m.s, SAY_TEXT, "rho 0.1 → 0.5 \xff λmin \033[31m", -1);
            char *text = model_paint(&m, sizes[i][0], sizes[i][1], false, GLYPHS_ASCII);
            for (const char *p = text; *p; p++)
                assert_true(*p == '\n' || (*p >= 0x20 && *p < 0x7f));
            free(text);
            model_release(&m);
        }
}

/* Every size, with everything there is: no crash (sanitizers watch), no character outside the grid. */
static void test_every_size(void **state)
{
    (void)state;
    struct model m[3];
    model_init(&m[0], 0);
    model_init(&m[1], 10);
    model_init(&m[2], 600);
    for (int rows = 1; rows <= 70; rows += rows < 30 ? 1 : 7)
        for (int cols = 1; cols <= 220; cols += cols < 45 ? 1 : 9)
            for (int k = 0; k < 3; k++) {
                m[k].s.zoom = (enum layout_zoom)((rows + cols) % 3);
                m[k].s.focus = (enum pane_id)((rows * 7 + cols) % PANE_COUNT);
                m[k].s.overlay = (enum overlay)((rows + cols * 3) % 4);
                m[k].s.curves = ((rows * 5 + cols) % CURVES_COUNT);
                char *text = model_paint(&m[k], rows, cols, cols % 2, cols % 2 ? GLYPHS_BRAILLE : GLYPHS_ASCII);
                assert_non_null(text);
                int lines = 0;
                for (const char *p = text; *p; p++)
                    lines += *p == '\n';
                assert_int_equal(lines, rows);
                free(text);
            }
    for (int k = 0; k < 3; k++)
        model_release(&m[k]);
}

/* The history owns them, and it is this file's. */
static double *numbers_of(const struct history_result *r, int field)
{
    return (double *)(uintptr_t)r->f[field].f64s;
}

/* Numbers at the edge of what a file may hold: painted, and soon. */
static void test_hostile_numbers(void **state)
{
    (void)state;
    struct model m;
    model_init(&m, 10);
    const struct history_result *far = &m.h.result[MEASURE_SLICE].at[1];
    for (uint32_t i = 0; i < far->n; i++) { /* steps of the axis smaller than the distance of two numbers */
        numbers_of(far, EV_SLICE_AT)[i] = 1e17 + 16.0 * i;
        numbers_of(far, EV_SLICE_LOSS)[i] = i % 3 ? i * 1e300 : i ? INFINITY : NAN;
    }
    m.h.result[MEASURE_SLICE].at[0].n = 1;
    for (size_t i = m.h.n_eig - 3; i < m.h.n_eig; i++)
        for (uint32_t k = 0; k < m.h.eig[i].n_nodes; k++)
            m.h.eig[i].nodes[k] = 1e17 + 16.0 * k * (double)(i + 1);
    numbers_of(&m.h.result[MEASURE_CNC].at[0], EV_CNC_RATIO)[2] = INFINITY;
    for (int view = 0; view < CURVES_COUNT; view++) {
        m.s.curves = view;
        char *text = model_paint(&m, 40, 120, true, GLYPHS_BRAILLE);
        assert_non_null(text);
        free(text);
    }
    model_release(&m);
}

static void test_too_small_says_so(void **state)
{
    (void)state;
    struct model m;
    model_init(&m, 10);
    assert_true(screen_has(&m, 6, 31, "40x8 needed, 31x6 now"));
    model_release(&m);
}

static int row_of(const struct screen *s, int class)
{
    for (int i = 0; i < s->classes.n; i++)
        if (s->classes.row[i].class == class)
            return i;
    return -1;
}

static void test_sort_and_hold(void **state)
{
    (void)state;
    struct model m;
    struct err err;
    model_init(&m, 10);
    m.s.keys = false;
    m.h.n_eval--; /* the last evaluation comes later */
    assert_int_equal(screen_sort_by(&m.s, "acc", &err), 0);
    free(model_paint(&m, 24, 80, false, GLYPHS_ASCII));
    assert_int_equal(row_of(&m.s, 9), 0); /* truck has the lowest accuracy */
    assert_int_equal(row_of(&m.s, 1), 9);
    /* with the focus the rows hold still after an evaluation; the title says so; r sorts again */
    m.s.keys = true;
    m.h.eval[162].cls[1] = 1;
    m.h.n_eval++;
    char *text = model_paint(&m, 24, 80, false, GLYPHS_ASCII);
    assert_non_null(strstr(text, "order held, r re-sorts"));
    assert_int_equal(row_of(&m.s, 1), 9);
    free(text);
    classes_resort(&m.s);
    free(model_paint(&m, 24, 80, false, GLYPHS_ASCII));
    assert_int_equal(row_of(&m.s, 1), 0);
    assert_int_equal(screen_sort_by(&m.s, "colour", &err), -1);
    assert_non_null(strstr(err.text, "lmin"));
    model_release(&m);
}

/* Largest change first, up or down; classes without a number last, however it is turned. */
static void test_sort_keys(void **state)
{
    (void)state;
    struct model m;
    model_init(&m, 10);
    m.h.eval[m.h.n_eval - 1].cls[2] += 40;
    m.h.eval[m.h.n_eval - 1].cls[4] -= 30;
    m.s.sort = SORT_DELTA;
    free(model_paint(&m, 40, 120, true, GLYPHS_BRAILLE));
    assert_true(m.s.classes.order[0] == 2 && m.s.classes.order[1] == 4);
    m.s.sort = SORT_LMIN;
    for (int turned = 0; turned < 2; turned++) {
        m.s.reversed = turned;
        free(model_paint(&m, 40, 120, true, GLYPHS_BRAILLE));
        for (int i = 0, missing = 0; i < 10; i++) {
            const bool has = history_last_eig(&m.h, (uint32_t)m.s.classes.order[i]) != NULL;
            assert_false(has && missing);
            missing |= !has;
        }
    }
    model_release(&m);
}

static void test_find_filter_groups(void **state)
{
    (void)state;
    struct model m;
    model_init(&m, 100);
    char *text = model_paint(&m, 24, 80, true, GLYPHS_BRAILLE);
    assert_non_null(strstr(text, "▸ TAIL"));
    free(text);
    assert_true(m.s.classes.n <= 3 + 40); /* groups closed but for what is selected */
    assert_true(screen_find(&m.s, "C93", 1));
    assert_int_equal(m.s.selected, 93);
    text = model_paint(&m, 24, 80, true, GLYPHS_BRAILLE);
    assert_non_null(strstr(text, "c93"));
    free(text);
    assert_false(screen_find(&m.s, "zebra", 1));
    snprintf(m.s.filter, sizeof m.s.filter, "c9");
    free(model_paint(&m, 24, 80, true, GLYPHS_BRAILLE));
    assert_int_equal(m.s.classes.n, 10);
    screen_move_end(&m.s, false);
    assert_int_equal(m.s.selected, 90);
    screen_move(&m.s, 3);
    assert_int_equal(m.s.selected, 93);
    screen_move(&m.s, 100);
    assert_int_equal(m.s.selected, 99);
    model_release(&m);
}

static void test_zoom_and_focus(void **state)
{
    (void)state;
    struct model m;
    struct err err;
    model_init(&m, 10);
    free(model_paint(&m, 40, 120, true, GLYPHS_BRAILLE));
    screen_focus_number(&m.s, 4);
    assert_int_equal(m.s.focus, PANE_EVENTS);
    screen_focus_next(&m.s, 1);
    assert_int_equal(m.s.focus, PANE_CONFUSED);
    assert_int_equal(screen_zoom_pane(&m.s, "cur", &err), 0);
    free(model_paint(&m, 24, 80, true, GLYPHS_BRAILLE));
    assert_int_equal(m.s.layout.pane[PANE_CURVATURE].rows, 20);
    assert_int_equal(m.s.layout.pane[PANE_CLASSES].rows, 0);
    assert_int_equal(screen_zoom_pane(&m.s, "c", &err), -1); /* three panes begin with c */
    model_release(&m);
}

static char *line_with(char *text, const char *part)
{
    char *at = strstr(text, part), *begin = at;
    assert_non_null(at);
    while (begin > text && begin[-1] != '\n')
        begin--;
    return strndup(begin, strcspn(begin, "\n"));
}

/* Powers of ten beside a density: all different, always as far apart. */
static void test_decades(void **state)
{
    (void)state;
    for (int rows = 24; rows <= 60; rows++) {
        struct model m;
        model_init(&m, 10);
        char *text = model_paint(&m, rows, 120, true, GLYPHS_BRAILLE);
        int before = 99, step = 0, found = 0;
        char *end = strstr(text, "3 TRACES");
        for (char *p = strstr(text, "ESD"); p && (p = strstr(p, " 1e")) && (!end || p < end); p++, found++) {
            int power = atoi(p + 3);
            if (p[3] != '+' && p[3] != '-')
                break;
            if (before != 99 && step == 0)
                step = before - power;
            assert_true(before == 99 || (power < before && before - power == step));
            before = power;
        }
        assert_true(found >= 2 || rows < 40);
        free(text);
        model_release(&m);
    }
}

/* Every trace says what its top and bottom are. */
static void test_traces_have_a_scale(void **state)
{
    (void)state;
    static const int size[][2] = { { 40, 120 }, { 60, 200 }, { 24, 80 } };
    for (int i = 0; i < 3; i++) {
        struct model m;
        model_init(&m, 10);
        char *text = model_paint(&m, size[i][0], size[i][1], true, GLYPHS_BRAILLE), *row = line_with(text, i < 2 ? "│ loss " : "2.43");
        assert_non_null(strstr(row, "2.43"));
        free(row);
        free(text);
        for (size_t k = 0; k < m.h.n_eval; k++) /* a tail that stands at 0, and accuracies that differ by less than a label tells */
            m.h.eval[k].group[2] = 0, m.h.eval[k].acc = 10 + 0.4 * (double)(k % 2);
        text = model_paint(&m, size[i][0], size[i][1], true, GLYPHS_BRAILLE);
        assert_null(strstr(text, " -1│"));
        if (i < 2)
            assert_true(strstr(text, "tail%        1│") && strstr(text, "acc%        11│") && strstr(text, "             10│"));
        free(text);
        model_release(&m);
    }
}

/* The tail, its trend and the deepest saddle are in the header at every size that has one. */
static void test_headline(void **state)
{
    (void)state;
    static const int size[][2] = { { 8, 40 }, { 12, 40 }, { 24, 80 }, { 40, 120 }, { 60, 200 } };
    for (int i = 0; i < 5; i++)
        for (int ascii = 0; ascii < 2; ascii++) {
            struct model m;
            model_init(&m, 10);
            char *text = model_paint(&m, size[i][0], size[i][1], !ascii, ascii ? GLYPHS_ASCII : GLYPHS_BRAILLE);
            char *row = line_with(text, "TAIL 73.0 ");
            assert_non_null(strstr(row, ascii ? "lmin -4.10 of 9" : "λmin -4.10 of 9"));
            free(row);
            free(text);
            model_release(&m);
        }
}

/* Each group has its own ink, wherever it is told of. */
static void test_group_inks(void **state)
{
    (void)state;
    const struct history three = { .n_groups = 3 }, two = { .n_groups = 2 }, one = { .n_groups = 1 };
    assert_int_equal(group_ink(&three, 0), INK_HEAD);
    assert_int_equal(group_ink(&three, 1), INK_MID);
    assert_int_equal(group_ink(&three, 2), INK_TAIL);
    assert_int_equal(group_ink(&two, 1), INK_TAIL);
    assert_int_equal(group_ink(&one, 0), INK_TEXT);
    assert_int_equal(group_ink(&three, -1), INK_TEXT);
}

/* The best of a run is not its last evaluation. */
static void test_best(void **state)
{
    (void)state;
    struct model m;
    model_init(&m, 10);
    m.h.best = 85.6;
    m.h.best_epoch = 150;
    m.h.eval[100].group[2] = 91.2;
    char *text = model_paint(&m, 60, 200, true, GLYPHS_BRAILLE);
    assert_non_null(strstr(text, "best acc 85.6@150"));
    assert_non_null(strstr(text, "best 91.2@101"));
    assert_null(strstr(text, "best yet"));
    free(text);
    model_release(&m);
}

/* Letters of marks at one place stand beside each other. */
static void test_marks_beside_each_other(void **state)
{
    (void)state;
    uint32_t taken[MARK_ROW_MAX / 32] = { 0 };
    assert_int_equal(mark_place(taken, 10, 9), 9);
    assert_int_equal(mark_place(taken, 10, 9), 8);
    assert_int_equal(mark_place(taken, 10, 5), 5);
    assert_int_equal(mark_place(taken, 10, 5), 6);
    assert_int_equal(mark_place(taken, 10, 5), 4);
    assert_int_equal(mark_place(taken, 10, 0), 0);
    for (int i = 0; i < 20; i++)
        mark_place(taken, 10, i % 10);
    assert_int_equal(mark_place(taken, 10, 5), -1); /* full */
}

/* "biggest change" names what changed. */
static void test_changed_is_not_zero(void **state)
{
    (void)state;
    struct model m;
    model_init(&m, 1000);
    for (size_t i = 0; i < m.h.n_eval; i++)
        for (int c = 0; c < 1000; c++)
            m.h.eval[i].cls[c] = c == 7 && i + 1 == m.h.n_eval ? 60 : 50;
    char *text = model_paint(&m, 40, 120, true, GLYPHS_BRAILLE), *row = line_with(text, "changed  ");
    assert_non_null(strstr(row, "+10.0"));
    assert_null(strstr(row, "+0.0"));
    free(row);
    free(text);
    model_release(&m);
}

/* A foreign session cannot move the cursor or set the title. */
static void test_hostile_names(void **state)
{
    (void)state;
    struct model m;
    model_init(&m, 10);
    snprintf(m.h.cls[3].name, sizeof m.h.cls[3].name, "\033]0;x\007\033[2J\xc2\x9b" "5n\xe2\x80\xae");
    snprintf(m.h.line[0].text, sizeof m.h.line[0].text, "\r\n\b\033c\x7f");
    char *text = model_paint(&m, 40, 120, true, GLYPHS_BRAILLE);
    assert_null(strchr(text, 27));
    assert_null(strchr(text, 7));
    assert_null(strchr(text, '\r'));
    assert_null(strstr(text, "\xc2\x9b"));
    assert_null(strstr(text, "\xe2\x80\xae"));
    free(text);
    model_release(&m);
}

/* Nothing that was painted changes when only time passes; one more evaluation shifts no older cell of a sparkline. */
static void test_frames_hold_still(void **state)
{
    (void)state;
    struct model m;
    model_init(&m, 10);
    char *a = model_paint(&m, 40, 120, true, GLYPHS_BRAILLE), *b = model_paint(&m, 40, 120, true, GLYPHS_BRAILLE);
    assert_string_equal(a, b);
    free(a);
    free(b);
    model_release(&m);
}

int main(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_box_wraps), cmocka_unit_test(test_waits_for_data), cmocka_unit_test(test_messages), cmocka_unit_test(test_next_curves),
        cmocka_unit_test(test_results), cmocka_unit_test(test_hostile_numbers), cmocka_unit_test(test_seven_bits),
        cmocka_unit_test(test_every_size), cmocka_unit_test(test_too_small_says_so), cmocka_unit_test(test_sort_and_hold),
        cmocka_unit_test(test_sort_keys), cmocka_unit_test(test_find_filter_groups), cmocka_unit_test(test_zoom_and_focus), cmocka_unit_test(test_decades),
        cmocka_unit_test(test_traces_have_a_scale), cmocka_unit_test(test_headline), cmocka_unit_test(test_group_inks), cmocka_unit_test(test_best), cmocka_unit_test(test_marks_beside_each_other),
        cmocka_unit_test(test_changed_is_not_zero), cmocka_unit_test(test_second_stage), cmocka_unit_test(test_knobs_at_an_epochs_end), cmocka_unit_test(test_a_replay_waits_for_nothing), cmocka_unit_test(test_child),
        cmocka_unit_test(test_repeated_steps), cmocka_unit_test(test_hostile_names), cmocka_unit_test(test_frames_hold_still),
    };
    return cmocka_run_group_tests_name("tui/panes", tests, NULL, NULL);
}
