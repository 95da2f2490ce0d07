/* Several CUDA devices, emulated: names and numbers, training on the second from another thread than the one that opened the
 * model, stores of their own; and that the emulator notices who forgets to say which device is meant. */
#include "config.h"

#include <signal.h>
#include <sys/wait.h>

#include "cuda_shim.h"
#include "tests/unit/running.h"

#include "base/buf.h"
#include "engine/data/augment.h"
#include "engine/model/families.h"

static const struct backend *const dev = &backend_cuda;

/* --- names --------------------------------------------------------------------------------------------------------- */

static void found(const char *name, int want)
{
    int device = -1;
    if (backend_find(name, &device, &last) != dev)
        fail_msg("%s: %s", name, last.text);
    assert_int_equal(device, want);
}

static void not_found(const char *name, const char *why)
{
    int device;
    last = (struct err){ 0 };
    assert_null(backend_find(name, &device, &last));
    assert_string_equal(last.text, why);
}

static void devices_have_numbers(void **state)
{
    (void)state;
    shim_devices = 2;
    found("auto", 0);
    found("cuda", 0);
    found("cuda:0", 0);
    found("cuda:1", 1);
    not_found("cuda:2", "there is no cuda:2: this machine has 2 CUDA devices, cuda:0 to cuda:1");
    not_found("cuda:", "unknown device 'cuda:'; known: auto, cuda, cuda:N, cpu, reference");
    not_found("cuda:-1", "unknown device 'cuda:-1'; known: auto, cuda, cuda:N, cpu, reference");
    not_found("cuda:1x", "unknown device 'cuda:1x'; known: auto, cuda, cuda:N, cpu, reference");
    not_found("cpu:0", "unknown device 'cpu:0'; known: auto, cuda, cuda:N, cpu, reference");
    shim_old_devices = 1; /* the first that can compute is taken, one that was named is not replaced */
    found("auto", 1);
    found("cuda", 1);
    not_found("cuda:0", "cuda:0, emulated device, has compute capability 7.0; 8.0 or newer is needed");
    shim_old_devices = 2;
    not_found("cuda", "cuda:0, emulated device, has compute capability 7.0; 8.0 or newer is needed");
    shim_old_devices = 0;
    shim_devices = 1;
    not_found("cuda:1", "there is no cuda:1: this machine has one CUDA device, cuda:0");
    shim_devices = 2;
    char name[BACKEND_NAME_MAX];
    backend_device_name(dev, 0, name);
    assert_string_equal(name, "cuda");
    backend_device_name(dev, 1, name);
    assert_string_equal(name, "cuda:1");
    struct buf b = { 0 };
    assert_int_equal(backend_cuda_describe(&b), 0);
    assert_non_null(strstr(b.data, "\ncuda:0: emulated device"));
    assert_non_null(strstr(b.data, "\ncuda:1: emulated device"));
    buf_release(&b);
}

/* --- training ------------------------------------------------------------------------------------------------------ */

struct trained {
    char hash[65];
    double lmin, lmax; /* of a probe */
    char device[BACKEND_NAME_MAX];
};

/* An epoch of SAM, which stands still before its first step and watches a class. */
static void start_on(int device, struct run *r)
{
    static const uint32_t few[CLASSES] = { 5, 2, 2 }; /* batches of 4, 4 and 1 */
    struct command watch = { .op = COMMAND_WATCH, .n_classes = 1, .classes = (const int[]){ 2 } };
    run_init(r);
    dataset_free(&r->data);
    make_data(&r->data, few, 0);
    knob(&r->knobs, "batch", "4");
    knob(&r->knobs, "hessian_iters", "3");
    knob(&r->knobs, "opt", "sam");
    knob(&r->knobs, "weights", "effective");
    knob(&r->knobs, "drw", "0");
    knob(&r->knobs, "epochs", "1");
    knob(&r->knobs, "budget", "1");
    r->setup.backend = dev;
    r->setup.device = device;
    r->setup.start_paused = true;
    run_start(r);
    assert_true(find_event(r->log, EVENT_STATE, EV_STATE_STATE, "paused", 0, true) >= 0);
    assert_true(post(r, &watch));
}

