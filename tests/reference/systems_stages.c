/* Second stages on given features: a re-drawn classifier (cRT), scales of the rows of a trained one (LWS). Losses of the steps, what trained
 * at the end, loss and accuracy there over the whole bank, and the extremes of the Hessian of that loss over what trained: it is convex. */
#include "config.h"
#include "tests/reference/systems.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "engine/optim/optim.h"
#include "engine/probe/lanczos.h"
#include "tests/reference/fixture.h"

static const double RELATIVE = 1e-5; /* of losses, of a tensor's length, of the largest eigenvalue */

struct stage_rule {
    bool scales; /* of the rows of a trained classifier; else a new classifier */
};

struct stage_case {
    struct systems *s;
    json_t *numbers;
    const struct stage_rule *rule;
    char prefix[16]; /* "k10" */
    struct net net;
    struct loss loss;
    struct model *model;
    struct optim optim;
    float *w, *stats, *v, *out; /* vectors of the back end */
    float *host;                /* [params.total] */
    size_t first, n_head;       /* the classifier in a parameter vector */
    float *feature, *rows;      /* [n][features]: the bank; a batch of it */
    int32_t *label, *labels;
    size_t n;
};

/* --- what is given ------------------------------------------------------------------------------------------------- */

/* The numbers' own generator: number i of tensor t, in [-1, 1). */
static double drawn(uint64_t seed, uint64_t t, uint64_t i)
{
    uint64_t z = (seed << 56) + (t << 40) + i + 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    z ^= z >> 31;
    return 2 * ldexp((double)(z >> 40), -24) - 1;
}

static void fill_classifier(struct stage_case *c)
{
    const size_t k = (size_t)c->net.classes, d = (size_t)c->net.features;
    float *weight = c->host + c->net.head_weight, *bias = c->host + c->net.head_bias;
    char inputs[32];
    if (!c->rule->scales) {
        const uint64_t seed = (uint64_t)fixture_number(c->s->stages, "seed");
        for (size_t i = 0; i < k * d; i++)
            weight[i] = (float)(drawn(seed, 900, i) / 8);
        for (size_t j = 0; j < k; j++)
            bias[j] = (float)(drawn(seed, 901, j) / 8);
        return;
    }
    size_t n_w, n_b;
    snprintf(inputs, sizeof inputs, "%s/in.", c->prefix);
    float *w = systems_floats(c->s, inputs, "W", true, &n_w), *b = systems_floats(c->s, inputs, "b", true, &n_b);
    if (n_w != k * d || n_b != k)
        fixture_stop(1, "%s: W and b do not fit the features", c->s->name);
    memcpy(weight, w, n_w * sizeof *w);
    memcpy(bias, b, n_b * sizeof *b);
    free(w);
    free(b);
}

static void read_bank(struct stage_case *c, size_t *features)
{
    char inputs[32];
    size_t n_f;
    snprintf(inputs, sizeof inputs, "%s/in.", c->prefix);
    c->feature = systems_floats(c->s, inputs, "bank_f", true, &n_f);
    c->label = systems_labels(c->s, inputs, "bank_y", &c->n);
    *features = n_f / c->n;
    c->rows = malloc(n_f * sizeof *c->rows);
    c->labels = malloc(c->n * sizeof *c->labels);
    if (n_f % c->n != 0 || !c->rows || !c->labels)
        fixture_stop(1, "%s: %zu labels of %zu features", c->s->name, c->n, n_f);
}

static void open_model(struct stage_case *c)
{
    struct err err = { 0 };
    const struct backend *b = c->s->backend;
    c->model = b->open(&c->net, &(struct model_options){ .max_batch = (uint32_t)c->n, .threads = fixture_threads(), .device = fixture_device() }, &err);
    if (!c->model)
        fixture_stop(1, "%s", err.text);
    c->first = c->net.head_weight;
    c->n_head = c->net.params.total - c->first;
    c->w = fixture_vector(b, c->model, c->net.params.total);
    c->v = fixture_vector(b, c->model, c->net.params.total);
    c->out = fixture_vector(b, c->model, c->net.params.total);
    c->stats = fixture_vector(b, c->model, c->net.stats.total);
    c->host = calloc(c->net.params.total, sizeof *c->host);
    if (!c->host)
        fixture_stop(1, "no memory");
    fill_classifier(c);
    b->vec_write(c->model, c->w, c->host, c->net.params.total);
}

