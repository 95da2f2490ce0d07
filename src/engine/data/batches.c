#include "config.h"
#include "engine/data/batches.h"

#include <math.h>
#include <stdlib.h>

#include "base/err.h"
#include "engine/stages.h"

/* The sampler that a knob names; `instance` without `shuffle` is the stored order. */
static enum sampler_kind sampler_named(const struct knobs *knobs, enum knob_id knob)
{
    int kind = SAMPLER_INSTANCE;
    if (knob_is(knobs, knob, sampler_table[kind].name))
        return knob_on(knobs, KNOB_SHUFFLE) ? SAMPLER_INSTANCE : SAMPLER_NATURAL;
    while (!knob_is(knobs, knob, sampler_table[kind].name))
        kind++;
    return (enum sampler_kind)kind;
}

/* A stage's sampler by the knobs. `resample` is the first stage's alone. */
static struct sampler sampler_of(const struct knobs *knobs, const struct stage *stage)
{
    struct sampler s = { .kind = sampler_named(knobs, stage->sampler), .epochs = (uint32_t)knob_int(knobs, KNOB_SAMPLER_EPOCHS) };
    s.beta_en = knob_is(knobs, KNOB_RESAMPLE, "fixed") ? 0.9999 : knob_num(knobs, KNOB_BETA_EN);
    if (!stage->second && !knob_is(knobs, KNOB_RESAMPLE, "off"))
        s.kind = SAMPLER_EFFECTIVE;
    if (stage->second) {
        s.first_epoch = (uint32_t)stage->first;
        s.epochs = (uint32_t)stage->epochs;
    }
    return s;
}

static int make_order(struct order *order, const struct dataset *data, const struct knobs *knobs, const struct stage *stage, struct err *err)
{
    const struct image_set *set = &data->train;
    double *power = malloc(sizeof *power * (size_t)data->classes); /* WEIGHTED's weights */
    if (!power)
        return err_set(err, ERR_MEMORY, "no memory for the weights of %d classes", data->classes);
    for (int c = 0; c < data->classes; c++)
        power[c] = set->count[c] ? pow(set->count[c], knob_num(knobs, KNOB_SAMPLER_POWER)) : 0;
    struct sampler sampler = sampler_of(knobs, stage);
    sampler.weight = power;
    int result = order_init(order, &sampler, set, data->classes, err);
    free(power);
    return result;
}

void batches_close(struct batches *b)
{
    feed_free(b->feed);
    free(b->in_order);
    free(b->images);
    free(b->labels);
    b->feed = NULL;
    b->in_order = NULL;
    b->images = NULL;
    b->labels = NULL;
}

int batches_open(struct batches *b, struct err *err)
{
    const size_t values = image_values(b->set->kind.size);
    const bool slow = batch_takes_time(b->set, &b->augment);
    b->images = malloc(b->room * values * sizeof *b->images);
    b->labels = malloc((size_t)b->room * sizeof *b->labels);
    b->in_order = malloc((size_t)b->room * sizeof *b->in_order);
    b->feed = slow ? feed_new(b->room, values) : NULL;
    if (b->images && b->labels && b->in_order && (!slow || b->feed))
        return 0;
    batches_close(b);
    return err_set(err, ERR_MEMORY, "no memory for batches of %u images", b->room);
}

int batches_init(struct batches *b, const struct dataset *data, const struct knobs *knobs, uint32_t room, struct err *err)
{
    const struct image_set *set = &data->train;
    *b = (struct batches){ .set = set, .epoch = -1, .batch = (uint32_t)knob_int(knobs, KNOB_BATCH) };
    if (set->n == 0)
        return err_set(err, ERR_DATA, "%s has no training images", data->name);
    if (set->kind.floats && knob_on(knobs, KNOB_AUGMENT))
        return err_set(err, ERR_INVALID, "augment on: %s is normalised already and cannot be cropped; set augment off", data->name);
    if (augment_of(knobs, set, &b->augment, err) < 0)
        return -1;
    b->room = room > b->batch ? room : b->batch;
    const struct stage first = stage_at(knobs, 0);
    if (make_order(&b->order, data, knobs, &first, err) < 0)
        return -1;
    b->per_epoch = order_batches(b->order.n, b->batch);
    b->position = malloc((size_t)b->order.n * sizeof *b->position);
    if (b->position && batches_open(b, err) == 0)
        return 0;
    batches_release(b);
    return err_set(err, ERR_MEMORY, "no memory for batches of %u images", b->room);
}

static struct order *order_in_force(struct batches *b)
{
    return b->second ? &b->second_order : &b->order;
}

int batches_plan(struct batches *b, const struct dataset *data, const struct knobs *knobs, struct err *err)
{
    struct order made = { 0 };
    struct stage list[STAGES_MAX];
    const struct stage *last = &list[stages_of(knobs, list) - 1];
    if (last->second && make_order(&made, data, knobs, last, err) < 0)
        return -1;
    order_release(&b->second_order);
    b->second_order = made;
    b->second_plain = !last->augment;
    if (b->second)
        b->epoch = -1;
    return 0;
}

void batches_use_second(struct batches *b, bool second)
{
    b->second = second;
    b->epoch = -1;
}

const struct sampler_info *batches_sampler(const struct batches *b)
{
    return &sampler_table[(b->second ? &b->second_order : &b->order)->sampler.kind];
}

