/* A recording shown as if it were live: its events folded up to a cursor. Backwards is forwards from the start: folding is
 * quick (a million events in well under a second), and what is shown never depends on the way that led there. */
#include "config.h"
#include "repl/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

enum { FOLLOW_MS = 500 };
#define LONGEST_GAP_NS UINT64_C(5000000000) /* a pause of the recording is shown as five seconds */

void replay_init(struct replay *r)
{
    memset(r, 0, sizeof *r);
    history_init(&r->history);
    r->speed = 1;
}

void replay_release(struct replay *r)
{
    if (r->recording)
        recording_close(r->recording);
    free(r->time_ns);
    history_release(&r->history);
    memset(r, 0, sizeof *r);
}

void replay_leave(struct workbench *w)
{
    if (!w->replay.on)
        return;
    moment_drop(w);
    replay_release(&w->replay);
    replay_init(&w->replay);
}

const struct history *bench_shown(const struct workbench *w)
{
    return w->replay.on ? &w->replay.history : &w->live;
}

void bench_knobs(const struct workbench *w, struct knobs *out)
{
    if (w->replay.on)
        *out = w->replay.history.knobs;
    else
        workbench_knobs(w, out);
}

/* --- the time line ------------------------------------------------------------------------------------------------- */

/* Events count nanoseconds from the opening of their segment; here they get one clock without its long pauses. */
static int extend_times(struct replay *r)
{
    size_t n = recording_count(r->recording);
    uint64_t *more = realloc(r->time_ns, sizeof *more * (n + 1));
    if (!more)
        return -1;
    r->time_ns = more;
    for (size_t i = r->n_times; i < n; i++) {
        uint64_t at = recording_event(r->recording, i)->ns, before = i ? recording_event(r->recording, i - 1)->ns : at;
        uint64_t gap = at > before ? at - before : 0;
        more[i] = (i ? more[i - 1] : 0) + (gap > LONGEST_GAP_NS ? LONGEST_GAP_NS : gap);
    }
    r->n_times = n;
    return 0;
}

/* --- folding up to event n ----------------------------------------------------------------------------------------- */

static void fold_to(struct replay *r, size_t n)
{
    if (n < r->at) {
        history_clear(&r->history);
        r->at = 0;
    }
    for (; r->at < n; r->at++)
        history_fold(&r->history, recording_event(r->recording, r->at));
    r->clock_ns = r->at && r->at <= r->n_times ? r->time_ns[r->at - 1] : 0;
}

int replay_open(struct workbench *w, const char *run, bool live, struct err *err)
{
    char dir[1024];
    if (bench_find_run(w, run, dir, sizeof dir, err) < 0)
        return -1;
    struct recording *recording = recording_open(dir, err);
    if (!recording)
        return -1;
    struct replay *r = &w->replay;
    replay_release(r);
    replay_init(r);
    r->recording = recording;
    r->on = true;
    r->live = live;
    snprintf(r->dir, sizeof r->dir, "%s", dir);
    bool loud = false;
    const char *damage = recording_damage(recording, &loud);
    if (damage && loud)
        bench_warn(w, live ? "view" : "replay", "%s", damage);
    if (extend_times(r) < 0 || recording_count(recording) == 0) {
        bool empty = recording_count(recording) == 0;
        replay_release(r);
        replay_init(r);
        return empty ? err_set(err, ERR_DATA, "'%s' holds no events", run) : err_set(err, ERR_MEMORY, "no memory for the recording");
    }
    fold_to(r, r->n_times);
    return 0;
}

int workbench_open_replay(struct workbench *w, const char *run, bool live)
{
    struct err err = { 0 };
    if (replay_open(w, run, live, &err) == 0)
        return 0;
    char line[600];
    snprintf(line, sizeof line, "saddle: %s: %s", live ? "view" : "replay", err.text);
    if (w->face.say)
        w->face.say(w->face.ctx, SAY_ERROR, line, -1);
    if (!w->first_error)
        w->first_error = err.code;
    return -1;
}

/* --- moving -------------------------------------------------------------------------------------------------------- */

static void last_position(const struct replay *r, uint64_t *step, double *epoch)
{
    *step = recording_last_step(r->recording);
    *epoch = 0;
    if (r->history.steps_per_epoch)
        *epoch = (double)*step / (double)r->history.steps_per_epoch;
}

bool workbench_replay_status(const struct workbench *w, struct replay_status *out)
{
    const struct replay *r = &w->replay;
    *out = (struct replay_status){ .on = r->on };
    if (!r->on)
        return false;
    out->playing = r->playing;
    out->live = r->live;
    out->speed = r->speed;
    out->step = r->history.step;
    out->epoch = r->history.epoch;
    last_position(r, &out->last_step, &out->last_epoch);
    return true;
}

