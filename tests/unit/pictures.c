/* Sets of pictures: folders and lists of them, in which order their classes come, what is kept in memory, by what they are known, and what
 * is refused. */
#include "config.h"
#include "check.h"

#include "base/err.h"
#include "engine/data/dataset.h"
#include "engine/data/pictures.h"
#include "engine/data/imbalance.h"
#include "engine/data/augment.h"
#include "tests/pictures/paint.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SIDE = 16 };

static char root[64];

static const char *in(const char *name)
{
    static char path[4][1200];
    static int next;
    char *p = path[next++ % 4];
    snprintf(p, 1200, "%s/%s", root, name);
    return p;
}

/* The same, to be kept until the test ends. */
static const char *place(const char *name)
{
    static char path[8][1200];
    static int next;
    char *p = path[next++ % 8];
    snprintf(p, 1200, "%s", in(name));
    return p;
}

static void folder(const char *name)
{
    assert_int_equal(mkdir(in(name), 0700), 0);
}

static void text(const char *name, const char *content)
{
    FILE *out = fopen(in(name), "w");
    assert_non_null(out);
    fputs(content, out);
    assert_int_equal(fclose(out), 0);
}

/* n pictures of a class, of which the first has this seed. */
static void class_of(const char *name, int n, unsigned seed)
{
    char file[256];
    folder(name);
    for (int i = 0; i < n; i++) {
        snprintf(file, sizeof file, "%s/%03d.%s", name, i, i % 2 ? "png" : "jpg");
        assert_int_equal(paint_file(in(file), 20 + i % 3, 18 + i % 4, seed + (unsigned)i), 0);
    }
}

static int set_up(void **state)
{
    (void)state;
    snprintf(root, sizeof root, "/tmp/saddle-pictures-XXXXXX");
    return mkdtemp(root) ? 0 : -1;
}

static int tear_down(void **state)
{
    char command[128];
    (void)state;
    snprintf(command, sizeof command, "rm -rf '%s'", root);
    return system(command);
}

static struct data_request folder_request(const char *path)
{
    return (struct data_request){ .source = DATA_FOLDER, .path = path, .imbalance = IMBALANCE_NONE, .size = SIDE, .kept_mib = 64 };
}

static void open_ok(struct dataset *d, const struct data_request *r)
{
    struct err e = { 0 };
    if (dataset_open(d, r, &e) < 0)
        fail_msg("%s", e.text);
}

static void open_refused(const struct data_request *r, const char *says)
{
    struct dataset d;
    struct err e = { 0 };
    assert_int_equal(dataset_open(&d, r, &e), -1);
    assert_says(e, says);
}

static void make_small(void)
{
    folder("set");
    folder("set/train");
    folder("set/test");
    class_of("set/train/ant", 2, 1);
    class_of("set/train/bee", 5, 20);
    class_of("set/train/cat", 2, 40);
    class_of("set/test/ant", 1, 60);
    class_of("set/test/cat", 2, 70);
}

static void classes_come_by_their_size(void **state)
{
    struct dataset d;
    (void)state;
    make_small();
    const struct data_request r = folder_request(place("set"));
    open_ok(&d, &r);
    assert_int_equal(d.classes, 3);
    assert_string_equal(d.class_name[0], "bee");
    assert_string_equal(d.class_name[1], "ant"); /* equal ones in the order of names */
    assert_string_equal(d.class_name[2], "cat");
    assert_int_equal(d.train.n, 9);
    assert_int_equal(d.train.count[0], 5);
    assert_int_equal(d.test.count[2], 2);
    assert_int_equal(d.val.n, 0);
    assert_string_equal(d.name, "folder set");
    assert_true(image_set_resident(&d.train));
    assert_true(d.train.kind.norm.std[0] > 0.05 && d.train.kind.norm.std[0] < 0.5);
    dataset_free(&d);
}

