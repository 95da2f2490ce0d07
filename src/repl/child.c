/* A new run that begins with the state of a moment of a recorded one: its own recording, numbers of steps and epochs that go on. A second
 * stage has the parent's knobs of that moment with some of them changed; a fork goes on with all that the parent had. The parent is only read. */
#include "config.h"
#include "repl/bench.h"

#include <inttypes.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/number.h"
#include "base/text.h"
#include "engine/run/plan.h"

/* --- which moment -------------------------------------------------------------------------------------------------- */

struct birth { /* of a child */
    struct trainer_parent parent;
    char name[112];           /* the child's */
    char of[128], snapshot[64]; /* the parent's; of the snapshot that has its state, or "" */
    long epoch;               /* whole ones done */
    int watched[COMMAND_MAX_CLASSES];
    struct asked asked;       /* a fork's: its first commands are [1..], */
    struct command *first;    /* [n_first] the first of them what is watched there */
    int n_first;
    struct roll waiting;      /* and what waits there */
};

static void birth_release(struct birth *b)
{
    asked_release(&b->asked);
    free(b->first);
    roll_release(&b->waiting);
}

static bool is_fork(const struct child_request *q)
{
    return !q->change;
}

/* The end of a parent is not known where it cannot be read. */
static int check_parent(struct workbench *w, struct recording *rec, const struct child_request *q, struct err *err)
{
    bool loud = false;
    const char *damage = recording_damage(rec, &loud);
    if (recording_is_empty(rec))
        return err_set(err, ERR_DATA, "nothing is recorded in it: it was ended while it was being set up");
    if (damage && loud && point_is_end(q->at))
        return err_set(err, ERR_DATA, "%.500s; which epoch is its last is not known, name one: RUN@EPOCH", damage);
    if (damage)
        loud ? bench_warn(w, q->verb, "%s", damage) : bench_say(w, "%s", damage);
    return 0;
}

static int refuse_part(double at, const char *typed, const char *name, struct err *err)
{
    double number;
    if (typed && number_parse(typed, &number))
        at = number;
    if (!typed)
        return err_set(err, ERR_INVALID, "the last epoch of %.100s, %.4g, is not whole; a new run begins where an epoch ends: %.100s@%.0f", name, at, name,
                       floor(at));
    return err_set(err, ERR_INVALID, "epoch %.10g of %.100s is not whole; a new run begins where an epoch ends: %.100s@%.0f, %.100s@%.0f", at, name, name,
                   floor(at), name, ceil(at));
}

/* A stage begins where an epoch ends, which is not the first moment of all; a fork anywhere. */
static int find_moment(const struct recording *rec, const struct child_request *q, struct birth *b, struct err *err)
{
    if (point_step(rec, q->at, &b->parent.step, err) < 0)
        return -1;
    const double at = recording_epochs(rec, b->parent.step);
    b->epoch = (long)at;
    b->parent.fork = is_fork(q);
    if (is_fork(q))
        return 0;
    if (at < 1)
        return err_set(err, ERR_RANGE, "no whole epoch is trained at epoch %.4g of %.100s; the first one is 1", at, b->of);
    return at == floor(at) ? 0 : refuse_part(at, q->at, b->of, err);
}

/* The name it will have, as far as that can be known before there is anything. */
static int name_child(struct workbench *w, const struct child_request *q, struct birth *b, struct err *err)
{
    char root[1024];
    if (q->name)
        snprintf(b->name, sizeof b->name, "%.111s", q->name);
    else
        snprintf(b->name, sizeof b->name, "%.70s-%.20s-", b->of, q->suffix);
    if (session_root(w->options.sessions, root, sizeof root, err) < 0)
        return -1;
    return session_name_check(root, b->name, err);
}

static int plan_birth(struct workbench *w, struct recording *rec, const struct child_request *q, struct birth *b, struct err *err)
{
    session_name_of(q->dir, b->of, sizeof b->of);
    return check_parent(w, rec, q, err) < 0 || find_moment(rec, q, b, err) < 0 ? -1 : name_child(w, q, b, err);
}

