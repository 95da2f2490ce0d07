/* Cells, bars, sparklines, plots, numbers and the prompt row. */
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

#include "base/buf.h"
#include "tui/canvas.h"
#include "tui/glyphs.h"
#include "tui/prompt.h"
#include "tui/widgets.h"

static struct canvas canvas;

static struct area fresh(int rows, int cols, bool utf8, bool ascii)
{
    canvas.utf8 = utf8;
    canvas.ascii = ascii;
    assert_int_equal(canvas_resize(&canvas, rows, cols), 0);
    return area_whole(&canvas);
}

static void shows(const char *expected)
{
    struct buf text = { 0 };
    canvas_to_text(&canvas, &text);
    assert_string_equal(text.data, expected);
    buf_release(&text);
}

static void test_put(void **state)
{
    (void)state;
    struct area a = fresh(2, 10, true, false);
    assert_int_equal(area_put(a, 0, 2, 0, "abc"), 3);
    area_put(a, 0, 8, 0, "xyz");  /* cut at the edge */
    area_put(a, 5, 0, 0, "gone"); /* outside */
    area_put(a, 1, -1, 0, "qr");
    shows("  abc   xy\nr\n");
    fresh(1, 6, true, false);
    area_putn(area_whole(&canvas), 0, 0, 0, "abcdefgh", 5);
    shows("abcd…\n");
    fresh(1, 7, false, true);
    area_putn(area_whole(&canvas), 0, 0, 0, "λ→█·é\x1b", 7);
    shows("l->#.??\n");
    fresh(1, 4, true, false);
    area_put(area_whole(&canvas), 0, 1, 0, "漢x漢"); /* the last one has no room */
    shows(" 漢x\n");
    area_char(area_whole(&canvas), 0, 2, 0, '!'); /* half of a wide character leaves a blank */
    shows("  !x\n");
}

static void test_control_characters(void **state)
{
    (void)state;
    fresh(1, 40, true, false);
    area_put(area_whole(&canvas), 0, 0, 0, "a\033[31m\x07\xc2\x9b\xe2\x80\xae" "b\xff");
    struct buf text = { 0 };
    canvas_to_text(&canvas, &text);
    for (const char *p = text.data; *p && *p != '\n'; p++)
        assert_true((unsigned char)*p >= 0x20 && *p != 0x7f);
    assert_null(strstr(text.data, "\xc2\x9b"));
    buf_release(&text);
}

static void test_bar(void **state)
{
    (void)state;
    static const struct {
        double share;
        const char *utf8, *ascii;
    } table[] = { { 0, "····\n", "....\n" },   { 0.5, "██··\n", "##..\n" },    { 0.53125, "██▏·\n", "##..\n" },
                  { 0.7, "██▊·\n", "###.\n" }, { 1, "████\n", "####\n" },       { 7, "████\n", "####\n" },
                  { -1, "····\n", "....\n" },  { NAN, "\n", "\n" } };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        widget_bar(fresh(1, 4, true, false), 0, 0, 4, table[i].share, 0);
        shows(table[i].utf8);
        widget_bar(fresh(1, 4, false, true), 0, 0, 4, table[i].share, 0);
        shows(table[i].ascii);
    }
}

static double ramp(const void *ctx, int i)
{
    const double *v = ctx;
    return v[i];
}

static void sparkline(struct area a, int n, const double *v)
{
    widget_sparkline(&(const struct spark){ .area = a, .cols = a.cols, .high = 100 }, n, ramp, v);
}

static void test_sparkline(void **state)
{
    (void)state;
    double v[40];
    for (int i = 0; i < 40; i++)
        v[i] = i < 8 ? 12.5 * i + 1 : NAN;
    sparkline(fresh(1, 10, true, false), 8, v);
    shows("▁▂▃▄▅▆▇█\n");
    sparkline(fresh(1, 10, false, true), 8, v);
    shows(" .:-=+*#\n");
    v[3] = NAN;
    sparkline(fresh(1, 10, true, false), 40, v); /* four values to a cell; the missing ones are skipped */
    shows("▂▆\n");
    assert_int_equal(widget_spark_stride(10, 10), 1);
    assert_int_equal(widget_spark_stride(11, 10), 2);
    assert_int_equal(widget_spark_stride(5, 0), 1);
}

