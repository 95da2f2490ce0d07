#include "config.h"
#include "tests/pictures/paint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <png.h>

void paint_scene(uint8_t *rgb, int width, int height, unsigned seed)
{
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            for (unsigned ch = 0; ch < 3; ch++) {
                const unsigned slope = (unsigned)x * (3 + seed % 5 + ch) + (unsigned)y * (2 + seed % 7), stripe = ((unsigned)x / 4 + (unsigned)y / 3 + seed) % 2;
                *rgb++ = (uint8_t)(slope + 60 * stripe + 37 * seed * (ch + 1));
            }
}

static void write_jpeg(FILE *out, uint8_t *rgb, int width, int height)
{
    struct jpeg_compress_struct c;
    struct jpeg_error_mgr errors;
    c.err = jpeg_std_error(&errors);
    jpeg_create_compress(&c);
    jpeg_stdio_dest(&c, out);
    c.image_width = (unsigned)width;
    c.image_height = (unsigned)height;
    c.input_components = 3;
    c.in_color_space = JCS_RGB;
    jpeg_set_defaults(&c);
    jpeg_set_quality(&c, 90, TRUE);
    jpeg_start_compress(&c, TRUE);
    for (int y = 0; y < height; y++) {
        JSAMPROW row = rgb + (size_t)y * (size_t)width * 3;
        jpeg_write_scanlines(&c, &row, 1);
    }
    jpeg_finish_compress(&c);
    jpeg_destroy_compress(&c);
}

static int write_png(FILE *out, const uint8_t *rgb, int width, int height)
{
    png_image image = { .version = PNG_IMAGE_VERSION, .width = (unsigned)width, .height = (unsigned)height, .format = PNG_FORMAT_RGB };
    return png_image_write_to_stdio(&image, out, 0, rgb, 0, NULL) ? 0 : -1;
}

int paint_file(const char *path, int width, int height, unsigned seed)
{
    const char *dot = strrchr(path, '.');
    uint8_t *rgb = malloc((size_t)width * (size_t)height * 3);
    FILE *out = fopen(path, "wb");
    int result = rgb && out ? 0 : -1;
    if (result == 0) {
        paint_scene(rgb, width, height, seed);
        if (dot && strcmp(dot, ".png") == 0)
            result = write_png(out, rgb, width, height);
        else
            write_jpeg(out, rgb, width, height);
    }
    if (out && fclose(out) != 0)
        result = -1;
    free(rgb);
    return result;
}
