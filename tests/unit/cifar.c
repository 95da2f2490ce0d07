/* CIFAR binary files: decoding, where they are looked for, and what damage is found. Distributions of a few records
 * stand in for the real ones; the real one is read when $SADDLE_CIFAR10 names its directory. */
#include "config.h"
#include "check.h"

#include "base/buf.h"
#include "engine/data/cifar.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct cifar_kind tiny10 = {
    .name = "tiny10", .directory = "tiny-10", .n_files = 2, .train_file = { "a.bin", "b.bin" }, .test_file = "test.bin",
    .names_file = "names.txt", .train_records = 20, .test_records = 10, .classes = 10, .label_bytes = 1,
};
static const struct cifar_kind tiny100 = {
    .name = "tiny100", .directory = "tiny-100", .n_files = 1, .train_file = { "train.bin" }, .test_file = "test.bin",
    .names_file = "names.txt", .train_records = 200, .test_records = 100, .classes = 100, .label_bytes = 2,
    .coarse_classes = 20,
};

struct folder {
    char path[64], file[128];
};

static const char *in(struct folder *f, const char *name)
{
    snprintf(f->file, sizeof f->file, "%s/%s", f->path, name);
    return f->file;
}

static void put_file(const char *path, const void *bytes, size_t n)
{
    FILE *out = fopen(path, "wb");
    assert_non_null(out);
    assert_int_equal(fwrite(bytes, 1, n, out), n);
    assert_int_equal(fclose(out), 0);
}

/* Channel ch, pixel p of record i in file `file`: a value that tells them apart. */
static uint8_t pixel_value(uint32_t file, uint32_t i, int ch, int p)
{
    return (uint8_t)(file * 101 + i * 7 + (uint32_t)ch * 50 + (uint32_t)p * 3 + (uint32_t)p / 32);
}

static void put_records(const struct cifar_kind *kind, const char *path, uint32_t file, uint32_t records)
{
    struct buf b = { 0 };
    for (uint32_t i = 0; i < records; i++) {
        if (kind->label_bytes == 2)
            buf_addc(&b, (char)(i % 20));
        buf_addc(&b, (char)((i + file) % (uint32_t)kind->classes));
        for (int ch = 0; ch < 3; ch++)
            for (int p = 0; p < 1024; p++)
                buf_addc(&b, (char)pixel_value(file, i, ch, p));
    }
    assert_false(b.failed);
    put_file(path, b.data, b.len);
    buf_release(&b);
}

static void put_names(const struct cifar_kind *kind, const char *path, int n)
{
    struct buf b = { 0 };
    for (int c = 0; c < n; c++)
        buf_addf(&b, "%s_%d\n", kind->name, c);
    buf_addc(&b, '\n');
    put_file(path, b.data, b.len);
    buf_release(&b);
}

static void put_distribution(const struct cifar_kind *kind, struct folder *f)
{
    for (int i = 0; i < kind->n_files; i++)
        put_records(kind, in(f, kind->train_file[i]), (uint32_t)i, kind->train_records);
    put_records(kind, in(f, kind->test_file), 9, kind->test_records);
    put_names(kind, in(f, kind->names_file), kind->classes);
}

static int make_folder(void **state)
{
    struct folder *f = calloc(1, sizeof *f);
    snprintf(f->path, sizeof f->path, "/tmp/saddle-cifar-XXXXXX");
    *state = f;
    return mkdtemp(f->path) ? 0 : -1;
}

static int drop_folder(void **state)
{
    struct folder *f = *state;
    static const char *const files[] = { "a.bin", "b.bin", "train.bin", "test.bin", "names.txt" };
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        unlink(in(f, files[i]));
    int result = rmdir(f->path);
    free(f);
    return result;
}

static void check_image(const struct image_set *set, uint32_t at, uint32_t file, uint32_t record, int classes)
{
    const uint8_t *image = set->images + (size_t)at * CIFAR_VALUES;
    for (int p = 0; p < 1024; p++)
        for (int ch = 0; ch < 3; ch++)
            assert_int_equal(image[p * 3 + ch], pixel_value(file, record, ch, p));
    assert_int_equal(set->labels[at], (record + file) % (uint32_t)classes);
}

static void test_decodes_cifar10(void **state)
{
    struct folder *f = *state;
    struct dataset d;
    struct err e;
    put_distribution(&tiny10, f);
    assert_int_equal(cifar_load(&d, &tiny10, f->path, &e), 0);
    assert_int_equal(d.classes, 10);
    assert_string_equal(d.class_name[9], "tiny10_9");
    assert_int_equal(d.train.n, 40);
    assert_int_equal(d.test.n, 10);
    for (uint32_t i = 0; i < 40; i++)
        check_image(&d.train, i, i / 20, i % 20, 10);
    for (uint32_t i = 0; i < 10; i++)
        check_image(&d.test, i, 9, i, 10);
    for (int c = 0; c < 10; c++)
        assert_int_equal(d.train.count[c], 4);
    dataset_free(&d);
}

