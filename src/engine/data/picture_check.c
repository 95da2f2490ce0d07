#include "config.h"
#include "engine/data/picture_check.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/parallel.h"
#include "base/state.h"
#include "base/text.h"
#include "engine/data/picture.h"
#include "engine/data/picture_findings.h"
#include "engine/data/picture_listing.h"
#include "engine/data/pictures.h"

enum { TOLD = 20, REASON_SIZE = 160, PATH_SIZE = 4096 };
enum finding { FOUND_BAD, FOUND_DAMAGE, FOUND_CMYK, FOUND_DEEP, FOUND_TURNED, FOUND_GREY, N_FINDINGS };

struct checked {
    uint32_t file;
    int32_t label;
    uint8_t split;
    bool read;                  /* its bytes, now or by an earlier check */
    struct picture_finding own; /* found: bits 1 << enum finding */
};

struct picture_check {
    struct picture_files *files;
    struct checked *item;
    uint32_t n;
    char (*reason)[REASON_SIZE]; /* [n_reasons] of pictures that cannot be decoded, by their position */
    uint32_t reason_of[TOLD];
    uint32_t n_reasons;
    pthread_mutex_t lock; /* of the reasons */
    pthread_t thread;
    bool running;
    char kept[PATH_SIZE]; /* file of the findings in this folder; "": there is no place for one */
    struct picture_findings before;
    atomic_uint read, known;
    atomic_bool ended, over;
};

/* --- one picture --------------------------------------------------------------------------------------------------- */

/* The reasons of the first TOLD pictures, whoever reads them first. */
static void keep_reason(struct picture_check *c, uint32_t i, const char *why)
{
    uint32_t at;
    pthread_mutex_lock(&c->lock);
    for (at = c->n_reasons; at > 0 && c->reason_of[at - 1] > i; at--)
        ;
    if (at < TOLD) {
        const uint32_t last = c->n_reasons < TOLD ? c->n_reasons++ : TOLD - 1;
        memmove(&c->reason_of[at + 1], &c->reason_of[at], sizeof c->reason_of[0] * (last - at));
        memmove(&c->reason[at + 1], &c->reason[at], sizeof c->reason[0] * (last - at));
        c->reason_of[at] = i;
        snprintf(c->reason[at], REASON_SIZE, "%s", why);
    }
    pthread_mutex_unlock(&c->lock);
}

static int read_all_rows(struct picture *p, struct err *err)
{
    uint8_t *row = malloc((size_t)picture_facts(p)->width * 3);
    int result = row ? 0 : err_set(err, ERR_MEMORY, "no memory for a row");
    for (int y = 0; y < picture_facts(p)->height && result == 0; y++)
        result = picture_row(p, row, err);
    free(row);
    return result;
}

static uint8_t findings(const struct picture_facts *f)
{
    return (uint8_t)((f->warnings > 0) << FOUND_DAMAGE | f->cmyk << FOUND_CMYK | f->deep << FOUND_DEEP | (f->orientation > 1) << FOUND_TURNED |
                     f->grey << FOUND_GREY);
}

static uint64_t hash_bytes(const uint8_t *bytes, size_t n)
{
    struct digest d;
    char hex[DIGEST_HEX];
    digest_init(&d);
    digest_add(&d, bytes, n);
    digest_hex(&d, hex);
    hex[16] = '\0';
    return strtoull(hex, NULL, 16);
}

static void read_picture(struct picture_check *c, uint32_t index)
{
    struct checked *item = &c->item[index];
    struct err err = { 0 };
    size_t n = 0;
    uint8_t *bytes = picture_read_file(c->files->root, picture_name(c->files, item->file), &n, &err);
    struct picture *p = bytes ? picture_open(bytes, n, &err) : NULL;
    item->read = bytes != NULL;
    if (bytes)
        item->own.content = hash_bytes(bytes, n);
    if (!p || read_all_rows(p, &err) < 0) {
        item->own.found = 1 << FOUND_BAD;
        keep_reason(c, index, err.text);
    } else {
        item->own.found = findings(picture_facts(p));
    }
    picture_close(p);
    free(bytes);
}

