/* Steps of optimisers on the smallest network: losses of every pass, weights and running statistics. Losses: plain cross-entropy,
 * balanced softmax and influence-balanced. Later steps say little about float32: a pre-activation that lands on the other side of a ReLU makes gradients
 * jump, so their limits are three times what PyTorch's own float32 was off by, as the numbers' README has it. That is one draw of several outcomes which
 * lie apart (which side of 0 a number fell on), so a case that misses them after its first step may come from weights that differ by a rounding each: the
 * first step is held from the very weights, and of a few such starts one must hold in everything. What is computed wrongly misses from all of them. */
#include "config.h"
#include "tests/reference/systems.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/rng.h"
#include "engine/model/params.h"
#include "engine/model/families.h"
#include "engine/optim/optim.h"
#include "tests/reference/fixture.h"

static const double FIRST_LOSS = 5e-5, FIRST_WEIGHTS = 1e-4, WORST_TENSOR = 1e-3, OF_PYTORCH = 3;

struct step_rule {
    enum optimiser kind;
    bool other_form;  /* the one that is not the default */
    bool first_only;  /* the case's own passes are others where no class of the batch climbs: statistics are compared in the first pass alone */
};

enum { CLASSES = 10 };

struct step_case {
    struct systems *s;
    json_t *numbers;
    struct net net;
    struct images images;
    struct loss loss;
    struct model *model;
    float *w, *stats;  /* vectors of the back end */
    float *host;       /* [params.total], [stats.total] fits */
    double counts[CLASSES]; /* training images, of CC-SAM */
    float *targets;    /* [images][CLASSES] of a mixed batch, else NULL */
    uint8_t *climbs;   /* [params.total] of ESAM */
    float part[2 * CLASSES]; /* shares of classes that climb, and of the rest */
    uint32_t start;    /* 0: the file's weights; else these with a rounding each */
};

enum { STARTS = 8 };

/* PyTorch's deviation: a member of the case's, or of one of its moments; where a set of numbers has none, the largest of any case. */
static double deviation(const struct step_case *c, const char *moment, const char *key)
{
    json_t *d = json_object_get(c->numbers, "float32_torch_deviation");
    json_t *value = json_object_get(moment ? json_object_get(d, moment) : d, key);
    return OF_PYTORCH * (json_is_number(value) ? json_number_value(value) : moment && strcmp(moment, "after1") == 0 ? 6e-4 : 3e-2);
}

/* Each weight goes to one of its two neighbours among floats, or stays. */
static void move_by_a_rounding(struct step_case *c)
{
    struct rng r;
    rng_init(&r, 0, RNG_PROBE, c->start, 0);
    for (size_t i = 0; c->start > 0 && i < c->net.params.total; i++) {
        const uint32_t way = rng_below(&r, 3);
        c->host[i] = way == 0 ? c->host[i] : nextafterf(c->host[i], way == 1 ? INFINITY : -INFINITY);
    }
}

