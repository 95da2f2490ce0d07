/* The tensor file reader and writer, mostly with files that are wrong. */
#include "config.h"

#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/rng.h"
#include "base/safetensors.h"
#include "engine/model/params.h"
#include "engine/model/families.h"
#include "engine/model/initial.h"

static char folder[] = "/tmp/saddle-safetensors-XXXXXX";
static char path[128];

static int make_folder(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/file.safetensors", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder); /* fails when a test left a file behind */
}

/* A file of this header and n_data bytes 0, 1, 2 ... */
static void build(struct buf *b, const char *header, size_t n_data)
{
    uint64_t length = strlen(header);
    buf_add(b, &length, sizeof length);
    buf_adds(b, header);
    for (size_t i = 0; i < n_data; i++)
        buf_addc(b, (char)i);
}

static void refuses(const char *header, size_t n_data, const char *message)
{
    struct buf b = { 0 };
    struct err err = { 0 };
    build(&b, header, n_data);
    struct safetensors *s = safetensors_from_memory(b.data, b.len, &err);
    if (s)
        fail_msg("accepted: %s", header);
    if (!strstr(err.text, message))
        fail_msg("'%s' instead of '%s'", err.text, message);
    assert_null(strchr(err.text, '\n'));
    assert_int_equal(err.code, ERR_DATA);
    buf_release(&b);
}

