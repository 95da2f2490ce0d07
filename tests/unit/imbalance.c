/* Class counts, kept images and groups: the reference's, number by number (methods 1.1, 1.2, 1.3). */
#include "config.h"
#include "check.h"

#include "base/rng.h"
#include "engine/data/imbalance.h"

#include <math.h>
#include <stdlib.h>

/* kind, classes, full, beta, names */
#define PROFILE(...) (&(struct imbalance_profile){ __VA_ARGS__ })

static const struct {
    double beta;
    uint32_t count[10];
} lists10[] = {
    { 10, { 5000, 3871, 2997, 2320, 1796, 1391, 1077, 834, 645, 500 } },
    { 50, { 5000, 3237, 2096, 1357, 878, 568, 368, 238, 154, 100 } },
    { 100, { 5000, 2997, 1796, 1077, 645, 387, 232, 139, 83, 50 } },
    { 200, { 5000, 2775, 1540, 854, 474, 263, 146, 81, 45, 25 } },
};

static const struct {
    double beta;
    uint32_t count[100];
} lists100[] = {
    { 100,
      { 500, 477, 455, 434, 415, 396, 378, 361, 344, 328, 314, 299, 286, 273, 260, 248, 237, 226, 216, 206,
        197, 188, 179, 171, 163, 156, 149, 142, 135, 129, 123, 118, 112, 107, 102, 98, 93, 89, 85, 81,
        77, 74, 70, 67, 64, 61, 58, 56, 53, 51, 48, 46, 44, 42, 40, 38, 36, 35, 33, 32,
        30, 29, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 15, 14, 13, 13, 12,
        12, 11, 11, 10, 10, 9, 9, 8, 8, 7, 7, 7, 6, 6, 6, 6, 5, 5, 5, 5 } },
    { 10,
      { 500, 488, 477, 466, 455, 445, 434, 424, 415, 405, 396, 387, 378, 369, 361, 352, 344, 336, 328, 321,
        314, 306, 299, 292, 286, 279, 273, 266, 260, 254, 248, 243, 237, 232, 226, 221, 216, 211, 206, 201,
        197, 192, 188, 183, 179, 175, 171, 167, 163, 159, 156, 152, 149, 145, 142, 139, 135, 132, 129, 126,
        123, 121, 118, 115, 112, 110, 107, 105, 102, 100, 98, 95, 93, 91, 89, 87, 85, 83, 81, 79,
        77, 75, 74, 72, 70, 69, 67, 66, 64, 63, 61, 60, 58, 57, 56, 54, 53, 52, 51, 50 } },
    { 50,
      { 500, 480, 462, 444, 426, 410, 394, 379, 364, 350, 336, 323, 311, 299, 287, 276, 265, 255, 245, 235,
        226, 218, 209, 201, 193, 186, 178, 172, 165, 158, 152, 146, 141, 135, 130, 125, 120, 115, 111, 107,
        102, 98, 95, 91, 87, 84, 81, 78, 75, 72, 69, 66, 64, 61, 59, 56, 54, 52, 50, 48,
        46, 44, 43, 41, 39, 38, 36, 35, 34, 32, 31, 30, 29, 27, 26, 25, 24, 23, 22, 22,
        21, 20, 19, 18, 18, 17, 16, 16, 15, 14, 14, 13, 13, 12, 12, 11, 11, 10, 10, 10 } },
    { 200,
      { 500, 473, 449, 425, 403, 382, 362, 343, 325, 308, 292, 277, 263, 249, 236, 224, 212, 201, 190, 180,
        171, 162, 154, 146, 138, 131, 124, 117, 111, 105, 100, 95, 90, 85, 81, 76, 72, 69, 65, 62,
        58, 55, 52, 50, 47, 44, 42, 40, 38, 36, 34, 32, 30, 29, 27, 26, 24, 23, 22, 21,
        20, 19, 18, 17, 16, 15, 14, 13, 13, 12, 11, 11, 10, 10, 9, 9, 8, 8, 7, 7,
        6, 6, 6, 5, 5, 5, 5, 4, 4, 4, 4, 3, 3, 3, 3, 3, 2, 2, 2, 2 } },
};

static void test_counts_exp(void **state)
{
    (void)state;
    uint32_t count[100];
    struct err e;
    for (size_t i = 0; i < sizeof lists10 / sizeof lists10[0]; i++) {
        assert_int_equal(imbalance_counts(count, PROFILE(IMBALANCE_EXP, 10, 5000, lists10[i].beta, NULL), &e), 0);
        assert_memory_equal(count, lists10[i].count, sizeof lists10[i].count);
    }
    for (size_t i = 0; i < sizeof lists100 / sizeof lists100[0]; i++) {
        assert_int_equal(imbalance_counts(count, PROFILE(IMBALANCE_EXP, 100, 500, lists100[i].beta, NULL), &e), 0);
        assert_memory_equal(count, lists100[i].count, sizeof lists100[i].count);
    }
}

