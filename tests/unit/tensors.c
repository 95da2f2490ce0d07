/* `data tensors FILE`: layout, names, groups, and every shape or value that is refused. */
#include "config.h"
#include "check.h"

#include "base/safetensors.h"
#include "engine/data/augment.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { N = 6 };
static float images[N * CIFAR_VALUES];
static int64_t labels[N];
static char path[] = "/tmp/saddle-tensors-XXXXXX";

static int make_path(void **state)
{
    (void)state;
    int fd = mkstemp(path);
    return fd < 0 ? -1 : close(fd);
}

static int drop_path(void **state)
{
    (void)state;
    return unlink(path);
}

/* Value (ch, y, x) of image i, as stored. */
static float value(uint32_t i, int ch, int y, int x)
{
    return (float)i - 2.5f + (float)ch * 0.25f + (float)(y * 32 + x) / 4096;
}

static void fill(void)
{
    for (uint32_t i = 0; i < N; i++)
        for (int ch = 0; ch < 3; ch++)
            for (int y = 0; y < 32; y++)
                for (int x = 0; x < 32; x++)
                    images[i * CIFAR_VALUES + (uint32_t)(ch * 1024 + y * 32 + x)] = value(i, ch, y, x);
    static const int64_t some[N] = { 2, 0, 2, 3, 2, 0 };
    memcpy(labels, some, sizeof labels);
}

static void save(struct safetensors_item *items, int n)
{
    struct err e;
    if (safetensors_save(path, true, items, n, NULL, &e) < 0)
        fail_msg("%s", e.text);
}

static struct safetensors_item image_item(const char *name)
{
    return (struct safetensors_item){ name, SAFETENSORS_F32, 4, { N, 3, 32, 32 }, images };
}

static struct safetensors_item label_item(const char *name)
{
    return (struct safetensors_item){ name, SAFETENSORS_I64, 1, { N }, labels };
}

static void open_ok(struct dataset *d)
{
    struct data_request r = { .source = DATA_TENSORS, .path = path };
    struct err e;
    if (dataset_open(d, &r, &e) < 0)
        fail_msg("%s", e.text);
}

static void refused(struct safetensors_item *items, int n, const char *says)
{
    struct data_request r = { .source = DATA_TENSORS, .path = path };
    struct dataset d;
    struct err e;
    save(items, n);
    assert_int_equal(dataset_open(&d, &r, &e), -1);
    assert_says(e, says);
}

static void test_reads_images_and_labels(void **state)
{
    (void)state;
    struct dataset d;
    static float out[2 * CIFAR_VALUES];
    static const uint32_t position[2] = { 4, 1 };
    int32_t label[2];
    struct augment off = { .on = false };
    fill();
    struct safetensors_item items[2] = { image_item("images"), label_item("labels") };
    save(items, 2);
    open_ok(&d);
    assert_int_equal(d.classes, 4);
    assert_string_equal(d.class_name[3], "3");
    assert_memory_equal(d.name, "tensors saddle-tensors-", 23);
    assert_int_equal(d.train.n, N);
    assert_int_equal(d.test.n, 0);
    assert_null(d.train.images);
    static const uint32_t count[4] = { 2, 0, 3, 1 };
    assert_memory_equal(d.train.count, count, sizeof count);
    assert_int_equal(d.group[2], GROUP_HEAD); /* by frequency, not by index */
    assert_int_equal(d.group[1], GROUP_TAIL);
    assert_int_equal(batch_fill(out, label, &(const struct image_list){ &d.train, position, 2 }, &off, NULL), 0);
    for (int k = 0; k < 2; k++) {
        assert_int_equal(label[k], labels[position[k]]);
        for (int y = 0; y < 32; y++)
            for (int x = 0; x < 32; x++)
                for (int ch = 0; ch < 3; ch++)
                    assert_true(out[k * CIFAR_VALUES + (y * 32 + x) * 3 + ch] == value(position[k], ch, y, x));
    }
    dataset_free(&d);
}

