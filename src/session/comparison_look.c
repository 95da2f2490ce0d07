/* The parts of a comparison besides its series: knobs, marks, classes and spectra, each as of the cursors. */
#include "config.h"
#include "session/comparison_private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "session/density.h"
#include "session/knob_trail.h"

/* The steps of a stretch up to the cursor; false: it begins after it. */
static bool reach_of(const struct comparison *c, int run, const struct compared_stretch *s, uint64_t *to)
{
    const uint64_t cursor = comparison_step(c->source[s->source], comparison_cursor(c, run));
    *to = s->to < cursor ? s->to : cursor;
    return s->eldest || cursor >= s->after;
}

/* --- knobs ----------------------------------------------------------------------------------------------------------- */

struct trail { /* the values that a knob had on the way of a run to its cursor, one after the other */
    const struct comparison *c;
    int run;
    enum knob_id knob;
    int stretch;              /* of the line, the one at hand */
    bool inside;              /* of it: not at its begin */
    size_t set;               /* its next change to look at */
    uint64_t since, to;       /* step from which the next value holds; the last step that counts */
    struct knob_trail value;  /* it is at */
};

/* The next value that is recorded, also where it is the same again; NULL: no more. */
static const struct knob_value *trail_step(struct trail *t, double *epoch)
{
    const struct compared_stream *stream = &t->c->stream[t->run];
    const struct compared_stretch *s = &stream->line[t->stretch];
    if (!t->inside) {
        if (t->stretch == stream->n_line || !reach_of(t->c, t->run, s, &t->to))
            return NULL;
        t->inside = true;
        t->set = 0;
        t->since = s->after;
    }
    const struct compared_source *source = t->c->source[s->source];
    *epoch = comparison_epoch(source, t->since);
    const struct knob_value *value = knob_trail_next(&source->h, t->knob, &t->set, &t->since);
    const bool last = t->since > t->to || t->since >= s->to; /* what was set at the step of a fork is in the child's own knobs */
    t->inside = !last;
    t->stretch += last;
    return value;
}

/* On to the next value that is another one; false: no more. */
static bool trail_next(struct trail *t)
{
    const struct knob_value *value;
    double epoch;
    while ((value = trail_step(t, &epoch)))
        if (knob_trail_add(&t->value, t->knob, value, epoch))
            return true;
    return false;
}

/* On to the next value that somebody set. */
static bool trail_next_set(struct trail *t)
{
    char before[KNOB_TEXT_MAX];
    do {
        memcpy(before, t->value.text, sizeof before);
        if (!trail_next(t))
            return false;
    } while (knob_trail_moved(before, t->value.text));
    return true;
}

/* Did the knob have the same values in both, from the same epochs on? Where a line begins tells nothing of a knob. next: which values count. */
static bool same_trail(const struct comparison *c, enum knob_id knob, int run, int other, bool (*next)(struct trail *))
{
    struct trail a = { .c = c, .run = run, .knob = knob }, b = { .c = c, .run = other, .knob = knob };
    for (;;) {
        const bool more = next(&a);
        if (next(&b) != more)
            return false;
        if (!more)
            return true;
        if (strcmp(a.value.text, b.value.text) != 0 || (a.value.n > 1 && a.value.epoch != b.value.epoch))
            return false;
    }
}

void comparison_knob_text(const struct comparison *c, int run, enum knob_id knob, char *out, size_t size)
{
    struct trail t = { .c = c, .run = run, .knob = knob };
    out[0] = '\0';
    while (trail_next(&t))
        knob_trail_put(&t.value, out, size);
    knob_trail_end(&t.value, out, size);
}

int comparison_knobs(struct comparison *c, enum knob_id out[KNOB_COUNT])
{
    int n = 0;
    for (int k = 0; k < KNOB_COUNT; k++) {
        bool differs = false;
        for (int i = 1; i < c->n && !differs && knob_recorded((enum knob_id)k); i++)
            differs = !same_trail(c, (enum knob_id)k, 0, i, trail_next);
        if (differs)
            out[n++] = (enum knob_id)k;
    }
    return n;
}

static bool same_but_seed(const struct comparison *c, int run, int other)
{
    for (int k = 0; k < KNOB_COUNT; k++)
        if (knob_recorded((enum knob_id)k) && k != KNOB_SEED && !knob_of_machine((enum knob_id)k) && !same_trail(c, (enum knob_id)k, run, other, trail_next_set))
            return false;
    return strcmp(comparison_source(c, run)->h.data_sha256, comparison_source(c, other)->h.data_sha256) == 0;
}

unsigned comparison_repeats(struct comparison *c, int run)
{
    unsigned bits = 1u << run;
    for (int i = 0; i < c->n; i++)
        if (i != run && !same_trail(c, KNOB_SEED, run, i, trail_next) && same_but_seed(c, run, i))
            bits |= 1u << i;
    return bits;
}

/* --- marks ----------------------------------------------------------------------------------------------------------- */

/* The first mark of a history from `i` on that counts. */
static const struct history_mark *next_mark(const struct history *h, size_t i, uint64_t to)
{
    for (; i < h->n_mark; i++)
        if (h->mark[i].letter != 'S' && h->mark[i].step <= to)
            return &h->mark[i];
    return NULL;
}

