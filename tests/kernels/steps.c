/* Optimiser steps that a back end runs in one piece, against the same steps made of its other functions: the same bits,
 * the same messages, nothing updated when a number is not finite; and steps in a queue. */
#include "config.h"

#include "tests/kernels/trial.h"

#include "base/rng.h"
#include "engine/data/augment.h"
#include "tests/kernels/steps.h"

enum { STEPS = 3 };

static struct backend whole, parts; /* the one under test; the same without its step() */

static struct optim_knobs knobs_of(enum optimiser kind, int variant)
{
    return (struct optim_knobs){ .kind = kind, .lr = 0.1f, .momentum = 0.9f, .weight_decay = 2e-4f, .nesterov = variant & 1,
                                 .rho = variant & 2 ? 0.05 : 0.5, .freeze_second_pass = variant & 2, .batch_size = 4 };
}

/* Learning rate, rho and the batch's size change from step to step, as a schedule and an epoch's tail do it. */
static void one_piece_gives_the_same_bits(void **state)
{
    (void)state;
    for (int variant = FEW ? 3 : 0; variant < (FEW ? 20 : 24); variant += FEW ? 5 : 1) { /* few: each kind once */
        static const enum optimiser kinds[] = { OPTIMISER_SGD, OPTIMISER_SAM, OPTIMISER_ASAM, OPTIMISER_USAM };
        struct optim_knobs k = knobs_of(kinds[variant % 4], variant / 4 % 4);
        struct problem p;
        struct trial a, b;
        problem_init(&p, trial_net(), 4, PASS_TRAIN, variant % 3);
        p.math = variant < 16 ? MATH_FP32 : variant < 20 ? MATH_BF16 : MATH_TF32;
        begin(&a, &whole, &p);
        begin(&b, &parts, &p);
        for (int i = 0; i < STEPS; i++) {
            const struct batch batch = { .n = i == 1 ? 3 : 4, .images = p.images, .labels = p.labels };
            assert_int_equal(both(&a, &b, &k, &batch), 0);
            k.lr *= 0.5f;
            k.rho *= 1.5;
        }
        end(&a);
        end(&b);
        problem_release(&p);
    }
}

/* The places where it goes wrong: the loss at w, the loss at w + e; the message says which, and nothing has moved. */
static void nothing_moves_when_a_number_is_not_finite(void **state)
{
    (void)state;
    for (int variant = 0; variant < 8; variant++) {
        static const enum optimiser kinds[] = { OPTIMISER_SGD, OPTIMISER_SAM, OPTIMISER_ASAM, OPTIMISER_USAM };
        struct optim_knobs k = knobs_of(kinds[variant % 4], 0);
        const bool up = variant >= 4;
        struct problem p;
        struct trial a, b, before;
        problem_init(&p, trial_net(), 4, PASS_TRAIN, 0);
        p.math = variant == 5 && !FEW ? MATH_BF16 : MATH_FP32;
        if (up)
            k.rho = 1e38; /* of SGD nothing: it must go through */
        else
            p.images[17] = NAN;
        begin(&a, &whole, &p);
        begin(&b, &parts, &p);
        begin(&before, &parts, &p);
        const int result = both(&a, &b, &k, &p.batch);
        assert_int_equal(result, up && k.kind == OPTIMISER_SGD ? 0 : -1);
        if (result < 0) {
            assert_int_equal(a.err.code, ERR_DIVERGED);
            assert_true(up == (strstr(a.err.text, "at w + e") != NULL));
            assert_same_state(&a, &before);
            p.images[17] = 0.5f; /* the next step is none the worse for it */
            k.rho = 0.1;
            assert_int_equal(both(&a, &b, &k, &p.batch), 0);
        }
        end(&a);
        end(&b);
        end(&before);
        problem_release(&p);
    }
}

static struct optimiser_step step_of(const struct trial *t, const struct criterion *criterion)
{
    return (struct optimiser_step){ .ascent = ASCENT_SAM, .params = t->w, .stats = t->stats, .momentum = t->optim.momentum,
                                    .grad = t->optim.g, .moved = t->optim.moved, .criterion = criterion,
                                    .descent = { 0.1f, 0.9f, 2e-4f, false }, .rho = 0.1 };
}