/* A list of the same files is the same set. */
static void lists_are_the_same_set(void **state)
{
    struct dataset by_folder, by_list;
    (void)state;
    make_small();
    text("train.txt", "train/ant/000.jpg 0\ntrain/ant/001.png\t0\r\n\ntrain/bee/000.jpg 1\ntrain/bee/001.png 1\ntrain/bee/002.jpg 1\n"
                      "  train/bee/003.png   1 \ntrain/bee/004.jpg 1\ntrain/cat/000.jpg 2\ntrain/cat/001.png 2");
    text("test.txt", "test/ant/000.jpg 0\ntest/cat/000.jpg 2\ntest/cat/001.png 2\n");
    text("names.txt", "ant\nbee\ncat\n");
    const char *set = place("set");
    const struct data_request a = folder_request(set);
    const struct data_request b = { .source = DATA_LIST, .path = place("train.txt"), .test_list = place("test.txt"), .names_list = place("names.txt"), .list_root = set,
                                    .imbalance = IMBALANCE_NONE, .size = SIDE, .kept_mib = 64 };
    open_ok(&by_folder, &a);
    open_ok(&by_list, &b);
    assert_string_equal(by_folder.digest, by_list.digest);
    assert_string_equal(by_folder.test_digest, by_list.test_digest);
    for (int c = 0; c < 3; c++)
        assert_string_equal(by_folder.class_name[c], by_list.class_name[c]);
    dataset_free(&by_folder);
    dataset_free(&by_list);
}

/* The images kept with --val and a profile follow from the numbers alone. */
static void a_long_tail_is_made(void **state)
{
    struct dataset d;
    (void)state;
    folder("flat");
    class_of("flat/a", 20, 1);
    class_of("flat/b", 20, 100);
    class_of("flat/c", 20, 200);
    struct data_request r = folder_request(place("flat"));
    r.imbalance = IMBALANCE_EXP;
    r.beta = 4;
    r.val = 4;
    open_ok(&d, &r);
    assert_int_equal(d.profile[0], 20);
    assert_int_equal(d.profile[1], 10);
    assert_int_equal(d.profile[2], 5);
    assert_int_equal(d.val.n, 4);
    assert_int_equal(d.train.n, 31);
    assert_string_equal(d.name, "folder flat-lt beta=4");
    dataset_free(&d);
}

static void fill(const struct dataset *d, const struct augment *augment, float *out)
{
    uint32_t position[9];
    struct err e = { 0 };
    for (uint32_t i = 0; i < 9; i++)
        position[i] = (i * 4 + augment->epoch) % 9;
    if (batch_fill(out, NULL, &(const struct image_list){ &d->train, position, 9 }, augment, &e) < 0)
        fail_msg("%s", e.text);
}

/* Of the pictures that are read again exactly one is refused: this one, with its name. */
static void check_refused(const struct dataset *d, const char *name, const char *why)
{
    static uint8_t room[SIDE * SIDE * 3];
    int refused = 0;
    for (uint32_t i = 0; i < d->train.n; i++) {
        struct err err = { 0 };
        if (d->train.reader->get(&d->train, i, room, &err))
            continue;
        refused++;
        assert_int_equal(err.code, ERR_DATA);
        assert_says(err, name);
        assert_says(err, why);
    }
    assert_int_equal(refused, 1);
}

/* A set that is not in memory gives the same images, plain and augmented in every way, and is known by its files' names and sizes. */
static void memory_makes_no_difference(void **state)
{
    enum { VALUES = 9 * SIDE * SIDE * 3 };
    static float a[VALUES], b[VALUES];
    static const struct augment ways[] = { { .on = false }, { .on = true, .seed = 3, .epoch = 1 }, { .on = true, .seed = 3, .epoch = 2, .jitter = 0.4f },
                                           { .on = true, .seed = 3, .epoch = 1, .resized = true }, { .on = true, .seed = 4, .epoch = 5, .resized = true, .jitter = 0.4f } };
    struct dataset kept, read, changed;
    (void)state;
    make_small();
    struct data_request r = folder_request(place("set"));
    open_ok(&kept, &r);
    r.kept_mib = 0;
    open_ok(&read, &r);
    assert_true(image_set_resident(&kept.train) && !image_set_resident(&read.train));
    assert_int_equal(dataset_memory(&read), 0);
    assert_memory_equal(&kept.train.kind.norm, &read.train.kind.norm, sizeof read.train.kind.norm);
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        fill(&kept, &ways[i], a);
        fill(&read, &ways[i], b);
        assert_memory_equal(a, b, sizeof a);
        if (i > 0) {
            fill(&kept, &ways[i - 1], b);
            assert_memory_not_equal(a, b, sizeof a);
        }
    }
    assert_string_not_equal(kept.digest, read.digest);
    assert_int_equal(paint_file(in("set/train/bee/000.jpg"), 30, 30, 5), 0);
    check_refused(&read, "000.jpg", "it has changed: ");
    open_ok(&changed, &r);
    assert_string_not_equal(changed.digest, read.digest);
    assert_string_equal(changed.test_digest, read.test_digest);
    dataset_free(&kept);
    dataset_free(&read);
    dataset_free(&changed);
}

