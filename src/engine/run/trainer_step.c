#include "config.h"
#include "engine/run/trainer_private.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "engine/criteria/loss_knobs.h"

/* --- the loss of this moment --------------------------------------------------------------------------------------- */

/* Said once when re-weighting comes on: which weights act from here. */
static void announce_drw(struct trainer *t)
{
    char rule[32], how[64];
    float least = t->loss.weight[0], most = least;
    for (int c = 1; c < t->net.classes; c++) {
        least = fminf(least, t->loss.weight[c]);
        most = fmaxf(most, t->loss.weight[c]);
    }
    knob_choice(&t->knobs, KNOB_WEIGHTS, rule, sizeof rule);
    snprintf(how, sizeof how, strcmp(rule, "effective") == 0 ? "%s \xce\xb2=%g" : "%s", rule, knob_num(&t->knobs, KNOB_BETA_EN));
    trainer_say(t, "note", "drw ON at ep %.4g: weights %s, %.3g\xe2\x80\xa6%.3g", trainer_epoch(t), how, (double)least, (double)most);
}

int trainer_use_loss(struct trainer *t, struct err *err)
{
    struct loss_config c;
    bool on = knobs_drw_on(&t->knobs, (long)(t->step / t->spe)), came_on = t->drw_known && on && !t->drw_on;
    if (loss_config_of(&t->knobs, on, &c, err) < 0 || loss_set(&t->loss, &c, err) < 0)
        return -1;
    t->drw_on = on;
    if (came_on || (!t->drw_known && on && t->step == 0))
        announce_drw(t);
    t->drw_known = true;
    return 0;
}

/* --- one step ------------------------------------------------------------------------------------------------------ */

static struct optim_knobs step_knobs(const struct trainer *t, uint64_t step)
{
    const struct knobs *k = &t->knobs;
    const long epoch = (long)(step / t->spe);
    return (struct optim_knobs){
        .kind = (enum optimizer)knob_int(k, KNOB_OPT),
        .lr = (float)knobs_lr(k, epoch),
        .momentum = (float)knob_num(k, KNOB_MOMENTUM),
        .weight_decay = (float)knob_num(k, KNOB_WEIGHT_DECAY),
        .nesterov = knob_on(k, KNOB_NESTEROV),
        .rho = knobs_rho(k, epoch),
        .freeze_second_pass = knob_is(k, KNOB_BN_SECOND_PASS, "freeze"),
        .pgd_sigma = (float)knob_num(k, KNOB_PGD_SIGMA),
        .pgd_on_weights = knob_is(k, KNOB_PGD_WHERE, "weights"),
        .lpf_m = (uint32_t)knob_int(k, KNOB_LPF_M),
        .lpf_gamma = knob_num(k, KNOB_LPF_GAMMA),
        .batch_size = t->batches.batch,
        .seed = (uint64_t)knob_num(k, KNOB_SEED),
        .step = step,
    };
}

static bool has_rho(const struct optim_knobs *k)
{
    return k->kind == OPTIMIZER_SAM || k->kind == OPTIMIZER_ASAM;
}

static void emit_step(struct trainer *t, const struct optim_knobs *k, const struct optim_result *r, double ms)
{
    struct event *e = event_new(EVENT_STEP, t->step);
    if (!e)
        return;
    event_set_f64(e, EV_STEP_LOSS, r->loss);
    event_set_f64(e, EV_STEP_LOSS_UP, r->loss_up);
    event_set_f64(e, EV_STEP_ACC, (double)r->correct / r->n);
    event_set_f64(e, EV_STEP_GN, r->grad_norm);
    event_set_f64(e, EV_STEP_LR, (double)k->lr);
    event_set_f64(e, EV_STEP_RHO, has_rho(k) ? k->rho : NAN);
    event_set_f64(e, EV_STEP_MS, ms);
    if (t->rolling) {
        event_unref(t->roll_step);
        t->roll_step = event_ref(e);
    }
    trainer_emit(t, e);
}

