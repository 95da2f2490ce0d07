/* A library before libc, for tests/told/beats.t: the clock that measures is as many minutes ahead as the file $MINUTES has bytes. */
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

__attribute__((visibility("default"))) int clock_gettime(clockid_t id, struct timespec *t);

int clock_gettime(clockid_t id, struct timespec *t)
{
    const char *file = getenv("MINUTES");
    struct stat st;
    const int result = (int)syscall(SYS_clock_gettime, id, t);
    if (result == 0 && id == CLOCK_MONOTONIC && file && stat(file, &st) == 0)
        t->tv_sec += 60 * st.st_size;
    return result;
}
