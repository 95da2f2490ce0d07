/* Letters to a run and their answers, byte for byte and at each limit; the names of a session's files; the shelf that its events are kept on. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "session/folder.h"
#include "session/mailbox_private.h"
#include "session/shelf.h"
#include "session_root.h"

/* A folder of its own for a test, as a session is one. */
static const char *fresh(const char *name)
{
    static char dir[400];
    snprintf(dir, sizeof dir, "%s/%s", root, name);
    assert_int_equal(mkdir(dir, 0700), 0);
    return dir;
}

static void put_file(const char *dir, const char *name, const char *text)
{
    char path[800];
    snprintf(path, sizeof path, "%s/inbox/%s", dir, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    assert_int_equal(fclose(f), 0);
}

static void get_file(const char *dir, const char *name, char *out, size_t size)
{
    char path[800];
    snprintf(path, sizeof path, "%s/inbox/%s", dir, name);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    out[fread(out, 1, size - 1, f)] = '\0';
    fclose(f);
}

static bool is_there(const char *dir, const char *name)
{
    char path[800];
    snprintf(path, sizeof path, "%s/inbox/%s", dir, name);
    return access(path, F_OK) == 0;
}

/* --- letters ------------------------------------------------------------------------------------------------------- */

static void names_of_letters(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int number;
    } rows[] = { { "cmd-000001", 1 }, { "cmd-999999", 999999 }, { "cmd-000000", 0 }, { "cmd-00001", 0 }, { "cmd-0000001", 0 }, { "cmd-00001x", 0 }, { "cmd--00001", 0 },
                 { "ans-000001", 0 }, { "xcmd-00001", 0 }, { "", 0 } };
    char name[32];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(letter_number(rows[i].name), rows[i].number);
    letter_name(7, name);
    assert_string_equal(name, "cmd-000007");
    answer_name("0123456789abcdefTOO LONG", name);
    assert_string_equal(name, "ans-0123456789abcdef");
    assert_true(letter_id_is("0123456789abcdef", 16));
    assert_false(letter_id_is("0123456789abcde", 15) || letter_id_is("0123456789abcdef0", 17) || letter_id_is("0123456789abcdeF", 16) || letter_id_is("", 0));
}

#define ID "0123456789abcdef"
static void a_letter_is_whole_or_none(void **state)
{
    (void)state;
    char line[LETTER_LINE_MAX + 1], text[LETTER_LINE_MAX + 100];
    struct letter l;
    struct err err;
    assert_int_equal(letter_parse("saddle-command 1\nid " ID "\nline set rho .5; note a b\nend\n", &l, &err), 0);
    assert_string_equal(l.id, ID);
    assert_string_equal(l.line, "set rho .5; note a b");
    assert_int_equal(letter_parse("saddle-command 1\nid " ID "\nline \nend\n", &l, &err), 0);
    assert_string_equal(l.line, "");
    static const struct {
        const char *text, *why;
    } bad[] = { { "", "it is no command of saddle" }, { "saddle-command 2\nid " ID "\nline x\nend\n", "it is no command of saddle" }, { "saddle-command 1\n", "it is not whole" },
                { "saddle-command 1\nid " ID "\nline x\n", "it is not whole" }, { "saddle-command 1\nid " ID "\nline x\nend", "it is not whole" },
                { "saddle-command 1\nid " ID "\nline x\nend\n\n", "it is not whole" }, { "saddle-command 1\nid " ID "\nlinex\nend\n", "it is not whole" },
                { "saddle-command 1\nline x\nid " ID "\nend\n", "it is not whole" }, { "saddle-command 1\nid 0123456789abcde\nline x\nend\n", "its id is not 16 hex digits, or its line longer than 1023 bytes" },
                { "saddle-command 1\nid 0123456789abcdeg\nline x\nend\n", "its id is not 16 hex digits, or its line longer than 1023 bytes" } };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(letter_parse(bad[i].text, &l, &err), -1);
        assert_string_equal(err.text, bad[i].why);
        assert_int_equal(err.code, ERR_DATA);
    }
    memset(line, 'x', sizeof line);
    line[LETTER_LINE_MAX - 1] = '\0';
    snprintf(text, sizeof text, LETTER_HEAD "id " ID "\nline %s\nend\n", line);
    assert_int_equal(letter_parse(text, &l, &err), 0);
    assert_string_equal(l.line, line);
    snprintf(text, sizeof text, LETTER_HEAD "id " ID "\nline %sx\nend\n", line);
    assert_int_equal(letter_parse(text, &l, &err), -1);
}