static void refusals(void **state)
{
    (void)state;
    refuses("", 0, "does not begin with '{'");
    refuses(" {}", 0, "does not begin with '{'");
    refuses("{", 0, "not JSON");
    refuses("[]", 0, "does not begin");
    refuses("{\"a\":1}", 0, "not dtype, shape and data_offsets");
    refuses("{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", 4, "not dtype, shape and data_offsets");
    refuses("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4],\"x\":1}}", 4, "not dtype, shape");
    refuses("{\"a\":{\"dtype\":\"Q7\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "unknown dtype 'Q7'");
    refuses("{\"a\":{\"dtype\":7,\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "unknown dtype");
    refuses("{\"a\":{\"dtype\":\"F32\",\"shape\":1,\"data_offsets\":[0,4]}}", 4, "shape is not a list");
    refuses("{\"a\":{\"dtype\":\"F32\",\"shape\":[1,1,1,1,1,1,1,1,1],\"data_offsets\":[0,4]}}", 4, "at most 8");
    refuses("{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}", 4, "size 1 of its shape");
    refuses("{\"a\":{\"dtype\":\"F32\",\"shape\":[1.0],\"data_offsets\":[0,4]}}", 4, "size 1 of its shape");
    refuses("{\"a\":{\"dtype\":\"F32\",\"shape\":[1,1099511627777],\"data_offsets\":[0,4]}}", 4, "size 2 of its shape");
    refuses("{\"a\":{\"dtype\":\"F32\",\"shape\":[99999999999999999999],\"data_offsets\":[0,4]}}", 4, "not JSON");
    refuses("{\"a\":{\"dtype\":\"F32\",\"shape\":[1048576,1048577],\"data_offsets\":[0,4]}}", 4, "more than 2^40 bytes");
    refuses("{\"a\":{\"dtype\":\"F32\",\"shape\":[1099511627776],\"data_offsets\":[0,4]}}", 4, "more than 2^40 bytes");
    refuses("{\"a\":{\"dtype\":\"F32\",\"shape\":[2097152,2097152,2097152,2],\"data_offsets\":[0,0]}}", 4, "2^40");
    refuses("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}", 4, "not two ascending");
    refuses("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}}", 4, "not two ascending");
    refuses("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}", 4, "span 4 bytes, dtype and shape say 8");
    refuses("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", 8, "tensor 'a' begins at byte 4, not at 0: there is a hole");
    refuses("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
            "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[2,6]}}", 8, "tensor 'b' begins at byte 2, not at 4: tensors overlap");
    refuses("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
            "\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", 8, "duplicate");
    refuses("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 3, "tensor 'a' ends at byte 4 of 3 bytes of data: cut short");
    refuses("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 5, "1 bytes after the last tensor");
    refuses("{\"a b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "has a name that is not");
    refuses("{\"\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "has a name that is not");
    refuses("{\"\\u001b[2J\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "has a name that is not");
    refuses("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"\":{}}", 4, "tensor 2 has a name that is not 1 to 255 of [A-Za-z0-9._/-]");
    refuses("{\"__metadata__\":[]}", 0, "__metadata__ is not an object");
    refuses("{\"__metadata__\":{\"a\":1}}", 0, "not a string");
}

static void a_rank_has_a_limit(void **state)
{
    (void)state;
    struct buf b = { 0 };
    build(&b, "{\"a\":{\"dtype\":\"F32\",\"shape\":[1,1,1,1,1,1,1,1],\"data_offsets\":[0,4]}}", 4); /* one more is refused above */
    struct safetensors *s = safetensors_from_memory(b.data, b.len, NULL);
    assert_non_null(s);
    assert_int_equal(safetensors_at(s, 0)->rank, 8);
    safetensors_close(s);
    buf_release(&b);
}

/* A name as long as may be, and one longer; read and written. */
static void names_have_a_length(void **state)
{
    (void)state;
    char name[258], header[400];
    struct err err;
    struct buf b = { 0 };
    const float one = 1;
    for (int n = 255; n <= 256; n++) {
        memset(name, 'n', sizeof name);
        name[n] = '\0';
        snprintf(header, sizeof header, "{\"%s\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", name);
        build(&b, header, 4);
        struct safetensors *s = safetensors_from_memory(b.data, b.len, &err);
        assert_int_equal(s != NULL, n == 255);
        if (s)
            safetensors_close(s);
        buf_clear(&b);
        const struct safetensors_item item = { .name = name, .dtype = SAFETENSORS_F32, .rank = 1, .dims = { 1 }, .data = &one };
        assert_int_equal(safetensors_header(&b, &item, 1, NULL, &err), n == 255 ? 0 : -1);
        buf_clear(&b);
    }
    buf_release(&b);
    name[64] = '\0';
    snprintf(header, sizeof header, "tensor name '%s' is not 1 to 255 of [A-Za-z0-9._/-]", name);
    assert_string_equal(err.text, header);
}

static void refuses_a_header_of_the_wrong_length(void **state)
{
    (void)state;
    struct err err = { 0 };
    unsigned char bytes[32] = { 0 };
    uint64_t lengths[] = { UINT64_MAX, (uint64_t)1 << 63, (4 << 20) + 1, 25 };
    for (size_t i = 0; i < 4; i++) {
        memcpy(bytes, &lengths[i], 8);
        assert_null(safetensors_from_memory(bytes, sizeof bytes, &err));
        assert_non_null(strstr(err.text, "header"));
    }
}

static const char good[] = "{\"__metadata__\":{\"by\":\"test\"},"
                           "\"b.i\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[16,24]},"
                           "\"a\":{\"dtype\":\"F32\",\"shape\":[2,2],\"data_offsets\":[0,16]},"
                           "\"none\":{\"dtype\":\"U8\",\"shape\":[3,0],\"data_offsets\":[16,16]},"
                           "\"c/u\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[24,27]}}  ";

static void reads_a_good_file(void **state)
{
    (void)state;
    struct buf b = { 0 };
    build(&b, good, 27);
    struct safetensors *s = safetensors_from_memory(b.data, b.len, NULL);
    assert_non_null(s);
    assert_int_equal(safetensors_count(s), 4);
    assert_string_equal(safetensors_at(s, 0)->name, "a");
    assert_string_equal(safetensors_at(s, 1)->name, "none"); /* empty: before its neighbour */
    assert_string_equal(safetensors_metadata(s, "by"), "test");
    assert_null(safetensors_metadata(s, "to"));
    assert_null(safetensors_find(s, "missing"));
    const struct safetensors_tensor *t = safetensors_find(s, "c/u");
    int64_t u[3];
    assert_int_equal(safetensors_to_int64(t, u, NULL), 0);
    assert_true(u[0] == 24 && u[2] == 26);
    struct err err = { 0 };
    float f[4];
    assert_int_equal(safetensors_to_float(t, f, &err), -1);
    assert_non_null(strstr(err.text, "'c/u' is U8"));
    assert_int_equal(safetensors_to_int64(safetensors_find(s, "a"), u, &err), -1);
    t = safetensors_find(s, "b.i");
    assert_true(t->rank == 0 && t->count == 1 && t->bytes == 8);
    assert_int_equal(safetensors_find(s, "none")->count, 0);
    safetensors_close(s);
    buf_release(&b);
}

/* Opens bytes from an exact-size block, so that a sanitizer sees any read beyond the end. */
static bool opens(const char *bytes, size_t size)
{
    struct err err = { 0 };
    char *copy = malloc(size ? size : 1);
    assert_non_null(copy);
    memcpy(copy, bytes, size);
    struct safetensors *s = safetensors_from_memory(copy, size, &err);
    bool ok = s != NULL;
    if (!ok) {
        assert_int_not_equal(err.code, ERR_NONE);
        assert_true(err.text[0] != '\0' && !strchr(err.text, '\n'));
    }
    for (int i = 0; ok && i < safetensors_count(s); i++) {
        const struct safetensors_tensor *t = safetensors_at(s, i);
        assert_true((const char *)t->data >= copy && (const char *)t->data + t->bytes <= copy + size);
        volatile unsigned char last = t->bytes ? ((const unsigned char *)t->data)[t->bytes - 1] : 0;
        (void)last;
    }
    safetensors_close(s);
    free(copy);
    return ok;
}

static void every_truncation_is_refused(void **state)
{
    (void)state;
    struct buf b = { 0 };
    build(&b, good, 27);
    for (size_t size = 0; size < b.len; size++)
        assert_false(opens(b.data, size));
    assert_true(opens(b.data, b.len));
    buf_release(&b);
}

static void random_damage_never_crashes(void **state)
{
    (void)state;
    struct buf b = { 0 };
    struct rng r;
    int accepted = 0;
    build(&b, good, 27);
    rng_init(&r, 11, RNG_DEMO, 0, 0);
    char *bytes = malloc(b.len);
    assert_non_null(bytes);
    for (int round = 0; round < 20000; round++) {
        memcpy(bytes, b.data, b.len);
        for (uint32_t flips = 1 + rng_below(&r, 3); flips > 0; flips--)
            bytes[rng_below(&r, (uint32_t)b.len)] = (char)rng_u32(&r);
        accepted += opens(bytes, b.len);
    }
    assert_true(accepted > 100 && accepted < 15000); /* damage to the data alone is not the header's business */
    free(bytes);
    buf_release(&b);
}

static void half_precision(void **state)
{
    (void)state;
    const char header[] = "{\"h\":{\"dtype\":\"F16\",\"shape\":[7],\"data_offsets\":[0,14]},"
                          "\"b\":{\"dtype\":\"BF16\",\"shape\":[2],\"data_offsets\":[14,18]}}";
    const uint16_t halves[] = { 0x3C00, 0xC000, 0x7BFF, 0x0001, 0x8000, 0x7C00, 0x3555, 0x3F80, 0xC040 };
    struct buf b = { 0 };
    float f[7];
    build(&b, header, 18);
    memcpy(b.data + b.len - 18, halves, 18);
    struct safetensors *s = safetensors_from_memory(b.data, b.len, NULL);
    assert_non_null(s);
    assert_int_equal(safetensors_to_float(safetensors_find(s, "h"), f, NULL), 0);
    assert_true(f[0] == 1 && f[1] == -2 && f[2] == 65504 && f[3] == 0x1p-24f && f[4] == 0 && signbit(f[4]));
    assert_true(isinf(f[5]) && f[6] == 0.333251953125f);
    assert_int_equal(safetensors_to_float(safetensors_find(s, "b"), f, NULL), 0);
    assert_true(f[0] == 1 && f[1] == -3);
    safetensors_close(s);
    buf_release(&b);
}

static const float four[] = { 1, -2.5f, 3e-30f, 4 };
static const int64_t one_number[] = { -7 };
static const struct safetensors_item items[] = {
    { "layer1.0.w", SAFETENSORS_F32, 2, { 2, 2 }, four },
    { "n", SAFETENSORS_I64, 0, { 0 }, one_number },
};

static void writes_what_it_reads(void **state)
{
    (void)state;
    const char *const metadata[] = { "note", "a \"quote\" and \xc3\xa9", NULL };
    struct err err = { 0 };
    struct stat st;
    mode_t mask = umask(027);
    assert_int_equal(safetensors_save(path, false, items, 2, metadata, &err), 0);
    umask(mask);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0640);
    assert_int_equal((st.st_size - 24) % 64, 0); /* header padded to 64, then 16 + 8 bytes */
    struct safetensors *s = safetensors_open(path, &err);
    assert_non_null(s);
    assert_string_equal(safetensors_metadata(s, "note"), metadata[1]);
    float f[4];
    int64_t n;
    assert_int_equal(safetensors_to_float(safetensors_find(s, "layer1.0.w"), f, &err), 0);
    assert_memory_equal(f, four, sizeof f);
    assert_int_equal(safetensors_to_int64(safetensors_find(s, "n"), &n, &err), 0);
    assert_int_equal(n, -7);
    safetensors_close(s);
    assert_int_equal(safetensors_save(path, false, items, 1, NULL, &err), -1); /* exists */
    assert_non_null(strstr(err.text, "exists"));
    assert_int_equal(safetensors_save(path, true, items, 1, NULL, &err), 0);
    s = safetensors_open(path, &err);
    assert_int_equal(safetensors_count(s), 1);
    safetensors_close(s);
    assert_int_equal(unlink(path), 0);
}

static void writer_refuses_and_leaves_nothing(void **state)
{
    (void)state;
    struct err err = { 0 };
    struct safetensors_item bad[] = { items[0], items[0] };
    assert_int_equal(safetensors_save(path, false, bad, 2, NULL, &err), -1);
    assert_non_null(strstr(err.text, "two tensors are called 'layer1.0.w'"));
    bad[1].name = "with space";
    assert_int_equal(safetensors_save(path, false, bad, 2, NULL, &err), -1);
    const char *const metadata[] = { "x", "\xff", NULL };
    assert_int_equal(safetensors_save(path, false, items, 1, metadata, &err), -1);
    assert_int_equal(safetensors_save("/nonexistent-folder/x", false, items, 1, NULL, &err), -1);
    assert_int_equal(err.code, ERR_IO);
    assert_int_equal(access(path, F_OK), -1);
    assert_null(safetensors_open(path, &err));
    assert_int_equal(err.code, ERR_IO);
    assert_null(safetensors_open(folder, &err)); /* a folder */
}

/* --- weights of a network --- */

static struct net net;
static float *params, *stats, *params2, *stats2;

static void open_net(void)
{
    assert_int_equal(net_of_family(&net, "resnet8", IMAGE_CIFAR, 10, HEAD_LINEAR, NULL), 0);
    params = malloc(net.params.total * sizeof *params);
    params2 = calloc(net.params.total, sizeof *params);
    stats = malloc(net.stats.total * sizeof *stats);
    stats2 = calloc(net.stats.total, sizeof *stats);
    assert_true(params && params2 && stats && stats2);
    net_init_params(&net, 5, params, stats);
}

static void close_net(void)
{
    free(params);
    free(params2);
    free(stats);
    free(stats2);
    net_release(&net);
}

static void weights_round_trip(void **state)
{
    (void)state;
    struct err err = { 0 };
    open_net();
    assert_int_equal(params_save(&net, &(struct params_file){ .path = path }, params, stats, 321, &err), 0);
    assert_int_equal(params_load(&net, path, params2, stats2, &err), 0);
    assert_memory_equal(params, params2, net.params.total * sizeof *params);
    assert_memory_equal(stats, stats2, net.stats.total * sizeof *stats);
    struct safetensors *s = safetensors_open(path, &err);
    int64_t batches = 0;
    assert_int_equal(safetensors_count(s), net.params.n + net.stats.n + net.n_units);
    const struct safetensors_tensor *t = safetensors_find(s, "layer3.0.bn2.num_batches_tracked");
    assert_true(t && t->rank == 0);
    assert_int_equal(safetensors_to_int64(t, &batches, &err), 0);
    assert_int_equal(batches, 321);
    safetensors_close(s);
    /* A direction: the same names, no statistics. */
    assert_int_equal(params_save(&net, &(struct params_file){ .path = path, .force = true }, params, NULL, 0, &err), 0);
    assert_int_equal(params_load(&net, path, params2, NULL, &err), 0);
    assert_int_equal(params_load(&net, path, params2, stats2, &err), -1);
    assert_non_null(strstr(err.text, "tensor 'bn1.running_mean' of resnet8 is missing"));
    assert_int_equal(unlink(path), 0);
    close_net();
}

static void weights_of_another_network(void **state)
{
    (void)state;
    struct err err = { 0 };
    struct net other;
    open_net();
    assert_int_equal(params_save(&net, &(struct params_file){ .path = path }, params, stats, 0, &err), 0);
    assert_int_equal(net_of_family(&other, "resnet8", IMAGE_CIFAR, 100, HEAD_LINEAR, NULL), 0);
    float *w = malloc(other.params.total * sizeof *w), *st = malloc(other.stats.total * sizeof *st);
    assert_true(w && st);
    assert_int_equal(params_load(&other, path, w, st, &err), -1);
    assert_non_null(strstr(err.text, "tensor 'linear.weight' is [10, 64]; resnet8 needs [100, 64]"));
    net_release(&other);
    assert_int_equal(net_of_family(&other, "resnet8", IMAGE_CIFAR, 10, HEAD_NORM, NULL), 0);
    assert_int_equal(params_load(&other, path, w, st, &err), -1);
    assert_non_null(strstr(err.text, "linear.weight"));
    free(w);
    free(st);
    net_release(&other);
    assert_int_equal(unlink(path), 0);
    close_net();
}

static void an_extra_tensor_is_named(void **state)
{
    (void)state;
    struct err err = { 0 };
    open_net();
    struct safetensors_item *list = calloc((size_t)net.params.n + 1, sizeof *list);
    assert_non_null(list);
    for (int i = 0; i < net.params.n; i++) {
        const struct tensor_info *t = &net.params.tensor[i];
        list[i] = (struct safetensors_item){ .name = t->name, .dtype = SAFETENSORS_F32, .rank = t->rank,
                                             .data = params + t->offset };
        for (int k = 0; k < t->rank; k++)
            list[i].dims[k] = (uint64_t)t->dims[k];
    }
    list[net.params.n] = (struct safetensors_item){ .name = "fc.weight", .dtype = SAFETENSORS_F32, .rank = 1,
                                                    .dims = { 1 }, .data = params };
    assert_int_equal(safetensors_save(path, false, list, net.params.n + 1, NULL, &err), 0);
    assert_int_equal(params_load(&net, path, params2, NULL, &err), -1);
    assert_non_null(strstr(err.text, "resnet8 has no tensor 'fc.weight'"));
    free(list);
    assert_int_equal(unlink(path), 0);
    close_net();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refusals),
        cmocka_unit_test(a_rank_has_a_limit),
        cmocka_unit_test(names_have_a_length),
        cmocka_unit_test(refuses_a_header_of_the_wrong_length),
        cmocka_unit_test(reads_a_good_file),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(random_damage_never_crashes),
        cmocka_unit_test(half_precision),
        cmocka_unit_test(writes_what_it_reads),
        cmocka_unit_test(writer_refuses_and_leaves_nothing),
        cmocka_unit_test(weights_round_trip),
        cmocka_unit_test(weights_of_another_network),
        cmocka_unit_test(an_extra_tensor_is_named),
    };
    return cmocka_run_group_tests_name("unit/safetensors", tests, make_folder, remove_folder);
}
