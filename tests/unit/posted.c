/* Commands from outside as files: what is written, taken, answered and refused, word by word and call by call. */
#include "config.h"
#include "check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "session/mailbox.h"
#include "session_root.h"
#include "sessions.h"
#include "written.h"

static struct buf told;
static char dir[1024];

static int begin_telling(void **state)
{
    static int n;
    (void)state;
    snprintf(dir, sizeof dir, "%s/run-%d.saddle", root, n++);
    assert_int_equal(mkdir(dir, 0700), 0);
    buf_clear(&told);
    random_restart();
    calls_forget();
    io = &told_calls;
    return 0;
}

static int end_telling(void **state)
{
    (void)state;
    calls_fail(TOLD_CALLER, 0, 0);
    io = &io_system;
    return 0;
}

static void put_file(const char *name, const char *text, mode_t mode)
{
    char path[1200];
    snprintf(path, sizeof path, "%s/inbox", dir);
    mkdir(path, 0700);
    snprintf(path, sizeof path, "%s/inbox/%s", dir, name);
    FILE *f = fopen(path, "w");
    assert_true(f && fputs(text, f) >= 0 && fclose(f) == 0 && chmod(path, mode) == 0);
}

/* Each file of the inbox with its text; a long one by its length and end. */
static void inbox_tell(void)
{
    struct dirent **names;
    char path[1400];
    snprintf(path, sizeof path, "%s/inbox", dir);
    const int n = scandir(path, &names, NULL, alphasort);
    buf_addf(&told, " inbox%s\n", n < 0 ? ": none" : "");
    for (int i = 0; i < n; i++) {
        struct stat st;
        struct buf text = { 0 };
        snprintf(path, sizeof path, "%s/inbox/%s", dir, names[i]->d_name);
        if (names[i]->d_name[0] != '.' && stat(path, &st) == 0) {
            FILE *f = fopen(path, "r");
            for (int c; f && (c = getc(f)) != EOF;)
                buf_addc(&text, (char)c);
            if (f)
                fclose(f);
            buf_addf(&told, "  %s 0%o, %zu bytes: %s\n", names[i]->d_name, (unsigned)st.st_mode & 07777u, text.len,
                     text.len > 300 ? text.data + text.len - 40 : text.len ? text.data : "");
            buf_release(&text);
        }
        free(names[i]);
    }
    if (n >= 0)
        free(names);
}

static void send_tell(const char *line)
{
    struct letter l;
    struct err err = { 0 };
    const int result = mail_send(dir, line, &l, &err);
    buf_addf(&told, "sent %d%s%s as %d, id %s: %.20s\n", result, result < 0 ? " " : "", err.text, l.number, l.id, l.line);
}

static void take_tell(int most)
{
    static struct letter l[300];
    struct mail_refused refused;
    struct err err = { 0 };
    const int n = mail_take(dir, l, most, &refused, &err);
    buf_addf(&told, "taken %d %s; %d refused: %s\n", n, err.text, refused.n, refused.first);
    for (int i = 0; i < n; i++)
        if (i < 6 || i == n - 1)
            buf_addf(&told, "  %d %s '%.30s' of %zu\n", l[i].number, l[i].id, l[i].line, strlen(l[i].line));
}

/* --- letters ----------------------------------------------------------------------------------------------------------- */

static void letters_are_sent_and_taken(void **state)
{
    (void)state;
    char *line = calloc(1, 1100);
    take_tell(10);
    calls_forget();
    send_tell("set rho .3");
    calls_tell(&told);
    inbox_tell();
    send_tell("");
    put_file("cmd-000007", "x", 0600);
    put_file("cmd-00008", "no number", 0600);
    put_file("cmd-0000009", "no number", 0600);
    put_file("cmd-00001a", "no number", 0600);
    put_file("Cmd-000011", "no number", 0600);
    send_tell("two\nlines");
    memset(line, 'x', 1023);
    send_tell(line);
    line[1023] = 'x';
    send_tell(line);
    calls_forget();
    take_tell(2);
    calls_tell(&told);
    take_tell(2);
    take_tell(2);
    inbox_tell();
    put_file("cmd-999998", "x", 0600);
    send_tell("the last number");
    send_tell("one too many");
    take_tell(9);
    expect_told("letters", &told, root);
    free(line);
}

