/* Networks unit by unit, what is refused of them, and what each back end computes of small ones: held as a whole, on the instruction set that
 * computes the same everywhere. tests/kernels compares back ends with each other; here is what both might get wrong. */
#include "config.h"
#include "tests/unit/held.h"

#include <math.h>

#include "base/err.h"
#include "base/rng.h"
#include "engine/model/families.h"
#include "engine/model/initial.h"
#include "kernels/backend.h"

#pragma GCC diagnostic ignored "-Wmissing-field-initializers" /* plans of units: what is not said is 0 */

enum { I = NET_IMAGE, N = NET_NO_ADD, IMAGES = 5, CLASSES = 4 };

/* --- networks ----------------------------------------------------------------------------------------------------------- */

static void tell_table(const char *name, const struct tensor_table *t, int every)
{
    fprintf(held, "  %s: %d tensors, %zu floats\n", name, t->n, t->total);
    for (int i = 0; i < t->n; i += every) {
        const struct tensor_info *a = &t->tensor[i];
        fprintf(held, "    %s rank %d: %d %d %d %d at %zu, %zu\n", a->name, a->rank, a->dims[0], a->dims[1], a->dims[2], a->dims[3], a->offset, a->count);
    }
}

static void tell_net(const struct net *n, int every)
{
    fprintf(held, "%s %dx%dx%d, %d classes: %d units, %d features of unit %d, head %d at %zu %zu; least %d, plain %d\n", n->name, n->height, n->width,
            n->image_channels, n->classes, n->n_units, n->features, n->head_in, n->head, n->head_weight, n->head_bias, net_least_images(n), net_is_plain(n));
    for (int i = 0; i < n->n_units; i += every) {
        const struct unit *u = &n->units[i];
        fprintf(held, "  %d %s of %d + %d%s%s%s%s %d/%d/%d groups %d: %dx%dx%d to %dx%dx%d at %zu %zu %zu %zu, %zu %zu\n", i, unit_kind_name[u->kind], u->in, u->add,
                u->option_a ? " A" : "", u->has_bias ? " bias" : "", u->norm ? " norm" : "", u->relu ? " relu" : "", u->kernel, u->stride, u->pad, u->groups,
                u->in_height, u->in_width, u->in_channels, u->height, u->width, u->channels, u->weight, u->bias, u->gamma, u->beta, u->mean, u->variance);
    }
    tell_table("parameters", &n->params, every);
    tell_table("statistics", &n->stats, every);
}

static void test_families(void **state)
{
    (void)state;
    static const struct image_geometry shapes[] = { { 32, 32, 3 }, { 9, 14, 1 }, { 1, 1, 3 } };
    struct net n;
    struct err e = { 0 };
    const char *name;
    held_begin();
    for (int i = 0; (name = network_name(i)); i++)
        for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
            for (int head = HEAD_LINEAR; head <= HEAD_NORM; head++) {
                if (s > 0 && head != (int)s % 2)
                    continue;
                if (net_of_family(&n, name, shapes[s], 7 + (int)s, (enum head_kind)head, &e) < 0) {
                    fprintf(held, "%s: %s\n", name, e.text);
                    continue;
                }
                tell_net(&n, s == 0 && i == 0 ? 1 : 13 - (int)s);
                fprintf(held, "  %s\n", net_require_plain(&n, "math x", &e) < 0 ? e.text : "plain");
                net_release(&n);
            }
    for (int classes = 1; classes <= 100001; classes = classes < 2 ? 2 : classes * 317 + 3)
        fprintf(held, "%d classes: %s\n", classes, net_of_family(&n, "resnet8", shapes[0], classes, HEAD_LINEAR, &e) < 0 ? e.text : "made"), net_release(&n);
    fprintf(held, "%s\n", net_of_family(&n, "resnet9", shapes[0], 10, HEAD_LINEAR, &e) < 0 ? e.text : "made");
    held_end("nets");
}

