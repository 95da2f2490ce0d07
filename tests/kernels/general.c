/* The cpu back end's way for networks that are not plain, beyond what operations.c asks of every back end: with each instruction set and batches
 * of many sizes, with more of everything than its loops treat at once, for any number of threads, in slots; and its pass in pieces over plain
 * networks, which go another way. */
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
#include "tests/kernels/differences.h"
#include "tests/kernels/problem.h"

enum { IMAGES = 5 };

static const char *const mode_name[] = { [PASS_EVAL] = "by running statistics", [PASS_TRAIN] = "by batch statistics" };

static const char *const isas[] = { "portable", "avx2", "avx512" };
enum { N_ISAS = sizeof isas / sizeof *isas };

static bool isa_works(const char *isa)
{
    setenv("SADDLE_ISA", isa, 1);
    return backend_cpu.probe(0, NULL) == 0;
}

/* A batch of another size per row: tiles of rows of images that lack some, and none. */
static bool agrees(const struct net_spec *spec, enum pass_mode mode)
{
    const int row = spec == &blocked_case ? 6 : (int)(spec - operation_cases), n = 2 + (row + (int)mode) % 11;
    struct problem p;
    struct answer truth = { 0 };
    bool ok = true;
    problem_init(&p, spec, n, mode, (row + (int)mode) % N_CASES_OF_GRIDS);
    solve(&backend_reference, &p, (uint32_t)n, &truth);
    for (int i = 0; i < N_ISAS; i++) {
        char label[128];
        if (!isa_works(isas[i]))
            continue;
        snprintf(label, sizeof label, "%s, batch %d, %s, %s", spec->name, n, mode_name[mode], isas[i]);
        ok &= answers_agree(&backend_cpu, &p, &truth, label);
    }
    unsetenv("SADDLE_ISA");
    answer_release(&truth);
    problem_release(&p);
    return ok;
}

static void parity(void **state)
{
    bool ok = true;
    for (int mode = PASS_EVAL; mode <= PASS_TRAIN; mode++)
        ok &= agrees(*state, (enum pass_mode)mode);
    assert_true(ok);
}

/* Loss, gradient and product of a function of all outputs. */
static void solve_pieces(const struct backend *b, const struct problem *p, double *loss, float *g, float *hv)
{
    struct err err = { 0 };
    struct model *m = b->open(&p->net, &(struct model_options){ .max_batch = IMAGES + 1, .threads = 2 }, &err);
    if (!m || b->load(m, &p->batch, &err) < 0)
        fail_msg("%s: %s", b->name, err.text);
    const struct function f = { b, m, &p->net, { p->params, p->stats, p->mode, false, &p->criterion, false }, IMAGES, true };
    *loss = function_gradient(&f, p->params, g);
    function_product(&f, p->v[0], hv);
    b->close(m);
}

static bool agrees_in_pieces(const struct net_spec *spec, enum pass_mode mode)
{
    struct problem p;
    double loss[2];
    problem_init(&p, spec, IMAGES, mode, CASE_WEIGHTED);
    const size_t n = p.net.params.total;
    float *v = host_floats(4 * n);
    solve_pieces(&backend_reference, &p, &loss[0], v, v + n);
    solve_pieces(&backend_cpu, &p, &loss[1], v + 2 * n, v + 3 * n);
    bool ok = close_enough("the sum over outputs", spec->name, fabs(loss[1] - loss[0]) / fabs(loss[0]), 1e-5);
    ok &= close_tensors(&p.net, "gradient in pieces", spec->name, v + 2 * n, v, 5e-5);
    ok &= close_tensors(&p.net, "product in pieces", spec->name, v + 3 * n, v + n, 5e-4);
    free(v);
    problem_release(&p);
    return ok;
}

static void blocked_in_pieces(void **state)
{
    (void)state;
    for (int mode = PASS_EVAL; mode <= PASS_TRAIN; mode++)
        assert_true(agrees_in_pieces(&blocked_case, (enum pass_mode)mode));
}

