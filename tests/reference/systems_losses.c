/* Losses on given features. A network of one unit hands them through: each image is one pixel whose channels are the features and,
 * behind them, a one for the image itself; the unit gives f where it is positive and -f where it is negative, side by side, and the
 * classifier is [W | -W]. So z = W f + b and |f| are as they were, dL/df of each image stands in the gradient of the convolution
 * (its weights from the image's own channel), and dL/dz in the bias's gradient of the image alone. No interface but gradient(). */
#include "config.h"
#include "tests/reference/systems.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "tests/reference/fixture.h"

static const double LOSS = 1e-5, GRADIENT = 1e-4; /* what the numbers' own README asks of float32, relative */

struct loss_case {
    struct systems *s;
    json_t *numbers;
    char inputs[32]; /* "k10/in." */
    struct net net;
    struct loss loss;
    struct model *model;
    float *params, *stats, *grad; /* vectors of the back end */
    float *pixels, *host;         /* host memory */
    int32_t *labels;
    size_t n, d, k;               /* images, features, classes */
};

/* --- the network --- */

void systems_net(struct net *net, int in, int out, int classes)
{
    struct err err;
    const struct unit_plan plan = { UNIT_CONV, NET_IMAGE, NET_NO_ADD, .channels = out, .kernel = 3, .pad = 1, .norm = true, .relu = true };
    net_begin(net, "of one unit", 1, 1, in, &err);
    net_add(net, &plan, "conv1", "bn1", &err);
    systems_must(net_classifier(net, 0, classes, HEAD_LINEAR, "linear", &err), &err);
}

size_t systems_tap(const struct net *net, size_t o, size_t i)
{
    return net->units[0].weight + (o * (size_t)net->units[0].in_channels + i) * 9 + 4;
}

float *systems_pixels(const struct systems *s, const char *prefix, int32_t **labels, size_t *n, size_t *features)
{
    size_t n_f;
    float *f = systems_floats(s, prefix, "f", true, &n_f);
    *labels = systems_labels(s, prefix, "y", n);
    if (n_f % *n != 0)
        fixture_stop(1, "%s: %zu labels of %zu features", s->name, *n, n_f);
    const size_t d = n_f / *n, channels = d + *n;
    float *pixels = calloc(*n * channels, sizeof *pixels);
    if (!pixels)
        fixture_stop(1, "no memory");
    for (size_t i = 0; i < *n; i++) {
        memcpy(pixels + i * channels, f + i * d, d * sizeof *f);
        pixels[i * channels + d + i] = 1;
    }
    free(f);
    *features = d;
    return pixels;
}

static void fill_params(const struct loss_case *c, float *p)
{
    size_t n_w, n_b;
    float *w = systems_floats(c->s, c->inputs, "W", true, &n_w), *b = systems_floats(c->s, c->inputs, "b", true, &n_b);
    if (n_w != c->k * c->d || n_b != c->k)
        fixture_stop(1, "%s: W and b do not fit the features", c->s->name);
    for (size_t o = 0; o < 2 * c->d; o++) {
        p[c->net.units[0].gamma + o] = 1;
        p[systems_tap(&c->net, o, o % c->d)] = o < c->d ? 1 : -1;
        for (size_t k = 0; k < c->k; k++)
            p[c->net.head_weight + k * 2 * c->d + o] = o < c->d ? w[k * c->d + o] : -w[k * c->d + o - c->d];
    }
    memcpy(p + c->net.head_bias, b, c->k * sizeof *b);
    free(w);
    free(b);
}

static void open_model(struct loss_case *c)
{
    struct err err = { 0 };
    const struct backend *b = c->s->backend;
    systems_net(&c->net, (int)(c->d + c->n), (int)(2 * c->d), (int)c->k);
    c->model = b->open(&c->net, &(struct model_options){ .max_batch = (uint32_t)c->n, .threads = 1, .device = fixture_device() }, &err);
    if (!c->model)
        fixture_stop(1, "%s", err.text);
    c->params = fixture_vector(b, c->model, c->net.params.total);
    c->grad = fixture_vector(b, c->model, c->net.params.total);
    c->stats = fixture_vector(b, c->model, c->net.stats.total);
    c->host = calloc(c->net.params.total, sizeof *c->host);
    float *stats = calloc(c->net.stats.total, sizeof *stats);
    if (!c->host || !stats)
        fixture_stop(1, "no memory");
    for (size_t o = 0; o < 2 * c->d; o++)
        stats[c->net.units[0].variance + o] = (float)(1 - NET_BN_EPS); /* divides by 1 */
    fill_params(c, c->host);
    b->vec_write(c->model, c->params, c->host, c->net.params.total);
    b->vec_write(c->model, c->stats, stats, c->net.stats.total);
    free(stats);
}

