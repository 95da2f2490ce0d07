#include "config.h"
#include "kernels/reference/reference.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

/* --- memory: every block is noted in the model, zeroed, on a cache line --- */

enum { ALIGN = 64, SLACK = 4 * sizeof(double) }; /* conv.c reads a last group of channels whole */

static void *zeroed(size_t bytes)
{
    size_t whole = (bytes + ALIGN - 1) / ALIGN * ALIGN;
    void *p = aligned_alloc(ALIGN, whole ? whole : ALIGN);
    if (p)
        memset(p, 0, whole ? whole : ALIGN);
    return p;
}

static void *take_bytes(struct model *m, size_t bytes)
{
    if (m->n_blocks == m->cap_blocks)
        return NULL;
    char *p = calloc(1, bytes + SLACK + ALIGN); /* pages that nobody touches cost nothing: a model too large can be opened and asked */
    if (!p)
        return NULL;
    m->block[m->n_blocks++] = p;
    m->bytes += bytes + SLACK;
    return p + ALIGN - (uintptr_t)p % ALIGN;
}

static bool take(struct model *m, double **out, size_t count)
{
    *out = take_bytes(m, sizeof(double) * count);
    return *out != NULL;
}

static bool take_norm(struct model *m, const struct unit *u, struct unit_state *s)
{
    const size_t c = (size_t)u->channels;
    return take(m, &s->xh, m->max_batch * ref_plain(u)) && take(m, &s->mean, c) && take(m, &s->var, c) && take(m, &s->inv_s, c) &&
           take(m, &s->mean_gy, c) && take(m, &s->mean_gyxh, c);
}

static bool take_cosine(struct model *m, const struct unit *u, struct ref_cosine *s)
{
    const size_t c = (size_t)u->channels, n = m->max_batch;
    return take(m, &s->z, n * c) && take(m, &s->norm, n) && take(m, &s->column_norm, c);
}

static bool take_unit(struct model *m, int unit)
{
    const struct unit *u = &m->net->units[unit];
    struct unit_state *s = &m->unit[unit];
    const size_t n = m->max_batch;
    bool ok = take(m, &s->out, n * ref_padded(&s->grid)) && take(m, &s->gy, n * ref_plain(u));
    ok = ok && (!u->norm || take_norm(m, u, s));
    ok = ok && (u->kind != UNIT_COSINE || take_cosine(m, u, &s->cosine));
    return ok && (u->kind != UNIT_MAX_POOL || (s->winner = take_bytes(m, sizeof *s->winner * n * ref_plain(u))));
}

static bool take_unit_products(struct model *m, int unit)
{
    const struct unit *u = &m->net->units[unit];
    struct unit_state *s = &m->unit[unit];
    const size_t c = (size_t)u->channels, n = m->max_batch;
    bool ok = take(m, &s->r_out, n * ref_padded(&s->grid)) && take(m, &s->r_gy, n * ref_plain(u));
    ok = ok && (!u->norm || (take(m, &s->r_xh, n * ref_plain(u)) && take(m, &s->rs_over_s, c) && take(m, &s->r_mean_gy, c) &&
                             take(m, &s->r_mean_gyxh, c)));
    return ok && (u->kind != UNIT_COSINE || (take(m, &s->cosine.r_z, n * c) && take(m, &s->cosine.r_column, c)));
}

struct largest { /* over the units */
    size_t packed, plain, spread, weights, channels;
};

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static struct largest largest_of(const struct net *net)
{
    struct largest l = { 0 };
    for (int i = 0; i < net->n_units; i++) {
        const struct unit *u = &net->units[i];
        const size_t weights = (size_t)(u->kernel * u->kernel) * (size_t)(u->in_channels / u->groups) * (size_t)u->channels;
        l.channels = larger(l.channels, (size_t)u->channels);
        if (u->norm)
            l.plain = larger(l.plain, ref_plain(u));
        if (ref_is_conv(u) || u->kind == UNIT_COSINE)
            l.weights = larger(l.weights, weights);
        if (!ref_is_conv(u))
            continue;
        l.packed = larger(l.packed, ref_packed_count(u));
        if (u->in != NET_IMAGE)
            l.spread = larger(l.spread, ref_spread_count(u));
    }
    return l;
}

static bool take_spread(struct model *m, double ***out, size_t count)
{
    *out = take_bytes(m, sizeof(double *) * (size_t)m->threads);
    for (int i = 0; *out && i < m->threads; i++)
        if (!take(m, &(*out)[i], count))
            return false;
    return *out != NULL;
}

