/* The key decoder: what terminals send, in one piece, byte by byte, and broken. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/input.h"

/* Decodes text at once at time 0; Esc is decided at time 100. Events as words: "a", "^C", "<up>", ... */
static void decode(const char *text, size_t n, bool byte_by_byte, char *out, size_t size)
{
    struct input in;
    struct input_event e;
    size_t used = 0;
    input_init(&in, 25);
    out[0] = '\0';
    for (size_t i = 0; i <= n; i++) {
        uint64_t now = i == n ? 100 : 0;
        if (i < n)
            assert_int_equal(input_feed(&in, byte_by_byte ? text + i : text, byte_by_byte ? 1 : (int)n, now), byte_by_byte ? 1 : (int)n);
        while (input_next(&in, now, &e)) {
            static const char *const named[] = { "up", "down", "left", "right", "home", "end", "ins", "del", "pgup", "pgdn", "backtab" };
            char word[200];
            uint32_t code = e.code & ~(uint32_t)INPUT_ALT;
            if (e.kind == INPUT_PASTE)
                snprintf(word, sizeof word, "{%s}", e.text);
            else if (e.kind == INPUT_MOUSE)
                snprintf(word, sizeof word, "<mouse %d %d,%d>", e.button, e.row, e.col);
            else if (e.kind == INPUT_FOCUS)
                snprintf(word, sizeof word, "<focus %d>", e.focused);
            else if (code == INPUT_ESC)
                snprintf(word, sizeof word, "<esc>");
            else if (code > INPUT_F0)
                snprintf(word, sizeof word, "<f%d>", (int)code - INPUT_F0);
            else if (code > INPUT_NAMED)
                snprintf(word, sizeof word, "<%s%s>", e.modified ? "mod-" : "", named[code - INPUT_UP]);
            else if (code < 32)
                snprintf(word, sizeof word, "^%c", (char)(code + '@'));
            else
                snprintf(word, sizeof word, code < 127 ? "%c" : "u%x", code);
            used += (size_t)snprintf(out + used, size - used, "%s%s", e.code & INPUT_ALT ? "M-" : "", word);
        }
        if (!byte_by_byte && i == 0)
            i = n - 1;
    }
    assert_int_equal(in.n, 0); /* nothing is ever left over */
    input_release(&in);
}

static void check(const char *text, const char *expected)
{
    char out[1024];
    for (int each = 0; each < 2; each++) {
        decode(text, strlen(text), each, out, sizeof out);
        assert_string_equal(out, expected);
    }
}

static void test_keys(void **state)
{
    (void)state;
    check("ab\x03\r", "ab^C^M");
    check("\033[A\033[B\033OC\033OD", "<up><down><right><left>");
    check("\033[H\033[F\033[1~\033[4~\033[7~\033[8~\033OH", "<home><end><home><end><home><end><home>");
    check("\033[5~\033[6~\033[2~\033[3~\033[Z", "<pgup><pgdn><ins><del><backtab>");
    check("\033OP\033OS\033[11~\033[15~\033[17~\033[21~\033[24~\033[[A", "<f1><f4><f1><f5><f6><f10><f12><f1>");
    check("\033[1;5D\033[1;2A", "<mod-left><mod-up>");
    check("\xc3\xa9\xce\xbb\xe2\x96\x88\xf0\x9f\x98\x80", "ue9u3bbu2588u1f600");
    check("\033f\0331\033\xc3\xa9", "M-fM-1M-ue9");
}

/* Trap 2: a lone Esc is a key once its time is up, and does not become Alt with the next key. */
static void test_lone_escape(void **state)
{
    (void)state;
    struct input in;
    struct input_event e;
    input_init(&in, 25);
    input_feed(&in, "\033", 1, 1000);
    assert_false(input_next(&in, 1010, &e));
    assert_int_equal(input_timeout(&in, 1010), 15);
    assert_true(input_next(&in, 1025, &e));
    assert_int_equal(e.code, INPUT_ESC);
    input_feed(&in, "f", 1, 1030);
    assert_true(input_next(&in, 1030, &e));
    assert_int_equal(e.code, 'f');
    assert_int_equal(input_timeout(&in, 1030), -1);
    input_release(&in);
    check("\033\033[A", "<esc><up>");
}

