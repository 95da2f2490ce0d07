/* A new run that begins with the state of a moment of a recorded one: its own recording, the parent's knobs of that moment with some
 * of them changed, numbers of steps and epochs that go on. The parent is only read. */
#include "config.h"
#include "repl/bench.h"

#include <inttypes.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/run/plan.h"

/* --- which moment -------------------------------------------------------------------------------------------------- */

/* The last epoch of a parent whose end cannot be read is not known. */
static int check_parent(struct workbench *w, struct recording *rec, const struct child_request *q, struct err *err)
{
    bool loud = false;
    const char *damage = recording_damage(rec, &loud);
    if (recording_is_empty(rec))
        return err_set(err, ERR_DATA, "nothing is recorded in it: it was ended while it was being set up");
    if (damage && loud && q->epoch < 0)
        return err_set(err, ERR_DATA, "%.500s; which epoch is its last is not known, name one: RUN@EPOCH", damage);
    if (damage)
        loud ? bench_warn(w, q->verb, "%s", damage) : bench_say(w, "%s", damage);
    return 0;
}

static int refuse_part(double at, const char *name, struct err *err)
{
    return err_set(err, ERR_INVALID, "epoch %.10g of %.100s is not whole; a new run begins where an epoch ends: %.100s@%.0f, %.100s@%.0f", at, name, name,
                   floor(at), name, ceil(at));
}

/* Its step and epoch, which is whole and not the first moment of all. */
static int find_moment(const struct recording *rec, const char *name, double wanted, uint64_t *step, long *epoch, struct err *err)
{
    const double at = wanted < 0 ? recording_epochs(rec, recording_last_step(rec)) : wanted;
    if (wanted >= 0 && recording_step_at(rec, wanted, step, err) < 0)
        return -1;
    if (at < 1)
        return err_set(err, ERR_RANGE, "no whole epoch is trained at epoch %.4g of %.100s; the first one is 1", at, name);
    if (at != floor(at) && wanted < 0)
        return err_set(err, ERR_INVALID, "the last epoch of %.100s, %.4g, is not whole; a new run begins where an epoch ends: %.100s@%.0f", name, at, name,
                       floor(at));
    if (at != floor(at))
        return refuse_part(at, name, err);
    if (wanted < 0)
        *step = recording_last_step(rec);
    *epoch = (long)at;
    return 0;
}

/* --- its state ----------------------------------------------------------------------------------------------------- */

struct capture { /* what a trainer that stands at the moment hands over */
    pthread_mutex_t lock; /* of what follows */
    struct train_state *state;
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
    if (e->kind != EVENT_ANSWER)
        return;
    pthread_mutex_lock(&c->lock);
    c->answered = true;
    snprintf(c->why, sizeof c->why, "%s", event_text(e, EV_ANSWER_TEXT));
    pthread_mutex_unlock(&c->lock);
}

static bool has_answered(struct capture *c)
{
    pthread_mutex_lock(&c->lock);
    const bool answered = c->answered;
    pthread_mutex_unlock(&c->lock);
    return answered;
}

/* It repeats the recorded steps first; its warnings are told. */
static int ask_for_state(struct workbench *w, struct trainer *t, struct capture *c, struct err *err)
{
    const struct command snapshot = { .op = COMMAND_SNAPSHOT, .by = "user" };
    if (trainer_post(t, &snapshot, err) < 0 || trainer_start(t, err) < 0)
        return -1;
    for (workbench_pump(w); !has_answered(c); workbench_pump(w))
        if (!bench_idle(w, 50))
            return err_set(err, ERR_CANCELLED, "%s", ""); /* a signal: it speaks for itself */
    return c->state ? 0 : err_set(err, ERR_DATA, "%s", c->why);
}

