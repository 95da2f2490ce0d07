/* Samplers: how often a class is visited, in which order, from which of its images; and what each refuses. */
#include "config.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "engine/data/order.h"
#include "engine/knobs.h"
#include "tests/unit/check.h"

enum { K = 4, N = 26 };
static const uint32_t sizes[K] = { 16, 4, 5, 1 };

static int make_set(void **state)
{
    static struct image_set set;
    struct err e;
    if (image_set_init(&set, &image_kind_cifar, N, K, &e) < 0)
        return -1;
    for (uint32_t c = 0, at = 0; c < K; c++)
        for (uint32_t i = 0; i < sizes[c]; i++)
            set.labels[at++] = (int32_t)c;
    image_set_recount(&set, K);
    *state = &set;
    return 0;
}

static int drop_set(void **state)
{
    image_set_release(*state);
    return 0;
}

static void expect_shares(const struct sampler *s, uint32_t epoch, const double expected[K])
{
    double share[K], sum = 0;
    struct err e;
    assert_int_equal(sampler_shares(s, sizes, K, epoch, share, &e), 0);
    for (int c = 0; c < K; c++)
        sum += share[c];
    for (int c = 0; c < K; c++)
        assert_true(fabs(share[c] / sum - expected[c]) < 1e-15);
}

static void test_shares(void **state)
{
    (void)state;
    static const double weight[K] = { 0, 3, 0, 1 };
    static const double instance[K] = { 16. / 26, 4. / 26, 5. / 26, 1. / 26 }, alike[K] = { .25, .25, .25, .25 };
    const double root = 4 + 2 + sqrt(5) + 1;
    expect_shares(&(struct sampler){ .kind = SAMPLER_INSTANCE }, 3, instance);
    expect_shares(&(struct sampler){ .kind = SAMPLER_CLASS_AWARE }, 3, alike);
    expect_shares(&(struct sampler){ .kind = SAMPLER_SQUARE_ROOT }, 3, (double[K]){ 4 / root, 2 / root, sqrt(5) / root, 1 / root });
    expect_shares(&(struct sampler){ .kind = SAMPLER_WEIGHTED, .weight = weight }, 3, (double[K]){ 0, .75, 0, .25 });
}

/* t = e/(T - 1), counted from the first epoch of the stage. */
static void test_progressive(void **state)
{
    (void)state;
    static const double instance[K] = { 16. / 26, 4. / 26, 5. / 26, 1. / 26 }, alike[K] = { .25, .25, .25, .25 };
    const struct sampler s = { .kind = SAMPLER_PROGRESSIVE, .first_epoch = 10, .epochs = 5 };
    double half[K];
    for (int c = 0; c < K; c++)
        half[c] = (instance[c] + alike[c]) / 2;
    expect_shares(&s, 0, instance);
    expect_shares(&s, 10, instance);
    expect_shares(&s, 12, half);
    expect_shares(&s, 14, alike);
    expect_shares(&s, 99, alike);
    expect_shares(&(struct sampler){ .kind = SAMPLER_PROGRESSIVE, .epochs = 1 }, 0, instance);
}

/* Every complete cycle visits each class once, `per_visit` images of it in a row; each pass through a class's list has every image. */
static void test_class_aware(void **state)
{
    enum { EACH = 3, VISITS = K * EACH * 10 };
    const struct sampler s = { .kind = SAMPLER_CLASS_AWARE, .visits = VISITS, .per_visit = EACH };
    const struct image_set *set = *state;
    uint32_t a[VISITS], pass[N] = { 0 }, drawn[K] = { 0 };
    int orders = 0;
    struct order o;
    struct err e;
    assert_int_equal(order_init(&o, &s, set, K, &e), 0);
    assert_int_equal(o.n, VISITS);
    order_fill(&o, a, 5, 2);
    for (uint32_t i = 0; i < VISITS; i += K * EACH) {
        unsigned seen = 0;
        for (uint32_t v = 0; v < K; v++) {
            for (uint32_t j = 1; j < EACH; j++)
                assert_int_equal(set->labels[a[i + v * EACH + j]], set->labels[a[i + v * EACH]]);
            seen |= 1u << set->labels[a[i + v * EACH]];
            orders += i > 0 && set->labels[a[i + v * EACH]] != set->labels[a[i - K * EACH + v * EACH]];
        }
        assert_int_equal(seen, (1u << K) - 1);
    }
    assert_true(orders > 0);
    for (uint32_t i = 0; i < VISITS; i++) { /* no image a second time before all of its class came once */
        uint32_t c = (uint32_t)set->labels[a[i]];
        assert_int_equal(pass[a[i]]++, drawn[c]++ / sizes[c]);
    }
    order_release(&o);
}