/* One of each kind of unit, in a network of two further outputs. */
static int small(struct net *n, enum head_kind head, bool odd, struct err *e)
{
    net_begin(n, odd ? "odd" : "even", 7, 6, 3, e);
    net_add(n, &(struct unit_plan){ UNIT_CONV, I, N, 8, 3, 1, 1, .norm = true, .relu = true }, "a", "an", e);
    net_add(n, &(struct unit_plan){ UNIT_CONV, 0, N, 8, 3, 2, 1, .norm = true, .relu = true }, "b", "bn", e);
    if (!odd)
        net_add(n, &(struct unit_plan){ UNIT_CONV, 1, 1, 8, 3, 1, 1, .norm = true, .relu = true }, "c", "cn", e);
    else {
        net_add(n, &(struct unit_plan){ UNIT_CONV, 0, 1, 8, 1, 2, 0, .groups = 4, .has_bias = true, .relu = true }, "c", "", e);
        net_add(n, &(struct unit_plan){ UNIT_MAX_POOL, 2, N, 0, 3, 1, 1 }, "", "", e);
        net_add(n, &(struct unit_plan){ UNIT_AVG_POOL, 3, N, 0, 2, 2, 1 }, "", "", e);
        net_add(n, &(struct unit_plan){ UNIT_CONV, 0, 0, 12, 3, 2, 1, .norm = true, .relu = true, .option_a = true }, "d", "dn", e);
        net_add(n, &(struct unit_plan){ UNIT_GLOBAL_POOL, 5, N }, "", "", e);
        net_add(n, &(struct unit_plan){ UNIT_LINEAR, 6, N, 6, .has_bias = true }, "e", "", e);
        net_add(n, &(struct unit_plan){ UNIT_COSINE, 6, N, 5 }, "f", "", e);
        net_add_output(n, "linear", 7, e);
        net_add_output(n, "cosine", 8, e);
    }
    return net_classifier(n, odd ? 4 : 2, CLASSES, head, "head", e);
}

static void tell_refusal(int result, const struct err *e)
{
    fprintf(held, "%s\n", result < 0 ? e->text : "accepted");
}

/* A convolution of 4 channels on the image of 6 x 5 x 4, changed in one thing. */
static void test_refused_units(void **state)
{
    (void)state;
    static const struct unit_plan plans[] = {
        { UNIT_CONV, I, N, 4, 3, 1, 1 },  { UNIT_CONV, 1, N, 4, 3, 1, 1 },  { UNIT_CONV, -3, N, 4, 3, 1, 1 }, { UNIT_CONV, 0, 1, 4, 3, 1, 1 }, { UNIT_CONV, 0, I, 4, 3, 1, 1 },
        { UNIT_CONV, 0, 0, 4, 3, 1, 1 },  { UNIT_CONV, 0, 0, 8, 3, 1, 1 },  { UNIT_CONV, 0, 0, 4, 3, 2, 1 },  { UNIT_CONV, 0, 0, 4, 3, 2, 1, .option_a = true },
        { UNIT_CONV, 0, 0, 2, 3, 2, 1, .option_a = true }, { UNIT_CONV, 0, 0, 4, 3, 1, 1, .option_a = true }, { UNIT_CONV, 0, N, 4, 3, 1, 1, .option_a = true },
        { UNIT_CONV, 0, N, 4, 0, 1, 0 },  { UNIT_CONV, 0, N, 4, 11, 1, 5 }, { UNIT_CONV, 0, N, 4, 12, 1, 5 }, { UNIT_CONV, 0, N, 4, 5, 1, 0 }, { UNIT_CONV, 0, N, 4, 6, 1, 0 },
        { UNIT_CONV, 0, N, 4, 7, 1, 1 },  { UNIT_CONV, 0, N, 4, 3, 11, 1 }, { UNIT_CONV, 0, N, 4, 3, 12, 1 }, { UNIT_CONV, 0, N, 4, 4, 1, 2 }, { UNIT_CONV, 0, N, 4, 3, 1, 2 },
        { UNIT_CONV, 0, N, 4, 3, 1, -1 }, { UNIT_CONV, 0, N, 0, 3, 1, 1 },  { UNIT_CONV, 0, N, 4, 3, 1, 1, 3 }, { UNIT_CONV, 0, N, 6, 3, 1, 1, 4 }, { UNIT_CONV, 0, N, 6, 3, 1, 1, 2 },
        { UNIT_CONV, 0, N, NET_MAX_CHANNELS, 1, 1, 0 }, { UNIT_CONV, 0, N, NET_MAX_CHANNELS + 1, 1, 1, 0 }, { UNIT_MAX_POOL, 0, N, 0, 2, 2, 0, .norm = true },
        { UNIT_AVG_POOL, 0, N, 0, 2, 2, 0, .relu = true }, { UNIT_MAX_POOL, 0, 0, 0, 3, 1, 1 }, { UNIT_GLOBAL_POOL, 0, N, .has_bias = true }, { UNIT_LINEAR, 0, N, 3 },
        { UNIT_COSINE, 0, N, 3, .has_bias = true }, { UNIT_AVG_POOL, 0, N, 0, 2, 0, 0 }, { UNIT_CONV, 0, 0, 4, 4, 2, 1, .option_a = true }, { UNIT_CONV, 0, 0, 4, 2, 2, 1, .option_a = true },
    };
    struct net n;
    struct err e = { 0 };
    held_begin();
    for (size_t i = 0; i < sizeof plans / sizeof *plans; i++) {
        const struct unit_plan *p = &plans[i];
        net_begin(&n, "refused", 6, 5, 4, &e);
        net_add(&n, &plans[0], "first", "", &e);
        fprintf(held, "%s of %d + %d: %d channels, %d/%d/%d, groups %d: ", unit_kind_name[p->kind], p->in, p->add, p->channels, p->kernel, p->stride, p->pad, p->groups);
        tell_refusal(net_add(&n, p, "second", "norm", &e), &e);
        net_release(&n);
    }
    static const int side[][3] = { { 0, 1, 1 }, { 1, 0, 1 }, { 1, 1, 0 }, { 4096, 4096, 1 }, { 4097, 1, 1 }, { 1, 4097, 1 }, { 1, 1, NET_MAX_CHANNELS + 1 } };
    for (size_t i = 0; i < sizeof side / sizeof *side; i++)
        tell_refusal(net_begin(&n, "sides", side[i][0], side[i][1], side[i][2], &e), &e);
    tell_refusal(net_begin(&n, "a name of thirty-one characters", 6, 5, 4, &e), &e);
    tell_refusal(net_begin(&n, "a name of thirty-two characters.", 6, 5, 4, &e), &e);
    net_begin(&n, "names", 6, 5, 4, &e);
    tell_refusal(net_add(&n, &plans[0], "a", "", &e), &e);
    tell_refusal(net_add(&n, &plans[0], "a", "", &e), &e);
    tell_refusal(net_add(&n, &plans[0], "b", "", &e), &e); /* what has failed stays so */
    net_release(&n);
    held_end("refused_units");
}

