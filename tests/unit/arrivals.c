/* What is said at the prompt arrives in the run: every knob, every option of opt, every when-clause. The knobs and options are those of the
 * tables, so a new one is tried without a line here. */
#include "config.h"
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "repl/commands.h"
#include "repl/workbench.h"
#include "session/session.h"
#include "session_root.h"
#include "small_data.h"

enum { EPOCHS = 6, SPE = 4 }; /* 30 images, 8 a step */

static struct buf said;
static struct workbench *bench;

static void hear(void *ctx, enum say_level level, const char *line, int caret)
{
    (void)ctx, (void)level, (void)caret;
    buf_addf(&said, "%s\n", line);
}

static const char *says(const char *line, int result)
{
    buf_clear(&said);
    buf_adds(&said, "");
    if (workbench_line(bench, line, false) != result)
        fail_msg("'%s': %s", line, said.data);
    return said.data;
}

/* A run at its first step that waits. */
static int open_run(void **state)
{
    static int number;
    static char name[32];
    char line[600];
    struct workbench_face face = { .say = hear };
    struct workbench_options options = { .sessions = root, .script = true, .yes = true };
    struct err err = { 0 };
    bench = workbench_new(&options, &face, &err);
    if (!bench)
        fail_msg("%s", err.text);
    snprintf(name, sizeof name, "run%d", ++number);
    snprintf(line, sizeof line, "data tensors %s/data.safetensors; model resnet8 --head linear; set hessian_every 0; set snapshot_seconds 0; "
             "set snapshot_every 0; set threads 1; set batch 8; unwatch; train --name %s --epochs %d --paused", root, name, EPOCHS);
    says(line, 0);
    *state = name;
    return 0;
}

static int close_run(void **state)
{
    (void)state;
    workbench_free(bench);
    return 0;
}

/* Some other value than the one of *k; false: a text, which has none that is always accepted. */
static bool other_value(const struct knobs *k, int id, char out[KNOB_TEXT_MAX])
{
    const struct knob_info *info = &knob_table[id];
    struct knob_value v = k->v[id];
    if (info->type == KNOB_TEXT)
        return false;
    if (info->type == KNOB_SCHEDULE)
        snprintf(out, KNOB_TEXT_MAX, "0.375");
    else if (info->type == KNOB_ENUM || info->type == KNOB_BOOL) {
        v.num = v.num > 0 ? 0 : 1;
        knob_format((enum knob_id)id, &v, out, KNOB_TEXT_MAX);
    } else
        snprintf(out, KNOB_TEXT_MAX, "%.15g", v.num + 1 <= info->high ? v.num + 1 : v.num > info->low ? (v.num + info->low) / 2 : info->high);
    return true;
}

/* `command` changes this knob, to this value, and no other. */
static void changes_alone(const char *command, int id, const char *value)
{
    struct knobs before, after;
    char a[KNOB_TEXT_MAX], b[KNOB_TEXT_MAX];
    workbench_knobs(bench, &before);
    says(command, 0);
    workbench_knobs(bench, &after);
    for (int i = 0; i < KNOB_COUNT; i++) {
        knob_format((enum knob_id)i, &before.v[i], a, sizeof a);
        knob_format((enum knob_id)i, &after.v[i], b, sizeof b);
        if (strcmp(b, i == id ? value : a) != 0)
            fail_msg("'%s': %s is %s, before %s", command, knob_table[i].name, b, a);
    }
}

/* What a run of three classes' worth of images, all in one group, has no use for, or cannot have once it has begun. */
static bool is_refused(int id)
{
    return id == KNOB_STAGE || id == KNOB_STAGE_SAMPLER;
}

static void every_live_knob(void **state)
{
    (void)state;
    int tried = 0;
    for (int id = 0; id < KNOB_COUNT; id++) {
        struct knobs now;
        char command[700], value[KNOB_TEXT_MAX], old[KNOB_TEXT_MAX];
        workbench_knobs(bench, &now);
        if (knob_table[id].when != KNOB_LIVE || is_refused(id) || !other_value(&now, id, value))
            continue;
        knob_format((enum knob_id)id, &now.v[id], old, sizeof old);
        snprintf(command, sizeof command, "set %s %s --force", knob_table[id].name, value);
        changes_alone(command, id, value);
        snprintf(command, sizeof command, "set %s %s --force", knob_table[id].name, old);
        changes_alone(command, id, old);
        tried++;
    }
    assert_true(tried > 40);
}

