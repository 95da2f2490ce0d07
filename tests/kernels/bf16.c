/* Math bf16 of the cpu back end, table by table: each loop against its definition in double, whole passes against the reference within what
 * rounding explains, the same bits for any number of threads, what stays exact, what is refused. */
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
#include "base/rng.h"
#include "kernels/backend.h"
#include "kernels/cpu/bf16.h"
#include "tests/kernels/half.h"
#include "tests/kernels/problem.h"

/* By SADDLE_ISA; the name is the isa that a recording gets. */
static const struct {
    const char *isa, *name;
} tables[] = { { "portable", "portable-bf16" }, { "avx512", "avx512bf16" }, { "amx-emulated", "amx-emulated" } };
enum { N_TABLES = sizeof tables / sizeof *tables };

static const struct bf16_kernels *use_table(int i)
{
    setenv("SADDLE_ISA", tables[i].isa, 1);
    return backend_cpu.probe(0, NULL) == 0 ? bf16_choose() : NULL;
}

/* --- the loops ----------------------------------------------------------------------------------------------------- */

/* Nearest, to even; the largest float rounds to infinity; a NaN stays one. */
static void rounding(void **state)
{
    static const struct {
        uint32_t bits;
        bf16 to;
    } cases[] = { { 0x3f800000, 0x3f80 }, { 0x3f808000, 0x3f80 }, { 0x3f818000, 0x3f82 }, { 0x3f808001, 0x3f81 }, { 0xbf807fff, 0xbf80 },
                  { 0x7f7fffff, 0x7f80 }, { 0xff800000, 0xff80 }, { 0x7f800001, 0x7fc0 }, { 0x80000000, 0x8000 } };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        float f[16] = { 0 }, back[16];
        bf16 to[16];
        memcpy(&f[3], &cases[i].bits, sizeof f[3]);
        assert_int_equal(bf16_round(f[3]), cases[i].to);
        for (int t = 0; t < N_TABLES; t++) {
            const struct bf16_kernels *k = use_table(t);
            if (!k)
                continue;
            k->round(16, f, to);
            k->widen(16, to, back);
            assert_int_equal(to[3], cases[i].to);
            assert_int_equal(bf16_round(back[3]), cases[i].to);
        }
    }
}

static void check_conv(const struct bf16_kernels *k, const struct conv_shape *s)
{
    const size_t n_in = (size_t)s->in_h * (size_t)s->in_row, n_out = (size_t)s->out_h * (size_t)s->out_row;
    bf16 *in = half_numbers(n_in, 1), *w = half_numbers((size_t)9 * (size_t)(s->in_c * s->out_c), 2);
    bf16 *out = half_numbers(n_out, 3), *before = half_numbers(n_out, 3);
    bf16_pair *packed = half_pack(k->out_block(s->out_c), w, s->in_c, s->out_c);
    for (int add = 1; add >= 0; add--) {
        k->conv(s, in, packed, out, add, NULL);
        for (size_t p = 0; p < n_out; p++) {
            const int c = (int)(p % (size_t)s->out_pix), x = (int)(p % (size_t)s->out_row) / (int)s->out_pix, y = (int)(p / (size_t)s->out_row);
            double size, want = half_convolved(s, in, w, y, x, c, &size);
            half_assert_rounded(out[p], want + (add ? (double)bf16_float(before[p]) : 0), size + 1);
        }
    }
    free(in);
    free(w);
    free(out);
    free(before);
    free(packed);
}

/* A unit of an evaluation: a convolution, then a shift, a shortcut and the ReLU. */
static void check_unit(const struct bf16_kernels *k, const struct conv_shape *s)
{
    const size_t n_in = (size_t)s->in_h * (size_t)s->in_row, n_out = (size_t)s->out_h * (size_t)s->out_row;
    bf16 *in = half_numbers(n_in, 1), *w = half_numbers((size_t)9 * (size_t)(s->in_c * s->out_c), 2), *add = half_numbers(n_out, 3), *out = half_numbers(n_out, 4);
    bf16_pair *packed = half_pack(k->out_block(s->out_c), w, s->in_c, s->out_c);
    float *shift = host_floats((size_t)s->out_c);
    for (int c = 0; c < s->out_c; c++)
        shift[c] = (float)(c % 7) - 3;
    for (int added = 0; added < 2; added++) {
        int positive = 0;
        k->conv_unit(s, in, packed, shift, added ? add : NULL, out);
        for (size_t p = 0; p < n_out; p++) {
            const int c = (int)(p % (size_t)s->out_pix), x = (int)(p % (size_t)s->out_row) / (int)s->out_pix, y = (int)(p / (size_t)s->out_row);
            double size, want = half_convolved(s, in, w, y, x, c, &size) + (double)shift[c] + (added ? (double)bf16_float(add[p]) : 0);
            half_assert_rounded(out[p], want > 0 ? want : 0, size + 4);
            positive += want > 0;
        }
        assert_in_range(positive, 1, n_out - 1);
    }
    free(in);
    free(w);
    free(add);
    free(out);
    free(packed);
    free(shift);
}

