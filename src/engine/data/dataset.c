#include "config.h"
#include "engine/data/dataset.h"

#include "engine/data/cifar.h"
#include "engine/data/demo.h"
#include "engine/data/imbalance.h"
#include "engine/data/pictures.h"
#include "base/text.h"
#include "engine/data/tensors.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const class_group_name[N_GROUPS] = { "head", "mid", "tail" };

const struct image_kind image_kind_cifar = { .size = { CIFAR_SIDE, CIFAR_SIDE, CIFAR_CHANNELS },
                                             .norm = { .mean = { 0.4914, 0.4822, 0.4465 }, .std = { 0.2023, 0.1994, 0.2010 } } };

size_t image_bytes(const struct image_kind *kind)
{
    return image_values(kind->size) * (kind->floats ? sizeof(float) : 1);
}

static void *image_place(const struct image_set *set, uint32_t position)
{
    const size_t at = position * image_values(set->kind.size);
    return set->kind.floats ? (void *)(set->pixels + at) : set->images + at;
}

static const void *resident_get(const struct image_set *set, uint32_t position, void *room, struct err *err)
{
    (void)room;
    (void)err;
    return image_place(set, position);
}

static void resident_release(struct image_set *set)
{
    free(set->images);
    free(set->pixels);
}

const struct image_reader image_reader_resident = { .get = resident_get, .release = resident_release };

/* One value more than needed: an empty split still has arrays, so nobody has to ask before reading them. */
int image_set_init_read(struct image_set *set, const struct image_kind *kind, const struct image_reader *reader, uint32_t n, int classes, struct err *err)
{
    *set = (struct image_set){ .n = n, .kind = *kind, .reader = reader };
    set->labels = calloc((size_t)n + 1, sizeof *set->labels);
    set->count = calloc((size_t)classes, sizeof *set->count);
    if (set->labels && set->count)
        return 0;
    image_set_release(set);
    return err_set(err, ERR_MEMORY, "data: no memory for %" PRIu32 " images", n);
}

int image_set_init(struct image_set *set, const struct image_kind *kind, uint32_t n, int classes, struct err *err)
{
    const size_t values = (size_t)n * image_values(kind->size);
    if (image_set_init_read(set, kind, &image_reader_resident, n, classes, err) < 0)
        return -1;
    if (kind->floats)
        set->pixels = malloc((values + 1) * sizeof *set->pixels);
    else
        set->images = malloc(values + 1);
    if (image_set_resident(set))
        return 0;
    image_set_release(set);
    return err_set(err, ERR_MEMORY, "data: no memory for %" PRIu32 " images", n);
}

void image_set_release(struct image_set *set)
{
    if (set->reader)
        set->reader->release(set);
    free(set->labels);
    free(set->count);
    *set = (struct image_set){ 0 };
}

void image_set_recount(struct image_set *set, int classes)
{
    memset(set->count, 0, (size_t)classes * sizeof *set->count);
    for (uint32_t i = 0; i < set->n; i++)
        set->count[set->labels[i]]++;
}

/* `to` is resident. */
static int copy_image(struct image_set *to, uint32_t i, const struct image_set *from, uint32_t k, struct err *err)
{
    void *place = image_place(to, i);
    const void *image = from->reader->get(from, k, place, err);
    if (!image)
        return -1;
    if (image != place)
        memcpy(place, image, image_bytes(&to->kind));
    to->labels[i] = from->labels[k];
    return 0;
}

/* The same reader with fewer images: none is read. */
static int chosen(struct image_set *out, const struct image_set *set, const uint32_t *position, uint32_t n, int classes, struct err *err)
{
    if (image_set_init_read(out, &set->kind, set->reader, n, classes, err) < 0)
        return -1;
    out->kept = set->reader->choose(set, position, n);
    if (!out->kept) {
        image_set_release(out);
        return err_set(err, ERR_MEMORY, "data: no memory for %" PRIu32 " images", n);
    }
    for (uint32_t i = 0; i < n; i++)
        out->labels[i] = set->labels[position[i]];
    image_set_recount(out, classes);
    return 0;
}

static int selection(struct image_set *out, const struct image_set *set, const uint32_t *position, uint32_t n,
                     int classes, struct err *err)
{
    if (set->reader->choose)
        return chosen(out, set, position, n, classes, err);
    if (image_set_init(out, &set->kind, n, classes, err) < 0)
        return -1;
    for (uint32_t i = 0; i < n; i++)
        if (copy_image(out, i, set, position[i], err) < 0) {
            image_set_release(out);
            return -1;
        }
    image_set_recount(out, classes);
    return 0;
}

