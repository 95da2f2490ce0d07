/* Batches side by side in the slots of one model, of images and of features, with weights and without: whatever is turned to, it gives what a model of its
 * own gives, by gradients, products and in pieces; and the memory that passes have filled is told as long as the model lives. */
#include "config.h"
#include "check.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/rng.h"
#include "engine/model/initial.h"
#include "kernels/backend.h"

#pragma GCC diagnostic ignored "-Wmissing-field-initializers" /* plans of units: what is not said is 0 */

enum { I = NET_IMAGE, N = NET_NO_ADD, IMAGES = 5, CLASSES = 4, SLOTS = 3, SIDE = 6, PIXELS = SIDE * SIDE * 3, FEATURES = 12, VECTORS = 3 };

static const struct backend *const b = &backend_cpu;
static float images[SLOTS][IMAGES * PIXELS], features[IMAGES * FEATURES], targets[IMAGES * CLASSES], weights[IMAGES];
static int32_t labels[SLOTS][IMAGES];
static struct batch batch[SLOTS];
static float *params, *stats, *v[VECTORS]; /* of the net in use: memory of this back end's models is this machine's */
static struct net net;
static const float one[CLASSES] = { 1, 1, 1, 1 }, zero[CLASSES], weight[CLASSES] = { 0.5f, 2, 1, 0.25f };
static const struct criterion criterion = { .coef = { one, zero, zero, weight } };

static void build(bool odd, enum head_kind head)
{
    struct err e;
    net_begin(&net, "slots", SIDE, SIDE, 3, &e);
    net_add(&net, &(struct unit_plan){ UNIT_CONV, I, N, 8, 3, 1, 1, .norm = true, .relu = true }, "a", "an", &e);
    net_add(&net, &(struct unit_plan){ UNIT_CONV, 0, N, FEATURES, 3, 2, 1, .norm = true, .relu = true }, "b", "bn", &e);
    if (odd) {
        net_add(&net, &(struct unit_plan){ UNIT_GLOBAL_POOL, 0, N }, "", "", &e);
        net_add(&net, &(struct unit_plan){ UNIT_LINEAR, 2, N, 6, .has_bias = true }, "c", "", &e);
        net_add_output(&net, "linear", 3, &e);
    }
    if (net_classifier(&net, 1, CLASSES, head, "head", &e) < 0)
        fail_msg("%s", e.text);
}

static float *numbers(size_t n, uint64_t seed, float centre, float scale)
{
    struct rng r;
    float *x = malloc((n + 1) * sizeof *x);
    assert_non_null(x);
    rng_init(&r, seed, RNG_PROBE, 0, 0);
    for (size_t i = 0; i < n; i++)
        x[i] = centre + scale * rng_unit(&r);
    return x;
}

static void fill(float *to, size_t n, uint64_t seed, float scale)
{
    float *x = numbers(n, seed, -scale / 2, scale);
    memcpy(to, x, n * sizeof *x);
    free(x);
}

/* Slot 0: all images, weighted, of soft targets; 1: two images' features; 2: three images. */
static void begin(bool odd, enum head_kind head)
{
    build(odd, head);
    params = malloc(net.params.total * sizeof *params);
    net_init_params(&net, 3, params, NULL);
    stats = numbers(net.stats.total, 2, 0.5f, 1);
    for (int k = 0; k < VECTORS; k++)
        v[k] = numbers(net.params.total, 10 + (uint64_t)k, -0.5f, 1);
    fill(features, IMAGES * FEATURES, 30, 2);
    for (int s = 0; s < SLOTS; s++) {
        fill(images[s], IMAGES * PIXELS, 20 + (uint64_t)s, 2);
        for (int i = 0; i < IMAGES; i++)
            labels[s][i] = (3 * i + s) % CLASSES;
    }
    for (int i = 0; i < IMAGES * CLASSES; i++)
        targets[i] = (float)(i * 5 % 7) / 7;
    for (int i = 0; i < IMAGES; i++)
        weights[i] = 0.5f + 0.25f * (float)i;
    batch[0] = (struct batch){ .n = IMAGES, .images = images[0], .labels = labels[0], .targets = targets, .weights = weights };
    batch[1] = (struct batch){ .n = 2, .features = features, .labels = labels[1] };
    batch[2] = (struct batch){ .n = 3, .images = images[2], .labels = labels[2] };
}

