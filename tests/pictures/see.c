/* see FILE centre SHORTER SIDE | see FILE box LEFT TOP WIDTH HEIGHT SIDE | see FILE train SEED EPOCH POSITION SIDE JITTER: the RGB bytes that saddle makes of a picture, on stdout.
 * For comparing with other programs: tests/pictures/pillow.py. */
#include "config.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "engine/data/augment.h"
#include "engine/data/resample.h"

static int usage(void)
{
    fprintf(stderr, "usage: see FILE centre SHORTER SIDE | box LEFT TOP WIDTH HEIGHT SIDE | train SEED EPOCH POSITION SIDE JITTER\n");
    return 2;
}

static struct augment augment_of_words(char **word)
{
    return (struct augment){ .on = true, .seed = strtoull(word[1], NULL, 10), .epoch = (uint32_t)atoi(word[2]), .resized = true, .jitter = strtof(word[5], NULL) };
}

static struct picture_view view_of(char **word, const struct picture_facts *f)
{
    if (strcmp(word[0], "train") == 0) {
        const struct augment a = augment_of_words(word);
        const int train_side = atoi(word[4]);
        return (struct picture_view){ .box = augment_box(&a, (uint32_t)atoi(word[3]), f->width, f->height), .width = train_side, .height = train_side,
                                      .side_x = train_side, .side_y = train_side };
    }
    if (strcmp(word[0], "centre") == 0)
        return picture_view_centre(f->width, f->height, atoi(word[1]), atoi(word[2]));
    const int side = atoi(word[5]);
    return (struct picture_view){ .box = { atoi(word[1]), atoi(word[2]), atoi(word[3]), atoi(word[4]) }, .width = side, .height = side,
                                  .side_x = side, .side_y = side };
}

int main(int argc, char **argv)
{
    struct err err = { 0 };
    size_t n = 0;
    if (argc < 3 || argc != (strcmp(argv[2], "centre") == 0 ? 5 : 8))
        return usage();
    uint8_t *bytes = picture_read_file(AT_FDCWD, argv[1], &n, &err);
    struct picture *p = bytes ? picture_open(bytes, n, &err) : NULL;
    int result = p ? 0 : -1;
    if (p) {
        const struct picture_view view = view_of(argv + 2, picture_facts(p));
        const size_t values = (size_t)view.side_x * (size_t)view.side_y * 3;
        uint8_t *rgb = malloc(values);
        result = rgb ? picture_see(p, &view, rgb, &err) : -1;
        const struct augment a = argc == 8 ? augment_of_words(argv + 2) : (struct augment){ .on = false };
        if (result == 0 && strcmp(argv[2], "train") == 0 && a.jitter > 0)
            augment_colours(&a, (uint32_t)atoi(argv[5]), rgb, values / 3);
        if (result == 0)
            fwrite(rgb, 1, values, stdout);
        free(rgb);
    }
    picture_close(p);
    free(bytes);
    if (result < 0)
        fprintf(stderr, "see: %s: %s\n", argv[1], err.text);
    return result < 0;
}
