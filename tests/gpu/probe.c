/* probe.c - what tests/gpu/run asks of a device besides parity, through struct backend alone.
 *
 *   probe bits BACKEND [STEPS [MATH]]
 *                                 SAM steps on ResNet-32, batch 128 and once 118: each loss as hexadecimal, then a digest
 *                                 of weights and statistics. Two runs of one build on one device must print the same.
 *   probe parts BACKEND [STEPS [MATH]]
 *                                 the same with steps made of single calls: must print the same too
 *   probe train BACKEND [STEPS [MATH]]
 *                                 time of a SAM and an SGD step on images that the device keeps, each waited for, and with
 *                                 four in the queue
 *   probe once BACKEND [IMAGES [MATH]]
 *                                 a SAM step as in train, of so many images (128): for who counts what it does
 *   probe gradient BACKEND [IMAGES [MATH]]
 *                                 one gradient of them, for a profiler
 *   probe kernels BACKEND [STEPS [MATH]]
 *                                 the time of each kernel in SAM steps that are not captured: what timed_print() says (a build with nvcc)
 *   probe noise FOLDER            writes CIFAR-10's binaries there with noise for images, always the same, and prints its digest
 *   probe ceilings BACKEND        copy and add bandwidth over 256 MiB, and the shortest question and answer
 *
 * MATH: fp32, tf32 or bf16. 77 when the back end has not what is asked for. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/rng.h"
#include "engine/model/families.h"
#include "engine/model/initial.h"
#include "kernels/backend.h"
#include "tests/gpu/timed.h"

enum { BATCH = 128, TAIL = 118, CLASSES = 10, IMAGE = 32 * 32 * 3 };

static void must(int ok, const char *what, const struct err *err)
{
    if (ok)
        return;
    fprintf(stderr, "probe: %s: %s\n", what, err->text);
    exit(1);
}

struct run {
    const struct backend *b;
    struct net net;
    struct model *m;
    float *w, *moved, *g, *buf, *stats; /* of the back end */
    float *images;
    int32_t labels[BATCH];
};

static float *vec(struct run *r, size_t n)
{
    struct err err = { 0 };
    float *v = r->b->vec_new(r->m, n, &err);
    must(v != NULL, "vector", &err);
    return v;
}

static void open_run(struct run *r, const char *backend, enum math math)
{
    struct err err = { 0 };
    struct rng rng;
    int device;
    must((r->b = backend_find(backend, &device, &err)) != NULL, backend, &err);
    if (backend_check_math(r->b, math, &err) < 0) {
        printf("skipped: %s\n", err.text);
        exit(77);
    }
    must(net_of_family(&r->net, "resnet32", IMAGE_CIFAR, CLASSES, HEAD_LINEAR, &err) == 0, "network", &err);
    const struct model_options options = { .max_batch = BATCH, .threads = 1, .device = device, .math = math };
    r->m = r->b->open(&r->net, &options, &err);
    must(r->m != NULL, "model", &err);
    const size_t n = r->net.params.total;
    r->w = vec(r, n), r->moved = vec(r, n), r->g = vec(r, n), r->buf = vec(r, n), r->stats = vec(r, r->net.stats.total);
    float *host = calloc(n + r->net.stats.total, sizeof *host);
    r->images = malloc((size_t)BATCH * IMAGE * sizeof *r->images);
    must(host && r->images, "no memory", &err);
    net_init_params(&r->net, 1, host, host + n);
    r->b->vec_write(r->m, r->w, host, n);
    r->b->vec_write(r->m, r->stats, host + n, r->net.stats.total);
    free(host);
    rng_init(&rng, 7, RNG_INIT, 0, 0);
    for (int i = 0; i < BATCH * IMAGE; i++)
        r->images[i] = 4 * rng_unit(&rng) - 2;
    for (int i = 0; i < BATCH; i++)
        r->labels[i] = i % CLASSES;
}

static void close_run(struct run *r)
{
    float *all[] = { r->w, r->moved, r->g, r->buf, r->stats };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        r->b->vec_free(r->m, all[i]);
    r->b->close(r->m);
    net_release(&r->net);
    free(r->images);
}

static const float ones[CLASSES] = { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 }, zeros[CLASSES];
static const struct criterion plain = { .coef = { ones, zeros, zeros, ones, false, 0, REDUCE_WEIGHTED_MEAN, 0 } };
static const struct sgd_step descent = { 0.1f, 0.9f, 2e-4f, false };

