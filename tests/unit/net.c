/* A network (kernels/net.h): the shapes of its units are PyTorch's, its tensors lie one after another, and what does not fit is
 * refused in one line. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "kernels/net.h"

static struct net net;
static struct err err;

static int begin(void **state)
{
    (void)state;
    err = (struct err){ 0 };
    return net_begin(&net, "small", 12, 9, 3, &err);
}

static int end(void **state)
{
    (void)state;
    net_release(&net);
    return 0;
}

static int add(struct unit_plan plan)
{
    char conv[16], norm[16];
    snprintf(conv, sizeof conv, "conv%d", net.n_units);
    snprintf(norm, sizeof norm, "bn%d", net.n_units);
    return net_add(&net, &plan, conv, norm, &err);
}

enum { I = NET_IMAGE, N = NET_NO_ADD };
#define PLAN(of, from, ...) ((struct unit_plan){ of, from, N, __VA_ARGS__ })
#define GLOBAL(from) PLAN(UNIT_GLOBAL_POOL, from, .channels = 0)

/* --- shapes ------------------------------------------------------------------------------------------------------- */

/* The sides that torch.nn.Conv2d, MaxPool2d and AvgPool2d give. */
static void sides_are_pytorchs(void **state)
{
    static const struct {
        int in, kernel, stride, pad, out;
    } row[] = { { 224, 7, 2, 3, 112 }, { 112, 3, 2, 1, 56 }, { 56, 1, 2, 0, 28 }, { 13, 7, 2, 3, 7 },  { 9, 7, 2, 3, 5 },  { 7, 3, 2, 1, 4 },
                { 15, 5, 3, 0, 4 },    { 5, 2, 2, 1, 3 },    { 5, 2, 2, 0, 2 },  { 1, 3, 1, 1, 1 },   { 1, 3, 2, 1, 1 },  { 11, 11, 11, 5, 1 },
                { 6, 4, 3, 2, 3 },     { 2, 2, 1, 1, 3 } };
    static const enum unit_kind kinds[] = { UNIT_CONV, UNIT_MAX_POOL, UNIT_AVG_POOL };
    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        for (int k = 0; k < 3; k++) {
            net_release(&net);
            assert_int_equal(net_begin(&net, "row", row[i].in, 11, 5, &err), 0);
            assert_int_equal(add(PLAN(kinds[k], I, .channels = 4, .kernel = row[i].kernel, .stride = row[i].stride, .pad = row[i].pad)), 0);
            assert_int_equal(net.units[0].height, row[i].out);
            assert_int_equal(net.units[0].channels, kinds[k] == UNIT_CONV ? 4 : 5);
            assert_int_equal(net.units[0].width, (11 + 2 * row[i].pad - row[i].kernel) / row[i].stride + 1);
        }
}

static void one_pixel_from_here_on(void **state)
{
    (void)state;
    assert_int_equal(add(PLAN(UNIT_GLOBAL_POOL, I, .kernel = 9, .stride = 4, .pad = 3)), 0);
    assert_int_equal(add(PLAN(UNIT_LINEAR, 0, .channels = 7, .kernel = 3, .pad = 1, .has_bias = true)), 1);
    assert_int_equal(add(PLAN(UNIT_COSINE, 1, .channels = 5)), 2);
    for (int i = 0; i < 3; i++) {
        const struct unit *u = &net.units[i];
        assert_true(u->kernel == 1 && u->stride == 1 && u->pad == 0 && u->groups == 1 && u->height == 1 && u->width == 1);
    }
    assert_true(net.units[0].channels == 3 && net.units[0].in_height == 12 && net.units[0].in_width == 9);
    assert_true(net.units[1].in_channels == 3 && net.units[2].in_channels == 7 && net.units[2].channels == 5);
}

/* --- tensors ------------------------------------------------------------------------------------------------------ */

struct expected {
    const char *name;
    int rank, dims[4];
};

