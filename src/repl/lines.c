/* What is recorded, as lines for a log: the journal's own text, handed over by the session once it is on disk. Where nothing
 * records, events are numbered alike from 0. */
#include "config.h"
#include "repl/bench.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

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

static void tell_sink(struct workbench *w, const char *line, size_t n)
{
    struct event *e = NULL;
    if (event_from_json(line, n, &e, NULL) == 0 && e)
        w->face.record(w->face.ctx, e, line);
    event_unref(e);
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
    for (char *line = text.data, *end; line && (end = strchr(line, '\n')); line = end + 1) {
        *end = '\0';
        tell_sink(w, line, (size_t)(end - line));
    }
    buf_release(&text);
}

void lines_number(struct workbench *w, const struct event *e)
{
    struct lines *l = &w->lines;
    struct buf line = { 0 };
    if (!w->face.record || l->recorded || event_table[e->kind].class == EVENT_CLASS_N)
        return;
    struct event numbered = { .kind = e->kind, .q = l->q++, .step = e->step, .ns = e->ns > l->from_ns ? e->ns - l->from_ns : 0 };
    memcpy(numbered.f, e->f, sizeof numbered.f);
    event_to_json(&numbered, &line);
    if (!line.failed)
        w->face.record(w->face.ctx, &numbered, line.data);
    buf_release(&line);
}
