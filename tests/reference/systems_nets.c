/* Networks: outputs, loss, gradient, Hessian product and moved statistics, with running and with batch statistics. Weights, images and
 * directions are hashes of where they stand; the numbers' own file says of what size. Networks of several outputs are built by the test
 * (systems_heads.c) and go through the pass in pieces. */
#include "config.h"
#include "tests/reference/systems.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "engine/model/families.h"
#include "tests/reference/fixture.h"
#include "tests/reference/systems_heads.h"

/* The errors that float32 may have, as a share of the whole vector: a ReLU that lands on the other side moves a gradient by 1e-3, and one
 * tensor of it by ten times that. The reference back end keeps doubles between layers; no ReLU flips there. */
static const double LOSS = 1e-5, OUTPUT = 1e-5, GRADIENT = 3e-3, PRODUCT = 1e-2, STATISTICS = 1e-5, IN_DOUBLE = 1e-5;
enum { IMAGES = 4000, TARGETS = 4002, DIRECTION = 2000 }; /* numbers of what is hashed; DIRECTION + t: of tensor t */
enum { OUTPUTS = 1 + NET_MAX_OUTPUTS };

struct net_rule {
    const char *family; /* the name of a row; or */
    int (*build)(struct net *net, int side, int classes, struct err *err);
    struct head_part heads[OUTPUTS]; /* the classifier's and the further ones: of a network that the test builds */
};

struct net_case {
    struct systems *s;
    json_t *numbers, *network; /* of the case, and of its network */
    const char *name;          /* "resnet50.10.64" */
    const struct net_rule *rule;
    struct net net;
    struct model *model;
    struct loss loss;
    uint32_t n;
    int side, classes;
    float *pixels, *targets;
    int32_t *labels;
    float *params, *stats, *v, *out; /* vectors of the back end */
    float *host, *host_v;            /* [params.total]; the statistics fit too */
    struct head_rows rows[OUTPUTS];
};

static float *memory(size_t n)
{
    float *x = calloc(n + 1, sizeof *x);
    if (!x)
        fixture_stop(1, "no memory");
    return x;
}

/* --- the numbers --------------------------------------------------------------------------------------------------- */

static double hashed(const struct net_case *c, uint64_t t, uint64_t i)
{
    return systems_hashed((uint64_t)fixture_number(c->s->nets, "seed"), t, i);
}

/* The first of them stand in the file, of some tensors. */
static void check_first(const struct net_case *c, const char *what, const float *x, json_t *first)
{
    for (size_t i = 0; i < json_array_size(first); i++) {
        const double wanted = json_number_value(json_array_get(first, i));
        if (fabs(x[i] - wanted) > 1e-6 * fabs(wanted))
            fixture_stop(1, "%s: %s begins with other numbers: %.9g is %.9g", c->name, what, wanted, (double)x[i]);
    }
}

static size_t number_of(const struct net_case *c, json_t *list, const char *name)
{
    size_t t = 0;
    while (t < json_array_size(list) && strcmp(json_string_value(json_array_get(json_array_get(list, t), 0)), name) != 0)
        t++;
    return t < json_array_size(list) ? t : (fixture_stop(1, "%s: no tensor '%s'", c->name, name), t);
}

/* Values a + s r, and of parameters the direction. */
static void fill_table(const struct net_case *c, const struct tensor_table *table, float *w, float *v)
{
    json_t *list = fixture_member(c->network, "tensors");
    for (int k = 0; k < table->n; k++) {
        const struct tensor_info *tensor = &table->tensor[k];
        const size_t t = number_of(c, list, tensor->name);
        json_t *entry = json_array_get(list, t);
        const double a = json_number_value(json_array_get(entry, 3)), s = (float)json_number_value(json_array_get(entry, 4));
        for (size_t i = 0; i < tensor->count; i++) {
            w[tensor->offset + i] = (float)(a + s * hashed(c, t, i));
            if (v)
                v[tensor->offset + i] = (float)hashed(c, DIRECTION + t, i);
        }
        check_first(c, tensor->name, w + tensor->offset, json_object_get(fixture_member(c->network, "first5"), tensor->name));
        if (v)
            check_first(c, tensor->name, v + tensor->offset, json_object_get(fixture_member(c->network, "first5_v"), tensor->name));
    }
    if (table->n + (v ? c->net.stats.n : c->net.params.n) != (int)json_array_size(list))
        fixture_stop(1, "%s: %zu tensors there, %d here", c->name, json_array_size(list), c->net.params.n + c->net.stats.n);
}