int child_check(struct workbench *w, const struct child_request *q, struct err *err)
{
    struct birth b = { .epoch = 0 };
    struct recording *rec = recording_open(q->dir, err);
    const int result = rec ? plan_birth(w, rec, q, &b, err) : -1;
    recording_close(rec);
    return result;
}

/* --- its state ----------------------------------------------------------------------------------------------------- */

struct capture { /* what a trainer that stands at the moment hands over */
    pthread_mutex_t lock; /* of what follows */
    struct train_state *state;
    uint64_t done, of;    /* recorded steps, repeated so far */
    bool answered;
    char why[ERR_TEXT_MAX]; /* there is no state */
};

static void take_snapshot(void *ctx, struct train_state *state, const char *name, bool pinned)
{
    struct capture *c = ctx;
    (void)name;
    (void)pinned;
    pthread_mutex_lock(&c->lock);
    train_state_free(c->state);
    c->state = state;
    pthread_mutex_unlock(&c->lock);
}

static void take_answer(void *ctx, struct event *e)
{
    struct capture *c = ctx;
    pthread_mutex_lock(&c->lock);
    if (e->kind == EVENT_PROGRESS) {
        c->done = e->f[EV_PROGRESS_DONE].u;
        c->of = e->f[EV_PROGRESS_OF].u;
    } else if (e->kind == EVENT_ANSWER) {
        c->answered = true;
        snprintf(c->why, sizeof c->why, "%s", event_text(e, EV_ANSWER_TEXT));
    }
    pthread_mutex_unlock(&c->lock);
}

static bool has_answered(struct capture *c, uint64_t *done, uint64_t *of)
{
    pthread_mutex_lock(&c->lock);
    const bool answered = c->answered;
    *done = c->done;
    *of = c->of;
    pthread_mutex_unlock(&c->lock);
    return answered;
}

/* It repeats the recorded steps first; its warnings are told. A script, which has no screen, is told how far it is. */
static int ask_for_state(struct workbench *w, struct trainer *t, struct capture *c, struct err *err)
{
    const struct command snapshot = { .op = COMMAND_SNAPSHOT, .by = "user" };
    const uint64_t interval_ns = UINT64_C(10000000000);
    uint64_t told = clock_now_ns(), done, of;
    if (trainer_post(t, &snapshot, err) < 0 || trainer_start(t, err) < 0)
        return -1;
    for (workbench_pump(w); !has_answered(c, &done, &of); workbench_pump(w)) {
        if (!bench_idle(w, 50))
            return err_set(err, ERR_CANCELLED, "%s", ""); /* a signal: it speaks for itself */
        if (!w->options.script || of == 0 || clock_now_ns() - told < interval_ns)
            continue;
        told = clock_now_ns();
        bench_say(w, "%" PRIu64 " of %" PRIu64 " steps are repeated", done, of);
    }
    return c->state ? 0 : err_set(err, ERR_DATA, "%s", c->why);
}

static void show_no_progress(struct workbench *w)
{
    struct history *h = w->replay.on ? &w->replay.stream.history : &w->live.history;
    h->progress_what[0] = '\0';
    h->progress_of = 0;
}

struct machines {
    char here[160], there[160];
};

/* Does another one compute here than did for the recording? Not known: no. */
static bool machine_differs(const struct recording *rec, const struct trainer *t, struct machines *m)
{
    const struct event *env = recording_first(rec, EVENT_ENV);
    if (!env)
        return false;
    const char *isa = event_text(env, EV_ENV_ISA);
    trainer_machine(t, m->here, sizeof m->here);
    snprintf(m->there, sizeof m->there, "%s%s%s", event_text(env, EV_ENV_BACKEND), isa[0] ? " " : "", isa);
    return strcmp(m->here, m->there) != 0;
}

