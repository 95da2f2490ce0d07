#include "config.h"
#include "engine/probe/spectrum.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/rng.h"
#include "engine/probe/lanczos.h"

const char *const spectrum_why_names[] = { "bound", "iters", "exhausted" };

enum spectrum_stage { STAGE_FIRST, STAGE_TRACE, STAGE_MORE, STAGE_DONE };
enum { LEAST_SAMPLES = 8 }; /* a standard error of fewer says little */

struct node {
    double at, weight;
};

struct spectrum {
    const struct backend *backend;
    struct model *model;
    size_t n;
    struct lanczos *lanczos[SPECTRUM_BLOCK]; /* run 0 has the first; further runs go side by side */
    int made_for; /* iterations of each */
    int side;     /* runs under way side by side */
    float *v[SPECTRUM_BLOCK], *w[SPECTRUM_BLOCK]; /* directions of trace samples and their products */
    float *kept[2][SPECTRUM_MAX_ENDS];            /* low end, high end */
    float *host;                                  /* [n] */

    struct spectrum_plan plan;
    enum spectrum_stage stage;
    int run, steps, products; /* run under way; steps of run 0 */
    bool has_kept, warm;
    enum spectrum_why why;
    double *eigen, *bound;    /* [made_for] of run 0, ascending */
    double min, max, min_bound, max_bound; /* of complete runs */
    struct node *node;        /* [nodes_room] of complete runs */
    int n_nodes, nodes_room;
    double *at, *weight;      /* [nodes_room] what spectrum_density() shows */
    double start_sum, start_square; /* of the starts' samples */
    double inner;             /* trace within run 0's Krylov space */
    double sum, square;       /* of the samples outside */
    int samples;
};

/* --- life ---------------------------------------------------------------------------------------------------------- */

struct spectrum *spectrum_new(const struct backend *backend, struct model *model, size_t n, struct err *err)
{
    struct spectrum *s = calloc(1, sizeof *s);
    if (!s) {
        err_set(err, ERR_MEMORY, "no memory for a spectrum");
        return NULL;
    }
    *s = (struct spectrum){ .backend = backend, .model = model, .n = n, .stage = STAGE_DONE };
    return s;
}

static void free_vectors(struct spectrum *s, float **v, int count)
{
    for (int i = 0; i < count; i++) {
        s->backend->vec_free(s->model, v[i]);
        v[i] = NULL;
    }
}

static void free_lanczos(struct spectrum *s)
{
    for (int k = 0; k < SPECTRUM_BLOCK; k++) {
        lanczos_free(s->lanczos[k]);
        s->lanczos[k] = NULL;
    }
    s->made_for = 0;
}

void spectrum_free(struct spectrum *s)
{
    if (!s)
        return;
    free_lanczos(s);
    free_vectors(s, s->v, SPECTRUM_BLOCK);
    free_vectors(s, s->w, SPECTRUM_BLOCK);
    free_vectors(s, s->kept[0], SPECTRUM_MAX_ENDS);
    free_vectors(s, s->kept[1], SPECTRUM_MAX_ENDS);
    double *numbers[] = { s->eigen, s->bound, s->at, s->weight };
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        free(numbers[i]);
    free(s->host);
    free(s->node);
    free(s);
}

size_t spectrum_dimension(const struct spectrum *s)
{
    return s->n;
}

size_t spectrum_memory_bytes(const struct spectrum *s)
{
    size_t vectors = s->host != NULL;
    for (int i = 0; i < SPECTRUM_BLOCK; i++)
        vectors += (s->v[i] != NULL) + (size_t)(s->w[i] != NULL);
    for (int i = 0; i < SPECTRUM_MAX_ENDS; i++)
        vectors += (s->kept[0][i] != NULL) + (size_t)(s->kept[1][i] != NULL);
    size_t lanczos = 0;
    for (int k = 0; k < SPECTRUM_BLOCK; k++)
        lanczos += s->lanczos[k] ? lanczos_memory_bytes(s->lanczos[k]) : 0;
    return sizeof *s + lanczos + vectors * s->n * sizeof(float) +
           (size_t)s->nodes_room * (sizeof *s->node + 2 * sizeof(double));
}