void batches_release(struct batches *b)
{
    batches_let_go(b);
    batches_close(b);
    order_release(&b->order);
    order_release(&b->second_order);
    free(b->position);
    *b = (struct batches){ 0 };
}

/* --- sets that the back end keeps --- */

static int keep_on_device(struct batches *b, const struct image_set *set, struct err *err)
{
    struct pixel_table table;
    pixel_table_make(&table, &set->kind.norm);
    const struct image_source source = { .n = set->n, .images = set->images, .labels = set->labels, .table = &table.value[0][0] };
    struct image_store *store = b->backend->store_new(b->model, &source, err);
    if (!store)
        return -1;
    b->kept[b->n_kept].set = set;
    b->kept[b->n_kept++].store = store;
    return 0;
}

int batches_keep(struct batches *b, const struct backend *backend, struct model *model, const struct dataset *data, struct err *err)
{
    const struct image_set *const sets[BATCHES_STORES] = { &data->train, &data->test, &data->val };
    if (!backend->store_new)
        return err_set(err, ERR_INVALID, "%s keeps no images", backend->name);
    b->backend = backend;
    b->model = model;
    const bool rich = augment_is_rich(&b->augment);
    for (int i = rich; i < BATCHES_STORES; i++)
        if (sets[i]->n > 0 && sets[i]->images && keep_on_device(b, sets[i], err) < 0)
            return -1; /* those before it stay */
    return rich ? err_set(err, ERR_INVALID, "%s crops and mirrors what it keeps, and changes nothing else of it", backend->name) : 0;
}

void batches_let_go(struct batches *b)
{
    for (int i = 0; i < b->n_kept; i++)
        b->backend->store_free(b->model, b->kept[i].store);
    b->n_kept = 0;
}

static struct image_store *store_of(const struct batches *b, const struct image_set *set)
{
    for (int i = 0; i < b->n_kept; i++)
        if (b->kept[i].set == set)
            return b->kept[i].store;
    return NULL;
}

bool batches_kept(const struct batches *b)
{
    return store_of(b, b->set) != NULL;
}

/* A batch of n images as a choice, when the set is kept. */
static bool choose_in_store(struct batches *b, const struct image_set *set, const uint32_t *position, uint32_t n,
                            const struct augment *augment, struct batch *out)
{
    const struct image_store *store = store_of(b, set);
    if (!store)
        return false;
    b->choice = (struct image_choice){ .store = store, .position = position, .crop = augment->on, .pad = augment_pad(set->kind.size),
                                       .seed = augment->seed, .epoch = augment->epoch };
    *out = (struct batch){ .n = n, .choice = &b->choice };
    return true;
}

/* --- batches --- */

const uint32_t *batches_positions(struct batches *b, long epoch, uint32_t index, uint32_t *n)
{
    if (b->epoch != epoch) {
        order_fill(order_in_force(b), b->position, b->augment.seed, (uint32_t)epoch);
        b->epoch = epoch;
    }
    const uint32_t first = index * b->batch, left = b->order.n - first;
    *n = left < b->batch ? left : b->batch;
    return b->position + first;
}

bool batches_augments(const struct batches *b)
{
    return b->augment.on && !(b->second && b->second_plain);
}

int batches_get(struct batches *b, long epoch, uint32_t index, bool plain, struct batch *out, struct err *err)
{
    uint32_t n;
    const uint32_t *position = batches_positions(b, epoch, index, &n);
    struct augment augment = b->augment;
    augment.on = batches_augments(b) && !plain;
    augment.epoch = (uint32_t)epoch;
    if (choose_in_store(b, b->set, position, n, &augment, out))
        return 0;
    const struct image_list list = { b->set, position, n };
    if (b->feed && feed_take(b->feed, &(const struct feed_order){ epoch, index, augment }, &list, &b->images, &b->labels, err) < 0)
        return -1;
    if (!b->feed && batch_fill(b->images, b->labels, &list, &augment, err) < 0)
        return -1;
    *out = (struct batch){ .n = n, .images = b->images, .labels = b->labels };
    if (b->feed && index + 1 < b->per_epoch) {
        const uint32_t *next = batches_positions(b, epoch, index + 1, &n);
        feed_ahead(b->feed, &(const struct feed_order){ epoch, index + 1, augment }, &(const struct image_list){ b->set, next, n });
    }
    return 0;
}

double batches_waited(const struct batches *b)
{
    return b->feed ? feed_waited(b->feed) : 0;
}

int batches_label(const struct batches *b, uint32_t index, uint32_t i)
{
    return b->set->labels[b->position[index * b->batch + i]];
}

int batches_chosen(struct batches *b, const struct image_set *set, const uint32_t *position, uint32_t n, struct batch *out,
                   struct err *err)
{
    const struct augment none = { .on = false };
    if (choose_in_store(b, set, position, n, &none, out))
        return 0;
    *out = (struct batch){ .n = n, .images = b->images, .labels = b->labels };
    return batch_fill(b->images, b->labels, &(const struct image_list){ set, position, n }, &none, err);
}

int batches_plain(struct batches *b, const struct image_set *set, uint32_t first, uint32_t n, struct batch *out, struct err *err)
{
    for (uint32_t i = 0; i < n; i++)
        b->in_order[i] = first + i;
    if (batches_chosen(b, set, b->in_order, n, out, err) < 0)
        return -1;
    out->labels = set->labels + first;
    return 0;
}
