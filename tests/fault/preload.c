/* preload.c - an LD_PRELOAD library for the shipped program: counts the calls that change files under chosen folders, and
 * makes one of them fail, or kills the process there. tests/fault/faults.py drives it. The environment says what to do:
 *
 *   FAULT_UNDER  absolute folders, ':' between them; calls about any other file pass untouched
 *   FAULT_LOG    file: a line "KIND NUMBER PATH" for each call counted, each kind from 1; "fault KIND NUMBER" where it struck
 *   FAULT_CALL   which kind: open (reading) creat write sync rename unlink mkdir truncate allocate link
 *   FAULT_AT     its number
 *   FAULT_HOW    ENOSPC EIO EDQUOT EROFS   the call fails and does nothing
 *                short                     a write takes half of the bytes
 *                dropped                   a sync fails with EIO, and what was written since the last good one is gone
 *                before half after         SIGKILL before the call, in the middle of a write, after it
 *                term                      SIGTERM before the call, which is then made
 *   FAULT_WHILE  file: as long as it exists, everything fails from that call on that would on such a disk. Without it: once
 *
 * Calls inside the C library do not come by here. Streams opened for writing below FAULT_UNDER are therefore opened
 * with fopencookie(), so that each flush is a write; standard output is not (tests use /dev/full for it). */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

enum kind { OPEN, CREAT, WRITE, SYNC, RENAME, UNLINK, MKDIR, TRUNCATE, ALLOCATE, LINK, N_KINDS };
static const char *const kind_name[N_KINDS] = { "open", "creat", "write", "sync", "rename", "unlink", "mkdir", "truncate", "allocate", "link" };

enum how { FAILS, SHORT, DROPPED, BEFORE, HALF, AFTER, TERM };
struct verdict { /* what is to happen to this call */
    bool struck;
    enum how how;
    int reason; /* errno of FAILS */
};

