#include "config.h"
#include "engine/data/picture_listing.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

enum { MOST_FILES = 1 << 26 };

struct picture_files *picture_files_hold(struct picture_files *f)
{
    f->references++;
    return f;
}

void picture_files_drop(struct picture_files *f)
{
    if (!f || --f->references > 0)
        return;
    if (f->root >= 0)
        close(f->root);
    free(f->name_bytes);
    free(f->file);
    free(f);
}

bool picture_folder_path(int folder, char *out, size_t size)
{
    char link[64] = "/proc/self/cwd";
    if (folder != AT_FDCWD)
        snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
    const ssize_t n = readlink(link, out, size);
    if (n <= 0 || (size_t)n == size)
        return false;
    out[n] = '\0';
    return true;
}

/* Doubles a block until it has `wanted` elements. */
static int grow(void **block, size_t *room, size_t wanted, size_t each)
{
    size_t larger = *room ? *room : 1024;
    while (larger < wanted)
        larger *= 2;
    void *grown = larger == *room ? *block : realloc(*block, larger * each);
    if (!grown)
        return -1;
    *block = grown;
    *room = larger;
    return 0;
}

int picture_listing_begin(struct picture_listing *l, const char *root, struct err *err)
{
    *l = (struct picture_listing){ .files = calloc(1, sizeof *l->files) };
    if (!l->files)
        return err_set(err, ERR_MEMORY, "no memory for a list of files");
    l->files->references = 1;
    l->files->root = root ? open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : AT_FDCWD;
    return l->files->root == -1 ? err_io(err, "cannot open it") : 0;
}

int picture_listing_add(struct picture_listing *l, const char *name, size_t length, int32_t label, uint64_t size, struct err *err)
{
    struct picture_files *f = l->files;
    const size_t n = (size_t)f->n + 1;
    if (f->n == MOST_FILES)
        return err_set(err, ERR_RANGE, "more than %d files", MOST_FILES);
    if (grow((void **)&f->name_bytes, &f->room, f->used + length + 1, 1) < 0 || grow((void **)&f->file, &f->capacity, n, sizeof *f->file) < 0 ||
        grow((void **)&l->label, &l->labels, n, sizeof *l->label) < 0)
        return err_set(err, ERR_MEMORY, "no memory for the names of %" PRIu32 " files", f->n);
    l->label[f->n] = label;
    f->file[f->n++] = (struct picture_file){ .name = f->used, .size = size };
    memcpy(f->name_bytes + f->used, name, length);
    f->name_bytes[f->used + length] = '\0';
    f->used += length + 1;
    return 0;
}

void picture_listing_release(struct picture_listing *l)
{
    picture_files_drop(l->files);
    free(l->label);
    free(l->class_name);
    *l = (struct picture_listing){ 0 };
}

int picture_listing_classes(struct picture_listing *l, int classes, struct err *err)
{
    l->classes = classes;
    l->class_name = calloc((size_t)classes, sizeof *l->class_name);
    return l->class_name ? 0 : err_set(err, ERR_MEMORY, "no memory for %d classes", classes);
}

/* Long names may begin alike: such a one ends in its number. */
void picture_listing_name(struct picture_listing *l, int class_index, const char *name)
{
    char *out = l->class_name[class_index], number[16];
    const size_t used = text_safe(name, out, CLASS_NAME_SIZE);
    bool taken = used == 0;
    for (int c = 0; c < class_index && !taken; c++)
        taken = strcmp(l->class_name[c], out) == 0;
    if (!taken)
        return;
    const size_t n = (size_t)snprintf(number, sizeof number, "~%d", class_index);
    size_t at = used + n < CLASS_NAME_SIZE ? used : CLASS_NAME_SIZE - 1 - n;
    while (at > 0 && ((unsigned char)out[at] & 0xc0) == 0x80)
        at--;
    memcpy(out + at, number, n + 1);
}

int picture_listing_check(const struct picture_listing *l, const char *where, struct err *err)
{
    uint32_t *count = calloc((size_t)l->classes + 1, sizeof *count);
    int result = count ? 0 : err_set(err, ERR_MEMORY, "no memory for %d classes", l->classes);
    for (uint32_t i = 0; count && i < l->split[PICTURES_TRAIN].n; i++)
        count[l->label[l->split[PICTURES_TRAIN].first + i]]++;
    for (int c = 0; c < l->classes && result == 0; c++)
        if (count[c] == 0)
            result = err_set(err, ERR_DATA, "%s: class %d (%s) has no picture to train on; each of the %d classes needs one", where, c,
                             l->class_name[c], l->classes);
    if (result == 0 && l->classes < 2)
        result = err_set(err, ERR_DATA, "%s: all pictures are of one class (%s); at least two classes are needed", where,
                         l->classes ? l->class_name[0] : "none");
    free(count);
    return result;
}
