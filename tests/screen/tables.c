/* What the screen's pure functions come to, as tables: layouts, colours, keys, glyphs, numbers. SADDLE_GOLDEN=write rewrites the files. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "tui/glyphs.h"
#include "tui/input.h"
#include "tui/keys.h"
#include "tui/layout.h"
#include "tui/palette.h"
#include "tui/widgets.h"

static void check_table(const char *name, struct buf *table)
{
    char path[1024];
    const char *dir = getenv("srcdir"), *mode = getenv("SADDLE_GOLDEN");
    const bool write = mode && strcmp(mode, "write") == 0;
    snprintf(path, sizeof path, "%s/tests/screen/golden/%s.txt", dir ? dir : ".", name);
    FILE *f = fopen(path, write ? "w" : "r");
    assert_non_null(f);
    if (write) {
        fputs(table->data, f);
    } else {
        char *golden = calloc(1, table->len + 4096);
        golden[fread(golden, 1, table->len + 4095, f)] = '\0';
        for (const char *a = golden, *b = table->data; strcmp(golden, table->data) != 0 && (*a || *b);) {
            const int n = (int)strcspn(a, "\n"), m = (int)strcspn(b, "\n");
            if (n != m || strncmp(a, b, (size_t)n) != 0)
                fail_msg("%s: expected\n%.*s\nand got\n%.*s", name, n, a, m, b);
            a += n + (a[n] != '\0');
            b += m + (b[m] != '\0');
        }
        assert_string_equal(golden, table->data);
        free(golden);
    }
    fclose(f);
    buf_release(table);
}

static void put_rect(struct buf *out, const char *name, const struct rect *r)
{
    if (r->rows)
        buf_addf(out, " %s%d,%d+%dx%d", name, r->row, r->col, r->rows, r->cols);
}

/* Rows and columns of what there is; the rows that are always at the ends of the screen are left out. */
static void put_layout(struct buf *out, const struct layout_input *in)
{
    struct layout l;
    char number[16];
    layout_compute(in, &l);
    buf_addf(out, "%dx%d", in->cols, in->rows);
    if (in->n_classes != 10)
        buf_addf(out, " classes %d", in->n_classes);
    if (in->n_groups != 3)
        buf_addf(out, " groups %d", in->n_groups);
    if (in->runs)
        buf_addf(out, " runs %d%s", in->runs, in->density ? " density" : "");
    if (in->messages)
        buf_addf(out, " messages %d", in->messages);
    if (in->zoom)
        buf_addf(out, " zoom %d of %d", in->zoom, in->focus + 1);
    buf_adds(out, ":");
    put_rect(out, "notice ", &l.notice);
    put_rect(out, "head ", &l.header);
    put_rect(out, "time ", &l.timeline);
    put_rect(out, "body ", &l.body);
    put_rect(out, "said ", &l.messages);
    put_rect(out, "hints ", &l.hints);
    put_rect(out, "prompt ", &l.prompt);
    if (l.framed || l.split >= 0)
        buf_addf(out, " split %d,%d", l.split_row, l.split);
    for (int p = 0; p < PANE_COUNT; p++) {
        snprintf(number, sizeof number, "%d:", l.number[p]);
        put_rect(out, number, &l.pane[p]);
    }
    buf_addc(out, '\n');
}