/* Repeats what was recorded since the snapshot in o, whose state is replaced. w->setup is the parent's. */
static int roll_state(struct workbench *w, struct origin *o, struct err *err)
{
    struct capture c = { .lock = PTHREAD_MUTEX_INITIALIZER };
    struct event_hub hub = { .n = 2, .sink = { { .ctx = &c, .emit = take_answer, .snapshot = take_snapshot }, queue_moment_sink(&w->queue) } };
    struct run_start how = { .name = "moment", .state = o->state, .roll = &o->roll.roll, .paused = true, .idle = true };
    struct trainer *t = run_trainer(w, &w->setup, &how, &hub, err);
    int result = t ? ask_for_state(w, t, &c, err) : -1;
    trainer_free(t);
    workbench_pump(w);
    if (result == 0) {
        train_state_free(o->state);
        o->state = c.state;
    } else
        train_state_free(c.state);
    pthread_mutex_destroy(&c.lock);
    return result;
}

/* o->state becomes that of the moment, w->setup's knobs those in force then. */
static int open_moment(struct workbench *w, struct recording *rec, const struct child_request *q, uint64_t step, struct origin *o, struct err *err)
{
    char way[160];
    struct origin_request r = { .step = step, .root = q->root, .verb = q->verb, .look = true };
    if (origin_open(w, &w->setup, rec, &r, o, err) < 0)
        return -1;
    o->roll.roll.rewind = false; /* nothing is written, so nothing is left behind */
    origin_describe(o, way, sizeof way);
    bench_say(w, "state of step %" PRIu64 ", %s", step, way);
    if (o->state && o->state->step == step && o->roll.roll.n_commands == 0)
        return 0;
    return roll_state(w, o, err) < 0 ? -1 : origin_knobs(&w->setup, o->state, err);
}

/* --- the new run --------------------------------------------------------------------------------------------------- */

struct birth { /* of a child */
    struct trainer_parent parent;
    char name[112];
};

static struct session *new_recording(struct workbench *w, const void *where, struct err *err)
{
    const struct birth *b = where;
    char root[1024], parent[160];
    snprintf(parent, sizeof parent, "r%s@%" PRIu64 " %s", b->parent.id, b->parent.step, b->parent.state);
    struct session_options options = { .parent = parent };
    return session_root(w->options.sessions, root, sizeof root, err) < 0 ? NULL : session_create(root, b->name, &options, err);
}

/* The name it will have, as far as that can be known before there is anything. */
static int name_child(struct workbench *w, const struct child_request *q, const char *parent, struct birth *b, struct err *err)
{
    char root[1024];
    if (q->name)
        snprintf(b->name, sizeof b->name, "%.111s", q->name);
    else
        snprintf(b->name, sizeof b->name, "%.70s-%.20s-", parent, q->suffix);
    if (session_root(w->options.sessions, root, sizeof root, err) < 0)
        return -1;
    return session_name_check(root, b->name, err);
}

static int name_parent(const char *dir, const char *name, long epoch, struct birth *b, struct err *err)
{
    struct session_info info;
    if (session_info(dir, &info, err) < 0)
        return -1;
    snprintf(b->parent.run, sizeof b->parent.run, "%.128s@%ld", name, epoch);
    snprintf(b->parent.id, sizeof b->parent.id, "%s", info.id);
    return 0;
}

/* What a second stage of the parent keeps besides is of no use: a stage that begins in the child has its own. */
static int check_state(struct train_state *s, const struct child_request *q, char hash[DIGEST_HEX], struct err *err)
{
    train_state_drop_stage(s);
    train_state_hash(s, hash);
    if (!q->state || strcmp(q->state, hash) == 0)
        return 0;
    return err_set(err, ERR_DATA, "the recording has another state there (SHA-256 %.12s, wanted %.12s)", hash, q->state);
}

/* What waited there: its moment may lie elsewhere now. */
static void say_waiting(struct workbench *w, char *const *pending)
{
    enum { MOST = 10 };
    int n = 0;
    for (; pending && pending[n]; n++)
        if (n < MOST)
            bench_say(w, "'%.300s' waited there, and is not taken along", pending[n]);
    if (n > MOST)
        bench_say(w, "and %d more", n - MOST);
}