/* An evaluation and a scheduled probe too (the budget always lets the first class of a round end), on the trainer's own thread; the model is opened on this one. */
static void train_on(int device, struct trained *out)
{
    struct run r;
    start_on(device, &r);
    assert_true(do_op(&r, COMMAND_RESUME, 0));
    assert_over(&r, "finished");
    final_hash(&r, out->hash);
    int at = find_event(r.log, EVENT_EIG, 0, NULL, 0, false);
    assert_true(at >= 0);
    out->lmin = r.log->event[at]->f[EV_EIG_LMIN].f;
    out->lmax = r.log->event[at]->f[EV_EIG_LMAX].f;
    assert_true(isfinite(out->lmin) && out->lmax > out->lmin);
    int env = find_event(r.log, EVENT_ENV, 0, NULL, 0, false);
    assert_true(env >= 0);
    snprintf(out->device, sizeof out->device, "%s", r.log->event[env]->f[EV_ENV_BACKEND].s);
    run_free(&r);
    assert_int_equal(shim_alive, 0);
}

static void either_device_trains_to_the_same_bits(void **state)
{
    struct trained first, second;
    (void)state;
    shim_devices = 2;
    train_on(0, &first);
    train_on(1, &second);
    assert_string_equal(first.hash, second.hash);
    assert_memory_equal(&first.lmin, &second.lmin, sizeof first.lmin);
    assert_memory_equal(&first.lmax, &second.lmax, sizeof first.lmax);
    assert_string_equal(first.device, "cuda");
    assert_string_equal(second.device, "cuda:1");
}

/* `pause --release`: nothing of the run is on the device, and with a device that has no room it stays so; then the same bits. */
static void released_device_is_free(void **state)
{
    struct trained unbroken;
    struct run r;
    char hash[65];
    (void)state;
    shim_devices = 2;
    train_on(1, &unbroken);
    start_on(1, &r);
    const long before = shim_alive;
    steps(&r, 1);
    if (!do_op(&r, COMMAND_PAUSE, 1))
        fail_msg("%s", answer_text);
    assert_int_equal(shim_alive, 0);
    const cudaError_t usual = shim_fail_with;
    shim_fail_with = cudaErrorMemoryAllocation;
    for (long call = 1; call < 40; call += 13) { /* wherever the room ends */
        shim_fail_at = shim_calls + call;
        assert_false(do_op(&r, COMMAND_RESUME, 0));
        assert_non_null(strstr(answer_text, "device and memory cannot be had again, and the run stays paused: "));
        assert_int_equal(shim_alive, 0);
    }
    shim_fail_at = 0;
    shim_fail_with = usual;
    steps(&r, 1);
    assert_true(before > 0 && shim_alive >= before);
    assert_true(do_op(&r, COMMAND_RESUME, 0));
    assert_over(&r, "finished");
    final_hash(&r, hash);
    assert_string_equal(unbroken.hash, hash);
    run_free(&r);
    assert_int_equal(shim_alive, 0);
}

/* --- models on both at once ---------------------------------------------------------------------------------------- */

static struct model *open_on(const struct net *net, int device)
{
    struct model *m = dev->open(net, &(struct model_options){ .max_batch = 2, .threads = 1, .device = device }, &last);
    if (!m)
        fail_msg("%s", last.text);
    return m;
}

static void models_do_not_meet(void **state)
{
    enum { N = 4000 };
    static float host[2][N], back[N];
    struct net net;
    struct model *m[2];
    float *v[2];
    (void)state;
    shim_devices = 2;
    assert_int_equal(net_of_family(&net, "resnet8", IMAGE_CIFAR, 10, HEAD_LINEAR, &last), 0);
    for (int d = 0; d < 2; d++) {
        m[d] = open_on(&net, d);
        v[d] = dev->vec_new(m[d], N, &last);
        assert_non_null(v[d]);
        for (int i = 0; i < N; i++)
            host[d][i] = (float)(i % 7 + d);
    }
    for (int d = 1; d >= 0; d--)
        dev->vec_write(m[d], v[d], host[d], N);
    for (int d = 0; d < 2; d++)
        dev->vec_scale(m[d], v[d], 2, N);
    for (int d = 0; d < 2; d++) {
        dev->vec_read(m[d], back, v[d], N);
        for (int i = 0; i < N; i++)
            assert_true(back[i] == 2 * host[d][i]);
    }
    /* images of one device are none for a model on the other */
    static const uint8_t bytes[CIFAR_VALUES];
    static const float table[CIFAR_CHANNELS * 256];
    const int32_t label = 3;
    const uint32_t position = 0;
    struct image_store *store = dev->store_new(m[0], &(struct image_source){ 1, bytes, &label, table }, &last);
    assert_non_null(store);
    const struct image_choice choice = { .store = store, .position = &position };
    const struct batch batch = { .n = 1, .choice = &choice };
    assert_int_equal(dev->load(m[1], &batch, &last), -1);
    assert_string_equal(last.text, "the images are kept on cuda:0; this model computes on cuda:1");
    assert_int_equal(dev->load(m[0], &batch, &last), 0);
    dev->store_free(m[0], store);
    for (int d = 0; d < 2; d++) {
        dev->vec_free(m[d], v[d]);
        dev->close(m[d]);
    }
    net_release(&net);
    assert_int_equal(shim_alive, 0);
}

