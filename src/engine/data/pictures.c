#include "config.h"
#include "engine/data/pictures.h"

#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/parallel.h"
#include "base/text.h"
#include "engine/data/augment.h"
#include "engine/data/picture_listing.h"
#include "engine/data/resample.h"

/* --- a set that is not in memory ----------------------------------------------------------------------------------- */

struct kept {
    struct picture_files *files;
    uint32_t *file; /* [n] the set's pictures */
    int shorter;    /* resized so that the shorter side has so many pixels, then the centre is cut out */
    bool fast;      /* JPEG is decoded at a fraction of its size where that is enough */
};

static const char *file_name_of(const struct image_set *set, uint32_t position)
{
    const struct kept *k = set->kept;
    return picture_name(k->files, k->file[position]);
}

struct wanted { /* of a picture */
    const struct image_set *set;
    uint32_t position;
    const struct augment *augment; /* NULL: its centre */
};

/* A box of a picture in the pixels that are left of it. */
static struct image_box scaled_picture(struct image_box box, int width, int height, const struct picture_facts *f)
{
    struct image_box b = { (int)((long)box.left * f->width / width), (int)((long)box.top * f->height / height),
                           (int)((long)box.width * f->width / width), (int)((long)box.height * f->height / height) };
    b.width = b.width < 1 ? 1 : b.width;
    b.height = b.height < 1 ? 1 : b.height;
    return b;
}

static struct picture_view view_of(const struct wanted *w, struct picture *p)
{
    const struct kept *k = w->set->kept;
    const struct picture_facts *f = picture_facts(p);
    const int width = f->width, height = f->height, side = w->set->kind.size.width;
    struct image_box box = { 0, 0, width, height };
    if (w->augment)
        box = augment_box(w->augment, w->position, width, height);
    const int least = box.width < box.height ? box.width : box.height, enough = w->augment ? side : k->shorter;
    for (int d = 8; k->fast && d > 1; d /= 2) /* the smallest part that leaves as many pixels as are wanted */
        if (least / d >= enough && picture_shrink(p, d))
            break;
    if (!w->augment)
        return picture_view_centre(f->width, f->height, k->shorter, side);
    return (struct picture_view){ .box = scaled_picture(box, width, height, f), .width = side, .height = side, .side_x = side, .side_y = side };
}

/* The file's bytes, for free(): as many as when the set was opened, which is what its digest knows it by. */
static uint8_t *read_same(const struct wanted *w, size_t *n, struct err *err)
{
    const struct kept *k = w->set->kept;
    const uint64_t listed = k->files->file[k->file[w->position]].size;
    uint8_t *bytes = picture_read_file(k->files->root, file_name_of(w->set, w->position), n, err);
    if (!bytes || *n == listed)
        return bytes;
    free(bytes);
    err_set(err, ERR_DATA, "it has changed: %zu bytes, and it had %" PRIu64 " when the set was opened", *n, listed);
    return NULL;
}

static int decode(const struct wanted *w, uint8_t *room, struct err *err)
{
    char safe[256];
    size_t n = 0;
    uint8_t *bytes = read_same(w, &n, err);
    struct picture *p = bytes ? picture_open(bytes, n, err) : NULL;
    int result = -1;
    if (p) {
        const struct picture_view view = view_of(w, p);
        result = picture_see(p, &view, room, err);
    }
    picture_close(p);
    free(bytes);
    if (result == 0)
        return 0;
    text_safe(file_name_of(w->set, w->position), safe, sizeof safe);
    if (err && err->code == ERR_IO)
        err->code = ERR_DATA; /* missing data, to who trains on them */
    return err_prefix(err, "'%s'", safe);
}

static const void *get(const struct image_set *set, uint32_t position, void *room, struct err *err)
{
    return decode(&(const struct wanted){ .set = set, .position = position }, room, err) == 0 ? room : NULL;
}

static int crop(const struct image_set *set, uint32_t position, const struct augment *augment, void *room, struct err *err)
{
    return decode(&(const struct wanted){ .set = set, .position = position, .augment = augment }, room, err);
}

static void release(struct image_set *set)
{
    struct kept *k = set->kept;
    if (k) {
        picture_files_drop(k->files);
        free(k->file);
        free(k);
    }
}

static void identify(const struct image_set *set, uint32_t position, struct digest *sum)
{
    const struct kept *k = set->kept;
    const char *name = file_name_of(set, position);
    uint64_t size = k->files->file[k->file[position]].size;
    uint8_t little[11] = { [8] = (uint8_t)k->shorter, (uint8_t)(k->shorter >> 8), k->fast };
    for (int i = 0; i < 8; i++, size >>= 8)
        little[i] = (uint8_t)size;
    digest_add(sum, name, strlen(name) + 1);
    digest_add(sum, little, sizeof little);
}

