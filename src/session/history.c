#include "config.h"
#include "session/history.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "engine/run/trainer.h"
#include "engine/stages.h"
#include "session/fold.h"

/* --- life ------------------------------------------------------------------------------------------------------------ */

void history_init(struct history *h)
{
    *h = (struct history){ .loss = NAN, .loss_up = NAN, .gn = NAN, .lr = NAN, .rho = NAN, .step_ms = NAN, .images_per_s = NAN,
                           .best = NAN, .best_epoch = NAN, .progress_lmin = NAN, .progress_lmax = NAN };
    knobs_init(&h->knobs);
}

static size_t conf_bytes(const struct history *h)
{
    return (size_t)h->n_classes * (size_t)h->n_classes * sizeof(uint32_t);
}

static void drop_conf(struct history *h, size_t eval)
{
    h->conf_bytes -= h->eval[eval].conf ? conf_bytes(h) : 0;
    free(h->eval[eval].conf);
    h->eval[eval].conf = NULL;
}

static void drop_evals(struct history *h, size_t from)
{
    for (size_t i = from; i < h->n_eval; i++) {
        free(h->eval[i].cls);
        for (int k = 0; k < EVAL_LOSSES; k++)
            free(h->eval[i].cls_loss[k]);
        drop_conf(h, i);
    }
    h->n_eval = from < h->n_eval ? from : h->n_eval;
    h->conf_from = h->conf_from < h->n_eval ? h->conf_from : h->n_eval;
}

void history_release(struct history *h)
{
    drop_evals(h, 0);
    fold_drop_probes(h, 0, true);
    free(h->eval);
    free(h->eig);
    for (int m = 0; m < MEASURES; m++)
        free(h->result[m].at);
    free(h->mark);
    free(h->set);
    free(h->line);
    free(h->status);
    free(h->cls);
    free(h->watched);
    trace_release(&h->loss_trace);
    trace_release(&h->lr_trace);
    trace_release(&h->rho_trace);
    trace_release(&h->gn_trace);
    for (int i = 0; i < GAUGES; i++)
        trace_release(&h->gauge[i]);
    *h = (struct history){ 0 };
}

void history_clear(struct history *h)
{
    uint64_t changes = h->changes;
    history_release(h);
    history_init(h);
    h->changes = changes + 1;
}

static double epoch_of_event(const struct history *h, uint64_t step)
{
    return h->steps_per_epoch ? (double)step / (double)h->steps_per_epoch : 0;
}

/* --- the run --------------------------------------------------------------------------------------------------------- */

static void fold_config(struct history *h, const struct event *e)
{
    const struct event_field *list = &e->f[EV_CONFIG_KNOBS];
    text_safe(e->f[EV_CONFIG_NAME].s, h->name, sizeof h->name);
    text_safe(e->f[EV_CONFIG_PARENT].s, h->parent, sizeof h->parent);
    text_safe(e->f[EV_CONFIG_PARENT_ID].s, h->parent_id, sizeof h->parent_id);
    for (uint32_t i = 0; i < list->n; i++) {
        char name[64];
        const char *entry = list->strs[i], *equals = entry ? strchr(entry, '=') : NULL;
        if (!equals || (size_t)(equals - entry) >= sizeof name)
            continue;
        memcpy(name, entry, (size_t)(equals - entry));
        name[equals - entry] = '\0';
        struct err err = { 0 };
        const int id = knob_find(name, NULL); /* one of a newer program is skipped, and not looked for among names that are near: a recording may have many */
        if (id >= 0 && knob_parse((enum knob_id)id, equals + 1, &h->knobs.v[id], &err) < 0)
            h->failed |= err.code == ERR_MEMORY;
    }
    h->first_step = e->step;
}

static uint32_t u32_at(const struct event_field *f, uint32_t i)
{
    return i < f->n ? f->u32s[i] : 0;
}

