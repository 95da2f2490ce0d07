#include "config.h"
#include "session/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "session/io.h"

/* The last snapshot and, beside it, the journal's last words. */
static uint64_t wanted(const struct session *s)
{
    uint64_t bytes = s->reserve.snapshot + RESERVE_JOURNAL_BYTES;
    bytes = bytes > RESERVE_LEAST_BYTES ? bytes : RESERVE_LEAST_BYTES;
    return bytes < RESERVE_MOST_BYTES ? bytes : RESERVE_MOST_BYTES;
}

/* Blocks are written where the file system cannot set them aside. */
static int extend(int fd, uint64_t from, uint64_t to)
{
    static const char zeros[1 << 16];
    if (io->fallocate(fd, (off_t)to) == 0)
        return 0;
    if (errno != EOPNOTSUPP && errno != ENOSYS)
        return -1;
    for (uint64_t n; from < to; from += n) {
        n = to - from < sizeof zeros ? to - from : sizeof zeros;
        if (io_write_all(fd, zeros, n) < 0)
            return -1;
    }
    return 0;
}

static void remove_file(struct session *s)
{
    struct reserve *r = &s->reserve;
    io->unlinkat(s->dir_fd, "reserve", 0);
    if (r->fd >= 0)
        io->close(r->fd); /* only now are its blocks free */
    r->fd = -1;
    r->bytes = 0;
}

/* One left by a killed process may be another name of some other file: it is removed, not used. */
static int make_or_grow(struct session *s, struct err *err)
{
    struct reserve *r = &s->reserve;
    const uint64_t bytes = wanted(s);
    if (r->fd < 0) {
        remove_file(s);
        r->fd = io_open(s->dir_fd, "reserve", O_WRONLY | O_CREAT | O_EXCL | O_APPEND, 0600);
        if (r->fd < 0)
            return err_io(err, "cannot create the session's reserve");
    }
    if (r->bytes < bytes && extend(r->fd, r->bytes, bytes) < 0) {
        err_io(err, "no room for the session's reserve of %.0f MiB", (double)bytes / 1048576);
        if (r->bytes == 0)
            remove_file(s);
        else
            io->ftruncate(r->fd, (off_t)r->bytes); /* what was set aside of the rest */
        return -1;
    }
    r->bytes = bytes > r->bytes ? bytes : r->bytes;
    return 0;
}

int reserve_make(struct session *s, struct err *err)
{
    pthread_mutex_lock(&s->reserve.mutex);
    int result = make_or_grow(s, err);
    pthread_mutex_unlock(&s->reserve.mutex);
    return result;
}

int reserve_for_snapshot(struct session *s, uint64_t bytes, struct err *err)
{
    pthread_mutex_lock(&s->reserve.mutex);
    bool more = bytes > s->reserve.snapshot;
    if (more)
        s->reserve.snapshot = bytes;
    int result = more ? make_or_grow(s, err) : 0;
    pthread_mutex_unlock(&s->reserve.mutex);
    return result;
}

bool reserve_give_journal(struct session *s)
{
    struct reserve *r = &s->reserve;
    bool given = false;
    pthread_mutex_lock(&r->mutex);
    if (r->bytes > r->snapshot && io->ftruncate(r->fd, (off_t)r->snapshot) == 0) {
        r->bytes = r->snapshot;
        given = true;
    }
    pthread_mutex_unlock(&r->mutex);
    return given;
}

bool reserve_give_all(struct session *s)
{
    pthread_mutex_lock(&s->reserve.mutex);
    bool had = s->reserve.bytes > 0;
    remove_file(s);
    pthread_mutex_unlock(&s->reserve.mutex);
    return had;
}
