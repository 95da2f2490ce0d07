/* Commands from outside: a line out of the run's inbox is carried out as one that is typed at the prompt, and what came of it goes back as
 * an answer. It is posted, never waited for: whoever trains, types or runs a script is not held up. */
#include "config.h"
#include "repl/bench.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"

#define LOOK_NS UINT64_C(400000000)     /* between two looks at the folder */
#define TELL_NS UINT64_C(60000000000)   /* and between two lines about files that were none */

/* --- answers ------------------------------------------------------------------------------------------------------- */

static void forget_old(struct workbench *w, const char *id)
{
    struct outside *o = &w->outside;
    char *place = o->answered[o->n_answered++ % OUTSIDE_ANSWERS];
    if (place[0])
        mail_forget(w->run.dir, place);
    snprintf(place, LETTER_ID, "%s", id);
}

static void tell_trouble(struct workbench *w, const char *text)
{
    if (strcmp(w->outside.trouble, text) == 0)
        return;
    snprintf(w->outside.trouble, sizeof w->outside.trouble, "%s", text);
    bench_warn(w, "inbox", "%s", text);
}

static void tell_state(struct workbench *w, const struct outside_job *j, enum letter_state state)
{
    struct err err;
    const struct mail_answer a = { .state = state, .step = j->step, .text = j->text.data };
    if (mail_answer(w->run.dir, j->id, &a, &err) < 0)
        tell_trouble(w, err.text);
}

static void say_alarm(struct workbench *w, const struct outside_job *j)
{
    const char *rest = j->text.data;
    size_t n;
    for (const char *line; (line = text_next_line(&rest, &n));) {
        char text[300];
        snprintf(text, sizeof text, "alert: %.*s", (int)n, line);
        bench_raise(w, j->refused ? SAY_WARNING : SAY_TEXT, text);
    }
}

static void job_done(struct workbench *w, struct outside_job *j)
{
    if (j->reasons.len)
        buf_adds(&j->text, j->reasons.data);
    buf_release(&j->reasons);
    if (j->alarm)
        say_alarm(w, j);
    else {
        tell_state(w, j, j->refused ? LETTER_REFUSED : j->waits ? LETTER_WAITS : LETTER_APPLIED);
        forget_old(w, j->id);
    }
    buf_release(&j->text);
    *j = (struct outside_job){ .open = 0 };
}

void outside_said(struct outside_job *j, const char *line)
{
    buf_adds(&j->text, line);
    buf_addc(&j->text, '\n');
}

void outside_refused(struct outside_job *j, const char *reason)
{
    buf_addf(&j->reasons, "%s\n", reason);
    j->refused = true;
}

void outside_posted(struct workbench *w, const struct call *c)
{
    w->outside.now->open++;
    w->outside.now->waits |= c->when.kind != AT_ONCE;
    w->outside.steered |= !w->outside.now->alarm && c->info->flags & F_STEERS;
}

void outside_answered(struct workbench *w, const struct answer *a, uint64_t step)
{
    struct outside_job *j = a->job;
    struct buf line = { 0 };
    if (!a->ok)
        buf_addf(&line, "%s: ", a->verb);
    buf_adds(&line, a->text ? a->text : a->ok ? "" : "refused");
    if (!a->ok)
        outside_refused(j, line.data ? line.data : a->verb);
    else if (line.len)
        outside_said(j, line.data);
    buf_release(&line);
    j->step = step;
    if (--j->open == 0 && j != w->outside.now)
        job_done(w, j);
}

/* --- what may be sent ---------------------------------------------------------------------------------------------- */

int outside_portable(const struct call *c, struct err *err)
{
    return call_names_file(c) ? err_set(err, ERR_INVALID, "a command that names a file or a run cannot be sent; it would be one of the other machine") : 0;
}

int outside_allowed(struct workbench *w, const struct call *c, struct err *err)
{
    const struct command_info *info = c->info;
    const bool looks = info->op >= 0 ? operation_is(info->op, OP_LOOKS) : !(info->flags & F_CHANGES);
    if (outside_portable(c, err) < 0)
        return -1;
    return looks || run_active(w) ? 0 : run_needed(w, err);
}