/* Trap 3: what is not known is swallowed whole, and the key after it survives. */
static void test_unknown_is_swallowed(void **state)
{
    (void)state;
    check("\033[?1;2cx", "x");
    check("\033[>0;276;0cx", "x");
    check("\033[200;300;1zx", "x");
    check("\033[99~x", "x");
    check("\033]11;rgb:0000/0000/0000\007x", "x");
    check("\033]0;title\033\\x", "x");
    check("\033P>|term\033\\x", "x");
    check("\033[M !!x", "x");
    check("\xff\xfe\xc3x", "x");
    check("\033[", "");
}

static void test_mouse_focus(void **state)
{
    (void)state;
    check("\033[<0;10;5M\033[<0;10;5m", "<mouse 0 4,9>");
    check("\033[<65;1;1M\033[<35;3;3M", "<mouse 65 0,0>");
    check("\033[I\033[O", "<focus 1><focus 0>");
}

/* Trap 1: a paste is one event; newlines in it do not run anything, and control characters do nothing. */
static void test_paste(void **state)
{
    (void)state;
    check("\033[200~set rho .5\rtrain\033[201~z", "{set rho .5\ntrain}z");
    check("\033[200~a\033[Ab\x03" "c\033[201~", "{a[Abc}");
    check("\033[200~\033[201~", "{}");
}

static void test_long_paste_is_cut(void **state)
{
    (void)state;
    struct input in;
    struct input_event e;
    char block[1000];
    memset(block, 'x', sizeof block);
    input_init(&in, 25);
    input_feed(&in, "\033[200~", 6, 0);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(input_feed(&in, block, sizeof block, 0), sizeof block);
        assert_false(input_next(&in, 0, &e));
    }
    input_feed(&in, "\033[201~", 6, 0);
    assert_true(input_next(&in, 0, &e));
    assert_int_equal(strlen(e.text), INPUT_PASTE_MAX);
    input_release(&in);
}

/* Any bytes: it ends, and after the wait nothing hangs. A fixed generator, so that a failure can be repeated. */
static void test_any_bytes(void **state)
{
    (void)state;
    uint32_t x = 1;
    for (int round = 0; round < 3000; round++) {
        struct input in;
        struct input_event e;
        input_init(&in, 25);
        for (int k = 0; k < 8; k++) {
            unsigned char bytes[32];
            static const unsigned char often[] = "\033\033[[]OP<;?~M0129\xc3\xe2";
            for (size_t i = 0; i < sizeof bytes; i++) {
                x = x * 1664525u + 1013904223u;
                bytes[i] = x >> 31 ? often[(x >> 8) % (sizeof often - 1)] : (unsigned char)(x >> 16);
            }
            input_feed(&in, bytes, sizeof bytes, (uint64_t)k);
            while (input_next(&in, (uint64_t)k, &e))
                assert_true(e.kind != INPUT_KEY || (e.n_raw > 0 && e.n_raw <= INPUT_RAW_MAX));
        }
        input_feed(&in, "\033[201~", 6, 50);
        for (int k = 0; k < 100 && input_next(&in, 1000, &e); k++)
            continue;
        assert_true(in.n == 0 || in.in_paste);
        input_release(&in);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keys),  cmocka_unit_test(test_lone_escape),       cmocka_unit_test(test_unknown_is_swallowed),
        cmocka_unit_test(test_mouse_focus), cmocka_unit_test(test_paste), cmocka_unit_test(test_long_paste_is_cut),
        cmocka_unit_test(test_any_bytes),
    };
    return cmocka_run_group_tests_name("screen/input", tests, NULL, NULL);
}
