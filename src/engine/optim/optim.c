#include "config.h"
#include "engine/optim/frozen.h"
#include "engine/optim/optim_private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/rng.h"

int optim_init(struct optim *o, const struct backend *backend, struct model *model, const struct net *net,
               struct err *err)
{
    size_t n = net->params.total;
    *o = (struct optim){ .backend = backend, .net = net, .model = model };
    if (param_groups_init(&o->groups, net, err) < 0)
        return -1;
    o->momentum = backend->vec_new(model, n, err);
    o->g = o->momentum ? backend->vec_new(model, n, err) : NULL;
    o->moved = o->g ? backend->vec_new(model, n, err) : NULL;
    o->piece = o->moved ? backend->vec_new(model, n, err) : NULL;
    o->stats_before = o->piece ? backend->vec_new(model, net->stats.total, err) : NULL;
    if (!o->stats_before) {
        optim_release(o);
        return -1;
    }
    o->host = malloc(n * sizeof *o->host);
    o->noise = malloc(n * sizeof *o->noise);
    if (!o->host || !o->noise) {
        optim_release(o);
        return err_set(err, ERR_MEMORY, "no memory for the optimiser of %s", net->name);
    }
    return 0;
}

void optim_release(struct optim *o)
{
    if (o->backend) {
        float *vectors[] = { o->momentum, o->g, o->moved, o->piece, o->stats_before, o->kept };
        for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++)
            o->backend->vec_free(o->model, vectors[i]);
    }
    param_groups_release(&o->groups);
    scales_release(&o->scales);
    free(o->host);
    free(o->noise);
    free(o->rows);
    *o = (struct optim){ 0 };
}

int optim_keep(struct optim *o, enum optimiser kind, struct err *err)
{
    const bool keeps = optimiser_table[kind].keeps;
    if (keeps && !o->kept && !(o->kept = o->backend->vec_new(o->model, o->net->params.total, err)))
        return -1;
    if (o->kept && o->kept_by != kind) {
        o->backend->vec_zero(o->model, o->kept, o->net->params.total);
        o->remembers = false;
    }
    o->kept_by = kind;
    return 0;
}

static int need_head(const struct optim *o, struct err *err)
{
    return err_set(err, ERR_INVALID, "scales of the classifier train by themselves: %s with everything before it frozen is accepted", o->net->name);
}

int optim_use_groups(struct optim *o, const struct param_groups *groups, enum norm_policy norm, struct err *err)
{
    struct param_groups copy;
    if (o->scaling && !param_groups_head_only(groups, o->net))
        return need_head(o, err);
    if (param_groups_copy(&copy, groups, err) < 0)
        return -1;
    param_groups_release(&o->groups);
    o->groups = copy;
    o->norm = norm;
    o->head_only = param_groups_head_only(groups, o->net);
    return 0;
}

int optim_use_scales(struct optim *o, const float *w, struct err *err)
{
    struct scales made;
    if (!o->head_only)
        return need_head(o, err);
    if (scales_init(&made, o->backend, o->model, o->net, err) < 0)
        return -1;
    optim_drop_scales(o);
    o->scales = made;
    o->scaling = true;
    if (w)
        scales_begin(&o->scales, w);
    return 0;
}

void optim_drop_scales(struct optim *o)
{
    scales_release(&o->scales);
    o->scaling = false;
}

struct sgd_step optim_descent_of(const struct optim_knobs *k, const struct param_rule *rule)
{
    return (struct sgd_step){ .lr = k->lr * rule->lr, .momentum = k->momentum, .nesterov = k->nesterov,
                              .weight_decay = isnan(rule->weight_decay) ? k->weight_decay : rule->weight_decay };
}

const struct param_group *optim_next_group(const struct optim *o, const struct param_group *group)
{
    const struct param_group *end = o->groups.group + o->groups.n;
    for (group = group ? group + 1 : o->groups.group; group < end; group++)
        if (group->rule.trainable)
            return group;
    return NULL;
}

