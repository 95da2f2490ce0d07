/* fork: a new run from any moment of a recorded one. */
#include "config.h"
#include "repl/bench.h"
#include "repl/handlers.h"

#include <stdio.h>
#include <string.h>

#include "base/number.h"

/* The run of this process ends for it: one that waits where it begins loses nothing, of one that trains it is asked. */
static int end_run(struct workbench *w, const struct call *c, struct err *err)
{
    char question[300];
    struct trainer_status t;
    if (run_awaits_train(w)) {
        bench_say(w, "%s waits where it begins; 'resume %s' trains it", run_name(w), run_name(w));
        return run_end(w, "another fork was made", err);
    }
    workbench_status(w, &t);
    if (w->run.session)
        snprintf(question, sizeof question, "end %.100s at ep %.1f and fork? 'resume %.100s' can go on", run_name(w), t.epoch, run_name(w));
    else
        snprintf(question, sizeof question, "end the run at ep %.1f and fork? nothing of it is recorded", t.epoch);
    if (bench_confirm(w, c, question, err) == 0)
        return run_end(w, "a fork was made", err);
    if (err->code == ERR_USAGE) /* nobody is asked */
        err_set(err, ERR_INVALID, "%s is training; 'stop' it first, or give --yes", run_name(w));
    return -1;
}

/* A number alone is a slip for RUN@NUMBER: as a name it would make a run at the parent's end. */
static int refuse_number(struct call *c, struct err *err)
{
    double number;
    const char *run = c->word[0].text, *name = c->n > 1 ? c->word[1].text : "";
    if (!number_parse(name, &number))
        return 0;
    if (strchr(run, '@'))
        err_set(err, ERR_INVALID, "'%.40s' is no name for a fork: a number alone is none", name);
    else
        err_set(err, ERR_INVALID, "'%.40s' is no name for a fork; did you mean %.200s@%.40s?", name, run, name);
    return call_bad(c, 1);
}

static int fork_it(struct workbench *w, struct call *c, struct err *err)
{
    char dir[1024];
    struct child_request q = { .dir = dir, .name = c->n > 1 ? c->word[1].text : NULL, .suffix = "fork", .root = call_value(c, "root"),
                               .verb = c->info->verb, .paused = true };
    if (refuse_number(c, err) < 0 || call_hash(c, &q.state, err) < 0)
        return -1;
    if (point_run(w, c->word[0].text, "fork", dir, sizeof dir, &q.at, err) < 0)
        return call_bad(c, 0);
    if (run_active(w)) {
        workbench_pump(w);
        if (child_check(w, &q, err) < 0)
            return call_bad(c, 0);
        if (end_run(w, c, err) < 0)
            return -1;
    }
    return child_start(w, &q, err) < 0 ? call_bad(c, 0) : 0;
}

int cmd_fork(struct workbench *w, struct call *c, struct err *err)
{
    if (w->recipe)
        return err_set(err, ERR_USAGE, "a recipe starts no run; fork is for the prompt and for scripts");
    if (fork_it(w, c, err) < 0)
        return -1;
    replay_leave(w); /* the run is what is looked at now */
    return 0;
}
