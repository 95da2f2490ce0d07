/* Things that only an emulated device can show: every CUDA call made to fail in turn ends in a message and leaks nothing;
 * the order in which blocks and threads run changes no bit; machines without a driver or a device are told so. */
#include "config.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "cuda_shim.h"
#include "kernels/backend.h"
#include "tests/kernels/problem.h"
#include "tests/kernels/steps.h"

static const struct backend *const dev = &backend_cuda;

static const struct net_spec tiny = { .name = "tiny", 4, 5, 2, 3, HEAD_NORM,
                                      { PLAIN(NET_IMAGE, NET_NO_ADD, 4, 1), PLAIN(0, 0, 4, 1), PLAIN(1, NET_NO_ADD, 8, 2) } };

/* The parts that the one above lacks: rows, pools, units without batch norm, an output. */
static const struct net_spec other = { .name = "other", 4, 5, 2, 3, HEAD_LINEAR,
                                       { { .in = NET_IMAGE, .add = NET_NO_ADD, .channels = 4, .stride = 1, .kernel = 1, .flags = BIAS | NO_NORM },
                                         { .in = NET_IMAGE, .add = NET_NO_ADD, .stride = 2, .kind = UNIT_AVG_POOL, .kernel = 2 },
                                         { .in = 0, .add = NET_NO_ADD, .stride = 1, .kind = UNIT_MAX_POOL, .kernel = 2 },
                                         { .in = 2, .add = NET_NO_ADD, .kind = UNIT_GLOBAL_POOL, .kernel = 1 },
                                         { .in = 3, .add = NET_NO_ADD, .channels = 3, .kind = UNIT_COSINE, .kernel = 1 } },
                                       .head_in = 2, .outputs = { 4 } };

/* A life with every function of the table in it. The first failure ends it with -1 and *err; afterwards nothing that
 * was computed may look like a number. */
struct life {
    int device;
    struct model *m;
    float *w, *stats, *g, *out, *moved;
    struct image_store *store;
    long until_products; /* calls before hvp() */
    struct err err;
};

static int vectors_of_life(struct life *l, const struct problem *p)
{
    const size_t n = p->net.params.total;
    float **all[] = { &l->w, &l->g, &l->out, &l->moved };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (!(*all[i] = dev->vec_new(l->m, n, &l->err)))
            return -1;
    l->stats = dev->vec_new(l->m, p->net.stats.total, &l->err);
    return l->stats ? 0 : -1;
}

/* Two steps in the queue: SGD on images from the host; SAM on images that the device keeps. */
static int steps_of_life(struct life *l, const struct problem *p)
{
    static const uint8_t bytes[2 * 4 * 5 * 2] = { 1, 2, 3 };
    static const float table[2 * 256] = { 0.5f, 1, 2 };
    const int32_t labels[] = { 0, 1 };
    const uint32_t position[] = { 1, 0 };
    struct optimiser_step step = { .ascent = ASCENT_NONE, .params = l->w, .stats = l->stats, .momentum = l->g, .grad = l->out,
                                   .moved = l->moved, .criterion = &p->criterion, .descent = { 0.1f, 0.9f, 1e-4f, false }, .rho = 0.1 };
    struct optimiser_result result;
    if (!(l->store = dev->store_new(l->m, &(struct image_source){ 2, bytes, labels, table }, &l->err)))
        return -1;
    const struct image_choice choice = { .store = l->store, .position = position, .crop = true, .pad = 1 };
    const struct batch batches[] = { p->batch, { .n = 2, .choice = &choice } };
    for (int i = 0; i < 2; i++, step.ascent = ASCENT_SAM)
        if (dev->load(l->m, &batches[i], &l->err) < 0 || dev->step(l->m, &step, &l->err) < 0)
            return -1;
    for (int i = 0; i < 2; i++)
        if (dev->step_wait(l->m, &result, &l->err) < 0)
            return -1;
    return 0;
}

static int pieces_of_life(struct life *l, const struct problem *p)
{
    const struct pass pass = { l->w, l->stats, PASS_TRAIN, false, NULL, false };
    float outputs[2][3 * 3];
    const float *const upstream[1 + NET_MAX_OUTPUTS] = { outputs[0] };
    if (dev->load(l->m, &p->batch, &l->err) < 0 || dev->forward(l->m, &pass, &l->err) < 0)
        return -1;
    for (int k = 0; k <= p->net.n_outputs; k++)
        dev->output(l->m, k, outputs[k]);
    if (dev->backward(l->m, upstream, NULL, l->g, &l->err) < 0 || dev->r_forward(l->m, l->g, &l->err) < 0)
        return -1;
    for (int k = 0; k <= p->net.n_outputs; k++)
        dev->r_output(l->m, k, outputs[k]);
    return dev->r_backward(l->m, upstream, l->out, &l->err);
}

