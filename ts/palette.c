/* Every colour stands out from its background: 4.5 : 1 for text, 3 : 1 for marks, on black and white and on usual backgrounds. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tui/palette.h"

static const enum ink texts[] = { INK_TEXT, INK_HEAD, INK_MID, INK_TAIL, INK_DIM, INK_WARN };
static const enum ink marks[] = { INK_MARK, INK_SHADE1, INK_SHADE2, INK_SHADE3, INK_SHADE4 };

static void stands_out(enum theme theme, enum depth depth, enum ink ink, int back, double least)
{
    int color = palette_color(theme, depth, ink);
    if (color < 0)
        return; /* the terminal's own: its user chose it */
    int rgb = depth == DEPTH_DIRECT ? color : palette_rgb(color);
    double contrast = palette_contrast(rgb, back);
    if (contrast < least)
        fail_msg("theme %d depth %d ink %d: #%06x on #%06x is %.2f : 1", theme, depth, ink, (unsigned)rgb, (unsigned)back, contrast);
}

static void check(enum theme theme, int back, double share)
{
    for (int depth = DEPTH_8; depth <= DEPTH_DIRECT; depth++) {
        for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
            stands_out(theme, (enum depth)depth, texts[i], back, 4.5 * share);
        for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
            stands_out(theme, (enum depth)depth, marks[i], back, 3 * share);
    }
}

static void test_contrast(void **state)
{
    (void)state;
    check(THEME_DARK, 0x000000, 1);
    check(THEME_LIGHT, 0xffffff, 1);
    check(THEME_UNKNOWN, 0x000000, 1);
    check(THEME_UNKNOWN, 0xffffff, 1);
    check(THEME_DARK, 0x282a36, 1); /* not only on black: Dracula's and Solarized's */
    check(THEME_DARK, 0x002b36, 1);
    check(THEME_LIGHT, 0xfdf6e3, 0.9);
}

/* Numbers that others publish. */
static void test_formula(void **state)
{
    (void)state;
    assert_float_equal(palette_contrast(0x000000, 0xffffff), 21, 1e-9);
    assert_float_equal(palette_contrast(0x777777, 0xffffff), 4.48, 0.005);
    assert_float_equal(palette_contrast(0x0000ff, 0xffffff), 8.59, 0.005);
    assert_int_equal(palette_rgb(208), 0xff8700);
    assert_int_equal(palette_rgb(244), 0x808080);
}

static void test_groups_differ(void **state)
{
    (void)state;
    for (int theme = THEME_UNKNOWN; theme <= THEME_LIGHT; theme++)
        assert_int_not_equal(palette_color((enum theme)theme, DEPTH_256, INK_HEAD), palette_color((enum theme)theme, DEPTH_256, INK_TAIL));
    assert_int_equal(palette_color(THEME_MONO, DEPTH_256, INK_TAIL), -1);
}

static void test_themes(void **state)
{
    (void)state;
    assert_int_equal(palette_theme(0, 0, 0), THEME_DARK);
    assert_int_equal(palette_theme(0x28, 0x2a, 0x36), THEME_DARK);
    assert_int_equal(palette_theme(255, 255, 255), THEME_LIGHT);
    assert_int_equal(palette_theme(0xfd, 0xf6, 0xe3), THEME_LIGHT);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_contrast), cmocka_unit_test(test_formula), cmocka_unit_test(test_groups_differ),
                                        cmocka_unit_test(test_themes) };
    return cmocka_run_group_tests_name("screen/palette", tests, NULL, NULL);
}
