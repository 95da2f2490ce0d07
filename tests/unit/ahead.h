/* tests/unit/ahead.h - two runs, with a queue of steps and without one, which must tell the same. On the cpu back end with a queue (lazy.h)
 * or, with SADDLE_CUDA_SHIM, on an emulated CUDA device. Included once by each test file; everything is static. */
#ifndef TESTS_UNIT_AHEAD_H
#define TESTS_UNIT_AHEAD_H

#include "tests/unit/running.h"
#ifdef SADDLE_CUDA_SHIM
#include "cuda_shim.h"
static const struct backend *const queueing = &backend_cuda;
#else
#include "tests/unit/lazy.h"
static const struct backend *const queueing = &backend_lazy;
#endif

/* An epoch is eight batches and a smaller one; an emulated step takes long. */
enum { STEPS = 9 };
#ifdef SADDLE_CUDA_SHIM
static const uint32_t images[CLASSES] = { 9, 6, 2 };
static const char *const batch = "2", *const vectors = "1", *const probe_epochs = "2", *const probe_every = "1";
enum { WATCHED = 1, FIRST_ROUND = STEPS };
#else
static const uint32_t *const images = train_counts;
static const char *const batch = "4", *const vectors = "2", *const probe_epochs = "8", *const probe_every = "2";
enum { WATCHED = CLASSES, FIRST_ROUND = 2 * STEPS };
#endif

/* --- two runs ------------------------------------------------------------------------------------------------------ */

static inline void prepare(struct run *r, bool ahead)
{
#ifndef SADDLE_CUDA_SHIM
    lazy_reset();
#endif
    if (ahead)
        unsetenv("SADDLE_STEPS_AHEAD");
    else
        setenv("SADDLE_STEPS_AHEAD", "1", 1);
    run_init(r);
    dataset_free(&r->data);
    make_data(&r->data, images, 0);
    knob(&r->knobs, "batch", batch);
    knob(&r->knobs, "epochs", "2");
    knob(&r->knobs, "opt", "sam");
    knob(&r->knobs, "threads", "1");
    knob(&r->knobs, "snapshot_seconds", "0");
    r->setup.backend = queueing;
}

/* The trainer is gone; what it told stays. */
static inline void end(struct run *r, bool ahead)
{
    trainer_free(r->t);
    r->t = NULL;
#ifdef SADDLE_CUDA_SHIM
    (void)ahead;
    assert_int_equal(shim_alive, 0);
#else
    assert_int_equal(lazy.looks, 0);
    assert_int_equal(lazy.deepest, ahead ? BACKEND_STEPS : 1);
#endif
}

static inline bool is_time(const struct event_field_info *info)
{
    return strcmp(info->unit, "ms") == 0 || strcmp(info->unit, "s") == 0;
}

static inline bool same_numbers(const void *a, const void *b, uint32_t n, uint32_t m, size_t size)
{
    return n == m && (n == 0 || memcmp(a, b, n * size) == 0);
}

static inline bool same_field(enum event_type type, const struct event_field *a, const struct event_field *b)
{
    switch (type) {
    case EVENT_U64:
        return a->u == b->u;
    case EVENT_F32:
    case EVENT_F64:
        return memcmp(&a->f, &b->f, sizeof a->f) == 0;
    case EVENT_STR:
        return a->s && b->s ? strcmp(a->s, b->s) == 0 : a->s == b->s;
    case EVENT_F32S:
        return same_numbers(a->f32s, b->f32s, a->n, b->n, sizeof(float));
    case EVENT_F64S:
        return same_numbers(a->f64s, b->f64s, a->n, b->n, sizeof(double));
    case EVENT_U32S:
        return same_numbers(a->u32s, b->u32s, a->n, b->n, sizeof(uint32_t));
    case EVENT_STRS:
        return a->n == b->n; /* only in the announcements, which the two runs make alike */
    }
    return false;
}