static void letters_are_taken_in_order(void **state)
{
    (void)state;
    const char *dir = fresh("order");
    struct letter sent[4], taken[4];
    struct mail_refused refused;
    struct err err = { 0 };
    char text[200], expected[200];
    assert_int_equal(mail_take(dir, taken, 4, &refused, &err), 0); /* no inbox: nothing was sent */
    for (int i = 0; i < 3; i++) {
        char line[32];
        snprintf(line, sizeof line, "note %d", i);
        assert_int_equal(mail_send(dir, line, &sent[i], &err), 0);
        assert_int_equal(sent[i].number, i + 1);
    }
    get_file(dir, "cmd-000002", text, sizeof text);
    snprintf(expected, sizeof expected, "saddle-command 1\nid %s\nline note 1\nend\n", sent[1].id);
    assert_string_equal(text, expected);
    put_file(dir, "cmd-000010", "saddle-command 1\nid " ID "\nline ten\nend\n");
    put_file(dir, "cmd-000009", "nothing\n");
    put_file(dir, "cmd-000008", "saddle-command 1\nid " ID "\n");
    put_file(dir, "other", "stays");
    assert_int_equal(mail_take(dir, taken, 2, &refused, &err), 2);
    assert_int_equal(refused.n, 0);
    assert_true(taken[0].number == 1 && taken[1].number == 2);
    assert_string_equal(taken[1].line, "note 1");
    assert_string_equal(taken[1].id, sent[1].id);
    assert_true(!is_there(dir, "cmd-000001") && !is_there(dir, "cmd-000002") && is_there(dir, "cmd-000003"));
    assert_int_equal(mail_send(dir, "eleven", &sent[3], &err), 0);
    assert_int_equal(sent[3].number, 11);
    assert_int_equal(mail_take(dir, taken, 4, &refused, &err), 3);
    assert_true(taken[0].number == 3 && taken[1].number == 10 && taken[2].number == 11);
    assert_string_equal(taken[1].line, "ten");
    assert_int_equal(refused.n, 2);
    assert_string_equal(refused.first, "cmd-000008: it is not whole");
    assert_true(!is_there(dir, "cmd-000009") && is_there(dir, "other"));
    put_file(dir, "cmd-999998", "x");
    assert_int_equal(mail_send(dir, "last", &sent[0], &err), 0);
    assert_int_equal(sent[0].number, 999999);
    assert_int_equal(mail_send(dir, "past", &sent[0], &err), -1);
    assert_says(err, "cannot put a command into");
    assert_int_equal(mail_take(dir, taken, 0, &refused, &err), 0);
    assert_true(is_there(dir, "cmd-999999"));
    put_file(dir, "cmd-000001", "saddle-command 1\nid " ID "\nline a\0b\nend\n");
    assert_int_equal(mail_take(dir, taken, 4, &refused, &err), 1);
    assert_string_equal(taken[0].line, "last");
}

static void a_line_has_a_length(void **state)
{
    (void)state;
    const char *dir = fresh("long");
    char line[LETTER_LINE_MAX + 1];
    struct letter sent, taken;
    struct mail_refused refused;
    struct err err = { 0 };
    memset(line, 'y', sizeof line);
    line[LETTER_LINE_MAX] = '\0';
    assert_int_equal(mail_send(dir, line, &sent, &err), -1);
    assert_string_equal(err.text, "one line of at most 1023 bytes can be sent");
    line[LETTER_LINE_MAX - 1] = '\0';
    assert_int_equal(mail_send(dir, line, &sent, &err), 0);
    assert_int_equal(mail_take(dir, &taken, 1, &refused, &err), 1);
    assert_string_equal(taken.line, line);
    assert_int_equal(mail_send(dir, "two\nlines", &sent, &err), -1);
    assert_string_equal(err.text, "one line of at most 1023 bytes can be sent");
    assert_int_equal(mail_send("/nonexistent/run", "x", &sent, &err), -1);
}

