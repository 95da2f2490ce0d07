/* Calls to the operating system, told by thread, and a clock and random numbers of our own (the program is linked with --wrap). */
#include "config.h"
#include "check.h"
#include "written.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

/* --- clock and random numbers ---------------------------------------------------------------------------------------- */

enum { FAR_S = 100000000 };
#define WALL_NS UINT64_C(1800000000123456789)
static atomic_uint_fast64_t clock_ms, n_random;

void clock_set(uint64_t ms)
{
    clock_ms = ms;
}

void clock_pass(uint64_t ms)
{
    clock_ms += ms;
}

void random_restart(void)
{
    n_random = 0;
}

int __real_clock_gettime(clockid_t which, struct timespec *out);
int __wrap_clock_gettime(clockid_t which, struct timespec *out);
ssize_t __wrap_getrandom(void *to, size_t n, unsigned flags);

int __wrap_clock_gettime(clockid_t which, struct timespec *out)
{
    const uint64_t ms = clock_ms, wall = WALL_NS + ms * 1000000;
    if (which == CLOCK_MONOTONIC)
        *out = (struct timespec){ .tv_sec = (time_t)(FAR_S + ms / 1000), .tv_nsec = (long)(ms % 1000 * 1000000) };
    else if (which == CLOCK_REALTIME)
        *out = (struct timespec){ .tv_sec = (time_t)(wall / 1000000000), .tv_nsec = (long)(wall % 1000000000) };
    else
        return __real_clock_gettime(which, out);
    return 0;
}

ssize_t __wrap_getrandom(void *to, size_t n, unsigned flags)
{
    const uint8_t call = (uint8_t)++n_random;
    (void)flags;
    for (size_t i = 0; i < n; i++)
        ((uint8_t *)to)[i] = (uint8_t)(16 * call + i);
    return (ssize_t)n;
}

/* --- calls ----------------------------------------------------------------------------------------------------------- */

enum { FDS = 1024, NAME = 80, THREADS = 3 };
static const char *const thread_name[THREADS] = { "caller", "writer", "publisher" };
static struct {
    pthread_mutex_t mutex;
    char name[FDS][NAME];
    struct buf of[THREADS];
    pthread_t caller;
    char last[THREADS][200]; /* a call that follows itself is told once */
} calls = { .mutex = PTHREAD_MUTEX_INITIALIZER };
static _Thread_local int mine = -1;

void calls_forget(void)
{
    pthread_mutex_lock(&calls.mutex);
    calls.caller = pthread_self();
    for (int i = 0; i < THREADS; i++) {
        buf_clear(&calls.of[i]);
        calls.last[i][0] = '\0';
    }
    pthread_mutex_unlock(&calls.mutex);
}

void calls_tell(struct buf *out)
{
    pthread_mutex_lock(&calls.mutex);
    for (int i = 0; i < THREADS; i++)
        if (calls.of[i].len)
            buf_addf(out, " %s\n%s", thread_name[i], calls.of[i].data);
    pthread_mutex_unlock(&calls.mutex);
    calls_forget();
}

int calls_count(const char *call)
{
    int n = 0;
    char line[200];
    snprintf(line, sizeof line, "  %s", call);
    pthread_mutex_lock(&calls.mutex);
    for (int i = 0; i < THREADS; i++)
        for (const char *at = calls.of[i].len ? calls.of[i].data : NULL; at && (at = strstr(at, line)); at++)
            n++;
    pthread_mutex_unlock(&calls.mutex);
    return n;
}

static const char *fd_name(int fd)
{
    return fd == AT_FDCWD ? "." : fd >= 0 && fd < FDS && calls.name[fd][0] ? calls.name[fd] : "?";
}

/* The last component: above it is a folder of another name each time. */
static const char *file_name(const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    return strncmp(name, "saddle-test-", 12) == 0 ? "root" : name;
}

static void name_fd(int fd, const char *path)
{
    if (fd >= 0 && fd < FDS)
        snprintf(calls.name[fd], NAME, "%s", file_name(path));
}

/* Which thread this is shows in its first call: the writer's is about the journal. The mutex is held. */
static void who_calls(const char *call)
{
    if (pthread_equal(pthread_self(), calls.caller))
        mine = 0;
    else if (mine < 0)
        mine = strstr(call, "journal-") || strstr(call, "/lock") ? 1 : 2;
}

static void note_call(const char *text)
{
    const int reason = errno;
    pthread_mutex_lock(&calls.mutex);
    who_calls(text);
    if (strncmp(text, "pread", 5) != 0 || strcmp(calls.last[mine], text) != 0)
        buf_addf(&calls.of[mine], "  %s\n", text);
    snprintf(calls.last[mine], sizeof calls.last[mine], "%s", text);
    pthread_mutex_unlock(&calls.mutex);
    errno = reason;
}

/* Which call of which thread is to fail once, and which waits at a gate. */
static struct {
    atomic_int thread, left, reason; /* left: calls until then; 0: none fails */
    char gate[80];
    atomic_bool shut;
} trap;

void calls_fail(enum told_thread thread, int nth, int reason)
{
    trap.thread = (int)thread;
    trap.reason = reason;
    trap.left = nth;
}

bool calls_failed(void)
{
    return trap.left <= 0;
}

