/* Two ways back through one forward pass (again() of kernels/backend.h) give the bits of two whole passes, in every math, and together the
 * gradients of a part and of the rest are that of the whole.
 *
 *   again [BACKEND]     the back ends that need no device, or this one; exit 77 when its probe fails */
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
#include "kernels/backend.h"
#include "tests/kernels/problem.h"

enum { PARTS = 3, IMAGES = 6, CLASSES_MAX = 32 }; /* the whole, some of it, the rest */

static int compared[N_MATHS]; /* criteria that were gone back with */
static const char *asked; /* the back end of the command line; NULL: all that need no device */

/* Chains and shortcuts, a normalised classifier, a network that is not plain. */
static const struct net_spec nets[] = {
    { .name = "small", 8, 8, 3, 5, HEAD_LINEAR,
      { PLAIN(NET_IMAGE, NET_NO_ADD, 16, 1), PLAIN(0, 0, 16, 1), PLAIN(1, NET_NO_ADD, 32, 2), PLAIN(2, NET_NO_ADD, 32, 1) } },
    { .name = "normalised", 8, 8, 3, 4, HEAD_NORM, { PLAIN(NET_IMAGE, NET_NO_ADD, 16, 1), PLAIN(0, NET_NO_ADD, 16, 1) } },
};
static const struct net_spec pooled = { .name = "pooled", 8, 8, 3, 4, HEAD_LINEAR,
                                        { { .in = NET_IMAGE, .add = NET_NO_ADD, .channels = 8, .stride = 1, .kernel = 5, .pad = 2 },
                                          { .in = 0, .add = NET_NO_ADD, .channels = 8, .stride = 2, .kind = UNIT_MAX_POOL, .kernel = 3, .pad = 1 },
                                          { .in = 1, .add = NET_NO_ADD, .channels = 16, .stride = 1, .kernel = 1 } } };

struct told { /* of one criterion; host memory */
    struct pass_result result;
    float *grad;
    double loss[IMAGES];
};

struct way { /* an open model and a pass */
    const struct backend *b;
    struct model *m;
    const struct problem *p;
    float *w, *stats, *grad;
    float share[PARTS][CLASSES_MAX];
    struct criterion of[PARTS];
    bool head_only;
};

static void begin_way(struct way *y, const struct backend *b, const struct problem *p, bool head_only)
{
    struct err err = { 0 };
    *y = (struct way){ .b = b, .p = p, .head_only = head_only };
    y->m = b->open(&p->net, &(struct model_options){ .max_batch = IMAGES + 1, .threads = 2, .math = p->math }, &err);
    if (!y->m)
        fail_msg("%s: %s", b->name, err.text);
    y->w = vec_from(b, y->m, p->params, p->net.params.total);
    y->stats = vec_from(b, y->m, p->stats, p->net.stats.total);
    y->grad = vec_from(b, y->m, NULL, p->net.params.total);
    for (int i = 0; i < PARTS; i++)
        y->of[i] = p->criterion;
    for (int c = 0; c < p->net.classes; c++) {
        y->share[1][c] = (float)(c % 3) / 2;
        y->share[2][c] = 1 - y->share[1][c];
    }
    y->of[1].part = y->share[1];
    y->of[2].part = y->share[2];
    assert_int_equal(b->load(y->m, &p->batch, NULL), 0);
}

static void end_way(struct way *y)
{
    y->b->vec_free(y->m, y->w);
    y->b->vec_free(y->m, y->stats);
    y->b->vec_free(y->m, y->grad);
    y->b->close(y->m);
}

static void whole_pass(struct way *y, int part, struct pass_result *r)
{
    const struct pass pass = { y->w, y->stats, y->p->mode, true, &y->of[part], y->head_only };
    assert_int_equal(y->b->gradient(y->m, &pass, y->grad, r, NULL), 0);
}

static void tell(struct way *y, struct told *t)
{
    t->grad = host_floats(y->p->net.params.total);
    y->b->vec_read(y->m, t->grad, y->grad, y->p->net.params.total);
    y->b->losses(y->m, t->loss);
}

/* A pass of its own, in a model of its own. */
static void alone(const struct backend *b, const struct problem *p, bool head_only, int part, struct told *t)
{
    struct way y;
    begin_way(&y, b, p, head_only);
    whole_pass(&y, part, &t->result);
    tell(&y, t);
    end_way(&y);
}

static void same_told(const char *what, const struct problem *p, const struct told *a, const struct told *b)
{
    if (memcmp(a->grad, b->grad, p->net.params.total * sizeof *a->grad) != 0)
        fail_msg("%s: gradient with other bits, off by %g", what, distance(a->grad, b->grad, p->net.params.total));
    assert_memory_equal(a->loss, b->loss, IMAGES * sizeof *a->loss);
    assert_true(a->result.loss == b->result.loss && a->result.correct == b->result.correct && a->result.weight_sum == b->result.weight_sum);
}

/* Statistics stand where the one forward pass left them. */
static void same_statistics(struct way *y, const float *expected)
{
    const size_t n = y->p->net.stats.total;
    float *now = host_floats(n);
    y->b->vec_read(y->m, now, y->stats, n);
    assert_memory_equal(now, expected, n * sizeof *now);
    free(now);
}

