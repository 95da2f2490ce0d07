/* What the recordings of a sweep say, and the rules that decide by it. */
#include "config.h"
#include "repl/sweep.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/spread.h"
#include "engine/stages.h"
#include "session/session.h"

enum { GRACE = 10, RUNG = 5 };

/* --- numbers ------------------------------------------------------------------------------------------------------- */

static void take_evaluation(struct sweep_value *v, const struct event *e, double limit)
{
    const double epoch = e->f[EV_EPOCH_EP].f;
    const struct event_field *groups = &e->f[EV_EPOCH_GROUPS];
    if (epoch > limit)
        return;
    if (strcmp(event_text(e, EV_EPOCH_SPLIT), "val") == 0) {
        v->test = v->test_epoch == epoch ? v->test : NAN;
        v->epoch = epoch;
        v->val = e->f[EV_EPOCH_ACC].f;
        v->tail = groups->n > 0 ? groups->f64s[groups->n - 1] : NAN;
    }
    if (strcmp(event_text(e, EV_EPOCH_SPLIT), "test") == 0) {
        v->test = e->f[EV_EPOCH_ACC].f;
        v->test_epoch = epoch;
    }
}

struct sweep_value sweep_value_read(const char *dir, double epoch)
{
    struct sweep_value v = { .epoch = NAN, .val = NAN, .tail = NAN, .test = NAN, .test_epoch = NAN };
    struct recording *r = recording_open_only(dir, UINT64_C(1) << EVENT_EPOCH, NULL);
    for (size_t i = 0; r && i < recording_count(r); i++)
        if (recording_kind(r, i) == EVENT_EPOCH)
            take_evaluation(&v, recording_event(r, i), epoch);
    recording_close(r);
    if (v.test_epoch != v.epoch)
        v.test = NAN;
    return v;
}

/* --- stopping early ------------------------------------------------------------------------------------------------ */

double sweep_grace(const struct knobs *k)
{
    return GRACE + (knob_is(k, KNOB_WEIGHTS, "none") ? 0 : knob_num(k, KNOB_DRW));
}

double sweep_rung(const struct sweep_plan *p, int i)
{
    double first = INFINITY;
    for (int point = 0; point < sweep_points(p); point++) {
        struct knobs k;
        sweep_knobs(p, point, 0, &k);
        first = fmin(first, sweep_grace(&k));
    }
    const double epoch = first + RUNG * i;
    return epoch < (double)knobs_epochs(&p->base) ? epoch : NAN;
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double sweep_median(double *value, int n)
{
    int there = 0;
    for (int i = 0; i < n; i++)
        if (!isnan(value[i]))
            value[there++] = value[i];
    qsort(value, (size_t)there, sizeof *value, ascending);
    if (there == 0)
        return NAN;
    return there % 2 ? value[there / 2] : (value[there / 2 - 1] + value[there / 2]) / 2;
}

/* --- the ladder ---------------------------------------------------------------------------------------------------- */

double sweep_noise(const double *value, int points, int seeds, double n_val)
{
    double squares = 0;
    for (int i = 0; i < points; i++) {
        struct spread of = { 0 };
        for (int s = 0; s < seeds; s++)
            spread_add(&of, value[(size_t)i * (size_t)seeds + (size_t)s]);
        squares += of.squares;
    }
    const double deviation = sqrt(squares / ((double)points * (seeds - 1)));
    return fmax(2 * deviation * sqrt(2.0 / seeds), 100 / n_val);
}
