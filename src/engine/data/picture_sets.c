/* Published sets of pictures, known by their numbers of classes and pictures. */
#include "config.h"
#include "engine/data/pictures.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"

#define IMAGENET_NORM { .mean = { 0.485, 0.456, 0.406 }, .std = { 0.229, 0.224, 0.225 } }
static const struct published {
    const char *name;
    int classes;
    uint32_t train, val, test;
    const char *groups; /* NULL: none of its own */
    struct image_norm norm; /* std 0: is measured */
} published[] = {
    { "ImageNet-LT", 1000, 115846, 20000, 50000, "0-389/390-834/835-999", IMAGENET_NORM },
    { "iNaturalist 2018", 8142, 437513, 24426, 24426, "0-841/842-4542/4543-8141", { .mean = { 0.466, 0.471, 0.380 }, .std = { 0.195, 0.194, 0.192 } } },
    { "Places-LT", 365, 62500, 7300, 36500, NULL, IMAGENET_NORM },
    { "the whole ImageNet, of which ImageNet-LT is a list", 1000, 1281167, 50000, 50000, NULL, IMAGENET_NORM },
    { "the whole Places365, of which Places-LT is a list", 365, 1803460, 36500, 36500, NULL, IMAGENET_NORM },
    { "iNaturalist 2017", 5089, 579184, 95986, 95986, NULL, { .std = { 0 } } },
    { "iNaturalist 2019", 1010, 265213, 3030, 3030, NULL, { .std = { 0 } } },
    { "iNaturalist 2021", 10000, 2686843, 100000, 100000, NULL, { .std = { 0 } } },
    { "the small iNaturalist 2021", 10000, 500000, 100000, 100000, NULL, { .std = { 0 } } },
};

const char *pictures_groups(const struct dataset *d)
{
    for (size_t i = 0; i < sizeof published / sizeof *published; i++)
        if (published[i].classes == d->classes)
            return published[i].groups;
    return NULL;
}

static uint32_t before_hold_out(const struct dataset *d)
{
    uint32_t n = 0;
    for (int c = 0; c < d->classes; c++)
        n += d->profile[c];
    return n;
}

/* The set that has these numbers of classes and pictures; NULL: none. */
static const struct published *known(const struct dataset *d)
{
    const uint32_t n = before_hold_out(d);
    for (size_t i = 0; i < sizeof published / sizeof *published; i++)
        if (published[i].classes == d->classes && published[i].train == n)
            return &published[i];
    return NULL;
}

void pictures_likeness(const struct dataset *d, char *out, size_t size)
{
    const struct published *like = known(d);
    const uint32_t n = before_hold_out(d);
    out[0] = '\0';
    if (like)
        snprintf(out, size, "by its numbers this is %s", like->name);
    if (like && d->test.n && d->test.n != like->test && d->test.n != like->val)
        text_append(out, size, "; but that has %" PRIu32 " or %" PRIu32 " pictures to test on, and here are %" PRIu32, like->val, like->test, d->test.n);
    for (size_t i = 0; !like && i < sizeof published / sizeof *published; i++)
        if (published[i].classes == d->classes)
            text_append(out, size, out[0] ? "; %s has %" PRIu32 : "as many classes as %s, but that has %" PRIu32 " pictures to train on, and here are %" PRIu32, published[i].name,
                        published[i].train, n);
}

const struct image_norm *pictures_norm(const struct dataset *d, const char **name)
{
    const struct published *like = known(d);
    if (!like || !like->norm.std[0])
        return NULL;
    *name = like->name;
    return &like->norm;
}
