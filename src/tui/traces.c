/* The traces pane: loss, accuracies, learning rate and rho over the run, with marks where something changed. Steps are drawn
 * as minimum..maximum per column, so a spike is never averaged away. */
#include "config.h"
#include "tui/screen.h"

#include "tui/widgets.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const char *const trace_names[TRACE_COUNT] = { "loss", "acc", "tail_acc", "lr", "rho", "grad", "rise", "rho/|g|", "rho/|w|", "cos" };
static const char *const trace_labels[TRACE_COUNT] = { "loss", "acc%", "tail%", "lr log", "rho", "grad", "rise", "rho/|g|", "rho/|w|", "cos" };

struct dot_span { /* of one column of dots */
    double low, high;
};

static const struct history_trace *trace_of_steps(const struct history *h, enum trace_id id)
{
    switch (id) {
    case TRACE_LOSS:
        return &h->loss_trace;
    case TRACE_LR:
        return &h->lr_trace;
    case TRACE_RHO:
        return &h->rho_trace;
    case TRACE_GN:
        return &h->gn_trace;
    default:
        return id >= TRACE_GAUGE ? &h->gauge[id - TRACE_GAUGE] : NULL;
    }
}

static double traced_value(const struct history *h, enum trace_id id, size_t i)
{
    if (id == TRACE_ACC)
        return h->eval[i].acc;
    return h->n_groups > 0 ? history_group_acc(h, i, h->n_groups - 1) : NAN;
}

static bool log_scale(const struct screen *s, enum trace_id id)
{
    return id == TRACE_LR || (s->log_y && (id == TRACE_LOSS || id == TRACE_GN));
}

static double scaled(const struct screen *s, enum trace_id id, double value)
{
    return !log_scale(s, id) ? value : value > 0 ? log10(value) : NAN;
}

/* Steps shown from left to right, from the run's first on. The range grows by a tenth at a time, so that columns already drawn mostly
 * hold still. */
static double steps_across(const struct screen *s)
{
    double first = (double)s->view.h->first_step, steps = (double)s->view.h->step - first, across = 16;
    double all = s->view.replaying ? (double)s->view.replay.last_step
                                   : s->view.has_run && s->view.run.total_steps ? (double)s->view.run.total_steps : INFINITY;
    all -= first;
    while (across < steps)
        across *= 1.1;
    return across > all && all >= steps ? all : across;
}

/* The values that column x of `columns` covers; low > high: nothing. */
static struct dot_span column_span(const struct screen *s, enum trace_id id, int x, int columns, double across)
{
    const struct history *h = s->view.h;
    struct dot_span span = { INFINITY, -INFINITY };
    double from = across * x / columns, to = across * (x + 1) / columns;
    const struct history_trace *t = trace_of_steps(h, id);
    if (t && t->n && t->width) {
        double first = (double)t->first_step - (double)h->first_step;
        long a = (long)floor((from - first) / t->width), b = (long)ceil((to - first) / t->width);
        a = a < 0 ? 0 : a;
        for (long i = a; i < b && i < (long)t->n; i++) {
            double low = scaled(s, id, t->bin[i].min), high = scaled(s, id, t->bin[i].max);
            span.low = fmin(span.low, low);
            span.high = fmax(span.high, high);
        }
    }
    return span;
}

struct evals { /* values of a trace that only evaluations have */
    const struct history *h;
    enum trace_id id;
};

static bool eval_point(const void *ctx, size_t i, struct plot_point *out)
{
    const struct evals *e = ctx;
    const double value = traced_value(e->h, e->id, i);
    *out = (struct plot_point){ (double)e->h->eval[i].step, value, value, value };
    return isfinite(value);
}

static double last_value(const struct screen *s, enum trace_id id)
{
    const struct history *h = s->view.h;
    const struct history_trace *t = trace_of_steps(h, id);
    if (t)
        return t->n ? (double)t->bin[t->n - 1].last : NAN;
    return h->n_eval ? traced_value(h, id, h->n_eval - 1) : NAN;
}

static double best_value(const struct screen *s, enum trace_id id, double *epoch)
{
    const struct history *h = s->view.h;
    double best = NAN;
    for (size_t i = 0; i < h->n_eval && !trace_of_steps(h, id); i++) {
        double value = traced_value(h, id, i);
        if (isfinite(value) && !(best >= value)) {
            best = value;
            *epoch = h->eval[i].epoch;
        }
    }
    return best;
}

/* Anywhere: the last loss of a run that diverged is none, and its curve is what one wants to see then. */
static bool has_data(const struct screen *s, enum trace_id id)
{
    const struct history *h = s->view.h;
    const struct history_trace *t = trace_of_steps(h, id);
    for (size_t i = 0; i < (t ? t->n : h->n_eval); i++)
        if (isfinite(t ? (double)t->bin[i].min : traced_value(h, id, i)))
            return true;
    return false;
}

