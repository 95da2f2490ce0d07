/* A bank of features, on every back end of this program: steps of a classifier, or of scales of its rows, have the bits of the same steps over
 * the images; and the loss of what trains so is convex. */
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

#include "engine/criteria/loss.h"
#include "engine/model/families.h"
#include "engine/model/initial.h"
#include "engine/optim/optim.h"
#include "engine/probe/lanczos.h"
#include "engine/run/feature_bank.h"
#include "tests/unit/bands.h"

enum { BATCH = 16, STEPS = 6 };
static const struct backend *b; /* the one under test */

struct stage {
    struct dataset data;
    struct knobs knobs;
    struct net net;
    struct model *model;
    struct batches batches;
    struct loss loss;
    struct optim optim;
    struct feature_bank bank;
    float *w, *stats; /* vectors */
    size_t n;
};

static void must(int result)
{
    if (result < 0)
        fail_msg("%s: %s", b->name, last.text);
}

static float *vector(struct stage *s, const float *host, size_t n)
{
    float *v = b->vec_new(s->model, n, &last);
    must(v ? 0 : -1);
    if (host)
        b->vec_write(s->model, v, host, n);
    return v;
}

static void open_stage(struct stage *s, bool scales)
{
    struct param_groups groups;
    const struct param_rule frozen = { .trainable = false };
    *s = (struct stage){ 0 };
    make_data(&s->data, train_counts, 0);
    knobs_init(&s->knobs);
    knob(&s->knobs, "batch", "16");
    knob(&s->knobs, "augment", "off");
    knob(&s->knobs, "sampler", "class-aware");
    must(net_of_family(&s->net, "resnet8", BAND_SIZE, CLASSES, HEAD_LINEAR, &last));
    s->model = b->open(&s->net, &(struct model_options){ .max_batch = BATCH + 7, .threads = 2 }, &last);
    must(s->model ? 0 : -1);
    must(batches_init(&s->batches, &s->data, &s->knobs, BATCH + 7, &last));
    must(loss_init(&s->loss, CLASSES, s->data.train.count, &last));
    s->n = s->net.params.total;
    float *w = malloc(s->n * sizeof *w), *stats = malloc(s->net.stats.total * sizeof *stats);
    assert_true(w && stats);
    net_init_params(&s->net, 3, w, stats);
    s->w = vector(s, w, s->n);
    s->stats = vector(s, stats, s->net.stats.total);
    free(w), free(stats);
    must(optim_init(&s->optim, b, s->model, &s->net, &last));
    must(param_groups_init(&groups, &s->net, &last));
    must(param_groups_set(&groups, &s->net, "backbone", &frozen, &last));
    must(optim_use_groups(&s->optim, &groups, NORM_RUNNING, &last));
    param_groups_release(&groups);
    if (scales)
        must(optim_use_scales(&s->optim, s->w, &last));
    const struct pass pass = { .params = s->w, .stats = s->stats, .criterion = &s->loss.criterion };
    must(feature_bank_init(&s->bank, &s->data.train, s->net.features, BATCH, &last));
    must(feature_bank_take(&s->bank, b, s->model, &s->batches, &pass, &last));
}

static void close_stage(struct stage *s)
{
    optim_release(&s->optim);
    b->vec_free(s->model, s->w);
    b->vec_free(s->model, s->stats);
    b->close(s->model);
    batches_release(&s->batches);
    feature_bank_release(&s->bank);
    loss_release(&s->loss);
    net_release(&s->net);
    dataset_free(&s->data);
}

static struct batch banked(struct stage *s, uint32_t step)
{
    struct batch batch, of_images;
    must(batches_get(&s->batches, step / s->batches.per_epoch, step % s->batches.per_epoch, true, &of_images, &last));
    feature_bank_batch(&s->bank, s->batches.position + step % s->batches.per_epoch * BATCH, of_images.n, &batch);
    return batch;
}

