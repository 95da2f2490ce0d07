/* Weights of a moment of a recorded run: a trainer that stands there, with a set-up of its own, while the run of this process goes on.
 * Its measurements are answered, and recorded nowhere. */
#include "config.h"
#include "repl/bench.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/model/params.h"

/* --- making it ----------------------------------------------------------------------------------------------------- */

void moment_drop(struct workbench *w)
{
    struct moment *m = &w->moment;
    if (m->trainer) {
        struct trainer *t = m->trainer;
        m->trainer = NULL; /* what it was asked and has not done is cancelled */
        trainer_free(t);
        workbench_pump(w); /* its last answers */
    }
    setup_release(&m->setup);
    setup_init(&m->setup);
}

/* This machine's choices hold for it too. */
static void take_machine(struct workbench *w)
{
    for (int i = 0; i < KNOB_COUNT; i++) {
        if (!knob_of_machine((enum knob_id)i))
            continue;
        w->moment.setup.knobs.v[i] = w->setup.knobs.v[i];
        w->moment.setup.touched[i] = w->setup.touched[i];
    }
}

static int start(struct workbench *w, const struct origin *o, const char *dir, uint64_t step, struct err *err)
{
    struct moment *m = &w->moment;
    struct event_hub hub = { .n = 1, .sink = { queue_moment_sink(&w->queue) } };
    struct run_start how = { .name = "moment", .verb = m->verb, .state = o->state, .roll = &o->roll.roll, .paused = true, .idle = true };
    m->trainer = run_trainer(w, &m->setup, &how, &hub, err);
    if (!m->trainer || trainer_start(m->trainer, err) < 0) {
        moment_drop(w);
        return -1;
    }
    snprintf(m->dir, sizeof m->dir, "%s", dir);
    m->step = step;
    return 0;
}

static bool trainer_is_over(struct trainer *t)
{
    struct trainer_status s;
    trainer_status(t, &s);
    return s.phase == TRAINER_OVER;
}

int moment_make(struct workbench *w, const char *dir, uint64_t step, const char *verb, struct err *err)
{
    struct moment *m = &w->moment;
    char way[160];
    m->verb = verb;
    if (m->trainer && m->step == step && strcmp(m->dir, dir) == 0 && !trainer_is_over(m->trainer))
        return 0;
    moment_drop(w);
    take_machine(w);
    struct recording *rec = recording_open(dir, err);
    if (!rec)
        return -1;
    struct origin o;
    struct origin_request q = { .step = step, .verb = verb, .look = true };
    int result = origin_open(w, &m->setup, rec, &q, &o, err);
    if (result == 0) {
        o.roll.roll.rewind = false; /* nothing is written, so nothing is left behind */
        origin_describe(&o, way, sizeof way);
        bench_say(w, "weights of epoch %.1f (step %" PRIu64 "), %s", recording_epochs(rec, o.roll.roll.until), o.roll.roll.until, way);
        result = start(w, &o, dir, step, err);
    }
    origin_release(&o);
    recording_close(rec);
    return result;
}

/* --- who looks at it ----------------------------------------------------------------------------------------------- */

bool moment_is_meant(const struct workbench *w, const struct command *c)
{
    return operation_table[c->op].flags & OP_WEIGHTS && c->when == WHEN_NOW && w->moment.trainer && (w->replay.on || w->moment.exporting);
}

int look_ready(struct workbench *w, const struct call *c, struct err *err)
{
    if (c->when.kind != AT_ONCE && run_needed(w, err) < 0)
        return -1;
    if (c->when.kind == AT_ONCE && w->replay.on)
        return moment_make(w, w->replay.stream.dir, w->replay.stream.history.step, c->info->verb, err);
    return run_or_idle(w, err);
}

/* Answers, how far they are, what was measured of the shown moment, spectra aside (those of a run make a curve), and what is wrong. The rest is told when the run is looked at: it was recorded then, or it
 * concerns nobody. */
void moment_event(struct workbench *w, const struct event *e)
{
    const struct measure_info *m = measure_of_event(e->kind);
    if (m && measure_number(m) != MEASURE_EIG && w->replay.on)
        history_fold(&w->replay.stream.history, e); /* to be seen until the replay goes back */
    else if (e->kind == EVENT_PROGRESS && w->moment.rolling)
        history_fold(w->replay.on ? &w->replay.stream.history : &w->live.history, e);
    else if (e->kind == EVENT_PROGRESS && w->replay.on && w->moment.trainer && e->step <= w->replay.stream.history.step)
        history_fold(&w->replay.stream.history, e);
    else if (e->kind == EVENT_ANSWER) {
        w->replay.stream.history.progress_what[0] = '\0';
        run_answer(w, e, true);
    }
    else if (e->kind == EVENT_SAY && e->f[EV_SAY_LEVEL].s && strcmp(e->f[EV_SAY_LEVEL].s, "note") != 0)
        bench_warn(w, w->moment.rolling ? w->moment.rolling : w->moment.verb, "%s", event_text(e, EV_SAY_TEXT));
}

/* --- a file of its weights ----------------------------------------------------------------------------------------- */

struct saved {
    struct net net;
    struct train_state *state;
};

static int save_state(struct workbench *w, const struct call *c, struct recording *rec, const struct saved *saved, const char *path, struct err *err)
{
    const struct train_state *s = saved->state;
    char step[24], epoch[40];
    double at = recording_epochs(rec, s->step);
    snprintf(step, sizeof step, "%" PRIu64, s->step);
    snprintf(epoch, sizeof epoch, "%.10g", at);
    const char *const metadata[] = { "step", step, "epoch", epoch, "model", saved->net.name, NULL };
    const struct params_file file = { .path = path, .force = call_has(c, "force"), .metadata = metadata };
    if (params_save(&saved->net, &file, s->vector[STATE_PARAMS].data, s->vector[STATE_STATS].data, (int64_t)s->step, err) < 0)
        return -1;
    bench_say(w, "%.300s written, step %" PRIu64 " (ep %.1f)", path, s->step, at);
    return 0;
}

static int save_computed(struct workbench *w, struct call *c, const char *dir, uint64_t step, const char *path, struct err *err)
{
    const struct command save = { .op = COMMAND_SAVE_WEIGHTS, .text = path, .force = call_has(c, "force"), .by = "user" };
    w->moment.exporting = true;
    int result = moment_make(w, dir, step, c->info->verb, err);
    if (result == 0)
        result = run_post(w, c, &save, err);
    w->moment.exporting = false;
    if (bench_waits(w) && !w->replay.on)
        moment_drop(w);
    return result;
}

int moment_save(struct workbench *w, struct call *c, const char *dir, uint64_t step, const char *path, struct err *err)
{
    struct recording *rec = recording_open(dir, err);
    struct saved saved = { .state = NULL };
    if (!rec)
        return -1;
    int got = origin_saved(rec, step, &saved.net, &saved.state, err);
    if (got == 1) {
        got = save_state(w, c, rec, &saved, path, err) < 0 ? -1 : 1;
        train_state_free(saved.state);
        net_release(&saved.net);
    }
    recording_close(rec);
    return got == 0 ? save_computed(w, c, dir, step, path, err) : got < 0 ? -1 : 0;
}