static void check_table(const struct tensor_table *table, const struct expected *e, int n)
{
    size_t offset = 0;
    assert_int_equal(table->n, n);
    for (int i = 0; i < n; i++) {
        const struct tensor_info *t = &table->tensor[i];
        size_t count = 1;
        assert_string_equal(t->name, e[i].name);
        assert_int_equal(t->rank, e[i].rank);
        for (int k = 0; k < t->rank; k++) {
            assert_int_equal(t->dims[k], e[i].dims[k]);
            count *= (size_t)e[i].dims[k];
        }
        assert_true(t->count == count && t->offset == offset);
        offset += count;
    }
    assert_true(table->total == offset);
}

static void tensors_lie_in_order(void **state)
{
    static const struct expected params[] = {
        { "stem.weight", 4, { 6, 3, 7, 7 } }, { "bn1.weight", 1, { 6 } },   { "bn1.bias", 1, { 6 } },    { "part.weight", 4, { 4, 3, 3, 3 } },
        { "part.bias", 1, { 4 } },            { "mlp.weight", 2, { 8, 4 } }, { "mlp.bias", 1, { 8 } },   { "bn2.weight", 1, { 8 } },
        { "bn2.bias", 1, { 8 } },             { "fc.weight", 2, { 10, 4 } }, { "fc.bias", 1, { 10 } },
    };
    static const struct expected stats[] = { { "bn1.running_mean", 1, { 6 } }, { "bn1.running_var", 1, { 6 } },
                                             { "bn2.running_mean", 1, { 8 } }, { "bn2.running_var", 1, { 8 } } };
    (void)state;
    net_add(&net, &PLAN(UNIT_CONV, I, .channels = 6, .kernel = 7, .stride = 2, .pad = 3, .norm = true, .relu = true), "stem", "bn1", &err);
    net_add(&net, &PLAN(UNIT_MAX_POOL, 0, .kernel = 3, .stride = 2, .pad = 1), "", "", &err);
    net_add(&net, &PLAN(UNIT_CONV, 1, .channels = 4, .kernel = 3, .pad = 1, .groups = 2, .has_bias = true), "part", "", &err);
    net_add(&net, &GLOBAL(2), "", "", &err);
    net_add(&net, &PLAN(UNIT_LINEAR, 3, .channels = 8, .has_bias = true, .norm = true), "mlp", "bn2", &err);
    assert_int_equal(net_classifier(&net, 2, 10, HEAD_LINEAR, "fc", &err), 0);
    assert_int_equal(net_add_output(&net, "projection", 4, &err), 0);
    check_table(&net.params, params, sizeof params / sizeof *params);
    check_table(&net.stats, stats, sizeof stats / sizeof *stats);
    assert_true(net.units[2].weight == net.params.tensor[3].offset && net.units[2].bias == net.params.tensor[4].offset);
    assert_true(net.units[4].gamma == net.params.tensor[7].offset && net.units[4].beta == net.params.tensor[8].offset);
    assert_true(net.units[4].mean == net.stats.tensor[2].offset && net.units[4].variance == net.stats.tensor[3].offset);
    assert_true(net.head_weight == net.params.tensor[9].offset && net.head_bias == net.params.tensor[10].offset);
    assert_true(net.head_in == 2 && net.features == 4 && net.classes == 10 && net.n_outputs == 1 && net.outputs[0].unit == 4);
}

/* The normalised classifier is [features][classes] and has no bias. */
static void the_normalised_classifier_is_turned(void **state)
{
    static const struct expected params[] = { { "conv0.weight", 4, { 5, 3, 1, 1 } }, { "fc.weight", 2, { 5, 7 } } };
    (void)state;
    add(PLAN(UNIT_CONV, I, .channels = 5, .kernel = 1));
    assert_int_equal(net_classifier(&net, 0, 7, HEAD_NORM, "fc", &err), 0);
    check_table(&net.params, params, 2);
}

/* --- refusals ----------------------------------------------------------------------------------------------------- */

static void says(int result, const char *line)
{
    assert_int_equal(result, -1);
    assert_string_equal(err.text, line);
    assert_true(net.failed);
}