static void test_layouts(void **state)
{
    static const int cols[] = { 39, 40, 79, 99, 100, 119, 120, 179, 180, 200 }, rows[] = { 1, 7, 8, 9, 12, 15, 18, 21, 22, 24, 30, 40, 60 };
    static const int classes[] = { 0, 1, 31, 100, 129, 501 };
    struct buf out = { 0 };
    (void)state;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++)
        for (size_t c = 0; c < sizeof cols / sizeof *cols; c++)
            put_layout(&out, &(struct layout_input){ .rows = rows[r], .cols = cols[c], .n_classes = 10, .n_groups = 3, .events = 1 });
    for (size_t k = 0; k < sizeof classes / sizeof *classes; k++)
        for (int size = 0; size < 4; size++) {
            struct layout_input in = { .rows = size > 1 ? 50 : 24, .cols = size == 3 ? 200 : size == 2 ? 120 : 80, .n_classes = classes[k], .n_groups = 3, .events = size };
            put_layout(&out, &in);
        }
    for (int r = 10; r < 60; r += 7)
        for (int said = 1; said < 12; said += 3)
            put_layout(&out, &(struct layout_input){ .rows = r, .cols = r < 40 ? 80 : 130, .n_classes = 10, .n_groups = said, .events = 3, .messages = said });
    for (int focus = 0; focus < PANE_COUNT; focus++)
        for (int zoom = 1; zoom < 3; zoom++)
            for (int r = 14; r < 50; r += 9)
                put_layout(&out, &(struct layout_input){ .rows = r, .cols = 110, .n_classes = 10, .n_groups = 3, .focus = (enum pane_id)focus, .zoom = (enum layout_zoom)zoom });
    for (int runs = 2; runs < 9; runs += 3)
        for (int r = 8; r < 60; r += 5)
            for (int wide = 0; wide < 3; wide++)
                put_layout(&out, &(struct layout_input){ .rows = r, .cols = wide == 2 ? 130 : 99 + wide, .n_classes = 10, .n_groups = 3, .runs = runs, .density = r % 2,
                                                         .zoom = r == 33 ? ZOOM_FULL : ZOOM_NONE, .focus = COMPARE_CLASSES });
    check_table("table-layouts", &out);
}

static void test_colors(void **state)
{
    static const char *const inks[] = { "text", "head", "mid", "tail", "dim", "mark", "warn", "shade0", "shade1", "shade2", "shade3", "shade4" };
    static const char *const themes[] = { "unknown", "dark", "light", "mono" }, *const depths[] = { "8", "256", "direct" };
    struct buf out = { 0 };
    (void)state;
    for (int t = 0; t < THEME_COUNT; t++)
        for (int d = 0; d < 3; d++) {
            buf_addf(&out, "%s %s:", themes[t], depths[d]);
            for (int i = 0; i < INK_COUNT; i++)
                buf_addf(&out, d == 2 ? " %s %x" : " %s %d", inks[i], palette_color((enum theme)t, (enum depth)d, (enum ink)i));
            buf_addc(&out, '\n');
        }
    for (int i = -1; i < 256; i++)
        buf_addf(&out, "%d %06x%s", i, (unsigned)palette_rgb(i), i % 8 == 7 ? "\n" : " ");
    for (int grey = 0; grey < 256; grey += 15)
        buf_addf(&out, "%d %d %d: theme %s, contrast to white %.4f\n", grey, 255 - grey, grey / 2, themes[palette_theme(grey, 255 - grey, grey / 2)],
                 palette_contrast(grey << 16 | (255 - grey) << 8 | grey / 2, 0xffffff));
    check_table("table-colors", &out);
}

static void put_key(struct buf *out, uint32_t code, const char *name)
{
    const enum action keys = key_action(code, false), prompt = key_action(code, true);
    if (keys != ACTION_NONE || prompt != ACTION_NONE)
        buf_addf(out, "%s: %s%s\n", name, action_table[keys].help ? action_table[keys].help : "nothing", prompt == keys ? ", at the prompt too" : prompt ? ", at the prompt something else" : "");
}

static void test_keys(void **state)
{
    static const struct {
        uint32_t code;
        const char *name;
    } named[] = { { INPUT_UP, "Up" }, { INPUT_DOWN, "Down" }, { INPUT_LEFT, "Left" }, { INPUT_RIGHT, "Right" }, { INPUT_HOME, "Home" }, { INPUT_END, "End" },
                  { INPUT_INSERT, "Insert" }, { INPUT_DELETE, "Delete" }, { INPUT_PAGE_UP, "PgUp" }, { INPUT_PAGE_DOWN, "PgDn" }, { INPUT_BACKTAB, "S-Tab" } };
    struct buf out = { 0 };
    char name[16];
    (void)state;
    for (uint32_t code = 1; code < 0x100; code++) {
        snprintf(name, sizeof name, code < 32 ? "C-%c" : "%c", code < 32 ? (int)code + 64 : (int)code);
        put_key(&out, code, name);
    }
    for (size_t i = 0; i < sizeof named / sizeof *named; i++)
        put_key(&out, named[i].code, named[i].name);
    for (int f = 0; f < 25; f++) {
        snprintf(name, sizeof name, "F%d", f);
        put_key(&out, (uint32_t)INPUT_F(f), name);
    }
    for (uint32_t code = 1; code < 0x80; code++) {
        snprintf(name, sizeof name, "M-%c", (int)code);
        put_key(&out, INPUT_ALT | code, name);
    }
    for (int order = 0; order < 20; order++)
        buf_addf(&out, "hint %d: %s\n", order, order && hint_action(order) ? action_table[hint_action(order)].hint : "none");
    for (int screen = 0; screen < KEYS_SCREENS; screen++) {
        buf_addf(&out, "screen %d, idle:", screen);
        for (int a = 1; a < ACTION_COUNT; a++)
            if (key_is_idle((enum keys_screen)screen, (enum action)a))
                buf_addf(&out, " %s,", action_table[a].help);
        buf_addc(&out, '\n');
        keys_help_own((enum keys_screen)screen, &out);
        keys_help((enum keys_screen)screen, &out);
    }
    for (int line = 0; line < LINE_COUNT; line++)
        buf_addf(&out, "line %d: '%s'\n", line, key_line[line]);
    check_table("table-keys", &out);
}

