/* The table of commands, the grammar, completion and help, through the workbench's own entry points. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "repl/commands.h"
#include "repl/workbench.h"

/* --- parsing ------------------------------------------------------------------------------------------------------- */

static struct lexed lexed; /* what the last parse borrows from */

static int parse(const char *line, struct call *c, struct err *err)
{
    int at;
    lex_release(&lexed);
    *err = (struct err){ 0 };
    assert_int_equal(lex_line(line, &lexed, &at, err), 0);
    assert_int_equal(lexed.n_commands, 1);
    const struct command_info *info = command_find(lexed.word[0].text, true, err);
    return info ? call_parse(c, info, lexed.word, lexed.command[0].n, err) : -1;
}

static struct call *parsed(const char *line)
{
    static struct call c;
    struct err err;
    if (parse(line, &c, &err) < 0)
        fail_msg("'%s' refused: %s", line, err.text);
    return &c;
}

static void refused(const char *line, const char *message, int caret)
{
    static struct call c;
    struct err err;
    c.bad_start = -1;
    assert_int_equal(parse(line, &c, &err), -1);
    assert_non_null(strstr(err.text, message));
    assert_int_equal(c.bad_start, caret);
}

static void every_row_is_whole(void **state)
{
    (void)state;
    for (int i = 0; i < n_commands; i++) {
        const struct command_info *c = &command_table[i];
        assert_true(c->help[0] && c->help[strlen(c->help) - 1] != '.');
        assert_int_equal(strncmp(c->usage, c->verb, strlen(c->verb)), 0);
        assert_true(c->min >= 0 && (c->max < 0 || c->max >= c->min));
        assert_true(c->max == 0 || c->arguments[0]);
        assert_non_null(c->run);
        for (int k = 0; k < i; k++)
            assert_string_not_equal(c->verb, command_table[k].verb);
    }
}

static void prefixes_count_at_the_prompt_only(void **state)
{
    (void)state;
    struct err err;
    assert_string_equal(command_find("he", true, &err) ? "found" : err.text, "'he' is the beginning of several commands: hessian, help");
    assert_string_equal(command_find("hes", true, &err)->verb, "hessian");
    assert_null(command_find("hes", false, &err));
    assert_non_null(strstr(err.text, "'hessian'"));
    assert_string_equal(command_find("set", false, &err)->verb, "set");
    assert_null(command_find("", true, &err));
}

static void unknown_verbs_get_a_suggestion(void **state)
{
    (void)state;
    struct err err;
    assert_null(command_find("tarin", true, &err));
    assert_string_equal(err.text, "unknown command 'tarin'; did you mean 'train'?");
    assert_null(command_find("frobnicate", true, &err));
    assert_non_null(strstr(err.text, "'help'"));
}

static void options_stand_anywhere(void **state)
{
    (void)state;
    struct call *c = parsed("hessian --iters 80 truck --images=20");
    assert_int_equal(c->n, 1);
    assert_string_equal(c->word[0].text, "truck");
    assert_string_equal(call_value(c, "iters"), "80");
    assert_string_equal(call_value(c, "images"), "20");
    assert_false(call_has(c, "force"));
    assert_true(call_has(parsed("set rho --force .5"), "force"));
    assert_int_equal(parsed("note -- --force")->n, 1);
    assert_int_equal(parsed("note '--force'")->n, 1);
    refused("hessian --itres 80", "did you mean '--iters'?", 8);
    refused("hessian --iters", "needs a value", 8);
    refused("set rho .5 --force=1", "takes no value", 11);
    refused("undo --now", "no options here", 5);
}

static void words_are_counted(void **state)
{
    (void)state;
    refused("load", "nothing given; usage: load", -1);
    refused("model resnet8 resnet20", "'resnet20' is too much", 14);
    refused("hvp a", "something is missing", -1);
}

static void expect_when(const char *line, enum when_kind kind, double value)
{
    struct call *c = parsed(line);
    assert_int_equal(c->when.kind, kind);
    assert_true(c->when.value == value);
}

