/* The curvature operator against the back end itself, in one shard and in several, and what it refuses. */
#include "config.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/rng.h"
#include "engine/criteria/loss.h"
#include "engine/model/families.h"
#include "engine/model/initial.h"
#include "engine/optim/scales.h"
#include "engine/probe/curvature_op.h"

enum { IMAGES = 11, CHOSEN = 7, CLASSES = 3, VECTORS = 5 };

struct bench {
    struct net net;
    struct image_set set;
    struct loss loss;
    float *params, *stats, *v[VECTORS];
    uint32_t index[CHOSEN];
};

static float *floats(size_t n)
{
    float *v = calloc(n, sizeof *v);
    assert_non_null(v);
    return v;
}

static void random_fill(float *v, size_t n, uint64_t seed)
{
    struct rng r;
    rng_init(&r, seed, RNG_PROBE, 0, 0);
    for (size_t i = 0; i < n; i++)
        v[i] = rng_normal(&r);
}

static int bench_open(void **state)
{
    static const uint32_t positions[CHOSEN] = { 10, 0, 3, 4, 9, 7, 2 };
    struct bench *b = calloc(1, sizeof *b);
    struct rng r;
    assert_non_null(b);
    assert_int_equal(net_of_family(&b->net, "resnet8", IMAGE_CIFAR, CLASSES, HEAD_LINEAR, NULL), 0);
    assert_int_equal(image_set_init(&b->set, &image_kind_cifar, IMAGES, CLASSES, NULL), 0);
    rng_init(&r, 5, RNG_DEMO, 0, 0);
    for (size_t i = 0; i < (size_t)IMAGES * CIFAR_VALUES; i++)
        b->set.images[i] = (uint8_t)rng_below(&r, 256);
    for (int i = 0; i < IMAGES; i++)
        b->set.labels[i] = i % CLASSES;
    image_set_recount(&b->set, CLASSES);
    assert_int_equal(loss_init(&b->loss, CLASSES, b->set.count, NULL), 0);
    for (int c = 0; c < CLASSES; c++)
        b->loss.weight[c] = 0.5f + 0.25f * (float)c;
    b->params = floats(b->net.params.total);
    b->stats = floats(b->net.stats.total);
    net_init_params(&b->net, 3, b->params, b->stats);
    for (int k = 0; k < VECTORS; k++) {
        b->v[k] = floats(b->net.params.total);
        random_fill(b->v[k], b->net.params.total, 40 + (uint64_t)k);
    }
    memcpy(b->index, positions, sizeof positions);
    *state = b;
    return 0;
}

static int bench_close(void **state)
{
    struct bench *b = *state;
    net_release(&b->net);
    image_set_release(&b->set);
    loss_release(&b->loss);
    free(b->params);
    free(b->stats);
    for (int k = 0; k < VECTORS; k++)
        free(b->v[k]);
    free(b);
    return 0;
}

static struct curvature_set set_of(struct bench *b, enum pass_mode mode)
{
    return (struct curvature_set){ .images = &b->set, .index = b->index, .n = CHOSEN, .mode = mode, .criterion = &b->loss.criterion };
}

static struct curvature_op *open_op(struct bench *b, const struct backend *backend, uint32_t max_images, int max_vectors,
                                    enum pass_mode mode)
{
    struct err err = { 0 };
    const struct curvature_set set = set_of(b, mode);
    struct curvature_op *op = curvature_op_new(
        backend, &b->net, &(struct curvature_options){ .max_images = max_images, .max_vectors = max_vectors, .threads = 2 }, &err);
    if (!op)
        fail_msg("%s", err.text);
    assert_int_equal(curvature_op_weights(op, b->params, b->stats, &err), 0);
    assert_int_equal(curvature_op_choose(op, &set, &err), 0);
    return op;
}