/* lambda of each image and of its label, the rest of those of the case's other image. */
static void mix_images(struct step_case *c)
{
    json_t *lambda = json_object_get(json_object_get(c->numbers, "hyper"), "mixup_lambda"), *other = fixture_member(c->s->steps, "ccsam_perm");
    if (!json_is_number(lambda))
        return;
    const double share = json_number_value(lambda);
    const size_t n = c->images.batch.n, pixels = (size_t)c->net.height * (size_t)c->net.width * (size_t)c->net.image_channels;
    float *plain = malloc(n * pixels * sizeof *plain);
    c->targets = calloc(n * CLASSES, sizeof *c->targets);
    if (!plain || !c->targets)
        fixture_stop(1, "no memory");
    memcpy(plain, c->images.pixels, n * pixels * sizeof *plain);
    for (size_t i = 0; i < n; i++) {
        const size_t from = (size_t)json_integer_value(json_array_get(other, i));
        for (size_t k = 0; k < pixels; k++)
            c->images.pixels[i * pixels + k] = (float)(share * (double)plain[i * pixels + k] + (1 - share) * (double)plain[from * pixels + k]);
        c->targets[i * CLASSES + (size_t)c->images.labels[i]] += (float)share;
        c->targets[i * CLASSES + (size_t)c->images.labels[from]] += (float)(1 - share);
    }
    c->images.batch.targets = c->targets;
    free(plain);
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
    mix_images(c);
    struct loss_config config;
    loss_config_default(&config);
    config.reduction = REDUCE_BATCH_MEAN;
    config.tau = 1;
    config.id = strstr(c->s->name, ".ib.") ? LOSS_IB : strstr(c->s->name, "/bs/") ? LOSS_LA : LOSS_CE;
    config.ib_alpha = systems_hyper(c->s->steps, c->numbers, "A", config.ib_alpha);
    config.ib_frozen = strstr(c->s->name, ".frozen");
    config.ib_detached = config.ib_frozen || strstr(c->s->name, ".detached");
    systems_loss(&c->loss, &config, fixture_member(c->s->steps, "counts"));
    c->model = b->open(&c->net, &(struct model_options){ .max_batch = c->images.batch.n, .threads = fixture_threads(),
                                                              .device = fixture_device() }, &err);
    if (!c->model)
        fixture_stop(1, "%s", err.text);
    float *stats = malloc(c->net.stats.total * sizeof *stats);
    c->host = malloc(c->net.params.total * sizeof *c->host);
    c->climbs = malloc(c->net.params.total);
    if (!stats || !c->host || !c->climbs)
        fixture_stop(1, "no memory");
    fixture_path(path, sizeof path, "%s.safetensors", network);
    systems_must(params_load(&c->net, path, c->host, stats, &err), &err);
    move_by_a_rounding(c);
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
    free(c->climbs);
    free(c->targets);
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

/* The shares of the case: the file's list for Focal-SAM, one number for blend, else the classes of the file's tail. */
static void set_shares(struct step_case *c, enum optimiser kind, struct optim_knobs *k)
{
    json_t *file = c->s->steps, *tail = fixture_member(file, "tail_classes"), *focal = fixture_member(file, "focal_c");
    memset(c->part, 0, sizeof c->part);
    for (size_t i = 0; i < json_array_size(tail); i++)
        c->part[json_integer_value(json_array_get(tail, i))] = 1;
    if (strstr(c->s->name, "notail"))
        memset(c->part, 0, sizeof c->part);
    for (size_t i = 0; i < CLASSES; i++) {
        if (kind == OPTIMISER_FOCALSAM)
            c->part[i] = (float)json_number_value(json_array_get(focal, i));
        if (kind == OPTIMISER_BLEND)
            c->part[i] = (float)systems_hyper(file, c->numbers, "focal_lambda", NAN);
        c->part[CLASSES + i] = 1 - c->part[i];
    }
    k->part = c->part;
    k->rest = c->part + CLASSES;
    k->one_share = kind == OPTIMISER_BLEND;
    k->part_gain = systems_hyper(file, c->numbers, "tail_gain", 1);
}

static void set_numbers(struct step_case *c, const struct step_rule *rule, struct optim_knobs *k)
{
    json_t *file = c->s->steps;
    k->gsam_alpha = systems_hyper(file, c->numbers, "gsam_alpha", NAN);
    k->wsam_gamma = systems_hyper(file, c->numbers, "wsam_gamma", NAN);
    k->fsam_sigma = systems_hyper(file, c->numbers, "fsam_sigma", NAN);
    k->fsam_lambda = systems_hyper(file, c->numbers, "fsam_lambda", NAN);
    k->looksam_k = (uint32_t)systems_hyper(file, c->numbers, "look_k", 1);
    k->looksam_alpha = systems_hyper(file, c->numbers, "look_alpha", NAN);
    k->msam_m = 4;
    k->asam_eta = 0.01; /* of the authors' code, as the numbers' source says */
    k->esam_beta = systems_hyper(file, c->numbers, "esam_beta", NAN);
    k->esam_gamma = systems_hyper(file, c->numbers, "esam_gamma", NAN);
    k->climbs = c->climbs;
    k->ccsam_a = systems_hyper(file, c->numbers, "a", NAN);
    k->ccsam_phi = systems_hyper(file, c->numbers, "phi", NAN);
    for (size_t i = 0; i < CLASSES; i++)
        c->counts[i] = json_number_value(json_array_get(fixture_member(file, "counts"), i));
    k->class_images = c->counts;
    k->wsam_coupled = k->fsam_paper = k->looksam_by_tensor = k->esam_by_element = rule->other_form;
    set_shares(c, rule->kind, k);
}

/* Where a part climbs the numbers are [rest at w, part at w, part at w + e], the gain in them: what is descended is rest + part. */
static void judge_losses(struct step_case *c, const struct step_rule *rule, const struct optim_knobs *k, size_t step, const struct optimiser_result *r)
{
    json_t *numbers = json_array_get(fixture_member(c->numbers, "loss"), step);
    if (optimiser_table[rule->kind].way != WAY_PARTS) {
        judge_loss(c, step, "loss at w", r->first.loss, json_array_get(numbers, 0));
        if (json_array_size(numbers) > 1)
            judge_loss(c, step, "loss at w + e", r->second.loss, json_array_get(numbers, 1));
        else
            systems_judge(c->s, "no second pass", isnan(r->second.loss) ? 0 : 2, 1);
        return;
    }
    const double rest = json_number_value(json_array_get(numbers, 0)), part = json_number_value(json_array_get(numbers, 1)) / k->part_gain;
    const double above = json_number_value(json_array_get(numbers, 2)) / k->part_gain;
    json_t *whole = json_real(rest + part), *descended = json_real(rest + above);
    judge_loss(c, step, "loss at w", r->first.loss, whole);
    if (part > 0)
        judge_loss(c, step, "loss at w + e", r->second.loss, descended);
    json_decref(whole);
    json_decref(descended);
}

/* Of whole tensors the file says which climb in each step, of single weights how they are drawn. */
static void set_climbs(struct step_case *c, const struct step_rule *rule, size_t step)
{
    json_t *masks = rule->kind == OPTIMISER_ESAM && !rule->other_form ? json_array_get(fixture_member(c->s->steps, "esam_tensor_masks"), step) : NULL;
    for (int i = 0; i < c->net.params.n; i++) {
        const struct tensor_info *t = &c->net.params.tensor[i];
        for (size_t j = 0; j < t->count; j++)
            c->climbs[t->offset + j] = masks ? json_is_true(fixture_member(masks, t->name))
                                             : (systems_hashed(0, 600 + 64 * step + (uint64_t)i, j) + 1) / 2 < systems_hyper(c->s->steps, c->numbers, "esam_beta", NAN);
    }
}

/* false: the first step missed. */
static bool take_steps(struct step_case *c, const struct step_rule *rule, bool first_only)
{
    const int before = c->s->failures;
    bool first = true;
    struct err err = { 0 };
    struct optim optim;
    struct optimiser_result result;
    json_t *losses = fixture_member(c->numbers, "loss"), *file = c->s->steps;
    struct optim_knobs knobs = { .kind = rule->kind, .freeze_second_pass = first_only,
                                       .lr = (float)systems_hyper(file, c->numbers, "lr", NAN),
                                       .momentum = (float)systems_hyper(file, c->numbers, "momentum", NAN),
                                       .weight_decay = (float)systems_hyper(file, c->numbers, "weight_decay", NAN),
                                       .rho = systems_hyper(file, c->numbers, "rho", NAN) };
    set_numbers(c, rule, &knobs);
    systems_must(optim_init(&optim, c->s->backend, c->model, &c->net, &err), &err);
    const size_t steps = getenv("SADDLE_FIXTURE_FIRST") ? 1 : json_array_size(losses);
    for (size_t step = 0; step < steps; step++) {
        char moment[16];
        knobs.step = step;
        set_climbs(c, rule, step);
        c->s->quiet = step > 0 && c->start + 1 < STARTS;
        const struct optim_task task = { .batch = &c->images.batch, .criterion = &c->loss.criterion, .w = c->w, .stats = c->stats };
        systems_must(optim_step(&optim, &knobs, &task, &result, &err), &err);
        judge_losses(c, rule, &knobs, step, &result);
        snprintf(moment, sizeof moment, "after%zu", step + 1);
        if (json_object_get(c->numbers, moment))
            judge_state(c, moment, first_only);
        first = first && (step > 0 || c->s->failures == before);
    }
    c->s->quiet = false;
    optim_release(&optim);
    return first;
}

static void check_starts(struct systems *s, json_t *numbers, const struct step_rule *rule, bool first_only)
{
    const struct systems before = *s;
    for (uint32_t start = 0; start < STARTS; start++) {
        struct step_case c = { .s = s, .numbers = numbers, .start = start };
        s->failures = before.failures;
        s->worst = before.worst;
        open_case(&c);
        const bool first = take_steps(&c, rule, first_only);
        close_case(&c);
        if (s->failures == before.failures && start > 0)
            printf("     %s: holds from weights a rounding away (start %u)\n", s->name, start);
        if (s->failures == before.failures || !first)
            return;
    }
}

static void check_steps(struct systems *s, json_t *numbers, const struct family *f)
{
    const struct step_rule *rule = f->detail;
    for (int first_only = rule->first_only; first_only < 2; first_only++)
        check_starts(s, numbers, rule, first_only);
}

const struct family step_families[] = {
    { "resnet8*/*/sam", check_steps, &(const struct step_rule){ .kind = OPTIMISER_SAM } },
    { "resnet8*/*/unnormalised", check_steps, &(const struct step_rule){ .kind = OPTIMISER_USAM } },
    { "resnet8*/ce/sam.ib.source", check_steps, &(const struct step_rule){ .kind = OPTIMISER_SAM } },
    { "resnet8*/*/asam.eta", check_steps, &(const struct step_rule){ .kind = OPTIMISER_ASAM } },
    { "resnet8*/ce/sam.ib.frozen", check_steps, &(const struct step_rule){ .kind = OPTIMISER_SAM } },
    { "resnet8*/ce/sam.ib.detached", check_steps, &(const struct step_rule){ .kind = OPTIMISER_SAM } },
    { "resnet8*/*/imbsam.notail", check_steps, &(const struct step_rule){ .kind = OPTIMISER_IMBSAM, .first_only = true } },
    { "resnet8*/*/imbsam.*", check_steps, &(const struct step_rule){ .kind = OPTIMISER_IMBSAM } },
    { "resnet8*/*/focalsam", check_steps, &(const struct step_rule){ .kind = OPTIMISER_FOCALSAM } },
    { "resnet8*/*/blend", check_steps, &(const struct step_rule){ .kind = OPTIMISER_BLEND } },
    { "resnet8*/*/gsam", check_steps, &(const struct step_rule){ .kind = OPTIMISER_GSAM } },
    { "resnet8*/*/wsam.decoupled", check_steps, &(const struct step_rule){ .kind = OPTIMISER_WSAM } },
    { "resnet8*/*/wsam.coupled", check_steps, &(const struct step_rule){ .kind = OPTIMISER_WSAM, .other_form = true } },
    { "resnet8*/*/fsam", check_steps, &(const struct step_rule){ .kind = OPTIMISER_FSAM } },
    { "resnet8*/*/fsam.paper", check_steps, &(const struct step_rule){ .kind = OPTIMISER_FSAM, .other_form = true } },
    { "resnet8*/*/looksam.global", check_steps, &(const struct step_rule){ .kind = OPTIMISER_LOOKSAM } },
    { "resnet8*/*/looksam.layerwise", check_steps, &(const struct step_rule){ .kind = OPTIMISER_LOOKSAM, .other_form = true } },
    { "resnet8*/*/msam4", check_steps, &(const struct step_rule){ .kind = OPTIMISER_MSAM } },
    { "resnet8*/*/esam.tensor", check_steps, &(const struct step_rule){ .kind = OPTIMISER_ESAM } },
    { "resnet8*/*/esam.element", check_steps, &(const struct step_rule){ .kind = OPTIMISER_ESAM, .other_form = true } },
    { "resnet8*/ce/ccsam.stage1.*", check_steps, &(const struct step_rule){ .kind = OPTIMISER_CCSAM } },
    { NULL, NULL, NULL },
};
