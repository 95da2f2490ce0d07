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

/* Decodes text at once at time 0; what waits is decided at time 2000. Events as words: "a", "^C", "<up>", ... */
static void decode(const char *text, size_t n, bool byte_by_byte, char *out, size_t size)
{
    struct input in;
    struct input_event e;
    size_t used = 0;
    input_init(&in, 25);
    out[0] = '\0';
    for (size_t i = 0; i <= n; i++) {
        uint64_t now = i == n ? 2000 : 0;
        if (i < n)
            assert_int_equal(input_feed(&in, byte_by_byte ? text + i : text, byte_by_byte ? 1 : (int)n, now), byte_by_byte ? 1 : (int)n);
        while (input_next(&in, now, &e)) {
            static const char *const named[] = { "up", "down", "left", "right", "home", "end", "ins", "del", "pgup", "pgdn", "backtab" };
            char word[200];
            uint32_t code = e.code & ~(uint32_t)INPUT_ALT;
            if (e.kind == INPUT_PASTE)
                snprintf(word, sizeof word, "{%s}", e.text);
            else if (e.kind == INPUT_BACKGROUND)
                snprintf(word, sizeof word, "<bg %d,%d,%d>", e.red, e.green, e.blue);
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
    check("\033]11;rgb:0000/8080/ffff\007x", "<bg 0,128,255>x");
    check("\033]11;rgb:f/0/8\033\\x", "<bg 255,0,136>x");
    check("\033]11;?\007\033]10;rgb:0/0/0\007\033]11;rgb:zz\007x", "x");
    check("\033]11;rgb:\003x", "^Cx"); /* a key ends what will have no end */
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

/* Kitty's protocol and modifyOtherKeys: the keys they stand for, with the bytes readline knows. */
static void test_reported_keys(void **state)
{
    (void)state;
    check("\033[27u\033[99;5u\033[27;5;99~\033[27;1;27~", "<esc>^C^C<esc>");
    check("\033[13u\033[9u\033[127u\033[57414u", "^M^Iu7f^M");
    check("\033[97;2u\033[97:65;2u\033[49:33;2:1u\033[102;3u\033[233u", "AA!M-fue9");
    check("\033[99;69u\033[99;5:3u\033[57441;2u\033[99;9ux", "^Cx"); /* caps lock; released; a shift key alone; super */
    check("\033[9;2u\033[99;99ux", "<backtab>x");
    struct input in;
    struct input_event e;
    input_init(&in, 25);
    input_feed(&in, "\033[102;3u", 8, 0);
    assert_true(input_next(&in, 0, &e));
    assert_memory_equal(e.raw, "\033f", 2);
    assert_int_equal(e.n_raw, 2);
    input_release(&in);
}

static void feed(struct input *in, const char *text, uint64_t now)
{
    assert_int_equal(input_feed(in, text, (int)strlen(text), now), strlen(text));
}

/* A paste is never cut: what did not fit is counted, and whoever takes it can refuse the whole. */
static void test_long_paste_is_counted(void **state)
{
    (void)state;
    struct input in;
    struct input_event e;
    char block[1001] = { 0 };
    memset(block, 'x', 1000);
    input_init(&in, 25);
    feed(&in, "\033[200~", 0);
    for (int i = 0; i < 100; i++) {
        feed(&in, block, 0);
        assert_false(input_next(&in, 0, &e));
    }
    feed(&in, "\033[201~", 0);
    assert_true(input_next(&in, 0, &e));
    assert_int_equal(strlen(e.text) + e.lost, 100 * 1000);
    feed(&in, "\033[200~a\033[201~", 0);
    assert_true(input_next(&in, 0, &e));
    assert_int_equal(e.lost, 0);
    input_release(&in);
}

/* Without its end marker a paste ends with C-c or a second of silence, and the keyboard works again. */
static void test_paste_without_end(void **state)
{
    (void)state;
    struct input in;
    struct input_event e;
    input_init(&in, 25);
    feed(&in, "\033[200~set rho", 100);
    assert_false(input_next(&in, 100, &e));
    feed(&in, " .5", 900);
    assert_false(input_next(&in, 1500, &e));
    assert_int_equal(input_timeout(&in, 1500), 400);
    assert_true(input_next(&in, 1900, &e));
    assert_string_equal(e.text, "set rho .5");
    assert_int_equal(input_timeout(&in, 1900), -1);
    feed(&in, "\033[200~one", 2000);
    assert_false(input_next(&in, 2000, &e));
    feed(&in, "\003", 2100);
    assert_false(input_next(&in, 2100, &e));
    assert_true(input_next(&in, 2200, &e));
    assert_string_equal(e.text, "one");
    feed(&in, "x", 2300);
    assert_true(input_next(&in, 2300, &e));
    assert_int_equal(e.code, 'x');
    feed(&in, "\033[200~a\003b", 3000); /* a C-c inside the text was not pressed */
    assert_false(input_next(&in, 3000, &e));
    feed(&in, "\033[201~", 3000);
    assert_true(input_next(&in, 3000, &e));
    assert_string_equal(e.text, "ab");
    input_release(&in);
}

/* A slow link delivers an answer or a key in parts: none of them acts as a key. */
static void test_torn_sequences(void **state)
{
    (void)state;
    static const char *const parts[][3] = { { "\033]11;rgb:00", "00/0000/00", "00\007" }, { "\033[<0;", "10;5", "m" }, { "\033P>|t", "er", "m\033\\" },
                                            { "\033[", "99", "~" } };
    struct input in;
    struct input_event e;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        input_init(&in, 25);
        for (int k = 0; k < 3; k++) {
            feed(&in, parts[i][k], (uint64_t)k * 600); /* past the patience for a sequence: the rest is still no key */
            while (input_next(&in, (uint64_t)k * 600 + 550 * (k < 2), &e))
                fail_msg("event %d from sequence %zu", e.kind, i);
        }
        feed(&in, "x", 5000);
        assert_true(input_next(&in, 5000, &e));
        assert_int_equal(e.code, 'x');
        input_release(&in);
    }
}

/* An Esc that was handed out alone turns out to be the begin of an arrow: the event says so, and the next Esc waits longer. */
static void test_late_rest(void **state)
{
    (void)state;
    struct input in;
    struct input_event e;
    input_init(&in, 25);
    feed(&in, "\033", 1000);
    assert_true(input_next(&in, 1030, &e) && e.code == INPUT_ESC && !e.late);
    feed(&in, "[A", 1100);
    assert_true(input_next(&in, 1100, &e));
    assert_true(e.code == INPUT_UP && e.late);
    feed(&in, "\033", 2000);
    assert_false(input_next(&in, 2100, &e)); /* the link is known now */
    feed(&in, "[B", 2100);
    assert_true(input_next(&in, 2100, &e) && e.code == INPUT_DOWN && !e.late);
    feed(&in, "\033", 3000);
    assert_true(input_next(&in, 3400, &e) && e.code == INPUT_ESC);
    feed(&in, "[", 3500); /* one key pressed after Esc is that key */
    assert_true(input_next(&in, 3500, &e) && e.code == '[' && !e.late);
    input_asked(&in, 4000);
    feed(&in, "\033", 4000);
    assert_false(input_next(&in, 4200, &e)); /* perhaps the answer */
    feed(&in, "[?62c", 4250);
    assert_false(input_next(&in, 4250, &e));
    assert_false(input_awaits_answer(&in, 4250));
    input_release(&in);
}

static void test_blocks(void **state)
{
    (void)state;
    static const char *const block[] = { "set rho .5\r", "# note\rtrain\r", "set rho .5\ntrain", "quit\r" };
    static const char *const keys[] = { "jjjj\r", ":quit\r", "/auto\r", "j\r", "\033[A\033[A\r", "Gjkl", "\r\r\r\r\r\r" };
    for (size_t i = 0; i < sizeof block / sizeof block[0]; i++)
        assert_true(input_is_block(block[i], (int)strlen(block[i])));
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        assert_false(input_is_block(keys[i], (int)strlen(keys[i])));
    struct input in;
    struct input_event e;
    input_init(&in, 25);
    input_begin_block(&in, 1000);
    feed(&in, "set rho .5\rtr", 1000);
    assert_false(input_next(&in, 1000, &e));
    feed(&in, "ain\r", 1060);
    assert_false(input_next(&in, 1100, &e));
    assert_true(input_next(&in, 1160, &e));
    assert_string_equal(e.text, "set rho .5\ntrain\n");
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
        for (int k = 0; k < 100 && input_next(&in, 3000, &e); k++)
            continue;
        assert_true(in.n == 0 && !in.in_paste);
        input_release(&in);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keys),  cmocka_unit_test(test_lone_escape),       cmocka_unit_test(test_unknown_is_swallowed),
        cmocka_unit_test(test_mouse_focus), cmocka_unit_test(test_paste), cmocka_unit_test(test_long_paste_is_counted),
        cmocka_unit_test(test_reported_keys), cmocka_unit_test(test_paste_without_end), cmocka_unit_test(test_torn_sequences),
        cmocka_unit_test(test_late_rest), cmocka_unit_test(test_blocks),
        cmocka_unit_test(test_any_bytes),
    };
    return cmocka_run_group_tests_name("screen/input", tests, NULL, NULL);
}