/* The networks that the cpu back end computes in another way. */
static void plain_in_pieces(void **state)
{
    bool ok = true;
    (void)state;
    for (int i = 0; i < n_net_specs - 2; i += FEW ? 3 : 1) /* the last two have thousands of classes */
        ok &= agrees_in_pieces(&net_specs[i], i % 2 ? PASS_TRAIN : PASS_EVAL);
    assert_true(ok);
}

static void threads_do_not_matter(void **state)
{
    static const int threads[] = { 2, 5 };
    struct problem p;
    problem_init(&p, *state, 13, PASS_TRAIN, CASE_WEIGHTED);
    assert_threads_do_not_matter(&backend_cpu, &p, threads, sizeof threads / sizeof *threads);
    problem_release(&p);
}

/* Two batches, each in a slot of its own: their products in turn have the bits of models that hold one. */
static void slots(void **state)
{
    struct problem p[2];
    struct answer alone[2] = { { .logits = NULL }, { .logits = NULL } };
    struct err err = { 0 };
    float *hv[2][2];
    for (int k = 0; k < 2; k++) {
        problem_init(&p[k], *state, 3 + 2 * k, PASS_EVAL, CASE_WEIGHTED);
        solve(&backend_cpu, &p[k], 5, &alone[k]);
    }
    const size_t n = p[0].net.params.total;
    struct model *m = backend_cpu.open(&p[0].net, &(struct model_options){ .max_batch = 5, .threads = 2 }, &err);
    assert_non_null(m);
    assert_int_equal(backend_cpu.slots(m, SIZE_MAX, 2, &err), 2);
    for (int k = 0; k < 2; k++) {
        const struct pass pass = { p[0].params, p[0].stats, PASS_EVAL, false, &p[0].criterion, false };
        backend_cpu.turn(m, k);
        assert_int_equal(backend_cpu.load(m, &p[k].batch, &err), 0);
        assert_int_equal(backend_cpu.hvp_prepare(m, &pass, NULL, &err), 0);
    }
    for (int k = 0; k < 2; k++) {
        hv[k][0] = host_floats(n);
        hv[k][1] = host_floats(n);
        backend_cpu.turn(m, k);
        assert_int_equal(backend_cpu.hvp(m, 2, (const float *const *)p[0].v, hv[k], &err), 0);
        for (int v = 0; v < 2; v++)
            assert_memory_equal(hv[k][v], alone[k].hv[v], n * sizeof(float));
    }
    backend_cpu.close(m);
    for (int k = 0; k < 2; k++) {
        free(hv[k][0]);
        free(hv[k][1]);
        answer_release(&alone[k]);
        problem_release(&p[k]);
    }
}

static const struct {
    const char *name;
    void (*run)(void **state);
} kinds[] = { { "parity", parity }, { "threads do not matter", threads_do_not_matter }, { "slots", slots } };
enum { N_KINDS = sizeof kinds / sizeof *kinds };

int main(void)
{
    const int rows = (n_operation_cases + 1) * N_KINDS, n = rows + 2;
    struct CMUnitTest *tests = calloc((size_t)n, sizeof *tests);
    char (*names)[96] = calloc((size_t)n, sizeof *names);
    if (!tests || !names)
        return 1;
    for (int i = 0; i < rows; i++) {
        const struct net_spec *spec = i / N_KINDS < n_operation_cases ? &operation_cases[i / N_KINDS] : &blocked_case;
        snprintf(names[i], sizeof *names, "%s: %s", spec->name, kinds[i % N_KINDS].name);
        tests[i] = (struct CMUnitTest){ names[i], kinds[i % N_KINDS].run, NULL, NULL, (void *)spec };
    }
    tests[rows] = (struct CMUnitTest)cmocka_unit_test(plain_in_pieces);
    tests[rows + 1] = (struct CMUnitTest)cmocka_unit_test(blocked_in_pieces);
    const int failed = _cmocka_run_group_tests("kernels/general", tests, (size_t)n, NULL, NULL);
    free(tests);
    free(names);
    return failed;
}