static void test_glyphs(void **state)
{
    static const char *const words[] = { "auto", "block", "braille", "ascii" }, *const terms[] = { NULL, "xterm", "linux", "linux-16color" };
    static const char *const names[] = { "ascii", "block", "braille" };
    struct buf out = { 0 };
    (void)state;
    for (int w = 0; w < 4; w++)
        for (int t = 0; t < 4; t++)
            for (int k = 0; k < 4; k++)
                buf_addf(&out, "%s %s%s%s: %s\n", words[w], terms[t] ? terms[t] : "-", k & 1 ? " utf8" : "", k & 2 ? " wide" : "",
                         names[glyphs_choose(words[w], k & 1, k & 2, terms[t])]);
    check_table("table-glyphs", &out);
}

static void test_numbers(void **state)
{
    static const double size[] = { 0, 1e-300, 1e-7, 0.00099, 0.001, 0.0049, 0.005, 0.0123, 0.0949, 0.095, 0.1, 0.5, 0.994, 0.995, 1, 9.99, 9.995, 10, 99.94, 99.95, 99.996, 100, 123.45, 999.94,
                                   999.96, 1000, 9999.5, 12345, 99999, 99999.6, 1e5, 123456789, 1e300, INFINITY, NAN };
    static const double seconds[] = { 0, 0.4, 0.5, 59.4, 59.5, 60, 3599, 3599.4, 3599.5, 3600, 36000, 86399.4, 86399.6, 86400, 90000, 900000, 1e8, 1.1e8, -1, NAN };
    static const unsigned long long whole[] = { 0, 7, 99, 100, 999, 1000, 12345, 123456, 1234567, 12345678901234567890ull };
    struct buf out = { 0 };
    char text[64], eig[32], sign[40];
    (void)state;
    for (size_t i = 0; i < sizeof size / sizeof *size; i++)
        for (int sign_of = 0; sign_of < 2; sign_of++) {
            const double value = sign_of ? -size[i] : size[i];
            buf_addf(&out, "%.9g:", value);
            for (int width = 4; width < 9; width++) {
                format_short(text, value, width);
                buf_addf(&out, " %s", text);
            }
            format_eig(eig, value);
            buf_addf(&out, "; %s", eig);
            if (fabs(value) < 1e6 || isnan(value)) {
                format_signed(sign, value, 6, 1);
                buf_addf(&out, "; %s", sign);
                format_signed(sign, value, 4, 2);
                buf_addf(&out, "; %s", sign);
            }
            buf_addc(&out, '\n');
        }
    for (size_t i = 0; i < sizeof seconds / sizeof *seconds; i++) {
        format_duration(text, seconds[i]);
        buf_addf(&out, "%g s: %s\n", seconds[i], text);
    }
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++) {
        format_grouped(text, whole[i]);
        buf_addf(&out, "%llu: %s\n", whole[i], text);
    }
    check_table("table-numbers", &out);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_layouts), cmocka_unit_test(test_colors), cmocka_unit_test(test_keys), cmocka_unit_test(test_glyphs),
                                         cmocka_unit_test(test_numbers) };
    return cmocka_run_group_tests_name("screen/tables", tests, NULL, NULL);
}