static void end(void)
{
    free(params);
    free(stats);
    for (int k = 0; k < VECTORS; k++)
        free(v[k]);
    net_release(&net);
}

static struct model *opened(int slots)
{
    struct err e = { 0 };
    struct model *m = b->open(&net, &(struct model_options){ .max_batch = IMAGES, .threads = 2 }, &e);
    if (!m)
        fail_msg("%s", e.text);
    if (slots > 1)
        assert_int_equal(b->slots(m, SIZE_MAX, slots, &e), slots);
    return m;
}

struct told { /* of one batch */
    struct pass_result result;
    float logits[IMAGES * CLASSES], features[IMAGES * FEATURES], *grad, *out[VECTORS];
    double losses[IMAGES];
};

static void told_begin(struct told *t)
{
    *t = (struct told){ .grad = calloc(net.params.total, sizeof *t->grad) };
    for (int k = 0; k < VECTORS; k++)
        t->out[k] = calloc(net.params.total, sizeof *t->out[k]);
}

static void told_end(struct told *t)
{
    free(t->grad);
    for (int k = 0; k < VECTORS; k++)
        free(t->out[k]);
}

static void gradient(struct model *m, const struct pass *pass, struct told *t)
{
    struct err e = { 0 };
    if (b->gradient(m, pass, t->grad, &t->result, &e) < 0)
        fail_msg("%s", e.text);
    b->logits(m, t->logits);
    b->features(m, t->features);
    b->losses(m, t->losses);
}

static void product(struct model *m, struct told *t)
{
    struct err e = { 0 };
    if (b->hvp(m, VECTORS, (const float *const *)v, t->out, &e) < 0)
        fail_msg("%s", e.text);
}

static void load(struct model *m, int slot)
{
    struct err e = { 0 };
    if (b->load(m, &batch[slot], &e) < 0)
        fail_msg("%s", e.text);
}

static void prepare(struct model *m, const struct pass *pass, struct pass_result *r)
{
    struct err e = { 0 };
    if (b->hvp_prepare(m, pass, r, &e) < 0)
        fail_msg("%s", e.text);
}

static void same_result(const struct pass_result *x, const struct pass_result *y)
{
    assert_true(x->loss == y->loss && x->weight_sum == y->weight_sum && x->n == y->n && x->correct == y->correct);
}

static void same_pass(const struct told *x, const struct told *y)
{
    same_result(&x->result, &y->result);
    assert_memory_equal(x->logits, y->logits, sizeof x->logits);
    assert_memory_equal(x->features, y->features, sizeof x->features);
    assert_memory_equal(x->losses, y->losses, sizeof x->losses);
    assert_memory_equal(x->grad, y->grad, net.params.total * sizeof *x->grad);
}

/* What each slot's batch gives in a model that has one slot. */
static void alone(const struct pass *pass, struct told t[SLOTS])
{
    for (int s = 0; s < SLOTS; s++) {
        struct pass_result r;
        told_begin(&t[s]);
        if (!pass->head_only && s == 1)
            continue; /* features have nothing but the classifier */
        struct model *m = opened(1);
        load(m, s);
        gradient(m, pass, &t[s]);
        if (pass->mode == PASS_EVAL) {
            prepare(m, pass, &r);
            product(m, &t[s]);
        }
        b->close(m);
    }
}