static double sam_of_parts(struct run *r)
{
    const size_t n = r->net.params.total;
    struct pass pass = { r->w, r->stats, PASS_TRAIN, true, &plain, false };
    struct pass_result result;
    struct err err = { 0 };
    must(r->b->gradient(r->m, &pass, r->g, &result, &err) == 0, "gradient", &err);
    const double first = result.loss, scale = 0.1 / (r->b->sam_norm(r->m, r->w, r->g, n, false) + 1e-12);
    r->b->sam_perturb(r->m, r->moved, r->w, r->g, (float)scale, n, false);
    pass.params = r->moved;
    must(r->b->gradient(r->m, &pass, r->g, &result, &err) == 0, "second gradient", &err);
    r->b->sgd(r->m, r->w, r->buf, r->g, n, &descent);
    return first;
}

static void queue_step(struct run *r, enum ascent ascent)
{
    const struct optimiser_step step = { .ascent = ascent, .params = r->w, .stats = r->stats, .momentum = r->buf, .grad = r->g,
                                         .moved = r->moved, .criterion = &plain, .descent = descent, .rho = 0.1 };
    struct err err = { 0 };
    must(r->b->step(r->m, &step, &err) == 0, "step", &err);
}

static double wait_step(struct run *r)
{
    struct optimiser_result result;
    struct err err = { .text = "a number that is not finite" };
    must(r->b->step_wait(r->m, &result, &err) == 0 && result.updated, "step", &err);
    return result.first.loss;
}

static double sam_step(struct run *r, uint32_t images, bool parts)
{
    const struct batch batch = { .n = images, .images = r->images, .labels = r->labels };
    struct err err = { 0 };
    must(r->b->load(r->m, &batch, &err) == 0, "load", &err);
    if (parts || !r->b->step)
        return sam_of_parts(r);
    queue_step(r, ASCENT_SAM);
    return wait_step(r);
}

static uint64_t add_bytes(const uint8_t *bytes, size_t n, uint64_t hash)
{
    for (size_t i = 0; i < n; i++) /* FNV-1a */
        hash = (hash ^ bytes[i]) * UINT64_C(1099511628211);
    return hash;
}

static uint64_t digest(struct run *r, const float *v, size_t n, uint64_t hash)
{
    float *host = malloc(n * sizeof *host);
    struct err err = { .text = "no memory" };
    must(host != NULL, "digest", &err);
    r->b->vec_read(r->m, host, v, n);
    hash = add_bytes((const uint8_t *)host, n * sizeof *host, hash);
    free(host);
    return hash;
}

static void bits(const char *backend, int steps, enum math math, bool parts)
{
    struct run r = { 0 };
    open_run(&r, backend, math);
    for (int i = 0; i < steps; i++)
        printf("step %d loss %a\n", i + 1, sam_step(&r, i == steps - 1 ? TAIL : BATCH, parts));
    uint64_t hash = digest(&r, r.w, r.net.params.total, UINT64_C(14695981039346656037));
    printf("digest %016llx\n", (unsigned long long)digest(&r, r.stats, r.net.stats.total, hash));
    close_run(&r);
}

/* --- the clock of training --- */

static struct image_store *keep_images(struct run *r)
{
    enum { KEPT = 1024 };
    uint8_t *bytes = malloc((size_t)KEPT * IMAGE);
    int32_t labels[KEPT];
    float table[3 * 256];
    struct err err = { .text = "no memory" };
    struct rng rng;
    rng_init(&rng, 9, RNG_DEMO, 0, 0);
    must(bytes != NULL, "images", &err);
    for (int i = 0; i < KEPT * IMAGE; i++)
        bytes[i] = (uint8_t)rng_u32(&rng);
    for (int i = 0; i < KEPT; i++)
        labels[i] = i % CLASSES;
    for (int i = 0; i < 3 * 256; i++)
        table[i] = (float)(i % 256) / 64 - 2;
    struct image_store *store = r->b->store_new(r->m, &(struct image_source){ KEPT, bytes, labels, table }, &err);
    must(store != NULL, "images", &err);
    free(bytes);
    return store;
}

static void load_kept(struct run *r, const struct image_store *store, uint32_t step, uint32_t n)
{
    struct err err = { 0 };
    uint32_t position[BATCH];
    for (uint32_t k = 0; k < n; k++)
        position[k] = (step * 31 + k * 7) % 1024;
    const struct image_choice choice = { .store = store, .position = position, .crop = true, .pad = 4, .epoch = step };
    must(r->b->load(r->m, &(struct batch){ .n = n, .choice = &choice }, &err) == 0, "load", &err);
}

