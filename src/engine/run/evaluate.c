#include "config.h"
#include "engine/run/trainer_private.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"

const char *trainer_main_split(const struct trainer *t)
{
    return t->data->val.n > 0 ? "val" : t->data->test.n > 0 ? "test" : NULL;
}

const struct image_set *trainer_split(const struct trainer *t, const char *name, struct err *err)
{
    const struct image_set *set = NULL;
    if (strcmp(name, "test") == 0)
        set = &t->data->test;
    else if (strcmp(name, "val") == 0)
        set = &t->data->val;
    else if (strcmp(name, "train") == 0)
        set = &t->data->train;
    if (!set)
        err_set(err, ERR_INVALID, "'%s' is not a split; test, val and train are accepted", name);
    else if (set->n == 0) {
        err_set(err, ERR_DATA, "there are no %s images; 'data ... --val N' holds some out", name);
        set = NULL;
    }
    return set;
}

/* --- counting ------------------------------------------------------------------------------------------------------ */

static int best_class(const float *z, int classes)
{
    int best = 0;
    for (int c = 1; c < classes; c++)
        if (z[c] > z[best]) /* ties: the lowest index */
            best = c;
    return best;
}

static void count_batch(struct trainer *t, const struct batch *batch)
{
    struct eval_result *r = &t->eval;
    int classes = t->net.classes;
    for (uint32_t i = 0; i < batch->n; i++) {
        const float *z = t->logits + (size_t)i * (size_t)classes;
        int truth = batch->labels[i], said = best_class(z, classes);
        r->count[truth]++;
        if (said == truth && !isnan(z[said]))
            r->hits[truth]++;
        if (r->confusion)
            r->confusion[(size_t)truth * (size_t)classes + (size_t)said]++;
    }
}

/* 0, 1 cancelled, -1 error; fills hits, count, confusion and loss. */
static int run_batches(struct trainer *t, const struct image_set *set, struct err *err)
{
    struct pass pass = { .params = t->params, .stats = t->stats, .mode = PASS_EVAL, .criterion = &t->loss.criterion };
    struct pass_result result;
    struct batch batch;
    double sum = 0;
    for (uint32_t first = 0; first < set->n; first += batch.n) {
        uint32_t n = set->n - first < EVAL_BATCH ? set->n - first : EVAL_BATCH;
        trainer_progress(t, "eval", first, set->n, -1);
        if (trainer_cancelled(t))
            return 1;
        if (batches_plain(&t->batches, set, first, n, &batch, err) < 0 || t->backend->load(t->model, &batch, err) < 0 ||
            t->backend->gradient(t->model, &pass, NULL, &result, err) < 0)
            return -1;
        t->backend->logits(t->model, t->logits);
        count_batch(t, &batch);
        sum += result.loss * n; /* the size-weighted mean of batch losses (spec 6) */
    }
    trainer_progress(t, "eval", set->n, set->n, -1);
    t->eval.loss = sum / set->n;
    return 0;
}

static void summarise(struct trainer *t)
{
    struct eval_result *r = &t->eval;
    double sum[N_GROUPS] = { 0 };
    int n[N_GROUPS] = { 0 };
    uint64_t hits = 0, count = 0;
    for (int c = 0; c < t->net.classes; c++) {
        double acc = r->count[c] ? 100.0 * r->hits[c] / r->count[c] : NAN;
        r->cls[c] = (float)acc;
        hits += r->hits[c];
        count += r->count[c];
        if (r->count[c]) {
            sum[t->data->group[c]] += acc;
            n[t->data->group[c]]++;
        }
    }
    r->acc = 100.0 * (double)hits / (double)count;
    for (int g = 0; g < N_GROUPS; g++)
        r->group[g] = n[g] ? sum[g] / n[g] : NAN;
}

/* --- the event ----------------------------------------------------------------------------------------------------- */

static void set_training(struct trainer *t, struct event *e)
{
    long epoch = (long)((t->step > 0 ? t->step - 1 : 0) / t->spe); /* whose schedule the last step followed */
    bool sam = knob_is(&t->knobs, KNOB_OPT, "sam") || knob_is(&t->knobs, KNOB_OPT, "asam");
    if (t->epoch_images > 0) {
        event_set_f64(e, EV_EPOCH_TRAIN_LOSS, t->epoch_loss / (double)t->epoch_images);
        event_set_f64(e, EV_EPOCH_TRAIN_ACC, 100 * t->epoch_correct / (double)t->epoch_images);
    }
    event_set_f64(e, EV_EPOCH_LR, knobs_lr(&t->knobs, epoch));
    event_set_f64(e, EV_EPOCH_RHO, sam ? knobs_rho(&t->knobs, epoch) : NAN);
    event_set_u64(e, EV_EPOCH_DRW, t->drw_on);
}

static void emit_epoch(struct trainer *t, const char *split)
{
    const struct eval_result *r = &t->eval;
    uint32_t classes = (uint32_t)t->net.classes;
    struct event *e = event_new(EVENT_EPOCH, t->step);
    if (!e)
        return;
    event_set_f64(e, EV_EPOCH_EP, trainer_epoch(t));
    event_set_str(e, EV_EPOCH_SPLIT, split);
    event_set_f64(e, EV_EPOCH_LOSS, r->loss);
    event_set_f64(e, EV_EPOCH_ACC, r->acc);
    event_set_f64s(e, EV_EPOCH_GROUPS, r->group, N_GROUPS);
    event_set_f32s(e, EV_EPOCH_CLS, r->cls, classes);
    if (r->confusion)
        event_set_u32s(e, EV_EPOCH_CONF, r->confusion, classes * classes);
    set_training(t, e);
    if (t->best >= 0) {
        event_set_f64(e, EV_EPOCH_BEST, t->best);
        event_set_f64(e, EV_EPOCH_BEST_EP, t->best_epoch);
    }
    event_set_f64(e, EV_EPOCH_SECONDS, r->seconds);
    trainer_emit(t, e);
}

/* Accuracies of the split that counts: best so far, and commands that wait for them. */
static void remember(struct trainer *t)
{
    const struct eval_result *r = &t->eval;
    if (r->acc > t->best) { /* strictly (spec 6) */
        t->best = r->acc;
        t->best_epoch = trainer_epoch(t);
    }
    t->evaluated_step = t->step;
    trainer_metric(t, "loss", r->loss);
    trainer_metric(t, "acc", r->acc);
    for (int g = 0; g < N_GROUPS; g++)
        trainer_metric(t, class_group_name[g], r->group[g]);
}

int trainer_evaluate(struct trainer *t, const char *split, struct err *err)
{
    struct eval_result *r = &t->eval;
    size_t classes = (size_t)t->net.classes;
    uint64_t start = clock_now_ns();
    const struct image_set *set = trainer_split(t, split, err);
    if (!set || (!t->drw_known && trainer_use_loss(t, err) < 0))
        return -1;
    memset(r->hits, 0, classes * sizeof *r->hits);
    memset(r->count, 0, classes * sizeof *r->count);
    if (r->confusion)
        memset(r->confusion, 0, classes * classes * sizeof *r->confusion);
    atomic_store(&t->cancel, false);
    int result = run_batches(t, set, err);
    if (result != 0)
        return result;
    summarise(t);
    r->seconds = (double)(clock_now_ns() - start) * 1e-9;
    const char *counts = trainer_main_split(t);
    if (counts && strcmp(split, counts) == 0) {
        t->eval_seconds = r->seconds;
        remember(t);
    }
    emit_epoch(t, split);
    return 0;
}
