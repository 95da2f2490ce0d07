#include "config.h"
#include "engine/optim/optim_private.h"

#include <math.h>

#include "base/err.h"

/* The later SAMs (methods 4.8 to 4.11). Each takes g at w into o->g first; then that place, o->piece and o->moved are all that most need. */

static const double TINY = 1e-12;

static double per(double rho, double norm)
{
    return rho / (norm + TINY);
}

/* g at the climbed o->moved, of this part, into `to`; the loss and the norm of it into *loss and *norm. */
static int pass_above(const struct step *s, const float *part, float *to, double *loss, double *norm)
{
    struct pass_result r;
    const struct optim_pass pass = { .at = s->o->moved, .part = part, .update_stats = !s->k->freeze_second_pass };
    if (optim_pass_at(s, &pass, to, &r, norm) < 0)
        return -1;
    *loss = r.loss;
    s->result->second = r;
    return optim_check_finite(s, " at w + e", r.loss, *norm);
}

void optim_tell_cosine(const struct step *s, const float *g, const float *g_s)
{
    struct optimiser_result *r = s->result;
    const double lengths = r->norm * r->norm_up;
    r->cosine = lengths > 0 ? optim_dot(s->o, g, g_s) / lengths : NAN;
}

/* --- class-weighted SAM (methods 4.8) --- */

/* Splits the step's gradient: o->piece = that of c's part, o->g = that of the rest. *loss: the part's at w. */
static int part_gradients(const struct step *s, double *loss, double *norm)
{
    struct optim *o = s->o;
    struct pass_result r;
    if (s->k->one_share) {
        const double share = (double)s->k->part[0];
        optim_copy(o, o->piece, o->g);
        optim_scale(o, o->piece, share);
        *loss = share * s->result->first.loss;
        *norm = share * s->result->norm;
    } else {
        struct criterion part = *s->task->criterion;
        part.part = s->k->part;
        if (o->backend->again(o->model, &part, o->piece, &r, s->err) < 0)
            return -1;
        *loss = r.loss;
        *norm = optim_norm(o, s->task->w, o->piece, false);
    }
    optim_axpy(o, o->g, -1, o->piece);
    return optim_check_finite(s, " of the classes that climb", *loss, *norm);
}

/* The rest at a place of its own (SSE-SAM), while `rho_head` says so. */
static int climb_rest(const struct step *s, double *loss)
{
    struct optim *o = s->o;
    double norm;
    const double length = optim_norm(o, s->task->w, o->g, false);
    if (!(s->k->rho_head > 0) || !(length > 0))
        return 0;
    optim_climb(s, o->g, per(s->k->rho_head, length), false);
    return pass_above(s, s->k->rest, o->g, loss, &norm);
}

static int climb_part(const struct step *s, double length, double *loss)
{
    struct optim *o = s->o;
    const double share = s->k->one_share ? (double)s->k->part[0] : 1;
    double norm;
    if (!(s->k->rho > 0) || !(length > 0))
        return 0;
    optim_climb(s, o->piece, per(s->k->rho, length), false);
    if (pass_above(s, s->k->one_share ? NULL : s->k->part, o->piece, loss, &norm) < 0)
        return -1;
    *loss *= share;
    if (share != 1)
        optim_scale(o, o->piece, share);
    return 0;
}

int optim_parts(const struct step *s)
{
    struct optim *o = s->o;
    struct optimiser_result *r = s->result;
    double part, rest, length;
    if (optim_first_pass(s) < 0)
        return -1;
    if (!(s->k->rho > 0) && !(s->k->rho_head > 0) && s->k->part_gain == 1)
        return 0;
    if (part_gradients(s, &part, &length) < 0)
        return -1;
    rest = r->first.loss - part;
    r->reach = length;
    if (climb_rest(s, &rest) < 0 || climb_part(s, length, &part) < 0)
        return -1;
    optim_axpy(o, o->g, s->k->part_gain, o->piece);
    if (isnan(r->second.loss))
        return 0; /* no image of a class that climbs */
    r->second.loss = rest + part;
    r->norm_up = optim_norm(o, s->task->w, o->g, false);
    return optim_check_finite(s, " at w + e", r->second.loss, r->norm_up);
}