static void open_optim(struct stage_case *c)
{
    struct err err = { 0 };
    struct param_groups groups;
    const struct param_rule frozen = { .trainable = false };
    systems_must(optim_init(&c->optim, c->s->backend, c->model, &c->net, &err), &err);
    systems_must(param_groups_init(&groups, &c->net, &err), &err);
    systems_must(param_groups_set(&groups, &c->net, "backbone", &frozen, &err), &err);
    systems_must(optim_use_groups(&c->optim, &groups, NORM_RUNNING, &err), &err);
    param_groups_release(&groups);
    if (c->rule->scales)
        systems_must(optim_use_scales(&c->optim, c->w, &err), &err);
}

static void close_case(struct stage_case *c)
{
    const struct backend *b = c->s->backend;
    optim_release(&c->optim);
    float *vectors[] = { c->w, c->v, c->out, c->stats };
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++)
        b->vec_free(c->model, vectors[i]);
    b->close(c->model);
    net_release(&c->net);
    loss_release(&c->loss);
    free(c->host);
    free(c->feature);
    free(c->rows);
    free(c->label);
    free(c->labels);
}

/* --- the steps ----------------------------------------------------------------------------------------------------- */

/* The batch of a step: a stored list of images, or all of them. */
static struct batch batch_of(struct stage_case *c, json_t *list)
{
    const size_t d = (size_t)c->net.features, n = list ? json_array_size(list) : c->n;
    for (size_t i = 0; i < n; i++) {
        const size_t at = list ? (size_t)json_integer_value(json_array_get(list, i)) : i;
        if (i >= c->n || at >= c->n)
            fixture_stop(1, "%s: image %zu of a batch is number %zu of %zu", c->s->name, i, at, c->n);
        memcpy(c->rows + i * d, c->feature + at * d, d * sizeof *c->rows);
        c->labels[i] = c->label[at];
    }
    return (struct batch){ .n = (uint32_t)n, .features = c->rows, .labels = c->labels };
}

static void take_steps(struct stage_case *c)
{
    struct err err = { 0 };
    struct optimiser_result result;
    char order[32];
    json_t *group = json_array_get(fixture_member(c->numbers, "groups"), 0), *losses = fixture_member(c->numbers, "loss");
    const struct optim_knobs knobs = { .lr = (float)fixture_number(group, "lr"),
                                       .momentum = (float)systems_hyper(c->s->stages, c->numbers, "momentum", 0.9),
                                       .weight_decay = (float)fixture_number(group, "weight_decay") };
    snprintf(order, sizeof order, "%s/order", c->prefix);
    json_t *lists = strstr(c->s->name, ".order") ? fixture_member(c->s->stages, order) : NULL;
    for (size_t step = 0; step < json_array_size(losses); step++) {
        const double expected = json_number_value(json_array_get(losses, step));
        const struct batch batch = batch_of(c, lists ? json_array_get(lists, step) : NULL);
        const struct optim_task task = { .batch = &batch, .criterion = &c->loss.criterion, .w = c->w, .stats = c->stats };
        systems_must(optim_step(&c->optim, &knobs, &task, &result, &err), &err);
        systems_judge(c->s, "loss of a step", fabs(result.first.loss - expected), RELATIVE * expected);
    }
}

/* --- where they end ------------------------------------------------------------------------------------------------ */

static void judge(struct stage_case *c, const char *tensor, const float *x, size_t n)
{
    systems_judge_summary(c->s, tensor, x, n, fixture_member(fixture_member(c->numbers, "final"), tensor), RELATIVE * systems_norm(x, n));
}

static void judge_end(struct stage_case *c)
{
    const size_t k = (size_t)c->net.classes;
    c->s->backend->vec_read(c->model, c->host, c->w, c->net.params.total);
    if (c->rule->scales) {
        judge(c, "s", c->optim.scales.s, k);
        return;
    }
    judge(c, "W", c->host + c->net.head_weight, k * (size_t)c->net.features);
    judge(c, "b", c->host + c->net.head_bias, k);
}

/* Loss and accuracy over the bank; its pass is kept for products. */
static void judge_bank(struct stage_case *c)
{
    struct err err = { 0 };
    struct pass_result r;
    const struct backend *b = c->s->backend;
    const struct pass pass = { .params = c->w, .stats = c->stats, .mode = PASS_EVAL, .criterion = &c->loss.criterion, .head_only = true };
    const struct batch batch = batch_of(c, NULL);
    const double loss = fixture_number(c->numbers, "final_loss_full"), accuracy = fixture_number(c->numbers, "final_accuracy_on_bank");
    systems_must(b->load(c->model, &batch, &err), &err);
    systems_must(b->hvp_prepare(c->model, &pass, &r, &err), &err);
    systems_judge(c->s, "loss at the end", fabs(r.loss - loss), RELATIVE * loss);
    systems_judge(c->s, "accuracy at the end", fabs((double)r.correct / r.n - accuracy), 1e-9);
}

