/* Of the run that is about to begin or to go on: choices that can never act, and what it will take. */
#include "config.h"
#include "repl/bench.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "engine/recorded.h"
#include "engine/run/learner.h"
#include "engine/run/plan.h"
#include "engine/stages.h"

struct voice { /* plan_say's context */
    struct workbench *w;
    const char *verb;
};

static void warn_of_plan(void *ctx, const char *text)
{
    const struct voice *v = ctx;
    bench_warn(v->w, v->verb, "%s", text);
}

static void check_conditions(struct workbench *w, const struct plan *p, const char *verb)
{
    char text[PLAN_TEXT_MAX];
    for (int i = 0; i < w->setup.n_later; i++) {
        const struct command *c = w->setup.later[i].command;
        if (c->when == WHEN_IF && !plan_condition(p, c->when_metric, text, sizeof text))
            bench_warn(w, verb, "pending %d 'if %s': %s", i + 1, c->when_metric, text);
    }
}

void run_check_plan(struct workbench *w, const char *verb)
{
    const struct bench_setup *s = &w->setup;
    struct voice v = { w, verb };
    bool chosen[PLAN_SUBJECTS], *watched = calloc((size_t)s->data.classes, sizeof *watched);
    struct plan p = { .knobs = &s->knobs, .data = &s->data, .watched = watched };
    for (int i = 0; i < KNOB_COUNT; i++)
        chosen[i] = s->touched[i] && !(s->by_set[i] && setup_is_plain(&s->knobs, (enum knob_id)i));
    chosen[PLAN_WATCH] = !setup_watches_plain(s);
    for (int i = 0; watched && i < s->n_watched; i++)
        if (s->watched[i] < s->data.classes)
            watched[s->watched[i]] = true;
    for (int i = 0; i < s->n_later; i++) /* only `set` waits before a run */
        if (operation_is(s->later[i].command->op, OP_SETS))
            p.changes[s->later[i].command->knob] = true;
    if (watched) {
        plan_never(&p, chosen, warn_of_plan, &v);
        check_conditions(w, &p, verb);
    }
    free(watched);
}

/* A recording does not say what was chosen: what is as it would be without a choice counts as none. */
void run_check_resumed(struct workbench *w, const char *verb, const struct recording *r)
{
    const struct history *h = &w->live.history;
    const struct dataset *d = &w->setup.data;
    struct voice v = { w, verb };
    bool chosen[PLAN_SUBJECTS], *watched = calloc((size_t)d->classes, sizeof *watched);
    struct plan p = { .knobs = &h->knobs, .data = d, .watched = watched };
    for (int i = 0; i < KNOB_COUNT; i++)
        chosen[i] = h->knobs.by_hand[i] || !setup_is_plain(&h->knobs, (enum knob_id)i);
    chosen[PLAN_WATCH] = false;
    for (int i = 0; watched && i < d->classes && i < h->n_classes; i++)
        watched[i] = h->cls[i].watched;
    for (size_t i = 0; i < recording_count(r); i++) { /* whether it has come meanwhile or not */
        struct recorded c;
        if (recorded_read(recording_event(r, i), &c) && c.waits && c.knob >= 0)
            p.changes[c.knob] = true;
    }
    if (watched)
        plan_never(&p, chosen, warn_of_plan, &v);
    free(watched);
}

/* Two steps as the run would make them: the second one's time (the first one warms caches), and the memory of it. */
static int try_steps(const struct bench_setup *s, const struct backend *b, int device, double *seconds, double *memory, struct err *err)
{
    struct learner *l = calloc(1, sizeof *l);
    struct learned done = { .ns = 0 };
    if (!l)
        return err_set(err, ERR_MEMORY, "no memory for a plan");
    int result = learner_open(l, b, device, &s->data, &s->knobs, err) < 0 ? -1 : learner_set_weights(l, NULL, NULL, err);
    for (int i = 0; i < 2 && result == 0; i++)
        result = learner_step(l, &done, err);
    if (result == 0) {
        *seconds = (double)done.ns * 1e-9;
        *memory = (double)learner_memory(l);
    }
    learner_close(l);
    free(l);
    return result;
}

int run_step_time(struct workbench *w, const char *network, long batch, double *seconds, struct err *err)
{
    struct bench_setup *s = calloc(1, sizeof *s);
    int device = 0, result = s ? 0 : err_set(err, ERR_MEMORY, "no memory for a step");
    double memory;
    char text[24];
    if (result < 0)
        return -1;
    setup_init(s);
    s->knobs.v[KNOB_DEVICE] = w->setup.knobs.v[KNOB_DEVICE];
    s->knobs.v[KNOB_THREADS] = w->setup.knobs.v[KNOB_THREADS];
    s->knobs.v[KNOB_MATH] = w->setup.knobs.v[KNOB_MATH];
    snprintf(text, sizeof text, "%ld", batch);
    if (knobs_set(&s->knobs, "data", "demo", err) < 0 || knobs_set(&s->knobs, "model", network, err) < 0 || knobs_set(&s->knobs, "batch", text, err) < 0 ||
        setup_load(w, s, err) < 0)
        result = -1;
    const struct backend *b = result == 0 ? setup_backend(&s->knobs, &device, err) : NULL;
    if (!b || try_steps(s, b, device, seconds, &memory, err) < 0)
        result = -1;
    setup_release(s);
    free(s);
    return result;
}

int run_plan(struct workbench *w, const char *verb, struct err *err)
{
    struct bench_setup *s = &w->setup;
    int device;
    char name[BACKEND_NAME_MAX];
    const struct backend *b = setup_backend(&s->knobs, &device, err);
    if (!b || setup_check_evaluations(&s->knobs, b, err) < 0 || setup_ready(w, err) < 0 || plan_check(&s->knobs, &s->net, &s->data, err) < 0)
        return -1;
    long batch = knob_int(&s->knobs, KNOB_BATCH);
    double one = 0, memory = 0;
    if (try_steps(s, b, device, &one, &memory, err) < 0)
        return -1;
    uint64_t steps = (s->data.train.n + (uint64_t)batch - 1) / (uint64_t)batch * (uint64_t)knobs_epochs(&s->knobs);
    uint64_t most = (uint64_t)knob_num(&s->knobs, KNOB_STEPS);
    if (most && most < steps)
        steps = most;
    const int passes = optimiser_table[knobs_optimiser(&s->knobs)].passes;
    char method[96];
    setup_method(&s->knobs, method, sizeof method);
    backend_device_name(b, device, name);
    bench_say(w, "plan: %s, %s, %s: %" PRIu64 " steps of %ld images in %ld epochs, %d %s each; %.0f MiB; about %.0f min on %s",
              s->data.name, s->net.name, method, steps, batch, knobs_epochs(&s->knobs), passes,
              passes == 1 ? "pass" : "passes", memory / 1048576, ceil((double)steps * one / 60), name);
    run_check_plan(w, verb);
    return 0;
}
