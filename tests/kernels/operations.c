/* Every operation that a network can have (operation_cases in nets.c), one row each: on `reference` outputs against their definition, and
 * gradient and Hessian product against finite differences, whole and in pieces; on every other back end all results against `reference`.
 * operations [BACKEND [TESTS]]: that one alone, and a pattern of names (*, ?). */
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
#include "tests/kernels/definition.h"
#include "tests/kernels/differences.h"
#include "tests/kernels/problem.h"

enum { IMAGES = 5 };

static const char *const mode_name[] = { [PASS_EVAL] = "by running statistics", [PASS_TRAIN] = "by batch statistics" };

struct comparison { /* of a test */
    const struct backend *backend;
    const struct net_spec *spec;
};

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

static bool as_defined(const struct net_spec *spec, enum pass_mode mode)
{
    struct problem p;
    struct err err = { 0 };
    double *truth[1 + NET_MAX_OUTPUTS];
    bool ok = true;
    problem_init(&p, spec, IMAGES, mode, CASE_WEIGHTED);
    struct model *m = backend_reference.open(&p.net, &(struct model_options){ .max_batch = IMAGES, .threads = 2 }, &err);
    const struct pass pass = { p.params, p.stats, mode, false, NULL, false };
    if (!m || backend_reference.load(m, &p.batch, &err) < 0 || backend_reference.forward(m, &pass, &err) < 0)
        fail_msg("%s: %s", spec->name, err.text);
    define_outputs(&p, truth);
    const struct function f = { .net = &p.net, .n = IMAGES };
    for (int k = 0; k <= p.net.n_outputs; k++) {
        const size_t n = function_output_size(&f, k);
        float *x = host_floats(n);
        backend_reference.output(m, k, x);
        for (size_t j = 0; j < n; j++)
            ok &= close_enough("an output by its definition", spec->name, fabs((double)x[j] - truth[k][j]), 1e-6 * (1 + fabs(truth[k][j])));
        free(truth[k]);
        free(x);
    }
    backend_reference.close(m);
    problem_release(&p);
    return ok;
}

static void definition(void **state)
{
    const struct net_spec *spec = ((const struct comparison *)*state)->spec;
    for (int mode = PASS_EVAL; mode <= PASS_TRAIN; mode++)
        assert_true(as_defined(spec, (enum pass_mode)mode));
}

static void differences(void **state)
{
    const struct net_spec *spec = ((const struct comparison *)*state)->spec;
    bool ok = true;
    if (spec->ties) /* a kink: no slope is the derivative there */
        skip();
    for (int pieces = 0; pieces < 2; pieces++)
        for (int mode = PASS_EVAL; mode <= PASS_TRAIN; mode++)
            ok &= slopes(spec, (enum pass_mode)mode, pieces);
    assert_true(ok);
}

/* --- other back ends --- */

static struct model *opened(const struct backend *b, const struct problem *p)
{
    const struct model_options options = { .max_batch = IMAGES + 1, .threads = 2 };
    struct err err = { 0 };
    struct model *m = b->open(&p->net, &options, &err);
    if (!m)
        fail_msg("%s: %s", b->name, err.text);
    return m;
}

/* The results of a pass in pieces; host memory. */
struct pieces {
    float *x[1 + NET_MAX_OUTPUTS], *r_x[1 + NET_MAX_OUTPUTS]; /* dL/dx of each output, which is c + x/4; R{x}/4 */
    float *grad, *product;
    bool features; /* L has a sum over the features too */
};

static void take_pieces(const struct backend *b, struct model *m, const struct problem *p, struct pieces *a)
{
    const size_t n = p->net.params.total;
    struct err err = { 0 };
    float *params = vec_from(b, m, p->params, n), *stats = vec_from(b, m, p->stats, p->net.stats.total), *v = vec_from(b, m, p->v[0], n);
    float *g = vec_from(b, m, NULL, n), *hv = vec_from(b, m, NULL, n);
    const struct function f = { b, m, &p->net, { params, stats, p->mode, false, &p->criterion, false }, p->batch.n, true };
    float *past = NULL;
    bool ok = b->load(m, &p->batch, &err) == 0 && b->forward(m, &f.pass, &err) == 0;
    if (ok)
        function_upstream(&f, false, a->x);
    if (ok && a->features)
        function_features(&f, &past);
    ok = ok && b->backward(m, (const float *const *)a->x, past, g, &err) == 0;
    if (p->mode == PASS_EVAL) /* a product needs no gradient */
        ok = ok && b->backward(m, (const float *const *)a->x, past, NULL, &err) == 0;
    free(past);
    ok = ok && b->r_forward(m, v, &err) == 0;
    if (ok)
        function_upstream(&f, true, a->r_x);
    if (!ok || b->r_backward(m, (const float *const *)a->r_x, hv, &err) < 0)
        fail_msg("%s, in pieces: %s", b->name, err.text);
    a->grad = host_floats(n);
    a->product = host_floats(n);
    b->vec_read(m, a->grad, g, n);
    b->vec_read(m, a->product, hv, n);
    float *all[] = { params, stats, v, g, hv };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        b->vec_free(m, all[i]);
}

