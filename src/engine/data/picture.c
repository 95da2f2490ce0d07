#include "config.h"
#include "engine/data/picture_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"

int picture_check_size(const struct picture_facts *f, struct err *err)
{
    const long most = (f->whole ? PICTURE_MAX_MEGAPIXELS_WHOLE : PICTURE_MAX_MEGAPIXELS) * 1000000L;
    const char *why = !f->whole ? "" : f->jpeg ? " of a progressive JPEG" : " of an interlaced PNG";
    if (f->width < 1 || f->height < 1 || f->width > PICTURE_MAX_SIDE || f->height > PICTURE_MAX_SIDE)
        return err_set(err, ERR_DATA, "%dx%d pixels; sides of 1 to %d are accepted", f->width, f->height, PICTURE_MAX_SIDE);
    if ((long)f->width * f->height > most)
        return err_set(err, ERR_DATA, "%dx%d pixels; up to %ld million%s are accepted", f->width, f->height, most / 1000000, why);
    return 0;
}

struct picture *picture_open(const uint8_t *bytes, size_t n, struct err *err)
{
    static const uint8_t png[] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n' };
    if (n >= 3 && bytes[0] == 0xff && bytes[1] == 0xd8 && bytes[2] == 0xff)
        return picture_open_jpeg(bytes, n, err);
    if (n >= sizeof png && memcmp(bytes, png, sizeof png) == 0)
        return picture_open_png(bytes, n, err);
    err_set(err, ERR_DATA, n == 0 ? "empty: 0 bytes" : "neither JPEG nor PNG by its first bytes");
    return NULL;
}

const struct picture_facts *picture_facts(const struct picture *p)
{
    return &p->facts;
}

bool picture_shrink(struct picture *p, int denominator)
{
    return p->shrink && p->shrink(p, denominator);
}

int picture_narrow(struct picture *p, int left, int width)
{
    return p->narrow ? p->narrow(p, left, width) : 0;
}

static int read_over(struct picture *p, int rows, struct err *err)
{
    uint8_t *line = malloc((size_t)p->facts.width * 3);
    int result = line ? 0 : err_set(err, ERR_MEMORY, "no memory for a row");
    for (int i = 0; i < rows && result == 0; i++)
        result = picture_row(p, line, err);
    free(line);
    return result;
}

int picture_skip(struct picture *p, int rows, struct err *err)
{
    if (rows == 0)
        return 0;
    if (!p->skip)
        return read_over(p, rows, err);
    p->row += rows;
    return p->skip(p, rows, err);
}

int picture_row(struct picture *p, uint8_t *rgb, struct err *err)
{
    if (p->row >= p->facts.height)
        return err_set(err, ERR_USAGE, "all %d rows are read", p->facts.height);
    p->row++;
    return p->read(p, rgb, err);
}

void picture_close(struct picture *p)
{
    if (p)
        p->close(p);
}

static uint8_t *read_bytes(int fd, size_t size, struct err *err)
{
    uint8_t *bytes = malloc(size + 1);
    size_t got = 0;
    ssize_t n = 1;
    if (!bytes)
        return err_set(err, ERR_MEMORY, "no memory for its %zu bytes", size), NULL;
    while (got < size && n > 0) {
        n = read(fd, bytes + got, size - got);
        if (n < 0 && errno == EINTR)
            n = 1;
        else if (n > 0)
            got += (size_t)n;
    }
    if (got == size)
        return bytes;
    if (n < 0)
        err_io(err, "cannot read it");
    else
        err_set(err, ERR_DATA, "became shorter while it was read");
    free(bytes);
    return NULL;
}

uint8_t *picture_read_file(int folder_fd, const char *path, size_t *n, struct err *err)
{
    struct stat st;
    const int fd = openat(folder_fd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    uint8_t *bytes = NULL;
    if (fd < 0 || fstat(fd, &st) < 0)
        err_io(err, "cannot open it");
    else if (!S_ISREG(st.st_mode))
        err_set(err, ERR_DATA, "no regular file");
    else if (st.st_size > (off_t)PICTURE_MAX_MIB << 20)
        err_set(err, ERR_DATA, "%jd bytes; files of up to %d MiB are accepted", (intmax_t)st.st_size, PICTURE_MAX_MIB);
    else if ((bytes = read_bytes(fd, (size_t)st.st_size, err)))
        *n = (size_t)st.st_size;
    if (fd >= 0)
        close(fd);
    return bytes;
}
