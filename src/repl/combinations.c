/* Which loss, optimiser and second stage go together: asked of what `train` asks, for the page of commands. */
#include "config.h"
#include "repl/combinations.h"

#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "engine/criteria/loss.h"
#include "engine/optimisers.h"
#include "engine/run/plan.h"
#include "engine/stages.h"

/* The choices of the knob `stage`, the first of which is none. */
enum {
    STAGE_PLACE_NONE,
#define STAGE_PLACE(id, ...) STAGE_PLACE_##id,
    SECOND_STAGE_TABLE(STAGE_PLACE)
#undef STAGE_PLACE
    N_STAGE_PLACES
};

int combination_check(int loss, int opt, int stage, struct knobs *k, struct err *err)
{
    const struct net net = { .n_units = 0 };
    const struct dataset none = { .classes = 0 };
    knobs_init(k);
    k->v[KNOB_LOSS].num = loss;
    k->v[KNOB_OPT].num = opt;
    k->v[KNOB_STAGE].num = stage;
    return plan_check(k, &net, &none, err);
}

int combination_stages(void)
{
    return N_STAGE_PLACES;
}

static int accepted_optimisers(int loss, int stage, struct err *why)
{
    struct knobs k;
    int n = 0;
    for (int opt = 0; opt < OPTIMISER_COUNT; opt++)
        n += combination_check(loss, opt, stage, &k, why) == 0;
    return n;
}

static void add_loss_row(struct buf *out, int loss, int *accepted)
{
    struct err why;
    buf_addf(out, "%-10s", loss_table[loss].name);
    for (int stage = 0; stage < combination_stages(); stage++) {
        const int n = accepted_optimisers(loss, stage, &why);
        buf_addf(out, " %5d", n);
        *accepted += n;
    }
    buf_adds(out, "\n");
}

static void add_refused(struct buf *out, int loss, int stage)
{
    char word[32];
    struct err why = { 0 };
    struct knobs k;
    const int refused = OPTIMISER_COUNT - accepted_optimisers(loss, stage, &why);
    combination_check(loss, 0, stage, &k, NULL);
    if (refused > 0)
        buf_addf(out, "loss %s with stage %s, %d: %s\n", loss_table[loss].name, knob_choice(&k, KNOB_STAGE, word, sizeof word), refused, why.text);
}

void combinations_table(struct buf *out, struct buf *refused)
{
    char word[32];
    struct knobs k;
    int accepted = 0;
    buf_adds(out, "loss      ");
    for (int stage = 0; stage < combination_stages(); stage++) {
        combination_check(0, 0, stage, &k, NULL);
        buf_addf(out, " %5s", knob_choice(&k, KNOB_STAGE, word, sizeof word));
    }
    buf_adds(out, "\n");
    for (int loss = 0; loss < LOSS_COUNT; loss++)
        add_loss_row(out, loss, &accepted);
    const int all = LOSS_COUNT * OPTIMISER_COUNT * combination_stages();
    buf_addf(out, "accepted: %d of %d; refused: %d\n", accepted, all, all - accepted);
    for (int loss = 0; loss < LOSS_COUNT; loss++)
        for (int stage = 0; stage < combination_stages(); stage++)
            add_refused(refused, loss, stage);
}
