#include "config.h"
#include "engine/run/trainer_private.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "engine/recorded.h"
#include "engine/run/plan.h"
#include "engine/stages.h"

struct set_change { /* what a `set` would do */
    enum knob_id id;
    const struct command *c;
    const struct knobs *before;
    struct knobs *after;
    char old[KNOB_TEXT_MAX], new[KNOB_TEXT_MAX];
};

static bool is_automatic(const struct command *c)
{
    return c->by && strcmp(c->by, RECORDED_AUTO) == 0;
}

/* --- refused ------------------------------------------------------------------------------------------------------- */

static struct plan plan_after(const struct trainer *t, const struct set_change *ch)
{
    return (struct plan){ .knobs = ch->after, .data = t->learner.data };
}

static bool drw_never_acts(const struct plan *p)
{
    return plan_past(p, knob_num(p->knobs, KNOB_DRW));
}

static int check_drw(const struct trainer *t, const struct set_change *ch, struct err *err)
{
    const struct plan p = plan_after(t, ch);
    char end[96];
    if (ch->id != KNOB_DRW || ch->c->force || !drw_never_acts(&p))
        return 0;
    return err_set(err, ERR_RANGE, "drw %g is past %s, it would never fire; not set (use --force)",
                   knob_num(ch->after, KNOB_DRW), plan_first_end(&p, end));
}

static int check_begun(const struct trainer *t, const struct set_change *ch, struct err *err)
{
    const struct stage s = stage_at(&t->learner.knobs, learner_stage_epoch(&t->learner));
    if (!knob_is_planned(ch->id))
        return 0;
    return err_set(err, ERR_INVALID, "%s is fixed (%s) since stage %s began at epoch %ld; 'stage %s --from %s@%ld' begins one anew from there",
                   knob_table[ch->id].name, ch->old, s.name, s.first, s.name, t->name[0] ? t->name : "RUN", s.first);
}

/* A second stage that has begun is what it is; one that is planned must be able to begin, and to be made. */
static int check_stage(struct trainer *t, const struct set_change *ch, struct err *err)
{
    struct learner *l = &t->learner;
    const struct stage s = stage_at(ch->after, knob_int(ch->after, KNOB_EPOCHS));
    if ((!knob_is_planned(ch->id) && ch->id != KNOB_STAGE_EPOCHS) || strcmp(ch->old, ch->new) == 0)
        return 0;
    if (l->second && check_begun(t, ch, err) < 0)
        return -1;
    if (!l->second && s.second && (uint64_t)s.first * l->spe < l->step)
        return err_set(err, ERR_RANGE, "epochs %ld: stage %s would begin then, and the run is at epoch %.1f already; accepted: %" PRIu64 " and more",
                       s.first, s.name, trainer_epoch(t), (l->step + l->spe - 1) / l->spe);
    return learner_plan_stage(l, ch->after, err);
}

static int check_ends(const struct trainer *t, const struct set_change *ch, struct err *err)
{
    const struct plan p = plan_after(t, ch);
    if (!knob_is_length(ch->id) || ch->c->force || plan_steps(&p) > t->learner.step)
        return 0;
    char steps[48] = "";
    if (knob_num(ch->after, KNOB_STEPS) > 0)
        snprintf(steps, sizeof steps, ", steps %.0f", knob_num(ch->after, KNOB_STEPS));
    return err_set(err, ERR_RANGE, "the run is at epoch %.1f (step %" PRIu64 ") already: with epochs %ld%s it would end at once; not set (use --force)",
                   trainer_epoch(t), t->learner.step, knobs_epochs(ch->after), steps);
}

static int check_change(struct trainer *t, const struct set_change *ch, struct err *err)
{
    const struct knob_info *k = &knob_table[ch->id];
    if (k->when == KNOB_SETUP)
        return err_set(err, ERR_INVALID, "%s is fixed while a run exists (now %s); it can be set before the next 'train'", k->name,
                       ch->old[0] ? ch->old : "empty");
    if (k->when == KNOB_SCREEN)
        return err_set(err, ERR_INVALID, "%s belongs to the screen, not to a run", k->name);
    if (check_drw(t, ch, err) < 0 || check_ends(t, ch, err) < 0 || check_stage(t, ch, err) < 0)
        return -1;
    bool new_here = (ch->id == KNOB_OPT || ch->id == KNOB_LPF_M || ch->id == KNOB_TAIL_BELOW) && !t->rolling; /* what was recorded once is repeated as it was */
    return new_here ? plan_check(ch->after, &t->learner.net, t->learner.data, err) : 0;
}

