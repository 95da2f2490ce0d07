/* step.c - how long a training step, an evaluation and a Hessian-vector product take: ResNet-32, batch 128, or another network.
 *
 *   step [--isa NAME] [--threads N] [--rounds N] [--backend NAME]   a table: minimum, median, maximum of N rounds
 *   step --serve [...]      reads names of operations from standard input, runs each once, prints milliseconds of wall
 *                           and of processor time: lets compare.py alternate with another program in one run
 *   step --net resnet18 [--side 32] [--batch 64] [--hvp-images 64] [...]
 *   step --math bf16 [...]  training passes in that math (winograd: products too); what is fp32 anyway stays so; --eval-math bf16: eval in bf16
 *
 * Operations: sgd (gradient, update), sam (two gradients, norm, perturbation, update), eval (outputs of one batch with
 * running statistics), prepare (the forward and backward pass of 500 images, or hvp-images, in batches, all kept as a probe
 * keeps them), hvp, hvp2, hvp4 (products over these images with 1, 2, 4 directions at a time; needs prepare before),
 * hvp_full (a product with nothing kept: every batch is loaded and prepared again), crt and lws (an epoch of a second stage that trains the
 * classifier, or scales of its rows, from banked features: BANK_IMAGES of them, as many as CIFAR-10-LT has). */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/rng.h"
#include "engine/model/families.h"
#include "engine/model/initial.h"
#include "engine/optim/optim.h"
#include "engine/run/feature_bank.h"
#include "kernels/backend.h"

enum { BATCH = 128, HVP_IMAGES = 500, SIDE = 32, MOST = 4, CLASSES = 10, MAX_ROUNDS = 1000, MAX_BATCH = 1024, BANK_IMAGES = 12406 };

struct bench {
    const struct backend *b;
    const char *network;
    int side, batch, hvp_images;
    enum math math, eval_math; /* of small */
    struct net net;
    struct model *small, *kept; /* of `batch` images; of hvp_images, in slots of `batch` where the back end has slots */
    int kept_batch;
    size_t n;
    float *w, *stats, *grad, *buf, *perturbed, *v[MOST], *hv[MOST], *part[MOST];
    float *images;
    int32_t *labels;
    float ones[CLASSES], zeros[CLASSES];
    struct criterion criterion;
    struct image_set set;                /* labels alone */
    struct feature_bank bank;
    struct optim optim, scaling;         /* of the classifier; of scales of its rows */
};

static void die(const char *what, const struct err *err)
{
    fprintf(stderr, "step: %s: %s\n", what, err->text);
    exit(1);
}

static void check(int result, const struct err *err)
{
    if (result < 0)
        die("failed", err);
}

static float *vec(struct bench *k, size_t n, const float *from)
{
    struct err err = { 0 };
    float *v = k->b->vec_new(k->small, n, &err);
    if (!v)
        die("vector", &err);
    if (from)
        k->b->vec_write(k->small, v, from, n);
    return v;
}

static size_t image_floats(const struct bench *k)
{
    return (size_t)k->side * (size_t)k->side * 3;
}

static int most_images(const struct bench *k)
{
    return k->batch > k->hvp_images ? k->batch : k->hvp_images;
}

static void make_images(struct bench *k)
{
    struct rng r;
    k->images = malloc(sizeof(float) * (size_t)most_images(k) * image_floats(k));
    k->labels = malloc(sizeof(int32_t) * (size_t)most_images(k));
    if (!k->images || !k->labels)
        exit(1);
    rng_init(&r, 1, RNG_DEMO, 0, 0);
    for (size_t i = 0; i < (size_t)most_images(k) * image_floats(k); i++)
        k->images[i] = rng_normal(&r);
    for (int i = 0; i < most_images(k); i++)
        k->labels[i] = (int32_t)rng_below(&r, CLASSES);
}

