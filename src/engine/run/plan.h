/* engine/run/plan.h - a run as planned: which of its settings can never act, and what to say of each. One table of rules serves the
 * set-up (`train`, a dry run, `resume`) and `set` while training. A command that waits for later may change what a rule looks
 * at: nothing is said then. Pure functions of their arguments; any thread; nothing is allocated. */
#ifndef ENGINE_PLAN_H
#define ENGINE_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/data/dataset.h"
#include "engine/knobs.h"

struct err;
struct net;

enum { PLAN_WATCH = KNOB_COUNT, PLAN_SUBJECTS }; /* beside the knobs: the watched classes */
enum { PLAN_TEXT_MAX = 320 };

struct plan { /* everything is borrowed */
    const struct knobs *knobs;
    const struct dataset *data;
    const bool *watched;          /* [data->classes]; NULL: none */
    bool changes[PLAN_SUBJECTS];  /* a command that waits will change this */
};

typedef void plan_say(void *ctx, const char *text); /* one line, without a newline */

/* Says what can never act, of what was chosen by hand or by a recipe; of each subject one thing. */
void plan_never(const struct plan *p, const bool chosen[PLAN_SUBJECTS], plan_say *say, void *ctx);

/* Says what a change of one subject brings: that it does nothing itself, or that something else will never come now. */
void plan_change(const struct plan *before, const struct plan *after, int changed, plan_say *say, void *ctx);

/* Can the condition of a waiting command ("acc", "lmin:9") be met by what is scheduled? false: text says why not. */
bool plan_condition(const struct plan *p, const char *metric, char *text, size_t size);

/* Refuses what cannot be trained at all on these images: -1 with *err. */
int plan_check(const struct knobs *k, const struct net *net, const struct dataset *data, struct err *err);

uint64_t plan_steps(const struct plan *p);                 /* of the whole run */
bool plan_past(const struct plan *p, double epoch);        /* no step before a second stage belongs to this epoch or a later one */
const char *plan_first_end(const struct plan *p, char out[96]); /* "the end of training (40)", or of the first stage */
const char *plan_end(const struct plan *p, char out[64]); /* "40" (epochs), or "20 steps, epoch 0.2" where they decide */

#endif
