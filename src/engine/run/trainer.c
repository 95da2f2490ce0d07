#include "config.h"
#include "engine/run/trainer_private.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/parallel.h"
#include "base/text.h"

const char *const run_end_name[] = { [RUN_GOES_ON] = "",           [RUN_FINISHED] = "finished", [RUN_UNSAVED] = "unsaved",
                                     [RUN_STOPPED] = "stopped",    [RUN_DIVERGED] = "diverged", [RUN_FAILED] = "failed" };

enum run_end run_end_of(const char *state)
{
    for (enum run_end end = RUN_FINISHED; end <= RUN_FAILED; end++)
        if (strcmp(state, run_end_name[end]) == 0)
            return end;
    return RUN_GOES_ON;
}

/* --- events and what others see ------------------------------------------------------------------------------------ */

void trainer_emit(struct trainer *t, struct event *e)
{
    if (t->quiet)
        event_unref(e);
    else
        event_hub_emit(&t->hub, e);
}

void trainer_say(struct trainer *t, const char *level, const char *format, ...)
{
    struct buf text = { 0 };
    va_list args;
    va_start(args, format);
    buf_addv(&text, format, args);
    va_end(args);
    struct event *e = event_new(EVENT_SAY, t->learner.step);
    if (e)
        event_set_str(e, EV_SAY_TEXT, text.data);
    buf_release(&text);
    if (!e)
        return;
    event_set_str(e, EV_SAY_LEVEL, level);
    event_set_f64(e, EV_SAY_EP, trainer_epoch(t));
    trainer_emit(t, e);
}

static enum trainer_phase phase_of(const struct trainer *t)
{
    if (t->over) /* the last snapshot may still be on its way: whoever sees the end must find it handed over */
        return t->ended ? TRAINER_OVER : TRAINER_TRAINING;
    if (t->rolling)
        return TRAINER_ROLLING;
    return t->paused ? TRAINER_PAUSED : TRAINER_TRAINING;
}

/* Seconds to the end at the pace of this process: steps, evaluations that are still due, and the probes' share. */
static double eta_of(const struct trainer *t, uint64_t total)
{
    if (t->pace.steps <= 0 || t->learner.step >= total)
        return t->learner.step >= total ? 0 : NAN;
    double steps = (double)(total - t->learner.step), seconds = steps * t->pace.seconds / t->pace.steps;
    long every = knob_int(&t->learner.knobs, KNOB_EVAL_EVERY);
    bool watching = false;
    for (int c = 0; c < t->learner.net.classes && !watching; c++)
        watching = t->watched[c];
    if (watching && knob_int(&t->learner.knobs, KNOB_HESSIAN_EVERY) > 0) /* what probes took beside steps is in the pace already */
        seconds *= fmax(1, (1 + knob_num(&t->learner.knobs, KNOB_BUDGET)) * (1 - t->pace.beside / t->pace.seconds));
    if (every > 0)
        seconds += t->eval_seconds * steps / (double)t->learner.spe / (double)every;
    return seconds;
}

void trainer_publish(struct trainer *t)
{
    struct trainer_status s = {
        .phase = t->started ? phase_of(t) : TRAINER_READY,
        .step = t->learner.step,
        .steps_per_epoch = t->learner.spe,
        .total_steps = learner_total(&t->learner),
        .epoch = trainer_epoch(t),
        .images_per_s = t->pace.seconds > 0 ? t->pace.images / t->pace.seconds : NAN,
        .data_share = t->pace.seconds > 0 ? fmin(1, t->pace.data / t->pace.seconds) : 0,
        .n_pending = t->n_pending_text,
        .drw_on = t->learner.phase.reweight,
        .rolled_only = t->over && t->rolling,
        .ending = t->over != RUN_GOES_ON,
        .cause = t->cause,
        .diverged = t->diverged,
        .memory_bytes = learner_memory(&t->learner) + probe_memory(&t->probe),
    };
    s.eta_s = eta_of(t, s.total_steps);
    if (s.phase == TRAINER_OVER)
        s.over = t->over;
    pthread_mutex_lock(&t->lock);
    t->status = s;
    pthread_cond_broadcast(&t->changed);
    pthread_mutex_unlock(&t->lock);
}

