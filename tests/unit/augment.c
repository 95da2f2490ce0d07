/* Crops, mirrors and normalisation, pixel by pixel against a slow second way; and the order of an epoch. */
#include "config.h"
#include "check.h"

#include "base/rng.h"
#include "engine/data/augment.h"
#include "engine/data/order.h"

#include <math.h>
#include <stdlib.h>

enum { N = 40 };

static uint8_t stored(uint32_t i, int y, int x, int ch)
{
    return (uint8_t)(i * 31 + (uint32_t)(y * 7 + x * 3 + ch * 64));
}

static int make_set(void **state)
{
    struct image_set *set = calloc(1, sizeof *set);
    struct err e;
    if (!set || image_set_init(set, &image_kind_cifar, N, 4, &e) < 0)
        return -1;
    for (uint32_t i = 0; i < N; i++) {
        for (int y = 0; y < 32; y++)
            for (int x = 0; x < 32; x++)
                for (int ch = 0; ch < 3; ch++)
                    set->images[((i * 32 + (uint32_t)y) * 32 + (uint32_t)x) * 3 + (uint32_t)ch] = stored(i, y, x, ch);
        set->labels[i] = (int32_t)(i % 10 ? 0 : i % 20 ? 1 : 3); /* 36, 2, 0, 2 of the four classes */
    }
    image_set_recount(set, 4);
    *state = set;
    return 0;
}

static int drop_set(void **state)
{
    image_set_release(*state);
    free(*state);
    return 0;
}

static float normalised(int value, int ch)
{
    static const float mean[3] = { 0.4914f, 0.4822f, 0.4465f }, std[3] = { 0.2023f, 0.1994f, 0.2010f };
    return ((float)value / 255.0f - mean[ch]) / std[ch];
}

/* The crop of methods 1.4: pad by four, cut at (row, column), then mirror. */
static float wanted(uint32_t i, struct crop crop, int y, int x, int ch)
{
    int from_y = crop.row + y - 4, from_x = crop.column + (crop.mirrored ? 31 - x : x) - 4;
    bool inside = from_y >= 0 && from_y < 32 && from_x >= 0 && from_x < 32;
    return normalised(inside ? stored(i, from_y, from_x, ch) : 0, ch);
}

static void check_image(const float *image, uint32_t i, struct crop crop)
{
    for (int y = 0; y < 32; y++)
        for (int x = 0; x < 32; x++)
            for (int ch = 0; ch < 3; ch++)
                assert_true(image[(y * 32 + x) * 3 + ch] == wanted(i, crop, y, x, ch));
}

static void test_off_is_identity(void **state)
{
    const struct image_set *set = *state;
    static float out[3 * CIFAR_VALUES];
    static const uint32_t position[3] = { 20, 0, 39 };
    int32_t label[3];
    struct augment off = { .on = false, .seed = 5, .epoch = 6 };
    assert_int_equal(batch_fill(out, label, &(const struct image_list){ set, position, 3 }, &off, NULL), 0);
    for (uint32_t k = 0; k < 3; k++) {
        check_image(out + k * CIFAR_VALUES, position[k], (struct crop){ 4, 4, false });
        assert_int_equal(label[k], set->labels[position[k]]);
    }
    /* Methods 1.4, by hand: black is -mean/std, white (1 - mean)/std. */
    assert_true(fabsf(normalised(0, 0) + 2.4290657f) < 1e-6f);
    assert_true(fabsf(normalised(255, 2) - 2.7537313f) < 1e-6f);
}

static void test_on_is_the_stated_crop(void **state)
{
    const struct image_set *set = *state;
    static float out[N * CIFAR_VALUES];
    uint32_t position[N];
    int rows = 0, columns = 0, mirrored = 0, padded = 0;
    for (uint32_t i = 0; i < N; i++)
        position[i] = N - 1 - i;
    for (uint32_t epoch = 0; epoch < 5; epoch++) {
        struct augment on = { .on = true, .seed = 7, .epoch = epoch };
        assert_int_equal(batch_fill(out, NULL, &(const struct image_list){ set, position, N }, &on, NULL), 0);
        for (uint32_t k = 0; k < N; k++) {
            struct crop crop = augment_crop(&on, 4, position[k]);
            assert_in_range(crop.row, 0, 8);
            assert_in_range(crop.column, 0, 8);
            check_image(out + k * CIFAR_VALUES, position[k], crop);
            rows |= 1 << crop.row;
            columns |= 1 << crop.column;
            mirrored += crop.mirrored;
            padded += crop.row != 4 || crop.column != 4;
        }
    }
    assert_int_equal(rows, 511); /* all nine offsets occur */
    assert_int_equal(columns, 511);
    assert_in_range(mirrored, 65, 135); /* of 200: five standard deviations */
    assert_true(padded > 150);
}

