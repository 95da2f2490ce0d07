/* CC-SAM on given features: a network of one unit without ReLU hands them through as they are. Each image is one pixel whose channels are the features and,
 * behind them, a one for the image itself. So dL/df of each image stands in the gradient of the unit's weights from the image's own channel. dL/dz of
 * the numbers is of the plain loss alone (the perturbed one has outputs of its own), and no part of a step. */
#include "config.h"
#include "tests/reference/systems.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "engine/optim/optim.h"
#include "tests/reference/fixture.h"

static const double LOSS = 1e-5; /* as of other losses */

struct class_case {
    struct systems *s;
    json_t *numbers;
    char inputs[32]; /* "k10/in." */
    struct net net;
    struct model *model;
    struct loss loss;
    struct optim optim;
    float *w, *stats;          /* vectors of the back end */
    float *pixels, *targets, *host;
    int32_t *labels;
    double *images;            /* [k] training images */
    size_t n, d, k;            /* images of the batch, features, classes */
    bool shifts;
};

/* --- the case --- */

static void read_batch(struct class_case *c)
{
    json_t *lambda = json_object_get(json_object_get(c->numbers, "hyper"), "lambda");
    c->pixels = systems_pixels(c->s, c->inputs, &c->labels, &c->n, &c->d);
    if (!json_is_number(lambda))
        return;
    size_t n;
    int32_t *other = systems_labels(c->s, c->inputs, "perm", &n);
    c->targets = calloc(c->n * c->k, sizeof *c->targets);
    if (!c->targets || n != c->n)
        fixture_stop(1, "%s: no labels to mix", c->s->name);
    for (size_t i = 0; i < n; i++) {
        c->targets[i * c->k + (size_t)c->labels[i]] += (float)json_number_value(lambda);
        c->targets[i * c->k + (size_t)c->labels[other[i]]] += (float)(1 - json_number_value(lambda));
    }
    free(other);
}

static void make_net(struct class_case *c)
{
    struct err err = { 0 };
    size_t n_w, n_b;
    const struct unit_plan plan = { UNIT_CONV, NET_IMAGE, NET_NO_ADD, .channels = (int)c->d, .kernel = 3, .pad = 1, .norm = true };
    net_begin(&c->net, "of one unit", 1, 1, (int)(c->d + c->n), &err);
    net_add(&c->net, &plan, "conv1", "bn1", &err);
    systems_must(net_classifier(&c->net, 0, (int)c->k, HEAD_LINEAR, "linear", &err), &err);
    float *w = systems_floats(c->s, c->inputs, "W", true, &n_w), *b = systems_floats(c->s, c->inputs, "b", true, &n_b);
    c->host = calloc(c->net.params.total, sizeof *c->host);
    if (!c->host || n_w != c->k * c->d || n_b != c->k)
        fixture_stop(1, "%s: W and b do not fit the features", c->s->name);
    memcpy(c->host + c->net.head_weight, w, n_w * sizeof *w);
    memcpy(c->host + c->net.head_bias, b, n_b * sizeof *b);
    for (size_t j = 0; j < c->d; j++) {
        c->host[systems_tap(&c->net, j, j)] = 1;
        c->host[c->net.units[0].gamma + j] = 1;
    }
    free(w);
    free(b);
}

static void open_case(struct class_case *c)
{
    struct err err = { 0 };
    const struct backend *b = c->s->backend;
    c->model = b->open(&c->net, &(struct model_options){ .max_batch = (uint32_t)c->n, .threads = 1, .device = fixture_device() }, &err);
    if (!c->model)
        fixture_stop(1, "%s", err.text);
    float *stats = calloc(c->net.stats.total, sizeof *stats);
    if (!stats)
        fixture_stop(1, "no memory");
    for (size_t o = 0; o < c->d; o++)
        stats[c->net.units[0].variance + o] = (float)(1 - NET_BN_EPS); /* divides by 1 */
    c->w = fixture_vector(b, c->model, c->net.params.total);
    c->stats = fixture_vector(b, c->model, c->net.stats.total);
    b->vec_write(c->model, c->w, c->host, c->net.params.total);
    b->vec_write(c->model, c->stats, stats, c->net.stats.total);
    free(stats);
}

