#include "config.h"
#include "engine/optim/scales.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

/* --- life ---------------------------------------------------------------------------------------------------------- */

int scales_init(struct scales *c, const struct backend *backend, struct model *model, const struct net *net, struct err *err)
{
    const size_t classes = (size_t)net->classes, weights = classes * (size_t)net->features;
    *c = (struct scales){ 0 };
    if (net->head != HEAD_LINEAR || net->head_bias != net->head_weight + weights)
        return err_set(err, ERR_INVALID, "%s has a normalised classifier, which scales of its rows do not change; head linear is accepted",
                       net->name);
    *c = (struct scales){ .backend = backend, .model = model, .first = net->head_weight, .count = weights + classes,
                          .classes = net->classes, .features = net->features };
    c->classifier = calloc(c->count, sizeof *c->classifier);
    c->host = calloc(c->count, sizeof *c->host);
    c->s = calloc(classes, sizeof *c->s);
    c->momentum = calloc(classes, sizeof *c->momentum);
    c->gradient = calloc(classes, sizeof *c->gradient);
    c->moved = calloc(classes, sizeof *c->moved);
    if (!c->classifier || !c->host || !c->s || !c->momentum || !c->gradient || !c->moved) {
        scales_release(c);
        return err_set(err, ERR_MEMORY, "no memory for the scales of %zu classes", classes);
    }
    for (size_t j = 0; j < classes; j++)
        c->s[j] = 1;
    return 0;
}

void scales_release(struct scales *c)
{
    free(c->classifier);
    free(c->host);
    free(c->s);
    free(c->momentum);
    free(c->gradient);
    free(c->moved);
    *c = (struct scales){ 0 };
}

size_t scales_memory(const struct scales *c)
{
    return 2 * c->count * sizeof *c->host + (size_t)c->classes * (3 * sizeof *c->s + sizeof *c->gradient);
}

/* --- the Jacobian -------------------------------------------------------------------------------------------------- */

void scales_spread(int classes, int features, const float *classifier, const float *s, float *out)
{
    const size_t k = (size_t)classes, d = (size_t)features;
    for (size_t j = 0; j < k; j++)
        for (size_t f = 0; f < d; f++)
            out[j * d + f] = s[j] * classifier[j * d + f];
    for (size_t j = 0; j < k; j++)
        out[k * d + j] = s[j] * classifier[k * d + j];
}

void scales_gather(int classes, int features, const float *classifier, const float *rows, double *s)
{
    const size_t k = (size_t)classes, d = (size_t)features;
    for (size_t j = 0; j < k; j++) {
        s[j] = (double)classifier[k * d + j] * rows[k * d + j];
        for (size_t f = 0; f < d; f++)
            s[j] += (double)classifier[j * d + f] * rows[j * d + f];
    }
}

/* --- between passes ------------------------------------------------------------------------------------------------ */

void scales_begin(struct scales *c, const float *w)
{
    c->backend->vec_read(c->model, c->classifier, w + c->first, c->count);
    for (int j = 0; j < c->classes; j++) {
        c->s[j] = 1;
        c->momentum[j] = 0;
    }
}

void scales_apply(const struct scales *c, const float *s, float *w)
{
    scales_spread(c->classes, c->features, c->classifier, s, c->host);
    c->backend->vec_write(c->model, w + c->first, c->host, c->count);
}

double scales_take_gradient(struct scales *c, const float *gradient)
{
    double square = 0;
    c->backend->vec_read(c->model, c->host, gradient + c->first, c->count);
    scales_gather(c->classes, c->features, c->classifier, c->host, c->gradient);
    for (int j = 0; j < c->classes; j++)
        square += c->gradient[j] * c->gradient[j];
    return sqrt(square);
}

double scales_reach(const struct scales *c)
{
    double square = 0;
    for (int j = 0; j < c->classes; j++) {
        const double x = (double)c->s[j] * c->gradient[j];
        square += x * x;
    }
    return sqrt(square);
}

void scales_climb(struct scales *c, double scale, bool adaptive, float *moved)
{
    for (int j = 0; j < c->classes; j++) {
        const double s = c->s[j], e = scale * c->gradient[j];
        c->moved[j] = (float)(s + (adaptive ? s * s * e : e));
    }
    scales_apply(c, c->moved, moved);
}

void scales_descend(struct scales *c, const struct sgd_step *step, float *w)
{
    for (int j = 0; j < c->classes; j++) {
        const double d = c->gradient[j] + (double)step->weight_decay * c->s[j], b = (double)step->momentum * c->momentum[j] + d;
        c->momentum[j] = (float)b;
        c->s[j] = (float)(c->s[j] - (double)step->lr * (step->nesterov ? d + (double)step->momentum * b : b));
    }
    scales_apply(c, c->s, w);
}
