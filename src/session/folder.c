#include "config.h"
#include "session/folder.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "session/io.h"

void folder_segment_name(unsigned number, char out[FOLDER_NAME_MAX])
{
    snprintf(out, FOLDER_NAME_MAX, "journal-%06u.zst", number);
}

void folder_snapshot_name(uint64_t step, unsigned timeline, char out[FOLDER_NAME_MAX])
{
    snprintf(out, FOLDER_NAME_MAX, "snap-%012" PRIu64 "-t%u.safetensors.zst", step, timeline);
}

static int by_number(const void *a, const void *b)
{
    unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;
    return x < y ? -1 : x > y;
}

static int snapshot_by_step(const void *a, const void *b)
{
    const struct folder_snapshot *x = a, *y = b;
    if (x->step != y->step)
        return x->step < y->step ? -1 : 1;
    return x->timeline < y->timeline ? -1 : x->timeline > y->timeline;
}

/* Room for one more item of an array that grows by doubling. */
static void *grow_items(void *items, int n, size_t size)
{
    bool full = n == 0 || (n >= 16 && (n & (n - 1)) == 0);
    return full ? realloc(items, (n ? 2 * (size_t)n : 16) * size) : items;
}

/* A name is ours when it is exactly what we would write for the numbers in it. */
int folder_add(struct folder *f, const char *name, struct err *err)
{
    char again[FOLDER_NAME_MAX];
    unsigned number, timeline;
    uint64_t step;
    void *more = f;
    if (sscanf(name, "journal-%6u.zst", &number) == 1 && (folder_segment_name(number, again), strcmp(name, again) == 0)) {
        if (f->n_segments == FOLDER_SEGMENTS_MAX)
            return err_set(err, ERR_DATA, "more than %d journal segments", FOLDER_SEGMENTS_MAX);
        more = grow_items(f->segment, f->n_segments, sizeof *f->segment);
        if (more) {
            f->segment = more;
            f->segment[f->n_segments++] = number;
        }
    } else if (sscanf(name, "snap-%12" SCNu64 "-t%5u.safetensors.zst", &step, &timeline) == 2 &&
               (folder_snapshot_name(step, timeline, again), strcmp(name, again) == 0)) {
        if (f->n_snapshots == FOLDER_SNAPSHOTS_MAX)
            return err_set(err, ERR_DATA, "more than %d snapshots", FOLDER_SNAPSHOTS_MAX);
        more = grow_items(f->snapshot, f->n_snapshots, sizeof *f->snapshot);
        if (more) {
            f->snapshot = more;
            f->snapshot[f->n_snapshots++] = (struct folder_snapshot){ step, timeline };
        }
    } else if (strncmp(name, "tmp-", 4) == 0 && strlen(name) == 20 && strspn(name + 4, "0123456789abcdef") == 16) {
        more = grow_items(f->tmp, f->n_tmp, sizeof *f->tmp);
        if (more) {
            f->tmp = more;
            snprintf(f->tmp[f->n_tmp++], FOLDER_NAME_MAX, "%s", name);
        }
    }
    return more ? 0 : err_set(err, ERR_MEMORY, "no memory to list the session");
}

void folder_sort(struct folder *f)
{
    if (f->n_segments)
        qsort(f->segment, (size_t)f->n_segments, sizeof *f->segment, by_number);
    if (f->n_snapshots)
        qsort(f->snapshot, (size_t)f->n_snapshots, sizeof *f->snapshot, snapshot_by_step);
}

int folder_list(int dir_fd, struct folder *out, struct err *err)
{
    *out = (struct folder){ 0 };
    DIR *dir = io_list(dir_fd);
    if (!dir)
        return err_io(err, "cannot list the session's folder");
    int result = 0;
    for (struct dirent *d; result == 0 && (d = readdir(dir));)
        result = folder_add(out, d->d_name, err);
    closedir(dir);
    if (result < 0) {
        folder_release(out);
        return -1;
    }
    folder_sort(out);
    return 0;
}

void folder_release(struct folder *f)
{
    free(f->segment);
    free(f->snapshot);
    free(f->tmp);
    *f = (struct folder){ 0 };
}
