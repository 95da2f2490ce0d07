/* Lists of files: lines of a path, blanks and a label. */
#include "config.h"
#include "engine/data/picture_listing.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/parallel.h"
#include "base/text.h"
#include "engine/data/picture.h"

struct list_reading { /* of one list */
    struct picture_listing *l;
    const char *list;
    uint32_t *line; /* [files] in which line each stands */
    uint32_t room, at;
    int32_t most;   /* labels below this are accepted */
};

static int bad_line(const struct list_reading *r, struct err *err, const char *what, const char *text, size_t length)
{
    char copy[128], safe[160];
    snprintf(copy, sizeof copy, "%.*s", (int)(length < sizeof copy ? length : sizeof copy - 1), text);
    text_safe(copy, safe, sizeof safe);
    return err_set(err, ERR_DATA, "%s: line %" PRIu32 ": '%s': %s", r->list, r->at, safe, what);
}

static bool is_blank_line(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* Digits and nothing else, below `most`; -1: no number, -2: too large. */
static long label_of(const char *text, size_t n, int32_t most)
{
    long label = 0;
    if (n == 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        label = label * 10 + (text[i] - '0');
        if (label >= most)
            label = most; /* and stays there */
    }
    return label < most ? label : -2;
}

/* Remembers the line of the file that comes next. */
static int keep_list_line(struct list_reading *r, struct err *err)
{
    const uint32_t n = r->l->files->n;
    if (n == r->room) {
        const uint32_t room = r->room ? 2 * r->room : 4096;
        uint32_t *line = realloc(r->line, sizeof *line * room);
        if (!line)
            return err_set(err, ERR_MEMORY, "no memory for the %" PRIu32 " lines of %s", r->at, r->list);
        r->line = line;
        r->room = room;
    }
    r->line[n] = r->at;
    return 0;
}

static int read_list_line(struct list_reading *r, const char *text, size_t n, struct err *err)
{
    const char *end = text + n;
    while (end > text && is_blank_line(end[-1]))
        end--;
    while (text < end && is_blank_line(*text))
        text++;
    if (text == end)
        return 0;
    const char *label = end, *path = end;
    while (label > text && !is_blank_line(label[-1]))
        label--;
    for (path = label; path > text && is_blank_line(path[-1]);)
        path--;
    const size_t length = (size_t)(end - text);
    if (path == text)
        return bad_line(r, err, "expected a path, a blank and a label", text, length);
    if (memchr(text, '\0', length))
        return bad_line(r, err, "holds a NUL byte", text, length);
    const long number = label_of(label, (size_t)(end - label), r->most);
    if (number < 0) {
        char why[80];
        snprintf(why, sizeof why, number == -1 ? "the label is no whole number from 0 on" : "the label is out of range, expected 0..%d", r->most - 1);
        return bad_line(r, err, why, text, length);
    }
    return keep_list_line(r, err) < 0 ? -1 : picture_listing_add(r->l, text, (size_t)(path - text), (int32_t)number, 0, err);
}

static int read_list_lines(struct list_reading *r, const char *text, size_t n, struct err *err)
{
    const char *end = text + n;
    if (n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        text += 3; /* a byte order mark */
    for (r->at = 1; text < end; r->at++) {
        const char *stop = memchr(text, '\n', (size_t)(end - text));
        stop = stop ? stop : end;
        if (read_list_line(r, text, (size_t)(stop - text), err) < 0)
            return -1;
        text = stop + 1;
    }
    return 0;
}

static int read_list(struct list_reading *r, enum picture_split split, struct err *err)
{
    size_t n;
    const uint32_t first = r->l->files->n;
    uint8_t *text = picture_read_file(AT_FDCWD, r->list, &n, err);
    if (!text)
        return err_prefix(err, "%s", r->list);
    int result = read_list_lines(r, (const char *)text, n, err);
    free(text);
    r->l->split[split].first = first;
    r->l->split[split].n = r->l->files->n - first;
    if (result == 0 && r->l->files->n == first)
        result = err_set(err, ERR_DATA, "%s: no lines; expected one of a path, a blank and a label for each picture", r->list);
    return result;
}

/* --- are the files there? ------------------------------------------------------------------------------------------- */

enum { PIECE = 4096 };

struct looking {
    struct picture_files *files;
    uint32_t first, n;
    int *failed; /* [pieces] errno of the first in the piece that is missing, or 0 */
    uint32_t *where;
};

static void look(void *context, int index, int worker)
{
    struct looking *l = context;
    const uint32_t from = (uint32_t)index * PIECE, to = from + PIECE < l->n ? from + PIECE : l->n;
    (void)worker;
    for (uint32_t i = from; i < to; i++) {
        struct stat st;
        struct picture_file *f = &l->files->file[l->first + i];
        const bool there = fstatat(l->files->root, l->files->name_bytes + f->name, &st, 0) == 0;
        if (!there || !S_ISREG(st.st_mode)) {
            l->failed[index] = there ? EISDIR : errno; /* errno of a call that worked is an older one's */
            l->where[index] = l->first + i;
            return;
        }
        f->size = (uint64_t)st.st_size;
    }
}

static int look_for_files(struct list_reading *r, enum picture_split split, const char *root, struct err *err)
{
    struct looking l = { .files = r->l->files, .first = r->l->split[split].first, .n = r->l->split[split].n };
    const int pieces = (int)((l.n + PIECE - 1) / PIECE);
    l.failed = calloc((size_t)pieces + 1, sizeof *l.failed);
    l.where = calloc((size_t)pieces + 1, sizeof *l.where);
    int result = l.failed && l.where ? 0 : err_set(err, ERR_MEMORY, "no memory for the files of %s", r->list);
    if (result == 0)
        parallel_each(parallel_threads(16), pieces, look, &l);
    for (int i = 0; i < pieces && result == 0; i++)
        if (l.failed[i]) {
            char safe[200], why[320];
            text_safe(picture_name(l.files, l.where[i]), safe, sizeof safe);
            r->at = r->line[l.where[i]];
            snprintf(why, sizeof why, "no such file in %.80s (%s)", root[0] ? root : "the current folder", strerror(l.failed[i]));
            result = bad_line(r, err, why, safe, strlen(safe));
        }
    free(l.failed);
    free(l.where);
    return result;
}

/* --- classes ------------------------------------------------------------------------------------------------------- */

static int read_names(struct picture_listing *l, const char *file, struct err *err)
{
    size_t n;
    int c = 0;
    char *text = (char *)picture_read_file(AT_FDCWD, file, &n, err);
    if (!text)
        return err_prefix(err, "%s", file);
    text[n] = '\0';
    for (char *at = text, *next; at; at = next) {
        next = strchr(at, '\n');
        if (next)
            *next++ = '\0';
        at[strcspn(at, "\r")] = '\0';
        if (!*at)
            continue;
        if (c < l->classes)
            picture_listing_name(l, c, at);
        c++;
    }
    free(text);
    if (c != l->classes)
        return err_set(err, ERR_DATA, "%s: %d names, expected %d: one a line, of label 0 first", file, c, l->classes);
    return 0;
}

static int make_classes(struct picture_listing *l, const struct picture_lists *lists, struct err *err)
{
    int32_t most = 0;
    for (uint32_t i = 0; i < l->split[PICTURES_TRAIN].n; i++)
        most = l->label[i] > most ? l->label[i] : most;
    if (picture_listing_classes(l, lists->classes ? lists->classes : most + 1, err) < 0)
        return -1;
    if (lists->names && lists->names[0])
        return read_names(l, lists->names, err);
    for (int c = 0; c < l->classes; c++)
        snprintf(l->class_name[c], CLASS_NAME_SIZE, "%d", c);
    return 0;
}

static int read_text_file(struct list_reading *r, const struct picture_lists *lists, const char *root, struct err *err)
{
    for (int s = 0; s < N_PICTURE_SPLITS; s++) {
        r->list = lists->list[s];
        if (!r->list || !r->list[0])
            continue;
        if (read_list(r, (enum picture_split)s, err) < 0 || (s == PICTURES_TRAIN && make_classes(r->l, lists, err) < 0))
            return -1;
        r->most = r->l->classes;
        if (look_for_files(r, (enum picture_split)s, root, err) < 0)
            return -1;
    }
    return picture_listing_check(r->l, lists->list[PICTURES_TRAIN], err);
}

int picture_list_files(struct picture_listing *l, const struct picture_lists *lists, struct err *err)
{
    const char *root = lists->root ? lists->root : "";
    struct list_reading r = { .l = l, .most = lists->classes ? lists->classes : DATASET_MAX_CLASSES };
    if (picture_listing_begin(l, root[0] ? root : NULL, err) < 0)
        return err_prefix(err, "%.200s", root);
    int result = read_text_file(&r, lists, root, err);
    free(r.line);
    return result;
}