void calls_shut(const char *call)
{
    snprintf(trap.gate, sizeof trap.gate, "%s", call);
    trap.shut = true;
}

void calls_let(void)
{
    trap.shut = false;
}

static bool is_trapped(const char *call)
{
    pthread_mutex_lock(&calls.mutex);
    who_calls(call);
    pthread_mutex_unlock(&calls.mutex);
    while (trap.shut && strncmp(call, trap.gate, strlen(trap.gate)) == 0)
        usleep(200);
    if (mine != trap.thread || trap.left <= 0 || --trap.left > 0)
        return false;
    char text[220];
    snprintf(text, sizeof text, "%s: told to fail", call);
    note_call(text);
    errno = trap.reason;
    return true;
}

#define CALL(...) \
    char call[200]; \
    snprintf(call, sizeof call, __VA_ARGS__); \
    if (is_trapped(call)) \
        return -1

static void note_outcome(const char *call, long long result)
{
    char text[240];
    snprintf(text, sizeof text, "%s%s", call,
             result >= 0 ? "" : errno == ENOENT ? ": ENOENT" : errno == EEXIST ? ": EEXIST" : errno == EAGAIN ? ": EAGAIN" : ": fails");
    note_call(text);
}

static int t_openat(int d, const char *n, int f, mode_t m)
{
    enum { SAFE = O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY };
    const int access = f & O_ACCMODE, known = SAFE | O_ACCMODE | O_CREAT | O_EXCL | O_APPEND | O_DIRECTORY | O_LARGEFILE;
    CALL("open %s/%s %s%s%s%s%s%s%s%s%.0o", fd_name(d), file_name(n), access == O_RDONLY ? "r" : access == O_WRONLY ? "w" : "rw",
         f & O_CREAT ? " create" : "", f & O_EXCL ? " new" : "", f & O_APPEND ? " append" : "", f & O_DIRECTORY ? " folder" : "",
         (f & SAFE) == SAFE ? " safe" : f & O_CLOEXEC ? " cloexec" : "", f & ~known ? " other" : "", f & O_CREAT ? " 0" : "", m);
    const int fd = io_system.openat(d, n, f, m);
    note_outcome(call, fd);
    name_fd(fd, n);
    return fd;
}

static int t_close(int fd)
{
    CALL("close %s", fd_name(fd));
    note_outcome(call, 0);
    if (fd >= 0 && fd < FDS)
        calls.name[fd][0] = '\0';
    return io_system.close(fd);
}

#define TOLD(type, name, parameters, arguments, ...) \
    static type t_##name parameters \
    { \
        CALL(__VA_ARGS__); \
        const type result = io_system.name arguments; \
        note_outcome(call, result); \
        return result; \
    }
TOLD(ssize_t, write, (int fd, const void *b, size_t n), (fd, b, n), "write %s", fd_name(fd))
TOLD(ssize_t, pread, (int fd, void *b, size_t n, off_t at), (fd, b, n, at), "pread %s", fd_name(fd))
TOLD(int, fsync, (int fd), (fd), "fsync %s", fd_name(fd))
TOLD(int, fdatasync, (int fd), (fd), "fdatasync %s", fd_name(fd))
TOLD(int, fallocate, (int fd, off_t n), (fd, n), "fallocate %s %lld", fd_name(fd), (long long)n)
TOLD(int, fstat, (int fd, struct stat *out), (fd, out), "fstat %s", fd_name(fd))
TOLD(int, mkdirat, (int d, const char *n, mode_t m), (d, n, m), "mkdir %s/%s 0%o", fd_name(d), n, m)
TOLD(int, renameat, (int d, const char *a, const char *b), (d, a, b), "rename %s/%s to %s", fd_name(d), a, b)
TOLD(int, linkat, (int d, const char *a, const char *b), (d, a, b), "link %s/%s to %s", fd_name(d), a, b)
TOLD(int, unlinkat, (int d, const char *n, int f), (d, n, f), "%s %s/%s", f & AT_REMOVEDIR ? "rmdir" : "unlink", fd_name(d), n)
TOLD(int, lock, (int fd), (fd), "lock %s", fd_name(fd))
TOLD(int, ftruncate, (int fd, off_t n), (fd, n), "ftruncate %s %lld", fd_name(fd), (long long)n)

/* A snapshot's size is libzstd's: here it is told by its step. */
static int t_fstatat(int d, const char *n, struct stat *out)
{
    unsigned long long step;
    CALL("fstatat %s/%s", fd_name(d), file_name(n));
    const int result = io_system.fstatat(d, n, out);
    note_outcome(call, result);
    if (result == 0 && sscanf(file_name(n), "snap-%llu", &step) == 1)
        out->st_size = (off_t)(4000 + step);
    return result;
}

const struct io told_calls = { .openat = t_openat, .close = t_close, .write = t_write, .pread = t_pread, .fsync = t_fsync,
                               .fdatasync = t_fdatasync, .fallocate = t_fallocate, .fstat = t_fstat, .fstatat = t_fstatat,
                               .mkdirat = t_mkdirat, .renameat = t_renameat, .linkat = t_linkat, .unlinkat = t_unlinkat,
                               .lock = t_lock, .ftruncate = t_ftruncate };