static void fold_classes(struct history *h, const struct event *e)
{
    const struct event_field *f = e->f;
    uint32_t n = f[EV_DATA_CLASSES].n;
    struct history_class *cls = calloc(n + 1, sizeof *cls);
    uint32_t *watched = calloc(n + 1, sizeof *watched), n_watched = 0;
    if (!cls || !watched) {
        free(cls);
        free(watched);
        h->failed = true;
        return;
    }
    if ((int)n != h->n_classes) { /* other classes: what was measured of the old ones means nothing */
        drop_evals(h, 0);
        fold_drop_probes(h, 0, true);
    }
    for (uint32_t i = 0; i < n; i++) {
        text_safe(f[EV_DATA_CLASSES].strs[i], cls[i].name, sizeof cls[i].name);
        cls[i].n = u32_at(&f[EV_DATA_COUNTS], i);
        cls[i].n_test = u32_at(&f[EV_DATA_TEST_COUNTS], i);
        uint32_t group = u32_at(&f[EV_DATA_GROUP_OF], i);
        cls[i].group = group < (uint32_t)h->n_groups ? (int)group : h->n_groups - 1;
        cls[i].watched = cls[i].listed = (int)i < h->n_classes && h->cls[i].watched;
        if (cls[i].listed)
            watched[n_watched++] = i;
    }
    free(h->cls);
    free(h->watched);
    h->cls = cls;
    h->watched = watched;
    h->n_watched = n_watched;
    h->n_classes = (int)n;
}

/* Only with the length of an epoch is it known where a child begins. */
static void fold_birth(struct history *h, const struct event *e)
{
    h->epoch = epoch_of_event(h, h->step);
    if (!h->parent[0])
        return;
    fold_mark(h, e, h->epoch, 'F', true, h->parent);
    fold_line(h, e, h->epoch, ' ', "goes on from %s", h->parent);
}

static void fold_data(struct history *h, const struct event *e)
{
    const struct event_field *f = e->f;
    text_safe(f[EV_DATA_NAME].s, h->data_name, sizeof h->data_name);
    text_safe(f[EV_DATA_SHA256].s, h->data_sha256, sizeof h->data_sha256);
    text_safe(f[EV_DATA_KNOWN_BY].s, h->data_known_by, sizeof h->data_known_by);
    h->n_train = f[EV_DATA_N].u;
    h->n_test = f[EV_DATA_N_TEST].u;
    h->steps_per_epoch = f[EV_DATA_STEPS_PER_EPOCH].u;
    uint32_t groups = f[EV_DATA_GROUPS].n < HISTORY_MAX_GROUPS ? f[EV_DATA_GROUPS].n : HISTORY_MAX_GROUPS;
    for (uint32_t i = 0; i < groups; i++)
        text_safe(f[EV_DATA_GROUPS].strs[i], h->group_name[i], sizeof h->group_name[i]);
    h->n_groups = (int)groups;
    fold_classes(h, e);
    fold_birth(h, e);
    fold_line(h, e, h->epoch, ' ', "data %s: %" PRIu64 " images, %d classes, %" PRIu64 " steps an epoch", h->data_name, h->n_train,
              h->n_classes, h->steps_per_epoch);
}

static void fold_env(struct history *h, const struct event *e)
{
    text_safe(e->f[EV_ENV_BUILD].s, h->build, sizeof h->build);
    text_safe(e->f[EV_ENV_BACKEND].s, h->backend, sizeof h->backend);
    text_safe(e->f[EV_ENV_ISA].s, h->isa, sizeof h->isa);
    h->threads = e->f[EV_ENV_THREADS].u;
}

static void fold_state(struct history *h, const struct event *e)
{
    text_safe(e->f[EV_STATE_STATE].s, h->state, sizeof h->state);
    text_safe(e->f[EV_STATE_WHY].s, h->why, sizeof h->why);
    if (strcmp(h->state, "training") != 0 && strcmp(h->state, "paused") != 0)
        fold_drop_live(h);
    const enum run_end end = run_end_of(h->state);
    const bool bad = end == RUN_DIVERGED || end == RUN_FAILED || end == RUN_UNSAVED;
    fold_line(h, e, e->f[EV_STATE_EP].f, bad ? 'E' : ' ', "%s%s%s", h->state, h->why[0] ? ": " : "", h->why);
}