static void pieces_release(struct pieces *a)
{
    for (int k = 0; k <= NET_MAX_OUTPUTS; k++) {
        free(a->x[k]);
        free(a->r_x[k]);
    }
    free(a->grad);
    free(a->product);
}

static bool close_pieces(const struct problem *p, const struct pieces *a, const struct pieces *truth, const char *label)
{
    const struct function f = { .net = &p->net, .n = p->batch.n };
    bool ok = true;
    for (int k = 0; k <= p->net.n_outputs; k++) {
        const size_t n = function_output_size(&f, k);
        ok &= close_enough("an output", label, distance(a->x[k], truth->x[k], n), 1e-5);
        ok &= close_enough("R of an output", label, distance(a->r_x[k], truth->r_x[k], n), 1e-4);
    }
    ok &= close_tensors(&p->net, "gradient in pieces", label, a->grad, truth->grad, 5e-5);
    return ok & close_tensors(&p->net, "product in pieces", label, a->product, truth->product, 5e-4);
}

static bool same_pieces(const struct backend *b, struct model *m, const struct problem *p, const char *label)
{
    struct pieces a = { .features = b->features_back }, truth = { .features = b->features_back };
    struct err err = { 0 };
    struct model *reference = backend_reference.open(&p->net, &(struct model_options){ .max_batch = IMAGES, .threads = 1 }, &err);
    if (!reference)
        fail_msg("%s", err.text);
    take_pieces(&backend_reference, reference, p, &truth);
    take_pieces(b, m, p, &a);
    const bool ok = close_pieces(p, &a, &truth, label);
    backend_reference.close(reference);
    pieces_release(&a);
    pieces_release(&truth);
    return ok;
}

/* Parts of the upstream that are not given are zeros, and nothing stays of an earlier backward(). */
static bool zeros_give_zeros(const struct backend *b, struct model *m, const struct problem *p, const char *label)
{
    const size_t n = p->net.params.total;
    const float *const none[1 + NET_MAX_OUTPUTS] = { NULL };
    struct err err = { 0 };
    float *params = vec_from(b, m, p->params, n), *stats = vec_from(b, m, p->stats, p->net.stats.total), *g = vec_from(b, m, p->params, n);
    const struct pass pass = { params, stats, p->mode, false, &p->criterion, false };
    if (b->load(m, &p->batch, &err) < 0 || b->forward(m, &pass, &err) < 0 || b->backward(m, none, NULL, g, &err) < 0)
        fail_msg("%s, in pieces: %s", b->name, err.text);
    const double size = b->vec_dot(m, g, g, n);
    b->vec_free(m, params);
    b->vec_free(m, stats);
    b->vec_free(m, g);
    return close_enough("the gradient without an upstream", label, size, 0);
}

static bool compare(const struct backend *b, const struct net_spec *spec, enum pass_mode mode)
{
    struct problem p;
    struct answer a = { 0 }, truth = { 0 };
    char label[160];
    problem_init(&p, spec, IMAGES, mode, CASE_WEIGHTED);
    struct model *m = opened(b, &p);
    snprintf(label, sizeof label, "%s, %s %s", b->name, spec->name, mode_name[mode]);
    solve(&backend_reference, &p, IMAGES, &truth);
    solve_with(b, m, &p, &a);
    bool ok = close_answers(&p, &a, &truth, label);
    ok &= same_pieces(b, m, &p, label);
    ok &= zeros_give_zeros(b, m, &p, label);
    b->close(m);
    answer_release(&a);
    answer_release(&truth);
    problem_release(&p);
    return ok;
}

static void parity(void **state)
{
    const struct comparison *c = *state;
    bool ok = true;
    for (int mode = PASS_EVAL; mode <= PASS_TRAIN; mode++)
        ok &= compare(c->backend, c->spec, (enum pass_mode)mode);
    assert_true(ok);
}

/* --- max pooling at a kink: the same for every back end --- */

