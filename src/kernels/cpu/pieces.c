#include "config.h"
#include "kernels/cpu/pieces.h"

#include <string.h>

#include "base/err.h"
#include "kernels/cpu/general.h"

/* A pass in pieces (kernels/backend.h): what comes before and behind a criterion that is someone else's. It always keeps the units'
 * gradients, as hvp_prepare() does. */

static int refuse_order(struct err *err, const char *what, const char *before)
{
    return err_set(err, ERR_USAGE, "%s() needs %s() on the loaded batch", what, before);
}

static bool is_plain_pass(const struct model *m)
{
    return !m->general.on;
}

static struct slot *slot_of(struct model *m)
{
    return &m->slots[m->slot];
}

/* --- forward ------------------------------------------------------------------------------------------------------- */

static void classify_images(struct model *m, const struct span *s, int unit)
{
    if (is_plain_pass(m))
        forward_finish(m, s, unit);
    for (int i = 0; i < s->n; i++)
        head_classify(m, s->first + i, image_at(&m->layers[unit].act, s->at + i), s->worker);
}

int piece_forward(struct model *m, const struct pass *pass, struct err *err)
{
    struct unit_step steps[NET_MAX_UNITS + 1];
    struct pass whole = *pass;
    whole.head_only = false;
    if (m->n <= 0)
        return err_set(err, ERR_USAGE, "no batch is loaded");
    if (backend_check_pass(m->net, (uint32_t)m->n, m->of_features, MATH_FP32, &whole, err) < 0)
        return -1;
    model_begin_pass(m, &whole, true, true, true);
    model_load_parameters(m);
    int n = 0;
    if (is_plain_pass(m))
        n = steps_forward(m, steps);
    else
        general_run_forward(m);
    steps[n++] = (struct unit_step){ classify_images, NULL, m->net->head_in };
    steps_run(m, steps, n, true);
    for (int k = 0; k < m->n_slots; k++)
        m->slots[k].prepared = false;
    slot_of(m)->forward = true;
    if (m->used < (m->train ? 2 : 1))
        m->used = m->train ? 2 : 1;
    return 0;
}

static void put_output(const struct model *m, int which, bool along, float *host)
{
    const struct direction *d = &m->directions[0];
    if (which == 0) {
        const size_t classes = (size_t)m->net->classes;
        memcpy(host, (along ? d->head.logits : m->head.logits) + m->base * classes, m->n * classes * sizeof *host);
        return;
    }
    const int unit = m->net->outputs[which - 1].unit;
    const size_t channels = (size_t)m->net->units[unit].channels;
    for (int i = 0; i < m->n; i++)
        memcpy(host + i * channels, along ? image_at(&d->layers[unit].act, i) : image_at(&m->layers[unit].act, m->base + i),
               channels * sizeof *host);
}

void piece_output(struct model *m, int which, float *host)
{
    if (slot_of(m)->forward)
        put_output(m, which, false, host);
}

/* --- backward ------------------------------------------------------------------------------------------------------ */

static void take_upstream(const struct model *m, const float *upstream, float *gz)
{
    const size_t classes = (size_t)m->net->classes;
    if (upstream)
        memcpy(gz + m->base * classes, upstream, m->n * classes * sizeof *gz);
    else
        memset(gz + m->base * classes, 0, m->n * classes * sizeof *gz);
}

static void back_images(struct model *m, const struct span *s, int unit)
{
    const struct head *h = &m->head;
    const struct scratch *w = &m->scratch[s->worker];
    const struct layer *l = &m->layers[unit];
    for (int i = 0; i < s->n; i++) {
        const float *feature = h->feature + (size_t)(s->first + i) * h->features;
        const float *past = h->past ? h->past + ((size_t)(s->first + i) - m->base) * h->features : NULL;
        for (int f = 0; f < h->features; f++) {
            w->u[f] = (double)feature[f];
            w->g[f] = 0;
        }
        head_back(m, s->first + i, s->worker);
        for (int f = 0; past && f < h->features; f++)
            w->g[f] += (double)past[f];
        head_spread(l, w->g, h->features, grad_at(m, l, s->at + i));
        if (is_plain_pass(m))
            backward_close(m, s, unit, i);
    }
}

