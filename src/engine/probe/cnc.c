/* Theorem 2 measured (methods 8.2): how much of the gradient lies along v_min, for SGD and for three readings of SAM's step, over
 * mini-batches of one class, against what the theorem predicts. */
#include "config.h"
#include "engine/probe/probe.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/number.h"
#include "base/rng.h"
#include "engine/probe/direction.h"

enum { LINEAR, PLAIN, PRACTICAL, N_STEPS }; /* (a) with the full H, (b) unnormalised, (c) as SAM does it */
enum { RESAMPLES = 2000, DRAW_BATCH = 1 << 30, DRAW_RESAMPLE = 3 << 29 };

struct batch_result { /* of one mini-batch; squares, since only those are averaged */
    double a2, b2[N_STEPS], predicted; /* predicted: (1 + rho_z lmin)^2 A^2 */
};

struct cnc {
    struct probe *p;
    float *g, *moved, *up;        /* vectors of the subject's model, as are those of d */
    struct probe_direction d;
    double rho, gn, share;        /* sums of |g| and of rho_z lmin < -2 until the end */
    uint32_t n_batches, batch;
    uint32_t *pool;               /* [n_images] drawn from */
    struct batch_result *z;       /* [n_batches] */
    double a2, a2_se, ratio[N_STEPS], low[N_STEPS], high[N_STEPS], predicted[N_STEPS];
};

static void release_cnc(struct cnc *c)
{
    float *vectors[] = { c->d.v, c->d.hv, c->g, c->moved, c->up };
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++)
        c->p->guest->backend->vec_free(curvature_op_model(c->p->subject.op), vectors[i]);
    free(c->pool);
    free(c->z);
}

static int take_cnc(struct cnc *c, struct err *err)
{
    const struct guest *g = c->p->guest;
    const struct subject *s = &c->p->subject;
    float **vectors[] = { &c->d.v, &c->d.hv, &c->g, &c->moved, &c->up };
    c->pool = malloc(s->n_images * sizeof *c->pool);
    c->z = calloc(c->n_batches, sizeof *c->z);
    if (!c->pool || !c->z)
        return err_set(err, ERR_MEMORY, "no memory for %u batches", c->n_batches);
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++)
        if (!(*vectors[i] = g->backend->vec_new(curvature_op_model(s->op), g->net->params.total, err)))
            return -1;
    return 0;
}

/* --- one mini-batch ------------------------------------------------------------------------------------------------ */

/* Images of batch z: `batch` different ones of the subset, all alike likely. */
static int choose_batch(struct cnc *c, uint32_t z, struct err *err)
{
    struct subject *s = &c->p->subject;
    struct rng r;
    rng_init(&r, (uint64_t)knob_num(c->p->guest->knobs, KNOB_SEED), RNG_PROBE, (uint32_t)s->class_index | DRAW_BATCH, z);
    memcpy(c->pool, s->index, s->n_images * sizeof *c->pool);
    for (uint32_t i = 0; i < c->batch; i++) {
        uint32_t j = i + rng_below(&r, s->n_images - i), kept = c->pool[i];
        c->pool[i] = c->pool[j];
        c->pool[j] = kept;
    }
    const struct curvature_set set = { .images = s->set, .index = c->pool, .n = c->batch, .augment = &s->augment, .mode = s->mode,
                                       .criterion = &s->loss.criterion };
    return curvature_op_choose(s->op, &set, err);
}

/* <v, grad f_z(w + by g)>^2 */
static int project_moved(struct cnc *c, double by, double *square, struct err *err)
{
    const struct backend *b = c->p->guest->backend;
    struct curvature_op *op = c->p->subject.op;
    struct model *m = curvature_op_model(op);
    size_t n = c->p->guest->net->params.total;
    b->vec_copy(m, c->moved, curvature_op_params(op), n);
    b->vec_axpy(m, c->moved, (float)by, c->g, n);
    if (curvature_op_gradient(op, c->moved, c->up, NULL, err) < 0)
        return -1;
    double along = b->vec_dot(m, c->d.v, c->up, n);
    *square = along * along;
    return 0;
}

static int measure_batch(struct cnc *c, uint32_t z, struct err *err)
{
    const struct backend *b = c->p->guest->backend;
    struct curvature_op *op = c->p->subject.op;
    struct model *m = curvature_op_model(op);
    struct batch_result *r = &c->z[z];
    size_t n = c->p->guest->net->params.total;
    if (choose_batch(c, z, err) < 0 || curvature_op_gradient(op, NULL, c->g, NULL, err) < 0)
        return -1;
    double a = b->vec_dot(m, c->d.v, c->g, n), gn = sqrt(b->vec_dot(m, c->g, c->g, n));
    double linear = a + c->rho * b->vec_dot(m, c->d.hv, c->g, n); /* <v, H g> = <H v, g> */
    double rho_z = c->rho / (gn + 1e-12);
    r->a2 = a * a;
    r->b2[LINEAR] = linear * linear;
    r->predicted = (1 + rho_z * c->d.lambda) * (1 + rho_z * c->d.lambda) * r->a2;
    c->gn += gn;
    c->share += rho_z * c->d.lambda < -2;
    if (project_moved(c, c->rho, &r->b2[PLAIN], err) < 0 || project_moved(c, rho_z, &r->b2[PRACTICAL], err) < 0)
        return -1;
    if (!isfinite(r->b2[PLAIN]) || !isfinite(r->b2[PRACTICAL]))
        return err_set(err, ERR_DIVERGED, "the gradient at w + rho g is not finite; a smaller --rho may help");
    return 0;
}

