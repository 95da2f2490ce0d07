/* The status of the run and of the machine, for who looks later: what a screen shows beside the history while the run goes on. */
#include "config.h"
#include "engine/run/trainer_private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"

enum { STATUS_SECONDS = 60, STATUS_NAMED = 32 };

/* The environment is for testing: another number of seconds between two. */
static uint64_t status_interval_ns(void)
{
    const char *text = getenv("SADDLE_STATUS_SECONDS");
    const long seconds = text ? strtol(text, NULL, 10) : STATUS_SECONDS;
    return (uint64_t)(seconds >= 0 ? seconds : STATUS_SECONDS) * 1000000000u;
}

static void tell_pending(const struct trainer *t, struct event *e)
{
    static const size_t room = COMMAND_TEXT_MAX * 2 + 32;
    char *line = malloc(STATUS_NAMED * room), text[COMMAND_TEXT_MAX * 2];
    const char *list[STATUS_NAMED];
    uint32_t n = 0, named = 0;
    for (const struct queued *q = t->pending; q; q = q->next, n++)
        if (line && named < STATUS_NAMED) {
            trainer_command_text(&q->c, true, text, sizeof text);
            trainer_hide_folder(&q->c, text);
            snprintf(line + named * room, room, "%ld: %s", q->id, text);
            list[named] = line + named * room;
            named++;
        }
    event_set_strs(e, EV_STATUS_PENDING, list, named);
    event_set_u64(e, EV_STATUS_N_PENDING, n);
    free(line);
}

static void tell_machine(const struct trainer *t, struct event *e)
{
    const struct host *m = &t->machine;
    event_set_f64(e, EV_STATUS_CORES, host_get(m->cores, m->n, 0));
    event_set_f64(e, EV_STATUS_BUSY, host_get(m->busy, m->n, 0));
    event_set_u64(e, EV_STATUS_PROCESSORS, m->processors > 0 ? (uint64_t)m->processors : 0);
    event_set_f64(e, EV_STATUS_RSS, m->rss_bytes);
    event_set_f64(e, EV_STATUS_FREE, m->free_bytes);
    event_set_f64(e, EV_STATUS_MEMORY, m->total_bytes);
}

void trainer_tell_status(struct trainer *t, bool evaluated)
{
    const uint64_t now = clock_now_ns(), interval = status_interval_ns();
    if (t->rolling || t->quiet)
        return;
    if (t->told_ns == 0) { /* what follows is measured from here on */
        t->told_ns = now;
        host_init(&t->machine);
        host_sample(&t->machine, now);
    }
    if (now - t->told_ns < (evaluated ? interval / 2 : interval))
        return;
    t->told_ns = now;
    host_sample(&t->machine, now);
    struct event *e = event_new(EVENT_STATUS, t->learner.step);
    if (!e)
        return;
    event_set_f64(e, EV_STATUS_EP, trainer_epoch(t));
    event_set_f64(e, EV_STATUS_ETA, t->status.eta_s);
    event_set_f64(e, EV_STATUS_IPS, t->status.images_per_s);
    event_set_u64(e, EV_STATUS_TOTAL, t->status.total_steps);
    tell_pending(t, e);
    tell_machine(t, e);
    trainer_emit(t, e);
}
