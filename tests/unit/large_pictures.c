/* Sets of pictures that are too many to look at all, lists that are read in pieces, batches made ahead and what was waited for them, what
 * one check of pictures leaves for the next, and copies that are made again. */
#include "config.h"
#include "check.h"

#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "engine/data/dataset.h"
#include "engine/data/feed.h"
#include "engine/data/picture.h"
#include "engine/data/picture_cache.h"
#include "engine/data/picture_check.h"
#include "engine/data/picture_findings.h"

enum { SIDE = 8, TONES = 7 };

static char root[64];

static const char *in(const char *name)
{
    static char path[16][256];
    static int next;
    char *p = path[next++ % 16];
    snprintf(p, 256, "%s/%s", root, name);
    return p;
}

static int tone_of(int i)
{
    return 20 + i * i * 4;
}

/* A picture of one colour: of red as much as told, of green what is left, no blue. */
static void draw(const char *name, int tone)
{
    struct err e;
    uint8_t rgb[SIDE * SIDE * 3];
    for (int i = 0; i < SIDE * SIDE; i++)
        memcpy(rgb + 3 * i, (uint8_t[]){ (uint8_t)tone, (uint8_t)(255 - tone), 0 }, 3);
    FILE *out = fopen(in(name), "wb");
    assert_non_null(out);
    assert_int_equal(picture_write_png(out, rgb, SIDE, SIDE, &e), 0);
    assert_int_equal(fclose(out), 0);
}

static void write_text(const char *name, const char *text)
{
    FILE *out = fopen(in(name), "w");
    assert_non_null(out);
    fputs(text, out);
    assert_int_equal(fclose(out), 0);
}

static int set_up(void **state)
{
    char name[16];
    (void)state;
    snprintf(root, sizeof root, "/tmp/saddle-large-XXXXXX");
    if (!mkdtemp(root) || setenv("XDG_STATE_HOME", in("state"), 1) < 0)
        return -1;
    for (int i = 0; i < TONES; i++) {
        snprintf(name, sizeof name, "%d.png", i);
        draw(name, tone_of(i));
    }
    write_text("none.png", "no picture");
    return 0;
}

static int tear_down(void **state)
{
    char command[128];
    (void)state;
    snprintf(command, sizeof command, "rm -rf '%s'", root);
    return system(command);
}

/* Line i, of n, names picture i % TONES (those below `bad` none.png) and class i * classes / n. */
static void write_list(const char *name, int n, int classes, int bad)
{
    FILE *out = fopen(in(name), "w");
    assert_non_null(out);
    for (int i = 0; i < n; i++) {
        if (i < bad)
            fprintf(out, "none.png %d\n", (int)((long)i * classes / n));
        else
            fprintf(out, "%d.png %d\n", i % TONES, (int)((long)i * classes / n));
    }
    assert_int_equal(fclose(out), 0);
}

static struct data_request request(const char *list)
{
    return (struct data_request){ .source = DATA_LIST, .path = in(list), .imbalance = IMBALANCE_NONE, .size = SIDE, .list_root = root };
}

static void open_ok(struct dataset *d, const struct data_request *r)
{
    struct err e = { 0 };
    if (dataset_open(d, r, &e) < 0)
        fail_msg("%s", e.text);
}

/* Every step-th picture from the first to the last, of those that can be read. */
static void check_norm(const struct dataset *d, int n, int step, int bad)
{
    double sum[2] = { 0 }, square[2] = { 0 };
    int seen = 0;
    for (int i = 0; i < n; i += step) {
        if (i < bad)
            continue;
        const double v[2] = { tone_of(i % TONES) / 255.0, (255 - tone_of(i % TONES)) / 255.0 };
        for (int ch = 0; ch < 2; ch++) {
            sum[ch] += v[ch];
            square[ch] += v[ch] * v[ch];
        }
        seen++;
    }
    const struct image_norm *norm = &d->train.kind.norm;
    for (int ch = 0; ch < 2; ch++) {
        const double mean = sum[ch] / seen;
        assert_true(fabs(norm->mean[ch] - mean) < 1e-9);
        assert_true(fabs(norm->std[ch] - sqrt(square[ch] / seen - mean * mean)) < 1e-9);
    }
    assert_true(norm->mean[2] == 0 && norm->std[2] == 1);
    assert_memory_equal(norm, &d->test.kind.norm, sizeof *norm);
    assert_memory_equal(norm, &d->val.kind.norm, sizeof *norm);
}