static void when_clauses(void **state)
{
    (void)state;
    expect_when("set rho .8", AT_ONCE, 0);
    expect_when("set rho .8 at epoch 170", AT_EPOCH, 170);
    expect_when("set rho .8 at step 16000", AT_STEP, 16000);
    expect_when("set rho .8 in 5 epochs", IN_EPOCHS, 5);
    expect_when("set rho .8 in 200 steps", IN_STEPS, 200);
    expect_when("snapshot best if tail > 70", IF_METRIC, 70);
    expect_when("pause if loss>8", IF_METRIC, 8);
    struct call *c = parsed("set rho .8 if lmin:truck < -20");
    assert_string_equal(c->when.metric, "lmin:truck");
    assert_false(c->when.above);
    assert_int_equal(c->n, 2);
    assert_int_equal(parsed("set lr 0.05@0 0.1@5 at epoch 3")->n, 3);
    assert_int_equal(parsed("note we look at epoch 5")->n, 5); /* free text */
}

static void wrong_when_clauses(void **state)
{
    (void)state;
    refused("set rho .8 at 170", "when?", 11);
    refused("set rho .8 at epoch", "when?", 11);
    refused("set rho .8 at eopch 170", "'eopch' is neither", 14);
    refused("set rho .8 in five epochs", "'five' is not a number", 14);
    refused("set rho .8 at epoch -1", "outside", 20);
    refused("set rho .8 at step 2.5", "not a whole number", 19);
    refused("set rho .8 if tial > 70", "did you mean 'tail'?", 14);
    refused("set rho .8 if tail 70", "'METRIC > NUMBER'", 14);
    refused("train at epoch 3", "'at' is too much", 6);
}

/* --- classes ------------------------------------------------------------------------------------------------------- */

static const char *const class_name[] = { "airplane", "automobile", "bird", "cat", "3", "dog" };
static const double class_acc[] = { 90, 80, 10, 5, 50, 60 };
static const char *const groups[] = { "head", "mid", "tail" };

static const char *name_of(const void *ctx, int i)
{
    (void)ctx;
    return class_name[i];
}

static int group_of(const void *ctx, int i)
{
    (void)ctx;
    return i / 2;
}

static const char *group_name(const void *ctx, int g)
{
    (void)ctx;
    return groups[g];
}

static double acc_of(const void *ctx, int i)
{
    (void)ctx;
    return class_acc[i];
}

static const struct class_names names = { 6, 3, name_of, group_of, group_name, acc_of, NULL };

static void expect_classes(const char *text, const char *want) /* want: x and . for each class */
{
    bool set[6] = { false };
    struct err err;
    if (classes_parse(&names, text, set, &err) < 0)
        fail_msg("'%s' refused: %s", text, err.text);
    for (int i = 0; i < 6; i++)
        assert_int_equal(set[i], want[i] == 'x');
}

static void classes_are_named_in_many_ways(void **state)
{
    (void)state;
    expect_classes("0", "x.....");
    expect_classes("c5", ".....x");
    expect_classes("bird", "..x...");
    expect_classes("3", "....x."); /* a name wins over an index */
    expect_classes("1..2", ".xx...");
    expect_classes("c0..bird", "xxx...");
    expect_classes("0,cat,tail", "x..xxx");
    expect_classes("head", "xx....");
    expect_classes("all", "xxxxxx");
    expect_classes("worst:2", "..xx..");
}

static void class_refused(const char *text, const char *message)
{
    bool set[6] = { false };
    struct err err = { 0 };
    assert_int_equal(classes_parse(&names, text, set, &err), -1);
    assert_non_null(strstr(err.text, message));
}

static void wrong_classes(void **state)
{
    (void)state;
    class_refused("brid", "did you mean 'bird'?");
    class_refused("tial", "did you mean 'tail'?");
    class_refused("6", "an index 0..5");
    class_refused("-1", "unknown class");
    class_refused("2..1", "backwards");
    class_refused("0,,1", "empty entry");
    class_refused("worst:0", "outside 1..6");
    class_refused("worst:x", "not a number");
}