/* Forward, and the data gradient of the same shape, which sees every second pixel with stride 2. */
static void convolutions(void **state)
{
    (void)state;
    for (int t = 0; t < N_TABLES; t++)
        for (int i = 0; i < N_HALF_SHAPES; i++) {
            const struct half_shape *a = &half_shapes[i];
            const struct bf16_kernels *k = use_table(t);
            const int h = half_out_of(a->in_h, a->stride), w = half_out_of(a->in_w, a->stride);
            if (!k || k->tiles) /* those have another table's; tiles.c has theirs */
                continue;
            const struct conv_shape forward = { a->in_h, a->in_w, a->in_c, h, w, a->out_c, a->stride, 1, (ptrdiff_t)a->in_w * a->in_c, a->in_c,
                                                (ptrdiff_t)w * a->out_c, a->out_c };
            check_conv(k, &forward);
            check_unit(k, &forward);
            if (a->in_c % CHANNEL_PAD == 0)
                check_conv(k, &(struct conv_shape){ h, w, a->out_c, a->in_h, a->in_w, a->in_c, 1, a->stride, (ptrdiff_t)w * a->out_c, a->out_c,
                                                    (ptrdiff_t)a->in_w * a->in_c, a->in_c });
        }
}

static void check_wgrad(const struct bf16_kernels *k, const struct half_shape *a, int images)
{
    const int h = half_out_of(a->in_h, a->stride), w = half_out_of(a->in_w, a->stride), pairs = (w + 1) / 2;
    const ptrdiff_t in_row = (ptrdiff_t)pairs * a->in_c, g_row = (ptrdiff_t)(pairs + 1) * a->out_c;
    const struct bf16_wgrad s = { a->in_h, a->in_c, h, a->out_c, a->stride, pairs, in_row, a->in_h * in_row, g_row, h * g_row };
    bf16 *in = half_numbers((size_t)(images * a->in_h * a->in_w * a->in_c), 4), *g = half_numbers((size_t)(images * h * w * a->out_c), 5);
    bf16_pair *from[3], *by[3];
    float *acc = host_floats((size_t)9 * (size_t)(a->in_c * a->out_c));
    for (int kw = 0; kw < 3; kw++) { /* what column kw multiplies: of the input with stride 2, else of the gradient */
        struct bf16_pairing p = { images * a->in_h, a->in_w, a->in_c, (ptrdiff_t)a->in_w * a->in_c, a->stride == 1 ? 0 : kw - 1, a->stride, pairs, in_row };
        struct bf16_pairing q = { images * h, w, a->out_c, (ptrdiff_t)w * a->out_c, a->stride == 1 ? 1 - kw : 0, 1, pairs, g_row };
        from[kw] = calloc((size_t)(images * s.in_image), sizeof(bf16_pair));
        by[kw] = calloc((size_t)(images * s.g_image), sizeof(bf16_pair));
        k->pair_pixels(&p, in, from[kw]);
        k->pair_pixels(&q, g, by[kw]);
    }
    for (int times = 1; times <= 2; times++) {
        k->wgrad(&s, (const bf16_pair *const *)from, (const bf16_pair *const *)by, images, acc, times == 2, NULL);
        for (int j = 0; j < 9 * a->in_c * a->out_c; j++) {
            const int o = j % a->out_c, kw = j / a->out_c % 3, i = j / a->out_c / 3 % a->in_c, kh = j / a->out_c / 3 / a->in_c;
            if (j % 7 != times)
                continue;
            const double want = times * half_correlated(a, in, g, images, kh * 3 + kw, i, o);
            if (!(fabs((double)acc[j] - want) <= 2e-5 * images * h * w))
                fail_msg("%s: weight %d of shape %d: %g instead of %g", k->name, j, (int)(a - half_shapes), (double)acc[j], want);
        }
    }
    for (int kw = 0; kw < 3; kw++) {
        free(from[kw]);
        free(by[kw]);
    }
    free(in);
    free(g);
    free(acc);
}