static int live(struct life *l, const struct problem *p)
{
    const size_t n = p->net.params.total;
    const struct sgd_step step = { 0.1f, 0.9f, 1e-4f, false };
    struct pass_result result;
    const struct model_options options = { .max_batch = 3, .threads = 1, .device = l->device, .math = p->math };
    if (dev->probe(l->device, &l->err) < 0 || !(l->m = dev->open(&p->net, &options, &l->err)) || vectors_of_life(l, p) < 0)
        return -1;
    dev->vec_write(l->m, l->w, p->params, n);
    dev->vec_write(l->m, l->stats, p->stats, p->net.stats.total);
    struct pass pass = { l->w, l->stats, PASS_EVAL, false, &p->criterion, false };
    if (dev->load(l->m, &p->batch, &l->err) < 0 || dev->gradient(l->m, &pass, l->g, &result, &l->err) < 0)
        return -1;
    float logits[3 * 3];
    if (dev->gradient(l->m, &pass, NULL, &result, &l->err) < 0)
        return -1;
    dev->logits(l->m, logits); /* came with the pass */
    dev->vec_zero(l->m, l->out, n);
    dev->vec_axpy(l->m, l->out, 2, l->g, n);
    dev->vec_scale(l->m, l->out, 0.5f, n);
    dev->vec_copy(l->m, l->g, l->out, n);
    const double norm = dev->sam_norm(l->m, l->w, l->g, n, false);
    dev->sam_perturb(l->m, l->out, l->w, l->g, 0.1f, n, false);
    dev->sgd(l->m, l->w, l->g, l->out, n, &step);
    const float *v[] = { l->g, l->w };
    float *out[] = { l->out, l->moved };
    if (dev->hvp_prepare(l->m, &pass, &result, &l->err) < 0)
        return -1;
    l->until_products = shim_calls;
    if (dev->hvp(l->m, 2, v, out, &l->err) < 0)
        return -1;
    float *host = host_floats(n);
    dev->logits(l->m, host);
    dev->vec_read(l->m, host, l->out, n);
    const bool numbers = isfinite(logits[0]) && isfinite(norm) && isfinite(host[0]) && isfinite(dev->vec_dot(l->m, l->w, l->w, n));
    free(host);
    if (pieces_of_life(l, p) < 0 || steps_of_life(l, p) < 0)
        return -1;
    /* a last word: what failed since the last function that could say so */
    if (dev->load(l->m, &p->batch, &l->err) < 0)
        return -1;
    assert_true(numbers);
    return 0;
}

static void die(struct life *l)
{
    float *all[] = { l->w, l->stats, l->g, l->out, l->moved };
    for (size_t i = 0; l->m && i < sizeof all / sizeof *all; i++)
        dev->vec_free(l->m, all[i]);
    if (l->m)
        dev->store_free(l->m, l->store);
    dev->close(l->m);
}

static long calls_of_a_life(const struct problem *p, int device, long *until_products)
{
    struct life l = { .device = device };
    shim_calls = shim_fail_at = 0;
    if (live(&l, p) < 0)
        fail_msg("without any failure: %s", l.err.text);
    long calls = shim_calls;
    *until_products = l.until_products;
    die(&l);
    assert_int_equal(shim_alive, 0);
    return calls;
}

/* The distance between calls that fail: a sample in make check, another one with another SADDLE_FAULT_SEED; with SADDLE_CUDA_FAULTS=all
 * (minutes) each. */
static long stride(long sample)
{
    const char *asked = getenv("SADDLE_CUDA_FAULTS");
    return asked && strcmp(asked, "all") == 0 ? 1 : sample;
}

static long first_of(long apart)
{
    const char *seed = getenv("SADDLE_FAULT_SEED");
    return 1 + (seed ? atol(seed) : 0) % apart;
}

