/* Batches of features, on every back end of this program: with what features() gave of a pass of the classifier alone such a batch has that
 * pass's bits, for every criterion, head and math; other back ends agree with the reference; gradient and product are derivatives of the loss;
 * what cannot be is refused. */
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

enum { IMAGES = 5 };
static const struct net_spec *const plain_head = &net_specs[2], *const norm_head = &net_specs[5];
/* The classifier does not read the last unit. */
static const struct net_spec outputs = { .name = "two outputs", 6, 5, 3, 4, HEAD_LINEAR,
                                         { PLAIN(NET_IMAGE, NET_NO_ADD, 6, 1), { .in = 0, .add = NET_NO_ADD, .channels = 9, .stride = 2, .kernel = 1 },
                                           { .in = 1, .add = NET_NO_ADD, .kind = UNIT_GLOBAL_POOL, .kernel = 1 },
                                           { .in = 2, .add = NET_NO_ADD, .channels = 3, .kind = UNIT_LINEAR, .kernel = 1, .flags = BIAS } },
                                         .head_in = 1, .outputs = { 3 } };
static const float UNTOUCHED = 7;
static const struct backend *b; /* the one under test */

static void worked(int result, const struct err *err)
{
    if (result != 0)
        fail_msg("%s: %s", b->name, err->text);
}

static struct model *open_model(const struct backend *of, const struct problem *p)
{
    struct err err = { 0 };
    struct model *m = of->open(&p->net, &(struct model_options){ .max_batch = IMAGES + 2, .threads = 2, .math = p->math }, &err);
    worked(m ? 0 : -1, &err);
    return m;
}

static float *marked(const struct backend *of, struct model *m, size_t n)
{
    float *host = host_floats(n);
    for (size_t i = 0; i < n; i++)
        host[i] = UNTOUCHED;
    float *v = vec_from(of, m, host, n);
    free(host);
    return v;
}

static float *taken(const struct backend *of, struct model *m, float *v, size_t n)
{
    float *host = host_floats(n);
    of->vec_read(m, host, v, n);
    of->vec_free(m, v);
    return host;
}

/* Everything that a back end says of a batch through the classifier alone. */
static void solve_head(const struct backend *of, struct model *m, const struct problem *p, const struct batch *batch, struct answer *a)
{
    const size_t n = p->net.params.total, n_stats = p->net.stats.total;
    struct err err = { 0 };
    float *w = vec_from(of, m, p->params, n), *stats = vec_from(of, m, p->stats, n_stats), *grad = marked(of, m, n), *v[2], *hv[2];
    struct pass pass = { .params = w, .stats = stats, .mode = PASS_EVAL, .criterion = &p->criterion, .head_only = true };
    *a = (struct answer){ .logits = host_floats((size_t)batch->n * (size_t)p->net.classes),
                          .features = host_floats((size_t)batch->n * (size_t)p->net.features),
                          .losses = calloc(batch->n, sizeof *a->losses) };
    assert_non_null(a->losses);
    worked(of->load(m, batch, &err), &err);
    worked(of->gradient(m, &pass, grad, &a->result, &err), &err);
    of->logits(m, a->logits);
    of->features(m, a->features);
    of->losses(m, a->losses);
    for (int k = 0; k < 2; k++) {
        v[k] = vec_from(of, m, p->v[k], n);
        hv[k] = marked(of, m, n);
    }
    worked(of->hvp_prepare(m, &pass, &a->prepared, &err), &err);
    worked(of->hvp(m, 2, (const float *const *)v, hv, &err), &err);
    a->grad = taken(of, m, grad, n);
    for (int k = 0; k < 2; k++) {
        a->hv[k] = taken(of, m, hv[k], n);
        of->vec_free(m, v[k]);
    }
    of->vec_free(m, w);
    a->stats = taken(of, m, stats, n_stats);
}

static struct batch features_of(const struct problem *p, const struct answer *a)
{
    struct batch batch = p->batch;
    batch.images = NULL;
    batch.features = a->features;
    return batch;
}

