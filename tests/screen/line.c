/* The readline bridge without a terminal: bytes in, lines out. The traps are numbered as in the design. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tui/line.h"

static char folder[] = "/tmp/saddle-line-XXXXXX";
static char history[64];
static size_t asked_cursor;

static char *copy(const char *text)
{
    char *c = strdup(text);
    assert_non_null(c);
    return c;
}

/* Knows "set", "show", "snapshot" and, after "watch ", classes in a comma list. */
static void complete(void *ctx, const char *line, size_t cursor, struct completion *out)
{
    static const char *const verbs[] = { "set", "show", "snapshot" };
    (void)ctx;
    asked_cursor = cursor;
    out->word = calloc(4, sizeof *out->word);
    out->show = calloc(4, sizeof *out->show);
    out->cap = 4;
    if (strncmp(line, "watch ", 6) == 0) {
        size_t start = cursor;
        while (start > 6 && line[start - 1] != ',')
            start--;
        out->start = start;
        if (strncmp("airplane", line + start, cursor - start) == 0) {
            out->word[0] = copy("airplane");
            out->show[0] = copy("airplane  n=5000");
            out->n = 1;
        }
        return;
    }
    for (int i = 0; i < 3; i++)
        if (strncmp(verbs[i], line, cursor) == 0) {
            out->word[out->n] = copy(verbs[i]);
            out->show[out->n++] = copy(verbs[i]);
        }
}

/* The workbench owns this function; here is no workbench. */
void completion_release(struct completion *c)
{
    for (int i = 0; i < c->n; i++) {
        free(c->word[i]);
        free(c->show[i]);
    }
    free(c->word);
    free(c->show);
    *c = (struct completion){ 0 };
}

static void open_line(const char *inputrc)
{
    char path[64];
    snprintf(path, sizeof path, "%s/inputrc", folder);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(inputrc, f);
    fclose(f);
    setenv("INPUTRC", path, 1);
    struct line_options o = { .prompt = "saddle> ", .history_path = history, .complete = complete };
    line_open(&o);
}

static int start(void **state)
{
    (void)state;
    unlink(history);
    open_line("");
    return 0;
}

static int stop(void **state)
{
    (void)state;
    line_close();
    return 0;
}

static void type(const char *text)
{
    line_feed(text, (int)strlen(text));
}

static void accepts(const char *expected)
{
    bool eof;
    char *text = line_accepted(&eof);
    if (!expected) {
        assert_null(text);
        return;
    }
    assert_non_null(text);
    assert_string_equal(text, expected);
    free(text);
}

static void test_editing(void **state)
{
    (void)state;
    type("set rho .5");
    assert_string_equal(line_text(), "set rho .5");
    assert_int_equal(line_cursor(), 10);
    type("\x01");
    assert_int_equal(line_cursor(), 0);
    type("\033[C\033f"); /* right, Alt-f */
    assert_int_equal(line_cursor(), 3);
    accepts(NULL);
    type("\r");
    accepts("set rho .5");
    assert_true(line_is_empty());
}

static void test_many_bytes(void **state)
{
    (void)state;
    type("é λ 漢");
    assert_int_equal(line_cursor(), (int)strlen("é λ 漢"));
    type("\x7f");
    assert_string_equal(line_text(), "é λ ");
    type("\033[D\033[D\033[D"); /* whole characters */
    assert_int_equal(line_cursor(), 2);
}

/* Trap 1: a paste of two lines runs nothing before Enter, and Enter gives both lines. */
static void test_paste(void **state)
{
    (void)state;
    line_paste("set rho .5\ntrain");
    accepts(NULL);
    assert_string_equal(line_text(), "set rho .5\ntrain");
    type("\r");
    accepts("set rho .5\ntrain");
}

/* Trap 4: vi mode works, sends nothing to the terminal, and Esc acts without a second key. */
static void test_vi(void **state)
{
    (void)state;
    line_close();
    open_line("set editing-mode vi\nset show-mode-in-prompt on\n");
    type("\x18\x12"); /* C-x C-r: readline reads its file once in a process, unless told */
    assert_true(line_vi());
    assert_false(line_vi_command());
    type("show config");
    type("\033");
    assert_true(line_vi_command());
    type("0x");
    assert_string_equal(line_text(), "how config");
    type("is");
    assert_false(line_vi_command());
    assert_string_equal(line_text(), "show config");
    type("\033");
    line_interrupt();
    assert_false(line_vi_command()); /* a new line starts in insert mode */
}

