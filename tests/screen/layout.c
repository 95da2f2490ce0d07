/* The layout at every size from 1x1 to 500x200: nothing overlaps, nothing leaves the screen, panes drop in order. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "tui/layout.h"

static unsigned char used[200][500];

static void occupy(const struct layout_input *in, struct rect r)
{
    assert_true(r.rows >= 0 && r.cols >= 0 && r.row >= 0 && r.col >= 0);
    assert_true(r.row + r.rows <= in->rows && r.col + r.cols <= in->cols);
    for (int i = 0; i < r.rows; i++) {
        for (int k = 0; k < r.cols; k++)
            assert_false(used[r.row + i][r.col + k]);
        memset(&used[r.row + i][r.col], 1, (size_t)r.cols);
    }
}

static void check(const struct layout_input *in)
{
    struct layout l;
    layout_compute(in, &l);
    for (int i = 0; i < in->rows; i++)
        memset(used[i], 0, (size_t)in->cols);
    occupy(in, l.notice);
    occupy(in, l.header);
    occupy(in, l.timeline);
    occupy(in, l.hints);
    occupy(in, l.prompt);
    assert_int_equal(l.prompt.rows, 1); /* always a working prompt */
    for (int p = 0; p < PANE_COUNT; p++) {
        occupy(in, l.pane[p]);
        assert_true(l.pane[p].rows != 1); /* a title alone is no pane */
        assert_int_equal(l.number[p] > 0, l.pane[p].rows > 0);
    }
    bool small = in->rows < LAYOUT_MIN_ROWS || in->cols < LAYOUT_MIN_COLS;
    assert_int_equal(l.too_small, small);
    if (!small && in->zoom == ZOOM_NONE)
        assert_true(l.pane[PANE_CLASSES].rows >= 4);
    if (!small && in->zoom != ZOOM_NONE)
        assert_true(l.pane[in->focus].rows >= 4);
}

static void test_every_size(void **state)
{
    (void)state;
    static const int classes[] = { 0, 10, 100, 8142 };
    for (int rows = 1; rows <= 200; rows++)
        for (int cols = 1; cols <= 500; cols += cols < 210 ? 1 : 13) {
            struct layout_input in = { .rows = rows, .cols = cols, .n_classes = classes[(rows + cols) % 4], .n_groups = 3, .events = 9,
                                       .focus = (enum pane_id)((rows + cols) % PANE_COUNT),
                                       .zoom = (enum layout_zoom)((rows * 5 + cols) % 3) };
            check(&in);
        }
}

static struct layout at(int rows, int cols, int classes)
{
    struct layout_input in = { .rows = rows, .cols = cols, .n_classes = classes, .n_groups = 3, .events = 9 };
    struct layout l;
    layout_compute(&in, &l);
    return l;
}

static int shown(const struct layout *l)
{
    int n = 0;
    for (int p = 0; p < PANE_COUNT; p++)
        n += l->number[p] > 0;
    return n;
}

/* A pane has one number, at any size. */
static void test_numbers(void **state)
{
    (void)state;
    for (int rows = 8; rows <= 60; rows += 4)
        for (int cols = 40; cols <= 200; cols += 20) {
            struct layout l = at(rows, cols, 10);
            for (int p = 0; p < PANE_COUNT; p++)
                assert_int_equal(l.number[p], l.pane[p].rows ? p + 1 : 0);
        }
}

/* Output of commands has rows of its own: it covers no pane, and leaves the smallest screen. */
static void test_messages(void **state)
{
    (void)state;
    for (int rows = 8; rows <= 60; rows++)
        for (int want = 0; want < 40; want += 3) {
            struct layout_input in = { .rows = rows, .cols = 80, .n_classes = 10, .n_groups = 3, .events = 5, .messages = want };
            struct layout l;
            layout_compute(&in, &l);
            assert_int_equal(l.body.row + l.body.rows, l.messages.row);
            assert_int_equal(l.messages.row + l.messages.rows, l.hints.row);
            assert_true(l.body.rows >= LAYOUT_MIN_ROWS - 4 && l.messages.rows <= want);
            for (int p = 0; p < PANE_COUNT; p++)
                assert_true(l.pane[p].rows == 0 || l.pane[p].row + l.pane[p].rows <= l.messages.row);
        }
}

/* experience b: 80x24 is classes, trace, events; 120x40 is all six. */
static void test_known_sizes(void **state)
{
    (void)state;
    struct layout l = at(24, 80, 10);
    assert_int_equal(l.pane[PANE_CLASSES].rows, 11);
    assert_int_equal(l.pane[PANE_TRACES].rows, 6);
    assert_int_equal(l.pane[PANE_EVENTS].rows, 3);
    assert_int_equal(shown(&l), 3);
    assert_false(l.framed);
    l = at(40, 120, 10);
    assert_true(l.framed);
    assert_int_equal(l.split, 71);
    assert_int_equal(shown(&l), 6);
    assert_int_equal(l.timeline.rows, 1);
    l = at(8, 40, 10);
    assert_int_equal(l.pane[PANE_CLASSES].rows, 4);
    assert_int_equal(shown(&l), 1);
    l = at(7, 40, 10);
    assert_true(l.too_small);
    assert_int_equal(l.notice.rows, 1);
    l = at(1, 1, 10);
    assert_int_equal(l.notice.rows, 0);
}

/* Panes go whole and in order as rows go: host, confused, events, traces, curvature; never classes. */
static void test_drop_order(void **state)
{
    (void)state;
    static const enum pane_id left[] = { PANE_HOST, PANE_CONFUSED, PANE_EVENTS };
    for (int rows = 60; rows >= 23; rows--) {
        struct layout l = at(rows, 120, 10);
        for (int i = 1; i < 3; i++)
            if (l.pane[left[i]].rows == 0)
                assert_int_equal(l.pane[left[i - 1]].rows, 0);
        if (l.pane[PANE_CURVATURE].rows == 0)
            assert_int_equal(l.pane[PANE_TRACES].rows, 0);
    }
    for (int rows = 60; rows >= 8; rows--) {
        struct layout l = at(rows, 80, 10);
        if (l.pane[PANE_TRACES].rows == 0)
            assert_int_equal(l.pane[PANE_EVENTS].rows, 0);
        if (l.pane[PANE_EVENTS].rows == 0)
            assert_int_equal(l.pane[PANE_CONFUSED].rows, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_every_size), cmocka_unit_test(test_known_sizes), cmocka_unit_test(test_numbers), cmocka_unit_test(test_messages),
                                        cmocka_unit_test(test_drop_order) };
    return cmocka_run_group_tests_name("screen/layout", tests, NULL, NULL);
}