/* --- steps ----------------------------------------------------------------------------------------------------------- */

/* Class weights come into force in the middle of nowhere: the epoch decides, not a command. */
/* The engine's own message, which knows the weights' range, comes with the step; it may be missing where recording met a fault. */
static bool told_lately(const struct history *h, const char *begin)
{
    enum { LATELY = 8 };
    for (size_t i = h->n_line; i > 0 && h->n_line - i < LATELY; i--)
        if (strncmp(h->line[i - 1].text, begin, strlen(begin)) == 0)
            return true;
    return false;
}

static const char drw_on_text[] = "drw on"; /* how its mark begins */

static void watch_drw(struct history *h, const struct event *e)
{
    long running = h->steps_per_epoch && e->step ? (long)((e->step - 1) / h->steps_per_epoch) : 0;
    bool on = knobs_drw_on(&h->knobs, running);
    if (on && !h->drw_on && e->step > h->first_step + 1) {
        char weights[32], text[64];
        knob_choice(&h->knobs, KNOB_WEIGHTS, weights, sizeof weights);
        snprintf(text, sizeof text, "%s: weights %s", drw_on_text, weights);
        fold_mark(h, e, (double)running, 'D', h->knobs.by_hand[KNOB_DRW] || h->knobs.by_hand[KNOB_WEIGHTS], text);
        snprintf(text, sizeof text, "drw ON at ep %ld:", running);
        if (!told_lately(h, text))
            fold_line(h, e, (double)running, ' ', "%s weights %s", text, weights);
    }
    h->drw_on = on;
}

/* Exponential smoothing over about two seconds of stepping. */
static void measure_speed(struct history *h)
{
    double ms = (double)h->step_ms, batch = (double)knob_int(&h->knobs, KNOB_BATCH);
    if (!(ms > 0))
        return;
    double now = batch * 1000 / ms, keep = exp(-ms / 2000);
    h->images_per_s = isnan(h->images_per_s) ? now : keep * h->images_per_s + (1 - keep) * now;
}

/* What is not a number in all steps has no trace, and takes no memory. */
static void fold_gauge(struct history *h, const struct event *e)
{
    for (int i = 0; i < GAUGES; i++)
        if (isfinite(e->f[i].f) && !trace_add(&h->gauge[i], e->step, (float)e->f[i].f))
            h->failed = true;
}

static void fold_step(struct history *h, const struct event *e)
{
    const struct event_field *f = e->f;
    h->loss = (float)f[EV_STEP_LOSS].f;
    h->loss_up = (float)f[EV_STEP_LOSS_UP].f;
    h->gn = (float)f[EV_STEP_GN].f;
    h->lr = (float)f[EV_STEP_LR].f;
    h->rho = (float)f[EV_STEP_RHO].f;
    h->step_ms = (float)f[EV_STEP_MS].f;
    h->n_steps++;
    h->n_climbed += !isnan(h->loss_up);
    if (!trace_add(&h->loss_trace, e->step, h->loss) || !trace_add(&h->lr_trace, e->step, h->lr) ||
        !trace_add(&h->rho_trace, e->step, h->rho) || !trace_add(&h->gn_trace, e->step, h->gn))
        h->failed = true;
    measure_speed(h);
    watch_drw(h, e);
    h->progress_what[0] = '\0';
}

/* --- measurements ---------------------------------------------------------------------------------------------------- */

/* The newest matrices stay; the first run of 200 epochs with 100 classes keeps all. */
static uint32_t *keep_conf(struct history *h, const struct event *e)
{
    enum { CONF_MAX = 8 << 20 };
    size_t bytes = conf_bytes(h);
    while (h->conf_bytes + bytes > CONF_MAX && h->conf_from < h->n_eval) {
        drop_conf(h, h->conf_from++);
        if (!h->conf_left_out)
            fold_line(h, e, e->f[EV_EPOCH_EP].f, '!', "confusion matrices take %d MiB: those of older evaluations are left out", CONF_MAX >> 20);
        h->conf_left_out = true;
    }
    uint32_t *conf = malloc(bytes);
    if (conf)
        memcpy(conf, e->f[EV_EPOCH_CONF].u32s, bytes);
    h->conf_bytes += conf ? bytes : 0;
    return conf;
}