/* Losses tell soon, and not at once, that numbers are rounded otherwise here: who forks must not begin with other bits. */
static int check_machine(const struct recording *rec, const struct trainer *t, struct err *err)
{
    struct machines m;
    if (!machine_differs(rec, t, &m))
        return 0;
    return err_set(err, ERR_DATA, "the recorded weights cannot be made here: they were made on %s, and this is %s", m.there, m.here);
}

/* Repeats what was recorded since the snapshot in o, whose state is replaced. w->setup is the parent's. */
static int roll_state(struct workbench *w, const struct recording *rec, const struct child_request *q, struct origin *o, struct err *err)
{
    struct capture c = { .lock = PTHREAD_MUTEX_INITIALIZER };
    struct event_hub hub = { .n = 2, .sink = { { .ctx = &c, .emit = take_answer, .snapshot = take_snapshot }, queue_moment_sink(&w->queue) } };
    struct run_start how = { .name = "moment", .state = o->state, .roll = &o->roll.roll, .paused = true, .idle = true };
    struct trainer *t = run_trainer(w, &w->setup, &how, &hub, err);
    w->moment.rolling = q->verb;
    const bool steps = o->roll.roll.until > (o->state ? o->state->step : 0);
    int result = !t || (is_fork(q) && steps && check_machine(rec, t, err) < 0) ? -1 : ask_for_state(w, t, &c, err);
    trainer_free(t);
    workbench_pump(w);
    w->moment.rolling = NULL;
    show_no_progress(w);
    if (result == 0) {
        train_state_free(o->state);
        o->state = c.state;
    } else
        train_state_free(c.state);
    pthread_mutex_destroy(&c.lock);
    return result;
}

/* Seconds that the steps after the snapshot took when they were recorded. */
static double recorded_seconds(const struct recording *rec, uint64_t from, uint64_t until)
{
    double ms = 0;
    for (size_t i = recording_at_step(rec, from); i < recording_count(rec); i++) {
        const struct event *e = recording_kind(rec, i) == EVENT_STEP ? recording_event(rec, i) : NULL;
        if (e && e->step > until)
            break;
        ms += e && e->f[EV_STEP_MS].f > 0 ? e->f[EV_STEP_MS].f : 0;
    }
    return ms / 1000;
}

static void say_way(struct workbench *w, const struct recording *rec, const struct origin *o)
{
    char way[200];
    const uint64_t from = o->state ? o->state->step : 0;
    origin_describe(o, way, sizeof way);
    const double seconds = recorded_seconds(rec, from, o->step);
    if (seconds >= 1)
        text_append(way, sizeof way, seconds < 120 ? ", about %.0f s" : ", about %.0f min", seconds < 120 ? seconds : seconds / 60);
    bench_say(w, "state of step %" PRIu64 ", %s", o->step, way);
}

/* Other rounding gives other weights: a fork takes those of the snapshot, as they are, and says so. */
static int take_snapshot_state(struct workbench *w, const struct recording *rec, const struct child_request *q, struct origin *o, struct err *err)
{
    char at[40], why[ERR_TEXT_MAX];
    snprintf(why, sizeof why, "%s", err->text);
    if (!is_fork(q) || q->state || err->code != ERR_DATA)
        return -1;
    if (!o->state)
        return err_set(err, ERR_DATA, "%.400s, and there is no snapshot before", why);
    o->step = o->state->step;
    point_text(o->step, recording_steps_per_epoch(rec), at, sizeof at);
    bench_warn(w, q->verb, "%.400s; it begins at the nearest snapshot before: %.63s, step %" PRIu64 " (ep %s)", why, o->snapshot.name, o->step, at);
    return 0;
}

/* The best accuracy so far is recorded; who repeats steps makes no evaluations. */
static void take_best(const struct recording *rec, struct train_state *s)
{
    for (size_t i = recording_at_step(rec, s->step); i-- > 0;) {
        const struct event *e = recording_kind(rec, i) == EVENT_EPOCH ? recording_event(rec, i) : NULL;
        if (!e || !isfinite(e->f[EV_EPOCH_BEST].f))
            continue;
        if (e->f[EV_EPOCH_BEST].f > s->best) {
            s->best = e->f[EV_EPOCH_BEST].f;
            s->best_epoch = e->f[EV_EPOCH_BEST_EP].f;
        }
        return;
    }
}

