#include "config.h"
#include "engine/optim/optim_private.h"

#include <math.h>
#include <string.h>

#include "base/err.h"

/* CC-SAM (methods 4.16): each class of a batch perturbs the linear classifier by its own gradient and radius, or (its second stage) the features of its
 * images. The network is passed once, forward and backward; what lies behind the features is done here, for that differs from class to class. */

static const double TINY = 1e-12;

struct behind { /* host memory in o->rows; n images, K classes, F features */
    uint32_t n;
    size_t classes, features;
    double *p, *slope;         /* [K] */
    double *g_w, *g_b;         /* [K][F], [K] of the class at hand: its gradient, then its perturbation e. Of shifted features: what their shifts add to dL/dw */
    double *w;                 /* [K][F] the classifier's weights, where features are shifted */
    float *z, *f;              /* [n][K], [n][F] from the back end */
    float *upstream, *past;    /* [n][K], [n][F]: dL/dz; dL/df past the classifier at w, or the shifts of the features */
    float *bias;               /* [K] of the classifier, the same */
    float *row;                /* [K]: outputs of an image as its class perturbs it */
};

static int lay_behind(const struct step *s, struct behind *h)
{
    struct optim *o = s->o;
    h->n = s->task->batch->n;
    h->classes = (size_t)o->net->classes;
    h->features = (size_t)o->net->features;
    const size_t n = h->n, k = h->classes, f = h->features;
    const size_t bytes = (3 * k + 2 * k * f) * sizeof(double) + (2 * n * (k + f) + 2 * k) * sizeof(float);
    if (optim_rows(s, bytes) < 0)
        return -1;
    h->p = o->rows;
    h->slope = h->p + k;
    h->g_b = h->slope + k;
    h->g_w = h->g_b + k;
    h->w = h->g_w + k * f;
    h->z = (float *)(h->w + k * f);
    h->f = h->z + n * k;
    h->upstream = h->f + n * f;
    h->past = h->upstream + n * k;
    h->bias = h->past + n * f;
    h->row = h->bias + k;
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

static uint32_t images_of(const struct step *s, const struct behind *h, size_t class)
{
    uint32_t images = 0;
    for (uint32_t i = 0; i < h->n; i++)
        images += (size_t)s->task->batch->labels[i] == class;
    return images;
}

/* The gradient of the class's mean loss, of soft labels, in the classifier; false: no image is of it. */
static bool class_gradient(const struct step *s, struct behind *h, size_t class)
{
    const struct batch *b = s->task->batch;
    const uint32_t images = images_of(s, h, class);
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

/* h->row = z + m x (+ bias). */
static void move_row(struct behind *h, const float *z, const double *m, const double *bias, const float *x)
{
    for (size_t k = 0; k < h->classes; k++) {
        double sum = (double)z[k] + (bias ? bias[k] : 0);
        for (size_t j = 0; j < h->features; j++)
            sum += m[k * h->features + j] * (double)x[j];
        h->row[k] = (float)sum;
    }
}

/* out += factor m^T slope */
static void add_back(const struct behind *h, const double *m, double factor, float *out)
{
    for (size_t j = 0; j < h->features; j++) {
        double sum = 0;
        for (size_t k = 0; k < h->classes; k++)
            sum += h->slope[k] * m[k * h->features + j];
        out[j] += (float)(factor * sum);
    }
}

/* The images of the class under its own classifier: their part of the loss, and phi of its derivative. */
static double perturbed_images(const struct step *s, struct behind *h, size_t class, double divisor)
{
    const struct batch *b = s->task->batch;
    double loss = 0;
    for (uint32_t i = 0; i < h->n; i++) {
        if ((size_t)b->labels[i] != class)
            continue;
        move_row(h, h->z + i * h->classes, h->g_w, h->g_b, h->f + i * h->features);
        const double factor = s->k->ccsam_phi * image_share(b, i) / divisor;
        loss += image_share(b, i) * image_loss(s, h, h->row, class) / divisor;
        add_slope(h, i, factor);
        add_back(h, h->g_w, factor, h->past + i * h->features);
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

/* --- each class shifts the features of its images --- */

double optim_class_shift(double images, double most)
{
    return log(most / images + 0.01) / 2;
}

/* The class's mean loss, of soft labels, differentiated in the features of its images, into their rows of h->past; the length of all of them. */
static double feature_gradients(const struct step *s, struct behind *h, size_t class, uint32_t images)
{
    const struct batch *b = s->task->batch;
    double sum = 0;
    for (uint32_t i = 0; i < h->n; i++) {
        if ((size_t)b->labels[i] != class)
            continue;
        float *g = h->past + i * h->features;
        for (size_t label = 0; label < h->classes; label++) {
            if (!(label_share(b, h, i, label) > 0))
                continue;
            (void)image_loss(s, h, h->z + i * h->classes, label);
            add_back(h, h->w, label_share(b, h, i, label) / images, g);
        }
        for (size_t j = 0; j < h->features; j++)
            sum += (double)g[j] * (double)g[j];
    }
    return sqrt(sum);
}

/* The images of the class with their features shifted: their part of the loss, and phi of its derivative. */
static double shifted_images(const struct step *s, struct behind *h, size_t class, double length, double omega, double divisor)
{
    const struct batch *b = s->task->batch;
    double loss = 0;
    for (uint32_t i = 0; i < h->n; i++) {
        if ((size_t)b->labels[i] != class)
            continue;
        float *shift = h->past + i * h->features;
        for (size_t j = 0; j < h->features; j++)
            shift[j] = length > TINY ? (float)(omega * (double)shift[j] / length) : 0;
        move_row(h, h->z + i * h->classes, h->w, NULL, shift);
        const double share = omega * image_share(b, i) / divisor, factor = s->k->ccsam_phi * share;
        loss += share * image_loss(s, h, h->row, class);
        add_slope(h, i, factor);
        for (size_t k = 0; k < h->classes; k++)
            for (size_t j = 0; j < h->features; j++)
                h->g_w[k * h->features + j] += factor * h->slope[k] * (double)shift[j];
    }
    return loss;
}

static void shifted_term(const struct step *s, struct behind *h)
{
    const double divisor = batch_divisor(s, h, false);
    double most = 0;
    for (size_t class = 0; class < h->classes; class++)
        most = fmax(most, s->k->class_images[class]);
    memset(h->g_w, 0, h->classes * h->features * sizeof *h->g_w);
    s->result->second.loss = 0;
    for (size_t class = 0; class < h->classes; class++) {
        const uint32_t images = images_of(s, h, class);
        if (images == 0)
            continue;
        const double length = feature_gradients(s, h, class, images), omega = optim_class_shift(s->k->class_images[class], most);
        s->result->second.loss += shifted_images(s, h, class, length, omega, divisor);
    }
}

/* --- the step --- */

int optim_check(const struct backend *backend, enum optimiser kind, struct err *err)
{
    if (optimiser_table[kind].way != WAY_CLASSES || backend->features_back)
        return 0;
    return err_set(err, ERR_DEVICE, "steps of %s hand over a gradient of the features, which %s does not take; accepted with them: device cpu, device reference",
                   optimiser_table[kind].name, backend->name);
}

static int refuse(const struct step *s)
{
    const struct optim *o = s->o;
    if (optim_check(o->backend, s->k->kind, s->err) < 0)
        return -1;
    if (s->task->criterion->kind != CRITERION_SOFTMAX || o->net->head != HEAD_LINEAR)
        return err_set(s->err, ERR_INVALID, "opt ccsam perturbs a linear classifier under softmax losses; this loss is another");
    if (s->task->batch->features && !s->k->ccsam_shifts)
        return err_set(s->err, ERR_INVALID, "opt ccsam goes back through the network, and this batch is of features; accepted with it: images");
    return 0;
}

static void read_classifier(const struct step *s, struct behind *h)
{
    struct optim *o = s->o;
    const size_t weights = h->classes * h->features;
    o->backend->vec_read(o->model, o->host, s->task->w + o->net->head_weight, weights);
    for (size_t i = 0; i < weights; i++)
        h->w[i] = (double)o->host[i];
    o->backend->vec_read(o->model, h->bias, s->task->w + o->net->head_bias, h->classes);
}

static void write_head(const struct optim *o, size_t first, const double *g, size_t n)
{
    for (size_t i = 0; i < n; i++)
        o->host[i] = (float)g[i];
    o->backend->vec_write(o->model, o->g + first, o->host, n);
}

/* Features and outputs at w, of a forward pass or of a batch that is features already: the bits are the same where features are shifted. */
static int look_behind(const struct step *s, struct behind *h)
{
    struct optim *o = s->o;
    const struct batch *b = s->task->batch;
    const struct pass pass = { .params = s->task->w, .stats = s->task->stats, .mode = o->norm == NORM_RUNNING ? PASS_EVAL : PASS_TRAIN,
                               .update_stats = o->norm == NORM_MOVING, .criterion = s->task->criterion };
    if (b->features)
        memcpy(h->f, b->features, h->n * h->features * sizeof *h->f);
    else if (o->backend->load(o->model, b, s->err) < 0 || o->backend->forward(o->model, &pass, s->err) < 0)
        return -1;
    else
        o->backend->features(o->model, h->f);
    if (!s->k->ccsam_shifts) {
        o->backend->output(o->model, 0, h->z);
        return 0;
    }
    read_classifier(s, h);
    for (uint32_t i = 0; i < h->n; i++) {
        move_row(h, h->bias, h->w, NULL, h->f + i * h->features);
        memcpy(h->z + i * h->classes, h->row, h->classes * sizeof *h->row);
    }
    return 0;
}

/* Where the classifier alone trains: its gradient, of dL/dz and of what came through shifts. */
static void classifier_gradient(const struct step *s, struct behind *h)
{
    struct optim *o = s->o;
    memset(h->g_b, 0, h->classes * sizeof *h->g_b);
    for (uint32_t i = 0; i < h->n; i++)
        for (size_t k = 0; k < h->classes; k++) {
            const double up = (double)h->upstream[i * h->classes + k];
            h->g_b[k] += up;
            for (size_t j = 0; j < h->features; j++)
                h->g_w[k * h->features + j] += up * (double)h->f[i * h->features + j];
        }
    write_head(o, o->net->head_weight, h->g_w, h->classes * h->features);
    write_head(o, o->net->head_bias, h->g_b, h->classes);
}

/* Otherwise the back end goes back through the network, and what came through shifts is added to the classifier's gradient. */
static int whole_gradient(const struct step *s, struct behind *h)
{
    struct optim *o = s->o;
    const size_t first = o->net->head_weight, weights = h->classes * h->features;
    const float *upstream[1 + NET_MAX_OUTPUTS] = { h->upstream };
    if (o->backend->backward(o->model, upstream, s->k->ccsam_shifts ? NULL : h->past, o->g, s->err) < 0)
        return -1;
    if (!s->k->ccsam_shifts)
        return 0;
    o->backend->vec_read(o->model, o->host, o->g + first, weights);
    for (size_t i = 0; i < weights; i++)
        h->g_w[i] += (double)o->host[i];
    write_head(o, first, h->g_w, weights);
    return 0;
}

int optim_classwise(const struct step *s)
{
    struct optim *o = s->o;
    struct optimiser_result *r = s->result;
    struct behind h;
    if (!(s->k->ccsam_phi > 0) || (!s->k->ccsam_shifts && !(s->k->ccsam_a > 0)))
        return optim_first_pass(s);
    if (refuse(s) < 0 || lay_behind(s, &h) < 0 || look_behind(s, &h) < 0)
        return -1;
    plain_term(s, &h);
    if (s->k->ccsam_shifts)
        shifted_term(s, &h);
    else
        perturbed_term(s, &h);
    if (optim_check_finite(s, "", r->first.loss, 0) < 0 || optim_check_finite(s, " as the classes perturb it", r->second.loss, 0) < 0)
        return -1;
    if (s->k->ccsam_shifts && o->head_only)
        classifier_gradient(s, &h);
    else if (whole_gradient(s, &h) < 0)
        return -1;
    r->norm = optim_norm(o, s->task->w, o->g, false);
    return optim_check_finite(s, "", r->first.loss, r->norm);
}
