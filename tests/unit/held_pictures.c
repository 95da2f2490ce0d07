/* Sets of pictures at settings that are not the defaults: which there are, in which order, what is seen of them and what is said. Held as a
 * whole. All are PNG, whose pixels do not depend on a library. */
#include "config.h"
#include "tests/unit/held.h"

#include <fcntl.h>
#include <inttypes.h>
#include <png.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "engine/data/augment.h"
#include "engine/data/batches.h"
#include "engine/data/dataset.h"
#include "engine/data/picture.h"
#include "tests/pictures/png.h"

static char root[64];

static const char *in(const char *name)
{
    static char path[64][1200];
    static int next;
    char *p = path[next++ % 64];
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
                                       "set/train/ant/b0.png 0\nset/train/ant/a1.png 0\n", "set/train/ant/b0.png 0\nset/train/ant/b0.png 1\n",
                                       "a path of more than one hundred and twenty-seven characters, of which the answer tells the first ones and no more than that, because/it/is/long.png no\n" };
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
    r = list, r.test_list = in("no-such-list");
    tell_request(r);
    r = list, r.names_list = in("no-such-names");
    tell_request(r);
    r = list, r.list_root = in("no-such-root");
    tell_request(r);
    r = list, r.names_list = in("long-names");
    write_text("long-names", "a name of thirty-one bytes......\na name of more than thirty-one bytes is cut\nABCDEFGHIJKLMNOPQRSTUVWXYZABC\xc3\xa9\xc3\xa9 \xe2\x82\xac\n");
    tell_request(r);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        r = list, r.path = in("bad-list");
        write_text("bad-list", bad[i]);
        tell_request(r);
    }
    held_end("picture_lists");
}

/* Forty-five pictures, of which some cannot be read: the first of them by its place, whichever worker met it, and how many are named. */
static void test_many_bad(void **state)
{
    static const int bad[] = { 40, 33, 3, 8, 9, 10, 11, 12, 20, 25, 26, 27 };
    char name[40];
    (void)state;
    assert_int_equal(mkdir(in("many"), 0700), 0);
    draw_class("many/ape", 24, 1);
    draw_class("many/bat", 24, 30);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        snprintf(name, sizeof name, "many/%s/%c%d.png", bad[i] < 24 ? "ape" : "bat", "bac"[bad[i] % 24 % 3], bad[i] % 24);
        write_text(name, "bad");
    }
    struct data_request r = { .source = DATA_FOLDER, .path = in("many//"), .imbalance = IMBALANCE_NONE, .size = 8, .kept_mib = 1, .val_unused = true };
    held_begin();
    tell_request(r);
    r.skip_bad = true;
    tell_request(r);
    r.kept_mib = 0, r.skip_bad = false; /* measured, and told of */
    struct dataset d;
    struct err e = { 0 };
    if (dataset_open(&d, &r, &e) < 0)
        tell_text(e.text);
    else {
        tell_text(d.note);
        dataset_free(&d);
    }
    held_end("picture_many");
}

static void put_bytes(const char *name, const uint8_t *bytes, size_t n)
{
    FILE *out = fopen(in(name), "wb");
    assert_non_null(out);
    assert_int_equal(fwrite(bytes, 1, n, out), n);
    assert_int_equal(fclose(out), 0);
}

static void tell_opened(const uint8_t *bytes, size_t n)
{
    struct err e = { 0 };
    struct picture *p = picture_open(bytes, n, &e);
    if (p) {
        const struct picture_facts *f = picture_facts(p);
        fprintf(held, "%dx%d jpeg %d cmyk %d grey %d deep %d whole %d orientation %d\n", f->width, f->height, f->jpeg, f->cmyk, f->grey, f->deep, f->whole, f->orientation);
    } else
        fprintf(held, "%s\n", e.text);
    picture_close(p);
}

