/* The second stage of a run: what trains in it, and that it can be taken up again anywhere with the same bits. */
#include "config.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/run/learner.h"
#include "engine/stages.h"
#include "tests/unit/running.h"
#include "tests/unit/school.h"


enum { FIRST = 2, SECOND = 2, BEGINS = SPE * FIRST, ALL = SPE * (FIRST + SECOND) };

static void set_stage(struct knobs *k)
{
    knob(k, "epochs", "2");
    knob(k, "stage", "crt");
    knob(k, "stage_epochs", "2");
    knob(k, "stage_lr", "0.1@0 0.02@1");
}

static int enter_stage(void **state)
{
    enter(state);
    set_stage(&((struct school *)*state)->knobs);
    return 0;
}

static void steps_until(struct learner *l, uint64_t end)
{
    struct learned done;
    while (l->step < end)
        if (learner_step(l, &done, &last) < 0)
            fail_msg("%s", last.text);
}

static float *numbers_of(const struct learner *l, const float *vector, size_t n)
{
    float *w = malloc(n * sizeof *w);
    assert_non_null(w);
    l->backend->vec_read(l->model, w, vector, n);
    return w;
}

static bool same(const float *a, const float *b, size_t n)
{
    return memcmp(a, b, n * sizeof *a) == 0;
}

/* --- what trains --------------------------------------------------------------------------------------------------- */

static void test_crt(void **state)
{
    struct learner l;
    open_learner(&l, *state, &backend_cpu);
    assert_int_equal(learner_total(&l), ALL);
    steps_until(&l, BEGINS);
    assert_true(!l.second && learner_stage_due(&l) && learner_stage_epoch(&l) == FIRST - 1);
    const size_t n = l.net.params.total, head = l.net.head_weight, rest = n - head;
    float *before = weights_of(&l), *stats = numbers_of(&l, l.stats, l.net.stats.total);
    assert_int_equal(learner_begin_stage(&l, &last), 0);
    assert_true(l.second && !learner_stage_due(&l) && learner_stage_epoch(&l) == FIRST);
    assert_int_equal(l.optim.groups.trainable, rest);
    float *drawn = weights_of(&l), *momentum = numbers_of(&l, l.optim.momentum, n);
    assert_true(same(before, drawn, head) && !same(before + head, drawn + head, rest));
    for (size_t i = 0; i < n; i++)
        assert_true(momentum[i] == 0);
    assert_string_equal(batches_sampler(&l.batches)->name, "class-aware");
    steps_until(&l, ALL);
    float *after = weights_of(&l), *stats_after = numbers_of(&l, l.stats, l.net.stats.total);
    assert_true(same(before, after, head) && !same(drawn + head, after + head, rest));
    assert_false(same(stats, stats_after, l.net.stats.total)); /* shifted */
    free(before), free(drawn), free(after), free(momentum), free(stats), free(stats_after);
    learner_close(&l);
}

/* The network always has the scaled classifier. */
static void test_lws(void **state)
{
    struct learner l;
    knob(&((struct school *)*state)->knobs, "stage", "lws");
    open_learner(&l, *state, &backend_cpu);
    steps_until(&l, BEGINS);
    const size_t head = l.net.head_weight, row = (size_t)l.net.features;
    float *before = weights_of(&l);
    steps_until(&l, ALL);
    float *after = weights_of(&l);
    assert_true(same(before, after, head) && same(before + head, l.optim.scales.classifier, CLASSES * (row + 1)));
    for (size_t c = 0; c < CLASSES; c++) {
        assert_true(l.optim.scales.s[c] != 1);
        for (size_t i = 0; i < row; i++)
            assert_true(after[head + c * row + i] == l.optim.scales.s[c] * before[head + c * row + i]);
    }
    free(before), free(after);
    learner_close(&l);
}

