/* `saddle attach RUN`: the screen follows a run of another process, as a view does, and sends it what is typed. */
#include "config.h"
#include "repl/bench.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "repl/ctl.h"

#define ASK_NS UINT64_C(200000000)
#define PATIENCE_NS UINT64_C(30000000000)

int workbench_attach(struct workbench *w, const char *run)
{
    struct err err = { 0 };
    if (workbench_open_replay(w, run, true) < 0)
        return -1;
    w->attached.on = ctl_check(w->replay.stream.dir, &err) == 0;
    if (!w->attached.on)
        bench_error(w, NULL, &err, -1); /* it can be looked at all the same */
    return w->attached.on ? 0 : -1;
}

bool attach_sends(const struct workbench *w, const struct command_info *info)
{
    return w->attached.on && w->replay.on && w->replay.live && !w->outside.now && info->flags & F_OUTSIDE;
}

/* Asked here: nobody is there to ask at the other end. */
static int ask_first(struct workbench *w, const struct call *c, struct buf *line, struct err *err)
{
    char question[240];
    if (command_option_kind(c->info, "yes", 3) != 0 || call_has(c, "yes"))
        return 0;
    snprintf(question, sizeof question, "%s %.100s? 'resume %.100s' can go on with it", c->info->verb, w->replay.stream.history.name,
             w->replay.stream.history.name);
    if (bench_confirm(w, c, question, err) < 0)
        return -1;
    buf_adds(line, " --yes");
    return 0;
}

int attach_send(struct workbench *w, const struct call *c, const char *rest, int n, struct err *err)
{
    struct attached *a = &w->attached;
    struct buf line = { 0 };
    int i = 0;
    while (i < ATTACH_SENT && a->sent[i].letter.id[0])
        i++;
    if (i == ATTACH_SENT)
        return err_set(err, ERR_INVALID, "%d commands wait for their answers already", ATTACH_SENT);
    buf_addf(&line, "%s%.*s", c->info->verb, n, rest);
    int result = outside_portable(c, err) < 0 ? -1 : ask_first(w, c, &line, err);
    if (result == 0 && line.failed)
        result = err_set(err, ERR_MEMORY, "no memory for a line");
    if (result == 0)
        result = ctl_check(w->replay.stream.dir, err);
    if (result == 0)
        result = mail_send(w->replay.stream.dir, line.data, &a->sent[i].letter, err);
    if (result < 0)
        a->sent[i].letter.id[0] = '\0';
    a->sent[i].at_ns = clock_now_ns();
    a->sent[i].received = false;
    buf_release(&line);
    return result;
}

/* --- answers ------------------------------------------------------------------------------------------------------- */

static void say_answer(struct workbench *w, const struct mail_answer *answer)
{
    const char *rest = answer->text;
    size_t n;
    for (const char *line; (line = text_next_line(&rest, &n));) {
        struct err refusal;
        if (answer->state == LETTER_REFUSED && !*rest) {
            err_set(&refusal, ERR_INVALID, "%.*s", (int)n, line);
            bench_error(w, NULL, &refusal, -1);
        } else
            bench_say(w, "%.*s", (int)n, line);
    }
}

static void ask(struct workbench *w, struct attach_sent *s, struct buf *memory)
{
    struct mail_answer answer;
    struct err err = { 0 };
    const char *dir = w->replay.stream.dir;
    const int got = mail_ask(dir, s->letter.id, &answer, memory, &err);
    s->received |= got > 0;
    if (got > 0 && answer.state == LETTER_RECEIVED)
        return;
    const bool late = !s->received && clock_now_ns() - s->at_ns > PATIENCE_NS;
    if (got == 0 && !late && ctl_check(dir, NULL) == 0)
        return;
    if (got > 0)
        say_answer(w, &answer);
    else if (got == 0)
        err_set(&err, ERR_INVALID, late && mail_withdraw(dir, &s->letter) == 0 ? "'%.200s' was not received within 30 s, and is taken back"
                                                                               : "'%.200s': the process that recorded the run ended", s->letter.line);
    if (got <= 0)
        bench_error(w, NULL, &err, -1);
    mail_forget(dir, s->letter.id);
    s->letter.id[0] = '\0';
}

void attach_look(struct workbench *w, uint64_t now)
{
    struct attached *a = &w->attached;
    struct buf memory = { 0 };
    if (!a->on || !w->replay.on || !w->replay.live || now - a->asked_ns < ASK_NS)
        return;
    a->asked_ns = now;
    for (int i = 0; i < ATTACH_SENT; i++)
        if (a->sent[i].letter.id[0])
            ask(w, &a->sent[i], &memory);
    buf_release(&memory);
}
