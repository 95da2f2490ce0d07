/* Taking up a recorded run: its configuration, its newest snapshot, and what was recorded after it, which the trainer
 * executes again and checks loss by loss. */
#include "config.h"
#include "repl/bench.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- configuration ------------------------------------------------------------------------------------------------- */

static int config_pair(const char *pair, struct knobs *k, struct err *err)
{
    char name[64];
    const char *value = strchr(pair, '=');
    if (!value || value - pair >= (long)sizeof name)
        return err_set(err, ERR_DATA, "recorded setting '%.60s' is damaged", pair);
    snprintf(name, sizeof name, "%.*s", (int)(value - pair), pair);
    int id = knob_find(name, NULL);
    if (id < 0)
        return err_set(err, ERR_DATA, "the recording sets '%s', which this version does not know", name);
    if (knob_table[id].when == KNOB_SCREEN)
        return 0;
    return knob_parse((enum knob_id)id, value + 1, &k->v[id], err);
}

int config_knobs(const struct event *config, struct knobs *k, struct err *err)
{
    const struct event_field *f = &config->f[EV_CONFIG_KNOBS];
    for (uint32_t i = 0; i < f->n; i++)
        if (config_pair(f->strs[i], k, err) < 0)
            return -1;
    return 0;
}

static const struct event *first_of(const struct recording *r, enum event_kind kind)
{
    for (size_t i = 0; i < recording_count(r); i++)
        if (recording_event(r, i)->kind == kind)
            return recording_event(r, i);
    return NULL;
}

/* Knobs that the recording does not say are younger than it: their defaults are how it was made. */
static void forget_run_knobs(struct knobs *k)
{
    struct knobs fresh;
    knobs_init(&fresh);
    for (int i = 0; i < KNOB_COUNT; i++)
        if (knob_table[i].when != KNOB_SCREEN)
            k->v[i] = fresh.v[i];
}

/* The recorded settings become the set-up; what belongs to this machine stays as it is here. */
static int take_config(struct workbench *w, const struct recording *r, const char *root, struct err *err)
{
    struct bench_setup *s = &w->setup;
    const struct event *config = first_of(r, EVENT_CONFIG);
    if (!config)
        return err_set(err, ERR_DATA, "the recording says no configuration");
    struct knobs k = s->knobs;
    forget_run_knobs(&k);
    if (config_knobs(config, &k, err) < 0)
        return -1;
    if (s->touched[KNOB_DEVICE])
        k.v[KNOB_DEVICE] = s->knobs.v[KNOB_DEVICE];
    if (s->touched[KNOB_THREADS])
        k.v[KNOB_THREADS] = s->knobs.v[KNOB_THREADS];
    if (root && knob_parse(KNOB_DATA_PATH, root, &k.v[KNOB_DATA_PATH], err) < 0)
        return -1;
    s->knobs = k;
    memset(s->touched, true, sizeof s->touched);
    s->any = true;
    s->n_watched = 0;
    s->weights_file[0] = '\0';
    setup_forget_later(s);
    return setup_ready(w, err);
}

static int check_data(struct workbench *w, const struct recording *r, struct err *err)
{
    const struct event *data = first_of(r, EVENT_DATA);
    const char *sha = data ? data->f[EV_DATA_SHA256].s : NULL;
    if (sha && strcmp(sha, w->setup.data.digest) != 0)
        return err_set(err, ERR_DATA, "%s here is not the data of this run (SHA-256 %.12s, recorded %.12s)", w->setup.data.name,
                       w->setup.data.digest, sha);
    return 0;
}

/* --- what is executed again ---------------------------------------------------------------------------------------- */

struct roll {
    struct trainer_roll roll;
    int cap;
    uint64_t *at;
    struct command *commands;
    float *loss;
};

static void roll_release(struct roll *r)
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

