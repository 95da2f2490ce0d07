#include "config.h"
#include "engine/optim/optim_private.h"

#include <math.h>
#include <string.h>

#include "base/err.h"

/* CC-SAM (methods 4.16): each class of a batch perturbs the linear classifier by its own gradient and radius. The network is passed once, forward and
 * backward; what lies behind the features is done here, for that the classes' classifiers differ. */

static const double TINY = 1e-12;

struct behind { /* host memory in o->rows; n images, K classes, F features */
    uint32_t n;
    size_t classes, features;
    double *p, *slope;         /* [K] */
    double *g_w, *g_b;         /* [K][F], [K] of the class at hand: its gradient, then its perturbation e */
    float *z, *f;              /* [n][K], [n][F] from the back end */
    float *upstream, *past;    /* [n][K], [n][F]: dL/dz; dL/df past the classifier at w */
    float *row;                /* [K]: outputs under the class's classifier */
};

static int lay_behind(const struct step *s, struct behind *h)
{
    struct optim *o = s->o;
    h->n = s->task->batch->n;
    h->classes = (size_t)o->net->classes;
    h->features = (size_t)o->net->features;
    const size_t n = h->n, k = h->classes, f = h->features;
    const size_t bytes = (3 * k + k * f) * sizeof(double) + (2 * n * (k + f) + k) * sizeof(float);
    if (optim_rows(s, bytes) < 0)
        return -1;
    h->p = o->rows;
    h->slope = h->p + k;
    h->g_b = h->slope + k;
    h->g_w = h->g_b + k;
    h->z = (float *)(h->g_w + k * f);
    h->f = h->z + n * k;
    h->upstream = h->f + n * f;
    h->past = h->upstream + n * k;
    h->row = h->past + n * f;
    memset(h->upstream, 0, n * k * sizeof *h->upstream);
    memset(h->past, 0, n * f * sizeof *h->past);
    return 0;
}

/* What L sums for outputs z with this label, undivided; h->slope = its derivative (kernels/criterion.h, softmax). */
static double image_loss(const struct step *s, struct behind *h, const float *z, size_t label)
{
    const struct loss_coef *c = &s->task->criterion->coef;
    double top = -INFINITY, sum = 0, slope = 1;
    for (size_t k = 0; k < h->classes; k++) {
        h->p[k] = (double)c->scale[k] * (double)z[k] + (double)c->shift[k] - (k == label ? (double)c->margin[k] : 0);
        top = h->p[k] > top ? h->p[k] : top;
    }
    const double own = h->p[label] - top, weight = (double)c->weight[label];
    for (size_t k = 0; k < h->classes; k++)
        sum += h->p[k] = exp(h->p[k] - top);
    const double l = weight * (log(sum) - own), u = -expm1(-l), g = (double)c->gamma;
    if (c->focal)
        slope = pow(u, g) * (1 + g * exp(-l) * (u > 0 ? l / u : 1));
    for (size_t k = 0; k < h->classes; k++)
        h->slope[k] = slope * weight * (double)c->scale[k] * (h->p[k] / sum - (k == label));
    return c->focal ? pow(u, g) * l : l;
}

static double image_share(const struct batch *b, uint32_t image)
{
    return b->weights ? (double)b->weights[image] : 1;
}

static double label_share(const struct batch *b, const struct behind *h, uint32_t image, size_t label)
{
    return b->targets ? (double)b->targets[image * h->classes + label] : (size_t)b->labels[image] == label;
}

/* D of kernels/criterion.h, of soft labels or of the labels alone. */
static double batch_divisor(const struct step *s, const struct behind *h, bool soft)
{
    const struct batch *b = s->task->batch;
    const struct loss_coef *c = &s->task->criterion->coef;
    double sum = 0;
    if (c->divisor > 0 || c->reduction == REDUCE_BATCH_MEAN)
        return c->divisor > 0 ? c->divisor : h->n;
    for (uint32_t i = 0; i < h->n; i++)
        for (size_t k = 0; k < h->classes; k++)
            sum += image_share(b, i) * (soft ? label_share(b, h, i, k) : (size_t)b->labels[i] == k) * (double)c->weight[k];
    return sum;
}

