/* Networks as lists of units: counts of the paper, names of PyTorch, and the initial weights. */
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

#include "base/err.h"
#include "engine/model/families.h"
#include "engine/model/initial.h"

static const struct tensor_info *find(const struct tensor_table *table, const char *name)
{
    for (int i = 0; i < table->n; i++)
        if (strcmp(table->tensor[i].name, name) == 0)
            return &table->tensor[i];
    fail_msg("no tensor '%s'", name);
    return NULL;
}

static void parameter_counts(void **state) /* methods 2.1 */
{
    (void)state;
    const struct {
        int classes;
        enum head_kind head;
        size_t total;
    } cases[] = { { 10, HEAD_LINEAR, 464154 }, { 100, HEAD_LINEAR, 470004 }, { 10, HEAD_NORM, 464144 }, { 100, HEAD_NORM, 469904 } };
    for (size_t i = 0; i < 4; i++) {
        struct net net;
        assert_int_equal(net_of_family(&net, "resnet32", IMAGE_CIFAR, cases[i].classes, cases[i].head, NULL), 0);
        assert_int_equal(net.params.total, cases[i].total);
        net_release(&net);
    }
}

/* Every depth: tables without holes, units that only look back, shapes that follow from each other. */
static void tables_are_consistent(void **state)
{
    (void)state;
    const int depths[] = { 8, 20, 32, 44, 56, 110 };
    for (size_t d = 0; d < 6; d++) {
        struct net net;
        char name[16];
        snprintf(name, sizeof name, "resnet%d", depths[d]);
        assert_int_equal(net_of_family(&net, name, IMAGE_CIFAR, 10, HEAD_LINEAR, NULL), 0);
        assert_true(net_is_plain(&net));
        assert_int_equal(net.n_units, depths[d] - 1);
        assert_int_equal(net.params.n, 3 * net.n_units + 2);
        assert_int_equal(net.stats.n, 2 * net.n_units);
        size_t end = 0;
        for (int i = 0; i < net.params.n; i++) {
            const struct tensor_info *t = &net.params.tensor[i];
            size_t count = 1;
            for (int k = 0; k < t->rank; k++)
                count *= (size_t)t->dims[k];
            assert_true(t->offset == end && t->count == count);
            end += count;
        }
        assert_int_equal(end, net.params.total);
        for (int i = 0; i < net.n_units; i++) {
            const struct unit *u = &net.units[i];
            assert_true(u->in < i && u->add < i);
            assert_true(u->in_channels == (u->in == NET_IMAGE ? 3 : net.units[u->in].channels));
            assert_true(u->height * u->stride == u->in_height && u->width * u->stride == u->in_width);
            if (u->add != NET_NO_ADD)
                assert_true(net.units[u->add].channels == u->channels || net.units[u->add].channels * 2 == u->channels);
        }
        assert_int_equal(net.units[net.n_units - 1].height, 8);
        assert_int_equal(net.features, 64);
        net_release(&net);
    }
}

static void names_and_shapes(void **state)
{
    (void)state;
    struct net net;
    assert_int_equal(net_of_family(&net, "resnet32", IMAGE_CIFAR, 10, HEAD_LINEAR, NULL), 0);
    assert_string_equal(net.name, "resnet32");
    assert_string_equal(net.params.tensor[0].name, "conv1.weight");
    const struct tensor_info *t = find(&net.params, "layer2.0.conv1.weight");
    assert_true(t->rank == 4 && t->dims[0] == 32 && t->dims[1] == 16 && t->dims[2] == 3 && t->dims[3] == 3);
    t = find(&net.params, "linear.weight");
    assert_true(t->rank == 2 && t->dims[0] == 10 && t->dims[1] == 64 && t->offset == net.head_weight);
    assert_int_equal(find(&net.params, "linear.bias")->offset, net.head_bias);
    assert_int_equal(find(&net.stats, "layer3.4.bn2.running_var")->count, 64);
    net_release(&net);
    assert_int_equal(net_of_family(&net, "resnet32", IMAGE_CIFAR, 10, HEAD_NORM, NULL), 0);
    t = find(&net.params, "linear.weight");
    assert_true(t->dims[0] == 64 && t->dims[1] == 10);
    net_release(&net);
}

static void other_images(void **state)
{
    (void)state;
    struct net net;
    assert_int_equal(net_of_family(&net, "resnet8", (struct image_geometry){ 24, 45, 1 }, 10, HEAD_LINEAR, NULL), 0);
    const struct unit *stem = &net.units[0], *last = &net.units[net.n_units - 1];
    assert_true(net.height == 24 && net.width == 45 && net.image_channels == 1);
    assert_true(stem->in_channels == 1 && stem->height == 24 && stem->width == 45 && last->height == 6 && last->width == 12);
    assert_int_equal(find(&net.params, "conv1.weight")->dims[1], 1);
    net_release(&net);
}

