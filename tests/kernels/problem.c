#include "config.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "tests/kernels/problem.h"

float *host_floats(size_t n)
{
    float *v = calloc(n ? n : 1, sizeof *v);
    assert_non_null(v);
    return v;
}

void problem_set_loss(struct problem *p, int row)
{
    criterion_case_make(&criterion_cases[row], p->net.classes, p->coef, &p->criterion);
    criterion_case_batch(&criterion_cases[row], p->net.classes, p->targets, &p->batch);
}

void problem_of_net(struct problem *p, int n, enum pass_mode mode, int row)
{
    const size_t image = (size_t)p->net.height * (size_t)p->net.width * (size_t)p->net.image_channels;
    p->images = host_floats((size_t)n * image);
    p->params = host_floats(p->net.params.total);
    p->stats = host_floats(p->net.stats.total);
    p->coef = host_floats(4 * (size_t)p->net.classes);
    p->targets = host_floats((size_t)n * (size_t)(p->net.classes + 1));
    p->labels = calloc((size_t)n, sizeof *p->labels);
    assert_non_null(p->labels);
    fill(p->images, (size_t)n * image, 0.1f, 1.7f, 3);
    fill_weights(&p->net, p->params, p->stats, 100);
    for (int k = 0; k < 2; k++) {
        p->v[k] = host_floats(p->net.params.total);
        fill(p->v[k], p->net.params.total, 0, 0.05f, 70 + (uint64_t)k);
    }
    for (int i = 0; i < n; i++)
        p->labels[i] = (i * 7 + 1) % p->net.classes;
    p->batch = (struct batch){ .n = (uint32_t)n, .images = p->images, .labels = p->labels };
    p->mode = mode;
    problem_set_loss(p, row);
}

void problem_init(struct problem *p, const struct net_spec *spec, int n, enum pass_mode mode, int row)
{
    memset(p, 0, sizeof *p);
    net_spec_build(spec, &p->net);
    problem_of_net(p, n, mode, row);
    fill_images(spec, p->images, (size_t)n * (size_t)(p->net.height * p->net.width * p->net.image_channels), 3);
    fill_ties(spec, &p->net, p->params);
}

void problem_keep_off_the_edge(struct problem *p)
{
    for (int i = 0; i < p->net.n_units; i++)
        for (int c = 0; c < p->net.units[i].channels; c++)
            p->params[p->net.units[i].beta + (size_t)c] = c % 4 == 3 && p->net.units[i].add == NET_NO_ADD ? -7 : 7;
}

bool few_cases(void)
{
#if defined(__SANITIZE_ADDRESS__)
    return true;
#else
    return getenv("SADDLE_FEW_CASES") != NULL;
#endif
}

bool has_its_turn(int n)
{
    const char *seed = getenv("SADDLE_FAULT_SEED");
    return !FEW || (n + (seed ? atoi(seed) : 0)) % 3 == 0;
}

void problem_release(struct problem *p)
{
    free(p->images);
    free(p->params);
    free(p->stats);
    free(p->coef);
    free(p->targets);
    free(p->labels);
    free(p->v[0]);
    free(p->v[1]);
    net_spec_release(&p->net);
}

void answer_release(struct answer *a)
{
    free(a->logits);
    free(a->features);
    free(a->losses);
    free(a->grad);
    free(a->stats);
    free(a->hv[0]);
    free(a->hv[1]);
    memset(a, 0, sizeof *a);
}

float *vec_from(const struct backend *b, struct model *m, const float *host, size_t n)
{
    struct err err = { 0 };
    float *v = b->vec_new(m, n, &err);
    if (!v)
        fail_msg("%s: %s", b->name, err.text);
    if (host)
        b->vec_write(m, v, host, n);
    return v;
}

static float *host_from(const struct backend *b, struct model *m, float *v, size_t n)
{
    float *host = host_floats(n);
    b->vec_read(m, host, v, n);
    b->vec_free(m, v);
    return host;
}

static void worked(const struct backend *b, int result, const struct err *err)
{
    if (result != 0)
        fail_msg("%s: %s", b->name, err->text);
}

void solve_with(const struct backend *b, struct model *m, const struct problem *p, struct answer *a)
{
    const size_t n_params = p->net.params.total, n_stats = p->net.stats.total;
    struct err err = { 0 };
    float *params = vec_from(b, m, p->params, n_params), *stats = vec_from(b, m, p->stats, n_stats);
    float *grad = vec_from(b, m, NULL, n_params), *v[2], *hv[2];
    const float *cv[2];
    for (int k = 0; k < 2; k++) {
        cv[k] = v[k] = vec_from(b, m, p->v[k], n_params);
        hv[k] = vec_from(b, m, NULL, n_params);
    }
    struct pass pass = { params, stats, p->mode, p->mode == PASS_TRAIN, &p->criterion, false };
    a->logits = host_floats((size_t)p->batch.n * (size_t)p->net.classes);
    worked(b, b->load(m, &p->batch, &err), &err);
    worked(b, b->gradient(m, &pass, grad, &a->result, &err), &err);
    b->logits(m, a->logits);
    a->features = host_floats((size_t)p->batch.n * (size_t)p->net.features);
    b->features(m, a->features);
    a->losses = calloc(p->batch.n, sizeof *a->losses);
    assert_non_null(a->losses);
    b->losses(m, a->losses);
    pass.update_stats = false;
    worked(b, b->hvp_prepare(m, &pass, &a->prepared, &err), &err);
    worked(b, b->hvp(m, 2, cv, hv, &err), &err);
    a->grad = host_from(b, m, grad, n_params);
    a->stats = host_from(b, m, stats, n_stats);
    for (int k = 0; k < 2; k++) {
        a->hv[k] = host_from(b, m, hv[k], n_params);
        b->vec_free(m, v[k]);
    }
    b->vec_free(m, params);
}