static void add_slope(const struct behind *h, uint32_t image, double factor)
{
    for (size_t k = 0; k < h->classes; k++)
        h->upstream[image * h->classes + k] += (float)(factor * h->slope[k]);
}

static bool finds_label(const struct behind *h, const float *z, size_t label)
{
    size_t best = 0;
    for (size_t k = 1; k < h->classes; k++)
        best = z[k] > z[best] ? k : best;
    return best == label && !isnan(z[label]);
}

/* L at w, and (1 - phi) of its derivative. */
static void plain_term(const struct step *s, struct behind *h)
{
    const struct batch *b = s->task->batch;
    struct pass_result *r = &s->result->first;
    r->loss = 0;
    r->weight_sum = batch_divisor(s, h, true);
    for (uint32_t i = 0; i < h->n; i++) {
        const float *z = h->z + i * h->classes;
        double image = 0;
        for (size_t k = 0; k < h->classes; k++) {
            const double t = label_share(b, h, i, k);
            if (!(t > 0) || !(image_share(b, i) > 0))
                continue;
            image += image_share(b, i) * t * image_loss(s, h, z, k);
            add_slope(h, i, (1 - s->k->ccsam_phi) * image_share(b, i) * t / r->weight_sum);
        }
        r->loss += image / r->weight_sum;
        r->correct += finds_label(h, z, (size_t)b->labels[i]);
        if (s->o->losses)
            s->o->losses[i] = image;
    }
}

static void add_outer(const struct step *s, struct behind *h, uint32_t image, size_t label, double factor)
{
    (void)image_loss(s, h, h->z + image * h->classes, label);
    for (size_t k = 0; k < h->classes; k++) {
        h->g_b[k] += factor * h->slope[k];
        for (size_t f = 0; f < h->features; f++)
            h->g_w[k * h->features + f] += factor * h->slope[k] * (double)h->f[image * h->features + f];
    }
}

/* The gradient of the class's mean loss, of soft labels, in the classifier; false: no image is of it. */
static bool class_gradient(const struct step *s, struct behind *h, size_t class)
{
    const struct batch *b = s->task->batch;
    uint32_t images = 0;
    for (uint32_t i = 0; i < h->n; i++)
        images += (size_t)b->labels[i] == class;
    if (images == 0)
        return false;
    memset(h->g_b, 0, (h->classes + h->classes * h->features) * sizeof *h->g_b);
    for (uint32_t i = 0; i < h->n; i++) {
        if ((size_t)b->labels[i] != class)
            continue;
        for (size_t label = 0; label < h->classes; label++)
            if (label_share(b, h, i, label) > 0)
                add_outer(s, h, i, label, label_share(b, h, i, label) / images);
    }
    return true;
}

static double tensor_length(const double *x, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += x[i] * x[i];
    return sqrt(sum);
}

double optim_class_reach(double images)
{
    return pow(fmax(images - 1, 1), -0.25);
}

/* A tensor's gradient becomes its perturbation, of length a sqrt(theta/2 / |G|) (P/(n_c - 1))^(1/4); one of 0 stays. */
static void perturb(double *g, size_t n, double scale)
{
    const double norm = tensor_length(g, n);
    for (size_t i = 0; i < n; i++)
        g[i] = norm > TINY ? g[i] * scale / (norm * sqrt(norm)) : 0;
}