/* Fixed numbers: another build, or a second back end, must cut the same way. */
static void test_crops_are_fixed(void **state)
{
    (void)state;
    static const struct crop known[10] = { /* so many that no other bit of the draw is the mirror's by chance */
        { 3, 7, false }, { 7, 0, false }, { 1, 6, true }, { 3, 7, true }, { 1, 4, false },
        { 5, 3, true }, { 0, 3, true }, { 1, 3, false }, { 1, 2, true }, { 0, 4, false },
    };
    struct augment on = { .on = true, .seed = 0, .epoch = 3 };
    for (uint32_t i = 0; i < 10; i++) {
        struct crop crop = augment_crop(&on, 4, i);
        assert_int_equal(crop.row, known[i].row);
        assert_int_equal(crop.column, known[i].column);
        assert_int_equal(crop.mirrored, known[i].mirrored);
    }
}

static void test_independent_of_batching(void **state)
{
    const struct image_set *set = *state;
    static float together[4 * CIFAR_VALUES], alone[CIFAR_VALUES];
    static const uint32_t position[4] = { 3, 17, 3, 30 };
    struct augment on = { .on = true, .seed = 1, .epoch = 2 }, later = { .on = true, .seed = 1, .epoch = 3 };
    assert_int_equal(batch_fill(together, NULL, &(const struct image_list){ set, position, 4 }, &on, NULL), 0);
    for (int k = 0; k < 4; k++) {
        assert_int_equal(batch_fill(alone, NULL, &(const struct image_list){ set, position + k, 1 }, &on, NULL), 0);
        assert_memory_equal(alone, together + k * CIFAR_VALUES, sizeof alone);
    }
    int changed = 0;
    for (uint32_t i = 0; i < N; i++) {
        struct crop a = augment_crop(&on, 4, i), b = augment_crop(&later, 4, i);
        changed += a.row != b.row || a.column != b.column || a.mirrored != b.mirrored;
    }
    assert_true(changed > N / 2); /* new draws in every epoch */
}

/* Other sizes: padded by an eighth of the shorter side. */
static void test_pad_follows_from_the_side(void **state)
{
    (void)state;
    assert_int_equal(augment_pad(IMAGE_CIFAR), 4);
    assert_int_equal(augment_pad((struct image_geometry){ 8, 256, 3 }), 1);
    assert_int_equal(augment_pad((struct image_geometry){ 100, 60, 1 }), 8); /* 7.5 */
    enum { HIGH = 17, WIDE = 24, PAD = 2 };
    const struct image_kind kind = { .size = { HIGH, WIDE, 1 }, .norm = { .mean = { 0.25 }, .std = { 0.5 } } };
    struct image_set set;
    static float out[HIGH * WIDE];
    uint32_t position = 1;
    int rows = 0, columns = 0;
    assert_int_equal(image_set_init(&set, &kind, 2, 1, NULL), 0);
    for (int i = 0; i < 2 * HIGH * WIDE; i++)
        set.images[i] = (uint8_t)(i * 11);
    for (uint32_t epoch = 0; epoch < 40; epoch++) {
        const struct augment on = { .on = true, .seed = 3, .epoch = epoch };
        const struct crop crop = augment_crop(&on, PAD, position);
        assert_int_equal(batch_fill(out, NULL, &(const struct image_list){ &set, &position, 1 }, &on, NULL), 0);
        rows |= 1 << crop.row;
        columns |= 1 << crop.column;
        for (int y = 0; y < HIGH; y++)
            for (int x = 0; x < WIDE; x++) {
                const int from_y = y + crop.row - PAD, from_x = (crop.mirrored ? WIDE - 1 - x : x) + crop.column - PAD;
                const bool inside = from_y >= 0 && from_y < HIGH && from_x >= 0 && from_x < WIDE;
                const int byte = inside ? set.images[(HIGH + from_y) * WIDE + from_x] : 0;
                assert_true(out[y * WIDE + x] == ((float)byte / 255.0f - 0.25f) / 0.5f);
            }
    }
    assert_int_equal(rows, 31);
    assert_int_equal(columns, 31);
    image_set_release(&set);
}

