/* The file NAME.sweep of a sweep: written once, read like what a user typed, locked by who is at it. */
#include "config.h"
#include "repl/bench.h"
#include "repl/sweep.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/text.h"
#include "repl/lex.h"

enum { SWEEP_PATH = 1100, SWEEP_TEXT = 65536, SWEEP_LOCK_TRIES = 20, SWEEP_LOCK_MS = 50 };
const char sweep_suffix[] = ".sweep";

static void path_of_sweep(const char *root, const char *name, char *out)
{
    snprintf(out, SWEEP_PATH, "%.900s/%.100s%s", root, name, sweep_suffix);
}

bool sweep_file_there(const char *root, const char *name)
{
    char path[SWEEP_PATH];
    path_of_sweep(root, name, path);
    return !strchr(name, '/') && access(path, F_OK) == 0;
}

int sweep_file_remove(const char *root, const char *name, struct err *err)
{
    char path[SWEEP_PATH];
    path_of_sweep(root, name, path);
    return unlink(path) == 0 ? 0 : err_io(err, "cannot remove '%s'", path);
}

/* --- written and locked -------------------------------------------------------------------------------------------- */

static int fill_sweep_file(void *ctx, FILE *out, struct err *err)
{
    const struct sweep_plan *p = ctx;
    struct buf text = { 0 };
    buf_addf(&text, "# a sweep of saddle; 'sweep %s --resume' goes on with it\n", p->name);
    sweep_lines(p, &p->base, &text);
    sweep_command(p, &text);
    buf_addc(&text, '\n');
    const int result = text.failed ? err_set(err, ERR_MEMORY, "no memory for a sweep") : 0;
    if (result == 0)
        fputs(text.data, out);
    buf_release(&text);
    return result;
}

int sweep_file_make(const char *root, struct sweep_plan *p, struct err *err)
{
    char path[SWEEP_PATH];
    path_of_sweep(root, p->name, path);
    return file_publish(path, false, fill_sweep_file, p, err);
}

int sweep_file_lock(const char *root, const char *name, struct err *err)
{
    char path[SWEEP_PATH];
    path_of_sweep(root, name, path);
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return err_io(err, "cannot read '%s'", path);
    int tries = SWEEP_LOCK_TRIES; /* of one that was killed just now a child may hold it for a moment */
    while (flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK && --tries > 0)
        poll(NULL, 0, SWEEP_LOCK_MS);
    if (tries == 0) {
        close(fd);
        return err_set(err, ERR_LOCKED, "another process is at this sweep");
    }
    return fd;
}

/* --- read ---------------------------------------------------------------------------------------------------------- */

/* A pipe of that name holds nobody up: Tab reads every one that there is. */
static FILE *open_sweep(const char *path)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    FILE *in = fd >= 0 ? fdopen(fd, "r") : NULL;
    if (fd >= 0 && !in)
        close(fd);
    return in;
}

static char *sweep_text(const char *path, struct err *err)
{
    FILE *in = open_sweep(path);
    char *text = in ? calloc(1, SWEEP_TEXT) : NULL;
    if (!in)
        err_io(err, "cannot read '%s'", path);
    else if (!text)
        err_set(err, ERR_MEMORY, "no memory for a sweep");
    else if (fread(text, 1, SWEEP_TEXT - 1, in) == SWEEP_TEXT - 1 || ferror(in)) {
        err_set(err, ERR_DATA, "'%s' is no sweep", path);
        free(text);
        text = NULL;
    }
    if (in)
        fclose(in);
    return text;
}

/* A line beside knobs sets up, or is one that a recording may have as well: the file may have been another's. */
static bool may_stand(const char *line)
{
    struct lexed l;
    int at;
    if (lex_line(line, &l, &at, NULL) < 0)
        return false;
    struct call *c = calloc(1, sizeof *c);
    const struct command_info *info = l.n_commands == 1 ? command_find(l.word[0].text, false, NULL) : NULL;
    const bool may = c && info && call_parse(c, info, l.word, l.n_words, NULL) == 0 && (info->group == GROUP_SETUP || call_may_be_recorded(c));
    free(c);
    lex_release(&l);
    return may;
}

static int check_more(struct sweep_plan *p, struct err *err)
{
    const char *at = p->more.data ? p->more.data : "", *line;
    size_t n;
    while ((line = text_next_line(&at, &n))) {
        char *copy = strndup(line, n);
        const bool may = copy && may_stand(copy);
        free(copy);
        if (!may)
            return err_set(err, ERR_DATA, "'%.*s' is no line of a sweep", n < 60 ? (int)n : 60, line);
    }
    return 0;
}

int sweep_file_read(const char *root, const char *name, struct sweep_plan *p, struct err *err)
{
    char path[SWEEP_PATH];
    const char *command;
    path_of_sweep(root, name, path);
    if (!sweep_file_there(root, name))
        return err_set(err, ERR_DATA, "no sweep '%s'; 'sweep' lists those there are, 'sweep KNOB=V,V,...' makes one", name);
    char *text = sweep_text(path, err);
    int result = text ? sweep_read(p, text, &command, err) : -1;
    if (result == 0)
        result = check_more(p, err) < 0 ? -1 : sweep_plan_of_line(command, p, err);
    snprintf(p->name, sizeof p->name, "%s", name);
    free(text);
    if (result == 0 || !text)
        return result;
    err->code = ERR_DATA;
    return err_prefix(err, "%s%s", name, sweep_suffix);
}

void sweep_file_command(const char *root, const char *name, char *out, size_t size)
{
    char path[SWEEP_PATH];
    const char *at, *line;
    size_t n;
    path_of_sweep(root, name, path);
    char *text = sweep_text(path, NULL);
    out[0] = '\0';
    for (at = text ? text : ""; (line = text_next_line(&at, &n));)
        if (n > 0 && n < size)
            snprintf(out, size, "%.*s", (int)n, line);
    free(text);
}

/* --- those there are ----------------------------------------------------------------------------------------------- */

static int is_sweep_file(const struct dirent *e)
{
    return text_ends(e->d_name, sweep_suffix) && strlen(e->d_name) > strlen(sweep_suffix);
}

int sweep_names(const char *root, char ***out, struct err *err)
{
    struct dirent **entry = NULL;
    const int n = scandir(root, &entry, is_sweep_file, alphasort);
    char **name = n >= 0 ? calloc((size_t)n + 1, sizeof *name) : NULL;
    bool all = name != NULL;
    for (int i = 0; i < n; i++) {
        if (all)
            all = (name[i] = strndup(entry[i]->d_name, strlen(entry[i]->d_name) - strlen(sweep_suffix))) != NULL;
        free(entry[i]);
    }
    free(entry);
    *out = name;
    if (n < 0)
        return err_io(err, "cannot list '%s'", root);
    if (!all) {
        sweep_names_free(name);
        *out = NULL;
        return err_set(err, ERR_MEMORY, "no memory to list sweeps");
    }
    return n;
}

void sweep_names_free(char **name)
{
    for (int i = 0; name && name[i]; i++)
        free(name[i]);
    free(name);
}
