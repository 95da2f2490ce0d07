#include "config.h"
#include "engine/probe/evaluate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"

int evaluation_init(struct evaluation *e, int classes, struct err *err)
{
    const size_t n = (size_t)classes;
    const bool confusion = classes <= CONFUSION_MAX;
    *e = (struct evaluation){ .classes = classes, .cls = malloc(n * sizeof *e->cls), .hits = malloc(n * sizeof *e->hits),
                              .count = malloc(n * sizeof *e->count), .logits = malloc(EVAL_BATCH * n * sizeof *e->logits),
                              .cls_loss = malloc(n * sizeof *e->cls_loss), .losses = malloc(EVAL_BATCH * sizeof *e->losses),
                              .class_sum = malloc(n * sizeof *e->class_sum),
                              .confusion = confusion ? malloc(n * n * sizeof *e->confusion) : NULL };
    if (e->cls && e->cls_loss && e->hits && e->count && e->logits && e->losses && e->class_sum && (e->confusion || !confusion))
        return 0;
    return err_set(err, ERR_MEMORY, "no memory for %zu classes", n);
}

void evaluation_release(struct evaluation *e)
{
    free(e->cls);
    free(e->cls_loss);
    free(e->losses);
    free(e->class_sum);
    free(e->hits);
    free(e->count);
    free(e->logits);
    free(e->confusion);
    *e = (struct evaluation){ 0 };
}

enum math evaluation_math(const struct knobs *k, const struct backend *b)
{
    return knob_is(k, KNOB_EVAL_MATH, "bf16") && b->has_eval_math && b->has_eval_math(MATH_BF16) ? MATH_BF16 : MATH_FP32;
}

/* --- splits -------------------------------------------------------------------------------------------------------- */

const char *evaluation_main_split(const struct dataset *data)
{
    return data->val.n > 0 ? "val" : data->test.n > 0 ? "test" : NULL;
}

const struct image_set *evaluation_split(const struct dataset *data, const char *name, struct err *err)
{
    const struct image_set *set = NULL;
    if (strcmp(name, "test") == 0)
        set = &data->test;
    else if (strcmp(name, "val") == 0)
        set = &data->val;
    else if (strcmp(name, "train") == 0)
        set = &data->train;
    if (!set)
        err_set(err, ERR_INVALID, "'%s' is not a split; test, val and train are accepted", name);
    else if (set->n == 0) {
        err_set(err, ERR_DATA, "there are no %s images; 'data ... --val N' holds some out", name);
        set = NULL;
    }
    return set;
}

/* --- counting ------------------------------------------------------------------------------------------------------ */

static int predicted_class(const float *z, int classes)
{
    int best = 0;
    for (int c = 1; c < classes; c++)
        if (z[c] > z[best]) /* ties: the lowest index */
            best = c;
    return best;
}

static void count_batch(struct evaluation *e, const struct batch *batch, const float *weight)
{
    for (uint32_t i = 0; i < batch->n; i++) {
        const float *z = e->logits + (size_t)i * (size_t)e->classes;
        int truth = batch->labels[i], said = predicted_class(z, e->classes);
        e->count[truth]++;
        e->class_sum[truth] += e->losses[i] / (double)weight[truth];
        if (said == truth && !isnan(z[said]))
            e->hits[truth]++;
        if (e->confusion)
            e->confusion[(size_t)truth * (size_t)e->classes + (size_t)said]++;
    }
}

static void clear_evaluation(struct evaluation *e)
{
    const size_t n = (size_t)e->classes;
    memset(e->hits, 0, n * sizeof *e->hits);
    memset(e->count, 0, n * sizeof *e->count);
    memset(e->class_sum, 0, n * sizeof *e->class_sum);
    if (e->confusion)
        memset(e->confusion, 0, n * n * sizeof *e->confusion);
}

int evaluation_walk(const struct guest *g, const struct image_set *set, const struct evaluation_walk *walk, struct err *err)
{
    const struct pass pass = { .params = g->params, .stats = g->stats, .mode = walk->mode, .criterion = g->criterion };
    struct pass_result result;
    struct batch batch;
    const uint32_t most = image_chunk(set->kind.size, EVAL_BATCH);
    for (uint32_t first = 0; first < set->n; first += batch.n) {
        const uint32_t n = set->n - first < most ? set->n - first : most;
        g->host->progress(g->ctx, walk->what, first, set->n, -1, NULL);
        if (g->host->stopped(g->ctx, true))
            return err_set(err, ERR_CANCELLED, "cancelled");
        if (batches_plain(g->batches, set, first, n, &batch, err) < 0 || g->backend->load(g->model, &batch, err) < 0 ||
            g->backend->gradient(g->model, &pass, NULL, &result, err) < 0)
            return -1;
        walk->visit(walk->ctx, first, &batch, &result);
    }
    g->host->progress(g->ctx, walk->what, set->n, set->n, -1, NULL);
    return 0;
}

