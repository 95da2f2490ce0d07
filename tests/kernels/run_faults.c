/* A recorded run on an emulated device, with steps in a queue and a probe beside them, in which CUDA calls fail one at a time:
 * each failure ends in a message, in a session that is whole, and in a trainer that still answers; where only the probe is
 * hit, training comes to the same bits. SADDLE_RUN_FAULTS=all takes every call (a quarter of an hour), =N that one;
 * another SADDLE_FAULT_SEED another sample. */
#include "config.h"

#include "cuda_shim.h"
#include "session/session.h"
#include "tests/unit/running.h"

enum { CALLS = 3 }; /* that fail without SADDLE_RUN_FAULTS, spread over the run */
static const uint32_t images[CLASSES] = { 4, 2, 1 };

struct story { /* what is left of a run */
    char ended[64], message[600], hash[65];
    uint64_t step;
    long calls; /* before everything is taken down, which nobody waits to hear about */
    bool sealed;
    int steps, probes, warnings;
    double lowest[2]; /* of the probes */
};

static void prepare(struct run *r)
{
    run_init(r);
    dataset_free(&r->data);
    make_data(&r->data, images, 0);
    knob(&r->knobs, "batch", "1"); /* seven steps, so that the queue is full */
    knob(&r->knobs, "epochs", "2");
    knob(&r->knobs, "eval_every", "0");
    knob(&r->knobs, "snapshot_seconds", "0");
    knob(&r->knobs, "hessian_iters", "2");
    knob(&r->knobs, "hessian_images", "2");
    knob(&r->knobs, "budget", "1");
    knob(&r->knobs, "threads", "1");
    r->setup.backend = &backend_cuda;
    r->setup.start_paused = true;
}

/* The trainer is over: does it still answer, and refuse? */
static void assert_alive(struct run *r, bool failed)
{
    struct trainer_status s;
    struct command c = set_command("lr", "0.1");
    trainer_status(r->t, &s);
    assert_true(s.memory_bytes > 0);
    assert_true(trainer_post(r->t, &c, &last) < 0);
    c = (struct command){ .op = COMMAND_NOTE, .text = "still here" };
    if (!failed)
        assert_true(post(r, &c));
}

static void live(struct run *r, struct story *s)
{
    struct command c = { .op = COMMAND_WATCH, .n_classes = 1, .classes = (const int[]){ 1 } };
    r->t = trainer_new(&r->setup, &last);
    if (!r->t || trainer_start(r->t, &last) < 0) {
        snprintf(s->ended, sizeof s->ended, "not begun");
        snprintf(s->message, sizeof s->message, "%s", last.text);
        return;
    }
    assert_true(post(r, &c));
    assert_true(do_op(r, COMMAND_RESUME, 0));
    assert_int_equal(trainer_wait(r->t, 0, WAIT_MS), 1);
    struct trainer_status status;
    trainer_status(r->t, &status);
    snprintf(s->ended, sizeof s->ended, "%s", run_end_name[status.over]);
    s->step = status.step;
    s->calls = shim_calls;
    assert_alive(r, strcmp(s->ended, "failed") == 0);
}

/* The story as the journal tells it, and nothing else. */
static void read_back(const char *dir, struct story *s)
{
    struct recording *r = recording_open(dir, &last);
    if (!r)
        fail_msg("%s", last.text);
    bool loud;
    assert_null(recording_damage(r, &loud));
    for (size_t i = 0; i < recording_count(r); i++) {
        const struct event *e = recording_event(r, i);
        if (e->kind == EVENT_STEP)
            assert_true(e->step == (uint64_t)++s->steps);
        if (e->kind == EVENT_EIG && s->probes < 2)
            s->lowest[s->probes++] = e->f[EV_EIG_LMIN].f;
        s->sealed = e->kind == EVENT_SEAL;
        if (e->kind != EVENT_SAY || strcmp(e->f[EV_SAY_LEVEL].s, "note") == 0)
            continue;
        if (strcmp(e->f[EV_SAY_LEVEL].s, "warning") == 0)
            s->warnings++;
        snprintf(s->message, sizeof s->message, "%s", e->f[EV_SAY_TEXT].s);
    }
    int n;
    const struct snapshot_info *snapshot = recording_snapshots(r, &n);
    for (int i = 0; i < n; i++)
        assert_true(snapshot[i].sealed && snapshot[i].finite && snapshot[i].step <= s->step);
    recording_close(r);
    assert_int_equal(session_verify(dir, NULL, NULL, &last), 0);
}