/* --- averages ------------------------------------------------------------------------------------------------------ */

static int ascending_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Percentile interval of the ratios, batches drawn with replacement; numerator and denominator share their batches. */
static int bootstrap(struct cnc *c, struct err *err)
{
    double (*ratio)[RESAMPLES] = malloc(N_STEPS * sizeof *ratio);
    if (!ratio)
        return err_set(err, ERR_MEMORY, "no memory for %d resamples", RESAMPLES);
    for (uint32_t k = 0; k < RESAMPLES; k++) {
        struct rng r;
        double a2 = 0, b2[N_STEPS] = { 0 };
        rng_init(&r, (uint64_t)knob_num(c->p->guest->knobs, KNOB_SEED), RNG_PROBE, DRAW_RESAMPLE, k);
        for (uint32_t i = 0; i < c->n_batches; i++) {
            const struct batch_result *z = &c->z[rng_below(&r, c->n_batches)];
            a2 += z->a2;
            for (int s = 0; s < N_STEPS; s++)
                b2[s] += z->b2[s];
        }
        for (int s = 0; s < N_STEPS; s++)
            ratio[s][k] = b2[s] / a2;
    }
    for (int s = 0; s < N_STEPS; s++) {
        qsort(ratio[s], RESAMPLES, sizeof ratio[s][0], ascending_doubles);
        c->low[s] = ratio[s][RESAMPLES / 40];
        c->high[s] = ratio[s][RESAMPLES - 1 - RESAMPLES / 40];
    }
    free(ratio);
    return 0;
}

static int summarise(struct cnc *c, struct err *err)
{
    double square = 0, b2[N_STEPS] = { 0 }, predicted = 0, factor = 1 + c->rho * c->d.lambda;
    uint32_t n = c->n_batches;
    for (uint32_t i = 0; i < n; i++) {
        c->a2 += c->z[i].a2 / n;
        square += c->z[i].a2 * c->z[i].a2 / n;
        predicted += c->z[i].predicted / n;
        for (int s = 0; s < N_STEPS; s++)
            b2[s] += c->z[i].b2[s] / n;
    }
    c->a2_se = n > 1 ? sqrt(fmax(square - c->a2 * c->a2, 0) / (n - 1)) : NAN;
    for (int s = 0; s < N_STEPS; s++) {
        c->ratio[s] = b2[s] / c->a2;
        c->predicted[s] = s == PRACTICAL ? predicted / c->a2 : factor * factor;
    }
    c->gn /= n;
    c->share /= n;
    return bootstrap(c, err);
}

/* --- the event ----------------------------------------------------------------------------------------------------- */

static void emit_cnc(const struct cnc *c, double seconds)
{
    const struct subject *s = &c->p->subject;
    struct event *e = event_new(EVENT_CNC, s->of);
    if (!e)
        return;
    event_set_u64(e, EV_CNC_OF, s->of);
    event_set_f64(e, EV_CNC_EP, s->epoch);
    event_set_u64(e, EV_CNC_CLASS, (uint64_t)s->class_index);
    event_set_u64(e, EV_CNC_IMAGES, s->n_images);
    event_set_str(e, EV_CNC_SUBSET, s->subset);
    event_set_f64(e, EV_CNC_LMIN, c->d.lambda);
    event_set_f64(e, EV_CNC_RESIDUAL, c->d.residual);
    event_set_f64(e, EV_CNC_RHO, c->rho);
    event_set_u64(e, EV_CNC_BATCHES, c->n_batches);
    event_set_u64(e, EV_CNC_BATCH, c->batch);
    event_set_f64(e, EV_CNC_A2, c->a2);
    event_set_f64(e, EV_CNC_A2_SE, c->a2_se);
    event_set_f64s(e, EV_CNC_RATIO, c->ratio, N_STEPS);
    event_set_f64s(e, EV_CNC_LOW, c->low, N_STEPS);
    event_set_f64s(e, EV_CNC_HIGH, c->high, N_STEPS);
    event_set_f64s(e, EV_CNC_PREDICTED, c->predicted, N_STEPS);
    event_set_f64(e, EV_CNC_GN, c->gn);
    event_set_f64(e, EV_CNC_SHARE, c->share);
    event_set_f64(e, EV_CNC_SECONDS, seconds);
    probe_emit(c->p, e);
}

