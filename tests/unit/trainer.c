/* The training thread on a handful of synthetic images: what it emits, what commands do and when, and that nothing but
 * set-up and commands decides the bits. */
#include "config.h"

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

#include "base/clock.h"
#include "base/err.h"
#include "base/rng.h"
#include "engine/criteria/loss.h"
#include "engine/data/dataset.h"
#include "engine/optim/optim.h"
#include "engine/run/trainer.h"
#include "tests/unit/running.h"
#include "tests/unit/trainer_resume.h"

/* --- tests --------------------------------------------------------------------------------------------------------- */

/* knobs.def and loss.h list the same words in the same order. */
static void test_tables_agree(void **state)
{
    (void)state;
    struct knobs k;
    char word[32];
    knobs_init(&k);
    for (int i = 0; i < LOSS_COUNT; i++) {
        k.v[KNOB_LOSS].num = i;
        assert_string_equal(knob_choice(&k, KNOB_LOSS, word, sizeof word), loss_table[i].name);
    }
    for (int i = 0; i < WEIGHTS_COUNT; i++) {
        k.v[KNOB_WEIGHTS].num = i;
        assert_string_equal(knob_choice(&k, KNOB_WEIGHTS, word, sizeof word), loss_weights_names[i]);
    }
}

static void test_whole_run(void **state)
{
    (void)state;
    struct run r;
    run_init(&r);
    run_start(&r);
    assert_over(&r, "finished");
    struct log *log = r.log;
    assert_int_equal(log->event[0]->kind, EVENT_CONFIG);
    assert_int_equal(log->event[1]->kind, EVENT_DATA);
    assert_true(log->event[1]->f[EV_DATA_STEPS_PER_EPOCH].u == SPE);
    assert_int_equal(log->event[2]->kind, EVENT_ENV);
    assert_non_null(log->event[2]->f[EV_ENV_ISA].s);
    assert_string_equal(log->event[3]->f[EV_STATE_STATE].s, "training");
    assert_int_equal(count_events(log, EVENT_STEP), 3 * SPE);
    assert_int_equal(count_events(log, EVENT_EPOCH), 3);
    assert_string_equal(log->event[log->n - 1]->f[EV_STATE_STATE].s, "finished");
    /* before the first step, and at the end of each epoch; the last one serves as the final one */
    assert_int_equal(log->n_states, 4);
    assert_true(log->state[0]->step == 0 && log->state[3]->step == 9 && log->state[3]->finite);
    int first = find_event(log, EVENT_EPOCH, 0, NULL, 0, false);
    const struct event *e = log->event[first];
    double loss = 0, right = 0;
    const uint32_t size[SPE] = { 16, 16, 2 };
    for (uint64_t s = 1; s <= SPE; s++) {
        loss += step_event(log, s)->f[EV_STEP_LOSS].f * size[s - 1] / 34;
        right += step_event(log, s)->f[EV_STEP_ACC].f * size[s - 1];
        assert_true(isnan(step_event(log, s)->f[EV_STEP_RHO].f));
    }
    assert_true(fabs(e->f[EV_EPOCH_TRAIN_LOSS].f - loss) < 1e-5);
    assert_true(fabs(e->f[EV_EPOCH_TRAIN_ACC].f - 100 * right / 34) < 1e-4);
    assert_int_equal(e->f[EV_EPOCH_TRAIN_CLS_LOSS].n, CLASSES);
    assert_int_equal(e->f[EV_EPOCH_CLS_LOSS].n, CLASSES);
    for (uint32_t c = 0; c < CLASSES; c++)
        loss -= (double)e->f[EV_EPOCH_TRAIN_CLS_LOSS].f32s[c] * log->event[1]->f[EV_DATA_COUNTS].u32s[c] / 34;
    assert_true(fabs(loss) < 1e-5);
    assert_int_equal(e->f[EV_EPOCH_CONF].n, CLASSES * CLASSES);
    uint32_t seen = 0, hits = 0;
    for (uint32_t i = 0; i < CLASSES * CLASSES; i++) {
        seen += e->f[EV_EPOCH_CONF].u32s[i];
        hits += i % (CLASSES + 1) == 0 ? e->f[EV_EPOCH_CONF].u32s[i] : 0;
    }
    assert_int_equal(seen, 18);
    assert_true(fabs(e->f[EV_EPOCH_ACC].f - 100.0 * hits / 18) < 1e-9);
    assert_true(e->f[EV_EPOCH_BEST].f == e->f[EV_EPOCH_ACC].f && e->f[EV_EPOCH_BEST_EP].f == 1);
    struct trainer_status s;
    trainer_status(r.t, &s);
    assert_true(s.total_steps == 9 && s.step == 9 && s.images_per_s > 0 && s.memory_bytes > 100000);
    run_free(&r);
}