static void make_vectors(struct bench *k)
{
    float *params = malloc(sizeof(float) * k->n), *stats = malloc(sizeof(float) * k->net.stats.total);
    if (!params || !stats)
        exit(1);
    net_init_params(&k->net, 1, params, stats);
    k->w = vec(k, k->n, params);
    k->stats = vec(k, k->net.stats.total, stats);
    k->grad = vec(k, k->n, NULL);
    k->buf = vec(k, k->n, NULL);
    k->perturbed = vec(k, k->n, NULL);
    for (int j = 0; j < MOST; j++) {
        net_init_params(&k->net, 2 + (uint64_t)j, params, stats);
        k->v[j] = vec(k, k->n, params);
        k->hv[j] = vec(k, k->n, NULL);
        k->part[j] = vec(k, k->n, NULL);
    }
    free(params);
    free(stats);
}

static void load(struct bench *k, struct model *m, int first, int n)
{
    struct err err = { 0 };
    const struct batch batch = { .n = (uint32_t)n, .images = k->images + (size_t)first * image_floats(k), .labels = k->labels + first };
    check(k->b->load(m, &batch, &err), &err);
}

static struct pass pass_of(const struct bench *k, const float *w, enum pass_mode mode)
{
    return (struct pass){ w, k->stats, mode, mode == PASS_TRAIN, &k->criterion, false };
}

static void gradient(struct bench *k, const float *w, enum pass_mode mode, float *grad)
{
    struct err err = { 0 };
    struct pass_result result;
    const struct pass pass = pass_of(k, w, mode);
    check(k->b->gradient(k->small, &pass, grad, &result, &err), &err);
}

/* In one piece, where the back end can. */
static bool whole_step(struct bench *k, enum ascent ascent)
{
    const struct optimiser_step step = { .ascent = ascent, .params = k->w, .stats = k->stats, .momentum = k->buf, .grad = k->grad,
                                         .moved = k->perturbed, .criterion = &k->criterion, .descent = { 1e-3f, 0.9f, 2e-4f, false }, .rho = 0.05 };
    struct optimiser_result result;
    struct err err = { 0 };
    if (!k->b->step)
        return false;
    check(k->b->step(k->small, &step, &err), &err);
    check(k->b->step_wait(k->small, &result, &err), &err);
    return true;
}

static void op_sgd(struct bench *k)
{
    load(k, k->small, 0, k->batch);
    if (whole_step(k, ASCENT_NONE))
        return;
    gradient(k, k->w, PASS_TRAIN, k->grad);
    k->b->sgd(k->small, k->w, k->buf, k->grad, k->n, &(struct sgd_step){ 1e-3f, 0.9f, 2e-4f, false });
}

static void op_sam(struct bench *k)
{
    load(k, k->small, 0, k->batch);
    if (whole_step(k, ASCENT_SAM))
        return;
    gradient(k, k->w, PASS_TRAIN, k->grad);
    double norm = k->b->sam_norm(k->small, k->w, k->grad, k->n, false);
    k->b->sam_perturb(k->small, k->perturbed, k->w, k->grad, (float)(0.05 / (norm + 1e-12)), k->n, false);
    gradient(k, k->perturbed, PASS_TRAIN, k->grad);
    k->b->sgd(k->small, k->w, k->buf, k->grad, k->n, &(struct sgd_step){ 1e-3f, 0.9f, 2e-4f, false });
}

static void op_eval(struct bench *k)
{
    load(k, k->small, 0, k->batch);
    gradient(k, k->w, k->eval_math == MATH_BF16 ? PASS_EVAL_BF16 : PASS_EVAL, NULL);
}

static void prepare(struct bench *k, struct model *m, int first, int n)
{
    struct err err = { 0 };
    struct pass_result result;
    const struct pass pass = pass_of(k, k->w, PASS_EVAL);
    load(k, m, first, n);
    check(k->b->hvp_prepare(m, &pass, &result, &err), &err);
}

