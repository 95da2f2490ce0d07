/* Recorded events, as lines for a log: the journal's own text, handed over by the session once it is on disk. Where nothing
 * records, events are numbered alike from 0. */
#include "config.h"
#include "repl/bench.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "engine/event_parts.h"

void lines_init(struct lines *l)
{
    *l = (struct lines){ 0 };
    pthread_mutex_init(&l->lock, NULL);
}

void lines_release(struct lines *l)
{
    buf_release(&l->text);
    pthread_mutex_destroy(&l->lock);
}

/* The session calls this on a thread of its own. */
static void hear_lines(void *ctx, const char *text, size_t n)
{
    struct workbench *w = ctx;
    pthread_mutex_lock(&w->lines.lock);
    buf_add(&w->lines.text, text, n);
    pthread_mutex_unlock(&w->lines.lock);
    queue_wake(&w->queue);
}

void lines_begin(struct workbench *w, struct session *session)
{
    struct lines *l = &w->lines;
    l->recorded = session != NULL;
    l->q = 0;
    l->from_ns = clock_now_ns();
    if (session && w->face.record)
        session_listen_lines(session, hear_lines, w);
}

/* Whole lines, which are cut apart in place. */
static void tell_lines(char *text, void (*record)(void *ctx, const struct event *e, const char *line), void *ctx)
{
    for (char *line = text, *end; line && (end = strchr(line, '\n')); line = end + 1) {
        struct event *e = NULL;
        *end = '\0';
        if (event_from_json(line, (size_t)(end - line), &e, NULL) == 0 && e)
            record(ctx, e, line);
        event_unref(e);
    }
}

uint64_t lines_of_event(const struct event *e, uint64_t q, void (*record)(void *ctx, const struct event *e, const char *line), void *ctx)
{
    struct buf text = { 0 };
    event_lines(e, &q, &text);
    if (!text.failed)
        tell_lines(text.data, record, ctx);
    buf_release(&text);
    return q;
}

void lines_tell(struct workbench *w)
{
    struct lines *l = &w->lines;
    if (!w->face.record)
        return;
    pthread_mutex_lock(&l->lock);
    struct buf text = l->text;
    l->text = (struct buf){ 0 };
    pthread_mutex_unlock(&l->lock);
    tell_lines(text.data, w->face.record, w->face.ctx);
    buf_release(&text);
}

void lines_number(struct workbench *w, const struct event *e)
{
    struct lines *l = &w->lines;
    if (!w->face.record || l->recorded || event_table[e->kind].class == EVENT_CLASS_N)
        return;
    struct event numbered = { .kind = e->kind, .step = e->step, .ns = e->ns > l->from_ns ? e->ns - l->from_ns : 0 };
    memcpy(numbered.f, e->f, sizeof numbered.f);
    l->q = lines_of_event(&numbered, l->q, w->face.record, w->face.ctx);
}