static void images(void **state)
{
    static const int sizes[][3] = { { 0, 9, 3 }, { 12, 4097, 3 }, { 12, 9, 0 }, { 12, 9, 65537 } };
    static const char *const lines[] = { "x: images of 0x9 pixels with 3 channels", "x: images of 12x4097 pixels with 3 channels",
                                         "x: images of 12x9 pixels with 0 channels", "x: images of 12x9 pixels with 65537 channels" };
    (void)state;
    for (int i = 0; i < 4; i++) {
        char line[160];
        snprintf(line, sizeof line, "%s; accepted are sides of 1 to 4096 and 1 to 65536 channels", lines[i]);
        says(net_begin(&net, "x", sizes[i][0], sizes[i][1], sizes[i][2], &err), line);
    }
}

/* A refused plan, and what is said of it; unit 0 is a convolution that gives 6x5 pixels of 8 channels, unit 1 one of 12x9 and 4. */
struct refusal {
    struct unit_plan plan;
    const char *line;
};
#define CONV(from, plus, outs, k, step, p, parts) \
    { UNIT_CONV, from, plus, .channels = outs, .kernel = k, .stride = step, .pad = p, .groups = parts }
#define OTHER(which, ...) { .kind = which, .in = 0, .add = N, __VA_ARGS__ }
#define WINDOW "; accepted are kernels and strides of 1 to 11, and a pad of at most half the kernel"

static const struct refusal refusals[] = {
    { CONV(2, N, 8, 3, 1, 1, 1), "unit 2: reads unit 2 and adds -2, accepted are earlier ones" },
    { CONV(-2, N, 8, 3, 1, 1, 1), "unit 2: reads unit -2 and adds -2, accepted are earlier ones" },
    { CONV(0, 2, 8, 3, 1, 1, 1), "unit 2: reads unit 0 and adds 2, accepted are earlier ones" },
    { CONV(0, I, 8, 3, 1, 1, 1), "unit 2: reads unit 0 and adds -1, accepted are earlier ones" },
    { CONV(0, -3, 8, 3, 1, 1, 1), "unit 2: reads unit 0 and adds -3, accepted are earlier ones" },
    { CONV(0, N, 8, 0, 1, 1, 1), "unit 2: kernel 0, stride 1, pad 1" WINDOW },
    { CONV(0, N, 8, 12, 1, 1, 1), "unit 2: kernel 12, stride 1, pad 1" WINDOW },
    { CONV(0, N, 8, 3, 12, 1, 1), "unit 2: kernel 3, stride 12, pad 1" WINDOW },
    { CONV(0, N, 8, 3, -1, 1, 1), "unit 2: kernel 3, stride -1, pad 1" WINDOW },
    { CONV(0, N, 8, 3, 1, -1, 1), "unit 2: kernel 3, stride 1, pad -1" WINDOW },
    { CONV(0, N, 8, 3, 1, 2, 1), "unit 2: kernel 3, stride 1, pad 2" WINDOW },
    { OTHER(UNIT_MAX_POOL, .kernel = 2, .pad = 2), "unit 2: kernel 2, stride 1, pad 2" WINDOW },
    { CONV(0, N, 0, 3, 1, 1, 1), "unit 2: 0 channels; accepted are 1 to 65536" },
    { CONV(0, N, 65537, 3, 1, 1, 1), "unit 2: 65537 channels; accepted are 1 to 65536" },
    { OTHER(UNIT_MAX_POOL, .kernel = 2, .norm = true), "unit 2: max pooling takes no batch norm, ReLU, bias or addition" },
    { OTHER(UNIT_AVG_POOL, .kernel = 2, .relu = true), "unit 2: average pooling takes no batch norm, ReLU, bias or addition" },
    { OTHER(UNIT_GLOBAL_POOL, .has_bias = true), "unit 2: global pooling takes no batch norm, ReLU, bias or addition" },
    { { UNIT_GLOBAL_POOL, .in = 0, .add = 0 }, "unit 2: global pooling takes no batch norm, ReLU, bias or addition" },
    { OTHER(UNIT_COSINE, .channels = 4, .has_bias = true), "unit 2: a cosine unit has no bias" },
    { CONV(0, N, 8, 3, 1, 1, 3), "unit 2: 3 groups do not divide 8 channels into 8; accepted is what divides both" },
    { CONV(0, N, 6, 3, 1, 1, 4), "unit 2: 4 groups do not divide 8 channels into 6; accepted is what divides both" },
    { CONV(0, N, 8, 3, 1, 1, -2), "unit 2: -2 groups do not divide 8 channels into 8; accepted is what divides both" },
    { CONV(0, N, 8, 7, 1, 0, 1), "small: images of 12x9 pixels leave none at unit 2, convolution of 7x7 on 6x5; larger images are accepted" },
    { OTHER(UNIT_AVG_POOL, .kernel = 6), "small: images of 12x9 pixels leave none at unit 2, average pooling of 6x6 on 6x5; larger images are accepted" },
    { OTHER(UNIT_LINEAR, .channels = 4), "unit 2: a linear unit reads one pixel, and unit 0 has 6x5; global pooling before it is accepted" },
    { OTHER(UNIT_COSINE, .channels = 4), "unit 2: a cosine unit reads one pixel, and unit 0 has 6x5; global pooling before it is accepted" },
    { { UNIT_CONV, 0, N, .channels = 8, .kernel = 3, .pad = 1, .option_a = true }, "unit 2: option A adds no unit" },
    { CONV(0, 1, 4, 3, 1, 1, 1), "unit 2: cannot add unit 1: 12x9x4 to 6x5x4" },
    { CONV(0, 0, 9, 3, 1, 1, 1), "unit 2: cannot add unit 0: 6x5x8 to 6x5x9" },
    { { UNIT_CONV, 0, 0, .channels = 8, .kernel = 3, .pad = 1, .option_a = true }, "unit 2: cannot add unit 0 by option A: 6x5x8 to 6x5x8" },
    { { UNIT_CONV, 0, 1, .channels = 3, .kernel = 3, .pad = 1, .option_a = true }, "unit 2: cannot add unit 1 by option A: 12x9x4 to 6x5x3" },
};
static void units(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        net_release(&net);
        begin(NULL);
        assert_int_equal(add(PLAN(UNIT_CONV, I, .channels = 8, .kernel = 3, .stride = 2, .pad = 1)), 0);
        assert_int_equal(add(PLAN(UNIT_CONV, I, .channels = 4, .kernel = 1)), 1);
        says(add(refusals[i].plan), refusals[i].line);
    }
}