/* Every one, or with 5 each fifth; those that give a second direction its room always. */
static void every_call_fails_once(const struct net_spec *spec, int device, enum math math, long apart, const char *graphs, cudaError_t with, const char *said)
{
    struct problem p;
    setenv("SADDLE_CUDA_GRAPHS", graphs, 1);
    problem_init(&p, spec, 3, PASS_EVAL, 0);
    p.math = math;
    long without = 0, products;
    const long calls = calls_of_a_life(&p, device, &products);
    assert_true(calls > 50);
    shim_fail_with = with;
    for (long k = 1; k <= calls; k++) {
        struct life l = { .device = device };
        if ((k - first_of(apart)) % apart != 0 && !(k > products && k <= products + 3))
            continue;
        shim_calls = 0;
        shim_fail_at = k;
        const int result = live(&l, &p);
        if (result == 0 && with == cudaErrorMemoryAllocation && without == 0)
            without = k; /* no room for a second direction: the products come one after the other */
        else if (result == 0)
            fail_msg("call %ld of %ld failed and nobody said so", k, calls);
        if (result < 0 && !strstr(l.err.text, said) && !strstr(l.err.text, "no device memory"))
            fail_msg("call %ld of %ld: '%s' does not say '%s'", k, calls, l.err.text, said);
        assert_true(result == 0 || l.err.code == ERR_DEVICE || l.err.code == ERR_MEMORY);
        shim_fail_at = 0;
        die(&l);
        assert_int_equal(shim_alive, 0);
    }
    assert_true((without > 0) == (with == cudaErrorMemoryAllocation));
    shim_calls = 0;
    problem_release(&p);
    unsetenv("SADDLE_CUDA_GRAPHS");
}

static void failures_of_captured_passes(void **state)
{
    (void)state;
    every_call_fails_once(&tiny, 0, MATH_FP32, stride(37), "on", cudaErrorUnknown, "unknown error");
}

static void failures_of_mixed_passes(void **state)
{
    (void)state;
    every_call_fails_once(&tiny, 0, MATH_BF16, stride(79), "on", cudaErrorUnknown, "unknown error");
    every_call_fails_once(&tiny, 0, MATH_TF32, stride(127), "off", cudaErrorUnknown, "unknown error");
}

static void failures_of_plain_passes(void **state)
{
    (void)state;
    every_call_fails_once(&tiny, 0, MATH_FP32, stride(37), "off", cudaErrorUnknown, "unknown error");
}

static void failures_of_other_networks(void **state)
{
    (void)state;
    every_call_fails_once(&other, 0, MATH_FP32, stride(73), "on", cudaErrorUnknown, "unknown error");
    every_call_fails_once(&other, 0, MATH_FP32, stride(97), "off", cudaErrorUnknown, "unknown error");
}

static void failures_on_the_second_device(void **state)
{
    (void)state;
    shim_devices = 2;
    every_call_fails_once(&tiny, 1, MATH_FP32, stride(59), "on", cudaErrorUnknown, "unknown error");
    shim_devices = 1;
}

static void failures_for_want_of_memory(void **state)
{
    (void)state;
    every_call_fails_once(&tiny, 0, MATH_FP32, stride(19), "on", cudaErrorMemoryAllocation, "out of memory");
}

/* After a failure no number may look like one, and every function that can speak repeats the reason. */
static void a_failure_stays(void **state)
{
    struct problem p;
    struct life l = { 0 };
    struct pass_result result;
    (void)state;
    shim_fail_with = cudaErrorUnknown;
    problem_init(&p, &tiny, 3, PASS_EVAL, 0);
    assert_int_equal(live(&l, &p), 0);
    shim_fail_at = shim_calls + 2; /* the first says which device is meant */
    dev->vec_scale(l.m, l.w, 2, 3);
    shim_fail_at = 0;
    float x = 1;
    dev->vec_read(l.m, &x, l.w, 1);
    assert_true(isnan(x));
    assert_true(isnan(dev->vec_dot(l.m, l.w, l.w, 1)));
    assert_true(isnan(dev->sam_norm(l.m, l.w, l.g, 1, true)));
    struct pass pass = { l.w, l.stats, PASS_EVAL, false, &p.criterion, false };
    assert_int_equal(dev->gradient(l.m, &pass, l.g, &result, &l.err), -1);
    l.err.text[0] = 0;
    assert_int_equal(dev->load(l.m, &p.batch, &l.err), -1);
    assert_non_null(strstr(l.err.text, "cuda: scaling a vector failed: unknown error"));
    assert_null(dev->vec_new(l.m, 5, &l.err));
    die(&l);
    assert_int_equal(shim_alive, 0);
    problem_release(&p);
}