static uint32_t total(int classes, enum imbalance profile, double beta)
{
    uint32_t count[100], sum = 0;
    struct err e;
    assert_int_equal(imbalance_counts(count, PROFILE(profile, classes, 50000.0 / classes, beta, NULL), &e), 0);
    for (int c = 0; c < classes; c++)
        sum += count[c];
    return sum;
}

/* Numbers of images that the profiles of methods 1.1 leave in all. */
static void test_counts_totals(void **state)
{
    (void)state;
    static const struct {
        int classes;
        double beta;
        uint32_t exp, step;
    } table[] = {
        { 10, 10, 20431, 27500 },  { 10, 50, 13996, 25500 },  { 10, 100, 12406, 25250 },  { 10, 200, 11203, 25125 },
        { 100, 10, 19573, 27500 }, { 100, 50, 12608, 25500 }, { 100, 100, 10847, 25250 }, { 100, 200, 9502, 25100 },
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        assert_int_equal(total(table[i].classes, IMBALANCE_EXP, table[i].beta), table[i].exp);
        assert_int_equal(total(table[i].classes, IMBALANCE_STEP, table[i].beta), table[i].step);
    }
    assert_int_equal(total(10, IMBALANCE_NONE, 100), 50000);
    assert_int_equal(total(10, IMBALANCE_EXP, 1), 50000);
}

static void test_counts_step_halves(void **state)
{
    (void)state;
    uint32_t count[5];
    struct err e;
    assert_int_equal(imbalance_counts(count, PROFILE(IMBALANCE_STEP, 5, 30, 4, NULL), &e), 0);
    static const uint32_t expected[5] = { 30, 30, 7, 7, 7 };
    assert_memory_equal(count, expected, sizeof expected);
}

static void test_counts_refused(void **state)
{
    (void)state;
    uint32_t count[10];
    char names[10][CLASS_NAME_SIZE] = { "a", "b", "c", "d", "e", "f", "g", "h", "ship", "truck" };
    struct err e;
    assert_int_equal(imbalance_counts(count, PROFILE(IMBALANCE_EXP, 10, 5000, 0.5, names), &e), -1);
    assert_says(e, "beta 0.5");
    assert_says(e, "1..5000");
    assert_int_equal(imbalance_counts(count, PROFILE(IMBALANCE_EXP, 10, 5000, NAN, names), &e), -1);
    assert_int_equal(imbalance_counts(count, PROFILE(IMBALANCE_EXP, 10, 5000, INFINITY, names), &e), -1);
    assert_int_equal(imbalance_counts(count, PROFILE(IMBALANCE_EXP, 10, 5000, 5001, names), &e), -1);
    assert_int_equal(e.code, ERR_RANGE);
    assert_says(e, "class 9 truck");
    assert_says(e, "1..5000");
    assert_int_equal(imbalance_counts(count, PROFILE(IMBALANCE_EXP, 10, 5000, 5000, names), &e), 0);
    assert_int_equal(count[9], 1);
    /* 49 * (1/49) is less than 1 in 64-bit numbers: the advice must be one that works. */
    assert_int_equal(imbalance_counts(count, PROFILE(IMBALANCE_STEP, 10, 49, 49, names), &e), -1);
    assert_says(e, "1..48");
    assert_int_equal(imbalance_counts(count, PROFILE(IMBALANCE_STEP, 10, 49, 48, names), &e), 0);
}

/* --- which images ------------------------------------------------------------------------------------------------ */

struct kept {
    int class_index;
    uint32_t first[8]; /* positions within the class */
};

static const struct kept kept10[] = {
    { 0, { 398, 3833, 4836, 4572, 636, 2545, 1161, 2230 } },  { 1, { 597, 332, 521, 3935, 4800, 1102, 4304, 1826 } },
    { 2, { 3488, 1136, 3494, 2945, 4518, 4011, 1334, 2833 } }, { 3, { 3542, 3307, 4529, 1646, 2583, 2144, 297, 3488 } },
    { 4, { 2583, 3687, 4719, 980, 168, 31, 1781, 3156 } },    { 5, { 4127, 1152, 4595, 4590, 2270, 492, 1894, 1915 } },
    { 6, { 1042, 3356, 441, 1554, 3543, 720, 2921, 4588 } },  { 7, { 3860, 271, 757, 4394, 475, 1805, 2429, 3412 } },
    { 8, { 1905, 4623, 1694, 4227, 2715, 3889, 1143, 1516 } }, { 9, { 2204, 3816, 2206, 2507, 1926, 4765, 368, 3808 } },
};

