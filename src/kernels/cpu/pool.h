/* kernels/cpu/pool.h - persistent worker threads that share out numbered tasks.
 *
 * One pool per thread count and process, shared by every model opened with that count. The caller of pool_run() works
 * too, so a pool of 1 has no threads. Who waits spins for a moment (the next parallel region of a pass is microseconds
 * away), then sleeps; where others compute on the machine it soon sleeps at once. Which worker runs a task is not determined: results must depend on the task number only. */
#ifndef KERNELS_CPU_POOL_H
#define KERNELS_CPU_POOL_H

struct err;
struct pool;

enum { POOL_MAX_THREADS = 256 };

/* threads: 1..POOL_MAX_THREADS, the caller included. NULL with *err. Each get needs one pool_put(). Any thread. */
struct pool *pool_get(int threads, struct err *err);
void pool_put(struct pool *p); /* NULL allowed; the last put ends the workers */


/* Calls fn(context, task, worker) for task = 0..n_tasks-1, worker = 0..threads-1 (no two at once with the same), and
 * returns when all are done. fn must not call pool_run(). Callers of one pool wait for each other. */
typedef void (*pool_fn)(void *context, int task, int worker);
void pool_run(struct pool *p, pool_fn fn, void *context, int n_tasks);

#endif