static void test_refused_heads(void **state)
{
    (void)state;
    struct net n;
    struct err e = { 0 };
    held_begin();
    for (int classes = 1; classes < 4; classes++)
        for (int unit = -1; unit < 10; unit += 5) {
            net_begin(&n, "heads", 6, 5, 4, &e);
            net_add(&n, &(struct unit_plan){ UNIT_GLOBAL_POOL, I, N }, "", "", &e);
            net_add(&n, &(struct unit_plan){ UNIT_CONV, I, N, 4, 3, 1, 1 }, "a", "", &e);
            for (int k = 2; k < 6; k++)
                net_add(&n, &(struct unit_plan){ UNIT_LINEAR, 0, N, 3 }, (char[]){ (char)('a' + k), 0 }, "", &e);
            tell_refusal(net_classifier(&n, unit, classes, HEAD_NORM, "head", &e), &e);
            net_release(&n);
        }
    static const struct { int unit; const char *name; } outputs[] = { { 0, "" }, { -1, "x" }, { 1, "x" }, { 6, "x" }, { 0, "twenty-three characters" }, { 0, "twenty-four characters.." },
                                                                     { 0, "x" }, { 0, "first" } };
    for (size_t i = 0; i < sizeof outputs / sizeof *outputs; i++) {
        net_begin(&n, "outputs", 6, 5, 4, &e);
        net_add(&n, &(struct unit_plan){ UNIT_GLOBAL_POOL, I, N }, "", "", &e);
        net_add(&n, &(struct unit_plan){ UNIT_CONV, I, N, 4, 3, 1, 1 }, "a", "", &e);
        net_add_output(&n, "first", 0, &e);
        fprintf(held, "'%s' of %d: ", outputs[i].name, outputs[i].unit);
        tell_refusal(net_add_output(&n, outputs[i].name, outputs[i].unit, &e), &e);
        net_release(&n);
    }
    for (int odd = 0; odd < 2; odd++) {
        small(&n, HEAD_LINEAR, odd, &e);
        tell_net(&n, 1);
        tell_refusal(net_require_plain(&n, "math bf16", &e), &e);
        net_release(&n);
    }
    held_end("refused_heads");
}

/* --- what is computed --------------------------------------------------------------------------------------------------- */

