/* train pause resume step stop eval */
#include "config.h"
#include "repl/bench.h"
#include "repl/handlers.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "engine/run/plan.h"

/* --- train --------------------------------------------------------------------------------------------------------- */

static const struct train_number {
    const char *option;
    enum knob_id knob;
} train_numbers[] = { { "epochs", KNOB_EPOCHS }, { "steps", KNOB_STEPS } };
enum { TRAIN_NUMBERS = sizeof train_numbers / sizeof *train_numbers };

/* Options are of this run: the set-up's own values come back when it has started. Until then they were chosen by hand. */
static int train_options(struct workbench *w, struct call *c, struct err *err)
{
    for (int i = 0; i < TRAIN_NUMBERS; i++) {
        const struct train_number *n = &train_numbers[i];
        const char *value = call_value(c, n->option);
        if (!value)
            continue;
        if (knob_parse(n->knob, value, &w->setup.knobs.v[n->knob], err) < 0)
            return call_bad_option(c, n->option);
        w->setup.touched[n->knob] = true;
    }
    if (call_has(c, "no-augment"))
        return knob_parse(KNOB_AUGMENT, "off", &w->setup.knobs.v[KNOB_AUGMENT], err);
    return 0;
}

/* "cifar10-lt-" of "cifar10-lt beta=100": the session adds a number. */
static void data_word(const struct dataset *d, char *out, size_t size)
{
    snprintf(out, size, "%.*s-", (int)strcspn(d->name, " "), d->name);
}

static double free_gib(const char *dir)
{
    struct statvfs s;
    return statvfs(dir, &s) == 0 ? (double)s.f_bavail * (double)s.f_frsize / 1073741824.0 : 0;
}

static struct session *new_session(struct workbench *w, const void *name, struct err *err)
{
    char root[1024], numbered[80];
    if (session_root(w->options.sessions, root, sizeof root, err) < 0)
        return NULL;
    data_word(&w->setup.data, numbered, sizeof numbered);
    return session_create(root, name ? name : numbered, NULL, err);
}

static void say_started(struct workbench *w, const struct trainer_parent *parent)
{
    const struct bench_setup *u = &w->setup;
    const struct session *s = w->run.session;
    struct trainer_status t;
    char method[96];
    trainer_status(w->run.trainer, &t);
    setup_method(&u->knobs, method, sizeof method);
    bench_say(w, "%s: %s%s%s%s, %s on %u images, %" PRIu64 " steps of %ld", s ? session_name(s) : "not recorded", parent ? "from " : "",
              parent ? parent->run : "", parent ? ", " : "", u->net.name, method, u->data.train.n, t.total_steps - (parent ? parent->step : 0),
              knob_int(&u->knobs, KNOB_BATCH));
    if (s)
        bench_say(w, "recorded in %s (%.1f GiB free)", session_dir(s), free_gib(session_dir(s)));
}

int run_begin_new(struct workbench *w, const struct run_start *start, struct err *err)
{
    w->n_undo = 0;
    workbench_pump(w);
    history_clear(&w->live.history);
    if (run_begin(w, start, err) < 0) {
        struct err second;
        run_end(w, "could not start", &second);
        return -1;
    }
    say_started(w, start->parent);
    return 0;
}

static int start_run(struct workbench *w, struct call *c, struct err *err)
{
    const char *name = call_value(c, "name");
    bool recorded = !call_has(c, "no-record") && !w->options.no_record;
    int device;
    const struct bench_setup *s = &w->setup;
    const struct backend *b = setup_backend(&s->knobs, &device, err);
    if (!b || setup_check_evaluations(&s->knobs, b, err) < 0 || setup_ready(w, err) < 0 || plan_check(&s->knobs, &s->net, &s->data, err) < 0 ||
        run_end(w, "a new run began", err) < 0)
        return -1;
    run_check_plan(w, c->info->verb);
    struct run_start start = { .name = name ? name : "unrecorded", .verb = c->info->verb, .record = recorded ? new_session : NULL, .where = name,
        .announce = true, .paused = call_has(c, "paused") };
    if (run_begin_new(w, &start, err) < 0)
        return -1;
    setup_forget_later(&w->setup);
    return 0;
}

/* Values that a fork is to train with are changes of it, as by `set`. */
static int set_of_fork(struct workbench *w, struct call *c, struct err *err)
{
    const char *by = c->interactive ? "user" : "script";
    for (int i = 0; i < TRAIN_NUMBERS; i++) {
        const char *value = call_value(c, train_numbers[i].option);
        struct command set = { .op = COMMAND_SET, .knob = (int)train_numbers[i].knob, .by = by };
        if (!value)
            continue;
        if (knob_parse(train_numbers[i].knob, value, &set.value, err) < 0)
            return call_bad_option(c, train_numbers[i].option);
        if (run_post(w, c, &set, err) < 0)
            return -1;
    }
    struct command plain = { .op = COMMAND_SET, .knob = KNOB_AUGMENT, .by = by };
    if (!call_has(c, "no-augment"))
        return 0;
    return knob_parse(KNOB_AUGMENT, "off", &plain.value, err) < 0 ? -1 : run_post(w, c, &plain, err);
}

