/* Taking up a recorded run: from its end, or from an earlier epoch, with what was set by hand before. */
#include "config.h"
#include "repl/bench.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/run/plan.h"
#include "engine/stages.h"
#include "repl/handlers.h"

/* --- what was set by hand before `resume RUN` ---------------------------------------------------------------------- */

static int refuse_fixed(const struct bench_setup *s, const struct knobs *wanted, int id, struct err *err)
{
    char want[KNOB_TEXT_MAX], have[KNOB_TEXT_MAX];
    knob_format((enum knob_id)id, &wanted->v[id], want, sizeof want);
    knob_format((enum knob_id)id, &s->knobs.v[id], have, sizeof have);
    return err_set(err, ERR_INVALID, "%s is fixed while a run exists: it is recorded with %s, and %s was set here; 'train' starts another run",
                   knob_table[id].name, have[0] ? have : "''", want[0] ? want : "''");
}

/* Lengths come first: a slope that is asked for is laid over what they make of the run, also where the run has the same words. */
static bool is_asked(const struct bench_setup *s, const struct choices *wanted, enum knob_id id)
{
    char want[KNOB_TEXT_MAX], have[KNOB_TEXT_MAX];
    if (!wanted->asked[id] || knob_of_machine(id) || knob_table[id].when == KNOB_SCREEN)
        return false;
    if (knob_table[id].type == KNOB_SCHEDULE && schedule_is_laid_over_run(knob_schedule(&wanted->knobs, id)))
        return true;
    knob_format(id, &wanted->knobs.v[id], want, sizeof want);
    knob_format(id, &s->knobs.v[id], have, sizeof have);
    return strcmp(want, have) != 0;
}

int asked_take(const struct bench_setup *s, const struct choices *wanted, struct asked *out, struct err *err)
{
    *out = (struct asked){ 0 };
    out->command = calloc(KNOB_COUNT, sizeof *out->command);
    if (!out->command)
        return err_set(err, ERR_MEMORY, "no memory for what was set");
    for (int i = 0; i < 2 * KNOB_COUNT; i++) {
        const enum knob_id id = (enum knob_id)(i % KNOB_COUNT);
        if (knob_is_length(id) != (i < KNOB_COUNT) || !is_asked(s, wanted, id))
            continue;
        if (knob_table[id].when == KNOB_SETUP)
            return refuse_fixed(s, &wanted->knobs, id, err);
        struct command *c = &out->command[out->n++];
        *c = (struct command){ .op = COMMAND_SET, .knob = (int)id, .value = wanted->knobs.v[id], .by = "user" };
    }
    return 0;
}

void asked_release(struct asked *a)
{
    free(a->command);
    *a = (struct asked){ 0 };
}

/* A length that lies behind the run would end it at once: refused before anything is written. */
static int check_new_length(const struct bench_setup *s, const struct asked *asked, uint64_t step, struct err *err)
{
    struct knobs after = s->knobs;
    struct plan p = { .knobs = &after, .data = &s->data };
    char end[64];
    bool lengthened = false;
    for (int i = 0; i < asked->n; i++) {
        const struct command *c = &asked->command[i];
        after.v[c->knob] = c->value;
        lengthened |= knob_is_length((enum knob_id)c->knob);
    }
    if (!lengthened || plan_steps(&p) > step)
        return 0;
    return err_set(err, ERR_RANGE, "the run is at step %" PRIu64 " already: with an end at %s%s it would end at once", step,
                   strchr(plan_end(&p, end), ' ') ? "" : "epoch ", end);
}

/* --- the recording goes on ----------------------------------------------------------------------------------------- */

struct resume_place { /* where it goes on */
    const char *dir;
    char name[128];
    struct recording *rec;
    const char *at; /* as for point_step() */
};

