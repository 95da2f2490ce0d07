#include "config.h"
#include "engine/optim/frozen.h"

#include <math.h>

#include "base/err.h"

/* IB's factors of the first pass in the second (methods 3.7): a weight of each image of the cross-entropy inside the loss. */

struct factor_room { /* host memory in o->rows; n images, K classes, F features */
    float *weights;      /* [n] */
    float *f, *w, *bias; /* [n][F], [K][F], [K] */
    double *a;           /* [K] */
};

static int lay_factors(const struct step *s, struct factor_room *r)
{
    const struct net *net = s->o->net;
    const size_t n = s->task->batch->n, k = (size_t)net->classes, f = (size_t)net->features;
    if (optim_rows(s, k * sizeof *r->a + (n + n * f + k * f + k) * sizeof *r->f) < 0)
        return -1;
    r->a = s->o->rows;
    r->weights = (float *)(r->a + k);
    r->f = r->weights + n;
    r->w = r->f + n * f;
    r->bias = r->w + k * f;
    s->o->backend->features(s->o->model, r->f);
    s->o->backend->vec_read(s->o->model, r->w, s->task->w + net->head_weight, k * f);
    s->o->backend->vec_read(s->o->model, r->bias, s->task->w + net->head_bias, k);
    return 0;
}

/* 1 - p_y of adjusted outputs (kernels/criterion.h). */
static double missed(const struct step *s, const struct factor_room *r, const float *f, size_t label)
{
    const struct loss_coef *c = &s->task->criterion->coef;
    const size_t classes = (size_t)s->o->net->classes, features = (size_t)s->o->net->features;
    double top = -INFINITY, all = 0, others = 0;
    for (size_t k = 0; k < classes; k++) {
        double z = (double)r->bias[k];
        for (size_t j = 0; j < features; j++)
            z += (double)r->w[k * features + j] * (double)f[j];
        r->a[k] = (double)c->scale[k] * z + (double)c->shift[k] - (k == label ? (double)c->margin[k] : 0);
        top = fmax(top, r->a[k]);
    }
    for (size_t k = 0; k < classes; k++) {
        const double e = exp(r->a[k] - top);
        all += e;
        others += k == label ? 0 : e;
    }
    return others / all;
}

static double factor_at(const struct step *s, const struct factor_room *r, uint32_t image)
{
    const struct ib_coef *ib = &s->task->criterion->ib;
    const size_t features = (size_t)s->o->net->features;
    const float *f = r->f + image * features;
    double length = 0;
    for (size_t j = 0; j < features; j++)
        length += fabs((double)f[j]);
    return (double)ib->alpha / (2 * missed(s, r, f, (size_t)s->task->batch->labels[image]) * length + (double)ib->floor);
}

int optim_freeze(const struct step *s, struct frozen *out)
{
    const struct batch *b = s->task->batch;
    struct factor_room r;
    if (!b->labels || b->targets)
        return err_set(s->err, ERR_INVALID, "ib_factor frozen weighs images by their labels, and here are none, or soft ones");
    if (lay_factors(s, &r) < 0)
        return -1;
    for (uint32_t i = 0; i < b->n; i++)
        r.weights[i] = (float)(factor_at(s, &r, i) * (b->weights ? (double)b->weights[i] : 1));
    out->batch = *b;
    out->batch.weights = r.weights;
    out->criterion = *s->task->criterion;
    out->criterion.kind = CRITERION_SOFTMAX;
    out->criterion.coef.divisor = s->result->first.weight_sum;
    out->task = *s->task;
    out->task.batch = &out->batch;
    out->task.criterion = &out->criterion;
    out->step = *s;
    out->step.task = &out->task;
    return s->o->backend->load(s->o->model, &out->batch, s->err);
}
