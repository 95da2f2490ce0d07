/* A recording from a stranger: whatever command it says was given or is waiting, resuming, replaying or viewing it changes no file outside its
 * own folder. Recordings are crafted by appending to a real one, so that every checksum is right. */
#include "config.h"
#include "check.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/err.h"
#include "engine/model/families.h"
#include "repl/commands.h"
#include "repl/workbench.h"
#include "session/session.h"
#include "heard.h"
#include "sessions.h"
#include "small_data.h"

/* Of each verb a line that would do something. %s is the folder of the test: `aim` in it must stay as it is, `victim` is a session. */
static const struct {
    const char *verb, *line;
} lines[] = {
    { "preset", "preset demo" }, { "data", "data demo" }, { "model", "model resnet14" }, { "loss", "loss focal" }, { "opt", "opt sam" },
    { "stage", "stage lws --from victim --name other" },
    { "seed", "seed 9" }, { "device", "device reference" }, { "load", "load weights %s/aim" }, { "train", "train --name new" },
    { "pause", "pause at step 6" }, { "resume", "resume victim" }, { "step", "step 1" }, { "stop", "stop --yes at step 6" }, { "wait", "wait" }, { "sweep", "sweep rho=.1,.2" }, { "reproduce", "reproduce table1" },
    { "eval", "eval test at step 6" }, { "set", "set momentum 0.75 at step 6" }, { "show", "show config" }, { "cancel", "cancel 77" },
    { "undo", "undo" }, { "watch", "watch 9 at step 6" }, { "unwatch", "unwatch 9 at step 6" },
    { "hessian", "hessian 9 --iters 2 --images 4 --save %s/aim --force at step 6" }, { "cnc", "cnc 9 --iters 2 --images 4 --batches 2 at step 6" },
    { "slice", "slice 9 random:1 --points 3 --images 4 at step 6" }, { "margins", "margins 9 --images 4 at step 6" },
    { "reading", "reading ncm at step 6" }, { "why", "why 0" }, { "alert", "alert if acc > 1 then 'stop --yes'" }, { "confusion", "confusion" },
    { "note", "note hello" }, { "sort", "sort n" }, { "find", "find cat" }, { "zoom", "zoom traces" }, { "snapshot", "snapshot mine at step 6" }, { "sessions", "sessions" }, { "info", "info victim" },
    { "replay", "replay victim" }, { "seek", "seek 1" }, { "speed", "speed 2" }, { "live", "live" }, { "fork", "fork victim@1 other" }, { "compare", "compare victim victim --csv %s/aim --force" }, { "import", "import %s/aim" }, { "rm", "rm victim --yes" },
    { "export", "export csv %s/aim victim --force" }, { "save", "save weights %s/aim --force" }, { "gradient", "gradient %s/aim --force" },
    { "hvp", "hvp %s/aim %s/aim --force" }, { "source", "source %s/aim" }, { "alias", "alias set 'save weights'" }, { "history", "history" },
    { "echo", "echo hello" }, { "help", "help" }, { "quit", "quit --yes" },
};
enum { N_LINES = sizeof lines / sizeof *lines };

enum how { PENDING, BY_SCHEDULE, CARRIED_OUT, IN_SNAPSHOT, N_HOW };
static const char *const how_name[N_HOW] = { "pending", "pending, by schedule", "carried out", "in the snapshot" };

static char root[256], dir[300];

static struct workbench *open_bench(void)
{
    struct workbench_face face = { .say = hear };
    struct workbench_options options = { .sessions = root, .script = true, .yes = true };
    struct err err = { 0 };
    struct workbench *w = workbench_new(&options, &face, &err);
    if (!w)
        fail_msg("%s", err.text);
    buf_clear(&said);
    buf_adds(&said, "");
    return w;
}

static void bench(const char *line)
{
    struct workbench *w = open_bench();
    struct err err = { 0 };
    if (workbench_line(w, line, false) < 0 || workbench_wait(w) < 0 || workbench_end(w, "done", &err) < 0 || workbench_exit_code(w))
        fail_msg("'%s' failed: %s%s", line, said.data, err.text);
    workbench_free(w);
}

/* --- what a folder holds ------------------------------------------------------------------------------------------- */

