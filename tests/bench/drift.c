/* drift.c - how training in another math follows fp32's, on the real CIFAR-10-LT: SAM with rho 0.5 and the other defaults.
 *
 *   drift ROOT SEED MATH [--net NAME] [--steps N] [--noise X]    the loss of each step; --noise: to every gradient is added X times its
 *                                                                length in a random direction: how far noise leads that has no bias
 *   drift ROOT SEED MATH --equal EVERY [...]                     a run of fp32; every so many steps a pass of MATH beside its own, at the
 *                                                                same weights and batch: at w, and at w + e, each with its own e
 *   drift ROOT SEED MATH --segments N [...]                      a run of fp32, and beside it one of MATH that takes over its weights,
 *                                                                momentum and statistics every N steps: what N steps add up to
 * One thread; the figures are of this program's instruction set (SADDLE_ISA). */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/rng.h"
#include "engine/run/learner.h"

struct drift {
    struct dataset data;
    struct knobs knobs;
    struct learner learner;
    enum math math;
    struct model *other;
    float *g[2], *up[2], *moved, *stats;
    long steps, every, segment;
    struct learner beside; /* of segments */
};

static float noise; /* of noisy_gradient() */
static size_t n_params;

static void check(int result, const struct err *err)
{
    if (result == 0)
        return;
    fprintf(stderr, "drift: %s\n", err->text);
    exit(1);
}

static void set(struct drift *d, const char *name, const char *value)
{
    struct err err = { 0 };
    check(knobs_set(&d->knobs, name, value, &err), &err);
}

static enum math math_of(const char *name)
{
    for (int i = 0; i < N_MATHS; i++)
        if (strcmp(name, math_name[i]) == 0)
            return (enum math)i;
    fprintf(stderr, "drift: no math %s\n", name);
    exit(2);
}

static int noisy_gradient(struct model *m, const struct pass *pass, float *grad, struct pass_result *result, struct err *err)
{
    static uint64_t calls;
    struct rng r;
    if (backend_cpu.gradient(m, pass, grad, result, err) < 0 || !grad)
        return -1;
    const double each = (double)noise * sqrt(backend_cpu.vec_dot(m, grad, grad, n_params) / (double)n_params);
    rng_init(&r, calls++, RNG_DEMO, 0, 0);
    for (size_t i = 0; i < n_params; i++)
        grad[i] += (float)each * rng_normal(&r);
    return 0;
}

static float *vector(const struct drift *d, size_t n)
{
    struct err err = { 0 };
    float *v = d->learner.backend->vec_new(d->learner.model, n, &err);
    check(v ? 0 : -1, &err);
    return v;
}

static void open_other(struct drift *d)
{
    struct err err = { 0 };
    const struct learner *l = &d->learner;
    const struct model_options options = { .max_batch = l->batches.batch, .threads = 1, .math = d->math };
    d->other = l->backend->open(&l->net, &options, &err);
    check(d->other ? 0 : -1, &err);
    for (int i = 0; i < 2; i++) {
        d->g[i] = vector(d, l->net.params.total);
        d->up[i] = vector(d, l->net.params.total);
    }
    d->moved = vector(d, l->net.params.total);
    d->stats = vector(d, l->net.stats.total);
}

static double pass_at(struct drift *d, struct model *m, const float *w, float *g)
{
    struct err err = { 0 };
    struct pass_result r;
    const struct pass pass = { w, d->stats, PASS_TRAIN, false, &d->learner.loss.criterion, false };
    check(d->learner.backend->gradient(m, &pass, g, &r, &err), &err);
    return r.loss;
}

/* How b lies beside a. */
static void print_beside(const struct drift *d, double loss_a, double loss_b, const float *a, const float *b)
{
    const struct learner *l = &d->learner;
    const size_t n = l->net.params.total;
    const double aa = l->backend->vec_dot(l->model, a, a, n), ab = l->backend->vec_dot(l->model, a, b, n);
    const double bb = l->backend->vec_dot(l->model, b, b, n);
    printf("  %.5f %+.3e cos %.5f length %.5f along %.5f", loss_a, loss_b / loss_a - 1, ab / sqrt(aa * bb), sqrt(bb / aa), ab / aa);
}

