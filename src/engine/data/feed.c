#include "config.h"
#include "engine/data/feed.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/parallel.h"

struct feed {
    pthread_t thread;
    bool running;
    struct feed_order order;
    struct image_list list;
    uint32_t *position; /* [room] of list */
    float *images;      /* [room][values] */
    int32_t *labels;    /* [room] */
    int result;
    struct err err;
    uint64_t waited_ns;
};

struct feed *feed_new(uint32_t room, size_t values)
{
    struct feed *f = calloc(1, sizeof *f);
    if (!f)
        return NULL;
    f->position = malloc(room * sizeof *f->position);
    f->images = malloc(room * values * sizeof *f->images);
    f->labels = malloc(room * sizeof *f->labels);
    if (f->position && f->images && f->labels)
        return f;
    feed_free(f);
    return NULL;
}

static void finish_feed(struct feed *f)
{
    if (f->running)
        pthread_join(f->thread, NULL);
    f->running = false;
}

void feed_free(struct feed *f)
{
    if (!f)
        return;
    finish_feed(f);
    free(f->position);
    free(f->images);
    free(f->labels);
    free(f);
}

static void *make_batch(void *argument)
{
    struct feed *f = argument;
    f->result = batch_fill(f->images, f->labels, &f->list, &f->order.augment, &f->err);
    return NULL;
}

void feed_ahead(struct feed *f, const struct feed_order *order, const struct image_list *list)
{
    finish_feed(f);
    f->order = *order;
    f->list = (struct image_list){ list->set, f->position, list->n };
    memcpy(f->position, list->position, list->n * sizeof *f->position);
    f->running = thread_start(&f->thread, make_batch, f) == 0;
}

static bool is_order(const struct feed_order *a, const struct feed_order *b)
{
    return a->epoch == b->epoch && a->index == b->index && a->augment.on == b->augment.on && a->augment.epoch == b->augment.epoch;
}

/* The positions too: a second stage visits others. */
static bool is_made(const struct feed *f, const struct feed_order *order, const struct image_list *list)
{
    return f->running && is_order(&f->order, order) && f->list.n == list->n &&
           memcmp(f->position, list->position, list->n * sizeof *f->position) == 0;
}

int feed_take(struct feed *f, const struct feed_order *order, const struct image_list *list, float **images, int32_t **labels, struct err *err)
{
    const uint64_t from = clock_now_ns();
    const bool made = is_made(f, order, list);
    int result;
    finish_feed(f);
    if (made) {
        float *other_images = *images;
        int32_t *other_labels = *labels;
        *images = f->images;
        *labels = f->labels;
        f->images = other_images;
        f->labels = other_labels;
        result = f->result;
        if (result < 0 && err)
            *err = f->err;
    } else {
        result = batch_fill(*images, *labels, list, &order->augment, err);
    }
    f->waited_ns += clock_now_ns() - from;
    return result;
}

double feed_waited(const struct feed *f)
{
    return (double)f->waited_ns * 1e-9;
}
