/* The part of a recording that a resumed run executes again: the recorded commands that change the course of training, and the losses it checks. */
#include "config.h"
#include "repl/bench.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/probe/reading.h"
#include "engine/recorded.h"

void roll_release(struct roll *r)
{
    free(r->at);
    for (int i = 0; i < r->roll.n_commands; i++)
        free(r->commands[i]);
    free(r->commands);
    free(r->loss);
    free(r->known);
    free(r->results);
    free(r->saved);
}

static int roll_grow(struct roll *r, struct err *err)
{
    const size_t cap = r->cap ? 2 * (size_t)r->cap : 16;
    uint64_t *at = realloc(r->at, sizeof *at * cap);
    r->at = at ? at : r->at;
    struct command **commands = at ? realloc(r->commands, sizeof *commands * cap) : NULL;
    if (!commands)
        return err_set(err, ERR_MEMORY, "no memory for the recorded commands");
    r->commands = commands;
    r->cap = (int)cap;
    return 0;
}

/* One more command: a copy. */
static int roll_add(struct roll *r, uint64_t at, const struct command *c, struct err *err)
{
    enum { MOST = 2048 };
    const int n = r->roll.n_commands;
    if (n == MOST)
        return err_set(err, ERR_DATA, "more than %d commands were recorded after the snapshot", MOST);
    if (n == r->cap && roll_grow(r, err) < 0)
        return -1;
    r->commands[n] = command_copy(c);
    if (!r->commands[n])
        return err_set(err, ERR_MEMORY, "no memory for the recorded commands");
    r->commands[n]->by = "roll";
    r->at[n] = at;
    r->roll.n_commands++;
    return 0;
}

/* --- what may be taken from a recording ---------------------------------------------------------------------------- */

/* A recording may come from a stranger. What it may not have carried out is said, by name; a flood of it is not. */
static void show(struct workbench *w, struct roll *r, const char *what, const char *text, const char *why)
{
    enum { MOST = 50 };
    if (++r->n_shown <= MOST)
        bench_warn(w, "recording", "%s: '%.300s': %s", what, text, why);
    if (r->n_shown == MOST)
        bench_warn(w, "recording", "more commands of it are not carried out");
}

static const char only[] = "only changes of knobs, probes and snapshots are taken from a recording, and nothing that names a file";

/* A text like "set rho 0.8 at epoch 170" as a call whose words *l holds. 0; 1 it may not be carried out, *err says why; -1. */
static int read_typed(const char *typed, struct lexed *l, struct call *c, struct err *err)
{
    int at;
    *l = (struct lexed){ 0 };
    if (lex_line(typed, l, &at, err) < 0)
        return err->code == ERR_MEMORY ? -1 : 1;
    if (l->n_commands != 1)
        return err_set(err, ERR_DATA, "it is not one command"), 1;
    const struct command_info *info = command_find(l->word[0].text, true, err);
    if (!info)
        return 1;
    if (!(info->flags & F_RECORDED))
        return err_set(err, ERR_INVALID, "%s", only), 1;
    if (call_parse(c, info, l->word, l->command[0].n, err) < 0)
        return err->code == ERR_MEMORY ? -1 : 1;
    return call_may_be_recorded(c) ? 0 : (err_set(err, ERR_INVALID, "%s", only), 1);
}

/* A command that waited for its moment. The live parser checks it. */
static int roll_waiting(struct workbench *w, struct roll *r, uint64_t at, const char *typed, struct err *err)
{
    struct lexed l;
    struct command command;
    struct call *c = calloc(1, sizeof *c);
    if (!c)
        return err_set(err, ERR_MEMORY, "no memory for a command");
    int result = read_typed(typed, &l, c, err);
    if (result == 0 && call_command(w, c, &command, err) < 0)
        result = err->code == ERR_MEMORY ? -1 : 1; /* a class or a value that there is not */
    if (result > 0)
        show(w, r, "not run", typed, err->text);
    if (result == 0) {
        command.typed = typed;
        r->waits |= command.when == WHEN_IF && strncmp(command.when_metric, "lmin:", 5) == 0;
        result = roll_add(r, at, &command, err);
    }
    free(c);
    lex_release(&l);
    return result < 0 ? -1 : 0;
}

