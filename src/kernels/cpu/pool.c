#include "config.h"
#include "kernels/cpu/pool.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/parallel.h"

/* Long enough for the serial work between two regions, short enough that another process loses little. */
enum { SPIN_NS = 60000, SPIN_ROUNDS = 64 };

/* How long a thread spins before it sleeps. A wait that outlasts SPIN_NS says that others compute here, and that spinning is of no use: the
 * next one spins half as long, until a wait is short again. */
struct patience {
    uint64_t spin_ns, since;
};

struct worker {
    struct pool *pool;
    int number;
    pthread_t thread;
    struct patience patience;
};

struct pool {
    int threads, users;
    struct pool *next;
    pthread_mutex_t turn; /* held for the length of one pool_run() */
    struct patience patience; /* of the caller that has the turn */

    /* The region in progress: number of the region (high half) and tasks not yet taken (low half). A task is taken by
     * counting down with compare-and-swap; the region number makes a late worker's attempt on a past region fail, so
     * nobody ever waits for a worker that the system has put aside before it took anything. */
    _Alignas(64) _Atomic uint64_t ticket;
    pool_fn fn;
    void *context;
    int n_tasks;
    _Alignas(64) _Atomic int done; /* tasks finished */

    _Alignas(64) pthread_mutex_t lock; /* of the two conditions */
    pthread_cond_t work, finished;
    _Atomic int sleepers;
    _Atomic bool caller_sleeps, stop;
    int started;
    struct worker workers[];
};

static void relax(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
}

/* Takes and runs tasks of the region `region` until none is left. */
static void work_on(struct pool *p, uint64_t region, int number)
{
    uint64_t ticket = atomic_load(&p->ticket);
    while (ticket >> 32 == region && (uint32_t)ticket != 0) {
        if (!atomic_compare_exchange_weak(&p->ticket, &ticket, ticket - 1))
            continue;
        /* Having a task keeps the region open, so the plain fields are stable until `done` is raised. */
        int n = p->n_tasks;
        p->fn(p->context, n - (int)(uint32_t)ticket, number);
        if (atomic_fetch_add(&p->done, 1) + 1 == n && atomic_load(&p->caller_sleeps)) {
            pthread_mutex_lock(&p->lock);
            pthread_cond_signal(&p->finished);
            pthread_mutex_unlock(&p->lock);
        }
        ticket = atomic_load(&p->ticket);
    }
}

/* Spins until ready(p, value) or the time is up; says whether it is ready. */
static bool spin(struct pool *p, struct patience *mine, bool (*ready)(struct pool *p, uint64_t value), uint64_t value)
{
    mine->since = clock_now_ns();
    do {
        for (int i = 0; i < SPIN_ROUNDS; i++) {
            if (ready(p, value))
                return true;
            relax();
        }
    } while (clock_now_ns() - mine->since < mine->spin_ns);
    return false;
}

static void learn_from_sleep(struct patience *mine)
{
    mine->spin_ns = clock_now_ns() - mine->since < SPIN_NS ? SPIN_NS : mine->spin_ns / 2;
}

static bool region_changed(struct pool *p, uint64_t seen)
{
    return atomic_load(&p->ticket) >> 32 != seen || atomic_load(&p->stop);
}

static bool all_done(struct pool *p, uint64_t n)
{
    return (uint64_t)atomic_load(&p->done) == n;
}

static void sleep_for_region(struct pool *p, uint64_t seen)
{
    pthread_mutex_lock(&p->lock);
    atomic_fetch_add(&p->sleepers, 1);
    while (!region_changed(p, seen))
        pthread_cond_wait(&p->work, &p->lock);
    atomic_fetch_sub(&p->sleepers, 1);
    pthread_mutex_unlock(&p->lock);
}

static void *worker_main(void *arg)
{
    struct worker *w = arg;
    struct pool *p = w->pool;
    uint64_t seen = 0;
    for (;;) {
        if (!spin(p, &w->patience, region_changed, seen)) {
            sleep_for_region(p, seen);
            learn_from_sleep(&w->patience);
        }
        if (atomic_load(&p->stop))
            return NULL;
        seen = atomic_load(&p->ticket) >> 32;
        work_on(p, seen, w->number);
    }
}

