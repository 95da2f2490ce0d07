/* Tells what a run as it stands can never do: said when a change or a waiting command brings it about. */
#include "config.h"
#include "engine/run/trainer_private.h"

#include <stdio.h>
#include <string.h>

#include "engine/run/plan.h"

static struct plan plan_of(const struct trainer *t, const struct knobs *knobs, const bool *watched)
{
    struct plan p = { .knobs = knobs, .data = t->learner.data, .watched = watched };
    for (const struct queued *q = t->pending; q; q = q->next)
        if (operation_is(q->c.op, OP_SETS))
            p.changes[q->c.knob] = true;
        else if (operation_is(q->c.op, OP_WATCHES | OP_UNWATCHES))
            p.changes[PLAN_WATCH] = true;
    return p;
}

static void say_watch(void *ctx, const char *text)
{
    trainer_say(ctx, "warning", "watch: %s", text);
}

static void say_set(void *ctx, const char *text)
{
    trainer_say(ctx, "warning", "set: %s", text);
}

/* Waiting commands whose condition was in reach and is no more. */
static void check_waiting(struct trainer *t, const struct plan *before, const struct plan *after)
{
    char text[PLAN_TEXT_MAX], old[PLAN_TEXT_MAX];
    for (const struct queued *q = t->pending; q; q = q->next)
        if (q->c.when == WHEN_IF && plan_condition(before, q->c.when_metric, old, sizeof old) &&
            !plan_condition(after, q->c.when_metric, text, sizeof text))
            trainer_say(t, "warning", "pending %ld 'if %s': %s", q->id, q->c.when_metric, text);
}

void trainer_warn_set(struct trainer *t, const struct knobs *after, int knob)
{
    const struct plan was = plan_of(t, &t->learner.knobs, t->watched), is = plan_of(t, after, t->watched);
    plan_change(&was, &is, knob, say_set, t);
    check_waiting(t, &was, &is);
}

void trainer_warn_watch(struct trainer *t)
{
    const struct plan was = plan_of(t, &t->learner.knobs, NULL), is = plan_of(t, &t->learner.knobs, t->watched);
    if (!t->preparing)
        plan_change(&was, &is, PLAN_WATCH, say_watch, t);
}

void trainer_warn_condition(struct trainer *t, const struct command *c)
{
    char text[PLAN_TEXT_MAX];
    const struct plan p = plan_of(t, &t->learner.knobs, t->watched);
    if (c->when == WHEN_IF && !t->preparing && !plan_condition(&p, c->when_metric, text, sizeof text))
        trainer_say(t, "warning", "'if %s': %s", c->when_metric, text);
}