/* Mean loss, gradient and products in host memory: [2 + VECTORS][total], row 0 holding the loss only. */
static float *everything(struct bench *b, struct curvature_op *op, const struct backend *backend)
{
    const size_t n = b->net.params.total;
    struct model *m = curvature_op_model(op);
    struct pass_result prepared, r;
    struct err err = { 0 };
    float *all = floats((2 + VECTORS) * n), *grad = backend->vec_new(m, n, NULL), *v[VECTORS], *out[VECTORS];
    const float *cv[VECTORS];
    for (int k = 0; k < VECTORS; k++) {
        cv[k] = v[k] = backend->vec_new(m, n, NULL);
        out[k] = backend->vec_new(m, n, NULL);
        backend->vec_write(m, v[k], b->v[k], n);
    }
    assert_int_equal(curvature_op_prepare(op, &prepared, &err), 0);
    assert_int_equal(curvature_op_apply(op, VECTORS, cv, out, &err), 0);
    assert_int_equal(curvature_op_gradient(op, NULL, grad, &r, &err), 0);
    assert_int_equal(r.n, CHOSEN);
    assert_true(r.loss == prepared.loss && r.weight_sum == prepared.weight_sum && r.correct == prepared.correct);
    all[0] = (float)r.loss;
    backend->vec_read(m, all + n, grad, n);
    for (int k = 0; k < VECTORS; k++) {
        backend->vec_read(m, all + (2 + (size_t)k) * n, out[k], n);
        backend->vec_free(m, v[k]);
        backend->vec_free(m, out[k]);
    }
    backend->vec_free(m, grad);
    return all;
}

/* Largest relative distance of the rows. */
static double gap(const struct bench *b, const float *x, const float *y)
{
    const size_t n = b->net.params.total;
    double worst = 0;
    for (size_t row = 0; row < 2 + VECTORS; row++) {
        double d = 0, size = 0;
        for (size_t i = row * n; i < (row + 1) * n; i++) {
            d += ((double)x[i] - (double)y[i]) * ((double)x[i] - (double)y[i]);
            size += (double)y[i] * (double)y[i];
        }
        assert_true(size > 0);
        worst = fmax(worst, sqrt(d / size));
    }
    return worst;
}

/* The operator's answers in one batch of a back end, by hand. */
static float *by_hand(struct bench *b, const struct backend *backend, enum pass_mode mode)
{
    const size_t n = b->net.params.total;
    struct model *m = backend->open(&b->net, &(struct model_options){ .max_batch = CHOSEN, .threads = 1 }, NULL);
    float *all = floats((2 + VECTORS) * n), *w = backend->vec_new(m, n, NULL), *out = backend->vec_new(m, n, NULL);
    float *stats = backend->vec_new(m, b->net.stats.total, NULL), *v = backend->vec_new(m, n, NULL);
    float *pixels = floats((size_t)CHOSEN * CIFAR_VALUES);
    int32_t labels[CHOSEN];
    struct pass_result r;
    const struct augment none = { .on = false };
    const struct pass pass = { .params = w, .stats = stats, .mode = mode, .criterion = &b->loss.criterion };
    assert_int_equal(batch_fill(pixels, labels, &(const struct image_list){ &b->set, b->index, CHOSEN }, &none, NULL), 0);
    backend->vec_write(m, w, b->params, n);
    backend->vec_write(m, stats, b->stats, b->net.stats.total);
    assert_int_equal(backend->load(m, &(struct batch){ .n = CHOSEN, .images = pixels, .labels = labels }, NULL), 0);
    assert_int_equal(backend->gradient(m, &pass, out, &r, NULL), 0);
    all[0] = (float)r.loss;
    backend->vec_read(m, all + n, out, n);
    assert_int_equal(backend->hvp_prepare(m, &pass, &r, NULL), 0);
    for (int k = 0; k < VECTORS; k++) {
        backend->vec_write(m, v, b->v[k], n);
        assert_int_equal(backend->hvp(m, 1, (const float *const[]){ v }, (float *const[]){ out }, NULL), 0);
        backend->vec_read(m, all + (2 + (size_t)k) * n, out, n);
    }
    float *vectors[] = { w, out, stats, v };
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++)
        backend->vec_free(m, vectors[i]);
    backend->close(m);
    free(pixels);
    return all;
}