struct picture_files *pictures_files(const struct image_set *set)
{
    const struct kept *k = set->reader && set->reader->crop == crop ? set->kept : NULL;
    return k ? k->files : NULL;
}

uint32_t pictures_file(const struct image_set *set, uint32_t position)
{
    const struct kept *k = set->kept;
    return k->file[position];
}

/* Room for n names. NULL: no memory. */
static struct kept *kept_new(const struct kept *like, uint32_t n)
{
    struct kept *k = malloc(sizeof *k);
    uint32_t *file = malloc(sizeof *file * ((size_t)n + 1));
    if (!k || !file) {
        free(k);
        free(file);
        return NULL;
    }
    *k = *like;
    k->file = file;
    picture_files_hold(k->files);
    return k;
}

static void *choose_pictures(const struct image_set *from, const uint32_t *position, uint32_t n)
{
    const struct kept *whole = from->kept;
    struct kept *k = kept_new(whole, n);
    for (uint32_t i = 0; k && i < n; i++)
        k->file[i] = whole->file[position[i]];
    return k;
}

static const struct image_reader pictures_reader = { .get = get, .release = release, .choose = choose_pictures, .identify = identify, .crop = crop };

/* A set kept in memory, with the files beside it for crops of theirs. */
static const void *get_kept(const struct image_set *set, uint32_t position, void *room, struct err *err)
{
    return image_reader_resident.get(set, position, room, err);
}

static void release_kept(struct image_set *set)
{
    release(set);
    image_reader_resident.release(set);
}

static const struct image_reader kept_pictures_reader = { .get = get_kept, .release = release_kept, .crop = crop };

/* --- reading many -------------------------------------------------------------------------------------------------- */

enum { MOST_WORKERS = 16, CHUNK = 16 };

struct work { /* on pictures 0, step, 2 step ... of a set */
    const struct image_set *set;
    uint32_t step, n;
    uint8_t *images; /* where all of them go; NULL: they are measured only */
    bool *bad;       /* [n] which cannot be read, or NULL */
    struct share {   /* of one worker */
        uint64_t sum[3], square[3];
        uint32_t bad, first_bad;
        struct err err; /* of first_bad */
    } share[MOST_WORKERS];
};

static void measure(struct share *s, const uint8_t *image, size_t values)
{
    for (size_t i = 0; i < values; i += 3)
        for (int ch = 0; ch < 3; ch++) {
            s->sum[ch] += image[i + ch];
            s->square[ch] += (uint64_t)image[i + ch] * image[i + ch];
        }
}

static void work_chunk(void *context, int index, int worker)
{
    struct work *w = context;
    struct share *s = &w->share[worker];
    const size_t bytes = image_bytes(&w->set->kind);
    uint8_t *own = w->images ? NULL : malloc(bytes);
    for (uint32_t i = (uint32_t)index * CHUNK; i < w->n && i < (uint32_t)(index + 1) * CHUNK; i++) {
        struct err err = { 0 };
        uint8_t *room = w->images ? w->images + (size_t)i * bytes : own;
        const uint8_t *image = room ? w->set->reader->get(w->set, i * w->step, room, &err) : NULL;
        if (w->bad)
            w->bad[i] = !image;
        if (image) {
            measure(s, image, bytes);
        } else if (s->bad++ == 0) {
            s->first_bad = i;
            s->err = err;
        }
    }
    free(own);
}

static uint32_t bad_ones(const struct work *w)
{
    uint32_t bad = 0;
    for (int i = 0; i < MOST_WORKERS; i++)
        bad += w->share[i].bad;
    return bad;
}

/* The first that cannot be decoded, and how many there are. */
static int tell_bad(const struct work *w, struct err *err)
{
    const struct share *first = NULL;
    const uint32_t bad = bad_ones(w);
    for (int i = 0; i < MOST_WORKERS; i++) {
        const struct share *s = &w->share[i];
        if (s->bad && (!first || s->first_bad < first->first_bad))
            first = s;
    }
    if (!first)
        return 0;
    if (err)
        *err = first->err;
    return bad == 1 ? err_prefix(err, "1 picture cannot be read (--bad skip names such and leaves them out)")
                    : err_prefix(err, "%" PRIu32 " of %" PRIu32 " pictures cannot be read (--bad skip names such and leaves them out), the first is",
                                      bad, w->n);
}

