/* The demo set, the hold-out, and what opening a data set promises. */
#include "config.h"
#include "check.h"

#include "engine/data/dataset.h"
#include "engine/data/demo.h"

#include <stdlib.h>

static void open_ok(struct dataset *d, const struct data_request *r)
{
    struct err e;
    if (dataset_open(d, r, &e) < 0)
        fail_msg("%s", e.text);
}

static void open_refused(const struct data_request *r, const char *says)
{
    struct dataset d;
    struct err e;
    assert_int_equal(dataset_open(&d, r, &e), -1);
    assert_says(e, says);
    assert_null(d.train.images);
    assert_int_equal(d.classes, 0);
    dataset_free(&d);
}

static void check_counts(const struct image_set *set, int classes)
{
    uint32_t sum = 0;
    for (int c = 0; c < classes; c++) {
        uint32_t n = 0;
        for (uint32_t i = 0; i < set->n; i++)
            n += set->labels[i] == c;
        assert_int_equal(n, set->count[c]);
        sum += n;
    }
    assert_int_equal(sum, set->n);
}

static void test_demo_default(void **state)
{
    (void)state;
    static const uint32_t count[10] = { 1000, 599, 359, 215, 129, 77, 46, 27, 16, 10 };
    struct data_request r = { .source = DATA_DEMO };
    struct dataset d;
    open_ok(&d, &r);
    assert_string_equal(d.name, "demo-lt beta=100");
    assert_int_equal(d.classes, 10);
    assert_string_equal(d.class_name[0], "circle");
    assert_memory_equal(d.train.count, count, sizeof count);
    assert_int_equal(d.test.n, 1000);
    assert_int_equal(d.val.n, 0);
    assert_int_equal(d.group_classes[GROUP_HEAD], 3);
    assert_int_equal(d.group_classes[GROUP_MID], 4);
    assert_int_equal(d.group_classes[GROUP_TAIL], 3);
    for (int c = 0; c < 10; c++)
        assert_int_equal(d.test.count[c], 100);
    for (uint32_t i = 1; i < d.train.n; i++)
        assert_true(d.train.labels[i] >= d.train.labels[i - 1]); /* class-major */
    check_counts(&d.train, 10);
    check_counts(&d.test, 10);
    dataset_free(&d);
}

/* Sessions name their data by this digest: the renderer must not drift from one build to the next. */
static void test_demo_bytes_are_fixed(void **state)
{
    (void)state;
    struct data_request r = { .source = DATA_DEMO, .demo_largest = 40, .beta = 10, .demo_test = 2 };
    struct dataset d;
    open_ok(&d, &r);
    assert_string_equal(d.digest, "b266825f048f827d75852580acc630c21f8876f8e72c8b4e71e4d43d1ae5514a");
    dataset_free(&d);
}

static void test_demo_same_request_same_bytes(void **state)
{
    (void)state;
    struct data_request r = { .source = DATA_DEMO, .demo_largest = 20, .beta = 4, .demo_test = 3 };
    struct dataset a, b, other;
    open_ok(&a, &r);
    open_ok(&b, &r);
    assert_string_equal(a.digest, b.digest);
    assert_memory_equal(a.test.images, b.test.images, (size_t)a.test.n * CIFAR_VALUES);
    r.demo_seed = 1;
    open_ok(&other, &r);
    assert_string_not_equal(a.digest, other.digest);
    dataset_free(&a);
    dataset_free(&b);
    dataset_free(&other);
}

/* A class's images do not depend on how many there are, and no two are alike; training and test differ. */
static void test_demo_sets_are_nested(void **state)
{
    (void)state;
    struct data_request small = { .source = DATA_DEMO, .imbalance = IMBALANCE_NONE, .demo_largest = 5, .demo_test = 5 };
    struct data_request large = { .source = DATA_DEMO, .imbalance = IMBALANCE_NONE, .demo_largest = 9, .demo_test = 5 };
    struct dataset s, l;
    open_ok(&s, &small);
    open_ok(&l, &large);
    assert_string_equal(s.name, "demo");
    for (size_t c = 0; c < 10; c++)
        assert_memory_equal(s.train.images + c * 5 * CIFAR_VALUES, l.train.images + c * 9 * CIFAR_VALUES,
                            5 * CIFAR_VALUES);
    for (size_t i = 0; i < 50; i++) {
        assert_memory_not_equal(s.train.images + i * CIFAR_VALUES, s.test.images + i * CIFAR_VALUES, CIFAR_VALUES);
        for (size_t k = 0; k < i; k++)
            assert_memory_not_equal(s.train.images + i * CIFAR_VALUES, s.train.images + k * CIFAR_VALUES, CIFAR_VALUES);
    }
    dataset_free(&s);
    dataset_free(&l);
}

