#include "config.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"

struct draft {
    const char *path, *name; /* as given; its last part */
    int dir_fd;              /* everything happens in this folder, wherever it is moved meanwhile */
    bool can_sync, force;
    mode_t mode;
    char temp[40];
};

static int refuse_existing(const struct draft *d, struct err *err)
{
    return err_io(err, "cannot write '%s'", d->path);
}

/* A folder that may be written but not read can be used, only not synced. */
static int open_folder(struct draft *d, const char *path, bool force, mode_t mode, struct err *err)
{
    char folder[4096];
    const char *slash = strrchr(path, '/');
    *d = (struct draft){ .path = path, .name = slash ? slash + 1 : path, .dir_fd = -1, .force = force, .mode = mode };
    if (!d->name[0])
        return err_set(err, ERR_INVALID, "'%s' names a folder, not a file", path);
    size_t n = slash ? (size_t)(slash - path) + 1 : 1;
    if (n >= sizeof folder) {
        errno = ENAMETOOLONG;
        return refuse_existing(d, err);
    }
    snprintf(folder, sizeof folder, "%.*s", (int)n, slash ? path : ".");
    d->dir_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    d->can_sync = d->dir_fd >= 0;
    if (d->dir_fd < 0 && errno == EACCES)
        d->dir_fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    return d->dir_fd >= 0 ? 0 : refuse_existing(d, err);
}

static int exists(const struct draft *d, struct err *err)
{
    return err_set(err, ERR_INVALID, "'%s' exists; --force replaces it", d->path);
}

static int check_target(const struct draft *d, struct err *err)
{
    struct stat st;
    if (fstatat(d->dir_fd, d->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT ? 0 : refuse_existing(d, err);
    if (!d->force)
        return exists(d, err);
    if (!S_ISREG(st.st_mode) && !S_ISLNK(st.st_mode))
        return err_set(err, ERR_INVALID, "'%s' is not a regular file and is not replaced", d->path);
    return 0;
}

static FILE *open_temporary(struct draft *d)
{
    for (int i = 0; i < 100; i++) {
        uint64_t random;
        if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random)
            return NULL;
        snprintf(d->temp, sizeof d->temp, ".saddle-%016" PRIx64 ".tmp", random);
        int fd = openat(d->dir_fd, d->temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, d->mode);
        if (fd < 0 && errno == EEXIST)
            continue;
        FILE *out = fd < 0 ? NULL : fdopen(fd, "w");
        if (fd >= 0 && !out) {
            close(fd);
            unlinkat(d->dir_fd, d->temp, 0);
        }
        return out;
    }
    return NULL;
}

/* Writes, syncs and closes. */
static int write_temporary(const struct draft *d, FILE *out, file_fill *fill, void *ctx, struct err *err)
{
    errno = 0;
    int result = fill(ctx, out, err);
    bool written = result == 0 && !ferror(out) && fflush(out) == 0 && fsync(fileno(out)) == 0;
    int reason = errno;
    bool closed = fclose(out) == 0;
    if (result < 0 || (written && closed))
        return result;
    if (!written) /* what close() says comes too late to count */
        errno = reason ? reason : EIO;
    return refuse_existing(d, err);
}

/* A rename that never replaces; where the file system has none, a second name, which is never given twice either. */
static int name_new(const struct draft *d)
{
    if (renameat2(d->dir_fd, d->temp, d->dir_fd, d->name, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return -1;
    return linkat(d->dir_fd, d->temp, d->dir_fd, d->name, 0) < 0 ? -1 : unlinkat(d->dir_fd, d->temp, 0);
}

static int give_name(const struct draft *d, struct err *err)
{
    if (check_target(d, err) < 0)
        return -1;
    if ((d->force ? renameat(d->dir_fd, d->temp, d->dir_fd, d->name) : name_new(d)) == 0)
        return 0;
    if (errno == EEXIST)
        return exists(d, err);
    if (!d->force && errno == EPERM)
        return err_set(err, ERR_IO, "cannot name '%s': this file system could replace another file doing it; --force allows that", d->path);
    return refuse_existing(d, err);
}

/* EINVAL: this file system cannot sync a folder. */
static int sync_folder(const struct draft *d, struct err *err)
{
    if (!d->can_sync || fsync(d->dir_fd) == 0 || errno == EINVAL)
        return 0;
    return err_io(err, "cannot sync the folder of '%s'", d->path);
}

static int publish_draft(struct draft *d, file_fill *fill, void *ctx, struct err *err)
{
    if (check_target(d, err) < 0)
        return -1;
    FILE *out = open_temporary(d);
    if (!out)
        return refuse_existing(d, err);
    if (write_temporary(d, out, fill, ctx, err) == 0 && give_name(d, err) == 0)
        return sync_folder(d, err);
    unlinkat(d->dir_fd, d->temp, 0);
    return -1;
}

static int publish_as(const char *path, bool force, mode_t mode, file_fill *fill, void *ctx, struct err *err)
{
    struct draft d;
    if (open_folder(&d, path, force, mode, err) < 0)
        return -1;
    int result = publish_draft(&d, fill, ctx, err);
    close(d.dir_fd);
    return result;
}

int file_publish(const char *path, bool force, file_fill *fill, void *ctx, struct err *err)
{
    return publish_as(path, force, 0666, fill, ctx, err);
}

int file_may_publish(const char *path, bool force, struct err *err)
{
    struct draft d;
    if (open_folder(&d, path, force, 0666, err) < 0)
        return -1;
    int result = check_target(&d, err);
    if (result == 0 && faccessat(d.dir_fd, ".", W_OK | X_OK, AT_EACCESS) < 0)
        result = refuse_existing(&d, err);
    close(d.dir_fd);
    return result;
}

int file_replace_private(const char *path, file_fill *fill, void *ctx, struct err *err)
{
    return publish_as(path, true, 0600, fill, ctx, err);
}