static void test_frozen_norm(void **state)
{
    struct learner l;
    knob(&((struct school *)*state)->knobs, "stage_norm", "frozen");
    open_learner(&l, *state, &backend_cpu);
    steps_until(&l, BEGINS);
    float *stats = numbers_of(&l, l.stats, l.net.stats.total);
    steps_until(&l, ALL);
    float *after = numbers_of(&l, l.stats, l.net.stats.total);
    assert_true(same(stats, after, l.net.stats.total));
    free(stats), free(after);
    learner_close(&l);
}

/* The images go once through the part before the classifier where nothing in it moves; the steps have the bits of steps over the images. */
static void check_bank(struct school *s, const char *stage, const char *rho)
{
    struct learner l, whole;
    knob(&s->knobs, "stage", stage);
    knob(&s->knobs, "stage_rho", rho);
    open_learner(&l, s, &backend_cpu);
    open_learner(&whole, s, &backend_cpu);
    steps_until(&l, BEGINS);
    steps_until(&whole, BEGINS);
    const size_t n = l.net.params.total, without = learner_memory(&l);
    if (learner_begin_stage(&whole, &last) < 0 || learner_use_loss(&whole, &last) < 0)
        fail_msg("%s", last.text);
    assert_null(l.bank.feature);
    for (uint32_t i = 0; i < ALL - BEGINS; i++) {
        struct learned done;
        struct optimiser_result r;
        struct batch batch;
        assert_int_equal(learner_step(&l, &done, &last), 0);
        assert_true(l.bank.feature && learner_memory(&l) >= without + sizeof(float) * l.data->train.n * (size_t)l.net.features);
        assert_int_equal(batches_get(&whole.batches, FIRST + i / SPE, i % SPE, false, &batch, &last), 0);
        assert_true(batch.images && !batch.features);
        const struct optim_task task = { .batch = &batch, .criterion = &whole.loss.criterion, .w = whole.params, .stats = whole.stats };
        assert_int_equal(optim_step(&whole.optim, &done.k, &task, &r, &last), 0);
        assert_true(r.first.loss == done.r.first.loss && r.norm == done.r.norm && r.first.correct == done.r.first.correct);
    }
    float *w = weights_of(&l), *other = weights_of(&whole);
    assert_true(same(w, other, n));
    free(w), free(other);
    learner_close(&l);
    learner_close(&whole);
}

static void test_bank(void **state)
{
    struct school *s = *state;
    struct learner l;
    knob(&s->knobs, "stage_augment", "off");
    open_learner(&l, s, &backend_cpu);
    steps_until(&l, BEGINS + 1);
    assert_null(l.bank.feature); /* statistics move */
    learner_close(&l);
    knob(&s->knobs, "stage_norm", "frozen");
    check_bank(s, "crt", "0");
    check_bank(s, "crt", "0.1");
    check_bank(s, "lws", "0@0 0.1@1");
    check_bank(s, "ccsam", "0");
}

/* Schedules, decay, optimiser and loss are the stage's. */
static void test_in_force(void **state)
{
    struct school *s = *state;
    struct learner l;
    struct learned done;
    knob(&s->knobs, "opt", "sam");
    knob(&s->knobs, "weights", "inverse");
    knob(&s->knobs, "drw", "1");
    knob(&s->knobs, "stage_rho", "0@0 0.3@1");
    open_learner(&l, s, &backend_cpu);
    steps_until(&l, BEGINS - 1);
    assert_int_equal(learner_step(&l, &done, &last), 0);
    assert_true(done.k.kind == OPTIMISER_SAM && done.k.weight_decay == 2e-4f && l.loss.weight[0] < l.loss.weight[2]);
    assert_int_equal(learner_step(&l, &done, &last), 0);
    assert_true(done.k.kind == OPTIMISER_SGD && done.k.weight_decay == 5e-4f && done.k.lr == 0.1f);
    assert_true(l.loss.weight[0] == l.loss.weight[2]);
    steps_until(&l, BEGINS + SPE);
    assert_int_equal(learner_step(&l, &done, &last), 0);
    assert_true(done.k.kind == OPTIMISER_SAM && done.k.rho == 0.3 && done.k.lr == 0.02f);
    learner_close(&l);
    knob(&s->knobs, "stage_loss", "same");
    open_learner(&l, s, &backend_cpu);
    steps_until(&l, BEGINS + 1);
    assert_true(l.loss.weight[0] < l.loss.weight[2]);
    learner_close(&l);
    struct knobs k = s->knobs; /* weights that were to come when the stage begins never came */
    k.v[KNOB_DRW].num = BEGINS / SPE;
    assert_true(knob_int(&k, KNOB_EPOCHS) == BEGINS / SPE && !knobs_drw_on(&k, BEGINS / SPE));
    k.v[KNOB_DRW].num--;
    assert_true(knobs_drw_on(&k, BEGINS / SPE));
}