/* Units at the edge of these refusals, which fit. */
static void what_fits(void **state)
{
    (void)state;
    assert_int_equal(add(PLAN(UNIT_CONV, I, .channels = 8, .kernel = 3, .stride = 2, .pad = 1)), 0);
    assert_int_equal(add(PLAN(UNIT_CONV, I, .channels = 4, .kernel = 11, .pad = 5)), 1);
    assert_int_equal(add((struct unit_plan)CONV(0, N, 12, 3, 1, 1, 4)), 2);
    assert_int_equal(add((struct unit_plan){ UNIT_CONV, 0, 1, .channels = 9, .kernel = 1, .option_a = true }), 3);
    assert_int_equal(add((struct unit_plan){ UNIT_CONV, 2, 0, .channels = 8, .kernel = 1 }), 4);
    assert_int_equal(add((struct unit_plan)OTHER(UNIT_MAX_POOL, .kernel = 2, .stride = 2, .pad = 1)), 5);
    assert_int_equal(add((struct unit_plan)OTHER(UNIT_AVG_POOL, .kernel = 5)), 6);
    assert_false(net.failed);
}

static void outputs(void **state)
{
    const struct unit_plan conv = PLAN(UNIT_CONV, I, .channels = 5, .kernel = 3), pool = GLOBAL(I);
    (void)state;
    says(net_classifier(&net, 0, 10, HEAD_LINEAR, "fc", &err), "the classifier of small reads unit 0; accepted are 0 to -1");
    static const struct {
        int in, classes;
        const char *line;
    } rows[] = { { 2, 10, "the classifier of small reads unit 2; accepted are 0 to 1" },
                 { NET_IMAGE, 10, "the classifier of small reads unit -1; accepted are 0 to 1" },
                 { 1, 1, "1 class; accepted are 2 to 100000" },
                 { 1, 100001, "100001 classes; accepted are 2 to 100000" } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        net_release(&net);
        begin(NULL);
        add(conv);
        add(pool);
        says(net_classifier(&net, rows[i].in, rows[i].classes, HEAD_LINEAR, "fc", &err), rows[i].line);
    }
    static const int odd[] = { 0, 2, -1 };
    for (int i = 0; i < 3; i++) {
        char line[96];
        net_release(&net);
        begin(NULL);
        add(conv);
        add(pool);
        snprintf(line, sizeof line, "output head of small is unit %d; accepted are units of one pixel", odd[i]);
        says(net_add_output(&net, "head", odd[i], &err), line);
    }
    net_release(&net);
    begin(NULL);
    add(pool);
    for (int i = 0; i < NET_MAX_OUTPUTS; i++)
        assert_int_equal(net_add_output(&net, (const char *const[]){ "a", "b", "c", "d" }[i], 0, &err), 0);
    says(net_add_output(&net, "e", 0, &err), "small has more than 4 outputs beside the classifier's");
}

