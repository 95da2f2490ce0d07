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
#include "tests/kernels/problem.h"

static const char *const isas[] = { "portable", "avx2", "avx512" };
enum { N_ISAS = sizeof isas / sizeof *isas };

static bool isa_works(const char *isa)
{
    setenv("SADDLE_ISA", isa, 1);
    return backend_cpu.probe(0, NULL) == 0;
}

/* One network: reference once, every instruction set against it, two threads. */
static bool compare(const struct net_spec *spec, int n, enum pass_mode mode, int row)
{
    struct problem p;
    struct answer truth = { 0 };
    bool ok = true;
    problem_init(&p, spec, n, mode, row);
    solve(&backend_reference, &p, (uint32_t)n, &truth);
    for (int i = 0; i < N_ISAS; i++) {
        char label[128];
        if (!isa_works(isas[i]))
            continue;
        snprintf(label, sizeof label, "%s, batch %d, %s, %s, %s", spec->name, n, mode == PASS_TRAIN ? "train" : "eval",
                 criterion_cases[row].name, isas[i]);
        ok &= answers_agree(&backend_cpu, &p, &truth, label);
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
            ok &= compare(&net_specs[i], 3 + i % 5, mode ? PASS_TRAIN : PASS_EVAL, (i + mode) % N_CASES_OF_GRIDS);
    assert_true(ok);
}

static void parity_batches(void **state)
{
    static const int sizes[] = { 1, 5, 7, 33, 67 };
    bool ok = true;
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int row = 0; row < N_CASES_OF_GRIDS; row += FEW ? 2 : 1)
            ok &= (sizes[i] > 10 && row == CASE_EVERYTHING) || compare(&net_specs[2], sizes[i], row == CASE_FOCAL ? PASS_EVAL : PASS_TRAIN, row);
    assert_true(ok);
}

/* Training passes and products in Winograd's form have the limits of fp32. */
static void parity_of_winograd(void **state)
{
    bool ok = true;
    (void)state;
    for (int i = 0; i < 2 * n_net_specs; i++) {
        struct problem p;
        struct answer truth = { 0 };
        problem_init(&p, &net_specs[i / 2], 3 + i % 5, i % 2 ? PASS_EVAL : PASS_TRAIN, i / 2 % N_CASES_OF_GRIDS);
        solve(&backend_reference, &p, p.batch.n, &truth);
        for (int k = 0; k < N_ISAS; k++) {
            char label[128];
            if (!isa_works(isas[k]))
                continue;
            p.math = MATH_WINOGRAD;
            snprintf(label, sizeof label, "%s, winograd, %s, %s", net_specs[i / 2].name, i % 2 ? "eval" : "train", isas[k]);
            ok &= answers_agree(&backend_cpu, &p, &truth, label);
        }
        answer_release(&truth);
        problem_release(&p);
    }
    assert_true(ok);
}

/* Gradients and losses by running statistics, which readings are made of, have the bits of fp32. */
static void winograd_is_for_training_and_products(void **state)
{
    static const int threads[] = { 2, 3, 7 };
    struct answer exact = { 0 }, a = { 0 };
    struct problem p;
    (void)state;
    unsetenv("SADDLE_ISA");
    for (int mode = 0; mode < 2; mode++) {
        problem_init(&p, &net_specs[0], 45, mode ? PASS_TRAIN : PASS_EVAL, 0);
        const size_t bytes = p.net.params.total * sizeof(float);
        solve(&backend_cpu, &p, 45, &exact);
        p.math = MATH_WINOGRAD;
        solve(&backend_cpu, &p, 45, &a);
        assert_int_equal(memcmp(a.grad, exact.grad, bytes) == 0, mode == 0);
        assert_true(a.prepared.loss == exact.prepared.loss);
        assert_memory_not_equal(a.hv[0], exact.hv[0], bytes);
        assert_threads_do_not_matter(&backend_cpu, &p, threads, sizeof threads / sizeof *threads);
        answer_release(&exact);
        answer_release(&a);
        problem_release(&p);
    }
}

/* Every row, by running and by batch statistics, on either head. */
static void parity_criteria(void **state)
{
    bool ok = true;
    (void)state;
    for (int row = 0; row < n_criterion_cases; row += FEW ? 2 : 1)
        for (int k = 0; k < 4; k++) {
            const struct net_spec *spec = &net_specs[k % 2 ? 5 : 2];
            const struct net head = { .head = spec->head };
            if (criterion_case_fits(&criterion_cases[row], &head))
                ok &= compare(spec, 6, k < 2 ? PASS_EVAL : PASS_TRAIN, row);
        }
    assert_true(ok);
}