static void take_steps(struct stage *s, enum optimiser kind, bool from_bank)
{
    const struct optim_knobs k = { .kind = kind, .lr = 0.01f, .momentum = 0.9f, .weight_decay = 5e-4f, .rho = 0.05, .lpf_m = 3, .lpf_gamma = 0.01,
                                   .batch_size = BATCH, .seed = 1 };
    for (uint32_t step = 0; step < STEPS; step++) {
        struct optimiser_result r;
        struct batch batch;
        if (from_bank)
            batch = banked(s, step);
        else
            must(batches_get(&s->batches, step / s->batches.per_epoch, step % s->batches.per_epoch, true, &batch, &last));
        const struct optim_task task = { .batch = &batch, .criterion = &s->loss.criterion, .w = s->w, .stats = s->stats };
        must(optim_step(&s->optim, &k, &task, &r, &last));
    }
}

static void steps_from_the_bank_have_the_bits_of_the_images(void **state)
{
    static const struct {
        enum optimiser kind;
        bool scales;
    } ways[] = { { OPTIMISER_SGD, false }, { OPTIMISER_SAM, false }, { OPTIMISER_LPF, false }, { OPTIMISER_SAM, true } };
    (void)state;
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        struct stage whole, short_way;
        open_stage(&whole, ways[i].scales);
        open_stage(&short_way, ways[i].scales);
        float *first = malloc(whole.n * sizeof *first), *w = malloc(whole.n * sizeof *w), *other = malloc(whole.n * sizeof *other);
        assert_true(first && w && other);
        b->vec_read(whole.model, first, whole.w, whole.n);
        take_steps(&whole, ways[i].kind, false);
        take_steps(&short_way, ways[i].kind, true);
        b->vec_read(whole.model, w, whole.w, whole.n);
        b->vec_read(short_way.model, other, short_way.w, whole.n);
        const size_t head = whole.net.head_weight;
        assert_memory_equal(w, other, whole.n * sizeof *w);
        assert_memory_equal(w, first, head * sizeof *w);
        assert_true(memcmp(w + head, first + head, (whole.n - head) * sizeof *w) != 0);
        free(first), free(w), free(other);
        close_stage(&whole);
        close_stage(&short_way);
    }
}

/* --- convex -------------------------------------------------------------------------------------------------------- */

struct curvature {
    struct stage *s;
    float *v, *out; /* vectors of all parameters */
};

/* The Hessian over the classifier of the batch that was prepared. */
static int product(void *ctx, const float *v, float *out, struct err *err)
{
    struct curvature *c = ctx;
    const size_t first = c->s->net.head_weight, n = c->s->n - first;
    b->vec_copy(c->s->model, c->v + first, v, n);
    if (b->hvp(c->s->model, 1, (const float *const[]){ c->v }, &c->out, err) < 0)
        return -1;
    b->vec_copy(c->s->model, out, c->out + first, n);
    return 0;
}

static void what_trains_is_convex(void **state)
{
    struct stage s;
    struct pass_result r;
    struct lanczos_status now;
    (void)state;
    open_stage(&s, false);
    take_steps(&s, OPTIMISER_SGD, true);
    const size_t n = s.n - s.net.head_weight;
    const struct pass pass = { .params = s.w, .stats = s.stats, .mode = PASS_EVAL, .criterion = &s.loss.criterion, .head_only = true };
    struct curvature c = { &s, vector(&s, NULL, s.n), vector(&s, NULL, s.n) };
    struct batch batch = banked(&s, STEPS);
    must(b->load(s.model, &batch, &last));
    must(b->hvp_prepare(s.model, &pass, &r, &last));
    struct lanczos *l = lanczos_new(b, s.model, n, 40, &last);
    must(l ? lanczos_start(l, 1, 0, NULL, &last) : -1);
    while (!lanczos_done(l, 0))
        must(lanczos_step(l, product, &c, &last));
    lanczos_status(l, &now);
    if (!(now.max > 0.01 && now.min >= -1e-6 * now.max))
        fail_msg("%s: lambda_min %.9g, lambda_max %.9g", b->name, now.min, now.max);
    lanczos_free(l);
    b->vec_free(s.model, c.v), b->vec_free(s.model, c.out);
    close_stage(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_from_the_bank_have_the_bits_of_the_images),
        cmocka_unit_test(what_trains_is_convex),
    };
    int failed = 0;
    for (const struct backend *const *each = backend_list; *each; each++) {
        b = *each;
        if (b->probe(0, NULL) == 0)
            failed += cmocka_run_group_tests_name(b->name, tests, NULL, NULL);
    }
    return failed;
}
