#include "config.h"
#include "engine/probe/readings.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "engine/probe/evaluate.h"

struct point {
    double tau;
    struct accuracy accuracy;
};

struct read { /* of one split */
    const char *split, *chosen; /* "given", or the split that chose; NULL without tau */
    const struct image_set *set;
    struct bank bank;
    struct point point[READINGS_TAUS + 1];
    int n, at;                  /* points; the one that counts */
    struct point plain;         /* its tau means nothing */
    float *cls;                 /* [classes] there */
};

struct reading_work {
    const struct guest *g;
    const struct reading_plan *plan;
    struct reading reading;     /* all but its bank */
    struct class_means means;
    float *params;              /* host */
    double *length;             /* [classes] */
    uint32_t *hits, *count;     /* [classes] */
    uint64_t start;
};

/* --- what a network makes of a split ------------------------------------------------------------------------------- */

struct bank_filling {
    const struct guest *g;
    struct bank *bank;
};

static void keep_features(void *ctx, uint32_t first, const struct batch *batch, const struct pass_result *result)
{
    const struct bank_filling *f = ctx;
    struct bank *b = f->bank;
    (void)result;
    f->g->backend->features(f->g->model, b->feature + (size_t)first * (size_t)b->features);
    f->g->backend->logits(f->g->model, b->logit + (size_t)first * (size_t)b->classes);
    memcpy(b->label + first, batch->labels, batch->n * sizeof *b->label);
}

static int fill_bank(const struct guest *g, const struct image_set *set, struct bank *b, struct err *err)
{
    struct bank_filling f = { g, b };
    if (bank_init(b, set->n, g->net->features, g->net->classes, err) < 0)
        return -1;
    return evaluation_walk(g, set, &(struct evaluation_walk){ "reading", PASS_EVAL, keep_features, &f }, err);
}

/* |w_j| of a linear classifier, in double. */
static void take_lengths(const struct reading_work *w)
{
    const struct net *net = w->g->net;
    for (int j = 0; j < net->classes; j++) {
        const float *row = w->params + net->head_weight + (size_t)j * (size_t)net->features;
        double square = 0;
        for (int f = 0; f < net->features; f++)
            square += (double)row[f] * row[f];
        w->length[j] = sqrt(square);
    }
}

/* Means of the training images, when the kind wants them. */
static int take_class_means(struct reading_work *w, struct err *err)
{
    const enum reading_space space = reading_table[w->plan->kind].space;
    struct bank train = { 0 };
    if (space == SPACE_NONE)
        return 0;
    int result = fill_bank(w->g, &w->g->data->train, &train, err);
    if (result == 0)
        result = class_means_init(&w->means, space, &train, err);
    bank_release(&train);
    w->reading.means = &w->means;
    return result;
}

/* --- one split ----------------------------------------------------------------------------------------------------- */

/* The point's accuracy at its tau, and that of each class into cls when not NULL. */
static int measure_point(struct reading_work *w, const struct read *r, enum reading_kind kind, struct point *point, float *cls, struct err *err)
{
    struct reading reading = w->reading;
    reading.kind = kind;
    reading.tau = point->tau;
    reading.bank = &r->bank;
    if (reading_count(&reading, w->hits, w->count, err) < 0)
        return -1;
    accuracy_of(w->g->data, w->hits, w->count, &point->accuracy, cls);
    return 0;
}

/* tau in its place among the round ones; where it stands. */
static int list_taus(struct read *r, double tau)
{
    int at = 0;
    r->n = 0;
    for (int i = 0; i < READINGS_TAUS; i++) {
        const double next = i / 10.0;
        if (i > 0 && tau > (i - 1) / 10.0 && tau < next)
            r->point[at = r->n++].tau = tau;
        if (tau == next)
            at = r->n;
        r->point[r->n++].tau = next;
    }
    if (tau > (READINGS_TAUS - 1) / 10.0)
        r->point[at = r->n++].tau = tau;
    return at;
}