/* CC-SAM's stage keeps the classifier, has no radius, and shifts features with a share that grows to its cap. */
static void test_shifts(void **state)
{
    struct school *s = *state;
    struct learner l;
    struct learned done;
    knob(&s->knobs, "stage", "ccsam");
    knob(&s->knobs, "stage_rho", "0.1");
    knob(&s->knobs, "stage_lr", "0");
    knob(&s->knobs, "stage_weight_decay", "0");
    knob(&s->knobs, "ccsam_cap", "0.75");
    open_learner(&l, s, &backend_cpu);
    steps_until(&l, BEGINS);
    float *before = numbers_of(&l, l.params, l.net.params.total);
    assert_int_equal(learner_step(&l, &done, &last), 0);
    float *after = numbers_of(&l, l.params, l.net.params.total);
    assert_true(same(before, after, l.net.params.total));
    assert_true(done.k.kind == OPTIMISER_CCSAM && done.k.ccsam_shifts && done.k.ccsam_phi == 0.5 && done.r.second.loss > 0);
    steps_until(&l, BEGINS + SPE);
    assert_int_equal(learner_step(&l, &done, &last), 0);
    assert_true(done.k.ccsam_phi == 0.75);
    free(before);
    free(after);
    learner_close(&l);
}

/* --- taken up again ------------------------------------------------------------------------------------------------ */

static const struct variant {
    const char *name, *set[10];
} variants[] = {
    { "crt", { NULL } },
    { "crt, frozen", { "stage_norm", "frozen" } },
    { "crt, frozen, plain images", { "stage_norm", "frozen", "stage_augment", "off" } },
    { "crt by SAM after drw", { "weights", "effective", "drw", "1", "stage_rho", "0.1", "stage_loss", "same", "opt", "sam" } },
    { "lws", { "stage", "lws" } },
    { "lws, frozen, plain images", { "stage", "lws", "stage_norm", "frozen", "stage_augment", "off" } },
    { "lws by SAM, frozen", { "stage", "lws", "stage_norm", "frozen", "stage_rho", "0.1" } },
    { "ccsam", { "stage", "ccsam", "ccsam_cap", "0.75" } },
    { "ccsam, frozen, plain images", { "stage", "ccsam", "stage_norm", "frozen", "stage_augment", "off", "loss", "la" } },
    { "progressive", { "stage_sampler", "progressive" } },
};

static struct learner unbroken, again;

/* From the state at step `at` to the end: the bits of the run that was not broken. */
static void check_from(struct school *s, struct train_state *at, const struct train_state *end)
{
    struct train_state *got;
    open_learner(&again, s, &backend_cpu);
    if (learner_restore(&again, at, &last) < 0)
        fail_msg("step %d: %s", (int)at->step, last.text);
    assert_int_equal(again.second, at->step > BEGINS);
    steps_until(&again, ALL);
    got = learner_capture(&again);
    assert_int_equal(got->n_vectors, end->n_vectors);
    for (int i = 0; i < end->n_vectors; i++)
        if (memcmp(got->vector[i].data, end->vector[i].data, end->vector[i].n * sizeof(float)) != 0)
            fail_msg("vector %d differs when taken up at step %d", i, (int)at->step);
    assert_true(got->epoch_loss == end->epoch_loss && got->epoch_correct == end->epoch_correct);
    train_state_free(got);
    learner_close(&again);
}