/* The network of that spec with a row of criterion_cases, or false. */
static bool make_problem(struct problem *p, const struct net_spec *spec, int row)
{
    problem_init(p, spec, IMAGES, PASS_EVAL, row);
    if (criterion_case_fits(&criterion_cases[row], &p->net))
        return true;
    problem_release(p);
    return false;
}

/* --- bits ---------------------------------------------------------------------------------------------------------- */

static void assert_outside_untouched(const struct problem *p, const struct answer *a)
{
    for (size_t i = 0; i < p->net.head_weight; i++)
        assert_true(a->grad[i] == UNTOUCHED && a->hv[0][i] == UNTOUCHED && a->hv[1][i] == UNTOUCHED);
}

static void assert_same(const struct problem *p, const struct answer *of_images, const struct answer *of_features, const char *name)
{
    if (!same_bits(p, of_features, of_images) || of_features->prepared.loss != of_images->prepared.loss ||
        of_features->result.correct != of_images->result.correct || of_features->result.weight_sum != of_images->result.weight_sum ||
        memcmp(of_features->losses, of_images->losses, p->batch.n * sizeof *of_images->losses) ||
        memcmp(of_features->features, of_images->features, (size_t)p->batch.n * (size_t)p->net.features * sizeof(float)))
        fail_msg("%s, %s, %s: features have other bits than their images", b->name, p->net.name, name);
    assert_outside_untouched(p, of_features);
    assert_outside_untouched(p, of_images);
}

static void same_bits_of(const struct net_spec *spec, int row, enum math math)
{
    struct problem p;
    struct answer images, features, again;
    if (!make_problem(&p, spec, row))
        return;
    p.math = math;
    struct model *m = open_model(b, &p);
    solve_head(b, m, &p, &p.batch, &images);
    const struct batch batch = features_of(&p, &images);
    solve_head(b, m, &p, &batch, &features);
    assert_same(&p, &images, &features, criterion_cases[row].name);
    solve_head(b, m, &p, &p.batch, &again); /* and back */
    assert_same(&p, &images, &again, criterion_cases[row].name);
    b->close(m);
    answer_release(&images), answer_release(&features), answer_release(&again);
    problem_release(&p);
}

static void features_have_the_bits_of_their_images(void **state)
{
    (void)state;
    for (int row = 0; row < n_criterion_cases; row += FEW ? 2 : 1)
        for (int head = 0; head < 2; head++)
            same_bits_of(head ? norm_head : plain_head, row, MATH_FP32);
    same_bits_of(&outputs, 0, MATH_FP32);
    for (int math = MATH_TF32; math < N_MATHS; math++)
        if (b->has_math && b->has_math((enum math)math))
            same_bits_of(plain_head, 0, (enum math)math);
}

/* A pass without a gradient. */
static void evaluation_is_the_same(void **state)
{
    (void)state;
    for (int head = 0; head < 2; head++) {
        struct problem p;
        struct answer a;
        struct pass_result r;
        struct err err = { 0 };
        assert_true(make_problem(&p, head ? norm_head : plain_head, 0));
        struct model *m = open_model(b, &p);
        solve_head(b, m, &p, &p.batch, &a);
        const struct batch batch = features_of(&p, &a);
        float *w = vec_from(b, m, p.params, p.net.params.total), *stats = vec_from(b, m, p.stats, p.net.stats.total);
        const struct pass pass = { .params = w, .stats = stats, .mode = PASS_EVAL, .criterion = &p.criterion, .head_only = true };
        float *logits = host_floats((size_t)IMAGES * (size_t)p.net.classes);
        worked(b->load(m, &batch, &err), &err);
        worked(b->gradient(m, &pass, NULL, &r, &err), &err);
        b->logits(m, logits);
        assert_true(r.loss == a.result.loss && r.correct == a.result.correct && r.n == IMAGES);
        assert_memory_equal(logits, a.logits, (size_t)IMAGES * (size_t)p.net.classes * sizeof *logits);
        b->vec_free(m, w), b->vec_free(m, stats);
        b->close(m);
        free(logits);
        answer_release(&a);
        problem_release(&p);
    }
}

