/* The stable log: one line for each evaluation and event. New keys are only ever added at the end of a line. */
#include "config.h"
#include "repl/headless.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/number.h"
#include "base/text.h"
#include "engine/recorded.h"

static void add_time(struct buf *out, uint64_t wall_ns)
{
    time_t t = (time_t)(wall_ns / 1000000000u);
    struct tm tm;
    char text[40] = "";
    if (gmtime_r(&t, &tm))
        strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm);
    buf_adds(out, text);
}

static void add_number(struct buf *out, const char *key, const char *format, double value)
{
    char text[64];
    if (isnan(value))
        return;
    snprintf(text, sizeof text, format, value);
    buf_addf(out, " %s=%s", key, text);
}

static void begin_line(struct buf *out, const char *kind, const struct event *e, double epoch, const char *epoch_format, uint64_t wall_ns)
{
    add_time(out, wall_ns);
    buf_addf(out, " %-5s step=%llu", kind, (unsigned long long)e->step);
    add_number(out, "ep", epoch_format, epoch);
}

/* A name that could be taken for other words of the line stands in quotes. */
static void add_name(struct buf *out, const char *name)
{
    bool plain = name[0] && !strpbrk(name, " =\"\\");
    buf_adds(out, plain ? " name=" : " name=\"");
    for (; *name; name++) {
        if (*name == '"' || *name == '\\')
            buf_addc(out, '\\');
        buf_addc(out, *name);
    }
    buf_adds(out, plain ? "" : "\"");
}

/* Whatever an event says, the line is one line and steers no terminal. */
static void make_safe(struct buf *line)
{
    struct buf safe = { 0 };
    size_t most = 3 * line->len + 1;
    char *to = line->data && !line->failed ? buf_reserve(&safe, most) : NULL;
    if (to) {
        safe.len = text_safe(line->data, to, most);
        buf_release(line);
        *line = safe;
    } else
        line->failed = true;
}

/* --- text, one function for each kind ------------------------------------------------------------------------------- */

static void line_eval(struct buf *out, const struct history *h, const struct trainer_status *s, const struct event *e, uint64_t wall)
{
    begin_line(out, "eval", e, e->f[EV_EPOCH_EP].f, "%.6g", wall);
    add_number(out, "lr", "%.6g", e->f[EV_EPOCH_LR].f);
    add_number(out, "rho", "%.6g", e->f[EV_EPOCH_RHO].f);
    buf_addf(out, " drw=%d", (int)e->f[EV_EPOCH_DRW].u);
    add_number(out, "loss", "%.4f", e->f[EV_EPOCH_LOSS].f);
    add_number(out, "acc", "%.2f", e->f[EV_EPOCH_ACC].f);
    for (uint32_t g = 0; g < e->f[EV_EPOCH_GROUPS].n && (int)g < h->n_groups; g++)
        add_number(out, h->group_name[g], "%.2f", e->f[EV_EPOCH_GROUPS].f64s[g]);
    if (!isnan(e->f[EV_EPOCH_BEST].f))
        buf_addf(out, " best=%.2f@%.6g", e->f[EV_EPOCH_BEST].f, e->f[EV_EPOCH_BEST_EP].f);
    if (s) {
        add_number(out, "ips", "%.0f", s->images_per_s);
        add_number(out, "eta", "%.0f", s->eta_s);
    }
    add_number(out, "train_loss", "%.4f", e->f[EV_EPOCH_TRAIN_LOSS].f);
    add_number(out, "train_acc", "%.2f", e->f[EV_EPOCH_TRAIN_ACC].f);
    if (strcmp(event_text(e, EV_EPOCH_SPLIT), "test") != 0)
        buf_addf(out, " split=%s", event_text(e, EV_EPOCH_SPLIT));
    if (event_text(e, EV_EPOCH_MATH)[0])
        buf_addf(out, " math=%s", event_text(e, EV_EPOCH_MATH));
}

static void line_step(struct buf *out, const struct history *h, const struct trainer_status *s, const struct event *e, uint64_t wall)
{
    begin_line(out, "step", e, h->steps_per_epoch ? (double)e->step / (double)h->steps_per_epoch : NAN, "%.2f", wall);
    add_number(out, "lr", "%.6g", e->f[EV_STEP_LR].f);
    add_number(out, "rho", "%.6g", e->f[EV_STEP_RHO].f);
    add_number(out, "loss", "%.6g", e->f[EV_STEP_LOSS].f);
    add_number(out, "acc", "%.4f", e->f[EV_STEP_ACC].f);
    if (s) {
        add_number(out, "ips", "%.0f", s->images_per_s);
        if (s->data_share >= 0.01)
            add_number(out, "data", "%.2f", s->data_share);
        add_number(out, "eta", "%.0f", s->eta_s);
    }
}

/* A list keeps its places: "-" for what is not known. */
static void add_numbers(struct buf *out, const struct measure_column *c, const struct event_field *f)
{
    char text[NUMBER_TEXT_MAX];
    for (uint32_t i = 0; i < f->n; i++)
        buf_addf(out, "%s%s%s%s", i ? "," : " ", i ? "" : c->name, i ? "" : "=", number_told(text, c->format, f->f64s[i]));
}