/* torchvision's counts for 1000 classes, the names and shapes of what is not in CIFAR's, the sides at three sizes of images. */
static void torchvision(void **state)
{
    (void)state;
    const struct {
        const char *name;
        size_t total;
        int tensors; /* of parameters, and of statistics: the state_dict without its counters */
    } cases[] = { { "resnet18", 11689512, 102 }, { "resnet34", 21797672, 182 },
                  { "resnet50", 25557032, 267 }, { "resnext50", 25028904, 267 } };
    struct net net;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (int side = 8; side <= 224; side += 108) { /* 8, 116, 224 */
            assert_int_equal(net_of_family(&net, cases[i].name, (struct image_geometry){ side, side, 3 }, 1000, HEAD_LINEAR, NULL), 0);
            assert_int_equal(net.params.total, cases[i].total);
            assert_int_equal(net.params.n + net.stats.n, cases[i].tensors);
            assert_int_equal(net.units[net.head_in].height, (side + 31) / 32);
            assert_false(net_is_plain(&net));
            net_release(&net);
        }
    }
    net_of_family(&net, "resnext50", (struct image_geometry){ 64, 48, 1 }, 10, HEAD_LINEAR, NULL);
    const struct tensor_info *t = find(&net.params, "conv1.weight");
    assert_true(t->dims[0] == 64 && t->dims[1] == 1 && t->dims[2] == 7 && net.units[0].height == 32 && net.units[1].width == 12);
    t = find(&net.params, "layer2.0.conv2.weight");
    assert_true(t->dims[0] == 256 && t->dims[1] == 8 && t->dims[2] == 3);
    t = find(&net.params, "layer1.0.conv3.weight");
    assert_true(t->dims[0] == 256 && t->dims[1] == 128 && t->dims[2] == 1);
    t = find(&net.params, "layer2.0.downsample.0.weight");
    assert_true(t->dims[0] == 512 && t->dims[1] == 256 && t->dims[2] == 1);
    assert_string_equal(t[1].name, "layer2.0.downsample.1.weight");
    assert_string_equal(t[3].name, "layer2.1.conv1.weight");
    t = find(&net.params, "fc.weight");
    assert_true(t->dims[0] == 10 && t->dims[1] == 2048 && t->offset == net.head_weight);
    net_release(&net);
}

static void refusals(void **state)
{
    (void)state;
    struct net net;
    struct err err = { 0 };
    assert_int_equal(net_of_family(&net, "resnet17", IMAGE_CIFAR, 10, HEAD_LINEAR, &err), -1);
    assert_non_null(strstr(err.text, "unknown network 'resnet17'; known: resnet8, resnet20, "));
    assert_true(net.n_units == 0 && !net.params.tensor);
    assert_int_equal(net_of_family(&net, "resnet8", IMAGE_CIFAR, 1, HEAD_LINEAR, &err), -1);
    assert_true(net.n_units == 0 && !net.params.tensor);
}

static void moments(const float *x, size_t n, double *mean, double *variance)
{
    double sum = 0, square = 0;
    for (size_t i = 0; i < n; i++) {
        sum += x[i];
        square += (double)x[i] * x[i];
    }
    *mean = sum / (double)n;
    *variance = square / (double)n - *mean * *mean;
}

static void initial_weights(void **state)
{
    (void)state;
    struct net net;
    double mean, variance;
    assert_int_equal(net_of_family(&net, "resnet32", IMAGE_CIFAR, 100, HEAD_LINEAR, NULL), 0);
    float *w = malloc(net.params.total * sizeof *w), *again = malloc(net.params.total * sizeof *w);
    float *stats = malloc(net.stats.total * sizeof *stats);
    assert_true(w && again && stats);
    net_init_params(&net, 1, w, stats);
    const struct tensor_info *t = find(&net.params, "layer3.4.conv2.weight");
    moments(w + t->offset, t->count, &mean, &variance);
    assert_true(fabs(mean) < 1e-3 && fabs(variance / (2.0 / 576) - 1) < 0.03);
    t = find(&net.params, "linear.weight");
    moments(w + t->offset, t->count, &mean, &variance);
    assert_true(fabs(variance / (2.0 / 64) - 1) < 0.08);
    t = find(&net.params, "linear.bias");
    moments(w + t->offset, t->count, &mean, &variance);
    assert_true(fabs(variance / (1.0 / 64 / 3) - 1) < 0.4);
    for (size_t i = 0; i < t->count; i++)
        assert_true(fabsf(w[t->offset + i]) <= 0.125f);
    t = find(&net.params, "layer1.2.bn1.weight");
    assert_true(w[t->offset] == 1 && w[t->offset + 15] == 1);
    assert_true(w[find(&net.params, "layer1.2.bn1.bias")->offset] == 0);
    assert_true(stats[find(&net.stats, "bn1.running_mean")->offset] == 0);
    assert_true(stats[find(&net.stats, "bn1.running_var")->offset] == 1);
    net_init_params(&net, 1, again, NULL);
    assert_memory_equal(w, again, net.params.total * sizeof *w);
    net_init_params(&net, 2, again, NULL);
    assert_true(w[0] != again[0]);
    /* A tensor's values depend on its number only: the first convolution is the same in every network. */
    struct net small;
    assert_int_equal(net_of_family(&small, "resnet8", IMAGE_CIFAR, 10, HEAD_NORM, NULL), 0);
    net_init_params(&small, 1, again, NULL);
    assert_memory_equal(w, again, 432 * sizeof *w);
    net_release(&small);
    net_release(&net);
    free(w);
    free(again);
    free(stats);
}