/* No name is cut or given twice. */
static void names(void **state)
{
    static const char of_23[] = "projection.of.something", of_24[] = "projection.of.something2";
    static const char of_31[] = "a network of characters, 31 all", of_32[] = "a network of characters, 32 all.";
    const struct unit_plan conv = PLAN(UNIT_CONV, I, .channels = 5, .kernel = 1, .norm = true);
    (void)state;
    add(GLOBAL(I));
    assert_int_equal(net_add_output(&net, of_23, 0, &err), 0);
    assert_string_equal(net.outputs[0].name, of_23);
    says(net_add_output(&net, of_24, 0, &err), "the name 'projection.of.something2' of an output of small has 24 characters; accepted are 1 to 23");
    static const struct {
        const char *name, *line;
    } rows[] = { { "", "the name '' of an output of small has 0 characters; accepted are 1 to 23" },
                 { "head", "small has two outputs head; accepted are names that differ" } };
    for (int i = 0; i < 2; i++) {
        net_release(&net);
        begin(NULL);
        add(GLOBAL(I));
        assert_int_equal(net_add_output(&net, "head", 0, &err), 0);
        says(net_add_output(&net, rows[i].name, 0, &err), rows[i].line);
    }
    net_release(&net);
    begin(NULL);
    assert_int_equal(net_add(&net, &conv, "conv", "bn1", &err), 0);
    says(net_add(&net, &conv, "conv", "bn2", &err), "there are two tensors conv.weight; accepted are names that differ");
    net_release(&net);
    assert_int_equal(net_begin(&net, of_31, 5, 5, 1, &err), 0);
    assert_string_equal(net.name, of_31);
    says(net_begin(&net, of_32, 5, 5, 1, &err), "the name a network of characters, 32 all. of a network is too long; accepted are 31 characters");
}

static void no_room(void **state)
{
    (void)state;
    for (int i = 0; i < NET_MAX_UNITS; i++)
        assert_int_equal(add(GLOBAL(I)), i);
    says(add(GLOBAL(I)), "small has more than 128 units");
}

static void long_names(void **state)
{
    static const char name[] = "layer1.layer2.layer3.layer4.layer5.layer6.layer7.layer8.lay";
    char line[160];
    (void)state;
    snprintf(line, sizeof line, "the name %s.weight is too long; accepted are 63 characters", name);
    says(net_add(&net, &PLAN(UNIT_CONV, I, .channels = 5, .kernel = 1), name, "", &err), line);
}

/* The first error stays: only the last call need be asked. */
static void the_first_error_stays(void **state)
{
    (void)state;
    const char *line = "unit 0: 0 channels; accepted are 1 to 65536";
    says(add(PLAN(UNIT_CONV, I, .channels = 0, .kernel = 3)), line);
    says(add(PLAN(UNIT_CONV, I, .channels = -5, .kernel = 3)), line);
    says(net_classifier(&net, 7, 1, HEAD_LINEAR, "fc", &err), line);
    says(net_add_output(&net, "head", 7, &err), line);
    assert_int_equal(net.n_units, 0);
}