/* One channel of 3x3 equal pixels, a convolution that takes the centre of its window, and a pooling of all that it gives. The first of equal
 * numbers has the gradient: so it reaches the weights that see a pixel from the upper left corner (right of and below the centre), and no
 * others. With a NaN in place of a pixel the loss is one too. */
static void equal_numbers(void **state)
{
    static const struct net_spec spec = { .name = "equal", 3, 3, 1, 2, HEAD_LINEAR,
                                           { { .in = NET_IMAGE, .add = NET_NO_ADD, .channels = 1, .stride = 1, .flags = BARE },
                                             { .in = 0, .add = NET_NO_ADD, .stride = 1, .kind = UNIT_MAX_POOL, .kernel = 3 } } };
    const struct backend *b = ((const struct comparison *)*state)->backend;
    struct problem p;
    struct answer a = { 0 };
    problem_init(&p, &spec, 1, PASS_EVAL, CASE_WEIGHTED);
    struct model *m = opened(b, &p);
    for (int k = 0; k < 9; k++) {
        p.images[k] = 1;
        p.params[k] = k == 4;
    }
    solve_with(b, m, &p, &a);
    for (int k = 0; k < 9; k++)
        assert_true(a.grad[k] == (k == 4 || k == 5 || k == 7 || k == 8 ? a.grad[4] : 0));
    assert_true(fabsf(a.grad[4]) > 1e-3f);
    answer_release(&a);
    p.images[4] = NAN;
    solve_with(b, m, &p, &a);
    assert_true(isnan(a.result.loss) && a.result.correct == 0);
    answer_release(&a);
    b->close(m);
    problem_release(&p);
}

/* --- pieces out of turn: the same for every back end --- */

static const struct net_spec *spec_of(const char *name)
{
    for (int i = 0; i < n_operation_cases; i++)
        if (strcmp(operation_cases[i].name, name) == 0)
            return &operation_cases[i];
    fail_msg("no case '%s'", name);
    return NULL;
}

struct turns {
    const struct backend *b;
    struct model *m;
    const struct problem *p;
    float *params, *stats, *v, *out; /* vectors of the back end */
    const float *upstream[1 + NET_MAX_OUTPUTS]; /* zeros */
};

static void is_refused(int result, const struct err *err, const char *missing)
{
    assert_int_equal(result, -1);
    if (!strstr(err->text, missing))
        fail_msg("got '%s', wanted the name of %s()", err->text, missing);
}

/* NULL: it is not refused. */
static void ask(const struct turns *t, const char *backward, const char *r_forward, const char *r_backward)
{
    struct err err = { 0 };
    if (backward)
        is_refused(t->b->backward(t->m, t->upstream, NULL, t->out, &err), &err, backward);
    if (r_forward)
        is_refused(t->b->r_forward(t->m, t->v, &err), &err, r_forward);
    if (r_backward)
        is_refused(t->b->r_backward(t->m, t->upstream, t->out, &err), &err, r_backward);
}

static void gives(const struct turns *t, bool output, bool r_output)
{
    const struct function f = { .net = &t->p->net, .n = t->p->batch.n };
    for (int k = 0; k <= t->p->net.n_outputs; k++)
        for (int r = 0; r < 2; r++) {
            const size_t n = function_output_size(&f, k);
            float *x = host_floats(n);
            x[0] = x[n - 1] = 1e30f;
            (r ? t->b->r_output : t->b->output)(t->m, k, x);
            const bool wanted = r ? r_output : output;
            assert_true((x[0] != 1e30f) == wanted && (x[n - 1] != 1e30f) == wanted);
            free(x);
        }
}

static void go(const struct turns *t, int result, const struct err *err)
{
    if (result < 0)
        fail_msg("%s: %s", t->b->name, err->text);
}

