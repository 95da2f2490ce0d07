/* Readings of a bank against numbers worked out by hand. */
#include "config.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "engine/probe/reading.h"

enum { CLASSES = 3, FEATURES = 2 };

/* Rows of the classifier: (3, 4), (0, 1), (-.5, 0) and biases .25, -1, 2; its outputs are worked out from them. */
static const float weight[CLASSES][FEATURES] = { { 3, 4 }, { 0, 1 }, { -0.5f, 0 } }, bias[CLASSES] = { 0.25f, -1, 2 };
static const double length[CLASSES] = { 5, 1, 0.5 };

static void fill(struct bank *b, uint32_t n, const float (*feature)[FEATURES], const int32_t *label)
{
    struct err err = { 0 };
    assert_int_equal(bank_init(b, n, FEATURES, CLASSES, &err), 0);
    memcpy(b->feature, feature, n * sizeof *feature);
    memcpy(b->label, label, n * sizeof *label);
    for (uint32_t i = 0; i < n; i++)
        for (int j = 0; j < CLASSES; j++)
            b->logit[i * CLASSES + (uint32_t)j] = weight[j][0] * feature[i][0] + weight[j][1] * feature[i][1] + bias[j];
}

static void is(const struct reading *r, uint32_t i, double a, double b, double c)
{
    double score[CLASSES], room[FEATURES];
    reading_scores(r, i, score, room);
    const double expected[CLASSES] = { a, b, c };
    for (int j = 0; j < CLASSES; j++)
        if (!(fabs(score[j] - expected[j]) < 1e-12))
            fail_msg("%s %g, image %u, class %d: %.17g for %.17g", reading_table[r->kind].name, r->tau, i, j, score[j], expected[j]);
}

static const float two[2][FEATURES] = { { 1, 2 }, { -2, 0.5f } };
static const int32_t two_labels[2] = { 0, 2 };

static void rows_are_divided_by_their_length_to_the_power_tau(void **state)
{
    struct bank b;
    (void)state;
    fill(&b, 2, two, two_labels);
    struct reading r = { .kind = READING_TAU_NORM, .tau = 0, .bank = &b, .length = length, .bias = bias };
    is(&r, 0, 11, 2, -0.5); /* without bias */
    is(&r, 1, -4, 0.5, 1);
    r.tau = 1;
    is(&r, 0, 2.2, 2, -1);
    r.tau = 2;
    is(&r, 0, 0.44, 2, -2);
    r.tau = 0.5;
    is(&r, 0, 11 / sqrt(5), 2, -0.5 / sqrt(0.5));
    r.kind = READING_PLAIN;
    is(&r, 0, 11.25, 1, 1.5);
    bank_release(&b);
}

static void outputs_are_moved_by_the_classes_shares(void **state)
{
    static const uint32_t count[CLASSES] = { 16, 3, 1 };
    struct bank b;
    (void)state;
    fill(&b, 2, two, two_labels);
    struct reading r = { .kind = READING_TAU_POST, .tau = 1, .bank = &b, .count = count, .scale = 1 };
    is(&r, 0, 11.25 - log(0.8), 1 - log(0.15), 1.5 - log(0.05));
    r.tau = 2.5;
    r.scale = 30; /* LDAM: what its loss sees */
    is(&r, 0, 30 * 11.25 - 2.5 * log(0.8), 30 - 2.5 * log(0.15), 45 - 2.5 * log(0.05));
    r.tau = 0;
    is(&r, 0, 11.25, 1, 1.5);
    bank_release(&b);
}