static void one_shard_is_the_back_end(void **state)
{
    struct bench *b = *state;
    for (int i = 0; i < 6; i++) { /* directions in blocks give the bits of single ones, which by_hand() asks for */
        const int mode = i % 2, at_once[] = { 2, 4, VECTORS };
        struct curvature_op *op = open_op(b, &backend_cpu, CHOSEN, at_once[i / 2], mode ? PASS_TRAIN : PASS_EVAL);
        float *all = everything(b, op, &backend_cpu), *truth = by_hand(b, &backend_cpu, mode ? PASS_TRAIN : PASS_EVAL);
        assert_memory_equal(all, truth, (2 + VECTORS) * b->net.params.total * sizeof *all);
        free(all);
        free(truth);
        curvature_op_free(op);
    }
}

/* Weighted mean over a set whose shards have different weights: only a common divisor makes them add up. */
static void shards_add_up(void **state)
{
    struct bench *b = *state;
    float *truth = by_hand(b, &backend_cpu, PASS_EVAL);
    for (uint32_t room = 1; room < CHOSEN; room += 2) {
        struct curvature_op *op = open_op(b, &backend_cpu, room, 1 + (int)room, PASS_EVAL);
        float *all = everything(b, op, &backend_cpu), *again = everything(b, op, &backend_cpu);
        assert_true(gap(b, all, truth) < 2e-5);
        assert_memory_equal(all, again, (2 + VECTORS) * b->net.params.total * sizeof *all);
        free(all);
        free(again);
        curvature_op_free(op);
    }
    free(truth);
}

/* The smallest budget that gives a second slot of two images. */
static size_t slot_bytes(const struct bench *b)
{
    struct model *m = backend_cpu.open(&b->net, &(struct model_options){ .max_batch = 2, .threads = 2 }, NULL);
    size_t low = 0, high = (size_t)1 << 30;
    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        *(backend_cpu.slots(m, middle, 2, NULL) == 2 ? &high : &low) = middle;
    }
    backend_cpu.close(m);
    return high;
}

/* Shards that stay prepared, some or all of them, give the bits of shards prepared again in each product; memory is taken
 * when it is used. */
static void kept_is_streamed(void **state)
{
    struct bench *b = *state;
    const size_t numbers = (2 + VECTORS) * b->net.params.total, one = slot_bytes(b);
    const struct curvature_set set = set_of(b, PASS_EVAL);
    float *streamed = NULL;
    size_t least = 0;
    for (int slots = 1; slots <= 5; slots++) {
        const struct curvature_options options = { .max_images = 2, .max_vectors = 2, .threads = 2,
                                                   .keep_bytes = (size_t)(slots - 1) * one };
        struct curvature_op *op = curvature_op_new(&backend_cpu, &b->net, &options, NULL);
        assert_non_null(op);
        assert_int_equal(curvature_op_kept(op), slots);
        assert_int_equal(curvature_op_weights(op, b->params, b->stats, NULL), 0);
        assert_int_equal(curvature_op_choose(op, &set, NULL), 0);
        float *all = everything(b, op, &backend_cpu), *again = everything(b, op, &backend_cpu);
        const size_t bytes = curvature_op_memory_bytes(op), used = slots < 4 ? (size_t)slots - 1 : 3; /* shards: 2, 2, 2, 1 */
        streamed = streamed ? streamed : all;
        least = slots == 1 ? bytes : least;
        assert_int_equal(bytes - least, used * one);
        assert_memory_equal(all, streamed, numbers * sizeof *all);
        assert_memory_equal(again, streamed, numbers * sizeof *again);
        if (all != streamed)
            free(all);
        free(again);
        curvature_op_free(op);
    }
    free(streamed);
}