/* --- commands of the journal --------------------------------------------------------------------------------------- */

static int roll_set(struct roll *roll, const struct recorded *r, struct err *err)
{
    struct command set = { .op = COMMAND_SET, .knob = r->knob, .force = true, .typed = r->text };
    if (recorded_value(r, &set.value, err) == 0)
        return roll_add(roll, r->step, &set, err);
    return r->knob < 0 ? err_prefix(err, "step %llu of the recording", (unsigned long long)r->step) : -1;
}

/* A command that was carried out. Those that change the course of training are repeated; what one that had waited did (by
 * "schedule") follows by itself, and what steered the process of then is over. `open`: it was under way at the end. */
static int roll_done(struct workbench *w, struct roll *r, const struct recorded *c, bool open, struct err *err)
{
    const struct command_info *info = command_find(c->word, false, NULL);
    if (!info || !(info->flags & (F_RECORDED | F_STEERS)))
        return show(w, r, "not run", c->text[0] ? c->text : c->word, only), 0;
    if (c->scheduled)
        return 0;
    if (operation_is(c->op, OP_WATCHES | OP_UNWATCHES)) { /* by what its words meant then, unless that list was cut; what they set is a command of its own */
        char again[1100];
        const bool whole = recorded_names_classes(c);
        snprintf(again, sizeof again, "%s %s", c->word, whole ? c->key : "");
        return roll_waiting(w, r, c->step, whole ? again : c->text, err);
    }
    if (open && operation_is(c->op, OP_REDONE) && !operation_is(c->op, OP_REPEATED) && operation_is(c->op, OP_MEASURES))
        return roll_waiting(w, r, c->step, c->text, err);
    if (!operation_is(c->op, OP_REPEATED))
        return 0;
    if (operation_is(c->op, OP_SETS))
        return roll_set(r, c, err);
    const bool cancel = operation_is(c->op, OP_WITHDRAWS);
    const struct command again = { .op = (enum command_op)c->op, .count = cancel ? (long)c->id : open, .text = cancel ? c->value : c->key };
    return roll_add(r, c->step, &again, err);
}

/* --- what was under way when the recording ended ------------------------------------------------------------------- */

/* The kind of a reading stands for its class. */
static bool result_of(const struct event *e, enum command_op *op, uint64_t *of, int *class_index)
{
    const int found = operation_with_result((int)e->kind);
    if (found < 0)
        return false;
    const struct operation *row = &operation_table[found];
    const bool reading = e->kind == EVENT_READING;
    if (reading && !reading_completes(event_text(e, EV_READING_SPLIT), e->f[EV_READING_CHOSEN].s))
        return false;
    *op = (enum command_op)found;
    *of = e->f[row->of].u;
    *class_index = reading ? reading_find(event_text(e, row->which), NULL) : (int)e->f[row->which].u;
    return true;
}

/* Training waits for an evaluation and for a probe that was asked for: what follows shows that it came to its end. Made by the
 * session itself, or told beside it: that follows in any case. */
static bool shows_an_end(const struct event *e)
{
    enum command_op op;
    uint64_t of;
    int class_index;
    if (result_of(e, &op, &of, &class_index))
        return of != e->step;
    struct recorded c;
    const char *state = e->kind == EVENT_STATE ? e->f[EV_STATE_STATE].s : NULL;
    if ((recorded_read(e, &c) && operation_is(c.op, OP_ENDS) && c.key[0]) || (state && run_end_of(state) == RUN_STOPPED))
        return false; /* the stop cut it off; one that did not says nothing of a command, and is an end itself */
    return e->kind != EVENT_SNAP && e->kind != EVENT_UNSNAP && e->kind != EVENT_OPEN && e->kind != EVENT_FAULT && e->kind != EVENT_SEAL &&
           e->kind != EVENT_SUSPEND && !(e->kind == EVENT_SAY && strcmp(event_text(e, EV_SAY_LEVEL), "error") != 0);
}