/* Columns that were drawn hold still while the stride stays. */
static void test_sparkline_is_stable(void **state)
{
    (void)state;
    double v[100];
    for (int i = 0; i < 100; i++)
        v[i] = (i * 37) % 100;
    for (int n = 21; n < 40; n++) {
        struct cell before[20];
        sparkline(fresh(1, 20, true, false), n, v);
        memcpy(before, canvas.cell, sizeof before);
        sparkline(fresh(1, 20, true, false), n + 1, v);
        assert_memory_equal(before, canvas.cell, (size_t)(n / 2) * sizeof before[0]);
    }
}

static void test_plot(void **state)
{
    (void)state;
    struct plot p;
    plot_begin(&p, fresh(2, 2, true, false), GLYPHS_BRAILLE, 0);
    assert_int_equal(p.width, 4);
    assert_int_equal(p.height, 8);
    plot_column(&p, 0, 0, 0);
    plot_column(&p, 1, 1, 1); /* joined to the column before: no hole */
    plot_gap(&p);
    plot_column(&p, 3, 0, 0.3);
    shows("⢸\n⡸⢰\n");
    plot_begin(&p, fresh(2, 3, true, false), GLYPHS_BLOCK, 0);
    plot_column(&p, 0, 0, 0);
    plot_column(&p, 1, 0.4, 0.4);
    plot_column(&p, 2, 1, 1);
    assert_int_equal(p.height, 4);
    plot_begin(&p, fresh(2, 3, false, true), GLYPHS_ASCII, 0);
    plot_column(&p, 0, 0, 0);
    plot_column(&p, 2, 1, 1);
    plot_column(&p, 1, NAN, 1);
    shows("  *\n*\n");
}

static bool zigzag(const void *ctx, size_t i, struct plot_point *out)
{
    const double *y = ctx;
    *out = (struct plot_point){ 2.0 * (double)i, y[i], y[i], y[i] };
    return y[i] >= 0;
}

/* Points three columns apart are joined, one that is missing is passed over, and styles differ without colour. */
static void test_plot_styles(void **state)
{
    (void)state;
    static const double y[] = { 0, -1, 4, 2, 4 };
    const struct plot_data d = { 5, zigzag, y };
    struct plot_scale k = { .x0 = 0, .x1 = 8 };
    struct plot p;
    assert_true(plot_range(&d, &k));
    assert_true(k.y0 == 0 && k.y1 == 4);
    static const char *const looks[2][PLOT_STRONG + 1] = {
        { "    ⡠⠊⠢⡀  ⡠⠊\n ⢀⠤⠊   ⠈⠢⠊\n⡰⠁\n", "    ⡠⠊     ⠈\n ⢀ ⠈   ⠈⠢⠊\n⡰⠁\n", "    ⡀⠈ ⡀  ⡀⠈\n  ⠠     ⠠\n⡀⠁\n",
          "    ⣠⡾⢷⣄  ⣠⡾\n ⢀⣤⡾⠋  ⠙⢷⡾⠋\n⣴⡟⠁\n" },
        { "    ooo   oo\n ooo   ooo\no\n", "    +++   ++\n +++   +++\n+\n", "    ...   ..\n ...   ...\n.\n",
          "    ###   ##\n ###   ###\n#\n" },
    };
    for (int style = PLOT_SOLID; style <= PLOT_STRONG; style++)
        for (int ascii = 0; ascii < 2; ascii++) {
            plot_begin(&p, fresh(3, 12, !ascii, ascii), ascii ? GLYPHS_ASCII : GLYPHS_BRAILLE, 0);
            plot_set_style(&p, (enum plot_style)style);
            plot_points(&p, &k, &d);
            shows(looks[ascii][style]);
        }
}

