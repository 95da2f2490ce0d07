/* Theorem 2 measured (spec 8): how much of the gradient lies along v_min, for SGD and for three readings of SAM's step, over
 * mini-batches of one class, against what the theorem predicts. */
#include "config.h"
#include "engine/run/trainer_private.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/number.h"
#include "base/rng.h"
#include "base/text.h"
#include "engine/probe/direction.h"

enum { LINEAR, PLAIN, PRACTICAL, N_STEPS }; /* (a) with the full H, (b) unnormalised, (c) as SAM does it */
enum { RESAMPLES = 2000, DRAW_BATCH = 1 << 30, DRAW_RESAMPLE = 3 << 29 };

struct batch_result { /* of one mini-batch; squares, since only those are averaged */
    double a2, b2[N_STEPS], predicted; /* predicted: (1 + rho_z lmin)^2 A^2 */
};

struct cnc {
    struct trainer *t;
    float *v, *hv, *g, *moved, *up; /* vectors of the subject's model */
    struct direction d;
    double rho, gn, share;        /* sums of |g| and of rho_z lmin < -2 until the end */
    uint32_t n_batches, batch;
    uint32_t *pool;               /* [n_images] drawn from */
    struct batch_result *z;       /* [n_batches] */
    double a2, a2_se, ratio[N_STEPS], low[N_STEPS], high[N_STEPS], predicted[N_STEPS];
};

static void release(struct cnc *c)
{
    struct trainer *t = c->t;
    float *vectors[] = { c->v, c->hv, c->g, c->moved, c->up };
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++)
        t->backend->vec_free(curvature_op_model(t->subject.op), vectors[i]);
    free(c->pool);
    free(c->z);
}

static int take(struct cnc *c, struct err *err)
{
    struct trainer *t = c->t;
    float **vectors[] = { &c->v, &c->hv, &c->g, &c->moved, &c->up };
    c->pool = malloc(t->subject.n_images * sizeof *c->pool);
    c->z = calloc(c->n_batches, sizeof *c->z);
    if (!c->pool || !c->z)
        return err_set(err, ERR_MEMORY, "no memory for %u batches", c->n_batches);
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++)
        if (!(*vectors[i] = t->backend->vec_new(curvature_op_model(t->subject.op), t->net.params.total, err)))
            return -1;
    return 0;
}

/* --- one mini-batch ------------------------------------------------------------------------------------------------ */

/* Images of batch z: `batch` different ones of the subset, all alike likely. */
static int choose(struct cnc *c, uint32_t z, struct err *err)
{
    struct subject *s = &c->t->subject;
    struct rng r;
    rng_init(&r, (uint64_t)knob_num(&c->t->knobs, KNOB_SEED), RNG_PROBE, (uint32_t)s->class_index | DRAW_BATCH, z);
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
    struct trainer *t = c->t;
    struct model *m = curvature_op_model(t->subject.op);
    size_t n = t->net.params.total;
    t->backend->vec_copy(m, c->moved, curvature_op_params(t->subject.op), n);
    t->backend->vec_axpy(m, c->moved, (float)by, c->g, n);
    if (curvature_op_gradient(t->subject.op, c->moved, c->up, NULL, err) < 0)
        return -1;
    double along = t->backend->vec_dot(m, c->v, c->up, n);
    *square = along * along;
    return 0;
}

