/* The workbench over recorded runs, with a clock of the test's own: replay, attach, compare, and the options of what measures. */
#include "config.h"
#include "compared.h"
#include "heard.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "repl/bench.h"
#include "session/mailbox.h"

static struct workbench *w;

static int open_bench(void **state)
{
    const struct workbench_face face = { .say = hear };
    const struct workbench_options options = { .sessions = root, .script = true, .yes = true };
    struct err err = { 0 };
    (void)state;
    w = workbench_new(&options, &face, &err);
    if (!w)
        fail_msg("%s", err.text);
    buf_clear(&said);
    return 0;
}

static int close_bench(void **state)
{
    (void)state;
    workbench_free(w);
    buf_release(&said);
    return 0;
}

static const char *says(const char *line)
{
    buf_clear(&said);
    buf_adds(&said, "");
    if (workbench_line(w, line, false) < 0)
        fail_msg("'%s': %s", line, said.data);
    return said.data;
}

/* --- replay ---------------------------------------------------------------------------------------------------------- */

enum { SECOND = 1000000000 };

static uint64_t step_at(uint64_t now)
{
    workbench_replay_tick(w, now);
    return bench_shown(w)->step;
}

/* While a replay stands still its clock does too, however long. */
static void a_replay_goes_on_where_it_was_halted(void **state)
{
    (void)state;
    const uint64_t begin = 50 * (uint64_t)SECOND;
    says("replay first");
    struct stream *s = &w->replay.stream;
    for (size_t i = 0; i < s->n_times; i++) /* a step a second */
        s->time_ns[i] = recording_event(s->source, i)->step * (uint64_t)SECOND;
    says("seek 0");
    const uint64_t from = bench_shown(w)->step;
    workbench_replay_play(w, true);
    assert_int_equal(step_at(begin), from);
    assert_int_equal(step_at(begin + 2 * (uint64_t)SECOND), from + 2);
    workbench_replay_play(w, false);
    assert_int_equal(step_at(begin + 5 * (uint64_t)SECOND), from + 2);
    workbench_replay_play(w, true);
    assert_int_equal(step_at(begin + 9 * (uint64_t)SECOND), from + 2);
    assert_int_equal(step_at(begin + 10 * (uint64_t)SECOND), from + 3);
    workbench_replay_speed(w, 4);
    assert_int_equal(step_at(begin + 11 * (uint64_t)SECOND), from + 7);
}

/* From mark to mark, each once. */
static void a_replay_goes_from_mark_to_mark(void **state)
{
    (void)state;
    static const uint64_t back[] = { 15, 7 };
    says("replay marked");
    for (int i = 0; i < 2; i++) {
        workbench_replay_move(w, 'm', -1);
        assert_int_equal(bench_shown(w)->step, back[i]);
    }
    workbench_replay_move(w, 'm', 1);
    assert_int_equal(bench_shown(w)->step, 15);
}

/* An epoch with digits is the step nearest to it. */
static void a_moment_is_the_nearest_step(void **state)
{
    (void)state;
    static const struct {
        const char *epoch;
        uint64_t step;
    } moments[] = { { "1", 10 }, { "1.26", 13 }, { "0.94", 9 }, { "1.15", 12 }, { "0.04", 0 } };
    for (size_t i = 0; i < sizeof moments / sizeof *moments; i++) {
        char line[64];
        snprintf(line, sizeof line, "replay first@%s", moments[i].epoch);
        says(line);
        assert_int_equal(bench_shown(w)->step, moments[i].step);
    }
}

/* --- attach ---------------------------------------------------------------------------------------------------------- */

/* Whoever records the run takes the command, and applies it or lets it lie. */
static void answered(const char *dir, bool applied)
{
    struct letter l;
    struct mail_refused refused;
    struct err err = { 0 };
    assert_int_equal(mail_take(dir, &l, 1, &refused, &err), 1);
    assert_int_equal(mail_answer(dir, l.id, &(struct mail_answer){ .state = applied ? LETTER_APPLIED : LETTER_RECEIVED, .step = 3, .text = "rho is .5" }, &err), 0);
}

/* Each command that is sent is waited for anew, also in a place where one before it was received. */
static void each_command_waits_for_its_own_answer(void **state)
{
    (void)state;
    struct written live = { .name = "live", .classes = 4 };
    struct err err = { 0 };
    char dir[1024];
    begin_config(&live, "0.05", 1, NULL, 0);
    write_data(&live, "aa", 0);
    write_epoch(&live, 1, 50, 1);
    assert_int_equal(live.sink.sync(live.sink.ctx, &err), 0);
    at("live", dir);
    assert_int_equal(workbench_attach(w, "live"), 0);
    uint64_t now = clock_now_ns();
    for (int i = 0; i < 2; i++) {
        says("set rho .5");
        const struct attach_sent *s = &w->attached.sent[0];
        assert_true(s->letter.id[0] && !s->received && !w->attached.sent[1].letter.id[0]);
        answered(dir, false);
        attach_look(w, now += 3 * (uint64_t)SECOND);
        assert_true(s->letter.id[0] && s->received);
        assert_int_equal(mail_answer(dir, s->letter.id, &(struct mail_answer){ .state = LETTER_APPLIED, .step = 3, .text = "rho is .5" }, &err), 0);
        buf_clear(&said);
        attach_look(w, now += 3 * (uint64_t)SECOND);
        assert_string_equal(said.data, "rho is .5\n");
        assert_false(s->letter.id[0]);
    }
    replay_leave(w);
    end_run(&live);
}

