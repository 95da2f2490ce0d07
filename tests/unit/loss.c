/* Class vectors (methods 3.2, 3.5, 3.6) and losses on a small example (methods 3.1, 3.4, 3.7; through the reference back end's loss). */
#include "config.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/choice.h"
#include "base/err.h"
#include "engine/criteria/loss.h"
#include "engine/knobs.h"

static const uint32_t lt100[] = { 5000, 2997, 1796, 1077, 645, 387, 232, 139, 83, 50 };

static void near(double value, double expected, double tolerance)
{
    if (!(fabs(value - expected) <= tolerance))
        fail_msg("%.12g, expected %.12g", value, expected);
}

static void check_vector(const double *value, const double *expected)
{
    for (int c = 0; c < 10; c++)
        near(value[c], expected[c], 5.1e-7);
}

static void class_vectors(void **state)
{
    (void)state;
    static const double effective[] = { 0.050611, 0.076900, 0.121134, 0.195037, 0.318805,
                                        0.524590, 0.868349, 1.442627, 2.409223, 3.992724 };
    static const double inverse[] = { 0.040236, 0.067128, 0.112017, 0.186799, 0.311911,
                                      0.519851, 0.867166, 1.447356, 2.423885, 4.023650 };
    static const double margins[] = { 0.158114, 0.179697, 0.204238, 0.232091, 0.263829,
                                      0.299768, 0.340675, 0.387221, 0.440497, 0.500000 };
    static const double delta05[] = { 1.000000, 1.025922, 1.052527, 1.079786, 1.107823,
                                      1.136483, 1.165934, 1.196183, 1.227424, 1.258925 };
    static const double iota75[] = { -0.681557, -1.065426, -1.449464, -1.833001, -2.217514,
                                     -2.600633, -2.984399, -3.368596, -3.755321, -4.135434 };
    static const double delta3[] = { 1.000000, 1.165964, 1.359562, 1.584989, 1.848515,
                                     2.154655, 2.512144, 2.929453, 3.419539, 3.981072 };
    static const double iota1[] = { -0.908742, -1.420568, -1.932618, -2.444001, -2.956685,
                                    -3.467511, -3.979198, -4.491462, -5.007095, -5.513913 };
    double counts[10], out[10];
    for (int c = 0; c < 10; c++)
        counts[c] = lt100[c];
    loss_class_weights(WEIGHTS_EFFECTIVE, 0.9999, 10, counts, out);
    check_vector(out, effective);
    loss_class_weights(WEIGHTS_INVERSE, 0.9999, 10, counts, out);
    check_vector(out, inverse);
    loss_ldam_margins(0.5, 10, counts, out);
    check_vector(out, margins);
    loss_vs_delta(0.05, 10, counts, out);
    check_vector(out, delta05);
    loss_vs_iota(0.75, 10, counts, out);
    check_vector(out, iota75);
    loss_vs_delta(0.3, 10, counts, out);
    check_vector(out, delta3);
    loss_vs_iota(1.0, 10, counts, out);
    check_vector(out, iota1);
    loss_class_weights(WEIGHTS_EFFECTIVE, 0, 10, counts, out); /* DRW's first phase in the reference: exactly 1 */
    for (int c = 0; c < 10; c++)
        assert_true(out[c] == 1.0);
}

static void other_sets(void **state)
{
    (void)state;
    double counts[100], out[100];
    for (int c = 0; c < 100; c++)
        counts[c] = floor(500 * pow(0.01, c / 99.0));
    loss_class_weights(WEIGHTS_EFFECTIVE, 0.9999, 100, counts, out);
    near(out[0], 0.044876, 5.1e-7), near(out[49], 0.430234, 5.1e-7), near(out[50], 0.457055, 5.1e-7);
    near(out[99], 4.378313, 5.1e-7);
    loss_vs_iota(0.75, 100, counts, out);
    near(out[0], -2.307777, 5.1e-7), near(out[99], -5.761654, 5.1e-7);
    for (int c = 0; c < 10; c++)
        counts[c] = c < 5 ? 5000 : 50;
    loss_class_weights(WEIGHTS_EFFECTIVE, 0.9999, 10, counts, out);
    near(out[4], 0.025034, 5.1e-7), near(out[5], 1.974966, 5.1e-7);
    loss_vs_iota(0.75, 10, counts, out);
    near(out[0], -1.214541, 5.1e-7), near(out[9], -4.668419, 5.1e-7);
}

