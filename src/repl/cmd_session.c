/* snapshot replay seek speed live */
#include "config.h"
#include "repl/bench.h"
#include "repl/handlers.h"
#include "session/comparison.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* --- snapshot ------------------------------------------------------------------------------------------------------ */

int build_snapshot(struct workbench *w, struct call *c, struct command *out, struct err *err)
{
    (void)w;
    (void)err;
    out->text = c->n ? c->word[0].text : "";
    return 0;
}

int cmd_snapshot(struct workbench *w, struct call *c, struct err *err)
{
    if (!w->run.trainer || w->run.idle)
        return err_set(err, ERR_INVALID, "no run; 'train' starts one, 'save weights FILE' writes weights without");
    return call_post(w, c, err);
}

/* --- replay -------------------------------------------------------------------------------------------------------- */

int cmd_replay(struct workbench *w, struct call *c, struct err *err)
{
    char dir[1024];
    const char *at;
    struct replay_status s;
    if (point_run(w, c->word[0].text, "replay", dir, sizeof dir, &at, err) < 0 || replay_open(w, dir, at, false, err) < 0)
        return call_bad(c, 0);
    workbench_replay_status(w, &s);
    bench_say(w, "%s: at epoch %.1f of %.1f; 'seek', 'speed', 'live'", w->replay.stream.history.name, s.epoch, s.last_epoch);
    return 0;
}

static int need_replay(const struct workbench *w, struct err *err)
{
    return w->replay.on ? 0 : err_set(err, ERR_INVALID, "no replay; 'replay RUN' opens one");
}

/* "start", "end", an epoch, or one from here: "+N", "-N". */
static int seek_epoch(struct call *c, double now, double last, double *epoch, struct err *err)
{
    const char *word = c->word[0].text;
    const bool relative = word[0] == '+' || word[0] == '-';
    if (strcmp(word, "start") == 0)
        *epoch = 0;
    else if (strcmp(word, "end") == 0)
        *epoch = last;
    else if (word_number(relative ? word + 1 : word, "epoch", 0, 1e9, epoch, err) < 0)
        return call_bad(c, 0);
    if (relative)
        *epoch = now + (word[0] == '+' ? *epoch : -*epoch);
    if (*epoch > last + 0.5 && !relative)
        return err_set(err, ERR_RANGE, "epoch %.10g is past the end of the recording (%.1f)", *epoch, last), call_bad(c, 0);
    *epoch = *epoch < 0 ? 0 : *epoch > last ? last : *epoch;
    return 0;
}

static int seek_comparison(struct workbench *w, struct call *c, struct err *err)
{
    const double last = comparison_latest_end(w->comparison);
    double epoch;
    if (seek_epoch(c, comparison_latest_cursor(w->comparison), last, &epoch, err) < 0)
        return -1;
    comparison_seek(w->comparison, epoch < last ? epoch : INFINITY);
    bench_say(w, "at epoch %.1f of %.1f", epoch, last);
    return 0;
}

int cmd_seek(struct workbench *w, struct call *c, struct err *err)
{
    struct replay_status s;
    double epoch;
    if (w->comparison)
        return seek_comparison(w, c, err);
    if (need_replay(w, err) < 0)
        return -1;
    workbench_replay_status(w, &s);
    if (seek_epoch(c, s.epoch, s.last_epoch, &epoch, err) < 0)
        return -1;
    uint64_t step = s.last_epoch > 0 ? (uint64_t)(epoch / s.last_epoch * (double)s.last_step + 0.5) : 0;
    if (workbench_replay_seek(w, epoch >= s.last_epoch ? UINT64_MAX : step) < 0)
        return err_set(err, ERR_MEMORY, "no memory for this moment");
    workbench_replay_status(w, &s);
    bench_say(w, "at epoch %.1f of %.1f", s.epoch, s.last_epoch);
    return 0;
}

int cmd_speed(struct workbench *w, struct call *c, struct err *err)
{
    double speed;
    if (need_replay(w, err) < 0)
        return -1;
    if (word_number(c->word[0].text, "speed", 0, 100000, &speed, err) < 0)
        return call_bad(c, 0);
    workbench_replay_play(w, speed > 0);
    if (speed > 0)
        workbench_replay_speed(w, speed);
    return 0;
}

int cmd_live(struct workbench *w, struct call *c, struct err *err)
{
    (void)c;
    if (w->comparison) { /* what was shown before it */
        compare_show(w, NULL);
        return 0;
    }
    if (need_replay(w, err) < 0)
        return -1;
    replay_leave(w);
    return 0;
}
