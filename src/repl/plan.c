/* Choices that can never act, of the run that is about to begin or to go on. */
#include "config.h"
#include "repl/bench.h"

#include <stdlib.h>

#include "engine/recorded.h"
#include "engine/run/plan.h"

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