/* Neither the number of threads nor the largest batch that the model was opened for may change a bit. */
static void threads_do_not_matter(void **state)
{
    static const int threads[] = { 2, 3, 7 };
    (void)state;
    for (int k = 0; k < N_ISAS * 2; k++) {
        struct problem p;
        if (!isa_works(isas[k / 2]))
            continue;
        problem_init(&p, &net_specs[k % 2 ? 2 : 6], 45, k % 2 ? PASS_TRAIN : PASS_EVAL, 0);
        assert_threads_do_not_matter(&backend_cpu, &p, threads, sizeof threads / sizeof *threads);
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
        solve(&backend_cpu, &p, 9, &a);
        struct model *m = backend_cpu.open(&p.net, &(struct model_options){ .max_batch = 64, .threads = 3 }, &err);
        assert_non_null(m);
        struct pass pass = { p.params, p.stats, p.mode, false, &p.criterion, false };
        float *logits = host_floats(9 * 10);
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
    const struct net_spec spec = { .name = "far", 16, 16, 3, 4, HEAD_LINEAR, { PLAIN(NET_IMAGE, NET_NO_ADD, 16, 1) } };
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
        solve(&backend_reference, &p, 6, &truth);
        solve(&backend_cpu, &p, 6, &a);
        const size_t at = p.net.units[0].variance;
        assert_true(distance(a.stats + at, truth.stats + at, 16) <= 2e-4);
        assert_true(distance(a.stats, truth.stats, 16) <= 1e-6);
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
    struct model *m = backend_cpu.open(&net, &(struct model_options){ .max_batch = 2, .threads = 2 }, NULL);
    const struct backend *b = &backend_cpu;
    assert_non_null(m);
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        const size_t n = sizes[s];
        float *w = host_floats(n), *g = host_floats(n), *buf = host_floats(n), *out = host_floats(n);
        double dot = 0, plain = 0, adaptive = 0;
        fill(g, n, 0, 1, 1);
        for (int k = 0; k < 2; k++) {
            fill(w, n, 0, 1, 2);
            fill(buf, n, 0, 1, 3);
            b->vec_copy(m, out, buf, n);
            b->sgd(m, w, buf, g, n, &steps[k]);
            float *w0 = host_floats(n);
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
    int device;
    (void)state;
    problem_init(&p, &net_specs[4], 2, PASS_EVAL, 0);
    setenv("SADDLE_ISA", "abacus", 1);
    assert_null(backend_cpu.open(&p.net, &(struct model_options){ .max_batch = 2, .threads = 1 }, &err));
    assert_non_null(strstr(err.text, "abacus"));
    const struct backend *found = backend_find("auto", &device, &err); /* not the slow reference in its place */
    assert_true(found ? strcmp(found->name, "cuda") == 0 : strstr(err.text, "SADDLE_ISA=abacus: unknown; accepted: ") == err.text);
    unsetenv("SADDLE_ISA");
    assert_null(backend_cpu.open(&p.net, &(struct model_options){ .max_batch = 2, .threads = 0 }, &err));
    assert_non_null(strstr(err.text, "threads 0"));
    struct model *m = backend_cpu.open(&p.net, &(struct model_options){ .max_batch = 2, .threads = 1 }, &err);
    struct pass pass = { p.params, p.stats, PASS_EVAL, false, &p.criterion, false };
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

/* Of one image in units of one pixel: no back end makes up a variance. */
static void one_value_has_no_variance(void **state)
{
    const struct backend *const both[] = { &backend_reference, &backend_cpu };
    struct problem p;
    struct pass_result result;
    struct err err;
    (void)state;
    problem_init(&p, &net_specs[4], 1, PASS_TRAIN, 0);
    float *grad = calloc(p.net.params.total, sizeof *grad);
    for (size_t i = 0; i < sizeof both / sizeof *both; i++) {
        const struct backend *b = both[i];
        struct pass pass = { p.params, p.stats, PASS_TRAIN, true, &p.criterion, false };
        struct model *m = b->open(&p.net, &(struct model_options){ .max_batch = 2, .threads = 1 }, &err);
        assert_int_equal(b->load(m, &p.batch, &err), 0);
        assert_int_equal(b->gradient(m, &pass, grad, &result, &err), -1);
        assert_non_null(strstr(err.text, "single value"));
        assert_int_equal(b->hvp_prepare(m, &pass, &result, &err), -1);
        assert_int_equal(b->forward(m, &pass, &err), -1);
        pass.mode = PASS_EVAL;
        assert_int_equal(b->gradient(m, &pass, grad, &result, &err), 0);
        b->close(m);
    }
    free(grad);
    problem_release(&p);
}

static bool has_tf32(enum math math)
{
    return math == MATH_TF32;
}

static bool has_both(enum math math)
{
    return math != MATH_FP32;
}

/* Whoever cannot compute so says it when a model is opened: none falls back. */
static void maths_are_refused(void **state)
{
    const struct backend *const exact[] = { &backend_reference };
    const struct backend some = { .name = "some", .has_math = has_tf32 }, all = { .name = "all", .has_math = has_both };
    struct problem p;
    (void)state;
    problem_init(&p, &net_specs[0], 2, PASS_EVAL, 0);
    for (size_t i = 0; i < sizeof exact / sizeof *exact; i++)
        for (int math = 0; math < N_MATHS; math++) {
            struct err err = { 0 };
            char want[128];
            struct model *m = exact[i]->open(&p.net, &(struct model_options){ .max_batch = 2, .threads = 1, .math = (enum math)math }, &err);
            assert_int_equal(m != NULL, math == MATH_FP32);
            exact[i]->close(m);
            snprintf(want, sizeof want, "math %s: device %s computes in fp32 only; accepted here is fp32", math_name[math], exact[i]->name);
            assert_string_equal(err.text, math == MATH_FP32 ? "" : want);
            assert_int_equal(err.code, math == MATH_FP32 ? ERR_NONE : ERR_DEVICE);
        }
    struct err err = { 0 };
    assert_int_equal(backend_check_math(&some, MATH_TF32, &err), 0);
    assert_int_equal(backend_check_math(&some, MATH_BF16, &err), -1);
    assert_string_equal(err.text, "math bf16: device some computes in fp32, tf32 only; accepted here are fp32, tf32");
    for (int math = 0; math < N_MATHS; math++)
        assert_int_equal(backend_check_math(&all, (enum math)math, &err), 0);
    problem_release(&p);
}

static bool gradients_only(enum criterion_kind kind, enum criterion_use use)
{
    (void)kind;
    return use == CRITERION_GRADIENT;
}

/* Who lacks a criterion says for what, and who has it. */
static void criteria_are_refused(void **state)
{
    const struct backend half = { .name = "half", .supports = gradients_only };
    const struct net net = { .head = HEAD_LINEAR };
    (void)state;
    for (int kind = 0; kind < N_CRITERIA; kind++) {
        const struct criterion c = { .kind = (enum criterion_kind)kind };
        struct err err = { 0 };
        char want[128];
        assert_int_equal(backend_check_criterion(&half, &net, &c, CRITERION_GRADIENT, &err), 0);
        assert_int_equal(backend_check_criterion(&half, &net, &c, CRITERION_PRODUCT, &err), -1);
        snprintf(want, sizeof want, "device half has no Hessian products of criterion %s; accepted: device ", criterion_table[kind].name);
        assert_memory_equal(err.text, want, strlen(want));
        assert_non_null(strstr(err.text, "cpu, reference"));
        for (int use = 0; use < 2; use++) {
            assert_int_equal(backend_check_criterion(&backend_cpu, &net, &c, (enum criterion_use)use, NULL), 0);
            assert_int_equal(backend_check_criterion(&backend_reference, &net, &c, (enum criterion_use)use, NULL), 0);
        }
    }
}

static void divergence_shows(void **state)
{
    (void)state;
    for (int i = 0; i < N_ISAS; i++)
        if (isa_works(isas[i]))
            assert_divergence_shows(&backend_cpu, MATH_FP32);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(maths_are_refused),
        cmocka_unit_test(criteria_are_refused),
        cmocka_unit_test(parity),
        cmocka_unit_test(parity_batches),
        cmocka_unit_test(parity_criteria),
        cmocka_unit_test(parity_of_winograd),
        cmocka_unit_test(winograd_is_for_training_and_products),
        cmocka_unit_test(threads_do_not_matter),
        cmocka_unit_test(evaluation_is_the_same),
        cmocka_unit_test(far_means),
        cmocka_unit_test(vectors),
        cmocka_unit_test(refusals),
        cmocka_unit_test(one_value_has_no_variance),
        cmocka_unit_test(divergence_shows),
    };
    return cmocka_run_group_tests_name("kernels/parity", tests, NULL, NULL);
}