int image_set_select(struct image_set *set, const uint32_t *position, uint32_t n, int classes, struct err *err)
{
    struct image_set chosen;
    if (selection(&chosen, set, position, n, classes, err) < 0)
        return -1;
    image_set_release(set);
    *set = chosen;
    return 0;
}

uint32_t image_set_of_class(const struct image_set *set, int class_index, uint32_t *index, uint32_t max)
{
    uint32_t found = 0;
    for (uint32_t i = 0; i < set->n && found < max; i++)
        if (set->labels[i] == class_index)
            index[found++] = i;
    return found;
}

int dataset_init(struct dataset *d, int classes, struct err *err)
{
    *d = (struct dataset){ .classes = classes };
    d->class_name = calloc((size_t)classes, sizeof *d->class_name);
    d->group = calloc((size_t)classes, sizeof *d->group);
    d->profile = calloc((size_t)classes, sizeof *d->profile);
    d->group_classes[GROUP_HEAD] = classes;
    if (d->class_name && d->group && d->profile)
        return 0;
    dataset_free(d);
    return err_set(err, ERR_MEMORY, "data: no memory for %d classes", classes);
}

void dataset_free(struct dataset *d)
{
    image_set_release(&d->train);
    image_set_release(&d->test);
    image_set_release(&d->val);
    free(d->class_name);
    free(d->group);
    free(d->profile);
    *d = (struct dataset){ 0 };
}

size_t dataset_memory(const struct dataset *d)
{
    const struct image_set *const sets[] = { &d->train, &d->test, &d->val };
    size_t bytes = 0;
    for (int i = 0; i < 3; i++)
        bytes += image_set_resident(sets[i]) ? sets[i]->n * image_bytes(&sets[i]->kind) : 0;
    return bytes;
}

/* --- hold-out ---------------------------------------------------------------------------------------------------- */

static bool can_give(const struct dataset *d, int c, const uint32_t *quota)
{
    return quota[c] + 1 < d->train.count[c];
}

/* The class furthest below (sign +1) or above (sign -1) its exact share, among those that can change; the first one of
 * equals. */
static int most_owing(const struct dataset *d, const uint32_t *quota, uint32_t n, double sign)
{
    int best = -1;
    double best_gap = 0;
    for (int c = 0; c < d->classes; c++) {
        double gap = sign * ((double)n * d->train.count[c] / d->train.n - quota[c]);
        if (sign > 0 ? !can_give(d, c, quota) : quota[c] <= 1)
            continue;
        if (best < 0 || gap > best_gap) {
            best = c;
            best_gap = gap;
        }
    }
    return best;
}

/* quota[c] sums to n, follows the class sizes, and lies in 1..count-1 for every class of two or more. */
static int share_out(const struct dataset *d, uint32_t *quota, uint32_t n, struct err *err)
{
    uint32_t sum = 0, least = 0, most = 0;
    for (int c = 0; c < d->classes; c++) {
        uint32_t count = d->train.count[c], room = count ? count - 1 : 0;
        uint32_t share = (uint32_t)((uint64_t)n * count / d->train.n);
        least += room > 0;
        most += room;
        quota[c] = share > room ? room : share == 0 && room > 0 ? 1 : share;
        sum += quota[c];
    }
    if (n < least || n > most)
        return err_set(err, ERR_RANGE, "val %" PRIu32 " is not accepted, expected 0 or %" PRIu32 "..%" PRIu32
                       " (each class gives one at least and keeps one)", n, least, most);
    for (; sum < n; sum++)
        quota[most_owing(d, quota, n, 1)]++;
    for (; sum > n; sum--)
        quota[most_owing(d, quota, n, -1)]--;
    return 0;
}

/* Fills kept[] and held[] with training positions; quota is used up. From the back, so that ends of lists are taken. */
static void part_positions(const struct dataset *d, uint32_t *quota, uint32_t *kept, uint32_t *held, uint32_t n)
{
    uint32_t k = d->train.n - n, h = n;
    for (uint32_t i = d->train.n; i-- > 0;) {
        int32_t label = d->train.labels[i];
        if (quota[label]) {
            quota[label]--;
            held[--h] = i;
        } else {
            kept[--k] = i;
        }
    }
}

