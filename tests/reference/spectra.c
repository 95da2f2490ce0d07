/* Extreme Hessian eigenvalues of single classes against the fixtures: mean cross-entropy over 40 images, evaluation-mode
 * batch norm, a partly trained resnet8, three largest and three smallest eigenvalues by Lanczos, and the trace.
 *
 *   spectra BACKEND [CLASS] */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "engine/criteria/loss.h"
#include "engine/model/params.h"
#include "engine/model/families.h"
#include "engine/probe/lanczos.h"
#include "engine/probe/spectrum.h"
#include "tests/reference/fixture.h"

enum { STEPS = 160, ENDS = 3 };
static const double TOLERANCE = 1e-3, CONVERGED = 1e-4;

struct probe {
    const struct backend *backend;
    struct net net;
    struct model *model;
    struct loss loss;
    float *w, *stats, *v, *g;
    struct lanczos *lanczos;
};

static int apply(void *ctx, const float *v, float *out, struct err *err)
{
    struct probe *p = ctx;
    return p->backend->hvp(p->model, 1, &v, &out, err);
}

static void open_probe(struct probe *p, uint32_t images)
{
    static const uint32_t counts[10] = { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 }; /* plain ce does not look at them */
    struct err err = { 0 };
    char path[4096];
    if (net_of_family(&p->net, "resnet8", IMAGE_CIFAR, 10, HEAD_LINEAR, &err) < 0 || loss_init(&p->loss, 10, counts, &err) < 0)
        fixture_stop(1, "%s", err.text);
    p->model = p->backend->open(&p->net, &(struct model_options){ .max_batch = images, .threads = fixture_threads(),
                                                                       .device = fixture_device() }, &err);
    if (!p->model)
        fixture_stop(1, "%s", err.text);
    size_t n = p->net.params.total;
    float *host = malloc(n * sizeof *host), *host_stats = malloc(p->net.stats.total * sizeof *host);
    fixture_path(path, sizeof path, "resnet8-trained.safetensors");
    if (!host || !host_stats || params_load(&p->net, path, host, host_stats, &err) < 0)
        fixture_stop(1, "%s", err.text);
    p->w = fixture_vector(p->backend, p->model, n);
    p->v = fixture_vector(p->backend, p->model, n);
    p->g = fixture_vector(p->backend, p->model, n);
    p->stats = fixture_vector(p->backend, p->model, p->net.stats.total);
    p->backend->vec_write(p->model, p->w, host, n);
    p->backend->vec_write(p->model, p->stats, host_stats, p->net.stats.total);
    p->lanczos = lanczos_new(p->backend, p->model, n, STEPS, &err);
    if (!p->lanczos)
        fixture_stop(1, "%s", err.text);
    free(host);
    free(host_stats);
}

static void close_probe(struct probe *p)
{
    lanczos_free(p->lanczos);
    float *vectors[] = { p->w, p->v, p->g, p->stats };
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++)
        p->backend->vec_free(p->model, vectors[i]);
    p->backend->close(p->model);
    loss_release(&p->loss);
    net_release(&p->net);
}

/* All six wanted Ritz values have bounds far below the tolerance. */
static bool converged(const struct lanczos *l)
{
    struct lanczos_status s;
    lanczos_status(l, &s);
    for (int i = 0; i < ENDS; i++) {
        double low_bound, high_bound;
        if (s.iters < 2 * ENDS)
            return false;
        double low = lanczos_ritz(l, i, &low_bound), high = lanczos_ritz(l, s.iters - 1 - i, &high_bound);
        if (low_bound > CONVERGED * fabs(low) || high_bound > CONVERGED * fabs(high))
            return false;
    }
    return true;
}

static int judge(const char *class, const char *what, double value, double expected, double tolerance)
{
    if (fabs(value - expected) <= tolerance * fabs(expected))
        return 0;
    printf("FAIL class %s: %s %.9g, expected %.9g\n", class, what, value, expected);
    return 1;
}

static int judge_ends(struct probe *p, const char *class, json_t *expected, int iters)
{
    int failures = 0;
    for (int i = 0; i < ENDS; i++) {
        double low = json_number_value(json_array_get(fixture_member(expected, "lambda_min"), (size_t)i));
        double high = json_number_value(json_array_get(fixture_member(expected, "lambda_max"), (size_t)i));
        failures += judge(class, "small eigenvalue", lanczos_ritz(p->lanczos, i, NULL), low, TOLERANCE);
        failures += judge(class, "large eigenvalue", lanczos_ritz(p->lanczos, iters - 1 - i, NULL), high, TOLERANCE);
    }
    return failures;
}

