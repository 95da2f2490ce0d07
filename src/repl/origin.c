/* The moment of a recorded run from which something goes on: a resumed run, weights that are looked at. Its configuration, the
 * nearest state on disk before it, and the way from there. Reads only. */
#include "config.h"
#include "repl/bench.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "engine/criteria/loss_knobs.h"

/* --- configuration ------------------------------------------------------------------------------------------------- */

int config_knobs(const struct event *config, struct knobs *k, struct err *err)
{
    const struct event_field *f = &config->f[EV_CONFIG_KNOBS];
    return knobs_read(k, f->strs, f->n, err);
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
static int take_config(struct workbench *w, struct bench_setup *s, const struct recording *r, const struct origin_request *q, struct err *err)
{
    const struct event *config = recording_first(r, EVENT_CONFIG);
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
    if (setup_find_data(w, s, recording_first(r, EVENT_DATA), q->root, q->verb, err) < 0)
        return -1;
    return setup_load(w, s, err);
}

/* --- the moment ---------------------------------------------------------------------------------------------------- */

uint64_t recording_steps_per_epoch(const struct recording *r)
{
    const struct event *data = recording_first(r, EVENT_DATA);
    return data ? data->f[EV_DATA_STEPS_PER_EPOCH].u : 0;
}

double recording_epochs(const struct recording *r, uint64_t step)
{
    const uint64_t spe = recording_steps_per_epoch(r);
    return spe ? (double)step / (double)spe : 0;
}

int recording_step_at(const struct recording *r, double epoch, uint64_t *step, struct err *err)
{
    const struct event *data = recording_first(r, EVENT_DATA);
    uint64_t last = recording_last_step(r);
    double at = data ? floor(epoch * (double)data->f[EV_DATA_STEPS_PER_EPOCH].u + 0.5) : NAN;
    if (!data)
        return err_set(err, ERR_DATA, "the recording says no data set, so it has no epochs");
    if (at < (double)recording_first_step(r))
        return err_set(err, ERR_RANGE, "epoch %.10g is before the beginning of the recording (%.1f)", epoch, recording_epochs(r, recording_first_step(r)));
    if (at > (double)last)
        return err_set(err, ERR_RANGE, "epoch %.10g is past the end of the recording (%.1f)", epoch, recording_epochs(r, last));
    *step = (uint64_t)at;
    return 0;
}

/* The newest state that can be read and is not after the moment; an older one will do, it is a longer way. 0 also without any:
 * the weights of the beginning follow from the seed. */
static int nearest_state(struct workbench *w, const struct bench_setup *s, struct recording *rec, const char *verb, struct origin *o, struct err *err)
{
    int n;
    struct err why;
    struct state_row rows[STATE_ROWS_MAX];
    const int n_rows = train_state_all_rows(&s->net, rows);
    const struct snapshot_info *snap = recording_snapshots(rec, &n);
    for (int i = n - 1; i >= 0; i--) {
        if (snap[i].step > o->step || !snap[i].finite)
            continue;
        o->state = snapshot_load(rec, i, rows, n_rows, &why);
        if (o->state) {
            o->snapshot = snap[i];
            return 0;
        }
        if (why.code == ERR_MEMORY)
            return err_set(err, why.code, "%s", why.text);
        bench_warn(w, verb, "the snapshot of step %" PRIu64 " cannot be read (%.300s); an earlier one is taken", snap[i].step, why.text);
    }
    const struct event *first = recording_count(rec) ? recording_event(rec, 0) : NULL, *config = recording_first(rec, EVENT_CONFIG);
    const char *weights = config ? config->f[EV_CONFIG_WEIGHTS].s : NULL;
    char safe[DIGEST_HEX], parent[128];
    text_safe(weights, safe, sizeof safe);
    text_safe(config ? config->f[EV_CONFIG_PARENT].s : NULL, parent, sizeof parent);
    if (parent[0])
        return err_set(err, ERR_DATA, "no snapshot can be read, and the run began with the state of %s: 'export script' begins anew with that", parent);
    if (weights)
        return err_set(err, ERR_DATA, "no snapshot can be read, and the run began with loaded weights (SHA-256 %.12s): 'export script' begins anew with them",
                       safe);
    if (first && first->step == 0)
        return 0;
    return err_set(err, ERR_DATA, "neither a snapshot nor the beginning of the run can be read");
}

int origin_knobs(struct bench_setup *s, const struct train_state *state, struct err *err)
{
    static const enum knob_id here[] = { KNOB_DEVICE, KNOB_THREADS };
    struct knobs k = s->knobs;
    size_t n = 0;
    while (state->knobs && state->knobs[n])
        n++;
    if (knobs_read(&k, (const char *const *)state->knobs, n, err) < 0)
        return -1;
    for (size_t i = 0; i < sizeof here / sizeof *here; i++)
        k.v[here[i]] = s->knobs.v[here[i]];
    s->knobs = k;
    return 0;
}

int origin_open(struct workbench *w, struct bench_setup *s, struct recording *rec, const struct origin_request *q, struct origin *out,
                struct err *err)
{
    *out = (struct origin){ .step = q->step };
    if (recording_left_out(rec))
        return err_set(err, ERR_DATA, "not all of the recording is read, so it cannot be gone on with");
    if (take_config(w, s, rec, q, err) < 0 || nearest_state(w, s, rec, q->verb, out, err) < 0)
        return -1;
    if (out->state && origin_knobs(s, out->state, err) < 0)
        return -1;
    out->roll.roll.look = q->look;
    w->classes_of = &s->data; /* what its commands call classes */
    const struct roll_start start = { q->verb, out->state ? &out->snapshot : NULL, out->state };
    int result = roll_make(w, &out->roll, rec, start, q->step, err);
    w->classes_of = NULL;
    if (result == 0 && q->look && out->roll.roll.until != q->step)
        return err_set(err, ERR_DATA, "the record of steps has a gap after step %" PRIu64 ": the weights of step %" PRIu64 " cannot be made",
                       out->roll.roll.until, q->step);
    return result;
}

void origin_release(struct origin *o)
{
    train_state_free(o->state);
    roll_release(&o->roll);
    *o = (struct origin){ 0 };
}

void origin_describe(const struct origin *o, char *out, size_t size)
{
    uint64_t from = o->state ? o->state->step : 0, steps = o->roll.roll.until - from;
    if (o->state)
        snprintf(out, size, "from the snapshot of step %" PRIu64, from);
    else
        snprintf(out, size, "from the weights of the seed");
    if (steps > 0)
        text_append(out, size, ", repeating %" PRIu64 " recorded step%s", steps, steps == 1 ? "" : "s");
}

/* --- a state on disk, without its data ----------------------------------------------------------------------------- */

int origin_saved(struct recording *rec, uint64_t step, struct net *net, struct train_state **state, struct err *err)
{
    const struct event *config = recording_first(rec, EVENT_CONFIG), *data = recording_first(rec, EVENT_DATA);
    struct knobs k;
    int n, i = snapshot_at(rec, step);
    const struct snapshot_info *snap = recording_snapshots(rec, &n);
    if (i < 0 || snap[i].step != step || !config || !data)
        return 0;
    knobs_init(&k);
    if (config_knobs(config, &k, err) < 0 || net_of_knobs(&k, setup_recorded_size(data), (int)data->f[EV_DATA_CLASSES].n, net, err) < 0)
        return -1;
    struct state_row rows[STATE_ROWS_MAX];
    *state = snapshot_load(rec, i, rows, train_state_all_rows(net, rows), err);
    if (*state)
        return 1;
    net_release(net);
    return err && err->code == ERR_MEMORY ? -1 : 0; /* damaged: an earlier one leads there too */
}