static void only_so_many_wait(void **state)
{
    (void)state;
    const char *dir = fresh("many");
    static struct letter taken[MAIL_WAITING + 5];
    struct letter sent;
    struct mail_refused refused;
    struct mail_answer a;
    struct buf memory = { 0 };
    struct err err = { 0 };
    char first[LETTER_ID], last[LETTER_ID];
    for (int i = 0; i < MAIL_WAITING + 2; i++) {
        assert_int_equal(mail_send(dir, "x", &sent, &err), 0);
        snprintf(i == MAIL_WAITING - 1 ? first : last, LETTER_ID, "%s", sent.id);
    }
    assert_int_equal(mail_take(dir, taken, MAIL_WAITING + 5, &refused, &err), MAIL_WAITING);
    assert_int_equal(refused.n, 2);
    assert_string_equal(refused.first, "too many: more commands at once than are taken");
    assert_string_equal(taken[MAIL_WAITING - 1].id, first);
    assert_int_equal(mail_ask(dir, first, &a, &memory, &err), 0);
    assert_int_equal(mail_ask(dir, last, &a, &memory, &err), 1);
    assert_int_equal(a.state, LETTER_REFUSED);
    assert_string_equal(a.text, "more commands at once than are taken; send it again\n");
    buf_release(&memory);
}

/* --- answers ------------------------------------------------------------------------------------------------------- */

static void answers_replace_one_another(void **state)
{
    (void)state;
    const char *dir = fresh("answers");
    struct letter sent;
    struct mail_answer a = { .text = "" };
    struct buf memory = { 0 };
    struct err err = { 0 };
    char text[300], name[32];
    assert_int_equal(mail_ask(dir, ID, &a, &memory, &err), 0);
    assert_int_equal(mail_answer(dir, ID, &(struct mail_answer){ .state = LETTER_RECEIVED }, &err), -1); /* no inbox */
    assert_int_equal(mail_send(dir, "x", &sent, &err), 0);
    assert_int_equal(mail_ask(dir, sent.id, &a, &memory, &err), 0);
    answer_name(sent.id, name);
    assert_int_equal(mail_answer(dir, sent.id, &(struct mail_answer){ .state = LETTER_RECEIVED, .step = 12 }, &err), 0);
    get_file(dir, name, text, sizeof text);
    assert_non_null(strstr(text, "\nstate received\nstep 12\nend\n"));
    assert_int_equal(mail_ask(dir, sent.id, &a, &memory, &err), 1);
    assert_true(a.state == LETTER_RECEIVED && a.step == 12 && !a.text[0]);
    static const enum letter_state states[] = { LETTER_REFUSED, LETTER_WAITS, LETTER_APPLIED };
    static const char *const words[] = { "\nstate refused\n", "\nstate waits\n", "\nstate applied\n" };
    for (int i = 0; i < 3; i++) {
        assert_int_equal(mail_answer(dir, sent.id, &(struct mail_answer){ .state = states[i], .step = UINT64_C(1) << 40, .text = "one\n\nthree\nand more" }, &err), 0);
        get_file(dir, name, text, sizeof text);
        assert_memory_equal(text, "saddle-answer 1\nid ", 19);
        assert_non_null(strstr(text, words[i]));
        assert_non_null(strstr(text, "\nstep 1099511627776\ntext one\ntext \ntext three\ntext and more\nend\n"));
        assert_int_equal(mail_ask(dir, sent.id, &a, &memory, &err), 1);
        assert_true(a.state == states[i] && a.step == UINT64_C(1) << 40);
        assert_string_equal(a.text, "one\n\nthree\nand more\n");
    }
    mail_forget(dir, sent.id);
    assert_int_equal(mail_ask(dir, sent.id, &a, &memory, &err), 0);
    assert_true(is_there(dir, "cmd-000001")); /* the letter is another thing */
    assert_int_equal(mail_withdraw(dir, &sent), 0);
    assert_int_equal(mail_withdraw(dir, &sent), -1);
    assert_true(is_there(dir, ""));
    mail_forget(dir, sent.id);
    assert_false(is_there(dir, "")); /* the empty folder goes with the last of it */
    buf_release(&memory);
}

