#include "config.h"
#include "kernels/cuda/model.h"

#include <stdlib.h>
#include <string.h>

/* --- failures --- */

int cuda_check(struct model *m, cudaError_t status, const char *what)
{
    if (status == cudaSuccess)
        return m->fault.code ? -1 : 0;
    cudaGetLastError(); /* forget it: it is kept here */
    if (!m->fault.code)
        err_set(&m->fault, status == cudaErrorMemoryAllocation ? ERR_MEMORY : ERR_DEVICE, "cuda: %s failed: %s", what,
                cudaGetErrorString(status));
    return -1;
}

int cuda_enter(struct model *m)
{
    return cuda_check(m, cudaSetDevice(m->device), "choosing the device");
}

int cuda_healthy(const struct model *m, struct err *err)
{
    if (!m->fault.code)
        return 0;
    return err_set(err, m->fault.code, "%s", m->fault.text);
}

/* --- life cycle --- */

static void cuda_close(struct model *m)
{
    if (!m)
        return;
    cuda_enter(m);
    if (m->stream)
        cudaStreamSynchronize(m->stream); /* a failure here was told, or nobody is left to be told */
    cuda_pass_forget(m);
    cuda_side_close(m);
    cuda_slots_close(m);
    cuda_memory_close(m);
    for (int i = 0; i < BACKEND_STEPS; i++)
        if (m->slot[i].done)
            cudaEventDestroy(m->slot[i].done);
    for (int k = 1; k < CUDA_DIRECTIONS; k++) {
        if (m->direction[k].done)
            cudaEventDestroy(m->direction[k].done);
        if (m->direction[k].stream)
            cudaStreamDestroy(m->direction[k].stream);
    }
    if (m->fork)
        cudaEventDestroy(m->fork);
    if (m->stream)
        cudaStreamDestroy(m->stream);
    free(m);
}

/* Units that add the output of one unit are a short list in the kernels (outputs have places of their own). */
static int check_net(const struct net *net, struct err *err)
{
    int adds[NET_MAX_UNITS] = { 0 };
    for (int i = 0; i < net->n_units; i++)
        if (net->units[i].add != NET_NO_ADD && ++adds[net->units[i].add] > CUDA_MAX_PULLS)
            return err_set(err, ERR_INVALID, "cuda: more than %d shortcuts out of unit %d of %s", CUDA_MAX_PULLS,
                           net->units[i].add, net->name);
    return 0;
}

/* The architecture, among those the kernels are compiled for (configure.ac: CUDA_ARCHS); the name is static text. The second is of tf32 and bf16, whose
 * runs go on with what they were recorded with only: its number grows when their sums change their order. */
static const char *isa_of(const struct cudaDeviceProp *device, enum math math)
{
    static const struct {
        int major, minor;
        const char *exact, *rounded;
    } known[] = { { 8, 0, "sm_80", "sm_80-2" },   { 8, 6, "sm_86", "sm_86-2" },    { 8, 9, "sm_89", "sm_89-2" },
                  { 9, 0, "sm_90", "sm_90-2" },   { 10, 0, "sm_100", "sm_100-2" }, { 12, 0, "sm_120", "sm_120-2" } };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].major == device->major && known[i].minor == device->minor)
            return math == MATH_FP32 ? known[i].exact : known[i].rounded;
    return math == MATH_FP32 ? "ptx" : "ptx-2";
}

/* Greater priorities are smaller numbers. */
static int make_stream(struct model *m, bool background)
{
    int least = 0, greatest = 0;
    if (cuda_check(m, cudaDeviceGetStreamPriorityRange(&least, &greatest), "asking for priorities") < 0)
        return -1;
    m->priority = background ? least : greatest;
    return cuda_check(m, cudaStreamCreateWithPriority(&m->stream, cudaStreamNonBlocking, m->priority), "making a stream");
}