static void in_turn(struct model *m, const struct pass *pass, const struct told truth[SLOTS])
{
    static const int loaded[] = { 2, 0, 1 }, prepared[] = { 1, 2, 0 }, asked[] = { 0, 2, 1, 0, 1, 2 };
    struct told t;
    struct err e = { 0 };
    for (int i = 0; i < SLOTS; i++) {
        b->turn(m, loaded[i]);
        load(m, loaded[i]);
    }
    for (int i = 0; i < SLOTS && pass->mode == PASS_EVAL; i++) {
        struct pass_result r;
        if (!pass->head_only && prepared[i] == 1)
            continue;
        b->turn(m, prepared[i]);
        prepare(m, pass, &r);
        same_result(&r, &truth[prepared[i]].result);
        if (i == 1) { /* a pass that was kept of one batch is none of another */
            load(m, prepared[i]);
            assert_int_equal(b->hvp(m, 1, (const float *const *)v, (float *[]){ truth[0].out[0] }, &e), -1);
            prepare(m, pass, &r);
        }
    }
    for (int gradients = pass->mode == PASS_TRAIN; gradients < 2; gradients++)
        for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
            if (!pass->head_only && asked[i] == 1)
                continue;
            b->turn(m, asked[i]);
            told_begin(&t);
            if (gradients) {
                gradient(m, pass, &t);
                same_pass(&t, &truth[asked[i]]);
                assert_int_equal(b->hvp(m, 1, (const float *const *)v, t.out, &e), -1); /* what was prepared is over */
                b->turn(m, (asked[i] + 1) % SLOTS);
                assert_int_equal(b->again(m, &criterion, t.grad, &t.result, &e), -1); /* of another batch */
                assert_int_equal(b->hvp(m, 1, (const float *const *)v, t.out, &e), -1);
            } else {
                product(m, &t);
                for (int k = 0; k < VECTORS; k++)
                    assert_memory_equal(t.out[k], truth[asked[i]].out[k], net.params.total * sizeof *t.out[k]);
            }
            told_end(&t);
        }
}

static void test_turns(void **state)
{
    (void)state;
    for (int shape = 0; shape < 4; shape++)
        for (int way = 0; way < 3; way++) {
            struct told truth[SLOTS];
            begin(shape % 2, shape < 2 ? HEAD_LINEAR : HEAD_NORM);
            const struct pass pass = { .params = params, .stats = stats, .mode = way == 2 ? PASS_TRAIN : PASS_EVAL, .criterion = &criterion, .head_only = way == 1 };
            alone(&pass, truth);
            struct model *m = opened(SLOTS);
            in_turn(m, &pass, truth);
            in_turn(m, &pass, truth); /* loaded anew */
            b->close(m);
            for (int s = 0; s < SLOTS; s++)
                told_end(&truth[s]);
            end();
        }
}

/* --- in pieces ----------------------------------------------------------------------------------------------------- */

struct pieces {
    float output[2][IMAGES * FEATURES], along[2][IMAGES * FEATURES], *grad, *out;
};

static void go(int result, const struct err *e)
{
    if (result < 0)
        fail_msg("%s", e->text);
}

static void in_pieces(struct model *m, const struct pass *pass, struct pieces *t)
{
    static float up[2][IMAGES * FEATURES], past[IMAGES * FEATURES];
    struct err e = { 0 };
    *t = (struct pieces){ .grad = calloc(net.params.total, sizeof *t->grad), .out = calloc(net.params.total, sizeof *t->out) };
    fill(up[0], IMAGES * FEATURES, 40, 1);
    fill(up[1], IMAGES * FEATURES, 41, 1);
    fill(past, IMAGES * FEATURES, 42, 1);
    const float *const from[] = { up[0], up[1] }, *const r_from[] = { up[1], up[0] };
    go(b->forward(m, pass, &e), &e);
    go(b->backward(m, from, past, t->grad, &e), &e);
    go(b->r_forward(m, v[0], &e), &e);
    go(b->r_backward(m, r_from, t->out, &e), &e);
    for (int k = 0; k <= net.n_outputs; k++) {
        b->output(m, k, t->output[k]);
        b->r_output(m, k, t->along[k]);
    }
}