static int do_work(struct work *w, struct err *err)
{
    parallel_each(parallel_threads(MOST_WORKERS), (int)((w->n + CHUNK - 1) / CHUNK), work_chunk, w);
    return tell_bad(w, err);
}

/* --- loading ------------------------------------------------------------------------------------------------------- */

struct rank {
    uint32_t count;
    int label;
};

static int more_first(const void *a, const void *b)
{
    const struct rank *x = a, *y = b;
    return x->count != y->count ? (x->count > y->count ? -1 : 1) : x->label - y->label;
}

/* Labels become ranks by training pictures, most first, ties in the order of labels; names follow. */
static int rank_classes(struct dataset *d, const struct picture_listing *l, int32_t *rank_of, struct err *err)
{
    struct rank *rank = calloc((size_t)l->classes, sizeof *rank);
    if (!rank)
        return err_set(err, ERR_MEMORY, "no memory to rank %d classes", l->classes);
    for (int c = 0; c < l->classes; c++)
        rank[c].label = c;
    for (uint32_t i = 0; i < l->split[PICTURES_TRAIN].n; i++)
        rank[l->label[l->split[PICTURES_TRAIN].first + i]].count++;
    qsort(rank, (size_t)l->classes, sizeof *rank, more_first);
    for (int r = 0; r < l->classes; r++) {
        rank_of[rank[r].label] = r;
        memcpy(d->class_name[r], l->class_name[rank[r].label], CLASS_NAME_SIZE);
    }
    free(rank);
    return 0;
}

struct picture_shape {
    struct image_kind kind;
    struct kept kept;
};

/* Class by class, within a class as listed. */
static int make_set(struct image_set *set, const struct picture_shape *shape, const struct picture_listing *l, enum picture_split split, const int32_t *rank_of,
                    struct err *err)
{
    const uint32_t first = l->split[split].first, n = l->split[split].n;
    uint32_t *place = calloc((size_t)l->classes + 1, sizeof *place);
    if (!place || image_set_init_read(set, &shape->kind, &pictures_reader, n, l->classes, err) < 0) {
        free(place);
        return err_set(err, ERR_MEMORY, "no memory for %" PRIu32 " pictures", n);
    }
    struct kept *k = set->kept = kept_new(&shape->kept, n);
    for (uint32_t i = 0; k && i < n; i++)
        place[rank_of[l->label[first + i]] + 1]++;
    for (int c = 1; c <= l->classes; c++)
        place[c] += place[c - 1];
    for (uint32_t i = 0; k && i < n; i++) {
        const int32_t rank = rank_of[l->label[first + i]];
        const uint32_t at = place[rank]++;
        k->file[at] = first + i;
        set->labels[at] = rank;
    }
    free(place);
    image_set_recount(set, l->classes);
    return k ? 0 : err_set(err, ERR_MEMORY, "no memory for %" PRIu32 " pictures", n);
}

int pictures_shorter_side(const struct data_request *r)
{
    return r->resize ? r->resize : r->size >= 128 ? (r->size * 8 + 3) / 7 : r->size;
}

static int make_sets(struct dataset *d, const struct data_request *r, struct picture_listing *l, struct err *err)
{
    const struct picture_shape shape = { .kind = { .size = { r->size, r->size, 3 } },
                                         .kept = { .files = l->files, .shorter = pictures_shorter_side(r), .fast = r->fast } };
    struct image_set *const set[N_PICTURE_SPLITS] = { &d->train, &d->test, &d->val };
    int32_t *rank_of = malloc(sizeof *rank_of * (size_t)l->classes);
    int result = -1;
    if (!rank_of)
        err_set(err, ERR_MEMORY, "no memory for %d classes", l->classes);
    else if (dataset_init(d, l->classes, err) == 0)
        result = rank_classes(d, l, rank_of, err);
    for (int s = 0; s < N_PICTURE_SPLITS && result == 0; s++)
        result = make_set(set[s], &shape, l, (enum picture_split)s, rank_of, err);
    free(rank_of);
    return result;
}

int pictures_list(struct picture_listing *l, const struct data_request *r, struct err *err)
{
    if (r->source == DATA_FOLDER)
        return picture_list_folder(l, r->path, err) < 0 ? err_prefix(err, "%.200s", r->path) : 0;
    const struct picture_lists lists = { .list = { [PICTURES_TRAIN] = r->path, [PICTURES_TEST] = r->test_list, [PICTURES_VAL] = r->val_list }, .root = r->list_root, .names = r->names_list,
                                         .classes = r->tensor_classes };
    return picture_list_files(l, &lists, err);
}