static int check_loss(struct trainer *t, const struct set_change *ch, struct err *err)
{
    return ch->id == KNOB_WEIGHTS || ch->id == KNOB_OPT || ch->id == KNOB_STAGE ? learner_check_loss(&t->learner, ch->after, err) : 0;
}

/* --- legal but surprising ------------------------------------------------------------------------------------------ */

static void warn_drw(struct trainer *t, const struct set_change *ch)
{
    long epoch = learner_stage_epoch(&t->learner);
    bool was = knobs_drw_on(ch->before, epoch), is = knobs_drw_on(ch->after, epoch);
    double now = trainer_epoch(t), drw = knob_num(ch->after, KNOB_DRW);
    const struct plan p = plan_after(t, ch);
    const bool late = drw_never_acts(&p);
    if (ch->id == KNOB_DRW && was && is && drw <= now)
        trainer_say(t, "warning", "set: epoch %g is past (now %.1f); re-weighting is already on, nothing changes; to try it: resume RUN@%.0f",
                    drw, now, drw > 1 ? drw - 1 : 0);
    else if (ch->id == KNOB_DRW && was && !is)
        trainer_say(t, "warning", late ? "set: re-weighting goes off now" : "set: re-weighting goes off now and comes back at epoch %g", drw);
    else if (ch->id == KNOB_WEIGHTS && !is && !late && !knob_is(ch->after, KNOB_WEIGHTS, "none"))
        trainer_say(t, "note", "set: these weights act from epoch %g on (drw)", drw);
}

/* Knobs of the first stage, when that is over. */
static void warn_over(struct trainer *t, const struct set_change *ch)
{
    static const struct {
        enum knob_id first, second;
    } pairs[] = { { KNOB_LR, KNOB_STAGE_LR }, { KNOB_RHO, KNOB_STAGE_RHO }, { KNOB_RHO_DRW, KNOB_STAGE_RHO }, { KNOB_OPT, KNOB_STAGE_RHO },
                  { KNOB_WEIGHT_DECAY, KNOB_STAGE_WEIGHT_DECAY }, { KNOB_WEIGHTS, KNOB_STAGE_LOSS }, { KNOB_DRW, KNOB_STAGE_LOSS } };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0] && t->learner.second; i++)
        if (pairs[i].first == ch->id && (pairs[i].second != KNOB_STAGE_LOSS || knob_is(ch->after, KNOB_STAGE_LOSS, "ce")))
            trainer_say(t, "warning", "set: the first stage is over, so %s does nothing any more; the second has %s", knob_table[ch->id].name,
                        knob_table[pairs[i].second].name);
}

static void warn_change(struct trainer *t, const struct set_change *ch)
{
    const struct plan p = plan_after(t, ch);
    if (is_automatic(ch->c))
        return;
    trainer_warn_set(t, ch->after, ch->id);
    warn_drw(t, ch);
    warn_over(t, ch);
    if (knob_is_length(ch->id) && plan_steps(&p) <= t->learner.step)
        trainer_say(t, "warning", "set: the run is at epoch %.1f, so it ends now", trainer_epoch(t));
}

/* --- done ---------------------------------------------------------------------------------------------------------- */

/* IEEE-754 bits of a plain number, so that replay never reads a decimal; NULL for other values. */
static const char *bits_of(const struct set_change *ch, char *out, size_t size)
{
    const bool schedule = knob_table[ch->id].type == KNOB_SCHEDULE;
    if (knob_table[ch->id].type == KNOB_TEXT || (schedule && knob_schedule(ch->after, ch->id)->kind != SCHEDULE_CONSTANT))
        return NULL;
    const double number = schedule ? knob_schedule(ch->after, ch->id)->base : knob_num(ch->after, ch->id);
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    snprintf(out, size, "%016" PRIx64, bits);
    return out;
}

/* A way back: the last snapshot may lie far behind the moment that is about to change. */
static bool snapshot_before(struct trainer *t, const struct command *c)
{
    const uint64_t old_ns = 30000000000u;
    bool by_hand = !c->by || strcmp(c->by, "user") == 0 || strcmp(c->by, "ctl") == 0 || strcmp(c->by, "alarm") == 0;
    if (t->rolling || !by_hand || t->snapshot_step == t->learner.step || t->work_ns - t->snapshot_work_ns < old_ns)
        return false;
    return trainer_snapshot(t, NULL, false);
}