/* --- what is made of g and g_s (methods 4.9) --- */

/* o->piece = g_s, at w + e with e along `direction`, which is so long. */
static int sharp(const struct step *s, const float *direction, double length)
{
    struct optim *o = s->o;
    struct optimiser_result *r = s->result;
    double loss;
    r->reach = length;
    optim_climb(s, direction, per(s->k->rho, length), false);
    if (pass_above(s, NULL, o->piece, &loss, &r->norm_up) < 0)
        return -1;
    if (s->k->gauges)
        optim_tell_cosine(s, o->g, o->piece);
    return 0;
}

static void take_sharp(struct optim *o)
{
    float *g = o->g;
    o->g = o->piece;
    o->piece = g;
}

/* a / b, and 0 where b is: of gradients that are 0. */
static double ratio(double a, double b)
{
    return b > 0 ? a / b : 0;
}

int optim_surrogate(const struct step *s)
{
    struct optim *o = s->o;
    const double alpha = s->k->gsam_alpha, beyond = s->k->wsam_gamma / (1 - s->k->wsam_gamma);
    if (optim_first_pass(s) < 0)
        return -1;
    if (!(s->k->rho > 0))
        return 0;
    if (sharp(s, o->g, s->result->norm) < 0)
        return -1;
    if (s->k->kind == OPTIMISER_GSAM) { /* g_s - alpha (g - <g, u> u), u = g_s/|g_s| */
        const double along = ratio(optim_dot(o, o->g, o->piece), s->result->norm_up * s->result->norm_up);
        optim_scale(o, o->g, -alpha);
        optim_axpy(o, o->g, 1 + alpha * along, o->piece);
        return 0;
    }
    optim_axpy(o, o->piece, -1, o->g); /* g_s - g */
    optim_scale(o, o->piece, beyond);
    if (s->k->wsam_coupled)
        optim_axpy(o, o->g, 1, o->piece);
    return 0;
}

/* o->kept is m, which moves when the step has come to its end. In the authors' code the first step begins m with g, and climbs along g. */
int optim_friendly(const struct step *s)
{
    struct optim *o = s->o;
    if (optim_first_pass(s) < 0)
        return -1;
    const double keep = s->k->fsam_lambda, sigma = s->k->fsam_sigma;
    const bool begins = !s->k->fsam_paper && !(optim_norm(o, s->task->w, o->kept, false) > 0);
    if (s->k->rho > 0) {
        optim_copy(o, o->piece, o->g); /* g - sigma m, with the paper's m that has this g in it already */
        optim_scale(o, o->piece, s->k->fsam_paper ? 1 - sigma * (1 - keep) : 1);
        optim_axpy(o, o->piece, begins ? 0 : s->k->fsam_paper ? -sigma * keep : -sigma, o->kept);
        if (sharp(s, o->piece, optim_norm(o, s->task->w, o->piece, false)) < 0)
            return -1;
    }
    optim_scale(o, o->kept, keep);
    optim_axpy(o, o->kept, begins ? 1 : 1 - keep, o->g);
    if (s->k->rho > 0)
        take_sharp(o);
    return 0;
}

/* --- LookSAM (methods 4.10) --- */

/* What projections and lengths are taken of: the whole of what trains, or tensor by tensor. */
struct look_range {
    size_t first, count;
};

static bool next_range(const struct step *s, int *i, struct look_range *r)
{
    const struct optim *o = s->o;
    const struct tensor_table *t = &o->net->params;
    if (!s->k->looksam_by_tensor) {
        *r = (struct look_range){ 0, t->total };
        return (*i)++ == 0;
    }
    while (*i < t->n && !param_groups_rule(&o->groups, t->tensor[*i].offset)->trainable)
        (*i)++;
    if (*i == t->n)
        return false;
    *r = (struct look_range){ t->tensor[*i].offset, t->tensor[*i].count };
    (*i)++;
    return true;
}

