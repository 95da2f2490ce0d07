/* engine/data/picture_check.h - reads every picture of a data set once, on threads of low priority beside whatever else is done: which cannot
 * be decoded, which are of an unusual kind, and which are there twice. What it finds is kept in the user's state (base/state.h), and holds at the next
 * check for files of the same name, size and time. Begun, asked and freed by one thread. */
#ifndef ENGINE_PICTURE_CHECK_H
#define ENGINE_PICTURE_CHECK_H

#include "base/buf.h"
#include "engine/data/dataset.h"

struct picture_check;

/* NULL with *err: the set is not of pictures on disk, or there is no memory. The set may be freed meanwhile. */
struct picture_check *picture_check_start(const struct dataset *d, struct err *err);

/* Numbers of the pictures read so far and of all; true when it is over. */
bool picture_check_over(const struct picture_check *c, uint32_t *read, uint32_t *of);

/* Waits for the end and adds what was found, line by line. How many pictures cannot be decoded. */
uint32_t picture_check_report(struct picture_check *c, struct buf *lines);

void picture_check_free(struct picture_check *c); /* ends it; NULL is allowed */

#endif
