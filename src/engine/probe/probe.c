/* The spectrum of one class at a time (spec 7.5): on demand, and of the watched classes as scheduled, one product between two
 * steps within the budget. What is probed is subject.c's. */
#include "config.h"
#include "engine/run/trainer_private.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/number.h"
#include "base/text.h"
#include "engine/model/params.h"
#include "engine/probe/pyhessian.h"

enum { TRACE_PRODUCTS = 100 };         /* as many as the reference takes at most (spec 7.4) */
static const double TRACE_ERROR = 0.01; /* of the trace: enough to stop sharpening it */

/* --- memory -------------------------------------------------------------------------------------------------------- */

void probe_release(struct trainer *t)
{
    spectrum_free(t->probe.spectrum);
    t->probe.spectrum = NULL;
    t->probe.running = false;
    subject_release(t);
}

size_t probe_memory(const struct trainer *t)
{
    return subject_memory(t) + (t->probe.spectrum ? spectrum_memory_bytes(t->probe.spectrum) : 0);
}

static int open_all(struct trainer *t, struct err *err)
{
    if (subject_open(t, err) < 0)
        return -1;
    if (!t->probe.spectrum)
        t->probe.spectrum = spectrum_new(t->backend, curvature_op_model(t->subject.op), t->net.params.total, err);
    return t->probe.spectrum ? 0 : -1;
}

/* --- one class ----------------------------------------------------------------------------------------------------- */

static long or_knob(const struct trainer *t, long value, enum knob_id id)
{
    return value > 0 ? value : knob_int(&t->knobs, id);
}

static struct spectrum_plan plan_of(const struct trainer *t, long iters, const struct probe_options *o, bool save, int class_index)
{
    int top = o->top > 0 ? (int)o->top : 1;
    return (struct spectrum_plan){
        .iters = (int)or_knob(t, iters, KNOB_HESSIAN_ITERS),
        .runs = (int)or_knob(t, o->vectors, KNOB_HESSIAN_VECTORS),
        .ends = top,
        .keep = save ? top : 0,
        .tol = o->has_tol ? o->tol : knob_num(&t->knobs, KNOB_HESSIAN_TOL),
        .trace = o->trace,
        .trace_tol = TRACE_ERROR,
        .trace_products = TRACE_PRODUCTS,
        .seed = (uint64_t)knob_num(&t->knobs, KNOB_SEED),
        .which = (uint32_t)class_index,
    };
}

static int begin(struct trainer *t, long iters, const struct probe_options *o, bool save, int class_index, struct err *err)
{
    struct probe *p = &t->probe;
    struct spectrum_plan plan = plan_of(t, iters, o, save, class_index);
    uint64_t start = clock_now_ns();
    p->class_index = class_index;
    p->trace = plan.trace || plan.runs > 1;
    if (subject_choose(t, class_index, o, err) < 0 || spectrum_start(p->spectrum, &plan, err) < 0)
        return -1;
    p->running = true;
    p->ns = clock_now_ns() - start;
    return 0;
}

static int product(struct trainer *t, struct err *err)
{
    struct probe *p = &t->probe;
    struct spectrum_result r;
    uint64_t start = clock_now_ns();
    if (spectrum_step(p->spectrum, subject_apply, t, err) < 0) {
        p->running = false;
        return -1;
    }
    p->ns += clock_now_ns() - start;
    spectrum_status(p->spectrum, &r);
    trainer_progress_of(t, "hessian", (uint64_t)r.products, (uint64_t)r.of, p->class_index, p->spectrum);
    return 0;
}

/* --- its result ---------------------------------------------------------------------------------------------------- */

/* How strongly the last SAM step amplified along v_min, against SGD, is (1 + this)^2 (spec 8, D-18). */
static double amplification(const struct trainer *t, double lmin)
{
    return t->subject.rho_z * lmin;
}

static void emit_eig(struct trainer *t, const struct spectrum_result *r, const double *nodes, const double *weights, uint32_t n,
                     double power)
{
    struct probe *p = &t->probe;
    const struct subject *s = &t->subject;
    struct event *e = event_new(EVENT_EIG, t->step);
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
    event_set_f64(e, EV_EIG_AMP, amplification(t, r->min));
    event_set_str(e, EV_EIG_HOW, s->how[0] ? s->how : NULL);
    event_set_str(e, EV_EIG_WHY, spectrum_why_names[r->why]);
    event_set_f64(e, EV_EIG_POWER, power);
    trainer_emit(t, e);
}

