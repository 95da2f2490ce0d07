#include "config.h"
#include "tests/unit/lazy.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "engine/data/augment.h"
#include "engine/optim/optim.h"

struct backend backend_lazy;
struct lazy lazy;

enum { MOST_IMAGES = 128, MOST_CLASSES = 16 };

struct image_store {
    struct image_set set;
};

struct order { /* all that a step needs, copied when it is queued */
    struct optimiser_step step;
    struct criterion criterion;
    float coef[4][MOST_CLASSES], part[MOST_CLASSES], rest[MOST_CLASSES];
    float *images;
    int32_t labels[MOST_IMAGES];
    uint32_t n;
};

static struct {
    struct model *model; /* the one that queues */
    const struct net *net;
    struct order order[BACKEND_STEPS];
    int first, n, queued;
    bool halted, broken;
    float *images;
    int32_t labels[MOST_IMAGES];
    uint32_t n_images;
} q;

/* Of an image, of at most CIFAR_VALUES. */
static size_t values(void)
{
    return (size_t)q.net->height * (size_t)q.net->width * (size_t)q.net->image_channels;
}

static bool looked(const struct model *m)
{
    if (m != q.model || q.n == 0)
        return false;
    lazy.looks++;
    return true;
}

/* --- the functions that must not be called meanwhile --- */

#define LOOK(name, arguments, call)                                                                                    \
    static void look_##name arguments                                                                                  \
    {                                                                                                                  \
        looked(m);                                                                                                     \
        backend_cpu.name call;                                                                                         \
    }
LOOK(vec_write, (struct model *m, float *v, const float *host, size_t n), (m, v, host, n))
LOOK(vec_read, (struct model *m, float *host, const float *v, size_t n), (m, host, v, n))
LOOK(vec_zero, (struct model *m, float *v, size_t n), (m, v, n))
LOOK(vec_copy, (struct model *m, float *to, const float *from, size_t n), (m, to, from, n))
LOOK(vec_axpy, (struct model *m, float *y, float a, const float *x, size_t n), (m, y, a, x, n))
LOOK(sgd, (struct model *m, float *w, float *buf, const float *g, size_t n, const struct sgd_step *step), (m, w, buf, g, n, step))

static int look_gradient(struct model *m, const struct pass *pass, float *grad, struct pass_result *result, struct err *err)
{
    looked(m);
    return backend_cpu.gradient(m, pass, grad, result, err);
}

static int look_hvp(struct model *m, int n, const float *const *v, float *const *out, struct err *err)
{
    if (!looked(m) && q.n > 0)
        lazy.products += n;
    return backend_cpu.hvp(m, n, v, out, err);
}

/* --- batches --- */

static struct image_store *store_new(struct model *m, const struct image_source *source, struct err *err)
{
    struct image_store *s = calloc(1, sizeof *s);
    const size_t bytes = (size_t)source->n * values();
    (void)err;
    s->set.n = source->n;
    s->set.kind = image_kind_cifar;
    s->set.kind.size = (struct image_geometry){ q.net->height, q.net->width, q.net->image_channels };
    s->set.reader = &image_reader_resident;
    s->set.images = malloc(bytes);
    s->set.labels = malloc(source->n * sizeof *s->set.labels);
    memcpy(s->set.images, source->images, bytes);
    memcpy(s->set.labels, source->labels, source->n * sizeof *s->set.labels);
    q.model = m;
    return s;
}

static void store_free(struct model *m, struct image_store *s)
{
    looked(m);
    if (!s)
        return;
    free(s->set.images);
    free(s->set.labels);
    free(s);
}

/* Images that come as they are, for a step that may be next. */
static int load_images(struct model *m, const struct batch *batch, struct err *err)
{
    if (m == q.model && batch->images && batch->n <= MOST_IMAGES) {
        memcpy(q.images, batch->images, (size_t)batch->n * values() * sizeof *q.images);
        memcpy(q.labels, batch->labels, batch->n * sizeof *q.labels);
        q.n_images = batch->n;
    }
    return backend_cpu.load(m, batch, err);
}

/* A choice is made into images at once; another step's may still be waiting. */
static int load(struct model *m, const struct batch *batch, struct err *err)
{
    const struct image_choice *c = batch->choice;
    if (!c)
        return load_images(m, batch, err);
    const struct augment augment = { .on = c->crop, .seed = c->seed, .epoch = c->epoch };
    if (batch_fill(q.images, q.labels, &(const struct image_list){ &c->store->set, c->position, batch->n }, &augment, err) < 0)
        return -1;
    q.n_images = batch->n;
    if (q.n > 0)
        return 0; /* for a step */
    const struct batch made = { .n = batch->n, .images = q.images, .labels = q.labels };
    return backend_cpu.load(m, &made, err);
}

