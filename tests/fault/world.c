/* A library before libc, for tests/fault/world.py: a program in another world.
 *
 *   SADDLE_WORLD_CLOCK=SECONDS   the calendar's clock is so many seconds ahead
 *   SADDLE_WORLD_CLOCK=freeze    it stands still
 *   SADDLE_WORLD_CLOCK=back      each look at it is a second before the last one
 *   SADDLE_WORLD_MEMORY=N        the Nth request for memory fails; N-: all from the Nth on. Counted from main() on
 *   SADDLE_WORLD_COUNT=FILE      how many there were, at the end
 *   SADDLE_WORLD_LOCK=ENOLCK|EOPNOTSUPP   files cannot be locked
 *
 * The clock that only measures how long something takes is left alone: no system moves it. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define PUBLIC __attribute__((visibility("default")))
#define BACK 1000000000ll /* "back" and "freeze", told from shifts */
#define FREEZE 1000000001ll

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);
void *__libc_memalign(size_t to, size_t n);

PUBLIC void *malloc(size_t n);
PUBLIC void *calloc(size_t n, size_t size);
PUBLIC void *realloc(void *p, size_t n);
PUBLIC void *aligned_alloc(size_t to, size_t n);
PUBLIC int posix_memalign(void **p, size_t to, size_t n);
PUBLIC int clock_gettime(clockid_t id, struct timespec *t);
PUBLIC int gettimeofday(struct timeval *restrict t, void *restrict zone);
PUBLIC time_t time(time_t *out);
PUBLIC int fcntl(int fd, int cmd, ...);
PUBLIC int fcntl64(int fd, int cmd, ...);
PUBLIC int __libc_start_main(int (*entry)(int, char **, char **), int argc, char **argv, void (*init)(void), void (*fini)(void), void (*linker)(void), void *end);

static long long shift;
static atomic_llong looks;
static int (*real_clock)(clockid_t, struct timespec *);
static int no_lock;
static long failing;
static bool for_good, counting;
static atomic_long requests;
static int (*program)(int, char **, char **);

static void tell_count(void)
{
    const char *file = getenv("SADDLE_WORLD_COUNT");
    char text[32];
    const int fd = file ? open(file, O_WRONLY | O_CREAT | O_TRUNC, 0600) : -1;
    counting = false;
    if (fd < 0)
        return;
    const int n = snprintf(text, sizeof text, "%ld\n", atomic_load(&requests));
    if (write(fd, text, (size_t)n) != n)
        abort();
    close(fd);
}

__attribute__((constructor)) static void enter(void)
{
    const char *clock = getenv("SADDLE_WORLD_CLOCK"), *memory = getenv("SADDLE_WORLD_MEMORY"), *lock = getenv("SADDLE_WORLD_LOCK");
    if (clock)
        shift = strcmp(clock, "freeze") == 0 ? FREEZE : strcmp(clock, "back") == 0 ? BACK : strtoll(clock, NULL, 10);
    if (lock)
        no_lock = strcmp(lock, "EOPNOTSUPP") == 0 ? EOPNOTSUPP : ENOLCK;
    if (memory) {
        char *end;
        failing = strtol(memory, &end, 10);
        for_good = *end == '-';
    }
}

/* The program's main(), once libraries have set themselves up: what NVIDIA's runtime does there without memory is not ours to mend. */
static int main_counted(int argc, char **argv, char **env)
{
    if (getenv("SADDLE_WORLD_MEMORY")) {
        atexit(tell_count);
        counting = true;
    }
    return program(argc, argv, env);
}

int __libc_start_main(int (*entry)(int, char **, char **), int argc, char **argv, void (*init)(void), void (*fini)(void), void (*linker)(void), void *end)
{
    int (*real)(int (*)(int, char **, char **), int, char **, void (*)(void), void (*)(void), void (*)(void), void *);
    *(void **)&real = dlsym(RTLD_NEXT, "__libc_start_main");
    program = entry;
    return real(main_counted, argc, argv, init, fini, linker, end);
}

static bool fails(void)
{
    if (!counting)
        return false;
    const long n = atomic_fetch_add(&requests, 1) + 1;
    if (failing <= 0 || (for_good ? n < failing : n != failing))
        return false;
    errno = ENOMEM;
    return true;
}

void *malloc(size_t n)
{
    return fails() ? NULL : __libc_malloc(n);
}

void *calloc(size_t n, size_t size)
{
    return fails() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t n)
{
    return fails() ? NULL : __libc_realloc(p, n);
}

void *aligned_alloc(size_t to, size_t n)
{
    return fails() ? NULL : __libc_memalign(to, n);
}

int posix_memalign(void **p, size_t to, size_t n)
{
    *p = fails() ? NULL : __libc_memalign(to, n);
    return *p ? 0 : ENOMEM;
}

int clock_gettime(clockid_t id, struct timespec *t)
{
    if (!real_clock)
        *(void **)&real_clock = dlsym(RTLD_NEXT, "clock_gettime");
    const int result = real_clock(id, t);
    if (result || shift == 0 || (id != CLOCK_REALTIME && id != CLOCK_REALTIME_COARSE))
        return result;
    if (shift == FREEZE || shift == BACK)
        *t = (struct timespec){ 1800000000 - (shift == BACK ? (time_t)atomic_fetch_add(&looks, 1) : 0), 0 };
    else
        t->tv_sec += (time_t)shift;
    return 0;
}

int gettimeofday(struct timeval *restrict t, void *restrict zone)
{
    struct timespec now;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    *t = (struct timeval){ now.tv_sec, now.tv_nsec / 1000 };
    return 0;
}

time_t time(time_t *out)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (out)
        *out = now.tv_sec;
    return now.tv_sec;
}

static int control(int fd, int cmd, void *argument)
{
    int (*real)(int, int, ...);
    if (no_lock && (cmd == F_OFD_SETLK || cmd == F_SETLK)) {
        errno = no_lock;
        return -1;
    }
    *(void **)&real = dlsym(RTLD_NEXT, "fcntl64");
    return real(fd, cmd, argument);
}

int fcntl(int fd, int cmd, ...)
{
    va_list args;
    va_start(args, cmd);
    void *argument = va_arg(args, void *);
    va_end(args);
    return control(fd, cmd, argument);
}

int fcntl64(int fd, int cmd, ...)
{
    va_list args;
    va_start(args, cmd);
    void *argument = va_arg(args, void *);
    va_end(args);
    return control(fd, cmd, argument);
}