static void apply_change(struct trainer *t, const struct set_change *ch)
{
    if (ch->id == KNOB_RHO && !trainer_moves_rho(t))
        t->rho_auto = rho_auto_new;
    t->learner.knobs.v[ch->id] = ch->after->v[ch->id];
    t->learner.knobs.by_hand[ch->id] |= !is_automatic(ch->c);
    pthread_mutex_lock(&t->lock);
    t->shown_knobs = t->learner.knobs;
    pthread_mutex_unlock(&t->lock);
}

/* The loss follows at the next step; evaluations before it should see the new weights too. */
static int follow_change(struct trainer *t, const struct set_change *ch, struct err *err)
{
    if (ch->id == KNOB_WEIGHTS || ch->id == KNOB_DRW || ch->id == loss_chosen(&t->learner.knobs)->first_epoch)
        return trainer_use_loss(t, err);
    return 0;
}

/* --- schedules keep the length that they began with ---------------------------------------------------------------- */

/* A change that follows from another one: recorded before it, by the same hand, so that whoever repeats the recording finds both. */
static void keep_as_it_was(struct trainer *t, struct set_change *ch, enum knob_id id, const char *value)
{
    struct err err;
    if (trainer_set_besides(t, id, value, ch->c->by, NULL, &err) < 0)
        trainer_say(t, "warning", "set: %s moves with %s: %s", knob_table[id].name, knob_table[ch->id].name, err.text);
    ch->after->v[id] = t->learner.knobs.v[id];
}

static void pin_schedule(struct trainer *t, struct set_change *ch, enum knob_id id, struct buf *text)
{
    struct schedule s = *knob_schedule(&t->learner.knobs, id);
    char plain[SCHEDULE_TEXT_MAX], kept[SCHEDULE_TEXT_MAX];
    if (!schedule_is_laid_over_run(&s))
        return;
    schedule_format(&s, plain, sizeof plain);
    s.over = knob_num(ch->before, ch->id);
    schedule_format(&s, kept, sizeof kept);
    keep_as_it_was(t, ch, id, kept);
    buf_addf(text, "; %s keeps its %g epochs", knob_table[id].name, s.over);
    if (knob_num(ch->after, ch->id) > s.over)
        trainer_say(t, "warning", "set: %s keeps the %g epochs that it began with, and stays at %g after them; 'set %s %s' lays it over all %g",
                    knob_table[id].name, s.over, s.end, knob_table[id].name, plain, knob_num(ch->after, ch->id));
}

/* A share of the epochs: another one that ends at the same epoch. It falls between two, where no rounding can move it. */
static void pin_head_until(struct trainer *t, struct set_change *ch)
{
    const double was = knob_num(ch->before, KNOB_EPOCHS), is = knob_num(ch->after, KNOB_EPOCHS);
    const double last = ceil(knob_num(&t->learner.knobs, KNOB_HEAD_UNTIL) * was) - 0.5;
    char share[64];
    if (!optimiser_reads(knobs_optimiser(&t->learner.knobs), KNOB_HEAD_UNTIL) || last < 0)
        return;
    snprintf(share, sizeof share, "%.17g", last < is ? last / is : 1);
    keep_as_it_was(t, ch, KNOB_HEAD_UNTIL, share);
}

/* What is repeated from a recording follows the recording: one of before this rule says nothing of the other knob. */
static bool follows_journal(const struct trainer *t, const struct set_change *ch, enum knob_id id)
{
    const char *set = operation_table[COMMAND_SET].word;
    if (ch->c->by && strcmp(ch->c->by, "roll") == 0)
        return true; /* it stands there as a command of its own */
    return t->rolling && !t->roll.branched && trainer_roll_knows(t, set, knob_table[ch->id].name) && !trainer_roll_knows(t, set, knob_table[id].name);
}

/* Another length moves no schedule that has begun. */
static void pin_schedules(struct trainer *t, struct set_change *ch, struct buf *text)
{
    static const struct {
        enum knob_id length, schedule;
    } rows[] = { { KNOB_EPOCHS, KNOB_LR }, { KNOB_EPOCHS, KNOB_RHO }, { KNOB_EPOCHS, KNOB_RHO_DRW }, { KNOB_EPOCHS, KNOB_RHO_HEAD },
                 { KNOB_EPOCHS, KNOB_HEAD_UNTIL }, { KNOB_STAGE_EPOCHS, KNOB_STAGE_LR }, { KNOB_STAGE_EPOCHS, KNOB_STAGE_RHO } };
    const bool begun = ch->id == KNOB_STAGE_EPOCHS ? t->learner.second : t->learner.step > 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows && begun; i++) {
        if (rows[i].length != ch->id || follows_journal(t, ch, rows[i].schedule))
            continue;
        if (rows[i].schedule == KNOB_HEAD_UNTIL)
            pin_head_until(t, ch);
        else
            pin_schedule(t, ch, rows[i].schedule, text);
    }
}