/* --- a workbench --------------------------------------------------------------------------------------------------- */

struct heard {
    struct buf text;
    int caret;
};

static void hear(void *ctx, enum say_level level, const char *line, int caret)
{
    struct heard *h = ctx;
    (void)level;
    buf_addf(&h->text, "%s\n", line);
    h->caret = caret;
}

static struct heard heard;

static char dir[] = "/tmp/saddle-unit-XXXXXX";

static int make_workbench(void **state)
{
    struct workbench_face face = { .ctx = &heard, .say = hear };
    struct workbench_options options = { .sessions = mkdtemp(dir) };
    struct err err;
    *state = workbench_new(&options, &face, &err);
    return *state ? 0 : -1;
}

static int free_workbench(void **state)
{
    workbench_free(*state);
    buf_release(&heard.text);
    lex_release(&lexed);
    return rmdir(dir); /* nothing was recorded */
}

static const char *says(struct workbench *w, const char *line, int result)
{
    buf_clear(&heard.text);
    buf_adds(&heard.text, "");
    assert_int_equal(workbench_line(w, line, true), result);
    return heard.text.data;
}

static void a_mistake_is_one_line_with_a_caret(void **state)
{
    assert_string_equal(says(*state, "set roh .5", -1), "saddle: set: unknown knob 'roh'; did you mean 'rho'?\n");
    assert_int_equal(heard.caret, 4);
    assert_int_equal(workbench_caret_end(*state), 7);
    assert_string_equal(says(*state, "echo a; tarin; echo b", -1), "a\nsaddle: unknown command 'tarin'; did you mean 'train'?\n");
    assert_int_equal(heard.caret, 8);
}

static void what_was_meant_is_said(void **state)
{
    assert_string_equal(says(*state, "rho .3", -1), "saddle: 'rho' is a knob; did you mean 'set rho .3'?\n");
    assert_int_equal(heard.caret, 0);
    assert_string_equal(says(*state, "rho", -1), "saddle: 'rho' is a knob; did you mean 'show rho'?\n");
    assert_string_equal(says(*state, "set rho=.3", -1), "saddle: set: a blank parts knob and value; did you mean 'set rho .3'?\n");
    assert_string_equal(says(*state, "set DRW 2", -1), "saddle: set: unknown knob 'DRW'; did you mean 'drw'?\n");
    assert_non_null(strstr(says(*state, "help diff", -1), "did you mean 'show diff' or 'compare RUN RUN'?"));
    assert_non_null(strstr(says(*state, "help set rho", 0), "set rho VALUE"));
    assert_non_null(strstr(says(*state, "help data tensors", 0), "data [NAME"));
}

static void a_verb_alone_lists_its_choices(void **state)
{
    assert_non_null(strstr(says(*state, "model", 0), "model resnet32; one of resnet8 resnet20 "));
    assert_non_null(strstr(says(*state, "opt", 0), "opt sgd; one of sgd sam "));
    assert_non_null(strstr(says(*state, "loss", 0), "loss ce; one of ce focal "));
    assert_non_null(strstr(says(*state, "data", 0), " cifar10-lt "));
    assert_non_null(strstr(says(*state, "seed", 0), " to "));
    assert_int_equal(workbench_line(*state, "model", false), -1); /* a script names one */
}

static void set_says_old_and_new(void **state)
{
    assert_string_equal(says(*state, "set wd 1e-3", 0), "weight_decay 0.0002 -> 0.001\n");
    assert_string_equal(says(*state, "undo", 0), "weight_decay 0.001 -> 0.0002\n");
    assert_string_equal(says(*state, "set budget 25%; undo", 0), "budget 0.1 -> 0.25\nbudget 0.25 -> 0.1\n");
    assert_non_null(strstr(says(*state, "set epochs 0", -1), "saddle: set: epochs: 0 is not in 1..100000"));
    assert_non_null(strstr(says(*state, "set rho .8 at epoch 7; show pending; cancel 1; show pending", 0), "nothing is pending"));
}

