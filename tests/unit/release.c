/* `pause --release`: a run that gives device and memory back, again and again, comes to the bits of one that never did. */
#include "config.h"

#include <sys/resource.h>

#include "tests/unit/running.h"

/* --- bits ---------------------------------------------------------------------------------------------------------- */

enum { PAIRS = 6 };
struct recipe {
    const char *pairs[PAIRS][2];
};
static const struct recipe recipes[] = {
    { { { "opt", "sam" }, { "weights", "effective" }, { "drw", "2" } } },
    { { { "opt", "looksam" }, { "looksam_k", "2" }, { "rho", "linear:0.05..0.3" } } },
    { { { "opt", "fsam" }, { "loss", "ldam" }, { "momentum", "0.5" } } },
    { { { "epochs", "2" }, { "stage", "crt" }, { "stage_epochs", "1" } } },
    { { { "epochs", "1" }, { "stage", "lws" }, { "stage_epochs", "2" }, { "stage_norm", "frozen" }, { "stage_augment", "off" } } },
};

static void begin(struct run *r, const struct recipe *recipe)
{
    run_init(r);
    for (int i = 0; recipe && i < PAIRS && recipe->pairs[i][0]; i++)
        knob(&r->knobs, recipe->pairs[i][0], recipe->pairs[i][1]);
    r->setup.start_paused = true;
    run_start(r);
    assert_true(find_event(r->log, EVENT_STATE, EV_STATE_STATE, "paused", 0, true) >= 0);
    assert_false(do_op(r, COMMAND_PAUSE, 0)); /* answered: its loop has begun */
}

static void release(struct run *r)
{
    if (!do_op(r, COMMAND_PAUSE, 1))
        fail_msg("%s", answer_text);
    assert_non_null(strstr(answer_text, "device and memory are given back"));
}

static void go_on(struct run *r)
{
    if (!do_op(r, COMMAND_RESUME, 0))
        fail_msg("%s", answer_text);
}

static size_t memory_of(struct run *r)
{
    struct trainer_status s;
    trainer_status(r->t, &s);
    return s.memory_bytes;
}

/* Released before each of its steps, or never. */
static void train_through(const struct recipe *recipe, bool releases, char hash[65])
{
    struct run r;
    struct trainer_status s;
    begin(&r, recipe);
    for (trainer_status(r.t, &s); releases && s.step + 1 < s.total_steps; trainer_status(r.t, &s)) {
        const size_t before = memory_of(&r);
        release(&r);
        assert_true(memory_of(&r) < before / 2);
        steps(&r, 1);
    }
    go_on(&r);
    assert_over(&r, "finished");
    final_hash(&r, hash);
    run_free(&r);
}

static void test_bits(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof recipes / sizeof *recipes; i++) {
        char plain[65], broken[65];
        train_through(&recipes[i], false, plain);
        train_through(&recipes[i], true, broken);
        if (strcmp(plain, broken) != 0)
            fail_msg("recipe %zu: %s, and %s with releases", i, plain, broken);
    }
}

/* Knobs change as in any pause: another optimiser, another stage, other class weights. */
static void change_in_a_pause(bool releases, char hash[65])
{
    struct run r;
    begin(&r, &recipes[1]);
    steps(&r, 4);
    if (releases)
        release(&r);
    assert_true(set(&r, "opt", "sam") && set(&r, "lr", "0.02") && set(&r, "weights", "inverse") && set(&r, "drw", "2"));
    assert_true(set(&r, "stage_epochs", "1") && set(&r, "stage", "crt"));
    assert_true(set(&r, "opt", "fsam"));
    go_on(&r);
    assert_over(&r, "finished");
    final_hash(&r, hash);
    run_free(&r);
}

static void test_changes(void **state)
{
    (void)state;
    char plain[65], released[65];
    change_in_a_pause(false, plain);
    change_in_a_pause(true, released);
    assert_string_equal(plain, released);
}

/* --- what it refuses, and what waits ------------------------------------------------------------------------------- */

static void assert_refused(struct run *r, const struct command *c, const char *text)
{
    assert_false(post(r, c));
    assert_string_equal(answer_text, text);
}

static void test_refuses(void **state)
{
    (void)state;
    struct run r;
    const int class = 1;
    begin(&r, NULL);
    steps(&r, 1);
    assert_false(do_op(&r, COMMAND_PAUSE, 0));
    release(&r);
    assert_refused(&r, &(struct command){ .op = COMMAND_PAUSE, .count = 1 }, "paused already at step 1, device and memory given back; 'resume' goes on");
    assert_refused(&r, &(struct command){ .op = COMMAND_EVAL }, "eval needs the weights, and the run gave device and memory back; 'resume' takes them again");
    assert_refused(&r, &(struct command){ .op = COMMAND_HESSIAN, .n_classes = 1, .classes = &class },
                   "hessian needs the weights, and the run gave device and memory back; 'resume' takes them again");
    assert_refused(&r, &(struct command){ .op = COMMAND_SNAPSHOT, .text = "kept" },
                   "snapshot needs the weights, and the run gave device and memory back; 'resume' takes them again");
    assert_refused(&r, &(struct command){ .op = COMMAND_SAVE_WEIGHTS, .text = "w" },
                   "save weights needs the weights, and the run gave device and memory back; 'resume' takes them again");
    assert_true(do_op(&r, COMMAND_NOTE, 0) == false); /* no words */
    assert_true(post(&r, &(struct command){ .op = COMMAND_NOTE, .text = "lent to others" }));
    assert_true(do_op(&r, COMMAND_STOP, 0));
    assert_over(&r, "stopped");
    assert_true(r.log->state[r.log->n_states - 1]->step == 1); /* on disk since it was released */
    assert_refused(&r, &(struct command){ .op = COMMAND_EVAL },
                   "eval needs the weights, and the run gave device and memory back; to look at them, take it up again: resume test");
    run_free(&r);
}

