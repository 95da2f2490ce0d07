/* Probes and evaluations as guests of something that is no trainer: weights in a model and a host that counts. They are built and
 * tested without the run. */
#include "config.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buf.h"
#include "engine/probe/readings.h"
#include "tests/unit/house.h"

static void test_spectrum(void **state)
{
    struct house *h = *state;
    struct probe p;
    struct buf text = { 0 };
    assert_int_equal(probe_init(&p, &h->guest, &last), 0);
    assert_int_equal(probe_memory(&p), 0); /* nothing is taken before it is needed */
    assert_int_equal(probe_hessian(&p, &(struct probe_plan){ .save = "" }, 1, &text, &last), 0);
    assert_int_equal(h->n_events, 1);
    const struct event *e = h->event[0];
    assert_int_equal(e->kind, EVENT_EIG);
    assert_int_equal(e->f[EV_EIG_OF].u, 7);
    assert_true(e->f[EV_EIG_EP].f == 3.5);
    assert_int_equal(e->f[EV_EIG_IMAGES].u, 10);
    assert_true(e->f[EV_EIG_AMP].f == 0.25 * e->f[EV_EIG_LMIN].f); /* rho / |g| of the step before */
    assert_string_equal(h->found, "lmin:1");
    assert_true(h->found_value == e->f[EV_EIG_LMIN].f);
    assert_true(h->asked_waiting > 0); /* somebody waits for it and may say so */
    assert_true(probe_memory(&p) > 0);
    probe_release(&p);
    buf_release(&text);
}

/* The curvature at the middle of a line through the weights is what a product says, and lies between the extreme eigenvalues. */
static void test_line(void **state)
{
    struct house *h = *state;
    struct probe p;
    struct buf text = { 0 };
    const struct probe_plan plan = { .along = "random:3", .span = 0.02, .points = 3 };
    assert_int_equal(probe_init(&p, &h->guest, &last), 0);
    assert_int_equal(probe_hessian(&p, &(struct probe_plan){ .save = "" }, 2, &text, &last), 0);
    assert_int_equal(probe_slice(&p, &plan, 2, &text, &last), 0);
    const struct event *eig = h->event[0], *e = h->event[1];
    const double *loss = e->f[EV_SLICE_LOSS].f64s, lambda = e->f[EV_SLICE_LAMBDA].f;
    assert_int_equal(e->f[EV_SLICE_AT].n, 3);
    assert_true(fabs(loss[1] - eig->f[EV_EIG_LOSS].f) < 1e-6);
    assert_true(lambda > eig->f[EV_EIG_LMIN].f && fabs(lambda) < 1e-3 * eig->f[EV_EIG_LMAX].f); /* of length 1, it meets the few large ones little */
    assert_int_equal(probe_slice(&p, &(struct probe_plan){ .along = "v_mid" }, 2, &text, &last), -1);
    assert_int_equal(last.code, ERR_INVALID);
    probe_release(&p);
    buf_release(&text);
}

/* Only the classifier trains: cross-entropy is convex in it, so no eigenvalue is negative beyond rounding; directions and lines are
 * those of its floats; and with everything trained again the numbers are those of before. */