/* A number of each class; NULL when there are not so many. */
static float *keep_classes(struct history *h, const struct event_field *f)
{
    const size_t n = (size_t)h->n_classes;
    if (n == 0 || f->n != n)
        return NULL;
    float *out = malloc(n * sizeof *out);
    if (out)
        memcpy(out, f->f32s, n * sizeof *out);
    h->failed |= !out;
    return out;
}

static void fill_eval(struct history *h, struct history_eval *out, const struct event *e)
{
    const struct event_field *f = e->f;
    size_t n = (size_t)h->n_classes;
    *out = (struct history_eval){ .step = e->step, .wall_ns = fold_wall(h, e), .epoch = f[EV_EPOCH_EP].f, .loss = f[EV_EPOCH_LOSS].f,
                                  .acc = f[EV_EPOCH_ACC].f, .train_loss = f[EV_EPOCH_TRAIN_LOSS].f,
                                  .train_acc = f[EV_EPOCH_TRAIN_ACC].f, .lr = f[EV_EPOCH_LR].f, .rho = f[EV_EPOCH_RHO].f,
                                  .best = h->best, .best_epoch = h->best_epoch, .drw = f[EV_EPOCH_DRW].u == 1 };
    for (uint32_t g = 0; g < HISTORY_MAX_GROUPS; g++)
        out->group[g] = g < f[EV_EPOCH_GROUPS].n ? f[EV_EPOCH_GROUPS].f64s[g] : NAN;
    const bool conf = n && f[EV_EPOCH_CONF].n == n * n;
    out->cls = keep_classes(h, &f[EV_EPOCH_CLS]);
    out->cls_loss[EVAL_LOSS] = keep_classes(h, &f[EV_EPOCH_CLS_LOSS]);
    out->cls_loss[EVAL_TRAIN_LOSS] = keep_classes(h, &f[EV_EPOCH_TRAIN_CLS_LOSS]);
    out->conf = conf ? keep_conf(h, e) : NULL;
    h->failed |= conf && !out->conf;
}

static void fold_epoch(struct history *h, const struct event *e)
{
    const char *split = e->f[EV_EPOCH_SPLIT].s;
    h->progress_what[0] = '\0';
    fold_say_eval(h, e);
    if (split && strcmp(split, "train") == 0)
        return;
    if (!isnan(e->f[EV_EPOCH_BEST].f)) {
        h->best = e->f[EV_EPOCH_BEST].f;
        h->best_epoch = e->f[EV_EPOCH_BEST_EP].f;
    }
    if (h->n_eval && h->eval[h->n_eval - 1].step == e->step) /* measured twice: the later one counts */
        drop_evals(h, h->n_eval - 1);
    struct history_eval *grown = fold_grow(h, h->eval, h->n_eval, sizeof *h->eval);
    if (!grown)
        return;
    h->eval = grown;
    fill_eval(h, &h->eval[h->n_eval], e);
    h->n_eval++;
}

static void fold_progress(struct history *h, const struct event *e)
{
    const struct event_field *f = e->f;
    text_safe(f[EV_PROGRESS_WHAT].s, h->progress_what, sizeof h->progress_what);
    h->progress_done = f[EV_PROGRESS_DONE].u;
    h->progress_of = f[EV_PROGRESS_OF].u;
    h->progress_class = f[EV_PROGRESS_CLASS].u;
    h->progress_lmin = f[EV_PROGRESS_LMIN].f;
    h->progress_lmax = f[EV_PROGRESS_LMAX].f;
    fold_live(h, e);
    if (h->progress_of && h->progress_done >= h->progress_of)
        h->progress_what[0] = '\0';
}

/* --- the session ----------------------------------------------------------------------------------------------------- */