static void close_case(struct loss_case *c)
{
    const struct backend *b = c->s->backend;
    b->vec_free(c->model, c->params);
    b->vec_free(c->model, c->grad);
    b->vec_free(c->model, c->stats);
    b->close(c->model);
    net_release(&c->net);
    loss_release(&c->loss);
    free(c->host);
    free(c->pixels);
    free(c->labels);
}

/* --- what comes out --- */

/* Loss and gradient of n images from `first` on; the gradient goes to c->host. */
static struct pass_result gradient(struct loss_case *c, size_t first, size_t n)
{
    struct err err = { 0 };
    struct pass_result result;
    const struct pass pass = { c->params, c->stats, PASS_EVAL, false, &c->loss.criterion, false };
    const struct batch batch = { .n = (uint32_t)n, .images = c->pixels + first * (c->d + c->n), .labels = c->labels + first };
    systems_must(c->s->backend->load(c->model, &batch, &err), &err);
    systems_must(c->s->backend->gradient(c->model, &pass, c->grad, &result, &err), &err);
    c->s->backend->vec_read(c->model, c->host, c->grad, c->net.params.total);
    return result;
}

void systems_judge_gradient(struct systems *s, json_t *numbers, const char *leaf, const float *x, size_t n)
{
    json_t *summary = json_object_get(json_object_get(numbers, "grad"), leaf);
    char what[32];
    size_t stored;
    snprintf(what, sizeof what, ".grad.%s", leaf);
    float *full = systems_floats(s, s->name, what, strcmp(leaf, "z") == 0, &stored);
    if (!summary || (full && stored != n))
        fixture_stop(1, "%s: no %zu numbers of%s", s->name, n, what);
    const double limit = GRADIENT * json_number_value(json_array_get(summary, 1));
    systems_judge_summary(s, what, x, n, summary, limit);
    for (size_t i = 0; full && i < n; i++)
        full[i] -= x[i];
    if (full)
        systems_judge(s, what, systems_norm(full, n), limit);
    free(full);
}

static void judge_classifier(struct loss_case *c)
{
    float *w = malloc(c->k * c->d * sizeof *w);
    const float *wide = c->host + c->net.head_weight;
    if (!w)
        fixture_stop(1, "no memory");
    for (size_t k = 0; k < c->k; k++)
        for (size_t j = 0; j < c->d; j++)
            w[k * c->d + j] = wide[k * 2 * c->d + j] - wide[k * 2 * c->d + c->d + j];
    systems_judge_gradient(c->s, c->numbers, "W", w, c->k * c->d);
    systems_judge_gradient(c->s, c->numbers, "b", c->host + c->net.head_bias, c->k);
    free(w);
}

static void judge_features(struct loss_case *c)
{
    float *df = malloc(c->n * c->d * sizeof *df);
    if (!df)
        fixture_stop(1, "no memory");
    for (size_t i = 0; i < c->n; i++)
        for (size_t j = 0; j < c->d; j++) {
            const bool positive = c->pixels[i * (c->d + c->n) + j] > 0;
            const float g = c->host[systems_tap(&c->net, positive ? j : c->d + j, c->d + i)];
            df[i * c->d + j] = positive ? g : -g;
        }
    systems_judge_gradient(c->s, c->numbers, "f", df, c->n * c->d);
    free(df);
}

/* Image by image, divided by what the batch was divided by. */
static void judge_outputs(struct loss_case *c, const struct pass_result *whole)
{
    struct loss_coef *coef = &c->loss.criterion.coef;
    float *dz = malloc(c->n * c->k * sizeof *dz);
    if (!dz)
        fixture_stop(1, "no memory");
    coef->divisor = coef->reduction == REDUCE_WEIGHTED_MEAN ? whole->weight_sum : (double)c->n;
    for (size_t i = 0; i < c->n; i++) {
        gradient(c, i, 1);
        memcpy(dz + i * c->k, c->host + c->net.head_bias, c->k * sizeof *dz);
    }
    systems_judge_gradient(c->s, c->numbers, "z", dz, c->n * c->k);
    free(dz);
}

