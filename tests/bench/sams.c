/* sams.c - what a step of each later SAM costs beside one of SAM, by processor time: `make bench-sams`.
 *
 *   sams [--net NAME] [--batch N] [--rounds N] [--math NAME]     resnet20, 64, 6, fp32
 *
 * In a round each takes looksam_k steps (5) in turn, on one thread and one batch of noise in which three of ten classes climb; the middle round
 * counts. Beside the ratio stands that of the fastest to the slowest round of SAM itself: what the machine's noise is. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "base/rng.h"
#include "engine/criteria/loss.h"
#include "engine/model/families.h"
#include "engine/model/initial.h"
#include "engine/optim/optim.h"

enum { CLASSES = 10, SIDE = 32, LOOK = 5, MAX_ROUNDS = 100, MAX_BATCH = 1024 };

static const struct line {
    const char *name;
    enum optimiser kind;
    double rho_head; /* of ssesam: while the rest climbs too */
    uint32_t pieces;
} lines[] = {
    { "sam", OPTIMISER_SAM, 0, 0 },         { "sgd", OPTIMISER_SGD, 0, 0 },         { "imbsam", OPTIMISER_IMBSAM, 0, 0 },
    { "focalsam", OPTIMISER_FOCALSAM, 0, 0 }, { "blend", OPTIMISER_BLEND, 0, 0 },   { "ssesam, rest too", OPTIMISER_SSESAM, 0.05, 0 },
    { "gsam", OPTIMISER_GSAM, 0, 0 },       { "wsam", OPTIMISER_WSAM, 0, 0 },       { "fsam", OPTIMISER_FSAM, 0, 0 },
    { "looksam, k = 5", OPTIMISER_LOOKSAM, 0, 0 }, { "msam, m = 4", OPTIMISER_MSAM, 0, 4 },
    { "esam", OPTIMISER_ESAM, 0, 0 },       { "ccsam", OPTIMISER_CCSAM, 0, 0 },
};
enum { N_LINES = sizeof lines / sizeof *lines };

struct trial {
    struct net net;
    struct model *model;
    struct optim optim;
    struct loss loss;
    struct batch batch;
    float *images, *w, *stats;
    int32_t *labels;
    float part[CLASSES], rest[CLASSES], share[CLASSES];
};

