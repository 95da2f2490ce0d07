/* Commands as text, and in the journal: before they take effect, and without the folders of this machine. */
#include "config.h"
#include "engine/run/trainer_private.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "engine/recorded.h"

/* --- a command as text --------------------------------------------------------------------------------------------- */

void trainer_class_list(const struct command *c, char *out, size_t size)
{
    for (int i = 0; i < c->n_classes; i++)
        text_append(out, size, "%s%d", i ? " " : "", c->classes[i]);
}

static void append_when(const struct command *c, char *out, size_t size)
{
    if (c->when == WHEN_EPOCH)
        text_append(out, size, " at epoch %.15g", c->when_value);
    else if (c->when == WHEN_STEP)
        text_append(out, size, " at step %.0f", c->when_value);
    else if (c->when == WHEN_IF)
        text_append(out, size, " if %s %c %.15g", c->when_metric, c->when_above ? '>' : '<', c->when_value);
}

/* "--iters 30 --top 2": what a probe was asked for beyond its classes. */
static void append_probe(const struct command *c, char *out, size_t size)
{
    const struct probe_options *o = &c->probe;
    const struct {
        const char *name;
        long value;
    } numbers[] = { { "iters", c->count },  { "images", o->images },  { "vectors", o->vectors }, { "top", o->top },
                    { "batches", c->batches }, { "batch", c->batch }, { "points", c->points } };
    const struct {
        const char *name;
        bool on;
    } switches[] = { { "trace", o->trace },       { "test", o->test },       { "train-mode", o->train_mode },
                     { "weighted", o->weighted }, { "augment", o->augment } };
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        if (numbers[i].value > 0)
            text_append(out, size, " --%s %ld", numbers[i].name, numbers[i].value);
    if (o->has_tol)
        text_append(out, size, " --tol %.15g", o->tol);
    for (size_t i = 0; i < sizeof switches / sizeof switches[0]; i++)
        if (switches[i].on)
            text_append(out, size, " --%s", switches[i].name);
    if (o->pyhessian)
        text_append(out, size, " --like pyhessian");
    if (c->rho > 0)
        text_append(out, size, " --rho %.15g", c->rho);
    if (c->span > 0)
        text_append(out, size, " --span %.15g", c->span);
    if (operation_table[c->op].flags & OP_FILE && c->text[0])
        text_append(out, size, " --save '%s'%s", c->text, c->force ? " --force" : "");
}

/* --- words after the first, one function for each layout of engine/operations.def --- */

static void words_none(const struct command *c, char *out, size_t size)
{
    (void)c;
    (void)out;
    (void)size;
}

static void words_pause(const struct command *c, char *out, size_t size)
{
    text_append(out, size, c->count ? " --release" : "");
}

static void words_knob(const struct command *c, char *out, size_t size)
{
    char value[KNOB_TEXT_MAX];
    if (c->factor > 0)
        snprintf(value, sizeof value, "x%.17g", c->factor);
    else
        knob_format((enum knob_id)c->knob, &c->value, value, sizeof value);
    text_append(out, size, " %s %s%s", knob_table[c->knob].name, value, c->force ? " --force" : "");
}

static void words_count(const struct command *c, char *out, size_t size)
{
    text_append(out, size, " %ld", c->count);
}

static void words_text(const struct command *c, char *out, size_t size)
{
    text_append(out, size, c->text[0] ? " %s" : "%s", c->text);
}

static void append_classes(const struct command *c, char *out, size_t size)
{
    text_append(out, size, " ");
    trainer_class_list(c, out, size);
}

static void words_probe(const struct command *c, char *out, size_t size)
{
    append_classes(c, out, size);
    append_probe(c, out, size);
}

static void words_slice(const struct command *c, char *out, size_t size)
{
    append_classes(c, out, size);
    words_text(c, out, size);
    append_probe(c, out, size);
}

static void words_reading(const struct command *c, char *out, size_t size)
{
    words_text(c, out, size);
    if (!isnan(c->tau))
        text_append(out, size, " %.17g", c->tau);
    if (c->direction[0])
        text_append(out, size, " --on %s", c->direction);
}

static void words_watch(const struct command *c, char *out, size_t size)
{
    append_classes(c, out, size);
    if (c->every > 0)
        text_append(out, size, " every %ld", c->every);
    if (c->count > 0)
        text_append(out, size, " iters %ld", c->count);
    if (c->probe.images > 0)
        text_append(out, size, " images %ld", c->probe.images);
}

static void (*const words[COMMAND_OPS])(const struct command *c, char *out, size_t size) = {
#define OPERATION(id, word, handler, layout, ...) [COMMAND_##id] = words_##layout,
#include "engine/operations.def"
#undef OPERATION
};

/* Our own words, not the typed ones: "in 5 epochs" would mean another moment when it is read again after a resume. */
void trainer_command_text(const struct command *c, bool with_when, char *out, size_t size)
{
    snprintf(out, size, "%s", operation_table[c->op].word);
    words[c->op](c, out, size);
    if (with_when)
        append_when(c, out, size);
}

/* --- the journal --------------------------------------------------------------------------------------------------- */

/* Bytes of the folder before the name of the file that a command writes. */
static size_t folder_of(const struct command *c)
{
    const char *slash = operation_table[c->op].flags & OP_FILE ? strrchr(c->text, '/') : NULL;
    return slash ? (size_t)(slash - c->text) + 1 : 0;
}

void trainer_hide_folder(const struct command *c, char *text)
{
    size_t n = folder_of(c);
    for (char *at = text; n && at && (at = strstr(at, c->text)); at += strlen(c->text) - n)
        memmove(at, at + n, strlen(at + n) + 1);
}

/* Nothing takes effect before it is recorded; a recorder that cannot write says so and holds the event until it can. */
void trainer_journal(struct trainer *t, const struct command *c, const struct entry *entry)
{
    struct err err;
    char own[COMMAND_TEXT_MAX * 2];
    const char *op = entry->waits ? RECORDED_WAITS : operation_table[c->op].word;
    if (t->rolling && !trainer_roll_journals(t, op, entry->key))
        return;
    struct event *e = t->quiet ? NULL : event_new(EVENT_CMD, t->learner.step);
    if (!e)
        return;
    trainer_command_text(c, c->when != WHEN_NOW, own, sizeof own);
    trainer_hide_folder(c, own);
    event_set_str(e, EV_CMD_TXT, c->typed[0] && !folder_of(c) ? c->typed : own);
    event_set_str(e, EV_CMD_OP, op);
    event_set_str(e, EV_CMD_KEY, entry->key);
    event_set_str(e, EV_CMD_VALUE, entry->value);
    event_set_str(e, EV_CMD_OLD, entry->old);
    event_set_str(e, EV_CMD_BITS, entry->bits);
    event_set_str(e, EV_CMD_BY, c->by ? c->by : "user");
    event_set_f64(e, EV_CMD_EP, trainer_epoch(t));
    event_set_u64(e, EV_CMD_ID, entry->id);
    event_set_str(e, EV_CMD_WHY, entry->why);
    trainer_emit(t, e);
    if (event_hub_sync(&t->hub, &err) < 0)
        trainer_say(t, "warning", "'%s' is not on disk yet: %s", own, err.text);
}
