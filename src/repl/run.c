/* The run of this process: beginning, commands and answers, waiting, the end. */
#include "config.h"
#include "repl/bench.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "engine/recorded.h"

/* --- state --------------------------------------------------------------------------------------------------------- */

/* The event of the end comes a moment before the trainer calls itself over. */
static bool is_over(const struct workbench *w)
{
    struct trainer_status s;
    trainer_status(w->run.trainer, &s);
    return s.phase == TRAINER_OVER || (s.ending && run_end_of(w->live.history.state) != RUN_GOES_ON && trainer_wait(w->run.trainer, 0, 1000) == 1);
}

bool run_active(const struct workbench *w)
{
    return w->run.trainer && !w->run.idle && !is_over(w);
}

bool run_awaits_train(const struct workbench *w)
{
    struct trainer_status s;
    if (!w->run.forked || !run_active(w))
        return false;
    trainer_status(w->run.trainer, &s);
    return s.phase == TRAINER_PAUSED && s.step == w->run.fork_step;
}

const char *run_name(const struct workbench *w)
{
    return w->run.session ? session_name(w->run.session) : w->live.history.name;
}

/* --- beginning ----------------------------------------------------------------------------------------------------- */

/* The session's own events (snap, fault ...) come from its threads. */
static void hear_session(void *ctx, struct event *e)
{
    struct event_sink sink = queue_sink(ctx);
    sink.emit(sink.ctx, e);
}

static struct event_hub make_hub(struct workbench *w, struct session *session)
{
    struct event_hub hub = { 0 };
    lines_begin(w, session);
    if (session) {
        session_listen(session, hear_session, &w->queue);
        hub.sink[hub.n++] = session_sink(session);
    }
    hub.sink[hub.n++] = queue_sink(&w->queue);
    return hub;
}

/* Numbers are the trainer's own: those of the run and of a moment that is looked at may be equal. */
static struct answer *answer_slot(struct workbench *w, long id, bool moment)
{
    for (int i = 0; i < MAX_ANSWERS; i++)
        if (w->answer[i].id == id && (id == 0 || w->answer[i].moment == moment))
            return &w->answer[i];
    return NULL;
}

static void answer_over(struct answer *a)
{
    free(a->text);
    *a = (struct answer){ 0 };
}

/* Posted before the run starts: nobody waits for its answer, but that a run refused it is said. */
static int post_first(struct workbench *w, const struct command *c, const char *verb, struct err *err)
{
    struct answer *a = w->run.idle ? NULL : answer_slot(w, 0, false);
    long id = trainer_post(w->run.trainer, c, err);
    if (id < 0)
        return -1;
    if (a) {
        *a = (struct answer){ .id = id, .refusal_only = true };
        snprintf(a->verb, sizeof a->verb, "%s", verb);
    }
    return 0;
}

/* Things given before `train`: watched classes and commands for later. They are in the queue before the first step. */
static int post_prepared(struct workbench *w, struct err *err)
{
    struct bench_setup *s = &w->setup;
    const struct command watch = { .op = COMMAND_WATCH, .n_classes = s->n_watched, .classes = s->watched, .by = "script" };
    int result = s->n_watched > 0 ? post_first(w, &watch, operation_table[COMMAND_WATCH].word, err) : 0;
    for (int i = 0; i < s->n_later && result == 0; i++)
        result = post_first(w, s->later[i].command, s->later[i].text, err);
    return result;
}

/* Which job of a batch system this is, and where: nothing else says it once the machine is another's. */
static void add_job(char *out, size_t size)
{
    const char *job = getenv("SLURM_JOB_ID"), *again = getenv("SLURM_RESTART_COUNT");
    char host[64] = "";
    if (!job || !job[0])
        return;
    if (gethostname(host, sizeof host - 1) < 0)
        host[0] = '\0';
    text_append(out, size, "%sSlurm job %.20s on %s", out[0] ? "; " : "", job, host[0] ? host : "a host without a name");
    if (again && strtol(again, NULL, 10) > 0)
        text_append(out, size, ", start %ld", strtol(again, NULL, 10) + 1);
}

/* What a recorded run trains is the same without: it goes on, and its evaluations say what they are. */
static int check_evaluations(struct workbench *w, const struct bench_setup *s, const struct run_start *start, const struct backend *b, struct err *err)
{
    struct err lacks;
    if (setup_check_evaluations(&s->knobs, b, &lacks) == 0)
        return 0;
    if (!start->state && !start->roll)
        return err_set(err, lacks.code, "%s", lacks.text);
    if (start->verb)
        bench_warn(w, start->verb, "%s; it is evaluated in fp32 here", lacks.text);
    return 0;
}