/* The larger of both bounds as a share of its eigenvalue. */
static double relative_bound(const struct spectrum_result *r)
{
    double low = r->min != 0 ? r->min_bound / fabs(r->min) : r->min_bound;
    double high = r->max != 0 ? r->max_bound / fabs(r->max) : r->max_bound;
    return fmax(low, high);
}

static void add_stop(const struct spectrum_result *r, char *text, size_t size)
{
    const char *const words[] = { "reached in", "after all", "in the whole space after" };
    text_append(text, size, " bound %.1g %s %d products", relative_bound(r), words[r->why], r->iters);
    if (r->products > r->iters)
        text_append(text, size, " (%d in all)", r->products);
}

/* The other eigenvalues that were asked for, from the ends inwards. */
static void add_top(const struct spectrum *s, const struct spectrum_result *r, long top, char *text, size_t size)
{
    for (int high = 0; high < 2 && top > 1; high++) {
        text_append(text, size, high ? "; highest" : "; lowest");
        for (int i = 0; i < top && i < r->iters; i++)
            text_append(text, size, " %.4g", spectrum_eigenvalue(s, high, i, NULL));
    }
}

static void describe(struct trainer *t, const struct spectrum_result *r, long top, char *text, size_t size)
{
    const struct subject *s = &t->subject;
    double ratio = r->max != 0 ? fabs(r->min) / fabs(r->max) : NAN; /* spec D-10 */
    char told[NUMBER_TEXT_MAX];
    snprintf(text, size, "%d %s: \xce\xbbmin %.4g \xce\xbbmax %.4g |\xce\xbbmin|/\xce\xbbmax %s", t->probe.class_index,
             t->data->class_name[t->probe.class_index], r->min, r->max, number_told(told, "%.2g", ratio));
    add_stop(r, text, size);
    if (t->probe.trace && !isnan(r->trace))
        text_append(text, size, isnan(r->trace_se) ? " trace %.4g (one sample: no error known)" : " trace %.4g \xc2\xb1 %.1g", r->trace,
                    r->trace_se);
    if (!isnan(amplification(t, r->min)))
        text_append(text, size, " (\xcf\x81/|g|)\xce\xbbmin %.2g", amplification(t, r->min));
    text_append(text, size, " at step %" PRIu64 " (ep %.1f)", s->of, s->epoch);
    if (s->how[0])
        text_append(text, size, ", %s", s->how);
    add_top(t->probe.spectrum, r, top, text, size);
}

/* The event, the commands that waited for this eigenvalue, and a line for people. A probe of something else than usual is no
 * value to wait for. */
static void finish(struct trainer *t, long top, char *text, size_t size)
{
    struct probe *p = &t->probe;
    struct spectrum_result r;
    char metric[32];
    const double *nodes, *weights;
    spectrum_status(p->spectrum, &r);
    p->running = false;
    uint32_t n = (uint32_t)spectrum_density(p->spectrum, &nodes, &weights);
    emit_eig(t, &r, nodes, weights, n, NAN);
    snprintf(metric, sizeof metric, "lmin:%d", p->class_index);
    if (!t->subject.how[0])
        trainer_metric(t, metric, r.min);
    describe(t, &r, top, text, size);
}

/* --- on demand ----------------------------------------------------------------------------------------------------- */

static void drop_round(struct probe *p, int classes)
{
    p->round = false;
    p->running = false;
    memset(p->todo, 0, (size_t)classes * sizeof *p->todo);
}

/* The round goes on afterwards with the weights of then. */
int probe_take_over(struct trainer *t, struct err *err)
{
    struct probe *p = &t->probe;
    if (p->running)
        p->todo[p->class_index] = true;
    p->running = false;
    p->round_weights = false;
    atomic_store(&t->cancel, false);
    if (open_all(t, err) < 0)
        return -1;
    return subject_take_weights(t, err);
}