/* o->state becomes that of the moment, or, where that cannot be made, of o->step before it; w->setup's knobs those in force then. */
static int open_moment(struct workbench *w, struct recording *rec, const struct child_request *q, uint64_t step, struct origin *o, struct err *err)
{
    struct origin_request r = { .step = step, .root = q->root, .verb = q->verb, .look = true };
    if (origin_open(w, &w->setup, rec, &r, o, err) < 0)
        return -1;
    o->roll.roll.rewind = false; /* nothing is written, so nothing is left behind */
    say_way(w, rec, o);
    if ((!o->state || o->state->step != step || o->roll.roll.n_commands > 0) && roll_state(w, rec, q, o, err) < 0 &&
        take_snapshot_state(w, rec, q, o, err) < 0)
        return -1;
    take_best(rec, o->state);
    return origin_knobs(&w->setup, o->state, err);
}

/* --- the new run --------------------------------------------------------------------------------------------------- */

static struct session *new_recording(struct workbench *w, const void *where, struct err *err)
{
    const struct birth *b = where;
    char root[1024], parent[160];
    snprintf(parent, sizeof parent, "r%s@%" PRIu64 " %s", b->parent.id, b->parent.step, b->parent.state);
    struct session_options options = { .parent = parent };
    return session_root(w->options.sessions, root, sizeof root, err) < 0 ? NULL : session_create(root, b->name, &options, err);
}

static int name_parent(const struct recording *rec, const struct child_request *q, const struct origin *o, struct birth *b, struct err *err)
{
    struct session_info info;
    char at[40];
    if (session_info(q->dir, &info, err) < 0)
        return -1;
    b->parent.step = o->step;
    point_text(o->step, recording_steps_per_epoch(rec), at, sizeof at);
    snprintf(b->parent.run, sizeof b->parent.run, "%.110s@%s", b->of, at);
    snprintf(b->parent.id, sizeof b->parent.id, "%s", info.id);
    snprintf(b->snapshot, sizeof b->snapshot, "%s", o->snapshot.step == o->step ? o->snapshot.name : "");
    return 0;
}

/* A second stage of the parent keeps more, which is of no use where a stage begins: that one has its own. */
static int check_state(struct train_state *s, const struct child_request *q, char hash[DIGEST_HEX], struct err *err)
{
    if (!is_fork(q))
        train_state_drop(s, STATE_OF_STAGE);
    train_state_hash(s, hash);
    if (!q->state || strcmp(q->state, hash) == 0)
        return 0;
    return err_set(err, ERR_DATA, "the recording has another state there (SHA-256 %.12s, wanted %.12s)", hash, q->state);
}

/* The commands that waited there, and what becomes of them. */
static void say_waiting(struct workbench *w, char *const *pending, const char *fate)
{
    enum { MOST = 10 };
    int n = 0;
    for (; pending && pending[n]; n++)
        if (n < MOST)
            bench_say(w, "'%.300s' waited there, and %s", pending[n], fate);
    if (n > MOST)
        bench_say(w, "and %d more", n - MOST);
}

/* Classes that were watched there are watched on, which is said in the new recording. */
static struct command watch_on(struct workbench *w, const struct train_state *s, const char *by, struct birth *b)
{
    struct command watch = { .op = COMMAND_WATCH, .classes = b->watched, .by = by };
    for (char **c = s->watched; c && *c; c++) {
        const long class = strtol(*c, NULL, 10);
        if (class >= 0 && class < w->setup.data.classes && watch.n_classes < COMMAND_MAX_CLASSES)
            b->watched[watch.n_classes++] = (int)class;
    }
    return watch;
}

static int add_first(struct birth *b, const struct command *watch, struct err *err)
{
    b->first = calloc((size_t)b->asked.n + 1, sizeof *b->first);
    if (!b->first)
        return err_set(err, ERR_MEMORY, "no memory for its first commands");
    if (watch->n_classes > 0)
        b->first[b->n_first++] = *watch;
    for (int i = 0; i < b->asked.n; i++)
        b->first[b->n_first++] = b->asked.command[i];
    return 0;
}

