/* Parts of the stages that can never act: schedules laid over them, and a second stage as a whole. */
#include "config.h"
#include "engine/run/plan_private.h"

#include <inttypes.h>
#include <stdio.h>

#include "engine/criteria/loss_knobs.h"
#include "engine/stages.h"

/* --- schedules ----------------------------------------------------------------------------------------------------- */

struct epoch_span { /* what a schedule is laid over */
    double epochs;          /* its epochs, as planned */
    uint64_t steps;         /* of them, those that are made */
    double last;            /* epoch of the last one, counted from its start */
    char end[96];           /* "the end of training (40)" */
};

static struct stage second_of(const struct plan *p)
{
    return stage_at(p->knobs, knob_int(p->knobs, KNOB_EPOCHS));
}

static struct epoch_span span_of(const struct plan *p, enum knob_id id)
{
    const bool second = id == KNOB_STAGE_LR || id == KNOB_STAGE_RHO;
    const uint64_t spe = plan_epoch_steps(p), first = (uint64_t)knob_int(p->knobs, KNOB_EPOCHS) * spe, total = plan_steps(p);
    struct epoch_span s = { .epochs = knob_num(p->knobs, second ? KNOB_STAGE_EPOCHS : KNOB_EPOCHS) };
    char end[64];
    if (!second) {
        s.steps = first < total ? first : total;
        plan_first_end(p, s.end);
    } else {
        s.steps = total > first ? total - first : 0;
        snprintf(s.end, sizeof s.end, "the end of stage %s (%g)", second_of(p).name, s.epochs);
        if (s.steps < (uint64_t)s.epochs * spe)
            snprintf(s.end, sizeof s.end, "the end of training (%s)", plan_end(p, end));
    }
    s.last = s.steps > 0 ? (double)((s.steps - 1) / spe) : 0;
    return s;
}

/* The first point that is not reached. */
static bool late_point(const struct plan *p, enum knob_id id, const struct epoch_span *span, char *text, size_t size)
{
    const struct schedule *s = knob_schedule(p->knobs, id);
    for (int i = 0; i < s->n; i++)
        if (s->at[i] * (double)plan_epoch_steps(p) >= (double)span->steps) {
            snprintf(text, size, "%s: epoch %.10g is past %s, so it never changes there", knob_table[id].name, s->at[i], span->end);
            return true;
        }
    return false;
}

static bool late_warmup(const struct plan *p, enum knob_id id, const struct epoch_span *span, char *text, size_t size)
{
    const struct schedule *s = knob_schedule(p->knobs, id);
    if (s->kind != SCHEDULE_MULTISTEP || span->last >= s->warmup - 1)
        return false;
    snprintf(text, size, "%s warms up for %d epochs, beyond %s: it never comes to %g", knob_table[id].name, s->warmup, span->end, s->base);
    return true;
}

/* Slopes are laid over all epochs, or over as many as they say; a run that ends earlier sees their beginning only. */
static bool cut_slope(const struct plan *p, enum knob_id id, const struct epoch_span *span, char *text, size_t size)
{
    const struct schedule *s = knob_schedule(p->knobs, id);
    const double epochs = s->over > 0 ? s->over : span->epochs;
    char end[64];
    if ((s->kind != SCHEDULE_COSINE && s->kind != SCHEDULE_LINEAR) || span->last >= epochs - 1)
        return false;
    snprintf(text, size, "%s follows its %s over %g epochs, but training ends before (%s): it stops at %.4g and never comes to %g",
             knob_table[id].name, s->kind == SCHEDULE_COSINE ? "cosine" : "line", epochs, plan_end(p, end),
             schedule_at(s, span->last, span->epochs), s->end);
    return true;
}

bool plan_schedule_is_late(const struct plan *p, enum knob_id id, char *text, size_t size)
{
    const struct epoch_span span = span_of(p, id);
    return late_warmup(p, id, &span, text, size) || late_point(p, id, &span, text, size) || cut_slope(p, id, &span, text, size);
}

/* --- a second stage ------------------------------------------------------------------------------------------------ */

static bool second_begins(const struct plan *p)
{
    const struct stage s = second_of(p);
    return s.second && plan_steps(p) > (uint64_t)s.first * plan_epoch_steps(p);
}

bool plan_stage_never_begins(const struct plan *p, char *text, size_t size)
{
    const struct stage s = second_of(p);
    char end[64];
    if (!s.second || second_begins(p))
        return false;
    snprintf(text, size, "stage %s is to begin at epoch %ld, past the end of training (%s): it never does", s.name, s.first, plan_end(p, end));
    return true;
}

/* The weights of the sampler `weighted`, of either stage. */
bool plan_power_is_idle(const struct plan *p, char *text, size_t size)
{
    char sampler[32];
    if (knob_is(p->knobs, KNOB_SAMPLER, "weighted") || (second_of(p).second && knob_is(p->knobs, KNOB_STAGE_SAMPLER, "weighted")))
        return false;
    snprintf(text, size, "sampler is %s, so sampler_power does nothing; it is for sampler weighted",
             knob_choice(p->knobs, KNOB_SAMPLER, sampler, sizeof sampler));
    return true;
}

bool plan_stage_lr_is_late(const struct plan *p, char *text, size_t size)
{
    return second_begins(p) && plan_schedule_is_late(p, KNOB_STAGE_LR, text, size);
}

bool plan_stage_rho_is_late(const struct plan *p, char *text, size_t size)
{
    return second_begins(p) && plan_schedule_is_late(p, KNOB_STAGE_RHO, text, size);
}

bool plan_stage_loss_is_same(const struct plan *p, char *text, size_t size)
{
    if (!second_of(p).second || !knob_is(p->knobs, KNOB_STAGE_LOSS, "same") || !knob_is(p->knobs, KNOB_LOSS, "ce") ||
        !knob_is(p->knobs, KNOB_WEIGHTS, "none"))
        return false;
    snprintf(text, size, "loss is ce and weights is none, so stage_loss same is plain cross-entropy, as ce");
    return true;
}

bool plan_stage_on_cosines(const struct plan *p, char *text, size_t size)
{
    if (!second_of(p).own_loss || head_of_knobs(p->knobs) != HEAD_NORM)
        return false;
    snprintf(text, size, "stage_loss is ce, and the classifier's outputs are cosines, which lie too close for it; 'set stage_loss same' scales them");
    return true;
}
