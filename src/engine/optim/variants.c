#include "config.h"
#include "engine/optim/optim_private.h"

#include <math.h>
#include <string.h>

#include "base/err.h"
#include "base/rng.h"

/* The later SAMs (methods 4.8 to 4.11, 4.15). Each takes g at w into o->g first; then that place, o->piece and o->moved are all that most need. */

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
    double factor[STEP_FACTORS];
    if (optim_first_pass(s) < 0)
        return -1;
    if (!(s->k->rho > 0))
        return 0;
    if (sharp(s, o->g, s->result->norm) < 0)
        return -1;
    optim_factors(s->k, factor);
    if (s->k->kind == OPTIMISER_GSAM) { /* g_s - alpha (g - <g, u> u), u = g_s/|g_s| */
        const double along = ratio(optim_dot(o, o->g, o->piece), s->result->norm_up * s->result->norm_up);
        optim_scale(o, o->g, factor[1]);
        optim_axpy(o, o->g, 1 + factor[0] * along, o->piece);
        return 0;
    }
    optim_axpy(o, o->piece, -1, o->g); /* g_s - g */
    optim_scale(o, o->piece, factor[0]);
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
    double factor[STEP_FACTORS];
    optim_factors(s->k, factor);
    const bool begins = !s->k->fsam_paper && !(optim_norm(o, s->task->w, o->kept, false) > 0);
    if (s->k->rho > 0) {
        optim_copy(o, o->piece, o->g);
        optim_scale(o, o->piece, factor[0]);
        optim_axpy(o, o->piece, begins ? 0 : factor[1], o->kept);
        if (sharp(s, o->piece, optim_norm(o, s->task->w, o->piece, false)) < 0)
            return -1;
    }
    optim_scale(o, o->kept, factor[2]);
    optim_axpy(o, o->kept, begins ? 1 : factor[3], o->g);
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
    o->remembers = true;
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
    optim_tell_losses(o, from);
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

/* --- ESAM (methods 4.15) --- */

void optim_draw_climbs(const struct net *net, const struct optim_knobs *k, uint8_t *out)
{
    struct rng r;
    if (k->esam_by_element) {
        rng_init(&r, k->seed, RNG_MASK, (uint32_t)k->step, 0);
        for (size_t i = 0; i < net->params.total; i++)
            out[i] = (double)rng_unit(&r) < k->esam_beta;
        return;
    }
    for (int i = 0; i < net->params.n; i++) {
        const struct tensor_info *t = &net->params.tensor[i];
        rng_init(&r, k->seed, RNG_MASK, (uint32_t)k->step, (uint32_t)i);
        memset(out + t->offset, k->step == 0 || (double)rng_unit(&r) < k->esam_beta, t->count);
    }
}

/* o->piece = g, 0 where a weight stays; returns its norm. */
static double choose_weights(const struct step *s)
{
    struct optim *o = s->o;
    const size_t n = o->net->params.total;
    if (!s->k->climbs) {
        optim_copy(o, o->piece, o->g);
        return s->result->norm;
    }
    o->backend->vec_read(o->model, o->host, o->g, n);
    for (size_t i = 0; i < n; i++)
        o->host[i] = s->k->climbs[i] ? o->host[i] : 0;
    o->backend->vec_write(o->model, o->piece, o->host, n);
    return optim_norm(o, s->task->w, o->piece, false);
}

/* Host memory for the images of a batch that are taken, in o->rows. */
struct chosen_rows {
    double *before, *rise;       /* [n of the batch]; losses at w; what they rise by */
    uint32_t *row, *position;    /* [n chosen]; numbers in the batch, ascending */
    int32_t *labels;
    float *input, *targets, *weights;
    size_t input_floats;         /* of an image, or of its features; 0: images lie in a store */
};

