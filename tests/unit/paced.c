/* What a run does by the clock, with a clock that only training, evaluating and products move: snapshots by seconds of work, the one
 * before a change, the pace, the time to the end, the share of probes, statuses. All that a run says is held, in its order. */
#include "config.h"

#include <stdatomic.h>
#include <time.h>

#include "tests/unit/held.h"
#include "tests/unit/running.h"

enum { STEP_S = 5, CHUNK_S = 2, PRODUCT_S = 3 };

static atomic_ulong moved_s; /* so far */

int __real_clock_gettime(clockid_t which, struct timespec *out);
int __wrap_clock_gettime(clockid_t which, struct timespec *out);

int __wrap_clock_gettime(clockid_t which, struct timespec *out)
{
    static struct timespec base; /* the real one at first, so that a deadline is one */
    if (which != CLOCK_MONOTONIC)
        return __real_clock_gettime(which, out);
    if (base.tv_sec == 0)
        __real_clock_gettime(which, &base);
    *out = base;
    out->tv_sec += (time_t)atomic_load(&moved_s);
    return 0;
}

static uint32_t loaded;

static int slow_load(struct model *m, const struct batch *batch, struct err *err)
{
    loaded = batch->n;
    return backend_cpu.load(m, batch, err);
}

/* A step takes its time, and computes nothing. */
static int slow_gradient(struct model *m, const struct pass *pass, float *grad, struct pass_result *result, struct err *err)
{
    const bool step = pass->mode == PASS_TRAIN;
    atomic_fetch_add(&moved_s, step ? STEP_S : CHUNK_S);
    if (!step)
        return backend_cpu.gradient(m, pass, grad, result, err);
    *result = (struct pass_result){ .loss = 1, .n = loaded };
    return 0;
}

static void no_losses(struct model *m, double *host)
{
    (void)m;
    memset(host, 0, loaded * sizeof *host);
}

static int slow_product(struct model *m, int n_vectors, const float *const *v, float *const *out, struct err *err)
{
    atomic_fetch_add(&moved_s, PRODUCT_S);
    return backend_cpu.hvp(m, n_vectors, v, out, err);
}

static struct backend slow;

static void slow_run(struct run *r)
{
    slow = backend_cpu;
    slow.load = slow_load;
    slow.gradient = slow_gradient;
    slow.losses = no_losses;
    slow.hvp = slow_product;
    run_init(r);
    r->setup.backend = &slow;
    r->setup.announce = false;
    r->setup.start_paused = true;
    knob(&r->knobs, "threads", "1");
    knob(&r->knobs, "snapshot_every", "0");
    knob(&r->knobs, "snapshot_seconds", "0");
}

/* --- told ---------------------------------------------------------------------------------------------------------- */

static void tell(const struct event *e, uint64_t began_ns)
{
    const struct event_field *f = e->f;
    fprintf(held, "%4llu s  %2llu ", (unsigned long long)((e->ns - began_ns) / 1000000000u), (unsigned long long)e->step);
    switch (e->kind) {
    case EVENT_STEP:
        fprintf(held, "step %g ms\n", f[EV_STEP_MS].f);
        break;
    case EVENT_EPOCH:
        fprintf(held, "evaluated in %g s, %u losses by class\n", f[EV_EPOCH_SECONDS].f, f[EV_EPOCH_TRAIN_CLS_LOSS].n);
        break;
    case EVENT_EIG:
        fprintf(held, "class %llu in %g s, of epoch %.3f\n", (unsigned long long)f[EV_EIG_CLASS].u, f[EV_EIG_SECONDS].f, f[EV_EIG_EP].f);
        break;
    case EVENT_STATUS:
        fprintf(held, "status: %.6g images/s, %.6g s left of %llu steps\n", f[EV_STATUS_IPS].f, f[EV_STATUS_ETA].f,
                (unsigned long long)f[EV_STATUS_TOTAL].u);
        break;
    case EVENT_PROGRESS:
        fprintf(held, "%s of %llu: %llu of %llu\n", f[EV_PROGRESS_WHAT].s, (unsigned long long)f[EV_PROGRESS_CLASS].u,
                (unsigned long long)f[EV_PROGRESS_DONE].u, (unsigned long long)f[EV_PROGRESS_OF].u);
        break;
    case EVENT_ANSWER:
        fprintf(held, "> %s\n", f[EV_ANSWER_TEXT].s ? f[EV_ANSWER_TEXT].s : "");
        break;
    case EVENT_SAY:
        fprintf(held, "%s: %s\n", f[EV_SAY_LEVEL].s, f[EV_SAY_TEXT].s);
        break;
    case EVENT_STATE:
        fprintf(held, "%s: %s\n", f[EV_STATE_STATE].s, f[EV_STATE_WHY].s ? f[EV_STATE_WHY].s : "");
        break;
    default:
        fprintf(held, "%s\n", event_table[e->kind].kind);
    }
}