struct trainer *run_trainer(struct workbench *w, const struct bench_setup *s, const struct run_start *start, const struct event_hub *hub,
                            struct err *err)
{
    int device;
    char remark[256];
    const struct backend *backend = setup_backend(&s->knobs, &device, err);
    bool fresh = !start->state && !start->roll;
    if (!backend || check_evaluations(w, s, start, backend, err) < 0)
        return NULL;
    setup_device_remark(w, backend, device, remark, sizeof remark);
    add_job(remark, sizeof remark);
    struct trainer_setup t = { .backend = backend, .device = device, .data = &s->data, .knobs = &s->knobs,
        .params = fresh ? s->params : NULL, .stats = fresh ? s->stats : NULL,
        .weights = fresh && s->params ? s->weights_sha256 : NULL, .state = start->state, .roll = start->roll, .isa = start->isa, .hub = *hub,
        .name = start->name, .parent = start->parent, .remark = start->idle ? NULL : remark, .announce = start->announce, .start_paused = start->paused };
    return trainer_new(&t, err);
}

/* Its recording, and what is posted before the first step. */
static int prepare_run(struct workbench *w, const struct run_start *start, struct err *err)
{
    struct bench_run *r = &w->run;
    if (start->record) {
        r->session = start->record(w, start->where, err);
        if (!r->session)
            return -1;
        snprintf(r->dir, sizeof r->dir, "%s", session_dir(r->session));
        outside_begin(w);
        struct event_hub hub = make_hub(w, r->session);
        trainer_record(r->trainer, &hub, session_name(r->session));
        setup_remember_data(w, start->verb);
    }
    if (!start->state && !start->roll && post_prepared(w, err) < 0)
        return -1;
    for (int i = 0; i < start->n_first; i++)
        if (post_first(w, &start->first[i], operation_table[start->first[i].op].word, err) < 0)
            return -1;
    return 0;
}

int run_begin(struct workbench *w, const struct run_start *start, struct err *err)
{
    struct event_hub hub = make_hub(w, NULL);
    w->run = (struct bench_run){ .knobs = w->setup.knobs, .idle = start->idle };
    w->run.trainer = run_trainer(w, &w->setup, start, &hub, err);
    if (!w->run.trainer)
        return -1;
    if (prepare_run(w, start, err) < 0) {
        trainer_free(w->run.trainer); /* it never started: nothing to stop, nothing to save */
        w->run.trainer = NULL;
        return -1;
    }
    if (!start->idle)
        memset(w->setup.asked, 0, sizeof w->setup.asked);
    return trainer_start(w->run.trainer, err);
}

/* --- the end ------------------------------------------------------------------------------------------------------- */

static void forget_run(struct workbench *w)
{
    for (int i = 0; i < MAX_ANSWERS; i++)
        answer_over(&w->answer[i]);
    w->run.trainer = NULL;
    w->run.session = NULL;
    w->run.idle = false;
}

void run_drop_idle(struct workbench *w)
{
    if (!w->run.trainer || !w->run.idle)
        return;
    trainer_free(w->run.trainer);
    workbench_pump(w);
    forget_run(w);
}

/* A user who ends a run that cannot be recorded must not wait for the disk for ever, nor may the trainer. */
static void give_up_recording(struct workbench *w)
{
    struct session_status disk;
    if (workbench_session_status(w, &disk) && disk.stalled)
        session_abandon(w->run.session);
}

/* Posts `stop` and waits until the trainer has ended its step and taken its snapshot. Evaluations and probes do not hold it up. */
static void stop_trainer(struct workbench *w, const char *why)
{
    const struct command stop = { .op = COMMAND_STOP, .text = why, .by = "user" };
    trainer_cut_off(w->run.trainer);
    if (trainer_post(w->run.trainer, &stop, NULL) < 0)
        return;
    while (trainer_wait(w->run.trainer, 0, 100) == 0) {
        give_up_recording(w);
        workbench_pump(w);
    }
}

/* The newest snapshot holds the last step. */
static bool snapshot_is_safe(const struct workbench *w, uint64_t step)
{
    struct session_status s;
    session_status(w->run.session, &s);
    return s.last_snapshot[0] && s.last_snapshot_step == step;
}

/* Snapshots are published in the background: a busy writer is waited for, a stalled one is not. */
static int close_session(struct workbench *w, const char *why, uint64_t step, struct err *err)
{
    struct session_status s;
    for (session_status(w->run.session, &s); s.snapshot_busy && !s.stalled; session_status(w->run.session, &s))
        poll(NULL, 0, 10);
    bool safe = step == 0 || step == w->run.saved_step || snapshot_is_safe(w, step);
    int result = session_close(w->run.session, why, err);
    w->run.session = NULL;
    if (result == 0 && !safe)
        result = err_set(err, ERR_IO, "no snapshot of step %" PRIu64 " is on disk", step);
    return result;
}