static bool take_head(struct model *m)
{
    struct head_state *h = &m->head;
    size_t n = m->max_batch, features = (size_t)m->net->features, classes = (size_t)m->net->classes;
    return take(m, &h->feature, n * features) && take(m, &h->g_feature, n * features) &&
           take(m, &h->logit, n * classes) && take(m, &h->g_logit, n * classes) && take(m, &h->column_norm, classes) &&
           take(m, &h->norm, n) && take(m, &h->loss, n) && take(m, &h->p, classes) && take(m, &h->g_weight, features * classes);
}

static bool take_all(struct model *m)
{
    const struct net *net = m->net;
    struct largest l = largest_of(net);
    size_t n = m->max_batch;
    bool ok = (m->unit = take_bytes(m, sizeof *m->unit * (size_t)net->n_units)) != NULL;
    ok = ok && (m->label = take_bytes(m, sizeof *m->label * n)) != NULL;
    ok = ok && (m->target = take_bytes(m, sizeof *m->target * n * (size_t)net->classes)) != NULL;
    ok = ok && (m->weight = take_bytes(m, sizeof *m->weight * n)) != NULL;
    if (ok)
        ref_set_grids(m);
    ok = ok && take(m, &m->image, n * ref_padded(&m->grid));
    ok = ok && take_head(m) && take_spread(m, &m->spread, l.spread);
    ok = ok && take(m, &m->w, l.packed);
    ok = ok && take(m, &m->ga, n * l.plain) && take(m, &m->g_weight, l.weights);
    ok = ok && take(m, &m->partial, 2 * n * l.channels);
    for (int i = 0; ok && i < net->n_units; i++)
        ok = take_unit(m, i);
    return ok;
}

/* Memory that only hvp() needs comes with the first hvp_prepare(): training never pays for it. */
static bool take_products(struct model *m)
{
    struct head_state *h = &m->head;
    struct largest l = largest_of(m->net);
    size_t n = m->max_batch, features = (size_t)m->net->features, classes = (size_t)m->net->classes;
    bool ok = take(m, &h->r_feature, n * features) && take(m, &h->r_g_feature, n * features) &&
              take(m, &h->r_logit, n * classes) && take(m, &h->r_g_logit, n * classes) && take(m, &h->r_column, classes);
    ok = ok && take_spread(m, &m->r_spread, l.spread) && take(m, &m->r_ga, n * l.plain);
    ok = ok && take(m, &m->v, l.packed);
    for (int i = 0; ok && i < m->net->n_units; i++)
        ok = take_unit_products(m, i);
    return m->has_products = ok;
}

/* --- life cycle --- */

static int reference_probe(int device, struct err *err)
{
    (void)device;
    (void)err;
    return 0;
}

static void reference_close(struct model *m)
{
    if (!m)
        return;
    for (size_t i = 0; i < m->n_blocks; i++)
        free(m->block[i]);
    free(m->block);
    free(m);
}

static struct model *reference_open(const struct net *net, const struct model_options *options, struct err *err)
{
    enum { MAX_THREADS = 64 };
    if (options->max_batch < 1 || options->threads < 1) {
        err_set(err, ERR_RANGE, "batch %u with %d threads; both must be at least 1", options->max_batch, options->threads);
        return NULL;
    }
    if (backend_check_math(&backend_reference, options->math, err) < 0 || backend_check_eval_math(&backend_reference, options->eval_math, err) < 0)
        return NULL;
    struct model *m = calloc(1, sizeof *m);
    if (m) {
        m->net = net;
        m->max_batch = options->max_batch;
        m->threads = options->threads < MAX_THREADS ? options->threads : MAX_THREADS;
        m->bytes = sizeof *m;
        m->cap_blocks = 32 + 2 * (size_t)m->threads + 20 * (size_t)net->n_units;
        m->block = calloc(m->cap_blocks, sizeof *m->block);
    }
    if (!m || !m->block || !take_all(m) || (options->products && !take_products(m))) {
        reference_close(m);
        err_set(err, ERR_MEMORY, "no memory for %s with a batch of %u", net->name, options->max_batch);
        return NULL;
    }
    return m;
}

static size_t reference_memory_bytes(const struct model *m)
{
    return m->bytes;
}

/* --- vectors: host memory; arithmetic in double, one rounding per number --- */

static float *reference_vec_new(struct model *m, size_t n, struct err *err)
{
    (void)m;
    float *v = n > SIZE_MAX / sizeof(float) - ALIGN ? NULL : zeroed(n * sizeof(float));
    if (!v)
        err_set(err, ERR_MEMORY, "no memory for a vector of %zu numbers", n);
    return v;
}

