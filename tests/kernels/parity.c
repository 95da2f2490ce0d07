/* cpu against reference over networks, instruction sets, batch-norm modes, losses and batch sizes: loss, outputs,
 * gradient, statistics and Hessian-vector products. Then cpu against itself: thread counts give the same bits. */
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

#include "base/err.h"
#include "kernels/backend.h"
#include "tests/kernels/nets.h"

static const char *const isas[] = { "portable", "avx2", "avx512" };
enum { N_ISAS = sizeof isas / sizeof *isas };

/* Everything a back end says about one batch. */
struct answer {
    struct pass_result result, prepared;
    float *logits, *grad, *stats, *hv[2];
};

struct problem {
    struct net net;
    struct batch batch;
    float *images, *params, *stats, *v[2];
    int32_t *labels;
    float *coef; /* [4][classes] */
    struct loss_coef loss;
    enum pass_mode mode;
};

static float *floats(size_t n)
{
    float *v = calloc(n ? n : 1, sizeof *v);
    assert_non_null(v);
    return v;
}

static bool isa_works(const char *isa)
{
    setenv("SADDLE_ISA", isa, 1);
    return backend_cpu.probe(NULL) == 0;
}

/* kind 0: weighted cross-entropy; 1: focal; 2: everything the coefficients can say. */
static void set_loss(struct problem *p, int kind)
{
    const size_t classes = (size_t)p->net.classes;
    float *scale = p->coef, *shift = scale + classes, *margin = shift + classes, *weight = margin + classes;
    fill(scale, classes, kind == 2 ? 4 : 1, kind == 2 ? 1 : 0, 31);
    fill(shift, classes, 0, kind == 2 ? 0.5f : 0, 32);
    fill(margin, classes, 0, kind == 2 ? 0.5f : 0, 33);
    fill(weight, classes, 1, 0.8f, 34);
    p->loss = (struct loss_coef){ scale, shift, margin, weight, kind == 1, 1.5f,
                                  kind == 0 ? REDUCE_WEIGHTED_MEAN : REDUCE_BATCH_MEAN, kind == 2 ? 3.5 : 0 };
}

static void problem_init(struct problem *p, const struct net_spec *spec, int n, enum pass_mode mode, int loss)
{
    memset(p, 0, sizeof *p);
    net_spec_build(spec, &p->net);
    const size_t image = (size_t)p->net.height * p->net.width * p->net.image_channels;
    p->images = floats((size_t)n * image);
    p->params = floats(p->net.params.total);
    p->stats = floats(p->net.stats.total);
    p->coef = floats(4 * (size_t)p->net.classes);
    p->labels = calloc((size_t)n, sizeof *p->labels);
    assert_non_null(p->labels);
    fill(p->images, (size_t)n * image, 0.1f, 1.7f, 3);
    fill_weights(&p->net, p->params, p->stats, 100);
    for (int k = 0; k < 2; k++) {
        p->v[k] = floats(p->net.params.total);
        fill(p->v[k], p->net.params.total, 0, 0.05f, 70 + (uint64_t)k);
    }
    for (int i = 0; i < n; i++)
        p->labels[i] = (i * 7 + 1) % p->net.classes;
    p->batch = (struct batch){ (uint32_t)n, p->images, p->labels };
    p->mode = mode;
    set_loss(p, loss);
}

static void problem_release(struct problem *p)
{
    free(p->images);
    free(p->params);
    free(p->stats);
    free(p->coef);
    free(p->labels);
    free(p->v[0]);
    free(p->v[1]);
    net_spec_release(&p->net);
}

static void answer_release(struct answer *a)
{
    free(a->logits);
    free(a->grad);
    free(a->stats);
    free(a->hv[0]);
    free(a->hv[1]);
}

static float *vec_from(const struct backend *b, struct model *m, const float *host, size_t n)
{
    float *v = b->vec_new(m, n, NULL);
    assert_non_null(v);
    if (host)
        b->vec_write(m, v, host, n);
    return v;
}

