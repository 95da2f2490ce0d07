/* engine/run/inbox.h - commands on their way to whoever trains: posted by any thread, taken by one. First come, first served. */
#ifndef ENGINE_INBOX_H
#define ENGINE_INBOX_H

#include <pthread.h>
#include <stdbool.h>

#include "engine/run/trainer.h"

struct err;

struct queued { /* a posted command; also a pending one */
    struct queued *next;
    long id;       /* its number in the inbox, from 1; or the pending command's */
    bool due;      /* pending WHEN_IF: its condition was met */
    struct event *answer; /* made when it was posted, for whoever waits must hear; NULL: it had it, or nobody asked */
    struct command c; /* its texts follow in the same block */
};
/* A copy of the command, without an answer. NULL: no memory. */
struct queued *queued_new(const struct command *c);
void queued_free(struct queued *q);

struct inbox {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct queued *first, **end;
    int n;
    long last_id;
    bool closed;
};
enum { INBOX_MAX = 256 }; /* commands waiting for the next step boundary */

void inbox_init(struct inbox *q);
void inbox_release(struct inbox *q);
void inbox_free(struct queued *list);

/* A copy at the end, with its answer; its number, or -1 with *err when it is full or there is no memory. */
long inbox_add(struct inbox *q, const struct command *c, struct err *err);
long inbox_last_id(struct inbox *q);
struct queued *inbox_take(struct inbox *q); /* the first, the caller's to queued_free(); NULL: there is none */
bool inbox_is_empty(struct inbox *q);
bool inbox_has(struct inbox *q, enum command_op op); /* one that is to act at once */
/* Waits until there is a command or the inbox is closed, at most so many seconds (0: for good). */
void inbox_wait(struct inbox *q, int seconds);
void inbox_close(struct inbox *q); /* nobody waits from here on */

#endif
