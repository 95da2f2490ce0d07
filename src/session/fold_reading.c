/* Readings of a network's features by other classifiers: the curve over tau, and what it comes to. */
#include "config.h"
#include "session/fold.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

void fold_drop_readings(struct history *h, uint64_t after, bool all)
{
    size_t kept = 0;
    for (size_t i = 0; i < h->n_reading; i++)
        if (all || h->reading[i].step > after)
            free(h->reading[i].tau);
        else
            h->reading[kept++] = h->reading[i];
    h->n_reading = kept;
}

static bool is_curve(const struct event_field *f)
{
    static const int parts[READING_PARTS] = { EV_READING_ACC, EV_READING_HEAD, EV_READING_MID, EV_READING_TAIL };
    const struct event_field *tau = &f[EV_READING_TAU];
    for (int k = 0; k < READING_PARTS; k++)
        if (f[parts[k]].n != tau->n)
            return false;
    for (uint32_t i = 0; i < tau->n; i++)
        if (!isfinite(tau->f64s[i]) || (i && tau->f64s[i] < tau->f64s[i - 1]))
            return false;
    return tau->n == 0 || isfinite(tau->f64s[tau->n - 1] - tau->f64s[0]);
}

/* The five columns, as one block. */
static bool copy_curve(struct history_reading *out, const struct event_field *f)
{
    static const int columns[] = { EV_READING_TAU, EV_READING_ACC, EV_READING_HEAD, EV_READING_MID, EV_READING_TAIL };
    const size_t n = f[EV_READING_TAU].n;
    if (n == 0)
        return true;
    double *block = malloc(n * sizeof *block * (sizeof columns / sizeof columns[0]));
    if (!block)
        return false;
    for (size_t k = 0; k < sizeof columns / sizeof columns[0]; k++) {
        memcpy(block + k * n, f[columns[k]].f64s, n * sizeof *block);
        *(k ? &out->acc[k - 1] : &out->tau) = block + k * n;
    }
    out->n = (uint32_t)n;
    return true;
}

static void copy_parts(double out[READING_PARTS], const struct event_field *f)
{
    for (uint32_t i = 0; i < READING_PARTS; i++)
        out[i] = i < f->n ? f->f64s[i] : NAN;
}

static void add_parts(char *text, size_t size, const struct history *h, const double parts[READING_PARTS])
{
    text_append(text, size, "%.2f", parts[READING_ALL]);
    for (int g = 0; g < READING_PARTS - 1; g++)
        if (!isnan(parts[g + 1]))
            text_append(text, size, "%s%s %.1f", g && !isnan(parts[g]) ? ", " : " (", g < h->n_groups ? h->group_name[g] : "?", parts[g + 1]);
    text_append(text, size, ")");
}

bool history_reading_is_biased(const struct history_reading *r)
{
    return strcmp(r->chosen, "test") == 0;
}

static void say(struct history *h, const struct history_reading *r, const struct event *e)
{
    char text[240] = "";
    text_append(text, sizeof text, "%s", r->kind);
    if (!isnan(r->at))
        text_append(text, sizeof text, " %.4g", r->at);
    text_append(text, sizeof text, " on %s: ", r->split);
    add_parts(text, sizeof text, h, r->value);
    text_append(text, sizeof text, "; plain ");
    add_parts(text, sizeof text, h, r->plain);
    if (history_reading_is_biased(r))
        text_append(text, sizeof text, "; chosen on test images");
    fold_line(h, e, r->epoch, ' ', "%s", text);
}

void fold_reading(struct history *h, const struct event *e)
{
    const struct event_field *f = e->f;
    h->progress_what[0] = '\0';
    if (!is_curve(f))
        return;
    struct history_reading *grown = fold_grow(h, h->reading, h->n_reading, sizeof *h->reading);
    if (!grown)
        return;
    h->reading = grown;
    struct history_reading *out = &h->reading[h->n_reading];
    *out = (struct history_reading){ .step = f[EV_READING_OF].u < e->step ? f[EV_READING_OF].u : e->step, .wall_ns = fold_wall(h, e),
                                     .epoch = f[EV_READING_EP].f, .at = f[EV_READING_AT].f, .seconds = f[EV_READING_SECONDS].f,
                                     .images = f[EV_READING_IMAGES].u < UINT32_MAX ? (uint32_t)f[EV_READING_IMAGES].u : UINT32_MAX };
    if (!copy_curve(out, f)) {
        h->failed = true;
        return;
    }
    h->n_reading++;
    copy_parts(out->value, &f[EV_READING_VALUE]);
    copy_parts(out->plain, &f[EV_READING_PLAIN]);
    text_safe(f[EV_READING_KIND].s, out->kind, sizeof out->kind);
    text_safe(f[EV_READING_SPLIT].s, out->split, sizeof out->split);
    text_safe(f[EV_READING_CHOSEN].s, out->chosen, sizeof out->chosen);
    say(h, out, e);
}

const struct history_reading *history_last_reading(const struct history *h, bool with_tau)
{
    for (size_t i = h->n_reading; i > 0; i--)
        if (!with_tau || h->reading[i - 1].n > 1)
            return &h->reading[i - 1];
    return NULL;
}
