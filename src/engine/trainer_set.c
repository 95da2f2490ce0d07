#include "config.h"
#include "engine/trainer_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "engine/optim.h"

struct change { /* what a `set` would do */
    enum knob_id id;
    const struct command *c;
    const struct knobs *before, *after;
    char old[KNOB_TEXT_MAX], new[KNOB_TEXT_MAX];
};

/* --- refused ------------------------------------------------------------------------------------------------------- */

static uint64_t total_after(const struct trainer *t, const struct change *ch)
{
    uint64_t total = (uint64_t)knob_int(ch->after, KNOB_EPOCHS) * t->spe;
    return t->max_steps > 0 && t->max_steps < total ? t->max_steps : total;
}

static int check_drw(const struct change *ch, struct err *err)
{
    double drw = knob_num(ch->after, KNOB_DRW), epochs = knob_num(ch->after, KNOB_EPOCHS);
    if (ch->id != KNOB_DRW || drw < epochs || ch->c->force)
        return 0;
    return err_set(err, ERR_RANGE, "drw %g is past the end of training (%g), it would never fire; not set (use --force)", drw, epochs);
}

static int check_epochs(const struct trainer *t, const struct change *ch, struct err *err)
{
    if (ch->id != KNOB_EPOCHS || ch->c->force || (uint64_t)knob_int(ch->after, KNOB_EPOCHS) * t->spe > t->step)
        return 0;
    return err_set(err, ERR_RANGE, "epochs %ld is not above the current epoch %.1f, the run would end at once; not set (use --force)",
                   knob_int(ch->after, KNOB_EPOCHS), trainer_epoch(t));
}

static int check(const struct trainer *t, const struct change *ch, struct err *err)
{
    const struct knob_info *k = &knob_table[ch->id];
    if (k->when == KNOB_SETUP)
        return err_set(err, ERR_INVALID, "%s is fixed while a run exists (now %s); it can be set before the next 'train'", k->name,
                       ch->old[0] ? ch->old : "empty");
    if (k->when == KNOB_SCREEN)
        return err_set(err, ERR_INVALID, "%s belongs to the screen, not to a run", k->name);
    if (check_drw(ch, err) < 0 || check_epochs(t, ch, err) < 0)
        return -1;
    return 0;
}

/* Can the loss be made with the new knobs, now and once re-weighting is on? The one in force is set again after. */
static int check_loss(struct trainer *t, const struct change *ch, struct err *err)
{
    struct loss_config c;
    if (ch->id != KNOB_WEIGHTS)
        return 0;
    int result = trainer_loss_config(t, ch->after, true, &c, err) < 0 ? -1 : loss_set(&t->loss, &c, err);
    if (trainer_loss_config(t, ch->before, t->drw_on, &c, NULL) == 0)
        (void)loss_set(&t->loss, &c, NULL); /* it was in force a moment ago */
    return result;
}

/* --- legal but surprising ------------------------------------------------------------------------------------------ */

static void warn_optimiser(struct trainer *t, const struct change *ch)
{
    static const struct {
        enum knob_id id;
        const char *words[2];
    } rows[] = {
        { KNOB_RHO, { "sam", "asam" } },       { KNOB_RHO_DRW, { "sam", "asam" } },     { KNOB_BN_SECOND_PASS, { "sam", "asam" } },
        { KNOB_PGD_SIGMA, { "pgd", NULL } },   { KNOB_PGD_WHERE, { "pgd", NULL } },     { KNOB_LPF_M, { "lpf", NULL } },
        { KNOB_LPF_GAMMA, { "lpf", NULL } },
    };
    char opt[32];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].id == ch->id && !knob_is(ch->after, KNOB_OPT, rows[i].words[0]) &&
            !(rows[i].words[1] && knob_is(ch->after, KNOB_OPT, rows[i].words[1])))
            trainer_say(t, "warning", "set: opt is %s, so %s does nothing until 'set opt %s'",
                        knob_choice(ch->after, KNOB_OPT, opt, sizeof opt), knob_table[ch->id].name, rows[i].words[0]);
}

static void warn_schedule(struct trainer *t, const struct change *ch)
{
    const struct schedule *s = &ch->after->v[ch->id].schedule;
    double epochs = knob_num(ch->after, KNOB_EPOCHS);
    if (knob_table[ch->id].type != KNOB_SCHEDULE || s->n == 0 || s->at[s->n - 1] < epochs)
        return;
    if (s->kind == SCHEDULE_STEPS) /* milestones past the end are usual with multistep (D-4) */
        trainer_say(t, "warning", "set: %s %s: epoch %g is past the end of training (%g)", knob_table[ch->id].name, ch->new,
                    s->at[s->n - 1], epochs);
}