static void test_decodes_cifar100_fine_labels(void **state)
{
    struct folder *f = *state;
    struct dataset d;
    struct err e;
    put_distribution(&tiny100, f);
    assert_int_equal(cifar_load(&d, &tiny100, f->path, &e), 0);
    assert_int_equal(d.classes, 100);
    for (uint32_t i = 0; i < 200; i++)
        check_image(&d.train, i, 0, i, 100);
    assert_int_equal(d.train.count[99], 2);
    dataset_free(&d);
}

static void test_finds_the_folder_in_its_parent(void **state)
{
    struct folder *f = *state, below;
    struct dataset d;
    struct err e;
    snprintf(below.path, sizeof below.path, "%.40s/%s", f->path, tiny10.directory);
    assert_int_equal(mkdir(below.path, 0700), 0);
    put_distribution(&tiny10, &below);
    int result = cifar_load(&d, &tiny10, f->path, &e);
    static const char *const files[] = { "a.bin", "b.bin", "test.bin", "names.txt" };
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        unlink(in(&below, files[i]));
    assert_int_equal(rmdir(below.path), 0);
    assert_int_equal(result, 0);
    assert_int_equal(d.train.n, 40);
    dataset_free(&d);
}

static void assert_refused(const struct cifar_kind *kind, const char *path, const char *says)
{
    struct dataset d = { 0 };
    struct err e;
    assert_int_equal(cifar_load(&d, kind, path, &e), -1);
    assert_says(e, says);
    dataset_free(&d);
}

static void test_missing_files(void **state)
{
    struct folder *f = *state;
    assert_refused(&tiny10, NULL, "no directory given");
    assert_refused(&tiny10, "", "no directory given");
    assert_refused(&tiny10, f->path, "a.bin");
    assert_refused(&cifar100_kind, "/nonexistent", "cifar-100-binary");
    put_distribution(&tiny10, f);
    unlink(in(f, "b.bin"));
    assert_refused(&tiny10, f->path, "b.bin: No such file");
    put_distribution(&tiny10, f);
    unlink(in(f, "names.txt"));
    assert_refused(&tiny10, f->path, "names.txt: No such file");
    put_names(&tiny10, in(f, "names.txt"), 9);
    assert_refused(&tiny10, f->path, "9 class names, expected 10");
    put_names(&tiny10, in(f, "names.txt"), 11);
    assert_refused(&tiny10, f->path, "'tiny10_10'");
}

static void test_wrong_sizes(void **state)
{
    struct folder *f = *state;
    put_distribution(&tiny10, f);
    assert_int_equal(truncate(in(f, "b.bin"), 20 * 3073 - 1), 0);
    assert_refused(&tiny10, f->path, "b.bin ends inside record 19: 61459 bytes, expected 61460");
    assert_int_equal(truncate(in(f, "b.bin"), 7 * 3073 + 100), 0);
    assert_refused(&tiny10, f->path, "ends inside record 7");
    assert_int_equal(truncate(in(f, "b.bin"), 0), 0);
    assert_refused(&tiny10, f->path, "0 bytes, expected 61460");
    put_distribution(&tiny10, f);
    assert_int_equal(truncate(in(f, "test.bin"), 10 * 3073 + 1), 0);
    assert_refused(&tiny10, f->path, "test.bin goes on after record 9: 30731 bytes, expected 30730");
    put_records(&tiny10, in(f, "test.bin"), 9, 11); /* whole records, but too many */
    assert_refused(&tiny10, f->path, "goes on after record 9");
    unlink(in(f, "test.bin"));
    assert_int_equal(mkdir(in(f, "test.bin"), 0700), 0);
    struct dataset d = { 0 };
    struct err e;
    int result = cifar_load(&d, &tiny10, f->path, &e);
    dataset_free(&d);
    rmdir(in(f, "test.bin"));
    assert_int_equal(result, -1);
}

static void poke(const char *path, long at, uint8_t value)
{
    FILE *out = fopen(path, "r+b");
    assert_non_null(out);
    assert_int_equal(fseek(out, at, SEEK_SET), 0);
    fputc(value, out);
    assert_int_equal(fclose(out), 0);
}