const struct history_mark *comparison_next_mark(const struct comparison *c, int run, const struct history_mark *after)
{
    const struct compared_stream *stream = &c->stream[run];
    bool found = !after;
    for (int k = 0; k < stream->n_line; k++) {
        const struct compared_stretch *s = &stream->line[k];
        const struct history *h = &c->source[s->source]->h;
        const bool here = after && h->n_mark && after >= h->mark && after < h->mark + h->n_mark;
        uint64_t to;
        found |= here;
        if (!found || !reach_of(c, run, s, &to))
            continue;
        if (k + 1 < stream->n_line && to == s->to && to > 0) /* what was done at the step of a fork is the parent's alone */
            to--;
        const struct history_mark *mark = next_mark(h, here ? (size_t)(after - h->mark) + 1 : 0, to);
        if (mark)
            return mark;
    }
    return NULL;
}

/* --- classes --------------------------------------------------------------------------------------------------------- */

/* The newest evaluation of classes up to the cursor; NULL: none. */
static const struct history_eval *classes_at(const struct comparison *c, int run)
{
    const struct compared_stream *stream = &c->stream[run];
    for (int k = stream->n_line - 1; k >= 0; k--) {
        const struct compared_stretch *s = &stream->line[k];
        const struct history *h = &c->source[s->source]->h;
        uint64_t to;
        if (!reach_of(c, run, s, &to))
            continue;
        for (size_t i = h->n_eval; i > 0; i--) {
            const struct history_eval *e = &h->eval[i - 1];
            if (e->cls && e->step <= to && (e->step > s->after || s->eldest))
                return e;
        }
    }
    return NULL;
}

/* Largest gain first, and then in the order of classes. */
static int by_gain(const void *a, const void *b)
{
    const struct comparison_gain *x = a, *y = b;
    return x->gain != y->gain ? (x->gain < y->gain ? 1 : -1) : x->class - y->class;
}

int comparison_gains(struct comparison *c, int run, struct comparison_gain *out)
{
    const struct history *first = &comparison_source(c, 0)->h;
    const struct history_eval *before = classes_at(c, 0), *after = classes_at(c, run);
    int n = 0;
    for (int i = 0; before && after && i < first->n_classes; i++) {
        const int there = comparison_class(c, run, i);
        const double a = (double)before->cls[i], b = there < 0 ? NAN : (double)after->cls[there];
        if (isfinite(a) && isfinite(b))
            out[n++] = (struct comparison_gain){ .class = i, .before = a, .after = b, .gain = b - a };
    }
    qsort(out, (size_t)n, sizeof *out, by_gain);
    return n;
}

/* --- spectra --------------------------------------------------------------------------------------------------------- */

const struct history_eig *comparison_spectrum(const struct comparison *c, int run, int class)
{
    const struct compared_stream *stream = &c->stream[run];
    const struct history *first = &comparison_source(c, 0)->h;
    const char *name = class >= 0 && class < first->n_classes ? first->cls[class].name : "";
    const struct history_eig *bare = NULL; /* without nodes */
    for (int k = stream->n_line - 1; k >= 0; k--) {
        const struct compared_stretch *s = &stream->line[k];
        const struct history *h = &c->source[s->source]->h;
        const int there = metric_class(h, name, class);
        uint64_t to;
        if (there < 0 || !reach_of(c, run, s, &to))
            continue;
        for (size_t i = h->n_eig; i > 0; i--) {
            const struct history_eig *e = &h->eig[i - 1];
            if ((int)e->class != there || e->how[0] || e->step > to || (e->step <= s->after && !s->eldest))
                continue;
            if (e->n_nodes)
                return e;
            bare = bare ? bare : e;
        }
    }
    return bare;
}

int comparison_density_classes(const struct comparison *c, const struct comparison_view *view, int out[], int most)
{
    const struct history *first = &comparison_source(c, 0)->h;
    int n = 0;
    for (int pass = 0; pass < 2 && n == 0; pass++)
        for (int class = 0; class < first->n_classes && n < most; class++) {
            if (view->classes ? !view->classes[class] : pass == 0 && !first->cls[class].watched)
                continue;
            bool any = false;
            for (int i = 0; i < c->n && !any; i++)
                any = comparison_spectrum(c, i, class) != NULL;
            if (any)
                out[n++] = class;
        }
    return n;
}

int comparison_densities(const struct comparison *c, int class, int cells, double *low, double *high, double *out)
{
    struct density_nodes nodes[COMPARISON_RUNS] = { { 0 } };
    int n = 0;
    for (int i = 0; i < c->n; i++) {
        const struct history_eig *e = comparison_spectrum(c, i, class);
        if (e && e->n_nodes) {
            nodes[i] = density_of(e);
            n++;
        }
    }
    memset(out, 0, sizeof *out * (size_t)cells * (size_t)c->n);
    if (!density_range(nodes, c->n, 0.04, low, high))
        return 0;
    for (int i = 0; i < c->n; i++)
        if (nodes[i].n)
            density_resolved(&nodes[i], *low, *high, cells, out + (size_t)i * (size_t)cells);
    return n;
}
