#include "config.h"
#include "session/fold.h"

#include <math.h>
#include <stdlib.h>

enum { TRACE_BINS = 4096 };

void trace_release(struct history_trace *t)
{
    free(t->bin);
    *t = (struct history_trace){ 0 };
}

/* A comparison with NaN is false, so what is unknown gives way. */
static struct history_bin join_bins(struct history_bin a, struct history_bin b)
{
    return (struct history_bin){ a.min <= b.min || isnan(b.min) ? a.min : b.min, a.max >= b.max || isnan(b.max) ? a.max : b.max,
                                 isnan(b.last) ? a.last : b.last };
}

/* Half as many bins, twice as wide; how many steps the last one has is for whoever adds the next. */
static void halve(struct history_trace *t)
{
    const struct history_bin none = { NAN, NAN, NAN };
    for (uint32_t i = 0; i < t->n; i += 2)
        t->bin[i / 2] = join_bins(t->bin[i], i + 1 < t->n ? t->bin[i + 1] : none);
    t->n = (t->n + 1) / 2;
    t->width *= 2;
}

bool trace_add(struct history_trace *t, uint64_t step, float value)
{
    if (!t->bin) {
        t->bin = malloc(TRACE_BINS * sizeof *t->bin);
        if (!t->bin)
            return false;
        t->cap = TRACE_BINS;
        t->width = 1;
        t->first_step = step;
    }
    uint64_t next = t->n ? t->first_step + (uint64_t)(t->n - 1) * t->width + t->filled : t->first_step;
    if (step < next)
        return true; /* re-executed: known already */
    if (step == next && t->filled > 0 && t->filled < t->width) { /* the next one of the last bin: what nearly all steps of a long run are */
        t->bin[t->n - 1] = join_bins(t->bin[t->n - 1], (struct history_bin){ value, value, value });
        t->filled++;
        return true;
    }
    if (step - t->first_step > UINT64_C(1) << 40)
        return true; /* no run is that long; the widths would overflow */
    while ((step - t->first_step) / t->width >= t->cap)
        halve(t);
    uint32_t at = (uint32_t)((step - t->first_step) / t->width);
    struct history_bin one = { value, value, value };
    if (at + 1 == t->n)
        t->bin[at] = join_bins(t->bin[at], one);
    else {
        while (t->n < at)
            t->bin[t->n++] = (struct history_bin){ NAN, NAN, NAN };
        t->bin[t->n++] = one;
    }
    t->filled = (uint32_t)((step - t->first_step) % t->width) + 1;
    return true;
}

void trace_cut(struct history_trace *t, uint64_t step)
{
    if (!t->n || step < t->first_step) {
        t->n = 0;
        t->filled = 0;
        if (t->bin) {
            t->width = 1;
            t->first_step = step + 1;
        }
        return;
    }
    uint64_t kept = (step - t->first_step) / t->width + 1;
    if (kept > t->n || (kept == t->n && (step - t->first_step) % t->width + 1 >= t->filled))
        return;
    t->n = (uint32_t)kept;
    t->filled = (uint32_t)((step - t->first_step) % t->width) + 1;
}
