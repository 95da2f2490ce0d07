/* The trainer as the host of its guests: what they see, where their words go, and what a run does with an evaluation. */
#include "config.h"
#include "engine/run/trainer_private.h"

#include <math.h>
#include <string.h>


/* --- the host's functions ------------------------------------------------------------------------------------------ */

static struct run_moment moment(void *ctx)
{
    const struct learner *l = &((struct trainer *)ctx)->learner;
    return (struct run_moment){ .step = l->step, .steps_per_epoch = l->spe, .grad_norm = l->last_gn, .rho = l->last_rho, .second = l->second };
}

static void guest_emit(void *ctx, struct event *e)
{
    trainer_auto_heard(ctx, e);
    trainer_emit(ctx, e);
}

static void guest_say(void *ctx, const char *level, const char *text)
{
    trainer_say(ctx, level, "%s", text);
}

static void guest_progress(void *ctx, const char *what, uint64_t done, uint64_t of, int class_index, const struct spectrum *s)
{
    trainer_progress_of(ctx, what, done, of, class_index, s);
}

static bool stopped(void *ctx, bool waited_for)
{
    struct trainer *t = ctx;
    return atomic_load(&t->quit) || (waited_for && (atomic_load(&t->cancel) || trainer_is_ending(t)));
}

static void found(void *ctx, const char *metric, double value)
{
    trainer_metric(ctx, metric, value);
}

static bool wants(void *ctx, int class_index)
{
    const struct trainer *t = ctx;
    return t->watched[class_index] && !trainer_auto_measured(t, class_index) && !(t->rolling && trainer_roll_round_has(t, class_index));
}

static uint64_t guest_fill(void *ctx)
{
    struct trainer *t = ctx;
    trainer_queue_ahead(t);
    return t->learner.step + (uint64_t)learner_under_way(&t->learner);
}

static void spent(void *ctx, uint64_t ns)
{
    learner_spent_beside(&((struct trainer *)ctx)->learner, ns);
}

static const struct guest_host host = { .moment = moment, .emit = guest_emit, .say = guest_say, .progress = guest_progress, .stopped = stopped,
                                        .found = found, .wants = wants, .fill = guest_fill, .spent = spent };

int trainer_open_guests(struct trainer *t, struct err *err)
{
    struct learner *l = &t->learner;
    t->guest = (struct guest){ .backend = l->backend, .device = l->device, .threads = l->threads, .net = &l->net, .data = l->data,
                               .knobs = &l->knobs, .batches = &l->batches, .criterion = &l->loss.criterion, .host = &host, .ctx = t };
    trainer_tell_guests(t);
    return evaluation_init(&t->evaluation, l->net.classes, err) < 0 ? -1 : probe_init(&t->probe, &t->guest, err);
}

void trainer_tell_guests(struct trainer *t)
{
    const struct learner *l = &t->learner;
    t->guest.model = l->model;
    t->guest.params = l->params;
    t->guest.stats = l->stats;
    t->guest.groups = l->second ? &l->optim.groups : NULL;
    t->guest.scaled = l->optim.scaling ? l->optim.scales.classifier : NULL;
}

void trainer_close_guests(struct trainer *t)
{
    probe_release(&t->probe);
    evaluation_release(&t->evaluation);
}

void trainer_expect_cancel(struct trainer *t)
{
    atomic_store(&t->cancel, t->doing > 0 && t->doing <= atomic_load(&t->cancelled));
}

/* --- rounds of probes ---------------------------------------------------------------------------------------------- */

void trainer_schedule_round(struct trainer *t)
{
    round_schedule(&t->probe, t->rolling && trainer_roll_round_began(t));
}

/* Ends the round, of resumed runs too; one that was resumed at its end cannot tell how long it took, and makes up for the round that was cut off. */
bool trainer_drain_round(struct trainer *t)
{
    trainer_expect_cancel(t);
    return round_drain(&t->probe, t->pace.steps > 0 ? (double)t->learner.step * t->pace.seconds / t->pace.steps : INFINITY);
}

/* --- evaluations --------------------------------------------------------------------------------------------------- */

static void set_training(const struct trainer *t, struct event *e)
{
    const struct learner *l = &t->learner;
    long epoch = (long)((l->step > 0 ? l->step - 1 : 0) / l->spe); /* whose schedule the last step followed */
    if (l->epoch_images > 0) {
        event_set_f64(e, EV_EPOCH_TRAIN_LOSS, l->epoch_loss / (double)l->epoch_images);
        event_set_f64(e, EV_EPOCH_TRAIN_ACC, 100 * l->epoch_correct / (double)l->epoch_images);
    }
    float *cls_loss = t->evaluation.cls_loss; /* the event has its numbers already */
    if (learner_class_losses(l, cls_loss))
        event_set_f32s(e, EV_EPOCH_TRAIN_CLS_LOSS, cls_loss, (uint32_t)l->net.classes);
    event_set_f64(e, EV_EPOCH_LR, knobs_lr(&l->knobs, epoch));
    event_set_f64(e, EV_EPOCH_RHO, optimiser_uses_rho(knobs_optimiser_at(&l->knobs, epoch)) ? knobs_rho(&l->knobs, epoch) : NAN);
    event_set_u64(e, EV_EPOCH_DRW, l->phase.reweight);
    if (t->best >= 0) {
        event_set_f64(e, EV_EPOCH_BEST, t->best);
        event_set_f64(e, EV_EPOCH_BEST_EP, t->best_epoch);
    }
}

/* The evaluation of the split that counts: best so far, and commands that wait for it. */
static void remember(struct trainer *t)
{
    const struct evaluation *v = &t->evaluation;
    t->eval_seconds = v->seconds;
    if (v->acc > t->best) { /* strictly (methods 6.2) */
        t->best = v->acc;
        t->best_epoch = trainer_epoch(t);
    }
    t->evaluated_step = t->learner.step;
    evaluation_found(v, &t->guest);
}

int trainer_evaluate(struct trainer *t, const char *split, struct err *err)
{
    const struct image_set *set = evaluation_split(t->learner.data, split, err);
    if (!set || (!t->learner.phase_known && trainer_use_loss(t, err) < 0))
        return -1;
    trainer_expect_cancel(t);
    if (evaluate(&t->evaluation, &t->guest, set, err) < 0)
        return -1;
    const char *counts = evaluation_main_split(t->learner.data);
    if (counts && strcmp(split, counts) == 0)
        remember(t);
    struct event *e = evaluation_event(&t->evaluation, &t->guest, split);
    if (e) {
        set_training(t, e);
        trainer_emit(t, e);
    }
    return 0;
}

int trainer_evaluate_main(struct trainer *t, const char *split, struct err *err)
{
    const bool both = strcmp(split, "val") == 0 && t->learner.data->test.n > 0 && t->learner.step >= learner_total(&t->learner);
    if (both && trainer_evaluate(t, "test", err) < 0)
        return -1;
    return trainer_evaluate(t, split, err);
}