static void weight_gradients(void **state)
{
    (void)state;
    for (int t = 0; t < N_TABLES; t++)
        for (int i = 0; i < N_HALF_SHAPES; i++) {
            const struct bf16_kernels *k = use_table(t);
            if (k && !k->tiles)
                check_wgrad(k, &half_shapes[i], 1 + i % 2);
        }
}

/* --- passes -------------------------------------------------------------------------------------------------------- */

static bool compare(const struct net_spec *spec, int n, int row)
{
    struct problem p;
    struct answer truth = { 0 };
    bool ok = true;
    problem_init(&p, spec, n, PASS_TRAIN, row);
    problem_keep_off_the_edge(&p);
    solve(&backend_reference, &p, (uint32_t)n, &truth);
    p.math = MATH_BF16;
    for (int t = 0; t < N_TABLES; t++) {
        char label[128];
        if (!use_table(t))
            continue;
        snprintf(label, sizeof label, "%s, batch %d, %s, %s", spec->name, n, criterion_cases[row].name, tables[t].name);
        ok &= answers_agree(&backend_cpu, &p, &truth, label);
    }
    answer_release(&truth);
    problem_release(&p);
    return ok;
}

/* Training passes of rounded numbers within limits_of[MATH_BF16] (problem.c); Hessian products of the same model are exact. */
static void parity(void **state)
{
    static const int sizes[] = { 3, 33, 67 };
    bool ok = true;
    (void)state;
    for (int i = 0; i < n_net_specs; i++)
        ok &= compare(&net_specs[i], net_specs[i].height * net_specs[i].width > 500 ? 3 : 5, i % N_CASES_OF_GRIDS);
    for (int i = 0; i < 3; i++)
        ok &= compare(&net_specs[2], sizes[i], 0);
    assert_true(ok);
}

static void threads_do_not_matter(void **state)
{
    static const int threads[] = { 2, 3, 7 };
    (void)state;
    for (int k = 0; k < N_TABLES * 2; k++) {
        struct problem p;
        if (!use_table(k / 2))
            continue;
        problem_init(&p, &net_specs[k % 2 ? 2 : 6], 45, PASS_TRAIN, 0);
        p.math = MATH_BF16;
        assert_threads_do_not_matter(&backend_cpu, &p, threads, sizeof threads / sizeof *threads);
        problem_release(&p);
    }
}

/* A model of math bf16 has the bits of one of fp32 with running statistics; a pass of its own in between changes nothing. */
static void evaluation_is_exact(void **state)
{
    (void)state;
    for (int t = 0; t < N_TABLES; t++) {
        struct problem p;
        struct answer exact = { 0 }, a = { 0 }, b = { 0 };
        struct err err;
        if (!use_table(t))
            continue;
        problem_init(&p, &net_specs[0], 5, PASS_EVAL, 0);
        solve(&backend_cpu, &p, 5, &exact);
        struct model *m = backend_cpu.open(&p.net, &(struct model_options){ .max_batch = 5, .threads = 2, .math = MATH_BF16 }, &err);
        assert_non_null(m);
        assert_string_equal(backend_cpu.isa(m), tables[t].name);
        for (int i = 0; i < 2; i++) {
            solve_with(&backend_cpu, m, &p, &a);
            assert_true(same_bits(&p, &a, &exact));
            answer_release(&a);
            p.mode = PASS_TRAIN;
            solve_with(&backend_cpu, m, &p, i ? &a : &b);
            p.mode = PASS_EVAL;
        }
        assert_true(same_bits(&p, &a, &b));
        assert_true(a.result.loss != a.prepared.loss); /* one of them was rounded */
        backend_cpu.close(m);
        answer_release(&exact);
        answer_release(&a);
        answer_release(&b);
        problem_release(&p);
    }
}

/* A pass without a gradient gives the same outputs and moves the statistics all the same. */
static void a_pass_without_gradient(void **state)
{
    struct problem p;
    struct answer a = { 0 };
    struct pass_result result;
    (void)state;
    use_table(0);
    problem_init(&p, &net_specs[2], 9, PASS_TRAIN, 0);
    p.math = MATH_BF16;
    solve(&backend_cpu, &p, 9, &a);
    struct model *m = backend_cpu.open(&p.net, &(struct model_options){ .max_batch = 64, .threads = 3, .math = MATH_BF16 }, NULL);
    const struct pass pass = { p.params, p.stats, PASS_TRAIN, true, &p.criterion, false };
    float *logits = host_floats(9 * 4);
    assert_non_null(m);
    assert_int_equal(backend_cpu.load(m, &p.batch, NULL), 0);
    assert_int_equal(backend_cpu.gradient(m, &pass, NULL, &result, NULL), 0);
    backend_cpu.logits(m, logits);
    assert_true(result.loss == a.result.loss);
    assert_memory_equal(logits, a.logits, 9 * 4 * sizeof *logits);
    assert_memory_equal(p.stats, a.stats, p.net.stats.total * sizeof *p.stats);
    backend_cpu.close(m);
    free(logits);
    answer_release(&a);
    problem_release(&p);
}

