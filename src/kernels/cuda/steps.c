#include "config.h"
#include "kernels/cuda/model.h"

#include <string.h>

/* An optimiser step as one captured graph (pass.c lists its kernels). The host writes what may change from step to step
 * into a pinned slot, sends it ahead and goes on; the step's last kernel writes the record back into the slot. Steps that
 * wait in the queue behind one that was not updated do nothing: the device keeps a flag, and the first step that is
 * queued alone takes it down. */

void cuda_fill_control(const struct model *m, struct cuda_control *c, const struct criterion *criterion)
{
    const size_t classes = (size_t)m->net->classes;
    if (!criterion) {
        *c = (struct cuda_control){ .criterion = { .kind = CUDA_FROM_OUTSIDE } };
        return;
    }
    const struct loss_coef *loss = &criterion->coef;
    const float *const coef[N_CUDA_COEFS] = { [CUDA_SCALE] = loss->scale, [CUDA_SHIFT] = loss->shift, [CUDA_MARGIN] = loss->margin,
                                              [CUDA_WEIGHT] = loss->weight, [CUDA_PART] = criterion->part ? criterion->part : loss->weight };
    *c = (struct cuda_control){ .criterion = *criterion, .soft = m->soft, .weighted = m->weighted, .parted = criterion->part != NULL };
    float *to = (float *)(c + 1);
    for (size_t i = 0; i < N_CUDA_COEFS; i++)
        memcpy(to + i * classes, coef[i], classes * sizeof *to);
}

static void fill_pass(const struct model *m, struct cuda_control *c, const struct optimiser_step *s, const float *part)
{
    struct criterion criterion = *s->criterion;
    criterion.part = part;
    cuda_fill_control(m, c, &criterion);
    c->params = s->moved;
    c->stats = s->stats;
    c->grad = s->piece;
    c->update_stats = !s->freeze_second_pass;
}

/* The gradient at w goes to `grad`, but a piece's; that at w + e to `piece` where that at w is needed after it. */
static void fill_controls(const struct model *m, const struct cuda_brief *b, const struct optimiser_step *s)
{
    fill_pass(m, b->control[PASS_AT_W], s, s->criterion->part);
    b->control[PASS_AT_W]->params = s->params;
    b->control[PASS_AT_W]->update_stats = true;
    if (s->rule != RULE_MICRO)
        b->control[PASS_AT_W]->grad = s->grad;
    fill_pass(m, b->control[PASS_UP], s, s->rule == RULE_PARTS ? s->part : s->criterion->part);
    if (s->rule == RULE_LAST && !s->gauges)
        b->control[PASS_UP]->grad = s->grad;
    if (s->rule != RULE_PARTS)
        return;
    fill_pass(m, b->control[PASS_OF_PART], s, s->part);
    b->control[PASS_OF_PART]->params = s->params;
    b->control[PASS_OF_PART]->update_stats = false;
    fill_pass(m, b->control[PASS_OF_REST], s, s->rest);
    b->control[PASS_OF_REST]->grad = s->grad;
}

static void fill_orders(struct model *m, struct cuda_slot *slot, const struct optimiser_step *s)
{
    fill_controls(m, &slot->brief, s);
    *slot->brief.orders = (struct cuda_orders){
        .vector = { [VECTOR_PARAMS] = s->params, [VECTOR_GRAD] = s->grad, [VECTOR_MOVED] = s->moved, [VECTOR_PIECE] = s->piece,
                    [VECTOR_KEPT] = s->kept },
        .stats = s->stats, .momentum = s->momentum, .rho = s->rho, .rho_rest = s->rho_rest, .share = s->share,
        .lr = s->descent.lr, .momentum_factor = s->descent.momentum,
        .weight_decay = s->descent.weight_decay, .nesterov = s->descent.nesterov, .fresh = m->n_queued == 0,
        .record = slot->record, .losses = slot->losses,
    };
    memcpy(slot->brief.orders->factor, s->factor, sizeof s->factor);
    slot->n = m->n;
}

static struct cuda_shape step_shape(const struct optimiser_step *s)
{
    const bool parts = s->rule == RULE_PARTS;
    return (struct cuda_shape){ .ascent = s->ascent, .rule = s->rule, .gauges = s->gauges, .by_tensor = s->by_tensor,
                                .rest_up = parts && s->rho_rest > 0, .one_share = parts && !s->part,
                                .pieces = s->rule == RULE_MICRO ? s->pieces : 0 };
}

static int check_step(struct model *m, const struct optimiser_step *s, struct err *err)
{
    const struct pass pass = { .mode = PASS_TRAIN };
    if (cuda_check_pass(m, &pass, err) < 0 ||
        backend_check_criterion(&backend_cuda, m->net, s->criterion, CRITERION_GRADIENT, err) < 0)
        return -1;
    if (s->rule == RULE_MICRO && (s->pieces < 1 || s->pieces > m->n))
        return err_set(err, ERR_RANGE, "%u pieces of %u images; each has one at least", s->pieces, m->n);
    if (s->rule == RULE_MICRO && backend_check_pass(m->net, m->n / s->pieces, false, MATH_FP32, &pass, err) < 0)
        return -1;
    if (m->n_queued == BACKEND_STEPS)
        return err_set(err, ERR_USAGE, "%d steps are queued already", BACKEND_STEPS);
    return 0;
}

int cuda_step(struct model *m, const struct optimiser_step *step, struct err *err)
{
    cuda_end_passes(m);
    cuda_slots_unprepare(m);
    m->computed = m->head_only = false;
    if (check_step(m, step, err) < 0)
        return -1;
    struct cuda_slot *slot = &m->slot[(m->first_slot + m->n_queued) % BACKEND_STEPS];
    fill_orders(m, slot, step);
    m->shape = step_shape(step);
    if (cuda_pass_start(m, KIND_STEP, PASS_TRAIN, 0, &slot->brief) < 0 ||
        cuda_check(m, cudaEventRecord(slot->done, m->stream), "marking a step's end") < 0)
        return cuda_healthy(m, err);
    m->n_queued++;
    return 0;
}

int cuda_step_wait(struct model *m, struct optimiser_result *result, struct err *err)
{
    if (m->n_queued == 0)
        return err_set(err, ERR_USAGE, "no step is queued");
    struct cuda_slot *slot = &m->slot[m->first_slot];
    const struct cuda_record *r = slot->record;
    m->first_slot = (m->first_slot + 1) % BACKEND_STEPS;
    m->n_queued--;
    if (cuda_enter(m) < 0 || cuda_check(m, cudaEventSynchronize(slot->done), "a step") < 0)
        return cuda_healthy(m, err);
    m->losses = slot->losses;
    m->n_losses = slot->n;
    *result = (struct optimiser_result){ .first = cuda_pass_result(&r->pass[0], slot->n),
                                         .second = cuda_pass_result(&r->pass[1], slot->n),
                                         .norm = r->norm, .reach = r->reach, .norm_up = r->norm_up, .norm_w = r->norm_w, .cosine = r->cosine,
                                         .updated = r->updated, .skipped = r->skipped, .bad = (enum step_place)r->bad,
                                         .bad_loss = r->bad_loss, .bad_norm = r->bad_norm };
    return 0;
}