/* --- what a plan needs --------------------------------------------------------------------------------------------- */

static int take_vectors(struct spectrum *s, float **v, int count, struct err *err)
{
    for (int i = 0; i < count; i++)
        if (!v[i] && !(v[i] = s->backend->vec_new(s->model, s->n, err)))
            return -1;
    return 0;
}

static int take_lanczos(struct spectrum *s, int iters, struct err *err)
{
    if (s->lanczos[0] && s->made_for == iters)
        return 0;
    free_lanczos(s);
    free(s->eigen);
    free(s->bound);
    s->eigen = calloc((size_t)iters, sizeof *s->eigen);
    s->bound = calloc((size_t)iters, sizeof *s->bound);
    s->lanczos[0] = lanczos_new(s->backend, s->model, s->n, iters, err);
    s->made_for = s->lanczos[0] ? iters : 0;
    if (s->lanczos[0] && (!s->eigen || !s->bound))
        return err_set(err, ERR_MEMORY, "no memory for %d eigenvalues", iters);
    return s->lanczos[0] ? 0 : -1;
}

/* Takes the vectors of runs side by side. Where those of several do not fit, fewer go together: the results are the same. */
static int take_side(struct spectrum *s, int most)
{
    struct err ignored;
    int n = 1;
    for (; n < most; n++)
        if (!s->lanczos[n] && !(s->lanczos[n] = lanczos_new(s->backend, s->model, s->n, s->made_for, &ignored)))
            break;
    return n;
}

static int take_nodes(struct spectrum *s, int count, struct err *err)
{
    if (count <= s->nodes_room)
        return 0;
    free(s->node);
    free(s->at);
    free(s->weight);
    s->node = malloc((size_t)count * sizeof *s->node);
    s->at = malloc((size_t)count * sizeof *s->at);
    s->weight = malloc((size_t)count * sizeof *s->weight);
    s->nodes_room = s->node && s->at && s->weight ? count : 0;
    return s->nodes_room ? 0 : err_set(err, ERR_MEMORY, "no memory for a density of %d nodes", count);
}

static int check_spectrum_plan(const struct spectrum_plan *p, struct err *err)
{
    if (p->iters < 1 || p->runs < 1 || p->runs > SPECTRUM_MAX_RUNS)
        return err_set(err, ERR_RANGE, "%d Lanczos steps from %d vectors; at least 1 step and 1..%d vectors are accepted", p->iters,
                       p->runs, SPECTRUM_MAX_RUNS);
    if (p->keep < 0 || p->keep > SPECTRUM_MAX_ENDS || p->ends < 1 || p->ends > SPECTRUM_MAX_ENDS)
        return err_set(err, ERR_RANGE, "%d eigenvalues at each end; 1..%d are accepted", p->keep > p->ends ? p->keep : p->ends,
                       SPECTRUM_MAX_ENDS);
    return 0;
}

int spectrum_start(struct spectrum *s, const struct spectrum_plan *plan, struct err *err)
{
    s->stage = STAGE_DONE;
    s->has_kept = false;
    s->run = s->steps = s->products = s->n_nodes = s->samples = 0;
    s->start_sum = s->start_square = s->inner = s->sum = s->square = 0;
    s->min = s->max = s->min_bound = s->max_bound = NAN;
    s->warm = plan->warm != NULL;
    if (check_spectrum_plan(plan, err) < 0 || take_lanczos(s, plan->iters, err) < 0 || take_nodes(s, plan->iters * plan->runs, err) < 0 ||
        take_vectors(s, s->kept[0], plan->keep, err) < 0 || take_vectors(s, s->kept[1], plan->keep, err) < 0)
        return -1;
    if (plan->trace && (take_vectors(s, s->v, SPECTRUM_BLOCK, err) < 0 || take_vectors(s, s->w, SPECTRUM_BLOCK, err) < 0))
        return -1;
    if (plan->trace && !s->host && !(s->host = malloc(s->n * sizeof *s->host)))
        return err_set(err, ERR_MEMORY, "no memory for a trace of %zu numbers", s->n);
    s->plan = *plan;
    if (lanczos_start(s->lanczos[0], plan->seed, plan->which, plan->warm, err) < 0)
        return -1;
    s->plan.warm = NULL; /* it was copied */
    s->stage = STAGE_FIRST;
    return 0;
}