static void run_once(const char *root, int number, struct story *s)
{
    char name[32], dir[600];
    struct run r;
    *s = (struct story){ .step = 0 };
    prepare(&r);
    snprintf(name, sizeof name, "fault%d", number);
    struct session *session = session_create(root, name, NULL, &last);
    assert_non_null(session);
    snprintf(dir, sizeof dir, "%s", session_dir(session));
    r.setup.hub.sink[1] = session_sink(session);
    r.setup.hub.n = 2;
    live(&r, s);
    trainer_free(r.t);
    r.t = NULL;
    if (session_close(session, s->ended, &last) < 0)
        fail_msg("%s", last.text);
    if (r.log->n_states > 0)
        final_hash(&r, s->hash);
    run_free(&r);
    assert_int_equal(shim_alive, 0);
    read_back(dir, s);
}

static void judge(const struct story *s, const struct story *whole, long call)
{
    char step[64];
    const char *said = s->message;
    if (!s->sealed || s->steps != (int)s->step)
        fail_msg("call %ld: %s, %d steps recorded of %d", call, s->sealed ? "sealed" : "not sealed", s->steps, (int)s->step);
    const bool all_told = s->probes == whole->probes && memcmp(s->lowest, whole->lowest, sizeof s->lowest) == 0;
    if (strcmp(s->ended, "finished") == 0 && all_told && strcmp(s->hash, whole->hash) == 0)
        return; /* the last touch to a vector that nobody reads any more */
    if (!strstr(said, "failed: unknown error"))
        fail_msg("call %ld: ended %s at step %d with %d probes and said '%s'", call, s->ended, s->steps, s->probes, said);
    snprintf(step, sizeof step, "step %d: cuda: ", s->steps + 1);
    if (strcmp(s->ended, "failed") == 0 && s->steps < whole->steps && !strstr(said, step))
        fail_msg("call %ld: '%s' does not begin with '%s'", call, said, step);
    if (strcmp(s->ended, "failed") == 0 && s->steps == whole->steps && !strstr(said, "snapshot of step 14: cuda: "))
        fail_msg("call %ld: '%s' does not tell about the last snapshot", call, said);
    if (strcmp(s->ended, "finished") == 0 && (strcmp(s->hash, whole->hash) != 0 || s->steps != whole->steps || s->warnings == 0))
        fail_msg("call %ld: a probe failed ('%s') and training noticed", call, said);
    if (strcmp(s->ended, "failed") != 0 && strcmp(s->ended, "finished") != 0 && strcmp(s->ended, "not begun") != 0)
        fail_msg("call %ld: ended %s", call, s->ended);
}

static void test_calls_fail(void **state)
{
    (void)state;
    const char *all = getenv("SADDLE_RUN_FAULTS");
    char root[] = "/tmp/saddle-faults-XXXXXX", command[64];
    struct story whole, s;
    int failed = 0, finished = 0;
    assert_non_null(mkdtemp(root));
    shim_calls = shim_fail_at = 0;
    run_once(root, 0, &whole);
    const long calls = whole.calls;
    assert_string_equal(whole.ended, "finished");
    assert_true(whole.steps == 14 && whole.probes == 2 && whole.sealed);
    const char *seed = getenv("SADDLE_FAULT_SEED");
    const long one = all ? atol(all) : 0, stride = one > 0 ? calls : all ? 1 : calls / CALLS;
    for (long call = one > 0 ? one : 1 + (seed ? atol(seed) : 0) % stride; call <= calls; call += stride) {
        shim_calls = 0;
        shim_fail_at = call;
        run_once(root, (int)call, &s);
        if (shim_calls < call)
            fail_msg("call %ld never came", call);
        shim_fail_at = 0;
        judge(&s, &whole, call);
        failed += strcmp(s.ended, "failed") == 0 && s.steps > 0;
        finished += strcmp(s.ended, "finished") == 0 && s.warnings > 0;
    }
    print_message("of %ld calls every %ldth failed: %d ended the run after its first step, %d only a probe\n", calls, stride, failed, finished);
    assert_true(one > 0 || failed + finished > 0);
    assert_true(!all || one > 0 || (failed > 0 && finished > 0));
    snprintf(command, sizeof command, "rm -rf %s", root);
    assert_int_equal(system(command), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_calls_fail) };
    return cmocka_run_group_tests_name("kernels/run_faults", tests, NULL, NULL);
}