static int measure(struct cnc *c, uint32_t z, struct err *err)
{
    struct trainer *t = c->t;
    struct model *m = curvature_op_model(t->subject.op);
    struct batch_result *r = &c->z[z];
    size_t n = t->net.params.total;
    if (choose(c, z, err) < 0 || curvature_op_gradient(t->subject.op, NULL, c->g, NULL, err) < 0)
        return -1;
    double a = t->backend->vec_dot(m, c->v, c->g, n), gn = sqrt(t->backend->vec_dot(m, c->g, c->g, n));
    double linear = a + c->rho * t->backend->vec_dot(m, c->hv, c->g, n); /* <v, H g> = <H v, g> */
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

static int by_size(const void *a, const void *b)
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
        rng_init(&r, (uint64_t)knob_num(&c->t->knobs, KNOB_SEED), RNG_PROBE, DRAW_RESAMPLE, k);
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
        qsort(ratio[s], RESAMPLES, sizeof ratio[s][0], by_size);
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

static void emit(const struct cnc *c, double seconds)
{
    struct trainer *t = c->t;
    const struct subject *s = &t->subject;
    struct event *e = event_new(EVENT_CNC, t->step);
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
    trainer_emit(t, e);
}

/* One batch gives neither an error nor intervals, and no ratio is known where the gradient has nothing along v_min. */
static void describe(const struct cnc *c, char *text, size_t size)
{
    const char *const names[N_STEPS] = { "linear", "unnormalised", "as SAM does it" };
    const struct subject *s = &c->t->subject;
    char a[NUMBER_TEXT_MAX], b[NUMBER_TEXT_MAX];
    snprintf(text, size, "%d %s: \xce\xbbmin %.4g (residual %.1g) \xcf\x81 %g, %u %s of %u: E<v,g>\xc2\xb2 %.3g", s->class_index,
             c->t->data->class_name[s->class_index], c->d.lambda, c->d.residual, c->rho, c->n_batches,
             c->n_batches == 1 ? "batch" : "batches", c->batch, c->a2);
    if (c->n_batches == 1)
        text_append(text, size, " (one batch: no error known)");
    else
        text_append(text, size, " \xc2\xb1 %.1g", c->a2_se);
    text_append(text, size, "; SAM/SGD");
    for (int i = 0; i < N_STEPS; i++) {
        text_append(text, size, "%s %s %s", i ? ";" : "", names[i], number_told(a, "%.3g", c->ratio[i]));
        if (c->n_batches > 1)
            text_append(text, size, " [%s, %s]", number_told(a, "%.3g", c->low[i]), number_told(b, "%.3g", c->high[i]));
        text_append(text, size, ", theory %s", number_told(a, "%.3g", c->predicted[i]));
    }
    if (isnan(c->ratio[LINEAR]))
        text_append(text, size, " (no ratio: the gradient is 0 along v_min)");
    text_append(text, size, "; |g| %.3g, (\xcf\x81/|g|)\xce\xbbmin < -2 in %.0f %%", c->gn, 100 * c->share);
}

/* --- the command --------------------------------------------------------------------------------------------------- */

static int check(const struct command *c, struct err *err)
{
    if (c->rho < 0 || c->rho > knob_table[KNOB_RHO].high)
        return err_set(err, ERR_RANGE, "rho %g; more than 0 and at most %g are accepted", c->rho, knob_table[KNOB_RHO].high);
    if (c->batches < 0 || c->batches > 1000000 || c->batch < 0 || c->batch > 4096)
        return err_set(err, ERR_RANGE, "%ld batches of %ld; at most 1000000 of 4096 are accepted", c->batches, c->batch);
    return 0;
}

static void set_sizes(struct cnc *c, const struct command *command)
{
    uint32_t n = c->t->subject.n_images;
    long batch = command->batch > 0 ? command->batch : 32, batches = command->batches > 0 ? command->batches : 1000;
    c->batch = batch < (long)n ? (uint32_t)batch : n;
    c->n_batches = c->batch == n ? 1 : (uint32_t)batches; /* the whole class is the same batch every time */
    c->rho = command->rho > 0 ? command->rho : knobs_rho(&c->t->knobs, (long)(c->t->step / c->t->spe));
}

static int find_vector(struct cnc *c, long iters, struct err *err)
{
    struct trainer *t = c->t;
    int steps = (int)(iters > 0 ? iters : knob_int(&t->knobs, KNOB_HESSIAN_ITERS));
    if (direction_find(t, false, steps, c->v, c->hv, &c->d, err) < 0)
        return -1;
    if (c->d.reached)
        return 0;
    return err_set(err, ERR_INVALID, "v_min of class %d was not reached: |H v - %.3g v| is %.2g after %d products, more than 1 %% of it; "
                   "--iters raises their number", t->subject.class_index, c->d.lambda, c->d.residual, c->d.products);
}

static int run(struct cnc *c, const struct command *command, struct err *err)
{
    set_sizes(c, command);
    if (take(c, err) < 0 || find_vector(c, command->count, err) < 0)
        return -1;
    for (uint32_t z = 0; z < c->n_batches; z++) {
        trainer_progress(c->t, "cnc", z, c->n_batches, c->t->subject.class_index);
        if (trainer_cancelled(c->t))
            return err_set(err, ERR_CANCELLED, "cancelled");
        if (measure(c, z, err) < 0)
            return -1;
    }
    trainer_progress(c->t, "cnc", c->n_batches, c->n_batches, c->t->subject.class_index);
    return summarise(c, err);
}

int cnc_now(struct trainer *t, const struct command *command, int class_index, char *text, size_t size, struct err *err)
{
    struct cnc c = { .t = t };
    uint64_t start = clock_now_ns();
    if (check(command, err) < 0 || probe_take_over(t, err) < 0)
        return -1;
    t->subject.may_cancel = true;
    int result = subject_choose(t, class_index, &command->probe, err);
    if (result == 0) {
        result = run(&c, command, err);
        release(&c);
    }
    t->subject.may_cancel = false;
    if (result < 0)
        return err->code == ERR_CANCELLED ? 1 : -1;
    emit(&c, (double)(clock_now_ns() - start) * 1e-9);
    describe(&c, text, size);
    return 0;
}
