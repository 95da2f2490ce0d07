/* The worker pool: every task once, whether workers spin, sleep or compete with a second caller. */
#include "config.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/err.h"
#include "kernels/cpu/pool.h"

enum { TASKS = 37, THREADS = 4 };

struct count {
    int done[TASKS];             /* plain on purpose: pool_run() must order the writes before its return */
    _Atomic int busy[THREADS];   /* tasks running with this worker number */
    _Atomic int signals_open;
};

static void count_task(void *context, int task, int worker)
{
    struct count *c = context;
    if (atomic_fetch_add(&c->busy[worker], 1) != 0)
        c->done[task] += 1000; /* two tasks at once with one worker number */
    c->done[task]++;
    sigset_t blocked;
    if (worker > 0 && pthread_sigmask(SIG_SETMASK, NULL, &blocked) == 0 && !sigismember(&blocked, SIGINT))
        atomic_store(&c->signals_open, 1);
    atomic_fetch_sub(&c->busy[worker], 1);
}

static void run_and_check(struct pool *p, int n_tasks, int repeats)
{
    struct count c;
    memset(&c, 0, sizeof c);
    for (int i = 0; i < repeats; i++)
        pool_run(p, count_task, &c, n_tasks);
    for (int task = 0; task < TASKS; task++)
        assert_int_equal(c.done[task], task < n_tasks ? repeats : 0);
    assert_int_equal(c.signals_open, 0);
}

static void every_task_once(void **state)
{
    (void)state;
    for (int threads = 1; threads <= THREADS; threads++) {
        struct pool *p = pool_get(threads, NULL);
        assert_non_null(p);
        for (int n = 0; n <= TASKS; n += 4)
            run_and_check(p, n, 50);
        pool_put(p);
    }
}

static void wakes_from_sleep(void **state)
{
    struct pool *p = pool_get(3, NULL);
    (void)state;
    for (int i = 0; i < 20; i++) {
        nanosleep(&(struct timespec){ 0, 2000000 }, NULL); /* far longer than workers spin */
        run_and_check(p, TASKS, 1);
    }
    pool_put(p);
}

static void slow_task(void *context, int task, int worker)
{
    (void)worker;
    if (task == 0)
        nanosleep(&(struct timespec){ 0, 3000000 }, NULL);
    ((int *)context)[task] = task + 1;
}

static void waits_for_a_slow_task(void **state)
{
    struct pool *p = pool_get(2, NULL);
    (void)state;
    for (int i = 0; i < 10; i++) {
        int out[2] = { 0 };
        pool_run(p, slow_task, out, 2);
        assert_int_equal(out[0] + out[1], 3);
    }
    pool_put(p);
}

static void *second_caller(void *arg)
{
    struct pool *p = arg;
    static struct count c;
    for (int i = 0; i < 200; i++)
        pool_run(p, count_task, &c, TASKS);
    return c.done[TASKS - 1] == 200 ? arg : NULL;
}

static void two_callers(void **state)
{
    struct pool *a = pool_get(3, NULL), *b = pool_get(3, NULL);
    pthread_t other;
    void *result = NULL;
    (void)state;
    assert_ptr_equal(a, b); /* one pool per thread count */
    assert_int_equal(pthread_create(&other, NULL, second_caller, b), 0);
    run_and_check(a, TASKS, 200);
    pthread_join(other, &result);
    assert_ptr_equal(result, b);
    pool_put(a);
    run_and_check(b, TASKS, 1); /* lives until its last user is gone */
    pool_put(b);
    pool_put(NULL);
}

static void refuses(void **state)
{
    struct err err;
    (void)state;
    assert_null(pool_get(0, &err));
    assert_null(pool_get(POOL_MAX_THREADS + 1, &err));
    assert_non_null(strstr(err.text, "257"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_task_once),       cmocka_unit_test(wakes_from_sleep),
        cmocka_unit_test(waits_for_a_slow_task), cmocka_unit_test(two_callers),
        cmocka_unit_test(refuses),
    };
    return cmocka_run_group_tests_name("kernels/pool", tests, NULL, NULL);
}
