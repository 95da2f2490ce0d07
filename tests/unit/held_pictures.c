/* Sets of pictures at settings that are not the defaults: which there are, in which order, what is seen of them and what is said. Held as a
 * whole. All are PNG, whose pixels do not depend on a library. */
#include "config.h"
#include "tests/unit/held.h"

#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "engine/data/augment.h"
#include "engine/data/batches.h"
#include "engine/data/dataset.h"
#include "engine/data/picture.h"

static char root[64];

static const char *in(const char *name)
{
    static char path[8][1200];
    static int next;
    char *p = path[next++ % 8];
    snprintf(p, 1200, "%s/%s", root, name);
    return p;
}

/* Every pixel differs from its neighbours, and from the same place of other pictures. */
static void draw(const char *name, int width, int height, unsigned seed)
{
    struct err e;
    uint8_t *rgb = malloc((size_t)width * (size_t)height * 3);
    FILE *out = fopen(in(name), "wb");
    assert_non_null(rgb);
    assert_non_null(out);
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            for (int ch = 0; ch < 3; ch++)
                rgb[(y * width + x) * 3 + ch] = (uint8_t)((unsigned)(x * 7 + y * 13 + ch * 50 + x * y) + seed * 31);
    assert_int_equal(picture_write_png(out, rgb, width, height, &e), 0);
    assert_int_equal(fclose(out), 0);
    free(rgb);
}

static void write_text(const char *name, const char *text)
{
    FILE *out = fopen(in(name), "w");
    assert_non_null(out);
    fputs(text, out);
    assert_int_equal(fclose(out), 0);
}

static void draw_class(const char *folder, int n, unsigned seed)
{
    static const int shape[][2] = { { 20, 20 }, { 31, 17 }, { 17, 31 }, { 16, 40 }, { 9, 9 }, { 64, 50 } };
    char name[200];
    assert_int_equal(mkdir(in(folder), 0700), 0);
    for (int i = 0; i < n; i++) {
        snprintf(name, sizeof name, "%s/%c%d.png", folder, "bac"[i % 3], i);
        draw(name, shape[(unsigned)i % 6][0], shape[(unsigned)i % 6][1], seed + (unsigned)i);
    }
}

/* train: ant 3, bee 9, cat 3, dog 1, eel 6; test: bee 2, dog 1; val: cat 2. bad: of fox one is no picture, of gnu both. */
static int set_up(void **state)
{
    (void)state;
    snprintf(root, sizeof root, "/tmp/saddle-held-XXXXXX");
    if (!mkdtemp(root))
        return -1;
    static const char *const folders[] = { "set", "set/train", "set/test", "set/val", "bad", "bad/train", "flat" };
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        mkdir(in(folders[i]), 0700);
    draw_class("set/train/ant", 3, 1);
    draw_class("set/train/bee", 9, 20);
    draw_class("set/train/cat", 3, 40);
    draw_class("set/train/dog", 1, 60);
    draw_class("set/train/eel", 6, 80);
    draw_class("set/test/bee", 2, 100);
    draw_class("set/test/dog", 1, 110);
    draw_class("set/val/cat", 2, 120);
    draw_class("bad/train/fox", 3, 1);
    draw_class("bad/train/gnu", 2, 9);
    draw_class("bad/train/hen", 4, 19);
    write_text("bad/train/fox/b0.png", "no picture");
    draw_class("flat/one", 12, 3);
    draw_class("flat/two", 6, 33);
    draw_class("flat/six", 4, 63);
    write_text("list", "\xef\xbb\xbfset/train/bee/b0.png 1\n\n  set/train/bee/a1.png\t 1 \r\nset/train/ant/b0.png 0\nset/train/dog/b0.png 2\nset/train/eel/a1.png 2\n"
                       "set/train/bee/c2.png 1\nset/train/ant/a1.png 0\nset/train/ant/c2.png 0\n");
    write_text("test-list", "set/test/bee/b0.png 2\nset/test/dog/b0.png 0\nset/test/bee/a1.png 1\n");
    write_text("names", "zero\none\r\n\ntwo\n");
    return 0;
}

static int tear_down(void **state)
{
    char command[128];
    (void)state;
    snprintf(command, sizeof command, "rm -rf '%s'", root);
    return system(command);
}

/* What is said, without the folder's own name. */
static void tell_text(const char *text)
{
    const size_t n = strlen(root);
    for (const char *at = text; *at;)
        if (strncmp(at, root, n) == 0) {
            fputs("ROOT", held);
            at += n;
        } else {
            fputc(*at++, held);
        }
    fputc('\n', held);
}