/* <g, v_min>^2, and that v_min is an eigenvector: |H v - lambda v| <= 1e-2 |lambda| (methods 7.8). */
static int judge_vector(struct probe *p, const char *class, json_t *expected)
{
    size_t n = p->net.params.total;
    struct err err = { 0 };
    double lambda = lanczos_ritz(p->lanczos, 0, NULL);
    lanczos_vector(p->lanczos, 0, p->v);
    double along = p->backend->vec_dot(p->model, p->g, p->v, n);
    if (apply(p, p->v, p->g, &err) < 0)
        fixture_stop(1, "%s", err.text);
    p->backend->vec_axpy(p->model, p->g, (float)-lambda, p->v, n);
    double residual = sqrt(p->backend->vec_dot(p->model, p->g, p->g, n));
    int failures = judge(class, "<g, v_min>^2", along * along, fixture_number(expected, "grad_dot_vmin_sq"), 1e-2);
    if (residual > 1e-2 * fabs(lambda)) {
        printf("FAIL class %s: |H v - lambda v| = %.3g with lambda %.6g\n", class, residual, lambda);
        failures++;
    }
    return failures;
}

static int apply_block(void *ctx, int n, const float *const *v, float *const *out, struct err *err)
{
    struct probe *p = ctx;
    return p->backend->hvp(p->model, n, v, out, err);
}

/* Both numbers are estimates: within three of their joint standard errors, and ours sharp enough to say something. */
static int judge_trace(struct probe *p, const char *class, json_t *expected)
{
    const struct spectrum_plan plan = { .iters = 24, .runs = 1, .ends = 1, .trace = true, .trace_products = 24 };
    struct spectrum_result r;
    struct err err = { 0 };
    struct spectrum *s = spectrum_new(p->backend, p->model, p->net.params.total, &err);
    int failed = !s || spectrum_start(s, &plan, &err) < 0;
    while (!failed && !spectrum_done(s))
        failed = spectrum_step(s, apply_block, p, &err) < 0;
    if (failed)
        fixture_stop(1, "%s", err.text);
    spectrum_status(s, &r);
    spectrum_free(s);
    json_t *both = fixture_member(expected, "trace_hutchinson");
    double mean = json_number_value(json_array_get(both, 0)), se = json_number_value(json_array_get(both, 1));
    printf("     class %s: trace %.6g +- %.2g, expected %.6g +- %.2g\n", class, r.trace, r.trace_se, mean, se);
    if (fabs(r.trace - mean) <= 3 * hypot(se, r.trace_se) && r.trace_se < 0.2 * fabs(r.trace))
        return 0;
    printf("FAIL class %s: trace\n", class);
    return 1;
}

static int run_class(const struct backend *backend, const char *class, json_t *expected)
{
    struct probe p = { .backend = backend };
    struct images images;
    struct err err = { 0 };
    struct pass_result result;
    char prefix[32];
    uint64_t start = clock_now_ns();
    struct safetensors *file = fixture_open("class-batches.safetensors");
    snprintf(prefix, sizeof prefix, "class%s.", class);
    fixture_images(&images, file, prefix);
    safetensors_close(file);
    open_probe(&p, images.batch.n);
    struct pass pass = { p.w, p.stats, PASS_EVAL, false, &p.loss.criterion, false };
    if (backend->load(p.model, &images.batch, &err) < 0 || backend->gradient(p.model, &pass, p.g, &result, &err) < 0 ||
        backend->hvp_prepare(p.model, &pass, &result, &err) < 0 || lanczos_start(p.lanczos, 0, 0, NULL, &err) < 0)
        fixture_stop(1, "%s", err.text);
    while (!lanczos_done(p.lanczos, 0) && !converged(p.lanczos))
        if (lanczos_step(p.lanczos, apply, &p, &err) < 0)
            fixture_stop(1, "%s", err.text);
    struct lanczos_status s;
    lanczos_status(p.lanczos, &s);
    int failures = judge(class, "loss", result.loss, fixture_number(expected, "loss"), 1e-5) +
                   judge_ends(&p, class, expected, s.iters) + judge_vector(&p, class, expected) + judge_trace(&p, class, expected);
    printf("%s class %s: loss %.6f, eigenvalues %.6g to %.6g after %d products (%.1f s)\n", failures ? "FAIL" : "ok  ",
           class, result.loss, s.min, s.max, s.iters, (double)(clock_now_ns() - start) * 1e-9);
    fflush(stdout);
    close_probe(&p);
    fixture_images_release(&images);
    return failures;
}

int main(int argc, char **argv)
{
    if (argc < 2)
        fixture_stop(2, "usage: spectra BACKEND [CLASS]");
    const struct backend *backend = fixture_backend(argv[1]);
    json_t *root = fixture_expected(), *numbers;
    const char *class;
    int failures = 0, classes = 0;
    json_object_foreach(fixture_member(root, "spectra"), class, numbers) {
        if (argc > 2 && strcmp(argv[2], class) != 0)
            continue;
        failures += run_class(backend, class, numbers);
        classes++;
    }
    json_decref(root);
    return failures || !classes;
}