/* The values set by hand since the last run, then the changes. Only values chosen here are asked whether they can act. */
static int change_knobs(struct workbench *w, const struct child_request *q, const struct child_moment *at, struct err *err)
{
    struct bench_setup *s = &w->setup;
    struct asked asked;
    struct knobs before = s->knobs;
    int result = asked_take(s, at->wanted, &asked, err);
    for (int i = 0; i < asked.n; i++)
        s->knobs.v[asked.command[i].knob] = asked.command[i].value;
    asked_release(&asked);
    if (result < 0 || q->change(&s->knobs, at, q->how, err) < 0 || plan_check(&s->knobs, &s->net, &s->data, err) < 0)
        return -1;
    for (int i = 0; i < KNOB_COUNT; i++) {
        char was[KNOB_TEXT_MAX], is[KNOB_TEXT_MAX];
        knob_format((enum knob_id)i, &before.v[i], was, sizeof was);
        knob_format((enum knob_id)i, &s->knobs.v[i], is, sizeof is);
        s->touched[i] = strcmp(was, is) != 0;
    }
    run_check_plan(w, q->verb);
    memset(s->touched, true, sizeof s->touched);
    return 0;
}

/* A stage: other knobs, and nothing of the parent's course but the weights and what is watched. */
static int prepare_stage(struct workbench *w, const struct child_request *q, const struct child_moment *at, struct train_state *s, struct birth *b,
                         struct err *err)
{
    if (change_knobs(w, q, at, err) < 0)
        return -1;
    say_waiting(w, s->pending, "is not taken along"); /* its moment may lie elsewhere now */
    const struct command watch = watch_on(w, s, "script", b);
    texts_free(s->watched);
    s->watched = NULL;
    s->best = -1; /* of its own evaluations */
    s->best_epoch = 0;
    s->epoch_loss = s->epoch_correct = 0; /* an epoch begins */
    s->epoch_images = 0;
    return add_first(b, &watch, err);
}

/* A fork: all as it was; what was set by hand since the last run comes first. */
static int prepare_fork(struct workbench *w, const struct child_moment *at, const struct train_state *s, struct birth *b, struct err *err)
{
    const struct command watch = watch_on(w, s, "roll", b);
    say_waiting(w, s->pending, "waits on");
    if (asked_take(&w->setup, at->wanted, &b->asked, err) < 0 || add_first(b, &watch, err) < 0)
        return -1;
    return roll_of_state(w, &b->waiting, s, err);
}

static int begin_child(struct workbench *w, const struct child_request *q, const struct origin *o, const struct birth *b, struct err *err)
{
    const bool recorded = !w->options.no_record;
    struct run_start start = { .name = b->name, .verb = q->verb, .state = o->state, .roll = is_fork(q) ? &b->waiting.roll : NULL, .parent = &b->parent,
                               .record = recorded ? new_recording : NULL, .where = b, .first = b->first, .n_first = b->n_first, .announce = true,
                               .paused = q->paused };
    if (run_begin_new(w, &start, err) < 0)
        return -1;
    setup_forget_prepared(&w->setup);
    return 0;
}

/* Paused or over, as its trainer and its recording say. */
static bool stands(struct workbench *w)
{
    struct trainer_status t;
    trainer_status(w->run.trainer, &t);
    return w->live.history.state[0] && (t.phase == TRAINER_PAUSED || t.phase == TRAINER_OVER);
}

/* Nothing is promised until the run's base, and what was set, is on disk. */
static int await_base(struct workbench *w, struct err *err)
{
    struct err second;
    bool waits = true;
    for (workbench_pump(w); waits && !stands(w); workbench_pump(w))
        waits = bench_idle(w, 20);
    if (waits && run_active(w))
        return 0;
    err_set(err, waits ? ERR_IO : ERR_CANCELLED, "%s", waits ? w->live.history.why : "");
    char why[sizeof err->text];
    snprintf(why, sizeof why, "%s", err->text);
    run_end(w, "could not start", &second);
    return -1;
}