static void queue(struct trial *t, const struct criterion *criterion)
{
    const struct optimiser_step step = step_of(t, criterion);
    assert_int_equal(t->b->load(t->m, &t->p->batch, &t->err), 0);
    assert_int_equal(t->b->step(t->m, &step, &t->err), 0);
}

/* A full queue gives what one step after the other gives. */
static void queue_with(enum math math)
{
    struct problem p;
    struct trial a, b;
    struct optimiser_result queued[BACKEND_STEPS], single;
    double losses[BACKEND_STEPS][POSITIONS];
    problem_init(&p, &trial_small, 4, PASS_TRAIN, 0);
    p.math = math;
    begin(&a, &whole, &p);
    begin(&b, &whole, &p);
    assert_int_equal(whole.step_wait(a.m, &single, &a.err), -1);
    assert_non_null(strstr(a.err.text, "no step is queued"));
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < BACKEND_STEPS; i++)
            queue(&a, &p.criterion);
        const struct optimiser_step step = step_of(&a, &p.criterion);
        assert_int_equal(whole.step(a.m, &step, &a.err), -1);
        assert_non_null(strstr(a.err.text, "queued already"));
        for (int i = 0; i < BACKEND_STEPS; i++) {
            assert_int_equal(whole.step_wait(a.m, &queued[i], &a.err), 0);
            whole.losses(a.m, losses[i]);
            queue(&b, &p.criterion);
            assert_int_equal(whole.step_wait(b.m, &single, &b.err), 0);
            assert_true(single.updated && queued[i].updated && !queued[i].skipped);
            assert_true(queued[i].first.loss == single.first.loss && queued[i].second.loss == single.second.loss);
            whole.losses(b.m, b.losses);
            assert_memory_equal(&losses[i], b.losses, sizeof losses[i]);
        }
        assert_same_state(&a, &b);
    }
    end(&a);
    end(&b);
    problem_release(&p);
}

static void queued_steps_are_the_same(void **state)
{
    (void)state;
    queue_with(MATH_FP32);
    if (!FEW)
        queue_with(MATH_BF16);
}

/* Behind a step that was not updated nothing happens, until the queue has been emptied. */
static void a_bad_step_stops_the_queue(void **state)
{
    const float nan_scale[8] = { NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN };
    struct problem p;
    struct trial a, b;
    struct optimiser_result r;
    (void)state;
    problem_init(&p, &trial_small, 4, PASS_TRAIN, 0);
    struct criterion bad = p.criterion;
    bad.coef.scale = nan_scale;
    begin(&a, &whole, &p);
    begin(&b, &whole, &p);
    queue(&a, &p.criterion);
    queue(&a, &bad);
    queue(&a, &p.criterion);
    queue(&b, &p.criterion);
    assert_int_equal(whole.step_wait(b.m, &r, &b.err), 0);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(whole.step_wait(a.m, &r, &a.err), 0);
        assert_int_equal(r.updated, i == 0);
        assert_int_equal(r.skipped, i == 2);
    }
    assert_same_state(&a, &b);
    for (int i = 0; i < 2; i++) { /* and on */
        queue(&a, &p.criterion);
        queue(&b, &p.criterion);
        assert_int_equal(whole.step_wait(a.m, &r, &a.err), 0);
        assert_true(r.updated && !r.skipped);
        assert_int_equal(whole.step_wait(b.m, &r, &b.err), 0);
    }
    assert_same_state(&a, &b);
    end(&a);
    end(&b);
    problem_release(&p);
}

/* --- images that the device keeps --- */

enum { IMAGES = 6, SIDE = 32, VALUES = SIDE * SIDE * 3 };

static const struct net_spec photo = { .name = "photo", SIDE, SIDE, 3, 3, HEAD_LINEAR, { PLAIN(NET_IMAGE, NET_NO_ADD, 4, 2) } };

struct album {
    struct problem p;
    struct image_set set;
    uint8_t bytes[IMAGES * VALUES];
    int32_t labels[IMAGES];
    struct pixel_table table;
};

static struct album *album_new(void)
{
    struct album *a = calloc(1, sizeof *a);
    struct rng r;
    assert_non_null(a);
    problem_init(&a->p, &photo, POSITIONS, PASS_TRAIN, 0);
    rng_init(&r, 5, RNG_DEMO, 0, 0);
    for (int i = 0; i < IMAGES * VALUES; i++)
        a->bytes[i] = (uint8_t)rng_u32(&r);
    for (int i = 0; i < IMAGES; i++)
        a->labels[i] = i % 3;
    a->set = (struct image_set){ .n = IMAGES, .kind = image_kind_cifar, .reader = &image_reader_resident, .images = a->bytes,
                                 .labels = a->labels };
    pixel_table_make(&a->table, &image_kind_cifar.norm);
    return a;
}

