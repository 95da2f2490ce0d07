#include "config.h"
#include "engine/optim/optim_private.h"

#include <math.h>

#include "base/err.h"

/* Whole steps by the back end (kernels/backend.h): what optim.c and variants.c make of single calls, as a rule and its numbers. */

enum { MOST_PIECES = 16 }; /* of a batch: each adds two passes to the kernels that a back end keeps */

bool optim_queues(const struct optim *o, const struct optim_knobs *k)
{
    const struct optimiser_info *info = &optimiser_table[k->kind];
    return o->backend->step && info->fused && (info->way != WAY_MICRO || k->msam_m <= MOST_PIECES) && !optim_by_eta(k) && param_groups_plain(&o->groups) &&
           o->norm == NORM_MOVING;
}

void optim_factors(const struct optim_knobs *k, double factor[STEP_FACTORS])
{
    const double keep = k->fsam_lambda, sigma = k->fsam_sigma;
    switch (optimiser_table[k->kind].way) {
    case WAY_PARTS:
        factor[0] = k->part_gain;
        break;
    case WAY_SURROGATE:
        factor[0] = k->kind == OPTIMISER_GSAM ? k->gsam_alpha : k->wsam_gamma / (1 - k->wsam_gamma);
        factor[1] = -k->gsam_alpha;
        break;
    case WAY_FRIENDLY: /* g - sigma m, with the paper's m that has this g in it already */
        factor[0] = k->fsam_paper ? 1 - sigma * (1 - keep) : 1;
        factor[1] = k->fsam_paper ? -sigma * keep : -sigma;
        factor[2] = keep;
        factor[3] = 1 - keep;
        break;
    case WAY_LOOK:
        factor[0] = k->looksam_alpha;
        break;
    default:
        break;
    }
}

/* --- rules: of steps with rho above 0, but the first and F-SAM's; the others are SGD's --- */

static void rule_of_parts(const struct optim_knobs *k, struct optimiser_step *s)
{
    if (!(k->rho > 0) && !(k->rho_head > 0) && k->part_gain == 1)
        return;
    s->rule = RULE_PARTS;
    s->part = k->one_share ? NULL : k->part;
    s->rest = k->rest;
    s->share = k->one_share ? (double)k->part[0] : 1;
    s->rho_rest = k->rho_head;
}

/* Whether there is anything to remember is known without a look at it: a climb before this step, which may be under way still. */
static void set_look(struct optim *o, const struct optim_knobs *k, struct optimiser_step *s)
{
    if (!(k->rho > 0))
        return;
    const bool between = k->step % k->looksam_k > 0 && o->remembers;
    s->rule = between ? RULE_REMEMBERED : RULE_LOOK;
    s->ascent = between ? ASCENT_NONE : s->ascent;
    s->by_tensor = k->looksam_by_tensor;
    o->remembers = true;
}

static void set_rule(struct optim *o, const struct optim_knobs *k, uint32_t n, struct optimiser_step *s)
{
    const enum step_way way = optimiser_table[k->kind].way;
    if (way != WAY_PASSES && !(k->rho > 0))
        s->ascent = ASCENT_NONE;
    if (way == WAY_PARTS)
        rule_of_parts(k, s);
    else if (way == WAY_SURROGATE && k->rho > 0)
        s->rule = k->kind == OPTIMISER_GSAM ? RULE_GSAM : k->wsam_coupled ? RULE_WSAM_COUPLED : RULE_WSAM;
    else if (way == WAY_FRIENDLY)
        s->rule = k->fsam_paper ? RULE_FSAM : RULE_FSAM_BEGINS;
    else if (way == WAY_LOOK)
        set_look(o, k, s);
    else if (way == WAY_MICRO)
        s->rule = RULE_MICRO;
    optim_factors(k, s->factor);
    s->pieces = k->msam_m < n ? k->msam_m : n;
    s->gauges = k->gauges && (s->ascent != ASCENT_NONE || s->rho_rest > 0);
}

int optim_queue(struct optim *o, const struct optim_knobs *k, const struct optim_task *task, struct err *err)
{
    struct optimiser_step step = { .ascent = optimiser_table[k->kind].ascent, .params = task->w, .stats = task->stats,
                                   .momentum = o->momentum, .grad = o->g, .moved = o->moved, .piece = o->piece, .criterion = task->criterion,
                                   .descent = optim_descent_of(k, &param_rule_plain), .rho = k->rho, .freeze_second_pass = k->freeze_second_pass };
    if (optimiser_table[k->kind].keeps && optim_keep(o, k->kind, err) < 0)
        return -1;
    step.kept = o->kept;
    if (o->backend->load(o->model, task->batch, err) < 0)
        return -1;
    set_rule(o, k, task->batch->n, &step);
    return o->backend->step(o->model, &step, err);
}

void optim_recall(struct optim *o)
{
    o->remembers = o->kept && optim_norm(o, o->kept, o->kept, false) > 0;
}

/* --- what came of it --- */

static const char *const place_name[] = { [PLACE_W] = "", [PLACE_PART] = " of the classes that climb", [PLACE_PIECE] = " of a piece",
                                          [PLACE_UP] = " at w + e" };

int optim_collect(struct optim *o, const struct optim_knobs *k, uint32_t n, struct optimiser_result *result, struct err *err)
{
    const struct step s = { .k = k, .result = result, .err = err };
    struct optimiser_result r;
    optim_clear_result(result, n);
    if (o->backend->step_wait(o->model, &r, err) < 0)
        return -1;
    optim_tell_losses(o, 0);
    if (!r.updated && k->kind == OPTIMISER_LOOKSAM) /* the climb that was to leave something did not */
        optim_recall(o);
    if (r.skipped) {
        result->skipped = true;
        return err_set(err, ERR_DIVERGED, "the step before it was not updated");
    }
    *result = r;
    if (r.updated)
        return 0;
    if (r.bad == PLACE_REACH)
        return optim_not_finite(&s, "the perturbation's norm", r.bad_norm);
    return optim_check_finite(&s, place_name[r.bad], r.bad_loss, r.bad_norm);
}
