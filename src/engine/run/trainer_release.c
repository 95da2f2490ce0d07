/* `pause --release`: the run gives device and memory back, and takes them again. What it learned waits in host memory, and in a snapshot. */
#include "config.h"
#include "engine/run/trainer_private.h"

#include <inttypes.h>

#include "base/memory.h"

bool trainer_is_released(const struct trainer *t)
{
    return learner_is_away(&t->learner);
}

bool trainer_lacks_weights(const struct trainer *t, enum command_op op)
{
    return trainer_is_released(t) && operation_is(op, OP_MEASURES | OP_WEIGHTS | OP_KEEPS);
}

int trainer_refuse_released(const struct trainer *t, enum command_op op, struct err *err)
{
    return err_set(err, ERR_INVALID, "%s needs the weights, and the run gave device and memory back; %s%s", operation_table[op].word,
                   t->ended ? "to look at them, take it up again: resume " : "'resume' takes them again", t->ended ? t->name : "");
}

/* A kill, or a machine that goes off, must not cost what waits in memory. */
static int save_first(struct trainer *t, struct err *err)
{
    if (!trainer_records_snapshots(t) || t->snapshot_step == t->learner.step || trainer_snapshot(t, NULL, false))
        return 0;
    return err_set(err, ERR_MEMORY, "no snapshot of step %" PRIu64, t->learner.step);
}

int trainer_release(struct trainer *t, struct err *err)
{
    struct err why;
    if (save_first(t, &why) < 0 || learner_leave(&t->learner, &why) < 0)
        return err_set(err, why.code, "paused, but device and memory are not given back: %s", why.text);
    probe_rest(&t->probe);
    trainer_tell_guests(t);
    memory_give_back();
    trainer_publish(t);
    return 0;
}

int trainer_take_back(struct trainer *t, struct err *err)
{
    struct err why;
    if (!trainer_is_released(t))
        return 0;
    if (learner_return(&t->learner, &why) < 0) {
        memory_give_back();
        return err_set(err, why.code, "device and memory cannot be had again, and the run stays paused: %s", why.text);
    }
    t->pace.waited = batches_waited(&t->learner.batches);
    trainer_tell_guests(t);
    if (t->learner.images_where[0])
        trainer_say(t, "note", "images are copied for each step: %s", t->learner.images_where);
    return 0;
}
