/* Mean loss of one class along a unit direction through the weights: a saddle shown to the eye. */
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
#include "engine/probe/direction.h"

enum { DRAW_DIRECTION = 7 << 28, DEFAULT_POINTS = 41, MAX_POINTS = 1001, MAX_RANDOM = 999999 };
static const double DEFAULT_SPAN = 1, MAX_SPAN = 1000;

struct slice {
    struct trainer *t;
    float *v, *moved, *host; /* vectors of the subject's model; host memory */
    struct direction d;
    long random;             /* number of the random direction, or -1 */
    bool high;
    int n;
    double span, at[MAX_POINTS], loss[MAX_POINTS];
};

/* "v_min", "v_max" or "random:N". */
static int parse_along(const char *along, struct slice *s, struct err *err)
{
    double number;
    s->random = -1;
    s->high = strcmp(along, "v_max") == 0;
    if (s->high || strcmp(along, "v_min") == 0 || !along[0])
        return 0;
    if (strncmp(along, "random:", 7) != 0 || !number_parse(along + 7, &number) || number < 0 || number > MAX_RANDOM ||
        number != floor(number))
        return err_set(err, ERR_INVALID, "direction '%.40s'; v_min, v_max or random:N with N in 0..%d", along, MAX_RANDOM);
    s->random = (long)number;
    return 0;
}

static int set_up(struct slice *s, const struct command *c, struct err *err)
{
    s->span = c->span > 0 ? c->span : DEFAULT_SPAN;
    s->n = c->points > 0 ? (int)c->points : DEFAULT_POINTS;
    if (c->n_classes != 1)
        return err_set(err, ERR_USAGE, "a slice is of one class; %d are named", c->n_classes);
    if (s->span > MAX_SPAN || c->span < 0 || c->points < 0 || c->points > MAX_POINTS || s->n < 3)
        return err_set(err, ERR_RANGE, "span %g, %d points; at most %g and 3..%d points are accepted", s->span, s->n, MAX_SPAN, MAX_POINTS);
    return parse_along(c->text, s, err);
}

static void release(struct slice *s)
{
    struct model *m = curvature_op_model(s->t->subject.op);
    s->t->backend->vec_free(m, s->v);
    s->t->backend->vec_free(m, s->moved);
    free(s->host);
}

static int take(struct slice *s, struct err *err)
{
    struct trainer *t = s->t;
    struct model *m = curvature_op_model(t->subject.op);
    size_t n = t->net.params.total;
    s->host = malloc(n * sizeof *s->host);
    if (!s->host)
        return err_set(err, ERR_MEMORY, "no memory for a direction");
    s->v = t->backend->vec_new(m, n, err);
    s->moved = s->v ? t->backend->vec_new(m, n, err) : NULL;
    return s->moved ? 0 : -1;
}

/* Normal numbers, scaled to length one; the curvature along it by one product. */
static int draw_direction(struct slice *s, struct err *err)
{
    struct trainer *t = s->t;
    struct model *m = curvature_op_model(t->subject.op);
    size_t n = t->net.params.total;
    struct rng r;
    rng_init(&r, (uint64_t)knob_num(&t->knobs, KNOB_SEED), RNG_PROBE, DRAW_DIRECTION, (uint32_t)s->random);
    for (size_t i = 0; i < n; i++)
        s->host[i] = rng_normal(&r);
    t->backend->vec_write(m, s->v, s->host, n);
    t->backend->vec_scale(m, s->v, (float)(1 / sqrt(t->backend->vec_dot(m, s->v, s->v, n))), n);
    const float *v = s->v;
    if (subject_apply(t, 1, &v, &s->moved, err) < 0)
        return -1;
    s->d.lambda = t->backend->vec_dot(m, s->v, s->moved, n);
    return 0;
}

static int find_direction(struct slice *s, long iters, struct err *err)
{
    struct trainer *t = s->t;
    if (s->random >= 0)
        return draw_direction(s, err);
    return direction_find(t, s->high, (int)(iters > 0 ? iters : knob_int(&t->knobs, KNOB_HESSIAN_ITERS)), s->v, s->moved, &s->d, err);
}

