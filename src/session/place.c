#include "config.h"
#include "session/place.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "session/io.h"
#include "session/pack.h"

struct pack_part { /* a file of the session within the packed one */
    char name[FOLDER_NAME_MAX];
    struct walk_part at;
};
struct pack {
    struct pack_part *part; /* by name */
    int n, cap;
    bool snapshots;    /* the first of them came: no event may follow */
    bool in_snapshot;  /* its seal is still to come */
    uint64_t records;
    char broken[240];
};

/* --- what lies where ------------------------------------------------------------------------------------------------- */

static int append_part(struct pack *k, const struct walk_part *at, struct err *err)
{
    if (k->n >= FOLDER_SEGMENTS_MAX + FOLDER_SNAPSHOTS_MAX)
        return err_set(err, ERR_DATA, "more than %d files in it", FOLDER_SEGMENTS_MAX + FOLDER_SNAPSHOTS_MAX);
    if (k->n == k->cap) {
        const int cap = k->cap ? 2 * k->cap : 16;
        struct pack_part *more = realloc(k->part, (size_t)cap * sizeof *more);
        if (!more)
            return err_set(err, ERR_MEMORY, "no memory to list %d files", cap);
        k->part = more;
        k->cap = cap;
    }
    k->part[k->n++] = (struct pack_part){ .at = *at };
    return 0;
}

static int take_events(struct pack *k, const struct walk *w, const struct walk_part *at, struct err *err)
{
    uint64_t segment;
    if (k->snapshots)
        return err_set(err, ERR_DATA, "events behind a snapshot");
    if (record_ext_u64(w->ext, w->r.ext_bytes, RECORD_TLV_SEGMENT, &segment)) {
        if (segment == 0 || segment > 999999)
            return err_set(err, ERR_DATA, "a segment with the number %" PRIu64, segment);
        if (append_part(k, at, err) < 0)
            return -1;
        folder_segment_name((unsigned)segment, k->part[k->n - 1].name);
    }
    return k->n ? 0 : err_set(err, ERR_DATA, "its first events belong to no segment");
}

/* The header that was just read; `at`: where it lies. */
static int take_next(struct pack *k, const struct walk *w, const struct walk_part *at, struct err *err)
{
    const enum record_type type = (enum record_type)w->r.type;
    if (type == RECORD_EVENTS)
        return take_events(k, w, at, err);
    if (type >= RECORD_ANCILLARY)
        return k->n ? 0 : err_set(err, ERR_DATA, "it does not begin with events");
    if (type != RECORD_SLICE && type != RECORD_SEAL)
        return err_set(err, ERR_DATA, "a record of type %u; it needs a newer program", type);
    if (!k->in_snapshot && append_part(k, at, err) < 0)
        return -1;
    k->snapshots = k->in_snapshot = true;
    if (type == RECORD_SLICE)
        return 0;
    if (w->r.last_step > FOLDER_STEP_MAX) /* no folder would list it */
        return err_set(err, ERR_DATA, "a snapshot of step %" PRIu64 "; at most %" PRIu64 " is accepted", w->r.last_step, FOLDER_STEP_MAX);
    folder_snapshot_name(w->r.last_step, w->r.timeline, k->part[k->n - 1].name);
    k->in_snapshot = false;
    return 0;
}

/* The seek table fills the rest of the file, and speaks of what is before it. */
static int check_table(const struct walk *w, uint64_t records, struct err *err)
{
    uint8_t head[8], foot[PACK_FOOT_BYTES], entry[512 * PACK_ENTRY_BYTES];
    const uint64_t bytes = w->size - w->offset, want = sizeof head + records * PACK_ENTRY_BYTES + PACK_FOOT_BYTES;
    uint64_t sum = 0;
    if (bytes != want || io_read_at(w->fd, head, sizeof head, w->offset) != sizeof head ||
        io_read_at(w->fd, foot, sizeof foot, w->size - sizeof foot) != sizeof foot)
        return err_set(err, ERR_DATA, "its end is missing");
    if (load_u32(head) != PACK_TABLE_MAGIC || load_u32(head + 4) != bytes - sizeof head || load_u32(foot) != records || foot[4] != 0 ||
        load_u32(foot + 5) != PACK_FOOT_MAGIC)
        return err_set(err, ERR_DATA, "its end is not a table of %" PRIu64 " records", records);
    for (uint64_t i = 0; i < records;) {
        const uint64_t n = records - i < 512 ? records - i : 512;
        if (io_read_at(w->fd, entry, n * PACK_ENTRY_BYTES, w->offset + sizeof head + i * PACK_ENTRY_BYTES) != (ssize_t)(n * PACK_ENTRY_BYTES))
            return err_io(err, "cannot read its table");
        for (uint64_t e = 0; e < n; e++)
            sum += load_u32(entry + e * PACK_ENTRY_BYTES);
        i += n;
    }
    return sum == w->offset ? 0 : err_set(err, ERR_DATA, "its table speaks of %" PRIu64 " bytes, and there are %" PRIu64, sum, w->offset);
}

