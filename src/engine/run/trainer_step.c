#include "config.h"
#include "engine/run/trainer_private.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "engine/stages.h"

/* --- the loss of this moment --------------------------------------------------------------------------------------- */

/* Said once when re-weighting comes on: which weights act from here. */
static void announce_drw(struct trainer *t)
{
    char rule[32], how[64];
    float least = t->learner.loss.weight[0], most = least;
    for (int c = 1; c < t->learner.net.classes; c++) {
        least = fminf(least, t->learner.loss.weight[c]);
        most = fmaxf(most, t->learner.loss.weight[c]);
    }
    knob_choice(&t->learner.knobs, KNOB_WEIGHTS, rule, sizeof rule);
    snprintf(how, sizeof how, strcmp(rule, "effective") == 0 ? "%s \xce\xb2=%g" : "%s", rule, knob_num(&t->learner.knobs, KNOB_BETA_EN));
    trainer_say(t, "note", "drw ON at ep %.4g: weights %s, %.3g\xe2\x80\xa6%.3g", trainer_epoch(t), how, (double)least, (double)most);
}

/* Said when a loss with a first epoch of its own takes over. */
static void announce_loss(struct trainer *t)
{
    char how[128];
    loss_tell_knobs(&t->learner.knobs, how, sizeof how);
    trainer_say(t, "note", "%s ON at ep %.4g: %s", loss_chosen(&t->learner.knobs)->name, trainer_epoch(t), how);
}

int trainer_use_loss(struct trainer *t, struct err *err)
{
    if (learner_use_loss(&t->learner, err) < 0)
        return -1;
    if (t->learner.drw_came_on)
        announce_drw(t);
    if (t->learner.loss_came_on)
        announce_loss(t);
    t->learner.drw_came_on = t->learner.loss_came_on = false;
    return 0;
}

/* --- stages -------------------------------------------------------------------------------------------------------- */

static int begin_stage(struct trainer *t, struct err *err)
{
    if (learner_begin_stage(&t->learner, err) < 0)
        return -1;
    trainer_tell_guests(t);
    return 0;
}

static struct event *stage_event(const struct trainer *t, const struct stage *s)
{
    const struct learner *l = &t->learner;
    char weights[32];
    struct event *e = event_new(EVENT_STAGE, l->step);
    if (!e)
        return NULL;
    event_set_str(e, EV_STAGE_NAME, s->name);
    event_set_u64(e, EV_STAGE_NUMBER, (uint64_t)s->number);
    event_set_u64(e, EV_STAGE_FIRST, (uint64_t)s->first);
    event_set_u64(e, EV_STAGE_EPOCHS, (uint64_t)s->epochs);
    event_set_u64(e, EV_STAGE_STEPS_PER_EPOCH, l->spe);
    event_set_str(e, EV_STAGE_TRAINS, stage_trains_name[s->trains]);
    event_set_u64(e, EV_STAGE_REDRAW, s->redraw);
    event_set_str(e, EV_STAGE_SAMPLER, batches_sampler(&l->batches)->name);
    event_set_str(e, EV_STAGE_NORM, s->frozen_norm ? "frozen" : "shifted");
    event_set_str(e, EV_STAGE_LOSS, loss_table[l->phase.started ? knob_int(&l->knobs, KNOB_LOSS) : LOSS_CE].name);
    event_set_str(e, EV_STAGE_WEIGHTS, l->phase.reweight ? knob_choice(&l->knobs, KNOB_WEIGHTS, weights, sizeof weights) : "none");
    event_set_u64(e, EV_STAGE_AUGMENT, s->augment && knob_on(&l->knobs, KNOB_AUGMENT));
    return e;
}

void trainer_tell_stage(struct trainer *t)
{
    const struct stage s = stage_at(&t->learner.knobs, (long)((t->learner.step - 1) / t->learner.spe));
    const bool another = strcmp(s.name, t->stage) != 0;
    t->stage = s.name;
    struct event *e = another && s.number > 1 ? stage_event(t, &s) : NULL;
    if (e)
        trainer_emit(t, e);
}

/* --- one step ------------------------------------------------------------------------------------------------------ */

