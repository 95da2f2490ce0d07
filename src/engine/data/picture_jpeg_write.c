/* Pixels into a JPEG. libjpeg's errors come back by longjmp(). */
#include "config.h"
#include "engine/data/picture.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>

#include "base/err.h"

struct jpeg_writing {
    struct jpeg_compress_struct c;
    struct jpeg_error_mgr errors;
    jmp_buf failed;
    char why[JMSG_LENGTH_MAX];
};

static void writing_fails(j_common_ptr c)
{
    struct jpeg_writing *w = c->client_data;
    c->err->format_message(c, w->why);
    longjmp(w->failed, 1);
}

/* A function of its own: what setjmp() stands in may lose its variables. */
static __attribute__((noinline)) void write_rows(struct jpeg_writing *w, const struct picture_pixels *from, int quality)
{
    struct jpeg_compress_struct *c = &w->c;
    c->image_width = (JDIMENSION)from->width;
    c->image_height = (JDIMENSION)from->height;
    c->input_components = 3;
    c->in_color_space = JCS_RGB;
    jpeg_set_defaults(c);
    jpeg_set_quality(c, quality, TRUE);
    jpeg_start_compress(c, TRUE);
    for (size_t y = 0; y < (size_t)from->height; y++) {
        JSAMPROW row = (JSAMPROW)(from->rgb + y * (size_t)from->width * 3); /* libjpeg only reads it */
        jpeg_write_scanlines(c, &row, 1);
    }
    jpeg_finish_compress(c);
}

uint8_t *picture_make_jpeg(const struct picture_pixels *from, int quality, size_t *n, struct err *err)
{
    struct jpeg_writing w = { .why = "" };
    unsigned char *volatile bytes = NULL;
    unsigned long size = 0;
    w.c.err = jpeg_std_error(&w.errors);
    w.errors.error_exit = writing_fails;
    w.c.client_data = &w;
    if (setjmp(w.failed)) {
        err_set(err, ERR_MEMORY, "%s", w.why);
        jpeg_destroy_compress(&w.c);
        free(bytes);
        return NULL;
    }
    jpeg_create_compress(&w.c); /* leaves err and client_data */
    jpeg_mem_dest(&w.c, (unsigned char **)&bytes, &size);
    write_rows(&w, from, quality);
    jpeg_destroy_compress(&w.c);
    *n = size;
    return bytes;
}