static void divergence_shows(void **state)
{
    (void)state;
    for (int t = 0; t < N_TABLES; t++)
        if (use_table(t))
            assert_divergence_shows(&backend_cpu, MATH_BF16);
}

/* Planes of bf16 are half of fp32's, and evaluation needs places for a few images only, in the same memory. */
static void memory_is_half(void **state)
{
    struct net net;
    size_t bytes[2];
    (void)state;
    use_table(0);
    net_spec_build(&net_specs[0], &net);
    for (int i = 0; i < 2; i++) {
        struct model *m = backend_cpu.open(&net, &(struct model_options){ .max_batch = 128, .threads = 2, .math = i ? MATH_BF16 : MATH_FP32 }, NULL);
        assert_non_null(m);
        bytes[i] = backend_cpu.memory_bytes(m);
        backend_cpu.close(m);
    }
    if (!((double)bytes[1] <= 0.58 * (double)bytes[0]))
        fail_msg("%zu bytes, %zu in fp32", bytes[1], bytes[0]);
    net_spec_release(&net);
}

/* Loss and outputs of an evaluation in bf16 by so many threads. */
static void evaluate_half(const struct problem *p, enum math math, int threads, struct answer *a)
{
    struct err err = { 0 };
    const struct model_options options = { .max_batch = p->batch.n + 1, .threads = threads, .math = math, .eval_math = MATH_BF16 };
    struct model *m = backend_cpu.open(&p->net, &options, &err);
    assert_non_null(m);
    float *w = vec_from(&backend_cpu, m, p->params, p->net.params.total), *stats = vec_from(&backend_cpu, m, p->stats, p->net.stats.total);
    const struct pass pass = { w, stats, PASS_EVAL_BF16, false, &p->criterion, false };
    *a = (struct answer){ .logits = host_floats((size_t)p->batch.n * (size_t)p->net.classes), .features = host_floats((size_t)p->batch.n * (size_t)p->net.features) };
    assert_int_equal(backend_cpu.load(m, &p->batch, &err), 0);
    assert_int_equal(backend_cpu.gradient(m, &pass, NULL, &a->result, &err), 0);
    backend_cpu.logits(m, a->logits);
    backend_cpu.features(m, a->features);
    backend_cpu.vec_free(m, w);
    backend_cpu.vec_free(m, stats);
    backend_cpu.close(m);
}

static bool evaluation_close(const struct problem *p, const struct answer *a, const struct answer *truth, const char *label)
{
    const size_t outputs = (size_t)p->batch.n * (size_t)p->net.classes, features = (size_t)p->batch.n * (size_t)p->net.features;
    bool ok = close_enough("loss", label, fabs(a->result.loss / truth->result.loss - 1), 5e-3);
    ok &= close_enough("outputs", label, distance(a->logits, truth->logits, outputs), 1e-2);
    return ok & close_enough("features", label, distance(a->features, truth->features, features), 1e-2);
}

static void evaluations(void **state)
{
    static const int threads[] = { 2, 3, 7 };
    bool ok = true;
    (void)state;
    for (int i = 0; i < n_net_specs; i++) {
        const int n = i == 2 ? 33 : 5;
        struct problem p;
        struct answer truth = { 0 }, one, other;
        problem_init(&p, &net_specs[i], n, PASS_EVAL, i % N_CASES_OF_GRIDS);
        solve(&backend_reference, &p, (uint32_t)n, &truth);
        for (int t = 0; t < N_TABLES; t++) {
            char label[128];
            if (!use_table(t))
                continue;
            snprintf(label, sizeof label, "%s, batch %d, %s", net_specs[i].name, n, tables[t].name);
            evaluate_half(&p, MATH_FP32, 1, &one);
            evaluate_half(&p, i % 2 ? MATH_BF16 : MATH_WINOGRAD, threads[i % 3], &other);
            ok &= evaluation_close(&p, &one, &truth, label);
            assert_memory_equal(one.logits, other.logits, (size_t)(n * p.net.classes) * sizeof *one.logits); /* whatever trains, and however many threads there are */
            assert_true(one.result.loss == other.result.loss && one.result.loss != truth.result.loss);
            answer_release(&one);
            answer_release(&other);
        }
        answer_release(&truth);
        problem_release(&p);
    }
    assert_true(ok);
}

