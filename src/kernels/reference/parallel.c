#include "config.h"
#include "kernels/reference/reference.h"

#include <pthread.h>

struct share {
    void (*fn)(void *context, int index, int worker);
    void *context;
    int n, worker, workers;
};

static void *run_share(void *argument)
{
    const struct share *s = argument;
    for (int i = s->worker; i < s->n; i += s->workers)
        s->fn(s->context, i, s->worker);
    return NULL;
}

/* Threads live for one call: the reference is to be read, not to be fast. A thread that cannot be made is run here. */
void ref_parallel(int threads, int n, void (*fn)(void *context, int index, int worker), void *context)
{
    enum { MAX_WORKERS = 64 };
    struct share share[MAX_WORKERS];
    pthread_t thread[MAX_WORKERS];
    bool started[MAX_WORKERS] = { false };
    int workers = threads < n ? threads : n;
    if (workers > MAX_WORKERS)
        workers = MAX_WORKERS;
    for (int w = 0; w < workers; w++)
        share[w] = (struct share){ .fn = fn, .context = context, .n = n, .worker = w, .workers = workers };
    for (int w = 1; w < workers; w++)
        started[w] = pthread_create(&thread[w], NULL, run_share, &share[w]) == 0;
    for (int w = 0; w < workers; w++)
        if (!started[w])
            run_share(&share[w]);
    for (int w = 1; w < workers; w++)
        if (started[w])
            pthread_join(thread[w], NULL);
}