int problem_device;

void solve_threaded(const struct backend *b, const struct problem *p, int threads, uint32_t max_batch, struct answer *a)
{
    struct err err = { 0 };
    struct model_options options = { .max_batch = max_batch, .threads = threads, .device = problem_device, .math = p->math };
    struct model *m = b->open(&p->net, &options, &err);
    if (!m)
        fail_msg("%s: %s", b->name, err.text);
    solve_with(b, m, p, a);
    b->close(m);
}

void solve(const struct backend *b, const struct problem *p, uint32_t max_batch, struct answer *a)
{
    solve_threaded(b, p, 2, max_batch, a);
}

double distance(const float *a, const float *b, size_t n)
{
    double gap = 0, size = 0;
    for (size_t i = 0; i < n; i++) {
        gap += ((double)a[i] - (double)b[i]) * ((double)a[i] - (double)b[i]);
        size += (double)b[i] * (double)b[i];
    }
    if (!isfinite(gap) || !isfinite(size))
        return INFINITY;
    return gap == 0 ? 0 : sqrt(gap / size);
}

bool close_enough(const char *what, const char *label, double gap, double limit)
{
    if (gap <= limit)
        return true;
    print_error("%s: %s differs by %.3g, accepted %.3g\n", label, what, gap, limit);
    return false;
}

/* The largest differences that were met, by math: for the log, and for who wants to know how far from the limits all is. */
enum quantity { LOSS, LOSSES, OUTPUTS, FEATURES, STATISTICS, GRADIENT, PRODUCT, QUANTITIES };
static const char *const quantity_name[QUANTITIES] = { "loss", "an image's loss", "outputs", "features", "statistics", "gradient", "product" };
static double worst[N_MATHS][QUANTITIES];
static long compared[N_MATHS];

void print_worst_differences(void)
{
    for (int math = 0; math < N_MATHS; math++) {
        if (!compared[math])
            continue;
        printf("largest differences in %ld comparisons, %s:", compared[math], math_name[math]);
        for (int q = 0; q < QUANTITIES; q++)
            printf("%s %s %.2g", q ? "," : "", quantity_name[q], worst[math][q]);
        printf("\n");
    }
}

static bool within(enum math math, enum quantity q, const char *label, double gap, double limit)
{
    worst[math][q] = fmax(worst[math][q], gap);
    return close_enough(quantity_name[q], label, gap, limit);
}

static double squares(const float *a, const float *b, size_t first, size_t n)
{
    double sum = 0;
    for (size_t i = first; i < first + n; i++) {
        const double gap = (double)a[i] - (b ? (double)b[i] : 0);
        sum += gap * gap;
    }
    return sum;
}

/* Tensor by tensor, so that a small one cannot hide behind a large one. Tensors below 0.5 % of the whole are compared on
 * that scale: they are what is left after large numbers cancel (a convolution's gradient before batch norm, say). */
static bool tensors_within(const struct net *net, const char *what, const char *label, const float *a, const float *b, double limit, double *most)
{
    const double whole = sqrt(squares(b, NULL, 0, net->params.total));
    bool ok = true;
    for (int t = 0; t < net->params.n; t++) {
        const struct tensor_info *info = &net->params.tensor[t];
        const double gap = sqrt(squares(a, b, info->offset, info->count)), size = sqrt(squares(b, NULL, info->offset, info->count));
        char name[160];
        snprintf(name, sizeof name, "%s of %s", what, info->name);
        *most = fmax(*most, gap / fmax(size, 5e-3 * whole));
        ok &= close_enough(name, label, gap / fmax(size, 5e-3 * whole), limit);
    }
    return ok;
}

bool close_tensors(const struct net *net, const char *what, const char *label, const float *a, const float *b, double limit)
{
    double most = 0;
    return tensors_within(net, what, label, a, b, limit, &most);
}

/* Relative to the whole; a tensor's own share is at least 0.5 % of it (close_tensors). */
struct limits {
    double loss, outputs, statistics, gradient, correct;
};
static const struct limits limits_of[] = {
    [MATH_FP32] = { 5e-6, 1e-5, 1e-6, 5e-5, 0 },
    [MATH_TF32] = { 5e-4, 2e-3, 5e-4, 2.5e-2, 1 },
    [MATH_BF16] = { 5e-3, 2e-2, 4e-3, 2e-1, 2 },
    [MATH_WINOGRAD] = { 5e-6, 1e-5, 1e-6, 5e-5, 0 },
};

