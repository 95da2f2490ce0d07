/* base/file.h - the one way a file for the user is written: whole under its name, or not at all. Any thread.
 *
 * The text goes into a new file beside the target, mode 0666 less the umask, is synced, gets its name, and the folder is synced.
 * Without `force` the name is taken only if it is free at that moment: neither a file nor a link (dangling or not) that is there,
 * or appears meanwhile, is replaced or written through. With `force` a regular file or a link of that name is replaced, not
 * written into; folders, devices and pipes never are. On failure nothing is left behind. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
#include <stdio.h>

struct err;

/* Writes to `out`; -1 with *err to give up. Failed writes need not be looked for. */
typedef int file_fill(void *ctx, FILE *out, struct err *err);

/* -1 with *err: ERR_INVALID when the name is taken, ERR_IO when the system refused. */
int file_publish(const char *path, bool force, file_fill *fill, void *ctx, struct err *err);
/* What file_publish() would refuse by what is there now: a taken name, no such folder, one that cannot be written to. Nothing is made. */
int file_may_publish(const char *path, bool force, struct err *err);

/* The same with force and mode 0600, for what is nobody else's business. */
int file_replace_private(const char *path, file_fill *fill, void *ctx, struct err *err);

#endif