int workbench_replay_seek(struct workbench *w, uint64_t step)
{
    struct replay *r = &w->replay;
    if (!r->on)
        return -1;
    size_t n = step == UINT64_MAX ? r->n_times : recording_at_step(r->recording, step);
    /* the moment a run begins has a configuration and classes: an empty screen is no moment */
    const uint64_t first = recording_first_step(r->recording);
    while (n < r->n_times && recording_event(r->recording, n)->step <= first && recording_event(r->recording, n)->kind != EVENT_STEP)
        n++;
    fold_to(r, n);
    return r->history.failed ? -1 : 0;
}

void workbench_replay_play(struct workbench *w, bool playing)
{
    struct replay *r = &w->replay;
    if (!r->on)
        return;
    if (playing && r->at >= r->n_times && !r->live)
        workbench_replay_seek(w, 0); /* play at the end begins again */
    r->playing = playing;
    r->wall_ns = 0;
}

void workbench_replay_speed(struct workbench *w, double speed)
{
    w->replay.speed = speed;
}

/* Marks are made by the fold (class weights come into force by the epoch, not by an event), so it is asked. */
static void move_to_mark(struct replay *r, int direction)
{
    const struct history *h = &r->history;
    size_t known = h->n_mark;
    if (direction > 0) {
        while (r->at < r->n_times && h->n_mark == known)
            fold_to(r, r->at + 1);
        return;
    }
    for (size_t i = known; i > 0; i--) {
        size_t n = recording_at_step(r->recording, h->mark[i - 1].step);
        if (n < r->at) {
            fold_to(r, n);
            return;
        }
    }
}

static bool stops_at(const struct event *e, char unit)
{
    return unit != 'e' || e->kind == EVENT_EPOCH;
}

int workbench_replay_move(struct workbench *w, char unit, int direction)
{
    struct replay *r = &w->replay;
    if (!r->on)
        return -1;
    r->playing = false;
    if (unit == 'm') {
        move_to_mark(r, direction);
        return 0;
    }
    size_t n = r->at;
    if (direction > 0) {
        while (n < r->n_times && !stops_at(recording_event(r->recording, n), unit))
            n++;
        n += n < r->n_times;
    } else {
        n -= n > 0;
        while (n > 0 && !stops_at(recording_event(r->recording, n - 1), unit))
            n--;
    }
    fold_to(r, n);
    return 0;
}

/* --- time passes --------------------------------------------------------------------------------------------------- */

static bool follow(struct replay *r, uint64_t now_ns)
{
    if (!r->live || now_ns - r->followed_ns < FOLLOW_MS * UINT64_C(1000000))
        return false;
    r->followed_ns = now_ns;
    bool at_end = r->at >= r->n_times;
    unsigned generation = recording_generation(r->recording);
    int more = recording_follow(r->recording, NULL);
    if (recording_generation(r->recording) != generation) {
        history_clear(&r->history);
        r->at = r->n_times = 0;
    }
    if (more < 0 || extend_times(r) < 0 || (more == 0 && r->at == r->n_times))
        return false;
    if (at_end && !r->playing)
        fold_to(r, r->n_times);
    return true;
}

/* Events that came just now go to the face's log, as those of an own run do. */
static void tell(struct workbench *w, size_t from)
{
    struct replay *r = &w->replay;
    for (size_t i = from; w->face.event && i < r->at; i++)
        w->face.event(w->face.ctx, recording_event(r->recording, i));
}

bool workbench_view_over(struct workbench *w)
{
    struct session_info info;
    static const char *const last[] = { "finished", "stopped", "diverged", "failed", "unsaved" };
    if (!w->replay.on)
        return true;
    for (size_t i = 0; i < sizeof last / sizeof *last; i++)
        if (strcmp(w->replay.history.state, last[i]) == 0)
            return true;
    return session_info(w->replay.dir, &info, NULL) < 0 || !info.locked;
}

bool workbench_replay_tick(struct workbench *w, uint64_t now_ns)
{
    struct replay *r = &w->replay;
    if (!r->on)
        return false;
    size_t before = r->at;
    bool changed = follow(r, now_ns);
    if (changed && r->at > before)
        tell(w, before);
    if (!r->playing)
        return changed;
    if (r->wall_ns && now_ns > r->wall_ns) {
        uint64_t clock = r->clock_ns + (uint64_t)((double)(now_ns - r->wall_ns) * r->speed);
        size_t n = r->at;
        while (n < r->n_times && r->time_ns[n] <= clock)
            n++;
        changed |= n != r->at;
        fold_to(r, n);
        r->clock_ns = clock;
    }
    r->wall_ns = now_ns;
    if (r->at >= r->n_times && !r->live)
        r->playing = false;
    return changed || !r->playing;
}