/* While training a picture that went away is named; the first of the batch, whoever reads it. */
static void a_lost_picture_is_named(void **state)
{
    static float out[9 * SIDE * SIDE * 3];
    const uint32_t position[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8 };
    const struct augment none = { .on = false };
    struct dataset d;
    (void)state;
    make_small();
    struct data_request r = folder_request(place("set"));
    r.kept_mib = 0;
    open_ok(&d, &r);
    assert_int_equal(unlink(in("set/train/cat/001.png")), 0);
    text("set/train/ant/000.jpg", "no picture any more");
    for (int i = 0; i < 8; i++) {
        struct err e = { 0 };
        assert_int_equal(batch_fill(out, NULL, &(const struct image_list){ &d.train, position, 9 }, &none, &e), -1);
        assert_says(e, "'train/ant/000.jpg': it has changed: 19 bytes");
    }
    dataset_free(&d);
}

/* 8 to 100 % of the area, 3:4 to 4:3 where it fits, inside. */
static void boxes_are_inside(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 2000; i++) {
        const int width = 1 + (int)(i * 7 % 300), height = 1 + (int)(i * 13 % 200);
        const struct augment augment = { .on = true, .seed = 9, .epoch = i % 5, .resized = true };
        const struct image_box b = augment_box(&augment, i, width, height);
        assert_true(b.left >= 0 && b.top >= 0 && b.width > 0 && b.height > 0 && b.left + b.width <= width && b.top + b.height <= height);
        if (width > 60 && height > 60 && width < 2 * height && height < 2 * width) {
            const double part = (double)b.width * b.height / width / height, aspect = (double)b.width / b.height;
            assert_true(part > 0.07 && part <= 1 && aspect > 0.7 && aspect < 1.43);
        }
    }
}

/* Those that cannot be decoded are as if they were not there: classes are counted without them. */
static void bad_ones_are_left_out(void **state)
{
    struct dataset with, without;
    (void)state;
    make_small();
    struct data_request r = folder_request(place("set"));
    assert_int_equal(unlink(in("set/train/bee/004.jpg")), 0);
    assert_int_equal(unlink(in("set/train/ant/001.png")), 0);
    assert_int_equal(unlink(in("set/test/cat/000.jpg")), 0);
    open_ok(&without, &r);
    text("set/train/bee/004.jpg", "no picture");
    text("set/train/ant/001.png", "");
    text("set/test/cat/000.jpg", "\xff\xd8\xff");
    open_refused(&r, "2 of 9 pictures cannot be read");
    r.skip_bad = true;
    open_ok(&with, &r);
    assert_string_equal(with.digest, without.digest);
    assert_string_equal(with.test_digest, without.test_digest);
    assert_string_equal(with.class_name[1], "cat");
    assert_int_equal(with.train.count[2], 1);
    assert_string_equal(with.note, "3 pictures that cannot be decoded are left out: 'train/ant/001.png', 'train/bee/004.jpg', 'test/cat/000.jpg'");
    text("set/train/ant/000.jpg", "");
    open_refused(&r, "class 0 (ant) has no picture to train on");
    dataset_free(&with);
    dataset_free(&without);
}

