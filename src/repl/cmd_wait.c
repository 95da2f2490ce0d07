/* wait: for the run of this process, or for one of another process that is followed. */
#include "config.h"
#include "repl/bench.h"
#include "repl/handlers.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"

/* --- for the run of this process ----------------------------------------------------------------------------------- */

/* A pause ends the wait: in a script nobody would end the pause. */
static int paused_error(const struct workbench *w, bool diverged, struct err *err)
{
    const char *why = w->live.history.why;
    if (diverged)
        return err_set(err, ERR_DIVERGED, "training is paused: %s", why);
    return err_set(err, ERR_INVALID, "training is paused%s%s; 'resume' goes on", why[0] ? ": " : "", why);
}

/* A pause is there a moment before its reason. */
static void hear_why(struct workbench *w)
{
    enum { LOOKS = 100 };
    workbench_pump(w);
    for (int i = 0; i < LOOKS && strcmp(w->live.history.state, "paused") != 0 && bench_idle(w, 20); i++)
        workbench_pump(w);
}

/* What was waited for never came true. */
static int never_true(const struct alert *a, const struct metric_point *newest, struct err *err)
{
    char what[120];
    alert_describe(a, what, sizeof what);
    if (isnan(newest->value))
        return err_set(err, ERR_INVALID, "the run ended before %s: it was never measured", what);
    return err_set(err, ERR_INVALID, "the run ended before %s: the last one is %.4g at epoch %.4g", what, newest->value, newest->epoch);
}

int run_wait(struct workbench *w, uint64_t until, const struct alert *metric, struct err *err)
{
    struct metric_point newest;
    for (;;) {
        workbench_pump(w);
        if (!w->run.trainer || w->run.idle)
            return 0;
        struct trainer_status s;
        trainer_status(w->run.trainer, &s);
        if (s.phase == TRAINER_OVER || s.step >= until)
            workbench_pump(w);
        if (metric && alert_holds(&w->live.history, metric, &newest))
            return 0;
        if (s.phase == TRAINER_OVER && metric)
            return never_true(metric, &newest, err);
        if (s.phase == TRAINER_OVER || s.step >= until)
            return 0;
        if (s.phase == TRAINER_PAUSED && (s.diverged || !w->outside.steered)) {
            hear_why(w);
            return paused_error(w, s.diverged, err);
        }
        if (!bench_idle(w, until == UINT64_MAX && !metric ? 500 : 20))
            return err_set(err, ERR_CANCELLED, "%s", ""); /* a signal: it speaks for itself */
    }
}

/* --- for one that is followed -------------------------------------------------------------------------------------- */

static bool follows(const struct workbench *w)
{
    return w->replay.on && w->replay.live;
}

/* A pause is no end of it: somebody else may end the pause, and what was typed here to end it is on its way. */
static int view_wait(struct workbench *w, uint64_t until, const struct alert *metric, struct err *err)
{
    struct metric_point newest;
    while (follows(w)) {
        const bool over = workbench_view_over(w);
        if (over)
            w->replay.followed_ns = 0; /* what was written last is looked at too */
        workbench_replay_tick(w, clock_now_ns());
        const struct history *h = &w->replay.stream.history;
        if (metric ? alert_holds(h, metric, &newest) : h->step >= until)
            return 0;
        if (over)
            return metric ? never_true(metric, &newest, err) : 0;
        if (!bench_idle(w, 500))
            return err_set(err, ERR_CANCELLED, "%s", "");
    }
    return err_set(err, ERR_INVALID, "the run is followed no more");
}

/* --- the command --------------------------------------------------------------------------------------------------- */

/* The step that a call names, if it does; own: of this process's run. */
static int wait_position(struct workbench *w, struct call *c, bool own, uint64_t *until, struct err *err)
{
    struct trainer_status s = { .steps_per_epoch = w->replay.stream.history.steps_per_epoch };
    double value;
    if (c->n == 0)
        return 0;
    bool epoch = strcmp(c->word[0].text, "epoch") == 0;
    if (!epoch && strcmp(c->word[0].text, "step") != 0)
        return err_set(err, ERR_USAGE, "'%s' is not epoch, step or until", c->word[0].text), call_bad(c, 0);
    if (c->n != 2)
        return err_set(err, ERR_USAGE, "usage: %s", c->info->usage);
    if (word_number(c->word[1].text, c->word[0].text, 0, 1e12, &value, err) < 0)
        return call_bad(c, 1);
    if (own)
        trainer_status(w->run.trainer, &s);
    *until = (uint64_t)(epoch ? value * (double)s.steps_per_epoch + 0.5 : value);
    return 0;
}

/* lmin:CLASS of a class that this run does not have would be waited for until its end. */
static int check_class(struct workbench *w, bool own, const struct alert *a, struct err *err)
{
    struct metric m;
    workbench_pump(w);
    const struct history *h = own ? &w->live.history : &w->replay.stream.history;
    return h->n_classes > 0 ? metric_parse(a->metric, h, &m, err) : 0;
}

int cmd_wait(struct workbench *w, struct call *c, struct err *err)
{
    enum { SETTLE_MS = 2000 };
    struct alert metric;
    uint64_t until = UINT64_MAX;
    int bad = 0;
    const bool measured = c->n > 0 && strcmp(c->word[0].text, "until") == 0;
    if (measured && alert_condition(c, 1, c->n - 1, &metric, &bad, err) < 0)
        return call_bad(c, 1 + bad);
    const bool own = w->run.trainer && !w->run.idle;
    if (!own && !follows(w))
        return c->n || !bench_waits(w) ? run_needed(w, err) : 0;
    if (own && !bench_waits(w))
        workbench_settle(w, SETTLE_MS); /* what was typed before it in the same line has not begun yet */
    if (measured && check_class(w, own, &metric, err) < 0)
        return call_bad(c, 2);
    if (!bench_waits(w) && !w->face.idle)
        return err_set(err, ERR_INVALID, "not at the prompt; it is for scripts");
    if (!measured && wait_position(w, c, own, &until, err) < 0)
        return -1;
    return (own ? run_wait : view_wait)(w, until, measured ? &metric : NULL, err);
}

int workbench_wait(struct workbench *w)
{
    struct err err = { 0 };
    if (run_awaits_train(w)) { /* a fork may wait for another day */
        struct trainer_status t;
        workbench_status(w, &t);
        if (w->run.session)
            bench_say(w, "%s waits where it begins; \"saddle %sresume %s\" trains it", run_name(w),
                      t.step >= t.total_steps ? "--do 'set epochs N' " : "", run_name(w));
        return 0;
    }
    if (run_wait(w, UINT64_MAX, NULL, &err) == 0)
        return 0;
    if (err.text[0])
        bench_error(w, "wait", &err, -1);
    return -1;
}
