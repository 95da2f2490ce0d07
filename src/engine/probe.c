/* Curvature of one class at a time (spec 7.1, 7.5): Lanczos on exact Hessian-vector products of the class's mean loss,
 * evaluation-mode batch norm, no augmentation, the first images of the class's list.
 *
 * A probe works on its own model and on copies of weights and statistics, so nothing that trains is touched: a run has
 * the same bits with and without it. The loss is the run's own without class weights, which would cancel (spec 7.1). */
#include "config.h"
#include "engine/trainer_private.h"

#include <math.h>
#include <nettle/sha2.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

/* --- memory -------------------------------------------------------------------------------------------------------- */

void probe_release(struct trainer *t)
{
    struct probe *p = &t->probe;
    lanczos_free(p->lanczos);
    p->lanczos = NULL;
    if (p->model) {
        float *vectors[] = { p->params, p->stats, p->part };
        for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++)
            t->backend->vec_free(p->model, vectors[i]);
    }
    p->params = p->stats = p->part = NULL;
    t->backend->close(p->model);
    p->model = NULL;
    loss_release(&p->loss);
    free(p->pixels);
    free(p->labels);
    free(p->index);
    p->pixels = NULL;
    p->labels = NULL;
    p->index = NULL;
    p->stage = PROBE_IDLE;
}

size_t probe_memory(const struct trainer *t)
{
    const struct probe *p = &t->probe;
    if (!p->model)
        return 0;
    return t->backend->memory_bytes(p->model) + (2 * t->net.params.total + t->net.stats.total) * sizeof(float) +
           (p->lanczos ? lanczos_memory_bytes(p->lanczos) : 0) + (size_t)PROBE_BATCH * IMAGE_VALUES * sizeof(float);
}

static int open_model(struct trainer *t, struct err *err)
{
    struct probe *p = &t->probe;
    if (p->model)
        return 0;
    struct model_options options = { .max_batch = PROBE_BATCH, .threads = t->threads };
    p->pixels = malloc((size_t)PROBE_BATCH * IMAGE_VALUES * sizeof *p->pixels);
    p->labels = malloc((size_t)PROBE_BATCH * sizeof *p->labels);
    p->index = malloc((size_t)t->data->train.n * sizeof *p->index);
    p->model = t->backend->open(&t->net, &options, err);
    p->params = p->model ? t->backend->vec_new(p->model, t->net.params.total, err) : NULL;
    p->part = p->params ? t->backend->vec_new(p->model, t->net.params.total, err) : NULL;
    p->stats = p->part ? t->backend->vec_new(p->model, t->net.stats.total, err) : NULL;
    if (!p->pixels || !p->labels || !p->index)
        err_set(err, ERR_MEMORY, "no memory for the images of a probe");
    else if (p->stats && loss_init(&p->loss, t->net.classes, t->data->train.count, err) == 0)
        return 0;
    probe_release(t);
    return -1;
}

/* Krylov vectors for `iters` steps; more are made when first asked for. */
static int open_lanczos(struct trainer *t, int iters, struct err *err)
{
    struct probe *p = &t->probe;
    if (p->lanczos && p->iters == iters)
        return 0;
    lanczos_free(p->lanczos);
    p->lanczos = lanczos_new(t->backend, p->model, t->net.params.total, iters, err);
    p->iters = iters;
    return p->lanczos ? 0 : -1;
}

/* --- the operator -------------------------------------------------------------------------------------------------- */

static struct pass pass_of(struct probe *p)
{
    return (struct pass){ .params = p->params, .stats = p->stats, .mode = PASS_EVAL, .loss = &p->loss.coef };
}

static uint32_t n_shards(const struct probe *p)
{
    return (p->n_images + PROBE_BATCH - 1) / PROBE_BATCH;
}

/* Loads shard i and keeps its forward and backward pass; adds its part of the mean loss to *loss. */
static int prepare_shard(struct trainer *t, uint32_t shard, double *loss, struct err *err)
{
    struct probe *p = &t->probe;
    const struct augment none = { .on = false };
    struct pass pass = pass_of(p);
    struct pass_result result;
    uint32_t first = shard * PROBE_BATCH, left = p->n_images - first;
    struct batch batch = { .n = left < PROBE_BATCH ? left : PROBE_BATCH, .images = p->pixels, .labels = p->labels };
    if (batch_fill(p->pixels, p->labels, &t->data->train, p->index + first, batch.n, &none, err) < 0 ||
        t->backend->load(p->model, &batch, err) < 0 || t->backend->hvp_prepare(p->model, &pass, &result, err) < 0)
        return -1;
    *loss += result.loss;
    return 0;
}

