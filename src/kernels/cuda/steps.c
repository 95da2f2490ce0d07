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

static void fill_pass(const struct model *m, struct cuda_control *c, const struct optimiser_step *s, const float *at, bool update)
{
    cuda_fill_control(m, c, s->criterion);
    c->params = at;
    c->stats = s->stats;
    c->grad = s->grad;
    c->update_stats = update;
}

static void fill_orders(struct model *m, struct cuda_slot *slot, const struct optimiser_step *s)
{
    fill_pass(m, slot->brief.control[0], s, s->params, true);
    fill_pass(m, slot->brief.control[1], s, s->moved, !s->freeze_second_pass);
    *slot->brief.orders = (struct cuda_orders){
        .params = s->params, .stats = s->stats, .momentum = s->momentum, .grad = s->grad, .moved = s->moved,
        .rho = s->rho, .lr = s->descent.lr, .momentum_factor = s->descent.momentum,
        .weight_decay = s->descent.weight_decay, .nesterov = s->descent.nesterov, .fresh = m->n_queued == 0,
        .record = slot->record, .losses = slot->losses,
    };
    slot->n = m->n;
}

int cuda_step(struct model *m, const struct optimiser_step *step, struct err *err)
{
    cuda_end_passes(m);
    cuda_slots_unprepare(m);
    m->computed = m->head_only = false;
    if (cuda_check_pass(m, &(struct pass){ .mode = PASS_TRAIN }, err) < 0 ||
        backend_check_criterion(&backend_cuda, m->net, step->criterion, CRITERION_GRADIENT, err) < 0)
        return -1;
    if (m->n_queued == BACKEND_STEPS)
        return err_set(err, ERR_USAGE, "%d steps are queued already", BACKEND_STEPS);
    struct cuda_slot *slot = &m->slot[(m->first_slot + m->n_queued) % BACKEND_STEPS];
    fill_orders(m, slot, step);
    if (cuda_pass_start(m, (enum pass_kind)(KIND_STEP + step->ascent), PASS_TRAIN, 0, &slot->brief) < 0 ||
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
                                         .norm = r->norm, .reach = r->reach, .norm_up = r->norm_up,
                                         .updated = r->updated, .skipped = r->skipped };
    return 0;
}