/* One batch gives neither an error nor intervals, and no ratio is known where the gradient has nothing along v_min. */
static void describe_cnc(const struct cnc *c, struct buf *text)
{
    const char *const names[N_STEPS] = { "linear", "unnormalised", "as SAM does it" };
    const struct subject *s = &c->p->subject;
    char a[NUMBER_TEXT_MAX], b[NUMBER_TEXT_MAX];
    buf_addf(text, "%d %s: \xce\xbbmin %.4g (residual %.1g) \xcf\x81 %g, %u %s of %u: E<v,g>\xc2\xb2 %.3g", s->class_index,
             c->p->guest->data->class_name[s->class_index], c->d.lambda, c->d.residual, c->rho, c->n_batches,
             c->n_batches == 1 ? "batch" : "batches", c->batch, c->a2);
    if (c->n_batches == 1)
        buf_addf(text, " (one batch: no error known)");
    else
        buf_addf(text, " \xc2\xb1 %.1g", c->a2_se);
    buf_addf(text, "; SAM/SGD");
    for (int i = 0; i < N_STEPS; i++) {
        buf_addf(text, "%s %s %s", i ? ";" : "", names[i], number_told(a, "%.3g", c->ratio[i]));
        if (c->n_batches > 1)
            buf_addf(text, " [%s, %s]", number_told(a, "%.3g", c->low[i]), number_told(b, "%.3g", c->high[i]));
        buf_addf(text, ", theory %s", number_told(a, "%.3g", c->predicted[i]));
    }
    if (isnan(c->ratio[LINEAR]))
        buf_addf(text, " (no ratio: the gradient is 0 along v_min)");
    buf_addf(text, "; |g| %.3g, (\xcf\x81/|g|)\xce\xbbmin < -2 in %.0f %%", c->gn, 100 * c->share);
}

/* --- the command --------------------------------------------------------------------------------------------------- */

static int check_cnc(const struct probe_plan *plan, struct err *err)
{
    if (plan->rho < 0 || plan->rho > knob_table[KNOB_RHO].high)
        return err_set(err, ERR_RANGE, "rho %g; more than 0 and at most %g are accepted", plan->rho, knob_table[KNOB_RHO].high);
    if (plan->batches < 0 || plan->batches > 1000000 || plan->batch < 0 || plan->batch > 4096)
        return err_set(err, ERR_RANGE, "%ld batches of %ld; at most 1000000 of 4096 are accepted", plan->batches, plan->batch);
    return 0;
}

static void set_sizes(struct cnc *c, const struct probe_plan *plan)
{
    const struct guest *g = c->p->guest;
    const struct run_moment now = g->host->moment(g->ctx);
    uint32_t n = c->p->subject.n_images;
    long batch = plan->batch > 0 ? plan->batch : 32, batches = plan->batches > 0 ? plan->batches : 1000;
    c->batch = batch < (long)n ? (uint32_t)batch : n;
    c->n_batches = c->batch == n ? 1 : (uint32_t)batches; /* the whole class is the same batch every time */
    c->rho = plan->rho > 0 ? plan->rho : knobs_rho(g->knobs, moment_stage_epoch(&now, g->knobs));
}

static int find_vector(struct cnc *c, long iters, struct err *err)
{
    int steps = (int)(iters > 0 ? iters : knob_int(c->p->guest->knobs, KNOB_HESSIAN_ITERS));
    if (direction_find(c->p, false, steps, &c->d, err) < 0)
        return -1;
    if (c->d.reached)
        return 0;
    return err_set(err, ERR_INVALID, "v_min of class %d was not reached: |H v - %.3g v| is %.2g after %d products, more than 1 %% of it; "
                   "--iters raises their number", c->p->subject.class_index, c->d.lambda, c->d.residual, c->d.products);
}

static int run_cnc(struct cnc *c, const struct probe_plan *plan, struct err *err)
{
    set_sizes(c, plan);
    if (take_cnc(c, err) < 0 || find_vector(c, plan->iters, err) < 0)
        return -1;
    for (uint32_t z = 0; z < c->n_batches; z++) {
        probe_progress(c->p, "cnc", z, c->n_batches);
        if (probe_cancelled(c->p))
            return err_set(err, ERR_CANCELLED, "cancelled");
        if (measure_batch(c, z, err) < 0)
            return -1;
    }
    probe_progress(c->p, "cnc", c->n_batches, c->n_batches);
    return summarise(c, err);
}

int probe_cnc(struct probe *p, const struct probe_plan *plan, int class_index, struct buf *text, struct err *err)
{
    struct cnc c = { .p = p };
    uint64_t start = clock_now_ns();
    if (check_cnc(plan, err) < 0 || probe_take_over(p, err) < 0)
        return -1;
    p->subject.may_cancel = true;
    int result = subject_choose(&p->subject, class_index, &plan->options, err);
    if (result == 0) {
        result = run_cnc(&c, plan, err);
        release_cnc(&c);
    }
    p->subject.may_cancel = false;
    if (result < 0)
        return -1;
    emit_cnc(&c, (double)(clock_now_ns() - start) * 1e-9);
    describe_cnc(&c, text);
    return 0;
}
