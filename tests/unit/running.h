/* tests/unit/running.h - a training run on a handful of synthetic images, with a sink that remembers: for the tests of the
 * trainer. Included once by each; everything is static. */
#ifndef TESTS_UNIT_RUNNING_H
#define TESTS_UNIT_RUNNING_H

#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "engine/run/trainer.h"
#include "tests/unit/bands.h"

enum { BATCH = 16, SPE = 3, WAIT_MS = 300000 };

/* --- a sink that remembers ------------------------------------------------------------------------------------------ */

enum { LOG_MAX = 1 << 16, STATES_MAX = 64 };
struct log {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int n, synced, n_states;
    struct event *event[LOG_MAX];
    struct train_state *state[STATES_MAX];
    int synced_at[LOG_MAX]; /* events synced when event i arrived */
};

static inline void log_emit(void *ctx, struct event *e)
{
    struct log *log = ctx;
    pthread_mutex_lock(&log->lock);
    if (log->n == LOG_MAX)
        fprintf(stderr, "running.h: more than %d events\n", (int)LOG_MAX), abort();
    log->synced_at[log->n] = log->synced;
    log->event[log->n++] = event_ref(e);
    pthread_cond_broadcast(&log->changed);
    pthread_mutex_unlock(&log->lock);
}

static inline int log_sync(void *ctx, struct err *err)
{
    struct log *log = ctx;
    (void)err;
    pthread_mutex_lock(&log->lock);
    log->synced = log->n;
    pthread_mutex_unlock(&log->lock);
    return 0;
}

static inline void log_snapshot(void *ctx, struct train_state *s, const char *name, bool pinned)
{
    struct log *log = ctx;
    (void)name, (void)pinned;
    pthread_mutex_lock(&log->lock);
    if (log->n_states < STATES_MAX)
        log->state[log->n_states++] = s;
    else
        train_state_free(s);
    pthread_mutex_unlock(&log->lock);
}

static inline struct log *log_new(void)
{
    struct log *log = calloc(1, sizeof *log);
    pthread_mutex_init(&log->lock, NULL);
    pthread_cond_init(&log->changed, NULL);
    return log;
}

static inline void log_free(struct log *log)
{
    for (int i = 0; i < log->n; i++)
        event_unref(log->event[i]);
    for (int i = 0; i < log->n_states; i++)
        train_state_free(log->state[i]);
    pthread_mutex_destroy(&log->lock);
    pthread_cond_destroy(&log->changed);
    free(log);
}

/* First event of a kind (and, when not NULL, with that text in its first string field) at or after `from`; waits. */
static inline int find_event(struct log *log, int kind, int field, const char *text, int from, bool wait)
{
    struct timespec end;
    int found = -1;
    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += WAIT_MS / 1000;
    pthread_mutex_lock(&log->lock);
    for (int i = from; found < 0;) {
        for (; i < log->n && found < 0; i++) {
            struct event *e = log->event[i];
            if ((int)e->kind == kind && (!text || (e->f[field].s && strstr(e->f[field].s, text))))
                found = i;
        }
        if (found < 0 && (!wait || pthread_cond_timedwait(&log->changed, &log->lock, &end) != 0))
            break;
    }
    pthread_mutex_unlock(&log->lock);
    return found;
}

static inline int count_events(struct log *log, int kind)
{
    int n = 0;
    for (int i = 0; i < log->n; i++)
        n += (int)log->event[i]->kind == kind;
    return n;
}

static inline const struct event *step_event(struct log *log, uint64_t step)
{
    for (int i = 0; i < log->n; i++)
        if (log->event[i]->kind == EVENT_STEP && log->event[i]->step == step)
            return log->event[i];
    fail_msg("no event of step %llu", (unsigned long long)step);
    return NULL;
}

/* --- a run --------------------------------------------------------------------------------------------------------- */

struct run {
    struct dataset data;
    struct knobs knobs;
    struct trainer_setup setup;
    struct log *log;
    struct trainer *t;
};

