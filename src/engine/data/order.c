#include "config.h"
#include "engine/data/order.h"

#include "base/rng.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

static void list_members(struct order *o, const struct image_set *set)
{
    for (int c = 0; c < o->classes; c++)
        o->class_start[c + 1] = o->class_start[c] + set->count[c];
    /* Counting sort that moves the starts forward, then puts them back. */
    for (uint32_t i = 0; i < set->n; i++)
        o->member[o->class_start[set->labels[i]]++] = i;
    for (int c = 0; c < o->classes; c++)
        o->class_start[c] -= set->count[c];
}

/* With beta_en 0.9999 these are the bits of the recordings that knew no other. */
static void accumulate_chances(struct order *o, double beta_en, const struct image_set *set)
{
    double sum = 0;
    for (int c = 0; c < o->classes; c++) {
        if (set->count[c])
            sum += set->count[c] * (1 - beta_en) / (1 - pow(beta_en, set->count[c]));
        o->class_end[c] = sum;
    }
    for (int c = 0; c < o->classes; c++)
        o->class_end[c] /= sum; /* the last becomes exactly 1 */
}

int order_init(struct order *o, enum order_rule rule, double beta_en, const struct image_set *set, int classes, struct err *err)
{
    *o = (struct order){ .rule = rule, .n = set->n, .classes = classes };
    if (rule != ORDER_RESAMPLE)
        return 0;
    o->class_end = calloc((size_t)classes, sizeof *o->class_end);
    o->class_start = calloc((size_t)classes + 1, sizeof *o->class_start);
    o->member = calloc((size_t)set->n + 1, sizeof *o->member);
    if (!o->class_end || !o->class_start || !o->member) {
        order_release(o);
        return err_set(err, ERR_MEMORY, "no memory for the order of %" PRIu32 " images", set->n);
    }
    list_members(o, set);
    accumulate_chances(o, beta_en, set);
    return 0;
}

void order_release(struct order *o)
{
    free(o->class_end);
    free(o->class_start);
    free(o->member);
    *o = (struct order){ 0 };
}

/* The class whose chances contain u in [0, 1): the first with class_end > u. A class without images is never found,
 * as its end equals its predecessor's. */
static int find_class(const struct order *o, double u)
{
    int low = 0, high = o->classes - 1;
    while (low < high) {
        int middle = low + (high - low) / 2;
        if (o->class_end[middle] > u)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static uint32_t draw_member(const struct order *o, uint64_t seed, uint32_t epoch, uint32_t visit)
{
    struct rng_words r = rng_draw(seed, RNG_RESAMPLE, epoch, visit, 0);
    double u = ((double)(r.w[0] >> 6) * 0x1p26 + (double)(r.w[1] >> 6)) * 0x1p-52;
    int c = find_class(o, u);
    uint32_t count = o->class_start[c + 1] - o->class_start[c];
    return o->member[o->class_start[c] + (uint32_t)((uint64_t)r.w[2] * count >> 32)];
}

void order_fill(const struct order *o, uint32_t *position, uint64_t seed, uint32_t epoch)
{
    if (o->rule == ORDER_SHUFFLE) {
        rng_permutation(position, o->n, seed, epoch);
        return;
    }
    for (uint32_t i = 0; i < o->n; i++)
        position[i] = o->rule == ORDER_NATURAL ? i : draw_member(o, seed, epoch, i);
}
