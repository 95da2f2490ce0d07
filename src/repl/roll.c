/* What a resumed run executes again: the recorded commands that change the course of training, and the losses it checks. */
#include "config.h"
#include "repl/bench.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void roll_release(struct roll *r)
{
    free(r->at);
    free(r->commands);
    free(r->loss);
}

/* One more command, to be filled in. NULL with *err. */
static struct command *roll_add(struct roll *r, uint64_t at, struct err *err)
{
    enum { MOST = 2048 }; /* 8 KiB each */
    if (r->roll.n_commands == MOST) {
        err_set(err, ERR_DATA, "more than %d commands were recorded after the snapshot", MOST);
        return NULL;
    }
    if (r->roll.n_commands == r->cap) {
        int cap = r->cap ? 2 * r->cap : 16;
        uint64_t *more_at = realloc(r->at, sizeof *more_at * (size_t)cap);
        if (more_at)
            r->at = more_at;
        struct command *more = more_at ? realloc(r->commands, sizeof *more * (size_t)cap) : NULL;
        if (!more) {
            err_set(err, ERR_MEMORY, "no memory for the recorded commands");
            return NULL;
        }
        r->commands = more;
        r->cap = cap;
    }
    r->at[r->roll.n_commands] = at;
    struct command *c = &r->commands[r->roll.n_commands++];
    *c = (struct command){ .by = "roll" };
    return c;
}

/* --- what may be taken from a recording ---------------------------------------------------------------------------- */

/* A recording may come from a stranger. What it may not have carried out is said, by name; a flood of it is not. */
static void show(struct workbench *w, struct roll *r, const char *text, const char *why)
{
    enum { MOST = 50 };
    if (++r->n_shown <= MOST)
        bench_warn(w, "recording", "not run: '%.300s': %s", text, why);
    if (r->n_shown == MOST)
        bench_warn(w, "recording", "more commands of it are not run");
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
        return -1;
    return call_may_be_recorded(c) ? 0 : (err_set(err, ERR_INVALID, "%s", only), 1);
}

/* A command that waited for its moment. The live parser checks it. */
static int roll_pending(struct workbench *w, struct roll *r, uint64_t at, const char *typed, struct err *err)
{
    struct lexed l;
    struct call *c = calloc(1, sizeof *c);
    if (!c)
        return err_set(err, ERR_MEMORY, "no memory for a command");
    int result = read_typed(typed, &l, c, err);
    if (result > 0)
        show(w, r, typed, err->text);
    struct command *to = result == 0 ? roll_add(r, at, err) : NULL;
    if (to && (result = call_command(w, c, to, err)) == 0) {
        snprintf(to->typed, sizeof to->typed, "%s", typed);
        to->by = "roll";
    } else if (result == 0)
        result = -1;
    free(c);
    lex_release(&l);
    return result < 0 ? -1 : 0;
}

/* --- commands of the journal --------------------------------------------------------------------------------------- */

static const char *field(const struct event *e, int i)
{
    return e->f[i].s ? e->f[i].s : "";
}

static int roll_set(const struct event *e, struct command *c, struct err *err)
{
    int id = knob_find(field(e, EV_CMD_KEY), err);
    if (id < 0)
        return -1;
    c->op = COMMAND_SET;
    c->knob = id;
    c->force = true;
    snprintf(c->text, sizeof c->text, "%s", field(e, EV_CMD_VALUE));
    snprintf(c->typed, sizeof c->typed, "%s", field(e, EV_CMD_TXT));
    return knob_parse((enum knob_id)id, field(e, EV_CMD_VALUE), &c->value, err);
}

/* A command that was carried out. Those that change the course of training are repeated; what one that had waited did (by
 * "schedule") follows by itself, and what steered the process of then is over. */
static int roll_done(struct workbench *w, struct roll *r, const struct event *e, struct err *err)
{
    const char *op = field(e, EV_CMD_OP), *text = field(e, EV_CMD_TXT);
    const struct command_info *info = command_find(op, false, NULL);
    if (!info || !(info->flags & (F_RECORDED | F_STEERS)))
        return show(w, r, text[0] ? text : op, only), 0;
    bool set = strcmp(op, "set") == 0, watch = strcmp(op, "watch") == 0 || strcmp(op, "unwatch") == 0;
    bool cancel = strcmp(op, "cancel") == 0, eval = strcmp(op, "eval") == 0;
    if (strcmp(field(e, EV_CMD_BY), "schedule") == 0 || (!set && !watch && !cancel && !eval))
        return 0;
    if (watch)
        return roll_pending(w, r, e->step, text, err);
    struct command *c = roll_add(r, e->step, err);
    if (!c)
        return -1;
    if (set)
        return roll_set(e, c, err);
    c->op = cancel ? COMMAND_CANCEL : COMMAND_EVAL; /* an evaluation may have found the best accuracy so far */
    c->count = cancel ? (long)e->f[EV_CMD_ID].u : 0;
    snprintf(c->text, sizeof c->text, "%s", field(e, cancel ? EV_CMD_VALUE : EV_CMD_KEY));
    return 0;
}

static int roll_command(struct workbench *w, struct roll *r, const struct event *e, struct err *err)
{
    if (strcmp(field(e, EV_CMD_OP), "pending") == 0)
        return roll_pending(w, r, e->step, field(e, EV_CMD_TXT), err);
    return roll_done(w, r, e, err);
}

/* One recorded step. Steps follow each other: a gap is damage, and what stands behind it is left behind. The last recording of a
 * step counts. */
static int roll_step(struct workbench *w, struct roll *r, uint64_t from, const struct event *e, struct err *err)
{
    if (e->step <= from)
        return 0;
    if (e->step > r->roll.until + 1) {
        if (!r->roll.rewind)
            bench_warn(w, "resume", "the record of steps has a gap from step %llu to %llu: what is behind it is not repeated",
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

static bool is_announced(const struct recording *rec, uint64_t step)
{
    for (size_t i = recording_count(rec); i-- > 0;) {
        const struct event *e = recording_event(rec, i);
        if (e->kind == EVENT_SNAP && e->step == step)
            return true;
    }
    return false;
}

int roll_make(struct workbench *w, struct roll *r, const struct recording *rec, const struct snapshot_info *snap,
              const struct train_state *state, uint64_t last, struct err *err)
{
    const uint64_t from = state ? state->step : 0;
    const int64_t q = snap ? (int64_t)snap->q : -1;
    r->roll.until = from;
    r->roll.unannounced = snap && !is_announced(rec, snap->step);
    for (char **p = state ? state->pending : NULL; p && *p; p++)
        if (roll_pending(w, r, from, *p, err) < 0)
            return -1;
    for (size_t i = 0; i < recording_count(rec); i++) {
        const struct event *e = recording_event(rec, i);
        if (e->step > last) {
            r->roll.rewind |= e->kind == EVENT_STEP;
            continue;
        }
        if (e->kind == EVENT_STEP && roll_step(w, r, from, e, err) < 0)
            return -1;
        if (e->kind == EVENT_EPOCH && e->step > r->roll.until_eval)
            r->roll.until_eval = e->step;
        if (e->kind == EVENT_CMD && e->step >= from && (int64_t)e->q > q && roll_command(w, r, e, err) < 0)
            return -1;
    }
    if (r->roll.until_eval > r->roll.until)
        r->roll.until_eval = r->roll.until;
    r->roll.at = r->at;
    r->roll.commands = r->commands;
    r->roll.loss = r->loss;
    return 0;
}