static void keep_pace(struct trainer *t, uint64_t ns, uint64_t beside_ns, uint32_t images)
{
    const double memory_s = 3;
    double seconds = (double)ns * 1e-9, keep = exp(-seconds / memory_s);
    t->work_ns += ns;
    t->pace.beside = t->pace.beside * keep + (double)beside_ns * 1e-9;
    t->pace.seconds = t->pace.seconds * keep + seconds;
    t->pace.images = t->pace.images * keep + images;
    t->pace.steps = t->pace.steps * keep + 1;
}

/* Nothing was updated: the weights are still good. */
static void diverged(struct trainer *t, const struct err *err)
{
    char last[48] = "";
    if (t->snapshot_step != UINT64_MAX)
        snprintf(last, sizeof last, "; last snapshot: step %llu", (unsigned long long)t->snapshot_step);
    snprintf(t->why, sizeof t->why, "%s at step %llu, before the update%s", err->text, (unsigned long long)(t->step + 1), last);
    t->diverged = true;
    if (knob_is(&t->knobs, KNOB_ON_NAN, "stop")) {
        t->over = "diverged";
        return;
    }
    t->paused = true;
    t->steps_left = -1;
    trainer_say(t, "error", "%s; paused: change a knob and 'resume', or end it and 'resume RUN@EPOCH' from before", t->why);
    trainer_set_state(t, "paused", t->why);
}

static void failed(struct trainer *t, const struct err *err)
{
    t->over = "failed";
    snprintf(t->why, sizeof t->why, "%.190s", err->text);
    trainer_say(t, "error", "step %llu: %s", (unsigned long long)(t->step + 1), err->text);
}

int trainer_prepare_step(struct trainer *t, struct optim_knobs *k, struct batch *batch, struct err *err)
{
    const uint64_t step = t->step + (uint64_t)t->optim.n_queued;
    const long epoch = (long)(step / t->spe);
    if (!t->drw_known || knobs_drw_on(&t->knobs, epoch) != t->drw_on)
        if (trainer_use_loss(t, err) < 0)
            return -1;
    *k = step_knobs(t, step);
    return batches_get(&t->batches, epoch, (uint32_t)(step % t->spe), false, batch, err);
}

/* The oldest step under way or, when there is none, the next: its batch, then the optimiser; -1 with *err. */
static int compute(struct trainer *t, struct flight *f, struct optim_result *r, uint64_t *ns, struct err *err)
{
    const uint64_t start = clock_now_ns();
    struct batch batch;
    if (t->optim.n_queued == 0) {
        *f = (struct flight){ .start_ns = start };
        if (trainer_prepare_step(t, &f->k, &batch, err) < 0)
            return -1;
        if (!optim_queues(&t->optim, f->k.kind)) {
            const int result = optim_step(&t->optim, &f->k, &batch, &t->loss.criterion, t->params, t->stats, r, err);
            *ns = clock_now_ns() - start;
            return result;
        }
        if (trainer_queue_step(t, &batch, &f->k, err) < 0)
            return -1;
    }
    trainer_queue_ahead(t);
    return trainer_collect(t, f, r, ns, err);
}

/* What was under way behind a step that went wrong did nothing, or nobody can say what it did. */
static void went_wrong(struct trainer *t, const struct err *err)
{
    struct err why;
    optim_discard(&t->optim);
    if (err->code == ERR_DIVERGED && backend_check_device(t->backend, t->model, &why) < 0)
        failed(t, &why); /* nothing diverged: a norm could not be read */
    else if (err->code == ERR_DIVERGED)
        diverged(t, err);
    else
        failed(t, err);
}

int trainer_step(struct trainer *t)
{
    struct err err;
    struct flight f;
    struct optim_result r;
    uint64_t ns;
    if (compute(t, &f, &r, &ns, &err) < 0) {
        went_wrong(t, &err);
        return -1;
    }
    t->diverged = false;
    t->step++;
    t->epoch_loss += r.loss * r.n;
    t->epoch_correct += r.correct;
    t->epoch_images += r.n;
    keep_pace(t, ns, f.beside_ns, r.n);
    t->last_loss = (float)r.loss;
    t->last_gn = r.grad_norm;
    t->last_rho = f.k.kind == OPTIMIZER_SAM ? f.k.rho : NAN;
    emit_step(t, &f.k, &r, (double)ns * 1e-6);
    return 0;
}

