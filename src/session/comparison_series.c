/* The metrics of a comparison: of each run a series, made once and anew when something was recorded. */
#define _GNU_SOURCE 1
#include "config.h"
#include "session/comparison_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

int comparison_add_metric(struct comparison *c, const char *text, struct err *err)
{
    struct metric m;
    if (metric_parse(text, &comparison_source(c, 0)->h, &m, err) < 0)
        return -1;
    for (int i = 0; i < c->n_metrics; i++)
        if (strcmp(c->metric[i].label, m.label) == 0)
            return i;
    if (c->n_metrics == COMPARISON_METRICS)
        return err_set(err, ERR_RANGE, "more than %d metrics", COMPARISON_METRICS);
    c->metric[c->n_metrics] = m;
    return c->n_metrics++;
}

void comparison_drop_metrics(struct comparison *c)
{
    for (int i = 0; i < c->n; i++)
        for (int m = 0; m < c->n_metrics; m++) {
            free(c->stream[i].series[m].at);
            free(c->stream[i].series[m].lost);
            free(c->stream[i].steps[m].at);
            free(c->stream[i].steps[m].lost);
            c->stream[i].series[m] = c->stream[i].steps[m] = (struct compared_series){ 0 };
        }
    c->n_metrics = 0;
}

int comparison_metrics(const struct comparison *c)
{
    return c->n_metrics;
}

const struct metric *comparison_metric(const struct comparison *c, int metric)
{
    return &c->metric[metric];
}

/* --- series ---------------------------------------------------------------------------------------------------------- */

static bool belongs(const struct compared_stretch *s, uint64_t step)
{
    return (step > s->after || (s->eldest && step == s->after)) && step <= s->to;
}

static bool add_lost(struct compared_series *s, const struct metric_point *point)
{
    struct metric_point *more = s->n_lost % 64 ? s->lost : realloc(s->lost, sizeof *more * (s->n_lost + 64));
    if (!more)
        return false;
    s->lost = more;
    size_t at = s->n_lost++;
    for (; at > 0 && more[at - 1].step > point->step; at--) /* measured later of earlier weights */
        more[at] = more[at - 1];
    more[at] = *point;
    return true;
}

/* Adds the stretch's points of the metric behind those that are there already; false: no memory. */
static bool add_stretch(const struct comparison *c, const struct compared_stretch *s, const struct metric *wanted, struct compared_series *out)
{
    const struct history *h = &c->source[s->source]->h;
    struct metric m;
    if (!metric_bind(wanted, h, &m))
        return true;
    const size_t n = metric_count(&m, h);
    struct metric_point *more = realloc(out->at, sizeof *more * (out->n + n + 1));
    if (!more)
        return false;
    out->at = more;
    for (size_t i = 0; i < n; i++) {
        struct metric_point *point = &more[out->n];
        if (!metric_point(&m, h, i, point) || !belongs(s, point->step))
            continue;
        if (isfinite(point->value))
            out->n++;
        else if (!add_lost(out, point))
            return false;
    }
    return true;
}

static int by_step(const void *a, const void *b, void *points)
{
    const struct metric_point *at = points;
    const size_t i = *(const size_t *)a, k = *(const size_t *)b;
    return at[i].step != at[k].step ? (at[i].step > at[k].step) - (at[i].step < at[k].step) : (i > k) - (i < k);
}

static bool is_sorted(const struct compared_series *s)
{
    for (size_t i = s->own + 1; i < s->n; i++)
        if (s->at[i].step < s->at[i - 1].step)
            return false;
    return true;
}