int run_end(struct workbench *w, const char *why, struct err *err)
{
    if (!w->run.trainer && !w->run.session)
        return 0;
    if (w->run.idle) {
        run_drop_idle(w);
        return 0;
    }
    uint64_t step = 0;
    if (w->run.trainer) {
        give_up_recording(w);
        if (!is_over(w))
            stop_trainer(w, why);
        struct trainer_status s;
        trainer_status(w->run.trainer, &s);
        w->run.cause = s.cause;
        step = s.rolled_only ? 0 : s.step; /* the recording stays as it was: nothing new to save */
        trainer_free(w->run.trainer);
        w->run.trainer = NULL;
    }
    int result = 0;
    workbench_pump(w); /* the last answers */
    if (w->run.session) {
        outside_end(w);
        result = close_session(w, why, step, err);
    }
    workbench_pump(w);
    forget_run(w);
    return result;
}

int workbench_end(struct workbench *w, const char *why, struct err *err)
{
    return run_end(w, why, err);
}

/* --- looking without a run ----------------------------------------------------------------------------------------- */

/* A run that is over still answers questions about its last weights. */
int run_or_idle(struct workbench *w, struct err *err)
{
    if (w->run.trainer)
        return 0;
    if (setup_ready(w, err) < 0)
        return -1;
    history_clear(&w->live.history);
    struct run_start start = { .name = "set-up", .announce = true, .paused = true, .idle = true };
    int result = run_begin(w, &start, err);
    if (result < 0)
        run_drop_idle(w);
    return result;
}

/* --- commands and answers ------------------------------------------------------------------------------------------ */

/* lmin:NAME becomes lmin:INDEX, which is what the engine knows. */
static int metric_of(struct workbench *w, const char *metric, char *out, size_t size, struct err *err)
{
    struct class_names names;
    if (strncmp(metric, "lmin:", 5) != 0) {
        snprintf(out, size, "%s", metric);
        return 0;
    }
    if (bench_classes(w, &names, err) < 0)
        return -1;
    bool *set = calloc((size_t)names.n, sizeof *set);
    if (!set)
        return err_set(err, ERR_MEMORY, "no memory for %d classes", names.n);
    int result = classes_parse(&names, metric + 5, set, err), n = 0, which = 0;
    for (int i = 0; i < names.n; i++)
        if (set[i])
            which = i, n++;
    free(set);
    if (result == 0 && n != 1)
        result = err_set(err, ERR_INVALID, "'%s' names %d classes; one is needed", metric, n);
    snprintf(out, size, "lmin:%d", which);
    return result;
}

static void position(const struct workbench *w, double *epoch, double *step)
{
    struct trainer_status s;
    *epoch = *step = 0;
    if (!w->run.trainer || w->run.idle)
        return;
    trainer_status(w->run.trainer, &s);
    *epoch = s.epoch;
    *step = (double)s.step;
}

/* Read again after a resume, "in 5 epochs" and "worst:2" would mean another moment and other classes. */
static bool depends_on_now(const struct call *c)
{
    bool depends = c->when.kind == IN_EPOCHS || c->when.kind == IN_STEPS;
    for (int i = 0; i < c->n; i++)
        depends |= strncmp(c->word[i].text, "worst:", 6) == 0;
    return depends;
}

int run_when(struct workbench *w, struct call *c, struct command *out, struct err *err)
{
    double epoch, step;
    position(w, &epoch, &step);
    out->by = w->outside.now ? w->outside.now->alarm ? "alarm" : "ctl" : c->interactive ? "user" : "script";
    out->force = call_has(c, "force");
    out->when_value = c->when.value;
    out->typed = depends_on_now(c) ? "" : c->typed; /* "": the journal gets the trainer's own words */
    switch (c->when.kind) {
    case AT_ONCE:
        out->when = WHEN_NOW;
        break;
    case IN_EPOCHS:
        out->when_value += epoch; /* fall through */
    case AT_EPOCH:
        out->when = WHEN_EPOCH;
        if (out->when_value < epoch)
            return err_set(err, ERR_RANGE, "epoch %.10g is past (now %.1f)", out->when_value, epoch);
        break;
    case IN_STEPS:
        out->when_value += step; /* fall through */
    case AT_STEP:
        out->when = WHEN_STEP;
        if (out->when_value < step)
            return err_set(err, ERR_RANGE, "step %.15g is past (now %.15g)", out->when_value, step);
        break;
    case IF_METRIC:
        out->when = WHEN_IF;
        out->when_above = c->when.above;
        return metric_of(w, c->when.metric, out->when_metric, sizeof out->when_metric, err);
    }
    return 0;
}

/* A refusal is one line; where it tells much of what was done before, that is said first. */
static int refused(struct workbench *w, const char *text, struct err *err)
{
    const char *last = strlen(text) < ERR_TEXT_MAX ? NULL : strrchr(text, ';');
    if (last)
        bench_say(w, "%.*s", (int)(last - text), text);
    return err_set(err, ERR_INVALID, "%s", last ? last + 1 + strspn(last + 1, " ") : text);
}

