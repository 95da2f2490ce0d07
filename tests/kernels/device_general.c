/* The third part of the device test: networks that are not plain, beyond what operations.c asks of every back end. ResNet-18, steps in one
 * piece, captured passes, what other maths than fp32 say. */
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
#include "engine/model/families.h"
#include "kernels/backend.h"
#include "tests/kernels/problem.h"
#include "tests/kernels/steps.h"

static const struct backend *dev;

static struct model *opened(const struct backend *b, const struct problem *p, uint32_t max_batch)
{
    struct err err = { 0 };
    struct model *m = b->open(&p->net, &(struct model_options){ .max_batch = max_batch, .threads = 2, .device = problem_device, .math = p->math }, &err);
    if (!m)
        fail_msg("%s: %s", b->name, err.text);
    return m;
}

static void worked(int result, const struct err *err)
{
    if (result != 0)
        fail_msg("%s", err->text);
}

/* --- a whole network --- */

/* The same with weights that are off by as much as a sum of some thousand floats may be. */
static void solve_shaken(struct problem *p, struct answer *a)
{
    const size_t n = p->net.params.total;
    float *kept = p->params, *shake = host_floats(n);
    fill(shake, n, 1, 2e-6f, 77);
    for (size_t i = 0; i < n; i++)
        shake[i] *= kept[i];
    p->params = shake;
    solve(&backend_reference, p, p->batch.n, a);
    p->params = kept;
    free(shake);
}

/* At its end two images of 32 pixels are two numbers a channel: by batch statistics these are nearly +1 and -1, whichever is larger, and
 * where they are close to each other the gradient is large and anything. So there the answers may be as far off as the reference's own are
 * with shaken weights. */
static bool resnet18_is_near(enum pass_mode mode)
{
    struct err err = { 0 };
    struct problem p = { 0 };
    struct answer truth = { 0 }, a = { 0 }, shaken = { 0 };
    const char *name = mode == PASS_TRAIN ? "resnet18, train" : "resnet18, eval";
    worked(net_of_family(&p.net, "resnet18", (struct image_geometry){ 32, 32, 3 }, 10, HEAD_LINEAR, &err), &err);
    problem_of_net(&p, 2, mode, 0);
    solve(&backend_reference, &p, 2, &truth);
    solve(dev, &p, 2, &a);
    if (mode == PASS_TRAIN)
        solve_shaken(&p, &shaken);
    const struct {
        const char *what;
        const float *a, *truth, *shaken;
        size_t n;
        double limit;
    } numbers[] = { { "outputs", a.logits, truth.logits, shaken.logits, 20, 1e-5 },
                    { "gradient", a.grad, truth.grad, shaken.grad, p.net.params.total, 1e-4 },
                    { "product", a.hv[0], truth.hv[0], shaken.hv[0], p.net.params.total, 1e-3 },
                    { "second product", a.hv[1], truth.hv[1], shaken.hv[1], p.net.params.total, 1e-3 },
                    { "statistics", a.stats, truth.stats, shaken.stats, p.net.stats.total, 1e-6 } };
    bool ok = close_enough("loss", name, fabs(a.result.loss - truth.result.loss) / truth.result.loss,
                           shaken.stats ? 2 * fabs(shaken.result.loss - truth.result.loss) / truth.result.loss : 1e-5);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        ok &= close_enough(numbers[i].what, name, distance(numbers[i].a, numbers[i].truth, numbers[i].n),
                           numbers[i].shaken ? 2 * distance(numbers[i].shaken, numbers[i].truth, numbers[i].n) : numbers[i].limit);
    answer_release(&truth);
    answer_release(&a);
    answer_release(&shaken);
    problem_release(&p);
    return ok;
}

static void resnet18(void **state)
{
    (void)state;
    if (FEW) /* half a minute on the emulator */
        skip();
    const bool eval = resnet18_is_near(PASS_EVAL), train = resnet18_is_near(PASS_TRAIN);
    assert_true(eval && train);
}

/* --- steps and captured passes --- */