/* --- snapshots ----------------------------------------------------------------------------------------------------- */

void trainer_snapshot_name(const struct trainer *t, char *out, size_t size)
{
    snprintf(out, size, "s%04llu", (unsigned long long)(t->step / t->spe));
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
            trainer_say(t, "warning", "no memory for a snapshot at step %llu", (unsigned long long)t->step);
        return false;
    }
    if (!state->finite && backend_check_device(t->backend, t->model, &err) < 0) {
        train_state_free(state);
        trainer_say(t, "error", "snapshot of step %llu: %s", (unsigned long long)t->step, err.text);
        return false;
    }
    event_hub_snapshot(&t->hub, state, name, pinned);
    t->snapshot_step = t->step;
    t->snapshot_ns = clock_now_ns();
    t->snapshot_work_ns = t->work_ns;
    return true;
}

bool trainer_snapshot_due(const struct trainer *t, bool epoch_end)
{
    long every = knob_int(&t->knobs, KNOB_SNAPSHOT_EVERY), seconds = knob_int(&t->knobs, KNOB_SNAPSHOT_SECONDS);
    uint64_t epoch = t->step / t->spe;
    if (t->snapshot_step == t->step || !trainer_records_snapshots(t))
        return false;
    if (epoch_end && every > 0 && epoch % (uint64_t)every == 0)
        return true;
    return seconds > 0 && t->work_ns - t->snapshot_work_ns > (uint64_t)seconds * 1000000000u;
}

/* --- after a step -------------------------------------------------------------------------------------------------- */

static bool epoch_is_due(const struct trainer *t, enum knob_id every)
{
    long n = knob_int(&t->knobs, every);
    return n > 0 && (t->step / t->spe) % (uint64_t)n == 0;
}

bool trainer_round_due(const struct trainer *t)
{
    return t->step % t->spe == 0 && t->step > 0 && epoch_is_due(t, KNOB_HESSIAN_EVERY);
}

/* Who only wants the weights evaluates for what waits for a metric alone. */
static bool evaluation_matters(const struct trainer *t)
{
    const struct queued *q = t->pending;
    while (q && q->c.when != WHEN_IF)
        q = q->next;
    return !t->roll.look || q;
}

static void epoch_end(struct trainer *t)
{
    struct err err;
    const char *split = evaluation_main_split(t->data);
    if (split && epoch_is_due(t, KNOB_EVAL_EVERY) && evaluation_matters(t)) {
        int result = trainer_evaluate(t, split, &err);
        if (result < 0)
            trainer_say(t, "error", "eval: %s", err.text);
        else if (result > 0)
            trainer_say(t, "note", "evaluation of epoch %llu was cancelled", (unsigned long long)(t->step / t->spe));
    }
    t->epoch_loss = t->epoch_correct = 0;
    t->epoch_images = 0;
    if (trainer_round_due(t) && !t->roll.look)
        trainer_schedule_round(t);
}

/* A step that is under way has moved the weights already. */
static void take_turn(struct trainer *t)
{
    const enum round_wish wish = t->over ? ROUND_NOTHING : round_wish(&t->probe);
    if (wish == ROUND_PRODUCT || (wish == ROUND_WEIGHTS && t->optim.n_queued == 0))
        round_turn(&t->probe);
}

void trainer_after_step(struct trainer *t)
{
    bool end = t->step % t->spe == 0;
    if (end)
        epoch_end(t);
    if (t->rolling) {
        if (!t->roll.look && t->optim.n_queued == 0)
            round_take_weights(&t->probe);
        return;
    }
    if (t->steps_left > 0)
        t->steps_left--;
    if (t->optim.n_queued == 0 && trainer_snapshot_due(t, end)) /* of the weights after this very step */
        trainer_snapshot(t, NULL, false);
    take_turn(t);
    trainer_publish(t);
    if (t->steps_left == 0) {
        t->steps_left = -1;
        t->paused = true;
        trainer_set_state(t, "paused", "the steps asked for are done");
    }
}