static struct {
    const char *under, *while_file;
    int log_fd;
    int call; /* enum kind, or -1: only count */
    unsigned at;
    enum how how;
    int reason;
} plan = { .log_fd = -1, .call = -1 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static unsigned counted[N_KINDS];
static bool struck;

/* --- the plan -------------------------------------------------------------------------------------------------------- */

static bool read_how(const char *word)
{
    static const struct { const char *word; enum how how; int reason; } table[] = {
        { "ENOSPC", FAILS, ENOSPC }, { "EIO", FAILS, EIO }, { "EDQUOT", FAILS, EDQUOT }, { "EROFS", FAILS, EROFS },
        { "short", SHORT, 0 }, { "dropped", DROPPED, EIO }, { "before", BEFORE, 0 }, { "half", HALF, 0 }, { "after", AFTER, 0 },
        { "term", TERM, 0 },
    };
    for (size_t i = 0; word && i < sizeof table / sizeof *table; i++)
        if (strcmp(word, table[i].word) == 0) {
            plan.how = table[i].how;
            plan.reason = table[i].reason;
            return true;
        }
    return false;
}

__attribute__((constructor)) static void read_plan(void)
{
    const char *log = getenv("FAULT_LOG"), *call = getenv("FAULT_CALL"), *at = getenv("FAULT_AT");
    plan.under = getenv("FAULT_UNDER");
    plan.while_file = getenv("FAULT_WHILE");
    if (log)
        plan.log_fd = NEXT(open)(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    for (int k = 0; call && k < N_KINDS; k++)
        if (strcmp(call, kind_name[k]) == 0)
            plan.call = k;
    plan.at = at ? (unsigned)strtoul(at, NULL, 10) : 0;
    if (call && (plan.call < 0 || plan.at == 0 || !read_how(getenv("FAULT_HOW")))) {
        fprintf(stderr, "preload: FAULT_CALL=%s needs FAULT_AT and FAULT_HOW\n", call);
        _exit(99);
    }
}

/* True for calls that fail with the planned one on a disk that is full, read-only or broken. */
static bool forbids(enum kind kind)
{
    if (kind == (enum kind)plan.call || plan.how != FAILS)
        return kind == (enum kind)plan.call;
    if (plan.reason == EIO)
        return true;
    if (plan.reason == EROFS)
        return kind != OPEN && kind != SYNC;
    bool grows = kind == CREAT || kind == WRITE || kind == MKDIR || kind == ALLOCATE || kind == LINK;
    return (plan.reason == ENOSPC || plan.reason == EDQUOT) && grows;
}

static void note_call(const char *word, enum kind kind, const char *path)
{
    char line[4400];
    int n = snprintf(line, sizeof line, "%s%s %u %s\n", word, kind_name[kind], counted[kind], path);
    if (plan.log_fd >= 0 && NEXT(write)(plan.log_fd, line, (size_t)n) != n)
        abort();
}

static _Noreturn void die(void)
{
    kill(getpid(), SIGKILL);
    for (;;)
        pause();
}

/* Counts the call and says what happens to it; SIGKILL before it happens here. */
static struct verdict meet(enum kind kind, const char *path)
{
    struct verdict v = { .how = plan.how, .reason = plan.reason };
    int before = errno;
    pthread_mutex_lock(&mutex);
    counted[kind]++;
    note_call("", kind, path);
    if (!struck && (int)kind == plan.call && counted[kind] == plan.at) {
        struck = v.struck = true;
        note_call("fault ", kind, path);
    } else if (struck && plan.while_file && access(plan.while_file, F_OK) == 0)
        v.struck = forbids(kind);
    pthread_mutex_unlock(&mutex);
    if (v.struck && v.how == BEFORE)
        die();
    if (v.struck && v.how == TERM)
        kill(getpid(), SIGTERM);
    errno = before;
    return v;
}

static bool fails(struct verdict v)
{
    if (v.struck && v.how == FAILS)
        errno = v.reason;
    return v.struck && v.how == FAILS;
}

/* For calls without a middle: SIGKILL once they are done. */
static int done(struct verdict v, int result)
{
    if (v.struck && (v.how == AFTER || v.how == HALF))
        die();
    return result;
}

/* --- which files ----------------------------------------------------------------------------------------------------- */

static bool is_under(const char *path)
{
    for (const char *p = plan.under; p && *p;) {
        size_t n = strcspn(p, ":");
        if (n && strncmp(path, p, n) == 0 && (path[n] == '/' || path[n] == '\0'))
            return true;
        p += n + (p[n] == ':');
    }
    return false;
}

static bool fd_watched(int fd, char path[4096])
{
    char link[40];
    int before = errno;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, 4095);
    path[n > 0 ? n : 0] = '\0';
    errno = before;
    return n > 0 && is_under(path);
}

static bool watched(int dir_fd, const char *name, char path[4096])
{
    char dir[4096];
    int before = errno;
    if (name[0] == '/') {
        snprintf(path, 4096, "%s", name);
        return is_under(path);
    }
    if (dir_fd == AT_FDCWD) {
        if (!getcwd(dir, sizeof dir))
            dir[0] = '\0';
    } else
        fd_watched(dir_fd, dir);
    snprintf(path, 4096, "%.2000s/%.2000s", dir, strncmp(name, "./", 2) == 0 ? name + 2 : name);
    errno = before;
    return is_under(path);
}

/* --- what a sync keeps ----------------------------------------------------------------------------------------------- */

static struct synced { /* mutex */
    dev_t dev;
    ino_t ino;
    off_t size;
} synced[256];
static int n_synced;

static struct synced *synced_of(const struct stat *st)
{
    for (int i = 0; i < n_synced; i++)
        if (synced[i].dev == st->st_dev && synced[i].ino == st->st_ino)
            return &synced[i];
    if (n_synced == sizeof synced / sizeof *synced)
        abort();
    synced[n_synced] = (struct synced){ .dev = st->st_dev, .ino = st->st_ino };
    return &synced[n_synced++];
}

static void note_synced(int fd)
{
    struct stat st;
    if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
        return;
    pthread_mutex_lock(&mutex);
    synced_of(&st)->size = st.st_size;
    pthread_mutex_unlock(&mutex);
}

/* The size has reached the disk, the bytes have not. */
static void drop(int fd)
{
    static const char zeros[65536];
    char link[40];
    struct stat st;
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
        return;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    int again = NEXT(open)(link, O_WRONLY | O_CLOEXEC); /* not O_APPEND */
    if (again < 0)
        abort();
    pthread_mutex_lock(&mutex);
    for (off_t at = synced_of(&st)->size; at < st.st_size;) {
        size_t n = st.st_size - at < (off_t)sizeof zeros ? (size_t)(st.st_size - at) : sizeof zeros;
        if (NEXT(pwrite)(again, zeros, n, at) != (ssize_t)n)
            abort();
        at += (off_t)n;
    }
    pthread_mutex_unlock(&mutex);
    close(again);
}

/* --- the calls: what the C library declares, with a fault in them ---------------------------------------------------- */

#define PUBLIC __attribute__((visibility("default")))

static ssize_t put(struct verdict v, int fd, const void *bytes, size_t n, off_t at)
{
    bool half = v.struck && (v.how == SHORT || v.how == HALF) && n > 1;
    size_t some = half ? n / 2 : n;
    if (fails(v))
        return -1;
    ssize_t put_bytes = at < 0 ? NEXT(write)(fd, bytes, some) : NEXT(pwrite)(fd, bytes, some, at);
    if (v.struck && (v.how == HALF || v.how == AFTER))
        die();
    return put_bytes;
}

PUBLIC ssize_t write(int fd, const void *bytes, size_t n)
{
    char path[4096];
    return fd_watched(fd, path) ? put(meet(WRITE, path), fd, bytes, n, -1) : NEXT(write)(fd, bytes, n);
}

#define DEFINE_PWRITE(name)                                                                      \
    PUBLIC ssize_t name(int fd, const void *bytes, size_t n, off_t at)                           \
    {                                                                                            \
        char path[4096];                                                                         \
        return put(fd_watched(fd, path) ? meet(WRITE, path) : (struct verdict){ 0 }, fd, bytes, n, at); \
    }
DEFINE_PWRITE(pwrite)
DEFINE_PWRITE(pwrite64)

static int sync_file(int fd, int (*next)(int))
{
    char path[4096];
    if (!fd_watched(fd, path))
        return next(fd);
    struct verdict v = meet(SYNC, path);
    if (v.struck && v.how == DROPPED) {
        drop(fd);
        errno = EIO;
        return -1;
    }
    if (fails(v))
        return -1;
    int result = next(fd);
    if (result == 0)
        note_synced(fd);
    return done(v, result);
}

PUBLIC int fsync(int fd) { return sync_file(fd, NEXT(fsync)); }
PUBLIC int fdatasync(int fd) { return sync_file(fd, NEXT(fdatasync)); }

static int open_file(int dir_fd, const char *name, int flags, mode_t mode)
{
    char path[4096];
    if (!watched(dir_fd, name, path))
        return NEXT(openat)(dir_fd, name, flags, mode);
    bool creates = flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE;
    struct verdict v = meet(creates ? CREAT : OPEN, path);
    if (fails(v))
        return -1;
    int fd = NEXT(openat)(dir_fd, name, flags, mode);
    if (creates)
        note_synced(fd);
    return done(v, fd);
}

static mode_t mode_of(int flags, va_list rest)
{
    return flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(rest, mode_t) : 0;
}

#define DEFINE_OPEN(name)                                     \
    PUBLIC int name(const char *path, int flags, ...)         \
    {                                                         \
        va_list rest;                                         \
        va_start(rest, flags);                                \
        mode_t mode = mode_of(flags, rest);                   \
        va_end(rest);                                         \
        return open_file(AT_FDCWD, path, flags, mode);        \
    }
#define DEFINE_OPENAT(name)                                   \
    PUBLIC int name(int dir_fd, const char *path, int flags, ...) \
    {                                                         \
        va_list rest;                                         \
        va_start(rest, flags);                                \
        mode_t mode = mode_of(flags, rest);                   \
        va_end(rest);                                         \
        return open_file(dir_fd, path, flags, mode);          \
    }
DEFINE_OPEN(open)
DEFINE_OPEN(open64)
DEFINE_OPENAT(openat)
DEFINE_OPENAT(openat64)

PUBLIC int creat(const char *path, mode_t mode) { return open_file(AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC, mode); }
PUBLIC int creat64(const char *path, mode_t mode) { return open_file(AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC, mode); }

/* _FORTIFY_SOURCE calls these where no mode is given. */
int __open_2(const char *path, int flags);
int __open64_2(const char *path, int flags);
int __openat_2(int dir_fd, const char *path, int flags);
int __openat64_2(int dir_fd, const char *path, int flags);
PUBLIC int __open_2(const char *path, int flags) { return open_file(AT_FDCWD, path, flags, 0); }
PUBLIC int __open64_2(const char *path, int flags) { return open_file(AT_FDCWD, path, flags, 0); }
PUBLIC int __openat_2(int dir_fd, const char *path, int flags) { return open_file(dir_fd, path, flags, 0); }
PUBLIC int __openat64_2(int dir_fd, const char *path, int flags) { return open_file(dir_fd, path, flags, 0); }

static int make_temporary(char *template, int flags)
{
    char path[4096];
    if (!watched(AT_FDCWD, template, path))
        return NEXT(mkostemp)(template, flags);
    struct verdict v = meet(CREAT, path);
    if (fails(v))
        return -1;
    int fd = NEXT(mkostemp)(template, flags);
    note_synced(fd);
    return done(v, fd);
}

PUBLIC int mkstemp(char *template) { return make_temporary(template, 0); }
PUBLIC int mkstemp64(char *template) { return make_temporary(template, 0); }
PUBLIC int mkostemp(char *template, int flags) { return make_temporary(template, flags); }
PUBLIC int mkostemp64(char *template, int flags) { return make_temporary(template, flags); }

/* A call about one name, or about two of which the one that is made counts. */
#define WITH_FAULT(kind, is_watched, call)        \
    char path[4096];                              \
    if (!(is_watched))                            \
        return (call);                            \
    struct verdict v = meet((kind), path);        \
    return fails(v) ? -1 : done(v, (call))

PUBLIC int rename(const char *from, const char *to)
{
    WITH_FAULT(RENAME, watched(AT_FDCWD, to, path), NEXT(rename)(from, to));
}

PUBLIC int renameat(int from_fd, const char *from, int to_fd, const char *to)
{
    WITH_FAULT(RENAME, watched(to_fd, to, path), NEXT(renameat)(from_fd, from, to_fd, to));
}

PUBLIC int renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags)
{
    WITH_FAULT(RENAME, watched(to_fd, to, path), NEXT(renameat2)(from_fd, from, to_fd, to, flags));
}

