#include "config.h"
#include "sessions.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void scratch_make(char path[256])
{
    const char *tmp = getenv("TMPDIR");
    snprintf(path, 256, "%.200s/saddle-test-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    if (!mkdtemp(path)) {
        perror(path);
        exit(99);
    }
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

void scratch_remove(const char *path)
{
    nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

struct event *step_event(uint64_t step, double loss)
{
    struct event *e = event_new(EVENT_STEP, step);
    event_set_f64(e, EV_STEP_LOSS, loss);
    event_set_f64(e, EV_STEP_ACC, 0.5);
    event_set_f64(e, EV_STEP_GN, 1.25);
    event_set_f64(e, EV_STEP_LR, 0.1);
    event_set_f64(e, EV_STEP_MS, 12.5);
    return e;
}

struct event *note_event(uint64_t step, const char *text)
{
    struct event *e = event_new(EVENT_NOTE, step);
    event_set_str(e, EV_NOTE_TEXT, text);
    return e;
}

struct event *data_event(uint64_t steps_per_epoch)
{
    struct event *e = event_new(EVENT_DATA, 0);
    event_set_str(e, EV_DATA_NAME, "demo");
    event_set_u64(e, EV_DATA_N, 1000);
    event_set_u64(e, EV_DATA_STEPS_PER_EPOCH, steps_per_epoch);
    return e;
}

static char **texts(const char *a, const char *b)
{
    char **list = calloc(3, sizeof *list);
    list[0] = strdup(a);
    list[1] = strdup(b);
    return list;
}

const struct state_row *layout_rows(struct state_layout *l, size_t n_params, size_t n_stats)
{
    const size_t body = n_params > 4 ? n_params / 2 : n_params;
    l->tensor[0] = (struct tensor_info){ .name = "body.weight", .rank = 1, .dims = { (int)body }, .count = body };
    l->tensor[1] = (struct tensor_info){ .name = "head.weight", .rank = 2, .dims = { 1, (int)(n_params - body) }, .offset = body, .count = n_params - body };
    l->tensor[2] = (struct tensor_info){ .name = "bn.running_mean", .rank = 1, .dims = { (int)n_stats }, .count = n_stats };
    l->net.params = (struct tensor_table){ .n = 2, .tensor = l->tensor, .total = n_params };
    l->net.stats = (struct tensor_table){ .n = 1, .tensor = l->tensor + 2, .total = n_stats };
    train_state_rows(&l->net, l->row);
    return l->row;
}

struct train_state *load_state(const struct recording *r, int i, size_t n_params, size_t n_stats, struct err *err)
{
    struct state_layout layout;
    return snapshot_load(r, i, layout_rows(&layout, n_params, n_stats), STATE_STATS + 1, err);
}

struct train_state *make_state(uint64_t step, size_t n_params, size_t n_stats)
{
    struct state_layout layout;
    struct train_state *s = train_state_new(layout_rows(&layout, n_params, n_stats), STATE_STATS + 1);
    float *params = s->vector[STATE_PARAMS].data, *momentum = s->vector[STATE_MOMENTUM].data, *stats = s->vector[STATE_STATS].data;
    s->step = step;
    uint32_t x = (uint32_t)step * 2654435761u + 1;
    for (size_t i = 0; i < n_params; i++) {
        x = x * 1664525u + 1013904223u;
        params[i] = (float)((double)x / 4294967296.0 - 0.5);
        momentum[i] = params[i] * 0.001f;
    }
    for (size_t i = 0; i < n_stats; i++)
        stats[i] = (float)i * 0.25f;
    s->best = 80.63000000000001;
    s->best_epoch = 161;
    s->epoch_loss = 1.0 / 3;
    s->epoch_correct = 12345;
    s->epoch_images = 54321;
    s->finite = true;
    s->knobs = texts("lr=multistep:0.1", "rho=0.5 \"quoted\" \xce\xbb");
    s->pending = texts("set rho 0.8 at epoch 170", "set lr 0.1 at step 9");
    s->watched = texts("0", "9");
    s->class_losses = texts("0.33333333333333331 12", "1e-05 3");
    return s;
}

void send_event(const struct event_sink *sink, struct event *e)
{
    sink->emit(sink->ctx, e);
    event_unref(e);
}
