#include "config.h"
#include "kernels/cuda/model.h"

#include <stdlib.h>
#include <string.h>

/* Slots (backend.h): each has device memory for a batch, and for all that a prepared pass keeps of it. What belongs to the slot at work lies in the model,
 * where all passes look for it; the others' waits on their shelves. Weights and running statistics are the same for all that are used in turn, and
 * so is what is made of them alone; scratch is shared. A captured pass belongs to a slot, for its places are in it. */

#define SHELVED(X)                                                                                                                    \
    X(n) X(stored) X(gather) X(positions) X(images) X(labels) X(head) X(computed) X(prepared) X(prepared_mode) X(head_only) X(of_features) \
    X(soft) X(weighted)

static void put_away(const struct model *m, struct cuda_shelf *s)
{
#define X(field) s->field = m->field;
    SHELVED(X)
#undef X
    memcpy(s->unit, m->unit, sizeof s->unit);
    s->sum_gy = m->general.sum_gy;
}

static void take_out(struct model *m, const struct cuda_shelf *s)
{
#define X(field) m->field = s->field;
    SHELVED(X)
#undef X
    memcpy(m->unit, s->unit, sizeof m->unit);
    m->general.sum_gy = s->sum_gy;
}

/* Bytes of device memory for slots: half of what is free goes to others. */
static int room_for_slots(struct model *m, size_t *bytes)
{
    size_t left = 0, all = 0;
    if (cuda_enter(m) < 0 || cuda_check(m, cudaMemGetInfo(&left, &all), "asking for free memory") < 0)
        return -1;
    *bytes = *bytes < left / 2 ? *bytes : left / 2;
    return 0;
}

int cuda_slots(struct model *m, size_t bytes, int most, struct err *err)
{
    if (room_for_slots(m, &bytes) < 0)
        return cuda_healthy(m, err);
    m->shelf = calloc(CUDA_SLOTS, sizeof *m->shelf);
    if (!m->shelf)
        return err_set(err, ERR_MEMORY, "no memory for slots");
    const size_t before = m->bytes;
    size_t each = 0;
    while (m->n_slots < most && m->n_slots < CUDA_SLOTS && m->bytes - before + each <= bytes) {
        const int made = cuda_memory_slot(m);
        if (made < 0)
            return cuda_healthy(m, err);
        if (made == 0)
            break;
        each = each ? each : m->bytes - before;
    }
    return m->n_slots;
}

void cuda_turn(struct model *m, int slot)
{
    if (slot == m->turn || slot < 0 || slot >= m->n_slots)
        return;
    put_away(m, &m->shelf[m->turn]);
    take_out(m, &m->shelf[slot]);
    m->turn = slot;
    m->pieces = PIECES_NONE;
    m->along = m->has_logits = m->repeatable = false;
    m->losses = NULL;
}

void cuda_slots_unprepare(struct model *m)
{
    for (int i = 0; m->shelf && i < m->n_slots; i++)
        m->shelf[i].prepared = false;
}

void cuda_slots_close(struct model *m)
{
    for (int i = 0; m->shelf && i < m->n_slots; i++)
        if (i != m->turn)
            free(m->shelf[i].positions);
    free(m->shelf);
}
