/* base/parallel.h - threads beside those of main: one that is begun, and a loop whose turns do not depend on each other, on threads that live
 * for this one call. Any thread. */
#ifndef BASE_PARALLEL_H
#define BASE_PARALLEL_H

#include <pthread.h>

/* pthread_create() of a thread that takes no signals, for these belong to one thread of main's: 0 or its error. */
int thread_start(pthread_t *thread, void *(*fn)(void *argument), void *argument);

/* As many threads as there are processors, at least 1 and at most `most`. */
int parallel_threads(int most);

/* fn(context, index, worker) for each index of 0..n-1, which goes to worker index % threads; fn must not touch what another
 * index writes. Worker 0 is the caller, alone if `threads` is below 2; at most 64 workers; the others take no signals. A
 * thread that cannot be made is done without: results are the same. Returns when all is done. */
void parallel_each(int threads, int n, void (*fn)(void *context, int index, int worker), void *context);

/* The same for work that gives way to all other: on half of the processors, of low priority, which the calling thread keeps. */
void parallel_each_aside(int n, void (*fn)(void *context, int index, int worker), void *context);

#endif