/* The trainer answers every command, also after the end, until it is freed. */
static int wait_answer(struct workbench *w, struct answer *a, struct err *err)
{
    for (workbench_pump(w); !a->come; workbench_pump(w))
        if (!bench_idle(w, 200))
            return err_set(err, ERR_CANCELLED, "%s", ""); /* a signal: it speaks for itself */
    return a->ok ? 0 : refused(w, a->text ? a->text : "refused", err);
}

/* A script sees as a line whatever it does not see as an event. */
static bool answer_is_news(enum command_op op, enum command_when when)
{
    return operation_table[op].flags & OP_NEWS || when != WHEN_NOW;
}

int run_post(struct workbench *w, const struct call *c, const struct command *command, struct err *err)
{
    struct answer *a = answer_slot(w, 0, false);
    bool moment = moment_is_meant(w, command);
    if (!a)
        return err_set(err, ERR_INVALID, "%d commands wait for an answer already", MAX_ANSWERS);
    long id = trainer_post(moment ? w->moment.trainer : w->run.trainer, command, err);
    if (id < 0)
        return -1;
    *a = (struct answer){ .id = id, .moment = moment, .wanted = bench_waits(w),
                          .measures = command->when == WHEN_NOW && operation_table[command->op].flags & OP_MEASURES };
    snprintf(a->verb, sizeof a->verb, "%s", c->info->verb);
    a->job = w->outside.now;
    if (a->job)
        outside_posted(w, c);
    if (!a->wanted)
        return 0;
    const int result = wait_answer(w, a, err);
    if (result == 0 && a->text && (answer_is_news(command->op, command->when) || w->run.idle || moment || !w->options.script))
        bench_say(w, "%s", a->text);
    answer_over(a);
    return result;
}

int call_command(struct workbench *w, struct call *c, struct command *out, struct err *err)
{
    memset(out, 0, sizeof *out);
    if (!c->info->build)
        return err_set(err, ERR_INVALID, "'%s' is no command of a run", c->info->verb);
    out->op = (enum command_op)c->info->op;
    return c->info->build(w, c, out, err) < 0 ? -1 : run_when(w, c, out, err);
}

int call_post(struct workbench *w, struct call *c, struct err *err)
{
    struct command command;
    return call_command(w, c, &command, err) < 0 ? -1 : run_post(w, c, &command, err);
}

void run_answer(struct workbench *w, const struct event *e, bool moment)
{
    struct answer *a = answer_slot(w, (long)e->f[EV_ANSWER_ID].u, moment);
    if (!a || a->id == 0)
        return;
    a->come = true;
    a->ok = e->f[EV_ANSWER_OK].u != 0;
    const char *text = moment && !a->ok && !w->moment.trainer ? "cancelled" : e->f[EV_ANSWER_TEXT].s;
    a->text = text && text[0] ? strdup(text) : NULL;
    if (a->wanted)
        return;
    if (a->job)
        outside_answered(w, a, e->step);
    else if (!a->ok && w->face.say) {
        struct buf line = { 0 };
        buf_addf(&line, "saddle: %s: %s", a->verb, a->text ? a->text : "refused");
        w->face.say(w->face.ctx, SAY_ERROR, line.data ? line.data : a->verb, -1);
        buf_release(&line);
        if (a->refusal_only && w->options.script && !w->first_error) /* the script said it, and it never acts */
            w->first_error = ERR_INVALID;
    } else if (a->text && !a->refusal_only)
        bench_say(w, "%s", a->text);
    answer_over(a);
}

/* `undo` takes back what the user set, last first; its own change is not one of them. */
static void on_command(struct workbench *w, const struct recorded *r)
{
    if (!operation_is(r->op, OP_SETS) || r->knob < 0 || !r->old || r->undo || r->automatic)
        return;
    if (w->n_undo == MAX_UNDO)
        memmove(w->undo, w->undo + 1, sizeof *w->undo * (size_t)--w->n_undo);
    struct undo *u = &w->undo[w->n_undo++];
    *u = (struct undo){ .knob = (enum knob_id)r->knob, .of_run = true, .step = r->step };
    snprintf(u->old, sizeof u->old, "%s", r->old);
}

void run_event(struct workbench *w, const struct event *e)
{
    struct recorded r;
    if (e->kind == EVENT_ANSWER)
        run_answer(w, e, false);
    else if (recorded_read(e, &r))
        on_command(w, &r);
}

void run_recorded(struct workbench *w, const struct event *e)
{
    struct recorded r;
    history_fold(&w->live.history, e);
    if (!recorded_read(e, &r))
        return;
    if (r.undo && w->n_undo > 0)
        w->n_undo--;
    on_command(w, &r);
}
