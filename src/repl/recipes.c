/* The places of recipes: $SADDLE_RECIPES, the source tree beside a binary that is not installed, the installed folder. */
#include "config.h"
#include "repl/bench.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char suffix[] = ".sad";

/* The folder that counts: the first that exists. */
static int recipe_root(char *out, size_t size)
{
    const char *env = getenv("SADDLE_RECIPES");
    if (env && *env) {
        snprintf(out, size, "%s", env);
        return 0;
    }
    char self[1024], try[1400];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    if (n > 0) {
        self[n] = '\0';
        char *slash = strrchr(self, '/');
        if (slash)
            *slash = '\0';
        /* build/saddle beside src/, or a build folder anywhere that remembers its source */
        static const char *const beside[] = { "recipes", "../recipes" };
        for (size_t i = 0; i < sizeof beside / sizeof *beside; i++) {
            snprintf(try, sizeof try, "%s/%s", self, beside[i]);
            if (access(try, R_OK | X_OK) == 0 && snprintf(out, size, "%s", try) < (int)size)
                return 0;
        }
        if (strcmp(self, BINDIR) != 0 && access(SOURCE_DIR "/recipes", R_OK | X_OK) == 0) {
            snprintf(out, size, "%s", SOURCE_DIR "/recipes");
            return 0;
        }
    }
    snprintf(out, size, "%s", PKGDATADIR "/recipes");
    return access(out, R_OK | X_OK);
}

/* --- the list ------------------------------------------------------------------------------------------------------ */

/* nftw() has no argument of its own; recipes are listed by one thread at a time, the one that has the workbench. */
static struct {
    char **name;
    int n;
    size_t skip;
} found;

static int add_recipe(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)ftw;
    size_t len = strlen(path), tail = sizeof suffix - 1;
    if (type != FTW_F || len <= found.skip + tail || strcmp(path + len - tail, suffix) != 0)
        return 0;
    char **more = realloc(found.name, sizeof *more * (size_t)(found.n + 1));
    if (!more)
        return -1;
    found.name = more;
    more[found.n] = strndup(path + found.skip, len - found.skip - tail);
    if (more[found.n])
        found.n++;
    return 0;
}

static int by_recipe_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

int recipe_list(char ***out)
{
    char root[1400];
    found.name = NULL;
    found.n = 0;
    if (recipe_root(root, sizeof root) == 0) {
        found.skip = strlen(root) + 1;
        nftw(root, add_recipe, 8, FTW_PHYS);
    }
    if (found.n)
        qsort(found.name, (size_t)found.n, sizeof *found.name, by_recipe_name);
    *out = found.name;
    return found.n;
}

/* --- one ----------------------------------------------------------------------------------------------------------- */

static int unknown_recipe(const char *name, struct err *err)
{
    char **names;
    int n = recipe_list(&names);
    const char *near = nearest_word(name, (const char *const *)names, n);
    if (near)
        err_set(err, ERR_INVALID, "unknown recipe '%s'; did you mean '%s'?", name, near);
    else
        err_set(err, ERR_INVALID, "unknown recipe '%s'; 'preset' lists them", name);
    for (int i = 0; i < n; i++)
        free(names[i]);
    free(names);
    return -1;
}

int recipe_find(const char *name, char *out, size_t size, struct err *err)
{
    char root[1400];
    /* a name stays inside the folder: what is outside is run by `source` */
    if (name[0] == '/' || strstr(name, "..") || recipe_root(root, sizeof root) != 0)
        return unknown_recipe(name, err);
    if (snprintf(out, size, "%s/%s%s", root, name, suffix) >= (int)size || access(out, R_OK) != 0)
        return unknown_recipe(name, err);
    return 0;
}
