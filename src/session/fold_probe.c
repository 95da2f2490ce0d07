/* The fold of spectra: eigenvalues, and the probe under way. Numbers of a file are used only when they
 * are what they should be: finite, ascending, of a class that exists. */
#include "config.h"
#include "session/fold.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "engine/probe/spectrum.h"

/* --- life ------------------------------------------------------------------------------------------------------------ */

static void release_eig(struct history_eig *e)
{
    free(e->nodes);
    free(e->wts);
    e->nodes = e->wts = NULL;
    e->n_nodes = 0;
}

void fold_drop_live(struct history *h)
{
    if (h->has_live)
        release_eig(&h->live);
    h->has_live = false;
}

void fold_drop_probes(struct history *h, uint64_t after, bool all)
{
    size_t kept = 0;
    for (size_t i = 0; i < h->n_eig; i++)
        if (all || h->eig[i].step > after)
            release_eig(&h->eig[i]);
        else
            h->eig[kept++] = h->eig[i];
    h->n_eig = kept;
    fold_drop_results(h, after, all);
    fold_drop_live(h);
}

/* --- arrays of a file ------------------------------------------------------------------------------------------------ */

static bool is_ascending(const struct event_field *f)
{
    for (uint32_t i = 0; i < f->n; i++)
        if (!isfinite(f->f64s[i]) || (i && f->f64s[i] < f->f64s[i - 1]))
            return false;
    return f->n > 0 && isfinite(f->f64s[f->n - 1] - f->f64s[0]);
}

static bool not_negative(const struct event_field *f)
{
    for (uint32_t i = 0; i < f->n; i++)
        if (!(f->f64s[i] >= 0) || isinf(f->f64s[i]))
            return false;
    return true;
}

/* Two arrays of one length, copied; false: no memory. */
static bool copy_pair(const struct event_field *a, const struct event_field *b, double **out_a, double **out_b)
{
    size_t bytes = a->n * sizeof **out_a;
    *out_a = malloc(bytes);
    *out_b = malloc(bytes);
    if (!*out_a || !*out_b) {
        free(*out_a);
        free(*out_b);
        *out_a = *out_b = NULL;
        return false;
    }
    memcpy(*out_a, a->f64s, bytes);
    memcpy(*out_b, b->f64s, bytes);
    return true;
}

static void set_nodes(struct history *h, struct history_eig *out, const struct event_field *nodes, const struct event_field *wts)
{
    if (nodes->n != wts->n || !is_ascending(nodes) || !not_negative(wts))
        return;
    if (copy_pair(nodes, wts, &out->nodes, &out->wts))
        out->n_nodes = nodes->n;
    else
        h->failed = true;
}

static uint32_t count_of(const struct event_field *f)
{
    return f->u < UINT32_MAX ? (uint32_t)f->u : UINT32_MAX;
}

uint64_t fold_weights(const struct event *e, const struct event_field *of)
{
    return of->u < e->step ? of->u : e->step;
}

/* --- eigenvalues ----------------------------------------------------------------------------------------------------- */

/* Older recordings hold residuals of 1e-16; no result of float32 is known better than to its rounding. */
static double known_to(double bound, const struct event_field *f)
{
    const double rounding = spectrum_rounding(f[EV_EIG_LMIN].f, f[EV_EIG_LMAX].f);
    return bound < rounding ? rounding : bound;
}