static unsigned trace_ink(const struct screen *s, enum trace_id id)
{
    return id == TRACE_TAIL && s->view.h->n_groups ? group_ink(s->view.h, s->view.h->n_groups - 1) : INK_TEXT;
}

/* The column of mark i; -1: it is not shown. */
static int mark_column(const struct history *h, size_t i, double across, int columns)
{
    double at = ((double)h->mark[i].step - (double)h->first_step) / across;
    return at < 0 || at > 1 ? -1 : at < 1 ? (int)(at * columns) : columns - 1;
}

static void paint_marks(const struct screen *s, struct area a, double across)
{
    const struct history *h = s->view.h;
    for (size_t i = 0; i < h->n_mark; i++) {
        if (h->mark[i].letter == 'S')
            continue; /* snapshots are too many for lines through every trace */
        int col = mark_column(h, i, across, a.cols);
        for (int r = 0; r < a.rows && col >= 0; r++)
            area_char(a, r, col, s->mark == i + 1 ? INK_MARK | INK_BOLD : INK_MARK, 0x250a);
    }
}

static bool is_percent(enum trace_id id)
{
    return id == TRACE_ACC || id == TRACE_TAIL;
}

/* The labels must tell the ends apart: whole per cent, within 0 and 100; a tenth around a value that stands still. */
static void widen_range(enum trace_id id, double *low, double *high)
{
    if (is_percent(id)) {
        *low = fmax(0, floor(*low));
        *high = fmin(100, fmax(*low + 1, ceil(*high)));
        *low = fmin(*low, *high - 1);
    } else if (*high - *low < 1e-9 * (fabs(*high) + 1e-9) || *high == *low) {
        const double around = fabs(*high) > 0 ? fabs(*high) * 0.1 : 1;
        *low -= around;
        *high += around;
    }
}

static void label_y(const struct screen *s, struct area a, enum trace_id id, int row, int end, double value)
{
    char text[16];
    if (log_scale(s, id))
        value = pow(10, value);
    if (is_percent(id))
        snprintf(text, sizeof text, "%.0f", value);
    else
        format_short(text, value, 6);
    area_put_right(a, row, end, INK_DIM, text);
}

/* low > high: nothing is known. */
static void trace_range(const struct screen *s, enum trace_id id, int columns, double across, double *low, double *high)
{
    const struct history *h = s->view.h;
    struct plot_scale k = { .x0 = (double)h->first_step, .x1 = (double)h->first_step + across, .y0 = INFINITY, .y1 = -INFINITY };
    if (!trace_of_steps(h, id))
        plot_range(&(struct plot_data){ h->n_eval, eval_point, &(struct evals){ h, id } }, &k);
    for (int x = 0; trace_of_steps(h, id) && x < columns; x++) {
        struct dot_span span = column_span(s, id, x, columns, across);
        k.y0 = fmin(k.y0, span.low);
        k.y1 = fmax(k.y1, span.high);
    }
    *low = k.y0;
    *high = k.y1;
}

static void plot_trace(const struct screen *s, struct plot *p, enum trace_id id, double across, double low, double high)
{
    const struct history *h = s->view.h;
    const struct plot_scale k = { (double)h->first_step, (double)h->first_step + across, low, high };
    if (!trace_of_steps(h, id))
        plot_points(p, &k, &(struct plot_data){ h->n_eval, eval_point, &(struct evals){ h, id } });
    for (int x = 0; trace_of_steps(h, id) && x < p->width; x++) {
        struct dot_span span = column_span(s, id, x, p->width, across);
        if (span.low <= span.high)
            plot_column(p, x, (span.low - low) / (high - low), (span.high - low) / (high - low));
    }
}

/* One trace with its y labels in `left` columns. */
static void paint_trace(const struct screen *s, struct area a, enum trace_id id, int left, double across, bool name)
{
    struct area field = area_part(a, 0, left, a.rows, a.cols - left);
    struct plot p;
    plot_begin(&p, field, s->glyphs, trace_ink(s, id));
    double low, high;
    trace_range(s, id, p.width, across, &low, &high);
    for (int r = 0; r < a.rows; r++)
        area_char(a, r, left - 1, INK_DIM, 0x2502);
    paint_marks(s, field, across);
    if (low <= high) {
        widen_range(id, &low, &high);
        plot_trace(s, &p, id, across, low, high);
    }
    if (name) {
        char text[16];
        area_put(a, 0, 1, INK_BOLD, log_scale(s, id) && id == TRACE_LOSS ? "loss log" : trace_labels[id]);
        format_short(text, last_value(s, id), 7);
        if (a.rows > 1)
            area_put(a, 1, 1, INK_BOLD, text);
    }
    if (low <= high) {
        label_y(s, a, id, 0, left - 1, high);
        if (a.rows > 1 + !name)
            label_y(s, a, id, a.rows - 1, left - 1, low);
    }
}