static void add_file(struct digest *d, int fd)
{
    char bytes[4096];
    for (ssize_t n; (n = read(fd, bytes, sizeof bytes)) > 0;)
        digest_add(d, bytes, (size_t)n);
    close(fd);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Names and contents of everything below, without the session that is resumed. */
static void add_tree(struct digest *d, const char *path)
{
    char *name[64], below[600];
    int n = 0;
    DIR *list = opendir(path);
    assert_non_null(list);
    for (struct dirent *e; n < 64 && (e = readdir(list));)
        if (e->d_name[0] != '.' && strcmp(e->d_name, "r.saddle") != 0)
            name[n++] = strdup(e->d_name);
    closedir(list);
    qsort(name, (size_t)n, sizeof *name, by_name);
    for (int i = 0; i < n; i++) {
        snprintf(below, sizeof below, "%s/%s", path, name[i]);
        digest_add(d, name[i], strlen(name[i]) + 1);
        int fd = open(below, O_RDONLY | O_DIRECTORY);
        if (fd >= 0) {
            close(fd);
            add_tree(d, below);
        } else
            add_file(d, open(below, O_RDONLY));
        free(name[i]);
    }
}

static void tree(char out[DIGEST_HEX])
{
    struct digest d;
    digest_init(&d);
    add_tree(&d, root);
    digest_hex(&d, out);
}

/* --- crafting ------------------------------------------------------------------------------------------------------- */

static void line_of(int i, char *out, size_t size)
{
    snprintf(out, size, lines[i].line, root, root);
}

static struct event *command_event(enum how how, const char *verb, const char *text)
{
    struct event *e = event_new(EVENT_CMD, 4);
    event_set_str(e, EV_CMD_TXT, text);
    event_set_str(e, EV_CMD_OP, how == CARRIED_OUT ? verb : "pending");
    event_set_str(e, EV_CMD_KEY, how == CARRIED_OUT && strcmp(verb, "set") == 0 ? "momentum" : verb);
    event_set_str(e, EV_CMD_VALUE, "0.75");
    event_set_str(e, EV_CMD_BY, how == BY_SCHEDULE ? "schedule" : "user");
    return e;
}

/* The state of step 4 again, with every line waiting. */
static struct train_state *state_with_lines(void)
{
    struct err err = { 0 };
    struct net net;
    struct recording *r = recording_open(dir, &err);
    assert_non_null(r);
    assert_int_equal(net_of_family(&net, "resnet8", IMAGE_CIFAR, 10, HEAD_LINEAR, &err), 0);
    struct state_row rows[STATE_ROWS_MAX];
    struct train_state *s = snapshot_load(r, snapshot_at(r, UINT64_MAX), rows, train_state_rows(&net, rows), &err);
    if (!s)
        fail_msg("%s", err.text);
    assert_int_equal(s->step, 4);
    for (char **p = s->pending; p && *p; p++)
        free(*p);
    free(s->pending);
    s->pending = calloc(N_LINES + 1, sizeof *s->pending);
    for (int i = 0; i < N_LINES; i++) {
        char text[1000];
        line_of(i, text, sizeof text);
        s->pending[i] = strdup(text);
    }
    net_release(&net);
    recording_close(r);
    return s;
}

static void craft(enum how how)
{
    char command[900];
    struct err err = { 0 };
    snprintf(command, sizeof command, "rm -rf %s && cp -r %s/.base %s", dir, root, dir);
    assert_int_equal(system(command), 0);
    struct train_state *state = how == IN_SNAPSHOT ? state_with_lines() : NULL;
    struct session *s = session_reopen(dir, &err);
    if (!s)
        fail_msg("%s", err.text);
    struct event_sink sink = session_sink(s);
    for (int i = 0; i < N_LINES && !state; i++) {
        char text[1000];
        line_of(i, text, sizeof text);
        send_event(&sink, command_event(how, lines[i].verb, text));
    }
    if (state)
        sink.snapshot(sink.ctx, state, NULL, false);
    assert_int_equal(session_close(s, "crafted", &err), 0);
}

/* --- what comes of it ----------------------------------------------------------------------------------------------- */

static bool may_run(int i, enum how how)
{
    const struct command_info *info = command_find(lines[i].verb, false, NULL);
    if (how == CARRIED_OUT)
        return info->flags & (F_RECORDED | F_STEERS); /* what was carried out is repeated, or over */
    return info->flags & F_RECORDED && !strstr(lines[i].line, "--save");
}

static void every_other_command_is_named(enum how how)
{
    for (int i = 0; i < N_LINES; i++) {
        char text[1000], line[1100];
        line_of(i, text, sizeof text);
        snprintf(line, sizeof line, "warning: recording: not run: '%s': ", text);
        if (!strstr(said.data, line) != may_run(i, how))
            fail_msg("%s: '%s' is %s as not run:\n%s", how_name[how], text, may_run(i, how) ? "told" : "not told", said.data);
    }
}

static int count(const struct recording *r, enum event_kind kind, const char *op)
{
    int n = 0;
    for (size_t i = 0; i < recording_count(r); i++) {
        const struct event *e = recording_event(r, i);
        n += e->kind == kind && e->step == 6 && (!op || (e->f[EV_CMD_OP].s && strcmp(e->f[EV_CMD_OP].s, op) == 0));
    }
    return n;
}

/* Commands that may be taken are carried out at their steps. */
static void what_may_run_ran(void)
{
    struct err err = { 0 };
    struct recording *r = recording_open(dir, &err);
    assert_non_null(r);
    assert_int_equal(count(r, EVENT_CMD, "set"), 1);
    assert_int_equal(count(r, EVENT_CMD, "watch"), 1);
    assert_int_equal(count(r, EVENT_CMD, "snapshot"), 1);
    assert_int_equal(count(r, EVENT_CMD, "cnc"), 1);
    assert_int_equal(count(r, EVENT_SLICE, NULL), 1);
    assert_int_equal(count(r, EVENT_EIG, NULL), 0);
    recording_close(r);
}

static void try_all(enum how how)
{
    char before[DIGEST_HEX], after[DIGEST_HEX], folder[1400];
    craft(how);
    tree(before);
    struct workbench *w = open_bench();
    struct err err = { 0 };
    if (workbench_line(w, "replay r; seek end; live; resume r", false) < 0 || workbench_wait(w) < 0 || workbench_end(w, "done", &err) < 0)
        fail_msg("%s: %s%s", how_name[how], said.data, err.text);
    assert_int_equal(workbench_exit_code(w), 0);
    assert_string_equal(workbench_history(w)->state, "finished");
    assert_int_equal(workbench_history(w)->step, 8);
    workbench_free(w);
    snprintf(folder, sizeof folder, "%s/new.saddle", root);
    assert_int_equal(access(folder, F_OK), -1);
    tree(after);
    if (strcmp(before, after) != 0)
        fail_msg("%s: a file outside the recording changed", how_name[how]);
    every_other_command_is_named(how);
    if (how != CARRIED_OUT)
        what_may_run_ran();
}

static void pending_commands_of_a_stranger(void **state)
{
    (void)state;
    try_all(PENDING);
}

static void pending_commands_that_claim_to_be_scheduled(void **state)
{
    (void)state;
    try_all(BY_SCHEDULE);
}

static void commands_that_were_carried_out(void **state)
{
    (void)state;
    try_all(CARRIED_OUT);
}

static void commands_in_a_snapshot(void **state)
{
    (void)state;
    try_all(IN_SNAPSHOT);
}

static void every_verb_is_tried(void **state)
{
    (void)state;
    assert_int_equal(n_commands, N_LINES);
    for (int i = 0; i < N_LINES; i++)
        assert_string_equal(lines[i].verb, command_table[i].verb);
}

static int make_base(void **state)
{
    char command[900];
    (void)state;
    scratch_make(root);
    snprintf(dir, sizeof dir, "%s/r.saddle", root);
    small_data(root);
    snprintf(command, sizeof command, "data tensors %s/data.safetensors; model resnet8 --head linear; set eval_every 0; set hessian_every 0; "
             "set snapshot_seconds 0; set batch 8; unwatch; train --name r --steps 8 --paused; stop --yes at step 4; resume", root);
    bench(command);
    snprintf(command, sizeof command, "cd %s && mv r.saddle .base && cp -r .base victim.saddle && echo precious > aim", root);
    return system(command);
}

static int remove_base(void **state)
{
    (void)state;
    buf_release(&said);
    scratch_remove(root);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_verb_is_tried),
        cmocka_unit_test(pending_commands_of_a_stranger),
        cmocka_unit_test(pending_commands_that_claim_to_be_scheduled),
        cmocka_unit_test(commands_that_were_carried_out),
        cmocka_unit_test(commands_in_a_snapshot),
    };
    return cmocka_run_group_tests_name("unit/recorded", tests, make_base, remove_base);
}