static void bad_sets_are_refused(void **state)
{
    (void)state;
    make_small();
    struct data_request r = folder_request(place("nowhere"));
    open_refused(&r, "/nowhere: cannot open it: No such file or directory");
    folder("empty");
    r = folder_request(place("empty"));
    open_refused(&r, "no folders in it");
    class_of("empty/only", 2, 1);
    open_refused(&r, "all pictures are of one class (only)");
    folder("empty/void");
    open_refused(&r, "class 1 (void) has no picture to train on");
    r = folder_request(place("set"));
    text("set/batches.meta", "");
    open_refused(&r, "'data cifar10 --root DIR' reads its binary version");
    assert_int_equal(unlink(in("set/batches.meta")), 0);
    folder("set/test/dog");
    open_refused(&r, "'test/dog' is a class that is not among those to train on");
    assert_int_equal(rmdir(in("set/test/dog")), 0);
    assert_int_equal(symlink("..", in("set/train/bee/loop")), 0);
    open_refused(&r, "'train/bee/loop/bee' is a link to a folder that it lies in");
    assert_int_equal(unlink(in("set/train/bee/loop")), 0);
    assert_int_equal(symlink("gone.jpg", in("set/train/bee/dead.jpg")), 0);
    open_refused(&r, "'train/bee/dead.jpg' is a link to nothing");
    assert_int_equal(unlink(in("set/train/bee/dead.jpg")), 0);
    text("set/train/cat/0.jpg", "");
    open_refused(&r, "1 picture cannot be read (--bad skip names such and leaves them out): 'train/cat/0.jpg': empty: 0 bytes");
    text("set/train/ant/zzz.png", "no picture");
    open_refused(&r, "2 of 11 pictures cannot be read (--bad skip names such and leaves them out), the first is: 'train/ant/zzz.png': neither JPEG nor PNG");
}

static void bad_lists_are_refused(void **state)
{
    static const struct {
        const char *lines, *says;
    } cases[] = {
        { "", "no lines; expected one of a path, a blank and a label" },
        { "train/bee/000.jpg\n", "line 1: 'train/bee/000.jpg': expected a path, a blank and a label" },
        { "train/bee/000.jpg 0\ntrain/ant/000.jpg one\n", "line 2: 'train/ant/000.jpg one': the label is no whole number" },
        { "train/bee/000.jpg -1\n", "the label is no whole number" },
        { "train/bee/000.jpg 10000\n", "the label is out of range, expected 0..9999" },
        { "train/bee/000.jpg 99999999999999999999\n", "out of range, expected 0..9999" },
        { "train/bee/000.jpg 0\n\ntrain/bee/none.jpg 1\n", "line 3: 'train/bee/none.jpg': no such file in" },
        { "train/bee/000.jpg 0\ntrain 1\n", "line 2: 'train': no such file in" },
        { "train/bee/000.jpg 0\n", "all pictures are of one class (0)" },
        { "train/bee/000.jpg 0\ntrain/bee/001.png 2\n", "class 1 (1) has no picture to train on" },
        { "train/bee/\033[2J.jpg 0\n", "line 1: 'train/bee/\xef\xbf\xbd[2J.jpg': no such file" },
    };
    (void)state;
    make_small();
    const char *set = place("set"), *list = place("list.txt");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        text("list.txt", cases[i].lines);
        open_refused(&(const struct data_request){ .source = DATA_LIST, .path = list, .list_root = set, .imbalance = IMBALANCE_NONE, .size = SIDE, .kept_mib = 64 },
                     cases[i].says);
    }
    text("list.txt", "train/bee/000.jpg 0\ntrain/ant/000.jpg 1\n");
    text("few.txt", "one\n");
    open_refused(&(const struct data_request){ .source = DATA_LIST, .path = list, .list_root = set, .names_list = place("few.txt"),
                                               .imbalance = IMBALANCE_NONE, .size = SIDE, .kept_mib = 64 }, "few.txt: 1 names, expected 2");
    text("few.txt", "train/bee/000.jpg 2\n");
    open_refused(&(const struct data_request){ .source = DATA_LIST, .path = list, .list_root = set, .test_list = place("few.txt"),
                                               .imbalance = IMBALANCE_NONE, .size = SIDE, .kept_mib = 64 }, "few.txt: line 1: 'train/bee/000.jpg 2': the label is out of range, expected 0..1");
}