/* Up to 4096 pictures are measured, from the whole set: its classes lie one behind the other. */
static void test_measured(void **state)
{
    static const struct {
        int n, step, bad;
        const char *note;
    } cases[] = { { 4096, 1, 0, "" },
                  { 4097, 2, 0, "" },
                  { 8193, 3, 0, "" },
                  { 8194, 3, 1000, "334 of 2732 pictures cannot be read; 'data check' names such" } };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct dataset d;
        write_list("list", cases[i].n, 2, cases[i].bad);
        const struct data_request r = request("list");
        open_ok(&d, &r);
        assert_int_equal(d.train.n, cases[i].n);
        assert_string_equal(d.note, cases[i].note);
        check_norm(&d, cases[i].n, cases[i].step, cases[i].bad);
        dataset_free(&d);
    }
}

/* None that was measured can be read: refused, whatever the others are. */
static void test_none_measured(void **state)
{
    struct dataset d;
    struct err e = { 0 };
    (void)state;
    write_list("list", 4200, 2, 4200);
    const struct data_request r = request("list");
    assert_int_equal(dataset_open(&d, &r, &e), -1);
    assert_says(e, "2100 of 2100 pictures cannot be read (--bad skip names such and leaves them out), the first is: 'none.png': neither JPEG nor PNG");
}

/* A set with the numbers of a published one has that one's mean and deviation; one picture less, and it has its own. */
static void test_published(void **state)
{
    struct dataset d;
    (void)state;
    write_list("list", 62500, 365, 0);
    write_list("tested", 365, 365, 0);
    struct data_request r = request("list");
    r.test_list = in("tested");
    open_ok(&d, &r);
    assert_string_equal(d.note, "by its numbers this is Places-LT, whose mean and deviation are used");
    static const double mean[] = { 0.485, 0.456, 0.406 }, deviation[] = { 0.229, 0.224, 0.225 };
    for (int ch = 0; ch < 3; ch++) {
        assert_true(d.train.kind.norm.mean[ch] == mean[ch] && d.train.kind.norm.std[ch] == deviation[ch]);
        assert_true(d.test.kind.norm.mean[ch] == mean[ch] && d.test.kind.norm.std[ch] == deviation[ch]);
    }
    dataset_free(&d);
    write_list("list", 62499, 365, 0);
    open_ok(&d, &r);
    assert_string_equal(d.note, "");
    assert_true(fabs(d.train.kind.norm.mean[0] - 72 / 255.0) < 0.01); /* the mean of all tones */
    dataset_free(&d);
}

/* Files of a long list are looked for in pieces of 4096: whichever is missing is told with its line, the first where more are. */
static void test_missing(void **state)
{
    static const int gone[][2] = { { 4095, 8999 }, { 4096, 4095 }, { 8192, 8999 }, { 8999, 8999 } };
    (void)state;
    for (size_t i = 0; i < sizeof gone / sizeof *gone; i++) {
        struct dataset d;
        struct err e = { 0 };
        char says[80];
        FILE *out = fopen(in("list"), "w");
        assert_non_null(out);
        for (int line = 0; line < 9000; line++)
            fprintf(out, "%s%d.png %d\n", line == gone[i][0] || line == gone[i][1] ? "gone" : "", line % TONES, line % 2);
        assert_int_equal(fclose(out), 0);
        const struct data_request r = request("list");
        const int first = gone[i][0] < gone[i][1] ? gone[i][0] : gone[i][1];
        snprintf(says, sizeof says, "list: line %d: 'gone%d.png': no such file in ", first + 1, first % TONES);
        assert_int_equal(dataset_open(&d, &r, &e), -1);
        assert_says(e, says);
    }
}

/* --- batches made ahead -------------------------------------------------------------------------------------------- */

static int slow_ms;  /* what an image takes */
static int bad_image = -1;

static const void *get_slowly(const struct image_set *set, uint32_t position, void *room, struct err *err)
{
    nanosleep(&(const struct timespec){ .tv_nsec = slow_ms * 1000000 }, NULL);
    if ((int)position == bad_image)
        return err_set(err, ERR_DATA, "image %" PRIu32 " is bad", position), NULL;
    for (size_t i = 0; i < image_bytes(&set->kind); i++)
        ((uint8_t *)room)[i] = (uint8_t)(position * 40 + i);
    return room;
}