static void an_answer_that_is_none(void **state)
{
    (void)state;
    const char *dir = fresh("none");
    struct letter sent;
    struct mail_answer a;
    struct buf memory = { 0 };
    struct err err = { 0 };
    static const char *const bad[] = { "", "saddle-answer 2\n", "saddle-answer 1\nid fedcba9876543210\nstate applied\nstep 1\nend\n", "saddle-answer 1\nid " ID "\nstate appliedx\nstep 1\nend\n",
                                       "saddle-answer 1\nid " ID "\nstate apply\nstep 1\nend\n", "saddle-answer 1\nid " ID "\nstep 1\nend\n", "saddle-answer 1\nid " ID "\nstate applied\nend\n",
                                       "saddle-answer 1\nid " ID "\nstate applied\nstep 1\ntext x\n", "saddle-answer 1\nid " ID "\nstate applied\nstep 1\ntext x\nend\nx" };
    assert_int_equal(mail_send(dir, "x", &sent, &err), 0);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        put_file(dir, "ans-" ID, bad[i]);
        err.text[0] = '\0';
        assert_int_equal(mail_ask(dir, ID, &a, &memory, &err), -1);
        assert_string_equal(err.text, "'inbox/ans-" ID "' is no answer of saddle");
    }
    put_file(dir, "ans-" ID, "saddle-answer 1\nid " ID "\nstate applied\nstep 1\nend\n");
    assert_int_equal(mail_ask(dir, ID, &a, &memory, &err), 1);
    buf_release(&memory);
}

/* The longest answer is cut between lines, and says so. */
static void an_answer_has_a_length(void **state)
{
    (void)state;
    const char *dir = fresh("length");
    struct letter sent;
    struct mail_answer a;
    struct buf memory = { 0 }, text = { 0 };
    struct err err = { 0 };
    assert_int_equal(mail_send(dir, "x", &sent, &err), 0);
    for (int i = 0; i < 8000; i++)
        buf_addf(&text, "%09d\n", i); /* of fifteen bytes, with the word before it */
    assert_int_equal(mail_answer(dir, sent.id, &(struct mail_answer){ .state = LETTER_APPLIED, .text = text.data }, &err), 0);
    assert_int_equal(mail_ask(dir, sent.id, &a, &memory, &err), 1);
    const size_t n = strlen(a.text);
    assert_string_equal(a.text + n - 14, "000004359\n...\n");
    assert_memory_equal(a.text, text.data, n - 4);
    buf_release(&text);
    buf_release(&memory);
}

static void what_is_left_when_a_run_begins_and_ends(void **state)
{
    (void)state;
    const char *dir = fresh("over");
    struct letter sent[2];
    struct mail_answer a;
    struct buf memory = { 0 };
    struct err err = { 0 };
    assert_int_equal(mail_send(dir, "x", &sent[0], &err), 0);
    assert_int_equal(mail_send(dir, "y", &sent[1], &err), 0);
    put_file(dir, "ans-" ID, "old");
    put_file(dir, "new-" ID, "old");
    put_file(dir, "tmp-" ID, "old");
    put_file(dir, "and", "stays");
    mail_clear(dir, false);
    assert_true(!is_there(dir, "ans-" ID) && !is_there(dir, "new-" ID) && !is_there(dir, "tmp-" ID) && is_there(dir, "and") && is_there(dir, "cmd-000002"));
    mail_refuse(dir, "the run is over");
    for (int i = 0; i < 2; i++) {
        assert_int_equal(mail_ask(dir, sent[i].id, &a, &memory, &err), 1);
        assert_int_equal(a.state, LETTER_REFUSED);
        assert_string_equal(a.text, "the run is over\n");
    }
    assert_int_equal(mail_send(dir, "z", &sent[0], &err), 0);
    mail_clear(dir, true);
    assert_true(!is_there(dir, "cmd-000001") && is_there(dir, "and"));
    buf_release(&memory);
}

