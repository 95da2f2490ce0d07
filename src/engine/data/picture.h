/* engine/data/picture.h - one JPEG or PNG file, decoded row by row to RGB bytes (methods 1.9). A picture's size is checked against the
 * bounds below before anything of its size is allocated, and only rows are kept: a panorama costs little memory.
 *
 * The pixels are those that Pillow's convert("RGB") gives: JPEG by the accurate integer transform with smooth upsampling, grey repeated
 * in three channels, CMYK by (255 - C)(255 - K)/255, alpha dropped, the high byte of 16 bits; the EXIF orientation is not applied. A
 * file that ends before its last row is refused. One thread for each picture. */
#ifndef ENGINE_PICTURE_H
#define ENGINE_PICTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct err;

enum {
    PICTURE_MAX_SIDE = 65500,
    PICTURE_MAX_MIB = 256,         /* of a file */
    PICTURE_MAX_MEGAPIXELS = 256,
    PICTURE_MAX_MEGAPIXELS_WHOLE = 32, /* progressive JPEG and interlaced PNG, which must be in memory whole */
    PICTURE_MAX_SCANS = 100        /* of a progressive JPEG */
};

struct picture_facts {
    int width, height; /* as decoded, pixels */
    bool jpeg;         /* else PNG */
    bool cmyk, grey, deep, whole; /* four inks; one channel; 16 bits; progressive or interlaced */
    int orientation;   /* EXIF's, 1..8; 0: none said */
    long warnings;     /* damage that the decoder went over, so far */
};

struct picture;

/* Reads the header of a file that lies in memory [n bytes], which stays the caller's and must live until picture_close().
 * NULL with *err (ERR_DATA: no picture, too large, damaged). */
struct picture *picture_open(const uint8_t *bytes, size_t n, struct err *err);
const struct picture_facts *picture_facts(const struct picture *p);

/* Before the first row: decode at 1/denominator (2, 4 or 8) of the size, faster and less exact. False, and nothing changed: a PNG. */
bool picture_shrink(struct picture *p, int denominator);

/* Before the first row: only columns left..left+width-1 are wanted. The first that rows then hold, at or before `left`; facts' width is that
 * of such a row. What is left out costs less; what is read stays the same. */
int picture_narrow(struct picture *p, int left, int width);

/* Goes over rows without looking at them. -1 with *err. */
int picture_skip(struct picture *p, int rows, struct err *err);

/* The next row, top down, into rgb[3 * width]. -1 with *err. */
int picture_row(struct picture *p, uint8_t *rgb, struct err *err);
void picture_close(struct picture *p);

/* rgb[height][width][3] as PNG. -1 with *err. */
int picture_write_png(FILE *out, const uint8_t *rgb, int width, int height, struct err *err);

struct picture_pixels {
    const uint8_t *rgb; /* [height][width][3] */
    int width, height;
};
/* A JPEG of this quality, 1..100, in memory: *n bytes, free() them. NULL with *err. */
uint8_t *picture_make_jpeg(const struct picture_pixels *from, int quality, size_t *n, struct err *err);

/* The whole file. NULL with *err; free() it. folder_fd: where a relative path begins, or AT_FDCWD. */
uint8_t *picture_read_file(int folder_fd, const char *path, size_t *n, struct err *err);

#endif
