/* Scales of the classifier's rows, which train in its place: with groups.c, on every back end. */
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

#include "tests/unit/groups.h"

static struct bench *open_scales(enum optimiser kind)
{
    struct err err = { 0 };
    struct bench *k = open_head(HEAD_LINEAR);
    const struct param_rule rule = { .trainable = true, .lr = 0.5f, .weight_decay = 0.01f, .rho = 2 };
    k->knobs.kind = kind;
    k->knobs.lr = 0.4f;
    set(k, "backbone", &frozen);
    set(k, "head", &rule);
    use(k, NORM_RUNNING);
    if (optim_use_scales(&k->optim, k->w, &err) < 0)
        fail_msg("%s", err.text);
    return k;
}

/* dL/ds_j at a scaled classifier, from the gradient of the whole network. */
static double gradient_of_scales(struct bench *k, const float *at, const float *first, double ds[TINY_CLASSES], double *loss)
{
    static float g[PARAMS_MAX];
    const size_t d = (size_t)k->net.features;
    double square = 0;
    *loss = gradient(k, at, PASS_EVAL, g).loss;
    for (size_t j = 0; j < TINY_CLASSES; j++) {
        ds[j] = (double)first[k->net.head_bias + j] * g[k->net.head_bias + j];
        for (size_t i = 0; i < d; i++)
            ds[j] += (double)first[k->net.head_weight + j * d + i] * g[k->net.head_weight + j * d + i];
        square += ds[j] * ds[j];
    }
    return sqrt(square);
}

static void near(const char *what, double a, double wanted, double limit)
{
    if (!(fabs(a - wanted) <= limit * (1 + fabs(wanted))))
        fail_msg("%s: %s is %.9g, expected %.9g", b->name, what, a, wanted);
}

static void assert_scaled(struct bench *k, const float *v, const float *first, const float *s)
{
    static float w[PARAMS_MAX];
    read(k, w, v);
    assert_memory_equal(w, first, k->net.head_weight * sizeof *w);
    for (size_t i = k->net.head_weight; i < k->n; i++) {
        const size_t j = i < k->net.head_bias ? (i - k->net.head_weight) / (size_t)k->net.features : i - k->net.head_bias;
        assert_true(w[i] == s[j] * first[i]);
    }
}

static void one_step_of_scales(struct bench *k, const float *first, double buf[TINY_CLASSES])
{
    const struct scales *c = &k->optim.scales;
    const enum ascent ascent = optimiser_table[k->knobs.kind].ascent;
    double ds[TINY_CLASSES], loss, up = NAN, reach = 0;
    float s[TINY_CLASSES], moved[TINY_CLASSES];
    memcpy(s, c->s, sizeof s);
    const double norm = gradient_of_scales(k, k->w, first, ds, &loss);
    for (int j = 0; j < TINY_CLASSES; j++)
        reach += pow(ascent == ASCENT_ADAPTIVE ? s[j] * ds[j] : ds[j], 2);
    const double scale = 2 * k->knobs.rho / (ascent == ASCENT_PLAIN ? 1 : sqrt(reach) + 1e-12);
    const struct optimiser_result r = step(k);
    near("|ds|", r.norm, norm, 1e-5);
    near("the loss", r.first.loss, loss, 1e-6);
    if (ascent != ASCENT_NONE) {
        for (int j = 0; j < TINY_CLASSES; j++) {
            moved[j] = c->moved[j];
            near("s + e", moved[j], s[j] + scale * ds[j] * (ascent == ASCENT_ADAPTIVE ? (double)s[j] * s[j] : 1), 1e-5);
        }
        assert_scaled(k, k->optim.moved, first, moved);
        up = gradient_of_scales(k, k->optim.moved, first, ds, &loss);
        near("|ds| at s + e", r.norm_up, up, 1e-5);
        near("the loss at s + e", r.second.loss, loss, 1e-6);
    }
    for (int j = 0; j < TINY_CLASSES; j++) {
        const double m = (double)k->knobs.momentum, d = ds[j] + (double)0.01f * s[j];
        buf[j] = m * buf[j] + d;
        near("momentum", c->momentum[j], buf[j], 1e-5);
        near("s", c->s[j], s[j] - 0.5 * (double)k->knobs.lr * (k->knobs.nesterov ? d + m * buf[j] : buf[j]), 1e-5);
    }
    assert_scaled(k, k->w, first, c->s);
}

static const enum optimiser of_scales[] = { OPTIMISER_SGD, OPTIMISER_SAM, OPTIMISER_ASAM, OPTIMISER_USAM };