/* The formula of kernels/backend.h, straight: what a setting means, not how a back end computes it. */
static double loss_of(const struct loss_coef *k, int classes, int n, const double *x, const int *label, double *each)
{
    double total = 0, weights = 0;
    for (int i = 0; i < n; i++) {
        double sum = 0, own = 0;
        for (int j = 0; j < classes; j++) {
            double a = k->scale[j] * x[i * classes + j] + k->shift[j] - (j == label[i] ? k->margin[j] : 0.0f);
            sum += exp(a);
            own = j == label[i] ? a : own;
        }
        double l = log(sum) - own;
        each[i] = l;
        l *= k->weight[label[i]];
        total += k->focal ? pow(1 - exp(-l), k->gamma) * l : l;
        weights += k->weight[label[i]];
    }
    return total / (k->reduction == REDUCE_WEIGHTED_MEAN ? weights : n);
}

static const uint32_t small_counts[] = { 100, 20, 5 };
static const int labels[] = { 0, 1, 2, 2 };
static const double logits[] = { 2, -1, 0.5, 0.1, 0.2, -0.3, 1.5, 1, -2, -0.5, 0, 0.75 };
static const double cosines[] = { 0.8, -0.2, 0.1, 0.3, 0.4, -0.1, 0.5, 0.2, 0.45, -0.3, 0, 0.6 };

static double loss_with(const char *name, const char *weights, enum reduction reduction, double *each)
{
    struct err err = { 0 };
    struct loss l;
    struct loss_config c;
    loss_config_default(&c);
    c.id = (enum loss_id)choice_find(name, "loss", loss_table, sizeof loss_table[0], LOSS_COUNT, &err);
    c.weights = (enum loss_weights)loss_weights_find(weights, &err);
    c.reweight = true;
    c.reduction = reduction;
    assert_int_equal(loss_init(&l, 3, small_counts, &err), 0);
    assert_int_equal(loss_set(&l, &c, &err), 0);
    double value = loss_of(&l.criterion.coef, 3, 4, c.id == LOSS_LDAM ? cosines : logits, labels, each);
    loss_release(&l);
    return value;
}

static void small_example(void **state)
{
    (void)state;
    double each[4];
    near(loss_with("ce", "none", REDUCE_WEIGHTED_MEAN, each), 1.4298776076, 2e-7);
    near(each[2], 3.9926991533, 1e-9);
    near(loss_with("ce", "effective", REDUCE_WEIGHTED_MEAN, each), 2.0865158381, 2e-7);
    near(loss_with("ce", "inverse", REDUCE_WEIGHTED_MEAN, each), 2.0868017203, 2e-7);
    /* weights of 1/n, not normalised: C / sum(1/n) times less */
    near(loss_with("ce", "inverse", REDUCE_BATCH_MEAN, each) * (0.01 + 0.05 + 0.2) / 3, 0.2399821978, 1e-6);
    near(loss_with("focal", "none", REDUCE_WEIGHTED_MEAN, each), 1.1921415290, 2e-7);
    near(loss_with("focal", "effective", REDUCE_WEIGHTED_MEAN, each), 2.5946132839, 5e-7);
    near(loss_with("vs", "none", REDUCE_WEIGHTED_MEAN, each), 2.2065890897, 3e-7);
    near(each[0], 0.0373869754, 1e-7), near(each[2], 5.6273926557, 1e-6);
    near(loss_with("vs", "effective", REDUCE_WEIGHTED_MEAN, each), 3.3459936512, 5e-7);
    near(loss_with("ldam", "none", REDUCE_WEIGHTED_MEAN, each), 6.0389556204, 2e-6);
    near(each[0], 9.1273980e-07, 1e-11), near(each[2], 16.5001234704, 4e-6);
    near(loss_with("ldam", "effective", REDUCE_WEIGHTED_MEAN, each), 8.0210901495, 4e-6);
}