static void wait_for_done(struct pool *p, int n_tasks)
{
    if (spin(p, &p->patience, all_done, (uint64_t)n_tasks))
        return;
    pthread_mutex_lock(&p->lock);
    atomic_store(&p->caller_sleeps, true);
    while (!all_done(p, (uint64_t)n_tasks))
        pthread_cond_wait(&p->finished, &p->lock);
    atomic_store(&p->caller_sleeps, false);
    pthread_mutex_unlock(&p->lock);
    learn_from_sleep(&p->patience);
}

static void run_shared(struct pool *p, pool_fn fn, void *context, int n_tasks)
{
    uint64_t region = ((atomic_load(&p->ticket) >> 32) + 1) & UINT32_MAX;
    p->fn = fn;
    p->context = context;
    p->n_tasks = n_tasks;
    atomic_store(&p->done, 0);
    atomic_store(&p->ticket, region << 32 | (uint32_t)n_tasks);
    if (atomic_load(&p->sleepers) > 0) {
        pthread_mutex_lock(&p->lock);
        pthread_cond_broadcast(&p->work);
        pthread_mutex_unlock(&p->lock);
    }
    work_on(p, region, 0);
    wait_for_done(p, n_tasks);
}

void pool_run(struct pool *p, pool_fn fn, void *context, int n_tasks)
{
    if (n_tasks <= 0)
        return;
    pthread_mutex_lock(&p->turn);
    if (p->threads == 1 || n_tasks == 1)
        for (int task = 0; task < n_tasks; task++)
            fn(context, task, 0);
    else
        run_shared(p, fn, context, n_tasks);
    pthread_mutex_unlock(&p->turn);
}

/* --- the register of pools -------------------------------------------------------------------------------------- */

static pthread_mutex_t registry_lock = PTHREAD_MUTEX_INITIALIZER;
static struct pool *registry;

static void pool_free(struct pool *p)
{
    pthread_mutex_lock(&p->lock);
    atomic_store(&p->stop, true);
    pthread_cond_broadcast(&p->work);
    pthread_mutex_unlock(&p->lock);
    for (int i = 0; i < p->started; i++)
        pthread_join(p->workers[i].thread, NULL);
    pthread_cond_destroy(&p->finished);
    pthread_cond_destroy(&p->work);
    pthread_mutex_destroy(&p->lock);
    pthread_mutex_destroy(&p->turn);
    free(p);
}

static int start_workers(struct pool *p)
{
    int failure = 0;
    for (int i = 0; i < p->threads - 1 && !failure; i++) {
        p->workers[i] = (struct worker){ .pool = p, .number = i + 1, .patience = { SPIN_NS, 0 } };
        failure = thread_start(&p->workers[i].thread, worker_main, &p->workers[i]);
        p->started += !failure;
    }
    return failure;
}

static struct pool *pool_new(int threads, struct err *err)
{
    size_t size = sizeof(struct pool) + (size_t)(threads - 1) * sizeof(struct worker);
    struct pool *p = aligned_alloc(64, (size + 63) / 64 * 64);
    if (!p) {
        err_set(err, ERR_MEMORY, "no memory for %d threads", threads);
        return NULL;
    }
    memset(p, 0, size);
    p->threads = threads;
    p->patience.spin_ns = SPIN_NS;
    pthread_mutex_init(&p->turn, NULL);
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->work, NULL);
    pthread_cond_init(&p->finished, NULL);
    int failure = start_workers(p);
    if (failure) {
        err_set(err, ERR_DEVICE, "cannot start thread %d of %d: %s", p->started + 2, threads, strerror(failure));
        pool_free(p);
        return NULL;
    }
    return p;
}

struct pool *pool_get(int threads, struct err *err)
{
    if (threads < 1 || threads > POOL_MAX_THREADS) {
        err_set(err, ERR_RANGE, "threads %d: accepted are 1 to %d", threads, POOL_MAX_THREADS);
        return NULL;
    }
    pthread_mutex_lock(&registry_lock);
    struct pool *p = registry;
    while (p && p->threads != threads)
        p = p->next;
    if (!p && (p = pool_new(threads, err))) {
        p->next = registry;
        registry = p;
    }
    if (p)
        p->users++;
    pthread_mutex_unlock(&registry_lock);
    return p;
}

void pool_put(struct pool *p)
{
    if (!p)
        return;
    pthread_mutex_lock(&registry_lock);
    bool last = --p->users == 0;
    for (struct pool **at = &registry; last && *at; at = &(*at)->next)
        if (*at == p) {
            *at = p->next;
            break;
        }
    pthread_mutex_unlock(&registry_lock);
    if (last)
        pool_free(p);
}
