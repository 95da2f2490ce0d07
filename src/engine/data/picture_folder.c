/* A folder for each class. */
#include "config.h"
#include "engine/data/picture_listing.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

enum { DEEPEST = 32, NAME_SIZE = 4096 };

/* A folder that is being read, and those that it lies in. */
struct visit {
    const struct visit *above;
    dev_t dev;
    ino_t ino;
    int depth;
};

struct folder_walk {
    struct picture_listing *l;
    char name[NAME_SIZE]; /* from the root on */
    int32_t class_index;
};

struct entries {
    char **name; /* sorted by their bytes */
    size_t n, room;
};

static int said(struct err *err, const char *name, const char *why)
{
    char safe[256];
    text_safe(name, safe, sizeof safe);
    return err_set(err, ERR_DATA, "'%s' %s", safe, why);
}

static int said_io(struct err *err, const char *name)
{
    char safe[256];
    text_safe(name, safe, sizeof safe);
    return err_io(err, "cannot read '%s'", safe);
}

static void entries_release(struct entries *e)
{
    for (size_t i = 0; i < e->n; i++)
        free(e->name[i]);
    free(e->name);
    *e = (struct entries){ 0 };
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int add_entry(struct entries *e, const char *name)
{
    if (e->n == e->room) {
        size_t room = e->room ? 2 * e->room : 64;
        char **grown = realloc(e->name, room * sizeof *grown);
        if (!grown)
            return -1;
        e->name = grown;
        e->room = room;
    }
    e->name[e->n] = strdup(name);
    return e->name[e->n] ? (e->n++, 0) : -1;
}

/* The names in a folder, without those that begin with a dot. */
static int read_folder(struct entries *e, int root, const char *folder, struct err *err)
{
    const int fd = openat(root, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    int result = 0;
    *e = (struct entries){ 0 };
    if (!dir) {
        said_io(err, folder);
        if (fd >= 0)
            close(fd);
        return -1;
    }
    for (struct dirent *d; errno = 0, result == 0 && (d = readdir(dir));)
        if (d->d_name[0] != '.' && add_entry(e, d->d_name) < 0)
            result = err_set(err, ERR_MEMORY, "no memory for the names of %zu files", e->n);
    if (result == 0 && errno)
        result = said_io(err, folder);
    closedir(dir);
    if (result < 0)
        entries_release(e);
    else if (e->n)
        qsort(e->name, e->n, sizeof *e->name, by_bytes);
    return result;
}

static bool is_picture(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot && (strcasecmp(dot, ".jpg") == 0 || strcasecmp(dot, ".jpeg") == 0 || strcasecmp(dot, ".png") == 0);
}

static int walk_folder(struct folder_walk *w, const struct visit *above, const struct stat *st, struct err *err);

static int walk_entry(struct folder_walk *w, const struct visit *here, struct err *err)
{
    struct stat st;
    if (fstatat(w->l->files->root, w->name, &st, 0) < 0)
        return errno == ENOENT ? said(err, w->name, "is a link to nothing, or went away while the folder was read") : said_io(err, w->name);
    if (S_ISDIR(st.st_mode))
        return walk_folder(w, here, &st, err);
    if (S_ISREG(st.st_mode) && is_picture(w->name))
        return picture_listing_add(w->l, w->name, strlen(w->name), w->class_index, (uint64_t)st.st_size, err);
    w->l->others++;
    return 0;
}

static int walk_folder(struct folder_walk *w, const struct visit *above, const struct stat *st, struct err *err)
{
    const struct visit here = { .above = above, .dev = st->st_dev, .ino = st->st_ino, .depth = above ? above->depth + 1 : 1 };
    const size_t length = strlen(w->name);
    struct entries e;
    for (const struct visit *v = above; v; v = v->above)
        if (v->dev == here.dev && v->ino == here.ino)
            return said(err, w->name, "is a link to a folder that it lies in");
    if (here.depth > DEEPEST)
        return said(err, w->name, "lies too deep; up to 32 folders are accepted");
    if (read_folder(&e, w->l->files->root, w->name, err) < 0)
        return -1;
    int result = 0;
    for (size_t i = 0; i < e.n && result == 0; i++) {
        if ((size_t)snprintf(w->name + length, sizeof w->name - length, "/%s", e.name[i]) >= sizeof w->name - length)
            result = said(err, w->name, "is a path that is too long");
        else
            result = walk_entry(w, &here, err);
    }
    w->name[length] = '\0';
    entries_release(&e);
    return result;
}

static bool is_class_folder(int root, const char *name)
{
    struct stat st;
    return fstatat(root, name, &st, 0) == 0 && S_ISDIR(st.st_mode);
}

/* Only folders are kept. */
static int class_folders(struct entries *e, int root, const char *folder, struct err *err)
{
    size_t kept = 0;
    char path[NAME_SIZE];
    if (read_folder(e, root, folder, err) < 0)
        return -1;
    for (size_t i = 0; i < e->n; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, e->name[i]);
        if (is_class_folder(root, path))
            e->name[kept++] = e->name[i];
        else
            free(e->name[i]);
    }
    e->n = kept;
    return 0;
}

static int class_called(const struct entries *classes, const char *name)
{
    char **found = classes->n ? bsearch(&name, classes->name, classes->n, sizeof *classes->name, by_bytes) : NULL;
    return found ? (int)(found - classes->name) : -1;
}

/* The pictures of every class in one folder. */
static int walk_split(struct picture_listing *l, enum picture_split split, const char *folder, const struct entries *classes, struct err *err)
{
    struct entries e;
    struct folder_walk w = { .l = l };
    if (class_folders(&e, l->files->root, folder, err) < 0)
        return -1;
    l->split[split].first = l->files->n;
    int result = 0;
    for (size_t i = 0; i < e.n && result == 0; i++) {
        w.class_index = class_called(classes, e.name[i]);
        snprintf(w.name, sizeof w.name, "%s/%s", folder, e.name[i]);
        if (w.class_index < 0)
            result = said(err, w.name, "is a class that is not among those to train on");
        else
            result = walk_entry(&w, NULL, err);
    }
    l->split[split].n = l->files->n - l->split[split].first;
    entries_release(&e);
    return result;
}

static int name_classes(struct picture_listing *l, const struct entries *classes, const char *folder, struct err *err)
{
    if (classes->n > DATASET_MAX_CLASSES)
        return err_set(err, ERR_DATA, "%zu folders of classes in %s; up to %d are accepted", classes->n, folder, DATASET_MAX_CLASSES);
    if (classes->n == 0)
        return err_set(err, ERR_DATA, "no folders in %s; expected train and, where there are such, test and val, each with a folder of pictures for each "
                       "class, or just the folders of the classes", folder);
    if (picture_listing_classes(l, (int)classes->n, err) < 0)
        return -1;
    for (int c = 0; c < l->classes; c++)
        picture_listing_name(l, c, classes->name[c]);
    return 0;
}

static const char *const split_name[N_PICTURE_SPLITS] = { "train", "test", "val" };

/* What other programs call a set of pictures: never all classes there are. */
static bool is_set_word(const char *name)
{
    static const char *const word[] = { "train", "training", "test", "testing", "val", "valid", "validation" };
    size_t i = 0;
    while (i < sizeof word / sizeof *word && strcasecmp(name, word[i]) != 0)
        i++;
    return i < sizeof word / sizeof *word;
}

static int check_no_sets(const struct entries *classes, struct err *err)
{
    size_t sets = 0;
    while (sets < classes->n && is_set_word(classes->name[sets]))
        sets++;
    if (sets == 0 || sets < classes->n)
        return 0;
    return err_set(err, ERR_DATA, "'%s' is no class but a set of them by its name; sets are called train, test and val here", classes->name[0]);
}

/* The first folder beside train that is called like a set and is none of ours. */
static int find_unread(struct picture_listing *l, struct err *err)
{
    struct entries e;
    if (class_folders(&e, l->files->root, ".", err) < 0)
        return -1;
    for (size_t i = 0; i < e.n && !l->unread[0]; i++) {
        bool ours = !is_set_word(e.name[i]);
        for (int s = 0; s < N_PICTURE_SPLITS; s++)
            ours |= strcmp(e.name[i], split_name[s]) == 0;
        snprintf(l->unread, sizeof l->unread, "%s", ours ? "" : e.name[i]);
    }
    entries_release(&e);
    return 0;
}

int picture_list_folder(struct picture_listing *l, const char *folder, struct err *err)
{
    struct entries classes = { 0 };
    if (picture_listing_begin(l, folder, err) < 0)
        return -1;
    struct stat st;
    if (fstatat(l->files->root, "batches.meta", &st, 0) == 0 || fstatat(l->files->root, "batches.meta.txt", &st, 0) == 0)
        return err_set(err, ERR_DATA, "holds no pictures but CIFAR-10's own files; 'data cifar10 --root DIR' reads its binary version");
    const bool splits = is_class_folder(l->files->root, "train");
    int result = class_folders(&classes, l->files->root, splits ? "train" : ".", err);
    if (result == 0)
        result = splits ? find_unread(l, err) : check_no_sets(&classes, err);
    if (result == 0)
        result = name_classes(l, &classes, splits ? "train" : "it", err);
    if (result == 0)
        result = walk_split(l, PICTURES_TRAIN, splits ? "train" : ".", &classes, err);
    for (int s = PICTURES_TEST; s < N_PICTURE_SPLITS && splits && result == 0; s++)
        if (is_class_folder(l->files->root, split_name[s]))
            result = walk_split(l, (enum picture_split)s, split_name[s], &classes, err);
    entries_release(&classes);
    return result < 0 ? -1 : picture_listing_check(l, splits ? "train" : "it", err);
}

void picture_listing_tell(const struct picture_listing *l, char *note, size_t size)
{
    if (l->others)
        text_append(note, size, "%s%" PRIu32 " file%s neither .jpg, .jpeg nor .png and left out", note[0] ? "; " : "", l->others, l->others == 1 ? " is" : "s are");
    if (l->unread[0])
        text_append(note, size, "%sthe folder %s beside train is not read; test and val are", note[0] ? "; " : "", l->unread);
}
