/* Which images there are, in which order they come and what is made of them, at settings that are not the defaults: held as a whole. */
#include "config.h"
#include "tests/unit/held.h"

#include <inttypes.h>
#include <math.h>

#include "base/err.h"
#include "engine/data/batches.h"
#include "engine/data/demo.h"
#include "engine/data/imbalance.h"
#include "engine/data/resample.h"

/* --- profiles and groups ------------------------------------------------------------------------------------------------ */

static void tell_counts(const struct imbalance_profile *p)
{
    uint32_t count[100];
    struct err e = { 0 };
    fprintf(held, "%s of %d classes, full %g, beta %g:", p->kind == IMBALANCE_EXP ? "exp" : p->kind == IMBALANCE_STEP ? "step" : "none", p->classes,
            p->full, p->beta);
    if (imbalance_counts(count, p, &e) < 0)
        fprintf(held, " %s", e.text);
    else
        for (int c = 0; c < p->classes; c++)
            fprintf(held, " %" PRIu32, count[c]);
    fprintf(held, "\n");
}

static void test_profiles(void **state)
{
    (void)state;
    static const int classes[] = { 1, 2, 3, 5, 10 };
    static const double full[] = { 7, 40.5, 500 }, beta[] = { 1, 1.5, 7, 8, 40, 41, 500, 501, 0.5, NAN, INFINITY };
    held_begin();
    for (int kind = IMBALANCE_EXP; kind <= IMBALANCE_NONE; kind++)
        for (size_t k = 0; k < sizeof classes / sizeof *classes; k++)
            for (size_t f = 0; f < 3; f++)
                for (size_t b = 0; b < sizeof beta / sizeof *beta; b++)
                    if (kind != IMBALANCE_NONE || b == 2)
                        tell_counts(&(struct imbalance_profile){ kind, classes[k], full[f], beta[b], NULL });
    char names[3][CLASS_NAME_SIZE] = { "ant", "bee", "cat" };
    tell_counts(&(struct imbalance_profile){ IMBALANCE_EXP, 3, 9, 10, names });
    tell_counts(&(struct imbalance_profile){ IMBALANCE_STEP, 3, 9, 10, names });
    tell_counts(&(struct imbalance_profile){ IMBALANCE_NONE, 3, 0.5, 10, names });
    held_end("profiles");
}

static void tell_groups(int classes, const uint32_t *count, enum imbalance profile, const char *groups)
{
    struct dataset d;
    struct err e = { 0 };
    assert_int_equal(dataset_init(&d, classes, &e), 0);
    fprintf(held, "%d classes, %s, '%s': ", classes, profile == IMBALANCE_STEP ? "step" : "exp", groups ? groups : "");
    if (imbalance_groups(&d, count, profile, groups, &e) < 0)
        fprintf(held, "%s\n", e.text);
    else {
        for (int c = 0; c < classes; c++)
            fputc("HMT"[d.group[c]], held);
        fprintf(held, " %d/%d/%d\n", d.group_classes[0], d.group_classes[1], d.group_classes[2]);
    }
    dataset_free(&d);
}

static void test_groups(void **state)
{
    (void)state;
    static const char *const given[] = { NULL, "paper", "shots", "0-2/3-6/7-9", "9/0-8", "0,2,4-9/1/3", "0-9", "0/1/2/3-9", "0-3/5-9", "0-4/4-9", "0-4/10", "5-3/0",
                                         "0-/1", "a/1", "0-4 5-9", "0-4/5-99999999999", "", "0-4/5-9/", "3-3/0-2/4-9" };
    static const uint32_t falling[10] = { 200, 101, 100, 50, 50, 21, 20, 19, 2, 1 }, mixed[10] = { 5, 100, 101, 19, 20, 5, 5, 21, 300, 0 };
    uint32_t many[100];
    held_begin();
    for (size_t i = 0; i < sizeof given / sizeof *given; i++)
        for (int step = 0; step < (i < 3 ? 2 : 1); step++) {
            tell_groups(10, falling, step ? IMBALANCE_STEP : IMBALANCE_EXP, given[i]);
            tell_groups(10, mixed, step ? IMBALANCE_STEP : IMBALANCE_EXP, given[i]);
        }
    for (int classes = 1; classes < 10; classes++)
        for (int step = 0; step < 2; step++)
            tell_groups(classes, mixed, step ? IMBALANCE_STEP : IMBALANCE_EXP, NULL);
    for (uint32_t c = 0; c < 100; c++)
        many[c] = 500 - c * c / 20;
    tell_groups(100, many, IMBALANCE_EXP, NULL);
    many[99] = 501;
    tell_groups(100, many, IMBALANCE_EXP, NULL);
    held_end("groups");
}

