/* Acknowledged commands are done after kill -9: a run whose probes and snapshots wait for their moments is killed before each sync of its journal,
 * and resumed. Every number it comes to is there once, with the bits of the run that nothing happened to. A sample of the kills;
 * SADDLE_FAULT_LONG=1 tries all. */
#include "config.h"
#include "../unit/check.h"

#include "dying.h"

/* Two epochs of six steps, with a snapshot of the beginning and of the ends of both. */
#define SETTINGS \
    "data demo --beta 1000 --val 1840; model resnet8; set eval_every 0; set snapshot_seconds 0; set batch 4; set threads 1; set opt sam; " \
    "set rho .1; set budget 1; set epochs 2; unwatch; set hessian_every 0; train --name r --paused; "
#define WAITING \
    "hessian 0,1,9 --iters 2 --images 2 at step 3; slice 0 random:1 --points 3 --images 2 at step 6; snapshot mine at step 8; " \
    "cnc 0 --rho .1 --batches 4 --batch 2 --iters 60 --images 4 at step 8; set rho .2 at step 8; set momentum .8 if lmin:9 < 1e9; " \
    "set lr .02 at step 10; "

/* --- what a recording comes to -------------------------------------------------------------------------------------- */

static bool is_a_number(const struct event *e)
{
    return e->kind == EVENT_STEP || e->kind == EVENT_EIG || e->kind == EVENT_CNC || e->kind == EVENT_SLICE;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Without what another run may well have different: times, and the step at which a result came. */
static char *text_of(const struct event *e)
{
    static const struct {
        enum event_kind kind;
        int field;
    } times[] = { { EVENT_STEP, EV_STEP_MS }, { EVENT_EIG, EV_EIG_SECONDS }, { EVENT_CNC, EV_CNC_SECONDS }, { EVENT_SLICE, EV_SLICE_SECONDS } };
    struct buf out = { 0 };
    struct event copy = { .kind = e->kind, .step = e->kind == EVENT_STEP ? e->step : 0 };
    memcpy(copy.f, e->f, sizeof copy.f);
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++)
        if (times[i].kind == e->kind)
            copy.f[times[i].field].f = 0;
    event_to_json(&copy, &out);
    return out.data;
}

/* Steps, results, snapshots that were asked for, changes and the last weights: lines in no particular order, sorted. */
static void numbers(struct buf *out)
{
    char *line[400], text[200], last[100] = "";
    int n = 0;
    struct err err = { 0 };
    struct recording *r = recording_open(dir, &err);
    if (!r)
        fail_msg("%s", err.text);
    for (size_t i = 0; i < recording_count(r) && n < 390; i++) {
        const struct event *e = recording_event(r, i);
        bool change = e->kind == EVENT_CMD && strcmp(e->f[EV_CMD_BY].s, "schedule") == 0;
        if (is_a_number(e))
            line[n++] = text_of(e);
        else if (e->kind == EVENT_SNAP && e->f[EV_SNAP_PINNED].u) {
            snprintf(text, sizeof text, "kept %d %s %s", (int)e->step, e->f[EV_SNAP_NAME].s, e->f[EV_SNAP_STATE].s);
            line[n++] = strdup(text);
        } else if (change) {
            snprintf(text, sizeof text, "%s %s at %d", e->f[EV_CMD_OP].s, e->f[EV_CMD_KEY].s, (int)e->step);
            line[n++] = strdup(text);
        }
        if (e->kind == EVENT_SNAP)
            snprintf(last, sizeof last, "%s", e->f[EV_SNAP_STATE].s);
    }
    qsort(line, (size_t)n, sizeof *line, by_text);
    buf_clear(out);
    for (int i = 0; i < n; i++) {
        buf_addf(out, "%s\n", line[i]);
        free(line[i]);
    }
    buf_addf(out, "last %s %s\n", last, recording_is_complete(r) ? "finished" : "not finished");
    recording_close(r);
}

/* The first line that only one of them has. */
static void compare(const struct buf *whole, const struct buf *broken, const char *what)
{
    const char *a = whole->data, *b = broken->data;
    if (strcmp(a, b) == 0)
        return;
    while (*a && *a == *b)
        a++, b++;
    while (a > whole->data && a[-1] != '\n')
        a--, b--;
    fail_msg("%s: wanted %.*s\n       got %.*s\n%s", what, (int)strcspn(a, "\n"), a, (int)strcspn(b, "\n"), b, said.data);
}

/* --- killed ---------------------------------------------------------------------------------------------------------- */

static bool at_the_first_step(const char *opened, const struct event *heard)
{
    (void)opened;
    return heard && heard->kind == EVENT_STEP;
}

static bool at_the_probe(const char *opened, const struct event *heard)
{
    (void)opened;
    return heard && heard->kind == EVENT_CMD && strcmp(heard->f[EV_CMD_OP].s, "hessian") == 0;
}

static void begin_anew(void)
{
    char command[400];
    snprintf(command, sizeof command, "rm -rf %s", dir);
    assert_int_equal(system(command), 0);
}

static bool is_complete(void)
{
    struct err err = { 0 };
    struct recording *r = recording_open(dir, &err);
    if (!r)
        fail_msg("%s", err.text);
    const bool complete = recording_is_complete(r);
    recording_close(r);
    return complete;
}

static void comes_to_the_same(const char *script, bool begins(const char *opened, const struct event *heard), int sample)
{
    struct buf whole = { 0 }, broken = { 0 };
    begin_anew();
    const long calls = die(script, begins, 0);
    assert_true(calls > 10);
    numbers(&whole);
    const long stride = getenv("SADDLE_FAULT_LONG") ? 1 : calls / sample + 1;
    for (long at = stride / 2 + 1; at <= calls; at += stride) {
        char what[60];
        snprintf(what, sizeof what, "killed at call %ld of %ld", at, calls);
        begin_anew();
        die(script, begins, at);
        const int code = is_complete() ? 0 : end_bench(open_bench("resume r"));
        if (code != 0)
            fail_msg("%s: exit %d: %s", what, code, said.data);
        numbers(&broken);
        compare(&whole, &broken, what);
    }
    buf_release(&whole);
    buf_release(&broken);
}

static void commands_that_wait_are_carried_out_once(void **state)
{
    (void)state;
    comes_to_the_same(SETTINGS WAITING "resume", at_the_first_step, 4);
}

static void a_probe_from_the_prompt_is_brought_to_its_end(void **state)
{
    (void)state;
    comes_to_the_same(SETTINGS "step 3; wait step 3; hessian 0,1,9 --iters 3 --images 3; resume", at_the_probe, 3);
}

static void rounds_of_watched_classes_are_made_up_for(void **state)
{
    (void)state;
    comes_to_the_same(SETTINGS "watch 8,9 every 1 iters 2 images 2; resume", at_the_first_step, 4);
}

static int make_root(void **state)
{
    (void)state;
    scratch_make(root);
    snprintf(dir, sizeof dir, "%s/r.saddle", root);
    return 0;
}

static int remove_root(void **state)
{
    (void)state;
    buf_release(&said);
    scratch_remove(root);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands_that_wait_are_carried_out_once),
        cmocka_unit_test(a_probe_from_the_prompt_is_brought_to_its_end),
        cmocka_unit_test(rounds_of_watched_classes_are_made_up_for),
    };
    return cmocka_run_group_tests_name("fault/acknowledged", tests, make_root, remove_root);
}
