/* The spectrum of one class at a time (methods 7.3, 7.4). What is probed is subject.c's. */
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
#include "engine/model/params.h"
#include "engine/probe/pyhessian.h"

enum { TRACE_PRODUCTS = 100 };         /* as many as the reference takes at most (methods 7.6) */
static const double TRACE_ERROR = 0.01; /* of the trace: enough to stop sharpening it */

/* --- memory -------------------------------------------------------------------------------------------------------- */

int probe_init(struct probe *p, const struct guest *guest, struct err *err)
{
    *p = (struct probe){ .guest = guest, .round.todo = calloc((size_t)guest->net->classes, sizeof *p->round.todo) };
    return p->round.todo ? 0 : err_set(err, ERR_MEMORY, "no memory for the probes of %d classes", guest->net->classes);
}

void probe_release(struct probe *p)
{
    spectrum_free(p->spectrum);
    subject_release(&p->subject);
    free(p->round.todo);
    *p = (struct probe){ 0 };
}

size_t probe_memory(const struct probe *p)
{
    return subject_memory(&p->subject) + (p->spectrum ? spectrum_memory_bytes(p->spectrum) : 0);
}

/* Makes one of as many floats as train now. */
static int renew_spectrum(struct probe *p, struct err *err)
{
    struct spectrum *s = spectrum_new(p->guest->backend, curvature_op_model(p->subject.op), curvature_op_dimension(p->subject.op), err);
    if (!s)
        return -1;
    spectrum_free(p->spectrum);
    p->spectrum = s;
    return 0;
}

int probe_open(struct probe *p, struct err *err)
{
    const struct guest *g = p->guest;
    if (subject_open(&p->subject, g, err) < 0)
        return -1;
    return p->spectrum ? 0 : renew_spectrum(p, err);
}

int probe_spectrum(struct probe *p, const struct spectrum_plan *plan, struct err *err)
{
    if (spectrum_dimension(p->spectrum) != curvature_op_dimension(p->subject.op) && renew_spectrum(p, err) < 0)
        return -1;
    return spectrum_start(p->spectrum, plan, err) < 0 ? subject_blame(&p->subject, err) : 0;
}

/* --- the host ------------------------------------------------------------------------------------------------------ */

void probe_emit(const struct probe *p, struct event *e)
{
    p->guest->host->emit(p->guest->ctx, e);
}

void probe_progress(const struct probe *p, const char *what, uint64_t done, uint64_t of)
{
    p->guest->host->progress(p->guest->ctx, what, done, of, p->subject.class_index, NULL);
}

bool probe_cancelled(const struct probe *p)
{
    return p->guest->host->stopped(p->guest->ctx, true);
}

/* --- one class ----------------------------------------------------------------------------------------------------- */

static long or_knob(const struct probe *p, long value, enum knob_id id)
{
    return value > 0 ? value : knob_int(p->guest->knobs, id);
}

static struct spectrum_plan spectrum_plan_of(const struct probe *p, const struct probe_plan *plan, int class_index)
{
    const struct probe_options *o = &plan->options;
    const struct knobs *k = p->guest->knobs;
    int top = o->top > 0 ? (int)o->top : 1;
    return (struct spectrum_plan){
        .iters = (int)or_knob(p, plan->iters, KNOB_HESSIAN_ITERS),
        .runs = (int)or_knob(p, o->vectors, KNOB_HESSIAN_VECTORS),
        .ends = top,
        .keep = plan->save[0] ? top : 0,
        .tol = o->has_tol ? o->tol : knob_num(k, KNOB_HESSIAN_TOL),
        .trace = o->trace,
        .trace_tol = TRACE_ERROR,
        .trace_products = TRACE_PRODUCTS,
        .seed = (uint64_t)knob_num(k, KNOB_SEED),
        .which = (uint32_t)class_index,
    };
}

int probe_begin(struct probe *p, const struct probe_plan *plan, int class_index, struct err *err)
{
    struct spectrum_plan spectrum = spectrum_plan_of(p, plan, class_index);
    uint64_t start = clock_now_ns();
    p->class_index = class_index;
    p->trace = spectrum.trace || spectrum.runs > 1;
    if (subject_choose(&p->subject, class_index, &plan->options, err) < 0 || probe_spectrum(p, &spectrum, err) < 0)
        return -1;
    p->running = true;
    p->ns = clock_now_ns() - start;
    return 0;
}

