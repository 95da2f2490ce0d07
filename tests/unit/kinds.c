/* Every kind of event and every field of it: it is recorded and read back as it was, and what of it the screen shows is where the history
 * keeps it. Kinds and fields are those of engine/events.def. A new field has a row here, or the test fails; what is measured needs none. */
#include "config.h"
#include "check.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "engine/measure.h"
#include "session/history.h"
#include "session_root.h"

enum { STEP = 100, ENTRIES = 9, PLACES = 3 };

/* --- what becomes of a field ------------------------------------------------------------------------------------------ */

struct rule {
    enum event_kind kind;
    int field;
    const char *at;       /* name of its place in the text of put_history(); with ~ before it: the place only contains it. NULL: in none */
    const char *value[2]; /* of the event; NULL: made from its type and number */
    const char *shown[2]; /* there; NULL: the value */
    int with;             /* another field of the event that makes it count, -1: none */
    const char *with_value;
};
#define AT(KIND, FIELD, ...) { EVENT_##KIND, EV_##KIND##_##FIELD, .with = -1, .at = __VA_ARGS__ }
#define WITH(KIND, FIELD, OTHER, OTHER_VALUE, ...) \
    { EVENT_##KIND, EV_##KIND##_##FIELD, .with = EV_##KIND##_##OTHER, .with_value = OTHER_VALUE, .at = __VA_ARGS__ }
#define OUT(KIND, FIELD) { EVENT_##KIND, EV_##KIND##_##FIELD, .with = -1 } /* no screen shows it: who resumes, repeats or verifies reads it */
#define VALUES(...) .value = { __VA_ARGS__ }
#define SHOWN(...) .shown = { __VA_ARGS__ }

static const struct rule rules[] = {
    AT(CONFIG, KNOBS, "knobs", VALUES("rho=0.25,lr=0.5,epochs=7", "rho=0.75,lr=0.125,epochs=9")), AT(CONFIG, PARENT, "parent"), AT(CONFIG, NAME, "name"),
    OUT(CONFIG, WEIGHTS), AT(CONFIG, PARENT_ID, "parent_id"), OUT(CONFIG, PARENT_STEP), OUT(CONFIG, PARENT_STATE), OUT(CONFIG, BEGAN),

    AT(DATA, NAME, "data"), AT(DATA, SHA256, "data_sha256"), AT(DATA, N, "n_train"), AT(DATA, N_TEST, "n_test"), AT(DATA, CLASSES, "class.name"),
    AT(DATA, COUNTS, "class.n"), AT(DATA, TEST_COUNTS, "class.n_test"), AT(DATA, GROUP_OF, "class.group", VALUES("0,1,2", "2,0,1")),
    AT(DATA, GROUPS, "groups"), AT(DATA, STEPS_PER_EPOCH, "steps_per_epoch"), OUT(DATA, TEST_SHA256), OUT(DATA, IMAGE), OUT(DATA, NORM),
    AT(DATA, KNOWN_BY, "known_by"),

    AT(ENV, BUILD, "build"), AT(ENV, BACKEND, "backend"), AT(ENV, ISA, "isa"), AT(ENV, THREADS, "threads"),

    AT(CMD, OP, "~line", VALUES("set", "pending"), SHOWN("set momentum 0.75", "pending 19: ")),
    AT(CMD, KEY, "~line", VALUES("momentum", "weight_decay"), SHOWN("set momentum ", "set weight_decay ")),
    AT(CMD, VALUE, "momentum", VALUES("0.75", "0.5")), AT(CMD, OLD, "~line", VALUES("0.9", "0.8"), SHOWN("(was 0.9)", "(was 0.8)")), OUT(CMD, BITS),
    AT(CMD, BY, "~line", VALUES("user", "schedule"), SHOWN("ep 15.5", ", by schedule")), AT(CMD, EP, "mark.epoch"),
    WITH(CMD, TXT, OP, "pending", "~line"), WITH(CMD, ID, OP, "pending", "~line"), WITH(CMD, WHY, BY, "auto", "~line"),

    AT(STEP, LOSS, "loss"), AT(STEP, LOSS_UP, "loss_up"), OUT(STEP, ACC), AT(STEP, GN, "gn"), AT(STEP, LR, "lr"), AT(STEP, RHO, "rho"),
    AT(STEP, MS, "step_ms"),

    AT(GAUGE, RISE, "gauge.rise"), AT(GAUGE, RHO_GN, "gauge.rho_gn"), AT(GAUGE, RHO_WN, "gauge.rho_wn"), AT(GAUGE, COS, "gauge.cos"),

    AT(EPOCH, EP, "eval.epoch"), AT(EPOCH, SPLIT, "~line", VALUES("test", "val"), SHOWN("eval word", "eval val")), AT(EPOCH, LOSS, "eval.loss"),
    AT(EPOCH, ACC, "eval.acc"), AT(EPOCH, GROUPS, "eval.group"), AT(EPOCH, CLS, "eval.cls"),
    AT(EPOCH, CONF, "eval.conf", VALUES("1,2,3,4,5,6,7,8,9", "9,8,7,6,5,4,3,2,1")), AT(EPOCH, TRAIN_LOSS, "eval.train_loss"),
    AT(EPOCH, TRAIN_ACC, "eval.train_acc"), AT(EPOCH, LR, "eval.lr"), AT(EPOCH, RHO, "eval.rho"), AT(EPOCH, DRW, "eval.drw", VALUES("0", "1")),
    AT(EPOCH, BEST, "best"), AT(EPOCH, BEST_EP, "best_epoch"), OUT(EPOCH, SECONDS), AT(EPOCH, CLS_LOSS, "eval.cls_loss"),
    AT(EPOCH, TRAIN_CLS_LOSS, "eval.train_cls_loss"), AT(EPOCH, MATH, "~line"),

    AT(EIG, OF, "eig.step"), AT(EIG, EP, "eig.epoch"), AT(EIG, CLASS, "eig.class", VALUES("1", "2")), AT(EIG, IMAGES, "eig.images"),
    AT(EIG, SUBSET, "eig.subset"), AT(EIG, LOSS, "eig.loss"), AT(EIG, LMIN, "eig.lmin"), AT(EIG, LMAX, "eig.lmax"), AT(EIG, RMIN, "eig.rmin"),
    AT(EIG, RMAX, "eig.rmax"), AT(EIG, ITERS, "eig.iters"), AT(EIG, SECONDS, "eig.seconds"), AT(EIG, NODES, "eig.nodes"), AT(EIG, WTS, "eig.wts"),
    AT(EIG, RUNS, "eig.runs"), AT(EIG, TRACE, "eig.trace"), AT(EIG, TRACE_SE, "eig.trace_se"), AT(EIG, AMP, "eig.amp"), AT(EIG, HOW, "eig.how"),
    AT(EIG, WHY, "eig.why"), OUT(EIG, POWER),

    AT(SNAP, NAME, "mark"), AT(SNAP, EP, "mark.epoch"), OUT(SNAP, SHA256), OUT(SNAP, STATE),
    WITH(SNAP, BYTES, PINNED, "1", "~line", VALUES("2500000", "3500000"), SHOWN("2.5 MB", "3.5 MB")), AT(SNAP, PINNED, "mark.by_hand", VALUES("0", "1")),
    AT(UNSNAP, OF, "marks", VALUES("7", "8"), SHOWN("0", "1")),
    AT(STATE, STATE, "state", VALUES("paused", "stopped")), AT(STATE, WHY, "why"), AT(STATE, EP, "line.epoch"),

    AT(STATUS, EP, "status.epoch"), AT(STATUS, ETA, "status.eta"), AT(STATUS, TOTAL, "status.total"), AT(STATUS, IPS, "status.ips"), OUT(STATUS, PENDING),
    AT(STATUS, N_PENDING, "status.pending"), AT(STATUS, CORES, "status.cores"), AT(STATUS, PROCESSORS, "status.processors"),
    AT(STATUS, BUSY, "status.busy"), AT(STATUS, RSS, "status.rss"), AT(STATUS, FREE, "status.free"), AT(STATUS, MEMORY, "status.memory"),

    AT(STAGE, NAME, "mark"), OUT(STAGE, NUMBER), AT(STAGE, FIRST, "mark.epoch"),
    AT(STAGE, EPOCHS, "~line", VALUES("41", "42"), SHOWN("for 41 epochs", "for 42 epochs")),
    AT(STAGE, STEPS_PER_EPOCH, "~line", VALUES("51", "52"), SHOWN("of 51 steps", "of 52 steps")), AT(STAGE, TRAINS, "~line"), OUT(STAGE, REDRAW),
    AT(STAGE, SAMPLER, "~line"), AT(STAGE, NORM, "~line"), AT(STAGE, LOSS, "~line"), AT(STAGE, WEIGHTS, "~line"), OUT(STAGE, AUGMENT),

    AT(NOTE, TEXT, "mark"), AT(NOTE, EP, "mark.epoch"), AT(SAY, LEVEL, "line.level", VALUES("note", "error"), SHOWN(" ", "E")), AT(SAY, TEXT, "~line"),
    AT(SAY, EP, "line.epoch"),

    OUT(PART, OF), OUT(PART, KEY), OUT(PART, AT), OUT(PART, F32), OUT(PART, F64), OUT(PART, U32), OUT(PART, TEXT), /* the reader puts them into their event */
    AT(OPEN, WALL, "opened"), AT(OPEN, SEGMENT, "~line"), OUT(OPEN, TIMELINE), OUT(OPEN, AFTER), OUT(OPEN, PARENT), OUT(OPEN, BUILD),
    AT(BRANCH, TIMELINE, "~line"), AT(BRANCH, WHY, "~line"), AT(FAULT, TEXT, "~line"),
    AT(SUSPEND, WHAT, "line", VALUES("stop", "continue"), SHOWN("suspended", "continued")), AT(SEAL, WHY, "~line"),

    OUT(ANSWER, ID), AT(ANSWER, OK, "has_live", VALUES("0", "1")), OUT(ANSWER, TEXT),
    AT(PROGRESS, WHAT, "progress", VALUES("hessian", "eval")), AT(PROGRESS, DONE, "progress.done"), AT(PROGRESS, OF, "progress.of"),
    AT(PROGRESS, CLASS, "progress.class", VALUES("1", "2")), AT(PROGRESS, LMIN, "live.lmin"), AT(PROGRESS, LMAX, "live.lmax"), AT(PROGRESS, RMIN, "live.rmin"),
    AT(PROGRESS, RMAX, "live.rmax"), AT(PROGRESS, NODES, "live.nodes"), AT(PROGRESS, WTS, "live.wts"),
};
enum { N_RULES = sizeof rules / sizeof *rules };

static const struct rule *rule_of(enum event_kind kind, int field)
{
    const struct rule *found = NULL;
    for (int i = 0; i < N_RULES; i++)
        if (rules[i].kind == kind && rules[i].field == field) {
            if (found)
                fail_msg("%s.%s has two rows", event_table[kind].kind, event_table[kind].field[field].key);
            found = &rules[i];
        }
    return found;
}

/* --- values ----------------------------------------------------------------------------------------------------------- */

/* Of a measurement, where no row says otherwise. */
static const char *class_of(enum event_kind kind, int field, int round)
{
    const struct measure_info *m = measure_of_event(kind);
    return m && m->class_index == field ? round ? "2" : "1" : NULL;
}

static const char *made(enum event_type type, int field, int round)
{
    static char text[160];
    const double x = 2 * field + 1.5 + round;
    switch (type) {
    case EVENT_U64: snprintf(text, sizeof text, "%d", 2 * field + 3 + round); break;
    case EVENT_F32:
    case EVENT_F64: snprintf(text, sizeof text, "%.9g", x); break;
    case EVENT_STR: snprintf(text, sizeof text, "word%d%c", field, "ab"[round]); break;
    case EVENT_F32S:
    case EVENT_F64S: snprintf(text, sizeof text, "%.9g,%.9g,%.9g", x, x + 1, x + 2); break;
    case EVENT_U32S: snprintf(text, sizeof text, "%d,%d,%d", field + round, field + 2, field + 4); break;
    case EVENT_STRS: snprintf(text, sizeof text, "a%d,b%d,c%d%c", field, field, field, "xy"[round]); break;
    }
    return text;
}

static void set_list(struct event *e, int field, char *text)
{
    const char *word[ENTRIES];
    double f64s[ENTRIES];
    float f32s[ENTRIES];
    uint32_t u32s[ENTRIES], n = 0;
    for (char *rest = NULL, *w = strtok_r(text, ",", &rest); w; w = strtok_r(NULL, ",", &rest), n++) {
        word[n] = w;
        f64s[n] = strtod(w, NULL);
        f32s[n] = (float)f64s[n];
        u32s[n] = (uint32_t)f64s[n];
    }
    switch (event_table[e->kind].field[field].type) {
    case EVENT_F32S: event_set_f32s(e, field, f32s, n); break;
    case EVENT_F64S: event_set_f64s(e, field, f64s, n); break;
    case EVENT_U32S: event_set_u32s(e, field, u32s, n); break;
    default: event_set_strs(e, field, word, n); break;
    }
}

static void set_text(struct event *e, int field, const char *value)
{
    char text[160];
    snprintf(text, sizeof text, "%s", value);
    switch (event_table[e->kind].field[field].type) {
    case EVENT_U64: event_set_u64(e, field, strtoull(text, NULL, 10)); break;
    case EVENT_F32:
    case EVENT_F64: event_set_f64(e, field, strtod(text, NULL)); break;
    case EVENT_STR: event_set_str(e, field, text); break;
    default: set_list(e, field, text);
    }
}

static const char *value_of(enum event_kind kind, int field, int round)
{
    const struct rule *rule = rule_of(kind, field);
    const char *value = rule && rule->value[round] ? rule->value[round] : class_of(kind, field, round);
    return value ? value : made(event_table[kind].field[field].type, field, round);
}

/* All fields; `other` with its second value (-1: none). */
static struct event *filled(enum event_kind kind, int other)
{
    struct event *e = event_new(kind, STEP);
    for (int i = 0; i < event_table[kind].n_fields; i++)
        set_text(e, i, value_of(kind, i, i == other));
    return e;
}

/* --- the history as text ---------------------------------------------------------------------------------------------- */

static struct buf shown;

static void put(const char *name, double value)
{
    buf_addf(&shown, "%s=%.9g\n", name, value);
}

static void put_text(const char *name, const char *value)
{
    buf_addf(&shown, "%s=%s\n", name, value);
}

static void put_numbers(const char *name, const double *f64s, const float *f32s, const uint32_t *u32s, size_t n)
{
    buf_addf(&shown, "%s=", name);
    for (size_t i = 0; i < n && (f64s || f32s || u32s); i++)
        buf_addf(&shown, "%s%.9g", i ? "," : "", f64s ? f64s[i] : f32s ? (double)f32s[i] : (double)u32s[i]);
    buf_addf(&shown, "\n");
}

static void put_run(const struct history *h)
{
    char text[3][KNOB_TEXT_MAX], momentum[KNOB_TEXT_MAX];
    static const enum knob_id knobs[] = { KNOB_RHO, KNOB_LR, KNOB_EPOCHS };
    for (int i = 0; i < 3; i++)
        knob_format(knobs[i], &h->knobs.v[knobs[i]], text[i], KNOB_TEXT_MAX);
    buf_addf(&shown, "knobs=rho=%s,lr=%s,epochs=%s\n", text[0], text[1], text[2]);
    knob_format(KNOB_MOMENTUM, &h->knobs.v[KNOB_MOMENTUM], momentum, sizeof momentum);
    const struct { const char *name, *value; } texts[] = {
        { "momentum", momentum }, { "name", h->name }, { "parent", h->parent }, { "parent_id", h->parent_id }, { "data", h->data_name },
        { "data_sha256", h->data_sha256 }, { "known_by", h->data_known_by }, { "build", h->build }, { "backend", h->backend }, { "isa", h->isa },
        { "state", h->state }, { "why", h->why }, { "progress", h->progress_what },
    };
    const struct { const char *name; double value; } numbers[] = {
        { "n_train", (double)h->n_train }, { "n_test", (double)h->n_test }, { "steps_per_epoch", (double)h->steps_per_epoch },
        { "threads", (double)h->threads }, { "loss", (double)h->loss }, { "loss_up", (double)h->loss_up }, { "gn", (double)h->gn },
        { "lr", (double)h->lr }, { "rho", (double)h->rho }, { "step_ms", (double)h->step_ms }, { "best", h->best }, { "best_epoch", h->best_epoch },
        { "marks", (double)h->n_mark }, { "opened", (double)h->opened_wall_ns }, { "has_live", h->has_live },
        { "progress.done", (double)h->progress_done }, { "progress.of", (double)h->progress_of }, { "progress.class", (double)h->progress_class },
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        put_text(texts[i].name, texts[i].value);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        put(numbers[i].name, numbers[i].value);
}

static void put_classes(const struct history *h)
{
    double n[PLACES], n_test[PLACES], group[PLACES];
    assert_true(h->n_classes == PLACES && h->n_groups == PLACES);
    for (int i = 0; i < PLACES; i++)
        n[i] = h->cls[i].n, n_test[i] = h->cls[i].n_test, group[i] = h->cls[i].group;
    buf_addf(&shown, "class.name=%s,%s,%s\ngroups=%s,%s,%s\n", h->cls[0].name, h->cls[1].name, h->cls[2].name, h->group_name[0], h->group_name[1],
             h->group_name[2]);
    put_numbers("class.n", n, NULL, NULL, PLACES);
    put_numbers("class.n_test", n_test, NULL, NULL, PLACES);
    put_numbers("class.group", group, NULL, NULL, PLACES);
}

/* The last of what grows: each is one that the event under test made. */
static void put_said(const struct history *h)
{
    const struct history_line *line = &h->line[h->n_line - 1];
    buf_addf(&shown, "line.level=%c\n", line->level);
    put("line.epoch", line->epoch);
    put_text("line", line->text);
    if (h->n_mark) {
        put_text("mark", h->mark[h->n_mark - 1].text);
        put("mark.epoch", h->mark[h->n_mark - 1].epoch);
        put("mark.by_hand", h->mark[h->n_mark - 1].by_hand);
    }
    static const char *const gauges[GAUGES] = { "gauge.rise", "gauge.rho_gn", "gauge.rho_wn", "gauge.cos" };
    for (int i = 0; i < GAUGES; i++)
        if (h->gauge[i].n)
            put(gauges[i], (double)h->gauge[i].bin[h->gauge[i].n - 1].last);
}

static void put_eval(const struct history *h)
{
    const struct history_eval *e = h->n_eval ? &h->eval[h->n_eval - 1] : NULL;
    if (!e)
        return;
    put("eval.epoch", e->epoch), put("eval.loss", e->loss), put("eval.acc", e->acc), put("eval.train_loss", e->train_loss);
    put("eval.train_acc", e->train_acc), put("eval.lr", e->lr), put("eval.rho", e->rho), put("eval.drw", e->drw);
    put_numbers("eval.group", e->group, NULL, NULL, PLACES);
    put_numbers("eval.cls", NULL, e->cls, NULL, PLACES);
    put_numbers("eval.cls_loss", NULL, e->cls_loss[EVAL_LOSS], NULL, PLACES);
    put_numbers("eval.train_cls_loss", NULL, e->cls_loss[EVAL_TRAIN_LOSS], NULL, PLACES);
    put_numbers("eval.conf", NULL, NULL, e->conf, ENTRIES);
}

static void put_curvature(const struct history *h)
{
    const struct history_eig *e = h->n_eig ? &h->eig[h->n_eig - 1] : NULL, *live = h->has_live ? &h->live : NULL;
    if (e) {
        put("eig.step", (double)e->step), put("eig.epoch", e->epoch), put("eig.class", e->class), put("eig.images", e->images);
        put("eig.loss", e->loss), put("eig.lmin", e->lmin), put("eig.lmax", e->lmax), put("eig.rmin", e->rmin), put("eig.rmax", e->rmax);
        put("eig.iters", e->iters), put("eig.seconds", e->seconds), put("eig.runs", e->runs), put("eig.trace", e->trace);
        put("eig.trace_se", e->trace_se), put("eig.amp", e->amp);
        put_text("eig.subset", e->subset), put_text("eig.how", e->how), put_text("eig.why", e->why);
        put_numbers("eig.nodes", e->nodes, NULL, NULL, e->n_nodes);
        put_numbers("eig.wts", e->wts, NULL, NULL, e->n_nodes);
    }
    if (live) {
        put("live.lmin", live->lmin), put("live.lmax", live->lmax), put("live.rmin", live->rmin), put("live.rmax", live->rmax);
        put_numbers("live.nodes", live->nodes, NULL, NULL, live->n_nodes);
        put_numbers("live.wts", live->wts, NULL, NULL, live->n_nodes);
    }
}

static void put_status(const struct history *h)
{
    const struct history_status *s = history_last_status(h);
    if (!s)
        return;
    put("status.epoch", s->epoch), put("status.eta", s->eta_s), put("status.total", (double)s->total_steps), put("status.ips", s->images_per_s);
    put("status.pending", s->n_pending), put("status.cores", s->cores), put("status.processors", s->processors), put("status.busy", s->busy);
    put("status.rss", s->rss_bytes), put("status.free", s->free_bytes), put("status.memory", s->memory_bytes);
}

static void put_field(const char *name, enum event_type type, const struct event_field *f)
{
    if (type == EVENT_STR)
        put_text(name, f->s);
    else if (type == EVENT_U64)
        put(name, (double)f->u);
    else if (type == EVENT_F64 || type == EVENT_F32)
        put(name, f->f);
    else
        put_numbers(name, type == EVENT_F64S ? f->f64s : NULL, type == EVENT_F32S ? f->f32s : NULL, type == EVENT_U32S ? f->u32s : NULL, f->n);
}

static void put_results(const struct history *h)
{
    for (int m = 0; m < MEASURES; m++) {
        const struct history_result *r = history_last(h, (enum measure)m, -1);
        const struct event_info *info = &event_table[measure_table[m].kind];
        for (int i = 0; r && i < info->n_fields; i++) {
            char name[64];
            snprintf(name, sizeof name, "%s.%s", info->kind, info->field[i].key);
            put_field(name, info->field[i].type, &r->f[i]);
        }
    }
}

/* --- folding ---------------------------------------------------------------------------------------------------------- */

static void fold(struct history *h, struct event *e)
{
    history_fold(h, e);
    event_unref(e);
}

/* Three classes, a snapshot of step 7, a probe under way; then the event. Its text stands in `shown`. */
static void show_after(struct event *e)
{
    struct history h;
    struct event *snap = event_new(EVENT_SNAP, 7), *probe = event_new(EVENT_PROGRESS, 7);
    event_set_str(probe, EV_PROGRESS_WHAT, "hessian");
    event_set_u64(probe, EV_PROGRESS_OF, 9);
    event_set_f64(probe, EV_PROGRESS_LMIN, 1);
    event_set_f64(probe, EV_PROGRESS_LMAX, 2);
    history_init(&h);
    fold(&h, filled(EVENT_DATA, -1));
    fold(&h, snap);
    fold(&h, probe);
    fold(&h, e);
    buf_clear(&shown);
    buf_adds(&shown, "\n");
    put_run(&h), put_classes(&h), put_said(&h), put_eval(&h), put_curvature(&h), put_status(&h), put_results(&h);
    assert_false(h.failed || shown.failed);
    history_release(&h);
}

static void must_show(const char *what, const char *at, const char *value)
{
    char name[64];
    const bool part = at[0] == '~';
    snprintf(name, sizeof name, "\n%s=", at + part);
    const char *line = strstr(shown.data, name), *text = line ? line + strlen(name) : "", *end = strchr(text, '\n');
    const size_t n = line && end ? (size_t)(end - text) : 0;
    const char *found = strstr(text, value);
    if (!line || (part ? !found || found + strlen(value) > text + n : strlen(value) != n || strncmp(text, value, n) != 0))
        fail_msg("%s: '%s' of the history is '%.*s', which is not '%s'", what, at + part, (int)n, text, value);
}

/* With one value and with another. */
static void check_field(enum event_kind kind, int field, const struct rule *rule)
{
    char what[64], value[160];
    snprintf(what, sizeof what, "%s.%s", event_table[kind].kind, event_table[kind].field[field].key);
    for (int round = 0; round < 2; round++) {
        struct event *e = filled(kind, round ? field : -1);
        if (rule && rule->with >= 0)
            set_text(e, rule->with, rule->with_value);
        snprintf(value, sizeof value, "%s", value_of(kind, field, round));
        show_after(e);
        must_show(what, rule ? rule->at : what, rule && rule->shown[round] ? rule->shown[round] : value);
    }
}

static void every_field_is_where_the_history_keeps_it(void **state)
{
    (void)state;
    for (int kind = 0; kind < EVENT_KINDS; kind++)
        for (int i = 0; i < event_table[kind].n_fields; i++) {
            const struct rule *rule = rule_of((enum event_kind)kind, i);
            const bool measured = measure_of_event((enum event_kind)kind) && kind != EVENT_EIG;
            if (!rule && !measured)
                fail_msg("%s.%s has no row here: say where the history keeps it, or that it does not", event_table[kind].kind, event_table[kind].field[i].key);
            if (!rule || rule->at)
                check_field((enum event_kind)kind, i, rule);
        }
}

/* --- recording -------------------------------------------------------------------------------------------------------- */

/* The session makes these itself. */
static bool is_of_the_session(int kind)
{
    return kind == EVENT_OPEN || kind == EVENT_SEAL || kind == EVENT_PART || kind == EVENT_BRANCH || kind == EVENT_SNAP || kind == EVENT_UNSNAP;
}

static void assert_reads_back(const struct event *wrote, const struct event *read)
{
    struct buf a = { 0 }, b = { 0 };
    struct event *same = event_new(wrote->kind, wrote->step);
    assert_int_equal(read->kind, wrote->kind);
    for (int i = 0; i < event_table[wrote->kind].n_fields; i++)
        same->f[i] = read->f[i];
    same->q = wrote->q, same->ns = wrote->ns;
    event_to_json(wrote, &a);
    event_to_json(same, &b);
    assert_string_equal(a.data, b.data);
    event_unref(same);
    buf_release(&a);
    buf_release(&b);
}

static void every_kind_is_recorded_and_read_back(void **state)
{
    struct session *s = create("kinds");
    const struct event_sink sink = session_sink(s);
    size_t at = 0;
    (void)state;
    for (int kind = 0; kind < EVENT_KINDS; kind++)
        if (!is_of_the_session(kind))
            send_event(&sink, filled((enum event_kind)kind, -1));
    close_session(s);
    struct recording *r = open_recording("kinds");
    assert_int_equal(recording_event(r, at++)->kind, EVENT_OPEN);
    for (int kind = 0; kind < EVENT_KINDS; kind++) {
        if (is_of_the_session(kind) || event_table[kind].class == EVENT_CLASS_N)
            continue;
        assert_true(at < recording_count(r));
        struct event *wrote = filled((enum event_kind)kind, -1);
        assert_reads_back(wrote, recording_event(r, at++));
        event_unref(wrote);
    }
    assert_int_equal(recording_event(r, at++)->kind, EVENT_SEAL);
    assert_int_equal(recording_count(r), at);
    recording_close(r);
}

static int end(void **state)
{
    buf_release(&shown);
    return remove_root(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_field_is_where_the_history_keeps_it),
        cmocka_unit_test(every_kind_is_recorded_and_read_back),
    };
    return cmocka_run_group_tests_name("unit/kinds", tests, make_root, end);
}