static int open_device(struct model *m, bool background)
{
    struct cudaDeviceProp device;
    if (cuda_enter(m) < 0 || cuda_check(m, cudaGetDeviceProperties(&device, m->device), "asking for the device") < 0 ||
        make_stream(m, background) < 0)
        return -1;
    for (int i = 0; i < BACKEND_STEPS; i++)
        if (cuda_check(m, cudaEventCreateWithFlags(&m->slot[i].done, cudaEventDisableTiming), "making an event") < 0)
            return -1;
    m->isa = isa_of(&device, m->math);
    const char *why_not;
    if (cuda_check(m, cuda_why_not_early(&device, &why_not), "asking for the kernels' code") < 0)
        return -1;
    m->early = m->use_graphs && !why_not;
    if (cuda_side_open(m) < 0 || cuda_memory_open(m) < 0)
        return -1;
    return m->math == MATH_FP32 ? 0 : cuda_mixed_open(m);
}

static struct model *cuda_open(const struct net *net, const struct model_options *options, struct err *err)
{
    if (options->max_batch < 1 || options->threads < 1) {
        err_set(err, ERR_RANGE, "batch %u with %d threads; both must be at least 1", options->max_batch, options->threads);
        return NULL;
    }
    if (check_net(net, err) < 0 || backend_check_math(&backend_cuda, options->math, err) < 0 ||
        backend_check_eval_math(&backend_cuda, options->eval_math, err) < 0 ||
        (options->math != MATH_FP32 && cuda_mixed_check(net, options->math, err) < 0))
        return NULL;
    struct model *m = calloc(1, sizeof *m);
    if (!m) {
        err_set(err, ERR_MEMORY, "no memory for %s", net->name);
        return NULL;
    }
    const char *graphs = getenv("SADDLE_CUDA_GRAPHS");
    m->net = net;
    m->device = options->device;
    m->max_batch = options->max_batch;
    m->math = options->math;
    m->general.on = !net_is_plain(net);
    m->use_graphs = !graphs || strcmp(graphs, "off") != 0;
    m->most_graphs = graphs && atoi(graphs) > 0 && atoi(graphs) < CUDA_MAX_GRAPHS ? atoi(graphs) : CUDA_MAX_GRAPHS;
    m->bytes = sizeof *m;
    m->n_slots = 1;
    if (open_device(m, options->background) < 0) {
        cuda_healthy(m, err);
        err_prefix(err, "%s with a batch of %u", net->name, options->max_batch);
        cuda_close(m);
        return NULL;
    }
    return m;
}

static size_t cuda_memory_bytes(const struct model *m)
{
    return m->bytes;
}

static const char *cuda_isa(const struct model *m)
{
    return m->isa;
}

/* --- passes --- */

/* The copy goes by way of pinned memory, beside what the host does next. */
static void send(struct model *m, void *to, void *pinned, const void *from, size_t bytes)
{
    memcpy(pinned, from, bytes);
    cuda_check(m, cudaMemcpyAsync(to, pinned, bytes, cudaMemcpyHostToDevice, m->stream), "copying a batch");
}

/* Pinned memory may still be on its way to the device from the load() before. */
static int wait_for_pinned(struct model *m)
{
    if (cuda_enter(m) < 0)
        return -1;
    return cuda_check(m, cudaStreamSynchronize(m->stream), "waiting for the device");
}

static void send_targets(struct model *m, const struct batch *batch)
{
    const size_t n = batch->n;
    if (batch->targets)
        send(m, m->head.target, m->host_targets, batch->targets, n * (size_t)m->net->classes * sizeof *batch->targets);
    if (batch->weights)
        send(m, m->head.image_weight, m->host_weights, batch->weights, n * sizeof *batch->weights);
    m->soft = batch->targets != NULL;
    m->weighted = batch->weights != NULL;
}