static inline void assert_same_event(const struct event *a, const struct event *b)
{
    const struct event_info *info = &event_table[a->kind];
    if (a->kind != b->kind || a->step != b->step)
        fail_msg("'%s' of step %llu against '%s' of step %llu", info->kind, (unsigned long long)a->step, event_table[b->kind].kind,
                 (unsigned long long)b->step);
    for (int i = 0; i < info->n_fields; i++)
        if (!is_time(&info->field[i]) && !same_field(info->field[i].type, &a->f[i], &b->f[i]))
            fail_msg("'%s' of step %llu: %s differs", info->kind, (unsigned long long)a->step, info->field[i].key);
}

/* Of one kind, or (-1) of every kind whose place does not depend on the clock. */
static inline const struct event *next_event(const struct log *log, int *at, int kind)
{
    while (*at < log->n) {
        const struct event *e = log->event[(*at)++];
        if (kind >= 0 ? (int)e->kind == kind : e->kind != EVENT_PROGRESS && e->kind != EVENT_ENV && e->kind != EVENT_STATUS)
            return e;
    }
    return NULL;
}

static inline int assert_same_events(const struct log *a, const struct log *b, int kind)
{
    int i = 0, j = 0, n = 0;
    for (;; n++) {
        const struct event *x = next_event(a, &i, kind), *y = next_event(b, &j, kind);
        if (!x || !y) {
            if (x || y)
                fail_msg("one run has a further '%s' of step %llu", event_table[(x ? x : y)->kind].kind,
                         (unsigned long long)(x ? x : y)->step);
            return n;
        }
        assert_same_event(x, y);
    }
}

static inline void assert_same_states(const struct log *a, const struct log *b)
{
    assert_int_equal(a->n_states, b->n_states);
    for (int i = 0; i < a->n_states; i++) {
        char x[65], y[65];
        train_state_hash(a->state[i], x);
        train_state_hash(b->state[i], y);
        assert_int_equal(a->state[i]->step, b->state[i]->step);
        assert_string_equal(x, y);
    }
}

/* Both runs do the same in `live`, which returns when the run is over. */
static inline void compare(void prepare_more(struct run *r), void live(struct run *r), bool whole)
{
    struct run r[2];
    for (int i = 0; i < 2; i++) {
        prepare(&r[i], i == 1);
        if (prepare_more)
            prepare_more(&r[i]);
        run_start(&r[i]);
        live(&r[i]);
        end(&r[i], i == 1);
    }
    const int kinds[] = { EVENT_STEP, EVENT_EPOCH, EVENT_STATE, EVENT_CMD };
    if (whole)
        assert_true(assert_same_events(r[0].log, r[1].log, -1) > STEPS);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        assert_same_events(r[0].log, r[1].log, kinds[i]);
    assert_same_states(r[0].log, r[1].log);
    run_free(&r[0]);
    run_free(&r[1]);
}


static inline void watch_all(struct run *r)
{
    struct command c = { .op = COMMAND_WATCH, .n_classes = WATCHED, .classes = (const int[]){ 0, 1, 2 } };
    assert_true(post(r, &c));
    c = set_command("momentum", "0.7"); /* a probe that ends while steps are under way may bring a command */
    c.when = WHEN_IF;
    c.when_value = -1e9;
    c.when_above = true;
    snprintf(c.when_metric, sizeof c.when_metric, "lmin:%d", WATCHED - 1);
    assert_true(post(r, &c));
    assert_true(do_op(r, COMMAND_RESUME, 0));
    assert_over(r, "finished");
}

static inline void with_probes(struct run *r)
{
    r->setup.start_paused = true;
    knob(&r->knobs, "budget", "1");
    knob(&r->knobs, "hessian_vectors", vectors); /* with two, four products of a class, one beside four steps */
    knob(&r->knobs, "hessian_iters", "2");
    knob(&r->knobs, "epochs", probe_epochs);
    knob(&r->knobs, "hessian_every", probe_every);
}

/* ahead_live.c, with lazy.h alone: how many of its tests failed. */
int ahead_live_tests(void);

#endif