/* Its number among the events; SIZE_MAX: none was under way. */
static size_t open_command(const struct recording *rec, uint64_t last)
{
    for (size_t i = recording_count(rec); i-- > 0;) {
        const struct event *e = recording_event(rec, i);
        struct recorded c;
        if (e->step > last)
            return SIZE_MAX;
        if (recorded_read(e, &c) && operation_is(c.op, OP_MEASURES))
            return i;
        if (shows_an_end(e))
            return SIZE_MAX;
    }
    return SIZE_MAX;
}

/* One that is not there is taken at the end of what is repeated, if it was of that step: its weights are not kept elsewhere. */
static int roll_snapshot(struct workbench *w, struct roll *r, const struct recorded *c, bool *over, struct err *err)
{
    *over = false;
    for (int i = 0; i < r->n_saved && !*over; i++)
        *over = r->saved[i] == c->step;
    if (*over)
        return 0;
    if (c->step == r->roll.until)
        return c->scheduled ? 0 : roll_waiting(w, r, c->step, c->text, err);
    show(w, r, "lost", c->text, "it was not on disk when the recording ended, and later steps were made");
    *over = true;
    return 0;
}

static void add_known(struct roll *r, const struct recorded *c, bool over)
{
    struct roll_known *k = &r->known[r->roll.n_known++];
    *k = (struct roll_known){ .step = c->step, .over = over };
    snprintf(k->op, sizeof k->op, "%s", c->word);
    snprintf(k->key, sizeof k->key, "%s", c->key);
}

/* Conditions that wait for an eigenvalue heard of it at this step. */
static int add_eigenvalue(struct roll *r, const struct event *e, int class_index, struct err *err)
{
    struct command found = { .op = COMMAND_FOUND, .when_value = e->f[EV_EIG_LMIN].f };
    snprintf(found.when_metric, sizeof found.when_metric, "lmin:%d", class_index);
    return roll_add(r, e->step, &found, err);
}

struct course { /* through the events */
    uint64_t from;
    int64_t q;                /* of the snapshot */
    size_t i, open;           /* number of the event, and of the command that was under way at the end */
    bool open_seen;
    uint64_t direct;          /* step of the last command for eigenvalues that was carried out */
};

static int roll_command(struct workbench *w, struct roll *r, struct course *c, const struct event *e, struct err *err)
{
    struct recorded done;
    bool over = c->i != c->open;
    if (!recorded_read(e, &done))
        return 0;
    if (done.op >= 0 && operation_table[done.op].result == EVENT_EIG)
        c->direct = e->step;
    c->open_seen |= !over;
    if (e->step < c->from || (int64_t)e->q <= c->q)
        return 0;
    if (done.waits)
        return roll_waiting(w, r, e->step, done.text, err);
    if (operation_is(done.op, OP_KEEPS) && roll_snapshot(w, r, &done, &over, err) < 0)
        return -1;
    if (done.scheduled)
        add_known(r, &done, over);
    return roll_done(w, r, &done, !over, err);
}

static int roll_result(struct roll *r, struct course *c, const struct event *e, struct err *err)
{
    struct roll_result *to = &r->results[r->roll.n_results];
    if (!result_of(e, &to->op, &to->of, &to->class_index) || to->of < c->from)
        return 0;
    const bool plain = e->kind == EVENT_EIG && !e->f[EV_EIG_HOW].s;
    to->open = c->open_seen && to->of == e->step;
    to->round = plain && !(to->of == e->step && c->direct == e->step);
    r->roll.n_results++;
    if (!plain || !r->waits || e->step < c->from || (int64_t)e->q <= c->q)
        return 0;
    return add_eigenvalue(r, e, to->class_index, err);
}

/* One recorded step. Steps follow each other: a gap is damage, and what stands behind it is left behind. The last recording of a
 * step counts. */