/* --- steps --- */

static int broken(struct err *err)
{
    q.broken = true;
    return err_set(err, ERR_DEVICE, "lazy: a step was lost");
}

static int step(struct model *m, const struct optimiser_step *s, struct err *err)
{
    const struct loss_coef *c = &s->criterion->coef;
    const float *from[] = { c->scale, c->shift, c->margin, c->weight };
    struct order *o = &q.order[(q.first + q.n) % BACKEND_STEPS];
    if (q.n == BACKEND_STEPS)
        return err_set(err, ERR_USAGE, "lazy: too many steps");
    if (q.broken || (lazy.broken_queue > 0 && q.queued + 1 >= lazy.broken_queue))
        return broken(err);
    q.queued++;
    o->step = *s;
    o->criterion = *s->criterion;
    for (int i = 0; i < 4; i++)
        memcpy(o->coef[i], from[i], (size_t)q.net->classes * sizeof(float));
    o->criterion.coef.scale = o->coef[0], o->criterion.coef.shift = o->coef[1];
    o->criterion.coef.margin = o->coef[2], o->criterion.coef.weight = o->coef[3];
    if (s->rule == RULE_PARTS) {
        memcpy(o->rest, s->rest, (size_t)q.net->classes * sizeof(float));
        for (int k = 0; k < q.net->classes; k++)
            o->part[k] = s->part ? s->part[k] : (float)s->share;
    }
    o->n = q.n_images;
    memcpy(o->images, q.images, (size_t)o->n * values() * sizeof *o->images);
    memcpy(o->labels, q.labels, o->n * sizeof *o->labels);
    if (q.n == 0)
        q.halted = false;
    q.model = m;
    q.n++;
    if (q.n > lazy.deepest)
        lazy.deepest = q.n;
    return 0;
}

static enum optimiser kind_of(const struct optimiser_step *s)
{
    static const enum optimiser of_rule[] = { [RULE_PARTS] = OPTIMISER_SSESAM, [RULE_GSAM] = OPTIMISER_GSAM, [RULE_WSAM] = OPTIMISER_WSAM,
                                              [RULE_WSAM_COUPLED] = OPTIMISER_WSAM, [RULE_FSAM] = OPTIMISER_FSAM, [RULE_FSAM_BEGINS] = OPTIMISER_FSAM,
                                              [RULE_LOOK] = OPTIMISER_LOOKSAM, [RULE_REMEMBERED] = OPTIMISER_LOOKSAM, [RULE_MICRO] = OPTIMISER_MSAM };
    static const enum optimiser of_ascent[] = { [ASCENT_NONE] = OPTIMISER_SGD, [ASCENT_SAM] = OPTIMISER_SAM, [ASCENT_ADAPTIVE] = OPTIMISER_ASAM,
                                                [ASCENT_PLAIN] = OPTIMISER_USAM };
    return s->rule == RULE_LAST ? of_ascent[s->ascent] : of_rule[s->rule];
}

/* The knobs that the engine made this of. */
static struct optim_knobs knobs_of(const struct order *o)
{
    const struct optimiser_step *s = &o->step;
    return (struct optim_knobs){ .kind = kind_of(s), .lr = s->descent.lr, .momentum = s->descent.momentum, .weight_decay = s->descent.weight_decay,
                                 .nesterov = s->descent.nesterov, .rho = s->ascent == ASCENT_NONE && s->rule != RULE_REMEMBERED ? 0 : s->rho,
                                 .freeze_second_pass = s->freeze_second_pass, .gauges = s->gauges,
                                 .part = o->part, .rest = o->rest, .one_share = !s->part, .part_gain = s->factor[0], .rho_head = s->rho_rest,
                                 .gsam_alpha = s->factor[0], .wsam_gamma = s->factor[0] / (1 + s->factor[0]), .wsam_coupled = s->rule == RULE_WSAM_COUPLED,
                                 .fsam_lambda = s->factor[2], .fsam_paper = s->rule == RULE_FSAM,
                                 .fsam_sigma = s->rule == RULE_FSAM ? -s->factor[1] / s->factor[2] : -s->factor[1],
                                 .looksam_k = 2, .step = s->rule == RULE_REMEMBERED, .looksam_alpha = s->factor[0], .looksam_by_tensor = s->by_tensor,
                                 .msam_m = s->pieces };
}