bool spectrum_done(const struct spectrum *s)
{
    return s->stage == STAGE_DONE;
}

/* --- runs ---------------------------------------------------------------------------------------------------------- */

static int by_place(const void *a, const void *b)
{
    const struct node *x = a, *y = b;
    return (x->at > y->at) - (x->at < y->at);
}

/* A run joins the density, the extremes and the samples of the trace. */
static void close_run(struct spectrum *s, const struct lanczos *run)
{
    struct lanczos_status l;
    double mean = 0;
    lanczos_status(run, &l);
    int n = s->warm ? 0 : lanczos_density(run, s->at, s->weight);
    for (int j = 0; j < n; j++) {
        s->node[s->n_nodes++] = (struct node){ s->at[j], s->weight[j] };
        mean += s->at[j] * s->weight[j]; /* = alpha_1 */
    }
    qsort(s->node, (size_t)s->n_nodes, sizeof *s->node, by_place);
    double sample = mean * (double)s->n;
    s->start_sum += sample;
    s->start_square += sample * sample;
    if (s->run == 0 || l.min < s->min) {
        s->min = l.min;
        s->min_bound = l.min_bound;
    }
    if (s->run == 0 || l.max > s->max) {
        s->max = l.max;
        s->max_bound = l.max_bound;
    }
    s->run++;
}

static bool bounded(const struct spectrum *s, int iters)
{
    int ends = s->plan.ends;
    if (s->plan.tol <= 0 || iters < ends)
        return false;
    for (int i = 0; i < ends; i++) {
        double low_bound, high_bound;
        double low = lanczos_ritz(s->lanczos[0], i, &low_bound), high = lanczos_ritz(s->lanczos[0], iters - 1 - i, &high_bound);
        if (!(low_bound <= s->plan.tol * fabs(low)) || !(high_bound <= s->plan.tol * fabs(high)))
            return false;
    }
    return true;
}

static bool first_is_over(struct spectrum *s, const struct lanczos_status *l)
{
    if (bounded(s, l->iters))
        s->why = SPECTRUM_BOUND;
    else if (l->exhausted)
        s->why = SPECTRUM_EXHAUSTED;
    else if (l->iters == l->max_iters)
        s->why = (size_t)l->iters == s->n ? SPECTRUM_EXHAUSTED : SPECTRUM_ITERS;
    else
        return false;
    return true;
}

static void keep_first(struct spectrum *s, int iters)
{
    s->steps = iters;
    s->inner = lanczos_trace(s->lanczos[0]);
    for (int j = 0; j < iters; j++)
        s->eigen[j] = lanczos_ritz(s->lanczos[0], j, &s->bound[j]);
    for (int i = 0; i < s->plan.keep && i < iters; i++) {
        lanczos_vector(s->lanczos[0], i, s->kept[0][i]);
        lanczos_vector(s->lanczos[0], iters - 1 - i, s->kept[1][i]);
    }
    s->has_kept = true;
}

/* Runs 2, 3 ... from other vectors, or nothing more to do. */
static int next_runs(struct spectrum *s, struct err *err)
{
    const int left = s->plan.runs - s->run;
    s->stage = s->warm || left <= 0 ? STAGE_DONE : STAGE_MORE;
    if (s->stage == STAGE_DONE)
        return 0;
    s->side = take_side(s, left < SPECTRUM_BLOCK ? left : SPECTRUM_BLOCK);
    for (int k = 0; k < s->side; k++)
        if (lanczos_start(s->lanczos[k], s->plan.seed, s->plan.which | (uint32_t)(s->run + k) << 16, NULL, err) < 0)
            return -1;
    return 0;
}

struct single { /* a block operator where Lanczos wants one product */
    spectrum_apply *apply;
    void *ctx;
};

static int apply_one(void *ctx, const float *v, float *out, struct err *err)
{
    const struct single *one = ctx;
    return one->apply(one->ctx, 1, &v, &out, err);
}