/* Files that are no letters are removed, and the first is told of. */
static void what_is_no_letter_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        mode_t mode;
    } files[] = {
        { "saddle-command 1\nid 0123456789abcdef\nline good\nend\n", 0600 },
        { "saddle-command 1\nid 0123456789abcdef\nline\nend\n", 0600 },
        { "saddle-command 1\nid 0123456789abcdef\nline \nend\n", 0600 },
        { "saddle-command 2\nid 0123456789abcdef\nline good\nend\n", 0600 },
        { "saddle-command 1\nid 0123456789abcdef\nline good\nend", 0600 },
        { "saddle-command 1\nid 0123456789abcdef\nline good\nend\n\n", 0600 },
        { "saddle-command 1\nid 0123456789abcdef\nline good\nline better\nend\n", 0600 },
        { "saddle-command 1\nline good\nid 0123456789abcdef\nend\n", 0600 },
        { "saddle-command 1\nid 0123456789abcde\nline good\nend\n", 0600 },
        { "saddle-command 1\nid 0123456789abcdef0\nline good\nend\n", 0600 },
        { "saddle-command 1\nid 0123456789abcdeF\nline good\nend\n", 0600 },
        { "saddle-command 1\nid 0123456789abcdef", 0600 },
        { "", 0600 },
        { "saddle-command 1\nid 0123456789abcdef\nline good\nend\n", 0620 },
        { "saddle-command 1\nid 0123456789abcdef\nline good\nend\n", 0602 },
    };
    char path[1200], *text = calloc(1, 1500);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        put_file("cmd-000003", files[i].text, files[i].mode);
        take_tell(1);
    }
    for (int longer = 0; longer < 2; longer++) { /* 1023 bytes of a line; then 1280 of a file */
        memset(text, 0, 1500);
        strcpy(text, "saddle-command 1\nid 0123456789abcdef\nline ");
        memset(text + strlen(text), 'x', (size_t)(1023 + longer));
        strcat(text, "\nend\n");
        put_file("cmd-000003", text, 0600);
        take_tell(1);
        memset(text, 'x', (size_t)(1280 + longer));
        put_file("cmd-000003", text, 0600);
        take_tell(1);
    }
    snprintf(path, sizeof path, "%s/inbox/cmd-000004", dir);
    assert_int_equal(mkdir(path, 0700), 0);
    take_tell(1);
    assert_int_equal(symlink("/dev/null", path), 0);
    take_tell(1);
    assert_int_equal(mkfifo(path, 0600), 0);
    take_tell(1);
    FILE *f = fopen(path, "w");
    fwrite("a\0b", 1, 3, f);
    fclose(f);
    take_tell(1);
    put_file("cmd-000001", "one", 0600);
    put_file("cmd-000002", "two", 0666);
    take_tell(1);
    inbox_tell();
    expect_told("no_letters", &told, root);
    free(text);
}

/* 200 wait; who comes behind is told to send again. */
static void too_many_letters_are_answered(void **state)
{
    (void)state;
    for (int i = 1; i <= 203; i++) {
        char name[32], text[100];
        snprintf(name, sizeof name, "cmd-%06d", 3 * i);
        snprintf(text, sizeof text, "saddle-command 1\nid %016x\nline %d\nend\n", i, i);
        put_file(name, text, 0600);
    }
    take_tell(3);
    inbox_tell();
    take_tell(300);
    inbox_tell();
    calls_forget();
    mail_refuse(dir, "nothing waits\nhere");
    mail_clear(dir, false);
    inbox_tell();
    send_tell("late");
    send_tell("later");
    mail_refuse(dir, "the run has ended");
    inbox_tell();
    expect_told("many_letters", &told, root);
}

/* --- answers ----------------------------------------------------------------------------------------------------------- */