/* The best is the first of the highest. */
static void test_best(void **state)
{
    (void)state;
    struct run r;
    double best = -1, best_epoch = -1;
    int fell_or_tied = 0;
    run_init(&r);
    knob(&r.knobs, "epochs", "10");
    knob(&r.knobs, "lr", "0.2");
    run_start(&r);
    assert_over(&r, "finished");
    for (int i = 0; (i = find_event(r.log, EVENT_EPOCH, 0, NULL, i, false)) >= 0; i++) {
        const struct event *e = r.log->event[i];
        fell_or_tied += e->f[EV_EPOCH_ACC].f <= best;
        if (e->f[EV_EPOCH_ACC].f > best) {
            best = e->f[EV_EPOCH_ACC].f;
            best_epoch = e->f[EV_EPOCH_EP].f;
        }
        assert_true(e->f[EV_EPOCH_BEST].f == best && e->f[EV_EPOCH_BEST_EP].f == best_epoch);
    }
    assert_true(fell_or_tied > 0); /* else this run shows nothing */
    run_free(&r);
}

/* The time to the end: the steps that are left, each as long as those before, and two evaluations. Batches are all of 16 images. */
static void test_time_to_the_end(void **state)
{
    (void)state;
    static const uint32_t counts[CLASSES] = { 16, 12, 4 };
    struct run r;
    struct trainer_status s;
    run_init(&r);
    dataset_free(&r.data);
    make_data(&r.data, counts, 0);
    r.setup.start_paused = true;
    run_start(&r);
    steps(&r, 2);
    trainer_status(r.t, &s);
    const double evaluation = r.log->event[find_event(r.log, EVENT_EPOCH, 0, NULL, 0, true)]->f[EV_EPOCH_SECONDS].f;
    const double wanted = 4 * BATCH / s.images_per_s + 2 * evaluation;
    assert_true(s.step == 2 && s.total_steps == 6 && fabs(s.eta_s - wanted) < 1e-6 * wanted);
    run_free(&r);
}

static void test_set_between_steps(void **state)
{
    (void)state;
    struct run r;
    run_init(&r);
    r.setup.start_paused = true;
    run_start(&r);
    steps(&r, 1);
    assert_true(set(&r, "lr", "0.01")); /* mid-epoch */
    assert_string_equal(answer_text, "lr 0.05 -> 0.01 from step 2 (ep 0.3); 'undo' reverts");
    steps(&r, 1);
    assert_true(step_event(r.log, 1)->f[EV_STEP_LR].f == (double)0.05f);
    assert_true(step_event(r.log, 2)->f[EV_STEP_LR].f == (double)0.01f);
    int cmd = find_event(r.log, EVENT_CMD, EV_CMD_OP, "set", 0, false);
    const struct event *e = r.log->event[cmd];
    assert_true(e->step == 1);
    assert_string_equal(e->f[EV_CMD_KEY].s, "lr");
    assert_string_equal(e->f[EV_CMD_VALUE].s, "0.01");
    assert_string_equal(e->f[EV_CMD_OLD].s, "0.05");
    assert_string_equal(e->f[EV_CMD_BITS].s, "3f847ae147ae147b"); /* 0.01 */
    assert_string_equal(e->f[EV_CMD_TXT].s, "set lr 0.01");
    assert_true(r.log->synced_at[cmd + 1] > cmd); /* on disk before anything follows from it */
    struct knobs now;
    trainer_knobs(r.t, &now);
    assert_true(now.v[KNOB_LR].schedule->base == 0.01 && now.by_hand[KNOB_LR] && !now.by_hand[KNOB_RHO]);
    run_free(&r);
}

