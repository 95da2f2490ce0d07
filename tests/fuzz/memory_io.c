#include "config.h"
#include "memory_io.h"

#include <string.h>

#include "fuzz.h"
#include "session/io.h"

static const uint8_t *file;
static size_t file_bytes;

static int m_openat(int dir_fd, const char *name, int flags, mode_t mode)
{
    (void)dir_fd;
    (void)name;
    (void)mode;
    FUZZ_CHECK((flags & 3) == 0); /* O_RDONLY: readers never write */
    return 1000;
}

static int m_close(int fd)
{
    FUZZ_CHECK(fd == 1000);
    return 0;
}

static ssize_t m_pread(int fd, void *bytes, size_t n, off_t offset)
{
    (void)fd;
    if ((size_t)offset >= file_bytes)
        return 0;
    if (n > file_bytes - (size_t)offset)
        n = file_bytes - (size_t)offset;
    memcpy(bytes, file + offset, n);
    return (ssize_t)n;
}

static int m_fstat(int fd, struct stat *out)
{
    (void)fd;
    *out = (struct stat){ .st_mode = S_IFREG, .st_size = (off_t)file_bytes };
    return 0;
}

void memory_io_use(const uint8_t *bytes, size_t n)
{
    static const struct io table = { .openat = m_openat, .close = m_close, .pread = m_pread, .fstat = m_fstat };
    file = bytes;
    file_bytes = n;
    io = &table;
}