int probe_product(struct probe *p, struct err *err)
{
    const struct guest *g = p->guest;
    struct spectrum_result r;
    uint64_t start = clock_now_ns();
    if (spectrum_step(p->spectrum, subject_apply, &p->subject, err) < 0) {
        p->running = false;
        return subject_blame(&p->subject, err);
    }
    p->ns += clock_now_ns() - start;
    spectrum_status(p->spectrum, &r);
    g->host->progress(g->ctx, "hessian", (uint64_t)r.products, (uint64_t)r.of, p->class_index, p->spectrum);
    return 0;
}

/* --- its result ---------------------------------------------------------------------------------------------------- */

/* The last SAM step amplified along v_min (1 + this)^2 times as strongly as SGD (methods 8.3). */
static double amplification(const struct probe *p, double lmin)
{
    return p->subject.rho_z * lmin;
}

static void emit_eig(struct probe *p, const struct spectrum_result *r, const double *nodes, const double *weights, uint32_t n,
                     double power)
{
    const struct guest *g = p->guest;
    const struct subject *s = &p->subject;
    struct event *e = event_new(EVENT_EIG, g->host->moment(g->ctx).step);
    if (!e)
        return;
    event_set_u64(e, EV_EIG_OF, s->of);
    event_set_f64(e, EV_EIG_EP, s->epoch);
    event_set_u64(e, EV_EIG_CLASS, (uint64_t)p->class_index);
    event_set_u64(e, EV_EIG_IMAGES, s->n_images);
    event_set_str(e, EV_EIG_SUBSET, s->subset);
    event_set_f64(e, EV_EIG_LOSS, s->mean_loss);
    event_set_f64(e, EV_EIG_LMIN, r->min);
    event_set_f64(e, EV_EIG_LMAX, r->max);
    event_set_f64(e, EV_EIG_RMIN, r->min_bound);
    event_set_f64(e, EV_EIG_RMAX, r->max_bound);
    event_set_u64(e, EV_EIG_ITERS, (uint64_t)r->iters);
    event_set_f64(e, EV_EIG_SECONDS, (double)p->ns * 1e-9);
    event_set_f64s(e, EV_EIG_NODES, nodes, n);
    event_set_f64s(e, EV_EIG_WTS, weights, n);
    event_set_u64(e, EV_EIG_RUNS, (uint64_t)r->runs);
    if (p->trace) {
        event_set_f64(e, EV_EIG_TRACE, r->trace);
        event_set_f64(e, EV_EIG_TRACE_SE, r->trace_se);
    }
    event_set_f64(e, EV_EIG_AMP, amplification(p, r->min));
    event_set_str(e, EV_EIG_HOW, s->how[0] ? s->how : NULL);
    event_set_str(e, EV_EIG_WHY, spectrum_why_names[r->why]);
    event_set_f64(e, EV_EIG_POWER, power);
    probe_emit(p, e);
}

/* The larger of both bounds as a share of its eigenvalue. */
static double relative_bound(const struct spectrum_result *r)
{
    double low = r->min != 0 ? r->min_bound / fabs(r->min) : r->min_bound;
    double high = r->max != 0 ? r->max_bound / fabs(r->max) : r->max_bound;
    return fmax(low, high);
}

static void add_stop(const struct spectrum_result *r, struct buf *text)
{
    const char *const words[] = { "reached in", "after all", "in the whole space after" };
    buf_addf(text, " bound %.1g %s %d products", relative_bound(r), words[r->why], r->iters);
    if (r->products > r->iters)
        buf_addf(text, " (%d in all)", r->products);
}

/* The other eigenvalues that were asked for, from the ends inwards. */
static void add_top(const struct spectrum *s, const struct spectrum_result *r, long top, struct buf *text)
{
    for (int high = 0; high < 2 && top > 1; high++) {
        buf_addf(text, high ? "; highest" : "; lowest");
        for (int i = 0; i < top && i < r->iters; i++)
            buf_addf(text, " %.4g", spectrum_eigenvalue(s, high, i, NULL));
    }
}

