#include "config.h"
#include "repl/datasets.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/err.h"
#include "base/file.h"
#include "base/state.h"

enum { PATH_SIZE = 4096, KIND_MAX = 31 };

struct file_line {
    char *text; /* "SHA256 KIND PATH" */
    char *sha256, *kind, *path; /* into a copy, cut at its blanks; freed with sha256 */
};
struct file_lines {
    struct file_line line[DATASETS_MOST];
    int n;
};

static void drop_line(struct file_lines *l, int i)
{
    free(l->line[i].text);
    free(l->line[i].sha256);
    memmove(&l->line[i], &l->line[i + 1], sizeof l->line[0] * (size_t)(--l->n - i));
}

static void release_file(struct file_lines *l)
{
    while (l && l->n)
        drop_line(l, l->n - 1);
    free(l);
}

/* Cuts a copy; false for what is no line of ours: it is left out, and gone when the file is written next. */
static bool parse_line(const char *text, struct file_line *out)
{
    struct file_line p = { .text = strdup(text), .sha256 = strdup(text) };
    char *blank = p.sha256 ? strchr(p.sha256, ' ') : NULL, *second = blank ? strchr(blank + 1, ' ') : NULL;
    if (p.text && second && blank - p.sha256 == DIGEST_HEX - 1 && strspn(text, "0123456789abcdef") == DIGEST_HEX - 1 &&
        second - blank - 1 >= 1 && second - blank - 1 <= KIND_MAX && second[1] == '/') {
        *blank = *second = '\0';
        p.kind = blank + 1;
        p.path = second + 1;
        *out = p;
        return true;
    }
    free(p.text);
    free(p.sha256);
    return false;
}

static void append_line(struct file_lines *l, const char *text)
{
    struct file_line parsed;
    if (!parse_line(text, &parsed))
        return;
    if (l->n == DATASETS_MOST)
        drop_line(l, 0);
    l->line[l->n++] = parsed;
}

/* A file that is not there, or no regular file, has no lines. NULL: no memory. */
static struct file_lines *read_lines(const char *file)
{
    struct file_lines *l = calloc(1, sizeof *l);
    int fd = l ? open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW) : -1;
    struct stat st;
    FILE *in = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? fdopen(fd, "r") : NULL;
    char text[PATH_SIZE + 128];
    while (in && fgets(text, sizeof text, in)) {
        size_t n = strcspn(text, "\n");
        if (!text[n]) /* cut off, or longer than any of ours */
            continue;
        text[n] = '\0';
        append_line(l, text);
    }
    if (in)
        fclose(in);
    else if (fd >= 0)
        close(fd);
    return l;
}

/* --- writing ------------------------------------------------------------------------------------------------------- */

static int put_lines(void *ctx, FILE *out, struct err *err)
{
    const struct file_lines *l = ctx;
    (void)err;
    for (int i = 0; i < l->n; i++)
        fprintf(out, "%s\n", l->line[i].text);
    return 0;
}

/* The folder is locked while its file is read, changed and replaced. Where folders have no locks the last one wins. */
static int lock_folder(const char *file)
{
    char folder[PATH_SIZE];
    snprintf(folder, sizeof folder, "%.*s", (int)(strrchr(file, '/') - file), file);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0)
        flock(fd, LOCK_EX);
    return fd;
}

/* true: the file says so already. Otherwise the new line comes last; a few older places of the hash stay: data that were moved may come back. */
static bool change_line(struct file_lines *l, const char *sha256, const char *kind, const char *text)
{
    int others = 0;
    for (int i = l->n - 1; i >= 0; i--) {
        if (strcmp(l->line[i].sha256, sha256) != 0 || strcmp(l->line[i].kind, kind) != 0)
            continue;
        const bool same = strcmp(l->line[i].text, text) == 0;
        if (same && others == 0)
            return true;
        if (same || ++others >= DATASETS_PLACES)
            drop_line(l, i);
    }
    append_line(l, text);
    return false;
}

static int write_line(const char *file, const char *sha256, const char *kind, const char *text, struct err *err)
{
    int lock = lock_folder(file), result = 0;
    struct file_lines *l = read_lines(file);
    if (!l)
        result = err_set(err, ERR_MEMORY, "no memory for the list of data sets");
    else if (!change_line(l, sha256, kind, text))
        result = file_replace_private(file, put_lines, l, err); /* where things lie is nobody else's business */
    release_file(l);
    if (lock >= 0)
        close(lock); /* unlocks */
    return result;
}

static int absolute(const char *path, char *out, size_t size, struct err *err)
{
    char here[PATH_SIZE] = "";
    if (path[0] != '/' && !getcwd(here, sizeof here))
        return err_io(err, "the current folder has no path");
    int n = snprintf(out, size, "%s%s%s", here, path[0] == '/' ? "" : "/", path);
    if (n < 0 || (size_t)n >= size)
        return err_set(err, ERR_RANGE, "its path is longer than %zu bytes", size - 1);
    for (const char *p = out; *p; p++)
        if ((unsigned char)*p < 0x20)
            return err_set(err, ERR_INVALID, "its path holds a control character");
    return 0;
}

int datasets_remember(const char *sha256, const char *kind, const char *path, struct err *err)
{
    char file[PATH_SIZE], full[PATH_SIZE - 1], text[PATH_SIZE + 128];
    struct file_line parsed;
    if (!state_path("data", file, sizeof file))
        return err_set(err, ERR_INVALID, "no place for it: set HOME or XDG_STATE_HOME");
    if (absolute(path, full, sizeof full, err) < 0)
        return -1;
    snprintf(text, sizeof text, "%s %s %s", sha256, kind, full);
    if (!parse_line(text, &parsed))
        return err_set(err, ERR_INVALID, "'%.80s %.40s' is no hash and kind", sha256, kind);
    free(parsed.text);
    free(parsed.sha256);
    if (state_make_folders(file) < 0)
        return err_io(err, "cannot make the folder of '%s'", file);
    return write_line(file, sha256, kind, text, err);
}

/* --- reading ------------------------------------------------------------------------------------------------------- */

static void take_path(char **paths, int *n, const char *path)
{
    for (int i = 0; i < *n; i++)
        if (strcmp(paths[i], path) == 0)
            return;
    paths[*n] = strdup(path);
    *n += paths[*n] != NULL;
}

int datasets_find(const char *sha256, const char *kind, char ***out)
{
    char file[PATH_SIZE];
    struct file_lines *l = state_path("data", file, sizeof file) ? read_lines(file) : NULL;
    char **paths = l ? calloc((size_t)l->n + 1, sizeof *paths) : NULL;
    int n = 0;
    for (int i = paths ? l->n - 1 : -1; i >= 0; i--)
        if (strcmp(l->line[i].kind, kind) == 0 && (!sha256 || strcmp(l->line[i].sha256, sha256) == 0))
            take_path(paths, &n, l->line[i].path);
    release_file(l);
    *out = paths;
    return n;
}