/* The groups of published sets, and what numbers look like. */
static void published_sets_are_known(void **state)
{
    static const struct {
        int classes;
        uint32_t train, test;
        const char *groups, *says;
    } cases[] = {
        { 1000, 115846, 50000, "0-389/390-834/835-999", "by its numbers this is ImageNet-LT" },
        { 1000, 115846, 49999, "0-389/390-834/835-999", "by its numbers this is ImageNet-LT; but that has 20000 or 50000 pictures to test on, and here are 49999" },
        { 8142, 437513, 24426, "0-841/842-4542/4543-8141", "by its numbers this is iNaturalist 2018" },
        { 365, 62499, 7300, NULL, "as many classes as Places-LT, but that has 62500 pictures to train on, and here are 62499; the whole Places365, of which Places-LT is a list has 1803460" },
        { 1010, 265213, 3030, NULL, "by its numbers this is iNaturalist 2019" },
        { 17, 500, 10, NULL, "" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct dataset d;
        struct err e = { 0 };
        char said[512];
        assert_int_equal(dataset_init(&d, cases[i].classes, &e), 0);
        for (uint32_t k = 0; k < cases[i].train; k++)
            d.profile[k % (uint32_t)cases[i].classes]++;
        d.test.n = cases[i].test;
        const char *groups = pictures_groups(&d);
        assert_int_equal(groups != NULL, cases[i].groups != NULL);
        if (groups)
            assert_string_equal(groups, cases[i].groups);
        pictures_likeness(&d, said, sizeof said);
        assert_string_equal(said, cases[i].says);
        assert_int_equal(imbalance_groups(&d, d.profile, IMBALANCE_NONE, groups, &e), 0);
        if (cases[i].classes == 1000)
            assert_true(d.group_classes[GROUP_HEAD] == 390 && d.group_classes[GROUP_MID] == 445 && d.group_classes[GROUP_TAIL] == 165);
        if (cases[i].classes == 8142)
            assert_true(d.group_classes[GROUP_HEAD] == 842 && d.group_classes[GROUP_MID] == 3701 && d.group_classes[GROUP_TAIL] == 3599);
        d.test.n = 0;
        dataset_free(&d);
    }
}

/* A panorama of 20,000 pixels is read by its rows. */
static void panoramas_are_read(void **state)
{
    struct dataset d;
    (void)state;
    make_small();
    assert_int_equal(paint_file(in("set/train/cat/wide.jpg"), 20000, 40, 7), 0);
    assert_int_equal(paint_file(in("set/train/cat/high.png"), 30, 20000, 7), 0);
    const struct data_request r = folder_request(place("set"));
    open_ok(&d, &r);
    assert_int_equal(d.train.n, 11);
    dataset_free(&d);
}

/* Names that begin alike for 31 bytes, and names that are no UTF-8, are told apart. */
static void names_fit_the_screen(void **state)
{
    struct dataset d;
    (void)state;
    folder("names");
    class_of("names/a_name_that_is_longer_than_a_screen_has_room_for_1", 3, 1);
    class_of("names/a_name_that_is_longer_than_a_screen_has_room_for_2", 2, 1);
    class_of("names/z\xff\x1b[2J", 1, 1);
    const struct data_request r = folder_request(place("names"));
    open_ok(&d, &r);
    assert_string_equal(d.class_name[0], "a_name_that_is_longer_than_a_sc");
    assert_string_equal(d.class_name[1], "a_name_that_is_longer_than_a_~1");
    assert_string_equal(d.class_name[2], "z\xef\xbf\xbd\xef\xbf\xbd[2J");
    dataset_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(classes_come_by_their_size, set_up, tear_down),
        cmocka_unit_test_setup_teardown(lists_are_the_same_set, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_long_tail_is_made, set_up, tear_down),
        cmocka_unit_test_setup_teardown(memory_makes_no_difference, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_lost_picture_is_named, set_up, tear_down),
        cmocka_unit_test(boxes_are_inside),
        cmocka_unit_test_setup_teardown(bad_ones_are_left_out, set_up, tear_down),
        cmocka_unit_test_setup_teardown(bad_sets_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(bad_lists_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(names_fit_the_screen, set_up, tear_down),
        cmocka_unit_test(published_sets_are_known),
        cmocka_unit_test_setup_teardown(panoramas_are_read, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