static int batch_size(const struct bench *k, int first, int most)
{
    return k->hvp_images - first < most ? k->hvp_images - first : most;
}

static void turn(struct bench *k, int first)
{
    if (k->b->turn)
        k->b->turn(k->kept, first / k->kept_batch);
}

/* The product of one batch, added to those of the batches before. */
static void product(struct bench *k, struct model *m, int vectors, bool first)
{
    struct err err = { 0 };
    float *const *to = first ? k->hv : k->part;
    check(k->b->hvp(m, vectors, (const float *const *)k->v, to, &err), &err);
    for (int j = 0; j < vectors && !first; j++)
        k->b->vec_axpy(m, k->hv[j], 1, to[j], k->n);
}

static void op_prepare(struct bench *k)
{
    for (int i = 0; i < k->hvp_images; i += k->kept_batch) {
        turn(k, i);
        prepare(k, k->kept, i, batch_size(k, i, k->kept_batch));
    }
}

static void products(struct bench *k, int vectors)
{
    for (int i = 0; i < k->hvp_images; i += k->kept_batch) {
        turn(k, i);
        product(k, k->kept, vectors, i == 0);
    }
}

static void op_hvp(struct bench *k)
{
    products(k, 1);
}

static void op_hvp2(struct bench *k)
{
    products(k, 2);
}

static void op_hvp4(struct bench *k)
{
    products(k, 4);
}

static void op_hvp_full(struct bench *k)
{
    for (int i = 0; i < k->hvp_images; i += k->batch) {
        prepare(k, k->small, i, batch_size(k, i, k->batch));
        product(k, k->small, 1, i == 0);
    }
}

static void bank_epoch(struct bench *k, struct optim *o)
{
    const struct optim_knobs knobs = { .lr = 0.1f, .momentum = 0.9f, .weight_decay = 5e-4f };
    for (uint32_t first = 0; first < BANK_IMAGES; first += (uint32_t)k->batch) {
        uint32_t position[MAX_BATCH], n = 0;
        struct optimiser_result result;
        struct batch batch;
        struct err err = { 0 };
        for (; n < (uint32_t)k->batch && first + n < BANK_IMAGES; n++) /* far from each other, as a sampler's */
            position[n] = (uint32_t)((first + n) * 7919ul % BANK_IMAGES);
        feature_bank_batch(&k->bank, position, n, &batch);
        const struct optim_task task = { .batch = &batch, .criterion = &k->criterion, .w = k->w, .stats = k->stats };
        check(optim_step(o, &knobs, &task, &result, &err), &err);
    }
}

static void op_crt(struct bench *k)
{
    bank_epoch(k, &k->optim);
}

static void op_lws(struct bench *k)
{
    bank_epoch(k, &k->scaling);
}

enum images { OF_BATCH, OF_PRODUCT, OF_BANK };

static const struct operation {
    const char *name;
    void (*run)(struct bench *k);
    enum images images;
} operations[] = {
    { "sgd", op_sgd, OF_BATCH },
    { "sam", op_sam, OF_BATCH },
    { "eval", op_eval, OF_BATCH },
    { "prepare", op_prepare, OF_PRODUCT }, /* before the products */
    { "hvp", op_hvp, OF_PRODUCT },
    { "hvp2", op_hvp2, OF_PRODUCT },
    { "hvp4", op_hvp4, OF_PRODUCT },
    { "hvp_full", op_hvp_full, OF_PRODUCT },
    { "crt", op_crt, OF_BANK },
    { "lws", op_lws, OF_BANK },
};
enum { N_OPERATIONS = sizeof operations / sizeof *operations };

static double cpu_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

