#include "config.h"
#include "engine/run/learner.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "engine/criteria/loss_knobs.h"
#include "engine/model/initial.h"
#include "engine/run/step_knobs.h"
#include "engine/stages.h"

/* --- the second stage ---------------------------------------------------------------------------------------------- */

long learner_stage_epoch(const struct learner *l)
{
    return stage_epoch(&l->knobs, (long)(l->step / l->spe), l->second);
}

int learner_plan_stage(struct learner *l, const struct knobs *k, struct err *err)
{
    return stage_check_head(k, err) < 0 ? -1 : batches_plan(&l->batches, l->data, k, err);
}

/* Sets what trains from here on, how, and on which images. Scales begin at 1 of the classifier of now. */
static int use_stage(struct learner *l, const struct stage *stage, struct err *err)
{
    struct param_groups groups = { 0 };
    const struct param_rule frozen = { .trainable = false };
    optim_drop_scales(&l->optim);
    int result = param_groups_init(&groups, &l->net, err);
    if (result == 0 && stage->second)
        result = param_groups_set(&groups, &l->net, "backbone", &frozen, err);
    if (result == 0)
        result = optim_use_groups(&l->optim, &groups, stage->frozen_norm ? NORM_RUNNING : NORM_MOVING, err);
    param_groups_release(&groups);
    if (result == 0 && stage->trains == TRAINS_SCALES)
        result = optim_use_scales(&l->optim, l->params, err);
    if (result < 0)
        return -1;
    batches_use_second(&l->batches, stage->second);
    feature_bank_release(&l->bank);
    l->second = stage->second;
    return 0;
}

/* Weights before the classifier, running statistics, images: then features need be computed once. */
static bool features_stand_still(const struct learner *l)
{
    return l->second && l->optim.norm == NORM_RUNNING && !batches_augments(&l->batches);
}

static int banked_batch(struct learner *l, long epoch, uint32_t index, struct batch *out, struct err *err)
{
    const struct pass pass = { .params = l->params, .stats = l->stats, .criterion = &l->loss.criterion };
    uint32_t n;
    if (!l->bank.feature && (feature_bank_init(&l->bank, l->batches.set, l->net.features, l->batches.batch, err) < 0 ||
                             feature_bank_take(&l->bank, l->backend, l->model, &l->batches, &pass, err) < 0)) {
        feature_bank_release(&l->bank);
        return -1;
    }
    const uint32_t *position = batches_positions(&l->batches, epoch, index, &n);
    feature_bank_batch(&l->bank, position, n, out);
    return 0;
}

/* A step of it is done. */
static bool is_within_stage(const struct learner *l)
{
    return l->step > 0 && stage_is_second(&l->knobs, (long)((l->step - 1) / l->spe));
}

/* The scales say nothing before the stage's first step is done: it begins again from there. */
static bool keeps_scales(const struct learner *l)
{
    return l->optim.scaling && is_within_stage(l);
}

static int resume_stage(struct learner *l, struct err *err)
{
    const bool within = is_within_stage(l);
    const struct stage stage = stage_at(&l->knobs, within ? knob_int(&l->knobs, KNOB_EPOCHS) : 0);
    return within == l->second ? 0 : use_stage(l, &stage, err);
}

bool learner_stage_due(const struct learner *l)
{
    return !l->second && stage_is_second(&l->knobs, (long)(l->step / l->spe));
}

/* The number of the classifier's draw; draws of the beginning have a purpose of their own. */
enum { FIRST_REDRAW = 1 };

static int redraw_classifier(struct learner *l, struct err *err)
{
    float *host = l->optim.host;
    const size_t n = l->net.params.total;
    l->backend->vec_read(l->model, host, l->params, n);
    if (params_redraw(&l->net, "head", (uint64_t)knob_num(&l->knobs, KNOB_SEED), FIRST_REDRAW, host, err) < 0)
        return -1;
    l->backend->vec_write(l->model, l->params, host, n);
    return 0;
}

int learner_begin_stage(struct learner *l, struct err *err)
{
    const struct stage stage = stage_at(&l->knobs, (long)(l->step / l->spe));
    if (use_stage(l, &stage, err) < 0 || (stage.redraw && redraw_classifier(l, err) < 0))
        return -1;
    l->backend->vec_zero(l->model, l->optim.momentum, l->net.params.total);
    return 0;
}