static void test_reads_a_test_split(void **state)
{
    (void)state;
    struct dataset d;
    fill();
    static int64_t more[2] = { 6, 0 };
    struct safetensors_item items[4] = { image_item("images"), label_item("labels"), image_item("test_images"),
                                         label_item("test_labels") };
    items[2].dims[0] = items[3].dims[0] = 2;
    items[3].data = more;
    save(items, 4);
    open_ok(&d);
    assert_int_equal(d.classes, 7); /* the largest label of both */
    assert_int_equal(d.test.n, 2);
    assert_int_equal(d.test.count[6], 1);
    assert_true(d.test.pixels[1] == value(0, 1, 0, 0));
    dataset_free(&d);
    refused(items, 3, "no tensor 'test_labels'");
}

static void test_hold_out_of_floats(void **state)
{
    (void)state;
    struct data_request r = { .source = DATA_TENSORS, .path = path, .val = 2 };
    struct dataset d;
    struct err e = { 0 };
    fill();
    struct safetensors_item items[2] = { image_item("images"), label_item("labels") };
    save(items, 2);
    if (dataset_open(&d, &r, &e) < 0)
        fail_msg("%s", e.text);
    assert_int_equal(d.train.n, 4);
    assert_int_equal(d.val.n, 2);
    assert_true(d.val.pixels[0] == value(4, 0, 0, 0)); /* the last of class 2, then the last of class 0 */
    assert_true(d.val.pixels[CIFAR_VALUES] == value(5, 0, 0, 0));
    dataset_free(&d);
}

static void test_classes_given(void **state)
{
    (void)state;
    struct data_request r = { .source = DATA_TENSORS, .path = path, .tensor_classes = 10 };
    struct dataset d;
    struct err e = { 0 };
    fill();
    struct safetensors_item items[2] = { image_item("images"), label_item("labels") };
    save(items, 2);
    if (dataset_open(&d, &r, &e) < 0)
        fail_msg("%s", e.text);
    assert_int_equal(d.classes, 10);
    assert_int_equal(d.train.count[9], 0);
    dataset_free(&d);
    r.tensor_classes = 3;
    assert_int_equal(dataset_open(&d, &r, &e), -1);
    assert_says(e, "number 3 is 3, expected 0..2");
    r.tensor_classes = -1;
    assert_int_equal(dataset_open(&d, &r, &e), -1);
    assert_says(e, "-1 classes");
}

static void test_refusals(void **state)
{
    (void)state;
    fill();
    struct safetensors_item good[2] = { image_item("images"), label_item("labels") }, items[2];
    refused(good, 1, "no tensor 'labels'");
    memcpy(items, good, sizeof good);
    items[0].name = "pictures";
    refused(items, 2, "no tensor 'images'");
    items[0] = (struct safetensors_item){ "images", SAFETENSORS_F32, 4, { N, 32, 32, 3 }, images };
    refused(items, 2, "'images': shape [6, 32, 32, 3]: 32 channels; 1 and 3 are accepted");
    items[0] = (struct safetensors_item){ "images", SAFETENSORS_F32, 2, { N, CIFAR_VALUES }, images };
    refused(items, 2, "shape [6, 3072], expected [N, channels, height, width]");
    memcpy(items, good, sizeof good);
    items[1].dims[0] = N - 1;
    refused(items, 2, "expected [6]");
    memcpy(items, good, sizeof good);
    items[1].dtype = SAFETENSORS_F64;
    refused(items, 2, "labels");
    labels[3] = -1;
    refused(good, 2, "number 3 is -1, expected 0..9999");
    labels[3] = 10000;
    refused(good, 2, "number 3 is 10000");
    fill();
    images[5 * CIFAR_VALUES + 17] = NAN;
    refused(good, 2, "image 5 holds nan");
}

/* --- other images -------------------------------------------------------------------------------------------------- */