/* --- does the emulator notice? ------------------------------------------------------------------------------------- */

/* Each ends the process; how, the parent sees. */
static void stream_of_the_other(void)
{
    cudaStream_t stream;
    cudaSetDevice(1);
    cudaStreamCreateWithPriority(&stream, cudaStreamNonBlocking, 0);
    cudaSetDevice(0);
    cudaStreamSynchronize(stream);
}

static void event_of_the_other(void)
{
    cudaStream_t stream;
    cudaEvent_t event;
    cudaEventCreateWithFlags(&event, cudaEventDisableTiming);
    cudaSetDevice(1);
    cudaStreamCreateWithPriority(&stream, cudaStreamNonBlocking, 0);
    cudaEventRecord(event, stream);
}

static void copy_from_the_other(void)
{
    void *p;
    float x;
    cudaSetDevice(1);
    cudaMalloc(&p, sizeof x);
    cudaSetDevice(0);
    cudaMemcpy(&x, p, sizeof x, cudaMemcpyDeviceToHost);
}

/* A kernel on device 0 that is handed a vector of device 1: nothing but the memory itself can notice. */
static void kernel_on_memory_of_the_other(void)
{
    struct net net;
    net_of_family(&net, "resnet8", IMAGE_CIFAR, 10, HEAD_LINEAR, &last);
    struct model *m[] = { open_on(&net, 0), open_on(&net, 1) };
    float *v = dev->vec_new(m[1], 5, &last);
    dev->vec_scale(m[0], v, 2, 5);
    dev->vec_dot(m[0], v, v, 5);
}

static void nothing_wrong(void)
{
}

static int end_of(void (*body)(void))
{
    int status;
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        signal(SIGSEGV, SIG_DFL);
        signal(SIGABRT, SIG_DFL);
        if (!freopen("/dev/null", "w", stderr))
            _exit(9);
        cudaSetDevice(0);
        body();
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
}

static void the_emulator_notices(void **state)
{
    (void)state;
    shim_devices = 2;
    assert_int_equal(end_of(nothing_wrong), 0);
    assert_int_equal(end_of(stream_of_the_other), SIGABRT);
    assert_int_equal(end_of(event_of_the_other), SIGABRT);
    assert_int_equal(end_of(copy_from_the_other), SIGABRT);
    assert_int_equal(end_of(kernel_on_memory_of_the_other), SIGSEGV);
}

/* What the back end must not rely on (cuda_give() of kernels/cuda/model.h). */
static void a_plain_copy_lands_late(void **state)
{
    float x = 3, y = 0;
    void *p;
    cudaStream_t stream;
    (void)state;
    shim_devices = 1;
    assert_int_equal(cudaMalloc(&p, sizeof x), 0);
    assert_int_equal(cudaStreamCreateWithPriority(&stream, cudaStreamNonBlocking, 0), 0);
    assert_int_equal(cudaMemcpy(p, &x, sizeof x, cudaMemcpyHostToDevice), 0);
    x = 4; /* the bytes were taken */
    assert_int_equal(cudaMemcpyAsync(&y, p, sizeof y, cudaMemcpyDeviceToHost, stream), 0);
    assert_int_equal(cudaStreamSynchronize(stream), 0);
    assert_true(isnan(y));
    assert_int_equal(cudaMemcpy(&y, p, sizeof y, cudaMemcpyDeviceToHost), 0);
    assert_true(y == 3);
    assert_int_equal(cudaStreamDestroy(stream), 0);
    assert_int_equal(cudaFree(p), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(devices_have_numbers),
        cmocka_unit_test(either_device_trains_to_the_same_bits), cmocka_unit_test(released_device_is_free),
        cmocka_unit_test(models_do_not_meet),
        cmocka_unit_test(the_emulator_notices),
        cmocka_unit_test(a_plain_copy_lands_late),
    };
    return cmocka_run_group_tests_name("kernels/cuda_devices", tests, NULL, NULL);
}