static void ask_tell(const char *id)
{
    struct mail_answer a = { .step = 0 };
    struct buf memory = { 0 };
    struct err err = { 0 };
    const int result = mail_ask(dir, id, &a, &memory, &err);
    buf_addf(&told, "asked %s: %d %s", id, result, err.text);
    if (result == 1)
        buf_addf(&told, "%s at step %llu: '%.200s' of %zu", letter_state_name[a.state], (unsigned long long)a.step, a.text, strlen(a.text));
    buf_addc(&told, '\n');
    buf_release(&memory);
}

static void answer_tell(const char *id, enum letter_state state, uint64_t step, const char *text)
{
    struct err err = { 0 };
    const int result = mail_answer(dir, id, &(struct mail_answer){ .state = state, .step = step, .text = text }, &err);
    buf_addf(&told, "answered %d %s\n", result, err.text);
}

static void answers_come_and_go(void **state)
{
    (void)state;
    static const char id[] = "0123456789abcdef", other[] = "fedcba9876543210";
    struct letter l;
    struct err err = { 0 };
    char *text = calloc(1, 70000);
    answer_tell(id, LETTER_WAITS, 1, "no folder\n");
    ask_tell(id);
    assert_int_equal(mail_send(dir, "set rho .3", &l, &err), 0);
    calls_forget();
    ask_tell(id);
    answer_tell(id, LETTER_RECEIVED, 0, NULL);
    calls_tell(&told);
    ask_tell(id);
    calls_tell(&told);
    answer_tell(id, LETTER_WAITS, 7, "");
    answer_tell(other, LETTER_REFUSED, UINT64_MAX, "one\ntwo\n\nfour");
    put_file("new-0123456789abcdef", "left by somebody who was killed", 0600);
    answer_tell(id, LETTER_APPLIED, 8, "done\n");
    inbox_tell();
    ask_tell(id);
    ask_tell(other);
    for (int i = 0; i < 7000; i++)
        memcpy(text + 10 * i, "123456789\n", 10);
    text[69999] = '\0';
    answer_tell(id, LETTER_APPLIED, 8, text);
    ask_tell(id);
    static const char *const bad[] = {
        "saddle-answer 1\nid 0123456789abcdef\nstate applied\nstep 3\nend\n", "saddle-answer 2\nid 0123456789abcdef\nstate applied\nstep 3\nend\n",
        "saddle-answer 1\nid 0123456789abcdee\nstate applied\nstep 3\nend\n", "saddle-answer 1\nid 0123456789abcdef0\nstate applied\nstep 3\nend\n",
        "saddle-answer 1\nid 0123456789abcdef\nstate apply\nstep 3\nend\n",   "saddle-answer 1\nid 0123456789abcdef\nstate applieds\nstep 3\nend\n",
        "saddle-answer 1\nid 0123456789abcdef\nstate applied\nend\n",         "saddle-answer 1\nid 0123456789abcdef\nstate applied\nstep 3\n",
        "saddle-answer 1\nid 0123456789abcdef\nstate applied\nstep 3\ntext a\nend\nx", "saddle-answer 1\nid 0123456789abcdef\nstate applied\nstep 3\ntext\nend\n",
        "saddle-answer 1\nid 0123456789abcdef\nstate received\nstep 3\ntext \ntext  b\nend\n", "",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        put_file("ans-0123456789abcdef", bad[i], 0600);
        ask_tell(id);
    }
    put_file("ans-0123456789abcdef", bad[0], 0622);
    ask_tell(id);
    calls_forget();
    mail_forget(dir, id);
    calls_tell(&told);
    ask_tell(id);
    mail_forget(dir, other);
    inbox_tell();
    expect_told("answers", &told, root);
    free(text);
}