/* --- compare --------------------------------------------------------------------------------------------------------- */

static int lines_with(const char *text, const char *part)
{
    int n = 0;
    for (const char *p = text; (p = strstr(p, part)); p++)
        n++;
    return n;
}

/* Of 14 classes five at each end are told, and how many lie between. */
static void the_classes_between_are_counted(void **state)
{
    (void)state;
    const char *text = says("compare first second");
    assert_non_null(strstr(text, "\n  4 classes between\n"));
    assert_int_equal(lines_with(text, "+1.00  +++"), 10);
}

/* --- what measures --------------------------------------------------------------------------------------------------- */

static void command_of(const char *line, struct command *out)
{
    static struct lexed lexed;
    static struct call c;
    struct err err = { 0 };
    int at;
    lex_release(&lexed);
    assert_int_equal(lex_line(line, &lexed, &at, &err), 0);
    const struct command_info *info = command_find(lexed.word[0].text, true, &err);
    assert_non_null(info);
    if (call_parse(&c, info, lexed.word, lexed.command[0].n, &err) < 0 || call_command(w, &c, out, &err) < 0)
        fail_msg("'%s': %s", line, err.text);
}

/* Each option of `hessian` arrives, and no other. */
static void options_of_hessian_arrive(void **state)
{
    (void)state;
    static const struct {
        const char *option;
        size_t flag; /* in struct probe_options */
    } flags[] = { { "trace", offsetof(struct probe_options, trace) },           { "test", offsetof(struct probe_options, test) },
                  { "train-mode", offsetof(struct probe_options, train_mode) }, { "weighted", offsetof(struct probe_options, weighted) },
                  { "augment", offsetof(struct probe_options, augment) },       { "like pyhessian", offsetof(struct probe_options, pyhessian) } };
    enum { FLAGS = sizeof flags / sizeof *flags };
    says("replay first");
    for (int i = 0; i < FLAGS; i++) {
        char line[64];
        struct command c = { 0 };
        snprintf(line, sizeof line, "hessian 1 --%s", flags[i].option);
        command_of(line, &c);
        for (int k = 0; k < FLAGS; k++)
            if (*((const bool *)&c.probe + flags[k].flag) != (k == i))
                fail_msg("'%s': --%s", line, flags[k].option);
    }
    struct command c = { 0 };
    command_of("hessian 1 --iters 31 --images 32 --vectors 3 --top 4 --tol 0.05", &c);
    assert_true(c.count == 31 && c.probe.images == 32 && c.probe.vectors == 3 && c.probe.top == 4 && c.probe.has_tol && c.probe.tol == 0.05);
    assert_true(c.n_classes == 1 && c.classes[0] == 1);
}

/* --- all of it ------------------------------------------------------------------------------------------------------- */

static void record_run(const char *name, uint64_t seed, double acc)
{
    struct written run = { .name = name, .classes = 14 };
    begin_config(&run, "0.05", seed, NULL, 0);
    write_data(&run, "aa", 0);
    write_epoch(&run, 1, acc, 1);
    write_epoch(&run, 2, acc, 1);
    end_run(&run);
}

static int make_runs(void **state)
{
    if (make_root(state) < 0)
        return -1;
    record_run("first", 1, 50);
    record_run("second", 2, 51);
    struct written marked = { .name = "marked", .classes = 4 };
    begin_config(&marked, "0.05", 1, NULL, 0);
    write_data(&marked, "aa", 0);
    for (uint64_t step = 1; step <= 2 * SPE; step++) {
        send_event(&marked.sink, step_event(step, 1));
        if (step == 7 || step == 15)
            write_set(&marked, step, "rho", step == 7 ? "0.1" : "0.2", "0.05");
    }
    end_run(&marked);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_replay_goes_on_where_it_was_halted, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(a_replay_goes_from_mark_to_mark, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(a_moment_is_the_nearest_step, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(each_command_waits_for_its_own_answer, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(the_classes_between_are_counted, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(options_of_hessian_arrive, open_bench, close_bench),
    };
    return cmocka_run_group_tests_name("unit/looking", tests, make_runs, remove_root);
}