static void test_demo_refusals(void **state)
{
    (void)state;
    struct data_request r = { .source = DATA_DEMO, .beta = 1001 };
    open_refused(&r, "class 9 flower");
    r = (struct data_request){ .source = DATA_DEMO, .beta = 0.9 };
    open_refused(&r, "beta 0.9");
    r = (struct data_request){ .source = DATA_DEMO, .demo_largest = 2000000, .demo_test = 1 };
    open_refused(&r, "at most 1048576");
    r = (struct data_request){ .source = DATA_DEMO, .demo_largest = 100, .demo_test = 1, .groups = "0-3" };
    open_refused(&r, "number of groups");
    r = (struct data_request){ .source = DATA_CIFAR10, .path = "/nonexistent" };
    open_refused(&r, "/nonexistent");
}

static void test_of_class_is_the_first_ones(void **state)
{
    (void)state;
    int32_t labels[7] = { 1, 0, 1, 1, 2, 1, 0 };
    struct image_set set = { .n = 7, .labels = labels };
    uint32_t index[7] = { 0 };
    static const uint32_t first[3] = { 0, 2, 3 };
    assert_int_equal(image_set_of_class(&set, 1, index, 3), 3);
    assert_memory_equal(index, first, sizeof first);
    assert_int_equal(image_set_of_class(&set, 1, index, 7), 4);
    assert_int_equal(image_set_of_class(&set, 3, index, 7), 0);
}

/* --- hold-out ---------------------------------------------------------------------------------------------------- */

/* A data set of the given class sizes; the first pixel of each image is its number. */
static void make(struct dataset *d, const uint32_t *count, int classes)
{
    struct err e;
    uint32_t n = 0, next = 0;
    for (int c = 0; c < classes; c++)
        n += count[c];
    assert_int_equal(dataset_init(d, classes, &e), 0);
    assert_int_equal(image_set_init(&d->train, &image_kind_cifar, n, classes, &e), 0);
    memset(d->train.images, 0, (size_t)n * CIFAR_VALUES);
    for (int c = 0; c < classes; c++)
        for (uint32_t i = 0; i < count[c]; i++, next++) {
            d->train.labels[next] = c;
            d->train.images[(size_t)next * CIFAR_VALUES] = (uint8_t)next;
        }
    image_set_recount(&d->train, classes);
}

static void test_hold_out_takes_the_ends(void **state)
{
    (void)state;
    static const uint32_t count[4] = { 100, 50, 9, 2 };
    struct dataset d;
    struct err e;
    make(&d, count, 4);
    assert_int_equal(dataset_hold_out(&d, 33, &e), 0);
    static const uint32_t held[4] = { 20, 10, 2, 1 }; /* 33/161 of each: 20.5 10.2 1.8 0.4, one at least */
    assert_memory_equal(d.val.count, held, sizeof held);
    check_counts(&d.train, 4);
    check_counts(&d.val, 4);
    uint32_t from = 0, t = 0, v = 0;
    for (int c = 0; c < 4; c++) {
        for (uint32_t i = 0; i < count[c] - held[c]; i++, t++)
            assert_int_equal(d.train.images[(size_t)t * CIFAR_VALUES], from + i);
        for (uint32_t i = count[c] - held[c]; i < count[c]; i++, v++)
            assert_int_equal(d.val.images[(size_t)v * CIFAR_VALUES], from + i);
        from += count[c];
    }
    dataset_free(&d);
}

static void test_hold_out_limits(void **state)
{
    (void)state;
    static const uint32_t count[4] = { 5, 1, 2, 3 };
    struct dataset d;
    struct err e;
    make(&d, count, 4);
    assert_int_equal(dataset_hold_out(&d, 2, &e), -1);
    assert_says(e, "3..7");
    assert_int_equal(dataset_hold_out(&d, 8, &e), -1);
    assert_int_equal(d.train.n, 11); /* untouched */
    assert_int_equal(dataset_hold_out(&d, 7, &e), 0);
    static const uint32_t left[4] = { 1, 1, 1, 1 };
    assert_memory_equal(d.train.count, left, sizeof left);
    dataset_free(&d);
    make(&d, count, 4);
    assert_int_equal(dataset_hold_out(&d, 3, &e), 0);
    static const uint32_t held[4] = { 1, 0, 1, 1 };
    assert_memory_equal(d.val.count, held, sizeof held);
    dataset_free(&d);
}