/* Each class gives as many images as any other. */
static int share_alike(const struct dataset *d, uint32_t *quota, uint32_t n, struct err *err)
{
    const uint32_t classes = (uint32_t)d->classes, each = n / classes;
    if (n % classes != 0)
        return err_set(err, ERR_RANGE, "val %" PRIu32 " is not accepted with val_from unused, expected a multiple of %" PRIu32
                       ": as many images of each class", n, classes);
    for (uint32_t c = 0; c < classes; c++) {
        if (d->train.count[c] <= each)
            return err_set(err, ERR_RANGE, "val %" PRIu32 " with val_from unused takes %" PRIu32 " images of each class, but class %" PRIu32
                           "%s%s has %" PRIu32 " in all and keeps one; accepted there: up to %" PRIu32, n, each, c,
                           d->class_name[c][0] ? " " : "", d->class_name[c], d->train.count[c],
                           d->train.count[c] ? (d->train.count[c] - 1) * classes : 0);
        quota[c] = each;
    }
    return 0;
}

/* Moves n training images, as the rule shares them out over the classes, to val. */
static int hold_out(struct dataset *d, uint32_t n, int (*rule)(const struct dataset *, uint32_t *, uint32_t, struct err *), struct err *err)
{
    struct image_set kept = { 0 }, held = { 0 };
    uint32_t *quota = calloc((size_t)d->classes, sizeof *quota);
    uint32_t *position = malloc(((size_t)d->train.n + 1) * sizeof *position);
    int result = -1;
    if (!quota || !position) {
        err_set(err, ERR_MEMORY, "data: no memory to hold out %" PRIu32 " images", n);
        goto out;
    }
    if (rule(d, quota, n, err) < 0)
        goto out;
    uint32_t n_kept = d->train.n - n;
    part_positions(d, quota, position, position + n_kept, n);
    if (selection(&held, &d->train, position + n_kept, n, d->classes, err) < 0 ||
        selection(&kept, &d->train, position, n_kept, d->classes, err) < 0) {
        image_set_release(&held);
        goto out;
    }
    image_set_release(&d->train);
    image_set_release(&d->val);
    d->train = kept;
    d->val = held;
    result = 0;
out:
    free(quota);
    free(position);
    return result;
}

int dataset_hold_out(struct dataset *d, uint32_t n, struct err *err)
{
    return hold_out(d, n, share_out, err);
}

int dataset_hold_out_each(struct dataset *d, uint32_t n, struct err *err)
{
    return hold_out(d, n, share_alike, err);
}

/* --- opening ----------------------------------------------------------------------------------------------------- */

static double request_beta(const struct data_request *r)
{
    return r->imbalance == IMBALANCE_NONE ? 1 : r->beta == 0 ? 100 : r->beta;
}

static bool is_pictures(const struct data_request *r)
{
    return r->source == DATA_FOLDER || r->source == DATA_LIST;
}

/* Adds to each class's kept images those that dataset_hold_out_each() is to take, as far as there are any; all[c]: of the class. */
static void add_unused(uint32_t *count, const uint32_t *all, int classes, const struct data_request *r)
{
    const uint32_t each = r->val_unused ? r->val / (uint32_t)classes : 0;
    for (int c = 0; c < classes; c++)
        if (all[c] > count[c]) /* fewer than the profile needs is imbalance_choose()'s to refuse */
            count[c] += each < all[c] - count[c] ? each : all[c] - count[c];
}

static int keep_profile(struct dataset *d, const struct data_request *r, struct err *err)
{
    uint32_t *count = calloc((size_t)d->classes, sizeof *count);
    uint32_t *position = malloc(((size_t)d->train.n + 1) * sizeof *position), kept = 0;
    int result = -1;
    if (!count || !position) {
        err_set(err, ERR_MEMORY, "data: no memory to choose among %" PRIu32 " images", d->train.n);
        goto out;
    }
    const double full = is_pictures(r) ? pictures_full(d, r) : (double)d->train.n / d->classes;
    const struct imbalance_profile profile = { .kind = r->imbalance, .classes = d->classes, .full = full,
                                               .beta = request_beta(r), .class_name = d->class_name };
    const struct imbalance_choice choice = { .count = count, .classes = d->classes, .seed = r->subset_seed };
    if (imbalance_counts(count, &profile, err) < 0)
        goto out;
    memcpy(d->profile, count, (size_t)d->classes * sizeof *count);
    add_unused(count, d->train.count, d->classes, r);
    if (imbalance_choose(position, d->train.labels, d->train.n, &choice, err) < 0)
        goto out;
    for (int c = 0; c < d->classes; c++)
        kept += count[c];
    result = image_set_select(&d->train, position, kept, d->classes, err);
out:
    free(count);
    free(position);
    return result;
}

