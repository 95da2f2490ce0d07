#include "config.h"
#include "engine/batches.h"

#include <stdlib.h>

#include "base/err.h"

static enum order_rule rule_of(const struct knobs *knobs)
{
    if (knob_on(knobs, KNOB_RESAMPLE))
        return ORDER_RESAMPLE;
    return knob_on(knobs, KNOB_SHUFFLE) ? ORDER_SHUFFLE : ORDER_NATURAL;
}

int batches_init(struct batches *b, const struct dataset *data, const struct knobs *knobs, uint32_t room, struct err *err)
{
    const struct image_set *set = &data->train;
    *b = (struct batches){ .set = set, .epoch = -1, .batch = (uint32_t)knob_int(knobs, KNOB_BATCH) };
    if (set->n == 0)
        return err_set(err, ERR_DATA, "%s has no training images", data->name);
    if (set->pixels && knob_on(knobs, KNOB_AUGMENT))
        return err_set(err, ERR_INVALID, "augment on: %s is normalised already and cannot be cropped; set augment off", data->name);
    b->augment = (struct augment){ .on = knob_on(knobs, KNOB_AUGMENT), .seed = (uint64_t)knob_num(knobs, KNOB_SEED) };
    b->per_epoch = order_batches(set->n, b->batch);
    b->room = room > b->batch ? room : b->batch;
    if (order_init(&b->order, rule_of(knobs), set, data->classes, err) < 0)
        return -1;
    b->position = malloc((size_t)set->n * sizeof *b->position);
    b->images = malloc((size_t)b->room * IMAGE_VALUES * sizeof *b->images);
    b->labels = malloc((size_t)b->room * sizeof *b->labels);
    if (!b->position || !b->images || !b->labels) {
        batches_release(b);
        return err_set(err, ERR_MEMORY, "no memory for batches of %u images", b->room);
    }
    return 0;
}

void batches_release(struct batches *b)
{
    order_release(&b->order);
    free(b->position);
    free(b->images);
    free(b->labels);
    *b = (struct batches){ 0 };
}

int batches_get(struct batches *b, long epoch, uint32_t index, bool plain, struct batch *out, struct err *err)
{
    if (b->epoch != epoch) {
        order_fill(&b->order, b->position, b->augment.seed, (uint32_t)epoch);
        b->epoch = epoch;
    }
    uint32_t first = index * b->batch, left = b->set->n - first;
    uint32_t n = left < b->batch ? left : b->batch;
    struct augment augment = b->augment;
    augment.on = augment.on && !plain;
    augment.epoch = (uint32_t)epoch;
    *out = (struct batch){ .n = n, .images = b->images, .labels = b->labels };
    return batch_fill(b->images, b->labels, b->set, b->position + first, n, &augment, err);
}

int batches_chosen(struct batches *b, const struct image_set *set, const uint32_t *position, uint32_t n, struct batch *out,
                   struct err *err)
{
    const struct augment none = { .on = false };
    *out = (struct batch){ .n = n, .images = b->images, .labels = b->labels };
    return batch_fill(b->images, b->labels, set, position, n, &none, err);
}

int batches_plain(struct batches *b, const struct image_set *set, uint32_t first, uint32_t n, struct batch *out, struct err *err)
{
    enum { PART = 128 };
    const struct augment none = { .on = false };
    uint32_t position[PART];
    *out = (struct batch){ .n = n, .images = b->images, .labels = b->labels };
    for (uint32_t done = 0; done < n;) {
        uint32_t part = n - done < PART ? n - done : PART;
        for (uint32_t i = 0; i < part; i++)
            position[i] = first + done + i;
        if (batch_fill(b->images + (size_t)done * IMAGE_VALUES, b->labels + done, set, position, part, &none, err) < 0)
            return -1;
        done += part;
    }
    return 0;
}