static void every_turn(const struct turns *t)
{
    const struct backend *b = t->b;
    const struct pass pass = { t->params, t->stats, PASS_TRAIN, false, &t->p->criterion, false };
    struct pass_result result;
    struct err err = { 0 };
    gives(t, false, false);
    ask(t, "forward", "forward", "ward");
    go(t, b->load(t->m, &t->p->batch, &err), &err);
    gives(t, false, false);
    ask(t, "forward", "forward", "ward");
    go(t, b->forward(t->m, &pass, &err), &err);
    gives(t, true, false);
    ask(t, NULL, NULL, "backward");
    if (!b->features_back)
        is_refused(b->backward(t->m, t->upstream, (const float[]){ 0 }, t->out, &err), &err, b->name);
    go(t, b->backward(t->m, t->upstream, NULL, NULL, &err), &err);
    gives(t, true, false);
    ask(t, NULL, NULL, "r_forward");
    go(t, b->r_forward(t->m, t->v, &err), &err);
    gives(t, true, true);
    go(t, b->r_backward(t->m, t->upstream, t->out, &err), &err);
    go(t, b->forward(t->m, &pass, &err), &err); /* what was behind the first counts no more */
    gives(t, true, false);
    ask(t, NULL, NULL, "backward");
    go(t, b->load(t->m, &t->p->batch, &err), &err);
    gives(t, false, false);
    ask(t, "forward", "forward", "ward");
    go(t, b->forward(t->m, &pass, &err), &err);
    go(t, b->gradient(t->m, &pass, NULL, &result, &err), &err);
    gives(t, false, false);
    ask(t, "forward", "forward", "ward");
    go(t, b->hvp_prepare(t->m, &pass, &result, &err), &err); /* keeps what products need, but for its own criterion */
    go(t, b->hvp(t->m, 1, (const float *const[]){ t->v }, (float *const[]){ t->out }, &err), &err);
    gives(t, false, false);
    ask(t, "forward", "forward", "ward");
    go(t, b->forward(t->m, &pass, &err), &err);
    gives(t, true, false);
}

static void out_of_turn(void **state)
{
    struct problem p;
    struct turns t = { .b = ((const struct comparison *)*state)->backend, .p = &p };
    problem_init(&p, spec_of("several outputs"), IMAGES, PASS_TRAIN, CASE_WEIGHTED);
    t.m = opened(t.b, &p);
    t.params = vec_from(t.b, t.m, p.params, p.net.params.total);
    t.stats = vec_from(t.b, t.m, p.stats, p.net.stats.total);
    t.v = vec_from(t.b, t.m, p.v[0], p.net.params.total);
    t.out = vec_from(t.b, t.m, NULL, p.net.params.total);
    every_turn(&t);
    t.b->vec_free(t.m, t.params);
    t.b->vec_free(t.m, t.stats);
    t.b->vec_free(t.m, t.v);
    t.b->vec_free(t.m, t.out);
    t.b->close(t.m);
    problem_release(&p);
}

/* --- a test for each row and back end --- */

struct list {
    int n;
    struct CMUnitTest *test;
    char (*name)[96];
    struct comparison *comparison;
};

static void add_row(struct list *list, const struct backend *b, const struct net_spec *spec, const char *name, CMUnitTestFunction test)
{
    list->comparison[list->n] = (struct comparison){ b, spec };
    snprintf(list->name[list->n], sizeof *list->name, "%s: %s%s", b->name, name, test == definition ? " as defined" : "");
    list->test[list->n] = (struct CMUnitTest){ list->name[list->n], test, NULL, NULL, &list->comparison[list->n] };
    list->n++;
}

static void add_rows(struct list *list, const struct backend *b)
{
    const bool reference = b == &backend_reference;
    for (int i = 0; i < n_operation_cases; i++)
        add_row(list, b, &operation_cases[i], operation_cases[i].name, reference ? differences : parity);
    for (int i = 0; reference && i < n_operation_cases; i++)
        add_row(list, b, &operation_cases[i], operation_cases[i].name, definition);
    for (int i = 4; !reference && i < 6; i++) /* plain networks, which have ways of their own: both kinds of classifiers */
        add_row(list, b, &net_specs[i], net_specs[i].name, parity);
    add_row(list, b, NULL, "the first of equal numbers, and a NaN", equal_numbers);
    add_row(list, b, NULL, "pieces out of turn", out_of_turn);
}

int main(int argc, char **argv)
{
    enum { BACK_ENDS = 4 };
    const size_t most = BACK_ENDS * (2 * (size_t)n_operation_cases + 4);
    struct list list = { 0, calloc(most, sizeof *list.test), calloc(most, sizeof *list.name), calloc(most, sizeof *list.comparison) };
    if (!list.test || !list.name || !list.comparison)
        return 1;
    for (int i = 0; i < BACK_ENDS && backend_list[i]; i++)
        if ((argc < 2 || strcmp(argv[1], backend_list[i]->name) == 0) && backend_list[i]->probe(0, &(struct err){ 0 }) == 0)
            add_rows(&list, backend_list[i]);
    if (argc > 2)
        cmocka_set_test_filter(argv[2]);
    const int failed = list.n ? _cmocka_run_group_tests("kernels/operations", list.test, (size_t)list.n, NULL, NULL) : 77;
    print_worst_differences();
    free(list.test);
    free(list.name);
    free(list.comparison);
    return failed;
}
