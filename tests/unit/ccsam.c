/* CC-SAM (methods 4.16, 9.4): where it is SGD, and that what each class perturbs, or shifts, is what its size says. */
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
#include "engine/criteria/loss.h"
#include "engine/optim/optim.h"
#include "tests/reference/tiny.h"

enum { PARAMS_MAX = 4096, STATS_MAX = 256 };
static const struct backend *const back_end = &backend_reference;
static const double class_images[TINY_CLASSES] = { 40, 20, 5, 1 };

/* What one step leaves. */
struct walk {
    struct optimiser_result r;
    size_t head, head_end; /* the classifier's weights */
    float w[PARAMS_MAX], stats[STATS_MAX];
};

static struct optim_knobs knobs_for(bool shifts)
{
    return (struct optim_knobs){ .kind = OPTIMISER_CCSAM, .lr = 0.1f, .momentum = 0.9f, .weight_decay = 2e-4f, .ccsam_a = 1, .ccsam_phi = 0.3,
                                 .ccsam_shifts = shifts, .class_images = class_images, .batch_size = TINY_BATCH };
}

/* A step of all weights, or of the classifier's alone by running statistics. */
static struct walk *walk(struct optim_knobs k, bool head_only, enum norm_policy norm)
{
    static const uint32_t counts[TINY_CLASSES] = { 50, 20, 10, 5 };
    struct walk *out = calloc(1, sizeof *out);
    struct net net;
    struct optim optim;
    struct loss loss;
    float images[TINY_BATCH * TINY_SIDE * TINY_SIDE * TINY_CHANNELS];
    int32_t labels[TINY_BATCH];
    tiny_net(&net, HEAD_LINEAR);
    assert_true(out && net.params.total <= PARAMS_MAX && net.stats.total <= STATS_MAX);
    struct model *m = back_end->open(&net, &(struct model_options){ .max_batch = TINY_BATCH, .threads = 1 }, NULL);
    assert_true(m && optim_init(&optim, back_end, m, &net, NULL) == 0 && loss_init(&loss, TINY_CLASSES, counts, NULL) == 0);
    tiny_weights(&net, out->w, out->stats);
    tiny_batch(images, labels);
    struct param_groups groups;
    assert_int_equal(param_groups_init(&groups, &net, NULL), 0);
    if (head_only)
        assert_int_equal(param_groups_set(&groups, &net, "backbone", &(struct param_rule){ .trainable = false }, NULL), 0);
    assert_int_equal(optim_use_groups(&optim, &groups, norm, NULL), 0);
    const struct batch batch = { .n = TINY_BATCH, .images = images, .labels = labels };
    const struct optim_task task = { .batch = &batch, .criterion = &loss.criterion, .w = out->w, .stats = out->stats };
    assert_int_equal(optim_step(&optim, &k, &task, &out->r, NULL), 0);
    out->head = net.head_weight;
    out->head_end = net.head_weight + (size_t)net.classes * (size_t)net.features;
    param_groups_release(&groups);
    optim_release(&optim);
    loss_release(&loss);
    back_end->close(m);
    net_release(&net);
    return out;
}

static bool same_walk(struct walk *a, struct walk *b)
{
    const bool same = memcmp(a->w, b->w, sizeof a->w) == 0 && memcmp(a->stats, b->stats, sizeof a->stats) == 0;
    free(a);
    free(b);
    return same;
}

static struct walk *whole(struct optim_knobs k)
{
    return walk(k, false, NORM_MOVING);
}

/* Nothing is perturbed, or nothing of it is descended. */
static void is_sgd(void **state)
{
    (void)state;
    for (int shifts = 0; shifts < 2; shifts++) {
        struct optim_knobs sgd = knobs_for(shifts), k = sgd;
        sgd.kind = OPTIMISER_SGD;
        k.ccsam_phi = 0;
        assert_true(same_walk(whole(k), whole(sgd)));
        k = knobs_for(shifts);
        k.ccsam_a = 0;
        assert_int_equal(same_walk(whole(k), whole(sgd)), !shifts);
    }
}

/* A class of one image has the radius of two, and a number; a shorter way up rises less. */
static void classes_perturb(void **state)
{
    static const double two[TINY_CLASSES] = { 2, 2, 2, 2 }, one[TINY_CLASSES] = { 1, 1, 1, 1 };
    struct optim_knobs k = knobs_for(false), other = k;
    (void)state;
    k.class_images = one;
    other.class_images = two;
    assert_true(same_walk(whole(k), whole(other)));
    other.ccsam_a /= 10;
    struct walk *far = whole(k), *near = whole(other);
    assert_true(far->r.first.loss == near->r.first.loss && near->r.second.loss > near->r.first.loss && near->r.second.loss < far->r.second.loss);
    free(far);
    free(near);
    assert_true(fabs(optim_class_reach(17) - 0.5) < 1e-12 && optim_class_reach(1) == 1 && optim_class_reach(2) == 1);
}

/* The classifier takes the same way, whether it is alone or everything before it goes too. */
static void classes_shift(void **state)
{
    (void)state;
    struct walk *all = walk(knobs_for(true), false, NORM_RUNNING), *alone = walk(knobs_for(true), true, NORM_RUNNING);
    float before[PARAMS_MAX], stats[STATS_MAX];
    struct net net;
    double way = 0, gap = 0;
    tiny_net(&net, HEAD_LINEAR);
    tiny_weights(&net, before, stats);
    net_release(&net);
    for (size_t i = alone->head; i < alone->head_end; i++) {
        way += pow((double)alone->w[i] - before[i], 2);
        gap += pow((double)alone->w[i] - all->w[i], 2);
    }
    assert_true(way > 0 && gap < 1e-10 * way);
    assert_memory_equal(alone->w, before, alone->head * sizeof *before);
    assert_true(memcmp(all->w, before, all->head * sizeof *before) != 0);
    free(all);
    free(alone);
    assert_true(fabs(optim_class_shift(40, 40) - log(1.01) / 2) < 1e-12 && fabs(optim_class_shift(1, 40) - log(40.01) / 2) < 1e-12);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(is_sgd), cmocka_unit_test(classes_perturb), cmocka_unit_test(classes_shift) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
