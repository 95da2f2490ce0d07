/* session/place.h - where a recording is read: the folder of a session, or its packed file (saddle-session(5), BUNDLES). Both have the same
 * files by the same names; in a packed file each is a stretch of records. Never writes. One thread. */
#ifndef SESSION_PLACE_H
#define SESSION_PLACE_H

#include <sys/stat.h>

#include "session/folder.h"
#include "session/walk.h"

struct pack;

struct place {
    int fd;            /* the folder or the packed file; owned if place_open() made it */
    struct pack *pack; /* what lies where in the packed file; NULL: a folder */
};

/* Opens a path given by the user. A packed file is looked through by its headers; one that is cut off or damaged opens as well, with what is before
 * that. -1 with *err: not there, or neither a folder nor a packed file. */
int place_open(struct place *p, const char *path, struct err *err);
void place_release(struct place *p);

/* What is wrong with a packed file as a whole; NULL: nothing. */
const char *place_broken(const struct place *p);

/* The same as folder_list(), walk_open() and fstatat() of a folder. */
int place_list(const struct place *p, struct folder *out, struct err *err);
int place_walk(const struct place *p, struct walk *w, const char *name, const uint8_t *id, struct err *err);
int place_stat(const struct place *p, const char *name, struct stat *out);

#endif