/* Trap 7: C-c while the reverse search is open ends the search; the next keys are plain text. */
static void test_interrupt_search(void **state)
{
    (void)state;
    line_remember("train --epochs 3");
    type("\x12tra");
    assert_non_null(strstr(line_prompt(), "search"));
    assert_string_equal(line_text(), "train --epochs 3");
    line_interrupt();
    assert_string_equal(line_prompt(), "saddle> ");
    assert_true(line_is_empty());
    type("set\r");
    accepts("set");
    type("abc");
    line_interrupt();
    assert_true(line_is_empty());
    type("\033" "3"); /* half of a numeric argument */
    line_interrupt();
    type("x");
    assert_string_equal(line_text(), "x");
}

/* Found by sending commands of all kinds: a prefix key within a search. */
static void test_prefix_in_a_search(void **state)
{
    (void)state;
    line_remember("watch 9");
    for (const char *after = "\001\005\030\037x"; *after; after++) {
        type("\022wat\030");
        line_feed(after, 1);
        line_interrupt();
        type("x");
        assert_string_equal(line_text(), "x");
        line_interrupt();
    }
}

static void test_history(void **state)
{
    (void)state;
    line_remember("set lr 1");
    line_remember("train");
    line_remember(" secret");
    line_remember("set lr 1");
    line_remember("a\nb");
    type("\033[A");
    assert_string_equal(line_text(), "a\nb");
    type("\033[A");
    assert_string_equal(line_text(), "set lr 1");
    type("\033[A");
    assert_string_equal(line_text(), "train");
    type("\033[A"); /* the older copy is gone */
    assert_string_equal(line_text(), "train");
    line_close();
    open_line("");
    type("\033[A\033[A");
    assert_string_equal(line_text(), "set lr 1");
    struct stat st;
    assert_int_equal(stat(history, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
}

static void test_completion(void **state)
{
    (void)state;
    int n, page;
    type("s\t");
    char **list = line_candidates(&n, &page);
    assert_int_equal(n, 3);
    assert_int_equal(page, 0);
    type("\t");
    list = line_candidates(&n, &page);
    assert_int_equal(page, 1); /* Tab again: the next part of a long list */
    assert_string_equal(list[1], "show");
    type("h");
    line_candidates(&n, &page);
    assert_int_equal(n, 0); /* the list goes with the next key */
    type("\t");
    assert_string_equal(line_text(), "show ");
    line_fill("watch 3,air");
    type("\t");
    assert_string_equal(line_text(), "watch 3,airplane ");
    assert_int_equal(asked_cursor, 11);
    line_fill("zebra");
    type("\t");
    assert_string_equal(line_text(), "zebra");
}

static void test_end_of_file(void **state)
{
    (void)state;
    bool eof;
    type("\x04");
    assert_null(line_accepted(&eof));
    assert_true(eof);
    type("\x16"); /* quoted insert wants another byte: that is no end of file */
    assert_null(line_accepted(&eof));
    assert_false(eof);
    type("\x03");
    line_interrupt();
    type("ok\r");
    accepts("ok");
}

int main(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    setenv("TERM", "xterm", 1);
    if (!mkdtemp(folder))
        return 1;
    snprintf(history, sizeof history, "%s/history", folder);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_editing, start, stop),    cmocka_unit_test_setup_teardown(test_many_bytes, start, stop),
        cmocka_unit_test_setup_teardown(test_paste, start, stop),
        cmocka_unit_test_setup_teardown(test_interrupt_search, start, stop), cmocka_unit_test_setup_teardown(test_history, start, stop),
        cmocka_unit_test_setup_teardown(test_prefix_in_a_search, start, stop),
        cmocka_unit_test_setup_teardown(test_completion, start, stop), cmocka_unit_test_setup_teardown(test_end_of_file, start, stop),
        cmocka_unit_test_setup_teardown(test_vi, start, stop), /* last: the mode stays */
    };
    int failed = cmocka_run_group_tests_name("screen/line", tests, NULL, NULL);
    char path[64];
    snprintf(path, sizeof path, "%s/inputrc", folder);
    unlink(path);
    unlink(history);
    rmdir(folder);
    return failed;
}
