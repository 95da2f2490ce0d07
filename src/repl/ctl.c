#include "config.h"
#include "repl/ctl.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/text.h"
#include "session/mailbox.h"
#include "session/session.h"

static void nap(void)
{
    const struct timespec pause = { .tv_nsec = 50000000 };
    nanosleep(&pause, NULL);
}

int ctl_check(const char *dir, struct err *err)
{
    struct session_info info;
    if (session_info(dir, &info, err) < 0)
        return -1;
    if (info.locked)
        return 0;
    return err_set(err, ERR_INVALID, "nobody records %s just now (%s at epoch %.4g); 'saddle resume %s' goes on with it", info.name,
                   info.state[0] ? info.state : "not started", info.epoch, info.name);
}

/* --- telling ------------------------------------------------------------------------------------------------------- */

static void put_safe(const char *text, size_t n)
{
    char line[1 << 12], safe[3 << 12];
    snprintf(line, sizeof line, "%.*s", (int)n, text);
    text_safe(line, safe, sizeof safe);
    puts(safe);
}

static void put_safe_lines(const char *text)
{
    size_t n;
    for (const char *line; (line = text_next_line(&text, &n));)
        put_safe(line, n);
}

static void put_json_lines(struct buf *out, const char *text)
{
    const char *rest = text;
    size_t n;
    buf_adds(out, ",\"text\":[");
    for (const char *line; (line = text_next_line(&rest, &n));) {
        struct buf one = { 0 };
        buf_add(&one, line, n);
        buf_adds(out, line == text ? "" : ",");
        text_json(out, one.data ? one.data : "");
        buf_release(&one);
    }
    buf_addc(out, ']');
}

static void put_state(const struct ctl *c, const struct letter *l, const struct mail_answer *a)
{
    struct buf out = { 0 };
    if (c->json) {
        buf_addf(&out, "{\"id\":\"%s\",\"state\":\"%s\"", l->id, letter_state_name[a->state]);
        if (a->state != LETTER_RECEIVED) {
            buf_addf(&out, ",\"step\":%" PRIu64, a->step);
            put_json_lines(&out, a->text);
        }
        buf_addc(&out, '}');
        if (!out.failed)
            puts(out.data);
        buf_release(&out);
    } else if (a->state == LETTER_APPLIED && !a->text[0])
        printf("applied at step %" PRIu64 "\n", a->step);
    else if (a->state >= LETTER_WAITS)
        put_safe_lines(a->text);
    fflush(stdout);
}

/* The last line says why; those before it were done. */
static int was_refused(const struct ctl *c, const struct mail_answer *a, struct err *err)
{
    char line[ERR_TEXT_MAX];
    size_t n = strlen(a->text);
    n -= n > 0 && a->text[n - 1] == '\n';
    const char *last = a->text + n;
    while (last > a->text && last[-1] != '\n')
        last--;
    for (const char *at = a->text; !c->json && at < last; at += strcspn(at, "\n") + 1)
        put_safe(at, strcspn(at, "\n"));
    fflush(stdout);
    snprintf(line, sizeof line, "%.*s", (int)(n - (size_t)(last - a->text)), last);
    return err_set(err, ERR_INVALID, "%s", line[0] ? line : "refused");
}

/* --- waiting ------------------------------------------------------------------------------------------------------- */

static int no_answer(const struct ctl *c, const struct letter *l, bool received, struct err *err)
{
    if (received)
        return err_set(err, ERR_INVALID, "it was received, and is not done after %d s; it acts when the run comes to it", c->timeout_s);
    if (mail_withdraw(c->dir, l) == 0)
        return err_set(err, ERR_INVALID, "it was not received within %d s, and is taken back: the run's process may be stopped, or busy", c->timeout_s);
    return err_set(err, ERR_INVALID, "it was received, and there is no answer after %d s", c->timeout_s);
}

static int await(const struct ctl *c, const struct letter *l, struct buf *memory, struct err *err)
{
    const uint64_t end = clock_now_ns() + (uint64_t)c->timeout_s * 1000000000u;
    struct mail_answer a = { .text = "" };
    bool received = false, gone = false;
    for (;;) {
        const int got = mail_ask(c->dir, l->id, &a, memory, err);
        if (got < 0)
            return -1;
        if (got && a.state == LETTER_RECEIVED && !received)
            put_state(c, l, &a);
        received |= got != 0;
        if (got && a.state != LETTER_RECEIVED)
            break;
        if (gone)
            return err_set(err, ERR_INVALID, "the process that recorded the run ended before it answered");
        if (clock_now_ns() >= end)
            return no_answer(c, l, received, err);
        gone = ctl_check(c->dir, NULL) < 0; /* its last answer may have come just before */
        nap();
    }
    if (a.state != LETTER_REFUSED || c->json)
        put_state(c, l, &a);
    return a.state == LETTER_REFUSED ? was_refused(c, &a, err) : 0;
}

int ctl_send(const struct ctl *c, struct err *err)
{
    struct letter l;
    struct buf memory = { 0 };
    if (c->line[strspn(c->line, " \t;")] == '\0')
        return err_set(err, ERR_USAGE, "an empty command is not sent; a line of the prompt is, such as 'set rho .5' or pause");
    if (ctl_check(c->dir, err) < 0 || mail_send(c->dir, c->line, &l, err) < 0)
        return -1;
    const int result = await(c, &l, &memory, err);
    mail_forget(c->dir, l.id);
    buf_release(&memory);
    return result;
}