static const struct image_reader slow_reader = { .get = get_slowly };
static int32_t slow_labels[6] = { 0, 1, 2, 3, 4, 5 };
static const struct image_set slow_set = { .n = 6, .kind = { .size = { SIDE, SIDE, 3 }, .norm = { { 0, 0, 0 }, { 1, 1, 1 } } }, .reader = &slow_reader, .labels = slow_labels };

enum { ROOM = 3, VALUES = ROOM * SIDE * SIDE * 3 };

static struct image_list list_of(const uint32_t *position, uint32_t n)
{
    return (struct image_list){ &slow_set, position, n };
}

/* Whatever was announced, what is asked for comes. */
static void test_ahead(void **state)
{
    static const struct {
        struct feed_order order;
        uint32_t position[ROOM], n;
    } asked[] = {
        { { 0, 0, { .on = false } }, { 0, 1, 2 }, 3 },
        { { 0, 1, { .on = false } }, { 3, 4, 5 }, 3 },
        { { 0, 1, { .on = false } }, { 3, 4, 2 }, 3 },              /* another stage's order */
        { { 0, 1, { .on = false } }, { 3, 4 }, 2 },
        { { 0, 1, { .on = true, .seed = 5 } }, { 3, 4 }, 2 },
        { { 0, 1, { .on = true, .seed = 5, .epoch = 3 } }, { 3, 4 }, 2 },
        { { 0, 1, { .on = true, .seed = 5, .epoch = 3 } }, { 3, 4, 5 }, 3 },
    };
    enum { N = sizeof asked / sizeof *asked };
    struct feed *f = feed_new(ROOM, SIDE * SIDE * 3);
    float *images = malloc(VALUES * sizeof *images), wanted[VALUES];
    int32_t *labels = malloc(ROOM * sizeof *labels);
    (void)state;
    assert_true(f && images && labels);
    slow_ms = 0;
    for (int told = -1; told < N; told++)
        for (int i = 0; i < N; i++) {
            struct err e = { 0 };
            uint32_t position[ROOM];
            const struct image_list list = list_of(asked[i].position, asked[i].n);
            if (told >= 0) {
                memcpy(position, asked[told].position, sizeof position);
                const struct image_list ahead = list_of(position, asked[told].n);
                feed_ahead(f, &asked[told].order, &ahead);
                memset(position, 0, sizeof position); /* it has its own */
            }
            for (int twice = 0; twice < 2; twice++) { /* what was taken is not there any more */
                assert_int_equal(feed_take(f, &asked[i].order, &list, &images, &labels, &e), 0);
                assert_int_equal(batch_fill(wanted, NULL, &list, &asked[i].order.augment, &e), 0);
                assert_memory_equal(images, wanted, sizeof *wanted * list.n * SIDE * SIDE * 3);
                for (uint32_t k = 0; k < list.n; k++)
                    assert_int_equal(labels[k], asked[i].position[k]);
            }
        }
    free(images);
    free(labels);
    feed_free(f);
}

/* An image that cannot be read: its error comes with the batch, made ahead or not, and the next one is good. */
static void test_bad_ahead(void **state)
{
    struct feed *f = feed_new(ROOM, SIDE * SIDE * 3);
    float *images = malloc(VALUES * sizeof *images);
    int32_t *labels = malloc(ROOM * sizeof *labels);
    const struct image_list bad = list_of((const uint32_t[]){ 1, 4, 2 }, 3), good = list_of((const uint32_t[]){ 1, 5, 2 }, 3);
    const struct feed_order order = { 0, 0, { .on = false } };
    (void)state;
    assert_true(f && images && labels);
    slow_ms = 0, bad_image = 4;
    for (int ahead = 0; ahead < 2; ahead++) {
        struct err e = { 0 };
        if (ahead)
            feed_ahead(f, &order, &bad);
        assert_int_equal(feed_take(f, &order, &bad, &images, &labels, &e), -1);
        assert_string_equal(e.text, "image 4 is bad");
        assert_int_equal(e.code, ERR_DATA);
        if (ahead)
            feed_ahead(f, &order, &good);
        assert_int_equal(feed_take(f, &order, &good, &images, &labels, &e), 0);
        assert_int_equal(labels[1], 5);
    }
    bad_image = -1;
    free(images);
    free(labels);
    feed_free(f);
}