static bool is_at_table(const struct walk *w)
{
    uint8_t head[4];
    return io_read_at(w->fd, head, sizeof head, w->offset) == sizeof head && load_u32(head) == PACK_TABLE_MAGIC;
}

static int by_part_name(const void *a, const void *b)
{
    const struct pack_part *x = a, *y = b;
    return strcmp(x->name, y->name);
}

/* What is not whole is left out: a snapshot without a seal, and the second of two files of the same name. */
static void tidy_parts(struct pack *k)
{
    int kept = 0;
    if (k->in_snapshot && k->n)
        k->n--;
    if (k->n)
        qsort(k->part, (size_t)k->n, sizeof *k->part, by_part_name);
    for (int i = 0; i < k->n; i++)
        if (kept && strcmp(k->part[kept - 1].name, k->part[i].name) == 0)
            snprintf(k->broken, sizeof k->broken, "%s is in it twice", k->part[i].name);
        else
            k->part[kept++] = k->part[i];
    k->n = kept;
}

/* Every header from the first to the table. -1 with *err: at `offset` of the walk. */
static int index_records(struct pack *k, struct walk *w, struct err *err)
{
    while (!is_at_table(w)) {
        struct walk_part at = { .packed = true, .begin = w->offset, .seq = w->seq, .chain = w->chain };
        int got = walk_next(w, false, err);
        if (got == 0)
            return err_set(err, ERR_DATA, "its end is missing");
        if (got < 0 || take_next(k, w, &at, err) < 0)
            return -1;
        k->part[k->n - 1].at.end = w->offset;
        k->records++;
    }
    return check_table(w, k->records, err);
}

static struct pack *pack_read(int fd, struct err *err)
{
    struct err why = { 0 };
    struct walk w;
    struct pack *k = calloc(1, sizeof *k);
    if (!k)
        err_set(err, ERR_MEMORY, "no memory to read a packed session");
    if (!k || walk_part_open(&w, fd, &(struct walk_part){ .packed = true }, NULL, err) < 0) {
        free(k);
        return NULL;
    }
    if (index_records(k, &w, &why) < 0)
        snprintf(k->broken, sizeof k->broken, "packed file, byte %" PRIu64 " of %" PRIu64 ": %.180s", w.offset, w.size, why.text);
    tidy_parts(k);
    walk_release(&w);
    return k;
}

/* --- a folder or a packed file --------------------------------------------------------------------------------------- */

int place_open(struct place *p, const char *path, struct err *err)
{
    struct stat st;
    *p = (struct place){ .fd = io->openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0) };
    if (p->fd < 0)
        return err_io(err, "cannot open folder '%s'", path);
    if (io->fstat(p->fd, &st) < 0) {
        err_io(err, "cannot look at '%s'", path);
        place_release(p);
        return -1;
    }
    if (S_ISDIR(st.st_mode))
        return 0;
    p->pack = S_ISREG(st.st_mode) ? pack_read(p->fd, err) : NULL;
    if (p->pack && p->pack->n)
        return 0;
    if (p->pack || !S_ISREG(st.st_mode))
        err_set(err, ERR_DATA, "'%s' is neither the folder of a session nor a packed one", path);
    place_release(p);
    return -1;
}

void place_release(struct place *p)
{
    if (p->fd >= 0)
        io->close(p->fd);
    p->fd = -1;
    if (p->pack)
        free(p->pack->part);
    free(p->pack);
    p->pack = NULL;
}

const char *place_broken(const struct place *p)
{
    return p->pack && p->pack->broken[0] ? p->pack->broken : NULL;
}

static const struct pack_part *find_part(const struct place *p, const char *name)
{
    struct pack_part key;
    snprintf(key.name, sizeof key.name, "%s", name);
    const struct pack_part *found = p->pack->n ? bsearch(&key, p->pack->part, (size_t)p->pack->n, sizeof key, by_part_name) : NULL;
    if (!found)
        errno = ENOENT;
    return found;
}

int place_list(const struct place *p, struct folder *out, struct err *err)
{
    if (!p->pack)
        return folder_list(p->fd, out, err);
    *out = (struct folder){ 0 };
    for (int i = 0; i < p->pack->n; i++)
        if (folder_add(out, p->pack->part[i].name, err) < 0) {
            folder_release(out);
            return -1;
        }
    folder_sort(out);
    return 0;
}

int place_walk(const struct place *p, struct walk *w, const char *name, const uint8_t *id, struct err *err)
{
    if (!p->pack)
        return walk_open(w, p->fd, name, id, err);
    const struct pack_part *part = find_part(p, name);
    *w = (struct walk){ .fd = -1 };
    return part ? walk_part_open(w, p->fd, &part->at, id, err) : err_io(err, "cannot open %s", name);
}

int place_stat(const struct place *p, const char *name, struct stat *out)
{
    if (!p->pack)
        return io->fstatat(p->fd, name, out);
    const struct pack_part *part = find_part(p, name);
    if (!part || io->fstat(p->fd, out) < 0)
        return -1;
    out->st_size = (off_t)(part->at.end - part->at.begin);
    return 0;
}