double optim_norm(const struct optim *o, const float *w, const float *g, bool adaptive)
{
    const struct param_group *p = optim_next_group(o, NULL);
    double all = o->backend->sam_norm(o->model, w + p->first, g + p->first, p->count, adaptive);
    while ((p = optim_next_group(o, p))) {
        const double norm = o->backend->sam_norm(o->model, w + p->first, g + p->first, p->count, adaptive);
        all = sqrt(all * all + norm * norm);
    }
    return all;
}

/* The divisor of rho, along w^2 g. */
static double adaptive_reach(const struct optim *o, const float *w)
{
    return o->scaling ? scales_reach(&o->scales) : optim_norm(o, w, o->g, true);
}

void optim_axpy(const struct optim *o, float *y, double a, const float *x)
{
    for (const struct param_group *p = NULL; (p = optim_next_group(o, p));)
        o->backend->vec_axpy(o->model, y + p->first, (float)a, x + p->first, p->count);
}

void optim_scale(const struct optim *o, float *v, double a)
{
    for (const struct param_group *p = NULL; (p = optim_next_group(o, p));)
        o->backend->vec_scale(o->model, v + p->first, (float)a, p->count);
}

void optim_copy(const struct optim *o, float *to, const float *from)
{
    for (const struct param_group *p = NULL; (p = optim_next_group(o, p));)
        o->backend->vec_copy(o->model, to + p->first, from + p->first, p->count);
}

double optim_dot(const struct optim *o, const float *x, const float *y)
{
    double sum = 0;
    for (const struct param_group *p = NULL; (p = optim_next_group(o, p));)
        sum += o->backend->vec_dot(o->model, x + p->first, y + p->first, p->count);
    return sum;
}

int optim_not_finite(const struct step *s, const char *what, double value)
{
    return err_set(s->err, ERR_DIVERGED, "%s is %s", what, isnan(value) ? "nan" : value > 0 ? "inf" : "-inf");
}

int optim_pass_at(const struct step *s, const struct optim_pass *at, float *g, struct pass_result *r, double *norm)
{
    struct optim *o = s->o;
    struct criterion part = *s->task->criterion;
    part.part = at->part;
    const struct pass pass = { .params = at->at, .stats = s->task->stats, .mode = o->norm == NORM_RUNNING ? PASS_EVAL : PASS_TRAIN,
                               .update_stats = at->update_stats && o->norm == NORM_MOVING, .criterion = &part,
                               .head_only = o->head_only };
    if (o->backend->gradient(o->model, &pass, g, r, s->err) < 0)
        return -1;
    *norm = !g ? 0 : o->scaling ? scales_take_gradient(&o->scales, g) : optim_norm(o, at->at, g, false);
    return 0;
}

int optim_check_finite(const struct step *s, const char *where, double loss, double norm)
{
    char what[64];
    if (!isfinite(loss)) {
        snprintf(what, sizeof what, "the loss%s", where);
        return optim_not_finite(s, what, loss);
    }
    if (!isfinite(norm)) {
        snprintf(what, sizeof what, "the gradient's norm%s", where);
        return optim_not_finite(s, what, norm);
    }
    return 0;
}

void optim_tell_losses(const struct optim *o, uint32_t from)
{
    if (o->losses)
        o->backend->losses(o->model, o->losses + from);
}

int optim_first_pass(const struct step *s)
{
    struct optimiser_result *r = s->result;
    const struct optim_pass whole = { .at = s->task->w, .update_stats = true };
    if (s->o->backend->load(s->o->model, s->task->batch, s->err) < 0 || optim_pass_at(s, &whole, s->o->g, &r->first, &r->norm) < 0)
        return -1;
    optim_tell_losses(s->o, 0);
    return optim_check_finite(s, "", r->first.loss, r->norm);
}

/* o->moved is as w where nothing trains. */
static void stand_still(const struct step *s)
{
    struct optim *o = s->o;
    if (o->groups.trainable < o->net->params.total && !s->task->batch->features) /* these do not meet what stands still */
        o->backend->vec_copy(o->model, o->moved, s->task->w, o->net->params.total);
}

void optim_climb(const struct step *s, const float *direction, double scale, bool adaptive)
{
    struct optim *o = s->o;
    stand_still(s);
    for (const struct param_group *p = NULL; (p = optim_next_group(o, p));)
        o->backend->sam_perturb(o->model, o->moved + p->first, s->task->w + p->first, direction + p->first, (float)(scale * p->rule.rho),
                                p->count, adaptive);
}