/* Of a stage that keeps more or less than the state has. */
static void check_strange(struct school *s, struct train_state *at)
{
    knob(&s->knobs, "stage", at->n_vectors > STATE_SCALED ? "crt" : "lws");
    open_learner(&again, s, &backend_cpu);
    assert_int_equal(learner_restore(&again, at, &last), -1);
    assert_int_equal(last.code, ERR_DATA);
    assert_non_null(strstr(last.text, at->n_vectors > STATE_SCALED ? "holds 6 vectors" : "needs 6 in stage lws"));
    learner_close(&again);
}

static void test_taken_up_again(void **state)
{
    struct school *s = *state;
    const struct knobs knobs = s->knobs;
    static const int moments[] = { BEGINS - 1, BEGINS, BEGINS + 1, BEGINS + SPE, ALL };
    enum { MOMENTS = sizeof moments / sizeof moments[0], BEGUN = 2 };
    for (size_t v = 0; v < sizeof variants / sizeof variants[0]; v++) {
        struct train_state *at[MOMENTS];
        s->knobs = knobs;
        for (int i = 0; i < 10 && variants[v].set[i]; i += 2)
            knob(&s->knobs, variants[v].set[i], variants[v].set[i + 1]);
        open_learner(&unbroken, s, &backend_cpu);
        for (int i = 0; i < MOMENTS; i++) {
            steps_until(&unbroken, (uint64_t)moments[i]);
            at[i] = learner_capture(&unbroken);
            assert_non_null(at[i]);
        }
        for (int i = 0; i < MOMENTS; i++)
            check_from(s, at[i], at[MOMENTS - 1]);
        check_strange(s, at[BEGUN]);
        for (int i = 0; i < MOMENTS; i++)
            train_state_free(at[i]);
        learner_close(&unbroken);
    }
}

/* --- what cannot be made -------------------------------------------------------------------------------------------- */

static void test_refused(void **state)
{
    struct school *s = *state;
    struct learner l;
    knob(&s->knobs, "stage", "lws");
    knob(&s->knobs, "head", "norm");
    assert_int_equal(learner_open(&l, &backend_cpu, 0, &s->data, &s->knobs, &last), -1);
    assert_non_null(strstr(last.text, "stage lws trains a factor for each row of the classifier, and head is norm"));
    learner_close(&l);
    knob(&s->knobs, "stage", "crt");
    s->data.train.count[1] = 0;
    assert_int_equal(learner_open(&l, &backend_cpu, 0, &s->data, &s->knobs, &last), -1);
    assert_non_null(strstr(last.text, "sampler class-aware visits class 1, which has no training images"));
    learner_close(&l);
    s->data.train.count[1] = train_counts[1];
    open_learner(&l, s, &backend_cpu);
    struct knobs other = s->knobs;
    knob(&other, "stage", "lws");
    assert_int_equal(learner_plan_stage(&l, &other, &last), -1);
    steps_until(&l, BEGINS + 1); /* the one that was planned is there still */
    learner_close(&l);
}

/* --- in a run ------------------------------------------------------------------------------------------------------- */

static void start(struct run *r, bool paused)
{
    run_init(r);
    set_stage(&r->knobs);
    knob(&r->knobs, "weights", "inverse");
    knob(&r->knobs, "drw", "1");
    knob(&r->knobs, "eval_every", "0");
    r->setup.start_paused = paused;
}

static const struct event *stage_event(struct run *r, const char *name)
{
    const int i = find_event(r->log, EVENT_STAGE, EV_STAGE_NAME, name, 0, false);
    assert_true(i >= 0);
    return r->log->event[i];
}