/* Another draw is another function; the same draw is the same one. */
static void augmentation_is_frozen(void **state)
{
    struct bench *b = *state;
    struct curvature_op *op = open_op(b, &backend_cpu, 4, 2, PASS_EVAL);
    struct curvature_set set = set_of(b, PASS_EVAL);
    double loss[4];
    for (int i = 0; i < 4; i++) {
        const struct augment augment = { .on = i > 0, .seed = i == 3 ? 9 : 8, .epoch = 0 };
        struct pass_result r;
        set.augment = &augment;
        assert_int_equal(curvature_op_choose(op, &set, NULL), 0);
        assert_int_equal(curvature_op_prepare(op, &r, NULL), 0);
        loss[i] = r.loss;
    }
    assert_true(loss[1] == loss[2]);
    assert_true(loss[0] != loss[1] && loss[1] != loss[3]);
    curvature_op_free(op);
}

static void other_weights(void **state)
{
    struct bench *b = *state;
    const size_t n = b->net.params.total;
    struct curvature_op *op = open_op(b, &backend_cpu, 4, 1, PASS_EVAL);
    struct model *m = curvature_op_model(op);
    struct pass_result here, there, back;
    float *w = backend_cpu.vec_new(m, n, NULL);
    backend_cpu.vec_copy(m, w, curvature_op_params(op), n);
    backend_cpu.vec_scale(m, w, 1.01f, n);
    assert_int_equal(curvature_op_gradient(op, NULL, NULL, &here, NULL), 0);
    assert_int_equal(curvature_op_gradient(op, w, NULL, &there, NULL), 0);
    assert_int_equal(curvature_op_prepare(op, &back, NULL), 0);
    assert_true(here.loss != there.loss && here.loss == back.loss);
    backend_cpu.vec_free(m, w);
    curvature_op_free(op);
}

static void expect(int result, const struct err *err, enum err_code code, const char *word)
{
    assert_int_equal(result, -1);
    assert_int_equal(err->code, code);
    if (!strstr(err->text, word))
        fail_msg("'%s' does not say '%s'", err->text, word);
}

static void refusals(void **state)
{
    struct bench *b = *state;
    struct err err = { 0 };
    struct curvature_options options = { .max_images = 4, .max_vectors = 1, .threads = 1 };
    struct curvature_set set = set_of(b, PASS_EVAL);
    struct curvature_op *op = curvature_op_new(&backend_cpu, &b->net, &options, &err);
    assert_non_null(op);
    expect(curvature_op_prepare(op, NULL, &err), &err, ERR_USAGE, "weights");
    assert_null(curvature_op_params(op));
    assert_int_equal(curvature_op_weights(op, b->params, b->stats, &err), 0);
    expect(curvature_op_prepare(op, NULL, &err), &err, ERR_USAGE, "images");
    set.n = 0;
    expect(curvature_op_choose(op, &set, &err), &err, ERR_DATA, "at least one");
    set = set_of(b, PASS_TRAIN);
    expect(curvature_op_choose(op, &set, &err), &err, ERR_RANGE, "at most 4");
    set.n = 4;
    assert_int_equal(curvature_op_choose(op, &set, &err), 0);
    b->index[6] = IMAGES;
    set = set_of(b, PASS_EVAL);
    expect(curvature_op_choose(op, &set, &err), &err, ERR_RANGE, "image 11");
    expect(curvature_op_prepare(op, NULL, &err), &err, ERR_USAGE, "images");
    b->index[6] = 2;
    memset(b->loss.weight, 0, CLASSES * sizeof(float));
    expect(curvature_op_choose(op, &set, &err), &err, ERR_INVALID, "sum to 0");
    b->params[17] = NAN;
    expect(curvature_op_weights(op, b->params, b->stats, &err), &err, ERR_DIVERGED, "not finite");
    assert_null(curvature_op_params(op));
    curvature_op_free(op);
    options.max_images = 0;
    assert_null(curvature_op_new(&backend_cpu, &b->net, &options, &err));
    curvature_op_free(NULL);
}