/* --- its weights --------------------------------------------------------------------------------------------------- */

int learner_set_weights(struct learner *l, const float *params, const float *stats, struct err *err)
{
    const struct net *net = &l->net;
    float *drawn = malloc(net->params.total * sizeof *drawn), *drawn_stats = malloc(net->stats.total * sizeof *drawn_stats);
    const bool enough = drawn && drawn_stats;
    feature_bank_release(&l->bank);
    if (enough) {
        net_init_params(net, (uint64_t)knob_num(&l->knobs, KNOB_SEED), drawn, drawn_stats);
        l->backend->vec_write(l->model, l->params, params ? params : drawn, net->params.total);
        l->backend->vec_write(l->model, l->stats, stats ? stats : drawn_stats, net->stats.total);
    }
    free(drawn);
    free(drawn_stats);
    return enough ? 0 : err_set(err, ERR_MEMORY, "no memory for %zu weights", net->params.total);
}

struct kept_vector { /* a vector that the state keeps, of the back end or here */
    float *at;
    size_t n;
    bool here;
};

/* The places of the vectors, in the order of train_state_all_rows(); returns how many. */
static int kept_vectors(const struct learner *l, bool scales, struct kept_vector out[STATE_ROWS_MAX])
{
    const enum optimiser kind = knobs_optimiser(&l->knobs);
    const struct kept_vector own = { .at = l->optim.kept_by == kind ? l->optim.kept : NULL, .n = l->net.params.total };
    const struct scales *c = &l->optim.scales;
    const size_t classes = (size_t)l->net.classes;
    out[STATE_PARAMS] = (struct kept_vector){ .at = l->params, .n = l->net.params.total };
    out[STATE_MOMENTUM] = (struct kept_vector){ .at = l->optim.momentum, .n = l->net.params.total };
    out[STATE_STATS] = (struct kept_vector){ .at = l->stats, .n = l->net.stats.total };
    out[STATE_STATS + 1] = own;
    if (!scales)
        return STATE_STATS + 1 + optimiser_table[kind].keeps;
    out[STATE_SCALED] = (struct kept_vector){ .at = c->classifier, .n = c->count, .here = true };
    out[STATE_SCALES] = (struct kept_vector){ .at = c->s, .n = classes, .here = true };
    out[STATE_SCALES_MOMENTUM] = (struct kept_vector){ .at = c->momentum, .n = classes, .here = true };
    out[STATE_SCALES_MOMENTUM + 1] = own;
    return STATE_SCALES_MOMENTUM + 1 + optimiser_table[kind].keeps;
}

static void read_kept(const struct learner *l, float *to, const struct kept_vector *k)
{
    if (!k->at) /* an optimiser's that made no step yet */
        memset(to, 0, k->n * sizeof *to);
    else if (k->here)
        memcpy(to, k->at, k->n * sizeof *to);
    else
        l->backend->vec_read(l->model, to, k->at, k->n);
}

static void write_kept(const struct learner *l, const struct kept_vector *k, const float *from)
{
    if (k->here)
        memcpy(k->at, from, k->n * sizeof *from);
    else
        l->backend->vec_write(l->model, k->at, from, k->n);
}

static bool state_finite(const struct state_vector *v)
{
    const float *number = v->data;
    for (size_t i = 0; v->dtype == STATE_F32 && i < v->n; i++)
        if (!isfinite(number[i]))
            return false;
    return true;
}

/* The text that a snapshot holds: "sum images" of each class, to the last bit. A list that memory cut short is none to whoever goes on. */
static char **class_losses_told(const struct learner *l)
{
    const int n = l->epoch_images > 0 ? l->net.classes : 0;
    char **out = n > 0 ? calloc((size_t)n + 1, sizeof *out) : NULL;
    for (int i = 0; out && i < n && (i == 0 || out[i - 1]); i++) {
        char line[64];
        snprintf(line, sizeof line, "%.17g %" PRIu64, l->class_loss[i].sum, l->class_loss[i].images);
        out[i] = strdup(line);
    }
    return out;
}