static void tell_images(const char *name, const struct image_set *s, int classes)
{
    uint8_t *room = malloc(image_bytes(&s->kind));
    struct err e;
    fprintf(held, "  %s %" PRIu32 ":", name, s->n);
    for (int c = 0; c < classes; c++)
        fprintf(held, " %" PRIu32, s->count[c]);
    for (uint32_t i = 0; i < s->n; i++) {
        const void *image = s->reader->get(s, i, room, &e);
        assert_non_null(image);
        fprintf(held, " %" PRId32, s->labels[i]);
        held_bytes(image, image_bytes(&s->kind));
    }
    fprintf(held, "\n");
    for (uint32_t i = 0; i < s->n && name[0] == 't' && name[1] == 'r'; i += 3) { /* boxes of the picture on disk */
        const struct augment a = { .on = true, .resized = true, .seed = 4, .epoch = i % 2 };
        assert_int_equal(s->reader->crop(s, i, &a, room, &e), 0);
        fprintf(held, "    box of %" PRIu32, i);
        held_bytes(room, image_bytes(&s->kind));
        fprintf(held, "\n");
    }
    free(room);
}

static void tell_request(struct data_request r)
{
    struct dataset d;
    struct err e = { 0 };
    fprintf(held, "size %d resize %d, %s beta %g, val %" PRIu32 "%s, %" PRIu32 " MiB%s%s%s\n", r.size, r.resize,
            r.imbalance == IMBALANCE_EXP ? "exp" : r.imbalance == IMBALANCE_STEP ? "step" : "none", r.beta, r.val, r.val_unused ? " unused" : "", r.kept_mib,
            r.skip_bad ? " skip" : "", r.groups ? " " : "", r.groups ? r.groups : "");
    if (dataset_open(&d, &r, &e) < 0) {
        tell_text(e.text);
        return;
    }
    fprintf(held, "  %s of %d:", d.name, d.classes);
    for (int c = 0; c < d.classes; c++)
        fprintf(held, " %s %" PRIu32 "%c", d.class_name[c], d.profile[c], "HMT"[d.group[c]]);
    fprintf(held, "; %.6g %.6g %.6g, %.6g %.6g %.6g", d.train.kind.norm.mean[0], d.train.kind.norm.mean[1], d.train.kind.norm.mean[2], d.train.kind.norm.std[0],
            d.train.kind.norm.std[1], d.train.kind.norm.std[2]);
    if (r.kept_mib > 0) /* others are known by their bytes on disk, which a library made */
        fprintf(held, "; %.12s %.12s", d.digest, d.test_digest);
    fprintf(held, "; ");
    tell_text(d.note);
    tell_images("train", &d.train, d.classes);
    tell_images("test", &d.test, d.classes);
    tell_images("val", &d.val, d.classes);
    dataset_free(&d);
}

static void test_folders(void **state)
{
    (void)state;
    const struct data_request set = { .source = DATA_FOLDER, .path = in("set"), .imbalance = IMBALANCE_NONE, .size = 16, .kept_mib = 1 };
    struct data_request r = set;
    held_begin();
    tell_request(r);
    r.kept_mib = 0;
    tell_request(r);
    r.size = 12, r.resize = 19, r.groups = "shots";
    tell_request(r);
    r.resize = 12;
    tell_request(r);
    r.resize = 11;
    tell_request(r);
    r = set, r.size = 127, r.groups = "0-1/2-3/4";
    tell_request(r);
    r.size = 128;
    tell_request(r);
    r = set, r.imbalance = IMBALANCE_EXP, r.beta = 3;
    tell_request(r);
    r.imbalance = IMBALANCE_STEP;
    tell_request(r);
    r = set, r.val = 4;
    tell_request(r);
    held_end("picture_folders");
}

/* Without folders test and val. */
static void test_flat(void **state)
{
    (void)state;
    const struct data_request set = { .source = DATA_FOLDER, .path = in("flat"), .imbalance = IMBALANCE_NONE, .size = 16, .kept_mib = 1 };
    struct data_request r = set;
    held_begin();
    tell_request(r);
    r.val = 5;
    tell_request(r);
    r.val_unused = true, r.val = 3;
    tell_request(r);
    for (int beta = 0; beta < 4; beta++) {
        r = set, r.imbalance = beta % 2 ? IMBALANCE_EXP : IMBALANCE_STEP, r.beta = 1 + beta, r.val = beta > 1 ? 3 : 0, r.val_unused = beta > 2, r.subset_seed = (uint32_t)beta;
        tell_request(r);
    }
    r = set, r.path = in("set/train/ant");
    tell_request(r);
    r.path = in("nowhere");
    tell_request(r);
    held_end("picture_flat");
}

static void test_bad(void **state)
{
    (void)state;
    struct data_request r = { .source = DATA_FOLDER, .path = in("bad"), .imbalance = IMBALANCE_NONE, .size = 16, .kept_mib = 1 };
    held_begin();
    tell_request(r);
    r.skip_bad = true;
    tell_request(r);
    write_text("bad/train/hen/a1.png", "");
    tell_request(r);
    r.skip_bad = false;
    tell_request(r);
    write_text("bad/train/gnu/b0.png", "");
    write_text("bad/train/gnu/a1.png", "GIF89a");
    r.skip_bad = true;
    tell_request(r);
    held_end("picture_bad");
}

