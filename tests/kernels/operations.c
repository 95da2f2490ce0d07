/* Every operation that a network can have (operation_cases in nets.c), one row each: on `reference` gradient and Hessian product against
 * finite differences, whole and in pieces; on every other back end all results against `reference`. A back end that refuses a network by
 * name is skipped by name. */
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

/* --- reference --- */

static bool slopes(const struct net_spec *spec, enum pass_mode mode, bool pieces)
{
    struct problem p;
    struct err err = { 0 };
    char label[128];
    bool ok = true;
    problem_init(&p, spec, IMAGES, mode, CASE_WEIGHTED);
    struct model *m = backend_reference.open(&p.net, &(struct model_options){ .max_batch = IMAGES, .threads = 1 }, &err);
    if (!m || backend_reference.load(m, &p.batch, &err) < 0)
        fail_msg("%s: %s", spec->name, err.text);
    const struct function f = { &backend_reference, m, &p.net, { p.params, p.stats, mode, false, &p.criterion, false }, IMAGES, pieces };
    snprintf(label, sizeof label, "%s %s%s", spec->name, mode_name[mode], pieces ? ", in pieces" : "");
    for (int t = 0; t < p.net.params.n; t++) {
        ok &= gradient_is_slope(&f, &p.net.params.tensor[t], label);
        ok &= product_is_slope(&f, &p.net.params.tensor[t], label);
    }
    backend_reference.close(m);
    problem_release(&p);
    return ok;
}

static void differences(void **state)
{
    const struct net_spec *spec = *state;
    bool ok = true;
    if (spec->ties) /* a kink: no slope is the derivative there */
        skip();
    for (int pieces = 0; pieces < 2; pieces++)
        for (int mode = PASS_EVAL; mode <= PASS_TRAIN; mode++)
            ok &= slopes(spec, (enum pass_mode)mode, pieces);
    assert_true(ok);
}

int main(void)
{
    struct CMUnitTest *tests = calloc((size_t)n_operation_cases, sizeof *tests);
    char (*names)[96] = calloc((size_t)n_operation_cases, sizeof *names);
    if (!tests || !names)
        return 1;
    for (int i = 0; i < n_operation_cases; i++) {
        snprintf(names[i], sizeof *names, "%s: differences", operation_cases[i].name);
        tests[i] = (struct CMUnitTest){ names[i], differences, NULL, NULL, (void *)&operation_cases[i] };
    }
    const int failed = _cmocka_run_group_tests("kernels/operations", tests, (size_t)n_operation_cases, NULL, NULL);
    free(tests);
    free(names);
    return failed;
}
