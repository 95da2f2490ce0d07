#include "config.h"
#include "engine/run/inbox.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/err.h"
#include "engine/event.h"

void inbox_init(struct inbox *q)
{
    pthread_condattr_t monotonic;
    *q = (struct inbox){ .end = &q->first };
    pthread_mutex_init(&q->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&q->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

void inbox_free(struct queued *list)
{
    for (struct queued *next; list; list = next) {
        next = list->next;
        queued_free(list);
    }
}

void inbox_release(struct inbox *q)
{
    inbox_free(q->first);
    pthread_cond_destroy(&q->wake);
    pthread_mutex_destroy(&q->lock);
}

struct queued *queued_new(const struct command *c)
{
    struct queued *q = malloc(sizeof *q + command_extra(c));
    if (!q)
        return NULL;
    *q = (struct queued){ .next = NULL };
    command_pack(&q->c, c, q + 1);
    return q;
}

void queued_free(struct queued *q)
{
    if (q)
        event_unref(q->answer);
    free(q);
}

/* With its answer: when that is to be given there may be no memory, and somebody waits for it. */
static struct queued *posted_new(const struct command *c)
{
    struct queued *q = queued_new(c);
    if (q && (q->answer = event_new(EVENT_ANSWER, 0)))
        return q;
    queued_free(q);
    return NULL;
}

long inbox_add(struct inbox *q, const struct command *c, struct err *err)
{
    struct queued *new = posted_new(c);
    long id = -1;
    if (!new)
        return err_set(err, ERR_MEMORY, "no memory for a command");
    pthread_mutex_lock(&q->lock);
    if (q->n < INBOX_MAX) {
        id = new->id = ++q->last_id;
        *q->end = new;
        q->end = &new->next;
        q->n++;
        pthread_cond_signal(&q->wake);
    }
    pthread_mutex_unlock(&q->lock);
    if (id > 0)
        return id;
    queued_free(new);
    return err_set(err, ERR_RANGE, "%d commands are waiting for the next step already", INBOX_MAX);
}

long inbox_last_id(struct inbox *q)
{
    pthread_mutex_lock(&q->lock);
    const long id = q->last_id;
    pthread_mutex_unlock(&q->lock);
    return id;
}

struct queued *inbox_take(struct inbox *q)
{
    pthread_mutex_lock(&q->lock);
    struct queued *first = q->first;
    if (first) {
        q->first = first->next;
        if (!q->first)
            q->end = &q->first;
        q->n--;
        first->next = NULL;
    }
    pthread_mutex_unlock(&q->lock);
    return first;
}

bool inbox_is_empty(struct inbox *q)
{
    pthread_mutex_lock(&q->lock);
    const bool empty = !q->first;
    pthread_mutex_unlock(&q->lock);
    return empty;
}

bool inbox_has(struct inbox *q, enum command_op op)
{
    bool found = false;
    pthread_mutex_lock(&q->lock);
    for (const struct queued *at = q->first; at && !found; at = at->next)
        found = at->c.op == op && at->c.when == WHEN_NOW;
    pthread_mutex_unlock(&q->lock);
    return found;
}

void inbox_wait(struct inbox *q, int seconds)
{
    const struct timespec end = clock_after_ms(1000L * seconds);
    int late = 0;
    pthread_mutex_lock(&q->lock);
    while (!q->first && !q->closed && !late)
        late = seconds ? pthread_cond_timedwait(&q->wake, &q->lock, &end) : pthread_cond_wait(&q->wake, &q->lock);
    pthread_mutex_unlock(&q->lock);
}

void inbox_close(struct inbox *q)
{
    pthread_mutex_lock(&q->lock);
    q->closed = true;
    pthread_cond_broadcast(&q->wake);
    pthread_mutex_unlock(&q->lock);
}