static void tell_run(struct run *r, const char *name)
{
    fprintf(held, "--- %s\n", name);
    for (int i = 0; i < r->log->n; i++)
        tell(r->log->event[i], r->log->event[0]->ns);
    fprintf(held, "snapshots of steps");
    for (int i = 0; i < r->log->n_states; i++)
        fprintf(held, " %llu", (unsigned long long)r->log->state[i]->step);
    fprintf(held, "\n");
    run_free(r);
}

/* --- runs ---------------------------------------------------------------------------------------------------------- */

/* Every third step: after two it is ten seconds, and not more. */
static void snapshots_by_time(void)
{
    struct run r;
    slow_run(&r);
    knob(&r.knobs, "snapshot_seconds", "10");
    run_start(&r);
    assert_true(do_op(&r, COMMAND_RESUME, 0));
    assert_over(&r, "finished");
    tell_run(&r, "snapshot_seconds 10");
}

static void change(struct run *r, long after, const char *by, const char *lr)
{
    struct command c = set_command("lr", lr);
    c.by = by;
    if (after > 0)
        steps(r, after);
    assert_true(post(r, &c));
}

/* Thirty seconds of steps since the last one, and a hand that changes. */
static void a_snapshot_before_a_change(void)
{
    struct run r;
    slow_run(&r);
    knob(&r.knobs, "epochs", "30");
    knob(&r.knobs, "eval_every", "0");
    run_start(&r);
    change(&r, 5, "user", "0.01");
    change(&r, 1, "user", "0.02");
    change(&r, 0, "user", "0.03");
    change(&r, 5, "user", "0.04");
    change(&r, 1, "ctl", "0.05");
    change(&r, 6, "alarm", "0.06");
    change(&r, 6, NULL, "0.07");
    change(&r, 6, "sweep", "0.08");
    assert_true(do_op(&r, COMMAND_SNAPSHOT, 0));
    change(&r, 5, "user", "0.09");
    change(&r, 1, "user", "0.1");
    assert_true(do_op(&r, COMMAND_STOP, 0));
    assert_over(&r, "stopped");
    tell_run(&r, "changes by hand");
}

static void the_share_of_probes(const char *budget, const char *eval_every, const char *hessian_every)
{
    static const int watched[] = { 0, 2 };
    struct run r;
    slow_run(&r);
    knob(&r.knobs, "epochs", "6");
    knob(&r.knobs, "budget", budget);
    knob(&r.knobs, "eval_every", eval_every);
    knob(&r.knobs, "hessian_every", hessian_every);
    knob(&r.knobs, "hessian_iters", "3");
    knob(&r.knobs, "hessian_images", "2");
    run_start(&r);
    struct command c = { .op = COMMAND_WATCH, .n_classes = 2, .classes = watched, .by = "user" };
    assert_true(post(&r, &c));
    c = set_command("momentum", "0.8");
    c.when = WHEN_EPOCH, c.when_value = 4;
    assert_true(post(&r, &c)); /* no pace yet */
    steps(&r, 4);
    c = set_command("momentum", "0.7");
    c.when = WHEN_STEP, c.when_value = 15;
    assert_true(post(&r, &c));
    c = (struct command){ .op = COMMAND_EVAL, .text = "train", .by = "user" };
    assert_true(post(&r, &c));
    c = (struct command){ .op = COMMAND_HESSIAN, .n_classes = 1, .classes = watched, .by = "user" };
    assert_true(post(&r, &c));
    assert_true(do_op(&r, COMMAND_RESUME, 0));
    assert_over(&r, "finished");
    tell_run(&r, budget);
}

static void what_the_clock_decides(void **state)
{
    (void)state;
    setenv("SADDLE_ISA", "portable", 1);
    setenv("SADDLE_STATUS_SECONDS", "40", 1);
    held_begin();
    snapshots_by_time();
    a_snapshot_before_a_change();
    the_share_of_probes("0.25", "1", "1");
    the_share_of_probes("0.02", "2", "1");
    the_share_of_probes("1", "3", "2");
    held_end("paced");
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(what_the_clock_decides) };
    return cmocka_run_group_tests_name("unit/paced", tests, NULL, NULL);
}
