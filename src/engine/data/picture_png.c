/* PNG by libpng. Its errors come back by longjmp() to the function that called it; nothing is allocated between. */
#include "config.h"
#include "engine/data/picture_private.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>

#include "base/err.h"

struct png {
    struct picture p;
    png_structp png;
    png_infop info;
    const uint8_t *at, *end;
    char why[128];
    uint8_t *whole; /* [height][width][3] of an interlaced one, decoded with the first row */
};

static void png_fail(png_structp png, png_const_charp why)
{
    struct png *p = png_get_error_ptr(png);
    snprintf(p->why, sizeof p->why, "%s", why);
    longjmp(png_jmpbuf(png), 1);
}

static void png_warn(png_structp png, png_const_charp why)
{
    struct png *p = png_get_error_ptr(png);
    (void)why;
    p->p.facts.warnings++;
}

static void feed_bytes(png_structp png, png_bytep to, size_t n)
{
    struct png *p = png_get_io_ptr(png);
    if ((size_t)(p->end - p->at) < n)
        png_error(png, "it ends too early");
    memcpy(to, p->at, n);
    p->at += n;
}

static void close_png(struct picture *picture)
{
    struct png *p = (struct png *)picture;
    png_destroy_read_struct(&p->png, &p->info, NULL);
    free(p->whole);
    free(p);
}

static int read_rows(struct png *p)
{
    const size_t row = (size_t)p->p.facts.width * 3;
    if (!p->whole && !(p->whole = malloc(row * (size_t)p->p.facts.height)))
        return -1;
    const int passes = png_set_interlace_handling(p->png);
    png_read_update_info(p->png, p->info);
    for (int pass = 0; pass < passes; pass++)
        for (int y = 0; y < p->p.facts.height; y++)
            png_read_row(p->png, p->whole + row * (size_t)y, NULL);
    return 0;
}

static int read_png(struct picture *picture, uint8_t *rgb, struct err *err)
{
    struct png *p = (struct png *)picture;
    const size_t row = (size_t)picture->facts.width * 3;
    if (setjmp(png_jmpbuf(p->png)))
        return err_set(err, ERR_DATA, "%s", p->why);
    if (picture->facts.whole) {
        if (picture->row == 1 && read_rows(p) < 0)
            return err_set(err, ERR_MEMORY, "no memory for %dx%d pixels", picture->facts.width, picture->facts.height);
        memcpy(rgb, p->whole + row * (size_t)(picture->row - 1), row);
        return 0;
    }
    if (picture->row == 1)
        png_read_update_info(p->png, p->info);
    png_read_row(p->png, rgb, NULL);
    return 0;
}

static void read_png_header(struct png *p)
{
    png_set_read_fn(p->png, p, feed_bytes);
    png_set_user_limits(p->png, PICTURE_MAX_SIDE, PICTURE_MAX_SIDE);
    png_set_chunk_malloc_max(p->png, 16 << 20); /* of texts and profiles, which are not looked at */
    png_read_info(p->png, p->info);
    const int colour = png_get_color_type(p->png, p->info);
    p->p.facts = (struct picture_facts){ .width = (int)png_get_image_width(p->png, p->info), .height = (int)png_get_image_height(p->png, p->info),
                                         .grey = !(colour & PNG_COLOR_MASK_COLOR), .deep = png_get_bit_depth(p->png, p->info) == 16,
                                         .whole = png_get_interlace_type(p->png, p->info) != PNG_INTERLACE_NONE,
                                         .warnings = p->p.facts.warnings };
    png_set_expand(p->png);
    png_set_strip_16(p->png);
    png_set_strip_alpha(p->png);
    png_set_gray_to_rgb(p->png);
}

struct picture *picture_open_png(const uint8_t *bytes, size_t n, struct err *err)
{
    struct png *p = calloc(1, sizeof *p);
    if (p) {
        *p = (struct png){ .p = { .read = read_png, .close = close_png }, .at = bytes, .end = bytes + n };
        p->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, p, png_fail, png_warn);
        p->info = p->png ? png_create_info_struct(p->png) : NULL;
    }
    if (!p || !p->info) {
        picture_close(p ? &p->p : NULL);
        return err_set(err, ERR_MEMORY, "no memory for a picture"), NULL;
    }
    if (setjmp(png_jmpbuf(p->png))) {
        err_set(err, ERR_DATA, "%s", p->why);
        close_png(&p->p);
        return NULL;
    }
    read_png_header(p);
    if (picture_check_size(&p->p.facts, err) == 0)
        return &p->p;
    close_png(&p->p);
    return NULL;
}

int picture_write_png(FILE *out, const uint8_t *rgb, int width, int height, struct err *err)
{
    png_image image = { .version = PNG_IMAGE_VERSION, .width = (unsigned)width, .height = (unsigned)height, .format = PNG_FORMAT_RGB };
    return png_image_write_to_stdio(&image, out, 0, rgb, 0, NULL) ? 0 : err_set(err, ERR_IO, "cannot write a PNG: %s", image.message);
}