static void fold_snap(struct history *h, const struct event *e)
{
    const char *name = e->f[EV_SNAP_NAME].s;
    bool pinned = e->f[EV_SNAP_PINNED].u == 1;
    fold_unmark(h, e, e->step); /* taken again: it replaces the first */
    fold_mark(h, e, e->f[EV_SNAP_EP].f, 'S', pinned, name ? name : "");
    if (pinned)
        fold_line(h, e, e->f[EV_SNAP_EP].f, ' ', "snapshot %.64s of step %" PRIu64 ", %.1f MB", name ? name : "", e->step,
                  (double)e->f[EV_SNAP_BYTES].u / 1e6);
}

static void fold_unsnap(struct history *h, const struct event *e)
{
    fold_unmark(h, e, e->f[EV_UNSNAP_OF].u);
}

static void fold_open(struct history *h, const struct event *e)
{
    uint64_t wall = e->f[EV_OPEN_WALL].u;
    h->opened_wall_ns = wall;
    h->wall_offset = wall && wall < INT64_MAX && e->ns < INT64_MAX ? (int64_t)wall - (int64_t)e->ns : 0;
    if (e->f[EV_OPEN_SEGMENT].u > 1)
        fold_line(h, e, epoch_of_event(h, e->step), ' ', "recording goes on in segment %" PRIu64, e->f[EV_OPEN_SEGMENT].u);
}

static uint32_t at_most_u32(uint64_t value)
{
    return value < UINT32_MAX ? (uint32_t)value : UINT32_MAX;
}

static void fold_status(struct history *h, const struct event *e)
{
    const struct event_field *f = e->f;
    struct history_status *grown = fold_grow(h, h->status, h->n_status, sizeof *h->status);
    if (!grown)
        return;
    h->status = grown;
    h->status[h->n_status++] = (struct history_status){
        .step = e->step, .wall_ns = fold_wall(h, e), .total_steps = f[EV_STATUS_TOTAL].u, .epoch = f[EV_STATUS_EP].f,
        .eta_s = f[EV_STATUS_ETA].f, .images_per_s = f[EV_STATUS_IPS].f, .cores = f[EV_STATUS_CORES].f, .busy = f[EV_STATUS_BUSY].f,
        .rss_bytes = f[EV_STATUS_RSS].f, .free_bytes = f[EV_STATUS_FREE].f, .memory_bytes = f[EV_STATUS_MEMORY].f,
        .processors = at_most_u32(f[EV_STATUS_PROCESSORS].u), .n_pending = at_most_u32(f[EV_STATUS_N_PENDING].u),
    };
}

/* Drops everything after the step of a new timeline. A recording read from the start has left that out already, and branches as often as it
 * likes: then there is nothing to look for. */
static void drop_after(struct history *h, const struct event *e)
{
    size_t n = h->n_eval, kept = 0;
    if (h->reach <= e->step)
        return;
    while (n && h->eval[n - 1].step > e->step)
        n--;
    drop_evals(h, n);
    h->best = n ? h->eval[n - 1].best : NAN;
    h->best_epoch = n ? h->eval[n - 1].best_epoch : NAN;
    while (h->n_status && h->status[h->n_status - 1].step > e->step)
        h->n_status--;
    fold_drop_probes(h, e->step, false);
    for (size_t i = 0; i < h->n_mark; i++)
        if (h->mark[i].step <= e->step)
            h->mark[kept++] = h->mark[i];
    h->n_mark = kept;
    while (h->n_set && h->set[h->n_set - 1].step > e->step)
        h->n_set--;
    trace_cut(&h->loss_trace, e->step);
    trace_cut(&h->lr_trace, e->step);
    trace_cut(&h->rho_trace, e->step);
    trace_cut(&h->gn_trace, e->step);
    for (int i = 0; i < GAUGES; i++)
        trace_cut(&h->gauge[i], e->step);
    h->reach = e->step;
}

/* Everything that the new timeline replaces is forgotten. */
static void fold_branch(struct history *h, const struct event *e)
{
    const char *why = e->f[EV_BRANCH_WHY].s;
    drop_after(h, e);
    h->step = e->step;
    h->epoch = epoch_of_event(h, e->step);
    fold_line(h, e, h->epoch, '!', "new timeline %" PRIu64 " from step %" PRIu64 "%s%.150s", e->f[EV_BRANCH_TIMELINE].u, e->step,
              why ? ": " : "", why ? why : "");
}

