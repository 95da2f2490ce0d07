/* What is said at the prompt arrives in the run: every knob, every option of opt and of what measures, every when-clause. Knobs and options are
 * those of the tables: a new knob is tried without a line here, a new option of a measurement fails until it has one. */
#include "config.h"
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "engine/measure.h"
#include "repl/commands.h"
#include "repl/workbench.h"
#include "session/session.h"
#include "heard.h"
#include "session_root.h"
#include "small_data.h"

enum { EPOCHS = 6, SPE = 4 }; /* 30 images, 8 a step */

static struct workbench *bench;

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

/* What was there is there again, also where `set` would refuse it: a drw past the end. */
static void undo_brings_back_what_was(void **state)
{
    (void)state;
    says("set weights effective", 0);
    changes_alone("set drw 3", KNOB_DRW, "3");
    changes_alone("undo", KNOB_DRW, "160");
    changes_alone("set momentum 0.5", KNOB_MOMENTUM, "0.5");
    changes_alone("undo", KNOB_MOMENTUM, "0.9");
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

_Static_assert(IF_METRIC == 5, "a new kind of when-clause needs its row here");

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
        { "esam_beta", "if lmin:3 < 1000", "if lmin:3 < 1000", "10" }, /* a probe's, which waits for step 10 */
    };
    char command[200], steps[100];
    says("step 2 epochs; wait step 8", 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        snprintf(command, sizeof command, "set %s 0.5 %s", rows[i].knob, rows[i].clause);
        waits(command, rows[i].answer);
    }
    says("hessian 3 --iters 3 --images 2 at step 10; resume; wait", 0);
    workbench_pump(bench);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        changes_of(*state, rows[i].knob, steps, sizeof steps);
        if (strcmp(steps, rows[i].steps) != 0)
            fail_msg("'set %s 0.5 %s' acted at steps '%s', not '%s'", rows[i].knob, rows[i].clause, steps, rows[i].steps);
    }
}

/* --- options of what measures --------------------------------------------------------------------------------------------- */

static const struct option {
    const char *verb, *name, *value, *key; /* value: "" for a switch; key: of the event's field that it changes */
    const char *becomes;                   /* NULL: some other value than without it */
    const char *plain;                     /* the command without it; NULL: that of `measured` */
} options[] = {
    { "hessian", "iters", "5", "iters", "5", NULL }, { "hessian", "images", "3", "images", "3", NULL }, { "hessian", "vectors", "2", "runs", "2", NULL },
    { "hessian", "top", "3", "iters", NULL, "hessian 0 --iters 80 --images 2 --vectors 1 --tol 0.2" }, { "hessian", "tol", "0.5", "why", "bound", "hessian 0 --iters 40 --images 2 --vectors 1 --tol 0" }, { "hessian", "trace", "", "trace", NULL, NULL },
    { "hessian", "test", "", "how", "test images", NULL }, { "hessian", "train-mode", "", "how", "train-mode batch norm", NULL },
    { "hessian", "weighted", "", "how", "weighted", NULL }, { "hessian", "augment", "", "how", "augmented", NULL }, { "hessian", "like", "pyhessian", "how", "pyhessian", NULL },
    { "cnc", "rho", "0.25", "rho", "0.25", NULL }, { "cnc", "batches", "3", "batches", "3", NULL }, { "cnc", "batch", "2", "batch", "2", NULL },
    { "cnc", "iters", NULL, NULL, NULL, NULL } /* below */, { "cnc", "images", "2", "images", "2", NULL },
    { "slice", "span", "0.5", "at", "-0.5,0,0.5", NULL }, { "slice", "points", "5", "at", "-1,-0.5,0,0.5,1", NULL }, { "slice", "iters", "5", "lambda", NULL, NULL },
    { "slice", "images", "3", "images", "3", NULL },
    { "margins", "images", "1", "images", "1", NULL }, { "margins", "test", "", "split", "test", NULL }, { "reading", "on", "train", "split", "train", NULL },
    { "hessian", "save", NULL, NULL, NULL, NULL }, { "hessian", "force", NULL, NULL, NULL, NULL }, /* of files: tests/cli */
};
static const struct {
    const char *verb, *plain; /* the command without the option that is tried */
} measured[] = {
    { "hessian", "hessian 0 --iters 3 --images 2 --vectors 1" }, { "cnc", "cnc 0 --iters 100 --images 3 --batches 2 --batch 1 --rho 0.1" },
    { "slice", "slice 0 v_min --iters 3 --images 2 --points 3 --span 1" }, { "margins", "margins 0 --images 2" }, { "reading", "reading ncm --on test" },
};