/* The answer to a fork, as the prompt answers commands. */
static void say_forked(struct workbench *w, const char *verb, const struct birth *b)
{
    const struct session *s = w->run.session;
    struct trainer_status t;
    trainer_status(w->run.trainer, &t);
    bench_say(w, "forked %s -> %s%s%.5s (%s%s, optimizer state kept); at ep %.1f: 'set' changes knobs, 'train' begins", b->parent.run,
              s ? session_name(s) : b->name, s ? " r" : "", s ? session_id(s) : "", b->snapshot[0] ? "snapshot " : "its steps repeated", b->snapshot, t.epoch);
    for (int i = 0; i < b->asked.n; i++) {
        const struct command *c = &b->asked.command[i];
        char value[KNOB_TEXT_MAX];
        knob_format((enum knob_id)c->knob, &c->value, value, sizeof value);
        bench_say(w, "then set %s %s", knob_table[c->knob].name, value);
    }
    if (t.step >= t.total_steps)
        bench_warn(w, verb, "it is at its end, with no step left to train: 'train --epochs N' or 'set epochs N' gives it more");
}

/* The state of a snapshot is the same everywhere; what follows from it in such a math is not. */
static void warn_of_rounding(struct workbench *w, const char *verb, const struct recording *rec)
{
    struct machines m;
    char math[32];
    if (knob_is(&w->setup.knobs, KNOB_MATH, "fp32") || !machine_differs(rec, w->run.trainer, &m))
        return;
    knob_choice(&w->setup.knobs, KNOB_MATH, math, sizeof math);
    bench_warn(w, verb, "its steps in math %s were rounded on %s, and are on %s from here on", math, m.there, m.here);
}

static int give_life(struct workbench *w, const struct child_request *q, const struct child_moment *at, struct origin *o, struct birth *b, struct err *err)
{
    const int ready = is_fork(q) ? prepare_fork(w, at, o->state, b, err) : prepare_stage(w, q, at, o->state, b, err);
    if (ready < 0 || begin_child(w, q, o, b, err) < 0)
        return -1;
    if (!is_fork(q))
        return 0;
    if (await_base(w, err) < 0)
        return -1;
    w->run.forked = true;
    w->run.fork_step = b->parent.step;
    say_forked(w, q->verb, b);
    return 0;
}

static int start_child(struct workbench *w, struct recording *rec, const struct child_request *q, struct err *err)
{
    struct choices wanted;
    struct origin o = { 0 };
    struct birth b = { .epoch = 0 };
    setup_keep(&w->setup, &wanted);
    if (plan_birth(w, rec, q, &b, err) < 0 || run_end(w, "another run began", err) < 0)
        return -1;
    moment_drop(w);
    const struct child_moment at = { .name = b.of, .epoch = b.epoch, .wanted = &wanted };
    int result = open_moment(w, rec, q, b.parent.step, &o, err);
    if (result == 0 && (name_parent(rec, q, &o, &b, err) < 0 || check_state(o.state, q, b.parent.state, err) < 0))
        result = -1;
    if (result == 0)
        result = give_life(w, q, &at, &o, &b, err);
    if (result == 0)
        warn_of_rounding(w, q->verb, rec);
    if (result < 0)
        setup_restore(&w->setup, &wanted);
    birth_release(&b);
    origin_release(&o);
    return result;
}

int child_start(struct workbench *w, const struct child_request *q, struct err *err)
{
    struct recording *rec = recording_open(q->dir, err);
    char refused[sizeof w->setup.refused];
    memcpy(refused, w->setup.refused, sizeof refused);
    w->setup.refused[0] = '\0'; /* the recording says which data */
    const int result = rec ? start_child(w, rec, q, err) : -1;
    if (result < 0)
        memcpy(w->setup.refused, refused, sizeof refused);
    recording_close(rec);
    return result;
}
