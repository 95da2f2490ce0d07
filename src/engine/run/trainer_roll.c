#include "config.h"
#include "engine/run/trainer_private.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- what the journal has ------------------------------------------------------------------------------------------ */

static void *copy_of(const void *from, size_t bytes)
{
    void *to = malloc(bytes + 1);
    if (to && bytes)
        memcpy(to, from, bytes);
    return to;
}

/* All in one block: the array, the commands, and the texts of each. */
static const struct command *const *copy_commands(const struct trainer_roll *r)
{
    const size_t n = (size_t)r->n_commands;
    size_t bytes = 0;
    for (size_t i = 0; i < n; i++)
        bytes += command_extra(r->commands[i]);
    const struct command **to = malloc((n + 1) * (sizeof *to + sizeof **to) + bytes);
    struct command *command = to ? (void *)(to + n) : NULL;
    char *extra = to ? (char *)(command + n) : NULL;
    for (size_t i = 0; to && i < n; i++) {
        command_pack(&command[i], r->commands[i], extra);
        extra += command_extra(r->commands[i]);
        to[i] = &command[i];
    }
    return to;
}

int trainer_copy_roll(struct trainer *t, const struct trainer_setup *setup, struct err *err)
{
    const struct trainer_roll *r = setup->roll;
    if (!r)
        return 0;
    if (r->until < t->learner.step)
        return err_set(err, ERR_INVALID, "rolling forward needs a snapshot before step %" PRIu64, r->until);
    const size_t n = (size_t)r->n_commands, steps = (size_t)(r->until - t->learner.step);
    struct trainer_roll *told = &t->roll.told;
    *told = *r;
    told->at = copy_of(r->at, n * sizeof *r->at);
    told->commands = copy_commands(r);
    told->loss = r->loss ? copy_of(r->loss, steps * sizeof *r->loss) : NULL;
    told->known = copy_of(r->known, (size_t)r->n_known * sizeof *r->known);
    told->results = copy_of(r->results, (size_t)r->n_results * sizeof *r->results);
    t->roll.met = calloc((size_t)r->n_known + 1, sizeof *t->roll.met);
    t->roll.has = true;
    if (told->at && told->commands && (!r->loss || told->loss) && told->known && told->results && t->roll.met)
        return 0;
    return err_set(err, ERR_MEMORY, "no memory for %zu recorded commands and %zu losses", n, steps);
}

/* The journal's word about a command that is due now; each counts once. */
static const struct roll_known *known_about(struct trainer *t, const char *op, const char *key)
{
    for (int i = 0; i < t->roll.told.n_known; i++) {
        const struct roll_known *k = &t->roll.told.known[i];
        if (t->roll.met[i] || k->step != t->learner.step || strcmp(k->op, op) != 0 ||
            strncmp(k->key, key ? key : "", sizeof k->key - 1) != 0)
            continue;
        t->roll.met[i] = true;
        return k;
    }
    return NULL;
}

bool trainer_roll_knows(const struct trainer *t, const char *op, const char *key)
{
    for (int i = 0; i < t->roll.told.n_known; i++) {
        const struct roll_known *k = &t->roll.told.known[i];
        if (k->step == t->learner.step && strcmp(k->op, op) == 0 && strcmp(k->key, key) == 0)
            return true;
    }
    return false;
}

bool trainer_roll_journals(struct trainer *t, const char *op, const char *key)
{
    if (t->roll.branched || t->roll.doing == ROLL_QUIET)
        return !t->quiet;
    if (t->roll.doing == ROLL_REDO) {
        t->quiet = false;
        return false;
    }
    const struct roll_known *k = known_about(t, op, key);
    t->roll.over = k && k->over;
    t->quiet = k && k->over; /* it was due and the recording ended before it was written down: it is now */
    return !k;
}

bool trainer_roll_has(const struct trainer *t, enum command_op op, int class_index)
{
    if (!t->rolling || t->roll.branched || t->roll.doing == ROLL_QUIET)
        return false;
    for (int i = 0; i < t->roll.told.n_results; i++) {
        const struct roll_result *r = &t->roll.told.results[i];
        if (r->open && r->op == op && r->of == t->learner.step && r->class_index == class_index)
            return true;
    }
    return false;
}

