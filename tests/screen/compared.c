/* The screen of a comparison over recorded runs of made-up numbers: what must hold at every size, and how long it takes with as many classes
 * as iNaturalist has. SADDLE_COMPARE_EPOCHS (30): how long the large runs are. */
#include "config.h"
#include "../unit/compared.h"

#include <locale.h>
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "tui/compare.h"

static struct history nothing;
static struct screen screen;
static struct canvas canvas;
static const char *const eight[] = { "a", "b", "c", "d", "e", "f", "g", "h" }, *const usual[3] = { "tail", "loss", "lmin:c2" };

static void record_run(const char *name, int classes, uint64_t epochs, double gain, const char *rho)
{
    struct written w = { .name = name, .classes = classes };
    begin_config(&w, rho, 1, NULL, 0);
    write_data(&w, "aa", 0);
    for (uint64_t ep = 1; ep <= epochs; ep++) {
        write_epoch(&w, ep, 30 + gain * (double)ep / (double)epochs, 2 - (double)ep / (double)epochs);
        if (ep % 10 == 0)
            write_eig(&w, ep * SPE, 2, -20 + gain);
    }
    end_run(&w);
}

static void open_pair(const char *const *names, int n, const char *const metrics[3])
{
    struct err err = { 0 };
    screen_init(&screen);
    history_init(&nothing);
    screen.view.h = &nothing;
    screen.keys = true;
    screen.compare.class = -1;
    screen.view.comparison = open_runs(names, n, &err);
    assert_string_equal(err.text, "");
    for (int i = 0; i < 3; i++)
        assert_int_equal(comparison_add_metric(screen.view.comparison, metrics[i], &err), i);
}

static void close_pair(void)
{
    comparison_close(screen.view.comparison);
    screen_release(&screen);
    history_release(&nothing);
    canvas_release(&canvas);
    canvas = (struct canvas){ 0 };
}

static char *painted(int rows, int cols, enum glyph_mode glyphs)
{
    struct buf text = { 0 };
    assert_int_equal(canvas_resize(&canvas, rows, cols), 0);
    canvas.utf8 = glyphs != GLYPHS_ASCII;
    canvas.ascii = glyphs == GLYPHS_ASCII;
    screen.glyphs = glyphs;
    screen_paint(&screen, &canvas);
    canvas_to_text(&canvas, &text);
    assert_non_null(text.data);
    return text.data;
}

static void test_every_size(void **state)
{
    (void)state;
    for (int i = 0; i < 8; i++)
        record_run(eight[i], 7, 4, 5.0 * i, "0.05");
    for (int n = 2; n <= 8; n += 3) {
        open_pair(eight, n, usual);
        for (int rows = 1; rows < 70; rows += rows < 30 ? 1 : 7)
            for (int cols = 1; cols < 210; cols += 9) {
                screen.compare.density = (rows + cols) % 2;
                screen.compare.run = (rows + cols) % n;
                screen.zoom = rows % 5 == 4 ? ZOOM_FULL : ZOOM_NONE;
                screen.focus = (enum pane_id)(cols % 4);
                compare_seek(&screen, cols % 6);
                free(painted(rows, cols, (enum glyph_mode)(cols % 3)));
            }
        close_pair();
    }
}

/* Each run has its label, at the row of its value or beside it; they do not lie over each other. */
static void test_every_line_has_a_label(void **state)
{
    (void)state;
    open_pair(eight, 8, usual);
    free(painted(24, 80, GLYPHS_ASCII));
    screen.focus = COMPARE_TRACES;
    screen.zoom = ZOOM_FULL;
    char *text = painted(24, 80, GLYPHS_ASCII);
    for (int i = 0; i < 8; i++) {
        char label[24];
        snprintf(label, sizeof label, " %c %.1f\n", 'a' + i, 20 + 5.0 * i);
        if (!strstr(text, label))
            print_error("no '%s' in\n%s", label, text);
        assert_non_null(strstr(text, label));
    }
    free(text);
    close_pair();
}