static float *host_from(const struct backend *b, struct model *m, float *v, size_t n)
{
    float *host = floats(n);
    b->vec_read(m, host, v, n);
    b->vec_free(m, v);
    return host;
}

static void solve(const struct backend *b, const struct problem *p, int threads, uint32_t max_batch, struct answer *a)
{
    const size_t n_params = p->net.params.total, n_stats = p->net.stats.total;
    struct err err = { 0 };
    struct model_options options = { max_batch, threads };
    struct model *m = b->open(&p->net, &options, &err);
    if (!m)
        fail_msg("%s: %s", b->name, err.text);
    float *params = vec_from(b, m, p->params, n_params), *stats = vec_from(b, m, p->stats, n_stats);
    float *grad = vec_from(b, m, NULL, n_params), *v[2], *hv[2];
    const float *cv[2];
    for (int k = 0; k < 2; k++) {
        cv[k] = v[k] = vec_from(b, m, p->v[k], n_params);
        hv[k] = vec_from(b, m, NULL, n_params);
    }
    struct pass pass = { params, stats, p->mode, p->mode == PASS_TRAIN, &p->loss };
    a->logits = floats((size_t)p->batch.n * p->net.classes);
    assert_int_equal(b->load(m, &p->batch, &err), 0);
    assert_int_equal(b->gradient(m, &pass, grad, &a->result, &err), 0);
    b->logits(m, a->logits);
    pass.update_stats = false;
    assert_int_equal(b->hvp_prepare(m, &pass, &a->prepared, &err), 0);
    assert_int_equal(b->hvp(m, 2, cv, hv, &err), 0);
    a->grad = host_from(b, m, grad, n_params);
    a->stats = host_from(b, m, stats, n_stats);
    for (int k = 0; k < 2; k++) {
        a->hv[k] = host_from(b, m, hv[k], n_params);
        b->vec_free(m, v[k]);
    }
    b->vec_free(m, params);
    b->close(m);
}

/* |a - b| / |b|, both as vectors of n. */
static double distance(const float *a, const float *b, size_t n)
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

static bool close_enough(const char *what, const char *label, double gap, double limit)
{
    if (gap <= limit)
        return true;
    print_error("%s: %s differs by %.3g, accepted %.3g\n", label, what, gap, limit);
    return false;
}

/* Tensor by tensor, so that a small one cannot hide behind a large one; sizes below 1e-2 of the whole count as that. */
static bool close_tensors(const struct net *net, const char *what, const char *label, const float *a, const float *b,
                          double limit)
{
    double whole = 0;
    bool ok = true;
    for (size_t i = 0; i < net->params.total; i++)
        whole += (double)b[i] * (double)b[i];
    for (int t = 0; t < net->params.n; t++) {
        const struct tensor_info *info = &net->params.tensor[t];
        double gap = 0, size = 0;
        for (size_t i = info->offset; i < info->offset + info->count; i++) {
            gap += ((double)a[i] - (double)b[i]) * ((double)a[i] - (double)b[i]);
            size += (double)b[i] * (double)b[i];
        }
        char name[160];
        snprintf(name, sizeof name, "%s of %s", what, info->name);
        ok &= close_enough(name, label, sqrt(gap) / fmax(sqrt(size), 1e-2 * sqrt(whole)), limit);
    }
    return ok;
}

static bool same_answer(const struct problem *p, const struct answer *a, const struct answer *b, const char *label)
{
    double loss = fabs(a->result.loss - b->result.loss) / fabs(b->result.loss);
    double prepared = fabs(a->prepared.loss - b->result.loss) / fabs(b->result.loss);
    double weights = fabs(a->result.weight_sum - b->result.weight_sum) / b->result.weight_sum;
    bool ok = close_enough("loss", label, loss, 5e-6);
    ok &= close_enough("loss of hvp_prepare", label, prepared, 5e-6);
    ok &= close_enough("weight sum", label, weights, 1e-12);
    ok &= close_enough("correct", label, fabs((double)a->result.correct - b->result.correct), 0);
    ok &= close_enough("outputs", label, distance(a->logits, b->logits, (size_t)p->batch.n * p->net.classes), 1e-5);
    ok &= close_enough("statistics", label, distance(a->stats, b->stats, p->net.stats.total), 1e-6);
    ok &= close_tensors(&p->net, "gradient", label, a->grad, b->grad, 5e-5);
    ok &= close_tensors(&p->net, "product", label, a->hv[0], b->hv[0], 5e-4);
    ok &= close_tensors(&p->net, "second product", label, a->hv[1], b->hv[1], 5e-4);
    return ok;
}