/* Points measured later of earlier weights go to their place; of points measured again the later stays behind. false: no memory. */
static bool sort_own(struct compared_series *s)
{
    const size_t n = s->n - s->own;
    if (is_sorted(s))
        return true;
    size_t *order = malloc(n * sizeof *order);
    struct metric_point *from = malloc(n * sizeof *from);
    for (size_t i = 0; order && from && i < n; i++) {
        order[i] = i;
        from[i] = s->at[s->own + i];
    }
    if (order && from)
        qsort_r(order, n, sizeof *order, by_step, from);
    for (size_t i = 0; order && from && i < n; i++)
        s->at[s->own + i] = from[order[i]];
    const bool done = order && from;
    free(order);
    free(from);
    return done;
}

static uint64_t version_of(const struct comparison *c, const struct compared_stream *stream)
{
    uint64_t sum = 0;
    for (int i = 0; i < stream->n_line; i++)
        sum += c->source[stream->line[i].source]->version;
    return sum;
}

static struct comparison_series series_of(const struct comparison *c, const struct compared_stream *stream, const struct metric *m, struct compared_series *s)
{
    const uint64_t version = version_of(c, stream);
    if (s->version != version) {
        s->n = s->own = s->n_lost = 0;
        s->version = version;
        for (int i = 0; i < stream->n_line; i++) {
            s->own = s->n;
            if (!add_stretch(c, &stream->line[i], m, s) || !sort_own(s))
                s->n = s->own = 0;
        }
    }
    return (struct comparison_series){ .at = s->at, .n = s->n, .own = s->own, .lost = s->lost, .n_lost = s->n_lost };
}

struct comparison_series comparison_series(struct comparison *c, int run, int metric)
{
    struct compared_stream *stream = &c->stream[run];
    return series_of(c, stream, &c->metric[metric], &stream->series[metric]);
}

struct comparison_series comparison_curve(struct comparison *c, int run, int metric)
{
    struct compared_stream *stream = &c->stream[run];
    struct comparison_series s = { .n = 0 };
    struct metric steps;
    if (metric_of_steps(&c->metric[metric], &steps))
        s = series_of(c, stream, &steps, &stream->steps[metric]);
    if (s.n == 0)
        s = comparison_series(c, run, metric);
    return s;
}

/* --- at the cursor --------------------------------------------------------------------------------------------------- */

size_t comparison_reached(const struct comparison *c, int run, const struct comparison_series *s)
{
    const double cursor = comparison_cursor(c, run) + 1e-9;
    size_t low = 0, high = s->n;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (s->at[middle].epoch <= cursor)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct comparison_value value_of(const struct comparison_series *s, size_t i, size_t n)
{
    return (struct comparison_value){ .value = s->at[i].value, .epoch = s->at[i].epoch, .step = s->at[i].step, .of = n };
}

struct comparison_value comparison_at(struct comparison *c, int run, int metric)
{
    const struct comparison_series s = comparison_series(c, run, metric);
    const struct metric_point *lost = NULL; /* after the last finite one */
    const size_t n = comparison_reached(c, run, &s);
    for (size_t i = 0; i < s.n_lost && s.lost[i].epoch <= comparison_cursor(c, run) + 1e-9; i++)
        lost = n == 0 || s.lost[i].step > s.at[n - 1].step ? &s.lost[i] : NULL;
    if (lost)
        return (struct comparison_value){ .value = lost->value, .epoch = lost->epoch, .step = lost->step, .of = n };
    return n ? value_of(&s, n - 1, n) : (struct comparison_value){ .value = NAN, .epoch = NAN };
}

struct comparison_value comparison_best(struct comparison *c, int run, int metric)
{
    const struct comparison_series s = comparison_series(c, run, metric);
    const size_t n = comparison_reached(c, run, &s);
    const int better = c->metric[metric].better;
    size_t best = 0;
    for (size_t i = 1; i < n; i++)
        if (better * s.at[i].value > better * s.at[best].value)
            best = i;
    return n && better ? value_of(&s, best, n) : (struct comparison_value){ .value = NAN, .epoch = NAN, .of = n };
}

double comparison_delta(struct comparison *c, int run, int metric)
{
    return comparison_at(c, run, metric).value - comparison_at(c, 0, metric).value;
}
