/* A recording shown as if it were live: a stream whose cursor moves by itself or by keys. */
#include "config.h"
#include "repl/bench.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"

enum { FOLLOW_MS = 500 };

void replay_init(struct replay *r)
{
    memset(r, 0, sizeof *r);
    stream_init(&r->stream);
    r->speed = 1;
}

void replay_release(struct replay *r)
{
    stream_release(&r->stream);
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
    return w->replay.on ? &w->replay.stream.history : &w->live.history;
}

void bench_knobs(const struct workbench *w, struct knobs *out)
{
    if (w->replay.on)
        *out = w->replay.stream.history.knobs;
    else
        workbench_knobs(w, out);
}

/* --- opening and folding ------------------------------------------------------------------------------------------- */

static void fold_to(struct replay *r, size_t n)
{
    stream_fold_to(&r->stream, n);
    r->clock_ns = stream_clock(&r->stream);
}

int replay_open(struct workbench *w, const char *run, const char *at, bool live, struct err *err)
{
    char dir[1024];
    uint64_t step;
    if (bench_find_run(w, run, dir, sizeof dir, err) < 0)
        return -1;
    struct replay opened;
    replay_init(&opened);
    if (stream_open(&opened.stream, dir, err) < 0)
        return -1;
    if (at && point_step(opened.stream.source, at, &step, err) < 0) {
        replay_release(&opened);
        return -1;
    }
    opened.on = true;
    opened.live = live;
    opened.clock_ns = stream_clock(&opened.stream);
    compare_show(w, NULL);
    replay_release(&w->replay);
    w->replay = opened;
    if (at)
        workbench_replay_seek(w, step);
    bool loud = false;
    const char *damage = recording_damage(opened.stream.source, &loud);
    if (damage && loud)
        bench_warn(w, live ? "view" : "replay", "%s", damage);
    return 0;
}

int workbench_open_replay(struct workbench *w, const char *run, bool live)
{
    struct err err = { 0 };
    if (replay_open(w, run, NULL, live, &err) == 0)
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

bool workbench_replay_status(const struct workbench *w, struct replay_status *out)
{
    const struct replay *r = &w->replay;
    *out = (struct replay_status){ .on = r->on };
    if (!r->on)
        return false;
    out->playing = r->playing;
    out->live = r->live;
    out->attached = r->live && w->attached.on;
    out->speed = r->speed;
    out->step = r->stream.history.step;
    out->epoch = r->stream.history.epoch;
    out->last_step = stream_last_step(&r->stream);
    out->last_epoch = stream_last_epoch(&r->stream);
    return true;
}

int workbench_replay_seek(struct workbench *w, uint64_t step)
{
    struct replay *r = &w->replay;
    if (!r->on)
        return -1;
    int result = stream_seek(&r->stream, step);
    r->clock_ns = stream_clock(&r->stream);
    return result;
}

void workbench_replay_play(struct workbench *w, bool playing)
{
    struct replay *r = &w->replay;
    if (!r->on)
        return;
    if (playing && r->stream.at >= r->stream.n_times && !r->live)
        workbench_replay_seek(w, 0); /* play at the end begins again */
    r->playing = playing;
    r->wall_ns = 0;
}

void workbench_replay_speed(struct workbench *w, double speed)
{
    w->replay.speed = speed;
}

int workbench_replay_move(struct workbench *w, char unit, int direction)
{
    struct replay *r = &w->replay;
    if (!r->on)
        return -1;
    r->playing = false;
    stream_move(&r->stream, unit, direction);
    r->clock_ns = stream_clock(&r->stream);
    return 0;
}

/* --- time passes --------------------------------------------------------------------------------------------------- */

static bool follow_recorded(struct replay *r, uint64_t now_ns)
{
    if (!r->live || now_ns - r->followed_ns < FOLLOW_MS * UINT64_C(1000000))
        return false;
    r->followed_ns = now_ns;
    if (stream_follow(&r->stream, !r->playing) <= 0)
        return false;
    if (!r->playing)
        r->clock_ns = stream_clock(&r->stream);
    return true;
}

/* Events that came just now go to the face's log, as those of an own run do. */
static void tell_face(struct workbench *w, size_t from)
{
    struct replay *r = &w->replay;
    for (size_t i = from; w->face.event && i < r->stream.at; i++)
        w->face.event(w->face.ctx, recording_event(r->stream.source, i));
}

bool workbench_view_over(struct workbench *w)
{
    struct session_info info;
    if (!w->replay.on || run_end_of(w->replay.stream.history.state) != RUN_GOES_ON)
        return true;
    return session_info(w->replay.stream.dir, &info, NULL) < 0 || !info.locked;
}

bool workbench_replay_tick(struct workbench *w, uint64_t now_ns)
{
    struct replay *r = &w->replay;
    if (!r->on)
        return false;
    size_t before = r->stream.at;
    bool changed = follow_recorded(r, now_ns);
    if (changed && r->stream.at > before)
        tell_face(w, before);
    if (!r->playing)
        return changed;
    if (r->wall_ns && now_ns > r->wall_ns) {
        uint64_t clock = r->clock_ns + (uint64_t)((double)(now_ns - r->wall_ns) * r->speed);
        size_t n = r->stream.at;
        while (n < r->stream.n_times && r->stream.time_ns[n] <= clock)
            n++;
        changed |= n != r->stream.at;
        fold_to(r, n);
        r->clock_ns = clock;
    }
    r->wall_ns = now_ns;
    if (r->stream.at >= r->stream.n_times && !r->live)
        r->playing = false;
    return changed || !r->playing;
}