/* Threads and blocks from the last to the first: a missing barrier or a sum in order of arrival would show. */
static void same_in_either_order(const struct net_spec *spec, enum pass_mode mode, int row, enum math math)
{
    struct problem p;
    struct answer forward = { 0 }, backward = { 0 };
    const int n = FEW ? 3 : 5;
    problem_init(&p, spec, n, mode, row);
    p.math = math;
    solve(dev, &p, (uint32_t)n, &forward);
    shim_reverse = true;
    solve(dev, &p, (uint32_t)n, &backward);
    shim_reverse = false;
    assert_true(same_bits(&p, &forward, &backward));
    answer_release(&forward);
    answer_release(&backward);
    problem_release(&p);
}

static void order_does_not_matter(void **state)
{
    const struct net_spec specs[] = {
        { .name = "fours", 9, 10, 3, 5, HEAD_NORM,
          { PLAIN(NET_IMAGE, NET_NO_ADD, 16, 1), PLAIN(0, 0, 16, 1), PLAIN(1, NET_NO_ADD, 32, 2), PLAIN(2, 1, 32, 1) } },
        { .name = "odd", 5, 7, 2, 4, HEAD_LINEAR, { PLAIN(NET_IMAGE, NET_NO_ADD, 5, 1), PLAIN(0, NET_NO_ADD, 65, 2), PLAIN(1, 1, 65, 1) } },
    };
    (void)state;
    for (int k = 0; k < (FEW ? 5 : 6); k++)
        same_in_either_order(&specs[k < 4 ? k / 2 : k % 2], k % 2 || k > 3 ? PASS_TRAIN : PASS_EVAL, k % 3,
                             k < 4 ? MATH_FP32 : k == 4 ? MATH_TF32 : MATH_BF16);
    for (int i = FEW ? (int)first_of(9) - 1 : 0; i < n_operation_cases; i += FEW ? 9 : 1)
        same_in_either_order(&operation_cases[i], i % 2 ? PASS_TRAIN : PASS_EVAL, i % 3, MATH_FP32);
}

static void says_why_there_is_no_device(void **state)
{
    struct err err = { 0 };
    (void)state;
    shim_driver = 0;
    assert_int_equal(dev->probe(0, &err), -1);
    assert_non_null(strstr(err.text, "no NVIDIA driver"));
    shim_driver = 12040;
    assert_int_equal(dev->probe(0, &err), -1);
    assert_non_null(strstr(err.text, "supports CUDA 12.4; this saddle needs 13.0"));
    shim_driver = 13000;
    shim_devices = 0;
    assert_int_equal(dev->probe(0, &err), -1);
    assert_non_null(strstr(err.text, "lists none"));
    shim_devices = 1;
    assert_int_equal(dev->probe(0, &err), 0);
}

static void describes_the_device(void **state)
{
    struct buf b = { 0 };
    (void)state;
    assert_int_equal(backend_cuda_describe(&b), 0);
    assert_non_null(strstr(b.data, "cuda: built with CUDA 13.0, driver for CUDA 13.0\n"));
    assert_non_null(strstr(b.data, "cuda:0: emulated device, compute capability 9.0, 1 multiprocessors, 1.0 GiB\n"));
    buf_clear(&b);
    shim_driver = 0;
    assert_int_equal(backend_cuda_describe(&b), 0);
    shim_driver = 13000;
    assert_non_null(strstr(b.data, "no driver\n"));
    assert_non_null(strstr(b.data, "library libcudnn.so.9: "));
    assert_non_null(strstr(b.data, "library libnccl.so.2: "));
    assert_null(strstr(b.data, "cuda:0"));
    buf_release(&b);
}

/* Kernels launched early in a life with bf16. */
static long early_in_a_life(void)
{
    struct problem p;
    struct life l = { 0 };
    const long before = shim_early;
    problem_init(&p, &tiny, 3, PASS_TRAIN, 0);
    p.math = MATH_BF16;
    assert_int_equal(live(&l, &p), 0);
    die(&l);
    problem_release(&p);
    return shim_early - before;
}

static void without_early_launches(const char *why)
{
    struct buf b = { 0 };
    char line[128];
    assert_int_equal(early_in_a_life(), 0);
    assert_int_equal(backend_cuda_describe(&b), 0);
    snprintf(line, sizeof line, "cuda:0: kernels of math tf32 and bf16 begin one after the other (%s)\n", why);
    assert_non_null(strstr(b.data, line));
    buf_release(&b);
}