static void make_images(struct net_case *c)
{
    const size_t plane = (size_t)c->side * (size_t)c->side, all = (size_t)c->n * 3 * plane;
    float *there = memory(all);
    c->pixels = memory(all);
    for (size_t i = 0; i < all; i++)
        there[i] = (float)(1.75 * hashed(c, IMAGES, i));
    fixture_interleave(c->pixels, there, c->n, 3, plane);
    check_first(c, "the first image", there, fixture_member(c->numbers, "images_first5"));
    free(there);
    c->labels = calloc(c->n, sizeof *c->labels);
    json_t *labels = fixture_member(c->numbers, "labels");
    for (uint32_t i = 0; c->labels && i < c->n; i++)
        c->labels[i] = (int32_t)json_integer_value(json_array_get(labels, i));
}

/* Of length 1, for an output of so many channels. */
static float *make_targets(const struct net_case *c, int channels)
{
    const size_t wide = (size_t)channels;
    float *targets = memory(c->n * wide);
    for (uint32_t i = 0; i < c->n; i++) {
        double square = 0;
        for (size_t j = 0; j < wide; j++)
            square += pow(hashed(c, TARGETS, i * wide + j), 2);
        for (size_t j = 0; j < wide; j++)
            targets[i * wide + j] = (float)(hashed(c, TARGETS, i * wide + j) / sqrt(square));
    }
    return targets;
}

/* --- a case -------------------------------------------------------------------------------------------------------- */

static void open_rows(struct net_case *c)
{
    for (int k = 0; k <= c->net.n_outputs; k++) {
        struct head_rows *r = &c->rows[k];
        r->channels = k ? c->net.units[c->net.outputs[k - 1].unit].channels : c->classes;
        const size_t size = c->n * (size_t)r->channels;
        r->out = memory(size), r->upstream = memory(size), r->r_out = memory(size), r->r_upstream = memory(size);
        if (c->rule->heads[k].kind == PART_COSINE)
            c->targets = make_targets(c, r->channels);
    }
}

static void plain_loss(struct loss *l, int classes)
{
    struct err err = { 0 };
    struct loss_config config;
    uint32_t *counts = calloc((size_t)classes, sizeof *counts);
    for (int k = 0; counts && k < classes; k++)
        counts[k] = 1;
    loss_config_default(&config);
    systems_must(loss_init(l, classes, counts, &err), &err);
    systems_must(loss_set(l, &config, &err), &err);
    free(counts);
}

static void open_case(struct net_case *c)
{
    struct err err = { 0 };
    const struct backend *b = c->s->backend;
    char network[64];
    if (sscanf(c->name, "%63[^.].%d.%d", network, &c->classes, &c->side) != 3)
        fixture_stop(1, "%s is not NETWORK.CLASSES.SIDE", c->name);
    c->network = fixture_member(fixture_member(c->s->nets, "nets"), network);
    c->n = (uint32_t)fixture_number(c->numbers, "N");
    const struct image_geometry image = { c->side, c->side, 3 };
    systems_must(c->rule->build ? c->rule->build(&c->net, c->side, c->classes, &err)
                                : net_of_family(&c->net, c->rule->family, image, c->classes, HEAD_LINEAR, &err), &err);
    c->model = b->open(&c->net, &(struct model_options){ .max_batch = c->n, .threads = fixture_threads(), .device = fixture_device() }, &err);
    if (!c->model)
        fixture_stop(1, "%s: %s", c->name, err.text);
    const size_t n = c->net.params.total;
    c->params = fixture_vector(b, c->model, n), c->v = fixture_vector(b, c->model, n), c->out = fixture_vector(b, c->model, n);
    c->stats = fixture_vector(b, c->model, c->net.stats.total);
    c->host = memory(n), c->host_v = memory(n);
    plain_loss(&c->loss, c->classes);
    make_images(c);
    open_rows(c);
    fill_table(c, &c->net.params, c->host, c->host_v);
    b->vec_write(c->model, c->params, c->host, n);
    b->vec_write(c->model, c->v, c->host_v, n);
}

static void close_case(struct net_case *c)
{
    const struct backend *b = c->s->backend;
    float *const vectors[] = { c->params, c->stats, c->v, c->out };
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++)
        b->vec_free(c->model, vectors[i]);
    b->close(c->model);
    loss_release(&c->loss);
    for (int k = 0; k < OUTPUTS; k++) {
        free(c->rows[k].out);
        free(c->rows[k].upstream);
        free(c->rows[k].r_out);
        free(c->rows[k].r_upstream);
    }
    free(c->pixels);
    free(c->targets);
    free(c->labels);
    free(c->host);
    free(c->host_v);
    net_release(&c->net);
}