/* Rounded gradients of the classifier make bf16's sums differ by as much as a gradient does; in float by its digits. */
static void adds_up(const char *what, const struct problem *p, const struct told *t)
{
    const size_t n = p->net.params.total;
    float *sum = host_floats(n);
    for (size_t i = 0; i < n; i++)
        sum[i] = t[1].grad[i] + t[2].grad[i];
    const double gap = distance(sum, t[0].grad, n), limit = p->math == MATH_BF16 ? 2e-2 : p->math == MATH_TF32 ? 2e-3 : 2e-6;
    if (!(gap <= limit) || !(fabs(t[1].result.loss + t[2].result.loss - t[0].result.loss) <= 1e-12 + 1e-6 * fabs(t[0].result.loss)))
        fail_msg("%s: part and rest are off from the whole by %g", what, gap);
    free(sum);
}

static void ways_back(const struct backend *b, const struct problem *p, bool head_only, const char *what)
{
    struct way y;
    struct told own[PARTS], back[PARTS];
    struct pass_result first;
    begin_way(&y, b, p, head_only);
    whole_pass(&y, 0, &first);
    float *moved = host_floats(p->net.stats.total);
    b->vec_read(y.m, moved, y.stats, p->net.stats.total);
    for (int i = PARTS - 1; i >= 0; i--) { /* the whole last: it is what it was */
        assert_int_equal(b->again(y.m, &y.of[i], y.grad, &back[i].result, NULL), 0);
        tell(&y, &back[i]);
        alone(b, p, head_only, i, &own[i]);
        same_told(what, p, &back[i], &own[i]);
    }
    same_statistics(&y, moved);
    compared[p->math]++;
    adds_up(what, p, own);
    for (int i = 0; i < PARTS; i++)
        free(own[i].grad), free(back[i].grad);
    free(moved);
    end_way(&y);
}

static void on_network(const struct backend *b, const struct net_spec *spec, enum math math, const char *isa)
{
    for (int k = 0; k < 4; k++)
        for (int row = 0; row < n_criterion_cases; row += FEW ? 7 : 3) {
            struct problem p;
            char what[160];
            const enum pass_mode mode = k < 2 ? PASS_TRAIN : PASS_EVAL;
            problem_init(&p, spec, IMAGES, mode, 0);
            if (criterion_case_fits(&criterion_cases[row], &p.net) && !(FEW && k % 3)) {
                problem_set_loss(&p, row);
                p.math = math;
                snprintf(what, sizeof what, "%s %s, %s, %s, %s, %s%s", b->name, isa, math_name[math], spec->name, criterion_cases[row].name,
                         mode == PASS_TRAIN ? "train" : "eval", k % 2 ? ", classifier alone" : "");
                ways_back(b, &p, k % 2, what);
            }
            problem_release(&p);
        }
}

/* With the processor's instruction set, or that of `isa`. */
static void in_each_math(const struct backend *b, const char *isa)
{
    if (isa)
        setenv("SADDLE_ISA", isa, 1);
    for (int i = 0; i < N_MATHS; i++) {
        const enum math math = (enum math)i;
        if (b->probe(0, NULL) < 0 || (math != MATH_FP32 && (!b->has_math || !b->has_math(math))))
            continue;
        for (size_t n = 0; n < sizeof nets / sizeof *nets; n++)
            on_network(b, &nets[n], math, isa ? isa : "");
        if (math == MATH_FP32)
            on_network(b, &pooled, math, isa ? isa : "");
    }
    unsetenv("SADDLE_ISA");
}

static void two_ways_back_are_two_passes(void **state)
{
    static const char *const isas[] = { "portable", "avx2", "avx512" };
    (void)state;
    if (asked)
        in_each_math(backend_find(asked, &problem_device, NULL), NULL);
    else
        in_each_math(&backend_reference, NULL);
    for (size_t i = 0; !asked && i < sizeof isas / sizeof *isas; i++)
        in_each_math(&backend_cpu, isas[i]);
    for (int i = 0; i < N_MATHS; i++)
        printf("# %s: %d passes gone back through\n", math_name[i], compared[i]);
    assert_true(compared[MATH_FP32] > 0 && compared[MATH_BF16] > 0);
}

static void refused(struct way *y)
{
    struct err err = { 0 };
    struct pass_result r;
    assert_int_equal(y->b->again(y->m, &y->of[1], y->grad, &r, &err), -1);
    assert_non_null(strstr(err.text, "gradient()"));
}

/* Nothing is there to go back through before a pass, behind one without a gradient, another batch, or a Hessian product's pass. */
static void out_of_turn(void **state)
{
    (void)state;
    for (const struct backend *const *list = backend_list; *list; list++) {
        const struct backend *b = *list;
        struct problem p;
        struct way y;
        struct pass_result r;
        if ((asked && strcmp(asked, b->name) != 0) || b->probe(0, NULL) < 0)
            continue;
        problem_init(&p, &nets[0], IMAGES, PASS_TRAIN, 0);
        begin_way(&y, b, &p, false);
        refused(&y);
        const struct pass pass = { y.w, y.stats, PASS_TRAIN, false, &y.of[0], false };
        assert_int_equal(b->gradient(y.m, &pass, NULL, &r, NULL), 0);
        refused(&y);
        whole_pass(&y, 0, &r);
        assert_int_equal(b->load(y.m, &p.batch, NULL), 0);
        refused(&y);
        whole_pass(&y, 0, &r);
        assert_int_equal(b->hvp_prepare(y.m, &pass, &r, NULL), 0);
        refused(&y);
        end_way(&y);
        problem_release(&p);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(two_ways_back_are_two_passes), cmocka_unit_test(out_of_turn) };
    struct err err = { 0 };
    asked = argc > 1 ? argv[1] : NULL;
    if (asked && !backend_find(asked, &problem_device, &err)) {
        printf("skipped: %s\n", err.text);
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