/* The classes' frequencies over many epochs; the same epoch again is the same, another one is not. */
static void test_frequencies(void **state)
{
    enum { EPOCHS = 1000 };
    static const double weight[K] = { 1, 0, 2, 1 };
    static const struct sampler samplers[] = { { .kind = SAMPLER_CLASS_AWARE },
                                               { .kind = SAMPLER_SQUARE_ROOT },
                                               { .kind = SAMPLER_PROGRESSIVE, .epochs = 3 },
                                               { .kind = SAMPLER_WEIGHTED, .weight = weight } };
    const struct image_set *set = *state;
    for (size_t k = 0; k < sizeof samplers / sizeof *samplers; k++) {
        uint32_t a[N], again[N], other[N], drawn[K] = { 0 };
        double share[K], sum = 0;
        struct order o;
        struct err e;
        assert_int_equal(order_init(&o, &samplers[k], set, K, &e), 0);
        assert_int_equal(o.n, N);
        for (uint32_t seed = 0; seed < EPOCHS; seed++) {
            order_fill(&o, a, seed, 1);
            for (int i = 0; i < N; i++)
                drawn[set->labels[a[i]]]++;
        }
        order_fill(&o, other, EPOCHS - 1, 2);
        order_fill(&o, again, EPOCHS - 1, 1);
        assert_memory_equal(a, again, sizeof a);
        assert_memory_not_equal(a, other, sizeof a);
        assert_int_equal(sampler_shares(&samplers[k], sizes, K, 1, share, &e), 0);
        for (int c = 0; c < K; c++)
            sum += share[c];
        for (int c = 0; c < K; c++) {
            double expected = (double)EPOCHS * N * share[c] / sum;
            assert_true(fabs(drawn[c] - expected) <= 5 * sqrt(expected));
        }
        order_release(&o);
    }
}

static void refused(const struct sampler *s, const struct image_set *set, const char *says)
{
    struct order o;
    struct err e = { 0 };
    assert_int_equal(order_init(&o, s, set, K, &e), -1);
    assert_says(e, says);
    order_release(&o);
}

static void test_refused(void **state)
{
    (void)state;
    static const double all[K] = { 1, 1, 1, 1 }, none[K] = { 0 }, negative[K] = { 1, -2, 1, 0 }, some[K] = { 1, 1, 1, 0 };
    struct image_set set;
    struct order o;
    struct err e;
    assert_int_equal(image_set_init(&set, &image_kind_cifar, 3, K, &e), 0);
    for (int c = 0; c < 3; c++)
        set.labels[c] = c;
    image_set_recount(&set, K); /* class 3 has none */
    refused(&(struct sampler){ .kind = SAMPLER_CLASS_AWARE }, &set, "sampler class-aware visits class 3, which has no training images");
    refused(&(struct sampler){ .kind = SAMPLER_PROGRESSIVE, .epochs = 9 }, &set, "sampler progressive visits class 3");
    refused(&(struct sampler){ .kind = SAMPLER_WEIGHTED, .weight = all }, &set, "sampler weighted visits class 3");
    refused(&(struct sampler){ .kind = SAMPLER_WEIGHTED, .weight = none }, &set, "sum to 0");
    refused(&(struct sampler){ .kind = SAMPLER_WEIGHTED, .weight = negative }, &set, "weight -2 of class 1 is not accepted");
    assert_int_equal(order_init(&o, &(struct sampler){ .kind = SAMPLER_WEIGHTED, .weight = some }, &set, K, &e), 0);
    order_release(&o);
    assert_int_equal(order_init(&o, &(struct sampler){ .kind = SAMPLER_SQUARE_ROOT }, &set, K, &e), 0);
    order_release(&o);
    image_set_release(&set);
}

/* The knob's choices are rows of the table. */
static void test_knob(void **state)
{
    (void)state;
    const struct knob_info *row = &knob_table[KNOB_SAMPLER];
    char all[256] = "";
    for (int i = 0; i < SAMPLER_EFFECTIVE; i++) {
        strcat(all, i ? " " : "");
        strcat(all, sampler_table[i].name);
    }
    assert_string_equal(row->choices, all);
    for (int i = 0; i < SAMPLER_COUNT; i++)
        assert_true(sampler_table[i].name && sampler_table[i].help && sampler_table[i].shares);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shares),       cmocka_unit_test(test_progressive), cmocka_unit_test(test_class_aware),
        cmocka_unit_test(test_frequencies), cmocka_unit_test(test_refused),     cmocka_unit_test(test_knob),
    };
    return cmocka_run_group_tests_name("unit/sampler", tests, make_set, drop_set);
}