static void album_free(struct album *a)
{
    problem_release(&a->p);
    free(a);
}

static struct image_store *store_of(struct trial *t, const struct album *a)
{
    const struct image_source source = { .n = IMAGES, .images = a->bytes, .labels = a->labels, .table = &a->table.value[0][0] };
    struct image_store *store = t->b->store_new(t->m, &source, &t->err);
    if (!store)
        fail_msg("%s", t->err.text);
    return store;
}

/* Crops, mirrors and pixels are those of engine/data/augment.c: the first convolution sees every pixel, so its gradient and the
 * outputs would show another bit. */
static void kept_images_are_the_same(void **state)
{
    static const uint32_t positions[][POSITIONS] = { { 0, 1, 2, 3 }, { 5, 5, 0, 4 }, { 3, 2, 1, 0 } };
    struct album *a = album_new();
    struct trial t;
    float *images = host_floats((size_t)POSITIONS * VALUES), *g[2], *z[2];
    int32_t labels[POSITIONS];
    (void)state;
    begin(&t, &whole, &a->p);
    struct image_store *store = store_of(&t, a);
    const size_t n = a->p.net.params.total;
    for (int k = 0; k < 2; k++)
        g[k] = host_floats(n), z[k] = host_floats((size_t)POSITIONS * 3);
    for (uint32_t i = 0; i < 6; i++) {
        const struct augment augment = { .on = i > 0, .seed = 0x123456789abcdefu * i, .epoch = i * 17 };
        const struct image_choice choice = { .store = store, .position = positions[i % 3], .crop = augment.on, .pad = augment_pad(IMAGE_CIFAR),
                                             .seed = augment.seed, .epoch = augment.epoch };
        const uint32_t count = i == 4 ? 3 : POSITIONS;
        const struct image_list list = { &a->set, positions[i % 3], count };
        assert_int_equal(batch_fill(images, labels, &list, &augment, &t.err), 0);
        const struct batch batches[] = { { .n = count, .images = images, .labels = labels }, { .n = count, .choice = &choice } };
        for (int k = 0; k < 2; k++) {
            struct pass pass = { t.w, t.stats, PASS_TRAIN, false, &a->p.criterion, false };
            struct pass_result r;
            assert_int_equal(t.b->load(t.m, &batches[k], &t.err), 0);
            assert_int_equal(t.b->gradient(t.m, &pass, t.optim.g, &r, &t.err), 0);
            t.b->vec_read(t.m, g[k], t.optim.g, n);
            t.b->logits(t.m, z[k]);
            assert_int_equal(t.b->gradient(t.m, &pass, t.optim.g, &r, &t.err), 0); /* the batch stays */
            t.b->vec_read(t.m, g[k], t.optim.g, n);
        }
        assert_memory_equal(g[0], g[1], n * sizeof *g[0]);
        assert_memory_equal(z[0], z[1], count * 3 * sizeof *z[0]);
    }
    for (int k = 0; k < 2; k++)
        free(g[k]), free(z[k]);
    free(images);
    t.b->store_free(t.m, store);
    t.b->store_free(t.m, NULL);
    end(&t);
    album_free(a);
}