/* What an earlier check found holds while name, size and time are the same. */
static bool is_known(struct picture_check *c, struct checked *item)
{
    const char *name = picture_name(c->files, item->file);
    struct stat st;
    if (fstatat(c->files->root, name, &st, 0) < 0)
        return false;
    item->own = (struct picture_finding){ .name = picture_finding_name(name), .size = (uint64_t)st.st_size,
                                          .time = (uint64_t)st.st_mtim.tv_sec * 1000000000u + (uint64_t)st.st_mtim.tv_nsec };
    const struct picture_finding *before = picture_findings_of(&c->before, &item->own);
    if (!before)
        return false;
    item->own = *before;
    item->read = true;
    return true;
}

static void check_one(void *context, int index, int worker)
{
    struct picture_check *c = context;
    (void)worker;
    if (atomic_load(&c->ended))
        return;
    if (is_known(c, &c->item[index]))
        atomic_fetch_add(&c->known, 1);
    else
        read_picture(c, (uint32_t)index);
    atomic_fetch_add(&c->read, 1);
}

static void *check_all(void *context)
{
    struct picture_check *c = context;
    parallel_each_aside((int)c->n, check_one, c);
    atomic_store(&c->over, true);
    return NULL;
}

/* --- what is kept -------------------------------------------------------------------------------------------------- */

/* One file for each folder that names begin at. */
static void find_place(struct picture_check *c)
{
    char folder[PATH_SIZE], hex[DIGEST_HEX], name[DIGEST_HEX + 16];
    struct digest d;
    if (!picture_folder_path(c->files->root, folder, sizeof folder))
        return;
    digest_init(&d);
    digest_add(&d, folder, strlen(folder));
    digest_hex(&d, hex);
    snprintf(name, sizeof name, "checks/%.16s", hex);
    if (!state_path(name, c->kept, sizeof c->kept))
        c->kept[0] = '\0';
}

/* Of all that could be decoded; what could not is read again. A failure costs the next check its time and nothing else. */
static void keep_findings(struct picture_check *c)
{
    struct picture_finding *list = c->kept[0] ? malloc(sizeof *list * ((size_t)c->n + 1)) : NULL;
    uint32_t n = 0;
    for (uint32_t i = 0; list && i < c->n; i++)
        if (c->item[i].read && c->item[i].own.name && !(c->item[i].own.found & 1 << FOUND_BAD))
            list[n++] = c->item[i].own;
    if (n > 0 && atomic_load(&c->read) > atomic_load(&c->known))
        picture_findings_write(&c->before, list, n, c->kept, NULL);
    free(list);
}

/* Waits for the thread, once. */
static void end_check(struct picture_check *c)
{
    if (!c->running)
        return;
    pthread_join(c->thread, NULL);
    keep_findings(c);
    c->running = false;
}

/* --- life ---------------------------------------------------------------------------------------------------------- */

void picture_check_free(struct picture_check *c)
{
    if (!c)
        return;
    atomic_store(&c->ended, true);
    end_check(c);
    pthread_mutex_destroy(&c->lock);
    picture_files_drop(c->files);
    picture_findings_release(&c->before);
    free(c->item);
    free(c->reason);
    free(c);
}

static struct picture_check *make_check(const struct dataset *d)
{
    const struct image_set *const set[N_PICTURE_SPLITS] = { &d->train, &d->test, &d->val };
    struct picture_check *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    pthread_mutex_init(&c->lock, NULL);
    c->n = d->train.n + d->test.n + d->val.n;
    c->item = calloc((size_t)c->n + 1, sizeof *c->item);
    c->reason = calloc(TOLD, sizeof *c->reason);
    if (!c->item || !c->reason) {
        picture_check_free(c);
        return NULL;
    }
    for (uint32_t s = 0, at = 0; s < N_PICTURE_SPLITS; s++)
        for (uint32_t i = 0; i < set[s]->n; i++, at++)
            c->item[at] = (struct checked){ .file = pictures_file(set[s], i), .label = set[s]->labels[i], .split = (uint8_t)s };
    c->files = picture_files_hold(pictures_files(&d->train));
    find_place(c);
    if (c->kept[0])
        picture_findings_read(&c->before, c->kept);
    return c;
}

struct picture_check *picture_check_start(const struct dataset *d, struct err *err)
{
    if (!pictures_files(&d->train))
        return err_set(err, ERR_INVALID, "%s: no pictures on disk; 'data folder DIR' and 'data list FILE' have such", d->name), NULL;
    struct picture_check *c = make_check(d);
    if (!c)
        return err_set(err, ERR_MEMORY, "no memory to check %" PRIu32 " pictures", d->train.n), NULL;
    c->running = thread_start(&c->thread, check_all, c) == 0;
    if (c->running)
        return c;
    picture_check_free(c);
    return err_set(err, ERR_MEMORY, "no thread to check pictures on"), NULL;
}