/* Where they cannot begin early they begin one after the other, and doctor says why. */
static void kernels_begin_early(void **state)
{
    struct buf b = { 0 };
    (void)state;
    assert_true(early_in_a_life() > 20);
    assert_int_equal(backend_cuda_describe(&b), 0);
    assert_non_null(strstr(b.data, "cuda:0: kernels of math tf32 and bf16 begin while the one before ends\n"));
    buf_release(&b);
    setenv("SADDLE_CUDA_EARLY", "off", 1);
    without_early_launches("SADDLE_CUDA_EARLY is off");
    unsetenv("SADDLE_CUDA_EARLY");
    shim_major = 8;
    without_early_launches("compute capability 9.0 or newer is needed");
    shim_major = 9;
    shim_code = 80;
    without_early_launches("the code for it is of an older architecture: CUDA_ARCHS");
    shim_code = 90;
    shim_runtime = 12020;
    without_early_launches("driver and runtime of CUDA 12.3 or newer are needed");
    shim_runtime = 13000;
    setenv("SADDLE_CUDA_GRAPHS", "off", 1);
    assert_int_equal(early_in_a_life(), 0);
    unsetenv("SADDLE_CUDA_GRAPHS");
}

static void device_memory_can_run_out(void **state)
{
    struct problem p;
    struct err err = { 0 };
    (void)state;
    problem_init(&p, &tiny, 3, PASS_EVAL, 0);
    struct model *m = dev->open(&p.net, &(struct model_options){ .max_batch = 3, .threads = 1 }, &err);
    assert_non_null(m);
    assert_null(dev->vec_new(m, SIZE_MAX / 2, &err));
    assert_int_equal(err.code, ERR_MEMORY);
    float *v = dev->vec_new(m, 5, &err); /* a vector too many is no fault of the device: the model goes on */
    assert_non_null(v);
    dev->vec_free(m, v);
    dev->close(m);
    problem_release(&p);
}

/* A vector's memory waits for the next of its size, which begins with zeros, and goes when something else has no room. */
static void freed_vectors_are_kept(void **state)
{
    struct problem p;
    float host[40], ones[40];
    (void)state;
    for (int i = 0; i < 40; i++)
        ones[i] = 1;
    problem_init(&p, &tiny, 3, PASS_EVAL, 0);
    struct model *m = dev->open(&p.net, &(struct model_options){ .max_batch = 3, .threads = 1 }, NULL);
    assert_non_null(m);
    float *v = dev->vec_new(m, 40, NULL);
    dev->vec_write(m, v, ones, 40);
    const long alive = shim_alive;
    dev->vec_free(m, v);
    assert_int_equal(shim_alive, alive);
    assert_ptr_equal(dev->vec_new(m, 40, NULL), v);
    assert_int_equal(shim_alive, alive);
    dev->vec_read(m, host, v, 40);
    for (int i = 0; i < 40; i++)
        assert_true(host[i] == 0);
    dev->vec_free(m, v);
    shim_fail_with = cudaErrorMemoryAllocation;
    shim_fail_at = shim_calls + 2; /* after the one that chooses the device */
    v = dev->vec_new(m, 41, NULL);
    assert_non_null(v);
    assert_true(shim_calls > shim_fail_at);
    shim_fail_at = 0;
    shim_fail_with = cudaErrorUnknown;
    assert_int_equal(shim_alive, alive); /* one more, one less */
    dev->vec_free(m, v);
    dev->close(m);
    assert_int_equal(shim_alive, 0);
    problem_release(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(failures_of_captured_passes), cmocka_unit_test(failures_of_plain_passes),
        cmocka_unit_test(failures_of_mixed_passes),    cmocka_unit_test(failures_of_other_networks),
        cmocka_unit_test(failures_on_the_second_device),
        cmocka_unit_test(failures_for_want_of_memory), cmocka_unit_test(a_failure_stays),
        cmocka_unit_test(order_does_not_matter),       cmocka_unit_test(says_why_there_is_no_device),
        cmocka_unit_test(describes_the_device),        cmocka_unit_test(device_memory_can_run_out),
        cmocka_unit_test(freed_vectors_are_kept),      cmocka_unit_test(kernels_begin_early),
    };
    const int failed = cmocka_run_group_tests_name("kernels/cuda_faults", tests, NULL, NULL);
    shim_reverse = true; /* steps once more in the other order */
    return failed + run_step_tests(dev);
}