static void test_set_refused(void **state)
{
    (void)state;
    struct run r;
    run_init(&r);
    r.setup.start_paused = true;
    run_start(&r);
    assert_false(set(&r, "model", "resnet20"));
    assert_non_null(strstr(answer_text, "fixed while a run exists"));
    assert_false(set(&r, "math", "tf32"));
    assert_non_null(strstr(answer_text, "math is fixed while a run exists (now fp32)"));
    assert_false(set(&r, "fps", "9"));
    assert_false(set(&r, "drw", "3"));
    assert_string_equal(answer_text, "drw 3 is past the end of training (3), it would never fire; not set (use --force)");
    struct command c = set_command("drw", "3");
    c.force = true;
    assert_true(post(&r, &c));
    steps(&r, 4);
    assert_false(set(&r, "epochs", "1"));
    assert_true(set(&r, "epochs", "2"));
    assert_true(set(&r, "rho", "0.5"));
    assert_true(find_event(r.log, EVENT_SAY, EV_SAY_TEXT, "opt is sgd, so rho does nothing", 0, false) >= 0);
    assert_true(set(&r, "rho", "0.1@0 0.2@9"));
    assert_true(find_event(r.log, EVENT_SAY, EV_SAY_TEXT, "epoch 9 is past the end", 0, false) >= 0);
    assert_true(set(&r, "rho", "0.1@0 0.2@9"));
    assert_string_equal(answer_text, "rho is 0.1@0 0.2@9 already");
    assert_int_equal(count_events(r.log, EVENT_CMD), 5); /* three settings, one step, one forced: no refused one */
    run_free(&r);
}

static void test_reweighting(void **state)
{
    (void)state;
    struct run r;
    run_init(&r);
    knob(&r.knobs, "weights", "effective");
    knob(&r.knobs, "drw", "1");
    knob(&r.knobs, "opt", "sam");
    knob(&r.knobs, "rho", "0.05");
    knob(&r.knobs, "rho_drw", "0.2");
    r.setup.start_paused = true;
    run_start(&r);
    steps(&r, 5);
    assert_true(fabs(step_event(r.log, 3)->f[EV_STEP_RHO].f - 0.05) < 1e-7);
    assert_true(fabs(step_event(r.log, 4)->f[EV_STEP_RHO].f - 0.2) < 1e-7);
    int say = find_event(r.log, EVENT_SAY, EV_SAY_TEXT, "drw ON at ep 1: weights effective", 0, false);
    assert_true(say >= 0);
    assert_true(r.log->event[say]->step == 3);
    assert_true(set(&r, "drw", "0"));
    assert_true(find_event(r.log, EVENT_SAY, EV_SAY_TEXT, "re-weighting is already on, nothing changes", 0, false) >= 0);
    assert_true(do_op(&r, COMMAND_RESUME, 0));
    assert_over(&r, "finished");
    int first = find_event(r.log, EVENT_EPOCH, 0, NULL, 0, false), second = find_event(r.log, EVENT_EPOCH, 0, NULL, first + 1, false);
    assert_true(r.log->event[first]->f[EV_EPOCH_DRW].u == 0 && r.log->event[second]->f[EV_EPOCH_DRW].u == 1);
    run_free(&r);
}

/* Losses of the first n steps with a loss that begins at epoch 1 of three steps; NULL: plain cross-entropy. */
static void first_losses(const char *name, double *loss, int n)
{
    struct run r;
    run_init(&r);
    if (name) {
        knob(&r.knobs, "loss", name);
        knob(&r.knobs, "ib_start", "1");
    }
    knob(&r.knobs, "lr", "0.0001");
    r.setup.start_paused = true;
    run_start(&r);
    steps(&r, n);
    for (int i = 0; i < n; i++)
        loss[i] = step_event(r.log, (uint64_t)i + 1)->f[EV_STEP_LOSS].f;
    if (name) {
        const int say = find_event(r.log, EVENT_SAY, EV_SAY_TEXT, "ib ON at ep 1: ib_alpha 1000, ib_factor through", 0, false);
        assert_true(say >= 0 && r.log->event[say]->step == 3);
        assert_true(set(&r, "ib_start", "2")); /* and off again */
        steps(&r, 1);
        loss[n] = step_event(r.log, (uint64_t)n + 1)->f[EV_STEP_LOSS].f;
    }
    run_free(&r);
}

