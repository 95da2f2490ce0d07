/* tests/unit/house.h - the host of guests (engine/probe/guest.h) that is no trainer: weights in a model, and calls that are counted. Included
 * once by each, after cmocka; everything is static. */
#ifndef TESTS_UNIT_HOUSE_H
#define TESTS_UNIT_HOUSE_H

#include <stdlib.h>

#include "engine/criteria/loss.h"
#include "engine/model/families.h"
#include "engine/model/initial.h"
#include "engine/model/params.h"
#include "engine/probe/evaluate.h"
#include "engine/probe/probe.h"
#include "engine/probe/round.h"
#include "tests/unit/bands.h"

enum { EVENTS_MAX = 16 };

struct house { /* the host */
    struct dataset data;
    struct knobs knobs;
    struct net net;
    struct loss loss;
    struct batches batches;
    struct model *model;
    float *params, *stats, *before;
    struct guest guest;
    struct run_moment moment;
    struct event *event[EVENTS_MAX];
    int n_events, asked, asked_waiting, stop_after, filled;
    uint64_t spent, ahead;
    bool wanted[CLASSES];
    char found[32], said[200];
    double found_value;
};

static inline struct run_moment moment(void *ctx)
{
    return ((struct house *)ctx)->moment;
}

static inline void emit(void *ctx, struct event *e)
{
    struct house *h = ctx;
    assert_true(h->n_events < EVENTS_MAX);
    h->event[h->n_events++] = e;
}

static inline void say(void *ctx, const char *level, const char *text)
{
    struct house *h = ctx;
    snprintf(h->said, sizeof h->said, "%s: %.150s", level, text);
}

static inline void progress(void *ctx, const char *what, uint64_t done, uint64_t of, int class_index, const struct spectrum *s)
{
    (void)ctx, (void)what, (void)class_index, (void)s;
    assert_true(done <= of);
}

static inline bool stopped(void *ctx, bool waited_for)
{
    struct house *h = ctx;
    h->asked++;
    h->asked_waiting += waited_for;
    return h->stop_after > 0 && h->asked > h->stop_after;
}

static inline void found(void *ctx, const char *metric, double value)
{
    struct house *h = ctx;
    snprintf(h->found, sizeof h->found, "%s", metric);
    h->found_value = value;
}

static inline bool wants(void *ctx, int class_index)
{
    return ((struct house *)ctx)->wanted[class_index];
}

static inline uint64_t fill(void *ctx)
{
    struct house *h = ctx;
    h->filled++;
    return h->moment.step + h->ahead;
}

static inline void spent(void *ctx, uint64_t ns)
{
    ((struct house *)ctx)->spent += ns;
}

static const struct guest_host host = { .moment = moment, .emit = emit, .say = say, .progress = progress, .stopped = stopped,
                                        .found = found, .wants = wants, .fill = fill, .spent = spent };

static inline int enter(void **state)
{
    static const uint32_t counts[CLASSES] = { 20, 10, 4 };
    const struct backend *b = &backend_cpu;
    struct house *h = calloc(1, sizeof *h);
    assert_non_null(h);
    make_data(&h->data, counts, 0);
    knobs_init(&h->knobs);
    knob(&h->knobs, "batch", "16");
    knob(&h->knobs, "hessian_iters", "60");
    assert_int_equal(net_of_family(&h->net, "resnet8", BAND_SIZE, CLASSES, HEAD_LINEAR, &last), 0);
    const struct model_options options = { .max_batch = EVAL_BATCH, .threads = 1 };
    h->model = b->open(&h->net, &options, &last);
    assert_non_null(h->model);
    h->params = b->vec_new(h->model, h->net.params.total, &last);
    h->stats = b->vec_new(h->model, h->net.stats.total, &last);
    h->before = malloc(h->net.params.total * sizeof *h->before);
    float *stats = malloc(h->net.stats.total * sizeof *stats);
    net_init_params(&h->net, 3, h->before, stats);
    b->vec_write(h->model, h->params, h->before, h->net.params.total);
    b->vec_write(h->model, h->stats, stats, h->net.stats.total);
    free(stats);
    assert_int_equal(batches_init(&h->batches, &h->data, &h->knobs, EVAL_BATCH, &last), 0);
    assert_int_equal(loss_init(&h->loss, CLASSES, h->data.train.count, &last), 0);
    h->moment = (struct run_moment){ .step = 7, .steps_per_epoch = 2, .grad_norm = 2, .rho = 0.5 };
    h->guest = (struct guest){ .backend = b, .threads = 1, .net = &h->net, .data = &h->data, .knobs = &h->knobs, .model = h->model,
                               .params = h->params, .stats = h->stats, .batches = &h->batches, .criterion = &h->loss.criterion, .host = &host,
                               .ctx = h };
    *state = h;
    return 0;
}

/* The guests have left the weights as they were. */
static inline int leave(void **state)
{
    struct house *h = *state;
    float *now = malloc(h->net.params.total * sizeof *now);
    backend_cpu.vec_read(h->model, now, h->params, h->net.params.total);
    assert_memory_equal(now, h->before, h->net.params.total * sizeof *now);
    free(now);
    free(h->before);
    for (int i = 0; i < h->n_events; i++)
        event_unref(h->event[i]);
    backend_cpu.vec_free(h->model, h->params);
    backend_cpu.vec_free(h->model, h->stats);
    batches_release(&h->batches);
    backend_cpu.close(h->model);
    loss_release(&h->loss);
    net_release(&h->net);
    dataset_free(&h->data);
    free(h);
    return 0;
}

#endif