/* Both are due at one step; a pending release keeps its word, and the measurement waits for the weights. */
static void test_pending(void **state)
{
    (void)state;
    struct run r;
    const int class = 0;
    char **texts;
    begin(&r, NULL);
    assert_true(post(&r, &(struct command){ .op = COMMAND_PAUSE, .count = 1, .when = WHEN_STEP, .when_value = 2 }));
    assert_true(post(&r, &(struct command){ .op = COMMAND_HESSIAN, .n_classes = 1, .classes = &class, .when = WHEN_STEP, .when_value = 2 }));
    assert_true(post(&r, &(struct command){ .op = COMMAND_SET, .knob = KNOB_MOMENTUM, .value = { .num = 0.3 }, .when = WHEN_STEP, .when_value = 2 }));
    assert_int_equal(trainer_pending(r.t, &texts), 3);
    assert_string_equal(texts[0], "1: pause --release at step 2");
    for (int i = 0; i < 3; i++)
        free(texts[i]);
    free(texts);
    go_on(&r);
    const int paused = find_event(r.log, EVENT_STATE, EV_STATE_WHY, "device and memory are given back", 0, true);
    assert_true(paused >= 0 && r.log->event[paused]->step == 2);
    assert_true(find_event(r.log, EVENT_CMD, EV_CMD_OP, "set", paused, true) > 0);
    assert_true(post(&r, &(struct command){ .op = COMMAND_NOTE, .text = "after it" }));
    assert_int_equal(trainer_pending(r.t, &texts), 1);
    free(texts[0]);
    free(texts);
    assert_int_equal(find_event(r.log, EVENT_EIG, 0, NULL, 0, false), -1);
    go_on(&r);
    assert_over(&r, "finished");
    const int eig = find_event(r.log, EVENT_EIG, 0, NULL, 0, false);
    assert_true(eig > paused && r.log->event[eig]->f[EV_EIG_OF].u == 2);
    run_free(&r);
}

/* A round of probes that is under way begins again from the weights of then. */
static void test_round(void **state)
{
    (void)state;
    struct run r;
    char plain[65], hash[65];
    train_through(NULL, false, plain);
    begin(&r, NULL);
    assert_true(post(&r, &(struct command){ .op = COMMAND_WATCH, .n_classes = 3, .classes = (const int[]){ 0, 1, 2 } }));
    assert_true(set(&r, "budget", "1"));
    steps(&r, SPE);
    release(&r);
    steps(&r, 1);
    release(&r);
    go_on(&r);
    assert_over(&r, "finished");
    for (int i = 0, seen = 0; seen < CLASSES; seen++, i++)
        assert_true((i = find_event(r.log, EVENT_EIG, 0, NULL, i, false)) >= 0);
    final_hash(&r, hash);
    assert_string_equal(plain, hash);
    run_free(&r);
}

/* --- memory -------------------------------------------------------------------------------------------------------- */

static double resident_mib(void)
{
    unsigned long all, pages = 0;
    FILE *f = fopen("/proc/self/statm", "re");
    if (!f || fscanf(f, "%lu %lu", &all, &pages) != 2)
        pages = 0;
    if (f)
        fclose(f);
    return (double)pages * (double)sysconf(_SC_PAGESIZE) / 1048576;
}

/* Sanitizers keep what is freed. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

static void test_memory(void **state)
{
    (void)state;
    struct run r;
    const double none = resident_mib();
    const int class = 0;
    begin(&r, &recipes[0]);
    assert_true(do_op(&r, COMMAND_EVAL, 0));
    assert_true(post(&r, &(struct command){ .op = COMMAND_HESSIAN, .n_classes = 1, .classes = &class }));
    steps(&r, 2);
    const double trains = resident_mib();
    release(&r);
    const double released = resident_mib();
    steps(&r, 1);
    const double again = resident_mib();
    print_message("# resident: %.1f MiB before, %.1f in training, %.1f released, %.1f in training again\n", none, trains, released, again);
    run_free(&r);
    if (none == 0 || SANITIZED)
        skip();
    assert_true(released - none < 0.35 * (trains - none));
    assert_true(again > released);
}

/* Somebody took the room meanwhile. */
static void test_no_room(void **state)
{
    (void)state;
    struct run r;
    struct rlimit limit, none;
    char plain[65], hash[65];
    if (SANITIZED)
        skip();
    train_through(NULL, false, plain);
    begin(&r, NULL);
    steps(&r, 4);
    release(&r);
    getrlimit(RLIMIT_AS, &limit);
    none = limit;
    none.rlim_cur = 1;
    setrlimit(RLIMIT_AS, &none);
    const bool resumed = do_op(&r, COMMAND_RESUME, 0), stepped = do_op(&r, COMMAND_STEP, 1);
    setrlimit(RLIMIT_AS, &limit);
    assert_false(resumed || stepped);
    assert_non_null(strstr(answer_text, "device and memory cannot be had again, and the run stays paused: resnet8 on images of 16x16 in batches of 16 needs "));
    struct trainer_status s;
    trainer_status(r.t, &s);
    assert_int_equal(s.phase, TRAINER_PAUSED);
    assert_false(do_op(&r, COMMAND_EVAL, 0));
    go_on(&r);
    assert_over(&r, "finished");
    final_hash(&r, hash);
    assert_string_equal(plain, hash);
    run_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory), /* first: nothing has been allocated yet */
        cmocka_unit_test(test_bits),   cmocka_unit_test(test_changes), cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_pending), cmocka_unit_test(test_round),  cmocka_unit_test(test_no_room),
    };
    return cmocka_run_group_tests_name("unit/release", tests, NULL, NULL);
}