static void letters_are_taken_back_and_cleared(void **state)
{
    (void)state;
    struct letter first, second;
    struct err err = { 0 };
    assert_int_equal(mail_send(dir, "one", &first, &err), 0);
    assert_int_equal(mail_send(dir, "two", &second, &err), 0);
    second.number = 1; /* another's */
    buf_addf(&told, "another's: %d\n", mail_withdraw(dir, &second));
    second.number = 2;
    calls_forget();
    buf_addf(&told, "withdrawn: %d\n", mail_withdraw(dir, &second));
    calls_tell(&told);
    buf_addf(&told, "again: %d\n", mail_withdraw(dir, &second));
    take_tell(9);
    buf_addf(&told, "taken: %d\n", mail_withdraw(dir, &first));
    for (int letters = 0; letters < 2; letters++) {
        static const char *const names[] = { "ans-1", "new-1", "tmp-1", "cmd-000001", "mine", "Ans-1" };
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
            if (letters == 0 || i < 4)
                put_file(names[i], names[i], 0600);
        mail_clear(dir, letters);
        inbox_tell();
    }
    char path[1200];
    snprintf(path, sizeof path, "%s/inbox/mine", dir);
    unlink(path);
    snprintf(path, sizeof path, "%s/inbox/Ans-1", dir);
    unlink(path);
    calls_forget();
    mail_clear(dir, true);
    calls_tell(&told);
    inbox_tell();
    mail_clear(dir, true);
    calls_tell(&told);
    expect_told("taken_back", &told, root);
}

/* --- what fails -------------------------------------------------------------------------------------------------------- */

static void each_call_fails(void **state)
{
    (void)state;
    static const char *const deeds[] = { "send", "take", "answer", "ask" };
    for (int deed = 0; deed < 4; deed++)
        for (int n = 1, over = 0; !over; n++) {
            struct letter l, taken;
            struct err err = { 0 };
            struct mail_refused refused = { 0 };
            struct mail_answer a = { .state = LETTER_APPLIED };
            struct buf memory = { 0 }, calls = { 0 };
            mail_clear(dir, true);
            if (deed)
                assert_int_equal(mail_send(dir, "set rho .3", &l, &err), 0);
            if (deed == 3)
                assert_int_equal(mail_answer(dir, l.id, &a, &err), 0);
            random_restart();
            calls_forget();
            calls_fail(TOLD_CALLER, n, EIO);
            const int result = deed == 0   ? mail_send(dir, "set rho .3", &l, &err)
                               : deed == 1 ? mail_take(dir, &taken, 1, &refused, &err)
                               : deed == 2 ? mail_answer(dir, l.id, &a, &err)
                                           : mail_ask(dir, l.id, &a, &memory, &err);
            over = !calls_failed();
            calls_fail(TOLD_CALLER, 0, 0);
            calls_tell(&calls);
            const char *failed = calls.len ? strstr(calls.data, ": told to fail") : NULL;
            while (failed && failed[-1] != '\n')
                failed--;
            buf_addf(&told, "%s%.*s\n    %d %s %s\n", deeds[deed], failed ? (int)strcspn(failed, "\n") : 10, failed ? failed : "  all well", result,
                     result < 0 ? err.text : "", refused.first);
            buf_release(&calls);
            buf_release(&memory);
        }
    expect_told("letter_failures", &told, root);
}

/* Nobody is there: the folder of the run is gone. */
static void a_run_that_is_gone_is_told(void **state)
{
    (void)state;
    assert_int_equal(rmdir(dir), 0);
    send_tell("set rho .3");
    take_tell(1);
    ask_tell("0123456789abcdef");
    answer_tell("0123456789abcdef", LETTER_APPLIED, 1, "done");
    expect_told("gone", &told, root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(letters_are_sent_and_taken, begin_telling, end_telling),
        cmocka_unit_test_setup_teardown(what_is_no_letter_is_refused, begin_telling, end_telling),
        cmocka_unit_test_setup_teardown(too_many_letters_are_answered, begin_telling, end_telling),
        cmocka_unit_test_setup_teardown(answers_come_and_go, begin_telling, end_telling),
        cmocka_unit_test_setup_teardown(letters_are_taken_back_and_cleared, begin_telling, end_telling),
        cmocka_unit_test_setup_teardown(each_call_fails, begin_telling, end_telling),
        cmocka_unit_test_setup_teardown(a_run_that_is_gone_is_told, begin_telling, end_telling),
    };
    return cmocka_run_group_tests_name("unit/posted", tests, make_root, remove_root);
}
