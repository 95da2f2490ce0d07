#include "config.h"
#include "session/io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/err.h"

static int system_openat(int dir_fd, const char *name, int flags, mode_t mode)
{
    return openat(dir_fd, name, flags, mode);
}

static int system_fallocate(int fd, off_t n)
{
    return fallocate(fd, 0, 0, n);
}

static int system_fstatat(int dir_fd, const char *name, struct stat *out)
{
    return fstatat(dir_fd, name, out, AT_SYMLINK_NOFOLLOW);
}

static int system_renameat(int dir_fd, const char *from, const char *to)
{
    return renameat(dir_fd, from, dir_fd, to);
}

static int system_linkat(int dir_fd, const char *from, const char *to)
{
    return linkat(dir_fd, from, dir_fd, to, 0);
}

/* The lock belongs to the open file description: the kernel drops it on any death, and closing another descriptor of the
 * same file in this process does not (POSIX locks would). */
static int system_lock(int fd)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    return fcntl(fd, F_OFD_SETLK, &lock);
}

const struct io io_system = {
    .openat = system_openat,
    .close = close,
    .write = write,
    .pread = pread,
    .fsync = fsync,
    .fdatasync = fdatasync,
    .fallocate = system_fallocate,
    .fstat = fstat,
    .fstatat = system_fstatat,
    .mkdirat = mkdirat,
    .renameat = system_renameat,
    .linkat = system_linkat,
    .unlinkat = unlinkat,
    .lock = system_lock,
    .ftruncate = ftruncate,
};
const struct io *io = &io_system;

int io_write_all(int fd, const void *bytes, size_t n)
{
    const char *p = bytes;
    while (n) {
        ssize_t done = io->write(fd, p, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0) {
            if (done == 0)
                errno = EIO;
            return -1;
        }
        p += done;
        n -= (size_t)done;
    }
    return 0;
}

int io_sync(int fd, bool data)
{
    int result;
    do
        result = data ? io->fdatasync(fd) : io->fsync(fd);
    while (result < 0 && errno == EINTR);
    return result;
}

ssize_t io_read_at(int fd, void *bytes, size_t n, uint64_t offset)
{
    char *p = bytes;
    size_t done = 0;
    while (done < n) {
        ssize_t got = io->pread(fd, p + done, n - done, (off_t)(offset + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        done += (size_t)got;
    }
    return (ssize_t)done;
}

int io_open(int dir_fd, const char *name, int flags, mode_t mode)
{
    int fd;
    do
        fd = io->openat(dir_fd, name, flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, mode);
    while (fd < 0 && errno == EINTR);
    struct stat st;
    if (fd < 0)
        return -1;
    const bool looked = io->fstat(fd, &st) == 0;
    if (looked && (flags & O_DIRECTORY ? S_ISDIR(st.st_mode) : S_ISREG(st.st_mode)))
        return fd;
    const int reason = looked ? EINVAL : errno; /* a device, a pipe: not ours */
    io->close(fd);
    errno = reason;
    return -1;
}

int io_open_dir(const char *path, struct err *err)
{
    int fd = io->openat(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    return fd >= 0 ? fd : err_io(err, "cannot open folder '%s'", path);
}

DIR *io_list(int dir_fd)
{
    const int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    const int reason = errno;
    if (!dir && fd >= 0)
        close(fd);
    errno = reason;
    return dir;
}