/* --- sets --------------------------------------------------------------------------------------------------------------- */

static void tell_set(const char *name, const struct image_set *s, int classes)
{
    fprintf(held, "  %s %" PRIu32 ":", name, s->n);
    for (int c = 0; c < classes; c++)
        fprintf(held, " %" PRIu32, s->count[c]);
    held_bytes(s->labels, s->n * sizeof *s->labels);
    held_bytes(s->images, s->n * image_values(s->kind.size));
    fprintf(held, "\n");
}

static void tell_request(const struct data_request *r)
{
    struct dataset d;
    struct err e = { 0 };
    if (dataset_open(&d, r, &e) < 0) {
        fprintf(held, "refused: %s\n", e.text);
        return;
    }
    fprintf(held, "%s %.12s %.12s profile", d.name, d.digest, d.test_digest);
    for (int c = 0; c < d.classes; c++)
        fprintf(held, " %" PRIu32 "%c", d.profile[c], "HMT"[d.group[c]]);
    fprintf(held, "\n");
    tell_set("train", &d.train, d.classes);
    tell_set("test", &d.test, d.classes);
    tell_set("val", &d.val, d.classes);
    dataset_free(&d);
}

static void test_sets(void **state)
{
    (void)state;
    static const struct data_request requests[] = {
        { .beta = 4 },
        { .beta = 10, .val = 10 },
        { .beta = 10, .val = 19 },
        { .beta = 10, .val = 60 },
        { .beta = 10, .val = 61 },
        { .beta = 4, .val = 9 },
        { .beta = 4, .val = 500 },
        { .imbalance = IMBALANCE_STEP, .beta = 5, .val = 13, .demo_seed = 3 },
        { .imbalance = IMBALANCE_NONE, .beta = 5, .val = 17 },
        { .beta = 10, .val = 30, .val_unused = true },
        { .beta = 10, .val = 190, .val_unused = true },
        { .beta = 10, .val = 200, .val_unused = true },
        { .beta = 10, .val = 31, .val_unused = true },
        { .imbalance = IMBALANCE_NONE, .val = 30, .val_unused = true },
        { .imbalance = IMBALANCE_STEP, .beta = 20, .groups = "shots", .demo_test = 1 },
        { .beta = 21 },
    };
    held_begin();
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        struct data_request r = requests[i];
        r.source = DATA_DEMO;
        r.demo_largest = 20;
        r.demo_test = r.demo_test ? r.demo_test : 2;
        tell_request(&r);
    }
    static char far[5000];
    memset(far, 'f', sizeof far - 1);
    for (int hundred = 0; hundred < 2; hundred++) {
        tell_request(&(struct data_request){ .source = hundred ? DATA_CIFAR100 : DATA_CIFAR10, .path = far });
        tell_request(&(struct data_request){ .source = hundred ? DATA_CIFAR100 : DATA_CIFAR10, .path = "/nowhere" });
    }
    held_end("sets");
}