/* --- files of a session --------------------------------------------------------------------------------------------- */

static void names_of_files(void **state)
{
    (void)state;
    static const char *const strange[] = { "journal-1.zst", "journal-0000001.zst", "journal-000001.zst.x", "journal-000001.zs", "journal-00000x.zst", "snap-1-t0.safetensors.zst",
                                           "snap-000000000001-t.safetensors.zst", "snap-000000000001-t00.safetensors.zst", "snap-000000000001-t0.safetensors", "tmp-", "tmp-0123456789abcde",
                                           "tmp-0123456789abcdef0", "tmp-0123456789abcdeF", "", "lock", "inbox" };
    struct folder f = { 0 };
    struct err err = { 0 };
    char name[FOLDER_NAME_MAX];
    for (size_t i = 0; i < sizeof strange / sizeof *strange; i++)
        assert_int_equal(folder_add(&f, strange[i], &err), 0);
    assert_true(f.n_segments == 0 && f.n_snapshots == 0 && f.n_tmp == 0);
    folder_segment_name(7, name);
    assert_string_equal(name, "journal-000007.zst");
    folder_snapshot_name(UINT64_C(123456789012), 3, name);
    assert_string_equal(name, "snap-123456789012-t3.safetensors.zst");
    assert_int_equal(folder_add(&f, name, &err), 0);
    for (unsigned i = 40; i >= 1; i--) { /* more than one growth, and not in order */
        folder_segment_name(i * 7919 % 41, name);
        assert_int_equal(folder_add(&f, name, &err), 0);
        folder_snapshot_name(i / 2 * 10, i % 2, name);
        assert_int_equal(folder_add(&f, name, &err), 0);
        snprintf(name, sizeof name, "tmp-%016x", i);
        assert_int_equal(folder_add(&f, name, &err), 0);
    }
    folder_sort(&f);
    assert_true(f.n_segments == 40 && f.n_snapshots == 41 && f.n_tmp == 40);
    for (int i = 0; i < 40; i++)
        assert_int_equal(f.segment[i], i + 1);
    for (int i = 1; i < 40; i++) {
        assert_true(f.snapshot[i - 1].step == (unsigned)(i / 2) * 10 && f.snapshot[i - 1].timeline == (unsigned)i % 2);
    }
    assert_true(f.snapshot[39].step == 200 && f.snapshot[40].step == UINT64_C(123456789012) && f.snapshot[40].timeline == 3);
    assert_string_equal(f.tmp[0], "tmp-0000000000000028");
    folder_release(&f);
    assert_true(f.n_segments == 0 && f.segment == NULL);
}

static void only_so_many_files(void **state)
{
    (void)state;
    struct folder f = { 0 };
    struct err err = { 0 };
    char name[FOLDER_NAME_MAX];
    for (unsigned i = 1; i <= FOLDER_SEGMENTS_MAX; i++) {
        folder_segment_name(i, name);
        assert_int_equal(folder_add(&f, name, &err), 0);
    }
    folder_segment_name(FOLDER_SEGMENTS_MAX + 1, name);
    assert_int_equal(folder_add(&f, name, &err), -1);
    assert_string_equal(err.text, "more than 10000 journal segments");
    for (unsigned i = 0; i < FOLDER_SNAPSHOTS_MAX; i++) {
        folder_snapshot_name(i, 0, name);
        assert_int_equal(folder_add(&f, name, &err), 0);
    }
    folder_snapshot_name(FOLDER_SNAPSHOTS_MAX, 0, name);
    assert_int_equal(folder_add(&f, name, &err), -1);
    assert_string_equal(err.text, "more than 100000 snapshots");
    folder_release(&f);
}

/* --- the shelf ------------------------------------------------------------------------------------------------------ */

/* Steps of events: blocks of 64 end at the same step and at others; one goes back, as after a branch. */
static uint64_t step_of(size_t i)
{
    return i < 64 ? i : i < 128 ? 63 : i == 200 ? 5 : i / 2;
}

