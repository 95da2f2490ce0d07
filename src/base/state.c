#include "config.h"
#include "base/state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

bool state_path(const char *name, char *out, size_t size)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    int n = -1;
    if (state && state[0] == '/')
        n = snprintf(out, size, "%s/saddle/%s", state, name);
    else if (home && home[0] == '/')
        n = snprintf(out, size, "%s/.local/state/saddle/%s", home, name);
    return n > 0 && (size_t)n < size;
}

int state_make_folders(const char *path)
{
    char folder[4096];
    if (strlen(path) >= sizeof folder) {
        errno = ENAMETOOLONG;
        return -1;
    }
    for (const char *p = strchr(path + 1, '/'); p; p = strchr(p + 1, '/')) {
        snprintf(folder, sizeof folder, "%.*s", (int)(p - path), path);
        if (mkdir(folder, 0700) != 0 && errno != EEXIST)
            return -1;
    }
    return 0;
}