/* One image of each class, and a second seed: their bytes, and the mean of each channel to the eye. */
static void test_drawn(void **state)
{
    (void)state;
    uint8_t image[CIFAR_SIDE * CIFAR_SIDE * CIFAR_CHANNELS];
    held_begin();
    for (int c = 0; c < DEMO_CLASSES; c++)
        for (uint32_t i = 0; i < 24; i++) {
            const uint32_t number = (i & 1) << 31 | (uint32_t)c << 20 | i;
            uint32_t sum[3] = { 0 };
            demo_render(image, c, i % 5, number);
            for (size_t v = 0; v < sizeof image; v++)
                sum[v % 3] += image[v];
            fprintf(held, "%s %08" PRIx32 " %" PRIu32 " %" PRIu32 " %" PRIu32, demo_class_name[c], number, sum[0] >> 10, sum[1] >> 10, sum[2] >> 10);
            held_bytes(image, sizeof image);
            fprintf(held, "\n");
        }
    held_end("drawn");
}

/* --- order -------------------------------------------------------------------------------------------------------------- */

enum { K = 6 };
static const uint32_t sizes[K] = { 13, 1, 6, 0, 2, 9 };

static void make_set(struct image_set *set)
{
    struct err e;
    uint32_t n = 0, left[K];
    memcpy(left, sizes, sizeof left);
    for (int c = 0; c < K; c++)
        n += sizes[c];
    assert_int_equal(image_set_init(set, &image_kind_cifar, n, K, &e), 0);
    for (uint32_t at = 0, c = 0; at < n; c = (c + 1) % K)
        if (left[c] > 0) {
            left[c]--;
            set->labels[at++] = (int32_t)c;
        }
    image_set_recount(set, K);
}

static void tell_order(const struct image_set *set, const struct sampler *s)
{
    uint32_t position[100];
    struct order o;
    struct err e = { 0 };
    fprintf(held, "%s visits %" PRIu32 " per_visit %" PRIu32 " first %" PRIu32 " epochs %" PRIu32 " beta %g\n", sampler_table[s->kind].name, s->visits, s->per_visit,
            s->first_epoch, s->epochs, s->beta_en);
    if (order_init(&o, s, set, K, &e) < 0) {
        fprintf(held, "  %s\n", e.text);
        return;
    }
    for (uint32_t epoch = 0; epoch < 4; epoch++) {
        order_fill(&o, position, 5 + epoch / 3, epoch);
        fprintf(held, "  %" PRIu32 ":", epoch);
        for (uint32_t i = 0; i < o.n; i++)
            fprintf(held, " %" PRIu32, position[i]);
        fprintf(held, "\n");
    }
    order_release(&o);
}

static void test_order(void **state)
{
    (void)state;
    static const double weight[K] = { 1, 0, 3.5, 0, 8, 0.25 }, bad[K] = { 1, -1, 0, 0, 0, 0 }, none[K] = { 0 }, endless[K] = { 1, INFINITY };
    struct image_set set;
    make_set(&set);
    held_begin();
    fprintf(held, "labels");
    for (uint32_t i = 0; i < set.n; i++)
        fprintf(held, " %" PRId32, set.labels[i]);
    fprintf(held, "\n");
    const struct sampler samplers[] = {
        { .kind = SAMPLER_INSTANCE }, { .kind = SAMPLER_NATURAL }, { .kind = SAMPLER_CLASS_AWARE }, { .kind = SAMPLER_SQUARE_ROOT },
        { .kind = SAMPLER_SQUARE_ROOT, .visits = 50 }, { .kind = SAMPLER_PROGRESSIVE, .epochs = 3 }, { .kind = SAMPLER_PROGRESSIVE, .epochs = 1 },
        { .kind = SAMPLER_WEIGHTED, .weight = weight }, { .kind = SAMPLER_WEIGHTED, .weight = weight, .visits = 7 }, { .kind = SAMPLER_WEIGHTED, .weight = bad },
        { .kind = SAMPLER_WEIGHTED, .weight = none }, { .kind = SAMPLER_WEIGHTED, .weight = endless }, { .kind = SAMPLER_EFFECTIVE, .beta_en = 0.9999 },
        { .kind = SAMPLER_EFFECTIVE, .beta_en = 0.5 }, { .kind = SAMPLER_EFFECTIVE }, { .kind = SAMPLER_EFFECTIVE, .beta_en = 0.9, .visits = 12 },
    };
    for (size_t i = 0; i < sizeof samplers / sizeof *samplers; i++)
        tell_order(&set, &samplers[i]);
    /* Without the class that has no images the others can be visited alike. */
    for (uint32_t i = 0; i < set.n; i++)
        set.labels[i] -= set.labels[i] > 3;
    set.labels[0] = 5;
    image_set_recount(&set, K);
    fprintf(held, "no class is empty\n");
    const struct sampler full[] = {
        { .kind = SAMPLER_CLASS_AWARE }, { .kind = SAMPLER_CLASS_AWARE, .per_visit = 1 }, { .kind = SAMPLER_CLASS_AWARE, .per_visit = 3, .visits = 40 },
        { .kind = SAMPLER_PROGRESSIVE, .epochs = 3 }, { .kind = SAMPLER_PROGRESSIVE, .epochs = 3, .first_epoch = 1 },
        { .kind = SAMPLER_PROGRESSIVE, .epochs = 1 }, { .kind = SAMPLER_PROGRESSIVE, .epochs = 2, .visits = 9 },
    };
    for (size_t i = 0; i < sizeof full / sizeof *full; i++)
        tell_order(&set, &full[i]);
    held_end("order");
    image_set_release(&set);
}