static double once(struct bench *k, const struct operation *o)
{
    uint64_t start = clock_now_ns();
    o->run(k);
    return (double)(clock_now_ns() - start) * 1e-6;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void table(struct bench *k, int rounds)
{
    static double ms[N_OPERATIONS][MAX_ROUNDS], cpu[N_OPERATIONS][MAX_ROUNDS];
    for (int round = -1; round < rounds; round++) /* the first warms up */
        for (int o = 0; o < N_OPERATIONS; o++) {
            const double before = cpu_ms();
            ms[o][round < 0 ? 0 : round] = once(k, &operations[o]);
            cpu[o][round < 0 ? 0 : round] = cpu_ms() - before;
        }
    printf("%-10s %8s %9s %9s %9s %10s %10s\n", "operation", "images", "min ms", "median", "max", "images/s", "min cpu ms");
    for (int o = 0; o < N_OPERATIONS; o++) {
        const int images = operations[o].images == OF_BATCH ? k->batch : operations[o].images == OF_PRODUCT ? k->hvp_images : BANK_IMAGES;
        qsort(ms[o], (size_t)rounds, sizeof ms[o][0], by_size);
        qsort(cpu[o], (size_t)rounds, sizeof cpu[o][0], by_size);
        double median = ms[o][rounds / 2];
        printf("%-10s %8d %9.1f %9.1f %9.1f %10.0f %10.1f\n", operations[o].name, images, ms[o][0], median,
               ms[o][rounds - 1], 1000 * images / median, cpu[o][0]);
    }
    printf("memory: %.0f MiB for batch %d with products, %.0f MiB with those of %d kept\n",
           (double)k->b->memory_bytes(k->small) / 1048576, k->batch, (double)k->b->memory_bytes(k->kept) / 1048576, k->hvp_images);
}

static void serve(struct bench *k)
{
    char line[64];
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = 0;
        for (int o = 0; o < N_OPERATIONS; o++) {
            if (strcmp(line, operations[o].name) != 0)
                continue;
            double before = cpu_ms(), wall = once(k, &operations[o]);
            printf("%.4f %.4f\n", wall, cpu_ms() - before);
        }
        fflush(stdout);
    }
}

static void make_bank(struct bench *k)
{
    struct err err = { 0 };
    struct rng r;
    struct param_groups groups = { 0 };
    struct optim *const all[] = { &k->optim, &k->scaling };
    const struct param_rule frozen = { .trainable = false };
    k->set = (struct image_set){ .n = BANK_IMAGES, .labels = malloc(sizeof(int32_t) * BANK_IMAGES) };
    if (!k->set.labels)
        exit(1);
    check(feature_bank_init(&k->bank, &k->set, k->net.features, (uint32_t)k->batch, &err), &err);
    rng_init(&r, 2, RNG_DEMO, 0, 0);
    for (uint32_t i = 0; i < BANK_IMAGES; i++)
        k->set.labels[i] = (int32_t)rng_below(&r, CLASSES);
    for (size_t i = 0; i < (size_t)BANK_IMAGES * k->bank.features; i++)
        k->bank.feature[i] = rng_unit(&r);
    check(param_groups_init(&groups, &k->net, &err), &err);
    check(param_groups_set(&groups, &k->net, "backbone", &frozen, &err), &err);
    for (int i = 0; i < 2; i++) {
        check(optim_init(all[i], k->b, k->small, &k->net, &err), &err);
        check(optim_use_groups(all[i], &groups, NORM_RUNNING, &err), &err);
    }
    check(optim_use_scales(&k->scaling, k->w, &err), &err);
    param_groups_release(&groups);
}