/* Each stage but the first is told of once, with its first step, and probes are of what trains. */
static void test_events(void **state)
{
    (void)state;
    struct run r;
    start(&r, true);
    run_start(&r);
    steps(&r, BEGINS);
    const struct command hessian = { .op = COMMAND_HESSIAN, .n_classes = 1, .classes = (const int[]){ 0 }, .count = 3, .probe.images = 4 };
    assert_int_equal(count_events(r.log, EVENT_STAGE), 1);
    assert_true(post(&r, &hessian)); /* before it has begun */
    steps(&r, 2);
    assert_true(post(&r, &hessian));
    assert_int_equal(count_events(r.log, EVENT_STAGE), 2);
    const struct event *drw = stage_event(&r, "drw"), *crt = stage_event(&r, "crt");
    assert_true(drw->step == SPE + 1 && drw->f[EV_STAGE_FIRST].u == 1 && drw->f[EV_STAGE_EPOCHS].u == 1 && drw->f[EV_STAGE_NUMBER].u == 2);
    assert_string_equal(drw->f[EV_STAGE_WEIGHTS].s, "inverse");
    assert_true(crt->step == BEGINS + 1 && crt->f[EV_STAGE_FIRST].u == 2 && crt->f[EV_STAGE_EPOCHS].u == 2 && crt->f[EV_STAGE_NUMBER].u == 3);
    assert_true(crt->f[EV_STAGE_STEPS_PER_EPOCH].u == SPE && crt->f[EV_STAGE_REDRAW].u == 1 && crt->f[EV_STAGE_AUGMENT].u == 1);
    assert_string_equal(crt->f[EV_STAGE_TRAINS].s, "head");
    assert_string_equal(crt->f[EV_STAGE_SAMPLER].s, "class-aware");
    assert_string_equal(crt->f[EV_STAGE_NORM].s, "shifted");
    assert_string_equal(crt->f[EV_STAGE_LOSS].s, "ce");
    assert_string_equal(crt->f[EV_STAGE_WEIGHTS].s, "none");
    const int before = find_event(r.log, EVENT_EIG, EV_EIG_SUBSET, NULL, 0, false), after = find_event(r.log, EVENT_EIG, EV_EIG_SUBSET, NULL, before + 1, false);
    assert_true(r.log->event[before]->f[EV_EIG_LMIN].f < 0);
    assert_true(r.log->event[after]->f[EV_EIG_LMIN].f > -1e-5); /* the loss of a linear classifier is convex */
    run_free(&r);
}

static void test_set(void **state)
{
    (void)state;
    struct run r;
    start(&r, true);
    run_start(&r);
    steps(&r, SPE + 1);
    assert_false(set(&r, "epochs", "1"));
    assert_string_equal(answer_text, "epochs 1: stage crt would begin then, and the run is at epoch 1.3 already; accepted: 2 and more");
    assert_true(set(&r, "stage_sampler", "instance"));
    steps(&r, 2);
    assert_true(set(&r, "stage_norm", "frozen")); /* its moment has come, but no step of it is done */
    steps(&r, 1);
    assert_string_equal(stage_event(&r, "crt")->f[EV_STAGE_NORM].s, "frozen");
    assert_false(set(&r, "stage_sampler", "class-aware"));
    assert_string_equal(answer_text, "stage_sampler is fixed (instance) since stage crt began at epoch 2; 'stage crt --from test@2' begins one anew from there");
    assert_false(set(&r, "epochs", "3"));
    assert_true(set(&r, "stage_lr", "0.5"));
    assert_true(set(&r, "stage_epochs", "1"));
    assert_true(set(&r, "lr", "0.5"));
    assert_true(find_event(r.log, EVENT_SAY, EV_SAY_TEXT, "the first stage is over, so lr does nothing any more; the second has stage_lr", 0, false) >= 0);
    assert_true(do_op(&r, COMMAND_RESUME, 0));
    assert_over(&r, "finished");
    assert_true(step_event(r.log, BEGINS + 2)->f[EV_STEP_LR].f == 0.5);
    struct trainer_status s;
    trainer_status(r.t, &s);
    assert_true(s.step == BEGINS + SPE && s.total_steps == s.step);
    run_free(&r);
}

