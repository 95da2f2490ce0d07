/* Taking up a recorded run: its configuration, its newest snapshot, and what was recorded after it, which the trainer
 * executes again and checks loss by loss. */
#include "config.h"
#include "repl/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- configuration ------------------------------------------------------------------------------------------------- */

int config_knobs(const struct event *config, struct knobs *k, struct err *err)
{
    const struct event_field *f = &config->f[EV_CONFIG_KNOBS];
    return knobs_read(k, f->strs, f->n, err);
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
        if (knob_recorded((enum knob_id)i))
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
    s->knobs = k;
    memset(s->touched, true, sizeof s->touched);
    memset(s->by_set, true, sizeof s->by_set);
    s->any = true;
    s->n_watched = 0;
    s->weights_file[0] = '\0';
    setup_forget_later(s);
    return setup_find_data(w, s, first_of(r, EVENT_DATA), root, err) < 0 ? -1 : setup_ready(w, err);
}

/* --- resume -------------------------------------------------------------------------------------------------------- */

static int state_knobs(struct workbench *w, const struct train_state *state, struct err *err)
{
    size_t n = 0;
    while (state->knobs && state->knobs[n])
        n++;
    return knobs_read(&w->setup.knobs, (const char *const *)state->knobs, n, err);
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
    return roll_make(w, roll, rec, snap, *state, UINT64_MAX, err);
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
    if (recording_left_out(rec))
        return err_set(err, ERR_DATA, "not all of the recording is read, so it cannot be gone on with");
    if (take_config(w, rec, root, err) < 0 || run_end(w, "another run was resumed", err) < 0)
        return -1;
    workbench_pump(w);
    history_clear(&w->live);
    w->n_undo = 0;
    for (size_t i = 0; i < recording_count(rec); i++)
        run_recorded(w, recording_event(rec, i));
    if (is_finished(&w->live))
        return err_set(err, ERR_INVALID, "%s is finished; 'replay' shows it", w->live.name);
    struct train_state *state = NULL;
    struct roll roll = { 0 };
    int result = load_state(w, rec, &state, &roll, err);
    if (result == 0)
        result = go_on(w, dir, state, &roll.roll, paused, err);
    if (result == 0)
        run_check_resumed(w, rec);
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