PUBLIC int unlink(const char *name)
{
    WITH_FAULT(UNLINK, watched(AT_FDCWD, name, path), NEXT(unlink)(name));
}

PUBLIC int remove(const char *name)
{
    WITH_FAULT(UNLINK, watched(AT_FDCWD, name, path), NEXT(remove)(name));
}

PUBLIC int unlinkat(int dir_fd, const char *name, int flags)
{
    WITH_FAULT(UNLINK, watched(dir_fd, name, path), NEXT(unlinkat)(dir_fd, name, flags));
}

PUBLIC int mkdir(const char *name, mode_t mode)
{
    WITH_FAULT(MKDIR, watched(AT_FDCWD, name, path), NEXT(mkdir)(name, mode));
}

PUBLIC int mkdirat(int dir_fd, const char *name, mode_t mode)
{
    WITH_FAULT(MKDIR, watched(dir_fd, name, path), NEXT(mkdirat)(dir_fd, name, mode));
}

PUBLIC int link(const char *from, const char *to)
{
    WITH_FAULT(LINK, watched(AT_FDCWD, to, path), NEXT(link)(from, to));
}

PUBLIC int linkat(int from_fd, const char *from, int to_fd, const char *to, int flags)
{
    WITH_FAULT(LINK, watched(to_fd, to, path), NEXT(linkat)(from_fd, from, to_fd, to, flags));
}