/* The files of a listing without the bad ones. */
static void leave_out(struct picture_listing *l, const bool *bad)
{
    struct picture_files *f = l->files;
    uint32_t kept = 0, first[N_PICTURE_SPLITS] = { 0 }, n[N_PICTURE_SPLITS] = { 0 };
    for (uint32_t i = 0; i < f->n; i++) {
        if (bad[i])
            continue;
        for (int s = 0; s < N_PICTURE_SPLITS; s++)
            if (i >= l->split[s].first && i - l->split[s].first < l->split[s].n && n[s]++ == 0)
                first[s] = kept;
        f->file[kept] = f->file[i];
        l->label[kept++] = l->label[i];
    }
    f->n = kept;
    for (int s = 0; s < N_PICTURE_SPLITS; s++) {
        l->split[s].first = first[s];
        l->split[s].n = n[s];
    }
}

/* How many are left out, and the first of them by name. */
static void note_bad(struct dataset *d, const struct picture_files *files, const bool *bad, uint32_t n)
{
    enum { NAMED = 10 };
    uint32_t named = 0;
    snprintf(d->note, sizeof d->note, n == 1 ? "%" PRIu32 " picture that cannot be decoded is left out" : "%" PRIu32 " pictures that cannot be decoded are left out", n);
    for (uint32_t i = 0; i < files->n && named < NAMED; i++) {
        char safe[120];
        if (!bad[i])
            continue;
        text_safe(picture_name(files, i), safe, sizeof safe);
        text_append(d->note, sizeof d->note, "%s'%s'", named++ ? ", " : ": ", safe);
    }
    if (n > named)
        text_append(d->note, sizeof d->note, " and %" PRIu32 " more", n - named);
}

/* Reads every file once, and leaves out those that cannot be decoded: classes are counted afterwards. */
static int skip_bad(struct dataset *d, const struct data_request *r, struct picture_listing *l, struct err *err)
{
    const struct kept like = { .files = l->files, .shorter = pictures_shorter_side(r), .fast = r->fast };
    struct image_set all = { .n = l->files->n, .kind = { .size = { r->size, r->size, 3 } }, .reader = &pictures_reader, .kept = kept_new(&like, l->files->n) };
    struct work *w = calloc(1, sizeof *w);
    bool *bad = calloc((size_t)all.n + 1, sizeof *bad);
    int result = w && bad && all.kept ? 0 : err_set(err, ERR_MEMORY, "no memory to read %" PRIu32 " pictures", all.n);
    if (result == 0) {
        for (uint32_t i = 0; i < all.n; i++)
            ((struct kept *)all.kept)->file[i] = i;
        *w = (struct work){ .set = &all, .step = 1, .n = all.n, .bad = bad };
        do_work(w, NULL);
        if (bad_ones(w))
            note_bad(d, l->files, bad, bad_ones(w));
        leave_out(l, bad);
        result = picture_listing_check(l, "without what cannot be decoded", err);
    }
    release(&all);
    free(w);
    free(bad);
    return result;
}

int pictures_load(struct dataset *d, const struct data_request *r, struct err *err)
{
    struct picture_listing l = { 0 };
    if (pictures_shorter_side(r) < r->size)
        return err_set(err, ERR_RANGE, "resize %d is smaller than size %d; 0 or %d and more are accepted", r->resize, r->size, r->size);
    char skipped[sizeof d->note] = "";
    int result = pictures_list(&l, r, err);
    if (result == 0 && r->skip_bad) {
        result = skip_bad(d, r, &l, err);
        memcpy(skipped, d->note, sizeof skipped);
    }
    if (result == 0)
        result = make_sets(d, r, &l, err);
    memcpy(d->note, skipped, sizeof skipped);
    if (result == 0)
        picture_listing_tell(&l, d->note, sizeof d->note);
    if (result == 0 && r->val && d->val.n)
        result = err_set(err, ERR_INVALID, "val %" PRIu32 ": there are pictures for validation already (%" PRIu32 "); val 0 is accepted", r->val, d->val.n);
    picture_listing_release(&l);
    return result;
}

double pictures_full(const struct dataset *d, const struct data_request *r)
{
    const double beta = r->beta == 0 ? 100 : r->beta;
    double full = d->train.count[0];
    for (int c = 1; c < d->classes && r->imbalance != IMBALANCE_NONE; c++) {
        const double share = r->imbalance == IMBALANCE_EXP ? pow(beta, (double)c / (d->classes - 1)) : c < d->classes / 2 ? 1 : beta;
        if (d->train.count[c] * share < full)
            full = d->train.count[c] * share;
    }
    return full;
}