/* --- passes -------------------------------------------------------------------------------------------------------- */

/* Loss of all outputs; up[]: where it has a part, as backward() takes it. */
static double loss_of_outputs(struct net_case *c, const float **up)
{
    double loss = 0;
    for (int k = 0; k <= c->net.n_outputs; k++) {
        const struct head_part *part = &c->rule->heads[k];
        c->s->backend->output(c->model, k, c->rows[k].out);
        up[k] = part->kind == PART_NONE ? NULL : c->rows[k].upstream;
        loss += part->kind == PART_NONE ? 0 : heads_loss(part, &c->rows[k], c->n, c->labels, c->targets);
    }
    return loss;
}

static double gradient(struct net_case *c, const struct pass *pass)
{
    struct err err = { 0 };
    struct pass_result result;
    const struct backend *b = c->s->backend;
    const float *up[OUTPUTS];
    if (!c->rule->build) {
        systems_must(b->gradient(c->model, pass, c->out, &result, &err), &err);
        b->logits(c->model, c->rows[0].out);
        return result.loss;
    }
    systems_must(b->forward(c->model, pass, &err), &err);
    const double loss = loss_of_outputs(c, up);
    systems_must(b->backward(c->model, up, NULL, c->out, &err), &err);
    return loss;
}

static void product(struct net_case *c, const struct pass *pass)
{
    struct err err = { 0 };
    struct pass_result result;
    const struct backend *b = c->s->backend;
    const float *up[OUTPUTS];
    if (!c->rule->build) {
        systems_must(b->hvp_prepare(c->model, pass, &result, &err), &err);
        systems_must(b->hvp(c->model, 1, (const float *const[]){ c->v }, (float *const[]){ c->out }, &err), &err);
        return;
    }
    systems_must(b->forward(c->model, pass, &err), &err);
    loss_of_outputs(c, up);
    systems_must(b->backward(c->model, up, NULL, NULL, &err), &err);
    systems_must(b->r_forward(c->model, c->v, &err), &err);
    for (int k = 0; k <= c->net.n_outputs; k++) {
        if (!up[k])
            continue;
        b->r_output(c->model, k, c->rows[k].r_out);
        heads_r_loss(&c->rule->heads[k], &c->rows[k], c->n, c->targets);
        up[k] = c->rows[k].r_upstream;
    }
    systems_must(b->r_backward(c->model, up, c->out, &err), &err);
}

/* --- what comes out ------------------------------------------------------------------------------------------------ */

static double limit(const struct net_case *c, double of_float)
{
    return strcmp(c->s->backend->name, "reference") == 0 ? fmin(of_float, IN_DOUBLE) : of_float;
}

/* x -= y, or its direction. */
static void subtract(float *x, const float *y, size_t n, bool unit)
{
    const double length = unit ? systems_norm(y, n) : 1;
    for (size_t j = 0; j < n; j++)
        x[j] = (float)(x[j] - y[j] / length);
}

static void judge_outputs(struct net_case *c, const char *mode)
{
    for (int k = 0; k <= c->net.n_outputs; k++) {
        const struct head_rows *r = &c->rows[k];
        const char *name = k ? c->rule->heads[k].name : "logits";
        char full[96];
        size_t n;
        snprintf(full, sizeof full, ".%s.%s", mode, name);
        float *wanted = systems_floats(c->s, c->name, full, true, &n);
        if (n != c->n * (size_t)r->channels)
            fixture_stop(1, "%s: %zu numbers of%s", c->name, n, full);
        const double norm = systems_norm(wanted, n);
        for (uint32_t i = 0; i < c->n; i++)
            subtract(wanted + i * (size_t)r->channels, r->out + i * (size_t)r->channels, (size_t)r->channels, c->rule->heads[k].unit);
        systems_judge(c->s, full, systems_norm(wanted, n), OUTPUT * norm);
        free(wanted);
    }
}

/* Each tensor against its summary: off by at most `whole` of the vector's norm, and ten times that of its own (and a thousandth of
 * the vector's, for those that are what is left after large numbers cancel). */