struct bench {
    const struct backend *b;
    struct net net;
    struct model *m;
    float *params, *stats, *grad, *v, *out, *host;
    float images[IMAGES * 7 * 6 * 3], targets[IMAGES * CLASSES], weights[IMAGES];
    int32_t labels[IMAGES];
    struct batch batch;
};

static void open_bench(struct bench *k, const struct backend *b, enum head_kind head, bool odd, enum math math)
{
    struct err e = { 0 };
    struct rng r;
    *k = (struct bench){ .b = b };
    if (small(&k->net, head, odd, &e) < 0 || !(k->m = b->open(&k->net, &(struct model_options){ .max_batch = IMAGES, .threads = 2, .math = math }, &e)))
        fail_msg("%s", e.text);
    const size_t n = k->net.params.total, s = k->net.stats.total;
    float **vectors[] = { &k->params, &k->grad, &k->v, &k->out };
    for (int i = 0; i < 4; i++)
        *vectors[i] = b->vec_new(k->m, n, &e);
    k->stats = b->vec_new(k->m, s, &e);
    k->host = malloc((n > s ? n : s) * sizeof *k->host);
    net_init_params(&k->net, 3, k->host, NULL);
    b->vec_write(k->m, k->params, k->host, n);
    rng_init(&r, 5, RNG_PROBE, 0, 0);
    for (size_t i = 0; i < n; i++)
        k->host[i] = rng_normal(&r);
    b->vec_write(k->m, k->v, k->host, n);
    for (size_t i = 0; i < s; i++)
        k->host[i] = 0.1f + rng_unit(&r);
    b->vec_write(k->m, k->stats, k->host, s);
    for (size_t i = 0; i < sizeof k->images / sizeof *k->images; i++)
        k->images[i] = rng_normal(&r);
    for (int i = 0; i < IMAGES * CLASSES; i++)
        k->targets[i] = i % 3 ? rng_unit(&r) : 0;
    for (int i = 0; i < IMAGES; i++) {
        k->labels[i] = (3 * i + 1) % CLASSES;
        k->weights[i] = i == 2 ? 0 : rng_unit(&r);
    }
    k->batch = (struct batch){ .n = IMAGES, .images = k->images, .labels = k->labels };
}

static void close_bench(struct bench *k)
{
    float *vectors[] = { k->params, k->grad, k->v, k->out, k->stats };
    for (int i = 0; i < 5; i++)
        k->b->vec_free(k->m, vectors[i]);
    k->b->close(k->m);
    net_release(&k->net);
    free(k->host);
}

/* Length, a sum that knows every place, and three of its numbers. */
static void tell_vector(struct bench *k, const char *name, const float *v, size_t n)
{
    double square = 0, place = 0;
    k->b->vec_read(k->m, k->host, v, n);
    for (size_t i = 0; i < n; i++) {
        square += (double)k->host[i] * k->host[i];
        place += (double)k->host[i] * (double)(i % 31) - (double)k->host[i] * (double)(i % 7);
    }
    fprintf(held, " %s %.6g %.5g (%.5g %.5g %.5g)", name, sqrt(square), place, (double)k->host[0], (double)k->host[n / 2], (double)k->host[n - 1]);
}

static void tell_pass(struct bench *k, const struct pass *pass, const struct criterion *c)
{
    struct pass_result r, h;
    struct err e = { 0 };
    const size_t n = k->net.params.total;
    float logits[IMAGES * CLASSES], features[IMAGES * 12];
    double losses[IMAGES];
    if (k->b->load(k->m, &k->batch, &e) < 0 || k->b->gradient(k->m, pass, k->grad, &r, &e) < 0) {
        fprintf(held, "  %s\n", e.text);
        return;
    }
    k->b->logits(k->m, logits);
    k->b->features(k->m, features);
    k->b->losses(k->m, losses);
    fprintf(held, "  L %.7g D %.6g n %u right %u; x %.5g %.5g f %.5g %.5g l", r.loss, r.weight_sum, r.n, r.correct, (double)logits[1],
            (double)logits[k->batch.n * CLASSES - 1], (double)features[2], (double)features[k->batch.n * (unsigned)k->net.features - 1]);
    for (uint32_t i = 0; i < k->batch.n; i++)
        fprintf(held, " %.5g", losses[i]);
    if (!pass->head_only)
        tell_vector(k, "g", k->grad, n);
    if (pass->update_stats)
        tell_vector(k, "s", k->stats, k->net.stats.total);
    if (!pass->head_only && k->b->again(k->m, c, k->grad, &h, &e) == 0) {
        fprintf(held, " again %.7g", h.loss);
        tell_vector(k, "g", k->grad, n);
    }
    if (k->b->hvp_prepare(k->m, pass, &h, &e) < 0 || k->b->hvp(k->m, 1, (const float *const[]){ k->v }, &k->out, &e) < 0)
        fprintf(held, " %s", e.text);
    else {
        fprintf(held, " L %.7g", h.loss);
        tell_vector(k, "Hv", pass->head_only ? k->out + k->net.head_weight : k->out, pass->head_only ? n - k->net.head_weight : n);
    }
    fprintf(held, "\n");
}