static int check_options(const struct command *c, struct err *err)
{
    const struct probe_options *o = &c->probe;
    const struct knob_info *iters = &knob_table[KNOB_HESSIAN_ITERS];
    if (c->count < 0 || c->count > (long)iters->high || o->images < 0)
        return err_set(err, ERR_RANGE, "%ld products on %ld images; at most %g products are accepted", c->count, o->images, iters->high);
    if (o->vectors < 0 || o->vectors > SPECTRUM_MAX_RUNS || o->top < 0 || o->top > SPECTRUM_MAX_ENDS)
        return err_set(err, ERR_RANGE, "%ld start vectors, %ld eigenvalues at each end; at most %d and %d are accepted", o->vectors, o->top,
                       SPECTRUM_MAX_RUNS, SPECTRUM_MAX_ENDS);
    if (o->pyhessian && (o->train_mode || o->top > 0 || o->has_tol || o->trace || c->text[0]))
        return err_set(err, ERR_USAGE, "the reference's protocol has its own stopping rules and evaluation mode; "
                       "--iters, --images, --vectors, --test, --weighted and --augment go with it");
    if (c->text[0] && c->n_classes != 1)
        return err_set(err, ERR_USAGE, "eigenvectors of one class go into a file; %d classes are named", c->n_classes);
    return 0;
}

/* v_min., v_min2. ... v_max., v_max2. before PyTorch's names; the eigenvalues are in the metadata. */
static int save_vectors(struct trainer *t, const struct command *c, char *text, size_t size, struct err *err)
{
    const struct spectrum *s = t->probe.spectrum;
    size_t n = t->net.params.total;
    struct spectrum_result r;
    char name[2 * SPECTRUM_MAX_ENDS][16], value[2 * SPECTRUM_MAX_ENDS][32], step[24], class[16];
    const char *metadata[2 * (2 * SPECTRUM_MAX_ENDS + 3) + 1], *names[2 * SPECTRUM_MAX_ENDS];
    float *host[2 * SPECTRUM_MAX_ENDS] = { NULL };
    int count = 0, m = 0, failed = 0;
    spectrum_status(s, &r);
    snprintf(step, sizeof step, "%" PRIu64, t->subject.of);
    snprintf(class, sizeof class, "%d", t->probe.class_index);
    const char *const fixed[] = { "step", step, "class", class, "subset", t->subject.subset };
    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++)
        metadata[m++] = fixed[i];
    for (int high = 0; high < 2; high++)
        for (int i = 0; spectrum_vector(s, high, i) && !failed; i++, count++) {
            snprintf(name[count], sizeof name[count], i ? "v_%s%d" : "v_%s", high ? "max" : "min", i + 1);
            snprintf(value[count], sizeof value[count], "%.9g", spectrum_eigenvalue(s, high, i, NULL));
            names[count] = metadata[m++] = name[count];
            metadata[m++] = value[count];
            if (!(host[count] = malloc(n * sizeof **host)))
                failed = err_set(err, ERR_MEMORY, "no memory for %zu numbers", n);
            else
                t->backend->vec_read(curvature_op_model(t->subject.op), host[count], spectrum_vector(s, high, i), n);
        }
    metadata[m] = NULL;
    if (!failed)
        failed = trainer_check_device(t, curvature_op_model(t->subject.op), err);
    if (!failed)
        failed = params_save_named(&t->net, c->text, c->force, names, (const float *const *)host, count, metadata, err);
    for (int i = 0; i < count; i++)
        free(host[i]);
    if (!failed)
        text_append(text, size, "; %.200s written", c->text);
    return failed;
}

static void show_products(void *ctx, int done, int of)
{
    struct trainer *t = ctx;
    trainer_progress(t, "hessian", (uint64_t)done, (uint64_t)of, t->subject.class_index);
}