/* True for a result of the round that began at this step and went on at most until the next round. */
static bool of_this_round(const struct trainer *t, const struct roll_result *r)
{
    const long every = knob_int(&t->learner.knobs, KNOB_HESSIAN_EVERY);
    return r->round && r->of >= t->learner.step && r->of < t->learner.step + (uint64_t)(every > 0 ? every : 1) * t->learner.spe;
}

bool trainer_roll_round_has(const struct trainer *t, int class_index)
{
    for (int i = 0; i < t->roll.told.n_results && !t->roll.branched; i++)
        if (t->roll.told.results[i].class_index == class_index && of_this_round(t, &t->roll.told.results[i]))
            return true;
    return false;
}

bool trainer_roll_round_began(const struct trainer *t)
{
    for (int i = 0; i < t->roll.told.n_results && !t->roll.branched; i++)
        if (of_this_round(t, &t->roll.told.results[i]))
            return true;
    return false;
}

/* --- rho auto ------------------------------------------------------------------------------------------------------ */

bool trainer_roll_measured(const struct trainer *t, int class_index)
{
    for (int i = 0; t->rolling && i < t->roll.told.n_results; i++) {
        const struct roll_result *r = &t->roll.told.results[i];
        if (operation_table[r->op].result == EVENT_EIG && r->of == t->learner.step && r->class_index == class_index)
            return !t->roll.branched;
    }
    return false;
}

const struct schedule *trainer_roll_rho(const struct trainer *t)
{
    const struct trainer_roll *r = &t->roll.told;
    for (int i = t->roll.next; i < r->n_commands && r->at[i] <= t->learner.step; i++)
        if (r->at[i] == t->learner.step && operation_is(r->commands[i]->op, OP_SETS) && r->commands[i]->knob == KNOB_RHO)
            return r->commands[i]->value.schedule;
    return NULL;
}

/* A move comes before all that is asked for at its step: at the last one of the journal it may be missing, and is made then. */
bool trainer_roll_decided(const struct trainer *t)
{
    return t->rolling && (t->learner.step < t->roll.told.until || t->roll.told.look || trainer_roll_rho(t));
}

/* --- the roll ------------------------------------------------------------------------------------------------------ */

/* Recorded commands that act before the next step. */
static void apply_recorded(struct trainer *t)
{
    const struct trainer_roll *r = &t->roll.told;
    struct err err;
    for (; t->roll.next < r->n_commands && r->at[t->roll.next] <= t->learner.step; t->roll.next++)
        if (r->at[t->roll.next] == t->learner.step && trainer_apply_roll(t, r->commands[t->roll.next], &err) < 0) {
            t->quiet = false;
            trainer_say(t, "warning", "a recorded command of step %" PRIu64 " was not repeated: %s", t->learner.step, err.text);
            t->quiet = !t->roll.branched;
        }
}

uint64_t trainer_roll_boundary(const struct trainer *t)
{
    const struct trainer_roll *r = &t->roll.told;
    return t->roll.next < r->n_commands && r->at[t->roll.next] < r->until ? r->at[t->roll.next] : r->until;
}

/* Does the step just done agree with the journal? Losses that were not recorded agree. */
static bool agrees(const struct trainer *t, uint64_t from)
{
    float recorded = t->roll.told.loss ? t->roll.told.loss[t->learner.step - from - 1] : NAN;
    return isnan(recorded) || memcmp(&recorded, &t->learner.last_loss, sizeof recorded) == 0;
}

