/* A number that is not finite at a random place of a run: a weight, a running statistic, a gradient, the loss of a batch, a product of the Hessian,
 * the loss of an evaluation. The run says so and stands still, or the probe does and training goes on; nothing that was recorded before is spoilt, and
 * what passed leaves no trace: taken up again, the run ends with the bits of one that nobody disturbed. SADDLE_PLACES: how many (12);
 * SADDLE_FAULT_SEED chooses them, and a failure names its own. */
#include "config.h"
#include "tests/unit/running.h"

#include "base/rng.h"
#include "engine/train_state.h"
#include "kernels/backend.h"

enum where { LOSS, GRADIENT, WEIGHT, STATISTIC, PRODUCT, EVALUATION, N_WHERE };
static const char *const where_name[N_WHERE] = { "the loss of a batch", "a gradient", "a weight", "a running statistic", "a product", "the loss of an evaluation" };
static const float values[] = { NAN, INFINITY, -INFINITY };

static struct place {
    enum where where;
    uint32_t call, at; /* which of the calls that meet it; which number */
    float value;
} place;
static uint32_t calls[N_WHERE]; /* so far */
static bool struck;
static struct log *told;
static int kept_before; /* snapshots until then */
static size_t n_params, n_stats;

static bool is_here(enum where where)
{
    const bool here = calls[where]++ == place.call && place.where == where;
    if (here) {
        struck = true;
        kept_before = told->n_states;
    }
    return here;
}

/* One number of a vector of the model. */
static void spoil(struct model *m, float *v, size_t n)
{
    float *host = malloc(n * sizeof *host);
    assert_non_null(host);
    backend_cpu.vec_read(m, host, v, n);
    host[place.at % n] = place.value;
    backend_cpu.vec_write(m, v, host, n);
    free(host);
}

static int spoilt_gradient(struct model *m, const struct pass *pass, float *grad, struct pass_result *result, struct err *err)
{
    const bool train = pass->mode == PASS_TRAIN;
    if (train && is_here(WEIGHT))
        spoil(m, (float *)(uintptr_t)pass->params, n_params);
    if (train && is_here(STATISTIC))
        spoil(m, pass->stats, n_stats);
    const int failed = backend_cpu.gradient(m, pass, grad, result, err);
    if (train && grad && is_here(GRADIENT))
        spoil(m, grad, n_params);
    if (is_here(train ? LOSS : EVALUATION))
        result->loss = (double)place.value;
    return failed;
}

static int spoilt_hvp(struct model *m, int n, const float *const *v, float *const *out, struct err *err)
{
    const int failed = backend_cpu.hvp(m, n, v, out, err);
    if (is_here(PRODUCT))
        spoil(m, out[0], n_params);
    return failed;
}

static struct backend spoilt;

static void open_run(struct run *r)
{
    memset(calls, 0, sizeof calls);
    struck = false;
    run_init(r);
    told = r->log;
    knob(&r->knobs, "epochs", "2");
    knob(&r->knobs, "threads", "1");
    knob(&r->knobs, "opt", "sam");
    knob(&r->knobs, "hessian_every", "1");
    knob(&r->knobs, "hessian_iters", "3");
    knob(&r->knobs, "budget", "1");
    r->setup.backend = &spoilt;
    r->setup.start_paused = true;
    run_start(r);
    struct command watch = { .op = COMMAND_WATCH, .n_classes = 1, .classes = (const int[]){ 0 } };
    assert_true(post(r, &watch));
    assert_true(find_event(r->log, EVENT_STATE, EV_STATE_STATE, "paused", 0, true) >= 0);
}

static void end_of_undisturbed(char hash[65])
{
    struct run r;
    place.where = N_WHERE;
    open_run(&r);
    assert_true(do_op(&r, COMMAND_RESUME, 0));
    assert_over(&r, "finished");
    final_hash(&r, hash);
    n_params = r.log->state[0]->vector[STATE_PARAMS].n;
    n_stats = r.log->state[0]->vector[STATE_STATS].n;
    run_free(&r);
}

static bool is_finite(const struct train_state *s)
{
    for (int v = STATE_PARAMS; v <= STATE_STATS; v++)
        for (size_t i = 0; i < s->vector[v].n; i++)
            if (!isfinite(((const float *)s->vector[v].data)[i]))
                return false;
    return true;
}

/* --- what must hold -------------------------------------------------------------------------------------------------------- */

