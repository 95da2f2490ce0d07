#include "config.h"
#include "kernels/cuda/model.h"

#include <stdlib.h>
#include <string.h>

/* Images of bytes in device memory, and batches chosen out of them: load() notes the choice, the next pass or step begins with
 * the kernel that makes the batch. */

struct image_store {
    uint32_t n;
    int device;
    void *block; /* table, labels, images */
    float *table;
    int32_t *labels;
    uint8_t *images;
    size_t bytes;
};

static size_t whole(size_t bytes)
{
    return (bytes + 255) / 256 * 256;
}

static size_t image_size(const struct net *net)
{
    return (size_t)net->height * (size_t)net->width * (size_t)net->image_channels;
}

static int check_stored_images(struct model *m, const struct image_source *s, struct err *err)
{
    if (s->n < 1)
        return err_set(err, ERR_RANGE, "a store of no images");
    for (uint32_t i = 0; i < s->n; i++)
        if (s->labels[i] < 0 || s->labels[i] >= m->net->classes)
            return err_set(err, ERR_DATA, "label %d of image %u in the store; accepted are 0 to %d", s->labels[i], i,
                           m->net->classes - 1);
    cuda_enter(m);
    return cuda_healthy(m, err);
}

/* A store too many is no fault of the device: the model goes on. */
static int reserve_store(struct model *m, struct image_store *s, size_t table, size_t labels, size_t images, struct err *err)
{
    s->bytes = table + labels + images;
    cudaError_t status = cuda_reserve(m, &s->block, s->bytes);
    if (status == cudaErrorMemoryAllocation) {
        cudaGetLastError();
        return err_set(err, ERR_MEMORY, "no device memory for %u images (%zu bytes)", s->n, s->bytes);
    }
    if (cuda_check(m, status, "reserving a store of images") < 0)
        return cuda_healthy(m, err);
    s->table = s->block;
    s->labels = (int32_t *)((char *)s->block + table);
    s->images = (uint8_t *)s->block + table + labels;
    return 0;
}

static int fill_store(struct model *m, const struct image_store *s, const struct image_source *from, struct err *err)
{
    const struct net *net = m->net;
    const struct {
        void *to;
        const void *data;
        size_t bytes;
    } parts[] = { { s->table, from->table, (size_t)net->image_channels * 256 * sizeof *s->table },
                  { s->labels, from->labels, s->n * sizeof *s->labels },
                  { s->images, from->images, s->n * image_size(net) } };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (cuda_give(m, parts[i].to, parts[i].data, parts[i].bytes, "filling a store of images") < 0)
            return cuda_healthy(m, err);
    return 0;
}

struct image_store *cuda_store_new(struct model *m, const struct image_source *source, struct err *err)
{
    if (check_stored_images(m, source, err) < 0)
        return NULL;
    struct image_store *s = calloc(1, sizeof *s);
    if (!s) {
        err_set(err, ERR_MEMORY, "no memory for a store of images");
        return NULL;
    }
    s->n = source->n;
    s->device = m->device;
    if (reserve_store(m, s, whole((size_t)m->net->image_channels * 256 * sizeof *s->table), whole(s->n * sizeof *s->labels),
                      s->n * image_size(m->net), err) == 0 && fill_store(m, s, source, err) == 0) {
        m->bytes += s->bytes;
        return s;
    }
    if (s->block)
        cudaFree(s->block);
    free(s);
    return NULL;
}

void cuda_store_free(struct model *m, struct image_store *s)
{
    if (!s)
        return;
    m->stored = false;
    m->bytes -= s->bytes;
    cuda_enter(m);
    cuda_check(m, cudaFree(s->block), "releasing a store of images"); /* waits for the kernels that use it */
    free(s);
}

int cuda_store_choose(struct model *m, const struct batch *batch, struct err *err)
{
    const struct image_choice *c = batch->choice;
    if (c->store->device != m->device)
        return err_set(err, ERR_INVALID, "the images are kept on cuda:%d; this model computes on cuda:%d", c->store->device,
                       m->device);
    for (uint32_t i = 0; i < batch->n; i++)
        if (c->position[i] >= c->store->n)
            return err_set(err, ERR_RANGE, "image %u of the batch is number %u of a store of %u", i, c->position[i], c->store->n);
    memcpy(m->positions, c->position, batch->n * sizeof *m->positions);
    m->gather = (struct cuda_gather){ .images = c->store->images, .labels = c->store->labels, .table = c->store->table,
                                      .seed = c->seed, .epoch = c->epoch, .crop = c->crop, .pad = c->pad };
    m->stored = true;
    return 0;
}
