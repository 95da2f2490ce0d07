#include "config.h"
#include "engine/data/order.h"

#include "base/rng.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

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

/* The classes' shares of an epoch into cumulative chances. */
static int accumulate_shares(struct order *o, uint32_t epoch, struct err *err)
{
    double sum = 0;
    if (sampler_shares(&o->sampler, o->set->count, o->classes, epoch, o->class_end, err) < 0)
        return -1;
    for (int c = 0; c < o->classes; c++)
        o->class_end[c] = sum += o->class_end[c];
    for (int c = 0; c < o->classes; c++)
        o->class_end[c] /= sum; /* the last becomes exactly 1 */
    return 0;
}

static bool by_class(const struct order *o)
{
    return o->sampler.kind != SAMPLER_INSTANCE && o->sampler.kind != SAMPLER_NATURAL;
}

static int reserve_positions(struct order *o, const struct image_set *set, struct err *err)
{
    const size_t classes = (size_t)o->classes, n = (size_t)set->n + 1;
    o->class_end = calloc(classes, sizeof *o->class_end);
    o->class_start = calloc(classes + 1, sizeof *o->class_start);
    o->member = calloc(n, sizeof *o->member);
    o->shuffled = calloc(n, sizeof *o->shuffled);
    o->used = calloc(classes, sizeof *o->used);
    o->cycle = calloc(classes, sizeof *o->cycle);
    if (o->class_end && o->class_start && o->member && o->shuffled && o->used && o->cycle)
        return 0;
    return err_set(err, ERR_MEMORY, "no memory for the order of %" PRIu32 " images", set->n);
}

int order_init(struct order *o, const struct sampler *sampler, const struct image_set *set, int classes, struct err *err)
{
    *o = (struct order){ .sampler = *sampler, .set = set, .classes = classes, .n = set->n };
    if (!by_class(o))
        return 0;
    if (sampler->visits)
        o->n = sampler->visits;
    /* Two epochs, for progressive first visits a class without images in its second. */
    if (reserve_positions(o, set, err) < 0 || accumulate_shares(o, sampler->first_epoch + 1, err) < 0 || accumulate_shares(o, sampler->first_epoch, err) < 0) {
        order_release(o);
        return -1;
    }
    list_members(o, set);
    o->sampler.weight = NULL;
    return 0;
}

void order_release(struct order *o)
{
    free(o->class_end);
    free(o->class_start);
    free(o->member);
    free(o->shuffled);
    free(o->used);
    free(o->cycle);
    *o = (struct order){ 0 };
}

/* --- which class ---------------------------------------------------------------------------------------------------- */

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

/* Uniform in [0, 1) from two words. */
static double uniform(uint32_t high, uint32_t low)
{
    return ((double)(high >> 6) * 0x1p26 + (double)(low >> 6)) * 0x1p-52;
}

static int draw_class(const struct order *o, struct rng *r)
{
    const uint32_t high = rng_u32(r);
    return find_class(o, uniform(high, rng_u32(r)));
}

/* Visit after visit, `per_visit` images each; the classes are shuffled anew for each cycle. */
static int next_in_cycle(struct order *o, struct rng *r, uint32_t i)
{
    const uint32_t each = o->sampler.per_visit ? o->sampler.per_visit : SAMPLER_PER_VISIT, classes = (uint32_t)o->classes;
    const uint32_t at = i / each % classes;
    if (at == 0 && i % each == 0)
        for (uint32_t left = classes; left > 1; left--) {
            const uint32_t k = rng_below(r, left);
            const int last = o->cycle[left - 1];
            o->cycle[left - 1] = o->cycle[k];
            o->cycle[k] = last;
        }
    return o->cycle[at];
}

/* --- which of its images -------------------------------------------------------------------------------------------- */

static void shuffle_list(struct order *o, struct rng *r, int c)
{
    uint32_t *list = o->shuffled + o->class_start[c];
    for (uint32_t left = o->set->count[c]; left > 1; left--) {
        const uint32_t k = rng_below(r, left), last = list[left - 1];
        list[left - 1] = list[k];
        list[k] = last;
    }
}

static uint32_t next_member(struct order *o, struct rng *r, int c)
{
    if (o->used[c] == o->set->count[c])
        o->used[c] = 0;
    if (o->used[c] == 0)
        shuffle_list(o, r, c);
    return o->shuffled[o->class_start[c] + o->used[c]++];
}

static void fill_from_lists(struct order *o, uint32_t *position, uint64_t seed, uint32_t epoch)
{
    struct rng r;
    rng_init(&r, seed, RNG_SAMPLER, epoch, 0);
    memcpy(o->shuffled, o->member, sizeof *o->member * o->set->n);
    memset(o->used, 0, sizeof *o->used * (size_t)o->classes);
    for (int c = 0; c < o->classes; c++)
        o->cycle[c] = c;
    if (o->sampler.kind == SAMPLER_PROGRESSIVE)
        accumulate_shares(o, epoch, NULL); /* order_init() has seen that it can be */
    for (uint32_t i = 0; i < o->n; i++) {
        int c = o->sampler.kind == SAMPLER_CLASS_AWARE ? next_in_cycle(o, &r, i) : draw_class(o, &r);
        position[i] = next_member(o, &r, c);
    }
}

/* Each visit is a draw of its own, with replacement. */
static uint32_t draw_member(const struct order *o, uint64_t seed, uint32_t epoch, uint32_t visit)
{
    struct rng_words r = rng_draw(seed, RNG_RESAMPLE, epoch, visit, 0);
    int c = find_class(o, uniform(r.w[0], r.w[1]));
    uint32_t count = o->class_start[c + 1] - o->class_start[c];
    return o->member[o->class_start[c] + (uint32_t)((uint64_t)r.w[2] * count >> 32)];
}

void order_fill(struct order *o, uint32_t *position, uint64_t seed, uint32_t epoch)
{
    if (o->sampler.kind == SAMPLER_INSTANCE)
        rng_permutation(position, o->n, seed, epoch);
    else if (by_class(o) && o->sampler.kind != SAMPLER_EFFECTIVE)
        fill_from_lists(o, position, seed, epoch);
    else
        for (uint32_t i = 0; i < o->n; i++)
            position[i] = by_class(o) ? draw_member(o, seed, epoch, i) : i;
}