static void test_hold_out_on_request(void **state)
{
    (void)state;
    struct data_request r = { .source = DATA_DEMO, .demo_largest = 100, .beta = 20, .demo_test = 1 };
    struct dataset all, d;
    open_ok(&all, &r);
    r.val = 40;
    open_ok(&d, &r);
    assert_int_equal(d.val.n, 40);
    assert_int_equal(d.train.n + 40, all.train.n);
    assert_string_not_equal(d.digest, all.digest); /* the digest is of what is trained on */
    assert_memory_equal(d.group, all.group, 10);
    dataset_free(&all);
    dataset_free(&d);
}

/* The same number of each class, from what the profile leaves out; the first class keeps all that there are, and gives its own. */
static void test_val_from_unused(void **state)
{
    (void)state;
    struct data_request r = { .source = DATA_DEMO, .demo_largest = 60, .beta = 20, .demo_test = 1, .groups = "shots" };
    struct dataset all, every, kept, d;
    open_ok(&all, &r);
    r.imbalance = IMBALANCE_NONE;
    open_ok(&every, &r);
    r.imbalance = IMBALANCE_EXP;
    r.val = 100;
    r.val_unused = true;
    open_ok(&d, &r);
    assert_int_equal(d.val.n, 100);
    assert_int_equal(d.train.n, all.train.n - 10);
    uint32_t at = 0, full = 0;
    for (int c = 0; c < 10; c++) {
        assert_int_equal(d.val.count[c], 10);
        assert_int_equal(d.profile[c], all.train.count[c]);
        uint32_t first = all.train.count[c] + 10 <= 60 ? all.train.count[c] : 50; /* of the class's images */
        assert_int_equal(d.train.count[c], first);
        assert_memory_equal(d.val.images + (size_t)c * 10 * CIFAR_VALUES, every.train.images + (size_t)(full + first) * CIFAR_VALUES, 10 * CIFAR_VALUES);
        assert_memory_equal(d.train.images + (size_t)at * CIFAR_VALUES, every.train.images + (size_t)full * CIFAR_VALUES,
                            (size_t)first * CIFAR_VALUES);
        at += first;
        full += 60;
    }
    assert_memory_equal(d.group, all.group, 10);
    assert_string_not_equal(d.test_digest, all.test_digest);
    r.val_unused = false; /* other images, other hashes: a recording finds its own */
    open_ok(&kept, &r);
    assert_string_not_equal(d.digest, kept.digest);
    assert_string_not_equal(d.test_digest, kept.test_digest);
    dataset_free(&kept);
    dataset_free(&every);
    dataset_free(&all);
    dataset_free(&d);
}

static void test_val_from_unused_limits(void **state)
{
    (void)state;
    static const struct {
        uint32_t val;
        enum data_source source;
        const char *says;
    } table[] = { { 101, DATA_DEMO, "expected a multiple of 10" },
                  { 600, DATA_DEMO, "takes 60 images of each class, but class 0 circle has 60 in all and keeps one; accepted there: up to 590" },
                  { 10, DATA_TENSORS, "no images are left out; val_from kept is accepted" } };
    struct dataset d;
    struct err e;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const struct data_request r = { .source = table[i].source, .path = "no such file", .demo_largest = 60, .demo_test = 1,
                                        .val = table[i].val, .val_unused = true, .beta = 20 };
        assert_int_equal(dataset_open(&d, &r, &e), -1);
        assert_says(e, table[i].says);
    }
    const struct data_request most = { .source = DATA_DEMO, .demo_largest = 60, .demo_test = 1, .val = 590, .val_unused = true, .beta = 20 };
    open_ok(&d, &most);
    for (int c = 0; c < 10; c++)
        assert_int_equal(d.train.count[c], 1);
    dataset_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_demo_default),
        cmocka_unit_test(test_demo_bytes_are_fixed),
        cmocka_unit_test(test_demo_same_request_same_bytes),
        cmocka_unit_test(test_demo_sets_are_nested),
        cmocka_unit_test(test_demo_refusals),
        cmocka_unit_test(test_of_class_is_the_first_ones),
        cmocka_unit_test(test_hold_out_takes_the_ends),
        cmocka_unit_test(test_hold_out_limits),
        cmocka_unit_test(test_hold_out_on_request),
        cmocka_unit_test(test_val_from_unused),
        cmocka_unit_test(test_val_from_unused_limits),
    };
    return cmocka_run_group_tests_name("unit/dataset", tests, NULL, NULL);
}