void fold_eig(struct history *h, const struct event *e)
{
    const struct event_field *f = e->f;
    h->progress_what[0] = '\0';
    if (f[EV_EIG_CLASS].u >= (uint64_t)h->n_classes)
        return;
    if (h->has_live && h->live.class == f[EV_EIG_CLASS].u)
        fold_drop_live(h);
    struct history_eig *grown = fold_grow(h, h->eig, h->n_eig, sizeof *h->eig);
    if (!grown)
        return;
    h->eig = grown;
    struct history_eig *out = &h->eig[h->n_eig++];
    *out = (struct history_eig){
        .step = fold_weights(e, &f[EV_EIG_OF]), .wall_ns = fold_wall(h, e), .epoch = f[EV_EIG_EP].f, .loss = f[EV_EIG_LOSS].f,
        .lmin = f[EV_EIG_LMIN].f, .lmax = f[EV_EIG_LMAX].f, .rmin = known_to(f[EV_EIG_RMIN].f, f),
        .rmax = known_to(f[EV_EIG_RMAX].f, f),
        .seconds = f[EV_EIG_SECONDS].f, .trace = f[EV_EIG_TRACE].f, .trace_se = f[EV_EIG_TRACE_SE].f, .amp = f[EV_EIG_AMP].f,
        .class = (uint32_t)f[EV_EIG_CLASS].u, .iters = count_of(&f[EV_EIG_ITERS]), .images = count_of(&f[EV_EIG_IMAGES]),
        .runs = count_of(&f[EV_EIG_RUNS]),
    };
    text_safe(f[EV_EIG_SUBSET].s, out->subset, sizeof out->subset);
    text_safe(f[EV_EIG_HOW].s, out->how, sizeof out->how);
    text_safe(f[EV_EIG_WHY].s, out->why, sizeof out->why);
    set_nodes(h, out, &f[EV_EIG_NODES], &f[EV_EIG_WTS]);
    fold_say_eig(h, out, e);
}

/* Nodes are left out of an event when they have not changed: those of before stay. */
void fold_live(struct history *h, const struct event *e)
{
    const struct event_field *f = e->f, *nodes = &f[EV_PROGRESS_NODES];
    const char *what = f[EV_PROGRESS_WHAT].s;
    const struct measure_info *m = what ? measure_of_verb(what) : NULL;
    if (!m || m->class_index < 0)
        return;
    if (h->has_live && h->live.class != f[EV_PROGRESS_CLASS].u)
        fold_drop_live(h);
    if (f[EV_PROGRESS_DONE].u >= f[EV_PROGRESS_OF].u) {
        fold_drop_live(h);
        return;
    }
    if (f[EV_PROGRESS_CLASS].u >= (uint64_t)h->n_classes || !isfinite(f[EV_PROGRESS_LMIN].f) || !isfinite(f[EV_PROGRESS_LMAX].f))
        return;
    struct history_eig *live = &h->live;
    if (!h->has_live || f[EV_PROGRESS_DONE].u < live->iters) { /* the first, or a probe that began again */
        fold_drop_live(h);
        *live = (struct history_eig){ .class = (uint32_t)f[EV_PROGRESS_CLASS].u, .loss = NAN, .seconds = NAN, .trace = NAN,
                                      .trace_se = NAN, .amp = NAN };
        h->has_live = true;
    }
    live->step = e->step;
    live->epoch = h->epoch;
    live->lmin = f[EV_PROGRESS_LMIN].f;
    live->lmax = f[EV_PROGRESS_LMAX].f;
    live->rmin = f[EV_PROGRESS_RMIN].f;
    live->rmax = f[EV_PROGRESS_RMAX].f;
    live->iters = count_of(&f[EV_PROGRESS_DONE]);
    live->of = count_of(&f[EV_PROGRESS_OF]);
    if (nodes->n) {
        release_eig(live);
        set_nodes(h, live, nodes, &f[EV_PROGRESS_WTS]);
    }
}

/* A refused answer is the only word about a probe that was cancelled. */
void fold_answer(struct history *h, const struct event *e)
{
    if (e->f[EV_ANSWER_OK].u == 0)
        fold_drop_live(h);
}

/* --- questions ------------------------------------------------------------------------------------------------------- */

const struct history_eig *history_last_eig(const struct history *h, uint32_t class)
{
    const struct history_eig *other = NULL;
    for (size_t i = h->n_eig; i > 0; i--) {
        const struct history_eig *e = &h->eig[i - 1];
        if (e->class == class && !e->how[0])
            return e;
        if (e->class == class && !other)
            other = e;
    }
    return other;
}
