/* Steps of optimisers on the smallest network: losses of every pass, weights and running statistics. Losses: plain cross-entropy,
 * balanced softmax and influence-balanced. Later steps say little about float32: a pre-activation that lands on the other side of a ReLU makes gradients
 * jump, so their limits are three times what PyTorch's own float32 was off by, as the numbers' README has it. */
#include "config.h"
#include "tests/reference/systems.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "engine/model/params.h"
#include "engine/model/families.h"
#include "engine/optim/optim.h"
#include "tests/reference/fixture.h"

static const double FIRST_LOSS = 5e-5, FIRST_WEIGHTS = 1e-4, WORST_TENSOR = 1e-3, OF_PYTORCH = 3;

struct step_rule {
    enum optimiser kind;
};

struct step_case {
    struct systems *s;
    json_t *numbers;
    struct net net;
    struct images images;
    struct loss loss;
    struct model *model;
    float *w, *stats;  /* vectors of the back end */
    float *host;       /* [params.total], [stats.total] fits */
};

/* PyTorch's deviation: a member of the case's, or of one of its moments; where a set of numbers has none, the largest of any case. */
static double deviation(const struct step_case *c, const char *moment, const char *key)
{
    json_t *d = json_object_get(c->numbers, "float32_torch_deviation");
    json_t *value = json_object_get(moment ? json_object_get(d, moment) : d, key);
    return OF_PYTORCH * (json_is_number(value) ? json_number_value(value) : moment && strcmp(moment, "after1") == 0 ? 6e-4 : 3e-2);
}

/* name: "resnet8/ce/sam", "resnet8+batch10/bs/sam" */
static void open_case(struct step_case *c)
{
    struct err err = { 0 };
    char network[64], path[4096];
    const struct backend *b = c->s->backend;
    const bool other = strncmp(c->s->name, "resnet8+batch10/", strlen("resnet8+batch10/")) == 0;
    snprintf(network, sizeof network, "%.*s", (int)strcspn(c->s->name, "+/"), c->s->name);
    systems_must(net_of_family(&c->net, network, IMAGE_CIFAR, 10, HEAD_LINEAR, &err), &err);
    struct safetensors *batch = fixture_open(other ? "systems/batch10.safetensors" : "batch.safetensors");
    fixture_images(&c->images, batch, "");
    safetensors_close(batch);
    struct loss_config config;
    loss_config_default(&config);
    config.reduction = REDUCE_BATCH_MEAN;
    config.tau = 1;
    config.id = strstr(c->s->name, ".ib.") ? LOSS_IB : strstr(c->s->name, "/bs/") ? LOSS_LA : LOSS_CE;
    config.ib_alpha = systems_hyper(c->s->steps, c->numbers, "A", config.ib_alpha);
    config.ib_detached = strstr(c->s->name, ".detached");
    systems_loss(&c->loss, &config, fixture_member(c->s->steps, "counts"));
    c->model = b->open(&c->net, &(struct model_options){ .max_batch = c->images.batch.n, .threads = fixture_threads(),
                                                              .device = fixture_device() }, &err);
    if (!c->model)
        fixture_stop(1, "%s", err.text);
    float *stats = malloc(c->net.stats.total * sizeof *stats);
    c->host = malloc(c->net.params.total * sizeof *c->host);
    if (!stats || !c->host)
        fixture_stop(1, "no memory");
    fixture_path(path, sizeof path, "%s.safetensors", network);
    systems_must(params_load(&c->net, path, c->host, stats, &err), &err);
    c->w = fixture_vector(b, c->model, c->net.params.total);
    c->stats = fixture_vector(b, c->model, c->net.stats.total);
    b->vec_write(c->model, c->w, c->host, c->net.params.total);
    b->vec_write(c->model, c->stats, stats, c->net.stats.total);
    free(stats);
}

static void close_case(struct step_case *c)
{
    const struct backend *b = c->s->backend;
    b->vec_free(c->model, c->w);
    b->vec_free(c->model, c->stats);
    b->close(c->model);
    loss_release(&c->loss);
    fixture_images_release(&c->images);
    net_release(&c->net);
    free(c->host);
}

/* Each tensor against its summary: its error is at most `whole` of the whole vector's norm, and `tensor` of its own (with a hundredth
 * of the whole's, for those that are what is left after large numbers cancel). */