/* Headers of PNG at the limits of sizes; orientations that EXIF says, in either order of bytes, whole and cut. */
static void test_headers(void **state)
{
    (void)state;
    static const uint32_t size[][2] = { { 1, 1 }, { 65500, 1 }, { 1, 65500 }, { 16000, 16000 }, { 16001, 16000 }, { 8000, 4000 }, { 8000, 4001 } };
    static const int sides[] = { 1, 65500 }; /* the libraries refuse more, in words of their own */
    static const uint8_t start[] = { 0x89, 'P', 'N', 'G', 13, 10, 26, 10, 0, 0, 0, 13, 'I', 'H', 'D', 'R' };
    held_begin();
    for (size_t i = 0; i < sizeof size / sizeof *size; i++)
        for (uint8_t interlaced = 0; interlaced < 2; interlaced++) {
            uint8_t png[8 + 25 + 12] = { [37] = 'I', 'D', 'A', 'T' };
            memcpy(png, start, sizeof start);
            put_big(png + 16, size[i][0]);
            put_big(png + 20, size[i][1]);
            memcpy(png + 24, (uint8_t[]){ 8, 2, 0, 0, interlaced }, 5);
            put_big(png + 29, png_crc(png + 12, 17));
            put_big(png + 41, png_crc(png + 37, 4));
            fprintf(held, "PNG of %" PRIu32 "x%" PRIu32 "%s: ", size[i][0], size[i][1], interlaced ? " interlaced" : "");
            tell_opened(png, sizeof png);
        }
    for (size_t cut = 1; cut < 12; cut++) { /* too short to be known as a PNG, or a PNG that is too short */
        fprintf(held, "%zu bytes of a PNG: ", cut);
        tell_opened(start, cut);
    }
    uint8_t rgb[9 * 7 * 3] = { 0 };
    size_t n;
    struct err e;
    uint8_t *jpeg = picture_make_jpeg(&(const struct picture_pixels){ rgb, 9, 7 }, 80, &n, &e);
    assert_non_null(jpeg);
    for (size_t cut = 1; cut < 5; cut++) {
        struct picture *p = picture_open(jpeg, cut, &e);
        assert_null(p);
        fprintf(held, "%zu bytes of a JPEG %s\n", cut, strstr(e.text, "neither") ? "are none" : "are too few");
    }
    size_t frame = 0; /* where a JPEG says its sides */
    while (jpeg[frame] != 0xff || jpeg[frame + 1] != 0xc0)
        frame++;
    for (int i = 0; i < 4; i++) {
        const int high = i < 2 ? sides[i] : 3, wide = i < 2 ? 3 : sides[i - 2];
        memcpy(jpeg + frame + 5, (uint8_t[]){ (uint8_t)(high >> 8), (uint8_t)high, (uint8_t)(wide >> 8), (uint8_t)wide }, 4);
        fprintf(held, "JPEG %d wide, %d high: ", wide, high);
        tell_opened(jpeg, n);
    }
    memcpy(jpeg + frame + 5, (uint8_t[]){ 0, 7, 0, 9 }, 4);
    for (int big = 0; big < 2; big++)
        for (uint8_t told = 0; told < 10; told += 3)
            for (uint8_t cut = 0; cut < 3; cut++)
                for (uint8_t tag = 0x11; tag < 0x13; tag++) {
                    const uint8_t exif[2][32] = { { 'E', 'x', 'i', 'f', 0, 0, 'I', 'I', 42, 0, 8, 0, 0, 0, 1, 0, tag, 1, 3, 0, 1, 0, 0, 0, told, 0, 0, 0 },
                                                  { 'E', 'x', 'i', 'f', 0, 0, 'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, 1, tag, 0, 3, 0, 0, 0, 1, 0, told, 0, 0 } };
                    const size_t length = cut == 0 ? 32 : cut == 1 ? 22 : 10;
                    uint8_t *file = malloc(n + 4 + length);
                    memcpy(file, jpeg, 2);
                    memcpy(file + 2, (uint8_t[]){ 0xff, 0xe1, 0, (uint8_t)(length + 2) }, 4);
                    memcpy(file + 6, exif[big], length);
                    memcpy(file + 6 + length, jpeg + 2, n - 2);
                    fprintf(held, "EXIF %s tag 1%02x says %d, %zu bytes: ", big ? "MM" : "II", tag, told, length);
                    tell_opened(file, n + 4 + length);
                    free(file);
                }
    free(jpeg);
    held_end("picture_headers");
}

/* Rows of an interlaced PNG are those of a plain one. */
static void test_interlaced(void **state)
{
    (void)state;
    enum { W = 13, H = 11 };
    uint8_t rgb[W * H * 3], row[W * 3], *bytes;
    struct err e = { 0 };
    size_t n;
    for (size_t i = 0; i < sizeof rgb; i++)
        rgb[i] = (uint8_t)(i * 37 + i / 11);
    FILE *out = fopen(in("interlaced.png"), "wb");
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    png_bytep rows[H];
    for (int y = 0; y < H; y++)
        rows[y] = rgb + (size_t)y * W * 3;
    png_init_io(png, out);
    png_set_IHDR(png, info, W, H, 8, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_ADAM7, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, info);
    png_write_image(png, rows);
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    fclose(out);
    bytes = picture_read_file(AT_FDCWD, in("interlaced.png"), &n, &e);
    for (int skip = 0; skip < 3; skip++) {
        struct picture *p = picture_open(bytes, n, &e);
        assert_non_null(p);
        assert_true(picture_facts(p)->whole);
        assert_int_equal(picture_skip(p, skip, &e), 0);
        for (int y = skip; y < H; y++) {
            assert_int_equal(picture_row(p, row, &e), 0);
            assert_memory_equal(row, rows[y], sizeof row);
        }
        picture_close(p);
    }
    free(bytes);
}

/* A JPEG is seen much alike where it is decoded at a fraction of its size, and where it need not be exactly alike. */
static void test_fast(void **state)
{
    (void)state;
    static const int shape[][2] = { { 300, 260 }, { 257, 64 }, { 40, 39 }, { 33, 500 } };
    uint8_t *rgb = malloc(600 * 600 * 3);
    assert_int_equal(mkdir(in("fast"), 0700), 0);
    assert_int_equal(mkdir(in("fast/x"), 0700), 0);
    assert_int_equal(mkdir(in("fast/y"), 0700), 0);
    for (int i = 0; i < 4; i++) {
        char name[40];
        size_t n;
        struct err e;
        const int w = shape[i][0], h = shape[i][1];
        for (int v = 0; v < w * h; v++) {
            rgb[3 * v] = (uint8_t)(v % w * 255 / w);
            rgb[3 * v + 1] = (uint8_t)(v / w * 255 / h);
            rgb[3 * v + 2] = (uint8_t)(60 * i);
        }
        uint8_t *jpeg = picture_make_jpeg(&(const struct picture_pixels){ rgb, w, h }, 95, &n, &e);
        snprintf(name, sizeof name, "fast/%c/%d.jpg", "xy"[i % 2], i);
        put_bytes(name, jpeg, n);
        free(jpeg);
    }
    free(rgb);
    struct dataset exact, fast;
    struct err e = { 0 };
    struct data_request r = { .source = DATA_FOLDER, .path = in("fast"), .imbalance = IMBALANCE_NONE, .size = 16, .kept_mib = 1 };
    assert_int_equal(dataset_open(&exact, &r, &e), 0);
    r.fast = true;
    assert_int_equal(dataset_open(&fast, &r, &e), 0);
    int differ = 0;
    for (uint32_t i = 0; i < 4; i++)
        for (int box = 0; box < 4; box++) {
            uint8_t a[16 * 16 * 3], b[16 * 16 * 3];
            const struct augment how = { .on = true, .resized = true, .seed = (uint64_t)box };
            memcpy(a, exact.train.reader->get(&exact.train, i, a, &e), sizeof a);
            memcpy(b, fast.train.reader->get(&fast.train, i, b, &e), sizeof b);
            if (box > 0) {
                assert_int_equal(exact.train.reader->crop(&exact.train, i, &how, a, &e), 0);
                assert_int_equal(fast.train.reader->crop(&fast.train, i, &how, b, &e), 0);
            }
            differ += memcmp(a, b, sizeof a) != 0;
            for (size_t v = 0; v < sizeof a; v++)
                assert_true(abs(a[v] - b[v]) < 12);
        }
    assert_true(differ > 4 && differ < 16); /* those that are small enough are decoded whole */
    assert_string_not_equal(exact.digest, fast.digest);
    dataset_free(&exact);
    dataset_free(&fast);
}

/* Folders that are called like sets, and names of files: what counts as a class and as a picture. */
static void test_names(void **state)
{
    (void)state;
    static const char *const sets[][6] = { { "Training/a", "Testing/a" }, { "VALIDATION/a", "valid/b", "val/c" }, { "train/a", "train/b", "Valid/a" }, { "train/a", "train/b", "test/b" },
                                           { "test/a", "dog/b" },         { "train/a", "train/b", "val/a", "extra/c" }, { "train/a", "train/b", "test/c" }, { "train/a", "train/b", "val/b", "test/a" },
                                           { "a/deep/er", "b/x", "b/y" }, { "training/a", "training/b" }, { "testing/x", "valid/y", "train/z", "train/w" } };
    held_begin();
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        char top[24], path[200];
        snprintf(top, sizeof top, "names-%zu", i);
        mkdir(in(top), 0700);
        for (unsigned k = 0; k < 6 && sets[i][k]; k++) {
            snprintf(path, sizeof path, "%s/%s/", top, sets[i][k]);
            for (char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
                *slash = '\0';
                mkdir(in(path), 0700);
                *slash = '/';
            }
            static const char *const files[] = { "p.png", "Q.PNG", "r.jpeg", ".png", "notes.txt", "png", "s.gif", ".hidden.png", "s.png.txt" };
            for (size_t f = 0; f < sizeof files / sizeof *files; f++) {
                snprintf(path, sizeof path, "%s/%s/%s", top, sets[i][k], files[f]);
                draw(path, 9, 8, (unsigned)f + 9 * k);
            }
        }
        fprintf(held, "%s:", sets[i][0]);
        tell_request((struct data_request){ .source = DATA_FOLDER, .path = in(top), .imbalance = IMBALANCE_NONE, .size = 8, .kept_mib = 1 });
    }
    held_end("picture_names");
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
                                        cmocka_unit_test(test_batches), cmocka_unit_test(test_many_bad), cmocka_unit_test(test_headers), cmocka_unit_test(test_interlaced),
                                        cmocka_unit_test(test_fast), cmocka_unit_test(test_names) };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