static void test_groups(void **state)
{
    struct house *h = *state;
    struct probe p;
    struct param_groups groups;
    struct buf text = { 0 };
    const struct probe_plan plan = { .save = "" };
    const struct probe_plan high = { .along = "v_max", .span = 0.02, .points = 3 }, random = { .along = "random:1", .span = 0.02, .points = 3 };
    assert_int_equal(param_groups_init(&groups, &h->net, &last), 0);
    assert_int_equal(param_groups_set(&groups, &h->net, "backbone", &(struct param_rule){ .trainable = false }, &last), 0);
    assert_int_equal(probe_init(&p, &h->guest, &last), 0);
    assert_int_equal(probe_hessian(&p, &plan, 1, &text, &last), 0);
    h->guest.groups = &groups;
    assert_int_equal(probe_hessian(&p, &plan, 1, &text, &last), 0);
    assert_int_equal(probe_slice(&p, &high, 1, &text, &last), 0);
    assert_int_equal(probe_slice(&p, &random, 1, &text, &last), 0);
    h->guest.groups = NULL;
    assert_int_equal(probe_hessian(&p, &plan, 1, &text, &last), 0);
    const struct event *all = h->event[0], *head = h->event[1], *again = h->event[4];
    assert_true(all->f[EV_EIG_LMIN].f == again->f[EV_EIG_LMIN].f && all->f[EV_EIG_LMAX].f == again->f[EV_EIG_LMAX].f);
    const double most = head->f[EV_EIG_LMAX].f;
    assert_true(head->f[EV_EIG_LOSS].f == all->f[EV_EIG_LOSS].f);
    assert_true(all->f[EV_EIG_LMIN].f < 0 && head->f[EV_EIG_LMIN].f >= -1e-6 * most);
    assert_true(most > 0 && most < all->f[EV_EIG_LMAX].f * 1.0001);
    assert_true(fabs(h->event[2]->f[EV_SLICE_LAMBDA].f - most) < 1e-2 * most);
    const double lambda = h->event[3]->f[EV_SLICE_LAMBDA].f;
    assert_true(lambda >= 0 && lambda <= most);
    /* the loss along the line bends as v'Hv says: (L(-a) - 2 L(0) + L(a)) / a^2 */
    const double *loss = h->event[2]->f[EV_SLICE_LOSS].f64s, a = h->event[2]->f[EV_SLICE_AT].f64s[2];
    assert_true(fabs((loss[0] - 2 * loss[1] + loss[2]) / (a * a) - most) < 0.05 * most);
    loss = h->event[3]->f[EV_SLICE_LOSS].f64s; /* so a random direction is of length one too */
    assert_true(fabs((loss[0] - 2 * loss[1] + loss[2]) / (a * a) - lambda) < 0.05 * lambda);
    param_groups_release(&groups);
    probe_release(&p);
    buf_release(&text);
}

static void test_theorem(void **state)
{
    struct house *h = *state;
    struct probe p;
    struct buf text = { 0 };
    const struct probe_plan plan = { .iters = 100, .batches = 8, .batch = 2, .rho = 0.01 };
    assert_int_equal(probe_init(&p, &h->guest, &last), 0);
    assert_int_equal(probe_cnc(&p, &plan, 2, &text, &last), 0);
    const struct event *e = h->event[0];
    assert_int_equal(e->kind, EVENT_CNC);
    assert_int_equal(e->f[EV_CNC_BATCHES].u, 8);
    assert_true(fabs(e->f[EV_CNC_RATIO].f64s[0] - e->f[EV_CNC_PREDICTED].f64s[0]) < 0.01); /* linear: exact but for v's residual */
    assert_true(e->f[EV_CNC_LMIN].f < 0 && e->f[EV_CNC_SHARE].f == 0); /* rho lambda / |g| is far above -2 */
    assert_int_equal(probe_cnc(&p, &(struct probe_plan){ .iters = 100, .batches = 1, .batch = 3, .rho = 0.01 }, 0, &text, &last), 0);
    assert_int_equal(probe_cnc(&p, &(struct probe_plan){ .iters = 100, .batches = 2, .batch = 3, .rho = 0.01 }, 0, &text, &last), 0);
    const double first = h->event[1]->f[EV_CNC_A2].f, second = 2 * h->event[2]->f[EV_CNC_A2].f - first, se = h->event[2]->f[EV_CNC_A2_SE].f;
    assert_true(isnan(h->event[1]->f[EV_CNC_A2_SE].f) && fabs(first - second) > 0); /* one batch tells nothing of an error, of two it is half their distance */
    assert_true(fabs(se / (fabs(first - second) / 2) - 1) < 1e-6);
    assert_int_equal(probe_cnc(&p, &(struct probe_plan){ .batch = 5000 }, 2, &text, &last), -1);
    assert_int_equal(last.code, ERR_RANGE);
    probe_release(&p);
    buf_release(&text);
}

struct summed { /* margins of the images of class 1, by another way */
    struct house *h;
    double sum, least;
    uint32_t n, below;
};