/* H v: one shard stays prepared from the start; several are prepared anew each time and add up (divisor: all images). */
static int apply(void *ctx, const float *v, float *out, struct err *err)
{
    struct trainer *t = ctx;
    struct probe *p = &t->probe;
    uint32_t shards = n_shards(p);
    double ignored = 0;
    if (shards == 1)
        return t->backend->hvp(p->model, 1, &v, &out, err);
    t->backend->vec_zero(p->model, out, t->net.params.total);
    for (uint32_t i = 0; i < shards; i++) {
        if (prepare_shard(t, i, &ignored, err) < 0 || t->backend->hvp(p->model, 1, &v, &p->part, err) < 0)
            return -1;
        t->backend->vec_axpy(p->model, out, 1.0f, p->part, t->net.params.total);
    }
    return 0;
}

/* --- one probe ----------------------------------------------------------------------------------------------------- */

/* Weights of this moment, by way of the host: models do not share vectors. */
static int copy_weights(struct trainer *t, struct err *err)
{
    struct probe *p = &t->probe;
    size_t n = t->net.params.total, n_stats = t->net.stats.total;
    float *host = malloc((n > n_stats ? n : n_stats) * sizeof *host);
    bool finite = true;
    if (!host)
        return err_set(err, ERR_MEMORY, "no memory for a copy of the weights");
    t->backend->vec_read(t->model, host, t->params, n);
    for (size_t i = 0; finite && i < n; i++)
        finite = isfinite(host[i]);
    t->backend->vec_write(p->model, p->params, host, n);
    t->backend->vec_read(t->model, host, t->stats, n_stats);
    for (size_t i = 0; finite && i < n_stats; i++)
        finite = isfinite(host[i]);
    t->backend->vec_write(p->model, p->stats, host, n_stats);
    free(host);
    p->of = t->step;
    p->epoch = trainer_epoch(t);
    return finite ? 0 : err_set(err, ERR_DIVERGED, "the weights of step %llu are not finite", (unsigned long long)t->step);
}

/* First 16 digits of the SHA-256 of the indices as little-endian 32-bit numbers. */
static void name_subset(struct probe *p)
{
    struct sha256_ctx sha;
    uint8_t digest[SHA256_DIGEST_SIZE];
    sha256_init(&sha);
    for (uint32_t i = 0; i < p->n_images; i++) {
        uint32_t v = p->index[i];
        uint8_t bytes[4] = { (uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16), (uint8_t)(v >> 24) };
        sha256_update(&sha, sizeof bytes, bytes);
    }
    sha256_digest(&sha, sizeof digest, digest);
    for (int i = 0; i < 8; i++)
        snprintf(p->subset + 2 * i, 3, "%02x", digest[i]);
}

static int choose_images(struct trainer *t, int class_index, long images, struct err *err)
{
    struct probe *p = &t->probe;
    const char *name = t->data->class_name[class_index];
    long most = images > 0 ? images : knob_int(&t->knobs, KNOB_HESSIAN_IMAGES);
    uint32_t max = most < (long)t->data->train.n ? (uint32_t)most : t->data->train.n;
    p->n_images = image_set_of_class(&t->data->train, class_index, p->index, max);
    if (p->n_images == 0)
        return err_set(err, ERR_DATA, "class %d %s has no training images to probe", class_index, name);
    name_subset(p);
    return 0;
}

static int set_loss(struct trainer *t, struct err *err)
{
    struct probe *p = &t->probe;
    struct loss_config c;
    if (trainer_loss_config(t, &t->knobs, false, &c, err) < 0)
        return -1;
    c.weights = WEIGHTS_NONE;
    if (loss_set(&p->loss, &c, err) < 0)
        return -1;
    p->loss.coef.divisor = p->n_images;
    return 0;
}

static int begin(struct trainer *t, int class_index, long iters, long images, struct err *err)
{
    struct probe *p = &t->probe;
    uint32_t which = (uint32_t)class_index;
    uint64_t start = clock_now_ns();
    p->class_index = class_index;
    p->mean_loss = 0;
    if (choose_images(t, class_index, images, err) < 0 || set_loss(t, err) < 0 ||
        open_lanczos(t, (int)(iters > 0 ? iters : knob_int(&t->knobs, KNOB_HESSIAN_ITERS)), err) < 0)
        return -1;
    for (uint32_t i = 0; i < n_shards(p); i++)
        if (prepare_shard(t, i, &p->mean_loss, err) < 0)
            return -1;
    if (!isfinite(p->mean_loss))
        return err_set(err, ERR_DIVERGED, "the loss of class %d at step %llu is not finite", class_index, (unsigned long long)p->of);
    if (lanczos_start(p->lanczos, (uint64_t)knob_num(&t->knobs, KNOB_SEED), which, NULL, err) < 0)
        return -1;
    p->tol = knob_num(&t->knobs, KNOB_HESSIAN_TOL);
    p->stage = PROBE_RUNNING;
    p->ns = clock_now_ns() - start;
    return 0;
}