static void judge_table(struct step_case *c, const char *moment, const struct tensor_table *table, json_t *expected, double whole,
                        double tensor)
{
    const double norm = systems_norm(c->host, table->total);
    for (int i = 0; i < table->n; i++) {
        const struct tensor_info *t = &table->tensor[i];
        json_t *summary = fixture_member(expected, t->name);
        char what[96];
        snprintf(what, sizeof what, "%s %s", moment, t->name);
        const double own = json_number_value(json_array_get(summary, 1)) + 0.01 * norm;
        systems_judge_summary(c->s, what, c->host + t->offset, t->count, summary, fmin(whole * norm, tensor * own));
    }
}

/* moment: "after1", "after3"; statistics that moved in every pass, or in the first alone. */
static void judge_state(struct step_case *c, const char *moment, bool first_only)
{
    const struct backend *b = c->s->backend;
    char statistics[32];
    const bool first = strcmp(moment, "after1") == 0;
    const double whole = fmax(first ? FIRST_WEIGHTS : 0, deviation(c, moment, "all_weights"));
    const double tensor = fmax(first ? WORST_TENSOR : 0, deviation(c, moment, "state_worst_tensor"));
    snprintf(statistics, sizeof statistics, "%s_bn_%s", moment, first_only ? "first" : "every");
    b->vec_read(c->model, c->host, c->w, c->net.params.total);
    judge_table(c, moment, &c->net.params, fixture_member(c->numbers, moment), whole, tensor);
    b->vec_read(c->model, c->host, c->stats, c->net.stats.total);
    judge_table(c, statistics, &c->net.stats, fixture_member(c->numbers, statistics), tensor, tensor);
}

static void judge_loss(struct step_case *c, size_t step, const char *what, double value, json_t *expected)
{
    const double limit = step == 0 ? FIRST_LOSS : deviation(c, NULL, "loss_all"), wanted = json_number_value(expected);
    if (!json_is_number(expected))
        fixture_stop(1, "%s: no %s of step %zu", c->s->name, what, step + 1);
    systems_judge(c->s, what, fabs(value - wanted), limit * fabs(wanted));
}

static void take_steps(struct step_case *c, const struct step_rule *rule, bool first_only)
{
    struct err err = { 0 };
    struct optim optim;
    struct optimiser_result result;
    json_t *losses = fixture_member(c->numbers, "loss"), *file = c->s->steps;
    const struct optim_knobs knobs = { .kind = rule->kind, .freeze_second_pass = first_only,
                                       .lr = (float)systems_hyper(file, c->numbers, "lr", NAN),
                                       .momentum = (float)systems_hyper(file, c->numbers, "momentum", NAN),
                                       .weight_decay = (float)systems_hyper(file, c->numbers, "weight_decay", NAN),
                                       .rho = systems_hyper(file, c->numbers, "rho", NAN) };
    systems_must(optim_init(&optim, c->s->backend, c->model, &c->net, &err), &err);
    for (size_t step = 0; step < json_array_size(losses); step++) {
        json_t *pair = json_array_get(losses, step);
        char moment[16];
        const struct optim_task task = { .batch = &c->images.batch, .criterion = &c->loss.criterion, .w = c->w, .stats = c->stats };
        systems_must(optim_step(&optim, &knobs, &task, &result, &err), &err);
        judge_loss(c, step, "loss at w", result.first.loss, json_array_get(pair, 0));
        judge_loss(c, step, "loss at w + e", result.second.loss, json_array_get(pair, 1));
        snprintf(moment, sizeof moment, "after%zu", step + 1);
        if (json_object_get(c->numbers, moment))
            judge_state(c, moment, first_only);
    }
    optim_release(&optim);
}

static void check_steps(struct systems *s, json_t *numbers, const struct family *f)
{
    for (int first_only = 0; first_only < 2; first_only++) {
        struct step_case c = { .s = s, .numbers = numbers };
        open_case(&c);
        take_steps(&c, f->detail, first_only);
        close_case(&c);
    }
}

const struct family step_families[] = {
    { "resnet8*/*/sam", check_steps, &(const struct step_rule){ OPTIMISER_SAM } },
    { "resnet8*/*/unnormalised", check_steps, &(const struct step_rule){ OPTIMISER_USAM } },
    { "resnet8*/ce/sam.ib.source", check_steps, &(const struct step_rule){ OPTIMISER_SAM } },
    { "resnet8*/ce/sam.ib.detached", check_steps, &(const struct step_rule){ OPTIMISER_SAM } },
    { NULL, NULL, NULL },
};