static void sum_margins(void *ctx, uint32_t first, const struct batch *batch, const struct pass_result *result)
{
    struct summed *s = ctx;
    float z[EVAL_BATCH * CLASSES];
    (void)first, (void)result;
    backend_cpu.logits(s->h->model, z);
    for (uint32_t i = 0; i < batch->n; i++) {
        const float *of = z + i * CLASSES;
        const double margin = (double)of[1] - fmax((double)of[0], (double)of[2]);
        if (batch->labels[i] != 1)
            continue;
        s->sum += margin;
        s->least = fmin(s->least, margin);
        s->below += margin < 0;
        s->n++;
    }
}

static void test_margin(void **state)
{
    struct house *h = *state;
    struct probe p;
    struct summed s = { .h = h, .least = INFINITY };
    struct buf text = { 0 };
    assert_int_equal(probe_init(&p, &h->guest, &last), 0);
    assert_int_equal(probe_margins(&p, &(struct probe_plan){ .iters = 0 }, 1, &text, &last), 0);
    assert_int_equal(evaluation_walk(&h->guest, &h->data.train, &(struct evaluation_walk){ "test", PASS_EVAL, sum_margins, &s }, &last), 0);
    const struct event_field *f = h->event[0]->f;
    assert_int_equal(h->event[0]->kind, EVENT_MARGIN);
    assert_int_equal(f[EV_MARGIN_OF].u, 7);
    assert_int_equal(f[EV_MARGIN_IMAGES].u, 10);
    assert_int_equal(s.n, 10);
    assert_true(fabs(f[EV_MARGIN_MEAN].f - s.sum / 10) < 1e-5);
    assert_true(fabs(f[EV_MARGIN_LEAST].f - s.least) < 1e-5);
    assert_true(f[EV_MARGIN_WORST].f == f[EV_MARGIN_LEAST].f); /* a tenth of ten */
    assert_true(fabs(f[EV_MARGIN_BELOW].f - 10.0 * s.below) < 1e-9);
    assert_int_equal(probe_margins(&p, &(struct probe_plan){ .options = { .images = 4 } }, 1, &text, &last), 0);
    assert_int_equal(h->event[1]->f[EV_MARGIN_IMAGES].u, 4);
    assert_true(h->event[1]->f[EV_MARGIN_WORST].f == h->event[1]->f[EV_MARGIN_LEAST].f); /* of four at least one */
    h->stop_after = 1;
    assert_int_equal(probe_margins(&p, &(struct probe_plan){ .iters = 0 }, 1, &text, &last), -1);
    assert_int_equal(last.code, ERR_CANCELLED);
    assert_int_equal(h->n_events, 2); /* and nothing is told */
    buf_release(&text);
    probe_release(&p);
}

/* A classifier whose rows differ in length, so that the best tau is not the first. All that is told of a split is of the tau that counts. */
static void test_readings(void **state)
{
    struct house *h = *state;
    const size_t n = h->net.params.total, row = (size_t)h->net.features;
    float *w = malloc(n * sizeof *w);
    struct buf text = { 0 };
    assert_non_null(w);
    backend_cpu.vec_read(h->model, w, h->params, n);
    for (size_t i = 0; i < row; i++)
        w[h->net.head_weight + 2 * row + i] *= -64; /* of the class with the fewest images, turned round */
    backend_cpu.vec_write(h->model, h->params, w, n);
    assert_int_equal(readings_take(&h->guest, &(struct reading_plan){ .kind = READING_TAU_NORM, .tau = NAN, .split = "train" }, &text, &last), 0);
    const struct event_field *best = h->event[0]->f;
    const double tau = best[EV_READING_AT].f;
    assert_true(tau > 0);
    assert_int_equal(readings_take(&h->guest, &(struct reading_plan){ .kind = READING_TAU_NORM, .tau = tau, .split = "train" }, &text, &last), 0);
    assert_int_equal(readings_take(&h->guest, &(struct reading_plan){ .kind = READING_TAU_NORM, .tau = 0, .split = "train" }, &text, &last), 0);
    const struct event_field *same = h->event[1]->f, *first = h->event[2]->f;
    assert_memory_equal(best[EV_READING_CLS].f32s, same[EV_READING_CLS].f32s, CLASSES * sizeof(float));
    assert_memory_equal(best[EV_READING_VALUE].f64s, same[EV_READING_VALUE].f64s, (1 + N_GROUPS) * sizeof(double));
    assert_true(memcmp(best[EV_READING_CLS].f32s, first[EV_READING_CLS].f32s, CLASSES * sizeof(float)) != 0);
    for (size_t i = 0; i < row; i++)
        w[h->net.head_weight + 2 * row + i] /= -64;
    backend_cpu.vec_write(h->model, h->params, w, n);
    buf_release(&text);
    free(w);
}