static void one_step(const struct problem *p, bool in_parts, float *params)
{
    const size_t n = p->net.params.total;
    const struct sgd_step descent = { 0.1f, 0.9f, 2e-4f, false };
    struct err err = { 0 };
    struct model *m = opened(dev, p, p->batch.n);
    float *w = vec_from(dev, m, p->params, n), *s = vec_from(dev, m, p->stats, p->net.stats.total);
    float *moved = vec_from(dev, m, NULL, n), *g = vec_from(dev, m, NULL, n), *buf = vec_from(dev, m, NULL, n);
    worked(dev->load(m, &p->batch, &err), &err);
    if (in_parts) {
        struct pass_result result;
        struct pass pass = { w, s, PASS_TRAIN, true, &p->criterion, false };
        worked(dev->gradient(m, &pass, g, &result, &err), &err);
        dev->sam_perturb(m, moved, w, g, (float)(0.5 / (dev->sam_norm(m, w, g, n, false) + 1e-12)), n, false);
        pass.params = moved;
        worked(dev->gradient(m, &pass, g, &result, &err), &err);
        dev->sgd(m, w, buf, g, n, &descent);
    } else {
        struct optimiser_result result;
        const struct optimiser_step step = { .ascent = ASCENT_SAM, .params = w, .stats = s, .momentum = buf, .grad = g, .moved = moved,
                                             .criterion = &p->criterion, .descent = descent, .rho = 0.5 };
        worked(dev->step(m, &step, &err), &err);
        worked(dev->step_wait(m, &result, &err), &err);
        assert_true(result.updated);
    }
    dev->vec_read(m, params, w, n);
    float *all[] = { w, s, moved, g, buf };
    for (size_t k = 0; k < sizeof all / sizeof *all; k++)
        dev->vec_free(m, all[k]);
    dev->close(m);
}

/* One has no batch norm anywhere, and so no statistics. */
static void steps_in_one_piece(void **state)
{
    (void)state;
    for (int i = 0; i < n_operation_cases; i++) {
        struct problem p;
        if (strcmp(operation_cases[i].name, "no batch norm") != 0 && strcmp(operation_cases[i].name, "several outputs") != 0)
            continue;
        problem_init(&p, &operation_cases[i], 4, PASS_TRAIN, 0);
        const size_t n = p.net.params.total;
        float *whole = host_floats(n), *parts = host_floats(n);
        one_step(&p, false, whole);
        one_step(&p, true, parts);
        assert_memory_equal(whole, parts, n * sizeof *whole);
        assert_true(distance(whole, p.params, n) > 1e-3); /* it did move */
        free(whole);
        free(parts);
        problem_release(&p);
    }
}

static void captured_or_not(void **state)
{
    (void)state;
    for (int mode = 0; mode < 2; mode++) {
        struct problem p;
        struct answer a = { 0 }, b = { 0 };
        problem_init(&p, &operation_cases[2], 4, mode ? PASS_TRAIN : PASS_EVAL, 0);
        solve(dev, &p, 6, &a);
        setenv("SADDLE_CUDA_GRAPHS", "off", 1);
        solve(dev, &p, 4, &b);
        unsetenv("SADDLE_CUDA_GRAPHS");
        assert_true(same_bits(&p, &a, &b));
        answer_release(&a);
        answer_release(&b);
        problem_release(&p);
    }
}

static void maths_are_refused_by_name(void **state)
{
    struct net net;
    struct err err = { 0 };
    char line[200];
    (void)state;
    net_spec_build(&operation_cases[0], &net);
    for (int math = MATH_TF32; math <= MATH_BF16; math++) {
        assert_null(dev->open(&net, &(struct model_options){ .max_batch = 2, .threads = 1, .device = problem_device, .math = (enum math)math }, &err));
        snprintf(line, sizeof line, "math %s does not have unit 0 of %s, convolution of 7x7, stride 2, 1 group; accepted are the resnets for CIFAR, or "
                 "math fp32", math_name[math], operation_cases[0].name);
        assert_string_equal(err.text, line);
    }
    net_spec_release(&net);
}

int run_general_tests(const struct backend *b)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(resnet18),
        cmocka_unit_test(steps_in_one_piece),
        cmocka_unit_test(captured_or_not),
        cmocka_unit_test(maths_are_refused_by_name),
    };
    dev = b;
    return cmocka_run_group_tests_name("kernels/general", tests, NULL, NULL);
}
