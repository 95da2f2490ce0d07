/* Steps in a queue: everything that can be seen of a run but its times is as without one, nothing looks at the weights while a
 * step is under way, and probes run beside. On the cpu back end with a queue (lazy.h) or, with SADDLE_CUDA_SHIM, on an emulated
 * CUDA device. */
#include "config.h"

#include "base/clock.h"
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

static void prepare(struct run *r, bool ahead)
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
static void end(struct run *r, bool ahead)
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

static bool is_time(const struct event_field_info *info)
{
    return strcmp(info->unit, "ms") == 0 || strcmp(info->unit, "s") == 0;
}

static bool same_numbers(const void *a, const void *b, uint32_t n, uint32_t m, size_t size)
{
    return n == m && (n == 0 || memcmp(a, b, n * size) == 0);
}

static bool same_field(enum event_type type, const struct event_field *a, const struct event_field *b)
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

static void assert_same_event(const struct event *a, const struct event *b)
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
static const struct event *next_event(const struct log *log, int *at, int kind)
{
    while (*at < log->n) {
        const struct event *e = log->event[(*at)++];
        if (kind >= 0 ? (int)e->kind == kind : e->kind != EVENT_PROGRESS && e->kind != EVENT_ENV)
            return e;
    }
    return NULL;
}

static int assert_same_events(const struct log *a, const struct log *b, int kind)
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

static void assert_same_states(const struct log *a, const struct log *b)
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

/* What `live` does is the same for both; it returns when the run is over. */
static void compare(void prepare_more(struct run *r), void live(struct run *r), bool whole)
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

/* --- tests --------------------------------------------------------------------------------------------------------- */

static void to_the_end(struct run *r)
{
    assert_over(r, "finished");
}

/* Evaluations, snapshots, the best, re-weighting and a schedule by epoch. */
static void with_everything(struct run *r)
{
    knob(&r->knobs, "weights", "effective");
    knob(&r->knobs, "drw", "1");
    knob(&r->knobs, "lr", "0.05@0 0.02@1");
    r->setup.max_steps = 2 * STEPS - 2;
}

static void test_whole_run(void **state)
{
    (void)state;
    compare(with_everything, to_the_end, true);
}

/* From its beginning on steps go one by one: only the classifier trains. */
static void with_second_stage(struct run *r)
{
    knob(&r->knobs, "epochs", "1");
    knob(&r->knobs, "stage", "crt");
    knob(&r->knobs, "eval_every", "0");
    r->setup.max_steps = STEPS + 3;
}

static void test_second_stage(void **state)
{
    (void)state;
    compare(with_second_stage, to_the_end, true);
}

/* Commands for moments in the middle of what could be queued, and for a condition. */
static void post_for_later(struct run *r, const char *name, const char *value, enum command_when when, double at)
{
    struct command c = set_command(name, value);
    c.when = when;
    c.when_value = at;
    if (when == WHEN_IF) {
        c.when_above = true;
        snprintf(c.when_metric, sizeof c.when_metric, "acc");
    }
    assert_true(post(r, &c));
}

static void start_paused(struct run *r)
{
    r->setup.start_paused = true;
}

static void with_commands(struct run *r)
{
    assert_true(find_event(r->log, EVENT_STATE, EV_STATE_STATE, "paused", 0, true) >= 0);
    post_for_later(r, "lr", "0.01", WHEN_STEP, 3);
    post_for_later(r, "rho", "0.2", WHEN_STEP, 6);
    post_for_later(r, "momentum", "0.5", WHEN_IF, -1);
    post_for_later(r, "opt", "asam", WHEN_EPOCH, 1);
    post_for_later(r, "opt", "pgd", WHEN_STEP, 11);
    post_for_later(r, "opt", "sgd", WHEN_STEP, 12);
    steps(r, 2);
    steps(r, 5);
    assert_true(do_op(r, COMMAND_SNAPSHOT, 0));
    steps(r, 1);
    assert_true(set(r, "weight_decay", "0.01"));
    assert_true(do_op(r, COMMAND_RESUME, 0));
    assert_over(r, "finished");
    assert_true(step_event(r->log, 3)->f[EV_STEP_LR].f == (double)0.05f && step_event(r->log, 4)->f[EV_STEP_LR].f == (double)0.01f);
    assert_true(fabs(step_event(r->log, 6)->f[EV_STEP_RHO].f - 0.05) < 1e-6 && fabs(step_event(r->log, 7)->f[EV_STEP_RHO].f - 0.2) < 1e-6);
}

static void test_commands_at_steps(void **state)
{
    (void)state;
    compare(start_paused, with_commands, true);
}

