#include "config.h"
#include "base/parallel.h"

#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <unistd.h>

int thread_start(pthread_t *thread, void *(*fn)(void *argument), void *argument)
{
    sigset_t all, before; /* a thread inherits the mask */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const int failure = pthread_create(thread, NULL, fn, argument);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failure;
}

int parallel_threads(int most)
{
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    return processors < 1 ? 1 : processors > most ? most : (int)processors;
}

struct loop_share {
    void (*fn)(void *context, int index, int worker);
    void *context;
    int n, worker, workers;
};

static void *run_share(void *argument)
{
    const struct loop_share *s = argument;
    for (int i = s->worker; i < s->n; i += s->workers)
        s->fn(s->context, i, s->worker);
    return NULL;
}

void parallel_each(int threads, int n, void (*fn)(void *context, int index, int worker), void *context)
{
    enum { MAX_WORKERS = 64 };
    struct loop_share share[MAX_WORKERS];
    pthread_t thread[MAX_WORKERS];
    bool started[MAX_WORKERS] = { false };
    int workers = threads < n ? threads : n;
    if (workers > MAX_WORKERS)
        workers = MAX_WORKERS;
    if (workers < 1)
        workers = 1;
    for (int w = 0; w < workers; w++)
        share[w] = (struct loop_share){ .fn = fn, .context = context, .n = n, .worker = w, .workers = workers };
    for (int w = 1; w < workers; w++)
        started[w] = thread_start(&thread[w], run_share, &share[w]) == 0;
    for (int w = 0; w < workers; w++)
        if (!started[w])
            run_share(&share[w]);
    for (int w = 1; w < workers; w++)
        if (started[w])
            pthread_join(thread[w], NULL);
}

void parallel_each_aside(int n, void (*fn)(void *context, int index, int worker), void *context)
{
    enum { LOW_PRIORITY = 10 };
    setpriority(PRIO_PROCESS, 0, LOW_PRIORITY); /* of this thread and of those that it makes */
    parallel_each(parallel_threads(INT_MAX) / 2, n, fn, context);
}