/* As a back end says it. */
static void tell_bad(struct optimiser_result *r)
{
    const bool first = !isfinite(r->first.loss) || !isfinite(r->norm);
    r->bad = first ? PLACE_W : PLACE_UP;
    r->bad_loss = first ? r->first.loss : r->second.loss;
    r->bad_norm = first ? r->norm : r->norm_up;
}

/* By the engine's own steps out of single calls. */
static int take_step(struct model *m, struct order *o, struct optimiser_result *r, struct err *err)
{
    const struct optimiser_step *s = &o->step;
    const struct optim_knobs k = knobs_of(o);
    const struct batch batch = { .n = o->n, .images = o->images, .labels = o->labels };
    struct optim optim = { .backend = &backend_cpu, .net = q.net, .model = m, .momentum = s->momentum, .g = s->grad, .moved = s->moved, .piece = s->piece,
                           .kept = s->kept, .kept_by = k.kind,
                           .stats_before = backend_cpu.vec_new(m, q.net->stats.total, err) };
    if (param_groups_init(&optim.groups, q.net, err) < 0)
        return -1;
    const struct optim_task task = { .batch = &batch, .criterion = &o->criterion, .w = s->params, .stats = s->stats };
    const int result = optim_step(&optim, &k, &task, r, err);
    if (result < 0)
        tell_bad(r);
    backend_cpu.vec_free(m, optim.stats_before);
    param_groups_release(&optim.groups);
    return result;
}

static int step_wait(struct model *m, struct optimiser_result *result, struct err *err)
{
    struct order *o = &q.order[q.first];
    struct optimiser_result r;
    if (q.n == 0)
        return err_set(err, ERR_USAGE, "lazy: no step");
    *result = (struct optimiser_result){ .skipped = q.halted };
    const bool bad = !q.halted && lazy.steps + 1 == lazy.bad_step;
    lazy.steps += !q.halted;
    if (q.broken || (lazy.broken_step > 0 && lazy.steps >= lazy.broken_step)) {
        q.n--;
        q.first = (q.first + 1) % BACKEND_STEPS;
        return broken(err);
    }
    if (lazy.delay_us > 0)
        usleep((useconds_t)lazy.delay_us);
    if (bad) {
        result->first.loss = result->bad_loss = (double)NAN;
        result->bad = PLACE_W;
        lazy.bad_step = 0;
    } else if (!q.halted) {
        take_step(m, o, &r, err);
        *result = r;
    }
    q.halted = !result->updated;
    q.n--;
    q.first = (q.first + 1) % BACKEND_STEPS;
    return 0;
}

static struct model *open_model(const struct net *net, const struct model_options *options, struct err *err)
{
    if (!options->background)
        q.net = net;
    return backend_cpu.open(net, options, err);
}

static void close_model(struct model *m)
{
    looked(m);
    backend_cpu.close(m);
}

void lazy_reset(void)
{
    lazy = (struct lazy){ 0 };
    q.model = NULL;
    q.first = q.n = q.queued = 0;
    q.halted = q.broken = false;
    if (!q.images) {
        static float images[(BACKEND_STEPS + 1) * MOST_IMAGES * CIFAR_VALUES];
        q.images = images;
        for (int i = 0; i < BACKEND_STEPS; i++)
            q.order[i].images = images + (size_t)(i + 1) * MOST_IMAGES * CIFAR_VALUES;
    }
    backend_lazy = backend_cpu;
    backend_lazy.name = "lazy";
    backend_lazy.open = open_model;
    backend_lazy.close = close_model;
    backend_lazy.vec_write = look_vec_write;
    backend_lazy.vec_read = look_vec_read;
    backend_lazy.vec_zero = look_vec_zero;
    backend_lazy.vec_copy = look_vec_copy;
    backend_lazy.vec_axpy = look_vec_axpy;
    backend_lazy.sgd = look_sgd;
    backend_lazy.step = step;
    backend_lazy.step_wait = step_wait;
    backend_lazy.store_new = store_new;
    backend_lazy.store_free = store_free;
    backend_lazy.load = load;
    backend_lazy.gradient = look_gradient;
    backend_lazy.hvp = look_hvp;
}