/* What was watched there into class_of[COMMAND_MAX_CLASSES]: it is watched on, and that is said in the new recording. How many. */
static int hand_over(struct workbench *w, struct train_state *s, int *class_of)
{
    int n = 0;
    say_waiting(w, s->pending);
    for (char **c = s->watched; c && *c; c++) {
        const long class = strtol(*c, NULL, 10);
        if (class >= 0 && class < w->setup.data.classes && n < COMMAND_MAX_CLASSES)
            class_of[n++] = (int)class;
        free(*c);
    }
    if (s->watched)
        s->watched[0] = NULL;
    s->best = -1; /* of its own evaluations */
    s->best_epoch = 0;
    s->epoch_loss = s->epoch_correct = 0; /* an epoch begins */
    s->epoch_images = 0;
    return n;
}

/* What was set by hand since the last run, then the changes. Only what was chosen here is asked whether it can act. */
static int change_knobs(struct workbench *w, const struct child_request *q, const struct child_moment *at, struct err *err)
{
    struct bench_setup *s = &w->setup;
    struct asked asked;
    struct knobs before = s->knobs;
    int result = asked_take(s, at->wanted, &asked, err);
    for (int i = 0; i < asked.n; i++)
        s->knobs.v[asked.command[i].knob] = asked.command[i].value;
    asked_release(&asked);
    if (result < 0 || q->change(&s->knobs, at, q->how, err) < 0 || plan_check(&s->knobs, &s->net, s->data.train.n, err) < 0)
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

static int begin_child(struct workbench *w, const struct child_request *q, const struct origin *o, const struct birth *b, const struct command *watch,
                       struct err *err)
{
    const bool recorded = !w->options.no_record;
    struct run_start start = { .name = b->name, .state = o->state, .parent = &b->parent, .record = recorded ? new_recording : NULL, .where = b,
                               .first = watch, .n_first = watch->n_classes > 0, .announce = true, .paused = q->paused };
    if (run_begin_new(w, &start, err) < 0)
        return -1;
    setup_forget_prepared(&w->setup);
    return 0;
}

static int start_child(struct workbench *w, struct recording *rec, const struct child_request *q, struct err *err)
{
    struct choices wanted;
    struct origin o = { 0 };
    struct birth b = { 0 };
    char name[128];
    int watched[COMMAND_MAX_CLASSES];
    struct command watch = { .op = COMMAND_WATCH, .classes = watched, .by = "script" };
    struct child_moment at = { .name = name, .wanted = &wanted };
    setup_keep(&w->setup, &wanted);
    session_name_of(q->dir, name, sizeof name);
    if (check_parent(w, rec, q, err) < 0 || find_moment(rec, name, q->epoch, &b.parent.step, &at.epoch, err) < 0 ||
        name_child(w, q, name, &b, err) < 0 || name_parent(q->dir, name, at.epoch, &b, err) < 0 || run_end(w, "another run began", err) < 0)
        return -1;
    moment_drop(w);
    int result = open_moment(w, rec, q, b.parent.step, &o, err);
    if (result == 0)
        result = check_state(o.state, q, b.parent.state, err);
    if (result == 0)
        result = change_knobs(w, q, &at, err);
    if (result == 0) {
        watch.n_classes = hand_over(w, o.state, watched);
        result = begin_child(w, q, &o, &b, &watch, err);
    }
    if (result < 0)
        setup_restore(&w->setup, &wanted);
    origin_release(&o);
    return result;
}

int child_start(struct workbench *w, const struct child_request *q, struct err *err)
{
    struct recording *rec = recording_open(q->dir, err);
    if (!rec)
        return -1;
    int result = start_child(w, rec, q, err);
    recording_close(rec);
    return result;
}