static void test_pieces(void **state)
{
    (void)state;
    for (int way = 0; way < 4; way++) {
        struct pieces truth, t;
        struct err e = { 0 };
        begin(way % 2, HEAD_LINEAR);
        const struct pass pass = { .params = params, .stats = stats, .mode = way < 2 ? PASS_EVAL : PASS_TRAIN };
        struct model *single = opened(1), *m = opened(SLOTS);
        load(single, 2);
        in_pieces(single, &pass, &truth);
        load(m, 0);
        b->turn(m, 2);
        load(m, 2);
        in_pieces(m, &pass, &t);
        assert_memory_equal(t.output, truth.output, sizeof t.output);
        assert_memory_equal(t.along, truth.along, sizeof t.along);
        assert_memory_equal(t.grad, truth.grad, net.params.total * sizeof *t.grad);
        assert_memory_equal(t.out, truth.out, net.params.total * sizeof *t.out);
        b->turn(m, 0);
        assert_int_equal(b->backward(m, (const float *const[]){ NULL, NULL }, NULL, t.grad, &e), -1);
        go(b->forward(m, &pass, &e), &e);
        assert_int_equal(b->r_backward(m, (const float *const[]){ NULL, NULL }, t.out, &e), -1);
        b->turn(m, 2); /* its pass is over: weights are packed for one at a time */
        assert_int_equal(b->r_forward(m, v[0], &e), -1);
        b->close(m);
        b->close(single);
        free(t.grad), free(t.out), free(truth.grad), free(truth.out);
        end();
    }
}

/* --- memory -------------------------------------------------------------------------------------------------------- */

/* Passes of one kind do not take back what those of another have filled; slots count when a batch was loaded into them. */
static void test_memory(void **state)
{
    (void)state;
    begin(false, HEAD_LINEAR);
    struct pass_result r;
    struct told t;
    const struct pass eval = { .params = params, .stats = stats, .mode = PASS_EVAL, .criterion = &criterion }, train = { .params = params, .stats = stats, .mode = PASS_TRAIN, .criterion = &criterion };
    struct pieces p;
    struct model *m = opened(SLOTS);
    told_begin(&t);
    size_t last = b->memory_bytes(m);
    load(m, 0);
    gradient(m, &train, &t);
    assert_int_equal(b->memory_bytes(m), last);
    prepare(m, &eval, &r);
    assert_true(b->memory_bytes(m) > last);
    last = b->memory_bytes(m);
    product(m, &t);
    const size_t directions = b->memory_bytes(m) - last;
    assert_true(directions > 0);
    b->hvp(m, 1, (const float *const *)v, t.out, NULL);
    assert_int_equal(b->memory_bytes(m), last + directions);
    prepare(m, &train, &r);
    assert_true(b->memory_bytes(m) > last + directions);
    last = b->memory_bytes(m);
    prepare(m, &eval, &r);
    assert_int_equal(b->memory_bytes(m), last);
    in_pieces(m, &eval, &p);
    assert_int_equal(b->memory_bytes(m), last);
    free(p.grad), free(p.out);
    b->turn(m, 1);
    assert_int_equal(b->memory_bytes(m), last);
    load(m, 0);
    const size_t slot = b->memory_bytes(m) - last;
    assert_true(slot > 0);
    b->turn(m, 2);
    load(m, 0);
    assert_int_equal(b->memory_bytes(m), last + 2 * slot);
    b->turn(m, 1);
    load(m, 0);
    assert_int_equal(b->memory_bytes(m), last + 2 * slot);
    told_end(&t);
    b->close(m);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_turns), cmocka_unit_test(test_pieces), cmocka_unit_test(test_memory) };
    setenv("SADDLE_ISA", "portable", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