static void fill_shelf(struct shelf *s, size_t n)
{
    assert_int_equal(shelf_init(s), 0);
    for (size_t i = 0; i < n; i++) {
        struct event *e = event_new(EVENT_STEP, step_of(i));
        e->q = i + 1;
        assert_int_equal(shelf_add(s, e, UINT64_MAX), 0);
        event_unref(e);
    }
}

/* What it should be, one by one; a step that goes back does not count before what was there. */
static size_t after(const struct shelf *s, uint64_t step)
{
    size_t i = 0;
    while (i < s->n && shelf_head(s, i).step <= step)
        i++;
    return i;
}

static void events_are_found_by_step(void **state)
{
    (void)state;
    static const size_t sizes[] = { 0, 1, 63, 64, 65, 127, 128, 129, 200, 300 };
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        struct shelf s = { 0 };
        fill_shelf(&s, sizes[k]);
        for (uint64_t step = 0; step < 160; step++)
            assert_int_equal(shelf_after_step(&s, step), after(&s, step));
        shelf_release(&s);
    }
}

static void events_are_kept(void **state)
{
    (void)state;
    enum { N = 300 };
    struct shelf s = { 0 };
    bool dead[N] = { false };
    fill_shelf(&s, N);
    struct event *first = event_ref(shelf_event(&s, 0)), *second = shelf_event(&s, 1);
    assert_ptr_equal(shelf_event(&s, 1), second);
    for (size_t i = 2; i < SHELF_SLOTS + 1; i++)
        shelf_event(&s, i); /* the second one has waited longest now: its place is taken next, once the first's is */
    assert_int_equal(first->q, 1);
    assert_ptr_equal(shelf_event(&s, 1), second);
    assert_int_equal(second->q, 2);
    for (size_t i = 0; i < N; i++) {
        struct event *e = shelf_event(&s, i);
        assert_true(e->q == i + 1 && e->step == step_of(i));
        assert_int_equal(shelf_head(&s, i).q, i + 1);
    }
    for (size_t i = 0; i < N; i++)
        dead[i] = i % 3 == 1 || i < 70;
    shelf_event(&s, 71);
    shelf_remove(&s, dead);
    assert_int_equal(s.n, 153);
    size_t at = 0;
    for (size_t i = 0; i < N; i++)
        if (!dead[i])
            assert_int_equal(shelf_event(&s, at++)->q, i + 1);
    for (uint64_t step = 0; step < 160; step++)
        assert_int_equal(shelf_after_step(&s, step), after(&s, step));
    assert_false(shelf_failed(&s));
    shelf_release(&s);
    assert_int_equal(first->q, 1);
    event_unref(first);
}

static void a_shelf_has_a_size(void **state)
{
    (void)state;
    struct shelf s = { 0 };
    struct event *e = event_new(EVENT_STEP, 1);
    assert_int_equal(shelf_init(&s), 0);
    assert_int_equal(shelf_add(&s, e, UINT64_MAX), 0);
    const uint64_t one = s.cost;
    assert_in_range(one, 13, 60);
    assert_int_equal(shelf_add(&s, e, 2 * one), 0);
    assert_int_equal(s.cost, 2 * one);
    assert_int_equal(shelf_add(&s, e, 3 * one - 1), 1);
    assert_true(s.n == 2 && s.cost == 2 * one);
    assert_int_equal(shelf_add(&s, e, 3 * one), 0);
    event_unref(e);
    shelf_release(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_of_letters), cmocka_unit_test(a_letter_is_whole_or_none), cmocka_unit_test(letters_are_taken_in_order),
        cmocka_unit_test(a_line_has_a_length), cmocka_unit_test(only_so_many_wait), cmocka_unit_test(answers_replace_one_another),
        cmocka_unit_test(an_answer_that_is_none), cmocka_unit_test(an_answer_has_a_length), cmocka_unit_test(what_is_left_when_a_run_begins_and_ends),
        cmocka_unit_test(names_of_files), cmocka_unit_test(only_so_many_files), cmocka_unit_test(events_are_found_by_step),
        cmocka_unit_test(events_are_kept), cmocka_unit_test(a_shelf_has_a_size),
    };
    return cmocka_run_group_tests_name("unit/letters", tests, make_root, remove_root);
}