bool picture_check_over(const struct picture_check *c, uint32_t *read, uint32_t *of)
{
    *read = atomic_load(&c->read);
    *of = c->n;
    return atomic_load(&c->over);
}

/* --- the report ---------------------------------------------------------------------------------------------------- */

static int by_hash(const void *a, const void *b)
{
    const struct checked *x = *(const struct checked *const *)a, *y = *(const struct checked *const *)b;
    if (x->own.content != y->own.content)
        return x->own.content < y->own.content ? -1 : 1;
    return x < y ? -1 : x > y;
}

static void add_bad(struct buf *lines, const struct picture_check *c, const struct checked *item)
{
    char safe[200];
    text_safe(picture_name(c->files, item->file), safe, sizeof safe);
    buf_addf(lines, "'%s'", safe);
}

/* Files of the same bytes: what was learnt from one tells nothing new of the other. */
static void add_copies(struct buf *lines, const struct picture_check *c)
{
    uint32_t copies = 0, classes = 0, splits = 0;
    const struct checked *first = NULL, *second = NULL, **order = malloc(sizeof *order * ((size_t)c->n + 1));
    if (!order)
        return;
    for (uint32_t i = 0; i < c->n; i++)
        order[i] = &c->item[i];
    qsort(order, c->n, sizeof *order, by_hash);
    for (uint32_t i = 1; i < c->n; i++) {
        const struct checked *a = order[i - 1], *b = order[i];
        if (!a->read || !b->read || a->own.content != b->own.content)
            continue;
        copies++;
        classes += a->label != b->label;
        splits += a->split != b->split;
        if (!first || a < first) {
            first = a;
            second = b;
        }
    }
    free(order);
    if (!copies)
        return;
    buf_addf(lines, "%" PRIu32 " %s", copies, copies == 1 ? "picture has the bytes of another one" : "pictures have the bytes of others");
    if (copies == 1) {
        buf_adds(lines, classes ? ", in another class" : "");
        buf_adds(lines, splits ? ", in another split" : "");
    } else {
        buf_addf(lines, classes ? ", %" PRIu32 " of them in another class" : "", classes);
        buf_addf(lines, splits ? ", %" PRIu32 " of them in another split" : "", splits);
    }
    buf_adds(lines, copies == 1 ? ": " : "; the first: ");
    add_bad(lines, c, first);
    buf_adds(lines, " and ");
    add_bad(lines, c, second);
    buf_addc(lines, '\n');
}

static void add_kinds(struct buf *lines, const uint32_t *count)
{
    static const char *const what[N_FINDINGS] = { NULL, "damaged, but decoded to the end", "of four inks (CMYK)", "of 16 bits, of which 8 are kept",
                                                  "turned by their EXIF, which is not looked at", "grey" };
    const char *before = "";
    for (int i = 1; i < N_FINDINGS; i++)
        if (count[i]) {
            buf_addf(lines, "%s%" PRIu32 " %s", before, count[i], what[i]);
            before = "; ";
        }
    if (before[0])
        buf_addc(lines, '\n');
}

uint32_t picture_check_report(struct picture_check *c, struct buf *lines)
{
    uint32_t count[N_FINDINGS] = { 0 };
    end_check(c);
    for (uint32_t i = 0; i < c->n; i++)
        for (int k = 0; k < N_FINDINGS; k++)
            count[k] += c->item[i].own.found >> k & 1;
    buf_addf(lines, "%" PRIu32 " pictures are read", c->n);
    if (atomic_load(&c->known))
        buf_addf(lines, " (%" PRIu32 " by an earlier check: name, size and time are the same)", atomic_load(&c->known));
    if (count[FOUND_BAD])
        buf_addf(lines, ", %" PRIu32 " cannot be decoded:\n", count[FOUND_BAD]);
    else
        buf_adds(lines, ", all can be decoded\n");
    for (uint32_t i = 0; i < c->n_reasons; i++) {
        add_bad(lines, c, &c->item[c->reason_of[i]]);
        buf_addf(lines, ": %s\n", c->reason[i]);
    }
    if (count[FOUND_BAD] > c->n_reasons)
        buf_addf(lines, "and %" PRIu32 " more\n", count[FOUND_BAD] - c->n_reasons);
    add_kinds(lines, count);
    add_copies(lines, c);
    return count[FOUND_BAD];
}