static void emit_step(struct trainer *t, const struct learned *done)
{
    const struct optimiser_result *r = &done->r;
    struct event *e = event_new(EVENT_STEP, t->learner.step);
    if (!e)
        return;
    event_set_f64(e, EV_STEP_LOSS, r->first.loss);
    event_set_f64(e, EV_STEP_LOSS_UP, r->second.loss);
    event_set_f64(e, EV_STEP_ACC, (double)r->first.correct / r->first.n);
    event_set_f64(e, EV_STEP_GN, r->norm);
    event_set_f64(e, EV_STEP_LR, (double)done->k.lr);
    event_set_f64(e, EV_STEP_RHO, optimiser_uses_rho(done->k.kind) ? done->k.rho : NAN);
    event_set_f64(e, EV_STEP_MS, (double)done->ns * 1e-6);
    if (t->rolling) {
        event_unref(t->roll.step);
        t->roll.step = event_ref(e);
    }
    trainer_emit(t, e);
}

static void emit_gauges(struct trainer *t, const struct learned *done)
{
    const struct optimiser_result *r = &done->r;
    struct event *e = done->k.gauges && !isnan(r->second.loss) ? event_new(EVENT_GAUGE, t->learner.step) : NULL;
    if (!e)
        return;
    event_set_f64(e, EV_GAUGE_RISE, r->second.loss - r->first.loss);
    event_set_f64(e, EV_GAUGE_RHO_GN, optimiser_table[done->k.kind].ascent == ASCENT_ADAPTIVE ? NAN : done->k.rho / r->norm);
    event_set_f64(e, EV_GAUGE_RHO_WN, done->k.rho / r->norm_w);
    event_set_f64(e, EV_GAUGE_COS, r->cosine);
    trainer_emit(t, e);
}

static void keep_pace(struct trainer *t, const struct learned *done)
{
    const double memory_s = 3;
    double seconds = (double)done->ns * 1e-9, keep = exp(-seconds / memory_s);
    t->work_ns += done->ns;
    t->pace.beside = t->pace.beside * keep + (double)done->beside_ns * 1e-9;
    const double waited = batches_waited(&t->learner.batches);
    t->pace.data = t->pace.data * keep + waited - t->pace.waited;
    t->pace.waited = waited;
    t->pace.seconds = t->pace.seconds * keep + seconds;
    t->pace.images = t->pace.images * keep + done->r.first.n;
    t->pace.steps = t->pace.steps * keep + 1;
}

/* Nothing was updated: the weights are still good. */
static void stop_diverged(struct trainer *t, const struct err *err)
{
    char last[48] = "";
    if (t->snapshot_step != UINT64_MAX)
        snprintf(last, sizeof last, "; last snapshot: step %llu", (unsigned long long)t->snapshot_step);
    snprintf(t->why, sizeof t->why, "%s at step %llu, before the update%s", err->text, (unsigned long long)(t->learner.step + 1), last);
    t->diverged = true;
    if (knob_is(&t->learner.knobs, KNOB_ON_NAN, "stop")) {
        t->over = RUN_DIVERGED;
        return;
    }
    t->paused = true;
    t->steps_left = -1;
    trainer_say(t, "error", "%s; paused: change a knob and 'resume', or end it and 'resume RUN@EPOCH' from before", t->why);
    trainer_set_state(t, "paused", t->why);
}

static void failed(struct trainer *t, const struct err *err)
{
    t->over = RUN_FAILED;
    t->cause = err->code;
    snprintf(t->why, sizeof t->why, "%.190s", err->text);
    trainer_say(t, "error", "step %llu: %s", (unsigned long long)(t->learner.step + 1), err->text);
}

/* The oldest step under way or, when there is none, the next; -1 with *err. */
static int compute(struct trainer *t, struct learned *done, struct err *err)
{
    struct learner *l = &t->learner;
    if (learner_under_way(l) == 0 && learner_stage_due(l) && begin_stage(t, err) < 0)
        return -1;
    if (learner_under_way(l) == 0 && learner_loss_due(l) && trainer_use_loss(t, err) < 0)
        return -1;
    if (!learner_queues(l))
        return learner_step(l, done, err);
    if (learner_under_way(l) == 0 && learner_queue(l, err) < 0)
        return -1;
    trainer_queue_ahead(t);
    return learner_collect(l, done, err);
}

/* Steps that were under way behind one that went wrong did nothing, or nobody can say what they did. */
static void went_wrong(struct trainer *t, const struct err *err)
{
    struct err why;
    learner_discard(&t->learner);
    if (err->code == ERR_DIVERGED && backend_check_device(t->learner.backend, t->learner.model, &why) < 0)
        failed(t, &why); /* nothing diverged: a norm could not be read */
    else if (err->code == ERR_DIVERGED)
        stop_diverged(t, err);
    else
        failed(t, err);
}