/* Seconds, of all takes together. */
static void test_waited(void **state)
{
    struct feed *f = feed_new(ROOM, SIDE * SIDE * 3);
    float *images = malloc(VALUES * sizeof *images);
    int32_t *labels = malloc(ROOM * sizeof *labels);
    const struct image_list list = list_of((const uint32_t[]){ 0, 1, 2 }, 1);
    const struct feed_order order = { 0, 0, { .on = false } };
    struct err e = { 0 };
    (void)state;
    assert_true(f && images && labels);
    assert_true(feed_waited(f) == 0);
    const uint64_t from = clock_now_ns();
    for (int i = 0; i < 4; i++) {
        slow_ms = i < 3 ? 30 : 0;
        if (i == 1)
            feed_ahead(f, &order, &list);
        assert_int_equal(feed_take(f, &order, &list, &images, &labels, &e), 0);
        const double waited = feed_waited(f), passed = (double)(clock_now_ns() - from) * 1e-9;
        assert_true(waited <= passed);
        if (i != 1) /* how long the thread had begun before is not known */
            assert_true(waited >= (i == 0 ? 0.03 : 0.06));
    }
    free(images);
    free(labels);
    feed_free(f);
}

/* --- what a check leaves ------------------------------------------------------------------------------------------- */

/* A name's finding holds for a file of that size and that time alone; of two of one name the newer stays. */
static void test_findings(void **state)
{
    struct err e;
    struct picture_findings f;
    struct picture_finding first[] = { { 30, 1, 2, 3, 1 }, { 10, 4, 5, 6, 0 }, { 20, 7, UINT64_MAX, 9, 255 } },
                           second[] = { { 40, 0, 0, 0, 2 }, { 20, 8, 9, 10, 3 } };
    char path[256];
    (void)state;
    snprintf(path, sizeof path, "%s", in("state/saddle/checks/test"));
    picture_findings_read(&f, path);
    assert_int_equal(f.n, 0);
    assert_null(picture_findings_of(&f, &first[0]));
    assert_int_equal(picture_findings_write(&f, first, 3, path, &e), 0);
    picture_findings_read(&f, path);
    assert_int_equal(f.n, 3);
    const struct picture_finding *found = picture_findings_of(&f, &(const struct picture_finding){ .name = 20, .size = 7, .time = UINT64_MAX });
    assert_true(found && found->content == 9 && found->found == 255);
    assert_null(picture_findings_of(&f, &(const struct picture_finding){ .name = 20, .size = 8, .time = UINT64_MAX }));
    assert_null(picture_findings_of(&f, &(const struct picture_finding){ .name = 20, .size = 7, .time = 9 }));
    assert_null(picture_findings_of(&f, &(const struct picture_finding){ .name = 21, .size = 7, .time = UINT64_MAX }));
    assert_int_equal(picture_findings_write(&f, second, 2, path, &e), 0);
    picture_findings_release(&f);
    picture_findings_read(&f, path);
    assert_int_equal(f.n, 4);
    for (uint32_t i = 0; i < 4; i++)
        assert_int_equal(f.list[i].name, 10 * (i + 1));
    assert_true(f.list[1].size == 8 && f.list[1].time == 9 && f.list[1].content == 10 && f.list[1].found == 3);
    assert_true(f.list[2].size == 1 && f.list[2].time == 2 && f.list[2].content == 3 && f.list[2].found == 1);
    picture_findings_release(&f);
    static const char *const none[] = { "saddle check 2\n1 1 1 1 1\n", "saddle check 1\n2 1 1 1 1\n1 1 1 1 1\n", "saddle check 1\n1 1 1 1 1\n1 1 1 1 1\n",
                                        "saddle check 1\n1 1 1 100 1\n", "saddle check 1\n1 1 1 1\n", "saddle check 1\n1 1 1 1 1 1\n", "saddle check 1\n1 1 1 1 1" };
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        write_text("state/saddle/checks/test", none[i]);
        picture_findings_read(&f, path);
        assert_int_equal(f.n, 0);
        assert_null(f.list);
    }
    write_text("state/saddle/checks/test", "saddle check 1\n1 1 1 ff 1\na b c d e\n");
    picture_findings_read(&f, path);
    assert_true(f.n == 2 && f.list[0].found == 255 && f.list[1].name == 10 && f.list[1].size == 11 && f.list[1].time == 12 && f.list[1].content == 14);
    picture_findings_release(&f);
}

