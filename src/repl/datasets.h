/* repl/datasets.h - where on this machine the data of recorded runs lie. A recording names its data by hash and holds no path; the
 * user's own file $XDG_STATE_HOME/saddle/data (mode 0600) remembers the paths, lines "SHA256 KIND PATH", up to DATASETS_PLACES of a hash, the newest
 * last. A hint and no more: whoever takes a path from it checks what lies there. Any thread. */
#ifndef REPL_DATASETS_H
#define REPL_DATASETS_H

struct err;

enum { DATASETS_MOST = 1000 }; /* lines; the oldest go first */
enum { DATASETS_PLACES = 4 };  /* of one hash and kind */

/* Notes that the data with this hash are at `path` (a relative one counts from the current folder). Two saddles may do so at once.
 * Nothing is written when the file says so already. -1 with *err; the file is then as it was. */
int datasets_remember(const char *sha256, const char *kind, const char *path, struct err *err);

/* The paths of data of that kind with this hash, or with any (NULL): newest first, each once. How many; free() each and the array.
 * A file that cannot be read holds none. */
int datasets_find(const char *sha256, const char *kind, char ***out);

#endif
