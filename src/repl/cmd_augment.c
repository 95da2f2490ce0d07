/* show augment CLASS: what the network sees of a class's images, on the screen and as a sheet. */
#include "config.h"
#include "repl/bench.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "engine/data/augment.h"
#include "engine/data/picture.h"

enum { ROWS = 6, COLUMNS = 8, GAP = 2, SHADE_ROWS = 10, SHADE_COLUMNS = 20, SHADED = 3 };

/* A row for each image: as it is evaluated, then as the epochs 0, 1, 2 ... of training see it. */
struct sheet {
    const struct image_set *set;
    int rows, width, height; /* images, pixels */
    uint8_t *rgb;            /* [height][width][3] */
};

static void put_image_at(const struct sheet *s, int row, int column, const float *image)
{
    const struct image_geometry size = s->set->kind.size;
    const struct image_norm *norm = &s->set->kind.norm;
    for (int y = 0; y < size.height; y++) {
        uint8_t *to = s->rgb + ((size_t)(row * (size.height + GAP) + y) * (size_t)s->width + (size_t)(column * (size.width + GAP))) * 3;
        for (int x = 0; x < size.width; x++, image += size.channels)
            for (int ch = 0; ch < 3; ch++) {
                const int from = ch < size.channels ? ch : 0;
                const double v = (image[from] * norm->std[from] + norm->mean[from]) * 255 + 0.5;
                *to++ = (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
            }
    }
}

static int fill_sheet(const struct sheet *s, const uint32_t *position, const struct augment *augment, struct err *err)
{
    const size_t values = image_values(s->set->kind.size);
    float *images = malloc(values * sizeof *images * (size_t)s->rows);
    int result = images ? 0 : err_set(err, ERR_MEMORY, "no memory for a sheet of images");
    memset(s->rgb, 128, (size_t)s->width * (size_t)s->height * 3);
    for (int column = 0; column < COLUMNS && result == 0; column++) {
        struct augment a = *augment;
        a.on = a.on && column > 0;
        a.epoch = column > 0 ? (uint32_t)column - 1 : 0;
        result = batch_fill(images, NULL, &(const struct image_list){ s->set, position, (uint32_t)s->rows }, &a, err);
        for (int row = 0; row < s->rows && result == 0; row++)
            put_image_at(s, row, column, images + (size_t)row * values);
    }
    free(images);
    return result;
}

static char shade_of(const struct sheet *s, int column, int y, int x)
{
    static const char shades[] = " .:-=+*#%@";
    const struct image_geometry size = s->set->kind.size;
    const int top = y * size.height / SHADE_ROWS, end_y = (y + 1) * size.height / SHADE_ROWS, left = x * size.width / SHADE_COLUMNS,
              end_x = (x + 1) * size.width / SHADE_COLUMNS;
    long sum = 0, n = 0;
    for (int i = top; i < end_y || i == top; i++)
        for (int k = left; k < end_x || k == left; k++, n++) {
            const uint8_t *p = s->rgb + ((size_t)i * (size_t)s->width + (size_t)(column * (size.width + GAP) + k)) * 3;
            sum += (p[0] * 19595L + p[1] * 38470L + p[2] * 7471L) >> 16;
        }
    return shades[sum / n * (long)(sizeof shades - 2) / 255];
}

/* The first image as it is and as two epochs see it, in shades of grey. */
static void say_shades(struct workbench *w, const struct sheet *s)
{
    for (int y = 0; y < SHADE_ROWS; y++) {
        char line[SHADED * (SHADE_COLUMNS + 2) + 1];
        size_t n = 0;
        for (int column = 0; column < SHADED; column++) {
            for (int x = 0; x < SHADE_COLUMNS; x++)
                line[n++] = shade_of(s, column, y, x);
            line[n++] = ' ';
            line[n++] = ' ';
        }
        line[n] = '\0';
        bench_say(w, "%s", line);
    }
}

static int put_sheet(void *context, FILE *out, struct err *err)
{
    const struct sheet *s = context;
    return picture_write_png(out, s->rgb, s->width, s->height, err);
}

static int show_sheet(struct workbench *w, const struct call *c, struct sheet *s, int class_index, struct err *err)
{
    const struct dataset *d = &w->setup.data;
    const char *path = call_value(c, "sheet");
    uint32_t position[ROWS];
    struct augment augment;
    s->rows = (int)image_set_of_class(s->set, class_index, position, ROWS);
    if (s->rows == 0)
        return err_set(err, ERR_DATA, "class %d %s has no training image", class_index, d->class_name[class_index]);
    if (augment_of(&w->setup.knobs, s->set, &augment, err) < 0)
        return -1;
    s->width = COLUMNS * (s->set->kind.size.width + GAP) - GAP;
    s->height = s->rows * (s->set->kind.size.height + GAP) - GAP;
    s->rgb = malloc((size_t)s->width * (size_t)s->height * 3);
    if (!s->rgb)
        return err_set(err, ERR_MEMORY, "no memory for a sheet of images");
    if (fill_sheet(s, position, &augment, err) < 0 || (path && file_publish(path, call_has(c, "force"), put_sheet, s, err) < 0))
        return -1;
    bench_say(w, "%d %s: an image as it is evaluated, and as epochs 0 and 1 see it%s", class_index, d->class_name[class_index],
              path ? "" : "; --sheet FILE writes more of them in colour");
    say_shades(w, s);
    if (path)
        bench_say(w, "%s: %d images of %d %s, each as it is evaluated and as epochs 0 to %d see it", path, s->rows, class_index,
                  d->class_name[class_index], COLUMNS - 2);
    return 0;
}

int show_augment(struct workbench *w, struct call *c, struct err *err)
{
    int class[DATASET_MAX_CLASSES];
    const char *path = call_value(c, "sheet"), *dot = path ? strrchr(path, '.') : NULL;
    if (path && !(dot && strcmp(dot, ".png") == 0))
        return err_set(err, ERR_INVALID, "--sheet '%s'; a name that ends in .png", path), call_bad_option(c, "sheet");
    if (setup_data(w, err) < 0)
        return -1;
    const int n = bench_class_list(w, c, 1, class, err);
    if (n < 0)
        return -1;
    if (n != 1)
        return err_set(err, ERR_USAGE, "one class is shown at a time; usage: show augment CLASS [--sheet FILE [--force]]");
    if (w->setup.data.train.kind.floats)
        return err_set(err, ERR_INVALID, "these images are normalised already, and what they looked like is not known; bytes are shown");
    struct sheet s = { .set = &w->setup.data.train };
    if (class[0] >= w->setup.data.classes)
        return err_set(err, ERR_RANGE, "the data that are set up have classes 0..%d", w->setup.data.classes - 1);
    const int result = show_sheet(w, c, &s, class[0], err);
    free(s.rgb);
    return result;
}