static void logit_adjustment_is_vs_without_gamma(void **state)
{
    (void)state;
    struct loss l;
    struct loss_config c;
    loss_config_default(&c);
    c.id = LOSS_LA;
    assert_int_equal(loss_init(&l, 3, small_counts, NULL), 0);
    assert_int_equal(loss_set(&l, &c, NULL), 0);
    assert_true(l.criterion.coef.scale[0] == 1 && l.criterion.coef.scale[2] == 1);
    near(l.criterion.coef.shift[2], -2.414156869, 2e-7);
    loss_release(&l);
}

static void weights_act_only_when_drw_is_on(void **state)
{
    (void)state;
    struct loss l;
    struct loss_config c;
    loss_config_default(&c);
    c.weights = WEIGHTS_EFFECTIVE;
    assert_int_equal(loss_init(&l, 3, small_counts, NULL), 0);
    assert_int_equal(loss_set(&l, &c, NULL), 0);
    for (int k = 0; k < 3; k++)
        assert_true(l.criterion.coef.weight[k] == 1.0f);
    c.reweight = true;
    assert_int_equal(loss_set(&l, &c, NULL), 0);
    near(l.criterion.coef.weight[0], 0.115895616, 1e-8);
    near(l.criterion.coef.weight[2], 2.306937391, 2e-7);
    c.id = LOSS_FOCAL;
    assert_int_equal(loss_set(&l, &c, NULL), 0);
    assert_int_equal(l.criterion.coef.reduction, REDUCE_BATCH_MEAN);
    loss_release(&l);
}

static void refusals(void **state)
{
    (void)state;
    struct err err = { 0 };
    struct loss l;
    struct loss_config c;
    const uint32_t empty_class[] = { 10, 0, 5 };
    assert_int_equal(loss_weights_find("effectiv", &err), -1);
    assert_int_equal(loss_init(&l, 1, small_counts, &err), -1);
    assert_int_equal(loss_init(&l, 3, empty_class, &err), 0);
    loss_config_default(&c);
    assert_int_equal(loss_set(&l, &c, &err), 0); /* ce needs no counts */
    c.id = LOSS_VS;
    assert_int_equal(loss_set(&l, &c, &err), -1);
    assert_string_equal(err.text, "class 1 has no training images, but vs needs its count");
    c.id = LOSS_FOCAL;
    c.focal_gamma = NAN;
    assert_int_equal(loss_set(&l, &c, &err), -1);
    assert_non_null(strstr(err.text, "focal_gamma"));
    assert_false(l.criterion.coef.focal); /* unchanged */
    loss_release(&l);
}

/* Knobs hold the index of a choice; the trainer uses it as an index of these tables. */
static void knobs_list_the_same(void **state)
{
    (void)state;
    char names[256] = "", rules[256] = "";
    for (int i = 0; i < LOSS_COUNT; i++) {
        strcat(names, i ? " " : "");
        strcat(names, loss_table[i].name);
    }
    for (int i = 0; i < WEIGHTS_COUNT; i++) {
        strcat(rules, i ? " " : "");
        strcat(rules, loss_weights_names[i]);
    }
    assert_string_equal(knob_table[KNOB_LOSS].choices, names);
    assert_string_equal(knob_table[KNOB_WEIGHTS].choices, rules);
}

static void table(void **state)
{
    (void)state;
    for (int i = 0; i < LOSS_COUNT; i++)
        assert_int_equal(loss_table[i].head == HEAD_NORM, i == LOSS_LDAM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(class_vectors),
        cmocka_unit_test(other_sets),
        cmocka_unit_test(small_example),
        cmocka_unit_test(logit_adjustment_is_vs_without_gamma),
        cmocka_unit_test(weights_act_only_when_drw_is_on),
        cmocka_unit_test(refusals),
        cmocka_unit_test(knobs_list_the_same),
        cmocka_unit_test(table),
    };
    return cmocka_run_group_tests_name("unit/loss", tests, NULL, NULL);
}