void trainer_set_state(struct trainer *t, const char *state, const char *why)
{
    struct event *e = event_new(EVENT_STATE, t->learner.step);
    if (e) {
        event_set_str(e, EV_STATE_STATE, state);
        event_set_str(e, EV_STATE_WHY, why);
        event_set_f64(e, EV_STATE_EP, trainer_epoch(t));
        trainer_emit(t, e);
    }
    trainer_publish(t);
}

void trainer_progress_of(struct trainer *t, const char *what, uint64_t done, uint64_t of, int class_index, const struct spectrum *s)
{
    const uint64_t interval_ns = 250000000; /* at most four in a second; first and last always */
    uint64_t now = clock_now_ns();
    if (done > 0 && done < of && now - t->progress_ns < interval_ns)
        return;
    t->progress_ns = now;
    struct event *e = event_new(EVENT_PROGRESS, t->learner.step);
    if (!e)
        return;
    event_set_str(e, EV_PROGRESS_WHAT, what);
    event_set_u64(e, EV_PROGRESS_DONE, done);
    event_set_u64(e, EV_PROGRESS_OF, of);
    event_set_u64(e, EV_PROGRESS_CLASS, (uint64_t)(class_index < 0 ? 0 : class_index));
    if (s) {
        struct spectrum_result r;
        const double *nodes, *weights;
        uint32_t n = (uint32_t)spectrum_density(s, &nodes, &weights);
        spectrum_status(s, &r);
        event_set_f64(e, EV_PROGRESS_LMIN, r.min);
        event_set_f64(e, EV_PROGRESS_LMAX, r.max);
        event_set_f64(e, EV_PROGRESS_RMIN, r.min_bound);
        event_set_f64(e, EV_PROGRESS_RMAX, r.max_bound);
        event_set_f64s(e, EV_PROGRESS_NODES, nodes, n);
        event_set_f64s(e, EV_PROGRESS_WTS, weights, n);
    }
    event_hub_emit(&t->hub, e); /* not stored, so a roll-forward shows it too */
}

void trainer_progress(struct trainer *t, const char *what, uint64_t done, uint64_t of, int class_index)
{
    trainer_progress_of(t, what, done, of, class_index, NULL);
}

bool trainer_is_ending(struct trainer *t)
{
    return atomic_load(&t->ending) || atomic_load(&t->quit);
}

/* --- what a run begins with ---------------------------------------------------------------------------------------- */

static void announce_config(struct trainer *t)
{
    char **list = knobs_texts(&t->learner.knobs);
    struct event *e = list ? event_new(EVENT_CONFIG, t->learner.step) : NULL;
    if (!list)
        event_lose(EVENT_CONFIG);
    if (!e) {
        texts_free(list);
        return;
    }
    uint32_t n = 0;
    while (list[n])
        n++;
    event_set_strs(e, EV_CONFIG_KNOBS, (const char *const *)list, n);
    texts_free(list);
    event_set_str(e, EV_CONFIG_NAME, t->name);
    event_set_str(e, EV_CONFIG_WEIGHTS, t->weights[0] ? t->weights : NULL);
    if (trainer_is_child(t)) {
        event_set_str(e, EV_CONFIG_PARENT, t->parent.run);
        event_set_str(e, EV_CONFIG_PARENT_ID, t->parent.id);
        event_set_u64(e, EV_CONFIG_PARENT_STEP, t->parent.step);
        event_set_str(e, EV_CONFIG_PARENT_STATE, t->parent.state);
        event_set_str(e, EV_CONFIG_BEGAN, t->parent.fork ? "fork" : NULL);
    }
    trainer_emit(t, e);
}

static void set_class_arrays(struct event *e, const struct dataset *d, uint32_t *group, const char **name)
{
    const char *groups[N_GROUPS];
    for (int c = 0; c < d->classes; c++) {
        group[c] = d->group[c];
        name[c] = d->class_name[c];
    }
    for (int g = 0; g < N_GROUPS; g++)
        groups[g] = class_group_name[g];
    event_set_strs(e, EV_DATA_CLASSES, name, (uint32_t)d->classes);
    event_set_u32s(e, EV_DATA_COUNTS, d->train.count, (uint32_t)d->classes);
    if (d->test.n > 0)
        event_set_u32s(e, EV_DATA_TEST_COUNTS, d->test.count, (uint32_t)d->classes);
    event_set_u32s(e, EV_DATA_GROUP_OF, group, (uint32_t)d->classes);
    event_set_strs(e, EV_DATA_GROUPS, groups, N_GROUPS);
}