static const struct kept kept100[] = {
    { 0, { 90, 254, 283, 445, 461, 15, 316, 489 } },    { 1, { 277, 307, 436, 88, 261, 57, 413, 459 } },
    { 50, { 307, 484, 149, 423, 351, 193, 34, 338 } },  { 98, { 290, 347, 167, 356, 272, 274, 156, 238 } },
    { 99, { 348, 153, 363, 361, 299, 353, 338, 99 } },
};

/* Labels dealt out in turn, so position within the class k of class c is image k * classes + c. */
static void check_kept(int classes, const struct kept *kept, size_t n_kept)
{
    enum { N = 50000, EACH = 8 };
    int32_t *label = malloc(N * sizeof *label);
    uint32_t position[100 * EACH], count[100];
    struct err e;
    for (int i = 0; i < N; i++)
        label[i] = i % classes;
    for (int c = 0; c < classes; c++)
        count[c] = EACH;
    assert_int_equal(imbalance_choose(position, label, N, &(struct imbalance_choice){ count, classes, 0 }, &e), 0);
    for (size_t k = 0; k < n_kept; k++)
        for (int i = 0; i < EACH; i++)
            assert_int_equal(position[kept[k].class_index * EACH + i],
                             kept[k].first[i] * (uint32_t)classes + (uint32_t)kept[k].class_index);
    free(label);
}

static void test_kept_positions(void **state)
{
    (void)state;
    check_kept(10, kept10, sizeof kept10 / sizeof kept10[0]);
    check_kept(100, kept100, sizeof kept100 / sizeof kept100[0]);
}

/* One stream through all classes: where it stands afterwards. */
static void test_kept_stream_position(void **state)
{
    (void)state;
    static uint32_t items[5000];
    static const struct {
        int classes;
        uint32_t each, next;
    } table[] = { { 10, 5000, 3131438006u }, { 100, 500, 339816527u } };
    for (int k = 0; k < 2; k++) {
        struct rng_twister t;
        rng_twister_init(&t, 0);
        for (int c = 0; c < table[k].classes; c++) {
            for (uint32_t i = 0; i < table[k].each; i++)
                items[i] = i;
            rng_twister_shuffle(&t, items, table[k].each);
        }
        assert_int_equal(rng_twister_u32(&t), table[k].next);
    }
}

static void test_kept_needs_enough_images(void **state)
{
    (void)state;
    static const int32_t label[6] = { 0, 1, 0, 1, 0, 0 };
    static const uint32_t wanted[2] = { 3, 3 };
    uint32_t position[6];
    struct err e;
    assert_int_equal(imbalance_choose(position, label, 6, &(struct imbalance_choice){ wanted, 2, 0 }, &e), -1);
    assert_says(e, "class 1 has 2 images");
}

static void test_kept_seed_matters(void **state)
{
    (void)state;
    int32_t label[200];
    static const uint32_t count[2] = { 50, 50 };
    uint32_t a[100], b[100];
    struct err e;
    for (int i = 0; i < 200; i++)
        label[i] = i / 100;
    assert_int_equal(imbalance_choose(a, label, 200, &(struct imbalance_choice){ count, 2, 0 }, &e), 0);
    assert_int_equal(imbalance_choose(b, label, 200, &(struct imbalance_choice){ count, 2, 1 }, &e), 0);
    assert_memory_not_equal(a, b, sizeof a);
    for (int i = 0; i < 100; i++)
        assert_int_equal(label[a[i]], i / 50); /* class-major */
}

/* --- groups ------------------------------------------------------------------------------------------------------ */

/* One letter per class: h, m, t. Counts are classes - c unless given. */
static void check_groups(int classes, const uint32_t *count, enum imbalance profile, const char *groups,
                         const char *expected)
{
    struct dataset d;
    struct err e;
    int n[N_GROUPS] = { 0 };
    assert_int_equal(dataset_init(&d, classes, &e), 0);
    assert_int_equal(image_set_init(&d.train, &image_kind_cifar, 0, classes, &e), 0);
    for (int c = 0; c < classes; c++)
        d.train.count[c] = count ? count[c] : (uint32_t)(classes - c);
    assert_int_equal(imbalance_groups(&d, d.train.count, profile, groups, &e), 0);
    for (int c = 0; c < classes; c++) {
        assert_int_equal(class_group_name[d.group[c]][0], expected[c]);
        n[d.group[c]]++;
    }
    assert_memory_equal(n, d.group_classes, sizeof n);
    dataset_free(&d);
}

