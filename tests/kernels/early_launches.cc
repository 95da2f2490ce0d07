/* What the emulated device shows of kernels launched early (src/kernels/cuda/early.h): those that obey its rules, and each rule broken. */
#include "config.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern "C" {
#include <cmocka.h>
}

#include "kernels/cuda/device.h"
#include "kernels/cuda/early.h"

enum { BLOCKS = 3, THREADS = 64, N = BLOCKS * THREADS };

struct memory { /* of the device: [N] each */
    float *fixed, *made, *sum;
};

static int place(void)
{
    return (int)(blockIdx.x * THREADS + threadIdx.x);
}

static __global__ void make_kernel(struct memory m)
{
    early_wait();
    early_let_go();
    m.made[place()] += m.fixed[place()];
}

/* `fixed` comes before the wait: nobody writes it. */
static __global__ void add_kernel(struct memory m)
{
    __shared__ float fixed[THREADS];
    fixed[threadIdx.x] = m.fixed[place()];
    __syncthreads();
    early_wait();
    early_let_go();
    m.sum[place()] = m.made[place()] + fixed[THREADS - 1 - threadIdx.x];
}

static __global__ void hasty_read_kernel(struct memory m)
{
    const float made = m.made[place()];
    early_wait();
    m.sum[place()] = made;
}

static __global__ void hasty_write_kernel(struct memory m)
{
    m.sum[place()] = 3;
    early_wait();
}

static __global__ void no_wait_kernel(struct memory m)
{
    m.sum[place()] = m.made[place()];
}

static __global__ void some_wait_kernel(struct memory m)
{
    if (place() % THREADS == 5)
        return;
    early_wait();
    m.sum[place()] = 1;
}

static __global__ void hasty_let_go_kernel(struct memory m)
{
    early_let_go();
    early_wait();
    m.sum[place()] = 1;
}

enum which { ADD, HASTY_READ, HASTY_WRITE, NO_WAIT, SOME_WAIT, HASTY_LET_GO, BEHIND_A_COPY };

static void launch(enum which which, struct memory m, cudaStream_t s)
{
    switch (which) {
    case ADD:
        LAUNCH_EARLY(true, add_kernel, BLOCKS, THREADS, s, m);
        break;
    case HASTY_READ:
        LAUNCH_EARLY(true, hasty_read_kernel, BLOCKS, THREADS, s, m);
        break;
    case HASTY_WRITE:
        LAUNCH_EARLY(true, hasty_write_kernel, BLOCKS, THREADS, s, m);
        break;
    case NO_WAIT:
        LAUNCH_EARLY(true, no_wait_kernel, BLOCKS, THREADS, s, m);
        break;
    case SOME_WAIT:
        LAUNCH_EARLY(true, some_wait_kernel, BLOCKS, THREADS, s, m);
        break;
    case HASTY_LET_GO:
        LAUNCH_EARLY(true, hasty_let_go_kernel, BLOCKS, THREADS, s, m);
        break;
    default:
        cudaMemsetAsync(m.made, 0, sizeof(float), s);
        LAUNCH_EARLY(true, add_kernel, BLOCKS, THREADS, s, m);
    }
}

/* made = 1 + 2 (once a round), then the kernel that is asked for, in a graph that runs twice. sum: [N] */
static void run(enum which which, float *sum)
{
    struct memory m;
    cudaStream_t s;
    cudaGraph_t graph;
    cudaGraphExec_t exec;
    float *host;
    cudaMallocHost((void **)&host, 3 * N * sizeof *host);
    cudaMalloc((void **)&m.fixed, 3 * N * sizeof *m.fixed);
    m.made = m.fixed + N;
    m.sum = m.made + N;
    for (int i = 0; i < 3 * N; i++)
        host[i] = i < N ? 2 : 1;
    cudaStreamCreateWithPriority(&s, cudaStreamNonBlocking, 0);
    cudaMemcpyAsync(m.fixed, host, 3 * N * sizeof *host, cudaMemcpyHostToDevice, s);
    cudaStreamBeginCapture(s, cudaStreamCaptureModeThreadLocal);
    LAUNCH(make_kernel, BLOCKS, THREADS, s, m);
    launch(which, m, s);
    cudaStreamEndCapture(s, &graph);
    assert_int_equal(cudaGraphInstantiate(&exec, graph, 0), cudaSuccess);
    for (int round = 0; round < 2; round++)
        cudaGraphLaunch(exec, s);
    cudaMemcpyAsync(host, m.sum, N * sizeof *host, cudaMemcpyDeviceToHost, s);
    cudaStreamSynchronize(s);
    for (int i = 0; i < N; i++)
        sum[i] = host[i];
    cudaGraphDestroy(graph);
    cudaGraphExecDestroy(exec);
    cudaStreamDestroy(s);
    cudaFree(m.fixed);
    cudaFreeHost(host);
    assert_int_equal(shim_alive, 0);
}

static void who_waits_sees_all(void **state)
{
    float sum[N];
    (void)state;
    for (int reverse = 0; reverse < 2; reverse++) {
        shim_reverse = reverse;
        run(ADD, sum);
        for (int i = 0; i < N; i++)
            assert_true(sum[i] == 1 + 2 + 2 + 2);
    }
    shim_reverse = false;
}

static void who_reads_too_soon_gets_nan(void **state)
{
    float sum[N];
    (void)state;
    run(HASTY_READ, sum);
    for (int i = 0; i < THREADS; i++)
        assert_true(isnan(sum[i]));
    for (int i = THREADS; i < N; i++)
        assert_true(sum[i] == 1 + 2 + 2);
}

/* The program must end with this on its lips. */
static void ends_with(enum which which, const char *says)
{
    float sum[N];
    char text[512] = "";
    int ends[2], status;
    assert_int_equal(pipe(ends), 0);
    const pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], 2);
        signal(SIGABRT, SIG_DFL);
        run(which, sum);
        _exit(0);
    }
    close(ends[1]);
    size_t n = 0;
    for (ssize_t got; n + 1 < sizeof text && (got = read(ends[0], text + n, sizeof text - 1 - n)) > 0; n += (size_t)got)
        ;
    close(ends[0]);
    waitpid(child, &status, 0);
    if (!WIFSIGNALED(status) || !strstr(text, says))
        fail_msg("'%s' instead of '%s'", text, says);
}

static void each_rule_is_watched(void **state)
{
    (void)state;
    ends_with(HASTY_WRITE, "writes device memory before it has waited");
    ends_with(NO_WAIT, "returns without having waited");
    ends_with(SOME_WAIT, "returns without having waited");
    ends_with(HASTY_LET_GO, "lets the next one go before it has waited");
    ends_with(BEHIND_A_COPY, "behind anything but one kernel");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_waits_sees_all),
        cmocka_unit_test(who_reads_too_soon_gets_nan),
        cmocka_unit_test(each_rule_is_watched),
    };
    return cmocka_run_group_tests_name("tests/kernels/early_launches", tests, NULL, NULL);
}
