#include "config.h"
#include "engine/probe/direction.h"

#include <math.h>

#include "base/err.h"
#include "engine/probe/probe.h"

static const double RESIDUAL = 1e-2; /* share of |lambda| (methods 7.8) */

/* One round of Lanczos; its Ritz vector into d->v. */
static int converge(struct probe *p, bool high, const struct spectrum_plan *plan, struct probe_direction *d, struct err *err)
{
    const struct guest *g = p->guest;
    struct spectrum_result r;
    if (probe_spectrum(p, plan, err) < 0)
        return -1;
    struct spectrum *s = p->spectrum;
    while (!spectrum_done(s)) {
        if (probe_cancelled(p))
            return err_set(err, ERR_CANCELLED, "cancelled");
        if (spectrum_step(s, subject_apply, &p->subject, err) < 0)
            return -1;
        spectrum_status(s, &r);
        g->host->progress(g->ctx, "hessian", (uint64_t)r.products, (uint64_t)r.of, p->subject.class_index, s);
    }
    d->products += r.products;
    g->backend->vec_copy(curvature_op_model(p->subject.op), d->v, spectrum_vector(s, high, 0),
                         curvature_op_dimension(p->subject.op));
    return 0;
}

/* lambda = v'Hv and |H v - lambda v|, by a product of its own: the bound is not taken on trust. */
static int judge_direction(struct probe *p, struct probe_direction *d, struct err *err)
{
    const struct backend *b = p->guest->backend;
    struct model *m = curvature_op_model(p->subject.op);
    const float *v = d->v;
    size_t n = curvature_op_dimension(p->subject.op);
    if (subject_apply(&p->subject, 1, &v, &d->hv, err) < 0)
        return -1;
    d->products++;
    d->lambda = b->vec_dot(m, v, d->hv, n);
    b->vec_axpy(m, d->hv, (float)-d->lambda, v, n);
    d->residual = sqrt(b->vec_dot(m, d->hv, d->hv, n));
    b->vec_axpy(m, d->hv, (float)d->lambda, v, n);
    if (!isfinite(d->residual))
        return err_set(err, ERR_DIVERGED, "a Hessian product is not finite");
    d->reached = d->residual < RESIDUAL * fabs(d->lambda);
    return 0;
}

int direction_expand(struct probe *p, struct probe_direction *d, struct err *err)
{
    const struct backend *b = p->guest->backend;
    struct model *m = curvature_op_model(p->subject.op);
    const size_t n = curvature_op_dimension(p->subject.op);
    float *const vectors[] = { d->v, d->hv };
    if (n == p->guest->net->params.total)
        return 0;
    float *block = b->vec_new(m, n, err);
    for (int i = 0; block && i < 2; i++) {
        b->vec_copy(m, block, vectors[i], n);
        curvature_op_expand(p->subject.op, block, vectors[i]);
    }
    b->vec_free(m, block);
    return block ? 0 : -1;
}

int direction_find(struct probe *p, bool high, int iters, struct probe_direction *d, struct err *err)
{
    enum { ROUNDS = 5 };
    struct spectrum_plan plan = { .iters = iters, .runs = 1, .ends = 1, .keep = 1, .tol = RESIDUAL / 4,
                                  .seed = (uint64_t)knob_num(p->guest->knobs, KNOB_SEED), .which = (uint32_t)p->subject.class_index };
    *d = (struct probe_direction){ .v = d->v, .hv = d->hv };
    for (int round = 0; round < ROUNDS && !d->reached; round++) {
        if (converge(p, high, &plan, d, err) < 0 || judge_direction(p, d, err) < 0)
            return -1;
        plan.warm = d->v;
    }
    return direction_expand(p, d, err);
}