static void reference_vec_free(struct model *m, float *v)
{
    (void)m;
    free(v);
}

static void reference_vec_write(struct model *m, float *v, const float *host, size_t n)
{
    (void)m;
    memcpy(v, host, n * sizeof *v);
}

static void reference_vec_read(struct model *m, float *host, const float *v, size_t n)
{
    (void)m;
    memcpy(host, v, n * sizeof *v);
}

static void reference_vec_zero(struct model *m, float *v, size_t n)
{
    (void)m;
    memset(v, 0, n * sizeof *v);
}

static void reference_vec_copy(struct model *m, float *to, const float *from, size_t n)
{
    (void)m;
    memmove(to, from, n * sizeof *to);
}

static void reference_vec_scale(struct model *m, float *v, float a, size_t n)
{
    (void)m;
    for (size_t i = 0; i < n; i++)
        v[i] *= a;
}

static void reference_vec_axpy(struct model *m, float *y, float a, const float *x, size_t n)
{
    (void)m;
    for (size_t i = 0; i < n; i++)
        y[i] = (float)(y[i] + (double)a * x[i]);
}

static double reference_vec_dot(struct model *m, const float *x, const float *y, size_t n)
{
    (void)m;
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (double)x[i] * y[i];
    return sum;
}

/* --- optimiser arithmetic --- */

static void reference_sgd(struct model *m, float *w, float *buf, const float *g, size_t n, const struct sgd_step *step)
{
    (void)m;
    for (size_t i = 0; i < n; i++) {
        double d = g[i] + (double)step->weight_decay * w[i];
        double b = (double)step->momentum * buf[i] + d;
        buf[i] = (float)b;
        w[i] = (float)(w[i] - (double)step->lr * (step->nesterov ? d + (double)step->momentum * b : b));
    }
}

static double reference_sam_norm(struct model *m, const float *w, const float *g, size_t n, bool adaptive)
{
    (void)m;
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        double x = adaptive ? (double)w[i] * g[i] : g[i];
        sum += x * x;
    }
    return sqrt(sum);
}

static void reference_sam_perturb(struct model *m, float *out, const float *w, const float *g, float scale, size_t n,
                                  bool adaptive)
{
    (void)m;
    for (size_t i = 0; i < n; i++) {
        double e = (double)scale * g[i];
        out[i] = (float)(w[i] + (adaptive ? (double)w[i] * w[i] * e : e));
    }
}

/* --- passes --- */

static void load_images(struct model *m, const struct batch *batch)
{
    const struct grid *g = &m->grid;
    const size_t run = (size_t)g->width * (size_t)g->channels;
    const float *from = batch->images;
    for (uint32_t i = 0; i < batch->n; i++)
        for (int row = 0; row < g->height; row++, from += run) {
            double *to = m->image + i * ref_padded(g) + ref_at(g, row, 0);
            for (size_t k = 0; k < run; k++)
                to[k] = from[k];
        }
}

static void load_labels(struct model *m, const struct batch *batch)
{
    const size_t n = batch->n, classes = (size_t)m->net->classes;
    memcpy(m->label, batch->labels, sizeof *m->label * n);
    if (batch->targets)
        memcpy(m->target, batch->targets, sizeof *m->target * n * classes);
    if (batch->weights)
        memcpy(m->weight, batch->weights, sizeof *m->weight * n);
    m->labelled = (struct labelled){ m->net->classes, m->label, batch->targets ? m->target : NULL, batch->weights ? m->weight : NULL, NULL };
}

static int reference_load(struct model *m, const struct batch *batch, struct err *err)
{
    const struct net *net = m->net;
    m->prepared = m->computed = m->forward = m->backward = m->repeatable = false;
    m->along = NULL;
    m->n = 0;
    if (backend_check_batch(net, batch, m->max_batch, err) < 0)
        return -1;
    m->of_features = batch->features != NULL;
    for (size_t k = 0; m->of_features && k < (size_t)batch->n * (size_t)net->features; k++)
        m->head.feature[k] = batch->features[k];
    if (!m->of_features)
        load_images(m, batch);
    load_labels(m, batch);
    m->n = batch->n;
    return 0;
}