struct counting {
    struct evaluation *e;
    const struct guest *g;
    double sum; /* of the losses */
};

static void count_answers(void *ctx, uint32_t first, const struct batch *batch, const struct pass_result *result)
{
    struct counting *c = ctx;
    (void)first;
    c->g->backend->logits(c->g->model, c->e->logits);
    c->g->backend->losses(c->g->model, c->e->losses);
    count_batch(c->e, batch, c->g->criterion->coef.weight);
    c->sum += result->loss * batch->n; /* the size-weighted mean of batch losses (methods 6.1) */
}

void accuracy_of(const struct dataset *data, const uint32_t *hits, const uint32_t *count, struct accuracy *out, float *cls)
{
    double sum[N_GROUPS] = { 0 };
    int n[N_GROUPS] = { 0 };
    uint64_t all_hits = 0, all = 0;
    for (int c = 0; c < data->classes; c++) {
        double acc = count[c] ? 100.0 * hits[c] / count[c] : NAN;
        if (cls)
            cls[c] = (float)acc;
        all_hits += hits[c];
        all += count[c];
        if (count[c]) {
            sum[data->group[c]] += acc;
            n[data->group[c]]++;
        }
    }
    out->acc = 100.0 * (double)all_hits / (double)all;
    for (int g = 0; g < N_GROUPS; g++)
        out->group[g] = n[g] ? sum[g] / n[g] : NAN;
}

int evaluate(struct evaluation *e, const struct guest *g, const struct image_set *set, struct err *err)
{
    uint64_t start = clock_now_ns();
    clear_evaluation(e);
    struct counting c = { e, g, 0 };
    const struct evaluation_walk walk = { "eval", evaluation_math(g->knobs, g->backend) == MATH_BF16 ? PASS_EVAL_BF16 : PASS_EVAL, count_answers, &c };
    if (evaluation_walk(g, set, &walk, err) < 0)
        return -1;
    e->loss = c.sum / set->n;
    for (int k = 0; k < e->classes; k++)
        e->cls_loss[k] = e->count[k] ? (float)(e->class_sum[k] / e->count[k]) : NAN;
    struct accuracy accuracy;
    accuracy_of(g->data, e->hits, e->count, &accuracy, e->cls);
    e->acc = accuracy.acc;
    memcpy(e->group, accuracy.group, sizeof e->group);
    e->seconds = (double)(clock_now_ns() - start) * 1e-9;
    return 0;
}

/* --- told ---------------------------------------------------------------------------------------------------------- */

struct event *evaluation_event(const struct evaluation *v, const struct guest *g, const char *split)
{
    const struct run_moment now = g->host->moment(g->ctx);
    const uint32_t classes = (uint32_t)v->classes;
    struct event *e = event_new(EVENT_EPOCH, now.step);
    if (!e)
        return NULL;
    event_set_f64(e, EV_EPOCH_EP, moment_epoch(&now));
    event_set_str(e, EV_EPOCH_SPLIT, split);
    event_set_f64(e, EV_EPOCH_LOSS, v->loss);
    event_set_f64(e, EV_EPOCH_ACC, v->acc);
    event_set_f64s(e, EV_EPOCH_GROUPS, v->group, N_GROUPS);
    event_set_f32s(e, EV_EPOCH_CLS, v->cls, classes);
    if (v->confusion)
        event_set_u32s(e, EV_EPOCH_CONF, v->confusion, classes * classes);
    event_set_f64(e, EV_EPOCH_SECONDS, v->seconds);
    event_set_f32s(e, EV_EPOCH_CLS_LOSS, v->cls_loss, classes);
    const enum math math = evaluation_math(g->knobs, g->backend);
    if (math != MATH_FP32)
        event_set_str(e, EV_EPOCH_MATH, math_name[math]);
    return e;
}

void evaluation_found(const struct evaluation *e, const struct guest *g)
{
    g->host->found(g->ctx, "loss", e->loss);
    g->host->found(g->ctx, "acc", e->acc);
    for (int i = 0; i < N_GROUPS; i++)
        g->host->found(g->ctx, class_group_name[i], e->group[i]);
}