static int lanczos_product(struct spectrum *s, spectrum_apply *apply, void *ctx, struct lanczos_status *l, struct err *err)
{
    struct single one = { apply, ctx };
    if (lanczos_step(s->lanczos[0], apply_one, &one, err) < 0)
        return -1;
    s->products++;
    lanczos_status(s->lanczos[0], l);
    return 0;
}

static int step_first(struct spectrum *s, spectrum_apply *apply, void *ctx, struct err *err)
{
    struct lanczos_status l;
    if (lanczos_product(s, apply, ctx, &l, err) < 0)
        return -1;
    if (!first_is_over(s, &l))
        return 0;
    keep_first(s, l.iters);
    close_run(s, s->lanczos[0]);
    if (s->plan.trace && !s->warm && (size_t)s->steps < s->n) {
        s->stage = STAGE_TRACE;
        return 0;
    }
    return next_runs(s, err);
}

/* An exhausted one shows at its next step only. */
static bool side_is_over(const struct spectrum *s)
{
    struct lanczos_status l;
    for (int k = 0; k < s->side; k++) {
        lanczos_status(s->lanczos[k], &l);
        if (l.iters < s->steps && !l.exhausted)
            return false;
    }
    return true;
}

/* One product for each run under way; all take as many steps as run 0 did. */
static int step_more(struct spectrum *s, spectrum_apply *apply, void *ctx, struct err *err)
{
    const float *v[SPECTRUM_BLOCK];
    float *w[SPECTRUM_BLOCK];
    struct lanczos *of[SPECTRUM_BLOCK];
    int n = 0;
    for (int k = 0; k < s->side; k++) {
        struct lanczos_status l;
        lanczos_status(s->lanczos[k], &l);
        if (l.iters < s->steps && lanczos_next(s->lanczos[k], &v[n], &w[n]))
            of[n++] = s->lanczos[k];
    }
    if (n > 0 && apply(ctx, n, v, w, err) < 0)
        return -1;
    for (int k = 0; k < n; k++)
        if (lanczos_take(of[k], err) < 0)
            return -1;
    s->products += n;
    if (n > 0 && !side_is_over(s))
        return 0;
    for (int k = 0; k < s->side; k++)
        close_run(s, s->lanczos[k]);
    return next_runs(s, err);
}

/* --- trace --------------------------------------------------------------------------------------------------------- */

static void draw_sample(struct spectrum *s, float *to, uint32_t sample)
{
    struct rng r;
    uint32_t word = 0;
    rng_init(&r, s->plan.seed, RNG_PROBE, s->plan.which | UINT32_C(1) << 31, sample);
    for (size_t i = 0; i < s->n; i++) {
        if (i % 32 == 0)
            word = rng_u32(&r);
        s->host[i] = word >> i % 32 & 1 ? 1.0f : -1.0f;
    }
    s->backend->vec_write(s->model, to, s->host, s->n);
}

static void mean_and_error(double sum, double square, int n, double *mean, double *se)
{
    *mean = sum / n;
    *se = n > 1 ? sqrt(fmax(square / n - *mean * *mean, 0) / (n - 1)) : NAN;
}

static bool trace_is_sharp(const struct spectrum *s)
{
    double mean, se;
    if (s->samples < LEAST_SAMPLES && s->samples < s->plan.trace_products)
        return false;
    mean_and_error(s->sum, s->square, s->samples, &mean, &se);
    return s->samples >= s->plan.trace_products || se <= s->plan.trace_tol * fabs(s->inner + mean);
}

static int step_of_trace(struct spectrum *s, spectrum_apply *apply, void *ctx, struct err *err)
{
    int left = s->plan.trace_products - s->samples, n = left < SPECTRUM_BLOCK ? left : SPECTRUM_BLOCK;
    const float *v[SPECTRUM_BLOCK];
    for (int k = 0; k < n; k++) {
        draw_sample(s, s->v[k], (uint32_t)(s->samples + k));
        lanczos_project(s->lanczos[0], s->v[k]);
        v[k] = s->v[k];
    }
    if (n > 0 && apply(ctx, n, v, s->w, err) < 0)
        return -1;
    for (int k = 0; k < n; k++) {
        double sample = s->backend->vec_dot(s->model, s->v[k], s->w[k], s->n);
        if (!isfinite(sample))
            return err_set(err, ERR_DIVERGED, "a Hessian product is not finite");
        s->sum += sample;
        s->square += sample * sample;
        s->samples++;
    }
    s->products += n;
    return trace_is_sharp(s) ? next_runs(s, err) : 0;
}