static int cuda_load(struct model *m, const struct batch *batch, struct err *err)
{
    const struct net *net = m->net;
    cuda_end_passes(m);
    m->computed = m->stored = false;
    m->n = 0;
    m->of_features = batch->features != NULL;
    if (backend_check_batch(net, batch, m->max_batch, err) < 0)
        return -1;
    if (batch->choice && (cuda_healthy(m, err) < 0 || cuda_store_choose(m, batch, err) < 0))
        return -1;
    if ((!batch->choice || batch->targets || batch->weights) && wait_for_pinned(m) < 0)
        return cuda_healthy(m, err);
    send_targets(m, batch);
    if (batch->choice) {
        m->n = batch->n;
        return cuda_healthy(m, err);
    }
    const size_t image = (size_t)net->height * (size_t)net->width * (size_t)net->image_channels, n = batch->n;
    if (m->of_features)
        send(m, m->head.feature, m->host_features, batch->features, n * (size_t)net->features * sizeof(float));
    else
        send(m, m->images, m->host_images, batch->images, n * image * sizeof(float));
    send(m, m->labels, m->host_labels, batch->labels, n * sizeof *m->labels);
    m->n = batch->n;
    return cuda_healthy(m, err);
}

int cuda_check_pass(struct model *m, const struct pass *pass, struct err *err)
{
    if (m->n == 0)
        return err_set(err, ERR_INVALID, "no batch is loaded");
    if (backend_check_pass(m->net, m->n, m->of_features, MATH_FP32, pass, err) < 0)
        return -1;
    cuda_enter(m);
    return cuda_healthy(m, err);
}

void cuda_end_passes(struct model *m)
{
    m->prepared = m->repeatable = false;
    m->pieces = PIECES_NONE;
    m->along = false;
}

void cuda_fill_pass(struct model *m, const struct pass *pass, bool update_stats, float *grad)
{
    struct cuda_control *c = m->host_brief.control[0];
    cuda_fill_control(m, c, pass->criterion);
    c->params = pass->params;
    c->stats = pass->stats;
    c->grad = grad;
    c->update_stats = update_stats;
}

static void told(struct model *m, bool forward, struct pass_result *result)
{
    *result = cuda_pass_result(m->host_result, m->n);
    m->losses = m->host_losses;
    m->n_losses = m->n;
    m->has_logits = forward && m->host_logits;
    m->computed = true;
}

static int cuda_gradient(struct model *m, const struct pass *pass, float *grad, struct pass_result *result, struct err *err)
{
    cuda_end_passes(m);
    cuda_slots_unprepare(m);
    if (cuda_check_pass(m, pass, err) < 0 ||
        backend_check_criterion(&backend_cuda, m->net, pass->criterion, CRITERION_GRADIENT, err) < 0)
        return -1;
    cuda_fill_pass(m, pass, pass->update_stats && pass->mode == PASS_TRAIN, grad);
    m->head_only = grad && pass->head_only;
    if (cuda_pass(m, grad ? KIND_GRADIENT : KIND_FORWARD, pass->mode, 0) < 0)
        return cuda_healthy(m, err);
    told(m, !grad, result);
    m->kept = *pass;
    m->repeatable = grad != NULL;
    return 0;
}

static int cuda_again(struct model *m, const struct criterion *criterion, float *grad, struct pass_result *result, struct err *err)
{
    if (!m->repeatable)
        return err_set(err, ERR_INVALID, "again() before gradient()");
    if (cuda_check_pass(m, &m->kept, err) < 0 || backend_check_criterion(&backend_cuda, m->net, criterion, CRITERION_GRADIENT, err) < 0)
        return -1;
    m->kept.criterion = criterion;
    cuda_fill_pass(m, &m->kept, false, grad);
    if (cuda_pass(m, KIND_AGAIN, m->kept.mode, 0) < 0)
        return cuda_healthy(m, err);
    told(m, false, result);
    return 0;
}

static void cuda_logits(struct model *m, float *host)
{
    if (m->computed && m->has_logits && !m->fault.code)
        memcpy(host, m->host_logits, (size_t)m->n * (size_t)m->net->classes * sizeof *host);
    else if (m->computed)
        cuda_vec_read(m, host, m->head.logit, (size_t)m->n * (size_t)m->net->classes);
}

static void cuda_features(struct model *m, float *host)
{
    if (m->computed)
        cuda_vec_read(m, host, m->head.feature, (size_t)m->n * (size_t)m->net->features);
}

static void cuda_losses(struct model *m, double *host)
{
    if (m->losses)
        memcpy(host, m->losses, m->n_losses * sizeof *host);
}