/* Plain cross-entropy before, the same bits; the other loss from there on, and back when its epoch is moved. */
static void test_first_epoch(void **state)
{
    double plain[4], ib[5];
    (void)state;
    first_losses(NULL, plain, 4);
    first_losses("ib", ib, 4);
    for (int i = 0; i < 3; i++)
        assert_true(ib[i] == plain[i]);
    assert_true(ib[3] > 3 * plain[3]); /* 1000/(|p - e| |f|) is far above 1 here */
    assert_true(ib[4] < 3 * plain[3]);
}

static void test_pending(void **state)
{
    (void)state;
    struct run r;
    char **list;
    run_init(&r);
    r.setup.start_paused = true;
    run_start(&r);
    struct command c = set_command("lr", "0.02");
    c.when = WHEN_EPOCH, c.when_value = 1;
    assert_true(post(&r, &c));
    assert_non_null(strstr(answer_text, "pending 1: set lr 0.02 at epoch 1 (in 1.0 epochs"));
    c = set_command("momentum", "0.5");
    c.when = WHEN_STEP, c.when_value = 5;
    assert_true(post(&r, &c));
    c = set_command("weight_decay", "0.001");
    c.when = WHEN_IF, c.when_value = -1, c.when_above = true;
    snprintf(c.when_metric, sizeof c.when_metric, "tail");
    assert_true(post(&r, &c));
    c.when_above = false; /* never */
    assert_true(post(&r, &c));
    assert_int_equal(trainer_pending(r.t, &list), 4);
    assert_string_equal(list[0], "1: set lr 0.02 at epoch 1");
    assert_string_equal(list[3], "4: set weight_decay 0.001 if tail < -1");
    for (int i = 0; i < 4; i++)
        free(list[i]);
    free(list);
    struct command snap = { .op = COMMAND_SNAPSHOT };
    assert_true(post(&r, &snap));
    assert_string_equal(r.log->state[r.log->n_states - 1]->pending[1], "set momentum 0.5 at step 5");
    assert_false(do_op(&r, COMMAND_CANCEL, 9));
    assert_true(do_op(&r, COMMAND_CANCEL, 2));
    c = set_command("lr", "0.5");
    c.when = WHEN_EPOCH, c.when_value = 3;
    assert_false(post(&r, &c)); /* the end */
    steps(&r, 6);
    c.when_value = 1;
    assert_false(post(&r, &c)); /* past */
    assert_non_null(strstr(answer_text, "is past"));
    assert_true(step_event(r.log, 3)->f[EV_STEP_LR].f == (double)0.05f);
    assert_true(step_event(r.log, 4)->f[EV_STEP_LR].f == (double)0.02f);
    struct knobs now;
    trainer_knobs(r.t, &now);
    assert_true(now.v[KNOB_MOMENTUM].num == 0.9 && now.v[KNOB_WEIGHT_DECAY].num == 0.001);
    struct trainer_status s;
    trainer_status(r.t, &s);
    assert_int_equal(s.n_pending, 1);
    int set_at = find_event(r.log, EVENT_CMD, EV_CMD_OP, "set", 0, false);
    assert_string_equal(r.log->event[set_at]->f[EV_CMD_BY].s, "schedule");
    assert_true(r.log->event[set_at]->f[EV_CMD_ID].u == 1 && r.log->event[set_at]->step == 3);
    run_free(&r);
}