/* True when this opening comes next: another process would have put its own before it. */
static bool is_as_read(const struct recording *rec, size_t known, const struct session *s)
{
    const struct event *next = recording_count(rec) > known ? recording_event(rec, known) : NULL;
    return next && next->kind == EVENT_OPEN && next->f[EV_OPEN_WALL].u == session_opened(s);
}

/* Locked, it must be as it was read: nobody wrote it in between. */
static struct session *reopen_recorded(struct workbench *w, const void *where, struct err *err)
{
    const struct resume_place *p = where;
    size_t known = recording_count(p->rec);
    struct session *s = session_reopen(p->dir, err);
    (void)w;
    if (!s)
        return NULL;
    int followed = recording_follow(p->rec, err);
    bool read = followed > 0;
    if (read && is_as_read(p->rec, known, s))
        return s;
    session_close(s, read ? "another process went on with it" : "it could not be read again", NULL);
    if (!read && followed == 0)
        err_set(err, ERR_IO, "the recording cannot be read again: %s", recording_damage(p->rec, NULL) ? recording_damage(p->rec, NULL) : "its new segment is not seen");
    if (!read)
        return NULL;
    err_set(err, ERR_LOCKED, "another process went on with it just now; 'resume' once more");
    return NULL;
}

static bool longer(const struct bench_setup *s)
{
    bool any = false;
    for (int i = 0; i < KNOB_COUNT; i++)
        any |= s->asked[i] && knob_is_length((enum knob_id)i);
    return any;
}

/* Nothing to do is no failure: a job that was queued again finds its run done. */
static bool is_done(struct workbench *w, const struct resume_place *p)
{
    if (!point_is_end(p->at) || longer(&w->setup) || !recording_is_complete(p->rec))
        return false;
    bench_say(w, "%s is finished at epoch %.1f; 'set epochs N' before 'resume' makes it longer, 'replay' shows it", p->name,
              recording_epochs(p->rec, recording_last_step(p->rec)));
    return true;
}

/* What comes after `step` is left behind by who takes the run up there: it cannot be undone. */
static void show_recorded(struct workbench *w, struct recording *rec, uint64_t step)
{
    history_clear(&w->live.history);
    w->n_undo = 0;
    for (size_t i = 0; i < recording_count(rec); i++) {
        const struct event *e = recording_event(rec, i);
        if (e->step <= step)
            run_recorded(w, e);
        else
            history_fold(&w->live.history, e);
    }
}

static int go_on(struct workbench *w, const struct resume_place *p, const struct origin *o, const struct asked *asked, bool paused, struct err *err)
{
    char way[160];
    struct run_start start = { .name = p->name, .verb = "resume", .state = o->state, .roll = &o->roll.roll, .record = reopen_recorded, .where = p,
        .first = asked->command, .n_first = asked->n, .paused = paused, .isa = w->live.history.isa };
    const uint64_t saved = o->state ? o->state->step : 0;
    origin_describe(o, way, sizeof way);
    if (run_begin(w, &start, err) < 0) {
        struct err second;
        run_end(w, "could not resume", &second);
        return -1;
    }
    w->run.saved_step = saved;
    setup_forget_prepared(&w->setup);
    bench_say(w, "%s: %s", p->name, way);
    for (int i = 0; i < asked->n; i++) {
        const struct command *c = &asked->command[i];
        char value[KNOB_TEXT_MAX];
        knob_format((enum knob_id)c->knob, &c->value, value, sizeof value);
        bench_say(w, "then set %s %s", knob_table[c->knob].name, value);
    }
    return 0;
}

struct shown { /* the run that was looked at before */
    struct history history;
    char dir[sizeof ((struct bench_run *)0)->dir];
};

/* A run that was not taken up is not shown: the earlier run is again, or else that nothing runs. */
static void show_again(struct workbench *w, struct shown *before)
{
    workbench_pump(w);
    history_release(&w->live.history);
    w->live.history = before->history;
    w->n_undo = 0;
    snprintf(w->run.dir, sizeof w->run.dir, "%s", before->dir);
}