/* No derivatives, not of a model that was opened without, not of the classifier alone; and what is exact stays so. */
static void evaluations_alone(void **state)
{
    struct problem p;
    struct answer exact = { 0 }, after = { 0 };
    struct err err = { 0 };
    struct pass_result result;
    (void)state;
    use_table(0);
    problem_init(&p, &net_specs[0], 5, PASS_EVAL, 0);
    solve(&backend_cpu, &p, 5, &exact);
    for (int opened = 0; opened < 2; opened++) {
        const struct model_options options = { .max_batch = 5, .threads = 2, .eval_math = opened ? MATH_BF16 : MATH_FP32 };
        struct model *m = backend_cpu.open(&p.net, &options, &err);
        float *grad = vec_from(&backend_cpu, m, NULL, p.net.params.total);
        struct pass pass = { p.params, p.stats, PASS_EVAL_BF16, false, &p.criterion, false };
        assert_string_equal(backend_cpu.isa(m), "portable");
        assert_int_equal(backend_cpu.load(m, &p.batch, &err), 0);
        assert_int_equal(backend_cpu.gradient(m, &pass, NULL, &result, &err), opened ? 0 : -1);
        assert_int_equal(backend_cpu.gradient(m, &pass, grad, &result, &err), -1);
        assert_string_equal(err.text, opened ? "an evaluation in bf16 has no derivatives"
                                             : "an evaluation in bf16 needs the whole network, and a model that was opened for it");
        assert_int_equal(backend_cpu.hvp_prepare(m, &pass, &result, &err), -1);
        pass.head_only = true;
        assert_int_equal(backend_cpu.gradient(m, &pass, NULL, &result, &err), -1);
        solve_with(&backend_cpu, m, &p, &after);
        assert_true(same_bits(&p, &after, &exact));
        answer_release(&after);
        backend_cpu.vec_free(m, grad);
        backend_cpu.close(m);
    }
    const struct model_options tf32 = { .max_batch = 5, .threads = 1, .eval_math = MATH_TF32 }, half = { .max_batch = 5, .threads = 1, .eval_math = MATH_BF16 };
    assert_null(backend_cpu.open(&p.net, &tf32, &err));
    assert_string_equal(err.text, "eval_math tf32: device cpu evaluates in fp32, bf16 only; accepted here are fp32, bf16");
    assert_null(backend_reference.open(&p.net, &half, &err));
    assert_string_equal(err.text, "eval_math bf16: device reference evaluates in fp32 only; accepted here is fp32");
    answer_release(&exact);
    problem_release(&p);
}

static void refusals(void **state)
{
    struct net net;
    struct err err = { 0 };
    const struct model_options options = { .max_batch = 2, .threads = 1, .math = MATH_BF16 };
    (void)state;
    net_spec_build(&operation_cases[0], &net);
    use_table(0);
    assert_null(backend_cpu.open(&net, &options, &err));
    assert_non_null(strstr(err.text, "math bf16 does not have unit 0 of 7x7 stem"));
    assert_null(backend_cpu.open(&net, &(struct model_options){ .max_batch = 2, .threads = 1, .eval_math = MATH_BF16 }, &err));
    assert_non_null(strstr(err.text, "eval_math bf16 does not have unit 0 of 7x7 stem"));
    net_spec_release(&net);
    setenv("SADDLE_ISA", "avx2", 1);
    if (backend_cpu.probe(0, NULL) == 0) {
        net_spec_build(&net_specs[0], &net);
        assert_null(backend_cpu.open(&net, &options, &err));
        assert_string_equal(err.text, "math bf16: device cpu computes in fp32, winograd only; accepted here are fp32, winograd");
        net_spec_release(&net);
    }
    unsetenv("SADDLE_ISA");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rounding),
        cmocka_unit_test(convolutions),
        cmocka_unit_test(weight_gradients),
        cmocka_unit_test(parity),
        cmocka_unit_test(threads_do_not_matter),
        cmocka_unit_test(evaluation_is_exact),
        cmocka_unit_test(a_pass_without_gradient),
        cmocka_unit_test(divergence_shows),
        cmocka_unit_test(memory_is_half),
        cmocka_unit_test(evaluations),
        cmocka_unit_test(evaluations_alone),
        cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests_name("kernels/bf16", tests, NULL, NULL);
}