/* --- taking -------------------------------------------------------------------------------------------------------- */

static struct outside_job *free_place(struct workbench *w)
{
    for (int i = 0; i < OUTSIDE_JOBS; i++)
        if (!w->outside.job[i].id[0])
            return &w->outside.job[i];
    return NULL;
}

/* A replay that the screen shows meanwhile is not what is meant: the run is. */
static void do_line(struct workbench *w, struct outside_job *j, const char *line)
{
    const bool replays = w->replay.on;
    w->outside.now = j;
    w->replay.on = false;
    j->refused |= workbench_line(w, line, false) < 0;
    w->replay.on = replays;
    w->outside.now = NULL;
    if (j->open == 0)
        job_done(w, j);
}

static void carry_out(struct workbench *w, const struct letter *l)
{
    struct outside_job *j = free_place(w);
    struct trainer_status s;
    if (!j)
        return;
    snprintf(j->id, sizeof j->id, "%s", l->id);
    j->step = workbench_status(w, &s) ? s.step : 0;
    tell_state(w, j, LETTER_RECEIVED);
    do_line(w, j, l->line);
}

void outside_alarm(struct workbench *w, const char *line)
{
    struct outside_job *j = free_place(w);
    if (!j)
        return;
    snprintf(j->id, sizeof j->id, "alarm");
    j->alarm = true;
    do_line(w, j, line);
}

/* One line for all that came since the last one. */
static void tell_refused(struct workbench *w, const struct mail_refused *r, uint64_t now)
{
    struct outside *o = &w->outside;
    o->n_refused += r->n;
    if (r->n && !o->first_refused[0])
        snprintf(o->first_refused, sizeof o->first_refused, "%s", r->first);
    if (o->n_refused == 0 || (o->told_ns && now - o->told_ns < TELL_NS))
        return;
    bench_warn(w, "inbox", "%d file%s left out, the first of them %s", o->n_refused, o->n_refused == 1 ? "" : "s", o->first_refused);
    o->told_ns = now;
    o->n_refused = 0;
    o->first_refused[0] = '\0';
}

static void take_letters(struct workbench *w, uint64_t now)
{
    struct letter list[OUTSIDE_JOBS];
    struct mail_refused refused = { 0 };
    struct err err = { 0 };
    int room = 0;
    for (int i = 0; i < OUTSIDE_JOBS; i++)
        room += !w->outside.job[i].id[0];
    const int n = room == 0 ? 0 : mail_take(w->run.dir, list, room, &refused, &err);
    if (n < 0)
        tell_trouble(w, err.text);
    else if (n > 0)
        w->outside.trouble[0] = '\0';
    tell_refused(w, &refused, now);
    for (int i = 0; i < n; i++)
        carry_out(w, &list[i]);
    if (n > 0 && n == room)
        w->outside.looked_ns = 0; /* more may be there */
}

void workbench_look_outside(struct workbench *w)
{
    struct outside *o = &w->outside;
    const uint64_t now = clock_now_ns();
    attach_look(w, now);
    if (!o->looking && !o->now)
        alerts_act(w);
    if (o->looking || !w->run.session || w->run.idle || now - o->looked_ns < LOOK_NS)
        return;
    o->looking = true;
    o->looked_ns = now;
    take_letters(w, now);
    o->looking = false;
}

bool workbench_steered(const struct workbench *w)
{
    return w->outside.steered;
}

void outside_begin(struct workbench *w)
{
    w->outside = (struct outside){ .now = NULL };
    mail_clear(w->run.dir, false);
    mail_refuse(w->run.dir, "it was sent to the process that recorded this run before; send it again");
}

void outside_end(struct workbench *w)
{
    for (int i = 0; i < OUTSIDE_JOBS; i++) {
        struct outside_job *j = &w->outside.job[i];
        if (!j->id[0])
            continue;
        outside_refused(j, "the run ended before it was done");
        job_done(w, j);
    }
    mail_refuse(w->run.dir, "the run is over");
}
