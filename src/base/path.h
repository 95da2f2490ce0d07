/* base/path.h - paths as a user types them. Any thread. */
#ifndef BASE_PATH_H
#define BASE_PATH_H

#include <stddef.h>

struct err;

/* `typed` with a leading ~ (the user's home: $HOME, else as the system knows it) or ~NAME (that user's) made a path; anything else as
 * it is. -1 with *err: no such user, no home, or longer than size - 1 bytes. */
int path_expand(const char *typed, char *out, size_t size, struct err *err);

#endif