static void set_norm(struct event *e, const struct image_kind *kind)
{
    const int n = kind->size.channels;
    double norm[2 * IMAGE_MAX_CHANNELS];
    for (int ch = 0; ch < n; ch++) {
        norm[ch] = kind->norm.mean[ch];
        norm[n + ch] = kind->norm.std[ch];
    }
    if (!kind->floats)
        event_set_f64s(e, EV_DATA_NORM, norm, 2 * (uint32_t)n);
}

static void announce_data(struct trainer *t)
{
    const struct dataset *d = t->learner.data;
    const struct image_geometry size = d->train.kind.size;
    struct event *e = event_new(EVENT_DATA, t->learner.step);
    uint32_t *group = malloc((size_t)d->classes * sizeof *group);
    const char **name = malloc((size_t)d->classes * sizeof *name);
    if (e && group && name) {
        event_set_str(e, EV_DATA_NAME, d->name);
        event_set_str(e, EV_DATA_SHA256, d->digest);
        event_set_u64(e, EV_DATA_N, d->train.n);
        event_set_u64(e, EV_DATA_N_TEST, d->test.n);
        set_class_arrays(e, d, group, name);
        event_set_u64(e, EV_DATA_STEPS_PER_EPOCH, t->learner.spe);
        event_set_str(e, EV_DATA_TEST_SHA256, d->test_digest);
        event_set_str(e, EV_DATA_KNOWN_BY, d->train.reader->identify ? "files" : "pixels");
        event_set_u32s(e, EV_DATA_IMAGE, (const uint32_t[]){ (uint32_t)size.height, (uint32_t)size.width, (uint32_t)size.channels }, 3);
        set_norm(e, &d->train.kind);
        trainer_emit(t, e);
    } else if (e) {
        event_lose(EVENT_DATA);
        event_unref(e);
    }
    free(group);
    free(name);
}

void trainer_machine(const struct trainer *t, char *out, size_t size)
{
    const struct learner *l = &t->learner;
    char device[BACKEND_NAME_MAX];
    const char *isa = l->backend->isa ? l->backend->isa(l->model) : NULL;
    backend_device_name(l->backend, l->device, device);
    snprintf(out, size, "%s%s%s", device, isa ? " " : "", isa ? isa : "");
}

static void announce_env(struct trainer *t)
{
    struct event *e = event_new(EVENT_ENV, t->learner.step);
    if (!e)
        return;
    event_set_str(e, EV_ENV_BUILD, PACKAGE_STRING " " SADDLE_COMPILER " " __VERSION__);
    char device[BACKEND_NAME_MAX];
    backend_device_name(t->learner.backend, t->learner.device, device);
    event_set_str(e, EV_ENV_BACKEND, device);
    event_set_str(e, EV_ENV_ISA, t->learner.backend->isa ? t->learner.backend->isa(t->learner.model) : NULL);
    event_set_u64(e, EV_ENV_THREADS, (uint64_t)t->learner.threads);
    trainer_emit(t, e);
}

/* --- the thread ---------------------------------------------------------------------------------------------------- */

/* The state that a child begins with is in its own recording first: killed before, it is no run yet; killed after, it goes on from there. A disk that
 * has no room is waited for, as ever. */
static void save_base(struct trainer *t)
{
    const struct timespec pause = { .tv_nsec = 500000000 };
    struct err err = { 0 };
    if (!trainer_records_snapshots(t))
        return;
    bool taken = trainer_snapshot(t, "base", true), saved = false;
    while (taken && !(saved = event_hub_saved(&t->hub, &err) == 0) && !trainer_is_ending(t))
        nanosleep(&pause, NULL);
    if (saved)
        return;
    t->over = RUN_FAILED;
    snprintf(t->why, sizeof t->why, "the state it begins with is not saved%s%.150s", err.text[0] ? ": " : "", err.text);
}