/* The images of the class under its own classifier: their part of the loss, and phi of its derivative. */
static double perturbed_images(const struct step *s, struct behind *h, size_t class, double divisor)
{
    const struct batch *b = s->task->batch;
    double loss = 0;
    for (uint32_t i = 0; i < h->n; i++) {
        if ((size_t)b->labels[i] != class)
            continue;
        const float *f = h->f + i * h->features;
        for (size_t k = 0; k < h->classes; k++) {
            double z = (double)h->z[i * h->classes + k] + h->g_b[k];
            for (size_t j = 0; j < h->features; j++)
                z += h->g_w[k * h->features + j] * (double)f[j];
            h->row[k] = (float)z;
        }
        const double factor = s->k->ccsam_phi * image_share(b, i) / divisor;
        loss += image_share(b, i) * image_loss(s, h, h->row, class) / divisor;
        add_slope(h, i, factor);
        for (size_t j = 0; j < h->features; j++) {
            double past = 0;
            for (size_t k = 0; k < h->classes; k++)
                past += h->slope[k] * h->g_w[k * h->features + j];
            h->past[i * h->features + j] = (float)(factor * past);
        }
    }
    return loss;
}

static void perturbed_term(const struct step *s, struct behind *h)
{
    const struct net *net = s->o->net;
    const struct backend *b = s->o->backend;
    const size_t weights = h->classes * h->features;
    const float *w = s->task->w + net->head_weight, *bias = s->task->w + net->head_bias;
    const double theta = sqrt(b->vec_dot(s->o->model, w, w, weights) + b->vec_dot(s->o->model, bias, bias, h->classes));
    const double divisor = batch_divisor(s, h, false), all = (double)(weights + h->classes);
    s->result->second.loss = 0;
    for (size_t class = 0; class < h->classes; class++) {
        if (!class_gradient(s, h, class))
            continue;
        const double scale = s->k->ccsam_a * sqrt(theta / 2) * pow(all, 0.25) * optim_class_reach(s->k->class_images[class]);
        perturb(h->g_w, weights, scale);
        perturb(h->g_b, h->classes, scale);
        s->result->second.loss += perturbed_images(s, h, class, divisor);
    }
}

int optim_check(const struct backend *backend, enum optimiser kind, struct err *err)
{
    if (optimiser_table[kind].way != WAY_CLASSES || backend->features_back)
        return 0;
    return err_set(err, ERR_DEVICE, "opt %s: %s takes no gradient of the features from outside; accepted with it: device cpu, device reference",
                   optimiser_table[kind].name, backend->name);
}

static int refuse(const struct step *s)
{
    const struct optim *o = s->o;
    if (optim_check(o->backend, s->k->kind, s->err) < 0)
        return -1;
    if (s->task->criterion->kind != CRITERION_SOFTMAX || o->net->head != HEAD_LINEAR)
        return err_set(s->err, ERR_INVALID, "opt ccsam perturbs a linear classifier under softmax losses; this loss is another");
    return 0;
}

int optim_classwise(const struct step *s)
{
    struct optim *o = s->o;
    struct optimiser_result *r = s->result;
    struct behind h;
    if (!(s->k->ccsam_a > 0) || !(s->k->ccsam_phi > 0))
        return optim_first_pass(s);
    const struct pass pass = { .params = s->task->w, .stats = s->task->stats, .mode = o->norm == NORM_RUNNING ? PASS_EVAL : PASS_TRAIN,
                               .update_stats = o->norm == NORM_MOVING, .criterion = s->task->criterion };
    if (refuse(s) < 0 || lay_behind(s, &h) < 0 || o->backend->load(o->model, s->task->batch, s->err) < 0 ||
        o->backend->forward(o->model, &pass, s->err) < 0)
        return -1;
    o->backend->output(o->model, 0, h.z);
    o->backend->features(o->model, h.f);
    plain_term(s, &h);
    perturbed_term(s, &h);
    if (optim_check_finite(s, "", r->first.loss, 0) < 0 || optim_check_finite(s, " under the perturbed classifiers", r->second.loss, 0) < 0)
        return -1;
    const float *upstream[1 + NET_MAX_OUTPUTS] = { h.upstream };
    if (o->backend->backward(o->model, upstream, h.past, o->g, s->err) < 0)
        return -1;
    r->norm = optim_norm(o, s->task->w, o->g, false);
    return optim_check_finite(s, "", r->first.loss, r->norm);
}
