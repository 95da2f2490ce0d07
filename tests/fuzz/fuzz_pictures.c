/* Target: a JPEG or PNG file; anything else is a list of pictures. */
#include "config.h"
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/err.h"
#include "engine/data/picture_listing.h"
#include "engine/data/resample.h"
#include "../pictures/png.h"

enum { SIDE = 16, MOST_PIXELS = 1 << 20 };

/* The checksums of a PNG's chunks. */
size_t fuzz_repair(uint8_t *data, size_t size, size_t room)
{
    (void)room;
    for (size_t at = 8; size > 8 && data[0] == 0x89 && at + 12 <= size;) {
        const size_t n = (size_t)data[at] << 24 | (size_t)data[at + 1] << 16 | (size_t)data[at + 2] << 8 | data[at + 3];
        if (n > size - at - 12)
            break;
        put_big(data + at + 8 + n, png_crc(data + at + 4, n + 4));
        at += 12 + n;
    }
    return size;
}

static void try_picture(const uint8_t *data, size_t size, bool shrunk)
{
    struct err err = { 0 };
    uint8_t rgb[SIDE * SIDE * 3];
    struct picture *p = picture_open(data, size, &err);
    FUZZ_CHECK(p || err.text[0]);
    if (!p)
        return;
    if (shrunk)
        picture_shrink(p, 2);
    const struct picture_facts *f = picture_facts(p);
    FUZZ_CHECK(f->width > 0 && f->height > 0 && f->orientation >= 0 && f->orientation <= 8);
    const struct picture_view view = picture_view_centre(f->width, f->height, SIDE + 2, SIDE);
    if ((long)f->width * f->height <= MOST_PIXELS && picture_see(p, &view, rgb, &err) < 0)
        FUZZ_CHECK(err.text[0]);
    picture_close(p);
}

static void try_list(const uint8_t *data, size_t size)
{
    struct err err = { 0 };
    struct picture_listing l;
    char path[64];
    const int fd = memfd_create("list", MFD_CLOEXEC);
    if (fd < 0)
        return;
    FUZZ_CHECK(write(fd, data, size) == (ssize_t)size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    const struct picture_lists lists = { .list = { path }, .root = "/dev" };
    if (picture_list_files(&l, &lists, &err) < 0)
        FUZZ_CHECK(err.text[0] && !strchr(err.text, '\n') && !strchr(err.text, '\033'));
    else
        for (uint32_t i = 0; i < l.files->n; i++)
            FUZZ_CHECK(l.label[i] >= 0 && l.label[i] < l.classes);
    picture_listing_release(&l);
    close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 1 && (data[0] == 0xff || data[0] == 0x89)) {
        try_picture(data, size, false);
        try_picture(data, size, true);
    } else {
        try_list(data, size);
    }
    return 0;
}
