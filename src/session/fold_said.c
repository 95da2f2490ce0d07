/* The text about a measurement in the event log: a line of its own, or its class, its numbers and how long it took. */
#include "config.h"
#include "session/fold.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

typedef void said(struct history *h, const struct history_result *r, const struct event *e);

static void say_cnc(struct history *h, const struct history_result *r, const struct event *e)
{
    const struct event_field *f = r->f;
    char lmin[24], rho[24], sam[96] = "";
    fold_short(f[EV_CNC_LMIN].f, lmin);
    fold_short(f[EV_CNC_RHO].f, rho);
    if (isfinite(event_number_at(&f[EV_CNC_RATIO], CNC_SAM))) {
        char ratio[24], low[24], high[24], predicted[24];
        fold_short(event_number_at(&f[EV_CNC_RATIO], CNC_SAM), ratio);
        fold_short(event_number_at(&f[EV_CNC_LOW], CNC_SAM), low);
        fold_short(event_number_at(&f[EV_CNC_HIGH], CNC_SAM), high);
        fold_short(event_number_at(&f[EV_CNC_PREDICTED], CNC_SAM), predicted);
        snprintf(sam, sizeof sam, ", SAM/SGD %s (%s..%s; theorem %s)", ratio, low, high, predicted);
    }
    fold_line(h, e, r->epoch, ' ', "cnc %" PRIu32 " %s: lmin %s rho %s%s, %" PRIu64 " batches, %.1f s", r->class, h->cls[r->class].name, lmin,
              rho, sam, f[EV_CNC_BATCHES].u, f[EV_CNC_SECONDS].f);
}

static void say_slice(struct history *h, const struct history_result *r, const struct event *e)
{
    const double *at = r->f[EV_SLICE_AT].f64s, *loss = r->f[EV_SLICE_LOSS].f64s;
    char lambda[24], here[48] = "", low[24], where[24];
    uint32_t middle = 0, lowest = 0;
    for (uint32_t i = 1; i < r->n; i++) {
        middle = fabs(at[i]) < fabs(at[middle]) ? i : middle;
        lowest = !(loss[i] >= loss[lowest]) && isfinite(loss[i]) ? i : lowest;
    }
    fold_short(r->f[EV_SLICE_LAMBDA].f, lambda);
    fold_short(loss[lowest], low);
    fold_short(at[lowest], where);
    if (at[middle] == 0) {
        char text[24];
        fold_short(loss[middle], text);
        snprintf(here, sizeof here, ", loss %s here", text);
    }
    fold_line(h, e, r->epoch, ' ', "slice %" PRIu32 " %s along %s: curvature %s%s, lowest %s at %s, %.1f s", r->class, h->cls[r->class].name,
              r->f[EV_SLICE_ALONG].s, lambda, here, low, where, r->f[EV_SLICE_SECONDS].f);
}

static void add_parts(char *text, size_t size, const struct history *h, const struct event_field *parts)
{
    text_append(text, size, "%.2f", event_number_at(parts, READING_ALL));
    for (uint32_t g = 0; g < READING_PARTS - 1; g++) {
        const double before = event_number_at(parts, g), value = event_number_at(parts, g + 1);
        if (!isnan(value))
            text_append(text, size, "%s%s %.1f", g && !isnan(before) ? ", " : " (", (int)g < h->n_groups ? h->group_name[g] : "?", value);
    }
    text_append(text, size, ")");
}

static void say_reading(struct history *h, const struct history_result *r, const struct event *e)
{
    const struct event_field *f = r->f;
    char text[240] = "";
    text_append(text, sizeof text, "%s", f[EV_READING_KIND].s);
    if (!isnan(f[EV_READING_AT].f))
        text_append(text, sizeof text, " %.4g", f[EV_READING_AT].f);
    text_append(text, sizeof text, " on %s: ", f[EV_READING_SPLIT].s);
    add_parts(text, sizeof text, h, &f[EV_READING_VALUE]);
    text_append(text, sizeof text, "; plain ");
    add_parts(text, sizeof text, h, &f[EV_READING_PLAIN]);
    if (history_reading_is_biased(r))
        text_append(text, sizeof text, "; chosen on test images");
    fold_line(h, e, r->epoch, ' ', "%s", text);
}

static said *const own[MEASURES] = { [MEASURE_CNC] = say_cnc, [MEASURE_SLICE] = say_slice, [MEASURE_READING] = say_reading };

void fold_say_result(struct history *h, const struct measure_info *m, const struct history_result *r, const struct event *e)
{
    char text[240] = "", number[24];
    if (own[measure_number(m)]) {
        own[measure_number(m)](h, r, e);
        return;
    }
    text_append(text, sizeof text, "%s", m->verb);
    if (m->class_index >= 0)
        text_append(text, sizeof text, " %" PRIu32 " %s", r->class, h->cls[r->class].name);
    for (const struct measure_column *c = m->column; c->name; c++) {
        const enum event_type type = c->field >= 0 ? event_table[m->kind].field[c->field].type : EVENT_STRS;
        const char *comma = c == m->column ? ":" : ",";
        if (type == EVENT_STR)
            text_append(text, sizeof text, "%s %s %s", comma, c->name, r->f[c->field].s);
        else if (type == EVENT_F64 || type == EVENT_U64) {
            fold_short(type == EVENT_F64 ? r->f[c->field].f : (double)r->f[c->field].u, number);
            text_append(text, sizeof text, "%s %s %s", comma, c->name, number);
        }
    }
    fold_line(h, e, r->epoch, ' ', "%s, %.1f s", text, r->f[m->seconds].f);
}