static void fold_note(struct history *h, const struct event *e)
{
    const char *text = e->f[EV_NOTE_TEXT].s;
    fold_mark(h, e, e->f[EV_NOTE_EP].f, 'N', true, text ? text : "");
    fold_line(h, e, e->f[EV_NOTE_EP].f, ' ', "note \"%.220s\"", text ? text : "");
}

static void fold_say(struct history *h, const struct event *e)
{
    const char *level = e->f[EV_SAY_LEVEL].s, *text = e->f[EV_SAY_TEXT].s;
    if (text && strstr(text, "; 'undo' reverts"))
        return; /* of a scheduled change, which has its own line, with the value before */
    char mark = level && strcmp(level, "error") == 0 ? 'E' : level && strcmp(level, "warning") == 0 ? '!' : ' ';
    fold_line(h, e, e->f[EV_SAY_EP].f, mark, "%s%.230s", mark == 'E' ? "error: " : mark == '!' ? "warning: " : "", text ? text : "");
}

static const char *or_unknown(const struct event_field *f)
{
    return f->s ? f->s : "?";
}

void history_stage_text(const struct event *e, char *out, size_t size)
{
    const struct event_field *f = e->f;
    snprintf(out, size, "%.40s: %.20s trains for %" PRIu64 " epochs of %" PRIu64 " steps, sampler %.20s, norm %.20s, loss %.20s, weights %.20s",
             or_unknown(&f[EV_STAGE_NAME]), or_unknown(&f[EV_STAGE_TRAINS]), f[EV_STAGE_EPOCHS].u, f[EV_STAGE_STEPS_PER_EPOCH].u,
             or_unknown(&f[EV_STAGE_SAMPLER]), or_unknown(&f[EV_STAGE_NORM]), or_unknown(&f[EV_STAGE_LOSS]), or_unknown(&f[EV_STAGE_WEIGHTS]));
}

/* Class weights that come on are told of by the engine's own message and by watch_drw(), which knows recordings of before too. */
static void fold_stage(struct history *h, const struct event *e)
{
    const double first = (double)e->f[EV_STAGE_FIRST].u;
    char text[240];
    if (strcmp(or_unknown(&e->f[EV_STAGE_NAME]), "drw") == 0)
        return;
    history_stage_text(e, text, sizeof text);
    fold_mark(h, e, first, 'B', false, or_unknown(&e->f[EV_STAGE_NAME]));
    fold_line(h, e, first, ' ', "stage %s", text);
}

static void fold_other(struct history *h, const struct event *e)
{
    const char *text = e->kind == EVENT_FAULT ? e->f[EV_FAULT_TEXT].s : e->kind == EVENT_SUSPEND ? e->f[EV_SUSPEND_WHAT].s : e->f[EV_SEAL_WHY].s;
    if (!text)
        text = "";
    if (e->kind == EVENT_FAULT)
        fold_line(h, e, epoch_of_event(h, e->step), '!', "recording: %.220s", text);
    else if (e->kind == EVENT_SUSPEND)
        fold_line(h, e, epoch_of_event(h, e->step), ' ', "%s", strcmp(text, "stop") == 0 ? "suspended" : "continued");
    else
        fold_line(h, e, epoch_of_event(h, e->step), ' ', "session closed%s%.100s", *text ? ": " : "", text);
}

/* --- the fold -------------------------------------------------------------------------------------------------------- */

static void (*const folds[EVENT_KINDS])(struct history *h, const struct event *e) = {
    [EVENT_CONFIG] = fold_config, [EVENT_DATA] = fold_data,     [EVENT_ENV] = fold_env,       [EVENT_CMD] = fold_command,
    [EVENT_STEP] = fold_step,     [EVENT_GAUGE] = fold_gauge,   [EVENT_EPOCH] = fold_epoch,   [EVENT_EIG] = fold_eig,       [EVENT_SNAP] = fold_snap,
    [EVENT_UNSNAP] = fold_unsnap, [EVENT_STATE] = fold_state,   [EVENT_NOTE] = fold_note,     [EVENT_SAY] = fold_say,
    [EVENT_OPEN] = fold_open,     [EVENT_BRANCH] = fold_branch, [EVENT_FAULT] = fold_other,   [EVENT_SUSPEND] = fold_other,
    [EVENT_SEAL] = fold_other,    [EVENT_PROGRESS] = fold_progress,                          [EVENT_STAGE] = fold_stage,
    [EVENT_ANSWER] = fold_answer,   [EVENT_STATUS] = fold_status,
};