/* The knob of an option has its name, or its verb's before it, or is one of these: said once more, for the table alone would agree with itself. */
static bool is_named_so(const char *verb, const char *option, const char *knob)
{
    static const char *const shorter[][2] = { { "wd", "weight_decay" }, { "scale", "ldam_s" }, { "imb", "imbalance" } };
    static const char *const before[] = { "", "stage_", "hessian_", "picture_" };
    const char *whole = option;
    char name[64];
    for (size_t i = 0; i < sizeof shorter / sizeof *shorter; i++)
        whole = strcmp(option, shorter[i][0]) == 0 ? shorter[i][1] : whole;
    for (size_t i = 0; i < sizeof before / sizeof *before; i++) {
        snprintf(name, sizeof name, "%s%s", before[i], whole);
        for (char *p = name; *p; p++)
            *p = *p == '-' ? '_' : *p;
        if (strcmp(name, knob) == 0)
            return strcmp(verb, "stage") != 0 || i == 1;
    }
    return false;
}

/* Some other value of a knob than the one of *k. */
static void other_value(const struct knobs *k, int id, char out[KNOB_TEXT_MAX])
{
    const struct knob_info *info = &knob_table[id];
    struct knob_value v = k->v[id];
    if (info->type == KNOB_SCHEDULE)
        snprintf(out, KNOB_TEXT_MAX, "0.375");
    else if (info->type == KNOB_ENUM || info->type == KNOB_BOOL) {
        v.num = v.num > 0 ? 0 : 1;
        knob_format((enum knob_id)id, &v, out, KNOB_TEXT_MAX);
    } else
        snprintf(out, KNOB_TEXT_MAX, "%.15g", v.num > 1 ? v.num - 1 : v.num == 0 ? 1 : v.num / 2);
}

/* `line --option VALUE` after `line` changes that knob alone. */
static void option_arrives(struct workbench *w, const char *line, const char *option, int id)
{
    struct knobs before, after;
    char value[KNOB_TEXT_MAX], command[400];
    says(w, line, 0);
    workbench_knobs(w, &before);
    other_value(&before, id, value);
    snprintf(command, sizeof command, "%s --%s %s", line, option, value);
    says(w, command, 0);
    workbench_knobs(w, &after);
    for (int i = 0; i < KNOB_COUNT; i++) {
        char a[KNOB_TEXT_MAX], b[KNOB_TEXT_MAX];
        knob_format((enum knob_id)i, &before.v[i], a, sizeof a);
        knob_format((enum knob_id)i, &after.v[i], b, sizeof b);
        if ((i == id) == (strcmp(a, b) == 0))
            fail_msg("'%s': %s is %s, before %s", command, knob_table[i].name, b, a);
        if (i == id)
            assert_string_equal(b, value);
    }
    knob_format((enum knob_id)id, &before.v[id], value, sizeof value);
    snprintf(command, sizeof command, "set %s %s", knob_table[id].name, value);
    says(w, command, 0);
}

static void options_set_their_knob(void **state)
{
    static const char *const lines[][2] = { { "opt", "opt sam" }, { "loss", "loss ldam" }, { "model", "model resnet8" }, { "stage", "stage crt" } };
    int tried = 0;
    for (int i = 0; i < n_commands; i++)
        for (const char *p = command_table[i].options; *p;) {
            char option[64], knob[64];
            const size_t word = strcspn(p, " ");
            if (sscanf(p, "%63[a-z0-9_-]=@%63[a-z0-9_]", option, knob) == 2) {
                if (!is_named_so(command_table[i].verb, option, knob))
                    fail_msg("%s --%s sets %s", command_table[i].verb, option, knob);
                for (size_t k = 0; k < sizeof lines / sizeof *lines; k++)
                    if (strcmp(lines[k][0], command_table[i].verb) == 0) {
                        option_arrives(*state, lines[k][1], option, knob_find(knob, NULL));
                        tried++;
                    }
            }
            p += word + strspn(p + word, " ");
        }
    assert_true(tried >= 18);
}