static int walk(struct slice *s, struct err *err)
{
    struct trainer *t = s->t;
    struct model *m = curvature_op_model(t->subject.op);
    struct pass_result r;
    size_t n = t->net.params.total;
    for (int i = 0; i < s->n; i++) {
        s->at[i] = s->span * (2 * i - (s->n - 1)) / (s->n - 1);
        trainer_progress(t, "slice", (uint64_t)i, (uint64_t)s->n, t->subject.class_index);
        if (trainer_cancelled(t))
            return err_set(err, ERR_CANCELLED, "cancelled");
        t->backend->vec_copy(m, s->moved, curvature_op_params(t->subject.op), n);
        t->backend->vec_axpy(m, s->moved, (float)s->at[i], s->v, n);
        if (curvature_op_gradient(t->subject.op, s->moved, NULL, &r, err) < 0)
            return -1;
        s->loss[i] = r.loss;
    }
    trainer_progress(t, "slice", (uint64_t)s->n, (uint64_t)s->n, t->subject.class_index);
    return 0;
}

static void along_text(const struct slice *s, char out[24])
{
    snprintf(out, 24, s->random >= 0 ? "random:%ld" : s->high ? "v_max" : "v_min", s->random);
}

static void emit(const struct slice *s, double seconds)
{
    const struct subject *u = &s->t->subject;
    struct event *e = event_new(EVENT_SLICE, s->t->step);
    char along[24];
    if (!e)
        return;
    along_text(s, along);
    event_set_u64(e, EV_SLICE_OF, u->of);
    event_set_f64(e, EV_SLICE_EP, u->epoch);
    event_set_u64(e, EV_SLICE_CLASS, (uint64_t)u->class_index);
    event_set_u64(e, EV_SLICE_IMAGES, u->n_images);
    event_set_str(e, EV_SLICE_SUBSET, u->subset);
    event_set_str(e, EV_SLICE_ALONG, along);
    event_set_f64(e, EV_SLICE_LAMBDA, s->d.lambda);
    event_set_f64s(e, EV_SLICE_AT, s->at, (uint32_t)s->n);
    event_set_f64s(e, EV_SLICE_LOSS, s->loss, (uint32_t)s->n);
    event_set_f64(e, EV_SLICE_SECONDS, seconds);
    trainer_emit(s->t, e);
}

static void describe(const struct slice *s, char *text, size_t size)
{
    const struct subject *u = &s->t->subject;
    char along[24], how[48] = "";
    char low[NUMBER_TEXT_MAX], first[NUMBER_TEXT_MAX], last[NUMBER_TEXT_MAX];
    int least = 0;
    for (int i = 1; i < s->n; i++)
        least = s->loss[i] < s->loss[least] || isnan(s->loss[least]) ? i : least;
    along_text(s, along);
    if (s->random < 0)
        snprintf(how, sizeof how, " (residual %.1g%s)", s->d.residual, s->d.reached ? "" : ": not yet an eigenvector");
    snprintf(text, size, "%d %s along %s: loss %.4g here, lowest %s at %+.3g, %s and %s at -+%g; curvature %.4g%s at step %" PRIu64
             " (ep %.1f)", u->class_index, s->t->data->class_name[u->class_index], along, u->mean_loss,
             number_told(low, "%.4g", s->loss[least]), s->at[least], number_told(first, "%.4g", s->loss[0]),
             number_told(last, "%.4g", s->loss[s->n - 1]), s->span, s->d.lambda, how, u->of, u->epoch);
}

static int run(struct slice *s, const struct command *c, struct err *err)
{
    if (take(s, err) < 0 || find_direction(s, c->count, err) < 0)
        return -1;
    return walk(s, err);
}

int slice_now(struct trainer *t, const struct command *c, char *text, size_t size, struct err *err)
{
    struct slice *s = calloc(1, sizeof *s);
    uint64_t start = clock_now_ns();
    if (!s)
        return err_set(err, ERR_MEMORY, "no memory for a slice");
    s->t = t;
    int result = set_up(s, c, err) < 0 || probe_take_over(t, err) < 0 ? -1 : 0;
    if (result == 0) {
        t->subject.may_cancel = true;
        result = subject_choose(t, c->classes[0], &c->probe, err);
        if (result == 0)
            result = run(s, c, err);
        t->subject.may_cancel = false;
        release(s);
    }
    if (result == 0) {
        emit(s, (double)(clock_now_ns() - start) * 1e-9);
        describe(s, text, size);
    }
    free(s);
    return result == 0 ? 0 : err->code == ERR_CANCELLED ? 1 : -1;
}