static const float scale[CLASSES] = { 1, 2, 0.5f, 1.5f }, shift[CLASSES] = { 0, -0.3f, 0.2f, 1 }, margin[CLASSES] = { 0.5f, 0, 0.1f, 0.2f },
                   weight[CLASSES] = { 0.5f, 2, 1, 0.25f }, one[CLASSES] = { 1, 1, 1, 1 }, zero[CLASSES], some[CLASSES] = { 0, 1, 0, 2 }, part[CLASSES] = { 0.25f, 1, 0, 0.5f };

static const struct {
    const char *name;
    struct criterion c;
    bool targets, weights;
    enum pass_mode mode;
    bool head_only;
    uint32_t n; /* 0: all */
} cases[] = {
    { "plain", { .coef = { one, zero, zero, one } }, .mode = PASS_TRAIN },
    { "adjusted", { .coef = { scale, shift, margin, weight } }, .mode = PASS_TRAIN },
    { "adjusted, batch mean", { .coef = { scale, shift, margin, weight, .reduction = REDUCE_BATCH_MEAN } }, .mode = PASS_EVAL },
    { "focal 2", { .coef = { one, shift, zero, weight, .focal = true, .gamma = 2, .reduction = REDUCE_BATCH_MEAN } }, .mode = PASS_TRAIN },
    { "focal 0.5, divisor", { .coef = { one, zero, zero, weight, .focal = true, .gamma = 0.5f, .divisor = 3.5 } }, .mode = PASS_EVAL },
    { "focal 0", { .coef = { one, zero, margin, one, .focal = true } }, .mode = PASS_EVAL, .n = 3 },
    { "focal 0.5, weights of 0", { .coef = { one, zero, zero, some, .focal = true, .gamma = 0.5f } }, .mode = PASS_TRAIN },
    { "focal 1, weights of 0", { .coef = { one, zero, zero, some, .focal = true, .gamma = 1 } }, .mode = PASS_EVAL },
    { "focal 0, weights of 0", { .coef = { one, zero, zero, some, .focal = true } }, .mode = PASS_EVAL },
    { "focal 3, weights of 0", { .coef = { one, zero, zero, some, .focal = true, .gamma = 3 } }, .mode = PASS_TRAIN },
    { "soft", { .coef = { scale, zero, margin, weight } }, .targets = true, .mode = PASS_TRAIN },
    { "soft, weighted images, batch mean", { .coef = { one, shift, zero, weight, .reduction = REDUCE_BATCH_MEAN } }, .targets = true, .weights = true, .mode = PASS_EVAL },
    { "weighted images, focal", { .coef = { one, zero, zero, weight, .focal = true, .gamma = 1 } }, .weights = true, .mode = PASS_TRAIN },
    { "part", { .coef = { one, zero, zero, weight }, .part = part }, .mode = PASS_TRAIN },
    { "part, soft", { .coef = { one, zero, zero, weight }, .part = part }, .targets = true, .mode = PASS_EVAL },
    { "influence", { .kind = CRITERION_IB, .coef = { one, zero, zero, weight, .reduction = REDUCE_BATCH_MEAN }, .ib = { 1000, 1e-3f } }, .mode = PASS_TRAIN },
    { "influence, detached", { .kind = CRITERION_IB, .coef = { one, zero, zero, one }, .ib = { 10, 0.5f, .detached = true } }, .mode = PASS_EVAL },
    { "influence, soft", { .kind = CRITERION_IB, .coef = { one, shift, zero, weight }, .ib = { 10, 0.5f } }, .targets = true, .weights = true, .mode = PASS_EVAL },
    { "head alone", { .coef = { one, shift, margin, weight } }, .mode = PASS_EVAL, .head_only = true },
    { "head alone, batch statistics", { .coef = { one, shift, margin, weight } }, .mode = PASS_TRAIN, .head_only = true, .n = 4 },
    { "one image", { .coef = { one, zero, zero, weight } }, .mode = PASS_TRAIN, .n = 1 },
};