static void climb_scales(const struct step *s, double divisor, bool adaptive)
{
    struct optim *o = s->o;
    stand_still(s);
    scales_climb(&o->scales, s->k->rho * optim_next_group(o, NULL)->rule.rho / divisor, adaptive, o->moved);
}

bool optim_by_eta(const struct optim_knobs *k)
{
    return k->kind == OPTIMISER_ASAM && k->asam_eta > 0;
}

/* Methods 4.2. The weights themselves never move before the descent: the second pass runs on a copy. */
static int second_pass(const struct step *s)
{
    struct optim *o = s->o;
    struct optimiser_result *r = s->result;
    const bool by_eta = optim_by_eta(s->k) && !o->scaling, adaptive = optimiser_table[s->k->kind].ascent == ASCENT_ADAPTIVE && !by_eta;
    struct frozen frozen = { .step = *s };
    if (s->task->criterion->kind == CRITERION_IB && s->task->criterion->ib.frozen && optim_freeze(s, &frozen) < 0)
        return -1;
    r->reach = by_eta ? optim_adaptive_direction(s) : adaptive ? adaptive_reach(o, s->task->w) : r->norm;
    if (!isfinite(r->reach))
        return optim_not_finite(s, "the perturbation's norm", r->reach);
    const double divisor = optimiser_table[s->k->kind].ascent == ASCENT_PLAIN ? 1 : r->reach + 1e-12;
    const struct optim_pass above = { .at = o->moved, .update_stats = !s->k->freeze_second_pass };
    if (o->scaling)
        climb_scales(s, divisor, adaptive);
    else
        optim_climb(s, by_eta ? o->piece : o->g, s->k->rho / divisor, adaptive);
    const bool gauges = s->k->gauges && !o->scaling;
    if (gauges)
        optim_copy(o, o->piece, o->g);
    if (optim_pass_at(&frozen.step, &above, o->g, &r->second, &r->norm_up) < 0)
        return -1;
    if (optim_check_finite(s, " at w + e", r->second.loss, r->norm_up) < 0)
        return -1;
    if (gauges)
        optim_tell_cosine(s, o->piece, o->g);
    return 0;
}

/* --- PGD (methods 4.5) --- */

/* N(0, sigma^2) for every component, as a vector in o->moved. */
static void draw_pgd(const struct step *s)
{
    struct optim *o = s->o;
    struct rng r;
    rng_init(&r, s->k->seed, RNG_PGD, (uint32_t)s->k->step, 0);
    for (size_t i = 0; i < o->net->params.total; i++)
        o->noise[i] = s->k->pgd_sigma * rng_normal(&r);
    o->backend->vec_write(o->model, o->moved, o->noise, o->net->params.total);
}

/* --- LPF-SGD (methods 4.4) --- */

static double vector_length(const float *v, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (double)v[i] * v[i];
    return sqrt(sum);
}

/* Noise in proportion to the norm of a filter (first axis); of the whole vector for tensors of rank 1. */
static void add_lpf_noise(const struct step *s, uint32_t piece)
{
    struct optim *o = s->o;
    struct rng r;
    rng_init(&r, s->k->seed, RNG_LPF, (uint32_t)s->k->step, piece);
    if (o->groups.trainable < o->net->params.total) /* what does not train has no noise */
        memcpy(o->noise, o->host, o->net->params.total * sizeof *o->noise);
    for (int i = 0; i < o->net->params.n; i++) {
        const struct tensor_info *t = &o->net->params.tensor[i];
        if (!param_groups_rule(&o->groups, t->offset)->trainable)
            continue;
        size_t slices = t->rank > 1 ? (size_t)t->dims[0] : 1, slice = t->count / slices;
        for (size_t k = 0; k < slices; k++) {
            const float *w = o->host + t->offset + k * slice;
            double sigma = s->k->lpf_gamma * (vector_length(w, slice) + (t->rank > 1 ? 0 : 1e-16));
            for (size_t j = 0; j < slice; j++)
                o->noise[t->offset + k * slice + j] = (float)(w[j] + sigma * rng_normal(&r));
        }
    }
    o->backend->vec_write(o->model, o->moved, o->noise, o->net->params.total);
}