/* Written out in double; the network's classifier is the scaled one at every pass and after the step, nothing else moves. */
static void scales_train_in_place_of_the_classifier(void **state)
{
    static float first[PARAMS_MAX], momentum[PARAMS_MAX];
    (void)state;
    for (size_t i = 0; i < 2 * sizeof of_scales / sizeof *of_scales; i++) {
        struct bench *k = open_scales(of_scales[i / 2]);
        double buf[TINY_CLASSES] = { 0 };
        k->knobs.nesterov = i % 2;
        read(k, first, k->w);
        for (int n = 0; n < 3; n++)
            one_step_of_scales(k, first, buf);
        read(k, momentum, k->optim.momentum);
        for (size_t j = 0; j < k->n; j++)
            assert_true(momentum[j] == 0);
        close_bench(k);
    }
}

/* From features, and when another optimiser goes on from classifier, s, momentum and weights. */
static void scales_go_on_with_the_same_bits(void **state)
{
    static float w[PARAMS_MAX], other[PARAMS_MAX], features[TINY_BATCH * 64];
    (void)state;
    for (size_t i = 0; i < sizeof of_scales / sizeof *of_scales; i++) {
        struct bench *k = open_scales(of_scales[i]), *l = open_scales(of_scales[i]);
        static float ignored[PARAMS_MAX];
        gradient_of(k, k->w, PASS_EVAL, true, ignored);
        b->features(k->model, features);
        step(k);
        step(k);
        l->batch = (struct batch){ .n = TINY_BATCH, .features = features, .labels = l->labels };
        step(l);
        float s[TINY_CLASSES], m[TINY_CLASSES];
        memcpy(s, l->optim.scales.s, sizeof s), memcpy(m, l->optim.scales.momentum, sizeof m);
        assert_int_equal(optim_use_scales(&l->optim, NULL, NULL), 0); /* new ones */
        memcpy(l->optim.scales.classifier, k->optim.scales.classifier, k->optim.scales.count * sizeof(float));
        memcpy(l->optim.scales.s, s, sizeof s), memcpy(l->optim.scales.momentum, m, sizeof m);
        step(l);
        read(k, w, k->w);
        read(l, other, l->w);
        assert_memory_equal(w, other, k->n * sizeof *w);
        assert_memory_equal(k->optim.scales.momentum, l->optim.scales.momentum, sizeof m);
        close_bench(k);
        close_bench(l);
    }
}

static void scales_that_cannot_be_are_refused(void **state)
{
    static float before[PARAMS_MAX], after[PARAMS_MAX];
    struct optimiser_result r;
    struct err err = { 0 };
    (void)state;
    struct bench *k = open_head(HEAD_LINEAR);
    assert_int_equal(optim_use_scales(&k->optim, k->w, &err), -1);
    assert_string_equal(err.text, "scales of the classifier train by themselves: tiny with everything before it frozen is accepted");
    close_bench(k);
    k = open_head(HEAD_NORM);
    set(k, "backbone", &frozen);
    use(k, NORM_RUNNING);
    assert_int_equal(optim_use_scales(&k->optim, k->w, &err), -1);
    assert_non_null(strstr(err.text, "normalised classifier, which scales of its rows do not change; head linear is accepted"));
    close_bench(k);
    for (int kind = 0; kind < 2; kind++) {
        k = open_scales(kind ? OPTIMISER_PGD : OPTIMISER_LPF);
        read(k, before, k->w);
        const struct optim_task task = { .batch = &k->batch, .criterion = &k->loss.criterion, .w = k->w, .stats = k->stats };
        assert_int_equal(optim_step(&k->optim, &k->knobs, &task, &r, &err), -1);
        assert_non_null(strstr(err.text, "sgd, sam, asam and usam are accepted"));
        set(k, "all", &param_rule_plain);
        assert_int_equal(optim_use_groups(&k->optim, &k->groups, NORM_MOVING, &err), -1);
        k->knobs.kind = OPTIMISER_SAM;
        k->images[3] = NAN;
        assert_int_equal(optim_step(&k->optim, &k->knobs, &task, &r, &err), -1);
        assert_true(err.code == ERR_DIVERGED && k->optim.scales.s[0] == 1 && k->optim.scales.momentum[0] == 0);
        read(k, after, k->w);
        assert_memory_equal(before, after, k->n * sizeof *after);
        optim_drop_scales(&k->optim);
        assert_int_equal(optim_use_groups(&k->optim, &k->groups, NORM_MOVING, &err), 0);
        close_bench(k);
    }
}

int run_scales_tests(const struct backend *backend)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scales_train_in_place_of_the_classifier),
        cmocka_unit_test(scales_go_on_with_the_same_bits),
        cmocka_unit_test(scales_that_cannot_be_are_refused),
    };
    b = backend;
    return cmocka_run_group_tests_name("scales", tests, NULL, NULL);
}