/* Slots hold batches of either kind, prepared one beside the other. */
static void slots_hold_either(void **state)
{
    struct problem p;
    struct answer a;
    struct pass_result r;
    struct err err = { 0 };
    (void)state;
    if (!b->slots)
        return;
    assert_true(make_problem(&p, plain_head, 0));
    const size_t n = p.net.params.total;
    struct model *m = open_model(b, &p);
    assert_int_equal(b->slots(m, SIZE_MAX, 2, &err), 2);
    solve_head(b, m, &p, &p.batch, &a);
    const struct batch batch[2] = { p.batch, features_of(&p, &a) };
    float *w = vec_from(b, m, p.params, n), *stats = vec_from(b, m, p.stats, p.net.stats.total), *v = vec_from(b, m, p.v[0], n);
    const struct pass pass = { .params = w, .stats = stats, .mode = PASS_EVAL, .criterion = &p.criterion, .head_only = true };
    for (int slot = 0; slot < 2; slot++) {
        b->turn(m, slot);
        worked(b->load(m, &batch[slot], &err), &err);
        worked(b->hvp_prepare(m, &pass, &r, &err), &err);
    }
    for (int slot = 0; slot < 2; slot++) {
        float *out = marked(b, m, n);
        b->turn(m, slot);
        worked(b->hvp(m, 1, (const float *const[]){ v }, &out, &err), &err);
        float *host = taken(b, m, out, n);
        assert_memory_equal(host, a.hv[0], n * sizeof *host);
        free(host);
    }
    b->vec_free(m, w), b->vec_free(m, stats), b->vec_free(m, v);
    b->close(m);
    answer_release(&a);
    problem_release(&p);
}

/* --- numbers ------------------------------------------------------------------------------------------------------- */

static void agrees_with_the_reference(void **state)
{
    bool ok = true;
    (void)state;
    for (int row = 0; row < n_criterion_cases; row += FEW ? 2 : 1)
        for (int head = 0; head < 2; head++) {
            struct problem p;
            struct answer truth, a;
            char label[128];
            if (!make_problem(&p, head ? norm_head : plain_head, row))
                continue;
            struct model *reference = open_model(&backend_reference, &p), *m = open_model(b, &p);
            solve_head(&backend_reference, reference, &p, &p.batch, &truth);
            const struct batch batch = features_of(&p, &truth);
            solve_head(b, m, &p, &batch, &a);
            snprintf(label, sizeof label, "features, %s, %s", b->name, criterion_cases[row].name);
            for (size_t i = 0; i < p.net.head_weight; i++) /* the marks weigh nothing */
                truth.grad[i] = a.grad[i] = truth.hv[0][i] = a.hv[0][i] = truth.hv[1][i] = a.hv[1][i] = 0;
            ok &= close_answers(&p, &a, &truth, label);
            backend_reference.close(reference);
            b->close(m);
            answer_release(&truth), answer_release(&a);
            problem_release(&p);
        }
    assert_true(ok);
}

static double along(const struct problem *p, const float *x, const float *y)
{
    double sum = 0;
    for (size_t i = p->net.head_weight; i < p->net.params.total; i++)
        sum += (double)x[i] * (double)y[i];
    return sum;
}

/* The answer at w + h v over the classifier; what the floats made of h v goes to `moved`. */
static void solve_at(struct model *m, struct problem *p, const struct batch *batch, const float *v, float h, float *moved, struct answer *a)
{
    const size_t n = p->net.params.total;
    float *before = host_floats(n);
    memcpy(before, p->params, n * sizeof *before);
    for (size_t i = p->net.head_weight; i < n; i++) {
        p->params[i] += h * v[i];
        moved[i] += (h > 0 ? 1.0f : -1.0f) * (p->params[i] - before[i]);
    }
    solve_head(b, m, p, batch, a);
    memcpy(p->params, before, n * sizeof *before);
    free(before);
}