/* The machine, the build or the data differ from what was recorded: say so, and let a new timeline begin at this step. */
static void branch_off(struct trainer *t, uint64_t from)
{
    char why[200];
    double recorded = (double)t->roll.told.loss[t->learner.step - from - 1];
    snprintf(why, sizeof why, "step %" PRIu64 ": loss %.9g was recorded, %.9g is computed now", t->learner.step, recorded,
             (double)t->learner.last_loss);
    if (t->roll.told.look) { /* other weights than those that were asked for would be looked at */
        t->over = RUN_FAILED;
        snprintf(t->why, sizeof t->why, "the recorded weights cannot be made here: %s", why);
        return;
    }
    t->quiet = false;
    t->roll.branched = true;
    trainer_say(t, "warning", "%s; training goes on from here on a new timeline", why);
    struct event *e = event_new(EVENT_BRANCH, t->learner.step - 1);
    if (e) {
        event_set_str(e, EV_BRANCH_WHY, why);
        trainer_emit(t, e);
    }
    if (t->roll.step)
        trainer_emit(t, event_ref(t->roll.step));
}

/* Everything recorded after this step is left behind. */
static void rewind_here(struct trainer *t)
{
    char why[96];
    struct event *e = event_new(EVENT_BRANCH, t->learner.step);
    snprintf(why, sizeof why, "taken up again at epoch %.4g; what was recorded after it is left behind", trainer_epoch(t));
    if (e) {
        event_set_str(e, EV_BRANCH_WHY, why);
        trainer_emit(t, e);
    }
}

/* Its beginning follows its first step at once: where the journal has a later step, or it as the last, it has been told. */
static void tell_stage(struct trainer *t)
{
    const struct trainer_roll *told = &t->roll.told;
    t->quiet = !t->roll.branched && (t->learner.step < told->until || t->learner.step <= told->until_stage || told->look);
    trainer_tell_stage(t);
    t->quiet = !t->roll.branched;
}

static void emit_evaluation_of(struct trainer *t)
{
    t->quiet = !t->roll.branched && t->learner.step <= t->roll.told.until_eval;
    trainer_end_epoch(t);
    if (!t->roll.told.look && learner_under_way(&t->learner) == 0)
        round_take_weights(&t->probe);
    t->quiet = !t->roll.branched;
}

void trainer_roll(struct trainer *t)
{
    uint64_t from = t->learner.step, until = t->roll.told.until;
    t->rolling = true;
    t->roll.branched = trainer_is_child(t); /* nothing stands in its journal yet */
    t->quiet = !t->roll.branched;
    trainer_publish(t);
    if (t->learner.step > 0 && t->learner.step % t->learner.spe == 0 && t->learner.epoch_images > 0) {
        emit_evaluation_of(t); /* the end of the epoch was cut off */
    } else if (trainer_round_due(t) && !t->roll.told.look) { /* it came before the snapshot */
        trainer_schedule_round(t);
        round_take_weights(&t->probe);
    }
    bool whole = false;
    while (!t->over) {
        trainer_decide(t, false);
        if (t->at.stop && learner_under_way(&t->learner) == 0)
            break;
        if (learner_under_way(&t->learner) == 0) {
            apply_recorded(t);
            trainer_run_due(t);
            whole = t->learner.step >= until || t->over;
            if (whole)
                break;
        }
        if (trainer_step(t) < 0) {
            whole = true;
            t->quiet = false;
            if (t->roll.told.look) {
                t->over = RUN_FAILED;
                break;
            }
            trainer_say(t, "warning", "repeating the recorded steps ended at step %" PRIu64 ": %s", t->learner.step + 1, t->why);
            break;
        }
        if (!t->roll.branched && !agrees(t, from))
            branch_off(t, from);
        tell_stage(t);
        emit_evaluation_of(t);
        trainer_progress(t, "roll", t->learner.step - from, until - from, -1);
        trainer_publish(t);
    }
    bool stopped = !whole, failed = t->roll.told.look && t->over;
    t->quiet = false;
    event_unref(t->roll.step);
    t->roll.step = NULL;
    if (stopped && !failed)
        t->over = RUN_STOPPED;
    if (stopped || failed)
        return; /* the journal stays as it is; t->rolling tells the thread to add nothing */
    t->rolling = false;
    if (t->roll.told.rewind && !t->roll.branched && t->learner.step == until)
        rewind_here(t);
    if (t->evaluated_step == UINT64_MAX && t->roll.told.until_eval == t->learner.step)
        t->evaluated_step = t->learner.step;
}