static void take_class_losses(struct learner *l, char *const *lines)
{
    for (int i = 0; i < l->net.classes; i++) {
        struct class_loss *c = &l->class_loss[i];
        *c = (struct class_loss){ 0 };
        if (lines && *lines && sscanf(*lines++, "%lf %" SCNu64, &c->sum, &c->images) != 2)
            c->images = 0;
    }
}

struct train_state *learner_capture(const struct learner *l)
{
    struct state_row rows[STATE_ROWS_MAX];
    struct kept_vector kept[STATE_ROWS_MAX];
    struct train_state *s = train_state_new(rows, train_state_all_rows(&l->net, rows));
    if (!s)
        return NULL;
    s->step = l->step;
    s->epoch_loss = l->epoch_loss;
    s->epoch_correct = l->epoch_correct;
    s->epoch_images = l->epoch_images;
    s->class_losses = class_losses_told(l);
    s->grad_norm = l->last_gn;
    s->rho = l->last_rho;
    s->finite = true;
    const bool scales = keeps_scales(l);
    if (!scales)
        train_state_drop(s, STATE_OF_STAGE);
    if (!optimiser_table[knobs_optimiser(&l->knobs)].keeps)
        train_state_drop(s, STATE_OF_OPTIMISER);
    kept_vectors(l, scales, kept);
    for (int i = 0; i < s->n_vectors; i++) {
        read_kept(l, s->vector[i].data, &kept[i]);
        s->finite = s->finite && state_finite(&s->vector[i]);
    }
    return s;
}

static int check_vectors(const struct learner *l, const struct train_state *s, const struct kept_vector *kept, int n, struct err *err)
{
    bool fits = s->n_vectors == n;
    for (int i = 0; fits && i < n; i++)
        fits = s->vector[i].n == kept[i].n;
    if (fits)
        return 0;
    return err_set(err, ERR_DATA, "the snapshot of step %" PRIu64 " holds %d vectors, the first of %zu weights; %s with %d classes needs %d%s, of %zu",
                   s->step, s->n_vectors, s->vector[STATE_PARAMS].n, l->net.name, l->net.classes, n,
                   keeps_scales(l) ? " in stage lws (scales, their momentum and the classifier that is scaled too)" : "", l->net.params.total);
}

int learner_restore(struct learner *l, const struct train_state *s, struct err *err)
{
    struct kept_vector kept[STATE_ROWS_MAX];
    l->step = s->step;
    if (resume_stage(l, err) < 0 || optim_keep(&l->optim, knobs_optimiser(&l->knobs), err) < 0)
        return -1;
    const int n = kept_vectors(l, keeps_scales(l), kept);
    if (check_vectors(l, s, kept, n, err) < 0)
        return -1;
    if (!s->finite)
        return err_set(err, ERR_DIVERGED, "the snapshot of step %llu holds weights that are not finite; choose an earlier one",
                       (unsigned long long)s->step);
    feature_bank_release(&l->bank);
    for (int i = 0; i < n; i++)
        write_kept(l, &kept[i], s->vector[i].data);
    optim_recall(&l->optim);
    l->epoch_loss = s->epoch_loss;
    l->epoch_correct = s->epoch_correct;
    l->epoch_images = s->epoch_images;
    take_class_losses(l, s->class_losses);
    l->last_gn = s->grad_norm;
    l->last_rho = s->rho;
    l->phase = loss_phase_at(&l->knobs, learner_stage_epoch(l));
    return 0;
}

/* --- how far, and by which loss ------------------------------------------------------------------------------------ */

uint64_t learner_total_with(const struct learner *l, const struct knobs *k)
{
    uint64_t total = (uint64_t)knobs_epochs(k) * l->spe, most = (uint64_t)knob_num(k, KNOB_STEPS);
    return most > 0 && most < total ? most : total;
}

uint64_t learner_total(const struct learner *l)
{
    return learner_total_with(l, &l->knobs);
}

static bool loss_due(const struct learner *l, uint64_t step)
{
    const long epoch = stage_epoch(&l->knobs, (long)(step / l->spe), l->second);
    return !l->phase_known || !loss_phase_same(loss_phase_at(&l->knobs, epoch), l->phase);
}

bool learner_loss_due(const struct learner *l)
{
    return loss_due(l, l->step);
}