/* Training features (1, 0), (3, 0) of class 0 and (0, 4) of class 1; class 2 has none. Their mean is (4/3, 4/3). */
static void class_means_lie_where_their_space_says(void **state)
{
    static const float train[3][FEATURES] = { { 1, 0 }, { 3, 0 }, { 0, 4 } }, query[1][FEATURES] = { { 3, 4 } };
    static const int32_t labels[3] = { 0, 0, 1 }, asked[1] = { 1 };
    struct bank t, q;
    struct class_means c;
    struct err err = { 0 };
    (void)state;
    fill(&t, 3, train, labels);
    fill(&q, 1, query, asked);
    const double unit[2] = { 0.6, 0.8 };

    assert_int_equal(class_means_init(&c, SPACE_RAW, &t, &err), 0);
    struct reading r = { .bank = &q, .means = &c };
    double score[CLASSES], room[FEATURES];
    const struct {
        enum reading_kind kind;
        double zero, one;
    } raw[] = { { READING_NCM, -(1 + 16), -9 }, { READING_NCM_DOT, 6, 16 }, { READING_NCM_COSINE, 0.6, 0.8 } };
    for (size_t i = 0; i < sizeof raw / sizeof raw[0]; i++) {
        r.kind = raw[i].kind;
        reading_scores(&r, 0, score, room);
        assert_true(fabs(score[0] - raw[i].zero) < 1e-12 && fabs(score[1] - raw[i].one) < 1e-12 && isnan(score[2]));
        assert_int_equal(reading_answer(score, CLASSES), 1); /* never the class that has no mean */
    }
    class_means_release(&c);

    assert_int_equal(class_means_init(&c, SPACE_UNIT, &t, &err), 0);
    r.kind = READING_NCM_L2N; /* means (1, 0) and (0, 1) */
    reading_scores(&r, 0, score, room);
    assert_true(fabs(score[0] + (0.16 + 0.64)) < 1e-12 && fabs(score[1] + (0.36 + 0.04)) < 1e-12);
    r.kind = READING_NCM_L2N_DOT;
    reading_scores(&r, 0, score, room);
    assert_true(fabs(score[0] - unit[0]) < 1e-12 && fabs(score[1] - unit[1]) < 1e-12);
    class_means_release(&c);

    assert_int_equal(class_means_init(&c, SPACE_CENTRED, &t, &err), 0);
    assert_true(fabs(c.centre[0] - 4. / 3) < 1e-12 && fabs(c.centre[1] - 4. / 3) < 1e-12);
    /* (-1/3, -4/3)/|.| and (5/3, -4/3)/|.|, not normalised again; (-4/3, 8/3)/|.| */
    const double m0 = (-1 / sqrt(17) + 5 / sqrt(41)) / 2, m1 = (-4 / sqrt(17) - 4 / sqrt(41)) / 2, n0 = -1 / sqrt(5), n1 = 2 / sqrt(5);
    const double x0 = 5 / sqrt(89), x1 = 8 / sqrt(89); /* (5/3, 8/3) of unit length */
    r.kind = READING_NCM_CL2N;
    reading_scores(&r, 0, score, room);
    assert_true(fabs(score[0] + (x0 - m0) * (x0 - m0) + (x1 - m1) * (x1 - m1)) < 1e-12);
    assert_true(fabs(score[1] + (x0 - n0) * (x0 - n0) + (x1 - n1) * (x1 - n1)) < 1e-12);
    class_means_release(&c);
    bank_release(&t);
    bank_release(&q);
}

static void hits_are_counted_by_class(void **state)
{
    struct bank b;
    struct err err = { 0 };
    uint32_t hits[CLASSES], count[CLASSES];
    (void)state;
    fill(&b, 2, two, two_labels);
    struct reading r = { .kind = READING_PLAIN, .bank = &b };
    assert_int_equal(reading_count(&r, hits, count, &err), 0); /* 11.25 1 1.5; -3.75 -0.5 3 */
    assert_true(hits[0] == 1 && hits[1] == 0 && hits[2] == 1 && count[0] == 1 && count[1] == 0 && count[2] == 1);
    b.logit[0] = NAN; /* the right class has no number: not a hit */
    assert_int_equal(reading_count(&r, hits, count, &err), 0);
    assert_true(hits[0] == 0 && count[0] == 1);
    const double equal[CLASSES] = { NAN, 2, 2 };
    assert_int_equal(reading_answer(equal, CLASSES), 1);
    assert_int_equal(reading_find("tau_post", &err), READING_TAU_POST);
    assert_int_equal(reading_find("ncm_l3n", &err), -1);
    assert_non_null(strstr(err.text, "'ncm_l3n'"));
    bank_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_divided_by_their_length_to_the_power_tau),
        cmocka_unit_test(outputs_are_moved_by_the_classes_shares),
        cmocka_unit_test(class_means_lie_where_their_space_says),
        cmocka_unit_test(hits_are_counted_by_class),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