static void describe_spectra(const struct probe *p, const struct spectrum_result *r, long top, struct buf *text)
{
    const struct subject *s = &p->subject;
    double ratio = r->max != 0 ? fabs(r->min) / fabs(r->max) : NAN; /* methods 7.3 */
    char told[NUMBER_TEXT_MAX];
    buf_addf(text, "%d %s: \xce\xbbmin %.4g \xce\xbbmax %.4g |\xce\xbbmin|/\xce\xbbmax %s", p->class_index,
             p->guest->data->class_name[p->class_index], r->min, r->max, number_told(told, "%.2g", ratio));
    add_stop(r, text);
    if (p->trace && !isnan(r->trace))
        buf_addf(text, isnan(r->trace_se) ? " trace %.4g (one sample: no error known)" : " trace %.4g \xc2\xb1 %.1g", r->trace,
                    r->trace_se);
    if (!isnan(amplification(p, r->min)))
        buf_addf(text, " (\xcf\x81/|g|)\xce\xbbmin %.2g", amplification(p, r->min));
    buf_addf(text, " at step %" PRIu64 " (ep %.1f)", s->of, s->epoch);
    if (s->how[0])
        buf_addf(text, ", %s", s->how);
    add_top(p->spectrum, r, top, text);
}

/* The event, the commands that waited for this eigenvalue, and a line for people. A probe of something else than usual is no
 * value to wait for. */
void probe_finish(struct probe *p, long top, struct buf *text)
{
    const struct guest *g = p->guest;
    struct spectrum_result r;
    char metric[32];
    const double *nodes, *weights;
    spectrum_status(p->spectrum, &r);
    p->running = false;
    uint32_t n = (uint32_t)spectrum_density(p->spectrum, &nodes, &weights);
    emit_eig(p, &r, nodes, weights, n, NAN);
    snprintf(metric, sizeof metric, "lmin:%d", p->class_index);
    if (!p->subject.how[0])
        g->host->found(g->ctx, metric, r.min);
    if (text)
        describe_spectra(p, &r, top, text);
}

/* --- on demand ----------------------------------------------------------------------------------------------------- */

/* The round goes on afterwards with the weights of then. */
static void interrupt_round(struct probe *p)
{
    if (p->running)
        p->round.todo[p->class_index] = true;
    p->running = false;
    p->round.weights = false;
}

void probe_rest(struct probe *p)
{
    interrupt_round(p);
    spectrum_free(p->spectrum);
    p->spectrum = NULL;
    subject_release(&p->subject);
}

int probe_take_over(struct probe *p, struct err *err)
{
    interrupt_round(p);
    if (probe_open(p, err) < 0)
        return -1;
    return subject_take_weights(&p->subject, err);
}

static int check_probe_options(const struct probe_plan *plan, struct err *err)
{
    const struct probe_options *o = &plan->options;
    const struct knob_info *iters = &knob_table[KNOB_HESSIAN_ITERS];
    if (plan->iters < 0 || plan->iters > (long)iters->high || o->images < 0)
        return err_set(err, ERR_RANGE, "%ld products on %ld images; at most %g products are accepted", plan->iters, o->images, iters->high);
    if (o->vectors < 0 || o->vectors > SPECTRUM_MAX_RUNS || o->top < 0 || o->top > SPECTRUM_MAX_ENDS)
        return err_set(err, ERR_RANGE, "%ld start vectors, %ld eigenvalues at each end; at most %d and %d are accepted", o->vectors, o->top,
                       SPECTRUM_MAX_RUNS, SPECTRUM_MAX_ENDS);
    if (o->pyhessian && (o->train_mode || o->top > 0 || o->has_tol || o->trace || plan->save[0]))
        return err_set(err, ERR_USAGE, "the reference's protocol has its own stopping rules and evaluation mode; "
                       "--iters, --images, --vectors, --test, --weighted and --augment go with it");
    return 0;
}