static void check_says(const char *list, const char *test, uint32_t bad, const char *says)
{
    struct dataset d;
    struct err e;
    struct buf lines = { 0 };
    struct data_request r = request(list);
    uint32_t read, of;
    r.test_list = test ? in(test) : NULL;
    open_ok(&d, &r);
    struct picture_check *c = picture_check_start(&d, &e);
    assert_non_null(c);
    const uint32_t n = d.train.n + d.test.n;
    dataset_free(&d);
    assert_int_equal(picture_check_report(c, &lines), bad);
    assert_true(picture_check_over(c, &read, &of));
    assert_true(read == n && of == n);
    assert_string_equal(lines.data, says);
    free(lines.data);
    picture_check_free(c);
}

static void set_time(const char *name, long seconds, long nanoseconds)
{
    const struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, { seconds, nanoseconds } };
    assert_int_equal(utimensat(AT_FDCWD, in(name), times, 0), 0);
}

/* Copies are counted by pairs of neighbours, the first told is the first in the set; more than twenty that are bad are counted, the first told by
 * their order. */
static void test_report(void **state)
{
    char list[2000] = "0.png 0\n1.png 0\nsame.png 1\n2.png 1\n", says[4000];
    (void)state;
    draw("same.png", tone_of(1));
    draw("more.png", tone_of(2));
    draw("test.png", tone_of(2));
    write_text("few", list);
    write_text("tested", "more.png 0\ntest.png 0\n");
    check_says("few", "tested", 0, "6 pictures are read, all can be decoded\n"
                                   "3 pictures have the bytes of others, 2 of them in another class, 1 of them in another split; the first: '1.png' and 'same.png'\n");
    for (int i = 0; i < 22; i++) {
        char name[40];
        snprintf(name, sizeof name, "bad%02d.png", 21 - i);
        write_text(name, i == 3 ? "" : name);
        snprintf(list + strlen(list), sizeof list - strlen(list), "%s %d\n", name, i % 2);
    }
    write_text("many", list);
    snprintf(says, sizeof says, "26 pictures are read (4 by an earlier check: name, size and time are the same), 22 cannot be decoded:\n");
    for (int i = 0; i < 11; i++)
        snprintf(says + strlen(says), sizeof says - strlen(says), "'bad%02d.png': neither JPEG nor PNG by its first bytes\n", 21 - 2 * i);
    for (int i = 0; i < 9; i++)
        snprintf(says + strlen(says), sizeof says - strlen(says), "'bad%02d.png': %s\n", 20 - 2 * i, i == 1 ? "empty: 0 bytes" : "neither JPEG nor PNG by its first bytes");

    strcat(says, "and 2 more\n1 picture has the bytes of another one, in another class: '1.png' and 'same.png'\n");
    check_says("many", NULL, 22, says);
}

/* A file that is written again is read again, by its time or by its size; what an earlier check of other pictures found stays known. */
static void test_again(void **state)
{
    (void)state;
    draw("x.png", 3);
    draw("y.png", 4);
    draw("z.png", 5);
    for (int i = 0; i < 3; i++)
        set_time((const char *[]){ "x.png", "y.png", "z.png" }[i], 1000, 7);
    write_text("one", "x.png 0\ny.png 1\n");
    write_text("two", "x.png 0\nz.png 1\n");
    check_says("one", NULL, 0, "2 pictures are read, all can be decoded\n");
    check_says("two", NULL, 0, "2 pictures are read (1 by an earlier check: name, size and time are the same), all can be decoded\n");
    check_says("one", NULL, 0, "2 pictures are read (2 by an earlier check: name, size and time are the same), all can be decoded\n");
    set_time("x.png", 1000, 8);
    check_says("one", NULL, 0, "2 pictures are read (1 by an earlier check: name, size and time are the same), all can be decoded\n");
    set_time("x.png", 1001, 8);
    check_says("one", NULL, 0, "2 pictures are read (1 by an earlier check: name, size and time are the same), all can be decoded\n");
    draw("x.png", 4); /* as many bytes, and it was another picture */
    set_time("x.png", 1001, 9);
    check_says("one", NULL, 0, "2 pictures are read (1 by an earlier check: name, size and time are the same), all can be decoded\n"
                               "1 picture has the bytes of another one, in another class: 'x.png' and 'y.png'\n");
    check_says("one", NULL, 0, "2 pictures are read (2 by an earlier check: name, size and time are the same), all can be decoded\n"
                               "1 picture has the bytes of another one, in another class: 'x.png' and 'y.png'\n");
}

/* --- smaller copies ------------------------------------------------------------------------------------------------ */