/* A run of stage lws that kept the states before, at and after its beginning. */
static void run_whole(struct run *r, char hash[65])
{
    start(r, true);
    knob(&r->knobs, "stage", "lws");
    knob(&r->knobs, "snapshot_every", "0");
    run_start(r);
    steps(r, BEGINS - 1);
    for (int i = 0; i < 3; i++) {
        assert_true(do_op(r, COMMAND_SNAPSHOT, 0));
        steps(r, 1);
    }
    const struct command hessian = { .op = COMMAND_HESSIAN, .n_classes = 1, .classes = (const int[]){ 0 }, .count = 9, .probe.images = 4 };
    assert_true(post(r, &hessian));
    const struct event *eig = r->log->event[find_event(r->log, EVENT_EIG, EV_EIG_SUBSET, NULL, 0, false)];
    assert_true(eig->f[EV_EIG_ITERS].u == CLASSES && eig->f[EV_EIG_LMIN].f > -1e-5); /* over its scales, a convex loss too */
    assert_true(do_op(r, COMMAND_RESUME, 0));
    assert_over(r, "finished");
    final_hash(r, hash);
}

/* A recording that ended anywhere near the beginning of a stage: what it lacks of the event follows, once. */
static void test_roll(void **state)
{
    (void)state;
    static const struct {
        uint64_t from, until, told; /* the snapshot; last step and last STAGE event in the journal */
        int events;
    } cuts[] = { { BEGINS, BEGINS, SPE + 1, 1 }, { BEGINS - 1, BEGINS + 1, SPE + 1, 1 }, { BEGINS - 1, BEGINS + 1, BEGINS + 1, 0 },
                 { BEGINS, BEGINS + 2, BEGINS + 1, 0 }, { BEGINS + 1, BEGINS + 1, BEGINS + 1, 0 } };
    struct run whole, rest;
    char hash[65], again_hash[65];
    run_whole(&whole, hash);
    for (size_t i = 0; i < sizeof cuts / sizeof cuts[0]; i++) {
        const struct trainer_roll roll = { .until = cuts[i].until, .until_stage = cuts[i].told };
        int at = 0;
        while (whole.log->state[at]->step != cuts[i].from)
            at++;
        start(&rest, false);
        knob(&rest.knobs, "stage", "lws");
        rest.setup.state = whole.log->state[at];
        rest.setup.roll = &roll;
        rest.setup.announce = false;
        run_start(&rest);
        assert_over(&rest, "finished");
        assert_int_equal(count_events(rest.log, EVENT_STAGE), cuts[i].events);
        final_hash(&rest, again_hash);
        assert_string_equal(hash, again_hash);
        run_free(&rest);
    }
    run_free(&whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_crt, enter_stage, leave),
        cmocka_unit_test_setup_teardown(test_lws, enter_stage, leave),
        cmocka_unit_test_setup_teardown(test_frozen_norm, enter_stage, leave),
        cmocka_unit_test_setup_teardown(test_bank, enter_stage, leave),
        cmocka_unit_test_setup_teardown(test_in_force, enter_stage, leave),
        cmocka_unit_test_setup_teardown(test_shifts, enter_stage, leave),
        cmocka_unit_test_setup_teardown(test_taken_up_again, enter_stage, leave),
        cmocka_unit_test_setup_teardown(test_refused, enter_stage, leave),
        cmocka_unit_test(test_events), cmocka_unit_test(test_set), cmocka_unit_test(test_roll),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
