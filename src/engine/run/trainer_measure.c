/* The commands that measure, and which classes are watched. */
#include "config.h"
#include "engine/run/trainer_private.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/probe/readings.h"

/* --- evaluations --------------------------------------------------------------------------------------------------- */

static void describe_eval(const struct trainer *t, const char *split, struct buf *out)
{
    const struct evaluation *r = &t->evaluation;
    const enum math math = evaluation_math(&t->learner.knobs, t->learner.backend);
    buf_addf(out, "%s%s%s: acc %.2f", split, math == MATH_FP32 ? "" : " in ", math == MATH_FP32 ? "" : math_name[math], r->acc);
    for (int g = 0; g < N_GROUPS; g++)
        if (!isnan(r->group[g]))
            buf_addf(out, " %s %.2f", class_group_name[g], r->group[g]);
    buf_addf(out, " loss %.4g at step %" PRIu64 " (ep %.1f)", r->loss, t->learner.step, trainer_epoch(t));
}

int trainer_do_eval(struct trainer *t, const struct act *a, struct err *err)
{
    const char *split = a->c->text[0] ? a->c->text : evaluation_main_split(t->learner.data);
    if (!split)
        return err_set(err, ERR_DATA, "there are neither test nor val images; 'eval train' evaluates the training images");
    if (!evaluation_split(t->learner.data, split, err))
        return -1;
    trainer_journal(t, a->c, &(struct entry){ .key = split, .id = a->id });
    if (trainer_evaluate(t, split, err) < 0)
        return err->code == ERR_CANCELLED ? err_set(err, ERR_CANCELLED, "cancelled; nothing was recorded") : -1;
    describe_eval(t, split, a->text);
    return 0;
}

static int check_classes(const struct trainer *t, const struct command *c, struct err *err)
{
    for (int i = 0; i < c->n_classes; i++)
        if (c->classes[i] < 0 || c->classes[i] >= t->learner.net.classes)
            return err_set(err, ERR_RANGE, "class %d; 0..%d are accepted", c->classes[i], t->learner.net.classes - 1);
    return 0;
}

static probe_measure *const measures[COMMAND_OPS] = {
#define PROBED_BY(op, event, verb, ...) [COMMAND_##op] = probe_##verb,
#include "engine/events.def"
};

static struct probe_plan probe_plan_of(const struct command *c)
{
    return (struct probe_plan){ .options = c->probe, .iters = c->count, .save = c->text, .force = c->force, .rho = c->rho, .batches = c->batches,
                                .batch = c->batch, .along = c->text, .span = c->span, .points = c->points };
}

/* Measures one class after the other (none named: the watched ones); what was measured before a failure stays recorded. */
static int class_by_class(struct trainer *t, const struct act *a, struct err *err)
{
    const struct command *c = a->c;
    const struct probe_plan plan = probe_plan_of(c);
    if (t->roll.over)
        return 0;
    for (int i = 0; i < (c->n_classes ? c->n_classes : t->learner.net.classes); i++) {
        int k = c->n_classes ? c->classes[i] : i;
        if ((c->n_classes == 0 && !t->watched[k]) || trainer_roll_has(t, c->op, k))
            continue;
        trainer_expect_cancel(t);
        if (a->text->len > 0)
            buf_adds(a->text, "; ");
        const int result = measures[c->op](&t->probe, &plan, k, a->text, err);
        if (result < 0 && err->code == ERR_CANCELLED)
            buf_adds(a->text, "cancelled");
        if (result < 0)
            return err->code == ERR_CANCELLED ? -1 : subject_blame(&t->probe.subject, err);
    }
    return 0;
}

int trainer_do_hessian(struct trainer *t, const struct act *a, struct err *err)
{
    const struct command *c = a->c;
    char key[256] = "";
    int n = 0;
    if (check_classes(t, c, err) < 0)
        return -1;
    for (int k = 0; k < t->learner.net.classes && c->n_classes == 0; k++)
        n += t->watched[k];
    if (c->n_classes == 0 && n == 0)
        return err_set(err, ERR_USAGE, "which class? none is watched; name one, like 'hessian %s'",
                       t->learner.data->class_name[t->learner.net.classes - 1]);
    if (c->text[0] && c->n_classes != 1)
        return err_set(err, ERR_USAGE, "eigenvectors of one class go into a file; %d classes are named", c->n_classes);
    trainer_class_list(c, key, sizeof key);
    trainer_journal(t, c, &(struct entry){ .key = key, .id = a->id });
    return class_by_class(t, a, err);
}

/* A measurement of named classes, by the loss in force. */
int trainer_do_measure(struct trainer *t, const struct act *a, struct err *err)
{
    const struct command *c = a->c;
    char key[256] = "";
    if (check_classes(t, c, err) < 0)
        return -1;
    if (c->n_classes == 0)
        return err_set(err, ERR_USAGE, "which class? name one, like '%s %s'", operation_table[c->op].word,
                       t->learner.data->class_name[t->learner.net.classes - 1]);
    trainer_class_list(c, key, sizeof key);
    trainer_journal(t, c, &(struct entry){ .key = key, .id = a->id });
    if (!t->roll.over && !t->learner.phase_known && trainer_use_loss(t, err) < 0)
        return -1;
    return class_by_class(t, a, err);
}