/* The first back end call numbered `bad` gives a loss that is not finite. */
static int calls, bad;
static int faulty_gradient(struct model *m, const struct pass *pass, float *grad, struct pass_result *result, struct err *err)
{
    int failed = backend_cpu.gradient(m, pass, grad, result, err);
    if (pass->mode == PASS_TRAIN && ++calls == bad)
        result->loss = NAN;
    return failed;
}

static void test_divergence(void **state)
{
    (void)state;
    struct backend faulty = backend_cpu;
    struct run r;
    char whole[65], retried[65];
    struct trainer_status s;
    calls = 0, bad = 0;
    faulty.gradient = faulty_gradient;
    run_init(&r);
    r.setup.backend = &faulty;
    run_start(&r);
    assert_over(&r, "finished");
    final_hash(&r, whole);
    run_free(&r);

    calls = 0, bad = 5;
    run_init(&r);
    r.setup.backend = &faulty;
    run_start(&r);
    int paused = find_event(r.log, EVENT_STATE, EV_STATE_STATE, "paused", 0, true);
    assert_true(paused >= 0);
    assert_string_equal(r.log->event[paused]->f[EV_STATE_WHY].s, "the loss is nan at step 5, before the update; last snapshot: step 3");
    assert_true(r.log->event[paused]->step == 4);
    assert_true(do_op(&r, COMMAND_RESUME, 0));
    assert_over(&r, "finished");
    assert_false((trainer_status(r.t, &s), s.diverged));
    final_hash(&r, retried);
    assert_string_equal(whole, retried); /* nothing of the failed step was left behind */
    run_free(&r);

    calls = 0, bad = 2;
    run_init(&r);
    knob(&r.knobs, "on_nan", "stop");
    r.setup.backend = &faulty;
    run_start(&r);
    assert_over(&r, "diverged");
    assert_int_equal(count_events(r.log, EVENT_STEP), 1);
    run_free(&r);
}

static void test_probe_changes_nothing(void **state)
{
    (void)state;
    struct run r;
    char plain[65], probed[65];
    plain_hash(plain);

    run_init(&r);
    knob(&r.knobs, "budget", "1");
    knob(&r.knobs, "hessian_iters", "2");
    r.setup.start_paused = true;
    run_start(&r);
    struct command c = { .op = COMMAND_WATCH, .n_classes = 2, .classes = (const int[]){ 0, 2 } };
    assert_true(post(&r, &c));
    steps(&r, 4);
    c = (struct command){ .op = COMMAND_HESSIAN, .n_classes = 1, .classes = (const int[]){ 1 }, .count = 6 };
    assert_true(post(&r, &c));
    assert_non_null(strstr(answer_text, "1 sea: "));
    assert_non_null(strstr(answer_text, "at step 4 (ep 1.3)"));
    assert_true(do_op(&r, COMMAND_RESUME, 0));
    assert_over(&r, "finished");
    final_hash(&r, probed);
    assert_string_equal(plain, probed);
    assert_true(count_events(r.log, EVENT_EIG) >= 3);
    int asked = find_event(r.log, EVENT_EIG, EV_EIG_SUBSET, NULL, 0, false);
    const struct event *e = r.log->event[asked];
    assert_true(e->f[EV_EIG_LMIN].f <= e->f[EV_EIG_LMAX].f);
    double sum = 0;
    for (uint32_t i = 0; i < e->f[EV_EIG_WTS].n; i++)
        sum += e->f[EV_EIG_WTS].f64s[i];
    assert_true(fabs(sum - 1) < 1e-9);
    assert_int_equal(strlen(e->f[EV_EIG_SUBSET].s), 16);
    run_free(&r);
}