static void cached(const char *list, uint32_t there, const char *says)
{
    struct err e = { 0 };
    struct buf lines = { 0 };
    char told[400];
    uint32_t made, of;
    const struct data_request r = request(list);
    struct picture_cache *c = picture_cache_new(&r, in("copies"), SIDE, &e);
    if (!c)
        fail_msg("%s", e.text);
    assert_int_equal(picture_cache_size(c)->there, there);
    assert_true(there < picture_cache_size(c)->n ? picture_cache_size(c)->bytes > 0 : picture_cache_size(c)->bytes == 0);
    assert_int_equal(picture_cache_start(c, &e), 0);
    assert_int_equal(picture_cache_report(c, &lines, &e), 0);
    assert_true(picture_cache_over(c, &made, &of) && made == of && of == picture_cache_size(c)->n);
    snprintf(told, sizeof told, says, in("copies"));
    assert_string_equal(lines.data, told);
    free(lines.data);
    picture_cache_free(c);
}

/* What has changed by a nanosecond is copied anew, what has not stays as it is; of several that are no pictures the first is told. */
static void test_copies(void **state)
{
    struct stat original, copy;
    (void)state;
    for (int i = 0; i < 4; i++) {
        const char *name = (const char *[]){ "e.png", "f.png", "g.png", "h.png" }[i];
        draw(name, 50 * i);
        if (i >= 2)
            write_text(name, "none");
        set_time(name, 1000, 7);
    }
    write_text("copied", "e.png 0\nh.png 0\nf.png 1\ng.png 1\n");
    cached("copied", 0, "4 pictures are in %s, 0 of them made smaller now\n2 cannot be decoded and are as they were; the first: 'h.png'\n");
    assert_int_equal(stat(in("copies/e.png"), &copy), 0);
    assert_true(copy.st_mtim.tv_sec == 1000 && copy.st_mtim.tv_nsec == 7);
    write_text("copies/e.png", "kept"); /* it carries the time that its original has */
    set_time("copies/e.png", 1000, 7);
    cached("copied", 4, "4 pictures are in %s, 0 of them made smaller now\n");
    assert_int_equal(stat(in("copies/e.png"), &copy), 0);
    assert_int_equal(copy.st_size, 4);
    for (int i = 0; i < 2; i++) {
        set_time("e.png", 1000 + i, 8);
        cached("copied", 3, "4 pictures are in %s, 0 of them made smaller now\n");
        assert_int_equal(stat(in("copies/e.png"), &copy), 0);
        assert_int_equal(stat(in("e.png"), &original), 0);
        assert_true(copy.st_size == original.st_size && copy.st_mtim.tv_sec == 1000 + i && copy.st_mtim.tv_nsec == 8);
    }
    write_text("copies/f.png", ""); /* cut short */
    set_time("copies/f.png", 1000, 7);
    cached("copied", 3, "4 pictures are in %s, 0 of them made smaller now\n");
    assert_int_equal(stat(in("copies/f.png"), &copy), 0);
    assert_true(copy.st_size > 0);
}

/* What is called like a picture and is no file is left out, and not waited for. */
static void test_no_file(void **state)
{
    struct dataset d;
    const struct data_request r = { .source = DATA_FOLDER, .path = in("folder"), .imbalance = IMBALANCE_NONE, .size = SIDE, .kept_mib = 1 };
    (void)state;
    for (int i = 0; i < 3; i++)
        assert_int_equal(mkdir(in((const char *[]){ "folder", "folder/a", "folder/b" }[i]), 0700), 0);
    draw("folder/a/1.png", 1);
    draw("folder/b/1.png", 2);
    draw("folder/b/2.PNG", 2);
    assert_int_equal(mkfifo(in("folder/b/pipe.png"), 0600), 0);
    open_ok(&d, &r);
    assert_true(d.train.n == 3 && d.train.count[0] == 2);
    assert_string_equal(d.note, "1 file is neither .jpg, .jpeg nor .png and left out");
    dataset_free(&d);
}

int main(void)
{
    alarm(600);
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_measured), cmocka_unit_test(test_none_measured), cmocka_unit_test(test_published),
                                        cmocka_unit_test(test_missing), cmocka_unit_test(test_ahead), cmocka_unit_test(test_bad_ahead),
                                        cmocka_unit_test(test_waited), cmocka_unit_test(test_findings), cmocka_unit_test(test_report),
                                        cmocka_unit_test(test_again), cmocka_unit_test(test_copies), cmocka_unit_test(test_no_file) };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