/* --- into memory --------------------------------------------------------------------------------------------------- */

enum { MEASURED = 4096 };

/* Mean and deviation of each channel's bytes/255, from sums in whole numbers: the same on every machine. */
static void set_picture_norm(struct image_norm *norm, const struct work *w)
{
    const double n = (double)(w->n - bad_ones(w)) * (double)(image_bytes(&w->set->kind) / 3);
    for (int ch = 0; ch < 3; ch++) {
        uint64_t sum = 0, square = 0;
        for (int i = 0; i < MOST_WORKERS; i++) {
            sum += w->share[i].sum[ch];
            square += w->share[i].square[ch];
        }
        const double mean = (double)sum / n, variance = (double)square / n - mean * mean;
        norm->mean[ch] = mean / 255;
        norm->std[ch] = variance > 1e-6 ? sqrt(variance) / 255 : 1; /* a channel of one value becomes 0 */
    }
}

static int take_into_memory(struct image_set *set, int classes, struct image_norm *norm, struct err *err)
{
    struct image_set made;
    if (image_set_init(&made, &set->kind, set->n, classes, err) < 0)
        return -1;
    struct work *w = calloc(1, sizeof *w);
    int result = w ? 0 : err_set(err, ERR_MEMORY, "no memory for %" PRIu32 " pictures", set->n);
    if (result == 0) {
        *w = (struct work){ .set = set, .step = 1, .n = set->n, .images = made.images };
        result = do_work(w, err);
    }
    if (result == 0 && norm)
        set_picture_norm(norm, w);
    free(w);
    if (result < 0) {
        image_set_release(&made);
        return -1;
    }
    memcpy(made.labels, set->labels, sizeof *set->labels * set->n);
    memcpy(made.count, set->count, sizeof *set->count * (size_t)classes);
    made.reader = &kept_pictures_reader;
    made.kept = set->kept;
    set->kept = NULL;
    image_set_release(set);
    *set = made;
    return 0;
}

/* Those that cannot be read are left out, and a training that meets one ends there: said now. */
static int measure_some(struct dataset *d, struct image_norm *norm, struct err *err)
{
    const struct image_set *set = &d->train;
    struct work *w = calloc(1, sizeof *w);
    if (!w)
        return err_set(err, ERR_MEMORY, "no memory to measure pictures");
    const uint32_t step = (set->n + MEASURED - 1) / MEASURED;
    *w = (struct work){ .set = set, .step = step, .n = (set->n + step - 1) / step };
    const int result = do_work(w, err);
    const uint32_t bad = bad_ones(w);
    const bool some = bad < w->n;
    if (some) {
        set_picture_norm(norm, w);
        if (bad)
            text_append(d->note, sizeof d->note, "%s%" PRIu32 " of %" PRIu32 " pictures cannot be read; 'data check' names such", d->note[0] ? "; " : "", bad, w->n);
    }
    free(w);
    return some ? 0 : result;
}

static uint64_t file_bytes(const struct image_set *set)
{
    const struct kept *k = set->kept;
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < set->n; i++)
        bytes += k->files->file[k->file[i]].size;
    return bytes;
}

int pictures_settle(struct dataset *d, uint32_t kept_mib, struct err *err)
{
    struct image_set *const set[] = { &d->train, &d->test, &d->val };
    struct image_norm norm = { 0 };
    const char *like;
    const struct image_norm *published = pictures_norm(d, &like);
    uint64_t decoded = 0, files = 0;
    int result = 0;
    for (int i = 0; i < 3; i++) {
        decoded += (uint64_t)set[i]->n * image_bytes(&set[i]->kind);
        files += file_bytes(set[i]);
    }
    if (decoded <= (uint64_t)kept_mib << 20 && files <= (uint64_t)kept_mib << 18)
        for (int i = 0; i < 3 && result == 0; i++)
            result = take_into_memory(set[i], d->classes, i == 0 ? &norm : NULL, err);
    else if (!published)
        result = measure_some(d, &norm, err);
    if (published) {
        norm = *published;
        text_append(d->note, sizeof d->note, "%sby its numbers this is %s, whose mean and deviation are used", d->note[0] ? "; " : "", like);
    }
    for (int i = 0; i < 3; i++)
        set[i]->kind.norm = norm;
    return result;
}