int learner_use_loss(struct learner *l, struct err *err)
{
    struct loss_config c;
    const struct loss_phase now = loss_phase_at(&l->knobs, learner_stage_epoch(l));
    if (loss_config_of(&l->knobs, now, &c, err) < 0 || loss_set(&l->loss, &c, err) < 0)
        return -1;
    l->drw_came_on = now.reweight && (l->phase_known ? !l->phase.reweight : l->step == 0);
    l->loss_came_on = now.started && l->phase_known && !l->phase.started;
    l->phase = now;
    l->phase_known = true;
    return 0;
}

/* Its labels would have to be read on the device. */
static int check_frozen(const struct learner *l, const struct knobs *k, struct err *err)
{
    if (!loss_is_frozen(k) || !l->backend->store_new)
        return 0;
    return err_set(err, ERR_DEVICE, "ib_factor frozen looks at a batch's labels, which %s keeps to itself; accepted with it: device cpu, device reference",
                   l->backend->name);
}

int learner_check_loss(struct learner *l, const struct knobs *k, struct err *err)
{
    struct loss_config c;
    if (optim_check(l->backend, knobs_optimiser(k), err) < 0 || optim_check(l->backend, knobs_optimiser_at(k, knobs_epochs(k)), err) < 0 || check_frozen(l, k, err) < 0)
        return -1;
    int result = loss_config_of(k, LOSS_PHASE_LAST, &c, err) < 0 ? -1 : loss_set(&l->loss, &c, err);
    for (int use = CRITERION_GRADIENT; result == 0 && use <= CRITERION_PRODUCT; use++)
        result = backend_check_criterion(l->backend, &l->net, &l->loss.criterion, (enum criterion_use)use, err);
    if (loss_config_of(&l->knobs, l->phase, &c, NULL) == 0)
        (void)loss_set(&l->loss, &c, NULL); /* it was in force a moment ago */
    return result;
}

/* --- one step ------------------------------------------------------------------------------------------------------ */

static int draw_climbs(struct learner *l, struct optim_knobs *k, struct err *err)
{
    if (!l->climbs && !(l->climbs = malloc(l->net.params.total)))
        return err_set(err, ERR_MEMORY, "no memory for the weights that climb in a step of esam");
    optim_draw_climbs(&l->net, k, l->climbs);
    k->climbs = l->climbs;
    return 0;
}

/* Knobs, loss and batch of the step after those under way. */
static int prepare_step(struct learner *l, struct optim_knobs *k, struct batch *batch, struct err *err)
{
    const uint64_t step = l->step + (uint64_t)l->n_flights;
    const long epoch = (long)(step / l->spe);
    if (learner_stage_due(l) && learner_begin_stage(l, err) < 0)
        return -1;
    if (loss_due(l, step) && learner_use_loss(l, err) < 0)
        return -1;
    *k = learner_step_knobs(l, step);
    if (k->kind == OPTIMISER_ESAM && draw_climbs(l, k, err) < 0)
        return -1;
    if (optim_keep(&l->optim, knobs_optimiser(&l->knobs), err) < 0)
        return -1;
    if (features_stand_still(l))
        return banked_batch(l, epoch, (uint32_t)(step % l->spe), batch, err);
    return batches_get(&l->batches, epoch, (uint32_t)(step % l->spe), false, batch, err);
}

/* Its batch is of the epoch that was asked for last: none ends while steps are under way. */
static void count_classes(struct learner *l, uint32_t n)
{
    const uint32_t index = (uint32_t)(l->step % l->spe);
    for (uint32_t i = 0; i < n; i++) {
        const int class = batches_label(&l->batches, index, i);
        l->class_loss[class].sum += l->image_loss[i] / (double)l->loss.weight[class];
        l->class_loss[class].images++;
    }
}

static void count_step(struct learner *l, const struct learned *done)
{
    const struct optimiser_result *r = &done->r;
    count_classes(l, r->first.n);
    l->step++;
    l->epoch_loss += r->first.loss * r->first.n;
    l->epoch_correct += r->first.correct;
    l->epoch_images += r->first.n;
    l->last_loss = (float)r->first.loss;
    l->last_gn = r->norm;
    l->last_rho = optim_radius(&done->k, r);
}

