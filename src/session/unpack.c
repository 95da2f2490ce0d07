#include "config.h"
#include "session/pack.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/random.h>

#include "base/buf.h"
#include "base/err.h"
#include "session/io.h"
#include "session/place.h"
#include "session/session.h"
#include "session/snapshot.h"

static const char hidden_prefix[] = ".import-";
enum { HIDDEN_DIGITS = 16 };

struct unpacker {
    const struct place *from;
    struct folder files;
    int root_fd, dir_fd, lock_fd;
    char temp[32]; /* name of the folder until it is whole */
};

/* The records of one file, in the form that a folder has: numbered from 0, snapshots as they are found without a packed file. */
static int copy_records(struct walk *w, int fd, struct err *err)
{
    struct buf out = { 0 };
    uint64_t seq = 0;
    uint32_t chain = 0;
    int got, result = 0;
    while (result == 0 && (got = walk_next(w, true, err)) > 0) {
        uint8_t holds[RECORD_HOLDS_BYTES];
        struct record r = w->r;
        struct record_body body = { .ext = w->ext, .ext_bytes = r.ext_bytes };
        if (r.type == RECORD_EVENTS) {
            record_put_holds(holds, record_holds(&r, w->ext));
            body = (struct record_body){ .ext = holds, .ext_bytes = sizeof holds };
        }
        r.seq = seq++;
        r.chain = chain;
        r.flags = 0;
        buf_clear(&out);
        result = record_wrap(&r, &body, w->frame, &out, err);
        chain = r.crc;
        if (result == 0 && io_write_all(fd, out.data, out.len) < 0)
            result = err_io(err, "cannot write a file of the session");
    }
    buf_release(&out);
    return result < 0 || got < 0 ? -1 : 0;
}

static int copy_file(const struct unpacker *u, const char *name, struct err *err)
{
    struct walk w;
    if (place_walk(u->from, &w, name, NULL, err) < 0)
        return -1;
    int fd = io_open(u->dir_fd, name, O_WRONLY | O_CREAT | O_EXCL, 0600);
    int result = fd < 0 ? err_io(err, "cannot make %s", name) : copy_records(&w, fd, err);
    if (result == 0 && io_sync(fd, false) < 0)
        result = err_io(err, "cannot sync %s", name);
    if (fd >= 0 && io->close(fd) < 0 && result == 0)
        result = err_io(err, "cannot close %s", name);
    walk_release(&w);
    return result;
}

/* Calls `each` for every file of the session. */
static int for_files(const struct unpacker *u, int (*each)(const struct unpacker *u, const char *name, struct err *err), struct err *err)
{
    char name[FOLDER_NAME_MAX];
    int result = 0;
    for (int i = 0; result == 0 && i < u->files.n_segments; i++) {
        folder_segment_name(u->files.segment[i], name);
        result = each(u, name, err);
    }
    for (int i = 0; result == 0 && i < u->files.n_snapshots; i++) {
        folder_snapshot_name(u->files.snapshot[i].step, u->files.snapshot[i].timeline, name);
        result = each(u, name, err);
    }
    return result;
}

/* --- the hidden folder --------------------------------------------------------------------------------------------- */

/* Its lock is that of the session later, and says until then that somebody is at work in it. false: somebody else is, or removed it. */
static bool lock_hidden(struct unpacker *u)
{
    struct stat st;
    u->lock_fd = io_open(u->dir_fd, "lock", O_RDWR | O_CREAT, 0600);
    return u->lock_fd >= 0 && io->lock(u->lock_fd) == 0 && io->fstat(u->lock_fd, &st) == 0 && st.st_nlink == 1;
}

static void close_hidden(struct unpacker *u)
{
    if (u->lock_fd >= 0)
        io->close(u->lock_fd);
    if (u->dir_fd >= 0)
        io->close(u->dir_fd);
    u->lock_fd = u->dir_fd = -1;
}

static int drop_file(const struct unpacker *u, const char *name, struct err *err)
{
    (void)err;
    io->unlinkat(u->dir_fd, name, 0);
    return 0;
}

static void drop_hidden(const struct unpacker *u)
{
    if (u->dir_fd >= 0) {
        for_files(u, drop_file, NULL);
        io->unlinkat(u->dir_fd, "lock", 0);
    }
    io->unlinkat(u->root_fd, u->temp, AT_REMOVEDIR);
}