static void test_shares(void **state)
{
    (void)state;
    static const uint32_t count[K] = { 13, 1, 6, 4, 2, 9 };
    held_begin();
    for (int kind = SAMPLER_INSTANCE; kind < SAMPLER_COUNT; kind++)
        for (uint32_t epoch = 0; epoch < 5; epoch++) {
            double share[K];
            struct err e;
            if (kind == SAMPLER_WEIGHTED || (epoch > 0 && kind != SAMPLER_PROGRESSIVE))
                continue;
            const struct sampler s = { .kind = (enum sampler_kind)kind, .first_epoch = 1, .epochs = 3, .beta_en = 0.75 };
            assert_int_equal(sampler_shares(&s, count, K, epoch, share, &e), 0);
            fprintf(held, "%s %" PRIu32 ":", sampler_table[kind].name, epoch);
            for (int c = 0; c < K; c++)
                fprintf(held, " %.12g", share[c]);
            fprintf(held, "\n");
        }
    held_end("shares");
}

/* --- what is made of images --------------------------------------------------------------------------------------------- */

static void test_crops(void **state)
{
    (void)state;
    held_begin();
    for (int side = 8; side <= 256; side += side < 40 ? 1 : 27)
        fprintf(held, "pad of %d x 300: %d, of 300 x %d: %d\n", side, augment_pad((struct image_geometry){ side, 300, 3 }), side,
                augment_pad((struct image_geometry){ 300, side, 1 }));
    for (int pad = 0; pad < 5; pad += 2)
        for (uint32_t i = 0; i < 12; i++) {
            const struct augment a = { .on = i != 5, .seed = 3 + i / 4, .epoch = i % 3 };
            const struct crop c = augment_crop(&a, pad, i * 7);
            fprintf(held, "crop %d %" PRIu32 ": %d %d%s\n", pad, i, c.row, c.column, c.mirrored ? " mirrored" : "");
        }
    static const int shape[][2] = { { 64, 64 }, { 500, 20 }, { 20, 500 }, { 8, 9 }, { 1, 1 }, { 100, 131 }, { 1, 40 }, { 40, 1 } };
    for (size_t s = 0; s < sizeof shape / sizeof *shape; s++)
        for (uint32_t i = 0; i < 9; i++) {
            const struct augment a = { .on = true, .resized = true, .seed = i / 3, .epoch = i % 3 };
            const struct image_box b = augment_box(&a, i * i, shape[s][0], shape[s][1]);
            fprintf(held, "box of %dx%d: %d %d %dx%d\n", shape[s][0], shape[s][1], b.left, b.top, b.width, b.height);
        }
    struct image_box sum = { 0 }; /* of pictures so small that a box may not be found in ten tries */
    for (uint32_t i = 0; i < 3000; i++) {
        const struct augment a = { .on = true, .resized = true, .seed = 1, .epoch = i % 7 };
        const struct image_box b = augment_box(&a, i, 2, 2);
        sum.left += b.left, sum.top += b.top, sum.width += b.width, sum.height += b.height;
    }
    fprintf(held, "3000 boxes of 2x2: %d %d %dx%d\n", sum.left, sum.top, sum.width, sum.height);
    held_end("crops");
}