int optim_rows(const struct step *s, size_t bytes)
{
    struct optim *o = s->o;
    if (bytes <= o->rows_bytes)
        return 0;
    free(o->rows);
    o->rows = malloc(bytes);
    o->rows_bytes = o->rows ? bytes : 0;
    return o->rows ? 0 : err_set(s->err, ERR_MEMORY, "no memory for what a step of %s takes of a batch", optimiser_table[s->k->kind].name);
}

struct batch optim_batch_part(const struct step *s, uint32_t from, uint32_t n, struct image_choice *choice)
{
    const struct net *net = s->o->net;
    const struct batch *whole = s->task->batch;
    const size_t image = (size_t)net->height * (size_t)net->width * (size_t)net->image_channels;
    struct batch part = { .n = n };
    part.targets = whole->targets ? whole->targets + from * (size_t)net->classes : NULL;
    part.weights = whole->weights ? whole->weights + from : NULL;
    if (whole->choice) {
        *choice = *whole->choice;
        choice->position += from;
        part.choice = choice;
        return part;
    }
    part.labels = whole->labels + from;
    if (whole->features)
        part.features = whole->features + from * (size_t)net->features;
    else
        part.images = whole->images + from * image;
    return part;
}

static int lpf_piece(const struct step *s, uint32_t piece, uint32_t from, uint32_t n)
{
    struct optim *o = s->o;
    struct image_choice choice;
    const struct batch part = optim_batch_part(s, from, n, &choice);
    struct pass_result r;
    double norm, share = 1.0 / s->k->lpf_m;
    if (o->backend->load(o->model, &part, s->err) < 0)
        return -1;
    add_lpf_noise(s, piece);
    if (optim_pass_at(s, &(struct optim_pass){ .at = o->moved, .update_stats = true }, o->piece, &r, &norm) < 0)
        return -1;
    optim_tell_losses(o, from);
    optim_axpy(o, o->g, (float)share, o->piece);
    s->result->first.loss += share * r.loss;
    s->result->first.correct += r.correct;
    return optim_check_finite(s, " of a piece", r.loss, norm);
}

static int lpf_passes(const struct step *s)
{
    struct optim *o = s->o;
    size_t n = o->net->params.total;
    uint32_t size = s->k->batch_size / s->k->lpf_m > 0 ? s->k->batch_size / s->k->lpf_m : 1, piece = 0;
    o->backend->vec_read(o->model, o->host, s->task->w, n);
    o->backend->vec_zero(o->model, o->g, n);
    s->result->first.loss = 0;
    for (uint32_t from = 0; from < s->task->batch->n; from += size) {
        uint32_t left = s->task->batch->n - from;
        if (lpf_piece(s, piece++, from, left < size ? left : size) < 0)
            return -1;
    }
    s->result->norm = optim_norm(o, s->task->w, o->g, false);
    return optim_check_finite(s, "", s->result->first.loss, s->result->norm);
}

void optim_clear_result(struct optimiser_result *result, uint32_t n)
{
    *result = (struct optimiser_result){ .first = { .loss = NAN, .n = n }, .second = { .loss = NAN }, .norm = NAN, .reach = NAN,
                                         .norm_up = NAN, .norm_w = NAN, .cosine = NAN };
}

/* --- the step --- */

double optim_radius(const struct optim_knobs *k, const struct optimiser_result *r)
{
    const enum step_way way = optimiser_table[k->kind].way;
    const bool along_g = way == WAY_PASSES || way == WAY_SURROGATE || way == WAY_LOOK;
    if (!along_g || isnan(r->second.loss))
        return NAN;
    switch (optimiser_table[k->kind].ascent) {
    case ASCENT_SAM:
        return k->rho;
    case ASCENT_PLAIN:
        return k->rho * r->norm;
    case ASCENT_ADAPTIVE:
    case ASCENT_NONE:
        break;
    }
    return NAN;
}