static void test_numbers(void **state)
{
    (void)state;
    char t[64];
    static const struct {
        double v;
        int width;
        const char *text;
    } table[] = { { 0.41, 6, "0.41" }, { 245.5, 7, "245.5" },   { 0.001, 6, "0.0010" }, { 2e-4, 5, "2e-4" }, { 0, 5, "0.00" },
                  { NAN, 5, "-" },     { 123456789, 7, "1.2e8" }, { 12.345, 4, "12.3" } };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        format_short(t, table[i].v, table[i].width);
        assert_string_equal(t, table[i].text);
    }
    format_duration(t, 134);
    assert_string_equal(t, "02:14");
    format_duration(t, 3734);
    assert_string_equal(t, "1:02:14");
    format_duration(t, NAN);
    assert_string_equal(t, "--:--");
    format_grouped(t, 1234567);
    assert_string_equal(t, "1 234 567");
    format_eig(t, -0.04);
    assert_string_equal(t, "-0.04");
    format_eig(t, 245.46);
    assert_string_equal(t, "245.5");
}

static void prompt(const char *text, int cursor, int cols, int expected_col, const char *expected)
{
    assert_int_equal(prompt_paint(fresh(1, cols, true, false), "saddle> ", text, cursor), expected_col);
    shows(expected);
}

/* The cursor counts columns, not bytes, and never leaves the row. */
static void test_prompt(void **state)
{
    (void)state;
    prompt("set lr", 6, 40, 14, "saddle> set lr\n");
    prompt("λé漢x", 7, 40, 12, "saddle> λé漢x\n");
    prompt("a\nb\003c\xff", 5, 40, 14, "saddle> a↵b^Cc?\n");
    prompt("0123456789abcdef", 16, 20, 19, "saddle> <6789abcdef\n");
    prompt("0123456789abcdef", 2, 20, 10, "saddle> 0123456789ab\n");
    prompt("abcdef", 6, 4, 3, "def\n");
    for (int cols = 1; cols < 30; cols++)
        for (int cursor = 0; cursor <= 7; cursor++) {
            int col = prompt_paint(fresh(1, cols, true, false), "saddle> ", "漢b漢", cursor);
            assert_true(col >= 0 && col < cols);
        }
}

/* A row ends behind a blank of its second half, else at its edge; never in the middle of a character. */
static void test_break(void **state)
{
    (void)state;
    const struct canvas *c = fresh(1, 40, true, false).canvas;
    assert_int_equal(text_break(c, "accepted: 0 to 1", 40), 16);
    assert_int_equal(text_break(c, "accepted: 0 to 1", 13), 12);
    assert_int_equal(text_break(c, "a accepted0to1", 8), 8);
    assert_int_equal(text_break(c, "\xe6\xbc\xa2\xe6\xbc\xa2", 3), 3);
    assert_int_equal(text_break(c, "\xe6\xbc\xa2", 1), 3);
    assert_int_equal(text_break(c, "", 5), 0);
}

static void test_glyph_choice(void **state)
{
    (void)state;
    assert_int_equal(glyphs_choose("auto", true, false, "xterm"), GLYPHS_BRAILLE);
    assert_int_equal(glyphs_choose("auto", true, false, "linux"), GLYPHS_BLOCK);
    assert_int_equal(glyphs_choose("braille", false, false, "xterm"), GLYPHS_ASCII);
    assert_int_equal(glyphs_choose("block", true, true, "xterm"), GLYPHS_ASCII);
    assert_int_equal(glyphs_choose("ascii", true, false, NULL), GLYPHS_ASCII);
    assert_true(glyphs_locale_utf8());
    assert_false(glyphs_locale_wide());
}

int main(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_put),     cmocka_unit_test(test_control_characters),
        cmocka_unit_test(test_bar),    cmocka_unit_test(test_sparkline), cmocka_unit_test(test_sparkline_is_stable),
        cmocka_unit_test(test_plot), cmocka_unit_test(test_plot_styles),   cmocka_unit_test(test_numbers), cmocka_unit_test(test_prompt),
        cmocka_unit_test(test_break),  cmocka_unit_test(test_glyph_choice),
    };
    int failed = cmocka_run_group_tests_name("screen/canvas", tests, NULL, NULL);
    canvas_release(&canvas);
    return failed;
}