/* Central differences of the loss and of the gradient, of the definition. */
static void derivatives_of_the_loss(void **state)
{
    (void)state;
    if (b != &backend_reference)
        return;
    for (int row = 0; row < n_criterion_cases; row++)
        for (int head = 0; head < 2; head++) {
            struct problem p;
            struct answer at, up, down;
            if (criterion_cases[row].criterion.ib.detached) /* its gradient is not that of its loss */
                continue;
            if (!make_problem(&p, head ? norm_head : plain_head, row))
                continue;
            struct model *m = open_model(b, &p);
            solve_head(b, m, &p, &p.batch, &at);
            const struct batch batch = features_of(&p, &at);
            float *step = host_floats(p.net.params.total);
            solve_at(m, &p, &batch, p.v[0], 0.02f, step, &up);
            solve_at(m, &p, &batch, p.v[0], -0.02f, step, &down);
            const double slope = along(&p, at.grad, step), change = up.result.loss - down.result.loss;
            const double bend = 0.04 * along(&p, at.hv[0], p.v[1]), turn = along(&p, up.grad, p.v[1]) - along(&p, down.grad, p.v[1]);
            const double size = sqrt(along(&p, at.grad, at.grad) * along(&p, step, step));
            const double turned = 0.04 * sqrt(along(&p, at.hv[0], at.hv[0]) * along(&p, p.v[1], p.v[1]));
            if (!(fabs(change - slope) <= 1e-5 * size) || !(fabs(turn - bend) <= 1e-3 * turned))
                fail_msg("%s, %s: loss changes by %.9g, by its gradient %.9g; the gradient by %.9g, by the product %.9g", p.net.name,
                         criterion_cases[row].name, change, slope, turn, bend);
            b->close(m);
            free(step);
            answer_release(&at), answer_release(&up), answer_release(&down);
            problem_release(&p);
        }
}

/* --- what is refused ----------------------------------------------------------------------------------------------- */

static void other_passes_are_refused(void **state)
{
    struct problem p;
    struct answer a;
    struct pass_result r;
    struct err err = { 0 };
    (void)state;
    assert_true(make_problem(&p, plain_head, 0));
    struct model *m = open_model(b, &p);
    solve_head(b, m, &p, &p.batch, &a);
    struct batch batch = features_of(&p, &a);
    float *w = vec_from(b, m, p.params, p.net.params.total), *stats = vec_from(b, m, p.stats, p.net.stats.total);
    worked(b->load(m, &batch, &err), &err);
    for (int k = 0; k < 3; k++) {
        const struct pass pass = { .params = w, .stats = stats, .mode = k == 1 ? PASS_EVAL : PASS_TRAIN, .criterion = &p.criterion,
                                   .head_only = k == 2 };
        assert_int_equal(b->gradient(m, &pass, NULL, &r, &err), -1);
        assert_string_equal(err.text, "a batch of features goes through the classifier alone: head_only with running statistics is accepted");
        assert_int_equal(b->hvp_prepare(m, &pass, &r, &err), -1);
        assert_non_null(strstr(err.text, "a batch of features"));
    }
    const struct optimiser_step step = { .params = w, .stats = stats, .criterion = &p.criterion };
    assert_true(!b->step || b->step(m, &step, &err) == -1);
    p.labels[1] = p.net.classes;
    assert_int_equal(b->load(m, &batch, &err), -1);
    assert_non_null(strstr(err.text, "label"));
    p.labels[1] = 0;
    batch.n = IMAGES + 3;
    assert_int_equal(b->load(m, &batch, &err), -1);
    b->vec_free(m, w), b->vec_free(m, stats);
    b->close(m);
    answer_release(&a);
    problem_release(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(features_have_the_bits_of_their_images),
        cmocka_unit_test(evaluation_is_the_same),
        cmocka_unit_test(slots_hold_either),
        cmocka_unit_test(agrees_with_the_reference),
        cmocka_unit_test(derivatives_of_the_loss),
        cmocka_unit_test(other_passes_are_refused),
    };
    int failed = 0;
    for (const struct backend *const *each = backend_list; *each; each++) {
        b = *each;
        if (b->probe(0, NULL) == 0)
            failed += cmocka_run_group_tests_name(b->name, tests, NULL, NULL);
    }
    return failed;
}