static void test_stopped(void **state)
{
    struct house *h = *state;
    struct probe p;
    struct evaluation v;
    struct buf text = { 0 };
    h->stop_after = 1;
    assert_int_equal(probe_init(&p, &h->guest, &last), 0);
    assert_int_equal(probe_hessian(&p, &(struct probe_plan){ .save = "" }, 0, &text, &last), -1);
    assert_int_equal(last.code, ERR_CANCELLED);
    last.code = ERR_NONE;
    assert_int_equal(evaluation_init(&v, CLASSES, &last), 0);
    assert_int_equal(evaluate(&v, &h->guest, &h->data.test, &last), -1);
    assert_int_equal(last.code, ERR_CANCELLED);
    assert_int_equal(h->n_events, 0);
    evaluation_release(&v);
    probe_release(&p);
    buf_release(&text);
}

static void test_evaluation(void **state)
{
    struct house *h = *state;
    struct evaluation v;
    struct pass_result r;
    struct batch batch;
    const struct pass pass = { .params = h->params, .stats = h->stats, .mode = PASS_EVAL, .criterion = &h->loss.criterion };
    assert_string_equal(evaluation_main_split(&h->data), "test");
    assert_null(evaluation_split(&h->data, "val", &last));
    assert_int_equal(evaluation_init(&v, CLASSES, &last), 0);
    assert_int_equal(evaluate(&v, &h->guest, evaluation_split(&h->data, "train", &last), &last), 0);
    assert_int_equal(batches_plain(&h->batches, &h->data.train, 0, 34, &batch, &last), 0);
    assert_int_equal(backend_cpu.load(h->model, &batch, &last), 0);
    assert_int_equal(backend_cpu.gradient(h->model, &pass, NULL, &r, &last), 0);
    assert_true(fabs(v.loss - r.loss) < 1e-12);
    assert_true(v.acc == 100.0 * r.correct / 34);
    uint32_t cells = 0;
    for (int i = 0; i < CLASSES * CLASSES; i++)
        cells += v.confusion[i];
    assert_int_equal(cells, 34);
    struct event *e = evaluation_event(&v, &h->guest, "train");
    assert_non_null(e);
    assert_int_equal(e->step, 7);
    assert_true(e->f[EV_EPOCH_LOSS].f == v.loss);
    assert_memory_equal(e->f[EV_EPOCH_CLS_LOSS].f32s, v.cls_loss, sizeof(float) * CLASSES);
    event_unref(e);
    evaluation_found(&v, &h->guest);
    assert_string_equal(h->found, "tail");
    evaluation_release(&v);
}

/* Class weights are in the whole loss and not in those of the classes. */
static void test_class_losses(void **state)
{
    struct house *h = *state;
    const float weight[CLASSES] = { 0.5f, 1, 3 };
    float plain[CLASSES];
    double sum = 0, weights = 0, images = 0, whole = 0;
    struct criterion weighted = h->loss.criterion;
    struct guest guest = h->guest;
    struct evaluation v;
    assert_int_equal(evaluation_init(&v, CLASSES, &last), 0);
    assert_int_equal(evaluate(&v, &guest, &h->data.train, &last), 0);
    memcpy(plain, v.cls_loss, sizeof plain);
    for (int c = 0; c < CLASSES; c++) {
        whole += (double)plain[c] * v.count[c];
        images += v.count[c];
    }
    assert_true(fabs(whole / images - v.loss) < 1e-6);
    weighted.coef.weight = weight;
    guest.criterion = &weighted;
    assert_int_equal(evaluate(&v, &guest, &h->data.train, &last), 0);
    for (int c = 0; c < CLASSES; c++) {
        assert_true(fabsf(v.cls_loss[c] - plain[c]) < 1e-6f && plain[c] > 0);
        sum += (double)weight[c] * (double)plain[c] * v.count[c];
        weights += (double)weight[c] * v.count[c];
    }
    assert_true(fabs(sum / weights - v.loss) < 1e-6 && fabs(v.loss - whole / images) > 1e-3);
    evaluation_release(&v);
}