/* Image by image, and together they are the loss. */
static bool close_losses(const struct problem *p, const struct answer *a, const struct answer *truth, const char *label, double limit)
{
    const struct loss_coef *coef = &p->criterion.coef;
    const double divisor = coef->divisor > 0 ? coef->divisor : coef->reduction == REDUCE_BATCH_MEAN ? p->batch.n : a->result.weight_sum;
    double sum = 0, gap = 0, size = 0;
    for (uint32_t i = 0; i < p->batch.n; i++) {
        sum += a->losses[i];
        gap += (a->losses[i] - truth->losses[i]) * (a->losses[i] - truth->losses[i]);
        size += truth->losses[i] * truth->losses[i];
    }
    bool ok = within(p->math, LOSSES, label, size > 0 ? sqrt(gap / size) : INFINITY, 4 * limit);
    return ok & close_enough("sum of the images' losses", label, fabs(sum / divisor - a->result.loss) / fabs(a->result.loss), 1e-12);
}

bool close_answers(const struct problem *p, const struct answer *a, const struct answer *truth, const char *label)
{
    const double expected = truth->result.loss;
    const struct limits *limit = &limits_of[p->math];
    const size_t outputs = (size_t)p->batch.n * (size_t)p->net.classes, features = (size_t)p->batch.n * (size_t)p->net.features;
    double *most = worst[p->math];
    compared[p->math]++;
    bool ok = within(p->math, LOSS, label, fabs(a->result.loss - expected) / fabs(expected), limit->loss);
    ok &= close_losses(p, a, truth, label, limit->loss);
    ok &= close_enough("loss of hvp_prepare", label, fabs(a->prepared.loss - expected) / fabs(expected), 5e-6);
    ok &= close_enough("weight sum", label,
                       fabs(a->result.weight_sum - truth->result.weight_sum) / truth->result.weight_sum, 1e-12);
    ok &= close_enough("correct", label, fabs((double)a->result.correct - truth->result.correct), limit->correct);
    ok &= close_enough("images", label, fabs((double)a->result.n - truth->result.n), 0);
    ok &= within(p->math, OUTPUTS, label, distance(a->logits, truth->logits, outputs), limit->outputs);
    ok &= within(p->math, FEATURES, label, distance(a->features, truth->features, features), limit->outputs);
    ok &= within(p->math, STATISTICS, label, distance(a->stats, truth->stats, p->net.stats.total), limit->statistics);
    ok &= tensors_within(&p->net, "gradient", label, a->grad, truth->grad, limit->gradient, &most[GRADIENT]);
    ok &= tensors_within(&p->net, "product", label, a->hv[0], truth->hv[0], 5e-4, &most[PRODUCT]);
    return ok & tensors_within(&p->net, "second product", label, a->hv[1], truth->hv[1], 5e-4, &most[PRODUCT]);
}

bool answers_agree(const struct backend *b, const struct problem *p, const struct answer *truth, const char *label)
{
    struct answer a = { 0 };
    solve(b, p, p->batch.n + 2, &a);
    const bool ok = close_answers(p, &a, truth, label);
    answer_release(&a);
    return ok;
}

bool same_bits(const struct problem *p, const struct answer *a, const struct answer *b)
{
    const size_t n = p->net.params.total * sizeof(float);
    return memcmp(&a->result.loss, &b->result.loss, sizeof a->result.loss) == 0 && memcmp(a->grad, b->grad, n) == 0 &&
           memcmp(a->hv[0], b->hv[0], n) == 0 && memcmp(a->hv[1], b->hv[1], n) == 0 &&
           memcmp(a->stats, b->stats, p->net.stats.total * sizeof(float)) == 0 &&
           memcmp(a->logits, b->logits, (size_t)p->batch.n * (size_t)p->net.classes * sizeof(float)) == 0;
}

void assert_threads_do_not_matter(const struct backend *b, const struct problem *p, const int *threads, size_t n)
{
    const uint32_t images = p->batch.n;
    struct answer one = { 0 };
    solve_threaded(b, p, 1, images, &one);
    for (size_t t = 0; t < n; t++) {
        struct answer many = { 0 };
        solve_threaded(b, p, threads[t], images + (uint32_t)t, &many);
        assert_true(same_bits(p, &many, &one));
        answer_release(&many);
    }
    answer_release(&one);
}

void assert_divergence_shows(const struct backend *b, enum math math)
{
    struct problem p;
    struct answer a = { 0 };
    problem_init(&p, &net_specs[0], 3, PASS_TRAIN, 0);
    p.math = math;
    p.params[p.net.units[1].weight + 5] = NAN;
    solve(b, &p, 3, &a);
    assert_true(isnan(a.result.loss));
    assert_int_equal(a.result.correct, 0);
    answer_release(&a);
    problem_release(&p);
}
