/* The look of panes that are painted into a canvas from a made-up run, as golden text. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui_model.h"

static FILE *open_golden(const char *name, const char *mode)
{
    char path[1024];
    const char *dir = getenv("srcdir");
    snprintf(path, sizeof path, "%s/tests/screen/golden/%s.txt", dir ? dir : ".", name);
    FILE *f = fopen(path, mode);
    assert_non_null(f);
    return f;
}

static char *read_golden(const char *name)
{
    FILE *f = open_golden(name, "r");
    char *text = calloc(1, 1 << 18);
    size_t n = fread(text, 1, (1 << 18) - 1, f);
    text[n] = '\0';
    fclose(f);
    return text;
}

/* SADDLE_GOLDEN=write rewrites the files; a person reads the difference. */
static void check_golden(const char *name, const char *text)
{
    const char *mode = getenv("SADDLE_GOLDEN");
    if (mode && strcmp(mode, "write") == 0) {
        FILE *f = open_golden(name, "w");
        fputs(text, f);
        fclose(f);
        return;
    }
    char *golden = read_golden(name);
    if (strcmp(golden, text) != 0)
        print_error("--- %s expected\n%s--- painted\n%s", name, golden, text);
    assert_string_equal(golden, text);
    free(golden);
}

static void check_look(struct model *m, const char *name, int rows, int cols, bool utf8, enum glyph_mode glyphs)
{
    char *text = model_paint(m, rows, cols, utf8, glyphs);
    assert_non_null(text);
    check_golden(name, text);
    free(text);
}

static void golden(const char *name, int classes, int rows, int cols, bool utf8, enum glyph_mode glyphs)
{
    struct model m;
    model_init(&m, classes);
    check_look(&m, name, rows, cols, utf8, glyphs);
    model_release(&m);
}

static void test_looks(void **state)
{
    (void)state;
    golden("panes-80x24-ascii", 10, 24, 80, false, GLYPHS_ASCII);
    golden("panes-80x24-utf8", 10, 24, 80, true, GLYPHS_BRAILLE);
    golden("panes-120x40-utf8", 10, 40, 120, true, GLYPHS_BRAILLE);
    golden("panes-120x40-block", 10, 40, 120, true, GLYPHS_BLOCK);
    golden("panes-200x60-100", 100, 60, 200, true, GLYPHS_BRAILLE);
    golden("panes-80x24-100", 100, 24, 80, true, GLYPHS_BRAILLE);
    golden("panes-120x40-8142", 8142, 40, 120, true, GLYPHS_BRAILLE);
    golden("panes-200x60-1000", 1000, 60, 200, true, GLYPHS_BRAILLE);
    golden("panes-80x24-1000", 1000, 24, 80, false, GLYPHS_ASCII);
    golden("panes-40x12", 10, 12, 40, true, GLYPHS_BRAILLE);
    golden("panes-40x8", 10, 8, 40, false, GLYPHS_ASCII);
    golden("panes-welcome", 0, 24, 80, false, GLYPHS_ASCII);
}

static void test_overlays(void **state)
{
    (void)state;
    struct model m;
    model_init(&m, 10);
    m.s.overlay = OVERLAY_HELP;
    check_look(&m, "panes-help", 24, 80, false, GLYPHS_ASCII);
    free(model_paint(&m, 40, 120, true, GLYPHS_BRAILLE)); /* selects within the layout */
    m.s.overlay = OVERLAY_NONE;
    screen_open(&m.s);
    assert_int_equal(m.s.overlay, OVERLAY_CLASS);
    check_look(&m, "panes-detail", 24, 80, true, GLYPHS_BRAILLE);
    model_release(&m);
}

/* A letter for the ink of each cell, large when bold, # when reversed; blanks have none. */
static void test_inks(void **state)
{
    (void)state;
    static const char letter[] = "thmldkw01234";
    static char text[40 * 121 + 1];
    struct model m;
    char *p = text;
    model_init(&m, 10);
    free(model_paint(&m, 40, 120, true, GLYPHS_BRAILLE));
    for (int row = 0; row < 40; row++) {
        for (int col = 0; col < 120; col++) {
            const struct cell *c = &m.c.cell[row * 120 + col];
            const char ink = (c->ink & INK_MASK) < INK_COUNT ? letter[c->ink & INK_MASK] : '?';
            *p++ = c->ink & INK_REVERSE ? '#' : c->ch == ' ' ? ' ' : c->ink & INK_BOLD && ink >= 'a' ? (char)(ink - 'a' + 'A') : ink;
        }
        while (p > text && p[-1] == ' ')
            p--;
        *p++ = '\n';
    }
    *p = '\0';
    check_golden("inks-120x40", text);
    model_release(&m);
}

/* The view of the curvature pane below the eigenvalues, at the sizes where it looks different. */
static void curves(const char *name, const char *view, int rows, int cols, bool utf8, bool zoom, bool probe)
{
    struct model m;
    struct err err;
    model_init(&m, 10);
    if (probe)
        model_probe(&m, 9);
    assert_int_equal(screen_zoom_pane(&m.s, view, &err), 0);
    if (!zoom)
        m.s.zoom = ZOOM_NONE;
    check_look(&m, name, rows, cols, utf8, utf8 ? GLYPHS_BRAILLE : GLYPHS_ASCII);
    model_release(&m);
}

static void test_curves(void **state)
{
    (void)state;
    curves("curves-spectra-80x24-ascii", "spectra", 24, 80, false, true, false);
    curves("curves-spectra-200x60", "spectra", 60, 200, true, false, false);
    curves("curves-probe-120x40", "spectrum", 40, 120, true, false, true);
    curves("curves-slice-80x24-ascii", "slice", 24, 80, false, true, false);
    curves("curves-slice-120x40", "slice", 40, 120, true, false, false);
    curves("curves-cnc-80x24", "cnc", 24, 80, true, true, false);
}

int main(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_looks), cmocka_unit_test(test_overlays), cmocka_unit_test(test_inks),
                                        cmocka_unit_test(test_curves) };
    return cmocka_run_group_tests_name("tui/looks", tests, NULL, NULL);
}