/* Takes the round's turns until it has nothing to do, one step of the host's after each. */
static int turns(struct house *h, struct probe *p)
{
    int n = 0;
    for (; round_wish(p) != ROUND_NOTHING; n++) {
        round_turn(p);
        h->moment.step++;
    }
    return n;
}

static void test_round(void **state)
{
    struct house *h = *state;
    struct probe p;
    knob(&h->knobs, "budget", "1");
    assert_int_equal(probe_init(&p, &h->guest, &last), 0);
    round_schedule(&p, false); /* nobody is watched */
    assert_int_equal(round_wish(&p), ROUND_NOTHING);
    h->wanted[1] = h->wanted[2] = true;
    round_schedule(&p, false);
    assert_int_equal(round_wish(&p), ROUND_WEIGHTS);
    assert_true(turns(h, &p) > 2);
    assert_int_equal(h->n_events, 2);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(h->event[i]->f[EV_EIG_CLASS].u, 1 + i);
        assert_int_equal(h->event[i]->f[EV_EIG_OF].u, 7); /* the moment at which it began, whatever came since */
        assert_true(h->event[i]->step > 7);
    }
    assert_true(h->filled > 2 && h->spent > 0);
    const uint64_t before = p.round.ns;
    round_schedule(&p, false); /* the next one is charged with its own time alone */
    assert_true(before > 0 && p.round.on && p.round.ns == 0);
    probe_release(&p);
}

/* Steps beside a product are awaited before the next one; an interrupted class is done again, with the weights of then. */
static void test_round_beside(void **state)
{
    struct house *h = *state;
    struct probe p;
    struct buf text = { 0 };
    knob(&h->knobs, "budget", "1");
    assert_int_equal(probe_init(&p, &h->guest, &last), 0);
    h->wanted[1] = true;
    h->ahead = 3;
    round_schedule(&p, false);
    round_turn(&p);
    for (int i = 0; i < 3; i++, h->moment.step++) {
        assert_int_equal(h->filled, 1);
        round_turn(&p);
    }
    round_turn(&p);
    assert_int_equal(h->filled, 2);
    round_schedule(&p, false); /* the next epoch comes too early */
    assert_non_null(strstr(h->said, "still under way"));
    assert_int_equal(probe_hessian(&p, &(struct probe_plan){ .save = "" }, 0, &text, &last), 0);
    h->ahead = 0;
    h->moment.step = 20;
    assert_int_equal(round_wish(&p), ROUND_WEIGHTS);
    turns(h, &p);
    assert_int_equal(h->n_events, 2);
    assert_int_equal(h->event[1]->f[EV_EIG_CLASS].u, 1);
    assert_int_equal(h->event[1]->f[EV_EIG_OF].u, 20);
    probe_release(&p);
    buf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_spectrum, enter, leave), cmocka_unit_test_setup_teardown(test_line, enter, leave),
        cmocka_unit_test_setup_teardown(test_groups, enter, leave),
        cmocka_unit_test_setup_teardown(test_margin, enter, leave), cmocka_unit_test_setup_teardown(test_readings, enter, leave),
        cmocka_unit_test_setup_teardown(test_theorem, enter, leave),  cmocka_unit_test_setup_teardown(test_stopped, enter, leave),
        cmocka_unit_test_setup_teardown(test_evaluation, enter, leave), cmocka_unit_test_setup_teardown(test_class_losses, enter, leave), cmocka_unit_test_setup_teardown(test_round, enter, leave),
        cmocka_unit_test_setup_teardown(test_round_beside, enter, leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