int trainer_do_slice(struct trainer *t, const struct act *a, struct err *err)
{
    const struct probe_plan plan = probe_plan_of(a->c);
    char key[256] = "";
    if (check_classes(t, a->c, err) < 0)
        return -1;
    if (a->c->n_classes != 1)
        return err_set(err, ERR_USAGE, "a slice is of one class; %d are named", a->c->n_classes);
    trainer_class_list(a->c, key, sizeof key);
    trainer_journal(t, a->c, &(struct entry){ .key = key,
                                                 .value = a->c->text[0] ? a->c->text : "v_min", .id = a->id });
    if (t->roll.over || trainer_roll_has(t, COMMAND_SLICE, a->c->classes[0]))
        return 0;
    trainer_expect_cancel(t);
    if (probe_slice(&t->probe, &plan, a->c->classes[0], a->text, err) == 0)
        return 0;
    if (err->code == ERR_CANCELLED)
        return err_set(err, ERR_CANCELLED, "cancelled; nothing was recorded");
    return subject_blame(&t->probe.subject, err);
}

/* The kind of a reading stands, in a roll, where a probe has its class. */
int trainer_do_reading(struct trainer *t, const struct act *a, struct err *err)
{
    const struct command *c = a->c;
    const int kind = reading_find(c->text, err);
    char tau[32] = "";
    if (kind < 0)
        return -1;
    if (!isnan(c->tau))
        snprintf(tau, sizeof tau, "%.9g", c->tau);
    trainer_journal(t, c, &(struct entry){ .key = c->text, .value = tau[0] ? tau : NULL, .id = a->id });
    if (t->roll.over || trainer_roll_has(t, COMMAND_READING, kind))
        return 0;
    if (!t->learner.phase_known && trainer_use_loss(t, err) < 0)
        return -1;
    trainer_expect_cancel(t);
    const struct reading_plan plan = { .kind = (enum reading_kind)kind, .tau = c->tau, .split = c->direction };
    if (readings_take(&t->guest, &plan, a->text, err) == 0)
        return 0;
    return err->code == ERR_CANCELLED ? err_set(err, ERR_CANCELLED, "cancelled; nothing was recorded") : -1;
}

/* `every 5 iters 30 images 64` are the knobs of all scheduled probes; each change is journalled as a `set` of its own. */
static int set_schedule(struct trainer *t, const struct act *a, struct err *err)
{
    const struct {
        enum knob_id id;
        long value;
    } rows[] = { { KNOB_HESSIAN_EVERY, a->c->every }, { KNOB_HESSIAN_ITERS, a->c->count }, { KNOB_HESSIAN_IMAGES, a->c->probe.images } };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char value[32];
        if (rows[i].value <= 0 || rows[i].value == knob_int(&t->learner.knobs, rows[i].id))
            continue;
        snprintf(value, sizeof value, "%ld", rows[i].value);
        if (trainer_set_besides(t, rows[i].id, value, a->c->by, NULL, err) < 0)
            return -1;
    }
    return 0;
}

static int change_watch(struct trainer *t, const struct act *a, bool on, struct err *err)
{
    char key[1024] = "";
    int n = 0;
    if (check_classes(t, a->c, err) < 0)
        return -1;
    trainer_class_list(a->c, key, sizeof key);
    trainer_journal(t, a->c, &(struct entry){ .key = key, .id = a->id });
    for (int i = 0; i < a->c->n_classes; i++)
        t->watched[a->c->classes[i]] = on;
    for (int c = 0; c < t->learner.net.classes; c++) {
        if (!on && a->c->n_classes == 0)
            t->watched[c] = false;
        if (!t->watched[c])
            t->probe.round.todo[c] = false;
        n += t->watched[c];
    }
    if (on && set_schedule(t, a, err) < 0)
        return -1;
    long every = knob_int(&t->learner.knobs, KNOB_HESSIAN_EVERY);
    if (on)
        trainer_warn_watch(t);
    if (n > 0)
        buf_addf(a->text, "watching %d %s, every %ld %s, at most %ld products of %ld images, at most %g of the time", n,
                 n == 1 ? "class" : "classes", every, every == 1 ? "epoch" : "epochs", knob_int(&t->learner.knobs, KNOB_HESSIAN_ITERS),
                 knob_int(&t->learner.knobs, KNOB_HESSIAN_IMAGES), knob_num(&t->learner.knobs, KNOB_BUDGET));
    else
        buf_addf(a->text, "watching no class");
    return 0;
}

int trainer_do_watch(struct trainer *t, const struct act *a, struct err *err)
{
    if (a->c->n_classes == 0)
        return err_set(err, ERR_USAGE, "which class? 0..%d, or names", t->learner.net.classes - 1);
    return change_watch(t, a, true, err);
}

int trainer_do_unwatch(struct trainer *t, const struct act *a, struct err *err)
{
    return change_watch(t, a, false, err);
}