static void within(const float *w, const struct tensor_info *t, double bound)
{
    double mean, variance;
    moments(w + t->offset, t->count, &mean, &variance);
    for (size_t i = 0; i < t->count; i++)
        assert_true(fabs(w[t->offset + i]) <= bound);
    if (t->count > 1000) /* of a uniform distribution */
        assert_true(fabs(variance / (bound * bound / 3) - 1) < 0.1);
}

/* Weights begin as torchvision's do, and as PyTorch's own layers do for a head of whoever builds one. */
static void initial_weights_of_others(void **state)
{
    (void)state;
    struct net net;
    double mean, variance;
    assert_int_equal(net_of_family(&net, "resnext50", IMAGE_CIFAR, 10, HEAD_LINEAR, NULL), 0);
    float *w = malloc(net.params.total * sizeof *w);
    assert_non_null(w);
    net_init_params(&net, 3, w, NULL);
    const struct tensor_info *t = find(&net.params, "layer2.0.conv2.weight"); /* 32 groups */
    moments(w + t->offset, t->count, &mean, &variance);
    assert_true(fabs(variance / (2.0 / (256 * 9)) - 1) < 0.05);
    t = find(&net.params, "layer2.0.downsample.0.weight");
    moments(w + t->offset, t->count, &mean, &variance);
    assert_true(fabs(variance / (2.0 / 512) - 1) < 0.05);
    assert_true(w[t[1].offset] == 1 && w[t[2].offset] == 0);
    within(w, find(&net.params, "fc.weight"), 1 / sqrt(2048));
    within(w, find(&net.params, "fc.bias"), 1 / sqrt(2048));
    net_release(&net);

    net_begin(&net, "of two heads", 4, 4, 3, NULL);
    net_add(&net, &(struct unit_plan){ UNIT_CONV, NET_IMAGE, NET_NO_ADD, .channels = 64, .kernel = 3, .groups = 1, .has_bias = true }, "conv", "", NULL);
    net_add(&net, &(struct unit_plan){ .kind = UNIT_GLOBAL_POOL, .in = 0, .add = NET_NO_ADD }, "", "", NULL);
    net_add(&net, &(struct unit_plan){ UNIT_LINEAR, 1, NET_NO_ADD, .channels = 32, .has_bias = true, .norm = true }, "head.0", "head.1", NULL);
    assert_int_equal(net_classifier(&net, 0, 10, HEAD_NORM, "linear", NULL), 0);
    net_init_params(&net, 3, w, NULL);
    within(w, find(&net.params, "conv.bias"), 1 / sqrt(27));
    within(w, find(&net.params, "head.0.weight"), 1.0 / 8);
    within(w, find(&net.params, "head.0.bias"), 1.0 / 8);
    assert_true(w[find(&net.params, "head.1.weight")->offset] == 1 && w[find(&net.params, "head.1.bias")->offset] == 0);
    assert_true(w[find(&net.params, "head.0.bias")->offset] != 0);
    net_release(&net);
    free(w);
}

static void normalised_columns(void **state)
{
    (void)state;
    struct net net;
    assert_int_equal(net_of_family(&net, "resnet8", IMAGE_CIFAR, 10, HEAD_NORM, NULL), 0);
    float *w = malloc(net.params.total * sizeof *w);
    assert_non_null(w);
    net_init_params(&net, 1, w, NULL);
    for (int c = 0; c < 10; c++) {
        double square = 0;
        for (int f = 0; f < 64; f++)
            square += pow(w[net.head_weight + (size_t)(f * 10 + c)], 2);
        assert_true(fabs(sqrt(square) - 1) < 1e-6);
    }
    free(w);
    net_release(&net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parameter_counts),
        cmocka_unit_test(tables_are_consistent),
        cmocka_unit_test(names_and_shapes),
        cmocka_unit_test(other_images),
        cmocka_unit_test(torchvision),
        cmocka_unit_test(refusals),
        cmocka_unit_test(initial_weights),
        cmocka_unit_test(initial_weights_of_others),
        cmocka_unit_test(normalised_columns),
    };
    return cmocka_run_group_tests_name("unit/families", tests, NULL, NULL);
}