static void test_floats_are_copied_and_never_augmented(void **state)
{
    (void)state;
    struct image_set set;
    struct err e;
    static float out[2 * CIFAR_VALUES];
    static const uint32_t position[2] = { 2, 1 };
    int32_t label[2];
    assert_int_equal(image_set_init(&set, &(struct image_kind){ .size = IMAGE_CIFAR, .floats = true }, 3, 2, &e), 0);
    for (int i = 0; i < 3 * CIFAR_VALUES; i++)
        set.pixels[i] = (float)i * 0.25f;
    set.labels[2] = 1;
    struct augment on = { .on = true }, off = { .on = false };
    assert_int_equal(batch_fill(out, label, &(const struct image_list){ &set, position, 2 }, &on, &e), -1);
    assert_says(e, "expected augment off");
    assert_int_equal(batch_fill(out, label, &(const struct image_list){ &set, position, 2 }, &off, &e), 0);
    assert_memory_equal(out, set.pixels + 2 * CIFAR_VALUES, CIFAR_VALUES * sizeof *out);
    assert_memory_equal(out + CIFAR_VALUES, set.pixels + CIFAR_VALUES, CIFAR_VALUES * sizeof *out);
    assert_int_equal(label[0], 1);
    assert_int_equal(label[1], 0);
    image_set_release(&set);
}

/* Each colour's factor is of its kind, in whatever order they come (methods 1.9): of grey pixels brightness alone changes anything, and of pixels of one
 * colour contrast and saturation come to the product of their factors, each around the luma. */
static void test_factors_are_of_their_kind(void **state)
{
    (void)state;
    const struct augment a = { .on = true, .seed = 5, .epoch = 3, .jitter = 0.4f };
    enum { BLOCK = 10, PIXELS = 4 };
    for (uint32_t position = 0; position < 24; position++) {
        const struct rng_words r = rng_draw(a.seed, RNG_PICTURE, a.epoch, position, BLOCK);
        double factor[3];
        uint8_t grey[3 * PIXELS], colour[3 * PIXELS];
        for (int k = 0; k < 3; k++)
            factor[k] = 1 + 0.4 * (2 * (r.w[k] / 4294967296.0) - 1);
        for (int i = 0; i < PIXELS; i++) {
            memset(grey + 3 * i, 100, 3);
            colour[3 * i] = 120, colour[3 * i + 1] = 100, colour[3 * i + 2] = 90;
        }
        augment_colours(&a, position, grey, PIXELS);
        augment_colours(&a, position, colour, PIXELS);
        for (int i = 0; i < 3 * PIXELS; i++)
            assert_true(fabs(grey[i] - 100 * factor[0]) <= 1);
        assert_true(fabs((colour[0] - colour[2]) - 30 * factor[0] * factor[1] * factor[2]) <= 3);
    }
}

/* --- order ------------------------------------------------------------------------------------------------------- */

static void test_order_shuffle_and_natural(void **state)
{
    const struct image_set *set = *state;
    uint32_t a[N], b[N], seen[N] = { 0 };
    struct order o;
    struct err e;
    assert_int_equal(order_init(&o, &(struct sampler){ .kind = SAMPLER_INSTANCE }, set, 4, &e), 0);
    order_fill(&o, a, 11, 0);
    order_fill(&o, b, 11, 1);
    assert_memory_not_equal(a, b, sizeof a);
    for (int i = 0; i < N; i++)
        seen[a[i]]++;
    for (int i = 0; i < N; i++)
        assert_int_equal(seen[i], 1);
    order_release(&o);
    assert_int_equal(order_init(&o, &(struct sampler){ .kind = SAMPLER_NATURAL }, set, 4, &e), 0);
    order_fill(&o, a, 11, 0);
    for (uint32_t i = 0; i < N; i++)
        assert_int_equal(a[i], i);
    order_release(&o);
}

/* Below n = 10 000 the weight (1 - b)/(1 - b^n) is close to 1/n: each class that has images is drawn about equally
 * often, and each image of a class. */