/* The command with this option instead of, or behind, those it has. */
static void with_option(const char *plain, const struct option *o, char *out, size_t size)
{
    char word[64];
    snprintf(word, sizeof word, " --%s ", o->name);
    const char *at = strstr(plain, word), *after = at ? strchr(at + strlen(word), ' ') : NULL;
    snprintf(out, size, "%.*s --%s %s%s", at ? (int)(at - plain) : (int)strlen(plain), plain, o->name, o->value, after ? after : "");
}

static void put_value(enum event_type type, const struct event_field *f, struct buf *out)
{
    buf_clear(out);
    if (type == EVENT_STR)
        buf_addf(out, "%s", f->s ? f->s : "");
    else if (type == EVENT_U64)
        buf_addf(out, "%llu", (unsigned long long)f->u);
    else if (type == EVENT_F64)
        buf_addf(out, "%.17g", f->f);
    for (uint32_t i = 0; type == EVENT_F64S && i < f->n; i++)
        buf_addf(out, "%s%.9g", i ? "," : "", f->f64s[i]);
}

/* What the newest event of this measurement has there. */
static void field_now(const char *name, const char *verb, const char *key, struct buf *out)
{
    const struct measure_info *m = measure_of_verb(verb);
    const struct event_info *info = &event_table[m->kind];
    struct recording *r = open_recording(name);
    size_t i = recording_count(r);
    while (i > 0 && recording_event(r, i - 1)->kind != m->kind)
        i--;
    assert_true(i > 0);
    for (int f = 0; f < info->n_fields; f++)
        if (strcmp(info->field[f].key, key) == 0)
            put_value(info->field[f].type, &recording_event(r, i - 1)->f[f], out);
    recording_close(r);
}

static void try_option(const char *name, const char *plain, const struct option *o)
{
    struct buf before = { 0 }, now = { 0 };
    char command[300];
    with_option(plain, o, command, sizeof command);
    says(plain, 0);
    field_now(name, o->verb, o->key, &before);
    says(command, 0);
    field_now(name, o->verb, o->key, &now);
    if (strcmp(before.data, now.data) == 0 || (o->becomes && strcmp(now.data, o->becomes) != 0))
        fail_msg("'%s': %s is %s, without it %s", command, o->key, now.data, before.data);
    buf_release(&before);
    buf_release(&now);
}

static void has_a_row(const char *verb, const char *name)
{
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (strcmp(options[i].verb, verb) == 0 && strcmp(options[i].name, name) == 0)
            return;
    fail_msg("%s --%s has no row here: say what of its event it changes", verb, name);
}

static void every_option_of_what_measures(void **state)
{
    says("set weights effective --force; set drw 0 --force", 0);
    if (!strstr(says("cnc 0 --iters 4 --images 2", -1), "after 25 products")) /* five rounds of 4, and the residual of each */
        fail_msg("cnc --iters 4 says %s", said.data);
    for (int m = 0; m < MEASURES; m++) {
        const char *verb = measure_table[m].verb, *plain = NULL;
        for (size_t i = 0; i < sizeof measured / sizeof *measured; i++)
            plain = strcmp(measured[i].verb, verb) == 0 ? measured[i].plain : plain;
        if (!plain)
            fail_msg("%s has no row here", verb);
        for (const char *p = command_find(verb, false, NULL)->options; *p; p += strspn(p, " ")) {
            char name[64];
            const size_t word = strcspn(p, " "), n = strcspn(p, "= ");
            snprintf(name, sizeof name, "%.*s", (int)n, p);
            has_a_row(verb, name);
            p += word;
        }
        for (size_t i = 0; i < sizeof options / sizeof *options; i++)
            if (strcmp(options[i].verb, verb) == 0 && options[i].value)
                try_option(*state, options[i].plain ? options[i].plain : plain, &options[i]);
    }
}

static int make_data(void **state)
{
    make_root(state);
    small_bytes(root);
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
        cmocka_unit_test_setup_teardown(undo_brings_back_what_was, open_run, close_run),
        cmocka_unit_test_setup_teardown(every_when_clause, open_run, close_run),
        cmocka_unit_test_setup_teardown(every_option_of_what_measures, open_run, close_run),
    };
    return cmocka_run_group_tests_name("unit/arrivals", tests, make_data, remove_data);
}