static void test_labels_out_of_range(void **state)
{
    struct folder *f = *state;
    put_distribution(&tiny10, f);
    poke(in(f, "b.bin"), 3 * 3073, 10);
    assert_refused(&tiny10, f->path, "b.bin: record 3: label 10, expected 0..9");
    put_distribution(&tiny10, f);
    poke(in(f, "test.bin"), 9 * 3073, 255);
    assert_refused(&tiny10, f->path, "test.bin: record 9: label 255, expected 0..9");
    put_distribution(&tiny100, f);
    poke(in(f, "train.bin"), 199 * 3074 + 1, 100);
    assert_refused(&tiny100, f->path, "train.bin: record 199: label 100, expected 0..99");
    put_distribution(&tiny100, f);
    poke(in(f, "train.bin"), 0, 20);
    assert_refused(&tiny100, f->path, "record 0: coarse label 20, expected 0..19");
}

static void test_names_cannot_move_the_cursor(void **state)
{
    struct folder *f = *state;
    struct dataset d;
    struct err e;
    put_distribution(&tiny10, f);
    put_file(in(f, "names.txt"), "a\033[2J\nb\nc\nd\ne\nf\ng\nh\ni\nj\n", 24);
    assert_int_equal(cifar_load(&d, &tiny10, f->path, &e), 0);
    assert_string_equal(d.class_name[0], "a?[2J");
    dataset_free(&d);
}

/* A name of as many bytes as there is room for, and one of one more. */
static void test_long_names(void **state)
{
    static const char others[] = "\nb\nc\nd\ne\nf\ng\nh\ni\nj\n";
    struct folder *f = *state;
    struct dataset d;
    struct err e;
    char names[64];
    put_distribution(&tiny10, f);
    for (size_t length = CLASS_NAME_SIZE - 1; length <= CLASS_NAME_SIZE; length++) {
        memset(names, 'x', length);
        memcpy(names + length, others, sizeof others);
        put_file(in(f, "names.txt"), names, strlen(names));
        assert_int_equal(cifar_load(&d, &tiny10, f->path, &e), length < CLASS_NAME_SIZE ? 0 : -1);
        if (length < CLASS_NAME_SIZE)
            assert_int_equal(strlen(d.class_name[0]), length);
        else
            assert_says(e, "xxx': expected 10 names of at most 31 bytes");
        dataset_free(&d);
    }
}

/* The Python version, by its own folder or the one above, is named; one of its files alone is not it. */
static void test_python_version(void **state)
{
    struct folder *f = *state, below;
    snprintf(below.path, sizeof below.path, "%.40s/cifar-10-batches-py", f->path);
    assert_int_equal(mkdir(below.path, 0700), 0);
    put_file(in(&below, "data_batch_1"), "x", 1);
    assert_refused(&tiny10, below.path, "a.bin");
    put_file(in(&below, "batches.meta"), "x", 1);
    assert_refused(&tiny10, below.path, "cifar-10-batches-py is the Python version");
    assert_refused(&tiny10, f->path, "cifar-10-batches-py is the Python version");
    unlink(in(&below, "data_batch_1"));
    assert_refused(&tiny10, below.path, "a.bin");
    unlink(in(&below, "batches.meta"));
    assert_refused(&tiny10, f->path, "a.bin");
    assert_int_equal(rmdir(below.path), 0);
}

static void test_real_cifar10(void **state)
{
    (void)state;
    const char *path = getenv("SADDLE_CIFAR10");
    if (!path || !*path)
        skip();
    struct data_request r = { .source = DATA_CIFAR10, .path = path };
    struct dataset d;
    struct err e = { 0 };
    if (dataset_open(&d, &r, &e) < 0)
        fail_msg("%s", e.text);
    assert_string_equal(d.name, "cifar10-lt beta=100");
    assert_int_equal(d.train.n, 12406);
    assert_int_equal(d.test.n, 10000);
    assert_string_equal(d.class_name[0], "airplane");
    for (int c = 0; c < 10; c++)
        assert_int_equal(d.test.count[c], 1000);
    dataset_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_decodes_cifar10, make_folder, drop_folder),
        cmocka_unit_test_setup_teardown(test_decodes_cifar100_fine_labels, make_folder, drop_folder),
        cmocka_unit_test_setup_teardown(test_finds_the_folder_in_its_parent, make_folder, drop_folder),
        cmocka_unit_test_setup_teardown(test_missing_files, make_folder, drop_folder),
        cmocka_unit_test_setup_teardown(test_wrong_sizes, make_folder, drop_folder),
        cmocka_unit_test_setup_teardown(test_labels_out_of_range, make_folder, drop_folder),
        cmocka_unit_test_setup_teardown(test_names_cannot_move_the_cursor, make_folder, drop_folder),
        cmocka_unit_test_setup_teardown(test_long_names, make_folder, drop_folder),
        cmocka_unit_test_setup_teardown(test_python_version, make_folder, drop_folder),
        cmocka_unit_test(test_real_cifar10),
    };
    return cmocka_run_group_tests_name("unit/cifar", tests, NULL, NULL);
}