/* The mean over 130 images that are 65 twins is the mean over 65: one shard against two. */
static void test_probe_shards(void **state)
{
    (void)state;
#ifdef __SANITIZE_THREAD__
    skip(); /* about numbers, and minutes of them */
#endif
    const uint32_t counts[CLASSES] = { 130, 10, 1 };
    struct run r;
    run_init(&r);
    dataset_free(&r.data);
    make_data(&r.data, counts, 65);
    knob(&r.knobs, "batch", "128");
    r.setup.start_paused = true;
    run_start(&r);
    struct command c = { .op = COMMAND_HESSIAN, .n_classes = 1, .classes = (const int[]){ 0 }, .count = 5, .probe.images = 65 };
    assert_true(post(&r, &c));
    c.probe.images = 130;
    assert_true(post(&r, &c));
    int one = find_event(r.log, EVENT_EIG, EV_EIG_SUBSET, NULL, 0, false), two = find_event(r.log, EVENT_EIG, EV_EIG_SUBSET, NULL, one + 1, false);
    const struct event *a = r.log->event[one], *b = r.log->event[two];
    assert_true(a->f[EV_EIG_IMAGES].u == 65 && b->f[EV_EIG_IMAGES].u == 130);
    double top = a->f[EV_EIG_LMAX].f;
    assert_true(top > 0);
    assert_true(fabs(a->f[EV_EIG_LOSS].f - b->f[EV_EIG_LOSS].f) < 1e-6);
    assert_true(fabs(b->f[EV_EIG_LMAX].f - top) < 1e-4 * top);
    assert_true(fabs(b->f[EV_EIG_LMIN].f - a->f[EV_EIG_LMIN].f) < 1e-3 * top);
    c = (struct command){ .op = COMMAND_HESSIAN, .n_classes = 1, .classes = (const int[]){ 2 } }; /* a single image is a class, too */
    assert_true(post(&r, &c));
    c.classes = (const int[]){ 3 };
    assert_false(post(&r, &c));
    run_free(&r);
}

static void test_probe_cancel(void **state)
{
    (void)state;
    struct run r;
    run_init(&r);
    r.setup.start_paused = true;
    run_start(&r);
    struct command c = { .op = COMMAND_HESSIAN, .n_classes = 1, .classes = (const int[]){ 0 }, .count = 1000 };
    long id = trainer_post(r.t, &c, &last);
    assert_true(id > 0);
    assert_true(find_event(r.log, EVENT_PROGRESS, EV_PROGRESS_WHAT, "hessian", 0, true) >= 0);
    trainer_cancel(r.t);
    int i = find_event(r.log, EVENT_ANSWER, 0, NULL, 0, true);
    assert_true(i >= 0);
    assert_true((long)r.log->event[i]->f[EV_ANSWER_ID].u == id && r.log->event[i]->f[EV_ANSWER_OK].u == 0);
    assert_string_equal(r.log->event[i]->f[EV_ANSWER_TEXT].s, "cancelled");
    assert_int_equal(count_events(r.log, EVENT_EIG), 0);
    assert_true(do_op(&r, COMMAND_STOP, 0));
    assert_over(&r, "stopped"); /* while paused */
    run_free(&r);
}

static void test_free_from_any_state(void **state)
{
    (void)state;
    struct run r;
    run_init(&r);
    r.t = trainer_new(&r.setup, &last);
    assert_non_null(r.t);
    struct trainer_status s;
    trainer_status(r.t, &s);
    assert_int_equal(s.phase, TRAINER_READY);
    assert_int_equal(trainer_wait(r.t, 0, 1), 0);
    run_free(&r); /* never started */

    run_init(&r);
    run_start(&r);
    run_free(&r); /* at once */

    run_init(&r);
    r.setup.start_paused = true;
    run_start(&r);
    struct command c = { .op = COMMAND_HESSIAN, .n_classes = 1, .classes = (const int[]){ 0 }, .count = 1000 };
    assert_true(trainer_post(r.t, &c, &last) > 0);
    assert_true(find_event(r.log, EVENT_PROGRESS, EV_PROGRESS_WHAT, "hessian", 0, true) >= 0);
    run_free(&r); /* in a probe */

    run_init(&r);
    knob(&r.knobs, "epochs", "1000");
    run_start(&r);
    assert_int_equal(trainer_wait(r.t, 2, WAIT_MS), 1);
    trainer_free(r.t); /* training */
    r.t = NULL;
    assert_string_equal(r.log->event[r.log->n - 1]->f[EV_STATE_STATE].s, "stopped");
    assert_true(r.log->state[r.log->n_states - 1]->step == r.log->event[r.log->n - 1]->step);
    run_free(&r);

    trainer_free(NULL);
}