static void aliases_stand_for_commands(void **state)
{
    says(*state, "alias wdk 'set wd'", 0);
    assert_string_equal(says(*state, "wdk 1e-4; undo", 0), "weight_decay 0.0002 -> 0.0001\nweight_decay 0.0001 -> 0.0002\n");
    assert_non_null(strstr(says(*state, "alias set echo", -1), "is a command and stays one"));
    says(*state, "alias loop loop", 0);
    assert_non_null(strstr(says(*state, "loop", -1), "calls itself"));
}

static void commands_of_a_run_need_one(void **state)
{
    static const char *const lines[] = { "pause", "resume", "step", "stop", "wait", "note a", "snapshot" };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        assert_non_null(strstr(says(*state, lines[i], -1), "no run"));
    assert_non_null(strstr(says(*state, "zoom", -1), "needs the screen"));
    assert_non_null(strstr(says(*state, "seek 3", -1), "no replay"));
}

static void help_knows_every_verb_and_knob(void **state)
{
    (void)state;
    struct err err;
    for (int i = 0; i < n_commands; i++) {
        struct buf text = { 0 };
        assert_int_equal(help_verb(command_table[i].verb, 78, &text, &err), 0);
        assert_non_null(strstr(text.data, command_table[i].usage));
        buf_release(&text);
    }
    for (int i = 0; i < KNOB_COUNT; i++) {
        struct buf text = { 0 };
        assert_int_equal(help_verb(knob_table[i].name, 78, &text, &err), 0);
        assert_non_null(strstr(text.data, knob_table[i].help));
        buf_release(&text);
    }
    /* what a screen shows and a newcomer does not know */
    static const char *const words[] = { "classes", "curvature", "traces", "events", "confused", "host", "panes", "marks", "R", "D", "amp", "!", "amp!", "ESD", "esd",
                                         "Δ10", "d10", "H/M/T", "H", "tail", "λ_min", "lambda_min", "lmin", "λmax", "when-clauses", "if", "keys", "PROMPT",
                                         "replay", "header", "TRAIN", "best", "rho", "theme", "watched", "SAM", "lambda", "images", "csv", "png" };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        struct buf text = { 0 };
        const char *name = strcmp(words[i], "H") == 0 ? "H/M/T" : words[i];
        if (help_verb(name, 78, &text, &err) != 0 || !strstr(text.data, "on the screen: "))
            fail_msg("help %s: %s", words[i], text.data ? text.data : err.text);
        buf_release(&text);
    }
    struct buf none = { 0 };
    assert_int_equal(help_verb("nonsense", 78, &none, &err), -1);
    buf_release(&none);
}

/* --- completion ---------------------------------------------------------------------------------------------------- */

static void expect_completion(struct workbench *w, const char *line, const char *want, size_t start)
{
    struct completion c;
    struct buf got = { 0 };
    workbench_complete(w, line, strlen(line), &c);
    buf_adds(&got, "");
    for (int i = 0; i < c.n; i++)
        buf_addf(&got, "%s%s", i ? " " : "", c.word[i]);
    assert_string_equal(got.data, want);
    assert_int_equal(c.start, start);
    buf_release(&got);
    completion_release(&c);
}

