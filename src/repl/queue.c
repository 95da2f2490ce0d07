#include "config.h"
#include "repl/bench.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

int queue_init(struct queue *q, struct err *err)
{
    *q = (struct queue){ .fd = -1 };
    pthread_mutex_init(&q->lock, NULL);
    q->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return q->fd < 0 ? err_io(err, "cannot make an event descriptor") : 0;
}

void queue_release(struct queue *q)
{
    for (size_t i = 0; i < q->n; i++)
        event_unref(q->event[i].event);
    for (size_t i = 0; i < q->n_answer; i++)
        event_unref(q->answer[i].event);
    free(q->event);
    if (q->fd >= 0)
        close(q->fd);
    pthread_mutex_destroy(&q->lock);
    *q = (struct queue){ .fd = -1 };
}

void queue_wake(struct queue *q)
{
    while (eventfd_write(q->fd, 1) < 0 && errno == EINTR)
        continue;
}

/* The oldest waiting event is not given up for a new one where there is no memory: the new one is lost to the screen, never to the
 * recording, which is another sink. An answer is not lost: whoever asked would wait for ever. */
static void queue_add(struct queue *q, struct event *e, bool moment)
{
    pthread_mutex_lock(&q->lock);
    if (q->n == q->cap) {
        size_t cap = q->cap ? 2 * q->cap : 256;
        struct queued_event *bigger = realloc(q->event, cap * sizeof *bigger);
        if (bigger) {
            q->event = bigger;
            q->cap = cap;
        }
    }
    bool first = q->n == 0 && q->n_answer == 0;
    if (q->n < q->cap)
        q->event[q->n++] = (struct queued_event){ event_ref(e), moment };
    else if (e->kind == EVENT_ANSWER && q->n_answer < QUEUE_ANSWERS)
        q->answer[q->n_answer++] = (struct queued_event){ event_ref(e), moment };
    pthread_mutex_unlock(&q->lock);
    if (first)
        queue_wake(q);
}

static void queue_emit(void *ctx, struct event *e)
{
    queue_add(ctx, e, false);
}

static void queue_emit_moment(void *ctx, struct event *e)
{
    queue_add(ctx, e, true);
}

struct event_sink queue_sink(struct queue *q)
{
    return (struct event_sink){ .ctx = q, .emit = queue_emit };
}

struct event_sink queue_moment_sink(struct queue *q)
{
    return (struct event_sink){ .ctx = q, .emit = queue_emit_moment };
}

struct queued_event *queue_take(struct queue *q, size_t *n)
{
    eventfd_t count;
    pthread_mutex_lock(&q->lock);
    struct queued_event *taken = q->event;
    *n = q->n;
    q->event = NULL;
    q->n = q->cap = 0;
    (void)eventfd_read(q->fd, &count); /* nothing there is fine: another taker was quicker */
    pthread_mutex_unlock(&q->lock);
    return taken;
}

size_t queue_take_answers(struct queue *q, struct queued_event out[QUEUE_ANSWERS])
{
    pthread_mutex_lock(&q->lock);
    const size_t n = q->n_answer;
    memcpy(out, q->answer, n * sizeof *out);
    q->n_answer = 0;
    pthread_mutex_unlock(&q->lock);
    return n;
}