/* One network: reference once, every instruction set against it, two threads. */
static bool compare(const struct net_spec *spec, int n, enum pass_mode mode, int loss)
{
    struct problem p;
    struct answer truth = { 0 };
    bool ok = true;
    problem_init(&p, spec, n, mode, loss);
    solve(&backend_reference, &p, 2, (uint32_t)n, &truth);
    for (int i = 0; i < N_ISAS; i++) {
        struct answer a = { 0 };
        char label[128];
        if (!isa_works(isas[i]))
            continue;
        snprintf(label, sizeof label, "%s, batch %d, %s, loss %d, %s", spec->name, n, mode == PASS_TRAIN ? "train" : "eval",
                 loss, isas[i]);
        solve(&backend_cpu, &p, 2, (uint32_t)n + 2, &a);
        ok &= same_answer(&p, &a, &truth, label);
        answer_release(&a);
    }
    answer_release(&truth);
    problem_release(&p);
    return ok;
}

static void parity(void **state)
{
    bool ok = true;
    (void)state;
    for (int i = 0; i < n_net_specs; i++)
        for (int mode = 0; mode < 2; mode++)
            ok &= compare(&net_specs[i], 3 + i % 5, mode ? PASS_TRAIN : PASS_EVAL, (i + mode) % 3);
    assert_true(ok);
}

static void parity_losses_and_batches(void **state)
{
    static const int sizes[] = { 1, 5, 7, 33, 67 };
    bool ok = true;
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int loss = 0; loss < 3; loss++)
            ok &= compare(&net_specs[2], sizes[i], loss == 1 ? PASS_EVAL : PASS_TRAIN, loss);
    assert_true(ok);
}

static bool same_bits(const struct problem *p, const struct answer *a, const struct answer *b)
{
    const size_t n = p->net.params.total * sizeof(float);
    return memcmp(&a->result.loss, &b->result.loss, sizeof a->result.loss) == 0 && memcmp(a->grad, b->grad, n) == 0 &&
           memcmp(a->hv[0], b->hv[0], n) == 0 && memcmp(a->hv[1], b->hv[1], n) == 0 &&
           memcmp(a->stats, b->stats, p->net.stats.total * sizeof(float)) == 0 &&
           memcmp(a->logits, b->logits, (size_t)p->batch.n * p->net.classes * sizeof(float)) == 0;
}

/* Neither the number of threads nor the largest batch that the model was opened for may change a bit. */
static void threads_do_not_matter(void **state)
{
    static const int threads[] = { 2, 3, 7 };
    (void)state;
    for (int k = 0; k < N_ISAS * 2; k++) {
        struct problem p;
        struct answer one = { 0 };
        if (!isa_works(isas[k / 2]))
            continue;
        problem_init(&p, &net_specs[k % 2 ? 2 : 6], 45, k % 2 ? PASS_TRAIN : PASS_EVAL, 0);
        solve(&backend_cpu, &p, 1, 45, &one);
        for (size_t t = 0; t < sizeof threads / sizeof *threads; t++) {
            struct answer many = { 0 };
            solve(&backend_cpu, &p, threads[t], 45 + (uint32_t)t, &many);
            assert_true(same_bits(&p, &many, &one));
            answer_release(&many);
        }
        answer_release(&one);
        problem_release(&p);
    }
}