static int open_cifar(struct dataset *d, const struct data_request *r, struct err *err)
{
    const struct cifar_kind *kind = r->source == DATA_CIFAR10 ? &cifar10_kind : &cifar100_kind;
    if (cifar_load(d, kind, r->path, err) < 0)
        return -1;
    return keep_profile(d, r, err) < 0 ? err_prefix(err, "%s", kind->name) : 0;
}

static int open_demo(struct dataset *d, const struct data_request *r, struct err *err)
{
    uint32_t profile[DEMO_CLASSES], count[DEMO_CLASSES], all[DEMO_CLASSES], largest = r->demo_largest ? r->demo_largest : DEMO_LARGEST;
    char names[DEMO_CLASSES][CLASS_NAME_SIZE];
    for (int c = 0; c < DEMO_CLASSES; c++) {
        snprintf(names[c], sizeof names[c], "%s", demo_class_name[c]);
        all[c] = largest;
    }
    const struct imbalance_profile wanted = { .kind = r->imbalance, .classes = DEMO_CLASSES, .full = largest, .beta = request_beta(r),
                                              .class_name = names };
    if (imbalance_counts(profile, &wanted, err) < 0)
        return err_prefix(err, "demo");
    memcpy(count, profile, sizeof count);
    add_unused(count, all, DEMO_CLASSES, r);
    if (demo_render_set(d, count, r->demo_test ? r->demo_test : DEMO_TEST, r->demo_seed, err) < 0)
        return -1;
    memcpy(d->profile, profile, sizeof profile);
    return 0;
}

static int open_tensors(struct dataset *d, const struct data_request *r, struct err *err)
{
    if (r->val && r->val_unused)
        return err_set(err, ERR_INVALID, "val_from unused: tensors are trained on as they are, so no images are left out; val_from kept is accepted");
    if (tensors_load(d, r->path, r->tensor_classes, err) < 0)
        return -1;
    memcpy(d->profile, d->train.count, (size_t)d->classes * sizeof *d->profile);
    return 0;
}

static int open_pictures(struct dataset *d, const struct data_request *r, struct err *err)
{
    if (r->imbalance == IMBALANCE_NONE && r->val_unused && r->val)
        return err_set(err, ERR_INVALID, "val_from unused: imbalance is none, so no pictures are left out; val_from kept is accepted");
    if (pictures_load(d, r, err) < 0)
        return -1;
    if (r->imbalance != IMBALANCE_NONE)
        return keep_profile(d, r, err);
    memcpy(d->profile, d->train.count, (size_t)d->classes * sizeof *d->profile);
    return 0;
}

/* The last part of a path, whatever slashes it ends in. */
static void name_of_path(const char *path, char *out, size_t size)
{
    size_t end = strlen(path);
    while (end > 1 && path[end - 1] == '/')
        end--;
    size_t at = end;
    while (at > 0 && path[at - 1] != '/')
        at--;
    char name[256];
    snprintf(name, sizeof name, "%.*s", (int)(end - at), path + at);
    text_safe(name[0] ? name : path, out, size);
}

static void name_dataset(struct dataset *d, const struct data_request *r)
{
    static const char *const source[] = { "cifar10", "cifar100", "demo" }, *const profile[] = { "lt", "step" };
    char file[40];
    if (r->source == DATA_TENSORS) {
        const char *slash = strrchr(r->path, '/');
        snprintf(d->name, sizeof d->name, "tensors %s", slash ? slash + 1 : r->path);
    } else if (is_pictures(r)) {
        name_of_path(r->path, file, sizeof file);
        snprintf(d->name, sizeof d->name, "%s %s", r->source == DATA_FOLDER ? "folder" : "list", file);
        if (r->imbalance != IMBALANCE_NONE)
            text_append(d->name, sizeof d->name, "-%s beta=%g", profile[r->imbalance], request_beta(r));
    } else if (r->imbalance == IMBALANCE_NONE) {
        snprintf(d->name, sizeof d->name, "%s", source[r->source]);
    } else {
        snprintf(d->name, sizeof d->name, "%s-%s beta=%g", source[r->source], profile[r->imbalance], request_beta(r));
    }
}