static double ms_per_step(struct run *r, const struct image_store *store, enum ascent ascent, int steps, int ahead)
{
    uint64_t start = 0;
    for (int i = -10, queued = 0; i < steps || queued > 0; i++) { /* ten to warm up */
        if (i == 0)
            start = clock_now_ns();
        if (i < steps) {
            load_kept(r, store, (uint32_t)(i + 10), BATCH);
            queue_step(r, ascent);
            queued++;
        }
        if (queued == ahead || i >= steps) {
            wait_step(r);
            queued--;
        }
    }
    return (double)(clock_now_ns() - start) * 1e-6 / steps;
}

static struct image_store *open_with_images(struct run *r, const char *backend, enum math math)
{
    open_run(r, backend, math);
    if (!r->b->step || !r->b->store_new) {
        printf("skipped: %s makes steps of single calls\n", backend);
        exit(77);
    }
    return keep_images(r);
}

static double one_gradient(struct run *r)
{
    const struct pass pass = { r->w, r->stats, PASS_TRAIN, true, &plain, false };
    struct pass_result result;
    struct err err = { 0 };
    must(r->b->gradient(r->m, &pass, r->g, &result, &err) == 0, "gradient", &err);
    return result.loss;
}

/* A SAM step, or a gradient alone. */
static void once(const char *backend, int images, enum math math, bool step)
{
    struct run r = { 0 };
    const struct err err = { .text = "1 to 128 are accepted" };
    must(images >= 1 && images <= BATCH, "images", &err);
    struct image_store *store = open_with_images(&r, backend, math);
    load_kept(&r, store, 0, (uint32_t)images);
    if (step)
        queue_step(&r, ASCENT_SAM);
    printf("%s loss %.6f of %d images\n", math_name[math], step ? wait_step(&r) : one_gradient(&r), images);
    r.b->store_free(r.m, store);
    close_run(&r);
}

static void kernels(const char *backend, int steps, enum math math)
{
#ifdef TIMED_LAUNCHES
    struct run r = { 0 };
    setenv("SADDLE_CUDA_GRAPHS", "off", 1);
    struct image_store *store = open_with_images(&r, backend, math);
    for (int i = -3; i < steps; i++) { /* three to warm up */
        load_kept(&r, store, (uint32_t)(i + 3), BATCH);
        if (i == 0)
            timed_start();
        timed_pause();
        queue_step(&r, ASCENT_SAM);
        wait_step(&r);
    }
    const bool ok = timed_print(stdout, math_name[math]);
    r.b->store_free(r.m, store);
    close_run(&r);
    if (!ok)
        exit(1);
#else
    printf("skipped: %d steps of %s in %s are not timed kernel by kernel: this build has no CUDA kernels (no nvcc)\n", steps, backend, math_name[math]);
    exit(77);
#endif
}

static void train(const char *backend, int steps, enum math math)
{
    static const char *const names[] = { "sgd", "sam" };
    struct run r = { 0 };
    struct image_store *store = open_with_images(&r, backend, math);
    for (int kind = 0; kind < 2; kind++) {
        const enum ascent k = kind ? ASCENT_SAM : ASCENT_NONE;
        const double alone = ms_per_step(&r, store, k, steps, 1), queued = ms_per_step(&r, store, k, steps, BACKEND_STEPS);
        printf("%s %s step %.3f ms waited for, %.3f ms queued (ResNet-32, batch %d, images on the device)\n", math_name[math],
               names[kind], alone, queued, BATCH);
    }
    r.b->store_free(r.m, store);
    close_run(&r);
}