/* The options of opt while a run trains: each alone, and `nesterov`, which has no value. */
static void every_option_of_opt(void **state)
{
    const struct command_info *info = command_find("opt", false, NULL);
    (void)state;
    says("opt sam", 0);
    int tried = 0;
    for (const char *p = info->options; *p;) {
        char option[64], name[64], value[KNOB_TEXT_MAX], command[700];
        const size_t word = strcspn(p, " ");
        if (sscanf(p, "%63[a-z0-9_-]=@%63[a-z0-9_]", option, name) == 2) {
            struct knobs now;
            const int id = knob_find(name, NULL);
            workbench_knobs(bench, &now);
            assert_true(other_value(&now, id, value));
            snprintf(command, sizeof command, "opt sam --%s %s", option, value);
            changes_alone(command, id, value);
            tried++;
        }
        p += word + strspn(p + word, " ");
    }
    changes_alone("opt sam --nesterov", KNOB_NESTEROV, "on");
    changes_alone("opt sgd", KNOB_OPT, "sgd");
    assert_true(tried >= 5);
}

/* Steps at which the journal says that this knob changed. */
static void changes_of(const char *name, const char *knob, char *out, size_t size)
{
    struct recording *r = open_recording(name);
    out[0] = '\0';
    for (size_t i = 0; i < recording_count(r); i++) {
        const struct event *e = recording_event(r, i);
        size_t n = strlen(out);
        if (e->kind == EVENT_CMD && strcmp(event_text(e, EV_CMD_OP), "set") == 0 && strcmp(event_text(e, EV_CMD_KEY), knob) == 0)
            snprintf(out + n, size - n, "%s%llu", n ? " " : "", (unsigned long long)e->step);
    }
    recording_close(r);
}

static void waits(const char *command, const char *answer)
{
    const char *text = says(command, 0);
    if (!strstr(text, answer))
        fail_msg("'%s' says\n%s", command, text);
}

/* Asked for after two epochs, 8 steps. The first evaluation after that is of step 12. */
static void every_when_clause(void **state)
{
    static const struct {
        const char *knob, *clause, *answer, *steps;
    } rows[] = {
        { "momentum", "in 1 epochs", "at epoch 3 (in 1.0 epochs", "12" },
        { "weight_decay", "in 2 steps", "at step 10 (in 0.5 epochs", "10" },
        { "rho", "at epoch 4", "at epoch 4 (in 2.0 epochs", "16" },
        { "pgd_sigma", "at step 13", "at step 13 (in 1.2 epochs", "13" },
        { "gsam_alpha", "if acc < 101", "if acc < 101", "12" },
        { "wsam_gamma", "if acc > 101", "if acc > 101", "" },
        { "fsam_sigma", "if loss > -1", "if loss > -1", "12" },
        { "sam_share", "if loss < -1", "if loss < -1", "" },
        { "sam_focus", "if head > -1", "if head > -1", "12" },
        { "tail_gain", "if tail < 101", "if tail < 101", "12" },
        { "looksam_alpha", "if mid < -1", "if mid < -1", "" },
    };
    char command[200], steps[100];
    says("step 2 epochs; wait step 8", 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        snprintf(command, sizeof command, "set %s 0.5 %s", rows[i].knob, rows[i].clause);
        waits(command, rows[i].answer);
    }
    says("resume; wait", 0);
    workbench_pump(bench);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        changes_of(*state, rows[i].knob, steps, sizeof steps);
        if (strcmp(steps, rows[i].steps) != 0)
            fail_msg("'set %s 0.5 %s' acted at steps '%s', not '%s'", rows[i].knob, rows[i].clause, steps, rows[i].steps);
    }
}

static int make_data(void **state)
{
    make_root(state);
    small_data(root);
    return 0;
}

static int remove_data(void **state)
{
    buf_release(&said);
    return remove_root(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_live_knob, open_run, close_run),
        cmocka_unit_test_setup_teardown(every_option_of_opt, open_run, close_run),
        cmocka_unit_test_setup_teardown(every_when_clause, open_run, close_run),
    };
    return cmocka_run_group_tests_name("unit/arrivals", tests, make_data, remove_data);
}