/* "%s", or in quotes. */
static void add_quoted(struct buf *out, const struct measure_column *c, const char *text)
{
    const char *quote = c->format[0] == '"' ? "\"" : "";
    if (!text || !text[0])
        return;
    buf_addf(out, " %s=%s", c->name, quote);
    buf_adds(out, text);
    buf_adds(out, quote);
}

/* Lists of a cnc: linear, unnormalised, as SAM does it; value and plain of a reading: all classes, head, mid, tail. */
static void line_measured(struct buf *out, const struct history *h, const struct measure_info *m, const struct event *e, uint64_t wall)
{
    begin_line(out, event_table[e->kind].kind, e, e->f[m->epoch].f, m->class_index < 0 ? "%.6g" : "%.2f", wall);
    const uint64_t class = m->class_index < 0 ? UINT64_MAX : e->f[m->class_index].u;
    if (m->class_index >= 0)
        buf_addf(out, " class=%llu", (unsigned long long)class);
    if (class < (uint64_t)h->n_classes)
        add_name(out, h->cls[class].name);
    for (const struct measure_column *c = m->logged; c->name; c++) {
        const struct event_field *f = &e->f[c->field];
        const enum event_type type = event_table[e->kind].field[c->field].type;
        if (type == EVENT_STR)
            add_quoted(out, c, f->s);
        else if (type == EVENT_F64S)
            add_numbers(out, c, f);
        else
            add_number(out, c->name, c->format, type == EVENT_U64 ? (double)f->u : f->f);
    }
}

static void line_stage(struct buf *out, const struct event *e, uint64_t wall)
{
    begin_line(out, "event", e, (double)e->f[EV_STAGE_FIRST].u, "%.2f", wall);
    buf_addf(out, " stage %s number=%llu epochs=%llu steps=%llu trains=%s redraw=%llu sampler=%s norm=%s loss=%s weights=%s augment=%llu",
             event_text(e, EV_STAGE_NAME), (unsigned long long)e->f[EV_STAGE_NUMBER].u, (unsigned long long)e->f[EV_STAGE_EPOCHS].u,
             (unsigned long long)e->f[EV_STAGE_STEPS_PER_EPOCH].u, event_text(e, EV_STAGE_TRAINS), (unsigned long long)e->f[EV_STAGE_REDRAW].u,
             event_text(e, EV_STAGE_SAMPLER), event_text(e, EV_STAGE_NORM), event_text(e, EV_STAGE_LOSS), event_text(e, EV_STAGE_WEIGHTS),
             (unsigned long long)e->f[EV_STAGE_AUGMENT].u);
}

static void add_value(struct buf *out, const char *value)
{
    buf_addc(out, ' ');
    buf_adds(out, value && value[0] ? value : "''");
}

static void line_command(struct buf *out, const struct event *e, uint64_t wall)
{
    struct recorded r;
    if (!recorded_read(e, &r))
        return;
    begin_line(out, "event", e, r.epoch, "%.2f", wall);
    buf_addf(out, " %s", r.word);
    if (r.waits) {
        buf_addf(out, " %llu ", (unsigned long long)r.id);
        buf_adds(out, r.text);
    } else if (r.key[0] || operation_is(r.op, OP_SETS)) {
        buf_addc(out, ' ');
        buf_adds(out, r.key);
    }
    if (operation_is(r.op, OP_SETS)) {
        add_value(out, r.old);
        add_value(out, r.value);
    }
    if (strcmp(r.by, "user") != 0)
        buf_addf(out, " by=%s", r.by);
    if (r.why) {
        buf_adds(out, " why=\"");
        buf_adds(out, r.why);
        buf_addc(out, '"');
    }
}

static void line_other(struct buf *out, const struct event *e, double epoch, uint64_t wall, const char *what, const char *text)
{
    begin_line(out, "event", e, epoch, "%.2f", wall);
    buf_addf(out, " %s", what);
    if (text && text[0]) {
        buf_addc(out, ' ');
        buf_adds(out, text);
    }
}

static void line_config(struct buf *out, const struct event *e, uint64_t wall)
{
    line_other(out, e, NAN, wall, "run", event_text(e, EV_CONFIG_NAME));
    if (e->f[EV_CONFIG_PARENT].s)
        buf_addf(out, " from=%s state=%s", event_text(e, EV_CONFIG_PARENT), event_text(e, EV_CONFIG_PARENT_STATE));
}

static void line_data(struct buf *out, const struct event *e, uint64_t wall)
{
    line_other(out, e, NAN, wall, "data", event_text(e, EV_DATA_NAME));
    buf_addf(out, " n=%llu n_test=%llu classes=%u steps_per_epoch=%llu sha256=%s", (unsigned long long)e->f[EV_DATA_N].u,
             (unsigned long long)e->f[EV_DATA_N_TEST].u, e->f[EV_DATA_CLASSES].n, (unsigned long long)e->f[EV_DATA_STEPS_PER_EPOCH].u,
             event_text(e, EV_DATA_SHA256));
}

