/* engine/data/picture_listing.h - which picture files there are, and of which class: from folders, or from lists. No picture is read;
 * sizes of all files are. Not for several threads at once. */
#ifndef ENGINE_PICTURE_LISTING_H
#define ENGINE_PICTURE_LISTING_H

#include "engine/data/dataset.h"

/* The files of a listing, shared by the sets that are made of them. */
struct picture_files {
    int references;
    int root; /* folder that names begin at, opened; AT_FDCWD before */
    char *name_bytes;
    size_t used, room;
    size_t capacity; /* files that there is room for */
    struct picture_file {
        size_t name;   /* in name_bytes, NUL-terminated: as listed, any bytes */
        uint64_t size; /* bytes */
    } *file;
    uint32_t n;
};
static inline const char *picture_name(const struct picture_files *f, uint32_t i)
{
    return f->name_bytes + f->file[i].name;
}
struct picture_files *picture_files_hold(struct picture_files *f); /* one reference more */
void picture_files_drop(struct picture_files *f);                  /* NULL is allowed */

/* Where an open folder, or AT_FDCWD, lies. False: the system does not say, or the path has no room. */
bool picture_folder_path(int folder, char *out, size_t size);

enum picture_split { PICTURES_TRAIN, PICTURES_TEST, PICTURES_VAL, N_PICTURE_SPLITS };

/* Files first..first+n-1 are of a split; label[i] is of file i. */
struct picture_listing {
    struct picture_files *files;
    int32_t *label; /* [files->n] 0..classes-1 in the order of folders' names or as the lists say */
    size_t labels;  /* there is room for */
    struct {
        uint32_t first, n;
    } split[N_PICTURE_SPLITS];
    int classes;
    char (*class_name)[CLASS_NAME_SIZE]; /* [classes] fit for a terminal, each another */
    uint32_t others; /* folders: files that are neither .jpg, .jpeg nor .png */
    char unread[16]; /* folders: one beside train that is called like a set, and is not read; or "" */
};

/* DIR/{train,test,val}/CLASS/..., of which test and val may be missing, or DIR/CLASS/...: files below a class's folder, at any depth, in
 * the order of their names. Links are followed. -1 with *err: no class or one, a class without a picture, a class of test or val
 * that train has not, a loop of links, folders called like sets (Train, valid) instead of classes. Release it then too. */
int picture_list_folder(struct picture_listing *l, const char *folder, struct err *err);

/* Adds what is left out to a note, "..." or "...; ...". */
void picture_listing_tell(const struct picture_listing *l, char *note, size_t size);

struct picture_lists {
    const char *list[N_PICTURE_SPLITS]; /* files of lines "PATH LABEL"; NULL or "": none */
    const char *root;                   /* where relative PATHs begin; NULL or "": the current folder */
    const char *names;                  /* a class's name a line; NULL or "": the labels are the names */
    int classes;                        /* 0 = the largest label of train and one */
};
/* -1 with *err, which names list and line: no PATH LABEL, a label out of range, a missing file; or a class without a picture. */
int picture_list_files(struct picture_listing *l, const struct picture_lists *lists, struct err *err);

void picture_listing_release(struct picture_listing *l);

/* A listing without files, whose names begin at `root` (NULL: the current folder). -1 with *err: no such folder. */
int picture_listing_begin(struct picture_listing *l, const char *root, struct err *err);
/* One file more, of size bytes. 0 or -1 with *err. */
int picture_listing_add(struct picture_listing *l, const char *name, size_t length, int32_t label, uint64_t size, struct err *err);
/* Room for the names of classes: 0 or -1 with *err. */
int picture_listing_classes(struct picture_listing *l, int classes, struct err *err);
/* Cleans a name and makes it another than those before it. */
void picture_listing_name(struct picture_listing *l, int class_index, const char *name);
/* A list needs at least two classes, each with a picture to train on; `where` for the message. */
int picture_listing_check(const struct picture_listing *l, const char *where, struct err *err);

#endif