static int cuda_hvp_prepare(struct model *m, const struct pass *pass, struct pass_result *result, struct err *err)
{
    cuda_end_passes(m);
    if (cuda_check_pass(m, pass, err) < 0 ||
        backend_check_criterion(&backend_cuda, m->net, pass->criterion, CRITERION_PRODUCT, err) < 0)
        return -1;
    cuda_fill_pass(m, pass, false, NULL);
    m->head_only = pass->head_only;
    if (cuda_memory_products(m, 1) < 0 || cuda_pass(m, KIND_PREPARE, pass->mode, 0) < 0)
        return cuda_healthy(m, err);
    told(m, false, result);
    m->prepared_mode = pass->mode;
    m->prepared = true;
    return 0;
}

/* The first control is that of hvp_prepare() but for the two vectors; the others are made after it. */
static void fill_directions(struct model *m, int n, const float *const *v, float *const *out)
{
    struct cuda_control *const *c = m->host_brief.control;
    const size_t bytes = (size_t)((char *)c[1] - (char *)c[0]);
    c[0]->soft = m->soft; /* another slot may have been prepared since */
    c[0]->weighted = m->weighted;
    for (int k = 0; k < n; k++) {
        if (k > 0)
            memcpy(c[k], c[0], bytes);
        c[k]->v = v[k];
        c[k]->grad = out[k];
    }
}

static int cuda_hvp(struct model *m, int n_vectors, const float *const *v, float *const *out, struct err *err)
{
    if (!m->prepared)
        return err_set(err, ERR_INVALID, "a Hessian product before hvp_prepare()");
    if (cuda_enter(m) < 0 || cuda_memory_products(m, n_vectors < CUDA_DIRECTIONS ? n_vectors : CUDA_DIRECTIONS) < 0)
        return cuda_healthy(m, err);
    for (int k = 0, n; k < n_vectors; k += n) {
        n = n_vectors - k < m->n_directions ? n_vectors - k : m->n_directions;
        fill_directions(m, n, v + k, out + k);
        if (cuda_pass(m, KIND_PRODUCT, m->prepared_mode, n) < 0)
            break;
    }
    return cuda_healthy(m, err);
}

static bool has_math(enum math math)
{
    return math == MATH_TF32 || math == MATH_BF16;
}

/* The link asked for each kind's file (cuda.h). */
static bool supports(enum criterion_kind kind, enum criterion_use use)
{
    (void)use;
    return kind < N_CRITERIA;
}

const struct backend backend_cuda = {
    .name = "cuda",
    .help = "an NVIDIA GPU (compute capability 8.0 or newer): exact float, or math tf32 and bf16",
    .devices = cuda_devices,
    .probe = cuda_probe,
    .open = cuda_open,
    .slots = cuda_slots,
    .turn = cuda_turn,
    .close = cuda_close,
    .memory_bytes = cuda_memory_bytes,
    .isa = cuda_isa,
    .has_math = has_math,
    .supports = supports,
    .vec_new = cuda_vec_new,
    .vec_free = cuda_vec_free,
    .vec_write = cuda_vec_write,
    .vec_read = cuda_vec_read,
    .vec_zero = cuda_vec_zero,
    .vec_copy = cuda_vec_copy,
    .vec_scale = cuda_vec_scale,
    .vec_axpy = cuda_vec_axpy,
    .vec_dot = cuda_vec_dot,
    .sgd = cuda_sgd,
    .sam_norm = cuda_sam_norm,
    .sam_perturb = cuda_sam_perturb,
    .step = cuda_step,
    .step_wait = cuda_step_wait,
    .store_new = cuda_store_new,
    .store_free = cuda_store_free,
    .load = cuda_load,
    .gradient = cuda_gradient,
    .again = cuda_again,
    .logits = cuda_logits,
    .features = cuda_features,
    .losses = cuda_losses,
    .hvp_prepare = cuda_hvp_prepare,
    .hvp = cuda_hvp,
    .forward = cuda_forward,
    .output = cuda_output,
    .backward = cuda_backward,
    .r_forward = cuda_r_forward,
    .r_output = cuda_r_output,
    .r_backward = cuda_r_backward,
};