/* The detail of a family: how the case's constants become a configuration of saddle's loss. */
typedef void configure(struct loss_config *out, json_t *file, json_t *numbers);
struct loss_rule {
    configure *configure;
};

static void check_loss(struct systems *s, json_t *numbers, const struct family *f)
{
    struct loss_case c = { .s = s, .numbers = numbers };
    struct loss_config config;
    char vectors[32];
    const int prefix = (int)strcspn(s->name, "/");
    snprintf(c.inputs, sizeof c.inputs, "%.*s/in.", prefix, s->name);
    snprintf(vectors, sizeof vectors, "%.*s/vectors", prefix, s->name);
    json_t *counts = fixture_member(fixture_member(fixture_member(s->losses, "cases"), vectors), "counts");
    loss_config_default(&config);
    config.reduction = REDUCE_BATCH_MEAN;
    ((const struct loss_rule *)f->detail)->configure(&config, s->losses, numbers);
    c.k = json_array_size(counts);
    c.pixels = systems_pixels(c.s, c.inputs, &c.labels, &c.n, &c.d);
    systems_loss(&c.loss, &config, counts);
    open_model(&c);
    const struct pass_result result = gradient(&c, 0, c.n);
    const double expected = fixture_number(numbers, "loss");
    systems_judge(s, "loss", fabs(result.loss - expected), LOSS * fabs(expected));
    judge_classifier(&c);
    judge_features(&c);
    judge_outputs(&c, &result);
    close_case(&c);
}

/* --- the families --- */

static void plain(struct loss_config *c, json_t *file, json_t *numbers)
{
    (void)file, (void)numbers;
    c->id = LOSS_CE;
}

/* CE on z + log n is that on z + log(n/N). */
static void balanced_softmax(struct loss_config *c, json_t *file, json_t *numbers)
{
    (void)file, (void)numbers;
    c->id = LOSS_LA;
    c->tau = 1;
}

static void logit_adjustment(struct loss_config *c, json_t *file, json_t *numbers)
{
    c->id = LOSS_LA;
    c->tau = systems_hyper(file, numbers, "tau", NAN);
}

/* CE on z/(n_max/n)^gamma: vector scaling without its shift. */
static void class_dependent_temperature(struct loss_config *c, json_t *file, json_t *numbers)
{
    c->id = LOSS_VS;
    c->tau = 0;
    c->vs_gamma = systems_hyper(file, numbers, "gamma", systems_hyper(file, numbers, "cdt_gamma", NAN));
}

/* Its class weights are 1/n or effective numbers. */
static void influence(struct loss_config *c, json_t *file, json_t *numbers)
{
    const char *weights = json_string_value(json_object_get(json_object_get(numbers, "hyper"), "weights"));
    c->id = LOSS_IB;
    c->reweight = true;
    c->weights = !weights || strcmp(weights, "none") == 0 ? WEIGHTS_NONE : strcmp(weights, "inv") == 0 ? WEIGHTS_INVERSE : WEIGHTS_EFFECTIVE;
    c->beta_en = systems_hyper(file, numbers, "cb_beta", NAN);
    c->ib_alpha = systems_hyper(file, numbers, "A", systems_hyper(file, numbers, "ib_alpha", NAN));
}

static void influence_detached(struct loss_config *c, json_t *file, json_t *numbers)
{
    influence(c, file, numbers);
    c->ib_detached = true;
}

static void influence_focal(struct loss_config *c, json_t *file, json_t *numbers)
{
    influence(c, file, numbers);
    c->id = LOSS_IB_FOCAL;
    c->focal_gamma = systems_hyper(file, numbers, "gamma", systems_hyper(file, numbers, "ib_gamma", NAN));
}

const struct family loss_families[] = {
    { "k*/ce", check_loss, &(const struct loss_rule){ plain } },
    { "k*/bsoftmax", check_loss, &(const struct loss_rule){ balanced_softmax } },
    { "k*/logitadjust", check_loss, &(const struct loss_rule){ logit_adjustment } },
    { "k*/cdt", check_loss, &(const struct loss_rule){ class_dependent_temperature } },
    { "k*/ib.source*", check_loss, &(const struct loss_rule){ influence } },
    { "k*/ib.detached*", check_loss, &(const struct loss_rule){ influence_detached } },
    { "k*/ib.focal*", check_loss, &(const struct loss_rule){ influence_focal } },
    { NULL, NULL, NULL },
};
