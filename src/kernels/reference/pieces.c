#include "config.h"
#include "kernels/reference/reference.h"

#include "base/err.h"

/* A pass in pieces: what comes before and behind a criterion that is someone else's. */

int ref_piece_forward(struct model *m, const struct pass *pass, struct err *err)
{
    struct pass whole = *pass;
    whole.head_only = false;
    if (ref_begin_pass(m, &whole, NULL, CRITERION_GRADIENT, err) < 0)
        return -1;
    ref_forward(m);
    if (pass->update_stats && pass->mode == PASS_TRAIN)
        ref_update_stats(m, pass->stats);
    m->forward = m->computed = true;
    return 0;
}

static void store_output(const struct model *m, int which, bool r, float *host)
{
    const double *x = r ? m->head.r_logit : m->head.logit;
    size_t row = (size_t)m->net->classes, step = row;
    if (which > 0) {
        const struct unit_state *s = &m->unit[m->net->outputs[which - 1].unit];
        x = (r ? s->r_out : s->out) + ref_at(&s->grid, 0, 0);
        row = (size_t)s->grid.channels;
        step = ref_padded(&s->grid);
    }
    for (uint32_t i = 0; i < m->n; i++, x += step)
        for (size_t k = 0; k < row; k++)
            *host++ = (float)x[k];
}

void ref_piece_output(struct model *m, int which, float *host)
{
    if (m->forward)
        store_output(m, which, false, host);
}

void ref_piece_r_output(struct model *m, int which, float *host)
{
    if (m->along)
        store_output(m, which, true, host);
}

static void take_outside(double *to, const float *from, size_t n)
{
    for (size_t k = 0; k < n; k++)
        to[k] = from ? (double)from[k] : 0;
}

/* The classifier's part, and what reaches the features past it. */
static void take_upstream(const struct model *m, const float *upstream, const float *features, double *g_logit, double *g_feature)
{
    take_outside(g_logit, upstream, (size_t)m->n * (size_t)m->net->classes);
    take_outside(g_feature, features, (size_t)m->n * (size_t)m->net->features);
}

int ref_piece_backward(struct model *m, const float *const *upstream, const float *features, float *grad, struct err *err)
{
    if (!m->forward)
        return err_set(err, ERR_INVALID, "backward() before forward()");
    take_upstream(m, upstream[0], features, m->head.g_logit, m->head.g_feature);
    ref_backward(m, upstream + 1, grad);
    m->backward = true;
    return 0;
}

int ref_piece_r_forward(struct model *m, const float *v, struct err *err)
{
    if (!m->forward)
        return err_set(err, ERR_INVALID, "r_forward() before forward()");
    if (ref_need_products(m, err) < 0)
        return -1;
    ref_r_forward(m, v);
    m->along = v;
    return 0;
}

int ref_piece_r_backward(struct model *m, const float *const *r_upstream, float *out, struct err *err)
{
    if (!m->backward || !m->along)
        return err_set(err, ERR_INVALID, "r_backward() before %s", m->backward ? "r_forward()" : "backward()");
    take_upstream(m, r_upstream[0], NULL, m->head.r_g_logit, m->head.r_g_feature);
    ref_r_backward(m, m->along, r_upstream + 1, out);
    return 0;
}