static void bench_init(struct bench *k, const char *name, int threads)
{
    struct err err = { 0 };
    struct model_options options = { .threads = threads };
    k->b = backend_find(name, &options.device, &err);
    if (!k->b)
        die(name, &err);
    check(net_of_family(&k->net, k->network, (struct image_geometry){ k->side, k->side, 3 }, CLASSES, HEAD_LINEAR, &err), &err);
    k->n = k->net.params.total;
    options.max_batch = (uint32_t)k->batch;
    options.math = k->math;
    options.eval_math = k->eval_math;
    k->small = k->b->open(&k->net, &options, &err);
    options.math = k->math == MATH_WINOGRAD ? k->math : MATH_FP32; /* of bf16 only memory would differ */
    options.eval_math = MATH_FP32;
    k->kept_batch = k->b->slots ? k->batch : k->hvp_images;
    options.max_batch = (uint32_t)k->kept_batch;
    k->kept = k->small ? k->b->open(&k->net, &options, &err) : NULL;
    if (!k->kept)
        die("open", &err);
    if (k->b->slots)
        check(k->b->slots(k->kept, SIZE_MAX, (k->hvp_images + k->batch - 1) / k->batch, &err), &err);
    for (int c = 0; c < CLASSES; c++)
        k->ones[c] = 1;
    k->criterion = (struct criterion){ .coef = { k->ones, k->zeros, k->zeros, k->ones, false, 0, REDUCE_WEIGHTED_MEAN, 0 } };
    make_images(k);
    make_vectors(k);
    make_bank(k);
}

static void bench_release(struct bench *k)
{
    optim_release(&k->optim);
    optim_release(&k->scaling);
    feature_bank_release(&k->bank);
    free(k->set.labels);
    float *const vectors[] = { k->w, k->stats, k->grad, k->buf, k->perturbed };
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++)
        k->b->vec_free(k->small, vectors[i]);
    for (int j = 0; j < MOST; j++) {
        k->b->vec_free(k->small, k->v[j]);
        k->b->vec_free(k->small, k->hv[j]);
        k->b->vec_free(k->small, k->part[j]);
    }
    k->b->close(k->small);
    k->b->close(k->kept);
    net_release(&k->net);
    free(k->images);
    free(k->labels);
}

static bool take_math(const char *value, enum math *to)
{
    for (int i = 0; i < N_MATHS; i++)
        if (strcmp(value, math_name[i]) == 0) {
            *to = (enum math)i;
            return true;
        }
    return false;
}

static bool take_number(const char *name, const char *value, const char *option, int most, int *to)
{
    if (strcmp(name, option) != 0)
        return false;
    *to = atoi(value) < most ? atoi(value) : most;
    return *to > 0;
}

int main(int argc, char **argv)
{
    static struct bench k = { .network = "resnet32", .side = SIDE, .batch = BATCH, .hvp_images = HVP_IMAGES };
    const char *backend = "cpu";
    int threads = 2, rounds = 9, serving = 0;
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : NULL;
        if (strcmp(argv[i], "--serve") == 0)
            serving = 1;
        else if (value && strcmp(argv[i], "--isa") == 0)
            i++, setenv("SADDLE_ISA", value, 1);
        else if (value && strcmp(argv[i], "--backend") == 0)
            i++, backend = value;
        else if (value && strcmp(argv[i], "--net") == 0)
            i++, k.network = value;
        else if (value && ((strcmp(argv[i], "--math") == 0 && take_math(value, &k.math)) ||
                           (strcmp(argv[i], "--eval-math") == 0 && take_math(value, &k.eval_math))))
            i++;
        else if (value && (take_number(argv[i], value, "--threads", 256, &threads) || take_number(argv[i], value, "--rounds", MAX_ROUNDS, &rounds) ||
                           take_number(argv[i], value, "--side", 256, &k.side) || take_number(argv[i], value, "--batch", MAX_BATCH, &k.batch) ||
                           take_number(argv[i], value, "--hvp-images", 100000, &k.hvp_images)))
            i++;
        else {
            fprintf(stderr, "usage: step [--serve] [--isa NAME] [--threads N] [--rounds N] [--backend NAME] [--math NAME] [--eval-math NAME] [--net NAME] [--side N] [--batch N] "
                            "[--hvp-images N]\n");
            return 2;
        }
    }
    bench_init(&k, backend, threads);
    if (serving)
        serve(&k);
    else
        table(&k, rounds);
    bench_release(&k);
    return 0;
}