/* A knob that changed more often than its column is wide: what is cut has a mark, and no text begins in the middle. */
static void test_cut_knobs(void **state)
{
    static const char *const names[] = { "steady", "changed" };
    struct written w = { .name = names[1], .classes = 7 };
    (void)state;
    record_run(names[0], 7, 20, 5, "0.05");
    begin_config(&w, "0.05", 1, NULL, 0);
    write_data(&w, "aa", 0);
    for (uint64_t ep = 1; ep <= 20; ep++) {
        write_epoch(&w, ep, 30, 2);
        if (ep == 2 || ep == 10)
            write_set(&w, ep * SPE + 5, "rho", ep == 2 ? "0.111" : "0.333", ep == 2 ? "0.05" : "0.111");
    }
    end_run(&w);
    open_pair(names, 2, usual);
    for (int cols = 40; cols < 130; cols++) {
        char *text = painted(24, cols, GLYPHS_BLOCK);
        if (strstr(text, "  > 0."))
            print_error("%s\n", text);
        assert_null(strstr(text, "  > 0."));
        if (cols == 80)
            assert_non_null(strstr(text, "  … > 0.333@10.5"));
        free(text);
    }
    close_pair();
}

/* The row of the first line with that text, from 0. */
static int row_with(const char *text, const char *part)
{
    const char *at = strstr(text, part);
    int row = 0;
    assert_non_null(at);
    for (const char *c = text; c < at; c++)
        row += *c == '\n';
    return row;
}

/* F lies where the child left its parent's line: low, for only then did it rise. */
static void test_a_fork_is_marked_where_it_left(void **state)
{
    static const char *const names[] = { "trunk", "branch" };
    struct written trunk = { .name = names[0], .classes = 7 }, branch = { .name = names[1], .classes = 7 };
    (void)state;
    begin_config(&trunk, "0.05", 1, NULL, 0);
    write_data(&trunk, "aa", 0);
    for (uint64_t ep = 1; ep <= 6; ep++)
        write_epoch(&trunk, ep, 30, 2);
    write_eig(&trunk, 6 * SPE, 2, -20);
    end_run(&trunk);
    begin_config(&branch, "0.5", 1, &trunk, 3 * SPE);
    write_data(&branch, "aa", 0);
    for (uint64_t ep = 4; ep <= 6; ep++)
        write_epoch(&branch, ep, 90, 2);
    end_run(&branch);
    open_pair(names, 2, usual);
    screen.focus = PANE_TRACES;
    screen.zoom = ZOOM_FULL;
    char *text = painted(40, 120, GLYPHS_BLOCK);
    const int top = row_with(text, " 80│"), bottom = row_with(text, " 20│"), fork = row_with(text, "F"); /* of the tail, 10 below all */
    if (!(fork > top + 2 && fork <= bottom && bottom - fork <= 1))
        fail_msg("F in row %d, 80 in %d, 20 in %d:\n%s", fork, top, bottom, text);
    free(text);
    close_pair();
}

static double spent(uint64_t from)
{
    return (double)(clock_thread_ns() - from) / 1e6;
}

static void test_time(void **state)
{
    static const char *const names[] = { "large-a", "large-b" };
    static const char *const metrics[3] = { "tail", "acc:c8000", "lmin:c2" };
    const char *wish = getenv("SADDLE_COMPARE_EPOCHS");
    const uint64_t epochs = wish ? strtoull(wish, NULL, 10) : 30;
    double paint = 0, seek = 0;
    (void)state;
    record_run(names[0], 8142, epochs, 10, "0.05");
    record_run(names[1], 8142, epochs, 20, "0.5");
    open_pair(names, 2, metrics);
    for (int i = 0; i < 20; i++) {
        uint64_t from = clock_thread_ns();
        compare_seek(&screen, (double)(i * 7 % (int)epochs));
        seek = fmax(seek, spent(from));
        from = clock_thread_ns();
        free(painted(40, 120, GLYPHS_BRAILLE));
        paint = i ? fmax(paint, spent(from)) : paint;
    }
    print_message("8142 classes, %d epochs: %.2f ms to seek, %.2f ms to paint\n", (int)epochs, seek, paint);
    close_pair();
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    assert_true(seek < 50 && paint < 50);
#endif
}

int main(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_every_size), cmocka_unit_test(test_every_line_has_a_label), cmocka_unit_test(test_cut_knobs),
                                         cmocka_unit_test(test_a_fork_is_marked_where_it_left),
                                         cmocka_unit_test(test_time) };
    return cmocka_run_group_tests(tests, make_root, remove_root);
}
