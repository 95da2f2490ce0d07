/* Lines cut into commands and words. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "repl/lex.h"

static void cut(const char *line, struct lexed *l)
{
    struct err err;
    int at;
    if (lex_line(line, l, &at, &err) < 0)
        fail_msg("'%s' refused: %s", line, err.text);
}

static void expect_words(const char *line, const char *const *words)
{
    struct lexed l;
    cut(line, &l);
    int n = 0;
    while (words[n])
        n++;
    assert_int_equal(l.n_words, n);
    for (int i = 0; i < n; i++)
        assert_string_equal(l.word[i].text, words[i]);
    lex_release(&l);
}
#define WORDS(line, ...) expect_words(line, (const char *const[]){ __VA_ARGS__, NULL })

static void words_are_cut_at_blanks(void **state)
{
    (void)state;
    WORDS("set rho .5", "set", "rho", ".5");
    WORDS("\t set   rho\t.5 ", "set", "rho", ".5");
}

static void quotes_keep_words_together(void **state)
{
    (void)state;
    WORDS("note \"a b; c # d\"", "note", "a b; c # d");
    WORDS("note 'a \"b\" \\n'", "note", "a \"b\" \\n");
    WORDS("note a'b c'd", "note", "ab cd");
    WORDS("note \"say \\\"hi\\\"\"", "note", "say \"hi\"");
    WORDS("note a\\ b\\;c", "note", "a b;c");
    WORDS("set data_path ''", "set", "data_path", "");
}

static void commands_end_at_semicolons_and_newlines(void **state)
{
    (void)state;
    struct lexed l;
    cut("data demo; train # and so on; not this\nwait;;", &l);
    assert_int_equal(l.n_commands, 3);
    assert_int_equal(l.command[0].n, 2);
    assert_int_equal(l.command[1].n, 1);
    assert_string_equal(l.word[l.command[2].first].text, "wait");
    lex_release(&l);
    cut("  # nothing\n;;\n", &l);
    assert_int_equal(l.n_commands, 0);
    lex_release(&l);
}

static void a_hash_inside_a_word_is_no_comment(void **state)
{
    (void)state;
    WORDS("snapshot a#b", "snapshot", "a#b");
    WORDS("snapshot a #b", "snapshot", "a");
}

static void a_backslash_continues(void **state)
{
    (void)state;
    WORDS("set lr 0.05@0 \\\n  0.1@5", "set", "lr", "0.05@0", "0.1@5");
    WORDS("set rho .5\\\nx", "set", "rho", ".5", "x");
    assert_true(lex_continues("set \\"));
    assert_false(lex_continues("set \\\\"));
    assert_false(lex_continues(""));
}

static void positions_point_into_the_line(void **state)
{
    (void)state;
    struct lexed l;
    cut("  set 'roh' .5 ; x", &l);
    assert_int_equal(l.word[0].start, 2);
    assert_int_equal(l.word[1].start, 6);
    assert_int_equal(l.word[1].end, 11);
    assert_true(l.word[1].quoted);
    assert_false(l.word[2].quoted);
    assert_int_equal(l.command[0].end, 14);
    lex_release(&l);
}

static void refused(const char *line, int where)
{
    struct lexed l;
    struct err err = { 0 };
    int at = -1;
    assert_int_equal(lex_line(line, &l, &at, &err), -1);
    assert_int_equal(at, where);
    assert_true(err.text[0] != '\0');
}

static void refused_lines(void **state)
{
    (void)state;
    refused("note it's", 7);
    refused("note \"a\nb\"", 5);
    refused("set \x1b[0m", 4);
    refused("note 'a\x07'", 7);
    char *huge = malloc(LEX_MAX_BYTES + 2);
    assert_non_null(huge);
    memset(huge, 'a', LEX_MAX_BYTES + 1);
    huge[LEX_MAX_BYTES + 1] = '\0';
    refused(huge, 0);
    for (int i = 0; i < LEX_MAX_BYTES; i += 2)
        huge[i] = ' ';
    huge[LEX_MAX_BYTES] = '\0';
    refused(huge, 2 * LEX_MAX_WORDS + 1);
    free(huge);
}

static void the_longest_packing_fits(void **state)
{
    (void)state;
    struct lexed l;
    cut("a;b;c", &l);
    assert_int_equal(l.n_words, 3);
    assert_int_equal(l.n_commands, 3);
    lex_release(&l);
    cut("''", &l);
    assert_int_equal(l.n_words, 1);
    assert_string_equal(l.word[0].text, "");
    lex_release(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_cut_at_blanks),
        cmocka_unit_test(quotes_keep_words_together),
        cmocka_unit_test(commands_end_at_semicolons_and_newlines),
        cmocka_unit_test(a_hash_inside_a_word_is_no_comment),
        cmocka_unit_test(a_backslash_continues),
        cmocka_unit_test(positions_point_into_the_line),
        cmocka_unit_test(refused_lines),
        cmocka_unit_test(the_longest_packing_fits),
    };
    return cmocka_run_group_tests_name("unit/lex", tests, NULL, NULL);
}
