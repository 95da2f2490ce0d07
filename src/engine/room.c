#include "config.h"
#include "engine/room.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/memory.h"

#define THREADS_BYTES ((uint64_t)256 << 20) /* addresses for stacks and heaps of the threads that begin later, about */

static uint32_t images_for(const struct room *r, uint32_t batch)
{
    return batch > r->least ? batch : r->least;
}

/* *bytes: what passes fill and what is beside, or, where the limit of address space does not leave as much, what there is an address for:
 * that is more, as a model is laid out whole. 0: it cannot be opened. */
static struct model *open_for(const struct room *r, uint32_t images, uint64_t *bytes, struct err *err)
{
    struct model_options options = r->options;
    const uint64_t beside = r->beside + r->each * images, limit = r->backend->devices ? UINT64_MAX : memory_address_bytes();
    options.max_batch = images;
    struct model *m = r->backend->open(r->net, &options, err);
    const uint64_t left = memory_address_bytes(), laid_out = limit < UINT64_MAX && left < limit ? limit - left + beside + THREADS_BYTES : 0;
    *bytes = !m ? 0 : laid_out > limit ? laid_out : r->backend->memory_bytes(m) + beside;
    return m;
}

static uint64_t bytes_for(const struct room *r, uint32_t images)
{
    uint64_t bytes;
    r->backend->close(open_for(r, images, &bytes, NULL));
    return bytes;
}

/* free 0: not known, then what can be opened fits. */
static bool fits(uint64_t bytes, uint64_t free)
{
    return bytes > 0 && (free == 0 || bytes <= free);
}

/* The most images below `too_many` that fit; 0: none. */
static uint32_t largest(const struct room *r, uint32_t too_many, uint64_t free)
{
    uint32_t good = 0, bad = too_many;
    while (bad - good > 1) {
        const uint32_t middle = good + (bad - good) / 2;
        if (fits(bytes_for(r, middle), free))
            good = middle;
        else
            bad = middle;
    }
    return good;
}

/* Memory grows by as much with each image, as it does up to `most` of them. 0: not known. */
static double bytes_estimated(const struct room *r, uint32_t images, uint32_t most)
{
    if (most < 2)
        return 0;
    const double half = (double)bytes_for(r, most / 2), all = (double)bytes_for(r, most);
    return all + (all - half) / (most - most / 2) * ((double)images - most);
}

static void size_text(double bytes, char out[32])
{
    const double mib = bytes / 1048576;
    snprintf(out, 32, mib < 1024 ? "%.0f MiB" : "%.1f GiB", mib < 1024 ? mib : mib / 1024);
}

/* bytes: what it needs; 0: it could not be opened, and why. */
static void refuse_room(const struct room *r, uint64_t bytes, uint64_t free, const char *why, struct err *err)
{
    const uint32_t images = images_for(r, r->batch), most = largest(r, images, free);
    const double need = bytes ? (double)bytes : bytes_estimated(r, images, most);
    char needs[32], have[48], smaller[80] = "";
    size_text(need, needs);
    size_text((double)free, have);
    strcat(have, " are free");
    if (r->batch > 0 && most >= r->least)
        snprintf(smaller, sizeof smaller, "; batches of up to %u fit", most);
    else if (r->batch > 0)
        snprintf(smaller, sizeof smaller, "; no batch fits, as evaluations take %u image%s at once", r->least, r->least > 1 ? "s" : "");
    err_set(err, ERR_MEMORY, "%s%s on images of %dx%d in batches of %u needs %s%s, and %s%s", r->batch > 0 ? "" : "a probe of ", r->net->name,
            r->net->height, r->net->width, r->batch > 0 ? r->batch : r->least, need > 0 ? "about " : "more memory than there is",
            need > 0 ? needs : "", free > 0 && need > (double)free ? have : why, smaller);
}

struct model *room_open(const struct room *r, struct err *err)
{
    const uint32_t images = images_for(r, r->batch);
    const uint64_t free = r->backend->devices ? 0 : memory_available_bytes(); /* a device says by itself when it is full */
    struct err why = { 0 };
    uint64_t bytes;
    struct model *m = open_for(r, images, &bytes, &why);
    if (m && fits(bytes, free))
        return m;
    r->backend->close(m);
    if (!m && why.code != ERR_MEMORY)
        err_set(err, why.code, "%s", why.text);
    else
        refuse_room(r, bytes, free, why.text, err);
    return NULL;
}