static void tell_cases(const struct backend *b, enum math math)
{
    for (int net = 0; net < 4; net++) {
        struct bench k;
        if (net >= 2 && math != MATH_FP32)
            continue; /* other math has plain networks alone */
        open_bench(&k, b, net % 2 ? HEAD_NORM : HEAD_LINEAR, net >= 2, math);
        fprintf(held, "%s %s, %s, head %s\n", b->name, math_name[math], k.net.name, net % 2 ? "norm" : "linear");
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            const struct pass pass = { .params = k.params, .stats = k.stats, .mode = cases[i].mode, .update_stats = cases[i].mode == PASS_TRAIN,
                                       .criterion = &cases[i].c, .head_only = cases[i].head_only };
            k.batch.n = cases[i].n ? cases[i].n : IMAGES;
            k.batch.targets = cases[i].targets ? k.targets : NULL;
            k.batch.weights = cases[i].weights ? k.weights : NULL;
            fprintf(held, "%s:\n", cases[i].name);
            tell_pass(&k, &pass, &cases[1].c);
        }
        close_bench(&k);
    }
}

static void test_reference(void **state)
{
    (void)state;
    held_begin();
    tell_cases(&backend_reference, MATH_FP32);
    held_end("reference");
}

static void test_cpu(void **state)
{
    (void)state;
    held_begin();
    for (int math = MATH_FP32; math < N_MATHS; math++)
        if (math == MATH_FP32 || backend_cpu.has_math((enum math)math))
            tell_cases(&backend_cpu, (enum math)math);
    held_end("cpu");
}

/* Arithmetic on vectors, of lengths that no SIMD register divides. */
static void test_vectors(void **state)
{
    (void)state;
    const struct backend *const both[] = { &backend_reference, &backend_cpu };
    held_begin();
    for (int i = 0; i < 2; i++)
        for (size_t n = 1; n < 40; n += 19) {
            struct bench k;
            open_bench(&k, both[i], HEAD_LINEAR, false, MATH_FP32);
            fprintf(held, "%s %zu: %.6g %.6g %.6g", both[i]->name, n, both[i]->vec_dot(k.m, k.params, k.v, n), both[i]->sam_norm(k.m, k.params, k.v, n, false),
                    both[i]->sam_norm(k.m, k.params, k.v, n, true));
            for (int nesterov = 0; nesterov < 2; nesterov++) {
                both[i]->sgd(k.m, k.params, k.out, k.v, n, &(struct sgd_step){ 0.1f, 0.9f, 0.01f, nesterov });
                tell_vector(&k, "w", k.params, n + 2);
                tell_vector(&k, "m", k.out, n + 2);
                both[i]->sam_perturb(k.m, k.grad, k.params, k.v, 0.5f, n, nesterov);
                tell_vector(&k, "e", k.grad, n + 2);
            }
            both[i]->vec_axpy(k.m, k.out, -2, k.v, n);
            both[i]->vec_scale(k.m, k.v, 3, n);
            tell_vector(&k, "y", k.out, n + 2);
            tell_vector(&k, "v", k.v, n + 2);
            both[i]->vec_copy(k.m, k.out, k.v, n);
            both[i]->vec_zero(k.m, k.v, n);
            tell_vector(&k, "y", k.out, n + 2);
            tell_vector(&k, "v", k.v, n + 2);
            fprintf(held, "\n");
            close_bench(&k);
        }
    held_end("vectors");
}

