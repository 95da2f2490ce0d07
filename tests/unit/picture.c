/* One picture: the pixels that Pillow makes of every kind (tests/pictures/golden, made by golden.py), and files that are cut, damaged or
 * claim to be huge. */
#include "config.h"
#include "check.h"

#include "base/err.h"
#include "engine/data/resample.h"
#include "../pictures/png.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

enum { SIDE = 24, SHORTER = 27, VALUES = SIDE * SIDE * 3 };

static uint8_t *read_golden(const char *name, size_t *n)
{
    char path[1024];
    struct err e = { 0 };
    const char *top = getenv("top_srcdir");
    snprintf(path, sizeof path, "%s/tests/pictures/golden/%s", top ? top : ".", name);
    uint8_t *bytes = picture_read_file(AT_FDCWD, path, n, &e);
    if (!bytes)
        fail_msg("%s: %s", path, e.text);
    return bytes;
}

static int see_centre(const uint8_t *bytes, size_t n, uint8_t *rgb, struct err *err)
{
    struct picture *p = picture_open(bytes, n, err);
    if (!p)
        return -1;
    const struct picture_view view = picture_view_centre(picture_facts(p)->width, picture_facts(p)->height, SHORTER, SIDE);
    const int result = picture_see(p, &view, rgb, err);
    picture_close(p);
    return result;
}

static void pixels_are_pillows(void **state)
{
    static const char *const names[] = { "plain.jpg", "progressive.jpg", "turned.jpg", "grey.jpg", "cmyk.jpg", "alpha.png", "palette.png" };
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char wanted_name[64];
        struct err e = { 0 };
        size_t n, wanted_n;
        uint8_t rgb[VALUES];
        snprintf(wanted_name, sizeof wanted_name, "%s.rgb", names[i]);
        uint8_t *bytes = read_golden(names[i], &n), *wanted = read_golden(wanted_name, &wanted_n);
        assert_int_equal(wanted_n, VALUES);
        if (see_centre(bytes, n, rgb, &e) < 0)
            fail_msg("%s: %s", names[i], e.text);
        if (memcmp(rgb, wanted, VALUES) != 0)
            fail_msg("%s: other pixels than Pillow's", names[i]);
        free(bytes);
        free(wanted);
    }
}

static void facts_are_told(void **state)
{
    size_t n;
    struct err e = { 0 };
    (void)state;
    uint8_t *bytes = read_golden("turned.jpg", &n);
    struct picture *p = picture_open(bytes, n, &e);
    assert_non_null(p);
    assert_int_equal(picture_facts(p)->orientation, 6);
    assert_int_equal(picture_facts(p)->width, 50);
    assert_true(picture_shrink(p, 2));
    assert_int_equal(picture_facts(p)->width, 25);
    assert_int_equal(picture_facts(p)->height, 18);
    picture_close(p);
    free(bytes);
    bytes = read_golden("cmyk.jpg", &n);
    p = picture_open(bytes, n, &e);
    assert_non_null(p);
    assert_true(picture_facts(p)->cmyk && !picture_facts(p)->whole && !picture_facts(p)->grey);
    picture_close(p);
    free(bytes);
    bytes = read_golden("palette.png", &n);
    p = picture_open(bytes, n, &e);
    assert_non_null(p);
    assert_false(picture_shrink(p, 2) || picture_facts(p)->jpeg);
    picture_close(p);
    free(bytes);
}

/* Cut anywhere before the last rows a file is refused, with a reason; wherever it is cut nothing else happens. */
static void cut_files_are_refused(void **state)
{
    static const char *const names[] = { "plain.jpg", "progressive.jpg", "palette.png", "alpha.png" };
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t n;
        uint8_t rgb[VALUES], *bytes = read_golden(names[i], &n);
        for (size_t cut = 0; cut < n; cut += cut < 64 ? 1 : 13) {
            struct err e = { 0 };
            uint8_t *part = malloc(cut + 1); /* of that size, so that a look past the end is found */
            memcpy(part, bytes, cut);
            const int result = see_centre(part, cut, rgb, &e);
            if (cut < n / 2 && (result == 0 || !e.text[0]))
                fail_msg("%s cut to %zu of %zu bytes is taken", names[i], cut, n);
            free(part);
        }
        free(bytes);
    }
}