static void test_groups_of_the_paper(void **state)
{
    (void)state;
    char hundred[101] = { 0 };
    memset(hundred, 'h', 36);
    memset(hundred + 36, 'm', 35);
    memset(hundred + 71, 't', 29);
    check_groups(10, NULL, IMBALANCE_EXP, NULL, "hhhmmmmttt");
    check_groups(10, NULL, IMBALANCE_EXP, "paper", "hhhmmmmttt");
    check_groups(10, NULL, IMBALANCE_NONE, NULL, "hhhmmmmttt");
    check_groups(100, NULL, IMBALANCE_EXP, NULL, hundred);
    check_groups(10, NULL, IMBALANCE_STEP, NULL, "hhhhhttttt");
    memset(hundred, 'h', 50);
    memset(hundred + 50, 't', 50);
    check_groups(100, NULL, IMBALANCE_STEP, NULL, hundred);
}

static void test_groups_by_frequency(void **state)
{
    (void)state;
    static const uint32_t count[10] = { 5, 50, 5, 7, 9, 60, 5, 8, 70, 6 };
    check_groups(10, count, IMBALANCE_EXP, NULL, "thtmmhtmhm");
    check_groups(2, NULL, IMBALANCE_EXP, NULL, "ht");
    check_groups(1, NULL, IMBALANCE_EXP, NULL, "h");
    check_groups(3, NULL, IMBALANCE_EXP, NULL, "hmt");
    check_groups(5, NULL, IMBALANCE_EXP, NULL, "hmmmt");
}

static void test_groups_by_shots(void **state)
{
    (void)state;
    static const uint32_t count[6] = { 500, 101, 100, 20, 19, 1 };
    check_groups(6, count, IMBALANCE_EXP, "shots", "hhmmtt");
    /* Methods 1.3: CIFAR-100 LT beta 100 would be 35/35/30. */
    struct dataset d;
    struct err e;
    assert_int_equal(dataset_init(&d, 100, &e), 0);
    assert_int_equal(image_set_init(&d.train, &image_kind_cifar, 0, 100, &e), 0);
    assert_int_equal(imbalance_counts(d.train.count, PROFILE(IMBALANCE_EXP, 100, 500, 100, NULL), &e), 0);
    assert_int_equal(imbalance_groups(&d, d.train.count, IMBALANCE_EXP, "shots", &e), 0);
    assert_int_equal(d.group_classes[GROUP_HEAD], 35);
    assert_int_equal(d.group_classes[GROUP_MID], 35);
    assert_int_equal(d.group_classes[GROUP_TAIL], 30);
    dataset_free(&d);
}

static void test_groups_given(void **state)
{
    (void)state;
    check_groups(10, NULL, IMBALANCE_EXP, "0-2/3-6/7-9", "hhhmmmmttt");
    check_groups(10, NULL, IMBALANCE_STEP, "0-4/5-9", "hhhhhttttt");
    check_groups(10, NULL, IMBALANCE_EXP, "0,2,4-9/1/3", "hmhthhhhhh");
}

static void test_groups_given_refused(void **state)
{
    (void)state;
    static const struct {
        const char *groups, *says;
    } table[] = {
        { "0-2/3-6", "missing class 7" },     { "0-2/2-6/7-9", "twice class 2" },
        { "0-2/3-6/7-10", "no class 10" },    { "0-2/3-6/7-99999999999999999999", "no class" },
        { "0-9", "number of groups: 1" },     { "0-2/3/4-6/7-9", "number of groups: 4" },
        { "2-0/3-6/7-9", "backwards" },       { "0-2/3-6/", "column 9" },
        { "0-2 /3-6/7-9", "column 4" },       { "head", "number of groups: 1" },
        { "-1-2/3-6/7-9", "column 1" },       { "", "number of groups: 1" },
    };
    struct dataset d;
    struct err e;
    assert_int_equal(dataset_init(&d, 10, &e), 0);
    assert_int_equal(image_set_init(&d.train, &image_kind_cifar, 0, 10, &e), 0);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        assert_int_equal(imbalance_groups(&d, d.train.count, IMBALANCE_EXP, table[i].groups, &e), -1);
        assert_int_equal(e.code, ERR_INVALID);
        assert_says(e, table[i].says);
        assert_says(e, "expected paper, shots");
    }
    dataset_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts_exp),
        cmocka_unit_test(test_counts_totals),
        cmocka_unit_test(test_counts_step_halves),
        cmocka_unit_test(test_counts_refused),
        cmocka_unit_test(test_kept_positions),
        cmocka_unit_test(test_kept_stream_position),
        cmocka_unit_test(test_kept_needs_enough_images),
        cmocka_unit_test(test_kept_seed_matters),
        cmocka_unit_test(test_groups_of_the_paper),
        cmocka_unit_test(test_groups_by_frequency),
        cmocka_unit_test(test_groups_by_shots),
        cmocka_unit_test(test_groups_given),
        cmocka_unit_test(test_groups_given_refused),
    };
    return cmocka_run_group_tests_name("unit/imbalance", tests, NULL, NULL);
}