/* --- probes -------------------------------------------------------------------------------------------------------- */

static void watch_all(struct run *r)
{
    struct command c = { .op = COMMAND_WATCH, .n_classes = WATCHED, .classes = { 0, 1, 2 } };
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

static void with_probes(struct run *r)
{
    r->setup.start_paused = true;
    knob(&r->knobs, "budget", "1");
    knob(&r->knobs, "hessian_vectors", vectors); /* with two, four products of a class, one beside four steps */
    knob(&r->knobs, "hessian_iters", "2");
    knob(&r->knobs, "epochs", probe_epochs);
    knob(&r->knobs, "hessian_every", probe_every);
}

/* The step that the command acts at is the clock's choice; what a probe comes to is not. */
static void test_probes_beside(void **state)
{
    (void)state;
    struct run r[2];
    for (int i = 0; i < 2; i++) {
        prepare(&r[i], i == 1);
        with_probes(&r[i]);
        run_start(&r[i]);
        watch_all(&r[i]);
        end(&r[i], i == 1);
        const int cmd = find_event(r[i].log, EVENT_CMD, EV_CMD_BY, "schedule", 0, false);
        assert_true(cmd >= 0 && r[i].log->event[cmd]->step >= FIRST_ROUND);
        for (int k = cmd + 1; k < r[i].log->n; k++) /* journalled at the boundary at which it acts */
            assert_true(r[i].log->event[k]->step >= r[i].log->event[cmd]->step);
#ifndef SADDLE_CUDA_SHIM
        assert_true(i == 0 ? lazy.products == 0 : lazy.products > 4);
#endif
    }
    const struct event *eig[2][WATCHED] = { { NULL } };
    for (int i = 0; i < 2; i++)
        for (int at = 0, k = 0; k < WATCHED; k++) {
            eig[i][k] = next_event(r[i].log, &at, EVENT_EIG);
            assert_true(eig[i][k] && eig[i][k]->f[EV_EIG_OF].u == FIRST_ROUND);
        }
    assert_true(eig[1][0]->step >= FIRST_ROUND + BACKEND_STEPS); /* the steps beside one product come before the next */
    for (int k = 0; k < WATCHED; k++) {
        assert_true(same_field(EVENT_F64, &eig[0][k]->f[EV_EIG_LMIN], &eig[1][k]->f[EV_EIG_LMIN]));
        assert_true(same_field(EVENT_F64, &eig[0][k]->f[EV_EIG_LMAX], &eig[1][k]->f[EV_EIG_LMAX]));
        assert_true(same_field(EVENT_F64, &eig[0][k]->f[EV_EIG_LOSS], &eig[1][k]->f[EV_EIG_LOSS]));
        assert_true(same_field(EVENT_F64S, &eig[0][k]->f[EV_EIG_NODES], &eig[1][k]->f[EV_EIG_NODES]));
        assert_true(same_field(EVENT_F64S, &eig[0][k]->f[EV_EIG_WTS], &eig[1][k]->f[EV_EIG_WTS]));
    }
    run_free(&r[0]);
    run_free(&r[1]);
}

/* Weights that grow a thousandfold in each step: on the device the steps behind the one that overflows must do nothing. */
static void grow(struct run *r)
{
    knob(&r->knobs, "lr", "100");
    knob(&r->knobs, "weight_decay", "10");
}

static void until_it_diverges(struct run *r)
{
    const int paused = find_event(r->log, EVENT_STATE, EV_STATE_STATE, "paused", 0, true);
    assert_true(paused >= 0 && r->log->event[paused]->step > 0);
    assert_non_null(strstr(r->log->event[paused]->f[EV_STATE_WHY].s, "before the update"));
    assert_true(do_op(r, COMMAND_SNAPSHOT, 0));
    assert_true(do_op(r, COMMAND_STOP, 0));
    assert_over(r, "stopped");
}

static void test_overflow(void **state)
{
    (void)state;
    compare(grow, until_it_diverges, true);
}

#ifndef SADDLE_CUDA_SHIM
/* --- commands, ends, probes at any moment -------------------------------------------------------------------------- */

/* Whatever the steps they land on: the journal says which, and a run that repeats it step by step comes to the same bits. */
static void post_while_training(struct run *r)
{
    static const char *const rates[] = { "0.02", "0.04", "0.01", "0.03" };
    for (int i = 0; i < 4; i++) {
        assert_int_equal(trainer_wait(r->t, (uint64_t)(2 + 5 * i), WAIT_MS), 1);
        assert_true(set(r, "lr", rates[i]));
        if (i == 1)
            assert_true(do_op(r, COMMAND_PAUSE, 0) && set(r, "rho", "0.3") && do_op(r, COMMAND_RESUME, 0));
    }
}

enum { COMMANDS_MAX = 16 };
struct journal {
    struct trainer_roll roll;
    uint64_t at[COMMANDS_MAX];
    struct command command[COMMANDS_MAX];
    float loss[4 * STEPS];
};

/* What was recorded, as session/ would read it. */
static void read_journal(const struct log *log, struct journal *j)
{
    int n = 0;
    for (int i = 0; i < log->n; i++) {
        const struct event *e = log->event[i];
        if (e->kind == EVENT_STEP)
            j->loss[e->step - 1] = (float)e->f[EV_STEP_LOSS].f;
        if (e->kind == EVENT_STEP)
            j->roll.until = e->step;
        if (e->kind == EVENT_EPOCH)
            j->roll.until_eval = e->step;
        if (e->kind != EVENT_CMD || strcmp(e->f[EV_CMD_OP].s, "set") != 0)
            continue;
        assert_true(n < COMMANDS_MAX);
        j->at[n] = e->step;
        j->command[n++] = set_command(e->f[EV_CMD_KEY].s, e->f[EV_CMD_VALUE].s);
    }
    j->roll.n_commands = n;
    j->roll.at = j->at;
    j->roll.commands = j->command;
    j->roll.loss = j->loss;
}

/* No later command changed the same before the next step. */
static bool holds_for_a_step(const struct journal *j, int i)
{
    for (int k = i + 1; k < j->roll.n_commands; k++)
        if (j->command[k].knob == j->command[i].knob && j->at[k] == j->at[i])
            return false;
    return true;
}

static void test_commands_while_training(void **state)
{
    (void)state;
    struct run r, again;
    struct journal *j = calloc(1, sizeof *j);
    char first[65], second[65];
    prepare(&r, true);
    knob(&r.knobs, "epochs", "4");
    run_start(&r);
    post_while_training(&r);
    assert_over(&r, "finished");
    end(&r, true);
    final_hash(&r, first);
    read_journal(r.log, j);
    assert_int_equal(j->roll.n_commands, 5);
    for (int i = 0; i < j->roll.n_commands; i++) /* the step after it is the first with its value */
        if (j->command[i].knob == KNOB_LR && holds_for_a_step(j, i) && j->at[i] < 4 * STEPS)
            assert_true(step_event(r.log, j->at[i] + 1)->f[EV_STEP_LR].f == (double)(float)j->command[i].value.schedule.base);
    for (int ahead = 0; ahead < 2; ahead++) {
        prepare(&again, ahead == 1);
        knob(&again.knobs, "epochs", "4");
        again.setup.state = r.log->state[0];
        again.setup.roll = &j->roll;
        again.setup.announce = false;
        run_start(&again);
        assert_over(&again, "finished");
        end(&again, ahead == 1);
        assert_int_equal(count_events(again.log, EVENT_BRANCH), 0);
        assert_int_equal(count_events(again.log, EVENT_STEP), 0);
        final_hash(&again, second);
        assert_string_equal(first, second);
        run_free(&again);
    }
    j->loss[5] += 1; /* in the middle of what is queued: a new timeline from there, with the same steps */
    prepare(&again, true);
    knob(&again.knobs, "epochs", "4");
    again.setup.state = r.log->state[0];
    again.setup.roll = &j->roll;
    again.setup.announce = false;
    run_start(&again);
    assert_over(&again, "finished");
    end(&again, true);
    assert_int_equal(again.log->event[find_event(again.log, EVENT_BRANCH, 0, NULL, 0, false)]->step, 5);
    assert_int_equal(count_events(again.log, EVENT_STEP), 4 * STEPS - 5);
    for (uint64_t s = 6; s <= 4 * STEPS; s++)
        assert_same_event(step_event(r.log, s), step_event(again.log, s));
    final_hash(&again, second);
    assert_string_equal(first, second);
    run_free(&again);
    run_free(&r);
    free(j);
}

/* A command waits for the steps under way, not for the end of an epoch. */
static void test_commands_come_soon(void **state)
{
    (void)state;
    struct run r;
    struct trainer_status s;
    prepare(&r, true);
    lazy.delay_us = 5000;
    knob(&r.knobs, "batch", "1"); /* 34 steps */
    run_start(&r);
    assert_int_equal(trainer_wait(r.t, 6, WAIT_MS), 1);
    struct command c = set_command("lr", "0.02");
    assert_true(trainer_post(r.t, &c, &last) > 0);
    trainer_status(r.t, &s); /* read after the command was there: no step is queued any more */
    const int cmd = find_event(r.log, EVENT_CMD, EV_CMD_KEY, NULL, 0, true);
    assert_true(r.log->event[cmd]->step <= s.step + BACKEND_STEPS + 1);
    assert_true(do_op(&r, COMMAND_STOP, 0));
    end(&r, true);
    run_free(&r);
}

/* A stop, or the end of the program, at whatever step: the last snapshot is of the last step that was told about. */
static void test_end_at_once(void **state)
{
    (void)state;
    for (int quit = 0; quit < 2; quit++) {
        struct run r, whole;
        char a[65], b[65];
        prepare(&r, true);
        knob(&r.knobs, "epochs", "1000");
        knob(&r.knobs, "eval_every", "0");
        run_start(&r);
        assert_int_equal(trainer_wait(r.t, STEPS + 2, WAIT_MS), 1);
        if (!quit) {
            assert_true(do_op(&r, COMMAND_STOP, 0));
            assert_over(&r, "stopped");
        }
        end(&r, true);
        const struct train_state *last_state = r.log->state[r.log->n_states - 1];
        const int steps_told = count_events(r.log, EVENT_STEP);
        assert_true(last_state->step == (uint64_t)steps_told && steps_told < 500 * STEPS);
        final_hash(&r, a);
        prepare(&whole, false);
        knob(&whole.knobs, "epochs", "1000");
        knob(&whole.knobs, "eval_every", "0");
        whole.setup.max_steps = (uint64_t)steps_told;
        run_start(&whole);
        assert_over(&whole, "finished");
        end(&whole, false);
        final_hash(&whole, b);
        assert_string_equal(a, b);
        run_free(&whole);
        run_free(&r);
    }
}

/* The times of steps that overlap add up to the clock's, probes beside them included. */
static void test_times(void **state)
{
    (void)state;
    struct run r;
    double sum = 0;
    prepare(&r, true);
    knob(&r.knobs, "budget", "1");
    knob(&r.knobs, "hessian_iters", "2");
    knob(&r.knobs, "eval_every", "0");
    r.setup.start_paused = true;
    run_start(&r);
    struct command c = { .op = COMMAND_WATCH, .n_classes = 2, .classes = { 0, 1 } };
    assert_true(post(&r, &c));
    const uint64_t start = clock_now_ns();
    steps(&r, STEPS + 6);
    const double wall = (double)(clock_now_ns() - start) * 1e-6;
    for (uint64_t s = 1; s <= STEPS + 6; s++) {
        const double ms = step_event(r.log, s)->f[EV_STEP_MS].f;
        assert_true(ms >= 0 && ms < wall);
        sum += ms;
    }
    assert_true(sum <= wall * 1.001);
    assert_true(sum > wall / 4); /* the rest: evaluations, snapshots, the probe before the queue is filled */
    assert_true(count_events(r.log, EVENT_EIG) > 0);
    end(&r, true);
    run_free(&r);
}

/* On demand, in the middle of a scheduled round: at the weights of a step boundary, and the round goes on with those of another. */
static void test_probe_on_demand(void **state)
{
    (void)state;
    struct run r;
    prepare(&r, true);
    with_probes(&r);
    knob(&r.knobs, "hessian_every", "1");
    run_start(&r);
    struct command c = { .op = COMMAND_WATCH, .n_classes = CLASSES, .classes = { 0, 1, 2 } };
    assert_true(post(&r, &c));
    assert_true(do_op(&r, COMMAND_RESUME, 0));
    assert_int_equal(trainer_wait(r.t, STEPS, WAIT_MS), 1);
    c = (struct command){ .op = COMMAND_HESSIAN, .n_classes = 1, .classes = { 1 }, .count = 3, .by = "user" };
    assert_true(post(&r, &c));
    assert_over(&r, "finished");
    end(&r, true);
    const int cmd = find_event(r.log, EVENT_CMD, EV_CMD_OP, "hessian", 0, false), eig = find_event(r.log, EVENT_EIG, 0, NULL, cmd, false);
    assert_true(cmd >= 0 && eig >= 0);
    assert_true(r.log->event[eig]->f[EV_EIG_OF].u == r.log->event[cmd]->step && r.log->event[eig]->step == r.log->event[cmd]->step);
    for (int at = 0; (at = find_event(r.log, EVENT_EIG, 0, NULL, at, false)) >= 0; at++)
        assert_true(r.log->event[at]->f[EV_EIG_OF].u <= r.log->event[at]->step);
    run_free(&r);
}

/* --- failures ------------------------------------------------------------------------------------------------------ */

static void bad_sixth_step(struct run *r)
{
    (void)r;
    lazy.bad_step = 6;
}

static void resume_after_it(struct run *r)
{
    const int paused = find_event(r->log, EVENT_STATE, EV_STATE_STATE, "paused", 0, true);
    assert_true(paused >= 0);
    assert_string_equal(r->log->event[paused]->f[EV_STATE_WHY].s, "the loss is nan at step 6, before the update; last snapshot: step 0");
    assert_int_equal(r->log->event[paused]->step, 5);
    assert_true(do_op(r, COMMAND_SNAPSHOT, 0));
    assert_true(do_op(r, COMMAND_RESUME, 0));
    assert_over(r, "finished");
}

static void test_divergence(void **state)
{
    (void)state;
    compare(bad_sixth_step, resume_after_it, true);
}

static void stop_at_it(struct run *r)
{
    lazy.bad_step = 7;
    knob(&r->knobs, "on_nan", "stop");
}

static void diverged(struct run *r)
{
    assert_over(r, "diverged");
}

static void test_divergence_stops(void **state)
{
    (void)state;
    compare(stop_at_it, diverged, true);
}

static void break_sixth_step(struct run *r)
{
    (void)r;
    lazy.broken_step = 6;
}

static void failed(struct run *r)
{
    assert_over(r, "failed");
    assert_true(find_event(r->log, EVENT_SAY, EV_SAY_TEXT, "step 6: lazy: a step was lost", 0, false) >= 0);
}

static void test_device_failure(void **state)
{
    (void)state;
    compare(break_sixth_step, failed, true);
}

/* Steps that were under way when a later one could not be queued are lost: nobody can say what they came to. */
static void test_failure_to_queue(void **state)
{
    (void)state;
    struct run r;
    prepare(&r, true);
    lazy.broken_queue = 6;
    run_start(&r);
    assert_over(&r, "failed");
    assert_true(count_events(r.log, EVENT_STEP) < 6);
    assert_true(find_event(r.log, EVENT_SAY, EV_SAY_LEVEL, "error", 0, false) >= 0);
    end(&r, true);
    run_free(&r);
}

/* Snapshots by the clock are of a step at which the queue was empty. */
static void test_snapshots_by_the_clock(void **state)
{
    (void)state;
    struct run r, again;
    char a[65], b[65];
    prepare(&r, true);
    lazy.delay_us = 20000;
    knob(&r.knobs, "epochs", "1000");
    knob(&r.knobs, "eval_every", "0");
    knob(&r.knobs, "snapshot_every", "0");
    knob(&r.knobs, "snapshot_seconds", "1");
    run_start(&r);
    for (int i = 0, n = 0; i < 60000 && n < 2; i++, usleep(1000)) {
        pthread_mutex_lock(&r.log->lock);
        n = r.log->n_states;
        pthread_mutex_unlock(&r.log->lock);
    }
    end(&r, true);
    assert_true(r.log->n_states >= 2);
    const struct train_state *s = r.log->state[1];
    train_state_hash(s, a);
    prepare(&again, false);
    knob(&again.knobs, "epochs", "1000");
    knob(&again.knobs, "eval_every", "0");
    again.setup.max_steps = s->step;
    run_start(&again);
    assert_over(&again, "finished");
    end(&again, false);
    final_hash(&again, b);
    assert_string_equal(a, b);
    run_free(&again);
    run_free(&r);
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole_run),         cmocka_unit_test(test_second_stage),      cmocka_unit_test(test_overflow),
        cmocka_unit_test(test_commands_at_steps), cmocka_unit_test(test_probes_beside),
#ifndef SADDLE_CUDA_SHIM
        cmocka_unit_test(test_commands_while_training),
        cmocka_unit_test(test_commands_come_soon),
        cmocka_unit_test(test_end_at_once),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_probe_on_demand),
        cmocka_unit_test(test_divergence),
        cmocka_unit_test(test_divergence_stops),
        cmocka_unit_test(test_device_failure),
        cmocka_unit_test(test_failure_to_queue),
        cmocka_unit_test(test_snapshots_by_the_clock),
#endif
    };
#ifdef SADDLE_CUDA_SHIM
    if (getenv("SADDLE_FEW_CASES")) {
        const struct CMUnitTest few[] = { tests[0], tests[1] };
        return cmocka_run_group_tests_name("kernels/ahead_emulated", few, NULL, NULL);
    }
    return cmocka_run_group_tests_name("kernels/ahead_emulated", tests, NULL, NULL);
#else
    return cmocka_run_group_tests_name("unit/ahead", tests, NULL, NULL);
#endif
}