/* Each queued step has its own batch, and the optimiser does with a choice what it does with the images. */
static void steps_on_kept_images(void **state)
{
    static const enum optimiser kinds[] = { OPTIMISER_SAM, OPTIMISER_LPF, OPTIMISER_SGD, OPTIMISER_ASAM };
    struct album *a = album_new();
    struct trial t, u;
    float *images = host_floats((size_t)POSITIONS * VALUES);
    int32_t labels[POSITIONS];
    (void)state;
    begin(&t, &whole, &a->p);
    begin(&u, &whole, &a->p);
    struct image_store *store = store_of(&t, a);
    for (uint32_t i = 0; i < 4; i++) {
        const uint32_t positions[POSITIONS] = { i, i + 1, 5 - i, i / 2 };
        const struct augment augment = { .on = true, .seed = 4, .epoch = i };
        const struct image_choice choice = { .store = store, .position = positions, .crop = true, .pad = augment_pad(IMAGE_CIFAR), .seed = 4, .epoch = i };
        const struct batch kept = { .n = POSITIONS, .choice = &choice }, plain = { .n = POSITIONS, .images = images, .labels = labels };
        struct optim_knobs k = knobs_of(kinds[i], 0);
        k.lpf_m = 2;
        k.lpf_gamma = 0.01;
        const struct image_list list = { &a->set, positions, POSITIONS };
        assert_int_equal(batch_fill(images, labels, &list, &augment, &t.err), 0);
        assert_int_equal(take_step(&t, &k, &kept), 0);
        assert_int_equal(take_step(&u, &k, &plain), 0);
        assert_same_result(&t.result, &u.result);
        assert_same_state(&t, &u);
    }
    for (int queued = 0; queued < 2; queued++) { /* one after the other; all at once */
        struct trial *x = queued ? &t : &u;
        struct image_store *from = queued ? store : store_of(x, a);
        struct optimiser_result r;
        for (uint32_t i = 0; i < BACKEND_STEPS; i++) {
            const uint32_t positions[POSITIONS] = { i, 0, 5 - i, 1 };
            const struct image_choice choice = { .store = from, .position = positions, .crop = true, .pad = augment_pad(IMAGE_CIFAR), .epoch = i };
            const struct optimiser_step step = step_of(x, &a->p.criterion);
            assert_int_equal(x->b->load(x->m, &(struct batch){ .n = POSITIONS, .choice = &choice }, &x->err), 0);
            assert_int_equal(x->b->step(x->m, &step, &x->err), 0);
            if (!queued)
                assert_int_equal(x->b->step_wait(x->m, &r, &x->err), 0);
        }
        for (int i = 0; queued && i < BACKEND_STEPS; i++)
            assert_int_equal(x->b->step_wait(x->m, &r, &x->err), 0);
        if (!queued)
            x->b->store_free(x->m, from);
    }
    assert_same_state(&t, &u);
    t.b->store_free(t.m, store);
    free(images);
    end(&t);
    end(&u);
    album_free(a);
}

static void refuses_stores_and_choices(void **state)
{
    const uint32_t outside[] = { 0, IMAGES };
    struct album *a = album_new();
    struct trial t;
    (void)state;
    begin(&t, &whole, &a->p);
    struct image_store *store = store_of(&t, a);
    const struct image_choice choice = { .store = store, .position = outside };
    assert_int_equal(t.b->load(t.m, &(struct batch){ .n = 2, .choice = &choice }, &t.err), -1);
    assert_non_null(strstr(t.err.text, "number 6 of a store of 6"));
    assert_int_equal(t.b->load(t.m, &(struct batch){ .n = POSITIONS + 1, .choice = &choice }, &t.err), -1);
    a->labels[4] = 3;
    const struct image_source source = { .n = IMAGES, .images = a->bytes, .labels = a->labels, .table = &a->table.value[0][0] };
    assert_null(t.b->store_new(t.m, &source, &t.err));
    assert_non_null(strstr(t.err.text, "label 3 of image 4"));
    t.b->store_free(t.m, store);
    end(&t);
    album_free(a);
}

/* --- several directions at once --- */

/* Each product has the bits it has alone, whatever stands beside it and however many there are. */
static void directions_do_not_meet(void **state)
{
    enum { MANY = 6 };
    (void)state;
    for (int mode = 0; mode < 2; mode++) {
        struct problem p;
        struct trial t;
        struct pass_result r;
        float *v[MANY], *alone[MANY], *out[MANY];
        problem_init(&p, &trial_small, 3, mode ? PASS_TRAIN : PASS_EVAL, 0);
        begin(&t, &whole, &p);
        const size_t n = p.net.params.total;
        for (int k = 0; k < MANY; k++) {
            fill(p.v[0], n, 0, 0.05f, 300 + (uint64_t)k);
            v[k] = vec_from(t.b, t.m, p.v[0], n);
            alone[k] = vec_from(t.b, t.m, NULL, n);
            out[k] = vec_from(t.b, t.m, NULL, n);
        }
        const struct pass pass = { t.w, t.stats, p.mode, false, &p.criterion, false };
        assert_int_equal(t.b->load(t.m, &p.batch, &t.err), 0);
        assert_int_equal(t.b->hvp_prepare(t.m, &pass, &r, &t.err), 0);
        for (int k = 0; k < MANY; k++)
            assert_int_equal(t.b->hvp(t.m, 1, (const float *const *)&v[k], &alone[k], &t.err), 0);
        for (int count = 2; count <= MANY; count += 4) {
            assert_int_equal(t.b->hvp(t.m, count, (const float *const *)v, out, &t.err), 0);
            for (int k = 0; k < count; k++) {
                assert_same_vector(&t, alone[k], &t, out[k], n);
                t.b->vec_zero(t.m, out[k], n);
            }
        }
        for (int k = 0; k < MANY; k++) {
            t.b->vec_free(t.m, v[k]);
            t.b->vec_free(t.m, alone[k]);
            t.b->vec_free(t.m, out[k]);
        }
        end(&t);
        problem_release(&p);
    }
}