/* A pass in pieces: each output, the way back from all of them, and both along a direction. */
static void test_pieces(void **state)
{
    (void)state;
    const struct backend *const both[] = { &backend_reference, &backend_cpu };
    held_begin();
    for (int i = 0; i < 4; i++) {
        struct bench k;
        struct err e = { 0 };
        float host[3][IMAGES * 12], up[3][IMAGES * 12], features[IMAGES * 12];
        const struct backend *b = both[i % 2];
        open_bench(&k, b, HEAD_LINEAR, true, MATH_FP32);
        const size_t n = k.net.params.total;
        const struct pass pass = { .params = k.params, .stats = k.stats, .mode = i < 2 ? PASS_EVAL : PASS_TRAIN, .update_stats = i >= 2 };
        for (int which = 0; which < 3; which++)
            for (int v = 0; v < IMAGES * 12; v++)
                up[which][v] = 0.01f * (float)((v * 7 + which) % 13 - 6), features[v] = 0.02f * (float)(v % 5 - 2);
        fprintf(held, "%s, features_back %d\n", b->name, b->features_back);
        fprintf(held, "  %s\n", b->backward(k.m, (const float *const[]){ up[0], up[1], up[2] }, NULL, k.grad, &e) < 0 ? e.text : "back");
        fprintf(held, "  %s\n", b->load(k.m, &k.batch, &e) < 0 || b->forward(k.m, &pass, &e) < 0 ? e.text : "forward");
        fprintf(held, "  %s\n", b->r_forward(k.m, k.v, &e) < 0 ? e.text : "along v");
        for (int which = 0; which < 3; which++) {
            b->output(k.m, which, host[which]);
            fprintf(held, "  %d: %.5g %.5g %.5g\n", which, (double)host[which][0], (double)host[which][7], (double)host[which][IMAGES * 4 - 1]);
        }
        for (int with = 0; with < 4; with++) {
            const float *const from[] = { with == 1 ? NULL : up[0], with == 2 ? NULL : up[1], up[2] };
            if (b->backward(k.m, from, with == 3 ? features : NULL, k.grad, &e) < 0) {
                fprintf(held, "  %s\n", e.text);
                continue;
            }
            tell_vector(&k, "g", k.grad, n);
            if (b->r_forward(k.m, k.v, &e) < 0 || b->r_backward(k.m, (const float *const[]){ up[2], NULL, up[1] }, k.out, &e) < 0)
                fprintf(held, " %s", e.text);
            b->r_output(k.m, with % 3, host[0]);
            fprintf(held, " r %.5g %.5g", (double)host[0][0], (double)host[0][IMAGES * 4 - 1]);
            tell_vector(&k, "Rg", k.out, n);
            fprintf(held, "\n");
        }
        tell_vector(&k, "s", k.stats, k.net.stats.total);
        fprintf(held, "\n");
        close_bench(&k);
    }
    held_end("pieces");
}

static void tell_batch(const struct net *n, struct batch b, uint32_t most)
{
    struct err e = { 0 };
    tell_refusal(backend_check_batch(n, &b, most, &e), &e);
}

static void tell_found(const char *name)
{
    struct err e = { 0 };
    int device = -7;
    char told[BACKEND_NAME_MAX];
    const struct backend *b = backend_find(name, &device, &e);
    fprintf(held, "%s: ", name);
    if (b)
        backend_device_name(b, device, told);
    fprintf(held, "%s\n", b ? told : e.text);
}