static int lay_rows(const struct step *s, struct chosen_rows *r)
{
    struct optim *o = s->o;
    const struct batch *b = s->task->batch;
    const size_t n = b->n, classes = (size_t)o->net->classes, features = (size_t)o->net->features;
    const size_t image = (size_t)o->net->height * (size_t)o->net->width * (size_t)o->net->image_channels;
    r->input_floats = b->choice ? 0 : b->features ? features : image;
    const size_t bytes = n * (2 * sizeof(double) + 3 * sizeof(uint32_t) + (r->input_floats + classes + 1) * sizeof(float));
    if (optim_rows(s, bytes) < 0)
        return -1;
    r->before = o->rows;
    r->rise = r->before + n;
    r->row = (uint32_t *)(r->rise + n);
    r->position = r->row + n;
    r->labels = (int32_t *)(r->position + n);
    r->weights = (float *)(r->labels + n);
    r->targets = r->weights + n;
    r->input = r->targets + n * classes;
    return 0;
}

static uint32_t count_above(const struct chosen_rows *r, uint32_t n, uint32_t i)
{
    uint32_t above = 0;
    for (uint32_t j = 0; j < n; j++)
        above += r->rise[j] > r->rise[i] || (r->rise[j] == r->rise[i] && j < i);
    return above;
}

/* The images whose loss rises most, at least two. The authors' code takes what is above the least of them, and so one image fewer. */
static uint32_t take_risen(const struct step *s, struct chosen_rows *r)
{
    const uint32_t n = s->task->batch->n, least = n < 2 ? n : 2;
    uint32_t most = (uint32_t)(n * s->k->esam_gamma), taken = 0;
    if (!s->k->esam_by_element && most > 0)
        most--;
    most = most < least ? least : most;
    for (uint32_t i = 0; i < n; i++)
        if (count_above(r, n, i) < most)
            r->row[taken++] = i;
    return taken;
}

static struct batch rows_of_batch(const struct step *s, const struct chosen_rows *r, uint32_t n, struct image_choice *choice)
{
    const struct batch *b = s->task->batch;
    const size_t classes = (size_t)s->o->net->classes;
    struct batch out = { .n = n, .targets = b->targets ? r->targets : NULL, .weights = b->weights ? r->weights : NULL };
    for (uint32_t i = 0; i < n; i++) {
        const size_t from = r->row[i];
        if (b->targets)
            memcpy(r->targets + i * classes, b->targets + from * classes, classes * sizeof *r->targets);
        if (b->weights)
            r->weights[i] = b->weights[from];
        if (b->choice)
            r->position[i] = b->choice->position[from];
        else {
            const float *input = b->features ? b->features : b->images;
            memcpy(r->input + i * r->input_floats, input + from * r->input_floats, r->input_floats * sizeof *r->input);
            r->labels[i] = b->labels[from];
        }
    }
    if (b->choice) {
        *choice = *b->choice;
        choice->position = r->position;
        out.choice = choice;
        return out;
    }
    out.labels = r->labels;
    if (b->features)
        out.features = r->input;
    else
        out.images = r->input;
    return out;
}

/* All images forward at w + e; then those whose loss rose most, as a batch of their own, into o->g. */
int optim_chosen(const struct step *s)
{
    struct optim *o = s->o;
    struct optimiser_result *r = s->result;
    struct chosen_rows rows = { 0 };
    struct image_choice choice;
    struct pass_result all;
    double norm, loss;
    if (optim_first_pass(s) < 0)
        return -1;
    if (!(s->k->rho > 0))
        return 0;
    if (lay_rows(s, &rows) < 0)
        return -1;
    o->backend->losses(o->model, rows.before);
    r->reach = choose_weights(s);
    optim_climb(s, o->piece, per(s->k->rho, r->reach) / s->k->esam_beta, false);
    const struct optim_pass above = { .at = o->moved, .update_stats = !s->k->freeze_second_pass };
    if (optim_pass_at(s, &above, NULL, &all, &norm) < 0 || optim_check_finite(s, " at w + e", all.loss, 0) < 0)
        return -1;
    o->backend->losses(o->model, rows.rise);
    for (uint32_t i = 0; i < s->task->batch->n; i++)
        rows.rise[i] -= rows.before[i];
    const struct batch part = rows_of_batch(s, &rows, take_risen(s, &rows), &choice);
    if (o->backend->load(o->model, &part, s->err) < 0 || pass_above(s, NULL, o->g, &loss, &r->norm_up) < 0)
        return -1;
    r->second = all;
    return 0;
}