static void test_after_the_end(void **state)
{
    (void)state;
    struct run r;
    run_init(&r);
    knob(&r.knobs, "epochs", "1");
    run_start(&r);
    assert_over(&r, "finished");
    struct command c = { .op = COMMAND_EVAL };
    c.text = "train";
    assert_true(post(&r, &c));
    assert_non_null(strstr(answer_text, "train: acc "));
    c.text = "val";
    assert_false(post(&r, &c));
    assert_false(set(&r, "lr", "0.1"));
    assert_string_equal(answer_text, "the run is over (finished)");
    run_free(&r);
}

static void test_saved_files(void **state)
{
    (void)state;
    struct run r;
    char path[] = "/tmp/saddle-unit-XXXXXX", weights[64], gradient[64], product[64];
    assert_non_null(mkdtemp(path));
    snprintf(weights, sizeof weights, "%s/w", path);
    snprintf(gradient, sizeof gradient, "%s/g", path);
    snprintf(product, sizeof product, "%s/h", path);
    run_init(&r);
    r.setup.start_paused = true;
    run_start(&r);
    steps(&r, 1);
    struct command c = { .op = COMMAND_SAVE_WEIGHTS };
    c.text = weights;
    assert_true(post(&r, &c));
    assert_false(post(&r, &c)); /* exists */
    c.force = true;
    assert_true(post(&r, &c));
    c = (struct command){ .op = COMMAND_SAVE_GRADIENT, .count = 2 };
    c.text = gradient;
    assert_true(post(&r, &c));
    c.op = COMMAND_SAVE_HVP;
    c.text = product;
    c.direction = gradient;
    assert_true(post(&r, &c));
    assert_int_equal(access(product, R_OK), 0);
    c.count = SPE;
    c.force = true;
    assert_false(post(&r, &c));
    unlink(weights), unlink(gradient), unlink(product), rmdir(path);
    run_free(&r);
}

static void test_setup_refused(void **state)
{
    (void)state;
    struct run r;
    run_init(&r);
    dataset_free(&r.data);
    const uint32_t counts[CLASSES] = { 20, 10, 0 };
    make_data(&r.data, counts, 0);
    knob(&r.knobs, "weights", "inverse");
    assert_null(trainer_new(&r.setup, &last));
    assert_non_null(strstr(last.text, "class 2 has no training images"));
    knob(&r.knobs, "weights", "none");
    knob(&r.knobs, "math", "tf32");
    assert_null(trainer_new(&r.setup, &last));
    assert_non_null(strstr(last.text, "math tf32: device cpu computes in fp32"));
    knob(&r.knobs, "math", "fp32");
    r.setup.start_paused = true;
    run_start(&r);
    struct command c = { .op = COMMAND_HESSIAN, .n_classes = 1, .classes = (const int[]){ 2 } };
    assert_false(post(&r, &c));
    assert_string_equal(answer_text, "class 2 sand has no training images to probe");
    assert_false(set(&r, "weights", "effective"));
    assert_non_null(strstr(answer_text, "class 2 has no training images"));
    steps(&r, 1);
    run_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tables_agree),
        cmocka_unit_test(test_whole_run),
        cmocka_unit_test(test_best), cmocka_unit_test(test_time_to_the_end),
        cmocka_unit_test(test_set_between_steps),
        cmocka_unit_test(test_set_refused),
        cmocka_unit_test(test_reweighting),
        cmocka_unit_test(test_first_epoch),
        cmocka_unit_test(test_pending),
        cmocka_unit_test(test_divergence),
        cmocka_unit_test(test_probe_changes_nothing),
        cmocka_unit_test(test_probe_shards),
        cmocka_unit_test(test_probe_cancel),
        cmocka_unit_test(test_free_from_any_state),
        cmocka_unit_test(test_after_the_end),
        cmocka_unit_test(test_saved_files),
        cmocka_unit_test(test_setup_refused),
    };
    return cmocka_run_group_tests_name("unit/trainer", tests, NULL, NULL) + trainer_resume_tests();
}