/* --- memory --------------------------------------------------------------------------------------------------------- */

/* Products need no more than the model said before the first of them. */
static void counted_from_the_beginning(void **state)
{
    static const struct backend *const here[] = { &backend_cpu, &backend_reference };
    struct bench *b = *state;
    for (int i = 0; i < 2; i++) {
        struct curvature_op *op = open_op(b, here[i], CHOSEN, 1, PASS_EVAL);
        struct model *m = curvature_op_model(op);
        const size_t before = here[i]->memory_bytes(m);
        float *v = here[i]->vec_new(m, b->net.params.total, NULL), *out = here[i]->vec_new(m, b->net.params.total, NULL);
        here[i]->vec_write(m, v, b->v[0], b->net.params.total);
        assert_int_equal(curvature_op_apply(op, 1, (const float *const[]){ v }, &out, NULL), 0);
        assert_int_equal(here[i]->memory_bytes(m), before);
        here[i]->vec_free(m, v);
        here[i]->vec_free(m, out);
        curvature_op_free(op);
    }
}

static size_t memory_of_products;

static struct model *narrow_open(const struct net *net, const struct model_options *options, struct err *err)
{
    memory_of_products = options->products ? (size_t)1 << 50 : 0; /* a million gigabytes */
    return backend_cpu.open(net, options, err);
}

static size_t narrow_bytes(const struct model *m)
{
    (void)m;
    return memory_of_products;
}

static void too_large(void **state)
{
    struct bench *b = *state;
    struct backend narrow = backend_cpu;
    struct err err = { 0 };
    narrow.open = narrow_open;
    narrow.memory_bytes = narrow_bytes;
    const struct curvature_options options = { .max_images = 4, .max_vectors = 1, .threads = 1 };
    assert_null(curvature_op_new(&narrow, &b->net, &options, &err));
    assert_int_equal(err.code, ERR_MEMORY);
    const char *line = "a probe of resnet8 on images of 32x32 in batches of 4 needs about 1048576.0 GiB, and ", *end = "iB are free";
    if (strncmp(err.text, line, strlen(line)) != 0 || strcmp(err.text + strlen(err.text) - strlen(end), end) != 0)
        fail_msg("'%s'", err.text);
}

static bool count_down(void *ctx)
{
    int *left = ctx;
    return (*left)-- <= 0;
}

/* Stopped between shards; afterwards it works as if nothing had been. */
static void stops(void **state)
{
    struct bench *b = *state;
    const size_t n = b->net.params.total;
    struct err err = { 0 };
    int left = 1000;
    const struct curvature_options options = { .max_images = 2, .max_vectors = 1, .threads = 1, .stop = count_down, .stop_ctx = &left };
    const struct curvature_set set = set_of(b, PASS_EVAL);
    struct curvature_op *op = curvature_op_new(&backend_cpu, &b->net, &options, &err);
    assert_non_null(op);
    struct model *m = curvature_op_model(op);
    float *v = backend_cpu.vec_new(m, n, NULL), *out = backend_cpu.vec_new(m, n, NULL), *host[2] = { floats(n), floats(n) };
    backend_cpu.vec_write(m, v, b->v[0], n);
    assert_int_equal(curvature_op_weights(op, b->params, b->stats, &err), 0);
    assert_int_equal(curvature_op_choose(op, &set, &err), 0);
    assert_int_equal(curvature_op_apply(op, 1, (const float *const[]){ v }, &out, &err), 0);
    backend_cpu.vec_read(m, host[0], out, n);
    left = 3;
    expect(curvature_op_apply(op, 1, (const float *const[]){ v }, &out, &err), &err, ERR_CANCELLED, "cancelled");
    left = 1000;
    assert_int_equal(curvature_op_apply(op, 1, (const float *const[]){ v }, &out, &err), 0);
    backend_cpu.vec_read(m, host[1], out, n);
    assert_memory_equal(host[0], host[1], n * sizeof *out);
    assert_true(curvature_op_memory_bytes(op) > backend_cpu.memory_bytes(m));
    backend_cpu.vec_free(m, v);
    backend_cpu.vec_free(m, out);
    free(host[0]);
    free(host[1]);
    curvature_op_free(op);
}