static void begin_run(struct trainer *t)
{
    struct err err;
    t->paused = t->start_paused;
    if (t->announce) {
        announce_config(t);
        announce_data(t);
        announce_env(t);
    }
    if (trainer_is_child(t)) {
        if (t->roll.has)
            trainer_roll(t); /* what waited in the parent waits in that snapshot too, */
        if (t->parent.fork && t->announce)
            trainer_drain(t); /* and what was asked for is done: killed now, it is no run without it */
        if (!t->over)
            save_base(t);
    }
    if (t->remark[0])
        trainer_say(t, "note", "%s", t->remark);
    if (t->learner.images_where[0])
        trainer_say(t, "note", "images are copied for each step: %s", t->learner.images_where);
    if (t->announce) {
        if (event_hub_sync(&t->hub, &err) < 0)
            trainer_say(t, "warning", "recording: %s", err.text);
        trainer_drain(t); /* what was prepared before `train` is part of the first snapshot */
        if (!trainer_is_child(t) && (knob_int(&t->learner.knobs, KNOB_SNAPSHOT_EVERY) > 0 || knob_int(&t->learner.knobs, KNOB_SNAPSHOT_SECONDS) > 0))
            trainer_snapshot(t, NULL, false); /* so that whatever follows can be taken up again from the start */
    }
    if (t->roll.has && !trainer_is_child(t))
        trainer_roll(t);
    bool said = t->paused != t->start_paused; /* a prepared `pause` or `step` has announced its state */
    t->paused |= t->diverged;
    if (!said && !t->over && !trainer_is_ending(t))
        trainer_set_state(t, t->paused ? "paused" : "training", !t->paused ? NULL : t->parent.fork ? "waiting for 'train'" : "waiting for 'resume'");
    t->begun = true;
    if (t->paused && t->release && !t->over) {
        const bool done = trainer_release(t, &err) == 0;
        trainer_say(t, done ? "note" : "warning", "%s", done ? "device and memory are given back" : err.text);
    }
}

static void say_all_done(struct trainer *t)
{
    snprintf(t->why, sizeof t->why, "all %llu steps are done", (unsigned long long)t->learner.step);
}

/* Commands, pauses and the end come between steps, with none under way. false: no step now, decide again. */
static bool goes_on(struct trainer *t)
{
    if (t->at.commands || (trainer_steps_to_due(t) == 0 && !t->at.ending))
        trainer_drain(t);
    else if (t->paused || t->at.ending) /* what was cut off belongs to this step: the `stop` that comes finds it here */
        inbox_wait(&t->inbox, 0);
    else if (t->learner.step < learner_total(&t->learner))
        return true;
    else {
        t->over = RUN_FINISHED;
        say_all_done(t);
    }
    return false;
}

static void train(struct trainer *t)
{
    for (bool stepped = false;;) {
        trainer_decide(t, stepped);
        if (stepped)
            trainer_after_step(t);
        const bool alone = learner_under_way(&t->learner) == 0;
        if (alone && t->at.stop)
            return;
        stepped = (!alone || goes_on(t)) && trainer_step(t) == 0;
        if (stepped) {
            trainer_tell_stage(t);
            trainer_end_epoch(t);
        }
    }
}

/* The weights of the end are on disk, or nobody records them. -1 with *err. */
static int save_end(struct trainer *t, struct err *err)
{
    if (!trainer_records_snapshots(t))
        return 0;
    if (t->snapshot_step != t->learner.step && !trainer_snapshot(t, NULL, false)) {
        const int device = backend_check_device(t->learner.backend, t->learner.model, err);
        return device < 0 ? -1 : err_set(err, ERR_MEMORY, "no memory for the last snapshot");
    }
    return event_hub_saved(&t->hub, err);
}

/* A run is finished when its last state is on disk. Until then it is "unsaved": tried again as long as the trainer lives, and taking
 * the run up again leads here. */
static void finish_unsaved(struct trainer *t)
{
    struct err err;
    if (t->over != RUN_UNSAVED || save_end(t, &err) < 0)
        return;
    t->over = RUN_FINISHED;
    say_all_done(t);
    trainer_set_state(t, run_end_name[t->over], t->why);
}

/* The last evaluation and probes. false: `stop` cut them off. */
static bool look_back(struct trainer *t)
{
    struct err err;
    bool whole = true;
    t->over = RUN_GOES_ON; /* still training as far as others can see, until all is done */
    const char *split = knob_int(&t->learner.knobs, KNOB_EVAL_EVERY) > 0 ? evaluation_main_split(t->learner.data) : NULL;
    if (split && t->evaluated_step != t->learner.step && trainer_evaluate_main(t, split, &err) < 0) {
        whole = err.code != ERR_CANCELLED;
        if (whole)
            trainer_say(t, "error", "eval: %s", err.text);
    }
    whole = trainer_drain_round(t) && whole;
    return whole || !trainer_is_ending(t);
}