#define must(what) must_be(what, #what)
static void must_be(bool holds, const char *what)
{
    if (!holds)
        fail_msg("%s of call %u, number %u, is %g: not %s", where_name[place.where], place.call, place.at, (double)place.value, what);
}

/* Steps and spectra that were told are of numbers, and so are the snapshots of before: from one of those the run can go on. */
static void check_recorded(const struct log *log)
{
    for (int i = 0; i < log->n; i++) {
        const struct event *e = log->event[i];
        if (e->kind == EVENT_STEP)
            must(isfinite(e->f[EV_STEP_LOSS].f) && isfinite(e->f[EV_STEP_GN].f));
        if (e->kind == EVENT_EIG)
            must(isfinite(e->f[EV_EIG_LMIN].f) && isfinite(e->f[EV_EIG_LMAX].f));
    }
    must(kept_before > 0);
    for (int i = 0; i < kept_before; i++)
        must(is_finite(log->state[i]));
}

/* A warning, an error or a pause that says what is not finite; or an evaluation that has it as its loss. */
static bool is_told(const struct log *log)
{
    for (int i = 0; i < log->n; i++) {
        const struct event *e = log->event[i];
        if (e->kind == EVENT_EPOCH && place.where == EVALUATION && !isfinite(e->f[EV_EPOCH_LOSS].f))
            return true;
        const char *text = e->kind == EVENT_SAY ? e->f[EV_SAY_TEXT].s : e->kind == EVENT_STATE ? e->f[EV_STATE_WHY].s : NULL;
        if (text && (strstr(text, " is nan") || strstr(text, " is inf") || strstr(text, " is -inf") || strstr(text, "finite")))
            return true;
    }
    return false;
}

/* Where it comes to a stand: over, or paused after this event. */
static bool stands_still(struct run *r, int *from)
{
    struct trainer_status s;
    for (int ms = 0; ms < WAIT_MS; ms++, usleep(1000)) {
        trainer_status(r->t, &s);
        const int paused = find_event(r->log, EVENT_STATE, EV_STATE_STATE, "paused", *from, false);
        if (paused >= 0 && s.phase != TRAINER_TRAINING) {
            *from = paused + 1;
            return true;
        }
        if (s.phase == TRAINER_OVER)
            return false;
    }
    fail_msg("%s: neither over nor paused", where_name[place.where]);
    return false;
}

static void try_place(const char *whole)
{
    struct run r;
    char hash[65];
    int pauses = 0;
    open_run(&r);
    for (int from = r.log->n; pauses < 2; pauses++) {
        assert_true(do_op(&r, COMMAND_RESUME, 0));
        if (!stands_still(&r, &from))
            break;
    }
    must(struck && is_told(r.log));
    if (pauses < 2) { /* it passed */
        assert_over(&r, "finished");
        final_hash(&r, hash);
        must((strcmp(hash, whole) == 0) == (place.where != STATISTIC)); /* it stays: no step reads it */
        must(pauses == (place.where == LOSS || place.where == GRADIENT || place.where == WEIGHT));
    } else
        must(place.where == WEIGHT);
    trainer_free(r.t);
    r.t = NULL;
    check_recorded(r.log);
    run_free(&r);
}

static void whatever_is_not_finite_is_told(void **state)
{
    const char *many = getenv("SADDLE_PLACES"), *seed = getenv("SADDLE_FAULT_SEED");
    const int n = many ? atoi(many) : 12;
    char whole[65];
    uint32_t most[N_WHERE];
    struct rng draw;
    (void)state;
    spoilt = backend_cpu;
    spoilt.gradient = spoilt_gradient;
    spoilt.hvp = spoilt_hvp;
    spoilt.step = NULL; /* a step of pieces has its bits */
    spoilt.step_wait = NULL;
    end_of_undisturbed(whole);
    memcpy(most, calls, sizeof most);
    rng_init(&draw, seed ? strtoull(seed, NULL, 10) : 1, RNG_DEMO, 0, 0);
    for (int i = 0; i < n; i++) {
        place.where = (enum where)(i % N_WHERE);
        assert_true(most[place.where] > 0);
        place.call = rng_below(&draw, most[place.where]);
        place.at = rng_u32(&draw);
        place.value = values[rng_below(&draw, 3)];
        print_message("# %s, call %u of %u, number %u: %g\n", where_name[place.where], place.call, most[place.where], place.at, (double)place.value);
        try_place(whole);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(whatever_is_not_finite_is_told) };
    return cmocka_run_group_tests_name("unit/places", tests, NULL, NULL);
}