/* --- plain networks ----------------------------------------------------------------------------------------------- */

#define BASIC .channels = 8, .kernel = 3, .pad = 1, .norm = true, .relu = true

static void check_plain(const char *line)
{
    err = (struct err){ 0 };
    assert_int_equal(net_is_plain(&net), line == NULL);
    assert_int_equal(net_require_plain(&net, "math some", &err), line ? -1 : 0);
    assert_string_equal(err.text, line ? line : "");
}

static void plain_networks(void **state)
{
    (void)state;
    add(PLAN(UNIT_CONV, I, BASIC));
    add((struct unit_plan){ UNIT_CONV, 0, 0, BASIC });
    add((struct unit_plan){ UNIT_CONV, 1, 1, BASIC, .stride = 2, .option_a = true });
    net_classifier(&net, 2, 10, HEAD_LINEAR, "fc", &err);
    check_plain(NULL);
    net.head_in = 1;
    check_plain("math some has networks of one output, read from their last unit, and small is another; accepted are the resnets for CIFAR, or math fp32");
}

#define LACKS(what) "math some does not have unit 1 of small, " what "; accepted are the resnets for CIFAR, or math fp32"

static void what_is_not_plain(void **state)
{
    static const struct refusal rows[] = {
        { { UNIT_CONV, 0, N, .channels = 8, .kernel = 1, .norm = true, .relu = true }, LACKS("convolution of 1x1, stride 1, 1 group") },
        { { UNIT_CONV, 0, N, BASIC, .stride = 3 }, LACKS("convolution of 3x3, stride 3, 1 group") },
        { { UNIT_CONV, 0, N, BASIC, .groups = 4 }, LACKS("convolution of 3x3, stride 1, 4 groups") },
        { { UNIT_CONV, 0, N, BASIC, .has_bias = true }, LACKS("convolution of 3x3, stride 1, 1 group") },
        { { UNIT_CONV, 0, N, .channels = 8, .kernel = 3, .pad = 1, .norm = true }, LACKS("convolution of 3x3, stride 1, 1 group, without ReLU") },
        { { UNIT_CONV, 0, N, .channels = 8, .kernel = 3, .pad = 1, .relu = true },
          LACKS("convolution of 3x3, stride 1, 1 group, without batch norm") },
        { { UNIT_MAX_POOL, 0, N, .kernel = 3, .stride = 2, .pad = 1 },
          LACKS("max pooling of 3x3, stride 2, 1 group, without batch norm, without ReLU") },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        net_release(&net);
        begin(NULL);
        add(PLAN(UNIT_CONV, I, BASIC));
        add(rows[i].plan);
        assert_int_equal(net_classifier(&net, 1, 10, HEAD_LINEAR, "fc", &err), 0);
        check_plain(rows[i].line);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(sides_are_pytorchs, begin, end),
        cmocka_unit_test_setup_teardown(one_pixel_from_here_on, begin, end),
        cmocka_unit_test_setup_teardown(tensors_lie_in_order, begin, end),
        cmocka_unit_test_setup_teardown(the_normalised_classifier_is_turned, begin, end),
        cmocka_unit_test_setup_teardown(images, begin, end),
        cmocka_unit_test_setup_teardown(units, begin, end),
        cmocka_unit_test_setup_teardown(what_fits, begin, end),
        cmocka_unit_test_setup_teardown(outputs, begin, end),
        cmocka_unit_test_setup_teardown(names, begin, end),
        cmocka_unit_test_setup_teardown(no_room, begin, end),
        cmocka_unit_test_setup_teardown(long_names, begin, end),
        cmocka_unit_test_setup_teardown(the_first_error_stays, begin, end),
        cmocka_unit_test_setup_teardown(plain_networks, begin, end),
        cmocka_unit_test_setup_teardown(what_is_not_plain, begin, end),
    };
    return cmocka_run_group_tests_name("kernels/net", tests, NULL, NULL);
}
