#include "config.h"
#include "base/path.h"

#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"

/* The home of a user, or (user "") of this one. */
static bool home_of(const char *user, char *out, size_t size)
{
    const char *home = user[0] ? NULL : getenv("HOME");
    struct passwd entry, *found = NULL;
    char memory[4096];
    if (!home || !home[0]) {
        if (user[0])
            getpwnam_r(user, &entry, memory, sizeof memory, &found);
        else
            getpwuid_r(getuid(), &entry, memory, sizeof memory, &found);
        home = found ? found->pw_dir : NULL;
    }
    return home && home[0] && (size_t)snprintf(out, size, "%s", home) < size;
}

int path_expand(const char *typed, char *out, size_t size, struct err *err)
{
    char user[64], home[2048] = "";
    size_t n = strcspn(typed, "/");
    int length;
    if (typed[0] == '~') {
        if (n > sizeof user)
            return err_set(err, ERR_INVALID, "no user has a name as long as in '%.80s'", typed);
        snprintf(user, sizeof user, "%.*s", (int)(n - 1), typed + 1);
        if (!home_of(user, home, sizeof home))
            return err_set(err, ERR_INVALID, "no home for '~%s'; in quotes ~ is a character like others", user);
        length = snprintf(out, size, "%s%s", home, typed + n);
    } else
        length = snprintf(out, size, "%s", typed);
    return length >= 0 && (size_t)length < size ? 0 : err_set(err, ERR_INVALID, "path longer than %zu bytes", size - 1);
}