/* --- slots --- */

/* Passes that are kept side by side give the products that each gives alone; a gradient in one slot ends what all of them kept. */
static void slots_keep_their_passes(void **state)
{
    enum { SLOTS = 3 };
    static const int order[] = { 1, 2, 0, 2, 1 };
    struct trial t;
    struct problem p[SLOTS];
    struct answer alone[SLOTS] = { 0 };
    struct pass_result r;
    (void)state;
    for (int i = 0; i < SLOTS; i++) {
        problem_init(&p[i], &trial_small, 3 - i, PASS_EVAL, 0);
        fill(p[i].images, (size_t)(3 - i) * 9 * 10 * 3, 0, 1, 70 + (uint64_t)i);
        solve(&whole, &p[i], 3, &alone[i]);
    }
    begin(&t, &whole, &p[0]);
    const size_t n = p[0].net.params.total;
    assert_int_equal(t.b->slots(t.m, (size_t)1 << 28, SLOTS, &t.err), SLOTS);
    const struct pass pass = { t.w, t.stats, PASS_EVAL, false, &p[0].criterion, false };
    float *v = vec_from(t.b, t.m, p[0].v[0], n), *out = vec_from(t.b, t.m, NULL, n), *host = host_floats(n);
    for (int i = 0; i < SLOTS; i++) {
        t.b->turn(t.m, i);
        assert_int_equal(t.b->load(t.m, &p[i].batch, &t.err), 0);
        assert_int_equal(t.b->hvp_prepare(t.m, &pass, &r, &t.err), 0);
        assert_true(r.loss == alone[i].prepared.loss);
    }
    for (size_t k = 0; k < sizeof order / sizeof *order; k++) {
        t.b->turn(t.m, order[k]);
        assert_int_equal(t.b->hvp(t.m, 1, (const float *const *)&v, &out, &t.err), 0);
        t.b->vec_read(t.m, host, out, n);
        assert_memory_equal(host, alone[order[k]].hv[0], n * sizeof *host);
    }
    t.b->turn(t.m, 2);
    assert_int_equal(t.b->gradient(t.m, &pass, NULL, &r, &t.err), 0);
    t.b->turn(t.m, 0);
    assert_int_equal(t.b->hvp(t.m, 1, (const float *const *)&v, &out, &t.err), -1);
    t.b->vec_free(t.m, v);
    t.b->vec_free(t.m, out);
    free(host);
    end(&t);
    for (int i = 0; i < SLOTS; i++) {
        answer_release(&alone[i]);
        problem_release(&p[i]);
    }
}

int run_step_tests(const struct backend *dev)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_piece_gives_the_same_bits),
        cmocka_unit_test(nothing_moves_when_a_number_is_not_finite),
        cmocka_unit_test(queued_steps_are_the_same),
        cmocka_unit_test(a_bad_step_stops_the_queue),
        cmocka_unit_test(kept_images_are_the_same),
        cmocka_unit_test(steps_on_kept_images),
        cmocka_unit_test(refuses_stores_and_choices),
        cmocka_unit_test(directions_do_not_meet),
        cmocka_unit_test(slots_keep_their_passes),
    };
    whole = parts = *dev;
    parts.step = NULL;
    parts.step_wait = NULL;
    if (!whole.step)
        return 0;
    return cmocka_run_group_tests_name("kernels/steps", tests, NULL, NULL);
}
