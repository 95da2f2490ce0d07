/* base/state.h - where this user's own small files are: $XDG_STATE_HOME/saddle, or ~/.local/state/saddle. What lies there is
 * of this machine and this user, and nothing of it goes into a recording. Any thread. */
#ifndef BASE_STATE_H
#define BASE_STATE_H

#include <stdbool.h>
#include <stddef.h>

/* The path of the file `name` there. false: no place (neither XDG_STATE_HOME nor HOME is an absolute path), or too long. */
bool state_path(const char *name, char *out, size_t size);

/* Makes the folders above a file (mode 0700). 0, or -1 with errno. */
int state_make_folders(const char *path);

#endif