static void judge_table(struct net_case *c, const char *what, const struct tensor_table *table, json_t *summaries, double whole)
{
    const double norm = systems_norm(c->host, table->total);
    for (int i = 0; i < table->n; i++) {
        const struct tensor_info *t = &table->tensor[i];
        json_t *summary = fixture_member(summaries, t->name);
        char full[96];
        snprintf(full, sizeof full, "%s %s", what, t->name);
        const double own = json_number_value(json_array_get(summary, 1)) + 1e-3 * norm;
        systems_judge_summary(c->s, full, c->host + t->offset, t->count, summary, whole * fmin(norm, 10 * own));
    }
}

/* The gradient or the product in c->out, whole and tensor by tensor, and its sum along the direction, which is of random numbers: an
 * error of length e moves it by about e. */
static void judge_vector(struct net_case *c, const char *what, json_t *numbers, const char *const keys[3], double whole)
{
    const size_t n = c->net.params.total;
    double along = 0;
    char full[64];
    c->s->backend->vec_read(c->model, c->host, c->out, n);
    for (size_t i = 0; i < n; i++)
        along += (double)c->host[i] * c->host_v[i];
    const double norm = fixture_number(numbers, keys[1]);
    systems_judge(c->s, what, fabs(systems_norm(c->host, n) - norm), whole * norm);
    snprintf(full, sizeof full, "%s along the direction", what);
    systems_judge(c->s, full, fabs(along - fixture_number(numbers, keys[2])), whole * norm);
    judge_table(c, what, &c->net.params, fixture_member(numbers, keys[0]), whole);
}

static void judge_statistics(struct net_case *c)
{
    c->s->backend->vec_read(c->model, c->host, c->stats, c->net.stats.total);
    judge_table(c, "moved", &c->net.stats, fixture_member(c->numbers, "running_after_one_train_pass"), STATISTICS);
}

static void check_mode(struct net_case *c, enum pass_mode mode)
{
    struct err err = { 0 };
    const struct backend *b = c->s->backend;
    const char *word = mode == PASS_TRAIN ? "train" : "eval";
    json_t *numbers = fixture_member(c->numbers, word);
    struct pass pass = { .params = c->params, .stats = c->stats, .mode = mode, .update_stats = mode == PASS_TRAIN, .criterion = &c->loss.criterion };
    char what[32];
    fill_table(c, &c->net.stats, c->host, NULL);
    b->vec_write(c->model, c->stats, c->host, c->net.stats.total);
    systems_must(b->load(c->model, &(struct batch){ .n = c->n, .images = c->pixels, .labels = c->labels }, &err), &err);

    const double loss = gradient(c, &pass), wanted = fixture_number(numbers, "loss");
    snprintf(what, sizeof what, "%s loss", word);
    systems_judge(c->s, what, fabs(loss - wanted), LOSS * fabs(wanted));
    judge_outputs(c, word);
    snprintf(what, sizeof what, "%s gradient", word);
    judge_vector(c, what, numbers, (const char *const[]){ "grad", "grad_norm", "gv" }, limit(c, GRADIENT));
    if (mode == PASS_TRAIN)
        judge_statistics(c);

    pass.update_stats = false;
    product(c, &pass);
    snprintf(what, sizeof what, "%s product", word);
    judge_vector(c, what, numbers, (const char *const[]){ "hvp", "hv_norm", "vHv" }, limit(c, PRODUCT));
}

static void check_net(struct systems *s, json_t *numbers, const struct family *f)
{
    struct net_case c = { .s = s, .numbers = numbers, .name = s->name + strlen("net "), .rule = f->detail };
    open_case(&c);
    check_mode(&c, PASS_EVAL);
    check_mode(&c, PASS_TRAIN);
    close_case(&c);
}

const struct family net_families[] = {
    { "net resnet18.*", check_net, &(const struct net_rule){ .family = "resnet18" } },
    { "net resnet50.*", check_net, &(const struct net_rule){ .family = "resnet50" } },
    { "net resnext50_32x4d.*", check_net, &(const struct net_rule){ .family = "resnext50" } },
    { "net resnet32-mlp.*", check_net,
      &(const struct net_rule){ .build = heads_projection, .heads = { { "logits", PART_ENTROPY, 1, false }, { "u", PART_COSINE, -0.5, true } } } },
    { "net glmc-resnet34.*", check_net,
      &(const struct net_rule){ .build = heads_glmc, .heads = { { "logits", PART_ENTROPY, 1, false }, { "logits_cb", PART_ENTROPY, 1, false },
                                                                { "z", PART_NONE, 0, false }, { "p", PART_COSINE, -1, false } } } },
    { NULL, NULL, NULL },
};