static void test_refused_batches(void **state)
{
    (void)state;
    struct bench k;
    struct err e = { 0 };
    float bad[IMAGES * CLASSES] = { 0 };
    int32_t labels[IMAGES] = { 0 };
    held_begin();
    open_bench(&k, &backend_reference, HEAD_NORM, false, MATH_FP32);
    for (uint32_t n = 0; n < 8; n++)
        tell_batch(&k.net, (struct batch){ .n = n, .labels = labels }, n == 5 ? 5 : 4);
    for (int32_t label = -1; label <= CLASSES; label++) {
        labels[IMAGES - 1] = label;
        tell_batch(&k.net, (struct batch){ .n = IMAGES, .labels = labels }, IMAGES);
        tell_batch(&k.net, (struct batch){ .n = IMAGES - 1, .labels = labels }, IMAGES);
    }
    static const float values[] = { 0, 0.5f, -0.5f, INFINITY, NAN };
    for (int i = 0; i < 5; i++) {
        bad[IMAGES - 1] = values[i];
        tell_batch(&k.net, (struct batch){ .n = IMAGES, .labels = k.labels, .weights = bad }, IMAGES);
        tell_batch(&k.net, (struct batch){ .n = IMAGES, .labels = k.labels, .targets = bad }, IMAGES);
    }
    for (int mode = PASS_EVAL; mode <= PASS_EVAL_BF16; mode++)
        for (int head = 0; head < 2; head++)
            for (int loaded = 0; loaded < 2; loaded++)
                for (int half = 0; half < 2; half++) {
                    const struct pass pass = { .mode = (enum pass_mode)mode, .head_only = head };
                    fprintf(held, "mode %d head %d loaded %d half %d: ", mode, head, loaded, half);
                    tell_refusal(backend_check_pass(&k.net, 1, loaded, half ? MATH_BF16 : MATH_FP32, &pass, &e), &e);
                }
    for (int kind = 0; kind < N_CRITERIA; kind++)
        tell_refusal(backend_check_criterion(&backend_cpu, &k.net, &(struct criterion){ .kind = (enum criterion_kind)kind }, CRITERION_PRODUCT, &e), &e);
    for (int i = 0; i < 2; i++)
        for (int threads = 0; threads < 2; threads++)
            for (uint32_t n = 0; n < 3; n++) {
                const struct backend *b = i ? &backend_cpu : &backend_reference;
                const struct model_options options = { .max_batch = n < 2 ? n : (1u << 24) + 1, .threads = threads };
                if (!i && n == 2)
                    continue; /* it would be laid out */
                struct model *m = b->open(&k.net, &options, &e);
                fprintf(held, "%s, %d threads: ", b->name, threads);
                tell_refusal(m ? 0 : -1, &e);
                b->close(m);
            }
    close_bench(&k);
    for (int math = 0; math < N_MATHS; math++)
        for (int i = 0; i < 2; i++) {
            tell_refusal(backend_check_math(i ? &backend_cpu : &backend_reference, (enum math)math, &e), &e);
            tell_refusal(backend_check_eval_math(i ? &backend_cpu : &backend_reference, (enum math)math, &e), &e);
        }
    struct net n;
    for (int side = 1; side < 5; side++) { /* of one pixel at its end, or of more */
        net_begin(&n, "pixels", side, side, 3, &e);
        net_add(&n, &(struct unit_plan){ UNIT_CONV, I, N, 8, 3, 2, 1, .norm = true, .relu = true }, "a", "an", &e);
        net_classifier(&n, 0, 3, HEAD_LINEAR, "head", &e);
        fprintf(held, "side %d: least %d: ", side, net_least_images(&n));
        tell_refusal(backend_check_pass(&n, 1, false, MATH_FP32, &(const struct pass){ .mode = PASS_TRAIN }, &e), &e);
        net_release(&n);
    }
    held_end("refused_batches");
}

static void test_names(void **state)
{
    (void)state;
    const char *const names[] = { "auto", "cpu", "reference", "cpu:0", "cp", "cpus", "", ":", "reference:1" };
    if (backend_list[0] != &backend_cpu) /* a build with CUDA knows more names */
        skip();
    held_begin();
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        tell_found(names[i]);
    held_end("devices");
}

static size_t bytes_of(const struct net *n, uint32_t images, enum math math, bool products, int *slots)
{
    struct err e;
    struct model *m = backend_cpu.open(n, &(struct model_options){ .max_batch = images, .threads = 3, .math = math, .products = products }, &e);
    assert_non_null(m);
    const size_t bytes = backend_cpu.memory_bytes(m);
    *slots = backend_cpu.slots ? backend_cpu.slots(m, 1000000, 6, &e) : 0;
    backend_cpu.close(m);
    return bytes;
}

/* Bytes that a model of the cpu back end fills beyond those for one image, and slots in a million: by images, math and what it is for. */
static void test_memory(void **state)
{
    (void)state;
    struct err e = { 0 };
    held_begin();
    for (int odd = 0; odd < 2; odd++)
        for (int math = 0; math < (odd ? 1 : N_MATHS); math++) {
            struct net n;
            int slots;
            if (math != MATH_FP32 && !backend_cpu.has_math((enum math)math))
                continue;
            assert_int_equal(small(&n, HEAD_LINEAR, odd, &e), 0);
            const size_t least = bytes_of(&n, 1, (enum math)math, false, &slots);
            for (uint32_t images = 1; images < 40; images += 19)
                for (int products = 0; products < 2; products++) {
                    const size_t bytes = bytes_of(&n, images, (enum math)math, products, &slots);
                    fprintf(held, "%s %s %u%s: %zu more, %d slots\n", n.name, math_name[math], images, products ? " products" : "", bytes - least, slots);
                }
            net_release(&n);
        }
    held_end("memory");
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_families), cmocka_unit_test(test_refused_units), cmocka_unit_test(test_refused_heads),
                                        cmocka_unit_test(test_reference), cmocka_unit_test(test_cpu), cmocka_unit_test(test_vectors),
                                        cmocka_unit_test(test_pieces), cmocka_unit_test(test_refused_batches), cmocka_unit_test(test_names), cmocka_unit_test(test_memory) };
    setenv("SADDLE_ISA", "portable", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