/* o->kept = g_s - <g_s, u> u, u = g/|g|: what of g_s is not along g. */
static void keep_across(const struct step *s)
{
    struct optim *o = s->o;
    struct look_range r;
    optim_copy(o, o->kept, o->piece);
    for (int i = 0; next_range(s, &i, &r);) {
        const double along = o->backend->vec_dot(o->model, o->piece + r.first, o->g + r.first, r.count);
        const double square = o->backend->vec_dot(o->model, o->g + r.first, o->g + r.first, r.count);
        o->backend->vec_axpy(o->model, o->kept + r.first, (float)-ratio(along, square), o->g + r.first, r.count);
    }
}

/* o->g += alpha |g|/|g_v| g_v */
static void add_across(const struct step *s)
{
    struct optim *o = s->o;
    struct look_range r;
    for (int i = 0; next_range(s, &i, &r);) {
        const double g = o->backend->vec_dot(o->model, o->g + r.first, o->g + r.first, r.count);
        const double across = o->backend->vec_dot(o->model, o->kept + r.first, o->kept + r.first, r.count);
        o->backend->vec_axpy(o->model, o->g + r.first, (float)(s->k->looksam_alpha * sqrt(ratio(g, across))), o->kept + r.first, r.count);
    }
}

int optim_look(const struct step *s)
{
    struct optim *o = s->o;
    if (optim_first_pass(s) < 0)
        return -1;
    if (!(s->k->rho > 0))
        return 0;
    if (s->k->step % s->k->looksam_k > 0 && optim_norm(o, s->task->w, o->kept, false) > 0) {
        add_across(s);
        return 0;
    }
    if (sharp(s, o->g, s->result->norm) < 0)
        return -1;
    keep_across(s);
    take_sharp(o);
    return 0;
}

/* --- m-SAM (methods 4.11) --- */

/* A piece of the batch, `share` of its images: its g_s into o->piece; its losses and norms are added. */
static int micro_piece(const struct step *s, uint32_t from, uint32_t n, double share)
{
    struct optim *o = s->o;
    struct optimiser_result *r = s->result;
    struct image_choice choice;
    struct pass_result first;
    double norm, norm_up = 0, up = 0;
    const struct batch part = optim_batch_part(s, from, n, &choice);
    const struct optim_pass pass = { .at = s->task->w, .update_stats = true };
    if (o->backend->load(o->model, &part, s->err) < 0 || optim_pass_at(s, &pass, o->piece, &first, &norm) < 0)
        return -1;
    if (o->losses)
        o->backend->losses(o->model, o->losses + from);
    if (optim_check_finite(s, " of a piece", first.loss, norm) < 0)
        return -1;
    r->first.loss += share * first.loss;
    r->first.correct += first.correct;
    r->norm += share * norm;
    if (!(s->k->rho > 0))
        return 0;
    const double before = r->second.loss;
    optim_climb(s, o->piece, per(s->k->rho, norm), false);
    if (pass_above(s, NULL, o->piece, &up, &norm_up) < 0)
        return -1;
    r->second.loss = before + share * up;
    return 0;
}

int optim_micro(const struct step *s)
{
    struct optim *o = s->o;
    struct optimiser_result *r = s->result;
    const uint32_t n = s->task->batch->n, m = s->k->msam_m < n ? s->k->msam_m : n;
    r->first.loss = r->norm = 0;
    r->second.loss = s->k->rho > 0 ? 0 : NAN;
    o->backend->vec_zero(o->model, o->g, o->net->params.total);
    for (uint32_t i = 0; i < m; i++) {
        const uint32_t from = (uint32_t)((uint64_t)n * i / m), end = (uint32_t)((uint64_t)n * (i + 1) / m);
        const double share = (double)(end - from) / n;
        if (micro_piece(s, from, end - from, share) < 0)
            return -1;
        optim_axpy(o, o->g, share, o->piece);
    }
    r->reach = r->norm;
    r->norm_up = s->k->rho > 0 ? optim_norm(o, s->task->w, o->g, false) : NAN;
    return 0;
}