/* Restricted to groups, in shards: v[k] short, out the trainable part of the whole operator's answer to v with zeros elsewhere. */
static void check_block(struct bench *b, const char *which, enum pass_mode mode, uint32_t shard)
{
    const size_t n = b->net.params.total;
    struct err err = { 0 };
    struct param_groups groups;
    struct curvature_op *op = open_op(b, &backend_cpu, shard, 2, mode);
    struct model *m = curvature_op_model(op);
    float *v[VECTORS], *whole[VECTORS], *out[VECTORS], *block[VECTORS], *grad = backend_cpu.vec_new(m, n, NULL);
    assert_int_equal(curvature_op_dimension(op), n);
    assert_int_equal(param_groups_init(&groups, &b->net, &err), 0);
    if (param_groups_set(&groups, &b->net, which, &(struct param_rule){ .trainable = false }, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(curvature_op_restrict(op, &groups, &err), 0);
    assert_true(curvature_op_dimension(op) == groups.trainable && groups.trainable < n);
    for (int k = 0; k < VECTORS; k++) {
        v[k] = backend_cpu.vec_new(m, n, NULL), whole[k] = backend_cpu.vec_new(m, n, NULL);
        out[k] = backend_cpu.vec_new(m, n, NULL), block[k] = backend_cpu.vec_new(m, n, NULL);
        memcpy(v[k], b->v[k], groups.trainable * sizeof **v); /* of this back end vectors are host memory */
        curvature_op_expand(op, v[k], whole[k]);
    }
    assert_int_equal(curvature_op_apply(op, VECTORS, (const float *const *)v, block, &err), 0);
    assert_int_equal(curvature_op_gradient(op, NULL, grad, NULL, &err), 0);
    for (size_t i = 0; i < n; i++)
        assert_true(param_groups_rule(&groups, i)->trainable || grad[i] == 0);
    assert_int_equal(param_groups_set(&groups, &b->net, "all", &param_rule_plain, &err), 0);
    assert_int_equal(curvature_op_restrict(op, &groups, &err), 0);
    assert_int_equal(curvature_op_apply(op, VECTORS, (const float *const *)whole, out, &err), 0);
    assert_int_equal(param_groups_set(&groups, &b->net, which, &(struct param_rule){ .trainable = false }, &err), 0);
    for (int k = 0; k < VECTORS; k++) {
        double d = 0, size = 0;
        for (size_t i = 0, at = 0; i < n; i++)
            if (param_groups_rule(&groups, i)->trainable) {
                d += pow((double)block[k][at++] - out[k][i], 2);
                size += pow(out[k][i], 2);
            }
        assert_true(size > 0 && sqrt(d / size) < 1e-5);
    }
    for (int k = 0; k < VECTORS; k++) {
        float *mine[] = { v[k], whole[k], out[k], block[k] };
        for (int i = 0; i < 4; i++)
            backend_cpu.vec_free(m, mine[i]);
    }
    backend_cpu.vec_free(m, grad);
    param_groups_release(&groups);
    curvature_op_free(op);
}

static void of_groups_it_is_the_block(void **state)
{
    static const char *const frozen[] = { "backbone", "head", "layer2." };
    for (int i = 0; i < 3; i++) {
        check_block(*state, frozen[i], PASS_EVAL, 3);
        check_block(*state, frozen[i], PASS_TRAIN, CHOSEN);
    }
}

/* Over scales of the classifier's rows: J'HJ, with H the classifier's block. */
static void of_scales_it_is_what_they_reach(void **state)
{
    struct bench *b = *state;
    const size_t n = b->net.params.total, head = b->net.head_weight, classes = (size_t)b->net.classes, count = n - head;
    struct err err = { 0 };
    struct param_groups groups;
    struct curvature_op *op = open_op(b, &backend_cpu, 3, 2, PASS_EVAL);
    struct model *m = curvature_op_model(op);
    float *classifier = floats(count), *e = backend_cpu.vec_new(m, classes, NULL), *whole = backend_cpu.vec_new(m, n, NULL);
    float *out = backend_cpu.vec_new(m, classes, NULL), *block = backend_cpu.vec_new(m, n, NULL);
    double *expected = calloc(classes, sizeof *expected), largest = 0;
    for (size_t i = 0; i < count; i++)
        classifier[i] = b->params[head + i] * (1.5f - 0.001f * (float)i);
    assert_int_equal(param_groups_init(&groups, &b->net, &err), 0);
    expect(curvature_op_use_scales(op, classifier, &err), &err, ERR_INVALID, "a linear classifier that alone trains is accepted");
    assert_int_equal(param_groups_set(&groups, &b->net, "backbone", &(struct param_rule){ .trainable = false }, &err), 0);
    assert_int_equal(curvature_op_restrict(op, &groups, &err), 0);
    for (size_t j = 0; j < classes; j++) {
        memset(e, 0, classes * sizeof *e); /* of this back end vectors are host memory */
        e[j] = 1;
        assert_int_equal(curvature_op_use_scales(op, classifier, &err), 0);
        assert_int_equal(curvature_op_dimension(op), classes);
        curvature_op_expand(op, e, whole);
        assert_int_equal(curvature_op_apply(op, 1, (const float *const[]){ e }, &out, &err), 0);
        for (size_t i = 0; i < head; i++)
            assert_true(whole[i] == 0);
        assert_int_equal(curvature_op_use_scales(op, NULL, &err), 0);
        assert_int_equal(curvature_op_dimension(op), count);
        assert_int_equal(curvature_op_apply(op, 1, (const float *const[]){ whole + head }, &block, &err), 0);
        scales_gather(b->net.classes, b->net.features, classifier, block, expected);
        for (size_t i = 0; i < classes; i++) {
            largest = fmax(largest, fabs(expected[i]));
            assert_true(fabs((double)out[i] - expected[i]) <= 1e-6 * largest);
        }
    }
    assert_true(largest > 0);
    float *mine[] = { e, whole, out, block };
    for (int i = 0; i < 4; i++)
        backend_cpu.vec_free(m, mine[i]);
    free(classifier);
    free(expected);
    param_groups_release(&groups);
    curvature_op_free(op);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_shard_is_the_back_end, bench_open, bench_close),
        cmocka_unit_test_setup_teardown(shards_add_up, bench_open, bench_close),
        cmocka_unit_test_setup_teardown(kept_is_streamed, bench_open, bench_close),
        cmocka_unit_test_setup_teardown(augmentation_is_frozen, bench_open, bench_close),
        cmocka_unit_test_setup_teardown(other_weights, bench_open, bench_close),
        cmocka_unit_test_setup_teardown(refusals, bench_open, bench_close),
        cmocka_unit_test_setup_teardown(counted_from_the_beginning, bench_open, bench_close),
        cmocka_unit_test_setup_teardown(too_large, bench_open, bench_close),
        cmocka_unit_test_setup_teardown(stops, bench_open, bench_close),
        cmocka_unit_test_setup_teardown(of_groups_it_is_the_block, bench_open, bench_close),
        cmocka_unit_test_setup_teardown(of_scales_it_is_what_they_reach, bench_open, bench_close),
    };
    return cmocka_run_group_tests_name("unit/curvature_op", tests, NULL, NULL);
}