/* The reference's protocol; its bounds and standard error are ours. */
static int run_pyhessian(struct trainer *t, const struct command *c, char *text, size_t size, struct err *err)
{
    struct probe *p = &t->probe;
    const struct pyhessian_plan plan = { .iters = c->count > 0 ? (int)c->count : 100, .runs = c->probe.vectors > 0 ? (int)c->probe.vectors : 1,
                                         .seed = (uint64_t)knob_num(&t->knobs, KNOB_SEED), .which = (uint32_t)p->class_index,
                                         .apply = subject_apply, .ctx = t, .progress = show_products };
    struct pyhessian_result h;
    uint64_t start = clock_now_ns();
    if (pyhessian_run(t->backend, curvature_op_model(t->subject.op), t->net.params.total, &plan, &h, err) < 0)
        return -1;
    struct spectrum_result r = { .min = h.min, .max = h.max, .min_bound = h.min_bound, .max_bound = h.max_bound,
                                 .iters = h.n_nodes / plan.runs, .products = h.products, .runs = plan.runs, .trace = h.trace,
                                 .trace_se = h.trace_se, .why = SPECTRUM_ITERS };
    p->trace = true;
    p->ns += clock_now_ns() - start;
    emit_eig(t, &r, h.nodes, h.weights, (uint32_t)h.n_nodes, h.power);
    describe(t, &r, 0, text, size);
    text_append(text, size, "; power iteration %.4g in %d products, trace in %d", h.power, h.power_products, h.trace_products);
    pyhessian_release(&h);
    return 0;
}

static int run(struct trainer *t, struct err *err)
{
    struct probe *p = &t->probe;
    while (!spectrum_done(p->spectrum)) {
        if (trainer_cancelled(t))
            return err_set(err, ERR_CANCELLED, "cancelled");
        if (product(t, err) < 0)
            return -1;
    }
    return 0;
}

int probe_now(struct trainer *t, const struct command *c, int class_index, char *text, size_t size, struct err *err)
{
    struct probe *p = &t->probe;
    uint64_t start = clock_now_ns();
    if (check_options(c, err) < 0 || probe_take_over(t, err) < 0)
        return -1;
    t->subject.may_cancel = true;
    int result = begin(t, c->count, &c->probe, c->text[0] != '\0', class_index, err);
    if (result == 0)
        result = c->probe.pyhessian ? run_pyhessian(t, c, text, size, err) : run(t, err);
    t->subject.may_cancel = false;
    p->running = false;
    if (result < 0)
        return err->code == ERR_CANCELLED ? 1 : -1;
    if (c->probe.pyhessian)
        return 0;
    p->ns = clock_now_ns() - start;
    finish(t, c->probe.top, text, size);
    return c->text[0] ? save_vectors(t, c, text, size, err) : 0;
}

/* --- scheduled ----------------------------------------------------------------------------------------------------- */

static int next_class(const struct trainer *t)
{
    for (int c = 0; c < t->net.classes; c++)
        if (t->probe.todo[c])
            return c;
    return -1;
}

void probe_schedule(struct trainer *t)
{
    struct probe *p = &t->probe;
    const bool holds = p->running || p->round_weights; /* one that was interrupted would go on with the weights of now: it starts anew */
    if (p->round && holds && !(t->rolling && trainer_roll_round_began(t))) { /* the budget did not suffice for the last one: it is finished first, and tells about its own epoch */
        if (!p->late_said)
            trainer_say(t, "note", "hessian: the probes of an earlier epoch are still under way within budget %g; a larger budget, "
                        "fewer hessian_iters or a longer hessian_every would keep up", knob_num(&t->knobs, KNOB_BUDGET));
        p->late_said = p->behind = true;
        return;
    }
    p->behind = false;
    p->round = false;
    for (int c = 0; c < t->net.classes; c++)
        p->todo[c] = t->watched[c] && !(t->rolling && trainer_roll_round_has(t, c));
    if (next_class(t) < 0 || knob_num(&t->knobs, KNOB_BUDGET) <= 0)
        return;
    p->round = true;
    p->round_weights = false;
    p->round_ns = 0;
    p->round_start_ns = clock_now_ns();
}

/* Its products come when the roll is over; the weights of then are other ones. */
void probe_roll(struct trainer *t)
{
    struct probe *p = &t->probe;
    struct err err;
    if (!p->round || p->round_weights || t->optim.n_queued > 0)
        return;
    p->round_weights = open_all(t, &err) == 0 && subject_take_weights(t, &err) == 0;
    if (p->round_weights)
        return;
    trainer_say(t, "warning", "hessian: %s", err.text);
    drop_round(p, t->net.classes);
}

/* The next class of the round when none is under way, and the round's weights. 0, 1 the round is over, -1 this class cannot
 * be probed. */
