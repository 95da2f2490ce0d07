/* Evaluations against numbers made another way: logits of each batch, sums in double, on sets where right and wrong differ. */
#include "config.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/house.h"

static void close_to(double a, double b, double tolerance)
{
    if (!(fabs(a - b) <= tolerance))
        fail_msg("%.12g, expected %.12g", a, b);
}

/* Group means are of class accuracies: a class of four images counts as much as one of a hundred. */
static void test_groups(void **state)
{
    (void)state;
    uint8_t group[5] = { 0, 0, 2, 2, 2 };
    const uint32_t hits[5] = { 10, 3, 1, 60, 0 }, count[5] = { 40, 4, 10, 100, 0 };
    const struct dataset data = { .classes = 5, .group = group };
    struct accuracy a;
    float cls[5];
    accuracy_of(&data, hits, count, &a, cls);
    close_to(a.group[0], (25 + 75) / 2.0, 1e-12);
    assert_true(isnan(a.group[1]));
    close_to(a.group[2], (10 + 60) / 2.0, 1e-12);
    close_to(a.acc, 100 * 74 / 154.0, 1e-12);
    assert_true(cls[0] == 25 && cls[1] == 75 && cls[2] == 10 && cls[3] == 60 && isnan(cls[4]));
}

struct by_hand {
    struct house *h;
    double loss;
    uint32_t n, cell[CLASSES][CLASSES];
};

static void look(void *ctx, uint32_t first, const struct batch *batch, const struct pass_result *result)
{
    struct by_hand *b = ctx;
    float z[EVAL_BATCH * CLASSES];
    (void)first, (void)result;
    assert_true(batch->n <= EVAL_BATCH);
    backend_cpu.logits(b->h->model, z);
    for (uint32_t i = 0; i < batch->n; i++, b->n++) {
        double sum = 0;
        int said = CLASSES - 1;
        for (int c = CLASSES - 1; c >= 0; c--) {
            sum += exp((double)z[i * CLASSES + (uint32_t)c]);
            said = z[i * CLASSES + (uint32_t)c] >= z[i * CLASSES + (uint32_t)said] ? c : said;
        }
        b->loss += log(sum) - (double)z[i * CLASSES + (uint32_t)batch->labels[i]];
        b->cell[batch->labels[i]][said]++;
    }
}

/* Whole batches and a rest, and a rest alone. Two classes share a group. */
static void check_set(struct house *h, const uint32_t *counts)
{
    struct image_set set = { 0 };
    struct evaluation v;
    struct by_hand b = { .h = h };
    uint32_t n = 0;
    fill_set(&set, counts, 0, 3);
    h->data.group[2] = 1;
    assert_int_equal(evaluation_init(&v, CLASSES, &last), 0);
    assert_int_equal(evaluate(&v, &h->guest, &set, &last), 0);
    assert_int_equal(evaluation_walk(&h->guest, &set, &(struct evaluation_walk){ "test", PASS_EVAL, look, &b }, &last), 0);
    double right[CLASSES], all = 0;
    for (int c = 0; c < CLASSES; c++) {
        uint32_t row = 0;
        for (int said = 0; said < CLASSES; said++) {
            assert_int_equal(v.confusion[c * CLASSES + said], b.cell[c][said]);
            row += v.confusion[c * CLASSES + said];
        }
        assert_int_equal(row, counts[c]);
        right[c] = 100.0 * b.cell[c][c] / counts[c];
        close_to(v.cls[c], right[c], 1e-5);
        all += b.cell[c][c];
        n += counts[c];
    }
    assert_int_equal(b.n, n);
    close_to(v.loss, b.loss / n, 1e-5);
    close_to(v.acc, 100 * all / n, 1e-9);
    close_to(v.group[0], right[0], 1e-9);
    close_to(v.group[1], (right[1] + right[2]) / 2, 1e-9);
    evaluation_release(&v);
    image_set_release(&set);
}

static void test_sets(void **state)
{
    static const uint32_t counts[][CLASSES] = { { 9, 5, 4 }, { 70, 43, 17 }, { 1, 198, 1 } };
    for (int i = 0; i < 3; i++)
        check_set(*state, counts[i]);
}

/* Outputs that are no numbers are in no class, though the first is as good as any. */
static void test_not_finite(void **state)
{
    static const uint32_t counts[CLASSES] = { 9, 5, 4 };
    struct house *h = *state;
    struct image_set set = { 0 };
    struct evaluation v;
    fill_set(&set, counts, 0, 3);
    for (size_t i = 0; i < h->net.params.total; i++)
        h->params[i] = NAN;
    assert_int_equal(evaluation_init(&v, CLASSES, &last), 0);
    assert_int_equal(evaluate(&v, &h->guest, &set, &last), 0);
    assert_true(isnan(v.loss) && v.acc == 0);
    for (int c = 0; c < CLASSES; c++)
        assert_true(v.cls[c] == 0 && v.confusion[c * CLASSES] == counts[c]);
    memcpy(h->params, h->before, h->net.params.total * sizeof *h->params);
    evaluation_release(&v);
    image_set_release(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_groups), cmocka_unit_test_setup_teardown(test_sets, enter, leave),
                                        cmocka_unit_test_setup_teardown(test_not_finite, enter, leave) };
    return cmocka_run_group_tests_name("unit/evaluation", tests, NULL, NULL);
}