/* The work that belongs to the end, and the last snapshot; then the state that ends the run. */
static void finish_run(struct trainer *t)
{
    struct err err;
    enum run_end over = t->over;
    bool finished = over == RUN_FINISHED;
    if (finished && !look_back(t)) { /* taking the run up again does it */
        finished = false;
        over = RUN_STOPPED;
        snprintf(t->why, sizeof t->why, "asked for before the last evaluation and probes were done");
    }
    t->over = over;
    if (over != RUN_FAILED && save_end(t, &err) < 0) {
        t->over = err.code == ERR_DEVICE ? RUN_FAILED : finished ? RUN_UNSAVED : over;
        if (t->over != over)
            snprintf(t->why, sizeof t->why, "%.190s", err.text);
    }
    trainer_publish(t); /* that it ends */
    t->ended = true;
    trainer_set_state(t, run_end_name[t->over], t->why);
}

/* Over: commands that only read are still served, until trainer_free(). */
static void serve(struct trainer *t)
{
    enum { RETRY_S = 5 };
    while (!atomic_load(&t->quit)) {
        const bool unsaved = t->over == RUN_UNSAVED;
        struct queued *q = inbox_take(&t->inbox);
        if (!q) {
            inbox_wait(&t->inbox, unsaved ? RETRY_S : 0);
            if (!atomic_load(&t->quit))
                finish_unsaved(t);
        } else
            trainer_run_late(t, q);
    }
    finish_unsaved(t);
    for (struct queued *q; (q = inbox_take(&t->inbox));)
        trainer_refuse(t, q);
}

static void *thread_main(void *arg)
{
    struct trainer *t = arg;
    begin_run(t);
    train(t);
    if (!t->over && !t->rolling) { /* trainer_free() */
        t->over = RUN_STOPPED;
        snprintf(t->why, sizeof t->why, "the program ended");
    }
    if (!t->rolling)
        finish_run(t);
    t->ended = true;
    trainer_publish(t);
    serve(t);
    return NULL;
}

void trainer_record(struct trainer *t, const struct event_hub *hub, const char *name)
{
    t->hub = *hub;
    snprintf(t->name, sizeof t->name, "%s", name);
}

int trainer_start(struct trainer *t, struct err *err)
{
    t->started = true;
    t->prepared = inbox_last_id(&t->inbox);
    trainer_publish(t);
    int failed = thread_start(&t->thread, thread_main, t);
    if (!failed)
        return 0;
    t->started = false;
    return err_set(err, ERR_MEMORY, "the training thread cannot start: %s", strerror(failed));
}

/* --- what others ask ----------------------------------------------------------------------------------------------- */

void trainer_cancel(struct trainer *t)
{
    atomic_store(&t->cancelled, inbox_last_id(&t->inbox));
    atomic_store(&t->cancel, true);
}

void trainer_cut_off(struct trainer *t)
{
    atomic_store(&t->ending, true);
}

void trainer_status(struct trainer *t, struct trainer_status *out)
{
    pthread_mutex_lock(&t->lock);
    *out = t->status;
    pthread_mutex_unlock(&t->lock);
}

int trainer_pending(struct trainer *t, char ***out)
{
    pthread_mutex_lock(&t->lock);
    int n = 0;
    char **list = calloc((size_t)t->n_pending_text + 1, sizeof *list);
    for (; list && n < t->n_pending_text; n++)
        if (!(list[n] = strdup(t->pending_text[n])))
            break;
    pthread_mutex_unlock(&t->lock);
    *out = list;
    return n;
}

void trainer_knobs(struct trainer *t, struct knobs *out)
{
    pthread_mutex_lock(&t->lock);
    *out = t->shown_knobs;
    pthread_mutex_unlock(&t->lock);
}

int trainer_wait(struct trainer *t, uint64_t step, int timeout_ms)
{
    const struct timespec end = clock_after_ms(timeout_ms);
    pthread_mutex_lock(&t->lock);
    int late = 0;
    bool reached = false;
    while (!(reached = t->status.phase == TRAINER_OVER || (step > 0 && t->status.step >= step)) && !late)
        late = pthread_cond_timedwait(&t->changed, &t->lock, &end);
    pthread_mutex_unlock(&t->lock);
    return reached;
}