/* The whole curve; without a tau of its own the best point counts: the largest accuracy, then the smallest tau. */
static int read_curve(struct reading_work *w, struct read *r, double tau, struct err *err)
{
    const bool has_tau = reading_table[w->plan->kind].has_tau;
    r->at = has_tau ? list_taus(r, tau) : 0;
    if (!has_tau)
        r->point[0].tau = NAN, r->n = 1;
    for (int i = 0; i < r->n; i++) {
        if (measure_point(w, r, w->plan->kind, &r->point[i], NULL, err) < 0)
            return -1;
        if (has_tau && isnan(tau) && r->point[i].accuracy.acc > r->point[r->at].accuracy.acc)
            r->at = i;
    }
    if (measure_point(w, r, READING_PLAIN, &r->plain, NULL, err) < 0)
        return -1;
    return measure_point(w, r, w->plan->kind, &r->point[r->at], r->cls, err);
}

static int read_split(struct reading_work *w, struct read *r, double tau, struct err *err)
{
    r->set = evaluation_split(w->g->data, r->split, err);
    r->cls = malloc((size_t)w->g->net->classes * sizeof *r->cls);
    if (!r->set)
        return -1;
    if (!r->cls)
        return err_set(err, ERR_MEMORY, "no memory for %d classes", w->g->net->classes);
    return fill_bank(w->g, r->set, &r->bank, err) < 0 ? -1 : read_curve(w, r, tau, err);
}

static void release_read(struct read *r)
{
    bank_release(&r->bank);
    free(r->cls);
}

/* --- told ---------------------------------------------------------------------------------------------------------- */

static double reading_part(const struct accuracy *a, int part)
{
    return part == 0 ? a->acc : a->group[part - 1];
}

static void set_parts(struct event *e, int field, const struct accuracy *a)
{
    double parts[1 + N_GROUPS];
    for (int k = 0; k < 1 + N_GROUPS; k++)
        parts[k] = reading_part(a, k);
    event_set_f64s(e, field, parts, 1 + N_GROUPS);
}

static void emit_reading(const struct reading_work *w, const struct read *r)
{
    static const int columns[1 + N_GROUPS] = { EV_READING_ACC, EV_READING_HEAD, EV_READING_MID, EV_READING_TAIL };
    const struct run_moment now = w->g->host->moment(w->g->ctx);
    const bool has_tau = reading_table[w->plan->kind].has_tau;
    double column[READINGS_TAUS + 1];
    struct event *e = event_new(EVENT_READING, now.step);
    if (!e)
        return;
    event_set_u64(e, EV_READING_OF, now.step);
    event_set_f64(e, EV_READING_EP, moment_epoch(&now));
    event_set_str(e, EV_READING_KIND, reading_table[w->plan->kind].name);
    event_set_str(e, EV_READING_SPLIT, r->split);
    event_set_u64(e, EV_READING_IMAGES, r->set->n);
    for (int k = -1; k < 1 + N_GROUPS && has_tau; k++) {
        for (int i = 0; i < r->n; i++)
            column[i] = k < 0 ? r->point[i].tau : reading_part(&r->point[i].accuracy, k);
        event_set_f64s(e, k < 0 ? EV_READING_TAU : columns[k], column, (uint32_t)r->n);
    }
    event_set_f64(e, EV_READING_AT, r->point[r->at].tau);
    event_set_str(e, EV_READING_CHOSEN, r->chosen);
    set_parts(e, EV_READING_VALUE, &r->point[r->at].accuracy);
    set_parts(e, EV_READING_PLAIN, &r->plain.accuracy);
    event_set_f32s(e, EV_READING_CLS, r->cls, (uint32_t)w->g->net->classes);
    event_set_f64(e, EV_READING_SECONDS, (double)(clock_now_ns() - w->start) * 1e-9);
    w->g->host->emit(w->g->ctx, e);
}

static void add_accuracy(struct buf *text, const struct accuracy *a)
{
    buf_addf(text, "%.2f", a->acc);
    for (int g = 0; g < N_GROUPS; g++)
        if (!isnan(a->group[g]))
            buf_addf(text, " %s %.2f", class_group_name[g], a->group[g]);
}

static void describe_reading(const struct reading_work *w, const struct read *r, struct buf *text)
{
    const struct run_moment now = w->g->host->moment(w->g->ctx);
    buf_addf(text, "%s", reading_table[w->plan->kind].name);
    if (r->chosen)
        buf_addf(text, " %.4g", r->point[r->at].tau);
    if (r->chosen && strcmp(r->chosen, "given") != 0)
        buf_addf(text, " (best on %s)", r->chosen);
    buf_addf(text, ", %s: ", r->split);
    add_accuracy(text, &r->point[r->at].accuracy);
    buf_addf(text, "; own classifier ");
    add_accuracy(text, &r->plain.accuracy);
    buf_addf(text, "; step %" PRIu64 " (ep %.1f)", now.step, moment_epoch(&now));
    if (r->chosen && strcmp(r->chosen, "test") == 0)
        buf_addf(text, ". Chosen on test images: no result to publish; 'data ... --val N' holds images out to choose on");
}