/* Bytes in another shape are other images. What is of CIFAR's size has the hash that recordings of before know. */
static void digest_size(struct digest *sum, struct image_geometry size)
{
    const uint8_t little[] = { (uint8_t)size.height, (uint8_t)(size.height >> 8), (uint8_t)size.width, (uint8_t)(size.width >> 8),
                               (uint8_t)size.channels };
    if (!image_same_geometry(size, IMAGE_CIFAR))
        digest_add(sum, little, sizeof little);
}

static int digest_images(struct digest *sum, const struct image_set *set, struct err *err)
{
    if (set->reader->identify) {
        for (uint32_t i = 0; i < set->n; i++)
            set->reader->identify(set, i, sum);
        return 0;
    }
    const size_t bytes = image_bytes(&set->kind);
    void *room = malloc(bytes);
    int result = room ? 0 : err_set(err, ERR_MEMORY, "data: no memory for an image");
    for (uint32_t i = 0; i < set->n && result == 0; i++) {
        const void *image = set->reader->get(set, i, room, err);
        if (image)
            digest_add(sum, image, bytes);
        else
            result = -1;
    }
    free(room);
    return result;
}

static int digest_set(struct digest *sum, const struct image_set *set, struct err *err)
{
    if (digest_images(sum, set, err) < 0)
        return -1;
    for (uint32_t i = 0; i < set->n; i++) {
        uint32_t label = (uint32_t)set->labels[i];
        uint8_t little[4] = { (uint8_t)label, (uint8_t)(label >> 8), (uint8_t)(label >> 16), (uint8_t)(label >> 24) };
        digest_add(sum, little, sizeof little);
    }
    return 0;
}

static int digest_all(struct dataset *d, struct err *err)
{
    struct digest sum;
    digest_init(&sum);
    digest_size(&sum, d->train.kind.size);
    int result = digest_set(&sum, &d->train, err);
    digest_hex(&sum, d->digest); /* and begins anew */
    if (result == 0)
        result = digest_set(&sum, &d->test, err);
    if (result == 0)
        result = digest_set(&sum, &d->val, err);
    digest_hex(&sum, d->test_digest);
    return result;
}

static int open_source(struct dataset *d, const struct data_request *r, struct err *err)
{
    switch (r->source) {
    case DATA_CIFAR10:
    case DATA_CIFAR100:
        return open_cifar(d, r, err);
    case DATA_DEMO:
        return open_demo(d, r, err);
    case DATA_TENSORS:
        return open_tensors(d, r, err);
    case DATA_FOLDER:
    case DATA_LIST:
        return open_pictures(d, r, err);
    }
    return err_set(err, ERR_INVALID, "data source %d is not accepted", (int)r->source);
}

static int make_val(struct dataset *d, const struct data_request *r, struct err *err)
{
    if (!r->val && is_pictures(r))
        return 0; /* those that came with them, or none */
    if (!r->val)
        return image_set_init(&d->val, &d->train.kind, 0, d->classes, err);
    return r->val_unused ? dataset_hold_out_each(d, r->val, err) : dataset_hold_out(d, r->val, err);
}

/* Published sets of pictures have groups of their own. */
static const char *groups_of(const struct dataset *d, const struct data_request *r)
{
    const bool paper = !r->groups || strcmp(r->groups, "paper") == 0, whole = is_pictures(r) && r->imbalance == IMBALANCE_NONE;
    const char *own = paper && whole ? pictures_groups(d) : NULL;
    return own ? own : r->groups;
}

static int open_any(struct dataset *d, const struct data_request *r, struct err *err)
{
    if (open_source(d, r, err) < 0)
        return -1;
    name_dataset(d, r);
    /* Groups before the hold-out: which class is tail must not depend on how many images are set aside. */
    enum imbalance profile = r->source == DATA_TENSORS ? IMBALANCE_NONE : r->imbalance;
    if (imbalance_groups(d, d->profile, profile, groups_of(d, r), err) < 0)
        return -1;
    if (make_val(d, r, err) < 0 || (is_pictures(r) && pictures_settle(d, r->kept_mib, err) < 0))
        return -1;
    return digest_all(d, err);
}

int dataset_open(struct dataset *out, const struct data_request *request, struct err *err)
{
    *out = (struct dataset){ 0 };
    if (open_any(out, request, err) == 0)
        return 0;
    dataset_free(out);
    return -1;
}
