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

static struct command *roll_add(struct roll *r, uint64_t at)
{
    if (r->roll.n_commands == r->cap) {
        int cap = r->cap ? 2 * r->cap : 16;
        uint64_t *more_at = realloc(r->at, sizeof *more_at * (size_t)cap);
        if (more_at)
            r->at = more_at;
        struct command *more = more_at ? realloc(r->commands, sizeof *more * (size_t)cap) : NULL;
        if (!more)
            return NULL;
        r->commands = more;
        r->cap = cap;
    }
    r->at[r->roll.n_commands] = at;
    struct command *c = &r->commands[r->roll.n_commands++];
    *c = (struct command){ .by = "roll" };
    return c;
}

/* A text like "set rho 0.8 at epoch 170" as a command. The live parser checks it: a recording is not trusted. */
static int parse_typed(struct workbench *w, const char *typed, struct command *out, struct err *err)
{
    struct lexed l;
    int at;
    if (lex_line(typed, &l, &at, err) < 0)
        return -1;
    struct call *c = calloc(1, sizeof *c);
    int result = -1;
    const struct command_info *info = l.n_commands == 1 ? command_find(l.word[0].text, true, err) : NULL;
    if (!c)
        err_set(err, ERR_MEMORY, "no memory for a command");
    else if (!info)
        err_set(err, ERR_DATA, "recorded command '%.80s' is not one", typed);
    else if (call_parse(c, info, l.word, l.command[0].n, err) == 0)
        result = call_command(w, c, out, err);
    snprintf(out->typed, sizeof out->typed, "%s", typed);
    out->by = "roll";
    free(c);
    lex_release(&l);
    return result;
}

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

/* What of the journal changes the course of training. What a pending command or schedule did follows by itself. */
static int roll_command(struct workbench *w, struct roll *r, const struct event *e, struct err *err)
{
    const char *op = field(e, EV_CMD_OP), *by = field(e, EV_CMD_BY);
    bool set = strcmp(op, "set") == 0, pending = strcmp(op, "pending") == 0, cancel = strcmp(op, "cancel") == 0;
    bool watch = strcmp(op, "watch") == 0 || strcmp(op, "unwatch") == 0, eval = strcmp(op, "eval") == 0;
    if (strcmp(by, "schedule") == 0 || (!set && !pending && !cancel && !watch && !eval))
        return 0;
    struct command *c = roll_add(r, e->step);
    if (!c)
        return err_set(err, ERR_MEMORY, "no memory for the recorded commands");
    if (set)
        return roll_set(e, c, err);
    if (cancel) {
        c->op = COMMAND_CANCEL;
        c->count = (long)e->f[EV_CMD_ID].u;
        return 0;
    }
    if (eval) { /* it may have found the best accuracy so far */
        c->op = COMMAND_EVAL;
        snprintf(c->text, sizeof c->text, "%s", field(e, EV_CMD_KEY));
        return 0;
    }
    return parse_typed(w, field(e, EV_CMD_TXT), c, err);
}

/* Losses of steps after the snapshot, by step; the last recording of a step counts. */
static void roll_losses(struct roll *r, const struct recording *rec, uint64_t from)
{
    for (size_t i = 0; i < recording_count(rec); i++) {
        const struct event *e = recording_event(rec, i);
        if (e->kind == EVENT_STEP && e->step > from && e->step <= r->roll.until)
            r->loss[e->step - from - 1] = (float)e->f[EV_STEP_LOSS].f;
    }
}

int roll_make(struct workbench *w, struct roll *r, const struct recording *rec, const struct snapshot_info *snap,
              const struct train_state *state, uint64_t last, struct err *err)
{
    const uint64_t from = state ? state->step : 0;
    const int64_t q = snap ? (int64_t)snap->q : -1;
    r->roll.until = from;
    for (char **p = state ? state->pending : NULL; p && *p; p++) {
        struct command *c = roll_add(r, from);
        if (!c)
            return err_set(err, ERR_MEMORY, "no memory for pending commands");
        if (parse_typed(w, *p, c, err) < 0)
            return -1;
    }
    for (size_t i = 0; i < recording_count(rec); i++) {
        const struct event *e = recording_event(rec, i);
        if (e->step > last) {
            r->roll.rewind |= e->kind == EVENT_STEP;
            continue;
        }
        if (e->kind == EVENT_STEP && e->step > r->roll.until)
            r->roll.until = e->step;
        if (e->kind == EVENT_EPOCH && e->step > r->roll.until_eval)
            r->roll.until_eval = e->step;
        if (e->kind == EVENT_CMD && e->step >= from && (int64_t)e->q > q && roll_command(w, r, e, err) < 0)
            return -1;
    }
    size_t n = (size_t)(r->roll.until - from);
    r->loss = malloc(sizeof *r->loss * (n + 1));
    if (!r->loss)
        return err_set(err, ERR_MEMORY, "no memory for %zu recorded losses", n);
    for (size_t i = 0; i < n; i++)
        r->loss[i] = NAN;
    roll_losses(r, rec, from);
    r->roll.at = r->at;
    r->roll.commands = r->commands;
    r->roll.loss = r->loss;
    return 0;
}