static inline void run_init(struct run *r)
{
    memset(r, 0, sizeof *r);
    make_data(&r->data, train_counts, 0);
    r->log = log_new();
    knobs_init(&r->knobs);
    knob(&r->knobs, "model", "resnet8");
    knob(&r->knobs, "batch", "16");
    knob(&r->knobs, "epochs", "3");
    knob(&r->knobs, "lr", "0.05");
    knob(&r->knobs, "threads", "2");
    knob(&r->knobs, "seed", "11");
    knob(&r->knobs, "hessian_iters", "4");
    knob(&r->knobs, "hessian_tol", "0");
    r->setup = (struct trainer_setup){ .backend = &backend_cpu, .data = &r->data, .knobs = &r->knobs, .name = "test", .announce = true,
                                       .hub = { .n = 1, .sink = { { r->log, log_emit, log_sync, log_snapshot, NULL } } } };
}

static inline void run_start(struct run *r)
{
    r->t = trainer_new(&r->setup, &last);
    if (!r->t)
        fail_msg("%s", last.text);
    assert_int_equal(trainer_start(r->t, &last), 0);
}

static inline void run_free(struct run *r)
{
    trainer_free(r->t);
    log_free(r->log);
    dataset_free(&r->data);
}

static inline void assert_over(struct run *r, const char *why)
{
    struct trainer_status s;
    assert_int_equal(trainer_wait(r->t, 0, WAIT_MS), 1);
    trainer_status(r->t, &s);
    assert_int_equal(s.phase, TRAINER_OVER);
    assert_string_equal(run_end_name[s.over], why);
}

/* Posts and waits for the answer; its text is left in `answer_text`. */
static char answer_text[16384];
static inline bool post(struct run *r, const struct command *c)
{
    long id = trainer_post(r->t, c, &last);
    if (id < 0) {
        snprintf(answer_text, sizeof answer_text, "%s", last.text);
        return false;
    }
    for (int from = 0;;) {
        int i = find_event(r->log, EVENT_ANSWER, 0, NULL, from, true);
        if (i < 0)
            fail_msg("no answer to command %ld", id);
        const struct event *e = r->log->event[i];
        from = i + 1;
        if ((long)e->f[EV_ANSWER_ID].u != id)
            continue;
        snprintf(answer_text, sizeof answer_text, "%s", e->f[EV_ANSWER_TEXT].s ? e->f[EV_ANSWER_TEXT].s : "");
        return e->f[EV_ANSWER_OK].u != 0;
    }
}

static inline struct command set_command(const char *name, const char *text)
{
    struct command c = { .op = COMMAND_SET, .by = "user" };
    c.knob = knob_find(name, &last);
    assert_true(c.knob >= 0);
    if (knob_parse((enum knob_id)c.knob, text, &c.value, &last) < 0)
        fail_msg("%s", last.text);
    return c;
}

static inline bool set(struct run *r, const char *name, const char *text)
{
    struct command c = set_command(name, text);
    return post(r, &c);
}

static inline bool do_op(struct run *r, enum command_op op, long count)
{
    struct command c = { .op = op, .count = count, .by = "user" };
    return post(r, &c);
}

static inline void steps(struct run *r, long n)
{
    struct trainer_status s;
    trainer_status(r->t, &s);
    assert_true(do_op(r, COMMAND_STEP, n));
    assert_int_equal(trainer_wait(r->t, s.step + (uint64_t)n, WAIT_MS), 1);
    for (int i = 0; i < WAIT_MS; i++, usleep(1000)) {
        trainer_status(r->t, &s);
        if (s.phase != TRAINER_TRAINING)
            return;
    }
}

static inline void final_hash(struct run *r, char out[65])
{
    assert_true(r->log->n_states > 0);
    train_state_hash(r->log->state[r->log->n_states - 1], out);
}

/* Of the final weights of a run that nobody disturbs. */
static inline void plain_hash(char out[65])
{
    struct run r;
    run_init(&r);
    run_start(&r);
    assert_over(&r, "finished");
    final_hash(&r, out);
    run_free(&r);
}

#endif