static int roll_make(struct workbench *w, struct roll *r, const struct recording *rec, const struct snapshot_info *snap,
                     const struct train_state *state, struct err *err)
{
    r->roll.until = state->step;
    for (char **p = state->pending; p && *p; p++) {
        struct command *c = roll_add(r, state->step);
        if (!c)
            return err_set(err, ERR_MEMORY, "no memory for pending commands");
        if (parse_typed(w, *p, c, err) < 0)
            return -1;
    }
    for (size_t i = 0; i < recording_count(rec); i++) {
        const struct event *e = recording_event(rec, i);
        if (e->kind == EVENT_STEP && e->step > r->roll.until)
            r->roll.until = e->step;
        if (e->kind == EVENT_EPOCH && e->step > r->roll.until_eval)
            r->roll.until_eval = e->step;
        if (e->kind == EVENT_CMD && e->step >= state->step && e->q > snap->q && roll_command(w, r, e, err) < 0)
            return -1;
    }
    size_t n = (size_t)(r->roll.until - state->step);
    r->loss = malloc(sizeof *r->loss * (n + 1));
    if (!r->loss)
        return err_set(err, ERR_MEMORY, "no memory for %zu recorded losses", n);
    for (size_t i = 0; i < n; i++)
        r->loss[i] = NAN;
    roll_losses(r, rec, state->step);
    r->roll.at = r->at;
    r->roll.commands = r->commands;
    r->roll.loss = r->loss;
    return 0;
}

/* --- resume -------------------------------------------------------------------------------------------------------- */

static int state_knobs(struct workbench *w, const struct train_state *state, struct err *err)
{
    for (char **p = state->knobs; p && *p; p++)
        if (config_pair(*p, &w->setup.knobs, err) < 0)
            return -1;
    return 0;
}

static bool is_finished(const struct history *h)
{
    return strcmp(h->state, "finished") == 0;
}

/* Everything before the snapshot's file is locked for writing: reads only. */
static int load_state(struct workbench *w, struct recording *rec, struct train_state **state, struct roll *roll, struct err *err)
{
    int n, i = snapshot_at(rec, UINT64_MAX);
    if (i < 0)
        return err_set(err, ERR_DATA, "%s has no complete snapshot to go on from: it was ended before the first, or the files are gone; "
                       "'train' starts anew", w->live.name);
    const struct snapshot_info *snap = &recording_snapshots(rec, &n)[i];
    *state = snapshot_load(rec, i, w->setup.net.params.total, w->setup.net.stats.total, err);
    if (!*state)
        return -1;
    struct knobs device = w->setup.knobs;
    if (state_knobs(w, *state, err) < 0)
        return -1;
    w->setup.knobs.v[KNOB_DEVICE] = device.v[KNOB_DEVICE];
    w->setup.knobs.v[KNOB_THREADS] = device.v[KNOB_THREADS];
    w->setup.knobs.v[KNOB_DATA_PATH] = device.v[KNOB_DATA_PATH];
    return roll_make(w, roll, rec, snap, *state, err);
}

static int go_on(struct workbench *w, const char *dir, const struct train_state *state, const struct trainer_roll *roll, bool paused,
                 struct err *err)
{
    struct session *s = session_reopen(dir, err);
    if (!s)
        return -1;
    struct run_start start = { .name = session_name(s), .state = state, .roll = roll, .session = s, .paused = paused };
    if (run_begin(w, &start, err) == 0) {
        bench_say(w, "%s: from the snapshot of step %llu%s", session_name(s), (unsigned long long)state->step,
                  roll->until > state->step ? ", repeating what was recorded after it" : "");
        return 0;
    }
    struct err second;
    run_end(w, "could not resume", &second);
    return -1;
}

static int resume_recording(struct workbench *w, const char *dir, struct recording *rec, const char *root, bool paused, struct err *err)
{
    bool loud = false;
    const char *damage = recording_damage(rec, &loud);
    if (damage)
        loud ? bench_warn(w, "resume", "%s", damage) : bench_say(w, "%s", damage);
    if (take_config(w, rec, root, err) < 0 || check_data(w, rec, err) < 0 || run_end(w, "another run was resumed", err) < 0)
        return -1;
    workbench_pump(w);
    history_clear(&w->live);
    w->n_undo = 0;
    for (size_t i = 0; i < recording_count(rec); i++)
        history_fold(&w->live, recording_event(rec, i));
    if (is_finished(&w->live))
        return err_set(err, ERR_INVALID, "%s is finished; 'replay' shows it", w->live.name);
    struct train_state *state = NULL;
    struct roll roll = { 0 };
    int result = load_state(w, rec, &state, &roll, err);
    if (result == 0)
        result = go_on(w, dir, state, &roll.roll, paused, err);
    train_state_free(state);
    roll_release(&roll);
    return result;
}

int run_resume(struct workbench *w, const char *run, const char *root, bool paused, struct err *err)
{
    char dir[1024];
    if (bench_find_run(w, run, dir, sizeof dir, err) < 0)
        return -1;
    struct recording *rec = recording_open(dir, err);
    if (!rec)
        return -1;
    int result = resume_recording(w, dir, rec, root, paused, err);
    recording_close(rec);
    return result;
}