int piece_backward(struct model *m, const float *const *upstream, const float *features, float *grad, struct err *err)
{
    struct unit_step steps[NET_MAX_UNITS + 1] = { { back_images, is_plain_pass(m) ? bn_reduce_backward : NULL, m->net->head_in } };
    if (!slot_of(m)->forward)
        return refuse_order(err, "backward", "forward");
    m->gradient = grad;
    m->want_grad = grad;
    take_upstream(m, upstream[0], m->head.gz);
    m->head.past = features;
    steps_run(m, steps, is_plain_pass(m) ? 1 + steps_backward(m, steps + 1) : 1, true);
    if (!is_plain_pass(m)) {
        general_begin_gradients(m, upstream, false);
        general_run_backward(m);
    }
    if (grad)
        model_store_gradient(m, grad);
    else
        head_gradient(m, NULL);
    slot_of(m)->backward = true;
    return 0;
}

/* --- along a direction --------------------------------------------------------------------------------------------- */

static void r_classify_images(struct model *m, const struct span *s, int unit)
{
    const struct direction *d = &m->directions[0];
    if (is_plain_pass(m))
        r_forward_finish(m, s, unit, 0, s->n);
    for (int i = 0; i < s->n; i++)
        r_head_classify(m, &d->head, s->first + i, image_at(&d->layers[unit].act, s->r_at + i), s->worker);
}

int piece_r_forward(struct model *m, const float *v, struct err *err)
{
    struct unit_step steps[NET_MAX_UNITS + 1];
    int n = 0;
    if (!slot_of(m)->forward)
        return refuse_order(err, "r_forward", "forward");
    for (int k = 0; k < m->n_slots; k++)
        m->slots[k].along = false;
    m->n_directions = 1;
    m->directions[0].v = v;
    model_load_directions(m);
    if (is_plain_pass(m))
        n = steps_r_forward(m, steps);
    else
        general_r_forward(m);
    steps[n++] = (struct unit_step){ r_classify_images, NULL, m->net->head_in };
    steps_run(m, steps, n, true);
    slot_of(m)->along = true;
    return 0;
}

void piece_r_output(struct model *m, int which, float *host)
{
    if (slot_of(m)->forward && slot_of(m)->along)
        put_output(m, which, true, host);
}

static void r_back_images(struct model *m, const struct span *s, int unit)
{
    const struct direction *d = &m->directions[0];
    const struct r_layer *r = &d->layers[unit];
    const struct scratch *w = &m->scratch[s->worker];
    for (int i = 0; i < s->n; i++) {
        const double along = r_head_classify(m, &d->head, s->first + i, image_at(&r->act, s->r_at + i), s->worker);
        memset(w->rg, 0, (size_t)m->head.features * sizeof *w->rg);
        r_head_back(m, &d->head, s->first + i, along, s->worker);
        head_spread(&m->layers[unit], w->rg, m->head.features, image_at(&r->grad, s->r_at + i));
        if (is_plain_pass(m))
            r_backward_close(m, s, d, unit, i);
    }
}

int piece_r_backward(struct model *m, const float *const *r_upstream, float *out, struct err *err)
{
    struct unit_step steps[NET_MAX_UNITS + 1] = { { r_back_images, is_plain_pass(m) ? bn_reduce_r_backward : NULL, m->net->head_in } };
    if (!slot_of(m)->forward || !slot_of(m)->backward || !slot_of(m)->along)
        return refuse_order(err, "r_backward", slot_of(m)->backward ? "r_forward" : "backward");
    m->directions[0].out = out;
    take_upstream(m, r_upstream[0], m->directions[0].head.gz);
    steps_run(m, steps, is_plain_pass(m) ? 1 + steps_r_backward(m, steps + 1) : 1, true);
    if (!is_plain_pass(m)) {
        general_begin_gradients(m, r_upstream, true);
        general_r_backward(m);
    }
    r_head_outer(m);
    model_store_product(m, &m->directions[0]);
    return 0;
}
