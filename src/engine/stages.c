#include "config.h"
#include "engine/stages.h"

const char *const stage_trains_name[] = { [TRAINS_ALL] = "all", [TRAINS_HEAD] = "head", [TRAINS_SCALES] = "scales" };

static const struct second_stage {
    const char *name;
    enum stage_trains trains;
    bool redraw, shifts;
} second_stage_table[] = { /* in the order of the knob's choices, of which the first is none */
#define SECOND_STAGE_ROW(id, name_, trains_, redraw_, shifts_, help) \
    { .name = name_, .trains = TRAINS_##trains_, .redraw = redraw_, .shifts = shifts_ },
    SECOND_STAGE_TABLE(SECOND_STAGE_ROW)
#undef SECOND_STAGE_ROW
};

static bool has_weights(const struct knobs *k)
{
    return !knob_is(k, KNOB_WEIGHTS, "none");
}

/* Two stages of the same knobs: class weights are what parts them. */
static struct stage plain_stage(const char *name, long first, long end, bool reweight)
{
    return (struct stage){ .name = name, .number = first > 0 ? 2 : 1, .first = first, .epochs = end - first, .trains = TRAINS_ALL,
                           .reweight = reweight, .augment = true, .sampler = KNOB_SAMPLER, .lr = KNOB_LR, .rho = KNOB_RHO,
                           .weight_decay = KNOB_WEIGHT_DECAY };
}

static struct stage second_stage(const struct knobs *k, int number)
{
    const struct second_stage *row = &second_stage_table[knob_int(k, KNOB_STAGE) - 1];
    const bool own_loss = knob_is(k, KNOB_STAGE_LOSS, "ce");
    const long first = knob_int(k, KNOB_EPOCHS);
    return (struct stage){ .name = row->name, .number = number, .first = first, .epochs = knob_int(k, KNOB_STAGE_EPOCHS), .second = true,
                           .trains = row->trains, .redraw = row->redraw, .shifts = row->shifts, .own_loss = own_loss,
                           .reweight = !own_loss && has_weights(k) && knob_int(k, KNOB_DRW) < first,
                           .frozen_norm = knob_is(k, KNOB_STAGE_NORM, "frozen"), .augment = knob_on(k, KNOB_STAGE_AUGMENT),
                           .sampler = KNOB_STAGE_SAMPLER, .lr = KNOB_STAGE_LR, .rho = KNOB_STAGE_RHO,
                           .weight_decay = KNOB_STAGE_WEIGHT_DECAY };
}

int stages_of(const struct knobs *k, struct stage out[STAGES_MAX])
{
    const long epochs = knob_int(k, KNOB_EPOCHS), drw = knob_int(k, KNOB_DRW);
    const bool deferred = has_weights(k) && drw > 0 && drw < epochs;
    int n = 0;
    out[n++] = plain_stage("first", 0, deferred ? drw : epochs, has_weights(k) && drw == 0);
    if (deferred)
        out[n++] = plain_stage("drw", drw, epochs, true);
    if (knob_is(k, KNOB_STAGE, "none"))
        return n;
    out[n] = second_stage(k, n + 1);
    return n + 1;
}

struct stage stage_at(const struct knobs *k, long e)
{
    struct stage list[STAGES_MAX];
    int i = stages_of(k, list) - 1;
    while (i > 0 && e < list[i].first)
        i--;
    return list[i];
}

bool stage_is_second(const struct knobs *k, long e)
{
    return !knob_is(k, KNOB_STAGE, "none") && e >= knob_int(k, KNOB_EPOCHS);
}

long stage_epoch(const struct knobs *k, long e, bool begun)
{
    return stage_is_second(k, e) && !begun ? knob_int(k, KNOB_EPOCHS) - 1 : e;
}

long knobs_epochs(const struct knobs *k)
{
    return knob_int(k, KNOB_EPOCHS) + (knob_is(k, KNOB_STAGE, "none") ? 0 : knob_int(k, KNOB_STAGE_EPOCHS));
}

bool knob_is_length(enum knob_id id)
{
    return id == KNOB_EPOCHS || id == KNOB_STEPS || id == KNOB_STAGE || id == KNOB_STAGE_EPOCHS;
}

bool knob_is_planned(enum knob_id id)
{
    return id == KNOB_STAGE || id == KNOB_EPOCHS || id == KNOB_STAGE_SAMPLER || id == KNOB_STAGE_NORM || id == KNOB_STAGE_LOSS ||
           id == KNOB_STAGE_AUGMENT;
}

/* --- what is in force ---------------------------------------------------------------------------------------------- */

static double in_second(const struct knobs *k, enum knob_id schedule, long e)
{
    return schedule_at(knob_schedule(k, schedule), (double)(e - knob_int(k, KNOB_EPOCHS)), knob_num(k, KNOB_STAGE_EPOCHS));
}

double knobs_lr(const struct knobs *k, long e)
{
    if (stage_is_second(k, e))
        return in_second(k, KNOB_STAGE_LR, e);
    return schedule_at(knob_schedule(k, KNOB_LR), (double)e, knob_num(k, KNOB_EPOCHS));
}

double knobs_ccsam_phi(const struct knobs *k, long e)
{
    if (!stage_at(k, e).shifts)
        return knob_num(k, KNOB_CCSAM_PHI);
    const double share = (double)(e - knob_int(k, KNOB_EPOCHS) + 1) / knob_num(k, KNOB_STAGE_EPOCHS);
    return share < knob_num(k, KNOB_CCSAM_CAP) ? share : knob_num(k, KNOB_CCSAM_CAP);
}

bool knobs_drw_on(const struct knobs *k, long e)
{
    if (stage_is_second(k, e))
        return stage_at(k, e).reweight;
    return has_weights(k) && (double)e >= knob_num(k, KNOB_DRW);
}

double knobs_rho(const struct knobs *k, long e)
{
    if (stage_is_second(k, e))
        return in_second(k, KNOB_STAGE_RHO, e);
    const struct schedule *s = knob_schedule(k, KNOB_RHO_DRW);
    if (s->kind == SCHEDULE_SAME || !knobs_drw_on(k, e))
        s = knob_schedule(k, KNOB_RHO);
    return schedule_at(s, (double)e, knob_num(k, KNOB_EPOCHS));
}

double knobs_weight_decay(const struct knobs *k, long e)
{
    return knob_num(k, stage_is_second(k, e) ? KNOB_STAGE_WEIGHT_DECAY : KNOB_WEIGHT_DECAY);
}

enum optimiser knobs_optimiser_at(const struct knobs *k, long e)
{
    if (!stage_is_second(k, e))
        return knobs_optimiser(k);
    return stage_at(k, e).shifts ? OPTIMISER_CCSAM : knobs_rho(k, e) > 0 ? OPTIMISER_SAM : OPTIMISER_SGD;
}
