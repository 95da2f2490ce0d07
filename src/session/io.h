/* session/io.h - the calls to the operating system that touch session files, behind one table, so that tests can make the
 * Nth of them fail. Everything under src/session that reads or writes session files goes through `io`. */
#ifndef SESSION_IO_H
#define SESSION_IO_H

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

struct err;

struct io { /* results and errno as the calls of the same name */
    int (*openat)(int dir_fd, const char *name, int flags, mode_t mode);
    int (*close)(int fd);
    ssize_t (*write)(int fd, const void *bytes, size_t n);
    ssize_t (*pread)(int fd, void *bytes, size_t n, off_t offset);
    int (*fsync)(int fd);
    int (*fdatasync)(int fd);
    int (*fallocate)(int fd, off_t n);
    int (*fstat)(int fd, struct stat *out);
    int (*fstatat)(int dir_fd, const char *name, struct stat *out); /* does not follow links */
    int (*mkdirat)(int dir_fd, const char *name, mode_t mode);
    int (*renameat)(int dir_fd, const char *from, const char *to);
    int (*linkat)(int dir_fd, const char *from, const char *to);
    int (*unlinkat)(int dir_fd, const char *name, int flags);
    int (*lock)(int fd);                /* open-file-description write lock on the whole file, without waiting */
    int (*ftruncate)(int fd, off_t size); /* the lock file's text only */
};
extern const struct io io_system;

/* The table in use. Set by tests before any session is open; never changed while a writer runs. */
extern const struct io *io;

/* Loops over EINTR and short counts. 0, or -1 with errno. */
int io_write_all(int fd, const void *bytes, size_t n);

/* fsync(), or fdatasync() with `data`; tries again after EINTR. 0, or -1 with errno. */
int io_sync(int fd, bool data);

/* Up to n bytes from `offset`; fewer only at the end of the file. -1 with errno. */
ssize_t io_read_at(int fd, void *bytes, size_t n, uint64_t offset);

/* Opens a regular file (or a folder with O_DIRECTORY) below dir_fd: no links followed, closed on exec. -1 with errno. */
int io_open(int dir_fd, const char *name, int flags, mode_t mode);

/* Opens a path given by the user (links followed) as a folder. -1 with *err. */
int io_open_dir(const char *path, struct err *err);

/* The names in an open folder, from the first on whoever read them before; closedir(). NULL with errno. */
DIR *io_list(int dir_fd);

#endif
