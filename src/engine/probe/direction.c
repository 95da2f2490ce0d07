#include "config.h"
#include "engine/probe/direction.h"

#include <math.h>

#include "engine/run/trainer_private.h"

static const double RESIDUAL = 1e-2; /* share of |lambda| (spec 8) */

/* One round of Lanczos; its Ritz vector into v. */
static int converge(struct trainer *t, bool high, const struct spectrum_plan *plan, float *v, int *products, struct err *err)
{
    struct spectrum *s = t->probe.spectrum;
    struct model *m = curvature_op_model(t->subject.op);
    struct spectrum_result r;
    if (spectrum_start(s, plan, err) < 0)
        return -1;
    while (!spectrum_done(s)) {
        if (trainer_cancelled(t))
            return err_set(err, ERR_CANCELLED, "cancelled");
        if (spectrum_step(s, subject_apply, t, err) < 0)
            return -1;
        spectrum_status(s, &r);
        trainer_progress_of(t, "hessian", (uint64_t)r.products, (uint64_t)r.of, t->subject.class_index, s);
    }
    *products += r.products;
    t->backend->vec_copy(m, v, spectrum_vector(s, high, 0), t->net.params.total);
    return 0;
}

/* lambda = v'Hv and |H v - lambda v|, by a product of its own: the bound is not taken on trust. */
static int judge(struct trainer *t, const float *v, float *hv, struct direction *out, struct err *err)
{
    struct model *m = curvature_op_model(t->subject.op);
    size_t n = t->net.params.total;
    if (subject_apply(t, 1, &v, &hv, err) < 0)
        return -1;
    out->products++;
    out->lambda = t->backend->vec_dot(m, v, hv, n);
    t->backend->vec_axpy(m, hv, (float)-out->lambda, v, n);
    out->residual = sqrt(t->backend->vec_dot(m, hv, hv, n));
    t->backend->vec_axpy(m, hv, (float)out->lambda, v, n);
    if (!isfinite(out->residual))
        return err_set(err, ERR_DIVERGED, "a Hessian product is not finite");
    out->reached = out->residual < RESIDUAL * fabs(out->lambda);
    return 0;
}

int direction_find(struct trainer *t, bool high, int iters, float *v, float *hv, struct direction *out, struct err *err)
{
    enum { ROUNDS = 5 };
    struct spectrum_plan plan = { .iters = iters, .runs = 1, .ends = 1, .keep = 1, .tol = RESIDUAL / 4,
                                  .seed = (uint64_t)knob_num(&t->knobs, KNOB_SEED), .which = (uint32_t)t->subject.class_index };
    *out = (struct direction){ .products = 0 };
    for (int round = 0; round < ROUNDS && !out->reached; round++) {
        if (converge(t, high, &plan, v, &out->products, err) < 0 || judge(t, v, hv, out, err) < 0)
            return -1;
        plan.warm = v;
    }
    return 0;
}