static int take_up(struct workbench *w, const struct resume_place *p, const struct origin_request *request, bool paused, struct err *err)
{
    struct choices wanted;
    struct origin o = { 0 };
    struct asked asked = { 0 };
    setup_keep(&w->setup, &wanted);
    int result = origin_open(w, &w->setup, p->rec, request, &o, err);
    if (result == 0)
        result = asked_take(&w->setup, &wanted, &asked, err);
    if (result == 0)
        result = check_new_length(&w->setup, &asked, o.roll.roll.until, err);
    if (result == 0)
        result = go_on(w, p, &o, &asked, paused, err);
    if (result == 0)
        run_check_resumed(w, "resume", p->rec);
    if (result < 0)
        setup_restore(&w->setup, &wanted);
    asked_release(&asked);
    origin_release(&o);
    return result;
}

static int resume_recording(struct workbench *w, const struct resume_place *p, const char *root, bool paused, struct err *err)
{
    struct origin_request q = { .step = UINT64_MAX, .root = root, .verb = "resume" };
    const bool recorded = w->run.session != NULL; /* this one, perhaps: its end is written now */
    if ((!point_is_end(p->at) && point_step(p->rec, p->at, &q.step, err) < 0) || run_end(w, "another run was resumed", err) < 0 ||
        (recorded && recording_follow(p->rec, err) < 0))
        return -1;
    workbench_pump(w);
    struct shown before = { .history = w->live.history };
    memcpy(before.dir, w->run.dir, sizeof before.dir);
    history_init(&w->live.history);
    show_recorded(w, p->rec, q.step);
    if (!is_done(w, p) && take_up(w, p, &q, paused, err) < 0) {
        show_again(w, &before);
        return -1;
    }
    history_release(&before.history);
    return 0;
}

/* RUN or RUN@POINT. 0 also when there is nothing left to do, which is then said. */
static int resume_run(struct workbench *w, const char *run, const char *root, bool paused, struct err *err)
{
    char dir[1024];
    const char *at;
    if (point_run(w, run, "resume", dir, sizeof dir, &at, err) < 0)
        return -1;
    if (session_is_packed(dir))
        return err_set(err, ERR_INVALID, "'%s' is a packed session, which is only read; 'import' makes one of it that goes on", dir);
    struct recording *rec = recording_open(dir, err);
    if (!rec)
        return -1;
    if (recording_is_empty(rec)) {
        recording_close(rec);
        return err_set(err, ERR_DATA, "nothing is recorded in it: it was ended while it was being set up; 'train' starts anew");
    }
    bool loud = false;
    const char *damage = recording_damage(rec, &loud);
    if (damage)
        loud ? bench_warn(w, "resume", "%s", damage) : bench_say(w, "%s", damage);
    struct resume_place place = { .dir = dir, .rec = rec, .at = at };
    session_name_of(dir, place.name, sizeof place.name);
    int result = resume_recording(w, &place, root, paused, err);
    recording_close(rec);
    return result;
}

int cmd_resume(struct workbench *w, struct call *c, struct err *err)
{
    if (c->n == 0)
        return run_needed(w, err) < 0 ? -1 : call_post(w, c, err);
    if (c->when.kind != AT_ONCE)
        return err_set(err, ERR_USAGE, "a recorded run is taken up at once or not at all");
    if (run_active(w))
        return err_set(err, ERR_INVALID, "%s is training; 'stop' it first", run_name(w));
    char refused[sizeof w->setup.refused];
    memcpy(refused, w->setup.refused, sizeof refused);
    w->setup.refused[0] = '\0'; /* the recording says which data */
    if (resume_run(w, c->word[0].text, call_value(c, "root"), call_has(c, "paused"), err) < 0) {
        memcpy(w->setup.refused, refused, sizeof refused);
        return call_bad(c, 0);
    }
    if (run_active(w))
        replay_leave(w); /* the run is what is looked at now */
    return 0;
}