static int product(struct trainer *t, struct err *err)
{
    struct probe *p = &t->probe;
    struct lanczos_status s;
    uint64_t start = clock_now_ns();
    if (lanczos_step(p->lanczos, apply, t, err) < 0) {
        p->stage = PROBE_IDLE;
        return -1;
    }
    p->ns += clock_now_ns() - start;
    lanczos_status(p->lanczos, &s);
    trainer_progress(t, "hessian", (uint64_t)s.iters, (uint64_t)s.max_iters, p->class_index, s.min, s.max);
    return 0;
}

static void emit_eig(struct trainer *t, const struct lanczos_status *s)
{
    struct probe *p = &t->probe;
    size_t n = (size_t)s->iters;
    double *nodes = malloc(n * sizeof *nodes + 1), *weights = malloc(n * sizeof *weights + 1);
    struct event *e = event_new(EVENT_EIG, t->step);
    if (e && nodes && weights) {
        uint32_t filled = (uint32_t)lanczos_density(p->lanczos, nodes, weights);
        event_set_u64(e, EV_EIG_OF, p->of);
        event_set_f64(e, EV_EIG_EP, p->epoch);
        event_set_u64(e, EV_EIG_CLASS, (uint64_t)p->class_index);
        event_set_u64(e, EV_EIG_IMAGES, p->n_images);
        event_set_str(e, EV_EIG_SUBSET, p->subset);
        event_set_f64(e, EV_EIG_LOSS, p->mean_loss);
        event_set_f64(e, EV_EIG_LMIN, s->min);
        event_set_f64(e, EV_EIG_LMAX, s->max);
        event_set_f64(e, EV_EIG_RMIN, s->min_bound);
        event_set_f64(e, EV_EIG_RMAX, s->max_bound);
        event_set_u64(e, EV_EIG_ITERS, (uint64_t)s->iters);
        event_set_f64(e, EV_EIG_SECONDS, (double)p->ns * 1e-9);
        event_set_f64s(e, EV_EIG_NODES, nodes, filled);
        event_set_f64s(e, EV_EIG_WTS, weights, filled);
        trainer_emit(t, e);
    } else
        event_unref(e);
    free(nodes);
    free(weights);
}

/* The event, the commands that waited for this eigenvalue, and a line for people. */
static void finish(struct trainer *t, char *text, size_t size)
{
    struct probe *p = &t->probe;
    struct lanczos_status s;
    char metric[32];
    lanczos_status(p->lanczos, &s);
    p->stage = PROBE_IDLE;
    emit_eig(t, &s);
    snprintf(metric, sizeof metric, "lmin:%d", p->class_index);
    trainer_metric(t, metric, s.min);
    double ratio = s.max != 0 ? fabs(s.min) / fabs(s.max) : NAN; /* spec D-10 */
    snprintf(text, size, "%d %s: \xce\xbbmin %.4g \xce\xbbmax %.4g |\xce\xbbmin|/\xce\xbbmax %.2g residual %.1g at step %llu (ep %.1f)",
             p->class_index, t->data->class_name[p->class_index], s.min, s.max, ratio, fmax(s.min_bound, s.max_bound),
             (unsigned long long)p->of, p->epoch);
}

/* --- on demand ----------------------------------------------------------------------------------------------------- */

static void drop_round(struct probe *p, int classes)
{
    p->round = false;
    p->stage = PROBE_IDLE;
    memset(p->todo, 0, (size_t)classes * sizeof *p->todo);
}

/* Takes the probe away from a scheduled round; the round goes on afterwards with the weights of then. */
static int take_over(struct trainer *t, struct err *err)
{
    struct probe *p = &t->probe;
    if (p->stage == PROBE_RUNNING)
        p->todo[p->class_index] = true;
    p->stage = PROBE_IDLE;
    p->round_weights = false;
    if (open_model(t, err) < 0)
        return -1;
    return copy_weights(t, err);
}

