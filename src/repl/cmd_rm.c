/* rm: a recorded run, or a sweep with all of its runs. */
#include "config.h"
#include "repl/bench.h"
#include "repl/handlers.h"
#include "repl/sweep.h"
#include "session/mailbox.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

/* --- a run --------------------------------------------------------------------------------------------------------- */

static bool is_session_file(const char *name)
{
    return strcmp(name, "lock") == 0 || strcmp(name, "reserve") == 0 || strncmp(name, "journal-", 8) == 0 || strncmp(name, "snap-", 5) == 0
        || strncmp(name, "tmp-", 4) == 0 || strcmp(name, "inbox") == 0;
}

/* Only files that a session has: a folder with anything else in it is not emptied. */
static int remove_files(int fd, const char *dir, bool really, struct err *err)
{
    DIR *d = fdopendir(dup(fd));
    if (!d)
        return err_io(err, "cannot read '%s'", dir);
    rewinddir(d);
    int result = 0;
    for (struct dirent *e; result == 0 && (e = readdir(d));) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        if (!is_session_file(e->d_name))
            result = err_set(err, ERR_INVALID, "%s holds '%s', which is no part of a session; remove it by hand", dir, e->d_name);
        else if (really && unlinkat(fd, e->d_name, 0) < 0)
            result = err_io(err, "cannot remove '%s/%s'", dir, e->d_name);
    }
    closedir(d);
    return result;
}

/* A link is not followed, also not when a slash stands behind it. really: false only looks whether it may be done. */
static int remove_session(char *dir, bool really, struct err *err)
{
    for (size_t n = strlen(dir); n > 1 && dir[n - 1] == '/'; n--)
        dir[n - 1] = '\0';
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return err_io(err, "cannot open '%s'", dir);
    int result = remove_files(fd, dir, false, err);
    if (result == 0 && really)
        mail_clear(dir, true);
    if (result == 0 && really && faccessat(fd, "inbox", F_OK, AT_SYMLINK_NOFOLLOW) == 0)
        result = err_set(err, ERR_INVALID, "%s/inbox holds what is no part of a session; remove it by hand", dir);
    if (result == 0 && really)
        result = remove_files(fd, dir, true, err);
    close(fd);
    if (result == 0 && really && rmdir(dir) < 0)
        result = err_io(err, "cannot remove '%s'", dir);
    return result;
}

/* Nobody writes it, and nobody here looks at it. */
static int check_unused(const struct workbench *w, const struct session_info *info, const char *dir, struct err *err)
{
    if (info->locked)
        return err_set(err, ERR_LOCKED, "%s is being written; 'stop' it first", info->name);
    if (w->replay.on && strcmp(w->replay.stream.dir, dir) == 0)
        return err_set(err, ERR_INVALID, "%s is being replayed; 'live' leaves it", info->name);
    return 0;
}

static int forget_session(struct workbench *w, char *dir, struct err *err)
{
    if (remove_session(dir, true, err) < 0)
        return -1;
    if (strcmp(w->run.dir, dir) == 0)
        w->run.dir[0] = '\0';
    return 0;
}

static int remove_run(struct workbench *w, struct call *c, char *dir, struct err *err)
{
    char question[1500];
    struct session_info info;
    if (session_info(dir, &info, err) < 0 || check_unused(w, &info, dir, err) < 0)
        return call_bad(c, 0);
    snprintf(question, sizeof question, "delete %s (%s, epoch %.1f) for good?", info.name, info.data, info.epoch);
    if (bench_confirm(w, c, question, err) < 0 || forget_session(w, dir, err) < 0)
        return -1;
    bench_say(w, "removed %s", info.name);
    return 0;
}

/* --- a sweep ------------------------------------------------------------------------------------------------------- */

struct sweep_removal {
    struct workbench *w;
    const char *root;
    bool really;
};

/* Each run that is there; how many, or -1 at the first that may not be removed. */
static int each_run(const struct sweep_removal *r, const struct sweep_plan *p, struct err *err)
{
    int found = 0;
    for (int i = 0; i < sweep_points(p) * p->seeds; i++) {
        char name[512], dir[1600];
        struct session_info info;
        sweep_run_name(p, i / p->seeds, i % p->seeds, name, sizeof name);
        snprintf(dir, sizeof dir, "%.1000s/%.500s.saddle", r->root, name);
        if (access(dir, F_OK) != 0)
            continue;
        if (session_info(dir, &info, err) < 0 || check_unused(r->w, &info, dir, err) < 0)
            return -1;
        if (r->really ? forget_session(r->w, dir, err) < 0 : remove_session(dir, false, err) < 0)
            return -1;
        found++;
    }
    return found;
}

/* Its runs, then the file that says which they are: what is interrupted can be done again. */
static int remove_planned(struct sweep_removal *r, struct call *c, const struct sweep_plan *p, struct err *err)
{
    char question[200];
    const int runs = each_run(r, p, err);
    if (runs < 0)
        return call_bad(c, 0);
    snprintf(question, sizeof question, "delete the sweep %s and its %d recorded run%s for good?", p->name, runs, runs == 1 ? "" : "s");
    r->really = true;
    if (bench_confirm(r->w, c, question, err) < 0 || each_run(r, p, err) < 0 || sweep_file_remove(r->root, p->name, err) < 0)
        return -1;
    bench_say(r->w, "removed the sweep %s and its %d run%s", p->name, runs, runs == 1 ? "" : "s");
    return 0;
}

static int remove_sweep(struct workbench *w, struct call *c, const char *root, const char *name, struct err *err)
{
    struct sweep_removal r = { .w = w, .root = root };
    if (w->sweep && strcmp(name, sweep_name(w->sweep)) == 0)
        return err_set(err, ERR_LOCKED, "%s is under way; 'sweep --stop' ends it", name), call_bad(c, 0);
    struct sweep_plan *p = calloc(1, sizeof *p);
    if (!p)
        return err_set(err, ERR_MEMORY, "no memory for a sweep");
    const int lock = sweep_file_read(root, name, p, err) < 0 ? -1 : sweep_file_lock(root, name, err);
    const int result = lock < 0 ? call_bad(c, 0) : remove_planned(&r, c, p, err);
    if (lock >= 0)
        close(lock);
    sweep_release(p);
    free(p);
    return result;
}

/* --- the command --------------------------------------------------------------------------------------------------- */

/* NAME.sweep is a sweep; NAME is one where no run is called so. */
int cmd_rm(struct workbench *w, struct call *c, struct err *err)
{
    char root[1024], dir[1300], name[256];
    if (session_root(w->options.sessions, root, sizeof root, err) < 0)
        return -1;
    snprintf(name, sizeof name, "%s", c->word[0].text);
    const bool said = text_ends(name, sweep_suffix);
    if (said)
        name[strlen(name) - strlen(sweep_suffix)] = '\0';
    if (!said && bench_find_run(w, c->word[0].text, dir, sizeof dir, err) == 0)
        return remove_run(w, c, dir, err);
    if (said || sweep_file_there(root, name))
        return remove_sweep(w, c, root, name, err);
    return call_bad(c, 0);
}