static int change_knob(struct trainer *t, struct set_change *ch, uint64_t id, struct buf *text, struct err *err)
{
    const char *name = knob_table[ch->id].name;
    char bits[24], snapshot[64] = "", snap_name[32];
    struct buf kept = { 0 };
    if (check_change(t, ch, err) < 0 || check_loss(t, ch, err) < 0)
        return -1;
    if (strcmp(ch->old, ch->new) == 0) {
        buf_addf(text, "%s is %s already", name, ch->new);
        return 0;
    }
    if (snapshot_before(t, ch->c)) {
        trainer_snapshot_name(t, snap_name, sizeof snap_name);
        snprintf(snapshot, sizeof snapshot, "; snapshot %s", snap_name);
    }
    pin_schedules(t, ch, &kept);
    warn_change(t, ch);
    trainer_journal(t, ch->c, &(struct entry){ .key = name, .value = ch->new, .old = ch->old,
                                               .bits = bits_of(ch, bits, sizeof bits), .id = id,
                                               .why = is_automatic(ch->c) ? ch->c->text : NULL });
    apply_change(t, ch);
    const int result = follow_change(t, ch, err);
    if (result == 0)
        buf_addf(text, "%s %s -> %s from step %" PRIu64 " (ep %.1f)%s%s%s", name, ch->old, ch->new, t->learner.step + 1, trainer_epoch(t), snapshot,
                 strcmp(ch->c->typed, RECORDED_UNDO) ? "; 'undo' reverts" : "", kept.len > 0 ? kept.data : "");
    buf_release(&kept);
    return result;
}

/* `set rho auto` begins with the radius in force. */
static int begin_auto(const struct trainer *t, struct knobs *after, struct err *err)
{
    const struct schedule *s = knob_schedule(after, KNOB_RHO);
    const double now = knobs_rho(&t->learner.knobs, learner_stage_epoch(&t->learner));
    char text[64];
    if (s->kind != SCHEDULE_AUTO || s->n > 0 || !(now > 0))
        return 0;
    if (now < RHO_AUTO_LOW || now > RHO_AUTO_HIGH)
        return err_set(err, ERR_RANGE, "rho: it is %g, and auto moves it between %g and %g; 'set rho auto:%g' begins there", now, RHO_AUTO_LOW, RHO_AUTO_HIGH,
                       RHO_AUTO_FIRST);
    snprintf(text, sizeof text, "auto:%.17g", now);
    return knob_parse(KNOB_RHO, text, &after->v[KNOB_RHO], err);
}

int trainer_set_knob(struct trainer *t, const struct command *c, uint64_t id, struct buf *text, struct err *err)
{
    if (c->knob < 0 || c->knob >= KNOB_COUNT)
        return err_set(err, ERR_INVALID, "unknown knob number %d", c->knob);
    struct set_change ch = { .id = (enum knob_id)c->knob, .c = c, .before = &t->learner.knobs };
    struct knobs after = t->learner.knobs;
    after.v[ch.id] = c->value;
    if (c->factor > 0 && knob_scale(ch.id, &t->learner.knobs.v[ch.id], c->factor, &after.v[ch.id], err) < 0)
        return -1;
    if (ch.id == KNOB_RHO && begin_auto(t, &after, err) < 0)
        return -1;
    ch.after = &after;
    knob_format(ch.id, &t->learner.knobs.v[ch.id], ch.old, sizeof ch.old);
    knob_format(ch.id, &after.v[ch.id], ch.new, sizeof ch.new);
    return change_knob(t, &ch, id, text, err);
}

int trainer_set_besides(struct trainer *t, enum knob_id id, const char *value, const char *by, const char *why, struct err *err)
{
    struct buf unread = { 0 };
    struct command set = { .op = COMMAND_SET, .knob = (int)id, .typed = "", .by = by, .text = why };
    int result = knob_parse(id, value, &set.value, err);
    if (result == 0)
        result = trainer_set_knob(t, &set, 0, &unread, err);
    buf_release(&unread);
    return result;
}