/* A pass without a gradient, of any size after any other, gives the same outputs as one with it. */
static void evaluation_is_the_same(void **state)
{
    struct problem p;
    struct answer a = { 0 };
    struct pass_result result;
    struct err err;
    (void)state;
    unsetenv("SADDLE_ISA");
    for (int mode = 0; mode < 2; mode++) {
        problem_init(&p, &net_specs[1], 9, mode ? PASS_TRAIN : PASS_EVAL, 0);
        solve(&backend_cpu, &p, 2, 9, &a);
        struct model *m = backend_cpu.open(&p.net, &(struct model_options){ 64, 3 }, &err);
        assert_non_null(m);
        struct pass pass = { p.params, p.stats, p.mode, false, &p.loss };
        float *logits = floats(9 * 10);
        assert_int_equal(backend_cpu.load(m, &p.batch, &err), 0);
        assert_int_equal(backend_cpu.gradient(m, &pass, NULL, &result, &err), 0);
        backend_cpu.logits(m, logits);
        assert_true(result.loss == a.result.loss);
        assert_memory_equal(logits, a.logits, 9 * 10 * sizeof *logits);
        backend_cpu.close(m);
        free(logits);
        answer_release(&a);
        problem_release(&p);
    }
}

/* Batch statistics of channels whose mean is a thousand times their spread. */
static void far_means(void **state)
{
    const struct net_spec spec = { "far", 16, 16, 3, 4, HEAD_LINEAR, { { NET_IMAGE, NET_NO_ADD, 16, 1 } } };
    (void)state;
    for (int i = 0; i < N_ISAS; i++) {
        struct problem p;
        struct answer truth = { 0 }, a = { 0 };
        if (!isa_works(isas[i]))
            continue;
        problem_init(&p, &spec, 6, PASS_TRAIN, 0);
        fill(p.images, 6 * 16 * 16 * 3, 1000, 1, 5);
        for (int t = 0; t < 16 * 3; t++) /* only the centre of each kernel: padding would make the spread large */
            for (int k = 0; k < 9; k++)
                p.params[p.net.units[0].weight + (size_t)(t * 9 + k)] *= k == 4;
        solve(&backend_reference, &p, 1, 6, &truth);
        solve(&backend_cpu, &p, 2, 6, &a);
        const size_t at = p.net.units[0].variance;
        assert_true(close_enough("variance", isas[i], distance(a.stats + at, truth.stats + at, 16), 2e-4));
        assert_true(close_enough("mean", isas[i], distance(a.stats, truth.stats, 16), 1e-6));
        answer_release(&truth);
        answer_release(&a);
        problem_release(&p);
    }
}