enum { HIGH = 24, WIDE = 40, PLANE = HIGH * WIDE };

static struct safetensors_item grey_item(const char *name, enum safetensors_dtype type, const void *data)
{
    return (struct safetensors_item){ name, type, 4, { N, 1, HIGH, WIDE }, data };
}

static void test_other_sizes(void **state)
{
    (void)state;
    struct dataset d;
    static float grey[N * PLANE], colour[2 * 3 * 8 * 9];
    fill();
    for (int i = 0; i < N * PLANE; i++)
        grey[i] = (float)i / 1000;
    struct safetensors_item items[2] = { grey_item("images", SAFETENSORS_F32, grey), label_item("labels") };
    save(items, 2);
    open_ok(&d);
    assert_true(image_same_geometry(d.train.kind.size, (struct image_geometry){ HIGH, WIDE, 1 }));
    assert_memory_equal(d.train.pixels, grey, sizeof grey); /* one channel: planes are images */
    assert_true(image_same_geometry(d.test.kind.size, d.train.kind.size) && dataset_memory(&d) == sizeof grey);
    dataset_free(&d);
    for (int i = 0; i < 2 * 3 * 8 * 9; i++)
        colour[i] = (float)i;
    items[0] = (struct safetensors_item){ "images", SAFETENSORS_F32, 4, { 2, 3, 8, 9 }, colour };
    items[1].dims[0] = 2;
    save(items, 2);
    open_ok(&d);
    for (int p = 0; p < 72; p++)
        for (int ch = 0; ch < 3; ch++)
            assert_true(d.train.pixels[216 + p * 3 + ch] == colour[216 + ch * 72 + p]);
    dataset_free(&d);
}

/* Bytes stay bytes, and become what each channel's mean and deviation over the training images say. */
static void test_bytes_are_normalised(void **state)
{
    (void)state;
    struct dataset d;
    static uint8_t bytes[N * 2 * PLANE];
    static float out[PLANE];
    double sum = 0, square = 0;
    fill();
    for (int i = 0; i < N * PLANE; i++)
        sum += bytes[i] = (uint8_t)(i * 37 % 251);
    for (int i = 0; i < N * PLANE; i++)
        square += pow(bytes[i] - sum / (N * PLANE), 2);
    const double mean = sum / (N * PLANE) / 255, deviation = sqrt(square / (N * PLANE)) / 255;
    struct safetensors_item items[4] = { grey_item("images", SAFETENSORS_U8, bytes), label_item("labels"),
                                         grey_item("test_images", SAFETENSORS_U8, bytes + N * PLANE), label_item("test_labels") };
    save(items, 4);
    open_ok(&d);
    assert_null(d.train.pixels);
    assert_memory_equal(d.train.images, bytes, N * PLANE);
    assert_true(fabs(d.train.kind.norm.mean[0] - mean) < 1e-12 && fabs(d.train.kind.norm.std[0] - deviation) < 1e-12);
    assert_memory_equal(&d.test.kind, &d.train.kind, sizeof d.test.kind); /* of the training images, not its own */
    const struct augment off = { .on = false };
    static const uint32_t position[1] = { 1 };
    assert_int_equal(batch_fill(out, NULL, &(const struct image_list){ &d.train, position, 1 }, &off, NULL), 0);
    for (int i = 0; i < PLANE; i++)
        assert_true(out[i] == ((float)bytes[PLANE + i] / 255.0f - (float)d.train.kind.norm.mean[0]) / (float)d.train.kind.norm.std[0]);
    dataset_free(&d);
    memset(bytes, 7, N * PLANE); /* nothing to divide by */
    save(items, 4);
    open_ok(&d);
    assert_int_equal(batch_fill(out, NULL, &(const struct image_list){ &d.train, position, 1 }, &off, NULL), 0);
    assert_true(fabsf(out[0]) < 1e-6f);
    dataset_free(&d);
}

