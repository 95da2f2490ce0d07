/* `set rho auto`: at the end of an epoch the tail is measured, and rho moved by what engine/rho_auto.h makes of it (methods 4.13). Training
 * waits for the measurement, so that no clock has a say in the course of a run. A move is a `set` like any other, recorded with its numbers
 * before it acts: whoever takes the run up repeats what is recorded, and decides only what is not. */
#include "config.h"
#include "engine/run/trainer_private.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "engine/recorded.h"
#include "engine/stages.h"

static const struct schedule *rho_of(const struct trainer *t)
{
    return knob_schedule(&t->learner.knobs, KNOB_RHO);
}

bool trainer_moves_rho(const struct trainer *t)
{
    return rho_of(t)->kind == SCHEDULE_AUTO;
}

/* It has the radius of the epoch that ends here in its hands. */
static bool in_force(const struct trainer *t)
{
    const struct knobs *k = &t->learner.knobs;
    const long epoch = (long)((t->learner.step - 1) / t->learner.spe);
    return trainer_moves_rho(t) && !t->learner.second && optimiser_uses_rho(knobs_optimiser_at(k, epoch)) && !isnan(t->learner.last_rho) &&
           (knob_schedule(k, KNOB_RHO_DRW)->kind == SCHEDULE_SAME || !knobs_drw_on(k, epoch));
}

static bool looks_at(const struct trainer *t, int class_index)
{
    return t->watched[class_index] && t->learner.data->group[class_index] == GROUP_TAIL;
}

bool trainer_auto_measured(const struct trainer *t, int class_index)
{
    return t->look.step == t->learner.step && looks_at(t, class_index);
}

/* --- the look ------------------------------------------------------------------------------------------------------ */

void trainer_auto_heard(struct trainer *t, const struct event *e)
{
    const double amp = e->f[EV_EIG_AMP].f;
    if (!t->look.under_way || e->kind != EVENT_EIG || isnan(amp) || amp >= t->look.amp)
        return;
    t->look.amp = amp;
    t->look.class_index = (int)e->f[EV_EIG_CLASS].u;
    t->look.lmin = e->f[EV_EIG_LMIN].f;
}

/* The spectra of the watched classes of the tail. What the journal has is not told again. -1: it was cut off. */
static int measure_tail(struct trainer *t)
{
    const struct probe_plan plain = { .save = "" };
    const bool quiet = t->quiet;
    struct buf unread = { 0 };
    struct err err;
    int result = 0;
    t->look.amp = INFINITY;
    t->look.under_way = true;
    trainer_expect_cancel(t);
    for (int c = 0; c < t->learner.net.classes && result == 0; c++) {
        if (!looks_at(t, c))
            continue;
        t->quiet = quiet || trainer_roll_measured(t, c);
        result = probe_hessian(&t->probe, &plain, c, &unread, &err);
        t->quiet = quiet;
    }
    t->look.under_way = false;
    buf_release(&unread);
    if (result < 0 && !(err.code == ERR_CANCELLED && trainer_is_ending(t)))
        trainer_say(t, "warning", "rho auto: %s; rho stays as it is here", err.text);
    return result;
}

/* Of the evaluation just made. false: it tells nothing of the head. */
static bool head_accuracy(const struct trainer *t, struct rho_look *look)
{
    const struct dataset *d = t->learner.data;
    look->head = t->evaluation.group[GROUP_HEAD];
    for (int c = 0; c < d->classes; c++)
        look->images += d->group[c] == GROUP_HEAD ? t->evaluation.count[c] : 0;
    return t->evaluated_step == t->learner.step && !isnan(look->head);
}

/* --- the move ------------------------------------------------------------------------------------------------------ */

static void tell_numbers(const struct trainer *t, const struct rho_look *look, char *out, size_t size)
{
    snprintf(out, size, "(rho/|g|)lmin %.3g of %d %.40s, lmin %.4g; head %.4g, mean before %.4g, band %.3g", look->amp, t->look.class_index,
             t->learner.data->class_name[t->look.class_index], t->look.lmin, look->head, t->rho_auto.head, rho_auto_band(look));
}

static void move(struct trainer *t, const struct rho_look *look, double to)
{
    struct err err;
    char value[64], numbers[COMMAND_TEXT_MAX];
    tell_numbers(t, look, numbers, sizeof numbers);
    snprintf(value, sizeof value, "auto:%.17g", to);
    if (trainer_set_besides(t, KNOB_RHO, value, RECORDED_AUTO, numbers, &err) < 0)
        trainer_say(t, "warning", "rho auto: %s", err.text);
}

/* What the journal says of this moment: the radius that it was moved to, or that it was left. */
static double recorded_move(const struct trainer *t, const struct rho_look *look)
{
    const struct schedule *s = trainer_roll_rho(t);
    return s && s->kind == SCHEDULE_AUTO ? s->base : look->rho;
}

int trainer_auto(struct trainer *t)
{
    struct rho_look look = { .rho = rho_of(t)->base, .amp = NAN, .reweight = t->learner.phase.reweight };
    if (!in_force(t) || !trainer_round_due(t) || !head_accuracy(t, &look))
        return 0;
    t->look.step = t->learner.step;
    if (trainer_roll_decided(t)) {
        rho_auto_looked(&t->rho_auto, &look, recorded_move(t, &look));
        return 0;
    }
    const bool quiet = t->quiet;
    t->quiet = false;
    const int result = measure_tail(t);
    look.amp = t->look.amp < INFINITY ? t->look.amp : NAN;
    if (result == 0) {
        const double to = rho_auto_next(&t->rho_auto, &look);
        if (to != look.rho)
            move(t, &look, to);
        rho_auto_looked(&t->rho_auto, &look, to);
    }
    t->quiet = quiet;
    return result < 0 && trainer_is_ending(t) ? -1 : 0;
}