static int next_of_round(struct trainer *t, int *c, struct err *err)
{
    struct probe *p = &t->probe;
    *c = p->running ? p->class_index : next_class(t);
    if (p->running)
        return 0;
    if (*c < 0) {
        drop_round(p, t->net.classes);
        return 1;
    }
    p->todo[*c] = false;
    if (open_all(t, err) < 0)
        return -1;
    if (!p->round_weights) {
        if (subject_take_weights(t, err) < 0)
            return -1;
        p->round_weights = true;
    }
    return 0;
}

/* A product of class c, beside as many steps as may be under way: it works on copies, on a stream of its own. */
static int product_beside(struct trainer *t, int c, struct err *err)
{
    const struct probe_options plain = { 0 };
    struct probe *p = &t->probe;
    char text[256];
    trainer_queue_ahead(t);
    p->rest_until = t->step + (uint64_t)t->optim.n_queued;
    const uint64_t start = clock_now_ns();
    int result = p->running ? 0 : begin(t, 0, &plain, false, c, err);
    if (result == 0)
        result = product(t, err);
    if (result == 0 && spectrum_done(p->spectrum))
        finish(t, 0, text, sizeof text);
    trainer_spent_beside(t, clock_now_ns() - start);
    return result;
}

/* One product of the round. false: the round is over. */
static bool advance(struct trainer *t)
{
    struct probe *p = &t->probe;
    struct err err;
    int c;
    uint64_t start = clock_now_ns();
    int result = next_of_round(t, &c, &err);
    if (result == 0)
        result = product_beside(t, c, &err);
    if (result < 0)
        subject_blame(t, &err);
    if (result < 0 && err.code != ERR_CANCELLED) { /* cancelled: the program is about to end */
        trainer_say(t, "warning", "hessian: %s", err.text);
        if (err.code == ERR_MEMORY || err.code == ERR_DEVICE)
            drop_round(p, t->net.classes);
    }
    p->round_ns += clock_now_ns() - start;
    return p->round && (p->running || next_class(t) >= 0);
}

/* The wall time of products counts, whether steps were under way beside them or not: more than that they cannot cost. */
static bool within_budget(const struct trainer *t)
{
    const uint64_t all = clock_now_ns() - t->probe.round_start_ns;
    return (double)t->probe.round_ns <= knob_num(&t->knobs, KNOB_BUDGET) * (double)all;
}

bool probe_wants_weights(const struct trainer *t)
{
    const struct probe *p = &t->probe;
    return p->round && !p->round_weights && within_budget(t);
}

/* A step that is under way has moved the weights already; and those beside which a product ran are collected before the next
 * product, so that they are followed by others. */
void probe_turn(struct trainer *t)
{
    struct probe *p = &t->probe;
    if (!p->round || t->over || !within_budget(t) || t->step < p->rest_until || (!p->round_weights && t->optim.n_queued > 0))
        return;
    if (!advance(t))
        drop_round(p, t->net.classes);
}

/* What the weights came to is what most will be asked about: the last round may take the budget's share of the whole run,
 * and the class under way is finished in any case, so that even a short run tells something. A round of an earlier epoch
 * makes way for that of the last. */
void probe_drain(struct trainer *t)
{
    struct probe *p = &t->probe;
    int left = 0;
    const uint64_t start = clock_now_ns();
    /* Of resumed runs too; one that was resumed at its end cannot tell, and makes up for the round that was cut off. */
    const double run_s = t->pace.steps > 0 ? (double)t->step * t->pace.seconds / t->pace.steps : INFINITY;
    const double allowed_ns = knob_num(&t->knobs, KNOB_BUDGET) * run_s * 1e9;
    atomic_store(&t->cancel, false);
    for (bool more = p->round; more && !trainer_cancelled(t);) {
        if (!p->running && p->behind) {
            drop_round(p, t->net.classes);
            probe_schedule(t);
        }
        if (!p->running && (double)(clock_now_ns() - start) >= allowed_ns)
            break;
        more = advance(t);
    }
    for (int c = 0; c < t->net.classes; c++)
        left += p->todo[c];
    if (p->round && left > 0)
        trainer_say(t, "note", "hessian: the budget left %d watched %s of the last round without a probe; 'hessian' probes now", left,
                    left == 1 ? "class" : "classes");
    drop_round(p, t->net.classes);
}