static int plain_passes(const struct step *s)
{
    if (optim_first_pass(s) < 0)
        return -1;
    return optimiser_table[s->k->kind].ascent != ASCENT_NONE ? second_pass(s) : 0;
}

static int passes(const struct step *s)
{
    static int (*const of[])(const struct step *) = { [WAY_PASSES] = plain_passes, [WAY_LPF] = lpf_passes, [WAY_PARTS] = optim_parts,
                                                      [WAY_SURROGATE] = optim_surrogate, [WAY_FRIENDLY] = optim_friendly,
                                                      [WAY_LOOK] = optim_look, [WAY_MICRO] = optim_micro,
                                                      [WAY_CHOSEN] = optim_chosen, [WAY_CLASSES] = optim_classwise };
    return of[optimiser_table[s->k->kind].way](s);
}

/* WSAM's way beyond, outside momentum: w -= lr gamma/(1 - gamma) (g_s - g), which lies in o->piece. */
static void decouple(const struct step *s)
{
    struct optim *o = s->o;
    for (const struct param_group *p = NULL; (p = optim_next_group(o, p));)
        o->backend->vec_axpy(o->model, s->task->w + p->first, -optim_descent_of(s->k, &p->rule).lr, o->piece + p->first, p->count);
}

static void descend(const struct step *s)
{
    struct optim *o = s->o;
    if (o->scaling) {
        const struct sgd_step descent = optim_descent_of(s->k, &optim_next_group(o, NULL)->rule);
        scales_descend(&o->scales, &descent, s->task->w);
        return;
    }
    bool noisy = s->k->kind == OPTIMISER_PGD;
    if (noisy)
        draw_pgd(s);
    if (noisy && !s->k->pgd_on_weights)
        optim_axpy(o, o->g, 1.0f, o->moved);
    for (const struct param_group *p = NULL; (p = optim_next_group(o, p));) {
        const struct sgd_step descent = optim_descent_of(s->k, &p->rule);
        if (p->rule.decay_centre) /* wd (w - c) */
            o->backend->vec_axpy(o->model, o->g + p->first, -descent.weight_decay, p->rule.decay_centre + p->first, p->count);
        o->backend->sgd(o->model, s->task->w + p->first, o->momentum + p->first, o->g + p->first, p->count, &descent);
    }
    if (noisy && s->k->pgd_on_weights)
        optim_axpy(o, s->task->w, 1.0f, o->moved);
    if (s->k->kind == OPTIMISER_WSAM && !s->k->wsam_coupled && s->k->rho > 0)
        decouple(s);
}

int optim_step(struct optim *o, const struct optim_knobs *k, const struct optim_task *task, struct optimiser_result *result, struct err *err)
{
    const struct step s = { .o = o, .k = k, .task = task, .result = result, .err = err };
    optim_clear_result(result, task->batch->n);
    if (k->kind == OPTIMISER_LPF && k->lpf_m < 1)
        return err_set(err, ERR_RANGE, "lpf_m 0; accepted are numbers from 1");
    if (o->scaling && (optimiser_table[k->kind].way != WAY_PASSES || k->kind == OPTIMISER_PGD))
        return err_set(err, ERR_INVALID, "opt %s moves all weights, and only scales of the classifier train; sgd, sam, asam and usam are accepted",
                       optimiser_table[k->kind].name);
    if (optimiser_table[k->kind].keeps && optim_keep(o, k->kind, err) < 0)
        return -1;
    if (optim_queues(o, k))
        return optim_queue(o, k, task, err) < 0 ? -1 : optim_collect(o, k, task->batch->n, result, err);
    if (o->norm == NORM_MOVING)
        o->backend->vec_copy(o->model, o->stats_before, task->stats, o->net->stats.total);
    if (passes(&s) < 0) {
        if (o->norm == NORM_MOVING)
            o->backend->vec_copy(o->model, task->stats, o->stats_before, o->net->stats.total);
        return -1;
    }
    if (k->gauges && optimiser_table[k->kind].ascent != ASCENT_NONE && !isnan(result->second.loss) && !o->scaling)
        result->norm_w = optim_norm(o, task->w, task->w, false);
    descend(&s);
    result->updated = true;
    return 0;
}