static void test_colours(void **state)
{
    (void)state;
    held_begin();
    for (uint32_t i = 0; i < 14; i++) {
        uint8_t rgb[8 * 3];
        const struct augment a = { .on = true, .seed = i / 3, .epoch = i % 2, .jitter = i < 7 ? 0.4f : 1 };
        for (size_t v = 0; v < sizeof rgb; v++)
            rgb[v] = (uint8_t)(v * v * 7 + 20 * i);
        augment_colours(&a, i, rgb, 8);
        fprintf(held, "%" PRIu32 ":", i);
        for (size_t v = 0; v < sizeof rgb; v++)
            fprintf(held, " %d", rgb[v]);
        fprintf(held, "\n");
    }
    held_end("colours");
}

/* Images of 9 x 8, grey and coloured, whose every byte differs, by each way that a batch is filled. */
static void test_filled(void **state)
{
    (void)state;
    static const uint32_t list[] = { 2, 0, 3, 3, 1 };
    held_begin();
    for (int channels = 1; channels <= 3; channels += 2)
        for (uint32_t i = 0; i < 6; i++) {
            const struct image_kind kind = { .size = { 9, 8, channels }, .norm = { { 0.1, 0.5, 0.9 }, { 0.3, 1, 2 } } };
            const size_t values = image_values(kind.size);
            const struct augment a = { .on = i > 0, .seed = i, .epoch = i % 2, .jitter = channels == 3 && i > 3 ? 0.5f : 0 };
            struct image_set set;
            struct err e = { 0 };
            int32_t labels[5];
            float *out = malloc(5 * values * sizeof *out);
            assert_non_null(out);
            assert_int_equal(image_set_init(&set, &kind, 4, 2, &e), 0);
            for (size_t v = 0; v < 4 * values; v++)
                set.images[v] = (uint8_t)(v * 37 + v / 11);
            for (int k = 0; k < 4; k++)
                set.labels[k] = k % 2;
            assert_int_equal(batch_fill(out, labels, &(struct image_list){ &set, list, 5 }, &a, &e), 0);
            fprintf(held, "%d channels, %" PRIu32 ": %d%d%d%d%d %.6g %.6g %.6g", channels, i, labels[0], labels[1], labels[2], labels[3], labels[4], (double)out[0],
                    (double)out[values / 2], (double)out[5 * values - 1]);
            held_bytes(out, 5 * values * sizeof *out);
            fprintf(held, "\n");
            free(out);
            image_set_release(&set);
        }
    held_end("filled");
}

/* Where the centre of a picture is cut out. */
static void test_views(void **state)
{
    (void)state;
    static const int shape[][2] = { { 64, 64 }, { 65, 64 }, { 64, 65 }, { 500, 20 }, { 20, 500 }, { 33, 100 }, { 100, 33 }, { 8, 9 }, { 1, 1 } };
    held_begin();
    for (size_t s = 0; s < sizeof shape / sizeof *shape; s++)
        for (int side = 8; side < 12; side++)
            for (int more = 0; more < 3; more++) {
                const struct picture_view v = picture_view_centre(shape[s][0], shape[s][1], side + more, side);
                fprintf(held, "%dx%d to %d, %d: resized to %dx%d, from %d %d %dx%d, box %d %d %dx%d\n", shape[s][0], shape[s][1], side + more, side, v.width,
                        v.height, v.left, v.top, v.side_x, v.side_y, v.box.left, v.box.top, v.box.width, v.box.height);
            }
    held_end("views");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_profiles), cmocka_unit_test(test_groups), cmocka_unit_test(test_sets),   cmocka_unit_test(test_drawn),  cmocka_unit_test(test_order),
        cmocka_unit_test(test_shares),   cmocka_unit_test(test_crops),  cmocka_unit_test(test_colours), cmocka_unit_test(test_filled), cmocka_unit_test(test_views),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