static void line_env(struct buf *out, const struct event *e, uint64_t wall)
{
    line_other(out, e, NAN, wall, "env", event_text(e, EV_ENV_BACKEND));
    buf_addf(out, " isa=%s threads=%llu build=\"%s\"", event_text(e, EV_ENV_ISA), (unsigned long long)e->f[EV_ENV_THREADS].u,
             event_text(e, EV_ENV_BUILD));
}

static void line_snap(struct buf *out, const struct event *e, uint64_t wall)
{
    line_other(out, e, e->f[EV_SNAP_EP].f, wall, "snapshot", event_text(e, EV_SNAP_NAME));
    buf_addf(out, " bytes=%llu state=%s", (unsigned long long)e->f[EV_SNAP_BYTES].u, event_text(e, EV_SNAP_STATE));
}

static void line_state(struct buf *out, const struct event *e, uint64_t wall)
{
    line_other(out, e, e->f[EV_STATE_EP].f, wall, event_text(e, EV_STATE_STATE), event_text(e, EV_STATE_WHY));
}

static bool text_line(struct buf *out, const struct history *h, const struct trainer_status *s, const struct event *e, bool verbose,
                      uint64_t wall)
{
    switch (e->kind) {
    case EVENT_EPOCH:
        line_eval(out, h, s, e, wall);
        return true;
    case EVENT_STEP:
        if (verbose)
            line_step(out, h, s, e, wall);
        return verbose;
    case EVENT_STAGE:
        line_stage(out, e, wall);
        return true;
    case EVENT_CMD:
        line_command(out, e, wall);
        return true;
    case EVENT_CONFIG:
        line_config(out, e, wall);
        return true;
    case EVENT_DATA:
        line_data(out, e, wall);
        return true;
    case EVENT_ENV:
        line_env(out, e, wall);
        return true;
    case EVENT_SNAP:
        line_snap(out, e, wall);
        return true;
    case EVENT_STATE:
        line_state(out, e, wall);
        return true;
    case EVENT_NOTE:
        line_other(out, e, e->f[EV_NOTE_EP].f, wall, "note", event_text(e, EV_NOTE_TEXT));
        return true;
    case EVENT_SAY:
        line_other(out, e, e->f[EV_SAY_EP].f, wall, event_text(e, EV_SAY_LEVEL), event_text(e, EV_SAY_TEXT));
        return true;
    case EVENT_BRANCH:
        line_other(out, e, NAN, wall, "branch", event_text(e, EV_BRANCH_WHY));
        return true;
    case EVENT_FAULT:
        line_other(out, e, NAN, wall, "fault", event_text(e, EV_FAULT_TEXT));
        return true;
    default:
        break;
    }
    const struct measure_info *m = measure_of_event(e->kind);
    if (m)
        line_measured(out, h, m, e, wall);
    return m != NULL;
}

bool log_line(struct buf *out, const struct history *h, const struct trainer_status *s, const struct event *e, bool verbose, uint64_t wall)
{
    if (!text_line(out, h, s, e, verbose, wall))
        return false;
    make_safe(out);
    return true;
}

void log_pause(struct buf *out, const char *recorded, const struct trainer_status *s, uint64_t wall)
{
    add_time(out, wall);
    buf_addf(out, " event step=%llu", (unsigned long long)s->step);
    add_number(out, "ep", "%.2f", s->epoch);
    if (recorded)
        buf_addf(out, " PAUSED; \"saddle ctl %s resume\" goes on", recorded);
    else
        buf_adds(out, " PAUSED; 'resume' goes on");
    make_safe(out);
}

/* --- JSON ---------------------------------------------------------------------------------------------------------- */

void log_json(struct buf *out, const char *line, uint64_t wall_ns)
{
    buf_add(out, line, strlen(line) - 1); /* without its closing brace */
    buf_adds(out, ",\"time\":\"");
    add_time(out, wall_ns);
    buf_adds(out, "\"}");
}

void log_json_say(struct buf *out, uint64_t step, double epoch, const char *level, const char *text, uint64_t wall_ns)
{
    struct event *e = event_new(EVENT_SAY, step);
    struct buf line = { 0 };
    if (!e)
        return;
    event_set_str(e, EV_SAY_LEVEL, level);
    event_set_str(e, EV_SAY_TEXT, text);
    event_set_f64(e, EV_SAY_EP, epoch);
    event_to_json(e, &line);
    const char *rest = line.failed ? NULL : strstr(line.data, ",\"level\"");
    if (rest) {
        struct buf numberless = { 0 };
        buf_addf(&numberless, "{\"k\":\"say\",\"q\":null,\"s\":%llu,\"m\":null%s", (unsigned long long)step, rest);
        if (!numberless.failed)
            log_json(out, numberless.data, wall_ns);
        buf_release(&numberless);
    }
    buf_release(&line);
    event_unref(e);
}
