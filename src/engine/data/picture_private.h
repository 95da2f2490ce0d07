/* engine/data/picture_private.h - the two decoders behind picture.h. */
#ifndef ENGINE_PICTURE_PRIVATE_H
#define ENGINE_PICTURE_PRIVATE_H

#include "engine/data/picture.h"

struct picture {
    struct picture_facts facts;
    int row; /* the next one */
    int (*read)(struct picture *p, uint8_t *rgb, struct err *err);
    bool (*shrink)(struct picture *p, int denominator);
    int (*narrow)(struct picture *p, int left, int width);
    int (*skip)(struct picture *p, int rows, struct err *err);
    void (*close)(struct picture *p); /* frees p too */
};

struct picture *picture_open_jpeg(const uint8_t *bytes, size_t n, struct err *err);
struct picture *picture_open_png(const uint8_t *bytes, size_t n, struct err *err);

/* 0, or -1 with *err: more pixels than are accepted. */
int picture_check_size(const struct picture_facts *facts, struct err *err);

#endif