int spectrum_step(struct spectrum *s, spectrum_apply *apply, void *ctx, struct err *err)
{
    int result = s->stage == STAGE_FIRST   ? step_first(s, apply, ctx, err)
                 : s->stage == STAGE_TRACE ? step_of_trace(s, apply, ctx, err)
                 : s->stage == STAGE_MORE  ? step_more(s, apply, ctx, err)
                                           : 0;
    if (result < 0)
        s->stage = STAGE_DONE;
    return result;
}

/* --- results ------------------------------------------------------------------------------------------------------- */

static void trace_so_far(const struct spectrum *s, struct spectrum_result *out)
{
    out->trace = out->trace_se = NAN;
    if (s->warm)
        return;
    if (s->samples > 1) {
        mean_and_error(s->sum, s->square, s->samples, &out->trace, &out->trace_se);
        out->trace += s->inner;
    } else if (s->plan.trace && s->steps > 0 && (size_t)s->steps == s->n) {
        out->trace = s->inner; /* the whole space: exact */
        out->trace_se = 0;
    } else if (s->run > 1) {
        mean_and_error(s->start_sum, s->start_square, s->run, &out->trace, &out->trace_se);
    }
}

static int most_products(const struct spectrum *s)
{
    int first = s->steps ? s->steps : s->made_for;
    int trace = !s->plan.trace || s->warm ? 0 : s->stage > STAGE_TRACE ? s->samples : s->plan.trace_products;
    return first * (s->warm ? 1 : s->plan.runs) + trace;
}

double spectrum_rounding(double min, double max)
{
    return (double)FLT_EPSILON * fmax(fabs(min), fabs(max));
}

/* Vectors and products are float32: a residual of 1e-16 would say what they cannot know. NaN stays. */
static void add_rounding(struct spectrum_result *out)
{
    double least = spectrum_rounding(out->min, out->max);
    if (out->min_bound < least)
        out->min_bound = least;
    if (out->max_bound < least)
        out->max_bound = least;
}

static void first_so_far(const struct spectrum *s, struct spectrum_result *out)
{
    struct lanczos_status l;
    lanczos_status(s->lanczos[0], &l);
    out->min = l.min;
    out->max = l.max;
    out->min_bound = l.min_bound;
    out->max_bound = l.max_bound;
    out->iters = l.iters;
}

void spectrum_status(const struct spectrum *s, struct spectrum_result *out)
{
    *out = (struct spectrum_result){ .min = s->min, .max = s->max, .min_bound = s->min_bound, .max_bound = s->max_bound,
                                     .iters = s->steps, .products = s->products, .of = most_products(s),
                                     .runs = s->warm ? 0 : s->run, .why = s->why };
    trace_so_far(s, out);
    if (s->stage == STAGE_FIRST)
        first_so_far(s, out);
    add_rounding(out);
}

int spectrum_density(const struct spectrum *s, const double **nodes, const double **weights)
{
    *nodes = s->at;
    *weights = s->weight;
    if (s->warm || s->nodes_room == 0)
        return 0;
    if (s->stage == STAGE_FIRST)
        return lanczos_density(s->lanczos[0], s->at, s->weight);
    for (int j = 0; j < s->n_nodes; j++) {
        s->at[j] = s->node[j].at;
        s->weight[j] = s->node[j].weight / s->run;
    }
    return s->n_nodes;
}

double spectrum_eigenvalue(const struct spectrum *s, bool high, int i, double *bound)
{
    int j = high ? s->steps - 1 - i : i;
    if (bound)
        *bound = s->bound[j];
    return s->eigen[j];
}

const float *spectrum_vector(const struct spectrum *s, bool high, int i)
{
    return s->has_kept && i < s->plan.keep && i < s->steps ? s->kept[high][i] : NULL;
}
