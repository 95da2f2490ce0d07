/* record.c - what recording costs a training step: the time the trainer spends handing a step event to the session, plus the
 * processor time the writer thread spends on it, as a share of a step of the shortest training there is (the demo: ResNet-8,
 * batch 64, SGD), timed in the same run. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "engine/criteria/loss.h"
#include "engine/model/families.h"
#include "engine/model/initial.h"
#include "kernels/backend.h"
#include "session/session.h"

enum { BATCH = 64, CLASSES = 10, IMAGE = 32 * 32 * 3, EVENTS = 100000, STEPS = 12 };

static void check(int result, const char *what, const struct err *err)
{
    if (result == 0)
        return;
    fprintf(stderr, "record: %s: %s\n", what, err->text);
    exit(1);
}

/* Fastest of STEPS gradients and updates, in ms. */
static double step_ms(void)
{
    static float images[BATCH * IMAGE], ones[CLASSES] = { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 }, zeros[CLASSES];
    static int32_t labels[BATCH];
    struct err err = { 0 };
    struct net net;
    int device;
    const struct backend *b = backend_find("cpu", &device, &err);
    check(b && net_of_family(&net, "resnet8", IMAGE_CIFAR, CLASSES, HEAD_LINEAR, &err) == 0 ? 0 : -1, "network", &err);
    struct model_options options = { .max_batch = BATCH, .threads = 2 };
    struct model *m = b->open(&net, &options, &err);
    check(m ? 0 : -1, "open", &err);
    size_t n = net.params.total;
    float *w = b->vec_new(m, n, &err), *g = b->vec_new(m, n, &err), *buf = b->vec_new(m, n, &err);
    float *stats = b->vec_new(m, net.stats.total, &err), *host = malloc(sizeof *host * (n + net.stats.total));
    check(w && g && buf && stats && host ? 0 : -1, "vectors", &err);
    net_init_params(&net, 0, host, host + n);
    b->vec_write(m, w, host, n);
    b->vec_write(m, stats, host + n, net.stats.total);
    for (int i = 0; i < BATCH * IMAGE; i++)
        images[i] = (float)(i * 37 % 101) / 50 - 1;
    for (int i = 0; i < BATCH; i++)
        labels[i] = i % CLASSES;
    struct batch batch = { .n = BATCH, .images = images, .labels = labels };
    struct criterion plain = { .coef = { ones, zeros, zeros, ones, false, 0, REDUCE_WEIGHTED_MEAN, 0 } };
    struct pass pass = { w, stats, PASS_TRAIN, true, &plain, false };
    struct sgd_step sgd = { 0.01f, 0.9f, 2e-4f, false };
    struct pass_result result;
    double best = 1e30;
    for (int i = 0; i < STEPS; i++) {
        uint64_t from = clock_now_ns();
        check(b->load(m, &batch, &err), "load", &err);
        check(b->gradient(m, &pass, g, &result, &err), "gradient", &err);
        b->sgd(m, w, buf, g, n, &sgd);
        double ms = (double)(clock_now_ns() - from) / 1e6;
        best = ms < best ? ms : best;
    }
    b->vec_free(m, w), b->vec_free(m, g), b->vec_free(m, buf), b->vec_free(m, stats);
    b->close(m);
    net_release(&net);
    free(host);
    return best;
}

static struct event *step_event(uint64_t step)
{
    struct event *e = event_new(EVENT_STEP, step);
    if (!e)
        return NULL;
    event_set_f64(e, EV_STEP_LOSS, 1.0 / (double)(step + 1));
    event_set_f64(e, EV_STEP_LOSS_UP, 1.5 / (double)(step + 1));
    event_set_f64(e, EV_STEP_ACC, 0.8125);
    event_set_f64(e, EV_STEP_GN, 3.0 / (double)(step % 17 + 1));
    event_set_f64(e, EV_STEP_LR, 0.1);
    event_set_f64(e, EV_STEP_RHO, 0.5);
    event_set_f64(e, EV_STEP_MS, 12.25);
    return e;
}

int main(void)
{
    char folder[] = "/tmp/saddle-record-XXXXXX", command[64];
    struct err err = { 0 };
    struct session_options options = { .snapshot_keep_every = 10 };
    check(mkdtemp(folder) ? 0 : -1, "folder", &err);
    struct session *s = session_create(folder, "bench", &options, &err);
    check(s ? 0 : -1, "session", &err);
    struct event_hub hub = { .n = 1, .sink = { session_sink(s) } };
    uint64_t spent = 0;
    for (uint64_t step = 1; step <= EVENTS; step++) {
        uint64_t from = clock_now_ns();
        event_hub_emit(&hub, step_event(step)); /* making the event counts too */
        spent += clock_now_ns() - from;
    }
    check(event_hub_sync(&hub, &err), "sync", &err);
    struct session_status status;
    session_status(s, &status);
    double emit_us = (double)(spent - status.wait_ns) / 1e3 / EVENTS, write_us = (double)status.writer_cpu_ns / 1e3 / EVENTS;
    check(session_close(s, "done", &err), "close", &err);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    if (system(command) != 0)
        fprintf(stderr, "record: %s is left\n", folder);
    double step = step_ms() * 1e3;
    printf("recording: %.2f us of the trainer and %.2f us of the writer for a step event; a demo step takes %.1f ms\n", emit_us,
           write_us, step / 1e3);
    printf("recording is %.3f %% of the step time (bound 1 %%)\n", 100 * (emit_us + write_us) / step);
    return (emit_us + write_us) / step < 0.01 ? 0 : 1;
}