static void close_case(struct class_case *c)
{
    optim_release(&c->optim);
    c->s->backend->vec_free(c->model, c->w);
    c->s->backend->vec_free(c->model, c->stats);
    c->s->backend->close(c->model);
    loss_release(&c->loss);
    net_release(&c->net);
    free(c->pixels);
    free(c->targets);
    free(c->host);
    free(c->labels);
    free(c->images);
}

/* --- what comes out --- */

static void judge_loss(struct class_case *c, const char *what, double loss)
{
    json_t *number = json_object_get(c->numbers, what);
    if (number)
        systems_judge(c->s, what, fabs(loss - json_number_value(number)), LOSS * fabs(json_number_value(number)));
}

/* dL/df: through the classifier, and past it; of shifted features their own, which the shift leaves as they are. */
static void judge_features(struct class_case *c)
{
    float *df = malloc(c->n * c->d * sizeof *df);
    if (!df)
        fixture_stop(1, "no memory");
    for (size_t i = 0; i < c->n; i++)
        for (size_t j = 0; j < c->d; j++)
            df[i * c->d + j] = c->host[systems_tap(&c->net, j, c->d + i)];
    systems_judge_gradient(c->s, c->numbers, "f", df, c->n * c->d);
    free(df);
}

static struct optim_knobs knobs_of(const struct class_case *c)
{
    json_t *file = c->s->losses;
    return (struct optim_knobs){ .kind = OPTIMISER_CCSAM, .class_images = c->images, .ccsam_shifts = c->shifts,
                                 .ccsam_a = systems_hyper(file, c->numbers, "a", NAN),
                                 .ccsam_phi = systems_hyper(file, c->numbers, c->shifts ? "ramp" : "phi", NAN) };
}

static void take_step(struct class_case *c)
{
    struct err err = { 0 };
    struct optimiser_result r;
    const struct batch batch = { .n = (uint32_t)c->n, .images = c->pixels, .labels = c->labels, .targets = c->targets };
    const struct optim_task task = { .batch = &batch, .criterion = &c->loss.criterion, .w = c->w, .stats = c->stats };
    const struct optim_knobs k = knobs_of(c);
    systems_must(optim_init(&c->optim, c->s->backend, c->model, &c->net, &err), &err);
    systems_must(optim_use_groups(&c->optim, &c->optim.groups, NORM_RUNNING, &err), &err);
    systems_must(optim_step(&c->optim, &k, &task, &r, &err), &err);
    judge_loss(c, "loss_plain", r.first.loss);
    judge_loss(c, "loss_perturbed", r.second.loss);
    judge_loss(c, "loss", (1 - k.ccsam_phi) * r.first.loss + k.ccsam_phi * r.second.loss);
    c->s->backend->vec_read(c->model, c->host, c->optim.g, c->net.params.total);
    systems_judge_gradient(c->s, c->numbers, "W", c->host + c->net.head_weight, c->k * c->d);
    systems_judge_gradient(c->s, c->numbers, "b", c->host + c->net.head_bias, c->k);
    judge_features(c);
}

static void check_classes(struct systems *s, json_t *numbers, const struct family *f)
{
    struct class_case c = { .s = s, .numbers = numbers, .shifts = f->detail };
    struct loss_config config;
    char vectors[32];
    const int prefix = (int)strcspn(s->name, "/");
    snprintf(c.inputs, sizeof c.inputs, "%.*s/in.", prefix, s->name);
    snprintf(vectors, sizeof vectors, "%.*s/vectors", prefix, s->name);
    json_t *counts = fixture_member(fixture_member(fixture_member(s->losses, "cases"), vectors), "counts");
    loss_config_default(&config);
    config.reduction = REDUCE_BATCH_MEAN;
    systems_loss(&c.loss, &config, counts);
    c.k = json_array_size(counts);
    c.images = calloc(c.k, sizeof *c.images);
    if (!c.images)
        fixture_stop(1, "no memory");
    for (size_t i = 0; i < c.k; i++)
        c.images[i] = json_number_value(json_array_get(counts, i));
    read_batch(&c);
    make_net(&c);
    open_case(&c);
    take_step(&c);
    close_case(&c);
}

static const bool shifts = true;

const struct family class_families[] = {
    { "k*/ccsam.stage1*", check_classes, NULL },
    { "k*/ccsam.stage2", check_classes, &shifts },
    { NULL, NULL, NULL },
};