void learner_begin_epoch(struct learner *l)
{
    l->epoch_loss = l->epoch_correct = 0;
    l->epoch_images = 0;
    memset(l->class_loss, 0, (size_t)l->net.classes * sizeof *l->class_loss);
}

bool learner_class_losses(const struct learner *l, float *out)
{
    uint64_t images = 0;
    for (int i = 0; i < l->net.classes; i++) {
        const struct class_loss *c = &l->class_loss[i];
        out[i] = c->images > 0 ? (float)(c->sum / (double)c->images) : NAN;
        images += c->images;
    }
    return images > 0 && images == l->epoch_images;
}

int learner_step(struct learner *l, struct learned *out, struct err *err)
{
    const uint64_t start = clock_now_ns();
    struct batch batch;
    *out = (struct learned){ 0 };
    const struct optim_task task = { .batch = &batch, .criterion = &l->loss.criterion, .w = l->params, .stats = l->stats };
    if (prepare_step(l, &out->k, &batch, err) < 0 || optim_step(&l->optim, &out->k, &task, &out->r, err) < 0)
        return -1;
    out->ns = clock_now_ns() - start;
    count_step(l, out);
    return 0;
}

/* --- several under way --------------------------------------------------------------------------------------------- */

bool learner_queues(const struct learner *l)
{
    const struct optim_knobs k = { .kind = knobs_optimiser_at(&l->knobs, (long)(l->step / l->spe)),
                                   .msam_m = (uint32_t)knob_int(&l->knobs, KNOB_MSAM_M), .asam_eta = knob_num(&l->knobs, KNOB_ASAM_ETA) };
    return optim_queues(&l->optim, &k);
}

bool learner_queues_many(const struct learner *l)
{
    return learner_queues(l) && batches_kept(&l->batches);
}

int learner_under_way(const struct learner *l)
{
    return l->n_flights;
}

static struct flight *flight_at(struct learner *l, int i)
{
    return &l->flight[(l->first_flight + i) % BACKEND_STEPS];
}

int learner_queue(struct learner *l, struct err *err)
{
    struct flight *f = flight_at(l, l->n_flights);
    struct batch batch;
    *f = (struct flight){ 0 };
    if (prepare_step(l, &f->k, &batch, err) < 0)
        return -1;
    f->n = batch.n;
    f->start_ns = clock_now_ns();
    const struct optim_task task = { .batch = &batch, .criterion = &l->loss.criterion, .w = l->params, .stats = l->stats };
    if (optim_queue(&l->optim, &f->k, &task, err) < 0)
        return -1;
    l->n_flights++;
    return 0;
}

/* Waits for the oldest, which is under way no more. */
static int collect_step(struct learner *l, struct flight *f, struct optimiser_result *r, struct err *err)
{
    *f = *flight_at(l, 0);
    l->first_flight = (l->first_flight + 1) % BACKEND_STEPS;
    l->n_flights--;
    return optim_collect(&l->optim, &f->k, f->n, r, err);
}

/* A step's time is what passed since it was queued or, when that came later, since the one before it was done: the times of
 * steps that overlap add up to the clock's. What the thread spent beside several of them they share. */
int learner_collect(struct learner *l, struct learned *out, struct err *err)
{
    struct flight f;
    *out = (struct learned){ 0 };
    const int result = collect_step(l, &f, &out->r, err);
    const uint64_t now = clock_now_ns(), from = f.start_ns > l->done_ns ? f.start_ns : l->done_ns;
    l->done_ns = now;
    out->k = f.k;
    out->beside_ns = f.beside_ns;
    out->ns = now - from + f.beside_ns;
    if (result < 0)
        return -1;
    count_step(l, out);
    return 0;
}

void learner_discard(struct learner *l)
{
    struct flight f;
    struct optimiser_result ignored;
    struct err why;
    while (l->n_flights > 0)
        collect_step(l, &f, &ignored, &why);
}

void learner_spent_beside(struct learner *l, uint64_t ns)
{
    const int n = l->n_flights;
    for (int i = 0; i < n; i++) {
        struct flight *f = flight_at(l, i);
        f->start_ns += ns;
        f->beside_ns += ns / (uint64_t)n;
    }
    if (n > 0)
        l->done_ns += ns;
}
