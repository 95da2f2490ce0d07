/* engine/data/picture_cache.h - smaller copies of a data set's pictures in a folder of their own, under the same names: JPEG whose shorter side
 * has so many pixels, for pictures that are larger, and the very bytes of all others. A copy carries the time of its original, so that what
 * was written is found again, and what has changed is written anew. Written by threads of low priority beside whatever else is done;
 * begun, asked and freed by one thread. */
#ifndef ENGINE_PICTURE_CACHE_H
#define ENGINE_PICTURE_CACHE_H

#include "base/buf.h"
#include "engine/data/dataset.h"

enum { PICTURE_CACHE_MOST = 4096 }; /* pixels of a shorter side */

struct picture_cache;

struct picture_cache_size {
    uint32_t n, there;     /* pictures, and those of which there is a copy already */
    int shorter;
    uint64_t bytes, free;  /* that the others will take, about, and that the disk has */
};

/* Lists the pictures of the request again, makes `folder` where there is none, and measures some. Nothing else is written yet. shorter 0: as many
 * pixels as the request evaluates. NULL with *err: no pictures, a folder that holds something else, a disk without enough room. */
struct picture_cache *picture_cache_new(const struct data_request *r, const char *folder, int shorter, struct err *err);
const struct picture_cache_size *picture_cache_size(const struct picture_cache *c);

int picture_cache_start(struct picture_cache *c, struct err *err);
/* Numbers of the copies there so far and of all; true when it is over. */
bool picture_cache_over(const struct picture_cache *c, uint32_t *there, uint32_t *of);
/* Waits for the end and adds what came of it, line by line. -1 with *err: it could not be finished; what is there stays. */
int picture_cache_report(struct picture_cache *c, struct buf *lines, struct err *err);
void picture_cache_free(struct picture_cache *c); /* ends it; NULL is allowed */

#endif