/* The Hessian over the classifier, or J'HJ over its scales. */
static int product(void *ctx, const float *v, float *out, struct err *err)
{
    struct stage_case *c = ctx;
    const struct backend *b = c->s->backend;
    const int classes = c->net.classes, features = c->net.features;
    float *s = c->optim.host;
    if (c->rule->scales) {
        b->vec_read(c->model, s, v, (size_t)classes);
        scales_spread(classes, features, c->optim.scales.classifier, s, c->host);
        b->vec_write(c->model, c->v + c->first, c->host, c->n_head);
    } else {
        b->vec_copy(c->model, c->v + c->first, v, c->n_head);
    }
    if (b->hvp(c->model, 1, (const float *const[]){ c->v }, &c->out, err) < 0)
        return -1;
    if (!c->rule->scales) {
        b->vec_copy(c->model, out, c->out + c->first, c->n_head);
        return 0;
    }
    b->vec_read(c->model, c->host, c->out + c->first, c->n_head);
    scales_gather(classes, features, c->optim.scales.classifier, c->host, c->optim.scales.gradient);
    for (int j = 0; j < classes; j++)
        s[j] = (float)c->optim.scales.gradient[j];
    b->vec_write(c->model, out, s, (size_t)classes);
    return 0;
}

static double eigenvalue(json_t *list, size_t i)
{
    json_t *value = json_array_get(list, i);
    if (!json_is_number(value))
        fixture_stop(1, "no eigenvalue %zu", i);
    return json_number_value(value);
}

/* Convex: no eigenvalue is below 0 but for rounding. Of scales the whole spectrum, of a classifier its ends. */
static void judge_hessian(struct stage_case *c)
{
    enum { ITERS = 24 }; /* enough for the largest */
    struct err err = { 0 };
    struct lanczos_status now;
    json_t *expected = json_object_get(c->numbers, "hessian_of_full_loss_at_end"), *values = json_object_get(expected, "eigenvalues");
    if (!expected)
        return;
    const size_t n = c->rule->scales ? (size_t)c->net.classes : c->n_head;
    const double top = fixture_number(expected, "lambda_max"), bottom = fixture_number(expected, "lambda_min");
    struct lanczos *l = lanczos_new(c->s->backend, c->model, n, c->rule->scales ? (int)n : ITERS, &err);
    systems_must(l ? lanczos_start(l, 1, 0, NULL, &err) : -1, &err);
    while (!lanczos_done(l, c->rule->scales ? 0 : 1e-6))
        systems_must(lanczos_step(l, product, c, &err), &err);
    lanczos_status(l, &now);
    systems_judge(c->s, "lambda_max", fabs(now.max - top), RELATIVE * top);
    systems_judge(c->s, "lambda_min", fabs(now.min - bottom), (c->rule->scales ? RELATIVE : 1e-3) * top);
    systems_judge(c->s, "lambda_min below 0", now.min < 0 ? -now.min : 0, 1e-6 * top);
    for (size_t i = 0; c->rule->scales && i < n; i++)
        systems_judge(c->s, "an eigenvalue", fabs(lanczos_ritz(l, (int)i, NULL) - eigenvalue(values, i)), RELATIVE * top);
    lanczos_free(l);
}

static void check_stage(struct systems *s, json_t *numbers, const struct family *f)
{
    struct stage_case c = { .s = s, .numbers = numbers, .rule = f->detail };
    struct loss_config config;
    char vectors[32];
    size_t features;
    snprintf(c.prefix, sizeof c.prefix, "%.*s", (int)strcspn(s->name + strlen("stage "), "/"), s->name + strlen("stage "));
    snprintf(vectors, sizeof vectors, "%s/vectors", c.prefix);
    json_t *counts = fixture_member(fixture_member(fixture_member(s->losses, "cases"), vectors), "counts");
    loss_config_default(&config);
    config.id = LOSS_CE;
    config.reduction = REDUCE_BATCH_MEAN;
    systems_loss(&c.loss, &config, counts);
    read_bank(&c, &features);
    systems_net(&c.net, 1, (int)features, (int)json_array_size(counts));
    open_model(&c);
    open_optim(&c);
    take_steps(&c);
    judge_end(&c);
    judge_bank(&c);
    judge_hessian(&c);
    close_case(&c);
}

const struct family stage_families[] = {
    { "stage k*/crt.*", check_stage, &(const struct stage_rule){ false } },
    { "stage k*/lws.*", check_stage, &(const struct stage_rule){ true } },
    { NULL, NULL, NULL },
};