static void completion_follows_the_grammar(void **state)
{
    struct workbench *w = *state;
    expect_completion(w, "he", "help hessian", 0);
    expect_completion(w, "set rh", "rho rho_drw rho_head", 4);
    expect_completion(w, "set opt ", "asam blend ccsam esam focalsam fsam gsam imbsam looksam lpf msam pgd sam sgd ssesam usam wsam", 8);
    expect_completion(w, "set nesterov o", "off on", 13);
    expect_completion(w, "set math ", "bf16 fp32 tf32 winograd", 9);
    expect_completion(w, "set wei", "weight_decay weights", 4);
    expect_completion(w, "model resnet3", "resnet32 resnet34", 6);
    expect_completion(w, "echo x; mod", "model", 8);
    expect_completion(w, "train --ep", "--epochs=", 6);
    expect_completion(w, "loss ldam --weights=e", "effective", 20);
    expect_completion(w, "loss ldam --weights i", "inverse", 20);
    expect_completion(w, "set rho .5 at ", "epoch step", 14);
    expect_completion(w, "export j", "jsonl", 7);
    expect_completion(w, "pause x y ", "", 10);
    expect_completion(w, "nonsense ", "", 9);
    expect_completion(w, "note \"a", "", 7);
    expect_completion(w, "preset dem", "demo", 7);
    expect_completion(w, "stage c", "ccsam crt", 6);
    expect_completion(w, "stage crt --norm ", "frozen shifted", 17);
    expect_completion(w, "watch 9 e", "every", 8);
    expect_completion(w, "watch 9 every 5 it", "iters", 16);
    expect_completion(w, "watch 9 every 5 iters 30 im", "images", 25);
}

static void completion_shows_values(void **state)
{
    struct completion c;
    workbench_complete(*state, "set rho_d", 9, &c);
    assert_int_equal(c.n, 1);
    assert_non_null(strstr(c.show[0], "0..100"));
    completion_release(&c);
    workbench_complete(*state, "set rho .5", 2, &c); /* in the middle of a line */
    assert_int_equal(c.start, 0);
    assert_int_equal(c.n, 4); /* seed seek sessions set */
    completion_release(&c);
}

/* The recording that comes with saddle is older than the knob `math`: it was made in fp32, whatever is set up now. */
static void older_recordings_have_defaults(void **state)
{
    const char *top = getenv("top_srcdir");
    char line[1100];
    snprintf(line, sizeof line, "resume %s/sessions/demo.saddle", top ? top : ".");
    assert_string_equal(says(*state, "set math bf16", 0), "math fp32 -> bf16\n");
    assert_string_equal(says(*state, "set fps 3", 0), "fps 4 -> 3\n");
    assert_non_null(strstr(says(*state, line, 0), "is finished"));
    says(*state, "set epochs 50", 0);
    assert_non_null(strstr(says(*state, line, -1), "math is fixed while a run exists: it is recorded with fp32, and bf16 was set here"));
    assert_non_null(strstr(says(*state, "show math", 0), "math bf16 ")); /* what was set up is left as it was */
    assert_non_null(strstr(says(*state, "show fps", 0), "fps 3 "));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_whole),
        cmocka_unit_test(prefixes_count_at_the_prompt_only),
        cmocka_unit_test(unknown_verbs_get_a_suggestion),
        cmocka_unit_test(options_stand_anywhere),
        cmocka_unit_test(words_are_counted),
        cmocka_unit_test(when_clauses),
        cmocka_unit_test(wrong_when_clauses),
        cmocka_unit_test(classes_are_named_in_many_ways),
        cmocka_unit_test(wrong_classes),
        cmocka_unit_test(a_mistake_is_one_line_with_a_caret),
        cmocka_unit_test(what_was_meant_is_said), cmocka_unit_test(a_verb_alone_lists_its_choices), cmocka_unit_test(set_says_old_and_new),
        cmocka_unit_test(aliases_stand_for_commands),
        cmocka_unit_test(commands_of_a_run_need_one),
        cmocka_unit_test(help_knows_every_verb_and_knob),
        cmocka_unit_test(completion_follows_the_grammar),
        cmocka_unit_test(completion_shows_values),
        cmocka_unit_test(older_recordings_have_defaults),
        cmocka_unit_test(options_set_their_knob),
    };
    return cmocka_run_group_tests_name("unit/commands", tests, make_workbench, free_workbench);
}