/* A fork was named and recorded when it was made. */
static int begin_fork(struct workbench *w, struct call *c, struct err *err)
{
    static const char *const of_others[] = { "name", "no-record", "paused" };
    const struct command resume = { .op = COMMAND_RESUME, .by = c->interactive ? "user" : "script" };
    struct trainer_status t;
    for (size_t i = 0; i < sizeof of_others / sizeof *of_others; i++)
        if (call_has(c, of_others[i]))
            return err_set(err, ERR_USAGE, "--%s is for a new run; %s is there already, and waits", of_others[i], run_name(w)), call_bad_option(c, of_others[i]);
    if (set_of_fork(w, c, err) < 0)
        return -1;
    workbench_status(w, &t);
    if (t.step >= t.total_steps)
        return err_set(err, ERR_INVALID, "%s is at its end, epoch %.4g; 'set epochs N' gives it more to train", run_name(w), t.epoch);
    if (run_post(w, c, &resume, err) < 0)
        return -1;
    bench_say(w, "%s: training from ep %.1f", run_name(w), t.epoch);
    return 0;
}

int cmd_train(struct workbench *w, struct call *c, struct err *err)
{
    if (run_awaits_train(w))
        return begin_fork(w, c, err);
    if (w->replay.on) /* who looks at a run means that run */
        return err_set(err, ERR_INVALID, "a recorded run is shown; 'resume RUN@EPOCH' goes on from there, 'live' leaves it");
    if (setup_data(w, err) < 0) /* first: it may bring the demo's settings */
        return -1;
    struct knobs before = w->setup.knobs;
    bool touched[KNOB_COUNT];
    memcpy(touched, w->setup.touched, sizeof touched);
    int result = train_options(w, c, err);
    if (result == 0)
        result = w->dry ? run_plan(w, c->info->verb, err) : start_run(w, c, err);
    w->setup.knobs = before;
    memcpy(w->setup.touched, touched, sizeof touched);
    return result;
}

/* --- commands to the trainer --------------------------------------------------------------------------------------- */

int run_needed(struct workbench *w, struct err *err)
{
    if (run_active(w))
        return 0;
    const char *how = w->live.history.state[0] ? w->live.history.state : "stopped";
    if (w->run.trainer && !w->run.idle && w->run.session)
        return err_set(err, ERR_INVALID, "the run is over (%s); '%sresume %s' goes on with it", how,
                       run_end_of(how) == RUN_FINISHED ? "set epochs N; " : "", run_name(w));
    if (w->run.trainer && !w->run.idle)
        return err_set(err, ERR_INVALID, "the run is over (%s)", how);
    return err_set(err, ERR_INVALID, "no run; 'train' starts one");
}

int build_nothing(struct workbench *w, struct call *c, struct command *out, struct err *err)
{
    (void)w;
    (void)c;
    (void)out;
    (void)err;
    return 0;
}

int build_pause(struct workbench *w, struct call *c, struct command *out, struct err *err)
{
    (void)w;
    (void)err;
    out->count = call_has(c, "release");
    return 0;
}

/* So many steps that the run stands N epochs further than now. */
static int count_epochs(struct workbench *w, struct call *c, long *out, struct err *err)
{
    struct trainer_status s;
    double epochs;
    if (word_number(c->word[0].text, "epochs", 0, 1e6, &epochs, err) < 0)
        return call_bad(c, 0);
    *out = workbench_status(w, &s) ? lround(epochs * (double)s.steps_per_epoch) : 0;
    return *out > 0 ? 0 : (err_set(err, ERR_RANGE, "%s epochs are less than a step", c->word[0].text), call_bad(c, 0));
}

int build_step(struct workbench *w, struct call *c, struct command *out, struct err *err)
{
    const char *unit = c->n > 1 ? c->word[1].text : "steps";
    out->count = 1;
    if (strcmp(unit, "epoch") == 0 || strcmp(unit, "epochs") == 0)
        return count_epochs(w, c, &out->count, err);
    if (strcmp(unit, "step") != 0 && strcmp(unit, "steps") != 0)
        return err_set(err, ERR_USAGE, "'%s' is neither steps nor epochs", unit), call_bad(c, 1);
    if (c->n && word_whole(c->word[0].text, "steps", 1, 1000000000L, &out->count, err) < 0)
        return call_bad(c, 0);
    return 0;
}

int cmd_pause(struct workbench *w, struct call *c, struct err *err)
{
    return run_needed(w, err) < 0 ? -1 : call_post(w, c, err);
}

int cmd_step(struct workbench *w, struct call *c, struct err *err)
{
    return run_needed(w, err) < 0 ? -1 : call_post(w, c, err);
}

int cmd_stop(struct workbench *w, struct call *c, struct err *err)
{
    char question[240];
    if (run_needed(w, err) < 0)
        return -1;
    if (w->run.session)
        snprintf(question, sizeof question, "end %.100s after this step? 'resume %.100s' can go on with it", run_name(w), run_name(w));
    else
        snprintf(question, sizeof question, "end this run after this step? nothing of it is recorded");
    if (bench_confirm(w, c, question, err) < 0)
        return -1;
    return call_post(w, c, err);
}

int build_eval(struct workbench *w, struct call *c, struct command *out, struct err *err)
{
    (void)w;
    const char *split = c->n ? c->word[0].text : "";
    if (*split && strcmp(split, "test") != 0 && strcmp(split, "val") != 0 && strcmp(split, "train") != 0)
        return err_set(err, ERR_INVALID, "unknown split '%s'; test, val or train", split), call_bad(c, 0);
    out->text = split;
    return 0;
}

int cmd_eval(struct workbench *w, struct call *c, struct err *err)
{
    return look_ready(w, c, err) < 0 ? -1 : call_post(w, c, err);
}