static void compare(struct drift *d)
{
    struct err err = { 0 };
    struct learner *l = &d->learner;
    struct batch batch;
    struct model *const m[2] = { l->model, d->other };
    double loss[2], loss_up[2];
    check(learner_use_loss(l, &err), &err);
    check(batches_get(&l->batches, (long)(l->step / l->spe), (uint32_t)(l->step % l->spe), false, &batch, &err), &err);
    l->backend->vec_copy(l->model, d->stats, l->stats, l->net.stats.total);
    for (int i = 0; i < 2; i++) {
        check(l->backend->load(m[i], &batch, &err), &err);
        loss[i] = pass_at(d, m[i], l->params, d->g[i]);
        const double norm = l->backend->sam_norm(m[i], l->params, d->g[i], l->net.params.total, false);
        l->backend->sam_perturb(m[i], d->moved, l->params, d->g[i], (float)(0.5 / (norm + 1e-12)), l->net.params.total, false);
        loss_up[i] = pass_at(d, m[i], d->moved, d->up[i]);
    }
    printf("%4lu", (unsigned long)l->step);
    print_beside(d, loss[0], loss[1], d->g[0], d->g[1]);
    print_beside(d, loss_up[0], loss_up[1], d->up[0], d->up[1]);
    printf("\n");
}

static void arguments(struct drift *d, int argc, char **argv)
{
    set(d, "opt", "sam");
    set(d, "rho", "0.5");
    set(d, "threads", "1");
    set(d, "seed", argv[2]);
    d->math = math_of(argv[3]);
    for (int i = 4; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        if (strcmp(argv[i], "--noise") == 0 && ++i < argc)
            noise = strtof(value, NULL);
        else if (strcmp(argv[i], "--net") == 0 && ++i < argc)
            set(d, "model", value);
        else if (strcmp(argv[i], "--steps") == 0 && ++i < argc)
            d->steps = atol(value);
        else if (strcmp(argv[i], "--equal") == 0 && ++i < argc)
            d->every = atol(value);
        else if (strcmp(argv[i], "--segments") == 0 && ++i < argc)
            d->segment = atol(value);
        else {
            fprintf(stderr, "drift: what is %s?\n", argv[i]);
            exit(2);
        }
    }
    if (!d->every && !d->segment)
        set(d, "math", argv[3]);
}

static void open_beside(struct drift *d)
{
    struct err err = { 0 };
    struct knobs knobs = d->knobs;
    check(knobs_set(&knobs, "math", math_name[d->math], &err), &err);
    check(learner_open(&d->beside, &backend_cpu, 0, &d->data, &knobs, &err), &err);
}

static void step_beside(struct drift *d, struct learned *done)
{
    struct err err = { 0 };
    if (d->learner.step % (uint64_t)d->segment == 0) {
        struct train_state *state = learner_capture(&d->learner);
        check(state ? learner_restore(&d->beside, state, &err) : -1, &err);
        train_state_free(state);
    }
    check(learner_step(&d->beside, done, &err), &err);
}

static void release(struct drift *d)
{
    const struct learner *l = &d->learner;
    float *const v[] = { d->g[0], d->g[1], d->up[0], d->up[1], d->moved, d->stats };
    for (size_t i = 0; i < sizeof v / sizeof *v; i++)
        l->backend->vec_free(l->model, v[i]);
    if (d->other)
        l->backend->close(d->other);
    learner_close(&d->beside);
    learner_close(&d->learner);
    dataset_free(&d->data);
}

static void open_run(struct drift *d, const struct backend *backend)
{
    struct err err = { 0 };
    check(learner_open(&d->learner, backend, 0, &d->data, &d->knobs, &err), &err);
    check(learner_set_weights(&d->learner, NULL, NULL, &err), &err);
    n_params = d->learner.net.params.total;
    if (d->every)
        open_other(d);
    if (d->segment)
        open_beside(d);
}

static void run(struct drift *d)
{
    struct err err = { 0 };
    struct learned done, beside;
    for (long i = 0; i < d->steps; i++) {
        if (d->every && i % d->every == 0)
            compare(d);
        if (d->segment)
            step_beside(d, &beside);
        check(learner_step(&d->learner, &done, &err), &err);
        if (d->segment)
            printf("%ld %ld %.6f %+.3e\n", i, i % d->segment, done.r.first.loss, beside.r.first.loss / done.r.first.loss - 1);
        else if (!d->every)
            printf("%ld %.6f %.4f %.4f\n", i, done.r.first.loss, done.r.norm, done.r.second.loss);
        fflush(stdout);
    }
}

int main(int argc, char **argv)
{
    static struct drift d = { .steps = 100 };
    static struct backend noisy;
    struct err err = { 0 };
    if (argc < 4) {
        fprintf(stderr, "usage: drift ROOT SEED MATH [--net NAME] [--steps N] [--noise X] [--equal EVERY] [--segments N]\n");
        return 2;
    }
    const struct data_request request = { .source = DATA_CIFAR10, .path = argv[1], .imbalance = IMBALANCE_EXP };
    check(dataset_open(&d.data, &request, &err), &err);
    knobs_init(&d.knobs);
    arguments(&d, argc, argv);
    noisy = backend_cpu;
    noisy.gradient = noisy_gradient;
    open_run(&d, noise > 0 ? &noisy : &backend_cpu);
    run(&d);
    release(&d);
    return 0;
}