#define DEFINE_TRUNCATE(name)                                              \
    PUBLIC int name(int fd, off_t size)                                    \
    {                                                                      \
        WITH_FAULT(TRUNCATE, fd_watched(fd, path), NEXT(name)(fd, size));  \
    }
DEFINE_TRUNCATE(ftruncate)
DEFINE_TRUNCATE(ftruncate64)

#define DEFINE_ALLOCATE(name)                                                               \
    PUBLIC int name(int fd, int mode, off_t at, off_t n)                                    \
    {                                                                                       \
        WITH_FAULT(ALLOCATE, fd_watched(fd, path), NEXT(name)(fd, mode, at, n));            \
    }
DEFINE_ALLOCATE(fallocate)
DEFINE_ALLOCATE(fallocate64)

/* --- streams --------------------------------------------------------------------------------------------------------- */

static struct stream { /* mutex */
    FILE *file;
    int fd;
} streams[16];

static ssize_t stream_write(void *stream, const char *bytes, size_t n)
{
    size_t at = 0;
    while (at < n) { /* as the C library's own streams go on after a short write */
        ssize_t some = write(((struct stream *)stream)->fd, bytes + at, n - at);
        if (some <= 0)
            break;
        at += (size_t)some;
    }
    return (ssize_t)at;
}