static void vectors(void **state)
{
    static const size_t sizes[] = { 1, 31, 500, 8191, 8192, 20003 };
    const struct net_spec *spec = &net_specs[4];
    const struct sgd_step steps[] = { { 0.1f, 0.9f, 2e-4f, false }, { 0.1f, 0.9f, 2e-4f, true } };
    (void)state;
    unsetenv("SADDLE_ISA");
    struct net net;
    net_spec_build(spec, &net);
    struct model *m = backend_cpu.open(&net, &(struct model_options){ 2, 2 }, NULL);
    const struct backend *b = &backend_cpu;
    assert_non_null(m);
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        const size_t n = sizes[s];
        float *w = floats(n), *g = floats(n), *buf = floats(n), *out = floats(n);
        double dot = 0, plain = 0, adaptive = 0;
        fill(g, n, 0, 1, 1);
        for (int k = 0; k < 2; k++) {
            fill(w, n, 0, 1, 2);
            fill(buf, n, 0, 1, 3);
            b->vec_copy(m, out, buf, n);
            b->sgd(m, w, buf, g, n, &steps[k]);
            float *w0 = floats(n);
            fill(w0, n, 0, 1, 2);
            for (size_t i = 0; i < n; i++) {
                double d = (double)g[i] + 2e-4 * (double)w0[i], v = 0.9 * (double)out[i] + d;
                assert_true(fabs((double)buf[i] - v) < 1e-6);
                assert_true(fabs((double)w[i] - ((double)w0[i] - 0.1 * (k ? d + 0.9 * v : v))) < 1e-6);
            }
            free(w0);
        }
        for (size_t i = 0; i < n; i++) {
            double product = (double)w[i] * (double)g[i];
            dot += product;
            plain += (double)g[i] * (double)g[i];
            adaptive += product * product;
        }
        assert_true(fabs(b->vec_dot(m, w, g, n) - dot) <= 1e-9 * (double)n);
        assert_true(fabs(b->sam_norm(m, w, g, n, false) - sqrt(plain)) < 1e-9 * (double)n);
        assert_true(fabs(b->sam_norm(m, w, g, n, true) - sqrt(adaptive)) < 1e-9 * (double)n);
        for (int k = 0; k < 2; k++) {
            b->sam_perturb(m, out, w, g, 0.3f, n, k);
            for (size_t i = 0; i < n; i++)
                assert_true(fabsf(out[i] - (w[i] + 0.3f * (k ? w[i] * w[i] : 1) * g[i])) < 1e-6f);
        }
        b->vec_copy(m, out, w, n);
        b->vec_axpy(m, out, -2, g, n);
        b->vec_scale(m, out, 0.5f, n);
        for (size_t i = 0; i < n; i++)
            assert_true(fabsf(out[i] - 0.5f * (w[i] - 2 * g[i])) < 1e-6f);
        free(w);
        free(g);
        free(buf);
        free(out);
    }
    b->close(m);
    net_spec_release(&net);
}

static void refusals(void **state)
{
    struct problem p;
    struct err err;
    (void)state;
    problem_init(&p, &net_specs[4], 2, PASS_EVAL, 0);
    setenv("SADDLE_ISA", "abacus", 1);
    assert_null(backend_cpu.open(&p.net, &(struct model_options){ 2, 1 }, &err));
    assert_non_null(strstr(err.text, "abacus"));
    unsetenv("SADDLE_ISA");
    assert_null(backend_cpu.open(&p.net, &(struct model_options){ 2, 0 }, &err));
    assert_non_null(strstr(err.text, "threads 0"));
    struct model *m = backend_cpu.open(&p.net, &(struct model_options){ 2, 1 }, &err);
    struct pass pass = { p.params, p.stats, PASS_EVAL, false, &p.loss };
    assert_non_null(m);
    assert_int_equal(backend_cpu.gradient(m, &pass, NULL, NULL, &err), -1);
    assert_int_equal(backend_cpu.hvp(m, 0, NULL, NULL, &err), -1);
    p.labels[1] = 2;
    assert_int_equal(backend_cpu.load(m, &p.batch, &err), -1);
    assert_non_null(strstr(err.text, "label 2"));
    p.batch.n = 3;
    assert_int_equal(backend_cpu.load(m, &p.batch, &err), -1);
    backend_cpu.close(m);
    backend_cpu.close(NULL);
    problem_release(&p);
}

/* A weight that is not a number must show in the loss, not vanish in a ReLU. */
static void divergence_shows(void **state)
{
    (void)state;
    for (int i = 0; i < N_ISAS; i++) {
        struct problem p;
        struct answer a = { 0 };
        if (!isa_works(isas[i]))
            continue;
        problem_init(&p, &net_specs[0], 3, PASS_TRAIN, 0);
        p.params[p.net.units[1].weight + 5] = NAN;
        solve(&backend_cpu, &p, 2, 3, &a);
        assert_true(isnan(a.result.loss));
        assert_int_equal(a.result.correct, 0);
        answer_release(&a);
        problem_release(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parity),
        cmocka_unit_test(parity_losses_and_batches),
        cmocka_unit_test(threads_do_not_matter),
        cmocka_unit_test(evaluation_is_the_same),
        cmocka_unit_test(far_means),
        cmocka_unit_test(vectors),
        cmocka_unit_test(refusals),
        cmocka_unit_test(divergence_shows),
    };
    return cmocka_run_group_tests_name("kernels/parity", tests, NULL, NULL);
}