static void test_lists(void **state)
{
    (void)state;
    const struct data_request list = { .source = DATA_LIST, .path = in("list"), .imbalance = IMBALANCE_NONE, .size = 16, .kept_mib = 1, .list_root = root };
    static const char *const bad[] = { "set/train/ant/b0.png\n", "set/train/ant/b0.png -1\n", "set/train/ant/b0.png 1.5\n", "0\n", "set/train/ant/b0.png 9999\n",
                                       "set/train/ant/b0.png 10000\n", "set/train/ant/none.png 0\nset/train/ant/b0.png 1\n", "\n\nset/train/ant 0\n", "", "\n",
                                       "set/train/ant/b0.png 0\nset/train/ant/a1.png 0\n", "set/train/ant/b0.png 0\nset/train/ant/b0.png 1\n" };
    struct data_request r = list;
    held_begin();
    tell_request(r);
    r.test_list = in("test-list"), r.names_list = in("names");
    tell_request(r);
    r.val_list = in("test-list"), r.test_list = NULL, r.tensor_classes = 3;
    tell_request(r);
    r.tensor_classes = 2;
    tell_request(r);
    r.tensor_classes = 4;
    tell_request(r);
    r = list, r.tensor_classes = 4;
    tell_request(r);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        r = list, r.path = in("bad-list");
        write_text("bad-list", bad[i]);
        tell_request(r);
    }
    held_end("picture_lists");
}

/* Batches of two epochs: of what is in memory and of what is read again, meanwhile in a thread; plain ones, and some of another set. */
static void tell_batches(const struct dataset *d, const char *const *pairs)
{
    struct knobs k;
    struct batches b;
    struct batch batch;
    struct err e = { 0 };
    const size_t image = image_values(d->train.kind.size);
    knobs_init(&k);
    for (int i = 0; pairs[i]; i += 2)
        assert_int_equal(knobs_set(&k, pairs[i], pairs[i + 1], &e), 0);
    if (batches_init(&b, d, &k, 3, &e) < 0) {
        fprintf(held, "  %s\n", e.text);
        return;
    }
    fprintf(held, "  %" PRIu32 " an epoch, %s, augments %d\n", b.per_epoch, batches_sampler(&b)->name, batches_augments(&b));
    for (long epoch = 0; epoch < 2; epoch++)
        for (uint32_t at = 0; at < b.per_epoch; at++) {
            assert_int_equal(batches_get(&b, epoch, at, epoch == 1 && at == 1, &batch, &e), 0);
            fprintf(held, "  %ld %" PRIu32 ":", epoch, at);
            for (uint32_t i = 0; i < batch.n; i++) {
                assert_int_equal(batches_label(&b, at, i), batch.labels[i]);
                fprintf(held, " %" PRId32, batch.labels[i]);
            }
            held_bytes(batch.images, batch.n * image * sizeof *batch.images);
            fprintf(held, "\n");
        }
    assert_int_equal(batches_plain(&b, &d->test, 1, 2, &batch, &e), 0);
    fprintf(held, "  plain %" PRId32 " %" PRId32, batch.labels[0], batch.labels[1]);
    held_bytes(batch.images, 2 * image * sizeof *batch.images);
    assert_int_equal(batches_chosen(&b, &d->train, (const uint32_t[]){ 5, 0, 5 }, 3, &batch, &e), 0);
    fprintf(held, "; chosen %" PRId32 " %" PRId32, batch.labels[0], batch.labels[1]);
    held_bytes(batch.images, 3 * image * sizeof *batch.images);
    fprintf(held, "\n");
    batches_release(&b);
}

static void test_batches(void **state)
{
    (void)state;
    static const char *const knobs[][11] = {
        { "batch", "8", NULL },
        { "batch", "9", "augment", "off", "seed", "3", NULL },
        { "batch", "11", "crop", "resized", "jitter", "0.4", NULL },
        { "batch", "7", "crop", "resized", "sampler", "class-aware", "seed", "1", NULL },
        { "batch", "22", "jitter", "1", "shuffle", "off", NULL },
        { "batch", "5", "augment", "off", "crop", "resized", "sampler", "progressive", "sampler_epochs", "2", NULL },
    };
    held_begin();
    for (size_t i = 0; i < sizeof knobs / sizeof *knobs; i++)
        for (uint32_t kept = 0; kept < 2; kept++) {
            struct dataset d;
            struct err e;
            const struct data_request r = { .source = DATA_FOLDER, .path = in("set"), .imbalance = IMBALANCE_NONE, .size = 16, .kept_mib = kept };
            assert_int_equal(dataset_open(&d, &r, &e), 0);
            for (int k = 0; knobs[i][k]; k++)
                fprintf(held, "%s ", knobs[i][k]);
            fprintf(held, "kept %" PRIu32 "\n", kept);
            tell_batches(&d, knobs[i]);
            dataset_free(&d);
        }
    held_end("picture_batches");
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_folders), cmocka_unit_test(test_flat), cmocka_unit_test(test_bad), cmocka_unit_test(test_lists),
                                        cmocka_unit_test(test_batches) };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