int trainer_step(struct trainer *t)
{
    struct err err;
    struct learned done;
    if (compute(t, &done, &err) < 0) {
        went_wrong(t, &err);
        return -1;
    }
    t->diverged = false;
    keep_pace(t, &done);
    emit_step(t, &done);
    emit_gauges(t, &done);
    return 0;
}

/* --- snapshots ----------------------------------------------------------------------------------------------------- */

void trainer_snapshot_name(const struct trainer *t, char *out, size_t size)
{
    snprintf(out, size, "s%04llu", (unsigned long long)(t->learner.step / t->learner.spe));
}

bool trainer_records_snapshots(const struct trainer *t)
{
    bool wanted = false;
    for (int i = 0; i < t->hub.n; i++)
        wanted = wanted || t->hub.sink[i].snapshot;
    return wanted;
}

bool trainer_snapshot(struct trainer *t, const char *name, bool pinned)
{
    struct err err;
    const bool wanted = trainer_records_snapshots(t);
    struct train_state *state = wanted ? train_state_capture(t) : NULL;
    if (!state) {
        if (wanted)
            trainer_say(t, "warning", "no memory for a snapshot at step %llu", (unsigned long long)t->learner.step);
        return false;
    }
    if (!state->finite && backend_check_device(t->learner.backend, t->learner.model, &err) < 0) {
        train_state_free(state);
        trainer_say(t, "error", "snapshot of step %llu: %s", (unsigned long long)t->learner.step, err.text);
        return false;
    }
    event_hub_snapshot(&t->hub, state, name, pinned);
    t->snapshot_step = t->learner.step;
    t->snapshot_work_ns = t->work_ns;
    return true;
}

/* --- after a step -------------------------------------------------------------------------------------------------- */

static bool epoch_is_due(const struct trainer *t, enum knob_id every)
{
    long n = knob_int(&t->learner.knobs, every);
    return n > 0 && (t->learner.step / t->learner.spe) % (uint64_t)n == 0;
}

bool trainer_round_due(const struct trainer *t)
{
    return t->learner.step % t->learner.spe == 0 && t->learner.step > 0 && epoch_is_due(t, KNOB_HESSIAN_EVERY);
}

/* A roll that only wants the weights evaluates only for commands that wait for a metric, and for what moves rho. */
static bool evaluation_matters(const struct trainer *t)
{
    const struct queued *q = t->pending;
    while (q && q->c.when != WHEN_IF)
        q = q->next;
    return !t->roll.told.look || q || trainer_moves_rho(t);
}

void trainer_end_epoch(struct trainer *t)
{
    struct err err;
    if (t->learner.step % t->learner.spe != 0)
        return;
    const char *split = evaluation_main_split(t->learner.data);
    if (split && epoch_is_due(t, KNOB_EVAL_EVERY) && evaluation_matters(t)) {
        const int result = trainer_evaluate_main(t, split, &err);
        if (result < 0 && err.code == ERR_CANCELLED && trainer_is_ending(t))
            return; /* the sums of the epoch stay: a run that is taken up here makes its end first */
        if (result < 0 && err.code == ERR_CANCELLED)
            trainer_say(t, "note", "evaluation of epoch %llu was cancelled", (unsigned long long)(t->learner.step / t->learner.spe));
        else if (result < 0)
            trainer_say(t, "error", "eval: %s", err.text);
        trainer_publish(t);
        trainer_tell_status(t, true);
    }
    if (trainer_auto(t) < 0)
        return;
    learner_begin_epoch(&t->learner);
    if (trainer_round_due(t) && !t->roll.told.look)
        trainer_schedule_round(t);
}

/* Steps under way have moved the weights already: copies of them are taken with none. What was done is wanted no more, so that
 * steps may be queued beside the round's product. */
void trainer_after_step(struct trainer *t)
{
    const bool alone = learner_under_way(&t->learner) == 0;
    if (t->steps_left > 0)
        t->steps_left--;
    if (alone && t->at.snapshot) {
        trainer_snapshot(t, NULL, false);
        t->at.snapshot = false;
    }
    if (alone && t->at.probe == ROUND_WEIGHTS)
        t->at.probe = ROUND_PRODUCT; /* it begins by copying them */
    if (t->at.probe == ROUND_PRODUCT)
        round_turn(&t->probe);
    trainer_publish(t);
    trainer_tell_status(t, false);
    if (t->steps_left == 0) {
        t->steps_left = -1;
        t->paused = true;
        trainer_set_state(t, "paused", "the steps asked for are done");
    }
}