/* Whoever was killed left such a folder; one that is locked is being filled. */
static void drop_stale(int root_fd, const char *name)
{
    struct unpacker u = { .root_fd = root_fd, .lock_fd = -1 };
    snprintf(u.temp, sizeof u.temp, "%s", name);
    u.dir_fd = io_open(root_fd, name, O_RDONLY | O_DIRECTORY, 0);
    if (u.dir_fd >= 0 && lock_hidden(&u) && folder_list(u.dir_fd, &u.files, NULL) == 0)
        drop_hidden(&u);
    folder_release(&u.files);
    close_hidden(&u);
}

static void drop_all_stale(int root_fd)
{
    const size_t n = strlen(hidden_prefix);
    DIR *dir = io_list(root_fd);
    for (struct dirent *d; dir && (d = readdir(dir));)
        if (strncmp(d->d_name, hidden_prefix, n) == 0 && strlen(d->d_name) == n + HIDDEN_DIGITS &&
            strspn(d->d_name + n, "0123456789abcdef") == HIDDEN_DIGITS)
            drop_stale(root_fd, d->d_name);
    if (dir)
        closedir(dir);
}

/* A folder of another name, which no list of sessions shows. Another import may take it for left behind before it is locked. */
static int make_hidden(struct unpacker *u, struct err *err)
{
    enum { TRIES = 5 };
    uint64_t random;
    for (int i = 0; i < TRIES; i++) {
        if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random)
            return err_io(err, "no random numbers for a folder's name");
        snprintf(u->temp, sizeof u->temp, "%s%016" PRIx64, hidden_prefix, random);
        if (io->mkdirat(u->root_fd, u->temp, 0700) < 0)
            return err_io(err, "cannot make a folder for the session");
        u->dir_fd = io_open(u->root_fd, u->temp, O_RDONLY | O_DIRECTORY, 0);
        if (u->dir_fd >= 0 && lock_hidden(u))
            return 0;
        err_io(err, "cannot lock a new folder for the session");
        drop_hidden(u);
        close_hidden(u);
    }
    return -1;
}

/* A folder is never renamed onto one that holds something. */
static int name_session(const struct unpacker *u, const char *name, struct err *err)
{
    char last[200];
    struct stat st;
    snprintf(last, sizeof last, "%.128s.saddle", name);
    if (io_sync(u->dir_fd, false) < 0)
        return err_io(err, "cannot sync the new folder");
    bool taken = io->fstatat(u->root_fd, last, &st) == 0;
    if (!taken && io->renameat(u->root_fd, u->temp, last) < 0) {
        taken = errno == EEXIST || errno == ENOTEMPTY;
        if (!taken)
            return err_io(err, "cannot name the session '%s'", name);
    }
    if (taken)
        return err_set(err, ERR_INVALID, "a session '%s' exists; 'import FILE NAME' gives another name", name);
    return io_sync(u->root_fd, false) == 0 ? 0 : err_io(err, "cannot sync the sessions folder");
}

static int unpack_into(struct unpacker *u, const char *name, struct err *err)
{
    drop_all_stale(u->root_fd);
    int result = make_hidden(u, err);
    if (result == 0)
        result = for_files(u, copy_file, err);
    if (result == 0)
        result = name_session(u, name, err);
    if (result < 0 && u->dir_fd >= 0)
        drop_hidden(u);
    close_hidden(u);
    return result;
}

int pack_unpack(const char *path, const char *root, const char *name, struct err *err)
{
    struct place from;
    if (session_verify(path, NULL, NULL, err) < 0 || place_open(&from, path, err) < 0)
        return -1;
    struct unpacker u = { .from = &from, .root_fd = -1, .dir_fd = -1, .lock_fd = -1 };
    int result = from.pack ? place_list(&from, &u.files, err) : err_set(err, ERR_INVALID, "'%s' is a folder, not a packed session", path);
    if (result == 0)
        u.root_fd = io_open_dir(root, err);
    if (result == 0)
        result = u.root_fd >= 0 ? unpack_into(&u, name, err) : -1;
    if (u.root_fd >= 0)
        io->close(u.root_fd);
    folder_release(&u.files);
    place_release(&from);
    return result;
}