static double nice_step(double rough)
{
    double power = pow(10, floor(log10(rough))), f = rough / power;
    return power * (f <= 1 ? 1 : f <= 2 ? 2 : f <= 5 ? 5 : 10);
}

static void paint_axis(const struct screen *s, struct area a, int row, int left, double across, bool numbers)
{
    const struct history *h = s->view.h;
    int width = a.cols - left;
    area_char(a, row, left - 1, INK_DIM, 0x2514);
    for (int k = 0; k < width; k++)
        area_char(a, row, left + k, INK_DIM, 0x2500);
    double spe = s->x_axis == 1 ? 1 : h->steps_per_epoch ? (double)h->steps_per_epoch : 1;
    double begin = (double)h->first_step / spe, end = across / spe;
    int free_from = left;
    double each = nice_step(end / 4), from = ceil(begin / each) * each - begin;
    for (int i = 0; numbers && from + i * each <= end; i++) {
        int col = left + (int)lround((width - 1) * (from + i * each) / end);
        char text[24];
        snprintf(text, sizeof text, "%g", begin + from + i * each);
        int len = (int)strlen(text), start = col - len / 2;
        start = start + len > a.cols ? a.cols - len : start < left ? left : start;
        if (start < free_from)
            continue;
        area_char(a, row, col, INK_DIM, 0x252c);
        area_put(a, row + 1, start, INK_DIM, text);
        free_from = start + len + 1;
    }
    uint32_t taken[MARK_ROW_MAX / 32] = { 0 };
    for (size_t i = 0; i < h->n_mark; i++) {
        int col = mark_column(h, i, across, width);
        col = h->mark[i].letter == 'S' || col < 0 ? -1 : mark_place(taken, width, col);
        if (col >= 0)
            area_char(a, row, left + col, INK_MARK | (h->mark[i].by_hand ? INK_BOLD : 0u), (uint32_t)h->mark[i].letter);
    }
}

static bool single(const struct area *a)
{
    return a->rows < 10;
}

static void paint(const struct screen *s, struct area a)
{
    if (s->view.h->step == s->view.h->first_step) {
        area_put(a, 0, 1, INK_DIM, "no steps yet");
        return;
    }
    if (single(&a)) {
        double across = steps_across(s);
        bool numbers = a.rows >= 7;
        int rows = a.rows - 1 - numbers;
        paint_trace(s, area_part(a, 0, 0, rows, a.cols), s->trace, 7, across, false);
        paint_axis(s, a, rows, 7, across, numbers);
        return;
    }
    enum trace_id all[TRACE_COUNT] = { TRACE_LOSS, TRACE_TAIL, TRACE_LR, TRACE_RHO, TRACE_ACC, TRACE_GN }, shown[TRACE_COUNT];
    for (int i = 0; i < GAUGES; i++)
        all[TRACE_GAUGE + i] = (enum trace_id)(TRACE_GAUGE + i);
    int n = 0, room = (a.rows - 2) / 3;
    for (int i = 0; i < TRACE_COUNT && n < room; i++)
        if (has_data(s, all[i]))
            shown[n++] = all[i];
    int left = 16, rows = a.rows - 2, row = 0;
    double across = steps_across(s);
    for (int i = 0; i < n; i++) {
        int here = (rows - row) / (n - i);
        paint_trace(s, area_part(a, row, 0, here, a.cols), shown[i], left, across, true);
        row += here;
    }
    paint_axis(s, a, a.rows - 2, left, across, true);
}

static void title(const struct screen *s, struct area a, int col)
{
    const struct history *h = s->view.h;
    if (h->step == h->first_step)
        return;
    const struct rect *r = &s->layout.pane[PANE_TRACES];
    struct area body = { .rows = r->rows - 1 };
    if (single(&body)) {
        char last[16], best[16];
        double epoch = NAN, value = best_value(s, s->trace, &epoch);
        format_short(last, last_value(s, s->trace), 7);
        col += area_putf(a, 0, col, INK_BOLD, "%s%s ", trace_names[s->trace], log_scale(s, s->trace) ? " log" : "");
        col += area_put(a, 0, col, INK_DIM, "[left/right: other trace] ");
        col += area_putf(a, 0, col, INK_TEXT, " last %s ", last);
        format_short(best, value, 7);
        if (isfinite(value))
            area_putf(a, 0, col, INK_TEXT, " best %s@%.0f ", best, epoch);
        return;
    }
    col += area_putf(a, 0, col, INK_DIM, "x:%s y:%s ", s->x_axis ? "step" : "epoch", s->log_y ? "log" : "lin");
    for (size_t i = h->n_mark; i > 0 && col < a.cols - 8; i--)
        if (h->mark[i - 1].letter != 'S')
            col += area_putf(a, 0, col, INK_MARK, "%c%.0f ", h->mark[i - 1].letter, h->mark[i - 1].epoch);
}

const struct pane pane_traces = { "traces", NULL, title, paint };
