/* Mean loss of one class along a unit direction through the weights: a saddle shown to the eye. */
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

enum { DRAW_DIRECTION = 7 << 28, DEFAULT_POINTS = 41, MAX_POINTS = 1001, MAX_RANDOM = 999999 };
static const double DEFAULT_SPAN = 1, MAX_SPAN = 1000;

struct slice {
    struct probe *p;
    float *host;
    struct probe_direction d;      /* its vectors are the subject's model's; hv becomes w + t v */
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

static int set_up_slice(struct slice *s, const struct probe_plan *plan, struct err *err)
{
    const long points = plan->points ? plan->points : DEFAULT_POINTS;
    s->span = plan->span != 0 ? plan->span : DEFAULT_SPAN;
    if (s->span > MAX_SPAN || s->span < 0 || points > MAX_POINTS || points < 3)
        return err_set(err, ERR_RANGE, "span %g, %ld points; at most %g and 3..%d points are accepted", s->span, points, MAX_SPAN, MAX_POINTS);
    s->n = (int)points;
    return parse_along(plan->along, s, err);
}

static void release_slice(struct slice *s)
{
    const struct backend *b = s->p->guest->backend;
    struct model *m = curvature_op_model(s->p->subject.op);
    b->vec_free(m, s->d.v);
    b->vec_free(m, s->d.hv);
    free(s->host);
}

static int take_slice(struct slice *s, struct err *err)
{
    const struct backend *b = s->p->guest->backend;
    struct model *m = curvature_op_model(s->p->subject.op);
    size_t n = s->p->guest->net->params.total;
    s->host = malloc(n * sizeof *s->host);
    if (!s->host)
        return err_set(err, ERR_MEMORY, "no memory for a direction");
    s->d.v = b->vec_new(m, n, err);
    s->d.hv = s->d.v ? b->vec_new(m, n, err) : NULL;
    return s->d.hv ? 0 : -1;
}

/* Normal numbers, scaled to length one; the curvature along it by one product. */
static int draw_direction(struct slice *s, struct err *err)
{
    const struct guest *g = s->p->guest;
    const struct backend *b = g->backend;
    struct model *m = curvature_op_model(s->p->subject.op);
    size_t n = curvature_op_dimension(s->p->subject.op);
    struct rng r;
    rng_init(&r, (uint64_t)knob_num(g->knobs, KNOB_SEED), RNG_PROBE, DRAW_DIRECTION, (uint32_t)s->random);
    for (size_t i = 0; i < n; i++)
        s->host[i] = rng_normal(&r);
    b->vec_write(m, s->d.v, s->host, n);
    b->vec_scale(m, s->d.v, (float)(1 / sqrt(b->vec_dot(m, s->d.v, s->d.v, n))), n);
    const float *v = s->d.v;
    if (subject_apply(&s->p->subject, 1, &v, &s->d.hv, err) < 0)
        return -1;
    s->d.lambda = b->vec_dot(m, s->d.v, s->d.hv, n);
    return direction_expand(s->p, &s->d, err);
}

static int find_direction(struct slice *s, long iters, struct err *err)
{
    if (s->random >= 0)
        return draw_direction(s, err);
    return direction_find(s->p, s->high, (int)(iters > 0 ? iters : knob_int(s->p->guest->knobs, KNOB_HESSIAN_ITERS)), &s->d, err);
}

static int walk_slice(struct slice *s, struct err *err)
{
    const struct backend *b = s->p->guest->backend;
    struct curvature_op *op = s->p->subject.op;
    struct model *m = curvature_op_model(op);
    struct pass_result r;
    size_t n = s->p->guest->net->params.total;
    for (int i = 0; i < s->n; i++) {
        s->at[i] = s->span * (2 * i - (s->n - 1)) / (s->n - 1);
        probe_progress(s->p, "slice", (uint64_t)i, (uint64_t)s->n);
        if (probe_cancelled(s->p))
            return err_set(err, ERR_CANCELLED, "cancelled");
        b->vec_copy(m, s->d.hv, curvature_op_params(op), n);
        b->vec_axpy(m, s->d.hv, (float)s->at[i], s->d.v, n);
        if (curvature_op_gradient(op, s->d.hv, NULL, &r, err) < 0)
            return -1;
        s->loss[i] = r.loss;
    }
    probe_progress(s->p, "slice", (uint64_t)s->n, (uint64_t)s->n);
    return 0;
}

static void along_text(const struct slice *s, char out[24])
{
    snprintf(out, 24, s->random >= 0 ? "random:%ld" : s->high ? "v_max" : "v_min", s->random);
}

static void emit_slice(const struct slice *s, double seconds)
{
    const struct subject *u = &s->p->subject;
    struct event *e = event_new(EVENT_SLICE, u->of);
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
    probe_emit(s->p, e);
}

static void describe_slice(const struct slice *s, struct buf *text)
{
    const struct subject *u = &s->p->subject;
    char along[24], how[48] = "";
    char low[NUMBER_TEXT_MAX], first[NUMBER_TEXT_MAX], last[NUMBER_TEXT_MAX];
    int least = 0;
    for (int i = 1; i < s->n; i++)
        least = s->loss[i] < s->loss[least] || isnan(s->loss[least]) ? i : least;
    along_text(s, along);
    if (s->random < 0)
        snprintf(how, sizeof how, " (residual %.1g%s)", s->d.residual, s->d.reached ? "" : ": not yet an eigenvector");
    buf_addf(text, "%d %s along %s: loss %.4g here, lowest %s at %+.3g, %s and %s at -+%g; curvature %.4g%s at step %" PRIu64
             " (ep %.1f)", u->class_index, s->p->guest->data->class_name[u->class_index], along, u->mean_loss,
             number_told(low, "%.4g", s->loss[least]), s->at[least], number_told(first, "%.4g", s->loss[0]),
             number_told(last, "%.4g", s->loss[s->n - 1]), s->span, s->d.lambda, how, u->of, u->epoch);
}

static int run_slice(struct slice *s, const struct probe_plan *plan, struct err *err)
{
    if (take_slice(s, err) < 0 || find_direction(s, plan->iters, err) < 0)
        return -1;
    return walk_slice(s, err);
}

int probe_slice(struct probe *p, const struct probe_plan *plan, int class_index, struct buf *text, struct err *err)
{
    struct slice *s = calloc(1, sizeof *s);
    uint64_t start = clock_now_ns();
    if (!s)
        return err_set(err, ERR_MEMORY, "no memory for a slice");
    s->p = p;
    int result = set_up_slice(s, plan, err) < 0 || probe_take_over(p, err) < 0 ? -1 : 0;
    if (result == 0) {
        p->subject.may_cancel = true;
        result = subject_choose(&p->subject, class_index, &plan->options, err);
        if (result == 0)
            result = run_slice(s, plan, err);
        p->subject.may_cancel = false;
        release_slice(s);
    }
    if (result == 0) {
        emit_slice(s, (double)(clock_now_ns() - start) * 1e-9);
        describe_slice(s, text);
    }
    free(s);
    return result;
}