static void test_sizes_refused(void **state)
{
    (void)state;
    static const float numbers[2 * 300 * 8 * 2];
    const struct {
        uint64_t dims[4];
        const char *says;
    } cases[] = {
        { { 2, 2, 8, 8 }, "'images': shape [2, 2, 8, 8]: 2 channels; 1 and 3 are accepted" },
        { { 2, 1, 7, 8 }, "'images': shape [2, 1, 7, 8]: images 7 pixels high; 8 to 256 are accepted" },
        { { 2, 1, 8, 257 }, "'images': shape [2, 1, 8, 257]: images 257 pixels wide; 8 to 256 are accepted" },
    };
    static const int64_t two[2] = { 0, 1 };
    struct safetensors_item items[4] = { { "images", SAFETENSORS_F32, 4, { 0 }, numbers }, { "labels", SAFETENSORS_I64, 1, { 2 }, two },
                                         { "test_images", SAFETENSORS_F32, 4, { 2, 1, 8, 10 }, numbers },
                                         { "test_labels", SAFETENSORS_I64, 1, { 2 }, two } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        memcpy(items[0].dims, cases[i].dims, sizeof cases[i].dims);
        refused(items, 2, cases[i].says);
    }
    memcpy(items[0].dims, (uint64_t[]){ 2, 1, 8, 9 }, 4 * sizeof(uint64_t));
    refused(items, 4, "'test_images' are of 8x10 pixels with 1 channel, 'images' of 8x9 with 1: the same are accepted");
    items[2].dims[3] = 9;
    items[2].dtype = SAFETENSORS_U8;
    refused(items, 4, "'test_images' are bytes (U8) and 'images' are not");
}

static void test_missing_file(void **state)
{
    (void)state;
    struct data_request r = { .source = DATA_TENSORS, .path = "/nonexistent/x.safetensors" };
    struct dataset d;
    struct err e;
    assert_int_equal(dataset_open(&d, &r, &e), -1);
    assert_says(e, "/nonexistent/x.safetensors");
    r.path = NULL;
    assert_int_equal(dataset_open(&d, &r, &e), -1);
    assert_says(e, "no file given");
}

/* A real batch, written by another program. */
static void test_fixture_batch(void **state)
{
    (void)state;
    char file[600];
    const char *folder = getenv("SADDLE_FIXTURES"), *top = getenv("top_srcdir");
    if (folder && *folder)
        snprintf(file, sizeof file, "%.500s/batch.safetensors", folder);
    else
        snprintf(file, sizeof file, "%.500s/../shared/fixtures/batch.safetensors", top ? top : ".");
    if (access(file, R_OK) != 0)
        skip();
    struct data_request r = { .source = DATA_TENSORS, .path = file, .tensor_classes = 10 };
    struct dataset d;
    struct err e = { 0 };
    if (dataset_open(&d, &r, &e) < 0)
        fail_msg("%s", e.text);
    assert_int_equal(d.classes, 10);
    assert_int_equal(d.train.n, 32);
    const struct image_norm *norm = &image_kind_cifar.norm;
    for (size_t i = 0; i < (size_t)d.train.n * CIFAR_VALUES; i++) { /* each is a byte, normalised by methods 1.4 */
        double byte = (d.train.pixels[i] * norm->std[i % 3] + norm->mean[i % 3]) * 255;
        assert_true(byte > -0.01 && byte < 255.01 && fabs(byte - round(byte)) < 0.01);
    }
    dataset_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads_images_and_labels),
        cmocka_unit_test(test_reads_a_test_split),
        cmocka_unit_test(test_hold_out_of_floats),
        cmocka_unit_test(test_classes_given),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_other_sizes),
        cmocka_unit_test(test_bytes_are_normalised),
        cmocka_unit_test(test_sizes_refused),
        cmocka_unit_test(test_missing_file),
        cmocka_unit_test(test_fixture_batch),
    };
    return cmocka_run_group_tests_name("unit/tensors", tests, make_path, drop_path);
}