static void refused(uint8_t *bytes, size_t n, const char *says)
{
    struct err e = { 0 };
    assert_null(picture_open(bytes, n, &e));
    assert_int_equal(e.code, ERR_DATA);
    assert_says(e, says);
    free(bytes);
}

/* Sizes are looked at before anything is allocated. */
static void bombs_are_refused(void **state)
{
    size_t n;
    (void)state;
    uint8_t *bytes = read_golden("palette.png", &n);
    put_big(bytes + 16, 60000);
    put_big(bytes + 20, 60000);
    put_big(bytes + 29, png_crc(bytes + 12, 17));
    refused(bytes, n, "60000x60000 pixels; up to 256 million are accepted");
    bytes = read_golden("palette.png", &n);
    put_big(bytes + 16, 8000);
    put_big(bytes + 20, 8000);
    bytes[28] = 1; /* interlaced */
    put_big(bytes + 29, png_crc(bytes + 12, 17));
    refused(bytes, n, "8000x8000 pixels; up to 32 million of an interlaced PNG are accepted");
    static const struct {
        const char *name, *says;
        uint8_t marker;
    } jpeg[] = { { "plain.jpg", "65000x65000 pixels; up to 256 million are accepted", 0xc0 },
                 { "progressive.jpg", "65000x65000 pixels; up to 32 million of a progressive JPEG are accepted", 0xc2 } };
    for (size_t i = 0; i < 2; i++) {
        bytes = read_golden(jpeg[i].name, &n);
        size_t at = 2;
        while (at + 9 < n && !(bytes[at] == 0xff && bytes[at + 1] == jpeg[i].marker))
            at += 2 + (size_t)(bytes[at + 2] << 8 | bytes[at + 3]);
        assert_true(at + 9 < n);
        for (size_t k = 5; k < 9; k += 2) {
            bytes[at + k] = 65000 >> 8;
            bytes[at + k + 1] = 65000 & 255;
        }
        refused(bytes, n, jpeg[i].says);
    }
}

static void others_are_no_pictures(void **state)
{
    (void)state;
    refused(calloc(1, 1), 0, "empty: 0 bytes");
    refused((uint8_t *)strdup("GIF89a and so on"), 16, "neither JPEG nor PNG");
    refused((uint8_t *)strdup("\xff\xd8\xff\xd9"), 4, "");
}

/* A longer side of any length; halves to even. */
static void views_are_centred(void **state)
{
    (void)state;
    const struct picture_view same = picture_view_centre(12, 8, 8, 8);
    assert_int_equal(same.width, 12);
    assert_int_equal(same.left, 2);
    const struct picture_view wide = picture_view_centre(60000, 2, 256, 224);
    assert_int_equal(wide.width, 256 * 30000);
    assert_int_equal(wide.left, (256 * 30000 - 224) / 2);
    const struct picture_view odd = picture_view_centre(500, 375, 256, 224); /* 341 wide: 58.5 rounds to even */
    assert_int_equal(odd.width, 341);
    assert_int_equal(odd.left, 58);
    const struct picture_view up = picture_view_centre(343, 256, 256, 224); /* and 59.5 to 60 */
    assert_true(up.width == 343 && up.height == 256 && up.left == 60 && up.top == 16);
    const struct picture_view tall = picture_view_centre(256, 343, 256, 224);
    assert_true(tall.width == 256 && tall.height == 343 && tall.left == 16 && tall.top == 60);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pixels_are_pillows),    cmocka_unit_test(facts_are_told),     cmocka_unit_test(cut_files_are_refused),
        cmocka_unit_test(bombs_are_refused),     cmocka_unit_test(others_are_no_pictures), cmocka_unit_test(views_are_centred),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