/* --- all of it ----------------------------------------------------------------------------------------------------- */

static int check_readings(const struct guest *g, const struct reading_plan *plan, struct err *err)
{
    const struct reading_info *info = &reading_table[plan->kind];
    if (!info->has_tau && !isnan(plan->tau))
        return err_set(err, ERR_USAGE, "%s takes no tau; %g was given", info->name, plan->tau);
    if (!isnan(plan->tau) && !(plan->tau >= 0 && plan->tau <= READING_MOST_TAU))
        return err_set(err, ERR_RANGE, "tau %g; 0..%d are accepted", plan->tau, READING_MOST_TAU);
    if (plan->kind == READING_TAU_NORM && g->net->head != HEAD_LINEAR)
        return err_set(err, ERR_INVALID, "tau_norm needs a linear classifier; this one's rows are of unit length already (head norm): "
                       "tau_post or ncm read it");
    for (int j = 0; plan->kind == READING_TAU_POST && j < g->data->classes; j++)
        if (g->data->train.count[j] == 0)
            return err_set(err, ERR_DATA, "tau_post needs the share of every class; class %d %s has no training images", j,
                           g->data->class_name[j]);
    return 0;
}

static int set_up_readings(struct reading_work *w, struct err *err)
{
    const struct guest *g = w->g;
    const size_t classes = (size_t)g->net->classes;
    w->start = clock_now_ns();
    w->params = malloc(g->net->params.total * sizeof *w->params);
    w->length = malloc(classes * sizeof *w->length);
    w->hits = malloc(classes * sizeof *w->hits);
    w->count = malloc(classes * sizeof *w->count);
    if (!w->params || !w->length || !w->hits || !w->count)
        return err_set(err, ERR_MEMORY, "no memory to read %zu classes", classes);
    g->backend->vec_read(g->model, w->params, g->params, g->net->params.total);
    if (g->net->head == HEAD_LINEAR)
        take_lengths(w);
    w->reading = (struct reading){ .length = w->length, .bias = w->params + g->net->head_bias, .count = g->data->train.count,
                                   .scale = g->net->head == HEAD_NORM ? (double)g->criterion->coef.scale[0] : 1 };
    return 0;
}

/* The split that was asked for; where it is val and tau was chosen there, test with that tau too. */
static int read_splits(struct reading_work *w, struct read *own, struct read *test, bool *both, struct err *err)
{
    const bool chooses = reading_table[w->plan->kind].has_tau && isnan(w->plan->tau);
    own->chosen = !reading_table[w->plan->kind].has_tau ? NULL : chooses ? own->split : "given";
    int result = read_split(w, own, w->plan->tau, err);
    *both = chooses && strcmp(own->split, "val") == 0 && w->g->data->test.n > 0;
    if (result || !*both)
        return result;
    *test = (struct read){ .split = "test", .chosen = "val" };
    return read_split(w, test, own->point[own->at].tau, err);
}

int readings_take(const struct guest *g, const struct reading_plan *plan, struct buf *text, struct err *err)
{
    struct reading_work w = { .g = g, .plan = plan };
    struct read own = { .split = plan->split[0] ? plan->split : evaluation_main_split(g->data) }, test = { 0 };
    bool both = false;
    if (!own.split)
        return err_set(err, ERR_DATA, "there are neither test nor val images; '--on train' reads the training images");
    int result = check_readings(g, plan, err) < 0 || set_up_readings(&w, err) < 0 ? -1 : take_class_means(&w, err);
    if (result == 0)
        result = read_splits(&w, &own, &test, &both, err);
    if (result == 0 && both)
        emit_reading(&w, &test);
    if (result == 0) {
        emit_reading(&w, &own);
        describe_reading(&w, both ? &test : &own, text);
    }
    release_read(&own);
    release_read(&test);
    class_means_release(&w.means);
    free(w.params);
    free(w.length);
    free(w.hits);
    free(w.count);
    return result;
}