static void warn_drw(struct trainer *t, const struct change *ch)
{
    long epoch = (long)(t->step / t->spe);
    bool was = knobs_drw_on(ch->before, epoch), is = knobs_drw_on(ch->after, epoch);
    double now = trainer_epoch(t), drw = knob_num(ch->after, KNOB_DRW);
    if (ch->id == KNOB_DRW && knob_is(ch->after, KNOB_WEIGHTS, "none"))
        trainer_say(t, "warning", "set: weights is none, so drw does nothing until 'set weights effective'");
    else if (ch->id == KNOB_DRW && was && is && drw <= now)
        trainer_say(t, "warning", "set: epoch %g is past (now %.1f); re-weighting is already on, nothing changes; to try it: fork @%.0f",
                    drw, now, drw > 1 ? drw - 1 : 0);
    else if (ch->id == KNOB_DRW && was && !is)
        trainer_say(t, "warning", "set: re-weighting goes off now and comes back at epoch %g", drw);
    else if (ch->id == KNOB_WEIGHTS && !is && !knob_is(ch->after, KNOB_WEIGHTS, "none"))
        trainer_say(t, "note", "set: these weights act from epoch %g on (drw)", drw);
    else if (ch->id == KNOB_RHO_DRW && knob_is(ch->after, KNOB_WEIGHTS, "none"))
        trainer_say(t, "warning", "set: weights is none, so there is no re-weighted phase for rho_drw");
}

static void warn(struct trainer *t, const struct change *ch)
{
    warn_optimiser(t, ch);
    warn_schedule(t, ch);
    warn_drw(t, ch);
    if (ch->id == KNOB_EPOCHS && total_after(t, ch) <= t->step)
        trainer_say(t, "warning", "set: the run is at epoch %.1f, so it ends now", trainer_epoch(t));
    else if (ch->id == KNOB_EPOCHS && !knob_is(ch->after, KNOB_WEIGHTS, "none") &&
             knob_num(ch->after, KNOB_DRW) >= knob_num(ch->after, KNOB_EPOCHS))
        trainer_say(t, "warning", "set: drw %g is past the end of training now, re-weighting will never come on",
                    knob_num(ch->after, KNOB_DRW));
}

/* --- done ---------------------------------------------------------------------------------------------------------- */

/* IEEE-754 bits of a plain number, so that replay never reads a decimal; NULL for other values. */
static const char *bits_of(const struct change *ch, char *out, size_t size)
{
    const struct knob_value *v = &ch->after->v[ch->id];
    bool schedule = knob_table[ch->id].type == KNOB_SCHEDULE;
    double number = schedule ? v->schedule.base : v->num;
    uint64_t bits;
    if (knob_table[ch->id].type == KNOB_TEXT || (schedule && v->schedule.kind != SCHEDULE_CONSTANT))
        return NULL;
    memcpy(&bits, &number, sizeof bits);
    snprintf(out, size, "%016" PRIx64, bits);
    return out;
}

/* A way back: the last snapshot may lie far behind the moment that is about to change. */
static bool snapshot_before(struct trainer *t, const struct command *c)
{
    const uint64_t old_ns = 30000000000u;
    bool by_hand = !c->by || strcmp(c->by, "user") == 0;
    if (t->rolling || !by_hand || t->snapshot_step == t->step || t->work_ns - t->snapshot_work_ns < old_ns)
        return false;
    return trainer_snapshot(t, NULL, false);
}

static void apply(struct trainer *t, const struct change *ch)
{
    t->knobs.v[ch->id] = ch->after->v[ch->id];
    t->knobs.by_hand[ch->id] = true;
    pthread_mutex_lock(&t->lock);
    t->shown_knobs = t->knobs;
    pthread_mutex_unlock(&t->lock);
}

/* The loss follows at the next step; evaluations before it should see the new weights too. */
static int follow(struct trainer *t, const struct change *ch, struct err *err)
{
    if (ch->id == KNOB_WEIGHTS || ch->id == KNOB_DRW)
        return trainer_use_loss(t, err);
    return 0;
}

static int change_knob(struct trainer *t, struct change *ch, uint64_t id, char *text, size_t size, struct err *err)
{
    const char *name = knob_table[ch->id].name;
    char bits[24], snapshot[64] = "", snap_name[32];
    if (check(t, ch, err) < 0 || check_loss(t, ch, err) < 0)
        return -1;
    if (strcmp(ch->old, ch->new) == 0) {
        snprintf(text, size, "%s is %s already", name, ch->new);
        return 0;
    }
    if (snapshot_before(t, ch->c)) {
        trainer_snapshot_name(t, snap_name, sizeof snap_name);
        snprintf(snapshot, sizeof snapshot, "; snapshot %s", snap_name);
    }
    warn(t, ch);
    trainer_journal(t, ch->c, "set", name, ch->new, ch->old, bits_of(ch, bits, sizeof bits), id);
    apply(t, ch);
    if (follow(t, ch, err) < 0)
        return -1;
    snprintf(text, size, "%s %.150s -> %.150s from step %" PRIu64 " (ep %.1f)%s; 'undo' reverts", name, ch->old, ch->new, t->step + 1,
             trainer_epoch(t), snapshot);
    return 0;
}

int trainer_set_knob(struct trainer *t, const struct command *c, uint64_t id, char *text, size_t size, struct err *err)
{
    if (c->knob < 0 || c->knob >= KNOB_COUNT)
        return err_set(err, ERR_INVALID, "unknown knob number %d", c->knob);
    struct change ch = { .id = (enum knob_id)c->knob, .c = c, .before = &t->knobs };
    struct knobs after = t->knobs;
    after.v[ch.id] = c->value;
    ch.after = &after;
    knob_format(ch.id, &t->knobs.v[ch.id], ch.old, sizeof ch.old);
    knob_format(ch.id, &c->value, ch.new, sizeof ch.new);
    return change_knob(t, &ch, id, text, size, err);
}