static void test_order_resample_balances(void **state)
{
    const struct image_set *set = *state;
    enum { EPOCHS = 1000 };
    uint32_t a[N], again[N], drawn[N] = { 0 }, class_drawn[4] = { 0 };
    struct order o;
    struct err e;
    assert_int_equal(order_init(&o, &(struct sampler){ .kind = SAMPLER_EFFECTIVE, .beta_en = 0.9999 }, set, 4, &e), 0);
    for (uint32_t epoch = 0; epoch < EPOCHS; epoch++) {
        order_fill(&o, a, 3, epoch);
        for (int i = 0; i < N; i++) {
            assert_true(a[i] < N);
            drawn[a[i]]++;
            class_drawn[set->labels[a[i]]]++;
        }
    }
    order_fill(&o, again, 3, EPOCHS - 1);
    assert_memory_equal(a, again, sizeof a);
    double weight[4], sum = 0;
    for (int c = 0; c < 4; c++) {
        weight[c] = set->count[c] ? set->count[c] * 1e-4 / (1 - pow(0.9999, set->count[c])) : 0;
        sum += weight[c];
    }
    for (int c = 0; c < 4; c++) {
        double expected = (double)EPOCHS * N * weight[c] / sum;
        assert_true(fabs(class_drawn[c] - expected) <= 5 * sqrt(expected));
    }
    for (int i = 0; i < N; i++) {
        double expected = (double)class_drawn[set->labels[i]] / set->count[set->labels[i]];
        assert_true(fabs(drawn[i] - expected) <= 5 * sqrt(expected));
    }
    order_release(&o);
}

/* Methods 1.7 on 8, 4, 3 and 1 images: (1 - b)/(1 - b^n) of each image, times n. */
static void test_order_resample_follows_beta(void **state)
{
    static const double half[4] = { .453, .241, .193, .113 };
    static const uint32_t sizes[4] = { 8, 4, 3, 1 };
    const struct image_set *recorded = *state;
    struct image_set set = { 0 };
    struct order o;
    struct err e;
    double chance = 0;
    assert_int_equal(image_set_init(&set, &image_kind_cifar, 16, 4, &e), 0);
    for (uint32_t c = 0, at = 0; c < 4; c++)
        for (uint32_t i = 0; i < sizes[c]; i++)
            set.labels[at++] = (int32_t)c;
    image_set_recount(&set, 4);
    assert_int_equal(order_init(&o, &(struct sampler){ .kind = SAMPLER_EFFECTIVE, .beta_en = .5 }, &set, 4, &e), 0);
    uint32_t a[16], drawn[4] = { 0 };
    for (uint32_t epoch = 0; epoch < 2000; epoch++) {
        order_fill(&o, a, 3, epoch);
        for (int i = 0; i < 16; i++)
            drawn[set.labels[a[i]]]++;
    }
    for (int c = 0; c < 4; c++) {
        assert_true(fabs(o.class_end[c] - chance - half[c]) < 5e-4);
        assert_true(fabs(drawn[c] / 32000.0 - half[c]) < 5 * sqrt(half[c] / 32000) + 5e-4);
        chance = o.class_end[c];
    }
    order_release(&o);
    image_set_release(&set);
    /* 0.9999, as it was before it could be chosen: the draws of recordings */
    double sum = 0, end[4];
    for (int c = 0; c < 4; c++)
        end[c] = sum += recorded->count[c] ? recorded->count[c] * (1 - 0.9999) / (1 - pow(0.9999, recorded->count[c])) : 0;
    for (int c = 0; c < 4; c++)
        end[c] /= sum;
    assert_int_equal(order_init(&o, &(struct sampler){ .kind = SAMPLER_EFFECTIVE, .beta_en = 0.9999 }, recorded, 4, &e), 0);
    assert_memory_equal(o.class_end, end, sizeof end);
    order_release(&o);
}

static void test_order_batches_keeps_the_rest(void **state)
{
    (void)state;
    assert_int_equal(order_batches(12406, 128), 97); /* methods 1.1 */
    assert_int_equal(order_batches(128, 128), 1);
    assert_int_equal(order_batches(129, 128), 2);
    assert_int_equal(order_batches(0, 128), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_off_is_identity),
        cmocka_unit_test(test_on_is_the_stated_crop),
        cmocka_unit_test(test_crops_are_fixed),
        cmocka_unit_test(test_independent_of_batching),
        cmocka_unit_test(test_pad_follows_from_the_side),
        cmocka_unit_test(test_floats_are_copied_and_never_augmented),
        cmocka_unit_test(test_factors_are_of_their_kind), cmocka_unit_test(test_order_shuffle_and_natural),
        cmocka_unit_test(test_order_resample_balances),
        cmocka_unit_test(test_order_resample_follows_beta),
        cmocka_unit_test(test_order_batches_keeps_the_rest),
    };
    return cmocka_run_group_tests_name("unit/augment", tests, make_set, drop_set);
}