void history_fold(struct history *h, const struct event *e)
{
    h->changes++;
    if (e->kind == EVENT_STEP || (e->kind != EVENT_SNAP && e->kind != EVENT_OPEN && e->step > h->step)) { /* a snap is of the past */
        h->step = e->step;
        h->epoch = epoch_of_event(h, e->step);
    }
    if (folds[e->kind])
        folds[e->kind](h, e);
    else if (measure_of_event(e->kind))
        fold_result(h, e);
    h->reach = e->step > h->reach ? e->step : h->reach;
}

const struct history_status *history_last_status(const struct history *h)
{
    return h->n_status ? &h->status[h->n_status - 1] : NULL;
}

/* --- how long it is ---------------------------------------------------------------------------------------------------- */

uint64_t history_total_steps(const struct history *h)
{
    uint64_t total = (uint64_t)knobs_epochs(&h->knobs) * h->steps_per_epoch, most = (uint64_t)knob_num(&h->knobs, KNOB_STEPS);
    return most > 0 && most < total ? most : total;
}

/* Between two evaluations lies all that an epoch takes, probes too; before there are two of this process, steps alone. */
static double seconds_per_step(const struct history *h)
{
    const struct history_eval *last = h->n_eval >= 2 ? &h->eval[h->n_eval - 1] : NULL, *before = last ? last - 1 : NULL;
    if (last && h->opened_wall_ns && before->wall_ns >= h->opened_wall_ns && last->wall_ns > before->wall_ns && last->step > before->step)
        return (double)(last->wall_ns - before->wall_ns) * 1e-9 / (double)(last->step - before->step);
    return (double)knob_int(&h->knobs, KNOB_BATCH) / h->images_per_s;
}

double history_eta(const struct history *h)
{
    uint64_t total = history_total_steps(h);
    const struct history_status *s = history_last_status(h);
    if (strcmp(h->state, "training") != 0 || h->step >= total)
        return NAN;
    if (s && s->total_steps == total && s->step < total && isfinite(s->eta_s)) /* it knows of evaluations and probes to come */
        return s->eta_s * (double)(total - h->step) / (double)(total - s->step);
    return (double)(total - h->step) * seconds_per_step(h);
}

/* --- questions ------------------------------------------------------------------------------------------------------- */

bool history_best_on_test(const struct history *h)
{
    return knob_int(&h->knobs, KNOB_VAL) == 0;
}

const struct history_mark *history_reweighted(const struct history *h)
{
    for (size_t i = h->n_mark; i > 0; i--)
        if (h->mark[i - 1].letter == 'D' && strncmp(h->mark[i - 1].text, drw_on_text, sizeof drw_on_text - 1) == 0)
            return &h->mark[i - 1];
    return NULL; /* 'set drw' has the same letter */
}

double history_class_acc(const struct history *h, size_t eval, int class)
{
    return eval < h->n_eval && class >= 0 && class < h->n_classes && h->eval[eval].cls ? (double)h->eval[eval].cls[class] : NAN;
}

double history_class_loss(const struct history *h, size_t eval, int class, enum eval_loss which)
{
    const float *loss = eval < h->n_eval ? h->eval[eval].cls_loss[which] : NULL;
    return loss && class >= 0 && class < h->n_classes ? (double)loss[class] : NAN;
}

double history_class_delta(const struct history *h, int class, int evals_back)
{
    if (h->n_eval < 2 || evals_back < 1)
        return NAN;
    size_t last = h->n_eval - 1, first = last > (size_t)evals_back ? last - (size_t)evals_back : 0;
    return history_class_acc(h, last, class) - history_class_acc(h, first, class);
}