/* v_min., v_min2. ... v_max., v_max2. before PyTorch's names; the eigenvalues are in the metadata. */
static int save_vectors(const struct probe *p, const struct probe_plan *plan, struct buf *text, struct err *err)
{
    const struct guest *g = p->guest;
    struct model *m = curvature_op_model(p->subject.op);
    const struct spectrum *s = p->spectrum;
    size_t n = g->net->params.total;
    struct spectrum_result r;
    char name[2 * SPECTRUM_MAX_ENDS][16], value[2 * SPECTRUM_MAX_ENDS][32], step[24], class[16];
    const char *metadata[2 * (2 * SPECTRUM_MAX_ENDS + 3) + 1], *names[2 * SPECTRUM_MAX_ENDS];
    float *host[2 * SPECTRUM_MAX_ENDS] = { NULL }, *whole = g->backend->vec_new(m, n, err);
    int count = 0, told = 0, failed = whole ? 0 : -1;
    spectrum_status(s, &r);
    snprintf(step, sizeof step, "%" PRIu64, p->subject.of);
    snprintf(class, sizeof class, "%d", p->class_index);
    const char *const fixed[] = { "step", step, "class", class, "subset", p->subject.subset };
    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++)
        metadata[told++] = fixed[i];
    for (int high = 0; high < 2; high++)
        for (int i = 0; spectrum_vector(s, high, i) && !failed; i++, count++) {
            snprintf(name[count], sizeof name[count], i ? "v_%s%d" : "v_%s", high ? "max" : "min", i + 1);
            snprintf(value[count], sizeof value[count], "%.9g", spectrum_eigenvalue(s, high, i, NULL));
            names[count] = metadata[told++] = name[count];
            metadata[told++] = value[count];
            if (!(host[count] = malloc(n * sizeof **host)))
                failed = err_set(err, ERR_MEMORY, "no memory for %zu numbers", n);
            else {
                curvature_op_expand(p->subject.op, spectrum_vector(s, high, i), whole);
                g->backend->vec_read(m, host[count], whole, n);
            }
        }
    g->backend->vec_free(m, whole);
    metadata[told] = NULL;
    const struct params_file file = { .path = plan->save, .force = plan->force, .metadata = metadata };
    if (!failed)
        failed = backend_check_device(g->backend, m, err);
    if (!failed)
        failed = params_save_named(g->net, &file, names, (const float *const *)host, count, err);
    for (int i = 0; i < count; i++)
        free(host[i]);
    if (!failed)
        buf_addf(text, "; %s written", plan->save);
    return failed;
}

static void show_products(void *ctx, int done, int of)
{
    const struct subject *s = ctx;
    s->guest->host->progress(s->guest->ctx, "hessian", (uint64_t)done, (uint64_t)of, s->class_index, NULL);
}

/* The reference's protocol; its bounds and standard error are ours. */
static int run_pyhessian(struct probe *p, const struct probe_plan *plan, struct buf *text, struct err *err)
{
    const struct guest *g = p->guest;
    const struct pyhessian_plan protocol = { .iters = plan->iters > 0 ? (int)plan->iters : 100,
                                             .runs = plan->options.vectors > 0 ? (int)plan->options.vectors : 1,
                                             .seed = (uint64_t)knob_num(g->knobs, KNOB_SEED), .which = (uint32_t)p->class_index,
                                             .apply = subject_apply, .ctx = &p->subject, .progress = show_products };
    struct pyhessian_result h;
    uint64_t start = clock_now_ns();
    if (pyhessian_run(g->backend, curvature_op_model(p->subject.op), curvature_op_dimension(p->subject.op), &protocol, &h, err) < 0)
        return -1;
    struct spectrum_result r = { .min = h.min, .max = h.max, .min_bound = h.min_bound, .max_bound = h.max_bound,
                                 .iters = h.n_nodes / protocol.runs, .products = h.products, .runs = protocol.runs, .trace = h.trace,
                                 .trace_se = h.trace_se, .why = SPECTRUM_ITERS };
    p->trace = true;
    p->ns += clock_now_ns() - start;
    emit_eig(p, &r, h.nodes, h.weights, (uint32_t)h.n_nodes, h.power);
    describe_spectra(p, &r, 0, text);
    buf_addf(text, "; power iteration %.4g in %d products, trace in %d", h.power, h.power_products, h.trace_products);
    pyhessian_release(&h);
    return 0;
}

static int run_spectra(struct probe *p, struct err *err)
{
    while (!spectrum_done(p->spectrum)) {
        if (probe_cancelled(p))
            return err_set(err, ERR_CANCELLED, "cancelled");
        if (probe_product(p, err) < 0)
            return -1;
    }
    return 0;
}

int probe_hessian(struct probe *p, const struct probe_plan *plan, int class_index, struct buf *text, struct err *err)
{
    const bool pyhessian = plan->options.pyhessian;
    uint64_t start = clock_now_ns();
    if (check_probe_options(plan, err) < 0 || probe_take_over(p, err) < 0)
        return -1;
    p->subject.may_cancel = true;
    int result = probe_begin(p, plan, class_index, err);
    if (result == 0)
        result = pyhessian ? run_pyhessian(p, plan, text, err) : run_spectra(p, err);
    p->subject.may_cancel = false;
    p->running = false;
    if (result < 0)
        return -1;
    if (pyhessian)
        return 0;
    p->ns = clock_now_ns() - start;
    probe_finish(p, plan->options.top, text);
    return plan->save[0] ? save_vectors(p, plan, text, err) : 0;
}