static int roll_step(struct workbench *w, struct roll *r, uint64_t from, const struct event *e, struct err *err)
{
    if (e->step <= from)
        return 0;
    if (e->step > r->roll.until + 1) {
        if (!r->roll.rewind)
            bench_warn(w, r->verb, "the record of steps has a gap from step %llu to %llu: what is behind it is not repeated",
                       (unsigned long long)r->roll.until + 1, (unsigned long long)e->step - 1);
        r->roll.rewind = true;
        return 0;
    }
    size_t n = (size_t)(r->roll.until - from);
    if (e->step == r->roll.until + 1) {
        bool full = n == 0 || (n >= 64 && (n & (n - 1)) == 0);
        float *more = full ? realloc(r->loss, (n ? 2 * n : 64) * sizeof *more) : r->loss;
        if (!more)
            return err_set(err, ERR_MEMORY, "no memory for %zu recorded losses", n + 1);
        r->loss = more;
        r->roll.until++;
    }
    r->loss[e->step - from - 1] = (float)e->f[EV_STEP_LOSS].f;
    return 0;
}

/* The end of a roll, and room for what it says. */
static int roll_extent(struct workbench *w, struct roll *r, const struct recording *rec, uint64_t from, uint64_t last, struct err *err)
{
    size_t commands = 0, results = 0, saved = 0;
    for (size_t i = 0; i < recording_count(rec); i++) {
        const struct event *e = recording_event(rec, i);
        commands += e->kind == EVENT_CMD;
        results += operation_with_result((int)e->kind) >= 0;
        saved += e->kind == EVENT_SNAP;
        if (e->step > last)
            r->roll.rewind |= e->kind == EVENT_STEP;
        else if (e->kind == EVENT_STEP && roll_step(w, r, from, e, err) < 0)
            return -1;
        else if (e->kind == EVENT_EPOCH && e->step > r->roll.until_eval)
            r->roll.until_eval = e->step;
        else if (e->kind == EVENT_STAGE && e->step > r->roll.until_stage)
            r->roll.until_stage = e->step;
    }
    r->known = malloc((commands + 1) * sizeof *r->known);
    r->results = malloc((results + 1) * sizeof *r->results);
    r->saved = malloc((saved + 1) * sizeof *r->saved);
    return r->known && r->results && r->saved ? 0 : err_set(err, ERR_MEMORY, "no memory for %zu recorded commands", commands);
}

/* The snapshots that were asked for, and are there. */
static void roll_saved(struct roll *r, const struct recording *rec)
{
    for (size_t i = 0; i < recording_count(rec); i++) {
        const struct event *e = recording_event(rec, i);
        if (e->kind == EVENT_SNAP && e->f[EV_SNAP_PINNED].u)
            r->saved[r->n_saved++] = e->step;
    }
}

/* The commands that wait in a state. */
static int add_waiting(struct workbench *w, struct roll *r, const struct train_state *state, struct err *err)
{
    for (char **p = state->pending; p && *p; p++)
        if (roll_waiting(w, r, state->step, *p, err) < 0)
            return -1;
    return 0;
}

static void roll_finish(struct roll *r)
{
    r->roll.at = r->at;
    r->roll.commands = (const struct command *const *)r->commands;
    r->roll.loss = r->loss;
    r->roll.known = r->known;
    r->roll.results = r->results;
}

int roll_make(struct workbench *w, struct roll *r, const struct recording *rec, struct roll_start start, uint64_t last, struct err *err)
{
    const uint64_t from = start.state ? start.state->step : 0;
    struct course c = { .from = from, .q = start.snap ? (int64_t)start.snap->q : -1, .open = open_command(rec, last), .direct = UINT64_MAX };
    r->verb = start.verb;
    r->roll.until = from;
    if (roll_extent(w, r, rec, from, last, err) < 0)
        return -1;
    roll_saved(r, rec);
    if (start.state && add_waiting(w, r, start.state, err) < 0)
        return -1;
    for (c.i = 0; c.i < recording_count(rec); c.i++) {
        const struct event *e = recording_event(rec, c.i);
        if (e->step <= last && (roll_command(w, r, &c, e, err) < 0 || roll_result(r, &c, e, err) < 0))
            return -1;
    }
    if (r->roll.until_eval > r->roll.until)
        r->roll.until_eval = r->roll.until;
    roll_finish(r);
    return 0;
}

int roll_of_state(struct workbench *w, struct roll *r, const struct train_state *state, struct err *err)
{
    r->roll.until = state->step;
    if (add_waiting(w, r, state, err) < 0)
        return -1;
    roll_finish(r);
    return 0;
}