static void must(int result, const struct err *err)
{
    if (result < 0) {
        fprintf(stderr, "sams: %s\n", err->text);
        exit(1);
    }
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void make_batch(struct trial *t, uint32_t n)
{
    struct rng r;
    t->images = malloc(sizeof *t->images * n * SIDE * SIDE * 3);
    t->labels = malloc(sizeof *t->labels * n);
    if (!t->images || !t->labels)
        exit(1);
    rng_init(&r, 1, RNG_DEMO, 0, 0);
    for (size_t i = 0; i < (size_t)n * SIDE * SIDE * 3; i++)
        t->images[i] = rng_normal(&r);
    for (uint32_t i = 0; i < n; i++)
        t->labels[i] = (int32_t)rng_below(&r, CLASSES);
    for (int c = 0; c < CLASSES; c++) {
        t->part[c] = c >= CLASSES - 3;
        t->rest[c] = 1 - t->part[c];
        t->share[c] = 0.5f;
    }
    t->batch = (struct batch){ .n = n, .images = t->images, .labels = t->labels };
}

static void open_trial(struct trial *t, const char *net, uint32_t batch, enum math math)
{
    static const uint32_t counts[CLASSES] = { 5000, 2997, 1796, 1077, 645, 387, 232, 139, 83, 50 };
    struct err err = { 0 };
    must(net_of_family(&t->net, net, IMAGE_CIFAR, CLASSES, HEAD_LINEAR, &err), &err);
    t->model = backend_cpu.open(&t->net, &(struct model_options){ .max_batch = batch, .threads = 1, .math = math }, &err);
    must(t->model ? 0 : -1, &err);
    must(optim_init(&t->optim, &backend_cpu, t->model, &t->net, &err), &err);
    must(loss_init(&t->loss, CLASSES, counts, &err), &err);
    t->w = backend_cpu.vec_new(t->model, t->net.params.total, &err);
    t->stats = t->w ? backend_cpu.vec_new(t->model, t->net.stats.total, &err) : NULL;
    must(t->stats ? 0 : -1, &err);
    net_init_params(&t->net, 1, t->w, t->stats);
    make_batch(t, batch);
}

static double time_line(struct trial *t, const struct line *l)
{
    struct err err = { 0 };
    struct optimiser_result result;
    const bool blend = l->kind == OPTIMISER_BLEND;
    struct optim_knobs k = { .kind = l->kind, .lr = 1e-4f, .momentum = 0.9f, .weight_decay = 2e-4f, .rho = 0.05, .rho_head = l->rho_head,
                             .part = blend ? t->share : t->part, .rest = blend ? t->share : t->rest, .one_share = blend, .part_gain = 1,
                             .gsam_alpha = 0.4, .wsam_gamma = 0.9, .fsam_sigma = 1, .fsam_lambda = 0.9, .looksam_k = LOOK,
                             .looksam_alpha = 0.7, .msam_m = l->pieces, .esam_beta = 0.6, .esam_gamma = 0.5, .ccsam_a = 1e-6,
                             .ccsam_phi = 0.3, .class_images = t->loss.counts, .batch_size = t->batch.n };
    const struct optim_task task = { .batch = &t->batch, .criterion = &t->loss.criterion, .w = t->w, .stats = t->stats };
    const double start = seconds();
    for (int i = 0; i < LOOK; i++) {
        k.step = (uint64_t)i;
        must(optim_step(&t->optim, &k, &task, &result, &err), &err);
    }
    return seconds() - start;
}

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void measure(struct trial *t, int rounds)
{
    static double took[N_LINES][MAX_ROUNDS];
    for (int line = 0; line < N_LINES; line++)
        time_line(t, &lines[line]); /* memory is touched, F-SAM and LookSAM have what they keep */
    for (int round = 0; round < rounds; round++)
        for (int line = 0; line < N_LINES; line++)
            took[line][round] = time_line(t, &lines[line]);
    for (int line = 0; line < N_LINES; line++)
        qsort(took[line], (size_t)rounds, sizeof took[line][0], by_size);
    const double sam = took[0][rounds / 2];
    printf("SAM's own rounds: %.2f to %.2f of its middle one\n", took[0][0] / sam, took[0][rounds - 1] / sam);
    for (int line = 0; line < N_LINES; line++)
        printf("%-20s %7.1f ms a step  %5.2f of sam\n", lines[line].name, 1e3 * took[line][rounds / 2] / LOOK, took[line][rounds / 2] / sam);
}

static const char *value_of(int argc, char **argv, const char *option, const char *otherwise)
{
    for (int i = 1; i + 1 < argc; i += 2)
        if (strcmp(argv[i], option) == 0)
            return argv[i + 1];
    return otherwise;
}

int main(int argc, char **argv)
{
    struct trial t = { 0 };
    int math = 0;
    const char *net = value_of(argc, argv, "--net", "resnet20"), *word = value_of(argc, argv, "--math", "fp32");
    const int batch = atoi(value_of(argc, argv, "--batch", "64")), rounds = atoi(value_of(argc, argv, "--rounds", "6"));
    while (math < N_MATHS && strcmp(math_name[math], word) != 0)
        math++;
    if (math == N_MATHS || batch < 4 || batch > MAX_BATCH || rounds < 1 || rounds > MAX_ROUNDS || argc % 2 == 0) {
        fprintf(stderr, "usage: sams [--net NAME] [--batch 4..%d] [--rounds 1..%d] [--math NAME]\n", MAX_BATCH, MAX_ROUNDS);
        return 2;
    }
    open_trial(&t, net, (uint32_t)batch, (enum math)math);
    printf("%s, batch %d, math %s, one thread, %s, %d rounds of %d steps\n", net, batch, word, backend_cpu.isa(t.model), rounds, LOOK);
    measure(&t, rounds);
    optim_release(&t.optim);
    loss_release(&t.loss);
    backend_cpu.vec_free(t.model, t.w);
    backend_cpu.vec_free(t.model, t.stats);
    backend_cpu.close(t.model);
    net_release(&t.net);
    free(t.images);
    free(t.labels);
    return 0;
}