static int stream_seek(void *stream, off64_t *at, int whence)
{
    off64_t now = lseek64(((struct stream *)stream)->fd, *at, whence);
    *at = now;
    return now < 0 ? -1 : 0;
}

static int stream_close(void *stream)
{
    struct stream *s = stream;
    int fd = s->fd;
    pthread_mutex_lock(&mutex);
    s->file = NULL;
    pthread_mutex_unlock(&mutex);
    return close(fd);
}

static FILE *stream_open(int fd, const char *mode)
{
    cookie_io_functions_t calls = { .write = stream_write, .seek = stream_seek, .close = stream_close };
    pthread_mutex_lock(&mutex);
    struct stream *s = streams;
    while (s < streams + sizeof streams / sizeof *streams && s->file)
        s++;
    if (s == streams + sizeof streams / sizeof *streams)
        abort();
    s->fd = fd;
    s->file = fopencookie(s, mode, calls);
    FILE *file = s->file;
    pthread_mutex_unlock(&mutex);
    return file;
}

PUBLIC FILE *fdopen(int fd, const char *mode)
{
    char path[4096];
    bool writes = mode[0] != 'r' && !strchr(mode, '+');
    return writes && fd_watched(fd, path) ? stream_open(fd, mode) : NEXT(fdopen)(fd, mode);
}

static FILE *open_stream(const char *name, const char *mode, FILE *(*next)(const char *, const char *))
{
    char path[4096];
    if (mode[0] == 'r' || strchr(mode, '+') || !watched(AT_FDCWD, name, path))
        return next(name, mode);
    int flags = O_WRONLY | O_CREAT | (mode[0] == 'a' ? O_APPEND : O_TRUNC);
    flags |= (strchr(mode, 'x') ? O_EXCL : 0) | (strchr(mode, 'e') ? O_CLOEXEC : 0);
    int fd = open_file(AT_FDCWD, name, flags, 0666);
    return fd < 0 ? NULL : stream_open(fd, mode);
}

PUBLIC FILE *fopen(const char *name, const char *mode) { return open_stream(name, mode, NEXT(fopen)); }
PUBLIC FILE *fopen64(const char *name, const char *mode) { return open_stream(name, mode, NEXT(fopen64)); }

PUBLIC int fileno(FILE *file)
{
    int fd = -1;
    pthread_mutex_lock(&mutex);
    for (size_t i = 0; i < sizeof streams / sizeof *streams; i++)
        if (streams[i].file == file)
            fd = streams[i].fd;
    pthread_mutex_unlock(&mutex);
    return fd >= 0 ? fd : NEXT(fileno)(file);
}