int ref_begin_pass(struct model *m, const struct pass *pass, const struct criterion *criterion, enum criterion_use use, struct err *err)
{
    m->prepared = m->forward = m->backward = m->repeatable = false;
    m->along = NULL;
    if (m->n == 0)
        return err_set(err, ERR_INVALID, "no batch is loaded");
    if (backend_check_pass(m->net, m->n, m->of_features, MATH_FP32, pass, err) < 0 ||
        (criterion && backend_check_criterion(&backend_reference, m->net, criterion, use, err) < 0))
        return -1;
    m->pass = *pass;
    m->labelled.part = criterion ? criterion->part : NULL;
    if (criterion)
        m->criterion = *criterion;
    return 0;
}

static int reference_gradient(struct model *m, const struct pass *pass, float *grad, struct pass_result *result,
                              struct err *err)
{
    if (ref_begin_pass(m, pass, pass->criterion, CRITERION_GRADIENT, err) < 0)
        return -1;
    ref_forward(m);
    ref_criterion(m, grad != NULL, result);
    if (grad)
        ref_backward(m, NULL, grad);
    if (pass->update_stats && pass->mode == PASS_TRAIN)
        ref_update_stats(m, pass->stats);
    m->computed = true;
    m->repeatable = grad != NULL;
    return 0;
}

static int reference_again(struct model *m, const struct criterion *criterion, float *grad, struct pass_result *result, struct err *err)
{
    if (!m->repeatable)
        return err_set(err, ERR_INVALID, "again() before gradient()");
    if (backend_check_criterion(&backend_reference, m->net, criterion, CRITERION_GRADIENT, err) < 0)
        return -1;
    m->criterion = *criterion;
    m->labelled.part = criterion->part;
    ref_criterion(m, true, result);
    ref_backward(m, NULL, grad);
    return 0;
}

static void reference_logits(struct model *m, float *host)
{
    size_t count = m->computed ? (size_t)m->n * (size_t)m->net->classes : 0;
    for (size_t i = 0; i < count; i++)
        host[i] = (float)m->head.logit[i];
}

static void reference_features(struct model *m, float *host)
{
    size_t count = m->computed ? (size_t)m->n * (size_t)m->net->features : 0;
    for (size_t i = 0; i < count; i++)
        host[i] = (float)m->head.feature[i];
}

static void reference_losses(struct model *m, double *host)
{
    if (m->computed)
        memcpy(host, m->head.loss, m->n * sizeof *host);
}

int ref_need_products(struct model *m, struct err *err)
{
    if (m->has_products || take_products(m))
        return 0;
    return err_set(err, ERR_MEMORY, "no memory for Hessian products of %s", m->net->name);
}

static int reference_hvp_prepare(struct model *m, const struct pass *pass, struct pass_result *result, struct err *err)
{
    if (ref_begin_pass(m, pass, pass->criterion, CRITERION_PRODUCT, err) < 0 || ref_need_products(m, err) < 0)
        return -1;
    ref_forward(m);
    ref_criterion(m, true, result);
    ref_backward(m, NULL, NULL);
    m->prepared = m->computed = true;
    return 0;
}

static int reference_hvp(struct model *m, int n_vectors, const float *const *v, float *const *out, struct err *err)
{
    if (!m->prepared)
        return err_set(err, ERR_INVALID, "a Hessian product before hvp_prepare()");
    for (int k = 0; k < n_vectors; k++)
        ref_product(m, v[k], out[k]);
    return 0;
}

const struct backend backend_reference = {
    .name = "reference",
    .help = "plain C in double precision: slow, the definition the other devices are checked against",
    .probe = reference_probe,
    .supports = ref_supports,
    .open = reference_open,
    .close = reference_close,
    .memory_bytes = reference_memory_bytes,
    .vec_new = reference_vec_new,
    .vec_free = reference_vec_free,
    .vec_write = reference_vec_write,
    .vec_read = reference_vec_read,
    .vec_zero = reference_vec_zero,
    .vec_copy = reference_vec_copy,
    .vec_scale = reference_vec_scale,
    .vec_axpy = reference_vec_axpy,
    .vec_dot = reference_vec_dot,
    .sgd = reference_sgd,
    .sam_norm = reference_sam_norm,
    .sam_perturb = reference_sam_perturb,
    .load = reference_load,
    .gradient = reference_gradient,
    .again = reference_again,
    .logits = reference_logits,
    .features = reference_features,
    .losses = reference_losses,
    .hvp_prepare = reference_hvp_prepare,
    .hvp = reference_hvp,
    .forward = ref_piece_forward,
    .output = ref_piece_output,
    .features_back = true,
    .backward = ref_piece_backward,
    .r_forward = ref_piece_r_forward,
    .r_output = ref_piece_r_output,
    .r_backward = ref_piece_r_backward,
};