static void ceilings(const char *backend)
{
    enum { ROUNDS = 50 };
    const size_t n = (size_t)64 << 20;
    struct run r = { 0 };
    open_run(&r, backend, MATH_FP32);
    float *a = vec(&r, n), *b = vec(&r, n);
    double at[4];
    for (int warm = 0; warm < 2; warm++) {
        at[0] = (double)clock_now_ns() * 1e-9;
        for (int i = 0; i < ROUNDS; i++)
            r.b->vec_copy(r.m, a, b, n);
        r.b->vec_dot(r.m, r.w, r.w, 1);
        at[1] = (double)clock_now_ns() * 1e-9;
        for (int i = 0; i < ROUNDS; i++)
            r.b->vec_axpy(r.m, a, 1, b, n);
        r.b->vec_dot(r.m, r.w, r.w, 1);
        at[2] = (double)clock_now_ns() * 1e-9;
        for (int i = 0; i < ROUNDS; i++)
            r.b->vec_dot(r.m, r.w, r.w, 1);
        at[3] = (double)clock_now_ns() * 1e-9;
    }
    const double bytes = (double)n * sizeof *a * ROUNDS / 1e9;
    printf("copy %.0f GB/s (read + write)\n", 2 * bytes / (at[1] - at[0]));
    printf("add %.0f GB/s (2 reads + write)\n", 3 * bytes / (at[2] - at[1]));
    printf("two kernels, a copy and a wait %.1f us\n", (at[3] - at[2]) / ROUNDS * 1e6);
    r.b->vec_free(r.m, a);
    r.b->vec_free(r.m, b);
    close_run(&r);
}

/* --- data --- */

static FILE *open_in(const char *folder, const char *name)
{
    char path[4096];
    struct err err = { 0 };
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *out = fopen(path, "wb");
    snprintf(err.text, sizeof err.text, "it cannot be written");
    must(out != NULL, path, &err);
    return out;
}

static uint64_t noise_file(const char *folder, const char *name, uint32_t number, uint64_t hash)
{
    enum { IMAGES = 10000 };
    const struct err err = { .text = "it could not be written whole" };
    FILE *out = open_in(folder, name);
    struct rng rng;
    bool ok = true;
    rng_init(&rng, 1, RNG_DEMO, number, 0);
    for (int i = 0; i < IMAGES; i++) {
        uint8_t image[1 + IMAGE] = { (uint8_t)(i % CLASSES) };
        for (int k = 1; k <= IMAGE; k++)
            image[k] = (uint8_t)rng_u32(&rng);
        ok &= fwrite(image, sizeof image, 1, out) == 1;
        hash = add_bytes(image, sizeof image, hash);
    }
    must(fclose(out) == 0 && ok, name, &err);
    return hash;
}

static void noise(const char *folder)
{
    static const char *const files[] = { "data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin", "test_batch.bin" };
    const struct err err = { .text = "it could not be written whole" };
    uint64_t hash = UINT64_C(14695981039346656037);
    FILE *names = open_in(folder, "batches.meta.txt");
    for (int c = 0; c < CLASSES; c++)
        fprintf(names, "noise-%d\n", c);
    must(fclose(names) == 0, "batches.meta.txt", &err);
    for (uint32_t i = 0; i < sizeof files / sizeof *files; i++)
        hash = noise_file(folder, files[i], i, hash);
    printf("noise of 60000 images, digest %016llx\n", (unsigned long long)hash);
}

static enum math math_of(const char *word)
{
    const struct err err = { .text = "fp32, tf32 and bf16 are accepted" };
    int i = 0;
    while (i < N_MATHS && strcmp(word, math_name[i]) != 0)
        i++;
    must(i < N_MATHS, word, &err);
    return (enum math)i;
}

int main(int argc, char **argv)
{
    const int steps = argc > 3 ? atoi(argv[3]) : 0;
    const enum math math = argc > 4 ? math_of(argv[4]) : MATH_FP32;
    if (argc >= 3 && (strcmp(argv[1], "bits") == 0 || strcmp(argv[1], "parts") == 0))
        bits(argv[2], steps > 0 ? steps : 20, math, strcmp(argv[1], "parts") == 0);
    else if (argc >= 3 && strcmp(argv[1], "train") == 0)
        train(argv[2], steps > 0 ? steps : 200, math);
    else if (argc >= 3 && strcmp(argv[1], "kernels") == 0)
        kernels(argv[2], steps > 0 ? steps : 10, math);
    else if (argc >= 3 && strcmp(argv[1], "once") == 0)
        once(argv[2], argc > 3 ? steps : BATCH, math, true);
    else if (argc >= 3 && strcmp(argv[1], "gradient") == 0)
        once(argv[2], argc > 3 ? steps : BATCH, math, false);
    else if (argc == 3 && strcmp(argv[1], "noise") == 0)
        noise(argv[2]);
    else if (argc == 3 && strcmp(argv[1], "ceilings") == 0)
        ceilings(argv[2]);
    else {
        fprintf(stderr, "usage: probe bits|parts|train|kernels BACKEND [STEPS [MATH]] | probe once|gradient BACKEND [IMAGES [MATH]] | probe ceilings BACKEND | "
                        "probe noise FOLDER\n");
        return 2;
    }
    return 0;
}