int probe_now(struct trainer *t, int class_index, long iters, long images, char *text, size_t size, struct err *err)
{
    struct probe *p = &t->probe;
    uint64_t start = clock_now_ns();
    atomic_store(&t->cancel, false);
    if (iters < 0 || iters > (long)knob_table[KNOB_HESSIAN_ITERS].high || images < 0)
        return err_set(err, ERR_RANGE, "%ld products on %ld images; at most %g products are accepted", iters, images,
                       knob_table[KNOB_HESSIAN_ITERS].high);
    if (take_over(t, err) < 0 || begin(t, class_index, iters, images, err) < 0)
        return -1;
    while (!lanczos_done(p->lanczos, p->tol)) {
        if (trainer_cancelled(t)) {
            p->stage = PROBE_IDLE;
            return 1;
        }
        if (product(t, err) < 0)
            return -1;
    }
    p->ns = clock_now_ns() - start;
    finish(t, text, size);
    return 0;
}

/* --- scheduled ----------------------------------------------------------------------------------------------------- */

static int next_class(const struct trainer *t)
{
    for (int c = 0; c < t->net.classes; c++)
        if (t->probe.todo[c])
            return c;
    return -1;
}

void probe_schedule(struct trainer *t)
{
    struct probe *p = &t->probe;
    if (p->round) { /* the budget did not suffice for the last one: it is finished first, and tells about its own epoch */
        if (!p->late_said)
            trainer_say(t, "note", "hessian: the probes of an earlier epoch are still under way within budget %g; a larger budget, "
                        "fewer hessian_iters or a longer hessian_every would keep up", knob_num(&t->knobs, KNOB_BUDGET));
        p->late_said = true;
        return;
    }
    memcpy(p->todo, t->watched, (size_t)t->net.classes * sizeof *p->todo);
    if (next_class(t) < 0 || knob_num(&t->knobs, KNOB_BUDGET) <= 0)
        return;
    p->round = true;
    p->round_weights = false;
    p->round_ns = 0;
    p->round_start_ns = clock_now_ns();
}

/* Starts the next class of the round when none is under way. 0, 1 the round is over, -1 this class cannot be probed. */
static int next_of_round(struct trainer *t, struct err *err)
{
    struct probe *p = &t->probe;
    int c = next_class(t);
    if (p->stage == PROBE_RUNNING)
        return 0;
    if (c < 0) {
        drop_round(p, t->net.classes);
        return 1;
    }
    p->todo[c] = false;
    if (open_model(t, err) < 0)
        return -1;
    if (!p->round_weights) {
        if (copy_weights(t, err) < 0)
            return -1;
        p->round_weights = true;
    }
    return begin(t, c, 0, 0, err);
}

/* One product of the round. false: the round is over. */
static bool advance(struct trainer *t)
{
    struct probe *p = &t->probe;
    struct err err;
    char text[256];
    uint64_t start = clock_now_ns();
    int result = next_of_round(t, &err);
    if (result == 0) {
        result = product(t, &err);
        if (result == 0 && lanczos_done(p->lanczos, p->tol))
            finish(t, text, sizeof text);
    }
    if (result < 0) {
        trainer_say(t, "warning", "hessian: %s", err.text);
        if (err.code == ERR_MEMORY || err.code == ERR_DEVICE)
            drop_round(p, t->net.classes);
    }
    p->round_ns += clock_now_ns() - start;
    return p->round && (p->stage == PROBE_RUNNING || next_class(t) >= 0);
}

void probe_turn(struct trainer *t)
{
    struct probe *p = &t->probe;
    if (!p->round || t->over)
        return;
    uint64_t all = clock_now_ns() - p->round_start_ns;
    if ((double)p->round_ns > knob_num(&t->knobs, KNOB_BUDGET) * (double)all)
        return;
    if (!advance(t))
        drop_round(p, t->net.classes);
}

/* The class under way is finished, so that even a short run tells something; the budget stands for the rest. */
void probe_drain(struct trainer *t)
{
    struct probe *p = &t->probe;
    int left = 0;
    atomic_store(&t->cancel, false);
    while (p->round && p->stage == PROBE_RUNNING && !trainer_cancelled(t))
        (void)advance(t);
    for (int c = 0; c < t->net.classes; c++)
        left += p->todo[c];
    if (p->round && left > 0)
        trainer_say(t, "note", "hessian: the budget left %d watched %s of the last round without a probe; 'hessian' probes now", left,
                    left == 1 ? "class" : "classes");
    drop_round(p, t->net.classes);
}
